"""Lesson 3: dot product, cosine and Euclidean distance, and the orders that they give."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.callables import CALLABLES
from recsys_lib.checks.definition import exercise

Q = [4, 3]
ABC = [[0, 6], [4, 0], [1, 1]]

# Small tables come first: the check shows the smallest input on which an answer is wrong.
TABLES = [
    ([3, 4], [[4, 3], [30, 40]]),
    (Q, ABC),
    ([1, 2, 2], [[2, -1, 2], [0, 3, 4], [-6, 2, 3]]),
    ([2, -1], [[1, 3], [-2, 5], [4, 4], [-1, -3]]),
    ([0.5, 1.5], [[0.25, 1.5], [-0.5, 0.75], [2.5, -0.5]]),
    ([1, 0, -2, 2], [[1, 1, 1, 1], [3, 0, -4, 0], [2, -2, 4, 1]]),
]


def random_tables(rng):
    """Draw queries and tables of several shapes, a square one among them."""
    shapes = [(2, 3), (4, 4), (7, 3), (30, 8)]
    return [(rng.normal(size=d), rng.normal(size=(n, d)) * rng.uniform(0.5, 3, size=(n, 1))) for n, d in shapes]


def _unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


# --- the reader's question: three orders, by eye -----------------------------------------------------------------

ORDERS = ["ABC", "ACB", "BAC", "BCA", "CAB", "CBA"]


@exercise("predict_ranking", kind="answer", points={"values": 1}, choices={"*": ORDERS})
def predict_ranking():
    """Best first: A is long, C points almost where q points, B is nearest."""
    return {"dot": "ABC", "cosine": "CBA", "euclidean": "BCA"}


predict_ranking.wrong_choice(
    "For the distance you put the farthest item first; which end of the list should a small distance be at?",
    {"euclidean": "ACB"},
)
predict_ranking.wrong_choice(
    "For the dot product you gave the order of the angles; how long is each item, and does that not count?",
    {"dot": "CBA"},
)
predict_ranking.wrong_choice(
    "For the cosine you gave the order of the lengths; shrink every item to length one first, and look again.",
    {"cosine": "ABC"},
)
predict_ranking.wrong_choice(
    "For the distance you ranked by angle; lay a ruler from the tip of q to the tip of each item instead.",
    {"euclidean": "CBA"},
)
predict_ranking.wrong_choice(
    "For the distance you ranked by how far each item is from the origin; measure from the tip of q.",
    {"euclidean": "CAB"},
)
predict_ranking.wrong_choice(
    "For the cosine you ranked by nearness of the tips; only the directions count.",
    {"cosine": "BCA"},
)


# --- dot ---------------------------------------------------------------------------------------------------------


@exercise("dot", points={"values": 2}, instead_of=("dot_scores", "norm_power_scores"))
def dot(q, items):
    """Add up the products of matching coordinates, item by item."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    return np.sum(items * q, axis=1)


@dot.inputs("values", fixed=TABLES)
def _(rng):
    return random_tables(rng)


@dot.misconception("You multiplied the coordinates pair by pair and stopped; what turns the products into one score?")
def products_not_added(q, items):
    return items * q


@dot.misconception("You added down the columns, over the items; the sum runs over the coordinates of one item.")
def sum_over_items(q, items):
    return (items * q).sum(axis=0)


@dot.misconception("You added up the whole table into one number; each item needs a score of its own.")
def one_total(q, items):
    return (items * q).sum()


@dot.misconception(
    "You averaged the products; the dot product is their sum, so that more coordinates can mean more score."
)
def mean_of_products(q, items):
    return (items * q).mean(axis=1)


@dot.misconception("You divided by the lengths: that is the cosine, and the next exercise.", kind="misconception")
def cosine_already(q, items):
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@dot.misconception(
    "You dropped the minus signs; two coordinates of opposite sign must pull the score down.", kind="misconception"
)
def absolute_products(q, items):
    return np.abs(items * q).sum(axis=1)


@dot.misconception("You scored the first item only; return one score for every row of the table.")
def first_item_only(q, items):
    return items[0] @ q


@dot.misconception(
    "Your product pairs the query with the columns and runs only on square tables; an item is a row: which goes first?"
)
def query_times_columns(q, items):
    return q @ items


@dot.misconception("You use the first two coordinates only; a vector may have more than two.")
def two_coordinates(q, items):
    return items[:, 0] * q[0] + items[:, 1] * q[1]


@dot.alternative
def dot_with_einsum(q, items):
    return np.einsum("nd,d->n", items, q)


@dot.alternative
def dot_as_list(q, items):
    return [float(np.dot(item, q)) for item in items]


@dot.alternative
def dot_in_float32(q, items):
    return (items.astype(np.float32) * q.astype(np.float32)).sum(axis=-1)


@dot.alternative
def dot_read_only_view(q, items):
    result = np.repeat(np.matmul(q, items.T), 2)[::2]
    result.setflags(write=False)
    return result


# --- cosine ------------------------------------------------------------------------------------------------------


@exercise("cosine", points={"values": 2, "zero vector": 1}, instead_of=("cosine_scores", "norm_power_scores"))
def cosine(q, items):
    """Divide each dot product by the two lengths that went into it."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    lengths = np.sqrt(np.sum(items**2, axis=1)) * np.sqrt(np.sum(q**2))
    if np.any(lengths == 0):
        raise ValueError("a zero vector has no direction, so its cosine is not defined")
    return np.sum(items * q, axis=1) / lengths


@cosine.inputs("values", fixed=TABLES)
def _(rng):
    return random_tables(rng)


@cosine.inputs(
    "zero vector",
    fixed=[
        ([3, 4], [[0, 0], [3, 4]]),
        ([3, 4], [[0, 5], [3, 4]]),
        ([0, 0], [[3, 4], [4, 3]]),
        ([3, 4], [[5, 12], [4, 3]]),
        ([0, 0], [[0, 0], [1, 2]]),
        ([1, -1], [[3, -3], [2, 1]]),
        ([2, 1], [[-1, 1], [4, 2]]),
        ([0.01, 0.02], [[0.03, 0.01], [0.02, 0.05]]),
        ([3, 4], [[0, 0], [0, 0]]),
        ([0, 0, 0], [[0, 0, 0], [1, 0, 2]]),
        ([1, 2, 2], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        ([0, 2], [[3, 4], [4, 3]]),
        ([1, 2, 2], [[1, 0, 0], [0, 0, 0], [0, 0, 3]]),
        ([0, 0, 0], [[1, 2, 0], [0, 1, 0], [0, 0, 3]]),
        ([1, 0, 2], [[1, 0, 0], [0, 1, 0], [0, 0, 3]]),
    ],
)
def _(rng):
    found = []
    for n, d in [(3, 2), (5, 4)]:
        q, items = rng.normal(size=d), rng.normal(size=(n, d))
        with_zero = items.copy()
        with_zero[rng.integers(n)] = 0
        near_zero = items.copy()
        near_zero[rng.integers(n), 0] = 0
        found += [(q, with_zero), (q, near_zero), (np.zeros(d), items), (q * (np.arange(d) > 0), items)]
    return found


@cosine.misconception("You divided by one length for the whole table. How many lengths does a table of n items have?")
def one_norm_for_all(q, items):
    return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))


@cosine.misconception(
    "You took the lengths down the columns; a length belongs to an item, which is a row. Which axis runs along a row?"
)
def norms_of_columns(q, items):
    return items @ q / (np.linalg.norm(items, axis=0) * np.linalg.norm(q))


@cosine.misconception("You divided by the query's length twice, and never by the item's.")
def query_norm_squared(q, items):
    return items @ q / np.linalg.norm(q) ** 2


@cosine.misconception("You divided by the items' lengths only; the query's length is still in every score.")
def query_norm_forgotten(q, items):
    return items @ q / np.linalg.norm(items, axis=1)


@cosine.misconception(
    "You divided by the query's length only, so a long item still wins by its length.", kind="misconception"
)
def item_norm_forgotten(q, items):
    return items @ q / np.linalg.norm(q)


@cosine.misconception(
    "You divided by the sum of the two lengths; the dot product is a product of them, so which undoes it?"
)
def sum_of_norms(q, items):
    return items @ q / (np.linalg.norm(items, axis=1) + np.linalg.norm(q))


@cosine.misconception("You divided by the squares of the lengths; a length is the root of the sum of squares.")
def root_forgotten(q, items):
    return items @ q / ((items**2).sum(axis=1) * (q**2).sum())


@cosine.misconception("You added the coordinates up for a length; what does Pythagoras do before and after adding?")
def sum_of_coordinates(q, items):
    return items @ q / (np.abs(items).sum(axis=1) * np.abs(q).sum())


@cosine.misconception(
    "You divided by one length and multiplied by the other; both lengths belong under the line, so bracket them."
)
def bracket_forgotten(q, items):
    return items @ q / np.linalg.norm(items, axis=1) * np.linalg.norm(q)


@cosine.misconception(
    "You laid the lengths along the columns, which runs only on square tables; each row needs its own (see keepdims)."
)
def lengths_along_columns(q, items):
    return (items / np.linalg.norm(items, axis=1)) @ (q / np.linalg.norm(q))


@cosine.misconception("You brought the columns to length one; an item is a row.")
def columns_to_length_one(q, items):
    return (items / np.linalg.norm(items, axis=0)) @ (q / np.linalg.norm(q))


@cosine.misconception(
    "You made a table of n by n numbers: a column of lengths against a row of scores; one per item is wanted."
)
def a_number_for_each_pair(q, items):
    return items @ q / (np.linalg.norm(items, axis=1, keepdims=True) * np.linalg.norm(q))


@cosine.misconception("You returned the angle; its cosine is asked for, which is large where the angle is small.")
def angle_itself(q, items):
    return np.arccos(np.clip(items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q)), -1, 1))


@cosine.misconception(
    "You returned one minus the cosine, a distance; the similarity is asked for.", kind="misconception"
)
def cosine_distance(q, items):
    return 1 - items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception("You returned the dot product; take the lengths out of it.", kind="next step")
def dot_unchanged(q, items):
    return items @ q


@cosine.misconception(
    "Your scores keep no sign; an item that points the other way should score below zero.", kind="misconception"
)
def sign_lost(q, items):
    return np.abs(items @ q) / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception(
    "A zero vector gave 0/0, and NaN went on its way without a word; look at the lengths before you divide.",
    layer="zero vector",
)
def silent_nan(q, items):
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception(
    "You gave a zero vector the score 0, which says 'at a right angle'; it has no direction at all, so refuse it.",
    layer="zero vector",
    kind="misconception",
)
def zero_scores_zero(q, items):
    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
    return items @ q / np.where(lengths == 0, 1, lengths)


@cosine.misconception("You refuse a zero item but not a zero query; either has no direction.", layer="zero vector")
def zero_query_missed(q, items):
    if np.any(np.linalg.norm(items, axis=1) == 0):
        raise ValueError
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception("You refuse a zero query but not a zero item; either has no direction.", layer="zero vector")
def zero_item_missed(q, items):
    if np.linalg.norm(q) == 0:
        raise ValueError
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception(
    "You refuse every vector with a 0 in it; [0, 5] has a direction, only a vector of nothing but zeros has none.",
    layer="zero vector",
)
def zero_coordinate_refused(q, items):
    if np.any(items == 0) or np.any(q == 0):
        raise ValueError
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception(
    "You ask whether the whole table is zero, so one zero item among others slips through; ask it of each row.",
    layer="zero vector",
)
def only_all_zero_refused(q, items):
    if np.linalg.norm(items) == 0 or np.linalg.norm(q) == 0:
        raise ValueError
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception(
    "You refuse only where the query and an item are both zero; one of them is enough.", layer="zero vector"
)
def both_must_be_zero(q, items):
    if np.linalg.norm(q) == 0 and np.any(np.linalg.norm(items, axis=1) == 0):
        raise ValueError
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception(
    "You take a sum of zero for a zero vector; the coordinates of [1, -1] add up to zero, and it has a direction.",
    layer="zero vector",
)
def zero_sum_refused(q, items):
    if q.sum() == 0 or np.any(items.sum(axis=1) == 0):
        raise ValueError
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


def _refuse_zero(q, items):
    if not np.any(q) or not np.all(np.any(items, axis=1)):
        raise ValueError("a zero vector has no direction")


@cosine.alternative
def cosine_of_unit_rows(q, items):
    _refuse_zero(q, items)
    return (items / np.linalg.norm(items, axis=1, keepdims=True)) @ (q / np.linalg.norm(q))


@cosine.alternative
def cosine_with_einsum_as_list(q, items):
    _refuse_zero(q, items)
    lengths = np.sqrt(np.einsum("nd,nd->n", items, items))
    return list(np.einsum("nd,d->n", items, q) / lengths / np.sqrt(q @ q))


@cosine.alternative
def cosine_in_float32(q, items):
    _refuse_zero(q, items)
    q, items = q.astype(np.float32), items.astype(np.float32)
    return items @ q / np.linalg.norm(items, axis=1) / np.linalg.norm(q)


@cosine.alternative
def cosine_by_scipy(q, items):
    from scipy.spatial.distance import cdist

    _refuse_zero(q, items)
    return 1 - cdist(q[None], items, "cosine")[0]


# --- euclidean ---------------------------------------------------------------------------------------------------


@exercise("euclidean", points={"values": 2}, instead_of=("euclidean_distances",))
def euclidean(q, items):
    """Root of the summed squares of the differences, item by item."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    return np.sqrt(np.sum((items - q) ** 2, axis=1))


@euclidean.inputs("values", fixed=TABLES)
def _(rng):
    return random_tables(rng)


@euclidean.misconception("You returned the squared distance; the root is still to be taken.")
def squared(q, items):
    return ((items - q) ** 2).sum(axis=1)


@euclidean.misconception("You added over the items, down the columns; add over the coordinates of one item.")
def over_items(q, items):
    return np.sqrt(((items - q) ** 2).sum(axis=0))


@euclidean.misconception(
    "You added the differences one by one, which walks along the axes; a straight line adds squares and takes one root."
)
def city_block(q, items):
    return np.abs(items - q).sum(axis=1)


@euclidean.misconception("You got one distance for the whole table; each item has its own.")
def one_distance(q, items):
    return np.linalg.norm(items - q)


@euclidean.misconception(
    "You compared the lengths of the vectors; two of the same length can lie far apart.", kind="misconception"
)
def difference_of_norms(q, items):
    return np.abs(np.linalg.norm(items, axis=1) - np.linalg.norm(q))


@euclidean.misconception("You took the mean of the squared differences where their sum is asked for.")
def mean_of_squares(q, items):
    return np.sqrt(((items - q) ** 2).mean(axis=1))


@euclidean.misconception("You kept only the largest difference; every coordinate counts.")
def largest_difference(q, items):
    return np.abs(items - q).max(axis=1)


@euclidean.misconception(
    "You turned the distance into a similarity by a minus sign; return the distance itself, `rank` will know.",
    kind="misconception",
)
def negative_distance(q, items):
    return -np.linalg.norm(items - q, axis=1)


@euclidean.misconception("You measured from the origin; the query has to come into it.")
def from_the_origin(q, items):
    return np.linalg.norm(items, axis=1)


@euclidean.misconception(
    "You added where you should subtract: the difference of the two points is what separates them."
)
def added_instead(q, items):
    return np.linalg.norm(items + q, axis=1)


@euclidean.misconception("You took the root of the plain sum of differences; square each difference before adding.")
def square_forgotten(q, items):
    return np.sqrt((items - q).sum(axis=1))


@euclidean.misconception("You halved where you meant the root: a power of 1/2 needs brackets, or it divides by two.")
def half_of_the_square(q, items):
    return ((items - q) ** 2).sum(axis=1) / 2


@euclidean.misconception(
    "You took the lengths out first; for the straight line they count, so leave the vectors as they are.",
    kind="misconception",
)
def lengths_taken_out(q, items):
    return np.linalg.norm(_unit(items) - _unit(q), axis=1)


@euclidean.misconception("You compared the items with each other, in a table of n by n; the query is missing.")
def items_with_items(q, items):
    return np.linalg.norm(items[:, None] - items[None], axis=2)


@euclidean.misconception("You use the first two coordinates only; a vector may have more than two.")
def plane_only(q, items):
    return np.sqrt((items[:, 0] - q[0]) ** 2 + (items[:, 1] - q[1]) ** 2)


@euclidean.misconception("You subtracted one length from the other; two vectors of one length can lie far apart.")
def signed_difference_of_norms(q, items):
    return np.linalg.norm(items, axis=1) - np.linalg.norm(q)


@euclidean.alternative
def euclidean_by_norm(q, items):
    return np.linalg.norm(items - q, axis=1)


@euclidean.alternative
def euclidean_by_hypot_as_list(q, items):
    import math

    return [math.dist(q, item) for item in items]


@euclidean.alternative
def euclidean_by_scipy(q, items):
    from scipy.spatial.distance import cdist

    return cdist(items, q[None])[:, 0]


@euclidean.alternative
def euclidean_in_float32(q, items):
    return np.sqrt(np.square(items.astype(np.float32) - q.astype(np.float32)).sum(axis=1))


# --- rank --------------------------------------------------------------------------------------------------------

DOT, COSINE, EUCLIDEAN, FIRST = (CALLABLES[name] for name in ("dot", "cosine", "euclidean", "first_number"))
FIVE = [[1, 2], [4, 4], [0, 5], [3, -2], [2, 6]]


@exercise("rank", points={"values": 2, "distance": 1, "ties": 1})
def rank(q, items, measure, distance=False):
    """Ids of all items, best first; equal scores in the order of their ids."""
    scores = measure(q, items)
    best_first = (lambda i: (scores[i], i)) if distance else (lambda i: (-scores[i], i))
    return np.array(sorted(range(len(scores)), key=best_first))


def _without_ties(rng, *options):
    return [(rng.normal(size=d), rng.normal(size=(n, d)), *options) for n, d in [(4, 2), (9, 3), (40, 6)]]


@rank.inputs(
    "values",
    fixed=[(Q, ABC, DOT), (Q, ABC, COSINE), (Q, FIVE, DOT), (Q, FIVE, COSINE), (Q, FIVE[::-1], DOT)]
    + [([1, 0], [[-5, 1], [1, 2], [-2, 1]], DOT), (Q, [[4, 3.3], [4, 3.2], [1, -1]], COSINE)]
    + [([2, 1], [[-3, 1], [1, 1], [-1, 1], [2, -3]], DOT), (Q, [[3, 2.1], [3, 2.15], [-1, -1], [3, 2.2]], COSINE)],
)
def _(rng):
    return _without_ties(rng, DOT) + _without_ties(rng, COSINE)


@rank.inputs(
    "distance",
    fixed=[(Q, ABC, EUCLIDEAN, True), (Q, ABC, DOT, False), (Q, FIVE, EUCLIDEAN, True), (Q, FIVE, COSINE, False)],
)
def _(rng):
    return _without_ties(rng, EUCLIDEAN, True) + _without_ties(rng, DOT, False)


@rank.inputs(
    "ties",
    fixed=[
        ([1, 0], [[1, 0], [2, 0], [1, 1]], FIRST),
        ([1, 0], [[1, 0], [2, 0], [3, 1]], FIRST),
        ([1, 0], [[2, 0], [2, 1], [1, 0], [2, 2], [1, 1]], FIRST),
        ([1, 0], [[2, 0], [5, 1], [1, 0], [3, 2], [4, 1]], FIRST),
        ([1, 0], [[2, 0], [2, 1], [1, 0], [2, 2], [1, 1]], FIRST, True),
    ],
)
def _(rng):
    few = [(np.ones(2), rng.integers(0, 4, size=(n, 2)).astype(float), FIRST) for n in (6, 12, 60)]
    return few + _without_ties(rng, FIRST)


@rank.misconception("The worst item comes first in your list; which way does argsort sort?")
def worst_first(q, items, measure, distance=False):
    scores = measure(q, items)
    return np.argsort(-scores if distance else scores, kind="stable")


@rank.misconception("You returned the sorted scores; return the row numbers of the items in that order.")
def scores_sorted(q, items, measure, distance=False):
    scores = np.sort(measure(q, items))
    return scores if distance else scores[::-1]


@rank.misconception(
    "You returned the place of each item in the list; the list is asked for: which item comes first, second, ...?",
    kind="misconception",
)
def place_of_each_item(q, items, measure, distance=False):
    scores = measure(q, items)
    return np.argsort(np.argsort(scores if distance else -scores, kind="stable"))


@rank.misconception("You returned the scores as they are; now put the items in order.", kind="next step")
def scores_unsorted(q, items, measure, distance=False):
    return measure(q, items)


@rank.misconception("You returned the winner only; the whole order is asked for.")
def winner_only(q, items, measure, distance=False):
    scores = measure(q, items)
    return int(np.argmin(scores) if distance else np.argmax(scores))


@rank.misconception("You ranked by the size of the numbers without their sign; a score of -5 is worse than one of 1.")
def sign_ignored(q, items, measure, distance=False):
    scores = np.abs(measure(q, items))
    return np.argsort(scores if distance else -scores, kind="stable")


@rank.misconception("You rounded the scores first, which makes ties where there are none.")
def scores_rounded(q, items, measure, distance=False):
    scores = np.round(measure(q, items), 1)
    return np.argsort(scores if distance else -scores, kind="stable")


@rank.misconception("You count items from 1; the first row of the table is item 0.")
def counts_from_one(q, items, measure, distance=False):
    scores = measure(q, items)
    return np.argsort(scores if distance else -scores, kind="stable") + 1


@rank.misconception("You ranked by the dot product, whatever measure was asked for; call the function you are given.")
def own_measure(q, items, measure, distance=False):
    scores = items @ q
    return np.argsort(scores if distance else -scores, kind="stable")


@rank.misconception("You returned the items themselves in order; return their row numbers.")
def rows_instead_of_ids(q, items, measure, distance=False):
    scores = measure(q, items)
    return items[np.argsort(scores if distance else -scores, kind="stable")]


@rank.misconception(
    "For a distance the farthest item comes first in your list; a small distance means near.",
    layer="distance",
    kind="misconception",
)
def farthest_first(q, items, measure, distance=False):
    return np.argsort(-measure(q, items), kind="stable")


@rank.misconception("With distance=False you sort as if it were a distance; look at the argument.", layer="distance")
def always_smallest_first(q, items, measure, distance=False):
    return np.argsort(measure(q, items), kind="stable")


@rank.misconception(
    "Among equal scores your list has the higher row number first; turning a list round turns its ties round too.",
    layer="ties",
)
def ties_turned_round(q, items, measure, distance=False):
    order = np.argsort(measure(q, items), kind="stable")
    return order if distance else order[::-1]


@rank.misconception("Where scores are equal your list has an item twice and another not at all.", layer="ties")
def index_of_each_score(q, items, measure, distance=False):
    scores = list(measure(q, items))
    return np.array([scores.index(score) for score in sorted(scores, reverse=not distance)])


@rank.misconception("Where scores are equal your list is too short; every item has its place.", layer="ties")
def ties_dropped(q, items, measure, distance=False):
    scores = measure(q, items)
    return np.unique(scores if distance else -scores, return_index=True)[1]


@rank.alternative
def rank_by_sorted_as_list(q, items, measure, distance=False):
    scores = measure(q, items)
    return sorted(range(len(scores)), key=lambda i: scores[i], reverse=not distance)


@rank.alternative
def rank_by_stable_argsort(q, items, measure, distance=False):
    scores = measure(q, items)
    return np.argsort(scores if distance else -scores, kind="stable")


@rank.alternative
def rank_by_lexsort(q, items, measure, distance=False):
    scores = np.asarray(measure(q, items))
    return tuple(np.lexsort((np.arange(len(scores)), scores if distance else -scores)))


# --- half the squared distance -----------------------------------------------------------------------------------


@exercise("half_squared_distance", points={"values": 2})
def half_squared_distance(q, items):
    """Half the squared distance between the query and each item, once both have length one."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    unit_q = q / np.sqrt(np.sum(q**2))
    unit_items = items / np.sqrt(np.sum(items**2, axis=1, keepdims=True))
    return np.sum((unit_items - unit_q) ** 2, axis=1) / 2


@half_squared_distance.inputs("values", fixed=TABLES)
def _(rng):
    return random_tables(rng)


@half_squared_distance.misconception("You left out the one half.")
def half_forgotten(q, items):
    return ((_unit(items) - _unit(q)) ** 2).sum(axis=1)


@half_squared_distance.misconception("You brought the items to length one but not the query.")
def query_not_normalised(q, items):
    return ((_unit(items) - q) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception("You brought the query to length one but not the items.")
def items_not_normalised(q, items):
    return ((items - _unit(q)) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception(
    "You used the vectors as they are; the statement is about vectors of length one.", kind="misconception"
)
def nothing_normalised(q, items):
    return ((items - q) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception(
    "You returned the cosine; the two give the same order, turned round, but not the same values.", kind="misconception"
)
def cosine_instead(q, items):
    return _unit(items) @ _unit(q)


@half_squared_distance.misconception("You halved the distance; its square is asked for.")
def half_distance(q, items):
    return np.linalg.norm(_unit(items) - _unit(q), axis=1) / 2


@half_squared_distance.misconception("You squared the half as well: halve after squaring.")
def square_of_half(q, items):
    return (np.linalg.norm(_unit(items) - _unit(q), axis=1) / 2) ** 2


@half_squared_distance.misconception(
    "You wrote 1 minus the dot product of the vectors as they are; bring both to length one first."
)
def one_minus_plain_dot(q, items):
    return 1 - items @ q


@half_squared_distance.misconception("You brought the whole table to length one, not each row.")
def table_normalised(q, items):
    return ((items / np.linalg.norm(items) - _unit(q)) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception(
    "You laid the lengths along the columns, which runs only on square tables; each row needs its own (see keepdims)."
)
def half_lengths_along_columns(q, items):
    return ((items / np.linalg.norm(items, axis=1) - _unit(q)) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception("You brought the columns to length one; an item is a row.")
def half_columns_to_length_one(q, items):
    return ((items / np.linalg.norm(items, axis=0) - _unit(q)) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception(
    "You added down the columns, over the items; add over the coordinates of one item."
)
def half_sum_over_items(q, items):
    return ((_unit(items) - _unit(q)) ** 2).sum(axis=0) / 2


@half_squared_distance.misconception(
    "You brought the difference to length one; bring each vector to length one, then subtract."
)
def difference_to_length_one(q, items):
    return (_unit(items - q) ** 2).sum(axis=1) / 2


@half_squared_distance.alternative
def one_minus_cosine(q, items):
    return 1 - items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@half_squared_distance.alternative
def half_squared_with_a_loop(q, items):
    unit_q = q / np.linalg.norm(q)
    return [0.5 * np.linalg.norm(unit_q - item / np.linalg.norm(item)) ** 2 for item in items]


@half_squared_distance.alternative
def half_squared_by_scikit_learn(q, items):
    from sklearn.preprocessing import normalize

    return 0.5 * np.square(normalize(items) - normalize(q[None])).sum(axis=1)


# --- make an item ------------------------------------------------------------------------------------------------


@exercise("make_item", kind="property", points={"values": 3})
def make_item(q, others, winner):
    """Take the measure's present winner and better it only by that measure."""
    q, others = np.asarray(q, dtype=float), np.asarray(others, dtype=float)
    if winner == "dot":
        return 10 * others[np.argmax(DOT(q, others))]
    if winner == "cosine":
        return 0.001 * q
    nearest = others[np.argmin(EUCLIDEAN(q, others))]
    return nearest + 0.01 * (q - nearest)


@make_item.inputs(
    "values",
    fixed=[
        (Q, ABC, "dot"),
        (Q, ABC, "cosine"),
        (Q, ABC, "euclidean"),
        ([3, -4], [[-6, 0], [0, -4], [1, -1]][::-1], "cosine"),
    ]
    + [([6, 8], [[12, 0], [0, 8], [2, 2]], winner) for winner in ("dot", "euclidean")]
    + [([0.8, 0.6], [[0, 1.2], [0.8, 0], [0.2, 0.2]], winner) for winner in ("cosine", "dot", "euclidean")],
)
def _(rng):
    found = []
    for winner in ("dot", "cosine", "euclidean"):
        angle, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 3)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        found.append((np.array(Q) @ turn, rng.permutation(np.array(ABC)) @ turn, winner))
    return found


@make_item.judge
def _(args, result):
    q, others, winner = args
    if result is None:
        return "nothing came back: is there a return?"
    point = np.asarray(result, dtype=float)
    if point.shape == ():
        return "that is one number, perhaps a row number; return the point itself, two coordinates"
    if point.shape != q.shape:
        return f"one point of shape {q.shape} is asked for, this has shape {point.shape}"
    if not np.isfinite(point).all():
        return "a coordinate is not a finite number"
    if not point.any():
        return "the_origin"
    wins = {name for name in ("dot", "cosine", "euclidean") if _lead(name, q, point, others) > 0}
    if wins == {winner}:
        return None
    if _lead(winner, q, point, others) == 0:
        return "a_tie"
    if len(wins) == 3:
        return "the_query_itself"
    return "a_longer_query" if winner in wins else "wins_elsewhere"


def _lead(name, q, point, others):
    """Say by how much a point beats the best of the others by one measure: above 0 it wins, at 0 it ties."""
    measure = CALLABLES[name]
    ours, theirs = measure(q, point[None])[0], measure(q, others)
    lead = theirs.min() - ours if name == "euclidean" else ours - theirs.max()
    return float(lead) if abs(lead) > 1e-12 * max(1.0, float(np.abs(theirs).max())) else 0.0


@make_item.misconception("Your point wins under all three measures; give up what the other two look at.")
def the_query_itself(q, others, winner):
    return q


@make_item.misconception(
    "Your point wins under the measure asked for, but under another one as well; it has to win under one only."
)
def a_longer_query(q, others, winner):
    return {"dot": 10 * q, "cosine": q * 0.001, "euclidean": q * 1.01}[winner] if winner == "dot" else q * 0.97


@make_item.misconception(
    "Your point does not win under the measure that is asked for; compute its score beside the others', for this q."
)
def wins_elsewhere(q, others, winner):
    return 0.01 * np.array([-q[1], q[0]])


@make_item.misconception("Your point only ties with the best of the others; a tie is not a win, so better it a little.")
def a_tie(q, others, winner):
    measure = CALLABLES[winner]
    scores = measure(q, others)
    return others[np.argmin(scores) if winner == "euclidean" else np.argmax(scores)]


@make_item.misconception(
    "The origin has no direction, so it can win under no cosine and with no dot product above zero."
)
def the_origin(q, others, winner):
    return np.zeros_like(q)


@make_item.alternative
def make_item_by_search(q, others, winner):
    rng = np.random.default_rng(0)
    size = 10 * np.abs(np.vstack([others, q])).max()
    points = np.vstack(
        [rng.uniform(-size, size, size=(300, 2)), q + rng.normal(size=(3000, 2)) * size / 20, [0.01 * q]]
    )
    for point in points:
        if {name for name in ("dot", "cosine", "euclidean") if _lead(name, q, point, others) > 0} == {winner}:
            return point
    raise AssertionError("no point found")


@make_item.alternative
def make_item_as_list(q, others, winner):
    if winner == "dot":
        sideways = np.array([-q[1], q[0]])
        sideways = sideways if (others[np.argmax(others @ q)] @ sideways) > 0 else -sideways
        return list(3 * q + 50 * sideways)
    if winner == "cosine":
        return list(q / 100)
    nearest = min(others, key=lambda item: np.linalg.norm(item - q))
    return list(0.98 * nearest + 0.02 * q)


@make_item.alternative
def make_item_float32(q, others, winner):
    return make_item.reference(q, others, winner).astype(np.float32)


# --- what scaling changes ----------------------------------------------------------------------------------------


@exercise("scale_query", kind="answer", points={"values": 1}, choices={"*": ["same", "may change"]})
def scale_query():
    """Doubling q doubles every dot product and turns no vector; distances are another matter."""
    return {
        "dot": "same",
        "cosine": "same",
        "euclidean": "may change",
        "one longer item, dot": "may change",
        "one longer item, cosine": "same",
    }


scale_query.wrong_choice(
    "Doubling q doubles every dot product; does doubling all the scores in a list change who is first?",
    {"dot": "may change"},
)
scale_query.wrong_choice("Doubling q does not turn it, so what happens to the angles?", {"cosine": "may change"})
scale_query.wrong_choice(
    "Doubling q moves its tip; in the figure that follows, drag q outwards along its direction and watch the disc.",
    {"euclidean": "same"},
)
scale_query.wrong_choice(
    "A single item that is made longer gets a larger dot product than before (at an acute angle), the others do not.",
    {"one longer item, dot": "same"},
)
scale_query.wrong_choice(
    "The cosine takes the length of the item out again, so making an item longer cannot move it.",
    {"one longer item, cosine": "may change"},
)


def _with_spaces():
    return {key: f" {value.upper()} " for key, value in scale_query.reference().items()}


scale_query.alternative(_with_spaces)


@scale_query.alternative
def _in_another_order():
    return dict(reversed(list(scale_query.reference().items())))


@scale_query.alternative
def _with_more_keys():
    return {**scale_query.reference(), "my note": "cosine forgets lengths"}


@predict_ranking.alternative
def _small_letters():
    return {key: value.lower() for key, value in predict_ranking.reference().items()}


@predict_ranking.alternative
def _turned_round():
    return dict(reversed(list(predict_ranking.reference().items())))


@predict_ranking.alternative
def _with_a_note():
    return {**predict_ranking.reference(), "note": "A is long"}
