"""Limit NumPy's BLAS to one thread, for functions that multiply many small tables."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@functools.cache
def _controller() -> Any:  # threadpoolctl has no types
    import numpy  # noqa: F401 - only a BLAS that is loaded is found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let NumPy's BLAS use one thread inside a ``with`` block, and as many as before after it.

    A training multiplies thousands of small tables. With two threads each product waits until both have had a core,
    which on a busy machine took forty times as long as one thread; on an idle one nothing is gained either.

    Examples
    --------
    >>> with one_thread():
    ...     pass
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield


def on_one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that it runs inside `one_thread`."""

    @functools.wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with one_thread():
            return function(*args, **kwargs)

    return limited
