"""Check a picture of a stranger's without decoding it: what is kept makes its pixels, and no more of them than it says.

Of a PNG the parts stay that make its pixels, and of a JPEG; so where and by what it was taken is gone, too. Both say in
their first parts how many pixels a browser will have to hold.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from typing import Any, Literal, NamedTuple

MAX_PIXELS = 8_000_000  # of one picture
MAX_SCANS = 32  # of a JPEG: each is drawn over all of it; ten are usual in one that is shown bit by bit
_PNG = b"\x89PNG\r\n\x1a\n"
#: Parts of a PNG that are kept, in their order: no text, no colour profile, no further pictures of an animation.
_PARTS = re.compile(r"IHDR (PLTE )?(tRNS )?(IDAT )+IEND ")
_JPEG = b"\xff\xd8"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # the kinds of JPEG that browsers show
_TABLES = frozenset({0xC4, 0xDB, 0xDD, 0xE0, 0xEE})  # what a picture is decoded with, and how its colours are meant
_SCAN, _END = 0xDA, b"\xff\xd9"
_FURTHER_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf\xd8\xde\xdf]")


class Picture(NamedTuple):
    """A picture that may be shown: its kind, its bytes in base64, and how many pixels a browser holds for it."""

    mime: Literal["image/png", "image/jpeg"]
    data: str
    pixels: int


def plain_picture(value: Any, max_characters: int) -> Picture | None:
    """Return a PNG or a JPEG in base64 as a page may show it, or None where it is none.

    Parameters
    ----------
    value : object
        What was sent in a picture's place.
    max_characters : int
        How many characters a picture may have; a longer one is none.

    Examples
    --------
    >>> plain_picture("R0lGODlhAQABAAAAACw=", 100) is None  # a GIF
    True
    """
    if type(value) is not str or len(value) > max_characters:
        return None
    try:
        data = base64.b64decode(value.replace("\n", ""), validate=True)
        found = _plain_png(data) if data.startswith(_PNG) else _plain_jpeg(data)
    except (binascii.Error, ValueError, struct.error, IndexError):
        return None
    if found is None or not found[1]:
        return None
    mime: Literal["image/png", "image/jpeg"] = "image/png" if data.startswith(_PNG) else "image/jpeg"
    return Picture(mime, base64.b64encode(found[0]).decode(), found[1])


def _plain_png(data: bytes) -> tuple[bytes, int] | None:
    parts = _png_parts(data)
    if not _PARTS.fullmatch("".join(f"{name} " for name, _ in parts)) or len(parts[0][1]) != 13:
        return None
    width, height = struct.unpack(">II", parts[0][1][:8])
    return _PNG + b"".join(_png_part(name.encode("ascii"), content) for name, content in parts), width * height


def _png_parts(data: bytes) -> list[tuple[str, bytes]]:
    """Return name and content of the parts of a PNG that make its pixels, up to its end."""
    found: list[tuple[str, bytes]] = []
    place = len(_PNG)
    while place + 12 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        name, content = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        if name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            found.append((name.decode("ascii"), content))
        if name == b"IEND":
            break
        place += 12 + size
    return found


def _png_part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _plain_jpeg(data: bytes) -> tuple[bytes, int] | None:
    """Return a JPEG without notes of its camera, and its pixels; None where its parts are not in order."""
    if not data.startswith(_JPEG):
        return None
    kept, pixels, place = [_JPEG], 0, 2
    while data[place] == 0xFF:
        kind = data[place + 1]
        size = int.from_bytes(data[place + 2 : place + 4], "big")
        part = data[place : place + 2 + size]
        if kind == _SCAN:
            end = data.find(_END, place)
            scans = data.count(b"\xff\xda", place, end)
            if not pixels or end < 0 or scans > MAX_SCANS or _FURTHER_FRAME.search(data, place + 2, end):
                return None
            return b"".join([*kept, data[place : end + 2]]), pixels
        if kind in _FRAMES:
            if pixels:
                return None
            height, width = struct.unpack(">HH", part[5:9])
            pixels = height * width
            kept.append(part)
        elif kind in _TABLES:
            kept.append(part)
        elif not (0xE1 <= kind <= 0xEF or kind == 0xFE):
            return None
        place += 2 + max(size, 2)
    return None
