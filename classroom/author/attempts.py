"""What readers wrote from the prompts alone: read from tests/attempts, and run as the lesson's notebook would.

Each line of `tests/attempts/<lesson>/<exercise>.jsonl` is one attempt, with the fields of `Attempt`.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import io
import json
import linecache
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from classroom.common import ROOT, SOLUTIONS
from recsys_lib.checks import Exercise, all_exercises

ATTEMPTS = ROOT / "tests" / "attempts"
OTHERS = ("relation", "error", "any")  # what an attempt may ask for beside a known mistake, a fact, or a line
#: What a lesson may call to make the arrays that its learners' answers may read; it comes from no file.
SMALL_DATA = "datasets.three_items"


@dataclass(frozen=True)
class Attempt:
    """One answer to one exercise, and what is known about it.

    Attributes
    ----------
    exercise : str
        The exercise that was answered.
    id : str
        A name of its own within the exercise.
    code : str
        The cell as it was written.
    correct : bool
        Whether it is right by the prompt.
    mistake : str
        What is wrong, in words; empty where nothing is.
    says : tuple of str
        Each sentence that would be right, any one of which will do: ``known:<name>``, ``fact:<kind>``, ``line:<n>``,
        ``relation``, ``error`` (its own, shown with its line) or ``any``; empty where the answer is right.
    seen : bool
        Whether it helped to write the tables of known mistakes, so that it proves nothing about them.
    """

    exercise: str
    id: str
    code: str
    correct: bool
    mistake: str
    says: tuple[str, ...]
    seen: bool

    @property
    def key(self) -> str:
        """The exercise and the id: the attempt's name in the course."""
        return f"{self.exercise}/{self.id}"


def attempts_of(path: Path) -> list[Attempt]:
    """Return the attempts of one file, which is named after its exercise.

    Raises
    ------
    TypeError
        If a line has a field too many, or lacks one.
    """
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Attempt(**{"exercise": path.stem, **line, "says": tuple(line.get("says", ()))}) for line in lines]


def all_attempts(folder: Path = ATTEMPTS) -> list[Attempt]:
    """Return all attempts, by exercise."""
    return [attempt for path in sorted(folder.glob("*/*.jsonl")) for attempt in attempts_of(path)]


def gone(attempts: Iterable[Attempt]) -> Iterator[str]:
    """Yield, in a sentence, each known mistake that an attempt asks for and that its exercise does not define."""
    exercises = all_exercises()
    for attempt in attempts:
        defined = {mistake.name for mistake in exercises[attempt.exercise].misconceptions}
        for said in attempt.says:
            kind, _, name = said.partition(":")
            if kind == "known" and name not in defined:
                yield f"{attempt.key} asks for {said}, which {attempt.exercise} does not define"


# ---- running one ----


@functools.cache
def lesson_text(package: str, solutions: Path = SOLUTIONS) -> str:
    """Return the text of the lesson whose exercises lie in a package, as ``two_ways``."""
    (path,) = solutions.glob(f"*_{package}/*_{package}.py")
    return path.read_text(encoding="utf-8")


def notebook_names(exercise: Exercise) -> dict[str, Any]:
    """Return what an answer may use of its notebook: imports, functions, and small arrays that stand above it.

    Of the lesson's assignments only those are made that need no data and none of the learner's functions.
    """
    names: dict[str, Any] = {"__name__": "attempt"}
    for code in _notebook_code(lesson_text(exercise.lesson), exercise.name):
        with contextlib.suppress(Exception):  # a table that is empty here, since a loop of the lesson would fill it
            exec(code, names)
    names.pop(exercise.name, None)
    return names


@functools.cache
def _notebook_code(text: str, name: str) -> list[CodeType]:
    kept: list[ast.stmt] = []
    known: set[str] = set()
    above = True
    for node in ast.parse(text).body:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)):
            kept.append(node)
            above = above and getattr(node, "name", None) != name
        elif above and isinstance(node, ast.Assign) and _is_small_data(node.value, known):
            kept.append(node)
            known |= {n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return [compile(ast.Module([node], []), "<notebook>", "exec") for node in kept]


def _is_small_data(value: ast.expr, known: set[str]) -> bool:
    """Whether a value is made of literals, of NumPy, and of what was made so before.

    >>> [_is_small_data(ast.parse(text, mode="eval").body, {"x"}) for text in ("np.ones(3) + x", "datasets.load()")]
    [True, False]
    """
    waiting: list[ast.AST] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and ast.unparse(node.func) == SMALL_DATA:
            continue
        if isinstance(node, ast.Call) and not ast.unparse(node.func).startswith("np."):
            return False
        if isinstance(node, ast.Name) and node.id not in known and node.id != "np" and not hasattr(builtins, node.id):
            return False
        waiting += ast.iter_child_nodes(node)
    return True


@dataclass(frozen=True)
class Run:
    """What is left once a cell has run.

    Attributes
    ----------
    function : callable or None
        The function that is asked for, where the cell defines one.
    error : Exception or None
        What the cell itself raised.
    """

    function: Callable[..., Any] | None
    error: Exception | None = None


def run(exercise: Exercise, code: str) -> Run:
    """Run the cell of an answer as its notebook would, silently."""
    file, error = f"<{exercise.name}>", None
    linecache.cache[file] = (len(code), None, code.splitlines(True), file)
    names = notebook_names(exercise)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(code, file, "exec"), names)
        except Exception as raised:
            error = raised
    return Run(names.get(exercise.name), error)
