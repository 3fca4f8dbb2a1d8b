"""Run everything that CI runs: ruff, mypy, codespell, then pytest over the tests and the library's examples.

The tests run in several processes (pytest-xdist); tests/conftest.py says in which order, and what stays together.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from classroom.common import ROOT


@dataclass(frozen=True)
class ToolRun:
    """One command to run, as `python -m ...`."""

    name: str
    command: list[str]


@dataclass(frozen=True)
class Result:
    """How a step ended, and how long it took."""

    step: ToolRun
    code: int
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether the step failed; pytest fails, too, where `-k` chose no test at all."""
        return self.code != 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "--loose", action="store_true", help="check no types, and compare no bytes and no printed numbers"
    )
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="run nothing but the tests whose outcome depends on who runs them: the sandbox, and what attacks it",
    )
    parser.add_argument("arguments", nargs="*", metavar="-- ...", help="more for pytest: course.py test -- -k lab")


#: The plugins that the tests use. Pytest, where it looks for plugins itself, reads every file of every package that
#: brings one: in each process, and for three seconds.
PLUGINS = ("xdist.plugin", "nbval.plugin", "_hypothesis_pytestplugin")

#: As root the sandbox changes to a user id of its own, as anybody else it makes a user namespace.
SANDBOX = ("tests/grading/test_sandbox.py", "tests/grading/test_attacks.py")


def steps(arguments: list[str], *, exact: bool = True, sandbox: bool = False) -> list[ToolRun]:
    """Return what is to be run, in order.

    Parameters
    ----------
    arguments : list of str
        More arguments for pytest. A path among them replaces the usual ones.
    exact : bool
        Check types, compare bytes and printed numbers, and grade a class: meant for Linux under constraints.txt.
    sandbox : bool
        Run the tests of the sandbox alone, and no linter.

    Returns
    -------
    list of ToolRun
        The linters, then pytest.

    Examples
    --------
    >>> [step.name for step in steps([])]
    ['ruff check', 'ruff format --check', 'mypy', 'codespell', 'pytest']
    """
    side_by_side = ["--numprocesses", str(processes()), "--dist", "loadfile", "--no-loadscope-reorder"]
    if sandbox:
        chosen = [*SANDBOX, "-m", "not whoever"]
        return [ToolRun("pytest", ["pytest", "--durations=10", *side_by_side, *chosen, *arguments])]
    lint = [ToolRun("ruff check", ["ruff", "check"]), ToolRun("ruff format --check", ["ruff", "format", "--check"])]
    if exact:  # other systems and other NumPys have other types
        lint.append(ToolRun("mypy", ["mypy"]))
    lint.append(ToolRun("codespell", ["codespell_lib"]))
    pytest = ["pytest", "--durations=10"]
    if not exact:
        pytest += ["-m", "not exact"]
    if any(os.path.exists(argument.split("::")[0]) for argument in arguments if not argument.startswith("-")):
        return [*lint, ToolRun("pytest", pytest + arguments)]
    pytest += side_by_side
    if exact:
        pytest += ["--doctest-modules", "tests", "benchmarks", "classroom", "recsys_lib"]
    else:  # the examples print numbers, whose form differs between NumPy 1 and 2; grading needs Linux
        pytest += ["--ignore", "tests/grading", "tests"]
    return [*lint, ToolRun("pytest", pytest + arguments)]


def processes() -> int:
    """Return how many processes run the tests: two more than there are processors, since many tests wait."""
    return (os.cpu_count() or 1) + 2


def run(options: argparse.Namespace) -> int:
    """Run every step, also after one has failed; return 1 if any did, or if no test was chosen at all."""
    exact = not options.loose
    os.chdir(ROOT)
    env = dict(os.environ, COURSE_EXACT="1" if exact else "0")
    env.update(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTEST_PLUGINS=",".join(PLUGINS))
    # Lessons run side by side on two cores; BLAS threads of both would wait for one another.
    env.setdefault("OMP_NUM_THREADS", "1")
    results = run_steps(steps(options.arguments, exact=exact, sandbox=options.sandbox), env)
    print("\n== summary")
    for result in results:
        print(f"{'failed' if result.failed else 'passed':7} {result.step.name} ({result.seconds:.0f} s)")
    return int(any(result.failed for result in results))


def run_steps(wanted: list[ToolRun], env: dict[str, str]) -> list[Result]:
    """Run steps in order; return how each ended."""
    results = []
    for step in wanted:
        print(f"\n== {step.name}", flush=True)
        began = time.perf_counter()
        code = subprocess.run([sys.executable, "-m", *step.command], env=env, stdin=subprocess.DEVNULL).returncode
        results.append(Result(step, code, time.perf_counter() - began))
    return results
