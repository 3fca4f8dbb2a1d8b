"""Grade a folder of submissions: right grades, feedback that teaches, and a page on what the class has not understood.

    python course.py grade-class L03                  submitted/STUDENT/L03_three_measures/*.ipynb
    python course.py grade-class L03 --student ada    one student; --again grades what is graded already
    python course.py grade-class L03 --scheduler tcp://HOST:8786    on many machines

What was finished is never graded twice and never lost: stop it with Ctrl-C, or pull the plug, and start it again.
Grades go into nbgrader's gradebook, notebooks with hints into autograded/, the report into grading/reports/.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from classroom.common import ROOT, CourseError, find_lesson, write_whole
from classroom.group import collect
from classroom.sandbox.namespaces import Limits, bubblewrap

# What takes seconds to import (nbgrader, Dask) is imported where it is used, so that `--help` answers at once.

STATES = ("graded", "partly graded", "not graded")
UNSAFE = "WITHOUT A SANDBOX: students' code runs with your own rights, and can read and change what you can."


class GradingError(CourseError):
    """Why a class cannot be graded, or not on; the text says what to do."""


@dataclass
class Outcome:
    """What a run did.

    Attributes
    ----------
    graded : dict of str to dict
        Records of this run, by student.
    kept : list of str
        Students whose submission was graded before and has not changed.
    report : Path or None
    last_hash : str
        Of the log: to be noted down.
    stopped : bool
        Whether it was interrupted.
    problems : list of str
        What is wrong beside the grades: a report that could not be written, a log that was changed.
    """

    graded: dict[str, dict] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    report: Path | None = None
    last_hash: str = ""
    stopped: bool = False
    problems: list[str] = field(default_factory=list)


class Course:
    """A course folder as grading uses it: nbgrader's folders, and `grading/` with results, reports and the log."""

    def __init__(self, folder: Path, lesson: str) -> None:
        from classroom.group.gradebook import course_directory
        from classroom.group.log import LOG, NAMES, AuditLog
        from classroom.group.pseudonyms import Pseudonyms

        self.folder = Path(os.path.realpath(folder))
        self.lesson = lesson
        self.directory = course_directory(self.folder, lesson)
        self.submitted = self.folder / self.directory.submitted_directory
        self.grading = self.folder / "grading"
        self.results = self.grading / "results" / lesson
        self.names = Pseudonyms(self.folder / NAMES)
        self.log = AuditLog(self.folder / LOG)

    def result_path(self, student: str) -> Path:
        """Where the record of a student is; named by pseudonym, since a name may be any text."""
        return self.results / f"{self.names.of(_shown(student))}.json"

    def autograded(self, student: str) -> Path:
        """Folder for the notebook with outputs."""
        place = self.directory.format_path(self.directory.autograded_directory, student, self.lesson)
        return self.folder / place


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
) -> Outcome:
    """Grade what was handed in and is not graded yet.

    Parameters
    ----------
    lesson : str
        Its name, or a beginning that only it has.
    course : Path
        The folder with submitted/, the gradebook and solutions/.
    only : list of str, optional
        Students.
    again : bool
        Grade also what has been graded.
    seed : int, optional
        For everybody's inputs; a fresh one for each submission where absent.
    isolated : bool
        False runs students' code without a sandbox, and says so everywhere.
    limits : Limits
    workers, scheduler
        See `classroom.group.pool.grade_all`.
    progress : bool
        Show a bar.
    command : tuple of str
        For the log.

    Raises
    ------
    GradingError, GradebookError, SandboxError, AuditError
        If nothing can be graded, or the rest cannot; what is finished stays.
    """
    course = Path(course)
    lesson = _which(lesson, course)
    if isolated:
        bubblewrap()
    with _stoppable(), locked(course):
        return _Run(Course(course, lesson), isolated, limits, seed).grade(
            only=only, again=again, workers=workers, scheduler=scheduler, progress=progress, command=command
        )


def _which(lesson: str, course: Path) -> str:
    """The lesson that is meant: one that has a solution or a release here."""
    from classroom.group.gradebook import course_directory

    if not course.is_dir():
        raise GradingError(f"there is no folder {course}")
    directory = course_directory(course)
    places = (course / directory.source_directory, course / directory.release_directory)
    known = {p.stem for place in places if place.is_dir() for p in place.glob("*/*.ipynb") if p.stem == p.parent.name}
    return find_lesson(lesson, sorted(known))


class _Run:
    """One run over a class."""

    def __init__(self, course: Course, isolated: bool, limits: Limits, seed: int | None) -> None:
        self.course, self.isolated, self.limits, self.seed = course, isolated, limits, seed
        self.outcome = Outcome()
        self.taken: dict[str, collect.Submission] = {}  # those that are being graded: without their data

    def grade(self, *, only, again, workers, scheduler, progress, command) -> Outcome:
        from classroom.group import gradebook as books
        from classroom.group.pool import grade_all

        course = self.course
        with books.opened(course.directory) as book:
            if books.ensure_assignment(book, course.directory, course.lesson):
                _say(f"{course.lesson} is new to the gradebook: it was put in from its solution", progress)
            lesson = books.lesson_from(
                book, course.directory, course.lesson, isolated=self.isolated, limits=self.limits
            )
            self._open_log(lesson, command)
            names = self._names(only)
            todo = names if again else [name for name in names if not self._is_done(book, lesson, name)]
            self.outcome.kept = sorted(set(names) - set(todo))
            with _bar(len(todo), course.lesson, progress) as bar:
                results = grade_all(lesson, self._items(lesson, todo, book, bar), workers=workers, scheduler=scheduler)
                try:
                    for graded in _checked_first(results, lesson):
                        self._keep(book, graded)
                        bar.update()
                except KeyboardInterrupt:
                    self.outcome.stopped = True
                finally:
                    with contextlib.suppress(KeyboardInterrupt):
                        results.close()
        self._conclude()
        return self.outcome

    # ---- what to grade

    def _names(self, only: list[str] | None) -> list[str]:
        course = self.course
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

    def _is_done(self, book: Any, lesson: Any, student: str) -> bool:
        """Whether this very submission was graded, by this release, and every trace of it is there."""
        from classroom.group import gradebook as books

        record = _read_record(self.course.result_path(student))
        if record is None or record["status"] == "not graded":
            return False
        found = collect.read(self.course.submitted, student, lesson.name)
        if record.get("submission_sha256") != _sha(found.data or b"") or record.get("release_sha256") != self.release:
            return False
        if record["sandbox"] != self.isolated or not record.get("logged"):
            return False
        path = self.course.autograded(student) / f"{lesson.name}.ipynb"
        points = books.scores(book, lesson.name, student)
        given = {e.get("grade_id"): e["points"] for e in record["exercises"]}
        return path.is_file() and points == given

    def _items(self, lesson: Any, names: list[str], book: Any, bar: Any) -> Iterator[tuple[str, bytes, int]]:
        """First the lesson's own solution and an untouched release, then the class."""
        from classroom.submission.grade import fresh_seed, not_graded

        for kind, data in self._own(lesson):
            yield kind, data, self.seed if self.seed is not None else fresh_seed()
        for found in collect.each(self.course.submitted, names, lesson.name):
            if found.data is None:
                shown = _shown(found.student)
                self.taken[shown] = found
                self._keep(book, not_graded(lesson, shown, found.problem))
                bar.update()
                continue
            self.taken[found.student] = replace(found, data=_sha(found.data).encode())
            yield found.student, found.data, self.seed if self.seed is not None else fresh_seed()

    def _own(self, lesson: Any) -> Iterator[tuple[str, bytes]]:
        source = Path(self.course.directory.format_path(self.course.directory.source_directory, ".", lesson.name))
        source = self.course.folder / source / f"{lesson.name}.ipynb"
        try:
            yield SOLUTION, source.read_bytes()
        except OSError:
            raise GradingError(
                f"there is no solution {source}: without it nobody can tell that grading works"
            ) from None
        yield UNTOUCHED, json.dumps(lesson.release).encode()

    # ---- what came out

    def _keep(self, book: Any, graded: Any) -> None:
        """Write one result: gradebook, notebook, record, log. Cut off anywhere, it is graded again the next time."""
        from classroom.group import gradebook as books
        from classroom.group.log import grade_entry

        course, record = self.course, graded.record
        student = record["student"]
        found = self.taken.pop(student)
        record["cause"] = "; ".join(filter(None, [record["cause"], found.note]))
        sha = found.data.decode() if found.data else _sha(b"")
        record.update(submission_sha256=sha, release_sha256=self.release, logged=False)
        try:
            path = course.result_path(student)
            before = books.scores(book, course.lesson, student) or {}
            if graded.notebook is None and any(points is not None for points in before.values()):
                record["cause"] += "; the grade of an earlier submission stands"
            _write(path, record)
            if graded.notebook is not None:
                when = _time_of(found.timestamp)
                books.save(book, course.lesson, student, graded, when)
                folder = course.autograded(student)
                _write(folder / f"{course.lesson}.ipynb", graded.notebook)
                if when is not None:
                    write_whole(folder / "timestamp.txt", found.timestamp.encode())
            course.log.append(
                **grade_entry(
                    lesson=course.lesson,
                    student=course.names.of(student),
                    submission_sha256=sha,
                    seed=record["seed"] if record["seed"] is not None else 0,
                    status=record["status"],
                    cause=course.names.hide(record["cause"]),
                    points=record["points"],
                    max_points=record["max_points"],
                    by_exercise={e["grade_id"]: e["points"] for e in record["exercises"]},
                    seconds=record["seconds"],
                )
            )
            record["logged"] = True
            _write(path, record)
        except (OSError, CourseError) as error:
            why = f"{error.strerror or error}: {error.filename}" if isinstance(error, OSError) else str(error)
            raise GradingError(
                f"the grade of {student!r} could not be kept ({why}); "
                "what was graded before is safe. Mend that and start again: it goes on from there"
            ) from error
        self.outcome.graded[student] = {**record, "exercises": []}  # those of a thousand fill the memory

    def _open_log(self, lesson: Any, command: tuple[str, ...]) -> None:
        from classroom.group.log import batch_entry, versions

        self.release = _sha(json.dumps(lesson.release, sort_keys=True).encode())
        self.course.log.append(
            **batch_entry(
                lesson=lesson.name,
                command=[self.course.names.hide(word) for word in command],
                versions=versions(lesson.version),
                release_sha256=self.release,
                limits=asdict(self.limits),
                sandbox=self.isolated,
            )
        )

    def _conclude(self) -> None:
        """Write the report and look the log through; grades are safe whatever comes of that."""
        try:
            self.outcome.report = self._report()
        except OSError as error:
            why = f"{error.strerror or error}: {error.filename}"
            self.outcome.problems.append(f"the report could not be written ({why}): `course.py report` makes it")
        found = self.course.log.verify()
        self.outcome.last_hash = found.last
        if not found.ok:
            self.outcome.problems.append(f"the log was changed ({found.problems[0]}): see `course.py audit verify`")

    def _report(self) -> Path:
        from classroom.report import page as report

        problems: list[str] = []
        results = report.read_results(self.course.results, problems)
        page, _ = report.write_report(
            self.course.grading / "reports",
            results,
            lesson=self.course.lesson,
            made_at=time.strftime("%Y-%m-%d %H:%M"),
            problems=problems,
        )
        return page


SOLUTION, UNTOUCHED = "\0the solution", "\0an untouched release"


def _checked_first(results: Iterator[Any], lesson: Any) -> Iterator[Any]:
    """Let the class's results pass once the solution has got full marks, and an untouched release nothing."""
    held: list[Any] = []
    missing = {SOLUTION, UNTOUCHED}
    for graded in results:
        kind = graded.record["student"]
        if kind not in missing:
            if missing:
                held.append(graded)
                continue
            yield graded
            continue
        missing.discard(kind)
        problem = _self_check(kind, graded.record)
        if problem:
            raise GradingError(f"nothing was graded: {problem}")
        if not missing:
            yield from held
            held.clear()


def _self_check(kind: str, record: dict) -> str | None:
    what = kind.removeprefix("\0")
    if record["status"] != "graded":
        return f"{what} is {record['status']}: {record['cause']}"
    for exercise in record["exercises"]:
        wanted = 0.0 if kind == UNTOUCHED else exercise["max_points"]
        if exercise["hand_graded"]:
            continue
        if exercise["points"] != wanted:
            said = exercise["problem"] or record["cause"]
            return f"{what} gets {exercise['points']:g} of {exercise['max_points']:g} for {exercise['name']}" + (
                f" ({said})" if said else ""
            )
    return None


# ------------------------------------------------------------------------------------------------------------ helpers


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, value: Any) -> None:
    # Half of a pair of characters may come from a name or an error's text: no reason to stop.
    write_whole(path, (json.dumps(value, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def _shown(student: str) -> str:
    """The name of a student's folder as text, also where it is none."""
    return student.encode("utf-8", "backslashreplace").decode()


def _read_record(path: Path) -> dict | None:
    """A record as it was written, or None where it is missing or broken."""
    from classroom.report.page import _flaw

    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return None if _flaw(record) else record
    except (OSError, ValueError, RecursionError):
        return None


def _time_of(text: str) -> Any:
    from nbgrader.utils import parse_utc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of time zones that nobody knows
        try:
            return parse_utc(text) if text else None
        except Exception:  # a stranger's text: the parser has been seen to raise four kinds of error
            return None


def _say(text: str, progress: bool) -> None:
    if progress:
        print(text, file=sys.stderr)


def _bar(total: int, lesson: str, progress: bool) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, unit="submission", desc=f"grading {lesson}", disable=not progress, smoothing=0.1)


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
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


# ------------------------------------------------------------------------------------------------------ command line


def summary(outcome: Outcome, isolated: bool) -> str:
    """Say what a run did, for the terminal.

    >>> print(summary(Outcome({"ada": {"status": "graded", "student": "ada", "cause": ""}}), True))
    1 graded.
    """
    count = {state: [r for r in outcome.graded.values() if r["status"] == state] for state in STATES}
    parts = [f"{len(found)} {state}" for state, found in count.items() if found]
    parts += [f"{len(outcome.kept)} graded before"] if outcome.kept else []
    lines = [", ".join(parts or ["nothing to grade"]) + "."]
    for record in count["partly graded"] + count["not graded"]:
        lines.append(f"  {record['student']!r}: {record['status']}: {record['cause']}")
    lines += [f"  {problem}" for problem in outcome.problems]
    if outcome.stopped:
        lines.append("Stopped. Start it again and it goes on with the rest.")
    if outcome.report:
        lines.append(f"Report: {outcome.report}")
    if outcome.last_hash:
        lines.append(f"Log ends with {outcome.last_hash}")
    if not isolated:
        lines.append(UNSAFE)
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Run `python -m classroom grade-class`; return 0 if every submission was graded, 1 if not, 130 if stopped."""
    args = _parser().parse_args(argv)
    if args.no_sandbox:
        print(UNSAFE, file=sys.stderr)
    try:
        outcome = grade_class(
            args.lesson,
            args.course,
            only=args.student,
            again=args.again,
            seed=args.seed,
            isolated=not args.no_sandbox,
            workers=args.workers,
            scheduler=args.scheduler,
            command=tuple(["grade-class", *(sys.argv[2:] if argv is None else argv)]),
        )
    except CourseError as error:
        print(f"Not graded: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. Start it again and it goes on with the rest.", file=sys.stderr)
        return 130
    print(summary(outcome, not args.no_sandbox))
    if outcome.stopped:
        return 130
    return int(bool(outcome.problems) or any(r["status"] != "graded" for r in outcome.graded.values()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course.py grade-class", description=__doc__.splitlines()[0])
    parser.add_argument("lesson", help="as L03 or L03_three_measures")
    parser.add_argument("--course", type=Path, default=ROOT, help="folder with submitted/ (default: this course)")
    parser.add_argument("--student", action="append", help="grade this one only; may be given several times")
    parser.add_argument("--again", action="store_true", help="grade also what is graded already")
    parser.add_argument("--seed", type=_whole, help="draw everybody's inputs from this seed (default: fresh ones)")
    parser.add_argument("--workers", type=_whole, help="grading processes (default: one for each core; 0: none)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, as tcp://HOST:8786")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="run students' code with your own rights; said on every page"
    )
    return parser


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"a whole number, 0 or more, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
