"""Tell from the names in a learning platform's archive who handed in what.

A platform puts its own part before the name that the student gave a file: `Ada Lovelace_4711_assignsubmission_file_` in
Moodle, `ps1_ada_attempt_2026-01-30-20-30-10_` in Blackboard. Only that part is read, from the left: whatever the
student's own part says, also one that looks like a platform's, is the name of a file and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath

from classroom.common import CourseError
from classroom.student_names import problem_with

MAX_STEM = 100  # bytes of a collected file's name that are kept
_MOODLE = re.compile(
    r"(?P<name>[^_]+)_(?P<number>[0-9]+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL
)
_BLACKBOARD = re.compile(r"(?P<account>.+?)_attempt_(?P<time>[^_]*)(?:_(?P<file>.*))?", re.DOTALL)
_TIME = "%Y-%m-%d-%H-%M-%S"


class CollectingError(CourseError):
    """A file cannot be collected; the text says why, and all others are collected."""


@dataclass(frozen=True)
class Upload:
    """A file as a platform handed it out.

    Attributes
    ----------
    account : str
        What the platform calls whoever handed it in, with all that keeps two of one name apart.
    student : str
        The student's name.
    number : str
        The number that Moodle gives each participant of an assignment, or nothing.
    time : datetime or None
        When it was handed in, where the platform says so.
    stem : str
        The student's own name for the file, without its ending.
    """

    account: str
    student: str
    number: str
    time: datetime | None
    stem: str


@dataclass(frozen=True)
class Collected:
    """Where a file belongs: whose it is, under which name it is kept, when it was handed in."""

    student: str
    file_id: str
    time: datetime | None


def upload_of(path: PurePath) -> Upload | None:
    """Return what a platform says of a file, or None where no part of its path is a platform's.

    Parameters
    ----------
    path : PurePath
        Below the folder in which the archive was unpacked.

    Raises
    ------
    CollectingError
        If the time in the platform's part is none.

    Examples
    --------
    >>> upload_of(PurePath("all/Mallory_4712_assignsubmission_file_/ada_attempt_2026-11-24-23-59-00_L03.ipynb")).student
    'Mallory'
    >>> upload_of(PurePath("ps1_mallory_attempt_2026-11-24-18-00-00_ada_attempt_2026-11-24-23-59-00_L03.ipynb")).student
    'mallory'
    """
    for part in path.parts:
        # Moodle leaves no "_" in a name, so that where its form fits, it begins before any other.
        stem = path.stem
        if moodle := _MOODLE.fullmatch(part):
            if part == path.name:
                stem = PurePath(moodle["file"] or "").stem
            name = unicodedata.normalize("NFC", moodle["name"])
            return Upload(f"{name}_{moodle['number']}", name, moodle["number"], None, stem)
        if blackboard := _BLACKBOARD.fullmatch(part):
            if part == path.name:
                stem = PurePath(blackboard["file"] or "").stem
            account = unicodedata.normalize("NFC", blackboard["account"])
            return Upload(account, account.rpartition("_")[2], "", time_of(blackboard["time"]), stem)
    return None


def time_of(text: str) -> datetime:
    """Return the time that a platform wrote into a file's name.

    >>> time_of("2026-01-30-20-30-10").hour
    20
    """
    text = PurePath(text).stem  # where nothing stands behind it
    try:
        return datetime.strptime(text, _TIME)
    except ValueError:
        raise CollectingError(f"{text!r} is no time") from None


def sorted_out(
    paths: Iterable[PurePath],
    lesson: str,
    *,
    known: Mapping[str, str] | None = None,
    read: Callable[[PurePath], Upload | None] = upload_of,
) -> tuple[dict[PurePath, Collected], dict[PurePath, str], dict[str, str]]:
    """Sort the notebooks of an archive by student.

    Two accounts of one name are never one student: unless one of them had the name in an earlier collection, each gets
    its number, or its whole account, as part of the name. Of several attempts the latest counts; two files of one name
    are both kept. What cannot be collected keeps no other file from it.

    Parameters
    ----------
    paths : iterable of PurePath
        Below the folder in which the archive was unpacked.
    lesson : str
        The lesson's full name.
    known : mapping of str to str, optional
        The account of each student that was collected before.
    read : callable
        What is known of a file from its path.

    Returns
    -------
    collected : dict of PurePath to Collected
    refused : dict of PurePath to str
        What is not collected, and why.
    accounts : dict of str to str
        The account of each student, those known before included.
    """
    accounts = dict(known or {})
    uploads: dict[PurePath, Upload] = {}
    refused: dict[PurePath, str] = {}
    for path in sorted(paths):
        try:
            found = read(path)
        except CollectingError as error:
            refused[path] = str(error)
            continue
        if found is None:
            refused[path] = "its name has no part that a learning platform wrote"
        else:
            uploads[path] = found
    by_student: dict[str, dict[PurePath, Upload]] = defaultdict(dict)
    for path, found in _told_apart(uploads, accounts).items():
        if problem := problem_with(found.student):
            refused[path] = f"the student's name {found.student!r} {problem}"
        else:
            accounts[found.student] = found.account
            by_student[found.student][path] = found
    collected: dict[PurePath, Collected] = {}
    for student, files in by_student.items():
        latest = max((f.time for f in files.values() if f.time), default=None)
        attempt = {path: f for path, f in files.items() if f.time == latest}
        refused |= {path: "a later attempt counts" for path in files.keys() - attempt.keys()}
        collected |= {p: Collected(student, name, latest) for p, name in _file_ids(attempt, lesson).items()}
    return collected, refused, accounts


def _told_apart(uploads: dict[PurePath, Upload], known: Mapping[str, str]) -> dict[PurePath, Upload]:
    """Give each account a student's name of its own."""
    names = {account: student for student, account in known.items()}
    sharing: dict[str, set[str]] = defaultdict(set)
    for found in uploads.values():
        sharing[found.student].add(found.account)

    def named(found: Upload) -> Upload:
        if found.account in names:
            return replace(found, student=names[found.account])
        if len(sharing[found.student]) == 1 and found.student not in known:
            return found
        return replace(found, student=f"{found.student} {found.number}" if found.number else found.account)

    told = {path: named(found) for path, found in uploads.items()}
    while shared := _shared_by_accounts(told):  # somebody else may be called as a name with its number is
        apart = {
            path: replace(found, student=found.account)
            for path, found in told.items()
            if found.student in shared and found.account not in names
        }
        if all(told[path] == found for path, found in apart.items()):
            break
        told |= apart
    return told


def _shared_by_accounts(uploads: Mapping[PurePath, Upload]) -> set[str]:
    """Return the names that more than one account has."""
    accounts: dict[str, set[str]] = defaultdict(set)
    for found in uploads.values():
        accounts[found.student].add(found.account)
    return {student for student, those in accounts.items() if len(those) > 1}


def _file_ids(files: Mapping[PurePath, Upload], lesson: str) -> dict[PurePath, str]:
    """Name each file of one student: the lesson's name where that is what it begins with, and no two alike."""
    found: dict[PurePath, str] = {}
    # A browser calls the second download "L03_x (1)": it is the lesson's, unless a file of the very name is there.
    for path, upload in sorted(files.items(), key=lambda item: (item[1].stem != lesson, str(item[0]))):
        begins = re.match(r"\w*", upload.stem)
        plain = re.sub(r"[^\w ()-]", "_", upload.stem).strip().encode()[:MAX_STEM].decode(errors="ignore") or "notebook"
        name = lesson if begins and begins.group() == lesson and lesson not in found.values() else plain
        number = 2
        while name in found.values():
            name, number = f"{plain} ({number})", number + 1
        found[path] = name
    return found
