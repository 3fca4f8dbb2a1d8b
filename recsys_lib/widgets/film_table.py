"""Lesson 2: search a film, see its nearest films in the space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.widgets.base import (
    LearnersFunction,
    MovingFigure,
    finite_table,
    module,
)


class FilmTable(MovingFigure):
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

    _esm = module("film_table.js")

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
        self._items = finite_table(items, "items")
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


class _Own(LearnersFunction):
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
