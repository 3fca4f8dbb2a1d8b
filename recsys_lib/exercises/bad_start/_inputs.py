"""The norm of a random start, and how an answer about it is judged."""

from __future__ import annotations

import math

from recsys_lib.checks.comparison import as_numbers, same


def mean_norm(std, d):
    """Mean length of d independent normal numbers, which the root mean square exceeds a little."""
    return std * math.sqrt(2) * math.exp(math.lgamma((d + 1) / 2) - math.lgamma(d / 2))


def judge_number(made, args, result, right, nearly, within):
    """Accept each number in ``right``; else name the misconception that gives this one, or ``nearly`` if it is near."""
    array = as_numbers(result)
    if array is None or array.ndim:
        return "one number is asked for"
    if any(same(value, result) for value in right):
        return None
    for misconception in made.misconceptions:
        if same(misconception.function(*args), result):
            return misconception.name
    if any(abs(float(array) - value) < within * value for value in right):
        return nearly
    return "the right number is " + ("smaller" if float(array) > max(right) else "larger")
