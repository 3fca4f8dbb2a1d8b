"""Average the squared scores of all pairs, without making the table of scores."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.matrix_factorization._inputs import IN_A_SPACE


@exercise("gravity", points={"values": 2, "speed": 1})
def gravity(users, items):
    """Sum over pairs of (u.x)^2 = trace of (U'U)(X'X); divide by the number of pairs."""
    gram_users, gram_items = users.T @ users, items.T @ items
    return float(np.trace(gram_users @ gram_items) / (len(users) * len(items)))


@gravity.inputs(
    "values",
    fixed=[
        ([[1, 2]], [[3, 1], [0, 2]]),
        ([[2], [3], [-1]], [[1], [4]]),
        ([[1, 0], [1, 1]], [[2, 1], [1, 3], [0, 2]]),
        ([[2, 1], [0, 1], [1, -1]], [[1, 2], [2, 0], [-1, 1], [1, 1]]),
        ([[1, 0.5], [2, -1], [0, 1]], [[1, 1], [0.5, 2], [3, 0]]),
        (IN_A_SPACE[0], IN_A_SPACE[1]),
        ([[1, 2, 0], [0, 1, 1], [1, 0, 3]], [[1, 0, 2], [2, 1, 0], [1, 1, 1]]),
    ],
)
def _(rng):
    return [
        (rng.normal(size=(n, d)), rng.normal(size=(m, d)) + 0.3)
        for n, m, d in [(3, 5, 2), (4, 4, 3), (7, 6, 4), (20, 30, 5)]
    ]


@gravity.speed(lambda rng, n: (rng.normal(size=(n, 10)), rng.normal(size=(n, 10))), sizes=(3000, 24000))
def _(users, items):
    return np.sum((users.T @ users) * (items.T @ items))


@gravity.misconception(
    "Too slow: either you form every pair, or a Python loop walks over the rows; make the two small tables by one "
    "product of matrices each.",
    layer="speed",
)
def every_pair(users, items):
    return np.mean((users @ items.T) ** 2)


@gravity.misconception("You added the squared scores up; their mean over all pairs is asked for.")
def sum_of_pairs(users, items):
    return np.sum((users @ items.T) ** 2)


@gravity.misconception("You divide by the number of users only; how many pairs of a user and an item are there?")
def over_users_only(users, items):
    return np.sum((users @ items.T) ** 2) / len(users)


@gravity.misconception("You divide by the number of items only; how many pairs of a user and an item are there?")
def over_items_only(users, items):
    return np.sum((users @ items.T) ** 2) / len(items)


@gravity.misconception(
    "You averaged over the entries of the two small tables; they have d times d entries, and the pairs are many more."
)
def over_the_small_table(users, items):
    return np.mean((users.T @ users) * (items.T @ items))


@gravity.misconception(
    "Each coordinate met only itself, the diagonals of the two small tables; a squared score has cross terms as well."
)
def trace_of_elementwise(users, items):
    return np.trace((users.T @ users) * (items.T @ items)) / (len(users) * len(items))


@gravity.misconception(
    "The two small tables are the same on both sides of their diagonals, so an entry beside it counts twice; you "
    "counted the diagonal twice, too."
)
def diagonal_twice(users, items):
    return 2 * np.sum(np.triu((users.T @ users) * (items.T @ items))) / (len(users) * len(items))


@gravity.misconception(
    "You multiplied two traces, which are sums of squared lengths; the angles between the vectors count as well.",
    kind="misconception",
)
def product_of_traces(users, items):
    return np.trace(users.T @ users) * np.trace(items.T @ items) / (len(users) * len(items))


@gravity.misconception(
    "You multiplied the two small tables as matrices, and added up all of the product; only its diagonal belongs there."
)
def all_of_the_product(users, items):
    return np.sum((users.T @ users) @ (items.T @ items)) / (len(users) * len(items))


@gravity.misconception(
    "You added up each small table and multiplied the two sums; multiply the tables entry by entry first, and add up "
    "afterwards."
)
def product_of_sums(users, items):
    return np.sum(users.T @ users) * np.sum(items.T @ items) / (len(users) * len(items))


@gravity.misconception(
    "You let users meet users and items meet items; each of the two tables is as wide as the space, d times d."
)
def tables_of_rows(users, items):
    return np.sum((users @ users.T) * (items @ items.T)) / (len(users) * len(items))


@gravity.misconception("You averaged the scores without squaring them, so that positive and negative cancel.")
def scores_not_squared(users, items):
    return np.mean(users @ items.T)


@gravity.misconception("You squared the mean score; square each score first, then average.")
def square_of_mean_score(users, items):
    return np.mean(users @ items.T) ** 2


@gravity.misconception("You took the root at the end; the mean of the squares is asked for, as it is.")
def root_of_gravity(users, items):
    return np.sqrt(np.mean((users @ items.T) ** 2))


@gravity.misconception(
    "You paired user 0 with item 0, user 1 with item 1, and so on; gravity looks at every user with every item.",
    kind="misconception",
)
def paired_row_by_row(users, items):
    if users.shape != items.shape:
        raise ValueError("operands could not be broadcast together")
    return np.mean(np.sum(users * items, axis=1) ** 2)


@gravity.alternative
def gravity_by_loops_over_the_width(users, items):
    total = 0.0
    for k in range(users.shape[1]):
        for column in range(users.shape[1]):
            total += (users[:, k] @ users[:, column]) * (items[:, column] @ items[:, k])
    return total / len(users) / len(items)


@gravity.alternative
def gravity_entry_by_entry(users, items):
    return float(np.sum((users.T @ users / len(users)) * (items.T @ items / len(items))))


@gravity.alternative
def gravity_by_einsum(users, items):
    grams = [np.einsum("nk,nl->kl", x, x) for x in (users, items)]
    return np.einsum("kl,lk->", *grams) / (users.shape[0] * items.shape[0])


@gravity.alternative
def gravity_in_float32(users, items):
    users, items = users.astype(np.float32), items.astype(np.float32)
    return np.vdot(users.T @ users, items.T @ items) / np.float32(len(users) * len(items))
