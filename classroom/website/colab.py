"""Write the lessons for Colab: the learner's notebook behind a cell that installs the course's wheel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from classroom.common import NOTEBOOKS, lesson_names
from classroom.website.repository import COLAB_FOLDER, Published
from classroom.website.wheel import library_wheel

if TYPE_CHECKING:
    from nbformat import NotebookNode


def write_colab(site: Path, published: Published, *, notebooks: Path = NOTEBOOKS) -> None:
    """Write a notebook for each lesson, and the wheel that they install, below ``colab/`` of a site.

    Parameters
    ----------
    site : Path
        The site's folder.
    published : Published
        Where the wheel will be fetched from: its `address` must be known.
    notebooks : Path
        The learners' notebooks.
    """
    import nbformat

    file, data = library_wheel()
    folder = site / COLAB_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(data)
    for name in lesson_names():
        learners = nbformat.read(notebooks / name / f"{name}.ipynb", as_version=4)
        nbformat.write(colab_notebook(learners, published.wheel(file)), folder / f"{name}.ipynb")


def colab_notebook(learners: NotebookNode, wheel: str) -> NotebookNode:
    """Return a learner's notebook with one cell more, its first, which installs the course from a wheel's address."""
    import nbformat

    source = f"# This installs the course's library on the machine that runs this notebook.\n%pip install -q {wheel}"
    install = nbformat.v4.new_code_cell(source, id="install")
    made: NotebookNode = nbformat.from_dict({**learners, "cells": [install, *learners.cells]})
    return made
