"""A small class to grade: a course folder with a lesson's solution, and what students handed in."""

from __future__ import annotations

import copy
import functools
import json
import shutil
from pathlib import Path

from classroom import common

LESSON = "L03_three_measures"
STUB = 'raise NotImplementedError("not solved yet: replace this line by your answer")'


@functools.cache
def _read(place: str, lesson: str) -> dict:
    folder = common.SOLUTIONS if place == "solution" else common.NOTEBOOKS
    nb = json.loads((folder / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        cell["source"] = "".join(cell["source"])
    return nb


def release(lesson: str = LESSON) -> dict:
    """A copy of the learner's notebook, parsed."""
    return copy.deepcopy(_read("release", lesson))


def answer(name: str, lesson: str = LESSON) -> str:
    """The solution's source of one answer cell."""
    return next(cell["source"] for cell in _read("solution", lesson)["cells"] if cell["id"] == name)


def exercises(lesson: str = LESSON) -> dict[str, float]:
    """Points of each exercise, by its answer cell's id."""
    cells = _read("release", lesson)["cells"]
    return {
        cell["id"].removesuffix("-check"): float(cell["metadata"]["nbgrader"]["points"])
        for cell in cells
        if cell["id"].endswith("-check")
    }


def handed_in(
    solved=(), *, lesson: str = LESSON, instead: dict[str, str] | None = None, why: str | None = None
) -> dict:
    """The release with some answers of the solution, others' stubs replaced by one line, a paragraph written."""
    nb = release(lesson)
    for cell in nb["cells"]:
        if cell["id"] in solved:
            cell["source"] = answer(cell["id"], lesson)
        elif cell["id"] in (instead or {}):
            cell["source"] = cell["source"].replace(STUB, instead[cell["id"]])
        elif cell["id"].endswith("-why") and why:
            cell["source"] = why
    return nb


def make_course(folder: Path, students: dict[str, dict | bytes], *, lesson: str = LESSON, config: str = "") -> Path:
    """Lay a course folder as a teacher has it: settings, the solution, submitted notebooks."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = (common.ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(settings + "\n" + config, encoding="utf-8")
    solution = folder / "solutions" / lesson
    solution.mkdir(parents=True)
    shutil.copy(common.SOLUTIONS / lesson / f"{lesson}.ipynb", solution)
    for student, nb in students.items():
        hand_in(folder, student, nb, lesson=lesson)
    return folder


def hand_in(folder: Path, student: str, nb: dict | bytes, *, lesson: str = LESSON) -> Path:
    """Put one submission in place; return its path."""
    path = folder / "submitted" / student / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(nb if isinstance(nb, bytes) else json.dumps(nb).encode())
    return path
