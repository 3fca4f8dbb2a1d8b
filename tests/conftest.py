"""What all tests share."""

from __future__ import annotations

import shutil

import pytest

from tests.needs import find_chromium, skip_or_fail


@pytest.fixture(scope="session")
def movielens():
    """Return MovieLens-100K; skip where it cannot be had."""
    from recsys_lib import datasets

    try:
        return datasets.movielens_100k(progress=False)
    except datasets.DatasetError as error:
        skip_or_fail("data", f"MovieLens-100K cannot be had: {error}")


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
ORDER = ("tests/grading", "tests/lessons", "")
BROWSER = ("tests/browser/test_lessons.py", "tests/browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> tuple[bool, int]:
    """Return where a test comes in the order."""
    in_browser = nodeid.startswith("tests/browser")
    places = BROWSER if in_browser else ORDER
    return in_browser, next(i for i, start in enumerate(places) if nodeid.startswith(start))
