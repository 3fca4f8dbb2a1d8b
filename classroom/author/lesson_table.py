"""The lesson table of README.md, read from the lessons themselves."""

from __future__ import annotations

import re
from pathlib import Path

from recsys_lib.checks import all_exercises

BEGIN, END = "<!-- lessons: made by `python course.py build` -->", "<!-- end of lessons -->"


def lesson_table(solutions: Path) -> str:
    """Return the Markdown table of all lessons: title, what one does, time, points, exercises and misconceptions.

    Raises
    ------
    ValueError
        If a lesson's opening lacks its title, its time or its points.
    """
    rows = ["| | Lesson | You will | Time | Points | Exercises | Known mistakes |", "|---|---|---|---|---|---|---|"]
    for source in sorted(solutions.glob("L*/L*.py")):
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


def _row(source: Path, text: str) -> str:
    found = {
        "title": re.search(r"# Lesson (\d+)\. ([^\n]+?)(?=\s\s|\s\*\*|\n|$)", text),
        "will": re.search(r"\*\*You will\*\* (.+?\.)(?=\s|$)", text),
        "time": re.search(r"\*\*Time:\*\* (\d+) minutes", text),
        "points": re.search(r"\*\*Points:\*\* (\d+)", text),
    }
    missing = [name for name, match in found.items() if match is None]
    if missing:
        raise ValueError(f"the opening of {source.name} has no {', '.join(missing)}")
    number, title = found["title"].groups()
    own = [e for e in all_exercises().values() if e.lesson == source.stem.partition("_")[2]]
    mistakes = sum(len(exercise.misconceptions) for exercise in own)
    link = f"[{title}](notebooks/{source.stem}/{source.stem}.ipynb)"
    time, points = found["time"].group(1), found["points"].group(1)
    will = found["will"].group(1).rstrip(".")
    return f"| {number} | {link} | {will} | {time} min | {points} | {len(own)} | {mistakes} |"
