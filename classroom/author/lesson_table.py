"""The lesson table of README.md, read from the lessons themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from classroom.common import lesson_names, lesson_number, write_whole
from recsys_lib.checks import all_exercises

BEGIN, END = "<!-- lessons: made by `python course.py build` -->", "<!-- end of lessons -->"


def lesson_table(solutions: Path) -> str:
    """Return the Markdown table of all lessons: title, what one does, time, points and exercises.

    Raises
    ------
    ValueError
        If a lesson's opening lacks its title, its time or its points.
    """
    rows = ["| | Lesson | You will | Time | Points | Exercises |", "|---|---|---|---|---|---|"]
    rows += [_row(opening(name, solutions)) for name in lesson_names(solutions)]
    return "\n".join(rows)


def updated_readme(readme: str, solutions: Path) -> str:
    """Return the text of README.md with its lesson table made anew.

    Raises
    ------
    ValueError
        If the two marks between which the table stands are missing.
    """
    if BEGIN not in readme or END not in readme:
        raise ValueError(f"README.md must hold the lines {BEGIN!r} and {END!r}")
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{lesson_table(solutions)}\n{END}{rest.partition(END)[2]}"


def refresh_readme(path: Path, solutions: Path, *, check: bool = False) -> bool:
    """Make the lesson table of a README anew, unless ``check``; return whether it changed, or would."""
    old = path.read_text(encoding="utf-8")
    new = updated_readme(old, solutions)
    if new != old and not check:
        write_whole(path, new.encode())
    return new != old


class Opening(NamedTuple):
    """What a lesson says of itself in its opening, and the number of its exercises."""

    lesson: str
    number: str
    title: str
    will: str
    minutes: int
    points: int
    exercises: int


def opening(lesson: str, solutions: Path) -> Opening:
    """Read a lesson's opening.

    Raises
    ------
    ValueError
        If it lacks its title, what one will do, its time or its points.
    """
    text = (solutions / lesson / f"{lesson}.py").read_text(encoding="utf-8")
    text = re.sub(r"\n# ", " ", text.replace("\n#\n", "\n\n"))
    patterns = {
        "title": r"# (?:Lesson|Elective) \d+\. ([^\n]+?)(?=\s\s|\s\*\*|\n|$)",
        "will": r"\*\*You will\*\* (.+?\.)(?=\s|$)",
        "time": r"\*\*Time:\*\* (\d+) minutes",
        "points": r"\*\*Points:\*\* (\d+)",
    }
    found = {name: match[1] for name, pattern in patterns.items() if (match := re.search(pattern, text))}
    if missing := [name for name in patterns if name not in found]:
        raise ValueError(f"the opening of {lesson}.py has no {', '.join(missing)}")
    own = [e for e in all_exercises().values() if e.lesson == lesson.partition("_")[2]]
    will = found["will"].rstrip(".")
    return Opening(
        lesson, lesson_number(lesson), found["title"], will, int(found["time"]), int(found["points"]), len(own)
    )


def _row(this: Opening) -> str:
    link = f"[{this.title}](notebooks/{this.lesson}/{this.lesson}.ipynb)"
    return f"| {this.number} | {link} | {this.will} | {this.minutes} min | {this.points} | {this.exercises} |"
