"""Write the scaffold of a new exercise: its definition, its three cells and an empty file of attempts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from classroom.author.scaffold import KINDS, new_exercise
from classroom.common import ROOT, CourseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may stand on the command line."""
    parser.add_argument("lesson", help="a lesson, as L03 or L03_three_measures")
    parser.add_argument("name", help="the learner's function, new in the course, such as norm_share")
    parser.add_argument("--points", type=int, help="what it is worth (default: 2; 1 for the kind answer)")
    parser.add_argument(
        "--kind",
        choices=KINDS,
        default="values",
        help="how a result is judged: against the reference, by a judge of its own, or as a dictionary of choices",
    )


def run(options: argparse.Namespace, *, root: Path = ROOT) -> int:
    """Write the files and say what to do next; return the exit code."""
    try:
        written = new_exercise(root, options.lesson, options.name, points=options.points, kind=options.kind)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    lesson = written[-1].stem
    for path in written:
        print(f"written: {path.relative_to(root)}")
    print("\nIt works as it stands. Replace what is marked TODO; CONTRIBUTING.md says how. After each step:\n")
    print(f"  python course.py test -- tests/exercises -k {options.name}")
    print("\nand at the end:\n")
    print(f"  python course.py build {lesson[:3]}")
    print(f"  python course.py test -- tests/lessons -k {lesson[:3]}")
    return 0
