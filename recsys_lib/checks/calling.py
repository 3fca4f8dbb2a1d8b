"""Call a function that may be wrong in any way, and come back with what happened."""

from __future__ import annotations

import contextlib
import copy
import ctypes
import functools
import inspect
import io
import linecache
import math
import random
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from recsys_lib._taught import FORBIDDEN, WriteItYourselfError

CALL_SECONDS = 2.0
CHECK_SECONDS = 6.0  # the ten seconds of a check, less what stopping a stubborn function takes
OUTPUT_LIMIT = 10_000
MOST_COPIED = 1_000_000  # numbers; no exercise returns that many, so nothing hangs on a larger result staying as it is


@dataclass
class Outcome:
    """What one call did: returned, raised, ran too long, was not solved yet, or was not run for lack of time."""

    how: Literal["returned", "raised", "too long", "unsolved", "not run"]
    value: Any = None
    error: BaseException | None = None
    line: tuple[int, str] | None = None  # of the learner's code, where it raised
    reached: bool = True  # False where the call itself failed, before the first line of the function
    changed: tuple[str, ...] = ()  # the arguments whose contents the function changed
    printed: str = ""
    warned: tuple[str, ...] = ()
    seconds: float = math.inf  # of the function alone, where it returned
    limit: float | None = None  # seconds that it had

    @property
    def forbidden(self) -> bool:
        """Whether the answer called the library function that it should replace."""
        return isinstance(self.error, WriteItYourselfError)


class OutOfTimeError(BaseException):
    """Raised inside a function that has had its time; no ``except Exception`` catches it."""


class _Capped(io.StringIO):
    """A text stream that keeps the beginning and forgets the rest."""

    def write(self, text: str) -> int:
        room = OUTPUT_LIMIT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def call(
    function: Callable[..., Any],
    args: tuple[Any, ...] = (),
    *,
    seconds: float = CALL_SECONDS,
    forbid: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    copies: bool = True,
    timed: Callable[[Callable[..., Any], tuple[Any, ...], float], Outcome] | None = None,
) -> Outcome:
    """Call ``function`` on copies of ``args`` and report what happened; never raises for what the function does.

    Parameters
    ----------
    function : callable
        One that has a method ``call_within(seconds, *args)`` keeps its time itself; one that is ``elsewhere``, in
        another process, can neither print nor draw random numbers here.
    args : tuple
        Positional arguments. The function gets copies, so that the next call sees the same values.
    seconds : float
        After this time an exception is raised inside the function. One long call into compiled code ends when it
        ends, and is then reported as too long.
    forbid : tuple of str
        Library functions that are switched off meanwhile.
    names : tuple of str
        Names of the arguments, for `Outcome.changed`.
    copies : bool
        False hands over ``args`` themselves; whoever owns them finds out what changed.
    timed : callable, optional
        Another way to keep the time, where a thread is not needed.

    Examples
    --------
    >>> call(lambda x: x + 1, (1,)).value
    2
    >>> call(lambda x: 1 / x, (0,)).how
    'raised'
    >>> def forever():
    ...     while True:
    ...         pass
    >>> call(forever, seconds=0.1).how
    'too long'
    """
    given = tuple(copy.deepcopy(arg) for arg in args) if copies else args
    out, err = _Capped(), _Capped()
    token = FORBIDDEN.set(frozenset(forbid))
    try:
        if getattr(function, "elsewhere", False):  # in another process: there is nothing here to keep it from
            outcome, caught = _timed(function, given, seconds), []
        else:
            with _kept_random_state(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    outcome = (timed or _timed)(function, given, seconds)
    finally:
        FORBIDDEN.reset(token)
    outcome.limit = seconds
    outcome.printed = out.getvalue() + err.getvalue()
    outcome.warned = tuple(dict.fromkeys(str(warning.message) for warning in caught))
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
    outcome = call(function, args, seconds=seconds)
    if outcome.how == "returned":
        return outcome.value, None
    return None, describe_failure(outcome, seconds)


def describe_failure(outcome: Outcome, seconds: float = CALL_SECONDS) -> str:
    """Say in half a sentence how a call failed: "raised ValueError: ...", "ran longer than 2 s"."""
    if outcome.how == "too long":
        return f"ran longer than {outcome.limit or seconds:.2g} s"
    if outcome.how == "unsolved":
        return "is not solved yet"
    if outcome.how == "not run":
        return "was not run, since the calls before took too long"
    message = str(outcome.error).strip()
    message = message if len(message) <= 200 else message[:200] + " ..."
    return f"raised {type(outcome.error).__name__}" + (f": {message}" if message else "")


class Budget:
    """Seconds for all calls of one check together; a function may ask for so many times more (``patience``)."""

    def __init__(self, function: Callable[..., Any]) -> None:
        patience = getattr(function, "patience", 1)
        self.most = CALL_SECONDS * patience
        self.end = time.monotonic() + CHECK_SECONDS * patience
        self.slow = False

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], **options: Any) -> Outcome:
        """Call within what is left; once one call ran too long, the others get a quarter of the time."""
        left = self.end - time.monotonic()
        if left <= 0:
            return Outcome("not run")
        outcome = call(function, args, seconds=min(self.most / 4 if self.slow else self.most, left), **options)
        self.slow = self.slow or outcome.how == "too long"
        return outcome


def _timed(function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> Outcome:
    """Call within a time limit that a thread enforces, which works in any thread and on any system."""
    call_within = getattr(function, "call_within", None)
    if call_within is not None:
        try:
            return caught(functools.partial(call_within, seconds), args)
        except OutOfTimeError:
            return Outcome("too long")
    done = threading.Event()
    target = ctypes.c_ulong(threading.get_ident())
    started = time.monotonic()

    def watch() -> None:
        if done.wait(seconds):
            return
        while not done.wait(0.002):  # again and again: a bare `except` in the function may swallow one
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(OutOfTimeError))

    watcher = threading.Thread(target=watch, daemon=True)
    outcome = Outcome("too long")
    try:
        watcher.start()
    except RuntimeError:  # no memory is left for a thread
        return Outcome("raised", error=MemoryError("no memory was left to call it"))
    try:
        outcome = caught(function, args)
    except OutOfTimeError:
        pass
    finally:  # also where the reader interrupts the kernel
        # The last exception may arrive late: take it here, not in the caller. It arrives at the next turn of a loop.
        # (Clearing it by passing NULL leaves CPython's "something is pending" flag up, which slows all later code.)
        while True:
            try:
                done.set()
                watcher.join()
                for _ in range(100):
                    pass
                break
            except OutOfTimeError:
                continue
    return Outcome("too long") if time.monotonic() - started > seconds else outcome


def caught(function: Callable[..., Any], args: tuple[Any, ...]) -> Outcome:
    """Call, and report what it returned or raised; the two exceptions that are not the function's own come through."""
    start = time.perf_counter()
    try:
        value = function(*args)
        return Outcome("returned", value=value, seconds=time.perf_counter() - start)
    except OutOfTimeError:
        raise
    except NotImplementedError as error:
        return Outcome("unsolved", error=error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit: a learner's exit() must not end the notebook
        line, reached = _where(error, function)
        return Outcome("raised", error=error.with_traceback(None), line=line, reached=reached)


def _where(error: BaseException, function: Callable[..., Any]) -> tuple[tuple[int, str] | None, bool]:
    """Return the last line of the learner's own code in the traceback, and whether the function was entered."""
    if hasattr(error, "said_where"):  # it was raised in another process
        return error.said_where
    code = getattr(inspect.unwrap(function), "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)[1:]  # the first frame is ours
    if code is None or not frames:
        return None, bool(frames)
    own = [frame for frame in frames if frame.filename == code.co_filename]
    if not own or own[-1].lineno is None:
        return None, True
    number = own[-1].lineno
    return (number, linecache.getline(code.co_filename, number).strip()), True


def _unchanged(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return (
            isinstance(after, np.ndarray)
            and before.shape == after.shape
            and before.dtype == after.dtype
            and np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
        )
    if callable(before):
        return True
    return bool(before == after)


def _plain_copy(value: Any, depth: int = 3) -> Any:
    if isinstance(value, np.ndarray):
        return np.array(value, copy=True) if value.size <= MOST_COPIED else value
    if type(value) in (tuple, list) and depth:
        return type(value)(_plain_copy(entry, depth - 1) for entry in value)
    return value


@contextlib.contextmanager
def _kept_random_state() -> Iterator[None]:
    ours, numpys = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(ours)
        np.random.set_state(numpys)
