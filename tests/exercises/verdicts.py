"""What the check says of every answer that the course knows, as text: to compare one processor with another."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from recsys_lib.checks import all_exercises
from recsys_lib.checks.callee import Callee, Local, Trusted
from recsys_lib.checks.definition import Exercise
from recsys_lib.checks.diagnosis import judge
from tests.exercises.test_attempts import ATTEMPTS, function_of

SEED = 7  # of the inputs that a grade adds
#: Exercises that are left out, with the reason.
LEFT_OUT = {
    "gravity": "most of its verdicts are about time",
    "cure": "each verdict trains models for a second, and orders nothing of the answer's",
}


class WithoutText(Local):
    """A reader's function whose text is not looked at: what is found in a text does not hang on the processor."""

    def written(self) -> str | None:
        """Return None, as where nobody knows the text; the search for a line is kept to a time."""
        return None


def answers() -> Iterator[tuple[str, Exercise, Callee]]:
    """Yield all alternatives, known mistakes and attempts, each with a name of its own."""
    for exercise in all_exercises().values():
        known: list[tuple[str, Callable[..., Any]]] = [("reference", exercise.reference)]
        known += [(function.__name__, function) for function in exercise.alternatives]
        known += [(mistake.name, mistake.function) for mistake in exercise.misconceptions]
        for name, function in known:
            yield f"{exercise.name}-{name}", exercise, Trusted(function)
    for key, (path, attempt) in ATTEMPTS.items():
        function = function_of(path.stem, attempt["code"], path.parent.name)
        if callable(function):
            yield key, all_exercises()[path.stem], WithoutText(function)


def verdict(exercise: Exercise, callee: Callee, seed: int | None) -> list[list[Any]]:
    """Return the points and the sentences of each layer."""
    return [[layer.layer, layer.points, layer.hints] for layer in judge(exercise, callee, seed).layers]


def verdicts() -> dict[str, list[Any]]:
    """Return what is said of every answer in a notebook, and of an attempt in a class, too."""
    found: dict[str, list[Any]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, exercise, callee in answers():
            if exercise.name not in LEFT_OUT:
                seeds = (None, SEED) if isinstance(callee, WithoutText) else (None,)
                found[name] = [verdict(exercise, callee, seed) for seed in seeds]
    return found
