"""The feedback loop: a round by plain loops over users, what a model may know, and where the numbers stop."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from recsys_lib import factorization
from recsys_lib.feedback import breadth, clicks_model, feedback_loop, first_by_chance, show_and_click


def draw(seed, q=6, n=12):
    """Draw scores with ties, what was shown, clicked (of the shown) and liked."""
    rng = np.random.default_rng(seed)
    shown, likes = rng.random((q, n)) < 0.3, rng.random((q, n)) < 0.4
    return rng.integers(0, 5, (q, n)).astype(float), shown, shown & likes & (rng.random((q, n)) < 0.5), likes


def one_by_one(scores, shown, clicked, likes, k):
    """Do one round with sets and sorted lists, user by user."""
    after = shown.copy(), clicked.copy()
    for user in range(len(scores)):
        left = [item for item in range(scores.shape[1]) if not shown[user, item]]
        for item in sorted(left, key=lambda item: (-scores[user, item], item))[:k]:
            after[0][user, item] = True
            after[1][user, item] |= likes[user, item]
    return after


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("k", [1, 3])
def test_round_by_a_loop(seed, k):
    """Shown are the k best not shown before, ties by the lower id; clicked is what of these is liked, and no more."""
    given = draw(seed)
    before = [table.copy() for table in given]
    for found, expected in zip(show_and_click(*given, k), one_by_one(*given, k), strict=True):
        assert found.dtype == bool
        np.testing.assert_array_equal(found, expected)
    for table, kept in zip(given, before, strict=True):
        np.testing.assert_array_equal(table, kept)


def test_what_was_passed_over_is_not_clicked_later():
    """An item shown before and liked, but not clicked then, does not become a click."""
    shown, clicked = show_and_click([[1.0, 2, 3]], [[True, False, False]], [[False] * 3], [[True] * 3], 1)
    assert shown.tolist() == [[True, False, True]] and clicked.tolist() == [[False, False, True]]


def test_round_takes_lists_of_ones_and_zeros():
    """Whole numbers serve as booleans."""
    shown, clicked = show_and_click([[3, 2, 1]], [[1, 0, 0]], [[1, 0, 0]], [[1, 0, 1]], 2)
    assert shown.all() and clicked.tolist() == [[True, False, True]]


@pytest.mark.parametrize("which", range(4))
def test_round_refuses_other_shapes(which):
    """The message shows what was found."""
    tables = [np.zeros((2, 4)) for _ in range(4)]
    tables[which] = np.zeros((2, 5))
    with pytest.raises(ValueError, match=r"must have one shape, got \[\(2, 4\), \(2, 5\)\]"):
        show_and_click(*tables, 1)


def test_round_needs_enough_items():
    """Fewer than k left for a user is an error, as everywhere in the course."""
    with pytest.raises(ValueError, match="asked for k = 2 items, but only 1"):
        show_and_click(np.zeros((2, 3)), [[1, 1, 0], [0, 0, 0]], np.zeros((2, 3)), np.zeros((2, 3)), 2)


def test_loop_by_hand():
    """Each round's model sees what the rounds before brought and nothing else; the states add up."""
    scores, start, _, likes = draw(0, n=20)
    told = []

    def recommend(shown, clicked):
        told.append((shown.copy(), clicked.copy()))
        return scores + 3 * clicked.sum(axis=0)

    states = list(feedback_loop(recommend, likes, shown=start, k=2, rounds=4))
    assert len(states) == 5 and len(told) == 4
    shown, clicked = start, start & likes
    for at in range(4):
        for state in (states[at], told[at]):
            np.testing.assert_array_equal(state[0], shown)
            np.testing.assert_array_equal(state[1], clicked)
        shown, clicked = one_by_one(scores + 3 * clicked.sum(axis=0), shown, clicked, likes, 2)
    np.testing.assert_array_equal(states[4][1], clicked)
    assert [state[0].sum() for state in states] == [start.sum() + 2 * 6 * i for i in range(5)]
    assert all((state[1] == (state[0] & likes)).all() for state in states)


def test_loop_takes_a_round_of_ones_own():
    """What a learner wrote is called with the five arguments of the lesson."""
    calls = []

    def own(scores, shown, clicked, likes, k):
        calls.append(k)
        return show_and_click(scores, shown, clicked, likes, k)

    scores, start, _, likes = draw(1)
    given = {"shown": start, "k": 2, "rounds": 3}
    mine = list(feedback_loop(lambda shown, clicked: scores, likes, one_round=own, **given))
    ours = list(feedback_loop(lambda shown, clicked: scores, likes, **given))
    assert calls == [2, 2, 2]
    for one, other in zip(mine, ours, strict=True):
        np.testing.assert_array_equal(one, other)


def test_loop_leaves_the_start_alone():
    """No rounds give the start, as a table of its own."""
    _, start, _, likes = draw(2)
    (shown, clicked), *rest = feedback_loop(lambda *_: 1 / 0, likes, shown=start, k=1, rounds=0)
    shown[:] = True
    assert not rest and not start.all() and clicked.sum() == (start & likes).sum()


@pytest.mark.parametrize("shape", [(6, 11), (6,)])
def test_loop_refuses_other_shapes(shape):
    """Likes and the start must be tables of one shape."""
    with pytest.raises(ValueError, match="likes and shown must be tables of one shape, got"):
        next(feedback_loop(lambda *_: None, np.zeros((6, 12)), shown=np.zeros(shape), k=1, rounds=1))
    with pytest.raises(ValueError, match="likes and shown must be tables of one shape, got"):
        next(feedback_loop(lambda *_: None, np.zeros(6), shown=np.zeros(6), k=1, rounds=1))


# --- the model of the clicks, and chance ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clicks():
    """Give clicks in which user 3 has none and item 5 was never clicked."""
    table = np.random.default_rng(0).random((30, 20)) < 0.3
    table[3] = table[:, 5] = False
    return table


def test_dial_at_its_ends(clicks):
    """At 1 the order is that of the dot product of the same model, at 0 that of its cosine; between, between."""
    users, items = factorization.fit_ials(
        clicks, 4, l2=1.0, unobserved_weight=0.1, sweeps=5, rng=np.random.default_rng(0)
    )
    some, known = np.flatnonzero(clicks.any(axis=1)), np.flatnonzero(clicks.any(axis=0))
    dot, cosine = (users @ items.T)[np.ix_(some, known)], cosine_similarity(users[some], items[known])
    at = {dial: clicks_model(clicks, dial, d=4)[np.ix_(some, known)] for dial in (0.0, 0.5, 1.0)}
    np.testing.assert_allclose(at[1.0], dot, atol=1e-6)
    lengths = np.linalg.norm(users[some], axis=1, keepdims=True)
    np.testing.assert_allclose(at[0.0], cosine * lengths, atol=1e-6)
    np.testing.assert_allclose(at[0.5], np.sign(dot) * np.sqrt(np.abs(at[0.0] * dot)), atol=1e-6)


@pytest.mark.parametrize("dial", [0.0, 0.5, 1.0])
def test_user_and_item_without_a_click(clicks, dial):
    """Such a user is scored as the mean of the others; such an item comes last for everybody."""
    scores = clicks_model(clicks, dial, d=4)
    others = np.delete(np.arange(30), 3)
    known = np.delete(np.arange(20), 5)
    np.testing.assert_allclose(scores[3, known], scores[np.ix_(others, known)].mean(axis=0), atol=1e-6)
    assert (scores[:, [5]] < scores[:, known]).all() and np.isfinite(scores).all()
    np.testing.assert_array_equal(scores, clicks_model(clicks, dial, d=4))


def test_chance_raises_its_share():
    """About the share that is asked for is raised, above the highest of the table, in its own order."""
    scores = np.random.default_rng(1).normal(size=(200, 50))
    found = first_by_chance(scores, 0.2, np.random.default_rng(2))
    raised = found != scores
    assert raised.mean() == pytest.approx(0.2, abs=0.02)
    assert found[raised].min() > scores.max()
    order = np.argsort(scores[raised], kind="stable")
    np.testing.assert_array_equal(order, np.argsort(found[raised], kind="stable"))
    np.testing.assert_array_equal(found[~raised], scores[~raised])


def test_chance_of_nothing_and_of_all():
    """A share of 0 changes nothing, and a share of 1 no order; equal scores are told apart all the same."""
    scores = np.random.default_rng(1).normal(size=(4, 5))
    np.testing.assert_array_equal(first_by_chance(scores, 0.0, np.random.default_rng(0)), scores)
    everything = first_by_chance(scores, 1.0, np.random.default_rng(0))
    np.testing.assert_array_equal(np.argsort(everything, axis=1), np.argsort(scores, axis=1))
    assert set(first_by_chance(np.zeros((9, 9)), 0.5, np.random.default_rng(0)).ravel()) == {0.0, 1.0}


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_chance_is_a_share(share):
    """The message says what was found."""
    with pytest.raises(ValueError, match=f"share must lie from 0 to 1, got {share}"):
        first_by_chance(np.zeros((2, 2)), share, np.random.default_rng(0))


def test_breadth_counts_a_round_alone():
    """What was in a list of this round, for anybody; what was shown before does not count again."""
    scores, start, _, likes = draw(3, n=30)
    states = list(feedback_loop(lambda shown, clicked: scores, likes, shown=start, k=2, rounds=5))
    found = breadth(states)
    for at, share in enumerate(found):
        new = {int(i) for i in np.nonzero(states[at + 1][0] & ~states[at][0])[1]}
        assert share == len(new) / 30
    assert found.shape == (5,)
