"""Find the known mistake of an exercise that behaves as an answer does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from recsys_lib.checks.calling import Budget, call_ours
from recsys_lib.checks.definition import DoneByMistakes, Exercise, Inputs, Misconception
from recsys_lib.checks.layers import Args, Failure, Layer
from recsys_lib.checks.outcome import Outcome

#: Seeds of the inputs on which two mistakes are told apart that behave alike on those of their layer.
SEEDS_APART = (20_260_101, 20_260_102, 20_260_103, 20_260_104)


@dataclass
class Trial:
    """A layer's inputs, what the reference does on each, and what the answer did.

    Parameters
    ----------
    inputs : list of tuple
        The arguments of each call.
    expected, got : list of Outcome
        The reference's outcomes, and the answer's.
    done_by_mistakes : dict
        What known mistakes do, as far as it has been asked for: outcomes by function and place of the input.
    failures : dict of Layer to list
        How each outcome fails a layer, or None, where that has been asked for.
    """

    inputs: Inputs
    expected: list[Outcome]
    got: list[Outcome]
    done_by_mistakes: DoneByMistakes = field(default_factory=dict)
    failures: dict[Layer, list[Failure | None]] = field(default_factory=dict)


def behaves_as(mistake: Misconception, exercise: Exercise, layer: Layer, trial: Trial) -> bool:
    """Whether a known mistake does on every input what the answer did."""
    done = trial.done_by_mistakes.setdefault(mistake.function, {})
    for place, (args, outcome) in enumerate(zip(trial.inputs, trial.got, strict=True)):
        if place not in done:
            done[place] = call_ours(mistake.function, args, exercise.parameters)
        if not layer.agree(done[place], outcome, up_to_sign=exercise.up_to_sign):
            return False
    return True


def fitting_mistake(exercise: Exercise, layer: Layer, trial: Trial, budget: Budget) -> Misconception | None:
    """Return the known mistake of a layer that the answer makes, or None.

    Where several fit, the answer is called on more inputs until one is left; if these do not tell them apart either,
    the first one defined speaks.
    """
    speaking = [mistake for mistake in exercise.misconceptions if mistake.layer == layer.name]
    fitting = [mistake for mistake in speaking if behaves_as(mistake, exercise, layer, trial)]
    if len(fitting) > 1:
        fitting = _left_after_more_inputs(exercise, layer, fitting, budget)
    return fitting[0] if fitting else None


def inputs_apart(exercise: Exercise, layer: Layer) -> Iterator[Args]:
    """Yield inputs of a layer beyond its fixed ones, the same ones each time."""
    for seed in SEEDS_APART:
        yield from exercise.fresh_inputs(layer.inputs_of, seed)


def _left_after_more_inputs(
    exercise: Exercise, layer: Layer, fitting: list[Misconception], budget: Budget
) -> list[Misconception]:
    """Call the answer where the known mistakes differ, until one of them is left, or none."""

    def agree(one: Outcome, other: Outcome) -> bool:
        return layer.agree(one, other, up_to_sign=exercise.up_to_sign)

    for args in inputs_apart(exercise, layer):
        outcomes = [call_ours(mistake.function, args, exercise.parameters) for mistake in fitting]
        if all(agree(outcomes[0], outcome) for outcome in outcomes[1:]):
            continue
        got = budget.call(args)
        if got.how in ("too long", "not run"):  # for lack of time, which says nothing about the mistake
            break
        fitting = [mistake for mistake, outcome in zip(fitting, outcomes, strict=True) if agree(outcome, got)]
        if len(fitting) <= 1:
            break
    return fitting
