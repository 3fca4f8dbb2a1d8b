"""Who rated what: sorted, checked, and refused by name where it is wrong."""

import numpy as np
import pytest

from recsys_lib.datasets import synthetic_world
from recsys_lib.interactions import Interactions, as_interactions, fill_by_chance


def test_sorted_and_counted():
    """Whatever order the ratings come in, they are kept by user and item, and both sides agree."""
    world = synthetic_world(0)
    shuffled = world.interactions(np.random.default_rng(0).permutation(len(world.user)))
    assert (np.diff(shuffled.user * 400 + shuffled.item) > 0).all()
    table = shuffled.table()
    np.testing.assert_array_equal(table > 0, world.matrix() > 0)
    np.testing.assert_array_equal(shuffled.counts, (table > 0).sum(axis=0))
    np.testing.assert_array_equal(shuffled.activity, (table > 0).sum(axis=1))
    for rows, wanted in ((shuffled.by_user, table), (shuffled.by_item, table.T)):
        for row in range(0, len(wanted), 37):
            part = slice(rows.starts[row], rows.starts[row + 1])
            np.testing.assert_array_equal(rows.others[part], np.flatnonzero(wanted[row]))
            np.testing.assert_array_equal(rows.ratings[part], wanted[row][rows.others[part]])


def test_table_and_back():
    """A dense table and the list of its ratings are the same thing."""
    table = np.array([[5, 0, 1], [0, 0, 2]])
    np.testing.assert_array_equal(as_interactions(table).table(), table)
    again = as_interactions(table)
    assert as_interactions(again) is again


def test_empty_rows_are_kept():
    """Users and items without a rating count as users and items."""
    two = Interactions([0], [1], n_users=3, n_items=4)
    assert two.table().shape == (3, 4)
    assert two.counts.tolist() == [0, 1, 0, 0]
    assert two.by_user.starts.tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(user=[0, 0], item=[1, 1]), "user 0 rated item 1 twice"),
        (dict(user=[0], item=[1, 2]), "lists of equal length"),
        (dict(user=[-1], item=[1]), "user holds -1"),
        (dict(user=[0.5], item=[1]), "user must be a list of ids"),
        (dict(user=[3], item=[1], n_users=3), "n_users is 3, but user holds 3"),
        (dict(user=[0], item=[1], rating=[np.nan]), r"rating holds nan \(user 0, item 1\)"),
        (
            dict(user=[0, 1], item=[1, 1], rating=[3, 9], scale=(1, 5)),
            "rating 9 of user 1 for item 1 lies outside 1 to 5",
        ),
    ],
)
def test_bad_ratings_are_refused(arguments, message):
    """The message names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=message):
        Interactions(**arguments)


@pytest.mark.parametrize(("table", "message"), [([1, 2], "got shape"), (np.zeros((2, 2)), "no rating at all")])
def test_bad_tables_are_refused(table, message):
    """A list, and a table of nothing."""
    with pytest.raises(ValueError, match=message):
        as_interactions(table)


def test_ratings_cannot_be_changed():
    """The arrays are read-only, so that what is cached stays true."""
    with pytest.raises(ValueError, match="read-only"):
        Interactions([0], [0]).rating[0] = 3


def test_chance_keeps_the_sums():
    """Rows and columns hold on average what those of the table do, also where a product of the sums would exceed 1."""
    rng = np.random.default_rng(0)
    table = (rng.random((30, 40)) < np.outer(np.linspace(0.05, 1, 30), np.linspace(0.05, 1, 40))).astype(float)
    table[3], table[:, 5] = 0, 0
    assert np.outer(table.sum(axis=1), table.sum(axis=0)).max() > table.sum()
    draws = np.array([fill_by_chance(table, seed=seed) for seed in range(400)])
    assert set(np.unique(draws)) == {0, 1}
    assert not draws[:, 3].any() and not draws[:, :, 5].any()
    np.testing.assert_allclose(draws.mean(axis=0).sum(axis=1), table.sum(axis=1), atol=0.8)
    np.testing.assert_allclose(draws.mean(axis=0).sum(axis=0), table.sum(axis=0), atol=0.8)
    np.testing.assert_array_equal(draws[7], fill_by_chance(table, seed=7))


@pytest.mark.parametrize("table", [[1, 0], [[0, 2]], [[0, 0]]])
def test_chance_needs_ones_and_zeros(table):
    """A list, other numbers, and a table of nothing."""
    with pytest.raises(ValueError, match="of ones and zeros"):
        fill_by_chance(table, seed=0)
