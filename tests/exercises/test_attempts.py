"""What readers wrote from the prompts alone: a right answer passes, and a wrong one does not.

`classroom/author/attempts.py` says what a line of `tests/attempts/<lesson>/<exercise>.jsonl` holds. What the check says
of each is counted by `python course.py hints`.
"""

from __future__ import annotations

import json
from typing import get_args

import pytest

from classroom.author.attempts import ATTEMPTS as FOLDER
from classroom.author.attempts import OTHERS, all_attempts, attempts_of, gone, notebook_names, run
from recsys_lib.checks import Verdict, all_exercises
from recsys_lib.checks.callee import callee_of
from recsys_lib.checks.diagnosis import judge
from recsys_lib.checks.facts import FactKind

pytestmark = pytest.mark.usefixtures("without_nbgrader")

ATTEMPTS = {attempt.key: attempt for attempt in all_attempts()}


@pytest.mark.parametrize("key", ATTEMPTS)
def test_attempt_is_judged_as_its_reader_meant_it(key):
    """A right attempt earns every point; a wrong one does not."""
    attempt = ATTEMPTS[key]
    exercise = all_exercises()[attempt.exercise]
    function = run(exercise, attempt.code).function
    # why it is wrong takes longest, and is counted by `course.py hints`
    verdict = Verdict(judge(exercise, callee_of(function), explain=False))
    assert verdict.solved == attempt.correct, f"{attempt.mistake or 'right'}\n{attempt.code}\n{verdict}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*")), ids=lambda path: path.stem)
def test_file_of_attempts_is_of_an_exercise(path):
    """A file belongs to an exercise; its lines have the fields, ids of their own, and a mistake where one is."""
    exercise = all_exercises()[path.stem]
    assert (path.parent.name, path.suffix) == (exercise.lesson, ".jsonl")
    for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        assert list(line) == ["id", "code", "correct", "mistake", "says", "seen"], line["id"]
    attempts = attempts_of(path)
    assert len({attempt.id for attempt in attempts}) == len(attempts)
    for attempt in attempts:
        assert attempt.correct == (not attempt.mistake) == (not attempt.says), attempt.id
        assert type(attempt.correct) is type(attempt.seen) is bool, attempt.id
        assert all(is_a_sentence(said, attempt.code) for said in attempt.says), (attempt.id, attempt.says)


def is_a_sentence(said: str, code: str) -> bool:
    """Whether the check may say so of some code; whether a known mistake exists is another test's matter."""
    kind, _, what = said.partition(":")
    if kind == "line":
        return what.isdecimal() and 1 <= int(what) <= len(code.splitlines())
    if kind == "fact":
        return what in get_args(FactKind)
    return bool(what) if kind == "known" else said in OTHERS


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*")), ids=lambda path: path.stem)
def test_known_mistakes_that_attempts_ask_for_exist(path):
    """An attempt asks for known mistakes that its exercise defines; the message lists those that are gone."""
    lost = list(gone(attempts_of(path)))
    assert not lost, "\n".join(["renamed, merged or dropped; mend `says`:", *lost])


def test_every_exercise_has_a_file_of_attempts():
    """`new-exercise` makes one; without attempts a table of mistakes is a guess."""
    assert {path.stem for path in FOLDER.glob("*/*.jsonl")} == set(all_exercises())


def test_an_attempt_runs_in_its_notebook():
    """It has the lesson's imports, functions and small arrays, but none that come later or need the data."""
    names = notebook_names(all_exercises()["genre_scores"])
    assert names["watched"].shape == (3, 5) and callable(names["top_k"])
    assert not {"genre_scores", "data", "rated", "cats"} & set(names)
    assert notebook_names(all_exercises()["rank"])["names"] == ["A", "B", "C"]
    assert notebook_names(all_exercises()["explained"])["S"].shape == (5,)


def test_a_cell_that_raises_is_told_apart():
    """What a cell raised is kept, and what it defined before is there."""
    dot = all_exercises()["dot"]
    done = run(dot, "def dot(q, items):\n    return items @ q\n1 / 0\n")
    assert done.function is not None and isinstance(done.error, ZeroDivisionError)
    assert run(dot, "import no_such_package\n").function is None
    assert run(dot, "x = 1\n").error is None
