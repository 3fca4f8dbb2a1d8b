"""SAR against scikit-learn's Jaccard distance, and its published row."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from recsys_lib import metrics
from recsys_lib.factorization import faded, fit_sar
from recsys_lib.retrieval import top_k
from recsys_lib.splits import table_75_25


def test_similarity_against_scikit_learn():
    """One less scikit-learn's Jaccard distance of the columns; an item that nobody rated has zeros."""
    table = np.random.default_rng(0).random((40, 12)) < 0.3
    table[:, 5] = False
    expected = 1 - pairwise_distances(table.T, metric="jaccard")
    expected[5], expected[:, 5] = 0, 0
    np.testing.assert_allclose(fit_sar(table.astype(float) * 4), expected, atol=1e-12)


def test_a_rating_fades_by_half():
    """In every half-life before the newest; what was given scales along."""
    time = np.array([0, 10, 20]) * 86400
    assert faded([4.0, 2.0, 5.0], time, half_life=10).tolist() == [1.0, 1.0, 5.0]


@pytest.mark.parametrize(
    ("rating", "time", "half_life", "message"),
    [([1.0], [1, 2], 30, "lists of equal length"), ([1.0], [1], 0, "half_life must be a number of days above 0")],
)
def test_faded_says_what_is_wrong(rating, time, half_life, message):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=message):
        faded(rating, time, half_life=half_life)


def test_published_row(movielens):
    """MAP, nDCG, precision and recall of recommenders' benchmark, to the six digits that it prints."""
    early, late = table_75_25(movielens)
    known, wanted = movielens.matrix(early), movielens.matrix(late) > 0
    stars = np.zeros(known.shape)
    stars[movielens.user[early], movielens.item[early]] = faded(movielens.rating[early], movielens.timestamp[early])
    lists = top_k(stars @ fit_sar(movielens.interactions(early)), 10, seen=known > 0)
    measures = metrics.average_precision_at_k, metrics.ndcg_at_k, metrics.precision_at_k, metrics.recall_at_k
    found = [round(measure(lists, wanted), 6) for measure in measures]
    assert found == [0.114038, 0.393819, 0.340615, 0.185377]
