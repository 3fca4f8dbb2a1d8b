"""Lesson 2: all films on a flat map, and what the map does to a film's neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from recsys_lib import retrieval, similarity
from recsys_lib.drawing import ITEM_COLOURS, MEASURES
from recsys_lib.widgets.base import CIVIDIS, LearnersFunction, MovingFigure, finite_table, module
from recsys_lib.widgets.film_search import FilmSearch, searchable

MISSING = 255
"""The shade of a film without a year or a number of ratings, and of a film of none of the genres shown."""


class FilmExplorer(FilmSearch, MovingFigure):
    """A flat map of all films, on which one is chosen and its neighbours in the space and on the map are shown.

    Points, titles and shades go to the browser once, as bytes, so hovering, colouring, zooming and searching ask
    nobody. Neighbours are found by Python.

    Parameters
    ----------
    titles : sequence of str, length n
    items : array_like, shape (n, d)
        The films in their space, where the neighbours are found.
    flat : array_like, shape (n, 2)
        The films on the map, as the learner's ``project_2d`` returned them.
    years : array_like, shape (n,), optional
        The year of each film, 0 or NaN where unknown.
    counts : array_like, shape (n,), optional
        Ratings per film: its popularity. NaN where unknown.
    genres : mapping of name to array_like (n,), at most six, optional
        True where the film is of the genre. A film of several is drawn in the colour of the one with the fewest films.
    k : int
        How many neighbours are shown.
    neighbours : callable ``(items, film, k) -> (k,) item ids``, optional
        One more way to find neighbours, beside the three measures, and the first shown.
    measure : {"euclidean", "cosine", "dot"}
        The measure shown first, unless ``neighbours`` is given.
    film : int, optional
        The film shown first; the one with the most ratings unless given.
    colour : {"genre", "year", "popularity", "norm"}, optional
        What the colours mean at first; the first of these that is given.

    Notes
    -----
    A film is no neighbour of itself, and ties go to the lower id. A zero vector has no direction: by cosine it is no
    neighbour, and has none. Neighbours on the map are by distance.

    Examples
    --------
    >>> films = [[0, 0, 0], [0, 1, 0], [3, 0, 1]]
    >>> explorer = FilmExplorer(["Heat", "Fargo", "Big"], films, [[0, 0], [9, 0], [3, 0]], k=1, film=0)
    >>> explorer
    <FilmExplorer: a figure that moves; run the notebook to use it>
    >>> explorer.neighbours, explorer.kept
    (['Fargo'], 0)
    """

    _esm = module("film_search.js", "film_explorer.js")
    columns = traitlets.Bytes().tag(sync=True)
    shades = traitlets.Bytes().tag(sync=True)
    colour = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        titles: Sequence[str],
        items: ArrayLike,
        flat: ArrayLike,
        *,
        years: ArrayLike | None = None,
        counts: ArrayLike | None = None,
        genres: Mapping[str, ArrayLike] | None = None,
        k: int = 10,
        neighbours: Callable | None = None,
        measure: str = "euclidean",
        film: int | None = None,
        colour: str | None = None,
    ):
        self._titles = [" ".join(str(t).split()) for t in titles]
        self._items, self._flat = finite_table(items, "items"), finite_table(flat, "flat")
        n = len(self._titles)
        if len(self._items) != n or self._flat.shape != (n, 2):
            raise ValueError(f"{n} titles, items of shape {self._items.shape}, flat of shape {self._flat.shape}")
        if not 1 <= k < n:
            raise ValueError(f"k must lie between 1 and {n - 1}, found {k}")
        if measure not in MEASURES:
            raise ValueError(f"measure must be one of {', '.join(MEASURES)}, found {measure!r}")
        self._k = int(k)
        self._own = _Own(neighbours) if neighbours is not None else None
        self._units = similarity.unit_rows(self._items, "items", zero="keep")
        self._norms = np.linalg.norm(self._items, axis=1)
        self._counts = None if counts is None else _column(counts, "counts", n)
        found = searchable(self._titles, self._counts)
        most_rated = int(np.frombuffer(found["order"], "<i4")[0])
        self._good: dict = {}
        colourings, columns, shades = self._colourings(years, genres or {})
        measures = [{"name": m, "label": MEASURES[m]} for m in ("euclidean", "cosine", "dot")]
        if self._own:
            measures.append({"name": "own", "label": self._own.name})
        d = self._items.shape[1]
        super().__init__(
            {
                "n": n,
                "colourings": colourings,
                "measures": measures,
                "ramp": list(CIVIDIS),
                "counted": counts is not None,
                "sources": [self._own.line()] if self._own else [],
                "warning": f"This map shows 2 of {d} dimensions. Dots that touch may be far apart in the space. Do not "
                "compare gaps between far groups either: in the space the wider gap may be the narrower."
                if d > 2
                else "",
                "alt": f"A map of {n} films on two axes, coloured by {', '.join(c['label'] for c in colourings)} as "
                f"chosen; the {k} nearest to a chosen film are numbered on it and listed beside it.",
            },
            {
                "film": most_rated if film is None else int(film),
                "measure": "own" if self._own else measure,
            },
            columns=np.array([*self._flat.T, *columns], dtype="<f4").tobytes(),
            shades=np.array(shades, dtype=np.uint8).tobytes(),
            **found,
            colour=colourings[0]["name"] if colour is None else colour,
        )

    def _colourings(self, years: ArrayLike | None, genres: Mapping) -> tuple[list[dict], list[NDArray], list[NDArray]]:
        """Work out what the browser may colour by.

        Returns
        -------
        found : list of dict
            The legend of each colouring.
        columns : list of ndarray
            The numbers to show beside a title, for those colourings that have them.
        shades : list of ndarray
            The shade of each film in each colouring.
        """
        n = len(self._titles)
        found: list[dict] = []
        columns: list[NDArray] = []
        shades: list[NDArray] = []

        def number(
            name: str,
            label: str,
            values: NDArray,
            *,
            before: str = "",
            after: str = "",
            digits: int = 0,
            log: bool = False,
        ) -> None:
            scaled = np.log1p(values) if log else values
            shade, low, high = shades_of(scaled)
            ends = [low, (low + high) / 2, high]
            found.append(
                {
                    "name": name,
                    "label": label,
                    "ends": [f"{np.expm1(x) if log else x:.{digits}f}" for x in ends],
                    "missing": int((shade == MISSING).sum()),
                    "column": len(columns),
                    "say": [before, after] if before or after else None,
                    "digits": digits,
                }
            )
            columns.append(values)
            shades.append(shade)

        if genres:
            found.append({"name": "genre", "label": "genre", "groups": list(map(str, genres)), "colours": ITEM_COLOURS})
            shades.append(groups_of([_column(mask, f"genre {name!r}", n) for name, mask in genres.items()]))
        if years is not None:
            known = _column(years, "years", n)
            number("year", "year", np.where(known > 0, known, np.nan))
        if self._counts is not None:
            number("popularity", "popularity (ratings, log scale)", self._counts, after=" ratings", log=True)
        number("norm", "norm (length of the vector)", self._norms, before="norm ", digits=2)
        return found, columns, shades

    @traitlets.validate("colour")
    def _known_colour(self, proposal: dict) -> str:
        known = [c["name"] for c in self.static["colourings"]] if self.static else [proposal["value"]]
        if proposal["value"] not in known:
            raise ValueError(f"colour must be one of {', '.join(known)}, found {proposal['value']!r}")
        return proposal["value"]

    @property
    def film(self) -> int:
        """The chosen film's id."""
        return self.scene["film"]

    @property
    def measure(self) -> str:
        """The measure by which neighbours are found now."""
        return self.scene["measure"]

    @property
    def neighbours(self) -> list[str]:
        """Titles of the nearest films in the space, nearest first."""
        return [row["title"] for row in self.scene["rows"]]

    @property
    def kept(self) -> int:
        """How many of the neighbours are also among the nearest on the map."""
        return sum(row["both"] for row in self.scene["rows"])

    def choose(self, film: int, measure: str | None = None) -> None:
        """Choose a film by its id, as a click does, and a measure if given."""
        self.scene = self._answer({**self.scene, "film": film, "measure": measure or self.measure})

    def choose_at(self, x: float, y: float) -> None:
        """Choose the film nearest to a place on the map, as a click there does."""
        film = nearest_point(self._flat, x, y)
        if film is not None:
            self.choose(film)

    def _answer(self, move: dict) -> dict:
        film, measure = int(move["film"]), str(move["measure"])
        if not 0 <= film < len(self._titles):
            raise ValueError(f"there is no film {film}")
        if measure not in (*MEASURES, "own") or (measure == "own" and not self._own):
            raise ValueError(f"there is no measure {measure!r}")
        problems: list[str] = []
        extra: dict[str, bool] = {}
        if (self._good.get("film"), self._good.get("measure")) != (film, measure):
            good, problem = self._near(film, measure)
            if problem:
                problems, extra = [problem], {"stale": True}
            else:
                self._good = good
        empty = {
            "film": film,
            "measure": measure,
            "rows": [],
            "near_on_map": [],
            "heading": "",
            "value": "",
            "said": "",
        }
        state = {**(self._good or empty), **extra}
        return {**state, "problems": problems, "spoken": f"{state['spoken']}. {state['said']}"}

    def _count(self, i: int) -> str:
        if self._counts is None:
            return ""
        return f"{self._counts[i]:.0f}" if np.isfinite(self._counts[i]) else "\u2013"

    def _near(self, film: int, measure: str) -> tuple[dict, str | None]:
        """Work out a film's neighbours, or say what went wrong."""
        title = self._titles[film]
        own = self._own if measure == "own" else None
        if measure == "cosine" and not self._norms[film]:
            return {}, f"{title} has no direction (its vector is zero), so no cosine"
        values = self._measure(film, "euclidean" if own else measure)
        if own:
            near, problem = own.ids(self._items.copy(), film, self._k, count=self._k, below=len(self._titles))
            if problem:
                return {}, problem
        else:
            near = _best(values if measure != "euclidean" else -values, self._k, film)
        on_map = _best(-_lengths(self._flat - self._flat[film]), self._k, film)
        both = set(near) & set(on_map)
        rows = [
            {
                "id": i,
                "title": self._titles[i],
                "count": self._count(i),
                "value": f"{values[i]:.2f}",
                "both": i in both,
            }
            for i in near
        ]
        by = own.name if own else MEASURES[measure]
        return {
            "film": film,
            "measure": measure,
            "rows": rows,
            "near_on_map": on_map,
            "heading": f"Nearest to {title}",
            "value": MEASURES["euclidean" if own else measure],
            "said": f"{len(both)} of these {len(near)} are also among the {self._k} nearest on the map",
            "spoken": f"Nearest to {title} by {by}: {', '.join(self._titles[i] for i in near[:3])}",
        }, None

    def _measure(self, film: int, measure: str) -> NDArray:
        if measure == "dot":
            return np.einsum("ij,j->i", self._items, self._items[film])
        if measure == "euclidean":
            return _lengths(self._items - self._items[film])
        return np.where(self._norms > 0, np.einsum("ij,j->i", self._units, self._units[film]), -np.inf)


class _Own(LearnersFunction):
    """A function that is no exercise of the course."""

    def __init__(self, function: Callable):
        self.name = getattr(function, "__name__", "neighbours")
        self.source, self.note, self._call = "yours", f"{self.name}: yours", function


def shades_of(values: ArrayLike, steps: int = len(CIVIDIS)) -> tuple[NDArray[np.uint8], float, float]:
    """Give each number its step of the colour ramp; NaN and infinity are `MISSING`.

    Returns
    -------
    shades : ndarray of uint8
    low, high : float
        The numbers at the two ends of the ramp.

    Examples
    --------
    >>> shades_of([1, 2, 3, float("nan")], steps=11)
    (array([  0,   5,  10, 255], dtype=uint8), 1.0, 3.0)
    """
    values = np.asarray(values, dtype=float)
    known = np.isfinite(values)
    low, high = (float(values[known].min()), float(values[known].max())) if known.any() else (0.0, 0.0)
    shade = np.full(len(values), MISSING, dtype=np.uint8)
    shade[known] = np.rint((values[known] - low) / ((high - low) or 1.0) * (steps - 1))
    return shade, low, high


def groups_of(masks: Sequence[ArrayLike]) -> NDArray[np.uint8]:
    """Give each film the number of the smallest group that it is in, or `MISSING` where it is in none.

    Examples
    --------
    >>> groups_of([[1, 1, 1, 0], [0, 0, 1, 0]])
    array([  0,   0,   1, 255], dtype=uint8)
    """
    if len(masks) > len(ITEM_COLOURS):
        raise ValueError(f"at most {len(ITEM_COLOURS)} groups can be told apart by colour, found {len(masks)}")
    table = np.asarray(masks) > 0
    group = np.full(table.shape[1], MISSING, dtype=np.uint8)
    for j in np.argsort(-table.sum(axis=1), kind="stable"):
        group[table[j]] = j
    return group


def nearest_point(xy: ArrayLike, x: float, y: float, reach: float = np.inf) -> int | None:
    """Find the point nearest to a place and within reach of it, ties to the lower id, as the browser does on hover.

    Examples
    --------
    >>> nearest_point([[0, 0], [2, 0]], 1.5, 0), nearest_point([[0, 0], [2, 0]], 9, 0, reach=1)
    (1, None)
    """
    squares = ((np.asarray(xy, dtype=float) - [x, y]) ** 2).sum(axis=1)
    best = int(squares.argmin())
    return best if squares[best] <= reach**2 else None


def _best(scores: NDArray, k: int, film: int) -> list[int]:
    """List the k best films but the given one, ties to the lower id; fewer where fewer have a score."""
    left = np.isfinite(scores)
    left[film] = False
    k = min(k, int(left.sum()))
    return retrieval.top_k(scores, k, seen=[film]).tolist() if k else []


def _lengths(differences: NDArray) -> NDArray:
    return np.sqrt(np.einsum("ij,ij->i", differences, differences))


def _column(values: Any, name: str, n: int) -> NDArray:
    """Take a number for each film, or say that they do not fit."""
    array = np.asarray(values, dtype=float)
    if array.shape != (n,):
        raise ValueError(f"{name} has shape {array.shape}, not ({n},)")
    return array
