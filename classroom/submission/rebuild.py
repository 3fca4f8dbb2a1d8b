"""Make the notebook that is graded: the release, with what the learner wrote put into it.

Nothing of a submission is taken but the text of its cells, and that only to be run in the sandbox: graded cells, their
points and all other metadata come from the release. So a cell that was edited, moved, duplicated, retyped or deleted
cannot matter, and a learner who did so by accident loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from classroom.sandbox.steps import Step
from classroom.submission.cells import Cell, Notebook, is_lesson_code, is_marked, source_of
from classroom.submission.escaping import without_html
from classroom.submission.names import names_in
from classroom.submission.needs import Code, Needs, needs_of
from classroom.submission.reading import SubmissionError, SubmittedCell, read_submission, shortened


@dataclass
class Rebuilt:
    """The notebook to be graded, and what is run for it.

    Attributes
    ----------
    notebook : dict
        The release's cells, answers filled in, with the learner's own cells between; no outputs.
    steps : list of Step
        What is run in the sandbox, in order.
    changed : set of str
        The ids of answer cells that the learner changed.
    notes : list of str
        What the teacher should know: which written answers were shortened.
    left_out : dict of str to list of str
        The ids of the learner's own cells that are not run, and which of the lesson's names they would need.
    """

    notebook: Notebook
    steps: list[Step] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)


def rebuild(data: bytes, release: Notebook) -> Rebuilt:
    """Put what a learner wrote into the release notebook.

    Parameters
    ----------
    data : bytes
        The content of the submitted file.
    release : dict
        The release notebook, parsed; its graded cells are the gradebook's.

    Raises
    ------
    SubmissionError
        If the file is no notebook, or shares no cell with the release.
    """
    theirs = read_submission(data)
    places = _Places(release)
    answers: dict[str, list[str]] = {}
    extras: list[tuple[int, str]] = []  # the learner's own cells, each with the place of the release's cell before it
    after, known = -1, False
    for cell in theirs:
        place = places.of(cell)
        if place is None:
            if cell.cell_type == "code" and cell.source.strip():
                extras.append((after, cell.source))
            continue
        known = known or places.is_certain(cell, place)
        after = max(after, place)
        ours = release["cells"][place]
        if is_marked(ours, "solution"):
            answers.setdefault(ours["id"], []).append(cell.source)
        elif not is_marked(ours, "grade") and ours["cell_type"] == "code" and source_of(ours) != cell.source:
            extras.append((place, cell.source))
    if not known:
        raise SubmissionError("no cell of this lesson is in the notebook: is it another lesson's?")
    return _assemble(release, answers, extras)


class _Places:
    """Finds the cell of the release that a submitted cell was."""

    def __init__(self, release: Notebook) -> None:
        self._cells: list[Cell] = release["cells"]
        self._by_id: dict[str, int] = {cell["id"]: place for place, cell in enumerate(self._cells)}
        sources = ((source_of(cell), place) for place, cell in enumerate(self._cells))
        self._by_source = {source: place for source, place in sources if source.strip()}

    def of(self, cell: SubmittedCell) -> int | None:
        """Return the place of the release's cell, or None for a cell of the learner's own."""
        if cell.grade_id is not None and cell.grade_id in self._by_id:
            return self._by_id[cell.grade_id]
        if cell.source in self._by_source:
            return self._by_source[cell.source]
        place = None if cell.id is None else self._by_id.get(cell.id)
        # An id alone says little: when a cell is split, the new half keeps no nbgrader metadata.
        if place is not None and cell.cell_type == self._cells[place]["cell_type"]:
            return place
        return None

    def is_certain(self, cell: SubmittedCell, place: int) -> bool:
        """Return whether only this lesson has the cell: each has a "cell-003", and some have a sentence in common."""
        ours = self._cells[place]
        if cell.grade_id in self._by_id:
            return True
        return ours["cell_type"] == "code" and ("nbgrader" in ours["metadata"] or cell.source == source_of(ours))


@dataclass(frozen=True)
class _Placed:
    """A cell of the rebuilt notebook, and whether the learner wrote its source."""

    cell: Cell
    learners: bool

    @property
    def is_code(self) -> bool:
        return bool(self.cell["cell_type"] == "code")

    @property
    def source(self) -> str:
        return source_of(self.cell)


def _assemble(release: Notebook, answers: dict[str, list[str]], extras: list[tuple[int, str]]) -> Rebuilt:
    """Put answers and the learner's own cells in their places."""
    ids = {cell["id"] for cell in release["cells"]}
    placed: list[_Placed] = []
    changed: set[str] = set()
    notes: list[str] = []
    number = 0

    def add(source: str) -> None:
        nonlocal number
        number += 1
        while f"added-{number}" in ids:
            number += 1
        ids.add(f"added-{number}")
        cell = {"cell_type": "code", "id": f"added-{number}", "metadata": {}, "source": source}
        placed.append(_Placed(cell, learners=True))

    for source in (source for after, source in extras if after < 0):
        add(source)
    for place, ours in enumerate(release["cells"]):
        cell = {k: v for k, v in ours.items() if k not in ("outputs", "execution_count")}
        learners = False
        if is_marked(ours, "solution"):
            written = [source for source in answers.get(ours["id"], []) if source != source_of(ours)]
            if written:  # of several copies the last one counts; the others may define what it needs
                for source in written[:-1]:
                    if ours["cell_type"] == "code":
                        add(source)
                cell["source"], learners = written[-1], True
                if ours["cell_type"] == "markdown":
                    short = shortened(written[-1])
                    cell["source"] = without_html(short)
                    if short != written[-1]:
                        notes.append(f"{ours['id']} was shortened: it has {len(written[-1]):,} characters")
                changed.add(ours["id"])
        placed.append(_Placed(cell, learners))
        for source in (source for after, source in extras if after == place):
            add(source)
    for one in placed:
        if one.is_code:
            one.cell.update(outputs=[], execution_count=None)
    notebook = {**{k: v for k, v in release.items() if k != "cells"}, "cells": [one.cell for one in placed]}
    needs = _needs(placed)
    left_out = {placed[place].cell["id"]: names for place, names in needs.left_out.items()}
    return Rebuilt(notebook, list(_with_texts(_steps(placed, needs))), changed, notes, left_out)


def _steps(placed: list[_Placed], needs: Needs) -> Iterator[Step]:
    """Yield what is run: the learner's code, what it needs of the lesson's, and the names that graded cells ask for."""
    answered = _answered(placed)
    own: set[str] = set()  # names that the learner's cells have defined so far
    for place, one in enumerate(placed):
        if not one.is_code or place in needs.left_out:
            continue
        cell_id = one.cell["id"]
        if is_marked(one.cell, "grade") and not is_marked(one.cell, "solution"):
            for name in sorted(names_in(one.source).used & answered):
                yield Step("bind", cell_id, name)
        elif one.learners:
            own |= names_in(one.source).defined
            yield Step("cell", cell_id, one.source, learners=True)
        elif is_marked(one.cell, "solution"):  # a stub: it must not undo what the learner wrote elsewhere
            if not names_in(one.source).defined <= own:
                yield Step("cell", cell_id, one.source)
        elif place in needs.lessons:
            yield Step("cell", cell_id, one.source, lessons=True)


def _with_texts(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps; those that keep a name say in which cell's text it seems to be defined, where in one."""
    cells: list[tuple[int, str]] = []
    for place, step in enumerate(steps):
        if step.kind == "cell":
            cells.append((place, step.text))
            yield step
            continue
        found = next((at for at, text in reversed(cells) if f"def {step.text}(" in text), None)
        yield replace(step, defined_in=found)


def _answered(placed: list[_Placed]) -> set[str]:
    """Return the names that answer cells define; other names in a graded cell are the lesson's or Python's."""
    found: set[str] = set()
    for one in placed:
        if one.is_code and is_marked(one.cell, "solution"):
            found |= names_in(one.source).defined
            found.add(one.cell["id"].replace("-", "_"))
    return found


def _needs(placed: list[_Placed]) -> Needs:
    """Return what is run of the lesson's own cells, and what is not of the learner's."""
    cells: dict[int, Code] = {}
    for place, one in enumerate(placed):
        if one.is_code and is_marked(one.cell, "solution"):
            cells[place] = Code("answer", one.source)
        elif one.is_code and one.cell["id"].startswith("added-"):
            cells[place] = Code("own", one.source)
        elif is_lesson_code(one.cell) and not one.learners:
            cells[place] = Code("lesson", one.source)
    return needs_of(cells, _answered(placed))
