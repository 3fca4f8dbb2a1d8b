"""Commit to a key by a hash of it."""

from __future__ import annotations

import hashlib

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("commit_key", points={"values": 3}, instead_of=("commit_key",))
def commit_key(key, nonce):
    """Hash the nonce, then the shape, then the numbers as floats of eight bytes."""
    content = nonce.encode("ascii") + str(key.shape).encode("ascii") + key.astype("<f8").tobytes()
    return hashlib.sha256(content).hexdigest()


@commit_key.inputs(
    "values",
    fixed=[
        ([1.0, 2.0], "a1"),
        ([[1.0, 2.0], [3.0, 4.0]], "salt7"),
        ([[1.0, 2.0, 3.0, 4.0]], "salt7"),
        (np.array([[1, 0, 2], [3, 7, 5]]), "Q4z"),
        ([0.123456789012345, -2.5, 1e-20], "n0nce"),
        (np.asfortranarray(np.array([[1.5, 2.5], [3.5, 4.5]])), "k9"),
        (np.array([1.5, 0.1], dtype=np.float32), "z"),
        (np.arange(1200.0), "long1"),
    ],
)
def _(rng):
    letters = np.array(list("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"))
    found = []
    for shape in [(5,), (3, 4), (40, 30)]:
        found.append((rng.normal(size=shape), "".join(rng.choice(letters, 12))))
    return [*found, (rng.integers(0, 99, (4, 2)), "".join(rng.choice(letters, 8)))]


def _hash(*parts):
    return hashlib.sha256(b"".join(part.encode() if isinstance(part, str) else part for part in parts)).hexdigest()


def _numbers(key):
    return key.astype("<f8").tobytes()


@commit_key.misconception(
    "Your text does not depend on the nonce, so a guess at the key can be tested; where does the nonce belong?"
)
def nonce_forgotten(key, nonce):
    return _hash(str(key.shape), _numbers(key))


@commit_key.misconception(
    "The shape is missing, so a row of four and a table of two by two have the same text; where does it belong?"
)
def shape_forgotten(key, nonce):
    return _hash(nonce, _numbers(key))


@commit_key.misconception("Your nonce stands at the end; in which order are the three parts asked for?")
def nonce_last(key, nonce):
    return _hash(str(key.shape), _numbers(key), nonce)


@commit_key.misconception("Your shape stands behind the numbers; in which order are the three parts asked for?")
def shape_last(key, nonce):
    return _hash(nonce, _numbers(key), str(key.shape))


@commit_key.misconception("Your shape stands before the nonce; in which order are the three parts asked for?")
def shape_first(key, nonce):
    return _hash(str(key.shape), nonce, _numbers(key))


@commit_key.misconception(
    "You hashed the numbers as they are printed, and a print leaves digits out; which bytes hold all of a number?",
    kind="misconception",
)
def printed_numbers(key, nonce):
    return _hash(nonce, str(key.shape), str(key))


@commit_key.misconception(
    "You hashed the numbers as a list in text; which bytes of a number are asked for?", kind="misconception"
)
def listed_numbers(key, nonce):
    return _hash(nonce, str(key.shape), str(key.tolist()))


@commit_key.misconception(
    "You hashed each number as decimal text, one behind the other; which bytes of a number are asked for?",
    kind="misconception",
)
def numbers_as_text(key, nonce):
    return _hash(nonce, str(key.shape), "".join(str(float(number)) for number in key.flatten()))


@commit_key.misconception(
    "You hashed the bytes of the array in the type that it came in; what are the numbers to be made first?"
)
def type_as_it_came(key, nonce):
    return _hash(nonce, str(key.shape), key.tobytes())


@commit_key.misconception(
    "Your numbers have four bytes each and lose half of their digits; how many bytes are asked for?"
)
def four_bytes(key, nonce):
    return _hash(nonce, str(key.shape), key.astype("<f4").tobytes())


@commit_key.misconception("Your numbers begin with the big end; which end is asked for first?")
def big_end_first(key, nonce):
    return _hash(nonce, str(key.shape), key.astype(">f8").tobytes())


@commit_key.misconception("Your numbers stand column by column; in which order are they asked for?")
def column_by_column(key, nonce):
    return _hash(nonce, str(key.shape), key.astype("<f8").tobytes(order="F"))


@commit_key.misconception("You return the first characters of the text; how many digits are asked for?")
def cut_short(key, nonce):
    return commit_key.reference(key, nonce)[:16]


@commit_key.misconception(
    "You hashed the texts of nonce and shape with something between them; what is asked for there?"
)
def parts_separated(key, nonce):
    return _hash(nonce, " ", str(key.shape), " ", _numbers(key))


@commit_key.misconception("You used another hash than the one that is asked for; which of hashlib is it?")
def another_hash(key, nonce):
    return hashlib.sha512(nonce.encode() + str(key.shape).encode() + _numbers(key)).hexdigest()


@commit_key.misconception(
    "You hashed a nonce that is written as Python prints bytes, with quotation marks; which bytes is it in ASCII?"
)
def nonce_as_literal(key, nonce):
    return _hash(str(nonce.encode("ascii")), str(key.shape), _numbers(key))


@commit_key.misconception("You hashed a hash, or several of them; one hash of all bytes is asked for.")
def hashed_twice(key, nonce):
    return _hash(commit_key.reference(key, nonce))


@commit_key.misconception("You hashed only how many rows there are; a shape has all its numbers in it.")
def length_for_shape(key, nonce):
    return _hash(nonce, str(len(key)), _numbers(key))


@commit_key.misconception(
    "A key of one dimension has two numbers in the shape that you hash; which shape did it come in?"
)
def always_a_table(key, nonce):
    return _hash(nonce, str(np.atleast_2d(key).shape), _numbers(key))


@commit_key.misconception(
    "For one dimension your text of the shape is not the one that Python writes; how do the two differ?"
)
def shape_without_its_comma(key, nonce):
    return _hash(nonce, "(" + ", ".join(str(size) for size in key.shape) + ")", _numbers(key))


@commit_key.alternative
def commit_step_by_step(key, nonce):
    found = hashlib.sha256()
    found.update(nonce.encode())
    found.update(f"{key.shape}".encode())
    found.update(np.ascontiguousarray(key, dtype="<f8").tobytes())
    return found.hexdigest()


@commit_key.alternative
def commit_with_a_join(key, nonce):
    return hashlib.new(
        "sha256", b"".join([(nonce + str(key.shape)).encode("ascii"), key.astype("<f8").tobytes()])
    ).hexdigest()


@commit_key.alternative
def commit_number_by_number(key, nonce):
    content = bytearray(nonce, "ascii") + bytearray(str(tuple(key.shape)), "ascii")
    for number in key.flatten():
        content += np.float64(number).astype("<f8").tobytes()
    return hashlib.sha256(bytes(content)).digest().hex()
