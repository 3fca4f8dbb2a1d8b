"""How good, how broad and how popular a set of recommended lists is.

`recommended` is always (q, k) item ids, best first, as `recsys_lib.retrieval.top_k` returns them. `relevant` holds what
should have been found: one array of item ids per query, or a boolean table (q, n_items).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def recall_at_k(recommended: ArrayLike, relevant: ArrayLike | Sequence[ArrayLike]) -> float:
    """Give the share of the relevant items that are in the list, averaged over queries.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    relevant : q arrays of ids, or bool table (q, n_items)
        Divided by all of them, also where they are more than k. Queries without relevant items are left out.

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


def ndcg_at_k(recommended: ArrayLike, relevant: ArrayLike | Sequence[ArrayLike]) -> float:
    """Give the normalised discounted cumulative gain: as recall, but a hit early in the list counts more.

    A hit at place p (from 1) earns 1 / log2(p + 1); the sum is divided by the largest that any list of the same length
    could earn. Averaged over queries.

    Source: K. Jarvelin and J. Kekalainen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4), 2002.

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
    """Give the share of the catalogue that appears in at least one list.

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
    """Give the mean popularity of what is recommended, every slot of every list counting once.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    counts : array_like, shape (n_items,)
        Number of training ratings of each item.

    Returns
    -------
    float
        In ratings.

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


def _ids(recommended: ArrayLike, n_items: int | None = None) -> NDArray[np.integer]:
    ids = np.asarray(recommended)
    if ids.ndim != 2 or ids.size == 0 or ids.dtype.kind not in "iu":
        raise ValueError(f"recommended must be item ids of shape (q, k), got {ids.dtype} of shape {ids.shape}")
    if ids.min() < 0 or (n_items is not None and ids.max() >= n_items):
        raise ValueError(f"recommended names item {ids.min() if ids.min() < 0 else ids.max()}, which does not exist")
    return ids


def _hits(
    recommended: ArrayLike, relevant: ArrayLike | Sequence[ArrayLike]
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
