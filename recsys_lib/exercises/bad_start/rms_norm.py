"""How long is a vector of d random numbers with standard deviation std?"""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.bad_start._inputs import judge_number, mean_norm


@exercise("rms_norm", kind="property", points={"values": 2})
def rms_norm(std, d):
    """Each of the d squares is std^2 on average, so their sum is d std^2; take the root."""
    return std * math.sqrt(d)


@rms_norm.inputs(
    "values",
    fixed=[
        (0.5, 9),
        (2.0, 9),
        (1e-4, 30),
        (1.0, 30),
        (0.5, 30),
        (0.05, 30),
        (2.0, 4),
        (0.1, 100),
        (0.25, 64),
        (0.5, 1000),
    ],
)
def _(rng):
    return [(float(rng.uniform(0.02, 3)), int(rng.integers(5, 200))) for _ in range(5)]


@rms_norm.judge(lambda std, d: ())
def _(args, result):
    return judge_number(rms_norm, args, result, (rms_norm.reference(*args), mean_norm(*args)), "measured_norm", 0.3)


@rms_norm.misconception("You gave the squared norm; what turns a sum of squares into a length?")
def squared_norm(std, d):
    return std**2 * d


@rms_norm.misconception(
    "You multiplied by d, as if the numbers were laid end to end; they stand at right angles to each other, so it is "
    "their squares that add up.",
    kind="misconception",
)
def end_to_end(std, d):
    return std * d


@rms_norm.misconception(
    "You gave the size of one number of the row; the row has d of them, and each makes it longer.", kind="misconception"
)
def one_coordinate(std, d):
    return std


@rms_norm.misconception(
    "You divided by the root of d, which is right for the spread of a mean; a length is a sum, and a sum grows.",
    kind="misconception",
)
def as_for_a_mean(std, d):
    return std / math.sqrt(d)


@rms_norm.misconception("You left out std: a start that is twice as wide has norms that are twice as long.")
def std_forgotten(std, d):
    return math.sqrt(d)


@rms_norm.misconception("You took the root of std as well; std is a spread already, and it is its square that adds up.")
def std_taken_for_variance(std, d):
    return math.sqrt(std * d)


@rms_norm.misconception("You squared std and took the root of d alone: both belong under the same root.")
def squared_std_root_d(std, d):
    return std**2 * math.sqrt(d)


@rms_norm.misconception(
    "You took the mean size of a number instead of its root mean square; it is the squares that add up to a norm."
)
def root_d_times_mean_size(std, d):
    return std * math.sqrt(2 * d / math.pi)


@rms_norm.misconception(
    "You counted one number too few; did you take 1 from d, as for a spread that is estimated, or begin a loop at 1?"
)
def one_degree_less(std, d):
    return std * math.sqrt(d - 1)


@rms_norm.misconception("You cut off what comes after the point; a norm need not be a whole number.")
def whole_number(std, d):
    return float(int(std * math.sqrt(d)))


@rms_norm.misconception(
    "Your number is near, but not it: measured on random vectors, or rounded? The mean square can be had exactly.",
    kind="next step",
    near=True,
)
def measured_norm(std, d):
    rows = np.random.default_rng(0).normal(0, std, size=(2000, d))
    return float(np.linalg.norm(rows, axis=1).mean()) * 1.002


@rms_norm.alternative
def root_of_the_sum(std, d):
    return np.sqrt(d * std**2)


@rms_norm.alternative
def norm_of_a_typical_row(std, d):
    return np.linalg.norm(np.full(d, std))


@rms_norm.alternative
def mean_of_the_norm(std, d):
    return mean_norm(std, d)


@rms_norm.alternative
def rms_in_float32(std, d):
    return np.float32(std) * np.sqrt(np.float32(d))
