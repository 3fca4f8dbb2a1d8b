"""Find the gradient of the observed mean squared error, for the users and for the items."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.matrix_factorization._inputs import (
    IN_A_SPACE,
    ON_A_LINE,
    ONE_USER,
    SQUARE,
    THREE_USERS,
    TWO_USERS,
    WHOLE_STARS,
    in_whole_stars,
    n_rated,
    nearly_learnt,
    partly_learnt,
    rated_errors,
    worlds,
)
from recsys_lib.exercises.matrix_factorization.observed_mse import observed_mse


@exercise("mf_gradients", points={"values": 3})
def mf_gradients(users, items, ratings):
    """Each rating pulls on its user by error times item, and on its item by error times user."""
    rated = ratings > 0
    errors = np.where(rated, users @ items.T - ratings, 0)
    grad_users = 2 * errors @ items / rated.sum()
    grad_items = 2 * errors.T @ users / rated.sum()
    return grad_users, grad_items


@mf_gradients.inputs("values", fixed=[ONE_USER, TWO_USERS, WHOLE_STARS, ON_A_LINE, SQUARE, THREE_USERS, IN_A_SPACE])
def _(rng):
    first, *others = worlds(rng)
    return [in_whole_stars(first), *others, partly_learnt(rng), nearly_learnt(rng)]


def _sums(users, items, ratings):
    """Both sums of error times vector, without a factor."""
    errors = rated_errors(users, items, ratings)
    return errors @ items, errors.T @ users


@mf_gradients.misconception("The factor 2 is missing: what is the derivative of a square?")
def no_two(users, items, ratings):
    return tuple(part / n_rated(ratings) for part in _sums(users, items, ratings))


@mf_gradients.misconception(
    "You differentiated the sum of the squared errors; the loss is their mean, so something is missing below the line."
)
def of_the_sum(users, items, ratings):
    return tuple(2 * part for part in _sums(users, items, ratings))


@mf_gradients.misconception(
    "You have error times vector, summed; two factors are missing, one from the square and one from the mean."
)
def neither_factor(users, items, ratings):
    return _sums(users, items, ratings)


@mf_gradients.misconception(
    "You divide by the number of all cells; the loss is a mean over the ratings, so how many terms does it have?"
)
def over_all_cells(users, items, ratings):
    return tuple(2 * part / ratings.size for part in _sums(users, items, ratings))


@mf_gradients.misconception(
    "You treat an empty cell as a rating of 0; a cell without a rating has no error, so it must not pull.",
    kind="misconception",
)
def dense_gradient(users, items, ratings):
    errors = users @ items.T - ratings
    return 2 * errors @ items / ratings.size, 2 * errors.T @ users / ratings.size


@mf_gradients.misconception(
    "You divide by the number of ratings, but an empty cell has no error, so it must not pull.",
    kind="misconception",
)
def dense_sum_over_ratings(users, items, ratings):
    errors = users @ items.T - ratings
    return 2 * errors @ items / n_rated(ratings), 2 * errors.T @ users / n_rated(ratings)


@mf_gradients.misconception(
    "Your gradient points downhill; it is the direction in which the loss grows, and the step takes the minus sign.",
    kind="misconception",
)
def downhill(users, items, ratings):
    return tuple(-2 * part / n_rated(ratings) for part in _sums(users, items, ratings))


@mf_gradients.misconception(
    "For the items you use the table of errors as it lies; which way must it be turned so that a row is an item?"
)
def errors_not_turned(users, items, ratings):
    errors = rated_errors(users, items, ratings)
    return 2 * errors @ items / n_rated(ratings), 2 * errors @ users / n_rated(ratings)


@mf_gradients.misconception("You return the items' gradient first; the users' comes first.")
def items_first(users, items, ratings):
    grad_users, grad_items = mf_gradients.reference(users, items, ratings)
    return grad_items, grad_users


@mf_gradients.misconception(
    "You divide each row by its own number of ratings, and a row without any by 0; one number, that of all ratings, "
    "belongs under every row."
)
def by_own_counts(users, items, ratings):
    part_users, part_items = _sums(users, items, ratings)
    return (
        2 * part_users / np.count_nonzero(ratings, axis=1)[:, None],
        2 * part_items / np.count_nonzero(ratings, axis=0)[:, None],
    )


@mf_gradients.misconception(
    "You multiply by the squared errors; the derivative of a square holds the error itself, with its sign."
)
def squared_errors(users, items, ratings):
    squares = rated_errors(users, items, ratings) ** 2
    return 2 * squares @ items / n_rated(ratings), 2 * squares.T @ users / n_rated(ratings)


@mf_gradients.misconception(
    "Each rating overwrites what the one before it said about the same user or film; the pulls have to be added up."
)
def last_rating_only(users, items, ratings):
    grad_users, grad_items = np.zeros(users.shape), np.zeros(items.shape)
    for i, j in zip(*np.nonzero(ratings), strict=True):
        error = users[i] @ items[j] - ratings[i, j]
        grad_users[i], grad_items[j] = 2 * error * items[j], 2 * error * users[i]
    return grad_users / n_rated(ratings), grad_items / n_rated(ratings)


@mf_gradients.misconception(
    "You pull each vector along itself; in the derivative of a product, the other factor stands beside the error."
)
def along_itself(users, items, ratings):
    errors = 2 * rated_errors(users, items, ratings) / n_rated(ratings)
    return errors.sum(axis=1)[:, None] * users, errors.sum(axis=0)[:, None] * items


def _own(ratings, axis):
    """Count each user's (axis 1) or item's (axis 0) ratings as a column, 1 where there is none."""
    return np.maximum(np.count_nonzero(ratings, axis=axis), 1)[:, None]


@mf_gradients.misconception(
    "You divide each row by its own number of ratings; divide every row by one number, that of all ratings."
)
def by_own_counts_guarded(users, items, ratings):
    part_users, part_items = _sums(users, items, ratings)
    return 2 * part_users / _own(ratings, 1), 2 * part_items / _own(ratings, 0)


@mf_gradients.misconception(
    "Almost: your slopes are measured with a small step to one side, which misses by about the size of the step; step "
    "to both sides, or use the formula."
)
def forward_differences(users, items, ratings):
    found, size = [], 1e-6
    before = observed_mse.reference(users, items, ratings)
    for table in (users, items):
        slopes = np.zeros(table.shape)
        for place in np.ndindex(table.shape):
            was = table[place]
            table[place] = was + size
            slopes[place] = (observed_mse.reference(users, items, ratings) - before) / size
            table[place] = was
        found.append(slopes)
    return tuple(found)


@mf_gradients.misconception(
    "Your errors are cut to whole numbers where the ratings are whole: an array that is made like `ratings` takes over "
    "their type, so make it of floats."
)
def errors_cut_to_whole_numbers(users, items, ratings):
    errors = np.zeros_like(ratings)
    errors[ratings > 0] = rated_errors(users, items, ratings)[ratings > 0]
    return 2 * errors @ items / n_rated(ratings), 2 * errors.T @ users / n_rated(ratings)


@mf_gradients.misconception(
    "You moved the users before you worked out the items' gradient; both are asked for at the point that was given.",
    kind="misconception",
)
def items_at_moved_users(users, items, ratings):
    grad_users, _ = mf_gradients.reference(users, items, ratings)
    return grad_users, mf_gradients.reference(users - grad_users, items, ratings)[1]


@mf_gradients.misconception(
    "You divide by the number of users on one side and of items on the other; the loss is a mean over the ratings."
)
def by_own_length(users, items, ratings):
    part_users, part_items = _sums(users, items, ratings)
    return 2 * part_users / len(users), 2 * part_items / len(items)


@mf_gradients.alternative
def gradients_rating_by_rating(users, items, ratings):
    grad_users, grad_items = np.zeros(users.shape), np.zeros(items.shape)
    for i in range(ratings.shape[0]):
        for j in range(ratings.shape[1]):
            if ratings[i, j] != 0:
                error = users[i] @ items[j] - ratings[i, j]
                grad_users[i] += 2 * error * items[j]
                grad_items[j] += 2 * error * users[i]
    return grad_users / np.count_nonzero(ratings), grad_items / np.count_nonzero(ratings)


@mf_gradients.alternative
def gradients_by_matrices(users, items, ratings):
    errors = (users @ items.T - ratings) * (ratings > 0)
    factor = 2 / np.sum(ratings > 0)
    return factor * errors @ items, factor * errors.T @ users


@mf_gradients.alternative
def gradients_by_places_as_lists(users, items, ratings):
    user, item = np.nonzero(ratings)
    errors = np.einsum("md,md->m", users[user], items[item]) - ratings[user, item]
    grad_users, grad_items = np.zeros_like(users), np.zeros_like(items)
    np.add.at(grad_users, user, 2 * errors[:, None] * items[item] / len(user))
    np.add.at(grad_items, item, 2 * errors[:, None] * users[user] / len(user))
    return [grad_users.tolist(), grad_items.tolist()]


@mf_gradients.alternative
def gradients_by_finite_differences(users, items, ratings):
    """In each number the loss is a parabola, so that a central difference is exact."""
    found = []
    for table in (users, items):
        grad = np.zeros_like(table)
        for place in np.ndindex(table.shape):
            was, losses = table[place], []
            for change in (0.5, -0.5):
                table[place] = was + change
                losses.append(observed_mse.reference(users, items, ratings))
            table[place] = was
            grad[place] = losses[0] - losses[1]
        found.append(grad)
    return tuple(found)


@mf_gradients.alternative
def gradients_by_scipy(users, items, ratings):
    from scipy.sparse import csr_matrix

    errors = csr_matrix(rated_errors(users, items, ratings))
    return errors @ items * (2 / n_rated(ratings)), errors.T @ users * (2 / n_rated(ratings))


@mf_gradients.alternative
def gradients_in_float32(users, items, ratings):
    grad_users, grad_items = gradients_by_matrices(*(x.astype(np.float32) for x in (users, items, ratings)))
    return grad_users.astype(np.float32), grad_items.astype(np.float32)
