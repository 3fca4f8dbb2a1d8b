"""How much longer an answer takes than a yardstick, both timed here and now: a ratio holds on any machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from recsys_lib.checks.callee import Callee, Local
from recsys_lib.checks.calling import call
from recsys_lib.checks.outcome import Outcome
from recsys_lib.threads import on_one_thread

MAX_TIMES = 30
_REPEATS = 5


@on_one_thread
def times_as_long(
    callee: Callee,
    yardstick: Callable[..., Any],
    draw: Callable[[], tuple[Any, ...]],
    *,
    forbid: tuple[str, ...] = (),
) -> tuple[float, Outcome, tuple[Any, ...]]:
    """Time an answer and a yardstick on the same input in turn, warm, best of five each.

    Each time the input is a new one of ``draw()``, so that nobody is fast by remembering a result.

    Parameters
    ----------
    callee : Callee
        The answer.
    yardstick : callable
        A function of the course with the growth that is asked for.
    draw : callable
        Returns the arguments of one call, new ones each time.
    forbid : tuple of str
        Library functions that are switched off while the answer runs.

    Returns
    -------
    float
        The ratio of the two times; infinite where the answer did not return.
    Outcome
        What the answer did in its fastest call: it must be right there, or its speed says nothing.
    tuple
        The arguments of that call.

    Examples
    --------
    >>> slow = Local(lambda n: sum(range(100 * n)))
    >>> ratio, outcome, _ = times_as_long(slow, lambda n: sum(range(n)), lambda: (2000,))
    >>> outcome.how, ratio > 10
    ('returned', True)
    """
    args = draw()
    beside = Local(yardstick)  # watched as an answer is: without the watch it would run ahead of the answer
    idle = callee.idle_seconds(args)
    call(beside, args)
    best, best_of_yardstick = math.inf, math.inf
    outcome = fastest = call(callee, args, forbid=forbid)  # the first call warms up, and shows whether to go on
    its_args = args
    for _ in range(_REPEATS):
        if outcome.how == "returned":
            best_of_yardstick = min(best_of_yardstick, call(beside, args).seconds)
            if outcome.seconds > 0.3 and outcome.seconds > 10 * MAX_TIMES * best_of_yardstick:
                return outcome.seconds / best_of_yardstick, outcome, args  # no repetition would save it
            args = draw()
            outcome = call(callee, args, forbid=forbid)
        if outcome.how != "returned":
            return math.inf, outcome, args
        if outcome.seconds < best:
            best, fastest, its_args = outcome.seconds, outcome, args
    return max(0.0, best - idle) / best_of_yardstick, fastest, its_args
