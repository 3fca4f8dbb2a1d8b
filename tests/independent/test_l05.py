"""Lesson 5: observed loss, alternating least squares and gravity, by `models.py`; the published table, on its folds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.independent import models
from tests.independent.measures import ndcg, rare, ten_best
from tests.independent.splits import five_parts

LINES = {
    "corner": r"200 users, 250 films (\d+%) rated, (\d+%) not",
    "rated": r"predicting nothing: (\d+\.\d+) over the rated cells",
    "all": r"^ +(\d+\.\d+) over all cells, holes as zeros",
    "step": r"^step {step}   error (\d\.\d+)   held out (\d\.\d+)",
    "sweep": r"^sweep {sweep}   error (\d\.\d+)   held out (\d\.\d+)",
    "pairs": r"all pairs (\d+\.\d+), small tables (\d+\.\d+)",
    "root": r"root mean square (\d\.\d+), while the mean rating is (\d\.\d+)",
    "folds": r"baseline, five folds: RMSE (0\.\d+), MAE (0\.\d+)",
    "popular": r"^popular +test RMSE +\S+ +nDCG@10 (0\.\d+)",
    "model": r"^{model} +test RMSE +(\d\.\d+) +nDCG@10 (0\.\d+)",
    "places": r"films with at most five ratings fill (\d+%) of all places",
    "order": r"^{model} +puts the better of two hidden films first in (\d+%)",
}


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
    begin = models.start(943, 1682, 10, 0.05)
    found = {
        "baseline": models.biases(split.table),
        "ALS": models.als(split.table, models.start(943, 1682, 10, 0.1)[1], l2=0.14, sweeps=10),
        "popular": np.tile(split.counts, (943, 1)),
    }
    for name, options in {"gradient": {}, "+ L2 and gravity": {"l2": 0.1, "gravity": 1.0}}.items():
        users, items = models.descend(split.table, *begin, lr=20, steps=300, **options)
        found[name] = users @ items.T
    return found


def off(users, items, table):
    """Mean squared error, one rating after the other."""
    return np.mean([(users[u] @ items[i] - table[u, i]) ** 2 for u, i in zip(*np.nonzero(table), strict=True)])


def test_corner(lesson, corner):
    """Holes, and what the empty model costs."""
    ratings, _ = corner
    lesson.prints(LINES["corner"], np.mean(ratings > 0), np.mean(ratings == 0))
    lesson.prints(LINES["rated"], np.mean(ratings[ratings > 0] ** 2))
    lesson.prints(LINES["all"], np.mean(ratings**2))


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
    rmse = np.mean([np.sqrt(np.mean(fold**2)) for fold in errors])
    lesson.prints(LINES["folds"], rmse, np.mean([np.abs(fold).mean() for fold in errors]))


@pytest.mark.parametrize("model", ["baseline", "ALS", "gradient", "+ L2 and gravity"])
def test_errors_and_lists(lesson, movielens, split, scores, model):
    """A lower error, worse lists."""
    user, item = movielens.user[split.test_rows], movielens.item[split.test_rows]
    rmse = np.sqrt(np.mean((scores[model][user, item] - movielens.rating[split.test_rows]) ** 2))
    line = LINES["model"].replace("{model}", model.replace("+", r"\+"))
    lesson.prints(line, rmse, ndcg(ten_best(scores[model], split.seen), split.hidden), noise=0.0005)


def test_popular_and_rare(lesson, split, scores):
    """The list that needs no model, and what fills those of ALS."""
    lesson.prints(LINES["popular"], ndcg(ten_best(scores["popular"], split.seen), split.hidden))
    lesson.prints(LINES["places"], rare(ten_best(scores["ALS"], split.seen), split.counts))


@pytest.mark.parametrize("model", ["popular", "baseline", "gradient", "ALS"])
def test_order_of_two(lesson, movielens, split, scores, model):
    """Of two hidden films of a user, neighbours by number, rated differently: is the better one first?"""
    right = []
    by_user = np.lexsort((movielens.item[split.test_rows], movielens.user[split.test_rows]))
    rows = split.test_rows[by_user]
    for one, other in zip(rows, rows[1:], strict=False):
        better = movielens.rating[other] - movielens.rating[one]
        if movielens.user[one] == movielens.user[other] and better:
            higher = np.subtract(*scores[model][movielens.user[one], movielens.item[[other, one]]])
            right.append(0.5 if higher == 0 else float((higher > 0) == (better > 0)))
    lesson.prints(LINES["order"].replace("{model}", model), np.mean(right))
