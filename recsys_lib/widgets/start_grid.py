"""Lesson 7: start, L2 and gravity on a grid, and the films that get the longest vectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.interactions import Interactions
from recsys_lib.metrics import rank_correlation, recall_at_k
from recsys_lib.retrieval import top_k
from recsys_lib.similarity import cosine_scores, dot_scores
from recsys_lib.widgets.base import LearnersFunction, MovingFigure, module

Settings = tuple[float, float, float]
"""Start, L2 and gravity of a model."""

Cell = tuple[int, int, int]
"""The place of a model on the grid: which gravity, which L2, which start."""

#: What a cell can show, and the value at which its colour is strongest.
SHOWN = {
    "rare, dot": ("rare places, dot product", 0.4),
    "rare, cosine": ("rare places, cosine", 0.4),
    "recall, dot": ("recall, dot product", 0.2),
    "recall, cosine": ("recall, cosine", 0.2),
}


class StartGrid(MovingFigure):
    """A grid of models by start, L2 and gravity, with the films that have the longest vectors in the chosen one.

    A cell whose model is given answers at once. Any other cell is trained when it is chosen, with a progress bar, and
    then kept.

    Parameters
    ----------
    models : mapping of (std, l2, gravity) to Embeddings
        Models that are trained already, by their point of the grid.
    train : callable ``(std, l2, gravity, callback) -> Embeddings``, optional
        Trains one cell; ``callback(step, loss, embeddings)`` is to be called after every step. Without it, only the
        given models can be chosen.
    ratings : Interactions
        The training part: its counts are the films' popularity, and what a user rated is not recommended.
    relevant : bool table (n_users, n_items), or one array of item ids per user
        What the lists should find.
    titles : sequence of str, length n_items
    rare_share : callable ``(recommended, counts, at_most) -> float``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`.
    stds, l2s, gravities : sequence of float
        The values that make up the grid.
    at_most : int
        A film with this many ratings or fewer is rare.
    k : int
        Length of the lists.
    steps : int
        How many steps one training takes, for the progress bar.

    Raises
    ------
    ValueError
        If a model is on no grid point or does not fit the ratings, or there is neither a model nor `train`.

    Examples
    --------
    >>> StartGrid(models, train, ratings, test, titles)                        # doctest: +SKIP
    <StartGrid: a figure that moves; run the notebook to use it>
    """

    _esm = module("start_grid.js")
    progress = traitlets.Float(-1.0).tag(sync=True)

    def __init__(
        self,
        models: Mapping[Settings, Embeddings] | None = None,
        train: Callable[..., Embeddings] | None = None,
        ratings: Interactions | None = None,
        relevant: NDArray | Sequence[ArrayLike] = (),
        titles: Sequence[str] = (),
        rare_share: Callable | None = None,
        *,
        stds: Sequence[float] = (0.05, 0.2, 0.5, 1.0),
        l2s: Sequence[float] = (0.0, 0.1, 1.0),
        gravities: Sequence[float] = (0.0, 1.0),
        at_most: int = 5,
        k: int = 10,
        steps: int = 300,
    ):
        if ratings is None:
            raise ValueError("ratings is missing: the figure needs the training part, as Interactions")
        if len(titles) != ratings.n_items:
            raise ValueError(f"{len(titles)} titles for {ratings.n_items} items")
        self._axes = [tuple(map(float, axis)) for axis in (gravities, l2s, stds)]
        self._ratings, self._seen, self._relevant = ratings, ratings.matrix() > 0, relevant
        self._titles, self._train, self._steps = [str(t) for t in titles], train, int(steps)
        self._at_most, self._k = at_most, int(k)
        self._share = LearnersFunction(rare_share, "rare_share")
        self._cells: dict[Cell, dict] = {}
        for settings, model in (models or {}).items():
            cell = self._place(settings)
            self._cells[cell] = self._look_at(model)
        if not self._cells and train is None:
            raise ValueError("there is nothing to show: give models, or a train function")
        rare = int(np.sum(ratings.counts <= at_most))
        super().__init__(
            {
                "stds": [f"{x:g}" for x in self._axes[2]],
                "l2s": [f"{x:g}" for x in self._axes[1]],
                "gravities": [f"{x:g}" for x in self._axes[0]],
                "shown": [{"name": name, "label": label} for name, (label, _) in SHOWN.items()],
                "trains": train is not None,
                "k": self._k,
                "rare": f"A film is rare with {at_most} ratings or fewer: {rare} of {ratings.n_items} films, "
                f"{rare / ratings.n_items:.0%}.",
                "sources": [self._share.line()],
                "alt": "A grid of models by the standard deviation of their start, L2 and gravity; each cell holds the "
                "share of places that rare films take. Beside it the ten films with the longest vectors of the chosen "
                f"model, with their numbers of ratings, and its recall@{self._k}.",
            },
            {"cell": next(iter(self._cells), (0, 0, 0))},
        )

    @property
    def settings(self) -> Settings:
        """The chosen model's start, L2 and gravity."""
        g, l2, s = self.scene["cell"]
        return self._axes[2][s], self._axes[1][l2], self._axes[0][g]

    @property
    def longest(self) -> list[str]:
        """Titles of the ten films with the longest vectors, longest first."""
        return [film["title"] for film in self.scene["films"]]

    @property
    def values(self) -> dict[str, float | None]:
        """What was measured on the chosen model: ``"rho"``, ``"rare, dot"``, ``"recall, cosine"`` and so on."""
        return dict(self._cells[tuple(self.scene["cell"])]["values"])

    def choose(self, std: float, l2: float, gravity: float) -> None:
        """Choose a model by its settings, as a click does."""
        self.scene = self._answer({"cell": self._place((std, l2, gravity))})

    def _place(self, settings: Settings) -> Cell:
        std, l2, gravity = map(float, settings)
        gravities, l2s, stds = self._axes
        try:
            return gravities.index(gravity), l2s.index(l2), stds.index(std)
        except ValueError:
            raise ValueError(
                f"std {std:g}, L2 {l2:g}, gravity {gravity:g} is on no grid point; the grid has "
                f"std {self._axes[2]}, L2 {self._axes[1]}, gravity {self._axes[0]}"
            ) from None

    def _look_at(self, model: Embeddings) -> dict:
        """Work out everything that is shown of a model."""
        users, items = (np.asarray(side, dtype=float) for side in model)
        if users.shape[0] != self._ratings.n_users or items.shape[0] != self._ratings.n_items:
            raise ValueError(
                f"a model has {len(users)} users and {len(items)} items, the ratings have {self._ratings.n_users} and "
                f"{self._ratings.n_items}"
            )
        counts, norms = self._ratings.counts, np.linalg.norm(items, axis=1)
        longest = np.lexsort((np.arange(len(norms)), -norms))[:10]
        values: dict[str, float | None] = {"rho": rank_correlation(norms, counts)}
        problems = []
        for name, scores in (("dot", dot_scores(users, items)), ("cosine", cosine_scores(users, items, zero="last"))):
            ten = top_k(scores, self._k, seen=self._seen)
            values[f"recall, {name}"] = recall_at_k(ten, self._relevant)
            share, problem = self._share.numbers(ten.copy(), counts.astype(float), self._at_most, shape=())
            if problem is None and not 0 <= float(share) <= 1:
                problem = f"{self._share.whose} rare_share returned {float(share):g}, which is no share"
            values[f"rare, {name}"] = None if problem else float(share)
            problems += [problem] if problem and problem not in problems else []
        return {
            "values": values,
            "cell": {name: [self._write(name, values[name]), self._shade(name, values[name])] for name in SHOWN},
            "films": [
                {
                    "title": self._titles[i],
                    "count": int(counts[i]),
                    "norm": f"{norms[i]:.2f}",
                    "rare": bool(counts[i] <= self._at_most),
                }
                for i in longest
            ],
            "rho": f"{values['rho']:+.2f}".replace("-", "\u2212"),
            "problems": problems,
        }

    @staticmethod
    def _write(name: str, value: float | None) -> str:
        """Write a figure as its cell shows it."""
        if value is None:
            return "\u2013"
        return f"{value:.0%}" if name.startswith("rare") else f"{value:.3f}"

    @staticmethod
    def _shade(name: str, value: float | None) -> float:
        """Say how strong the colour of a cell is, from 0 to 1."""
        return 0.0 if value is None else round(min(1.0, value / SHOWN[name][1]), 3)

    @staticmethod
    def _lead(shown: dict, kind: str, best: Callable) -> str | None:
        """Name the better measure, or none where both are written alike."""
        if shown["cell"][f"{kind}, dot"][0] == shown["cell"][f"{kind}, cosine"][0]:
            return None
        return best(("dot", "cosine"), key=lambda measure: shown["values"][f"{kind}, {measure}"] or 0.0)

    def _trained(self, cell: Cell, train: Callable[..., Embeddings]) -> dict:
        """Train one cell, and let the view follow."""
        std, l2, gravity = self._axes[2][cell[2]], self._axes[1][cell[1]], self._axes[0][cell[0]]
        last = 0.0

        def follow(step: int, *_: Any) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last > 0.1:
                last, self.progress = now, min(1.0, step / self._steps)

        self.progress = 0.0
        try:
            return self._look_at(train(std, l2, gravity, follow))
        finally:
            self.progress = -1.0

    def moves(self) -> list[dict]:
        """Every cell that is trained."""
        return [{"cell": list(cell)} for cell in sorted(self._cells)]

    def _answer(self, move: dict) -> dict:
        asked = tuple(int(x) for x in move["cell"])
        if len(asked) != 3 or not all(0 <= x < len(axis) for x, axis in zip(asked, self._axes, strict=True)):
            raise ValueError(f"there is no cell {asked}")
        cell: Cell = asked
        if cell not in self._cells:
            if self._train is None:
                raise ValueError("this model is not trained")
            self._cells[cell] = self._trained(cell, self._train)
        chosen = self._cells[cell]
        g, l2, s = cell
        name = f"start {self._axes[2][s]:g}, L2 {self._axes[1][l2]:g}, gravity {self._axes[0][g]:g}"
        few = sum(film["rare"] for film in chosen["films"])
        return {
            "cell": list(cell),
            "heading": name[0].upper() + name[1:],
            "cells": [[place, shown["cell"]] for place, shown in sorted(self._cells.items())],
            "films": chosen["films"],
            "rho": chosen["rho"],
            "lead": {"rare": self._lead(chosen, "rare", min), "recall": self._lead(chosen, "recall", max)},
            "problems": chosen["problems"],
            "spoken": f"{name}: {few} of the ten longest films are rare; they take {chosen['cell']['rare, dot'][0]} of "
            f"the places by dot product and {chosen['cell']['rare, cosine'][0]} by cosine; recall "
            f"{chosen['cell']['recall, dot'][0]} and {chosen['cell']['recall, cosine'][0]}",
        }
