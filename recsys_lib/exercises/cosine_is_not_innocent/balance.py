"""Choose the gauge in which each column has the same norm among the users and among the items."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.comparison import as_numbers, tolerance
from recsys_lib.checks.definition import exercise


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
        ([[8]], [[2]]),
        ([[3, 1], [4, 2]], [[1, 0], [0, 6], [2, 8]]),
        (np.array([[1, 2], [3, 4], [5, 6]]), np.array([[8, 1], [2, 1]])),
        ([[1, 0, 2], [3, -1, 2]], [[10, 2, 0.3], [0, 5, 0.1], [40, 4, -0.2], [60, 2, 0.1]]),
        ([[1, 2], [3, 4]], [[50, 6], [70, 8]]),
        ([[5], [12]], [[1], [1], [1]]),
    ],
)
def _(rng):
    found = [
        (rng.normal(size=(n, d)) * np.exp(rng.normal(size=d)), rng.normal(size=(m, d)) * np.exp(rng.normal(size=d)))
        for n, m, d in [(3, 4, 2), (5, 3, 3), (20, 30, 5)]
    ]
    return [*found, (rng.integers(1, 9, (3, 2)), rng.integers(10, 30, (4, 2)))]


@balance.inputs(
    "zero column",
    fixed=[
        ([[3, 0], [4, 0]], [[1, 5], [2, 6], [2, 8]]),
        ([[3, 1], [4, 2]], [[1, 0], [2, 0], [2, 0]]),
        ([[3, 0], [4, 0]], [[1, 0], [5, 0], [2, 0]]),
        ([[3, 0], [4, 2]], [[1, 0], [2, 0.5], [2, 8]]),
        ([[1, 0, 2], [3, 0, 2]], [[10, 2, 1], [0, 5, 3], [4, 4, 9]]),
        ([[1, 1, 2], [3, 0, 2]], [[10, 2, 0], [0, 5, 0], [4, 4, 0]]),
        ([[3, 6e-9], [4, 8e-9]], [[1, 4], [2, 0], [2, 3]]),
        ([[3, 6e-4], [4, 8e-4]], [[1, 4], [2, 0], [2, 3]]),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(3, 4, 2), (6, 5, 4)]:
        users, items = rng.normal(size=(n, d)) * np.exp(rng.normal(size=d)), rng.normal(size=(m, d))
        empty = users.copy()
        empty[:, rng.integers(d)] = 0
        short = users * np.where(np.arange(d) == rng.integers(d), 1e-8 / column_norms(users), 1)
        found += [(empty, items), (items, empty), (users, items), (short, items)]
    return found


def column_norms(table):
    """Length of each column."""
    return np.sqrt(np.sum(np.asarray(table, dtype=float) ** 2, axis=0))


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
        root_forgotten,
        longer_made_longer,
        one_factor_for_all,
        both_multiplied_to_balance,
        one_side_only,
        ordinary_mean,
        left_as_it_is,
        empty_gives_nan,
        other_side_left,
        tiny_number_added,
        short_column_emptied,
        cut_to_whole_numbers,
    ):
        with np.errstate(all="ignore"):
            one, other = mistake(users.copy(), items.copy())
        if all(
            np.allclose(a, b, rtol=rtol, atol=1e-9, equal_nan=True) for a, b in ((new_users, one), (new_items, other))
        ):
            return mistake.__name__
    return None


def _fault_of_columns(users, items, new_users, new_items, slack):
    """Say what is wrong with a column where the predictions are right, or None."""
    one, other = column_norms(new_users), column_norms(new_items)
    meet = np.sqrt(column_norms(users) * column_norms(items))
    for column in np.flatnonzero((meet == 0) & (one + other > 0)):
        left = max(one[column], other[column])
        if left < 1e-4:
            return "tiny_number_added"
        return f"column {column} is zero on one side; in what you return it has the norm {left:.4g} on the other"
    for column in np.flatnonzero(np.abs(one - other) > slack * np.maximum(one, other)):
        return (
            f"the predictions are right, but column {column} has the norm {one[column]:.4g} on the users' side and "
            f"{other[column]:.4g} on the items'"
        )
    if not (_same_lines(new_users, users, slack) and _same_lines(new_items, items, slack)):
        return "columns_mixed"
    for column in np.flatnonzero(np.abs(one - meet) > slack * meet):
        return f"column {column} has the norm {one[column]:.4g} on both sides; the two meet at {meet[column]:.4g}"
    return None


def _fault(users, items, new_users, new_items, rtol):
    """Say what is wrong with two tables of the right shapes, or None."""
    if not (np.isfinite(new_users).all() and np.isfinite(new_items).all()):
        return "there is NaN or infinity in what you return"
    wanted, predicted = users @ items.T, new_users @ new_items.T
    if not np.allclose(predicted, wanted, rtol=rtol, atol=rtol * np.abs(wanted).max()):
        return "the predictions are no longer those of before; what one side gains, the other has to lose"
    return _fault_of_columns(users, items, new_users, new_items, 10 * rtol)


@balance.judge(lambda users, items: (users.shape, items.shape))
def _(args, result):
    users, items = args
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return "return two tables, the users first and then the items"
    got = []
    for name, table, given in (("users", result[0], users), ("items", result[1], items)):
        array = as_numbers(table)
        if array is None or array.shape != given.shape:
            has = "no numbers" if array is None else str(array.shape)
            return f"the {name} have shape {given.shape}, what you return in their place has {has}"
        got.append(array)
    rtol = tolerance(*got)
    fault = _fault(users, items, *got, rtol)
    return fault and (_known_mistake(users, items, *got, rtol) or fault)


@balance.misconception(
    "You brought every column of both sides to length one; the norms are equal now, but the predictions have changed.",
    kind="misconception",
)
def columns_to_length_one(users, items):
    return users / column_norms(users), items / column_norms(items)


@balance.misconception(
    "The two sides have exchanged their norms: you multiplied one by the whole ratio of the norms and divided the "
    "other by it; how much of the ratio brings them together?"
)
def root_forgotten(users, items):
    factor = column_norms(items) / column_norms(users)
    return users * factor, items / factor


def _factor(users, items):
    return np.sqrt(column_norms(items) / column_norms(users))


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
    "You changed one side only, so the predictions changed as well; what multiplies a column of one table must divide "
    "it in the other.",
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
    "A column that is empty on one side is left as it was on the other; it adds nothing to any prediction, so make it "
    "zero there, too.",
    layer="zero column",
)
def other_side_left(users, items):
    one, other = column_norms(users), column_norms(items)
    factor = np.where((one == 0) | (other == 0), 1, np.sqrt(other / np.where(one == 0, 1, one)))
    factor = np.where(factor == 0, 1, factor)
    return users * factor, items / factor


@balance.misconception(
    "You added a tiny number against a division by zero; the other side of an empty column is then nearly zero, and "
    "zero is asked for: look for empty columns first.",
    layer="zero column",
)
def tiny_number_added(users, items):
    factor = np.sqrt((column_norms(items) + 1e-12) / (column_norms(users) + 1e-12))
    return users * factor, items / factor


@balance.misconception(
    "You emptied a column whose numbers are only small; however short it is, it takes part in the predictions.",
    layer="zero column",
)
def short_column_emptied(users, items):
    kept = (column_norms(users) > 1e-6) & (column_norms(items) > 1e-6)
    return balance.reference(users * kept, items * kept)


@balance.misconception(
    "Your results are cut to whole numbers where the tables are whole: a copy of a table keeps its type, so write into "
    "new tables of floats."
)
def cut_to_whole_numbers(users, items):
    new_users, new_items = balance.reference(users, items)
    return new_users.astype(users.dtype), new_items.astype(items.dtype)


@balance.misconception(
    "You refuse a column of zeros; there is a right answer for it, because such a column adds nothing to a prediction.",
    layer="zero column",
)
def empty_refused(users, items):
    if not (column_norms(users).all() and column_norms(items).all()):
        raise ValueError
    return balance.reference(users, items)


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
def balance_by_geometric_mean(users, items):
    one, other = np.linalg.norm(users, axis=0), np.linalg.norm(items, axis=0)
    target = np.sqrt(one * other)
    return users * (target / np.where(one > 0, one, 1)), items * (target / np.where(other > 0, other, 1))


@balance.alternative
def balance_with_turned_signs_as_lists(users, items):
    one, other = balance.reference(users, items)
    return [(-one).tolist(), (-other).tolist()]


@balance.alternative
def balance_in_float32(users, items):
    one, other = balance.reference(users, items)
    return one.astype(np.float32), other.astype(np.float32)
