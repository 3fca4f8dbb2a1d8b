"""What `test_limited.py` asks a process to do with a text: as a reader of it might, and worse."""

from __future__ import annotations

import os
import signal

from classroom.common import CourseError

known: list[str] = []


def length(text: str) -> int:
    """Read it as it should be."""
    return len(text)


def learn(text: str) -> None:
    """Keep a text."""
    known.append(text)


def learnt() -> list[str]:
    """All that was kept."""
    return known


def never_ends(text: str) -> int:
    """Read it for ever."""
    while True:
        pass


def grows(text: str) -> int:
    """Make more of it than there is room for."""
    return len([[] for _ in range(10**9)])


def crashes(text: str) -> int:
    """End as a parser does that overruns its stack."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def leaves(text: str) -> int:
    """End without a word."""
    os._exit(0)


def raises(text: str) -> int:
    """Fail."""
    raise RecursionError(text)


def refuses(text: str) -> int:
    """Say what is wrong with it."""
    raise CourseError(f"{text} is not allowed")


def is_of_another_type(text: str) -> dict[str, int]:
    """Answer what nobody asked for."""
    return {text: 1}


def is_long(text: str) -> str:
    """Answer more than anybody can use."""
    return text * (100 * 2**20)


def look(*args: object) -> int:
    """Stand for the questions of a check, and never answer."""
    return never_ends("")
