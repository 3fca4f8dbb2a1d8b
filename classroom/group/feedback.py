"""Pack the feedback pages of a lesson into an archive that Moodle takes back, and gives each student their own.

Moodle calls it "Upload multiple feedback files in a zip"
(https://docs.moodle.org/en/Assignment_settings, "Feedback types": feedback files): an entry is named as Moodle
names what was handed in when a teacher downloads it. By its importer (`mod/assign/feedback/file/importziplib.php` in
https://github.com/moodle/moodle) a name is parted at its first four underscores: the student's name, which is not
looked at; the participant's number in this assignment, which is; "assignsubmission" and "file"; and what stands behind
them is the name that the file gets. A file of that name which a student has there already is replaced.
"""

from __future__ import annotations

import os
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from classroom.common import CourseError
from classroom.group import collect
from classroom.group.export import Grades
from classroom.group.roster import Person, matched
from classroom.report.page import NOT_HANDED_IN
from classroom.submission.reading import SubmissionError
from classroom.submission.record import State

MAX_PAGE = 64 * 2**20  # bytes of one student's page


@dataclass
class Packed:
    """What packing did: how many pages are in the archive, and whose are not, by the reason."""

    pages: int = 0
    left: dict[str, list[str]] = field(default_factory=dict)


def pack(
    target: Path, course: Path, folders: tuple[str, str], lesson: str, grades: Grades, people: list[Person] | None
) -> Packed:
    """Write the archive, whole or not at all.

    Parameters
    ----------
    target : Path
        Where it goes.
    course : Path
        The course's folder.
    folders : tuple of str
        nbgrader's folders in it: of feedback, and of graded notebooks, than which no page may be older.
    lesson : str
        The lesson's full name.
    grades : Grades
        Of this lesson.
    people : list of Person or None
        The assignment's participants by Moodle's grading worksheet; without them the numbers are those in the names of
        what was collected.

    Raises
    ------
    CourseError
        If no page can be packed.
    """
    packed = Packed()
    numbers = _numbers(grades, people)
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside.unlink(missing_ok=True)
    try:
        opened = open(aside, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))
        with opened as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, row in sorted(grades.of(lesson).items()):
                if row.status == NOT_HANDED_IN:
                    continue
                try:
                    page = _page(course, folders, name, lesson)
                    called, number = numbers[name]
                except SubmissionError as error:
                    why = f"{row.status}: {row.reason}" if row.status == State.NOT else str(error)
                    packed.left.setdefault(why, []).append(name)
                except KeyError:
                    packed.left.setdefault("no participant's number of Moodle is known", []).append(name)
                else:
                    archive.writestr(entry_name(called, number, lesson), page)
                    packed.pages += 1
        if not packed.pages:
            why = "; ".join(f"{why}: {', '.join(map(repr, names))}" for why, names in packed.left.items())
            raise CourseError(f"there is no feedback on {lesson} to pack ({why or 'nobody has handed in'})")
        os.replace(aside, target)
    finally:
        aside.unlink(missing_ok=True)
    return packed


def entry_name(called: str, number: str, lesson: str) -> str:
    """Return what a page is called in the archive.

    >>> entry_name("Ada_B. Lovelace", "4711", "L03_three_measures")
    'Ada B. Lovelace_4711_assignsubmission_file_L03_three_measures.html'
    """
    plain = " ".join(re.sub(r"[^\w .'-]|_", " ", called).split()).lstrip(".~ ") or "Participant"
    return f"{plain}_{number}_assignsubmission_file_{lesson}.html"


def _numbers(grades: Grades, people: list[Person] | None) -> dict[str, tuple[str, str]]:
    """Return by which name and number Moodle knows each student."""
    if people is None:
        return {s.name: (s.called, s.number) for s in grades.students.values() if s.number}
    found, _ = matched(people, grades.students.values())
    return {name: (people[place].name, people[place].number) for place, name in found.items() if people[place].number}


def _page(course: Path, folders: tuple[str, str], student: str, lesson: str) -> bytes:
    """Read a student's page.

    Raises
    ------
    SubmissionError
        If there is none, it is none that may be read, or it is older than the graded notebook.
    """
    feedback, autograded = folders
    try:
        page, made = collect.read_made(course / feedback, student, lesson, f"{lesson}.html", MAX_PAGE)
    except (SubmissionError, OSError):
        raise SubmissionError(
            f"there is no page in {feedback}/: `nbgrader generate_feedback {lesson}` makes it"
        ) from None
    graded = course / autograded / student / lesson / f"{lesson}.ipynb"
    if graded.is_file() and graded.stat().st_mtime > made:
        raise SubmissionError(f"the page is older than the grade: `nbgrader generate_feedback {lesson} --force`")
    return page
