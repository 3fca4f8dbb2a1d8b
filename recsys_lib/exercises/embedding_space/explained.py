"""Find the share of a table's sum of squares that the first d singular values keep."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("explained", points={"values": 1, "ends": 1})
def explained(singular_values, d):
    """Sum of the first d squares over the sum of all squares."""
    squares = [value * value for value in singular_values]
    return float(sum(squares[:d]) / sum(squares))


@explained.inputs(
    "values",
    fixed=[
        ([4, 3], 1),
        ([3, 2, 1], 1),
        ([3, 2, 1], 2),
        ([6, 3, 2, 1], 2),
        ([6, 3, 2, 1], 3),
        ([12, 5, 4, 2, 1], 3),
    ],
)
def _(rng):
    return [(-np.sort(-rng.uniform(0.5, 9, size=n)), d) for n, d in [(3, 2), (5, 2), (6, 4), (30, 7)]]


@explained.inputs(
    "ends",
    fixed=[([4, 3], 0), ([4, 3], 2), ([4, 3], 1), ([3, 2, 1], 0), ([3, 2, 1], 3), ([6, 3, 2, 1], 1), ([6, 3, 2, 1], 3)],
)
def _(rng):
    found = []
    for n in (3, 6):
        values = -np.sort(-rng.uniform(0.5, 9, size=n))
        found += [(values, d) for d in (0, 1, n - 1, n)]
    return found


@explained.misconception(
    "You added the singular values themselves; the table's sum of squares is made of their squares."
)
def not_squared(singular_values, d):
    return singular_values[:d].sum() / singular_values.sum()


@explained.misconception("You squared the sums; square each value first, then add.")
def sums_squared(singular_values, d):
    return (singular_values[:d].sum() / singular_values.sum()) ** 2


@explained.misconception("You added above the line first and squared the sum; square each value first, then add.")
def sum_squared_above(singular_values, d):
    return singular_values[:d].sum() ** 2 / (singular_values**2).sum()


@explained.misconception(
    "You returned a share for each direction; one number for the first d together is asked for.", kind="next step"
)
def share_of_each(singular_values, d):
    return singular_values[:d] ** 2 / (singular_values**2).sum()


@explained.misconception(
    "You counted what is left out from the end; where nothing is, a slice from -0 takes the whole list.", layer="ends"
)
def tail_from_minus_zero(singular_values, d):
    squares = singular_values**2
    return 1 - squares[-(len(squares) - d) :].sum() / squares.sum()


@explained.misconception("You counted one singular value too many.")
def one_too_many(singular_values, d):
    return (singular_values[: d + 1] ** 2).sum() / (singular_values**2).sum()


@explained.misconception("You counted one singular value too few.")
def one_too_few(singular_values, d):
    return (singular_values[: max(d - 1, 0)] ** 2).sum() / (singular_values**2).sum()


@explained.misconception("You gave the share of one direction alone; the first d count together.")
def one_alone(singular_values, d):
    return singular_values[d - 1] ** 2 / (singular_values**2).sum()


@explained.misconception("You gave the share of the direction after the first d; the first d count, together.")
def the_next_alone(singular_values, d):
    return singular_values[min(d, len(singular_values) - 1)] ** 2 / (singular_values**2).sum()


@explained.misconception("You gave what is lost; what is kept is asked for.")
def the_lost_share(singular_values, d):
    return (singular_values[d:] ** 2).sum() / (singular_values**2).sum()


@explained.misconception(
    "You took the root at the end: that compares lengths, not sums of squares.", kind="misconception"
)
def root_of_the_share(singular_values, d):
    return np.sqrt((singular_values[:d] ** 2).sum() / (singular_values**2).sum())


@explained.misconception("You added the squares but did not divide; a share is a part of a whole.", kind="next step")
def not_divided(singular_values, d):
    return (singular_values[:d] ** 2).sum()


@explained.misconception("You divided by the sum of the values, not of their squares.")
def divided_by_plain_sum(singular_values, d):
    return (singular_values[:d] ** 2).sum() / singular_values.sum()


@explained.misconception("You squared only below the line; both sums are sums of squares.")
def squared_below_only(singular_values, d):
    return singular_values[:d].sum() / (singular_values**2).sum()


@explained.misconception("You gave a percentage; a share lies between 0 and 1.")
def percentage(singular_values, d):
    return 100 * (singular_values[:d] ** 2).sum() / (singular_values**2).sum()


@explained.misconception(
    "You counted directions as if each carried the same; how large is each one?", kind="misconception"
)
def counted(singular_values, d):
    return d / len(singular_values)


@explained.misconception(
    "You divided one mean of squares by another, and the first is of fewer values than the second; a share compares "
    "their sums."
)
def means(singular_values, d):
    return (singular_values[:d] ** 2).mean() / (singular_values**2).mean() if d else 0.0


@explained.misconception("You counted from the small end; the list starts with the largest.")
def the_last_d(singular_values, d):
    return (singular_values[len(singular_values) - d :] ** 2).sum() / (singular_values**2).sum()


@explained.misconception("You returned the whole running share; which entry of it is asked for?", kind="next step")
def running_share(singular_values, d):
    return np.cumsum(singular_values**2) / (singular_values**2).sum()


@explained.misconception(
    "With no direction you say that everything is explained; an index of minus one means the last entry in Python.",
    layer="ends",
)
def wraps_round(singular_values, d):
    return (np.cumsum(singular_values**2) / (singular_values**2).sum())[d - 1]


@explained.misconception(
    "You refuse d = 0, but the prompt names its answer: no direction explains nothing, so the share is 0.", layer="ends"
)
def zero_refused(singular_values, d):
    if d < 1:
        raise ValueError
    return explained.reference(singular_values, d)


@explained.misconception("You refuse to take all directions; they explain everything.", layer="ends")
def all_refused(singular_values, d):
    if d >= len(singular_values):
        raise ValueError
    return explained.reference(singular_values, d)


@explained.alternative
def explained_by_cumsum(singular_values, d):
    return np.concatenate([[0.0], np.cumsum(singular_values**2)])[d] / np.sum(singular_values**2)


@explained.alternative
def explained_by_dot(singular_values, d):
    head = singular_values[:d]
    return float(head @ head / (singular_values @ singular_values))


@explained.alternative
def explained_by_what_is_left(singular_values, d):
    return 1 - np.linalg.norm(singular_values[d:]) ** 2 / np.linalg.norm(singular_values) ** 2


@explained.alternative
def explained_in_float32(singular_values, d):
    squares = np.square(singular_values.astype(np.float32))
    return squares[:d].sum() / squares.sum()
