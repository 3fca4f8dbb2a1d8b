"""How good, how broad and how popular a set of recommended lists is.

`recommended` is always (q, k) item ids, best first, as `recsys_lib.retrieval.top_k` returns them. `relevant` holds what
should have been found: one array of item ids per query, or a boolean table (q, n_items).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught


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
    hits, sizes = _hits(recommended, relevant)
    judged = sizes > 0
    return float(np.mean(hits[judged].sum(axis=1) / sizes[judged]))


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
    hits, sizes = _hits(recommended, relevant)
    gains = 1.0 / np.log2(np.arange(2, hits.shape[1] + 2))
    judged = sizes > 0
    best = np.cumsum(gains)[np.minimum(sizes[judged], len(gains)) - 1]
    return float(np.mean(hits[judged] @ gains / best))


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


def _ids(recommended: ArrayLike, n_items: int | None = None) -> NDArray[np.integer]:
    """Take a table of item ids, or say what is wrong with it."""
    ids = np.asarray(recommended)
    if ids.ndim != 2 or ids.size == 0 or ids.dtype.kind not in "iu":
        raise ValueError(f"recommended must be item ids of shape (q, k), got {ids.dtype} of shape {ids.shape}")
    if ids.min() < 0 or (n_items is not None and ids.max() >= n_items):
        raise ValueError(f"recommended names item {ids.min() if ids.min() < 0 else ids.max()}, which does not exist")
    return ids


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
