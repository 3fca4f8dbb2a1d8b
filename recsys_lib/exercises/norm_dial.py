"""Lesson 4: the dial between cosine and dot product, where items change places on it, and what that costs."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise

Q = [4, 3]
ABC = [[0, 6], [4, 0], [1, 1]]


def lengths_of(q, items):
    """Product of the query's norm and each item's."""
    return np.linalg.norm(items, axis=1) * np.linalg.norm(q)


# --- norm_power --------------------------------------------------------------------------------------------------


@exercise("norm_power", points={"values": 2, "zero vector": 1, "input kept": 1}, instead_of=("norm_power_scores",))
def norm_power(q, items, alpha):
    """Take both lengths out of the dot product, and put them back to the power alpha."""
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    scores = []
    for item in items:
        dot = np.sum(q * item)
        lengths = np.linalg.norm(q) * np.linalg.norm(item)
        if alpha == 1:
            scores.append(dot)
        elif lengths == 0:
            raise ValueError("a zero vector has no direction, so below alpha = 1 its score is not defined")
        else:
            scores.append(lengths**alpha * dot / lengths)
    return np.array(scores)


@norm_power.inputs(
    "values",
    fixed=[
        ([3, 4], [[4, 3], [12, 16]], 0.5),
        (Q, ABC, 0.25),
        (Q, ABC, 0),
        (Q, ABC, 1),
        ([2, -1], [[1, 3], [-2, 5], [4, 4], [-1, -3]], 0.5),
        ([1, 2, 2], [[2, -1, 2], [0, 3, 4], [-6, 2, 3]], 0.75),
        ([1, 0, -2, 2], [[1, 1, 1, 1], [3, 0, -4, 0], [2, -2, 4, 1]], 0.25),
    ],
)
def _(rng):
    found = []
    for (n, d), alpha in zip([(2, 3), (4, 4), (7, 3), (30, 8)], [rng.uniform(0.1, 0.9), 0, 1, 0.5], strict=True):
        found.append((rng.normal(size=d), rng.normal(size=(n, d)) * rng.uniform(0.5, 3, size=(n, 1)), alpha))
    return found


@norm_power.inputs(
    "zero vector",
    fixed=[
        ([3, 4], [[0, 0], [3, 4]], 0.5),
        ([3, 4], [[0, 5], [4, 3]], 0.5),
        ([3, 4], [[0, 0], [4, 3]], 0),
        ([3, 4], [[0, 0], [4, 3]], 1),
        ([0, 0], [[3, 4], [4, 3]], 0.5),
        ([0, 0], [[3, 4], [4, 3]], 1),
        ([0, 2], [[3, 4], [4, 3]], 0.25),
        ([3, 4], [[5, 12], [4, 3]], 1),
        ([1, 2, 2], [[1, 0, 0], [0, 0, 0], [0, 0, 3]], 0.75),
        ([1, 2, 2], [[1, 0, 0], [0, 0, 0], [0, 0, 3]], 1),
        ([0, 0, 0], [[1, 2, 0], [0, 1, 0], [0, 0, 3]], 0),
        ([1, 0, 2], [[1, 0, 0], [0, 1, 0], [0, 0, 3]], 0.5),
    ],
)
def _(rng):
    found = []
    for n, d in [(3, 2), (5, 4)]:
        q, items = rng.normal(size=d), rng.normal(size=(n, d))
        with_zero = items.copy()
        with_zero[rng.integers(n)] = 0
        near_zero = items.copy()
        near_zero[rng.integers(n), 0] = 0
        alpha = rng.uniform(0.1, 0.9)
        found += [(q, with_zero, alpha), (q, with_zero, 1), (q, near_zero, alpha), (np.zeros(d), items, alpha)]
    return found


@norm_power.misconception(
    "You raised the cosine to the power; alpha belongs to the lengths alone, and a "
    "negative cosine to such a power is NaN.",
    kind="misconception",
)
def cosine_to_the_power(q, items, alpha):
    return lengths_of(q, items) * (items @ q / lengths_of(q, items)) ** alpha


@norm_power.misconception(
    "You raised the dot product to the power, cosine and all; only the two lengths carry the exponent.",
    kind="misconception",
)
def dot_to_the_power(q, items, alpha):
    return (items @ q) ** alpha


@norm_power.misconception(
    "Your dial turns the other way: you give the cosine where alpha is 1. Test both ends, 0 and 1, before the middle.",
    kind="misconception",
)
def other_way_round(q, items, alpha):
    return items @ q / lengths_of(q, items) ** alpha


@norm_power.misconception(
    "Your order is right, but the query's length to the power alpha is missing: at alpha 1 the score should be the dot "
    "product itself."
)
def exponent_on_items_only(q, items, alpha):
    return np.linalg.norm(items, axis=1) ** alpha * (items @ q) / lengths_of(q, items)


@norm_power.misconception(
    "You multiplied the dot product by the lengths; it holds them already, once each. Start from the cosine instead."
)
def lengths_on_top_of_dot(q, items, alpha):
    return items @ q * lengths_of(q, items) ** alpha


@norm_power.misconception(
    "You mixed the two scores in the shares alpha and one minus alpha; the ends are "
    "right, but alpha is an exponent of the lengths.",
    kind="misconception",
)
def linear_blend(q, items, alpha):
    return alpha * (items @ q) + (1 - alpha) * (items @ q) / lengths_of(q, items)


@norm_power.misconception(
    "You multiplied the lengths by alpha; at alpha 0 nothing would be left. It is their exponent."
)
def alpha_as_factor(q, items, alpha):
    return alpha * lengths_of(q, items) * (items @ q) / lengths_of(q, items)


@norm_power.misconception(
    "You return the dot product whatever alpha is; that is only one end of the dial. What you divide by cancels alpha, "
    "or alpha is not used.",
    kind="next step",
)
def dot_whatever(q, items, alpha):
    return items @ q


@norm_power.misconception("You used one length for the whole table; each item, a row, has a length of its own.")
def one_norm_for_all(q, items, alpha):
    lengths = np.linalg.norm(items) * np.linalg.norm(q)
    return lengths**alpha * (items @ q) / lengths


@norm_power.misconception(
    "You divide by the query's length and then multiply by the item's: a division ends at the next times sign. "
    "What should stand below the fraction bar?"
)
def brackets_forgotten(q, items, alpha):
    return lengths_of(q, items) ** alpha * (items @ q) / np.linalg.norm(q) * np.linalg.norm(items, axis=1)


@norm_power.misconception(
    "You took the item lengths down the columns; an item is a row, so which axis runs along its coordinates?"
)
def norms_of_columns(q, items, alpha):
    lengths = np.linalg.norm(items, axis=0) * np.linalg.norm(q)
    return lengths**alpha * (items @ q) / lengths


@norm_power.misconception(
    "Below alpha 1 a zero vector gave 0/0, and NaN went on its way without a word; look at the lengths first.",
    layer="zero vector",
)
def silent_nan_below_one(q, items, alpha):
    return items @ q / lengths_of(q, items) ** (1.0 - alpha)


@norm_power.misconception(
    "A zero vector gave NaN at every alpha; refuse it below 1, and remember what the score is at exactly 1.",
    layer="zero vector",
)
def silent_nan_at_one_too(q, items, alpha):
    return lengths_of(q, items) ** alpha * (items @ q) / lengths_of(q, items)


@norm_power.misconception(
    "You refuse zero vectors below alpha 1, as you should; at exactly 1 you still divide by a length of 0."
    " Is a division needed there?",
    layer="zero vector",
)
def nan_at_one_only(q, items, alpha):
    if alpha < 1 and np.any(lengths_of(q, items) == 0):
        raise ValueError
    return lengths_of(q, items) ** alpha * (items @ q) / lengths_of(q, items)


@norm_power.misconception(
    "You gave a zero vector the score 0 below alpha 1, which says 'at a right "
    "angle'; it has no direction, so refuse it.",
    layer="zero vector",
    kind="misconception",
)
def zero_scores_zero(q, items, alpha):
    lengths = lengths_of(q, items)
    return lengths**alpha * (items @ q) / np.where(lengths == 0, 1, lengths)


@norm_power.misconception(
    "You refuse zero vectors at alpha 1, too; there the score is the dot product, which needs no direction.",
    layer="zero vector",
)
def refused_at_one_too(q, items, alpha):
    if np.any(lengths_of(q, items) == 0):
        raise ValueError
    return lengths_of(q, items) ** alpha * (items @ q) / lengths_of(q, items)


@norm_power.misconception("You refuse a zero item but not a zero query; neither has a direction.", layer="zero vector")
def zero_query_missed(q, items, alpha):
    if alpha < 1 and np.any(np.linalg.norm(items, axis=1) == 0):
        raise ValueError
    return items @ q / lengths_of(q, items) ** (1.0 - alpha)


@norm_power.misconception("You refuse a zero query but not a zero item; neither has a direction.", layer="zero vector")
def zero_item_missed(q, items, alpha):
    if alpha < 1 and np.linalg.norm(q) == 0:
        raise ValueError
    return items @ q / lengths_of(q, items) ** (1.0 - alpha)


@norm_power.misconception(
    "You refuse every vector with a 0 in it; [0, 5] has a direction, only a vector of nothing but zeros has none.",
    layer="zero vector",
)
def zero_coordinate_refused(q, items, alpha):
    if alpha < 1 and (np.any(items == 0) or np.any(q == 0)):
        raise ValueError
    return items @ q / lengths_of(q, items) ** (1.0 - alpha)


@norm_power.misconception(
    "You divided `items` in place, so the caller's table is changed for good; write the unit vectors to a new array.",
    layer="input kept",
)
def items_normalised_in_place(q, items, alpha):
    norms = np.linalg.norm(items, axis=1)
    items /= norms[:, None]
    return (norms * np.linalg.norm(q)) ** alpha * (items @ q) / np.linalg.norm(q)


def _refuse_zero(q, items, alpha):
    if alpha < 1 and np.any(lengths_of(q, items) == 0):
        raise ValueError("a zero vector has no direction")


@norm_power.alternative
def dot_over_rest_of_length(q, items, alpha):
    _refuse_zero(q, items, alpha)
    return items @ q / lengths_of(q, items) ** (1.0 - alpha)


@norm_power.alternative
def two_branches_as_list(q, items, alpha):
    if alpha == 1:
        return [float(item @ q) for item in items]
    _refuse_zero(q, items, alpha)
    units = items / np.linalg.norm(items, axis=1, keepdims=True)
    return list((np.linalg.norm(q) * np.linalg.norm(items, axis=1)) ** alpha * (units @ (q / np.linalg.norm(q))))


@norm_power.alternative
def shrink_the_vectors(q, items, alpha):
    _refuse_zero(q, items, alpha)

    def shrunk(x):
        return x / np.linalg.norm(x, axis=-1, keepdims=True) ** (1.0 - alpha)

    return np.einsum("nd,d->n", shrunk(items), shrunk(q))


@norm_power.alternative
def in_float32(q, items, alpha):
    _refuse_zero(q, items, alpha)
    q, items = q.astype(np.float32), items.astype(np.float32)
    return (items @ q / lengths_of(q, items) ** np.float32(1 - alpha)).astype(np.float32)


# --- crossing_alpha ----------------------------------------------------------------------------------------------


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


def _crosses_outside(q, x, y):
    alpha = _raw_alpha(q, x, y)
    return alpha is not None and (-3 < alpha < -0.05 or 1.05 < alpha < 3)


def _points_away(q, x, y):
    return q @ x < -0.1 and q @ y > 0.1


def _both_point_away(q, x, y):
    alpha = _raw_alpha(-q, x, y)
    return alpha is not None and 0.05 < alpha < 0.95


@crossing_alpha.inputs(
    "values",
    fixed=[
        ([4, 3], [4, 0], [1, 1]),
        ([4, 3], [0, 6], [4, 0]),
        ([4, 3], [1, 1], [0, 6]),
        ([1, 0], [3, 4], [1, 1]),
        ([1, 2, 2], [1, 1, 1], [0, 3, 4]),
        ([2, 1, 0, 2], [1, 1, 1, 1], [5, -1, 2, 1]),
    ],
)
def _(rng):
    return _pairs(rng, 3, _crosses) + _pairs(rng, 3, _crosses, d=6)


@crossing_alpha.inputs(
    "no crossing",
    fixed=[
        ([4, 3], [4, 3], [1, 0]),
        ([4, 3], [4, 0], [1, 2]),
        ([4, 3], [3, 4], [5, 0]),
        ([4, 3], [5, 0], [0, 5]),
        ([1, 0], [3, 1], [2, 5]),
        ([2, 1], [2, 1], [1, 1]),
        ([1, 0], [-3, 4], [1, 1]),
        ([1, 0], [1, 1], [-3, 5]),
        ([1, 0], [-3, 4], [-1, 1]),
        ([2, 1], [-1, -5], [-1, -1]),
        ([1, 0], [0, 3], [1, 1]),
        ([1, 0], [2, 7], [3, 1]),
        ([0, 1], [2, 0], [1, 3]),
        ([2, 1], [3, 1], [-1, 2]),
        ([2, 1], [1, 4], [1, 0]),
        ([1, 2], [3, 1], [0, 2]),
        ([1, 0], [1, 0], [4, 0]),  # one direction: a tie at exactly 0, also in rounded numbers
        ([0, 1], [0, 4], [0, 2]),
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
        *_pairs(rng, 3, _crosses),
    ]


def _inside(alpha):
    return float(alpha) if np.isfinite(alpha) and 0 < alpha < 1 else None


def _from_plain_logs(q, x, y):
    """The formula with one logarithm for each number, which stops at the first that is not positive."""
    (norm_x, norm_y), (cos_x, cos_y) = _norms(x, y), _cosines(q, x, y)
    return (math.log(cos_x) - math.log(cos_y)) / (math.log(norm_y) - math.log(norm_x))


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
    "You started from the dot products, which hold the lengths already; the lines start at alpha 0, at the cosines."
)
def from_dot_products(q, x, y):
    norm_x, norm_y = _norms(x, y)
    return None if _none_rules(q, x, y) else float(np.log((q @ x) / (q @ y)) / np.log(norm_y / norm_x))


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


# --- other_convention --------------------------------------------------------------------------------------------


@exercise("other_convention", points={"values": 1})
def other_convention(alpha):
    """What is left of the item's length, alpha of it, has one minus alpha divided out."""
    return 1 - alpha


@other_convention.inputs("values", fixed=[(1.0,), (0.0,), (0.5,), (0.25,), (0.75,), (0.1,)])
def _(rng):
    return [(float(rng.uniform(0, 1)),) for _ in range(4)]


@other_convention.misconception(
    "You left the exponent as it is; at alpha 1 the score is the dot product, so how "
    "much of the length is divided out there?",
    kind="misconception",
)
def unchanged(alpha):
    return alpha


@other_convention.misconception(
    "You only turned the sign; that would be right if nothing but the cosine were in "
    "the numerator, but it is the dot product.",
    kind="misconception",
)
def sign_only(alpha):
    return -alpha


@other_convention.misconception(
    "Your sign is turned: you give the exponent for multiplying by the item's "
    "length, and the other convention divides by it."
)
def minus_one(alpha):
    return alpha - 1


@other_convention.misconception("You took one over alpha; the exponents of one length add up, they do not multiply.")
def reciprocal(alpha):
    return 1 / alpha


@other_convention.misconception(
    "You added alpha to 1; the more of the length stays in the score, the less of it is divided out."
)
def one_plus(alpha):
    return 1 + alpha


@other_convention.misconception(
    "You return the same number for every alpha; check the two ends first, where "
    "the score is the cosine or the dot product."
)
def half(alpha):
    return 0.5


@other_convention.alternative
def from_negative(alpha):
    return -(alpha - 1)


@other_convention.alternative
def as_numpy_scalar(alpha):
    return np.float64(1.0) - np.float64(alpha)


@other_convention.alternative
def in_float32_scalar(alpha):
    return np.float32(1) - np.float32(alpha)


# --- obtuse_order ------------------------------------------------------------------------------------------------


@exercise("obtuse_order", kind="answer", points={"values": 1}, choices={"*": ["long", "short", "tie"]})
def obtuse_order():
    """Two items in one direction, one of norm 1 and one of norm 5: which has the higher score?"""
    return {
        "acute, alpha 0": "tie",
        "acute, alpha 0.5": "long",
        "acute, alpha 1": "long",
        "right, alpha 0": "tie",
        "right, alpha 0.5": "tie",
        "right, alpha 1": "tie",
        "obtuse, alpha 0": "tie",
        "obtuse, alpha 0.5": "short",
        "obtuse, alpha 1": "short",
    }


obtuse_order.wrong_choice(
    "At an obtuse angle the cosine is negative: a large length times a negative "
    "number, is that a high score or a low one?",
    {"obtuse, alpha 1": "long"},
)
obtuse_order.wrong_choice(
    "At alpha 0 the length is raised to the power 0; what is that for the short item, and what for the long one?",
    {"acute, alpha 0": "long"},
)
obtuse_order.wrong_choice(
    "For the cosine you let the short item win at an acute angle; both point the same way, so what is their cosine?",
    {"acute, alpha 0": "short"},
)
obtuse_order.wrong_choice(
    "At alpha 0 the score is the cosine, and both items point the same way; is there anything left to tell them apart?",
    {"obtuse, alpha 0": "short"},
)
obtuse_order.wrong_choice(
    "At a right angle you let the long item win: which number is its length multiplied by?",
    {"right, alpha 1": "long"},
)
obtuse_order.wrong_choice(
    "At a right angle a short vector is no better than a long one: what do you multiply the length by?",
    {"right, alpha 1": "short"},
)
obtuse_order.wrong_choice(
    "At an acute angle and one half, the length still counts, only less than in the dot product; less is not nothing.",
    {"acute, alpha 0.5": "tie"},
)
obtuse_order.wrong_choice(
    "At an acute angle the cosine is positive; what does a larger length do to a positive number?",
    {"acute, alpha 1": "short"},
)
obtuse_order.wrong_choice(
    "An obtuse angle does not make the lengths drop out: the two scores have the same sign and not the same size.",
    {"obtuse, alpha 1": "tie"},
)


@obtuse_order.alternative
def _in_capitals():
    return {key: f" {value.upper()} " for key, value in obtuse_order.reference().items()}


@obtuse_order.alternative
def _in_another_order():
    return dict(reversed(list(obtuse_order.reference().items())))


@obtuse_order.alternative
def _with_a_note():
    return {**obtuse_order.reference(), "my note": "a negative number times five"}


# --- broadest_alpha ----------------------------------------------------------------------------------------------


@exercise("broadest_alpha", points={"values": 1, "equal coverage": 1, "none good enough": 1})
def broadest_alpha(alphas, quality, coverage, least_quality):
    """Keep the rows that are good enough, then take the one that covers most."""
    best = None
    for i in range(len(alphas)):
        if quality[i] < least_quality:
            continue
        if best is None or (coverage[i], quality[i]) > (coverage[best], quality[best]):
            best = i
    if best is None:
        raise ValueError("no alpha reaches the quality that is asked for")
    return float(alphas[best])


def _dial_table(rng, n):
    """Draw a table in which no two rows are equal and nothing is sorted."""
    alphas = rng.permutation(np.round(np.linspace(0.04, 0.98, n), 3))
    quality = rng.permutation(np.linspace(0.2, 0.5, n)) + rng.uniform(0, 0.01, size=n)
    return alphas, quality, rng.permutation(np.linspace(0.1, 0.7, n)) + rng.uniform(0, 0.01, size=n)


@broadest_alpha.inputs(
    "values",
    fixed=[
        ([0.25, 0.75], [0.5, 0.625], [0.5, 0.25], 0.5),
        ([0.25, 0.5, 1], [0.2, 0.4, 0.5], [0.7, 0.4, 0.2], 0.3),
        ([1, 0.25, 0.75], [0.47, 0.25, 0.44], [0.22, 0.69, 0.35], 0.4),
        ([0.2, 0.4, 0.6, 0.8], [0.3, 0.95, 0.45, 0.4], [0.5, 0.3, 0.6, 0.2], 0.35),
        ([0.6, 0.75, 0.9], [0.25, 0.5, 0.8], [0.5, 0.375, 0.25], 0.5),
        ([0, 0.25, 0.5, 0.75, 1], [0.25, 0.39, 0.44, 0.46, 0.47], [0.69, 0.45, 0.35, 0.27, 0.22], 0.42),
        ([0.9, 0.7, 0.5, 0.3], [0.2, 0.3, 0.45, 0.4], [0.3, 0.2, 0.6, 0.5], 0.25),
    ],
)
def _(rng):
    found = []
    for n in (4, 6, 9, 12):
        alphas, quality, coverage = _dial_table(rng, n)
        found.append((alphas, quality, coverage, float(np.sort(quality)[n // 2]) - 0.001 * (n % 2)))
    return found


@broadest_alpha.inputs(
    "equal coverage",
    fixed=[
        ([0.25, 0.75], [0.25, 0.5], [0.5, 0.5], 0.125),
        ([0.25, 0.75], [0.5, 0.25], [0.5, 0.5], 0.125),
        ([0.75, 0.25], [0.25, 0.5], [0.5, 0.5], 0.125),
        ([0.75, 0.25], [0.5, 0.25], [0.5, 0.5], 0.125),
        ([0.25, 0.5, 0.75], [0.5, 0.25, 0.375], [0.5, 0.75, 0.75], 0.125),
        ([0.25, 0.5, 0.75], [0.5, 0.375, 0.25], [0.5, 0.75, 0.75], 0.125),
        ([0.9, 0.3, 0.6], [0.4, 0.5, 0.375], [0.25, 0.5, 0.5], 0.1),
        ([0.9, 0.3, 0.6], [0.4, 0.3, 0.375], [0.25, 0.5, 0.5], 0.1),
        ([0.25, 0.5, 0.75], [0.125, 0.375, 0.5], [0.75, 0.75, 0.25], 0.25),
        ([0.9, 0.6, 0.3], [0.3, 0.2, 0.4], [0.25, 0.5, 0.125], 0.1),
    ],
)
def _(rng):
    found = []
    for n in (4, 7, 10):
        alphas, quality, coverage = _dial_table(rng, n)
        two = rng.choice(n, size=2, replace=False)
        coverage[two] = 0.875
        found.append((alphas, quality, coverage, 0.1))
    alphas, quality, coverage = _dial_table(rng, 5)
    return [*found, (alphas, quality, coverage, 0.1)]


@broadest_alpha.inputs(
    "none good enough",
    fixed=[
        ([0.25, 0.75], [0.25, 0.5], [0.5, 0.25], 0.625),
        ([0.25, 0.75], [0.25, 0.5], [0.5, 0.25], 0.375),
        ([0.5], [0.25], [0.5], 0.5),
        ([0.5, 1], [0.25, 0.5], [0.5, 0.25], 0.5),
        ([0.25, 0.5, 1], [0.2, 0.4, 0.5], [0.7, 0.4, 0.2], 0.6),
        ([0.25, 0.5, 1], [0.2, 0.4, 0.5], [0.7, 0.4, 0.2], 0.45),
    ],
)
def _(rng):
    found = []
    for n in (3, 5, 8):
        alphas, quality, coverage = _dial_table(rng, n)
        top = float(quality.max())
        found += [(alphas, quality, coverage, top + 0.01), (alphas, quality, coverage, top - 0.001)]
    return found


@broadest_alpha.misconception("You returned a position in the list; return the alpha that stands there.")
def position(alphas, quality, coverage, least_quality):
    return int(np.argmax(np.where(quality >= least_quality, coverage, -1)))


@broadest_alpha.misconception(
    "You took the best quality; enough is enough: among all that reach it, coverage decides.", kind="misconception"
)
def best_quality(alphas, quality, coverage, least_quality):
    return float(alphas[np.argmax(quality)])


@broadest_alpha.misconception("You took the broadest of all, good enough or not; sort out the rest first.")
def broadest_of_all(alphas, quality, coverage, least_quality):
    return float(alphas[np.argmax(coverage)])


@broadest_alpha.misconception(
    "You took the broadest of all, and gave up when it was not good enough; a narrower one may be. "
    "Which comes first, the floor or the largest?"
)
def broadest_or_error(alphas, quality, coverage, least_quality):
    broadest = np.argmax(coverage)
    if quality[broadest] < least_quality:
        raise ValueError
    return float(alphas[broadest])


@broadest_alpha.misconception("A quality of exactly the least that is asked for is enough; you refuse it.")
def strictly_better(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality > least_quality)
    return float(alphas[good[np.argmax(coverage[good])]])


@broadest_alpha.misconception("You returned the coverage that can be had; return the alpha that gives it.")
def coverage_itself(alphas, quality, coverage, least_quality):
    return float(coverage[quality >= least_quality].max())


@broadest_alpha.misconception(
    "You found the place among the rows that are good enough, and looked it up in "
    "the full list: the places have shifted."
)
def place_in_shortened_list(alphas, quality, coverage, least_quality):
    return float(alphas[np.argmax(coverage[quality >= least_quality])])


@broadest_alpha.misconception(
    "You took the smallest alpha that is good enough; coverage often falls as alpha "
    "grows, but look at it, do not assume it.",
    kind="misconception",
)
def smallest_alpha(alphas, quality, coverage, least_quality):
    return float(alphas[quality >= least_quality].min())


@broadest_alpha.misconception(
    "You stopped at the first row that is good enough; a later one may cover more, and the rows come in any order."
)
def first_row(alphas, quality, coverage, least_quality):
    return float(alphas[np.flatnonzero(quality >= least_quality)[0]])


@broadest_alpha.misconception(
    "You added quality and coverage up; the task sets a floor for the one and then looks for the most of the other.",
    kind="misconception",
)
def sum_of_both(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality >= least_quality)
    return float(alphas[good[np.argmax((quality + coverage)[good])]])


@broadest_alpha.misconception(
    "Of two with the same coverage you took the one that stands first; the better quality should decide.",
    layer="equal coverage",
)
def first_of_equals(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality >= least_quality)
    return float(alphas[good[np.argmax(coverage[good])]])


@broadest_alpha.misconception(
    "Of two with the same coverage you took the worse; nothing is gained by giving quality away.",
    layer="equal coverage",
)
def worse_of_equals(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality >= least_quality)
    return float(alphas[good[np.lexsort((quality[good], -coverage[good]))[0]]])


@broadest_alpha.misconception(
    "Of two with the same coverage you took the larger alpha; the rule is the better quality.", layer="equal coverage"
)
def larger_alpha_of_equals(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality >= least_quality)
    return float(alphas[good[np.lexsort((-alphas[good], -coverage[good]))[0]]])


@broadest_alpha.misconception(
    "Where nothing is good enough you return None; the caller would carry it on, so raise the error the prompt names.",
    layer="none good enough",
)
def none_returned(alphas, quality, coverage, least_quality):
    return None if max(quality) < least_quality else broadest_alpha(alphas, quality, coverage, least_quality)


@broadest_alpha.misconception(
    "Where nothing is good enough you still return the first alpha: the largest of a "
    "row of equal marks is the first of them.",
    layer="none good enough",
)
def first_alpha_after_all(alphas, quality, coverage, least_quality):
    if max(quality) < least_quality:
        return float(alphas[0])
    return broadest_alpha(alphas, quality, coverage, least_quality)


@broadest_alpha.misconception(
    "Where nothing is good enough an IndexError escapes by accident; say so yourself, with the error the prompt names.",
    layer="none good enough",
)
def index_error(alphas, quality, coverage, least_quality):
    if max(quality) < least_quality:
        raise IndexError
    return broadest_alpha(alphas, quality, coverage, least_quality)


@broadest_alpha.alternative
def by_lexsort(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(np.asarray(quality) >= least_quality)
    if not len(good):
        raise ValueError
    return alphas[good[np.lexsort((quality[good], coverage[good]))[-1]]]


@broadest_alpha.alternative
def by_max_of_tuples(alphas, quality, coverage, least_quality):
    rows = [(c, n, a) for a, n, c in zip(alphas, quality, coverage, strict=True) if n >= least_quality]
    return float(max(rows)[2])


@broadest_alpha.alternative
def by_masking_twice(alphas, quality, coverage, least_quality):
    good = quality >= least_quality
    if not good.any():
        raise ValueError
    at = good & (coverage == coverage[good].max())
    return float(alphas[np.argmax(np.where(at, quality, -np.inf))])
