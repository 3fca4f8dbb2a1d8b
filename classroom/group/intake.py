"""Take a platform's archive into submitted/: each student's files in the student's folder, and a word on each.

What cannot be taken keeps nobody else from being collected. Nobody's work is replaced by that of another of the same
name: `downloaded/LESSON/collected.json` says which account of the platform each student is, and only what was collected
for an account is replaced by what the same account has handed in since.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path, PurePath

from classroom.common import ROOT, write_whole
from classroom.group import collect
from classroom.group.archives import copy_all, unpack_all
from classroom.group.folder import Course, lesson_in, locked
from classroom.group.platforms import (
    ARCHIVES,
    FOLDERS,
    SUPERSEDED,
    Collected,
    CollectingError,
    Upload,
    reader_of,
    recognised,
    sorted_out,
)
from classroom.group.unpacking import is_double

KNOWN = "collected.json"
"""In downloaded/LESSON: which account of the platform each student is."""

NEW, REPLACED, UNCHANGED = "new", "replaced", "as before"


@dataclass(frozen=True)
class Taken:
    """What of one student lies in submitted/ now.

    Attributes
    ----------
    how : str
        `NEW`, `REPLACED` or `UNCHANGED`.
    files : dict of str to str
        The name of each notebook in submitted/, and its path in the archive.
    time : str
        When it was handed in, as timestamp.txt says it, where the platform does.
    late : bool
        Whether the platform says that it is late.
    """

    how: str
    files: dict[str, str]
    time: str = ""
    late: bool = False


@dataclass
class Intake:
    """What became of an archive.

    Attributes
    ----------
    lesson, platform : str
        Which lesson it was for, and whose archive it is.
    submitted, book : Path
        Where what was taken lies, and the file that says who is who.
    taken : dict of str to Taken
        By student.
    refused : dict of str to str
        Why a file, by its path in the archive, is not taken.
    empty : dict of str to list of str
        Who has handed in no notebook, as the platform calls them, and what they have.
    said : list of str
        What was left aside while unpacking.
    whole : bool
        Whether the archive was read to its end; what students put into it is each their own.
    """

    lesson: str
    platform: str
    submitted: Path
    book: Path
    taken: dict[str, Taken] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    empty: dict[str, list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    whole: bool = True

    @property
    def complete(self) -> bool:
        """Whether everybody's work was taken: an earlier attempt is not needed."""
        return self.whole and not self.empty and set(self.refused.values()) <= {SUPERSEDED}


def take_in(
    lesson: str, archive: Path, course: Path = ROOT, *, platform: str | None = None, zone: tzinfo | None = None
) -> Intake:
    """Collect what was handed in for a lesson.

    Parameters
    ----------
    lesson : str
        Its name, or a beginning that only it has.
    archive : Path
        A platform's zip or tar, or a folder with what was in it.
    course : Path
        The folder with submitted/.
    platform : str, optional
        Whose archive it is, of `classroom.group.platforms.PLATFORMS`; where absent, what most of its names look like.
    zone : tzinfo, optional
        The zone of the times that the platform wrote into names.

    Raises
    ------
    CourseError
        If nothing can be collected: there is no such archive, nobody can tell whose it is, the disk is full.
    """
    course, archive = Path(course), Path(archive)
    name = lesson_in(course, lesson)
    if not archive.exists():
        raise CollectingError(f"there is no {archive}")
    if archive.is_file() and archive.suffix not in ARCHIVES:
        raise CollectingError(f"{archive} is no archive: give a folder, or a file that ends in {', '.join(ARCHIVES)}")
    if archive.is_dir() and len(only := [p for p in archive.iterdir() if not p.name.startswith(".")]) == 1:
        archive = only[0] if only[0].is_file() and only[0].suffix in ARCHIVES else archive
    with locked(course):
        folder = Course(course, name)
        book = folder.folder / "downloaded" / name / KNOWN
        known = known_accounts(book)
        book.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".collecting-", dir=book.parent) as place:
            return _Intake(folder, book, known, zone).of(archive, Path(place), platform)


class _Intake:
    """One archive being taken in."""

    def __init__(self, course: Course, book: Path, known: dict[str, str], zone: tzinfo | None) -> None:
        self.course, self.book, self.known, self.zone = course, book, known, zone

    def of(self, archive: Path, place: Path, platform: str | None) -> Intake:
        unpacked = copy_all(archive, place) if archive.is_dir() else unpack_all(archive, place)
        inside = sorted(path.relative_to(place) for path in place.rglob("*") if path.is_file())
        notebooks: list[PurePath] = [p for p in inside if p.suffix == ".ipynb" and not is_double(p)]
        others = {*inside, *(PurePath(os.fsdecode(name)) for name in unpacked.aside)} - set(notebooks)
        if not notebooks:
            raise CollectingError("; ".join([f"no notebook is in {archive}", *unpacked.said]))
        platform = platform or _recognised(notebooks)
        where = (self.course.submitted, self.book)
        done = Intake(self.course.lesson, platform, *where, said=unpacked.said, whole=unpacked.whole)
        read = reader_of(platform, notebooks, self.course.lesson)
        known = self._known_here_and_elsewhere(notebooks, read)
        collected, refused, accounts = sorted_out(notebooks, self.course.lesson, known=known, read=read)
        done.refused = {str(path): why for path, why in refused.items()}
        by_student: dict[str, dict[PurePath, Collected]] = defaultdict(dict)
        for path, found in collected.items():
            by_student[found.student][path] = found
        before = dict(self.known)
        try:
            self._place_all(by_student, place, accounts, done)
        finally:  # stopped, too: who is who is known of all that lies there
            if self.known != before:
                keep_accounts(self.book, self.known)
        done.empty = _without_notebook(others, notebooks, read)
        return done

    def _known_here_and_elsewhere(
        self, paths: Iterable[PurePath], read: Callable[[PurePath], Upload | None]
    ) -> dict[str, str]:
        """Return who was collected for this lesson, and those of this archive whose accounts had a name in another."""
        accounts = {one.account for path in paths if (one := _read_or_none(read, path))} - set(self.known.values())
        found = dict(self.known)
        for book in sorted(self.book.parents[1].glob(f"*/{KNOWN}")):
            for student, account in known_accounts(book).items():
                if account in accounts and student not in found:
                    found[student] = account
                    accounts.discard(account)
        return found

    def _place_all(
        self,
        by_student: Mapping[str, Mapping[PurePath, Collected]],
        place: Path,
        accounts: Mapping[str, str],
        done: Intake,
    ) -> None:
        for student, files in sorted(by_student.items()):
            try:
                done.taken[student] = self._placed(student, files, place, done.platform)
            except CollectingError as error:
                done.refused |= {str(path): str(error) for path in files}
            except OSError as error:
                if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
                    raise CollectingError(f"{error.strerror}: {error.filename}; what was taken before stays") from None
                why = f"{error.filename or student!r} cannot be written ({error.strerror})"
                done.refused |= {str(path): why for path in files}
            else:
                self.known[student] = accounts[student]

    def _placed(self, student: str, files: Mapping[PurePath, Collected], place: Path, platform: str) -> Taken:
        """Write one student's files; those of an earlier collection that are no longer there are removed."""
        target = self.course.submitted / student / self.course.lesson
        for folder in (target.parent, target):
            if os.path.lexists(folder) and not stat.S_ISDIR(folder.lstat().st_mode):
                raise CollectingError(f"{str(folder)!r} is no folder: remove it")
        data = {f"{found.file_id}.ipynb": (place / path).read_bytes() for path, found in files.items()}
        (moment,) = {found.time for found in files.values()}
        stamp = self._stamp(moment) if moment else _stamp_beside(place, files) if platform == FOLDERS else ""
        before = _files_in(target)
        if stamp:
            data[collect.TIMESTAMP] = stamp.encode()
        elif data.items() <= before.items():  # the time of the very same may have come by another way
            data |= {name: text for name, text in before.items() if name == collect.TIMESTAMP}
        how = NEW if not before else UNCHANGED if before == data else REPLACED
        # What lies there and is in the archive, too, was collected before whoever collected was killed.
        if how == REPLACED and student not in self.known and not before.items() <= data.items():
            raise CollectingError(f"{str(target)!r} holds work that was not collected from there: move it away first")
        if how == REPLACED and (earlier := collect.time_of_folder(str(target))[0]):
            if (now := collect.time_in(stamp)) is not None and now < earlier:
                raise CollectingError(SUPERSEDED)
        for name in data if how != UNCHANGED else ():
            write_whole(target / name, data[name])
        for name in before.keys() - data.keys():
            (target / name).unlink()
        names = {f"{found.file_id}.ipynb": str(path) for path, found in files.items()}
        return Taken(how, names, stamp, any(found.late for found in files.values()))

    def _stamp(self, moment: datetime) -> str:
        if self.zone is None:
            return f"{moment:%Y-%m-%d %H:%M:%S}"
        return f"{moment.replace(tzinfo=self.zone):%Y-%m-%d %H:%M:%S %z}"


def _recognised(paths: Collection[PurePath]) -> str:
    try:
        return recognised(paths)
    except CollectingError as error:
        raise CollectingError(f"{error}; say it with --from") from None


def _read_or_none(read: Callable[[PurePath], Upload | None], path: PurePath) -> Upload | None:
    try:
        return read(path)
    except CollectingError:
        return None


def _without_notebook(
    others: Iterable[PurePath], notebooks: Iterable[PurePath], read: Callable[[PurePath], Upload | None]
) -> dict[str, list[str]]:
    """Return what those have handed in who have handed in no notebook."""
    having = {found.account for path in notebooks if (found := _read_or_none(read, path))}
    empty: dict[str, list[str]] = defaultdict(list)
    for path in sorted(others):
        found = _read_or_none(read, path)
        if found and found.account not in having and path.name != collect.TIMESTAMP and "__MACOSX" not in path.parts:
            empty[found.account].append(str(path))
    return dict(empty)


def _stamp_beside(place: Path, files: Iterable[PurePath]) -> str:
    """Return the time that stands beside the notebooks of a folder, where it is one."""
    for folder in sorted({(place / path).parent for path in files}):
        if collect.time_of_folder(str(folder))[0] is not None:
            return (folder / collect.TIMESTAMP).read_text(encoding="ascii").strip()
    return ""


def _files_in(folder: Path) -> dict[str, bytes]:
    """Return what a student's folder holds of what is collected; what is no plain file holds nothing."""
    if not folder.is_dir():
        return {}
    found = {}
    for path in folder.iterdir():
        if path.suffix == ".ipynb" or path.name == collect.TIMESTAMP:
            found[path.name] = path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else b""
    return found


# --------------------------------------------------------------------------------------------------- who is who


def known_accounts(book: Path) -> dict[str, str]:
    """Return the account of each student that was collected before.

    Raises
    ------
    CollectingError
        If the file cannot be read: without it nobody can tell who is who.

    Examples
    --------
    >>> known_accounts(Path("/no/such/file"))
    {}
    """
    try:
        found = json.loads(book.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CollectingError(f"{book}, which says who is who, cannot be read ({error}): mend it") from None
    if not isinstance(found, dict) or not all(isinstance(account, str) for account in found.values()):
        raise CollectingError(f'{book} is not of the form {{"student": "account"}}: mend it')
    return found


def keep_accounts(book: Path, accounts: Mapping[str, str]) -> None:
    """Write the account of each student, for the next collection."""
    write_whole(book, (json.dumps(accounts, indent=1, sort_keys=True) + "\n").encode("ascii"), mode=0o600)
