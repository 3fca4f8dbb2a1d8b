"""The list of ratings that every model takes."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Rows(NamedTuple):
    """Ratings one row after the other (the CSR form): row r is ``starts[r]:starts[r + 1]`` of the other two arrays."""

    starts: NDArray[np.integer]
    others: NDArray[np.integer]
    ratings: NDArray[np.floating]


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """Ratings of items by users, no pair twice, sorted by user and then by item.

    Users and items without a rating are allowed: every model says what it does with them.

    Parameters
    ----------
    user, item : array_like of int, shape (m,)
        Who rated what, by ids counted from 0.
    rating : array_like, shape (m,), optional
        The rating of each pair, any finite number; 1 for all unless given.
    n_users, n_items : int, optional
        How many there are; one more than the largest id unless given.
    scale : (float, float), optional
        The lowest and the highest rating there can be. Predictions of ratings are clipped to it.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, an id is negative or too large, a pair is given twice, or a rating is
        not finite or lies outside the scale. The message names the first that is wrong.

    Examples
    --------
    >>> three = Interactions([1, 0, 1], [0, 2, 2], [5, 3, 1], n_users=3)
    >>> three
    Interactions(3 ratings, 3 users, 3 items)
    >>> three.counts
    array([1, 0, 2])
    >>> three.table()
    array([[0., 0., 3.],
           [5., 0., 1.],
           [0., 0., 0.]])
    """

    user: NDArray[np.integer]
    item: NDArray[np.integer]
    rating: NDArray[np.floating] = None  # type: ignore[assignment] # __post_init__ fills it in
    n_users: int = None  # type: ignore[assignment] # __post_init__ fills it in
    n_items: int = None  # type: ignore[assignment] # __post_init__ fills it in
    scale: tuple[float, float] | None = field(default=None)

    def __post_init__(self) -> None:
        """Check and sort."""
        user, item = _ids(self.user, "user"), _ids(self.item, "item")
        given = np.ones(len(user)) if self.rating is None else np.asarray(self.rating, dtype=float)
        if not user.shape == item.shape == given.shape:
            raise ValueError(
                f"user {user.shape}, item {item.shape} and rating {given.shape} must be lists of equal length"
            )
        n_users = _size(self.n_users, user, "user")
        n_items = _size(self.n_items, item, "item")
        if not np.isfinite(given).all():
            at = int(np.argmin(np.isfinite(given)))
            raise ValueError(
                f"rating holds {given[at]} (user {user[at]}, item {item[at]}); only finite numbers are ratings"
            )
        if self.scale is not None:
            low, high = map(float, self.scale)
            outside = (given < low) | (given > high)
            if outside.any():
                at = int(np.argmax(outside))
                raise ValueError(
                    f"rating {given[at]:g} of user {user[at]} for item {item[at]} lies outside {low:g} to {high:g}"
                )
        key = user * n_items + item
        order = np.argsort(key, kind="stable")
        twice = np.flatnonzero(np.diff(key[order]) == 0)
        if len(twice):
            at = order[twice[0]]
            raise ValueError(f"user {user[at]} rated item {item[at]} twice; keep one rating for each pair")
        for name, value in (("user", user[order]), ("item", item[order]), ("rating", given[order])):
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        object.__setattr__(self, "n_users", n_users)
        object.__setattr__(self, "n_items", n_items)

    def __len__(self) -> int:
        """Number of ratings."""
        return len(self.user)

    def __repr__(self) -> str:
        """Sizes on one line."""
        return f"Interactions({len(self)} ratings, {self.n_users} users, {self.n_items} items)"

    @functools.cached_property
    def counts(self) -> NDArray[np.integer]:
        """Number of ratings of each item: its popularity, shape (n_items,)."""
        return np.bincount(self.item, minlength=self.n_items)

    @functools.cached_property
    def activity(self) -> NDArray[np.integer]:
        """Number of ratings of each user, shape (n_users,)."""
        return np.bincount(self.user, minlength=self.n_users)

    @functools.cached_property
    def by_user(self) -> Rows:
        """The ratings user by user, items ascending."""
        return Rows(_starts(self.activity), self.item, self.rating)

    @functools.cached_property
    def by_item(self) -> Rows:
        """The ratings item by item, users ascending."""
        order = np.argsort(self.item, kind="stable")
        return Rows(_starts(self.counts), self.user[order], self.rating[order])

    def table(self) -> NDArray[np.floating]:
        """Write the ratings as a dense table (n_users, n_items), 0 where there is none."""
        out = np.zeros((self.n_users, self.n_items))
        out[self.user, self.item] = self.rating
        return out

    def matrix(self) -> NDArray[np.floating]:
        """Say who rated what as a dense table (n_users, n_items): 1 where the user rated the item, else 0."""
        out = np.zeros((self.n_users, self.n_items))
        out[self.user, self.item] = 1.0
        return out


def as_interactions(ratings: Interactions | ArrayLike) -> Interactions:
    """Take `Interactions` as they are, and a dense table by its entries other than 0.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items)
        The ratings; in a table, 0 means "not rated".

    Returns
    -------
    Interactions

    Raises
    ------
    ValueError
        If the table is not two-dimensional, holds NaN or infinity, or there is no rating at all.

    Examples
    --------
    >>> as_interactions([[5, 0], [0, 3]])
    Interactions(2 ratings, 2 users, 2 items)
    """
    if not isinstance(ratings, Interactions):
        table = np.asarray(ratings, dtype=float)
        if table.ndim != 2:
            raise ValueError(f"ratings must be Interactions or a table (n_users, n_items), got shape {table.shape}")
        user, item = np.nonzero(table)
        ratings = Interactions(user, item, table[user, item], *table.shape)
    if not len(ratings):
        raise ValueError("ratings holds no rating at all, so there is nothing to learn from")
    return ratings


MAX_ROUNDS = 1000
"""How often `fill_by_chance` mends the odds at most."""


def fill_by_chance(table: ArrayLike, *, seed: int) -> NDArray[np.floating]:
    """Fill a table by chance, with about as many ones in each row and in each column as there are in another.

    Each cell is drawn by itself. The odds of a one, p / (1 - p), are a number of its row times a number of its column,
    chosen such that each row and each column holds on average as many ones as in `table`: of all such tables the one
    with the largest entropy. (An odds ratio, unlike a product of the two sums, cannot ask for more than a certain one.)

    Parameters
    ----------
    table : array_like, shape (n_users, n_items)
        Ones and zeros.
    seed : int
        Of the draws.

    Returns
    -------
    ndarray, shape (n_users, n_items)
        Ones and zeros. The averages are met to a thousandth of a one, or, where a row or a column is full, as nearly
        as 1,000 rounds come.

    Raises
    ------
    ValueError
        If the table is not two-dimensional, holds anything but ones and zeros, or no one at all.

    References
    ----------
    F. Saracco, R. Di Clemente, A. Gabrielli and T. Squartini, Randomizing bipartite networks: the case of the World
    Trade Web, Scientific Reports 5, 2015.

    Examples
    --------
    An empty row stays empty:

    >>> fill_by_chance([[1, 0, 1], [0, 0, 0], [0, 0, 1]], seed=0)[1]
    array([0., 0., 0.])
    """
    ones = np.asarray(table, dtype=float)
    if ones.ndim != 2 or not np.isin(ones, (0, 1)).all() or not ones.any():
        raise ValueError(f"table must be (n_users, n_items), of ones and zeros with at least a one, got {ones.shape}")
    # Rows of one sum share a number, and so do columns: there are far fewer sums than rows.
    rows, row, n_rows = np.unique(ones.sum(axis=1), return_inverse=True, return_counts=True)
    columns, column, n_columns = np.unique(ones.sum(axis=0), return_inverse=True, return_counts=True)
    of_row, of_column = rows / np.sqrt(ones.sum()), columns / np.sqrt(ones.sum())
    for _ in range(MAX_ROUNDS):
        of_row = rows / (n_columns * of_column / (1 + np.outer(of_row, of_column))).sum(axis=1)
        of_column = columns / ((n_rows * of_row)[:, None] / (1 + np.outer(of_row, of_column))).sum(axis=0)
        chance = np.outer(of_row, of_column) / (1 + np.outer(of_row, of_column))
        off = np.concatenate([chance @ n_columns - rows, n_rows @ chance - columns])
        if np.abs(off).max() < 1e-3:
            break
    return (np.random.default_rng(seed).random(ones.shape) < chance[np.ix_(row, column)]).astype(float)


def _ids(values: ArrayLike, name: str) -> NDArray[np.integer]:
    """Take a list of ids, or say what is wrong with it."""
    ids = np.asarray(values)
    if ids.size == 0:
        ids = ids.astype(np.intp)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise ValueError(f"{name} must be a list of ids, got {ids.dtype} of shape {ids.shape}")
    if ids.size and ids.min() < 0:
        raise ValueError(f"{name} holds {ids.min()}; ids are counted from 0")
    return ids.astype(np.intp)


def _size(given: int | None, ids: NDArray[np.integer], name: str) -> int:
    """Say how many users or items there are, or that the given number is too small."""
    needed = int(ids.max()) + 1 if ids.size else 0
    size = needed if given is None else int(given)
    if size < max(needed, 1):
        raise ValueError(f"n_{name}s is {size}, but {name} holds {needed - 1}" if needed else f"n_{name}s is {size}")
    return size


def _starts(sizes: NDArray[np.integer]) -> NDArray[np.integer]:
    """Say where each row begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes)])
