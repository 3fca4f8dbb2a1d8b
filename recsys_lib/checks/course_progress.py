"""How far a learner has come in a lesson, as far as its notebook has checked since it was started."""

from __future__ import annotations

from recsys_lib.checks.definition import all_exercises
from recsys_lib.checks.verdict import Verdict

#: The points that each exercise's last check gave.
_POINTS: dict[str, int] = {}


def remember(verdict: Verdict) -> None:
    """Note what a check gave: the last one of an exercise counts."""
    _POINTS[verdict.name] = verdict.points


def forget_all() -> None:
    """Begin anew, as a notebook that was just started."""
    _POINTS.clear()


def lesson_progress(lesson: int | str, exercises: str) -> None:
    """Print in one line how many points a lesson's checks gave, and which exercise is next.

    Parameters
    ----------
    lesson : int or str
        The lesson's number; of an elective "E1", say.
    exercises : str
        The names of its exercises in their order, with spaces between: the first one has number 1.

    Raises
    ------
    KeyError
        If the course has no exercise of a name.

    Examples
    --------
    >>> forget_all()
    >>> lesson_progress(3, "dot cosine")
    Lesson 3: 0 of 5 points; next: 3.1 dot (not checked yet)
    >>> lesson_progress("E1", "dot cosine")
    Elective 1: 0 of 5 points; next: E1.1 dot (not checked yet)
    """
    known = all_exercises()
    if not known:  # where a class is graded, students' code runs without them
        return
    names = exercises.split()
    title = str(lesson).replace("E", "Elective ") if str(lesson).startswith("E") else f"Lesson {lesson}"
    earned, most = sum(_POINTS.get(name, 0) for name in names), sum(known[name].max_points for name in names)
    ahead = (place for place, name in enumerate(names) if _POINTS.get(name, 0) < known[name].max_points)
    place = next(ahead, None)
    if place is None:
        print(f"{title}: {earned} of {most} points; every exercise is solved.")
        return
    unchecked = "" if names[place] in _POINTS else " (not checked yet)"
    print(f"{title}: {earned} of {most} points; next: {lesson}.{place + 1} {names[place]}{unchecked}")
