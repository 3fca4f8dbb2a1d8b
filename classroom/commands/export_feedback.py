"""Pack a lesson's feedback pages into an archive that Moodle takes back ("Upload multiple feedback files in a zip").

python course.py export-feedback L03                         L03_three_measures-feedback.zip
python course.py export-feedback L03 --worksheet Grades.csv  participants' numbers from Moodle's grading worksheet
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from classroom.common import ROOT, CourseError, find_lesson

# What takes seconds to import (nbgrader) is imported where it is used, so that `--help` answers at once.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's arguments."""
    parser.add_argument("lesson", help="a lesson with feedback, as L03 or L03_three_measures")
    parser.add_argument("--course", type=Path, default=ROOT, help="the course folder (default: this one)")
    parser.add_argument("--to", type=Path, metavar="FILE", help="where to write (default: in the course folder)")
    parser.add_argument(
        "--worksheet",
        type=Path,
        metavar="FILE",
        help="the assignment's grading worksheet, where the submissions did not come in Moodle's archive",
    )


def run(options: argparse.Namespace) -> int:
    """Write the archive; return the exit code: 1 where somebody's page is not in it."""
    from classroom.group import gradebook
    from classroom.group.export import grades_of
    from classroom.group.feedback import pack
    from classroom.group.sheets import Kind, read_sheet

    try:
        people = None
        if options.worksheet is not None:
            sheet = read_sheet(options.worksheet)
            if sheet.kind is not Kind.WORKSHEET:
                raise CourseError(f"{options.worksheet} is {sheet.kind}, not {Kind.WORKSHEET}")
            people = [person for _, person in sheet.people()]
        directory = gradebook.course_directory(options.course)
        with gradebook.opened(directory) as book:
            lesson = find_lesson(options.lesson, [assignment.name for assignment in book.assignments])
            grades = grades_of(book, directory, options.course, [lesson])
        folders = (str(directory.feedback_directory), str(directory.autograded_directory))
        to = options.to or options.course / f"{lesson}-feedback.zip"
        packed = pack(to, options.course, folders, lesson, grades, people)
    except (CourseError, OSError) as error:
        print(f"No feedback was packed: {error}", file=sys.stderr)
        return 1
    print(f"{to}: {packed.pages} {'page' if packed.pages == 1 else 'pages'}")
    for why, names in packed.left.items():
        print(f"  not in it: {', '.join(map(repr, names))}: {why}")
    return int(bool(packed.left))
