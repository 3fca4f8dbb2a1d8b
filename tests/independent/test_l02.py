"""Lesson 2: the space of all ratings, by ARPACK and eigenvalues; its neighbours and its map, by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.neighbors import NearestNeighbors

LINES = {
    "small": r"singular values \[(\d\.\d+) (\d\.\d+) (\d\.\d+) ",
    "table": r"table \(943, 1682\): ([\d,]+) cells, ([\d.]+%) of them 1",
    "kept": r"d = +{d} keeps (\d+%)",
    "known": r"^(\d+) films$",
    "genre": r"share a genre: neighbours (\d+%), any two (\d+%)",
    "map": r"kept by the map: (\d+%)",
    "spread": r"d = 20: two axes keep (\d+%) of the spread",
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
    x = np.array([[1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]])
    lesson.prints(LINES["small"], *np.sqrt(np.linalg.eigvalsh(x.T @ x)[::-1][:3]))


def test_kept(lesson, world):
    """Shares of the sum of squares, by the eigenvalues of XX'."""
    x = world.seen.astype(float)
    squares = np.linalg.eigvalsh(x @ x.T)[::-1]
    lesson.prints(LINES["table"], x.size, x.mean())
    for d in (1, 2, 20, 100):
        lesson.prints(LINES["kept"].replace("{d}", str(d)), squares[:d].sum() / squares.sum())


def test_neighbours(lesson, movielens, films, known):
    """How often neighbours share a genre."""
    genres = [set(np.flatnonzero(row[1:])) for row in movielens.genres[known]]
    share = lambda one, other: bool(genres[one] & genres[other])  # noqa: E731
    near = np.mean([share(film, other) for film, row in enumerate(nearest(films, 10)) for other in row])
    any_two = np.mean([share(one, other) for one in range(len(known)) for other in range(one)])
    lesson.prints(LINES["known"], len(known))
    lesson.prints(LINES["genre"], near, any_two)
    flat = PCA(2).fit_transform(films)
    on_map = np.mean([share(film, other) for film, row in enumerate(nearest(flat, 10)) for other in row])
    lesson.prints(LINES["genre on map"], on_map)


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


def test_lengths(lesson, world, split, films, known):
    """Ratings of the 50 longest and the 50 shortest, and films of nobody."""
    order = np.argsort((films**2).sum(axis=1))
    counts = world.counts[known][order]
    lesson.prints(LINES["lengths"], counts[-50:].mean(), counts[:50].mean())
    lesson.prints(LINES["empty"], np.sum(world.counts == 0), np.sum(split.counts == 0))


def test_folding_in(lesson, movielens, whole_factors):
    """A new user by scikit-learn's ridge regression."""
    _, s, v = whole_factors
    rows = (v * np.sqrt(s))[[movielens.titles.index(title) for title in MINE]]
    ridge = Ridge(alpha=1.0, fit_intercept=False).fit(rows, list(MINE.values()))
    lesson.prints(LINES["me"], *ridge.predict(rows))
