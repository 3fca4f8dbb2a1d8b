"""Score items with a dial alpha that runs from the cosine to the dot product."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


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


Q = [4, 3]
ABC = [[0, 6], [4, 0], [1, 1]]


@norm_power.inputs(
    "values",
    fixed=[
        (np.array([3, 4]), np.array([[4, 3], [12, 16]]), 0.5),
        (Q, ABC, 0.25),
        (Q, ABC, 0),
        (Q, ABC, 0.75),
        ([2, -1], [[1, 3], [-2, 5], [4, 4], [-1, -3]], 0.5),
        ([1, 2, 2], [[2, -1, 2], [0, 3, 4], [-6, 2, 3]], 0.75),
        ([1, 0, -2, 2], [[1, 1, 1, 1], [3, 0, -4, 0], [2, -2, 4, 1]], 0.25),
    ],
)
def _(rng):
    found = []
    for (n, d), alpha in zip([(2, 3), (4, 4), (7, 3), (30, 8)], [rng.uniform(0.1, 0.9), 0, 0.75, 0.5], strict=True):
        found.append((rng.normal(size=d), rng.normal(size=(n, d)) * rng.uniform(0.5, 3, size=(n, 1)), alpha))
    whole = rng.integers(1, 9, size=(6, 3)) * rng.choice([-1, 1], size=(6, 3))
    return [*found, (whole[0], whole[1:], rng.uniform(0.1, 0.9))]


@norm_power.inputs(
    "zero vector",
    fixed=[
        ([3, 4], [[0, 0], [3, 4]], 0.5),
        ([3, 4], [[0, 0], [4, 3]], 0),
        ([3, 4], [[0, 0], [4, 3]], 1),
        ([0, 0], [[3, 4], [4, 3]], 0.5),
        ([0, 0], [[3, 4], [4, 3]], 1),
        ([3, 4], [[3e-20, 4e-20], [4, 3]], 0),  # short, but not zero
        ([3, 4], [[0, 5], [4, 3]], 0.5),
        ([0, 2], [[3, 4], [4, 3]], 0.25),
        ([3, 4], [[5, 12], [4, 3]], 1),
        (Q, ABC, 1),
        ([1, 2, 2], [[1, 0, 0], [0, 0, 0], [0, 0, 3]], 0.75),
        ([1, 2, 2], [[1, 0, 0], [0, 0, 0], [0, 0, 3]], 1),
        ([3, 4], [[0, 0], [4, 3]], 1 - 1e-7),  # nearly 1 is below 1
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
        found += [(q, with_zero, alpha), (q, with_zero, 1), (q, near_zero, alpha), (q, near_zero, 1)]
        short = items.copy()
        short[rng.integers(n)] *= 1e-20
        found += [(np.zeros(d), items, alpha), (q, short, 0)]
    return found


def lengths_of(q, items):
    """Product of the query's norm and each item's."""
    return np.linalg.norm(items, axis=1) * np.linalg.norm(q)


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
    "Your dial turns the other way: you give the dot product where alpha is 0. Test both ends, 0 and 1, before the "
    "middle.",
    kind="misconception",
)
def other_way_round(q, items, alpha):
    return items @ q / lengths_of(q, items) ** alpha


@norm_power.misconception(
    "You divide by the item's length to the power alpha, so the dial runs backwards, and the query's length is never "
    "divided out; compare both ends with the cosine and the dot product.",
    kind="misconception",
)
def divided_by_item_power(q, items, alpha):
    return items @ q / np.linalg.norm(items, axis=1) ** alpha


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
    return 1.0 * items @ q


@norm_power.misconception(
    "You return the cosine whatever alpha is; that is the other end of the dial. Where do the lengths come back in?",
    kind="next step",
)
def cosine_whatever(q, items, alpha):
    return items @ q / lengths_of(q, items)


@norm_power.misconception(
    "The item's length is right, and the query's own stands in the score once, whatever alpha is: which exponent do "
    "both lengths carry?"
)
def query_length_as_it_is(q, items, alpha):
    lengths = np.linalg.norm(items, axis=1)
    return lengths**alpha * (items @ q) / lengths


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
