"""Make a lesson's page: the learner's notebook with what the course's own run of it showed, answers left out."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.author.shown import read_shown
from classroom.common import NOTEBOOKS, SOLUTIONS, lesson_number
from classroom.website.repository import NOWHERE, Published

if TYPE_CHECKING:
    from nbformat import NotebookNode

NEEDS_PYTHON = "This figure moves only where Python runs"


def lesson_page(
    lesson: str,
    *,
    solutions: Path = SOLUTIONS,
    notebooks: Path = NOTEBOOKS,
    browser: str | None = None,
    published: Published = NOWHERE,
    pictures: str = "shown",
) -> tuple[NotebookNode, dict[str, Path]]:
    """Return a lesson's page as a notebook with outputs, and the pictures that it needs by their place beside it.

    Parameters
    ----------
    lesson : str
        The lesson's name.
    solutions, notebooks : Path
        Where the built notebooks are.
    browser : str, optional
        The address, seen from the page, at which the lesson opens in the browser; left out where it does not.
    published : Published
        Where the course lies on GitHub, if that is known: then the page has doors to Colab and Binder.
    pictures : str
        The folder of the pictures, seen from the page.

    Raises
    ------
    FileNotFoundError
        If the lesson was not built.
    """
    import nbformat

    page = nbformat.read(notebooks / lesson / f"{lesson}.ipynb", as_version=4)
    solved = nbformat.read(solutions / lesson / f"{lesson}.ipynb", as_version=4)
    printed = {cell["id"]: cell.outputs for cell in solved.cells if cell.cell_type == "code"}
    shown = read_shown(lesson, solutions)
    files: dict[str, Path] = {}
    cells = []
    for cell in page.cells:
        if cell.cell_type == "code":
            grading = cell.metadata.get("nbgrader", {})
            cell.outputs = [] if grading.get("grade") else list(printed.get(cell["id"], []))
            for item in shown.get(cell["id"], []):
                if "picture" in item:
                    place = f"{pictures}/{lesson}/{item['picture'].name}"
                    files[place] = item["picture"]
                    cell.outputs.append(_html(_picture(place, item["alt"], item["width"])))
                else:
                    cell.outputs.append(_html(figure(item["figure"], browser)))
            tags = _kind(grading)
            cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
            cell.execution_count = None
        else:
            cell.metadata = nbformat.from_dict({})
        cells.append(cell)
    title = next(i for i, cell in enumerate(cells) if cell.source.startswith("# "))
    cells.insert(title + 1, nbformat.v4.new_markdown_cell(doors(lesson, browser, published), id="doors"))
    if title == 0 and "\n" in cells[0].source:  # the doors stand between the title and the opening
        first, _, rest = cells[0].source.partition("\n")
        cells[0].source = first
        cells.insert(2, nbformat.v4.new_markdown_cell(rest.strip(), id="opening"))
    page.cells = cells
    page.metadata = nbformat.from_dict({**page.metadata, "mystnb": {"execution_mode": "off"}})
    return page, files


def doors(lesson: str, browser: str | None, published: Published = NOWHERE) -> str:
    """Return the ways into a lesson, as Markdown that holds HTML."""
    ways = []
    if browser:
        ways.append(f'<a class="cg-door cg-door-first" href="{html.escape(browser)}">Open in the browser</a>')
    ways.append('<a class="cg-door" href="../start.html">Run on your machine</a>')
    if published.repository:
        for place, address in (("Colab", published.colab(lesson)), ("Binder", published.binder(lesson))):
            ways.append(f'<a class="cg-door" href="{html.escape(address)}">Open in {place}</a>')
    what = "Elective" if lesson.startswith("E") else "Lesson"
    return (
        f'<div class="cg-doors" role="group" aria-label="{what} {lesson_number(lesson)}: where to run it">'
        + "".join(ways)
        + "<span>Read it here with what the course's own run printed. Answers are left out: the check speaks where "
        "the lesson runs.</span></div>"
    )


def figure(recording: dict[str, Any], browser: str | None) -> str:
    """Return the place of a figure that moves: with its recording, or, where it has none, what it would show."""
    alt = html.escape(recording["alt"])
    if "module" not in recording:
        way = f' <a href="{html.escape(browser)}">Open the lesson in the browser</a> to move it.' if browser else ""
        return f'<div class="cg-absent"><p><b>{NEEDS_PYTHON}.</b>{way}</p><p>{alt}</p></div>'
    data = json.dumps(recording, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<div class="cg-host" data-figure="{recording["module"]}"><p class="cg-still">{alt}</p>'
        f'<script type="application/json">{data}</script></div>'
    )


def modules_of(page: NotebookNode) -> list[str]:
    """Return the figures that move on a page, each once."""
    text = "".join(o.get("data", {}).get("text/html", "") for c in page.cells for o in c.get("outputs", []))
    return sorted(set(re.findall(r'data-figure="(\w+)"', text)))


def _kind(grading: dict[str, Any]) -> list[str]:
    if grading.get("grade"):
        return ["cg-check"]
    return ["cg-answer"] if grading.get("solution") else []


def _picture(place: str, alt: str, width: int) -> str:
    return f'<img class="cg-picture" alt="{html.escape(alt, quote=True)}" width="{width}" src="{place}">'


def _html(text: str) -> Any:
    import nbformat

    return nbformat.v4.new_output("display_data", data={"text/html": text, "text/plain": ""})
