"""The key slider, without a browser: errors and luck come from the learner's functions, every bit is told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recsys_lib import widgets
from tests.moves import send

HIDDEN = [2, 8, 64]
BITS = np.array([1, 0, 1, 1, 0])
OUTPUTS = np.array([[0.1, 0.9, 0.2, 0.5, 0.1], [0.9, 0.1, 0.8, 0.2, 0.5], [0.9, 0.1, 0.8, 0.7, 0.0]])


def bit_error_rate(outputs, bits):
    """Share of wrong bits."""
    return np.mean((outputs >= 0.5) != (bits == 1))


def false_alarm(n, t):
    """Binomial tail."""
    return sum(math.comb(n, k) for k in range(t + 1)) / 2**n


def slider(**changes):
    """Return the figure with two readings."""
    given = {
        "bit_error_rate": bit_error_rate, "false_alarm": false_alarm, "hidden": HIDDEN,
        "readings": {"own": (OUTPUTS, BITS), "another": (1 - OUTPUTS, BITS)}, "start": 0, **changes,
    }  # fmt: skip
    return widgets.KeySlider(**given)


def test_rows_follow_the_slider():
    """At each stop: error, count, luck, the bits as read and which of them are missed."""
    figure = slider()
    for stop, wrong in enumerate((3, 2, 0)):
        scene = send(figure, stop=stop)
        row = scene["rows"][0]
        assert figure.hidden == HIDDEN[stop] and figure.errors["own"] == wrong / 5
        assert row["wrong"] == f"{wrong} of 5 wrong" and row["chance"] == f"{false_alarm(5, wrong):.1g}"
        read = (OUTPUTS[stop] >= 0.5).astype(int)
        assert row["bits"] == "".join(map(str, read))
        assert row["missed"] == "".join(map(str, (read != BITS).astype(int)))
        assert scene["problems"] == []


def test_lines_hold_every_stop():
    """The lines are the errors at all stops, the learner's own."""
    figure = slider()
    assert [curve["errors"] for curve in figure.static["curves"]] == [[0.6, 0.4, 0.0], [0.2, 0.8, 1.0]]
    assert [source["note"] for source in figure.static["sources"]] == ["bit_error_rate: yours", "false_alarm: yours"]


def test_slider_stays_on_its_stops():
    """A move beyond an end goes to the end; `move` does what the browser does."""
    figure = slider()
    assert send(figure, stop=99)["stop"] == 2 and send(figure, stop=-4)["stop"] == 0
    figure.move(1)
    assert figure.hidden == 8


def test_unsolved_and_wrong_functions_are_replaced():
    """The course's functions stand in, and the line under the figure says so."""

    def unsolved(n, t):
        raise NotImplementedError

    figure = slider(bit_error_rate=lambda outputs, bits: 0.25, false_alarm=unsolved)
    assert [source["note"] for source in figure.static["sources"]] == [
        "bit_error_rate: the course's, since yours is not right yet",
        "false_alarm: the course's, since yours is not solved yet",
    ]
    assert figure.errors == {"own": 0.6, "another": 0.2}


def test_a_function_that_fails_is_named():
    """A function that fails on these numbers only is reported, and nothing else breaks."""

    def touchy(n, t):
        if (n, t) == (5, 2):
            raise RuntimeError("not this one")
        return false_alarm(n, t)

    figure = slider(false_alarm=touchy)
    before = figure.scene["rows"]
    scene = send(figure, stop=1)
    assert scene["problems"] == ["your false_alarm raised RuntimeError: not this one"]
    assert scene["stale"] and scene["rows"] == before
    assert "stale" not in send(figure, stop=2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hidden": []}, "hidden must be growing"),
        ({"hidden": [4, 4, 8]}, "hidden must be growing"),
        ({"readings": {}}, "1 to 5 readings, found 0"),
        ({"readings": {"own": (OUTPUTS[:2], BITS)}}, "there are 3 stops"),
        ({"readings": {"own": (OUTPUTS, BITS[:3])}}, "and 3 bits"),
        ({"start": 3}, "start must lie between 0 and 2"),
    ],
)
def test_wrong_input_is_named(change, words):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=words):
        slider(**change)
