"""How good, how broad and how popular a set of recommended lists is.

`recommended` is always (q, k) item ids, best first, as `recsys_lib.retrieval.top_k` returns them. `relevant` holds what
should have been found: one array of item ids per query, or a boolean table (q, n_items).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught


@taught
def recall_by_query(recommended: ArrayLike, relevant: NDArray | Sequence[ArrayLike]) -> NDArray[np.floating]:
    """Compute `recall_at_k` for each query by itself, so that two systems can be compared query by query.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    relevant : q arrays of ids, or bool table (q, n_items)

    Returns
    -------
    ndarray, shape (number of queries with relevant items,)
        In order; queries without relevant items are left out, the same ones for every system.

    Raises
    ------
    ValueError
        As `recall_at_k`.

    Examples
    --------
    >>> recall_by_query([[0, 1, 2], [3, 4, 5], [0, 1, 2]], [[2, 9], [], [0]])
    array([0.5, 1. ])
    """
    hits, sizes = _hits(recommended, relevant)
    judged = sizes > 0
    return hits[judged].sum(axis=1) / sizes[judged]


@taught
def recall_at_k(recommended: ArrayLike, relevant: NDArray | Sequence[ArrayLike]) -> float:
    """Compute the share of the relevant items that are in the list, averaged over queries.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    relevant : q arrays of ids, or bool table (q, n_items)
        What should have been found. The share is of all of it, also where that is more than k items. Queries without
        relevant items are left out.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the inputs do not fit each other, a list names an item twice, or no query has relevant items.

    Examples
    --------
    One of two found, and both of two found:

    >>> recall_at_k([[0, 1, 2], [3, 4, 5]], [[2, 9], [3, 5]])
    0.75
    """
    return float(np.mean(recall_by_query(recommended, relevant)))


@taught
def precision_at_k(recommended: ArrayLike, relevant: NDArray | Sequence[ArrayLike]) -> float:
    """Compute the share of the list that is relevant, averaged over queries.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    relevant : q arrays of ids, or bool table (q, n_items)
        Queries without relevant items are left out.

    Returns
    -------
    float
        From 0 to 1; below 1 even for a perfect list where fewer than k items are relevant.

    Raises
    ------
    ValueError
        As `recall_at_k`.

    Examples
    --------
    One of three, and two of three:

    >>> precision_at_k([[0, 1, 2], [3, 4, 5]], [[2, 9], [3, 5]])
    0.5
    """
    hits, sizes = _hits(recommended, relevant)
    return float(np.mean(hits[sizes > 0]))


def average_precision_at_k(recommended: ArrayLike, relevant: NDArray | Sequence[ArrayLike]) -> float:
    """Compute the mean average precision: precision at each hit's place, summed, over the relevant items.

    Divided by *all* relevant items, also where that is more than k: a list of ten cannot reach 1 for a user with fifty.
    Other libraries divide by k at most, and call it by the same name.

    Source: the definition of recommenders' tables (``map`` in its ``python_evaluation``, which follows Spark's).

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    relevant : q arrays of ids, or bool table (q, n_items)
        Queries without relevant items are left out.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        As `recall_at_k`.

    Examples
    --------
    Hits in places 1 and 3, of two relevant items: (1/1 + 2/3) / 2.

    >>> round(average_precision_at_k([[4, 1, 7]], [[4, 7]]), 4)
    0.8333
    """
    hits, sizes = _hits(recommended, relevant)
    judged = sizes > 0
    precisions = np.cumsum(hits[judged], axis=1) / np.arange(1, hits.shape[1] + 1)
    return float(np.mean(np.sum(precisions * hits[judged], axis=1) / sizes[judged]))


@taught
def stratified_recall(
    recommended: ArrayLike, relevant: NDArray | Sequence[ArrayLike], counts: ArrayLike, beta: float
) -> float:
    """Compute a recall in which a hit counts the more the rarer the item, averaged over queries.

    An item with c training ratings weighs ``1 / c**beta``. If an item's chance to be rated grows as its popularity to
    the power of beta, the weights undo it, and what is popular is found no more easily than what is not.

    Source: H. Steck, Item Popularity and Recommendation Accuracy, RecSys 2011, section 4 (who sums over all users
    before dividing; here each user counts the same).

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    relevant : q arrays of ids, or bool table (q, n_items)
        What should have been found. Items without a training rating have no weight and are left out; so are queries
        for which nothing is left.
    counts : array_like, shape (n_items,)
        Number of training ratings of each item.
    beta : float
        0 or more; at 0 every item weighs the same.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the inputs do not fit each other, beta is negative, or no query is left.

    Examples
    --------
    The rare one of two is found: 1/4 of 1/100 + 1/4 at beta 1.

    >>> round(stratified_recall([[1, 2]], [[0, 1]], [100, 4, 9], beta=1.0), 4)
    0.9615
    """
    counts = np.asarray(counts, dtype=float)
    if counts.ndim != 1:
        raise ValueError(f"counts must have shape (n_items,), got {counts.shape}")
    if not (np.isfinite(beta) and beta >= 0):
        raise ValueError(f"beta must be a number, 0 at least, got {beta}")
    ids = _ids(recommended, len(counts))
    wanted = _as_table(relevant, len(ids), len(counts)) & (counts > 0)
    hits, sizes = _hits(ids, wanted)
    weights = np.where(counts > 0, np.maximum(counts, 1e-300) ** -beta, 0.0)
    found, all_of_it = np.sum(hits * weights[ids], axis=1), wanted @ weights
    return float(np.mean(found[sizes > 0] / all_of_it[sizes > 0]))


@taught
def sampled_hit_rate(scores: ArrayLike, target: ArrayLike, negatives: ArrayLike, k: int) -> float:
    """Compute how often one held-out item is among the first k of itself and some drawn items.

    An item that scores the same as the target counts as ahead of it, so a model that scores all alike has a rate of 0.
    Among 100 drawn items the differences between systems are smaller than in the whole catalogue, and the order of two
    systems may be another one: W. Krichene and S. Rendle, On Sampled Metrics for Item Recommendation, KDD 2020.

    Parameters
    ----------
    scores : array_like, shape (q, n_items)
        Higher is better.
    target : array_like of int, shape (q,)
    negatives : array_like of int, shape (q, m)
        What the target is ranked among, as `draw_negatives` draws it. A target among its own negatives is not counted.
    k : int
        1 at least.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the inputs do not fit each other, an id does not exist, or k is less than 1.

    Examples
    --------
    The first query's target, item 2, has one of two ahead of it; the second's, item 3, has both:

    >>> sampled_hit_rate([[0.9, 0.5, 0.7, 0.1], [0.2, 0.8, 0.6, 0.4]], [2, 3], [[0, 3], [1, 2]], k=2)
    0.5
    """
    table, chosen = np.asarray(scores, dtype=float), np.asarray(target)
    if table.ndim != 2 or chosen.shape != (len(table),):
        raise ValueError(f"scores {table.shape} and target {chosen.shape} must be (q, n_items) and (q,)")
    others = _ids(negatives, table.shape[1])
    if len(others) != len(table):
        raise ValueError(f"negatives are {len(others)} lists for {len(table)} queries")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    chosen = _ids(chosen[:, None], table.shape[1])
    ahead = np.take_along_axis(table, others, axis=1) >= np.take_along_axis(table, chosen, axis=1)
    return float(np.mean(np.sum(ahead & (others != chosen), axis=1) < k))


def draw_negatives(known: NDArray[np.bool_], m: int, rng: np.random.Generator) -> NDArray[np.integer]:
    """Draw m items for each query, each at most once, among those that the query does not know.

    Parameters
    ----------
    known : ndarray of bool, shape (q, n_items)
        What must not be drawn: seen items, and held-out ones.
    m : int
        1 at least.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (q, m)
        Every set of m unknown items is as likely as any other; each query has a draw of its own.

    Raises
    ------
    ValueError
        If a query has fewer than m unknown items.

    Examples
    --------
    >>> draw_negatives(np.array([[True, False, False], [False, True, False]]), 2, np.random.default_rng(0))
    array([[1, 2],
           [0, 2]])
    """
    known = np.asarray(known, dtype=bool)
    left = int(np.min(np.sum(~known, axis=1)))
    if not 1 <= m <= left:
        raise ValueError(f"m must lie between 1 and {left}, the unknown items of one query, got {m}")
    lots = rng.random(known.shape)
    lots[known] = 2.0
    return np.sort(np.argpartition(lots, m - 1, axis=1)[:, :m], axis=1)


@taught
def paired_interval(
    ours: ArrayLike, theirs: ArrayLike, draws: ArrayLike, *, level: float = 0.95
) -> tuple[float, float]:
    """Give the bootstrap interval of a mean difference over the same queries: the percentile interval.

    Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.

    Parameters
    ----------
    ours, theirs : array_like, shape (n,)
        A measure of two systems for the same n queries, in the same order.
    draws : array_like of int, shape (b, n)
        Each row draws n queries with replacement, as ``rng.integers(n, size=(b, n))`` does.
    level : float
        The share of the drawn mean differences that the interval holds, between 0 and 1.

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        If the inputs do not fit each other or the level is not between 0 and 1.

    Examples
    --------
    >>> draws = np.random.default_rng(0).integers(4, size=(1000, 4))
    >>> paired_interval([0.5, 0.75, 0.25, 1.0], [0.25, 0.5, 0.25, 0.25], draws)
    (0.0625, 0.625)
    """
    one, other, rows = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), np.asarray(draws)
    if one.ndim != 1 or one.shape != other.shape or not one.size:
        raise ValueError(f"ours and theirs must be lists of equal length, got shapes {one.shape} and {other.shape}")
    if rows.ndim != 2 or rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= len(one):
        raise ValueError(f"draws must be positions from 0 to {len(one) - 1} of shape (b, n), got shape {rows.shape}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    means = (one - other)[rows].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@taught
def ndcg_by_query(recommended: ArrayLike, relevant: NDArray | Sequence[ArrayLike]) -> NDArray[np.floating]:
    """Compute `ndcg_at_k` for each query by itself, so that two systems can be compared query by query.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    relevant : q arrays of ids, or bool table (q, n_items)

    Returns
    -------
    ndarray, shape (number of queries with relevant items,)
        In order; queries without relevant items are left out, the same ones for every system.

    Raises
    ------
    ValueError
        As `ndcg_at_k`.

    Examples
    --------
    >>> ndcg_by_query([[7, 1, 2], [0, 1, 2], [1, 2, 7]], [[7], [], [7]])
    array([1. , 0.5])
    """
    hits, sizes = _hits(recommended, relevant)
    gains = 1.0 / np.log2(np.arange(2, hits.shape[1] + 2))
    judged = sizes > 0
    best = np.cumsum(gains)[np.minimum(sizes[judged], len(gains)) - 1]
    return hits[judged] @ gains / best


@taught
def ndcg_at_k(recommended: ArrayLike, relevant: NDArray | Sequence[ArrayLike]) -> float:
    """Compute the normalised discounted cumulative gain: like recall, but a hit early in the list counts more.

    A hit at place p (from 1) earns 1 / log2(p + 1); the sum is divided by the largest that any list of the same length
    could earn. Averaged over queries.

    Source: the measure is that of K. Jarvelin and J. Kekalainen, Cumulated gain-based evaluation of IR techniques, ACM
    TOIS 20(4), 2002, who discount from the third place on; the discount is that of C. Burges and others, Learning to
    Rank using Gradient Descent, ICML 2005.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    relevant : q arrays of ids, or bool table (q, n_items)
        What should have been found. Queries without relevant items are left out.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the inputs do not fit each other, a list names an item twice, or no query has relevant items.

    Examples
    --------
    The only relevant item, in first and in third place:

    >>> ndcg_at_k([[7, 1, 2]], [[7]]), ndcg_at_k([[1, 2, 7]], [[7]])
    (1.0, 0.5)
    """
    return float(np.mean(ndcg_by_query(recommended, relevant)))


def coverage(recommended: ArrayLike, n_items: int) -> float:
    """Compute the share of the catalogue that appears in at least one list.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    n_items : int
        Size of the catalogue.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If `recommended` is not a table of ids from 0 to ``n_items - 1``.

    Examples
    --------
    >>> coverage([[0, 1], [0, 2]], 6)
    0.5
    """
    return len(np.unique(_ids(recommended, n_items))) / n_items


def average_popularity(recommended: ArrayLike, counts: ArrayLike) -> float:
    """Compute the mean popularity of what is recommended, every slot of every list counting once.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    counts : array_like, shape (n_items,)
        Number of training ratings of each item.

    Returns
    -------
    float
        A number of ratings.

    Raises
    ------
    ValueError
        If `recommended` is not a table of ids of the items that are counted.

    Examples
    --------
    >>> average_popularity([[0, 1], [0, 2]], [100, 10, 30])
    60.0
    """
    counts = np.asarray(counts, dtype=float)
    if counts.ndim != 1:
        raise ValueError(f"counts must have shape (n_items,), got {counts.shape}")
    return float(counts[_ids(recommended, len(counts))].mean())


def popularity_lift(recommended: ArrayLike, counts: ArrayLike, seen: NDArray[np.bool_]) -> float:
    """Compute how many times as popular a list is as what its user chose, averaged over users.

    1 where the lists are as popular as the users' own ratings. The catalogue's mean popularity is another yardstick,
    and a misleading one: what people rate by themselves is far more popular than the average item.

    Source: H. Abdollahpouri, M. Mansoury, R. Burke and B. Mobasher, The Unfairness of Popularity Bias in
    Recommendation, RMSE workshop at RecSys 2019 (their delta GAP, plus 1; here the ratio is taken for each user and
    not for a group).

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    counts : array_like, shape (n_items,)
        Number of training ratings of each item.
    seen : ndarray of bool, shape (q, n_items)
        The training ratings of each user. Users without one are left out.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the inputs do not fit each other or nobody has a training rating.

    Examples
    --------
    A user of a blockbuster and a rare film, mean 55, is shown two films with a mean of 110:

    >>> popularity_lift([[2, 3]], [100, 10, 120, 100], np.array([[True, True, False, False]]))
    2.0
    """
    counts, seen = np.asarray(counts, dtype=float), np.asarray(seen, dtype=bool)
    ids = _ids(recommended, len(counts))
    if seen.shape != (len(ids), len(counts)):
        raise ValueError(f"seen must have shape {(len(ids), len(counts))}, got {seen.shape}")
    judged = seen.any(axis=1)
    if not judged.any():
        raise ValueError("nobody in seen has a training rating, so there is nothing to compare with")
    own = seen[judged] @ counts / seen[judged].sum(axis=1)
    return float(np.mean(counts[ids[judged]].mean(axis=1) / own))


@taught
def rare_share(recommended: ArrayLike, counts: ArrayLike, at_most: float) -> float:
    """Compute the share of all slots that hold a rare item, every slot of every list counting once.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    counts : array_like, shape (n_items,)
        Number of training ratings of each item.
    at_most : float
        An item with this many ratings or fewer is rare.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If `recommended` is not a table of ids of the items that are counted.

    Examples
    --------
    Item 1 is rare and fills two of four slots:

    >>> rare_share([[0, 1], [2, 1]], [100, 5, 30], at_most=5)
    0.5
    """
    counts = np.asarray(counts, dtype=float)
    if counts.ndim != 1:
        raise ValueError(f"counts must have shape (n_items,), got {counts.shape}")
    return float(np.mean(counts[_ids(recommended, len(counts))] <= at_most))


@taught
def gini(recommended: ArrayLike, n_items: int) -> float:
    """Compute the Gini coefficient of how often each item of the catalogue is recommended.

    0 where all items are recommended equally often, near 1 where one item fills every slot it can. Items that are never
    recommended count, with 0: left out, a system that shows ten items only would look perfectly fair.

    Source: C. Gini, Variabilita e mutabilita, 1912; in this use D. Fleder and K. Hosanagar, Blockbuster Culture's Next
    Rise or Fall, Management Science 55(5), 2009.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    n_items : int
        Size of the catalogue.

    Returns
    -------
    float
        From 0 to 1 - 1 / n_items.

    Raises
    ------
    ValueError
        If `recommended` is not a table of ids from 0 to ``n_items - 1``.

    Examples
    --------
    >>> gini([[0, 1], [2, 3]], 4), gini([[0], [0]], 4)
    (0.0, 0.75)
    """
    slots = np.sort(np.bincount(_ids(recommended, n_items).ravel(), minlength=n_items))
    places = np.arange(1, n_items + 1)
    return float(np.sum((2 * places - n_items - 1) * slots) / (n_items * np.sum(slots)))


@taught
def rank_correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Compute Spearman's correlation: that of the ranks, where equal values share the mean of their ranks.

    Source: C. Spearman, The proof and measurement of association between two things, Am. J. of Psychology 15(1), 1904.

    Parameters
    ----------
    x, y : array_like, shape (n,)

    Returns
    -------
    float
        From -1 to 1.

    Raises
    ------
    ValueError
        If the two are not lists of equal length, hold NaN, or all values of either are equal: then no order is defined.

    Examples
    --------
    A straight line is not needed, only one order:

    >>> rank_correlation([1, 2, 3, 4], [10, 20, 3000, 40000]), rank_correlation([1, 2, 3, 4], [4, 3, 2, 1])
    (1.0, -1.0)
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"x and y must be lists of equal length, got shapes {x.shape} and {y.shape}")
    if np.isnan(x).any() or np.isnan(y).any():
        raise ValueError("x or y holds NaN, which has no rank")
    ranks = []
    for name, values in (("x", x), ("y", y)):
        rank = _average_ranks(values)
        rank -= rank.mean() if len(rank) else 0
        if not rank.any():
            raise ValueError(f"all values of {name} are equal, so no order is defined")
        ranks.append(rank / np.linalg.norm(rank))
    return float(np.clip(ranks[0] @ ranks[1], -1, 1))


@taught
def _average_ranks(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Rank from 1, smallest first; equal values get the mean of the ranks they take up."""
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    return (last - (sizes - 1) / 2)[place.reshape(-1)]


@taught
def ladder_report(best: float, score: float, step: float) -> float:
    """Say what a board shows after one more answer: a better score by more than a step, or what it showed before.

    Whoever may ask a held-out part as often as they like, and is told each score to the last digit, fits it. So a score
    is told only where it is better than the one on the board by more than a step, and then rounded to the step: most
    answers change nothing, and the board's error grows with the logarithm of the number of answers instead of its root.

    Source: A. Blum and M. Hardt, The Ladder: A Reliable Leaderboard for Machine Learning Competitions, ICML 2015,
    algorithm 1, turned round: here more is better.

    Parameters
    ----------
    best : float
        What the board shows; minus infinity before the first answer.
    score : float
        What the new answer reaches on the held-out part.
    step : float
        Above 0.

    Returns
    -------
    float
        What the board shows now: a multiple of `step` (halves rounded up), or `best`.

    Raises
    ------
    ValueError
        If `step` is not a number above 0, or `best` or `score` is NaN.

    Examples
    --------
    >>> ladder_report(0.5, 0.625, 0.25), ladder_report(0.5, 0.875, 0.25), ladder_report(-np.inf, 0.2, 0.25)
    (0.5, 1.0, 0.25)
    """
    if not (np.isfinite(step) and step > 0):
        raise ValueError(f"step must be a number above 0, got {step}")
    if np.isnan(best) or np.isnan(score):
        raise ValueError(f"best and score must be numbers, got {best} and {score}")
    return float(np.floor(score / step + 0.5) * step) if score - best > step else float(best)


def _ids(recommended: ArrayLike, n_items: int | None = None) -> NDArray[np.integer]:
    """Take a table of item ids, or say what is wrong with it."""
    ids = np.asarray(recommended)
    if ids.ndim != 2 or ids.size == 0 or ids.dtype.kind not in "iu":
        raise ValueError(f"recommended must be item ids of shape (q, k), got {ids.dtype} of shape {ids.shape}")
    if ids.min() < 0 or (n_items is not None and ids.max() >= n_items):
        raise ValueError(f"recommended names item {ids.min() if ids.min() < 0 else ids.max()}, which does not exist")
    return ids


def _as_table(relevant: NDArray | Sequence[ArrayLike], q: int, n_items: int) -> NDArray[np.bool_]:
    """Write what is relevant as a boolean table (q, n_items)."""
    if len(relevant) != q:
        raise ValueError(f"{q} lists are recommended, but relevant holds {len(relevant)}")
    if isinstance(relevant, np.ndarray) and relevant.dtype == bool:
        if relevant.shape != (q, n_items):
            raise ValueError(f"relevant has shape {relevant.shape}, not {(q, n_items)}")
        return relevant
    table = np.zeros((q, n_items), dtype=bool)
    for row, good in enumerate(relevant):
        table[row, np.asarray(good, dtype=int)] = True
    return table


def _hits(
    recommended: ArrayLike, relevant: NDArray | Sequence[ArrayLike]
) -> tuple[NDArray[np.bool_], NDArray[np.integer]]:
    """Say which slots are hits, shape (q, k), and how many items are relevant for each query, shape (q,)."""
    ids = _ids(recommended)
    in_order = np.sort(ids, axis=1)
    if (in_order[:, 1:] == in_order[:, :-1]).any():
        raise ValueError("recommended names an item twice in one list")
    if len(relevant) != len(ids):
        raise ValueError(f"{len(ids)} lists are recommended, but relevant holds {len(relevant)}")
    if isinstance(relevant, np.ndarray) and relevant.dtype == bool:
        if relevant.ndim != 2 or ids.max() >= relevant.shape[1]:
            raise ValueError(f"relevant has shape {relevant.shape}, but item {ids.max()} is recommended")
        hits, sizes = np.take_along_axis(relevant, ids, axis=1), relevant.sum(axis=1)
    else:
        wanted = [np.unique(np.asarray(row, dtype=ids.dtype)) for row in relevant]
        hits = np.array([np.isin(row, good) for row, good in zip(ids, wanted, strict=True)])
        sizes = np.array([len(good) for good in wanted])
    if not sizes.any():
        raise ValueError("no query has relevant items, so there is nothing to average")
    return hits, sizes
