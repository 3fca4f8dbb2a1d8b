"""Unpack an archive: plain files of bounded size and number, each in the archive's own folder.

Whoever made the archive may have made it so that reading it takes hours or gigabytes, so `classroom.group.archives`
calls this in a process that may die (see `classroom.limited`), but for a platform's own zip.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO

import msgspec

from classroom.group.platforms import ARCHIVES, CollectingError
from classroom.submission.reading import MAX_BYTES

MAX_MEMBERS = 20_000  # files in one archive of a platform
MAX_KEPT = MAX_MEMBERS * 2**20  # bytes of all of them together
MAX_OWN_MEMBERS = 100  # files in an archive that a student made
MAX_OWN_KEPT = 3 * MAX_BYTES  # bytes of all of them together
MAX_OWN_UNPACKED = 12 * MAX_BYTES  # bytes of all that a student's has to be unpacked for, kept or not
MAX_DEPTH = 12  # folders within each other
MAX_SAID = 100  # sentences on one archive
MAX_NAME = 200  # characters of a name in a sentence
MAX_PATH = 1_000  # characters of the path of a file that is not kept
MAX_NAMED = 3  # files of other kinds that are named; of more, the kinds are counted
MAX_KINDS = 5  # that are counted by name
#: What is kept: notebooks, and archives that may hold some.
KEPT = (".ipynb", *ARCHIVES)
#: Kinds of characters that move a terminal's cursor: nbgrader prints the name of every file that it copies.
CONTROLS = ("Cc", "Zl", "Zp")
#: How a zip may be compressed: as platforms and systems do. Others unpack to a hundred thousand times their size.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: The name of a file in an archive, the size that it says it has, and what reads it, where anything may.
Member = tuple[str, int, IO[bytes] | None]


class Unpacked(msgspec.Struct):
    """What came of an archive.

    Attributes
    ----------
    kept : list of bytes
        The paths that are kept.
    said : list of str
        A sentence for each file that is not, or for all of the rest.
    aside : list of bytes
        The names in the archive of those that are not, as far as it was read, but for what systems put there unasked.
    whole : bool
        Whether it was read to its end.
    """

    kept: list[bytes]
    said: list[str]
    aside: list[bytes]
    whole: bool = True


def unpack(archive: bytes, folder: bytes, own: bool) -> Unpacked:
    """Unpack an archive into a folder; never raise for what is in it.

    Parameters
    ----------
    archive, folder : bytes
        The path of the file, and that of the folder for what is in it, which is made. A name may be no text.
    own : bool
        Whether a student made it, who has less room than a platform.
    """
    found = Unpacked([], [], [])
    others: list[str] = []
    path = Path(os.fsdecode(archive))
    most, room = (MAX_OWN_MEMBERS, MAX_OWN_KEPT) if own else (MAX_MEMBERS, MAX_KEPT)
    try:
        with _members(path, MAX_OWN_UNPACKED if own else MAX_KEPT, most * MAX_DEPTH) as members:
            for number, (member, size, file) in enumerate(members):
                if number == most:
                    raise CollectingError(f"it holds more than {most} files")
                if not _asked_for(member):
                    others.append(member)
                    continue
                kept = len(found.kept)
                room -= _keep(member, size, file, Path(os.fsdecode(folder)), found)
                if len(found.kept) == kept:
                    found.aside.append(_as_bytes(member))
                if room < 0:
                    raise CollectingError(f"it holds more than {(MAX_OWN_KEPT if own else MAX_KEPT) // 2**20} MB")
    except tarfile.TarError:
        found.whole = False
        _say(found, f"{path.name!r} is not wholly unpacked: it is neither a zip nor a tar.gz, or broken", last=True)
    except Exception as error:  # compressed data that a student broke: each kind has errors of its own
        found.whole = False
        why = str(error)[:MAX_NAME].encode("utf-8", "backslashreplace").decode() or type(error).__name__
        _say(found, f"{path.name!r} is not wholly unpacked: {why}", last=True)
    others = [name for name in others if not _is_systems(name)]
    found.aside += map(_as_bytes, others)
    for name in (name for name in others if _like_a_notebook(name)):
        _say(found, f"{name[:MAX_NAME]!r} is not taken for a notebook: its name does not end in '.ipynb'")
    if said := left_aside([name for name in others if not _like_a_notebook(name)]):
        _say(found, f"{path.name!r}: {said}", last=True)
    return found


def _as_bytes(name: str) -> bytes:
    return name[:MAX_PATH].encode("utf-8", "backslashreplace")


def _is_systems(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePath(name).parts)


def is_double(path: PurePath) -> bool:
    """Return whether a system or Jupyter has put a file there beside the one that a student made.

    >>> is_double(PurePath("ada/.ipynb_checkpoints/x-checkpoint.ipynb")), is_double(PurePath("ada/.x.ipynb"))
    (True, False)
    """
    return path.name.startswith("._") or any(part in (".ipynb_checkpoints", "__MACOSX") for part in path.parts)


def _like_a_notebook(name: str) -> bool:
    """Whether it is one by what it is called, but for its ending: browsers add ".txt", people write ".IPYNB"."""
    return ".ipynb" in PurePath(name).name.lower()


def _asked_for(name: str) -> bool:
    """Whether a file is kept. What else is in an archive nobody reads, and a file of settings would be run."""
    return PurePath(name).suffix in KEPT or PurePath(name).name == "timestamp.txt"


def left_aside(names: list[str]) -> str | None:
    """Say which files of other kinds an archive holds, or None where there are none.

    >>> left_aside(["ada/essay.pdf"])
    "'ada/essay.pdf' left aside: only notebooks and archives are collected"
    """
    if not names:
        return None
    if len(names) <= MAX_NAMED:
        which = " and ".join(f"{name[:MAX_NAME]!r}" for name in names)
    else:
        kinds = Counter(PurePath(name).suffix[:MAX_NAME] or "without a suffix" for name in names).most_common()
        counted = [f"{n} {kind!r}" for kind, n in kinds[:MAX_KINDS]] + ["others"] * (len(kinds) > MAX_KINDS)
        which = f"{len(names)} files ({', '.join(counted)})"
    return f"{which} left aside: only notebooks and archives are collected"


def _keep(name: str, size: int, file: IO[bytes] | None, folder: Path, found: Unpacked) -> int:
    """Write one file, or say why not; return its size."""
    parts = PurePath(name).parts
    inside = [part for part in parts if part in ("/", "..") or "\\" in part or "\0" in part]
    shown = f"{name[:MAX_NAME]!r} is not unpacked"
    if not parts or inside or name.startswith("/") or len(parts) > MAX_DEPTH:
        _say(found, f"{shown}: its name leads elsewhere")
        return 0
    if any(unicodedata.category(character) in CONTROLS for character in name):
        _say(found, f"{shown}: its name holds a control character")
        return 0
    if size > MAX_BYTES:
        _say(found, f"{shown}: it has more than {MAX_BYTES // 2**20} MB")
        return 0
    if file is None:
        _say(found, f"{shown}: it is compressed in a way that is not taken")
        return 0
    path = folder.joinpath(*parts)
    with file:
        data = file.read(MAX_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            out.write(data)
    except OSError as error:
        _say(found, f"{shown}: {error.strerror}")
        return 0
    found.kept.append(os.fsencode(path))
    return len(data)


def _say(found: Unpacked, sentence: str, *, last: bool = False) -> None:
    if last or len(found.said) < MAX_SAID:
        found.said.append(sentence)
    elif len(found.said) == MAX_SAID:
        found.said.append("there are more files that are not unpacked")


@contextmanager
def _members(archive: Path, most: int, most_members: int) -> Iterator[Iterator[Member]]:
    """Open an archive; yield its plain files."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield _files_of_zip(zipped)
        return
    with archive.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(archive) if packed else archive.open("rb") as unpacked:  # no other compression, whatever the name
        counted = _Counted(unpacked, most)
        # As a stream: it is read once and forwards, so that what is counted is all that is unpacked.
        with tarfile.open(fileobj=counted, mode="r|", bufsize=2**16) as tar:
            yield _files_of_tar(tar, most_members)


def _files_of_zip(zipped: zipfile.ZipFile) -> Iterator[Member]:
    for about in zipped.infolist():
        if not about.is_dir():
            yield about.filename, about.file_size, zipped.open(about) if about.compress_type in METHODS else None


def _files_of_tar(tar: tarfile.TarFile, most_members: int) -> Iterator[Member]:
    for number, member in enumerate(tar):
        if number == most_members:
            raise CollectingError(f"it holds more than {most_members} files, folders and links")
        if member.isreg() and (file := tar.extractfile(member)):
            yield member.name, member.size, file


class _Counted(io.RawIOBase):
    """Reads from a file and counts, so that no more is unpacked than may be."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile, most: int) -> None:
        self._file, self._left, self._most = file, most, most

    def read(self, size: int = -1) -> bytes:
        """Return some bytes.

        Raises
        ------
        CollectingError
            If they are more than may be.
        """
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise CollectingError(f"it unpacks to more than {self._most // 2**20} MB")
        return data
