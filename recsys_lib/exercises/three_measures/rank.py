"""Turn any measure's scores into the order of the items, best first."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.three_measures._inputs import ABC, COSINE, DOT, EUCLIDEAN, FIRST, Q


@exercise("rank", points={"values": 2, "distance": 1, "ties": 1}, instead_of=("order_of", "top_k"))
def rank(q, items, measure, distance=False):
    """Ids of all items, best first; equal scores in the order of their ids."""
    scores = measure(q, items)
    best_first = (lambda i: (scores[i], i)) if distance else (lambda i: (-scores[i], i))
    return np.array(sorted(range(len(scores)), key=best_first))


FIVE = [[1, 2], [4, 4], [0, 5], [3, -2], [2, 6]]


#: Long enough that a sort that is not stable loses the order on every processor.
MANY_TIES = [[(7 * i) % 4, i] for i in range(40)]


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
    fixed=[
        (np.array(Q), np.array(ABC), EUCLIDEAN, True),
        (Q, ABC, EUCLIDEAN, True),
        (Q, ABC, DOT, False),
        (Q, FIVE, EUCLIDEAN, True),
        (Q, FIVE, COSINE, False),
        ([1, 0], [[-2, 0], [1, 0], [3, 1], [-1, 1]], FIRST, True),  # the least comes first, whatever its sign
    ],
)
def _(rng):
    below_0 = np.stack([rng.permutation([-3.0, -2.0, -0.5, 1.0, 2.0]), np.ones(5)], axis=1)
    return [*_without_ties(rng, EUCLIDEAN, True), *_without_ties(rng, DOT, False), (np.ones(2), below_0, FIRST, True)]


@rank.inputs(
    "ties",
    fixed=[
        ([1, 0], [[1, 0], [2, 0], [1, 1]], FIRST),
        ([1, 0], [[1, 0], [2, 0], [3, 1]], FIRST),
        ([1, 0], [[2, 0], [2 + 2e-7, 0], [1, 1]], FIRST),  # nearly equal is not equal
        ([1, 0], [[1 + 1e-12, 0], [3, 0], [1, 1]], FIRST, True),
        ([1, 0], [[2, 0], [2, 1], [1, 0], [2, 2], [1, 1]], FIRST),
        ([1, 0], [[2, 0], [2, 1], [1, 0], [2, 2], [1, 1]], FIRST, True),
        ([1, 0], [[2, 0], [5, 1], [1, 0], [3, 2], [4, 1]], FIRST),
        ([1, 0], MANY_TIES, FIRST),
        ([1, 0], MANY_TIES, FIRST, True),
    ],
)
def _(rng):
    shapes = [(6, False), (12, False), (60, False), (40, True)]
    few = [(np.ones(2), rng.integers(0, 4, size=(n, 2)).astype(float), FIRST, small) for n, small in shapes]
    for apart, small in [(1e-7, False), (-1e-12, True)]:
        near = rng.normal(size=(5, 2))
        near[:, 0] = rng.uniform(1, 2) * (1 + apart * np.arange(5))
        few.append((np.ones(2), near, FIRST, small))
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


@rank.misconception("Your order is that of the row numbers alone; of lexsort's keys the last one decides first.")
def by_row_number(q, items, measure, distance=False):
    return np.arange(len(items))


@rank.misconception("You returned the winner only; the whole order is asked for.")
def winner_only(q, items, measure, distance=False):
    scores = measure(q, items)
    return int(np.argmin(scores) if distance else np.argmax(scores))


@rank.misconception("You ranked by the size of the numbers without their sign; a score of -5 is worse than one of 1.")
def sign_ignored(q, items, measure, distance=False):
    scores = np.abs(measure(q, items))
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
    "One over a distance keeps no order where values are below 0, and rounds near ones to the same; a minus sign does.",
    layer="distance",
)
def one_over_distance(q, items, measure, distance=False):
    scores = measure(q, items)
    with np.errstate(all="ignore"):
        return np.argsort(-1 / (1 + scores) if distance else -scores, kind="stable")


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


@rank.misconception(
    "Short lists come out right, in long ones equal scores lose their order; a plain sort does not promise it, so ask "
    "for a stable one.",
    layer="ties",
)
def unstable_sort(q, items, measure, distance=False):
    scores = measure(q, items)
    return np.argsort(scores if distance else -scores)


@rank.misconception(
    "You turn an ascending list round, and its sort keeps no order among equal scores; sort downwards, with a stable "
    "sort.",
    layer="ties",
)
def unstable_sort_turned_round(q, items, measure, distance=False):
    order = np.argsort(measure(q, items))
    return order if distance else order[::-1]


@rank.misconception("Where scores are equal your list has an item twice and another not at all.", layer="ties")
def index_of_each_score(q, items, measure, distance=False):
    scores = list(measure(q, items))
    return np.array([scores.index(score) for score in sorted(scores, reverse=not distance)])


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
