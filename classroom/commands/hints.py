"""Say how often the check says the right thing, on answers that helped to write no table of known mistakes.

    python course.py hints                 every lesson, some minutes
    python course.py hints L03 L05         these lessons
    python course.py hints --all           also the attempts that did help, in a table of their own
    python course.py hints --worst         and print each verdict that is not right
    python course.py hints --write         put the figures into README.md and CONTRIBUTING.md

The answers are in tests/attempts; CONTRIBUTING.md says where they come from.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from classroom.common import ROOT, CourseError, find_lesson, lesson_names, write_whole

if TYPE_CHECKING:
    from classroom.author.attempts import Attempt
    from classroom.author.evidence import Assessment, Count

# What takes long to import is imported where it is used, so that `--help` answers at once.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("lesson", nargs="*", help="a lesson, as L03 or L03_three_measures; all of them where absent")
    parser.add_argument("--all", action="store_true", help="also count the attempts that helped to write the tables")
    parser.add_argument("--worst", action="store_true", help="print the verdicts that are not right")
    parser.add_argument("--write", action="store_true", help="put the figures into README.md and CONTRIBUTING.md")


def run(options: argparse.Namespace) -> int:
    """Check every attempt, and print the table; return the exit code."""
    from classroom.author.attempts import all_attempts, gone
    from classroom.author.evidence import counted, table

    if options.write and options.lesson:
        print("--write needs every lesson; leave the lessons out.", file=sys.stderr)
        return 1
    try:
        columns = exercises_by_lesson(options.lesson)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    asked_for = {name for names in columns.values() for name in names}
    attempts = [attempt for attempt in all_attempts() if attempt.exercise in asked_for]
    for lost in gone(attempts):
        print(f"note: {lost}", file=sys.stderr)
    found = _assess_all([attempt for attempt in attempts if options.all or not attempt.seen])
    unseen = [one for one in found if not one.attempt.seen]
    counts = counted(unseen, columns)
    if options.worst:
        _print_worst(found)
    print(f"Answers that helped to write no table:\n\n{table(counts)}")
    if options.all:
        seen = counted((one for one in found if one.attempt.seen), columns)
        print(f"\nAnswers that helped, which prove little:\n\n{table(seen)}")
    if options.write:
        _write(counts)
    return 0


def exercises_by_lesson(wanted: list[str]) -> dict[str, list[str]]:
    """Return the names of the exercises of each lesson that is wanted, by its short name, as L03.

    Raises
    ------
    CourseError
        If there is no such lesson.
    """
    from recsys_lib.checks import all_exercises

    names = lesson_names()
    lessons = [find_lesson(name, names) for name in wanted] or names
    every = all_exercises().values()
    return {
        lesson.partition("_")[0]: [e.name for e in every if e.lesson == lesson.partition("_")[2]]
        for lesson in sorted(set(lessons))
    }


def _assess_all(attempts: list[Attempt]) -> list[Assessment]:
    """Run the attempts through the check, as in a learner's own notebook, with a bar."""
    from tqdm import tqdm

    from classroom.author.evidence import assess
    from recsys_lib.checks import lines

    lines.WALL_SECONDS = (
        60.0  # what is measured is the check, not what else this machine does: its own seconds still count
    )
    for name in ("NBGRADER_EXECUTION", "COURSE_ATTEMPT_LOG"):
        os.environ.pop(name, None)
    return [assess(attempt) for attempt in tqdm(attempts, unit="answer", desc="checking", leave=False)]


def _print_worst(found: list[Assessment]) -> None:
    """Print what was written and what was said, where that was not right."""
    for one in found:
        if not one.good:
            attempt = one.attempt
            seen = ", which helped to write the table" if attempt.seen else ""
            print(f"{'-' * 100}\n{one.outcome.upper()}: {attempt.key}{seen}\n\n{attempt.code.rstrip()}\n")
            print(f"{one.verdict}\n\nthe mistake:  {attempt.mistake or 'none'}")
            print(f"was said:     {', '.join(one.said) or 'nothing'}\nis right:     {', '.join(attempt.says) or '-'}")


def _write(counts: Mapping[str, Count]) -> None:
    """Put the figures into the two pages."""
    from classroom.author.evidence import between_marks, in_a_sentence, readme_table

    for name, text in {"README.md": readme_table(counts), "CONTRIBUTING.md": in_a_sentence(counts["all"])}.items():
        page = (ROOT / name).read_text(encoding="utf-8")
        write_whole(ROOT / name, between_marks(page, text).encode())
        print(f"written: {name}")
