"""Grades out of the course: a row for everyone, no 0 for nobody's grade, and tables that Canvas and Moodle take back.

What the platforms do with a file is written here after their importers, see `classroom.group.sheets.Kind`: a test reads
a file as they do, before and after.
"""

from __future__ import annotations

import csv
import io
import os
import re
import warnings
import zipfile
from pathlib import Path

import pytest

from classroom.__main__ import main
from classroom.common import CourseError
from classroom.group import gradebook
from classroom.group.roster import Person, Student, matched
from classroom.group.sheets import Kind, SheetError, sheet_of
from classroom.submission.record import State, encode
from tests.grading import submissions
from tests.grading.records import record
from tests.grading.submissions import LESSON

pytestmark = pytest.mark.slow

POINTS = [cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in submissions.notebook()["cells"]]
WHY = "which-measure-why"
MOST = float(sum(POINTS))


@pytest.fixture
def course(tmp_path):
    """A course with a lesson in its gradebook, and nobody in it."""
    return submissions.make_course(tmp_path / "course", {}, begun=True)


def grade(course, points, **students):
    """Put students into the gradebook, with the points that are given; None leaves the essay to a person."""
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own
        for name, known in students.items():
            book.update_or_create_student(name, **known)
        for name, score in points.items():
            book.update_or_create_student(name)
            book.update_or_create_submission(LESSON, name)
            grades = book.find_submission_notebook(LESSON, LESSON, name).grades
            for number, cell in enumerate(sorted(grades, key=lambda cell: cell.name == WHY)):
                cell.auto_score, cell.needs_manual_grade = float(score or 0) if number == 0 else 0.0, False
            if score is None:
                cell.auto_score, cell.needs_manual_grade = None, True
        book.db.commit()


def keep(course, *records):
    """Write records as grading does."""
    folder = course / "grading" / "results" / LESSON
    folder.mkdir(parents=True, exist_ok=True)
    for number, found in enumerate(records):
        (folder / f"p-{number}.json").write_bytes(encode(found))


def run(course, *arguments):
    """Run the command; return the rows of what it wrote."""
    to = course / "out.csv"
    assert main(["export-grades", "--course", str(course), "--to", str(to), *map(str, arguments)]) == 0
    return rows_in(to)


def rows_in(path):
    """A table's rows as dictionaries."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert not any(None in row or None in row.values() for row in rows)
    return rows


# --- the course's own table ------------------------------------------------------------------------------------------


def test_who_is_not_graded_has_no_score_and_a_reason(course):
    """Refused, not yet graded, waiting, graded before, not handed in: each says which, and only a 0 is a 0."""
    grade(course, {"ada": 7, "zero": 0, "waits": None, "again": 5}, away={})
    submissions.submit(course, "late", submissions.notebook())
    keep(
        course,
        record("refused", status=State.NOT, cause="it is no JSON"),
        record("again", status=State.NOT, cause="it is no JSON; the grade of an earlier submission stands"),
    )
    found = {row["student_id"]: row for row in run(course)}
    assert {name: row["score"] for name, row in found.items()} == {
        "ada": "7", "zero": "0", "waits": "0", "again": "5", "away": "", "late": "", "refused": ""
    }  # fmt: skip
    assert {name: (row["status"], row["reason"]) for name, row in found.items()} == {
        "ada": ("graded", ""),
        "zero": ("graded", ""),
        "waits": ("graded", "3 of the points wait for a person"),
        "again": ("graded before", "it is no JSON; the grade of an earlier submission stands"),
        "away": ("not handed in", "nothing was handed in"),
        "late": ("not graded", "it was handed in and is not graded yet"),
        "refused": ("not graded", "it is no JSON"),
    }


@pytest.mark.parametrize(
    "roster",
    [
        'id,first_name,last_name,email\nada,Ada,Lovelace,\ncy,Cyd,"Moe, Jr.",cy@uni.edu\n',
        "Student;ID;SIS User ID;SIS Login ID;Section\n    Points Possible;;;;\nLovelace, Ada;7;s7;ada;A\n"
        "Moe, Jr., Cyd;8;;cy;A\nStudent, Test;9;;x1;A\n",
        "\ufeffIdentifier,Full name,Username,Email address,Grade,Last modified (grade)\n"
        "Participant 4,Ada Lovelace,ada,ada@uni.edu,,-\nParticipant 5,Cyd Moe,cy,cy@uni.edu,,-\n",
        'First name,Last name,Username,Email address\nAda,Lovelace,ada,\nCyd,"Moe, Jr.",cy,cy@uni.edu\n',
    ],
    ids=["own", "canvas", "worksheet", "moodle"],
)
def test_a_row_for_everyone_on_the_roster(course, roster):
    """From a list of one's own or a platform's: who is in the gradebook is one row with them, the rest are new rows."""
    grade(course, {"ada": 7})
    (course / "class.csv").write_text(roster, encoding="utf-8")
    found = {row["student_id"]: row for row in run(course, "--roster", course / "class.csv")}
    assert list(found) == ["ada", "cy"]
    assert (found["ada"]["score"], found["ada"]["status"]) == ("7", "graded")
    assert (found["cy"]["score"], found["cy"]["status"]) == ("", "not handed in")
    assert "Lovelace" in found["ada"]["last_name"] and "Moe" in found["cy"]["last_name"]


def test_who_may_be_two_is_nobody_and_named(course, capsys):
    """Two of one name on the list, one student: neither gets the grade, each has a row, and the command says so."""
    grade(course, {"Ada Lovelace": 7})
    (course / "class.csv").write_text("id,first_name,last_name\n1,Ada,Lovelace\n2,Ada,Lovelace\n", encoding="utf-8")
    found = {row["student_id"]: row for row in run(course, "--roster", course / "class.csv")}
    assert {name: row["status"] for name, row in found.items()} == {
        "Ada Lovelace": "graded", "1": "not found", "2": "not found"
    }  # fmt: skip
    assert "'2' on the list has a row of their own: more than one on the list has this name" in capsys.readouterr().out


def test_points_by_lesson(course):
    """A row for each student; a column for the points, and one that says whether that is all."""
    grade(course, {"ada": 7, "zero": 0}, away={"last_name": "Day, O'", "first_name": "=1+1"})
    found = {row["student_id"]: row for row in run(course, "--by-lesson")}
    assert {name: (row[LESSON], row[f"{LESSON} status"]) for name, row in found.items()} == {
        "ada": ("7", "graded"), "zero": ("0", "graded"), "away": ("", "not handed in")
    }  # fmt: skip
    assert (found["away"]["last_name"], found["away"]["first_name"]) == ("Day, O'", "'=1+1")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--scale"], "--scale is about a platform's table"),
        (["--so-far"], "give --fill or --for"),
        (["--for", "canvas", "--by-lesson"], "three different tables"),
        (["--fill", "x.csv", "--roster", "y.csv"], "leave out --roster"),
        (["--fill", "x.csv", "--to", "x.csv"], "write to another file"),
        (["--fill", "none.csv"], "none.csv cannot be read: No such file"),
        (["--roster", "odd.csv"], "is none of the tables that are known"),
        (["--roster", "latin.csv"], "is not in UTF-8"),
        (["--roster", "ragged.csv"], "row 2 of ragged.csv has 3 cells, its head 2"),
        (["--fill", "list.csv"], "into which no grades go"),
        (["--fill", "canvas.csv", "--column", "L03"], "--column takes a lesson and the name of its column"),
        (["--fill", "canvas.csv", "--column", "L03=Homework"], "has no column called 'Homework'"),
        (["--fill", "canvas.csv"], f"has no column for {LESSON}; its columns for points are: 'Essay (1)'"),
        (["--fill", "twice.csv"], "has more than one column for"),
        (["--fill", "hundred.csv"], f"gives 100 points at most in 'L03 (1)', and {LESSON} has {MOST:g}"),
    ],
)
def test_what_does_not_go_together_is_said(course, arguments, said, capsys, monkeypatch):
    """A sentence, exit code 1, and no file."""
    monkeypatch.chdir(course)
    for name, text in {
        "odd.csv": "a,b\n1,2\n",
        "latin.csv": "id,last_name\n1,M\xfcller\n",
        "ragged.csv": "id,email\n1,Moe,x\n",
        "list.csv": "id\n1\n",
        "canvas.csv": "Student,ID,SIS Login ID,Section,Essay (1)\n",
        "twice.csv": "Student,ID,SIS Login ID,Section,L03 a (1),L03 b (2)\n",
        "hundred.csv": "Student,ID,SIS Login ID,Section,L03 (1)\nPoints Possible,,,,100\n",
    }.items():
        Path(name).write_text(text, encoding="latin-1")
    assert main(["export-grades", "--course", str(course), *arguments]) == 1
    assert said in capsys.readouterr().err
    assert not list(course.glob("*-filled.csv")) and not (course / "grades.csv").exists()


# --- the report ------------------------------------------------------------------------------------------------------


def test_the_report_says_who_has_not_handed_in(course, capsys):
    """By the gradebook, and by a list; who handed in and is not graded yet is not missing. Pseudonyms hide all."""
    grade(course, {"ada": 7}, away={}, busy={})
    keep(course, record("ada"))
    submissions.submit(course, "busy", submissions.notebook())
    (course / "class.csv").write_text("id\naway\nnew\nada\n", encoding="utf-8")
    table = course / "grading" / "reports" / f"{LESSON}.csv"
    for arguments, absent in (([], ["away"]), (["--roster", str(course / "class.csv")], ["away", "new"])):
        assert main(["report", "L03", "--course", str(course), *arguments]) == 0
        rows = rows_in(table)
        assert [row["student"] for row in rows if row["status"] == "not handed in"] == absent
    command = ["report", "L03", "--course", str(course), "--roster", str(course / "class.csv")]
    assert main([*command, "--anonymous"]) == 0
    rows = rows_in(table)
    assert len(rows) == 3 and all(row["student"].startswith("p-") for row in rows)
    assert "away" not in table.with_suffix(".html").read_text(encoding="utf-8")
    (course / "gradebook.db").write_bytes(b"no database")
    assert main(["report", "L03", "--course", str(course)]) == 0  # the page does not hang on it
    assert "who has not handed in is not known: the gradebook" in capsys.readouterr().err
    assert main(command) == 1


# --- Canvas ----------------------------------------------------------------------------------------------------------

CANVAS = (
    '\ufeff"Student",ID,"SIS User ID","SIS Login ID",Section,"Essay (11)","L03 Three measures (12)",'
    "Assignments Current Score,Current Score,Final Grade\r\n"
    ",,,,,,Manual Posting,,,\r\n"
    f"    Points Possible,,,,,10.00,{MOST:.2f},(read only),(read only),(read only)\r\n"
    '"Lovelace, Ada",101,s-1,ada,"A, B",9.50,,95.0,95.0,A\r\n'
    '"Moe, Jr., Cyd",102,s-2,cy@uni.edu,A,8.00,4.00,80.0,80.0,B\r\n'
    "Zed,103,s-3,zed,A,,EX,,,\r\n"
    "Away,104,s-4,away,A,7.00,N/A,,,\r\n"
    "Stranger,105,s-5,stranger,A,1.00,2.00,,,\r\n"
    '"Student, Test",106,,x,A,,,,,\r\n'
)


def as_canvas_reads(data: bytes) -> dict[str, dict[str, str]]:
    """What Canvas takes from a file: by ID of the student, what stands in each assignment's column.

    Written after `GradebookImporter` in lib/gradebook_importer.rb of Canvas.
    """
    text = data.decode("utf-8-sig")
    lines = text.splitlines()[:3]
    by_separator = {s: {len(row) for row in csv.reader(lines, delimiter=s)} for s in ",;"}
    wide = {s: next(iter(sizes)) if len(sizes) == 1 else 0 for s, sizes in by_separator.items()}
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if wide[";"] > wide[","] else ",")
    assert len(head) > 3 and "Student" in head[0] and "ID" in head[1]
    last = 5 if "SIS User ID" in head[2] and "SIS Login ID" in head[3] else 4
    assert "Section" in head[last - 1]
    totals = re.compile("(Current|Final|Override) (Score|Points|Grade|Status)")
    places = [place for place in range(last, len(head)) if not totals.search(head[place])]
    found = {}
    for row in rows:
        if "Points Possible" in row[0] or all(re.fullmatch(r"(?i)\s*(Muted|Manual Posting.*)?\s*", c) for c in row):
            continue
        found[row[1] or row[3] or row[0]] = {head[place]: row[place].strip() for place in places}
    return found


@pytest.mark.parametrize("separator", [",", ";"])
def test_canvas_takes_its_own_table_back(course, separator, capsys):
    """Its points change where there is a whole grade, and nothing else does; all others are named, with the reason."""
    grade(course, {"ada": 2.5, "cy@uni.edu": 0, "zed": 3, "away": 4, "waits": None, "Left Over": 1})
    rows = csv.reader(io.StringIO(CANVAS.removeprefix("\ufeff"), newline=""))
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    table = out.getvalue().encode("utf-8-sig") if separator == ";" else CANVAS.encode()
    (course / "canvas.csv").write_bytes(table)
    assert main(["export-grades", "--course", str(course), "--fill", str(course / "canvas.csv")]) == 0
    made = (course / "canvas-filled.csv").read_bytes()
    before, after = as_canvas_reads(table), as_canvas_reads(made)
    changed = {
        (student, column): text
        for student, columns in after.items()
        for column, text in columns.items()
        if before[student][column] != text
    }
    assert before.keys() == after.keys()
    assert changed == {("101", "L03 Three measures (12)"): "2.5", ("102", "L03 Three measures (12)"): "0"}
    cells = [
        list(csv.reader(io.StringIO(d.decode("utf-8-sig"), newline=""), delimiter=separator)) for d in (table, made)
    ]
    assert sum(x != y for old, new in zip(*cells, strict=True) for x, y in zip(old, new, strict=True)) == 2
    said = capsys.readouterr().out
    assert "grades put in: 2; all other cells are as they were" in said
    assert "is excused there: 'Zed' ('zed')" in said and "is not given this assignment there: 'Away' ('away')" in said
    assert "nobody of the course is found by this name, number or address: 'Stranger'" in said
    assert f"graded in {LESSON}, and not found in the file: 'Left Over', 'waits'" in said
    assert "Test" not in said


def test_canvas_gets_no_part_of_a_grade_unasked(course, capsys):
    """A grade that waits for a person, or for a submission that can be read, stays away; --so-far gives it."""
    grade(course, {"ada": None, "zed": 5})
    keep(course, record("zed", status=State.NOT, cause="it is no JSON; the grade of an earlier submission stands"))
    table = CANVAS.replace("EX", "")
    (course / "canvas.csv").write_text(table, encoding="utf-8")
    column = "L03 Three measures (12)"
    main(["export-grades", "--course", str(course), "--fill", str(course / "canvas.csv")])
    found = as_canvas_reads((course / "canvas-filled.csv").read_bytes())
    assert found == as_canvas_reads(table.encode())
    said = capsys.readouterr().out
    assert "3 of the points wait for a person: 'Ada Lovelace' ('ada')" in said
    assert "graded before: it is no JSON; the grade of an earlier submission stands: 'Zed' ('zed')" in said
    main(["export-grades", "--course", str(course), "--fill", str(course / "canvas.csv"), "--so-far"])
    found = as_canvas_reads((course / "canvas-filled.csv").read_bytes())
    assert (found["101"][column], found["103"][column]) == ("0", "5")


def test_canvas_column_that_is_named_added_or_of_other_points(course):
    """By any name, by a new one, and in the platform's points where that is asked for."""
    grade(course, {"ada": MOST / 2})
    table = course / "canvas.csv"
    table.write_text(CANVAS.replace("L03 Three measures", "Homework"), encoding="utf-8")
    for argument in ("Homework", "Homework (12)"):
        run(course, "--fill", table, "--column", f"L03={argument}")
        found = as_canvas_reads((course / "out.csv").read_bytes())["101"]
        assert found["Homework (12)"] == f"{MOST / 2:g}"
    run(course, "--fill", table, "--add-column")
    found = as_canvas_reads((course / "out.csv").read_bytes())["101"]
    assert (found["Homework (12)"], found[LESSON]) == ("", f"{MOST / 2:g}")
    assert f",{MOST:g}\r\n" in (course / "out.csv").read_text(encoding="utf-8").replace("\n", "\r\n").replace(
        "\r\r", "\r"
    )
    table.write_text(CANVAS.replace(f"{MOST:.2f}", "100.00"), encoding="utf-8")
    run(course, "--fill", table, "--scale")
    assert as_canvas_reads((course / "out.csv").read_bytes())["101"]["L03 Three measures (12)"] == "50"


def test_canvas_table_made_anew(course):
    """Without the platform's own: found by ID, login or name; a comma in a name is one cell; no grade, none there."""
    grade(
        course, {"ada": 7, "cy": 0, "waits": None},
        ada={"last_name": "Lovelace", "first_name": "Ada", "lms_user_id": "101"}, cy={"last_name": "Moe, Jr."}, away={},
    )  # fmt: skip
    assert main(["export-grades", "--course", str(course), "--for", "canvas"]) == 0
    data = (course / "grades-canvas.csv").read_bytes()
    assert as_canvas_reads(data) == {
        "101": {LESSON: "7"},
        "away": {LESSON: ""},
        "cy": {LESSON: "0"},
        "waits": {LESSON: ""},
    }
    rows = list(csv.reader(io.StringIO(data.decode())))
    assert rows[1] == ["Points Possible", "", "", "", "", f"{MOST:g}"]
    assert rows[2][:4] == ["Lovelace, Ada", "101", "", "ada"] and rows[4][0] == "Moe, Jr."


# --- Moodle ----------------------------------------------------------------------------------------------------------

WORKSHEET = (
    '\ufeffIdentifier,"Full name","ID number","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 4711","Ada Lovelace",,ada@uni.edu,"Submitted for grading - ",,18.00,Yes,'
    '"Tuesday, 24 November 2026, 11:59 PM",-,"Well, ""done"""\n'
    '"Participant 4712","Ada Lovelace",,ada2@uni.edu,"Submitted for grading - ",3.00,18.00,Yes,"Monday, 2",-,\n'
    '"Participant 4713","Cyd Moe",,cy@uni.edu,"No submission - ",,18.00,Yes,-,-,\n'
    '"Participant 4714",Locked,,locked@uni.edu,"Graded - ",5.00,18.00,No,-,"Monday, 3",\n'
).replace("18.00", f"{MOST:.2f}")


def as_worksheet_is_read(data: bytes) -> dict[int, str]:
    """What Moodle takes from a grading worksheet: a grade for each participant, by number, where it is not passed over.

    Written after `assignfeedback_offline_grade_importer` and `process_import_grades` in mod/assign/feedback/offline of
    Moodle.
    """
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    who, grade, modified = (head.index(name) for name in ("Identifier", "Grade", "Last modified (grade)"))
    assert modified and all(len(row) == len(head) for row in rows)
    found = {}
    for row in rows:
        if row[grade] != "" and 0 <= float(row[grade]) <= MOST:
            found[int(row[who].removeprefix("Participant "))] = row[grade]
    return found


def collected(course, accounts):
    """Note accounts as a collection does."""
    folder = course / "downloaded" / LESSON
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "collected.json").write_text(json_of(accounts), encoding="utf-8")


def json_of(value):
    """A value as JSON."""
    return encode(value).decode()


def test_moodle_takes_its_worksheet_back(course, capsys):
    """Two of one name are told apart by the archive's numbers; a grade that is locked stays, and is named."""
    grade(course, {"Ada Lovelace 4711": 2, "Ada Lovelace 4712": 2.5, "locked": 1}, locked={"email": "LOCKED@uni.edu"})
    collected(course, {"Ada Lovelace 4711": "Ada Lovelace_4711", "Ada Lovelace 4712": "Ada Lovelace_4712"})
    (course / "sheet.csv").write_text(WORKSHEET, encoding="utf-8")
    assert main(["export-grades", "--course", str(course), "--fill", str(course / "sheet.csv")]) == 0
    made = (course / "sheet-filled.csv").read_bytes()
    assert as_worksheet_is_read(WORKSHEET.encode()) == {4712: "3.00", 4714: "5.00"}
    assert as_worksheet_is_read(made) == {4711: "2", 4712: "2.5", 4714: "5.00"}
    old, new = (list(csv.DictReader(io.StringIO(d, newline=""))) for d in (WORKSHEET, made.decode()))
    assert [{**row, "Grade": ""} for row in old] == [{**row, "Grade": ""} for row in new]
    said = capsys.readouterr().out
    assert "has a grade there that cannot be changed: 'Locked' ('locked')" in said and "'Cyd Moe'" in said


def test_moodle_worksheet_without_names(course):
    """Marked anonymously, everybody is "Participant", and the number says who."""
    rows = csv.reader(io.StringIO(WORKSHEET, newline=""))
    out = io.StringIO()
    csv.writer(out).writerows([row[0], *row[4:]] for row in rows)
    (course / "sheet.csv").write_text(out.getvalue(), encoding="utf-8")
    grade(course, {"Participant 4711": 2, "Participant 4713": 0})
    collected(course, {"Participant 4711": "Participant_4711", "Participant 4713": "Participant_4713"})
    run(course, "--fill", course / "sheet.csv")
    assert as_worksheet_is_read((course / "out.csv").read_bytes())[4711] == "2"
    assert as_worksheet_is_read((course / "out.csv").read_bytes())[4713] == "0"


MOODLE = (
    '"First name",Surname,"ID number",Institution,Department,"Email address","Assignment: Essay (Real)",'
    '"Assignment: L03 Three measures (Real)","Assignment: L03 Three measures (Percentage)",'
    '"Assignment: L03 Three measures (Feedback)","Course total (Real)","Last downloaded from this course"\n'
    'Ada,Lovelace,s-1,"Uni, of",,Ada@uni.edu,9.50,-,-,,9.50,1774000000\n'
    "Cyd,Moe,s-2,,,cy@uni.edu,-,4.00,22 %,,4.00,1774000000\n"
    "Zoë,Away,s-3,,,zoe@uni.edu,-,-,-,,-,1774000000\n"
)


def as_moodle_reads(data: bytes, item: str, by: str = "Email address") -> dict[str, float | None]:
    """What Moodle's gradebook takes from a file for one grade item, by the field that students are found by.

    Written after `gradeimport_csv_load_data` in grade/import/csv/classes/load_data.php of Moodle: rows without that
    field are passed over, nothing and "-" are no grade, and one that is no number stops the import.
    """
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len({len(row) for row in rows}) == 1
    who, what = rows[0].index(by), rows[0].index(item)
    return {row[who]: None if row[what] in ("", "-") else float(row[what]) for row in rows[1:] if row[who]}


def test_moodle_takes_its_gradebook_back(course):
    """Real points, not percent; found by address, ID number or name; all other cells are as they were."""
    grade(course, {"ada": 2.5, "s-2": 0}, ada={"email": "ada@uni.edu"})
    (course / "moodle.csv").write_text(MOODLE, encoding="utf-8")
    run(course, "--fill", course / "moodle.csv")
    made = (course / "out.csv").read_bytes()
    item = "Assignment: L03 Three measures (Real)"
    assert as_moodle_reads(MOODLE.encode(), item) == {"Ada@uni.edu": None, "cy@uni.edu": 4.0, "zoe@uni.edu": None}
    assert as_moodle_reads(made, item) == {"Ada@uni.edu": 2.5, "cy@uni.edu": 0.0, "zoe@uni.edu": None}
    old, new = (list(csv.DictReader(io.StringIO(d, newline=""))) for d in (MOODLE, made.decode()))
    assert [{**row, item: ""} for row in old] == [{**row, item: ""} for row in new]


def test_moodle_table_made_anew(course):
    """For the gradebook, mapped by user name, ID number or address; who has no whole grade has none there."""
    grade(course, {"ada": 7, "cy": 0, "waits": None}, ada={"email": "ada@uni.edu", "lms_user_id": "s-1"}, away={})
    assert main(["export-grades", "--course", str(course), "--for", "moodle"]) == 0
    data = (course / "grades-moodle.csv").read_bytes()
    assert as_moodle_reads(data, LESSON, "Username") == {"ada": 7, "cy": 0, "waits": None, "away": None}
    assert as_moodle_reads(data, LESSON) == {"ada@uni.edu": 7} and as_moodle_reads(data, LESSON, "ID number") == {
        "s-1": 7
    }


# --- feedback --------------------------------------------------------------------------------------------------------


def as_moodle_unpacks(path: Path, participants: set[int]) -> dict[tuple[int, str], bytes]:
    """What Moodle gives to whom from an archive of feedback: by participant's number and name of the file.

    Written after `is_valid_filename_for_import` in mod/assign/feedback/file/importziplib.php of Moodle.
    """
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            parts = ["import", *name.split("/")]
            while parts:
                info = parts.pop(0).split("_", 4)
                if len(info) < 4 or not info[1].isdigit() or int(info[1]) not in participants:
                    continue
                assert (info[2], info[3]) == ("assignsubmission", "file")
                found[int(info[1]), "/".join([*info[4:], *parts])] = archive.read(name)
                break
    return found


def feedback(course, *students):
    """Make feedback pages as nbgrader does."""
    for student in students:
        path = course / "feedback" / student / LESSON / f"{LESSON}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<p>for {student}</p>", encoding="utf-8")


def test_moodle_takes_feedback_back(course, capsys):
    """Each page reaches its student, also two of one name; who has no page or no number is named, with the reason."""
    grade(course, {"Ada Lovelace 4711": 2, "Ada Lovelace 4712": 3, "Zoë_Ann 7": 1, "hand": 4, "none 9": 1}, away={})
    keep(course, record("refused 8", status=State.NOT, cause="it is no JSON"))
    collected(course, {"Ada Lovelace 4711": "Ada Lovelace_4711", "Ada Lovelace 4712": "Ada Lovelace_4712"})
    feedback(course, "Ada Lovelace 4711", "Ada Lovelace 4712", "Zoë_Ann 7", "hand", "away")
    to = course / f"{LESSON}-feedback.zip"
    assert main(["export-feedback", "L03", "--course", str(course)]) == 1
    name = f"{LESSON}.html"
    assert as_moodle_unpacks(to, {4711, 4712, 7, 99}) == {
        (4711, name): b"<p>for Ada Lovelace 4711</p>",
        (4712, name): b"<p>for Ada Lovelace 4712</p>",
        (7, name): "<p>for Zoë_Ann 7</p>".encode(),
    }
    said = capsys.readouterr().out
    assert "not in it: 'hand': no participant's number of Moodle is known" in said
    assert "not in it: 'refused 8': not graded: it is no JSON" in said
    assert "not in it: 'none 9': there is no page in feedback/: `nbgrader generate_feedback" in said
    assert "away" not in said and (to.stat().st_mode & 0o777) == 0o600


def test_feedback_by_the_worksheet(course):
    """Submissions that did not come in an archive: Moodle's worksheet says who has which number."""
    grade(course, {"ada": 2, "cy": 3}, ada={"email": "ada@uni.edu"}, cy={"email": "cy@uni.edu"})
    feedback(course, "ada", "cy")
    (course / "sheet.csv").write_text(WORKSHEET, encoding="utf-8")
    to = course / "f.zip"
    command = ["export-feedback", "L03", "--course", str(course), "--to", str(to)]
    assert main([*command, "--worksheet", str(course / "sheet.csv")]) == 0
    found = as_moodle_unpacks(to, {4711, 4712, 4713})
    assert {number: page for (number, _), page in found.items()} == {4711: b"<p>for ada</p>", 4713: b"<p>for cy</p>"}


def test_feedback_that_is_old_or_none(course, capsys):
    """A page from before the last grading, a link and a folder are not packed; without any page there is no archive."""
    grade(course, {"ada 1": 2, "bob 2": 3, "cy 3": 1})
    feedback(course, "ada 1")
    graded = course / "autograded" / "ada 1" / LESSON / f"{LESSON}.ipynb"
    graded.parent.mkdir(parents=True)
    graded.touch()
    os.utime(course / "feedback" / "ada 1" / LESSON / f"{LESSON}.html", (1, 1))
    for student in ("bob 2", "cy 3"):
        (course / "feedback" / student / LESSON).mkdir(parents=True)
    (course / "secret").write_text("keys", encoding="utf-8")
    (course / "feedback" / "bob 2" / LESSON / f"{LESSON}.html").symlink_to(course / "secret")
    (course / "feedback" / "cy 3" / LESSON / f"{LESSON}.html").mkdir()
    assert main(["export-feedback", "L03", "--course", str(course)]) == 1
    said = capsys.readouterr().err
    assert "there is no feedback on" in said and "the page is older than the grade" in said
    assert not list(course.glob("*.zip")) and not list(course.glob(".*.part"))
    assert main(["export-feedback", "L03", "--course", str(course), "--worksheet", str(course / "secret")]) == 1


# --- nbgrader's own command ------------------------------------------------------------------------------------------


def test_nbgrader_export_is_the_courses_own(course):
    """`nbgrader export`: a comma in a name is one cell, no formula, no 0.0; for platforms by their plugins."""
    grade(
        course, {"ada": 7, "zero": 0},
        ada={"last_name": "Lovelace, Countess", "first_name": '"Ada"'},
        away={"last_name": "=1+1", "first_name": "a\nb"},
    )  # fmt: skip
    submissions.nbgrader(course, "export", "--to", "ours.csv")
    found = {row["student_id"]: row for row in rows_in(course / "ours.csv")}
    assert {name: row["score"] for name, row in found.items()} == {"ada": "7", "zero": "0", "away": ""}
    assert (found["ada"]["last_name"], found["ada"]["first_name"]) == ("Lovelace, Countess", '"Ada"')
    assert (found["away"]["last_name"], found["away"]["reason"]) == ("'=1+1", "nothing was handed in")
    submissions.nbgrader(course, "export", "--student", '["ada"]', "--assignment", f'["{LESSON}"]', "--to", "one.csv")
    assert [row["student_id"] for row in rows_in(course / "one.csv")] == ["ada"]
    submissions.nbgrader(course, "export", "--exporter=classroom.nbgrader_export.CanvasExport")
    assert as_canvas_reads((course / "grades-canvas.csv").read_bytes())["away"] == {LESSON: ""}
    submissions.nbgrader(course, "export", "--exporter=classroom.nbgrader_export.MoodleExport")
    assert as_moodle_reads((course / "grades-moodle.csv").read_bytes(), LESSON, "Username")["zero"] == 0
    (course / "canvas.csv").write_text(CANVAS, encoding="utf-8")
    plugin = "--exporter=classroom.nbgrader_export.CanvasExport"
    submissions.nbgrader(course, "export", plugin, "--CanvasExport.fill=canvas.csv", "--to", "filled.csv")
    assert as_canvas_reads((course / "filled.csv").read_bytes())["101"]["L03 Three measures (12)"] == "7"


def test_what_is_upstream(course):
    """What docs/teaching.md says of nbgrader's own exporter is so: when this fails, it has been mended there."""
    grade(course, {"ada": 7}, away={"last_name": "Day, O'", "first_name": "=1+1"})
    submissions.nbgrader(course, "export", "--exporter=nbgrader.plugins.CsvExportPlugin", "--to", "theirs.csv")
    with open(course / "theirs.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    away = next(row for row in rows if "away" in row)
    assert len(away) == len(head) + 1 and "=1+1" in away and "0.0" in away


# --- who is who ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "people, students, found",
    [
        ([Person("Lovelace", "Ada")], [Student("Ada Lovelace")], {0: "Ada Lovelace"}),
        ([Person("Lovelace, Ada")], [Student("ada", last_name="Lovelace", first_name="Ada")], {0: "ada"}),
        ([Person("Zoe\u0308", "A.")], [Student("A. Zoë")], {0: "A. Zoë"}),
        ([Person("X", ids=("ADA",))], [Student("ada")], {0: "ada"}),
        ([Person("X", email="a@b.c")], [Student("ada", email="A@B.C")], {0: "ada"}),
        ([Person("X", email="a@b.c")], [Student("a@b.c")], {0: "a@b.c"}),
        ([Person("Lovelace", "Ada", number="12")], [Student("ada", account="lovelaceada_12")], {0: "ada"}),
        # The number of somebody else: another assignment's worksheet, or another platform's table.
        ([Person("Moe", "Cyd", number="12")], [Student("Ada", account="Ada_12")], {}),
        # What two have in common says nothing, but what else they have does.
        ([Person("Doe", "Jo", ids=("1",)), Person("Doe", "Jo", ids=("2",))], [Student("2", "Doe", "Jo")], {1: "2"}),
        ([Person("Doe", "Jo")], [Student("a", "Doe", "Jo"), Student("b", "Doe", "Jo")], {}),
        ([Person("Doe", "Jo"), Person("Doe", "Jo")], [Student("Jo Doe")], {}),
        ([Person("Doe", "Jo", ids=("a",))], [Student("a"), Student("Jo Doe")], {0: "a"}),
        ([Person(ids=("a",), email="b@c")], [Student("x", lms_user_id="a"), Student("y", email="b@c")], {0: "x"}),
    ],
)  # fmt: skip
def test_who_is_who(people, students, found):
    """By number, registry, address, name; a wrong grade is worse than none."""
    assert matched(people, students)[0] == found


@pytest.mark.parametrize(
    "column, found",
    [
        ("Assignment: L03_three_measures (Real)", True),
        ("assignment: l03 Three measures (Real)", True),
        ("L03: Three measures", True),
        ("Quiz: week 3: L03", False),
        ("L030 (Real)", False),
        ("Assignment: Lab L03 (Real)", False),
        ("Assignment: L03 (Percentage)", False),
        ("Assignment: L03 (Feedback)", False),
        ("Feedback: L03", False),
        ("Course total (Real)", False),
    ],
)
def test_columns_in_moodles_gradebook(column, found):
    """A lesson's number begins the title of an activity of any kind, or of a grade item; only real points count."""
    sheet = sheet_of(f"First name,Email address,{column}\n".encode(), Path("x"))
    assert sheet.has_column_of(LESSON) == found
    if found:
        assert sheet.column_of(LESSON) == 2 and sheet.column_of("L04_y", column) == 2


def test_moodle_takes_no_more_than_the_maximum(course, capsys):
    """Extra credit above it would be passed over there without a word, so here it is said."""
    grade(course, {"cy": MOST + 1}, cy={"email": "cy@uni.edu"})
    (course / "sheet.csv").write_text(WORKSHEET, encoding="utf-8")
    run(course, "--fill", course / "sheet.csv")
    assert "has more points than Moodle takes there: 'Cyd Moe' ('cy')" in capsys.readouterr().out
    assert 4713 not in as_worksheet_is_read((course / "out.csv").read_bytes())


def test_tables_are_recognised():
    """By what their platform writes into the first line, in whatever case and with whatever separator."""
    heads = {
        "Student,ID,SIS Login ID,Section": Kind.CANVAS,
        "LastName;FirstName;ID;SIS User ID;SIS Login ID;Section;Essay (1)": Kind.CANVAS,
        "Identifier\tStatus\tGrade\tMaximum Grade\tLast modified (grade)": Kind.WORKSHEET,
        "First name,Last name,ID number,Essay (Real)": Kind.GRADES,
        "Student_ID,score": Kind.STUDENTS,
    }
    assert {head: sheet_of(f"{head}\n".encode(), Path("x")).kind for head in heads} == heads
    for broken in (b"", b"\n", b"\xff\xfe", b"ID\xe9,x\n", b"Teilnehmer,Bewertung\n"):
        with pytest.raises(SheetError, match=r"x is "):
            sheet_of(broken, Path("x"))
    assert issubclass(SheetError, CourseError)
