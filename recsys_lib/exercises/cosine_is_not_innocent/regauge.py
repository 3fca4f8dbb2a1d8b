"""Multiply the columns of one table and divide those of the other, so that no prediction changes."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.three_measures._inputs import adds_up_to_zero


@exercise("regauge", points={"values": 2, "zero scale": 1, "input kept": 1})
def regauge(users, items, scale):
    """Column by column: what one side is multiplied by, the other is divided by."""
    users, items, scale = (np.array(x, dtype=float) for x in (users, items, scale))
    for column, factor in enumerate(scale):
        if factor == 0:
            raise ValueError(f"scale[{column}] is zero: multiplying by it could not be undone")
        users[:, column] = users[:, column] * factor
        items[:, column] = items[:, column] / factor
    return users, items


def _spaces(rng, sizes, signs=(1,)):
    """Draw (users, items, scale) of the given sizes (n_users, n_items, d), the factors of the given signs."""
    found = []
    for n_users, n_items, d in sizes:
        scale = np.exp(rng.normal(size=d)) * rng.choice(signs, size=d)
        found.append((rng.normal(size=(n_users, d)), rng.normal(size=(n_items, d)), scale))
    return found


@regauge.inputs(
    "values",  # factors above 0: what an answer makes of the others is judged, and paid, below
    fixed=[
        (np.array([[4, 3]]), np.array([[6, 1], [3, 5]]), np.array([2, 0.5])),
        ([[4, 3]], [[0, 6], [4, 0], [1, 1]], [2, 0.5]),
        ([[1, 2], [3, 4]], [[5, 6], [7, 8]], [2, 4]),
        ([[1, 2], [0, -3]], [[2, 1], [-4, 8]], [4, 2]),
        ([[1, 2], [3, 4], [5, 6]], [[8, 4], [2, 6]], [1, 4]),
        ([[1, 0, 2], [3, -1, 2]], [[1, 2, 3], [0, 5, 1], [4, 4, -2], [6, 2, 1]], [10, 0.5, 0.25]),
        ([[1, 0, 2], [3, -1, 2], [2, 2, 1]], [[1, 2, 3], [0, 5, 1], [4, 4, -2]], [5, 0.5, 2]),
    ],
)
def _(rng):
    found = _spaces(rng, [(2, 2, 2), (3, 5, 2), (3, 3, 3), (6, 4, 3), (9, 12, 5)])
    return [*found, (rng.integers(-4, 5, (3, 2)), rng.integers(1, 6, (4, 2)), rng.uniform(0.2, 3, 2))]


@regauge.inputs(
    "zero scale",
    fixed=[
        ([[4, 3]], [[0, 6], [4, 2]], [2, 0]),
        ([[4, 3]], [[1, 6], [4, 2]], [0, 0]),
        ([[4, 3]], [[1, 6], [4, 2]], [0, 3]),
        ([[4, 3]], [[0, 6], [4, 2]], [2, -3]),
        ([[4, 3]], [[0, 6], [4, 2]], [1, -1]),
        ([[4, 3]], [[3, 6], [4, 2]], [2, -2]),
        ([[4, 3]], [[0, 6], [4, 2]], [0.001, 5]),
        ([[4, 3]], [[0, 6], [4, 2]], [1e-9, 5]),
        ([[4, 3], [1, 1]], [[2, 6], [4, 2]], [-0.5, -0.25]),
        ([[4, 3, 1]], [[2, 6, 1], [4, 2, 2]], [1, 2, 0]),
        ([[4, 3, 1]], [[2, 6, 1], [4, 2, 2]], [-1, 0, 1]),
        ([[4, 3, 1]], [[2, 6, 1], [4, 2, 2]], [0, 0, 0]),
        ([[0, 3, 0]], [[2, 6, 1], [4, 2, 2]], [1, 2, 4]),
        ([[4, 3]], [[0, 6], [0, 2]], [0, 3]),  # 0 over 0 is no infinity
        ([[4, 3]], [[1, 6], [4, 2]], [1e9, 1e-9]),
        ([[1] * 40], [[1] * 40, [2] * 40], [1e-9] * 40),  # their product is too small for a float
    ],
)
def _(rng):
    found = []
    for users, items, scale in _spaces(rng, [(2, 3, 3), (4, 2, 4)], signs=(-1, 1)):
        scale[rng.integers(len(scale))] *= -np.sign(scale.min())  # one at least is negative
        with_zero = scale.copy()
        with_zero[rng.integers(len(scale))] = 0
        found += [(users, items, with_zero), (users, items, scale), (users, items, np.zeros(len(scale)))]
    (users, items, scale), (more_users, more_items, _) = _spaces(rng, [(3, 2, 3), (2, 4, 3)])
    scale[rng.integers(3)] = 10 ** rng.uniform(-9, -8.2)
    return [*found, (users, items, scale), (more_users, more_items, adds_up_to_zero(rng))]


@regauge.misconception(
    "You multiplied both sides, so each term of a prediction grows twice; what one side gains, the other must lose."
)
def both_multiplied(users, items, scale):
    return users * scale, items * scale


@regauge.misconception("You divided both sides; one of the two has to make up for the other.")
def both_divided(users, items, scale):
    return users / scale, items / scale


@regauge.misconception(
    "You keep the predictions, but the other way round: the prompt multiplies the users and divides the items."
)
def turned_round(users, items, scale):
    return users / scale, items * scale


@regauge.misconception(
    "You changed the users and left the items as they were, so the predictions change; the inverse is missing."
)
def inverse_forgotten(users, items, scale):
    return users * scale, items.copy()


@regauge.misconception("You changed the items and left the users as they were, so the predictions change.")
def users_forgotten(users, items, scale):
    return users.copy(), items / scale


@regauge.misconception(
    "You used a matrix product, which adds the columns up into one number a row; here every column is kept, each with "
    "its own factor."
)
def matrix_product(users, items, scale):
    return users @ scale, items @ (1 / scale)


@regauge.misconception("You took one factor for all columns, the first; each column has a factor of its own.")
def first_factor_for_all(users, items, scale):
    return users * scale[0], items / scale[0]


@regauge.misconception(
    "Your results are cut to whole numbers where the tables are whole: a copy of a table keeps its type, so write into "
    "new tables of floats."
)
def cut_to_whole_numbers(users, items, scale):
    return (users * scale).astype(users.dtype), (items / scale).astype(items.dtype)


@regauge.misconception(
    "You gave each row a factor; the scale has one number for each column, the same for all users and films."
)
def rows_scaled(users, items, scale):
    return users * scale[:, None], items / scale[:, None]


@regauge.misconception(
    "You multiplied by the root of the scale; the whole of it is asked for.",
    kind="misconception",
)
def root_of_scale(users, items, scale):
    return users * np.sqrt(scale), items / np.sqrt(scale)


@regauge.misconception(
    "You return the users only; the items have changed as well, so return both, users first.", kind="next step"
)
def users_only(users, items, scale):
    return users * scale


@regauge.misconception(
    "A zero in the scale gave infinity or NaN, and neither stops anything; look at the scale before you divide.",
    layer="zero scale",
)
def silent_infinity(users, items, scale):
    return users * scale, items / scale


@regauge.misconception(
    "You refuse a scale of nothing but zeros; one single zero is enough to lose a column for good.", layer="zero scale"
)
def all_zero_only(users, items, scale):
    if not np.any(scale):
        raise ValueError
    return users * scale, items / scale


@regauge.misconception(
    "You refuse negative numbers as well; dividing by -2 undoes a multiplication by -2.",
    layer="zero scale",
    kind="misconception",
)
def negative_refused(users, items, scale):
    if np.any(scale <= 0):
        raise ValueError
    return users * scale, items / scale


@regauge.misconception(
    "You replaced the zero by 1 and went on; the caller asked for a scale that does not exist and should hear of it.",
    layer="zero scale",
)
def zero_replaced(users, items, scale):
    scale = np.where(scale == 0, 1, scale)
    return users * scale, items / scale


@regauge.misconception(
    "You dropped the sign of the scale; a negative number is as good a factor as any, on both sides at once.",
    layer="zero scale",
    kind="misconception",
)
def sign_dropped(users, items, scale):
    if np.any(scale == 0):
        raise ValueError
    return users * np.abs(scale), items / np.abs(scale)


@regauge.misconception(
    "You refuse a very small factor as if it were zero; it is one that a division can undo.", layer="zero scale"
)
def small_factor_refused(users, items, scale):
    if np.any(np.isclose(scale, 0)):
        raise ValueError
    return users * scale, items / scale


@regauge.misconception(
    "You look at the sum of the scale; 1 and -1 add up to zero, and neither of them is zero.", layer="zero scale"
)
def zero_sum_refused(users, items, scale):
    if scale.sum() == 0:
        raise ValueError
    return users * scale, items / scale


@regauge.misconception(
    "You refuse a zero with an assert, which raises an AssertionError; the prompt names another error.",
    layer="zero scale",
)
def asserted(users, items, scale):
    if np.any(scale == 0):
        raise AssertionError
    return users * scale, items / scale


@regauge.misconception(
    "You multiplied and divided in place, so the caller's two tables are changed for good; make new arrays.",
    layer="input kept",
)
def both_in_place(users, items, scale):
    if np.any(scale == 0):
        raise ValueError
    users *= scale
    items /= scale
    return users, items


def _refuse_zero_scale(scale):
    if not np.all(scale):
        raise ValueError("a zero cannot be undone")


@regauge.alternative
def regauge_by_broadcasting(users, items, scale):
    _refuse_zero_scale(scale)
    return users * scale, items / scale


@regauge.alternative
def regauge_by_diagonal_matrix(users, items, scale):
    _refuse_zero_scale(scale)
    diagonal = np.diag(scale)
    return users @ diagonal, items @ np.linalg.inv(diagonal)


@regauge.alternative
def regauge_by_einsum_as_list(users, items, scale):
    if 0 in scale:
        raise ValueError("zero")
    return [np.einsum("nd,d->nd", users, scale).tolist(), np.einsum("nd,d->nd", items, 1 / scale).tolist()]


@regauge.alternative
def regauge_in_float32(users, items, scale):
    if not np.all(scale):
        raise ValueError("zero")
    users, items, scale = (x.astype(np.float32) for x in (users, items, scale))
    return users * scale, items / scale


@regauge.alternative
def regauge_row_by_row(users, items, scale):
    _refuse_zero_scale(scale)
    return np.array([user * scale for user in users]), np.array([item / scale for item in items])
