"""A client's brief: what lists are measured by, and a board that answers without giving the held-out part away."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib import metrics
from recsys_lib.threads import on_one_thread, one_thread

LINES = ("nDCG@10", "coverage", "tail share", "time")
"""The lines of a brief, in the order of `measured`."""
BUDGETS = {
    "MovieLens": (np.array([0.45, 0.25, 0.002, -np.inf]), np.array([np.inf, np.inf, 0.05, 20.0])),
    "latest-small": (np.array([0.36, 0.08, 0.002, -np.inf]), np.array([np.inf, np.inf, 0.05, 20.0])),
}
"""What the client allows on each catalogue: the least and the most of each of `LINES`."""
SMALL_LEAST, SMALL_MOST = np.array([0.50, 0.52, 0.004]), np.array([np.inf, np.inf, 0.10])
"""What the first three lines ask for in a `small_world`."""


def tail_share(recommended: ArrayLike, counts: ArrayLike, share: float = 0.2) -> float:
    """Compute the share of all slots that go to the tail: the least rated items, which together have few ratings.

    Sorted by popularity, the head is the fewest items that have ``1 - share`` of all ratings; the tail is what has
    fewer ratings than the last of them. So the tail means the same on a small catalogue and on a large one, which "at
    most five ratings" does not.

    Parameters
    ----------
    recommended : array_like of int, shape (q, k)
    counts : array_like, shape (n_items,)
        Number of training ratings of each item.
    share : float
        Of the ratings, above 0 and below 1.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If `share` is out of range or nothing is rated, or the lists do not fit the counts.

    Examples
    --------
    Of ten ratings the first two items have eight:

    >>> tail_share([[0, 2], [1, 0]], [5, 3, 1, 1])
    0.25
    """
    counts = np.asarray(counts, dtype=float)
    if not 0 < share < 1:
        raise ValueError(f"share must lie between 0 and 1, got {share}")
    if counts.ndim != 1 or not counts.sum() > 0:
        raise ValueError(f"counts must have shape (n_items,) and hold a rating, got {counts.shape}")
    in_order = np.sort(counts)[::-1]
    head = int(np.sum(np.cumsum(in_order) < (1 - share) * in_order.sum()))
    # the next lower float: `rare_share` counts what is at most so popular
    return metrics.rare_share(recommended, counts, at_most=float(np.nextafter(in_order[head], -np.inf)))


def hide_quarter(table: ArrayLike, seed: int) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
    """Hide a random quarter of each user's ratings in a table: to choose settings without looking at the test part.

    Parameters
    ----------
    table : array_like, shape (n_users, n_items)
        Above 0 where the user rated the item.
    seed : int

    Returns
    -------
    shown : ndarray, shape (n_users, n_items)
        Ones and zeros.
    hidden : bool ndarray, shape (n_users, n_items)
        A quarter of each user's ratings, rounded to the nearest whole number (halves up).

    Examples
    --------
    >>> shown, hidden = hide_quarter(np.ones((2, 8)), seed=0)
    >>> shown.sum(axis=1), hidden.sum(axis=1)
    (array([6., 6.]), array([2, 2]))
    """
    rated = np.asarray(table) > 0
    cell = np.flatnonzero(rated)
    user = cell // rated.shape[1]
    order = np.lexsort((np.random.default_rng(seed).random(len(user)), user))  # the users stay in order
    ratings = np.bincount(user, minlength=len(rated))
    place = np.arange(len(user)) - (np.cumsum(ratings) - ratings)[user]
    taken = cell[order[place < (ratings[user] + 2) // 4]]
    shown, hidden = rated.astype(float), np.zeros(rated.shape, dtype=bool)
    shown.flat[taken], hidden.flat[taken] = 0.0, True
    return shown, hidden


def small_world(
    rng: np.random.Generator, n_users: int = 200, n_items: int = 240
) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
    """Draw who rates what by taste and fame, and hide every fourth rating of each user.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_users, n_items : int

    Returns
    -------
    shown : ndarray, shape (n_users, n_items)
        Ones and zeros.
    hidden : bool ndarray, shape (n_users, n_items)

    Examples
    --------
    >>> shown, hidden = small_world(np.random.default_rng(0))
    >>> shown.shape, bool((shown * hidden).any()), round(float(hidden.sum() / (shown.sum() + hidden.sum())), 2)
    ((200, 240), False, 0.25)
    """
    fame = 1.3 * np.log(1 / (1 + rng.permutation(n_items)))
    taste = rng.normal(size=(n_users, 4)) @ rng.normal(size=(4, n_items)) / 2
    wish = 2.0 * taste + fame + rng.gumbel(size=taste.shape)
    wanted = rng.integers(24, 61, n_users)
    rated = np.argsort(np.argsort(-wish, axis=1), axis=1) < wanted[:, None]
    hidden = rated & ((np.cumsum(rated, axis=1) + np.arange(n_users)[:, None]) % 4 == 0)
    return np.where(rated & ~hidden, 1.0, 0.0), hidden


@on_one_thread
def yardstick(train: NDArray[np.floating]) -> float:
    """Time the yardstick, here and now: one linear system of users with users, solved for the whole table.

    Parameters
    ----------
    train : ndarray, shape (n_users, n_items)

    Returns
    -------
    float
        Processor seconds, above 0.

    Examples
    --------
    >>> yardstick(np.eye(100)) > 0
    True
    """
    start = time.process_time()
    np.linalg.solve(train @ train.T + np.eye(len(train)), train)
    return max(time.process_time() - start, 1e-6)


def measured(lists: ArrayLike, train: ArrayLike, hidden: NDArray[np.bool_]) -> NDArray[np.floating]:
    """Measure lists by the first three lines of a brief.

    Parameters
    ----------
    lists : array_like of int, shape (n_users, k)
    train : array_like, shape (n_users, n_items)
        Above 0 where the user rated the item.
    hidden : bool ndarray, shape (n_users, n_items)
        What should have been found.

    Returns
    -------
    ndarray, shape (3,)
        nDCG, coverage and tail share. Only the first looks at what is hidden.

    Examples
    --------
    >>> measured([[2], [0]], [[1, 1, 0], [0, 1, 1]], np.array([[False, False, True], [True, False, False]])).round(2)
    array([1.  , 0.67, 0.  ])
    """
    counts = (np.asarray(train) > 0).sum(axis=0)
    found = metrics.ndcg_at_k(lists, hidden), metrics.coverage(lists, len(counts)), tail_share(lists, counts)
    return np.array(found)


class ClientBoard:
    """A client's board: it tells the line that looks at held-out ratings by a ladder, and the others as they are.

    Parameters
    ----------
    train : array_like, shape (n_users, n_items)
        Above 0 where the user rated the item.
    hidden : bool ndarray, shape (n_users, n_items)
    least, most : array_like, shape (4,)
        What each of `LINES` allows.
    step : float
        The ladder's step, see `recsys_lib.metrics.ladder_report`.

    Attributes
    ----------
    shown : float
        The nDCG on the board: minus infinity before the first answer.
    asked : int
        How many answers were judged.
    train : ndarray, shape (n_users, n_items)
        What a recommender is handed: ones and zeros.

    Examples
    --------
    >>> hidden = np.array([[False, False, True], [True, False, False]])
    >>> board = ClientBoard([[1, 1, 0], [0, 1, 1]], hidden, [0.5, 0.5, 0, 0], [1, 1, 0, np.inf], step=0.25)
    >>> board.ask(lambda train, seed: np.array([[2], [1]]))
    Traceback (most recent call last):
    ...
    ValueError: recommend lists items that a user has rated already
    >>> numbers, met = board.ask(lambda train, seed: np.array([[2], [0]]))
    >>> numbers[:3].round(2), met, board.asked
    (array([1.  , 0.67, 0.  ]), array([ True,  True,  True,  True]), 1)
    """

    def __init__(
        self,
        train: ArrayLike,
        hidden: NDArray[np.bool_],
        least: ArrayLike,
        most: ArrayLike,
        *,
        step: float = 0.01,
    ) -> None:
        self.train = np.where(np.asarray(train) > 0, 1.0, 0.0)
        self._hidden, self._step = hidden, step
        self._least, self._most = np.asarray(least, dtype=float), np.asarray(most, dtype=float)
        if self._least.shape != (len(LINES),) or self._most.shape != (len(LINES),):
            raise ValueError(f"least and most must hold {len(LINES)} limits, one for each of {', '.join(LINES)}")
        self.shown, self.asked = -np.inf, 0

    def ask(
        self, recommend: Callable[[NDArray, int], ArrayLike], seed: int = 0
    ) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
        """Judge an answer.

        Returns
        -------
        numbers : ndarray, shape (4,)
            What the board shows of nDCG, which may be that of an earlier answer; the other lines are of this one.
        met : bool ndarray, shape (4,)
            Which lines this answer meets, nDCG too.

        Raises
        ------
        ValueError
            If the lists do not fit the ratings, or name an item that a user has rated.
        """
        with one_thread():
            start = time.process_time()
            lists = recommend(self.train.copy(), seed)
            seconds = time.process_time() - start
        return self.judge(lists, seconds / yardstick(self.train))

    def judge(self, lists: ArrayLike, time_ratio: float) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
        """Judge lists that were made elsewhere, and the time that it took, in yardsticks; else as `ask`."""
        lists = np.asarray(lists)
        if lists.dtype.kind not in "iu" or lists.ndim != 2 or len(lists) != len(self.train):
            form = f"{lists.dtype} of shape {lists.shape}"
            raise ValueError(
                f"recommend must return a list of item ids for each of {len(self.train)} users, got {form}"
            )
        found = np.append(measured(lists, self.train, self._hidden), time_ratio)
        if np.take_along_axis(self.train, lists, axis=1).any():
            raise ValueError("recommend lists items that a user has rated already")
        self.asked += 1
        self.shown = metrics.ladder_report(self.shown, float(found[0]), self._step)
        return np.append(self.shown, found[1:]), (found >= self._least) & (found <= self._most)
