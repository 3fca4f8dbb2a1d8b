"""Turn a setting of our dial into that of texts that divide by a power of the item's length."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


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
    "You answer for the two ends, and give one half for every setting between them; find what holds for each of them."
)
def half_between(alpha):
    return {0: 1.0, 1: 0.0}.get(alpha, 0.5)


@other_convention.misconception(
    "Your sign is turned: you give the exponent for multiplying by the item's "
    "length, and the other convention divides by it."
)
def minus_one(alpha):
    return alpha - 1


@other_convention.misconception(
    "You took one over alpha, which grows without end towards alpha 0; there the score is the cosine, and how much of "
    "the length does a cosine divide out?"
)
def reciprocal(alpha):
    return 1 / alpha


@other_convention.misconception(
    "You took one over alpha, and something else at 0 where it does not exist; a rule with a hole at one end of the "
    "dial is not the one you look for."
)
def reciprocal_with_a_hole(alpha):
    return 1 / alpha if alpha else 0


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
