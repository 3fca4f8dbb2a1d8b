"""The named splits, each from a seed: nobody splits by hand, so every number of the course names its split and seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys_lib.datasets import MovieLens


def per_user_75_25(data: MovieLens, seed: int) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Hold out a quarter of each user's ratings, drawn at random; the rest is for training.

    Of a user's m ratings, a quarter is held out, rounded to the nearest whole number (halves up). Every user with two
    ratings or more is in both parts. A film may lose all its ratings to the test part: on MovieLens-100K 34 to 50 films
    do on the first ten seeds, and an SVD of the training part leaves them as zero rows.

    Parameters
    ----------
    data : MovieLens
    seed : int
        The same seed gives the same split, whatever the order of earlier random draws.

    Returns
    -------
    train_rows, test_rows : ndarray of int
        Positions of ratings in `data`, ascending; together each of them once.

    Examples
    --------
    >>> from recsys_lib.datasets import synthetic_world
    >>> world = synthetic_world(0)
    >>> train_rows, test_rows = per_user_75_25(world, seed=0)
    >>> len(train_rows) + len(test_rows) == len(world.user)
    True
    """
    rng = np.random.default_rng(seed)
    user = np.asarray(data.user)
    order = np.lexsort((rng.random(len(user)), user))  # by user, at random within a user
    sizes = np.bincount(user, minlength=data.n_users)
    first = np.cumsum(sizes) - sizes
    place = np.empty(len(user), dtype=np.int64)
    place[order] = np.arange(len(user)) - first[user[order]]
    held_out = place < (sizes[user] + 2) // 4  # a quarter, rounded
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
