"""Lesson 6: norm against popularity, one cloud per model; brush films in one cloud and find them in the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.widgets.base import LearnersFunction, MovingFigure, finite_table, module

ENDS = ("longest", "shortest")
SHARE = 0.05
"""Which part of the films each of the two buttons marks."""

MAX_ROWS = 8
NO_ORDER = "\u2013"
"""What is shown in place of a number that is not defined."""


class NormPopularity(MovingFigure):
    """Clouds of films by norm and number of ratings, one a model; films marked in one are marked in all.

    Parameters
    ----------
    norm_popularity : callable ``(items, counts) -> float``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`. It gives the number above each cloud,
        and the one for the films that are brushed.
    models : mapping of str to array_like of shape (n, d)
        The items of each model, one to four. A film of norm zero in a model has no place in that cloud; the figure says
        how many there are.
    counts : array_like, shape (n,)
        Ratings per film: its popularity. Films without a rating stand in a place of their own.
    titles : sequence of str, length n

    Examples
    --------
    >>> NormPopularity(models={"iALS": items}, counts=counts, titles=titles)   # doctest: +SKIP
    <NormPopularity: a figure that moves; run the notebook to use it>
    """

    _esm = module("norm_popularity.js")

    def __init__(
        self,
        norm_popularity: Callable | None = None,
        models: Mapping[str, ArrayLike] | None = None,
        counts: ArrayLike = (),
        titles: Sequence[str] = (),
    ):
        if not models or len(models) > 4:
            raise ValueError(f"models must name one to four models, found {len(models or {})}")
        self._names = [str(name) for name in models]
        self._items = [finite_table(items, f"models[{name!r}]") for name, items in models.items()]
        self._counts = np.asarray(counts, dtype=float)
        sizes = {len(items) for items in self._items} | {len(titles)}
        if self._counts.ndim != 1 or sizes != {len(self._counts)} or len(self._counts) < 3:
            raise ValueError(f"models, counts and titles must have one length, 3 at least, found {sorted(sizes)}")
        if (self._counts < 0).any():
            raise ValueError("counts must not be negative")
        self._titles = [str(title) for title in titles]
        self._norms = np.array([np.linalg.norm(items, axis=1) for items in self._items])
        if not (self._norms > 0).any(axis=1).all():
            raise ValueError("a model has no film with a norm above zero")
        # Where a film stands in each cloud, from 0 to 1 each way; both axes are logarithms, 0 ratings count as a half.
        self._across = np.log(np.maximum(self._counts, 0.5))
        self._limits_x = (float(self._across.min()) - 0.12, float(self._across.max()) + 0.12)
        with np.errstate(divide="ignore"):
            self._up = np.log(self._norms)
        self._limits_y = [_limits(row[np.isfinite(row)]) for row in self._up]
        self._x = _between(self._across, *self._limits_x)
        self._y = np.array([_between(row, *limits) for row, limits in zip(self._up, self._limits_y, strict=True)])
        # The place of each film by norm, 1 for the longest; of equal norms the lower id comes first.
        n = len(self._counts)
        self._place = np.empty((len(self._items), n), dtype=int)
        for row, norms in zip(self._place, self._norms, strict=True):
            row[np.lexsort((np.arange(n), -norms))] = np.arange(1, n + 1)
        self._function = LearnersFunction(norm_popularity, "norm_popularity")
        every = [self._rho(model, np.arange(n)) for model in range(len(self._items))]
        self._troubles = [problem for _, problem in every if problem]
        without = [int((norms == 0).sum()) for norms in self._norms]
        super().__init__(
            {
                "models": [
                    {
                        "name": name,
                        "rho": rho,
                        "y": [None if not np.isfinite(v) else round(float(v), 4) for v in y],
                        "ticks": _ticks(limits),
                        "note": f"{zeros} of norm zero left out" if zeros else "",
                    }
                    for name, (rho, _), y, limits, zeros in zip(
                        self._names, every, self._y, self._limits_y, without, strict=True
                    )
                ],
                "x": [round(float(v), 4) for v in self._x],
                "xticks": self._count_ticks(),
                "titles": self._titles,
                "counts": [int(c) for c in self._counts],
                "share": f"{SHARE:.0%}",
                "sources": [self._function.line()],
                "alt": f"Norm against number of ratings for {n} films, both on log scales, in {len(self._names)} "
                "models: "
                + "; ".join(
                    f"{name}, rank correlation {rho}" for name, (rho, _) in zip(self._names, every, strict=True)
                )
                + ". Films that are marked in one model are marked in all, and listed.",
            },
            {"end": "longest", "model": 0},
        )

    @property
    def rhos(self) -> dict[str, str]:
        """The number above each cloud, as it is shown."""
        return {model["name"]: model["rho"] for model in self.static["models"]}

    @property
    def selected(self) -> list[str]:
        """Titles of the films that are marked, longest first in the cloud where they were marked."""
        return [self._titles[i] for i in self._chosen]

    def _answer(self, move: dict) -> dict:
        model = int(move["model"])
        if not 0 <= model < len(self._names):
            raise ValueError(f"there is no model {model}")
        box = None
        if "end" in move:
            if move["end"] not in ENDS:
                raise ValueError(f"end must be one of {', '.join(ENDS)}, found {move['end']!r}")
            size = math.ceil(SHARE * len(self._counts))
            drawn = np.isfinite(self._y[model])
            order = [i for i in np.argsort(self._place[model]) if drawn[i]]
            chosen = order[:size] if move["end"] == "longest" else order[::-1][:size]
            what = f"the {len(chosen)} {move['end']} of {self._names[model]}"
        elif "at" in move:
            chosen = self._under(model, *map(float, move["at"]))
            what = self._titles[chosen[0]] if chosen else "no film here"
        else:
            box = [min(1.0, max(0.0, float(v))) for v in move["box"]]
            left, right, low, high = box
            box = [min(left, right), max(left, right), min(low, high), max(low, high)]
            inside = (self._x >= box[0]) & (self._x <= box[1])
            with np.errstate(invalid="ignore"):
                inside &= (self._y[model] >= box[2]) & (self._y[model] <= box[3])
            chosen = sorted(np.flatnonzero(inside), key=lambda i: self._place[model, i])
            what = f"{len(chosen)} film{'' if len(chosen) == 1 else 's'} in the box"
        self._chosen = [int(i) for i in chosen]
        problems, rhos = list(self._troubles), [NO_ORDER] * len(self._names)
        if move.get("final", True):
            found = [self._rho(m, np.array(self._chosen, dtype=int)) for m in range(len(self._names))]
            rhos = [rho for rho, _ in found]
            problems = list(dict.fromkeys([*problems, *(problem for _, problem in found if problem)]))
        mean = self._counts[self._chosen].mean() if self._chosen else None
        mean_text = NO_ORDER if mean is None else f"{mean:.0f}" if mean >= 10 else f"{mean:.1f}"
        return {
            "model": model,
            "box": box,
            "chosen": self._chosen,
            "rhos": rhos,
            "what": f"{what[0].upper()}{what[1:]}",
            "mean": mean_text,
            "all": f"{self._counts.mean():.0f}",
            "rows": [{"film": i, "places": [int(p) for p in self._place[:, i]]} for i in self._chosen[:MAX_ROWS]],
            "more": max(0, len(self._chosen) - MAX_ROWS),
            "problems": problems,
            "spoken": f"{what}; {mean_text} ratings on average; rank correlation among them "
            + ", ".join(f"{name} {rho}" for name, rho in zip(self._names, rhos, strict=True)),
        }

    def _under(self, model: int, across: float, up: float) -> list[int]:
        """Find the film that lies nearest to a place in a cloud, if any is near; the drawn area is 274 by 244."""
        far = np.hypot(274 * (self._x - across), 244 * (self._y[model] - up))
        near = int(np.nanargmin(far))
        return [near] if far[near] <= 12 else []

    def _rho(self, model: int, films: np.ndarray) -> tuple[str, str | None]:
        """Say what the learner's function gives for some films, or a dash where they have no order."""
        norms, counts = self._norms[model, films], self._counts[films]
        if len(films) < 3 or np.ptp(norms) == 0 or np.ptp(counts) == 0:
            return NO_ORDER, None
        value, problem = self._function.numbers(self._items[model][films], counts.copy(), shape=())
        if problem:
            return "?", problem
        return f"{float(value):+.2f}".replace("-", "\u2212"), None

    def _count_ticks(self) -> list[list]:
        """Place the ticks below each cloud, and name them."""
        wanted = [0, 1, 10, 100, 1000, 10_000, 100_000]
        low, high = self._counts.min(), self._counts.max()
        ticks = [t for t in wanted if low <= t <= high] or [int(low)]
        if sum(t > 0 for t in ticks) < 3:
            ticks = sorted({*ticks, *(t for t in (2, 5, 20, 50, 200, 500) if low <= t <= high)})
        places = _between(np.log(np.maximum(ticks, 0.5)), *self._limits_x)
        return [[round(float(p), 4), f"{t:,}"] for p, t in zip(places, ticks, strict=True)]


def _limits(logs: np.ndarray) -> tuple[float, float]:
    """Leave a little room at both ends, and show a factor of 1.5 at least."""
    low, high = float(logs.min()), float(logs.max())
    room = max(0.04 * (high - low), (math.log(1.5) - (high - low)) / 2, 0.02)
    return low - room, high + room


def _between(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Scale values so that the limits are 0 and 1; infinities become NaN."""
    return np.where(np.isfinite(values), (values - low) / (high - low), np.nan)


def _ticks(limits: tuple[float, float]) -> list[list]:
    """Place 1, 2, 5, 10, ... within the limits, and name them; fewer where they would crowd."""
    low, high = limits
    for steps in ((1, 1.5, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1,)):
        ticks = [s * 10.0**e for e in range(-9, 9) for s in steps if low <= math.log(s * 10.0**e) <= high]
        if len(ticks) <= 7:
            break
    return [[round((math.log(t) - low) / (high - low), 4), f"{t:.4g}"] for t in ticks]
