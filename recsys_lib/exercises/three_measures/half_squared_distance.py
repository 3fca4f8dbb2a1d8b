"""Find half the squared distance of query and items at length one, which is one minus the cosine."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.three_measures._inputs import TABLES, random_tables, short_tables, unit


@exercise("half_squared_distance", points={"values": 2})
def half_squared_distance(q, items):
    """Half the squared distance between the query and each item, once both have length one."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    unit_q = q / np.sqrt(np.sum(q**2))
    unit_items = items / np.sqrt(np.sum(items**2, axis=1, keepdims=True))
    return np.sum((unit_items - unit_q) ** 2, axis=1) / 2


@half_squared_distance.inputs(
    "values",
    fixed=[
        ([3, 4], [[4, 3], [30, 40]]),
        ([3, 4], [[4e-12, 3e-12], [5, -12]]),  # short, but not zero
        ([2, 0], [[5, 0], [0, 1], [-3, 0]]),
        *TABLES[1:],
    ],
)
def _(rng):
    return random_tables(rng) + short_tables(rng, 1e-12)


@half_squared_distance.misconception("You left out the one half.")
def half_forgotten(q, items):
    return ((unit(items) - unit(q)) ** 2).sum(axis=1)


@half_squared_distance.misconception("You brought the items to length one but not the query.")
def query_not_normalised(q, items):
    return ((unit(items) - q) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception("You brought the query to length one but not the items.")
def items_not_normalised(q, items):
    return ((items - unit(q)) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception(
    "You used the vectors as they are; the statement is about vectors of length one.", kind="misconception"
)
def nothing_normalised(q, items):
    return ((items - q) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception(
    "You measured between the vectors as they are, and divided by their lengths afterwards; bring both to length one "
    "first."
)
def divided_afterwards(q, items):
    return ((items - q) ** 2).sum(axis=1) / (2 * np.linalg.norm(q) * np.linalg.norm(items, axis=1))


@half_squared_distance.misconception(
    "You returned the cosine; the two give the same order, turned round, but not the same values.", kind="misconception"
)
def cosine_instead(q, items):
    return unit(items) @ unit(q)


@half_squared_distance.misconception("You halved the distance; its square is asked for.")
def half_distance(q, items):
    return np.linalg.norm(unit(items) - unit(q), axis=1) / 2


@half_squared_distance.misconception("You squared the half as well: halve after squaring.")
def square_of_half(q, items):
    return (np.linalg.norm(unit(items) - unit(q), axis=1) / 2) ** 2


@half_squared_distance.misconception(
    "You wrote 1 minus the dot product of the vectors as they are; bring both to length one first."
)
def one_minus_plain_dot(q, items):
    return 1 - items @ q


@half_squared_distance.misconception("You brought the whole table to length one, not each row.")
def table_normalised(q, items):
    return ((items / np.linalg.norm(items) - unit(q)) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception(
    "You laid the lengths along the columns, which runs only on square tables; each row needs its own (see keepdims)."
)
def half_lengths_along_columns(q, items):
    return ((items / np.linalg.norm(items, axis=1) - unit(q)) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception("You brought the columns to length one; an item is a row.")
def half_columns_to_length_one(q, items):
    return ((items / np.linalg.norm(items, axis=0) - unit(q)) ** 2).sum(axis=1) / 2


@half_squared_distance.misconception(
    "You added down the columns, over the items; add over the coordinates of one item."
)
def half_sum_over_items(q, items):
    return ((unit(items) - unit(q)) ** 2).sum(axis=0) / 2


@half_squared_distance.misconception(
    "You brought the difference to length one; bring each vector to length one, then subtract."
)
def difference_to_length_one(q, items):
    return (unit(items - q) ** 2).sum(axis=1) / 2


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
