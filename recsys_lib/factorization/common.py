"""The parts that several models are made of: checks of settings, a start, and the rated cells block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.interactions import Interactions

Callback = Callable[[int, float, Embeddings], Any]
"""``callback(step, loss, embeddings)``, called after every step or sweep, counted from 1; it must change nothing."""

MAX_CELLS = 1 << 18
"""How many cells the table of one block has at most: 1 MB in float32, which stays in the processor's cache."""


def check_settings(d: int, *, at_least_one: Mapping[str, int], not_negative: Mapping[str, float]) -> None:
    """Refuse a width or a number of steps below 1, and a negative or infinite weight, by name."""
    for name, number in {"d": d, **at_least_one}.items():
        if int(number) != number or number < 1:
            raise ValueError(f"{name} must be a whole number, 1 at least, got {number}")
    for name, weight in not_negative.items():
        if not (np.isfinite(weight) and weight >= 0):
            raise ValueError(f"{name} must be a number, 0 at least, got {weight}")


def start_of(ratings: Interactions, d: int, std: float, rng: np.random.Generator, dtype: Any) -> Embeddings:
    """Draw the start, users first: every number from a normal distribution of mean 0 and standard deviation `std`."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy Generator, as np.random.default_rng(0) gives one, got {rng!r}")
    return Embeddings(
        (std * rng.standard_normal((ratings.n_users, d))).astype(dtype),
        (std * rng.standard_normal((ratings.n_items, d))).astype(dtype),
    )


class Block(NamedTuple):
    """Some users, and where their ratings lie in a table of these users and all items.

    Parameters
    ----------
    users, ratings : slice
        Which users, and which of all ratings are theirs.
    cells : ndarray of int, shape (number of these ratings,)
        Positions of the ratings in the flattened table.
    """

    users: slice
    ratings: slice
    cells: NDArray[np.integer]


def blocks_of(ratings: Interactions) -> Iterator[Block]:
    """Cut the users into blocks whose tables of all pairs stay small."""
    height = max(1, MAX_CELLS // ratings.n_items)
    starts = ratings.by_user.starts
    for first in range(0, ratings.n_users, height):
        last = min(first + height, ratings.n_users)
        rows = slice(int(starts[first]), int(starts[last]))
        yield Block(slice(first, last), rows, (ratings.user[rows] - first) * ratings.n_items + ratings.item[rows])


def check_loss(loss: float, step: int) -> None:
    """Refuse a loss that is no longer finite: the training has run away."""
    if not np.isfinite(loss):
        raise ValueError(
            f"the loss is no longer a finite number after step {step}: lr (the learning rate) is too large"
        )


def add_to_rows(table: NDArray[np.floating], rows: NDArray[np.integer], changes: NDArray[np.floating]) -> None:
    """Add each change to its row of the table in place, also where several changes have one row.

    >>> table = np.zeros((2, 1))
    >>> add_to_rows(table, np.array([1, 0, 1]), np.array([[1.0], [2.0], [3.0]]))
    >>> table
    array([[2.],
           [4.]])
    """
    order = np.argsort(rows, kind="stable")
    ids = rows[order]
    first = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
    table[ids[first]] += np.add.reduceat(changes[order], first, axis=0)
