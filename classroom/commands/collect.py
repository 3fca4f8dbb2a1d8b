"""Collect what a class has handed in: from a learning platform's archive, or folders, into submitted/.

    python course.py collect L03 all.zip                      Moodle's, Canvas's or Blackboard's, known by its names
    python course.py collect L03 FOLDER --from folders        a folder or a file for each student
    python course.py collect L03 all.zip --timezone Europe/Berlin     whose times Blackboard wrote into the names

It says what was taken and what was not, by name. What cannot be taken keeps nobody else from being collected, and two
students of one name stay two: downloaded/LESSON/collected.json says which account each is.
"""

from __future__ import annotations

import argparse
import sys
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.common import ROOT, CourseError, explain_os_error

if TYPE_CHECKING:
    from classroom.group.intake import Intake, Taken

# What takes seconds to import (nbgrader) is imported where it is used, so that `--help` answers at once.

PLATFORMS = ("moodle", "blackboard", "canvas", "folders")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's arguments."""
    parser.add_argument("lesson", help="as L03 or L03_three_measures")
    parser.add_argument("archive", type=Path, help="a zip or tar as the platform made it, or a folder")
    parser.add_argument(
        "--from", dest="platform", choices=PLATFORMS, help="whose archive it is (default: what its names look like)"
    )
    parser.add_argument("--course", type=Path, default=ROOT, help="folder with submitted/ (default: this course)")
    parser.add_argument(
        "--timezone", type=_zone, metavar="ZONE", help="of the times in Blackboard's names, as Asia/Tokyo"
    )


def _zone(text: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"a time zone such as Europe/Berlin, not {text!r}") from None


def run(options: argparse.Namespace) -> int:
    """Collect; return 0 if everybody's work was taken, else 1."""
    from classroom.group.intake import take_in

    try:
        done = take_in(
            options.lesson, options.archive, options.course, platform=options.platform, zone=options.timezone
        )
    except CourseError as error:
        print(f"Nothing was collected: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Not collected: {explain_os_error(error)}", file=sys.stderr)
        return 1
    print(summary(done, options.timezone is not None))
    return int(not done.complete)


def summary(done: Intake, zone_given: bool = False) -> str:
    """Say what was taken and what was not, for the terminal.

    >>> from classroom.group.intake import Intake, Taken
    >>> ada = Taken("new", {"L03_x.ipynb": "Ada_1_assignsubmission_file_/L03_x (1).ipynb"})
    >>> print(summary(Intake("L03_x", "moodle", Path("submitted"), Path(), {"Ada": ada}, {"x": "a reason"})))
    L03_x, from Moodle: 1 student taken into submitted, 1 file not taken.
      'Ada': new, 'Ada_1_assignsubmission_file_/L03_x (1).ipynb'
    Not taken:
      'x': a reason
    """
    from classroom.report.page import counted

    source = "folders" if done.platform == "folders" else done.platform.capitalize()
    left = [counted(len(done.refused), "file") + " not taken"] if done.refused else []
    left += [counted(len(done.empty), "student") + " without a notebook"] if done.empty else []
    taken = f"{counted(len(done.taken), 'student')} taken into {done.submitted}"
    lines = [f"{done.lesson}, from {source}: {', '.join([taken, *left])}."]
    lines += [f"  {student!r}: {_told(found)}" for student, found in done.taken.items()]
    if done.refused or done.empty:
        lines.append("Not taken:")
        lines += [f"  {path!r}: {why}" for path, why in sorted(done.refused.items())]
        lines += [f"  {account!r}: no notebook, but {_listed(files)}" for account, files in done.empty.items()]
    if any("(account " in why for why in done.refused.values()):
        lines.append('To give an account a name that can be one, write {"NAME": "ACCOUNT"} into ' + f"{done.book}.")
    if not done.whole:
        lines.append("The archive was not read to its end: others may be missing.")
    if done.said:
        lines += ["Left aside in unpacking:", *(f"  {sentence}" for sentence in done.said)]
    if any(found.time for found in done.taken.values()) and done.platform == "blackboard" and not zone_given:
        lines.append("Times are Blackboard's, of which it names no zone: --timezone says which it is.")
    return "\n".join(lines)


def _told(found: Taken) -> str:
    parts = [f"{found.how}, {_listed(list(found.files.values()))}"]
    parts += [f"handed in {found.time}"] if found.time else []
    parts += ["LATE, as the platform says"] if found.late else []
    parts += ["grading takes the one that was worked on"] if len(found.files) > 1 else []
    return "; ".join(parts)


def _listed(names: list[str]) -> str:
    shown = " and ".join(map(repr, names[:5]))
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
