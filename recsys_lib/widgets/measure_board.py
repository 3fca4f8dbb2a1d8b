"""Lesson 9: recommenders as bars; change the split, what counts, the films ranked among, or k, and see them move."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from recsys_lib.plots.measures import COLOURS, Board, Placing, said, standings
from recsys_lib.widgets.base import LearnersFunction, MovingFigure, module


class MeasureBoard(MovingFigure):
    """Recommenders as bars, best first, with the interval of each one's difference to the first.

    Every number comes from the learner's ``user_ndcg`` and every interval from their ``paired_interval``.

    Parameters
    ----------
    user_ndcg : callable ``(lists, hidden) -> (n_judged,)``, optional
    paired_interval : callable ``(ours, theirs, draws) -> (low, high)``, optional
        The learner's functions, taken through `recsys_lib.checks.yours_or_ours`.
    boards : mapping of str to Board
        By the name of the split, all with the same recommenders; `recsys_lib.plots.board_of` makes them.
    k : int
        How many places of a list count at the start.

    Examples
    --------
    >>> MeasureBoard(boards=boards)   # doctest: +SKIP
    <MeasureBoard: a figure that moves; run the notebook to use it>
    """

    _esm = module("measure_board.js")

    def __init__(
        self,
        user_ndcg: Callable | None = None,
        paired_interval: Callable | None = None,
        boards: Mapping[str, Board] | None = None,
        *,
        k: int = 10,
    ):
        if not boards:
            raise ValueError("boards must hold one split at least, found none")
        self._boards = dict(boards)
        names = next(iter(self._boards.values())).names
        for split, board in self._boards.items():
            if board.names != names:
                raise ValueError(f"the recommenders of {split!r} are {board.names}, not {names}")
        if len(names) > len(COLOURS):
            raise ValueError(f"there must be {len(COLOURS)} recommenders at most, found {len(names)}")
        self._most = min(board.k for board in self._boards.values())
        if not 1 <= k <= self._most:
            raise ValueError(f"k must lie between 1 and {self._most}, found {k}")
        self._functions = {
            "user_ndcg": LearnersFunction(user_ndcg, "user_ndcg"),
            "paired_interval": LearnersFunction(paired_interval, "paired_interval"),
        }
        self._good: dict = {}
        self._known: dict[tuple, list[Placing]] = {}
        super().__init__(
            {
                "splits": list(self._boards),
                "names": names,
                "colours": list(COLOURS[: len(names)]),
                "most": self._most,
                "sources": [function.line() for function in self._functions.values()],
                "alt": f"{len(names)} recommenders as bars, the best first, under a chosen split, a choice of what "
                "counts as found, of what a film is ranked among, and a length of the list. A black line at each bar "
                "is the 95 % interval of its difference to the first; where it does not reach the dashed line, the "
                "difference is told from chance.",
            },
            {"split": next(iter(self._boards)), "liked": False, "sampled": False, "k": k},
        )

    @property
    def order(self) -> list[str]:
        """Names of the recommenders, best first."""
        return [row["name"] for row in self.scene["rows"]]

    def moves(self) -> list[dict]:
        """Every choice, with the length of the list that stands there now, 1, 5 and the longest."""
        lengths = sorted({1, min(5, self._most), self.scene["k"], self._most})
        return [
            {"split": split, "liked": liked, "sampled": sampled, "k": k}
            for split in self._boards
            for liked in (False, True)
            for sampled in (False, True)
            for k in lengths
        ]

    def _answer(self, move: dict) -> dict:
        split, liked, sampled = str(move["split"]), bool(move["liked"]), bool(move["sampled"])
        k = min(self._most, max(1, int(move["k"])))
        if split not in self._boards:
            raise ValueError(f"there is no split {split!r}")
        at = {"split": split, "liked": liked, "sampled": sampled, "k": k}
        key = (split, liked, sampled, k)
        if key not in self._known:
            try:
                self._known[key] = standings(self._boards[split], liked, sampled, k, self._values(key), self._interval)
            except _Failed as failed:
                return {**(self._good or {"rows": []}), **at, "stale": True, "problems": [str(failed)],
                        "spoken": str(failed)}  # fmt: skip
        found = self._known[key]
        judged = int(np.sum(self._boards[split].hidden[liked].any(axis=1)))
        first = found[0].mean
        self._good = {
            "rows": [
                {
                    "name": name,
                    "mean": mean,
                    "low": None if interval is None else first + interval[0],
                    "high": None if interval is None else first + interval[1],
                    "told": interval is None or interval[1] < 0,
                }
                for name, mean, interval in found
            ],
            "judged": f"{judged} users judged",
        }
        return {**self._good, **at, "problems": [], "spoken": f"{split}, nDCG at {k}: {said(found)}"}

    def _values(self, key: tuple) -> Callable:
        split, liked, _, _ = key
        judged = int(np.sum(self._boards[split].hidden[liked].any(axis=1)))

        def values(lists: np.ndarray, hidden: np.ndarray) -> np.ndarray:
            numbers, problem = self._functions["user_ndcg"].numbers(lists, hidden, shape=(judged,))
            if problem:
                raise _Failed(problem)
            return numbers

        return values

    def _interval(self, ours: np.ndarray, theirs: np.ndarray, draws: np.ndarray) -> tuple[float, float]:
        ends, problem = self._functions["paired_interval"].numbers(ours, theirs, draws, shape=(2,))
        if problem:
            raise _Failed(problem)
        return float(ends[0]), float(ends[1])


class _Failed(Exception):
    """What a learner's function did wrong, in a sentence."""
