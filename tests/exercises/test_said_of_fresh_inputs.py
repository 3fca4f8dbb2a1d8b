"""What a grade says of inputs that were drawn for it is a choice from a fixed set, whatever an answer does there."""

from __future__ import annotations

import functools
import itertools
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from recsys_lib.checks import all_exercises
from recsys_lib.checks.checking import graded_verdict, public_verdict
from recsys_lib.checks.definition import Exercise
from recsys_lib.checks.verdict import _ON_FRESH, Verdict

EXERCISES = {name: all_exercises()[name] for name in ("dot", "cosine", "embed", "balance", "is_gauge_invariant")}
SECRETS = range(3, 40, 6)

Does = Callable[[Any, int], Any]
KINDS = (ValueError, KeyError, ZeroDivisionError, OSError, RuntimeError)


def raises_somewhere(right: Any, secret: int) -> Any:
    """Raise at a line, by a kind of error and with a text that are all made of the secret."""
    lines = "\n".join(f"    if at == {line}: raise kind('{line}')" for line in range(50))
    made: dict[str, Any] = {}
    exec(compile(f"def raising(at, kind):\n{lines}\n", "<cell>", "exec"), made)
    made["raising"](secret, KINDS[secret % len(KINDS)])


def raises_its_own(right: Any, secret: int) -> Any:
    """Raise an error whose class has a name made of the secret."""
    raise type(f"Error{secret}", (Exception,), {})(secret)


def some_wrong(right: Any, secret: int) -> Any:
    """Return as many wrong numbers as the secret says, or wrong by as much."""
    parts = tuple(np.array(part, float) for part in right) if isinstance(right, tuple) else np.array(right, float)
    for part in parts if isinstance(parts, tuple) else (parts,):
        part.flat[: secret % 7 + 1] += secret / 10
    return parts


CHANNELS: dict[str, Does] = {
    "line": raises_somewhere,
    "class": raises_its_own,
    "count": some_wrong,
    "number": lambda right, secret: float(secret),
    "multiple": lambda right, secret: (
        tuple(part * secret for part in right) if isinstance(right, tuple) else right * secret
    ),
    "shape": lambda right, secret: np.zeros((secret, 3)),
    "length": lambda right, secret: [0.0] * secret,
    "text": lambda right, secret: str(secret),
    "type": lambda right, secret: type(f"Type{secret}", (), {})(),
    "keys": lambda right, secret: {secret: secret},
    "nan": lambda right, secret: np.where(np.arange(60) == secret, np.nan, 0.0),
    "output": lambda right, secret: print(secret),
    "warning": lambda right, secret: warnings.warn(f"{secret}", stacklevel=1),
    "time": lambda right, secret: time.sleep(secret / 1e5),
}


def spying(exercise: Exercise, does: Does, secret: int) -> Callable[..., Any]:
    """Return an answer that is right on every public input, and does something on all others."""
    public = {repr(args) for layer in exercise.own_layers for args in exercise.layer_inputs(layer)}

    def answer(*args: Any) -> Any:
        right = exercise.reference(*args)
        return right if repr(args) in public else does(right, secret)

    return answer


@functools.cache
def public_half(name: str) -> Verdict:
    """The first half of a grade, which is the same for all such answers: they do the same on every public input."""
    public = public_verdict(name, spying(EXERCISES[name], lambda right, secret: None, 0))
    assert all(layer.passed for layer in public.layers)
    return public


def said(exercise: Exercise, does: Does, secret: int) -> str:
    """All that a grade publishes or records of such an answer."""
    verdict = graded_verdict(public_half(exercise.name), spying(exercise, does, secret), 5)
    assert verdict.points == 0
    told = [f"{layer.hints} {verdict.observation(layer)} {verdict.account(layer)}" for layer in verdict.layers]
    return "\n".join([verdict.report(), *told])


@pytest.mark.parametrize("name, channel", list(itertools.product(EXERCISES, CHANNELS)))
def test_nothing_that_an_answer_does_on_a_fresh_input_is_told(name, channel):
    """Whatever the secret, a grade says the same of it, but for sentences of the set."""
    texts = {said(EXERCISES[name], CHANNELS[channel], secret) for secret in SECRETS}
    fixed = [*_ON_FRESH.values(), *(mistake.hint for mistake in EXERCISES[name].misconceptions)]
    left = set()
    for text in texts:
        for sentence in fixed:
            text = text.replace(sentence, "a choice")
        left.add(text.replace("  -> a choice\n", "").replace("'a choice'", ""))  # to say no hint is a choice, too
    assert len(left) == 1, left
    assert "a choice" in left.pop()


@pytest.mark.parametrize("sentence", _ON_FRESH.values())
def test_the_sentences_hold_no_number(sentence):
    """A number could only come from an input."""
    assert not any(character.isdigit() for character in sentence)
