"""What is done in a sandbox for one submission, as a list of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Step:
    """One thing that is done in the sandbox: run a cell, or remember what a name means at this place.

    Attributes
    ----------
    kind : {"cell", "bind"}
        Whether a cell is run or a name is kept.
    id : str
        The id of the cell that is run; for "bind", of the graded cell that asks for the name.
    text : str
        The source of the cell, or the name.
    learners : bool
        Whether the learner wrote the text.
    lessons : bool
        Whether it is a cell of the lesson's own, whose time is not the learner's.
    defined_in : int or None
        For "bind", the place among the steps of the cell that seems to define the name, where there is one.
    python : str or None
        For a "cell" that defines such a name with IPython's own syntax around it: the text with the same lines in
        Python, which is never run as it is, only looked through.
    """

    kind: Literal["cell", "bind"]
    id: str
    text: str
    learners: bool = False
    lessons: bool = False
    defined_in: int | None = None
    python: str | None = None
