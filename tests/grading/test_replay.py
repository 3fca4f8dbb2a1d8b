"""Grading from the log: the recorded seed gives the recorded points, and what cannot be graded again is named."""

import json
import shutil

import pytest

from classroom.__main__ import main
from classroom.common import CourseError
from classroom.group.log import LOG
from classroom.group.pseudonyms import NAMES
from classroom.group.replay import replay
from classroom.group.run import grade_class
from classroom.sandbox.namespaces import SandboxError
from tests.grading import submissions
from tests.grading.submissions import LESSON
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow


@pytest.fixture
def course(tmp_path):
    """A graded course of three students."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")
    students = {
        "ada": submissions.handed_in(submissions.exercises()),
        "bob": submissions.handed_in(["dot", "rank"]),
        "cy": submissions.notebook(),
    }
    made = submissions.make_course(tmp_path / "course", students)
    grade_class(LESSON, made, workers=0, progress=False)
    return made


def test_the_log_gives_the_same_points(course, capsys):
    """Each student's points come out again, by the command, and nothing is written."""
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file() and path.name != "lock"}
    assert main(["audit", "replay", "L03", "--course", str(course), "--workers", "0"]) == 0
    assert "3 graded again with the same points." in capsys.readouterr().out
    after = {path: path.read_bytes() for path in course.rglob("*") if path.is_file() and path.name != "lock"}
    assert after == before


def test_what_differs_and_what_is_gone_is_named(course):
    """A score changed in the log, a changed submission, a forgotten student."""
    names = json.loads((course / NAMES).read_text())
    log = (course / LOG).read_text().splitlines()
    for place, line in enumerate(log):
        entry = json.loads(line)
        if entry.get("student") == names["ada"]:
            entry["by_exercise"]["dot-check"] = 1.0
            log[place] = json.dumps(entry)
    (course / LOG).write_text("\n".join(log) + "\n")
    submissions.submit(course, "bob", submissions.notebook())
    assert main(["audit", "forget", "cy", "--yes", "--course", str(course)]) == 0
    found = replay(LESSON, course, workers=0)
    assert found.different == {"ada": "dot-check: 2.0 instead of 1.0"}
    assert found.gone == {
        "bob": "the submission has changed since",
        names["cy"]: "nobody is known by this pseudonym any longer",
    }
    assert found.same == []
    assert not list((course / "grading" / "results").rglob(f"{names['cy']}.json"))


def test_without_a_sandbox_nobody_is_graded_again(course, monkeypatch):
    """Not even where one student once was graded so: what the others handed in has never been run outside."""
    seen = []
    monkeypatch.setattr(
        "classroom.group.replay.grade_all", lambda lesson, items, **_: seen.append(lesson.isolated) or []
    )
    grade_class(LESSON, course, only=["bob"], again=True, isolated=False, workers=0, progress=False)
    replay(LESSON, course, workers=0)
    assert seen == [True]
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SandboxError, match="bubblewrap is missing"):
        replay(LESSON, course, workers=0)


def test_a_lesson_that_was_never_graded(course):
    """A clear sentence."""
    (course / LOG).unlink()
    with pytest.raises(CourseError, match="the log has no grade of"):
        replay(LESSON, course, workers=0)
