"""Pick the k best items that a user has not seen."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught


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


def _best(table: NDArray[np.floating], k: int) -> NDArray[np.integer]:
    """Pick k ids per row by the tie rule, without sorting the whole row."""
    n = table.shape[1]
    border = np.partition(table, n - k, axis=1)[:, n - k, None]  # the k-th best score
    above, at = table > border, table == border
    places = k - np.count_nonzero(above, axis=1)  # how many at the border still fit: the lowest ids
    chosen = above | (at & (np.cumsum(at, axis=1) <= places[:, None]))
    ids = np.nonzero(chosen)[1].reshape(len(table), k)  # ascending, so a stable sort keeps the tie rule
    order = np.argsort(-np.take_along_axis(table, ids, axis=1), axis=1, kind="stable")
    return np.take_along_axis(ids, order, axis=1)


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
