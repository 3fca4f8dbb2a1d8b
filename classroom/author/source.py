"""Read a lesson's percent script as a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

CHECKED = "nbval-check-output"
"""The tag of a cell whose printed text a sentence of the lesson quotes: the only cells that keep their output."""

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read_source(path: Path) -> NotebookNode:
    """Read a percent script as a notebook with this course's cell ids and metadata.

    A cell's id is its grade_id, else `cell-NNN` by position; cells keep `nbgrader` and `tags`, nothing else.
    """
    import jupytext

    nb: NotebookNode = jupytext.read(Path(path), fmt="py:percent")
    nb.nbformat, nb.nbformat_minor = 4, 5
    set_metadata(nb)
    for number, cell in enumerate(nb.cells, start=1):
        kept = {key: cell.metadata[key] for key in ("nbgrader", "tags") if key in cell.metadata}
        cell.metadata.clear()
        cell.metadata.update(kept)
        cell["id"] = kept.get("nbgrader", {}).get("grade_id") or f"cell-{number:03d}"
    return nb


def set_metadata(nb: NotebookNode) -> None:
    """Replace a notebook's metadata by that of every notebook of the course."""
    from nbformat import from_dict

    nb.metadata.clear()
    nb.metadata.update(from_dict(NOTEBOOK_METADATA))
