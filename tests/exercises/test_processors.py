"""No verdict depends on the processor: NumPy sorts ties in another order where it may use wider registers."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from numpy._core import _multiarray_umath as numpy_core

from classroom.common import ROOT

pytestmark = pytest.mark.slow

#: Answers whose verdict is known to depend on the processor; whoever adds the input that tells takes them out.
DEPENDS: set[str] = {"simulate_round/r1_4"}  # an unstable sort, which on some processors keeps the order all the same


def features() -> list[str]:
    """What this processor has beyond the least that NumPy needs, and NumPy can do without."""
    return [name for name in numpy_core.__cpu_dispatch__ if numpy_core.__cpu_features__.get(name)]


def run(code: str, without: list[str]) -> str:
    """Run Python without some features of the processor, and return what it prints."""
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    if without:
        env["NPY_DISABLE_CPU_FEATURES"] = " ".join(without)
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, check=True, capture_output=True, text=True, timeout=600
    )
    return done.stdout


def test_no_verdict_depends_on_the_processor(without_nbgrader):
    """Points are the same with the sorts of this processor and without them."""
    found = features()
    if not found:
        pytest.skip(f"this processor has none of what NumPy can switch off: {numpy_core.__cpu_dispatch__}")
    code = "import json; from tests.exercises.verdicts import verdicts; found = verdicts(); print(json.dumps(found))"
    with_them, without = (json.loads(run(code, names).splitlines()[-1]) for names in ([], found))
    assert with_them.keys() == without.keys()
    differ = {name for name in with_them if with_them[name] != without[name]}
    told = "\n".join(f"{name}:\n  {with_them[name]}\n  {without[name]}" for name in sorted(differ - DEPENDS))
    assert differ <= DEPENDS, f"without {' '.join(found)}:\n{told}"
    assert len(with_them) > 500


def test_features_are_switched_off():
    """The other process really does without: what is printed there are the features that it still has."""
    found = features()
    if not found:
        pytest.skip(f"this processor has none of what NumPy can switch off: {numpy_core.__cpu_dispatch__}")
    code = (
        "from numpy._core._multiarray_umath import __cpu_features__ as has, __cpu_dispatch__ as names\n"
        "print(*[name for name in names if has.get(name)])"
    )
    assert run(code, []).split() == found
    assert run(code, found).split() == []
