"""Bayesian personalised ranking: learn from pairs of an item that a user rated and one that the user did not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.factorization.common import Callback, add_to_rows, check_loss, check_settings, start_of
from recsys_lib.factorization.embeddings import Embeddings
from recsys_lib.interactions import Interactions, as_interactions
from recsys_lib.threads import on_one_thread

BATCH = 1024
"""How many triples one step learns from."""
L2_BY = ("triple", "row")


@on_one_thread
def fit_bpr(
    ratings: Interactions | ArrayLike,
    d: int,
    *,
    std: float = 0.1,
    l2: float = 0.01,
    lr: float = 0.05,
    epochs: int,
    rng: np.random.Generator,
    l2_by: str = "triple",
    callback: Callback | None = None,
    dtype: Any = np.float32,
) -> Embeddings:
    """Learn users and items so that each user scores a rated item above an unrated one.

    The objective, over triples drawn at random (u and x a rating, y any item that u did not rate)::

        mean of - log sigmoid(u.x - u.y) + l2 / 2 * (|u|^2 + |x|^2 + |y|^2)

    Stochastic gradient steps over 1,024 triples at a time, whose moves are added up. An unrated item is drawn as y
    however rare it is, so its vector moves, too. With L2 by triple, as in the source, a vector is shrunk each time that
    it is drawn: the popular most. L2 by row shrinks all users alike and all items alike, at the mean of those rates::

        l2 / 2 * (mean over users of |u|^2 + 2 * mean over items of |x|^2)

    Source: S. Rendle, C. Freudenthaler, Z. Gantner and L. Schmidt-Thieme, BPR: Bayesian Personalized Ranking from
    Implicit Feedback, UAI 2009, section 4.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"
        Which rating was given does not matter.
    d : int
        Width of the space.
    std : float
        Standard deviation of every number at the start.
    l2 : float
        Weight of the penalty on the three vectors of a triple, 0 at least.
    l2_by : {"triple", "row"}
        Whether L2 shrinks the vectors of a triple, or every vector at each step.
    lr : float
        Learning rate: how far one triple moves its vectors.
    epochs : int
        How many times as many triples are drawn as there are ratings.
    rng : numpy.random.Generator
        The generator from which the start and the triples are drawn.
    callback : callable ``(epoch, loss, embeddings)``, optional
        Called after every epoch with the mean of - log sigmoid(u.x - u.y) over it.
    dtype : float32 or float64
        The type in which the model is computed.

    Returns
    -------
    Embeddings
        ``users (n_users, d)`` and ``items (n_items, d)``. A user without a rating, or with every item rated, is in no
        triple and keeps the vector of the start.

    Raises
    ------
    ValueError
        If a setting is out of range, nobody has an unrated item, or the loss runs away because `lr` is too large.

    Examples
    --------
    >>> model = fit_bpr([[1, 0], [1, 0], [0, 1]], 2, epochs=400, rng=np.random.default_rng(0))
    >>> (model.users @ model.items.T).argmax(axis=1)
    array([0, 0, 1])
    """
    ratings = as_interactions(ratings)
    check_settings(d, at_least_one={"epochs": epochs}, not_negative={"std": std, "l2": l2})
    if not (np.isfinite(lr) and lr > 0):
        raise ValueError(f"lr (the learning rate) must be above 0, got {lr}")
    if l2_by not in L2_BY:
        raise ValueError(f"l2_by must be one of {', '.join(map(repr, L2_BY))}, got {l2_by!r}")
    of_triple, of_row = (l2, 0.0) if l2_by == "triple" else (0.0, l2)
    users, items = model = start_of(ratings, d, std, rng, dtype)
    usable = np.flatnonzero(ratings.activity[ratings.user] < ratings.n_items)
    if not len(usable):
        raise ValueError("every user rated every item, so there is no pair of a rated and an unrated item")
    keys = ratings.user * ratings.n_items + ratings.item  # ascending
    for epoch in range(1, epochs + 1):
        order = usable[rng.integers(len(usable), size=len(usable))]
        who, liked = ratings.user[order], ratings.item[order]
        other = _unrated(keys, who, ratings.n_items, rng)
        total = 0.0
        for start in range(0, len(order), BATCH):
            batch = slice(start, start + BATCH)
            u, x, y = users[who[batch]], items[liked[batch]], items[other[batch]]
            margin = np.einsum("bd,bd->b", u, x - y)
            total += float(np.logaddexp(0, -margin).sum(dtype=np.float64))
            push = (1 / (1 + np.exp(np.minimum(margin, 80))))[:, None]  # sigmoid(-margin)
            add_to_rows(users, who[batch], lr * (push * (x - y) - of_triple * u))
            both = np.concatenate([lr * (push * u - of_triple * x), lr * (-push * u - of_triple * y)])
            add_to_rows(items, np.concatenate([liked[batch], other[batch]]), both)
            if of_row:
                users *= 1 - lr * of_row * len(u) / ratings.n_users
                items *= 1 - lr * of_row * 2 * len(u) / ratings.n_items
        check_loss(total, epoch)
        if callback is not None:
            callback(epoch, total / len(order), model)
    return model


def _unrated(
    keys: NDArray[np.integer], who: NDArray[np.integer], n_items: int, rng: np.random.Generator
) -> NDArray[np.integer]:
    """Draw for each of some users one item that the user did not rate; `keys` holds the rated pairs, ascending."""
    drawn = rng.integers(n_items, size=len(who))
    again = np.arange(len(who))
    while len(again):
        wanted = who[again] * n_items + drawn[again]
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        again = again[keys[place] == wanted]
        drawn[again] = rng.integers(n_items, size=len(again))
    return drawn
