"""Lesson 6: does a long vector mean a popular film, why, and what follows for the lists?"""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise

# --- popularity_baseline -----------------------------------------------------------------------------------------


@exercise("popularity_baseline", points={"values": 1}, instead_of=("popularity_scores",))
def popularity_baseline(ratings):
    """Count the cells of each column that hold a rating."""
    scores = []
    for item in range(ratings.shape[1]):
        scores.append(float(sum(1 for rating in ratings[:, item] if rating > 0)))
    return np.array(scores)


@popularity_baseline.inputs(
    "values",
    fixed=[
        ([[5, 0, 1], [4, 0, 0]],),
        ([[5, 3, 0], [0, 2, 0], [0, 1, 4], [1, 5, 0]],),
        ([[1, 2, 0, 5], [2, 0, 0, 5], [1, 0, 0, 0]],),
        ([[3, 3, 3, 3, 3], [0, 3, 3, 3, 3], [0, 0, 4, 5, 1], [0, 0, 0, 2, 4], [0, 0, 0, 0, 5]],),
        ([[2], [0], [5], [1], [4]],),
        ([[0, 4, 0, 1], [5, 4, 0, 1], [0, 4, 0, 2], [0, 0, 0, 2], [0, 3, 0, 1]],),
    ],
)
def _(rng):
    return [(random_ratings(rng, *shape, share),) for shape, share in [((3, 5), 0.5), ((7, 4), 0.4), ((30, 12), 0.2)]]


def random_ratings(rng, n_users, n_items, share):
    """Stars from 1 to 5 in a share of the cells, which differs from item to item; 0 elsewhere."""
    shares = np.clip(share * rng.uniform(0.3, 2.5, n_items), 0, 0.95)
    return np.where(rng.random((n_users, n_items)) < shares, rng.integers(1, 6, (n_users, n_items)), 0).astype(float)


@popularity_baseline.misconception(
    "You took the mean rating, by which one viewer with five stars beats a hundred with four; popularity counts them.",
    kind="misconception",
)
def mean_stars(ratings):
    return ratings.sum(axis=0) / np.maximum((ratings > 0).sum(axis=0), 1)


@popularity_baseline.misconception(
    "You divided the stars by the number of ratings, zero by zero for an item without any; that number is the answer.",
    kind="misconception",
)
def mean_stars_of_nobody(ratings):
    return ratings.sum(axis=0) / (ratings > 0).sum(axis=0)


@popularity_baseline.misconception(
    "You added up the stars, so a rating of 5 counts as five people; here each rating counts once.",
    kind="misconception",
)
def sum_of_stars(ratings):
    return ratings.sum(axis=0)


@popularity_baseline.misconception(
    "You averaged over all users and took the zeros for ratings; a zero says that nobody asked, not that nobody liked."
)
def mean_with_zeros(ratings):
    return ratings.mean(axis=0)


@popularity_baseline.misconception(
    "You counted along the rows, which gives how much each user has rated; which way do you walk to stay with one item?"
)
def per_user(ratings):
    return (ratings > 0).sum(axis=1)


@popularity_baseline.misconception(
    "You counted the ratings that are good ones; a film that many watched and few liked is popular all the same.",
    kind="misconception",
)
def likes_only(ratings):
    return (ratings >= 4).sum(axis=0)


@popularity_baseline.misconception(
    "You returned the items in order of popularity; a score for each item is asked for, in the order of the table."
)
def order_for_scores(ratings):
    return np.argsort(-(ratings > 0).sum(axis=0), kind="stable")


@popularity_baseline.misconception(
    "You counted every cell of the column, also the empty ones, so all items get the same number."
)
def every_cell(ratings):
    return np.full(ratings.shape[1], len(ratings))


@popularity_baseline.misconception("You counted the ratings of the whole table; each item gets a count of its own.")
def one_count_for_all(ratings):
    return np.count_nonzero(ratings)


@popularity_baseline.misconception(
    "A rating of one star is not counted; the viewer who gave it has watched the film all the same."
)
def one_star_left_out(ratings):
    return (ratings > 1).sum(axis=0)


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


# --- norm_popularity ---------------------------------------------------------------------------------------------


def norms_of(items):
    """Norm of each item."""
    return np.sqrt(np.sum(items**2, axis=1))


def average_ranks(values):
    """Places in the order from small to large; equal values share the mean of the places they fill."""
    return np.array([np.sum(values < value) + (np.sum(values == value) + 1) / 2 for value in values])


def _refuse_no_order(items, counts):
    if len(set(norms_of(items))) == 1 or len(set(counts)) == 1:
        raise ValueError("all norms or all counts are equal, so there is no order to compare")


@exercise("norm_popularity", points={"values": 2, "ties": 1, "no order": 1}, instead_of=("rank_correlation",))
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
        ([[3, 4], [1, 0], [0, 2]], [9, 4, 2]),
        ([[1, 1], [6, 8], [0, 3], [2, 0]], [7, 300, 40, 12]),
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
        ([[3, 4], [1, 0], [0, 2]], [4, 4, 1]),
        ([[3, 4], [1, 0], [0, 2]], [4, 9, 1]),
        ([[1, 0], [3, 4], [0, 5], [2, 0]], [5, 30, 2, 8]),
        ([[1, 0], [3, 4], [0, 6], [2, 0]], [5, 30, 2, 8]),
        ([[0, 7], [1, 0], [0, 3], [2, 2], [6, 0]], [1, 1, 1, 50, 2]),
        ([[0, 1], [1, 0], [0, 3], [2, 2], [6, 0], [1, 0]], [1, 2, 3, 3, 3, 90]),
        ([[0, 8], [1, 1], [5, 0], [2, 2], [0, 2], [4, 1], [9, 0]], [6, 1, 1, 70, 1, 5, 5]),
        ([[0, 8], [1, 1], [5, 0], [2, 2], [0, 2], [4, 1], [9, 0]], [6, 1, 2, 70, 3, 5, 4]),
    ],
)
def _(rng):
    found = []
    for n in (6, 12, 40):
        items = rng.integers(-3, 4, size=(n, 2)).astype(float)
        counts = np.floor(2 + 3 * rng.exponential(size=n) + 0.5 * np.sum(items**2, axis=1))
        items[:2], counts[:3] = [[3, 4], [-3, 4]], [1, 1, 9]
        found += [(items, counts), (rng.normal(size=(n, 2)), rng.permutation(n) + 1.0)]
    return found


@norm_popularity.inputs(
    "no order",
    fixed=[
        ([[3, 4], [0, 5], [5, 0]], [7, 2, 9]),
        ([[3, 4], [0, 5], [4, 0]], [7, 2, 9]),
        ([[3, 4], [0, 1], [4, 0]], [6, 6, 6]),
        ([[3, 4], [0, 5], [4, -3]], [6, 6, 6]),
        ([[3, 4], [0, 1], [4, 0]], [6, 6, 8]),
        ([[0, 0], [0, 0], [0, 0], [0, 0]], [1, 2, 4, 3]),
        ([[0, 0], [1, 0], [0, 0], [0, 0]], [1, 2, 4, 3]),
        ([[1, 2, 2], [0, 3, 0], [2, -1, 2], [0, 0, -3]], [5, 5, 5, 5]),
        ([[1, 2, 2], [2, -1, 2], [0, 0, -3], [3, 0, 0], [-2, 2, 1]], [5, 1, 5, 2, 3]),
        ([[1, 2, 2], [0, 4, 0], [2, -1, 2], [0, 0, -3]], [9, 2, 3, 5]),
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


def _correlation(one, other):
    one, other = one - one.mean(), other - other.mean()
    return float(np.sum(one * other) / np.sqrt(np.sum(one**2) * np.sum(other**2)))


def _places(values):
    """Ranks without a rule for ties: equal values in order of their ids."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") + 1.0


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
    "You took logarithms to tame the blockbusters; ranks go further and keep nothing but the order.",
    kind="misconception",
)
def pearson_on_logarithms(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(np.log(norms_of(items)), np.log(counts))


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
    "You added up the sizes of the coordinates; the norm is the root of the sum of their squares."
)
def sums_of_sizes(items, counts):
    _refuse_no_order(items, counts)
    return _correlation(average_ranks(np.abs(items).sum(axis=1)), average_ranks(counts))


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


@norm_popularity.misconception(
    "You compared the orders pair by pair, which is Kendall's measure; Spearman's is the correlation of the ranks.",
    kind="misconception",
)
def kendall(items, counts):
    _refuse_no_order(items, counts)
    norms, n = norms_of(items), len(counts)
    signs = [
        np.sign(norms[i] - norms[j]) * np.sign(counts[i] - counts[j]) for i in range(n) for j in range(i)
    ]  # fmt: skip
    return float(np.sum(signs) / len(signs))


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


# --- norm_share --------------------------------------------------------------------------------------------------


@exercise("norm_share", points={"values": 2, "ties": 1})
def norm_share(queries, items, fraction, k):
    """Mark the longest items, make every list, and count the places with a mark."""
    n = len(items)
    norms = np.sqrt(np.sum(items**2, axis=1))
    longest = sorted(range(n), key=lambda item: (-norms[item], item))[: math.ceil(fraction * n)]
    marked = np.zeros(n)
    marked[longest] = 1
    held = 0
    for query in queries:
        scores = items @ query
        held += np.sum(marked[np.lexsort((np.arange(n), -scores))[:k]])
    return float(held / (len(queries) * k))


FOUR = [[3, 1], [1, 2], [0.1, 1], [1, 0.2]]
FIVE = [[3, 1], [1, 4], [-2, 1.1], [1, 0.3], [-1, -0.9]]
NINE = [[5, 1], [1, 6], [2, 1.1], [-1, 2.3], [1.2, 1.3], [0, 4], [3, -2], [-2, -1.4], [1.1, 0]]
SIX_QUERIES = [[1, 0.1], [0.1, 1], [2, 1], [-1, 2.2], [1, -2], [3, 1.1]]
SEVEN = [[4, 0, 0], [0, 1.1, 0], [1, 1, 1.2], [0, -6, 1], [2, 0.1, 3], [-1, 1.3, 2], [0, 2, 0.2]]
FOUR_QUERIES = [[1, 0.2, 2], [2, 1, -1.1], [-1, 1.2, 4], [0.1, 1, 3]]


@norm_share.inputs(
    "values",  # no ties: neither among norms nor among the scores of a query
    fixed=[
        ([[1, 0.1], [0.2, 1]], FOUR, 0.25, 2),
        ([[1, 0.1], [0.2, 1], [-1, 1.2]], FIVE, 0.25, 2),
        (SIX_QUERIES, FOUR, 0.3, 2),
        (SIX_QUERIES, NINE, 0.25, 3),
        (SIX_QUERIES, NINE, 0.125, 2),
        (SIX_QUERIES, NINE, 0.5, 4),
        (SIX_QUERIES[1:5], NINE[:8], 0.25, 1),
        (FOUR_QUERIES, SEVEN, 0.3, 2),
        (FOUR_QUERIES[:3], SEVEN, 0.5, 3),
        (FOUR_QUERIES, SEVEN, 0.25, 2),
        (SIX_QUERIES, [*NINE, [2, 5]], 0.25, 3),
        (SIX_QUERIES, [*NINE, [2, 5]], 0.1, 3),
    ],
)
def _(rng):
    found = []
    for q, n, d, fraction, k in [(4, 9, 2, 0.25, 2), (7, 21, 3, 0.125, 4), (12, 41, 4, 0.3, 5), (30, 61, 5, 0.06, 10)]:
        items = rng.normal(size=(n, d)) * rng.uniform(0.3, 2.5, size=(n, 1))
        found.append((rng.normal(size=(q, d)), items, fraction, k))
    return found


def _many_ties(rng, n):
    """So many items with small whole coordinates that only a stable sort gives the places to the lower ids."""
    return rng.integers(0, 3, (40, 2)).astype(float), rng.integers(0, 4, (n, 2)).astype(float), 0.1, 7


MANY_TIES = [_many_ties(np.random.default_rng(seed), n) for seed, n in enumerate((100, 110, 120, 140, 150))]


@norm_share.inputs(
    "ties",
    fixed=[
        ([[1, 0]], [[2, 1], [2, -2], [0, 1]], 0.3, 1),
        ([[1, 0]], [[3, 1], [2, -2], [0, 1]], 0.3, 1),
        ([[1, 1]], [[1, 4], [1, 1], [4, 1], [0, 2]], 0.25, 1),
        ([[1, 2]], [[1, 4], [1, 1], [4, 1], [0, 2]], 0.25, 1),
        ([[2, 1]], [[1, 4], [1, 1], [4, 1], [0, 2]], 0.25, 1),
        ([[0, 1], [1, 0]], [[3, 4], [5, 0], [0, 5], [1, 1], [4, 3]], 0.4, 2),
        ([[0, 1], [1, 0]], [[3, 4], [6, 0], [0, 7], [4, 3], [1, 1]], 0.4, 2),
        ([[1, 0], [0, 1], [1, 1]], [[2, 0], [2, 5], [0, 5], [3, -2], [2, 1]], 0.25, 2),
        ([[1, 0], [0, 1], [1, 1]], [[2, 1], [1, 6], [2, 2], [-6, 1], [2, 6]], 0.4, 1),
        ([[1, 0], [0, 1], [1, 2]], [[2, 0], [4, 5], [3, 1], [0, 6], [1, -2]], 0.25, 2),
        *MANY_TIES,
    ],
)
def _(rng):
    found = []
    for q, n, fraction, k in [(5, 9, 0.25, 2), (8, 14, 0.3, 3), (10, 30, 0.1, 4)]:
        queries, items = rng.integers(-2, 3, size=(q, 2)), rng.integers(-3, 4, size=(n, 2))
        items[0], items[-1] = [3, 4], [4, 3]
        ordinary = rng.normal(size=(n, 2))
        found += [
            (queries.astype(float), items.astype(float), fraction, k),
            (rng.normal(size=(q, 2)), ordinary, 0.25, k),
        ]
    return [*found, _many_ties(rng, 110), _many_ties(rng, 140)]


def _best(scores, k):
    return np.argsort(-scores, axis=-1, kind="stable")[..., :k]


def _longest(items, fraction):
    return _best(norms_of(items), math.ceil(fraction * len(items)))


def _slots(queries, items, k):
    return _best(queries @ items.T, k)


@norm_share.misconception(
    "You counted each item once however often it was recommended; a film in 900 lists takes 900 places.",
    kind="misconception",
)
def distinct_items(queries, items, fraction, k):
    found = np.unique(_slots(queries, items, k))
    return float(np.isin(found, _longest(items, fraction)).mean())


@norm_share.misconception(
    "You measured how many of the long items reach some list; asked is how many of the places they take.",
    kind="misconception",
)
def long_items_found(queries, items, fraction, k):
    return float(np.isin(_longest(items, fraction), _slots(queries, items, k)).mean())


@norm_share.misconception(
    "You counted the lists that hold a long item at all; asked is how many of all the places go to one."
)
def lists_with_one(queries, items, fraction, k):
    return float(np.isin(_slots(queries, items, k), _longest(items, fraction)).any(axis=1).mean())


@norm_share.misconception(
    "You divided by the number of lists, so you return how many long items a list holds; each list has several places."
)
def per_list(queries, items, fraction, k):
    return float(np.isin(_slots(queries, items, k), _longest(items, fraction)).sum() / len(queries))


@norm_share.misconception("You took the items with the smallest norms; which end of a sorted array is the long one?")
def shortest_items(queries, items, fraction, k):
    short = np.argsort(norms_of(items), kind="stable")[: math.ceil(fraction * len(items))]
    return float(np.isin(_slots(queries, items, k), short).mean())


@norm_share.misconception(
    "You rounded the number of long items down; the prompt rounds it up, so that there is at least one."
)
def rounded_down(queries, items, fraction, k):
    longest = _best(norms_of(items), int(fraction * len(items)))
    return float(np.isin(_slots(queries, items, k), longest).mean())


@norm_share.misconception("You rounded the number of long items to the nearest whole number; the prompt rounds it up.")
def rounded_to_nearest(queries, items, fraction, k):
    longest = _best(norms_of(items), round(fraction * len(items)))
    return float(np.isin(_slots(queries, items, k), longest).mean())


@norm_share.misconception(
    "You cut the norms at a quantile and took what reaches it, which is not always the number that is asked for; "
    "round that number up and count."
)
def quantile_reached(queries, items, fraction, k):
    norms = norms_of(items)
    longest = np.flatnonzero(norms >= np.quantile(norms, 1 - fraction))
    return float(np.isin(_slots(queries, items, k), longest).mean())


@norm_share.misconception("You return how many places the long items take; a share is that number over all places.")
def places_counted(queries, items, fraction, k):
    return int(np.isin(_slots(queries, items, k), _longest(items, fraction)).sum())


@norm_share.misconception(
    "Your cut at k keeps the first k lists, whole catalogue and all, not the first k items of every list."
)
def first_k_lists(queries, items, fraction, k):
    return float(np.isin(_slots(queries, items, len(items))[:k], _longest(items, fraction)).mean())


@norm_share.misconception(
    "You made the lists by the cosine, which has divided the norms out; by the dot product they count.",
    kind="misconception",
)
def lists_by_cosine(queries, items, fraction, k):
    slots = _best(queries @ (items / norms_of(items)[:, None]).T, k)
    return float(np.isin(slots, _longest(items, fraction)).mean())


@norm_share.misconception(
    "You took the length along the wrong axis, one for each coordinate; an item is a row, so it needs one for each row."
)
def norms_of_columns(queries, items, fraction, k):
    longest = _best(np.sqrt(np.sum(items**2, axis=0)), math.ceil(fraction * len(items)))
    return float(np.isin(_slots(queries, items, k), longest).mean())


@norm_share.misconception("You sorted the scores of all queries together; each query gets a list of its own.")
def one_list_for_all(queries, items, fraction, k):
    best = _best((queries @ items.T).ravel(), k * len(queries)) % len(items)
    return float(np.isin(best, _longest(items, fraction)).mean())


@norm_share.misconception(
    "You rounded down and added one, which marks one item too many where the number is whole; round it up."
)
def rounded_down_and_one_more(queries, items, fraction, k):
    longest = _best(norms_of(items), int(fraction * len(items)) + 1)
    return float(np.isin(_slots(queries, items, k), longest).mean())


@norm_share.misconception("You looked at the first place of each list only; all its k places count.")
def first_place_only(queries, items, fraction, k):
    return float(np.isin(_slots(queries, items, 1), _longest(items, fraction)).mean())


@norm_share.misconception(
    "You took the fraction of k, the length of a list; the long items are a fraction of all n items."
)
def fraction_of_k(queries, items, fraction, k):
    longest = _best(norms_of(items), math.ceil(fraction * k))
    return float(np.isin(_slots(queries, items, k), longest).mean())


@norm_share.misconception("You divided by queries times items, as if each list held all items; a list has k places.")
def over_all_pairs(queries, items, fraction, k):
    held = np.isin(_slots(queries, items, k), _longest(items, fraction)).sum()
    return float(held / (len(queries) * len(items)))


@norm_share.misconception("Your lists hold the lowest scores; which end of a sorted array is the best one?")
def worst_of_all(queries, items, fraction, k):
    return float(np.isin(_best(-(queries @ items.T), k), _longest(items, fraction)).mean())


@norm_share.misconception(
    "Equal scores put the higher id first, as a sorted array that is read backwards does; the lower id comes first.",
    layer="ties",
)
def lists_with_higher_id(queries, items, fraction, k):
    slots = np.argsort(queries @ items.T, axis=1, kind="stable")[:, ::-1][:, :k]
    return float(np.isin(slots, _longest(items, fraction)).mean())


@norm_share.misconception(
    "Both your sortings put the higher id first where values are equal; the prompt gives the place to the lower id.",
    layer="ties",
)
def higher_id_in_both(queries, items, fraction, k):
    slots = np.argsort(queries @ items.T, axis=1, kind="stable")[:, ::-1][:, :k]
    longest = np.argsort(norms_of(items), kind="stable")[::-1][: math.ceil(fraction * len(items))]
    return float(np.isin(slots, longest).mean())


@norm_share.misconception(
    "You mark every item whose norm equals that at the border, so a tie lets in more items than were asked for.",
    layer="ties",
)
def all_at_the_border(queries, items, fraction, k):
    norms = norms_of(items)
    border = np.sort(norms)[::-1][math.ceil(fraction * len(items)) - 1]
    return float(np.isin(_slots(queries, items, k), np.flatnonzero(norms >= border)).mean())


@norm_share.misconception(
    "Your sort or partition leaves equal values in any order; a stable sort keeps the lower id first.",
    layer="ties",
)
def unstable_sort(queries, items, fraction, k):
    longest = np.argsort(-norms_of(items))[: math.ceil(fraction * len(items))]
    return float(np.isin(np.argsort(-(queries @ items.T), axis=1)[:, :k], longest).mean())


@norm_share.alternative
def with_isin(queries, items, fraction, k):
    slots = np.argsort(-(queries @ items.T), axis=1, kind="stable")[:, :k]
    longest = np.argsort(-np.linalg.norm(items, axis=1), kind="stable")[: int(np.ceil(fraction * len(items)))]
    return np.isin(slots, longest).mean()


@norm_share.alternative
def with_the_librarys_top_k(queries, items, fraction, k):
    from recsys_lib.retrieval import top_k
    from recsys_lib.similarity import dot_scores

    longest = top_k(np.linalg.norm(items, axis=1), math.ceil(fraction * len(items)))
    return np.isin(top_k(dot_scores(queries, items), k), longest).mean()


@norm_share.alternative
def with_sets_and_a_loop(queries, items, fraction, k):
    ids = range(len(items))
    squares = [float(np.dot(x, x)) for x in items]
    longest = set(sorted(ids, key=lambda i: -squares[i])[: math.ceil(fraction * len(items))])
    held = [i in longest for q in queries for i in sorted(ids, key=lambda i: -float(np.dot(q, items[i])))[:k]]
    return sum(held) / len(held)


@norm_share.alternative
def in_float32(queries, items, fraction, k):
    mask = np.zeros(len(items), dtype=bool)
    mask[_longest(items, fraction)] = True
    return np.float32(mask[_slots(queries, items, k)].mean())


# --- norm_growth -------------------------------------------------------------------------------------------------


@exercise("norm_growth", points={"values": 3, "no raters": 1})
def norm_growth(item, raters, ratings, lr, total):
    """Take one step down the gradient of the mean squared error, and compare the two norms."""
    gradient = np.zeros(len(item))
    for user, rating in zip(raters, ratings, strict=True):
        error = rating - np.sum(user * item)
        gradient = gradient - 2 / total * error * user
    moved = item - lr * gradient
    return float(np.sqrt(np.sum(moved**2)) - np.sqrt(np.sum(item**2)))


TWO = [[1, 0], [1, 1]]
NOBODY = np.empty((0, 2))
NONE = np.empty(0)


@norm_growth.inputs(
    "values",
    fixed=[
        ([3, 4], [[1, 0]], [5], 0.5, 10),
        ([0.6, 0.8], TWO, [4, 3], 2.0, 20),
        ([0.5, -0.25], [[1, 2], [2, 1], [-1, 1]], [5, 1, 3], 1.0, 30),
        ([3, 2], [[2, 0], [1, 1]], [1, 3], 0.5, 20),
        ([0.25, 0.5, 0.5], [[1, 0, 1], [0, 2, 1], [1, 1, 1], [2, 0, 0]], [4, 5, 3, 5], 4.0, 100),
        ([1, 1, 0, 2], [[1, 1, 1, 1], [2, 0, 1, 0], [0, 1, -1, 1]], [2, 1, 5], 3.0, 50),
        ([2, -1], [[1, 1], [0, 2], [1, -1], [3, 1], [1, 0]], [5, 4, 1, 3, 2], 0.25, 8),
    ],
)
def _(rng):
    found = []
    for m, d in [(2, 2), (4, 3), (9, 4), (25, 6)]:
        item, raters = rng.normal(size=d), rng.normal(size=(m, d)) + 0.5
        ratings = rng.integers(1, 6, size=m).astype(float)
        found.append((item, raters, ratings, float(rng.uniform(0.5, 5)), int(m * rng.integers(5, 20))))
    return found


@norm_growth.inputs(
    "no raters",
    fixed=[
        ([3, 4], NOBODY, NONE, 0.5, 10),
        ([3, 4], [[0, 1]], [3], 0.5, 10),
        ([0.5, -0.5], NOBODY, NONE, 2.0, 40),
        ([0.5, -0.5], [[1, 2]], [4], 2.0, 40),
        ([1, 2, 2], np.empty((0, 3)), NONE, 1.0, 7),
        ([1, 2, 2], [[1, 0, 1], [2, 1, 1]], [5, 3], 1.0, 7),
        ([1, 0, 2], np.empty((0, 3)), NONE, 1.0, 9),
        ([1, 0, 2], [[0, 1, 1]], [1], 1.0, 9),
    ],
)
def _(rng):
    found = []
    for d in (2, 5):
        item = rng.normal(size=d)
        found.append((item, np.empty((0, d)), np.empty(0), float(rng.uniform(0.5, 3)), int(rng.integers(5, 50))))
        found.append((item, rng.normal(size=(1, d)), np.array([5.0]), float(rng.uniform(0.5, 3)), 12))
    return found


def _length(x):
    return np.sqrt(np.sum(x**2))


def _step(item, raters, ratings, lr, total):
    return lr * 2 / total * ((ratings - raters @ item) @ raters)


@norm_growth.misconception(
    "You divided by the item's own number of ratings; the loss is a mean over all of them, so many ratings push more.",
    kind="misconception",
)
def mean_over_its_own(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, max(len(raters), 1))) - _length(item))


@norm_growth.misconception(
    "You went up the gradient, so the errors grow; a step of descent moves the prediction towards the rating."
)
def uphill(item, raters, ratings, lr, total):
    return float(_length(item - _step(item, raters, ratings, lr, total)) - _length(item))


@norm_growth.misconception("The factor 2 is missing; it comes from the square when the error is differentiated.")
def without_the_two(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, total) / 2) - _length(item))


@norm_growth.misconception(
    "You return the length of the step; a vector that is moved sideways gets hardly longer by it. "
    "Compare its length after the step with that before.",
    kind="misconception",
)
def length_of_the_step(item, raters, ratings, lr, total):
    return float(_length(_step(item, raters, ratings, lr, total)))


@norm_growth.misconception(
    "You return the new norm; asked is by how much it has grown, so take away what it was before the step.",
    kind="next step",
)
def new_norm(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, total)))


@norm_growth.misconception(
    "You moved the item by the ratings themselves; it should move by the errors, rating minus prediction.",
    kind="misconception",
)
def ratings_for_errors(item, raters, ratings, lr, total):
    return float(_length(item + lr * 2 / total * (ratings @ raters)) - _length(item))


@norm_growth.misconception(
    "You multiplied each error by the item; the derivative of the prediction with respect to the item is the user.",
    kind="misconception",
)
def along_the_item(item, raters, ratings, lr, total):
    return float(_length(item + lr * 2 / total * np.sum(ratings - raters @ item) * item) - _length(item))


@norm_growth.misconception(
    "You summed over raters and coordinates at once and moved every coordinate by the same number; sum over the raters "
    "alone."
)
def sum_of_everything(item, raters, ratings, lr, total):
    return float(_length(item + np.sum(_step(item, raters, ratings, lr, total))) - _length(item))


@norm_growth.misconception(
    "You took a mean over the raters and divided by the total besides; sum over the raters, and divide once.",
    kind="misconception",
)
def divided_twice(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, total) / np.float64(len(raters))) - _length(item))


@norm_growth.misconception(
    "You divided by the old norm, which gives a share; asked is the new norm less the old one.", kind="misconception"
)
def relative_growth(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, total)) / _length(item) - 1)


@norm_growth.misconception(
    "You return 0 where the item gets shorter; an item may get shorter, and then the number is negative.",
    kind="misconception",
)
def never_shorter(item, raters, ratings, lr, total):
    return max(0.0, float(_length(item + _step(item, raters, ratings, lr, total)) - _length(item)))


@norm_growth.misconception(
    "You took the slope of the norm along the step, which is right for tiny steps only; work out both lengths.",
    kind="misconception",
)
def slope_of_the_norm(item, raters, ratings, lr, total):
    return float(item @ _step(item, raters, ratings, lr, total) / _length(item))


@norm_growth.misconception(
    "You took a step for each rater alone and added up the growths; add up the steps first, then measure the length."
)
def growths_added_up(item, raters, ratings, lr, total):
    steps = lr * 2 / total * (ratings - raters @ item)[:, None] * raters
    return float(sum(_length(item + step) - _length(item) for step in steps))


@norm_growth.misconception(
    "You moved the users as well before you moved the item; here the users stay as they are.", kind="misconception"
)
def users_move_first(item, raters, ratings, lr, total):
    raters = raters + lr * 2 / total * (ratings - raters @ item)[:, None] * item
    return float(_length(item + _step(item, raters, ratings, lr, total)) - _length(item))


@norm_growth.misconception(
    "You multiplied the step by the number of raters; the sum over them has counted each of them already."
)
def times_the_raters(item, raters, ratings, lr, total):
    return float(_length(item + len(raters) * _step(item, raters, ratings, lr, total)) - _length(item))


@norm_growth.misconception(
    "You moved the item itself before you measured its old norm, so both norms are the new one; put the moved item "
    "into a new array."
)
def moved_in_place(item, raters, ratings, lr, total):
    item += _step(item, raters, ratings, lr, total)
    return float(_length(item) - _length(item))


@norm_growth.misconception("You compared the squares of the norms; take the roots before you subtract.")
def squares_of_norms(item, raters, ratings, lr, total):
    return float(np.sum((item + _step(item, raters, ratings, lr, total)) ** 2) - np.sum(item**2))


@norm_growth.misconception(
    "You left the learning rate out; the step is the gradient times lr, not the gradient itself."
)
def without_lr(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, 1.0, total)) - _length(item))


@norm_growth.misconception("You did not divide by `total`; the loss is a mean over all ratings.")
def without_total(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, 1)) - _length(item))


@norm_growth.misconception(
    "You moved the item after each rating and worked the next error out anew; in one step all errors are those of the "
    "old item.",
    kind="misconception",
)
def one_after_the_other(item, raters, ratings, lr, total):
    moved = item
    for user, rating in zip(raters, ratings, strict=True):
        moved = moved + lr * 2 / total * (rating - user @ moved) * user
    return float(_length(moved) - _length(item))


@norm_growth.misconception(
    "You added up the errors and the users separately; each error belongs to one user and is multiplied by that one."
)
def sums_apart(item, raters, ratings, lr, total):
    return float(_length(item + lr * 2 / total * np.sum(ratings - raters @ item) * raters.sum(axis=0)) - _length(item))


@norm_growth.misconception(
    "Nobody has rated this item, and the mean of nothing is NaN; a sum of nothing is 0, and that is all you need.",
    layer="no raters",
)
def mean_of_nothing(item, raters, ratings, lr, total):
    errors = ratings - raters @ item
    each = errors[:, None] * raters
    return float(
        _length(item + lr * 2 * len(raters) / total * (each.sum(axis=0) / np.float64(len(raters)))) - _length(item)
    )


@norm_growth.misconception(
    "You refuse an item without ratings; it is no mistake of the caller's, and such an item simply stays as it is.",
    layer="no raters",
    kind="misconception",
)
def nobody_refused(item, raters, ratings, lr, total):
    if len(raters) == 0:
        raise ValueError
    return norm_growth.reference(item, raters, ratings, lr, total)


@norm_growth.misconception(
    "For an item without ratings you return its norm; it keeps that norm, so by how much does it grow?",
    layer="no raters",
    kind="misconception",
)
def norm_for_nobody(item, raters, ratings, lr, total):
    return norm_growth.reference(item, raters, ratings, lr, total) if len(raters) else float(_length(item))


@norm_growth.alternative
def with_matrices(item, raters, ratings, lr, total):
    gradient = -2 / total * raters.T @ (ratings - raters @ item)
    return np.linalg.norm(item - lr * gradient) - np.linalg.norm(item)


@norm_growth.alternative
def with_einsum(item, raters, ratings, lr, total):
    errors = np.einsum("md,d->m", raters, item) - ratings
    step = -lr * 2 * np.einsum("m,md->d", errors, raters) / total
    return float(math.sqrt(float(np.dot(item + step, item + step))) - math.sqrt(float(np.dot(item, item))))


@norm_growth.alternative
def with_a_difference_of_squares(item, raters, ratings, lr, total):
    step = _step(item, raters, ratings, lr, total)
    old, new = np.linalg.norm(item), np.linalg.norm(item + step)
    return np.float64((2 * item @ step + step @ step) / (old + new))


@norm_growth.alternative
def with_plain_lists(item, raters, ratings, lr, total):
    step = [0.0] * len(item)
    for user, rating in zip(raters.tolist(), ratings.tolist(), strict=True):
        error = rating - sum(a * b for a, b in zip(user, item, strict=True))
        step = [s + lr * 2 * error * u / total for s, u in zip(step, user, strict=True)]
    return math.dist([x + s for x, s in zip(item, step, strict=True)], [0.0] * len(item)) - math.hypot(*item)


# --- equal_counts ------------------------------------------------------------------------------------------------


@exercise("equal_counts", points={"values": 2, "input kept": 1})
def equal_counts(ratings, per_item, lots):
    """Item by item: sort its raters by their lots, and keep the ratings of the first per_item."""
    kept = np.zeros(ratings.shape)
    for item in range(ratings.shape[1]):
        in_order = [user for user in np.argsort(lots[:, item]) if ratings[user, item] > 0]
        if len(in_order) >= per_item:
            for user in in_order[:per_item]:
                kept[user, item] = ratings[user, item]
    return kept


def _table_with_lots(rng, n_users, n_items, per_item):
    """Most items have more than `per_item` ratings, some have fewer, one has exactly as many; all lots differ."""
    sizes = rng.integers(per_item + 1, n_users + 1, n_items)
    sizes[: n_items // 4] = rng.integers(1, per_item, n_items // 4)
    sizes[-1] = per_item
    table = np.zeros((n_users, n_items))
    for item, size in enumerate(sizes):
        table[rng.permutation(n_users)[:size], item] = rng.integers(1, 6, size)
    lots = (rng.permutation(n_users * n_items) + 0.5) / (n_users * n_items)
    return table, per_item, lots.reshape(n_users, n_items).round(4)


_DRAW = np.random.default_rng(6)


@equal_counts.inputs(
    "values",
    fixed=[
        ([[5], [0], [4], [1]], 2, [[0.5], [0.1], [0.3], [0.2]]),
        ([[5, 1, 0], [4, 0, 2], [3, 2, 0]], 2, [[0.1, 0.3, 0.8], [0.9, 0.2, 0.4], [0.5, 0.7, 0.6]]),
        (
            [[4, 0, 3], [2, 5, 1], [0, 1, 5], [5, 2, 4]],
            2,
            [[0.9, 0.25, 0.6], [0.1, 0.8, 0.3], [0.2, 0.4, 0.7], [0.5, 0.35, 0.05]],
        ),
        (
            [[0, 3, 1, 0], [5, 0, 2, 0], [4, 1, 5, 1], [1, 2, 0, 4], [2, 5, 4, 0]],
            3,
            [
                [0.05, 0.45, 0.85, 0.1],
                [0.6, 0.2, 0.15, 0.3],
                [0.4, 0.95, 0.7, 0.9],
                [0.8, 0.35, 0.25, 0.5],
                [0.65, 0.75, 0.55, 0.02],
            ],
        ),
        _table_with_lots(_DRAW, 9, 12, 5),
        _table_with_lots(_DRAW, 14, 15, 8),
        _table_with_lots(_DRAW, 40, 15, 6),
    ],
)
def _(rng):
    return [_table_with_lots(rng, *shape) for shape in [(7, 4, 3), (13, 16, 6), (30, 16, 9), (45, 18, 8)]]


def _column_by_column(ratings, per_item, choose):
    """Keep in each column that has enough ratings the rows that `choose` picks from those that rated."""
    kept = np.zeros(ratings.shape)
    for item in range(ratings.shape[1]):
        raters = np.flatnonzero(ratings[:, item])
        if len(raters) >= per_item:
            chosen = choose(raters, item)
            kept[chosen, item] = ratings[chosen, item]
    return kept


def _place_in_column(values):
    """Place of each value in the order of its column, from 0."""
    return np.argsort(np.argsort(values, axis=0), axis=0)


def _lots_of_raters(ratings, lots):
    return np.where(ratings > 0, lots, 2.0)


@equal_counts.misconception(
    "The places that you sorted are places among the raters, and you used them as user numbers; look up who they are."
)
def places_for_users(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda raters, item: np.argsort(lots[raters, item])[:per_item])


@equal_counts.misconception(
    "You drew among all users; draw among those who rated this item.",
    kind="misconception",
)
def drawn_from_all_users(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda _, item: np.argsort(lots[:, item])[:per_item])


@equal_counts.misconception("You kept the ratings with the largest lots; the smallest ones are asked for.")
def the_largest_lots(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda r, item: r[np.argsort(-lots[r, item])][:per_item])


@equal_counts.misconception(
    "You kept the first ratings of each item, so the same users at the top of the table decide; let the lots decide.",
    kind="misconception",
)
def the_first_ones(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda raters, _: raters[:per_item])


@equal_counts.misconception(
    "You kept the highest ratings, which makes every item look better than it is; let the lots decide.",
    kind="misconception",
)
def the_best_ones(ratings, per_item, lots):
    return _column_by_column(
        ratings, per_item, lambda r, item: r[np.argsort(-ratings[r, item], kind="stable")][:per_item]
    )


@equal_counts.misconception(
    "You used one column of lots for every item, so the same users are always first; each item has lots of its own.",
    kind="misconception",
)
def one_column_of_lots(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda r, _: r[np.argsort(lots[r, 0])][:per_item])


@equal_counts.misconception(
    "Sorting once tells who stands at each place; to compare with `per_item` you need the place of each user."
)
def sorted_once_for_place_in_column(ratings, per_item, lots):
    chosen = np.argsort(_lots_of_raters(ratings, lots), axis=0) < per_item
    return np.where(chosen & ((ratings > 0).sum(axis=0) >= per_item), ratings, 0)


@equal_counts.misconception(
    "Items with fewer than `per_item` ratings keep what they have, so the counts still differ; take theirs away.",
    kind="misconception",
)
def rare_items_kept(ratings, per_item, lots):
    return np.where(_place_in_column(_lots_of_raters(ratings, lots)) < per_item, ratings, 0)


@equal_counts.misconception(
    "You took everything from items that have exactly `per_item` ratings; at least that many is enough."
)
def exactly_enough_dropped(ratings, per_item, lots):
    enough = (ratings > 0).sum(axis=0) > per_item
    return np.where((_place_in_column(_lots_of_raters(ratings, lots)) < per_item) & enough, ratings, 0)


@equal_counts.misconception(
    "You removed the rare items and left the others as they are; of those, only `per_item` ratings each should stay.",
    kind="next step",
)
def only_the_rare_removed(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda raters, _: raters)


@equal_counts.misconception(
    "You took `per_item` ratings away from each item; that many should be kept.", kind="misconception"
)
def removed_instead_of_kept(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda r, item: r[np.argsort(lots[r, item])][per_item:])


@equal_counts.misconception(
    "You compared each lot with a share, so the counts are equal on average only; keep a fixed number for each item."
)
def lots_below_a_share(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda r, item: r[lots[r, item] < per_item / len(r)])


@equal_counts.misconception(
    "You made the users equal: each row keeps the same number of ratings; it is the columns that should."
)
def per_user_instead(ratings, per_item, lots):
    return equal_counts.reference(ratings.T, per_item, lots.T).T


@equal_counts.misconception(
    "Your table says who rated and no longer how; what is kept should be the rating itself, 1 to 5."
)
def stars_lost(ratings, per_item, lots):
    return (equal_counts.reference(ratings, per_item, lots) > 0).astype(float)


@equal_counts.misconception(
    "You cut the rare items out of the table, so an item's id no longer names its column; leave a column of zeros."
)
def columns_dropped(ratings, per_item, lots):
    kept = equal_counts.reference(ratings, per_item, lots)
    return kept[:, kept.any(axis=0)]


@equal_counts.misconception(
    "You removed the ratings from `ratings` itself, so the caller's table is changed for good; work on a copy.",
    layer="input kept",
)
def removed_in_place(ratings, per_item, lots):
    ratings[...] = equal_counts.reference(ratings, per_item, lots)
    return ratings


@equal_counts.alternative
def by_places_in_the_column(ratings, per_item, lots):
    enough = (ratings > 0).sum(axis=0) >= per_item
    return np.where((_place_in_column(_lots_of_raters(ratings, lots)) < per_item) & enough, ratings, 0)


@equal_counts.alternative
def by_removing_the_rest(ratings, per_item, lots):
    kept = ratings.copy()
    for item, count in enumerate(np.count_nonzero(ratings, axis=0)):
        raters = np.flatnonzero(ratings[:, item])
        in_order = raters[np.argsort(lots[raters, item])]
        kept[in_order[per_item if count >= per_item else 0 :], item] = 0
    return kept


@equal_counts.alternative
def by_the_last_lot_that_wins(ratings, per_item, lots):
    kept = np.zeros_like(ratings)
    for item in range(len(ratings[0])):
        rated = ratings[:, item] > 0
        if rated.sum() >= per_item:
            border = np.sort(lots[rated, item])[per_item - 1]
            kept[:, item] = ratings[:, item] * (rated & (lots[:, item] <= border))
    return kept.astype(np.float32)


@equal_counts.alternative
def as_lists_of_whole_numbers(ratings, per_item, lots):
    kept = [[0] * len(row) for row in ratings]
    for item in range(len(ratings[0])):
        drawn = sorted((lots[user][item], user) for user in range(len(ratings)) if ratings[user][item])
        for _, user in drawn[:per_item] if len(drawn) >= per_item else []:
            kept[user][item] = int(ratings[user][item])
    return kept
