"""What runs in the process that reads a whole submission (see `classroom.submission.texts`).

Nothing heavy is imported here, NumPy least of all: the process forks once for each submission, and a large one forks
slowly.
"""

from __future__ import annotations

import json
import re
from typing import Any

from classroom.sandbox.pictures import plain_picture
from classroom.submission.cells import Notebook, source_of
from classroom.submission.names import names_in
from classroom.submission.reading import SubmittedCell, read_submission
from classroom.submission.rebuild import Rebuilt, rebuild
from classroom.submission.written import MAX_PICTURE_TEXT

_RELEASES: dict[str, Notebook] = {}
_ID = re.compile("[A-Za-z0-9_-]{1,64}")  # of a cell, as the notebook format has it


def learn(key: str, release: str) -> Rebuilt:
    """Keep a release for all notebooks that are rebuilt from it, and rebuild it from itself: it is then warm."""
    _RELEASES[key] = json.loads(release)
    for cell in _RELEASES[key]["cells"]:
        if cell["cell_type"] == "code":
            names_in(source_of(cell))
    return rebuild_from(key, release.encode())


def rebuild_from(key: str, data: bytes) -> Rebuilt:
    """Rebuild a submission from a release that was learnt."""
    return rebuild(data, _RELEASES[key])


def plain(data: bytes) -> bytes:
    """Read a notebook, and write it again without outputs and all metadata but nbgrader's, with pictures of two kinds.

    >>> json.loads(plain(b'{"nbformat": 4, "cells": [{"cell_type": "raw", "source": "x", "outputs": [1]}]}'))["cells"]
    [{'cell_type': 'raw', 'id': 'submitted-0', 'source': 'x', 'metadata': {}}]
    """
    cells: list[dict[str, Any]] = []
    ids: set[str] = set()
    for number, cell in enumerate(read_submission(data)):
        kind = cell.cell_type if cell.cell_type in ("code", "markdown", "raw") else "raw"
        own = cell.id or ""
        name = own if _ID.fullmatch(own) and own not in ids else f"submitted-{number}"
        ids.add(name)
        made: dict[str, Any] = {"cell_type": kind, "id": name, "source": cell.source, "metadata": {}}
        if cell.nbgrader:
            made["metadata"]["nbgrader"] = cell.nbgrader
        if kind == "code":
            made |= {"outputs": [], "execution_count": None}
        elif pictures := _pictures(cell):
            made["attachments"] = pictures
        cells.append(made)
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _pictures(cell: SubmittedCell) -> dict[str, dict[str, str]]:
    """Return what is attached to a cell and is a picture that may be shown."""
    looked_at = (
        (name, plain_picture(kinds.get("image/png") or kinds.get("image/jpeg"), MAX_PICTURE_TEXT))
        for name, kinds in cell.attachments.items()
    )
    return {name: {picture.mime: picture.data} for name, picture in looked_at if picture is not None}
