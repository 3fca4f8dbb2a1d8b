"""Tell from the names in a learning platform's archive who handed in what.

A platform puts its own part before the name that the student gave a file: `Ada Lovelace_4711_assignsubmission_file_` in
Moodle, `ps1_ada_attempt_2026-01-30-20-30-10_` in Blackboard, `lovelaceada_12345_67890_` in Canvas. Only that part is
read, from the left: whatever the student's own part says, also one that looks like a platform's, is the name of a file
and nothing else. Where a teacher has made a folder for each student, the folder's name is all that is read.

The forms are those of Moodle's `mod/assign/classes/downloader.php` and Canvas's `lib/content_zipper.rb`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from pathlib import PurePath

from classroom.common import CourseError
from classroom.student_names import problem_with

MAX_STEM = 100  # bytes of a collected file's name that are kept
ARCHIVES = (".zip", ".gz", ".tar", ".tgz")
FOLDERS = "folders"
SUPERSEDED = "a later attempt counts"
PARTICIPANT = "Participant"  # what Moodle calls everybody while names are hidden
#: Folders that hold those of students, where there is only one student to tell by.
WRAPPERS = ("submitted", "submissions", "archive", "extracted")
_MOODLE = re.compile(
    r"(?P<name>[^_]+)_(?P<number>[0-9]+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL
)
_BLACKBOARD = re.compile(r"(?P<account>.+?)_attempt_(?P<time>[^_]*)(?:_(?P<file>.*))?", re.DOTALL)
#: Canvas leaves no "_12_" in a name. While names are hidden there is none.
_CANVAS = re.compile(
    r"(?:(?P<name>(?!LATE_|anon_)\w+?)_)?(?P<late>LATE_)?(?P<number>[0-9]+|anon_[A-Za-z0-9]+)_(?P<upload>[0-9]+)_(?P<file>.*)",
    re.DOTALL,
)
_TIME = "%Y-%m-%d-%H-%M-%S"
#: What browsers and Jupyter add to the name of a copy.
_COPY = re.compile(r"(?: ?\([0-9]+\)|-Copy[0-9]+| - Copy)+$")


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
        The student's name; nothing where it stands in the account behind the name of an assignment.
    number : str
        The number that the platform gives a student, or nothing.
    time : datetime or None
        When it was handed in, where the platform says so.
    stem : str
        The student's own name for the file, without its ending.
    late : bool
        Whether the platform says that it is late.
    doubtful : bool
        Whether the end of the student's name and the beginning of the file's cannot be told apart for certain.
    """

    account: str
    student: str
    number: str
    time: datetime | None
    stem: str
    late: bool = False
    doubtful: bool = False


@dataclass(frozen=True)
class Collected:
    """Where a file belongs: whose it is, under which name it is kept, when it was handed in, whether it is late."""

    student: str
    file_id: str
    time: datetime | None
    late: bool = False


# ------------------------------------------------------------------------------------------- one file of a platform's


def _of_moodle(part: str, path: PurePath) -> Upload | None:
    found = _MOODLE.fullmatch(part)
    if found is None:
        return None
    name, number = unicodedata.normalize("NFC", found["name"]), found["number"]
    student = f"{name} {number}" if name == PARTICIPANT else name
    return Upload(f"{name}_{number}", student, number, None, _stem(path, part, found["file"]))


def _of_blackboard(part: str, path: PurePath) -> Upload | None:
    found = _BLACKBOARD.fullmatch(part)
    if found is None:
        return None
    account = unicodedata.normalize("NFC", found["account"])
    return Upload(account, "", "", time_of(found["time"]), _stem(path, part, found["file"]))


def _of_canvas(part: str, path: PurePath) -> Upload | None:
    found = _CANVAS.fullmatch(part)
    if found is None:
        return None
    name, number = unicodedata.normalize("NFC", found["name"] or ""), found["number"]
    return Upload(
        f"{name}_{number}" if name else number,
        name or number,
        number if name else "",
        None,
        _stem(path, part, found["file"]),
        late=bool(found["late"]),
        doubtful=re.match(r"[0-9]+_", found["file"]) is not None,
    )


def _stem(path: PurePath, part: str, file: str | None) -> str:
    """Return a student's own name for a file: it is the platform's part that ends, or a file in a folder of it."""
    return PurePath(file or "").stem if part == path.name else path.stem


#: Where the form of one fits, it is less likely that of another, the further above it stands: Moodle leaves no "_" in a
#: name, so that where its form fits, it begins before any other.
_FORMS = {"moodle": _of_moodle, "blackboard": _of_blackboard, "canvas": _of_canvas}
PLATFORMS = (*_FORMS, FOLDERS)


def upload_of(path: PurePath, platforms: Collection[str] = tuple(_FORMS)) -> Upload | None:
    """Return what a platform says of a file, or None where no part of its path is a platform's.

    Parameters
    ----------
    path : PurePath
        Below the folder in which the archive was unpacked.
    platforms : collection of str
        Those whose it may be, of `PLATFORMS` but for `FOLDERS`, the likeliest first.

    Raises
    ------
    CollectingError
        If the time in the platform's part is none.

    Examples
    --------
    >>> upload_of(PurePath("all/Mallory_4712_assignsubmission_file_/ada_attempt_2026-11-24-23-59-00_L03.ipynb")).student
    'Mallory'
    >>> upload_of(PurePath("ps1_mallory_attempt_2026-11-24-18-00-00_ada_attempt_2026-11-24-23-59-00_L03.ipynb")).account
    'ps1_mallory'
    >>> upload_of(PurePath("lovelaceada_LATE_12345_67890_L03-1.ipynb")).account
    'lovelaceada_12345'
    """
    for part in path.parts:
        for name in platforms:
            if found := _FORMS[name](part, path):
                return found
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


# ------------------------------------------------------------------------------------------------------- an archive


def recognised(paths: Collection[PurePath]) -> str:
    """Return whose archive it is, one of `PLATFORMS`: what more than half of its entries look like.

    So no student can make a class's archive look like another platform's.

    Raises
    ------
    CollectingError
        If that cannot be told.

    Examples
    --------
    >>> recognised([PurePath("a/ada_1_2_L03.ipynb"), PurePath("a/bob_LATE_3_4_L03.ipynb")])
    'canvas'
    >>> recognised([PurePath("ada/L03.ipynb"), PurePath("bob/L03.ipynb"), PurePath("eve/ada_1_2_L03.ipynb")])
    'folders'
    """
    depth = _wrapping(paths)
    entries = {path.parts[depth] for path in paths}
    fitting: dict[str, set[str]] = {name: set() for name in _FORMS}
    for path in paths:
        for name in _FORMS:
            if _fits(path, name):
                fitting[name].add(path.parts[depth])
    for name, found in fitting.items():
        if 2 * len(found) > len(entries):
            return name
    some = set().union(*fitting.values())
    if 2 * len(some) < len(entries):
        return FOLDERS
    said = ", ".join(f"{len(found)} as {name.capitalize()} names them" for name, found in fitting.items() if found)
    raise CollectingError(f"nobody can tell whose archive it is: of {len(entries)} entries {said or 'none is known'}")


def _fits(path: PurePath, platform: str) -> bool:
    try:
        return upload_of(path, (platform,)) is not None
    except CollectingError:
        return True


def _wrapping(paths: Collection[PurePath]) -> int:
    """Return how many folders all files lie in that no platform has named: an archive's own name, say."""
    for depth in range(min((len(path.parts) for path in paths), default=1) - 1):
        shared = {path.parts[depth] for path in paths}
        if len(shared) > 1 or any(_fits(PurePath(*shared), name) for name in _FORMS):
            return depth
    return max(min((len(path.parts) for path in paths), default=1) - 1, 0)


def reader_of(platform: str, paths: Collection[PurePath], lesson: str) -> Callable[[PurePath], Upload | None]:
    """Return what reads whose a file of an archive is, and to be given to `sorted_out`.

    Parameters
    ----------
    platform : str
        One of `PLATFORMS`.
    paths : collection of PurePath
        All files of the archive.
    lesson : str
        The lesson's full name.

    Examples
    --------
    >>> paths = [PurePath("all/ada/L03_x/L03_x.ipynb"), PurePath("all/bob.ipynb"), PurePath("all/L03_x.ipynb")]
    >>> [found and found.student for found in map(reader_of("folders", paths, "L03_x"), paths)]
    ['ada', 'bob', None]
    """
    if platform != FOLDERS:
        return lambda path: upload_of(path, (platform,))
    level = _students_level(paths, lesson)

    def of_folder(path: PurePath) -> Upload | None:
        if len(path.parts) <= level:
            return None
        if len(path.parts) > level + 1:
            name = path.parts[level]
        else:
            name = _without_lesson(path.stem, lesson) if path.suffix in (".ipynb", *ARCHIVES) else ""
        # The folder's name as it is tells two apart whose names are the same text in two forms.
        return Upload(name, unicodedata.normalize("NFC", name), "", None, path.stem) if name else None

    return of_folder


def _students_level(paths: Collection[PurePath], lesson: str) -> int:
    """Return how many folders the students' own lie in."""
    depth = _wrapping(paths)
    one = next(iter(paths), PurePath())
    entries = {path.parts[depth]: len(path.parts) == depth + 1 for path in paths}
    if depth and not any(_without_lesson(PurePath(e).stem if is_file else e, lesson) for e, is_file in entries.items()):
        depth -= 1  # the lesson's own files or folder: a student is alone here
        entries = {one.parts[depth]: False}
    if len(entries) > 1 or depth == 0:
        return depth
    if lesson in one.parts[1 : depth + 1]:  # as nbgrader lays them
        return one.parts.index(lesson, 1) - 1
    wrapped = [k for k in range(depth) if one.parts[k] in WRAPPERS]
    return min(wrapped[-1] + 1, depth) if wrapped else 0


def _without_lesson(stem: str, lesson: str) -> str:
    """Return what a file's name says beside the lesson's, which is a student's where it lies in no student's folder.

    >>> [_without_lesson(stem, "L03_x") for stem in ("ada-L03_x (1)", "L03_ada", "L03_x")]
    ['ada', 'ada', '']
    """
    plain = _COPY.sub("", stem).strip()
    for name in (lesson, lesson.partition("_")[0]):
        if plain == name:
            return ""
        plain = re.sub(rf"^{re.escape(name)}[_ -]+|[_ -]+{re.escape(name)}$", "", plain)
    return plain


# ------------------------------------------------------------------------------------------------------- by student


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
    uploads, refused = _uploads(paths, read)
    uploads = _with_users(uploads, accounts.values(), lesson)
    certain = {found.account for found in uploads.values() if not found.doubtful} | set(accounts.values())
    by_student: dict[str, dict[PurePath, Upload]] = defaultdict(dict)
    told = _told_apart(uploads, accounts)
    owners = _owners(told.values(), accounts)
    for path, found in told.items():
        if problem := problem_with(found.student):
            refused[path] = f"the student's name {found.student!r} {problem} (account {found.account!r})"
        elif found.doubtful and found.account in certain:
            refused[path] = f"it may be a file of {found.student!r}, or of somebody whose name ends with a number"
        elif owners[found.student] != {found.account}:
            refused[path] = f"the name {found.student!r} belongs to another account, too"
        else:
            accounts[found.student] = found.account
            by_student[found.student][path] = found
    collected: dict[PurePath, Collected] = {}
    for student, files in by_student.items():
        latest = max((f.time for f in files.values() if f.time), default=None)
        attempt = {path: f for path, f in files.items() if f.time == latest}
        refused |= {path: SUPERSEDED for path in files.keys() - attempt.keys()}
        late = any(found.late for found in attempt.values())
        collected |= {p: Collected(student, name, latest, late) for p, name in _file_ids(attempt, lesson).items()}
    return collected, refused, accounts


def _uploads(
    paths: Iterable[PurePath], read: Callable[[PurePath], Upload | None]
) -> tuple[dict[PurePath, Upload], dict[PurePath, str]]:
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
    return uploads, refused


def _with_users(uploads: dict[PurePath, Upload], known: Iterable[str], lesson: str) -> dict[PurePath, Upload]:
    """Name the users of Blackboard, whose accounts begin with the name of an assignment: both may hold a "_".

    The assignment's name is what all accounts of an archive begin with. Of a single one, and of those of different
    assignments, nobody knows where it ends: where there is more than one "_", the whole account is the name.
    """
    blackboards = {found.account for found in uploads.values() if not found.student}
    first = [account.split("_")[0] for account in blackboards]
    parts = [account.split("_") for account in blackboards | {a for a in known if a.split("_")[0] in first}]
    own = lesson.split("_")
    if all(words[: len(own)] == own and len(words) > len(own) for words in parts):
        shared = len(own)
    elif len(parts) > 1:
        alike = takewhile(lambda words: len(set(words)) == 1, zip(*(words[:-1] for words in parts), strict=False))
        shared = len(list(alike))
    else:
        shared = 0

    def named(account: str) -> str:
        words = account.split("_")
        return "_".join(words[shared or (1 if len(words) == 2 else 0) :])

    return {path: replace(f, student=f.student or named(f.account)) for path, f in uploads.items()}


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
    while shared := {student for student, those in _owners(told.values(), {}).items() if len(those) > 1}:
        # Somebody else may be called as a name with its number is.
        apart = {
            path: replace(found, student=found.account)
            for path, found in told.items()
            if found.student in shared and found.account not in names
        }
        if all(told[path] == found for path, found in apart.items()):
            break
        told |= apart
    return told


def _owners(uploads: Iterable[Upload], known: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the accounts that have each name: one alone where it was collected before."""
    owners: dict[str, set[str]] = defaultdict(set)
    for found in uploads:
        owners[found.student].add(found.account)
    return owners | {student: {account} for student, account in known.items()}


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
