"""The folder's promise: of the course it takes the data, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.independent.printed import Lesson, near

FOLDER = Path(__file__).parent
COURSE = ("recsys_lib", "classroom", "benchmarks")


def imported(path):
    """Every name that a file imports, wherever in its text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name} imports relatively: write the whole name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_imports_nothing_of_the_course_but_its_data(path):
    """Neither a model nor a measure nor a split of the course is used, nor its other tests."""
    for name in imported(path):
        top = name.partition(".")[0]
        if top in COURSE:
            assert name.startswith("recsys_lib.datasets"), f"{path.name} imports {name}"
        if top == "tests":
            assert name.startswith("tests.independent."), f"{path.name} imports {name}"


@pytest.mark.parametrize(
    "text, value, right",
    [
        ("0.25", 0.2549, True),
        ("0.25", 0.2551, False),
        ("34%", 0.344, True),
        ("34%", 0.346, False),
        ("-.7", -0.66, True),
        ("1,682", 1682, True),
        ("12", 12.6, False),
    ],
)
def test_precision(text, value, right):
    """Half a unit in the last place that is printed, and no more."""
    assert near(text, value) == right


def test_noise():
    """Noise is in the units of the value, also where per cent are printed."""
    assert near("34%", 0.354, noise=0.01) and not near("34%", 0.356, noise=0.01)


@pytest.fixture
def told():
    """Return what was recorded."""
    return []


@pytest.fixture
def toy(told):
    """Return a lesson that prints three lines."""
    lesson = Lesson("L01", lambda name, value: told.append(value))
    lesson.text = "A   recall 0.25\nB   recall 0.31\nA   recall 0.25"
    return lesson


def test_a_line_that_is_gone(toy):
    """The message says which lesson and which line, and what to do."""
    with pytest.raises(AssertionError, match="L01 prints no line like '.C recall.': say what it prints now"):
        toy.prints("^C recall ", 1)


def test_a_line_with_two_meanings(toy):
    """Different figures under one anchor are no figure."""
    with pytest.raises(AssertionError, match="prints 2 different lines"):
        toy.prints(r"recall (\S+)", 0.25)


def test_a_wrong_figure(toy, told):
    """A figure that is not that of the lesson fails with both; a right one is counted."""
    with pytest.raises(AssertionError, match="it prints 0.25, recomputed 0.31"):
        toy.prints(r"^A +recall (\S+)", 0.31)
    toy.prints(r"^A +recall (\S+)", 0.2512)
    assert told == [1]
