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
    "kept": r"^d = +{d} keeps (\d+%)",
    "known": r"^(\d+) films$",
    "genre": r"share a genre: neighbours (\d+%), any two (\d+%)",
    "map": r"kept by the map: (\d+%)",
    "spread": r"d = 20: two axes keep (\d+%) of the spread",
    "widths": r"^d=1 (0\.\d+) +d=2 (0\.\d+) +d=5 (0\.\d+) +d=10 (0\.\d+) "
    r"+d=20 (0\.\d+) +d=50 (0\.\d+) +d=100 (0\.\d+) ",
    "by width": r"^d = +{d}: by distance (\d+%), by cosine (\d+%)",
    "norms": r"^rank correlation (0\.\d+)$",
    "hubs": r"^{measure} +(\d+) different neighbours, .*\) (\d+) times, (\d+) ratings each",
    "beside": r"neighbour number (\d+) \(median\)",
    "worst": r"stands The Godfather \(1972\), number (\d+)",
    "genre on map": r"share a genre: neighbours on the map (\d+%)",
    "lengths": r"longest: (\d+) ratings each, shortest: (\d+)",
    "empty": r"films without a rating: (\d+) in the full table, (\d+) in the training part",
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
    """Shares of the sum of squares, by the eigenvalues of XX'."""
    x = world.seen.astype(float)
    squares = np.linalg.eigvalsh(x @ x.T)[::-1]
    lesson.prints(LINES["table"], x.size, x.mean())
    for d in (1, 2, 20, 100):
        lesson.prints(LINES["kept"].replace("{d}", str(d)), squares[:d].sum() / squares.sum())


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
    for d in (1, 2, 5, 10, 20, 50, 100):
        table = ten_best((u[:, :d] * s[:d] @ v[:, :d].T)[likers], split.seen[likers])
        found.append(np.take_along_axis(split.hidden[likers], table, axis=1).mean())
    lesson.prints(LINES["widths"], *found)
    _, s, v = truncated(world.seen, 2)
    films = (v * np.sqrt(s))[known]
    by_cosine = nearest(films / np.sqrt((films**2).sum(axis=1, keepdims=True)), 10)
    share = sharing(movielens, known)
    lesson.prints(LINES["by width"].replace("{d}", "2"), share(nearest(films, 10)), share(by_cosine), noise=0.003)


def test_hubs(lesson, world, films, known):
    """Norm and count, and who is everybody's neighbour by each measure."""
    counts, lengths = world.counts[known], np.sqrt((films**2).sum(axis=1))
    lesson.prints(LINES["norms"], spearmanr(lengths, counts).statistic)
    by_length = counts[np.argsort(lengths)]
    lesson.prints(LINES["lengths"], by_length[-50:].mean(), by_length[:50].mean())
    itself = np.eye(len(films), dtype=bool)
    neighbours = {
        "cosine": nearest(films / lengths[:, None], 10),
        "distance": nearest(films, 10),
        "dot product": ten_best(films @ films.T, itself),
    }
    for measure, rows in neighbours.items():
        often = np.bincount(rows.ravel(), minlength=len(films))
        line = LINES["hubs"].replace("{measure}", measure)
        lesson.prints(line, np.count_nonzero(often), often.max(), counts[rows].mean())


def test_map(lesson, films):
    """What a map by PCA keeps."""
    pca = PCA(2).fit(films)
    flat = pca.transform(films)
    kept = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(nearest(films, 10), nearest(flat, 10), strict=True)])
    lesson.prints(LINES["map"], kept)
    lesson.prints(LINES["spread"], pca.explained_variance_ratio_.sum())
    order, beside = nearest(films, len(films) - 1), nearest(flat, 1)[:, 0]
    place = [1 + list(row).index(one) for row, one in zip(order, beside, strict=True)]
    lesson.prints(LINES["beside"], int(np.median(place)))
    lesson.prints(LINES["worst"], max(place))


def test_empty_films(lesson, world, split):
    """Films of nobody."""
    lesson.prints(LINES["empty"], np.sum(world.counts == 0), np.sum(split.counts == 0))


def test_folding_in(lesson, movielens, whole_factors):
    """A new user by scikit-learn's ridge regression."""
    _, s, v = whole_factors
    rows = (v * np.sqrt(s))[[movielens.titles.index(title) for title in MINE]]
    ridge = Ridge(alpha=1.0, fit_intercept=False).fit(rows, list(MINE.values()))
    lesson.prints(LINES["me"], *ridge.predict(rows))
