"""Mark the library functions that an exercise asks the learner to write."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from types import FunctionType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

#: Names of the library functions that may not be called just now, because a check is calling the learner's answer.
FORBIDDEN: ContextVar[frozenset[str]] = ContextVar("FORBIDDEN", default=frozenset())


#: The library functions that exercises ask for, as they are without their guard.
TAUGHT: dict[str, Callable[..., Any]] = {}


class WriteItYourselfError(RuntimeError):
    """Raised when an answer calls the very library function that its exercise asks for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the function to write yourself; the rest of recsys_lib is yours to use")
        self.function = name


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
    TAUGHT[name] = function

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if name in FORBIDDEN.get():
            raise WriteItYourselfError(name)
        return function(*args, **kwargs)

    return guarded


@contextlib.contextmanager
def gone(names: Iterable[str]) -> Iterator[None]:
    """Take away the code of taught functions, for a grader that does not trust the answer to respect the guard.

    Whoever holds on to the function behind the guard (``dot_scores.__wrapped__``) holds one that raises, too.

    Examples
    --------
    >>> @taught
    ... def triple(x):
    ...     return 3 * x
    >>> behind = triple.__wrapped__
    >>> with gone(["triple"]):
    ...     behind(1)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    WriteItYourselfError: triple is the function to write yourself; the rest of recsys_lib is yours to use
    >>> behind(1)
    3
    """
    found = {name: TAUGHT[name] for name in names if name in TAUGHT and not TAUGHT[name].__closure__}
    codes = {name: function.__code__ for name, function in found.items()}
    try:
        for name, function in found.items():
            made: dict[str, FunctionType] = {}
            exec(
                "def raises(*args, **kwargs):\n"
                "    from recsys_lib._taught import WriteItYourselfError\n"
                f"    raise WriteItYourselfError({name!r})",
                made,
            )
            function.__code__ = made["raises"].__code__
        yield
    finally:
        for name, function in found.items():
            function.__code__ = codes[name]
