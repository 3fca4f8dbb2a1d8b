"""A course's folder as grading uses it: where everything lies, and the lock that one grader at a time holds."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from classroom.common import CourseError, find_lesson
from classroom.group.gradebook import course_directory
from classroom.group.log import LOG, AuditLog
from classroom.group.pseudonyms import NAMES, Pseudonyms
from classroom.student_names import shown_name


class GradingError(CourseError):
    """Why a class cannot be graded, or not on; the text says what to do."""


class Course:
    """A course folder: nbgrader's folders, and `grading/` with results, reports and the log.

    Parameters
    ----------
    folder : Path
        The folder with submitted/, the gradebook and solutions/.
    lesson : str
        The lesson's full name.
    """

    def __init__(self, folder: Path, lesson: str) -> None:
        self.folder = Path(os.path.realpath(folder))
        self.lesson = lesson
        self.directory = course_directory(self.folder, lesson)
        self.submitted = self.folder / str(self.directory.submitted_directory)
        self.grading = self.folder / "grading"
        self.results = self.grading / "results" / lesson
        self.names = Pseudonyms(self.folder / NAMES)
        self.log = AuditLog(self.folder / LOG)

    @property
    def solution(self) -> Path:
        """The notebook with the lesson's answers."""
        place = str(self.directory.format_path(self.directory.source_directory, ".", self.lesson))
        return self.folder / place / f"{self.lesson}.ipynb"

    def result_path(self, student: str) -> Path:
        """Where a student's record is; the file is named by pseudonym, since a name may be any text."""
        return self.results / f"{self.names.of(shown_name(student))}.json"

    def autograded(self, student: str) -> Path:
        """Where a student's graded notebook is: its folder."""
        place = str(self.directory.format_path(self.directory.autograded_directory, student, self.lesson))
        return self.folder / place


def lesson_in(course: Path, lesson: str) -> str:
    """Return the lesson that is meant: one that has a solution or a release in a course's folder.

    Raises
    ------
    CourseError
        If there is no such folder, or no such lesson.
    """
    if not course.is_dir():
        raise GradingError(f"there is no folder {course}")
    directory = course_directory(course)
    places = [course / str(place) for place in (directory.source_directory, directory.release_directory)]
    known = {p.stem for place in places if place.is_dir() for p in place.glob("*/*.ipynb") if p.stem == p.parent.name}
    return find_lesson(lesson, sorted(known))


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one grader at a time write in a course.

    Raises
    ------
    GradingError
        If another one does.
    """
    from filelock import FileLock, Timeout

    grading = folder / "grading"
    try:
        grading.mkdir(parents=True, exist_ok=True)
        lock = FileLock(grading / "lock", timeout=0)
        with lock:
            yield
    except Timeout:
        raise GradingError(f"another grading is at work in {folder}; wait until it is done") from None
    except PermissionError as error:
        raise GradingError(
            f"{error.filename or grading} cannot be written to: make it yours, or grade a copy"
        ) from None
    except OSError as error:
        raise GradingError(f"{error.filename or grading} cannot be used: {error.strerror or error}") from error
