"""The two functions a lesson calls: `check` an answer, and take `yours_or_ours`."""

from __future__ import annotations

import copy
import difflib
import os
import secrets
import sys
from collections.abc import Callable
from typing import Any

from recsys_lib.checks import attempt_log, course_progress
from recsys_lib.checks.callee import Callee, callee_of
from recsys_lib.checks.definition import Exercise, all_exercises
from recsys_lib.checks.diagnosis import judge, judge_on_fresh, judge_on_public
from recsys_lib.checks.facts import PACKAGES
from recsys_lib.checks.judgement import Judgement
from recsys_lib.checks.timing import MAX_TIMES, times_as_long
from recsys_lib.checks.verdict import Verdict

SEED_BITS = 128  # of a seed that nobody can guess, nor find by trying


def get(name: str) -> Exercise:
    """Return an exercise by name.

    Raises
    ------
    KeyError
        If the course has no exercise of that name; the nearest names are given.
    """
    known = all_exercises()
    if not known:  # where a class is graded, students' code runs without them
        raise KeyError("checks are made after your notebook has run, outside of it.")
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=3) or sorted(known)
        raise KeyError(f"name is {name!r}; the course has no such exercise. Did you mean {', '.join(near)}?")
    return known[name]


def check(name: str, answer: Callable[..., Any]) -> Verdict | float:
    """Judge an answer and say what is wrong with it; never raises.

    In a notebook the verdict renders itself. Under ``nbgrader autograde`` fresh inputs are added (from the seed
    in ``COURSE_SEED``, or a new one), the report is printed without inputs or expected values, and the result is the
    bare number of points, which is what nbgrader reads. Under ``nbgrader validate`` missing points go to stderr.

    Parameters
    ----------
    name : str
        The exercise's name.
    answer : callable
        The learner's function.

    Returns
    -------
    Verdict or float

    Examples
    --------
    >>> check("dot", lambda q, items: items @ q).solved
    True
    >>> def dot(q, items):
    ...     raise NotImplementedError
    >>> print(check("dot", dot))
    dot: not solved yet (0 of 2 points)
      Write your answer in the cell above, run it, then run this cell again.
    """
    mode = os.environ.get("NBGRADER_EXECUTION", "")
    verdict = verdict_on(name, answer, _seed() if mode == "autograde" else None)
    if mode == "autograde":
        print(verdict.report())
        return float(verdict.points)
    if mode == "validate" and not verdict.solved:
        print(verdict, file=sys.stderr)
    after_check(answer, verdict)
    return verdict


def after_check(answer: Any, verdict: Verdict) -> None:
    """Remember a verdict for the last line of the lesson, and in the learner's own log where she keeps one."""
    course_progress.remember(verdict)
    attempt_log.keep(answer, verdict)


class Chosen:
    """The function that a lesson goes on with: the learner's if it is right, else the course's."""

    def __init__(
        self, name: str, function: Callable[..., Any], source: str, note: str, *, copies: bool = False
    ) -> None:
        self.name, self.function, self.source, self.note, self.copies = name, function, source, note, copies
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the chosen function; on copies, if it is known to spoil what it is given."""
        return self.function(*(copy.deepcopy(args) if self.copies else args), **kwargs)

    def __repr__(self) -> str:
        return f"<{self.note}>"


def yours_or_ours(
    answer: Callable[..., Any], name: str, *, quiet: bool = False, on: tuple[Any, ...] | None = None
) -> Chosen:
    """Take the learner's function if its values are right, else the course's, and say so in one line.

    Parameters
    ----------
    answer : callable
        The learner's function, or what this has chosen before.
    name : str
        The exercise.
    quiet : bool
        Say nothing.
    on : tuple, optional
        The arguments of a call of the size that the lesson goes on with, often: a right function that is far slower
        on them than the course's would keep the lesson waiting, and is replaced too.

    Examples
    --------
    >>> scores = yours_or_ours(lambda q, items: items.sum(axis=1), "dot")
    dot: the course's, since yours is not right yet
    >>> scores([1, 2], [[3, 4]])
    array([11.])
    """
    if not all_exercises():  # as above: there is nothing to fall back on
        return (
            answer if isinstance(answer, Chosen) else Chosen(name, answer, "yours", f"{name}: yours, not checked here")
        )
    exercise = get(name)
    chosen = answer if isinstance(answer, Chosen) else _chosen(exercise, answer)
    if chosen.source == "yours" and on is not None:
        times = times_as_long(chosen, exercise.reference, on)
        if times > MAX_TIMES:
            why = f"yours, which is right, takes some {times:.0f} times as long here"
            chosen = Chosen(name, exercise.reference, "ours", f"{name}: the course's, since {why}")
    if chosen.source == "ours" and chosen is not answer and not quiet:
        print(chosen.note)
    return chosen


def _chosen(exercise: Exercise, answer: Callable[..., Any]) -> Chosen:
    """Judge an answer by its values, and choose."""
    name = exercise.name
    judgement = _judgement(exercise, callee_of(answer), explain=False)
    if judgement.values.passed and not judgement.mend_first:
        return Chosen(name, answer, "yours", f"{name}: yours", copies=bool(judgement.spoilt))
    why = "is not solved yet" if judgement.unsolved else "is not right yet"
    return Chosen(name, exercise.reference, "ours", f"{name}: the course's, since yours {why}")


def verdict_on(name: str, answer: Any, seed: int | None = None) -> Verdict:
    """Judge an answer as `check` does, whoever asks; with a seed, on fresh inputs too. Never raises.

    >>> verdict_on("dot", lambda q, items: items @ q, seed=1).points
    2
    """
    return _verdict(name, answer, lambda exercise: _judgement(exercise, callee_of(answer), seed))


def public_verdict(name: str, answer: Any) -> Verdict:
    """Judge an answer for a grade on the inputs that everybody sees: the first half.

    Raises
    ------
    MemoryError
        If this process has no memory left to judge it with; nothing else is ever raised.

    Examples
    --------
    >>> public_verdict("dot", lambda q, items: items @ q).points
    2
    """

    def judged(exercise: Exercise) -> Judgement:
        callee = callee_of(answer)
        return _mending_first(judge_on_public(exercise, callee, for_grade=True), callee)

    return _verdict(name, answer, judged, for_grade=True)


def graded_verdict(public: Verdict, answer: Any, seed: int) -> Verdict:
    """Judge an answer for a grade on inputs drawn from a seed: the second half.

    Raises
    ------
    MemoryError
        If this process has no memory left to judge it with; nothing else is ever raised.

    Examples
    --------
    >>> answer = lambda q, items: items @ q
    >>> graded_verdict(public_verdict("dot", answer), answer, seed=1).points
    2
    """
    if public.problem is not None:
        return public
    exercise = public.judgement.exercise
    try:
        callee = callee_of(answer)
        return Verdict(_mending_first(judge_on_fresh(public.judgement, callee, seed), callee))
    except MemoryError:
        raise  # of this process, which fills for whatever reason: no answer is wrong for that
    except Exception:  # which error it is, an answer may choose
        return Verdict.of_problem(exercise.name, "what it returns cannot be looked at.", exercise.max_points)


def _verdict(name: str, answer: Any, judged: Callable[[Exercise], Judgement], *, for_grade: bool = False) -> Verdict:
    """Make a verdict of what is judged, or of what keeps an answer from being judged."""
    try:
        exercise = get(name)
    except KeyError as error:
        return Verdict.of_problem(str(name), str(error.args[0]))
    if not callable(answer):
        found = "nothing (None)" if answer is None else f"a {type(answer).__name__}"
        problem = f"`{name}` is {found}, not a function: run the cell that defines it. If that cell ends in an error, "
        problem += f"mend it first; of packages, {PACKAGES}"
        return Verdict.of_problem(name, problem, exercise.max_points)
    try:
        return Verdict(judged(exercise))
    except Exception as error:  # whatever an answer's result does when it is looked at, a check never raises
        if for_grade and isinstance(error, MemoryError):
            raise
        problem = f"what `{name}` returns cannot be looked at: that raised {type(error).__name__}."
        return Verdict.of_problem(name, problem, exercise.max_points)


def _judgement(exercise: Exercise, callee: Callee, seed: int | None = None, *, explain: bool = True) -> Judgement:
    """Judge an answer, and the learner's earlier functions that it calls."""
    return _mending_first(judge(exercise, callee, seed, explain=explain), callee)


def _mending_first(judgement: Judgement, callee: Callee) -> Judgement:
    """Name the learner's earlier functions that a wrong answer calls and that are wrong: these come first."""
    lost = [found for found in judgement.layers if found.points < found.max_points and not found.waits]
    if lost and not judgement.unsolved:
        uses = judgement.exercise.uses
        first = judgement.mend_first or tuple(name for name in uses if not _earlier_is_right(name, callee))
        judgement.mend_first = first
        for layer in judgement.layers if first else ():
            layer.forget()
    return judgement


def _earlier_is_right(name: str, callee: Callee) -> bool:
    """Whether the answer's notebook has a right version of an earlier exercise's function, where it has one."""
    earlier = callee.neighbour(name)
    return earlier is None or judge(get(name), earlier, explain=False).values.passed


def _seed() -> int:
    given = os.environ.get("COURSE_SEED", "")
    return int(given) if given.isdigit() else secrets.randbits(SEED_BITS)
