"""Lesson 1: the two ways of making a list, by plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics.pairwise import cosine_similarity

from tests.independent.measures import ten_best

LINES = {
    "split": r"(\d+) ratings to learn from, (\d+) put away",
    "likers": r"(\d+) of (\d+) users liked something",
    "hits": r"hits to be found: ([\d,]+) if any rating counts, ([\d,]+) if 4 or 5 stars do",
    "lists": r"^{way} +(0\.\d+) +(0\.\d+) +(\d+) +(\d+)$",
    "fed alike": r"^content-based from all rated: (0\.\d+)\ncollaborative from the liked: (0\.\d+)",
    "ties": r"^{order} number first +P@10 (0\.\d+), +(\d+) new films shown",
    "numbers": r"rank correlation of number and ratings: (-?\d\.\d+)",
    "apart": r"no film in both lists: (\d+%) of users",
    "with": r"collaborative, with its ratings +score +([\d.]+), place +(\d+) of 1680",
    "without": r"collaborative, without ratings +score +([\d.]+), place +(\d+) of 1680",
    "by genre": r"content-based, with or without +score +([\d.]+), place +(\d+) of 1680",
    "new": r"^(\d+) films have no rating to learn from",
    "new shown": r"content-based: (\d+) of them are in somebody's list",
    "new by company": r"collaborative: (\d+) of them are in somebody's list",
    "rows": r"(\d+) films have (\d+) different rows of genres",
    "dramas": r"^(\d+) films are Drama and nothing else",
}


def by_company(seen):
    """For every user and film: over the user's other films, how many users have both."""
    together = seen.T.astype(float) @ seen
    scores = np.zeros(seen.shape)
    for user, row in enumerate(seen):
        own = np.flatnonzero(row)
        scores[user] = together[own].sum(axis=0)
        scores[user, own] -= together[own, own]
    return scores


@pytest.fixture(scope="module")
def lists(movielens, split):
    """Lists of ten of each user who gave four stars or more to anything, by the three ways."""
    likers = [user for user in range(movielens.n_users) if (split.table[user] >= 4).any()]
    profiles = np.array([movielens.genres[split.table[user] >= 4].mean(axis=0) for user in likers])
    seen = split.seen[likers]
    found = {
        "content-based": ten_best(cosine_similarity(profiles, movielens.genres).round(9), seen),
        "collaborative": ten_best(by_company(split.seen)[likers], seen),
        "most popular": ten_best(np.tile(split.counts, (len(likers), 1)), seen),
    }
    return likers, found


def test_split(lesson, split, movielens, lists):
    """A quarter of each user's ratings, rounded, is put away."""
    lesson.prints(LINES["split"], len(split.rows), len(split.test_rows))
    lesson.prints(LINES["likers"], len(lists[0]), movielens.n_users)


def precision(likers, table, hits):
    """Share of the listed films that are hits."""
    return np.mean([hits[user, films] for user, films in zip(likers, table, strict=True)])


@pytest.mark.parametrize("way", ["content-based", "collaborative", "most popular"])
def test_lists(lesson, split, lists, way):
    """P@10 of any rating and of 4 or 5 stars, different films, and ratings of a listed film."""
    likers, found = lists
    table, any_hit, liked = found[way], split.hidden, split.hidden_table >= 4
    lesson.prints(LINES["hits"], any_hit.sum(), liked.sum())
    both = precision(likers, table, any_hit), precision(likers, table, liked)
    lesson.prints(LINES["lists"].replace("{way}", way), *both, len(set(table.ravel())), split.counts[table].mean())


def test_fed_alike(lesson, movielens, split, lists):
    """Each way from what the other was given."""
    likers, _ = lists
    profiles = np.array([movielens.genres[split.seen[user]].mean(axis=0) for user in likers])
    genres = ten_best(cosine_similarity(profiles, movielens.genres).round(9), split.seen[likers])
    together = split.seen.T.astype(float) @ split.seen
    np.fill_diagonal(together, 0)
    company = ten_best(((split.table >= 4) @ together)[likers], split.seen[likers])
    lesson.prints(LINES["fed alike"], *(precision(likers, table, split.hidden) for table in (genres, company)))


@pytest.mark.parametrize("order", ["lower", "higher"])
def test_ties(lesson, movielens, split, lists, order):
    """What the order of the numbers smuggles in."""
    likers, _ = lists
    step = 1 if order == "lower" else -1
    profiles = np.array([movielens.genres[split.table[user] >= 4].mean(axis=0) for user in likers])
    scores = cosine_similarity(profiles, movielens.genres).round(9)
    turned = ten_best(scores[:, ::step], split.seen[likers][:, ::step])
    table = turned if step == 1 else split.seen.shape[1] - 1 - turned
    new = set(np.flatnonzero(split.counts == 0)) & set(table.ravel())
    lesson.prints(LINES["ties"].replace("{order}", order), precision(likers, table, split.hidden), len(new))
    lesson.prints(LINES["numbers"], spearmanr(np.arange(len(split.counts)), split.counts).statistic)


def test_lists_apart(lesson, lists):
    """Users whose two lists share nothing."""
    pairs = zip(lists[1]["content-based"], lists[1]["collaborative"], strict=True)
    lesson.prints(LINES["apart"], np.mean([not set(one) & set(other) for one, other in pairs]))


def test_new_film(lesson, movielens, split):
    """Score and place of Star Wars for a fan of two films, before and after its first day."""
    titles = ("Star Wars", "Empire Strikes", "Return of the Jedi")
    star_wars, empire, jedi = (movielens.find(title)[0] for title in titles)
    for line, seen in (("with", split.seen.copy()), ("without", split.seen.copy())):
        if line == "without":
            seen[:, star_wars] = False
        scores = seen[:, [empire, jedi]].sum(axis=1) @ seen  # the fan's own row adds to these two films only
        fan = np.zeros((1, seen.shape[1]), dtype=bool)
        fan[0, [empire, jedi]] = True
        order = ten_best(scores[None].astype(float), fan, k=1680)[0]
        lesson.prints(LINES[line], scores[star_wars], 1 + list(order).index(star_wars))
    profile = movielens.genres[[empire, jedi]].mean(axis=0, keepdims=True)
    scores = cosine_similarity(profile, movielens.genres).round(9)
    order = ten_best(scores, fan, k=1680)[0]
    lesson.prints(LINES["by genre"], scores[0, star_wars], 1 + list(order).index(star_wars))


def test_films_without_history(lesson, split, lists):
    """Films without a training rating, and how many of them anybody sees."""
    new = set(np.flatnonzero(split.counts == 0))
    lesson.prints(LINES["new"], len(new))
    lesson.prints(LINES["new shown"], len(new & set(lists[1]["content-based"].ravel())))
    lesson.prints(LINES["new by company"], len(new & set(lists[1]["collaborative"].ravel())))


def test_genres(lesson, movielens):
    """Different rows of genres, and the films that are Drama alone."""
    rows = [tuple(row) for row in movielens.genres]
    lesson.prints(LINES["rows"], len(rows), len(set(rows)))
    drama = tuple(float(name == "Drama") for name in movielens.genre_names)
    lesson.prints(LINES["dramas"], rows.count(drama))
