"""What readers wrote from the prompts alone: a right answer passes, and a wrong one does not.

Each line of `tests/attempts/<lesson>/<exercise>.jsonl` is one attempt: an id, the code, whether it is right by the
prompt, and the mistake in words, empty where there is none.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import json
import linecache

import pytest

from classroom.common import ROOT, SOLUTIONS
from recsys_lib.checks import all_exercises, check

pytestmark = pytest.mark.usefixtures("without_nbgrader")

FOLDER = ROOT / "tests" / "attempts"
ATTEMPTS = {
    f"{path.stem}/{attempt['id']}": (path, attempt)
    for path in sorted(FOLDER.glob("*/*.jsonl"))
    for attempt in map(json.loads, path.read_text(encoding="utf-8").splitlines())
}

#: What is known to be judged wrongly; whoever mends one takes it out, since a test that passes unexpectedly fails.
PASSES_THOUGH_WRONG = {
    "balance/balance.w15", "balance/balance.w16",
    "cure/cure.w17", "dot/reuse_int_buffer", "euclidean/subtract_in_place",
    "frequency_scaled_l2/frequency_scaled_l2.w9", "half_squared_distance/in_place",
    "safe_cosine/safe_cosine.w15", "safe_cosine/safe_cosine.w19",
}  # fmt: skip
PASSES_ON_SOME_PROCESSORS: set[str] = set()
FAILS_THOUGH_RIGHT = {
    "equal_counts/w15": "changes an argument that its prompt allows it to change",
    "norm_popularity/r3": "uses a library function that is switched off, which no prompt says",
    "safe_cosine/safe_cosine.r6": "as above",
    "predict_ranking/computed": "reads arrays of the notebook, which this test does not run",
}


@functools.cache
def notebook_names(lesson: str) -> str:
    """Return the imports and the functions of a lesson's text: what an attempt may use of its notebook."""
    (path,) = SOLUTIONS.glob(f"*_{lesson}/*_{lesson}.py")
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef)
    kept = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, kinds)]
    return "\n".join(["from recsys_lib import metrics, retrieval, similarity", *map(ast.unparse, kept)])


def function_of(name: str, code: str, lesson: str):
    """Return the function that an attempt defines, or None where its cell raises."""
    file = f"<{name}>"
    linecache.cache[file] = (len(code), None, code.splitlines(True), file)
    names: dict = {"__name__": "attempt"}
    exec(notebook_names(lesson), names)
    names.pop(name, None)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        exec(compile(code, file, "exec"), names)
    return names.get(name)


def marks(key: str):
    """Expect the wrong outcome where it is known."""
    if key in PASSES_THOUGH_WRONG:
        return [pytest.mark.xfail(strict=True, reason="a wrong answer that passes")]
    if key in PASSES_ON_SOME_PROCESSORS:
        return [pytest.mark.xfail(strict=False, reason="a wrong answer that passes on some processors")]
    if key in FAILS_THOUGH_RIGHT:
        return [pytest.mark.xfail(strict=True, reason=FAILS_THOUGH_RIGHT[key])]
    return []


@pytest.mark.parametrize("key", [pytest.param(key, marks=marks(key)) for key in ATTEMPTS])
def test_attempt_is_judged_as_its_reader_meant_it(key):
    """A right attempt earns every point; a wrong one does not."""
    path, attempt = ATTEMPTS[key]
    verdict = check(path.stem, function_of(path.stem, attempt["code"], path.parent.name))
    assert verdict.solved == attempt["correct"], f"{attempt['mistake'] or 'right'}\n{attempt['code']}\n{verdict}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*")), ids=lambda path: path.stem)
def test_file_of_attempts_is_of_an_exercise(path):
    """A file belongs to an exercise; its lines have the four fields, ids of their own, and a mistake where one is."""
    exercise = all_exercises()[path.stem]
    assert (path.parent.name, path.suffix) == (exercise.lesson, ".jsonl")
    attempts = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len({attempt["id"] for attempt in attempts}) == len(attempts)
    for attempt in attempts:
        assert set(attempt) == {"id", "code", "correct", "mistake"}, attempt["id"]
        assert attempt["correct"] == (not attempt["mistake"]), attempt["id"]


def test_every_exercise_has_a_file_of_attempts():
    """`new-exercise` makes one; without attempts a table of mistakes is a guess."""
    assert {path.stem for path in FOLDER.glob("*/*.jsonl")} == set(all_exercises())
