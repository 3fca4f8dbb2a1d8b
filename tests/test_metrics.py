"""How good, how broad, how popular: by hand, and against scikit-learn."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import bootstrap, rankdata, spearmanr
from sklearn.metrics import average_precision_score, ndcg_score, precision_score, recall_score

from recsys_lib import metrics
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


def judged(seed=0, n=60, n_items=80, k=10):
    """Draw lists and what should have been found; three queries have nothing."""
    rng = np.random.default_rng(seed)
    lists = np.array([rng.permutation(n_items)[:k] for _ in range(n)])
    relevant = rng.random((n, n_items)) < rng.uniform(0.01, 0.4, size=(n, 1))
    relevant[[3, 20, 41]] = False
    return lists, relevant


@pytest.mark.parametrize("by_query", [metrics.ndcg_by_query, metrics.recall_by_query])
def test_by_query_is_what_the_mean_is_made_of(by_query):
    """Each judged query alone has the number that stands in its place; those without relevant items have none."""
    lists, relevant = judged()
    values = by_query(lists, relevant)
    alone = [by_query(lists[[u]], relevant[[u]]).item() for u in np.flatnonzero(relevant.any(axis=1))]
    assert values.tolist() == pytest.approx(alone)
    whole = {"ndcg_by_query": metrics.ndcg_at_k, "recall_by_query": metrics.recall_at_k}[by_query.__name__]
    assert whole(lists, relevant) == pytest.approx(values.mean())


@pytest.mark.parametrize("seed", range(3))
def test_precision_and_average_precision_against_scikit_learn(seed):
    """Of whole rankings, scikit-learn's average precision is ours; and precision is that of its confusion table."""
    lists, relevant = judged(seed, n_items=30, k=30)
    some = relevant.any(axis=1)
    scores = -np.argsort(lists, axis=1).astype(float)
    theirs = [average_precision_score(good, row) for good, row in zip(relevant[some], scores[some], strict=True)]
    assert metrics.average_precision_at_k(lists, relevant) == pytest.approx(np.mean(theirs))
    shown = np.zeros(relevant.shape, dtype=bool)
    np.put_along_axis(shown, lists[:, :10], True, axis=1)
    expected = precision_score(relevant[some], shown[some], average="samples")
    assert metrics.precision_at_k(lists[:, :10], relevant) == pytest.approx(expected)


def test_average_precision_is_divided_by_all_relevant_items():
    """A perfect list of two for a user with five reaches two fifths, as in recommenders' tables."""
    assert metrics.average_precision_at_k([[0, 1]], [[0, 1, 2, 3, 4]]) == pytest.approx(0.4)


@pytest.mark.parametrize("beta", [0.3, 1.0])
def test_stratified_recall_against_scikit_learn(beta):
    """It is scikit-learn's recall with the weights as sample weights, over the items that have one."""
    lists, relevant = judged(5)
    counts = np.random.default_rng(5).integers(0, 200, size=80)
    rated, found = counts > 0, []
    for row, good in zip(lists, relevant, strict=True):
        if (good & rated).any():
            shown = np.isin(np.arange(80), row)
            weights = counts[rated].astype(float) ** -beta
            found.append(recall_score(good[rated], shown[rated], sample_weight=weights))
    assert metrics.stratified_recall(lists, relevant, counts, beta) == pytest.approx(np.mean(found))
    wanted = [np.flatnonzero(row) for row in relevant]
    assert metrics.stratified_recall(lists, wanted, counts, beta) == pytest.approx(np.mean(found))


def test_stratified_recall_at_zero_is_recall():
    """Where every item has a rating and beta is 0."""
    lists, relevant = judged(6)
    assert metrics.stratified_recall(lists, relevant, np.ones(80), 0) == pytest.approx(
        metrics.recall_at_k(lists, relevant)
    )


def test_sampled_hit_rate_is_the_places_that_are_counted():
    """Against SciPy's ranks: the place of the target among itself and its negatives, ties to its disadvantage."""
    rng = np.random.default_rng(7)
    scores = rng.integers(0, 12, size=(50, 40)).astype(float)
    target = rng.integers(40, size=50)
    negatives = np.array([rng.permutation(np.delete(np.arange(40), t))[:15] for t in target])
    line = np.column_stack([target, negatives])
    places = [rankdata(-scores[u, row], method="max")[0] for u, row in enumerate(line)]
    for k in (1, 4, 16):
        assert metrics.sampled_hit_rate(scores, target, negatives, k) == np.mean(np.array(places) <= k)
    negatives[:, 0] = target  # drawn by accident, and not counted
    places = [rankdata(-scores[u, row], method="max")[0] for u, row in enumerate(line[:, [0, *range(2, 16)]])]
    assert metrics.sampled_hit_rate(scores, target, negatives, 4) == np.mean(np.array(places) <= 4)


def test_equal_scores_never_hit():
    """A model that scores all alike is worth nothing, also among a few."""
    assert metrics.sampled_hit_rate(np.ones((4, 9)), [0, 1, 2, 3], np.tile([5, 6, 7], (4, 1)), 3) == 0


def test_negatives_are_unknown_different_and_evenly_drawn():
    """No known item, none twice; over many draws each unknown one comes as often as another."""
    known = np.zeros((4000, 8), dtype=bool)
    known[:, [0, 3]] = True
    drawn = metrics.draw_negatives(known, 3, np.random.default_rng(8))
    assert not np.take_along_axis(known, drawn, axis=1).any()
    assert (np.diff(drawn, axis=1) > 0).all()
    times = np.bincount(drawn.ravel(), minlength=8)[[1, 2, 4, 5, 6, 7]]
    assert np.abs(times / 4000 - 0.5).max() < 0.04  # five standard deviations
    with pytest.raises(ValueError, match="m must lie between 1 and 6"):
        metrics.draw_negatives(known, 7, np.random.default_rng(8))


def test_interval_against_scipy():
    """SciPy's percentile bootstrap of the paired differences ends where ours does, up to the luck of 20,000 draws."""
    rng = np.random.default_rng(9)
    theirs = rng.uniform(size=80)
    ours = theirs + rng.normal(0.05, 0.1, size=80)
    expected = bootstrap((ours - theirs,), np.mean, n_resamples=20_000, method="percentile", rng=rng)
    draws = np.random.default_rng(10).integers(80, size=(20_000, 80))
    low, high = metrics.paired_interval(ours, theirs, draws)
    width = expected.confidence_interval.high - expected.confidence_interval.low
    assert abs(low - expected.confidence_interval.low) < 0.03 * width
    assert abs(high - expected.confidence_interval.high) < 0.03 * width
    narrow = metrics.paired_interval(ours, theirs, draws, level=0.5)
    assert low < narrow[0] < narrow[1] < high


def test_popularity_lift_is_the_users_own():
    """The mean over users of list over profile; a user without a profile is left out."""
    counts = np.array([10.0, 20, 30, 40])
    seen = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]], dtype=bool)
    lifts = [(30 + 40) / 2 / 15, (10 + 20) / 2 / 30]
    assert metrics.popularity_lift([[2, 3], [0, 1], [0, 1]], counts, seen) == pytest.approx(np.mean(lifts))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.stratified_recall([[0, 1]], [[0]], [1, 2], -1), "beta must be a number, 0 at least"),
        (lambda: metrics.stratified_recall([[0, 1]], [[0]], [[1, 2]], 1), "counts must have shape"),
        (lambda: metrics.stratified_recall([[0, 1]], [[0], [1]], [1, 2], 1), "relevant holds 2"),
        (lambda: metrics.stratified_recall([[0, 1]], np.ones((1, 3), bool), [1, 2], 1), "relevant has shape"),
        (lambda: metrics.sampled_hit_rate([[1.0, 2]], [0, 1], [[1]], 1), "must be .q, n_items. and .q"),
        (lambda: metrics.sampled_hit_rate([[1.0, 2]], [0], [[1], [0]], 1), "2 lists for 1 queries"),
        (lambda: metrics.sampled_hit_rate([[1.0, 2]], [0], [[1]], 0), "k must be at least 1"),
        (lambda: metrics.sampled_hit_rate([[1.0, 2]], [7], [[1]], 1), "item 7, which does not exist"),
        (lambda: metrics.paired_interval([1.0], [1.0, 2], [[0]]), "lists of equal length"),
        (lambda: metrics.paired_interval([1.0, 2], [1.0, 2], [[0, 2]]), "positions from 0 to 1"),
        (lambda: metrics.paired_interval([1.0, 2], [1.0, 2], [[0, 1]], level=95), "level must lie between 0 and 1"),
        (lambda: metrics.popularity_lift([[0]], [1, 2], np.ones((1, 3), bool)), "seen must have shape"),
        (lambda: metrics.popularity_lift([[0]], [1, 2], np.zeros((1, 2), bool)), "nobody in seen"),
    ],
)
def test_new_measures_say_what_is_wrong(call, message):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=message):
        call()
