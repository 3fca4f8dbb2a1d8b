"""Score each item by its dot product with the query."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.three_measures._inputs import TABLES, random_tables, whole_numbers


@exercise("dot", points={"values": 2}, instead_of=("dot_scores", "norm_power_scores", "dot"))
def dot(q, items):
    """Add up the products of matching coordinates, item by item."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    return np.sum(items * q, axis=1)


@dot.inputs("values", fixed=TABLES)
def _(rng):
    return [*random_tables(rng), whole_numbers(rng)]


@dot.misconception("You multiplied the coordinates pair by pair and stopped; what turns the products into one score?")
def products_not_added(q, items):
    return 1.0 * items * q  # a float, as most people's is: it fits whole numbers as well


@dot.misconception("You added down the columns, over the items; the sum runs over the coordinates of one item.")
def sum_over_items(q, items):
    return (1.0 * items * q).sum(axis=0)


@dot.misconception("You added up the whole table into one number; each item needs a score of its own.")
def one_total(q, items):
    return (1.0 * items * q).sum()


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
    return np.abs(1.0 * items * q).sum(axis=1)


@dot.misconception("You scored the first item only; return one score for every row of the table.")
def first_item_only(q, items):
    return 1.0 * items[0] @ q


@dot.misconception(
    "Your product pairs the query with the columns and runs only on square tables; an item is a row: which goes first?"
)
def query_times_columns(q, items):
    return 1.0 * q @ items


@dot.misconception("You use the first two coordinates only; a vector may have more than two.")
def two_coordinates(q, items):
    return 1.0 * items[:, 0] * q[0] + items[:, 1] * q[1]


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
