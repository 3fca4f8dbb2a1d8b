"""Give each film an L2 weight in proportion to its ratings, with a mean of l2."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("frequency_scaled_l2", points={"values": 2, "unrated films": 1})
def frequency_scaled_l2(counts, l2):
    """A film's share of all ratings, times the number of films, times l2: the mean of that is l2."""
    counts = np.asarray(counts, dtype=float)
    total = sum(counts)
    if total == 0:
        raise ValueError("no film has a rating, so nothing can be in proportion to the ratings")
    return np.array([l2 * len(counts) * count / total for count in counts])


@frequency_scaled_l2.inputs(
    "values",
    fixed=[
        ([1, 3], 0.5),
        (np.array([1, 2, 4]), 0.5),
        ([2, 4, 6], 0.1),
        ([10, 1, 1, 4], 2.0),
        ([7, 30, 2, 5, 6], 0.25),
        ([100, 50, 20, 10, 5, 1], 1.5),
        ([3, 3, 3, 12, 9, 1, 4], 0.04),
    ],
)
def _(rng):
    found = [(rng.integers(1, 200, n).astype(float), float(rng.uniform(0.02, 3))) for n in (3, 8, 25, 60)]
    return [*found, (rng.integers(1, 200, 10), float(rng.uniform(0.02, 3)))]


@frequency_scaled_l2.inputs(
    "unrated films",
    fixed=[
        ([0, 0], 0.5),
        ([0, 4], 0.5),
        ([1, 3], 0.25),
        ([0, 0, 0], 0.1),
        ([2, 0, 0], 0.1),
        ([2, 1, 3], 0.4),
        ([0, 5, 0, 20, 7], 2.0),
        ([0, 0, 0, 0, 0], 2.0),
        ([6, 0, 1, 0, 3, 8], 0.3),
        ([0] * 39 + [1], 0.2),
    ],
)
def _(rng):
    found = []
    for n in (4, 9, 30):
        some = rng.integers(1, 40, n).astype(float)
        some[rng.choice(n, size=n // 3 + 1, replace=False)] = 0
        some[0] *= n != 9  # and once the first film has none
        found += [(np.zeros(n), float(rng.uniform(0.1, 1))), (some, float(rng.uniform(0.1, 1)))]
    return found


@frequency_scaled_l2.misconception(
    "You gave every film the same weight; here a film with twice the ratings gets twice the weight.", kind="next step"
)
def same_for_all(counts, l2):
    return np.full(len(counts), l2)


@frequency_scaled_l2.misconception(
    "You divided by the count: rare films get the most. You may wish for that, but it is not what is asked for.",
    kind="misconception",
)
def divided_by_the_count(counts, l2):
    return l2 / counts


@frequency_scaled_l2.misconception(
    "You turned it round, rare films most, and then fixed the mean; in proportion to the count means more for more.",
    kind="misconception",
)
def divided_with_the_right_mean(counts, l2):
    weights = 1 / counts
    return l2 * weights / weights.mean()


@frequency_scaled_l2.misconception("Your weights add up to l2; their mean should be l2. How many films are there?")
def sum_is_l2(counts, l2):
    return l2 * counts / counts.sum()


@frequency_scaled_l2.misconception("You multiplied by the count and stopped there: now bring the mean down to l2.")
def times_the_count(counts, l2):
    return l2 * counts


@frequency_scaled_l2.misconception("You gave l2 to the best-known film and less to all others; l2 should be the mean.")
def largest_is_l2(counts, l2):
    return l2 * counts / counts.max()


@frequency_scaled_l2.misconception(
    "You damped the counts by a root: twice the ratings should mean twice the weight, not 1.4 times."
)
def by_the_root(counts, l2):
    return l2 * np.sqrt(counts) / np.sqrt(counts).mean()


@frequency_scaled_l2.misconception("You divided by the number of films, which is not the mean count.")
def over_the_number_of_films(counts, l2):
    return l2 * counts / len(counts)


@frequency_scaled_l2.misconception("You multiplied by the mean count; to bring a mean down to 1, divide by it.")
def times_the_mean(counts, l2):
    return l2 * counts * counts.mean()


@frequency_scaled_l2.misconception(
    "Your fraction is upside down: the count of the film belongs above, the mean of all counts below."
)
def mean_over_count(counts, l2):
    return l2 * counts.mean() / counts


@frequency_scaled_l2.misconception("You left l2 out: the mean of your weights is 1 whatever l2 is.")
def l2_forgotten(counts, l2):
    return counts / counts.mean()


@frequency_scaled_l2.misconception("You divided by the median count; then the mean of the weights is not l2.")
def by_the_median(counts, l2):
    return l2 * counts / np.median(counts)


@frequency_scaled_l2.misconception(
    "Your weights are cut to whole numbers where the counts are whole: an array that is made like `counts` takes over "
    "their type, so make it of floats."
)
def weights_cut_to_whole_numbers(counts, l2):
    weights = np.zeros_like(counts)
    weights[:] = l2 * counts / counts.mean()
    return weights


@frequency_scaled_l2.misconception("You returned one number; every film has a weight of its own.")
def one_number(counts, l2):
    return l2 * counts.mean()


@frequency_scaled_l2.misconception(
    "You gave each film its share of the ratings; now scale these shares so that their mean is l2.", kind="next step"
)
def shares_only(counts, l2):
    return counts / counts.sum()


@frequency_scaled_l2.misconception(
    "Without any rating you get 0/0, and NaN goes on its way without a word; look at the counts first.",
    layer="unrated films",
)
def silent_nan(counts, l2):
    return l2 * counts / counts.mean()


def _by_mean(counts, l2):
    if not np.any(counts):
        raise ValueError
    return l2 * counts / np.mean(counts)


@frequency_scaled_l2.misconception(
    "Without any rating you return zeros, whose mean is not l2; what is asked for cannot be had, so say so.",
    layer="unrated films",
)
def zeros_for_nothing(counts, l2):
    return _by_mean(counts, l2) if np.any(counts) else np.zeros(len(counts))


@frequency_scaled_l2.misconception(
    "Without any rating you give every film l2; equal weights are in no proportion to the counts, so refuse.",
    layer="unrated films",
)
def equal_for_nothing(counts, l2):
    return _by_mean(counts, l2) if np.any(counts) else np.full(len(counts), l2)


@frequency_scaled_l2.misconception(
    "You refuse a single film without ratings; its weight is 0, and only if none of them has any is there no answer.",
    layer="unrated films",
)
def one_unrated_refused(counts, l2):
    if np.any(counts == 0):
        raise ValueError
    return _by_mean(counts, l2)


@frequency_scaled_l2.misconception(
    "Your first film decides for all: with ratings it ends the search, without any it raises; when do you know that "
    "*none* has a rating?",
    layer="unrated films",
)
def first_film_decides(counts, l2):
    if counts[0] == 0:
        raise ValueError
    return _by_mean(counts, l2)


@frequency_scaled_l2.misconception(
    "You counted a film without ratings as if it had one; in proportion to nothing is nothing.", layer="unrated films"
)
def floor_at_one(counts, l2):
    return _by_mean(np.maximum(counts, 1), l2)


@frequency_scaled_l2.misconception(
    "You took the mean over the rated films only; the weight 0 of the others counts in the mean as well.",
    layer="unrated films",
)
def mean_over_rated(counts, l2):
    if not np.any(counts):
        raise ValueError
    return l2 * counts / counts[counts > 0].mean()


@frequency_scaled_l2.alternative
def by_the_mean(counts, l2):
    return _by_mean(counts, l2)


@frequency_scaled_l2.alternative
def scaled_afterwards_as_list(counts, l2):
    if max(counts) == 0:
        raise ValueError("no ratings")
    weights = np.array(counts, dtype=float)
    weights *= l2 / (weights.sum() / len(weights))
    return list(weights)


@frequency_scaled_l2.alternative
def by_average(counts, l2):
    share = np.divide(counts, counts.sum(), out=np.zeros(len(counts)), where=counts.sum() > 0)
    if not share.any():
        raise ValueError
    return share * len(counts) * l2


@frequency_scaled_l2.alternative
def weights_in_float32(counts, l2):
    return _by_mean(np.asarray(counts, dtype=np.float32), np.float32(l2)).astype(np.float32)
