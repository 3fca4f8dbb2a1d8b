"""Lesson 4: the norm's exponent as a dial over a few hundred films."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.widgets.base import CIVIDIS, LearnersFunction, MovingFigure, finite_table, finite_vector, module


class NormDialFilms(MovingFigure):
    """The norm dial over a few hundred films, with the list of the best and how popular they are.

    Parameters
    ----------
    norm_power : callable ``(q, items, alpha) -> (n,)``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`.
    query : array_like, shape (d,)
    items : array_like, shape (n, d)
        Rows of zeros have no direction; they are left out, and the figure says how many.
    titles : sequence of str, length n
    counts : array_like, shape (n,)
        Ratings per film: its popularity.
    k : int
        Length of the list.
    alpha : float
        Where the dial starts.
    who : str
        Whose list it is, for the heading.

    Examples
    --------
    >>> NormDialFilms(query=users[0], items=items, titles=titles, counts=counts)   # doctest: +SKIP
    <NormDialFilms: a figure that moves; run the notebook to use it>
    """

    _esm = module("norm_dial_films.js")

    def __init__(
        self,
        norm_power: Callable | None = None,
        query: ArrayLike = (),
        items: ArrayLike = (),
        titles: Sequence[str] = (),
        counts: ArrayLike = (),
        k: int = 10,
        *,
        alpha: float = 0.5,
        who: str = "",
    ):
        self._q = finite_vector(query, "query")
        items = finite_table(items, "items", len(self._q))
        counts = np.asarray(counts, dtype=float)
        if not len(items) == len(titles) == len(counts):
            raise ValueError(f"{len(items)} items, {len(titles)} titles, {len(counts)} counts: these must be equal")
        if not self._q.any():
            raise ValueError("the query is zero: it has no direction")
        keep = np.flatnonzero(items.any(axis=1))
        self._items, self._counts = items[keep], counts[keep]
        self._titles = [str(titles[i]) for i in keep.tolist()]
        if not 1 <= k <= len(keep):
            raise ValueError(f"k must lie between 1 and the number of films, {len(keep)}; found {k}")
        self._k = int(k)
        self._norms = np.linalg.norm(self._items, axis=1)
        self._cosines = self._items @ self._q / (self._norms * np.linalg.norm(self._q))
        self._function = LearnersFunction(norm_power, "norm_power")
        self._good: dict = {}
        low, high = self._norms.min() / 1.15, self._norms.max() * 1.25
        left = min(0.0, math.floor(10 * self._cosines.min()) / 10)
        right = min(1.0, math.ceil(10 * self._cosines.max() + 0.2) / 10)
        popularity = np.log1p(self._counts)
        span = np.ptp(popularity) or 1.0
        shades = np.rint((popularity - popularity.min()) / span * (len(CIVIDIS) - 1)).astype(int)
        yticks = [x for e in range(-4, 4) for x in (10.0**e, 2 * 10.0**e, 5 * 10.0**e) if low <= x <= high]
        films = zip(self._titles, self._cosines, self._norms, self._counts, shades, strict=True)
        super().__init__(
            {
                "films": [
                    {
                        "title": t,
                        "cosine": round(float(c), 4),
                        "norm": float(f"{n:.4g}"),
                        "count": int(m),
                        "shade": int(s),
                    }
                    for t, c, n, m, s in films
                ],
                "ramp": list(CIVIDIS),
                "cosines": [left, right],
                "norms": [float(low), float(high)],
                "xticks": [round(x / 10, 1) for x in range(int(10 * left), int(10 * right) + 1) if x % 2 == 0],
                "yticks": [float(f"{x:.3g}") for x in yticks],
                "counts": [int(self._counts.min()), int(self._counts.max())],
                "mean": f"{self._counts.mean():.0f}",
                "heading": f"Top {self._k}" + (f" for {who}" if who else ""),
                "sources": [self._function.line()],
                "notes": [f"{len(items) - len(keep)} films have no direction (zero rows) and are left out"]
                if len(keep) < len(items)
                else [],
                "alt": f"{len(keep)} films by cosine with the query and by norm, coloured by number of ratings; "
                f"the {self._k} best at the present exponent are ringed and listed, right of the curve of equal score.",
            },
            {"alpha": alpha},
        )

    @property
    def alpha(self) -> float:
        """Where the dial stands."""
        return self.scene["alpha"]

    @property
    def top(self) -> list[str]:
        """Titles of the present list, best first."""
        return [self._titles[i] for i in self.scene["top"]]

    @property
    def mean_popularity(self) -> float:
        """Mean number of ratings of the films in the present list."""
        return float(self._counts[self.scene["top"]].mean())

    def _answer(self, move: dict) -> dict:
        alpha = min(1.0, max(0.0, round(float(move["alpha"]), 4)))
        scores, problem = self._function.numbers(self._q.copy(), self._items.copy(), alpha, shape=(len(self._items),))
        if problem:
            empty = {"top": [], "curve": [], "mean": "\u2013"}
            return {**(self._good or empty), "alpha": alpha, "stale": True, "problems": [problem], "spoken": problem}
        top = np.lexsort((np.arange(len(scores)), -scores))[: self._k]
        # The curve of equal score s: |q|^a n^a cos = s, so cos = s / (|q| n)^a; at alpha 0 it is a vertical line.
        low, high = self.static["norms"]
        norms = np.geomspace(low, high, 40)
        cosines = scores[top[-1]] / (np.linalg.norm(self._q) * norms) ** alpha
        mean = self._counts[top].mean()
        self._good = {
            "top": top.tolist(),
            "curve": [
                [round(float(c), 4), round(math.log(n), 4)] for c, n in zip(np.clip(cosines, -9, 9), norms, strict=True)
            ],
            "mean": f"{mean:.0f}",
        }
        spoken = f"alpha {alpha:.2f}: first {self._titles[top[0]]}; mean popularity of the list {mean:.0f}"
        return {**self._good, "alpha": alpha, "problems": [], "spoken": spoken}
