"""Lesson 4: the dial from the cosine to the dot product; scikit-learn's nDCG, bisection for the crossings."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy.optimize import brentq

from tests.independent.measures import cosines, ndcg, recall, ten_best

LINES = {
    "dial": r"alpha {alpha}   A +([\d.]+)   B +([\d.]+)   C +([\d.]+) ",
    "crossing": r"{pair} change places at alpha (0\.\d+)",
    "behind": r"(\d+%) of all pairs have a negative cosine",
    "cost": r"^alpha {alpha}   nDCG (0\.\d+)   coverage (0\.\d+)   popularity +(\d+)",
    "recall": r"^alpha {alpha}   recall of all (0\.\d+)   of the lesser known (0\.\d+)",
    "gauge": r"films as {gauge} +nDCG at 0, 0.5 and 1: (0\.\d+) (0\.\d+) (0\.\d+)",
}
Q, ITEMS = np.array([4.0, 3.0]), {"A": np.array([0.0, 6.0]), "B": np.array([4.0, 0.0]), "C": np.array([1.0, 1.0])}
ALPHAS = (0.0, 0.25, 0.5, 0.75, 1.0)


def score(alpha, item):
    """|q|^alpha |x|^alpha cos(q, x)."""
    lengths = np.hypot(*Q) * np.hypot(*item)
    return lengths**alpha * (Q @ item) / lengths


def dial(users, films, alpha):
    """The same for whole tables; minus infinity for a film of zeros."""
    long = np.sqrt((users**2).sum(axis=1))[:, None] * np.sqrt((films**2).sum(axis=1))
    return np.where(long > 0, cosines(users, films) * np.where(long > 0, long, 1) ** alpha, -np.inf)


@pytest.fixture(scope="module")
def lists(factors, split):
    """Lists of ten at the five settings."""
    u, s, v = factors
    return {alpha: ten_best(dial(u * np.sqrt(s), v * np.sqrt(s), alpha), split.seen) for alpha in ALPHAS}


def apart(one, other, alpha):
    """How much better the first item is at this setting."""
    return score(alpha, one) - score(alpha, other)


def test_three_items(lesson):
    """Scores of the three items at five settings, and where two of them change places."""
    for alpha in ALPHAS:
        lesson.prints(LINES["dial"].replace("{alpha}", f"{alpha:.2f}"), *(score(alpha, x) for x in ITEMS.values()))
    for one, other in ("BC", "AC", "AB"):
        at = brentq(functools.partial(apart, ITEMS[one], ITEMS[other]), 0, 1)
        lesson.prints(LINES["crossing"].replace("{pair}", f"{one} and {other}"), at)


def test_pairs_behind(lesson, factors):
    """Pairs of a user and a film at an obtuse angle."""
    u, s, v = factors
    lesson.prints(LINES["behind"], np.mean((u * s) @ v[v.any(axis=1)].T < 0))


@pytest.mark.parametrize("alpha", ALPHAS)
def test_cost(lesson, lists, split, alpha):
    """Quality, breadth and fame of the lists; recall of all hidden films and of the lesser known."""
    ten = lists[alpha]
    quality = ndcg(ten, split.hidden)
    line = LINES["cost"].replace("{alpha}", f"{alpha:.2f}")
    lesson.prints(line, quality, len(set(ten.ravel())) / 1682, split.counts[ten].mean())
    lesser = split.hidden.copy()
    lesser[:, sorted(range(1682), key=lambda film: -split.counts[film])[:100]] = False
    line = LINES["recall"].replace("{alpha}", f"{alpha:.2f}")
    lesson.prints(line, recall(ten, split.hidden), recall(ten, lesser))


@pytest.mark.parametrize("gauge, power", [("V", 0.0), (r"V sqrt\(S\)", 0.5), ("V S", 1.0)])
def test_gauges(lesson, factors, split, gauge, power):
    """One model written in three ways, at three settings of the dial."""
    u, s, v = factors
    tables = [dial(u * s ** (1 - power), v * s**power, alpha) for alpha in (0, 0.5, 1)]
    values = [ndcg(ten_best(table, split.seen), split.hidden) for table in tables]
    lesson.prints(LINES["gauge"].replace("{gauge}", gauge), *values)
