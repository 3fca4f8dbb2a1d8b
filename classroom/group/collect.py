"""Find what was handed in, and read it without following anything that a student could have put there.

A submission is `submitted/<student>/<lesson>/<lesson>.ipynb`. Links, devices, pipes and hard links are refused by name,
and so is a folder whose name no student may have (see `classroom.student_names`); a folder that cannot be read keeps
nobody else from being graded. Nothing here writes.

Of several notebooks in a folder the one counts that was worked on: an untouched one beside it is no answer of 0 points.

A sentence that says why holds a name only in quotes, so that the log can tell names from words.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from classroom.common import sha256
from classroom.student_names import problem_with
from classroom.submission.reading import MAX_BYTES, SubmissionError

MAX_FILES = 1000  # in the folder of one submission
MAX_NOTEBOOKS = 20  # in it, that are looked into
MAX_NAMED = 5  # files that a note names
MAX_TIMESTAMP = 200  # bytes of timestamp.txt
TIMESTAMP = "timestamp.txt"
# What nbgrader and learning platforms write. Any other zone than these nbgrader's own reader looks up in files, which
# a student could name.
_TIME = re.compile(
    r"(?P<time>(?:19|2\d)\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:[.,](?P<fraction>\d{1,9}))?"
    r"(?P<zone> ?(?:UTC|GMT|Z|(?P<sign>[+-])(?P<hours>0\d|1[0-4]):?(?P<minutes>[0-5]\d)))?",
    re.ASCII,
)
_DIR = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True)
class Receipt:
    """What is known of a submission without its text.

    Attributes
    ----------
    student : str
        Whose it is.
    sha256 : str
        Hash of the submitted file.
    note : str
        What the teacher should know of it.
    timestamp : str
        What timestamp.txt holds, where `time_in` reads it; else nothing.
    """

    student: str
    sha256: str
    note: str = ""
    timestamp: str = ""


@dataclass(frozen=True)
class Submission:
    """A notebook that was handed in, and what is known of it beside its text."""

    receipt: Receipt
    data: bytes


@dataclass(frozen=True)
class Refused:
    """A submission that is not read, and why."""

    student: str
    problem: str


def students(submitted: Path, lesson: str) -> list[str]:
    """Names of the folders in ``submitted`` that hold a folder or anything else called ``lesson``, in order.

    >>> students(Path("/no/such/folder"), "L03")
    []
    """
    if not submitted.is_dir():
        return []
    found = []
    with os.scandir(submitted) as entries:
        for entry in entries:
            if entry.is_symlink():
                if not entry.name.startswith("."):
                    found.append(entry.name)
            elif entry.is_dir() and _may_hold(entry.path, lesson):
                found.append(entry.name)
    return sorted(found)


def _may_hold(folder: str, lesson: str) -> bool:
    """Return whether a folder holds the lesson's; one that cannot be looked into may, which `read` says by name."""
    try:
        os.lstat(os.path.join(folder, lesson))
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def read(submitted: Path, student: str, lesson: str, worked: Callable[[bytes], bool] = bool) -> Submission | Refused:
    """Read one student's submission; never raises for what is there.

    Parameters
    ----------
    submitted : Path
        The folder of all submissions.
    student, lesson : str
        Whose, and for which lesson.
    worked : callable
        Whether a notebook holds anything that a learner wrote; asked only where there are several.
    """
    try:
        _check_name(student)
        folders: list[int] = []
        try:
            for name in (str(submitted), student, lesson):
                folders.append(_open_folder(name, folders[-1] if folders else None))
            data, note = _notebook_in(folders[-1], lesson, worked)
            timestamp, said = _timestamp(folders[-1])
            return Submission(Receipt(student, sha256(data), "; ".join(filter(None, [note, said])), timestamp), data)
        finally:
            for fd in folders:
                os.close(fd)
    except SubmissionError as error:
        return Refused(student, str(error))
    except OSError as error:
        return Refused(student, f"it cannot be read: {error.strerror or error}")


def read_made(folder: Path, student: str, lesson: str, name: str, most: int) -> tuple[bytes, float]:
    """Read a file that was made of a submission, and when it was written; as in `read` no link is followed.

    Raises
    ------
    SubmissionError, OSError
        If it is not there, is no plain file, or has more than ``most`` bytes.
    """
    _check_name(student)
    folders: list[int] = []
    try:
        for part in (str(folder), student, lesson):
            folders.append(_open_folder(part, folders[-1] if folders else None))
        written = os.stat(name, dir_fd=folders[-1], follow_symlinks=False).st_mtime
        return _read_file(name, folders[-1], most), written
    finally:
        for fd in folders:
            os.close(fd)


def _check_name(student: str) -> None:
    if problem := problem_with(student):
        raise SubmissionError(f"the folder's name {problem}: rename it")


def _open_folder(name: str, parent: int | None) -> int:
    if parent is None:
        return os.open(name, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    _refuse(name, parent, wanted=stat.S_ISDIR, what="a folder")
    return os.open(name, _DIR, dir_fd=parent)


def _refuse(name: str, parent: int, *, wanted: Callable[[int], bool], what: str) -> os.stat_result:
    try:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        raise SubmissionError(f"there is no {name!r}") from None
    if stat.S_ISLNK(found.st_mode):
        raise SubmissionError(f"{name!r} is a link, and links are not followed: hand in the file itself")
    if not wanted(found.st_mode):
        raise SubmissionError(f"{name!r} is {_kind(found.st_mode)}, not {what}")
    return found


def _kind(mode: int) -> str:
    kinds = {
        stat.S_ISDIR: "a folder",
        stat.S_ISREG: "a file",
        stat.S_ISFIFO: "a pipe",
        stat.S_ISSOCK: "a socket",
        stat.S_ISBLK: "a device",
        stat.S_ISCHR: "a device",
    }
    return next((word for test, word in kinds.items() if test(mode)), "something else")


def _notebook_in(folder: int, lesson: str, worked: Callable[[bytes], bool]) -> tuple[bytes, str]:
    """Return the notebook, and what to say of it: a browser may have called it `L03_x (1).ipynb`."""
    wanted = f"{lesson}.ipynb"
    names = []
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number == MAX_FILES:
                raise SubmissionError(f"the folder holds more than {MAX_FILES} files")
            names.append(entry.name)
    odd = [n for n in sorted(names) if n != wanted and not _is_plain(n, folder)]
    note = f"left aside, since they are no plain files: {', '.join(map(repr, odd[:MAX_NAMED]))}" if odd else ""
    others = [n for n in sorted(names) if n != wanted and n.lower().endswith(".ipynb") and not n.startswith(".")]
    own = _read_file(wanted, folder, MAX_BYTES) if wanted in names else None
    if others and (own is not None or len(others) > 1):
        data, said = _worked_one(folder, lesson, own, others, worked)
    elif own is not None:
        data, said = own, ""
    elif others:
        if not others[0].isprintable():  # nor is half of a pair of characters
            raise SubmissionError(f"the name of the only notebook cannot be printed: {others[0]!r}")
        data, said = _read_file(others[0], folder, MAX_BYTES), f"taken from {others[0]!r}"
    else:
        raise SubmissionError(f"there is no {wanted!r}")
    return data, "; ".join(filter(None, [said, note]))


def _worked_one(
    folder: int, lesson: str, own: bytes | None, others: list[str], worked: Callable[[bytes], bool]
) -> tuple[bytes, str]:
    """Choose one of several notebooks: the one of the lesson's name if it was worked on, else the only one that was."""
    wanted = f"{lesson}.ipynb"
    found: dict[str, str] = {}  # by hash, so that copies of the same are one
    first = b""
    for name in others[:MAX_NOTEBOOKS]:
        data = _read_or_none(name, folder) if name.isprintable() else None
        if data is not None and data != own and sha256(data) not in found and worked(data):
            first = first or data
            found[sha256(data)] = name
    names = list(found.values())
    shown = " and ".join(map(repr, names[:MAX_NAMED])) + (" and others" if len(names) > MAX_NAMED else "")
    unseen = f"{len(others) - MAX_NOTEBOOKS} more notebooks were not looked into" * (len(others) > MAX_NOTEBOOKS)
    if own is not None and (not names or worked(own)):
        beside = f"with answers, too, but not graded: {shown}" if names else ""
        return own, "; ".join(filter(None, [beside, unseen]))
    if len(names) == 1:
        said = f"taken from {shown}" + (f", since {wanted!r} holds no answers" if own is not None else "")
        return first, "; ".join(filter(None, [said, unseen]))
    if own is not None:
        raise SubmissionError(f"{wanted!r} holds no answers, but {shown} do: which is meant?")
    raise SubmissionError(f"there is no {wanted!r}, but {len(others)} other notebooks: which is meant?")


def _read_or_none(name: str, folder: int) -> bytes | None:
    try:
        return _read_file(name, folder, MAX_BYTES)
    except (SubmissionError, OSError):
        return None


def _is_plain(name: str, folder: int) -> bool:
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _read_file(name: str, folder: int, most: int) -> bytes:
    _refuse(name, folder, wanted=stat.S_ISREG, what="a file")
    fd = os.open(name, _FILE, dir_fd=folder)
    with open(fd, "rb") as file:
        found = os.fstat(fd)  # of what was opened: it may have been exchanged meanwhile
        if not stat.S_ISREG(found.st_mode):
            raise SubmissionError(f"{name!r} is {_kind(found.st_mode)}, not a file")
        if found.st_nlink > 1:
            raise SubmissionError(f"{name!r} is a hard link, the same file as another one: hand in a copy")
        if found.st_size > most:
            raise SubmissionError(f"{name!r} has {found.st_size / 2**20:.0f} MB; {most // 2**20} are allowed")
        return file.read(most + 1)


def _timestamp(folder: int) -> tuple[str, str]:
    """Return the text of timestamp.txt where it is a time, and what to say where it is not."""
    try:
        os.stat(TIMESTAMP, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return "", ""
    try:
        text = _read_file(TIMESTAMP, folder, MAX_TIMESTAMP).decode("ascii").strip()
    except (SubmissionError, OSError, UnicodeDecodeError):
        text = ""
    return (text, "") if time_in(text) is not None else ("", f"{TIMESTAMP!r} holds no time that can be read")


def time_in(text: str, zone: tzinfo | None = None) -> datetime | None:
    """Return the time, in UTC, that a timestamp of a student's says, or None where it is of another form.

    Parameters
    ----------
    text : str
        What timestamp.txt holds.
    zone : tzinfo, optional
        Where clocks stand as in a text that names no zone; that of UTC where absent, as nbgrader reads it. An hour that
        is there twice, or never, when clocks are put back or forward, is no time: nobody can say which is meant.

    Examples
    --------
    >>> time_in("2026-11-24 23:59:00 UTC")
    datetime.datetime(2026, 11, 24, 23, 59)
    >>> time_in("2026-11-24T23:59:00.25+01:00")
    datetime.datetime(2026, 11, 24, 22, 59, 0, 250000)
    >>> time_in("2026-11-24 23:59:00 Europe/Berlin")
    >>> from datetime import timezone
    >>> time_in("2026-11-24 23:59:00", timezone(timedelta(hours=1)))
    datetime.datetime(2026, 11, 24, 22, 59)
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    try:
        time = datetime.fromisoformat(found["time"])
    except ValueError:  # the 31st of November
        return None
    time += timedelta(microseconds=int((found["fraction"] or "0").ljust(6, "0")[:6]))
    if found["sign"]:
        ahead = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
        time -= ahead if found["sign"] == "+" else -ahead
    elif not found["zone"] and zone is not None:
        first, second = (zone.utcoffset(time.replace(fold=fold)) for fold in (0, 1))
        return None if first is None or first != second else time - first
    return time


def names_zone(text: str) -> bool:
    """Return whether a time says itself in which zone it is.

    >>> names_zone("2026-11-24 23:59:00"), names_zone("2026-11-24T23:59:00+01:00")
    (False, True)
    """
    found = _TIME.fullmatch(text)
    return found is not None and found["zone"] is not None


def time_of_folder(folder: str, zone: tzinfo | None = None) -> tuple[datetime | None, str]:
    """Return when what lies in a folder was handed in, and what to say where a timestamp there is none.

    For nbgrader's own commands and pages, which read timestamps with a parser that opens what these name. ``zone`` is
    as for `time_in`.
    """
    try:
        fd = _open_folder(folder, None)
    except OSError:
        return None, ""
    try:
        text, said = _timestamp(fd)
    finally:
        os.close(fd)
    return time_in(text, zone), said
