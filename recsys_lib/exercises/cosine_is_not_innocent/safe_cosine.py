"""Score a whole catalogue by the cosine, with the films that have no direction behind all others."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.cosine_is_not_innocent._inputs import ABC
from recsys_lib.exercises.three_measures._inputs import adds_up_to_zero


@exercise(
    "safe_cosine",
    points={"values": 1, "zero item": 2, "zero query": 1},
    instead_of=("cosine_scores", "norm_power_scores", "cosine"),
)
def safe_cosine(q, items):
    """Item by item; an item without a direction is put behind all others."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    if not np.any(q):
        raise ValueError("the query is a zero vector: it has no direction")
    scores = []
    for item in items:
        if not np.any(item):
            scores.append(-np.inf)
        else:
            scores.append(np.sum(q * item) / (np.linalg.norm(q) * np.linalg.norm(item)))
    return np.array(scores)


@safe_cosine.inputs(
    "values",
    fixed=[
        (np.array([3, 4]), np.array([[4, 3], [30, 40]])),
        ([4, 3], ABC),
        ([2, -1], [[1, 3], [-2, 5], [4, 4], [-1, -3]]),
        ([1, 2], [[3, -1], [-2, 2]]),
        ([1, 2, 2], [[2, -1, 2], [1, 3, 4], [-6, 2, 3]]),
        ([1, 0, -2, 2], [[1, 1, 1, 1], [3, 0, -4, 0], [2, -2, 4, 1]]),
    ],
)
def _(rng):
    found = [(rng.normal(size=d), rng.normal(size=(n, d)) * rng.uniform(0.5, 3, size=(n, 1)))
             for n, d in [(3, 3), (5, 2), (2, 4), (30, 8)]]  # fmt: skip
    return found


@safe_cosine.inputs(
    "zero item",
    fixed=[
        ([3, 4], [[0, 0], [3, 4]]),
        ([3, 4], [[-3, -4], [0, 0]]),
        ([3, 4], [[4, 3], [0, 0], [-30, -40]]),
        ([3, 4], [[0, 5], [5, 0]]),
        ([3, 4], [[0.0008, 0.0006], [4, -3], [3, 4]]),
        ([3, 4], [[0, -1e-8], [4, 3], [0, 0]]),
        ([3, 4], [[4, -3], [0, 0], [4, 3]]),
        ([3, 4], [[4, -3], [8, -6], [4, 3]]),
        ([3, 4], [[1, -1], [-2, 2], [4, 3]]),
        ([3, 4], [[1, -1], [0, 0], [4, 3]]),
        ([1, 2, 2], [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 3]]),
        ([1, 2, 2], [[1, 0, 0], [0, 1, 0], [0, 0, 3]]),
    ],
)
def _(rng):
    found = []
    for n, d in [(3, 2), (6, 4), (40, 5)]:
        q, items = rng.normal(size=d), rng.normal(size=(n, d))
        some = items.copy()
        some[rng.choice(n, size=max(1, n // 4), replace=False)] = 0
        near = items.copy()
        near[rng.integers(n), 0] = 0
        short = items * np.where(np.arange(n) % 2, 1, 1e-8 / np.linalg.norm(items, axis=1))[:, None]
        found += [(q, some), (q, near), (q, short)]
    a, b = rng.integers(1, 9, size=2)  # at a right angle to each other, also in rounded numbers
    right_angle = np.array([[b, -a, 0], [a, b, 1], [b, a, 3], [0, 0, 0]])
    balanced = np.array([adds_up_to_zero(rng), adds_up_to_zero(rng), np.zeros(3), rng.normal(size=3)])
    return [
        *found,
        (np.array([a, b, 0], dtype=float), rng.permutation(right_angle).astype(float)),
        (np.array([a, b, 0], dtype=float), rng.permutation(right_angle[:3]).astype(float)),
        (rng.normal(size=3), rng.permutation(balanced)),
    ]


@safe_cosine.inputs(
    "zero query",
    fixed=[
        ([0, 0], [[3, 4], [4, 3]]),
        ([0, 2], [[3, 4], [4, 3]]),
        ([0, 0.001], [[3, 4], [4, 3]]),
        ([6e-9, 8e-9], [[3, 4], [4, 3]]),
        ([3, 0], [[3, 4], [4, 3]]),
        ([1, -1], [[3, 4], [4, 3]]),
        ([-2, 2], [[3, 4], [4, 3]]),
        ([0, 0, 0], [[1, 2, 0], [0, 1, 0]]),
        ([0, 0, 1], [[1, 2, 0], [0, 1, 1]]),
        ([0, 0], [[3, 4], [0, 5], [2, 1]]),
        ([2, 1], [[3, 4], [0, 5], [2, 1]]),
    ],
)
def _(rng):
    found = []
    for n, d in [(3, 2), (5, 4)]:
        q, items = rng.normal(size=d), rng.normal(size=(n, d))
        q[0] = 0
        found += [(np.zeros(d), items), (q, items), (q * 1e-8, items)]
    return [*found, (adds_up_to_zero(rng), rng.normal(size=(4, 3)))]


@safe_cosine.misconception(
    "You divided by one length for the whole table. How many lengths does a table of n items have?"
)
def safe_one_norm_for_all(q, items):
    return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))


@safe_cosine.misconception(
    "You took the item lengths down the columns; an item is a row, so along which axis does its length run?"
)
def safe_norms_of_columns(q, items):
    return items @ q / (np.linalg.norm(items, axis=0) * np.linalg.norm(q))


@safe_cosine.misconception(
    "You brought each column of the table to length one; an item is a row, so it is the rows whose length is to go."
)
def safe_columns_to_length_one(q, items):
    return (items / np.linalg.norm(items, axis=0)) @ (q / np.linalg.norm(q))


@safe_cosine.misconception("You divided by the items' lengths, but the query's length is still in the score.")
def safe_query_not_divided(q, items):
    return items @ q / np.linalg.norm(items, axis=1)


@safe_cosine.misconception(
    "You divided the columns by the items' lengths, which runs only where there are as many items as columns; each row "
    "is to be divided by its own."
)
def safe_lengths_along_columns(q, items):
    return (items / np.linalg.norm(items, axis=1)) @ q / np.linalg.norm(q)


@safe_cosine.misconception("You divided by the query's length, but each item's own length is still in its score.")
def safe_items_not_divided(q, items):
    return items @ q / np.linalg.norm(q)


@safe_cosine.misconception("You return the dot product; the lengths of both are still in it.", kind="next step")
def safe_plain_dot(q, items):
    return items @ q


@safe_cosine.misconception("You divided by the squared lengths; the root is missing, so a long vector scores too low.")
def safe_squared_lengths(q, items):
    return items @ q / (np.sum(items**2, axis=1) * np.sum(q**2))


@safe_cosine.misconception(
    "You divided by the one length and multiplied by the other: a division ends at the next times sign. What should "
    "stand below the fraction bar?"
)
def safe_brackets_forgotten(q, items):
    return items @ q / np.linalg.norm(q) * np.linalg.norm(items, axis=1)


def lengths_of(q, items):
    """Product of the query's norm and each item's."""
    return np.linalg.norm(items, axis=1) * np.linalg.norm(q)


def _quiet_cosine(q, items):
    with np.errstate(all="ignore"):
        return items @ q / lengths_of(q, items)


@safe_cosine.misconception(
    "A zero item gave 0/0, and the NaN is still in your scores; it equals nothing, not even itself, so a comparison "
    "does not find it.",
    layer="zero item",
)
def safe_silent_nan(q, items):
    return _quiet_cosine(q, items)


@safe_cosine.misconception(
    "You gave a zero item the score 0, which says 'at a right angle' and beats every film behind the user.",
    layer="zero item",
    kind="misconception",
)
def safe_zero_for_zero(q, items):
    lengths = lengths_of(q, items)
    return items @ q / np.where(lengths == 0, 1, lengths)


@safe_cosine.misconception(
    "You gave a zero item the score -1, which says 'exactly behind'; a real film may score that too, so go lower.",
    layer="zero item",
    kind="misconception",
)
def safe_minus_one(q, items):
    scores = safe_zero_for_zero(q, items)
    scores[~items.any(axis=1)] = -1
    return scores


@safe_cosine.misconception(
    "You refuse the whole table for one zero item, as in lesson 3; a catalogue always holds some, so score them last.",
    layer="zero item",
    kind="misconception",
)
def safe_refuses_items(q, items):
    if not np.all(items.any(axis=1)):
        raise ValueError
    return _quiet_cosine(q, items)


@safe_cosine.misconception(
    "You left the zero items out, so the scores have moved up and no longer fit the films' row numbers.",
    layer="zero item",
)
def safe_rows_dropped(q, items):
    kept = items[items.any(axis=1)]
    return kept @ q / lengths_of(q, kept)


@safe_cosine.misconception(
    "The scores are right, but you put those of the zero items at the end: each item keeps its own place in the table.",
    layer="zero item",
)
def safe_zero_items_last(q, items):
    scores = safe_cosine.reference(q, items)
    return np.concatenate([scores[items.any(axis=1)], scores[~items.any(axis=1)]])


@safe_cosine.misconception(
    "You put a zero item a little below the worst of this list; where another list is compared, that is a score like "
    "any other. Minus infinity is below all.",
    layer="zero item",
)
def safe_below_the_worst(q, items):
    scores = safe_cosine.reference(q, items)
    return np.where(np.isinf(scores), np.min(scores[np.isfinite(scores)], initial=0) - 1, scores)


@safe_cosine.misconception(
    "You gave a zero item plus infinity, so the film that nobody rated comes first.", layer="zero item"
)
def safe_plus_infinity(q, items):
    scores = safe_zero_for_zero(q, items)
    scores[~items.any(axis=1)] = np.inf
    return scores


@safe_cosine.misconception(
    "You put every item with a 0 in it last; [0, 5] has a direction, only a vector of nothing but zeros has none.",
    layer="zero item",
)
def safe_zero_coordinate(q, items):
    scores = safe_zero_for_zero(q, items)
    scores[~items.all(axis=1)] = -np.inf
    return scores


@safe_cosine.misconception(
    "You take a sum of zero for a zero vector; the coordinates of [1, -1] add up to zero, and it has a direction.",
    layer="zero item",
)
def safe_zero_sum(q, items):
    scores = _quiet_cosine(q, items)
    scores[items.sum(axis=1) == 0] = -np.inf
    return scores


@safe_cosine.misconception(
    "You put every score of 0 last; an item at a right angle scores 0 too, and it has a direction.", layer="zero item"
)
def safe_every_zero_score(q, items):
    scores = safe_zero_for_zero(q, items)
    scores[items @ q == 0] = -np.inf
    return scores


@safe_cosine.misconception(
    "You look for scores of 0, but the score of a zero item is NaN, and a score of 0 is an honest right angle; look "
    "for items whose length is 0.",
    layer="zero item",
)
def safe_zero_score_and_nan(q, items):
    scores = _quiet_cosine(q, items)
    return np.where(scores == 0, -np.inf, scores)


@safe_cosine.misconception(
    "You take short items for zero items; a vector with a number other than 0 in it has a direction, however short it "
    "is.",
    layer="zero item",
)
def safe_short_for_zero(q, items):
    return np.where(np.linalg.norm(items, axis=1) < 0.1, -np.inf, safe_zero_for_zero(q, items))


@safe_cosine.misconception(
    "You take an item for zero from some tiny length on; it has a direction as long as one of its numbers is not 0.",
    layer="zero item",
)
def safe_tiny_for_zero(q, items):
    return np.where(np.linalg.norm(items, axis=1) < 1e-6, -np.inf, safe_zero_for_zero(q, items))


@safe_cosine.misconception(
    "You added a tiny number to the lengths against a division by zero; the cosine of a short item comes out too "
    "small, and a zero item gets 0.",
    layer="zero item",
)
def safe_epsilon(q, items):
    return items @ q / (lengths_of(q, items) + 1e-9)


@safe_cosine.misconception(
    "You refuse a query that is only short; as long as one of its numbers is not 0, it has a direction.",
    layer="zero query",
)
def safe_short_query_refused(q, items):
    if np.linalg.norm(q) < 1e-6:
        raise ValueError
    return _quiet_cosine(q, items)


@safe_cosine.misconception(
    "You return a single minus infinity once there is a zero item; only that item gets it, the rest keep their cosine.",
    layer="zero item",
)
def safe_one_number(q, items):
    return _quiet_cosine(q, items) if np.all(items.any(axis=1)) else -np.inf


@safe_cosine.misconception(
    "A zero query gave NaN for every item, or minus infinity once the NaN was replaced; it has no direction, so refuse "
    "it before you divide.",
    layer="zero query",
)
def safe_query_all_last(q, items):
    return np.nan_to_num(_quiet_cosine(q, items), nan=-np.inf)


@safe_cosine.misconception(
    "A zero query gave NaN for every item, and no list can be made of that; refuse it.", layer="zero query"
)
def safe_query_silent_nan(q, items):
    scores = _quiet_cosine(q, items)
    scores[~items.any(axis=1)] = -np.inf
    return scores


@safe_cosine.misconception(
    "A zero query got the score 0 for every item, so its list would be the first rows of the table; refuse it.",
    layer="zero query",
    kind="misconception",
)
def safe_query_zeros(q, items):
    return safe_zero_for_zero(q, items)


@safe_cosine.misconception(
    "You refuse a query with a 0 in it; [0, 2] has a direction, only a query of nothing but zeros has none.",
    layer="zero query",
)
def safe_query_zero_coordinate(q, items):
    if np.any(q == 0):
        raise ValueError
    return _quiet_cosine(q, items)


@safe_cosine.misconception(
    "You refuse a query whose coordinates add up to zero; [1, -1] is one, and it has a direction.", layer="zero query"
)
def safe_query_zero_sum(q, items):
    if q.sum() == 0:
        raise ValueError
    return _quiet_cosine(q, items)


def _refuse_zero_query(q):
    if not np.any(q):
        raise ValueError("a zero query has no direction")


@safe_cosine.alternative
def safe_by_where(q, items):
    _refuse_zero_query(q)
    lengths = lengths_of(q, items)
    return np.where(lengths > 0, items @ q / np.where(lengths > 0, lengths, 1), -np.inf)


@safe_cosine.alternative
def safe_by_replacing_nan(q, items):
    _refuse_zero_query(q)
    scores = items @ q / lengths_of(q, items)
    scores[np.isnan(scores)] = -np.inf
    return scores


@safe_cosine.alternative
def safe_by_divide_with_out_as_list(q, items):
    _refuse_zero_query(q)
    lengths = lengths_of(q, items)
    return list(np.divide(items @ q, lengths, out=np.full(len(items), -np.inf), where=lengths != 0))


@safe_cosine.alternative
def safe_in_float32(q, items):
    _refuse_zero_query(q)
    q, items = q.astype(np.float32), items.astype(np.float32)
    return np.nan_to_num(items @ q / lengths_of(q, items), nan=-np.inf).astype(np.float32)


@safe_cosine.alternative
def safe_on_the_rest_only(q, items):
    _refuse_zero_query(q)
    scores, known = np.full(len(items), -np.inf), np.flatnonzero(np.linalg.norm(items, axis=1))
    scores[known] = (items[known] / np.linalg.norm(items[known], axis=1, keepdims=True)) @ (q / np.linalg.norm(q))
    return scores
