"""The named splits: nothing lost, nothing twice, the stated share, and the same for everybody."""

import numpy as np
import pytest

from recsys_lib import splits
from recsys_lib.datasets import synthetic_world
from recsys_lib.factorization import truncated_svd
from recsys_lib.metrics import average_popularity, coverage, ndcg_at_k
from recsys_lib.retrieval import top_k
from recsys_lib.similarity import norm_power_scores
from recsys_lib.splits import five_folds, per_item_75_25, per_user_75_25, random_90_10
from recsys_lib.threads import one_thread


@pytest.fixture(scope="module")
def world():
    """Give a small world."""
    return synthetic_world(0)


def test_a_partition(world):
    """Every rating is in exactly one part, and both are in order."""
    train, test = per_user_75_25(world, 0)
    assert np.array_equal(np.sort(np.r_[train, test]), np.arange(len(world.user)))
    assert (np.diff(train) > 0).all() and (np.diff(test) > 0).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_a_quarter_of_each_user(world, seed):
    """A quarter of each user's ratings, rounded, halves up; nobody loses all."""
    _, test = per_user_75_25(world, seed)
    sizes = np.bincount(world.user, minlength=world.n_users)
    held = np.bincount(world.user[test], minlength=world.n_users)
    np.testing.assert_array_equal(held, np.floor(sizes / 4 + 0.5))
    assert (held < sizes).all()


def test_the_seed_alone_decides(world):
    """The global random state neither matters nor changes."""
    np.random.seed(1)
    state = np.random.get_state()[1].copy()
    one = per_user_75_25(world, 5)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.random.seed(2)
    for a, b in zip(one, per_user_75_25(world, 5), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(one[1], per_user_75_25(world, 6)[1])


def test_every_rating_can_be_held_out(world):
    """No place in the file is privileged: over many seeds each rating is held out about a quarter of the time."""
    held = sum(np.bincount(per_user_75_25(world, seed)[1], minlength=len(world.user)) for seed in range(100))
    assert held.min() > 5 and held.max() < 50 and abs(held.mean() - 25) < 0.5


def test_the_dial_on_movielens(movielens):
    """Lesson 4's row, all modules together: quality rises and breadth falls with alpha, near the published figures."""
    data = movielens
    train, test = per_user_75_25(data, 0)
    seen, relevant = data.matrix(train), data.matrix(test) > 0
    with one_thread():
        users, items = truncated_svd(seen, 20)
    counts = seen.sum(axis=0)
    assert ((items != 0).any(axis=1) == (counts > 0)).all() and 25 <= (counts == 0).sum() <= 55
    rows = []
    for alpha in (0, 0.25, 0.5, 0.75, 1):
        lists = top_k(norm_power_scores(users, items, alpha, zero="last"), 10, seen=seen > 0)
        rows.append((ndcg_at_k(lists, relevant), coverage(lists, data.n_items), average_popularity(lists, counts)))
    ndcg, breadth, popularity = np.array(rows).T
    np.testing.assert_allclose(ndcg, [0.253, 0.388, 0.435, 0.458, 0.465], atol=0.02)
    np.testing.assert_allclose(breadth, [0.71, 0.46, 0.35, 0.27, 0.22], atol=0.03)
    np.testing.assert_allclose(popularity, [97, 156, 184, 205, 221], atol=7)
    assert (np.diff(ndcg) > 0).all() and (np.diff(breadth) < 0).all() and (np.diff(popularity) > 0).all()


def test_named_splits_partition(world):
    """Every rating is in one of the two parts; the same seed gives the same split, another seed another."""
    for split in (per_user_75_25, per_item_75_25, random_90_10, lambda data, seed: five_folds(data, seed)[2]):
        train_rows, test_rows = split(world, 3)
        assert np.array_equal(np.sort(np.concatenate([train_rows, test_rows])), np.arange(len(world.user)))
        assert np.array_equal(split(world, 3)[1], test_rows)
        assert not np.array_equal(split(world, 4)[1], test_rows)


def test_per_item_holds_out_a_quarter_of_each_film(world):
    """Rounded to the nearest whole number, and never the last rating."""
    train_rows, test_rows = per_item_75_25(world, 0)
    held_out = np.bincount(world.item[test_rows], minlength=world.n_items)
    assert np.array_equal(held_out, (np.bincount(world.item, minlength=world.n_items) + 2) // 4)
    assert np.bincount(world.item[train_rows], minlength=world.n_items).min() >= 1


def test_five_folds_are_five_parts(world):
    """Each rating is tested once, and the parts are of one size."""
    folds = five_folds(world, 0)
    tested = np.concatenate([test_rows for _, test_rows in folds])
    assert np.array_equal(np.sort(tested), np.arange(len(world.user)))
    sizes = [len(test_rows) for _, test_rows in folds]
    assert max(sizes) - min(sizes) <= 1


def test_last_of_each_is_later_than_the_rest(world):
    """A quarter of each user, none of it earlier than what is left; ties in the order of the file."""
    train_rows, test_rows = splits.last_of_each_75_25(world)
    for user in range(world.n_users):
        early, late = (rows[world.user[rows] == user] for rows in (train_rows, test_rows))
        assert len(late) == (len(early) + len(late) + 2) // 4
        order = sorted([*early, *late], key=lambda row: (world.timestamp[row], row))
        assert set(order[: len(early)]) == set(early)


def test_temporal_split_against_a_search():
    """The cut is the latest time that leaves enough ratings late, found by trying each; who has no past is left out."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        user, time, share = rng.integers(6, size=40), rng.integers(100, 112, size=40), rng.uniform(0.1, 0.6)
        train_rows, test_rows = splits.temporal_split(user, time, share)
        cut = max(moment for moment in time if np.mean(time >= moment) >= share - 1e-12)
        assert set(train_rows) == set(np.flatnonzero(time < cut))
        past = set(user[train_rows])
        assert set(test_rows) == {row for row in np.flatnonzero(time >= cut) if user[row] in past}


@pytest.mark.parametrize(
    ("user", "time", "share", "message"),
    [
        ([0, 1], [1], 0.5, "lists of equal length"),
        ([0, 1], [1, 2], 1.0, "share must lie between 0 and 1"),
        ([0, 1], [3, 3], 0.5, "no rating is before the cut"),
    ],
)
def test_temporal_split_says_what_is_wrong(user, time, share, message):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=message):
        splits.temporal_split(user, time, share)


def test_table_split_follows_its_description(world):
    """By film, in the order of one draw a rating of the old generator; three quarters rounded half to even."""
    train_rows, test_rows = splits.table_75_25(world)
    lots = np.random.RandomState(42).rand(len(world.user))
    expected = []
    for film in range(world.n_items):
        rows = np.flatnonzero(world.item == film)
        expected.extend(rows[np.argsort(lots[rows])][: round(0.75 * len(rows))])
    assert sorted(expected) == train_rows.tolist()
    assert sorted([*train_rows, *test_rows]) == list(range(len(world.user)))


def test_table_split_of_some_rows(world):
    """A part of the ratings is split as if there were no others, and named by its positions in the whole."""
    rows = np.arange(5, len(world.user), 3)
    train_rows, test_rows = splits.table_75_25(world, 1, rows=rows)
    assert sorted([*train_rows, *test_rows]) == rows.tolist()
    counts, kept = (np.bincount(world.item[part], minlength=world.n_items) for part in (rows, train_rows))
    assert kept.tolist() == np.round(0.75 * counts).tolist()
