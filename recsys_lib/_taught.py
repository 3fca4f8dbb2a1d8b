"""Mark the library functions that an exercise asks the learner to write."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

#: Names of the library functions that may not be called just now, because a check is calling the learner's answer.
FORBIDDEN: ContextVar[frozenset[str]] = ContextVar("FORBIDDEN", default=frozenset())


class WriteItYourselfError(RuntimeError):
    """Raised when an answer calls the very library function that its exercise asks for."""


def taught(function: Callable[P, R]) -> Callable[P, R]:
    """Let checks switch ``function`` off while they call an answer that should replace it.

    The decorator reads a context variable at each call, so it also holds for names that were imported
    long before: replacing an attribute of the module would miss those.

    Examples
    --------
    >>> @taught
    ... def double(x):
    ...     return 2 * x
    >>> double(4)
    8
    >>> token = FORBIDDEN.set(frozenset({"double"}))
    >>> double(4)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    WriteItYourselfError: double is the function to write yourself; the rest of recsys_lib is yours to use
    >>> FORBIDDEN.reset(token)
    """
    name = function.__name__

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if name in FORBIDDEN.get():
            raise WriteItYourselfError(
                f"{name} is the function to write yourself; the rest of recsys_lib is yours to use"
            )
        return function(*args, **kwargs)

    return guarded
