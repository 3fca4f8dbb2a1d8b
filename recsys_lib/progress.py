"""The progress bar of a training."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from recsys_lib.factorization.embeddings import Embeddings


class Progress:
    """A progress bar with the loss beside it, given to a model as its ``callback``.

    Parameters
    ----------
    steps : int
        How many steps or sweeps there will be.
    what : str
        What is trained, in a word or two.
    keep : collection of int
        After which of these steps a copy of the model is kept, to look at its training afterwards.

    Attributes
    ----------
    losses : list of float
        The loss after each step so far.
    kept : dict of int to Embeddings
        The copies, by their step.
    bar : tqdm
        The bar that is shown.

    Examples
    --------
    >>> from recsys_lib.factorization import fit_gradient
    >>> import numpy as np
    >>> bar = Progress(20, "toy")                                              # doctest: +SKIP
    >>> model = fit_gradient([[5, 0], [4, 1]], 1, std=0.1, lr=0.1, steps=20, rng=np.random.default_rng(0),
    ...                      callback=bar)                                     # doctest: +SKIP
    toy: 100%|##########| 20/20 [00:00<00:00, loss 0.2]
    """

    def __init__(self, steps: int, what: str = "training", *, keep: Collection[int] = ()) -> None:
        from tqdm.auto import tqdm

        self.losses: list[float] = []
        self.keep = frozenset(keep)
        self.kept: dict[int, Embeddings] = {}
        self.bar = tqdm(total=int(steps), desc=what, leave=False, mininterval=0.5)

    def __call__(self, step: int, loss: float, model: Any) -> None:
        """Take note of one step; the last one closes the bar."""
        self.losses.append(float(loss))
        if step in self.keep:
            self.kept[step] = Embeddings(model.users.copy(), model.items.copy())
        self.bar.set_postfix_str(f"loss {loss:.3g}", refresh=False)
        self.bar.update(1)
        if self.bar.n >= self.bar.total:
            self.bar.close()
