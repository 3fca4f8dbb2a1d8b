"""Plugins with which `nbgrader zip_collect` unpacks and sorts a platform's archives (see nbgrader_config.py).

nbgrader's own stop the collection of a class for one file that they cannot read, and take a student's name from
wherever in a path it stands.
"""

from __future__ import annotations

import contextlib
import functools
import re
import shutil
from collections.abc import Callable, Collection
from pathlib import Path, PurePath
from typing import Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import List

from classroom.group.archives import beside, unpack_all
from classroom.group.intake import KNOWN, keep_accounts, known_accounts
from classroom.group.platforms import (
    ARCHIVES,
    FOLDERS,
    PLATFORMS,
    Collected,
    CollectingError,
    Upload,
    recognised,
    sorted_out,
    time_of,
    upload_of,
)
from classroom.group.unpacking import is_double


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
        paths = [path for path in (file.relative_to(folder) for file in files) if not is_double(path)]
        book = folder.parent / KNOWN
        lesson = app.coursedir.assignment_id
        read = self._by_expression if self.named_regexp else self._by_platform(paths)
        try:
            known = known_accounts(book)
        except CollectingError as error:
            app.fail(str(error))
        collected, refused, accounts = sorted_out(paths, lesson, known=known, read=read)
        for path, why in sorted(refused.items()):
            self.log.warning("%r is not collected: %s", str(path), why)
        keep_accounts(book, accounts)
        return {str(folder / path): found for path, found in collected.items()}

    def _by_platform(self, paths: Collection[PurePath]) -> Callable[[PurePath], Upload | None]:
        platforms = [name for name in PLATFORMS if name != FOLDERS]
        with contextlib.suppress(CollectingError):  # archives of several platforms may lie here
            likeliest = recognised(paths)
            platforms.sort(key=lambda name: name != likeliest)
        return functools.partial(upload_of, platforms=platforms)

    def _by_expression(self, path: PurePath) -> Upload | None:
        found = re.match(self.named_regexp, f"/{path}")
        if found is None or not found["student_id"]:
            return None
        time = found.groupdict().get("timestamp")
        return Upload(found["student_id"], found["student_id"], "", time_of(time) if time else None, path.stem)


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
                for sentence in unpack_all(path, beside(place), endings=self.zip_ext).said:
                    self.log.warning("%s", sentence)
            else:
                shutil.copyfile(path, place)
