"""The budget dial, without a browser: it says what the learner's function says, and keeps what went wrong."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_lib import widgets

GIVEN = {
    "settings": [0, 0.3, 0.5],
    "measured": {"one": [[0.5, 0.1], [0.4, 0.25], [0.2, 0.5]], "two": [[0.3, 0.1], [0.3, 0.2], [0.1, 0.3]]},
    "budgets": {"one": ([0.4, 0.25], [np.inf, np.inf]), "two": ([-np.inf, 0.1], [0.2, 0.2])},
    "lines": ["nDCG", "coverage"],
}


def budget_lines(measured, least, most):
    """Both limits count as met."""
    return (measured >= least) & (measured <= most)


def send(figure, at):
    """Send a move as the browser does; returns the answer."""
    figure.receive(figure, {"seq": "test:1", "at": at}, [])
    return figure.scene


@pytest.mark.parametrize("at", [0, 1, 2])
def test_lines_are_those_of_the_setting(at):
    """Each catalogue is judged by its own budget, at the setting where the dial stands."""
    figure = widgets.BudgetDial(budget_lines, **GIVEN)
    send(figure, at)
    for name, table in GIVEN["measured"].items():
        assert figure.met[name] == budget_lines(np.array(table[at]), *GIVEN["budgets"][name]).tolist()
    assert figure.scene["at"] == at and not figure.scene["problems"]


def test_dial_stays_within_its_settings():
    """A move beyond the last setting shows the last one."""
    assert send(widgets.BudgetDial(budget_lines, **GIVEN), 99)["at"] == 2


def test_limits_are_written():
    """A limit that is infinite is not named."""
    limits = [c["limits"] for c in widgets.BudgetDial(budget_lines, **GIVEN).static["catalogues"]]
    assert limits == [["at least 0.4", "at least 0.25"], ["at most 0.2", "0.1 to 0.2"]]


@pytest.mark.parametrize(
    "change",
    [
        {"settings": [0, 1]},
        {"lines": ["nDCG"]},
        {"measured": {}},
        {"budgets": dict.fromkeys(("one", "two"), ([0], [1]))},
    ],
)
def test_what_does_not_fit_is_refused(change):
    """Tables, limits and settings must be of one size."""
    with pytest.raises(ValueError, match=r"measured|budgets|settings"):
        widgets.BudgetDial(budget_lines, **{**GIVEN, **change})
