"""Say what is solved, how many points that is, and what is next.

    python course.py progress          every lesson, a line each
    python course.py progress L03      each exercise of a lesson

Read from the saved results of the checks in your copies of the lessons, in work/: save a notebook to have it counted.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom.common import NOTEBOOKS, ROOT, CourseError, find_lesson, lesson_order

WORK = ROOT / "work"
BAR = 16  # characters of a lesson's bar
_SAID = re.compile(r"^\w+: (?:not solved yet \(|cannot be checked \()?(\d+) of \d+ points?", re.MULTILINE)


@dataclass(frozen=True)
class Standing:
    """How an exercise stands.

    Attributes
    ----------
    number : str
        As the lesson counts it, such as 3.5.
    name : str
        The learner's function.
    points : int or None
        What the last saved check gave; None where there is none.
    max_points : int
        What it may give.
    """

    number: str
    name: str
    points: int | None
    max_points: int

    @property
    def solved(self) -> bool:
        """Whether every point was earned."""
        return (self.points or 0) >= self.max_points


@dataclass(frozen=True)
class LessonStanding:
    """How a lesson stands: its title, the learner's file, its exercises, and the points that a person gives."""

    lesson: str
    title: str
    file: Path
    exercises: tuple[Standing, ...]
    by_hand: int

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(exercise.points or 0 for exercise in self.exercises)

    @property
    def max_points(self) -> int:
        """Points that checks give."""
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def next(self) -> Standing | None:
        """The first exercise that is not solved."""
        return next((exercise for exercise in self.exercises if not exercise.solved), None)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("lesson", nargs="*", help="a lesson, as L03: show each of its exercises")


def run(options: argparse.Namespace) -> int:
    """Print the table; return the exit code."""
    found = (path.stem for path in NOTEBOOKS.glob("*/*.ipynb") if path.stem == path.parent.name)
    released = sorted(found, key=lesson_order)
    try:
        wanted = [find_lesson(name, released) for name in options.lesson]
        lessons = [standing_of(name, work=WORK) for name in (wanted or released)]
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    full, empty = bar_signs(sys.stdout.encoding)
    for lesson in lessons:
        print(line_of(lesson, full, empty))
        if wanted:
            print("\n".join(f"  {line}" for line in exercise_lines(lesson)))
    print(f"\n{last_words(lessons)}")
    return 0


# ---- reading ----


def standing_of(lesson: str, notebooks: Path = NOTEBOOKS, work: Path = WORK) -> LessonStanding:
    """Return how a lesson stands: its exercises as they were released, their points as the learner's copy holds them.

    Parameters
    ----------
    lesson : str
        The lesson's full name.
    notebooks, work : Path
        Where the releases are, and the learner's copies; who has none may have worked in the release itself.

    Raises
    ------
    CourseError
        If one of the two files cannot be read.
    """
    release = notebooks / lesson / f"{lesson}.ipynb"
    copy = work / lesson / f"{lesson}.ipynb"
    file = copy if copy.is_file() else release
    cells = _cells(release)
    points = dict(_saved_points(_cells(file)))
    title = re.search(r"^# (?:Lesson|Elective) \d+\. (.+)$", _text(cells[0]) if cells else "", re.MULTILINE)
    graded = [meta for cell in cells if (meta := _nbgrader(cell)).get("grade")]
    return LessonStanding(
        lesson,
        title.group(1) if title else lesson,
        file,
        tuple(_exercises(cells, points)),
        sum(int(meta["points"]) for meta in graded if not str(meta["grade_id"]).endswith("-check")),
    )


def _cells(path: Path) -> list[dict[str, Any]]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        raise CourseError(f"{path} cannot be read: it is no whole notebook") from None
    return [cell for cell in cells if isinstance(cell, dict)]


def _exercises(cells: list[dict[str, Any]], points: Mapping[str, int]) -> Iterator[Standing]:
    """Yield a lesson's exercises; the number of each stands in the heading above it."""
    number = ""
    for cell in cells:
        heading = re.search(r"^## Exercise (E?\d+\.\d+)", _text(cell), re.MULTILINE)
        number = heading.group(1) if heading else number
        grade_id = str(_nbgrader(cell).get("grade_id"))
        if grade_id.endswith("-check"):
            name = grade_id.removesuffix("-check").replace("-", "_")
            most, said = int(_nbgrader(cell)["points"]), points.get(grade_id)
            yield Standing(number, name, None if said is None else min(said, most), most)


def _saved_points(cells: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    """Yield what the saved result of each check says, by the id of its cell."""
    for cell in cells:
        said = _SAID.search("\n".join(_shown(cell)))
        if said and str(_nbgrader(cell).get("grade_id")).endswith("-check"):
            yield _nbgrader(cell)["grade_id"], int(said.group(1))


def _shown(cell: dict[str, Any]) -> Iterator[str]:
    """Yield the texts of a cell's outputs."""
    for output in cell.get("outputs", ()):
        yield _joined(output.get("text", ""))
        yield _joined(output.get("data", {}).get("text/plain", ""))


def _text(cell: dict[str, Any]) -> str:
    return _joined(cell.get("source", ""))


def _joined(text: Any) -> str:
    """Return a text that a notebook may hold as a list of lines."""
    return text if isinstance(text, str) else "".join(map(str, text))


def _nbgrader(cell: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = cell.get("metadata", {}).get("nbgrader", {})
    return found


# ---- showing ----


def bar_signs(encoding: str | None) -> tuple[str, str]:
    """Return the two signs of a bar, those that a terminal can show.

    >>> bar_signs("utf-8"), bar_signs("ascii")
    (('█', '░'), ('#', '.'))
    """
    try:
        "█░".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "#", "."
    return "█", "░"


def line_of(lesson: LessonStanding, full: str = "█", empty: str = "░") -> str:
    """Return a lesson's line: its bar, its points, how much is solved, and what is next there."""
    done = BAR * lesson.points // lesson.max_points if lesson.max_points else 0
    solved = sum(exercise.solved for exercise in lesson.exercises)
    ahead = f"next: {lesson.next.number} {lesson.next.name}" if lesson.next else "every exercise is solved"
    points = f"{lesson.points:>3} of {lesson.max_points:>2} points"
    counted = f"{solved} of {len(lesson.exercises)} solved"
    return f"{lesson.lesson[:3]}  {full * done}{empty * (BAR - done)}  {points}  {counted}  {ahead}"


def exercise_lines(lesson: LessonStanding) -> list[str]:
    """Return a line for each exercise of a lesson."""
    width = max((len(exercise.name) for exercise in lesson.exercises), default=0)
    return [
        f"{e.number}  {e.name:<{width}}  "
        + ("not checked yet" if e.points is None else f"{e.points} of {e.max_points}" + " - solved" * e.solved)
        for e in lesson.exercises
    ]


def last_words(lessons: list[LessonStanding]) -> str:
    """Return the sum of all lessons, and where to go on."""
    points, most = sum(one.points for one in lessons), sum(one.max_points for one in lessons)
    by_hand = sum(one.by_hand for one in lessons)
    people = f" {by_hand} more are for paragraphs that a person reads." if by_hand else ""
    said = f"{points} of {most} points.{people}"
    ahead = next((one for one in lessons if one.next is not None), None)
    if ahead is None or ahead.next is None:
        return said
    file = ahead.file.relative_to(ROOT) if ahead.file.is_relative_to(ROOT) else ahead.file
    begin = "" if ahead.file.is_relative_to(WORK) else "\n`python course.py lab` opens your copy of it."
    return f"{said}\nNext: {ahead.next.number} {ahead.next.name}, in {file} ({ahead.title}).{begin}"
