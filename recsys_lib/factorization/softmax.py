"""Softmax over the whole catalogue: every item competes with every other for each rating."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.factorization.common import Callback, blocks_of, check_loss, check_settings, start_of
from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.factorization.optimisers import optimiser_of
from recsys_lib.interactions import Interactions, as_interactions
from recsys_lib.threads import on_one_thread


@on_one_thread
def fit_softmax(
    ratings: Interactions | ArrayLike,
    d: int,
    *,
    std: float,
    l2: float = 0.0,
    lr: float,
    steps: int,
    rng: np.random.Generator,
    optimiser: str = "adam",
    callback: Callback | None = None,
    dtype: Any = np.float32,
) -> Embeddings:
    """Learn users and items so that softmax(u . items) gives high probability to what each user rated.

    The objective, with p(x | u) = exp(u.x) / sum over all items of exp(u.x')::

        - mean over the ratings of log p(x | u)
        + l2 * (mean over users of |u|^2 + mean over items of |x|^2)

    Which rating was given does not matter, only that there is one. Every item is a negative of every user, so an item
    that nobody rated is pushed away at each step: a bad start is unlearnt.

    Source: the softmax over the whole corpus of P. Covington, J. Adams and E. Sargin, Deep Neural Networks for YouTube
    Recommendations, RecSys 2016, section 3.1, with a free vector for each user and without sampling.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"
    d : int
        Width of the space.
    std : float
        Standard deviation of every number at the start.
    l2 : float
        Weight of the penalty, 0 at least, without unit.
    lr : float
        Learning rate, the same for all steps.
    steps : int
        Number of steps, each over all ratings.
    rng : numpy.random.Generator
        The generator from which the start is drawn, and nothing else.
    optimiser : {"adam", "descent"}
        How the gradient moves the numbers: Adam, or plain descent.
    callback : callable ``(step, loss, embeddings)``, optional
        Called after every step with the objective at its beginning.
    dtype : float32 or float64
        The type in which the model is computed.

    Returns
    -------
    Embeddings
        ``users (n_users, d)`` and ``items (n_items, d)``. A user without a rating has the vector of the start,
        shrunk by L2 where there is any.

    Raises
    ------
    ValueError
        If a setting is out of range, or the loss runs away because `lr` is too large.

    Examples
    --------
    Two audiences; each user scores the item of the own audience higher:

    >>> model = fit_softmax([[1, 0], [1, 0], [0, 1]], 2, std=0.1, lr=0.1, steps=50, rng=np.random.default_rng(0))
    >>> (model.users @ model.items.T).argmax(axis=1)
    array([0, 0, 1])
    """
    ratings = as_interactions(ratings)
    check_settings(d, at_least_one={"steps": steps}, not_negative={"std": std, "l2": l2})
    move = optimiser_of(optimiser, lr)
    users, items = model = start_of(ratings, d, std, rng, dtype)
    blocks = list(blocks_of(ratings))
    pairs = np.empty((blocks[0].users.stop, ratings.n_items), dtype)
    n_users, n_items, n_ratings = ratings.n_users, ratings.n_items, len(ratings)
    shares = (ratings.activity / n_ratings).astype(dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # `check_loss` says it better
        for step in range(1, steps + 1):
            of_users, of_items, loss = np.empty_like(users), np.zeros_like(items), 0.0
            for block in blocks:
                own = users[block.users]
                table = pairs[: len(own)]
                np.matmul(own, items.T, out=table)
                table -= table.max(axis=1, keepdims=True)
                cells = table.reshape(-1)
                loss -= float(cells[block.cells].sum(dtype=np.float64)) / n_ratings
                np.exp(table, out=table)
                sums = table.sum(axis=1, keepdims=True)
                loss += float(shares[block.users] @ np.log(sums[:, 0]))
                table *= shares[block.users, None] / sums
                cells[block.cells] -= 1 / n_ratings
                np.matmul(table, items, out=of_users[block.users])
                of_items += table.T @ own
            if l2:
                loss += l2 * (float(np.sum(users**2)) / n_users + float(np.sum(items**2)) / n_items)
                of_users += 2 * l2 / n_users * users
                of_items += 2 * l2 / n_items * items
            check_loss(loss, step)
            move.step((users, items), (of_users, of_items))
            if callback is not None:
                callback(step, loss, model)
    return model
