"""A recommender that learns from its own lists: who is shown what, who clicks, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.factorization import fit_ials
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
    Increases Homogeneity and Decreases Utility, RecSys 2018, who simulate such a loop with other users.

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


def clicks_model(clicked: ArrayLike, dial: float, *, d: int = 16, seed: int = 0) -> NDArray[np.floating]:
    """Score every item for every user by an iALS model of the clicks, the items' norms to the power of a dial.

    Parameters
    ----------
    clicked : array_like of bool, shape (q, n)
        One click at least.
    dial : float
        1 ranks by the dot product, 0 ignores the items' norms, as `norm_power_scores` does.
    d : int
        Width of the space.
    seed : int
        Of the start.

    Returns
    -------
    ndarray, shape (q, n)
        A user without a click has the scores of the mean user; an item without a click comes behind all others.

    Examples
    --------
    >>> clicks_model(np.eye(3, dtype=bool), 1.0, d=2).argmax(axis=1)
    array([0, 1, 2])
    """
    clicked = np.asarray(clicked, dtype=bool)
    rng = np.random.default_rng(seed)
    users, items = fit_ials(clicked, d, l2=1.0, unobserved_weight=0.1, sweeps=5, rng=rng)
    anything = clicked.any(axis=1)
    users[~anything] = users[anything].mean(axis=0)
    norms = np.linalg.norm(items, axis=1)
    with np.errstate(divide="ignore"):
        sized = items * np.where(norms > 0, norms ** (dial - 1), 0)[:, None]
    scores = users @ sized.T
    return np.where(norms > 0, scores, np.minimum(scores.min(), 0) - 1)


def first_by_chance(scores: ArrayLike, share: float, rng: np.random.Generator) -> NDArray[np.floating]:
    """Put a share of each user's items before all others, whatever the model says of them.

    Parameters
    ----------
    scores : array_like, shape (q, n)
    share : float
        The probability of an item to be drawn, for each user anew, from 0 to 1.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (q, n)
        The scores; those of the drawn items are raised above the highest, their order kept.

    Raises
    ------
    ValueError
        If `share` lies outside 0 to 1.

    Examples
    --------
    >>> first_by_chance([[1.0, 3.0]], 1.0, np.random.default_rng(0))
    array([[4., 6.]])
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must lie from 0 to 1, got {share}")
    scores = np.asarray(scores, dtype=float)
    if share == 0:
        return scores
    return scores + (rng.random(scores.shape) < share) * (np.ptp(scores) + 1)


def breadth(states: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]) -> NDArray[np.floating]:
    """Compute for each round which share of the items is in anybody's list of that round.

    Parameters
    ----------
    states : sequence of (shown, clicked)
        As `feedback_loop` yields them, the one before the first round included.

    Returns
    -------
    ndarray, shape (rounds,)

    Examples
    --------
    >>> nothing = np.zeros((1, 2), dtype=bool)
    >>> breadth([(nothing, nothing), (np.array([[True, False]]), nothing)])
    array([0.5])
    """
    pairs = zip(states, states[1:], strict=False)
    return np.array([np.mean((after[0] & ~before[0]).any(axis=0)) for before, after in pairs])
