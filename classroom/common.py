"""What every part of the classroom needs: where the course lies, its one kind of error, how a file is written whole.

Only the standard library is imported here: `course.py` uses it before anything is installed.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
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
    """Return the names of the lessons in ``solutions``, in `lesson_order`: the folders with a script of the same name.

    >>> lesson_names(Path("/no/such/folder"))
    []
    """
    if not Path(solutions).is_dir():
        return []
    return sorted((p.parent.name for p in Path(solutions).glob("*/*.py") if p.stem == p.parent.name), key=lesson_order)


def lesson_order(name: str) -> tuple[bool, str]:
    """Return by what lessons are sorted: electives come last.

    >>> sorted(["L02_embedding_space", "E01_keys", "L01_two_ways"], key=lesson_order)
    ['L01_two_ways', 'L02_embedding_space', 'E01_keys']
    """
    return name.startswith("E"), name


def lesson_number(name: str) -> str:
    """Return a lesson's number as its exercises are counted by.

    >>> lesson_number("L03_three_measures"), lesson_number("E01_keys")
    ('3', 'E1')
    """
    return f"{name[0].removeprefix('L')}{int(name[1:3])}"


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


def write_whole(path: Path, data: bytes, *, durable: bool = False, mode: int | None = None) -> None:
    """Write a file aside, then rename it: a reader sees the old file or the new one, never half of one.

    Parameters
    ----------
    path : Path
        The file; its folder is made where it is missing.
    data : bytes
        What the file holds afterwards.
    durable : bool
        Wait until the disk has both the file and its name, so that a power cut loses neither.
    mode : int, optional
        The file's permissions, from its first byte on; the system's usual ones where absent.

    Raises
    ------
    OSError
        If it cannot be written; the old file is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside.unlink(missing_ok=True)  # left by a killed process of the same number
    permissions = 0o666 if mode is None else mode
    try:
        with open(aside, "xb", opener=lambda name, flags: os.open(name, flags, permissions)) as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(aside, path)
        if durable:
            sync_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names of new and renamed files in a folder, where the system can do that."""
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


#: What stands for a student's name in a text that students wrote: never a pseudonym, which would tell whose it is.
SOMEBODY = "somebody"


def hider(pseudonyms: Mapping[str, str], texts: Iterable[str]) -> Callable[[str], str]:
    """Return a function that puts pseudonyms for names in any of some texts, however a name is written there.

    A name of three letters or fewer is replaced only where it stands alone, so that "an" does not spoil "cannot".

    Parameters
    ----------
    pseudonyms : mapping of str to str
        The pseudonym of each name.
    texts : iterable of str
        The texts that the function will be given: names that none of them holds are not looked for.

    Examples
    --------
    >>> hide = hider({"Zoë": "p-1", "an": "p-2"}, ["submitted/an/L03 of ZOË cannot be read"])
    >>> hide("submitted/an/L03 of ZOË cannot be read")
    'submitted/p-2/L03 of p-1 cannot be read'
    """
    written: dict[str, str] = {}
    for name, pseudonym in pseudonyms.items():
        for form in (name, name.casefold(), repr(name)[1:-1], json.dumps(name)[1:-1], " ".join(name.split())):
            written |= {unicodedata.normalize(normal, form): pseudonym for normal in ("NFC", "NFD")}
    folded = {form.casefold(): pseudonym for form, pseudonym in written.items()}
    held = "\n".join(texts).casefold()
    forms = sorted((form for form in written if form and form.casefold() in held), key=len, reverse=True)
    alone = r"(?<![^\W_]){}(?![^\W_])"
    escaped = [alone.format(re.escape(form)) if len(form) <= 3 else re.escape(form) for form in forms]
    pattern = re.compile("|".join(escaped) or r"(?!)", re.IGNORECASE)

    def pseudonym_of(found: re.Match[str]) -> str:
        text = found.group()
        return written.get(text) or folded.get(text.casefold(), "(a student)")

    return functools.cache(lambda text: pattern.sub(pseudonym_of, text))


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal.

    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()
