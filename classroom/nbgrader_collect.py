"""Plugins with which `nbgrader zip_collect` unpacks and sorts a platform's archives (see nbgrader_config.py).

nbgrader's own stop the collection of a class for one file that they cannot read, and take a student's name from
wherever in a path it stands.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import zipfile
from pathlib import Path, PurePath
from typing import Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import List

from classroom.common import write_whole
from classroom.group.platforms import Collected, Upload, sorted_out, time_of, upload_of
from classroom.group.unpacking import ARCHIVES, Unpacked, unpack
from classroom.limited import EndedError, LimitedProcess

MAX_SECONDS = 20  # of processor time, to unpack an archive that is not a platform's zip
MAX_MEMORY_MB = 512
KNOWN = "collected.json"
"""In downloaded/LESSON: which account of the platform each student is."""


class PlatformCollector(FileNameCollectorPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Say whose each unpacked file is, by `classroom.group.platforms`, or by `named_regexp` where a teacher sets it."""

    _collected: dict[str, Collected] | None = None

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Return nbgrader's groups for a file, or None for one that is not collected."""
        if self._collected is None:
            self._collected = self._sort_out()
        found = self._collected.get(submitted_file)
        if found is None:
            return None
        time = f"{found.time:%Y-%m-%d %H:%M:%S}" if found.time else None
        return {"student_id": found.student, "file_id": found.file_id, "timestamp": time}

    def _sort_out(self) -> dict[str, Collected]:
        app = self.parent
        folder = Path(app._format_collect_path(app.extracted_directory))
        files = [path for path in folder.rglob("*") if path.suffix in self.valid_ext and path.is_file()]
        paths = [path.relative_to(folder) for path in files if not path.name.startswith(".")]
        book = folder.parent / KNOWN
        read = self._by_expression if self.named_regexp else upload_of
        lesson = app.coursedir.assignment_id
        collected, refused, accounts = sorted_out(paths, lesson, known=_known(book), read=read)
        for path, why in sorted(refused.items()):
            self.log.warning("%r is not collected: %s", str(path), why)
        write_whole(book, (json.dumps(accounts, indent=1, sort_keys=True) + "\n").encode("ascii"), mode=0o600)
        return {str(folder / path): found for path, found in collected.items()}

    def _by_expression(self, path: PurePath) -> Upload | None:
        found = re.match(self.named_regexp, f"/{path}")
        if found is None or not found["student_id"]:
            return None
        time = found.groupdict().get("timestamp")
        return Upload(found["student_id"], found["student_id"], "", time_of(time) if time else None, path.stem)


def _known(book: Path) -> dict[str, str]:
    try:
        found = json.loads(book.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


class CarefulExtractor(ExtractorPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Unpack archives without following what is in them: plain files of bounded size and number, in their own folder.

    An archive within one is a student's own. One that cannot be read, or not in time, is left aside by name.
    """

    zip_ext = List(list(ARCHIVES), help="Endings of the names of archives, with the dot.").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack what lies in one folder into another."""
        source, target = Path(archive_path), Path(extracted_path)
        for path in sorted(source.rglob("*")):
            if not path.is_file() or path.name.startswith("."):
                continue
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in self.zip_ext:
                self._unpack(path, _beside(place), own=False)
            else:
                shutil.copyfile(path, place)

    def _unpack(self, archive: Path, folder: Path, *, own: bool) -> None:
        """Unpack an archive and those in it, of which each is a student's own."""
        for sentence in (found := self._unpacked(archive, folder, own)).said:
            self.log.warning("%s", sentence)
        for path in (Path(os.fsdecode(kept)) for kept in (() if own else found.kept)):
            if path.suffix in self.zip_ext:
                self._unpack(path, _beside(path), own=True)

    def _unpacked(self, archive: Path, folder: Path, own: bool) -> Unpacked:
        asked = (os.fsencode(archive.absolute()), os.fsencode(folder.absolute()), own)
        if not own and zipfile.is_zipfile(archive):  # the platform's: no file in it takes long, and it may be huge
            return unpack(*asked)
        try:
            return _unpacker().ask("unpack", *asked, result=Unpacked)
        except EndedError as error:
            return Unpacked([], [f"{archive.name!r} is not wholly unpacked: {error}"])


@functools.cache
def _unpacker() -> LimitedProcess:
    process = LimitedProcess("classroom.group.unpacking", seconds=MAX_SECONDS, memory_mb=MAX_MEMORY_MB)
    atexit.register(process.close)
    return process


def _beside(archive: Path) -> Path:
    """Return the folder for what an archive holds; of one that is called "...zip" it would be the folder above.

    >>> _beside(Path("inbox/L03.tar.gz")), _beside(Path("inbox/...zip"))
    (PosixPath('inbox/L03'), PosixPath('inbox/archive'))
    """
    stem = archive.stem.removesuffix(".tar")
    return archive.with_name(stem if stem.strip(". ") else "archive")
