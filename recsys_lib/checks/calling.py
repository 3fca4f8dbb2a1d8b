"""Call a function that may be wrong in any way, and come back with what happened."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from recsys_lib._taught import FORBIDDEN
from recsys_lib.checks.callee import Callee, Trusted, callee_of
from recsys_lib.checks.outcome import Outcome, describe_failure

CALL_SECONDS = 2.0
CHECK_SECONDS = 6.0  # the ten seconds of a check, less what stopping a stubborn function takes
MAX_COPIED = 1_000_000  # numbers; no exercise returns that many, so nothing hangs on a larger result staying as it is


def call(
    callee: Callee,
    args: tuple[Any, ...] = (),
    *,
    seconds: float = CALL_SECONDS,
    forbid: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    copies: bool = True,
) -> Outcome:
    """Call a function on copies of ``args`` and report what happened; never raises for what the function does.

    Parameters
    ----------
    callee : Callee
        The function, and where it runs.
    args : tuple
        Positional arguments. The function gets copies, so that the next call sees the same values.
    seconds : float
        The time that the function is given.
    forbid : tuple of str
        Library functions that are switched off meanwhile.
    names : tuple of str
        Names of the arguments, for `Outcome.changed`.
    copies : bool
        False hands over ``args`` themselves; whoever owns them finds out what changed.

    Examples
    --------
    >>> from recsys_lib.checks.callee import Local
    >>> call(Local(lambda x: x + 1), (1,)).value
    2
    >>> call(Local(lambda x: 1 / x), (0,)).how
    'raised'
    """
    given = tuple(map(_copied, args)) if copies else args
    token = FORBIDDEN.set(frozenset(forbid))
    try:
        outcome = callee.run(given, seconds)
    finally:
        FORBIDDEN.reset(token)
    outcome.limit = seconds
    if outcome.how == "returned":  # a view of an argument must not change with the next line
        outcome.value = _plain_copy(outcome.value)
    labels = names or tuple(f"argument {i + 1}" for i in range(len(args)))
    outcome.changed = tuple(
        label for label, before, after in zip(labels, args, given, strict=False) if not _unchanged(before, after)
    )
    return outcome


def call_safely(function: Callable[..., Any], *args: Any, seconds: float = CALL_SECONDS) -> tuple[Any, str | None]:
    """Call a learner's function for a figure: its value, or None with a sentence that says what went wrong.

    Examples
    --------
    >>> call_safely(max, [3, 1, 2])
    (3, None)
    >>> call_safely(int, "x")[1]
    "raised ValueError: invalid literal for int() with base 10: 'x'"
    """
    outcome = call(callee_of(function), args, seconds=seconds)
    return (outcome.value, None) if outcome.how == "returned" else (None, describe_failure(outcome))


def call_ours(function: Callable[..., Any], args: tuple[Any, ...], names: tuple[str, ...] = ()) -> Outcome:
    """Call a function of the course, which ends by itself but may raise, warn and change its arguments."""
    return call_with_room(Trusted(function), args, seconds=CHECK_SECONDS, names=names)


def call_with_room(
    callee: Callee,
    args: tuple[Any, ...],
    *,
    seconds: float,
    forbid: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
) -> Outcome:
    """Call, and again on floats where whole numbers alone kept the function from changing its argument.

    So that mistake is the same one, at the same price, whatever the type of the numbers.

    Examples
    --------
    >>> def halve(x):
    ...     x /= 2
    ...     return x
    >>> call_with_room(Trusted(halve), (np.array([1, 2]),), seconds=1, names=("x",)).changed
    ('x',)
    """
    outcome = call(callee, args, seconds=seconds, forbid=forbid, names=names)
    if not _would_not_fit(outcome):
        return outcome
    again = call(callee, tuple(map(_as_floats, args)), seconds=seconds, forbid=forbid, names=names)
    return again if again.changed else outcome


class Budget:
    """The time of all calls of one check together.

    Parameters
    ----------
    callee : Callee
        The function that the check is about; its patience stretches the limits.
    forbid : tuple of str
        Library functions that are switched off during the calls.
    names : tuple of str
        Names of the arguments, for `Outcome.changed`.
    may_change : tuple of str
        Those of them that the function may change.
    """

    def __init__(
        self,
        callee: Callee,
        *,
        forbid: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
        may_change: tuple[str, ...] = (),
    ) -> None:
        self.callee, self.forbid, self.names, self.may_change = callee, forbid, names, may_change
        self.most = CALL_SECONDS * callee.patience
        self.end = time.monotonic() + CHECK_SECONDS * callee.patience
        self.slow = False

    def call(self, args: tuple[Any, ...]) -> Outcome:
        """Call within what is left; once one call ran too long, the others get a quarter of the time."""
        left = self.end - time.monotonic()
        if left <= 0:
            return Outcome("not run")
        seconds = min(self.most / 4 if self.slow else self.most, left)
        outcome = call_with_room(self.callee, args, seconds=seconds, forbid=self.forbid, names=self.names)
        outcome.changed = tuple(name for name in outcome.changed if name not in self.may_change)
        self.slow = self.slow or outcome.how == "too long"
        return outcome


def _would_not_fit(outcome: Outcome) -> bool:
    """Whether NumPy refused to write numbers with a fraction into an array of whole numbers."""
    return outcome.how == "raised" and "Cannot cast ufunc" in str(outcome.error) and "output" in str(outcome.error)


def _as_floats(arg: Any) -> Any:
    return arg.astype(float) if isinstance(arg, np.ndarray) and arg.dtype.kind in "iub" else arg


def _copied(arg: Any) -> Any:
    """Return a deep copy; of an array of numbers that is a copy, and `copy.deepcopy` takes ten times as long for it."""
    return arg.copy(order="K") if type(arg) is np.ndarray and arg.dtype.kind in "biuf" else copy.deepcopy(arg)


def _unchanged(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return (
            isinstance(after, np.ndarray)
            and before.shape == after.shape
            and before.dtype == after.dtype
            and (
                (before.dtype.kind != "O" and before.tobytes() == after.tobytes())  # by far the quickest to find out
                or np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
            )
        )
    if callable(before):
        return True
    return bool(before == after)


def _plain_copy(value: Any, depth: int = 3) -> Any:
    if isinstance(value, np.ndarray):
        return np.array(value, copy=True) if value.size <= MAX_COPIED else value
    if type(value) in (tuple, list) and depth:
        return type(value)(_plain_copy(entry, depth - 1) for entry in value)
    return value
