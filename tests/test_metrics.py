"""How good, how broad, how popular: by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from recsys_lib.metrics import average_popularity, coverage, ndcg_at_k, recall_at_k
from recsys_lib.retrieval import top_k


def test_by_hand():
    """Hits at places 1 and 3 of three, two of four relevant found."""
    recommended, relevant = [[5, 1, 7]], [[5, 7, 8, 9]]
    assert recall_at_k(recommended, relevant) == 0.5
    ideal = 1 + 1 / np.log2(3) + 1 / 2
    assert ndcg_at_k(recommended, relevant) == pytest.approx(1.5 / ideal, rel=1e-15)


@pytest.mark.parametrize("k", [1, 5, 20])
def test_ndcg_against_scikit_learn(k):
    """Random scores, queries with few and with many relevant items."""
    rng = np.random.default_rng(k)
    scores = rng.random((40, 60))
    relevant = rng.random((40, 60)) < rng.random((40, 1)) * 0.5
    relevant[:, 0] = True
    found = ndcg_at_k(top_k(scores, k), relevant)
    assert found == pytest.approx(ndcg_score(relevant.astype(int), scores, k=k), rel=1e-12)


def test_lists_and_table_agree():
    """Both ways of saying what is relevant give the same numbers."""
    rng = np.random.default_rng(0)
    relevant = rng.random((30, 20)) < 0.2
    recommended = top_k(rng.random((30, 20)), 6)
    lists = [np.flatnonzero(row) for row in relevant]
    for metric in (recall_at_k, ndcg_at_k):
        assert metric(recommended, lists) == pytest.approx(metric(recommended, relevant), rel=1e-15)


@pytest.mark.parametrize("metric", [recall_at_k, ndcg_at_k])
def test_ends(metric):
    """All found is 1, none found is 0."""
    assert metric([[0, 1], [2, 3]], [[1, 0], [3, 2]]) == 1
    assert metric([[0, 1]], [[2]]) == 0


def test_a_short_list_can_be_perfect_for_ndcg_only():
    """The ideal list is cut at k; recall still divides by all that is relevant."""
    assert ndcg_at_k([[0]], [[0, 1, 2, 3]]) == 1
    assert recall_at_k([[0]], [[0, 1, 2, 3]]) == 0.25


@pytest.mark.parametrize("metric", [recall_at_k, ndcg_at_k])
def test_queries_without_relevant_items_are_left_out(metric):
    """They are not failures: counting them as 0 would punish the split."""
    assert metric([[0, 1], [0, 1]], [[0, 1], []]) == 1
    with pytest.raises(ValueError, match="no query has relevant items"):
        metric([[0, 1]], [[]])


@pytest.mark.parametrize("metric", [recall_at_k, ndcg_at_k])
@pytest.mark.parametrize(
    ("recommended", "relevant", "message"),
    [
        ([0, 1], [[0]], r"shape \(q, k\), got int\d+ of shape \(2,\)"),
        ([[0.0, 1.0]], [[0]], "must be item ids"),
        ([[-1, 1]], [[0]], "names item -1"),
        ([[1, 0, 1]], [[0]], "twice in one list"),
        ([[0, 1]], [[0], [1]], "1 lists are recommended, but relevant holds 2"),
        ([[0, 9]], np.ones((1, 5), dtype=bool), "item 9 is recommended"),
    ],
)
def test_what_does_not_fit(metric, recommended, relevant, message):
    """Each mistake by name."""
    with pytest.raises(ValueError, match=message):
        metric(recommended, relevant)


def test_coverage_counts_items_not_slots():
    """Everybody gets the same two films: two of ten."""
    assert coverage([[3, 4]] * 50, 10) == 0.2
    with pytest.raises(ValueError, match="names item 10"):
        coverage([[10]], 10)


def test_average_popularity_counts_slots_not_items():
    """Nine lists with the hit, one with the rarity."""
    assert average_popularity([[0]] * 9 + [[1]], [100, 0]) == 90
    with pytest.raises(ValueError, match="names item 2"):
        average_popularity([[2]], [100, 0])
    with pytest.raises(ValueError, match="counts must have shape"):
        average_popularity([[0]], [[100, 0]])
