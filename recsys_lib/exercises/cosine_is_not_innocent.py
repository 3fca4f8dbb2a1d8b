"""Lesson 8: a scale that no prediction sees, what it does to a cosine, and what to do about it."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.callables import CALLABLES
from recsys_lib.checks.definition import exercise

DOT, COSINE, EUCLIDEAN, FIRST, SOFTMAX = (
    CALLABLES[name] for name in ("dot", "cosine", "euclidean", "first_number", "softmax")
)


def column_norms(table):
    """Length of each column."""
    return np.sqrt(np.sum(np.asarray(table, dtype=float) ** 2, axis=0))


# --- regauge -----------------------------------------------------------------------------------------------------


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


def _spaces(rng, sizes):
    """Draw (users, items, scale) of the given sizes (n_users, n_items, d); the scale has both signs."""
    found = []
    for n_users, n_items, d in sizes:
        scale = np.exp(rng.normal(size=d)) * rng.choice([-1, 1], size=d)
        found.append((rng.normal(size=(n_users, d)), rng.normal(size=(n_items, d)), scale))
    return found


@regauge.inputs(
    "values",
    fixed=[
        ([[4, 3]], [[0, 6], [4, 0], [1, 1]], [2, 0.5]),
        ([[1, 2], [3, 4]], [[5, 6], [7, 8]], [2, 4]),
        ([[1, 2], [0, -3]], [[2, 1], [-4, 8]], [4, -2]),
        ([[1, 2], [3, 4], [5, 6]], [[8, 4], [2, 6]], [1, 4]),
        ([[1, 0, 2], [3, -1, 2]], [[1, 2, 3], [0, 5, 1], [4, 4, -2], [6, 2, 1]], [10, -0.5, 0.25]),
        ([[1, 0, 2], [3, -1, 2], [2, 2, 1]], [[1, 2, 3], [0, 5, 1], [4, 4, -2]], [5, 0.5, 2]),
    ],
)
def _(rng):
    return _spaces(rng, [(2, 2, 2), (3, 5, 2), (3, 3, 3), (6, 4, 3), (9, 12, 5)])


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
        ([[4, 3], [1, 1]], [[2, 6], [4, 2]], [-0.5, -0.25]),
        ([[4, 3, 1]], [[2, 6, 1], [4, 2, 2]], [1, 2, 0]),
        ([[4, 3, 1]], [[2, 6, 1], [4, 2, 2]], [-1, 0, 1]),
        ([[4, 3, 1]], [[2, 6, 1], [4, 2, 2]], [0, 0, 0]),
        ([[0, 3, 0]], [[2, 6, 1], [4, 2, 2]], [1, 2, 4]),
    ],
)
def _(rng):
    found = []
    for users, items, scale in _spaces(rng, [(2, 3, 3), (4, 2, 4)]):
        with_zero = scale.copy()
        with_zero[rng.integers(len(scale))] = 0
        found += [(users, items, with_zero), (users, items, scale), (users, items, np.zeros(len(scale)))]
    return found


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


@regauge.misconception(
    "You gave each row a factor; the scale has one number for each column, the same for all users and films."
)
def rows_scaled(users, items, scale):
    return users * scale[:, None], items / scale[:, None]


@regauge.misconception(
    "You multiplied by the root of the scale; the whole of it is asked for, and a negative number has no root.",
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
    "You dropped the sign of the scale; a negative number is as good a factor as any, on both sides at once.",
    kind="misconception",
)
def sign_dropped(users, items, scale):
    return users * np.abs(scale), items / np.abs(scale)


@regauge.misconception(
    "You brought the scale to length one first; then it is another scale than the one you were given."
)
def scale_to_length_one(users, items, scale):
    unit = scale / np.linalg.norm(scale)
    return users * unit, items / unit


@regauge.misconception("You return the predictions; they do not change, the two tables that make them do.")
def predictions_returned(users, items, scale):
    return users @ items.T


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
    "You left the items alone where the scale is zero; on the users' side that column is gone for good.",
    layer="zero scale",
)
def division_skipped(users, items, scale):
    return users * scale, items / np.where(scale == 0, 1, scale)


@regauge.misconception(
    "You look at the sum of the scale; 1 and -1 add up to zero, and neither of them is zero.", layer="zero scale"
)
def zero_sum_refused(users, items, scale):
    if scale.sum() == 0:
        raise ValueError
    return users * scale, items / scale


@regauge.misconception(
    "You refuse a zero in the users or items, too; only the scale is divided by, and vectors may hold zeros.",
    layer="zero scale",
)
def zero_entry_refused(users, items, scale):
    if np.any(scale == 0) or np.any(users == 0) or np.any(items == 0):
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
    "You refuse a zero with a ZeroDivisionError; the prompt names another error.", layer="zero scale"
)
def zero_division(users, items, scale):
    if np.any(scale == 0):
        raise ZeroDivisionError
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


@regauge.misconception(
    "You multiplied the users in place, so the caller's table is changed for good; make a new array.",
    layer="input kept",
)
def users_in_place(users, items, scale):
    if np.any(scale == 0):
        raise ValueError
    users *= scale
    return users, items / scale


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
    if np.prod(scale) == 0:
        raise ValueError("zero")
    users, items, scale = (x.astype(np.float32) for x in (users, items, scale))
    return users * scale, items / scale


@regauge.alternative
def regauge_row_by_row(users, items, scale):
    _refuse_zero_scale(scale)
    return np.array([user * scale for user in users]), np.array([item / scale for item in items])


# --- what_survives -----------------------------------------------------------------------------------------------


@exercise("what_survives", kind="answer", points={"values": 1}, choices={"*": ["stays", "may change"]})
def what_survives():
    """The user gains what the film loses, so only what multiplies one by the other is blind to it."""
    return {
        "dot product of a user and a film": "stays",
        "cosine of a user and a film": "may change",
        "distance of a user and a film": "may change",
        "length of a film": "may change",
        "cosine of two films": "may change",
        "dot product of two films": "may change",
    }


what_survives.wrong_choice(
    "In the dot product of a user and a film, each column's factor meets its own inverse; what is left of the two?",
    {"dot product of a user and a film": "may change"},
)
what_survives.wrong_choice(
    "The cosine divides by the two lengths; write down what a length is, and what becomes of it when one column is "
    "stretched.",
    {"cosine of a user and a film": "stays"},
)
what_survives.wrong_choice(
    "The distance subtracts coordinates; one was multiplied and the other divided, so the difference is new.",
    {"distance of a user and a film": "stays"},
)
what_survives.wrong_choice(
    "A film's length is made of its own coordinates alone, and each of them was divided by something.",
    {"length of a film": "stays"},
)
what_survives.wrong_choice(
    "Between two films no factor meets its inverse: both were divided, and not every coordinate by the same number.",
    {"cosine of two films": "stays"},
)
what_survives.wrong_choice(
    "The dot product is safe between a user and a film; for two films both were divided, so what becomes of it?",
    {"dot product of two films": "stays"},
)
what_survives.wrong_choice(
    "You trust the cosine because it ignores lengths; it does, but stretching one column turns the vector as well.",
    {"cosine of a user and a film": "stays", "cosine of two films": "stays"},
)


@what_survives.alternative
def _survives_in_capitals():
    return {key: value.upper() for key, value in what_survives.reference().items()}


@what_survives.alternative
def _survives_turned_round():
    return dict(reversed(list(what_survives.reference().items())))


@what_survives.alternative
def _survives_with_a_note():
    return {**what_survives.reference(), "note": "only user times film"}


# --- is_gauge_invariant ------------------------------------------------------------------------------------------


@exercise("is_gauge_invariant", points={"values": 3}, uses=("regauge",))
def is_gauge_invariant(measure, q, items, scale):
    """Score before, score after, and compare every score up to rounding."""
    q, items, scale = (np.asarray(x, dtype=float) for x in (q, items, scale))
    before = measure(q, items)
    after = measure(q * scale, items / scale)
    return bool(np.allclose(before, after))


ABC = [[0, 6], [4, 0], [1, 1]]
UGLY = [[0.1, 0.7], [1.3, 0.2], [0.3, 2.1], [-0.7, 0.9]]
WIDE = [[0.1, 0.7, 1.3], [0.3, -0.2, 1.1], [2.3, 0.9, 0.6]]


@is_gauge_invariant.inputs(
    "values",
    fixed=[
        (DOT, [4, 3], ABC, [2, 0.5]),
        (COSINE, [4, 3], ABC, [2, 0.5]),
        (EUCLIDEAN, [4, 3], ABC, [2, 0.5]),
        (DOT, [0.7, 1.1], UGLY, [3, 0.3]),
        (DOT, [0.9, -0.3, 1.7], WIDE, [3, 0.7, -1.3]),
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
    return found


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
    "You compared the sums of the scores; one can rise by what another falls, so compare score with score."
)
def sums_compared(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return bool(np.isclose(np.sum(before), np.sum(after)))


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
    "You compared the vectors before and after; they do change, but the question is whether the scores do.",
    kind="misconception",
)
def vectors_compared(measure, q, items, scale):
    return bool(np.allclose(q, q * scale) and np.allclose(items, items / scale))


@is_gauge_invariant.misconception(
    "You let scores pass that differ by a hundredth; that is a small change, but no error of rounding."
)
def too_lenient(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return bool(np.allclose(before, after, atol=0.01))


@is_gauge_invariant.misconception(
    "You return one truth value for each item; say in a single one whether all scores stay."
)
def one_for_each_item(measure, q, items, scale):
    before, after = _before_and_after(measure, q, items, scale)
    return np.isclose(before, after)


@is_gauge_invariant.misconception(
    "You return the two rows of scores; compare them and say True or False.", kind="next step"
)
def scores_returned(measure, q, items, scale):
    return _before_and_after(measure, q, items, scale)


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


# --- safe_cosine -------------------------------------------------------------------------------------------------


@exercise(
    "safe_cosine",
    points={"values": 1, "zero item": 2, "zero query": 1},
    instead_of=("cosine_scores", "norm_power_scores"),
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


def lengths_of(q, items):
    """Product of the query's norm and each item's."""
    return np.linalg.norm(items, axis=1) * np.linalg.norm(q)


@safe_cosine.inputs(
    "values",
    fixed=[
        ([3, 4], [[4, 3], [30, 40]]),
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
        ([3, 4], [[0, 5], [5, 0]]),
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
        found += [(q, some), (q, near)]
    return found


@safe_cosine.inputs(
    "zero query",
    fixed=[
        ([0, 0], [[3, 4], [4, 3]]),
        ([0, 2], [[3, 4], [4, 3]]),
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
        found += [(np.zeros(d), items), (q, items)]
    return found


def _quiet_cosine(q, items):
    with np.errstate(all="ignore"):
        return items @ q / lengths_of(q, items)


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


@safe_cosine.misconception("You divided by the items' lengths, but the query's length is still in the score.")
def safe_query_not_divided(q, items):
    return items @ q / np.linalg.norm(items, axis=1)


@safe_cosine.misconception(
    "You laid the lengths along the columns, which runs only on square tables; each row needs its own length (see "
    "keepdims)."
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


@safe_cosine.misconception(
    "You cut negative cosines off at 0; a film behind the user is worse than one at a right angle.",
    kind="misconception",
)
def safe_cut_at_zero(q, items):
    return np.maximum(items @ q / lengths_of(q, items), 0)


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
    "You put every score of 0 last, but the score of a zero item is NaN and not 0, so it is still there; and 0 is a "
    "right angle.",
    layer="zero item",
)
def safe_zero_score_and_nan(q, items):
    scores = _quiet_cosine(q, items)
    return np.where(scores == 0, -np.inf, scores)


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


# --- balance -----------------------------------------------------------------------------------------------------


@exercise("balance", kind="property", points={"values": 2, "zero column": 1})
def balance(users, items):
    """Give each column of both sides the geometric mean of its two norms; an empty column stays empty on both."""
    users, items = np.array(users, dtype=float), np.array(items, dtype=float)
    for column in range(users.shape[1]):
        one, other = np.linalg.norm(users[:, column]), np.linalg.norm(items[:, column])
        if one == 0 or other == 0:
            users[:, column] = items[:, column] = 0
        else:
            users[:, column] *= np.sqrt(other / one)
            items[:, column] /= np.sqrt(other / one)
    return users, items


@balance.inputs(
    "values",
    fixed=[
        ([[3, 1], [4, 2]], [[1, 0], [0, 6], [2, 8]]),
        ([[1, 2], [3, 4], [5, 6]], [[8, 1], [2, 1]]),
        ([[1, 0, 2], [3, -1, 2]], [[10, 2, 0.3], [0, 5, 0.1], [40, 4, -0.2], [60, 2, 0.1]]),
        ([[1, 2], [3, 4]], [[50, 6], [70, 8]]),
        ([[5], [12]], [[1], [1], [1]]),
    ],
)
def _(rng):
    return [
        (rng.normal(size=(n, d)) * np.exp(rng.normal(size=d)), rng.normal(size=(m, d)) * np.exp(rng.normal(size=d)))
        for n, m, d in [(3, 4, 2), (5, 3, 3), (20, 30, 5)]
    ]


@balance.inputs(
    "zero column",
    fixed=[
        ([[3, 0], [4, 0]], [[1, 5], [2, 6], [2, 8]]),
        ([[3, 1], [4, 2]], [[1, 0], [2, 0], [2, 0]]),
        ([[3, 0], [4, 0]], [[1, 0], [5, 0], [2, 0]]),
        ([[3, 0], [4, 2]], [[1, 0], [2, 0.5], [2, 8]]),
        ([[1, 0, 2], [3, 0, 2]], [[10, 2, 1], [0, 5, 3], [4, 4, 9]]),
        ([[1, 1, 2], [3, 0, 2]], [[10, 2, 0], [0, 5, 0], [4, 4, 0]]),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(3, 4, 2), (6, 5, 4)]:
        users, items = rng.normal(size=(n, d)) * np.exp(rng.normal(size=d)), rng.normal(size=(m, d))
        empty = users.copy()
        empty[:, rng.integers(d)] = 0
        found += [(empty, items), (items, empty), (users, items)]
    return found


@balance.judge
def _(args, result):
    users, items = args
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return "return two tables, the users first and then the items"
    got = []
    for name, table, given in (("users", result[0], users), ("items", result[1], items)):
        table = np.asarray(table)
        if table.dtype.kind not in "biuf" or table.shape != given.shape:
            return f"the {name} have shape {given.shape}, what you return in their place has {table.shape}"
        got.append(table)
    single = any(table.dtype in (np.float32, np.float16) for table in got)
    rtol = 1e-4 if single else 1e-6
    known = _known_mistake(users, items, *got, rtol)
    if any(not np.isfinite(table).all() for table in got):
        return known or "there is NaN or infinity in what you return"
    wanted, predicted = users @ items.T, got[0] @ got[1].T
    if not np.allclose(predicted, wanted, rtol=rtol, atol=rtol * np.abs(wanted).max()):
        return known or "the predictions are no longer those of before; what one side gains, the other has to lose"
    one, other = column_norms(got[0]), column_norms(got[1])
    slack = 10 * rtol * max(one.max(), other.max())
    for column in np.flatnonzero(np.abs(one - other) > slack):
        return known or (
            f"the predictions are right, but column {column} has the norm {one[column]:.4g} on the users' side and "
            f"{other[column]:.4g} on the items'"
        )
    if not (_same_lines(got[0], users, 10 * rtol) and _same_lines(got[1], items, 10 * rtol)):
        return "columns_mixed"
    return None


def _same_lines(new, old, slack):
    """Whether each new column is the old one times a number; an old column of zeros may only stay one."""
    lengths = np.where(column_norms(old) > 0, column_norms(old), 1)
    along = old / lengths
    aside = new - along * np.sum(new * along, axis=0)
    return bool((column_norms(aside) <= slack * max(column_norms(new).max(), 1e-300)).all())


def _known_mistake(users, items, new_users, new_items, rtol):
    """Name the misconception that returns just this, or None."""
    for mistake in (
        columns_to_length_one,
        rows_to_length_one,
        root_forgotten,
        longer_made_longer,
        one_factor_for_all,
        both_multiplied_to_balance,
        one_side_only,
        ordinary_mean,
        left_as_it_is,
        empty_gives_nan,
        other_side_left,
    ):
        with np.errstate(all="ignore"):
            one, other = mistake(users.copy(), items.copy())
        if all(
            np.allclose(a, b, rtol=rtol, atol=1e-9, equal_nan=True) for a, b in ((new_users, one), (new_items, other))
        ):
            return mistake.__name__
    return None


def _factor(users, items):
    return np.sqrt(column_norms(items) / column_norms(users))


@balance.misconception(
    "You brought every column of both sides to length one; the norms are equal now, but the predictions have changed.",
    kind="misconception",
)
def columns_to_length_one(users, items):
    return users / column_norms(users), items / column_norms(items)


@balance.misconception(
    "You brought the rows to length one, which changes the predictions; balance is about columns, one factor for each.",
    kind="misconception",
)
def rows_to_length_one(users, items):
    return (
        users / np.linalg.norm(users, axis=1, keepdims=True),
        items / np.linalg.norm(items, axis=1, keepdims=True),
    )


@balance.misconception(
    "The two sides have exchanged their norms: the factor goes to one side and its inverse to the other, so each needs "
    "only half the way."
)
def root_forgotten(users, items):
    factor = column_norms(items) / column_norms(users)
    return users * factor, items / factor


@balance.misconception(
    "You made the longer side longer and the shorter one shorter; the ratio under your root is upside down."
)
def longer_made_longer(users, items):
    factor = _factor(users, items)
    return users / factor, items * factor


@balance.misconception(
    "You used one factor for the whole table; each column needs its own.",
)
def one_factor_for_all(users, items):
    factor = np.sqrt(np.linalg.norm(items) / np.linalg.norm(users))
    return users * factor, items / factor


@balance.misconception("You multiplied both sides by the factor; one of the two has to be divided by it.")
def both_multiplied_to_balance(users, items):
    factor = _factor(users, items)
    return users * factor, items * factor


@balance.misconception(
    "You brought one side to the norms of the other and left the other as it was; both have to move.",
)
def one_side_only(users, items):
    return users * column_norms(items) / column_norms(users), items


@balance.misconception(
    "You let the norms meet at their ordinary mean; the product of the two norms has to stay, so which mean keeps it?"
)
def ordinary_mean(users, items):
    target = (column_norms(users) + column_norms(items)) / 2
    return users * target / column_norms(users), items * target / column_norms(items)


@balance.misconception("You return the two tables as they came; no column is balanced yet.", kind="next step")
def left_as_it_is(users, items):
    return users, items


@balance.misconception(
    "An empty column gave 0/0 or infinity, and NaN went on its way; look at the norms before you divide.",
    layer="zero column",
)
def empty_gives_nan(users, items):
    factor = _factor(users, items)
    return users * factor, items / factor


@balance.misconception(
    "You left a column alone because it is empty on one side; on the other side it still has a norm, and yet it adds "
    "nothing to any prediction, so what may it become?",
    layer="zero column",
)
def other_side_left(users, items):
    one, other = column_norms(users), column_norms(items)
    factor = np.where((one == 0) | (other == 0), 1, np.sqrt(other / np.where(one == 0, 1, one)))
    factor = np.where(factor == 0, 1, factor)
    return users * factor, items / factor


@balance.misconception(
    "You refuse a column of zeros; there is a right answer for it, because such a column adds nothing to a prediction.",
    layer="zero column",
)
def empty_refused(users, items):
    if not (column_norms(users).all() and column_norms(items).all()):
        raise ValueError
    return balance.reference(users, items)


@balance.alternative
def balance_by_geometric_mean(users, items):
    one, other = np.linalg.norm(users, axis=0), np.linalg.norm(items, axis=0)
    target = np.sqrt(one * other)
    return users * (target / np.where(one > 0, one, 1)), items * (target / np.where(other > 0, other, 1))


@balance.misconception(
    "The predictions and the norms are right, but your columns are new mixtures of the old ones; give each column a "
    "number of its own to be stretched by, and mix none.",
    kind="misconception",
)
def columns_mixed(users, items):
    left, values, right = np.linalg.svd(users @ items.T, full_matrices=False)
    width = users.shape[1]
    new_users, new_items = np.zeros(users.shape), np.zeros(items.shape)
    kept = min(width, len(values))
    new_users[:, :kept] = left[:, :kept] * np.sqrt(values[:kept])
    new_items[:, :kept] = right[:kept].T * np.sqrt(values[:kept])
    return new_users, new_items


@balance.alternative
def balance_with_turned_signs_as_lists(users, items):
    one, other = balance.reference(users, items)
    return [(-one).tolist(), (-other).tolist()]


@balance.alternative
def balance_in_float32(users, items):
    one, other = balance.reference(users, items)
    return one.astype(np.float32), other.astype(np.float32)


# --- choose_remedy -----------------------------------------------------------------------------------------------

REMEDIES = ["use the dot product", "compare predictions", "train with the cosine", "penalise both sides", "do nothing"]


@exercise("choose_remedy", kind="answer", points={"values": 1}, choices={"*": REMEDIES})
def choose_remedy():
    """Ask what may be changed: the measure, the question, the training, or only the penalty."""
    return {
        "A: ten films for each user": "use the dot product",
        "B: more like this, finished model": "compare predictions",
        "C: new model, cosine index": "train with the cosine",
        "D: lists that change every night": "penalise both sides",
    }


choose_remedy.wrong_choice(
    "In A the model was trained on dot products of users and films, and they rank the films as it learned to; why "
    "compute anything else?",
    {"A: ten films for each user": "compare predictions"},
)
choose_remedy.wrong_choice(
    "In A nothing has to be trained again: the scores that the model was trained to give are at hand, and no gauge can "
    "touch them.",
    {"A: ten films for each user": "train with the cosine"},
)
choose_remedy.wrong_choice(
    "In A a penalty would make the cosines the same after each training, but the model was still not trained to rank "
    "by them.",
    {"A: ten films for each user": "penalise both sides"},
)
choose_remedy.wrong_choice(
    "In A the cosine's lists depend on a gauge that nobody chose, and you have seen what that costs.",
    {"A: ten films for each user": "do nothing"},
)
choose_remedy.wrong_choice(
    "B asks for two films, and the dot product of two films depends on the gauge as the cosine does; only user times "
    "film does not.",
    {"B: more like this, finished model": "use the dot product"},
)
choose_remedy.wrong_choice(
    "B says that the model is finished: whatever you do in training comes too late.",
    {"B: more like this, finished model": "penalise both sides"},
)
choose_remedy.wrong_choice(
    "In B nothing can be trained any more; what does the finished model give that is the same in every gauge?",
    {"B: more like this, finished model": "train with the cosine"},
)
choose_remedy.wrong_choice(
    "In C the index divides every vector by its length, so it can serve no dot product; what can the training do about "
    "that?",
    {"C: new model, cosine index": "use the dot product"},
)
choose_remedy.wrong_choice(
    "In C a penalty would fix the gauge, but the model would still learn dot products and be asked for cosines.",
    {"C: new model, cosine index": "penalise both sides"},
)
choose_remedy.wrong_choice(
    "In C whole columns of predictions are as long as there are users, too long for an index; and training has not "
    "begun yet, so use that.",
    {"C: new model, cosine index": "compare predictions"},
)
choose_remedy.wrong_choice(
    "In D the objective may keep its dot products; it only has to see the gauge, so which small addition makes it see "
    "it?",
    {"D: lists that change every night": "train with the cosine"},
)
choose_remedy.wrong_choice(
    "In D the page goes on using the cosine of the film vectors, so the vectors themselves have to come out the same.",
    {"D: lists that change every night": "compare predictions"},
)
choose_remedy.wrong_choice(
    "In D two films are compared, and their dot product depends on the gauge of the night just as their cosine does.",
    {"D: lists that change every night": "use the dot product"},
)
choose_remedy.wrong_choice(
    "In D the predictions are the same every night and the lists are not: that is the gauge at work, and it can be "
    "fixed.",
    {"D: lists that change every night": "do nothing"},
)


@choose_remedy.alternative
def _remedy_in_capitals():
    return {key: value.upper() for key, value in choose_remedy.reference().items()}


@choose_remedy.alternative
def _remedy_turned_round():
    return dict(reversed(list(choose_remedy.reference().items())))


@choose_remedy.alternative
def _remedy_with_a_note():
    return {**choose_remedy.reference(), "note": "ask what may be changed"}
