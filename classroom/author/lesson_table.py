"""The lesson table of README.md, read from the lessons themselves."""

from __future__ import annotations

import re
from pathlib import Path

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
    for name in lesson_names(solutions):
        source = solutions / name / f"{name}.py"
        text = source.read_text(encoding="utf-8")
        rows.append(_row(source, re.sub(r"\n# ", " ", text.replace("\n#\n", "\n\n"))))
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


def _row(source: Path, text: str) -> str:
    patterns = {
        "title": r"# (?:Lesson|Elective) \d+\. ([^\n]+?)(?=\s\s|\s\*\*|\n|$)",
        "will": r"\*\*You will\*\* (.+?\.)(?=\s|$)",
        "time": r"\*\*Time:\*\* (\d+) minutes",
        "points": r"\*\*Points:\*\* (\d+)",
    }
    found = {name: match for name, pattern in patterns.items() if (match := re.search(pattern, text))}
    if missing := [name for name in patterns if name not in found]:
        raise ValueError(f"the opening of {source.name} has no {', '.join(missing)}")
    number, title = lesson_number(source.stem), found["title"].group(1)
    own = [e for e in all_exercises().values() if e.lesson == source.stem.partition("_")[2]]
    link = f"[{title}](notebooks/{source.stem}/{source.stem}.ipynb)"
    time, points = found["time"].group(1), found["points"].group(1)
    will = found["will"].group(1).rstrip(".")
    return f"| {number} | {link} | {will} | {time} min | {points} | {len(own)} |"
