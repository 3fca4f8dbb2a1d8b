"""The course's commands, one line each: `python -m classroom lab`, or `python course.py lab` without an environment.

A command is a module with `add_arguments(parser)` and `run(options) -> int`. Its top imports only the standard
library and what keeps to it: course.py reads a command line before anything is installed, and `--help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple, Protocol, cast


class CommandModule(Protocol):
    """What a module in classroom.commands offers."""

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Declare the command line."""

    def run(self, options: argparse.Namespace, /) -> int:
        """Do it; return the exit code."""


class Command(NamedTuple):
    """A command: its module in classroom.commands, the extras of pyproject.toml that it needs, and one it can lack."""

    name: str
    help: str
    module: str
    extras: str = "lab"
    wished: str = ""

    def load(self) -> CommandModule:
        """Import the command's module."""
        return cast(CommandModule, importlib.import_module(f"classroom.commands.{self.module}"))


COMMANDS = {
    command.name: command
    for command in (
        Command("lab", "open the lessons in JupyterLab", "lab", wished="search"),
        Command("grade", "grade your own copy of a lesson: points and hints", "grade"),
        Command("progress", "say what is solved, and what is next", "progress"),
        Command("log", "keep a log of your own attempts, on this machine alone", "own_log"),
        Command("collect", "collect what a class has handed in, from a platform's archive", "collect", "lab,classroom"),
        Command("grade-class", "grade a folder of submissions, in a sandbox", "grade_class", "lab,classroom"),
        Command("report", "make the page on what a class has not understood", "report", "lab,classroom"),
        Command("scoreboard", "judge lesson 12's answers on a secret split", "scoreboard", "lab,classroom"),
        Command(
            "export-grades",
            "write the grades of a class to a table, or to a platform's",
            "export_grades",
            "lab,classroom",
        ),
        Command("export-feedback", "pack the feedback pages for Moodle", "export_feedback", "lab,classroom"),
        Command("audit", "look into the log of what was graded", "audit", "lab,classroom"),
        Command("attacks", "try three attacks on the sandbox, harmlessly", "attacks", "lab,classroom"),
        Command("doctor", "say what is installed, what would fail and how to mend it", "doctor"),
        Command(
            "bench", "measure the claims, the published tables and the speed", "bench", "lab,bench,classroom,search"
        ),
        Command("build", "build the notebooks from solutions/*/*.py", "build", "lab,classroom,dev,search"),
        Command("hints", "say how often the check says the right thing", "hints"),
        Command("new-exercise", "begin a new exercise of a lesson", "new_exercise", "lab,classroom,dev,search"),
        Command("site", "build the site that is read without Python", "site", "lab,classroom,site"),
        Command("lite", "build the lessons that run in a browser", "lite", "lab,classroom,site"),
        Command("test", "run everything that CI runs", "testing", "lab,classroom,dev,search,site"),
    )
}


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read a command line; a wrong one ends in argparse's message and exit code 2.

    Returns
    -------
    Namespace
        `command` is the name of the command; `before(options)` is what to check before anything is installed; the
        rest is the command's own.
    """
    top = argparse.ArgumentParser(prog="course.py", description="A course on candidate generation, and its tools.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS.values():
        parser = commands.add_parser(command.name, help=command.help)
        parser.set_defaults(before=lambda options: None)
        if [command.name] == list(argv[:1]):  # the others stay unloaded, so that a slow or broken one harms only itself
            module = command.load()
            parser.description = (module.__doc__ or command.help).splitlines()[0]
            module.add_arguments(parser)
    return top.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    options = parse(sys.argv[1:] if argv is None else argv)
    return COMMANDS[options.command].load().run(options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
