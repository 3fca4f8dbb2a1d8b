"""What the tests of lessons share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lessons.lessons import LESSONS, RealLessons
from tests.needs import can_browse

IN_BROWSER = "tests/browser/test_lessons.py::test_lesson[{}]"
"""The test that runs a lesson's release in JupyterLab."""


@pytest.fixture(scope="session")
def real(request: pytest.FixtureRequest) -> Iterator[RealLessons]:
    """The course's lessons, each run at most once in the session: a release not here if the browser runs it, too."""
    items = request.session.items if can_browse() else []
    chosen = {item.nodeid for item in items}
    lessons = RealLessons(elsewhere={lesson for lesson in LESSONS if IN_BROWSER.format(lesson) in chosen})
    yield lessons
    lessons.close()
