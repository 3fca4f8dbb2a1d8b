"""Lesson 1: two lists of candidates for one user, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.widgets.base import LearnersFunction, MovingFigure, module


class CandidateLists(MovingFigure):
    """Two lists of candidates for a chosen user, content-based and collaborative, side by side.

    Parameters
    ----------
    data : MovieLens
        The ratings, as `recsys_lib.datasets.load` gives them.
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

    _esm = module("candidate_lists.js")

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
        self._liked: dict[int, list[int]] = {u: [] for u in range(data.n_users)}
        for row in liked:
            self._liked[int(data.user[row])].append(int(data.item[row]))
        self._counts = self._matrix.sum(axis=0)
        self._genres = np.asarray(data.genres, dtype=float)
        self._functions = {
            "genre_scores": LearnersFunction(genre_scores, "genre_scores"),
            "cooccurrence_scores": LearnersFunction(cooccurrence_scores, "cooccurrence_scores"),
            "top_k": LearnersFunction(top_k, "top_k"),
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

    def _films(self, scores: NDArray, problem: str | None, user: int) -> tuple[list[int], list[str]]:
        """List the best films that the user has not rated, by scores that may have failed."""
        if problem:
            return [], [problem]
        seen = np.flatnonzero(self._matrix[user])
        found, problem = self._functions["top_k"].ids(
            scores.copy(), self._k, seen, count=self._k, below=self._data.n_items
        )
        return found, [problem] if problem else []

    def _two_lists(self, user: int) -> dict:
        data, liked, n = self._data, self._liked[user], self._data.n_items
        if liked:
            scores, problem = self._functions["genre_scores"].numbers(np.array(liked), self._genres.copy(), shape=(n,))
        else:
            scores = np.zeros(0)
            problem = "this user gave no 4 or 5, so there is no profile of genres to compare with"
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
