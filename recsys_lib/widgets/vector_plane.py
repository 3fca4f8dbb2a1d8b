"""Lesson 3: a query and a few items in the plane, under three measures at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from recsys_lib.drawing import ITEM_COLOURS, MEASURES, cone, half_plane, item_names
from recsys_lib.widgets.base import (
    LearnersFunction,
    MovingFigure,
    finite_table,
    finite_vector,
    module,
    order_of,
    write_order,
)


class VectorPlane(MovingFigure):
    """A query and a few items to drag in the plane, ranked by three measures at once.

    Parameters
    ----------
    q : array_like, shape (2,)
        The query, an arrow that can be dragged by mouse, touch or arrow keys, in steps of 0.1.
    items : array_like, shape (n, 2), at most 6
    names : sequence of str, optional
        What to call the items; A, B, C, ... unless given.
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

    _esm = module("vector_plane.js")
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
        q, items = finite_vector(q, "q"), finite_table(items, "items", 2)
        if q.shape != (2,):
            raise ValueError(f"q must have two coordinates, found shape {q.shape}")
        if not 1 <= len(items) <= len(ITEM_COLOURS):
            raise ValueError(f"the plane takes one to {len(ITEM_COLOURS)} items, found {len(items)}")
        self._names = item_names(names, len(items))
        self._limits = (float(limits[0]), float(limits[1]))
        given = {**dict.fromkeys(MEASURES), **(measures or {})}
        self._measures = {name: LearnersFunction(function, name) for name, function in given.items()}
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
                        "label": MEASURES.get(name, name),
                        "distance": name == "euclidean",
                        "digits": 3 if name == "cosine" else 2,
                        "region": name in MEASURES,
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
        return {name: write_order(row["order"], row["ties"], self._names) for name, row in self.scene["rows"].items()}

    def moves(self) -> list[dict]:
        """Only the start: a page without Python works the other places out by itself."""
        return [{"points": self.static["start"]}]

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
            f"{MEASURES.get(name, name)}: {write_order(r['order'], r['ties'], self._names)}" for name, r in rows.items()
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
            has_direction = np.asarray(items.any(axis=1))
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
                    if not problem:
                        scores[has_direction] = part
        if problem:
            return {}, problem
        values = [float(x) + 0.0 if math.isfinite(x) else None for x in scores]
        order, ties = order_of(values, smaller)
        return {
            "scores": [None if v is None else round(v, 9) for v in values],
            "order": order,
            "ties": ties,
            "note": note,
        }, None

    def _badge(self, rows: dict[str, dict]) -> dict:
        # Rulers agree only where they write the same order: A > B and A = B are two.
        orders = {
            write_order(r["order"], r["ties"], self._names) for r in rows.values() if r["order"] and not r.get("stale")
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
        """Outline where a new point would beat the best of the items: a half-plane, a cone or a disc."""
        if not row["order"] or name not in MEASURES:
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
