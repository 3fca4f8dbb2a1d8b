"""How good, how broad, how popular: by hand, and against scikit-learn."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.metrics import ndcg_score, recall_score

from recsys_lib.metrics import (
    average_popularity,
    coverage,
    gini,
    ndcg_at_k,
    rank_correlation,
    rare_share,
    recall_at_k,
)
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


@pytest.mark.parametrize("k", [1, 5, 20])
def test_recall_against_scikit_learn(k):
    """Random lists, some of whose queries have fewer relevant items than k, some more."""
    rng = np.random.default_rng(k)
    relevant = rng.random((40, 60)) < rng.random((40, 1)) * 0.5
    relevant[:, 0] = True
    recommended = top_k(rng.random((40, 60)), k)
    chosen = np.zeros_like(relevant)
    np.put_along_axis(chosen, recommended, True, axis=1)
    assert recall_at_k(recommended, relevant) == pytest.approx(recall_score(relevant, chosen, average="samples"))


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_against_scipy(seed):
    """Without ties, with many ties, and with infinities, which have a rank as well."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=50), rng.normal(size=50)
    few, some = rng.integers(0, 4, 50), rng.integers(0, 20, 50)
    low = np.where(rng.random(50) < 0.1, -np.inf, x)
    for one, other in ((x, y), (few, y), (few, some), (low, some), (few, few), (x, -x)):
        assert rank_correlation(one, other) == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 1, 1], [1, 2, 3], "all values of x are equal"),
        ([1, 2, 3], [5, 5, 5], "all values of y are equal"),
        ([1, 2], [1, 2, 3], "equal length"),
        ([], [], "all values of x are equal"),
        ([1, np.nan], [1, 2], "NaN"),
    ],
)
def test_rank_correlation_without_an_order(x, y, message):
    """Where no order is defined there is no number either: an error, not NaN."""
    with pytest.raises(ValueError, match=message):
        rank_correlation(x, y)


@pytest.mark.parametrize("seed", range(3))
def test_gini_is_half_the_mean_difference(seed):
    """The definition: the mean difference of two items' slots over twice the mean; by SciPy's pairwise distances."""
    rng = np.random.default_rng(seed)
    recommended = top_k(rng.random((30, 25)) + 0.5 * rng.random(25), 4)
    slots = np.bincount(recommended.ravel(), minlength=40).astype(float)
    mean_difference = 2 * pdist(slots[:, None], "cityblock").sum() / 40**2
    assert gini(recommended, 40) == pytest.approx(mean_difference / (2 * slots.mean()), rel=1e-12)


def test_gini_at_its_ends():
    """Equal shares give 0; one item in every slot gives 1 - 1 / n."""
    assert gini([[0, 1, 2, 3]], 4) == 0
    assert gini([[2]] * 7, 10) == pytest.approx(0.9)


def test_rare_share_counts_slots():
    """Every slot counts, also of an item that is there often; at most means at most."""
    counts = [5, 6, 0, 100]
    assert rare_share([[0, 1], [0, 3], [2, 3]], counts, 5) == pytest.approx(3 / 6)
    assert rare_share([[1, 3]], counts, 5) == 0
    with pytest.raises(ValueError, match="names item 4"):
        rare_share([[4]], counts, 5)
