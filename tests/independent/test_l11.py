"""Lesson 11: two towers trained in batches, by one function of plain NumPy, in float64.

The other settings of the lesson were recomputed once, on 2026-12-01, and agreed: they take longest.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import spearmanr
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import OneHotEncoder

from recsys_lib.datasets import synthetic_world
from tests.independent.measures import rare, recall, ten_best

ROW = r"R@10 (0\.\d+)  mean popularity +(\d+)  rare +(\d+%)"
LINES = {
    "places": r"^{title}: (\d+) ratings, in a batch (\d\.\d+) times",
    "mask": r"^(\d+%) of the users of a batch meet their own film",
    "arms": "^none +" + ROW + "\nsubtract +" + ROW + "\nadd +" + ROW,
    "over": r"^recall of subtract over {arm}: 95% of the draws lie between \+(0\.\d+) and \+(0\.\d+)",
    "rho": r"^{arm} +rank correlation of norm and count ([+-]0\.\d+)",
    "once": r"^none, log q added when serving +" + ROW,
    "twice": r"^subtracted again, as the arithmetic has it: " + ROW,
    "setting": r"^{setting}\n    none +" + ROW + r"\n    subtract +" + ROW,
    "liked": r"^liked: (\d+%) of all pairs; shown at the start and liked: (0\.\d+%)",
    "cold": r"^tower (0\.\d+), genre profile (0\.\d+), chance (0\.\d+); tower over profile: \+(0\.\d+) to \+(0\.\d+)",
    "mean": r"'none': (-?0\.\d+), 'subtract': (-?0\.\d+), 'add': (-?0\.\d+)",
}
TIMES = {"none": 0, "subtract": 1, "add": -1}
#: Of recall, popularity and rare share: the course trains in float32, and rounding grows from step to step.
NOISE = (0.002, 1.5, 0.01)


def train(seen, arm, *, lr=0.1, epochs=8, batch=256, seed=0, features=None):
    """Train two towers of width 20 on batches of ratings; the start is drawn first, then each epoch's order."""
    rng = np.random.default_rng(seed)
    users, items = 0.1 * rng.standard_normal((len(seen), 20)), 0.1 * rng.standard_normal((seen.shape[1], 20))
    content = features
    weights = items if features is None else 0.1 * rng.standard_normal((features.shape[1], 20))
    user, item = np.nonzero(seen)
    log_share = TIMES[arm] * np.log(np.bincount(item, minlength=seen.shape[1]).clip(1) / len(item))
    moved = [np.zeros((len(table), 1)) for table in (users, weights)]
    for _ in range(epochs):
        order = rng.permutation(len(item))
        for first in range(0, len(order), batch):
            some = order[first : first + batch]
            (who, of_who), (what, of_what) = (np.unique(ids[some], return_inverse=True) for ids in (user, item))
            u, x = users[user[some]], weights[item[some]] if features is None else content[item[some]] @ weights
            slope = np.exp(u @ x.T - log_share[item[some]])  # the scores are small
            slope /= slope.sum(axis=1, keepdims=True) * len(some)
            slope[np.diag_indices(len(some))] -= 1 / len(some)
            steps = [(users, moved[0], who, added(slope @ x, of_who))]
            of_items = added(slope.T @ u, of_what)
            if features is None:
                steps.append((weights, moved[1], what, of_items))
            else:
                steps.append((weights, moved[1], slice(None), content[what].T @ of_items))
            for table, squares, rows, gradient in steps:
                squares[rows] += (gradient**2).mean(axis=1, keepdims=True)
                table[rows] -= lr * gradient / (np.sqrt(squares[rows]) + 1e-8)
    return users, weights if features is None else content @ weights


def added(changes, row):
    """Add up the changes of each row."""
    return csr_matrix((np.ones(len(row)), (row, np.arange(len(row))))) @ changes


def figures(scores, split):
    """Recall, mean popularity and rare share of everybody's ten."""
    lists = ten_best(scores, split.seen)
    return recall(lists, split.hidden), split.counts[lists].mean(), rare(lists, split.counts)


def shares(lists, wanted):
    """Recall of each user who wants anything."""
    found = np.take_along_axis(wanted, lists, axis=1).sum(axis=1)
    return (found / wanted.sum(axis=1).clip(1))[wanted.any(axis=1)]


def interval(differences, n_users):
    """Percentiles of the mean over a thousand draws of users, drawn as the lesson draws them."""
    draws = np.random.default_rng(0).integers(n_users, size=(1000, n_users))
    return np.percentile([differences[draw].mean() for draw in draws], [2.5, 97.5])


@pytest.fixture(scope="module")
def arms(split):
    """Train the three arms of the lesson."""
    return {arm: train(split.seen, arm) for arm in TIMES}


def test_who_is_in_a_batch(lesson, movielens, split):
    """Expected places of the best-known film and of one with five ratings; users who meet their own film."""
    for film in (split.counts.argmax(), np.flatnonzero(split.counts == 5)[0]):
        title = movielens.titles[film].replace("(", r"\(").replace(")", r"\)")
        line = LINES["places"].replace("{title}", title)
        lesson.prints(line, split.counts[film], 256 * split.counts[film] / split.counts.sum())
    share = split.counts / split.counts.sum()
    lesson.prints(LINES["mask"], np.sum(share * (1 - (1 - share) ** 255)), noise=0.005)  # as it is expected


def test_arms(lesson, split, arms):
    """What the lists of each arm are worth."""
    found = [figure for users, items in arms.values() for figure in figures(users @ items.T, split)]
    lesson.prints(LINES["arms"], *found, noise=3 * NOISE)


@pytest.mark.parametrize("arm", TIMES)
def test_norms(lesson, split, arms, arm):
    """The rank correlation of norm and count."""
    rated, items = split.counts > 0, arms[arm][1]
    rho = spearmanr(np.sqrt((items**2).sum(axis=1))[rated], split.counts[rated]).statistic
    lesson.prints(LINES["rho"].replace("{arm}", arm), rho, noise=0.01)


@pytest.mark.parametrize("arm", ["none", "add"])
def test_intervals(lesson, split, arms, arm):
    """The difference in recall, drawn over users."""
    ours, theirs = (shares(ten_best(u @ x.T, split.seen), split.hidden) for u, x in (arms["subtract"], arms[arm]))
    lesson.prints(LINES["over"].replace("{arm}", arm), *interval(ours - theirs, len(ours)), noise=0.002)


def test_serving(lesson, split, arms):
    """Paid once when serving, and paid twice; how the mean score goes with the count."""
    tables = {arm: users @ items.T for arm, (users, items) in arms.items()}
    rated = split.counts > 0
    log_share = np.log(split.counts.clip(1) / split.counts.sum())
    once = np.where(rated, tables["none"] + log_share, -np.inf)
    twice = np.where(rated, tables["subtract"] - log_share, np.inf)
    lesson.prints(LINES["once"], *figures(once, split), noise=NOISE)
    lesson.prints(LINES["twice"], *figures(twice, split), noise=NOISE)
    means = [spearmanr(table.mean(axis=0)[rated], split.counts[rated]).statistic for table in tables.values()]
    lesson.prints(LINES["mean"], *means, noise=0.01)


@pytest.mark.parametrize("changes", [{}, {"lr": 0.5}], ids=str)
def test_settings(lesson, split, changes):
    """Two epochs, one dial at a time."""
    name = str(changes).replace("{", r"\{").replace("}", r"\}") if changes else "two epochs, else as above"
    found = []
    for arm in ("none", "subtract"):
        users, items = train(split.seen, arm, **{"epochs": 2, **changes})
        found += figures(users @ items.T, split)
    lesson.prints(LINES["setting"].replace("{setting}", name), *found, noise=2 * NOISE)


def test_likes_of_the_loop(lesson):
    """What is liked in the world of the loop, and shown before it begins."""
    world = synthetic_world(0, n_users=600, n_items=800)
    fits = world.true_users @ world.true_items.T
    likes = fits.argsort(axis=1).argsort(axis=1) >= 720
    start = np.random.default_rng(0).random(likes.shape).argsort(axis=1) < 20
    lesson.prints(LINES["liked"], likes.mean(), np.mean(start & likes))


def test_films_that_nobody_rated(lesson, movielens, world):
    """One of the three draws: 150 films taken out, and ranked by tower, genre profile and chance."""
    out = np.random.default_rng(0).permutation(np.flatnonzero(world.counts >= 10))[:150]
    kept = world.seen.copy()
    kept[:, out] = False
    decade = OneHotEncoder(sparse_output=False).fit_transform((np.array(movielens.years) // 10)[:, None])
    features = np.hstack([movielens.genres, decade, np.ones((len(decade), 1))])
    users, items = train(kept, "subtract", features=features, epochs=4)
    ways = users @ items.T, cosine_similarity(kept @ movielens.genres, movielens.genres)
    found = [shares(ten_best(scores[:, out], np.zeros((943, 150), bool)), world.seen[:, out]) for scores in ways]
    by_lot = np.random.default_rng(0).random(world.seen.shape)[:, out]
    chance = shares(ten_best(by_lot, np.zeros((943, 150), bool)), world.seen[:, out]).mean()
    end = next(text for text in lesson.text.splitlines() if text.startswith("tower "))[-7:]  # of the first draw
    low, high = interval(found[0] - found[1], len(found[0]))
    means = found[0].mean(), found[1].mean(), chance
    lesson.prints(f"{LINES['cold']}(?<={re.escape(end)})", *means, low, high, noise=0.003)
