"""A class of sixty in each lesson from the ninth on: blank, right, wrong and hostile submissions, each gets its own."""

import copy
import functools
import shutil

import pytest

from benchmarks.grading import mistakes
from classroom.author.attempts import all_attempts
from classroom.common import lesson_names, lesson_order
from classroom.group.run import grade_class
from classroom.submission.record import read
from tests.grading import attacks, submissions
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow

LESSONS = [name for name in lesson_names() if lesson_order(name) > lesson_order("L09")]
SIZE = 60
BLANK, RIGHT = 18, 20  # few are wrong: to say why takes most of the time
#: Each answer is what the attack returns, in whatever lesson it is handed in.
HOSTILE = (
    "check re-defined", "patched comparison", "patched checks", "grader or learner", "always equal", "lying array",
    "visible inputs by heart", "prints points", "raises what is asked for", "leaves by every door", "exit",
    "forged answers",
)  # fmt: skip


def hostile(name, lesson):
    """Return what one of the attacks hands in for this lesson."""
    (attack,) = (attack for attack in attacks.ATTACKS if attack.name == name)
    nb = submissions.notebook(lesson)
    attacks.first_cell(nb, attack.make)
    return nb


@functools.cache
def wrong_answers(name):
    """Return wrong answers to an exercise: what readers wrote, and the known mistakes that need nothing but NumPy.

    Left out are those whose result is right and that only change an argument: of a dictionary inside a tuple, which is
    copied on its way into the sandbox, a grade does not notice it.
    """
    wrong = (a for a in all_attempts() if a.exercise == name and not a.correct)
    written = tuple(a.code for a in wrong if "fact:changed-argument" not in a.says)
    return written + mistakes(name)


def wrong(lesson, number):
    """Return a submission in which every answer is wrong, another way for each student."""
    nb = submissions.notebook(lesson)
    for name in submissions.exercises(lesson):
        known = wrong_answers(name.replace("-", "_"))
        cell = submissions.cell(nb, name)
        cell["source"] = known[number % len(known)] if known else cell["source"]
    return nb


def class_of(lesson):
    """Return sixty submissions, by names that say what they are."""
    right = submissions.notebook(lesson, "solutions")
    found = {f"blank{i}": submissions.notebook(lesson) for i in range(BLANK)}
    found |= {f"right{i}": copy.deepcopy(right) for i in range(RIGHT)}
    found |= {f"hostile{i}": hostile(name, lesson) for i, name in enumerate(HOSTILE)}
    return found | {f"wrong{i}": wrong(lesson, i) for i in range(SIZE - len(found))}


@pytest.mark.parametrize("lesson", LESSONS)
def test_sixty(lesson, tmp_path):
    """Nobody is left out; who is right has everything, who is blank or hostile nothing, who is wrong is told why."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")
    course = submissions.make_course(tmp_path / "course", class_of(lesson), lesson=lesson)
    run = grade_class(lesson, course, workers=0, progress=False)
    assert len(run.graded) == SIZE and not run.problems
    points = submissions.exercises(lesson)
    answered = {name for name in points if wrong_answers(name.replace("-", "_"))}
    told = asked = 0
    for path in (course / "grading" / "results" / lesson).glob("*.json"):
        record = read(path)
        found = {e.grade_id.removesuffix("-check"): e.points for e in record.exercises if not e.hand_graded}
        kind = record.student.rstrip("0123456789")
        if kind == "hostile":
            assert not record.points, (record.student, HOSTILE[int(record.student[7:])], found)
            continue
        assert record.status == "graded", (record.student, record.cause)
        assert found == points if kind == "right" else kind == "wrong" or not record.points, (record.student, found)
        if kind == "wrong":
            assert all(found[name] < points[name] for name in points), (record.student, found)
            said = [[layer.hint or layer.observation for layer in e.layers] for e in record.exercises]
            told += sum(any(hints) for hints in said)
            asked += sum(name in answered for name in found)
    assert asked >= 2 * len(answered) and told >= 0.7 * asked  # the rest is shown the first difference
