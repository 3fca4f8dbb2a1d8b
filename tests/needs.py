"""What a test needs that a machine may lack: skipped there, or failed where CI says that it must be there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRED = {name for name in os.environ.get("COURSE_REQUIRE", "").split(",") if name}


def skip_or_fail(need: str, reason: str) -> NoReturn:
    """Skip a test whose tool is missing, or fail where ``COURSE_REQUIRE`` names that tool."""
    if need in REQUIRED:
        pytest.fail(f"COURSE_REQUIRE names {need!r}, but {reason}")
    pytest.skip(reason)
