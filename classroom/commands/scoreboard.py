"""Run what a class has handed in for lesson 12 on a split that nobody knows, and write the public board.

    python course.py scoreboard              scoreboard.csv: each student's lines, by pseudonym, the best first
    python course.py scoreboard --a-day 1    one answer a student and day; a later one waits

Only new submissions are run, in the sandbox; without one, nothing is. What is judged is kept: stop it with Ctrl-C, and
the next run goes on with the rest.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.commands.grade_class import STOPPED, whole
from classroom.common import ROOT, CourseError

if TYPE_CHECKING:
    from classroom.group.scoreboard import Scoreboard

# What takes seconds to import (nbgrader) is imported where it is used, so that `--help` answers at once.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's arguments."""
    parser.add_argument("--course", type=Path, default=ROOT, help="folder with submitted/ (default: this course)")
    parser.add_argument(
        "--a-day",
        type=whole,
        default=3,
        metavar="N",
        help="answers of one student that are judged on a day (default: 3)",
    )


def run(options: argparse.Namespace) -> int:
    """Update the board; return 0 if every submission could be read and run, 1 if not, 130 if stopped."""
    try:
        from classroom.group.scoreboard import printed_table, update_scoreboard

        done = update_scoreboard(options.course, a_day=options.a_day)
    except CourseError as error:
        print(f"No new board: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        return 130
    print(printed_table(done.rows))
    print(summary(done))
    return 130 if done.stopped else int(bool(done.not_done))


def summary(done: Scoreboard) -> str:
    """Say what a run did, for the teacher's terminal.

    >>> from classroom.group.scoreboard import Scoreboard
    >>> print(summary(Scoreboard([], Path("scoreboard.csv"), asked=["ada"], waiting=["bob", "cy"])))
    1 run, 2 wait for another day.
    Board: scoreboard.csv
    """
    waiting = f"{len(done.waiting)} wait{'s' * (len(done.waiting) == 1)} for another day"
    counts = ((done.asked, f"{len(done.asked)} run"), (done.unchanged, f"{len(done.unchanged)} run before"))
    parts = [text for students, text in (*counts, (done.waiting, waiting)) if students]
    lines = [", ".join(parts or ["nothing to run"]) + "."]
    lines += [f"  {student!r}: {problem}" for student, problem in sorted(done.problems.items())]
    if done.stopped:
        lines.append(STOPPED)
    return "\n".join([*lines, f"Board: {done.table}"])
