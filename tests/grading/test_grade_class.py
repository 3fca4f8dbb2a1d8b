"""A class from the folder of submissions to feedback and export: our grading and nbgrader's own commands agree."""

import csv
import json
import re
import shutil
import subprocess
import sys
import warnings

import nbformat
import pytest

from classroom.__main__ import main
from classroom.commands.grade_class import FROM_A_GIVEN_SEED, WITHOUT_SANDBOX
from classroom.common import ROOT
from classroom.group import gradebook
from classroom.group import log as audit
from classroom.group.run import grade_class
from classroom.submission.grade import UNSAFE
from classroom.submission.lesson import fingerprint
from classroom.submission.record import encode, read, replace
from tests.grading import submissions
from tests.grading.submissions import LESSON
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow

EXERCISES = submissions.exercises()
WHY = "One asks for likeness, the other for liking."
ONE_NORM = "return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))"
CLASS = {
    "ada": submissions.handed_in(EXERCISES, why=WHY),
    "bob": submissions.handed_in(["dot", "rank"], instead={"cosine": ONE_NORM}),
    "cy": submissions.notebook(),
    "dee": b'{"cells": [',
}
FULL = float(sum(EXERCISES.values()))


@pytest.fixture(scope="module", autouse=True)
def sandbox():
    """Skip or fail where there is none."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")


@pytest.fixture(scope="module")
def graded(sandbox, tmp_path_factory):
    """A class of four, graded once from the command line: the course's folder, and what the command said."""
    course = submissions.make_course(tmp_path_factory.mktemp("class") / "course", CLASS)
    command = [sys.executable, "-m", "classroom", "grade-class", "L03", "--course", course, "--workers", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=ROOT)
    return course, done


def grade(course, **options):
    """Grade in this process."""
    return grade_class("L03", course, workers=0, progress=False, **options)


def records(course):
    """What is on the record, by student."""
    found = map(read, (course / "grading" / "results" / LESSON).glob("*.json"))
    return {record.student: record for record in found}


def scores(course):
    """What the gradebook holds, by student and graded cell."""
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
        return {s: gradebook.scores(book, LESSON, s) for s in CLASS}


def test_command_says_what_it_did(graded):
    """Exit code 1, since one was not graded; who and why; where the report is; the log's last hash."""
    course, done = graded
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "3 graded, 1 not graded."
    assert re.fullmatch(r"  'dee': not graded: the notebook is not whole: it cannot be read as JSON \(.*\)", lines[1])
    assert lines[2] == f"Report: {course / 'grading' / 'reports' / LESSON}.html"
    assert lines[3] == f"Log ends with {audit.AuditLog(course / audit.LOG).verify().last}" and len(lines) == 4
    assert "L03_three_measures is new to the gradebook" in done.stderr and "Traceback" not in done.stderr


def test_gradebook_equals_records(graded):
    """Point for point; full marks, some, none; who was not graded is not in it."""
    course, _ = graded
    found, kept = scores(course), records(course)
    assert found["dee"] is None and kept["dee"].points is None
    for student in ("ada", "bob", "cy"):
        assert found[student] == kept[student].by_grade_id()
    assert (kept["ada"].points, kept["ada"].waiting) == (FULL, 3)
    assert kept["bob"].points == EXERCISES["dot"] + EXERCISES["rank"]
    assert kept["cy"].points == 0
    (cosine,) = [e for e in kept["bob"].exercises if e.name == "cosine"]
    assert "You divided by one length for the whole table" in cosine.layers[0].hint


def test_notebooks_are_valid_and_nbgrader_reads_the_same_points(graded):
    """Its own reading of the graded notebooks gives the points that are on the record."""
    from nbgrader.utils import determine_grade, is_grade

    course, _ = graded
    found = records(course)
    for student in ("ada", "bob", "cy"):
        nb = nbformat.read(course / "autograded" / student / LESSON / f"{LESSON}.ipynb", as_version=4)
        nbformat.validate(nb)
        read = {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] for cell in nb.cells if is_grade(cell)}
        assert {name: points for name, points in read.items() if name.endswith("-check")} == {
            e.grade_id: e.points for e in found[student].exercises if not e.hand_graded
        }


def test_report_and_log(graded):
    """Both are there, and sound; the log names nobody."""
    course, _ = graded
    page = (course / "grading" / "reports" / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "You divided by one length for the whole table" in page and "dee" in page
    assert main(["audit", "verify", "--course", str(course)]) == 0
    assert not re.search(r"\b(ada|bob|cy|dee)\b", (course / audit.LOG).read_text())
    assert (course / audit.LOG).stat().st_mode & 0o077 == 0


def test_second_run_grades_only_who_was_not_graded(graded):
    """Everyone else is kept, byte for byte."""
    course, _ = graded
    before = {s: r for s, r in records(course).items() if s != "dee"}
    outcome = grade(course)
    assert outcome.kept == ["ada", "bob", "cy"] and list(outcome.graded) == ["dee"]
    assert {s: r for s, r in records(course).items() if s != "dee"} == before


def test_other_checks_grade_nobody_anew_but_are_said(graded, tmp_path, capsys):
    """A record names text and checks; those of other checks, or without any, are kept and counted."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    found = records(course)
    assert {record.checks_sha256 for record in found.values()} == {fingerprint()}
    (text,) = {record.release_sha256 for record in found.values()}
    batch = next(audit.AuditLog(course / audit.LOG).entries())
    assert (batch["checks_sha256"], batch["release_sha256"]) == (fingerprint(), text)
    page = (course / "grading" / "reports" / f"{LESSON}.html").read_text(encoding="utf-8")
    assert text[:12] in page and fingerprint()[:12] in page
    for path in (course / "grading" / "results" / LESSON).glob("*.json"):
        record = read(path)
        if record.student == "ada":
            path.write_bytes(encode(replace(record, checks_sha256="0" * 64)))
        if record.student == "bob":  # as it was written before records had this field
            old = json.loads(path.read_bytes())
            del old["checks_sha256"], old["course_commit"]
            path.write_text(json.dumps(old))
    command = ["grade-class", "L03", "--course", str(course), "--workers", "0", "--student", "ada", "--student", "bob"]
    assert main(command) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["2 graded before.", "  2 of them were graded by other checks; --again grades them anew."]


def test_same_seed_same_points(graded, tmp_path):
    """`--again --seed 5` twice: the same points, notebooks and records, but for the time."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    found = []
    for _ in range(2):
        grade(course, again=True, seed=5, only=["ada", "bob", "bob"])
        kept = records(course)
        kept = {student: replace(record, graded_at="", seconds=0.0) for student, record in kept.items()}
        notebooks = {p: p.read_bytes() for p in (course / "autograded").rglob("*.ipynb")}
        found.append((kept, notebooks, scores(course)))
    assert found[0] == found[1] and found[0][0]["bob"].seed == 5
    last = list(audit.AuditLog(course / audit.LOG).entries())[-3:]
    assert [entry["kind"] for entry in last] == ["batch", "grade", "grade"]  # who is named twice is graded once


def test_resubmission(graded, tmp_path):
    """A changed file is graded anew; a broken one keeps the grade before, and says so every time."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    submissions.submit(course, "bob", submissions.handed_in(["dot"]))
    outcome = grade(course, only=["bob"])
    assert outcome.graded["bob"].points == EXERCISES["dot"] == sum(filter(None, scores(course)["bob"].values()))
    submissions.submit(course, "bob", b"")
    for _ in range(2):
        record = grade(course, only=["bob"]).graded["bob"]
        assert (record.status, record.points) == ("not graded", None)
        assert record.cause.endswith("no bytes; the grade of an earlier submission stands")
        assert sum(filter(None, scores(course)["bob"].values())) == EXERCISES["dot"]
    submissions.submit(course, "bob", submissions.handed_in(["dot", "cosine"]))
    assert grade(course, only=["bob"]).graded["bob"].points == EXERCISES["dot"] + EXERCISES["cosine"]
    assert "earlier submission" not in grade(course, only=["dee"]).graded["dee"].cause


def test_resubmission_without_a_time_does_not_keep_the_punctual_one(graded, tmp_path):
    """Handed in in time and again late, without the file that says when: no time is known, and that is said."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    path = submissions.submit(course, "bob", submissions.handed_in(["dot"]))
    stamp = path.with_name("timestamp.txt")
    kept = course / "autograded" / "bob" / LESSON / "timestamp.txt"
    for text, known in (
        ("2026-11-24 10:00:00 UTC", True),
        (None, False),
        ("2026-11-24 10:00:00 UTC", True),
        ("x", False),
    ):
        submissions.submit(course, "bob", submissions.handed_in(["dot"] if known else ["dot", "cosine"]))
        stamp.unlink(missing_ok=True)
        if text is not None:
            stamp.write_text(text)
        record = grade(course, only=["bob"]).graded["bob"]
        with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
            assert (book.find_submission(LESSON, "bob").timestamp is not None) == known
        assert kept.exists() == known
        assert ("no time of submission is known" in record.cause) == (not known)
    assert record.points == EXERCISES["dot"] + EXERCISES["cosine"]


def test_where_nothing_is_due_a_time_is_not_missed(graded):
    """Most classes have no due date in the gradebook: their records say nothing of times."""
    assert {record.cause for record in records(graded[0]).values() if record.student != "dee"} == {""}


def test_folders_of_no_text_and_their_like_do_not_replace_each_other(tmp_path):
    """One named by a raw byte, one by what that is written as, one by what this is written as: each has a record."""
    course = submissions.make_course(tmp_path / "course", {}, begun=True)
    folders = ["caf\udce9", "caf\\udce9", "caf\\\\udce9", "ada", "ada ", " ada", "a\udcccda"]
    for name in folders:
        submissions.submit(course, name, submissions.handed_in(["dot"]))
    outcome = grade(course)
    assert len(outcome.graded) == len(records(course)) == len(folders)
    assert {record.student for record in records(course).values() if record.status == "graded"} == {"ada"}


def test_a_student_called_by_a_word_changes_no_entry_of_others(tmp_path):
    """Whoever is called "process", "L03" or "workers": the command and others' causes are logged as they are."""
    words = ["process", "it", "cannot", "be", "read", "JSON", "L03", "grade-class", "the", "notebook"]
    course = submissions.make_course(tmp_path / "course", dict.fromkeys(words, b""), begun=True)
    submissions.submit(course, "zz", b"{")
    command = ("grade-class", "L03", "--student", "process", "--student=the", "--stu", "it", "--seed", "7")
    for _ in range(2):
        grade(course, again=True, command=command)
    entries = list(audit.AuditLog(course / audit.LOG).entries())
    names = json.loads((course / "grading" / "pseudonyms.json").read_text())
    hidden = [names[word] for word in ("process", "the", "it")]
    (logged,) = {tuple(entry["command"]) for entry in entries if entry["kind"] == "batch"}
    assert logged == (*command[:3], hidden[0], f"--student={hidden[1]}", "--stu", hidden[2], *command[-2:])
    causes = {entry["student"]: entry["cause"] for entry in entries if entry["kind"] == "grade"}
    found = {record.student: record.cause for record in records(course).values()}
    assert causes == {names[student]: cause for student, cause in found.items()}
    assert found["process"] == "the notebook is empty: a file of no bytes"


def test_scores_by_hand_survive(graded, tmp_path):
    """Given and overridden ones, through `--again` and a resubmission."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
        book.find_grade("which-measure-why", LESSON, LESSON, "ada").manual_score = 1.5
        book.find_grade("cosine-check", LESSON, LESSON, "ada").manual_score = 2.5
        book.find_grade("dot-check", LESSON, LESSON, "ada").extra_credit = 1
        book.db.commit()
    grade(course, again=True, only=["ada"])
    submissions.submit(course, "ada", submissions.handed_in(["dot"], why=WHY))
    grade(course, only=["ada"])
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
        found = {g.name: g for g in book.find_submission_notebook(LESSON, LESSON, "ada").grades}
        assert (found["which-measure-why"].manual_score, found["cosine-check"].manual_score) == (1.5, 2.5)
        assert (found["cosine-check"].auto_score, found["cosine-check"].needs_manual_grade) == (0, True)
        assert found["dot-check"].extra_credit == 1 and found["dot-check"].auto_score == EXERCISES["dot"]


def test_without_a_sandbox_it_is_said_everywhere(graded, tmp_path, capsys):
    """In the summary, the record, the log, the report and the notebook; later runs with one grade again."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    command = ["grade-class", "L03", "--course", str(course), "--workers", "0", "--student", "bob", "--no-sandbox"]
    assert main(command) == 0
    said = capsys.readouterr()
    assert said.err.startswith(WITHOUT_SANDBOX) and said.out.rstrip().endswith(WITHOUT_SANDBOX)
    assert records(course)["bob"].sandbox is False
    assert list(audit.AuditLog(course / audit.LOG).entries())[-2]["sandbox"] is False
    assert "sandbox" in (course / "grading" / "reports" / f"{LESSON}.html").read_text(encoding="utf-8")
    assert UNSAFE in (course / "autograded" / "bob" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    assert list(grade(course, only=["bob"]).graded) == ["bob"] and records(course)["bob"].sandbox is True


def test_a_given_seed_is_said_everywhere(graded, tmp_path, capsys):
    """In the summary, the record and the report, and to no student; a later grade draws its own again."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    command = [
        "grade-class",
        "L03",
        "--course",
        str(course),
        "--workers",
        "0",
        "--student",
        "bob",
        "--seed",
        "987654321",
    ]
    assert main([*command, "--again"]) == 0
    assert f"1 graded {FROM_A_GIVEN_SEED}" in capsys.readouterr().out
    assert (records(course)["bob"].seed, records(course)["bob"].seed_given) == (987654321, True)
    assert records(course)["ada"].seed_given is False
    report = course / "grading" / "reports" / f"{LESSON}.html"
    assert "drawn from a seed that somebody chose" in report.read_text(encoding="utf-8")
    assert "987654321" not in (course / "autograded" / "bob" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    grade(course, again=True, only=["bob"])
    assert records(course)["bob"].seed_given is False
    assert "drawn from a seed that somebody chose" not in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["L03", "--student", "nobody"], "nobody: no submission of L03_three_measures in "),
        (["L42"], "there is no lesson called 'L42'; the lessons are: L03_three_measures"),
        ([""], "there is no lesson called ''"),
        (["../L03"], "there is no lesson called '../L03'"),
    ],
)
def test_unknown_student_or_lesson(graded, tmp_path, capsys, arguments, said):
    """What was asked for, and what there is; exit code 1; nothing changes."""
    course = graded[0]
    before = records(course)
    assert main(["grade-class", *arguments, "--course", str(course), "--workers", "0"]) == 1
    assert said in capsys.readouterr().err and records(course) == before


def test_nobody_handed_in(tmp_path, capsys):
    """Where submissions belong is said; no folder at all is said, too."""
    course = submissions.make_course(tmp_path / "course", {})
    assert main(["grade-class", "L03", "--course", str(course)]) == 1
    assert f"{course}/submitted/STUDENT/{LESSON}/ is where it belongs" in capsys.readouterr().err
    assert main(["grade-class", "L03", "--course", str(tmp_path / "missing")]) == 1
    assert f"there is no folder {tmp_path / 'missing'}" in capsys.readouterr().err


@pytest.mark.parametrize("argument", ["--workers=-1", "--seed=x"])
def test_wrong_arguments(argument, capsys):
    """A sentence, and exit code 2 as every command has it."""
    with pytest.raises(SystemExit) as ended:
        main(["grade-class", "L03", argument])
    assert ended.value.code == 2 and "a whole number, 0 or more" in capsys.readouterr().err


def test_feedback_and_export(graded, tmp_path):
    """nbgrader's commands read what we wrote: pages with points and hints, no hidden input; a table of scores."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    submissions.nbgrader(course, "generate_feedback", LESSON)
    page = (course / "feedback" / "bob" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "dot: 2 of 2 points" in page and "cosine: 0 of 3 points" in page
    assert "You divided by one length for the whole table" in page
    assert not re.search(r"you returned|for q=\[", page)
    assert not (course / "feedback" / "dee").exists()
    assert "Content-Security-Policy" in page
    assert not (course / "grades.csv").exists()
    assert main(["export-grades", "--course", str(course)]) == 0
    found = {row["student_id"]: row for row in exported(course / "grades.csv")}
    scores = {student: row["score"] for student, row in found.items()}
    some = EXERCISES["dot"] + EXERCISES["rank"]
    assert scores == {"ada": f"{FULL:g}", "bob": f"{some:g}", "cy": "0", "dee": ""}
    assert {student: row["status"] for student, row in found.items()} == {
        "ada": "graded", "bob": "graded", "cy": "graded", "dee": "not graded"
    }  # fmt: skip
    assert "JSON" in found["dee"]["reason"] and "wait for a person" in found["ada"]["reason"]
    assert (found["ada"]["waiting"], found["bob"]["waiting"]) == ("3", "0")
    stock = "--exporter=nbgrader.plugins.CsvExportPlugin"  # the same points, and a 0.0 for whoever has none
    submissions.nbgrader(course, "export", stock, "--to", "theirs.csv")
    with open(course / "theirs.csv", newline="", encoding="utf-8") as file:
        theirs = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert theirs == {student: float(score) for student, score in scores.items() if score}


def exported(path):
    """The rows of a table of grades."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_export_holds_whatever_a_gradebook_holds(tmp_path):
    """Names that older versions or others put there: no cell is a formula, no column shifts, none gets a 0 unasked."""
    course = submissions.make_course(tmp_path / "course", {}, begun=True)
    names = [
        "x,2026-11-24,ada,,,,9.0,0,9.0",
        "=1+1",
        "@SUM(1)",
        "＝1＋1",
        "＠SUM(1)",
        'a"b',
        "a\nb",
        "ada",
        "\u0410da",
        "-1;=2",
    ]
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own
        for name in names:
            book.add_student(name, last_name=name, first_name=name, email=name)
        book.update_or_create_submission(LESSON, "ada")  # it is there, and has no score
        book.update_or_create_submission(LESSON, "\u0410da")
        book.find_grade("dot-check", LESSON, LESSON, "\u0410da").manual_score = 0
        book.db.commit()
    assert main(["export-grades", "--course", str(course), "--lesson", "L03", "--to", str(tmp_path / "g.csv")]) == 0
    rows = exported(tmp_path / "g.csv")
    assert len(rows) == len(names) and not any(None in row or None in row.values() for row in rows)
    cells = [row[key] for row in rows for key in ("student_id", "last_name", "first_name", "email")]
    assert not [c for c in cells if c.lstrip()[:1] in tuple("=+-@＝＋－＠")]
    found = {row["student_id"].lstrip("'"): row for row in rows}
    assert {row["score"] for name, row in found.items() if name != "\u0410da"} == {""}
    assert found["\u0410da"]["score"] == "0" and found["ada"]["status"] == "not graded"
    assert "U+0410" in found["\u0410da"]["look_alike"] != found["ada"]["look_alike"]
    assert found["=1+1"]["status"] == "not handed in"


def test_export_says_what_is_missing(tmp_path, capsys):
    """A lesson that nobody knows, a folder that is none: a sentence, and no file."""
    course = submissions.make_course(tmp_path / "course", {}, begun=True)
    assert main(["export-grades", "--course", str(course), "--lesson", "L42"]) == 1
    assert "there is no lesson called 'L42'" in capsys.readouterr().err
    assert not (course / "grades.csv").exists()


def test_plain_autograde_gives_the_same_points(graded, tmp_path):
    """`nbgrader autograde`, with SandboxedExecute in place of Execute as in nbgrader_config.py."""
    from nbgrader.converters import Autograde

    course = shutil.copytree(graded[0], tmp_path / "course")
    names = [getattr(p, "__name__", p) for p in Autograde().autograde_preprocessors]
    config = gradebook.course_directory(course).config
    ours = [str(p).rpartition(".")[2] for p in config.Autograde.autograde_preprocessors]
    assert ours == ["SandboxedExecute" if name == "Execute" else name for name in names]
    before = scores(course)
    shutil.rmtree(course / "submitted" / "dee")
    submissions.nbgrader(course, "autograde", LESSON, "--force")
    assert scores(course) == before


def test_answers_that_nothing_explains_are_exported(tmp_path):
    """From a submission to a line of attempts: the answer cell as it was handed in."""
    odd = "return items @ q + 0.25 * np.sign(q).sum() - len(items) ** 3"
    course = submissions.make_course(tmp_path / "course", {"ada": submissions.handed_in(instead={"dot": odd})})
    grade(course)
    out = tmp_path / "attempts.jsonl"
    assert main(["report", "L03", "--course", str(course), "--attempts", str(out)]) == 0
    (line,) = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert (line["exercise"], line["points"], line["correct"]) == ("dot", 0, False) and odd in line["code"]
