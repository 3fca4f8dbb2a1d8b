"""Elective 2: fake profiles, their number and size, and where they bring a film with and without a defence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from recsys_lib.threats import AttackRun, film_ranks
from recsys_lib.widgets.base import LearnersFunction, MovingFigure, module

Setting = tuple[int, int, str]
"""How many fake profiles, how many films each rates, and the name of the defence."""


class FakeProfiles(MovingFigure):
    """A film's mean rank by the number of fake profiles, a line for each defence; size, number and defence chosen.

    Parameters
    ----------
    runs : mapping of (n, size, defence) to AttackRun
        For every combination of the numbers, sizes and defences that occur in it.
    before : array_like, shape (n_users, n_items)
        The honest model's scores, for the users who judge.
    target : int
        The film.
    seen : array_like of bool, shape (n_users, n_items)
        What they have rated.
    title : str
        The film's title.
    shilling_lift : callable ``(before, after, target, seen) -> float``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`.

    Raises
    ------
    ValueError
        If a combination is missing, or the tables do not fit each other.

    Examples
    --------
    >>> FakeProfiles(runs, before, target, seen, title, shilling_lift)         # doctest: +SKIP
    <FakeProfiles: a figure that moves; run the notebook to use it>
    """

    _esm = module("fake_profiles.js")
    chosen = traitlets.Tuple()

    def __init__(
        self,
        runs: Mapping[Setting, AttackRun],
        before: ArrayLike,
        target: int,
        seen: ArrayLike,
        title: str,
        shilling_lift: Callable | None = None,
    ):
        if not runs:
            raise ValueError("runs is empty: the figure needs one training at least")
        self._runs, self._before, self._seen = dict(runs), np.asarray(before, dtype=float), np.asarray(seen, dtype=bool)
        self._target, self._lift = int(target), LearnersFunction(shilling_lift, "shilling_lift")
        self._first = float(film_ranks(self._before, self._target, self._seen).mean())
        self._numbers, self._sizes = sorted({n for n, _, _ in runs}), sorted({size for _, size, _ in runs})
        self._defences = list(dict.fromkeys(key[2] for key in runs))
        for n in self._numbers:
            for size in self._sizes:
                for defence in self._defences:
                    if (n, size, defence) not in runs:
                        raise ValueError(f"runs has no training for n = {n}, size = {size}, defence {defence!r}")
        self._ranks: dict[Setting, float] = {}
        self._problems: list[str] = []
        for setting, run in self._runs.items():
            self._ask(setting, run)
        films = self._before.shape[1]
        super().__init__(
            {
                "numbers": self._numbers,
                "sizes": self._sizes,
                "defences": self._defences,
                "title": title,
                "films": films,
                "sources": [self._lift.line()],
                "notes": [f"Mean over {len(self._before)} real users; rank 1 is the top of {films:,} films."],
                "alt": f"The mean rank of {title} by the number of fake profiles, a line for each of "
                f"{len(self._defences)} ways of training; beside it rank, length and nDCG of the chosen one.",
            },
            {"n": self._numbers[-1], "size": self._sizes[-1], "defence": self._defences[0]},
        )

    @property
    def ranks(self) -> dict[Setting, float]:
        """The film's mean rank by number, size and defence, as far as the learner's function gave one."""
        return dict(self._ranks)

    def choose(self, n: int, size: int, defence: str) -> None:
        """Choose a training, as a click does."""
        self.scene = self._answer({"n": n, "size": size, "defence": defence})

    def _ask(self, setting: Setting, run: AttackRun) -> None:
        """Let the learner's function say how far the film has climbed."""
        if np.ndim(run.scores) != 2 or len(run.scores) < len(self._before):
            raise ValueError(f"the scores of {setting} have shape {np.shape(run.scores)}, before {self._before.shape}")
        after = np.asarray(run.scores, dtype=float)
        lift, problem = self._lift.numbers(self._before.copy(), after, self._target, self._seen.copy(), shape=())
        if problem is None:
            self._ranks[setting] = self._first - float(lift)
        elif problem not in self._problems:
            self._problems.append(problem)

    def moves(self) -> list[dict]:
        """Every training."""
        return [{"n": n, "size": size, "defence": defence} for n, size, defence in self._runs]

    def _answer(self, move: dict) -> dict:
        n, size, defence = int(move["n"]), int(move["size"]), str(move["defence"])
        if (n, size, defence) not in self._runs:
            raise ValueError(f"there is no training with {n} profiles of {size} films, {defence}")
        chosen: Setting = (n, size, defence)
        self.chosen = chosen
        run, rank = self._runs[chosen], self._ranks.get(chosen)
        rows = [
            ["mean rank before", f"{self._first:,.0f}"],
            ["mean rank now", "\u2013" if rank is None else f"{rank:,.0f}"],
            ["films with a shorter vector", f"{run.shorter:.0%}"],
            ["fake profiles found", _found(run)],
            ["nDCG@10 of all users", f"{run.ndcg:.3f}"],
        ]
        lines = {
            name: [[k, self._ranks[k, size, name]] for k in self._numbers if (k, size, name) in self._ranks]
            for name in self._defences
        }
        return {
            "n": n,
            "size": size,
            "defence": defence,
            "heading": f"{n} fake profiles of {size} films, {defence}",
            "rows": rows,
            "lines": lines,
            "worst": max([self._first, *self._ranks.values()]),
            "problems": self._problems,
            "spoken": f"{n} fake profiles of {size} films, {defence}: "
            + "; ".join(f"{name} {value}" for name, value in rows),
        }


def _found(run: AttackRun) -> str:
    """Say what share a defence found, beside that of a choice by lot."""
    if run.caught is None:
        return "\u2013"
    return f"{run.caught:.0%}" + ("" if run.by_lot is None else f" (by lot {run.by_lot:.0%})")
