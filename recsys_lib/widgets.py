"""Figures that move: each is driven by the learner's own functions, and says when it uses the course's instead.

Python computes everything, the JavaScript beside this file only draws and sends moves. So there is no second
implementation to keep true, and what a learner sees is what their function returned.

Every figure takes the learner's functions through `recsys_lib.checks.yours_or_ours`. A function that raises, returns
nonsense or runs too long is reported under the figure, which keeps its last good state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

__all__ = ["CandidateLists", "FilmTable", "NormDial", "NormDialFilms", "VectorPlane"]

ITEM_COLOURS = ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
"""Okabe and Ito's colours for items, in the order of the course (A, B, C first)."""

CIVIDIS = tuple("#00224e #083370 #35456c #4f576c #666970 #7d7c78 #958f78 #aea371 #c9b866 #e6ce54 #fee838".split())
"""Eleven steps of Matplotlib's cividis, a sequential map that reads the same with and without colour blindness."""

_FOLDER = Path(__file__).with_name("widgets")
_LABELS = {"dot": "dot product", "cosine": "cosine", "euclidean": "distance"}


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _module(name: str) -> str:
    """One ES module: the shared helpers, then the figure."""
    return _text("common.js") + "\n" + _text(name)


# --------------------------------------------------------------------------- the learner's functions


class _Callable:
    """A learner's function, or the course's, that cannot break a figure."""

    def __init__(self, function: Callable | None, name: str):
        from recsys_lib import checks

        self.name = name
        try:
            chosen = checks.yours_or_ours(function if function is not None else _unsolved, name, quiet=True)
            self.source, self.note = chosen.source, chosen.note if function is not None else f"{name}: the course's"
        except (KeyError, LookupError):  # not an exercise of the course: the caller's function, as it is
            if function is None:
                raise
            chosen, self.source, self.note = function, "yours", f"{name}: yours"
        self._call = chosen

    @property
    def whose(self) -> str:
        return "your" if self.source == "yours" else "the course's"

    def __call__(self, *args, seconds: float = 2.0) -> tuple[Any, str | None]:
        """Return ``(value, None)`` or ``(None, what went wrong)``."""
        from recsys_lib import checks

        value, problem = checks.call_safely(self._call, *args, seconds=seconds)
        return (None, self._say(problem)) if problem else (value, None)

    def numbers(self, *args, shape: tuple[int, ...], seconds: float = 2.0) -> tuple[NDArray | None, str | None]:
        """Call, and insist on real numbers of one shape (infinities pass, NaN does not)."""
        value, problem = self(*args, seconds=seconds)
        if problem:
            return None, problem
        try:
            array = np.asarray(value, dtype=float)
        except Exception:  # a learner's object may raise anything here
            return None, self._say(f"returned a {type(value).__name__}, not numbers")
        if array.shape != shape:
            return None, self._say(f"returned shape {array.shape}, not {shape}")
        if np.isnan(array).any():
            return None, self._say("returned NaN (not a number)")
        return array, None

    def ids(self, *args, count: int, below: int) -> tuple[list[int] | None, str | None]:
        """Call, and insist on a list of item ids."""
        value, problem = self(*args)
        if problem:
            return None, problem
        try:
            array = np.asarray(value)
            found = [int(x) for x in array.tolist()] if array.ndim == 1 else None
        except Exception:
            found = None
        if found is None or len(found) > count or not all(0 <= x < below for x in found):
            return None, self._say(f"did not return at most {count} item ids")
        return found, None

    def _say(self, problem: Any) -> str:
        text = " ".join(str(problem).split())
        for opening in (f"your {self.name} ", f"the course's {self.name} ", f"{self.name} ", "it "):
            text = text.removeprefix(opening)
        return f"{self.whose} {self.name} {text}"[:300]

    def line(self) -> dict[str, str]:
        return {"source": self.source, "note": self.note}


def _unsolved(*args: Any) -> Any:
    raise NotImplementedError("not solved yet")


# --------------------------------------------------------------------------- what all figures share


class _Figure(anywidget.AnyWidget):
    """A figure whose `scene` is Python's answer to the last move.

    The view sends ``{"seq": ..., **move}`` and sends nothing more until a scene with that ``seq`` came back.
    """

    _css = _text("common.css")
    scene = traitlets.Dict().tag(sync=True)
    static = traitlets.Dict().tag(sync=True)

    def __init__(self, static: dict, move: dict):
        super().__init__(static=static)
        self.scene = self._answer(move)
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        """Name the figure without an address, so that a saved notebook does not change from run to run."""
        return f"<{type(self).__name__}: a figure that moves; run the notebook to use it>"

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or "seq" not in content:
            return
        try:
            scene = self._answer(content)
        except Exception as error:  # a figure answers every question, or the view would wait
            scene = {**self.scene, "problems": [f"the figure could not follow: {type(error).__name__}: {error}"[:300]]}
        self.scene = {**scene, "seq": str(content["seq"])[:40]}

    def _answer(self, move: dict) -> dict:
        raise NotImplementedError

    @property
    def alt_text(self) -> str:
        """One sentence that says what the figure shows."""
        return self.static.get("alt", "")


def _order(scores: Sequence[float | None], smaller_is_better: bool = False) -> tuple[list[int], list[bool]]:
    """Ids best first (ties: lower id first), and for each neighbour in that order whether it ties."""
    known = [i for i, x in enumerate(scores) if x is not None]
    sign = 1.0 if smaller_is_better else -1.0
    order = sorted(known, key=lambda i: (round(sign * scores[i], 9), i))
    ties = [abs(scores[a] - scores[b]) < 1e-9 for a, b in zip(order, order[1:], strict=False)]
    return order, ties


def _write_order(order: Sequence[int], ties: Sequence[bool], names: Sequence[str]) -> str:
    text = "".join(names[i] + (" = " if tie else " > ") for i, tie in zip(order, [*ties, False], strict=False))
    return text[:-3]


def _vector(value: ArrayLike, name: str) -> NDArray[np.float64]:
    array = np.array(value, dtype=float)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be one vector of finite numbers, found shape {array.shape}")
    return array


def _table(value: ArrayLike, name: str, width: int | None = None) -> NDArray[np.float64]:
    array = np.array(value, dtype=float)
    if array.ndim != 2 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be a table of finite numbers, one row per item, found shape {array.shape}")
    if width is not None and array.shape[1] != width:
        raise ValueError(f"{name} has rows of width {array.shape[1]}, the query has width {width}")
    return array


def _names(names: Sequence[str] | None, n: int) -> list[str]:
    result = [chr(ord("A") + i) for i in range(n)] if names is None else [str(x) for x in names]
    if len(result) != n:
        raise ValueError(f"{len(result)} names for {n} items")
    return result


# --------------------------------------------------------------------------- lesson 3


class VectorPlane(_Figure):
    """Drag a query and a few items in the plane; three rulers answer at once.

    Parameters
    ----------
    q : array_like, shape (2,)
        The query, an arrow that can be dragged by mouse, touch or arrow keys, in steps of 0.1.
    items : array_like, shape (n, 2), at most 6
    names : sequence of str, optional
        A, B, C, ... unless given.
    measures : mapping of exercise name to function, optional
        Functions ``(q, items) -> (n,)``: ``{"dot": dot, "cosine": cosine, "euclidean": euclidean}``. Each is taken
        through `recsys_lib.checks.yours_or_ours`. A name that is left out is the course's.
    limits : (float, float)
        Both axes run from the first to the second.
    shaded : str
        The measure whose region is shaded at the start: where a fourth point would beat the present best.

    Raises
    ------
    ValueError
        If q or items are not plane vectors of finite numbers, or more than six items are given.

    Examples
    --------
    >>> VectorPlane()                                                          # doctest: +SKIP
    <VectorPlane: a figure that moves; run the notebook to use it>
    """

    _esm = _module("vector_plane.js")
    shaded = traitlets.Unicode("dot").tag(sync=True)

    def __init__(
        self,
        q: ArrayLike = (4, 3),
        items: ArrayLike = ((0, 6), (4, 0), (1, 1)),
        names: Sequence[str] | None = None,
        measures: Mapping[str, Callable] | None = None,
        *,
        limits: tuple[float, float] = (-3, 8),
        shaded: str = "dot",
    ):
        q, items = _vector(q, "q"), _table(items, "items", 2)
        if q.shape != (2,):
            raise ValueError(f"q must have two coordinates, found shape {q.shape}")
        if not 1 <= len(items) <= len(ITEM_COLOURS):
            raise ValueError(f"the plane takes one to {len(ITEM_COLOURS)} items, found {len(items)}")
        self._names = _names(names, len(items))
        self._limits = (float(limits[0]), float(limits[1]))
        given = {**dict.fromkeys(_LABELS), **(measures or {})}
        self._measures = {name: _Callable(function, name) for name, function in given.items()}
        self._good: dict[str, dict] = {}
        start = [q.tolist(), *items.tolist()]
        super().__init__(
            {
                "names": self._names,
                "colours": list(ITEM_COLOURS[: len(items)]),
                "limits": list(self._limits),
                "start": start,
                "measures": [
                    {
                        "name": name,
                        "label": _LABELS.get(name, name),
                        "distance": name == "euclidean",
                        "digits": 3 if name == "cosine" else 2,
                        "region": name in _LABELS,
                    }
                    for name in self._measures
                ],
                "sources": [f.line() for f in self._measures.values()],
                "alt": f"A plane with the query q and the items {', '.join(self._names)} as arrows from the origin; "
                "a table gives each item's dot product, cosine and distance, and the three orders they make.",
            },
            {"points": start},
        )
        self.shaded = shaded if shaded in self._measures else next(iter(self._measures))

    @property
    def q(self) -> NDArray[np.float64]:
        """The query as it lies now, shape (2,)."""
        return np.array(self.scene["points"][0])

    @property
    def items(self) -> NDArray[np.float64]:
        """The items as they lie now, shape (n, 2)."""
        return np.array(self.scene["points"][1:])

    @property
    def orders(self) -> dict[str, str]:
        """The order that each measure gives now, best first, such as ``{"dot": "A > B > C"}``."""
        return {name: _write_order(row["order"], row["ties"], self._names) for name, row in self.scene["rows"].items()}

    def _answer(self, move: dict) -> dict:
        points = np.asarray(move["points"], dtype=float)
        if points.shape != (len(self._names) + 1, 2) or not np.isfinite(points).all():
            raise ValueError("a point left the plane")
        points = np.round(np.clip(points, *self._limits), 6) + 0.0
        q, items = points[0], points[1:]
        rows, regions, found = {}, {}, []
        for name in self._measures:
            row, problem = self._row(name, q, items)
            if problem:
                found.append(problem)
                row = {
                    **self._good.get(name, {"scores": [None] * len(items), "order": [], "ties": [], "note": ""}),
                    "stale": True,
                }
            else:
                self._good[name] = row
                regions[name] = self._region(name, q, row)
            rows[name] = row
        badge = self._badge(rows)
        spoken = "; ".join(
            f"{_LABELS.get(name, name)}: {_write_order(r['order'], r['ties'], self._names)}" for name, r in rows.items()
        )
        return {
            "points": points.tolist(),
            "rows": rows,
            "regions": {k: v for k, v in regions.items() if v},
            "badge": badge,
            "problems": found,
            "spoken": f"{spoken}. {badge['text']}",
        }

    def _row(self, name: str, q: NDArray, items: NDArray) -> tuple[dict, str | None]:
        function, smaller = self._measures[name], name == "euclidean"
        scores, problem = function.numbers(q.copy(), items.copy(), shape=(len(items),))
        note = ""
        if problem and name == "cosine":
            has_direction = items.any(axis=1)
            if not q.any():
                return {"scores": [None] * len(items), "order": [], "ties": [], "note": "q has no direction"}, None
            if not has_direction.all():  # the zero vector's ValueError is right: leave those items out
                note = (
                    ", ".join(n for n, ok in zip(self._names, has_direction, strict=True) if not ok) + ": no direction"
                )
                scores = np.full(len(items), np.nan)
                problem = None
                if has_direction.any():
                    part, problem = function.numbers(q.copy(), items[has_direction], shape=(int(has_direction.sum()),))
                    if part is not None:
                        scores[has_direction] = part
        if problem:
            return {}, problem
        values = [float(x) + 0.0 if math.isfinite(x) else None for x in scores]
        order, ties = _order(values, smaller)
        return {
            "scores": [None if v is None else round(v, 9) for v in values],
            "order": order,
            "ties": ties,
            "note": note,
        }, None

    def _badge(self, rows: dict[str, dict]) -> dict:
        # The words of a count: rulers that agree up to ties count as agreeing only when they write the same order.
        orders = {
            _write_order(r["order"], r["ties"], self._names) for r in rows.values() if r["order"] and not r.get("stale")
        }
        winners = {r["order"][0] for r in rows.values() if r["order"] and not any(r["ties"][:1]) and not r.get("stale")}
        count, words = len(rows), {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
        n = words.get(count, str(count))
        if count > 1 and len(orders) == count:
            if len(winners) == count:
                return {"text": f"{n} rulers, {n} winners", "win": True}
            return {"text": f"{n} rulers, {n} orders", "win": True}
        if len(orders) == 1 and len(rows) == count:
            return {"text": "all rulers agree", "win": False}
        return {"text": f"{n} rulers, {words.get(len(orders), 'no')} orders", "win": False}

    def _region(self, name: str, q: NDArray, row: dict) -> dict | None:
        """Where a new point would score better than the best: a half-plane, a cone or a disc."""
        if not row["order"] or name not in _LABELS:
            return None
        best, winner = row["scores"][row["order"][0]], self._names[row["order"][0]]
        if name == "euclidean":
            text = f"Shaded: a new item here would beat {winner} by distance. It lies closer to q than {best:.2f}."
            return {"centre": q.tolist(), "radius": max(0.0, best), "text": text}
        if not q.any():
            return None
        if name == "dot":
            polygon, edge = half_plane(q, best, self._limits)
            text = (
                f"Shaded: a new item here would beat {winner} by dot product, which exceeds {best:.2f} beyond the line."
            )
            return {"polygon": polygon, "edge": edge, "text": text}
        half = math.acos(min(1.0, max(-1.0, best)))
        polygon, edge = cone(q, half, 4 * max(abs(x) for x in self._limits))
        degrees = f"{math.degrees(half):.1f}\u00b0"
        text = f"Shaded: a new item here would beat {winner} by cosine. It points within {degrees} of q, at any length."
        return {"polygon": polygon, "edge": edge, "text": text}


def half_plane(q: NDArray, threshold: float, limits: tuple[float, float]) -> tuple[list, list]:
    """The part of the square ``limits`` x ``limits`` where ``q . x > threshold``: its outline and its cut edge.

    Examples
    --------
    >>> half_plane(np.array([1.0, 0.0]), 1.0, (0.0, 2.0))
    ([[1.0, 0.0], [2.0, 0.0], [2.0, 2.0], [1.0, 2.0]], [[1.0, 0.0], [1.0, 2.0]])
    """
    low, high = limits
    square = np.array([[low, low], [high, low], [high, high], [low, high]], dtype=float)
    side = square @ q - threshold
    outline, edge = [], []
    for i in range(4):
        a, b, sa, sb = square[i], square[(i + 1) % 4], side[i], side[(i + 1) % 4]
        if sa > 0:
            outline.append(a.tolist())
        if (sa > 0) != (sb > 0):
            cut = np.round(a + (b - a) * (sa / (sa - sb)), 6).tolist()
            outline.append(cut)
            edge.append(cut)
    return outline, edge


def cone(q: NDArray, half_angle: float, reach: float) -> tuple[list, list]:
    """The cone of ``half_angle`` (radians) round ``q``, out to ``reach``: its outline and its two rays.

    Examples
    --------
    >>> cone(np.array([0.0, 1.0]), np.pi / 2, 1.0)[1]
    [[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]]
    """
    middle = math.atan2(q[1], q[0])
    turns = np.linspace(middle - half_angle, middle + half_angle, 25)
    arc = np.round(reach * np.column_stack([np.cos(turns), np.sin(turns)]), 4) + 0.0
    return [[0.0, 0.0], *arc.tolist()], [arc[0].tolist(), [0.0, 0.0], arc[-1].tolist()]


# --------------------------------------------------------------------------- lesson 4


class NormDial(_Figure):
    """Turn the norm's exponent from 0 (cosine) to 1 (dot product) and watch a few items change places.

    Parameters
    ----------
    norm_power : callable ``(q, items, alpha) -> (n,)``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`.
    q : array_like, shape (d,)
    items : array_like, shape (n, d), at most 6
    names : sequence of str, optional
    crossing_alpha : callable ``(q, x, y) -> float or None``, optional
        The learner's; where it is left out, the crossings are read off the lines of `norm_power`.
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

    _esm = _module("norm_dial.js")

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
        self._q = _vector(q, "q")
        self._items = _table(items, "items", len(self._q))
        if not 1 <= len(self._items) <= len(ITEM_COLOURS):
            raise ValueError(f"the dial takes one to {len(ITEM_COLOURS)} items, found {len(self._items)}")
        if not self._q.any() or not self._items.any(axis=1).all():
            raise ValueError("a zero vector has no direction: leave it out of the dial")
        self._names = _names(names, len(self._items))
        self._function = _Callable(norm_power, "norm_power")
        crossing = None if crossing_alpha is None else _Callable(crossing_alpha, "crossing_alpha")
        self._good: dict = {}
        super().__init__(self._frame(crossing), {"alpha": alpha})

    @property
    def alpha(self) -> float:
        """Where the dial stands."""
        return self.scene["alpha"]

    @property
    def order(self) -> str:
        """The order at the present alpha, best first, such as ``"B > A > C"``."""
        return _write_order(self.scene["order"], self.scene["ties"], self._names)

    @property
    def crossings(self) -> list[tuple[str, float]]:
        """Pairs of items and the alpha at which they tie, in the order of alpha."""
        return [(c["pair"], c["alpha"]) for c in self.static["crossings"]]

    def _scores(self, alpha: float) -> tuple[NDArray | None, str | None]:
        return self._function.numbers(self._q.copy(), self._items.copy(), float(alpha), shape=(len(self._items),))

    def _frame(self, crossing: _Callable | None) -> dict:
        """What does not move: the lines, their crossings, and which order reigns between them."""
        n, grid = len(self._items), np.linspace(0, 1, 11)
        table = np.full((len(grid), n), np.nan)
        for i, alpha in enumerate(grid):
            scores, problem = self._scores(alpha)
            if problem:
                break
            table[i] = scores
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(table > 0, np.log(table), np.nan)
        good = np.isfinite(logs).all(axis=0)
        crossings = []
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
                spans.append({"from": a, "to": b, "order": _order(scores.tolist())[0]})
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
        order, ties = _order(values)
        most = max([v for v in values if v is not None and v > 0], default=1.0)
        self._good = {
            "order": order,
            "ties": ties,
            "scores": [None if v is None else round(v, 6) for v in values],
            "widths": [0 if v is None else round(max(0.0, v / most), 4) for v in values],
            "logs": [math.log(v) if v is not None and v > 0 else None for v in values],
        }
        spoken = f"alpha {alpha:.2f}: {_write_order(order, ties, self._names)}"
        return {**self._good, "alpha": alpha, "problems": [], "spoken": spoken}


def _cross(grid: NDArray, gap: NDArray) -> float | None:
    """Where a line through the first and last gap is zero, if inside; the log scores are straight lines."""
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


class NormDialFilms(_Figure):
    """The norm dial over a few hundred films: what rises as the exponent grows?

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

    _esm = _module("norm_dial_films.js")

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
        self._q = _vector(query, "query")
        items = _table(items, "items", len(self._q))
        counts = np.asarray(counts, dtype=float)
        if not len(items) == len(titles) == len(counts):
            raise ValueError(f"{len(items)} items, {len(titles)} titles, {len(counts)} counts: these must be equal")
        if not self._q.any():
            raise ValueError("the query is zero: it has no direction")
        keep = np.flatnonzero(items.any(axis=1))
        self._items, self._counts = items[keep], counts[keep]
        self._titles = [str(titles[i]) for i in keep]
        if not 1 <= k <= len(keep):
            raise ValueError(f"k must lie between 1 and the number of films, {len(keep)}; found {k}")
        self._k = int(k)
        self._norms = np.linalg.norm(self._items, axis=1)
        self._cosines = self._items @ self._q / (self._norms * np.linalg.norm(self._q))
        self._function = _Callable(norm_power, "norm_power")
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
        # Equal score s: |q|^a n^a cos = s, so cos = s / (|q| n)^a; this holds at every alpha, a vertical line at 0.
        norms = np.geomspace(*self.static["norms"], 40)
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


# --------------------------------------------------------------------------- lesson 1


class CandidateLists(_Figure):
    """Choose a user and compare two lists of candidates: content-based and collaborative.

    Parameters
    ----------
    data : MovieLens
        From `recsys_lib.datasets.load`.
    train : array_like
        Row numbers of the training ratings, as `recsys_lib.splits` gives them; or an interaction matrix
        ``(n_users, n_items)``, whose ratings are then looked up in ``data``.
    genre_scores, cooccurrence_scores, top_k : callable, optional
        The learner's functions, taken through `recsys_lib.checks.yours_or_ours`.
    k : int
        Length of both lists.
    user : int
        The user shown first.

    Notes
    -----
    A user likes what they rated 4 or 5 in the training part. The collaborative list reads the user's whole row of
    the interaction matrix; both lists leave out every film that the user rated in training.

    Examples
    --------
    >>> CandidateLists(data, train)                                            # doctest: +SKIP
    <CandidateLists: a figure that moves; run the notebook to use it>
    """

    _esm = _module("candidate_lists.js")

    def __init__(
        self,
        data: Any,
        train: ArrayLike,
        genre_scores: Callable | None = None,
        cooccurrence_scores: Callable | None = None,
        top_k: Callable | None = None,
        k: int = 10,
        *,
        user: int = 0,
    ):
        self._data, self._k = data, int(k)
        train = np.asarray(train)
        if train.ndim == 2:
            if train.shape != (data.n_users, data.n_items):
                raise ValueError(f"train has shape {train.shape}, the data is {(data.n_users, data.n_items)}")
            rows = np.flatnonzero(train[data.user, data.item] != 0)
            self._matrix = (train != 0).astype(float)
        else:
            rows = np.flatnonzero(train) if train.dtype == bool else train.astype(int)
            self._matrix = np.zeros((data.n_users, data.n_items))
            self._matrix[data.user[rows], data.item[rows]] = 1.0
        liked = rows[np.asarray(data.rating)[rows] >= 4]
        self._liked = {int(u): [] for u in range(data.n_users)}
        for row in liked:
            self._liked[int(data.user[row])].append(int(data.item[row]))
        self._counts = self._matrix.sum(axis=0)
        self._genres = np.asarray(data.genres, dtype=float)
        self._functions = {
            "genre_scores": _Callable(genre_scores, "genre_scores"),
            "cooccurrence_scores": _Callable(cooccurrence_scores, "cooccurrence_scores"),
            "top_k": _Callable(top_k, "top_k"),
        }
        self._done: dict[int, dict] = {}
        super().__init__(
            {
                "users": int(data.n_users),
                "lists": [
                    {
                        "name": "content",
                        "title": "Content-based",
                        "subtitle": "films whose genres are like those of the liked films",
                    },
                    {
                        "name": "collaborative",
                        "title": "Collaborative",
                        "subtitle": "films rated by the people who rated the same films",
                    },
                ],
                "sources": [f.line() for f in self._functions.values()],
                "alt": "For the chosen user, the films they liked and two lists of candidates side by side, "
                "content-based and collaborative; films in both lists are marked.",
            },
            {"user": user},
        )

    @property
    def user(self) -> int:
        """The user shown now."""
        return self.scene["user"]

    def choose(self, user: int) -> None:
        """Show another user, as the arrows in the figure do."""
        self.scene = self._answer({"user": user})

    def _answer(self, move: dict) -> dict:
        user = min(self._data.n_users - 1, max(0, int(move["user"])))
        if user not in self._done:
            if len(self._done) > 50:
                self._done.clear()
            self._done[user] = self._two_lists(user)
        return self._done[user]

    def _films(self, scores: NDArray | None, problem: str | None, user: int) -> tuple[list[int], list[str]]:
        if problem:
            return [], [problem]
        seen = np.flatnonzero(self._matrix[user])
        found, problem = self._functions["top_k"].ids(
            scores.copy(), self._k, seen, count=self._k, below=self._data.n_items
        )
        return (found or [], [problem] if problem else [])

    def _two_lists(self, user: int) -> dict:
        data, liked, n = self._data, self._liked[user], self._data.n_items
        if liked:
            scores, problem = self._functions["genre_scores"].numbers(np.array(liked), self._genres.copy(), shape=(n,))
        else:
            scores, problem = None, "this user gave no 4 or 5, so there is no profile of genres to compare with"
        content, content_problems = self._films(scores, problem, user)
        # Films times films is the one slow step here (a second on a busy machine), so it may take longer than a drag.
        scores, problem = self._functions["cooccurrence_scores"].numbers(self._matrix, user, shape=(n,), seconds=10)
        collaborative, collaborative_problems = self._films(scores, problem, user)
        both = set(content) & set(collaborative)
        shown = sorted(liked, key=lambda i: (-self._counts[i], i))[:12]
        rated = int(self._matrix[user].sum())
        more = f", {len(shown)} of them here" if len(shown) < len(liked) else ""
        overlap = f"{len(both)} of {self._k} in both" if both else "no film in both"
        return {
            "user": user,
            "about": f"of {data.n_users}; rated {rated} films",
            "liked_heading": f"Liked {len(liked)} films (4 or 5 stars){more}",
            "liked": [data.titles[i] for i in shown],
            "lists": [
                {"films": [self._film(i, both) for i in content], "problems": content_problems},
                {"films": [self._film(i, both) for i in collaborative], "problems": collaborative_problems},
            ],
            "shared": len(both),
            "overlap": overlap,
            "spoken": f"user {user}: {overlap}",
        }

    def _film(self, item: int, both: set[int]) -> dict:
        genres = [name for name, on in zip(self._data.genre_names, self._genres[item], strict=True) if on]
        return {
            "title": self._data.titles[item],
            "genres": " \u00b7 ".join(genres),
            "count": int(self._counts[item]),
            "both": item in both,
        }


# --------------------------------------------------------------------------- lesson 2


class FilmTable(_Figure):
    """Search a film by a part of its title, choose it, see its nearest films in the space.

    Parameters
    ----------
    titles : sequence of str, length n
    items : array_like, shape (n, d)
    columns : mapping of heading to array_like (n,), optional
        Shown beside each film, such as ``{"year": data.years, "ratings": counts}``.
    k : int
        How many neighbours.
    neighbours : callable ``(items, film, k) -> (k,) item ids``, optional
        Euclidean, the film itself left out and ties to the lower id, unless given.
    film : int, optional
        The film shown first; the one with the most in the first column unless given.

    Examples
    --------
    >>> table = FilmTable(["Toy Story (1995)", "Heat (1995)"], [[0.0, 1.0], [1.0, 0.0]], k=1)
    >>> table
    <FilmTable: a figure that moves; run the notebook to use it>
    >>> table.neighbours
    ['Heat (1995)']
    """

    _esm = _module("film_table.js")

    def __init__(
        self,
        titles: Sequence[str],
        items: ArrayLike,
        columns: Mapping[str, ArrayLike] | None = None,
        k: int = 10,
        *,
        neighbours: Callable | None = None,
        film: int | None = None,
    ):
        self._titles = [str(t) for t in titles]
        self._folded = [t.casefold() for t in self._titles]
        self._items = _table(items, "items")
        n = len(self._titles)
        if len(self._items) != n:
            raise ValueError(f"{n} titles for {len(self._items)} items")
        if not 1 <= k < n:
            raise ValueError(f"k must lie between 1 and {n - 1}, found {k}")
        self._columns = {str(name): np.asarray(values) for name, values in (columns or {}).items()}
        for name, values in self._columns.items():
            if values.shape != (n,):
                raise ValueError(f"column {name!r} has shape {values.shape}, not ({n},)")
        self._k = int(k)
        self._neighbours = _Own(neighbours) if neighbours is not None else None
        first = next((v for v in reversed(self._columns.values()) if v.dtype.kind in "iuf"), None)
        self._rank = np.lexsort((np.arange(n), -first)) if first is not None else np.arange(n)
        self._note = next((name for name, v in reversed(self._columns.items()) if v.dtype.kind in "iuf"), None)
        self._good: dict = {}
        start = int(self._rank[0]) if film is None else int(film)
        super().__init__(
            {
                "columns": [*self._columns, "distance"],
                "sources": [],
                "alt": "A search box for film titles, and a table of the films nearest to the chosen one in the space.",
            },
            {"text": "", "film": start},
        )

    @property
    def film(self) -> int:
        """The chosen film's id."""
        return self.scene["film"]

    @property
    def neighbours(self) -> list[str]:
        """Titles of the nearest films, nearest first."""
        return [row["title"] for row in self.scene["rows"]]

    def choose(self, film: int) -> None:
        """Choose a film by its id, as a click does."""
        self.scene = self._answer({"text": self.scene["text"], "film": film})

    def _cells(self, i: int) -> list[str]:
        return [_cell(values[i], name) for name, values in self._columns.items()]

    def _answer(self, move: dict) -> dict:
        text, film = str(move["text"])[:100], int(move["film"])
        if not 0 <= film < len(self._titles):
            raise ValueError(f"there is no film {film}")
        words = text.casefold().split()
        found = [int(i) for i in self._rank if all(w in self._folded[i] for w in words)]
        matches = [
            {
                "id": i,
                "title": self._titles[i],
                "note": _cell(self._columns[self._note][i], self._note) if self._note else "",
            }
            for i in found[:50]
        ]
        said = "no film has this in its title" if not found else f"{len(found)} film{'s' if len(found) > 1 else ''}"
        if self._note and found:
            said += f", most {self._note} first"
        problems, extra = [], {}
        if self._good.get("film") != film:
            distances = np.linalg.norm(self._items - self._items[film], axis=1)
            if self._neighbours is None:
                order = np.lexsort((np.arange(len(distances)), distances))
                near, problem = order[order != film][: self._k].tolist(), None
            else:
                near, problem = self._neighbours.ids(
                    self._items.copy(), film, self._k, count=self._k, below=len(distances)
                )
            if problem:
                problems, extra = [problem], {"stale": True}
            else:
                rows = [{"title": self._titles[i], "cells": [*self._cells(i), f"{distances[i]:.2f}"]} for i in near]
                self._good = {"film": film, "rows": rows, "heading": f"Nearest to {self._titles[film]}"}
        state = {"film": film, "rows": [], "heading": "", **self._good, **extra}
        return {
            **state,
            "text": text,
            "matches": matches,
            "found": said,
            "problems": problems,
            "spoken": f"{said}. {state['heading']}",
        }


class _Own(_Callable):
    """A function that is no exercise of the course."""

    def __init__(self, function: Callable):
        self.name = getattr(function, "__name__", "neighbours")
        self.source, self.note, self._call = "yours", f"{self.name}: yours", function


def _cell(value: Any, name: str) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
    if name == "year" and not value:
        return "\u2013"
    return str(value)
