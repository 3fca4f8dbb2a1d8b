"""Lesson 3: three measures, by SciPy's distances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from tests.independent.measures import ten_best

LINES = {
    "dot": r"^dot +(\d+) +(\d+) +(\d+) *$",
    "cosine": r"^cosine +(0\.\d+) +(0\.\d+) +(0\.\d+)",
    "distance": r"^distance +(\d\.\d+) +(\d\.\d+) +(\d\.\d+)",
    "popularity": r"recommended by {ruler} +by (\d+)",
    "catalogue": r"a film of the catalogue was rated by (\d+) people",
    "users": r"of the users +(\d\.\d)",
    "popular": r"of the films with 100 ratings or more +(\d\.\d)",
    "others": r"of the other films +(\d\.\d)",
    "thirds": r"^{what} +(\d\.\d+) (\d\.\d+) (\d\.\d+)   all (\d\.\d+)",
    "catalogue's": r"^median length of a film of the catalogue: (\d\.\d+)",
    "raters": r"^people who rated what {what} +recommends: +(\d+) +(\d+) +(\d+)",
    "false cosine": r"ten films are those of {ruler}: (\d+%)",
}
#: Query and items of the picture: |q| = 5, |A| = 6, |B| = 4, |C| = root 2.
Q, ITEMS = np.array([[4.0, 3.0]]), np.array([[0.0, 6.0], [4.0, 0.0], [1.0, 1.0]])


@pytest.fixture(scope="module")
def space(whole_factors):
    """Users U sqrt(S) and films V sqrt(S)."""
    u, s, v = whole_factors
    return u * np.sqrt(s), v * np.sqrt(s)


@pytest.fixture(scope="module")
def lists(space, world):
    """Lists of ten of all users by the three measures."""
    users, films = space
    scores = {
        "dot": np.array([films @ user for user in users]),
        "cosine": -cdist(users, films, "cosine"),
        "euclidean": -cdist(users, films, "euclidean"),
    }
    return {name: ten_best(table, world.seen) for name, table in scores.items()}


def test_three_items(lesson):
    """The answer key."""
    lesson.prints(LINES["dot"], *(sum(Q[0] * item) for item in ITEMS))
    lesson.prints(LINES["cosine"], *(1 - cdist(Q, ITEMS, "cosine")[0]))
    lesson.prints(LINES["distance"], *cdist(Q, ITEMS)[0])


def test_popularity(lesson, lists, world):
    """How many people rated what each measure recommends."""
    lesson.prints(LINES["catalogue"], world.counts.mean())
    for ruler, table in lists.items():
        lesson.prints(LINES["popularity"].replace("{ruler}", ruler), world.counts[table].mean())


def test_lengths(lesson, space, world):
    """Median lengths of users, of well-known films and of the others."""
    users, films = (np.sqrt((side**2).sum(axis=1)) for side in space)
    lesson.prints(LINES["users"], np.median(users))
    lesson.prints(LINES["popular"], np.median(films[world.counts >= 100]))
    lesson.prints(LINES["others"], np.median(films[world.counts < 100]))


def test_thirds(lesson, lists, space, world):
    """How long the recommended films are, and how well known, for short, middling and long users."""
    users, films = (np.sqrt((side**2).sum(axis=1)) for side in space)
    order = np.argsort(users)
    thirds = [order[:314], order[314:629], order[629:], order]
    lesson.prints(LINES["thirds"].replace("{what}", "users"), *(np.median(users[third]) for third in thirds))
    lesson.prints(LINES["catalogue's"], np.median(films))
    for ruler, table in lists.items():
        lesson.prints(LINES["thirds"].replace("{what}", ruler), *(np.median(films[table[third]]) for third in thirds))
        raters = [world.counts[table[third]].mean() for third in thirds[:3]]
        lesson.prints(LINES["raters"].replace("{what}", ruler), *raters, noise=0.3)


def test_false_cosine(lesson, lists, space, world):
    """One length for the whole table changes no order."""
    users, films = space
    lengths = np.sqrt((films**2).sum()) * np.sqrt((users**2).sum(axis=1))[:, None]
    false = ten_best(users @ films.T / lengths, world.seen)
    for ruler in ("dot", "cosine"):
        lesson.prints(LINES["false cosine"].replace("{ruler}", ruler), np.mean((false == lists[ruler]).all(axis=1)))
