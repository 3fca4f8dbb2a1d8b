"""Lesson 4: the norm's exponent as a dial over a few items."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.drawing import ITEM_COLOURS, item_names
from recsys_lib.widgets.base import (
    LearnersFunction,
    MovingFigure,
    finite_table,
    finite_vector,
    module,
    order_of,
    write_order,
)


class NormDial(MovingFigure):
    """A dial for the norm's exponent, from 0 (cosine) to 1 (dot product), at which a few items change places.

    Parameters
    ----------
    norm_power : callable ``(q, items, alpha) -> (n,)``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`.
    q : array_like, shape (d,)
    items : array_like, shape (n, d), at most 6
    names : sequence of str, optional
        What to call the items; A, B, C, ... unless given.
    crossing_alpha : callable ``(q, x, y) -> float or None``, optional
        The learner's function for the exponent at which x and y tie. Where it is left out, the crossings are read off
        the lines of `norm_power`.
    alpha : float
        Where the dial starts.

    Raises
    ------
    ValueError
        If shapes do not fit, or a vector is zero (a zero vector has no direction).

    Examples
    --------
    >>> NormDial()                                                             # doctest: +SKIP
    <NormDial: a figure that moves; run the notebook to use it>
    """

    _esm = module("norm_dial.js")

    def __init__(
        self,
        norm_power: Callable | None = None,
        q: ArrayLike = (4, 3),
        items: ArrayLike = ((0, 6), (4, 0), (1, 1)),
        names: Sequence[str] | None = None,
        *,
        crossing_alpha: Callable | None = None,
        alpha: float = 0.5,
    ):
        self._q = finite_vector(q, "q")
        self._items = finite_table(items, "items", len(self._q))
        if not 1 <= len(self._items) <= len(ITEM_COLOURS):
            raise ValueError(f"the dial takes one to {len(ITEM_COLOURS)} items, found {len(self._items)}")
        if not self._q.any() or not self._items.any(axis=1).all():
            raise ValueError("a zero vector has no direction: leave it out of the dial")
        self._names = item_names(names, len(self._items))
        self._function = LearnersFunction(norm_power, "norm_power")
        crossing = None if crossing_alpha is None else LearnersFunction(crossing_alpha, "crossing_alpha")
        self._good: dict = {}
        super().__init__(self._frame(crossing), {"alpha": alpha})

    @property
    def alpha(self) -> float:
        """Where the dial stands."""
        return self.scene["alpha"]

    @property
    def order(self) -> str:
        """The order at the present alpha, best first, such as ``"B > A > C"``."""
        return write_order(self.scene["order"], self.scene["ties"], self._names)

    @property
    def crossings(self) -> list[tuple[str, float]]:
        """Pairs of items and the alpha at which they tie, in the order of alpha."""
        return [(c["pair"], c["alpha"]) for c in self.static["crossings"]]

    def _scores(self, alpha: float) -> tuple[NDArray, str | None]:
        return self._function.numbers(self._q.copy(), self._items.copy(), float(alpha), shape=(len(self._items),))

    def _frame(self, crossing: LearnersFunction | None) -> dict:
        """Work out what does not move: the lines, their crossings, and the order between two crossings."""
        n, grid = len(self._items), np.linspace(0, 1, 11)
        table = np.full((len(grid), n), np.nan)
        for i, alpha in enumerate(grid):
            scores, problem = self._scores(alpha)
            if problem:
                break
            table[i] = scores
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(table > 0, np.log(table), np.nan)
        good = np.asarray(np.isfinite(logs).all(axis=0))
        crossings: list[dict[str, Any]] = []
        for i in range(n):
            for j in range(i + 1, n):
                if not (good[i] and good[j]):
                    continue
                at = _cross(grid, logs[:, i] - logs[:, j])
                if crossing is not None:
                    value, problem = crossing(self._q.copy(), self._items[i].copy(), self._items[j].copy())
                    at = _number_or_none(value) if problem is None else None
                if at is not None and 0 < at < 1:
                    height = float(np.interp(at, grid, logs[:, i]))
                    crossings.append(
                        {"alpha": round(at, 6), "log": height, "pair": f"{self._names[i]} and {self._names[j]}"}
                    )
        crossings.sort(key=lambda c: c["alpha"])
        ends = [0.0, *[c["alpha"] for c in crossings], 1.0]
        spans = []
        for a, b in zip(ends, ends[1:], strict=False):
            scores, problem = self._scores((a + b) / 2)
            if problem is None and b - a > 1e-6:
                spans.append({"from": a, "to": b, "order": order_of(scores.tolist())[0]})
        shown = logs[:, good]
        low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
        room = 0.06 * max(high - low, 0.5)
        step = next(x for x in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 1e9) if (high - low) / x <= 6)
        ticks = [
            round(k * step, 6) for k in range(math.ceil((low - room) / step), math.floor((high + room) / step) + 1)
        ]
        labels, order = [0.0] * n, np.argsort(np.where(good, logs[-1], np.inf))
        last = -np.inf
        for i in order:  # names at the right edge, far enough apart to read
            if good[i]:
                last = labels[i] = max(float(logs[-1, i]), last + (high - low) * 0.07)
        dashed = [
            f"{name}: the angle with q is not acute, so its score has no logarithm. A larger exponent makes it worse."
            for name, cos in zip(self._names, self._items @ self._q, strict=True)
            if cos <= 0
        ]
        said = "; ".join(f"{c['pair']} tie at alpha {c['alpha']:.3f}" for c in crossings) or "no two lines cross"
        return {
            "names": self._names,
            "colours": list(ITEM_COLOURS[:n]),
            "lines": [np.column_stack([grid, logs[:, i]]).round(5).tolist() if good[i] else None for i in range(n)],
            "labels": labels,
            "crossings": crossings,
            "spans": spans,
            "range": [low - room, high + room],
            "ticks": ticks,
            "digits": 0 if step >= 1 else 1,
            "dashed": dashed,
            "sources": [f.line() for f in (self._function, crossing) if f is not None],
            "alt": f"Log of each item's score against the norm exponent alpha, one line per item: {said}.",
        }

    def moves(self) -> list[dict]:
        """Every step of the dial."""
        return [{"alpha": step / 100} for step in range(101)]

    def _answer(self, move: dict) -> dict:
        alpha = min(1.0, max(0.0, round(float(move["alpha"]), 4)))
        scores, problem = self._scores(alpha)
        if problem:
            empty = {
                "order": [],
                "ties": [],
                "scores": [None] * len(self._items),
                "widths": [],
                "logs": [None] * len(self._items),
            }
            return {**(self._good or empty), "alpha": alpha, "stale": True, "problems": [problem], "spoken": problem}
        values = [float(x) if math.isfinite(x) else None for x in scores]
        order, ties = order_of(values)
        most = max([v for v in values if v is not None and v > 0], default=1.0)
        self._good = {
            "order": order,
            "ties": ties,
            "scores": [None if v is None else round(v, 6) for v in values],
            "widths": [0 if v is None else round(max(0.0, v / most), 4) for v in values],
            "logs": [math.log(v) if v is not None and v > 0 else None for v in values],
        }
        spoken = f"alpha {alpha:.2f}: {write_order(order, ties, self._names)}"
        return {**self._good, "alpha": alpha, "problems": [], "spoken": spoken}


def _cross(grid: NDArray, gap: NDArray) -> float | None:
    """Find where the gap between two lines is zero, if anywhere; log scores are straight lines, so the ends suffice."""
    first, last = float(gap[0]), float(gap[-1])
    if abs(first - last) < 1e-12 or first * last > 0:
        return None
    return first / (first - last)


def _number_or_none(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
