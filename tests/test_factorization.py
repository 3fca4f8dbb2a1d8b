"""One space for users and items: against SciPy and scikit-learn, and on tables whose answer is known."""

import numpy as np
import pytest
import scipy.sparse.linalg
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

from recsys_lib.datasets import synthetic_world
from recsys_lib.factorization import fold_in, pca_2d, singular_values, truncated_svd
from recsys_lib.splits import per_user_75_25


@pytest.fixture(scope="module")
def interactions():
    """Give the training matrix of a small world."""
    world = synthetic_world(0, n_users=60, n_items=80)
    return world.matrix(per_user_75_25(world, 0)[0])


def test_svd_against_scipy(interactions):
    """The same best approximation as an independent solver; the root of S on each side."""
    users, items = truncated_svd(interactions, 6)
    left, values, right = scipy.sparse.linalg.svds(interactions, 6)
    np.testing.assert_allclose(users @ items.T, left * values @ right, atol=1e-8)
    for side in (users, items):
        np.testing.assert_allclose(side.T @ side, np.diag(np.sort(values)[::-1]), atol=1e-8)
    assert users.shape == (60, 6) and items.shape == (80, 6)


def test_svd_takes_interactions():
    """The list of ratings that every model takes gives what its table gives, ratings and all."""
    ratings = synthetic_world(0, n_users=40, n_items=60).interactions()
    for of_list, of_table in zip(truncated_svd(ratings, 3), truncated_svd(ratings.table(), 3), strict=True):
        np.testing.assert_array_equal(of_list, of_table)
    np.testing.assert_array_equal(singular_values(ratings), singular_values(ratings.table()))


def test_svd_of_two_audiences():
    """A checkerboard of two groups: two dimensions rebuild it, and separate the groups."""
    table = np.kron(np.eye(2), np.ones((5, 4)))
    users, items = truncated_svd(table, 2)
    np.testing.assert_allclose(users @ items.T, table, atol=1e-12)
    np.testing.assert_allclose(items[:4] @ items[4:].T, 0, atol=1e-12)


def test_svd_signs_are_fixed(interactions):
    """In each column the largest entry of the items is positive, whatever the solver and the order of users."""
    _, items = truncated_svd(interactions, 6)
    peaks = items[np.abs(items).argmax(axis=0), np.arange(6)]
    assert (peaks > 0).all()
    _, again = truncated_svd(interactions[::-1], 6)
    np.testing.assert_allclose(again, items, atol=1e-8)


def test_svd_leaves_exact_zeros():
    """A film nobody rated and a user who rated nothing are zero, not nearly zero: only so does the rule see them."""
    rng = np.random.default_rng(0)
    table = (rng.random((40, 30)) < 0.3).astype(float)
    table[:, [3, 17]] = 0
    table[5] = 0
    users, items = truncated_svd(table, 10)
    assert np.flatnonzero(~items.any(axis=1)).tolist() == [3, 17]
    assert np.flatnonzero(~users.any(axis=1)).tolist() == [5]
    assert not np.signbit(items[3]).any()


def test_svd_beyond_the_rank():
    """Rounding is not structure: columns beyond the rank are exactly zero."""
    table = np.outer([1.0, 2, 3], [1.0, 1, 0, 2])
    users, items = truncated_svd(table, 3)
    assert not users[:, 1:].any() and not items[:, 1:].any()
    np.testing.assert_allclose(users @ items.T, table, atol=1e-12)
    users, items = truncated_svd(np.zeros((3, 4)), 2)
    assert not users.any() and not items.any()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_svd_keeps_the_type_and_the_input(interactions, dtype):
    """float32 stays float32, and the table stays as it was."""
    table = interactions.astype(dtype)
    table.flags.writeable = False
    users, items = truncated_svd(table, 3)
    assert users.dtype == items.dtype == np.dtype(dtype)
    assert singular_values(table).dtype == np.dtype(dtype)


@pytest.mark.parametrize("d", [0, -1, 4])
def test_svd_refuses_a_width_that_does_not_fit(d):
    """The message names the limit."""
    with pytest.raises(ValueError, match=r"between 1 and 3 for interactions of shape \(5, 3\)"):
        truncated_svd(np.ones((5, 3)), d)


@pytest.mark.parametrize("function", [lambda x: truncated_svd(x, 1), singular_values, pca_2d])
@pytest.mark.parametrize("bad", [[1.0, 2.0], [[1.0, np.nan], [0, 1]], [["a", "b"], ["c", "d"]]])
def test_only_finite_tables(function, bad):
    """A row, a hole, words."""
    with pytest.raises(ValueError, match="interactions|items"):
        function(bad)


def test_singular_values_hold_all_of_the_table(interactions):
    """Squares add up to the squares of the table; largest first."""
    values = singular_values(interactions)
    assert len(values) == 60 and (np.diff(values) <= 0).all()
    np.testing.assert_allclose((values**2).sum(), (interactions**2).sum())


@pytest.mark.parametrize("m", [3, 8, 40])
def test_fold_in_against_scikit_learn(m):
    """Ridge regression without intercept, with fewer and more ratings than dimensions."""
    rng = np.random.default_rng(m)
    items, rated = rng.standard_normal((50, 8)), rng.permutation(50)[:m]
    ratings = rng.integers(1, 6, m)
    model = Ridge(alpha=0.7, fit_intercept=False).fit(items[rated], ratings)
    np.testing.assert_allclose(fold_in(rated, ratings, items, 0.7), model.coef_, rtol=1e-9)


def test_fold_in_finds_a_known_user():
    """Someone who likes exactly what a user of the space likes lands on that user."""
    table = np.kron(np.eye(3), np.ones((4, 5)))
    users, items = truncated_svd(table, 3)
    np.testing.assert_allclose(fold_in(np.arange(15), table[0], items, 0.0), users[0], atol=1e-12)


def test_fold_in_edges():
    """Nothing rated is the origin; without a ridge too few ratings are refused, not solved somehow."""
    items = np.eye(3)
    assert fold_in([], [], items, 0.1).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="2 ratings do not fix 3 coordinates"):
        fold_in([0, 1], [1, 1], items, 0.0)


@pytest.mark.parametrize(
    ("rated", "ratings", "ridge", "message"),
    [
        ([0, 1], [1], 1, "one rating per item"),
        ([0, 3], [1, 1], 1, "names item 3; items are 0 to 2"),
        ([-1], [1], 1, "names item -1"),
        ([0, 0], [1, 1], 1, "names an item twice"),
        ([0.5], [1], 1, "list of item ids"),
        ([0], [np.nan], 1, "ratings holds NaN"),
        ([0], [1], -1, "ridge must be at least 0, got -1"),
        ([0], [1], np.nan, "ridge must be at least 0"),
    ],
)
def test_fold_in_refuses(rated, ratings, ridge, message):
    """Each error names the argument and the value."""
    with pytest.raises(ValueError, match=message):
        fold_in(rated, ratings, np.eye(3), ridge)


def test_pca_against_scikit_learn():
    """The same plane, up to sign."""
    items = np.random.default_rng(0).standard_normal((60, 7)) * np.arange(1, 8) + 5
    np.testing.assert_allclose(np.abs(pca_2d(items)), np.abs(PCA(2).fit_transform(items)), rtol=1e-9)


def test_pca_is_centred_shrinks_and_has_fixed_signs():
    """No distance grows on the way to the map."""
    items = np.random.default_rng(1).standard_normal((30, 5))
    flat = pca_2d(items)
    np.testing.assert_allclose(flat.mean(axis=0), 0, atol=1e-12)
    far = np.linalg.norm(items[:, None] - items, axis=2)
    assert (np.linalg.norm(flat[:, None] - flat, axis=2) <= far + 1e-12).all()
    assert (flat[np.abs(flat).argmax(axis=0), [0, 1]] > 0).all()
    assert pca_2d(items.astype("f4")).dtype == np.float32


def test_pca_of_a_line_and_of_a_point():
    """The second axis of a line, and both of a point, are exactly zero."""
    assert not pca_2d(np.outer(np.arange(5.0), [1.0, 2, 3]))[:, 1].any()
    assert not pca_2d(np.ones((4, 3))).any()
    with pytest.raises(ValueError, match=r"two rows and two columns, got shape \(5, 1\)"):
        pca_2d(np.ones((5, 1)))
