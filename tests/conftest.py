"""What all tests share."""

from __future__ import annotations

import os
import re
import shutil
import signal
from typing import Any

import pytest

from tests.needs import find_chromium, skip_or_fail

# A shell starts what runs in its background with Ctrl-C ignored, and so would all that a test starts and stops be.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def movielens():
    """Return MovieLens-100K; skip where it cannot be had."""
    from recsys_lib import datasets

    try:
        return datasets.movielens_100k(progress=False)
    except datasets.DatasetError as error:
        skip_or_fail("data", f"MovieLens-100K cannot be had: {error}")


@pytest.fixture(scope="session")
def latest_small():
    """Return MovieLens latest-small; skip where it cannot be had."""
    from recsys_lib import datasets

    try:
        return datasets.movielens_latest_small(progress=False)
    except datasets.DatasetError as error:
        skip_or_fail("data", f"MovieLens latest-small cannot be had: {error}")


@pytest.fixture
def without_nbgrader(monkeypatch):
    """Run as in a learner's own notebook, whatever started pytest."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("COURSE_SEED", raising=False)


@pytest.fixture(scope="session")
def bubblewrap() -> None:
    """Skip or fail with the install line where there is no bubblewrap."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; skip or fail with the install line where there is none."""
    found = find_chromium()
    if not found:
        skip_or_fail("browser", "Chromium is missing: apt-get install chromium, or set COURSE_CHROMIUM to its path")
    return found


#: What takes longest is begun first, and the browser last: Playwright keeps an event loop running in its process, in
#: which no notebook can be run any more.
ORDER = (
    "tests/lessons/test_runs.py",
    "tests/exercises/test_processors.py",
    "tests/grading/test_classes.py",
    "tests/grading/test_faults.py",
    "tests/grading/test_teaching.py",
    "tests/test_benchmarks.py",
    "tests/grading",
    "tests/exercises/test_survivors.py",
    "tests/exercises",
    "tests/lessons",
    "",
)
LONGEST = ("L11", "L07", "E02", "L12", "L06", "L08", "L05", "L09")  # lessons, both in a kernel and in a browser
BROWSER = (
    "tests/browser/test_lite.py",  # the longest that is run in one go
    *(f"tests/browser/test_lessons.py::test_lesson[{lesson}" for lesson in LONGEST),
    "tests/browser/test_site.py",
    "tests/browser/test_strangers.py",
    "tests/browser/test_film_explorer.py",
    "tests/browser/test_lessons.py",
    "tests/browser",
)

#: Files of which no test needs what another one has made: by the test, or by the lesson that it is about.
BY_TEST = (
    "tests/browser/test_lessons.py",
    "tests/exercises/test_survivors.py",
    "tests/grading/test_attacks.py",
    "tests/grading/test_classes.py",
    "tests/grading/test_sandbox.py",
    "tests/test_benchmarks.py",
)
BY_LESSON = ("tests/lessons/test_runs.py",)
#: Tests of such a name take much of the machine's memory: those of a file come one after the other.
TAKES_MEMORY = re.compile(r"^test_memory_|\[memory\b")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> tuple[bool, int, int]:
    """Return where a test comes in the order."""
    last = in_browser(nodeid)
    places = BROWSER if last else ORDER
    place = next(i for i, start in enumerate(places) if nodeid.startswith(start))
    if last or place > 0:
        return last, place, 0
    return last, place, next((i for i, name in enumerate(LONGEST) if f"[{name}" in nodeid), len(LONGEST))


def in_browser(nodeid: str) -> bool:
    """Whether a test, or what one process runs in one go, needs the browser."""
    return nodeid.startswith("tests/browser")


def unit_of(nodeid: str) -> str:
    """Return what one process runs in one go: a file, or a part of it that shares nothing with the rest.

    >>> unit_of("tests/test_plots.py::test_axes[dark]")
    'tests/test_plots.py'
    >>> unit_of("tests/lessons/test_runs.py::test_quiet[L03_three_measures-release]")
    'tests/lessons/test_runs.py::L03'
    >>> unit_of("tests/grading/test_sandbox.py::test_memory_of_all_processes_together[cell]")
    'tests/grading/test_sandbox.py::memory'
    """
    file, _, test = nodeid.partition("::")
    if file in BY_TEST:
        return f"{file}::memory" if TAKES_MEMORY.search(test) else nodeid
    if file in BY_LESSON and (found := re.search(r"\b[LE]\d\d", test)):
        return f"{file}::{found[0]}"
    return file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Spread the tests over the processes by `unit_of`, in the order of the collection.

    The browser's tests go to as many processes as there are processors: each of these starts a browser and a server of
    its own. What is left is then the browser's alone, so a process that gets none of it ends.
    """
    from xdist.scheduler import LoadFileScheduling

    class ByUnit(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

        def _assign_work_unit(self, node: Any) -> None:
            browsing = [other for other, units in self.assigned_work.items() if any(map(in_browser, units))]
            full = len(browsing) >= (os.cpu_count() or 1) and node not in browsing
            if full and in_browser(next(iter(self.workqueue))):
                node.shutdown()
            else:
                super()._assign_work_unit(node)

    return ByUnit(config, log) if config.option.dist == "loadfile" else None
