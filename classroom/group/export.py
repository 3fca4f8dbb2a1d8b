"""The grades of a class as a table: from the gradebook, with what the records say of those who were not graded.

nbgrader's own export joins texts by commas and writes 0.0 for whoever has no grade; names that a student chose shift
its columns. Here each cell is one cell, no cell is a formula, and who is not graded has no score.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.common import CourseError
from classroom.group import gradebook
from classroom.report.page import read_results
from classroom.report.spreadsheet import table
from classroom.student_names import notes
from classroom.submission.record import State

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

HEAD = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "status", "raw_score",
    "late_submission_penalty", "score", "max_score", "waiting", "look_alike",
)  # fmt: skip
NOT_HANDED_IN = "not handed in"


def grades_table(course: Path, lessons: Iterable[str] = ()) -> str:
    """Return the grades of a course as CSV: a row for each lesson and student.

    Parameters
    ----------
    course : Path
        The folder with the gradebook and `grading/`.
    lessons : iterable of str
        Full names; all lessons of the gradebook where there are none.

    Raises
    ------
    CourseError
        If the gradebook cannot be read, or has none of these lessons.
    """
    directory = gradebook.course_directory(course)
    with gradebook.opened(directory) as book:
        known = [assignment.name for assignment in book.assignments]
        wanted = list(lessons) or known
        if missing := sorted(set(wanted) - set(known)):
            raise CourseError(f"the gradebook has no {', '.join(missing)}")
        students = {student.id: student for student in book.students}
        rows = [row for lesson in wanted for row in _rows(book, course, lesson, students)]
    alike = notes(row["student_id"] for row in rows)
    return table(
        [HEAD, *([{**row, "look_alike": alike.get(row["student_id"])}.get(key) for key in HEAD] for row in rows)]
    )


def _rows(book: Gradebook, course: Path, lesson: str, students: dict[str, Any]) -> list[dict[str, Any]]:
    assignment = book.find_assignment(lesson)
    records = {record.student: record for record in read_results(course / "grading" / "results" / lesson, [])}
    submitted = {submission.student_id: submission for submission in assignment.submissions}
    points = _points(book, lesson)
    rows = []
    for name in sorted({*students, *records}):
        student, submission, record = students.get(name), submitted.get(name), records.get(name)
        score, waiting = points.get(name, (None, None))
        if score is None:
            status = str(State.NOT) if submission or record else NOT_HANDED_IN
        else:
            status = str(record.status) if record else str(State.GRADED)
        penalty = submission.late_submission_penalty if submission and score is not None else None
        rows.append(
            {
                "assignment": lesson,
                "duedate": _when(assignment.duedate),
                "timestamp": _when(submission.timestamp) if submission else None,
                "student_id": name,
                "last_name": student.last_name if student else None,
                "first_name": student.first_name if student else None,
                "email": student.email if student else None,
                "status": status,
                "raw_score": score,
                "late_submission_penalty": penalty,
                "score": None if score is None else max(0.0, score - (penalty or 0.0)),
                "max_score": assignment.max_score,
                "waiting": waiting,
            }
        )
    return rows


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
