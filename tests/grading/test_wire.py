"""What crosses between the grader and a learner's code, and that nothing a stranger sends does more than fail."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import fractions
import math
import random
import socket
import struct
import sys
import threading
import time
import tracemalloc

import msgspec
import numpy as np
import pytest

from classroom.sandbox import wire
from classroom.sandbox.wire import Foreign, WireError, decode, encode, receive, send


def crossed(value):
    """The value after a way through msgpack."""
    return decode(msgspec.msgpack.decode(msgspec.msgpack.encode(encode(value))))


# ------------------------------------------------------------------------------------------------------------ values


PLAIN = [
    None,
    True,
    False,
    0,
    -1,
    2**63 - 1,
    -(2**63),
    0.1,
    -0.0,
    math.inf,
    -math.inf,
    5e-324,
    "",
    "naïve ∑ 🎬\x00",
    [],
    (),
    {},
    [1, [2.5, [None, ["x"]]]],
    (1, (2, [3])),
    {"a": 1, 2: [3], (4, 5): {"b": ()}, None: True, 0.5: "x"},
    [True, 1, 1.0],
    ValueError,
]


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_cross_unchanged(value):
    """With their type, inside and out."""
    found = crossed(value)
    assert type(found) is type(value)
    assert found == value
    assert repr(found) == repr(value)


DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "f4", "f8")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (0, 4), (4, 0), (1, 1, 1, 2)], ids=str)
def test_arrays_cross_unchanged(dtype, shape):
    """Type, shape and every number; an array without dimensions stays one; what arrives may be written to."""
    value = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    found = crossed(value)
    assert type(found) is np.ndarray
    assert (found.dtype, found.shape) == (value.dtype, value.shape)
    assert np.array_equal(found, value)
    assert found.flags.writeable and found.flags.owndata | (found.base is not None)
    scalar = np.dtype(dtype).type(1)
    assert type(crossed(scalar)) is type(scalar)
    assert crossed(scalar) == scalar


ODD_ARRAYS = {
    "NaN and infinity": np.array([np.nan, np.inf, -np.inf, -0.0]),
    "Fortran order": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "strided": np.arange(10)[::-3],
    "broadcast": np.broadcast_to(np.array([1.0, 2.0]), (3, 2)),
    "big-endian": np.arange(3, dtype=">f4"),
    "masked": np.ma.masked_array([1.0, 2.0], mask=[False, True]),
    "matrix": np.arange(4.0).reshape(2, 2).view(type("Mine", (np.ndarray,), {})),
}


@pytest.mark.parametrize("name", ODD_ARRAYS)
def test_odd_arrays_arrive_as_ordinary_ones(name):
    """However they lie in memory, the numbers are the same; the class is NumPy's own."""
    value = ODD_ARRAYS[name]
    found = crossed(value)
    assert type(found) is np.ndarray
    assert found.dtype == value.dtype.newbyteorder("=")
    assert np.array_equal(found, np.asarray(value), equal_nan=True)


def test_nan_and_long_double_cross():
    """NaN stays NaN, in a list too; a long double arrives as a double."""
    assert math.isnan(crossed(math.nan))
    assert math.isnan(crossed([np.float32("nan")])[0])
    assert crossed(np.longdouble(0.5)) == 0.5
    assert crossed(np.ones(2, dtype=np.longdouble)).dtype == np.float64


class Colour(enum.IntEnum):
    """Whole numbers with names."""

    RED = 3


Pair = collections.namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Pair(1, 2), (1, 2)),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.defaultdict(list, x=[1]), {"x": [1]}),
        (type("Text", (str,), {})("x"), "x"),
        (type("Real", (float,), {})(0.5), 0.5),
        (Colour.RED, 3),
        (np.str_("x"), "x"),
        ("x" * 200_000, "x" * 100_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_subclasses_arrive_as_their_plain_kind(value, expected):
    """A learner's class never crosses, its value does."""
    found = crossed(value)
    assert type(found) is type(expected)
    assert found == expected


@dataclasses.dataclass
class Point:
    """Something of a learner's own."""

    x: int = 1


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (object(), "object"),
        (Point(), "Point"),
        ({1, 2}, "set"),
        (range(3), "range"),
        (b"bytes", "bytes"),
        (1j, "complex"),
        (2**63, "int"),
        (np.array([1j]), "ndarray"),
        (np.array(["a"]), "ndarray"),
        (np.array([None]), "ndarray"),
        (np.datetime64("2020-01-01"), "datetime64"),
        (decimal.Decimal(1), "Decimal"),
        (fractions.Fraction(1, 2), "Fraction"),
        ((x for x in "ab"), "generator"),
        (len, "builtin_function_or_method"),
        (math, "module"),
        (type("N" * 90, (), {})(), "N" * wire.MAX_NAME),
        (int, "type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_everything_else_is_foreign(value, name):
    """Only the name of its type arrives: in a list as well."""
    for found in (crossed(value), crossed([value])[0]):
        assert isinstance(found, Foreign)
        assert type(found).__name__ == name
        assert repr(found) == f"<{name}>"


def test_errors_arrive_as_the_nearest_known():
    """By name and without their text; a class of the learner's own as its ancestor."""
    mine = type("MineError", (KeyError,), {})
    assert type(crossed(mine("secret"))) is KeyError
    assert crossed(mine("secret")).args == ()
    assert crossed(UnicodeDecodeError) is ValueError
    assert wire.nearest(type("ValueError", (Exception,), {})) == "Exception"
    assert all(wire.nearest(error) == name for name, error in wire.ERRORS.items())


def test_deep_values_are_cut():
    """A list in itself ends in a Foreign, after few levels."""
    endless: list = []
    endless.append(endless)
    levels, found = 0, crossed(endless)
    while isinstance(found, list):
        found, levels = found[0], levels + 1
    assert isinstance(found, Foreign)
    assert levels == wire.MAX_DEPTH


# ------------------------------------------------------------------------------------------------- what strangers send


def deep(levels: int) -> list:
    """Lists in lists."""
    found: list = ["l", []]
    for _ in range(levels):
        found = ["l", [found]]
    return found


FORGED = [
    [],
    {},
    {"l": []},
    b"bytes",
    [1],
    [["l"]],
    ["l"],
    ["l", 1],
    ["l", [1], [2]],
    ["l", [[]]],
    ["t", {"a": 1}],
    ["z", []],
    ["L", []],
    ["d", [1]],
    ["d", [[1]]],
    ["d", [[1, 2, 3]]],
    ["d", [[["l", []], 1]]],
    ["d", [[["a", "<f8", [1], bytes(8)], 1]]],
    ["d", [[["o", "thing"], 1]]],
    ["o", 1],
    ["o"],
    ["e", "SystemError"],
    ["e", "os.system"],
    ["x", "__import__"],
    ["a", "<f8", [1]],
    ["a", "<f8", [1], "12345678"],
    ["a", "<f8", [2], bytes(8)],
    ["a", "<f8", [-1], bytes(8)],
    ["a", "<f8", [True], bytes(8)],
    ["a", "<f8", [1.0], bytes(8)],
    ["a", "<f8", [2**62, 4], bytes(8)],
    ["a", "<f8", [2**62, 4], b""],
    ["a", "<f8", [1] * 17, bytes(8)],
    ["a", "<f8", 1, bytes(8)],
    ["a", "|O", [1], bytes(8)],
    ["a", "<O8", [1], bytes(8)],
    ["a", "<M8", [1], bytes(8)],
    ["a", "<U2", [1], bytes(8)],
    ["a", "<f16", [1], bytes(16)],
    ["a", "<f8\n", [1], bytes(8)],
    ["a", "f8,f8", [1], bytes(16)],
    ["a", ["<f8"], [1], bytes(8)],
    ["l", [0] * (wire.MAX_ENTRIES + 1)],
    deep(wire.MAX_DEPTH + 2),
    deep(300),
]


@pytest.mark.parametrize("data", FORGED, ids=lambda data: repr(data)[:30])
def test_forged_values_are_refused(data):
    """Each breaks one rule of the form, and a WireError says so."""
    with pytest.raises(WireError):
        decode(data)


def test_entries_are_counted_together():
    """Many lists in lists are no way around the number of entries."""
    share = wire.MAX_ENTRIES // 4
    part = ["l", [0] * share]
    assert len(decode(["l", [part] * 3])) == 3
    with pytest.raises(WireError, match="entries"):
        decode(["l", [part] * 4])


def test_a_foreign_name_is_only_a_name():
    """What is no identifier, or too long, becomes "object"."""
    for name in ("a b", "", "x" * 41, "<script>", "__import__('os')", "a\n"):
        assert repr(decode(["o", name])) == "<object>"


def structure(rng: random.Random, depth: int = 0) -> object:
    """Draw something that msgpack can hold, often close to the agreed form."""
    leaves = [
        lambda: rng.choice([None, True, 0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 0.5, math.nan, math.inf]),
        lambda: rng.choice(["", "l", "d", "a", "o", "x", "ValueError", "<f8", "é", "\ud7ff", "x" * 50]),
        lambda: rng.randbytes(rng.choice([0, 1, 8, 16, 64])),
        lambda: datetime.datetime.fromtimestamp(rng.randrange(2**32), datetime.UTC),
        lambda: msgspec.msgpack.Ext(rng.randrange(128), rng.randbytes(3)),
    ]
    if depth > 10 or rng.random() < 0.45:
        return rng.choice(leaves)()

    def inner() -> object:
        return structure(rng, depth + 1)

    tag = rng.choice(["l", "t", "d", "a", "s", "o", "e", "x", inner()])
    if rng.random() < 0.2:
        return {rng.choice(["a", "l", "d"]): inner() for _ in range(rng.randrange(3))}
    if tag in ("l", "t"):
        return [tag, [inner() for _ in range(rng.randrange(4))]]
    if tag == "d":
        return [tag, [[inner() for _ in range(rng.choice([2, 2, 2, 1, 3]))] for _ in range(rng.randrange(3))]]
    if tag in ("a", "s"):
        kind = rng.choice(["<f8", ">f4", "|b1", "<i2", "|O", "<c16", "<V8", "f8", "<f9", inner()])
        shape = [rng.choice([0, 1, 2, 4, 2**40, -1, True]) for _ in range(rng.randrange(4))]
        return [tag, kind, rng.choice([shape, shape, shape, inner()]), rng.randbytes(rng.choice([0, 2, 4, 8, 16, 32]))]
    return [tag, *(inner() for _ in range(rng.randrange(3)))]


def survives(data: object) -> bool:
    """Whether it is decoded; nothing but a WireError may be raised otherwise, and what comes can be looked at."""
    try:
        value = decode(data)
    except WireError:
        return False
    repr(value)
    encode(value)
    return True


def test_random_structures_only_ever_fail():
    """Eight thousand of them: a value or a WireError, in little processor time and memory."""
    rng = random.Random(20)
    drawn = [structure(rng) for _ in range(8_000)]
    start = time.process_time()
    decoded = sum(survives(data) for data in drawn)
    assert time.process_time() - start < 10
    tracemalloc.start()
    try:
        for data in drawn[:2000]:
            survives(data)
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()
    assert 500 < decoded < 7500, "the drawing is all right, or all wrong: it tests one half only"


# ------------------------------------------------------------------------------------------------------------ frames


@pytest.fixture
def pair():
    """Two ends of a connection."""
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def framed(data: bytes) -> bytes:
    """Bytes as a frame holds them."""
    return struct.pack("<I", len(data)) + data


@pytest.mark.parametrize("value", [{"op": "cell", "seq": 3}, [], None, {"x": b"\x00" * 300_000}, "é"])
def test_frames_cross(pair, value):
    """One after another, whatever their size."""
    one, other = pair
    sender = threading.Thread(target=lambda: [send(one, value, 60) for _ in range(3)])
    sender.start()
    assert [receive(other, 60) for _ in range(3)] == [value] * 3
    sender.join()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (struct.pack("<I", wire.MAX_BYTES + 1), WireError),
        (b"\xff\xff\xff\xff", WireError),
        (b"HTTP/1.1 200 OK\r\n\r\n", WireError),
        (framed(b""), WireError),
        (framed(b"\xc1"), WireError),
        (framed(b"\xc0\xc0"), WireError),
        (framed(b"\xdd\xff\xff\xff\xff"), WireError),
        (framed(b"\xdb\x7f\xff\xff\xffx"), WireError),
        (framed(b"\x91" * 100_000 + b"\xc0"), WireError),
        (framed(b"\x81\x90\xc0"), WireError),
        (framed(b"\x81\x01\xc0"), WireError),
        (framed(b"\xa2\xff\xfe"), WireError),
        (framed(b"\xd7\xff\xff\xff\xff\xff\xff\xff\xff\xff"), WireError),
        (framed(msgspec.msgpack.encode({"a": 1}))[:-1], EOFError),
        (b"\x01\x00", EOFError),
        (b"", EOFError),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_broken_frames_are_refused(pair, data, error):
    """Too large, garbage, or cut: an error that says which, and does not wait until time is up."""
    one, other = pair
    writer = threading.Thread(target=lambda: (one.sendall(data), one.shutdown(socket.SHUT_WR)))
    writer.start()
    with pytest.raises(error):
        receive(other, 60)
    writer.join()


def test_no_key_of_a_message_is_kept(pair):
    """An interned text is never freed in some versions of Python: a learner could fill the grader's memory."""
    one, other = pair
    written = f"key of {time.monotonic_ns()}"
    send(one, {written: {written: 1}}, 60)
    found = receive(other, 60)
    for kept in (*found, *found[written]):
        assert sys.intern("".join(list(written))) is not kept, "it was interned as it was read"


def test_long_keys_are_refused_before_they_are_made(pair):
    """Two hundred answers with a new key each, and what was asked for beside it: nothing is taken, nothing stays."""
    one, other = pair
    data = msgspec.msgpack.encode({"outputs": [], "x" * 200_000: 1})
    tracemalloc.start()
    try:
        for number in range(200):
            sender = threading.Thread(target=one.sendall, args=(framed(data.replace(b"xxx", b"%3d" % number, 1)),))
            sender.start()
            with pytest.raises(WireError, match="key that none of ours is"):
                receive(other, 60)
            sender.join()
        assert tracemalloc.get_traced_memory()[0] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "message",
    [
        {"x" * (wire.MAX_KEY + 1): 1},
        [{"a": {"b": [{"x" * (wire.MAX_KEY + 1): 1}]}}],
        {"a": [], "b": {}, "x" * 300: 1},
        {1: 1},
        {None: 1},
        {b"bytes": 1},
        {str(number): 1 for number in range(wire.MAX_KEYS + 1)},
    ],
    ids=lambda message: repr(message)[:30],
)
def test_keys_that_none_of_ours_is(pair, message):
    """Wherever they stand."""
    one, other = pair
    send(one, message, 60)
    with pytest.raises(WireError):
        receive(other, 60)


def test_the_longest_keys_of_ours_cross(pair):
    """Names of any script, as many as are read of a notebook, and lists and dictionaries behind and beside them."""
    one, other = pair
    names = {f"{'数' * (wire.MAX_NAME - 3)}{number:03}": "data" for number in range(wire.MAX_READ)}
    for message in (
        {"reads": names, "seq": 1},
        [{"a": {}, "b": []}, {"a": [{}, {"c": [1, {}]}], "d": {"e": 2}}, names],
    ):
        send(one, message, 60)
        assert receive(other, 60) == message


MANY = b"\x90" * 4_000_000  # empty lists, which would take 300 MB


@pytest.mark.parametrize("data", [b"\xdd\x00\x3d\x09\x00" + MANY, b"\x9f" + (b"\xdc\xc3\x50" + MANY[:50_000]) * 15])
def test_nothing_is_made_of_a_message_of_too_many_parts(pair, data):
    """It takes the memory of its own bytes."""
    one, other = pair
    sender = threading.Thread(target=one.sendall, args=(framed(data),))
    tracemalloc.start()
    try:
        sender.start()
        with pytest.raises(WireError, match="too many parts"):
            receive(other, 60)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(data) + 2**20
    finally:
        tracemalloc.stop()
        sender.join()


def test_a_reader_without_memory_says_so(pair, monkeypatch):
    """It is no fault of the message's."""
    one, other = pair
    send(one, {"a": 1}, 60)

    def decoded(data: bytes) -> object:
        raise MemoryError

    monkeypatch.setattr(msgspec.msgpack, "decode", decoded)
    with pytest.raises(MemoryError):
        receive(other, 60)


def test_smaller_limits_hold(pair):
    """A cell's answer may be smaller only; and what is too large is not sent either."""
    one, other = pair
    send(one, "x" * 1000, 60)
    with pytest.raises(WireError, match="1,003 bytes; 100 are allowed"):
        receive(other, 60, max_bytes=100)
    with pytest.raises(WireError, match="are allowed"):
        send(one, b"x" * (wire.MAX_BYTES + 1), 60)


def test_the_length_alone_takes_no_memory(pair):
    """Who announces 64 MB and sends nothing gets no 64 MB."""
    one, other = pair
    one.sendall(struct.pack("<I", wire.MAX_BYTES))
    tracemalloc.start()
    try:
        with pytest.raises(TimeoutError):
            receive(other, 0.1)
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


@contextlib.contextmanager
def dripping(connection, data, pause):
    """Send byte by byte meanwhile."""
    stop = threading.Event()

    def drip() -> None:
        for byte in data:
            if stop.wait(pause):
                return
            connection.sendall(bytes([byte]))

    writer = threading.Thread(target=drip)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def test_dripping_does_not_gain_time(pair):
    """A byte now and then keeps nobody waiting until the frame is complete: the deadline is that of the whole."""
    one, other = pair
    with dripping(one, framed(b"\xc4\xff" + bytes(255)), 0.05), pytest.raises(TimeoutError):
        receive(other, 0.4)


def test_sending_to_someone_who_does_not_read(pair):
    """It gives up."""
    one, _ = pair
    with pytest.raises(OSError, match="timed out"):
        send(one, b"x" * 2**23, 0.3)


def test_meanwhile_is_asked_and_heard(pair):
    """While nothing comes, the watcher is called; what it raises ends the waiting."""
    one, other = pair
    calls = []

    def watch() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise MemoryError("too much")

    with pytest.raises(MemoryError):
        receive(other, 60, meanwhile=watch)
    assert len(calls) == 2


def test_meanwhile_ends_a_frame_that_has_begun(pair):
    """What the watcher raises arrives as it is, also behind the first bytes."""
    one, other = pair

    def watch() -> None:
        raise MemoryError("too much")

    one.sendall(struct.pack("<I", 100))
    with pytest.raises(MemoryError):
        receive(other, 60, meanwhile=watch)


def test_meanwhile_is_asked_while_it_drips(pair):
    """Who keeps sending is watched, too."""
    one, other = pair
    calls = []

    def watch() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise MemoryError("too much")

    with dripping(one, struct.pack("<I", 2**20) + bytes(2**20), 0.02), pytest.raises(MemoryError):
        receive(other, 60, meanwhile=watch)


def test_mutated_frames_only_ever_fail(pair):
    """Good frames with bytes changed, cut out, doubled or put in: a value or a WireError."""
    one, other = pair
    rng = random.Random(21)
    good = [msgspec.msgpack.encode(encode(value)) for value in [*PLAIN, *ODD_ARRAYS.values(), {"a": [np.eye(3), "x"]}]]
    start, read = time.process_time(), 0
    for _ in range(5000):
        data = bytearray(rng.choice(good))
        for _ in range(rng.choice([1, 1, 2, 5])):
            at = rng.randrange(len(data) + 1)
            change = rng.randrange(4)
            if change == 0 and at < len(data):
                data[at] = rng.randrange(256)
            elif change == 1:
                del data[at : at + rng.randrange(9)]
            elif change == 2:
                data[at:at] = rng.randbytes(rng.randrange(5))
            else:
                data += data[at : at + 20]
        data = data[:50_000]
        one.sendall(framed(bytes(data)))
        try:
            read += survives(receive(other, 60))
        except WireError:
            continue
    assert read > 300
    assert time.process_time() - start < 10


def test_values_that_do_not_cross_take_no_room():
    """A class takes two kilobytes: there is one for each name, and of many names in one value only some are kept."""
    same = decode(["l", [["o", "thing"]] * 1000])
    assert {type(value) for value in same[: wire.MAX_FOREIGN]} == {type(same[0])}
    assert len({type(value) for value in same}) == 2
    names = {type(value).__name__ for value in decode(["l", [["o", f"thing{i}"] for i in range(1000)]])}
    assert len(names) <= wire.MAX_FOREIGN + 1 and "object" in names
