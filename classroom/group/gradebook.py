"""nbgrader's gradebook: what a lesson is graded by, and where the grades go, each submission in one transaction."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from tqdm import tqdm

from classroom.common import CourseError
from classroom.nbgrader_bridge import load_config, run_converter
from classroom.sandbox.namespaces import Limits
from classroom.student_names import notes
from classroom.submission.grade import Graded
from classroom.submission.lesson import Lesson, lesson_here

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

PATIENCE = 30.0  # seconds for which a locked gradebook is waited for
BUSY_SECONDS = 1.0  # after which SQLite says that a gradebook is locked, where it is to be said
LOOK_AGAIN = 0.5  # seconds between two tries
P = ParamSpec("P")
T = TypeVar("T")


class GradebookError(CourseError):
    """Why grades cannot be read or kept; the text says what to do."""


def course_directory(course: Path, lesson: str = "") -> CourseDirectory:
    """Return nbgrader's view of a course folder, by the settings of its own nbgrader_config.py, or else of ours."""
    with _without_grammars():
        from nbgrader.coursedir import CourseDirectory

    try:
        config = load_config(course if (course / "nbgrader_config.py").is_file() else None)
    except Exception as error:  # it is a program of the teacher's
        raise GradebookError(f"{course / 'nbgrader_config.py'} fails: {type(error).__name__}: {error}") from error
    return CourseDirectory(root=str(course), assignment_id=lesson, config=config)


@contextlib.contextmanager
def opened(directory: CourseDirectory, *, busy_seconds: float | None = None) -> Iterator[Gradebook]:
    """Open the gradebook; it is made if there is none.

    Parameters
    ----------
    directory : CourseDirectory
        The course, see `course_directory`.
    busy_seconds : float, optional
        How long SQLite waits by itself, without a word, for another program that writes; by its settings where absent.

    Raises
    ------
    GradebookError
        If it cannot be opened, or is locked or broken; also when that shows later, while it is used.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    url = directory.db_url
    if busy_seconds is not None and url.startswith("sqlite:") and "?" not in url:
        url += f"?timeout={busy_seconds:g}"

    def connect() -> Gradebook:
        with _quiet():
            return Gradebook(url, directory.course_id)

    try:
        gradebook = _patiently(connect)
    except (SQLAlchemyError, OSError) as error:
        raise _explained(error, directory.db_url) from error
    with gradebook:
        try:
            yield gradebook
        except SQLAlchemyError as error:
            raise _explained(error, directory.db_url) from error


def is_there(directory: CourseDirectory) -> bool:
    """Whether there is a gradebook, where that can be seen without opening it, which would make one."""
    from sqlalchemy.engine import make_url

    url = make_url(directory.db_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


@contextlib.contextmanager
def _without_grammars() -> Iterator[None]:
    """Let nbformat be imported without the grammars of addresses, which no notebook needs and which take a second."""
    name = "rfc3987_syntax"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment] # an import of it fails, and jsonschema does without
    try:
        yield
    finally:
        del sys.modules[name]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the deprecation warnings of nbgrader and SQLAlchemy, which a teacher cannot mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _patiently(do: Callable[[], T], undo: Callable[[], object] = lambda: None) -> T:
    """Return what a function returns; while it fails since the gradebook is locked, say so once and try again."""
    from sqlalchemy.exc import SQLAlchemyError

    end = time.monotonic() + PATIENCE
    said = False
    while True:
        try:
            return do()
        except (SQLAlchemyError, CourseError) as error:
            if "is locked" not in str(error) or time.monotonic() >= end:
                raise
        undo()
        if not said:
            tqdm.write(
                f"The gradebook is locked: another program writes to it. It is waited for, up to {PATIENCE:g} s.",
                file=sys.stderr,
            )
            said = True
        time.sleep(LOOK_AGAIN)


def patient(function: Callable[Concatenate[Gradebook, P], T]) -> Callable[Concatenate[Gradebook, P], T]:
    """Let a function of a gradebook wait for another program that writes to it; what it had begun is taken back.

    Ctrl-C ends the waiting, and never a try: the gradebook could not be used any more.
    """

    @functools.wraps(function)
    def waiting(gradebook: Gradebook, /, *args: P.args, **kwargs: P.kwargs) -> T:
        def once() -> T:
            with _stops_held():
                return function(gradebook, *args, **kwargs)

        return _patiently(once, gradebook.db.rollback)

    return waiting


def _explained(error: Exception, url: str) -> GradebookError:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    where = url.rpartition("@")[2].partition("?")[0]  # without a password
    if "locked" in said:
        return GradebookError(
            f"the gradebook {where} is locked: another program writes to it; try again when it is done"
        )
    return GradebookError(f"the gradebook {where} cannot be used: {said}")


# ---------------------------------------------------------------------------------------------------------- a lesson


@patient
def ensure_assignment(gradebook: Gradebook, directory: CourseDirectory, lesson: str) -> bool:
    """Put the lesson into the gradebook from its solution, if it is not there; return whether it was missing.

    The release is made too, by nbgrader's own GenerateAssignment, where there is none.
    """
    from nbgrader.api import MissingEntry

    with contextlib.suppress(MissingEntry):
        gradebook.find_notebook(lesson, lesson)
        return False
    source = Path(directory.format_path(directory.source_directory, ".", lesson)) / f"{lesson}.ipynb"
    if not source.is_file():
        raise GradebookError(f"{lesson} is not in the gradebook, and its solution {source} is not there to put it in")
    from nbgrader.converters import GenerateAssignment

    with _quiet():
        run_converter(GenerateAssignment(coursedir=directory, config=directory.config), lesson)
    return True


def release_path(directory: CourseDirectory, lesson: str) -> Path:
    """Where the learner's notebook of a lesson is."""
    return Path(directory.format_path(directory.release_directory, ".", lesson)) / f"{lesson}.ipynb"


@patient
def lesson_from(
    gradebook: Gradebook,
    directory: CourseDirectory,
    lesson: str,
    *,
    isolated: bool = True,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Lesson:
    """Return what a lesson is graded by: the release notebook, with graded cells and points from the gradebook.

    Raises
    ------
    GradebookError
        If the release is missing, or does not belong to what the gradebook holds.
    """
    path = release_path(directory, lesson)
    try:
        release = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GradebookError(f"there is no release {path}: `nbgrader generate_assignment {lesson}` makes it") from None
    except (OSError, ValueError, RecursionError) as error:
        raise GradebookError(f"the release {path} cannot be read: {error}") from error
    if not _is_release(release):
        raise GradebookError(f"the release {path} is no notebook of this course: see `nbgrader generate_assignment`")
    notebook = gradebook.find_notebook(lesson, lesson)
    sources = {cell.name: cell for cell in notebook.source_cells}
    points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    seen = set()
    for cell in release["cells"]:
        cell["source"] = "".join(cell["source"])
        meta = cell["metadata"].get("nbgrader")
        if meta is None:
            continue
        name = meta.get("grade_id")
        seen.add(name)
        if name not in sources or sources[name].checksum != meta.get("checksum"):
            raise _out_of_step(lesson, f"{name} differs")
        cell["source"] = sources[name].source
        if meta.get("grade", False) != (name in points):
            raise _out_of_step(lesson, f"{name} differs")
        if name in points:
            meta["points"] = points[name]
    if seen != set(sources):
        raise _out_of_step(lesson, f"{', '.join(sorted(seen ^ set(sources)))}: in one of them only")
    return lesson_here(lesson, release, limits, isolated=isolated)


def _is_release(found: Any) -> bool:
    cells = found.get("cells") if isinstance(found, dict) else None
    return isinstance(cells, list) and all(
        isinstance(cell, dict)
        and {"id", "cell_type", "source"} <= set(cell)
        and isinstance(cell.get("metadata"), dict)
        and isinstance(cell["metadata"].get("nbgrader", {}), dict)
        for cell in cells
    )


def _out_of_step(lesson: str, what: str) -> GradebookError:
    return GradebookError(
        f"the release of {lesson} and the gradebook are of different versions ({what}); students were given one of "
        f"them: put that version of solutions/ in place and run `nbgrader generate_assignment {lesson} --force`"
    )


# ------------------------------------------------------------------------------------------------------------ grades


@patient
def save(
    gradebook: Gradebook,
    lesson: str,
    student: str,
    graded: Graded,
    timestamp: datetime | None,
    *,
    also: Callable[[], object] = lambda: None,
) -> None:
    """Write one graded submission, by nbgrader's own SaveAutoGrades, all of it or nothing.

    Scores that a person gave or changed are kept; nbgrader marks them as to be looked at again. The time is that of
    this submission, also where none is known: the time of an earlier one would let a late one pass for punctual.
    ``also`` is called when the scores are in, as a part of the same transaction.

    Raises
    ------
    GradebookError
        If it cannot be written; the gradebook is then as it was.
    """
    import nbformat
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with _quiet(), one_transaction(gradebook):
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(lesson, student, timestamp=timestamp)
            saver, resources = _saver(gradebook, lesson, student)
            for index, cell in enumerate(nbformat.from_dict(graded.notebook).cells):
                saver.preprocess_cell(cell, resources, index)
            for name in graded.ungraded:
                grade = gradebook.find_grade(name, lesson, lesson, student)
                grade.auto_score, grade.needs_manual_grade = None, True
            also()
    except (SQLAlchemyError, InvalidEntry, OSError) as error:
        raise _explained(error, str(gradebook.engine.url)) from error


def _saver(gradebook: Gradebook, lesson: str, student: str) -> tuple[Any, dict[str, Any]]:
    from nbgrader.preprocessors import SaveAutoGrades

    saver = SaveAutoGrades()
    saver.log = logging.getLogger("classroom.group.gradebook")
    saver.gradebook = _Loaded(gradebook, lesson, student)
    saver.notebook_id, saver.assignment_id, saver.student_id = lesson, lesson, student
    return saver, {}


class _Loaded:
    """Answer what SaveAutoGrades asks a gradebook for, from one read: nbgrader joins seven tables for each cell."""

    def __init__(self, gradebook: Gradebook, lesson: str, student: str) -> None:
        from nbgrader.api import BaseCell, Comment, Grade

        self.db = gradebook.db
        notebook = gradebook.find_submission_notebook(lesson, lesson, student)

        def by_cell(kind: Any) -> dict[str, Any]:
            found = self.db.query(BaseCell.name, kind).join(kind, kind.cell_id == BaseCell.id)
            return dict(map(tuple, found.filter(kind.notebook_id == notebook.id)))

        self._grades, self._comments = by_cell(Grade), by_cell(Comment)

    def find_grade(self, cell: str, *of: str) -> Any:
        return self._one(self._grades, cell, of)

    def find_comment(self, cell: str, *of: str) -> Any:
        return self._one(self._comments, cell, of)

    @staticmethod
    def _one(found: dict[str, Any], cell: str, of: tuple[str, ...]) -> Any:
        from nbgrader.api import MissingEntry

        if cell not in found:
            raise MissingEntry(f"the gradebook has no {cell} for {' of '.join(of)}")
        return found[cell]


@contextlib.contextmanager
def one_transaction(gradebook: Gradebook) -> Iterator[None]:
    """Write all or nothing: nbgrader's many commits only flush, and the one at the end commits."""
    session = gradebook.db
    commit = session.commit
    session.commit = session.flush
    try:
        with _stops_held():
            yield
            commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.commit


@contextlib.contextmanager
def _stops_held() -> Iterator[None]:
    """Let Ctrl-C and a request to end wait until a block is done: in the middle of it SQLAlchemy prints a traceback."""
    came: list[int] = []

    def hold(number: int, frame: Any) -> None:
        came.append(number)

    before: dict[int, Any] = {}
    try:
        for stop in (signal.SIGINT, signal.SIGTERM):
            before[stop] = signal.signal(stop, hold)
    except ValueError:  # not in the main thread, to which no stop comes
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


@patient
def scores(gradebook: Gradebook, lesson: str, student: str) -> dict[str, float | None] | None:
    """Automatic scores of a student by graded cell, or None where the gradebook has no submission."""
    from nbgrader.api import BaseCell, Grade, MissingEntry

    try:
        notebook = gradebook.find_submission_notebook(lesson, lesson, student)
    except MissingEntry:
        return None
    found = gradebook.db.query(BaseCell.name, Grade.auto_score).join(Grade, Grade.cell_id == BaseCell.id)
    return dict(map(tuple, found.filter(Grade.notebook_id == notebook.id)))


@patient
def time_of(gradebook: Gradebook, lesson: str, student: str) -> datetime | None:
    """When a student handed in what is in the gradebook, in UTC; None where there is nothing, or no time."""
    from nbgrader.api import MissingEntry

    try:
        found: datetime | None = gradebook.find_submission(lesson, student).timestamp
    except MissingEntry:
        return None
    return found


@patient
def tell_apart(gradebook: Gradebook) -> None:
    """Say beside students whose names look alike what differs, where formgrader shows a first and a last name.

    A name that a teacher has given stays; what was said before is said anew, or taken back.
    """
    with _quiet():
        students = {student.id: student for student in gradebook.students}
        alike = notes(students)
        for name, student in students.items():
            ours = student.last_name == name and (student.first_name or "").startswith("(")
            if ours or (student.last_name is None and student.first_name is None):
                told = (name, f"({alike[name]})") if name in alike else (None, None)
                if told != (student.last_name, student.first_name):
                    student.last_name, student.first_name = told
        gradebook.db.commit()
