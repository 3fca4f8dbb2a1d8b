"""Plugins with which `nbgrader zip_collect` unpacks and sorts a platform's archives (see nbgrader_config.py).

nbgrader's own stop the collection of a class for one file that they cannot read, and take a student's name from
wherever in a path it stands.
"""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from classroom.common import write_whole
from classroom.group.platforms import Collected, CollectingError, Upload, sorted_out, time_of, upload_of
from classroom.submission.reading import MAX_BYTES

MAX_MEMBERS = 20_000  # files in one archive of a platform
MAX_OWN_MEMBERS = 100  # files in an archive that a student made
MAX_OWN_BYTES = 3 * MAX_BYTES  # of all of them together
MAX_DEPTH = 12  # folders within each other
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

    An archive within one is a student's own. One that cannot be read is left aside by name.
    """

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack what lies in one folder into another."""
        source, target = Path(archive_path), Path(extracted_path)
        for path in sorted(source.rglob("*")):
            if not path.is_file() or path.name.startswith("."):
                continue
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in self.zip_ext:
                self._unpack(path, place.with_name(_stem(path)), MAX_MEMBERS, own=False)
            else:
                shutil.copyfile(path, place)

    def _unpack(self, archive: Path, folder: Path, most: int, *, own: bool) -> None:
        try:
            kept = 0
            with _members(archive) as members:
                for number, (name, size, file) in enumerate(members):
                    if number == most:
                        raise CollectingError(f"it holds more than {most} files")
                    kept += self._keep(name, size, file, folder, own)
                    if own and kept > MAX_OWN_BYTES:
                        raise CollectingError(f"it holds more than {MAX_OWN_BYTES // 2**20} MB")
        except Exception as error:  # compressed data that a student broke: each kind has errors of its own
            self.log.warning("%r is not wholly unpacked: %s", archive.name, str(error)[:200] or type(error).__name__)

    def _keep(self, name: str, size: int, file: IO[bytes], folder: Path, own: bool) -> int:
        """Write one file, or say why not; return its size."""
        parts = PurePath(name).parts
        inside = [part for part in parts if part in ("/", "..") or "\\" in part or "\0" in part]
        if not parts or inside or name.startswith("/") or len(parts) > MAX_DEPTH:
            self.log.warning("%r is not unpacked: its name leads elsewhere", name)
            return 0
        if size > MAX_BYTES:
            self.log.warning("%r is not unpacked: it has more than %d MB", name, MAX_BYTES // 2**20)
            return 0
        path = folder.joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with file, path.open("xb") as out:
                written = out.write(file.read(MAX_BYTES))
        except OSError as error:
            self.log.warning("%r is not unpacked: %s", name, error.strerror)
            return 0
        if path.suffix in self.zip_ext and not own:
            self._unpack(path, path.with_name(_stem(path)), MAX_OWN_MEMBERS, own=True)
        return written


def _stem(path: Path) -> str:
    return path.stem.removesuffix(".tar")


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[str, int, IO[bytes]]]]:
    """Open an archive; yield its plain files, each with its name and the size that it says it has."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield ((i.filename, i.file_size, zipped.open(i)) for i in zipped.infolist() if not i.is_dir())
        return
    with tarfile.open(archive) as tar:
        yield ((m.name, m.size, found) for m in tar if m.isreg() and (found := tar.extractfile(m)))
