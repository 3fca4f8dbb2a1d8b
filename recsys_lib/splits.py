"""The course's splits into training and test ratings, each named and drawn from a seed."""

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
    return _quarter_of_each(data.user, data.n_users, seed)


def per_item_75_25(data: MovieLens, seed: int) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Hold out a quarter of each film's ratings, drawn at random; the rest is for training.

    Of a film's m ratings, a quarter is held out, rounded to the nearest whole number (halves up), so a film with a
    single rating keeps it and every film has a training rating. A user may lose more or fewer than a quarter.

    Parameters
    ----------
    data : MovieLens
    seed : int

    Returns
    -------
    train_rows, test_rows : ndarray of int
        Positions of ratings in `data`, ascending; together each of them once.

    Examples
    --------
    >>> from recsys_lib.datasets import synthetic_world
    >>> world = synthetic_world(0)
    >>> train_rows, test_rows = per_item_75_25(world, seed=0)
    >>> bool(world.matrix(train_rows).any(axis=0).all())
    True
    """
    return _quarter_of_each(data.item, data.n_items, seed)


def random_90_10(data: MovieLens, seed: int) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Hold out a tenth of all ratings, drawn at random whoever gave them and whatever for.

    Parameters
    ----------
    data : MovieLens
    seed : int

    Returns
    -------
    train_rows, test_rows : ndarray of int
        Positions of ratings in `data`, ascending; together each of them once. A user or a film may be in one part only.

    Examples
    --------
    >>> from recsys_lib.datasets import synthetic_world
    >>> train_rows, test_rows = random_90_10(synthetic_world(0), seed=0)
    >>> len(train_rows), len(test_rows)
    (15445, 1716)
    """
    order = np.random.default_rng(seed).permutation(len(data.user))
    held_out = np.sort(order[: round(len(order) / 10)])
    return np.setdiff1d(np.arange(len(order)), held_out), held_out


def five_folds(data: MovieLens, seed: int) -> list[tuple[NDArray[np.integer], NDArray[np.integer]]]:
    """Cut all ratings into five parts at random; each is the test part of one fold, the other four are for training.

    The order is that of ``numpy.random.RandomState(seed).permutation`` (the generator that published tables use).

    Parameters
    ----------
    data : MovieLens
    seed : int

    Returns
    -------
    list of (train_rows, test_rows)
        Five pairs of positions of ratings in `data`, ascending; the test parts together are each rating once.

    Examples
    --------
    >>> from recsys_lib.datasets import synthetic_world
    >>> [len(test_rows) for train_rows, test_rows in five_folds(synthetic_world(0), seed=0)]
    [3433, 3432, 3432, 3432, 3432]
    """
    order = np.random.RandomState(seed).permutation(len(data.user))
    parts = [np.sort(part) for part in np.array_split(order, 5)]
    return [(np.setdiff1d(np.arange(len(order)), part), part) for part in parts]


def _quarter_of_each(
    owner: NDArray[np.integer], n_owners: int, seed: int
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Hold out a quarter of what each user, or each film, has."""
    rng = np.random.default_rng(seed)
    owner = np.asarray(owner)
    order = np.lexsort((rng.random(len(owner)), owner))  # by owner, at random within one
    sizes = np.bincount(owner, minlength=n_owners)
    first = np.cumsum(sizes) - sizes
    place = np.empty(len(owner), dtype=np.int64)
    place[order] = np.arange(len(owner)) - first[owner[order]]
    held_out = place < (sizes[owner] + 2) // 4  # a quarter, rounded
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
