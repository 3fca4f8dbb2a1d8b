"""The gradebook, in SQLite and in PostgreSQL: the same round trip through our grading and nbgrader's own commands."""

import csv
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import types
from pathlib import Path

import pytest

from classroom.group import gradebook
from classroom.group.run import grade_class
from tests.grading import submissions
from tests.grading.submissions import LESSON
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of the test's own, on loopback: its URL up to the database's name."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found:
        skip_or_fail("postgres", "PostgreSQL is missing: apt-get install postgresql")
    programs = Path(found[-1]).parent
    folder = Path(tempfile.mkdtemp(prefix="course-postgres-"))
    run = {}
    if os.geteuid() == 0:  # it refuses to run as root
        import pwd

        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        run = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    port = free_port()
    log = subprocess.DEVNULL
    make = [programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "teacher", "--no-sync"]
    subprocess.run(make, check=True, stdout=log, cwd=folder, **run)
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    control = [programs / "pg_ctl", "-D", folder / "data", "-w"]
    subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], check=True, stdout=log, cwd=folder, **run)
    try:
        yield f"postgresql+psycopg://teacher@127.0.0.1:{port}/"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=log, cwd=folder, **run)
        shutil.rmtree(folder, ignore_errors=True)  # made above, by mkdtemp


@pytest.fixture(params=["sqlite", "postgresql"])
def course(request, tmp_path):
    """A course with three students; the settings name the gradebook."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")
    config = ""
    if request.param == "postgresql":
        import psycopg

        url = request.getfixturevalue("postgres")
        with psycopg.connect(url.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE course")
        request.addfinalizer(lambda: _drop(url))
        config = f'c.CourseDirectory.db_url = "{url}course"\n'
    students = {
        "ada": submissions.handed_in(submissions.exercises(), why="Since one asks for likeness, the other for liking."),
        "bob": submissions.handed_in(
            ["dot"], instead={"cosine": "return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))"}
        ),
        "cy": submissions.notebook(),
    }
    return submissions.make_course(tmp_path / "course", students, config=config)


def _drop(url):
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE course WITH (FORCE)")


def scores(course):
    """What the gradebook holds, by student: automatic scores, manual ones, what waits for a person."""
    directory = gradebook.course_directory(course, LESSON)
    with gradebook.opened(directory) as book:
        return {
            student: {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for grade in book.find_submission_notebook(LESSON, LESSON, student).grades
            }
            for student in ("ada", "bob", "cy")
        }


def test_round_trip(course):
    """Grade, change a score by hand, resubmit, grade again, feedback, export: each step finds the last one's work."""
    first = grade_class(LESSON, course, workers=0, progress=False)
    assert {r.status for r in first.graded.values()} == {"graded"} and len(first.graded) == 3
    found = scores(course)
    points = submissions.exercises()
    assert {name: found["ada"][f"{name}-check"][0] for name in points} == points
    assert found["ada"]["which-measure-why"] == (None, None, True)
    assert sum(score for score, _, _ in found["bob"].values() if score) == points["dot"]
    assert {score for score, _, _ in found["cy"].values()} == {0}

    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:  # as formgrader does
        book.find_grade("which-measure-why", LESSON, LESSON, "ada").manual_score = 2
        book.find_grade("cosine-check", LESSON, LESSON, "bob").manual_score = 1.5
        book.db.commit()
    solved = [*list(points)[:3], "rank"]
    submissions.submit(course, "bob", submissions.handed_in(solved))
    second = grade_class(LESSON, course, workers=0, progress=False)
    assert list(second.graded) == ["bob"] and second.kept == ["ada", "cy"]
    again = scores(course)
    assert again["ada"]["which-measure-why"][1] == 2
    assert again["bob"]["cosine-check"] == (points["cosine"], 1.5, True)  # kept, and to be looked at again
    assert again["bob"]["rank-check"][0] == points["rank"]

    submissions.nbgrader(course, "generate_feedback", LESSON)
    page = (course / "feedback" / "bob" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "rank: 4 of 4 points" in page
    submissions.nbgrader(course, "export", "--to", "grades.csv")
    with open(course / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows["ada"] == sum(points.values()) + 2
    assert rows["cy"] == 0


def test_half_a_submission_is_never_written(course, monkeypatch):
    """An error in the middle of saving leaves the gradebook as it was."""
    grade_class(LESSON, course, workers=0, progress=False)
    before = scores(course)
    directory = gradebook.course_directory(course, LESSON)
    from nbgrader.preprocessors import SaveAutoGrades

    from classroom.submission.grade import grade_submission

    calls = []
    real = SaveAutoGrades.preprocess_cell

    def fails_late(self, cell, resources, index):
        calls.append(cell)
        if len(calls) == 12:
            raise OSError("the plug was pulled")
        return real(self, cell, resources, index)

    with gradebook.opened(directory) as book:
        lesson = gradebook.lesson_from(book, directory, LESSON)
        graded = grade_submission(lesson, "cy", json.dumps(submissions.handed_in(submissions.exercises())).encode(), 1)
        monkeypatch.setattr(SaveAutoGrades, "preprocess_cell", fails_late)
        with pytest.raises(gradebook.GradebookError, match="plug"):
            gradebook.save(book, LESSON, "cy", graded, None)
        monkeypatch.undo()
    assert len(calls) == 12 and scores(course) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_waits_for_the_end_of_a_transaction(number):
    """What is being written is written whole; then Ctrl-C is what it is elsewhere, and handlers are as before."""

    def stop(number, frame):
        raise KeyboardInterrupt

    done = []
    book = types.SimpleNamespace(
        db=types.SimpleNamespace(
            commit=lambda: done.append("committed"), flush=None, rollback=lambda: done.append("back")
        )
    )
    before = signal.signal(number, stop)
    try:
        with pytest.raises(KeyboardInterrupt), gradebook.one_transaction(book):
            os.kill(os.getpid(), number)
            for _ in range(1000):  # whatever Python would do with it, it would do here
                done[:] = ["written"]
        assert done[:2] == ["written", "committed"]
        assert signal.getsignal(number) is stop
    finally:
        signal.signal(number, before)


def test_a_stop_while_it_is_read_leaves_it_usable(tmp_path):
    """Ctrl-C in the middle of a question to the gradebook: it comes after the answer, and the next question works."""
    from sqlalchemy import event

    course = submissions.make_course(tmp_path / "course", {"ada": submissions.notebook()})
    directory = gradebook.course_directory(course, LESSON)
    with gradebook.opened(directory) as book:
        engine = book.db.get_bind()

        def stop(*args):
            event.remove(engine, "before_cursor_execute", stop)
            signal.raise_signal(signal.SIGINT)

        book.db.commit()
        event.listen(engine, "before_cursor_execute", stop)
        with pytest.raises(KeyboardInterrupt):
            gradebook.scores(book, LESSON, "ada")
        assert gradebook.scores(book, LESSON, "ada") is None


def test_release_of_another_version_is_refused(course):
    """Students were given one text and the gradebook holds another: grading stops and says what to do."""
    grade_class(LESSON, course, workers=0, progress=False)
    path = course / "notebooks" / LESSON / f"{LESSON}.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace('"grade_id": "dot-check"', '"grade_id": "dots-check"'))
    with pytest.raises(gradebook.GradebookError, match="different versions"):
        grade_class(LESSON, course, workers=0, progress=False)
