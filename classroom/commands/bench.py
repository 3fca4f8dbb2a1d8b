"""Run the benchmarks: one Markdown file with the machine, the claims, the published tables and the ratios to peers."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from classroom.common import ROOT, write_whole

RESULTS = ROOT / "benchmarks" / "results.md"
BENCHMARKS = {
    "claims": "The claims of the founding text, by model",
    "tables": "Published figures, and ours",
    "ials": "iALS beside `implicit`",
    "search": "Search beside faiss and scikit-learn, and a million items",
    "grading": "Grading a class beside nbgrader",
}
BEGIN, END = "<!-- claims: made by `python course.py bench claims` -->", "<!-- end of claims -->"


def one_thread(environ: dict[str, str]) -> dict[str, str]:
    """Return the environment for a benchmark: one thread, and the BLAS kernel that fits the processor.

    Examples
    --------
    >>> one_thread({"PATH": "/bin", "OPENBLAS_CORETYPE": "Haswell"})["OMP_NUM_THREADS"]
    '1'
    """
    kept = {k: v for k, v in environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def one_kernel(environ: dict[str, str], flags: str) -> dict[str, str]:
    """Return the environment in which every OpenBLAS runs the same kernel, where the processor knows AVX2.

    A wheel that brings an older OpenBLAS than NumPy's may fall back to a slow kernel on a new processor, and a ratio
    between the two would then compare kernels.

    Parameters
    ----------
    environ : dict of str to str
    flags : str
        What the processor knows, as /proc/cpuinfo says it.

    Examples
    --------
    >>> one_kernel({}, "sse2 avx2 fma")
    {'OPENBLAS_CORETYPE': 'Haswell'}
    >>> one_kernel({}, "neon")
    {}
    """
    return {**environ, "OPENBLAS_CORETYPE": "Haswell"} if {"avx2", "fma"} <= set(flags.split()) else dict(environ)


def run_benchmark(name: str) -> str:
    """Run one benchmark in a process of its own; return what it printed.

    Raises
    ------
    RuntimeError
        If it failed.
    """
    env = one_thread(dict(os.environ))
    if name == "search":
        info = Path("/proc/cpuinfo")
        env = one_kernel(env, info.read_text(encoding="utf-8") if info.exists() else "")
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}"],
        cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"benchmarks/{name}.py ended with exit code {done.returncode}")
    return done.stdout.strip()


def sections(text: str) -> dict[str, str]:
    """Split a results file into its sections, by title.

    Examples
    --------
    >>> sections("# All\\n\\nintro\\n\\n## One\\n\\na\\n\\n## Two\\n\\nb\\n")
    {'One': 'a', 'Two': 'b'}
    """
    parts = text.split("\n## ")[1:]
    return {part.partition("\n")[0].strip(): part.partition("\n")[2].strip() for part in parts}


def with_claims(readme: str, printed: str) -> str:
    """Return README.md with the first table of the claims benchmark between its marks.

    Raises
    ------
    ValueError
        If the two marks are missing.
    """
    if BEGIN not in readme or END not in readme:
        raise ValueError(f"README.md must hold the lines {BEGIN!r} and {END!r}")
    table = next(block for block in printed.split("\n\n") if block.startswith("| "))
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("name", nargs="*", type=_known, help=f"which of {', '.join(BENCHMARKS)} (default: all)")


def run(options: argparse.Namespace) -> int:
    """Run the named benchmarks, or all; write `benchmarks/results.md`, and the claims into README.md."""
    known = sections(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    machine = run_benchmark("machine")
    print(machine, flush=True)
    for name in options.name or BENCHMARKS:
        print(f"\n== {name}", flush=True)
        printed = run_benchmark(name)
        print(printed, flush=True)
        known[BENCHMARKS[name]] = f"{machine}\n\n{printed}"
        if name == "claims":
            readme = ROOT / "README.md"
            write_whole(readme, with_claims(readme.read_text(encoding="utf-8"), printed).encode())
    parts = [f"## {title}\n\n{known[title]}" for title in BENCHMARKS.values() if title in known]
    intro = "# What was measured\n\nMade by `python course.py bench`; each section names the machine it ran on.\n"
    write_whole(RESULTS, "\n".join([intro, "\n\n".join(parts), ""]).encode())
    print(f"written to {RESULTS.relative_to(ROOT)}")
    return 0


def _known(name: str) -> str:
    if name not in BENCHMARKS:
        raise argparse.ArgumentTypeError(f"there is no benchmark {name!r}; there are {', '.join(BENCHMARKS)}")
    return name
