"""Find the setting of the dial at which two items change places, if there is one."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise


def _norms(x, y):
    return np.linalg.norm(x), np.linalg.norm(y)


def _cosines(q, x, y):
    return np.dot(q, x) / np.linalg.norm(q) / np.linalg.norm(x), np.dot(q, y) / np.linalg.norm(q) / np.linalg.norm(y)


@exercise("crossing_alpha", points={"values": 2, "no crossing": 1})
def crossing_alpha(q, x, y):
    """Set the two log scores equal and solve for alpha."""
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if min(cos_x, cos_y) <= 0 or norm_x == norm_y:
        return None
    alpha = math.log(cos_x / cos_y) / math.log(norm_y / norm_x)
    return alpha if 0 < alpha < 1 else None


def _pairs(rng, wanted, accept, d=3):
    """Draw (q, x, y) until enough of them are accepted."""
    found = []
    while len(found) < wanted:
        q, x, y = rng.normal(size=d), rng.normal(size=d) * rng.uniform(0.5, 3), rng.normal(size=d)
        if accept(q, x, y):
            found.append((q, x, y))
    return found


def _raw_alpha(q, x, y):
    """The formula alone, or None where a cosine is not well above 0."""
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if min(cos_x, cos_y) < 0.05 or abs(np.log(norm_y / norm_x)) < 0.1:
        return None
    return np.log(cos_x / cos_y) / np.log(norm_y / norm_x)


def _crosses(q, x, y):
    alpha = _raw_alpha(q, x, y)
    return alpha is not None and 0.05 < alpha < 0.95


@crossing_alpha.inputs(
    "values",
    fixed=[
        ([4, 3], [4, 0], [1, 1]),
        (np.array([4, 3]), np.array([0, 6]), np.array([1, 1])),
        ([4, 3], [0, 6], [4, 0]),
        ([4, 3], [1, 1], [0, 6]),
        ([1, 0], [3, 4], [1, 1]),
        ([1, 0], [1, 0], [10, 0.5]),  # close to 0, close to 1, and lengths that are nearly equal
        ([1, 0], [1, 0], [1.001, 5]),
        ([1, 0], [3, 4], [3.01, 4.1]),
        ([2, 1], [1, 0], [1, 2]),  # the query as long as an item, then as an item's dot product
        ([-2, 1, 0], [-2, 2, -1], [-1, 1, 0]),
        ([0.08, 0.06], [0.08, 0], [0.02, 0.02]),
        ([1, 2, 2], [1, 1, 1], [0, 3, 4]),
        ([2, 1, 0, 2], [1, 1, 1, 1], [5, -1, 2, 1]),
    ],
)
def _(rng):
    near_an_end = [(np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.array([rng.uniform(8, 12), rng.uniform(0.4, 0.6)]))]
    return _pairs(rng, 3, _crosses) + _pairs(rng, 3, _crosses, d=6) + near_an_end


def _crosses_outside(q, x, y):
    alpha = _raw_alpha(q, x, y)
    return alpha is not None and (-3 < alpha < -0.05 or 1.05 < alpha < 3)


def _points_away(q, x, y):
    return q @ x < -0.1 and q @ y > 0.1


def _both_point_away(q, x, y):
    alpha = _raw_alpha(-q, x, y)
    return alpha is not None and 0.05 < alpha < 0.95


def _at_an_end(rng):
    """Draw items that tie at exactly 0, and at exactly 1, also in rounded numbers."""
    one, other = rng.choice(9, size=2, replace=False) + 1.0
    axis, long = np.eye(4)[rng.integers(4)], float(rng.integers(1, 9))
    around = np.where(axis, 1, rng.choice([-1.0, 1], size=4))  # twice as long as the axis, and as far along it
    short = rng.choice([0.5, 1, 2])
    return [(long * axis, one * axis, other * axis), (long * axis, *rng.permutation([short * axis, short * around]))]


def _at_a_right_angle(rng):
    """Draw a query and two items of which one stands at exactly a right angle, each of the two once."""
    q, x = np.eye(3)[rng.permutation(3)[:2]] * rng.uniform(0.5, 3, size=(2, 1))
    y = rng.normal(size=3) + 2 * q
    return [(q, x, y), (q, y, x)] if q @ y > 0 else _at_a_right_angle(rng)


@crossing_alpha.inputs(
    "no crossing",
    fixed=[
        ([4, 3], [4, 3], [1, 0]),
        ([4, 3], [3, 4], [5, 0]),
        ([4, 3], [5, 0], [0, 5]),
        ([1, 0], [3, 1], [2, 5]),
        ([2, 1], [2, 1], [1, 1]),
        ([1, 0], [-3, 4], [1, 1]),
        ([1, 0], [1, 1], [-3, 5]),
        ([1, 0], [-3, 4], [-1, 1]),
        ([2, 1], [-1, -5], [-1, -1]),
        ([0.5, 0.5, 0.4], [0, -0.3, -0.5], [0, -0.8, -0.3]),
        ([1, 0], [0, 3], [1, 1]),
        ([1, 0], [2, 7], [3, 1]),
        ([0, 1], [2, 0], [1, 3]),
        ([2, 1], [3, 1], [-1, 2]),
        ([1, 0], [1, 0], [4, 0]),  # one direction: a tie at exactly 0, also in rounded numbers
        ([0, 1], [0, 4], [0, 2]),
        ([1, 0], [3, 4], [3, -4]),  # equal norms and equal angles: one line twice
        ([2, 1], [1, 2], [1, 2]),
        ([4, 3], [4, 0], [1, 2]),
        ([2, 1], [1, 4], [1, 0]),
        ([1, 2], [3, 1], [0, 2]),
        ([1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]),  # equal dot products: a tie at exactly 1
    ],
)
def _(rng):
    (q, x, y) = _pairs(rng, 1, _points_away)[0]
    return [
        *_pairs(rng, 3, _crosses_outside),
        (q, x, y),
        (q, y, x),
        *_pairs(rng, 2, _both_point_away),
        (np.array([2.0, 1.0]) * rng.uniform(1, 2), np.array([3.0, 4.0]), np.array([4.0, 3.0])),
        (np.array([rng.uniform(1, 2), 0.0]), np.array([3.0, 4.0]), np.array([3.0, -4.0])),
        *_at_an_end(rng),
        *_at_a_right_angle(rng),
        *_pairs(rng, 3, _crosses),
    ]


def _inside(alpha):
    return float(alpha) if np.isfinite(alpha) and 0 < alpha < 1 else None


def _none_rules(q, x, y):
    """Whether the rule says None before any formula."""
    return min(_cosines(q, x, y)) <= 0 or np.linalg.norm(x) == np.linalg.norm(y)


@crossing_alpha.misconception(
    "You return None where the lines do cross. Is one ratio upside down, or did "
    "you start from dot products, not cosines?"
)
def sign_turned_so_none(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return None if _none_rules(q, x, y) else _inside(np.log(cos_y / cos_x) / np.log(norm_y / norm_x))


@crossing_alpha.misconception(
    "You divided the logarithm of the lengths by that of the cosines; which of them does alpha multiply?"
)
def upside_down(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return None if _none_rules(q, x, y) else float(np.log(norm_y / norm_x) / np.log(cos_x / cos_y))


@crossing_alpha.misconception(
    "You drew the scores themselves as straight lines from alpha 0 to 1; it is their logarithms that are straight.",
    kind="misconception",
)
def straight_scores(q, x, y):
    at_zero = np.subtract(*_cosines(q, x, y))
    at_one = q @ x - q @ y
    return None if _none_rules(q, x, y) or at_zero == at_one else _inside(at_zero / (at_zero - at_one))


@crossing_alpha.misconception(
    "You divided the plain differences of cosines and lengths; the straight lines are those of the logarithms.",
    kind="misconception",
)
def plain_differences(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return None if _none_rules(q, x, y) else _inside((cos_x - cos_y) / (norm_y - norm_x) / np.linalg.norm(q))


@crossing_alpha.misconception(
    "You started from the dot products, which hold the lengths already, so one minus alpha comes out; the lines start "
    "at alpha 0, at the cosines."
)
def from_dot_products(q, x, y):
    norm_x, norm_y = _norms(x, y)
    return None if _none_rules(q, x, y) else _inside(np.log((q @ x) / (q @ y)) / np.log(norm_x / norm_y))


@crossing_alpha.misconception(
    "You added the logarithms of the two cosines; which sign does a term get when it changes sides?"
)
def cosines_multiplied(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return None if _none_rules(q, x, y) else _inside(np.log(cos_x * cos_y) / np.log(norm_y / norm_x))


@crossing_alpha.misconception(
    "You added the logarithms of the two lengths; the steeper line gains only what its slope has more than the other's."
)
def lengths_multiplied(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return None if _none_rules(q, x, y) else _inside(np.log(cos_x / cos_y) / np.log(norm_y * norm_x))


@crossing_alpha.misconception(
    "Your formula is right; what is missing is None for a crossing off the dial, for equal lengths, "
    "and for an item that points away.",
    layer="no crossing",
    kind="next step",
)
def formula_only(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return np.log(cos_x / cos_y) / np.log(norm_y / norm_x)


def _from_plain_logs(q, x, y):
    """The formula with one logarithm for each number, which stops at the first that is not positive."""
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return (math.log(cos_x) - math.log(cos_y)) / (math.log(norm_y) - math.log(norm_x))


@crossing_alpha.misconception(
    "Your function stops where lengths are equal, and where an item points away; look for both before you calculate.",
    layer="no crossing",
    kind="next step",
)
def only_the_range(q, x, y):
    return _inside(_from_plain_logs(q, x, y))


@crossing_alpha.misconception(
    "You return a crossing that lies outside the dial; below 0 or above 1 there is none to see, so return None.",
    layer="no crossing",
)
def outside_kept(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return None if _none_rules(q, x, y) else float(np.log(cos_x / cos_y) / np.log(norm_y / norm_x))


@crossing_alpha.misconception(
    "You pull a crossing outside the dial to its end; where the lines do not cross between 0 and 1, return None.",
    layer="no crossing",
)
def clipped(q, x, y):
    alpha = outside_kept(q, x, y)
    return None if alpha is None else min(max(alpha, 0.0), 1.0)


@crossing_alpha.misconception(
    "Two items that both point away from the query slip through, since their "
    "ratio is positive; neither has a log score.",
    layer="no crossing",
)
def both_obtuse_slip_through(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if cos_x * cos_y <= 0 or norm_x == norm_y:
        return None
    return _inside(np.log(cos_x / cos_y) / np.log(norm_y / norm_x))


@crossing_alpha.misconception(
    "You took the size of a negative cosine to save the logarithm; an item that "
    "points away has no log score, so return None.",
    layer="no crossing",
    kind="misconception",
)
def sizes_of_cosines(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), np.abs(_cosines(q, x, y))
    return (
        None if norm_x == norm_y or min(cos_x, cos_y) == 0 else _inside(np.log(cos_x / cos_y) / np.log(norm_y / norm_x))
    )


@crossing_alpha.misconception(
    "A negative cosine turns your answer into NaN, and NaN is neither below 0 nor above 1, so no test on alpha "
    "catches it. Look at the cosines first.",
    layer="no crossing",
)
def nan_for_obtuse(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    alpha = (np.log(cos_x) - np.log(cos_y)) / (np.log(norm_y) - np.log(norm_x))
    return None if alpha <= 0 or alpha >= 1 else float(alpha)


@crossing_alpha.misconception(
    "A cosine that is not positive has no logarithm, and yours stopped there; look at the signs of the cosines first.",
    layer="no crossing",
)
def error_for_obtuse(q, x, y):
    norm_x, norm_y = _norms(x, y)
    return None if norm_x == norm_y else _inside(_from_plain_logs(q, x, y))


@crossing_alpha.misconception(
    "A negative ratio of cosines stopped your logarithm, and two negative cosines, whose ratio is positive, slipped "
    "through; look at each cosine by itself first.",
    layer="no crossing",
)
def error_for_negative_ratio(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return None if norm_x == norm_y else _inside(math.log(cos_x / cos_y) / math.log(norm_y / norm_x))


@crossing_alpha.misconception(
    "Equal lengths made you divide by zero; two lines of the same slope never cross, so answer None before dividing.",
    layer="no crossing",
)
def equal_norms_divide_by_zero(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if min(cos_x, cos_y) <= 0:
        return None
    return _inside(math.log(cos_x / cos_y) / math.log(norm_y / norm_x))


@crossing_alpha.misconception(
    "For two items of one length and one angle NaN came out: 0 was divided by 0, and NaN is neither below 0 nor above "
    "1; answer None for equal lengths before you divide.",
    layer="no crossing",
)
def equal_norms_give_nan(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if min(cos_x, cos_y) <= 0:
        return None
    alpha = np.log(cos_x / cos_y) / np.log(norm_y / norm_x)
    return None if alpha <= 0 or alpha >= 1 else float(alpha)


@crossing_alpha.misconception(
    "A right angle slips through your test: its cosine is neither negative nor "
    "positive, and 0 has no logarithm either.",
    layer="no crossing",
)
def right_angle_missed(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if min(cos_x, cos_y) < 0 or norm_x == norm_y:
        return None
    return _inside(math.log(cos_x / cos_y) / math.log(norm_y / norm_x))


@crossing_alpha.misconception(
    "You count a crossing at exactly 0 or 1, where the two items tie at an end of the dial and change places nowhere "
    "on it; the prompt asks for strictly between.",
    layer="no crossing",
)
def ends_counted(q, x, y):
    alpha = None if _none_rules(q, x, y) else outside_kept(q, x, y)
    return alpha if alpha is not None and 0 <= alpha <= 1 else None


@crossing_alpha.misconception(
    "You raise an error where two items never change places; that is no fault of the caller, so return None.",
    layer="no crossing",
)
def error_for_none(q, x, y):
    if crossing_alpha(q, x, y) is None:
        raise ValueError
    return crossing_alpha(q, x, y)


@crossing_alpha.alternative
def with_numpy_logs(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if cos_x <= 0 or cos_y <= 0 or np.isclose(norm_x, norm_y):
        return None
    alpha = (np.log(cos_x) - np.log(cos_y)) / (np.log(norm_y) - np.log(norm_x))
    return alpha if 0 < alpha < 1 else None


@crossing_alpha.alternative
def where_two_lines_meet(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if min(cos_x, cos_y) <= 0:
        return None
    gap_at_0, gap_at_1 = np.log(cos_x / cos_y), np.log(q @ x) - np.log(q @ y)
    if norm_x == norm_y or gap_at_0 * gap_at_1 >= 0:
        return None
    return float(gap_at_0 / (gap_at_0 - gap_at_1))


@crossing_alpha.alternative
def by_root_finding(q, x, y):
    from scipy.optimize import brentq

    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if min(cos_x, cos_y) <= 0 or norm_x == norm_y:
        return None

    def gap(alpha):
        return cos_x * norm_x**alpha - cos_y * norm_y**alpha

    return brentq(gap, 0, 1, xtol=1e-12) if gap(0) * gap(1) < 0 else None


@crossing_alpha.alternative
def with_base_two_as_numpy_scalar(q, x, y):
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    if not (cos_x > 0 and cos_y > 0) or norm_x == norm_y:
        return None
    alpha = np.log2(cos_x / cos_y) / np.log2(norm_y / norm_x)
    return None if alpha <= 0 or alpha >= 1 else np.float64(alpha)
