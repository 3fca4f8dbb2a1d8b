"""Read and write the tables in which a learning platform gives out its students, and takes grades back.

A table is recognised by the head that its platform writes, and is written again as it came: only the cells that were
set differ. So what this module does not know of a platform stays as the platform has it.
"""

from __future__ import annotations

import csv
import enum
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from classroom.common import CourseError
from classroom.group.roster import Person

MAX_BYTES = 50 * 2**20
_MARK = b"\xef\xbb\xbf"
_SEPARATORS = (",", ";", "\t")
#: Totals of Canvas, which are worked out there; some have a group's name before them and a period's behind.
_TOTALS = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
_CANVAS_STUDENT = ("student", "lastname", "firstname", "id", "sis user id", "sis login id", "integration id",
                   "root account", "section")  # fmt: skip
_MOODLE_STUDENT = ("first name", "last name", "surname", "username", "id number", "institution", "department",
                   "email address", "full name", "last downloaded from this course", "groups", "roles",
                   "last access to course", "status")  # fmt: skip


class SheetError(CourseError):
    """A table cannot be used; the text says which, why, and what to do."""


class Kind(enum.StrEnum):
    """What a table is, by its head.

    `CANVAS` is what Canvas exports from its gradebook, and takes back there
    (https://community.instructure.com/en/kb/articles/660862-how-do-i-import-grades-in-the-gradebook). By its own
    importer (`lib/gradebook_importer.rb` in https://github.com/instructure/canvas-lms) the first column's name holds
    "Student" and the second one's "ID", or the first three are "LastName", "FirstName" and "ID"; columns of students
    end with "Section"; then comes a column an assignment, "Title (number)"; one without a known number or title makes a
    new assignment. A row whose first cell holds "Points Possible" holds the assignments' points, or "(read only)".
    Students are found by ID, by SIS User ID or SIS Login ID, or by name. "EX" is excused, "N/A" not assigned, and an
    empty cell takes a score away. Cells are separated by commas or semicolons.

    `WORKSHEET` is the grading worksheet of one assignment in Moodle
    (https://docs.moodle.org/en/Assignment_settings, "Feedback types"). By its importer
    (`mod/assign/feedback/offline/importgradeslib.php` and `locallib.php` in https://github.com/moodle/moodle) it needs
    "Identifier", in which a number that each participant of the assignment has stands behind a word, "Grade", and
    "Last modified (grade)", by which grades that were changed meanwhile are left alone. An empty grade is passed over,
    and so is one below 0 or above the "Maximum Grade".

    `GRADES` is what Moodle exports from its gradebook, and takes back there
    (https://docs.moodle.org/en/Grade_export, https://docs.moodle.org/en/Grade_import): "First name", "Last name",
    "ID number", "Email address" and others, then columns such as "Assignment: Title (Real)", which whoever imports
    them maps to grade items or to new ones. Its importer (`grade/import/csv/classes/load_data.php`) finds students by
    email, ID number, user name or number; nothing, or "-", is no grade. A list of participants has the same head.

    `STUDENTS` is what `nbgrader db student import` takes
    (https://nbgrader.readthedocs.io/en/stable/command_line_tools/nbgrader-db-student-import.html): "id", and where they
    are known "first_name", "last_name", "email" and "lms_user_id"; a grades.csv of ours, with "student_id", is one too.
    """

    CANVAS = "Canvas's gradebook"
    WORKSHEET = "Moodle's grading worksheet"
    GRADES = "Moodle's grades"
    STUDENTS = "a list of students"


@dataclass
class Sheet:
    """A table: its rows as they are, and what tells them apart.

    Attributes
    ----------
    path : Path
        Where it was read from, for messages.
    kind : Kind
        What it is.
    rows : list of list of str
        All rows, the head first.
    separator, end : str
        What stands between cells and behind rows.
    mark : bool
        Whether it begins with a byte-order mark.
    """

    path: Path
    kind: Kind
    rows: list[list[str]]
    separator: str = ","
    end: str = "\r\n"
    mark: bool = False
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._places = {}
        for place, name in enumerate(self.rows[0]):
            self._places.setdefault(_plain(name), place)

    @property
    def head(self) -> list[str]:
        """The names of its columns."""
        return self.rows[0]

    def encoded(self) -> bytes:
        """Return the table as it is written into a file."""
        out = io.StringIO()
        csv.writer(out, delimiter=self.separator, lineterminator=self.end).writerows(self.rows)
        return (_MARK if self.mark else b"") + out.getvalue().encode("utf-8")

    def cell(self, row: int, *names: str) -> str:
        """Return a row's text in the first of some columns that is there, or nothing."""
        for name in names:
            if (place := self._places.get(name)) is not None:
                return self.rows[row][place].strip()
        return ""

    # ---- who stands in it

    def people(self) -> Iterator[tuple[int, Person]]:
        """Yield the rows that are a student's, each with whose it is."""
        read = {Kind.CANVAS: self._in_canvas, Kind.STUDENTS: self._in_list}.get(self.kind, self._in_moodle)
        for row in range(1, len(self.rows)):
            if any(cell.strip() for cell in self.rows[row]) and (found := read(row)) is not None:
                yield row, found

    def _in_canvas(self, row: int) -> Person | None:
        if self._is_of_points(row) or all(
            re.fullmatch(r"(?i)\s*(Muted|Manual Posting.*)?\s*", c) for c in self.rows[row]
        ):
            return None
        last, first = self.cell(row, "lastname"), self.cell(row, "firstname")
        if name := self.cell(row, "student"):
            last, _, first = (part.strip() for part in name.partition(","))
        user, login = self.cell(row, "sis user id"), self.cell(row, "sis login id")
        if (last, first, user) == ("Student", "Test", ""):  # whose eyes a teacher sees a course with
            return None
        number = self.cell(row, "id")
        email = login if "@" in login else ""
        return Person(last, first, email, tuple(filter(None, (login, user, number))), number)

    def _in_moodle(self, row: int) -> Person:
        last, first = self.cell(row, "last name", "surname"), self.cell(row, "first name")
        if not last and not first:
            last = self.cell(row, "full name")
        ids = (self.cell(row, "username"), self.cell(row, "id number"))
        number = re.search(r"[0-9]*$", self.cell(row, "identifier"))
        email = self.cell(row, "email address")
        return Person(last, first, email, tuple(filter(None, ids)), number.group() if number else "")

    def _in_list(self, row: int) -> Person:
        ids = (self.cell(row, "student_id", "id", "student", "username"), self.cell(row, "lms_user_id"))
        last, first = self.cell(row, "last_name", "last name", "name"), self.cell(row, "first_name", "first name")
        return Person(last, first, self.cell(row, "email", "email address"), tuple(filter(None, ids)))

    def _is_of_points(self, row: int) -> bool:
        return self.kind is Kind.CANVAS and "Points Possible" in self.rows[row][0]

    # ---- where grades stand

    def column_of(self, lesson: str, wanted: str | None = None) -> int:
        """Return the column for a lesson's points: the one that is wanted, or else the one that is called after it.

        Parameters
        ----------
        lesson : str
            The lesson's full name. A column is called after it by this name, or by a title that begins with its
            number: "L03_three_measures", "L03: Three measures (4711)", "Assignment: L03 (Real)".
        wanted : str, optional
            The column's name in the head, or its title.

        Raises
        ------
        SheetError
            If there is none, or more than one.
        """
        columns = self._columns()
        found = self._called(lesson, wanted)
        if len(found) == 1:
            return found[0]
        problem = "more than one column" if found else "no column"
        meant = f"called {wanted!r}" if wanted is not None else f"for {lesson}"
        names = ", ".join(repr(self.head[place]) for place in (found or columns)) or "none"
        short = lesson.partition("_")[0]
        raise SheetError(
            f"{self.path} has {problem} {meant}; its columns for points are: {names}. Name one with "
            f"--column {short}=NAME, or have a new one made with --add-column"
        )

    def has_column_of(self, lesson: str) -> bool:
        """Whether at least one column is called after a lesson."""
        return bool(self._called(lesson, None))

    def _called(self, lesson: str, wanted: str | None) -> list[int]:
        """Return the columns that are meant for a lesson."""
        if self.kind is Kind.WORKSHEET:
            return [self._places["grade"]]
        columns = self._columns()
        if wanted is not None:
            return [place for place, titles in columns.items() if wanted in (self.head[place], *titles)]
        begins = re.compile(rf"{re.escape(lesson.partition('_')[0])}(?![A-Za-z0-9])", re.IGNORECASE)
        found = [place for place, titles in columns.items() if lesson.casefold() in map(str.casefold, titles)]
        return found or [place for place, titles in columns.items() if any(map(begins.match, titles))]

    def _columns(self) -> dict[int, tuple[str, ...]]:
        """Return what the columns for points may be called, by their places."""
        return {place: titles for place, name in enumerate(self.head) if (titles := self._titles(place, name))}

    def _titles(self, place: int, name: str) -> tuple[str, ...]:
        """Return what an assignment may be called, and nothing where a column takes no points."""
        if self.kind is Kind.CANVAS:
            if _plain(name) in _CANVAS_STUDENT or _TOTALS.search(name) or place <= self._places["section"]:
                return ()
            if any(
                self._is_of_points(row) and "read only" in self.rows[row][place] for row in range(1, len(self.rows))
            ):
                return ()
            return (re.sub(r"\s*\([0-9]+\)$", "", name).strip(),)
        if self.kind is Kind.STUDENTS or _plain(name) in _MOODLE_STUDENT or re.match(r"Feedback: |Course total", name):
            return ()
        if re.search(r"\((Percentage|Letter|Feedback)\)$", name):
            return ()
        title = re.sub(r"\s*\(Real\)$", "", name).strip()
        return title, title.partition(": ")[2]  # an activity's kind stands before its title

    def add_column(self, title: str, most: float) -> int:
        """Add a column for points at the end, and return its place; the platform makes an assignment of it.

        Raises
        ------
        SheetError
            If the table is one of a single assignment.
        """
        if self.kind not in (Kind.CANVAS, Kind.GRADES):
            raise SheetError(f"{self.path} is {self.kind}, which takes no new column")
        for number, row in enumerate(self.rows):
            row.append(title if number == 0 else f"{most:g}" if self._is_of_points(number) else "")
        return len(self.head) - 1

    def most(self, column: int) -> float | None:
        """Return how many points the platform gives at most in a column, where the table says so."""
        if self.kind is Kind.CANVAS:
            texts = [self.rows[row][column] for row in range(1, len(self.rows)) if self._is_of_points(row)]
        else:
            texts = [self.cell(row, "maximum grade") for row in range(1, len(self.rows))]
        return next((number for text in texts if (number := _number(text)) is not None), None)

    def closed(self, row: int, column: int) -> str | None:
        """Say why the platform takes no points in a cell, or None where it does."""
        if self.kind is Kind.CANVAS:
            said = {"EX": "is excused there", "N/A": "is not given this assignment there"}
            return said.get(self.rows[row][column].strip().upper())
        if self.kind is Kind.WORKSHEET and self.cell(row, "grade can be changed").casefold() == "no":
            return "has a grade there that cannot be changed"
        return None


def read_sheet(path: Path) -> Sheet:
    """Read a table, and recognise whose it is.

    Raises
    ------
    SheetError
        If it cannot be read, is no table, or none of those that `Kind` names.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SheetError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise SheetError(f"{path} has more than {MAX_BYTES // 2**20} MB")
    return sheet_of(data, path)


def sheet_of(data: bytes, path: Path) -> Sheet:
    """Return the table that some bytes are; `path` is said in errors.

    Examples
    --------
    >>> found = sheet_of(b"Student,ID,SIS Login ID,Section,L03 (9)\\n\\"Lovelace, Ada\\",7,ada,A,\\n", Path("x.csv"))
    >>> found.kind.value, [person.name for _, person in found.people()], found.column_of("L03_three_measures")
    ("Canvas's gradebook", ['Ada Lovelace'], 4)
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetError(
            f"{path} is not in UTF-8: take the file as the platform gives it out, or save it as CSV UTF-8"
        ) from None
    for separator in _SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error as error:
            raise SheetError(f"{path} is no table: {error}") from None
        if rows and (kind := _kind(rows[0])) is not None:
            break
    else:
        raise SheetError(
            f"{path} is none of the tables that are known: {', '.join(Kind)}, by its first line. Take the file as the "
            "platform gives it out, as CSV and in English"
        )
    wide = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if row and len(row) != wide:
            raise SheetError(f"row {number} of {path} has {len(row)} cells, its head {wide}")
    end = "\r\n" if "\r\n" in text else "\n"
    return Sheet(path, kind, [row or [""] * wide for row in rows], separator, end, data.startswith(_MARK))


def _kind(head: list[str]) -> Kind | None:
    names = [_plain(name) for name in head]
    if len(names) > 3 and "section" in names:
        if ("Student" in head[0] and "ID" in head[1]) or names[:3] == ["lastname", "firstname", "id"]:
            return Kind.CANVAS
    if {"identifier", "grade", "last modified (grade)"} <= set(names):
        return Kind.WORKSHEET
    if {"first name", "email address"} <= set(names) or {"first name", "id number"} <= set(names):
        return Kind.GRADES
    return Kind.STUDENTS if {"student_id", "id", "student"} & set(names) else None


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
