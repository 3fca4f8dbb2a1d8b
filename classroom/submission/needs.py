"""Which cells are run for a grade: the learner's, and of the lesson's own only those that they need.

The lesson's other cells train models and draw figures, which takes most of its time and earns no points. A cell that
the learner has added to look at a trained model is left out, unless it makes something that an answer uses.
"""

from __future__ import annotations

import builtins
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from classroom.submission.names import DYNAMIC, names_in

_WORD = re.compile(r"[^\W\d]\w*")
_TRAINS = re.compile(r"factorization|fit_\w+")  # the library's names for what takes long
# Names of functions, classes and modules: what is done with them changes nothing that an answer reads.
_NO_DATA = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+(\w+)|class[ \t]+(\w+)|(\w+)[ \t]*=[ \t]*(?:lambda\b|(?:\w+\.)?partial\()"
    r"|(?:from[ \t]+\S+[ \t]+)?import[ \t]+(.+))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Code:
    """A cell of code: what it is, and its text.

    Attributes
    ----------
    kind : {"answer", "own", "lesson"}
        Whether it is an answer's, one that the learner added or changed, or the lesson's own.
    source : str
    """

    kind: Literal["answer", "own", "lesson"]
    source: str

    @functools.cached_property
    def defined(self) -> frozenset[str]:
        """The names that it defines."""
        return names_in(self.source).defined

    @functools.cached_property
    def dynamic(self) -> bool:
        """Whether it can reach any name."""
        return not DYNAMIC.isdisjoint(names_in(self.source).used)

    @functools.cached_property
    def used(self) -> frozenset[str]:
        """The names that it uses; all words of a cell that can reach any name."""
        used = names_in(self.source).used
        return used | frozenset(_WORD.findall(self.source)) if self.dynamic else used

    @property
    def data(self) -> frozenset[str]:
        """The names that it gives to what can be changed in place."""
        words = (word for found in _NO_DATA.findall(self.source) for part in found for word in _WORD.findall(part))
        return self.defined - frozenset(words)


@dataclass
class Needs:
    """What is run of a notebook.

    Attributes
    ----------
    lessons : set of int
        Places of the lesson's own cells that are needed.
    left_out : dict of int to list of str
        Places of the learner's own cells that are not run, and the names that only trained models would give them.
    """

    lessons: set[int] = field(default_factory=set)
    left_out: dict[int, list[str]] = field(default_factory=dict)


def needs_of(cells: dict[int, Code], asked: Iterable[str]) -> Needs:
    """Return which of the cells are run.

    Parameters
    ----------
    cells : dict of int to Code
        The notebook's cells of code, by place, without graded ones.
    asked : iterable of str
        The names that graded cells ask for.

    Examples
    --------
    >>> lesson = {0: Code("lesson", "import numpy as np"), 1: Code("lesson", "model = fit_bpr(np.ones(3))")}
    >>> answer = {2: Code("answer", "dot = lambda q, items: np.dot(items, q)")}
    >>> needs_of({**lesson, **answer, 3: Code("own", "print(dot(model, model))")}, ["dot"])
    Needs(lessons={0}, left_out={3: ['model']})
    """
    answers, own, lessons = (
        {place: cell for place, cell in cells.items() if cell.kind == kind} for kind in ("answer", "own", "lesson")
    )
    if any(cell.dynamic for cell in answers.values()):  # nobody can say what is used
        return Needs(set(lessons))
    wanted = set(asked).union(*(cell.used for cell in answers.values()))
    data = frozenset().union(*(cell.data for cell in [*answers.values(), *own.values()]))
    needed: set[int] = set()
    while more := {
        place
        for place, cell in [*lessons.items(), *own.items()]
        if place not in needed
        and (cell.defined & wanted or (cell.kind == "own" and not cell.used.isdisjoint(wanted & data)))
    } or _for_what_nobody_defines(cells, own, needed, wanted):
        needed |= more
        wanted = wanted.union(*(cells[place].used for place in more))
    quick = lessons.keys() - _training(lessons)
    left_out = _left_out(cells, needed, quick)
    wanted = set().union(*(cell.used for place, cell in own.items() if place not in left_out))
    while more := {place for place in quick - needed if cells[place].defined & wanted}:
        needed |= more
        wanted = wanted.union(*(cells[place].used for place in more))
    return Needs(needed & set(lessons), left_out)


def _for_what_nobody_defines(
    cells: dict[int, Code], own: dict[int, Code], needed: set[int], wanted: set[str]
) -> set[int]:
    """Return the cells of the learner's that may define a name in a way that cannot be seen, where one is wanted."""
    defined = set(dir(builtins)).union(*(cell.defined for cell in cells.values()))
    if wanted <= defined:
        return set()
    return {place for place, cell in own.items() if place not in needed and cell.dynamic}


def _training(lessons: dict[int, Code]) -> set[int]:
    """Return the places of the cells that train a model, or use what only such cells define."""
    found = {place for place, cell in lessons.items() if any(map(_TRAINS.fullmatch, cell.used))}
    while True:
        others = [cell.defined for place, cell in lessons.items() if place not in found]
        trained = frozenset().union(*(lessons[place].defined for place in found)).difference(*others)
        more = {place for place, cell in lessons.items() if place not in found and cell.used & trained}
        if not more:
            return found
        found |= more


def _left_out(cells: dict[int, Code], needed: set[int], quick: set[int]) -> dict[int, list[str]]:
    """Return the cells of the learner's that use what is not there, also since another of them is left out."""
    everything = frozenset().union(*(cell.defined for cell in cells.values()))
    left: dict[int, list[str]] = {}
    while True:
        run = [
            cell
            for place, cell in cells.items()
            if place not in left and (cell.kind != "lesson" or place in needed or place in quick)
        ]
        missing = everything.difference(*(cell.defined for cell in run))
        more = {
            place: sorted(cell.used & missing)
            for place, cell in cells.items()
            if cell.kind == "own" and place not in left and place not in needed and cell.used & missing
        }
        if not more:
            return left
        left |= more
