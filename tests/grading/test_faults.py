"""Every fault of `faults.py` is laid: the class goes on, the cause is said, nothing is lost, and a second run mends."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import types
import warnings

import psutil
import pytest

from classroom import common
from classroom.__main__ import main
from classroom.commands.grade_class import summary
from classroom.group import gradebook, pool
from classroom.group.log import AuditLog
from classroom.group.run import grade_class
from classroom.sandbox import learner as verdict
from classroom.sandbox.namespaces import Limits
from classroom.submission.grade import warm_template
from classroom.submission.record import read
from tests.grading import faults, submissions
from tests.grading.faults import EXERCISES, SUBMISSIONS
from tests.grading.submissions import LESSON
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow

HONEST = ["aa honest", "mm honest", "zz honest"]
ALL = sum(EXERCISES.values())
LIMITS = Limits(memory_mb=400, cell_seconds=3.0, notebook_seconds=300.0, patience=0.5)
CROWD = 20


@pytest.fixture(scope="module", autouse=True)
def sandbox():
    """Skip or fail where there is none; give a process that is told to stop the time to do so."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdict, "GRACE", 4.0)  # long enough for a busy machine; only what hears no signal waits for it
        patch.setattr(gradebook, "PATIENCE", 0.0)  # whoever holds a gradebook here does not let go
        yield


@pytest.fixture(scope="module")
def remembered(sandbox):
    """What has been graded in this module: none of it is graded twice where a test does not ask for it."""
    return faults.Remembered()


@pytest.fixture
def quick(remembered, monkeypatch):
    """Let grading remember."""
    monkeypatch.setattr(pool, "grade_submission", remembered.grade)


def in_gradebook(course, query):
    """What the gradebook's file holds, read past nbgrader: that takes a hundredth of the time, and is another view."""
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as base:
        return base.execute(query, {"lesson": LESSON}).fetchall()


SCORES = """
SELECT submission.student_id, cell.name, grade.auto_score FROM assignment
JOIN submitted_assignment AS submission ON submission.assignment_id = assignment.id
JOIN submitted_notebook AS notebook ON notebook.assignment_id = submission.id
LEFT JOIN grade ON grade.notebook_id = notebook.id
LEFT JOIN base_cell AS cell ON cell.id = grade.cell_id
WHERE assignment.name = :lesson
"""


def points_of(course):
    """Automatic scores in the gradebook, by student and graded cell."""
    scores = {}
    for student, cell, score in in_gradebook(course, SCORES):
        scores.setdefault(student, {}).update({cell: score} if cell else {})
    return scores


def earned(scores):
    """Points of all checks together."""
    return sum(score or 0 for score in scores.values())


def assert_whole(course, students):
    """Gradebook, records, notebooks and log agree for these students, and no half-written file is left."""
    import nbformat

    names = json.loads((course / "grading" / "pseudonyms.json").read_bytes())
    found = points_of(course)
    for student in students:
        record = read(course / "grading" / "results" / LESSON / f"{names[student]}.json")
        assert record.logged and record.status == "graded"
        assert record.by_grade_id() == found[student]
        nbformat.validate(json.loads((course / "autograded" / student / LESSON / f"{LESSON}.ipynb").read_bytes()))
    assert AuditLog(course / "grading" / "audit.jsonl").verify().problems == ()


# ------------------------------------------------------------------------------------------------ odd submissions


class Laid:
    """One class with every odd submission: graded, looked at, graded again, mended, graded again."""

    def __init__(self, course, remembered):
        self.course, self.skipped = course, {}
        for student in HONEST:
            submissions.submit(course, student, submissions.handed_in(EXERCISES))
        for fault in SUBMISSIONS:
            try:
                fault.lay(course / "submitted" / fault.folder)
            except OSError as error:
                self.skipped[fault.name] = f"it cannot be laid here: {error}"
                shutil.rmtree(course / "submitted" / fault.folder, ignore_errors=True)  # what was laid of it
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pool, "grade_submission", remembered.grade)
            self._grade_three_times()

    def _grade_three_times(self):
        course = self.course
        self.first = self.grade()
        self.points = points_of(course)
        self.summary = summary(self.first, True)
        self.report = self.first.report.read_text(encoding="utf-8")
        self.second = self.grade()
        for fault in SUBMISSIONS:  # whoever was not graded hands in again; an odd name is mended by another one
            if fault.status == faults.NOT and fault.name not in self.skipped:
                folder = course / "submitted" / fault.folder
                folder.unlink() if folder.is_symlink() else shutil.rmtree(folder)  # laid above
                submissions.submit(course, f"mended {fault.plain}", faults.GOOD)
        self.third = self.grade()

    def grade(self):
        """Grade what is not graded yet."""
        return grade_class("L03", self.course, workers=0, progress=False, limits=LIMITS)


@pytest.fixture(scope="module")
def laid(remembered, tmp_path_factory):
    """See `Laid`."""
    return Laid(submissions.make_course(tmp_path_factory.mktemp("faults") / "course", {}), remembered)


@pytest.mark.parametrize("fault", SUBMISSIONS, ids=lambda fault: fault.name)
def test_odd_submission(laid, fault):
    """Its status and cause are said; "not graded" is no 0; nothing is graded twice; mended, it is graded."""
    if fault.name in laid.skipped:
        pytest.skip(laid.skipped[fault.name])
    record = laid.first.graded[fault.shown]
    assert (record.status, record.sandbox) == (fault.status, True)
    assert re.search(fault.cause, record.cause) if fault.cause else record.cause == "", record.cause
    assert "Traceback" not in record.cause and "the grader failed" not in record.cause
    if fault.status == faults.NOT:
        assert record.points is None and fault.shown not in laid.points
        lines = [line.strip() for line in laid.summary.splitlines()]  # a look-alike has a note behind the name
        assert any(x.startswith(repr(fault.shown)) and x.endswith(f": not graded: {record.cause}") for x in lines)
        assert laid.second.graded[fault.shown].cause == record.cause
        assert laid.third.graded[f"mended {fault.plain}"].points == 2
    else:
        assert record.points == earned(laid.points[fault.shown]) == fault.points
        assert fault.shown in laid.second.kept and fault.shown in laid.third.kept


def test_honest_students_beside_them(laid):
    """First, in the middle and last: full marks for all of them, and no word."""
    for student in HONEST:
        record = laid.first.graded[student]
        assert (record.status, record.cause, record.points) == ("graded", "", ALL)
        assert earned(laid.points[student]) == ALL and student in laid.second.kept


def test_nobody_is_forgotten_and_everything_agrees(laid):
    """As many records as folders; gradebook, records, notebooks and log agree; the report is safe to open."""
    assert len(laid.first.graded) == len(HONEST) + len(SUBMISSIONS) - len(laid.skipped)
    assert_whole(laid.course, [*HONEST, *(f.shown for f in SUBMISSIONS if f.status == "graded")])
    assert "<script>alert" not in laid.report and "&lt;script&gt;" in laid.report
    assert not [p for p in laid.course.rglob(".*.ipynb.*")] and laid.first.problems == []


# ------------------------------------------------------------------------------------------- broken course folders


@pytest.fixture(scope="module")
def graded(remembered, tmp_path_factory):
    """A course in which two were graded, one of them also by hand, and a third has handed in since."""
    students = {"ada": submissions.handed_in(EXERCISES, why="One asks for likeness."), "bob": faults.GOOD}
    course = submissions.make_course(tmp_path_factory.mktemp("courses") / "course", students, config=faults.CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "grade_submission", remembered.grade)
        grade_class(LESSON, course, workers=0, progress=False)
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:  # as formgrader does
        book.find_grade("which-measure-why", LESSON, LESSON, "ada").manual_score = 2
        book.db.commit()
    submissions.submit(course, "zoe", faults.GOOD)
    return course


BY_HAND = """
SELECT grade.manual_score FROM grade
JOIN base_cell AS cell ON cell.id = grade.cell_id AND cell.name = 'which-measure-why'
JOIN submitted_notebook AS notebook ON notebook.id = grade.notebook_id
JOIN submitted_assignment AS submission ON submission.id = notebook.assignment_id AND submission.student_id = 'ada'
JOIN assignment ON assignment.id = submission.assignment_id AND assignment.name = :lesson
"""


def by_hand(course):
    """The score that a person gave to ada."""
    ((score,),) = in_gradebook(course, BY_HAND)
    return score


@pytest.mark.parametrize("fault", faults.COURSES, ids=lambda fault: fault.name)
def test_broken_course(graded, tmp_path, quick, capsys, fault):
    """What is wrong is said in a sentence; nothing graded before is lost; once it is mended the rest is graded."""
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    before = points_of(course)
    command = ["grade-class", LESSON, "--course", str(course), "--workers", "0"]
    with pytest.MonkeyPatch.context() as patch:
        let_go = fault.lay(course, patch)
        code = main(command)
        said = capsys.readouterr()
    assert "Traceback" not in said.err
    if fault.error:
        assert code == 1 and re.search(f"Not graded: .*{fault.error}", said.err, re.DOTALL), said.err
    elif fault.name == "handed back":
        assert code == 1 and "'zoe': not graded: there is no 'zoe'" in said.out
    else:
        assert code == (1 if fault.problem else 0), said.err
        assert ("3 graded." if fault.anew else "1 graded, 2 graded before.") in said.out
        assert re.search(fault.problem, said.out)
    if let_go:
        let_go()
    fault.mend(course)
    outcome = grade_class(LESSON, course, workers=0, progress=False)
    assert outcome.problems == [] and (fault.anew or set(outcome.graded) <= {"zoe"})
    assert before | {"zoe": before["bob"]} == points_of(course)
    assert fault.name == "gradebook gone" or by_hand(course) == 2
    assert_whole(course, ["ada", "bob", "zoe"])


# ------------------------------------------------------------------------------------------- one student's own folder


@pytest.mark.parametrize("fault", faults.PLACES, ids=lambda fault: fault.name)
def test_one_place_that_cannot_be_written(graded, tmp_path, quick, capsys, fault):
    """Nobody else waits for it: that student is not graded, by name; once it is mended the next run grades him."""
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    names = json.loads((course / faults.NAMES_FILE).read_text()) | {"mo": "p-mmmmmmmmmm"}
    (course / faults.NAMES_FILE).write_text(json.dumps(names))
    before = points_of(course)
    for student in ("cy", "mo", "zz"):
        submissions.submit(course, student, faults.GOOD)
    submissions.submit(course, "bob", submissions.handed_in(["dot", "cosine"]))
    student = fault.student
    with pytest.MonkeyPatch.context() as patch:
        fault.lay(course, patch)
        code = main(["grade-class", LESSON, "--course", str(course), "--workers", "0"])
        said = capsys.readouterr()
        assert code == 1 and "Traceback" not in said.err, said.err
        assert re.search(
            f"'{student}': not graded: '.*{student if fault.named else 'p-'}.*' cannot be written", said.out
        )
        assert "4 graded, 1 not graded, 1 graded before." in said.out
        assert points_of(course).get(student) == before.get(student)
        assert ("the grade of an earlier submission stands" in said.out) == (student in before)
        assert_whole(course, {"ada", "bob", "cy", "mo", "zoe", "zz"} - {student})
        assert not list(course.rglob(".nobody")) and not list(course.rglob("*.part"))
    fault.mend(course)
    outcome = grade_class(LESSON, course, workers=0, progress=False)
    assert set(outcome.graded) == {student} and outcome.graded[student].status == "graded"
    assert_whole(course, ["ada", "bob", "cy", "mo", "zoe", "zz"])


def test_a_folder_that_cannot_be_looked_into(graded, tmp_path, quick):
    """Whose it is has handed in something: not graded, by name, and not as if nothing were there."""
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    folder = course / "submitted" / "bob"
    real = os.lstat

    def refuse(path, **options):
        if str(path).startswith(str(folder)):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, **options)

    with pytest.MonkeyPatch.context() as patch:
        if os.geteuid() == 0:  # whom no rights keep out
            patch.setattr(os, "lstat", refuse)
            (folder / LESSON).rename(folder / "elsewhere")
        else:
            folder.chmod(0)
        outcome = grade_class(LESSON, course, workers=0, progress=False)
        folder.chmod(0o755)
    assert outcome.graded["bob"].status == "not graded" and outcome.graded["zoe"].status == "graded"
    assert outcome.kept == ["ada"]


# ------------------------------------------------------------------------------------------------ a gradebook in use


@pytest.mark.parametrize("how", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_locked_gradebook_is_waited_for(graded, tmp_path, quick, monkeypatch, capsys, how):
    """Whoever holds it lets go while it is waited for: that is said once, and everybody is graded."""
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    other = sqlite3.connect(course / faults.DB, isolation_level=None)
    other.execute(f"BEGIN {how}")
    waits = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            other.close()

    monkeypatch.setattr(gradebook, "PATIENCE", 3600.0)
    monkeypatch.setattr(gradebook, "time", types.SimpleNamespace(sleep=wait, monotonic=lambda: float(len(waits))))
    assert main(["grade-class", LESSON, "--course", str(course), "--workers", "0"]) == 0
    said = capsys.readouterr()
    assert "1 graded, 2 graded before." in said.out and len(waits) == 3
    assert said.err.count("The gradebook is locked: another program writes to it. It is waited for") == 1
    assert_whole(course, ["ada", "bob", "zoe"])


def test_a_gradebook_is_waited_for_no_longer_than_half_a_minute(graded, tmp_path, quick, monkeypatch, capsys):
    """Then grading stops, as ever; by its settings SQLite itself waits a second each time."""
    course = tmp_path / "course"
    shutil.copytree(graded, course)
    (course / "nbgrader_config.py").write_text((common.ROOT / "nbgrader_config.py").read_text())
    clock = [0.0]
    monkeypatch.setattr(gradebook, "PATIENCE", 30.0)
    monkeypatch.setattr(gradebook, "BUSY_SECONDS", 0.01)
    pause = types.SimpleNamespace(sleep=lambda s: clock.__setitem__(0, clock[0] + s), monotonic=lambda: clock[0])
    monkeypatch.setattr(gradebook, "time", pause)
    with contextlib.closing(sqlite3.connect(course / faults.DB, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert main(["grade-class", LESSON, "--course", str(course), "--workers", "0"]) == 1
    assert "is locked: another program writes to it; try again when it is done" in capsys.readouterr().err
    assert clock[0] == 30.0


# ------------------------------------------------------------------------------------------------- the plug is pulled

WRITING = {"_keep", "_keep_notebook", "save", "_one_transaction", "write_whole", "_write", "_put", "_save", "append"}
WRITING |= {"_add_score"}  # nbgrader's


def grade_in_child(course, at=(), copies=None):
    """Grade in a child, and count the lines of what writes; at some of them copy the course.

    A copy is what would be found were the child killed there, by kill -9: what has been written, and no lock on it.
    """
    hear, tell = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of threads; the child starts none
        child = os.fork()
    if child == 0:
        try:
            lines = 0

            def count(frame, event, arg):
                nonlocal lines
                if event == "line":
                    lines += 1
                    if lines in at:
                        shutil.copytree(course, copies / f"at-{lines}")
                return count

            sys.settrace(lambda frame, event, arg: count if frame.f_code.co_name in WRITING else None)
            grade_class(LESSON, course, workers=0, progress=False)
            sys.settrace(None)
            os.write(tell, str(lines).encode())
        finally:
            os._exit(0)
    os.close(tell)
    with open(hear) as said:
        lines = said.read()
    os.waitpid(child, 0)
    return int(lines)


def finished(course):
    """Submissions whose record says that all of it was written."""
    records = map(read, (course / faults.RESULTS).glob("p-*.json"))
    return {record.student for record in records if record.logged}


def test_killed_at_every_line_that_writes(graded, tmp_path, quick):
    """At 30 of the lines that write: no half grade, no lost grade, and the next run does the rest."""
    ready = tmp_path / "ready"
    shutil.copytree(graded, ready)
    for student in ("yan", "xia"):
        submissions.submit(ready, student, faults.GOOD)
    whole, again = tmp_path / "whole", tmp_path / "again"
    for course in (whole, again):
        shutil.copytree(ready, course)
    lines = grade_in_child(whole)
    wanted = points_of(whole)
    at = random.Random(20261124).sample(range(1, lines + 1), 30)
    grade_in_child(again, at, tmp_path)
    copies = list(tmp_path.glob("at-*"))
    assert len(copies) >= 25  # the lines of two runs differ by a few
    for course in copies:
        for student, scores in points_of(course).items():  # what is in the gradebook is whole
            assert scores == wanted[student] or set(scores.values()) == {None}, (course.name, student)
        kept = finished(course)
        outcome = grade_class(LESSON, course, workers=0, progress=False)
        assert set(outcome.kept) == kept and set(outcome.graded) == set(wanted) - kept
        assert points_of(course) == wanted and by_hand(course) == 2 and outcome.problems == []
        assert_whole(course, wanted)


def start(course, *arguments, group=False):
    """Start the command as a teacher does."""
    command = [sys.executable, "-m", "classroom", "grade-class", LESSON, "--course", str(course), *arguments]
    return subprocess.Popen(
        command,
        cwd=common.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=group,
    )


def wait_for_results(course, process, number):
    """Wait until so many records are there."""
    while process.poll() is None and len(list((course / faults.RESULTS).glob("p-*.json"))) < number:
        time.sleep(0.02)


@pytest.fixture
def crowd(tmp_path):
    """A course with students of whom none is graded: enough that a run can be ended in the middle."""
    return submissions.make_course(tmp_path / "course", {f"s{i}": faults.GOOD for i in range(CROWD)}, begun=True)


@pytest.mark.parametrize(
    ("number", "how", "workers"),
    [(signal.SIGKILL, None, "0"), (signal.SIGKILL, None, "2"), (signal.SIGTERM, 130, "0"), (signal.SIGINT, 130, "2")],
    ids=["kill -9", "kill -9, two workers", "SIGTERM", "Ctrl-C, two workers"],
)
def test_grader_is_ended(crowd, quick, number, how, workers):
    """In the middle of a class: nothing is lost, nobody is skipped, no process stays, the next run does the rest."""
    draw = random.Random(workers)
    process = start(crowd, "--workers", workers, group=True)
    wait_for_results(crowd, process, draw.randint(2, 4))
    children = psutil.Process(process.pid).children(recursive=True)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does: to all of them
    else:
        process.send_signal(number)
    out, err = process.communicate(timeout=600)
    if how:
        assert process.returncode == how, err
        assert "Stopped. Start it again and it goes on with the rest." in out and "Traceback" not in err
    assert psutil.wait_procs(children, timeout=300)[1] == []
    kept = finished(crowd)
    assert 0 < len(kept) < CROWD
    outcome = grade_class(LESSON, crowd, workers=0, progress=False)
    assert set(outcome.kept) == kept and len(outcome.graded) == CROWD - len(kept) and outcome.problems == []
    assert {earned(scores) for scores in points_of(crowd).values()} == {2}
    assert_whole(crowd, [f"s{i}" for i in range(CROWD)])


def test_template_is_killed(crowd, monkeypatch):
    """The process that students' code is forked from ends in the middle: another one is started, all are graded."""
    real, killed = pool.grade_submission, []

    def grade(lesson, student, *rest):
        if student in ("s2", "s5"):
            warm_template()
            (template,) = [p for p in psutil.Process().children() if "classroom.sandbox.worker" in p.cmdline()]
            template.kill()
            killed.append(student)
        return real(lesson, student, *rest)

    monkeypatch.setattr(pool, "grade_submission", grade)
    outcome = grade_class(LESSON, crowd, workers=0, progress=False)
    assert killed == ["s2", "s5"]
    assert {(r.status, r.points, r.cause) for r in outcome.graded.values()} == {("graded", 2, "")}
