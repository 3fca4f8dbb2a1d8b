"""What a lesson's source must keep, so that building and grading can rely on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

LESSON_NAME = re.compile(r"[LE]\d\d_[a-z0-9_]+")
MAX_LINES_OF_CELL = 6
MAX_LINES_OF_SETUP = 12

Points = Callable[[str], int | None]
Complain = Callable[["NotebookNode", str], None]


def exercise_points(grade_id: str) -> int | None:
    """Return the points that the definition of an exercise gives, or None where there is no such definition."""
    from recsys_lib import checks

    try:
        return checks.get(grade_id.replace("-", "_")).max_points
    except KeyError:
        return None


def problems(nb: NotebookNode, lesson: str, points: Points | None = None) -> list[str]:
    """Say what is wrong with a lesson's source, one sentence each; empty if nothing is.

    Parameters
    ----------
    nb : NotebookNode
        The lesson as `read_source` returns it.
    lesson : str
        The lesson's name, for the messages.
    points : callable, optional
        Gives an exercise's points by grade_id (`exercise_points`); without it points are not compared.

    Notes
    -----
    Looks at what building and grading depend on. How a lesson reads is tested in tests/lessons/test_lessons.py.
    """
    found: list[str] = []

    def wrong(cell: NotebookNode, text: str) -> None:
        found.append(f"{lesson}, {cell['id']}: {text}")

    if not LESSON_NAME.fullmatch(lesson):
        found.append(f"{lesson}: a lesson is called L03_three_measures or E01_some_words, in small letters")
    ids = [cell["id"] for cell in nb.cells]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        found.append(f"{lesson}, {twice}: two cells have this grade_id")
    for number, cell in enumerate(nb.cells):
        before = nb.cells[number - 1] if number else None
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            _plain_cell_problems(cell, before, number, nb, wrong)
        elif not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", str(meta.get("grade_id", ""))):
            wrong(cell, "a grade_id is made of small letters and digits, joined by hyphens")
        elif meta.get("schema_version") != 3 or meta.get("task"):
            wrong(cell, 'nbgrader metadata needs "schema_version": 3 and "task": false')
        elif meta.get("grade") and meta.get("solution"):
            _why_problems(cell, meta, wrong)
        elif meta.get("grade"):
            _check_problems(cell, meta, before, points, wrong)
        elif meta.get("solution"):
            after = nb.cells[number + 1] if number + 1 < len(nb.cells) else None
            _answer_problems(cell, before, after, wrong)
        else:
            wrong(cell, "a cell with nbgrader metadata is an answer, a check or a why; this is none of them")
    return found


def _plain_cell_problems(
    cell: NotebookNode, before: NotebookNode | None, number: int, nb: NotebookNode, wrong: Complain
) -> None:
    if re.search(r"BEGIN SOLUTION|BEGIN HIDDEN|BEGIN MARK SCHEME|^check\(", cell.source, re.MULTILINE):
        wrong(cell, "it holds a solution region or a check, but no nbgrader metadata")
    if cell.cell_type != "code":
        return
    if not _is_sentence(before):
        wrong(cell, "a sentence (not just a heading) stands before each code cell and says what it does")
    lines = [line for line in cell.source.splitlines() if line.strip()]
    first = not any(c.cell_type == "code" for c in nb.cells[:number])
    limit = MAX_LINES_OF_SETUP if first else MAX_LINES_OF_CELL
    if len(lines) > limit:
        wrong(cell, f"{len(lines)} lines of code; at most {limit}, the rest belongs into recsys_lib")
    if not lines:
        wrong(cell, "an empty code cell")
    if re.search(r"^\s*from \S+ import \*|^\s*(from|import) classroom\b", cell.source, re.MULTILINE):
        wrong(cell, "no `import *`, and nothing from classroom, in a lesson")
    if found := re.search(r"\.__(?:name|qualname|code|globals|closure)__\b", cell.source):
        wrong(cell, f"it reads {found[0]}, which a partial has not and a lambda has other: write the name itself")


def _answer_problems(
    cell: NotebookNode, before: NotebookNode | None, after: NotebookNode | None, wrong: Complain
) -> None:
    name = cell["id"]
    if cell.cell_type != "code":
        wrong(cell, "an answer that is code has a code cell; a paragraph is a -why cell with points")
        return
    if cell.source.count("### BEGIN SOLUTION") != 1 or cell.source.count("### END SOLUTION") != 1:
        wrong(cell, "an answer cell has exactly one ### BEGIN SOLUTION and one ### END SOLUTION")
    if not re.search(rf"^def {name.replace('-', '_')}\(", cell.source, re.MULTILINE):
        wrong(cell, f"the answer cell defines {name.replace('-', '_')}(), the function that its grade_id names")
    if after is None or after["id"] != f"{name}-check":
        wrong(cell, f"the answer is followed at once by its graded cell, {name}-check")
    if not _is_sentence(before):
        wrong(cell, "the prompt stands right before the answer")
    if cell.metadata.nbgrader.get("locked"):
        wrong(cell, 'an answer cell is not locked: "locked": false')


def _check_problems(
    cell: NotebookNode, meta: NotebookNode, before: NotebookNode | None, points: Points | None, wrong: Complain
) -> None:
    name = cell["id"].removesuffix("-check")
    function = name.replace("-", "_")
    if not cell["id"].endswith("-check") or before is None or before["id"] != name:
        wrong(cell, "a graded cell is called <answer>-check and follows its answer at once")
    if cell.cell_type != "code" or cell.source.strip() != f'check("{function}", {function})':
        wrong(cell, f'a graded cell holds this and nothing else: check("{function}", {function})')
    if not meta.get("locked"):
        wrong(cell, 'a graded cell is locked: "locked": true')
    if type(meta.get("points")) is not int or meta["points"] < 1:
        wrong(cell, "points are a whole number, one at least")
    elif points is not None and points(name) != meta["points"]:
        wrong(cell, f"{meta['points']} points here, {points(name)} in the exercise's definition")


def _why_problems(cell: NotebookNode, meta: NotebookNode, wrong: Complain) -> None:
    if not cell["id"].endswith("-why") or cell.cell_type != "markdown":
        wrong(cell, "a hand-graded cell is markdown and called <exercise>-why")
    if type(meta.get("points")) is not int or meta["points"] < 1:
        wrong(cell, "points are a whole number, one at least")
    if re.search(r"(BEGIN|END) (SOLUTION|MARK SCHEME|HIDDEN)", cell.source):
        wrong(cell, "no BEGIN/END markers in a markdown cell: text outside them stays in the release")


def _is_sentence(cell: NotebookNode | None) -> bool:
    """Say whether this is a markdown cell that says something besides a heading."""
    if cell is None or cell.cell_type != "markdown":
        return False
    return any(re.search(r"[A-Za-z]", line) and not line.lstrip().startswith("#") for line in cell.source.splitlines())


def course_problems(sources: dict[str, NotebookNode]) -> list[str]:
    """Say what is wrong across lessons: a grade_id that two of them use. `sources` maps names to notebooks."""
    owner: dict[str, str] = {}
    found = []
    for lesson, nb in sources.items():
        for cell in nb.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id and owner.setdefault(grade_id, lesson) != lesson:
                found.append(f"{lesson}, {grade_id}: {owner[grade_id]} has this grade_id already")
    return found
