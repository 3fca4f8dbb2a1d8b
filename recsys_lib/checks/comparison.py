"""Compare what was returned with what was expected; every rule of what counts as the same stands here.

- ids, orders, counts, truth values and words are exact;
- other numbers agree to a relative 1e-6 (5e-6, some rounding steps of its own, where float32 came back), and within
  that share of the largest expected number, since a zero written differently comes out as 5e-17;
- NaN equals nothing; a list or tuple of numbers counts as an array; a scalar is not an array; truth values are no
  numbers;
- what a judge is asked about is of a stated shape, and its numbers are finite and not out of all proportion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

RTOL = 1e-6
RTOL_FLOAT32 = 5e-6  # with as much slack again 1e-5 at most: a mean of random draws comes that near after 1e10 of them
TINY = 1e-12  # absolute slack where every expected number is zero
MAX_DEPTH = 64  # of lists in one another, as many as an array has dimensions at most
MAX_SIZE = 1e9  # of a number that is judged, in units of the largest of the arguments; its square is far from overflow

#: What a judge is handed: the shape of an array, () for a number, or a tuple or a dictionary of such.
Form = Any


@dataclass(frozen=True)
class Difference:
    """The first thing in which a result differs."""

    kind: Literal["type", "shape", "nan", "value", "slow"]
    text: str
    index: tuple[int, ...] | None = None  # of the first entry that differs


def difference(expected: Any, got: Any, *, up_to_sign: bool = False, nan_equal: bool = False) -> Difference | None:
    """Return the first difference between a result and the expected one, or None where they agree.

    Parameters
    ----------
    expected, got : object
        Numbers, arrays, None, a word, or a tuple of such.
    up_to_sign : bool
        Accept columns times -1, the same columns in every array of a tuple.
    nan_equal : bool
        Let NaN agree with NaN in the same place (to tell one wrong answer from another, never to accept one).

    Examples
    --------
    >>> difference(np.array([0.96, 1.0]), [0.96, 1.0 + 1e-9]) is None
    True
    >>> difference(np.array([0.96, 1.0]), np.array([[0.96, 1.0]])).text
    'the shape is (1, 2), not (2,)'
    >>> difference(2, 2.0).text
    'the number is right, but it is a float where a whole number (int) is asked for'
    >>> difference(("dot", True), ("cosine", True)).text
    "result 1 of 2: you returned 'cosine', not 'dot'"
    """
    if isinstance(expected, tuple):
        return _tuple_difference(expected, got, up_to_sign, nan_equal)
    if up_to_sign and isinstance(expected, np.ndarray):
        (got,) = align((expected,), (got,))
    if expected is None:
        if isinstance(got, (int, float, np.number)) and not isinstance(got, bool):
            return Difference("type", f"you returned {float(got):.4g}, not None")
        return None if got is None else _another_type(got, "None")
    if isinstance(expected, str):
        if not isinstance(got, str):
            return _another_type(got, "a word")
        return (
            None if str.__eq__(got, expected) else Difference("value", f"you returned {str(got)!r}, not {expected!r}")
        )
    if isinstance(expected, (bool, np.bool_)):
        if not isinstance(got, (bool, np.bool_)):
            return _another_type(got, "True or False")
        return None if bool(expected) == bool(got) else Difference("value", f"you returned {got}, not {expected}")
    wanted, array = (
        as_numbers(expected),
        as_numbers(got),
    )  # of two wrong answers neither side may be looked at otherwise
    if wanted is None or array is None:
        return _another_type(got, _kind(expected))
    if wanted.ndim == 0 and isinstance(got, (list, tuple, np.ndarray)) and array.ndim > 0:
        return _another_type(got, "a single number")
    return _array_difference(wanted, array, nan_equal)


def same(expected: Any, got: Any, *, up_to_sign: bool = False, nan_equal: bool = False) -> bool:
    """Whether two results agree by the rules of this module."""
    return difference(expected, got, up_to_sign=up_to_sign, nan_equal=nan_equal) is None


def alike(one: Any, other: Any, *, up_to_sign: bool = False) -> bool:
    """Whether two functions that may both be wrong returned the same: values of any type; NaN agrees with NaN.

    Examples
    --------
    >>> alike([1.0, np.nan], np.array([1.0, np.nan])), alike(None, None), alike("a", 1)
    (True, True, False)
    """
    if isinstance(one, (list, tuple)) and not isinstance(other, type(one)) and not _numeric(one):
        return False
    if _numeric(one):
        one = np.asarray(one) if isinstance(one, list) else one
        return same(one, other, up_to_sign=up_to_sign, nan_equal=True)
    if isinstance(one, np.ndarray):  # of objects: a table with None in it
        return (
            isinstance(other, np.ndarray)
            and (other.dtype, other.shape) == (one.dtype, one.shape)
            and all(alike(a, b) for a, b in zip(one.flat, other.flat, strict=True))
        )
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and same(tuple(one), other, up_to_sign=up_to_sign, nan_equal=True)
    return type(one) is type(other) and (one is None or isinstance(one, str) and one == other)


def tolerance(*results: Any) -> float:
    """Return the relative tolerance for results: the wider one where one of them is of a narrow type.

    Examples
    --------
    >>> tolerance(np.array([1.0])), tolerance(np.array([1.0]), np.float32(1))
    (1e-06, 5e-06)
    """
    return RTOL_FLOAT32 if any(getattr(x, "dtype", None) in (np.float32, np.float16) for x in results) else RTOL


def unfit_to_judge(form: Form, result: Any, args: tuple[Any, ...]) -> str | None:
    """Say why no judge may find a result right, or None: its numbers have the form and are finite and not enormous.

    A judge computes with what it is given. Where a norm overflows to infinity, any difference is smaller.

    Parameters
    ----------
    form : Form
        What has to come back.
    result : object
        What came back.
    args : tuple
        The arguments of the call: a number may be `MAX_SIZE` times as large as the largest of them, or as one.

    Examples
    --------
    >>> unfit_to_judge((2,), [0.5, 3.0], (1, np.array([2.0])))
    >>> unfit_to_judge(((2,), ()), ([1e200, 0.0], 1.0), ())
    'a number in what you return is out of all proportion to what was given'
    >>> unfit_to_judge({"std": ()}, {"std": "small"}, ())
    'what you return is not of the form that is asked for'
    """
    sizes = [as_numbers(arg) for arg in args]
    finite = [np.abs(array[np.isfinite(array)]) for array in sizes if array is not None and array.size]
    largest = max([1.0, *(float(array.max()) for array in finite if array.size)])
    return _unfit(form, result, MAX_SIZE * largest)


def _unfit(form: Form, result: Any, largest: float) -> str | None:
    another = "what you return is not of the form that is asked for"
    if isinstance(form, dict):
        if not isinstance(result, dict) or not set(form) <= set(result):
            return another
        return next(filter(None, (_unfit(part, result[name], largest) for name, part in form.items())), None)
    if form and all(isinstance(part, tuple) for part in form):
        if not isinstance(result, (tuple, list)) or len(result) != len(form):
            return another
        return next(filter(None, map(_unfit, form, result, [largest] * len(form))), None)
    array = as_numbers(result)
    if array is None or array.dtype.kind == "b" or array.shape != form:
        return another
    with np.errstate(over="ignore"):
        array = array.astype(float)  # also from wider types, whose numbers may be finite there alone
    if not np.isfinite(array).all():
        return "there is NaN or infinity in what you return"
    if array.size and np.abs(array).max() > largest:
        return "a number in what you return is out of all proportion to what was given"
    return None


def as_numbers(value: Any) -> NDArray[Any] | None:
    """Return ``value`` as a plain numeric array, or None where it is not one (None, text, ragged lists, objects)."""
    if not _only_numbers(value):
        return None
    try:
        array = np.asarray(value)
        return array if array.dtype.kind in "biuf" else None
    except (ValueError, TypeError, OverflowError):
        return None


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is of Python's and NumPy's own plain types all through, so that looking at it runs nobody's code.

    >>> is_plain((1.5, [np.eye(2), None])), is_plain({"std": object()})
    (True, False)
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return True
    if kind is np.ndarray or isinstance(value, np.generic):
        return value.dtype.kind in "biuf" and type(value).__module__ == "numpy"
    if depth >= MAX_DEPTH or kind not in (list, tuple, dict):
        return False
    parts = (*value.keys(), *value.values()) if kind is dict else value
    return all(is_plain(part, depth + 1) for part in parts)


def _only_numbers(value: Any, depth: int = 0) -> bool:
    """Whether NumPy will find nothing but numbers: of texts it would make a table as wide as the longest of them."""
    if isinstance(value, (list, tuple)):
        return depth < MAX_DEPTH and all(_only_numbers(entry, depth + 1) for entry in value)
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "biuf"
    return isinstance(value, (bool, int, float))


def _numeric(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return isinstance(value, (bool, int, float, np.generic)) or (
        isinstance(value, list) and all(isinstance(entry, (bool, int, float, np.generic)) for entry in value)
    )


def _tuple_difference(expected: tuple[Any, ...], got: Any, up_to_sign: bool, nan_equal: bool) -> Difference | None:
    if not isinstance(got, (tuple, list)):
        arrays = all(isinstance(want, np.ndarray) for want in expected)
        return _another_type(got, f"{len(expected)} {'arrays' if arrays else 'things'}")
    if len(got) != len(expected):
        return Difference("type", f"you returned {len(got)} things, not {len(expected)}")
    results = align(expected, tuple(got)) if up_to_sign else tuple(got)
    for place, (want, have) in enumerate(zip(expected, results, strict=True), start=1):
        found = difference(want, have, nan_equal=nan_equal)
        if found is not None:
            return Difference(found.kind, f"result {place} of {len(expected)}: {found.text}", found.index)
    return None


def _array_difference(expected: NDArray[Any], got: NDArray[Any], nan_equal: bool) -> Difference | None:
    if expected.shape != got.shape:
        return Difference("shape", f"the shape is {got.shape}, not {expected.shape}")
    agrees = np.asarray(expected == got)
    if expected.dtype.kind in "iub":
        if agrees.all() and got.dtype.kind == "f":
            what = "number is right, but it is a float" if got.ndim == 0 else "numbers are right, but they are floats"
            return Difference("type", f"the {what} where a whole number (int) is asked for")
    elif not agrees.all():  # the commonest results are the very same, or far from it
        agrees = agrees | _close(expected, got)
        if nan_equal:
            agrees |= np.isnan(expected) & np.isnan(got)
    if agrees.all():
        if got.dtype.kind == "b" != expected.dtype.kind and got.size:
            return Difference("type", "you returned True and False where numbers are asked for")
        return None
    index = tuple(int(i) for i in np.unravel_index(agrees.argmin(), agrees.shape))
    where = "" if not index else f" at {index[0] if len(index) == 1 else index}"
    if got.dtype.kind == "f" and np.isnan(got[index]):
        return Difference("nan", f"there is NaN (not a number){where}", index)
    return Difference("value", f"a number differs{where}", index)


def _close(expected: NDArray[Any], got: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which numbers are within the tolerance of the expected ones, of which those that are finite have one."""
    rtol, finite = tolerance(got), np.isfinite(expected)
    sizes = np.abs(expected)
    largest = float(np.max(sizes, initial=0.0, where=finite))
    with np.errstate(invalid="ignore", over="ignore"):
        close: NDArray[np.bool_] = (np.abs(got - expected) <= rtol * sizes + (rtol * largest or TINY)) & finite
    return close


def align(expected: tuple[Any, ...], got: tuple[Any, ...]) -> tuple[Any, ...]:
    """Flip the columns of ``got`` that point the other way; return it as it is where the shapes do not fit.

    >>> align((np.array([[1.0, 2.0]]),), (np.array([[-1.0, 2.0]]),))[0].tolist()
    [[1.0, 2.0]]
    """
    arrays: list[NDArray[Any]] = []
    for result, want in zip(got, expected, strict=True):
        array, wanted = as_numbers(result), as_numbers(want)
        if array is None or wanted is None or array.ndim != 2 or array.shape != wanted.shape:
            return got
        arrays.append(array)
    if any(array.shape[1] != arrays[0].shape[1] for array in arrays):
        return got
    agreement = sum(np.sum(np.nan_to_num(array) * want, axis=0) for array, want in zip(arrays, expected, strict=True))
    signs = np.where(agreement < 0, -1, 1)
    return tuple((array * signs).astype(array.dtype) for array in arrays)


def _another_type(got: Any, wanted: str) -> Difference:
    """Say what came back and what is wanted; where nothing came, the commonest reason, too."""
    return Difference(
        "type", f"you returned {_kind(got)}, not {wanted}" + (": is there a return?" if got is None else "")
    )


def _kind(value: Any) -> str:
    if value is None:
        return "nothing (None)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" + (
            ""
            if value.dtype.kind in "biuf"
            else " that holds objects (a None?)"
            if value.dtype == object
            else f" and type {value.dtype}"
        )
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of length {len(value)}"
    if isinstance(value, (bool, np.bool_)):
        return f"the truth value {value}"
    if isinstance(value, (int, float, np.number)):
        return "a single number"
    article = "an" if type(value).__name__[:1].lower() in "aeiou" else "a"
    return f"{article} {type(value).__name__}"
