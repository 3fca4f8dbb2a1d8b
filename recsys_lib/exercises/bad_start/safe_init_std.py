"""Choose the standard deviation of a random start from the norm that it should have."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.bad_start._inputs import judge_number, mean_norm


@exercise("safe_init_std", kind="property", points={"values": 1})
def safe_init_std(d, target):
    """Turn std sqrt(d) = target round."""
    return target / math.sqrt(d)


@safe_init_std.inputs(
    "values", fixed=[(9, 1.5), (30, 0.25), (30, 1.0), (30, 1e-3), (4, 1.0), (100, 0.5), (64, 2.0), (4, 9.0)]
)
def _(rng):
    return [(int(rng.integers(5, 200)), float(rng.uniform(0.05, 3))) for _ in range(5)]


@safe_init_std.judge(lambda d, target: ())
def _(args, result):
    d, target = args
    right = (target / math.sqrt(d), target / mean_norm(1.0, d))
    return judge_number(safe_init_std, args, result, right, "measured_std", 0.05)


@safe_init_std.misconception(
    "You shared the norm out evenly, but it is squares that share it. If you called your own function: in which order "
    "does it take its arguments?"
)
def shared_evenly(d, target):
    return target / d


@safe_init_std.misconception(
    "You went the other way: that is the norm that a start of this width has. Here the norm is given, not the width."
)
def wrong_way(d, target):
    return target * math.sqrt(d)


@safe_init_std.misconception("You gave the variance; the standard deviation is its root.")
def variance(d, target):
    return target**2 / d


@safe_init_std.misconception("You gave one over the root of d whatever the target is: that makes norms of about 1.")
def target_forgotten(d, target):
    return 1 / math.sqrt(d)


@safe_init_std.misconception("You gave each number the whole norm as its size; the more of them, the smaller each.")
def target_itself(d, target):
    return target


@safe_init_std.misconception("You took the root of the target too; only the number of coordinates is under the root.")
def root_of_both(d, target):
    return math.sqrt(target / d)


@safe_init_std.misconception("Your fraction is upside down: more coordinates ask for a smaller std, not a larger one.")
def upside_down(d, target):
    return math.sqrt(d) / target


@safe_init_std.misconception("You rounded to two decimals, which is a good part of a number as small as this.")
def two_decimals(d, target):
    return round(target / math.sqrt(d), 2)


@safe_init_std.misconception(
    "Your number is close, but not it: found by trying, or rounded? Turn the formula of the norm round instead.",
    kind="next step",
    near=True,
)
def measured_std(d, target):
    return 1.004 * target / math.sqrt(d)


@safe_init_std.alternative
def root_of_the_variance(d, target):
    return np.sqrt(target**2 / d)


@safe_init_std.alternative
def for_the_mean_norm(d, target):
    return target / mean_norm(1.0, d)


@safe_init_std.alternative
def over_a_row_of_ones(d, target):
    return float(target / np.linalg.norm(np.ones(d)))
