"""Score each item by the cosine of its angle with the query, and refuse a zero vector."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.three_measures._inputs import (
    TABLES,
    adds_up_to_zero,
    random_tables,
    short_tables,
    whole_numbers,
)


@exercise("cosine", points={"values": 2, "zero vector": 1}, instead_of=("cosine_scores", "norm_power_scores", "cosine"))
def cosine(q, items):
    """Divide each dot product by the two lengths that went into it."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    lengths = np.sqrt(np.sum(items**2, axis=1)) * np.sqrt(np.sum(q**2))
    if np.any(lengths == 0):
        raise ValueError("a zero vector has no direction, so its cosine is not defined")
    return np.sum(items * q, axis=1) / lengths


@cosine.inputs("values", fixed=TABLES)
def _(rng):
    return [*random_tables(rng), whole_numbers(rng)]


@cosine.inputs(
    "zero vector",
    fixed=[
        ([3, 4], [[0, 0], [3, 4]]),
        ([0, 0], [[3, 4], [4, 3]]),
        ([0, 0], [[0, 0], [1, 2]]),
        ([3, 4], [[0, 0], [0, 0]]),
        ([3, 4], [[3e-20, 4e-20], [4, 3]]),  # short, but not zero
        ([3e-20, 4e-20], [[5, 12], [4, 3]]),
        ([3, 4], [[0, 5], [3, 4]]),
        ([3, 4], [[5, 12], [4, 3]]),
        ([1, -1], [[3, -3], [2, 1]]),
        ([2, 1], [[-1, 1], [4, 2]]),
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
    balanced = np.array([*whole_numbers(rng)[1], adds_up_to_zero(rng)])
    found += [(rng.normal(size=3), rng.permutation(balanced)), (adds_up_to_zero(rng), rng.normal(size=(4, 3)))]
    return found + short_tables(rng, 1e-16)


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
    return 1.0 * items @ q


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


@cosine.misconception(
    "You refuse very short vectors, too; short or long, a vector has a direction unless all of its numbers are 0.",
    layer="zero vector",
)
def short_refused(q, items):
    if np.linalg.norm(q) < 1e-12 or np.any(np.linalg.norm(items, axis=1) < 1e-12):
        raise ValueError
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


@cosine.misconception(
    "You make the lengths a little larger, or allow none below a small number: zero vectors are not refused so, and "
    "very short ones score too little.",
    layer="zero vector",
)
def lengths_made_larger(q, items):
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q) + 1e-9)


@cosine.misconception(
    "You refuse zero vectors, as you should; but what you add to the lengths makes very short ones score too little.",
    layer="zero vector",
)
def refused_and_made_larger(q, items):
    if np.linalg.norm(q) == 0 or np.any(np.linalg.norm(items, axis=1) == 0):
        raise ValueError
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q) + 1e-9)


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
