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
    "longest": r"^of the 100 longest (\d+%) are rare, and none has more than (\d+) ratings",
    "model": r"^{model} +error (\d\.\d+)  rho ([+-]\d\.\d+)   dot: rare +(\d+\.\d%), recall (0\.\d+)"
    r"   cosine: rare +(\d+\.\d%), recall (0\.\d+)",
    "cold": r"^{steps} steps: measured (\d\.\d+), formula (\d\.\d+)",
    "everybody": r"^ *{steps} steps: well-known films (0\.\d+), rare films (0\.\d+); the lists by it are (\d+%) rare",
    "agree": r"^more than +{over} ratings: B (\d+%), E (\d+%) \(chance (\d\.\d%)\)",
    "left": r"formula after 1250 steps: (\d\.\d+) of (\d\.\d+)",
}
#: Start, L2, gravity, whether L2 grows with the number of ratings: all at the learning rate 20, 150 steps or 300.
SETTINGS = {
    "A": (1.0, 0.0, 0.0, False),
    "B": (0.05, 0.0, 0.0, False),
    "D": (1.0, 0.1, 0.0, False),
    "E": (0.05, 0.1, 1.0, False),
    "0.1 by frequency": (1.0, 0.1, 0.0, True),
    "gravity alone": (1.0, 0.0, 1.0, False),
    "E by frequency": (0.05, 0.1, 1.0, True),
}
#: The line of each model, and after how many steps.
ROWS = {
    "A ": ("A", 300),
    "B ": ("B", 300),
    "D ": ("D", 300),
    "no L2": ("A", 150),
    "0.1 by frequency": ("0.1 by frequency", 150),
    "0.1, the same each": ("D", 150),
    "E, 150 steps": ("E", 150),
    "E, 300 steps": ("E", 300),
    "gravity alone, 150": ("gravity alone", 150),
    "by frequency, 150": ("E by frequency", 150),
}
#: Of error, rho, and twice rare share and recall: the course trains in float32.
NOISE = (0.002, 0.002, 0.002, 0.001, 0.002, 0.001)


@pytest.fixture(scope="module")
def trained(split):
    """Train the models of the table, each to all the steps at which it is looked at."""
    found, weights = {}, split.counts / split.counts.mean()
    for name, (std, l2, gravity, by_count) in SETTINGS.items():
        model = models.start(943, 1682, 30, std)
        options = {"lr": 20, "steps": 150, "l2": l2, "gravity": gravity, "weights": weights if by_count else 1.0}
        for steps in sorted({steps for key, steps in ROWS.values() if key == name} | {150}):
            model = found[name, steps] = models.descend(split.table, *model, **options)
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
    lengths = [lengths_of(items[some]).mean() for items in (models.start(943, 1682, 30, 1.0)[1], trained["A", 300][1])]
    lesson.prints(LINES["moved"].replace("{low}", str(low)).replace("{high}", str(high)), some.sum(), *lengths)


def test_longest(lesson, split, trained):
    """Who is long after a large start."""
    counts = split.counts[np.argsort(-lengths_of(trained["A", 300][1]))[:100]]
    lesson.prints(LINES["longest"], np.mean(counts <= 5), counts.max())


@pytest.mark.parametrize("row", ROWS)
def test_models(lesson, movielens, split, trained, row):
    """The lesson's tables."""
    lesson.prints(LINES["model"].replace("{model}", row), *row_of(trained[ROWS[row]], movielens, split), noise=NOISE)


def test_cold_films(lesson, split, trained):
    """What L2 leaves of a vector that nothing else moves, step by step."""
    cold = split.counts == 0
    before = lengths_of(models.start(943, 1682, 30, 1.0)[1][cold]).mean()
    left = before
    for step in range(1, 1251):
        left -= 20 * 2 * 0.1 / 1682 * left
        if step in (150, 300):
            after = lengths_of(trained["D", step][1][cold]).mean()
            lesson.prints(LINES["cold"].replace("{steps}", str(step)), after, left)
    lesson.prints(LINES["left"], left, before)


@pytest.mark.parametrize("steps", [40, 150, 300])
def test_near_everybody(lesson, split, steps):
    """How near well-known and rare films of model B are to the mean direction of all users, and the lists by that."""
    users, items = models.descend(split.table, *models.start(943, 1682, 30, 0.05), lr=20, steps=steps)
    mean = (users / lengths_of(users)[:, None]).mean(axis=0)
    near = items @ mean / lengths_of(items) / np.sqrt(mean @ mean)
    known, few = split.counts > 100, (split.counts > 0) & (split.counts <= 5)
    lists = ten_best(np.tile(near, (943, 1)), split.seen)
    line = LINES["everybody"].replace("{steps}", str(steps))
    lesson.prints(line, near[known].mean(), near[few].mean(), rare(lists, split.counts), noise=(0.001, 0.001, 0.005))


@pytest.mark.parametrize("over", [5, 50])
def test_neighbours(lesson, split, trained, over):
    """How many of a film's ten neighbours two seeds have in common."""
    some, shares = split.counts > over, []
    for name in "BE":
        std, l2, gravity, _ = SETTINGS[name]
        again = models.start(943, 1682, 30, std, seed=1)
        again = models.descend(split.table, *again, lr=20, steps=300, l2=l2, gravity=gravity)
        tens = []
        for items in (trained[name, 300][1][some], again[1][some]):
            near = cosines(items, items)
            tens.append(ten_best(near, np.eye(len(near), dtype=bool)))
        shares.append(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(*tens, strict=True)]))
    lesson.prints(LINES["agree"].replace("{over}", str(over)), *shares, 10 / some.sum(), noise=0.002)
