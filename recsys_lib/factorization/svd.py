"""The singular value decomposition: a space for users and items, new users in it, and a flat map of it.

The course's convention: binary training matrix, ``users = U sqrt(S)``, ``items = V sqrt(S)``, columns up to sign. The
predictions ``users @ items.T`` would be the same wherever S went; cosines and norms would not.

Source: S. Deerwester and others, Indexing by Latent Semantic Analysis, JASIS 41(6), 1990.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.interactions import Interactions
from recsys_lib.similarity import as_table


@taught
def truncated_svd(interactions: Interactions | ArrayLike, d: int) -> Embeddings:
    """Place users and items in one space of width d, by the d largest singular values.

    Among all pairs of tables of width d, these two rebuild the interactions with the least squared error.

    Parameters
    ----------
    interactions : Interactions, or array_like of shape (n_users, n_items)
        Numbers are taken as they are, also those of `Interactions`, whose table has 0 for "not rated". In the course's
        spaces they say only who rated what: 1 where the user rated the item in the training part, else 0.
    d : int
        Width, from 1 to the smaller side of the table.

    Returns
    -------
    Embeddings
        ``users = U sqrt(S)``, shape (n_users, d); ``items = V sqrt(S)``, shape (n_items, d). A user or an item without
        any interaction is an exact zero row. Beyond the rank, columns are exactly zero. Signs are fixed: in each
        column the entry of `items` that is largest in size is positive. float32 where the input is, else float64.

    Raises
    ------
    ValueError
        If the input is not a finite table, or d does not fit it.

    Examples
    --------
    Two audiences that share no film; nobody rated the last one:

    >>> users, items = truncated_svd([[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0]], 2)
    >>> (users @ items.T).round(2) + 0.0
    array([[1., 1., 0., 0., 0.],
           [1., 1., 0., 0., 0.],
           [0., 0., 1., 1., 0.]])
    >>> items[4]
    array([0., 0.])

    The same, from the list of who rated what:

    >>> who_rated_what = Interactions([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 2, 3], n_items=5)
    >>> bool((truncated_svd(who_rated_what, 2).items == items).all())
    True
    """
    table = _table_of(interactions)
    if not 1 <= d <= min(table.shape):
        raise ValueError(
            f"d must lie between 1 and {min(table.shape)} for interactions of shape {table.shape}, got {d}"
        )
    left, values, right = np.linalg.svd(table, full_matrices=False)
    left, values, right = left[:, :d], values[:d].copy(), right[:d].T
    values[values <= values[0] * max(table.shape) * np.finfo(table.dtype).eps] = 0  # rounding, not structure
    sign = np.where(right[np.abs(right).argmax(axis=0), np.arange(d)] < 0, -1, 1).astype(table.dtype)
    root = np.sqrt(values) * sign
    users, items = left * root, right * root
    users[~table.any(axis=1)] = 0
    items[~table.any(axis=0)] = 0
    return Embeddings(users + 0, items + 0)  # + 0 turns -0. into 0.


def singular_values(interactions: Interactions | ArrayLike) -> NDArray[np.floating]:
    """Compute all singular values, largest first; their squares add up to the sum of squares of the table.

    Parameters
    ----------
    interactions : Interactions, or array_like of shape (n_users, n_items)
        Numbers are taken as they are, as in `truncated_svd`.

    Returns
    -------
    ndarray, shape (min(n_users, n_items),)

    Raises
    ------
    ValueError
        If the input is not a finite table.

    Examples
    --------
    >>> singular_values([[3, 0, 0], [0, 4, 0]])
    array([4., 3.])
    """
    return np.linalg.svd(_table_of(interactions), compute_uv=False)


@taught
def fold_in(rated: ArrayLike, ratings: ArrayLike, items: ArrayLike, ridge: float) -> NDArray[np.floating]:
    """Place a new user in the space, from a few ratings: least squares with a ridge.

    Solves ``(X'X + ridge I) u = X'r``, where X holds the vectors of the rated items only. The ridge keeps the user near
    the origin, and makes the answer unique where there are fewer ratings than dimensions.

    Parameters
    ----------
    rated : array_like of int, shape (m,)
        Ids of the items that the user rated, none twice.
    ratings : array_like, shape (m,)
        What the user gave them (1 for "watched" in a binary space).
    items : array_like, shape (n, d)
        All items of the space.
    ridge : float
        Weight of the penalty on the user's squared length, at least 0, in the units of a squared item length.

    Returns
    -------
    ndarray, shape (d,)
        The zero vector where nothing was rated.

    Raises
    ------
    ValueError
        If ids and ratings do not fit each other or the items, the ridge is negative, or it is 0 and the answer is not
        unique.

    Examples
    --------
    >>> items = [[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]]
    >>> fold_in([0, 1], [1, 1], items, ridge=1.0)
    array([0.5, 0.4])
    """
    table = as_table(items, "items")
    ids, marks = np.asarray(rated), np.asarray(ratings, dtype=table.dtype)
    if ids.size == 0:
        ids = ids.astype(int)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise ValueError(f"rated must be a list of item ids, got {ids.dtype} of shape {ids.shape}")
    if marks.shape != ids.shape:
        raise ValueError(
            f"rated has shape {ids.shape} and ratings has {marks.shape}; there must be one rating per item"
        )
    if ids.size and (ids.min() < 0 or ids.max() >= len(table)):
        raise ValueError(
            f"rated names item {ids.min() if ids.min() < 0 else ids.max()}; items are 0 to {len(table) - 1}"
        )
    if len(np.unique(ids)) < len(ids):
        raise ValueError("rated names an item twice")
    if not np.isfinite(marks).all():
        raise ValueError("ratings holds NaN or infinity")
    if not (ridge >= 0 and np.isfinite(ridge)):
        raise ValueError(f"ridge must be at least 0, got {ridge}")
    x = table[ids]
    width = table.shape[1]
    if ridge == 0 and np.linalg.matrix_rank(x) < width:
        raise ValueError(f"{len(ids)} ratings do not fix {width} coordinates; use a ridge above 0")
    return np.linalg.solve(x.T @ x + ridge * np.eye(width, dtype=table.dtype), x.T @ marks)


@taught
def pca_2d(items: ArrayLike) -> NDArray[np.floating]:
    """Flatten the items onto the plane that keeps most of their variance.

    Parameters
    ----------
    items : array_like, shape (n, d)
        At least two rows and two columns.

    Returns
    -------
    ndarray, shape (n, 2)
        Coordinates along the first two principal axes of the centred items, not rescaled. Signs are fixed: in each
        column the coordinate that is largest in size is positive. Distances can only shrink on the way to the map.

    Raises
    ------
    ValueError
        If the input is not a finite table, or is too small.

    Examples
    --------
    Four points on a line, seen from nearest to farthest:

    >>> pca_2d([[0, 0, 0], [2, 0, 0], [4, 0, 0], [10, 0, 0]])[:, 0]
    array([-4., -2.,  0.,  6.])
    """
    table = as_table(items, "items")
    if min(table.shape) < 2:
        raise ValueError(f"items must have at least two rows and two columns, got shape {table.shape}")
    centred = table - table.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    flat = centred @ axes[:2].T
    flat[:, values[:2] <= values[0] * max(table.shape) * np.finfo(table.dtype).eps] = 0
    peak = flat[np.abs(flat).argmax(axis=0), np.arange(2)]
    return flat * np.where(peak < 0, -1, 1).astype(table.dtype) + 0


def _table_of(interactions: Interactions | ArrayLike) -> NDArray[np.floating]:
    """Take either form of the interactions as a finite table."""
    return as_table(interactions.table() if isinstance(interactions, Interactions) else interactions, "interactions")
