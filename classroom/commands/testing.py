"""Run everything that CI runs: ruff, mypy, codespell, then pytest over the tests and the library's examples.

The tests of grading (tests/grading) run beside the others, in a process of their own: together they take two cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import IO

from classroom.common import ROOT

GRADING = "tests/grading"
NOTHING_CHOSEN = 5
"""The exit code of pytest where `-k` or `-m` left no test."""


@dataclass(frozen=True)
class ToolRun:
    """One command to run, as `python -m ...`."""

    name: str
    command: list[str]
    beside: bool = False
    """Run while the later steps run, and print at the end."""


@dataclass(frozen=True)
class Result:
    """How a step ended, and how long it took."""

    step: ToolRun
    code: int
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether the step failed; with `-k` one of two runs of pytest may have chosen no test."""
        return self.code not in (0, NOTHING_CHOSEN)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "--loose", action="store_true", help="check no types, and compare no bytes and no printed numbers"
    )
    parser.add_argument("arguments", nargs="*", metavar="-- ...", help="more for pytest: course.py test -- -k lab")


def steps(arguments: list[str], *, exact: bool = True) -> list[ToolRun]:
    """Return what is to be run, in order.

    Parameters
    ----------
    arguments : list of str
        More arguments for pytest. A path among them replaces the usual ones.
    exact : bool
        Check types, compare bytes and printed numbers, and grade a class: meant for Linux under constraints.txt.

    Returns
    -------
    list of ToolRun
        The linters, then the runs of pytest.

    Examples
    --------
    >>> [step.name for step in steps([])]
    ['ruff check', 'ruff format --check', 'mypy', 'codespell', 'pytest, grading', 'pytest']
    """
    lint = [ToolRun("ruff check", ["ruff", "check"]), ToolRun("ruff format --check", ["ruff", "format", "--check"])]
    if exact:  # other systems and other NumPys have other types
        lint.append(ToolRun("mypy", ["mypy"]))
    lint.append(ToolRun("codespell", ["codespell_lib"]))
    pytest = ["pytest", "--durations=10"]
    if not exact:
        pytest += ["-m", "not exact"]
    if any(os.path.exists(argument.split("::")[0]) for argument in arguments if not argument.startswith("-")):
        return [*lint, ToolRun("pytest", pytest + arguments)]
    others = [*pytest, "--ignore", GRADING]
    if not exact:  # the examples print numbers, whose form differs between NumPy 1 and 2; grading needs Linux
        return [*lint, ToolRun("pytest", [*others, "tests", *arguments])]
    cache = ["-o", "cache_dir=.pytest_cache/grading"]
    return [
        *lint,
        ToolRun("pytest, grading", [*pytest, *cache, GRADING, *arguments], beside=True),
        ToolRun("pytest", [*others, "--doctest-modules", "tests", "benchmarks", "classroom", "recsys_lib", *arguments]),
    ]


def run(options: argparse.Namespace) -> int:
    """Run every step, also after one has failed; return 1 if any did, or if no test was chosen at all."""
    exact = not options.loose
    os.chdir(ROOT)
    env = dict(os.environ, COURSE_EXACT="1" if exact else "0")
    # Lessons run side by side on two cores; BLAS threads of both would wait for one another.
    env.setdefault("OMP_NUM_THREADS", "1")
    results = run_steps(steps(options.arguments, exact=exact), env)
    print("\n== summary")
    for result in results:
        print(f"{'failed' if result.failed else 'passed':7} {result.step.name} ({result.seconds:.0f} s)")
    chosen = [r.code != NOTHING_CHOSEN for r in results if r.step.name.startswith("pytest")]
    return int(any(result.failed for result in results) or not any(chosen))


def run_steps(wanted: list[ToolRun], env: dict[str, str]) -> list[Result]:
    """Run steps in order, those marked `beside` in the background; return how each ended."""
    results, background = [], []
    for step in wanted:
        if step.beside:
            background.append(Background(step, env))
            continue
        print(f"\n== {step.name}", flush=True)
        began = time.perf_counter()
        code = subprocess.run(_python(step), env=env, stdin=subprocess.DEVNULL).returncode
        results.append(Result(step, code, time.perf_counter() - began))
    return results + [job.finish() for job in background]


@dataclass
class Background:
    """A step that runs while others do."""

    step: ToolRun
    env: dict[str, str]
    output: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    began: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(
            _python(self.step),
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def finish(self) -> Result:
        """Wait for the process and print what it said."""
        code = self.process.wait()
        seconds = time.perf_counter() - self.began
        print(f"\n== {self.step.name} (ran beside)", flush=True)
        with self.output as output:
            output.seek(0)
            print(output.read().decode("utf-8", "replace"), flush=True)
        return Result(self.step, code, seconds)


def _python(step: ToolRun) -> list[str]:
    return [sys.executable, "-m", *step.command]
