"""Lesson 1: the two ways of making a list, by plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from tests.independent.measures import ten_best

LINES = {
    "split": r"(\d+) ratings to learn from, (\d+) put away",
    "likers": r"(\d+) of (\d+) users liked something",
    "content-based": r"^content-based +(0\.\d+) +(\d+) +(\d+)",
    "collaborative": r"^collaborative +(0\.\d+) +(\d+) +(\d+)",
    "most popular": r"^most popular +(0\.\d+) +(\d+) +(\d+)",
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


@pytest.mark.parametrize("way", ["content-based", "collaborative", "most popular"])
def test_lists(lesson, split, lists, way):
    """P@10, different films, and ratings of a listed film."""
    likers, found = lists
    right = np.mean([split.hidden[user, films] for user, films in zip(likers, found[way], strict=True)])
    lesson.prints(LINES[way], right, len(set(found[way].ravel())), split.counts[found[way]].mean())


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
