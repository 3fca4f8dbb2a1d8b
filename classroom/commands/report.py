"""Make the page on what a class has not understood.

python course.py report L03                  grading/reports/L03_three_measures.html and .csv
python course.py report L03 --anonymous      with pseudonyms; no student's name is in either file
python course.py report L03 --roster FILE    also who on a list has not handed in: Canvas's, Moodle's or your own CSV
python course.py report L03 --attempts FILE  also the answers that nothing explained, without names (CONTRIBUTING.md);
                                             attempts are run without a sandbox: read them first
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.common import ROOT, CourseError, find_lesson, write_whole

if TYPE_CHECKING:
    from classroom.submission.record import Record

ATTEMPTS_HELP = (
    "write the answers that nothing explained there; as attempts they are later run without a sandbox, so read each "
    "line before you keep or pass on any"
)

# What takes long to import is imported where it is used, so that `--help` answers at once.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's arguments."""
    parser.add_argument("lesson", help="a lesson that has been graded, as L03 or L03_three_measures")
    parser.add_argument("--course", type=Path, default=ROOT, help="the course folder (default: this one)")
    parser.add_argument("--anonymous", action="store_true", help="write pseudonyms instead of names")
    parser.add_argument("--roster", type=Path, metavar="FILE", help="who is in the class, as for `export-grades`")
    parser.add_argument("--attempts", type=Path, metavar="FILE", help=ATTEMPTS_HELP)


def run(options: argparse.Namespace) -> int:
    """Write the page and the table; return the exit code."""
    from classroom.group.pseudonyms import NAMES, Pseudonyms
    from classroom.report.page import counted, read_results, write_report

    grading = options.course / "grading"
    problems: list[str] = []
    try:
        graded = sorted(path.name for path in (grading / "results").glob("*") if path.is_dir())
        lesson = find_lesson(options.lesson, graded)
        results = read_results(grading / "results" / lesson, problems)
        names = Pseudonyms(options.course / NAMES)
        absent = _absent(options, lesson)
        everybody = [*(record.student for record in results), *(absent or ())]
        page, table = write_report(
            grading / "reports",
            results,
            lesson=lesson,
            made_at=datetime.now(UTC).astimezone(),
            problems=problems,
            absent=absent,
            anonymous={name: names.of(name) for name in everybody} if options.anonymous else None,
        )
        told = _write_attempts(options, lesson, results, names.known()) if options.attempts else []
    except (CourseError, OSError) as error:
        print(f"No report from {grading / 'results'}: {error}", file=sys.stderr)
        return 1
    students = counted(len(results), "student")
    print(f"{students}: {page}\n{' ' * len(students)}  {table}")
    for line in told:
        print(line)
    for problem in problems if not options.anonymous else ():
        print(f"not read: {problem}", file=sys.stderr)
    return 0


def _absent(options: argparse.Namespace, lesson: str) -> list[str] | None:
    """Return who has not handed in, by the gradebook and a list; None where there is no gradebook."""
    from classroom.group import gradebook
    from classroom.group.export import not_handed_in
    from classroom.group.sheets import read_sheet

    roster = [person for _, person in read_sheet(options.roster).people()] if options.roster else None
    directory = gradebook.course_directory(options.course)
    if not gradebook.is_there(directory):
        if roster is not None:
            raise CourseError(f"there is no gradebook in {options.course}, in which those on a list could be found")
        return None
    try:
        with gradebook.opened(directory) as book:
            absent, unclear = not_handed_in(book, directory, options.course, lesson, roster)
    except CourseError as error:
        if roster is not None:
            raise
        print(f"who has not handed in is not known: {error}", file=sys.stderr)
        return None
    for name, why in unclear.items():
        who = "somebody" if options.anonymous else repr(name)
        print(f"{who} on the list is counted nowhere: {why}", file=sys.stderr)
    return absent


def _write_attempts(
    options: argparse.Namespace, lesson: str, results: list[Record], known: dict[str, str]
) -> list[str]:
    """Write the answers that nothing explained; return what there is to say about that."""
    from classroom.author.exports import READ_THEM, exported, look_within_limits
    from classroom.author.unexplained import unexplained
    from classroom.group.folder import Course
    from classroom.report.page import counted

    folder = Course(options.course, lesson)
    missing: list[str] = []
    answers = unexplained(results, lambda student: folder.autograded(student) / f"{lesson}.ipynb", missing)
    names = {*known, *(record.student for record in results)}
    with look_within_limits(names) as look:
        lines, left_out = exported(answers, prefix="c_", names=names, look=look)
    write_whole(options.attempts, "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    what = f"{counted(len(lines), 'answer')} that nothing explained"
    said = f"{options.attempts}: {what}, without names. {READ_THEM}"
    return [said, *(f"  left out: {what}" for what in (*left_out, *missing))]
