"""What `python course.py test` runs: ruff, then pytest over the tests and the library's examples.

The tests of grading (tests/grading) run beside the others, in a process of their own: together they take two cores.
"""

import os
import subprocess
import sys
import tempfile
import time

from classroom.common import ROOT

GRADING = "tests/grading"


def steps(arguments, *, exact=True):
    """Return the commands to run, by name.

    Parameters
    ----------
    arguments : list of str
        More for pytest. A path among them replaces the usual ones.
    exact : bool
        Compare bytes and printed numbers, and grade a class: meant for Linux under constraints.txt.

    Examples
    --------
    >>> [name for name, command in steps([])]
    ['ruff check', 'ruff format --check', 'pytest, grading', 'pytest']
    """
    pytest = ["pytest", "--durations=10"]
    if not exact:
        pytest += ["-m", "not exact"]
    lint = [("ruff check", ["ruff", "check"]), ("ruff format --check", ["ruff", "format", "--check"])]
    if any(os.path.exists(argument.split("::")[0]) for argument in arguments if not argument.startswith("-")):
        return [*lint, ("pytest", pytest + arguments)]
    others = [*pytest, "--ignore", GRADING]
    if not exact:  # the examples print numbers, whose form differs between NumPy 1 and 2; grading needs Linux
        return [*lint, ("pytest", [*others, "tests", *arguments])]
    cache = ["-o", "cache_dir=.pytest_cache/grading"]
    return [
        *lint,
        ("pytest, grading", [*pytest, *cache, GRADING, *arguments]),
        ("pytest", [*others, "--doctest-modules", "tests", "benchmarks", "classroom", "recsys_lib", *arguments]),
    ]


def main(arguments, *, exact=True):
    """Run every step, also after one has failed; return 1 if any did."""
    os.chdir(ROOT)
    env = dict(os.environ, COURSE_EXACT="1" if exact else "0")
    # Lessons run side by side on two cores; BLAS threads of both would wait for one another.
    env.setdefault("OMP_NUM_THREADS", "1")
    results, beside = [], []
    for name, command in steps(arguments, exact=exact):
        command = [sys.executable, "-m", *command]
        if name == "pytest, grading":
            beside.append((name, *_begin(command, env)))
            continue
        print(f"\n== {name}", flush=True)
        began = time.perf_counter()
        code = subprocess.run(command, env=env, stdin=subprocess.DEVNULL).returncode
        results.append((name, code, time.perf_counter() - began))
    for name, process, output, began in beside:
        code = process.wait()
        seconds = time.perf_counter() - began
        print(f"\n== {name} (ran beside)", flush=True)
        with output:
            output.seek(0)
            print(output.read().decode("utf-8", "replace"), flush=True)
        results.append((name, code, seconds))
    print("\n== summary")
    for name, code, seconds in results:
        print(f"{'failed' if code not in (0, _NOTHING_CHOSEN) else 'passed':7} {name} ({seconds:.0f} s)")
    codes = [code for _, code, _ in results]
    # With `-k` one of the two may choose no test; both choosing none is a mistake.
    return int(
        any(code not in (0, _NOTHING_CHOSEN) for code in codes) or codes.count(_NOTHING_CHOSEN) == len(codes) - 2
    )


_NOTHING_CHOSEN = 5  # pytest's exit code


def _begin(command, env):
    output = tempfile.TemporaryFile()
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    return process, output, time.perf_counter()
