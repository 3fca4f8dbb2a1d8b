"""EASE against the problem that it solves, column by column."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from recsys_lib.datasets import synthetic_world
from recsys_lib.factorization import ease_scores, fit_ease, popularity_scores
from recsys_lib.metrics import ndcg_at_k
from recsys_lib.retrieval import top_k
from recsys_lib.splits import per_user_75_25


def small(seed=0, n_users=30, n_items=9):
    """Make a small table of ones whose last item nobody rated."""
    table = (np.random.default_rng(seed).random((n_users, n_items)) < 0.4).astype(float)
    table[:, -1] = 0
    return table


@pytest.mark.parametrize("l2", [0.3, 5.0, 200.0])
def test_each_column_is_a_ridge_regression_on_the_other_items(l2):
    """With its diagonal at zero, column j is scikit-learn's ridge of item j on all others, without an intercept."""
    table = small()
    weights = fit_ease(table, l2=l2)
    for j in range(table.shape[1]):
        others = np.delete(np.arange(table.shape[1]), j)
        ridge = Ridge(alpha=l2, fit_intercept=False, solver="cholesky").fit(table[:, others], table[:, j])
        np.testing.assert_allclose(weights[others, j], ridge.coef_, atol=1e-10)
        assert weights[j, j] == 0


@pytest.mark.parametrize(("n_users", "n_items"), [(30, 9), (8, 25)])
def test_scores_come_without_the_weights(n_users, n_items):
    """Through the users or through the items, the scores are the same; an unrated item has exactly 0."""
    table = small(3, n_users, n_items)
    scores = ease_scores(table, l2=4.0)
    np.testing.assert_allclose(scores, table @ fit_ease(table, l2=4.0), atol=1e-12)
    assert not scores[:, -1].any()


def test_what_was_given_does_not_matter():
    """Only who rated what counts, and the weights are float64 whatever comes in."""
    table = small()
    stars = table * np.random.default_rng(1).integers(1, 6, table.shape)
    np.testing.assert_array_equal(fit_ease(stars.astype(np.float32), l2=2.0), fit_ease(table, l2=2.0))
    assert fit_ease(stars.astype(np.float32), l2=2.0).dtype == np.float64


def test_an_item_nobody_rated_is_exact_zero():
    """It speaks for nobody and nobody speaks for it, without a negative zero that would break ties."""
    weights = fit_ease(small(), l2=2.0)
    assert not weights[-1].any() and not weights[:, -1].any()
    assert not np.signbit(weights[-1]).any() and not np.signbit(weights[:, -1]).any()


def test_it_beats_popularity_on_the_world():
    """On planted tastes it ranks hidden ratings better than the number of ratings does."""
    data = synthetic_world(0)
    train_rows, test_rows = per_user_75_25(data, 0)
    train, hidden = data.interactions(train_rows), data.matrix(test_rows) > 0
    seen = train.matrix() > 0
    ours = top_k(train.matrix() @ fit_ease(train, l2=100.0), 10, seen=seen)
    popular = top_k(np.tile(popularity_scores(train), (train.n_users, 1)), 10, seen=seen)
    assert ndcg_at_k(ours, hidden) > ndcg_at_k(popular, hidden) + 0.02


@pytest.mark.parametrize("l2", [0, -1.0, np.nan, np.inf])
def test_a_penalty_must_be_above_zero(l2):
    """Without one, items with equal audiences leave nothing to solve."""
    for fit in (fit_ease, ease_scores):
        with pytest.raises(ValueError, match="l2 must be a number above 0, got"):
            fit(small(), l2=l2)


def test_no_rating_at_all():
    """There is nothing to learn from."""
    with pytest.raises(ValueError, match="no rating at all"):
        fit_ease(np.zeros((3, 2)), l2=1.0)
