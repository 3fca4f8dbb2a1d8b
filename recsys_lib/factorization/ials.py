"""Implicit alternating least squares (iALS): every pair counts, rated or not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.factorization.common import Callback, check_settings, start_of
from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.factorization.ridge import Bucket, buckets_of, improved
from recsys_lib.interactions import Interactions, as_interactions
from recsys_lib.threads import on_one_thread


@on_one_thread
def fit_ials(
    ratings: Interactions | ArrayLike,
    d: int,
    *,
    l2: float,
    unobserved_weight: float,
    sweeps: int = 10,
    std: float = 0.1,
    rng: np.random.Generator,
    cg_steps: int = 2,
    callback: Callback | None = None,
    dtype: Any = np.float32,
) -> Embeddings:
    """Learn users and items by implicit alternating least squares.

    The objective, with w short for `unobserved_weight`::

        sum over rated pairs of (1 - u.x)^2 + w * sum over all other pairs of (u.x)^2
        + l2 * (sum over users of |u|^2 + sum over items of |x|^2)

    Each half of a sweep improves one side while the other stands still, so the objective never rises. The sum over all
    pairs costs no more than that over the rated ones: the unrated pairs enter by one matrix X'X of width d, the same
    for all users. Since they count, norms follow popularity and the start is forgotten.

    Source: Y. Hu, Y. Koren and C. Volinsky, Collaborative Filtering for Implicit Feedback Datasets, ICDM 2008,
    equations 3 to 5, divided by 1 + alpha: w = 1 / (1 + alpha), and their lambda is l2 / w.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"
        Which rating was given does not matter.
    d : int
        Width of the space. It may exceed the rank of the table.
    l2 : float
        Weight of the penalty, above 0, in squared errors per squared length.
    unobserved_weight : float
        How much an unrated pair counts beside a rated one, above 0 and at most 1.
    sweeps : int
        How many times both sides are solved, users first.
    std : float
        Standard deviation of every number of the items at the start, above 0.
    rng : numpy.random.Generator
        The generator from which the start is drawn.
    cg_steps : int
        How many steps of conjugate gradients, from where the vector stands, each half of a sweep takes. With d of them
        it is exact; two cost a fraction and need no more sweeps (``benchmarks/ials.py``).
    callback : callable ``(sweep, loss, embeddings)``, optional
        Called after every sweep with the objective divided by the number of ratings.
    dtype : float32 or float64
        The type in which the model is computed.

    Returns
    -------
    Embeddings
        ``users (n_users, d)`` and ``items (n_items, d)``. A user or an item without a rating is an exact zero row.

    Raises
    ------
    ValueError
        If a setting is out of range or there is no rating.

    Examples
    --------
    Two audiences, and an item that nobody rated:

    >>> ratings = [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0]]
    >>> model = fit_ials(ratings, 2, l2=0.01, unobserved_weight=0.1, rng=np.random.default_rng(0))
    >>> (model.users @ model.items.T).round(1) + 0.0
    array([[1., 1., 0., 0., 0.],
           [1., 1., 0., 0., 0.],
           [0., 0., 1., 1., 0.]], dtype=float32)
    """
    ratings = as_interactions(ratings)
    check_settings(d, at_least_one={"sweeps": sweeps, "cg_steps": cg_steps}, not_negative={"l2": l2, "std": std})
    if not (l2 > 0 and std > 0):
        raise ValueError(f"l2 and std must be above 0, got {l2} and {std}")
    if not 0 < unobserved_weight <= 1:
        raise ValueError(f"unobserved_weight must lie above 0 and at most at 1, got {unobserved_weight}")
    users, items = model = start_of(ratings, d, std, rng, dtype)
    users[:] = 0
    items[ratings.counts == 0] = 0
    user_buckets = buckets_of(ratings.by_user, ratings.n_items)
    item_buckets = buckets_of(ratings.by_item, ratings.n_users)
    for sweep in range(1, sweeps + 1):
        _improve(users, items, user_buckets, l2, unobserved_weight, cg_steps)
        _improve(items, users, item_buckets, l2, unobserved_weight, cg_steps)
        if callback is not None:
            callback(sweep, ials_loss(ratings, model, l2, unobserved_weight), model)
    return model


def ials_loss(ratings: Interactions | ArrayLike, model: Embeddings, l2: float, unobserved_weight: float) -> float:
    """Give the objective of `fit_ials` divided by the number of ratings, without looking at every pair.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"
    model : Embeddings
    l2, unobserved_weight : float
        The settings of the objective, as in `fit_ials`.

    Returns
    -------
    float

    Examples
    --------
    One pair is rated and predicted as 1, the other is not and predicted as 0.5; the penalty is 1 + 1 + 0.25:

    >>> ials_loss([[1, 0]], Embeddings(np.array([[1.0]]), np.array([[1.0], [0.5]])), l2=1.0, unobserved_weight=0.5)
    2.375
    """
    ratings = as_interactions(ratings)
    users, items = np.asarray(model.users, dtype=float), np.asarray(model.items, dtype=float)
    rated = np.einsum("md,md->m", users[ratings.user], items[ratings.item])
    everywhere = float(np.sum((users.T @ users) * (items.T @ items)))  # sum over all pairs of (u.x)^2
    squares = float(np.sum((1 - rated) ** 2)) + unobserved_weight * (everywhere - float(rated @ rated))
    return (squares + l2 * float(np.sum(users**2) + np.sum(items**2))) / len(ratings)


def ials_users(
    ratings: Interactions | ArrayLike, items: ArrayLike, *, l2: float, unobserved_weight: float
) -> NDArray[np.floating]:
    """Place users among items that stay as they are: the half of a sweep of `fit_ials` that improves users, exactly.

    So users can be served whose ratings the items were not trained on.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"
        Which rating was given does not matter.
    items : array_like, shape (n_items, d)
    l2, unobserved_weight : float
        The settings of the objective, as in `fit_ials`.

    Returns
    -------
    ndarray, shape (n_users, d)
        A user without a rating is an exact zero row. float32 where the items are, else float64.

    Raises
    ------
    ValueError
        If the items do not fit the ratings, or a setting is out of range.

    Examples
    --------
    One film, its vector 2: u minimises (1 - 2 u)^2 + u^2, which is least at 2 / 5:

    >>> ials_users([[1], [0]], [[2.0]], l2=1.0, unobserved_weight=0.5)
    array([[0.4],
           [0. ]])
    """
    ratings = as_interactions(ratings)
    table = np.asarray(items)
    table = table if table.dtype == np.float32 else table.astype(float)
    if table.ndim != 2 or len(table) != ratings.n_items:
        raise ValueError(f"items must have shape (n_items, d) with {ratings.n_items} rows, got {table.shape}")
    if not (l2 > 0 and 0 < unobserved_weight <= 1):
        raise ValueError(f"l2 must be above 0 and unobserved_weight in (0, 1], got {l2} and {unobserved_weight}")
    users = np.zeros((ratings.n_users, table.shape[1]), table.dtype)
    buckets = buckets_of(ratings.by_user, ratings.n_items)
    _improve(users, table, buckets, l2, unobserved_weight, cg_steps=2 * table.shape[1])
    return users


def _improve(side: NDArray, other: NDArray, buckets: list[Bucket], l2: float, weight: float, cg_steps: int) -> None:
    """Improve one side in place; rows without a rating are in no bucket and stay zero."""
    d = side.shape[1]
    everywhere = weight * (other.T @ other) + l2 * np.eye(d, dtype=side.dtype)
    preconditioner = np.linalg.inv(everywhere)  # exact for a user who rated nothing, near for one who rated little
    padded = np.vstack([other, np.zeros((1, d), other.dtype)])  # the row that buckets are filled up with
    for bucket in buckets:
        x = padded.take(bucket.others, axis=0)  # four times as fast as padded[bucket.others]
        gram = x.transpose(0, 2, 1) @ x
        gram *= 1 - weight
        gram += everywhere
        right = np.ones(x.shape[1], x.dtype) @ x  # the sum over a user's items, as a product: faster than .sum
        side[bucket.problems] = improved(side[bucket.problems], gram, right, preconditioner, cg_steps)
