"""The function that a check calls, wherever it runs: here and watched, here and trusted, or somewhere else.

The rest of `recsys_lib.checks` sees a `Callee` and does not know which one it is. `callee_of` makes one of whatever a
lesson hands in, at the door; the third form, which lives in a sandbox, belongs to whoever runs the sandbox.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import inspect
import io
import linecache
import math
import os
import queue
import random
import sys
import threading
import time
import traceback
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any, Literal, TypeVar

import numpy as np

from recsys_lib.checks.cell import cell_of, made_from
from recsys_lib.checks.outcome import Outcome, OutOfTimeError

MAX_OUTPUT = 10_000  # characters of what a function prints
MORE_MEMORY = 2**29  # bytes that many calls together may take in this process beyond what is taken
LOOK_SECONDS = 0.02  # between two looks at how long a call has taken
_HAS_COARSE_CLOCK = time.get_clock_info("process_time").resolution > 1e-4

#: Calls a function with arguments and keeps it to a number of seconds.
Watch = Callable[[Callable[..., Any], tuple[Any, ...], float], Outcome]

#: What a name means: numbers, text or a table; something that can be called; a module or whatever else there is.
NameKind = Literal["data", "callable", "other"]

#: What a question on a text comes to.
Answer = TypeVar("Answer")


class Callee(ABC):
    """A function that may be called within a limit of time, and never does harm to the caller.

    A base class and not a `typing.Protocol`: a learner's object that happens to have the same methods must not be
    taken for one of ours.

    Attributes
    ----------
    patience : float
        How many times the usual limits of time this function is given.
    """

    patience: float = 1.0

    @abstractmethod
    def run(self, args: tuple[Any, ...], seconds: float) -> Outcome:
        """Call the function with exactly these arguments, and report what it did; an interrupt alone comes through."""

    @abstractmethod
    def neighbour(self, name: str) -> Callee | None:
        """Return what a name means where the function was written, or None where it means nothing."""

    def idle(self, args: tuple[Any, ...]) -> tuple[float, float]:
        """Return the time and the processor time of a call with these arguments that does nothing."""
        return 0.0, 0.0

    def processor_seconds(self) -> float | None:
        """Return the processor time so far of all processes that the function may use, or None: its outcomes say it."""
        return None

    def written(self) -> str | None:
        """Return the text of the cell that holds the function, or None where it is not known."""
        return None

    def look_at_text(self, question: Callable[..., Answer], *args: Any) -> Answer:
        """Return ``question(text, *args)``, what a question says of the text, which is None where it is not known.

        Whoever has the text of a stranger asks elsewhere, where reading it can do no harm.
        """
        return question(self.written(), *args)

    def rewritten(self, source: str) -> Callee | None:
        """Return the function as a changed text of its cell makes it, or None where that cannot be done."""
        return None

    @contextlib.contextmanager
    def ready(self) -> Iterator[Callee]:
        """Give the function in a form in which the calls of one check cost less: what they need is set up once."""
        yield self

    @contextlib.contextmanager
    def ready_for_many(self) -> Iterator[Callee]:
        """The same for many short calls, also of what the function is rewritten to: they may take little memory."""
        yield self

    def names(self) -> Mapping[str, NameKind]:
        """Return what the names that the function reads mean where it was written, as far as it is known here."""
        return {}


class Local(Callee):
    """A learner's function in this process: watched, and kept from printing and from our random numbers.

    Parameters
    ----------
    function : callable
        The function; what cannot be called at all raises when it is run, as any other mistake does.
    watch : callable, optional
        What keeps the time; by default a thread, which works anywhere in a process and on any system.

    Examples
    --------
    >>> Local(lambda x: 1 / x).run((4,), seconds=1).value
    0.25
    >>> def forever():
    ...     while True:
    ...         pass
    >>> Local(forever).run((), seconds=0.1).how
    'too long'
    """

    def __init__(self, function: Callable[..., Any], watch: Watch | None = None) -> None:
        self.function = function
        self._watch = watch or watched_by_a_thread
        self._random: _RandomStates | None = None  # that each call begins with, where they are known

    def run(self, args: tuple[Any, ...], seconds: float) -> Outcome:
        """Call the function under the watch."""
        out, err = CappedText(), CappedText()
        with self._random or _RandomStates(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            with _warnings_caught() as warned:
                outcome = self._watch(self.function, args, seconds)
        outcome.printed = out.getvalue() + err.getvalue()
        outcome.warned = _texts(warned)
        return outcome

    def neighbour(self, name: str) -> Callee | None:
        """Return the function's own global of that name."""
        found = self._globals().get(name)
        return None if found is None else callee_of(found)

    def names(self) -> Mapping[str, NameKind]:
        """Look the function's names up among its globals."""
        return names_read(self.function)

    def _globals(self) -> dict[str, Any]:
        found: dict[str, Any] = getattr(self.function, "__globals__", {})
        return found

    def written(self) -> str | None:
        """Return the text of the notebook's cell."""
        return cell_of(self.function)

    @contextlib.contextmanager
    def ready(self) -> Iterator[Callee]:
        """Have one thread watch all calls, where a thread would watch each, and look up the random states once."""
        if self._random is not None:
            yield self
            return
        with contextlib.ExitStack() as stack:
            watch = self._watch
            if watch is watched_by_a_thread:
                watch = stack.enter_context(Watcher())
            made = Local(self.function, watch)
            made._random = _RandomStates()
            yield made

    @contextlib.contextmanager
    def ready_for_many(self) -> Iterator[Callee]:
        """Let the calls take little memory, too."""
        with _little_memory(), self.ready() as callee:
            yield callee

    def rewritten(self, source: str) -> Callee | None:
        """Make the function anew, among the same names."""
        function = made_from(source, self.function.__name__, dict(self._globals()))
        if function is None:
            return None
        made = Local(function, self._watch)
        made._random = self._random
        return made


def names_read(function: Any) -> dict[str, NameKind]:
    """Return what the names mean that a function, or one inside it, reads from where it was written.

    Examples
    --------
    >>> table = [1, 2]
    >>> def mean(x):
    ...     return sum(table) / len(x)
    >>> mean.__globals__["table"] = table
    >>> names_read(mean)
    {'table': 'data'}
    """
    code, known = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    waiting = [code] if isinstance(code, CodeType) else []
    read: dict[str, None] = {}
    while waiting:
        code = waiting.pop()
        read.update(dict.fromkeys(code.co_names))
        waiting += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    return {name: _kind(known[name]) for name in read if name in known}


def _kind(value: Any) -> NameKind:
    if isinstance(value, (np.ndarray, np.generic, list, tuple, dict, set, int, float, str)):
        return "data"
    return "callable" if callable(value) else "other"


class Trusted(Callee):
    """A function of the course: it ends by itself, prints nothing, and draws from generators of its own.

    So nothing has to watch it or to clear up behind it, and a call costs a hundredth of a learner's. No clock ends it:
    on a busy machine it takes as long as it takes.

    Parameters
    ----------
    function : callable
        The function; it may raise, warn and change its arguments.

    Examples
    --------
    >>> Trusted(max).run((3, 5), seconds=1).value
    5
    """

    patience = math.inf

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def run(self, args: tuple[Any, ...], seconds: float) -> Outcome:
        """Call the function; ``seconds`` means nothing here.

        Raises
        ------
        MemoryError
            If the function does: no result is held against one that there was no memory for.
        """
        with _warnings_caught() as warned:
            outcome = caught(self.function, args)
        if isinstance(outcome.error, MemoryError):
            raise outcome.error
        outcome.warned = _texts(warned)
        return outcome

    def neighbour(self, name: str) -> Callee | None:
        """Return None: a function of the course calls none of a learner's."""
        return None


def callee_of(answer: Any) -> Callee:
    """Return an answer as a check calls it: as it is if it knows how to be called, else as a learner's function."""
    return answer if isinstance(answer, Callee) else Local(answer)


def watched_by_a_thread(function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> Outcome:
    """Call a function while a thread keeps the time; where no thread can be started, as in a browser, see `_timed`.

    After its time an exception is raised inside the function. What cannot be stopped, such as one long call into
    compiled code, ends when it ends, and is then reported as too long.
    """
    with Watcher() as watch:
        return watch(function, args, seconds)


class Watcher:
    """A thread that keeps the time of one call after the other: to start one for each costs more than a short call.

    It looks now and then at what is called just now; to wake it for each call would cost as much as a short one, too.

    Examples
    --------
    >>> with Watcher() as watch:
    ...     watch(max, (2, 3), 1.0).value, watch(len, ("abc",), 1.0).value
    (3, 3)
    """

    def __init__(self) -> None:
        self._ended: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._watched: _WatchedCall | None = None
        self._has_thread = False

    def __enter__(self) -> Watcher:
        with contextlib.suppress(RuntimeError):  # this system has no threads, or no room for one more
            threading.Thread(target=self._watch, daemon=True).start()
            self._has_thread = True
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.put(True)

    def __call__(self, function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> Outcome:
        """Call a function for so many seconds, see `watched_by_a_thread`."""
        watched = _WatchedCall(seconds)
        outcome, started = Outcome("too long"), time.monotonic()
        try:
            self._watched = watched
            with contextlib.nullcontext() if self._has_thread else _timed(watched):
                outcome = caught(function, args)
        except OutOfTimeError:
            pass
        finally:  # also where the reader interrupts the kernel
            watched.running = False
        return Outcome("too long") if time.monotonic() - started > seconds else outcome

    def _watch(self) -> None:
        wait = LOOK_SECONDS
        while True:
            with contextlib.suppress(queue.Empty):
                self._ended.get(timeout=wait)
                return
            wait = self._watched.keep_time() if self._watched is not None else LOOK_SECONDS


class _WatchedCall:
    """One call, and until when it may take."""

    def __init__(self, seconds: float) -> None:
        self.end, self.running, self.thread = time.monotonic() + seconds, True, threading.get_ident()

    def keep_time(self) -> float:
        """Interrupt the call where its time is over; return in how many seconds to look again."""
        left = self.end - time.monotonic()
        if left > 0 or not self.running:
            return min(left, LOOK_SECONDS) if left > 0 else LOOK_SECONDS
        thread, raised = ctypes.c_ulong(self.thread), ctypes.py_object(OutOfTimeError)
        interrupt = functools.partial(ctypes.pythonapi.PyThreadState_SetAsyncExc, thread, raised)
        # CPython hands the interpreter to another thread after a call and at the turn of a loop, not between this
        # test and the call behind it: once `running` is False, no exception arrives and none is under way.
        if self.running:
            interrupt()
        return 0.002  # again and again: a bare `except` in the function may swallow one


@contextlib.contextmanager
def _timed(watched: _WatchedCall) -> Iterator[None]:
    """End a call after its time without a thread: Python looks at the clock at each turn of a loop and each call.

    Python 3.12 and newer can (PEP 669); before, or where a debugger and a profiler leave no place, the call ends when
    it ends.
    """
    monitoring = getattr(sys, "monitoring", None)
    tool = next((i for i in (3, 4) if monitoring is not None and monitoring.get_tool(i) is None), None)
    if monitoring is None or tool is None:
        yield
        return

    def look(*_: Any) -> None:
        if watched.running and time.monotonic() > watched.end:
            raise OutOfTimeError

    events = monitoring.events.JUMP, monitoring.events.PY_START
    monitoring.use_tool_id(tool, "course")
    try:
        for event in events:
            monitoring.register_callback(tool, event, look)
        monitoring.set_events(tool, sum(events))
        yield
    finally:
        watched.running = False
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)


def caught(function: Callable[..., Any], args: tuple[Any, ...]) -> Outcome:
    """Call, and report what it returned or raised; the two exceptions that are not the function's own come through."""
    used, start = _processor_seconds(), time.perf_counter()
    try:
        value = function(*args)
        seconds = time.perf_counter() - start
        return Outcome("returned", value=value, seconds=seconds, processor=_processor_seconds() - used)
    except OutOfTimeError:
        raise
    except NotImplementedError as error:
        return Outcome("unsolved", error=error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit: a learner's exit() must not end the notebook
        line, reached = _place_of(error, function)
        return Outcome("raised", error=error.with_traceback(None), line=line, reached=reached)


def _processor_seconds() -> float:
    """Return the processor time of this process so far, and of those that it has started and that have ended.

    Where that is counted in ticks longer than a short call, as on Windows, the clock has to do.
    """
    if _HAS_COARSE_CLOCK:
        return time.perf_counter()
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def _place_of(error: BaseException, function: Callable[..., Any]) -> tuple[tuple[int, str] | None, bool]:
    """Return the last line of the learner's own code in the traceback, and whether the function was entered."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    frames = list(traceback.walk_tb(error.__traceback__))[1:]  # the first frame is ours
    if code is None or not frames:
        return None, bool(frames)
    number = next((line for frame, line in reversed(frames) if frame.f_code.co_filename == code.co_filename), None)
    if number is None:
        return None, True
    linecache.checkcache(code.co_filename)
    return (number, linecache.getline(code.co_filename, number).strip()), True


class CappedText(io.StringIO):
    """A text stream that keeps the beginning and forgets the rest."""

    def write(self, text: str) -> int:
        """Take what still finds room, and pretend to have taken all."""
        room = MAX_OUTPUT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


class _RandomStates:
    """The global random states as they are now, put back at the end; to look NumPy's up costs as much as to do so."""

    def __init__(self) -> None:
        self._pythons, self._numpys = random.getstate(), np.random.get_state()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        random.setstate(self._pythons)
        np.random.set_state(self._numpys)


@contextlib.contextmanager
def _little_memory() -> Iterator[None]:
    """Let no call take the machine's memory, where the system can keep a process to some: Linux does."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + MORE_MEMORY
    if soft != resource.RLIM_INFINITY:
        most = min(most, soft)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def _warnings_caught() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield warned


def _texts(warned: list[warnings.WarningMessage]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(warning.message) for warning in warned))
