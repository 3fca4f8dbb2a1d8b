"""The points that every answer earns that the course knows: to compare one processor with another."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from classroom.author.attempts import all_attempts, run
from recsys_lib.checks import all_exercises, diagnosis
from recsys_lib.checks.callee import Callee, Local, Trusted
from recsys_lib.checks.definition import Exercise
from recsys_lib.checks.diagnosis import judge

LEFT_OUT = ("cure", "gravity")  # they sort nothing, and take minutes: one trains a model on every input, one is timed
SEED = 7  # as in a class: the fixed inputs of a notebook, and fresh ones behind them


@contextlib.contextmanager
def drawn_once() -> Iterator[None]:
    """Draw once what hangs on exercise, layer and seed alone: it is the same for all answers that are judged."""
    draw = diagnosis.drawn
    kept = functools.cache(lambda name, layer, seed: draw(all_exercises()[name], layer, seed))
    with mock.patch.object(diagnosis, "drawn", lambda exercise, layer, seed: kept(exercise.name, layer, seed)):
        yield


def answers() -> Iterator[tuple[str, Exercise, Callee]]:
    """Yield all alternatives, known mistakes and attempts, each with a name of its own."""
    for exercise in all_exercises().values():
        if exercise.name in LEFT_OUT:
            continue
        known: list[tuple[str, Callable[..., Any]]] = [("reference", exercise.reference)]
        known += [(function.__name__, function) for function in exercise.alternatives]
        known += [(mistake.name, mistake.function) for mistake in exercise.misconceptions]
        for name, function in known:
            yield f"{exercise.name}-{name}", exercise, Trusted(function)
    for attempt in all_attempts():
        exercise = all_exercises()[attempt.exercise]
        function = None if exercise.name in LEFT_OUT else run(exercise, attempt.code).function
        if callable(function):
            yield attempt.key, exercise, Local(function)


def verdict(exercise: Exercise, callee: Callee, seed: int | None) -> list[list[Any]]:
    """Return the points of each layer; those that are timed hang on the machine, as they may."""
    layers = judge(exercise, callee, seed, explain=False).layers
    return [[layer.layer, layer.points] for layer in layers if not layer.spec.timed]


def verdicts() -> dict[str, list[Any]]:
    """Return what every answer earns."""
    with drawn_once(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: verdict(exercise, callee, SEED) for name, exercise, callee in answers()}
