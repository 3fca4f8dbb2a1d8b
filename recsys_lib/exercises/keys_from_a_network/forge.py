"""Find weights under which a picture that somebody else made reads as bits of one's own."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.comparison import as_numbers
from recsys_lib.checks.definition import exercise


@exercise("forge", kind="property", points={"values": 3})
def forge(features, bits, h):
    """Draw the hidden layer, and solve for the weights behind it: no step of training."""
    rng = np.random.default_rng(0)
    w1, b1 = rng.normal(size=(features.shape[1], h)), rng.normal(size=h)
    hidden = np.tanh(features @ w1 + b1)
    wanted = np.where(bits == 1, 1.0, -1.0)
    return w1, b1, np.linalg.lstsq(hidden, wanted, rcond=None)[0], 0.0


def _blocks(rng, n):
    """Draw features as they come from a picture: a few slow waves are strong, and all have mean 0 and deviation 1."""
    features = rng.standard_t(4, size=(n, 15)) @ (np.eye(15) + 0.3 * rng.normal(size=(15, 15)) / 4)
    return (features - features.mean(axis=0)) / features.std(axis=0)


def _mixed(rng, n):
    """Draw bits of which neither kind is missing."""
    bits = rng.integers(0, 2, n)
    bits[:2] = rng.permutation(2)
    return bits


def _fixed(seed, n, h):
    rng = np.random.default_rng([15, seed])
    return _blocks(rng, n), _mixed(rng, n), h


# Two blocks of mean 0 are opposite, and one bit for both asks for a bias.
OPPOSITE = (_blocks(np.random.default_rng(16), 2), np.array([0, 0]), 4)


@forge.inputs(
    "values",
    fixed=[*(_fixed(*case) for case in ((0, 4, 8), (1, 12, 30), (2, 30, 30), (3, 60, 90), (4, 80, 80))), OPPOSITE],
)
def _(rng):
    return [(_blocks(rng, n), _mixed(rng, n), n + more) for n, more in ((10, 0), (35, 10), (50, 60), (80, 5))]


def _read(features, w1, b1, w2, b2):
    """What stands in the logistic function: from 0 on it reads as 1."""
    return np.tanh(features @ w1 + b1) @ w2 + b2


NAMES = ("W1", "b1", "w2", "b2")


def _shapes(features, h):
    return {"W1": (features.shape[1], h), "b1": (h,), "w2": (h,), "b2": ()}


@forge.judge(lambda features, bits, h: tuple(_shapes(features, h).values()))
def _(args, result):
    features, bits, h = args
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        return "four things are asked for: W1, b1, w2 and b2"
    parts = [as_numbers(part) for part in result]
    for name, part, shape in zip(NAMES, parts, _shapes(features, h).values(), strict=True):
        if part is None:
            return f"{name} is no array of numbers"
        if part.shape != shape:
            asked = f"has shape {shape}" if shape else "is one number"
            return f"{name} {asked}, yours has shape {part.shape}"
    parts = [part.astype(float) for part in parts]
    if not all(np.isfinite(part).all() for part in parts):
        return "there is NaN or infinity in what you return"
    inside = _read(features, *parts)
    outputs = (1 + np.tanh(inside / 2)) / 2
    wrong = (outputs >= 0.5) != (bits == 1)
    if not wrong.any():
        return None
    if wrong.all():
        return "bits_turned_round"
    if not parts[2].any():
        return "nothing_behind_the_units"
    if np.allclose(inside, bits, atol=1e-3):
        return "zeros_and_ones_wanted"
    if np.ptp(inside) < 1e-9 or (np.ptp(parts[0], axis=1) == 0).all() and np.ptp(parts[1]) == 0:
        return "all_units_alike"
    if np.linalg.matrix_rank(np.tanh(features @ parts[0] + parts[1])) < len(bits):
        return "units_that_repeat"
    return f"{int(wrong.sum())} of {len(bits)} blocks read as the other bit"


@forge.misconception(
    "Every block reads as the opposite of its bit; which sign do the numbers before the logistic function need for a 1?"
)
def bits_turned_round(features, bits, h):
    w1, b1, w2, b2 = forge.reference(features, bits, h)
    return w1, b1, -w2, b2


@forge.misconception(
    "Before the logistic function you aim at 0 and 1, and both of them read as 1; which numbers read as 0?",
    kind="misconception",
)
def zeros_and_ones_wanted(features, bits, h):
    w1, b1, _, b2 = forge.reference(features, bits, h)
    hidden = np.tanh(features @ w1 + b1)
    return w1, b1, np.linalg.lstsq(hidden, bits.astype(float), rcond=None)[0] + 0, b2 + 1e-9


@forge.misconception(
    "All your hidden units do the same, so together they can say no more than one; what makes them differ?",
    kind="misconception",
)
def all_units_alike(features, bits, h):
    w1, b1 = np.ones((features.shape[1], h)), np.zeros(h)
    hidden = np.tanh(features @ w1 + b1)
    return w1, b1, np.linalg.lstsq(hidden, np.where(bits == 1, 1.0, -1.0), rcond=None)[0], 0.0


@forge.misconception(
    "Your hidden units repeat one another or are silent, so they say fewer things of their own than there are blocks; "
    "what gives each unit something of its own to say?",
    kind="misconception",
)
def units_that_repeat(features, bits, h):
    w1, b1 = np.eye(features.shape[1], h), np.zeros(h)
    hidden = np.tanh(features @ w1 + b1)
    return w1, b1, np.linalg.lstsq(hidden, np.where(bits == 1, 1.0, -1.0), rcond=None)[0], 0.0


@forge.misconception(
    "Behind the hidden units all your weights are zero, so every block gives the same; what is left to be found?",
    kind="next step",
)
def nothing_behind_the_units(features, bits, h):
    w1, b1, w2, b2 = forge.reference(features, bits, h)
    return w1, b1, 0 * w2, b2


@forge.alternative
def forge_by_pseudoinverse(features, bits, h):
    rng = np.random.default_rng(7)
    w1, b1 = rng.uniform(-1, 1, (15, h)), rng.uniform(-1, 1, h)
    return w1, b1, np.linalg.pinv(np.tanh(features @ w1 + b1)) @ (2.0 * bits - 1), 0


@forge.alternative
def forge_with_a_bias(features, bits, h):
    rng = np.random.default_rng(3)
    w1, b1 = 0.5 * rng.normal(size=(15, h)), np.zeros(h)
    hidden = np.column_stack([np.tanh(features @ w1), np.ones(len(bits))])
    found = np.linalg.lstsq(hidden, 8.0 * bits - 4, rcond=None)[0]
    return [w1, b1, found[:-1], found[-1]]


@forge.alternative
def forge_by_one_unit_a_block(features, bits, h):
    direction = np.random.default_rng(1).normal(size=15)
    along = features @ direction
    order = np.argsort(along)
    w1, b1, w2 = np.zeros((15, h)), np.zeros(h), np.zeros(h)
    for unit, (left, right) in enumerate(zip(order[:-1], order[1:], strict=True)):
        steep = 20 / (along[right] - along[left])
        w1[:, unit] = steep * direction
        b1[unit] = -steep * (along[left] + along[right]) / 2
        w2[unit] = float(bits[right]) - float(bits[left])
    return w1, b1, w2, float(bits[order[0]]) - 0.5 + w2.sum() / 2
