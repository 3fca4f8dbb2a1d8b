"""The course's library as a wheel, as the lessons in the browser and in Colab install it."""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

from classroom.common import ROOT

OURS = "recsys_lib"


def library_wheel(root: Path = ROOT) -> tuple[str, bytes]:
    """Return the course's library as a wheel, its file's name and its bytes; the same files give the same bytes.

    Its metadata asks for what pyproject.toml asks for, so that pip brings what a machine lacks.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / OURS).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return wheel(OURS, project["version"], files, project["dependencies"])


def wheel(name: str, version: str, files: dict[str, bytes], needs: Iterable[str] = ()) -> tuple[str, bytes]:
    """Return files as a wheel of pure Python, its file's name and its bytes.

    Parameters
    ----------
    name, version : str
        The distribution's, in the form that file names of wheels have.
    files : dict of str to bytes
        Each by its place below the folder of packages.
    needs : iterable of str
        What it depends on, as pyproject.toml writes it.

    Raises
    ------
    ValueError
        If the name or the version cannot stand in a file's name.

    Examples
    --------
    >>> wheel("empty", "1.0", {})[0]
    'empty-1.0-py3-none-any.whl'
    """
    for what, text in (("name", name), ("version", version)):
        if not re.fullmatch(r"[A-Za-z0-9_.+!]+", text):
            raise ValueError(f"a wheel's {what} consists of letters, digits, '_', '.', '+' and '!', not {text!r}")
    about = f"{name}-{version}.dist-info"
    metadata = [
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}",
        *(f"Requires-Dist: {need}" for need in needs),
    ]
    files = {
        **files,
        f"{about}/METADATA": ("\n".join(metadata) + "\n").encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: course\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{about}/RECORD"]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return f"{name}-{version}-py3-none-any.whl", buffer.getvalue()
