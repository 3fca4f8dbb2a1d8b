"""Write the grades of a class to a table: the course's own, or one that Canvas or Moodle takes.

python course.py export-grades                            grades.csv: every lesson of the gradebook
python course.py export-grades --lesson L03 --to L03.csv  one lesson, another file
python course.py export-grades --roster class.csv         with a row for everyone on the platform's list or yours
python course.py export-grades --fill canvas.csv          canvas-filled.csv: the platform's own table with our points
python course.py export-grades --for moodle               grades-moodle.csv: where the platform's table is not at hand

Who is not graded has no score, which is no 0. No cell is a formula, and no name shifts a column.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.common import ROOT, CourseError, find_lesson, write_whole

if TYPE_CHECKING:
    from classroom.group.export import Grades
    from classroom.group.filling import Filled

# What takes seconds to import (nbgrader) is imported where it is used, so that `--help` answers at once.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's arguments."""
    parser.add_argument("--course", type=Path, default=ROOT, help="the course folder (default: this one)")
    parser.add_argument("--lesson", action="append", help="this lesson only, as L03; may be given several times")
    parser.add_argument("--to", type=Path, metavar="FILE", help="where to write (default: in the course folder)")
    parser.add_argument(
        "--roster", type=Path, metavar="FILE", help="who is in the class, as a CSV: Canvas's, Moodle's, or your own"
    )
    parser.add_argument("--by-lesson", action="store_true", help="a row for each student, a column for each lesson")
    parser.add_argument("--for", dest="platform", choices=("canvas", "moodle"), help="a table for this platform")
    parser.add_argument(
        "--fill",
        type=Path,
        metavar="FILE",
        help="a table that Canvas or Moodle gave out: write it with the points in it",
    )
    parser.add_argument(
        "--column", action="append", metavar="L03=NAME", help="with --fill: the column for a lesson's points"
    )
    parser.add_argument("--add-column", action="store_true", help="with --fill: add one for a lesson that has none")
    parser.add_argument("--scale", action="store_true", help="with --fill: convert points to the platform's maximum")
    parser.add_argument(
        "--so-far", action="store_true", help="with --fill or --for: give points also where others wait for a person"
    )


def run(options: argparse.Namespace) -> int:
    """Write the table; return the exit code."""
    try:
        _check(options)
        to, data, told = _made(options)
        write_whole(to, data, mode=0o600)
    except (CourseError, OSError) as error:
        print(f"No grades were written: {error}", file=sys.stderr)
        return 1
    print(to)
    for line in told:
        print(line)
    return 0


def _check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    if options.fill is None:
        for name in ("column", "add_column", "scale"):
            if getattr(options, name):
                raise CourseError(f"--{name.replace('_', '-')} is about a platform's table: name that with --fill FILE")
        if options.so_far and options.platform is None:
            raise CourseError("--so-far is about tables for a platform: give --fill or --for, too")
    if sum(map(bool, (options.fill, options.platform, options.by_lesson))) > 1:
        raise CourseError("--fill, --for and --by-lesson are three different tables: give one of them")
    if options.fill is not None and options.roster is not None:
        raise CourseError("with --fill the platform's table says who is in the class: leave out --roster")
    if options.fill and options.to and options.fill.resolve() == options.to.resolve():
        raise CourseError(f"{options.to} is the platform's own table: write to another file")


def _made(options: argparse.Namespace) -> tuple[Path, bytes, list[str]]:
    """Return where the table goes, what it holds, and what there is to say."""
    from classroom.group import export, gradebook
    from classroom.group.filling import fill
    from classroom.group.sheets import read_sheet

    roster = [person for _, person in read_sheet(options.roster).people()] if options.roster else None
    sheet = read_sheet(options.fill) if options.fill else None
    directory = gradebook.course_directory(options.course)
    with gradebook.opened(directory) as book:
        known = [assignment.name for assignment in book.assignments]
        lessons = [find_lesson(name, known) for name in options.lesson or ()]
        columns = dict(_column(text, known) for text in options.column or ())
        grades = export.grades_of(book, directory, options.course, lessons or list(columns), roster)
    if sheet is not None:
        filled = fill(
            sheet, grades, columns=columns, add=options.add_column, scale=options.scale, so_far=options.so_far
        )
        to = options.to or options.course / f"{options.fill.stem}-filled.csv"
        return to, sheet.encoded(), _told_of(filled)
    if options.platform is not None:
        make = {"canvas": export.canvas_table, "moodle": export.moodle_table}[options.platform]
        to = options.to or options.course / f"grades-{options.platform}.csv"
        return to, make(grades, so_far=options.so_far).encode("utf-8", "replace"), figures(grades)
    text = export.by_lesson_table(grades) if options.by_lesson else export.grades_table(grades)
    # Without a mark at its beginning spreadsheets do not take it for UTF-8.
    return options.to or options.course / "grades.csv", text.encode("utf-8-sig", "replace"), figures(grades)


def _column(text: str, lessons: list[str]) -> tuple[str, str]:
    lesson, equals, name = text.partition("=")
    if not equals or not name:
        raise CourseError(f"--column takes a lesson and the name of its column, as L03='Homework 3', not {text!r}")
    return find_lesson(lesson, lessons), name


def figures(grades: Grades) -> list[str]:
    """Say for each lesson how many are graded and how many are not, and of whom on a list nobody knows who they are."""
    told = []
    for lesson in grades.lessons:
        count = Counter(row.status for row in grades.of(lesson).values())
        told.append(f"{lesson}: {', '.join(f'{number} {status}' for status, number in count.most_common())}")
    for name, why in grades.unclear.items():
        told.append(f"  {name!r} on the list has a row of their own: {why}")
    return told


def _told_of(filled: Filled) -> list[str]:
    told = [f"grades put in: {filled.written}; all other cells are as they were"]
    for why, names in sorted(filled.left.items(), key=lambda item: -len(item[1])):
        told.append(f"  {why}: {', '.join(names)}")
    return told
