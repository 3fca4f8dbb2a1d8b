"""Send plain values between the grader and a learner's process, in frames of bounded size.

Numbers, strings, None, lists, tuples, dictionaries and numeric arrays cross. Never pickle, never objects: whatever else
a function returns arrives as a `Foreign`, which has the name of its type and nothing more. Both sides use this module;
only `decode` and `receive` meet bytes that a stranger may have made, so they check everything and raise `WireError`.
"""

from __future__ import annotations

import functools
import math
import re
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

MAX_DEPTH = 8
MAX_ENTRIES = 50_000  # of all lists and dictionaries of one value together
MAX_PAIRS = 1_000  # of all dictionaries of one value: with keys made to collide, reading n pairs takes n * n steps
MAX_BYTES = 24 * 2**20  # of one frame
MAX_RESULT = 2**20  # bytes of what a function returns: a check keeps some dozens at a time, and computes with them
MAX_NAME = 40  # characters of the name of a type
MAX_KEYS = 100  # of one dictionary of a message itself, whose values' pairs cross as lists
MAX_KEY = 4 * MAX_NAME  # bytes of a key of a message: the longest of ours are names
MAX_READ = 100  # names that a function is said to read of its notebook
MAX_FOREIGN = 100  # values in one value that do not cross and keep the name of their type
MAX_TEXT = 100_000  # characters of one string
DTYPE = re.compile(r"[<>|=](b1|[iu][1248]|f[248])")

# Exceptions that keep their name when they cross; any other arrives as the nearest of its ancestors that is here.
ERRORS: dict[str, type[BaseException]] = {
    error.__name__: error
    for error in (
        ArithmeticError,
        AssertionError,
        AttributeError,
        BaseException,
        EOFError,
        Exception,
        FileNotFoundError,
        FloatingPointError,
        ImportError,
        IndexError,
        KeyError,
        KeyboardInterrupt,
        LookupError,
        MemoryError,
        ModuleNotFoundError,
        NameError,
        NotImplementedError,
        OSError,
        OverflowError,
        PermissionError,
        RecursionError,
        RuntimeError,
        StopIteration,
        SyntaxError,
        SystemExit,
        TypeError,
        UnboundLocalError,
        ValueError,
        ZeroDivisionError,
        np.linalg.LinAlgError,
    )
}


class WireError(Exception):
    """A frame or a value that breaks the rules above."""


class Foreign:
    """Stands for a value that does not cross: a class of the same name as the value's, with nothing in it."""

    __hash__ = None  # type: ignore[assignment]  # Python's own way to say that this cannot be a key

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@functools.lru_cache(MAX_FOREIGN)
def _foreign(name: str) -> Foreign:
    """Return what stands for values of a type: a class takes two kilobytes, so there is one for each name."""
    made: Foreign = type(name, (Foreign,), {})()
    return made


# ------------------------------------------------------------------------------------------------------- values


def encode(value: Any, depth: int = 0) -> Any:
    """Turn a value into what goes into a frame; anything that is not plain becomes the name of its type.

    Examples
    --------
    >>> decode(encode({"a": (1, [2.5, None])}))
    {'a': (1, [2.5, None])}
    >>> decode(encode(np.eye(2)))
    array([[1., 0.],
           [0., 1.]])
    >>> decode(encode(object()))
    <object>
    """
    kind = type(value)
    if value is None or kind in (bool, float):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else ["o", "int"]
    if isinstance(value, str):
        return str.__str__(value)[:MAX_TEXT]
    if isinstance(value, np.generic):
        return _array("s", value) if value.dtype.kind in "biuf" else ["o", kind.__name__[:MAX_NAME]]
    if isinstance(value, np.ndarray):
        return _array("a", value) if value.dtype.kind in "biuf" else ["o", "ndarray"]
    if isinstance(value, BaseException):
        return ["e", nearest(kind)]
    if isinstance(value, type) and issubclass(value, BaseException):
        return ["x", nearest(value)]
    if depth < MAX_DEPTH:
        if isinstance(value, (list, tuple)) and len(value) <= MAX_ENTRIES:
            return ["l" if isinstance(value, list) else "t", [encode(entry, depth + 1) for entry in value]]
        if isinstance(value, dict) and len(value) <= MAX_PAIRS:
            return ["d", [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]]
        if isinstance(value, (bool, int, float)):  # of a class of the learner's own
            return encode(float(value) if isinstance(value, float) else int(value), depth + 1)
    return ["o", kind.__name__[:MAX_NAME]]


def _array(tag: str, value: Any) -> list[Any]:
    plain = np.ascontiguousarray(value).view(np.ndarray)
    if plain.dtype.itemsize > 8:  # long double
        plain = plain.astype(np.float64)
    return [tag, plain.dtype.str, list(np.shape(value)), plain.tobytes()]


def nearest(error: type[BaseException]) -> str:
    """Return the name of the nearest ancestor of an error that keeps its name when it crosses.

    >>> nearest(UnicodeDecodeError)
    'ValueError'
    """
    return next(e.__name__ for e in error.__mro__ if ERRORS.get(e.__name__) is e)


def decode(data: Any) -> Any:
    """Turn what came in a frame into a value.

    Raises
    ------
    WireError
        If the value is not of the form that `encode` gives, or too deep or too long.
    """
    return _Decoder().value(data, 0)


class _Decoder:
    """Reads one value, and counts the entries of all its parts."""

    def __init__(self) -> None:
        self.entries = self.pairs = self.foreign = 0

    def value(self, data: Any, depth: int) -> Any:
        if data is None or type(data) in (bool, int, float, str):
            return data
        if type(data) is not list or not data or type(data[0]) is not str or depth > MAX_DEPTH + 1:
            raise WireError("a value is not of the agreed form")
        tag, *rest = data
        reader = {"l": self._many, "t": self._many, "d": self._pairs, "a": self._array, "s": self._array}.get(tag)
        if reader is not None:
            return reader(tag, rest, depth)
        if len(rest) != 1 or type(rest[0]) is not str:
            raise WireError("a value is not of the agreed form")
        if tag == "o":
            name = rest[0] if rest[0].isidentifier() and len(rest[0]) <= MAX_NAME else "object"
            self.foreign += 1
            return _foreign(name if self.foreign <= MAX_FOREIGN else "object")
        if tag in ("e", "x") and rest[0] in ERRORS:
            return ERRORS[rest[0]]() if tag == "e" else ERRORS[rest[0]]
        raise WireError("a value is not of the agreed form")

    def _count(self, entries: Any) -> list[Any]:
        if type(entries) is not list:
            raise WireError("a list is not of the agreed form")
        self.entries += len(entries)
        if self.entries > MAX_ENTRIES:
            raise WireError(f"a value has more than {MAX_ENTRIES:,} entries")
        return entries

    def _many(self, tag: str, rest: list[Any], depth: int) -> Any:
        if len(rest) != 1:
            raise WireError("a list is not of the agreed form")
        found = [self.value(entry, depth + 1) for entry in self._count(rest[0])]
        return found if tag == "l" else tuple(found)

    def _pairs(self, tag: str, rest: list[Any], depth: int) -> dict[Any, Any]:
        if len(rest) != 1 or any(type(pair) is not list or len(pair) != 2 for pair in self._count(rest[0])):
            raise WireError("a dictionary is not of the agreed form")
        self.pairs += len(rest[0])
        if self.pairs > MAX_PAIRS:
            raise WireError(f"a value has more than {MAX_PAIRS:,} pairs in dictionaries")
        try:
            return {self.value(k, depth + 1): self.value(v, depth + 1) for k, v in rest[0]}
        except TypeError:
            raise WireError("a dictionary has a key that cannot be one") from None

    def _array(self, tag: str, rest: list[Any], depth: int) -> Any:
        if len(rest) != 3:
            raise WireError("an array is not of the agreed form")
        kind, shape, data = rest
        if type(kind) is not str or not DTYPE.fullmatch(kind) or type(data) is not bytes:
            raise WireError("an array is of a type that does not cross")
        if type(shape) is not list or len(shape) > 16 or any(type(n) is not int or not 0 <= n < 2**40 for n in shape):
            raise WireError("an array has a shape that cannot be one")
        if not all(shape) and math.prod(filter(None, shape)) > MAX_ENTRIES:
            raise WireError("an array without entries has a shape that nobody asks for")
        if math.prod(shape) * np.dtype(kind).itemsize != len(data):
            raise WireError("an array is longer or shorter than its shape")
        made = np.frombuffer(data, dtype=kind).reshape(shape).astype(np.dtype(kind).newbyteorder("="))  # a copy
        return made[()] if tag == "s" and not shape else made


# ------------------------------------------------------------------------------------------------------- frames


def send(connection: socket.socket, message: Any, seconds: float | None = None, *, max_bytes: int = MAX_BYTES) -> None:
    """Send one frame: the length of the message, then the message in msgpack.

    Raises
    ------
    WireError
        If the message is too large.
    OSError
        If the other side has closed the connection, or does not take the frame within ``seconds``.
    """
    data = msgspec.msgpack.encode(message)
    if len(data) > max_bytes:
        raise WireError(f"a message has {len(data):,} bytes; {max_bytes:,} are allowed")
    connection.settimeout(seconds)
    connection.sendall(struct.pack("<I", len(data)) + data)


def receive(
    connection: socket.socket,
    seconds: float | None = None,
    *,
    max_bytes: int = MAX_BYTES,
    meanwhile: Callable[[], None] | None = None,
) -> Any:
    """Receive one frame.

    Parameters
    ----------
    connection : socket
        The connection to read from.
    seconds : float, optional
        The time within which the whole frame must have come; without it, there is no limit.
    max_bytes : int
        The size of the largest frame that is taken.
    meanwhile : callable, optional
        A function that is called a few times a second until the frame is complete; what it raises ends the waiting.

    Raises
    ------
    EOFError
        If the other side has closed the connection.
    TimeoutError
        If the frame is not complete in time.
    WireError
        If the frame is too large or not msgpack.
    """
    end = None if seconds is None else time.monotonic() + seconds
    (length,) = struct.unpack("<I", _exactly(connection, 4, end, meanwhile))
    if length > max_bytes:
        raise WireError(f"a message of {length:,} bytes; {max_bytes:,} are allowed")
    data = _exactly(connection, length, end, meanwhile)
    _look_through(data)
    try:
        # Of all readers of msgpack this one interns no key: in some versions of Python such a key is kept for ever.
        return msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise WireError(f"a message that is not msgpack ({type(error).__name__})") from None


# By the first byte of a part: how many bytes stand behind it, or in how many of them stands what it holds.
_BYTES = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_BYTES |= {0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_TEXTS = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_SIZED = {0xC4: 1, 0xC5: 2, 0xC6: 4, **_TEXTS}
_LISTS, _DICTIONARIES = {0xDC: 2, 0xDD: 4}, {0xDE: 2, 0xDF: 4}


def _look_through(data: bytes) -> None:
    """Refuse a message of more parts or longer keys than any of ours, before anything is made of it.

    Raises
    ------
    WireError
        If it is so, or holds a kind of part that no message has.
    """
    at = parts = 0
    waiting: list[int] = []  # parts to come of each list and dictionary that is not at its end, of one's pairs below 0
    while at < len(data):
        is_key = bool(waiting) and waiting[-1] < 0 and waiting[-1] % 2 == 0
        begins, first = at, data[at]
        at += 1
        parts += 1
        inside = pairs = 0
        if first < 0x80 or first >= 0xE0:
            pass
        elif first < 0x90:
            pairs = first & 0x0F
        elif first < 0xA0:
            inside = first & 0x0F
        elif first < 0xC0:
            at += first & 0x1F
        elif first in _BYTES:
            at += _BYTES[first]
        else:
            size = _SIZED.get(first) or _LISTS.get(first) or _DICTIONARIES.get(first)
            if size is None:
                raise WireError("a message holds a part of a kind that does not cross")
            count = int.from_bytes(data[at : at + size], "big")
            at += size
            if first in _SIZED:
                at += count
            elif first in _LISTS:
                inside = count
            else:
                pairs = count
        if is_key and (not (0xA0 <= first < 0xC0 or first in _TEXTS) or at - begins > MAX_KEY):
            raise WireError("a message with a key that none of ours is")
        if parts > 4 * MAX_ENTRIES or inside > MAX_ENTRIES or pairs > MAX_KEYS:  # each entry may be a list with a tag
            raise WireError("a message of too many parts")
        if waiting:
            waiting[-1] += 1 if waiting[-1] < 0 else -1
        if inside or pairs:
            waiting.append(inside or -2 * pairs)
        while waiting and not waiting[-1]:
            waiting.pop()


def _exactly(connection: socket.socket, length: int, end: float | None, meanwhile: Callable[[], None] | None) -> bytes:
    """Receive so many bytes before ``end``, a time of the monotonic clock."""
    parts = bytearray()
    asked = time.monotonic()
    while len(parts) < length:
        if meanwhile and time.monotonic() > asked + 0.25:
            meanwhile()
            asked = time.monotonic()
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError("no complete message in time")
        connection.settimeout(min(0.25 if meanwhile else 60.0, 60.0 if left is None else left))
        try:
            part = connection.recv(min(length - len(parts), 1 << 20))
        except TimeoutError:
            continue
        if not part:
            raise EOFError("the other side is gone")
        parts += part
    return bytes(parts)
