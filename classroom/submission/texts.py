"""All that is asked of a submission's text, each question in a process that may die (see `classroom.limited`).

What a submission holds is read here and nowhere else in grading: its JSON, the names in its cells, and what a check
says of an answer's text.
"""

from __future__ import annotations

import atexit
import functools
import json
from collections.abc import Callable
from typing import Any, TypeVar

from classroom.common import CourseError
from classroom.limited import EndedError, LimitedProcess
from classroom.sandbox.namespaces import SandboxError
from classroom.submission.lesson import Lesson
from classroom.submission.reading import SubmissionError
from classroom.submission.rebuild import Rebuilt
from classroom.submission.text_questions import QUESTIONS

T = TypeVar("T")
READ_SECONDS = 10  # of processor time, for a whole notebook and for a question on one cell
READ_MB = 512  # of memory


@functools.cache
def _process(name: str) -> LimitedProcess:
    process = LimitedProcess(f"classroom.submission.{name}", seconds=READ_SECONDS, memory_mb=READ_MB)
    atexit.register(process.close)
    return process


def reading_pids() -> set[int]:
    """Return the ids of this process's reading processes, as far as they run."""
    pids = (_process(name).pid for name in ("text_reader", "text_questions"))
    return {pid for pid in pids if pid is not None}


def rebuilt(data: bytes, lesson: Lesson) -> Rebuilt:
    """Put what a learner wrote into the release, as `classroom.submission.rebuild` does, within limits.

    Raises
    ------
    SubmissionError
        If the file is no notebook of this lesson, or reading it takes more than is allowed.
    SandboxError
        If the process that reads it cannot be started.
    """
    key = lesson.release_sha256
    try:
        _process("text_reader").teach(key, "learn", key, json.dumps(lesson.release))
    except (CourseError, OSError) as error:
        raise SandboxError(str(error)) from None
    return _read("rebuild_from", key, data, result=Rebuilt)


def was_worked(data: bytes, lesson: Lesson) -> bool:
    """Return whether a file is a notebook of this lesson in which a learner wrote anything that counts.

    Raises
    ------
    SandboxError
        If the process that reads it cannot be started.
    """
    try:
        made = rebuilt(data, lesson)
    except SubmissionError:
        return False
    return bool(made.changed) or any(step.learners for step in made.steps)


def _read(name: str, *args: Any, result: type[T]) -> T:
    try:
        return _process("text_reader").ask(name, *args, result=result)
    except EndedError as error:
        raise SubmissionError(f"the notebook is too much to read: {error}") from None
    except CourseError as error:
        raise SubmissionError(str(error)) from None
    except OSError as error:
        raise SandboxError(str(error)) from None


def look_at(
    question: Callable[..., Any], source: str, name: str, *args: Any, meanwhile: Callable[[], None] | None = None
) -> Any:
    """Return what a question of the checks says of the text of a cell and a function in it.

    ``meanwhile`` is called a few times a second until there is an answer; what it raises ends the question.

    Raises
    ------
    EndedError
        If answering takes more than is allowed.
    SandboxError
        If the process that answers cannot be started.
    """
    try:
        return _process("text_questions").ask(
            "look", question.__name__, source, name, list(args), result=QUESTIONS[question], meanwhile=meanwhile
        )
    except OSError as error:
        raise SandboxError(str(error)) from None
