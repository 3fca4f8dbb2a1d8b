"""What runs in the process that reads a whole submission (see `classroom.submission.texts`).

Nothing heavy is imported here, NumPy least of all: the process forks once for each submission, and a large one forks
slowly.
"""

from __future__ import annotations

import json
import re
from typing import Any

from classroom.submission.cells import Notebook, source_of
from classroom.submission.names import names_in
from classroom.submission.reading import read_submission
from classroom.submission.rebuild import Rebuilt, rebuild

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
    """Read a notebook, and write it again without outputs, attachments and all metadata but nbgrader's.

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
        cells.append(made)
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
