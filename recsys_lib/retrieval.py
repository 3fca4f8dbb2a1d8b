"""Pick the k best items: of a table of scores, or of a catalogue too large to score at once.

Both work by group maxima: of each group of 16 consecutive items only the best score is kept at first, and only the
members of the k best groups are looked at again. No item among the k best lies outside of them: k groups, each with an
item that comes before it, would stand in its way.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.similarity import as_table, euclidean_distances

GROUP = 16
"""How many consecutive items share a maximum."""
QUERIES_AT_ONCE = 256
"""For how many queries a block of items is scored at once: enough for a fast matrix product."""
BLOCK = 2048
"""How many items are scored at once: with 256 queries in float32 a buffer of 2 MB."""


@taught
def top_k(scores: ArrayLike, k: int, *, seen: NDArray | Sequence[Any] | None = None) -> NDArray[np.integer]:
    """List the k items with the highest scores, best first.

    The tie rule: higher score first, then lower id. So the same scores give the same list on every machine.

    Parameters
    ----------
    scores : array_like, shape (n,) or (q, n)
        Higher is better. An item with score minus infinity is never listed. For distances pass ``-distances``.
    k : int
        Length of the list, at least 1.
    seen : ndarray or sequence, optional
        Items never to list. Either a boolean array of the shape of `scores` (True: seen), or item ids: one array of
        ids for scores (n,), q arrays of ids for scores (q, n).

    Returns
    -------
    ndarray of int, shape (k,) or (q, k)
        Item ids.

    Raises
    ------
    ValueError
        If a score is NaN, `k` is less than 1, `seen` does not fit the scores, or fewer than k items are left.

    Examples
    --------
    Items 1 and 3 tie, and the lower id comes first:

    >>> top_k([0.1, 0.9, 0.4, 0.9], 3)
    array([1, 3, 2])
    >>> top_k([0.1, 0.9, 0.4, 0.9], 3, seen=[1])
    array([3, 2, 0])
    >>> top_k([[3, 2, 1], [1, 2, 3]], 1, seen=[[0], []])
    array([[1],
           [2]])
    """
    table = np.array(scores)  # a copy: the seen are struck out in it
    if table.dtype not in (np.float32, np.float64):
        table = table.astype(np.float64)
    if table.ndim not in (1, 2):
        raise ValueError(f"scores must have shape (n,) or (q, n), got {table.shape}")
    one = table.ndim == 1
    table = np.atleast_2d(table)
    if np.isnan(table).any():
        row, column = np.argwhere(np.isnan(table))[0]
        raise ValueError(f"scores holds NaN (item {column}{'' if one else f', query {row}'}); no order is defined")
    k = operator.index(k)
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if seen is not None:
        table[_mask(seen, table.shape, one)] = -np.inf
    left = np.count_nonzero(table > -np.inf, axis=1)
    if (left < k).any():
        row = int(np.argmax(left < k))
        whose = "" if one else f" for query {row}"
        raise ValueError(f"asked for k = {k} items, but only {left[row]} are unseen and scored{whose}")
    ids = _best(table, k)
    return ids[0] if one else ids


@taught
def blocked_top_k(queries: ArrayLike, items: ArrayLike, k: int, block: int = BLOCK) -> NDArray[np.integer]:
    """List the k items with the largest dot product for each query, without a table of all scores.

    Exact search, by the tie rule of `top_k`: higher score first, then lower id. Scores that differ by rounding alone
    may change places, as in every matrix product. The memory it takes beside its arguments grows with the number of
    items (256 queries times a sixteenth of them), not with that of the queries.

    Parameters
    ----------
    queries : array_like, shape (q, d)
    items : array_like, shape (n, d)
        float32 where both are: half the memory and half the time.
    k : int
        Length of each list, from 1 to n.
    block : int
        How many items are scored at once, at least 1. No result depends on it.

    Returns
    -------
    ndarray of int, shape (q, k)
        Item ids, best first.

    Raises
    ------
    ValueError
        If an input is not a finite table of numbers, the widths differ, k does not lie between 1 and n, or block is
        less than 1.

    Examples
    --------
    >>> blocked_top_k([[1, 0]], [[2, 5], [1, 1], [3, 0], [3, 9], [0, 1]], 3, block=2)
    array([[2, 3, 0]])
    """
    return blocked_search(queries, items, k, block)[0]


@taught
def blocked_search(
    queries: ArrayLike, items: ArrayLike, k: int, block: int = BLOCK
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Do as `blocked_top_k`, and give the scores, too.

    Parameters
    ----------
    queries : array_like, shape (q, d)
    items : array_like, shape (n, d)
    k : int
    block : int

    Returns
    -------
    ids : ndarray of int, shape (q, k)
    scores : ndarray, shape (q, k)
        Dot products; float32 where both inputs are, else float64.

    Raises
    ------
    ValueError
        As `blocked_top_k`, or if a score is too large for its type.

    Examples
    --------
    >>> blocked_search([[1, 0]], [[2, 5], [1, 1], [3, 0], [3, 9], [0, 1]], 3)
    (array([[2, 3, 0]]), array([[3., 3., 2.]]))
    """
    queries, items = as_table(queries, "queries"), as_table(items, "items")
    if queries.shape[1] != items.shape[1]:
        raise ValueError(f"queries {queries.shape} and items {items.shape} differ in width")
    k, block = operator.index(k), operator.index(block)
    if not 1 <= k <= len(items):
        raise ValueError(f"k must lie between 1 and the number of items, {len(items)}, got {k}")
    if block < 1:
        raise ValueError(f"block must be at least 1, got {block}")
    dtype = np.result_type(queries, items)
    queries, items = queries.astype(dtype, copy=False), items.astype(dtype, copy=False)
    ids = np.empty((len(queries), k), dtype=np.intp)
    scores = np.empty((len(queries), k), dtype=dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # what is too large is refused by name
        for start in range(0, len(queries), QUERIES_AT_ONCE):
            rows = slice(start, start + QUERIES_AT_ONCE)
            ids[rows], scores[rows] = _search_few(queries[rows], items, k, block)
    return ids, scores


@taught
def merge_top_k(
    ids: Sequence[ArrayLike], scores: Sequence[ArrayLike], k: int
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Merge the lists of several parts of a catalogue.

    Parameters
    ----------
    ids : sequence of array_like, each of shape (q, m)
        What each part found, by the numbers of the whole catalogue; -1 where it found nothing. m may differ.
    scores : sequence of array_like, each of shape (q, m)
        Larger is better.
    k : int

    Returns
    -------
    ids : ndarray of int, shape (q, k)
        Best first, of equal scores the lower id first; -1 where all parts together found fewer than k.
    scores : ndarray, shape (q, k)
        Minus infinity beside a -1.

    Raises
    ------
    ValueError
        If there is no part, shapes do not fit, or k is less than 1.

    Examples
    --------
    >>> merge_top_k([[[4, 1]], [[7, 9]]], [[[5.0, 2.0]], [[3.0, 2.0]]], 3)
    (array([[4, 7, 1]]), array([[5., 3., 2.]]))
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if not len(ids) or len(ids) != len(scores):
        raise ValueError(
            f"ids of {len(ids)} parts and scores of {len(scores)} were given; they must match, and be there"
        )
    parts = [np.asarray(part) for part in ids], [np.asarray(part, dtype=float) for part in scores]
    for one, other in zip(*parts, strict=True):
        if one.ndim != 2 or one.shape != other.shape or len(one) != len(parts[0][0]):
            raise ValueError(f"a part has ids of shape {one.shape} and scores of shape {other.shape}, which do not fit")
    joined, of = np.hstack(parts[0]), np.hstack(parts[1])
    of = np.where(joined < 0, -np.inf, of)
    order = np.lexsort((joined, -of), axis=1)[:, :k]
    joined, of = np.take_along_axis(joined, order, axis=1), np.take_along_axis(of, order, axis=1)
    short = ((0, 0), (0, k - joined.shape[1]))
    return np.pad(joined, short, constant_values=-1), np.pad(of, short, constant_values=-np.inf)


def drop_seen(ids: ArrayLike, seen: ArrayLike, k: int) -> NDArray[np.integer]:
    """Strike the seen items out of an index's lists, which knows nothing of them, and keep the first k that are left.

    Parameters
    ----------
    ids : array_like of int, shape (q, m)
        What the index gave, best first; -1 where it found nothing.
    seen : array_like of bool, shape (q, n)
    k : int

    Returns
    -------
    ndarray of int, shape (q, k)
        -1 where a list has run out: then the index should have been asked for more.

    Raises
    ------
    ValueError
        If the two do not fit, or k is less than 1.

    Examples
    --------
    >>> drop_seen([[2, 0, 1]], [[False, False, True]], 3)
    array([[ 0,  1, -1]])
    """
    ids, seen = np.asarray(ids), np.asarray(seen, dtype=bool)
    if ids.ndim != 2 or seen.ndim != 2 or len(ids) != len(seen) or (ids.size and ids.max() >= seen.shape[1]):
        raise ValueError(f"ids {ids.shape} and seen {seen.shape} do not fit")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    gone = np.take_along_axis(seen, np.maximum(ids, 0), axis=1) | (ids < 0)
    order = np.argsort(gone, axis=1, kind="stable")[:, :k]
    left = np.where(np.take_along_axis(gone, order, axis=1), -1, np.take_along_axis(ids, order, axis=1))
    return np.pad(left, ((0, 0), (0, k - left.shape[1])), constant_values=-1)


@taught
def index_recall(found: ArrayLike, exact: ArrayLike) -> float:
    """Compute the share of the exact answers that an index has found, averaged over queries.

    Parameters
    ----------
    found : array_like of int, shape (q, m)
        What the index gave; -1 where it found nothing. An id that stands twice counts once.
    exact : array_like of int, shape (q, k)
        What exact search gives.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the two are not tables with equally many rows, one at least, or `exact` is empty or names an item twice.

    Examples
    --------
    >>> index_recall([[7, 3, 9, -1], [4, 4, 1, 0]], [[3, 7, 5, 8], [0, 1, 2, 4]])
    0.625
    """
    found, exact = np.asarray(found), np.asarray(exact)
    if found.ndim != 2 or exact.ndim != 2 or len(found) != len(exact) or not exact.size:
        raise ValueError(f"found {found.shape} and exact {exact.shape} must be tables with one row for each query")
    ordered = np.sort(exact, axis=1)
    if (ordered[:, 1:] == ordered[:, :-1]).any():
        raise ValueError("exact names an item twice for one query")
    return float(np.mean([np.isin(right, row) for right, row in zip(exact, found, strict=True)]))


@taught
def k_occurrence(items: ArrayLike, k: int) -> NDArray[np.integer]:
    """Count in how many lists of the k nearest others each item stands; hubs stand in many.

    M. Radovanovic, A. Nanopoulos and M. Ivanovic, Hubs in Space, JMLR 11, 2010, section 2: N_k, by straight-line
    distance; ties go to the lower id.

    Parameters
    ----------
    items : array_like, shape (n, d)
    k : int
        From 1 to n - 1.

    Returns
    -------
    ndarray of int, shape (n,)
        Its sum is n times k.

    Raises
    ------
    ValueError
        If `items` is not a finite table of numbers, or k does not lie between 1 and n - 1.

    Examples
    --------
    >>> k_occurrence([[0.0], [1.0], [3.0], [7.0]], 1)
    array([1, 2, 1, 0])
    """
    items = as_table(items, "items")
    k, n = operator.index(k), len(items)
    if not 1 <= k <= n - 1:
        raise ValueError(f"k must lie between 1 and the number of others, {n - 1}, got {k}")
    counts = np.zeros(n, dtype=np.intp)
    for start in range(0, n, QUERIES_AT_ONCE):
        rows = np.arange(start, min(start + QUERIES_AT_ONCE, n))
        distances = euclidean_distances(items[rows], items)
        distances[np.arange(len(rows)), rows] = np.inf
        counts += np.bincount(_best(-distances, k).ravel(), minlength=n)
    return counts


@taught
def _search_few(
    queries: NDArray[np.floating], items: NDArray[np.floating], k: int, block: int
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Search for a few queries: the group maxima of all items first, then the members of the best groups."""
    n, count = len(items), -(-len(items) // GROUP)
    if k < count // 2:
        maxima = _group_maxima(queries, items, max(1, block // GROUP) * GROUP)
        members = (_ascending(maxima, k)[:, :, None] * GROUP + np.arange(GROUP)).reshape(len(queries), -1)
        there = members < n  # the last group may be short
        scores = np.einsum("qmd,qd->qm", items[np.where(there, members, 0)], queries)
        scores[~there] = -np.inf
        _refuse_infinite(scores[there])
        best = _best(scores, k)
        return np.take_along_axis(members, best, axis=1), np.take_along_axis(scores, best, axis=1)
    ids = np.empty((len(queries), 0), dtype=np.intp)  # so long a list: nearly every group would be among the best
    kept = np.empty((len(queries), 0), dtype=queries.dtype)
    for start in range(0, n, block):
        part = items[start : start + block]
        new = np.broadcast_to(np.arange(start, start + len(part)), (len(queries), len(part)))
        ids, kept = np.hstack([ids, new]), np.hstack([kept, queries @ part.T])
        if ids.shape[1] > k:
            columns = _ascending(kept, k)
            ids, kept = np.take_along_axis(ids, columns, axis=1), np.take_along_axis(kept, columns, axis=1)
    _refuse_infinite(kept)
    best = _best(kept, k)
    return np.take_along_axis(ids, best, axis=1), np.take_along_axis(kept, best, axis=1)


def _group_maxima(queries: NDArray[np.floating], items: NDArray[np.floating], block: int) -> NDArray[np.floating]:
    """Give the best score of each group, shape (q, groups), from blocks of whole groups in one buffer."""
    n, q = len(items), len(queries)
    maxima = np.empty((-(-n // GROUP), q), dtype=queries.dtype)
    buffer = np.empty((min(block, n), q), dtype=queries.dtype)
    turned = np.ascontiguousarray(queries.T)
    for start in range(0, n, block):
        part = items[start : start + block]
        scores = np.matmul(part, turned, out=buffer[: len(part)])
        whole = len(part) // GROUP
        first = start // GROUP
        np.max(scores[: whole * GROUP].reshape(whole, GROUP, q), axis=1, out=maxima[first : first + whole])
        if len(part) > whole * GROUP:
            np.max(scores[whole * GROUP :], axis=0, out=maxima[first + whole])
    return np.ascontiguousarray(maxima.T)


def _refuse_infinite(scores: NDArray[np.floating]) -> None:
    """Refuse scores that have left the range of their type."""
    if not np.isfinite(scores).all():
        raise ValueError(f"a dot product is too large for {scores.dtype}; scale queries and items down")


def _best(table: NDArray[np.floating], k: int) -> NDArray[np.integer]:
    """Pick k ids per row by the tie rule, without sorting the whole row."""
    n = table.shape[1]
    if n >= 16 * GROUP * k:  # a long row: the maxima of its groups first
        whole = n // GROUP * GROUP
        maxima = table[:, :whole].reshape(len(table), -1, GROUP).max(axis=2)
        members = (_ascending(maxima, k)[:, :, None] * GROUP + np.arange(GROUP)).reshape(len(table), -1)
        rest = np.broadcast_to(np.arange(whole, n), (len(table), n - whole))
        members = np.hstack([members, rest])
        return np.take_along_axis(members, _best(np.take_along_axis(table, members, axis=1), k), axis=1)
    ids = _ascending(table, k)
    order = np.argsort(-np.take_along_axis(table, ids, axis=1), axis=1, kind="stable")  # ascending ids keep the rule
    return np.take_along_axis(ids, order, axis=1)


def _ascending(table: NDArray[np.floating], k: int) -> NDArray[np.integer]:
    """Pick k ids per row by the tie rule, in the order of the ids."""
    n = table.shape[1]
    border = np.partition(table, n - k, axis=1)[:, n - k, None]  # the k-th best score
    above, at = table > border, table == border
    places = k - np.count_nonzero(above, axis=1)  # how many at the border still fit: the lowest ids
    if np.count_nonzero(at) > len(table):  # a tie somewhere
        at &= np.cumsum(at, axis=1) <= places[:, None]
    return np.nonzero(above | at)[1].reshape(len(table), k)


def _mask(seen: NDArray | Sequence[Any], shape: tuple[int, ...], one: bool) -> NDArray[np.bool_]:
    """Turn either way of writing `seen` into a boolean table."""
    if isinstance(seen, np.ndarray) and seen.dtype == bool:
        if seen.shape != (shape[1:] if one else shape):
            raise ValueError(f"seen has shape {seen.shape}, scores has {shape[1:] if one else shape}")
        return seen.reshape(shape)
    lists = [seen] if one else list(seen)
    if len(lists) != shape[0]:
        raise ValueError(f"seen holds {len(lists)} lists of ids for {shape[0]} queries")
    mask = np.zeros(shape, dtype=bool)
    for row, ids in enumerate(lists):
        ids = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids))
        if ids.size == 0:
            continue
        if ids.dtype.kind == "b" and ids.shape == shape[1:]:
            mask[row] = ids
            continue
        if ids.dtype.kind not in "iu" or ids.ndim != 1:
            raise ValueError(
                f"seen must be booleans like the scores, or item ids; got {ids.dtype} of shape {ids.shape}"
            )
        if ids.min() < 0 or ids.max() >= shape[1]:
            raise ValueError(
                f"seen names item {ids.min() if ids.min() < 0 else ids.max()}; items are 0 to {shape[1] - 1}"
            )
        mask[row, ids] = True
    return mask
