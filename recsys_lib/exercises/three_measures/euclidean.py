"""Find the Euclidean distance from the query to each item."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.three_measures._inputs import TABLES, random_tables, whole_numbers


@exercise("euclidean", points={"values": 2}, instead_of=("euclidean_distances", "euclidean"))
def euclidean(q, items):
    """Root of the summed squares of the differences, item by item."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    return np.sqrt(np.sum((items - q) ** 2, axis=1))


@euclidean.inputs("values", fixed=[(np.array([0, 0]), np.array([[3, 4], [6, 8]])), *TABLES])
def _(rng):
    return [*random_tables(rng), whole_numbers(rng)]


@euclidean.misconception("You returned the squared distance; the root is still to be taken.")
def squared(q, items):
    return ((items - q) ** 2.0).sum(axis=1)


@euclidean.misconception("You added over the items, down the columns; add over the coordinates of one item.")
def over_items(q, items):
    return np.sqrt(((items - q) ** 2).sum(axis=0))


@euclidean.misconception(
    "You added the differences one by one, which walks along the axes; a straight line adds squares and takes one root."
)
def city_block(q, items):
    return np.abs(1.0 * items - q).sum(axis=1)


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


@euclidean.misconception(
    "You turned the distance into a similarity by a minus sign; return the distance itself, small where alike.",
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


@euclidean.misconception("You subtracted the squares; subtract first, and square each difference.")
def difference_of_squares(q, items):
    with np.errstate(invalid="ignore"):
        return np.sqrt((items**2 - q**2).sum(axis=1))


@euclidean.misconception("You halved where you meant the root: a power of 1/2 needs brackets, or it divides by two.")
def half_of_the_square(q, items):
    return ((items - q) ** 2).sum(axis=1) / 2


@euclidean.misconception("You use the first two coordinates only; a vector may have more than two.")
def plane_only(q, items):
    return np.sqrt((items[:, 0] - q[0]) ** 2 + (items[:, 1] - q[1]) ** 2)


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
