"""Lesson 8: one model in many gauges, by ARPACK; what L2 makes of it, by the closed form instead of sweeps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from recsys_lib.datasets import load_another
from tests.independent import models
from tests.independent.conftest import tables_of, truncated
from tests.independent.measures import cosines, ndcg, ten_best
from tests.independent.splits import a_quarter_of_each

LINES = {
    "gauge": r"films as {gauge} +dot (0\.\d+)  cosine (0\.\d+)  distance (0\.\d+)",
    "values": r"the singular values go from (\d+\.\d) down to (\d+\.\d)",
    "nan": r"went to a film without a rating: (\d+%)",
    "zero": r"with a direction: from (-0\.\d+) to (0\.\d+)",
    "below": r"(\d+%) of these below 0",
    "film": r"{film}: (\d+) of 10 are the same",
    "all films": r"all films: (\d+%) are the same",
    "genres": r"^{group}, {size}: V (0\.\d+), V sqrt\(S\) (0\.\d+), V S (0\.\d+)\n"
    r" +V S less V sqrt\(S\): ([+-]0\.\d+), standard error (0\.\d+)\n"
    r" +V sqrt\(S\) less V: ([+-]0\.\d+), standard error (0\.\d+)",
    "free": r"^films as {gauge} +cosines off by 0\.0+[,;] neighbours: (\d+%) by yours, (\d+%) by plain vectors",
    "balanced": r"films as {gauge} +cosine (0\.\d+), balanced (0\.\d+)",
    "retrained": r"from {gauge} +dot (0\.4[78]\d)  cosine (0\.2[78]\d)  two cartoons (0\.89\d)",
    "twice": r"^L2 {l2} *, {sweeps} sweeps: .* neighbours as trained (\d+%), gauge-free (\d+%); ratio (\d\.\d)",
    "elsewhere": r"^films as {gauge} +dot (0\.\d+)  cosine (0\.\d+)  [\d.]+ of 10",
}
GAUGES = {"V": 0.0, r"V sqrt\(S\)": 0.5, "V S": 1.0}


@pytest.fixture(scope="module")
def gauges(factors):
    """Users and films in three gauges."""
    u, s, v = factors
    return {name: (u * s ** (1 - power), v * s**power) for name, power in GAUGES.items()}


def nearest(films):
    """For every film: the ten nearest by cosine, ties (equal to six places) to the lower number."""
    return ten_best(cosines(films, films).round(6), np.eye(len(films), dtype=bool))


def in_common(one, other):
    """For every row: the share of the ten that both have."""
    return np.array([len(set(a) & set(b)) / 10 for a, b in zip(one, other, strict=True)])


@pytest.mark.parametrize("gauge", GAUGES)
def test_three_measures(lesson, split, gauges, gauge):
    """nDCG of the lists by dot product, cosine and distance."""
    users, films = gauges[gauge]
    tables = (users @ films.T, cosines(users, films), -cdist(users, films))
    values = [ndcg(ten_best(table, split.seen), split.hidden) for table in tables]
    lesson.prints(LINES["gauge"].replace("{gauge}", gauge), *values)


def test_directions(lesson, factors, gauges, split):
    """Singular values, the share of empty films under NaN, and where a zero film at 0 would stand."""
    lesson.prints(LINES["values"], factors[1].max(), factors[1].min())
    users, films = gauges[r"V sqrt\(S\)"]
    known = films.any(axis=1)
    assert (~known).sum() >= 10  # NaN comes last in an ascending sort, so the last ten are empty films
    lesson.prints(LINES["nan"], 1)
    found = cosines(users[150:151], films)[0, known]
    lesson.prints(LINES["zero"], found.min(), found.max())
    lesson.prints(LINES["below"], np.mean(found < 0))


def test_neighbours(lesson, movielens, gauges, split):
    """Which neighbours two gauges share, and which share those by predictions, or by twenty numbers that do as well."""
    known = np.flatnonzero(split.counts)
    near = {name: nearest(films[known]) for name, (_, films) in gauges.items()}
    same = in_common(near["V"], near["V S"])
    for film in ("Aladdin", "Blade Runner"):
        number = list(known).index(movielens.find(film)[0])
        lesson.prints(LINES["film"].replace("{film}", film), 10 * same[number])
    lesson.prints(LINES["all films"], same.mean())
    users, films = gauges["V"]
    by_predictions = nearest(films[known] @ users.T)
    for name, (users, films) in gauges.items():
        free = nearest(films[known] @ np.linalg.cholesky(users.T @ users))
        shares = (in_common(by_predictions, near_).mean() for near_ in (free, near[name]))
        lesson.prints(LINES["free"].replace("{gauge}", name), *shares, noise=0.001)


@pytest.mark.parametrize(("title", "at_least"), [("all films", 1), ("20 ratings", 20)])
def test_genres(lesson, movielens, gauges, split, title, at_least):
    """How often a film shares a genre with its ten nearest; two gauges are compared film by film."""
    group = np.flatnonzero(split.counts >= at_least)
    genres = [set(np.flatnonzero(row)) for row in movielens.genres[group]]
    shares = []
    for _, films in gauges.values():
        rows = enumerate(nearest(films[group]))
        shares.append(np.array([np.mean([bool(genres[film] & genres[other]) for other in row]) for film, row in rows]))
    v, even, vs = shares
    values = [share.mean() for share in shares]
    for gap in (vs - even, even - v):
        values += [gap.mean(), np.sqrt(np.var(gap) / len(gap))]
    lesson.prints(LINES["genres"].replace("{group}", title).replace("{size}", str(len(group))), *values)


@pytest.mark.parametrize("gauge", GAUGES)
def test_balanced(lesson, split, gauges, gauge):
    """Equal column norms lead to one gauge, that of the shared singular values."""
    values = [ndcg(ten_best(cosines(*gauges[name]), split.seen), split.hidden) for name in (gauge, r"V sqrt\(S\)")]
    lesson.prints(LINES["balanced"].replace("{gauge}", gauge), *values)


def test_penalty(lesson, movielens, split, factors):
    """With L2 on both sides the optimum is known: each singular value less 10, its root on either side."""
    u, s, v = factors
    users, films = u * np.sqrt(s - 10), v * np.sqrt(s - 10)
    aladdin, lion = (movielens.find(name)[0] for name in ("Aladdin", "Lion King"))
    values = [ndcg(ten_best(table, split.seen), split.hidden) for table in (users @ films.T, cosines(users, films))]
    pair = cosines(films[[aladdin]], films[[lion]])[0, 0]
    for gauge in (*GAUGES, "mixed", "formula"):
        lesson.prints(LINES["retrained"].replace("{gauge}", gauge), *values, pair)


@pytest.mark.parametrize(
    ("l2", "sweeps", "exact"),
    [(10, 15, 15), (1e-6, 80, 40)],  # the lesson's sweeps are inexact
)
def test_trained_twice(lesson, split, l2, sweeps, exact):
    """iALS from two random starts, by exact solutions: which neighbours agree, and how unequal the columns are."""
    known = np.flatnonzero(split.counts)
    near, ratios = [], []
    for seed in (0, 1):
        begin = models.start(943, 1682, 12, 0.1, seed)[1]
        users, films = models.ials(split.seen, begin, l2=l2, unobserved=0.2, sweeps=exact)
        near.append((nearest(films[known]), nearest(films[known] @ users.T)))
        ratios.append(np.linalg.norm(users, axis=0) / np.linalg.norm(films, axis=0))
    values = [in_common(*pair).mean() for pair in zip(*near, strict=True)]
    line = LINES["twice"].replace("{l2}", str(l2)).replace("{sweeps}", str(sweeps))
    lesson.prints(line, *values, np.min(ratios), noise=(0.02, 0.02, 0.1))


def test_elsewhere(lesson):
    """The other catalogue: one dot product, three cosines."""
    other = load_another(quiet=True)
    if other.source == "synthetic":
        pytest.skip("the second catalogue cannot be had")
    train_rows, test_rows = a_quarter_of_each(other.user, 0)
    seen, hidden = tables_of(other, train_rows).seen, tables_of(other, test_rows).seen
    u, s, v = truncated(seen, 20)
    for gauge, power in GAUGES.items():
        users, films = u * s ** (1 - power), v * s**power
        tables = [table.round(9) for table in (users @ films.T, cosines(users, films))]
        values = [ndcg(ten_best(table, seen), hidden) for table in tables]
        lesson.prints(LINES["elsewhere"].replace("{gauge}", gauge), *values)
