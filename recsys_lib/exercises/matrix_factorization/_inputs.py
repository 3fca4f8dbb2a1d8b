"""Users, items and ratings on which the model is trained, and the errors that it makes on them."""

from __future__ import annotations

import numpy as np

# Ratings from 1 to 5, and 0 where there is none. Numbers that can be followed by hand come first.
ONE_USER = ([[1, 2]], [[1, 1], [2, 0], [0, 1]], [[4, 0, 1]])
TWO_USERS = ([[1, 0], [1, 1]], [[2, 1], [1, 3], [0, 2]], [[3, 0, 1], [5, 2, 0]])
THREE_USERS = ([[2, 1], [0, 1], [1, -1]], [[1, 2], [2, 0], [-1, 1], [1, 1]], [[5, 0, 0, 2], [0, 1, 0, 0], [4, 3, 0, 1]])
SQUARE = ([[1, 0.5], [2, -1], [0, 1]], [[1, 1], [0.5, 2], [3, 0]], [[0, 2, 4], [1, 0, 5], [0, 0, 3]])
IN_A_SPACE = (
    [[1, 0, 2], [0, 1, 1], [2, 1, 0], [1, 1, 1]],
    [[1, 1, 0], [0, 2, 1], [1, 0, 1], [0.5, 1, 2], [2, 0, 0.5]],
    [[4, 0, 3, 0, 0], [0, 2, 0, 5, 1], [3, 0, 0, 0, 4], [0, 0, 0, 1, 0]],
)
# Stars as whole numbers, with errors that are none.
WHOLE_STARS = ([[1, 0.5], [2, -0.75]], [[1, 1], [0.5, 2], [3, 0]], np.array([[0, 2, 4], [1, 0, 5]]))
ON_A_LINE = ([[1], [2], [0.5]], [[1.5], [2], [1], [0.5]], [[2, 0, 1, 0], [3, 5, 0, 1], [0, 0, 1, 0]])


def rated_table(rng, n_users, n_items, share):
    """Draw ratings from 1 to 5, some cells empty, no user and no item without a rating, and uneven counts."""
    while True:
        chance = share * rng.uniform(0.3, 1.7, size=(n_users, 1)) * rng.uniform(0.3, 1.7, size=n_items)
        table = np.where(rng.random((n_users, n_items)) < chance, rng.integers(1, 6, (n_users, n_items)), 0)
        rated = table > 0
        uneven = len(set(rated.sum(axis=1))) > 1 and len(set(rated.sum(axis=0))) > 1
        if rated.any(axis=1).all() and rated.any(axis=0).all() and not rated.all() and uneven:
            return table.astype(float)


def worlds(rng):
    """Draw users, items and ratings of several sizes, one of them square."""
    return [
        (rng.normal(size=(n, d)), rng.normal(size=(m, d)), rated_table(rng, n, m, 0.5))
        for n, m, d in [(3, 4, 2), (5, 5, 2), (6, 9, 4), (12, 7, 3)]
    ]


def _learnt(rng):
    """Draw whole numbers for users and items, and ratings that they predict exactly, one for each user at least."""
    while True:
        users, items = rng.integers(-1, 3, size=(5, 2)), rng.integers(-1, 4, size=(6, 2))
        found = users @ items.T
        ratings = np.where((found >= 1) & (found <= 5), found, 0)
        if ratings.any(axis=1).all():
            return users.astype(float), items.astype(float), ratings.astype(float)


def partly_learnt(rng):
    """Draw a world in which two ratings of three are predicted exactly, the others not."""
    users, items, ratings = _learnt(rng)
    rated = rng.permutation(np.argwhere(ratings))
    missed = tuple(rated[: len(rated) // 3].T)
    ratings[missed] = 1 + ratings[missed] % 5
    return users, items, ratings


def nearly_learnt(rng):
    """Draw a world of small errors, whose slopes are small, too: measured to one side only, they miss by more."""
    users, items, ratings = _learnt(rng)
    return users + rng.uniform(0.05, 0.1, users.shape) * rng.choice([-1, 1], users.shape), items, ratings


def in_whole_stars(world):
    """Give a world's ratings as whole numbers."""
    users, items, ratings = world
    return users, items, ratings.astype(int)


def rated_errors(users, items, ratings):
    """Errors where there is a rating, 0 elsewhere."""
    return np.where(ratings > 0, users @ items.T - ratings, 0.0)


def n_rated(ratings):
    """Number of rated cells."""
    return np.count_nonzero(ratings)
