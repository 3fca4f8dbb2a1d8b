"""What is known of a film before anybody has rated it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.similarity import cosine_scores


def film_features(genres: ArrayLike, years: ArrayLike) -> NDArray[np.floating]:
    """Write genres and decade of each film as a row of numbers, for the tower of the films.

    Parameters
    ----------
    genres : array_like, shape (n, g)
        1 where a film has a genre.
    years : array_like of int, shape (n,)
        Year of each film, 0 where it is unknown: that is a decade of its own.

    Returns
    -------
    ndarray, shape (n, g + number of decades + 1)
        The genres, a 1 for the film's decade, and a 1 for every film, so that no row is all zeros.

    Raises
    ------
    ValueError
        If the two do not fit each other.

    Examples
    --------
    >>> film_features([[1, 0], [0, 1]], [1994, 1971])
    array([[1., 0., 0., 1., 1.],
           [0., 1., 1., 0., 1.]])
    """
    genres, years = np.asarray(genres, dtype=float), np.asarray(years)
    if genres.ndim != 2 or years.shape != genres.shape[:1]:
        raise ValueError(f"genres must be (n, g) and years (n,), got {genres.shape} and {years.shape}")
    decades = years // 10
    return np.hstack([genres, decades[:, None] == np.unique(decades), np.ones((len(genres), 1))])


def genre_profile_scores(seen: ArrayLike, genres: ArrayLike) -> NDArray[np.floating]:
    """Score each film for each user by the cosine of its genres and those of what the user has rated.

    Parameters
    ----------
    seen : array_like, shape (q, n)
        Not 0 where a user rated a film.
    genres : array_like, shape (n, g)

    Returns
    -------
    ndarray, shape (q, n)
        0 for a user or a film without a genre.

    Raises
    ------
    ValueError
        If the two do not fit each other.

    Examples
    --------
    >>> genre_profile_scores([[1, 0, 0]], [[1, 0], [1, 1], [0, 1]]).round(2)
    array([[1.  , 0.71, 0.  ]])
    """
    rated, table = np.asarray(np.asarray(seen) != 0), np.asarray(genres, dtype=float)
    if rated.ndim != 2 or table.ndim != 2 or rated.shape[1] != len(table):
        raise ValueError(f"seen must be (q, n) and genres (n, g), got {rated.shape} and {table.shape}")
    profiles = rated @ table
    scores = np.zeros(rated.shape)
    users, films = profiles.any(axis=1), table.any(axis=1)
    if users.any() and films.any():
        scores[np.ix_(users, films)] = cosine_scores(profiles[users], table[films])
    return scores
