"""Read a submitted notebook, a file from a stranger, and take nothing of it but the text of its cells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from classroom.common import CourseError

MAX_BYTES = 20 * 2**20
MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000  # characters of one cell


class SubmissionError(CourseError):
    """A submission cannot be graded at all; the text says why, to the teacher and the student."""


@dataclass(frozen=True)
class SubmittedCell:
    """One cell of a submitted notebook.

    Attributes
    ----------
    cell_type : Any
        What the file says, which may be anything.
    source : str
        The text of the cell.
    id : str or None
        The id that Jupyter gave it.
    grade_id : str or None
        The id in nbgrader's metadata.
    """

    cell_type: Any
    source: str
    id: str | None
    grade_id: str | None


def read_submission(data: bytes) -> list[SubmittedCell]:
    """Return the cells of a submitted notebook.

    Parameters
    ----------
    data : bytes
        The content of the file.

    Raises
    ------
    SubmissionError
        If the file is no notebook, or larger than is allowed.

    Examples
    --------
    >>> read_submission(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["x = 1"]}]}')[0].source
    'x = 1'
    """
    if len(data) > MAX_BYTES:
        raise SubmissionError(f"the notebook has {len(data) / 2**20:.0f} MB; {MAX_BYTES // 2**20} are allowed")
    if not data.strip():
        raise SubmissionError("the notebook is empty: a file of no bytes")
    try:
        nb = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SubmissionError("the notebook is not text in UTF-8") from None
    except (ValueError, RecursionError) as error:
        reason = "too deep" if isinstance(error, RecursionError) else str(error)[:100]
        raise SubmissionError(f"the notebook is not whole: it cannot be read as JSON ({reason})") from None
    if not isinstance(nb, dict):
        raise SubmissionError("the file is JSON, but no notebook")
    version = nb.get("nbformat")
    if version != 4:
        said = f"format {version}" if type(version) is int and 0 <= version < 1000 else "no format"
        raise SubmissionError(
            f"the notebook has {said}, and 4 is needed: open it in JupyterLab, save it, hand it in again"
        )
    cells = nb.get("cells")
    if not isinstance(cells, list):
        raise SubmissionError("the notebook has no list of cells")
    if len(cells) > MAX_CELLS:
        raise SubmissionError(f"the notebook has {len(cells):,} cells; {MAX_CELLS:,} are allowed")
    return [_read_cell(number, cell) for number, cell in enumerate(cells, start=1)]


def _read_cell(number: int, cell: Any) -> SubmittedCell:
    if not isinstance(cell, dict):
        raise SubmissionError(f"cell {number} of the notebook is not a cell")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise SubmissionError(f"cell {number} of the notebook has no text")
    if len(source) > MAX_SOURCE:
        raise SubmissionError(
            f"cell {number} of the notebook has {len(source):,} characters; {MAX_SOURCE:,} are allowed"
        )
    meta = cell.get("metadata")
    meta = meta.get("nbgrader") if isinstance(meta, dict) else None
    grade_id = meta.get("grade_id") if isinstance(meta, dict) else None
    return SubmittedCell(
        cell_type=cell.get("cell_type"),
        # Half of a surrogate pair is not valid Unicode, and could be neither run nor saved.
        source=source.encode("utf-8", "replace").decode("utf-8"),
        id=cell["id"] if isinstance(cell.get("id"), str) else None,
        grade_id=grade_id if isinstance(grade_id, str) else None,
    )
