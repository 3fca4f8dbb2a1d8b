"""A learner's own log: what is kept, when nothing is, and the line at the end of a lesson."""

from __future__ import annotations

import datetime
import json
import linecache
import os

import pytest

from recsys_lib.checks import check
from recsys_lib.checks.attempt_log import MAX_BYTES, SWITCH, VARIABLE, keep
from recsys_lib.checks.course_progress import forget_all, lesson_progress

pytestmark = pytest.mark.usefixtures("without_nbgrader")

WRONG = "def dot(q, items):\n    return items.sum(axis=1)\n"


def written(code, name="dot"):
    """Return a function as a notebook makes it: with the text of its cell."""
    file = f"<cell {hash(code)}>"
    linecache.cache[file] = (len(code), None, code.splitlines(True), file)
    names = {}
    exec(compile(code, file, "exec"), names)
    return names[name]


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Return the file of a log that is on."""
    (tmp_path / SWITCH).touch()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "attempts.jsonl"))
    return tmp_path / "attempts.jsonl"


def test_a_check_is_kept(log):
    """The day, the exercise, the cell, the points and the hints; right answers are kept, too."""
    check("dot", written(WRONG))
    check("dot", written("def dot(q, items):\n    return items @ q\n"))
    wrong, right = map(json.loads, log.read_text().splitlines())
    assert set(wrong) == {"day", "exercise", "code", "points", "of", "said"}
    assert (wrong["exercise"], wrong["code"], wrong["points"], wrong["of"]) == ("dot", WRONG, 0, 2)
    assert wrong["day"] == datetime.date.today().isoformat() and wrong["said"]
    assert right["points"] == 2 and right["said"] == []
    assert os.name == "nt" or log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_nothing_is_kept_under_grading(log, monkeypatch, mode, capsys):
    """Neither grading nor validating leaves a trace."""
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    check("dot", written(WRONG))
    assert not log.exists()


def test_nothing_is_kept_where_no_file_is_named(log, monkeypatch):
    """Without the variable there is no log, whatever lies around."""
    monkeypatch.delenv(VARIABLE)
    check("dot", written(WRONG))
    assert not log.exists()


def test_switching_off_works_at_once(log):
    """A notebook that was started with the log on stops keeping when it is switched off."""
    check("dot", written(WRONG))
    log.with_name(SWITCH).unlink()
    check("dot", written(WRONG))
    assert len(log.read_text().splitlines()) == 1


def test_what_is_no_attempt_is_not_kept(log):
    """A stub, a function whose text nobody knows, and a name that means nothing."""
    check("dot", written("def dot(q, items):\n    raise NotImplementedError\n"))
    check("dot", len)
    check("dot", None)
    check("no_such_exercise", written(WRONG))
    assert not log.exists()


class Odd:
    """An object that raises when it is looked at."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __call__(self, q, items):
        return 1


def test_a_check_never_raises_for_its_log(log, monkeypatch):
    """A folder that is gone, a file that is full and an answer that cannot be looked at: the lesson goes on."""
    log.write_bytes(b"x" * MAX_BYTES)
    check("dot", written(WRONG))
    assert log.stat().st_size == MAX_BYTES
    keep(Odd(), check("dot", written(WRONG)))
    monkeypatch.setenv(VARIABLE, str(log.parent / "gone" / "attempts.jsonl"))
    check("dot", written(WRONG))
    log.parent.joinpath("gone").mkdir()
    log.parent.joinpath("gone", SWITCH).touch()
    log.parent.joinpath("gone", "attempts.jsonl").mkdir()
    check("dot", written(WRONG))


# ---- the line at the end of a lesson ----


@pytest.fixture
def fresh():
    """Forget what other tests have checked."""
    forget_all()
    yield
    forget_all()


def test_the_last_line_of_a_lesson(fresh, capsys):
    """It counts the last check of each exercise, and names the first one that is not solved."""
    lesson_progress(3, "dot cosine euclidean")
    check("dot", written(WRONG))
    lesson_progress(3, "dot cosine euclidean")
    check("dot", lambda q, items: items @ q)
    lesson_progress(3, "dot cosine euclidean")
    lesson_progress(3, "dot")
    assert capsys.readouterr().out.splitlines() == [
        "Lesson 3: 0 of 7 points; next: 3.1 dot (not checked yet)",
        "Lesson 3: 0 of 7 points; next: 3.1 dot",
        "Lesson 3: 2 of 7 points; next: 3.2 cosine (not checked yet)",
        "Lesson 3: 2 of 2 points; every exercise is solved.",
    ]


def test_the_last_line_where_there_are_no_exercises(fresh, monkeypatch, capsys):
    """In the sandbox, which has none, a lesson runs on."""
    monkeypatch.setattr("recsys_lib.checks.course_progress.all_exercises", dict)
    lesson_progress(3, "dot")
    assert capsys.readouterr().out == ""
