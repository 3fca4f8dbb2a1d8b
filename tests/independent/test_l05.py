"""Lesson 5: observed loss, alternating least squares and gravity, by `models.py`; the published table, on its folds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.independent import models
from tests.independent.conftest import truncated
from tests.independent.measures import ndcg, rare, ten_best
from tests.independent.splits import five_parts

LINES = {
    "corner": r"200 users, 250 films (\d+%) rated, (\d+%) not",
    "step": r"^step {step}   error (\d\.\d+)   held out (\d\.\d+)",
    "sweep": r"^sweep {sweep}   error (\d\.\d+)   held out (\d\.\d+)",
    "pairs": r"all pairs (\d+\.\d+), small tables (\d+\.\d+)",
    "root": r"root mean square (\d\.\d+), while the mean rating is (\d\.\d+)",
    "folds": r"baseline, five folds: RMSE (0\.\d+)",
    "popular": r"^popular +test RMSE none +nDCG@10 (0\.\d+)   rare films (\d+%)",
    "model": r"^{model} +test RMSE (\d\.\d+)   nDCG@10 (0\.\d+)   rare films (\d+%)",
    "aside": r"^{model} .*   put aside: RMSE (\d\.\d+)   nDCG@10 (0\.\d+)$",
    "svd": r"^SVD of lesson 2 +test RMSE none +nDCG@10 (0\.\d+)   rare films (\d+%)",
    "four": r"^four stars +by count, flat, popular: nDCG@10 (0\.\d+) (0\.\d+) (0\.\d+)",
}
SWEPT = {"count 0.14": (0.14, True), "flat  12": (12, False)}
"""Ridges of ALS, and whether each grows with the number of ratings."""
PULLED = {"gravity 0.0": {"l2": 0.1}, "gravity 1.0": {"l2": 0.1, "gravity": 1}}
"""Penalties of gradient descent."""


@pytest.fixture(scope="module")
def corner(split, movielens):
    """Ratings of 200 busy users and 250 films, learnt and hidden."""
    busy = np.argsort(-split.seen.sum(axis=1), kind="stable")[:400:2]
    known = np.argsort(-split.counts, kind="stable")[:1000:4]
    hidden = np.zeros(split.table.shape)
    rows = split.test_rows
    hidden[movielens.user[rows], movielens.item[rows]] = movielens.rating[rows]
    return split.table[np.ix_(busy, known)], hidden[np.ix_(busy, known)]


@pytest.fixture(scope="module")
def scores(split):
    """Score every pair by the models that the lesson compares."""
    found = {"baseline": models.biases(split.table), "popular": np.tile(split.counts, (943, 1))}
    items = models.start(943, 1682, 10, 0.1)[1]
    for name, (l2, by_count) in SWEPT.items():
        found[name] = models.als(split.table, items, l2=l2, sweeps=10, by_count=by_count)
    found["ALS"] = found["count 0.14"]
    for name, more in PULLED.items():
        users, films = models.descend(split.table, *models.start(943, 1682, 10, 0.05), lr=20, steps=300, **more)
        found[name] = users @ films.T
    return found


def off(users, items, table):
    """Mean squared error, one rating after the other."""
    return np.mean([(users[u] @ items[i] - table[u, i]) ** 2 for u, i in zip(*np.nonzero(table), strict=True)])


def test_corner(lesson, corner):
    """Cells that are rated, and holes."""
    ratings, _ = corner
    lesson.prints(LINES["corner"], np.mean(ratings > 0), np.mean(ratings == 0))


def test_gradient_steps(lesson, corner):
    """Errors along sixty gradient steps, and gravity of what they lead to, pair by pair."""
    ratings, hidden = corner
    model = models.start(200, 250, 10, 0.1)
    for step in (15, 30, 45, 60):
        model = models.descend(ratings, *model, lr=8.0, steps=15)
        lesson.prints(LINES["step"].replace("{step}", str(step)), off(*model, ratings), off(*model, hidden))
    squares = np.mean([(user @ item) ** 2 for user in model[0] for item in model[1]])
    lesson.prints(LINES["pairs"], squares, squares)
    lesson.prints(LINES["root"], np.sqrt(squares), ratings[ratings > 0].mean())


def test_sweeps(lesson, corner):
    """Errors along five sweeps of least squares without biases."""
    ratings, hidden = corner
    items = 0.1 * np.random.default_rng(0).standard_normal((250, 10))
    for sweep in range(1, 6):
        users = ridge(items, ratings)
        items = ridge(users, ratings.T)
        line = LINES["sweep"].replace("{sweep}", str(sweep))
        lesson.prints(line, off(users, items, ratings), off(users, items, hidden))


def ridge(other, table, l2=0.1):
    """Least squares over the rated rows, with the ridge written as more rows: l2 k |u|^2 is k d rows of zeros."""
    found = np.zeros((len(table), other.shape[1]))
    for one, row in enumerate(table):
        rated = np.flatnonzero(row)
        pull = np.sqrt(l2 * len(rated)) * np.eye(other.shape[1])
        found[one] = np.linalg.lstsq(np.vstack([other[rated], pull]), np.append(row[rated], 0 * pull[0]), rcond=None)[0]
    return found


def test_published_row(lesson, movielens):
    """Surprise's baseline on its five folds; predictions are clipped to the scale."""
    errors = []
    for fit, held in five_parts(len(movielens.user), 0):
        table = np.zeros((943, 1682))
        table[movielens.user[fit], movielens.item[fit]] = movielens.rating[fit]
        found = models.biases(table)[movielens.user[held], movielens.item[held]]
        errors.append(np.clip(found, 1, 5) - movielens.rating[held])
    lesson.prints(LINES["folds"], np.mean([np.sqrt(np.mean(fold**2)) for fold in errors]))


@pytest.mark.parametrize("model", ["baseline", "ALS", *SWEPT, *PULLED])
def test_errors_and_lists(lesson, movielens, split, scores, model):
    """A lower error, worse lists: who is shrunk, and what is seen."""
    user, item = movielens.user[split.test_rows], movielens.item[split.test_rows]
    rmse = np.sqrt(np.mean((scores[model][user, item] - movielens.rating[split.test_rows]) ** 2))
    lists = ten_best(scores[model], split.seen)
    values = rmse, ndcg(lists, split.hidden), rare(lists, split.counts)
    lesson.prints(LINES["model"].replace("{model}", model), *values, noise=0.0005)


def test_popular(lesson, split, scores):
    """The list that needs no model."""
    lists = ten_best(scores["popular"], split.seen)
    lesson.prints(LINES["popular"], ndcg(lists, split.hidden), rare(lists, split.counts))


def of_those_with_hits(lists, wanted):
    """nDCG over the users who want something, as the lesson's is; scikit-learn counts the others as 0."""
    some = wanted.any(axis=1)
    return ndcg(lists[some], wanted[some])


@pytest.mark.parametrize("model", SWEPT)
def test_put_aside(lesson, movielens, split, model):
    """A tenth of the training rows, where the ridge is chosen."""
    l2, by_count = SWEPT[model]
    aside = split.rows[::10]
    table, held = split.table.copy(), np.zeros(split.table.shape)
    table[movielens.user[aside], movielens.item[aside]] = 0
    held[movielens.user[aside], movielens.item[aside]] = movielens.rating[aside]
    found = models.als(table, models.start(943, 1682, 10, 0.1)[1], l2=l2, sweeps=10, by_count=by_count)
    error = np.sqrt(np.mean((found - held)[held > 0] ** 2))
    lists = ten_best(found, table > 0)
    lesson.prints(LINES["aside"].replace("{model}", model), error, of_those_with_hits(lists, held > 0), noise=0.0005)


def test_svd_of_who_rated_what(lesson, split):
    """The list of lesson 2 on this split, in ten dimensions."""
    u, s, v = truncated(split.seen, 10)
    lists = ten_best((u * s) @ v.T, split.seen)
    lesson.prints(LINES["svd"], ndcg(lists, split.hidden), rare(lists, split.counts))


def test_four_stars(lesson, split, scores):
    """Only hidden films that were liked are hits."""
    names = ("count 0.14", "flat  12", "popular")
    values = [of_those_with_hits(ten_best(scores[name], split.seen), split.hidden_table >= 4) for name in names]
    lesson.prints(LINES["four"], *values, noise=0.0005)
