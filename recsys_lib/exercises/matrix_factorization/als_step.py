"""Solve for every user's vector while the items stand still: half a sweep of ALS."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.matrix_factorization._inputs import IN_A_SPACE, SQUARE, THREE_USERS, TWO_USERS, rated_table


@exercise("als_step", points={"values": 2, "no ratings": 1})
def als_step(items, ratings, l2):
    """For each user, solve the ridge equations of the rated items."""
    users = np.zeros((len(ratings), items.shape[1]))
    for user, row in enumerate(ratings):
        rated = row > 0
        if rated.any():
            chosen = items[rated]
            left = chosen.T @ chosen + l2 * rated.sum() * np.eye(items.shape[1])
            users[user] = np.linalg.solve(left, chosen.T @ row[rated])
    return users


@als_step.inputs(
    "values",
    fixed=[
        ([[1, 2], [2, 0]], [[4, 3]], 0.5),
        ([[1, 2]], [[5], [4]], 2),
        ([[1], [2], [1]], [[4, 0, 1], [0, 3, 0]], 0.5),
        (TWO_USERS[1], [[3, 0, 1], [5, 2, 4]], 0.25),
        (np.array([[1, 2], [2, -1], [0, 3]]), np.array([[4, 0, 3], [0, 5, 1]]), 2),
        (SQUARE[1], SQUARE[2], 0.5),
        (THREE_USERS[1], THREE_USERS[2], 2),
        (IN_A_SPACE[1], IN_A_SPACE[2], 0.1),
        (IN_A_SPACE[1], [[4, 1, 3, 2, 5], [0, 2, 0, 5, 1], [3, 0, 2, 0, 4]], 1),
    ],
)
def _(rng):
    return [
        (rng.normal(size=(m, d)) + 0.2, rated_table(rng, n, m, 0.5), float(rng.uniform(0.05, 2)))
        for n, m, d in [(3, 4, 2), (4, 6, 2), (6, 9, 4), (9, 12, 3)]
    ]


@als_step.inputs(
    "no ratings",
    fixed=[
        ([[1], [2]], [[3, 1], [0, 0]], 2.5),
        ([[1], [2]], [[3, 1], [0, 2]], 2.5),
        ([[1, 2], [2, 0]], [[0, 0], [4, 3]], 0.5),
        ([[1, 2], [2, 0]], [[4, 3], [0, 0]], 0.5),
        ([[1, 2], [2, 0]], [[4, 3], [0, 2]], 0.5),
        ([[1, 2], [2, 0]], [[0, 0]], 0.5),
        ([[1, 2], [2, 0]], [[0, 1]], 0.5),
        ([[1], [2], [1]], [[0, 0, 0], [0, 0, 0]], 0.5),
        ([[1], [2], [1]], [[4, 0, 1], [0, 0, 0], [0, 3, 0]], 0.5),
        ([[1], [2], [1]], [[4, 0, 1], [0, 1, 0], [0, 3, 0]], 0.5),
        (IN_A_SPACE[1], [[0, 2, 0, 5, 1], [3, 0, 2, 0, 4], [0, 0, 0, 0, 0]], 1),
        (IN_A_SPACE[1], [[0, 2, 0, 5, 1], [3, 0, 2, 0, 4], [0, 5, 0, 0, 0]], 1),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(3, 4, 2), (5, 6, 3)]:
        items, table, l2 = rng.normal(size=(m, d)), rated_table(rng, n, m, 0.5), float(rng.uniform(0.1, 2))
        silent, lonely = table.copy(), table.copy()
        who = int(rng.integers(1, n))
        silent[who] = 0
        lonely[who] = 0
        lonely[who, rng.integers(m)] = rng.integers(1, 6)
        found += [(items, silent, l2), (items, lonely, l2), (items, table, l2)]
    return found


def _solved(items, ratings, ridge, *, dense=False):
    """The ridge solution of each user, with the ridge that ``ridge(count)`` gives."""
    d = items.shape[1]
    vectors = []
    for row in ratings:
        chosen = items if dense else items[row > 0]
        left = chosen.T @ chosen + ridge(np.count_nonzero(row)) * np.eye(d)
        vectors.append(np.linalg.solve(left, row @ items) if row.any() else np.zeros(d))
    return np.array(vectors)


@als_step.misconception("Your ridge is the same for every user; the prompt scales it by how many ratings the user has.")
def ridge_not_scaled(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2)


@als_step.misconception(
    "You scale the ridge by the number of all items; the prompt scales it by the number that this user has rated."
)
def ridge_by_items(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2 * len(items))


@als_step.misconception(
    "You scale the ridge by the width of the vectors; the prompt scales it by the user's number of ratings."
)
def ridge_by_width(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2 * items.shape[1])


@als_step.misconception(
    "You divide the ridge by the number of ratings; a user with more ratings gets more of it here, not less."
)
def ridge_divided(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2 / max(count, 1))


@als_step.misconception(
    "You fit all items, those without a rating as if it were 0; keep only the rows of the items that this user rated.",
    kind="misconception",
)
def all_items(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2 * count, dense=True)


@als_step.misconception(
    "You fit every item and take an empty cell for a rating of 0; use only the items that the user rated, and let the "
    "ridge grow with their number.",
    kind="misconception",
)
def all_items_one_ridge(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2, dense=True)


@als_step.misconception(
    "You scale the ridge by the number of ratings in the whole table; the prompt means those of the one user."
)
def ridge_by_all_ratings(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2 * np.count_nonzero(ratings))


@als_step.misconception("You scale the ridge by the sum of the user's stars; the prompt counts ratings, high or low.")
def ridge_by_stars(items, ratings, l2):
    return np.array([_solved(items, row[None], lambda count, row=row: l2 * row.sum())[0] for row in ratings])


@als_step.misconception("You added the ridge to every entry of the small matrix; it belongs on the diagonal alone.")
def ridge_everywhere(items, ratings, l2):
    vectors = []
    for row in ratings:
        chosen = items[row > 0]
        left = chosen.T @ chosen + l2 * len(chosen)
        vectors.append(np.linalg.solve(left, row @ items) if row.any() else np.zeros(items.shape[1]))
    return np.array(vectors)


@als_step.misconception(
    "You solved for each number of the vector by itself, from squares alone; the table on the left also holds the "
    "products of different numbers, and they tie the equations together.",
    kind="misconception",
)
def each_number_by_itself(items, ratings, l2):
    squares = (ratings > 0) @ items**2 + l2 * np.count_nonzero(ratings, axis=1)[:, None]
    return ratings @ items / np.where(squares == 0, 1, squares)


@als_step.misconception(
    "Your identity has the size of the number of ratings; what is added to the small matrix is as wide as the space."
)
def identity_of_ratings(items, ratings, l2):
    vectors = []
    for row in ratings:
        chosen = items[row > 0]
        left = chosen.T @ chosen + l2 * len(chosen) * np.eye(len(chosen))
        vectors.append(np.linalg.solve(left, row @ items))
    return np.array(vectors)


@als_step.misconception(
    "You left the ridge out; a user with fewer ratings than the space is wide has no single answer."
)
def no_ridge(items, ratings, l2):
    return np.array([np.linalg.lstsq(items[row > 0], row[row > 0], rcond=None)[0] for row in ratings])


@als_step.misconception(
    "You averaged the vectors of the rated items by rating; solve for the vector that predicts those ratings.",
    kind="misconception",
)
def weighted_mean(items, ratings, l2):
    return ratings @ items / np.maximum(np.count_nonzero(ratings, axis=1), 1)[:, None]


def _solved_for(items, ratings, l2, target):
    """The ridge solution of each user with another right side."""
    vectors = []
    for row in ratings:
        chosen = items[row > 0]
        left = chosen.T @ chosen + l2 * len(chosen) * np.eye(items.shape[1])
        vectors.append(np.linalg.solve(left, target(row, chosen)) if len(chosen) else np.zeros(items.shape[1]))
    return np.array(vectors)


@als_step.misconception(
    "You fit a 1 for every rated item; the right side of the equations holds the ratings themselves."
)
def binary_target(items, ratings, l2):
    return _solved_for(items, ratings, l2, lambda row, chosen: chosen.sum(axis=0))


@als_step.misconception(
    "You divided the matrix on the left by the number of ratings but not the vector on the right; do both, or neither."
)
def left_side_only(items, ratings, l2):
    counts = np.maximum(np.count_nonzero(ratings, axis=1), 1)[:, None]
    return _solved(items, ratings, lambda count: l2 * count) * counts


@als_step.misconception(
    "The sums of one user run on into the next; start both sides of the equations afresh for each user."
)
def sums_not_reset(items, ratings, l2):
    d = items.shape[1]
    users, left, right = np.zeros((len(ratings), d)), np.zeros((d, d)), np.zeros(d)
    for user, row in enumerate(ratings):
        chosen = items[row > 0]
        left, right = left + chosen.T @ chosen, right + row[row > 0] @ chosen
        if len(chosen):
            users[user] = np.linalg.solve(left + l2 * len(chosen) * np.eye(d), right)
    return users


@als_step.misconception(
    "The equations of one user, the ridge among them, run on into the next; start both sides afresh for each user."
)
def equations_not_reset(items, ratings, l2):
    d = items.shape[1]
    users, left, right = np.zeros((len(ratings), d)), np.zeros((d, d)), np.zeros(d)
    for user, row in enumerate(ratings):
        chosen = items[row > 0]
        left, right = left + chosen.T @ chosen + l2 * len(chosen) * np.eye(d), right + row[row > 0] @ chosen
        if len(chosen):
            users[user] = np.linalg.solve(left, right)
    return users


@als_step.misconception("Your ridge is twice as large as it should be; the equations have no 2 in them.")
def ridge_doubled(items, ratings, l2):
    return _solved(items, ratings, lambda count: 2 * l2 * count)


@als_step.misconception("You walk over the columns of the table, which are items; each user is a row.")
def walked_over_columns(items, ratings, l2):
    return als_step.reference(items, ratings.T, l2)


@als_step.misconception("You return one column for each user; each user is a row.")
def users_as_columns(items, ratings, l2):
    return als_step.reference(items, ratings, l2).T


@als_step.misconception(
    "A user without ratings stops the whole table: the ridge is 0 for them, and zeros cannot be solved for.",
    layer="no ratings",
)
def singular(items, ratings, l2):
    eye = np.eye(items.shape[1])
    return np.array(
        [np.linalg.solve(items[r > 0].T @ items[r > 0] + l2 * (r > 0).sum() * eye, r @ items) for r in ratings]
    )


@als_step.misconception(
    "You leave users without ratings out, so that everybody behind them moves up; they keep a row, of zeros.",
    layer="no ratings",
)
def silent_users_dropped(items, ratings, l2):
    users = als_step.reference(items, ratings, l2)
    return np.array([user for user, row in zip(users, ratings, strict=True) if row.any()])


@als_step.misconception(
    "You refuse a table with a user who has no ratings; for that user zeros are asked for, and the others want theirs.",
    layer="no ratings",
)
def silent_users_refused(items, ratings, l2):
    if not ratings.any(axis=1).all():
        raise ValueError
    return als_step.reference(items, ratings, l2)


@als_step.misconception(
    "A user without ratings gets NaN, which spreads to every score of theirs; zeros are asked for.", layer="no ratings"
)
def silent_users_nan(items, ratings, l2):
    users = als_step.reference(items, ratings, l2)
    users[~ratings.any(axis=1)] = np.nan
    return users


@als_step.misconception(
    "A user without ratings keeps the vector of the user before; each turn of a loop has to set it anew.",
    layer="no ratings",
)
def vector_of_the_one_before(items, ratings, l2):
    users = als_step.reference(items, ratings, l2)
    for i in range(1, len(users)):
        if not ratings[i].any():
            users[i] = users[i - 1]
    return users


@als_step.misconception(
    "A user without ratings gets the mean of the item vectors; a fair guess, but zeros are asked for.",
    layer="no ratings",
)
def silent_users_mean(items, ratings, l2):
    users = als_step.reference(items, ratings, l2)
    users[~ratings.any(axis=1)] = items.mean(axis=0)
    return users


@als_step.alternative
def als_by_outer_products(items, ratings, l2):
    d = items.shape[1]
    found = []
    for row in ratings:
        left, right, count = np.zeros((d, d)), np.zeros(d), 0
        for j in range(len(row)):
            if row[j] != 0:
                left += np.outer(items[j], items[j]) + l2 * np.eye(d)
                right += row[j] * items[j]
                count += 1
        found.append(np.linalg.solve(left, right) if count else np.zeros(d))
    return found


@als_step.alternative
def als_by_stacking(items, ratings, l2):
    """Ridge is least squares with extra rows: the root of the ridge, and a target of 0."""
    d = items.shape[1]
    users = []
    for row in ratings:
        chosen = items[row > 0]
        tall = np.vstack([chosen, np.sqrt(l2 * len(chosen)) * np.eye(d)])
        users.append(np.linalg.lstsq(tall, np.append(row[row > 0], np.zeros(d)), rcond=None)[0])
    return np.array(users)


@als_step.alternative
def als_all_at_once(items, ratings, l2):
    mask = (ratings > 0).astype(float)
    grams = np.einsum("ui,ik,il->ukl", mask, items, items)
    counts = mask.sum(axis=1)
    grams += (l2 * counts + (counts == 0))[:, None, None] * np.eye(items.shape[1])
    return np.linalg.solve(grams, (ratings @ items)[:, :, None])[:, :, 0]


@als_step.alternative
def als_by_inverse_as_lists(items, ratings, l2):
    users = []
    for row in ratings:
        rated = np.flatnonzero(row)
        if not len(rated):
            users.append([0.0] * items.shape[1])
            continue
        left = items[rated].T @ items[rated] + l2 * len(rated) * np.identity(items.shape[1])
        users.append((np.linalg.inv(left) @ items[rated].T @ row[rated]).tolist())
    return users


@als_step.alternative
def als_by_means(items, ratings, l2):
    users = np.zeros((len(ratings), items.shape[1]))
    for user, row in enumerate(ratings):
        chosen = items[row > 0]
        if len(chosen):
            left = chosen.T @ chosen / len(chosen) + np.diag(np.full(items.shape[1], l2))
            users[user] = np.linalg.solve(left, chosen.T @ row[row > 0] / len(chosen))
    return users


@als_step.alternative
def als_by_cholesky_in_float32(items, ratings, l2):
    from scipy.linalg import cho_factor, cho_solve

    users = np.zeros((len(ratings), items.shape[1]))
    for user, row in enumerate(ratings):
        if row.any():
            chosen = items[row > 0]
            left = chosen.T @ chosen + l2 * len(chosen) * np.eye(items.shape[1])
            users[user] = cho_solve(cho_factor(left), chosen.T @ row[row > 0])
    return users.astype(np.float32)
