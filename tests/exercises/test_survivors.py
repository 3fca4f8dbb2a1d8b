"""Right answers with one small edit: none passes a check that is wrong on an input which the prompt allows."""

from __future__ import annotations

import pytest

from recsys_lib.checks import all_exercises
from tests.exercises.survivors import LEFT_OUT, Cases, survivors

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("without_nbgrader")]

SHARE = 0.015
"""Of all edits, the same ones each time; `python -m tests.exercises.survivors NAME` makes them all, in some minutes."""

EDITED = [e for e in all_exercises().values() if e.kind != "answer" and e.name not in LEFT_OUT]


@pytest.mark.parametrize("exercise", EDITED, ids=lambda exercise: exercise.name)
def test_what_survives_is_equal(exercise):
    """An edit that passes all inputs of a check is right on those of a wide search, too; else an input is missing."""
    cases = Cases(exercise)
    differ = {s.key: found for s in survivors(exercise, cases, SHARE) if (found := cases.differs(s)) is not None}
    assert not differ
