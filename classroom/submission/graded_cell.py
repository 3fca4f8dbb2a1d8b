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
from collections.abc import Mapping
from typing import Any

from classroom.sandbox.learner import OutOfNotebookTimeError
from classroom.sandbox.messages import Output
from classroom.sandbox.outputs import error_output
from classroom.submission.cells import Notebook, is_lesson_code, source_of
from recsys_lib.checks.checking import verdict_on
from recsys_lib.checks.verdict import Verdict


def grade_cell(
    source: str, imports: str, handles: Mapping[str, Any], seed: int | None
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
    seed : int or None
        The seed from which fresh inputs are drawn; without it only those are used that everybody sees.

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

    Examples
    --------
    >>> outputs, verdict = grade_cell("check('dot', dot)", "", {"dot": lambda q, items: items @ q}, seed=1)
    >>> outputs[-1]["data"]["text/plain"], verdict.solved
    ('2.0', True)
    """
    verdicts: list[Verdict] = []

    def check(name: str, answer: Any) -> float:
        verdict = verdict_on(name, answer, seed)
        verdicts.append(verdict)
        print(verdict.report())
        return float(verdict.points)

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
        except OutOfNotebookTimeError:
            raise
        except Exception as error:
            said = traceback.format_exception_only(error)[-1].strip()
            outputs = [error_output(type(error).__name__, said.partition(": ")[2])]
    if out.getvalue():
        outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": out.getvalue()})
    return outputs, verdicts[-1] if verdicts else None


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
