"""Lesson 12: a dial against popularity, and which lines of the client's budget each setting meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.widgets.base import LearnersFunction, MovingFigure, finite_table, finite_vector, module


class BudgetDial(MovingFigure):
    """A slider over measured settings of one dial; each catalogue's budget lines say met or missed as it moves.

    Parameters
    ----------
    budget_lines : callable ``(measured, least, most) -> (m,) bool``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`.
    settings : array_like, shape (s,)
        Where the dial can stand.
    measured : mapping of str to array_like, shape (s, m)
        By catalogue: what each setting reaches. The first column is drawn against the second.
    budgets : mapping of str to (least, most), each of shape (m,)
        By catalogue; infinite where a line has no such limit.
    lines : sequence of str, length m
    at : int
        The setting shown first.

    Raises
    ------
    ValueError
        If shapes or catalogues do not fit each other.

    Examples
    --------
    >>> dial = BudgetDial(settings=[0, 0.5], measured={"here": [[0.5, 0.1], [0.4, 0.3]]},
    ...                   budgets={"here": ([0.3, 0.2], [1, 1])}, lines=["nDCG", "coverage"])
    >>> dial.met
    {'here': [True, False]}
    """

    _esm = module("budget_dial.js")

    def __init__(
        self,
        budget_lines: Callable | None = None,
        *,
        settings: ArrayLike,
        measured: Mapping[str, ArrayLike],
        budgets: Mapping[str, tuple[ArrayLike, ArrayLike]],
        lines: Sequence[str],
        at: int = 0,
    ):
        self._settings = finite_vector(settings, "settings")
        self._measured = {name: finite_table(table, "measured", len(lines)) for name, table in measured.items()}
        self._budgets = {name: tuple(np.asarray(x, dtype=float) for x in budgets[name]) for name in measured}
        if not measured or any(len(table) != len(self._settings) for table in self._measured.values()):
            raise ValueError(f"measured must hold tables of {len(self._settings)} rows, one for each setting")
        if any(limit.shape != (len(lines),) for pair in self._budgets.values() for limit in pair):
            raise ValueError(f"budgets must hold {len(lines)} limits of each kind, one for each of lines")
        self._lines = list(lines)
        self._function = LearnersFunction(budget_lines, "budget_lines")
        catalogues = [
            {
                "name": name,
                "points": table[:, [1, 0]].round(5).tolist(),
                "least": [float(self._budgets[name][0][1]), float(self._budgets[name][0][0])],
                "limits": [_limits(*pair) for pair in zip(*self._budgets[name], strict=True)],
            }
            for name, table in self._measured.items()
        ]
        super().__init__(
            {
                "settings": self._settings.tolist(),
                "lines": self._lines,
                "catalogues": catalogues,
                "sources": [self._function.line()],
                "alt": f"{lines[0]} against {lines[1]} along a dial, a curve for each catalogue "
                f"({', '.join(measured)}), with the least that the budget asks for as dashed lines; "
                "beside it which lines are met.",
            },
            {"at": at},
        )

    @property
    def met(self) -> dict[str, list[bool]]:
        """By catalogue, which lines the present setting meets."""
        return {row["name"]: row["met"] for row in self.scene["rows"]}

    def moves(self) -> list[dict]:
        """Every place of the dial."""
        return [{"at": at} for at in range(len(self._settings))]

    def _answer(self, move: dict) -> dict:
        at = min(len(self._settings) - 1, max(0, int(move["at"])))
        rows: list[dict[str, Any]] = []
        problems = []
        for name, table in self._measured.items():
            least, most = self._budgets[name]
            met, problem = self._function.numbers(table[at].copy(), least.copy(), most.copy(), shape=(len(least),))
            if problem:
                problems.append(problem)
            rows.append(
                {
                    "name": name,
                    "values": [f"{x:.3f}" for x in table[at]],
                    "met": [] if problem else [bool(x) for x in met],
                }
            )
        said = "; ".join(f"{row['name']}: {sum(row['met'])} of {len(self._lines)} lines met" for row in rows)
        spoken = problems[0] if problems else f"dial {self._settings[at]:g}: {said}"
        return {"at": at, "rows": rows, "problems": problems[:1], "spoken": spoken}


def _limits(least: float, most: float) -> str:
    """Write the limits of a line in words.

    >>> _limits(0.5, np.inf), _limits(-np.inf, 20), _limits(0.1, 0.2)
    ('at least 0.5', 'at most 20', '0.1 to 0.2')
    """
    if np.isinf(most):
        return f"at least {least:g}"
    return f"at most {most:g}" if np.isinf(least) else f"{least:g} to {most:g}"
