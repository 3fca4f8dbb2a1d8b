"""One query and a table of items, small enough to draw; and tables to score by."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.callables import CALLABLES

Q = [4, 3]
ABC = [[0, 6], [4, 0], [1, 1]]

# Small tables come first: the check shows the smallest input on which an answer is wrong.
TABLES = [
    (np.array([3, 4]), np.array([[4, 3], [30, 40]])),  # whole numbers, as in the prompts
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


def whole_numbers(rng):
    """Draw a query and a table of whole numbers, none of them 0."""
    table = rng.integers(1, 9, size=(6, 3)) * rng.choice([-1, 1], size=(6, 3))
    return table[0], table[1:]


def short_tables(rng, size):
    """Draw two tables with vectors as short as ``size``: an item among others, and the query."""
    q, items = rng.normal(size=3), rng.normal(size=(3, 3))
    short = items.copy()
    short[rng.integers(3)] *= size
    return [(q, short), (q * size, items)]


def adds_up_to_zero(rng):
    """Draw three whole numbers, none of them 0, whose sum is exactly 0."""
    one, other = rng.integers(1, 6, size=2)
    return rng.permutation([one, other, -one - other]) * rng.choice([-1.0, 1.0])


def unit(x):
    """Bring each vector to length one."""
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


DOT, COSINE, EUCLIDEAN, FIRST = (CALLABLES[name] for name in ("dot", "cosine", "euclidean", "first_number"))
