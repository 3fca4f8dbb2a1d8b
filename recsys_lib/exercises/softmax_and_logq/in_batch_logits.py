"""Score every film of a batch for every user of it, corrected for how often a film turns up."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("in_batch_logits", points={"values": 2}, instead_of=("in_batch_logits",))
def in_batch_logits(u, x, logq):
    """Entry by entry: a dot product less the column's log q."""
    b = len(u)
    logits = np.zeros((b, b))
    for i in range(b):
        for j in range(b):
            logits[i, j] = sum(u[i] * x[j]) - logq[j]
    return logits


@in_batch_logits.inputs(
    "values",
    fixed=[
        ([[1, 0], [0, 1]], [[2, 5], [1, 3]], [-1, -4]),
        ([[2]], [[3]], [-0.5]),
        ([[1, 2], [0, -3]], [[2, 1], [-4, 8]], [-2, -0.25]),
        ([[1], [2], [3]], [[4], [-1], [2]], [-3, -1, -2]),
        ([[1, 2, 0], [3, -1, 1]], [[0, 1, 2], [2, 0.5, -2]], [-1.5, -6]),
        ([[0.5, 2], [1, 1], [-2, 3]], [[4, 2], [0, 1], [1, -1]], [-0.5, -2.5, -1]),
    ],
)
def _(rng):
    found = []
    for b, d in ((2, 3), (3, 2), (4, 4), (6, 3)):
        u, x = rng.normal(size=(2, b, d)).round(3)
        found.append((u, x, np.log(rng.uniform(0.001, 0.3, b)).round(3)))
    return found


@in_batch_logits.misconception(
    "You added log q; a film that turns up often has the larger log q, and it is to lose by it less than before, not "
    "more."
)
def added(u, x, logq):
    return u @ x.T + logq


@in_batch_logits.misconception(
    "You subtracted a row's number from all of its logits, which no softmax notices; the correction belongs to the "
    "film, and a film is a column."
)
def by_row(u, x, logq):
    return u @ x.T - logq[:, None]


@in_batch_logits.misconception("You subtracted q itself; the prompt takes its logarithm, which it gives you already.")
def q_for_log_q(u, x, logq):
    return u @ x.T - np.exp(logq)


@in_batch_logits.misconception("You took the logarithm of a logarithm: `logq` is log q already.")
def logarithm_twice(u, x, logq):
    return u @ x.T - np.log(np.abs(logq))


@in_batch_logits.misconception(
    "You left the user's own film as it was; the correction holds for every film of the batch, the right one too."
)
def positive_left(u, x, logq):
    return u @ x.T - logq * (1 - np.eye(len(u)))


@in_batch_logits.misconception("You corrected the user's own film alone; every film of the batch needs it.")
def positive_alone(u, x, logq):
    return u @ x.T - np.diag(logq)


@in_batch_logits.misconception("You corrected twice: once is what takes the popularity of the batch back.")
def twice(u, x, logq):
    return u @ x.T - 2 * logq


@in_batch_logits.misconception("You forgot the correction: these are the dot products alone.", kind="next step")
def no_correction(u, x, logq):
    return u @ x.T


@in_batch_logits.misconception("Rows and columns are exchanged: in row i belongs user i, in column j film j.")
def transposed(u, x, logq):
    return x @ u.T - logq


@in_batch_logits.misconception(
    "Rows and columns are exchanged, in the dot products and in the correction: in row i belongs user i."
)
def wholly_transposed(u, x, logq):
    return (u @ x.T - logq).T


@in_batch_logits.misconception(
    "You scored each user with her own film only; every user needs a logit for every film of the batch."
)
def own_pairs_only(u, x, logq):
    return np.sum(u * x, axis=1) - logq


@in_batch_logits.misconception(
    "You scored each user with her own film and spread that over the table; column j needs the dot product with film j."
)
def own_pairs_spread(u, x, logq):
    return np.sum(u * x, axis=1)[:, None] - logq


@in_batch_logits.misconception("You corrected by row and by column; only films have a q.")
def both_ways(u, x, logq):
    return u @ x.T - logq - logq[:, None]


@in_batch_logits.misconception(
    "You multiplied by log q; a factor q below the line of a softmax is a difference in its exponent."
)
def multiplied(u, x, logq):
    return (u @ x.T) * logq


@in_batch_logits.misconception(
    "You divided by q; that is right for an exponential, and a logit is its logarithm: what becomes of a division "
    "there?"
)
def divided_by_q(u, x, logq):
    return (u @ x.T) / np.exp(logq)


@in_batch_logits.misconception("You made cosines of the dot products; nothing in the prompt takes the lengths away.")
def cosines(u, x, logq):
    lengths = np.outer(np.linalg.norm(u, axis=1), np.linalg.norm(x, axis=1))
    return (u @ x.T) / lengths - logq


@in_batch_logits.misconception("Half of the correction is missing: you subtracted log q divided by two.")
def half(u, x, logq):
    return u @ x.T - logq / 2


@in_batch_logits.alternative
def whole_tables(u, x, logq):
    return u @ x.T - logq


@in_batch_logits.alternative
def with_einsum(u, x, logq):
    return np.einsum("id,jd->ij", u, x) - np.asarray(logq)[np.newaxis, :]


@in_batch_logits.alternative
def column_by_column(u, x, logq):
    return np.column_stack([u @ film - correction for film, correction in zip(x, logq, strict=True)])


@in_batch_logits.alternative
def by_a_logarithm(u, x, logq):
    return np.log(np.exp(np.dot(u, np.transpose(x)) - 1.0) / np.exp(logq)) + 1.0
