"""Write a value shortly, as one would in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_lib.checks.comparison import as_numbers

MAX_ENTRIES = 12
MAX_SHOWN = 400  # characters of one value


def show(value: Any, digits: int = 4) -> str:
    """Write a value shortly, as one would in a sentence.

    Examples
    --------
    >>> show(np.array([[4.0, 3.0], [30.0, 40.5]]))
    '[[4, 3], [30, 40.5]]'
    >>> show(np.zeros((40, 8)))
    'an array of shape (40, 8)'
    """
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, (tuple, dict)) and len(value) > MAX_ENTRIES:
        return f"a {type(value).__name__} of length {len(value)}"
    if isinstance(value, tuple):
        return _shortened("(" + ", ".join(show(part, digits) for part in value) + ")")
    if isinstance(value, dict):
        entries = (f"{show(key)}: {_entry(entry, digits)}" for key, entry in value.items())
        return _shortened("{" + ", ".join(entries) + "}")
    array = as_numbers(value)
    if array is None:
        text = "None" if value is None else repr(value) if isinstance(value, str) else f"<{type(value).__name__}>"
        return text if len(text) <= 80 else text[:80] + " ..."
    if array.size > MAX_ENTRIES or (array.ndim > 1 and not array.size):  # without entries it may have any shape
        return f"an array of shape {array.shape}"
    return _numbers(array, digits)


def show_apart(value: Any) -> str:
    """Write a value with as many digits as keep apart numbers that differ: what is nearly equal is not shown as equal.

    >>> show_apart(np.array([5, 5 + 1e-7, 1])), show_apart(np.array([0.12345, 7]))
    ('[5, 5.0000001, 1]', '[0.1235, 7]')
    """
    array = as_numbers(value)
    if array is None or not 1 < array.size <= MAX_ENTRIES or not isinstance(array.flat[0].item(), float):
        return show(value)
    different = len(np.unique(array))
    for digits in (4, 8, 12, 17):
        if len({_numbers(entry, digits) for entry in array.ravel()}) >= different:
            break
    return _numbers(array, digits)


def _entry(value: Any, digits: int) -> str:
    """Write a value of a dictionary: a number as Python does, since choices are shown so; of a large one its shape."""
    return repr(value) if type(value) in (bool, int, float) else show(value, digits)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " ..."


def _numbers(array: NDArray[Any], digits: int) -> str:
    if array.ndim:
        return "[" + ", ".join(_numbers(part, digits) for part in array) + "]"
    entry = array.item()
    if isinstance(entry, float):
        return f"{entry:.{digits}g}".replace("e+0", "e").replace("e-0", "e-")
    return str(entry)
