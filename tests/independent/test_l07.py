"""Lesson 7: starts, L2 and gravity, by `models.py`."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import spearmanr

from tests.independent import models
from tests.independent.measures import cosines, rare, recall, ten_best

LINES = {
    "rare": r"^(\d+) of 1682 films are rare, (\d+%); (\d+) have no rating",
    "start": r"std +{std}: formula (\d\.\d+), drawn (\d\.\d+) \+- (\d\.\d+)",
    "safe": r"width 30, norm 0.25: std (0\.\d+)",
    "moved": r"{low} to +{high} ratings: +(\d+) films, mean norm (\d\.\d+) -> (\d\.\d+)",
    "popular": r"most popular: (\d+%) of the places are rare films, recall (0\.\d+)",
    "model": r"^{model} +error (\d\.\d+)  rho ([+-]\d\.\d+)   dot: rare +(\d+%), recall (0\.\d+)"
    r"   cosine: rare +(\d+%), recall (0\.\d+)",
    "cold": r"films without ratings in D: measured (\d\.\d+), formula (\d\.\d+)",
    "left": r"{steps} steps leave (\d\.\d+) of (\d\.\d+)",
}
#: Start, learning rate, L2, gravity.
SETTINGS = {"A": (1.0, 10, 0.0, 0.0), "B": (0.05, 20, 0.0, 0.0), "D": (1.0, 10, 0.1, 0.0), "E": (0.05, 20, 0.1, 1.0)}
#: Of error, rho, and twice rare share and recall: the course trains in float32.
NOISE = (0.002, 0.002, 0.002, 0.001, 0.002, 0.001)


@pytest.fixture(scope="module")
def trained(split):
    """Train four models of 300 steps."""
    found = {}
    for name, (std, lr, l2, gravity) in SETTINGS.items():
        begin = models.start(943, 1682, 30, std)
        found[name] = models.descend(split.table, *begin, lr=lr, steps=300, l2=l2, gravity=gravity)
    return found


def lengths_of(items):
    """How long each row is."""
    return np.sqrt((items**2).sum(axis=1))


def row_of(model, movielens, split):
    """Test error, rho, then rare share and recall by dot product and by cosine."""
    users, items = model
    user, item, rating = (column[split.test_rows] for column in (movielens.user, movielens.item, movielens.rating))
    error = np.mean(((users @ items.T)[user, item] - rating) ** 2)
    found = [error, spearmanr(lengths_of(items), split.counts).statistic]
    for scores in (users @ items.T, cosines(users, items)):
        ten = ten_best(scores, split.seen)
        found += [rare(ten, split.counts), recall(ten, split.hidden)]
    return found


def test_counts(lesson, split):
    """Rare films and the list that needs no model."""
    few = split.counts <= 5
    lesson.prints(LINES["rare"], few.sum(), few.mean(), np.sum(split.counts == 0))
    famous = ten_best(np.tile(split.counts, (943, 1)), split.seen)
    lesson.prints(LINES["popular"], rare(famous, split.counts), recall(famous, split.hidden))


@pytest.mark.parametrize("std", [1.0, 0.05])
def test_length_of_a_start(lesson, std):
    """Root mean square, mean and spread of a norm, by the moments of the chi distribution."""
    mean = std * np.sqrt(2) * np.exp(gammaln(31 / 2) - gammaln(30 / 2))
    line = LINES["start"].replace("{std}", str(std))
    lesson.prints(line, std * 30**0.5, mean, np.sqrt(30 * std**2 - mean**2), noise=0.003 * std)
    lesson.prints(LINES["safe"], 0.25 / 30**0.5)


@pytest.mark.parametrize("low, high", [(0, 0), (1, 5), (6, 20), (21, 100), (101, 999)])
def test_nobody_comes(lesson, split, trained, low, high):
    """Mean norms before and after model A, by number of ratings."""
    some = (split.counts >= low) & (split.counts <= high)
    lengths = [lengths_of(items[some]).mean() for items in (models.start(943, 1682, 30, 1.0)[1], trained["A"][1])]
    lesson.prints(LINES["moved"].replace("{low}", str(low)).replace("{high}", str(high)), some.sum(), *lengths)


@pytest.mark.parametrize("model", SETTINGS)
def test_models(lesson, movielens, split, trained, model):
    """The lesson's table."""
    lesson.prints(LINES["model"].replace("{model}", model), *row_of(trained[model], movielens, split), noise=NOISE)


def test_l2_by_frequency(lesson, movielens, split):
    """The large start with weights in proportion to the number of ratings, mean 1."""
    begin, weights = models.start(943, 1682, 30, 1.0), split.counts / split.counts.mean()
    model = models.descend(split.table, *begin, lr=10, steps=300, l2=0.1, weights=weights)
    lesson.prints(LINES["model"].replace("{model}", "L2 by frequency"), *row_of(model, movielens, split), noise=NOISE)


def test_cold_films(lesson, split, trained):
    """What L2 leaves of a vector that nothing else moves, step by step."""
    cold = split.counts == 0
    fresh = models.start(943, 1682, 30, 1.0)[1]
    before, after = (lengths_of(items[cold]).mean() for items in (fresh, trained["D"][1]))
    left = before
    for step in range(1, 2601):
        left -= 10 * 2 * 0.1 / 1682 * left
        if step == 300:
            lesson.prints(LINES["cold"], after, left)
        if step in (300, 1000, 2600):
            lesson.prints(LINES["left"].replace("{steps}", str(step)), left, before)
