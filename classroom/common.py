"""What every part of the classroom needs: where the course lies, its one kind of error, how a file is written whole.

Only the standard library is imported here: `course.py` uses it before anything is installed.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
NOTEBOOKS = ROOT / "notebooks"


class CourseError(Exception):
    """Something that whoever runs a command can mend; the text says what is wrong, where, and what to do."""


def explain_os_error(error: OSError) -> str:
    """Say in a sentence what an operating-system error means here.

    >>> explain_os_error(OSError(errno.ENOSPC, "No space left on device", "work"))
    'the disk is full (work); free some space and start again.'
    """
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
        return f"the disk is full{where}; free some space and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"this folder cannot be written to{where}; move the course to one that is yours."
    return f"{error.strerror or error}{where}"


def lesson_names(solutions: Path = SOLUTIONS) -> list[str]:
    """Return the names of the lessons in ``solutions``, in order: the folders that hold a script of the same name.

    >>> lesson_names(Path("/no/such/folder"))
    []
    """
    if not Path(solutions).is_dir():
        return []
    return sorted(p.parent.name for p in Path(solutions).glob("*/*.py") if p.stem == p.parent.name)


def find_lesson(name: str, names: Iterable[str]) -> str:
    """Return the lesson that ``name`` means: its full name, or a beginning that only one lesson has.

    Raises
    ------
    CourseError
        If no lesson, or more than one, begins so; the message lists the lessons.

    Examples
    --------
    >>> find_lesson("L03", ["L03_three_measures", "L04_norm_dial"])
    'L03_three_measures'
    """
    names = list(names)
    found = [n for n in names if n == name] or [n for n in names if n.lower().startswith(name.lower().rstrip("/"))]
    if name and len(found) == 1:
        return found[0]
    problem = "several lessons begin with" if name and found else "there is no lesson called"
    raise CourseError(f"{problem} {name!r}; the lessons are: {', '.join(names) or 'none yet'}")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file aside, then rename it: a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(data)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal.

    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()
