"""Judge an answer that is a dictionary of choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys_lib.checks.callee import Callee
from recsys_lib.checks.calling import call
from recsys_lib.checks.definition import Exercise, Misconception
from recsys_lib.checks.facts import no_return
from recsys_lib.checks.judgement import MAX_HINTS, Judgement, LayerResult
from recsys_lib.checks.layers import Failure
from recsys_lib.checks.outcome import Outcome

_UNANSWERED = (None, "", "?", "...")


def judge_choices(exercise: Exercise, callee: Callee, *, echo: bool) -> Judgement:
    """Judge a dictionary of choices: all right, or a hint for each of the first wrong ones.

    Parameters
    ----------
    exercise : Exercise
        One of the kind "answer", which has one layer.
    callee : Callee
        The learner's function; it is called once.
    echo : bool
        Whether to repeat what was written. A grader does not: an answer might have put there what it saw of other
        inputs.
    """
    right = exercise.reference()
    outcome = call(callee)
    failure = Failure((), outcome, Outcome("returned", value=right))
    result = LayerResult(exercise.layers[0], 0, failure)
    judgement = Judgement(exercise, [result], unsolved=outcome.how == "unsolved", printed=outcome.printed)
    if outcome.how != "returned":
        return judgement
    if outcome.value is None:
        result.fact = next(iter(callee.look_at_text(no_return, exercise.name)), None)
    if not isinstance(outcome.value, dict):
        result.observation = f"Return a dictionary with the keys {', '.join(map(str, right))}."
        return judgement
    given = {str(key): _plain(value) for key, value in outcome.value.items()}
    outcome.value = given
    if all(given.get(key) in _UNANSWERED for key in right):
        other = [key for key, value in given.items() if key not in right and value not in _UNANSWERED]
        if other:  # something was answered, under names of the learner's own
            keys = ", ".join(map(repr, right))
            result.observation = f"None of your keys is one of those asked for, which are {keys}."
        judgement.unsolved = not other
        return judgement
    result.observation = _malformed(exercise, right, given, echo)
    if result.observation is None:
        _compare(judgement, right, given)
    return judgement


def _compare(judgement: Judgement, right: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Pay for choices that are all right; else name the mistakes that the wrong ones give away."""
    result = judgement.values
    wrong = [key for key in right if given[key] != _plain(right[key])]
    if not wrong:
        result.points, result.failure = result.max_points, None
        return
    fitting = _given_away(judgement.exercise, given)
    judgement.notes.append(f"{len(right) - len(wrong)} of {len(right)} are right.")
    judgement.notes += [f"-> {other.hint}" for other in fitting[1:MAX_HINTS]]
    if fitting:
        result.misconception = fitting[0]
    else:
        result.observation = f"Look again at {wrong[0]!r}."


def _given_away(exercise: Exercise, given: Mapping[str, Any]) -> list[Misconception]:
    """Return the known mistakes all of whose choices were made, the one with most choices first."""
    fitting = [
        candidate
        for candidate in exercise.misconceptions
        if candidate.choices and all(given[key] == _plain(value) for key, value in candidate.choices.items())
    ]
    return sorted(fitting, key=lambda candidate: -len(candidate.choices or ()))


def _malformed(exercise: Exercise, right: Mapping[str, Any], given: Mapping[str, Any], echo: bool) -> str | None:
    """Say which choice is missing, or is none of those that are offered."""
    missing = [key for key in right if given.get(key) in _UNANSWERED]
    if missing:
        return f"There is no answer yet for {', '.join(map(repr, missing))}."
    for key in right:
        allowed = exercise.choices.get(key, exercise.choices.get("*", ()))
        if allowed and given[key] not in map(_plain, allowed):
            wrote = repr(given[key]) if echo else "something else"
            return f"For {key!r} you wrote {wrote}; the choices are {', '.join(map(repr, allowed))}."
    return None


def _plain(value: Any) -> Any:
    """Let spaces and capitals not matter in a choice; anything that is no text or number is no choice."""
    if isinstance(value, str):
        return " ".join(value.split()).lower()
    return value if type(value) in (int, float, bool, type(None)) else f"a {type(value).__name__}"
