"""The board of recommenders, without a browser: every number is the learner's, and failures are said."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_lib import plots, widgets
from recsys_lib.plots.measures import said, standings
from recsys_lib.retrieval import top_k

RNG = np.random.default_rng(0)
SEEN = RNG.random((60, 150)) < 0.1
HIDDEN = (RNG.random((60, 150)) < 0.1) & ~SEEN
HIDDEN[[4, 9]] = False
LIKED = HIDDEN & (RNG.random((60, 150)) < 0.5)
SCORES = {name: HIDDEN * weight + RNG.random((60, 150)) for name, weight in (("a", 0.3), ("b", 0.6), ("c", 0.1))}


def ndcg(lists, hidden):
    """As a learner writes it: the library's own is switched off where an answer is checked."""
    judged = hidden.any(axis=1)
    gains = 1 / np.log2(np.arange(2, lists.shape[1] + 2))
    best = np.cumsum(gains)[np.minimum(hidden.sum(axis=1)[judged], len(gains)) - 1]
    return np.take_along_axis(hidden, lists, axis=1)[judged] @ gains / best


def interval(ours, theirs, draws):
    """As a learner writes it."""
    return tuple(np.quantile((ours - theirs)[draws].mean(axis=1), [0.025, 0.975]))


@pytest.fixture(scope="module")
def boards():
    """Two splits: as drawn, and with the names' scores turned round."""
    turned = dict(zip(SCORES, [SCORES["c"], SCORES["a"], SCORES["b"]], strict=True))
    return {
        "one": plots.board_of(SCORES, SEEN, HIDDEN, LIKED, m=40),
        "two": plots.board_of(turned, SEEN, HIDDEN, LIKED, m=40),
    }


def figure(boards, **changes):
    """Return the figure over them."""
    return widgets.MeasureBoard(**{"user_ndcg": ndcg, "paired_interval": interval, "boards": boards, **changes})


def send(figure, **move):
    """Send a move as the browser does; returns the answer."""
    kept = {name: figure.scene[name] for name in ("split", "liked", "sampled", "k")}
    figure.receive(figure, {"seq": "test:1", **kept, **move}, [])
    return figure.scene


def test_lists_among_all_and_among_the_drawn(boards):
    """Among all: the best unseen of the users who can be judged. Among the drawn: the hidden and 40 more."""
    judged = HIDDEN.any(axis=1)
    full, few = boards["one"].lists[False, False]["a"], boards["one"].lists[False, True]["a"]
    assert full.tolist() == top_k(SCORES["a"][judged], 20, seen=SEEN[judged]).tolist()
    known, hidden = SEEN[judged], HIDDEN[judged]
    assert not np.take_along_axis(known, few, axis=1).any()
    drawn = [set(row) - set(np.flatnonzero(good)) for row, good in zip(few, hidden, strict=True)]
    everywhere = {name: table for name, table in boards["one"].lists[False, True].items()}
    for u, row in enumerate(drawn):
        others = set().union(*(set(table[u]) - set(np.flatnonzero(hidden[u])) for table in everywhere.values()))
        assert row <= others and len(others) <= 40


@pytest.mark.parametrize("liked", [False, True])
@pytest.mark.parametrize("sampled", [False, True])
@pytest.mark.parametrize("k", [1, 10, 20])
def test_bars_are_the_means_of_the_lists(boards, liked, sampled, k):
    """Each bar is the mean nDCG of the first k places, best first, and each line the interval of its difference."""
    scene = send(figure(boards), liked=liked, sampled=sampled, k=k)
    board = boards["one"]
    values = {name: ndcg(table[:, :k], board.hidden[liked]) for name, table in board.lists[liked, sampled].items()}
    means = {name: each.mean() for name, each in values.items()}
    assert [row["name"] for row in scene["rows"]] == sorted(means, key=lambda name: -means[name])
    first = scene["rows"][0]
    assert (first["low"], first["high"]) == (None, None)
    for row in scene["rows"]:
        assert row["mean"] == pytest.approx(means[row["name"]])
    for row in scene["rows"][1:]:
        difference = means[row["name"]] - first["mean"]
        assert row["low"] - first["mean"] <= difference <= row["high"] - first["mean"]
        assert row["told"] == (row["high"] < first["mean"])
    assert scene["judged"] == f"{len(values['a'])} users judged"


def test_another_split_another_order(boards):
    """The choice of the split changes what is shown, and a name that is no split is answered."""
    board = figure(boards)
    assert [line["source"] for line in board.static["sources"]] == ["yours", "yours"]
    assert board.order[0] == "b"
    send(board, split="two")
    assert board.order[0] == "c"
    assert "there is no split 'three'" in send(board, split="three")["problems"][0]
    assert board.order[0] == "c"


def test_the_learners_functions_are_asked_once_a_setting(boards):
    """Three lists and two differences; a setting that was there before costs nothing."""
    calls = []

    def counted(lists, hidden):
        calls.append(lists.shape[1])
        return ndcg(lists, hidden)

    board = figure(boards, user_ndcg=counted)
    calls.clear()
    send(board, k=5)
    assert calls == [5, 5, 5]
    send(board, k=10)
    send(board, k=5)
    assert len(calls) == 3


def test_failing_functions_are_reported(boards):
    """A function that fails on one move is named, the last good bars stay, and the next good move clears it."""

    def touchy(lists, hidden):
        if lists.shape[1] == 17:
            raise RuntimeError("not 17")
        return ndcg(lists, hidden)[:-1] if lists.shape[1] == 18 else ndcg(lists, hidden)

    board = figure(boards, user_ndcg=touchy)
    before = board.order
    scene = send(board, k=17)
    assert scene["problems"] == ["your user_ndcg raised RuntimeError: not 17"]
    assert board.order == before and scene["stale"]
    assert send(board, k=18)["problems"] == ["your user_ndcg returned shape (57,), not (58,)"]
    assert send(board, k=9)["problems"] == []


def test_wrong_and_unsolved_functions_are_replaced(boards):
    """A wrong or unsolved function is replaced by the course's, with one line each."""

    def unsolved(ours, theirs, draws):
        raise NotImplementedError

    board = figure(boards, user_ndcg=lambda lists, hidden: np.zeros(len(lists)), paired_interval=unsolved)
    assert [line["note"] for line in board.static["sources"]] == [
        "user_ndcg: the course's, since yours is not right yet",
        "paired_interval: the course's, since yours is not solved yet",
    ]
    assert board.order[0] == "b"


def test_wrong_input_is_named(boards):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match="boards must hold one split at least"):
        figure({})
    with pytest.raises(ValueError, match="k must lie between 1 and 20, found 21"):
        figure(boards, k=21)
    other = plots.board_of({"x": SCORES["a"]}, SEEN, HIDDEN, LIKED, m=40)
    with pytest.raises(ValueError, match="the recommenders of 'three' are"):
        figure({**boards, "three": other})
    with pytest.raises(ValueError, match="boards must hold one split at least"):
        plots.measure_board({}, ndcg, interval)


def test_the_words_are_the_bars(boards):
    """What a screen reader hears, and the picture's text, hold each name with its mean."""
    found = standings(boards["one"], False, False, 10, ndcg, interval)
    text = said(found)
    assert all(f"{name} {mean:.3f}" in text for name, mean, _ in found)
    assert send(figure(boards))["spoken"].endswith(text)
    assert text in plots.measure_board(boards, ndcg, interval).alt_text
