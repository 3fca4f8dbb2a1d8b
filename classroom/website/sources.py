"""Put together what Sphinx reads: the landing page, one for each lesson and document, and the library's functions."""

from __future__ import annotations

import html
import importlib
import json
import pkgutil
import re
import shutil
from pathlib import Path

from classroom.author.lesson_table import opening
from classroom.common import ROOT, SOLUTIONS, lesson_names
from classroom.website.documents import PAGES, document_page
from classroom.website.figures import scripts
from classroom.website.lesson_pages import figure, lesson_page, modules_of
from classroom.website.repository import NOWHERE, VERSIONS, Published

HERE = Path(__file__).parent
#: Parts of the library that have no page, beside what begins with an underscore: they hold the answers.
LEFT_OUT = {"exercises"}
IN_BROWSER = "lite/notebooks/index.html?path="


def write_sources(target: Path, *, browser: bool, published: Published = NOWHERE, root: Path = ROOT) -> None:
    """Write the sources of the site into a folder.

    Parameters
    ----------
    target : Path
        The folder, which must not exist.
    browser : bool
        Whether the lessons open in the browser, below ``lite/`` of the site.
    published : Published
        Where the site will be read, and the repository that its doors lead to.
    root : Path
        The course's folder.

    Raises
    ------
    FileExistsError
        If the folder exists.
    """
    target.mkdir(parents=True)
    figures = {"vector_plane"}
    for lesson in lesson_names():
        address = f"../{IN_BROWSER}{lesson}.ipynb" if browser else None
        page, pictures = lesson_page(lesson, browser=address, published=published)
        figures |= set(modules_of(page))
        _write_notebook(target / "lessons" / f"{lesson}.ipynb", page)
        for place, path in pictures.items():
            _copy(path, target / "_extra" / "lessons" / place)
    for name in PAGES:
        text, files = document_page(name, root)
        _write(target / f"{name}.md", text)
        for place, path in files.items():
            _copy(path, target / place)
    for part in library_parts():
        _write(target / "library" / f"{part}.md", _library_page(part))
    for name, text in _leading_pages(browser).items():
        _write(target / name, text)
    (target / "_static").mkdir()
    for name, data in scripts(sorted(figures)).items():
        (target / "_static" / name).write_bytes(data)
    shutil.copy(HERE / "conf.py", target / "conf.py")
    said = {"version": published.version, "versions": "../" * bool(published.below) + VERSIONS}
    _write(target / "published.json", json.dumps(said))


def library_parts() -> list[str]:
    """Return the public modules and packages of the library.

    >>> {"similarity", "metrics", "checks"} <= set(library_parts())
    True
    """
    import recsys_lib

    found = (m.name for m in pkgutil.iter_modules(recsys_lib.__path__))
    return sorted(name for name in found if not name.startswith("_") and name not in LEFT_OUT)


def _library_page(part: str) -> str:
    module = importlib.import_module(f"recsys_lib.{part}")
    imported = "\n   :imported-members:" if hasattr(module, "__path__") else ""
    directive = f".. automodule:: recsys_lib.{part}\n   :members:{imported}"
    return f"# recsys_lib.{part}\n\n```{{eval-rst}}\n{directive}\n```\n"


def _leading_pages(browser: bool) -> dict[str, str]:
    """Return the pages that lead to the others, by the name of their file."""
    from recsys_lib.widgets import VectorPlane

    lessons = lesson_names()
    first = f'<a class="cg-door cg-door-first" href="{IN_BROWSER}{lessons[0]}.ipynb">Open lesson 1 in the browser</a>'
    put = {
        "@plane@": figure(VectorPlane().recording(), None),
        "@cards@": _cards(lessons),
        "@browser@": first if browser else "",
    }
    landing = (HERE / "landing.md").read_text(encoding="utf-8")
    for mark, text in put.items():
        landing = landing.replace(mark, text)
    guides = [name.removeprefix("guide/") for name in PAGES if name.startswith("guide/")]
    return {
        "index.md": landing,
        "start.md": (HERE / "start.md").read_text(encoding="utf-8"),
        "lessons.md": "# Lessons\n\n" + _toctree([f"lessons/{name}" for name in lessons]),
        "guide/index.md": "# Guides\n\n" + _toctree(guides),
        "library/index.md": "# The library\n\nWhat the lessons call, in its own words.\n\n" + _toctree(library_parts()),
    }


def _cards(lessons: list[str]) -> str:
    """Return the lessons as a list of links, each with what one will do in it."""
    items = []
    for name in lessons:
        this = opening(name, SOLUTIONS)
        will = re.sub(r"[*]([^*]+)[*]", r"<em>\1</em>", html.escape(this.will, quote=False))
        items.append(
            f'<li><a href="lessons/{name}.html"><b>{html.escape(this.number)}</b> {html.escape(this.title)}</a>'
            f"<p>{will}.</p><small>{this.minutes} min, {this.exercises} exercises</small></li>"
        )
    return '<ol class="cg-lessons">' + "".join(items) + "</ol>"


def _toctree(entries: list[str]) -> str:
    return "```{toctree}\n:maxdepth: 1\n\n" + "\n".join(entries) + "\n```\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _write_notebook(path: Path, page: object) -> None:
    import nbformat

    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(page, path)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
