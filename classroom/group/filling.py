"""Put the grades of a class into a copy of a platform's own table, which then goes back to it.

The platform's table says who is who there, and how many points an assignment has. A cell is set where there is a whole
grade; all others stay as the platform wrote them, so that nobody gets a 0 or loses a grade for not being graded here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from classroom.common import CourseError
from classroom.group.export import GradeRow, Grades
from classroom.group.roster import Person, matched
from classroom.group.sheets import Kind, Sheet
from classroom.report.page import NOT_HANDED_IN
from classroom.report.spreadsheet import cell
from classroom.submission.record import State


@dataclass
class Filled:
    """What filling in a table did.

    Attributes
    ----------
    written : int
        How many grades are in it.
    left : dict of str to list of str
        Whose cells were left as they were, by the reason.
    """

    written: int = 0
    left: dict[str, list[str]] = field(default_factory=dict)

    def leave(self, who: str, why: str) -> None:
        """Note whose cell stays, and why."""
        self.left.setdefault(why, []).append(who)


def fill(
    sheet: Sheet,
    grades: Grades,
    *,
    columns: dict[str, str] | None = None,
    add: bool = False,
    scale: bool = False,
    so_far: bool = False,
) -> Filled:
    """Set a lesson's points in a platform's table, for each student who stands in it.

    Parameters
    ----------
    sheet : Sheet
        The platform's table; it is changed.
    grades : Grades
        Of the lessons that are wanted.
    columns : dict of str to str, optional
        The column for a lesson's points, where it is not called after the lesson.
    add : bool
        Whether to add a column for a lesson that has none.
    scale : bool
        Whether to convert points where the platform gives more or fewer at most.
    so_far : bool
        Whether to give points also where others wait for a person, or an earlier submission was graded.

    Raises
    ------
    CourseError
        If a lesson has no column there, the table is of one assignment and there are several lessons, or the platform
        gives another number of points at most and they are not to be converted. Nothing is set then.
    """
    if sheet.kind is Kind.STUDENTS:
        raise CourseError(f"{sheet.path} is {sheet.kind}, into which no grades go: give it as --roster")
    if sheet.kind is Kind.WORKSHEET and len(grades.lessons) != 1:
        raise CourseError(f"{sheet.path} is of one assignment: name its lesson with --lesson")
    wanted = columns or {}
    places: dict[str, int | None] = {}
    factors: dict[str, float] = {}
    for lesson in grades.lessons:
        if add and lesson not in wanted and not sheet.has_column_of(lesson):
            places[lesson], factors[lesson] = None, 1.0
            continue
        column = sheet.column_of(lesson, wanted.get(lesson))
        if column in places.values():
            raise CourseError(f"{sheet.path} has one column, {sheet.head[column]!r}, for two lessons")
        places[lesson] = column
        factors[lesson] = _factor(sheet, column, lesson, grades, scale)
    at = {
        lesson: sheet.add_column(lesson, grades.lessons[lesson]) if place is None else place
        for lesson, place in places.items()
    }
    filled = Filled()
    people = dict(sheet.people())
    students, unclear = matched(list(people.values()), grades.students.values())
    for lesson, column in at.items():
        rows = grades.of(lesson)
        for number, (where, person) in enumerate(people.items()):
            name = students.get(number)
            grade = rows[name] if name is not None else unclear.get(number)
            points = _points(sheet, where, column, grade, so_far)
            if not isinstance(points, str):
                points *= factors[lesson]
                if sheet.kind is Kind.WORKSHEET and points > (sheet.most(column) or points):
                    points = "has more points than Moodle takes there"
            if isinstance(points, str):
                filled.leave(_called(person, name), points)
            else:
                sheet.rows[where][column] = cell(points)
                filled.written += 1
        for name in sorted(set(grades.students) - set(students.values())):
            if rows[name].score is not None:
                filled.leave(repr(name), f"graded in {lesson}, and not found in the file")
    return filled


def _factor(sheet: Sheet, place: int, lesson: str, grades: Grades, scale: bool) -> float:
    """Return what one of our points is there."""
    ours, theirs = grades.lessons[lesson], sheet.most(place)
    if theirs is None or theirs == ours or not ours:
        return 1.0
    if not scale:
        raise CourseError(
            f"{sheet.path} gives {theirs:g} points at most in {sheet.head[place]!r}, and {lesson} has {ours:g}: change "
            "that there, or have points converted with --scale"
        )
    return theirs / ours


def _points(sheet: Sheet, row: int, column: int, grade: GradeRow | str | None, so_far: bool) -> float | str:
    """Return the points for a cell, or why it stays as it is; `grade` may say why nobody knows whose it is."""
    if not isinstance(grade, GradeRow):
        return grade or "nobody of the course is found by this name, number or address"
    if closed := sheet.closed(row, column):
        return closed
    if grade.score is None:
        return grade.reason if grade.status == NOT_HANDED_IN else f"{grade.status}: {grade.reason}"
    if not grade.final and not so_far:
        return grade.reason if grade.status == State.GRADED else f"{grade.status}: {grade.reason}"
    return grade.score


def _called(person: Person, name: str | None) -> str:
    """Name somebody by both names, where they differ."""
    return repr(person.shown) if name in (None, person.shown) else f"{person.shown!r} ({name!r})"
