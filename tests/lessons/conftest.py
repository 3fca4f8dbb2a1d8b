"""What the tests of lessons share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lessons.lessons import RealLessons


@pytest.fixture(scope="session")
def real() -> Iterator[RealLessons]:
    """The course's lessons, each run at most once in the session."""
    lessons = RealLessons()
    yield lessons
    lessons.close()
