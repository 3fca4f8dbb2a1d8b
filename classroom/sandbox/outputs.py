"""Check what a learner's process says its cells showed, so that it is safe to keep and to show.

Only text and PNG pictures are taken over, each of bounded size: nothing that a browser would run, no control characters
that a terminal would obey, no memory addresses and no path of the course. What is kept of a picture says
`classroom.sandbox.pictures`.
"""

from __future__ import annotations

import base64
import math
import re
import struct
from typing import Any

from classroom.common import ROOT
from classroom.sandbox.messages import (
    MAX_CELL_TEXT,
    MAX_ERROR_NAME,
    MAX_ERROR_TEXT,
    MAX_TRACEBACK_LINE,
    MAX_TRACEBACK_LINES,
    Output,
)
from classroom.sandbox.pictures import MAX_PIXELS, plain_picture

MAX_OUTPUTS = 50  # of one cell
MAX_PICTURE = 300_000  # characters of a picture in base64
MAX_CELL_PIXELS = 4 * MAX_PIXELS  # of all pictures of a cell
MAX_NOTEBOOK_PIXELS = 8 * MAX_PIXELS  # of all pictures of a notebook: a browser holds four bytes for each
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
_CONTROL = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain_outputs(outputs: Any, max_pixels: int = MAX_CELL_PIXELS) -> list[Output]:
    """Return the text and the pictures of a cell's outputs, whatever a stranger's process sent in their place.

    Parameters
    ----------
    outputs : object
        What was sent.
    max_pixels : int
        How many pixels are left for all pictures together; a cell never has more than `MAX_CELL_PIXELS`.

    Examples
    --------
    >>> plain_outputs([{"output_type": "display_data", "data": {"text/plain": "1", "text/html": "<b>1</b>"}}, "?"])
    [{'output_type': 'display_data', 'data': {'text/plain': '1'}, 'metadata': {}}]
    """
    found: list[Output] = []
    pixels_left = min(MAX_CELL_PIXELS, max_pixels)
    for output in outputs[:MAX_OUTPUTS] if type(outputs) is list else []:
        kind = output.get("output_type") if type(output) is dict else None
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            found.append({"output_type": "stream", "name": name, "text": _text(output.get("text"), MAX_CELL_TEXT)})
        elif kind == "error":
            lines = output.get("traceback")
            lines = lines[:MAX_TRACEBACK_LINES] if type(lines) is list else []
            found.append(
                {
                    "output_type": "error",
                    "ename": _text(output.get("ename"), MAX_ERROR_NAME),
                    "evalue": _text(output.get("evalue"), MAX_ERROR_TEXT),
                    "traceback": [_text(line, MAX_TRACEBACK_LINE) for line in lines],
                }
            )
        elif kind == "display_data" and type(output.get("data")) is dict:
            data = {"text/plain": _text(output["data"].get("text/plain"), MAX_CELL_TEXT)}
            picture, pixels = _picture(output["data"].get("image/png"))
            if pixels > min(MAX_PIXELS, pixels_left):
                allowed = (
                    f"{MAX_PIXELS:,} are allowed" if pixels > MAX_PIXELS else "those before it have as many as may be"
                )
                data["text/plain"] += f" (a picture of {pixels:,} pixels was left out: {allowed})"
            elif picture is not None:
                data["image/png"] = picture
                pixels_left -= pixels
            found.append({"output_type": "display_data", "data": data, "metadata": {}})
    return found


def pixels_of(outputs: list[Output]) -> int:
    """Return the number of pixels of all pictures among outputs that `plain_outputs` has made."""
    pictures = (output["data"].get("image/png") for output in outputs if "data" in output)
    return sum(math.prod(struct.unpack(">II", base64.b64decode(p[:32])[16:24])) for p in pictures if p is not None)


def error_output(name: str, text: str) -> Output:
    """Return an error as a cell shows it.

    >>> error_output("ValueError", "too small")["traceback"]
    ['ValueError: too small']
    """
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def _text(value: Any, max_characters: int) -> str:
    text = value[:max_characters] if type(value) is str else ""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _ADDRESS.sub("at 0x...", _CONTROL.sub("", text)).replace(f"{ROOT}/", "")


def _picture(value: Any) -> tuple[str | None, int]:
    """Return a PNG in base64 and the number of its pixels, or None where there is none that may be shown."""
    picture = plain_picture(value, MAX_PICTURE)
    return (picture.data, picture.pixels) if picture is not None and picture.mime == "image/png" else (None, 0)
