"""Whatever the library holds that answers an exercise is switched off while that exercise is judged.

Every function and method of `recsys_lib` outside of the exercises is tried as the answer to every exercise: with the
arguments in each order, a query made a table of one row, a table turned over, and a part taken of what comes back.
Tried too is what one would build around a function that does the work of an exercise but not the first or last step:
the measure is called before it, or norms are taken, or it is called on each argument and the results are correlated.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import io
import itertools
import pkgutil
import signal
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import recsys_lib
from recsys_lib.checks import all_exercises, callables, check
from recsys_lib.checks.callee import Trusted
from recsys_lib.checks.calling import call, call_ours
from recsys_lib.checks.definition import Exercise
from recsys_lib.checks.diagnosis import judge
from recsys_lib.checks.layers import Args, Layer
from recsys_lib.checks.outcome import Outcome
from recsys_lib.factorization import Embeddings
from recsys_lib.interactions import Interactions

EXERCISES = all_exercises()

# What is called with arguments that it was not made for may leave half an object behind.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A function that opens a path takes the bytes of an array for one: such files are not made in the course."""
    monkeypatch.chdir(tmp_path)


MAX_SECONDS = 0.05  # of a call, on inputs of a few numbers
PLAIN = (np.ndarray, np.generic, bool, int, float, str, list, tuple, dict, Interactions, Embeddings)

#: What may answer an exercise all the same, "exercise: function" with the reason.
ALLOWED: dict[str, str] = {}


@functools.cache
def functions() -> dict[str, Callable[..., Any]]:
    """Return the library's functions and the methods of its classes, private ones too, by their full names."""
    found: dict[str, Callable[..., Any]] = {}
    for info in pkgutil.walk_packages(recsys_lib.__path__, "recsys_lib."):
        if not info.name.startswith("recsys_lib.exercises"):
            for name, thing in vars(importlib.import_module(info.name)).items():
                if getattr(thing, "__module__", None) == info.name:
                    found |= _with_methods(f"{info.name}.{name}", thing)
    return found


def _with_methods(name: str, thing: Any) -> dict[str, Callable[..., Any]]:
    """Return a function, or the methods and properties of a class; a method takes its object as first argument."""
    if inspect.isfunction(thing):
        return {name: positional(thing)}
    found = {}
    for part, value in vars(thing).items() if inspect.isclass(thing) else ():
        for attribute in ("__func__", "fget", "func"):
            value = getattr(value, attribute, value)
        if inspect.isfunction(value) and not part.startswith("__"):
            found[f"{name}.{part}"] = positional(value)
    return found


def positional(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let arguments that have to be named be handed over by their place, behind the others."""
    parameters = inspect.signature(function).parameters.values()
    named = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    if not named:
        return function
    first = sum(each.kind is each.POSITIONAL_OR_KEYWORD for each in parameters)

    @functools.wraps(function)
    def handed_on(*args: Any) -> Any:
        return function(*args[:first], **dict(zip(named, args[first:], strict=False)))

    plain = [each.replace(kind=each.POSITIONAL_OR_KEYWORD) for each in parameters if each.kind is not each.VAR_KEYWORD]
    with contextlib.suppress(ValueError):  # one without a default behind one that has it
        handed_on.__signature__ = inspect.Signature(plain)
    return handed_on


@functools.cache
def takes(function: Callable[..., Any], arguments: int) -> bool:
    """Whether a function may be called with so many arguments."""
    try:
        inspect.signature(function).bind(*range(arguments))
    except TypeError:
        return False
    return True


def same(arg: Any) -> Any:
    """Leave an argument as it is."""
    return arg


def as_row(arg: Any) -> Any:
    """Make a table of one row of a query."""
    return arg[None] if isinstance(arg, np.ndarray) and arg.ndim == 1 else arg


def turned(arg: Any) -> Any:
    """Turn a table over."""
    return arg.T if isinstance(arg, np.ndarray) and arg.ndim == 2 else arg


#: What is done to each of the arguments, the first one and all others.
GIVEN: tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...] = (
    (same, same),
    (as_row, same),
    (as_row, as_row),
    (turned, same),
    (same, turned),
    (turned, turned),
)
TAKEN: tuple[Callable[[Any], Any], ...] = (
    lambda value: value,
    lambda value: value[0],
    lambda value: value[1],
    lambda value: value.T,
    lambda value: value[:, 0],
    lambda value: float(value),
    lambda value: int(value),
    lambda value: value.tolist(),
    lambda value: dict(vars(value)),
    lambda value: value.users,
    lambda value: value.items,
)


def measured(*args: Any) -> Args:
    """Call the measure on what stands before it."""
    place = next(i for i, arg in enumerate(args) if callable(arg))
    return (args[place](*args[:place]), *args[place + 1 :])


def norms(*args: Any) -> Args:
    """Take the lengths of the rows of each table."""
    return tuple(np.linalg.norm(arg, axis=1) if np.ndim(arg) == 2 else arg for arg in args)


def callers(args: Args) -> Iterator[tuple[int, Callable[..., Any]]]:
    """Yield the ways to call a function for these arguments, ``call(function, *args)``, and how many it must take."""

    def plainly(way: Callable[..., Args]) -> Callable[..., Any]:
        return lambda function, *args: function(*way(*args))

    yield from ((len(args), plainly(way)) for way in ways(args))
    if any(callable(arg) for arg in args[2:]):
        count = len(measured(*args))
        yield from ((n, plainly(lambda *args, n=n: measured(*args)[:n])) for n in range(1, count + 1))
    if [np.ndim(arg) for arg in args] == [2, 1] and len(args[0]) == len(args[1]):
        yield 2, plainly(norms)
        yield 1, lambda function, *args: np.corrcoef(*map(function, norms(*args)))[0, 1]


def ways(args: Args) -> Iterator[Callable[..., Args]]:
    """Yield the ways to hand over arguments that differ for these; the orders of more than three are too many."""
    if not args:
        yield lambda: ()
        return
    count, seen = len(args), set()
    orders = itertools.permutations(range(count)) if count <= 3 else [tuple(range(count))]
    for order, (first, others) in itertools.product(orders, GIVEN):
        done = [first, *[others] * (count - 1)]

        def way(*args: Any, order: tuple[int, ...] = order, done: list[Callable[[Any], Any]] = done) -> Args:
            return tuple(do(args[i]) for do, i in zip(done, order, strict=True))

        handed = zip(order, way(*args), strict=True)
        form = tuple((i, np.shape(arg) if isinstance(arg, np.ndarray) else ()) for i, arg in handed)
        if form not in seen:
            seen.add(form)
            yield way


def right(exercise: Exercise, layer: Layer, args: Args, want: Outcome, have: Outcome) -> bool:
    """Whether an outcome is right for a layer, by the judge of a property or by the reference."""
    if exercise.judge_result is not None:
        if have.how != "returned":
            return False
        with contextlib.suppress(Exception):
            return exercise.judge_result(args, have.value) is None
        return False
    return layer.agree(want, have, up_to_sign=exercise.up_to_sign)


def answers(exercise: Exercise, forbid: tuple[str, ...]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the functions of the library that are right on a layer's first inputs, with an answer that calls each."""
    for layer in exercise.layers if exercise.kind != "answer" else exercise.layers[:1]:
        if not layer.has_inputs:
            continue
        inputs = exercise.layer_inputs(layer.name)
        both = [(args, call_ours(exercise.reference, args)) for args in inputs]
        trial = sorted(both, key=lambda pair: pair[1].how != "returned")[:3]  # whatever raises is soon right on an edge
        for name, function in functions().items():
            for answer in _fitting(exercise, layer, function, trial, forbid):
                yield name, answer


def _fitting(exercise, layer, function, trial, forbid) -> Iterator[Callable[..., Any]]:
    """Yield answers that call a function and are right on every input of a trial."""
    for count, way in callers(trial[0][0]):
        if not takes(function, count):
            continue

        def handed_on(*args, way=way):
            return way(function, *args)

        left = TAKEN
        for args, want in trial:
            have = within_limit(Trusted(handed_on), args, forbid)
            if have.how == "too long" or (have.how == "returned" and not isinstance(have.value, PLAIN)):
                return  # what draws or trains is no answer, in whatever way it is called
            if have.how == "returned":
                left = [take for take in left if right(exercise, layer, args, want, _taken(take, have.value))]
            elif not right(exercise, layer, args, want, have):
                left = []
            if not left:
                break
        if left:
            yield lambda *args, take=left[0], handed_on=handed_on: take(handed_on(*args))


def within_limit(callee: Trusted, args: Args, forbid: tuple[str, ...]) -> Outcome:
    """Call, and give up what takes long; the time of the processor counts, however busy the machine is."""

    def ring(signum, frame):
        raise TimeoutError

    signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, MAX_SECONDS)
    try:
        have = call(callee, args, forbid=forbid)
    except TimeoutError:
        return Outcome("too long")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return Outcome("too long") if isinstance(have.error, TimeoutError) else have


def _taken(take: Callable[[Any], Any], value: Any) -> Outcome:
    with contextlib.suppress(Exception):
        return Outcome("returned", value=take(value))
    return Outcome("raised", error=ValueError())


def earning(exercise: Exercise, forbid: tuple[str, ...]) -> dict[str, int]:
    """Return the points of each function of the library that earns any, as long as these are switched off."""
    found: dict[str, int] = {}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for name, answer in answers(exercise, forbid):
            points = judge(exercise, Trusted(answer), 1, explain=False).points
            if points:
                found[name] = max(points, found.get(name, 0))
    return found


@pytest.fixture(autouse=True)
def harmless(monkeypatch, tmp_path):
    """Let no function that is called with anything at all open a file or the network, draw or start a thread."""

    def refuse(*args, **kwargs):
        raise RuntimeError("not here")

    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setattr("matplotlib.figure.Figure.__init__", refuse)
    monkeypatch.setattr("pooch.retrieve", refuse)
    monkeypatch.setattr("threading.Thread.start", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)
    functions()  # imports read files
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
def test_no_function_of_the_library_is_an_answer(exercise):
    """Whoever hands in a function of the library earns nothing."""
    found = earning(exercise, exercise.instead_of)
    assert not {name for name in found if f"{exercise.name}: {name}" not in ALLOWED}, found


@pytest.mark.parametrize(
    "name, twins",
    [
        ("cosine", {"similarity.cosine_scores", "checks.callables.cosine"}),
        ("dot", {"similarity.dot_scores", "checks.callables.dot"}),
        ("embed", {"factorization.svd.truncated_svd"}),
        ("top_k", {"retrieval.top_k"}),
        ("rank", {"widgets.base.order_of"}),
        ("norm_popularity", {"metrics._average_ranks", "metrics.rank_correlation"}),
    ],
)
def test_what_is_not_switched_off_is_found(name, twins):
    """The same search finds the functions that answer an exercise, as long as nothing is switched off."""
    assert {f"recsys_lib.{twin}" for twin in twins} <= {found for found, _ in answers(EXERCISES[name], ())}


def test_a_measure_works_where_it_is_the_argument():
    """What answers one exercise is handed to another's answer, and may be called there."""

    def rank(q, items, measure, distance=False):
        scores = measure(q, items)
        return np.argsort(scores if distance else -scores, kind="stable")

    assert check("rank", rank).solved
    verdict = check("dot", callables.dot)
    assert verdict.points == 0
    assert "dot is the function to write yourself" in str(verdict)
