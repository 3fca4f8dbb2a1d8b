"""Two attacks on a served model, for measuring what they gain, and what two ways of finding fake profiles notice.

All of it works on tables of who rated what; nothing here is of use without a model and ratings of one's own.
"""

from __future__ import annotations

import operator
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.factorization import fit_ials
from recsys_lib.factorization.ridge import buckets_of
from recsys_lib.interactions import Interactions
from recsys_lib.metrics import ndcg_at_k
from recsys_lib.retrieval import top_k

#: How far, as a sine, the largest singular vectors of a big table may be turned from the exact ones.
MAX_TURN = 1e-3

#: What a fake profile rates beside its target.
Fillers = Literal["popular", "copies", "any"]

#: What ``python -m classroom attacks`` prints where there is a sandbox: elective E02 shows it where there is none.
THREE_ATTACKS = """\
without a sandbox: the gradebook can be read, and the listener answers

files of the course: Reads solutions, exercises, the gradebook, other students' work and the history of the course.
  graded, 0 of 21 points; it saw nothing; it reached nobody
network: Speaks to this machine and others by TCP, UDP and sockets with names.
  graded, 0 of 21 points; it saw nothing; it reached nobody
check re-defined: Defines a check, and a notebook function, that give full marks.
  graded, 0 of 21 points; it saw nothing; it reached nobody
"""


class AttackRun(NamedTuple):
    """What came of training with fake profiles: what `recsys_lib.widgets.FakeProfiles` shows.

    Parameters
    ----------
    scores : ndarray, shape (n_users + n_fakes, n_items)
        All scores, those of the fake users last.
    shorter : float
        The share of the catalogue whose vectors are shorter than the target's.
    ndcg : float
        nDCG@10 of all real users' lists.
    caught : float, optional
        The share of the fake profiles that the defence took out; None where it looks for none.
    by_lot : float, optional
        The share of all profiles that it took out, which is what a choice of as many by lot would find; None as above.
    """

    scores: NDArray[np.floating]
    shorter: float
    ndcg: float
    caught: float | None = None
    by_lot: float | None = None


def auc(members: ArrayLike, others: ArrayLike) -> float:
    """Compute the probability that a member drawn at random scores higher than another; ties count one half.

    It is the area under the curve of hits against false alarms over all thresholds: 0.5 says that the scores tell
    nothing, 1 that some threshold separates the two.

    Source: H. B. Mann and D. R. Whitney, On a Test of Whether one of Two Random Variables is Stochastically Larger than
    the Other, Annals of Mathematical Statistics 18(1), 1947, whose U is the number of such pairs.

    Parameters
    ----------
    members, others : array_like, shape (m,) and (n,)
        Scores, at least one of each.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If either is empty, no list of numbers, or holds NaN.

    Examples
    --------
    Of the four pairs one is a tie, and the member wins the others:

    >>> auc([3, 2], [2, 1])
    0.875
    """
    one, other = np.asarray(members, dtype=float), np.asarray(others, dtype=float)
    for name, values in (("members", one), ("others", other)):
        if values.ndim != 1 or not len(values) or np.isnan(values).any():
            raise ValueError(f"{name} must be a list of numbers, one at least, without NaN; got shape {values.shape}")
    in_order = np.sort(other)
    below = np.searchsorted(in_order, one, side="left") + np.searchsorted(in_order, one, side="right")
    return float(below.sum() / (2 * len(one) * len(other)))


def user_aucs(scores: ArrayLike, members: ArrayLike, others: ArrayLike) -> NDArray[np.floating]:
    """Compute `auc` for each user alone, so that who scores high in everything does not count as known.

    Parameters
    ----------
    scores : array_like, shape (n_users, n_items)
    members, others : array_like of bool, shape (n_users, n_items)
        Which pairs were trained on, and which are compared with them.

    Returns
    -------
    ndarray, shape (n_judged,)
        One number for each user who has pairs of both kinds, in the order of the users.

    Raises
    ------
    ValueError
        If the tables do not fit each other, or a pair is of both kinds.

    Examples
    --------
    The second user has no pair to compare with:

    >>> user_aucs([[3, 1, 2], [1, 2, 3]], [[1, 0, 0], [1, 1, 1]], [[0, 1, 1], [0, 0, 0]])
    array([1.])
    """
    table = np.asarray(scores, dtype=float)
    known, open_ = np.asarray(members, dtype=bool), np.asarray(others, dtype=bool)
    if table.ndim != 2 or not table.shape == known.shape == open_.shape:
        raise ValueError(
            f"scores {table.shape}, members {known.shape} and others {open_.shape} must be tables of one shape"
        )
    if (known & open_).any():
        raise ValueError("a pair is both in members and in others; it can be one of them only")
    judged = np.flatnonzero(known.any(axis=1) & open_.any(axis=1))
    return np.array([auc(table[user, known[user]], table[user, open_[user]]) for user in judged])


def fake_profiles(
    counts: ArrayLike, target: int, n: int, size: int, *, fillers: Fillers = "popular", rng: np.random.Generator
) -> NDArray[np.floating]:
    """Invent users who rated a target film, beside other films, the fillers.

    Source: R. Burke, B. Mobasher and R. Bhaumik, Limited Knowledge Shilling Attacks in Collaborative Filtering Systems,
    ITWP 2005: the bandwagon and the random attack, here on "who rated what".

    Parameters
    ----------
    counts : array_like, shape (n_items,)
        Ratings per film, from which the attacker knows what is popular.
    target : int
        The film to be lifted.
    n : int
        How many users are invented, at least 0.
    size : int
        How many other films each of them rates, at least 1, and at most as many as have a rating.
    fillers : {"popular", "copies", "any"}
        "popular": each draws films of its own, one with twice the ratings about twice as often. "copies": all of them
        rate the same, most popular films. "any": each draws films of its own, all films alike.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n, n_items)
        1 where an invented user rates a film, else 0.

    Raises
    ------
    ValueError
        If the target is no film, `fillers` none of the three, or there are too few films with a rating.

    Examples
    --------
    >>> fake_profiles([9, 1, 5, 0], target=3, n=2, size=2, fillers="copies", rng=np.random.default_rng(0))
    array([[1., 0., 1., 1.],
           [1., 0., 1., 1.]])
    """
    popular = np.array(counts, dtype=float)
    if popular.ndim != 1 or not 0 <= operator.index(target) < len(popular):
        raise ValueError(f"target must be a film from 0 to {len(popular) - 1}, got {target}")
    popular[target] = 0
    rated = int(np.count_nonzero(popular > 0))
    if fillers not in get_args(Fillers):
        raise ValueError(f"fillers must be one of {', '.join(get_args(Fillers))}, got {fillers!r}")
    if not (n >= 0 and 1 <= size <= rated):
        raise ValueError(
            f"n must be at least 0 and size from 1 to {rated}, the films with a rating; got {n} and {size}"
        )
    table = np.zeros((n, len(popular)))
    table[:, target] = 1
    if fillers == "copies":
        table[:, np.argsort(-popular, kind="stable")[:size]] = 1
        return table
    weights = popular if fillers == "popular" else (popular > 0).astype(float)
    for row in table:
        row[rng.choice(len(popular), size, replace=False, p=weights / weights.sum())] = 1
    return table


def alikeness(table: ArrayLike, k: int = 20) -> NDArray[np.floating]:
    """Compute how much each user is like the k users that are most like them: copies of one profile stand out.

    Source: P.-A. Chirita, W. Nejdl and C. Zamfir, Preventing Shilling Attacks in Online Recommender Systems, WIDM 2005,
    their degree of similarity with top neighbours, here by the cosine.

    Parameters
    ----------
    table : array_like, shape (n_users, n_items)
        1 where a user rated an item, else 0.
    k : int
        How many others count, from 1 to n_users - 1.

    Returns
    -------
    ndarray, shape (n_users,)
        Mean cosine with them, from 0 to 1. A user without ratings has 0.

    Raises
    ------
    ValueError
        If `table` is not two-dimensional, or there are not k others.

    Examples
    --------
    >>> alikeness([[1, 1, 0], [1, 1, 0], [0, 0, 1]], k=1).round(2)
    array([1., 1., 0.])
    """
    rows = np.asarray(table, dtype=float)
    if rows.ndim != 2 or not 1 <= k < len(rows):
        raise ValueError(f"table must have two dimensions and more than k = {k} rows, got shape {rows.shape}")
    cosines = _gram(rows)
    lengths = np.sqrt(cosines.diagonal())
    lengths[lengths == 0] = 1
    cosines /= lengths[:, None]
    cosines /= lengths
    np.fill_diagonal(cosines, -1)
    best: NDArray[np.floating] = np.partition(cosines, len(rows) - k, axis=1)[:, len(rows) - k :]
    return best.mean(axis=1)


def explained_share(table: ArrayLike, d: int = 20) -> NDArray[np.floating]:
    """Compute what share of each user's ratings the d largest singular values of the table explain.

    Who rates by a taste that others share is explained well; films drawn by lot are not. It is the squared length of
    a user's row in the space of width d, over that of the row itself.

    Source: B. Mehta and W. Nejdl, Unsupervised Strategies for Shilling Detection and Robust Collaborative Filtering,
    User Modeling and User-Adapted Interaction 19, 2009, who look at users by their principal components.

    Parameters
    ----------
    table : array_like, shape (n_users, n_items)
        1 where a user rated an item, else 0.
    d : int
        Width, from 1 to n_users.

    Returns
    -------
    ndarray, shape (n_users,)
        From 0 to 1. A user without ratings has 0.

    Raises
    ------
    ValueError
        If `table` is not two-dimensional, or `d` does not fit it.

    Examples
    --------
    The third user shares no film with the first two, and one dimension holds these alone:

    >>> explained_share([[1, 1, 0], [1, 1, 0], [0, 0, 1]], d=1).round(2) + 0.0
    array([1., 1., 0.])
    """
    rows = np.asarray(table, dtype=float)
    if rows.ndim != 2 or not 1 <= d <= len(rows):
        raise ValueError(f"table must have two dimensions and at least d = {d} rows, got shape {rows.shape}")
    gram = _gram(rows)
    values, left = _largest(gram, d)  # the squared singular values
    squares = gram.diagonal()
    inside = np.where(squares > 0, left**2 @ np.maximum(values, 0), 0)  # rounding leaves an empty row almost nothing
    return np.clip(inside / np.where(squares > 0, squares, 1), 0, 1)


def _gram(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    """Count what each two users have both rated; float32 holds such counts exactly, and takes half the time."""
    ones = rows.astype(np.float32)
    return (ones @ ones.T).astype(float)


def _largest(gram: NDArray[np.floating], d: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find the d largest eigenvalues and their vectors; of a large matrix without finding all the others.

    Source: C. Musco and C. Musco, Randomized Block Krylov Methods for Stronger and Faster Approximate Singular Value
    Decomposition, NeurIPS 2015: what twelve products with a block of d + 4 vectors span holds them nearly. How nearly
    says the bound of C. Davis and W. Kahan, The Rotation of Eigenvectors by a Perturbation III, SIAM Journal on
    Numerical Analysis 7(1), 1970: the residual over the gap. Where it is too far, all are found after all.
    """
    width = d + 4
    if len(gram) > 20 * width:
        block, blocks = np.random.default_rng(0).normal(size=(len(gram), width)), []
        for _ in range(12):
            block = np.linalg.qr(gram @ block)[0]
            blocks.append(block)
        basis = np.linalg.qr(np.hstack(blocks))[0]
        values, inside = np.linalg.eigh(basis.T @ gram @ basis)
        largest, left = values[-d:], basis @ inside[:, -d:]
        if np.linalg.norm(gram @ left - left * largest) <= MAX_TURN * (largest[0] - values[-d - 1]):
            return largest, left
    values, left = np.linalg.eigh(gram)
    return values[-d:], left[:, -d:]


@taught
def film_ranks(scores: ArrayLike, target: int, seen: ArrayLike) -> NDArray[np.integer]:
    """Rank one film in the lists of all users who have not seen it.

    Parameters
    ----------
    scores : array_like, shape (n_users, n_items)
        Higher is better.
    target : int
        The film.
    seen : array_like of bool, shape (n_users, n_items)
        Films that are not listed.

    Returns
    -------
    ndarray of int, shape (n_judged,)
        1 plus the number of films that the user has not seen and that have a higher score, for each user who has not
        seen the film, in the order of the users.

    Raises
    ------
    ValueError
        If the tables do not fit each other, or the target is no film of theirs.

    Examples
    --------
    The second user has seen it:

    >>> film_ranks([[3, 2, 1], [1, 2, 3]], 2, [[False, True, False], [False, False, True]])
    array([2])
    """
    table, known = np.asarray(scores), np.asarray(seen, dtype=bool)
    if table.ndim != 2 or table.shape != known.shape:
        raise ValueError(f"scores {table.shape} and seen {known.shape} must be tables of one shape")
    if not 0 <= operator.index(target) < table.shape[1]:
        raise ValueError(f"target must be a film from 0 to {table.shape[1] - 1}, got {target}")
    judged = ~known[:, target]
    ahead = (table[judged] > table[judged, target][:, None]) & ~known[judged]
    return 1 + ahead.sum(axis=1)


def attack_run(
    train: ArrayLike,
    relevant: NDArray,
    fakes: ArrayLike,
    kept: ArrayLike,
    target: int,
    *,
    l2: float = 3.0,
    unobserved_weight: float = 0.1,
    d: int = 32,
    sweeps: int = 10,
    seed: int = 0,
) -> AttackRun:
    """Train iALS on real and fake profiles, less those that a defence leaves out, and place everybody among its items.

    Parameters
    ----------
    train : array_like, shape (n_users, n_items)
        1 where a real user rated an item in the training part, else 0.
    relevant : ndarray of bool, shape (n_users, n_items)
        What the real users' lists should find.
    fakes : array_like, shape (n_fakes, n_items)
        The fake profiles.
    kept : array_like of bool, shape (n_users + n_fakes,)
        Whose ratings the items are trained on, the fake profiles last. Real users who are left out get lists all the
        same.
    target : int
        The film that is to be lifted.
    l2, unobserved_weight, d, sweeps
        The settings of `recsys_lib.factorization.fit_ials`.
    seed : int
        From which its start is drawn.

    Returns
    -------
    AttackRun

    Raises
    ------
    ValueError
        If the tables do not fit each other.

    Examples
    --------
    Two audiences with twelve films each; each user has one film to find, and one of two fake profiles is left out:

    >>> likes = np.kron(np.eye(2), np.ones((6, 12)))
    >>> hidden = likes * (np.arange(24) % 12 == np.arange(12)[:, None] % 6) > 0
    >>> fakes = fake_profiles(likes.sum(axis=0), 5, 2, 4, rng=np.random.default_rng(0))
    >>> run = attack_run(likes - hidden, hidden, fakes, np.arange(14) < 13, 5, d=2)
    >>> run.scores.shape, round(run.ndcg, 3), run.caught
    ((14, 24), 1.0, 0.5)
    """
    real, fake, keep = np.asarray(train, dtype=float), np.asarray(fakes, dtype=float), np.asarray(kept, dtype=bool)
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1] or keep.shape != (len(real) + len(fake),):
        raise ValueError(f"train {real.shape}, fakes {fake.shape} and kept {keep.shape} do not fit each other")
    # as lists of ratings, since copies of large tables cost more than the training
    (user, item), (user_of_fake, item_of_fake) = np.nonzero(real != 0), np.nonzero(fake != 0)  # faster than of floats
    user, item = np.append(user, user_of_fake + len(real)), np.append(item, item_of_fake)
    everybody = Interactions(user, item, n_users=len(keep), n_items=real.shape[1])
    taught, number = keep[user], np.cumsum(keep) - 1
    kept_ones = Interactions(number[user[taught]], item[taught], n_users=int(keep.sum()), n_items=real.shape[1])
    rng = np.random.default_rng(seed)
    model = fit_ials(kept_ones, d, l2=l2, unobserved_weight=unobserved_weight, sweeps=sweeps, rng=rng)
    scores = _placed(everybody, model.items, l2, unobserved_weight) @ model.items.T
    norms = np.linalg.norm(model.items, axis=1)
    ndcg = ndcg_at_k(top_k(scores[: len(real)], 10, seen=real > 0), relevant)
    looked = len(fake) > 0 and not keep.all()
    caught, by_lot = (float(np.mean(~keep[len(real) :])), float(np.mean(~keep))) if looked else (None, None)
    return AttackRun(scores, float(np.mean(norms < norms[target])), ndcg, caught, by_lot)


def _placed(ratings: Interactions, items: NDArray[np.floating], l2: float, weight: float) -> NDArray[np.floating]:
    """Place users as `recsys_lib.factorization.ials_users` does, by elimination: a third of the time for so few."""
    d = items.shape[1]
    everywhere = weight * (items.T @ items) + l2 * np.eye(d, dtype=items.dtype)
    padded = np.vstack([items, np.zeros((1, d), items.dtype)])  # the row that buckets are filled up with
    users = np.zeros((ratings.n_users, d), items.dtype)
    for bucket in buckets_of(ratings.by_user, ratings.n_items):
        x = padded.take(bucket.others, axis=0)
        left = (1 - weight) * (x.transpose(0, 2, 1) @ x) + everywhere
        users[bucket.problems] = np.linalg.solve(left, x.sum(axis=1)[..., None])[..., 0]
    return users
