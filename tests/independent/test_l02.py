"""Lesson 2: the space of all ratings, by ARPACK and eigenvalues; its neighbours and its map, by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.neighbors import NearestNeighbors

from tests.independent.conftest import truncated
from tests.independent.measures import ten_best

LINES = {
    "small": r"singular values \[(\d\.\d+) (\d\.\d+) (\d\.\d+) ",
    "table": r"table \(943, 1682\): ([\d,]+) cells, ([\d.]+%) of them 1",
    "kept": r"^d = +{d} keeps (\d+%), by chance (\d+%)",
    "known": r"^(\d+) films$",
    "genre": r"share a genre: neighbours (\d+%), any two (\d+%)",
    "map": r"kept by the map: (\d+%)",
    "spread": r"^two axes keep (\d+%) of the spread",
    "axis": r"^axis {number}: year (0\.\d+), number of ratings (0\.\d+)",
    "widths": r"^d=1 (0\.\d+) +d=2 (0\.\d+) +d=5 (0\.\d+) +d=10 (0\.\d+) "
    r"+d=20 (0\.\d+) +d=30 (0\.\d+) +d=50 (0\.\d+) +d=100 (0\.\d+) ",
    "norms": r"^rank correlation (0\.\d+)$",
    "beside": r"neighbour number (\d+) \(median\)",
    "worst": r"stands The Godfather \(1972\), number (\d+)",
    "genre on map": r"share a genre: neighbours on the map (\d+%)",
    "empty": r"films without a rating in the training part: (\d+)",
    "told all": r"^{way} +(?:0\.\d+ +){4}(0\.\d+)$",
    "yes": r"^ *51 to 200 ratings: yes to (\d+%)\n *201 to 943 ratings: yes to (\d+%)",
    "me": r"said about my films: \[([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)\]",
}
MINE = {"Alien (1979)": 1, "Blade Runner (1982)": 1, "Psycho (1960)": 1, "Brazil (1985)": 1, "Aladdin (1992)": 0}


@pytest.fixture(scope="module")
def known(world):
    """Numbers of the films with at least 50 ratings."""
    return np.flatnonzero(world.counts >= 50)


@pytest.fixture(scope="module")
def films(whole_factors, known):
    """Their vectors, V sqrt(S)."""
    _, s, v = whole_factors
    return (v * np.sqrt(s))[known]


def nearest(points, k):
    """The k nearest others of each point, nearest first."""
    return NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)


def test_six_people(lesson):
    """Singular values are the roots of the eigenvalues of X'X."""
    x = np.array([[1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]])
    lesson.prints(LINES["small"], *np.sqrt(np.linalg.eigvalsh(x.T @ x)[::-1][:3]))


def test_kept(lesson, world):
    """Shares of the sum of squares, by the eigenvalues of XX': of the table, and of another draw by chance."""
    x = world.seen.astype(float)
    lesson.prints(LINES["table"], x.size, x.mean())
    chance = np.random.default_rng(7).random(x.shape) < same_margins(x)
    kept = [np.cumsum(np.linalg.eigvalsh(t @ t.T)[::-1]) / t.sum() for t in (x, chance.astype(float))]
    for d in (1, 20, 100):
        lesson.prints(LINES["kept"].replace("{d}", str(d)), *(share[d - 1] for share in kept), noise=0.008)


def same_margins(x):
    """Chances of a one with the row and column sums of x on average: a logistic model, by Newton steps row by row."""
    rows, columns = np.zeros((len(x), 1)), np.zeros((1, x.shape[1]))
    for _ in range(60):
        for axis, effect in ((1, rows), (0, columns)):
            p = 1 / (1 + np.exp(-rows - columns))
            step = (x - p).sum(axis=axis, keepdims=True) / (p * (1 - p)).sum(axis=axis, keepdims=True)
            effect += np.clip(step, -1, 1)
    np.testing.assert_allclose(p.sum(axis=1), x.sum(axis=1), atol=0.5)
    return p


def sharing(movielens, known):
    """Return a function: how often a film shares a genre with those of its row."""
    genres = [set(np.flatnonzero(row[1:])) for row in movielens.genres[known]]
    return lambda rows: np.mean([bool(genres[film] & genres[other]) for film, row in enumerate(rows) for other in row])


def test_neighbours(lesson, movielens, films, known):
    """How often neighbours share a genre."""
    share = sharing(movielens, known)
    lesson.prints(LINES["known"], len(known))
    lesson.prints(LINES["genre"], share(nearest(films, 10)), share([range(film) for film in range(len(known))]))
    lesson.prints(LINES["genre on map"], share(nearest(PCA(2).fit_transform(films), 10)))


def test_widths(lesson, movielens, split, world, known):
    """P@10 by the width of the space, and shared genres in a narrow one."""
    u, s, v = truncated(split.seen, 100)
    likers = (split.table >= 4).any(axis=1)
    found = []
    for d in (1, 2, 5, 10, 20, 30, 50, 100):
        table = ten_best((u[:, :d] * s[:d] @ v[:, :d].T)[likers], split.seen[likers])
        found.append(np.take_along_axis(split.hidden[likers], table, axis=1).mean())
    lesson.prints(LINES["widths"], *found)


def test_norms(lesson, world, films, known):
    """Norm and count."""
    lesson.prints(LINES["norms"], spearmanr(np.sqrt((films**2).sum(axis=1)), world.counts[known]).statistic)


def test_map(lesson, films, known, movielens, world):
    """What a map by PCA keeps."""
    pca = PCA(2).fit(films)
    flat = pca.transform(films)
    kept = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(nearest(films, 10), nearest(flat, 10), strict=True)])
    lesson.prints(LINES["map"], kept)
    lesson.prints(LINES["spread"], pca.explained_variance_ratio_.sum())
    for number, axis in enumerate(flat.T, start=1):
        found = [abs(spearmanr(axis, facts).statistic) for facts in (movielens.years[known], world.counts[known])]
        lesson.prints(LINES["axis"].replace("{number}", str(number)), *found)
    order, beside = nearest(films, len(films) - 1), nearest(flat, 1)[:, 0]
    place = [1 + list(row).index(one) for row, one in zip(order, beside, strict=True)]
    lesson.prints(LINES["beside"], int(np.median(place)))
    lesson.prints(LINES["worst"], max(place))


def test_empty_films(lesson, split):
    """Films of nobody."""
    lesson.prints(LINES["empty"], np.sum(split.counts == 0))


def test_folding_in(lesson, movielens, whole_factors):
    """A new user by scikit-learn's ridge regression."""
    _, s, v = whole_factors
    rows = (v * np.sqrt(s))[[movielens.titles.index(title) for title in MINE]]
    ridge = Ridge(alpha=1.0, fit_intercept=False).fit(rows, list(MINE.values()))
    lesson.prints(LINES["me"], *ridge.predict(rows))


def test_newcomers(lesson, split):
    """Newcomers who name all that they watched, by regression on the films with and without the others."""
    new = np.arange(len(split.seen)) % 4 == 3
    _, s, v = truncated(split.seen[~new].astype(float), 20)
    items, theirs = v * np.sqrt(s), split.seen[new].astype(bool)

    def answers(row, ridge, silent):
        at = np.ones(len(row), dtype=bool) if silent else row
        rows = np.vstack([items[at], np.sqrt(ridge) * np.eye(20)])
        return np.linalg.lstsq(rows, np.append(row[at], np.zeros(20)), rcond=None)[0]

    for way, ridge, silent in (("projection", 0, True), ("with zeros", 10, True), ("ridge 10", 10, False)):
        scores = np.array([answers(row, ridge, silent) for row in theirs]) @ items.T
        hits = np.take_along_axis(split.hidden[new], ten_best(scores, theirs), axis=1).mean()
        lesson.prints(LINES["told all"].replace("{way}", way), hits)
    says = np.array([answers(row, 1, False) for row in theirs]) @ items.T > 0.5
    groups = [(split.counts > low) & (split.counts <= high) & ~theirs for low, high in ((50, 200), (200, 943))]
    lesson.prints(LINES["yes"], *(says[group].mean() for group in groups))
