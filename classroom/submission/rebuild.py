"""Make the notebook that is graded: the release, with what the learner wrote put into it.

Nothing of a submission is taken but the text of its cells and the pictures in it, the code only to be run in the
sandbox: graded cells, their points and all other metadata come from the release. So a cell that was edited, moved,
duplicated, retyped or deleted cannot matter, and a learner who did so by accident loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from classroom.sandbox.steps import Step
from classroom.submission.cells import Cell, Notebook, is_lesson_code, is_marked, source_of
from classroom.submission.names import names_in, python_of
from classroom.submission.needs import Code, Needs, needs_of
from classroom.submission.reading import SubmissionError, SubmittedCell, read_submission
from classroom.submission.written import LessonText, SafePages, Text, words_in_code


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
        What the teacher should know: which written answers were shortened, which pictures left out.
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
    places, lesson_text = _Places(release), LessonText(release)
    answers: dict[str, list[str]] = {}
    own: list[_Own] = []
    after, known = -1, False
    for cell in theirs:
        place = places.of(cell)
        if place is None:
            own += _own(after, cell, lesson_text.theirs(cell))
            continue
        known = known or places.is_certain(cell, place)
        after = max(after, place)
        ours = release["cells"][place]
        if _is_essay(ours):
            own += _own(place, replace(cell, cell_type="markdown"), lesson_text.theirs(cell))
        elif is_marked(ours, "solution"):
            answers.setdefault(ours["id"], []).append(cell.source)
        elif not is_marked(ours, "grade") and _plain(source_of(ours)) != _plain(cell.source):
            own += _own(place, cell, lesson_text.theirs(cell, whole=False))
    if not known:
        raise SubmissionError("no cell of this lesson is in the notebook: is it another lesson's?")
    return _assemble(release, answers, own)


class _Own(NamedTuple):
    """What stands in a cell of the learner's own, code or words, and the place of the release's cell before it."""

    after: int
    what: str | Text


def _own(after: int, cell: SubmittedCell, words: Text | None) -> list[_Own]:
    what = cell.source if cell.cell_type == "code" else words
    return [_Own(after, what)] if what is not None and (isinstance(what, Text) or what.strip()) else []


def _is_essay(cell: Cell) -> bool:
    """Return whether a cell of the release is answered in words."""
    return is_marked(cell, "solution") and cell["cell_type"] != "code"


class _Places:
    """Finds the cell of the release that a submitted cell was."""

    def __init__(self, release: Notebook) -> None:
        self._cells: list[Cell] = release["cells"]
        self._by_id: dict[str, int] = {cell["id"]: place for place, cell in enumerate(self._cells)}
        sources = ((_plain(source_of(cell)), place) for place, cell in enumerate(self._cells))
        self._by_source = {source: place for source, place in sources if source}

    def of(self, cell: SubmittedCell) -> int | None:
        """Return the place of the release's cell, or None for a cell of the learner's own."""
        if cell.grade_id is not None and cell.grade_id in self._by_id:
            return self._by_id[cell.grade_id]
        if (source := _plain(cell.source)) in self._by_source:
            return self._by_source[source]
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
        same = _plain(cell.source) == _plain(source_of(ours))
        return ours["cell_type"] == "code" and ("nbgrader" in ours["metadata"] or same)


def _plain(source: str) -> str:
    """Return a source without what converters change: spaces at the ends of lines, and empty lines at the ends."""
    return "\n".join(line.rstrip() for line in source.splitlines()).strip("\n")


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


def _assemble(release: Notebook, answers: dict[str, list[str]], own: list[_Own]) -> Rebuilt:
    """Put answers and the learner's own cells in their places."""
    pages = SafePages()
    essays, own = _essays(release, own, pages)
    ids = {cell["id"] for cell in release["cells"]}
    placed: list[_Placed] = []
    changed: set[str] = set(essays)
    number = 0

    def add(cell_type: str, **fields: Any) -> None:
        nonlocal number
        number += 1
        while f"added-{number}" in ids:
            number += 1
        ids.add(f"added-{number}")
        placed.append(_Placed({"cell_type": cell_type, "id": f"added-{number}", "metadata": {}, **fields}, True))

    def add_own(place: int) -> None:
        for what in (one.what for one in own if one.after == place):
            if isinstance(what, str):
                add("code", source=what)
            elif (shown := pages.own_text(what)) is not None:
                add("markdown", **shown)

    add_own(-1)
    for place, ours in enumerate(release["cells"]):
        cell = {k: v for k, v in ours.items() if k not in ("outputs", "execution_count")}
        written = [source for source in answers.get(ours["id"], []) if _plain(source) != _plain(source_of(ours))]
        for source in written[:-1]:  # of several copies the last one counts; the others may define what it needs
            add("code", source=source)
        if written:
            cell["source"] = written[-1]
            changed.add(ours["id"])
        cell |= essays.get(ours["id"], {})
        placed.append(_Placed(cell, learners=ours["id"] in changed))
        add_own(place)
    for one in placed:
        if one.is_code:
            one.cell.update(outputs=[], execution_count=None)
    notebook = {**{k: v for k, v in release.items() if k != "cells"}, "cells": [one.cell for one in placed]}
    needs = _needs(placed)
    left_out = {placed[place].cell["id"]: names for place, names in needs.left_out.items()}
    notes = list(dict.fromkeys(pages.notes))
    return Rebuilt(notebook, _with_texts(_steps(placed, needs)), changed, notes, left_out)


def _essays(release: Notebook, own: list[_Own], pages: SafePages) -> tuple[dict[str, Cell], list[_Own]]:
    """Return what is shown in the place of each answer in words, by its id, and what of the learner's own is left.

    What stands in its place counts: in its cell, in copies and halves of it, and in cells between its prompt and the
    lesson's next cell. Where there is nothing, all that the learner wrote in words anywhere else is shown to whoever
    gives the points.
    """
    here: dict[str, list[Text]] = {}
    for place, ours in enumerate(release["cells"]):
        if _is_essay(ours):
            has_prompt = place and release["cells"][place - 1]["cell_type"] != "code"
            near = range(place - bool(has_prompt), place + 1)
            words = [_words(one) if one.after in near else None for one in own]
            here[ours["id"]] = [what for what in words if isinstance(what, Text)]
            own = [one for one, what in zip(own, words, strict=True) if not isinstance(what, Text)]
    elsewhere = [one.what for one in own if isinstance(one.what, Text)]
    if elsewhere and not all(here.values()):
        own = [one for one in own if isinstance(one.what, str)]
    written = {name: texts for name, texts in here.items() if texts or elsewhere}
    return {name: pages.essay(name, texts, elsewhere) for name, texts in written.items()}, own


def _words(own: _Own) -> str | Text:
    """Return what stands in a cell where words are asked for: code that is none is words, too."""
    return own.what if isinstance(own.what, Text) else words_in_code(own.what) or own.what


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


def _with_texts(steps: Iterable[Step]) -> list[Step]:
    """Return the steps; those that keep a name say in which cell's text it seems to be defined, where in one."""
    made = list(steps)
    cells: list[int] = []
    for place, step in enumerate(made):
        if step.kind == "cell":
            cells.append(place)
            continue
        found = next((at for at in reversed(cells) if f"def {step.text}(" in made[at].text), None)
        made[place] = replace(step, defined_in=found)
        if found is not None and made[found].learners and (python := python_of(made[found].text)) != made[found].text:
            made[found] = replace(made[found], python=python)
    return made


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
