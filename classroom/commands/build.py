"""Build the notebooks, and the lesson table of README.md, from solutions/*/*.py.

    python course.py build                 every lesson
    python course.py build L03             one lesson
    python course.py build --check         change nothing; exit 1 and name the files that would differ

The printed numbers are for MovieLens-100K, which is fetched first.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from classroom.author.rules import exercise_points
from classroom.common import NOTEBOOKS, ROOT, SOLUTIONS, CourseError, lesson_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("lesson", nargs="*", help="a lesson, as L03 or L03_three_measures; all of them where absent")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the files that differ")


def run(
    options: argparse.Namespace,
    *,
    solutions: Path = SOLUTIONS,
    notebooks: Path = NOTEBOOKS,
    points: Callable[[str], int | None] | None = exercise_points,
) -> int:
    """Build the lessons, and the README's table of this course's own; return the exit code."""
    from classroom.author.build import build

    start = time.perf_counter()
    try:
        if solutions == SOLUTIONS:
            _need_movielens()
        changed = build(options.lesson, solutions=solutions, notebooks=notebooks, check=options.check, points=points)
        if solutions == SOLUTIONS:
            changed += _refresh_readme(check=options.check)
    except CourseError as error:
        print(f"Not built:\n{error}", file=sys.stderr)
        return 1
    known = lesson_names(solutions)
    for path in changed:
        if path.suffix == ".ipynb" and path.stem not in known:
            what = "left over"
        else:
            what = "differs" if options.check else "written"
        print(f"{what}: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")
    if options.check and changed:
        print("Run `python course.py build`, look at the difference, and commit both.", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - start
    print(f"{len(options.lesson) or len(known)} lessons, {len(changed)} files changed, {seconds:.0f} s")
    return 0


def _refresh_readme(*, check: bool) -> list[Path]:
    """Make the lesson table of README.md anew; return the file if it changed, or would (`check`)."""
    from classroom.author.lesson_table import refresh_readme

    try:
        changed = refresh_readme(ROOT / "README.md", SOLUTIONS, check=check)
    except ValueError as error:
        raise CourseError(str(error)) from error
    return [ROOT / "README.md"] if changed else []


def _need_movielens() -> None:
    """The printed numbers are for MovieLens, both of it: fetch it now (a lesson would show the download), or stop."""
    from recsys_lib import datasets

    try:
        datasets.movielens_100k()
        datasets.movielens_latest_small()
    except Exception as error:
        raise CourseError(f"the lessons quote numbers for MovieLens, which cannot be had: {error}") from error
