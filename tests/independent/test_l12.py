"""Lesson 12: EASE by its other form, the dial, the mixes, the client's report and the five splits, with plain loops.

iALS, the validation runs and the boards of 500 tries are left out: the first depends on the numbers of its start, the
others on what the lesson draws.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.independent.conftest import tables_of, truncated
from tests.independent.measures import ndcg, ten_best
from tests.independent.models import ease
from tests.independent.splits import a_quarter_of_each

THREE = r" +(0\.\d+) \w+ +(0\.\d+) \w+ +(0\.\d+) \w+"
LINES = {
    "models": r"^{catalogue} +{name}" + THREE,
    "dial": r"^{catalogue} +{alpha}:" + THREE,
    "mix": r"^{catalogue} +{n} of 10 places:" + THREE,
    "report": r"^{catalogue} +nDCG (0\.\d+), coverage (0\.\d+), tail (0\.\d+);",
    "five": r"^MovieLens +(0\.\d+) \+- (0\.\d+), (0\.\d+) \+- (0\.\d+), (0\.\d+) \+- (0\.\d+); all three met in 5 of 5",
}
#: Lists by floats of another order of sums: a tie may fall otherwise.
NOISE = 0.0006


def scores_of(seen):
    """EASE by the form with films and films where there are few, else by the eigenvectors of users and users."""
    l2 = 4 * seen.sum() / len(seen)
    if seen.shape[1] < 3000:
        return ease(seen, l2).clip(0)
    x = seen.astype(float)
    values, vectors = np.linalg.eigh(x @ x.T)
    half = (vectors / np.sqrt(values + l2)).T @ x
    smoothed = vectors @ (half / np.sqrt(values + l2)[:, None])
    return (x - smoothed * l2 / (1 - np.sum(half**2, axis=0))).clip(0)


def three(lists, train, hidden):
    """Return nDCG, the share of films in any list, and the share of places for films below the head's last."""
    counts = train.seen.sum(axis=0)
    falling = sorted(counts, reverse=True)
    together, at = 0, 0
    while together < 0.8 * counts.sum():
        together, at = together + falling[at], at + 1
    return ndcg(lists, hidden), len(set(lists.ravel().tolist())) / len(counts), np.mean(counts[lists] < falling[at - 1])


def mixed(good, broad, n):
    """The first of one list, then the first of the other that are not there yet."""
    found = []
    for first, second in zip(good.tolist(), broad.tolist(), strict=True):
        kept = first[: 10 - n]
        found.append(kept + [film for film in second if film not in kept][:n])
    return np.array(found)


def ways(train):
    """Return lists by EASE and by its dial at 0.5."""
    scores, power = scores_of(train.seen), train.seen.sum(axis=0).clip(1) ** 0.5
    return [ten_best(table.round(9), train.seen) for table in (scores, scores / power)]


def halves(data, seed):
    """Return the training part and what is hidden."""
    early, late = a_quarter_of_each(data.user, seed)
    return tables_of(data, early), tables_of(data, late).seen


@pytest.fixture(params=["MovieLens", "latest-small"])
def catalogue(request, movielens, latest_small):
    """Return a catalogue's name in the lesson, and its ratings."""
    return request.param, movielens if request.param == "MovieLens" else latest_small


def test_models_dial_and_mixes(lesson, catalogue):
    """The three lines for the popular films, the SVD and EASE, for each setting of the dial and each mix."""
    name, data = catalogue
    train, hidden = halves(data, 0)
    counts = train.seen.sum(axis=0)
    u, s, v = truncated(train.seen, 20)
    scores = {"popular": np.tile(counts, (len(train.seen), 1)), "SVD": u * s @ v.T, "EASE": scores_of(train.seen)}
    for model, table in scores.items():
        line = LINES["models"].replace("{catalogue}", name).replace("{name}", model)
        lesson.prints(line, *three(ten_best(table.round(9), train.seen), train, hidden), noise=NOISE)
    for alpha in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5):
        lists = ten_best((scores["EASE"] / counts.clip(1) ** alpha).round(9), train.seen)
        line = LINES["dial"].replace("{catalogue}", name).replace("{alpha}", str(alpha))
        lesson.prints(line, *three(lists, train, hidden), noise=NOISE)
    good, broad = ways(train)
    for n in (1, 2, 3):
        line = LINES["mix"].replace("{catalogue}", name).replace("{n}", str(n))
        lesson.prints(line, *three(mixed(good, broad, n), train, hidden), noise=NOISE)


def test_report(lesson, catalogue):
    """What the client's board says of two places mixed in; nDCG is told in hundredths."""
    name, data = catalogue
    train, hidden = halves(data, 12)
    found = three(mixed(*ways(train), 2), train, hidden)
    lesson.prints(LINES["report"].replace("{catalogue}", name), *found, noise=NOISE)


def test_five_splits(lesson, movielens):
    """Means and standard deviations over five splits of the first catalogue; the second's takes longest."""
    data = movielens
    rows = []
    for seed in range(20, 25):
        train, hidden = halves(data, seed)
        rows.append(three(mixed(*ways(train), 2), train, hidden))
    figures = np.transpose([np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1)]).ravel()
    lesson.prints(LINES["five"], *figures, noise=NOISE)
