"""What `python course.py test` runs: ruff, then pytest over the tests and the library's examples."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def steps(arguments, *, exact=True):
    """Return the commands to run, by name.

    Parameters
    ----------
    arguments : list of str
        More for pytest. A path among them replaces the usual ones.
    exact : bool
        Compare bytes and printed numbers: meant for Linux under constraints.txt.

    Examples
    --------
    >>> [name for name, command in steps([])]
    ['ruff check', 'ruff format --check', 'pytest']
    """
    pytest = ["pytest", "--durations=10"]
    if not exact:
        pytest += ["-m", "not exact"]
    if not any(os.path.exists(argument.split("::")[0]) for argument in arguments if not argument.startswith("-")):
        # The examples print numbers, whose form differs between NumPy 1 and 2.
        pytest += ["--doctest-modules", "tests", "benchmarks", "classroom", "recsys_lib"] if exact else ["tests"]
    return [
        ("ruff check", ["ruff", "check"]),
        ("ruff format --check", ["ruff", "format", "--check"]),
        ("pytest", pytest + arguments),
    ]


def main(arguments, *, exact=True):
    """Run every step, also after one has failed; return 1 if any did."""
    os.chdir(ROOT)
    env = dict(os.environ, COURSE_EXACT="1" if exact else "0")
    # Lessons run side by side on two cores; BLAS threads of both would wait for one another.
    env.setdefault("OMP_NUM_THREADS", "1")
    results = []
    for name, command in steps(arguments, exact=exact):
        print(f"\n== {name}", flush=True)
        began = time.perf_counter()
        code = subprocess.run([sys.executable, "-m", *command], env=env, stdin=subprocess.DEVNULL).returncode
        results.append((name, code, time.perf_counter() - began))
    print("\n== summary")
    for name, code, seconds in results:
        print(f"{'failed' if code else 'passed':7} {name} ({seconds:.0f} s)")
    return int(any(code for _, code, _ in results))
