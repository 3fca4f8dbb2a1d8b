"""Make the page on what a class has not understood.

python course.py report L03                  grading/reports/L03_three_measures.html and .csv
python course.py report L03 --anonymous      with pseudonyms; no student's name is in either file
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from classroom.common import ROOT, CourseError, find_lesson

# What takes long to import is imported where it is used, so that `--help` answers at once.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's arguments."""
    parser.add_argument("lesson", help="a lesson that has been graded, as L03 or L03_three_measures")
    parser.add_argument("--course", type=Path, default=ROOT, help="the course folder (default: this one)")
    parser.add_argument("--anonymous", action="store_true", help="write pseudonyms instead of names")


def run(options: argparse.Namespace) -> int:
    """Write the page and the table; return the exit code."""
    from classroom.group.pseudonyms import NAMES, Pseudonyms
    from classroom.report.page import counted, read_results, write_report

    grading = options.course / "grading"
    problems: list[str] = []
    try:
        graded = sorted(path.name for path in (grading / "results").glob("L*") if path.is_dir())
        lesson = find_lesson(options.lesson, graded)
        results = read_results(grading / "results" / lesson, problems)
        names = Pseudonyms(options.course / NAMES)
        page, table = write_report(
            grading / "reports",
            results,
            lesson=lesson,
            made_at=datetime.now(UTC).astimezone(),
            problems=problems,
            anonymous={record.student: names.of(record.student) for record in results} if options.anonymous else None,
        )
    except (CourseError, OSError) as error:
        print(f"No report from {grading / 'results'}: {error}", file=sys.stderr)
        return 1
    students = counted(len(results), "student")
    print(f"{students}: {page}\n{' ' * len(students)}  {table}")
    for problem in problems if not options.anonymous else ():
        print(f"not read: {problem}", file=sys.stderr)
    return 0
