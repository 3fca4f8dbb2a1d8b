"""Lesson 10: drag an index's effort and the number of shards, and see what is found, and what a lost shard costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.shards import cuts
from recsys_lib.widgets.base import LearnersFunction, MovingFigure, module

MAX_SHARDS = 12


def without_shard(ids: NDArray[np.integer], n: int, shards: int, lost: int, k: int) -> NDArray[np.integer]:
    """Give the lists of an index whose shard `lost` does not answer: its items fall out, and others move up.

    Parameters
    ----------
    ids : ndarray of int, shape (q, m)
        Lists of the whole catalogue, best first, -1 for nothing.
    n : int
        Number of items, cut into shards by `recsys_lib.shards.cuts`.
    shards, lost : int
        How many shards there are, and which one is lost (-1: none).
    k : int
        How many ids of each list to keep.

    Returns
    -------
    ndarray of int, shape (q, k)
        -1 where a list has run out.

    Examples
    --------
    >>> without_shard(np.array([[5, 0, 7, 1]]), 8, 2, 0, 3)
    array([[ 5,  7, -1]])
    """
    edges = cuts(n, shards)
    gone = (ids < 0) if lost < 0 else (ids < 0) | ((ids >= edges[lost]) & (ids < edges[lost + 1]))
    order = np.argsort(gone, axis=1, kind="stable")[:, :k]
    found = np.where(np.take_along_axis(gone, order, axis=1), -1, np.take_along_axis(ids, order, axis=1))
    return np.pad(found, ((0, 0), (0, k - found.shape[1])), constant_values=-1)


class SearchDial(MovingFigure):
    """A slider for the effort of an index and one for the number of shards, over the measured recall of each index.

    Parameters
    ----------
    index_recall : callable ``(found, exact) -> float``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`; each number shown is its own.
    answers : dict of str to dict of int to array_like of int, shape (q, m)
        For each index, by effort: what it found, best first; m at least k, more where lists should move up.
    exact : array_like of int, shape (q, k)
        What exact search gives.
    n_items : int
        Size of the catalogue that is cut into shards.

    Examples
    --------
    >>> answers = {"graph": {10: [[0, 2, 5]], 20: [[0, 1, 5]]}}
    >>> dial = SearchDial(answers=answers, exact=[[0, 1]], n_items=6)
    >>> dial
    <SearchDial: a figure that moves; run the notebook to use it>
    >>> dial.recall
    0.5
    """

    _esm = module("search_dial.js")

    def __init__(
        self,
        index_recall: Callable | None = None,
        answers: Mapping[str, Mapping[int, ArrayLike]] | None = None,
        exact: ArrayLike = (),
        n_items: int = 0,
    ):
        self._exact = np.asarray(exact)
        if self._exact.ndim != 2 or not self._exact.size:
            raise ValueError(f"exact must be a table of ids, one row a query, found shape {self._exact.shape}")
        self._k = self._exact.shape[1]
        self._answers = {
            name: {int(effort): np.asarray(ids) for effort, ids in sorted(by.items())}
            for name, by in (answers or {}).items()
        }
        if not self._answers or not all(self._answers.values()):
            raise ValueError("answers must hold an index, and for each index what it found at some effort")
        for name, by in self._answers.items():
            for effort, ids in by.items():
                if ids.ndim != 2 or len(ids) != len(self._exact) or ids.shape[1] < self._k:
                    raise ValueError(f"answers of {name} at {effort} have shape {ids.shape}, exact {self._exact.shape}")
        if self._exact.max() >= n_items:
            raise ValueError(f"n_items is {n_items}, and exact holds item {self._exact.max()}")
        self._n = int(n_items)
        self._most = min(MAX_SHARDS, self._n)
        self._recall = LearnersFunction(index_recall, "index_recall")
        self._good: dict = {}
        self._lines: dict[tuple[int, bool], dict] = {}
        names = list(self._answers)
        super().__init__(
            {
                "names": names,
                "efforts": {name: list(by) for name, by in self._answers.items()},
                "k": self._k,
                "most": self._most,
                "sources": [self._recall.line()],
                "alt": "Recall against effort, one line for each index, with a slider for the effort of one of them, a "
                "slider for the number of shards and a switch that loses one shard.",
            },
            {"name": names[0], "step": 0, "shards": 4, "lost": False},
        )

    @property
    def recall(self) -> float:
        """The recall where the sliders stand."""
        return self.scene["recall"]

    def moves(self) -> list[dict]:
        """Every index and effort, whole and with one of some shards lost."""
        return [
            {"name": name, "step": step, "shards": shards, "lost": lost}
            for name, by in self._answers.items()
            for step in range(len(by))
            for shards in (1, 2, 4, self._most)
            for lost in (False, True)
        ]

    def _answer(self, move: dict) -> dict:
        name = str(move["name"])
        if name not in self._answers:
            raise ValueError(f"there is no index {name!r}")
        efforts = list(self._answers[name])
        step = min(len(efforts) - 1, max(0, int(move["step"])))
        shards, lost = min(self._most, max(1, int(move["shards"]))), bool(move["lost"])
        common = {"name": name, "step": step, "effort": efforts[step], "shards": shards, "lost": lost}
        lines, problem = self._measured(shards, lost)
        if problem:
            last = self._good or {"lines": {}, "recall": 0.0, "said": ""}
            return {**last, **common, "stale": True, "problems": [problem], "spoken": problem}
        recall = lines[name][step]
        said = f"{name} at effort {efforts[step]}: recall@{self._k} {recall:.3f}"
        if lost:
            said += f", with one of {shards} shards lost" if shards > 1 else ", with the only shard lost"
        self._good = {"lines": lines, "recall": recall, "said": said}
        return {**common, **self._good, "problems": [], "spoken": said}

    def _measured(self, shards: int, lost: bool) -> tuple[dict[str, list[float]], str | None]:
        """Work out all lines by the learner's function: the first shard is the one that is lost."""
        key = (shards if lost else 0, lost)
        if key not in self._lines:
            lines: dict[str, list[float]] = {}
            for name, by in self._answers.items():
                lines[name] = []
                for ids in by.values():
                    found = without_shard(ids, self._n, shards, 0 if lost else -1, self._k)
                    value, problem = self._recall.numbers(found, self._exact.copy(), shape=())
                    if problem:
                        return {}, problem
                    lines[name].append(float(value))
            self._lines[key] = lines
        return self._lines[key], None
