"""The course's splits into training and test ratings, each named and drawn from a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
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


def last_of_each_75_25(data: MovieLens) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Hold out the last quarter of each user's ratings in time; the rest is for training.

    Of a user's m ratings, a quarter is held out, rounded to the nearest whole number (halves up). Ratings of the same
    second count in the order of the file, so the cut may go through one; and one user's past may be another's future.

    Parameters
    ----------
    data : MovieLens

    Returns
    -------
    train_rows, test_rows : ndarray of int
        Positions of ratings in `data`, ascending; together each of them once.

    Examples
    --------
    >>> from recsys_lib.datasets import synthetic_world
    >>> world = synthetic_world(0)
    >>> train_rows, test_rows = last_of_each_75_25(world)
    >>> mine = world.user[train_rows] == 0, world.user[test_rows] == 0
    >>> bool(world.timestamp[train_rows][mine[0]].max() <= world.timestamp[test_rows][mine[1]].min())
    True
    """
    return _quarter_of_each(data.user, data.n_users, np.asarray(data.timestamp))


@taught
def temporal_split(user: ArrayLike, time: ArrayLike, share: float) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Cut all ratings at one moment: what came before is for training, what comes after is held out.

    The cut is the latest time for which the ratings at that time or later are at least `share` of all, so equal times
    are never torn apart. Held-out ratings of users without a training rating are left out of both parts.

    Parameters
    ----------
    user, time : array_like of int, shape (m,)
        Who gave each rating, and when.
    share : float
        Between 0 and 1.

    Returns
    -------
    train_rows, test_rows : ndarray of int
        Positions of ratings, ascending.

    Raises
    ------
    ValueError
        If the two are not lists of equal length, the share is not between 0 and 1, or no rating is before the cut.

    Examples
    --------
    The cut is at 40, and user 2 has no past:

    >>> temporal_split([0, 1, 0, 1, 2, 0], [10, 50, 30, 20, 40, 40], 0.25)
    (array([0, 2, 3]), array([1, 5]))
    """
    who, when = np.asarray(user), np.asarray(time)
    if who.ndim != 1 or who.shape != when.shape or not who.size:
        raise ValueError(f"user and time must be lists of equal length, got shapes {who.shape} and {when.shape}")
    if not 0 < share < 1:
        raise ValueError(f"share must lie between 0 and 1, got {share}")
    late = when >= np.sort(when)[::-1][int(np.ceil(share * len(when))) - 1]
    if late.all():
        raise ValueError("no rating is before the cut: too many share the earliest time")
    return np.flatnonzero(~late), np.flatnonzero(late & np.isin(who, who[~late]))


def table_75_25(
    data: MovieLens, seed: int = 42, *, rows: ArrayLike | None = None
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Split as a published table does: a quarter of each film's ratings by its own generator, rounded half to even.

    Source: recommenders (recommenders-team), ``python_stratified_split`` with ``ratio=0.75``, ``filter_by="item"`` and
    ``seed=42``, as the table of its benchmark notebook uses it. One number is drawn for each rating in the order of the
    file, each film's ratings are put in the order of these, and the first three quarters are for training.

    Parameters
    ----------
    data : MovieLens
    seed : int
    rows : array_like of int, optional
        The ratings to split, for instance the training part of another split. All by default.

    Returns
    -------
    train_rows, test_rows : ndarray of int
        Positions of ratings in `data`, in the order of `rows`; together each of these once.

    Examples
    --------
    >>> from recsys_lib.datasets import synthetic_world
    >>> world = synthetic_world(0)
    >>> train_rows, test_rows = table_75_25(world)
    >>> len(train_rows) + len(test_rows) == len(world.user)
    True
    """
    chosen = np.arange(len(data.user)) if rows is None else np.asarray(rows)
    item = data.item[chosen]
    place = _places_within(item, data.n_items, np.random.RandomState(seed).random_sample(len(item)))
    train = place < np.round(0.75 * np.bincount(item, minlength=data.n_items))[item]
    return chosen[train], chosen[~train]


def _places_within(owner: NDArray[np.integer], n_owners: int, key: NDArray) -> NDArray[np.integer]:
    """Say which place, from 0, each rating has among its owner's by the key; ties in the order of the file."""
    owner = np.asarray(owner)
    order = np.lexsort((key, owner))
    sizes = np.bincount(owner, minlength=n_owners)
    first = np.cumsum(sizes) - sizes
    place = np.empty(len(owner), dtype=np.intp)
    place[order] = np.arange(len(owner)) - first[owner[order]]
    return place


def _quarter_of_each(
    owner: NDArray[np.integer], n_owners: int, seed_or_time: int | NDArray
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Hold out a quarter of what each user, or each film, has: at random from a seed, or the last in time."""
    owner = np.asarray(owner)
    sizes = np.bincount(owner, minlength=n_owners)[owner]
    quarter = (sizes + 2) // 4  # rounded
    if isinstance(seed_or_time, np.ndarray):
        held_out = _places_within(owner, n_owners, seed_or_time) >= sizes - quarter
    else:
        lots = np.random.default_rng(seed_or_time).random(len(owner))
        held_out = _places_within(owner, n_owners, lots) < quarter
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
