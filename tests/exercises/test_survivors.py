"""A right answer with one small edit fails, or does the same on whatever the prompt allows."""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator

import pytest

from recsys_lib.checks import all_exercises
from recsys_lib.checks.callee import Trusted
from recsys_lib.checks.diagnosis import judge
from recsys_lib.checks.verdict import Verdict
from tests.exercises.survivors import LEFT_OUT, SEEDS, Cases, right_answers, sampled, survivors

SHARE = 0.015  # of all edits; `python -m tests.exercises.survivors` makes all of them, in half an hour
EDITS_TOLD = 12  # of each reference
TOLD_SHARE = 0.75
MAX_BYTES = 8 * 2**30  # some edits ask for an array of any size

pytestmark = pytest.mark.filterwarnings("ignore")  # an edit may warn as it likes

EXERCISES = [exercise for exercise in all_exercises().values() if exercise.kind != "answer"]


@pytest.fixture(autouse=True)
def within_memory() -> Iterator[None]:
    """Let an edit that asks for too much memory raise, and not end the tests."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def wrong_but_passing(exercise, share):
    """Return what a check lets pass though it differs, with an input that tells."""
    cases = Cases(exercise)
    found = {}
    for survivor in survivors(exercise, cases, share):
        differs = cases.differs(survivor)
        if differs is not None:
            found[survivor.key] = f"{survivor.key}\n    on {differs[0]}: {' '.join(repr(differs[1]).split())[:400]}"
    return "\n".join(found.values())


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_edits_that_pass_are_equal(exercise):
    """Of a sample of edits, those that pass a check are right on a wide search for another input."""
    if exercise.name in LEFT_OUT:
        pytest.skip(LEFT_OUT[exercise.name])
    found = wrong_but_passing(exercise, SHARE)
    assert not found, found


def test_most_edits_are_told_why():
    """Most edits of a reference that fail get a hint or an observation, or have their own error shown."""
    told = []
    for exercise in EXERCISES:
        if exercise.kind != "values" or exercise.name in LEFT_OUT:
            continue
        cases, reference = Cases(exercise), next(right_answers(exercise))
        for edit in random.Random(0).sample(list(sampled(reference, 1.0)), EDITS_TOLD):
            function = reference.edited(edit)
            if function is None or cases.survives(function) or not cases.ends(function):
                continue
            verdict = Verdict(judge(exercise, Trusted(function), SEEDS[0]))
            own_error = any(x.failure and x.failure.outcome.how == "raised" for x in verdict.layers)
            told.append(bool(verdict.hints) or own_error)
    print(f"{len(told)} edits, told why: {sum(told) / len(told):.0%}")
    assert sum(told) >= TOLD_SHARE * len(told)


def test_a_missing_input_is_found():
    """Where an exercise has no input that tells, the edit is named with one."""
    exercise = next(each for each in EXERCISES if each.name == "dot")
    cases = Cases(exercise)
    cases.checked = cases.checked[:1]
    wrong = [survivor for survivor in survivors(exercise, cases) if cases.differs(survivor)]
    assert any("np.abs" in survivor.edit.source for survivor in wrong)
