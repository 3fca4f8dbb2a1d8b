"""How much longer an answer takes than a yardstick, both timed here and now: a ratio holds on any machine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from recsys_lib.checks.calling import Outcome, call
from recsys_lib.threads import on_one_thread

MOST_TIMES = 30
_REPEATS = 5


@on_one_thread
def times_as_long(
    function: Callable[..., Any], yardstick: Callable[..., Any], args: tuple[Any, ...], *, forbid: tuple[str, ...] = ()
) -> tuple[float, Outcome]:
    """Time an answer and a yardstick on the same input in turn, warm, best of five each.

    Returns
    -------
    float
        The ratio of the two times; infinite where the answer did not return.
    Outcome
        What the answer did in its last call.

    Examples
    --------
    >>> ratio, outcome = times_as_long(lambda n: sum(range(100 * n)), lambda n: sum(range(n)), (2000,))
    >>> outcome.how, ratio > 10
    ('returned', True)
    """
    _seconds(yardstick, args)
    best, best_of_yardstick = math.inf, math.inf
    seconds, outcome = _seconds(function, args, forbid)  # the first call warms up, and shows whether to go on
    for _ in range(_REPEATS):
        if outcome.how != "returned":
            return math.inf, outcome
        best_of_yardstick = min(best_of_yardstick, _seconds(yardstick, args)[0])
        if seconds > 0.3 and seconds > 10 * MOST_TIMES * best_of_yardstick:
            return seconds / best_of_yardstick, outcome  # so far off that no repetition would save it
        seconds, outcome = _seconds(function, args, forbid)
        best = min(best, seconds)
    return best / best_of_yardstick, outcome


def _seconds(
    function: Callable[..., Any], args: tuple[Any, ...], forbid: tuple[str, ...] = ()
) -> tuple[float, Outcome]:
    """Call safely, and time the function alone: not the copies of its input that a safe call makes."""
    taken = [math.inf]

    def timed(*given: Any) -> Any:
        start = time.perf_counter()
        result = function(*given)
        taken[0] = time.perf_counter() - start
        return result

    outcome = call(timed, args, forbid=forbid)
    return taken[0], outcome
