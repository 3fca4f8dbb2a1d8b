"""Keep a log of your own attempts, on this machine alone; off unless you switch it on.

python course.py log on              from the next `python course.py lab`, each check is noted in .course/attempts.jsonl
python course.py log off             at once; what was noted stays until you delete the file
python course.py log show            whether it is on, and what it holds
python course.py log export FILE     what it holds as attempts for CONTRIBUTING.md: no time, no name, each answer once
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from classroom.common import ROOT, CourseError, explain_os_error, write_whole

OWN = ROOT / ".course"
LOG = "attempts.jsonl"
# The two names below are those of recsys_lib.checks.attempt_log, which needs NumPy; a test compares them.
VARIABLE = "COURSE_ATTEMPT_LOG"
SWITCH = "attempt_log.on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name the command's own commands, and their arguments."""
    commands = parser.add_subparsers(required=True, metavar="on | off | show | export")

    def add(name: str, help: str, do: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(do=do)
        return sub

    add("on", "keep what is checked, from the next start of the lab", _on)
    add("off", "keep nothing more", _off)
    add("show", "say whether it is on, and what it holds", _show)
    export = add(
        "export",
        "write the attempts to a file, without time and names; whoever keeps them runs them without a sandbox",
        _export,
    )
    export.add_argument("file", type=Path, metavar="FILE", help="the file to write")


def run(options: argparse.Namespace) -> int:
    """Do what was asked for; return the exit code."""
    try:
        options.do(options)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"log: {explain_os_error(error)}", file=sys.stderr)
        return 1
    return 0


def with_log(own: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a notebook: with the name of the log where it is on, and without it where it is off.

    Parameters
    ----------
    own : Path
        The course's own folder.
    environ : mapping
        The environment to start from.
    """
    env = {name: value for name, value in environ.items() if name != VARIABLE}
    return {**env, VARIABLE: str(own / LOG)} if (own / SWITCH).exists() else env


def _on(options: argparse.Namespace) -> None:
    write_whole(OWN / SWITCH, b"")
    print(
        "The log is on. After the next `python course.py lab` each check notes the day, the exercise, the cell with\n"
        f"your answer, the points and the hints in {OWN / LOG}, on this machine alone. Nothing is sent."
    )


def _off(options: argparse.Namespace) -> None:
    (OWN / SWITCH).unlink(missing_ok=True)
    kept = f" What was noted is still in {OWN / LOG}; delete that file, and it is gone." * (OWN / LOG).exists()
    print(f"The log is off.{kept}")


def _show(options: argparse.Namespace) -> None:
    entries = list(_entries(OWN / LOG))
    print(f"The log is {'on' if (OWN / SWITCH).exists() else 'off'}; {len(entries)} attempts are in {OWN / LOG}.")
    for entry in entries:
        points = f"{entry['points']} of {entry['of']}"
        print(f"  {entry['day']}  {entry['exercise']:<24} {points:>8}  {' '.join(entry['said'])}".rstrip())


def _export(options: argparse.Namespace) -> None:
    from classroom.author.exports import READ_THEM, Answer, exported

    answers = [Answer(e["exercise"], e["code"], e["points"], e["of"]) for e in _entries(OWN / LOG)]
    if not answers:
        raise CourseError(f"there is nothing to export: no attempt is in {OWN / LOG}")
    lines, left_out = exported(answers, prefix="l_", names=_own_names())
    write_whole(options.file, "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    print(f"{options.file}: {len(lines)} attempts, without time and names. {READ_THEM}")
    for what in left_out:
        print(f"  left out: {what}")


def _own_names() -> list[str]:
    """Return the names of the user and of the machine, as far as the system knows them."""
    names = [platform.node(), Path.home().name]
    with contextlib.suppress(Exception):  # a user without a name
        names.append(getpass.getuser())
    return names


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the entries of the log; a line that is none, cut short by a full disk, is passed over."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    for line in lines:
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and {"day", "exercise", "code", "points", "of", "said"} <= set(entry):
                yield entry
