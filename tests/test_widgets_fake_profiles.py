"""The figure of fake profiles, without a browser: lines by the learner's function, and failures that are said."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

from recsys_lib import plots, widgets
from recsys_lib.threats import AttackRun, film_ranks
from recsys_lib.widgets.base import source_of
from tests.moves import send

BEFORE = np.random.default_rng(0).normal(size=(12, 25))
SEEN = np.random.default_rng(1).random((12, 25)) < 0.3
TARGET = 4


def shilling_lift(before, after, target, seen):
    """Mean number of ranks that the target climbed."""
    judged = ~seen[:, target]
    if not judged.any():
        raise ValueError("nobody")

    def ranks(scores):
        return np.sum((scores > scores[:, [target]]) & ~seen, axis=1)

    return float(np.mean((ranks(before) - ranks(after[: len(before)]))[judged]))


def run(n, push):
    """Scores after an attack: the target is pushed, fake users stand last."""
    scores = np.vstack([BEFORE, np.full((n, 25), 9.0)])
    scores[: len(BEFORE), TARGET] += push
    return AttackRun(scores, 0.25, 0.4, None if push else 0.5)


RUNS = {
    (n, size, defence): run(n, push * n * size / 100)
    for n in (0, 5, 20)
    for size in (3, 6)
    for defence, push in (("none", 1.0), ("wait", 0.0))
}


def figure(function=shilling_lift, **changes):
    """Return the figure over twelve users."""
    given = {"runs": RUNS, "before": BEFORE, "target": TARGET, "seen": SEEN, "title": "A film", **changes}
    return widgets.FakeProfiles(shilling_lift=function, **given)


@pytest.mark.parametrize(
    ("caught", "by_lot", "said"), [(None, None, "\u2013"), (0.6, 0.1, "60% (by lot 10%)"), (0.6, None, "60%")]
)
def test_what_was_found_stands_beside_chance(caught, by_lot, said):
    """The share that a defence found is shown with that of a choice by lot, where the run knows it."""
    runs = {setting: made._replace(caught=caught, by_lot=by_lot) for setting, made in RUNS.items()}
    assert ["fake profiles found", said] in figure(runs=runs).scene["rows"]


def test_lines_are_the_ranks():
    """At each setting the line stands at the film's mean rank, worked out by the learner's function."""
    shown = figure()
    for setting, made in RUNS.items():
        expected = film_ranks(made.scores[: len(BEFORE)], TARGET, SEEN).mean()
        assert shown.ranks[setting] == pytest.approx(expected)
    scene = send(shown, n=5, size=6, defence="none")
    assert scene["lines"]["none"] == [[n, shown.ranks[n, 6, "none"]] for n in (0, 5, 20)]
    assert shown.chosen == (5, 6, "none") and scene["heading"] == "5 fake profiles of 6 films, none"
    rows = dict(scene["rows"])
    assert rows["mean rank now"] == f"{shown.ranks[5, 6, 'none']:,.0f}" and rows["fake profiles found"] == "\u2013"
    assert dict(send(shown, n=5, size=6, defence="wait")["rows"])["fake profiles found"] == "50%"


def test_unknown_setting_is_said():
    """A setting that is not there leaves the figure as it is, and says so."""
    shown = figure()
    before = shown.scene["heading"]
    scene = send(shown, n=7, size=6, defence="none")
    assert scene["heading"] == before and "no training with 7 profiles" in scene["problems"][0]


def test_wrong_and_failing_functions():
    """A wrong function is replaced by the course's; one that fails on these tables is named, and its line left out."""
    wrong = figure(lambda before, after, target, seen: 1.0)
    assert wrong.static["sources"][0]["note"] == "shilling_lift: the course's, since yours is not right yet"
    assert wrong.ranks == pytest.approx(figure().ranks)

    def touchy(before, after, target, seen):
        if len(before) == 12 and len(after) == 32:
            raise RuntimeError("too many")
        return shilling_lift(before, after, target, seen)

    shown = figure(touchy)
    assert any("raised RuntimeError: too many" in text for text in shown.scene["problems"])
    assert dict(shown.scene["rows"])["mean rank now"] == "\u2013"
    assert [n for n, _ in shown.scene["lines"]["none"]] == [0, 5]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"runs": {}}, "runs is empty"),
        ({"runs": {(0, 3, "none"): run(0, 0), (5, 6, "none"): run(5, 1)}}, "no training for n = 0, size = 6"),
        ({"runs": {(0, 3, "none"): AttackRun(BEFORE[:4], 0.1, 0.1)}}, "the scores of"),
    ],
)
def test_what_does_not_fit_is_named(changes, words):
    """A missing combination and tables of wrong shape are errors."""
    with pytest.raises(ValueError, match=words):
        figure(**changes)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is needed to run the figure's arithmetic")
def test_javascript_scales_and_paths_agree():
    """Where the drawn line stands is where Python's arithmetic puts it."""
    source = source_of("common.js")
    begin = source.index("function scale(")
    code = source[begin:] + (
        "const Y = scale(1, 25, 12, 220), X = scale(0, 2, 64, 440);"
        "console.log(JSON.stringify(path([[0, 25], [1, 13], [2, 1]], X, Y)))"
    )
    made = json.loads(subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True).stdout)
    points = [(64 + 188 * i, 12 + (rank - 1) / 24 * 208) for i, rank in enumerate((25, 13, 1))]
    assert made == "".join(f"{'L' if i else 'M'}{x:.2f},{y:.2f}" for i, (x, y) in enumerate(points))


def test_standing_twins_refuse_nothing():
    """A plot without a line is an error."""
    with pytest.raises(ValueError, match="one defence"):
        plots.lifted_ranks({}, title="A film")
    with pytest.raises(ValueError, match="one dial"):
        plots.leak_and_quality({"l2": []})
