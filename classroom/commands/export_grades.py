"""Write the grades of a class to a table for a spreadsheet.

python course.py export-grades                            grades.csv: every lesson of the gradebook
python course.py export-grades --lesson L03 --to L03.csv  one lesson, another file

Who is not graded has no score, which is no 0. No cell is a formula, and no name shifts a column.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from classroom.common import ROOT, CourseError, find_lesson, write_whole

# What takes seconds to import (nbgrader) is imported where it is used, so that `--help` answers at once.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's arguments."""
    parser.add_argument("--course", type=Path, default=ROOT, help="the course folder (default: this one)")
    parser.add_argument("--lesson", action="append", help="this lesson only, as L03; may be given several times")
    parser.add_argument("--to", type=Path, metavar="FILE", help="where to write (default: grades.csv in the course)")


def run(options: argparse.Namespace) -> int:
    """Write the table; return the exit code."""
    from classroom.group.export import grades_table

    to = options.to or options.course / "grades.csv"
    try:
        lessons = _lessons(options.course, options.lesson or [])
        text = grades_table(options.course, lessons)
        # Without a mark at its beginning spreadsheets do not take it for UTF-8.
        write_whole(to, text.encode("utf-8-sig", "replace"), mode=0o600)
    except (CourseError, OSError) as error:
        print(f"No grades were written: {error}", file=sys.stderr)
        return 1
    print(to)
    return 0


def _lessons(course: Path, wanted: list[str]) -> list[str]:
    from classroom.group import gradebook

    directory = gradebook.course_directory(course)
    if not wanted:
        return []
    with gradebook.opened(directory) as book:
        known = [assignment.name for assignment in book.assignments]
    return [find_lesson(name, known) for name in wanted]
