"""The course's models once more, as short as they can be written: float64, formulas by hand, exact solutions.

Every start is drawn as the lessons say: users first, then items, from `numpy.random.default_rng(seed)`.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix


def start(n_users, n_items, d, std, seed=0):
    """Draw users and items, every number from a normal distribution."""
    rng = np.random.default_rng(seed)
    return std * rng.standard_normal((n_users, d)), std * rng.standard_normal((n_items, d))


def descend(table, users, items, *, lr, steps, l2=0.0, gravity=0.0, weights=1.0, adam=False):
    """Plain gradient descent on mean squared error of the rated cells, L2 and gravity; or Adam with its usual settings.

    `weights` says how much each item's squared length counts in the mean of all.
    """
    n, m = table.shape
    errors = csr_matrix(table)  # its numbers lie row by row, as those of `given` do
    given, cells = errors.data.copy(), np.flatnonzero(table)
    weights = np.broadcast_to(weights, m)[:, None]
    moments = [np.zeros_like(users), np.zeros_like(items), np.zeros_like(users), np.zeros_like(items)]
    for step in range(1, steps + 1):
        errors.data = (users @ items.T).ravel()[cells] - given
        of_users = 2 / len(given) * (errors @ items) + 2 * l2 / n * users
        of_items = 2 / len(given) * (errors.T @ users) + 2 * l2 / m * weights * items
        of_users += 2 * gravity / (n * m) * users @ (items.T @ items)  # of the mean of (u.x)^2 over all pairs
        of_items += 2 * gravity / (n * m) * items @ (users.T @ users)
        if adam:
            of_users, of_items = _by_adam(moments, (of_users, of_items), step)
        users, items = users - lr * of_users, items - lr * of_items
    return users, items


def softmax(seen, users, items, *, lr, steps, adam=True):
    """Descend minus the mean log probability of the rated films, each film a competitor of each."""
    n_ratings = seen.sum()
    moments = [np.zeros_like(users), np.zeros_like(items), np.zeros_like(users), np.zeros_like(items)]
    activity = seen.sum(axis=1, keepdims=True)
    for step in range(1, steps + 1):
        slope = np.exp(users @ items.T)  # the scores are small
        slope *= activity / slope.sum(axis=1, keepdims=True)
        slope -= seen
        slope /= n_ratings
        moves = slope @ items, slope.T @ users
        of_users, of_items = _by_adam(moments, moves, step) if adam else moves
        users, items = users - lr * of_users, items - lr * of_items
    return users, items


def _by_adam(moments, gradients, step):
    """Divide the running mean of each gradient by the root of the running mean of its square (Kingma and Ba, 2015)."""
    found = []
    for at, gradient in enumerate(gradients):
        moments[at] = 0.9 * moments[at] + 0.1 * gradient
        moments[at + 2] = 0.999 * moments[at + 2] + 0.001 * gradient**2
        mean, square = moments[at] / (1 - 0.9**step), moments[at + 2] / (1 - 0.999**step)
        found.append(mean / (np.sqrt(square) + 1e-8))
    return found


def ials(seen, items, *, l2, unobserved, sweeps):
    """Alternate exact least squares over all cells: target 1 and weight 1 where rated, 0 and `unobserved` elsewhere."""
    items = np.where(seen.any(axis=0)[:, None], items, 0.0)
    for _ in range(sweeps):
        users = _weighted(seen, items, l2, unobserved)
        items = _weighted(seen.T, users, l2, unobserved)
    return users, items


def _weighted(seen, other, l2, unobserved):
    everywhere = unobserved * other.T @ other + l2 * np.eye(other.shape[1])
    rated = [other[row] for row in seen]
    left = np.array([everywhere + (1 - unobserved) * x.T @ x for x in rated])
    return np.linalg.solve(left, np.array([x.sum(axis=0) for x in rated])[..., None])[..., 0]


def als(table, items, *, l2, sweeps, by_count=True):
    """Alternate exact least squares over the rated cells, with biases; the ridge may grow with the number of ratings.

    Returns the table of predictions, not clipped. A bias is one more number of a vector, against a constant 1.
    """
    mean = table[table > 0].mean()
    items, of_items = np.where(table.any(axis=0)[:, None], items, 0.0), np.zeros(len(items))
    for _ in range(sweeps):
        users, of_users = _ridge(table, items, of_items, mean, l2, by_count)
        items, of_items = _ridge(table.T, users, of_users, mean, l2, by_count)
    return mean + of_users[:, None] + of_items + users @ items.T


def _ridge(table, other, bias_of_other, mean, l2, by_count):
    width = other.shape[1] + 1
    found = np.zeros((len(table), width))
    for one, row in enumerate(table):
        rated = np.flatnonzero(row)
        if len(rated):
            x = np.column_stack([other[rated], np.ones(len(rated))])
            wanted = row[rated] - mean - bias_of_other[rated]
            ridge = l2 * (len(rated) if by_count else 1) * np.eye(width)
            found[one] = np.linalg.solve(x.T @ x + ridge, x.T @ wanted)
    return found[:, :-1], found[:, -1]


def biases(table, *, l2_users=15.0, l2_items=10.0, sweeps=10):
    """Mean, user's bias and item's bias, solved by turns as Surprise does: items first."""
    rated = table > 0
    mean = table[rated].mean()
    rest = np.where(rated, table - mean, 0.0)
    of_users = np.zeros(len(table))
    for _ in range(sweeps):
        of_items = (rest - rated * of_users[:, None]).sum(axis=0) / (rated.sum(axis=0) + l2_items)
        of_users = (rest - rated * of_items).sum(axis=1) / (rated.sum(axis=1) + l2_users)
    return mean + of_users[:, None] + of_items


def ease(seen, l2):
    """Scores by all weights at once: the inverse of the table of films with films."""
    x = seen.astype(float)
    gram = x.T @ x + l2 * np.eye(x.shape[1])
    inverse = np.linalg.inv(gram)
    weights = np.eye(x.shape[1]) - inverse / np.diag(inverse)
    return x @ weights
