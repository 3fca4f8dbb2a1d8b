"""The grades of a class as a table: from the gradebook, with what the records say of those who were not graded.

nbgrader's own export joins texts by commas and writes 0.0 for whoever has no grade; names that a student chose shift
its columns. Here each cell is one cell, no cell is a formula, there is a row for everyone who is known, and who is not
graded has no score, and a reason. `classroom.group.filling` puts the same grades into a platform's own table.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.common import CourseError
from classroom.group import collect
from classroom.group.roster import Person, Student, accounts, matched
from classroom.report.page import NOT_HANDED_IN, read_results
from classroom.report.spreadsheet import table
from classroom.student_names import notes, shown_name
from classroom.submission.record import Record, State

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

HEAD = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "status", "reason",
    "raw_score", "late_submission_penalty", "score", "max_score", "waiting", "look_alike",
)  # fmt: skip
UNCLEAR = "not found"
"""Somebody on a list who may be one of several students, or one of several who may be one."""
BEFORE = "graded before"
"""An earlier submission's grade stands; the latest one could not be graded."""


@dataclass(frozen=True)
class GradeRow:
    """What one student has in one lesson; the fields are the columns of the table, but for the last one.

    Attributes
    ----------
    assignment, student_id : str
        Which lesson's, and whose.
    status : str
        A `State`, `BEFORE`, `NOT_HANDED_IN` or `UNCLEAR`.
    reason : str
        Why there is no score, or not the whole one.
    score : float or None
        Points so far, less what being late costs; None where there are none, which is no 0.
    max_score, waiting : float
        Points to be earned, and those of them that a person still gives.
    """

    assignment: str
    student_id: str
    status: str
    reason: str
    max_score: float
    duedate: str | None = None
    timestamp: str | None = None
    last_name: str | None = None
    first_name: str | None = None
    email: str | None = None
    lms_user_id: str | None = None
    raw_score: float | None = None
    late_submission_penalty: float | None = None
    score: float | None = None
    waiting: float | None = None

    @property
    def final(self) -> bool:
        """Whether the score is that of the latest submission, and nobody has to give points any more."""
        return self.score is not None and self.status == State.GRADED and not self.waiting


@dataclass(frozen=True)
class Grades:
    """The grades of some lessons.

    Attributes
    ----------
    lessons : dict of str to float
        How many points each lesson has.
    rows : list of GradeRow
        One for each lesson and student, by lesson.
    students : dict of str to Student
        What is known of each student.
    roster : dict of str to Person
        Who stands on the list that was given, by the name that the rows have.
    unclear : dict of str to str
        Of whom on the list it could not be told which student they are, and why; each has a row of their own.
    """

    lessons: dict[str, float]
    rows: list[GradeRow]
    students: dict[str, Student]
    roster: dict[str, Person] = field(default_factory=dict)
    unclear: dict[str, str] = field(default_factory=dict)

    def of(self, lesson: str) -> dict[str, GradeRow]:
        """A lesson's rows by student."""
        return {row.student_id: row for row in self.rows if row.assignment == lesson}


def grades_of(
    book: Gradebook,
    directory: CourseDirectory,
    course: Path,
    lessons: Iterable[str] = (),
    roster: Sequence[Person] | None = None,
) -> Grades:
    """Return everybody's grades: of who is in the gradebook, has handed in, or stands on a list.

    Parameters
    ----------
    book : Gradebook
        The course's, opened.
    directory : CourseDirectory
        nbgrader's view of the course.
    course : Path
        The folder with `submitted/` and `grading/`.
    lessons : iterable of str
        Full names; all lessons of the gradebook where there are none.
    roster : sequence of Person, optional
        Who is in the class by a list, beside those in the gradebook.

    Raises
    ------
    CourseError
        If the gradebook has none of these lessons.
    """
    known = [assignment.name for assignment in book.assignments]
    wanted = list(lessons) or known
    if missing := sorted(set(wanted) - set(known)):
        raise CourseError(f"the gradebook has no {', '.join(missing)}")
    found = {lesson: _Lesson(book, directory, course, lesson) for lesson in wanted}
    students = _students(book, course, found)
    listed, unclear = _listed(roster or (), students)
    everybody = sorted({*students, *listed})
    rows = [
        lesson.row(name, students.get(name), listed.get(name), unclear.get(name))
        for lesson in found.values()
        for name in everybody
    ]
    most = {name: float(lesson.assignment.max_score) for name, lesson in found.items()}
    return Grades(most, rows, students, listed, unclear)


def not_handed_in(
    book: Gradebook, directory: CourseDirectory, course: Path, lesson: str, roster: Sequence[Person] | None = None
) -> tuple[list[str], dict[str, str]]:
    """Return the names of those who are in the gradebook or on a list, and of whom there is no submission.

    Beside them, of whom on the list nobody knows who they are, and why. The parameters are those of `grades_of`.
    """
    if lesson not in {assignment.name for assignment in book.assignments}:
        raise CourseError(f"the gradebook has no {lesson}")
    found = _Lesson(book, directory, course, lesson)
    students = _students(book, course, {lesson: found})
    listed, unclear = _listed(roster or (), students)
    absent = {*students, *listed} - found.names() - unclear.keys()
    return [shown_name(name) for name in sorted(absent)], unclear


def _students(book: Gradebook, course: Path, lessons: Mapping[str, _Lesson]) -> dict[str, Student]:
    """Return all who are in the gradebook or have handed in one of the lessons."""
    entries = {entry.id: entry for entry in book.students}
    names = {*entries, *(name for lesson in lessons.values() for name in lesson.names())}
    # Moodle numbers the participants of each assignment anew.
    account = accounts(course, next(iter(lessons))) if len(lessons) == 1 else {}
    found = {}
    for name in sorted(names):
        entry = entries.get(name)
        last, first, email, number = (
            getattr(entry, key, None) or "" for key in ("last_name", "first_name", "email", "lms_user_id")
        )
        found[name] = Student(name, last, first, email, number, account.get(name, ""))
    return found


def _listed(roster: Sequence[Person], students: Mapping[str, Student]) -> tuple[dict[str, Person], dict[str, str]]:
    """Give each person on a list the name of the student that they are, or one that no student has."""
    places, why = matched(roster, students.values())
    listed = {places[place]: person for place, person in enumerate(roster) if place in places}
    unclear = {}
    for place, person in enumerate(roster):
        if place in places:
            continue
        name = next(iter(person.ids), "") or person.email or person.name or person.number
        number = 2
        while (free := name if number == 2 else f"{name} ({number - 1})") in students or free in listed:
            number += 1
        listed[free] = person
        if place in why:
            unclear[free] = why[place]
    return listed, unclear


class _Lesson:
    """What gradebook, records and folders say of one lesson."""

    def __init__(self, book: Gradebook, directory: CourseDirectory, course: Path, name: str) -> None:
        self.name = name
        self.assignment = book.find_assignment(name)
        results = read_results(course / "grading" / "results" / name, [])
        self.records: dict[str, Record] = {record.student: record for record in results}
        self.submissions = {submission.student_id: submission for submission in self.assignment.submissions}
        self.book = book
        folder = course / str(directory.submitted_directory)
        self.handed_in = {shown_name(student) for student in collect.students(folder, name)}

    @functools.cached_property
    def points(self) -> dict[str, tuple[float | None, float]]:
        """Each student's points so far, and those that wait."""
        return _points(self.book, self.name)

    def names(self) -> set[str]:
        """Everybody who has to do with the lesson."""
        return {*self.records, *self.submissions, *self.handed_in}

    def row(self, name: str, student: Student | None, person: Person | None, unclear: str | None) -> GradeRow:
        """Return what somebody has in the lesson; what the gradebook does not know of them a list may.

        `unclear` says why nobody knows who somebody on the list is.
        """
        submission = self.submissions.get(name)
        score, waiting = self.points.get(name, (None, None))
        status, reason = (UNCLEAR, unclear) if unclear else self._status(name, score, waiting)
        penalty = submission.late_submission_penalty if submission and score is not None else None
        return GradeRow(
            assignment=self.name,
            student_id=name,
            status=status,
            reason=reason,
            max_score=self.assignment.max_score,
            duedate=_when(self.assignment.duedate),
            timestamp=_when(submission.timestamp) if submission else None,
            last_name=(student and student.last_name) or (person and person.last_name) or None,
            first_name=(student and student.first_name) or (person and person.first_name) or None,
            email=(student and student.email) or (person and person.email) or None,
            lms_user_id=(student and student.lms_user_id) or None,
            raw_score=score,
            late_submission_penalty=penalty,
            score=None if score is None else max(0.0, score - (penalty or 0.0)),
            waiting=waiting,
        )

    def _status(self, name: str, score: float | None, waiting: float | None) -> tuple[str, str]:
        """Return how far somebody is graded, and what keeps it from being further."""
        record = self.records.get(name)
        said = [record.cause] if record else []
        if score is None:
            if record is None and name not in self.submissions and name not in self.handed_in:
                return NOT_HANDED_IN, "nothing was handed in"
            if record is None and name not in self.submissions:
                return str(State.NOT), "it was handed in and is not graded yet"
            return str(State.NOT), "; ".join(filter(None, said)) or "the gradebook has no points for it"
        if waiting:
            said.append(f"{waiting:g} of the points wait for a person")
        status = record.status if record else State.GRADED
        return BEFORE if status is State.NOT else str(status), "; ".join(filter(None, said))


def grades_table(grades: Grades) -> str:
    """Return grades as CSV: a row for each lesson and student."""
    alike = notes(row.student_id for row in grades.rows)
    rows = ([getattr(row, key, alike.get(row.student_id)) for key in HEAD] for row in grades.rows)
    return table([HEAD, *rows])


def by_lesson_table(grades: Grades) -> str:
    """Return grades as CSV: a row for each student, and for each lesson its points and how far they are graded."""
    lessons = {lesson: grades.of(lesson) for lesson in grades.lessons}
    head = ["student_id", "last_name", "first_name", "email"]
    names = list(dict.fromkeys(row.student_id for row in grades.rows))
    alike = notes(names)
    rows = []
    for name in names:
        mine = [found[name] for found in lessons.values()]
        known = [getattr(mine[0], key) for key in head]
        rows.append([*known, *(value for row in mine for value in (row.score, row.status)), alike.get(name)])
    columns = [text for lesson in lessons for text in (lesson, f"{lesson} status")]
    return table([[*head, *columns, "look_alike"], *rows])


def canvas_table(grades: Grades, *, so_far: bool = False) -> str:
    """Return grades as Canvas takes them, a column for each lesson, where its own table is not at hand.

    What the columns are is said in `classroom.group.sheets.Kind`. Canvas finds a student by the ID, which is the
    gradebook's `lms_user_id` where that is a number; by the SIS Login ID, which is the name under which the grades are
    kept; or by "Last, First". A column that has no assignment's title makes a new assignment.

    Parameters
    ----------
    grades : Grades
    so_far : bool
        Whether to give points also where others wait for a person, or an earlier submission was graded.
    """
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *grades.lessons]
    rows: list[list[Any]] = [head, ["Points Possible", *[""] * 4, *grades.lessons.values()]]
    for name, mine in _by_student(grades).items():
        first = mine[0]
        called = ", ".join(filter(None, (first.last_name, first.first_name))) or name
        number = first.lms_user_id if (first.lms_user_id or "").isdecimal() else ""
        rows.append([called, number, "", name, "", *(_given(row, so_far) for row in mine)])
    return table(rows)


def moodle_table(grades: Grades, *, so_far: bool = False) -> str:
    """Return grades as Moodle's gradebook takes them, a column for each lesson, where its own table is not at hand.

    What the columns are is said in `classroom.group.sheets.Kind`. Whoever imports the table says by which column Moodle
    is to find a student: "Username" is the name under which the grades are kept, "ID number" the gradebook's
    `lms_user_id`.

    Parameters
    ----------
    grades : Grades
    so_far : bool
        Whether to give points also where others wait for a person, or an earlier submission was graded.
    """
    rows: list[list[Any]] = [["First name", "Last name", "Username", "ID number", "Email address", *grades.lessons]]
    for name, mine in _by_student(grades).items():
        known = [mine[0].first_name, mine[0].last_name, name, mine[0].lms_user_id, mine[0].email]
        rows.append([*known, *(_given(row, so_far) for row in mine)])
    return table(rows)


def _by_student(grades: Grades) -> dict[str, list[GradeRow]]:
    found: dict[str, list[GradeRow]] = defaultdict(list)
    for row in grades.rows:
        found[row.student_id].append(row)
    return found


def _given(row: GradeRow, so_far: bool) -> float | None:
    return row.score if row.final or so_far else None


def _when(moment: Any) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def _points(book: Gradebook, lesson: str) -> dict[str, tuple[float | None, float]]:
    """Return each student's points so far, None where no cell has any, and the points that wait for a person."""
    from nbgrader.api import Assignment, Grade, GradeCell, SubmittedAssignment, SubmittedNotebook

    found = (
        book.db.query(SubmittedAssignment.student_id, Grade, GradeCell.max_score)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(GradeCell, GradeCell.id == Grade.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == lesson)
    )
    scores: dict[str, float | None] = {}
    waiting: dict[str, float] = {}
    for student, grade, most in found:
        given = grade.manual_score if grade.manual_score is not None else grade.auto_score
        scores.setdefault(student, None)
        waiting.setdefault(student, 0.0)
        if given is not None or grade.extra_credit:
            scores[student] = (scores[student] or 0.0) + (given or 0.0) + (grade.extra_credit or 0.0)
        if grade.needs_manual_grade:
            waiting[student] += most
    return {student: (scores[student], waiting[student]) for student in scores}
