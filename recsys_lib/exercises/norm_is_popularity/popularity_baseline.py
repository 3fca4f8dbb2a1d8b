"""Score each item by the number of its ratings."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("popularity_baseline", points={"values": 1}, instead_of=("popularity_scores",))
def popularity_baseline(ratings):
    """Count the cells of each column that hold a rating."""
    scores = []
    for item in range(ratings.shape[1]):
        scores.append(float(sum(1 for rating in ratings[:, item] if rating > 0)))
    return np.array(scores)


def random_ratings(rng, n_users, n_items, share):
    """Stars from 1 to 5 in a share of the cells, which differs from item to item; 0 elsewhere."""
    shares = np.clip(share * rng.uniform(0.3, 2.5, n_items), 0, 0.95)
    return np.where(rng.random((n_users, n_items)) < shares, rng.integers(1, 6, (n_users, n_items)), 0).astype(float)


@popularity_baseline.inputs(
    "values",
    fixed=[
        (np.array([[5, 0, 1], [4, 0, 0]]),),
        ([[4, 3, 0], [5, 0, 0]],),
        ([[5, 3, 0], [0, 2, 0], [0, 1, 4], [1, 5, 0]],),
        ([[1, 2, 0, 5], [2, 0, 0, 5], [1, 0, 0, 0]],),
        ([[3, 3, 3, 3, 3], [0, 3, 3, 3, 3], [0, 0, 4, 5, 1], [0, 0, 0, 2, 4], [0, 0, 0, 0, 5]],),
        ([[2], [0], [5], [1], [4]],),
        ([[0, 4, 0, 1], [5, 4, 0, 1], [0, 4, 0, 2], [0, 0, 0, 2], [0, 3, 0, 1]],),
        ([[3, 0, 1]],),
        (np.tile([[4.0], [5.0]], (129, 1)),),  # more ratings than a byte can count
    ],
)
def _(rng):
    tables = [random_ratings(rng, *shape, share) for shape, share in [((3, 5), 0.5), ((7, 4), 0.4), ((30, 12), 0.2)]]
    tables[1][:, -1] = 0
    return [(table,) for table in [*tables[:2], tables[2].astype(int)]]


@popularity_baseline.misconception(
    "You took the mean rating, by which one viewer with five stars beats a hundred with four; popularity counts them.",
    kind="misconception",
)
def mean_stars(ratings):
    return ratings.sum(axis=0) / np.maximum((ratings > 0).sum(axis=0), 1)


@popularity_baseline.misconception(
    "You returned the mean rating, which says how good an item is; its score here is the number of its ratings, and 0 "
    "where there is none.",
    kind="misconception",
)
def mean_stars_of_nobody(ratings):
    return ratings.sum(axis=0) / (ratings > 0).sum(axis=0)


@popularity_baseline.misconception(
    "You added up the stars, so a rating of 5 counts as five people; here each rating counts once.",
    kind="misconception",
)
def sum_of_stars(ratings):
    return ratings.sum(axis=0).astype(float)


@popularity_baseline.misconception(
    "You averaged the stars over all users; the score is how many ratings an item has, whatever stars they gave."
)
def mean_with_zeros(ratings):
    return ratings.mean(axis=0)


@popularity_baseline.misconception(
    "You counted along the rows, which gives how much each user has rated; which way do you walk to stay with one item?"
)
def per_user(ratings):
    return (ratings > 0).sum(axis=1).astype(float)


@popularity_baseline.misconception(
    "You counted the ratings that are good ones; a film that many watched and few liked is popular all the same.",
    kind="misconception",
)
def likes_only(ratings):
    return (ratings >= 4).sum(axis=0).astype(float)


@popularity_baseline.misconception(
    "You returned the items in order of popularity; a score for each item is asked for, in the order of the table."
)
def order_for_scores(ratings):
    return np.argsort(-(ratings > 0).sum(axis=0), kind="stable").astype(float)


@popularity_baseline.misconception(
    "You counted every cell of the column, also the empty ones, so all items get the same number."
)
def every_cell(ratings):
    return np.full(ratings.shape[1], float(len(ratings)))


@popularity_baseline.misconception("You counted the ratings of the whole table; each item gets a count of its own.")
def one_count_for_all(ratings):
    return float(np.count_nonzero(ratings))


@popularity_baseline.misconception(
    "A rating of one star is not counted; the viewer who gave it has watched the film all the same."
)
def one_star_left_out(ratings):
    return (ratings > 1).sum(axis=0).astype(float)


@popularity_baseline.misconception(
    "Your row ends at the last item that has a rating; items behind it that nobody rated need their 0, too."
)
def last_items_missing(ratings):
    return np.bincount(np.nonzero(ratings)[1]).astype(float)


@popularity_baseline.alternative
def by_comparison(ratings):
    return (ratings > 0).sum(axis=0)


@popularity_baseline.alternative
def by_count_nonzero(ratings):
    return np.count_nonzero(ratings, axis=0)


@popularity_baseline.alternative
def by_bincount(ratings):
    return np.bincount(np.nonzero(ratings)[1], minlength=ratings.shape[1])


@popularity_baseline.alternative
def as_list_of_floats(ratings):
    return [float(np.sum(column != 0)) for column in ratings.T]
