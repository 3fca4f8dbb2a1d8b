"""Elective 1: a slider for the hidden units of a key; which bits come out wrong, of whose picture, and is it luck?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.widgets.base import LearnersFunction, MovingFigure, finite_table, module

LINES = ("#0072B2", "#009E73", "#CC79A7", "#D55E00", "#E69F00")
"""A colour for each reading: Okabe and Ito's."""


class KeySlider(MovingFigure):
    """A slider for the number of hidden units, with the bit errors of several readings, and every single bit.

    Parameters
    ----------
    bit_error_rate : callable ``(outputs, bits) -> float``, optional
    false_alarm : callable ``(n, t) -> float``, optional
        The learner's functions, taken through `recsys_lib.checks.yours_or_ours`.
    hidden : sequence of int
        The numbers of hidden units at which the slider stops, the smallest first.
    readings : mapping of name to (outputs, bits)
        What was read, one to five: outputs of shape (stops, n), one row a stop, and the n bits that are claimed.
    start : int, optional
        The stop at which the slider begins; the middle one unless given.

    Examples
    --------
    >>> slider = KeySlider(hidden=[1, 2], readings={"own": ([[0.9, 0.9], [0.1, 0.9]], [0, 1])}, start=0)
    >>> slider
    <KeySlider: a figure that moves; run the notebook to use it>
    >>> slider.errors, slider.hidden
    ({'own': 0.5}, 1)
    """

    _esm = module("key_slider.js")

    def __init__(
        self,
        bit_error_rate: Callable | None = None,
        false_alarm: Callable | None = None,
        hidden: Sequence[int] = (),
        readings: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
        *,
        start: int | None = None,
    ):
        self._hidden = [int(h) for h in hidden]
        if not self._hidden or self._hidden[0] < 1 or (np.diff(self._hidden) <= 0).any():
            raise ValueError(f"hidden must be growing numbers from 1 on, found {self._hidden}")
        readings = readings or {}
        if not 1 <= len(readings) <= len(LINES):
            raise ValueError(f"there must be 1 to {len(LINES)} readings, found {len(readings)}")
        self._outputs, self._bits = {}, {}
        for name, (outputs, bits) in readings.items():
            self._outputs[name] = finite_table(outputs, name)
            self._bits[name] = np.asarray(bits, dtype=int)
            if self._outputs[name].shape != (len(self._hidden), len(self._bits[name])):
                raise ValueError(
                    f"{name} has outputs of shape {self._outputs[name].shape} and {len(self._bits[name])} bits; "
                    f"there are {len(self._hidden)} stops"
                )
        stop = len(self._hidden) // 2 if start is None else int(start)
        if not 0 <= stop < len(self._hidden):
            raise ValueError(f"start must lie between 0 and {len(self._hidden) - 1}, found {start}")
        self._error = LearnersFunction(bit_error_rate, "bit_error_rate")
        self._chance = LearnersFunction(false_alarm, "false_alarm")
        self._good: dict = {}
        curves, problems = {}, []
        for name in self._outputs:
            found = [self._error_at(name, at) for at in range(len(self._hidden))]
            curves[name] = [error for error, _ in found]
            problems += [problem for _, problem in found if problem]
        self._first_problem = problems[0] if problems else None
        super().__init__(
            {
                "hidden": self._hidden,
                "curves": [
                    {"name": name, "colour": colour, "errors": errors}
                    for (name, errors), colour in zip(curves.items(), LINES, strict=False)
                ],
                "sources": [self._error.line(), self._chance.line()],
                "alt": f"A slider for the number of hidden units, {self._hidden[0]} to {self._hidden[-1]}. A line for "
                f"each of {', '.join(self._outputs)} shows the share of wrong bits against it. Beside it every bit "
                "at the present number, the wrong ones marked.",
            },
            {"stop": stop},
        )

    @property
    def hidden(self) -> int:
        """The number of hidden units at which the slider stands."""
        return self._hidden[self.scene["stop"]]

    @property
    def errors(self) -> dict[str, float]:
        """The share of wrong bits of each reading, by name."""
        return {row["name"]: row["error"] for row in self.scene["rows"]}

    def move(self, stop: int) -> None:
        """Put the slider on another stop, by its place from 0."""
        self.scene = self._answer({"stop": stop})

    def _error_at(self, name: str, stop: int) -> tuple[float | None, str | None]:
        error, problem = self._error.numbers(self._outputs[name][stop].copy(), self._bits[name].copy(), shape=())
        if not problem and not 0 <= float(error) <= 1:
            problem = self._error.blame(f"returned {float(error):.4g}, which is no share")
        return (None, problem) if problem else (round(float(error), 6), None)

    def moves(self) -> list[dict]:
        """Every stop of the slider."""
        return [{"stop": stop} for stop in range(len(self._hidden))]

    def _answer(self, move: dict) -> dict:
        stop = min(len(self._hidden) - 1, max(0, int(move["stop"])))
        rows, problem = [], self._first_problem
        for name, outputs in self._outputs.items():
            bits, read = self._bits[name], (outputs[stop] >= 0.5).astype(int)
            error, trouble = self._error_at(name, stop)
            wrong = 0 if error is None else round(error * len(bits))
            chance, more = self._chance.numbers(len(bits), wrong, shape=())
            problem = problem or trouble or more
            rows.append(
                {
                    "name": name,
                    "error": error,
                    "wrong": f"{wrong} of {len(bits)} wrong",
                    "chance": "" if more else f"{float(chance):.1g}",
                    "bits": "".join(map(str, read)),
                    "missed": "".join("1" if miss else "0" for miss in read != bits),
                }
            )
        if problem:
            return {
                **(self._good or {"rows": []}),
                "stop": stop,
                "stale": True,
                "problems": [problem],
                "spoken": problem,
            }
        self._good = {"rows": rows}
        said = "; ".join(f"{row['name']} {row['error']:.3f}" for row in rows)
        spoken = f"{self._hidden[stop]} hidden units, share of wrong bits: {said}"
        return {**self._good, "stop": stop, "problems": [], "spoken": spoken}
