"""Judge an answer layer by layer, and find out what is wrong with it.

A grade has two halves. `judge_on_public` asks on the inputs that everybody sees, and says all that there is to say.
`judge_on_fresh` asks on inputs drawn for this grade, only what the first half found right; of what it finds it says
nothing but a choice from a fixed set, since an answer that sees these inputs could put them into anything else.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np

from recsys_lib.checks import relations
from recsys_lib.checks.callee import Callee, Local, Trusted
from recsys_lib.checks.calling import CHECK_SECONDS, Budget, call, call_ours
from recsys_lib.checks.choices import judge_choices
from recsys_lib.checks.comparison import Difference, difference, is_plain
from recsys_lib.checks.definition import Exercise, Inputs, Misconception
from recsys_lib.checks.facts import (
    PACKAGES,
    Fact,
    changed_argument,
    drawn_at_random,
    empty_return,
    facts,
    never_read,
    order_of_equals,
    same_for_all,
    used_arguments,
)
from recsys_lib.checks.judgement import MAX_HINTS, Judgement, LayerResult
from recsys_lib.checks.known_mistakes import Trial, behaves_as, fitting_mistake
from recsys_lib.checks.layers import Args, Failure, Layer
from recsys_lib.checks.lines import Search
from recsys_lib.checks.outcome import Outcome
from recsys_lib.checks.showing import show
from recsys_lib.checks.timing import time_beside

TWO_THINGS = "More than one thing is wrong: mend what is named, then check again."


def judge(exercise: Exercise, callee: Callee, seed: int | None = None, *, explain: bool = True) -> Judgement:
    """Run an answer on every layer's inputs, compare, and diagnose what is wrong.

    Parameters
    ----------
    exercise : Exercise
        The exercise that is answered.
    callee : Callee
        The answer; it may be wrong in any way.
    seed : int, optional
        Also draw fresh inputs from this seed, as grading does.
    explain : bool
        False leaves out why it is wrong, where nobody will read it: that takes most of the time.
    """
    with callee.ready() as ready:
        judgement = judge_on_public(exercise, ready, explain=explain, for_grade=seed is not None)
        return judgement if seed is None else judge_on_fresh(judgement, ready, seed, explain=explain)


def judge_on_public(exercise: Exercise, callee: Callee, *, explain: bool = True, for_grade: bool = False) -> Judgement:
    """Judge an answer on the inputs that everybody sees; for a grade nothing is timed yet, and nothing repeated."""
    if exercise.kind == "answer":
        return judge_choices(exercise, callee, echo=not for_grade)
    with callee.ready() as ready:
        return _judge_on_public(exercise, ready, explain, for_grade)


def _judge_on_public(exercise: Exercise, callee: Callee, explain: bool, for_grade: bool) -> Judgement:
    budget = _budget(exercise, callee)
    trials = {layer.name: _try_out_in_public(exercise, layer, budget) for layer in exercise.layers if layer.has_inputs}
    layers: list[LayerResult] = []
    for layer in exercise.layers:
        if layer.timed:
            layers.append(_judge_speed(exercise, layer, callee, worth_it=layers[0].passed and not for_grade))
        else:
            layers.append(_judge_layer(exercise, layer, trials[layer.inputs_of]))
    outcomes = [outcome for trial in trials.values() for outcome in trial.got]
    judgement = Judgement(
        exercise,
        layers,
        unsolved=bool(outcomes) and all(outcome.how == "unsolved" for outcome in outcomes),
        printed=next((outcome.printed for outcome in outcomes if outcome.printed), ""),
        warned=next((outcome.warned for outcome in outcomes if outcome.warned), ()),
        spoilt=tuple(sorted({name for outcome in outcomes for name in outcome.changed})),
    )
    _pay_with_values(judgement)
    if explain:
        _diagnose(judgement, trials, budget, echo=not for_grade)
    if judgement.spoilt and not any(result.spec.keeps_input for result in layers):
        _charge_for_changes(judgement, callee)
    return judgement


def judge_on_fresh(public: Judgement, callee: Callee, seed: int, *, explain: bool = True) -> Judgement:
    """Judge what was found right on the public inputs on inputs that are drawn from a seed; the first half stays."""
    with callee.ready() as ready:
        return _judge_on_fresh(public, ready, seed, explain)


def _judge_on_fresh(public: Judgement, callee: Callee, seed: int, explain: bool) -> Judgement:
    exercise = public.exercise
    judgement = replace(public, layers=[replace(result) for result in public.layers], seed=seed)
    if exercise.kind == "answer" or judgement.unsolved:
        return judgement
    budget = _budget(exercise, callee)
    trials: dict[str, Trial] = {}
    failed: list[LayerResult] = []
    for place, found in enumerate(judgement.layers):
        layer = found.spec
        if not found.passed or not (layer.pays_without_values or judgement.values.passed):
            continue
        if layer.timed:
            judgement.layers[place] = _judge_speed(exercise, layer, callee, worth_it=True, fresh=True)
            continue
        if layer.inputs_of not in trials:
            inputs, expected = drawn(exercise, layer.inputs_of, seed)
            trials[layer.inputs_of] = Trial(inputs, expected, [budget.call(args) for args in inputs])
        result = _judge_layer(exercise, layer, trials[layer.inputs_of], fresh=True)
        if not result.passed:
            judgement.layers[place] = result
            failed.append(result)
    _pay_with_values(judgement)
    if explain and failed:
        _explain_fresh(judgement, failed, trials, budget)
    changed = {name for trial in trials.values() for outcome in trial.got for name in outcome.changed}
    if changed and not public.spoilt:
        judgement.spoilt = tuple(sorted(changed))
        if not any(result.spec.keeps_input for result in judgement.layers):
            _charge_for_changes(judgement, callee)
    return judgement


def _explain_fresh(judgement: Judgement, failed: list[LayerResult], trials: dict[str, Trial], budget: Budget) -> None:
    """Say of layers that were right on the public inputs alone what the text or a known mistake tells, nothing else."""
    exercise = judgement.exercise
    if not any(result.fact for result in judgement.layers):
        failed[0].fact = _fact_of_text(exercise, budget.callee)
    for result in failed:
        if result.fact is None:
            result.misconception = _fitting(exercise, result, trials[result.spec.inputs_of], budget)


def _budget(exercise: Exercise, callee: Callee) -> Budget:
    return Budget(callee, forbid=exercise.instead_of, names=exercise.parameters, may_change=exercise.may_change)


def _pay_with_values(judgement: Judgement) -> None:
    """Pay some layers only where the values are right."""
    if not judgement.values.passed:
        for result in judgement.layers:
            if not result.spec.pays_without_values:
                result.points = 0


def _charge_for_changes(judgement: Judgement, callee: Callee) -> None:
    """Take one point where an argument was changed; a layer for it, where there is one, has done so."""
    values, name = judgement.values, judgement.exercise.name
    values.fact = callee.look_at_text(changed_argument, name, judgement.spoilt, values.passed)
    if values.points:
        values.points -= 1


def right_outcomes(exercise: Exercise, inputs: Inputs) -> list[Outcome]:
    """Return what the reference does on each input: a value, or the error that the prompt asks for."""
    return [call_ours(exercise.reference, args, exercise.parameters) for args in inputs]


def drawn(exercise: Exercise, layer: str, seed: int) -> tuple[Inputs, list[Outcome]]:
    """Return the inputs that a layer draws from a seed, and what the reference does on each.

    Found before an answer runs, which must not be able to disturb it.
    """
    inputs = exercise.fresh_inputs(layer, seed)
    return inputs, right_outcomes(exercise, inputs)


def _try_out_in_public(exercise: Exercise, layer: Layer, budget: Budget) -> Trial:
    """Run the answer on the inputs that everybody sees; what our own functions do there is found once for a class."""
    inputs = exercise.layer_inputs(layer.name)
    if layer.name not in exercise.right_on_fixed:
        exercise.right_on_fixed[layer.name] = right_outcomes(exercise, inputs)
    known = exercise.wrong_on_fixed.setdefault(layer.name, {})
    return Trial(inputs, exercise.right_on_fixed[layer.name], [budget.call(args) for args in inputs], known)


def _judge_layer(exercise: Exercise, layer: Layer, trial: Trial, *, fresh: bool = False) -> LayerResult:
    """Compare an answer's outcomes with the expected ones."""
    failures = [failure for failure in _failures(exercise, layer, trial) if failure is not None]
    for failure in failures:
        failure.fresh = fresh
    if not failures:
        return LayerResult(layer, layer.points)
    special = any(want.how == "raised" for want in trial.expected)
    edge_right = special and all(f.expected.how == f.outcome.how == "returned" for f in failures)
    shown = min(failures, key=lambda f: (special and f.expected.how != "raised", _size(f.args)))
    return LayerResult(layer, 0, shown, edge_right=edge_right)


def _judge_speed(
    exercise: Exercise, layer: Layer, callee: Callee, *, worth_it: bool, fresh: bool = False
) -> LayerResult:
    """Time the answer beside the yardstick; a wrong answer's speed is of no interest.

    What it is timed on comes from no seed: whoever knew that could have the results ready.
    """
    if not worth_it:
        return LayerResult(layer, 0)
    assert exercise.speed_test is not None, f"{exercise.name} is timed without a yardstick"
    timing = time_beside(callee, exercise.speed_test, forbid=exercise.instead_of)
    slow = timing.verdict
    if slow is None:
        expected = call_ours(exercise.reference, timing.args, exercise.parameters)
        failure = _failure(exercise, layer, timing.args, expected, timing.outcome)  # a fast wrong answer is no answer
        if failure is not None:
            failure.fresh = fresh
        return LayerResult(layer, 0 if failure else layer.points, failure)
    failure = Failure(timing.args, timing.outcome, Outcome("returned"), Difference("slow", slow), fresh)
    speaking = (mistake for mistake in exercise.misconceptions if mistake.layer == layer.name)
    return LayerResult(layer, 0, failure, misconception=next(speaking, None))


def _failures(exercise: Exercise, layer: Layer, trial: Trial) -> list[Failure | None]:
    """Return how the outcome on each input fails a layer; asked once, since the judge of a property may take long."""
    if layer not in trial.failures:
        cases = zip(trial.inputs, trial.expected, trial.got, strict=True)
        trial.failures[layer] = [_failure(exercise, layer, args, want, have) for args, want, have in cases]
    return trial.failures[layer]


def _failure(exercise: Exercise, layer: Layer, args: Args, want: Outcome, have: Outcome) -> Failure | None:
    """Return how an outcome fails a layer of an exercise, or None."""

    def compare(args: Args, expected: Any, got: Any) -> Difference | None:
        if exercise.kind == "property":
            said = _ask_judge(exercise, args, got)
            return Difference("value", said) if said is not None else None
        return difference(expected, got, up_to_sign=exercise.up_to_sign)

    return layer.failure(args, want, have, compare)


def _ask_judge(exercise: Exercise, args: Args, value: Any) -> str | None:
    """Let the judge of a property look at a value; it is watched where the value may do anything when looked at."""
    judge_result = exercise.judge_result
    assert judge_result is not None, f"{exercise.name} is a property without a judge"
    watch = Trusted if is_plain(value) else Local
    outcome = call(watch(lambda: judge_result(args, value)), seconds=CHECK_SECONDS)
    if isinstance(outcome.error, MemoryError):  # ours, and not the answer's
        raise outcome.error
    return outcome.value if outcome.how == "returned" else "the check cannot read what you returned"


def _diagnose(judgement: Judgement, trials: dict[str, Trial], budget: Budget, *, echo: bool) -> None:
    """Find what to say of each failed layer: a fact, the known mistake that behaves so, the line, a relation."""
    exercise, values = judgement.exercise, judgement.values
    failed = [result for result in judgement.layers if not result.passed and not result.spec.timed]
    if not failed or judgement.unsolved:
        return
    failed[0].fact = _fact(judgement, trials, budget.callee, echo=echo)
    search = Search(exercise, budget.callee)
    for result in failed:
        said = [hint for other in judgement.layers for hint in other.hints]
        if len(said) >= MAX_HINTS:
            break
        trial = trials[result.spec.inputs_of]
        if any(outcome.forbidden for outcome in trial.got):
            continue  # the error says what to do
        came_back = any(outcome.how == "returned" for outcome in trial.got)
        if not came_back and result is not failed[0]:
            continue  # it fails on every input, whatever the layer is about
        if came_back and _explained(judgement, result, trial):
            continue
        fitting = _fitting(exercise, result, trial, budget) if came_back else None
        # That a number is merely near says less than the line that makes it exact.
        if fitting is not None and not fitting.near:
            result.misconception = fitting if fitting.hint not in said else None
            continue
        if result.fact is not None:
            continue
        # What is wrong in "values" already has its sentence, and the ordinary inputs of this layer fail for it.
        told = result is not values and not values.passed and bool(values.hints)
        if not told and not any(other.line for other in judgement.layers):
            found = search.find(result.spec, trial, functools.partial(_right, exercise, result.spec))
            result.line, result.misconception = found.line, found.mistake
            if found.mistake is not None:
                judgement.notes.append(TWO_THINGS)
        if fitting is not None and result.line is None:
            result.misconception = fitting
        if result.layer == "ties" and not result.hints:
            result.fact = next(iter(budget.callee.look_at_text(order_of_equals, exercise.name)), None)
        if result.spec.keeps_input and not result.hints and judgement.spoilt:
            result.fact = budget.callee.look_at_text(changed_argument, exercise.name, judgement.spoilt, False)
        if came_back and result is failed[0] and not result.hints:
            result.fact = next(iter(budget.callee.look_at_text(never_read, exercise.name)), None)
        if not result.hints and came_back and exercise.kind == "values" and (result is values or values.passed):
            result.observation = _observe(exercise, trial)


def _fitting(exercise: Exercise, result: LayerResult, trial: Trial, budget: Budget) -> Misconception | None:
    """Return the known mistake that an answer makes in a layer, or None."""
    if exercise.kind == "property" and (named := _named_by_the_judge(exercise, result, trial)) is not None:
        return named
    return fitting_mistake(exercise, result.spec, trial, budget)


def _named_by_the_judge(exercise: Exercise, result: LayerResult, trial: Trial) -> Misconception | None:
    """Return the known mistake that the judge of a property sees oftenest, or None where it mostly names none."""
    speaking = {mistake.name: mistake for mistake in exercise.misconceptions if mistake.layer == result.layer}
    failures = [failure for failure in _failures(exercise, result.spec, trial) if failure is not None]
    said = [f.difference.text for f in failures if f.difference is not None and f.difference.text in speaking]
    return speaking[max(said, key=said.count)] if 2 * len(said) > len(failures) else None


def _right(exercise: Exercise, layer: Layer, args: Args, want: Outcome, have: Outcome) -> bool:
    """Whether an edited answer is right for a layer; one that keeps its input has to be right otherwise, too."""
    layers = {layer, exercise.layers[0]} if layer.keeps_input else {layer}
    return all(_failure(exercise, one, args, want, have) is None for one in layers)


def _fact(judgement: Judgement, trials: dict[str, Trial], callee: Callee, *, echo: bool) -> Fact | None:
    """Return the gravest of what is certain about a wrong answer."""
    exercise = judgement.exercise
    if (fact := _fact_of_text(exercise, callee)) is not None:
        return fact
    outcomes = [outcome for trial in trials.values() for outcome in trial.got]
    missing = [outcome.error for outcome in outcomes if isinstance(outcome.error, ModuleNotFoundError)]
    if missing:
        package = f"`{missing[0].name}`" if missing[0].name else "A package that you import"  # in a class nobody knows
        return Fact("missing-package", f"{package} is not installed here: {PACKAGES}")
    pairs = [pair for trial in trials.values() for pair in zip(trial.expected, trial.got, strict=True)]
    both = [(want, got) for want, got in pairs if want.how == got.how == "returned"]
    if any(got.value is None and want.value is not None for want, got in both):
        empty = next(iter(callee.look_at_text(empty_return, exercise.name)), None)
        if empty is not None:
            return empty
    values = trials[judgement.values.spec.inputs_of]
    if not judgement.values.passed and exercise.parameters and same_for_all(values.expected, values.got):
        given = f", {show(values.got[0].value)}," if echo else ""
        return Fact("same-for-all", f"Your function returns the same{given} whatever it is given.")
    numbers = all(isinstance(outcome.value, (int, float, np.number)) for outcome in values.expected)
    if exercise.kind == "values" or (exercise.kind == "property" and numbers):
        return next(iter(callee.look_at_text(drawn_at_random, exercise.name)), None)
    return None


def _fact_of_text(exercise: Exercise, callee: Callee) -> Fact | None:
    """Return the gravest of what is certain about an answer's text, whatever it was asked."""
    asked = used_arguments(exercise.reference)
    return next(iter(callee.look_at_text(facts, exercise.name, callee.names(), asked)), None)


def _explained(judgement: Judgement, result: LayerResult, trial: Trial) -> bool:
    """Whether the mistake found in "values" is all there is to a later layer: one mistake, one hint."""
    found = judgement.values.misconception
    if found is None or result is judgement.values:
        return False
    return behaves_as(found, judgement.exercise, result.spec, trial)


def _observe(exercise: Exercise, trial: Trial) -> str | None:
    """Say what the results have to do with the right ones, where all that should come back did."""
    inputs, expected, got = trial.inputs, trial.expected, trial.got
    both = [i for i in range(len(inputs)) if expected[i].how == got[i].how == "returned"]
    if len(both) < len([outcome for outcome in expected if outcome.how == "returned"]):
        return None

    def swapped(place: int) -> Any:
        args = inputs[both[place]]
        return call_ours(exercise.reference, (args[1], args[0], *args[2:]), exercise.parameters).value

    can_swap = len(exercise.parameters) >= 2
    pairs = [(expected[i].value, got[i].value) for i in both]
    return relations.observe(pairs, swapped if can_swap else None, [_sizes(exercise, inputs[i]) for i in both])


def _sizes(exercise: Exercise, args: Args) -> dict[str, int]:
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


def _size(args: Args) -> int:
    return sum(np.size(arg) if isinstance(arg, (np.ndarray, list, tuple, int, float)) else 1 for arg in args)
