"""The points that every answer earns that puts things in order: to compare one processor with another.

NumPy orders ties differently where it may use wider registers. Sums and powers differ there, too, in their last digit,
which is what a comparison leaves room for. So an answer counts if it, or its exercise, sorts.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import re
import sys
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
ORDERS = re.compile(
    r"sort|partition|unique|argmax|argmin|top_k|heapq|nlargest|isin|intersect|quantile|percentile|median"
)
SEED = 7  # as in a class: the fixed inputs of a notebook, and fresh ones behind them


@contextlib.contextmanager
def drawn_once() -> Iterator[None]:
    """Draw once what hangs on exercise, layer and seed alone: it is the same for all answers that are judged."""
    draw = diagnosis.drawn
    kept = functools.cache(lambda name, layer, seed: draw(all_exercises()[name], layer, seed))
    with mock.patch.object(diagnosis, "drawn", lambda exercise, layer, seed: kept(exercise.name, layer, seed)):
        yield


def answers() -> Iterator[tuple[str, Exercise, Callee]]:
    """Yield alternatives, known mistakes and every second attempt, of what orders something, each with its name."""
    ordered = {
        name
        for name, exercise in all_exercises().items()
        if name not in LEFT_OUT and ORDERS.search(inspect.getsource(sys.modules[exercise.reference.__module__]))
    }
    for exercise in map(all_exercises().__getitem__, sorted(ordered)):
        known: list[tuple[str, Callable[..., Any]]] = [("reference", exercise.reference)]
        known += [(function.__name__, function) for function in exercise.alternatives]
        known += [(mistake.name, mistake.function) for mistake in exercise.misconceptions]
        for name, function in known:
            yield f"{exercise.name}-{name}", exercise, Trusted(function)
    for attempt in all_attempts()[::2]:
        exercise = all_exercises()[attempt.exercise]
        orders = exercise.name in ordered or ORDERS.search(attempt.code)
        function = run(exercise, attempt.code).function if orders and exercise.name not in LEFT_OUT else None
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
