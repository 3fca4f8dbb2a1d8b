"""What the models share: checks of their settings, their start, and the rated cells block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.interactions import Interactions

#: ``callback(step, loss, embeddings)``, called after every step or sweep, counted from 1. It may look, not change.
Callback = Callable[[int, float, Embeddings], Any]

_CELLS = 1 << 18  # of one block: a table of 1 MB in float32, which stays in the processor's cache


def check_settings(d: int, *, at_least_one: dict[str, int], not_negative: dict[str, float]) -> None:
    """Refuse a width or a number of steps below 1, and a negative or infinite weight, by name."""
    for name, value in {"d": d, **at_least_one}.items():
        if int(value) != value or value < 1:
            raise ValueError(f"{name} must be a whole number, 1 at least, got {value}")
    for name, value in not_negative.items():
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be a number, 0 at least, got {value}")


def start_of(ratings: Interactions, d: int, std: float, rng: np.random.Generator, dtype: Any) -> Embeddings:
    """Draw the start: every number from a normal distribution of mean 0 and this standard deviation, users first."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy Generator, as np.random.default_rng(0) gives one, got {rng!r}")
    return Embeddings(
        (std * rng.standard_normal((ratings.n_users, d))).astype(dtype),
        (std * rng.standard_normal((ratings.n_items, d))).astype(dtype),
    )


class Block(NamedTuple):
    """Some users, and where their ratings lie in a table of these users and all items."""

    users: slice
    ratings: slice
    cells: NDArray[np.integer]  # positions in the flattened table


def blocks_of(ratings: Interactions) -> Iterator[Block]:
    """Cut the users into blocks whose tables of all pairs stay small."""
    height = max(1, _CELLS // ratings.n_items)
    starts = ratings.by_user.starts
    for first in range(0, ratings.n_users, height):
        last = min(first + height, ratings.n_users)
        rows = slice(int(starts[first]), int(starts[last]))
        yield Block(slice(first, last), rows, (ratings.user[rows] - first) * ratings.n_items + ratings.item[rows])


def check_loss(loss: float, step: int) -> None:
    """Stop a training that has run away."""
    if not np.isfinite(loss):
        raise ValueError(
            f"the loss is no longer a finite number after step {step}: lr (the learning rate) is too large"
        )
