"""Look into the log of what was graded.

python course.py audit verify                   is the log as it was written?
python course.py audit verify --expect HASH     and does it still hold the entry noted down before?
python course.py audit show --student NAME      what was graded, as a table
python course.py audit replay L03               do the recorded seeds give the recorded points?
python course.py audit forget STUDENT           erase a student; the log stays as it is
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.common import ROOT, CourseError, find_lesson

if TYPE_CHECKING:
    from classroom.group.log import AuditLog, Entry

# What takes seconds to import (nbgrader, Dask) is imported where it is used, so that `--help` answers at once.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's own commands, and their arguments."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, help: str, look: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.add_argument("--course", type=Path, default=ROOT, metavar="FOLDER", help="the course (default: this one)")
        sub.set_defaults(look=look)
        return sub

    verify = add("verify", "say whether the log is as it was written; exit 1 if not", _verify)
    verify.add_argument("--expect", metavar="HASH", help="a last hash noted down before, which must still be there")
    show = add("show", "print what was graded", _show)
    show.add_argument("--student", metavar="NAME", help="only this student")
    show.add_argument("--lesson", metavar="L", help="only this lesson, as L03 or L03_three_measures")
    replay = add("replay", "grade again from the log, and compare; exit 1 where points differ", _replay)
    replay.add_argument("lesson", metavar="LESSON", help="as L03 or L03_three_measures")
    replay.add_argument("--workers", type=int, help="grading processes (default: one for each core; 0: none)")
    forget = add("forget", "erase a student: delete the pseudonym, keep the log", _forget)
    forget.add_argument("student", metavar="STUDENT")
    forget.add_argument("--yes", action="store_true", help="do not ask")


def run(options: argparse.Namespace) -> int:
    """Do what was asked for; return the exit code."""
    try:
        return int(options.look(options))
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1


def _log_of(course: Path) -> AuditLog:
    from classroom.group.log import LOG, AuditError, AuditLog

    if not (course / LOG).exists():
        raise AuditError(f"there is no log at {course / LOG}")
    return AuditLog(course / LOG)


def _verify(options: argparse.Namespace) -> int:
    """Say whether the log is as it was written."""
    result = _log_of(options.course).verify(options.expect and options.expect.strip().lower())
    print(f"{result.count} entries, {result.repairs} repaired torn ends, last hash {result.last}")
    print("\n".join(result.problems) or "Nothing was changed.")
    return 0 if result.ok else 1


def _show(options: argparse.Namespace) -> int:
    """Print the entries as a table."""
    from classroom.group.log import AuditError
    from classroom.group.pseudonyms import NAMES, Pseudonyms

    log = _log_of(options.course)
    entries = list(log.entries())
    if options.student is not None:
        pseudonym = Pseudonyms(options.course / NAMES).known().get(options.student)
        if pseudonym is None:
            raise AuditError(f"no pseudonym is known for {options.student!r}: never graded here, or forgotten")
        entries = [e for e in entries if e.get("student") == pseudonym]
    if options.lesson is not None:
        lesson = find_lesson(options.lesson, sorted({str(e["lesson"]) for e in entries if "lesson" in e}))
        entries = [e for e in entries if e.get("lesson") == lesson]
    print(_table(entries))
    if not log.verify().ok:
        print("The log was changed: see `course.py audit verify`.", file=sys.stderr)
    return 0


def _table(entries: Iterable[Entry]) -> str:
    head = ("n", "time", "kind", "lesson", "student", "status", "points", "of", "cause")
    rows = [head, *(_row(entry, head) for entry in entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _row(entry: Entry, head: Iterable[str]) -> tuple[str, ...]:
    named = {**entry, "of": entry.get("max_points")}
    if entry.get("kind") == "batch":
        named["cause"] = _graded_by(entry)
    return tuple(_cell(named.get(key)) for key in head)


def _graded_by(batch: Entry) -> str:
    """What a batch was graded by, in short: checks, the lesson's text, and the commit where there is one."""
    known = {"checks": "checks_sha256", "text": "release_sha256"}
    said = [f"{word} {str(batch[key])[:8]}" for word, key in known.items() if batch.get(key)]
    return ", ".join(said + ([str(batch["commit"])] if batch.get("commit") else []))


def _cell(value: Any) -> str:
    """A value on one line, without what would steer a terminal: a cause may quote a learner's code."""
    text = "-" if value is None else str(value)
    return "".join(c if c.isprintable() else " " for c in text)[:60]


def _replay(options: argparse.Namespace) -> int:
    """Grade again from the log and compare."""
    lessons = sorted({str(e["lesson"]) for e in _log_of(options.course).entries() if "lesson" in e})
    lesson = find_lesson(options.lesson, lessons)
    from classroom.group.replay import replay

    found = replay(lesson, options.course, workers=options.workers)
    print(f"{len(found.same)} graded again with the same points.")
    for what, those in (("other points", found.different), ("not graded again", found.gone)):
        for student, why in those.items():
            print(f"  {student!r}: {what}: {why}")
    return 1 if found.different else 0


def _forget(options: argparse.Namespace) -> int:
    """Delete a student's pseudonym."""
    from classroom.group.log import AuditError
    from classroom.group.pseudonyms import NAMES, Pseudonyms

    names = Pseudonyms(options.course / NAMES)
    if options.student not in names.known():
        raise AuditError(f"no pseudonym is known for {options.student!r}: never graded here, or forgotten already")
    student = options.student
    print(
        f"This deletes the line that says which pseudonym {student!r} has. The log keeps its entries and stays\n"
        "verifiable, but nobody can tell any longer whose they are, and this cannot be undone.\n"
        "The results for the class report go, too. The gradebook, the submissions, reports made before and copies of\n"
        "the file of pseudonyms are not touched."
    )
    if not options.yes and not sys.stdin.isatty():
        raise AuditError("nothing was deleted: nobody is there to be asked. Add --yes if you mean it")
    if not options.yes and input("Delete it? [y/N] ").strip().lower() not in ("y", "yes"):
        print("Nothing was deleted.")
        return 1
    from classroom.group.folder import locked

    with locked(options.course):  # a grader at work would write the name back
        pseudonym = names.known().get(options.student)
        names.forget(options.student)
        for path in (options.course / NAMES).parent.glob(f"results/*/{pseudonym}.json"):
            path.unlink()
    print("Deleted.")
    return 0
