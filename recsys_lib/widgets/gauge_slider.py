"""Lesson 8: a slider that turns the gauge; a film's neighbours reshuffle, a user's predictions stay put."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.plots.gauges import places, power_scale
from recsys_lib.widgets.base import LearnersFunction, MovingFigure, finite_table, module
from recsys_lib.widgets.film_search import FilmSearch, searchable

STOPS = 13
"""Through how many exponents the lines run."""


class GaugeSlider(FilmSearch, MovingFigure):
    """A slider for the exponent p of ``V S^p``, with a film's nearest by cosine and a user's list by dot product.

    The users are ``U S^(1-p)``, so that every dot product of a user and a film stays what it was. Where the slider
    stands, and at the stops that the lines run through, both tables come from the learner's ``regauge`` and the cosines
    from their ``safe_cosine``.

    Parameters
    ----------
    regauge : callable ``(users, items, scale) -> (users, items)``, optional
    safe_cosine : callable ``(q, items) -> (n,)``, optional
        The learner's functions, taken through `recsys_lib.checks.yours_or_ours`.
    users : array_like, shape (n_users, d)
    items : array_like, shape (n, d)
    titles : sequence of str, length n
    counts : array_like, shape (n,), optional
        Ratings per film: its popularity; shown beside it, and the order in which a search finds films.
    film : int
        The film shown first.
    user : int
        The user whose list is shown.
    seen : array_like of int
        Films that the user's list leaves out.
    k : int
        Length of both lists.
    p : float
        Where the slider starts.
    ends : (float, float)
        The exponents at its two ends, the lower first.

    Examples
    --------
    >>> slider = GaugeSlider(users=[[1.0, 1.0]], items=[[1, 0], [0.8, 0.1], [0, 1.0]], titles=["Heat", "Fargo", "Big"],
    ...                      k=1)
    >>> slider
    <GaugeSlider: a figure that moves; run the notebook to use it>
    >>> slider.neighbours, slider.shown_to_user
    (['Fargo'], ['Heat'])
    """

    _esm = module("film_search.js", "gauge_slider.js")

    def __init__(
        self,
        regauge: Callable | None = None,
        safe_cosine: Callable | None = None,
        users: ArrayLike = (),
        items: ArrayLike = (),
        titles: Sequence[str] = (),
        counts: ArrayLike | None = None,
        *,
        film: int = 0,
        user: int = 0,
        seen: ArrayLike = (),
        k: int = 10,
        p: float = 0.5,
        ends: tuple[float, float] = (-1.0, 2.0),
    ):
        self._users, self._items = finite_table(users, "users"), finite_table(items, "items")
        self._titles = [" ".join(str(t).split()) for t in titles]
        n = len(self._titles)
        if len(self._items) != n or self._users.shape[1] != self._items.shape[1]:
            raise ValueError(f"{n} titles, users {self._users.shape}, items {self._items.shape}: these do not fit")
        self._counts = None if counts is None else np.asarray(counts, dtype=float)
        if self._counts is not None and self._counts.shape != (n,):
            raise ValueError(f"counts has shape {self._counts.shape}, not ({n},)")
        if not 0 <= user < len(self._users):
            raise ValueError(f"user must lie between 0 and {len(self._users) - 1}, found {user}")
        self._seen = np.unique(np.asarray(seen, dtype=int))
        self._known = np.asarray(self._items.any(axis=1))
        most = min(int(self._known.sum()) - 1, n - len(self._seen))
        if not 1 <= k <= most:
            raise ValueError(f"k must lie between 1 and {most}, found {k}")
        low, high = map(float, ends)
        if not low < high:
            raise ValueError(f"ends must be two numbers, the lower first, found {ends}")
        self._k, self._user, self._ends = int(k), int(user), (low, high)
        self._functions = {
            "regauge": LearnersFunction(regauge, "regauge"),
            "safe_cosine": LearnersFunction(safe_cosine, "safe_cosine"),
        }
        self._stops = np.linspace(low, high, STOPS).round(6)
        self._lines: dict[int, list] = {}
        self._list_lines: list | None = None
        self._start: dict[int, list[int]] = {}
        self._good: dict = {}
        zero = n - int(self._known.sum())
        without = f"{zero} films have" if zero > 1 else "1 film has"
        super().__init__(
            {
                "ends": [low, high],
                "k": self._k,
                "stops": self._stops.tolist(),
                "counted": self._counts is not None,
                "who": f"user {self._user}",
                "sources": [f.line() for f in self._functions.values()],
                "notes": [f"{without} no direction (a zero row): last in every list of cosines"] if zero else [],
                "alt": f"A slider for the exponent p of V S^p, a table of the {self._k} nearest to a chosen film by "
                f"cosine, which change as the slider moves, and a table of the {self._k} best for user {self._user} by "
                "dot product, which do not. Above each table a line for each film shows its place at every p.",
            },
            {"p": p, "film": film},
            **searchable(self._titles, self._counts),
        )

    @property
    def p(self) -> float:
        """Where the slider stands."""
        return self.scene["p"]

    @property
    def film(self) -> int:
        """The chosen film's id."""
        return self.scene["film"]

    @property
    def neighbours(self) -> list[str]:
        """Titles of the nearest films by cosine, nearest first."""
        return [row["title"] for row in self.scene["near"]]

    @property
    def shown_to_user(self) -> list[str]:
        """Titles of the user's list by dot product, best first."""
        return [row["title"] for row in self.scene["list"]]

    def choose(self, film: int) -> None:
        """Choose a film by its id, as a click in the search does."""
        self.scene = self._answer({**self.scene, "film": film})

    def turn(self, p: float) -> None:
        """Put the slider elsewhere."""
        self.scene = self._answer({**self.scene, "p": p})

    def _answer(self, move: dict) -> dict:
        p = min(self._ends[1], max(self._ends[0], round(float(move["p"]), 4)))
        film = int(move["film"])
        if not 0 <= film < len(self._titles):
            raise ValueError(f"there is no film {film}")
        if not self._known[film]:
            said = f"{self._titles[film]} has no direction (its vector is zero), so it has no cosines"
            return self._failed(p, said, film)
        if (self._good.get("film"), self._good.get("p")) != (film, p):
            problem = self._place(film, p)
            if problem:
                return self._failed(p, problem, film)
        near = self._good["near"]
        spoken = f"p {p:.2f}: nearest to {self._titles[film]} is {near[0]['title']}. {self._good['kept']}"
        return {**self._good, "p": p, "problems": [], "spoken": spoken}

    def _failed(self, p: float, problem: str, film: int) -> dict:
        """Keep the last good lists, and say what went wrong."""
        empty = {
            "film": film,
            "near": [],
            "list": [],
            "lines": [],
            "list_lines": [],
            "kept": "",
            "same": "",
            "heading": "",
        }
        return {**(self._good or empty), "p": p, "stale": True, "problems": [problem], "spoken": problem}

    def _place(self, film: int, p: float) -> str | None:
        """Work out both lists at p, and the lines where the film is new, or say what went wrong."""
        if film not in self._lines:
            rows = [self._at(stop, film) for stop in self._stops]
            problem = next((problem for *_, problem in rows if problem), None)
            middle, _, trouble = self._at(0.5, film)
            if problem or trouble:
                return problem or trouble
            if len(self._lines) > 30:
                self._lines.clear()
            self._lines[film] = _as_lines(np.array([cosines for cosines, _, _ in rows]), self._k)
            self._list_lines = _as_lines(np.array([scores for _, scores, _ in rows]), self._k)
            self._start[film] = _best(middle, self._k)
        cosines, scores, problem = self._at(p, film)
        if problem:
            return problem
        near, best = _best(cosines, self._k), _best(scores, self._k)
        start = self._start[film]
        kept = len(set(near) & set(start))
        first = self._users[self._user] @ self._items.T
        first[self._seen] = -np.inf
        stay = len(set(best) & set(_best(first.round(9), self._k)))
        moved = np.abs(scores[best] - first[best]).max()
        self._good = {
            "film": film,
            "p": p,
            "near": [
                {**self._film(i), "value": f"{cosines[i]:.3f}", "was": start.index(i) + 1 if i in start else None}
                for i in near
            ],
            "list": [{**self._film(i), "value": f"{scores[i]:.3f}"} for i in best],
            "lines": self._lines[film],
            "list_lines": self._list_lines,
            "heading": f"Nearest to {self._titles[film]} by cosine",
            "kept": f"{kept} of these {self._k} are also nearest at p = 0.5",
            "same": f"{stay} of these {self._k} are also best at p = 0.5, "
            + ("and no score has moved" if moved < 5e-4 else f"and a score has moved by {moved:.3f}"),
        }  # fmt: skip
        return None

    def _at(self, p: float, film: int) -> tuple[NDArray, NDArray, str | None]:
        """Work out the cosines with a film and the user's scores in the gauge of p, by the learner's functions."""
        nothing = np.zeros(0)
        scale = power_scale(self._users, self._items, p)
        regauge, safe_cosine = self._functions["regauge"], self._functions["safe_cosine"]
        both, problem = regauge(self._users[[self._user]], self._items.copy(), scale)
        if problem:
            return nothing, nothing, problem
        try:
            users, items = (np.asarray(table, dtype=float) for table in both)
        except Exception:  # a learner's object may raise anything here
            return nothing, nothing, f"{regauge.whose} regauge did not return two tables"
        if users.shape != (1, self._users.shape[1]) or items.shape != self._items.shape:
            return nothing, nothing, f"{regauge.whose} regauge returned shapes {users.shape} and {items.shape}"
        cosines, problem = safe_cosine.numbers(items[film].copy(), items.copy(), shape=(len(items),))
        if problem:
            return nothing, nothing, problem
        cosines = np.where(np.arange(len(items)) == film, -np.inf, cosines)
        scores = (items @ users[0]).round(9)  # beyond that digit the dot products are rounding
        scores[self._seen] = -np.inf
        return cosines, scores, None

    def _film(self, i: int) -> dict[str, Any]:
        count = "" if self._counts is None else f"{self._counts[i]:.0f}"
        return {"id": i, "title": self._titles[i], "count": count}


def _best(scores: NDArray, k: int) -> list[int]:
    return np.argsort(-scores, kind="stable")[:k].tolist()


def _as_lines(scores: NDArray, k: int) -> list[dict]:
    """Give a line for each film that is ever among the k best: its place at each stop."""
    return [{"id": item, "places": line} for item, line in places(scores, k).items()]
