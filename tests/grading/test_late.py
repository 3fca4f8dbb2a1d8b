"""Late work: nbgrader's due dates, extensions and penalties hold in `grade-class` as in `nbgrader autograde`."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from classroom import nbgrader_execute
from classroom.__main__ import main
from classroom.commands.grade_class import summary
from classroom.group import collect, gradebook, late, pool
from classroom.group.gradebook import GradebookError
from classroom.group.late import NO_TIME, NO_ZONE, zone_of
from classroom.group.run import grade_class
from tests.grading import faults, submissions
from tests.grading.submissions import LESSON
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow

DUE = datetime(2026, 11, 24, 23)  # in UTC, as the gradebook keeps it
PLUGIN = """
from nbgrader.plugins import LateSubmissionPlugin

class ByTheHour(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 3600
"""
BY_THE_HOUR = "c.AssignLatePenalties.plugin_class = 'rules_of_this_course.ByTheHour'\n"
ALL_OF_IT = "c.LateSubmissionPlugin.penalty_method = 'zero'\n"
#: What timestamp.txt holds, and what is said: seconds late, or why nobody knows.
TIMES = {
    "punctual": ("2026-11-24 23:00:00 UTC", 0),
    "punctual elsewhere": ("2026-11-25T00:30:00+02:00", 0),
    "late": ("2026-11-24 23:30:00 UTC", 1800),
    "late elsewhere": ("2026-11-24 19:00:00.0 -0500", 3600),
    "a day late": ("2026-11-25 23:00:00 GMT", 86400),
    "early without a zone": ("2026-11-24 08:59:00", 0),
    "late without a zone": ("2026-11-25 13:01:00", 50460),
    "who knows": ("2026-11-24 23:30:00", NO_ZONE),
    "who knows either": ("2026-11-24 12:00", NO_ZONE),
    "a word": ("yesterday", NO_TIME),
    "a zone of a name": ("2026-11-24 22:00:00 Europe/Berlin", NO_TIME),
    "American": ("11/24/2026 10:00 PM", NO_TIME),
    "nothing": (None, NO_TIME),
}


@pytest.fixture(scope="module", autouse=True)
def sandbox():
    """Skip or fail where there is none; whoever hands in the same is graded once."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")
    with pytest.MonkeyPatch.context() as patch:
        remembered = faults.Remembered()
        patch.setattr(pool, "grade_submission", remembered.grade)
        patch.setattr(nbgrader_execute, "grade_submission", remembered.grade)
        yield


def make_course(folder, times, config="", due=DUE):
    """A course in which everybody has two points, handed in at these times."""
    course = submissions.make_course(folder, dict.fromkeys(times, faults.GOOD), config=config, begun=True)
    (course / "rules_of_this_course.py").write_text(PLUGIN)
    for student, text in times.items():
        if text is not None:
            (course / "submitted" / student / LESSON / "timestamp.txt").write_text(text)
    set_due(course, due)
    return course


def set_due(course, due):
    """Say when the lesson is due, as formgrader does."""
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
        book.find_assignment(LESSON).duedate = due
        book.db.commit()


def grade(course, **options):
    """Grade in this process."""
    return grade_class("L03", course, workers=0, progress=False, **options)


def kept(course):
    """What the gradebook holds, by student: seconds late, points taken off, score and time."""
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
        return {
            s.student_id: (
                s.total_seconds_late if s.assignment.duedate else 0,
                s.late_submission_penalty,
                s.score,
                s.timestamp,
            )
            for s in book.find_assignment(LESSON).submissions
        }


@pytest.mark.parametrize(
    ("config", "penalty"),
    [
        ("", lambda seconds: 0.0),
        (ALL_OF_IT, lambda seconds: 2.0 if seconds else 0.0),
        (BY_THE_HOUR, lambda seconds: min(2.0, seconds / 3600)),
    ],
    ids=["no penalty", "nbgrader's plugin", "a plugin of the course"],
)
def test_as_nbgrader_does(tmp_path, config, penalty):
    """Each form of a time, in a class and by `nbgrader autograde`: the same penalty, and no guess."""
    course = make_course(tmp_path / "course", {name: text for name, (text, _) in TIMES.items()}, config)
    done = grade(course)
    found = kept(course)
    for student, (_, said) in TIMES.items():
        seconds = 0 if isinstance(said, str) else said
        assert found[student][1:3] == (penalty(seconds), 2.0), student
        record = done.graded[student]
        assert (record.status, record.points) == ("graded", 2)
        assert record.cause.endswith(said) if isinstance(said, str) else record.cause == ""
        assert bool(seconds) == (student in done.late)
    lines = summary(done, True).splitlines()
    less = {0.0: "no points", 1.0: "1 point"}.get(penalty(3600), f"{penalty(3600):g} points")
    assert f"  'late elsewhere': late by 1:00:00, {less} less" in lines
    assert f"  'who knows': graded: {NO_ZONE}" in lines and f"  'nothing': graded: {NO_TIME}" in lines
    again = grade(course)
    assert len(again.kept) == len(TIMES) and kept(course) == found
    assert again.late == {
        **done.late, **{student: said for student, (_, said) in TIMES.items() if isinstance(said, str)}
    }  # fmt: skip
    if config != ALL_OF_IT:  # one of them is enough of nbgrader's own, which grades everybody anew
        return
    said = submissions.nbgrader(course, "autograde", LESSON, "--force")
    assert kept(course) == found and f"who knows: {NO_ZONE}" in said and "late: late by 0:30:00" in said


def test_nbgraders_own_preprocessor_says_the_same(tmp_path):
    """Where the time is known, the stock one gives the penalties that ours does."""
    known = {name: text for name, (text, said) in TIMES.items() if not isinstance(said, str)}
    ours, theirs = (make_course(tmp_path / name, known, BY_THE_HOUR) for name in ("ours", "theirs"))
    grade(ours)
    settings = theirs / "nbgrader_config.py"
    settings.write_text(
        settings.read_text().replace("classroom.nbgrader_execute.Assign", "nbgrader.preprocessors.Assign")
    )
    submissions.nbgrader(theirs, "autograde", LESSON, "--force")
    assert kept(ours) == kept(theirs) and any(penalty for _, penalty, *_ in kept(ours).values())


def test_rules_that_change_afterwards(tmp_path):
    """A due date is set, somebody gets an extension, one is taken back: it holds at the next run, without `--again`."""
    times = {"ada": "2026-11-25 01:00:00 UTC", "bob": "2026-11-25 00:00:00 UTC", "cy": "2026-11-20 00:00:00 UTC"}
    course = make_course(tmp_path / "course", times, BY_THE_HOUR, due=None)

    def penalties():
        done = grade(course)
        assert len(done.kept) == 3 and not done.graded
        return {name: penalty for name, (_, penalty, *_) in kept(course).items()}, done.late

    assert grade(course).late == {}
    assert penalties() == ({"ada": 0, "bob": 0, "cy": 0}, {})
    set_due(course, DUE)
    assert penalties()[0] == {"ada": 2, "bob": 1, "cy": 0}
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
        book.grant_extension(LESSON, "ada", hours=1)
        book.grant_extension(LESSON, "bob", days=3)
    assert penalties() == ({"ada": 1, "bob": 0, "cy": 0}, {"ada": "late by 1:00:00, 1 point less"})
    assert grade(course, again=True).late == {"ada": "late by 1:00:00, 1 point less"}  # extensions stay
    set_due(course, None)
    assert penalties() == ({"ada": 0, "bob": 0, "cy": 0}, {})


def test_points_by_hand_count(tmp_path):
    """A penalty of all points is one of those, too, that a person gave since."""
    course = make_course(tmp_path / "course", {"ada": "2026-11-25 01:00:00 UTC"}, ALL_OF_IT)
    grade(course)
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
        book.find_grade("which-measure-why", LESSON, LESSON, "ada").manual_score = 2
        book.db.commit()
    grade(course)
    assert kept(course)["ada"][:3] == (7200, 4, 4)


def test_times_of_a_zone_that_the_settings_name(tmp_path, berlin):
    """Named afterwards, it holds for who was graded before; the hour that is there twice is no time."""
    times = {
        "ada": "2026-10-24 23:59:00",
        "bob": "2026-10-25 00:01:00",
        "cy": "2026-10-25 02:30:00",
        "di": "2026-10-24 23:00:00 UTC",
    }
    course = make_course(tmp_path / "course", times, ALL_OF_IT, due=datetime(2026, 10, 24, 22))  # midnight in Berlin
    done = grade(course)
    assert {name for name, record in done.graded.items() if record.cause == NO_ZONE} == {"ada", "bob", "cy"}
    assert list(done.late) == ["di"]
    with open(course / "nbgrader_config.py", "a") as file:
        file.write("c.Exchange.timezone = 'Europe/Berlin'\n")
    done = grade(course)
    assert len(done.kept) == 4 and {name: found[1] for name, found in kept(course).items()} == {
        "ada": 0,
        "bob": 2,
        "cy": 0,
        "di": 2,
    }
    assert kept(course)["bob"][3] == datetime(2026, 10, 24, 22, 1)
    assert done.late["bob"] == "late by 0:01:00, 2 points less" and "ada" not in done.late
    done = grade(course, again=True)
    assert done.graded["cy"].cause.endswith(NO_TIME) and kept(course)["cy"][3] is None
    submissions.nbgrader(course, "autograde", LESSON, "--force", "--student", "bob")
    assert kept(course)["bob"][:2] == (60, 2)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            "c.AssignLatePenalties.plugin_class = 'no_such_module.Plugin'\n",
            "c.AssignLatePenalties in .* cannot be used",
        ),
        ("c.LateSubmissionPlugin.penalty_method = 'some'\n", "c.AssignLatePenalties in .* cannot be used: .*'some'"),
        ("c.Exchange.timezone = 'Berlin'\n", "c.Exchange.timezone is 'Berlin', and no zone is called so"),
        ("c.Exchange.timezone = '../../etc/passwd'\n", "no zone is called so"),
    ],
)
def test_settings_that_cannot_hold(tmp_path, config, said):
    """Said before anybody is graded."""
    course = make_course(tmp_path / "course", {"ada": None}, config)
    with pytest.raises(GradebookError, match=said):
        grade(course)
    assert kept(course) == {}


@pytest.mark.parametrize("returned", ["1 / 0", "'much'"])
def test_a_plugin_that_fails(tmp_path, capsys, returned):
    """Its error is said, the gradebook is as it was, and once it is mended the run goes on."""
    course = make_course(
        tmp_path / "course", {"ada": "2026-11-25 01:00:00 UTC"}, BY_THE_HOUR.replace("of_this", "that_fail")
    )
    plugin = course / "rules_that_fail_course.py"
    plugin.write_text(PLUGIN.replace("total_seconds_late / 3600", returned))
    assert main(["grade-class", "L03", "--course", str(course), "--workers", "0"]) == 1
    said = capsys.readouterr().err
    assert "the plugin that gives penalties for late work fails: " in said and "Traceback" not in said
    assert kept(course) == {}


@pytest.mark.parametrize("hours", [-12, 0, 5.5, 14])
def test_what_is_unknown_is_what_a_zone_decides(hours):
    """A time without a zone is late or not wherever it is only where all zones agree."""
    rules = late.LateRules(gradebook.course_directory(faults.common.ROOT, LESSON))
    for minutes in range(-16 * 60, 16 * 60, 30):
        time = DUE + timedelta(minutes=minutes)
        is_late = time - timedelta(hours=hours) > DUE
        if not rules._unknown(f"{time}", time, DUE):
            assert (time > DUE) == is_late
        assert not rules._unknown(f"{time} UTC", time, DUE)


@pytest.fixture
def berlin():
    """A zone whose clocks are put back and forward; skip or fail where the system knows none."""
    try:
        return ZoneInfo("Europe/Berlin")
    except KeyError:
        skip_or_fail("zones", "the system's database of time zones is missing: apt-get install tzdata")


def test_zone_of_settings(berlin):
    """Only where they give one; UTC as well as any other."""
    from traitlets.config import Config

    assert zone_of(Config()) is None
    assert zone_of(Config(Exchange={"timezone": "UTC"})) is UTC
    winter, summer, twice, never = "2026-01-01 12:00", "2026-07-01 12:00", "2026-10-25 02:30", "2026-03-29 02:30"
    times = [collect.time_in(text, berlin) for text in (winter, summer, twice, never)]
    assert [time and time.hour for time in times] == [11, 10, None, None]


def test_an_extension_without_a_due_date(tmp_path):
    """nbgrader's own sum of the two fails; here nothing is late."""
    course = make_course(tmp_path / "course", {"ada": "2026-11-25 01:00:00 UTC"}, ALL_OF_IT, due=None)
    grade(course)
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as base, base:
        base.execute("UPDATE submitted_assignment SET extension = '1970-01-02 00:00:00'")
    assert grade(course, again=True).late == {}
