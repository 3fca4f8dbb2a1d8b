"""Make the notebook that is graded: the release, with what the learner wrote put into it.

A submission is a file from a stranger. Nothing of it is taken but the text of its cells, and that only to be run in
the sandbox: graded cells, their points and every other metadata come from the release. So a cell that was edited,
moved, duplicated, retyped or deleted cannot matter, and who did it by accident loses nothing.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import json
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from classroom.common import CourseError

MOST_BYTES = 20 * 2**20
MOST_CELLS = 2_000
MOST_SOURCE = 1_000_000  # characters of one cell
_DYNAMIC = {"globals", "locals", "vars", "eval", "exec", "get_ipython", "__main__", "__import__"}


class SubmissionError(CourseError):
    """Why a submission cannot be graded at all: a sentence for the teacher and the student."""


@dataclass(frozen=True)
class Step:
    """One thing that is done in the sandbox: run a cell, or remember what a name means at this place.

    Attributes
    ----------
    kind : {"cell", "bind"}
    id : str
        Of the cell; for "bind", of the graded cell.
    text : str
        The cell's source, or the name.
    learners : bool
        Whether the text is the learner's.
    """

    kind: str
    id: str
    text: str
    learners: bool = False


@dataclass
class Rebuilt:
    """The notebook to be graded, and what is run for it.

    Attributes
    ----------
    notebook : dict
        The release's cells, answers filled in, with the learner's own cells between; no outputs.
    steps : list of Step
    changed : set of str
        Ids of answer cells that the learner touched.
    """

    notebook: dict
    steps: list[Step]
    changed: set[str] = field(default_factory=set)


# ---------------------------------------------------------------------------------------------------------- reading


def read_submission(data: bytes) -> list[dict]:
    """Return the cells of a submitted notebook: each with `cell_type`, `source`, `id` and `grade_id` (or None).

    Raises
    ------
    SubmissionError
        If it is no notebook.

    Examples
    --------
    >>> read_submission(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["x = 1"]}]}')[0]["source"]
    'x = 1'
    """
    if len(data) > MOST_BYTES:
        raise SubmissionError(f"the notebook has {len(data) / 2**20:.0f} MB; {MOST_BYTES // 2**20} are allowed")
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
    if len(cells) > MOST_CELLS:
        raise SubmissionError(f"the notebook has {len(cells):,} cells; {MOST_CELLS:,} are allowed")
    return [_cell(number, cell) for number, cell in enumerate(cells, start=1)]


def _cell(number: int, cell: Any) -> dict:
    if not isinstance(cell, dict):
        raise SubmissionError(f"cell {number} of the notebook is not a cell")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise SubmissionError(f"cell {number} of the notebook has no text")
    if len(source) > MOST_SOURCE:
        raise SubmissionError(
            f"cell {number} of the notebook has {len(source):,} characters; {MOST_SOURCE:,} are allowed"
        )
    # What is not valid Unicode text (half of a pair) can be neither run nor saved.
    source = source.encode("utf-8", "replace").decode("utf-8")
    meta = cell.get("metadata")
    meta = meta.get("nbgrader") if isinstance(meta, dict) else None
    grade_id = meta.get("grade_id") if isinstance(meta, dict) else None
    return {
        "cell_type": cell.get("cell_type"),
        "source": source,
        "id": cell.get("id") if isinstance(cell.get("id"), str) else None,
        "grade_id": grade_id if isinstance(grade_id, str) else None,
    }


# ------------------------------------------------------------------------------------------------------- rebuilding


def rebuild(data: bytes, release: dict) -> Rebuilt:
    """Put what a learner wrote into the release notebook.

    Parameters
    ----------
    data : bytes
        The submitted file.
    release : dict
        The release notebook, parsed; its graded cells are the gradebook's.

    Raises
    ------
    SubmissionError
        If the file is no notebook, or one that shares no cell with the release.
    """
    theirs = read_submission(data)
    places = _Places(release)
    answers: dict[str, list[str]] = {}
    extras: list[tuple[int, dict]] = []  # learner's own cells, after which cell of the release
    after, known = -1, False
    for cell in theirs:
        place = places.of(cell)
        if place is None:
            if cell["cell_type"] == "code" and cell["source"].strip():
                extras.append((after, cell))
            continue
        known = known or places.sure(cell, place)
        after = max(after, place)
        ours = release["cells"][place]
        if _is(ours, "solution"):
            answers.setdefault(ours["id"], []).append(cell["source"])
        elif not _is(ours, "grade") and ours["cell_type"] == "code" and _text(ours) != cell["source"]:
            extras.append((place, cell))
    if not known:
        raise SubmissionError("no cell of this lesson is in the notebook: is it another lesson's?")
    return _assemble(release, answers, extras)


class _Places:
    """Finds the cell of the release that a submitted cell was."""

    def __init__(self, release: dict) -> None:
        self.release = release
        self.by_id = {cell["id"]: place for place, cell in enumerate(release["cells"])}
        self.by_source = {_text(cell): place for place, cell in enumerate(release["cells"]) if _text(cell).strip()}

    def of(self, cell: dict) -> int | None:
        if cell["grade_id"] in self.by_id:
            return self.by_id[cell["grade_id"]]
        if cell["source"] in self.by_source:
            return self.by_source[cell["source"]]
        place = self.by_id.get(cell["id"])
        # An id alone says little: the cell may have been split, and the new half keeps no nbgrader metadata.
        if place is not None and cell["cell_type"] == self.release["cells"][place]["cell_type"]:
            return place
        return None

    def sure(self, cell: dict, place: int) -> bool:
        """Whether no other lesson has this cell: every lesson has a "cell-003", and some share a sentence."""
        ours = self.release["cells"][place]
        if cell["grade_id"] in self.by_id:
            return True
        return ours["cell_type"] == "code" and ("nbgrader" in ours["metadata"] or cell["source"] == _text(ours))


def _assemble(release: dict, answers: dict[str, list[str]], extras: list[tuple[int, dict]]) -> Rebuilt:
    cells: list[dict] = []
    made = Rebuilt({**{k: v for k, v in release.items() if k != "cells"}, "cells": cells}, [])
    ids = {cell["id"] for cell in release["cells"]}
    placed: list[tuple[dict, bool]] = []  # cell, learner's

    def add(source: str) -> None:
        number = 1 + sum(learners for _, learners in placed)
        while f"added-{number}" in ids:
            number += 1
        ids.add(f"added-{number}")
        cell = {"cell_type": "code", "id": f"added-{number}", "metadata": {}, "source": source}
        placed.append((cell, True))

    for cell in (cell for after, cell in extras if after < 0):
        add(cell["source"])
    for place, ours in enumerate(release["cells"]):
        cell = {k: v for k, v in ours.items() if k not in ("outputs", "execution_count")}
        learners = False
        if _is(ours, "solution"):
            written = [source for source in answers.get(ours["id"], []) if source != _text(ours)]
            if written:  # of several copies the last one counts; what the others define is there, too
                for source in written[:-1]:
                    if ours["cell_type"] == "code":
                        add(source)
                cell["source"], learners = written[-1], True
                if ours["cell_type"] == "markdown":
                    cell["source"] = without_html(written[-1])
                made.changed.add(ours["id"])
        placed.append((cell, learners))
        for extra in (extra for after, extra in extras if after == place):
            add(extra["source"])
    for cell, _ in placed:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
        cells.append(cell)
    made.steps = list(_steps(placed))
    return made


_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=\s*[(:](?!\s*<?(?:https?://|mailto:|#)))")


def without_html(text: str) -> str:
    """Keep a written answer from running anything in the browser of whoever reads it.

    nbgrader's pages show HTML of a markdown cell as it is. A space of no width behind each ``<`` that begins a tag, and
    within each link that leads elsewhere than to the web, lets the reader see the text, and the browser nothing else.

    >>> without_html("a <b>bold</b> [link](javascript:alert(1)), [fine](https://x.org), 1 < 2").replace("\u200b", "_")
    'a <_b>bold<_/b> [link]_(javascript:alert(1)), [fine](https://x.org), 1 < 2'
    """
    return _LINK.sub("]\u200b", _TAG.sub("<\u200b", text))


def _steps(placed: list[tuple[dict, bool]]) -> Iterator[Step]:
    """What is run: the learner's code, what it needs of the lesson's, and the names that graded cells ask for."""
    wanted, answered = _needed(placed), _answered(placed)
    mine: set[str] = set()  # names that the learner's own cells have defined so far
    for place, (cell, learners) in enumerate(placed):
        if cell["cell_type"] != "code":
            continue
        if _is(cell, "grade") and not _is(cell, "solution"):
            for name in sorted(_names(_text(cell))[1] & answered):
                yield Step("bind", cell["id"], name)
        elif learners:
            mine |= _names(_text(cell))[0]
            yield Step("cell", cell["id"], _text(cell), learners=True)
        elif _is(cell, "solution"):  # a stub: it must not undo what the learner wrote elsewhere
            if not _names(_text(cell))[0] <= mine:
                yield Step("cell", cell["id"], _text(cell))
        elif place in wanted:
            yield Step("cell", cell["id"], _text(cell))


def _answered(placed: list[tuple[dict, bool]]) -> set[str]:
    """Names that answer cells define: a graded cell's other names are the lesson's or Python's."""
    found: set[str] = set()
    for cell, _ in placed:
        if cell["cell_type"] == "code" and _is(cell, "solution"):
            found |= _names(_text(cell))[0]
            found.add(cell["id"].replace("-", "_"))
    return found


def _needed(placed: list[tuple[dict, bool]]) -> set[int]:
    """Places of the lesson's own cells that the learner's code depends on, directly or not.

    The others train models and draw figures, which takes most of a lesson's time and earns nobody a point.
    """
    open_names: set[str] = set()
    everything = False
    for cell, _ in placed:
        if cell["cell_type"] != "code":
            continue
        if _is(cell, "solution") or cell["id"].startswith("added-"):
            uses = _names(_text(cell))[1]
            open_names |= uses
            everything |= bool(uses & _DYNAMIC)
    lessons = {
        place: _names(_text(cell))
        for place, (cell, learners) in enumerate(placed)
        if cell["cell_type"] == "code" and not learners and "nbgrader" not in cell["metadata"]
    }
    if everything:
        return set(lessons)
    wanted: set[int] = set()
    while True:
        more = {place for place, (defined, _) in lessons.items() if place not in wanted and defined & open_names}
        if not more:
            return wanted
        wanted |= more
        for place in more:
            open_names |= lessons[place][1]


def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that a cell defines, and names of the notebook that it uses; both empty where it is not Python.

    >>> defined, used = _names("import numpy as np\\ndef f(x, y=z):\\n    return np.sum(x) + w")
    >>> sorted(defined), sorted(used)
    (['f', 'np'], ['np', 'w', 'z'])
    """
    return _known_names(source) if len(source) <= 10_000 else _found_names(source)


def _found_names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    plain = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())
    try:
        table = symtable.symtable(plain, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(), frozenset()
    defined, used = set(), set()
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            defined.add(symbol.get_name())
        if symbol.is_referenced():
            used.add(symbol.get_name())
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_global():
                used.add(symbol.get_name())
                if symbol.is_declared_global() and symbol.is_assigned():
                    defined.add(symbol.get_name())
    return frozenset(defined), frozenset(used)


_known_names = functools.lru_cache(maxsize=500)(_found_names)  # most of a submission's cells are the lesson's own


def _is(cell: dict, what: str) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get(what))


def _text(cell: dict) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def imports_of(release: dict) -> str:
    """Return the import statements of the lesson's own cells: what a graded cell may use beside the answers.

    >>> cell = {"cell_type": "code", "metadata": {}, "source": "import numpy as np\\nx = 1"}
    >>> imports_of({"cells": [cell]})
    'import numpy as np'
    """
    own = (c for c in release["cells"] if c["cell_type"] == "code" and "nbgrader" not in c["metadata"])
    return _imports(tuple(_text(cell) for cell in own))


@functools.lru_cache(maxsize=20)
def _imports(sources: tuple[str, ...]) -> str:
    found = []
    for source in sources:
        with contextlib.suppress(SyntaxError):
            tree = ast.parse(source)
            found += [ast.unparse(n) for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]
    return "\n".join(dict.fromkeys(found))
