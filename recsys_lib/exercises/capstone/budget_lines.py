"""Say for each line of a budget whether a measured number meets it."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("budget_lines", points={"values": 1, "not measured": 1})
def budget_lines(measured, least, most):
    """Both limits count as met, and what is not a number meets nothing."""
    return np.array([bool(a <= x <= b) for x, a, b in zip(measured, least, most, strict=True)])


def _lines(rng, m):
    """Draw lines of which some lie on a limit, some inside, some below and some above."""
    least = rng.integers(0, 8, m) / 16
    most = least + rng.integers(2, 8, m) / 16
    where = rng.permutation(np.arange(m) % 5)
    measured = np.select([where == 0, where == 1, where == 2, where == 3], [least, most, least - 1 / 16, most + 1 / 16])
    return np.where(where == 4, (least + most) / 2, measured), least, most


@budget_lines.inputs(
    "values",
    fixed=[
        ([0.5, 0.25], [0.25, 0.5], [1, 1]),
        ([0.5, 0.75], [0.25, 0.25], [1, 0.5]),
        ([0.25, 0.5, 0.75, 1], [0.5, 0.5, 0.5, 0.5], [0.75, 0.75, 0.75, 0.75]),
        ([0.5, 0.1, 0.9], [0.25, 0.25, 0.25], [0.75, 0.75, 0.75]),
        ([0.5, 3, -1], [0.25, -np.inf, -np.inf], [np.inf, 4, np.inf]),
        ([0.5, 0.5], [0, 0], [1, 1]),
        ([0, 1], [0.5, 0.5], [0.75, 0.75]),
    ],
)
def _(rng):
    return [_lines(rng, m) for m in (5, 6, 9, 12)]


@budget_lines.inputs(
    "not measured",
    fixed=[
        ([np.nan, 0.5], [0.25, 0.25], [1, 1]),
        ([0.5, np.nan], [0.25, 0.25], [1, 1]),
        ([np.nan, 0.1, 0.5], [-np.inf, 0.25, 0.25], [np.inf, 1, 1]),
        ([np.nan, 0.5], [-0.5, 0.25], [0.5, 1]),
        ([0.5, 0.25, 1], [0.25, 0.5, 0.25], [1, 1, 0.5]),
    ],
)
def _(rng):
    found = []
    for m in (5, 8, 11):
        measured, least, most = _lines(rng, m)
        at = rng.integers(m)
        limit = np.inf if m == 8 else 0.25
        measured[at], least[at], most[at] = np.nan, -limit, limit
        found.append((measured, least, most))
    return found


@budget_lines.misconception("You refuse a number that is exactly at a limit; what does the prompt say of it?")
def strict(measured, least, most):
    return (measured > least) & (measured < most)


@budget_lines.misconception("You refuse a number that is exactly the least; what does the prompt say of it?")
def strict_below(measured, least, most):
    return (measured > least) & (measured <= most)


@budget_lines.misconception("You refuse a number that is exactly the most; what does the prompt say of it?")
def strict_above(measured, least, most):
    return (measured >= least) & (measured < most)


@budget_lines.misconception("You look at the lower limit alone; which numbers may be too large?")
def least_only(measured, least, most):
    return measured >= least


@budget_lines.misconception("You look at the upper limit alone; which numbers may be too small?")
def most_only(measured, least, most):
    return measured <= most


@budget_lines.misconception("You accept a number that keeps one of its two limits; how many has it to keep?")
def either(measured, least, most):
    return (measured >= least) | (measured <= most)


@budget_lines.misconception("You return one answer for the whole budget; which line would a client have to look at?")
def all_at_once(measured, least, most):
    return bool(np.all((measured >= least) & (measured <= most)))


@budget_lines.misconception("You say True for the lines that are missed; what is asked for?")
def missed(measured, least, most):
    return ~((measured >= least) & (measured <= most))


@budget_lines.misconception("You return how many lines are met; which are they?")
def how_many(measured, least, most):
    return int(np.sum((measured >= least) & (measured <= most)))


@budget_lines.misconception(
    "A line that was not measured counts as met: NaN is neither below nor above anything. Which question "
    "is False for it?",
    layer="not measured",
)
def not_outside(measured, least, most):
    return ~((measured < least) | (measured > most))


@budget_lines.misconception(
    "You take what was not measured for a 0, which may meet a line; what does the prompt say of NaN?",
    layer="not measured",
)
def nan_is_zero(measured, least, most):
    x = np.where(np.isnan(measured), 0.0, measured)
    return (x >= least) & (x <= most)


@budget_lines.misconception(
    "A line with no limit on a side counts as met there, whatever was measured; what if nothing was?",
    layer="not measured",
)
def no_limit_not_asked(measured, least, most):
    return (np.isinf(least) | (measured >= least)) & (np.isinf(most) | (measured <= most))


@budget_lines.misconception(
    "You leave out the lines that were not measured; how many answers does a budget of m lines need?",
    layer="not measured",
)
def unmeasured_left_out(measured, least, most):
    there = ~np.isnan(measured)
    return ((measured >= least) & (measured <= most))[there]


@budget_lines.alternative
def by_two_comparisons(measured, least, most):
    return (measured >= least) & (measured <= most)


@budget_lines.alternative
def as_list(measured, least, most):
    return [bool(least[i] <= measured[i] <= most[i]) for i in range(len(measured))]


@budget_lines.alternative
def by_clipping(measured, least, most):
    return np.clip(measured, least, most) == measured
