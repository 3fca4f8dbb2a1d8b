"""Read a submitted notebook, a file from a stranger, and take nothing of it but the text of its cells."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from classroom.common import CourseError

MAX_BYTES = 20 * 2**20
MAX_CELLS = 2_000
MAX_SOURCE = 12_000_000  # characters of one cell: pictures pasted into a text are that long
MAX_CODE = 100_000  # characters of one cell that is code
MAX_ALL_CODE = 400_000  # characters of all cells that are code
MAX_WRITTEN = 20_000  # characters of a written answer; what is longer is cut, and the student's status says so
MAX_WORD = 1_000  # characters without a space in a written answer
MAX_NAME = 300  # characters of the name of a picture that is attached to a cell


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
    nbgrader : dict
        What nbgrader's metadata say, as far as it is numbers and text.
    attachments : dict of str to dict
        What is attached to the cell, by name and then by kind ("image/png"): texts that may be anything.
    """

    cell_type: Any
    source: str
    id: str | None
    nbgrader: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def grade_id(self) -> str | None:
        """The id in nbgrader's metadata."""
        found = self.nbgrader.get("grade_id")
        return found if isinstance(found, str) else None


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
    found = [_read_cell(number, cell) for number, cell in enumerate(cells, start=1)]
    code = sum(len(cell.source) for cell in found if cell.cell_type == "code")
    if code > MAX_ALL_CODE:
        raise SubmissionError(
            f"the notebook's code cells have {code:,} characters together; {MAX_ALL_CODE:,} are allowed"
        )
    return found


def shortened(text: str, most: int = MAX_WRITTEN) -> str:
    """Return a written answer in a length that a person reads: long words and a long end are left out, and it says so.

    >>> shortened("short " + "x" * 2000)[-42:]
    'x [1,000 characters of this word left out]'
    """
    words = re.sub(r"\S+", _shortened_word, text)
    left = len(words) - most
    return words if left <= 0 else f"{words[:most]}\n\n[{left:,} more characters left out]"


def _shortened_word(found: re.Match[str]) -> str:
    word = found.group()
    left = len(word) - MAX_WORD
    return word if left <= 0 else f"{word[:MAX_WORD]} [{left:,} characters of this word left out]"


def _read_cell(number: int, cell: Any) -> SubmittedCell:
    if not isinstance(cell, dict):
        raise SubmissionError(f"cell {number} of the notebook is not a cell")
    source = _joined(cell.get("source", ""))
    if source is None:
        raise SubmissionError(f"cell {number} of the notebook has no text")
    most = MAX_CODE if cell.get("cell_type") == "code" else MAX_SOURCE
    if len(source) > most:
        raise SubmissionError(f"cell {number} of the notebook has {len(source):,} characters; {most:,} are allowed")
    meta = cell.get("metadata")
    meta = meta.get("nbgrader") if isinstance(meta, dict) else None
    plain = {k: v for k, v in meta.items() if isinstance(v, (str, int, float))} if isinstance(meta, dict) else {}
    return SubmittedCell(
        cell_type=cell.get("cell_type"),
        # Half of a surrogate pair is not valid Unicode, and could be neither run nor saved.
        source=source.encode("utf-8", "replace").decode("utf-8"),
        id=cell["id"] if isinstance(cell.get("id"), str) else None,
        nbgrader=plain,
        attachments=_attachments(cell.get("attachments")),
    )


def _joined(text: Any) -> str | None:
    """Return a text that a notebook may hold as a list of lines, or None where it is none."""
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "".join(text)
    return text if isinstance(text, str) else None


def _attachments(found: Any) -> dict[str, dict[str, str]]:
    named = found.items() if isinstance(found, dict) else ()
    return {
        name: {kind: text for kind, value in kinds.items() if (text := _joined(value)) is not None}
        for name, kinds in named
        if isinstance(kinds, dict) and len(name) <= MAX_NAME
    }
