"""The search dial, without a browser: each number is the learner's own, shards fall out, and failures are said."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_lib import plots
from recsys_lib.retrieval import blocked_top_k, index_recall, merge_top_k
from recsys_lib.shards import cuts
from recsys_lib.widgets import SearchDial
from recsys_lib.widgets.search_dial import without_shard

RNG = np.random.default_rng(0)
ITEMS, QUERIES = RNG.normal(size=(120, 4)), RNG.normal(size=(20, 4))
EXACT = blocked_top_k(QUERIES, ITEMS, 5)
LONG = blocked_top_k(QUERIES, ITEMS, 40)
MISSING_ONE = np.where(np.arange(40) == 0, -1, LONG)
ANSWERS = {"good": {10: MISSING_ONE, 100: LONG}, "lifted": {10: LONG[:, ::-1], 50: MISSING_ONE, 100: LONG}}


def recall(found, exact):
    """Mean share of the exact ids that were found."""
    return float(np.mean([np.isin(right, row) for right, row in zip(exact, found, strict=True)]))


def dial(**changes):
    """Return the figure over two indexes."""
    return SearchDial(**{"index_recall": recall, "answers": ANSWERS, "exact": EXACT, "n_items": 120, **changes})


def send(figure, **move):
    """Send a move as the view does, and return the scene that answers it."""
    now = {key: figure.scene[key] for key in ("name", "step", "shards", "lost")}
    figure.receive(None, {"seq": "a", **now, **move}, None)
    return figure.scene


def test_lines_are_the_learners_numbers():
    """Each point of each line is the recall of that index at that effort; the dot stands on one of them."""
    figure = dial()
    assert figure.scene["lines"] == {"good": [pytest.approx(0.8), 1.0], "lifted": [0.0, pytest.approx(0.8), 1.0]}
    for name, efforts in figure.static["efforts"].items():
        for step, effort in enumerate(efforts):
            scene = send(figure, name=name, step=step)
            assert figure.recall == index_recall(ANSWERS[name][effort][:, :5], EXACT)
            assert scene["spoken"].startswith(f"{name} at effort {effort}: recall@5 {figure.recall:.3f}")
    assert dial(index_recall=None).static["sources"][0]["note"] == "index_recall: the course's"


@pytest.mark.parametrize("shards", [1, 2, 5, 12])
def test_a_lost_shard_is_what_merging_the_others_gives(shards):
    """The lists without the first shard are those that the remaining shards give together."""
    figure = dial()
    send(figure, name="good", step=1, shards=shards, lost=True)
    edges = cuts(120, shards)
    parts = [(first, ITEMS[first:end]) for first, end in zip(edges[1:], edges[2:], strict=False)]
    found = [blocked_top_k(QUERIES, part, min(5, len(part))) + first for first, part in parts]
    if found:
        scores = [np.take_along_axis(QUERIES @ ITEMS.T, ids, axis=1) for ids in found]
        merged = merge_top_k(found, scores, 5)[0]
        assert np.array_equal(without_shard(LONG, 120, shards, 0, 5)[:, 0], merged[:, 0])
        assert figure.recall == pytest.approx(index_recall(merged, EXACT))
    else:
        assert figure.recall == 0
    assert send(figure, lost=False)["recall"] == 1


def test_moves_stay_on_the_sliders():
    """A move beyond the ends stops there; an index that is not there is said, and the figure keeps its state."""
    figure = dial()
    scene = send(figure, step=99, shards=99)
    assert (scene["effort"], scene["shards"]) == (100, 12)
    assert "could not follow" in send(figure, name="tree")["problems"][0]
    assert figure.scene["name"] == "good"


def test_failing_functions_are_reported():
    """A function that fails is named, and the last good state stays."""

    def touchy(found, exact):
        if (found < 0).all():
            raise RuntimeError("nothing at all")
        return recall(found, exact)

    figure = dial(index_recall=touchy)
    scene = send(figure, shards=1, lost=True)
    assert scene["problems"] == ["your index_recall raised RuntimeError: nothing at all"] and scene["stale"]
    assert send(figure, lost=False)["problems"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"answers": {}}, "answers must hold an index"),
        ({"answers": {"x": {}}}, "answers must hold an index"),
        ({"answers": {"x": {10: LONG[:, :3]}}}, r"shape \(20, 3\)"),
        ({"exact": [1, 2]}, "exact must be a table"),
        ({"n_items": 5}, "n_items is 5"),
    ],
)
def test_wrong_arguments_are_named(changes, words):
    """Errors name the argument and what was found."""
    with pytest.raises(ValueError, match=words):
        dial(**changes)


def test_still_picture_says_the_same():
    """The still twin draws the same points and says them; wrong curves are refused."""
    figure = dial()
    curves = {
        name: list(zip(efforts, figure.scene["lines"][name], strict=True))
        for name, efforts in figure.static["efforts"].items()
    }
    ax = plots.recall_curves(curves)
    for line, points in zip(ax.lines, curves.values(), strict=True):
        assert np.array_equal(line.get_xydata(), points)
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--"]
    assert ax.alt_text.endswith("lifted: from 0.00 at 10 to 1.00 at 100.")
    for wrong in ({}, {"x": []}, {"x": [(1, 2.0)]}):
        with pytest.raises(ValueError, match="curve|recall lies"):
            plots.recall_curves(wrong)
