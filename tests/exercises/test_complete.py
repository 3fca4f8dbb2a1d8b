"""Nothing is left to do in an exercise: what `python course.py new-exercise` marks has been replaced."""

import re
import sys
from pathlib import Path

import pytest

from classroom.common import ROOT, SOLUTIONS
from recsys_lib.checks import all_exercises

MARK = re.compile(r"\bTODO\b.*")


def left_to_do(path, text, first=1):
    """Return where a mark stands, and what it says."""
    lines = enumerate(text.splitlines(), first)
    return [f"{path.relative_to(ROOT)}:{number}: {m[0]}" for number, line in lines if (m := MARK.search(line))]


def cells_of(exercise):
    """Yield the path, the text and the first line's number of the exercise's prompt, answer and check."""
    (path,) = SOLUTIONS.glob(f"[LE]??_{exercise.lesson}/*.py")
    parts = re.split(r"^(?=# %%)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    mark = f'"grade_id": "{exercise.name.replace("_", "-")}"'
    (answer,) = (number for number, part in enumerate(parts) if mark in part.partition("\n")[0])
    for number in (answer - 1, answer, answer + 1):
        yield path, parts[number], 1 + "".join(parts[:number]).count("\n")


@pytest.mark.parametrize("exercise", all_exercises().values(), ids=lambda exercise: exercise.name)
def test_nothing_is_left_to_do(exercise):
    """No mark is left in the definition, nor in the prompt, the answer and the check."""
    definition = Path(sys.modules[exercise.reference.__module__].__file__)
    found = left_to_do(definition, definition.read_text(encoding="utf-8"))
    for path, text, first in cells_of(exercise):
        found += left_to_do(path, text, first)
    assert not found, "\n".join(["still to do:", *found])


def test_a_mark_is_found_with_its_place():
    """The line and what it asks for are said."""
    text = "def f():\n    # TODO the reference: plain code\n    pass\n"
    assert left_to_do(ROOT / "a.py", text, 10) == ["a.py:11: TODO the reference: plain code"]
