"""Run a graded cell of the course on handles, in this trusted process.

The cell comes from the gradebook, never from the submission. The names that the lesson asks the learner to define are
handles (see `classroom.sandbox.learner`): only the arguments of calls leave this process, and what comes back is
believed only as their values.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from classroom.sandbox.learner import OutOfNotebookTimeError
from classroom.sandbox.messages import Output
from classroom.sandbox.outputs import error_output
from classroom.submission.cells import Notebook, is_lesson_code, source_of
from recsys_lib.checks.checking import graded_verdict, public_verdict, verdict_on
from recsys_lib.checks.verdict import Verdict


def grade_cell(
    source: str,
    imports: str,
    handles: Mapping[str, Any],
    seed: int,
    public: Mapping[str, Verdict] | None = None,
) -> tuple[list[Output], Verdict | None]:
    """Run one graded cell of the course on handles.

    Parameters
    ----------
    source : str
        The source of the cell, from the gradebook.
    imports : str
        The import statements of the lesson, see `imports_of`.
    handles : mapping
        What the names that learners define mean, by name.
    seed : int
        The seed from which fresh inputs are drawn.
    public : mapping, optional
        What `public_verdicts` of the same cell has found; both halves are made here where it is absent.

    Returns
    -------
    outputs : list of dict
        The outputs of the cell as a notebook holds them, from which nbgrader reads the points.
    verdict : Verdict or None
        What the last check of the cell found, for the class report.

    Raises
    ------
    OutOfNotebookTimeError
        If the submission has used up its time.
    MemoryError
        If this process has no memory left, whatever has filled it.

    Examples
    --------
    >>> outputs, verdict = grade_cell("check('dot', dot)", "", {"dot": lambda q, items: items @ q}, seed=1)
    >>> outputs[-1]["data"]["text/plain"], verdict.solved
    ('2.0', True)
    """
    verdicts: list[Verdict] = []

    def check(name: str, answer: Any) -> float:
        if public is None:
            verdict = verdict_on(name, answer, seed)
        elif name in public:
            verdict = graded_verdict(public[name], answer, seed)
        else:
            verdict = Verdict.of_problem(name, "its cell did not get as far as the check.")
        verdicts.append(verdict)
        print(verdict.report())
        return float(verdict.points)

    return _run(source, imports, handles, check), verdicts[-1] if verdicts else None


def public_verdicts(source: str, imports: str, handles: Mapping[str, Any]) -> dict[str, Verdict]:
    """Run one graded cell on the inputs that everybody sees; return the verdicts of its checks by exercise.

    All that is said of an answer in words or numbers comes from here, so this is run for every cell of a submission
    before any of its functions is asked about an input that was drawn for this grade.

    Examples
    --------
    >>> public_verdicts("check('dot', dot)", "", {"dot": lambda q, items: items @ q})["dot"].points
    2
    """
    found: dict[str, Verdict] = {}

    def check(name: str, answer: Any) -> float:
        found[name] = public_verdict(name, answer)
        return float(found[name].points)

    _run(source, imports, handles, check)
    return found


def _run(source: str, imports: str, handles: Mapping[str, Any], check: Callable[[str, Any], float]) -> list[Output]:
    """Run the source of a graded cell with a check; return what it shows."""
    names: dict[str, Any] = {"__name__": "graded"}
    out = io.StringIO()
    outputs: list[Output] = []
    with contextlib.redirect_stdout(out):
        try:
            exec(imports, names)
            names.update(handles, check=check)
            *body, last = ast.parse(source).body or [ast.Pass()]
            exec(compile(ast.Module(body, []), "<graded>", "exec"), names)
            if isinstance(last, ast.Expr):
                result = eval(compile(ast.Expression(last.value), "<graded>", "eval"), names)
                if result is not None:
                    outputs = [_result(result)]
            else:
                exec(compile(ast.Module([last], []), "<graded>", "exec"), names)
        except (OutOfNotebookTimeError, MemoryError):  # the latter is of this process: a function's own stays inside
            raise
        except Exception as error:
            said = traceback.format_exception_only(error)[-1].strip()
            outputs = [error_output(type(error).__name__, said.partition(": ")[2])]
    if out.getvalue():
        outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": out.getvalue()})
    return outputs


def _result(value: Any) -> Output:
    return {
        "output_type": "execute_result",
        "data": {"text/plain": repr(value)},
        "metadata": {},
        "execution_count": None,
    }


def imports_of(release: Notebook) -> str:
    """Return the import statements of the lesson's own cells: what a graded cell may use beside the answers.

    Examples
    --------
    >>> cell = {"cell_type": "code", "metadata": {}, "source": "import numpy as np\\nx = 1"}
    >>> imports_of({"cells": [cell]})
    'import numpy as np'
    """
    return _imports(tuple(source_of(cell) for cell in release["cells"] if is_lesson_code(cell)))


@functools.lru_cache(maxsize=20)
def _imports(sources: tuple[str, ...]) -> str:
    found: list[str] = []
    for source in sources:
        with contextlib.suppress(SyntaxError):
            tree = ast.parse(source)
            found += [ast.unparse(node) for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return "\n".join(dict.fromkeys(found))
