"""Lesson 11: the norms of three trainings side by side, epoch by epoch, against the number of ratings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.widgets.base import LearnersFunction, MovingFigure, finite_table, module

MAX_RUNS = 4


class TowerRuns(MovingFigure):
    """Clouds of films by number of ratings and norm, one a training; a slider goes through the epochs of all of them.

    Parameters
    ----------
    batch_grad : callable ``(users, items, who, what, logq) -> (of_users, of_items)``, optional
        The learner's function that the trainings were made with; the figure says whose it is and does not call it.
    runs : mapping of str to sequence of array_like of shape (n, d)
        For each training, the items before the first epoch and after each; one to four trainings of equal length.
    counts : array_like, shape (n,)
        Ratings per film. Films without a rating stand at one half.
    measures : mapping of str to sequence of mapping, optional
        For each training and each epoch, what is printed under the cloud: a text for each name.

    Examples
    --------
    >>> TowerRuns(runs={"none": [start, after]}, counts=counts)   # doctest: +SKIP
    <TowerRuns: a figure that moves; run the notebook to use it>
    """

    _esm = module("tower_runs.js")

    def __init__(
        self,
        batch_grad: Callable | None = None,
        runs: Mapping[str, Sequence[ArrayLike]] | None = None,
        counts: ArrayLike = (),
        measures: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    ):
        if not runs or len(runs) > MAX_RUNS:
            raise ValueError(f"runs must name one to {MAX_RUNS} trainings, found {len(runs or {})}")
        counts = np.asarray(counts, dtype=float)
        norms = {
            str(name): [np.linalg.norm(finite_table(items, f"runs[{name!r}]"), axis=1) for items in epochs]
            for name, epochs in runs.items()
        }
        lengths = {len(epochs) for epochs in norms.values()}
        sizes = {len(row) for epochs in norms.values() for row in epochs}
        if counts.ndim != 1 or sizes != {len(counts)} or len(lengths) > 1 or min(lengths) < 2:
            raise ValueError(
                f"runs must have one number of epochs, 2 at least, and a row for each of {counts.size} counts; found "
                f"{sorted(lengths)} epochs and {sorted(sizes)} rows"
            )
        if (counts < 0).any():
            raise ValueError("counts must not be negative")
        self._measures = {str(name): [dict(m) for m in rows] for name, rows in (measures or {}).items()}
        if any(len(self._measures.get(name, epochs)) != len(epochs) for name, epochs in norms.items()):
            raise ValueError("measures must have an entry for each epoch of a training, the start included")
        self.last_epoch = lengths.pop() - 1
        across = np.log(np.maximum(counts, 0.5))
        everything = np.concatenate([row for epochs in norms.values() for row in epochs])
        up = np.log(everything[everything > 0]) if (everything > 0).any() else np.zeros(1)
        low, high = float(up.min()) - 0.1, float(up.max()) + 0.1
        left, right = float(across.min()) - 0.1, float(across.max()) + 0.1
        self.correlations = {name: [_rank_correlation(row, counts) for row in epochs] for name, epochs in norms.items()}
        marks = [v for v in (1, 10, 100, 1000, 10_000) if left <= math.log(v) <= right]
        steps = [v for v in (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100) if low <= math.log(v) <= high]
        words = "; ".join(f"{name}: rank correlation {rows[-1]}" for name, rows in self.correlations.items())
        super().__init__(
            {
                "last": self.last_epoch,
                "x": [round(1000 * (float(v) - left) / (right - left)) for v in across],
                "runs": [
                    {"name": name, "y": [_places(row, low, high) for row in epochs]} for name, epochs in norms.items()
                ],
                "xticks": [[(math.log(v) - left) / (right - left), f"{v:,}"] for v in marks],
                "yticks": [[(math.log(v) - low) / (high - low), f"{v:g}"] for v in steps],
                "sources": [LearnersFunction(batch_grad, "batch_grad").line()],
                "alt": f"Norm against number of ratings for {len(counts)} films, both on log scales, in {len(norms)} "
                f"trainings over {self.last_epoch} epochs. After the last: {words}.",
            },
            {"epoch": self.last_epoch},
        )

    def moves(self) -> list[dict]:
        """Every epoch."""
        return [{"epoch": epoch} for epoch in range(self.last_epoch + 1)]

    def _answer(self, move: dict) -> dict:
        epoch = move["epoch"]
        if not isinstance(epoch, int) or isinstance(epoch, bool) or not 0 <= epoch <= self.last_epoch:
            raise ValueError(f"epoch must be a whole number from 0 to {self.last_epoch}, found {epoch!r}")
        rows = [
            {
                "rho": rows[epoch],
                "measures": list(self._measures[name][epoch].items()) if name in self._measures else [],
            }
            for name, rows in self.correlations.items()
        ]
        said = "; ".join(f"{name} {rows[epoch]}" for name, rows in self.correlations.items())
        return {"epoch": epoch, "rows": rows, "problems": [], "spoken": f"epoch {epoch}: rank correlation {said}"}


def _places(norms: np.ndarray, low: float, high: float) -> list[int]:
    """Give where films stand from 0 to 1000, bottom to top; a norm of zero stands at the bottom."""
    with np.errstate(divide="ignore"):
        up = np.log(norms)
    return [round(1000 * (max(low, float(v)) - low) / (high - low)) for v in up]


def _rank_correlation(norms: np.ndarray, counts: np.ndarray) -> str:
    """Write Spearman's correlation of norm and count, or a dash where there is no order."""
    from recsys_lib.metrics import rank_correlation

    if np.ptp(norms) == 0 or np.ptp(counts) == 0:
        return "\u2013"
    return f"{rank_correlation(norms, counts):+.2f}".replace("-", "\u2212")
