"""Grade a folder of submissions: right grades, feedback that teaches, and a page on what the class has not understood.

    python course.py grade-class L03                  submitted/STUDENT/L03_three_measures/*.ipynb
    python course.py grade-class L03 --student ada    one student; --again grades what is graded already
    python course.py grade-class L03 --scheduler tcp://HOST:8786    on many machines

What was finished is never graded twice and never lost: stop it with Ctrl-C, or pull the plug, and start it again.
Grades go into nbgrader's gradebook, notebooks with hints into autograded/, the report into grading/reports/.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.common import ROOT, CourseError
from classroom.student_names import notes

if TYPE_CHECKING:
    from classroom.group.run import ClassRun

# What takes seconds to import (nbgrader, Dask) is imported where it is used, so that `--help` answers at once.

WITHOUT_SANDBOX = "WITHOUT A SANDBOX: students' code runs with your own rights, and can read and change what you can."
FROM_A_GIVEN_SEED = (
    "from a seed that was given: a replay, and no grade, since who knows the seed can have answers ready."
)
MAX_NOTES = 20  # lines on those who were graded: the table beside the report holds all
STOPPED = "Stopped. Start it again and it goes on with the rest."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's arguments."""
    parser.add_argument("lesson", help="as L03 or L03_three_measures")
    parser.add_argument("--course", type=Path, default=ROOT, help="folder with submitted/ (default: this course)")
    parser.add_argument("--student", action="append", help="grade this one only; may be given several times")
    parser.add_argument("--again", action="store_true", help="grade also what is graded already")
    parser.add_argument(
        "--seed",
        type=whole,
        help="replay: draw everybody's inputs from this seed; who knows it can have the answers ready",
    )
    parser.add_argument("--workers", type=whole, help="grading processes (default: one for ten submissions; 0: none)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, as tcp://HOST:8786")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="run students' code with your own rights; said on every page"
    )


def whole(text: str) -> int:
    """Return the whole number that a text is, for argparse.

    >>> whole("3")
    3
    """
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"a whole number, 0 or more, not {text!r}")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Grade the class; return 0 if every submission was graded, 1 if not, 130 if stopped."""
    if options.no_sandbox:
        print(WITHOUT_SANDBOX, file=sys.stderr)
    try:
        from classroom.group.run import grade_class
        from classroom.submission.record import State

        done = grade_class(
            options.lesson,
            options.course,
            only=options.student,
            again=options.again,
            seed=options.seed,
            isolated=not options.no_sandbox,
            workers=options.workers,
            scheduler=options.scheduler,
            command=tuple(sys.argv[1:]),
        )
    except CourseError as error:
        print(f"Not graded: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        return 130
    print(summary(done, not options.no_sandbox))
    if done.stopped:
        return 130
    return int(bool(done.problems) or any(record.status is not State.GRADED for record in done.graded.values()))


def summary(done: ClassRun, isolated: bool) -> str:
    """Say what a run did, for the terminal.

    >>> from classroom.group.run import ClassRun
    >>> print(summary(ClassRun(kept=["ada", "bob"], by_other_checks=["bob"]), True))
    2 graded before.
      1 of them was graded by other checks; --again grades them anew.
    """
    from classroom.submission.record import State

    count = {state: [r for r in done.graded.values() if r.status is state] for state in State}
    parts = [f"{len(found)} {state}" for state, found in count.items() if found]
    parts += [f"{len(done.kept)} graded before"] if done.kept else []
    lines = [", ".join(parts or ["nothing to grade"]) + "."]
    if others := len(done.by_other_checks):
        lines.append(
            f"  {others} of them {'was' if others == 1 else 'were'} graded by other checks; --again grades them anew."
        )
    alike = notes([*done.kept, *done.graded])
    for record in count[State.PARTLY] + count[State.NOT]:
        name = f"{record.student!r}" + (f" ({alike[record.student]})" if record.student in alike else "")
        lines.append(f"  {name}: {record.status}: {record.cause}")
    noted = [record for record in count[State.GRADED] if record.cause]
    lines += [f"  {record.student!r}: graded: {record.cause}" for record in noted[:MAX_NOTES]]
    if (more := len(noted) - MAX_NOTES) > 0:
        lines.append(f"  {more} more of which there is something to say: see the table beside the report.")
    lines += [f"  {student!r}: {said}" for student, said in sorted(done.late.items())]
    if alike:
        lines.append(f"  Names that may be taken for another: {', '.join(map(repr, alike))}. Pages say what differs.")
    lines += [f"  {problem}" for problem in done.problems]
    if done.stopped:
        lines.append(STOPPED)
    if done.report:
        lines.append(f"Report: {done.report}")
    if done.last_hash:
        lines.append(f"Log ends with {done.last_hash}")
    if given := sum(record.seed_given for record in done.graded.values()):
        lines.append(f"{given} graded {FROM_A_GIVEN_SEED}")
    if not isolated:
        lines.append(WITHOUT_SANDBOX)
    return "\n".join(lines)
