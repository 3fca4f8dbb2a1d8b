"""Membership tests, fake profiles and what finds them, beside scikit-learn, SciPy and cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from recsys_lib import threats
from recsys_lib.factorization import fit_ials, ials_users


def rng(seed=0):
    """Return a generator."""
    return np.random.default_rng(seed)


def table(n=30, m=40, seed=0):
    """Return who rated what, at random: about a third."""
    return (rng(seed).random((n, m)) < 0.3).astype(float)


# ------------------------------------------------------------------------------------------------------- membership


@pytest.mark.parametrize("ties", [False, True])
def test_auc_is_that_of_scikit_learn(ties):
    """The same area, with and without equal scores."""
    one, other = rng(1).normal(0.5, 1, 70), rng(2).normal(0, 1, 90)
    if ties:
        one, other = one.round(), other.round()
    truth = np.repeat([1, 0], [70, 90])
    assert threats.auc(one, other) == pytest.approx(roc_auc_score(truth, np.concatenate([one, other])))


@pytest.mark.parametrize("wrong", [([], [1]), ([1], []), ([np.nan], [1]), ([[1]], [1])])
def test_auc_refuses(wrong):
    """Nothing to compare, NaN and tables are errors, and the message names the argument."""
    with pytest.raises(ValueError, match="members|others"):
        threats.auc(*wrong)


def test_user_aucs_are_of_each_user_alone():
    """A user whose scores are all higher changes nothing; one without pairs of both kinds is left out."""
    scores, members = rng(3).normal(size=(6, 20)), table(6, 20, 4) > 0
    others = ~members
    others[2] = False
    found = threats.user_aucs(scores + 100 * np.arange(6)[:, None], members, others)
    expected = [roc_auc_score(members[u], scores[u]) for u in (0, 1, 3, 4, 5)]
    assert found == pytest.approx(expected)


def test_user_aucs_refuses():
    """A pair of both kinds, and tables of different shapes, are errors."""
    with pytest.raises(ValueError, match="both"):
        threats.user_aucs([[1, 2]], [[1, 0]], [[1, 1]])
    with pytest.raises(ValueError, match="one shape"):
        threats.user_aucs([[1, 2]], [[1, 0]], [[1]])


# --------------------------------------------------------------------------------------------------- fake profiles


@pytest.mark.parametrize("fillers", ["popular", "copies", "any"])
def test_profiles_have_their_size(fillers):
    """Each rates the target and as many others as asked, none of them without a rating; the seed decides."""
    counts = np.arange(50)
    made = threats.fake_profiles(counts, 0, 12, 7, fillers=fillers, rng=rng())
    assert made.shape == (12, 50) and set(np.unique(made)) == {0, 1}
    assert (made[:, 0] == 1).all() and (made.sum(axis=1) == 8).all()
    assert np.array_equal(made, threats.fake_profiles(counts, 0, 12, 7, fillers=fillers, rng=rng()))


def test_fillers_are_what_they_say():
    """Copies are all alike and take the most popular; popular films are drawn in proportion, any films are not."""
    counts = np.array([5.0, 1, 1, 2, 4, 0])
    copies = threats.fake_profiles(counts, 1, 3, 2, fillers="copies", rng=rng())
    assert np.array_equal(copies, [[1, 1, 0, 0, 1, 0]] * 3)
    popular = threats.fake_profiles(counts, 1, 6000, 1, rng=rng()).mean(axis=0)
    assert popular == pytest.approx([5 / 12, 1, 1 / 12, 2 / 12, 4 / 12, 0], abs=0.025)
    drawn = threats.fake_profiles(counts, 1, 6000, 1, fillers="any", rng=rng()).mean(axis=0)
    assert drawn == pytest.approx([1 / 4, 1, 1 / 4, 1 / 4, 1 / 4, 0], abs=0.025)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": 9}, "target"),
        ({"size": 3}, "size from 1 to 2"),
        ({"size": 0}, "size"),
        ({"n": -1}, "n must"),
        ({"fillers": "good"}, "popular, copies, any"),
    ],
)
def test_profiles_refuse(changes, words):
    """What does not fit is named."""
    given = {"counts": [3, 0, 1, 2], "target": 2, "n": 2, "size": 1, "rng": rng(), **changes}
    with pytest.raises(ValueError, match=words):
        threats.fake_profiles(**given)


# ---------------------------------------------------------------------------------------------- what finds profiles


def test_alikeness_is_the_mean_of_the_nearest_cosines():
    """The same by SciPy's distances."""
    rows = table()
    cosines = 1 - cdist(rows, rows, "cosine")
    np.fill_diagonal(cosines, -1)
    assert threats.alikeness(rows, k=4) == pytest.approx(np.sort(cosines, axis=1)[:, -4:].mean(axis=1))
    assert threats.alikeness([[0, 0], [1, 0], [1, 0]], k=1) == pytest.approx([0, 1, 1])


def test_explained_share_is_that_of_the_svd():
    """The squared length of each row in the space of width d, by NumPy's SVD, over that of the row."""
    rows = table()
    left, values, _ = np.linalg.svd(rows)
    expected = np.sum((left[:, :5] * values[:5]) ** 2, axis=1) / rows.sum(axis=1)
    assert threats.explained_share(rows, 5) == pytest.approx(expected)
    assert threats.explained_share(rows, 30) == pytest.approx(np.ones(30))
    assert threats.explained_share([[0, 0], [1, 1]], 1)[0] == 0


def svd_shares(rows, d):
    """Return the squared length of each row in the space of width d, by NumPy's SVD, over that of the row."""
    left, values, _ = np.linalg.svd(rows, full_matrices=False)
    inside = np.sum((left[:, :d] * values[:d]) ** 2, axis=1)
    lengths = rows.sum(axis=1)
    return np.divide(inside, lengths, out=np.zeros(len(rows)), where=lengths > 0)


def big_table(kind):
    """Return who rated what among 560 users, by lot, by popularity, or by taste beside fakes; one is empty."""
    n, m = 560, 400
    if kind == "lot":  # the slowest for a search of the largest: they lie close together
        rows = table(n, m, 20)
    elif kind == "popular":
        rows = (rng(21).random((n, m)) < 0.8 / (1 + np.arange(m) / 15)).astype(float)
    else:
        rows = np.kron(np.eye(8), np.ones((n // 8, m // 8))) * (rng(22).random((n, m)) < 0.5)
        rows[-60:] = threats.fake_profiles(rows[:-60].sum(axis=0), 3, 60, 20, rng=rng(23))
    rows[7] = 0
    return rows


@pytest.mark.parametrize(
    ("kind", "d", "sizes"),
    [("lot", 8, [144, 560]), ("popular", 8, [144, 560]), ("popular", 1, [60]), ("taste", 8, [144])],
)
def test_explained_share_of_a_big_table_is_that_of_the_svd(kind, d, sizes, monkeypatch):
    """Only the largest singular values are searched for, or all where these lie too close: the shares are the SVD's."""
    rows, solved, eigh = big_table(kind), [], np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: solved.append(len(matrix)) or eigh(matrix))
    found = threats.explained_share(rows, d)
    assert solved == sizes
    assert found == pytest.approx(svd_shares(rows, d), abs=1e-6)
    assert found[7] == 0


@pytest.mark.parametrize(("n", "searched"), [(240, False), (241, True)])
def test_a_table_is_big_from_twenty_times_the_width_on(n, searched, monkeypatch):
    """At 20 times d + 4 users and above, the shares are those of the SVD, whichever way was taken."""
    rows, sizes, eigh = big_table("taste")[-n:], [], np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: sizes.append(len(matrix)) or eigh(matrix))
    assert threats.explained_share(rows, 8) == pytest.approx(svd_shares(rows, 8), abs=1e-6)
    assert (sizes[0] < n) == searched


@pytest.mark.parametrize("function", [threats.alikeness, threats.explained_share])
def test_finders_refuse(function):
    """A list, and too few rows, are errors."""
    for wrong in ([1, 0], [[1, 0]]):
        with pytest.raises(ValueError, match="two dimensions"):
            function(wrong, 9)


def test_finders_find_what_they_are_for():
    """Copies are the most alike; films drawn by lot are explained least, where real users have tastes."""
    taste = np.kron(np.eye(4), np.ones((15, 20)))
    real = taste * (rng(5).random(taste.shape) < 0.6)
    fakes = {
        way: threats.fake_profiles(real.sum(axis=0), 3, 6, 12, fillers=way, rng=rng(6)) for way in ("copies", "any")
    }
    copies, drawn = (np.vstack([real, fakes[way]]) for way in ("copies", "any"))
    assert set(np.argsort(-threats.alikeness(copies, 5))[:6]) == set(range(60, 66))
    assert set(np.argsort(threats.explained_share(drawn, 4))[:6]) == set(range(60, 66))


# -------------------------------------------------------------------------------------------------- ranks and a run


def test_film_ranks_are_ranks():
    """The same as SciPy's ranks of the films that each user has not seen, ties to the better rank."""
    scores, seen = rng(7).normal(size=(15, 30)).round(1), table(15, 30, 8) > 0
    expected = [rankdata(-scores[u, ~seen[u]], method="min")[np.sum(~seen[u, :4])] for u in range(15) if not seen[u, 4]]
    assert threats.film_ranks(scores, 4, seen).tolist() == expected


def test_film_ranks_refuse():
    """A film that does not exist, and tables that do not fit, are errors."""
    with pytest.raises(ValueError, match="target"):
        threats.film_ranks([[1, 2]], 2, [[0, 0]])
    with pytest.raises(ValueError, match="one shape"):
        threats.film_ranks([[1, 2]], 0, [0, 0])


def test_users_are_placed_by_the_normal_equations():
    """Among fixed items each user is where her own weighted least squares has its minimum."""
    rated, items = table(20, 30, 9), rng(10).normal(size=(30, 6))
    rated[3] = 0
    found = ials_users(rated, items, l2=0.7, unobserved_weight=0.2)
    for user, row in enumerate(rated):
        weights = np.where(row > 0, 1, 0.2)
        left = items.T @ (weights[:, None] * items) + 0.7 * np.eye(6)
        assert found[user] == pytest.approx(np.linalg.solve(left, items.T @ row), abs=1e-8)
    assert not found[3].any()


def test_placing_is_where_training_ends():
    """After a long training the users placed among its items are the users that were trained."""
    rated = table(20, 30, 11)
    model = fit_ials(rated, 4, l2=2.0, unobserved_weight=0.3, sweeps=400, rng=rng(), dtype=np.float64)
    placed = ials_users(rated, model.items, l2=2.0, unobserved_weight=0.3)
    assert placed == pytest.approx(model.users, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"items": [[1.0]]}, "items must"), ({"l2": 0}, "l2"), ({"unobserved_weight": 2}, "unobserved_weight")],
)
def test_placing_refuses(changes, words):
    """What does not fit is named."""
    given = {"ratings": [[1, 0]], "items": [[1.0], [2.0]], "l2": 1, "unobserved_weight": 0.5, **changes}
    with pytest.raises(ValueError, match=words):
        ials_users(**given)


def test_a_run_without_the_fakes_is_the_honest_one():
    """Where a defence leaves out all fake profiles, real users get what they get without an attack."""
    train = table(30, 40, 12)
    relevant = (table(30, 40, 13) > 0) & (train == 0)
    fakes = threats.fake_profiles(train.sum(axis=0), 7, 5, 10, rng=rng())
    calm = threats.attack_run(train, relevant, fakes[:0], np.ones(30, dtype=bool), 7, d=4)
    closed = threats.attack_run(train, relevant, fakes, np.arange(35) < 30, 7, d=4)
    open_ = threats.attack_run(train, relevant, fakes, np.ones(35, dtype=bool), 7, d=4)
    assert np.allclose(closed.scores[:30], calm.scores, atol=1e-4) and closed.ndcg == pytest.approx(calm.ndcg, abs=0.02)
    assert (closed.caught, calm.caught, open_.caught) == (1.0, None, None)
    assert (closed.by_lot, calm.by_lot, open_.by_lot) == (5 / 35, None, None)
    assert open_.scores.shape == (35, 40) and open_.shorter > calm.shorter
    with pytest.raises(ValueError, match="fit"):
        threats.attack_run(train, relevant, fakes, np.ones(30, dtype=bool), 7)
