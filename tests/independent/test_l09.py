"""Lesson 9: five recommenders on three splits, a published row, hit rates and planted places."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import hypergeom

from recsys_lib.datasets import load_another
from tests.independent.conftest import tables_of
from tests.independent.measures import ndcg, recall, ten_best
from tests.independent.models import ease
from tests.independent.splits import a_quarter_of_each

MODEL = {
    "means": r"^{split}, \d+ users: .*{name} (0\.\d+)[,;].* first:",
    "judged": r"^{split}, (\d+) users.* first:",
    "quarters": r"^{name} +nDCG@10 (0\.\d+), from (0\.\d+) to (0\.\d+)",
    "gap": r"^{split} +EASE less SVD 20 ([+-]0\.\d+), interval ([+-]0\.\d+) to ([+-]0\.\d+)",
    "hits": r"^{name} +hit rate@10 among all films (0\.\d+), among 100",
    "slots": r"^{name} +Gini (0\.\d+), coverage (0\.\d+), (\d\.\d+) times the catalogue, (\d\.\d+) times",
    "recall": r"^{name} +recall@10 at beta 0: (0\.\d+), 0\.5: (0\.\d+), 1: (0\.\d+)",
}


def jaccard(seen):
    """Share of two films' audiences in common."""
    x = seen.astype(float)
    both = x.T @ x
    either = x.sum(axis=0)[:, None] + x.sum(axis=0) - both
    return both / np.where(either > 0, either, 1)


def models(found):
    """Scores of the five that need no start by chance, by their names in the lesson."""
    seen = found.seen.astype(float)
    tastes = np.linalg.eigh(seen @ seen.T)[1][:, ::-1]  # of users with users, the largest first
    return {
        "EASE": ease(found.seen, 300),
        "SAR": found.table @ jaccard(found.seen),
        "popular": np.tile(found.counts.astype(float), (len(found.table), 1)),
        "SVD 20": tastes[:, :20] @ (tastes[:, :20].T @ seen),
        "SVD 100": tastes[:, :100] @ (tastes[:, :100].T @ seen),
    }


def by_user(lists, hidden):
    """nDCG of each user with something hidden, hit by hit."""
    found = []
    for films, good in zip(lists, hidden, strict=True):
        if good.any():
            earned = sum(1 / math.log2(place + 2) for place, film in enumerate(films) if good[film])
            found.append(earned / sum(1 / math.log2(place + 2) for place in range(min(len(films), good.sum()))))
    return np.array(found)


def last_of_each(data):
    """The last quarter of each user's rows in time, rows of one second in the order of the file."""
    held = []
    for user in range(data.n_users):
        rows = np.flatnonzero(data.user == user)
        rows = rows[np.argsort(data.timestamp[rows], kind="stable")]
        held.extend(rows[len(rows) - int(len(rows) / 4 + 0.5) :])
    return np.setdiff1d(np.arange(len(data.user)), held), np.sort(held)


def last_of_all(data):
    """The latest quarter at least, whole seconds, of those who have rated before."""
    for cut in np.unique(data.timestamp)[::-1]:
        if np.sum(data.timestamp >= cut) >= 0.25 * len(data.timestamp):
            break
    early = np.flatnonzero(data.timestamp < cut)
    late = np.flatnonzero(data.timestamp >= cut)
    return early, late[np.isin(data.user[late], data.user[early])]


@pytest.fixture(scope="module")
def three(movielens):
    """Training and hidden tables of three splits, and scores of five models on each."""
    found = {}
    parts = {"random quarter": a_quarter_of_each(movielens.user, 0), "last of each user": last_of_each(movielens)}
    parts["last of all"] = last_of_all(movielens)
    for split, (early, late) in parts.items():
        train = tables_of(movielens, early)
        found[split] = train, tables_of(movielens, late).seen, models(train)
    return found


@pytest.mark.parametrize("split", ["random quarter", "last of each user", "last of all"])
def test_means_and_the_difference(lesson, three, split):
    """nDCG of five models; EASE less the SVD, and the interval by the normal curve, near that by the bootstrap."""
    train, hidden, scores = three[split]
    values = {name: by_user(ten_best(table.round(9), train.seen), hidden) for name, table in scores.items()}
    lesson.prints(MODEL["judged"].replace("{split}", split), len(values["EASE"]))
    for name, each in values.items():
        lesson.prints(MODEL["means"].replace("{split}", split).replace("{name}", name), each.mean(), noise=0.0006)
    gap = values["EASE"] - values["SVD 20"]
    error = gap.std() / len(gap) ** 0.5
    line = MODEL["gap"].replace("{split}", split)
    lesson.prints(line, gap.mean(), gap.mean() - 1.96 * error, gap.mean() + 1.96 * error, noise=(0.0006, 0.002, 0.002))


def test_the_random_quarter(lesson, three):
    """Quartiles over users, slots by two yardsticks, and recall that weighs rare films more."""
    train, hidden, scores = three["random quarter"]
    for name, table in scores.items():
        lists = ten_best(table.round(9), train.seen)
        low, high = np.quantile(by_user(lists, hidden), [0.25, 0.75])
        lesson.prints(MODEL["quarters"].replace("{name}", name), ndcg(lists, hidden), low, high, noise=0.0006)
        slots = np.bincount(lists.ravel(), minlength=hidden.shape[1])
        uneven = np.abs(slots[:, None] - slots).mean() / (2 * slots.mean())
        own = np.mean(
            [train.counts[row].mean() / train.counts[mine].mean() for row, mine in zip(lists, train.seen, strict=True)]
        )
        over = train.counts[lists].mean() / train.counts.mean()
        line = MODEL["slots"].replace("{name}", name)
        lesson.prints(line, uneven, np.mean(slots > 0), over, own, noise=(0.0006, 0.0006, 0.006, 0.006))
        weighed = [recall(lists, hidden & (train.counts > 0))]
        weighed += [stratified(lists, hidden, train.counts, beta) for beta in (0.5, 1)]
        lesson.prints(MODEL["recall"].replace("{name}", name), *weighed, noise=0.0006)


def stratified(lists, hidden, counts, beta):
    """Weight found over weight hidden, user by user, over the films that have one."""
    found = []
    for films, good in zip(lists, hidden, strict=True):
        weight = {film: 1 / counts[film] ** beta for film in np.flatnonzero(good) if counts[film]}
        if weight:
            found.append(sum(weight.get(film, 0) for film in films) / sum(weight.values()))
    return np.mean(found)


def test_hit_rates_among_all(lesson, three):
    """One hidden film a user, drawn as the lesson draws it; its place among the films that stay open."""
    train, hidden, scores = three["random quarter"]
    rng = np.random.default_rng(0)
    target = [rng.choice(np.flatnonzero(row)) for row in hidden]
    for name, table in scores.items():
        places = []
        for u, film in enumerate(target):
            open_to = ~train.seen[u] & ~hidden[u]
            places.append(1 + np.sum(table[u, open_to].round(9) >= table[u, film].round(9)))
        lesson.prints(MODEL["hits"].replace("{name}", name), np.mean(np.array(places) <= 10), noise=0.0011)


def test_seconds_and_days(lesson, movielens):
    """How many ratings share a second with another of the same user, and who was there for a day."""
    moments = list(zip(movielens.user.tolist(), movielens.timestamp.tolist(), strict=True))
    times = {}
    for moment in moments:
        times[moment] = times.get(moment, 0) + 1
    shared = np.mean([times[moment] > 1 for moment in moments])
    lesson.prints(r"share their second with another one of the same user: (\d+%)", shared)
    lesson.prints(r"not the first of their second: (\d+%)", 1 - len(times) / len(moments))
    spans = [np.ptp(movielens.timestamp[movielens.user == user]) for user in range(movielens.n_users)]
    lesson.prints(r"all lie within one day: (\d+%)", np.mean(np.array(spans) < 24 * 3600))


def test_planted_places(lesson):
    """By SciPy's hypergeometric distribution: fewer than ten of the 60 among 100 of 1,999."""
    lesson.prints(r"^sharp: .* by the formula (0\.\d+); .* by the formula (0\.\d+)", 0.3 + 7 / 2000, 0.3 + 7 / 101)
    lesson.prints(r"^blunt: .* by the formula (0\.\d+); .* by the formula (0\.\d+)", 0, hypergeom.cdf(9, 1999, 60, 100))


def test_published_row_and_lambda(lesson, movielens):
    """The table's split by its description, SAR with fading stars, and EASE and popular beside it."""
    lots = np.random.RandomState(42).rand(len(movielens.user))
    early = []
    for film in range(movielens.n_items):
        rows = np.flatnonzero(movielens.item == film)
        early.extend(rows[np.argsort(lots[rows])][: round(0.75 * len(rows))])
    train = tables_of(movielens, np.array(early))
    hidden = tables_of(movielens, np.setdiff1d(np.arange(len(movielens.user)), early)).seen
    stars, newest = np.zeros(hidden.shape), movielens.timestamp[early].max()
    for row in early:
        age = (newest - movielens.timestamp[row]) / (30 * 24 * 3600)
        stars[movielens.user[row], movielens.item[row]] = movielens.rating[row] * 0.5**age
    lists = ten_best(stars @ jaccard(train.seen), train.seen)
    hits = np.take_along_axis(hidden, lists, axis=1)
    precisions = [[row[: place + 1].mean() * row[place] for place in range(10)] for row in hits]
    lesson.prints(r"^MAP +(0\.\d+)", np.mean(np.sum(precisions, axis=1) / hidden.sum(axis=1)))
    lesson.prints(r"^nDCG@10 +(0\.\d+)$", ndcg(lists, hidden))
    lesson.prints(r"^precision@10 +(0\.\d+)", hits.mean())
    lesson.prints(r"^recall@10 +(0\.\d{6})$", recall(lists, hidden))
    scores = ease(train.seen, 300).round(9)
    lesson.prints(
        r"^lambda +300 validation 0\.\d+, test (0\.\d+)", ndcg(ten_best(scores, train.seen), hidden), noise=1e-4
    )
    flat = np.tile(train.counts.astype(float), (len(hidden), 1))
    lesson.prints(r"^popular (0\.\d+); SAR", ndcg(ten_best(flat, train.seen), hidden))


def test_elsewhere(lesson, another):
    """On the second catalogue: the SVD and popular, and how many users are judged at one cut."""
    early, late = last_of_all(another)
    train, hidden = tables_of(another, early), tables_of(another, late).seen
    some, seen = hidden.any(axis=1), train.seen.astype(float)
    tastes = np.linalg.eigh(seen @ seen.T)[1][:, -20:]
    tables = tastes[some] @ (tastes.T @ seen), np.tile(train.counts.astype(float), (some.sum(), 1))
    values = [by_user(ten_best(table.round(9), train.seen[some]), hidden[some]).mean() for table in tables]
    line = r"^last of all, (\d+) users: EASE 0\.\d+, SVD 20 (0\.\d+), popular (0\.\d+)"
    lesson.prints(line, some.sum(), *values, noise=0.0006)


@pytest.fixture(scope="module")
def another():
    """Return the second catalogue, where it is."""
    data = load_another(quiet=True)
    if data.source == "synthetic":
        pytest.skip("the second catalogue is not here")
    return data
