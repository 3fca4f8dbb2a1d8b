"""Known mistakes that somebody makes: readers in their attempts, or one small edit of a right answer.

An entry that neither reaches is a guess of its author's. It stays where a reader of the prompt would write it, and goes
where nobody would.

python -m tests.exercises.reached [SHARE] [NAME ...]        print the entries that nothing reaches, by exercise
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from tqdm import tqdm

from classroom.author.attempts import all_attempts
from classroom.author.evidence import assess
from recsys_lib.checks import all_exercises
from recsys_lib.checks.calling import call_ours
from recsys_lib.checks.definition import Exercise, Misconception
from recsys_lib.checks.layers import Layer
from tests.exercises.survivors import limited, right_answers, sampled


class Entries:
    """The known mistakes of one layer, with what each of them does on the layer's fixed inputs."""

    def __init__(self, exercise: Exercise, layer: Layer) -> None:
        self.exercise, self.layer = exercise, layer
        self.mistakes = [mistake for mistake in exercise.misconceptions if mistake.layer == layer.name]
        names = exercise.parameters
        self.inputs = [
            (args, [call_ours(mistake.function, args, names) for mistake in self.mistakes])
            for args in exercise.layer_inputs(layer.name)
        ]

    def reached_by(self, function: Callable[..., Any]) -> list[Misconception]:
        """Return the entries that behave on every input as a function does."""
        left = list(range(len(self.mistakes)))
        for args, outcomes in self.inputs:
            got = limited(function, args, self.exercise)
            left = [i for i in left if self.layer.agree(outcomes[i], got, up_to_sign=self.exercise.up_to_sign)]
            if not left:
                break
        return [self.mistakes[i] for i in left]


def reached_by_edits(exercise: Exercise, share: float = 1.0) -> set[str]:
    """Return the names of the known mistakes that an edit of a right answer makes."""
    entries = [Entries(exercise, layer) for layer in exercise.layers if not layer.timed]
    found: set[str] = set()
    for answer in right_answers(exercise):
        for edit in sampled(answer, share):
            function = answer.edited(edit)
            if function is not None:
                found |= {mistake.name for layer in entries for mistake in layer.reached_by(function)}
    return found


def reached_by_attempts(names: list[str]) -> dict[str, set[str]]:
    """Return, by exercise, the known mistakes that a check names in an attempt, or that the attempt asks for."""
    found: dict[str, set[str]] = {}
    for attempt in tqdm(all_attempts(), desc="attempts", leave=False):
        if names and attempt.exercise not in names:
            continue
        said = {*attempt.says, *assess(attempt).said}
        known = {sentence.removeprefix("known:") for sentence in said if sentence.startswith("known:")}
        found.setdefault(attempt.exercise, set()).update(known)
    return found


def unreached(names: list[str], share: float = 1.0) -> Iterator[tuple[Exercise, list[Misconception]]]:
    """Yield each exercise with the known mistakes that nothing reaches."""
    by_attempts = reached_by_attempts(names)
    for exercise in tqdm(all_exercises().values(), desc="exercises", leave=False):
        if names and exercise.name not in names:
            continue
        found = by_attempts.get(exercise.name, set())
        if exercise.kind != "answer":
            found |= reached_by_edits(exercise, share)
        yield exercise, [mistake for mistake in exercise.misconceptions if mistake.name not in found]


def main(names: list[str]) -> None:
    """Print the entries that nothing reaches, by exercise."""
    share = float(names.pop(0)) if names and names[0][0].isdigit() else 1.0
    total = left = 0
    for exercise, missing in unreached(names, share):
        total, left = total + len(exercise.misconceptions), left + len(missing)
        print(f"{exercise.name}: {len(missing)} of {len(exercise.misconceptions)}", flush=True)
        for mistake in missing:
            print(f"  {mistake.layer}: {mistake.name}", flush=True)
    print(f"{left} of {total} known mistakes are reached by no attempt and no edit")


if __name__ == "__main__":
    main(sys.argv[1:])
