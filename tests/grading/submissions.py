"""Submissions and courses for the tests of grading: a lesson's release with something written into it."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest

from classroom import common
from classroom.group import gradebook
from classroom.submission.grade import Graded, grade_submission
from classroom.submission.lesson import Lesson
from tests.lessons.lessons import LESSONS

LESSON = "L03_three_measures"
DOT = "def dot(q, items):\n    return items @ q\n"
STUB = 'raise NotImplementedError("not solved yet: replace this line by your answer")'


# -------------------------------------------------------------------------------------------------------- a lesson's


@functools.cache
def _read(folder: str, lesson: str) -> str:
    return (common.ROOT / folder / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8")


def notebook(lesson: str = LESSON, folder: str = "notebooks") -> dict:
    """A lesson's release (or, from "solutions", its solution): parsed anew, to be changed at will."""
    nb = json.loads(_read(folder, lesson))
    for cell in nb["cells"]:
        cell["source"] = "".join(cell["source"])
    return nb


def lesson(name: str = LESSON, **fields: Any) -> Lesson:
    """What a lesson is graded by."""
    return Lesson(name, notebook(name), "0.1.0", **fields)


def cell(nb: dict, cell_id: str) -> dict:
    """The cell of this id."""
    return next(c for c in nb["cells"] if c["id"] == cell_id)


def answer(name: str, lesson: str = LESSON) -> str:
    """The solution's source of one answer cell."""
    return cell(notebook(lesson, "solutions"), name)["source"]


def exercises(lesson: str = LESSON) -> dict[str, float]:
    """Points of each exercise, by its answer cell's id."""
    return {
        cell["id"].removesuffix("-check"): float(cell["metadata"]["nbgrader"]["points"])
        for cell in notebook(lesson)["cells"]
        if cell["id"].endswith("-check")
    }


def solved(*names: str) -> dict[str, str]:
    """Sources of the solution's answer cells: of all lessons, or of these by grade id."""
    found = {}
    for lesson_name in LESSONS:
        for c in notebook(lesson_name, "solutions")["cells"]:
            meta = c["metadata"].get("nbgrader", {})
            if meta.get("solution") and not meta.get("grade") and (not names or c["id"] in names):
                found[c["id"]] = c["source"]
    return found


# ---------------------------------------------------------------------------------------------------- what is handed in


def own(source: str, cell_type: str = "code") -> dict:
    """A cell that a learner has added."""
    return {"cell_type": cell_type, "metadata": {}, "source": source}


def written(answers: dict[str, str], *, name: str = LESSON, first: tuple[str, ...] = (), last: tuple = ()) -> dict:
    """A learner's notebook: answer cells (or others) filled in, own cells behind the set-up cell or at the end."""
    nb = notebook(name)
    for cell_id, source in answers.items():
        cell(nb, cell_id)["source"] = source
    place = next(i for i, c in enumerate(nb["cells"]) if c["cell_type"] == "code") + 1
    nb["cells"][place:place] = [own(source) for source in first]
    nb["cells"] += [own(source) for source in last]
    return nb


def handed_in(
    solved=(), *, lesson: str = LESSON, instead: dict[str, str] | None = None, why: str | None = None
) -> dict:
    """The release with some answers of the solution, others' stubs replaced by one line, a paragraph written."""
    nb = notebook(lesson)
    for cell in nb["cells"]:
        if cell["id"] in solved:
            cell["source"] = answer(cell["id"], lesson)
        elif cell["id"] in (instead or {}):
            cell["source"] = cell["source"].replace(STUB, instead[cell["id"]])
        elif cell["id"].endswith("-why") and why:
            cell["source"] = why
    return nb


# ------------------------------------------------------------------------------------------------------- one is graded


def hand_in(nb: dict, *, name: str = LESSON, seed: int = 7, **fields: Any) -> Graded:
    """Grade a notebook as a student's; ``fields`` are those of `Lesson`."""
    return grade_submission(lesson(name, **fields), "ada", json.dumps(nb).encode(), seed)


def points(graded: Graded) -> dict[str, float | None]:
    """Points by exercise."""
    return {e.name: e.points for e in graded.record.exercises}


def shown(graded: Graded, cell_id: str) -> str:
    """All text that a cell of the graded notebook shows."""
    return text(cell(graded.notebook, cell_id)["outputs"])


def text(outputs: list[dict]) -> str:
    """All text of some outputs."""
    parts = []
    for output in outputs:
        parts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
        parts += [f"{output['ename']}: {output['evalue']}"] if output["output_type"] == "error" else []
    return "\n".join(filter(None, parts))


# ------------------------------------------------------------------------------------------------------------ a course


def make_course(
    folder: Path, students: dict[str, dict | bytes], *, lesson: str = LESSON, config: str = "", begun: bool = False
) -> Path:
    """Lay a course folder as a teacher has it: settings, the solution, submitted notebooks.

    Where it is `begun`, the lesson is in a gradebook and the release is there, as a first run would make them in the
    same seconds every time; the settings must name no other gradebook.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = (common.ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(settings + "\n" + config, encoding="utf-8")
    solution = folder / "solutions" / lesson
    solution.mkdir(parents=True)
    shutil.copy(common.SOLUTIONS / lesson / f"{lesson}.ipynb", solution)
    for path, data in _begun(lesson).items() if begun else ():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for student, nb in students.items():
        submit(folder, student, nb, lesson=lesson)
    return folder


@functools.cache
def _begun(lesson: str) -> dict[Path, bytes]:
    """Files of a course that a first run adds before it grades anybody."""
    with tempfile.TemporaryDirectory(prefix="course-begun-") as folder:
        course = make_course(Path(folder), {}, lesson=lesson)
        directory = gradebook.course_directory(course, lesson)
        with gradebook.opened(directory) as book:
            gradebook.ensure_assignment(book, directory, lesson)
        made = (course / "gradebook.db", gradebook.release_path(directory, lesson))
        return {path.relative_to(course): path.read_bytes() for path in made}


def nbgrader(course: Path, *arguments: str) -> str:
    """Run one of nbgrader's commands in a course folder, in this process; return what it says.

    `test_grading.py` and `test_teaching.py` start the commands as processes, as a teacher does.
    """
    from nbgrader.apps import NbGraderApp

    name, *rest = arguments
    command = NbGraderApp.subcommands[name][0]()
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own
        patch.chdir(course)
        for variable in [v for v in os.environ if v.startswith(("NBGRADER_", "COURSE_SEED"))]:
            patch.delenv(variable)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            command.initialize(rest)
            command.start()
    return said.getvalue()


def submit(course: Path, student: str, nb: dict | bytes, *, lesson: str = LESSON) -> Path:
    """Put one submission into a course folder; return its path."""
    path = course / "submitted" / student / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(nb if isinstance(nb, bytes) else json.dumps(nb).encode())
    return path
