"""The parts of an exercise that are judged, and paid, one by one: values, edges, the input kept, speed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from recsys_lib.checks.comparison import Difference, alike
from recsys_lib.checks.outcome import Outcome, describe_failure

Args = tuple[Any, ...]
#: Compares the value that was returned for some arguments with the expected one: ``compare(args, expected, got)``.
Compare = Callable[[Args, Any, Any], Difference | None]


@dataclass
class Failure:
    """An input on which an answer is wrong.

    Parameters
    ----------
    args : tuple
        The arguments of the call.
    outcome, expected : Outcome
        What the answer did, and what it should have done.
    difference : Difference, optional
        How the two values differ, where both are values.
    fresh : bool
        Whether the input was drawn for this grade: such a one is never published.
    """

    args: Args
    outcome: Outcome
    expected: Outcome
    difference: Difference | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Layer:
    """A layer with inputs of its own, passed where every outcome is the reference's.

    Attributes
    ----------
    has_inputs : bool
        Whether an exercise defines inputs for this layer.
    takes_lists : bool
        Whether lists among the inputs are handed over as lists, and not as arrays of float64.
    pays_without_values : bool
        Whether the layer earns its points though "values" has failed.
    keeps_input : bool
        Whether the layer is about what the answer does to its arguments.
    timed : bool
        Whether the layer is about how long the answer takes; its mistakes are then not told by behaviour.
    """

    name: str
    points: int

    has_inputs: ClassVar[bool] = True
    takes_lists: ClassVar[bool] = False
    pays_without_values: ClassVar[bool] = True
    keeps_input: ClassVar[bool] = False
    timed: ClassVar[bool] = False

    @property
    def inputs_of(self) -> str:
        """The layer on whose inputs this one is judged."""
        return self.name

    def agree(self, one: Outcome, other: Outcome, *, up_to_sign: bool = False) -> bool:
        """Whether two outcomes are the same behaviour, as far as this layer looks at it; NaN agrees with NaN here."""
        if one.how != other.how:
            return False
        if one.how == "returned":
            return alike(one.value, other.value, up_to_sign=up_to_sign)
        return type(one.error) is type(other.error)

    def failure(self, args: Args, want: Outcome, have: Outcome, compare: Compare) -> Failure | None:
        """Return how an outcome fails this layer, or None where it passes."""
        if have.how != want.how or (want.how == "raised" and not isinstance(have.error, type(want.error))):
            return Failure(args, have, want)
        if want.how == "raised":
            return None
        found = compare(args, want.value, have.value)
        return Failure(args, have, want, found) if found is not None else None

    def when_passed(self, points: int) -> str:
        """Say what there is to say where nothing failed and so many points were paid."""
        return "right"

    def account(self, failure: Failure) -> str | None:
        """Say what went wrong, where this layer has words of its own for it."""
        return None

    def reason(self, failure: Failure) -> str | None:
        """Say why a layer failed without a word on the values, where this layer has words of its own for it."""
        return None


class Values(Layer):
    """The layer without which no other one proves much: the right results on ordinary inputs."""


class Edge(Layer):
    """A layer of special inputs, with ordinary ones close by, so that no single behaviour passes it."""


class ListInput(Edge):
    """The layer on inputs that are lists, as a beginner's own code hands them over."""

    takes_lists = True


class InputKept(Layer):
    """The layer that an answer passes by returning with its arguments unchanged, on the inputs of "values"."""

    has_inputs = False
    pays_without_values = False
    keeps_input = True

    @property
    def inputs_of(self) -> str:
        """The layer on whose inputs this one is judged."""
        return VALUES

    def agree(self, one: Outcome, other: Outcome, *, up_to_sign: bool = False) -> bool:
        """Whether two outcomes changed the same arguments."""
        return one.changed == other.changed

    def failure(self, args: Args, want: Outcome, have: Outcome, compare: Compare) -> Failure | None:
        """Return a failure where the answer changed an argument, or did not return."""
        return Failure(args, have, want) if have.changed or have.how != "returned" else None

    def when_passed(self, points: int) -> str:
        """Say that the layer waits, where the values are not right yet."""
        return "right" if points else "pays once the values are right"

    def account(self, failure: Failure) -> str | None:
        """Name the arguments that were changed."""
        if failure.outcome.how != "returned":
            return f"your function {describe_failure(failure.outcome)}"
        changed = " and ".join(f"`{name}`" for name in failure.outcome.changed)
        return f"your function changed {changed}, which its caller still needs: work on a copy"

    def reason(self, failure: Failure) -> str | None:
        """Say that the input was changed."""
        return " (changed its input)"


class Speed(Layer):
    """The layer that is timed beside a yardstick on one large input, once the values are right."""

    has_inputs = False
    pays_without_values = False
    timed = True

    def when_passed(self, points: int) -> str:
        """Say that the layer waits, where it has not been timed."""
        return "right" if points else "is timed once the values are right"

    def account(self, failure: Failure) -> str | None:
        """Say how many times too slow the answer is."""
        found = failure.difference
        if found is None or found.kind != "slow" or failure.outcome.how != "returned":
            return None
        return found.text

    def reason(self, failure: Failure) -> str | None:
        """Say that the answer is too slow."""
        slow = failure.difference is not None and failure.difference.kind == "slow"
        return " (too slow on a large input)" if slow else None


VALUES = "values"
_BY_NAME: dict[str, type[Layer]] = {VALUES: Values, "list input": ListInput, "input kept": InputKept, "speed": Speed}


def layers_of(points: dict[str, int]) -> tuple[Layer, ...]:
    """Return the layers of an exercise from their points by name; a name without a meaning of its own is an edge.

    Examples
    --------
    >>> layers_of({"values": 2, "zero vector": 1})
    (Values(name='values', points=2), Edge(name='zero vector', points=1))
    """
    return tuple(_BY_NAME.get(name, Edge)(name, paid) for name, paid in points.items())
