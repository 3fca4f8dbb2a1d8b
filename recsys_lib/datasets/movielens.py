"""The class of a dataset: ratings of films by users, in plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.datasets.titles import plain
from recsys_lib.interactions import Interactions

GENRES = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)


class DatasetError(RuntimeError):
    """The data cannot be had, or what came is something else; the message says what to do."""


@dataclass(frozen=True, eq=False)
class MovieLens:
    """Ratings of films by users, as plain arrays; every id is a position, counted from 0.

    In MovieLens-100K item 0 is MovieLens item 1, user 0 is MovieLens user 1. All arrays are read-only: copy one before
    changing it.

    Parameters
    ----------
    user, item : ndarray of int, shape (n,)
        Who rated what, in the order of the file; no pair twice.
    rating : ndarray of float, shape (n,)
        The ratings, within `scale`.
    timestamp : ndarray of int, shape (n,)
        When each was given, in seconds since 1970.
    titles : list of str, length n_items
        Titles as people write them: ``"The Usual Suspects (1995)"``.
    years : ndarray of int, shape (n_items,)
        The year of each film, 0 where unknown.
    genres : ndarray of float, shape (n_items, n_genres)
        1 where the film has the genre, else 0; 19 columns in MovieLens-100K.
    genre_names : list of str
        The names of the columns.
    ages : ndarray of int, shape (n_users,)
        0 where unknown.
    genders, occupations : list of str, length n_users
        Empty where unknown.
    source : str
        ``"movielens-100k"``, ``"movielens-latest-small"`` or ``"synthetic"``.
    scale : (float, float)
        The lowest and the highest rating there can be.
    true_users, true_items : ndarray or None
        The planted embeddings of a synthetic world, shapes (n_users, d) and (n_items, d); None for MovieLens.
    """

    user: NDArray[np.integer]
    item: NDArray[np.integer]
    rating: NDArray[np.floating]
    timestamp: NDArray[np.integer]
    titles: list[str] = field(repr=False)
    years: NDArray[np.integer] = field(repr=False)
    genres: NDArray[np.floating] = field(repr=False)
    genre_names: list[str] = field(repr=False)
    ages: NDArray[np.integer] = field(repr=False)
    genders: list[str] = field(repr=False)
    occupations: list[str] = field(repr=False)
    source: str
    scale: tuple[float, float] = (1.0, 5.0)
    true_users: NDArray[np.floating] | None = field(default=None, repr=False)
    true_items: NDArray[np.floating] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Make every array read-only, and ids of the type that indexes arrays on this system."""
        for name in ("user", "item"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.intp))
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __repr__(self) -> str:
        """Sizes and source on one line."""
        return f"MovieLens({self.n_users} users, {self.n_items} items, {len(self.user)} ratings, {self.source!r})"

    @property
    def n_users(self) -> int:
        """Number of users."""
        return len(self.ages)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.titles)

    def matrix(self, rows: ArrayLike | None = None) -> NDArray[np.floating]:
        """Say who rated what as a table: 1 where the user rated the item, whatever the rating, else 0.

        Parameters
        ----------
        rows : array_like of int, optional
            Positions of the ratings to use, for instance the training rows of a split. All by default.

        Returns
        -------
        ndarray, shape (n_users, n_items)
            A new array, which may be changed.

        Examples
        --------
        >>> from recsys_lib.datasets import synthetic_world
        >>> world = synthetic_world(0)
        >>> world.matrix().shape, int(world.matrix([0, 1, 2]).sum())
        ((300, 400), 3)
        """
        out = np.zeros((self.n_users, self.n_items))
        chosen = slice(None) if rows is None else np.asarray(rows)
        if isinstance(chosen, np.ndarray) and chosen.size == 0:
            return out
        out[self.user[chosen], self.item[chosen]] = 1.0
        return out

    def interactions(self, rows: ArrayLike | None = None) -> Interactions:
        """Select ratings as models take them, with the scale of the data.

        Parameters
        ----------
        rows : array_like of int, optional
            Positions of the ratings to use, for instance the training rows of a split. All by default.

        Returns
        -------
        Interactions
            The ratings, with all users and items, also those without a rating among these.

        Examples
        --------
        >>> from recsys_lib.datasets import synthetic_world
        >>> synthetic_world(0).interactions([0, 1, 2])
        Interactions(3 ratings, 300 users, 400 items)
        """
        chosen = slice(None) if rows is None else np.asarray(rows, dtype=np.intp)
        pairs = self.user[chosen], self.item[chosen], self.rating[chosen]
        return Interactions(*pairs, self.n_users, self.n_items, scale=self.scale)

    def find(self, text: str) -> list[int]:
        """Find the items whose title contains a text; case and accents do not matter.

        Parameters
        ----------
        text : str

        Returns
        -------
        list of int
            Item ids, ascending; empty where nothing matches.

        Examples
        --------
        >>> from recsys_lib.datasets import synthetic_world
        >>> synthetic_world(0).find("film 017")
        [17]
        """
        wanted = plain(text)
        return [i for i, title in enumerate(self.titles) if wanted in plain(title)]
