"""Find Spearman's rank correlation of the items' norms and their popularity."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.norm_is_popularity._inputs import norms_of


def average_ranks(values):
    """Places in the order from small to large; equal values share the mean of the places they fill."""
    return np.array([np.sum(values < value) + (np.sum(values == value) + 1) / 2 for value in values])


@exercise(
    "norm_popularity",
    points={"values": 2, "ties": 1, "no order": 1},
    instead_of=("rank_correlation", "_average_ranks"),
)
def norm_popularity(items, counts):
    """Rank both, and take the correlation of the ranks."""
    norms = np.sqrt(np.sum(items**2, axis=1))
    if np.max(norms) == np.min(norms) or np.max(counts) == np.min(counts):
        raise ValueError("all norms or all counts are equal, so there is no order to compare")
    centred = []
    for values in (norms, counts):
        ranks = average_ranks(values)
        centred.append(ranks - np.sum(ranks) / len(ranks))
    first, second = centred
    return float(np.sum(first * second) / np.sqrt(np.sum(first**2) * np.sum(second**2)))


@norm_popularity.inputs(
    "values",
    fixed=[
        (np.array([[3, 4], [1, 0], [0, 2]]), np.array([9, 4, 2])),
        (np.array([[1, 1], [6, 8], [1, 0], [2, 0]]), np.array([7, 300, 40, 12])),
        # close together, and yet not equal
        ([[3, 4], [0, 5.00001], [1, 1], [5.00002, 0]], [30, 8, 5, 12]),
        ([[2, 0, 1], [1, 1, 0], [-3, 4, 0]], [20, 7, 3]),
        ([[0, 9], [1, 2], [5, 5], [-3, 0], [2, 2]], [3, 25, 4, 6, 100]),
        ([[1, 2, 2], [0, 1, 0], [-4, 4, 7], [2, 3, 6], [0, 0, 5]], [40, 90, 1, 2, 15]),
        ([[2, -1], [1, 0], [-3, 3], [0, 2], [7, 1], [-5, 0]], [50, 8, 200, 30, 12, 700]),
        ([[1], [-8], [4], [-2], [6], [3], [-9]], [3, 40, 11, 9, 2, 5, 400]),
        ([[5, 0, 0, 0], [3, 3, 3, 0], [1, 1, 1, 1], [0, 0, 4, 2]], [30, 2, 8, 4]),
        ([[1, 0, 0, 1], [2, 2, 1, 0], [5, 0, -1, 0], [0, -7, 0, 1], [1, 1, 1, 1], [4, 0, 0, 0]], [1, 6, 2, 3, 5, 4]),
    ],
)
def _(rng):
    found = []
    for n, d in [(5, 2), (8, 3), (20, 4), (60, 6)]:
        items = rng.normal(size=(n, d)) * rng.uniform(0.2, 3, size=(n, 1))
        counts = rng.permutation(4 * n)[:n] + 1 + np.floor(20 * rng.uniform(-1, 2) * norms_of(items))
        counts = counts + np.argsort(np.argsort(counts)) - counts.min() + 1  # no two alike, all above 0
        found.append((items, counts.astype(float)))
    return found


@norm_popularity.inputs(
    "ties",
    fixed=[
        (np.array([[3, 4], [1, 0], [0, 2]]), np.array([4, 9, 4])),
        ([[3, 4], [1, 0], [0, 2]], [4, 4, 1]),
        ([[3, 4], [1, 0], [0, 2]], [4, 9, 1]),
        (np.array([[1, 0], [3, 4], [0, 5], [2, 0]]), np.array([5, 30, 2, 8])),
        ([[1, 0], [3, 4], [0, 6], [2, 0]], [5, 30, 2, 8]),
        ([[0, 7], [1, 0], [0, 3], [2, 2], [6, 0]], [1, 1, 1, 50, 2]),
        ([[0, 1], [1, 0], [0, 3], [2, 2], [6, 0], [1, 0]], [1, 2, 3, 3, 3, 90]),
        ([[0, 8], [1, 1], [5, 0], [2, 2], [0, 2], [4, 1], [9, 0]], [6, 1, 1, 70, 1, 5, 5]),
        ([[0, 8], [1, 1], [5, 0], [2, 2], [0, 2], [4, 1], [9, 0]], [6, 1, 2, 70, 3, 5, 4]),
        ([[3, 4], [0, 5], [1, 1], [5, 0]], [30, 8, 5, 12]),  # two lengths are an order
        ([[1, 2, 2], [0, 4, 0], [1, 0, 0], [4, 4, 7]], [3, 9, 3, 9]),
        (np.array([[1, 2, 2], [0, 3, 0], [1, 0, 0], [4, 4, 7]]), np.array([5, 9, 2, 5])),
        (np.array([[2], [-2], [1], [5], [-1]]), np.array([3, 8, 1, 8, 8])),
    ],
)
def _(rng):
    found = []
    for n in (6, 12, 40):
        items = rng.integers(-3, 4, size=(n, 2)).astype(float)
        counts = np.floor(2 + 3 * rng.exponential(size=n) + 0.5 * np.sum(items**2, axis=1))
        items[:2], counts[:3] = [[3, 4], [-3, 4]], [1, 1, 9]
        found += [(items, counts.astype(int)), (rng.normal(size=(n, 2)), rng.permutation(n) + 1.0)]
    return found


@norm_popularity.inputs(
    "no order",
    fixed=[  # an ordinary input has no ties here: those are judged, and paid, above
        ([[3, 4], [0, 5], [5, 0]], [7, 2, 9]),
        ([[3, 4], [0, 1], [4, 0]], [6, 6, 6]),
        ([[3, 4], [0, 5], [4, -3]], [6, 6, 6]),
        ([[3, 4], [0, 6], [4, 0]], [7, 2, 9]),
        ([[3, 4], [0, 1], [4, 0]], [6, 5, 8]),
        ([[0, 0], [0, 0], [0, 0], [0, 0]], [1, 2, 4, 3]),
        ([[0, 0], [1, 0], [0, 3], [2, 0]], [1, 2, 4, 3]),
        ([[1, 2, 2], [0, 3, 0], [2, -1, 2], [0, 0, -3]], [5, 5, 5, 5]),
        ([[1, 2, 2], [2, -1, 2], [0, 0, -3], [3, 0, 0], [-2, 2, 1]], [5, 1, 6, 2, 3]),
        ([[1, 2, 2], [0, 4, 0], [2, -1, 1], [0, 0, -2]], [9, 2, 3, 5]),
        ([[2, 0], [0, 2], [0, -2], [-2, 0]], [3, 3, 3, 3]),
        ([[3, 4], [0, 1], [4, 0]], [6, 9, 8]),
        ([[1, 2], [0, 3], [2, 0], [1, 1]], [4, 4, 4, 4]),
        ([[1, 2], [0, 3], [2, 0], [1, 1]], [4, 1, 5, 2]),
    ],
)
def _(rng):
    found = []
    for n, d in [(5, 2), (9, 3)]:
        row = rng.normal(size=d)
        flipped = row * rng.choice([-1.0, 1.0], size=(n, d))
        ordinary, counts = rng.normal(size=(n, d)), rng.permutation(n) + 1.0
        found += [(flipped, counts), (ordinary, np.full(n, 4.0)), (ordinary, counts)]
    return found


def _refuse_no_order(items, counts):
    if len(set(norms_of(items))) == 1 or len(set(counts)) == 1:
        raise ValueError("all norms or all counts are equal, so there is no order to compare")


def _correlation(one, other):
    one, other = one - one.mean(), other - other.mean()
    return float(np.sum(one * other) / np.sqrt(np.sum(one**2) * np.sum(other**2)))


@norm_popularity.misconception(
    "You correlated the norms and the counts themselves, so one blockbuster decides; only their order is asked for.",
    kind="misconception",
)
def pearson_on_the_numbers(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(norms_of(items), counts)


@norm_popularity.misconception(
    "You sorted once, which tells who stands at each place; a rank tells at which place each item stands.",
    kind="misconception",
)
def sorted_once(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(np.argsort(norms_of(items), kind="stable"), np.argsort(counts, kind="stable"))


@norm_popularity.misconception(
    "You ranked the counts and left the norms as they are; both columns have to be turned into ranks."
)
def counts_ranked_only(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(norms_of(items), average_ranks(counts))


@norm_popularity.misconception(
    "Your sign is turned: you gave one side its ranks from the top and the other from the bottom."
)
def one_side_from_the_top(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(average_ranks(-norms_of(items)), average_ranks(counts))


@norm_popularity.misconception(
    "You added up the coordinates of each item; a vector that points the other way is not shorter for it."
)
def sums_for_norms(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(average_ranks(items.sum(axis=1)), average_ranks(counts))


@norm_popularity.misconception(
    "You took the norms of the columns, one for each coordinate; an item is a row, and each row needs one."
)
def norms_of_coordinates(items, counts):
    norms = np.sqrt(np.sum(items**2, axis=0))
    if len(set(norms)) == 1 or len(set(counts)) == 1:
        raise ValueError
    return float(np.corrcoef(average_ranks(norms), average_ranks(counts))[0, 1])


@norm_popularity.misconception(
    "You divided the covariance by n less one and the spreads by n; take the same number in both."
)
def two_divisors(items, counts):
    _refuse_no_order(items, counts)
    one, other = average_ranks(norms_of(items)), average_ranks(counts)
    return float(np.cov(one, other)[0, 1] / (one.std() * other.std()))


@norm_popularity.misconception(
    "You stopped at the covariance of the ranks; divide by both their spreads to get a number from minus 1 to 1."
)
def covariance_of_ranks(items, counts):
    _refuse_no_order(items, counts)
    one, other = average_ranks(norms_of(items)), average_ranks(counts)
    return float(np.mean((one - one.mean()) * (other - other.mean())))


@norm_popularity.misconception(
    "You return the whole two by two table of correlations; the one that is asked for stands off its diagonal."
)
def whole_table(items, counts):
    _refuse_no_order(items, counts)
    return np.corrcoef(average_ranks(norms_of(items)), average_ranks(counts))


def _places(values):
    """Ranks without a rule for ties: equal values in order of their ids."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") + 1.0


@norm_popularity.misconception(
    "Equal values got different ranks, by their place in the table; let them share the mean of the places they fill.",
    layer="ties",
)
def ties_by_order(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(_places(norms_of(items)), _places(counts))


@norm_popularity.misconception(
    "You gave equal values the best place among them, as in sport; the mean of the places they fill is asked for.",
    layer="ties",
)
def smallest_place(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(*(np.searchsorted(np.sort(x), x) + 1.0 for x in (norms_of(items), counts)))


@norm_popularity.misconception(
    "You numbered the different values, so after a tie of ten the next rank is one higher; it should be ten higher.",
    layer="ties",
)
def numbered_values(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(*(np.unique(x, return_inverse=True)[1] + 1.0 for x in (norms_of(items), counts)))


@norm_popularity.misconception(
    "The short formula with squared differences of ranks holds only without ties; use the correlation of the ranks.",
    layer="ties",
    kind="misconception",
)
def short_formula(items, counts):
    _refuse_no_order(items, counts)
    gaps, n = average_ranks(norms_of(items)) - average_ranks(counts), len(counts)
    return float(1 - 6 * np.sum(gaps**2) / (n * (n**2 - 1)))


@norm_popularity.misconception(
    "You refuse every tie; two films may well have the same count, only if all of them do is there no order.",
    layer="ties",
)
def every_tie_refused(items, counts):
    if len(set(norms_of(items))) < len(items) or len(set(counts)) < len(counts):
        raise ValueError
    return norm_popularity.reference(items, counts)


@norm_popularity.misconception(
    "You refuse two items of the same norm; only if all norms are equal is there no order.", layer="ties"
)
def equal_norms_refused(items, counts):
    if len(set(norms_of(items))) < len(items):
        raise ValueError
    return norm_popularity.reference(items, counts)


@norm_popularity.misconception(
    "Where all values are equal you still hand out different ranks, and a number comes out of nothing; refuse that.",
    layer="no order",
)
def ranks_out_of_nothing(items, counts):
    return _correlation(_places(norms_of(items)), _places(counts))


@norm_popularity.misconception(
    "Where all norms or all counts are equal you divide zero by zero, and NaN goes on its way; refuse such inputs.",
    layer="no order",
)
def silent_nan(items, counts):
    return _correlation(average_ranks(norms_of(items)), average_ranks(counts))


@norm_popularity.misconception(
    "You return 0 where there is no order; 0 would say that norm and popularity are unrelated, and nobody can know.",
    layer="no order",
    kind="misconception",
)
def zero_for_no_order(items, counts):
    try:
        _refuse_no_order(items, counts)
    except ValueError:
        return 0.0
    return norm_popularity.reference(items, counts)


@norm_popularity.misconception(
    "You refuse equal counts and forget equal norms; neither leaves an order to compare.", layer="no order"
)
def equal_norms_missed(items, counts):
    if len(set(counts)) == 1:
        raise ValueError
    return silent_nan(items, counts)


@norm_popularity.misconception(
    "You refuse equal norms and forget equal counts; neither leaves an order to compare.", layer="no order"
)
def equal_counts_missed(items, counts):
    if len(set(norms_of(items))) == 1:
        raise ValueError
    return silent_nan(items, counts)


@norm_popularity.misconception(
    "You refuse inputs only where the norms are all equal and the counts are too; one of the two is enough.",
    layer="no order",
)
def both_have_to_be_equal(items, counts):
    if len(set(norms_of(items))) == 1 and len(set(counts)) == 1:
        raise ValueError
    return silent_nan(items, counts)


@norm_popularity.alternative
def with_scipy(items, counts):
    from scipy.stats import spearmanr

    _refuse_no_order(items, counts)
    return spearmanr(np.linalg.norm(items, axis=1), counts)[0]


@norm_popularity.alternative
def with_rankdata_and_corrcoef(items, counts):
    from scipy.stats import rankdata

    squares = (items**2).sum(axis=1)  # the root changes no order
    if np.ptp(squares) == 0 or np.ptp(counts) == 0:
        raise ValueError("no order")
    return np.corrcoef(rankdata(squares), rankdata(counts))[0, 1]


@norm_popularity.alternative
def with_unique(items, counts):
    ranks = []
    for values in (np.linalg.norm(items, axis=1), counts):
        _, place, size = np.unique(values, return_inverse=True, return_counts=True)
        if len(size) == 1:
            raise ValueError("no order")
        ranks.append((np.cumsum(size) - (size - 1) / 2)[place])
    one, other = ((r - r.mean()) / r.std() for r in ranks)
    return np.mean(one * other)


@norm_popularity.alternative
def with_a_loop_over_sorted_ids(items, counts):
    _refuse_no_order(items, counts)
    both = []
    for values in ([math.sqrt(sum(v * v for v in item)) for item in items], list(counts)):
        in_order = sorted(values)
        both.append([(in_order.index(v) + in_order.index(v) + in_order.count(v) - 1) / 2 for v in values])
    return float(np.corrcoef(both)[0][1])
