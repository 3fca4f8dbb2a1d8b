"""Cells of a release notebook, and what nbgrader's metadata says of them."""

from __future__ import annotations

from typing import Any, Literal

#: A notebook, and one of its cells, as JSON holds them. Only those that this course made have a known form.
Notebook = dict[str, Any]
Cell = dict[str, Any]


def is_marked(cell: Cell, role: Literal["solution", "grade"]) -> bool:
    """Return whether nbgrader's metadata marks a cell as one that the learner answers in, or one that is graded.

    >>> is_marked({"metadata": {"nbgrader": {"grade": False, "solution": True}}}, "solution")
    True
    """
    return bool(cell["metadata"].get("nbgrader", {}).get(role))


def is_lesson_code(cell: Cell) -> bool:
    """Return whether a cell is code that the lesson shows, neither an answer nor graded.

    >>> is_lesson_code({"cell_type": "code", "metadata": {}})
    True
    """
    return cell["cell_type"] == "code" and "nbgrader" not in cell["metadata"]


def source_of(cell: Cell) -> str:
    """Return the source of a cell, which a file may hold as a list of lines.

    >>> source_of({"source": ["x = 1\\n", "y = 2"]})
    'x = 1\\ny = 2'
    """
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
