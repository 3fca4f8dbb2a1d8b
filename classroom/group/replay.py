"""Grade again from the log: the same submission, release, checks and seed must give the same points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from classroom.common import CourseError
from classroom.group import collect, gradebook
from classroom.group.folder import Course
from classroom.group.log import Entry, latest
from classroom.group.pool import Item, grade_all
from classroom.sandbox.namespaces import bubblewrap, require_hidden
from classroom.submission.lesson import Lesson
from classroom.submission.record import Record, State


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

    same: list[str] = field(default_factory=list)
    different: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)


def replay(name: str, folder: Path, *, workers: int | None = None) -> Replayed:
    """Grade every submission of the log's last entries again, by its recorded seed; write nothing.

    Always in the sandbox, also what was graded without one: it holds everybody's submissions, and nothing but the
    points is compared.

    Parameters
    ----------
    name : str
        The lesson's full name.
    folder : Path
        The course.
    workers : int, optional
        As for `classroom.group.pool.opened`.

    Raises
    ------
    CourseError
        If the log has no grade of this lesson, its release is missing or of another version than the gradebook, or
        there is no sandbox.
    """
    bubblewrap()
    require_hidden(folder)
    course = Course(folder, name)
    entries = list(course.log.entries())
    logged = {p: e for p, e in latest(entries, name).items() if e["status"] == State.GRADED}
    if not logged:
        raise CourseError(f"the log has no grade of {name}")
    with gradebook.opened(course.directory) as book:
        lesson = gradebook.lesson_from(book, course.directory, name)
    names = {pseudonym: student for student, pseudonym in course.names.known().items()}
    result = Replayed()
    items: list[Item] = []
    wanted: dict[str, Entry] = {}
    for pseudonym, entry in logged.items():
        student = names.get(pseudonym)
        if student is None:
            result.gone[pseudonym] = "nobody is known by this pseudonym any longer"
            continue
        found = collect.read(course.submitted, student, name)
        if isinstance(found, collect.Refused):
            result.gone[student] = found.problem
        elif found.receipt.sha256 != entry["submission_sha256"]:
            result.gone[student] = "the submission has changed since"
        else:
            items.append((student, found.data, entry["seed"]))
            wanted[student] = entry
    batches = _batches(entries)
    for graded in grade_all(lesson, items, workers=workers):
        entry = wanted[graded.record.student]
        if graded.record.by_grade_id() == entry["by_exercise"]:
            result.same.append(graded.record.student)
        else:
            why = [_difference(graded.record, entry), *_other_versions(lesson, batches.get(entry.get("hash"), {}))]
            result.different[graded.record.student] = "; ".join(why)
    result.same.sort()
    return result


def _difference(record: Record, entry: Entry) -> str:
    given = record.by_grade_id()
    return record.cause or ", ".join(
        f"{name}: {given.get(name)} instead of {points}"
        for name, points in entry["by_exercise"].items()
        if given.get(name) != points
    )


def _batches(entries: Iterable[Entry]) -> dict[str | None, Entry]:
    """The entry of the batch that each grade belongs to, by the grade's hash."""
    found: dict[str | None, Entry] = {}
    batch: Entry = {}
    for entry in entries:
        if entry.get("kind") == "batch":
            batch = entry
        elif entry.get("kind") == "grade":
            found[entry.get("hash")] = batch
    return found


def _other_versions(lesson: Lesson, batch: Entry) -> list[str]:
    """What may explain other points: the lesson's text or the checks were others."""
    here = {"release_sha256": lesson.release_sha256, "checks_sha256": lesson.checks_sha256}
    said = {
        "release_sha256": "it was graded by another text of the lesson",
        "checks_sha256": "it was graded by other checks",
    }
    return [said[key] for key in here if batch.get(key, here[key]) != here[key]]
