"""A learner's own log of her attempts: off unless she switches it on, and in a file on her own machine.

Beside `recsys_lib.datasets` this is the one module of the library that touches a file, and it only appends: nobody but
the check sees an attempt. ``python course.py log`` switches, shows and exports; ``python course.py lab`` names the file
in an environment variable. Where that is unset, and under grading, nothing is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from recsys_lib.checks.cell import cell_of
from recsys_lib.checks.verdict import Verdict

VARIABLE = "COURSE_ATTEMPT_LOG"  # the file to append to
SWITCH = "attempt_log.on"  # lies beside the file as long as the log is on
MAX_BYTES = 5 * 2**20  # of the file; what comes after is not kept


def keep(answer: Any, verdict: Verdict) -> None:
    """Append an attempt to the learner's log, where she keeps one; never raises.

    A line holds the day, the exercise, the cell with the answer, the points and the sentences that were said.

    Parameters
    ----------
    answer : object
        What was checked: an answer whose text is not known is not kept.
    verdict : Verdict
        What the check found: a stub is no attempt, nor is an answer to no exercise.

    Examples
    --------
    >>> keep(len, Verdict.of_problem("dot", "no function"))  # no file is named: nothing happens
    """
    named = os.environ.get(VARIABLE)
    if not named or os.environ.get("NBGRADER_EXECUTION") or verdict.unsolved or not verdict.max_points:
        return
    with contextlib.suppress(Exception):  # a full disk, an odd object: the lesson goes on
        code = cell_of(answer)
        if code is not None and Path(named).with_name(SWITCH).exists():
            _append(Path(named), _line(code, verdict))


def _line(code: str, verdict: Verdict) -> bytes:
    kept = {
        "day": date.today().isoformat(),  # no hour: nobody need know when she learns
        "exercise": verdict.name,
        "code": code,
        "points": verdict.points,
        "of": verdict.max_points,
        "said": verdict.hints,
    }
    return json.dumps(kept).encode() + b"\n"


def _append(path: Path, line: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if os.fstat(file).st_size + len(line) <= MAX_BYTES:
            os.write(file, line)
    finally:
        os.close(file)
