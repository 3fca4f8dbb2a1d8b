"""How much longer an answer takes than a yardstick, both timed here and now: a ratio holds on any machine."""

from __future__ import annotations

import math
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
    call(yardstick, args)
    best, best_of_yardstick = math.inf, math.inf
    outcome = call(function, args, forbid=forbid)  # the first call warms up, and shows whether to go on
    for _ in range(_REPEATS):
        if outcome.how != "returned":
            return math.inf, outcome
        best_of_yardstick = min(best_of_yardstick, call(yardstick, args).seconds)
        if outcome.seconds > 0.3 and outcome.seconds > 10 * MOST_TIMES * best_of_yardstick:
            return outcome.seconds / best_of_yardstick, outcome  # so far off that no repetition would save it
        outcome = call(function, args, forbid=forbid)
        best = min(best, outcome.seconds)
    return best / best_of_yardstick, outcome
