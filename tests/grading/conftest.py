"""What the tests of grading share."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def version_asked_once() -> Iterator[None]:
    """Ask alembic once which version nbgrader writes into a new gradebook: it starts a process each time."""
    from nbgrader import api

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield
