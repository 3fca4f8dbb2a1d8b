"""The client's board: what it measures, what it tells, and what 500 random tries gain with and without the ladder."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_lib import client, metrics
from recsys_lib.client import small_world


def by_hand(lists, train, hidden):
    """Compute nDCG, coverage and tail share user by user and place by place."""
    ratings = train.sum(axis=0)
    head, together = [], 0.0
    for item in sorted(range(len(ratings)), key=lambda item: -ratings[item]):
        if together >= 0.8 * ratings.sum():
            break
        head.append(item)
        together += ratings[item]
    border = ratings[head[-1]]
    ndcgs = []
    for shown, wanted in zip(lists, hidden, strict=True):
        gain = sum(1 / np.log2(place + 2) for place, item in enumerate(shown) if wanted[item])
        ndcgs.append(gain / sum(1 / np.log2(place + 2) for place in range(min(len(shown), wanted.sum()))))
    tail = np.mean([ratings[item] < border for shown in lists for item in shown])
    return np.mean(ndcgs), len({item for shown in lists.tolist() for item in shown}) / len(ratings), tail


def test_measures_agree_with_those_by_hand():
    """Loops over users and places find the same nDCG, coverage and tail share."""
    rng = np.random.default_rng(0)
    train, hidden = small_world(rng)
    lists = np.argsort(np.where(train > 0, 2, rng.random(train.shape)), axis=1)[:, :10]
    assert client.measured(lists, train, hidden) == pytest.approx(by_hand(lists, train, hidden))


def test_a_line_is_met_by_the_answer_at_hand():
    """The ladder goes on showing a good answer's nDCG; what a worse one meets is said of the worse one."""
    rng = np.random.default_rng(3)
    train, hidden = small_world(rng)
    counts = train.sum(axis=0)
    board = client.ClientBoard(train, hidden, [0.3, 0.5, 0, -np.inf], [np.inf, np.inf, 1, np.inf], step=0.01)

    def popular(train, seed):
        return np.argsort(np.where(train > 0, np.inf, -counts), axis=1)[:, :10]

    def by_lot(train, seed):
        return np.argsort(np.where(train > 0, 2, np.random.default_rng(seed).random(train.shape)), axis=1)[:, :10]

    first, met = board.ask(popular)
    assert met.tolist() == [True, False, True, True]
    second, met = board.ask(by_lot)
    assert met.tolist() == [False, True, True, True]
    assert second[0] == first[0] and second[1] > first[1] and board.asked == 2


@pytest.mark.parametrize("limits", [([0, 0, 0], [1, 1, 1, 1]), ([0, 0, 0, 0], [1])])
def test_board_needs_limits_for_each_line(limits):
    """Four lines have four limits of each kind."""
    train, hidden = small_world(np.random.default_rng(4), 20, 30)
    with pytest.raises(ValueError, match="4 limits"):
        client.ClientBoard(train, hidden, *limits)


def test_hidden_quarter_is_of_each_user():
    """Shown and hidden are the ratings, apart, and another seed hides others."""
    train, _ = small_world(np.random.default_rng(1))
    shown, hidden = client.hide_quarter(train, 0)
    assert not (shown * hidden).any() and np.array_equal(shown + hidden, train)
    assert np.abs(hidden.sum(axis=1) - train.sum(axis=1) / 4).max() <= 0.5
    assert not np.array_equal(hidden, client.hide_quarter(train, 1)[1])


@pytest.mark.parametrize("share", [0, 1, np.nan])
def test_share_out_of_range(share):
    """A tail of all or of nothing is no tail."""
    with pytest.raises(ValueError, match="share"):
        client.tail_share([[0]], [1], share)


@pytest.mark.parametrize("step", [0, -1, np.nan, np.inf])
def test_ladder_refuses_a_step(step):
    """A step is a number above 0."""
    with pytest.raises(ValueError, match="step"):
        metrics.ladder_report(0.5, 0.6, step)


def grind(seed, step, tries=500):
    """Try weights drawn by lot, all equally good in truth; what plain board and ladder show, and their fresh scores."""
    rng = np.random.default_rng([12, seed])
    train, hidden = small_world(rng)
    public = rng.permutation(len(train)) < 60
    solved = np.linalg.solve(train @ train.T + 128 * np.eye(len(train)), train)
    scores = np.where(train > 0, -np.inf, train - solved * 128 / (1 - np.sum(train * solved, axis=0)))
    best, shown, by_ladder = -np.inf, -np.inf, None
    for _ in range(tries):
        weights = np.exp(0.15 * rng.normal(size=train.shape[1]))
        lists = np.argsort(-(scores * weights)[public], axis=1)[:, :10]
        score = metrics.ndcg_at_k(lists, hidden[public])
        if score > best:
            best, by_score = score, weights
        rung = metrics.ladder_report(shown, score, step)
        if rung != shown:
            shown, by_ladder = rung, weights
    fresh = [
        metrics.ndcg_at_k(np.argsort(-(scores * w)[~public], axis=1)[:, :10], hidden[~public])
        for w in (by_score, by_ladder)
    ]
    level = metrics.ndcg_at_k(np.argsort(-scores[public], axis=1)[:, :10], hidden[public]) - metrics.ndcg_at_k(
        np.argsort(-scores[~public], axis=1)[:, :10], hidden[~public]
    )  # the public users may be easier: that is no overstatement
    return best - fresh[0] - level, shown - fresh[1] - level


def test_five_hundred_tries_gain_less_on_the_ladder(capsys):
    """Over eight worlds, the board without a ladder overstates by more than the one with it."""
    plain, ladder = np.transpose([grind(seed, 0.03) for seed in range(8)])
    with capsys.disabled():
        print(f"\n  500 tries overstate by {plain.mean():.3f}, on the ladder by {ladder.mean():.3f}", end="")
    assert plain.mean() > 0.01
    assert ladder.mean() < plain.mean() - 2 * np.std(plain - ladder, ddof=1) / np.sqrt(len(plain))
