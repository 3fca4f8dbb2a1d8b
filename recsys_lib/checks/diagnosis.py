"""Judge an answer layer by layer, and find out which mistake behaves the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recsys_lib.checks import relations
from recsys_lib.checks.calling import CHECK_SECONDS, Budget, Outcome, call
from recsys_lib.checks.comparison import Difference, difference, same
from recsys_lib.checks.definition import INPUT_KEPT, SPEED, Exercise, Misconception
from recsys_lib.checks.timing import MOST_TIMES, times_as_long

MOST_HINTS = 2


@dataclass
class Failure:
    """The smallest input on which an answer is wrong."""

    args: tuple[Any, ...]
    outcome: Outcome
    expected: Outcome
    difference: Difference | None = None
    fresh: bool = False  # drawn for this grade: never to be published


@dataclass
class LayerResult:
    """What one layer found."""

    layer: str
    points: int
    max_points: int
    failure: Failure | None = None
    misconception: Misconception | None = None
    observation: str | None = None  # said where no misconception fits
    edge_right: bool = False  # the special inputs were right, only ordinary ones beside them were wrong

    @property
    def passed(self) -> bool:
        """Whether the layer found nothing wrong."""
        return self.failure is None

    @property
    def hint(self) -> str | None:
        """The one sentence for the learner."""
        return self.misconception.hint if self.misconception else self.observation


@dataclass
class Judgement:
    """All that is known about one answer."""

    exercise: Exercise
    layers: list[LayerResult]
    unsolved: bool = False
    printed: str = ""
    warned: tuple[str, ...] = ()
    mend_first: tuple[str, ...] = ()
    seed: int | None = None
    notes: list[str] = field(default_factory=list)
    spoilt: tuple[str, ...] = ()  # the arguments that the answer changed

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(layer.points for layer in self.layers)


def judge(exercise: Exercise, function: Callable[..., Any], seed: int | None = None) -> Judgement:
    """Run an answer on every layer's inputs, compare, and diagnose what is wrong.

    Parameters
    ----------
    exercise : Exercise
    function : callable
        The answer; it may be wrong in any way.
    seed : int, optional
        Also draw fresh inputs from this seed, as grading does.
    """
    if exercise.kind == "answer":
        return _judge_choices(exercise, function, echo=seed is None)
    budget = Budget(function)
    options = {"forbid": exercise.instead_of, "names": exercise.parameters}
    found: dict[str, tuple[list, list[Outcome], list[Outcome]]] = {}
    for layer in exercise.own_layers:
        inputs = exercise.layer_inputs(layer, seed)
        expected = right_outcomes(exercise, inputs)  # before the answer runs: it must not be able to disturb them
        got = [budget.call(function, args, **options) for args in inputs]
        found[layer] = (inputs, expected, got)
    outcomes = [outcome for _, _, got in found.values() for outcome in got]
    layers = []
    for layer, max_points in exercise.points.items():
        if layer == SPEED:
            layers.append(_judge_speed(exercise, function, max_points, seed, worth_it=layers[0].passed))
            continue
        inputs, expected, got = found["values" if layer == INPUT_KEPT else layer]
        layers.append(_judge_layer(exercise, layer, max_points, inputs, expected, got))
    if not layers[0].passed:  # layers[0] is "values": without it these prove nothing
        for result in layers:
            if result.layer == INPUT_KEPT:
                result.points = 0
    _diagnose(exercise, layers, found)
    spoilt = tuple(sorted({name for outcome in outcomes for name in outcome.changed}))
    notes = []
    if spoilt and INPUT_KEPT not in exercise.points:
        names = " and ".join(f"`{name}`" for name in spoilt)
        notes.append(f"Your function changed {names}, which the rest of the lesson still needs: work on a copy.")
    return Judgement(
        exercise,
        layers,
        unsolved=bool(outcomes) and outcomes[0].how == "unsolved",
        printed=next((outcome.printed for outcome in outcomes if outcome.printed), ""),
        warned=next((outcome.warned for outcome in outcomes if outcome.warned), ()),
        seed=seed,
        notes=notes,
        spoilt=spoilt,
    )


def right_outcomes(exercise: Exercise, inputs: list[tuple[Any, ...]]) -> list[Outcome]:
    """Return what the reference does on each input: a value, or the error that the prompt asks for."""
    names = exercise.parameters
    return [_quick(exercise.reference, args, names) for args in inputs]


def agree(layer: str, one: Outcome, other: Outcome, *, up_to_sign: bool = False) -> bool:
    """Whether two outcomes are the same behaviour, as far as a layer looks at it; NaN agrees with NaN here."""
    if layer == INPUT_KEPT:
        return one.changed == other.changed
    if one.how != other.how:
        return False
    if one.how == "returned":
        return _alike(one.value, other.value, up_to_sign)
    return type(one.error) is type(other.error)


def _alike(expected: Any, got: Any, up_to_sign: bool) -> bool:
    """Whether two results of possibly wrong functions are the same; either may be of any type."""
    if isinstance(expected, (list, tuple)) and not isinstance(got, type(expected)) and not _numeric(expected):
        return False
    if _numeric(expected):
        expected = np.asarray(expected) if isinstance(expected, list) else expected
        return same(expected, got, up_to_sign=up_to_sign, nan_equal=True)
    if isinstance(expected, np.ndarray):  # of objects: a table with None in it
        return (
            isinstance(got, np.ndarray)
            and (got.dtype, got.shape) == (expected.dtype, expected.shape)
            and all(_alike(one, other, False) for one, other in zip(expected.flat, got.flat, strict=True))
        )
    if isinstance(expected, (tuple, list)):
        return len(expected) == len(got) and same(tuple(expected), got, up_to_sign=up_to_sign, nan_equal=True)
    return type(expected) is type(got) and (expected is None or isinstance(expected, str) and expected == got)


def _numeric(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return isinstance(value, (bool, int, float, np.generic)) or (
        isinstance(value, list) and all(isinstance(entry, (bool, int, float, np.generic)) for entry in value)
    )


def _quick(function: Callable[..., Any], args: tuple[Any, ...], names: tuple[str, ...]) -> Outcome:
    """Call our own code, which needs no watching over but may raise, warn and change its arguments."""
    return call(_Unwatched(function), args, seconds=CHECK_SECONDS, names=names)


class _Unwatched:
    """A function of ours that ends by itself: without it each call starts a thread that keeps the time."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def call_within(self, seconds: float, *args: Any) -> Any:
        return self.function(*args)


def _judge_layer(
    exercise: Exercise, layer: str, max_points: int, inputs: list, expected: list[Outcome], got: list[Outcome]
) -> LayerResult:
    failures = []
    fixed = len(exercise.layer_inputs(layer))
    for place, (args, want, have) in enumerate(zip(inputs, expected, got, strict=True)):
        failure = _compare(exercise, layer, args, want, have)
        if failure is not None:
            failure.fresh = place >= fixed
            failures.append(failure)
    if not failures:
        return LayerResult(layer, max_points, max_points)
    special = any(want.how == "raised" for want in expected)
    edge_right = special and all(f.expected.how == f.outcome.how == "returned" for f in failures)
    # A fixed input before a fresh one: a class report counts who failed alike.
    shown = min(failures, key=lambda f: (f.fresh, _size(f.args)))
    return LayerResult(layer, 0, max_points, shown, edge_right=edge_right)


def _judge_speed(
    exercise: Exercise, function: Callable[..., Any], max_points: int, seed: int | None, *, worth_it: bool
) -> LayerResult:
    """Time the answer beside the yardstick; a wrong answer's speed is of no interest."""
    if not worth_it:
        return LayerResult(SPEED, 0, max_points)
    rng = np.random.default_rng(seed)
    times, outcome, args = times_as_long(
        function, exercise.yardstick, lambda: exercise.draw_large(rng), forbid=exercise.instead_of
    )
    if times <= MOST_TIMES:
        expected = _quick(exercise.reference, args, exercise.parameters)
        failure = _compare(exercise, SPEED, args, expected, outcome)  # a fast wrong answer is no answer
        if failure is not None:
            failure.fresh = seed is not None
        return LayerResult(SPEED, 0 if failure else max_points, max_points, failure)
    said = f"it took {times:.0f} times as long as a way whose cost grows as is asked for; {MOST_TIMES} times is allowed"
    failure = Failure(args, outcome, Outcome("returned"), Difference("value", said))
    speaking = [m for m in exercise.misconceptions if m.layer == SPEED]
    return LayerResult(SPEED, 0, max_points, failure, misconception=speaking[0] if speaking else None)


def _compare(exercise: Exercise, layer: str, args: tuple, want: Outcome, have: Outcome) -> Failure | None:
    """Return how an outcome fails a layer, or None."""
    if layer == INPUT_KEPT:
        return Failure(args, have, want) if have.changed or have.how != "returned" else None
    if have.how != want.how or (want.how == "raised" and not isinstance(have.error, type(want.error))):
        return Failure(args, have, want)
    if want.how == "raised":
        return None
    if exercise.kind == "property":
        said = _ask_judge(exercise, args, have.value)
        return Failure(args, have, want, Difference("value", said)) if said is not None else None
    found = difference(want.value, have.value, up_to_sign=exercise.up_to_sign)
    return Failure(args, have, want, found) if found is not None else None


def _ask_judge(exercise: Exercise, args: tuple, value: Any) -> str | None:
    assert exercise.judge_result is not None, f"{exercise.name} is a property without a judge"
    outcome = call(lambda: exercise.judge_result(args, value), seconds=CHECK_SECONDS)  # the value may be anything
    return outcome.value if outcome.how == "returned" else "the check cannot read what you returned"


def _diagnose(exercise: Exercise, layers: list[LayerResult], found: dict) -> None:
    """Find a hint for each failed layer: the misconception that behaves the same, else a relation."""
    said: list[str] = []
    for result in layers:
        if result.passed or result.failure is None or len(said) == MOST_HINTS or result.layer == SPEED:
            continue
        inputs, expected, got = found["values" if result.layer == INPUT_KEPT else result.layer]
        if all(outcome.how != "returned" for outcome in got):
            continue  # it fails on every input, whatever the layer is about: the error itself is shown
        if _explained(exercise, layers[0], result, inputs, got):
            continue
        fitting = _fitting(exercise, result, inputs, got)
        if result.layer == INPUT_KEPT and not layers[0].passed and fitting is None:
            continue
        if fitting is not None and fitting.hint not in said:
            result.misconception = fitting
        elif fitting is None and exercise.kind == "values" and (result is layers[0] or layers[0].passed):
            result.observation = _observe(exercise, inputs, expected, got)
        if result.hint is not None:
            said.append(result.hint)


def _explained(exercise: Exercise, values: LayerResult, result: LayerResult, inputs: list, got: list[Outcome]) -> bool:
    """Whether the mistake found in "values" is all there is to a later layer: one mistake, one hint."""
    if values.misconception is None or result is values:
        return False
    return _behaves_as(values.misconception, exercise, result.layer, inputs, got)


def _behaves_as(candidate: Misconception, exercise: Exercise, layer: str, inputs: list, got: list[Outcome]) -> bool:
    names = exercise.parameters
    return all(
        agree(layer, _quick(candidate.function, args, names), outcome, up_to_sign=exercise.up_to_sign)
        for args, outcome in zip(inputs, got, strict=True)
    )


def _fitting(exercise: Exercise, result: LayerResult, inputs: list, got: list[Outcome]) -> Misconception | None:
    for candidate in exercise.misconceptions:
        if candidate.layer != result.layer:
            continue
        if exercise.kind == "property":
            assert result.failure is not None
            if result.failure.difference is not None and result.failure.difference.text == candidate.name:
                return candidate
            if result.failure.difference is not None:
                continue
        if _behaves_as(candidate, exercise, result.layer, inputs, got):
            return candidate
    return None


def _observe(exercise: Exercise, inputs: list, expected: list[Outcome], got: list[Outcome]) -> str | None:
    both = [i for i in range(len(inputs)) if expected[i].how == got[i].how == "returned"]
    if len(both) < len([outcome for outcome in expected if outcome.how == "returned"]):
        return None

    def swapped(place: int) -> Any:
        args = inputs[both[place]]
        return _quick(exercise.reference, (args[1], args[0], *args[2:]), exercise.parameters).value

    can_swap = len(exercise.parameters) >= 2
    pairs = [(expected[i].value, got[i].value) for i in both]
    return relations.observe(pairs, swapped if can_swap else None, [_sizes(exercise, inputs[i]) for i in both])


def _sizes(exercise: Exercise, args: tuple[Any, ...]) -> dict[str, int]:
    """Return the lengths of the arguments, each by a name that a learner understands."""
    found: dict[str, int] = {}
    for name, arg in zip(exercise.parameters, args, strict=False):
        if isinstance(arg, np.ndarray) and arg.ndim == 1:
            found[f"the length of `{name}`"] = len(arg)
        elif isinstance(arg, np.ndarray) and arg.ndim == 2:
            found[f"the number of rows of `{name}`"] = arg.shape[0]
            found[f"the number of columns of `{name}`"] = arg.shape[1]
        elif type(arg) is int:
            found[f"`{name}`"] = arg
    return found


def _judge_choices(exercise: Exercise, function: Callable[..., Any], *, echo: bool) -> Judgement:
    """Judge an answer that is a dictionary of choices: all right, or a hint for each of the first wrong ones.

    A grader does not ``echo`` what was written: an answer might have put there what it saw of other inputs.
    """
    (layer, max_points), right = next(iter(exercise.points.items())), exercise.reference()
    outcome = call(function)
    want = Outcome("returned", value=right)
    result = LayerResult(layer, 0, max_points, Failure((), outcome, want))
    judgement = Judgement(exercise, [result], unsolved=outcome.how == "unsolved", printed=outcome.printed)
    if outcome.how != "returned":
        return judgement
    if not isinstance(outcome.value, dict):
        result.observation = f"Return a dictionary with the keys {', '.join(map(str, right))}."
        return judgement
    given = {str(key): _plain(value) for key, value in outcome.value.items()}
    outcome.value = given
    if all(given.get(key) in (None, "", "?", "...") for key in right):
        other = [key for key, value in given.items() if key not in right and value not in (None, "", "?", "...")]
        if other:  # something was answered, under names of the learner's own
            keys = ", ".join(map(repr, right))
            result.observation = f"None of your keys is one of those asked for, which are {keys}."
        judgement.unsolved = not other
        return judgement
    problem = _malformed(exercise, right, given, echo)
    if problem is not None:
        result.observation = problem
        return judgement
    wrong = [key for key in right if given[key] != _plain(right[key])]
    if not wrong:
        result.points, result.failure = max_points, None
        return judgement
    fitting = [
        candidate
        for candidate in exercise.misconceptions
        if candidate.choices and all(given[key] == _plain(value) for key, value in candidate.choices.items())
    ]
    fitting.sort(key=lambda candidate: -len(candidate.choices or ()))
    result.misconception = fitting[0] if fitting else None
    judgement.notes.append(f"{len(right) - len(wrong)} of {len(right)} are right.")
    judgement.notes += [f"-> {other.hint}" for other in fitting[1:MOST_HINTS]]
    if not fitting:
        result.observation = f"Look again at {wrong[0]!r}."
    return judgement


def _malformed(exercise: Exercise, right: dict, given: dict, echo: bool) -> str | None:
    missing = [key for key in right if given.get(key) in (None, "", "?", "...")]
    if missing:
        return f"There is no answer yet for {', '.join(map(repr, missing))}."
    for key in right:
        allowed = exercise.choices.get(key, exercise.choices.get("*", ()))
        if allowed and given[key] not in map(_plain, allowed):
            wrote = repr(given[key]) if echo else "something else"
            return f"For {key!r} you wrote {wrote}; the choices are {', '.join(map(repr, allowed))}."
    return None


def _plain(value: Any) -> Any:
    """Let spaces and capitals not matter in a choice; anything that is no text or number is no choice."""
    if isinstance(value, str):
        return " ".join(value.split()).lower()
    return value if type(value) in (int, float, bool, type(None)) else f"a {type(value).__name__}"


def _size(args: tuple[Any, ...]) -> int:
    return sum(np.size(arg) if isinstance(arg, (np.ndarray, list, tuple, int, float)) else 1 for arg in args)
