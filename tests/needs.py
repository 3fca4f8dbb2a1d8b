"""What a test needs that a machine may lack: skipped there, or failed where CI says that it must be there."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import NoReturn

import pytest

REQUIRED = {name for name in os.environ.get("COURSE_REQUIRE", "").split(",") if name}


def skip_or_fail(need: str, reason: str) -> NoReturn:
    """Skip a test whose tool is missing, or fail where ``COURSE_REQUIRE`` names that tool."""
    if need in REQUIRED:
        pytest.fail(f"COURSE_REQUIRE names {need!r}, but {reason}")
    pytest.skip(reason)


def find_chromium() -> str | None:
    """Return the path of Chromium, or None where there is none; ``COURSE_CHROMIUM`` may name it."""
    given = os.environ.get("COURSE_CHROMIUM")
    names = [given] if given else ["chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, map(shutil.which, names)), None)


def can_browse() -> bool:
    """Say whether the tests of the browser are run rather than skipped: they fail where they must and cannot."""
    return "browser" in REQUIRED or (find_chromium() is not None and importlib.util.find_spec("playwright") is not None)
