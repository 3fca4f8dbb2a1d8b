"""Two towers trained in batches: the other items of a batch are the negatives of each rating in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.factorization.common import Callback, check_loss, check_settings, start_of
from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.factorization.optimisers import RowWiseAdagrad
from recsys_lib.interactions import Interactions, as_interactions
from recsys_lib.threads import on_one_thread

CORRECTIONS = {"none": 0.0, "subtract": 1.0, "add": -1.0}
"""What `fit_two_tower` may do with log q, and how often it is then subtracted from a logit."""

Gradients = Callable[[NDArray, NDArray, NDArray, NDArray, NDArray], tuple[NDArray, NDArray]]
"""``gradients(users, items, who, what, logq) -> (of users, of items)``, as `batch_gradients`."""


@taught
def softmax_xent(logits: ArrayLike) -> float:
    """Compute the mean cross-entropy of softmax rows whose right answer is on the diagonal.

    For row i of the table l that is ``-log(exp(l[i, i]) / sum over j of exp(l[i, j]))``. The largest logit of a row is
    subtracted first, which changes nothing and keeps `exp` from overflowing.

    Parameters
    ----------
    logits : array_like, shape (b, b)
        Scores of b queries (rows) for b items (columns), of which item i is the right one for query i.

    Returns
    -------
    float
        0 at least, without unit (nats).

    Raises
    ------
    ValueError
        If `logits` is no square table.

    Examples
    --------
    Two equal logits say nothing, which costs log 2:

    >>> round(softmax_xent([[3.0, 3.0], [0.0, 1000.0]]), 4)
    0.3466
    """
    table = _square(logits)
    table = table - table.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(table).sum(axis=1)) - np.diagonal(table)))


@taught
def in_batch_logits(u: ArrayLike, x: ArrayLike, logq: ArrayLike) -> NDArray[np.floating]:
    """Score every item of a batch for every query of it, corrected for how often each item turns up in a batch.

    Entry [i, j] is ``u[i] . x[j] - logq[j]``, the positive pairs on the diagonal included. The gradient of such a
    sampled softmax, whose negatives are drawn with probabilities q, comes near that of the full one as the sample
    grows.

    Source: the correction is that of Y. Bengio and J.-S. Senecal, Quick Training of Probabilistic Neural Nets by
    Importance Sampling, AISTATS 2003; for the items of a batch X. Yi and others, Sampling-Bias-Corrected Neural
    Modeling for Large Corpus Item Recommendations, RecSys 2019, section 3.

    Parameters
    ----------
    u, x : array_like, shape (b, d)
        The queries and the items of the batch: pair i is ``u[i]`` and ``x[i]``.
    logq : array_like, shape (b,)
        Natural logarithm of the probability that a pair of a batch holds this item.

    Returns
    -------
    ndarray, shape (b, b)

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    >>> in_batch_logits([[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 3.0]], np.log([0.5, 0.25])).round(2)
    array([[2.69, 1.39],
           [0.69, 4.39]])
    """
    u, x, logq = np.asarray(u), np.asarray(x), np.asarray(logq)
    if u.ndim != 2 or u.shape != x.shape or logq.shape != u.shape[:1]:
        raise ValueError(f"u and x must be (b, d) and logq (b,), got {u.shape}, {x.shape} and {logq.shape}")
    return u @ x.T - logq


@taught
def mask_accidental_hits(logits: ArrayLike, items: ArrayLike) -> NDArray[np.floating]:
    """Set to minus infinity each logit of a pair with an item that is the pair's own, in another place of the batch.

    Parameters
    ----------
    logits : array_like, shape (b, b)
    items : array_like of int, shape (b,)
        Which item stands in each column, and is the right one of the row of the same number.

    Returns
    -------
    ndarray of float, shape (b, b)
        The diagonal is as it was.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.

    Examples
    --------
    Item 7 is in the batch twice:

    >>> mask_accidental_hits([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], [7, 5, 7])
    array([[  1.,   2., -inf],
           [  4.,   5.,   6.],
           [-inf,   8.,   9.]])
    """
    table, items = _square(logits), np.asarray(items)
    if items.shape != table.shape[:1]:
        raise ValueError(f"items must have shape ({len(table)},), got {items.shape}")
    same = items[:, None] == items
    np.fill_diagonal(same, False)
    return np.where(same, -np.inf, table)


@taught
def batch_gradients(
    users: NDArray, items: NDArray, who: NDArray[np.integer], what: NDArray[np.integer], logq: NDArray
) -> tuple[NDArray, NDArray]:
    """Differentiate the in-batch softmax loss of one batch by all numbers of both tables.

    The loss is ``softmax_xent(in_batch_logits(users[who], items[what], logq[what]))``. A user or an item that is in the
    batch several times collects the gradients of all its places.

    Parameters
    ----------
    users : ndarray, shape (n_users, d)
    items : ndarray, shape (n_items, d)
    who, what : ndarray of int, shape (b,)
        The ratings of the batch: user ``who[i]`` rated item ``what[i]``.
    logq : ndarray, shape (n_items,)
        As in `in_batch_logits`, for every item of the catalogue.

    Returns
    -------
    of_users : ndarray, shape (n_users, d)
    of_items : ndarray, shape (n_items, d)
        Zero for whoever is not in the batch.

    Examples
    --------
    One pair has no negative, so there is nothing to learn:

    >>> of_users, of_items = batch_gradients(np.ones((2, 1)), np.ones((3, 1)), *np.array([[0], [2]]), np.zeros(3))
    >>> float(abs(of_users).max()), float(abs(of_items).max())
    (0.0, 0.0)
    """
    u, x, b = users[who], items[what], len(who)
    share = u @ x.T
    share -= logq[what]
    share -= share.max(axis=1, keepdims=True)
    np.exp(share, out=share)
    scale = 1 / (b * (share @ np.ones((b, 1), share.dtype)))  # divides the small tables, and not the large one
    of_u, of_x = share @ x, share.T @ (scale * u)
    of_u *= scale
    of_u -= x / b
    of_x -= u / b
    return _added(who, of_u, users), _added(what, of_x, items)


def log_q(counts: ArrayLike) -> NDArray[np.floating]:
    """Give the logarithm of the probability with which an item stands in a place of a batch of ratings.

    Parameters
    ----------
    counts : array_like, shape (n_items,)
        Number of training ratings of each item.

    Returns
    -------
    ndarray, shape (n_items,)
        Natural logarithms of the shares; minus infinity for an item without a rating.

    Raises
    ------
    ValueError
        If `counts` is not a list of numbers, 0 at least, of which one is above 0.

    Examples
    --------
    >>> log_q([3, 1, 0]).round(2)
    array([-0.29, -1.39,  -inf])
    """
    counts = np.asarray(counts, dtype=float)
    if counts.ndim != 1 or not (np.isfinite(counts).all() and (counts >= 0).all() and counts.any()):
        raise ValueError(f"counts must be a list of numbers, 0 at least and not all 0, got shape {counts.shape}")
    with np.errstate(divide="ignore"):
        return np.log(counts / counts.sum())


@on_one_thread
def fit_two_tower(
    ratings: Interactions | ArrayLike,
    d: int,
    *,
    correction: str = "subtract",
    features: ArrayLike | None = None,
    std: float = 0.1,
    lr: float = 0.1,
    epochs: int = 8,
    batch: int = 256,
    rng: np.random.Generator,
    gradients: Gradients = batch_gradients,
    callback: Callback | None = None,
    dtype: Any = np.float32,
) -> Embeddings:
    """Learn users and items from batches of ratings, each of which has the others' items as its negatives.

    A popular item is in many batches, so it is a negative more often than a rare one, and is pushed away for that.
    Subtracting log q, the logarithm of its share of the ratings, from its logits takes this back.

    Each tower is a table with a row a user or an item. With `features` the tower of the items is a linear map instead:
    an item's vector is ``features @ weights``, so that items which nobody has rated have one, too.

    Source: X. Yi and others, Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations, RecSys
    2019, algorithm 1, with known q. An item that is in a batch twice is a negative of itself; nothing is masked.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"
        Which rating was given does not matter.
    d : int
        Width of the space.
    correction : {"subtract", "none", "add"}
        What is done with log q: subtracted from the logits, nothing, or added (which is wrong, and has been released).
    features : array_like, shape (n_items, f), optional
        What is known of each item; an item's row must not be all zeros.
    std : float
        Standard deviation of every number at the start, of a user's vector and of an item's (with `features`: of a
        weight).
    lr : float
        Learning rate of row-wise Adagrad.
    epochs : int
        How many times all ratings are gone through.
    batch : int
        How many ratings one step learns from, 2 at least; what is left over at the end of an epoch is a smaller one.
    rng : numpy.random.Generator
        The generator from which the start and the order of the ratings are drawn.
    gradients : callable, optional
        What `batch_gradients` does; lessons put a learner's own here.
    callback : callable ``(epoch, loss, embeddings)``, optional
        Called after every epoch with the loss of its last whole batch, taken before that batch's step.
    dtype : float32 or float64
        The type in which the model is computed.

    Returns
    -------
    Embeddings
        ``users (n_users, d)`` and ``items (n_items, d)``. A user, or without `features` an item, without a rating has
        the vector of the start.

    Raises
    ------
    ValueError
        If a setting is out of range, `features` does not fit, or the loss runs away because `lr` is too large.

    Examples
    --------
    >>> model = fit_two_tower([[1, 0], [1, 0], [0, 1]], 2, epochs=200, batch=3, rng=np.random.default_rng(0))
    >>> (model.users @ model.items.T).argmax(axis=1)
    array([0, 0, 1])
    """
    ratings = as_interactions(ratings)
    check_settings(d, at_least_one={"epochs": epochs}, not_negative={"std": std})
    if int(batch) != batch or batch < 2:
        raise ValueError(f"batch must be a whole number, 2 at least, got {batch}")
    if correction not in CORRECTIONS:
        raise ValueError(f"correction must be one of {', '.join(map(repr, CORRECTIONS))}, got {correction!r}")
    if not (np.isfinite(lr) and lr > 0):
        raise ValueError(f"lr (the learning rate) must be above 0, got {lr}")
    towers = start_of(ratings, d, std, rng, dtype)
    content = None if features is None else _features(features, ratings.n_items, dtype)
    weights = towers.items if content is None else (std * rng.standard_normal((content.shape[1], d))).astype(dtype)
    # An item without a rating is in no batch: what stands for its log q is never read.
    logq = (CORRECTIONS[correction] * np.log(np.maximum(ratings.counts, 1) / len(ratings))).astype(dtype)
    move = RowWiseAdagrad(lr)
    items = weights if content is None else content @ weights
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(ratings))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            who, what = ratings.user[rows], ratings.item[rows]
            some_users, some_items = (
                np.flatnonzero(np.bincount(rows, minlength=n))
                for rows, n in ((who, ratings.n_users), (what, ratings.n_items))
            )
            if content is not None:  # a batch looks at its own items alone
                known = content[some_items]
                items[some_items] = known @ weights
            if callback is not None and start == max(0, len(order) - batch) // batch * batch:
                loss = softmax_xent(in_batch_logits(towers.users[who], items[what], logq[what]))
            of_users, of_items = gradients(towers.users, items, who, what, logq)
            if content is None:
                move.step((towers.users, weights), (of_users, of_items), (some_users, some_items))
            else:
                move.step((towers.users, weights), (of_users, known.T @ of_items[some_items]), (some_users, None))
        if content is not None:
            items = content @ weights
        check_loss(float(np.sum(items, dtype=np.float64)), epoch)
        if callback is not None:
            callback(epoch, loss, Embeddings(towers.users, items))
    return Embeddings(towers.users, items)


def _added(rows: NDArray[np.integer], changes: NDArray[np.floating], like: NDArray[np.floating]) -> NDArray:
    """Add up the changes of each row of a table like this one; half the time of `numpy.add.at`."""
    d = changes.shape[1]
    cells = (d * rows[:, None] + np.arange(d)).ravel()
    return np.bincount(cells, weights=changes.ravel(), minlength=like.size).reshape(like.shape).astype(like.dtype)


def _square(logits: ArrayLike) -> NDArray[np.floating]:
    """Take a square table of numbers, or say what is wrong with it."""
    table = np.asarray(logits, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not len(table):
        raise ValueError(f"logits must have shape (b, b), got {table.shape}")
    return table


def _features(features: ArrayLike, n_items: int, dtype: Any) -> NDArray[np.floating]:
    """Take a table with a row for each item, or say what is wrong with it."""
    table = np.asarray(features, dtype=dtype)
    if table.ndim != 2 or len(table) != n_items or not np.isfinite(table).all():
        raise ValueError(f"features must hold numbers and have shape ({n_items}, f), got {table.shape}")
    empty = np.flatnonzero(~table.any(axis=1))
    if len(empty):
        raise ValueError(f"features has nothing but zeros for item {empty[0]}, so its vector would be zero")
    return table
