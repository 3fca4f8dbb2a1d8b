"""Work out the mean cross-entropy of a batch whose right answers are on the diagonal."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise

PLAIN = [
    ([[3, 3], [0, 50]],),
    ([[1, 2], [3, 5]],),
    ([[0.5]],),
    ([[2, -1, 0], [1, 4, 3], [0.5, -2, 1]],),
    ([[-3, -4, -2.5], [-1, -6, 0], [-2, -2, -7]],),
    ([[1, 0, 2, 3], [0.5, 4, 1, 2], [2, 2, 2, 2], [3, 1, 0, -1]],),
    ([[0, 1, 2], [1, 1, 1], [4, 0, 2]],),
    ([[1, 2, 1], [2, 1, 1], [0, 3, 5]],),  # two rows have one sum
]


@exercise("softmax_xent", points={"values": 2, "large numbers": 1}, instead_of=("softmax_xent",))
def softmax_xent(logits):
    """Row by row: the logarithm of the sum of the exponentials, less the entry on the diagonal."""
    losses = []
    for i, row in enumerate(logits):
        largest = max(row)
        total = sum(math.exp(value - largest) for value in row)
        losses.append(math.log(total) - (row[i] - largest))
    return float(sum(losses) / len(losses))


@softmax_xent.inputs("values", fixed=PLAIN)
def _(rng):
    return [(np.round(rng.normal(scale=2, size=(b, b)), 3),) for b in (2, 3, 5, 8)]


@softmax_xent.inputs(
    "large numbers",
    fixed=[
        ([[1000, 1001], [2, 3]],),
        ([[1, 2], [3, 5]],),
        ([[100_000, 100_000], [0, 1]],),
        ([[-1000, -1002], [-2000, -2000]],),
        ([[1000, 0], [0, 3]],),
        ([[0, 1000], [3, 0]],),  # its probability is 0 in floating point, its loss is 1000
        ([[-100_000, 0, 2], [5, 100_000, 1], [1, 2, 3]],),
        ([[0, -3000, -3000], [-3000, 5, -3000], [1, 2, 3]],),
        ([[2, -1, 0], [1, 4, 3], [0.5, -2, 1]],),
    ],
)
def _(rng):
    found = []
    for b, scale in ((2, 1000.0), (3, 30_000.0), (4, 1.0), (5, 900.0)):
        found.append((np.round(scale * rng.uniform(-3, 3, size=(b, b)), 2),))
    return [*found, (np.round(rng.normal(size=(3, 3)) - 5000, 3),)]


def _softmax(logits, axis=1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=axis, keepdims=True)


def _log_softmax(logits, axis=1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@softmax_xent.misconception(
    "You let each column add up to 1; a user chooses among the films of the batch, and a user is a row."
)
def down_the_columns(logits):
    return -np.mean(np.diag(_log_softmax(logits, axis=0)))


@softmax_xent.misconception("You added the rows' losses up; the prompt asks for their mean.")
def sum_for_mean(logits):
    return -np.sum(np.diag(_log_softmax(logits)))


@softmax_xent.misconception("A loss of a probability below 1 is positive: check the sign.")
def sign_forgotten(logits):
    return np.mean(np.diag(_log_softmax(logits)))


@softmax_xent.misconception(
    "You left the right film out of the sum below the line; all films of the row share the probability, the right one "
    "too."
)
def positive_not_below(logits):
    b = len(logits)
    if b < 2:
        return 0.0
    others = np.where(np.eye(b, dtype=bool), -np.inf, logits)
    largest = others.max(axis=1)
    below = largest + np.log(np.exp(others - largest[:, None]).sum(axis=1))
    return float(np.mean(below - np.diag(logits)))


@softmax_xent.misconception("You averaged over all entries of the table; only the right film of a row has a loss.")
def mean_of_all_entries(logits):
    return -np.mean(_log_softmax(logits))


@softmax_xent.misconception(
    "You divided the diagonal's sum by the number of all entries; how many rows does the batch have?"
)
def divided_by_all_entries(logits):
    return -np.sum(np.diag(_log_softmax(logits))) / logits.size


@softmax_xent.misconception(
    "You took the mean of the probabilities and then its logarithm; the loss is the mean of the logarithms."
)
def log_of_the_mean(logits):
    return -math.log(max(np.mean(np.diag(_softmax(logits))), 1e-300))


@softmax_xent.misconception("You returned the mean probability of the right film; the loss is minus its logarithm.")
def no_logarithm(logits):
    return np.mean(np.diag(_softmax(logits)))


@softmax_xent.misconception("You used a logarithm to the base 2; the prompt asks for the natural one.")
def base_two(logits):
    return -np.mean(np.diag(_log_softmax(logits))) / math.log(2)


@softmax_xent.misconception("You used a logarithm to the base 10; the prompt asks for the natural one.")
def base_ten(logits):
    return -np.mean(np.diag(_log_softmax(logits))) / math.log(10)


@softmax_xent.misconception("You made one softmax of the whole table; each user has a softmax of her own.")
def one_softmax_for_all(logits):
    largest = logits.max()
    return float(largest + np.log(np.exp(logits - largest).sum()) - np.mean(np.diag(logits)))


@softmax_xent.misconception(
    "You gave the loss of each row; the prompt asks for one number, their mean.", kind="next step"
)
def a_loss_for_each_row(logits):
    return -np.diag(_log_softmax(logits))


@softmax_xent.misconception(
    "You took the film with the largest logit of each row for the right one; the right film of row i is in column i."
)
def largest_is_right(logits):
    return -np.mean(_log_softmax(logits).max(axis=1))


@softmax_xent.misconception("You took the first column for the right film of every row; it is on the diagonal.")
def first_column_is_right(logits):
    return -np.mean(_log_softmax(logits)[:, 0])


@softmax_xent.misconception(
    "You returned the mean of the logarithms below the line, without the right films' own logits."
)
def only_the_normaliser(logits):
    largest = logits.max(axis=1)
    return float(np.mean(largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))))


@softmax_xent.misconception(
    "You divided the logit by the sum of the exponentials; above the line belongs its exponential, too."
)
def logit_over_sum(logits):
    with np.errstate(all="ignore"):
        return -np.mean(np.log(np.diag(logits) / np.exp(logits).sum(axis=1)))


@softmax_xent.misconception(
    "You divided the row by the sum of its logits; a softmax divides exponentials by the sum of exponentials."
)
def no_exponential(logits):
    with np.errstate(all="ignore"):
        return -np.mean(np.log(np.diag(logits) / logits.sum(axis=1)))


@softmax_xent.misconception(
    "You punished the wrong films, too, as if each were a question of its own; the loss looks at the right film's "
    "probability alone."
)
def binary_cross_entropy(logits):
    sign = np.where(np.eye(len(logits), dtype=bool), 1.0, -1.0)
    return float(np.mean(np.logaddexp(0, -sign * logits)))


@softmax_xent.misconception(
    "The exponential of a large logit is infinity, and infinity over infinity is no number; what may be subtracted "
    "from a row first?",
    layer="large numbers",
)
def overflow(logits):
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        return -np.mean(np.log(np.diag(powers) / powers.sum(axis=1)))


@softmax_xent.misconception(
    "The sum of the exponentials is infinity before its logarithm is taken; what may be subtracted from a row first?",
    layer="large numbers",
)
def overflow_of_the_sum(logits):
    with np.errstate(all="ignore"):
        return np.mean(np.log(np.exp(logits).sum(axis=1)) - np.diag(logits))


@softmax_xent.misconception(
    "Nothing overflows now, but a probability below the smallest float has become 0, and its logarithm is infinite; "
    "can the logarithm be taken before dividing?",
    layer="large numbers",
)
def logarithm_of_zero(logits):
    with np.errstate(all="ignore"):
        return -np.mean(np.log(np.diag(_softmax(logits))))


@softmax_xent.misconception(
    "You keep the logarithm away from 0 by a small constant, so a loss of 1000 comes out as some dozens; the "
    "difference of two logits needs no such help.",
    layer="large numbers",
)
def small_constant(logits):
    return -np.mean(np.log(np.diag(_softmax(logits)) + 1e-12))


@softmax_xent.misconception(
    "You subtracted one number from the whole table, so the rows far below it have nothing left; each row has a "
    "largest logit of its own.",
    layer="large numbers",
)
def one_maximum_for_all(logits):
    with np.errstate(all="ignore"):
        shifted = logits - logits.max()
        return -np.mean(np.diag(shifted) - np.log(np.exp(shifted).sum(axis=1)))


@softmax_xent.misconception(
    "You cut large logits off, which makes unequal ones equal; subtract the same number from all of a row instead.",
    layer="large numbers",
)
def clipped(logits):
    cut = np.clip(logits, -500, 500)
    return -np.mean(np.diag(_log_softmax(cut)))


@softmax_xent.alternative
def with_whole_tables(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted.diagonal())


@softmax_xent.alternative
def by_differences_from_the_right_one(logits):
    return np.mean(np.logaddexp.reduce(logits - np.diag(logits)[:, None], axis=1))


@softmax_xent.alternative
def by_pairs(logits):
    return float(sum(np.logaddexp.reduce(row) - row[i] for i, row in enumerate(logits)) / len(logits))


@softmax_xent.alternative
def with_a_trace(logits):
    top = np.max(logits, axis=1)
    below = np.log(np.sum(np.exp(logits - top[:, None]), axis=1)) + top
    return (below.sum() - np.trace(logits)) / logits.shape[0]
