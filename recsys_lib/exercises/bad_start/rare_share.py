"""Find the share of the places in all lists that goes to films with few ratings."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("rare_share", points={"values": 2, "border": 1}, instead_of=("rare_share",))
def rare_share(recommended, counts, at_most):
    """Count the slots that hold a rare film, and divide by all slots."""
    rare = 0
    for row in recommended:
        for item in row:
            if counts[item] <= at_most:
                rare += 1
    return rare / np.size(recommended)


COUNTS = [50, 1, 20, 3, 9, 2, 80, 4, 30, 12]


def _ids(*rows):
    return np.array(rows)


def _slots(rng, n, q, k, counts):
    """Draw lists in which low ids are likely, so that some films fill several slots."""
    return np.array([rng.choice(n, size=k, replace=False, p=np.arange(n, 0, -1) * 2 / n / (n + 1)) for _ in range(q)])


@rare_share.inputs(
    "values",
    fixed=[
        (_ids([0, 1]), [50, 2, 9, 12], 5),
        (_ids([0, 1], [2, 1]), np.array([50, 2, 30, 4]), 5),
        (_ids([0, 2, 4], [4, 0, 6], [6, 1, 2]), COUNTS, 5),
        (_ids([1, 3], [3, 1], [1, 6], [0, 2]), COUNTS, 5),
        (_ids([6, 0, 8], [9, 2, 0]), COUNTS, 5),
        (_ids([1, 3, 5], [7, 1, 3]), COUNTS, 5),
        (_ids([1, 3, 8, 9], [7, 0, 6, 8], [0, 9, 7, 5]), COUNTS, 10),
        (_ids([2, 3, 5, 7, 9], [1, 2, 4, 6, 8]), COUNTS, 25),
        (_ids([1, 4, 3], [3, 0, 8], [4, 5, 7]), COUNTS, 5),
        (_ids([5, 4, 1], [1, 3, 9]), COUNTS, 6),
    ],
)
def _(rng):
    found = []
    for n, q, k, at_most in [(12, 4, 3, 5), (20, 6, 5, 7), (40, 30, 10, 12), (60, 15, 8, 5), (90, 50, 9, 20)]:
        counts = rng.permutation(np.setdiff1d(np.arange(1, 3 * n), [at_most]))[:n].astype(float)
        found.append((_slots(rng, n, q, k, counts), counts, at_most))
    recommended, counts, at_most = found[0]
    return [*found, (recommended, counts.astype(int), at_most)]


@rare_share.inputs(
    "border",
    fixed=[
        (_ids([0, 1]), [50, 5, 9, 12], 5),
        (_ids([0, 1]), [50, 6, 9, 12], 5),
        (_ids([0, 1]), [50, 0, 9, 12], 5),
        (_ids([0, 1]), [50, 1, 9, 12], 5),
        (_ids([0, 1, 2], [1, 3, 2]), [5, 6, 5, 4, 0], 5),
        (_ids([0, 1, 2], [1, 3, 2]), [7, 6, 4, 4, 1], 5),
        (_ids([0, 1, 3], [1, 2, 3]), [0, 4, 9, 12], 5),
        (_ids([0, 1], [2, 3]), [0, 1, 2, 0], 0),
        (_ids([0, 1], [2, 3]), [3, 1, 2, 4], 2),
        (_ids([3, 1], [2, 0], [4, 5]), [0, 5, 5, 5, 0, 20], 5),
    ],
)
def _(rng):
    found = []
    for n, q, k, at_most in [(12, 5, 4, 5), (20, 8, 5, 3), (30, 9, 6, 2)]:
        counts = rng.integers(0, 3 * at_most, n).astype(float)
        counts[:3] = at_most, 0, at_most + 1
        found += [(_slots(rng, n, q, k, counts), counts, at_most), (_slots(rng, n, q, k, counts), counts + 1, at_most)]
    return found


@rare_share.misconception(
    "You counted each film once, however many lists it is in; a user does not care: count places in lists.",
    kind="misconception",
)
def distinct_films(recommended, counts, at_most):
    return np.mean(counts[np.unique(recommended)] <= at_most)


@rare_share.misconception("You gave the share of rare films in the catalogue; look at what the lists hold.")
def share_of_catalogue(recommended, counts, at_most):
    return np.mean(counts <= at_most)


@rare_share.misconception(
    "You compared the films' ids with the limit; an id is a row number, so look its count up first."
)
def ids_compared(recommended, counts, at_most):
    return np.mean(recommended <= at_most)


@rare_share.misconception("You gave the share of the films that are not rare: look at the sign of your comparison.")
def popular_share(recommended, counts, at_most):
    return np.mean(counts[recommended] > at_most)


@rare_share.misconception("You gave a number of places; a share is that number divided by all places.")
def number_of_slots(recommended, counts, at_most):
    return float(np.sum(counts[recommended] <= at_most))


@rare_share.misconception("You gave the share of lists that hold a rare film; each place of a list counts on its own.")
def lists_with_one(recommended, counts, at_most):
    return np.mean((counts[recommended] <= at_most).any(axis=1))


@rare_share.misconception("You gave one share for each list; one number for all lists together is asked for.")
def share_of_each_list(recommended, counts, at_most):
    return np.mean(counts[recommended] <= at_most, axis=1)


@rare_share.misconception(
    "You counted how often a film is recommended; rare means few ratings in training, and that is what counts holds.",
    kind="misconception",
)
def rarely_recommended(recommended, counts, at_most):
    times = np.bincount(recommended.ravel(), minlength=len(counts))
    return np.mean(times[recommended] <= at_most)


@rare_share.misconception("You divided by the number of lists; a list has several places.")
def rare_films_per_list(recommended, counts, at_most):
    return np.sum(counts[recommended] <= at_most) / len(recommended)


@rare_share.misconception("You divided by the number of rare films; divide by the number of places.")
def over_the_rare(recommended, counts, at_most):
    return np.sum(counts[recommended] <= at_most) / max(np.sum(counts <= at_most), 1)


@rare_share.misconception(
    "You gave the mean number of ratings of what is shown; here each place only says yes or no: rare or not."
)
def mean_popularity(recommended, counts, at_most):
    return np.mean(counts[recommended])


@rare_share.misconception(
    "You looked for film ids in a list of counts, which are two kinds of numbers; find the ids of the rare films first."
)
def ids_among_counts(recommended, counts, at_most):
    return np.mean(np.isin(recommended, counts[counts <= at_most]))


@rare_share.misconception(
    "You gave the share of the rare films that appear somewhere; asked for is the share of places that they take.",
    kind="misconception",
)
def rare_films_found(recommended, counts, at_most):
    rare = np.flatnonzero(counts <= at_most)
    return np.isin(rare, recommended).sum() / max(len(rare), 1)


@rare_share.misconception("You divided by the size of the catalogue; divide by the number of places in the lists.")
def over_the_catalogue(recommended, counts, at_most):
    return np.sum(counts[recommended] <= at_most) / len(counts)


@rare_share.misconception(
    "You took the mean count of each list and asked whether that is low; one well-known film then hides the rare ones."
)
def mean_count_of_lists(recommended, counts, at_most):
    return np.mean(counts[recommended].mean(axis=1) <= at_most)


@rare_share.misconception(
    "You averaged the counts of all places and compared that mean with the limit, so your answer is 0 or 1; compare "
    "the count of each place, then take the share."
)
def mean_count_of_all(recommended, counts, at_most):
    return float(np.mean(counts[recommended]) <= at_most)


@rare_share.misconception("You took 1 from the ids; they begin at 0 already.")
def ids_from_one(recommended, counts, at_most):
    return np.mean(counts[recommended - 1] <= at_most)


@rare_share.misconception("You ask for exactly as many ratings as the limit; fewer are rare, too.")
def exactly_the_limit(recommended, counts, at_most):
    return np.mean(counts[recommended] == at_most)


@rare_share.misconception(
    "A film with exactly as many ratings as the limit is rare, too; yours is not.", layer="border"
)
def fewer_than(recommended, counts, at_most):
    return np.mean(counts[recommended] < at_most)


@rare_share.misconception(
    "A film without any rating is the rarest of all, and you leave it out; that is the very film to watch.",
    layer="border",
    kind="misconception",
)
def never_rated_left_out(recommended, counts, at_most):
    shown = counts[recommended]
    return np.mean((shown > 0) & (shown <= at_most))


@rare_share.alternative
def rare_share_by_mean(recommended, counts, at_most):
    return np.mean(counts[recommended] <= at_most)


@rare_share.alternative
def rare_share_by_isin(recommended, counts, at_most):
    return np.isin(recommended, np.flatnonzero(np.asarray(counts) <= at_most)).sum() / recommended.size


@rare_share.alternative
def rare_share_by_lists(recommended, counts, at_most):
    shares = [sum(counts[i] <= at_most for i in row) / len(row) for row in recommended]
    return sum(shares) / len(shares)


@rare_share.alternative
def one_minus_the_others(recommended, counts, at_most):
    return 1 - np.count_nonzero(np.take(counts, recommended) > at_most) / np.prod(recommended.shape)
