"""How the time of an answer grows, beside that of a yardstick timed here and now: ratios hold on any machine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recsys_lib.checks.callee import Callee, Local
from recsys_lib.checks.calling import CALL_SECONDS, call
from recsys_lib.checks.outcome import Outcome
from recsys_lib.threads import on_one_thread

MAX_TIMES = 30  # that an answer may take as long as the yardstick
MAX_TIMES_LARGE = 60  # the same on the larger input, which finds no room in the processor's caches
MAX_TIMES_BY_CLOCK = 300  # the same by the clock: a busy machine lets a long call wait, and processes may hide
MAX_GROWTH = 4.0  # that its time may grow as much as the yardstick's from the smaller size to the larger
LEAST_TRY, MOST_TRY = 0.05, 0.3  # seconds for which it is tried how busy the machine is
MAX_UNSEEN = 0.02  # seconds of a call that nobody asks about: waking up takes a part of them
_REPEATS = 5
_LEAST = 1e-7  # seconds, so that nothing is divided by zero where a clock is coarse


@dataclass(frozen=True)
class SpeedTest:
    """What an answer is timed on and beside.

    Attributes
    ----------
    yardstick : callable
        A function of the course with the growth that is asked for.
    draw : callable
        ``draw(rng, size)`` draws the arguments of one call.
    sizes : (int, int)
        A smaller and a larger size. The larger one is so large that no constant factor (numbers of half the width,
        a process for each core) makes up for the wrong growth.
    """

    yardstick: Callable[..., Any]
    draw: Callable[[np.random.Generator, int], tuple[Any, ...]]
    sizes: tuple[int, int]


@dataclass
class Times:
    """The times of the shortest call on inputs of one size, by the clock and of the processors, and what came of it.

    Attributes
    ----------
    seconds, processor : float
        Of the answer; infinite where it did not return.
    yardstick_seconds, yardstick_processor : float
        Of the yardstick.
    idle_processor : float
        Processor time of a call that does nothing.
    args : tuple
        The arguments of the answer's shortest call, by the sum of both.
    outcome : Outcome
        What the answer did there: it must be right, or its speed says nothing.
    """

    seconds: float = math.inf
    processor: float = math.inf
    yardstick_seconds: float = math.inf
    yardstick_processor: float = math.inf
    idle_processor: float = 0.0
    args: tuple[Any, ...] = ()
    outcome: Outcome = field(default_factory=lambda: Outcome("not run"))

    @property
    def ratio(self) -> float:
        """How many times as much processor time as the yardstick."""
        return max(0.0, self.processor - self.idle_processor) / max(self.yardstick_processor, _LEAST)

    @property
    def ratio_by_clock(self) -> float:
        """How many times as long as the yardstick."""
        return self.seconds / max(self.yardstick_seconds, _LEAST)


@dataclass(frozen=True)
class Timing:
    """How an answer did on the smaller size, and on the larger one where that was worth while."""

    small: Times
    large: Times | None = None

    @property
    def args(self) -> tuple[Any, ...]:
        """The arguments of the fastest call on the largest input."""
        return (self.large or self.small).args

    @property
    def outcome(self) -> Outcome:
        """What the answer did in that call."""
        return (self.large or self.small).outcome

    @property
    def growth(self) -> float:
        """How many times as much as the yardstick's its time grows; in favour of the answer where a call costs much."""
        if self.large is None:
            return math.inf
        own = (self.large.processor - self.large.idle_processor) / max(self.small.processor, _LEAST)
        return own * max(self.small.yardstick_processor, _LEAST) / max(self.large.yardstick_processor, _LEAST)

    @property
    def too_long(self) -> str | None:
        """Say how many times too long it took on one of the inputs, or None."""
        for times, allowed, ratio in (
            (self.small, MAX_TIMES, self.small.ratio),
            (self.small, MAX_TIMES_BY_CLOCK, self.small.ratio_by_clock),
            (self.large, MAX_TIMES_LARGE, self.large.ratio if self.large else 0.0),
            (self.large, MAX_TIMES_BY_CLOCK, self.large.ratio_by_clock if self.large else 0.0),
        ):
            if times is not None and times.outcome.how == "returned" and ratio > allowed:
                return (
                    f"it took {ratio:.0f} times as long as a way whose cost grows as is asked for; {allowed} "
                    "times is allowed"
                )
        return None

    @property
    def verdict(self) -> str | None:
        """Say what is wrong with the speed, or None."""
        if self.too_long is not None:
            return self.too_long
        if self.outcome.how != "returned":
            return "it did not return on a large input"
        if self.growth > MAX_GROWTH:
            return f"its time grows {self.growth:.0f} times as much as that of a way whose cost grows as is asked for"
        return None


@on_one_thread
def time_beside(callee: Callee, test: SpeedTest, *, forbid: tuple[str, ...] = ()) -> Timing:
    """Time an answer and a yardstick on the same inputs in turn, warm, best of five each, at two sizes.

    Each time the input is a new one, drawn from no seed, so that nobody is fast by remembering a result. The processor
    time is that of all the processes that an answer may use, see `Callee.processor_seconds`.

    Parameters
    ----------
    callee : Callee
        The answer.
    test : SpeedTest
        The yardstick, and the inputs.
    forbid : tuple of str
        Library functions that are switched off while the answer runs.

    Examples
    --------
    >>> test = SpeedTest(lambda n: sum(range(n)), lambda rng, size: (size,), (2000, 16000))
    >>> slow = time_beside(Local(lambda n: sum(range(100 * n))), test)
    >>> slow.outcome.how, slow.small.ratio > 10, slow.large is None
    ('returned', True, True)
    """
    rng = np.random.default_rng()
    # The yardstick is watched as an answer is: without the watch it would run ahead of the answer.
    with callee.ready() as answer, Local(test.yardstick).ready() as beside:
        small = _times(answer, beside, lambda: test.draw(rng, test.sizes[0]), forbid)
        if Timing(small).too_long is not None or small.outcome.how != "returned":
            return Timing(small)
        return Timing(small, _times(answer, beside, lambda: test.draw(rng, test.sizes[1]), forbid))


def _times(callee: Callee, beside: Callee, draw: Callable[[], tuple[Any, ...]], forbid: tuple[str, ...]) -> Times:
    """Time an answer and the yardstick beside it on inputs of one size."""
    args = draw()
    idle, idle_processor = callee.idle(args)
    found = Times(idle_processor=idle_processor)
    call(beside, args)
    outcome = timed(callee, args, forbid=forbid)  # the first call warms up, and shows whether to go on
    for _ in range(_REPEATS):
        if outcome.how == "returned":
            other = call(beside, args)
            found.yardstick_seconds = min(found.yardstick_seconds, other.seconds)
            found.yardstick_processor = min(found.yardstick_processor, other.processor)
            if outcome.seconds > 0.3 and outcome.seconds > 10 * MAX_TIMES * found.yardstick_seconds:
                found.seconds, found.processor, found.args, found.outcome = outcome.seconds, 0.0, args, outcome
                return found  # no repetition would save it
            args = draw()
            outcome = timed(callee, args, forbid=forbid)
        if outcome.how != "returned":
            found.args, found.outcome = args, outcome
            return found
        # Both times are of one call, whose outcome is then judged: else one call could be fast and another one cheap.
        seconds = max(0.0, outcome.seconds - idle)
        if seconds + outcome.processor < found.seconds + found.processor:
            found.seconds, found.processor, found.args, found.outcome = seconds, outcome.processor, args, outcome
    return found


def timed(
    callee: Callee, args: tuple[Any, ...], *, seconds: float = CALL_SECONDS, forbid: tuple[str, ...] = ()
) -> Outcome:
    """Call, and count the processor time of whatever ran for it, wherever that is: `Outcome.processor`.

    Parameters
    ----------
    callee : Callee
        The function, and where it runs.
    args : tuple
        Positional arguments, of which the function gets copies.
    seconds : float
        The time that the function is given.
    forbid : tuple of str
        Library functions that are switched off meanwhile.

    Examples
    --------
    >>> timed(Local(lambda n: sum(range(n))), (10_000,)).processor > 0
    True
    """
    before = callee.processor_seconds()
    outcome = call(callee, args, seconds=seconds, forbid=forbid)
    if before is not None:
        used = (callee.processor_seconds() or 0.0) - before
        outcome.processor = used
        if _is_hidden(used, outcome.seconds) and _is_hidden(
            used, outcome.seconds, _share_of_processor(outcome.seconds)
        ):
            outcome.processor = outcome.seconds
    return outcome


def _is_hidden(used: float, seconds: float, share: float = 1.0) -> bool:
    """Whether what a call used cannot be all: the sum has fallen, or the time went by and hardly anything was used.

    Then a process that worked has ended unseen, and the clock has to do. On a busy machine a call waits, too: what a
    call uses in some time is then a share of it.
    """
    return used < 0 or (seconds > MAX_UNSEEN and used < share * seconds / 2)


def _share_of_processor(seconds: float) -> float:
    """Return which share of a processor somebody who works gets on this machine just now, tried for a while.

    >>> 0 < _share_of_processor(0.01) <= 1
    True
    """
    used, start = time.thread_time(), time.perf_counter()
    while (passed := time.perf_counter() - start) < min(max(seconds, LEAST_TRY), MOST_TRY):
        pass
    return min(1.0, (time.thread_time() - used) / passed)


def times_as_long(answer: Callable[..., Any], ours: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """Say how many times as long as ours an answer takes by the clock on one input, where nothing is paid for it.

    >>> times_as_long(lambda n: sum(range(1000 * n)), lambda n: sum(range(n)), (200,)) > 10
    True
    """
    seconds = [math.inf, math.inf]
    for _ in range(_REPEATS):
        for place, function in enumerate((answer, ours)):
            begun = time.perf_counter()
            function(*args)
            seconds[place] = min(seconds[place], time.perf_counter() - begun)
        if seconds[0] > MOST_TRY:  # no repetition would save it
            break
    return seconds[0] / max(seconds[1], _LEAST)
