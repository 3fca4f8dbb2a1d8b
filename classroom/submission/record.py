"""What is recorded of one graded submission: typed from the sandbox to the report, and validated where it is read.

A record is one JSON file. Nobody changes one: whoever adds something makes a new one with `replace`.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

__all__ = [
    "ExerciseRecord",
    "LayerRecord",
    "Record",
    "RecordError",
    "State",
    "encode",
    "quoted",
    "read",
    "replace",
    "with_quotes",
]


class RecordError(Exception):
    """A file is no record; the text says why."""


class State(enum.StrEnum):
    """How far a submission was graded. "Not graded" is never a 0."""

    GRADED = "graded"
    PARTLY = "partly graded"
    NOT = "not graded"


class LayerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What one layer of a check found.

    Attributes
    ----------
    layer : str
        The layer's name, as the exercise's definition has it.
    points, max_points : float
        Points earned, and points to be earned.
    misconception, kind : str or None
        The known mistake that the answer makes: its name, and what kind it is.
    hint : str or None
        What the learner was told: the known mistake's sentence, a fact about the answer, or the line to look at.
    observation : str or None
        What was observed where no known mistake fits, and what many answers may have in common.
    unmatched : str or None
        What the answer did where nothing explains it; it may quote the submission.
    """

    layer: str
    points: float
    max_points: float
    misconception: str | None
    kind: str | None
    hint: str | None
    observation: str | None
    unmatched: str | None


class ExerciseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one exercise.

    Attributes
    ----------
    name, grade_id : str
        The exercise's name, and the id of its graded cell.
    points : float or None
        None where a person still gives points, or time did not suffice.
    max_points : float
        Points to be earned.
    hand_graded : bool
        Whether a person gives the points.
    unsolved : bool
        Whether the learner left the answer as it was.
    problem : str or None
        Why the answer could not be checked; it may quote the submission.
    mend_first : tuple of str
        Exercises that this one builds on and that are wrong themselves.
    layers : tuple of LayerRecord
        What each layer found; empty where the answer could not be checked.
    """

    name: str
    grade_id: str
    points: float | None
    max_points: float
    hand_graded: bool
    unsolved: bool
    problem: str | None
    mend_first: tuple[str, ...] = ()
    layers: tuple[LayerRecord, ...] = ()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one submission, and what it was graded by.

    Attributes
    ----------
    lesson, student : str
        Whose submission of which lesson it is.
    status : State
        How far it was graded.
    cause : str
        What the teacher should know: why it was not graded, what a process was ended for; it may quote the submission.
    sandbox : bool
        Whether the submission's code ran in the sandbox.
    seed : int or None
        From which the inputs were drawn: the same seed gives the same grade.
    seed_given : bool
        Whether somebody chose the seed, as for a replay: who knows it can have the answers ready.
    graded_at : str
        The time, as ISO 8601 has it.
    seconds : float
        How long grading took.
    points : float or None
        Points earned so far; None where nothing was graded.
    max_points, waiting : float
        Points to be earned, and those of them that a person still gives.
    exercises : tuple of ExerciseRecord
        In the lesson's order; empty where nothing was graded.
    course_version, course_commit : str
        The course's version, and what `git describe` says where the course is a git clone.
    release_sha256, checks_sha256 : str
        Hashes of the lesson's text and of the code that decides a grade. Like the commit they are empty in records of
        older versions, and like the submission's they do not depend on the machine.
    submission_sha256 : str
        Hash of the submitted file.
    logged : bool
        Whether the grade is in the gradebook and in the log: the last thing that is written.
    schema : int
        Version of this form.
    """

    lesson: str
    student: str
    status: State
    cause: str
    sandbox: bool
    seed: int | None
    graded_at: str
    seconds: float
    points: float | None
    max_points: float
    waiting: float
    exercises: tuple[ExerciseRecord, ...]
    course_version: str
    course_commit: str = ""
    release_sha256: str = ""
    checks_sha256: str = ""
    submission_sha256: str = ""
    logged: bool = False
    seed_given: bool = False
    schema: Literal[1] = 1

    def __post_init__(self) -> None:
        if self.status is State.GRADED and self.points is None:
            raise ValueError("graded, but without points")

    def by_grade_id(self) -> dict[str, float | None]:
        """Points of each exercise, by the id of its graded cell, as the gradebook holds them."""
        return {exercise.grade_id: exercise.points for exercise in self.exercises}


_DECODER = msgspec.json.Decoder(Record)


def read(path: Path) -> Record:
    """Read a record.

    Raises
    ------
    RecordError
        If the file cannot be read, or holds none.
    """
    try:
        return _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise RecordError(f"{type(error).__name__}: {error}") from error


def encode(value: Any) -> bytes:
    """Return a record, or a notebook, as a line of JSON.

    Half of a pair of characters, which UTF-8 does not hold, may come from a name or an error's text: it becomes "?".
    """
    return (json.dumps(msgspec.to_builtins(value), ensure_ascii=False) + "\n").encode("utf-8", "replace")


def quoted(record: Record) -> Iterator[str]:
    """Yield the texts of a record that may quote a submission, and so may hold a name."""
    yield record.cause
    for exercise in record.exercises:
        yield exercise.problem or ""
        for layer in exercise.layers:
            yield layer.observation or ""
            yield layer.unmatched or ""


def with_quotes(record: Record, change: Callable[[str], str]) -> Record:
    """Return the record with `change` applied to each text that may quote a submission."""

    def changed(text: str | None) -> str | None:
        return change(text) if text else text

    exercises = tuple(
        replace(
            exercise,
            problem=changed(exercise.problem),
            layers=tuple(
                replace(layer, observation=changed(layer.observation), unmatched=changed(layer.unmatched))
                for layer in exercise.layers
            ),
        )
        for exercise in record.exercises
    )
    return replace(record, cause=changed(record.cause), exercises=exercises)
