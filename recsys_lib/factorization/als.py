"""Ratings as numbers to predict: the baseline of biases, and alternating least squares on top of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.factorization.common import check_settings, start_of
from recsys_lib.factorization.ridge import Bucket, buckets_of
from recsys_lib.interactions import Interactions, as_interactions
from recsys_lib.threads import on_one_thread

RIDGES = ("count", "flat")


@dataclass(frozen=True, eq=False)
class RatingModel:
    """A prediction for every rating: mean + user's bias + item's bias + u.x.

    Parameters
    ----------
    mean : float
        The mean of all training ratings.
    user_bias, item_bias : ndarray, shapes (n_users,) and (n_items,)
        How much higher a user rates, or an item is rated, than the mean. 0 for those without a rating.
    users, items : ndarray, shapes (n_users, d) and (n_items, d)
        The vectors, which stand for what mean and biases leave; of width 0 in the baseline.
    scale : (float, float) or None
        The lowest and the highest rating, to which predictions are clipped.
    """

    mean: float
    user_bias: NDArray[np.floating]
    item_bias: NDArray[np.floating]
    users: NDArray[np.floating]
    items: NDArray[np.floating]
    scale: tuple[float, float] | None = None

    def predict(self, user: ArrayLike, item: ArrayLike) -> NDArray[np.floating]:
        """Predict the ratings of some pairs.

        Parameters
        ----------
        user, item : array_like of int, shape (m,)
            The ids of each pair.

        Returns
        -------
        ndarray, shape (m,)
        """
        user, item = np.asarray(user), np.asarray(item)
        found = self.mean + self.user_bias[user] + self.item_bias[item]
        found = found + np.einsum("md,md->m", self.users[user], self.items[item])
        return found if self.scale is None else np.clip(found, *self.scale)

    def scores(self) -> NDArray[np.floating]:
        """Predict every rating, not clipped (clipping would tie the best).

        Returns
        -------
        ndarray, shape (n_users, n_items)
        """
        return self.mean + self.user_bias[:, None] + self.item_bias + self.users @ self.items.T


def fit_baseline(
    ratings: Interactions | ArrayLike, *, l2_users: float = 15.0, l2_items: float = 10.0, sweeps: int = 10
) -> RatingModel:
    """Predict a rating from how high the user rates and how high the item is rated; no vectors.

    The objective, over the ratings r of user u and item x::

        sum of (r - mean - b_u - b_x)^2 + l2_users * sum of b_u^2 + l2_items * sum of b_x^2

    It is solved by turns: all item biases, then all user biases, each exactly, from a start at 0. So there is no chance
    in it.

    Source: Y. Koren, Factor in the Neighbors, ACM TKDD 4(1), 2010, section 2.1; the defaults are those of Surprise's
    BaselineOnly.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"
    l2_users, l2_items : float
        Weights of the two penalties, in ratings: a user with as many ratings as `l2_users` gets half the bias that the
        ratings alone would give.
    sweeps : int
        How many times both sides are solved.

    Returns
    -------
    RatingModel
        Its vectors have width 0.

    Raises
    ------
    ValueError
        If a setting is out of range or there is no rating.

    Examples
    --------
    >>> model = fit_baseline([[5, 5, 0], [1, 1, 0]], l2_users=0, l2_items=1)
    >>> model.mean, model.user_bias, model.item_bias
    (3.0, array([ 2., -2.]), array([0., 0., 0.]))
    """
    ratings = as_interactions(ratings)
    check_settings(1, at_least_one={"sweeps": sweeps}, not_negative={"l2_users": l2_users, "l2_items": l2_items})
    mean = float(ratings.rating.mean())
    user_bias: NDArray[np.floating] = np.zeros(ratings.n_users)
    item_bias: NDArray[np.floating] = np.zeros(ratings.n_items)
    rest = ratings.rating - mean
    for _ in range(sweeps):
        item_bias = _biases(ratings.item, rest - user_bias[ratings.user], ratings.counts, l2_items)
        user_bias = _biases(ratings.user, rest - item_bias[ratings.item], ratings.activity, l2_users)
    empty = np.zeros((ratings.n_users, 0)), np.zeros((ratings.n_items, 0))
    return RatingModel(mean, user_bias, item_bias, *empty, scale=ratings.scale)


@on_one_thread
def fit_als(
    ratings: Interactions | ArrayLike,
    d: int,
    *,
    l2: float,
    sweeps: int = 10,
    std: float = 0.1,
    rng: np.random.Generator,
    biases: bool = True,
    ridge: str = "count",
    callback: Callable[[int, float, RatingModel], Any] | None = None,
) -> RatingModel:
    """Predict ratings by alternating least squares: one side is solved while the other stands still.

    The objective, over the ratings r of user u and item x, which have n_u and n_x ratings::

        sum of (r - mean - b_u - b_x - u.x)^2 + l2 * sum of n_u (|u|^2 + b_u^2) + l2 * sum of n_x (|x|^2 + b_x^2)

    That is the ridge by count; the flat one has 1 in the place of n_u and n_x, so that who has few ratings is shrunk
    more. Biases and vectors of one side are solved together. Each half of a sweep is exact, so the objective never
    rises. It has many minima: with little L2 the start decides in which one the vectors end.

    Source: Y. Zhou, D. Wilkinson, R. Schreiber and R. Pan, Large-Scale Parallel Collaborative Filtering for the Netflix
    Prize, AAIM 2008, section 3 (the ridge grows with the number of ratings); biases added.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"
    d : int
        Width of the space. It may exceed the rank of the table.
    l2 : float
        Weight of the penalty, above 0: without it a user with fewer ratings than d has no unique vector. By count it
        is per rating; a flat ridge is in squared errors per squared length, and needs more.
    sweeps : int
        How many times both sides are solved, users first.
    std : float
        Standard deviation of every number of the items at the start, above 0: from items at 0 nothing is learnt.
    rng : numpy.random.Generator
        The generator from which the start is drawn.
    biases : bool
        False leaves them out: mean, b_u and b_x are then all 0, and the vectors have to say everything.
    ridge : {"count", "flat"}
        Whether the penalty of a vector grows with its number of ratings, or is the same for all.
    callback : callable ``(sweep, loss, model)``, optional
        Called after every sweep with the objective divided by the number of ratings.

    Returns
    -------
    RatingModel
        A user or an item without a rating has a zero vector and the bias 0, so its predictions fall back on the rest.

    Raises
    ------
    ValueError
        If a setting is out of range or there is no rating.

    Examples
    --------
    >>> model = fit_als([[5, 1, 0], [4, 0, 2]], 1, l2=0.1, rng=np.random.default_rng(0))
    >>> model.predict([0, 0], [0, 1]).round(1)
    array([4.9, 1.1])
    """
    ratings = as_interactions(ratings)
    check_settings(d, at_least_one={"sweeps": sweeps}, not_negative={"l2": l2, "std": std})
    if not (l2 > 0 and std > 0):
        raise ValueError(f"l2 and std must be above 0, got {l2} and {std}")
    if ridge not in RIDGES:
        raise ValueError(f"ridge must be one of {', '.join(map(repr, RIDGES))}, got {ridge!r}")
    by_count = ridge == "count"
    mean = float(ratings.rating.mean()) if biases else 0.0
    users, items = start_of(ratings, d, std, rng, np.float64)
    users[:] = 0
    user_side = np.column_stack([users, np.zeros(ratings.n_users)])  # a vector, and the bias as its last number
    item_side = np.column_stack([items, np.zeros(ratings.n_items)])
    item_side[ratings.counts == 0] = 0
    by_user, by_item = ratings.by_user, ratings.by_item
    user_buckets, item_buckets = buckets_of(by_user, ratings.n_items), buckets_of(by_item, ratings.n_users)
    for sweep in range(1, sweeps + 1):
        _solve(user_side, item_side, user_buckets, by_user.ratings - mean, l2, biases, by_count)
        _solve(item_side, user_side, item_buckets, by_item.ratings - mean, l2, biases, by_count)
        if callback is not None:
            model = _model(mean, user_side, item_side, ratings)
            errors = ratings.rating - model.mean - model.user_bias[ratings.user] - model.item_bias[ratings.item]
            errors -= np.einsum("md,md->m", model.users[ratings.user], model.items[ratings.item])
            of_users, of_items = np.sum(user_side**2, axis=1), np.sum(item_side**2, axis=1)
            price = (
                ratings.activity @ of_users + ratings.counts @ of_items if by_count else of_users.sum() + of_items.sum()
            )
            callback(sweep, float(errors @ errors + l2 * price) / len(ratings), model)
    return _model(mean, user_side, item_side, ratings)


def _biases(ids: NDArray, rest: NDArray, sizes: NDArray, l2: float) -> NDArray[np.floating]:
    """Solve for one side's biases, given what is left of each rating."""
    return np.bincount(ids, weights=rest, minlength=len(sizes)) / np.maximum(sizes + l2, np.finfo(float).tiny)


def _solve(
    side: NDArray, other: NDArray, buckets: list[Bucket], rest: NDArray, l2: float, biases: bool, by_count: bool
) -> None:
    """Solve for one side, in place: its vectors against the other's, its biases against 1."""
    d = side.shape[1] - 1
    features = np.column_stack([other[:, :d], np.full(len(other), float(biases))])  # against 0 a bias stays 0
    features = np.vstack([features, np.zeros(d + 1)])  # the row that buckets are filled up with
    targets = np.append(rest, 0.0)
    bias_of_other = np.append(other[:, d], 0.0)
    diagonal = np.arange(d + 1)
    for bucket in buckets:
        x = features.take(bucket.others, axis=0)
        gram = x.transpose(0, 2, 1) @ x
        size = (bucket.others < len(other)).sum(axis=1) if by_count else np.ones(len(x))
        gram[:, diagonal, diagonal] += l2 * size[:, None]
        wanted = targets[bucket.entries] - bias_of_other[bucket.others]
        right = np.einsum("bl,bld->bd", wanted, x)
        side[bucket.problems] = np.linalg.solve(gram, right[..., None])[..., 0]


def _model(mean: float, user_side: NDArray, item_side: NDArray, ratings: Interactions) -> RatingModel:
    """Take vectors and biases apart."""
    return RatingModel(
        mean, user_side[:, -1].copy(), item_side[:, -1].copy(), user_side[:, :-1], item_side[:, :-1], ratings.scale
    )
