"""Every exercise of the course, held to the same rules; a new exercise is picked up by itself."""

from __future__ import annotations

import functools
import itertools
import re
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from recsys_lib.checks import all_exercises
from recsys_lib.checks.callee import Trusted
from recsys_lib.checks.calling import call_ours
from recsys_lib.checks.diagnosis import judge, judge_on_fresh, judge_on_public, right_outcomes
from recsys_lib.checks.known_mistakes import inputs_apart
from recsys_lib.checks.verdict import Verdict
from tests.exercises.verdicts import drawn_once

EXERCISES = all_exercises()
LESSONS = Path(__file__).parents[2] / "solutions"
SEEDS = (1, 2)
SEEDS_BY_HEART = (11, 12, 13)
#: Known mistakes that need not fail on fresh inputs, with the reason.
SHOWN_IN_PUBLIC_ALONE = {
    "not_in_every_world": "a drawn world asks for less, and whoever has the right settings for some has them for all",
}


@pytest.fixture(scope="module", autouse=True)
def what_is_drawn():
    """Draw for all answers that are judged here what they have in common."""
    with drawn_once():
        yield


def each(*kinds):
    """Parametrise over the exercises of some kinds."""
    chosen = [exercise for exercise in EXERCISES.values() if not kinds or exercise.kind in kinds]
    return pytest.mark.parametrize("exercise", chosen, ids=lambda exercise: exercise.name)


def each_of(attribute, *kinds):
    """Parametrise over (exercise, misconception) or (exercise, alternative)."""
    pairs = [
        pytest.param(exercise, entry, id=f"{exercise.name}-{getattr(entry, 'name', None) or entry.__name__}")
        for exercise in EXERCISES.values()
        if not kinds or exercise.kind in kinds
        for entry in getattr(exercise, attribute)
    ]
    return pytest.mark.parametrize("exercise, entry", pairs)


def verdict_of(exercise, function, seed=None):
    """What a check says of a function that is ours, and so ends by itself."""
    return Verdict(judge(exercise, Trusted(function), seed))


@functools.cache
def public_half(name, function):
    """How an answer is judged for a grade before a seed has anything to do with it."""
    return judge_on_public(EXERCISES[name], Trusted(function), for_grade=True)


def graded(exercise, function, seed):
    """What a grade says, of which the first half is the same for each seed; without a seed, what a check says."""
    if seed is None:
        return verdict_of(exercise, function)
    return Verdict(judge_on_fresh(public_half(exercise.name, function), Trusted(function), seed))


def test_every_lesson_has_exercises():
    """The tests below see the definitions of every lesson there is."""
    assert {exercise.lesson for exercise in EXERCISES.values()} == {path.name[4:] for path in LESSONS.glob("[LE]??_*")}


@each()
@pytest.mark.parametrize("seed", (None, *SEEDS))
def test_reference_passes(exercise, seed):
    """The reference earns every point on fixed and on fresh inputs."""
    assert graded(exercise, exercise.reference, seed).solved


@each_of("alternatives")
@pytest.mark.parametrize("seed", (None, *SEEDS))
def test_alternative_passes(exercise, entry, seed):
    """A right answer passes however it is written."""
    verdict = graded(exercise, entry, seed)
    assert verdict.solved, str(verdict)


@each_of("misconceptions")
@pytest.mark.parametrize("seed", (None, *SEEDS))
def test_misconception_gets_its_own_hint(exercise, entry, seed):
    """A known wrong answer is rejected, and its own sentence is said."""
    verdict = graded(exercise, entry.function, seed)
    assert not verdict.solved
    assert entry.hint in [*verdict.hints, *verdict.judgement.notes], str(verdict)


@each()
def test_definition_is_complete(exercise):
    """Three misconceptions and three alternatives at least; integer points; "values" first; inputs for each layer."""
    assert len(exercise.misconceptions) >= 3
    assert len(exercise.alternatives) >= 3
    assert next(iter(exercise.points)) == "values"
    assert all(isinstance(points, int) and points > 0 for points in exercise.points.values())
    if exercise.kind == "answer":
        assert exercise.max_points == 1
        return
    for layer in exercise.own_layers:
        assert len(exercise.layer_inputs(layer)) >= 4, layer
        fixed, both = len(exercise.layer_inputs(layer)), len(exercise.layer_inputs(layer, 1))
        assert both - fixed >= 3, f"{layer}: too few fresh inputs"


@each("values", "property")
def test_fresh_inputs_come_from_the_seed(exercise):
    """The same seed gives the same inputs, another seed others."""
    for layer in exercise.own_layers:
        one, again, other = (exercise.layer_inputs(layer, seed) for seed in (1, 1, 2))
        assert repr(one) == repr(again)
        assert repr(one) != repr(other), layer


@each("values")
def test_edge_layers_mix_edge_and_ordinary(exercise):
    """No single behaviour - always raising, zeros, None, the first argument - passes an edge layer."""
    for layer in exercise.layers[1:]:
        if not layer.has_inputs:
            continue
        inputs = exercise.layer_inputs(layer.name)
        expected = right_outcomes(exercise, inputs)
        for lazy in lazy_answers(exercise):
            got = [call_ours(lazy, args) for args in inputs]
            assert not all(
                layer.agree(want, have, up_to_sign=exercise.up_to_sign)
                for want, have in zip(expected, got, strict=True)
            ), f"{lazy.__name__} passes {layer.name}"


def lazy_answers(exercise):
    """Yield answers that solve nothing."""

    def always_raises(*args):
        raise ValueError("no")

    def returns_none(*args):
        return None

    def returns_first_argument(*args):
        return args[0] if args else {}

    def zeros_of_the_right_shape(*args):
        value = exercise.reference(*args)
        if isinstance(value, tuple):
            return tuple(np.zeros_like(part) for part in value)
        return np.zeros_like(value) if value is not None else 0.0

    def nothing_but_nan(*args):
        value = zeros_of_the_right_shape(*args)
        return tuple(part + np.nan for part in value) if isinstance(value, tuple) else value + np.nan

    def wrong_shape(*args):
        value = exercise.reference(*args)
        return tuple(np.asarray(part)[None] for part in value) if isinstance(value, tuple) else np.array([value, value])

    class AlwaysEqual:
        def __eq__(self, other):
            return True

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return self

        def __array__(self, dtype=None, copy=None):
            raise ValueError("no")

    def always_equal_object(*args):
        return AlwaysEqual()

    yield from (always_raises, returns_none, returns_first_argument, zeros_of_the_right_shape)
    yield from (nothing_but_nan, wrong_shape, always_equal_object)


@each("values", "property")
def test_nobody_foresees_the_fresh_results(exercise):
    """Whoever counts the calls, and gives back what was right there for another grade, does not pass a layer."""
    if exercise.name == "cure":
        pytest.skip("which settings cure a model is one thing to find out, whatever the ratings")
    for layer in exercise.own_layers:
        results = Counter(
            tuple(
                fingerprint((o.how, type(o.error), o.value))
                for o in right_outcomes(exercise, exercise.fresh_inputs(layer, seed))
            )
            for seed in range(60)
        )
        assert max(results.values()) <= 2, layer


@each("values", "property")
def test_a_table_for_edges_and_not_solved_for_the_rest_earns_nothing(exercise):
    """Raising NotImplementedError on all inputs that are not in the table is no way round the fresh ones."""
    edges = {
        fingerprint(args)
        for layer in exercise.own_layers
        for args in exercise.layer_inputs(layer)
        if layer != exercise.layers[0].name
    }

    def by_heart(*args):
        if fingerprint(args) in edges:
            return exercise.reference(*args)
        raise NotImplementedError

    assert verdict_of(exercise, by_heart, 5).points == 0


@each("values", "property")
def test_lazy_answers_earn_nothing(exercise):
    """Zeros, None, NaN, wrong shapes, an always-equal object, always raising: 0 points, under fresh inputs too."""
    for lazy in lazy_answers(exercise):
        for seed in (None, 3):
            verdict = verdict_of(exercise, lazy, seed)
            assert verdict.points == 0, f"{lazy.__name__}\n{verdict}"


@each()
def test_unsolved_is_said_and_earns_nothing(exercise):
    """A stub is no mistake: one friendly line, 0 points."""

    def stub(*args):
        raise NotImplementedError("not solved yet")

    verdict = verdict_of(exercise, stub)
    assert verdict.unsolved
    assert verdict.points == 0
    assert "not solved yet" in str(verdict)
    assert "Traceback" not in str(verdict)


@each("values")
def test_answers_learnt_by_heart_fail_on_fresh_inputs(exercise):
    """A table of the right answers to the fixed inputs passes the visible check and earns nothing when graded."""
    known = {}
    for layer in exercise.own_layers:
        for args in exercise.layer_inputs(layer):
            known[fingerprint(args)] = args

    def by_heart(*args):
        if fingerprint(args) in known:
            return exercise.reference(*args)
        return None

    assert verdict_of(exercise, by_heart).points >= exercise.points["values"]
    assert verdict_of(exercise, by_heart, 5).points == 0


@functools.cache
def public_inputs(name):
    """Return the notebook's inputs of an exercise."""
    exercise = EXERCISES[name]
    return {fingerprint(args) for layer in exercise.own_layers for args in exercise.layer_inputs(layer)}


@each_of("misconceptions", "values", "property")
def test_a_known_mistake_behind_a_table_loses_points(exercise, entry):
    """An answer with the notebook's results in a table, and a known mistake for the rest, fails on fresh inputs."""
    layer = next(layer for layer in exercise.layers if layer.name == entry.layer)
    if layer.timed:
        pytest.skip("no notebook holds what speed is measured on")
    if entry.name in SHOWN_IN_PUBLIC_ALONE:
        pytest.skip(SHOWN_IN_PUBLIC_ALONE[entry.name])
    public = public_inputs(exercise.name)
    judgement = public_half(exercise.name, exercise.reference)  # the table is right on all of them

    def answer(*args):
        return (exercise.reference if fingerprint(args) in public else entry.function)(*args)

    for seed in SEEDS_BY_HEART:
        judged = judge_on_fresh(judgement, Trusted(answer), seed, explain=False)
        earned = next(result.points for result in judged.layers if result.layer == entry.layer)
        assert earned < layer.points, f"seed {seed}: what {entry.layer!r} draws has no input that shows it"


def fingerprint(args):
    """Name an argument tuple by its contents."""
    return tuple(
        (arg.shape, arg.tobytes()) if isinstance(arg, np.ndarray) else getattr(arg, "__name__", repr(arg))
        for arg in args
    )


@each("values")
def test_known_mistakes_are_told_apart(exercise):
    """Each is wrong on an input that learners see, and differs from each other one of its layer.

    Two that agree on the layer's own inputs are told apart on those that a check then draws. Two that agree there,
    too, are one entry, under one hint.
    """
    for layer in exercise.layers:
        speaking = [mistake for mistake in exercise.misconceptions if mistake.layer == layer.name]
        if layer.timed:  # told by its time, not by what it returns
            assert len(speaking) <= 1
            continue

        def outcomes(function, inputs):
            return [call_ours(function, args, exercise.parameters) for args in inputs]

        def differ(some, others, layer=layer):
            pairs = zip(some, others, strict=True)
            return any(not layer.agree(one, other, up_to_sign=exercise.up_to_sign) for one, other in pairs)

        inputs = exercise.layer_inputs(layer.name)
        right = outcomes(exercise.reference, inputs)
        found = {mistake.name: outcomes(mistake.function, inputs) for mistake in speaking}
        for one, other in itertools.combinations(speaking, 2):
            if not differ(found[one.name], found[other.name]):
                more = list(inputs_apart(exercise, layer))
                apart = differ(outcomes(one.function, more), outcomes(other.function, more))
                assert apart, f"{layer.name}: {one.name} and {other.name} are one: no input tells them apart"
        for name, got in found.items():
            assert differ(right, got), f"{layer.name}: no input that learners see shows {name}"


@each("values")
def test_two_mistakes_get_two_hints(exercise):
    """A mistake in "values" does not hide a mistake in an edge layer, nor the other way round."""
    layers = exercise.own_layers
    for edge in layers[1:]:
        in_edge = {fingerprint(args) for args in exercise.layer_inputs(edge)}
        in_values = {fingerprint(args) for args in exercise.layer_inputs("values")}
        if in_edge & in_values:
            continue
        wrong = next(m for m in exercise.misconceptions if m.layer == "values")
        for slip in (m for m in exercise.misconceptions if m.layer == edge):

            def both(*args, slip=slip, wrong=wrong, in_edge=in_edge):
                return (slip if fingerprint(args) in in_edge else wrong).function(*args)

            hints = verdict_of(exercise, both).hints
            assert wrong.hint in hints, slip.name
            assert slip.hint in hints, slip.name


@each()
def test_hints_are_sentences_without_code(exercise):
    """A hint is a sentence or two, ends like one, is said for one mistake only, and holds no line of code."""
    hints = [misconception.hint for misconception in exercise.misconceptions]
    assert len(set(hints)) == len(hints)
    for hint in hints:
        assert re.match(r"^[A-Z`].*[.?]$", hint), hint
        assert len(hint) <= 220, hint
        assert not re.search(r"np\.|axis=\d|@|\*\*|==|\bdef\b|\blambda\b|\[:", hint), hint


@each("values")
def test_answer_may_work_on_its_own_copies(exercise):
    """The check gives each call fresh copies: an answer that spoils its inputs loses "input kept" alone."""

    def spoils(*args):
        result = exercise.reference(*args)
        for arg in args:
            if isinstance(arg, np.ndarray) and arg.size:
                arg[...] = 0
        return result

    verdict = verdict_of(exercise, spoils)
    lost = {layer.layer for layer in verdict.layers if not layer.passed}
    assert lost == ({"input kept"} if "input kept" in exercise.points else set()), str(verdict)


@each("values")
def test_library_twin_is_switched_off(exercise):
    """Handing in the library's own function is refused by name, for each function that the exercise forbids."""
    from recsys_lib import factorization, metrics, retrieval, similarity, threats
    from recsys_lib.checks import callables
    from recsys_lib.widgets import base

    modules = (similarity, retrieval, factorization, metrics, threats, callables, base)
    for name in exercise.instead_of:
        twin = next(getattr(module, name) for module in modules if hasattr(module, name))

        def handed_in(*args, twin=twin):
            return twin()  # refused before its arguments are looked at

        verdict = verdict_of(exercise, handed_in)
        assert verdict.points == 0
        assert "to write yourself" in str(verdict), str(verdict)


def test_references_are_quiet():
    """No reference warns on the inputs of its own exercise."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for exercise in EXERCISES.values():
            for layer in exercise.own_layers:
                for args in exercise.layer_inputs(layer, 1):
                    outcome = call_ours(exercise.reference, args)
                    assert not outcome.warned, (exercise.name, outcome.warned)
