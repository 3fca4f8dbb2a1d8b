"""The answers of a class that nothing explained: each is a mistake that the course does not know yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from classroom.author.exports import Answer
from classroom.submission.cells import source_of
from classroom.submission.record import ExerciseRecord, Record, State


def is_unexplained(exercise: ExerciseRecord) -> bool:
    """Whether an answer is wrong in a layer of which no hint was given.

    >>> is_unexplained(ExerciseRecord(name="dot", grade_id="dot-check", points=2, max_points=2, hand_graded=False,
    ...                               unsolved=False, problem=None))
    False
    """
    if exercise.unsolved or exercise.mend_first or exercise.problem is not None or exercise.points is None:
        return False
    return any(layer.unmatched and not layer.misconception and not layer.hint for layer in exercise.layers)


def unexplained(
    records: Iterable[Record], notebook_of: Callable[[str], Path], missing: list[str] | None = None
) -> Iterator[Answer]:
    """Yield the answers of a class that nothing explained, as their graded notebooks hold them.

    Parameters
    ----------
    records : iterable of Record
        What was graded.
    notebook_of : callable
        Gives the path of a student's graded notebook.
    missing : list of str, optional
        Takes a sentence for each answer that was found in no notebook; it names nobody.
    """
    for record in records:
        if record.status is State.NOT:
            continue
        asked_for = [exercise for exercise in record.exercises if is_unexplained(exercise)]
        cells = _cells(notebook_of(record.student)) if asked_for else {}
        for exercise in asked_for:
            code = cells.get(exercise.grade_id.removesuffix("-check"))
            if code is not None:
                yield Answer(exercise.name, code, exercise.points or 0, exercise.max_points)
            elif missing is not None:
                missing.append(f"{exercise.name}: 1 answer that is in no graded notebook")


def _cells(path: Path) -> dict[str, str]:
    """Return the sources of a notebook's cells by their ids; none where it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return {cell["id"]: source_of(cell) for cell in cells if cell["cell_type"] == "code"}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
