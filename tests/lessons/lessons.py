"""What several tests of the lessons share: a toy lesson, and one execution per lesson.

Running lessons is what costs time. Each lesson's solution runs once in a test session, and its release once: in
JupyterLab where the tests of the browser are run too (tests/browser/test_lessons.py), otherwise in a kernel beside the
solution's. From the solution's run follow the byte comparison (test_build.py), nbval's comparison of every tagged
number, the text rules that look at printed numbers, and the budget of work (test_lessons.py). What holds for any run,
`problems_of_run` and the budget, is asked of both.
"""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from classroom import common
from classroom.author import assembling, running
from classroom.author.source import read_source

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


MAX_YARDSTICKS = 600
"""What a lesson may cost: two minutes where a yardstick takes 0.2 s; a lesson is to run in one."""

STATES = {"solved": "solved", "unsolved": "not solved yet"}
"""What every check says in a lesson's solution, and in its release."""

YARDSTICK = """
import time as _time

import numpy as _np

_used = _time.process_time()
_table = _np.random.default_rng(0).normal(size=(300, 300))
for _ in range(20):
    _table = _np.tanh(_table @ _table / 300)
    sum(number * number for number in range(100_000))
_yardstick = [_used, _time.process_time() - _used]
"""
"""Run after a lesson, in its kernel: `_yardstick` is the processor time used so far, and that of a fixed piece of work.
"""


@dataclass(frozen=True)
class Run:
    """One execution of a notebook: what came out, and how much work it was.

    Attributes
    ----------
    notebook : NotebookNode
        The notebook with its outputs.
    seconds : float
        How long it took by the clock: on a busy machine, anything.
    processor_seconds : float
        How much processor time the kernel used.
    yardsticks : float
        The same as a multiple of `YARDSTICK`, timed in the same kernel: about equal on fast and slow machines.
    """

    notebook: NotebookNode
    seconds: float
    processor_seconds: float
    yardsticks: float


def run(nb: NotebookNode) -> Run:
    """Run a notebook and measure it. Raises common.CourseError where a cell raised."""
    measured = copy.deepcopy(nb)
    measured.cells.append(nbformat.v4.new_code_cell(f"{YARDSTICK}print(*_yardstick)", id="yardstick"))
    start = time.perf_counter()
    executed = running.execute(measured, COURSE_RECORD="1")  # as a build does
    seconds = time.perf_counter() - start
    used, yardstick = map(float, executed.cells.pop().outputs[0].text.split())
    return Run(executed, seconds, used, used / yardstick)


def problems_of_run(nb: NotebookNode, kind: str) -> list[str]:
    """Say what is wrong with a lesson that was run to its end, be it in a kernel or in JupyterLab.

    Every code cell has run, without an error and with nothing on stderr, where nbgrader would see a failure; every
    check says what it says in a `solved` or an `unsolved` notebook.
    """
    found = []
    for cell in nb.cells:
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            found.append(f"{cell['id']} was not run")
        found += [f"{cell['id']}: {o.ename}: {o.evalue}" for o in cell.get("outputs", []) if o.output_type == "error"]
        if cell["id"].endswith("-check"):
            shown = "".join(o.get("data", {}).get("text/plain", "") for o in cell.outputs)
            if not re.search(rf"(: |- ){STATES[kind]}\b", shown):
                found.append(f"{cell['id']} shows {shown!r} in the {kind} lesson")
    if not any(cell["id"].endswith("-check") for cell in nb.cells):
        found.append("no cell checks an answer")
    return found + running.stderr_of(nb)


class RealLessons:
    """The course's lessons, each read, run and built once: running them is what costs time.

    Notebooks are shared: copy one before changing it.

    Parameters
    ----------
    elsewhere : collection of str
        Lessons of which the release runs elsewhere: `run` does not start it beside the solution.
    """

    def __init__(self, elsewhere: Collection[str] = ()) -> None:
        self.elsewhere = elsewhere
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._sources: dict[str, NotebookNode] = {}
        self._runs: dict[tuple[str, str], Future[Run]] = {}
        self._built: dict[str, assembling.Built] = {}

    def close(self) -> None:
        """Run nothing more."""
        self._pool.shutdown(cancel_futures=True)

    def source(self, lesson: str) -> NotebookNode:
        """Return a lesson's script, as a notebook."""
        if lesson not in self._sources:
            self._sources[lesson] = source(lesson)
        return self._sources[lesson]

    def run(self, lesson: str, kind: str = "solved") -> Run:
        """Return the one run of a lesson: `solved` (its source) or `unsolved` (the committed release).

        The first call for a lesson starts both, side by side. Raises common.CourseError where a cell raised.
        """
        if (lesson, kind) not in self._runs:
            self._runs[lesson, "solved"] = self._pool.submit(run, self.source(lesson))
            if lesson not in self.elsewhere:
                self._runs[lesson, "unsolved"] = self._pool.submit(run, release(lesson))
        return self._runs[lesson, kind].result()

    def built(self, lesson: str) -> assembling.Built:
        """Return a lesson's two notebooks, built from the one run of it."""
        if lesson not in self._built:
            self._built[lesson] = assembling.assemble(self.run(lesson).notebook, lesson)
        return self._built[lesson]


def source(lesson: str) -> NotebookNode:
    """Read a real lesson's script as a notebook."""
    return read_source(common.SOLUTIONS / lesson / f"{lesson}.py")


def release(lesson: str) -> NotebookNode:
    """Read a real lesson's committed release."""
    return nbformat.read(common.NOTEBOOKS / lesson / f"{lesson}.ipynb", as_version=4)


def notebook(data: bytes) -> NotebookNode:
    """Parse the bytes of a notebook."""
    return nbformat.reads(data.decode(), as_version=4)


def cell(nb: NotebookNode, cell_id: str) -> NotebookNode:
    """Return the cell of this id."""
    return next(c for c in nb.cells if c["id"] == cell_id)
