"""Grade again from the log: the same submission, release and seed must give the same points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom.common import CourseError
from classroom.group import collect
from classroom.group.log import latest
from classroom.group.run import Course, _sha


@dataclass(frozen=True)
class Replayed:
    """What grading from the log gave.

    Attributes
    ----------
    same : list of str
        Students whose points are those of the log.
    different : dict of str to str
        Others, with what differs.
    gone : dict of str to str
        Those that cannot be graded again, and why: the submission changed, the student was forgotten.
    """

    same: list[str]
    different: dict[str, str]
    gone: dict[str, str]


def replay(lesson: str, folder: Path, *, workers: int | None = None) -> Replayed:
    """Grade every submission of the log's last entries again, by its recorded seed; write nothing.

    Parameters
    ----------
    lesson : str
        Full name.
    folder : Path
        The course.
    workers : int, optional
        As for `classroom.group.pool.grade_all`.

    Raises
    ------
    CourseError
        If the log has no grade of this lesson, or the release is not the one it was graded by.
    """
    from classroom.group import gradebook as books
    from classroom.group.pool import grade_all

    course = Course(folder, lesson)
    entries = list(course.log.entries())
    logged = {p: e for p, e in latest(entries, lesson).items() if e["status"] == "graded"}
    if not logged:
        raise CourseError(f"the log has no grade of {lesson}")
    with books.opened(course.directory) as book:
        isolated = all(e["sandbox"] for e in entries if e.get("kind") == "batch" and e.get("lesson") == lesson)
        release = books.lesson_from(book, course.directory, lesson, isolated=isolated)
    names = {pseudonym: student for student, pseudonym in course.names.known().items()}
    result = Replayed([], {}, {})
    items, wanted = [], {}
    for pseudonym, entry in logged.items():
        student = names.get(pseudonym)
        if student is None:
            result.gone[pseudonym] = "nobody is known by this pseudonym any longer"
            continue
        found = collect.read(course.submitted, student, lesson)
        if found.data is None or _sha(found.data) != entry["submission_sha256"]:
            result.gone[student] = found.problem or "the submission has changed since"
            continue
        items.append((student, found.data, entry["seed"]))
        wanted[student] = entry["by_exercise"]
    for graded in grade_all(release, items, workers=workers):
        _compare(graded.record, wanted[graded.record["student"]], result)
    result.same.sort()
    return result


def _compare(record: dict[str, Any], wanted: dict[str, float | None], result: Replayed) -> None:
    student = record["student"]
    given = {e["grade_id"]: e["points"] for e in record["exercises"]}
    if given == wanted:
        result.same.append(student)
        return
    result.different[student] = record["cause"] or ", ".join(
        f"{name}: {given.get(name)} instead of {points}" for name, points in wanted.items() if given.get(name) != points
    )
