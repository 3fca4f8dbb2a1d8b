"""What a lesson is graded by: its release, the limits, and the versions that a grade names."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from classroom.common import ROOT, sha256
from classroom.sandbox.namespaces import Limits


@dataclass(frozen=True)
class Lesson:
    """What is needed to grade a lesson, and nothing that differs between students.

    Attributes
    ----------
    name : str
        The lesson's full name.
    release : dict
        The release notebook, parsed, with graded cells as the gradebook has them.
    version : str
        Version of the installed course.
    limits : Limits
        What a submission's code may use.
    isolated : bool
        Whether a submission's code runs in the sandbox.
    checks_sha256 : str
        Hash of the code that decides a grade, see `fingerprint`.
    commit : str
        What `git describe` says of the course's folder, see `commit_of`.
    """

    name: str
    release: dict[str, Any]
    version: str = ""
    limits: Limits = field(default_factory=Limits)
    isolated: bool = True
    checks_sha256: str = ""
    commit: str = ""

    @functools.cached_property
    def release_sha256(self) -> str:
        """Hash of the lesson's text."""
        return sha256(json.dumps(self.release, sort_keys=True).encode())


def lesson_here(name: str, release: dict[str, Any], limits: Limits, *, isolated: bool) -> Lesson:
    """Return a lesson that is graded by the code installed here."""
    version = metadata.version("candidate-generation-course")
    return Lesson(name, release, version, limits, isolated, fingerprint(), commit_of(ROOT))


def fingerprint() -> str:
    """Hash everything that decides a grade: the library and the classroom.

    >>> len(fingerprint())
    64
    """
    import classroom
    import recsys_lib

    digest = hashlib.sha256()
    for package in (recsys_lib, classroom):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def commit_of(folder: Path) -> str:
    """Return what `git describe` says of a folder, or nothing where it is no git clone or there is no git.

    >>> commit_of(Path("/no/such/folder"))
    ''
    """
    if not (folder / ".git").exists():  # else git would describe whatever clone the folder lies in
        return ""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty"]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}  # it only looks
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True, env=environment)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
