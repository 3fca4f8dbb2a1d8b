"""Grade your own copy of a lesson, by the nbgrader pipeline that a class uses.

    python course.py grade L03                        grades work/L03_.../L03_....ipynb
    python course.py grade L03 --notebook mine.ipynb  grades another copy

A temporary course is made, with its own gradebook; your notebook is only read, as a class's are: cells may have been
split, moved or converted. Every check draws fresh inputs, so an answer that knows the visible ones by heart earns
nothing. What only a person can judge is left waiting.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.common import ROOT, SOLUTIONS, CourseError, find_lesson, write_whole
from classroom.kernels import kernel_environment
from classroom.nbgrader_bridge import load_config, run_converter
from classroom.submission.cells import Notebook, is_marked
from classroom.submission.reading import SubmissionError
from classroom.submission.rebuild import Rebuilt, rebuild

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

WORK = ROOT / "work"
_WHAT_TO_DO = "go back to an earlier version of it, or move it away and let `python course.py lab` lay a new copy"
LEARNER = "learner"


class GradeError(CourseError):
    """Why nothing was graded; the text says what to do."""


@dataclass(frozen=True)
class Grade:
    """What one graded cell earned.

    Attributes
    ----------
    exercise : str
        The grade_id without `-check`.
    points : float or None
        The points earned; None while the cell waits for a person.
    max_points : float
        The points that can be earned.
    said : tuple of str
        What the check printed: points by layer and hints.
    """

    exercise: str
    points: float | None
    max_points: float
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All grades of one notebook, in the order of the lesson, the seed of their inputs, and what was left out."""

    lesson: str
    grades: tuple[Grade, ...]
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """The points earned so far."""
        return sum(g.points for g in self.grades if g.points is not None)

    @property
    def max_points(self) -> float:
        """The points that can be had, those that wait for a person included."""
        return sum(g.max_points for g in self.grades)

    @property
    def waiting(self) -> float:
        """The points that wait for a person."""
        return sum(g.max_points for g in self.grades if g.points is None)

    def __str__(self) -> str:
        """The report as a learner reads it.

        >>> print(Report("L03_x", (Grade("dot", 2, 2), Grade("cosine", 0, 3, ("-> Which norm?",))), 7))
        L03_x
          dot      2 of 2
          cosine   0 of 3
                   -> Which norm?
        2 of 5 points.
        Seed 7: COURSE_SEED=7 draws the same inputs again.
        """
        width = max((len(g.exercise) for g in self.grades), default=0) + 2
        lines = [self.lesson]
        for g in self.grades:
            earned = "waiting for a person" if g.points is None else f"{g.points:g} of {g.max_points:g}"
            lines.append(f"  {g.exercise:<{width}} {earned}")
            if g.points is not None and g.points < g.max_points:
                lines += [f"  {'':<{width}} {line}".rstrip() for line in g.said]
        waiting = f"; {self.waiting:g} more wait for a person" if self.waiting else ""
        lines.append(f"{self.points:g} of {self.max_points:g} points{waiting}.")
        lines += [f"Note: {note}." for note in self.notes]
        lines.append(f"Seed {self.seed}: COURSE_SEED={self.seed} draws the same inputs again.")
        return "\n".join(lines)


def grade(
    lesson: str,
    notebook: Path | None = None,
    *,
    solutions: Path = SOLUTIONS,
    work: Path = WORK,
    seed: int | None = None,
    progress: bool = True,
) -> Report:
    """Grade one notebook in a temporary course.

    Parameters
    ----------
    lesson : str
        The lesson's name, or a beginning that only it has.
    notebook : Path, optional
        The learner's copy; `work/<lesson>/<lesson>.ipynb` where absent. It is not changed.
    solutions, work : Path
        Where the built solutions and the learner's copies are.
    seed : int, optional
        The seed of the inputs of the checks; `COURSE_SEED`, or a fresh one, where absent.
    progress : bool
        Show a bar over the code cells.

    Returns
    -------
    Report
        The grades, in the order of the lesson.

    Raises
    ------
    GradeError
        If the lesson is unknown, its solution is not built, the notebook is missing, broken or another lesson's,
        or nbgrader cannot grade it.
    """
    built = sorted(p.stem for p in Path(solutions).glob("*/*.ipynb") if p.stem == p.parent.name)
    try:
        lesson = find_lesson(lesson, built)
    except CourseError as error:
        raise GradeError(str(error)) from None
    solution = (Path(solutions) / lesson / f"{lesson}.ipynb").read_bytes()
    path = Path(notebook) if notebook else Path(work) / lesson / f"{lesson}.ipynb"
    submission = _read_submission(path)
    seed = _seed() if seed is None else seed
    with tempfile.TemporaryDirectory(prefix="course-grade-") as folder:
        root = Path(os.path.realpath(folder))
        write_whole(root / "solutions" / lesson / f"{lesson}.ipynb", solution)
        with _environment(COURSE_SEED=str(seed)):
            config = load_config()
            try:
                made = rebuild(submission, _release(root, lesson, config))
            except SubmissionError as error:
                raise GradeError(f"{_shown(path)}: {error}; {_WHAT_TO_DO}") from None
            _autograde(root, lesson, config, _as_it_is_run(made), progress)
        return Report(lesson, tuple(_grades(root, lesson)), seed, tuple(made.notes))


def _seed() -> int:
    given = os.environ.get("COURSE_SEED", "")
    return int(given) if given.isdigit() else secrets.randbits(31)


def _read_submission(path: Path) -> bytes:
    if not path.is_file():
        raise GradeError(
            f"there is no {_shown(path)}; `python course.py lab` makes your copy, --notebook names another one"
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise GradeError(f"{_shown(path)} cannot be read: {error.strerror}") from None


def _as_it_is_run(made: Rebuilt) -> Notebook:
    """Return the rebuilt notebook for a kernel, in which a stub does not undo what was answered in another cell."""
    run = {step.id for step in made.steps if step.kind == "cell"}
    for cell in made.notebook["cells"]:
        if cell["cell_type"] == "code" and is_marked(cell, "solution") and cell["id"] not in run:
            cell["source"] = "# answered in another cell"
    return made.notebook


def _shown(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.resolve().relative_to(ROOT))
    return str(path)


@contextlib.contextmanager
def _environment(**extra: str) -> Iterator[None]:
    """Lend kernels started in this process the environment that lessons are built in."""
    before = dict(os.environ)
    with kernel_environment(**extra) as env:
        try:
            os.environ.clear()
            os.environ.update(env)
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _course(root: Path, lesson: str, config: Config) -> CourseDirectory:
    from nbgrader.coursedir import CourseDirectory

    return CourseDirectory(root=str(root), assignment_id=lesson, student_id=LEARNER, config=config)


def _release(root: Path, lesson: str, config: Config) -> Notebook:
    """Put the lesson into the gradebook, as nbgrader's command does; return the learner's notebook."""
    from nbgrader.converters import GenerateAssignment

    run_converter(GenerateAssignment(coursedir=_course(root, lesson, config), config=config), lesson)
    release: Notebook = json.loads((root / "notebooks" / lesson / f"{lesson}.ipynb").read_bytes())
    return release


def _autograde(root: Path, lesson: str, config: Config, notebook: Notebook, progress: bool) -> None:
    """Autograde the one submission, as nbgrader's command does."""
    from nbgrader.converters import Autograde
    from tqdm import tqdm

    write_whole(root / "submitted" / LEARNER / lesson / f"{lesson}.ipynb", json.dumps(notebook).encode())

    for name in ("autograde_preprocessors", "exporter_class"):  # your own needs no sandbox, and is rebuilt already
        del config.Autograde[name]
    cells = sum(cell["cell_type"] == "code" for cell in notebook["cells"])
    with tqdm(total=cells, unit="cell", desc=f"grading {lesson}", disable=not progress, leave=False) as bar:
        config.Execute.on_cell_complete = lambda **kwargs: bar.update()
        try:
            run_converter(Autograde(coursedir=_course(root, lesson, config), config=config), lesson)
        except CourseError as error:
            if "DeadKernel" in str(error):
                raise GradeError(
                    f"{lesson}: the kernel died while your notebook ran; did it use up the memory?"
                ) from None
            raise GradeError(str(error)) from None


def _grades(root: Path, lesson: str) -> Iterator[Grade]:
    import nbformat
    from nbgrader.api import Gradebook

    autograded = root / "autograded" / LEARNER / lesson / f"{lesson}.ipynb"
    cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in nbformat.read(autograded, as_version=4).cells}
    order = {name: place for place, name in enumerate(cells)}
    config = load_config()
    with Gradebook(_course(root, lesson, config).db_url, config.CourseDirectory.course_id) as gradebook:
        found = [
            (g.name, g.auto_score, g.max_score, g.needs_manual_grade)
            for g in gradebook.find_submission_notebook(lesson, lesson, LEARNER).grades
        ]
    for name, points, max_points, waits in sorted(found, key=lambda g: order.get(g[0], len(order))):
        if waits or points is None:
            yield Grade(name, None, max_points)
        elif name.endswith("-check"):
            yield Grade(name.removesuffix("-check"), points, max_points, tuple(_said(cells.get(name))))
        else:
            yield Grade(name, points, max_points, () if points else ("not answered yet",))


def _said(cell: NotebookNode | None) -> Iterator[str]:
    """Yield the lines of a check below its headline, which repeats the points."""
    for output in cell.get("outputs", []) if cell else []:
        if output.output_type == "stream":
            lines = output.text.rstrip().splitlines()
            yield from (line.removeprefix("  ") for line in lines[1:])
            if len(lines) == 1 and "not solved yet" in lines[0]:
                yield "not solved yet"
        elif output.output_type == "error":
            yield f"the check did not run: {output.ename}: {output.evalue}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("lesson", help="as L03 or L03_three_measures")
    parser.add_argument("--notebook", type=Path, help="your copy, if it is not the one in work/")


def run(options: argparse.Namespace) -> int:
    """Grade one notebook and print the report; return 0 if it was graded, whatever its points."""
    try:
        print(grade(options.lesson, options.notebook))
    except CourseError as error:
        print(f"Not graded: {error}", file=sys.stderr)
        return 1
    return 0
