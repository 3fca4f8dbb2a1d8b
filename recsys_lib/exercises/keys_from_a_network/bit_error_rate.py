"""Find the share of bits that come out wrong."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("bit_error_rate", points={"values": 2}, instead_of=("bit_error_rate",))
def bit_error_rate(outputs, bits):
    """Count the outputs that stand on the wrong side of one half."""
    wrong = 0
    for output, bit in zip(outputs, bits, strict=True):
        if (output >= 0.5) != (bit == 1):
            wrong += 1
    return wrong / len(bits)


@bit_error_rate.inputs(
    "values",
    fixed=[
        ([0.9, 0.2], np.array([1, 1])),
        ([0.9, 0.2, 0.4, 0.6], np.array([1, 0, 1, 1])),
        ([0.1, 0.3, 0.8], np.array([1, 1, 1])),
        ([0.5, 0.5, 0.1], np.array([1, 1, 0])),
        ([0.5, 0.5, 0.9, 0.2, 0.7], np.array([0, 1, 0, 0, 1])),
        ([0.7, 0.4, 0.8, 0.1, 0.6], np.array([0, 1, 0, 1, 1])),
        ([0.95, 0.9, 0.05, 0.49, 0.51, 0.3], np.array([1, 1, 0, 1, 0, 0])),
        ([0.2, 0.4, 0.3, 0.1], np.array([1, 0, 0, 0])),
        ([1.0, 0.0, 1.0], np.array([1, 0, 1])),
        ([0.2, 0.8, 0.5], np.array([1, 0, 0])),
        ([0.9, 0.1, 0.7, 0.3], [1, 1, 0, 0]),
    ],
)
def _(rng):
    found = []
    for n, error in [(10, 0.2), (40, 0.3), (30, 0.7), (200, 0.1)]:
        bits = rng.integers(0, 2, n)
        wrong = rng.random(n) < error
        wrong[:2] = True, False
        outputs = np.where(bits ^ wrong, rng.uniform(0.5, 1, n), rng.uniform(0, 0.5, n))
        outputs[2:5] = 0.5
        found.append((outputs, bits))
    return found


@bit_error_rate.misconception("You return the share of bits that are right; what is asked for?")
def share_of_right(outputs, bits):
    return np.mean((outputs >= 0.5) == bits)


@bit_error_rate.misconception("You return how many bits are wrong; what makes a share of a count?")
def number_of_wrong(outputs, bits):
    return float(np.sum((outputs >= 0.5) != bits))


@bit_error_rate.misconception("An output of exactly one half reads as 0 in yours; on which side does the border lie?")
def border_reads_as_zero(outputs, bits):
    return np.mean((outputs > 0.5) != bits)


@bit_error_rate.misconception(
    "You averaged how far the outputs are from the bits; what does an output read as before it is compared?",
    kind="misconception",
)
def mean_distance(outputs, bits):
    return np.mean(np.abs(outputs - bits))


@bit_error_rate.misconception(
    "You averaged squared distances of outputs and bits; what does an output read as before it is compared?",
    kind="misconception",
)
def mean_squared_distance(outputs, bits):
    return np.mean((outputs - bits) ** 2)


@bit_error_rate.misconception(
    "You compared the outputs themselves with the bits, and a number like 0.9 equals neither; what does it read as?"
)
def outputs_compared(outputs, bits):
    return np.mean(outputs != bits)


@bit_error_rate.misconception(
    "You turned an error above one half round; if nine of ten bits come out wrong, how many is that?",
    kind="misconception",
)
def never_above_a_half(outputs, bits):
    error = np.mean((outputs >= 0.5) != bits)
    return min(error, 1 - error)


@bit_error_rate.misconception(
    "You cut the outputs to whole numbers, so that all but 1 became 0; where does the border lie?"
)
def cut_to_whole(outputs, bits):
    return np.mean(outputs.astype(int) != bits)


@bit_error_rate.misconception("You counted only ones that read as 0; a 0 that reads as 1 is wrong, too.")
def missed_ones_only(outputs, bits):
    return np.mean((outputs < 0.5) & (bits == 1))


@bit_error_rate.misconception("You counted only zeros that read as 1; a 1 that reads as 0 is wrong, too.")
def false_ones_only(outputs, bits):
    return np.mean((outputs >= 0.5) & (bits == 0))


@bit_error_rate.misconception(
    "You compared how many ones there are, and two opposite errors then cancel; which bit belongs to which output?",
    kind="misconception",
)
def ones_counted(outputs, bits):
    return abs(np.mean(outputs >= 0.5) - np.mean(bits))


@bit_error_rate.misconception("You divided by the number of ones in the message; the share is of how many bits?")
def over_the_ones(outputs, bits):
    return np.sum((outputs >= 0.5) != bits) / max(np.sum(bits), 1)


@bit_error_rate.misconception("You divided the wrong bits by the right ones; the share is of how many bits?")
def over_the_right(outputs, bits):
    wrong = int(np.sum((outputs >= 0.5) != bits))
    return wrong / (len(bits) - wrong) if wrong < len(bits) else 1.0


@bit_error_rate.misconception(
    "You divided the wrong bits by the right ones, of which there may be none; the share is of how many bits?"
)
def over_the_right_even_if_none(outputs, bits):
    wrong = int(np.sum((outputs >= 0.5) != bits))
    return wrong / (len(bits) - wrong)


@bit_error_rate.misconception("You return one truth value for each bit; how does one number for all come about?")
def each_bit_on_its_own(outputs, bits):
    return (outputs >= 0.5) != bits


@bit_error_rate.misconception("You return a percentage; a share lies between 0 and 1.")
def as_a_percentage(outputs, bits):
    return 100 * np.mean((outputs >= 0.5) != bits)


@bit_error_rate.alternative
def by_mean(outputs, bits):
    return np.mean((outputs >= 0.5) != bits)


@bit_error_rate.alternative
def by_difference_of_bits(outputs, bits):
    read = np.where(outputs < 0.5, 0, 1)
    return np.abs(read - bits).sum() / len(read)


@bit_error_rate.alternative
def by_floor(outputs, bits):
    return 1 - float(np.count_nonzero(np.floor(outputs + 0.5) == bits)) / outputs.size
