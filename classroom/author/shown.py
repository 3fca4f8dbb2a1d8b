"""Keep what a lesson showed, its pictures and the recordings of its figures, for pages that are read without Python.

They lie in `solutions/<lesson>/shown/`: a picture for each that `recsys_lib.plots.show` drew, and `shown.json`, which
says by cell what was shown, in order. A picture is kept at its width on the page, times two.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.common import SOLUTIONS
from recsys_lib.widgets.base import RECORDING

if TYPE_CHECKING:
    from nbformat import NotebookNode

INDEX = "shown.json"
DIGITS = 6  # of a number in a recording: more than is ever drawn
COLOURS = 128
MAX_DRAWING = 150_000  # bytes; what takes more is no drawing
_PICTURE = re.compile(r'<img alt="([^"]*)" width="(\d+)"[^>]*? src="data:image/png;base64,([^"]+)">')


def shown_files(executed: NotebookNode) -> dict[str, bytes]:
    """Return the files that keep what an executed lesson showed, by name.

    Parameters
    ----------
    executed : NotebookNode
        Run with ``COURSE_RECORD=1``, or its figures that move are missing.

    Returns
    -------
    dict of str to bytes
        Empty where the lesson showed nothing.
    """
    files: dict[str, bytes] = {}
    index: dict[str, list[dict[str, Any]]] = {}
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            for alt, width, png in _PICTURE.findall(shown.get("text/html", "")):
                data, suffix = smaller(base64.b64decode(png))
                name = f"{cell['id']}-{len(index.get(cell['id'], [])) + 1}{suffix}"
                files[name] = data
                index.setdefault(cell["id"], []).append(
                    {"picture": name, "alt": html.unescape(alt), "width": int(width)}
                )
            if RECORDING in shown:
                index.setdefault(cell["id"], []).append({"figure": rounded(shown[RECORDING])})
    if index:
        files[INDEX] = (json.dumps(index, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
    return files


def read_shown(lesson: str, solutions: Path = SOLUTIONS) -> dict[str, list[dict[str, Any]]]:
    """Read what a lesson showed, by cell: pictures with their files, and recordings.

    Raises
    ------
    FileNotFoundError
        If the lesson showed nothing, or was not built.
    """
    folder = Path(solutions) / lesson / "shown"
    found: dict[str, list[dict[str, Any]]] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    return {
        cell: [{**item, "picture": folder / item["picture"]} if "picture" in item else item for item in items]
        for cell, items in found.items()
    }


def smaller(png: bytes) -> tuple[bytes, str]:
    """Return a picture and its suffix: a drawing in few colours, in a third of the bytes; a photograph as WebP."""
    from PIL import Image

    picture, buffer = Image.open(io.BytesIO(png)).convert("RGB"), io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(buffer, format="PNG", optimize=True)
    if buffer.tell() <= MAX_DRAWING:
        return buffer.getvalue(), ".png"
    buffer = io.BytesIO()
    picture.save(buffer, format="WEBP", quality=85, method=6)
    return buffer.getvalue(), ".webp"


def rounded(value: Any) -> Any:
    """Return a recording with its numbers cut to `DIGITS` digits, whole ones written without a fraction.

    >>> rounded({"a": [0.1234567891, 2.0, True, "x"]})
    {'a': [0.123457, 2, True, 'x']}
    """
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    if isinstance(value, float):
        short = float(f"{value:.{DIGITS}g}")
        return int(short) if short.is_integer() else short
    return value
