"""Synthetic data: a world whose truth is known, and the three items of the course's text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys_lib.datasets.movielens import GENRES, MovieLens


def three_items() -> tuple[NDArray[np.floating], NDArray[np.floating], list[str]]:
    """Give a query and three items on which dot product, cosine and distance all disagree.

    Returns
    -------
    q : ndarray, shape (2,)
    items : ndarray, shape (3, 2)
    names : list of str

    Examples
    --------
    >>> q, items, names = three_items()
    >>> dict(zip(names, (items @ q).tolist()))
    {'A': 18.0, 'B': 16.0, 'C': 7.0}
    """
    return np.array([4.0, 3.0]), np.array([[0.0, 6.0], [4.0, 0.0], [1.0, 1.0]]), ["A", "B", "C"]


def synthetic_world(
    seed: int = 0, *, n_users: int = 300, n_items: int = 400, mean_ratings: float = 60.0, dim: int = 8
) -> MovieLens:
    """Make a world whose truth is known: tastes by genre, a few popular films, and norms that follow popularity.

    Every film has a direction (from its genres) and a norm (from its place in a heavy-tailed order of popularity);
    every user has a direction (from two favourite genres). A user rates films at random, more often those with a
    large dot product and a large popularity. So popular films are the long vectors, as in models of real data.

    Parameters
    ----------
    seed : int
        The same seed gives the same world.
    n_users, n_items : int
    mean_ratings : float
        The average number of ratings per user. Every user has at least 20 and every film at least one. One film in 25
        has exactly one, so a split leaves some films without a training rating, as it does on MovieLens.
    dim : int
        Width of the planted embeddings.

    Returns
    -------
    MovieLens
        ``source`` is ``"synthetic"``; ``true_users`` and ``true_items`` hold the planted embeddings.

    Raises
    ------
    ValueError
        If there are fewer than two users, fewer than 40 items, or ``dim`` is less than 1.

    Examples
    --------
    >>> world = synthetic_world(0)
    >>> world
    MovieLens(300 users, 400 items, 17161 ratings, 'synthetic')
    >>> bool((synthetic_world(0).rating == world.rating).all())
    True
    """
    if n_users < 2 or n_items < 40 or dim < 1:
        raise ValueError(f"need 2 users, 40 items and dim 1 at least, got {n_users}, {n_items} and {dim}")
    rng = np.random.default_rng(seed)
    n_genres = len(GENRES)
    usual = np.r_[0.0, 1.0 / np.arange(1, n_genres)]  # genre 0 is "unknown": nothing has it
    usual[1:] = rng.permutation(usual[1:])
    usual /= usual.sum()

    # films: one to three genres, a direction near theirs, a norm by popularity
    genres = np.zeros((n_items, n_genres))
    for row in genres:
        row[rng.choice(n_genres, size=rng.integers(1, 4), replace=False, p=usual)] = 1.0
    centres = rng.standard_normal((n_genres, dim)) / np.sqrt(dim)
    shared = np.full(dim, 0.3 / np.sqrt(dim))  # what everybody likes a little
    place = rng.permutation(n_items)
    popularity = 1.0 / (1.0 + place) ** 1.2  # heavy tail
    directions = (genres @ centres) / genres.sum(1, keepdims=True) + shared
    directions += 0.3 * rng.standard_normal((n_items, dim)) / np.sqrt(dim)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    items = directions * (popularity / popularity.max())[:, None] ** 0.25

    # users: two favourite genres
    users = shared + 0.3 * rng.standard_normal((n_users, dim)) / np.sqrt(dim)
    for row in users:
        row += centres[rng.choice(n_genres, size=2, replace=False, p=usual)].mean(0)
    users /= np.linalg.norm(users, axis=1, keepdims=True)

    # who rates what: popularity times taste, drawn without replacement (Gumbel noise and the best m)
    taste = users @ directions.T
    wish = 10.0 * taste + np.log(popularity) + rng.gumbel(size=taste.shape)
    wish[:, place >= n_items - n_items // 25] = -np.inf  # the rarest: one rating each, below
    extra = rng.gamma(1.2, max(mean_ratings - 20.0, 0.1) / 1.2, n_users)
    wanted = np.clip(20 + extra, 20, n_items // 2).astype(int)
    rated = np.argsort(np.argsort(-wish, axis=1), axis=1) < wanted[:, None]
    for lonely in np.flatnonzero(~rated.any(axis=0)):
        rated[rng.integers(n_users), lonely] = True
    user, item = np.nonzero(rated)
    order = rng.permutation(len(user))
    user, item = user[order], item[order]
    noise = rng.standard_normal(len(user))
    rating = np.clip(np.rint(3.0 + 1.2 * taste[user, item] + 0.8 * noise), 1, 5)

    years = np.clip(1998 - rng.geometric(0.12, n_items), 1930, 1998)
    width = max(3, len(str(n_items - 1)))
    return MovieLens(
        user=user,
        item=item,
        rating=rating,
        timestamp=874_724_710 + rng.integers(0, 18_561_928, len(user)),
        titles=[f"Film {number:0{width}d} ({year})" for number, year in enumerate(years)],
        years=years,
        genres=genres,
        genre_names=list(GENRES),
        ages=rng.integers(12, 70, n_users),
        genders=rng.choice(["F", "M"], n_users).tolist(),
        occupations=rng.choice(["artist", "engineer", "student", "writer"], n_users).tolist(),
        source="synthetic",
        true_users=users,
        true_items=items,
    )
