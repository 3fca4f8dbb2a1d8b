"""What several tests of the lessons share: a toy lesson, and one execution per lesson.

Running lessons is what costs time. Each lesson's solution runs once in a test session, and its release once, side by
side on two cores. From the solution's run follow the byte comparison (tests/test_build.py), nbval's comparison of every
tagged number, the text rules that look at printed numbers, and the time limit (tests/test_lessons.py).
"""

import functools
import json
import re
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat

from classroom import common
from classroom.author import build

LESSONS = common.lesson_names()

TOY = "L90_toy"
TOY_SOURCE = '''\
# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # Lesson 90. Add two numbers
#
# **You will** add until a sum is right.
#
# **After this lesson you can**
#
# - add two numbers;
# - double a number;
# - say what $\\tfrac12$ is.
#
# **You need** nothing. **Time:** 5 minutes. **Points:** 5.

# %% [markdown]
# This cell makes what the others use.

# %%
import os

import matplotlib.pyplot as plt


def check(name, function):
    """Stand in for recsys_lib.checks.check, which knows no toy exercises."""
    right = {"add_two": 5, "double_it": 4}
    try:
        points = 2.0 * (function(*([2, 3] if name == "add_two" else [2])) == right[name])
    except NotImplementedError:
        points = 0.0
    print(f"{name}: {points:.0f} of 2 points")
    return points if os.environ.get("NBGRADER_EXECUTION") == "autograde" else None


# %% [markdown]
# ## Exercise 90.1 (2 points): a sum
#
# Complete `add_two(a, b)`.

# %% <add-two>
def add_two(a, b):
    """The sum of two numbers."""
    ### BEGIN SOLUTION
    the_answer_is_secret = a + b
    return the_answer_is_secret
    ### END SOLUTION


# %% <add-two-check>
check("add_two", add_two)

# %% [markdown]
# ## Exercise 90.2 (2 points): twice
#
# Complete `double_it(a)`.

# %% <double-it>
def double_it(a):
    """Twice a number."""
    ### BEGIN SOLUTION
    return a * len("two letters"[:2])
    ### END SOLUTION


# %% <double-it-check>
check("double_it", double_it)

# %% [markdown]
# The next cell prints a number: a third is 0.333, or 33.3 %.

# %% tags=["nbval-check-output"]
print(f"{1 / 3:.3f}", f"{100 / 3:.1f} %")

# %% [markdown]
# This cell draws, and its picture is not kept.

# %%
plt.plot([1, 2])
plt.show()

# %% [markdown]
# ## Say why
#
# Why is the sum what it is?

# %% [markdown] <add-two-why>
# Because the rubric wants this sentence to be here.

# %% [markdown]
# ## Recap
#
# - You added two numbers.
# - You doubled a number.
# - You said what a half is.
'''


def write_toy(folder: Path, *changes: tuple[str, str], name: str = TOY) -> Path:
    """Write the toy lesson under `folder`, with pieces of its text replaced; return the script's path."""
    text = TOY_SOURCE
    for old, new in changes:
        assert old in text, f"the toy lesson has no {old!r}"
        text = text.replace(old, new)
    text = re.sub(r"(?<=%% |n\] )<([a-z-]+)>", _nbgrader, text)
    path = Path(folder) / name / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _nbgrader(match: re.Match) -> str:
    grade_id = match[1]
    grade, solution = grade_id.endswith(("-check", "-why")), not grade_id.endswith("-check")
    meta = {"grade": grade, "grade_id": grade_id, "locked": not solution, "schema_version": 3}
    if grade:
        meta["points"] = 2 if grade_id.endswith("-check") else 1
    return "nbgrader=" + json.dumps({**meta, "solution": solution, "task": False})


@dataclass(frozen=True)
class Run:
    """One execution of a notebook: what came out, and how long it took."""

    notebook: object
    seconds: float


_lock = threading.Lock()
_runs: dict[tuple[str, str], Future] = {}
_pool = ThreadPoolExecutor(max_workers=2)


def run(lesson: str, kind: str = "solved") -> Run:
    """The session's one run of a lesson: `solved` (its source) or `unsolved` (the committed release).

    The first call for a lesson starts both, side by side. Raises common.CourseError where a cell raised.
    """
    with _lock:
        if (lesson, "solved") not in _runs:
            _movielens()
            _runs[lesson, "solved"] = _pool.submit(_run, source(lesson), lesson)
            _runs[lesson, "unsolved"] = _pool.submit(_run, None, lesson)
    return _runs[lesson, kind].result()


def _run(nb, lesson: str) -> Run:
    nb = release(lesson) if nb is None else nb
    start = time.perf_counter()
    return Run(build.execute(nb), time.perf_counter() - start)


@functools.cache
def _movielens() -> None:
    """Fetch the ratings before the first lesson: inside a lesson, the download would be shown."""
    from recsys_lib import datasets

    datasets.movielens_100k(progress=False)


@functools.cache
def built(lesson: str) -> build.Built:
    """A real lesson, built from the session's one run of it."""
    return build.assemble(run(lesson).notebook, lesson)


@functools.cache
def source(lesson: str):
    """A real lesson's script, as a notebook. Shared: copy it before changing it."""
    return build.read_source(common.SOLUTIONS / lesson / f"{lesson}.py")


@functools.cache
def release(lesson: str):
    """A real lesson's committed release. Shared: copy it before changing it."""
    return nbformat.read(common.NOTEBOOKS / lesson / f"{lesson}.ipynb", as_version=4)


def notebook(data: bytes):
    """Bytes of a notebook, parsed."""
    return nbformat.reads(data.decode(), as_version=4)


def cell(nb, cell_id: str):
    """The cell of this id."""
    return next(c for c in nb.cells if c["id"] == cell_id)


def cell_ids(data: bytes) -> list[str]:
    """Ids of the cells, in order."""
    return [c["id"] for c in json.loads(data)["cells"]]
