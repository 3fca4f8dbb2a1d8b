"""What runs in the process that reads a whole submission (see `classroom.submission.texts`).

Nothing heavy is imported here, NumPy least of all: the process forks once for each submission, and a large one forks
slowly.
"""

from __future__ import annotations

import json

from classroom.submission.cells import Notebook, source_of
from classroom.submission.names import names_in
from classroom.submission.rebuild import Rebuilt, rebuild

_RELEASES: dict[str, Notebook] = {}


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
