"""What one call of a function did, and how to say it in half a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from recsys_lib._taught import WriteItYourselfError

MAX_MESSAGE = 200  # characters of an exception's text


class OutOfTimeError(BaseException):
    """Raised inside a function that has had its time; no ``except Exception`` catches it."""


@dataclass
class Outcome:
    """What one call did: returned, raised, ran too long, was not solved yet, or was not run for lack of time.

    Parameters
    ----------
    how : {"returned", "raised", "too long", "unsolved", "not run"}
        How the call ended.
    value : object
        What came back, where something did.
    error : BaseException, optional
        What was raised, without its traceback.
    line : (int, str), optional
        The line of the learner's code that raised: its number and its text.
    reached : bool
        False where the call itself failed, before the first line of the function.
    changed : tuple of str
        The arguments whose contents the function changed.
    printed : str
        What the function wrote to the standard output and error streams.
    warned : tuple of str
        The warnings of the call, each once.
    seconds : float
        The time of the function alone; infinite where it did not return.
    processor : float
        The processor time that it used, in all the processes that are known to have worked for it.
    limit : float, optional
        The seconds that the function was given.
    """

    how: Literal["returned", "raised", "too long", "unsolved", "not run"]
    value: Any = None
    error: BaseException | None = None
    line: tuple[int, str] | None = None
    reached: bool = True
    changed: tuple[str, ...] = ()
    printed: str = ""
    warned: tuple[str, ...] = ()
    seconds: float = math.inf
    processor: float = math.inf
    limit: float | None = None

    @property
    def forbidden(self) -> bool:
        """Whether the answer called the library function that it should replace."""
        return isinstance(self.error, WriteItYourselfError)


def describe_failure(outcome: Outcome) -> str:
    """Say in half a sentence how a call failed.

    Examples
    --------
    >>> describe_failure(Outcome("too long", limit=2.0))
    'ran longer than 2 s'
    >>> describe_failure(Outcome("raised", error=KeyError("x")))
    "raised KeyError: 'x'"
    """
    if outcome.how == "too long":
        return "ran too long" if outcome.limit is None else f"ran longer than {outcome.limit:.2g} s"
    if outcome.how == "unsolved":
        return "is not solved yet"
    if outcome.how == "not run":
        return "was not run, since the calls before took too long"
    message = str(outcome.error).strip()
    message = message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + " ..."
    return f"raised {type(outcome.error).__name__}" + (f": {message}" if message else "")
