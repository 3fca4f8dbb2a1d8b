"""A recommender that learns from its own lists: who is shown what, who clicks, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.retrieval import top_k

Recommend = Callable[[NDArray[np.bool_], NDArray[np.bool_]], NDArray]
"""``recommend(shown, clicked) -> scores``, all of shape (q, n)."""

Round = Callable[[NDArray, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], int], tuple[NDArray, NDArray]]


@taught
def show_and_click(
    scores: ArrayLike, shown: ArrayLike, clicked: ArrayLike, likes: ArrayLike, k: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Show each user the k best items that were not shown before, and let the user click what she likes of them.

    Parameters
    ----------
    scores : array_like, shape (q, n)
        Higher is better; of equal scores the item with the lower id comes first.
    shown, clicked, likes : array_like of bool, shape (q, n)
        What was shown and clicked so far, and what a user would click if it were shown.
    k : int
        Length of a list.

    Returns
    -------
    shown, clicked : ndarray of bool, shape (q, n)
        What was shown and clicked so far, this round included.

    Raises
    ------
    ValueError
        If the tables differ in shape, or a user has fewer than k items left.

    Examples
    --------
    >>> shown, clicked = show_and_click([[3, 2, 1]], [[True, False, False]], [[False] * 3], [[True] * 3], 1)
    >>> shown.astype(int), clicked.astype(int)
    (array([[1, 1, 0]]), array([[0, 1, 0]]))
    """
    shown, clicked, likes = (np.asarray(table, dtype=bool) for table in (shown, clicked, likes))
    shapes = {np.shape(scores), shown.shape, clicked.shape, likes.shape}
    if len(shapes) > 1:
        raise ValueError(f"scores, shown, clicked and likes must have one shape, got {sorted(shapes)}")
    new = np.zeros_like(shown)
    np.put_along_axis(new, top_k(scores, k, seen=shown), True, axis=1)
    return shown | new, clicked | (new & likes)


def feedback_loop(
    recommend: Recommend,
    likes: ArrayLike,
    *,
    shown: ArrayLike,
    k: int,
    rounds: int,
    one_round: Round = show_and_click,
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Let a recommender learn from what its own lists brought, round after round.

    Source: A. J. B. Chaney, B. M. Stewart and B. E. Engelhardt, How Algorithmic Confounding in Recommendation Systems
    Increases Homogeneity and Decreases Utility, RecSys 2018, section 4, whose users choose from a list as here.

    Parameters
    ----------
    recommend : callable ``(shown, clicked) -> scores``
        Called in each round with what is known so far; it sees nothing of `likes`.
    likes : array_like of bool, shape (q, n)
        What each user would click if it were shown.
    shown : array_like of bool, shape (q, n)
        What was shown before the first round, by whatever rule.
    k : int
        Length of a list.
    rounds : int
    one_round : callable, optional
        What `show_and_click` does; lessons put a learner's own here.

    Yields
    ------
    shown, clicked : ndarray of bool, shape (q, n)
        The state after each round, the one before the first included: ``rounds + 1`` of them.

    Examples
    --------
    >>> likes, start = np.eye(3, dtype=bool), np.zeros((3, 3), dtype=bool)
    >>> states = feedback_loop(lambda shown, clicked: np.ones((3, 3)), likes, shown=start, k=1, rounds=2)
    >>> [int(clicked.sum()) for shown, clicked in states]
    [0, 1, 2]
    """
    likes = np.asarray(likes, dtype=bool)
    now = np.array(shown, dtype=bool)
    if likes.shape != now.shape or likes.ndim != 2:
        raise ValueError(f"likes and shown must be tables of one shape, got {likes.shape} and {now.shape}")
    clicks = now & likes
    yield now, clicks
    for _ in range(rounds):
        now, clicks = one_round(recommend(now, clicks), now, clicks, likes, k)
        yield now, clicks
