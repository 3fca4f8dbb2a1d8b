"""Grade a class: sort out what is graded already or cannot be read, grade the rest, keep each grade, write the report.

What was finished is never graded twice and never lost: end it anywhere, and the next run goes on with the rest.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from classroom.common import ROOT, CourseError, sha256, write_whole
from classroom.group import collect, gradebook, pool
from classroom.group.export import not_handed_in
from classroom.group.folder import Course, GradingError, lesson_in, locked
from classroom.group.late import NO_TIME, Lateness, LateRules
from classroom.group.log import batch_entry, grade_entry
from classroom.group.pseudonyms import Pseudonyms
from classroom.report import page as report
from classroom.sandbox.namespaces import Limits, bubblewrap, require_hidden
from classroom.student_names import shown_name
from classroom.submission import record as records
from classroom.submission.grade import Graded, fresh_seed, not_graded
from classroom.submission.lesson import Lesson
from classroom.submission.record import Record, State, replace
from classroom.submission.texts import was_worked

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

SOLUTION, UNTOUCHED = "the solution", "an untouched release"
#: What ends a run, since it is of the machine and not of one student's folder.
_OF_ALL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


@dataclass
class ClassRun:
    """What a run over a class did.

    Attributes
    ----------
    graded : dict of str to Record
        Records of this run by student, without their exercises: those of a thousand students fill the memory.
    kept : list of str
        Students whose submission was graded before and has not changed.
    by_other_checks : list of str
        Those of them whose grade comes from another version of the checks.
    late : dict of str to str
        What is said of those who are late, and of what was graded before and may be.
    report : Path or None
        The page on what the class has not understood.
    last_hash : str
        Hash of the log's last entry, to be noted down.
    stopped : bool
        Whether it was interrupted.
    problems : list of str
        What is wrong beside the grades: a report that could not be written, a log that was changed.
    """

    graded: dict[str, Record] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    by_other_checks: list[str] = field(default_factory=list)
    late: dict[str, str] = field(default_factory=dict)
    report: Path | None = None
    last_hash: str = ""
    stopped: bool = False
    problems: list[str] = field(default_factory=list)


def grade_class(
    lesson: str,
    course: Path = ROOT,
    *,
    only: list[str] | None = None,
    again: bool = False,
    seed: int | None = None,
    isolated: bool = True,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    workers: int | None = None,
    scheduler: str | None = None,
    progress: bool = True,
    command: tuple[str, ...] = (),
) -> ClassRun:
    """Grade what was handed in and is not graded yet.

    Parameters
    ----------
    lesson : str
        Its name, or a beginning that only it has.
    course : Path
        The folder with submitted/, the gradebook and solutions/.
    only : list of str, optional
        Students to be graded; everybody where absent.
    again : bool
        Grade also what has been graded.
    seed : int, optional
        From which everybody's inputs are drawn, for a replay; a fresh one for each submission where absent.
    isolated : bool
        False runs students' code without a sandbox, and says so everywhere.
    limits : Limits
        What each submission's code may use.
    workers, scheduler
        Where to grade, see `classroom.group.pool.opened`; by the size of the class where ``workers`` is absent.
    progress : bool
        Show a bar.
    command : tuple of str
        The command line, for the log.

    Raises
    ------
    GradingError, GradebookError, SandboxError, AuditError
        If nothing can be graded, or the rest cannot; what is finished stays.
    """
    course = Path(course)
    name = lesson_in(course, lesson)
    if isolated:
        bubblewrap()
        require_hidden(course)
    with stoppable(), locked(course):
        folder = Course(course, name)
        with gradebook.opened(folder.directory, busy_seconds=gradebook.BUSY_SECONDS) as book:
            rules = LateRules(folder.directory)
            graded_by = lesson_of(folder, book, isolated=isolated, limits=limits, progress=progress)
            folder.log.append(**batch_entry(graded_by, _without_names(command, folder.names)))
            run = _Run(folder, graded_by, book, rules, seed)
            run.sort_out(students_of(folder, only), again=again)
            run.grade(workers=workers, scheduler=scheduler, progress=progress)
            run.hold_late_rules()
            gradebook.tell_apart(book)
            absent, _ = not_handed_in(book, folder.directory, course, name)
        return _concluded(folder, run.done, absent)


def _without_names(command: Sequence[str], names: Pseudonyms) -> list[str]:
    """Return a command line with pseudonyms for the students that it names, and every other word as it is."""
    words: list[str] = []
    is_name = False
    for word in command:
        option, equals, value = word.partition("=")
        # An option may be cut short to what no other one begins with.
        names_one = option.startswith("--st") and "--student".startswith(option)
        if is_name:
            words.append(names.of(shown_name(word)))
        elif names_one and equals:
            words.append(f"{option}={names.of(shown_name(value))}")
        else:
            words.append(word)
        is_name = names_one and not equals and not is_name
    return words


def lesson_of(course: Course, book: Gradebook, *, isolated: bool, limits: Limits, progress: bool) -> Lesson:
    """Return what a course's lesson is graded by; it is put into the gradebook where it is not there yet."""
    if gradebook.ensure_assignment(book, course.directory, course.lesson) and progress:
        print(f"{course.lesson} is new to the gradebook: it was put in from its solution", file=sys.stderr)
    return gradebook.lesson_from(book, course.directory, course.lesson, isolated=isolated, limits=limits)


def students_of(course: Course, only: list[str] | None = None) -> list[str]:
    """Return the names of those who have handed in, or of those of them that were asked for.

    Raises
    ------
    GradingError
        If nobody has, one of these has not, or the folder cannot be read.
    """
    try:
        names = collect.students(course.submitted, course.lesson)
    except OSError as error:
        raise GradingError(f"{course.submitted} cannot be read: {error.strerror or error}") from error
    if only:
        if unknown := sorted(set(only) - set(names)):
            raise GradingError(f"{', '.join(unknown)}: no submission of {course.lesson} in {course.submitted}")
        return sorted(set(only))
    if not names:
        raise GradingError(
            f"nobody has handed in {course.lesson}: {course.submitted}/STUDENT/{course.lesson}/ is where it belongs"
        )
    return names


def read_submission(course: Course, lesson: Lesson, student: str) -> collect.Submission | collect.Refused:
    """Read what a student has handed in; never raises for what is there."""
    return collect.read(course.submitted, student, lesson.name, lambda data: was_worked(data, lesson))


class _Run:
    """One run over a class: what is to be graded, what is being graded, and what was done."""

    def __init__(self, course: Course, lesson: Lesson, book: Gradebook, rules: LateRules, seed: int | None) -> None:
        self.course, self.lesson, self.book, self.rules, self.seed = course, lesson, book, rules, seed
        self.done = ClassRun()
        self.todo: list[str] = []
        self.refused: list[collect.Refused] = []
        self.taken: dict[str, collect.Receipt] = {}  # of those that are being graded
        self.timestamps: dict[str, str] = {}  # of those that were graded before

    # ---- what to grade

    def sort_out(self, names: Iterable[str], *, again: bool) -> None:
        """Look at each submission: it is refused, graded already, or to be graded."""
        for name in names:
            found = read_submission(self.course, self.lesson, name)
            if isinstance(found, collect.Refused):
                self.refused.append(found)
            elif again or (record := self._record_of(found.receipt)) is None:
                self.todo.append(name)
            else:
                self.done.kept.append(name)
                self.timestamps[name] = found.receipt.timestamp
                if record.checks_sha256 != self.lesson.checks_sha256:
                    self.done.by_other_checks.append(name)

    def _record_of(self, receipt: collect.Receipt) -> Record | None:
        """The record of this very submission, graded by this release, if every trace of it is there."""
        try:
            record = records.read(self.course.result_path(receipt.student))
        except records.RecordError:
            return None
        same = (
            record.logged
            and record.status is not State.NOT
            and record.submission_sha256 == receipt.sha256
            and record.release_sha256 == self.lesson.release_sha256
            and record.sandbox == self.lesson.isolated
            and (self.course.autograded(receipt.student) / f"{self.lesson.name}.ipynb").is_file()
            and record.by_grade_id() == gradebook.scores(self.book, self.lesson.name, receipt.student)
        )
        return record if same else None

    # ---- grading

    def grade(self, *, workers: int | None, scheduler: str | None, progress: bool) -> None:
        """Grade what is to be graded, once the solution has got full marks and an untouched release nothing."""
        total = len(self.todo) + len(self.refused)
        if workers is None:
            workers = pool.processes_for(len(self.todo))
        with tqdm(
            total=total, unit="submission", desc=f"grading {self.lesson.name}", disable=not progress, smoothing=0.1
        ) as bar:
            try:
                with pool.opened(self.lesson, workers=workers, scheduler=scheduler) as grader:
                    self._require_sound_checks(grader)
                    self._keep_refused(bar)
                    with contextlib.closing(grader(self._inputs())) as results:
                        for graded in results:
                            self._keep(graded, self.taken.pop(graded.record.student))
                            bar.update()
                    self._keep_refused(bar)
            except KeyboardInterrupt:
                self.done.stopped = True

    def _require_sound_checks(self, grader: pool.Grader) -> None:
        """Grade the lesson's own solution and an untouched release, and stop unless they get all and nothing."""
        try:
            solution = self.course.solution.read_bytes()
        except OSError:
            raise GradingError(
                f"there is no solution {self.course.solution}: without it nobody can tell that grading works"
            ) from None
        own = {SOLUTION: solution, UNTOUCHED: records.encode(self.lesson.release)}
        found = {
            graded.record.student: graded.record for graded in grader((*each, self._seed()) for each in own.items())
        }
        for kind in own:
            if problem := _flaw(kind, found[kind]):
                raise GradingError(f"nothing was graded: {problem}")

    def _inputs(self) -> Iterator[pool.Item]:
        """Read the submissions to be graded, each when it is asked for."""
        for name in self.todo:
            found = read_submission(self.course, self.lesson, name)
            if isinstance(found, collect.Refused):  # it was there when the class was sorted out
                self.refused.append(found)
                continue
            self.taken[name] = found.receipt
            yield name, found.data, self._seed()

    def _seed(self) -> int:
        return self.seed if self.seed is not None else fresh_seed()

    # ---- what came out

    def _keep_refused(self, bar: Any) -> None:
        while self.refused:
            found = self.refused.pop(0)
            student = shown_name(found.student)
            self._keep(not_graded(self.lesson, student, found.problem), collect.Receipt(student, sha256(b"")))
            bar.update()

    def _keep(self, graded: Graded, receipt: collect.Receipt) -> None:
        """Write one result: record, notebook, gradebook, log. Cut off anywhere, it is graded again the next time."""
        student = graded.record.student
        try:
            path = self.course.result_path(student)
            record = self._record(graded, receipt)
            problem = self._alone(lambda: write_whole(path, records.encode(record)), path)
            recorded = not problem
            if recorded and graded.notebook is not None:
                problem = self._lay_notebook(graded.notebook, receipt)
            if problem:
                graded = not_graded(self.lesson, student, problem, graded.record.seed)
            causes = [graded.record.cause, receipt.note]
            if graded.notebook is not None:
                causes.append(self._save(graded, receipt))
            elif any(points is not None for points in (self._scores(student) or {}).values()):
                causes.append("the grade of an earlier submission stands")
            cause = "; ".join(filter(None, causes))
            record = replace(self._record(graded, receipt), cause=cause)
            names = self.course.names
            self.course.log.append(**grade_entry(record, student=names.of(student), cause=names.hide_quoted(cause)))
            if recorded:
                record = replace(record, logged=True)
                write_whole(path, records.encode(record))
        except (OSError, CourseError) as error:
            why = f"{error.strerror or error}: {error.filename}" if isinstance(error, OSError) else str(error)
            raise GradingError(
                f"the grade of {student!r} could not be kept ({why}); "
                "what was graded before is safe. Mend that and start again: it goes on from there"
            ) from error
        self.done.graded[student] = replace(record, exercises=())

    def _record(self, graded: Graded, receipt: collect.Receipt) -> Record:
        return replace(graded.record, submission_sha256=receipt.sha256, seed_given=self.seed is not None)

    def _scores(self, student: str) -> dict[str, float | None] | None:
        return gradebook.scores(self.book, self.lesson.name, student)

    def _alone(self, write: Callable[[], object], path: Path) -> str:
        """Write what is a student's; return what is in the way, where it is in nobody else's.

        Raises
        ------
        OSError
            If others' could not be written either.
        """
        try:
            write()
        except OSError as error:
            if error.errno in _OF_ALL or not self._others_can_be_written():
                raise
            where = os.path.relpath(path, self.course.folder)
            return f"{where!r} cannot be written ({error.strerror or error}): put that right, and start again"
        return ""

    def _others_can_be_written(self) -> bool:
        """Whether a file can be made where another student's would be; nothing is left of it."""
        nobody = ".nobody"  # which no student is called
        for path in (self.course.results / nobody, self.course.autograded(nobody) / nobody):
            missing = [folder for folder in path.parents if not os.path.lexists(folder)]
            try:
                write_whole(path, b"")
                path.unlink()
            except OSError:
                return False
            finally:
                for folder in missing:
                    with contextlib.suppress(OSError):
                        folder.rmdir()
        return True

    def _lay_notebook(self, notebook: dict[str, Any], receipt: collect.Receipt) -> str:
        """Write the graded notebook, and when it was handed in; return what is in this student's way, if so."""
        path = self.course.autograded(receipt.student) / f"{self.lesson.name}.ipynb"
        stamp = path.with_name("timestamp.txt")

        def write() -> None:
            write_whole(path, records.encode(notebook))
            if self.rules.time_of(receipt.timestamp) is not None:
                write_whole(stamp, receipt.timestamp.encode())
            else:  # that of an earlier submission
                stamp.unlink(missing_ok=True)

        return self._alone(write, path)

    def _save(self, graded: Graded, receipt: collect.Receipt) -> str:
        """Write into the gradebook; return why nobody can say whether it is late, if so."""
        lesson, student = self.lesson.name, receipt.student
        earlier = gradebook.time_of(self.book, lesson, student)
        time = self.rules.time_of(receipt.timestamp)
        late: list[Lateness] = []
        gradebook.save(
            self.book,
            lesson,
            student,
            graded,
            time,
            also=lambda: late.append(self.rules.hold(self.book, lesson, student, receipt.timestamp)),
        )
        if late[-1].unknown:
            return late[-1].unknown
        if said := str(late[-1]):
            self.done.late[student] = said
        return NO_TIME if time is None and earlier is not None else ""

    def hold_late_rules(self) -> None:
        """Hold the rules for late work for what was graded before this run."""
        found = self.rules.hold_again(self.book, self.lesson.name, self.timestamps)
        self.done.late |= {student: str(late) for student, late in found.items() if str(late)}


def _flaw(kind: str, record: Record) -> str | None:
    """Say what is wrong with the grade of the solution or of an untouched release."""
    if record.status is not State.GRADED:
        return f"{kind} is {record.status}: {record.cause}"
    for exercise in record.exercises:
        wanted = 0.0 if kind == UNTOUCHED else exercise.max_points
        if exercise.hand_graded or exercise.points == wanted:
            continue
        said = exercise.problem or record.cause
        return f"{kind} gets {exercise.points:g} of {exercise.max_points:g} for {exercise.name}" + (
            f" ({said})" if said else ""
        )
    return None


def _concluded(course: Course, run: ClassRun, absent: list[str]) -> ClassRun:
    """Write the report and look the log through; grades are safe whatever comes of that."""
    problems: list[str] = []
    try:
        results = report.read_results(course.results, problems)
        made_at = time.strftime("%Y-%m-%d %H:%M")
        reports = course.grading / "reports"
        told = {"made_at": made_at, "problems": problems, "absent": absent}
        run.report, _ = report.write_report(reports, results, lesson=course.lesson, **told)
    except OSError as error:
        why = f"{error.strerror or error}: {error.filename}"
        run.problems.append(f"the report could not be written ({why}): `course.py report` makes it")
    found = course.log.verify()
    run.last_hash = found.last
    if not found.ok:
        run.problems.append(f"the log was changed ({found.problems[0]}): see `course.py audit verify`")
    return run


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Treat a request to end as Ctrl-C: what is being written is finished, the rest is left for the next run."""

    def stop(signum: int, frame: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
