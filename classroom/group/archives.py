"""Unpack what a platform hands out, and the archives in it: plain files of bounded size, each in its own folder.

Nothing that is in an archive or a folder is followed. One that a student made is read in a process that may die.
"""

from __future__ import annotations

import atexit
import functools
import os
import stat
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath
from typing import TypeVar

from classroom.group.platforms import ARCHIVES
from classroom.group.unpacking import KEPT, MAX_MEMBERS, Unpacked, left_aside, unpack
from classroom.limited import EndedError, LimitedProcess
from classroom.submission.reading import MAX_BYTES

MAX_SECONDS = 20  # of processor time, to unpack an archive that is not a platform's zip
MAX_MEMORY_MB = 512
Place = TypeVar("Place", bound=PurePath)
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def unpack_all(archive: Path, folder: Path, *, own: bool = False, endings: Collection[str] = ARCHIVES) -> Unpacked:
    """Unpack an archive and those in it, of which each is a student's own.

    Parameters
    ----------
    archive, folder : Path
        The file, and the folder for what is in it, which is made.
    own : bool
        Whether a student made it; an archive within such a one stays as it is.
    endings : collection of str
        What the names of archives end in, with the dot.

    Returns
    -------
    Unpacked
        What is not kept is named by its path below ``folder``.
    """
    folder = folder.absolute()
    found = _within_limits(archive, folder, own)
    for path in [path for kept in found.kept if (path := Path(os.fsdecode(kept))).suffix in endings]:
        place = path.relative_to(folder)
        if own:
            found.said.append(f"{place.name!r} is an archive in an archive of a student's, and is not unpacked")
        else:
            _add(found, unpack_all(path, beside(path), own=True, endings=endings), beside(place))
    return found


def copy_all(source: Path, folder: Path) -> Unpacked:
    """Copy the notebooks of an unpacked archive into another folder, and unpack the archives in it.

    Parameters
    ----------
    source, folder : Path
        The folder that a teacher has, and the one for what is in it. Links in it are not followed.
    """
    found = Unpacked([], [], [])
    folder = folder.absolute()
    others: list[str] = []
    for number, path in enumerate(_entries(source)):
        if number == MAX_MEMBERS:
            found.said.append(f"{source.name!r} is not wholly read: it holds more than {MAX_MEMBERS:,} files")
            found.whole = False
            break
        place = path.relative_to(source)
        if not path.is_symlink() and path.suffix not in KEPT and path.name != "timestamp.txt":
            others.append(str(place))
        elif why := _copy(path, folder / place):
            found.aside.append(os.fsencode(place))
            found.said.append(f"{str(place)!r} is left aside: {why}")
        else:
            found.kept.append(os.fsencode(folder / place))
            if path.suffix in ARCHIVES:
                _add(found, unpack_all(folder / place, beside(folder / place), own=True), beside(place))
    found.aside += map(os.fsencode, others)
    if said := left_aside(others):
        found.said.append(f"{source.name!r}: {said}")
    return found


def _entries(source: Path) -> Iterator[Path]:
    """Yield all that lies below a folder and is no folder, but for what systems put there unasked."""
    for base, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        linked = [name for name in folders if os.path.islink(os.path.join(base, name))]
        yield from (Path(base, name) for name in [*linked, *sorted(names)] if not name.startswith("."))


def _copy(path: Path, target: Path) -> str:
    """Copy a plain file; return why not."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return "it is no plain file"
        with open(os.open(path, _OPEN), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # it may have been exchanged meanwhile
                return "it is no plain file"
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if len(data) > MAX_BYTES:
        return f"it has more than {MAX_BYTES // 2**20} MB"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return ""


def _add(found: Unpacked, inner: Unpacked, place: PurePath) -> None:
    found.kept += inner.kept
    found.said += inner.said
    found.aside += [os.fsencode(place) + b"/" + name for name in inner.aside]


def _within_limits(archive: Path, folder: Path, own: bool) -> Unpacked:
    asked = (os.fsencode(archive.absolute()), os.fsencode(folder.absolute()), own)
    if not own and zipfile.is_zipfile(archive):  # the platform's: no file in it takes long, and it may be huge
        return unpack(*asked)
    try:
        return _unpacker().ask("unpack", *asked, result=Unpacked)
    except EndedError as error:
        return Unpacked([], [f"{archive.name!r} is not wholly unpacked: {error}"], [], whole=False)


@functools.cache
def _unpacker() -> LimitedProcess:
    process = LimitedProcess("classroom.group.unpacking", seconds=MAX_SECONDS, memory_mb=MAX_MEMORY_MB)
    atexit.register(process.close)
    return process


def beside(archive: Place) -> Place:
    """Return the folder for what an archive holds; of one that is called "...zip" it would be the folder above.

    >>> beside(PurePath("inbox/L03.tar.gz")), beside(PurePath("inbox/...zip"))
    (PurePosixPath('inbox/L03'), PurePosixPath('inbox/archive'))
    """
    stem = archive.stem.removesuffix(".tar")
    return archive.with_name(stem if stem.strip(". ") else "archive")
