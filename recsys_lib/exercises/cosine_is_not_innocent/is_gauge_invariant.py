"""Test whether a measure's scores stay the same under a change of gauge."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.callables import CALLABLES
from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.cosine_is_not_innocent._inputs import ABC
from recsys_lib.exercises.cosine_is_not_innocent.regauge import regauge


@exercise("is_gauge_invariant", points={"values": 3}, uses=("regauge",))
def is_gauge_invariant(measure, q, items, scale):
    """Score before, score after, and compare every score up to rounding."""
    q, items, scale = (np.asarray(x, dtype=float) for x in (q, items, scale))
    before = measure(q, items)
    after = measure(q * scale, items / scale)
    return bool(np.allclose(before, after))


DOT, COSINE, EUCLIDEAN, FIRST, SOFTMAX = (
    CALLABLES[name] for name in ("dot", "cosine", "euclidean", "first_number", "softmax")
)

UGLY = [[0.1, 0.7], [1.3, 0.2], [0.3, 2.1], [-0.7, 0.9]]
WIDE = [[0.1, 0.7, 1.3], [0.3, -0.2, 1.1], [2.3, 0.9, 0.6]]


@is_gauge_invariant.inputs(
    "values",
    fixed=[
        (DOT, [4, 3], ABC, [2, 0.5]),
        (COSINE, np.array([4, 3]), np.array(ABC), np.array([2, 0.5])),
        (EUCLIDEAN, [4, 3], ABC, [2, 0.5]),
        (DOT, [0.7, 1.1], UGLY, [3, 0.3]),
        (DOT, [0.9, -0.3, 1.7], WIDE, [3, 0.7, -1.3]),
        (DOT, [90_000.1, -30_000.7, 170_000.3], WIDE, [3, 0.7, -1.3]),  # rounding grows with the scores
        (DOT, [5.00000060605, 1], [[1, 0], [0, 1]], [3, 0.7]),  # one rounding apart, and so is its tenth decimal
        (DOT, [1.9, 0.3, 0.7], WIDE, [0.7, 11, 1.3]),
        (SOFTMAX, [0.7, 1.1], UGLY, [3, 0.3]),
        (SOFTMAX, [0.9, -0.3, 1.7], WIDE, [7, 0.3, 0.9]),
        # a cosine survives one factor for all columns, and turned signs; so by its name alone one cannot tell
        (COSINE, [4, 3], ABC, [3, 3]),
        (COSINE, [0.9, -0.3, 1.7], WIDE, [0.7, 0.7, 0.7]),
        (COSINE, [4, 3], ABC, [-1, 1]),
        (EUCLIDEAN, [4, 3], ABC, [-1, 1]),
        (EUCLIDEAN, [0.9, -0.3, 1.7], WIDE, [1, -1, -1]),
        (EUCLIDEAN, [4, 3], ABC, [3, 3]),
        # other scores in the same order
        (COSINE, [4, 3], ABC, [1.2, 1]),
        (EUCLIDEAN, [4, 3], ABC, [1.1, 1]),
        (COSINE, [4, 3], ABC, [0.9, 1]),
        # small changes are changes
        (COSINE, [4, 3], ABC, [1.001, 1]),
        (EUCLIDEAN, [4, 3], ABC, [1.001, 1]),
        (EUCLIDEAN, [4, 3], [[6, 1], [1, 2]], [1, 0.9995]),
        # the first item stays, another moves; then the other way round
        (COSINE, [1, 0], [[2, 0], [1, 1]], [2, 1]),
        (COSINE, [0, 1], [[0, 3], [2, 1], [1, 1]], [1, 3]),
        (COSINE, [1, 0], [[1, 1], [2, 0]], [2, 1]),
        (COSINE, [0, 1], [[2, 1], [0, 3], [1, 1]], [1, 3]),
        # the scores stay for this query alone
        (COSINE, [1, 0], [[2, 0], [0, 3]], [2, 1]),
        (COSINE, [0, 3, 0], [[0, 1, 0], [2, 0, 1], [0, -2, 0]], [3, 1, 3]),
        # a measure that does not look at the query
        (FIRST, [4, 3], ABC, [2, 0.5]),
        (FIRST, [4, 3], ABC, [-1, 1]),
        (FIRST, [4, 3], ABC, [1, 5]),
        (FIRST, [0.9, -0.3, 1.7], WIDE, [2, 2, 2]),
        # other scores with the same sum
        (FIRST, [4, 3], [[1, 2], [-1, 3]], [2, 1]),
        (FIRST, [1, 2], [[2, 0], [-3, 1], [1, 1]], [4, 2]),
        (DOT, [4, 3], ABC, [1, 1]),
        (EUCLIDEAN, [4, 3], ABC, [1, 1]),
    ],
)
def _(rng):
    found = []
    for n, d in [(3, 2), (6, 4)]:
        q, items = rng.normal(size=d), rng.normal(size=(n, d))
        scale = np.exp(rng.normal(size=d))
        found += [(measure, q, items, scale) for measure in (DOT, COSINE, EUCLIDEAN, SOFTMAX)]
        found += [(COSINE, q, items, np.full(d, rng.uniform(1.5, 4))), (EUCLIDEAN, q, items, rng.choice([-1.0, 1], d))]
    found += [_stays(rng) if rng.random() < 0.5 else _changes(rng) for _ in range(8)]
    return [*found, _some_stay(rng, first=True), _some_stay(rng, first=False)]


def _stays(rng):
    """Draw a measure and a scale that it does not notice."""
    d = int(rng.integers(2, 5))
    q, items, scale = rng.normal(size=d), rng.normal(size=(4, d)), np.exp(rng.normal(size=d))
    unnoticed = [
        (DOT, scale),
        (SOFTMAX, scale),
        (COSINE, np.full(d, scale[0])),
        (EUCLIDEAN, rng.choice([-1.0, 1], d)),
        (FIRST, np.where(np.arange(d), scale, 1)),
    ]
    measure, scale = unnoticed[rng.integers(len(unnoticed))]
    return measure, q, items, scale


def _changes(rng):
    """Draw a measure and a scale that changes it, often by a little."""
    d = int(rng.integers(2, 5))
    scale = np.exp(rng.choice([1, 0.01]) * rng.uniform(0.5, 1, d) * rng.choice([-1, 1], d))
    scale[0] *= 1.2  # for a cosine the same factor in each column would be none
    measure = (COSINE, EUCLIDEAN, FIRST)[rng.integers(3)]
    return measure, rng.normal(size=d), rng.normal(size=(4, d)), scale


def _some_stay(rng, *, first):
    """Draw items of which some keep their score and others do not; ``first`` says whether the first one keeps it."""
    n, d = int(rng.integers(3, 6)), int(rng.integers(2, 4))
    axis, factor = rng.integers(d), rng.uniform(1.3, 3)
    scale = np.where(np.arange(d) == axis, factor, 1 / factor) ** rng.choice([-1, 1])
    q, items = rng.normal(size=d), rng.uniform(0.5, 2, size=(n, d)) * rng.choice([-1, 1], size=(n, d))
    stays = rng.random(n) < 0.5
    stays[:2] = first, not first
    if rng.random() < 0.5:
        items[stays, 0] = 0
        return FIRST, q, items, scale
    q[np.arange(d) != axis] = 0
    items[stays] = np.eye(d)[rng.integers(d)] * rng.uniform(0.5, 2)
    return COSINE, q, items, scale


def _before_and_after(measure, q, items, scale):
    return measure(q, items), measure(q * scale, items / scale)


@is_gauge_invariant.misconception(
    "You compare the scores to the last digit; multiplying and dividing leaves tiny errors of rounding, so ask whether "
    "they are close."
)
def to_the_last_digit(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return bool(np.array_equal(before, after))


@is_gauge_invariant.misconception(
    "You multiplied the query and the items alike; the items have to be divided, or not even the dot product stays."
)
def both_sides_multiplied(measure, q, items, scale):
    return bool(np.allclose(measure(q, items), measure(q * scale, items * scale)))


@is_gauge_invariant.misconception("You regauged the query and left the items; a change of gauge changes both.")
def only_the_query(measure, q, items, scale):
    return bool(np.allclose(measure(q, items), measure(q * scale, items)))


@is_gauge_invariant.misconception("You regauged the items and left the query; a change of gauge changes both.")
def only_the_items(measure, q, items, scale):
    return bool(np.allclose(measure(q, items), measure(q, items / scale)))


@is_gauge_invariant.misconception(
    "You compared the order of the items; other scores can be in the same order, and the question is about the scores."
)
def order_compared(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return bool(np.array_equal(np.argsort(-before, kind="stable"), np.argsort(-after, kind="stable")))


@is_gauge_invariant.misconception(
    "You answered by the name of the measure; try it instead, since a cosine survives some scales, such as one that is "
    "the same for all columns.",
    kind="misconception",
)
def by_its_name(measure, q, items, scale):
    return measure.__name__ == "dot"


@is_gauge_invariant.misconception(
    "Your answer is True every time: do you compare dot products, or scores with themselves? Call the measure that "
    "comes in, once before and once after."
)
def always_the_dot_product(measure, q, items, scale):
    return bool(np.allclose(items @ q, (items / scale) @ (q * scale)))


@is_gauge_invariant.misconception("You ask whether any score stays; all of them have to.")
def any_score(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return bool(np.any(np.isclose(before, after)))


@is_gauge_invariant.misconception(
    "Your answer is False every time: is something compared that can never be equal? The measure is a function to "
    "call, not a word.",
    kind="misconception",
)
def never(measure, q, items, scale):
    return measure == "dot"


@is_gauge_invariant.misconception(
    "The new query is still a table of one row, which some measures cannot take; take its row out before you measure."
)
def query_left_a_table(measure, q, items, scale):
    return bool(np.allclose(measure(q, items), measure(q[None] * scale, items / scale)))


@is_gauge_invariant.misconception("You compared the score of the first item only; all of them have to stay.")
def first_item_only(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return bool(np.isclose(before[0], after[0]))


@is_gauge_invariant.misconception(
    "Your answer is turned round: True means that the scores stay.",
)
def turned_answer(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return not np.allclose(before, after)


@is_gauge_invariant.misconception(
    "You return one truth value for each item; say in a single one whether all scores stay."
)
def one_for_each_item(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return np.isclose(before, after)


@is_gauge_invariant.alternative
def invariant_by_regauge(measure, q, items, scale):
    new_q, new_items = regauge(q[None], items, scale)
    return np.allclose(measure(q, items), measure(new_q[0], new_items))


@is_gauge_invariant.alternative
def invariant_by_largest_difference(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return np.max(np.abs(before - after)) < 1e-9


@is_gauge_invariant.alternative
def invariant_item_by_item(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return all(abs(a - b) < 1e-8 for a, b in zip(before, after, strict=True))


@is_gauge_invariant.alternative
def invariant_by_isclose_as_numpy_bool(measure, q, items, scale):
    return np.isclose(*_before_and_after(measure, q, items, scale)).all()
