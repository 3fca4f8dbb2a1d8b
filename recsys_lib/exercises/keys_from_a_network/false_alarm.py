"""Find the chance that a key which has nothing to do with a picture agrees with a message all the same."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("false_alarm", points={"values": 2, "many bits": 1}, instead_of=("false_alarm",))
def false_alarm(n, t):
    """Count the cases with at most t wrong bits in whole numbers, and divide by all."""
    return sum(math.comb(n, wrong) for wrong in range(t + 1)) / 2**n


@false_alarm.inputs(
    "values",
    fixed=[(2, 1), (3, 1), (1, 0), (4, 0), (1, 1), (5, 4), (8, 2), (10, 5), (16, 3), (20, 20), (64, 20), (256, 51)],
)
def _(rng):
    return [(int(n), int(rng.integers(n // 8, n // 2))) for n in rng.integers(9, 200, 6)]


@false_alarm.inputs(
    "many bits",
    fixed=[(64, 20), (1000, 400), (1023, 500), (1100, 400), (1300, 500), (1500, 700), (1800, 600), (2000, 900)],
)
def _(rng):
    many = [(int(n), int(n * rng.uniform(0.4, 0.5))) for n in rng.integers(1100, 2000, 4)]
    return [*many, *[(int(n), int(rng.integers(n // 8, n // 2))) for n in rng.integers(30, 400, 2)]]


def _tail(n, counts):
    return sum(math.comb(n, wrong) for wrong in counts) / 2**n


@false_alarm.misconception("You left out the case with exactly that many wrong bits; what does at most include?")
def fewer_than(n, t):
    return _tail(n, range(t))


@false_alarm.misconception(
    "You gave the chance of exactly that many wrong bits; a key with fewer wrong ones would convince as well."
)
def exactly(n, t):
    return _tail(n, [t])


@false_alarm.misconception("You left out the case without any wrong bit; where does the sum begin?")
def none_wrong_left_out(n, t):
    return _tail(n, range(1, t + 1))


@false_alarm.misconception(
    "You gave the chance of more wrong bits than that: the other end of the distribution; which one convinces?"
)
def upper_tail(n, t):
    return _tail(n, range(t + 1, n + 1))


@false_alarm.misconception(
    "You gave the chance of at least that many wrong bits; which end of the distribution convinces?"
)
def at_least(n, t):
    return _tail(n, range(t, n + 1))


@false_alarm.misconception(
    "You gave a number of cases; what makes a chance of it?",
    kind="next step",
)
def cases_counted(n, t):
    return float(sum(math.comb(n, wrong) for wrong in range(t + 1)))


@false_alarm.misconception(
    "You gave the chance that certain bits are all right, and counted one choice of the wrong ones; in how many ways "
    "can they be chosen?",
    kind="misconception",
)
def one_choice_of_the_wrong(n, t):
    return 0.5 ** (n - t)


@false_alarm.misconception(
    "Each number of wrong bits counts as one case in yours; in how many ways can so many be chosen?",
    kind="misconception",
)
def every_count_alike(n, t):
    return (t + 1) / 2**n


@false_alarm.misconception(
    "You gave the chance that each bit is right, without any wrong one; the wrong ones are missing from it."
)
def all_right(n, t):
    return 0.5**n


@false_alarm.misconception(
    "You used the bell curve instead of counting; so far out in its tail it is wrong by large factors.",
    kind="misconception",
)
def bell_curve(n, t):
    return 0.5 * math.erfc(-(t - n / 2) / math.sqrt(n / 2))


@false_alarm.misconception(
    "You used the bell curve with half a bit added instead of counting; how far off is it in the tail?",
    kind="misconception",
)
def bell_curve_with_half_a_bit(n, t):
    return 0.5 * math.erfc(-(t + 0.5 - n / 2) / math.sqrt(n / 2))


@false_alarm.misconception(
    "You used the bell curve instead of counting, and far out in the tail nothing is left of your difference; can you "
    "do without the curve?",
    kind="misconception",
)
def bell_curve_by_difference(n, t):
    return 0.5 * (1 + math.erf((t - n / 2) / math.sqrt(n / 2)))


@false_alarm.misconception(
    "You used the bell curve with half a bit added, and far out in the tail nothing is left of your difference; can "
    "you count instead?",
    kind="misconception",
)
def bell_curve_with_half_a_bit_by_difference(n, t):
    return 0.5 * (1 + math.erf((t + 0.5 - n / 2) / math.sqrt(n / 2)))


@false_alarm.misconception(
    "Your numbers of ways are those for a message with one bit less; out of how many are the wrong ones chosen?"
)
def one_bit_less(n, t):
    return sum(math.comb(n - 1, wrong) for wrong in range(t + 1)) / 2**n


@false_alarm.misconception(
    "You divided by the number of wrong counts that there are; how many messages of n bits are there?"
)
def over_the_counts(n, t):
    return (t + 1) / (n + 1)


@false_alarm.misconception(
    "Your function drew coins; the chance is far too small for that, so count the cases instead."
)
def simulated(n, t):
    return float(np.mean(np.random.default_rng(0).binomial(n, 0.5, 10_000) <= t))


@false_alarm.misconception(
    "With more than a thousand bits a float overflows in yours; which of your numbers could stay whole numbers until "
    "the last division?",
    layer="many bits",
)
def power_of_a_float(n, t):
    return sum(math.comb(n, wrong) for wrong in range(t + 1)) / 2.0**n


@false_alarm.misconception(
    "With more than a thousand bits one half to that power is 0 as a float, and so are your terms; which of your "
    "numbers could stay whole?",
    layer="many bits",
)
def half_to_the_power(n, t):
    try:
        return sum(math.comb(n, wrong) * 0.5**n for wrong in range(t + 1))
    except OverflowError:
        return 0.0


@false_alarm.misconception(
    "Your whole numbers are NumPy's, which have 64 bits and then begin again; what of Python's own has no largest "
    "number?",
    layer="many bits",
)
def numbers_of_64_bits(n, t):
    term, total = np.int64(1), np.int64(1)
    with np.errstate(all="ignore"):
        for wrong in range(1, t + 1):
            term = term * np.int64(n - wrong + 1) // np.int64(wrong)
            total += term
    return float(total) / 2.0 ** min(n, 1000)


@false_alarm.alternative
def false_alarm_by_running_terms(n, t):
    ways = term = 1
    for wrong in range(1, t + 1):
        term = term * (n - wrong + 1) // wrong
        ways += term
    return ways / 2**n


@false_alarm.alternative
def false_alarm_by_logarithms(n, t):
    log = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2) for k in range(t + 1)]
    return math.fsum(math.exp(x) for x in log)


@false_alarm.alternative
def false_alarm_from_the_other_end(n, t):
    return (2**n - sum(math.comb(n, k) for k in range(t + 1, n + 1))) / 2**n


@false_alarm.alternative
def false_alarm_by_shifting(n, t):
    ways = 0
    for k in range(t + 1):
        ways += math.factorial(n) // (math.factorial(k) * math.factorial(n - k)) if n < 300 else math.comb(n, k)
    return ways / (1 << n)
