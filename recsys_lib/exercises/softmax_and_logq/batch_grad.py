"""Differentiate the loss of one batch by the vectors of all users and all films."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("batch_grad", points={"values": 3, "twice in a batch": 1}, instead_of=("batch_gradients",))
def batch_grad(users, items, who, what, logq):
    """Each logit of the batch pulls at its row's user and at its column's film; who comes twice is pulled twice."""
    share = _share(users, items, who, what, logq)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


def _softmax(logits, axis=1):
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _share(users, items, who, what, logq):
    """Derivative of the loss by each logit, (b, b)."""
    p = _softmax(users[who] @ items[what].T - logq[what])
    p[np.diag_indices(len(who))] -= 1
    return p / len(who)


def _spread(users, items, who, what, of_u, of_x):
    """Add the gradients of the batch's places to the rows of the tables."""
    of_users, of_items = np.zeros(users.shape, of_u.dtype), np.zeros(items.shape, of_x.dtype)  # add.at: slow if mixed
    np.add.at(of_users, who, of_u)
    np.add.at(of_items, what, of_x)
    return of_users, of_items


def _distinct(rng, n, m, d, b):
    """Draw tables, and a batch in which nobody and nothing comes twice."""
    users, items = rng.normal(size=(n, d)).round(2), rng.normal(size=(m, d)).round(2)
    logq = np.log(rng.uniform(0.02, 0.6, m)).round(2)
    return users, items, rng.permutation(n)[:b], rng.permutation(m)[:b], logq


def _repeated(rng, n, m, d, b):
    """Draw tables, and a batch in which some users and some films come twice or more often."""
    users, items, _, _, logq = _distinct(rng, n, m, d, 1)
    who, what = rng.integers(0, n, b), rng.integers(0, m, b)
    who[1], what[1] = (who[0] + 1) % n, (what[0] + 1) % m  # of one user or one film alone nothing is learnt
    who[-1], what[-1] = who[0], what[1]
    return users, items, who, what, logq


def _ids(*numbers):
    return np.array(numbers)


@batch_grad.inputs(
    "values",
    fixed=[
        ([[1], [2], [5]], [[0], [0]], _ids(0, 1), _ids(1, 0), [0, 0]),
        ([[1], [2]], [[1], [-1]], _ids(0, 1), _ids(0, 1), [-1, -3]),
        ([[1, 0], [0.5, 2], [3, 1]], [[0, 1], [1, 1], [2, -1], [4, 0]], _ids(2, 0), _ids(1, 3), [-1, -2, -0.5, -3]),
        ([[1, 2], [0, 1], [-1, 1]], [[1, 0], [0.5, 1], [-1, 2]], _ids(1, 2, 0), _ids(0, 2, 1), [-2, -1, -1.5]),
        ([[0.5, -1, 1], [1, 1, 0]], [[1, 0, 2], [0, 1, 0.5], [1, -1, 1]], _ids(0, 1), _ids(2, 0), [-1, -0.25, -2]),
        ([[1, 1], [2, 0]], [[1, 2], [0, 1], [3, -1]], _ids(1), _ids(2), [-1, -2, -3]),
        ([[40], [1]], [[30], [-20]], _ids(0, 1), _ids(0, 1), [-1, -2]),  # logits of a thousand
    ],
)
def _(rng):
    return [_distinct(rng, *sizes) for sizes in ((4, 5, 2, 3), (6, 4, 3, 4), (3, 3, 2, 3), (8, 9, 4, 6))]


@batch_grad.inputs(
    "twice in a batch",
    fixed=[
        ([[1], [2]], [[0], [1]], _ids(0, 0), _ids(0, 1), [0, -1]),
        ([[1], [2], [-1]], [[0.5], [1]], _ids(0, 1, 2), _ids(0, 1, 0), [-1, -2]),
        ([[1, 2], [0, 1], [2, 1]], [[1, 0], [0, 1], [-1, 2]], _ids(1, 0, 1, 2), _ids(0, 2, 2, 0), [-1, -2, -1]),
        ([[1, 2], [0, 1], [-1, 1]], [[1, 0], [0.5, 1], [-1, 2]], _ids(1, 2, 0), _ids(0, 2, 1), [-2, -1, -1.5]),
        ([[0.5, 1], [1, -1]], [[1, 2], [2, 0]], _ids(1, 1, 1), _ids(1, 1, 0), [-0.5, -1]),
        ([[2, 1], [1, 0]], [[1, 1], [0, 2], [1, 0]], _ids(0, 1), _ids(2, 2), [-3, -1, -2]),
    ],
)
def _(rng):
    found = [_repeated(rng, *sizes) for sizes in ((3, 4, 2, 5), (2, 3, 3, 6), (5, 6, 2, 8))]
    return [*found, _distinct(rng, 5, 4, 2, 3)]


@batch_grad.misconception(
    "The sum over the batch is right, and its mean is asked for: by what is each logit's derivative divided?"
)
def no_mean(users, items, who, what, logq):
    share = _share(users, items, who, what, logq) * len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception("You divided by all entries of the table of logits; how many rows has the mean of the loss?")
def divided_by_all_entries(users, items, who, what, logq):
    share = _share(users, items, who, what, logq) / len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception(
    "These are the gradients turned round: a step against them has to raise the right film's probability, so which "
    "sign has its logit's derivative?"
)
def sign_turned(users, items, who, what, logq):
    share = -_share(users, items, who, what, logq)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception("Nothing pulls a user to the right film: on the diagonal, 1 is missing from the probability.")
def one_not_subtracted(users, items, who, what, logq):
    share = _softmax(users[who] @ items[what].T - logq[what]) / len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception(
    "You let only the right film pull; every film of the batch has a logit in the row, and pushes."
)
def right_pairs_only(users, items, who, what, logq):
    share = np.diag(np.diag(_share(users, items, who, what, logq)))
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception("You subtracted 1 everywhere; only the right film of a row, on the diagonal, has it.")
def one_subtracted_everywhere(users, items, who, what, logq):
    share = (_softmax(users[who] @ items[what].T - logq[what]) - 1) / len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception(
    "A film's gradient comes from the wrong rows: film j stands in column j, so which way round does the table of "
    "derivatives belong?"
)
def items_from_the_wrong_rows(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    return _spread(users, items, who, what, share @ items[what], share @ users[who])


@batch_grad.misconception(
    "A user's gradient comes from the wrong columns: user i stands in row i, so which way round does the table of "
    "derivatives belong?"
)
def users_from_the_wrong_columns(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    return _spread(users, items, who, what, share.T @ items[what], share.T @ users[who])


@batch_grad.misconception("You took the softmax of columns; a user chooses among films, and a user is a row.")
def softmax_of_columns(users, items, who, what, logq):
    share = (_softmax(users[who] @ items[what].T - logq[what], axis=0) - np.eye(len(who))) / len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception(
    "You left log q out: it changes the probabilities, if not what the chain rule does with them."
)
def without_log_q(users, items, who, what, logq):
    share = _share(users, items, who, what, np.zeros(len(logq)))
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception("You added log q to the logits; the loss subtracts it.")
def log_q_added(users, items, who, what, logq):
    share = _share(users, items, who, what, -logq)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception("You corrected twice: log q is subtracted once from each logit.")
def log_q_twice(users, items, who, what, logq):
    share = _share(users, items, who, what, 2 * logq)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception("You left the right film without its log q; the loss corrects every film of the batch.")
def positive_left(users, items, who, what, logq):
    logits = users[who] @ items[what].T - logq[what] * (1 - np.eye(len(who)))
    share = (_softmax(logits) - np.eye(len(who))) / len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception(
    "The two tables come in the wrong order: the gradient by the users is first.",
)
def order_turned(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])[::-1]


@batch_grad.misconception(
    "You returned a row for each place of the batch; the prompt asks for the shapes of `users` and `items`, with "
    "zeros for whoever is not in the batch.",
    kind="next step",
)
def rows_of_the_batch(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    return share @ items[what], share.T @ users[who]


@batch_grad.misconception(
    "You multiplied a user's derivative with the user's own vector; by the chain rule a user moves along films, and a "
    "film along users."
)
def own_vectors(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    return _spread(users, items, who, what, share @ users[who], share.T @ items[what])


@batch_grad.misconception(
    "You returned the tables after a step; the prompt asks for the gradients alone.",
)
def tables_after_a_step(users, items, who, what, logq):
    of_users, of_items = batch_grad.reference(users, items, who, what, logq)
    return users - of_users, items - of_items


@batch_grad.misconception("You went through the whole catalogue; the films of the batch alone share the probability.")
def whole_catalogue(users, items, who, what, logq):
    p = _softmax(users[who] @ items.T - logq)
    p[np.arange(len(who)), what] -= 1
    of_users = np.zeros(users.shape)
    np.add.at(of_users, who, p @ items / len(who))
    return of_users, p.T @ users[who] / len(who)


@batch_grad.misconception(
    "You took the first rows of the tables for the batch; `who` and `what` say which rows are in it."
)
def first_rows(users, items, who, what, logq):
    b = min(len(who), len(users), len(items))
    places = np.arange(b)
    return batch_grad.reference(users, items, places, places, logq)


@batch_grad.misconception("You read log q by place of the batch; `logq` has a number for each film of the catalogue.")
def log_q_by_place(users, items, who, what, logq):
    places = np.arange(len(who)) % len(logq)
    p = _softmax(users[who] @ items[what].T - logq[places])
    share = (p - np.eye(len(who))) / len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception(
    "Who or what is in the batch twice keeps the gradient of one place only; the others have to be added to it.",
    layer="twice in a batch",
)
def overwritten(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    of_users, of_items = np.zeros(users.shape), np.zeros(items.shape)
    of_users[who] += share @ items[what]
    of_items[what] += share.T @ users[who]
    return of_users, of_items


@batch_grad.misconception(
    "A film that is in the batch twice keeps the gradient of one place only; for the users you added them up.",
    layer="twice in a batch",
)
def items_overwritten(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    of_users, _ = _spread(users, items, who, what, share @ items[what], share.T @ users[who])
    of_items = np.zeros(items.shape)
    of_items[what] = share.T @ users[who]
    return of_users, of_items


@batch_grad.misconception(
    "A user who is in the batch twice keeps the gradient of one place only; for the films you added them up.",
    layer="twice in a batch",
)
def users_overwritten(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    _, of_items = _spread(users, items, who, what, share @ items[what], share.T @ users[who])
    of_users = np.zeros(users.shape)
    of_users[who] = share @ items[what]
    return of_users, of_items


@batch_grad.misconception(
    "You masked the hits by accident; the loss of this exercise is without the mask.", layer="twice in a batch"
)
def masked(users, items, who, what, logq):
    logits = users[who] @ items[what].T - logq[what]
    accident = (what[:, None] == what) & ~np.eye(len(who), dtype=bool)
    share = (_softmax(np.where(accident, -np.inf, logits)) - np.eye(len(who))) / len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception(
    "You took every place that holds a row's film for the right one; the right one is on the diagonal alone.",
    layer="twice in a batch",
)
def every_place_is_right(users, items, who, what, logq):
    p = _softmax(users[who] @ items[what].T - logq[what])
    share = (p - (what[:, None] == what)) / len(who)
    return _spread(users, items, who, what, share @ items[what], share.T @ users[who])


@batch_grad.misconception(
    "Who or what is in the batch twice gets the mean of its places; the gradient of a sum is the sum.",
    layer="twice in a batch",
)
def mean_of_places(users, items, who, what, logq):
    of_users, of_items = batch_grad.reference(users, items, who, what, logq)
    in_users = np.maximum(np.bincount(who, minlength=len(users)), 1)
    in_items = np.maximum(np.bincount(what, minlength=len(items)), 1)
    return of_users / in_users[:, None], of_items / in_items[:, None]


@batch_grad.alternative
def pair_by_pair(users, items, who, what, logq):
    share = _share(users, items, who, what, logq)
    of_users, of_items = np.zeros(users.shape), np.zeros(items.shape)
    for i in range(len(who)):
        for j in range(len(what)):
            of_users[who[i]] = of_users[who[i]] + share[i, j] * items[what[j]]
            of_items[what[j]] = of_items[what[j]] + share[i, j] * users[who[i]]
    return of_users, of_items


@batch_grad.alternative
def with_add_at(users, items, who, what, logq):
    u, x = users[who], items[what]
    logits = u @ x.T - logq[what]
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(who)), np.arange(len(who))] -= 1
    p /= len(who)
    of_users, of_items = np.zeros_like(users), np.zeros_like(items)
    np.add.at(of_users, who, p @ x)
    np.add.at(of_items, what, p.T @ u)
    return of_users, of_items


@batch_grad.alternative
def with_a_table_of_places(users, items, who, what, logq):
    b = len(who)
    u_at = np.equal.outer(np.arange(len(users)), who).astype(float)
    x_at = np.equal.outer(np.arange(len(items)), what).astype(float)
    logits = users[who] @ items[what].T - logq[what]
    top = logits.max(axis=1)[:, None]
    p = np.exp(logits - top - np.log(np.exp(logits - top).sum(axis=1))[:, None])
    share = (p - np.identity(b)) / b
    return u_at @ (share @ items[what]), x_at @ (share.T @ users[who])


@batch_grad.alternative
def place_by_place(users, items, who, what, logq):
    of_users, of_items = np.zeros(users.shape), np.zeros(items.shape)
    b = len(who)
    for i in range(b):
        row = np.array([users[who[i]] @ items[film] - logq[film] for film in what])
        p = np.exp(row - row.max())
        p = p / p.sum()
        for j in range(b):
            g = (p[j] - (1 if i == j else 0)) / b
            of_users[who[i]] += g * items[what[j]]
            of_items[what[j]] += g * users[who[i]]
    return of_users, of_items
