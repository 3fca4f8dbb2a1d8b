"""Find the share of the places in all lists that goes to the longest items."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.norm_is_popularity._inputs import norms_of


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
        (np.array([[1, 2], [3, -1]]), np.array([[3, 1], [1, 4], [-2, 1], [2, 2], [1, 0]]), 0.4, 2),
        # close together, and yet not equal
        ([[1, 0]], [[2, 0], [2.00001, 0], [0, 5], [1, 1]], 0.5, 1),
        ([[0, 1]], [[3, 0], [0, 3.00001], [1, 1], [-1, 0.5]], 0.25, 1),
    ],
)
def _(rng):
    found = []
    for q, n, d, fraction, k in [(4, 9, 2, 0.25, 2), (7, 21, 3, 0.125, 4), (12, 41, 4, 0.3, 5), (30, 61, 5, 0.06, 10)]:
        items = rng.normal(size=(n, d)) * rng.uniform(0.3, 2.5, size=(n, 1))
        found.append((rng.normal(size=(q, d)), items, fraction, k))
    # a whole number of long items, one a little above a whole number, and one a little below
    return found + [_with_the_border(rng, n, fraction) for n, fraction in [(16, 0.25), (17, 0.3), (13, 0.3)]]


def _with_the_border(rng, n, fraction):
    """Draw until the last item with a mark and the first one without have a place in some list."""
    while True:
        queries, items = rng.normal(size=(12, 3)), rng.normal(size=(n, 3)) * rng.uniform(0.7, 1.5, size=(n, 1))
        n_long = math.ceil(fraction * n)
        if np.isin(_best(norms_of(items), n_long + 1)[-2:], _slots(queries, items, 4)).all():
            return queries, items, fraction, 4


def _many_ties(rng, n, largest=3, fraction=0.1, k=7):
    """So many items with small whole coordinates that only a stable sort gives the places to the lower ids."""
    return rng.integers(0, 3, (40, 2)).astype(float), rng.integers(0, largest + 1, (n, 2)).astype(float), fraction, k


MANY_TIES = [_many_ties(np.random.default_rng(seed), n) for seed, n in enumerate((100, 110, 120, 140, 150))]


@norm_share.inputs(
    "ties",
    fixed=[
        (np.array([[1, 0], [0, 1]]), np.array([[3, 1], [1, 2], [0, 1], [1, 0]]), 0.25, 2),
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
    found += [_many_ties(rng, 110), _many_ties(rng, 140)]
    # long lists of few different vectors: a tie at the end of a list, or at the border, is seldom without effect
    return found + [_many_ties(rng, 60, largest=2, fraction=0.2, k=11) for _ in range(3)]


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
    return float(np.isin(_slots(queries, items, k), _longest(items, fraction)).sum())


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


@norm_share.misconception(
    "You rounded down and added one, which marks one item too many where the number is whole; round it up."
)
def rounded_down_and_one_more(queries, items, fraction, k):
    longest = _best(norms_of(items), int(fraction * len(items)) + 1)
    return float(np.isin(_slots(queries, items, k), longest).mean())


@norm_share.misconception(
    "You took the fraction of k, the length of a list; the long items are a fraction of all n items."
)
def fraction_of_k(queries, items, fraction, k):
    longest = _best(norms_of(items), math.ceil(fraction * k))
    return float(np.isin(_slots(queries, items, k), longest).mean())


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
    "Your sort leaves equal values in any order; a stable sort keeps the lower id first.",
    layer="ties",
)
def unstable_sort(queries, items, fraction, k):
    longest = np.argsort(-norms_of(items))[: math.ceil(fraction * len(items))]
    return float(np.isin(np.argsort(-(queries @ items.T), axis=1)[:, :k], longest).mean())


@norm_share.misconception(
    "A partition takes any of the items whose scores are equal at the end of a list; the lower id comes first there.",
    layer="ties",
)
def lists_by_partition(queries, items, fraction, k):
    slots = np.argpartition(-(queries @ items.T), k - 1, axis=1)[:, :k]
    return float(np.isin(slots, _longest(items, fraction)).mean())


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
