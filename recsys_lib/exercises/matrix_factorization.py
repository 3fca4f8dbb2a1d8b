"""Lesson 5: learn vectors by the loss of what was rated, its gradient, gravity, and alternating least squares."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise

# Ratings from 1 to 5, and 0 where there is none. Numbers that can be followed by hand come first.
ONE_USER = ([[1, 2]], [[1, 1], [2, 0], [0, 1]], [[4, 0, 1]])
TWO_USERS = ([[1, 0], [1, 1]], [[2, 1], [1, 3], [0, 2]], [[3, 0, 1], [5, 2, 0]])
# As many items as numbers in a vector, and two predictions that are exactly right.
NARROW = ([[1, 0], [1, 1], [2, 1]], [[2, 0], [1, 3]], [[2, 0], [4, 1], [0, 4]])
THREE_USERS = ([[2, 1], [0, 1], [1, -1]], [[1, 2], [2, 0], [-1, 1], [1, 1]], [[5, 0, 0, 2], [0, 1, 0, 0], [4, 3, 0, 1]])
SQUARE = ([[1, 0.5], [2, -1], [0, 1]], [[1, 1], [0.5, 2], [3, 0]], [[0, 2, 4], [1, 0, 5], [0, 0, 3]])
IN_A_SPACE = (
    [[1, 0, 2], [0, 1, 1], [2, 1, 0], [1, 1, 1]],
    [[1, 1, 0], [0, 2, 1], [1, 0, 1], [0.5, 1, 2], [2, 0, 0.5]],
    [[4, 0, 3, 0, 0], [0, 2, 0, 5, 1], [3, 0, 0, 0, 4], [0, 0, 0, 1, 0]],
)
ON_A_LINE = ([[1], [2], [0.5]], [[1.5], [2], [1], [0.5]], [[2, 0, 1, 0], [3, 5, 0, 1], [0, 0, 1, 0]])


def _rated_table(rng, n_users, n_items, share):
    """Draw ratings from 1 to 5, some cells empty, no user and no item without a rating, and uneven counts."""
    while True:
        chance = share * rng.uniform(0.3, 1.7, size=(n_users, 1)) * rng.uniform(0.3, 1.7, size=n_items)
        table = np.where(rng.random((n_users, n_items)) < chance, rng.integers(1, 6, (n_users, n_items)), 0)
        rated = table > 0
        uneven = len(set(rated.sum(axis=1))) > 1 and len(set(rated.sum(axis=0))) > 1
        if rated.any(axis=1).all() and rated.any(axis=0).all() and not rated.all() and uneven:
            return table.astype(float)


def _worlds(rng):
    """Draw users, items and ratings of several sizes, one of them square."""
    return [
        (rng.normal(size=(n, d)), rng.normal(size=(m, d)), _rated_table(rng, n, m, 0.5))
        for n, m, d in [(3, 4, 2), (5, 5, 2), (6, 9, 4), (12, 7, 3)]
    ]


# --- observed_mse ------------------------------------------------------------------------------------------------


@exercise("observed_mse", points={"values": 2, "nothing rated": 1})
def observed_mse(users, items, ratings):
    """Square the errors of the rated cells, and average them."""
    rated = ratings > 0
    if not rated.any():
        raise ValueError("nothing was rated, so there is no error to average")
    errors = (users @ items.T - ratings)[rated]
    return float(np.sum(errors**2) / len(errors))


@observed_mse.inputs("values", fixed=[ONE_USER, TWO_USERS, NARROW, ON_A_LINE, SQUARE, THREE_USERS, IN_A_SPACE])
def _(rng):
    return _worlds(rng)


_NOTHING = [[0, 0, 0], [0, 0, 0]]


@observed_mse.inputs(
    "nothing rated",
    fixed=[
        ([[1, 2]], [[1, 1], [2, 0]], [[0, 0]]),
        ([[1, 2]], [[1, 1], [2, 0]], [[0, 3]]),
        ([[1, 2]], [[1, 1], [2, 0]], [[5, 4]]),
        ([[1, 0], [1, 1]], [[2, 1], [1, 3], [0, 2]], _NOTHING),
        ([[1, 0], [1, 1]], [[2, 1], [1, 3], [0, 2]], [[0, 0, 0], [0, 4, 0]]),
        ([[1, 0], [1, 1]], [[2, 1], [1, 3], [0, 2]], [[0, 0, 0], [3, 4, 1]]),
        ([[1, 0], [1, 1]], [[2, 1], [1, 3], [0, 2]], [[0, 0, 1], [3, 4, 1]]),
        ([[0, 0], [0, 0]], [[2, 1], [1, 3], [0, 2]], [[2, 0, 1], [0, 0, 1]]),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(2, 3, 2), (4, 5, 3)]:
        users, items, table = rng.normal(size=(n, d)), rng.normal(size=(m, d)), np.zeros((n, m))
        found.append((users, items, table))
        lonely = table.copy()
        lonely[rng.integers(n), rng.integers(m)] = rng.integers(1, 6)
        found.append((users, items, lonely))
        found.append((users, items, rng.integers(1, 6, (n, m)).astype(float)))
    return found


def _errors(users, items, ratings):
    """Errors where there is a rating, 0 elsewhere."""
    return np.where(ratings > 0, users @ items.T - ratings, 0.0)


def _count(ratings):
    return np.count_nonzero(ratings)


@observed_mse.misconception(
    "You left the empty cells out of the sum but not out of the count: divide by the number of ratings, not of cells."
)
def mean_over_all_cells(users, items, ratings):
    return np.mean(_errors(users, items, ratings) ** 2)


@observed_mse.misconception(
    "You took an empty cell for a rating of 0; nobody gave that rating, so the cell has no error at all.",
    kind="misconception",
)
def zeros_are_ratings(users, items, ratings):
    return np.mean((users @ items.T - ratings) ** 2)


@observed_mse.misconception(
    "You divide by the number of ratings, but the errors of the empty cells are still in your sum.",
    kind="misconception",
)
def zeros_in_the_sum_only(users, items, ratings):
    return np.sum((users @ items.T - ratings) ** 2) / _count(ratings)


@observed_mse.misconception("You added the squared errors up; their mean is asked for.")
def sum_of_squares(users, items, ratings):
    return np.sum(_errors(users, items, ratings) ** 2)


@observed_mse.misconception("You took the root at the end; that is the RMSE, and the loss is the mean without a root.")
def root_taken(users, items, ratings):
    return np.sqrt(np.sum(_errors(users, items, ratings) ** 2) / _count(ratings))


@observed_mse.misconception("You averaged the sizes of the errors; square them first.")
def absolute_errors(users, items, ratings):
    return np.sum(np.abs(_errors(users, items, ratings))) / _count(ratings)


@observed_mse.misconception(
    "You averaged the errors with their signs, so that too high and too low cancel; square each one first."
)
def signed_errors(users, items, ratings):
    return np.sum(_errors(users, items, ratings)) / _count(ratings)


@observed_mse.misconception("You squared the mean error; square each error first, then average.")
def square_of_the_mean(users, items, ratings):
    return (np.sum(_errors(users, items, ratings)) / _count(ratings)) ** 2


@observed_mse.misconception("You halved the mean; some books put a one half there, this loss has none.")
def half_of_it(users, items, ratings):
    return np.sum(_errors(users, items, ratings) ** 2) / _count(ratings) / 2


@observed_mse.misconception(
    "You averaged within each user and then over users, so that a user with one rating weighs as much as one with many."
)
def mean_of_user_means(users, items, ratings):
    squares = _errors(users, items, ratings) ** 2
    counts = np.count_nonzero(ratings, axis=1)
    return np.mean(squares.sum(axis=1)[counts > 0] / counts[counts > 0])


@observed_mse.misconception(
    "You return the squared error of each rating; one number, their mean, is asked for.", kind="next step"
)
def all_the_squares(users, items, ratings):
    return (users @ items.T - ratings)[ratings > 0] ** 2


@observed_mse.misconception(
    "You cut the predictions to the range from 1 to 5; the model's own number is compared, however silly it is."
)
def clipped_predictions(users, items, ratings):
    errors = np.clip(users @ items.T, 1, 5) - ratings
    return np.sum(errors[ratings > 0] ** 2) / _count(ratings)


@observed_mse.misconception(
    "You multiplied the two tables as they lie; turn one of them over, so that every user meets every item."
)
def not_transposed(users, items, ratings):
    return np.mean((users @ items - ratings)[ratings > 0] ** 2)


@observed_mse.misconception(
    "You paired user 0 with item 0, user 1 with item 1, and so on; a rating belongs to the item of its own column."
)
def user_with_item_of_its_row(users, items, ratings):
    total = count = 0
    for user, item, row in zip(users, items, ratings, strict=False):
        total += np.sum((user @ item - row[row > 0]) ** 2)
        count += np.count_nonzero(row)
    return total / count


@observed_mse.misconception(
    "You divide by the number of ratings less one; this is a plain mean, so divide by all of them."
)
def one_less(users, items, ratings):
    return np.sum(_errors(users, items, ratings) ** 2) / (_count(ratings) - 1)


@observed_mse.misconception(
    "You took the variance, which takes the mean error off first; square the errors as they are."
)
def variance(users, items, ratings):
    return np.var((users @ items.T - ratings)[ratings > 0])


@observed_mse.misconception(
    "You divide by the number of errors that are not 0; a rating that is predicted exactly counts as well."
)
def over_the_errors(users, items, ratings):
    errors = _errors(users, items, ratings)
    return np.sum(errors**2) / np.count_nonzero(errors)


@observed_mse.misconception("You divide by the number of users; the loss is a mean over the ratings.")
def per_user(users, items, ratings):
    return np.sum(_errors(users, items, ratings) ** 2) / len(users)


def _refused_by(condition):
    """Make a function that is right but for when it raises."""

    def answer(users, items, ratings):
        if condition(ratings):
            raise ValueError("refused")
        return np.sum(_errors(users, items, ratings) ** 2) / _count(ratings)

    return answer


@observed_mse.misconception(
    "Without a rating you return NaN: the mean of nothing is only a warning in NumPy, so look before you divide.",
    layer="nothing rated",
)
def nan_of_nothing(users, items, ratings):
    return np.mean((users @ items.T - ratings)[ratings > 0] ** 2)


@observed_mse.misconception(
    "Without a rating you return 0, as if the model were perfect; nothing is known about it, so say so by an error.",
    layer="nothing rated",
    kind="misconception",
)
def perfect_without_ratings(users, items, ratings):
    return np.sum(_errors(users, items, ratings) ** 2) / max(_count(ratings), 1)


@observed_mse.misconception(
    "Without a rating Python's own division error escapes; raise the error that the prompt names.",
    layer="nothing rated",
)
def zero_division(users, items, ratings):
    return float(np.sum(_errors(users, items, ratings) ** 2)) / int(_count(ratings))


@observed_mse.misconception(
    "Without a rating you return None; the caller would carry it on, so raise the error that the prompt names.",
    layer="nothing rated",
)
def none_of_nothing(users, items, ratings):
    if not ratings.any():
        return None
    return np.sum(_errors(users, items, ratings) ** 2) / _count(ratings)


@observed_mse.misconception(
    "You refuse a table with any empty cell; nearly every table has some, and only one without a rating is refused.",
    layer="nothing rated",
)
def refuses_any_gap(users, items, ratings):
    return _refused_by(lambda table: not table.all())(users, items, ratings)


@observed_mse.misconception(
    "You refuse a table in which one user has rated nothing; the ratings of the others can still be averaged.",
    layer="nothing rated",
)
def refuses_a_silent_user(users, items, ratings):
    return _refused_by(lambda table: not table.any(axis=1).all())(users, items, ratings)


@observed_mse.alternative
def mse_cell_by_cell(users, items, ratings):
    total, count = 0.0, 0
    for i in range(ratings.shape[0]):
        for j in range(ratings.shape[1]):
            if ratings[i, j] != 0:
                total += (sum(users[i] * items[j]) - ratings[i, j]) ** 2
                count += 1
    if count == 0:
        raise ValueError("nothing rated")
    return total / count


@observed_mse.alternative
def mse_by_places(users, items, ratings):
    user, item = np.nonzero(ratings)
    if len(user) == 0:
        raise ValueError("nothing rated")
    return float(np.mean((np.sum(users[user] * items[item], axis=1) - ratings[user, item]) ** 2))


@observed_mse.alternative
def mse_by_einsum_and_mask(users, items, ratings):
    mask = ratings > 0
    if not mask.any():
        raise ValueError("nothing rated")
    errors = np.einsum("ud,id->ui", users, items) - ratings
    return np.average(errors**2, weights=mask)


@observed_mse.alternative
def mse_by_scipy(users, items, ratings):
    from scipy.sparse import coo_matrix

    table = coo_matrix(ratings)
    if table.nnz == 0:
        raise ValueError("nothing rated")
    errors = np.array([users[i] @ items[j] for i, j in zip(table.row, table.col, strict=True)]) - table.data
    return errors @ errors / table.nnz


@observed_mse.alternative
def mse_in_float32(users, items, ratings):
    users, items, ratings = (x.astype(np.float32) for x in (users, items, ratings))
    if not ratings.any():
        raise ValueError("nothing rated")
    return np.float32(np.mean((users @ items.T - ratings)[ratings != 0] ** 2))


# --- mf_gradients ------------------------------------------------------------------------------------------------


@exercise("mf_gradients", points={"values": 3})
def mf_gradients(users, items, ratings):
    """Each rating pulls on its user by error times item, and on its item by error times user."""
    rated = ratings > 0
    errors = np.where(rated, users @ items.T - ratings, 0)
    grad_users = 2 * errors @ items / rated.sum()
    grad_items = 2 * errors.T @ users / rated.sum()
    return grad_users, grad_items


@mf_gradients.inputs("values", fixed=[ONE_USER, TWO_USERS, ON_A_LINE, SQUARE, THREE_USERS, IN_A_SPACE])
def _(rng):
    return _worlds(rng)


def _sums(users, items, ratings):
    """Both sums of error times vector, without a factor."""
    errors = _errors(users, items, ratings)
    return errors @ items, errors.T @ users


def _own(ratings, axis):
    """Count each user's (axis 1) or item's (axis 0) ratings as a column, 1 where there is none."""
    return np.maximum(np.count_nonzero(ratings, axis=axis), 1)[:, None]


@mf_gradients.misconception("The factor 2 is missing: what is the derivative of a square?")
def no_two(users, items, ratings):
    return tuple(part / _count(ratings) for part in _sums(users, items, ratings))


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
    return 2 * errors @ items / _count(ratings), 2 * errors.T @ users / _count(ratings)


@mf_gradients.misconception(
    "Your gradient points downhill; it is the direction in which the loss grows, and the step takes the minus sign.",
    kind="misconception",
)
def downhill(users, items, ratings):
    return tuple(-2 * part / _count(ratings) for part in _sums(users, items, ratings))


@mf_gradients.misconception(
    "For the items you use the table of errors as it lies; which way must it be turned so that a row is an item?"
)
def errors_not_turned(users, items, ratings):
    errors = _errors(users, items, ratings)
    return 2 * errors @ items / _count(ratings), 2 * errors @ users / _count(ratings)


@mf_gradients.misconception("You return the items' gradient first; the users' comes first.")
def items_first(users, items, ratings):
    grad_users, grad_items = mf_gradients.reference(users, items, ratings)
    return grad_items, grad_users


@mf_gradients.misconception(
    "You divide each row by its own number of ratings, which may be 0; divide every row by the number of all ratings."
)
def by_own_counts(users, items, ratings):
    part_users, part_items = _sums(users, items, ratings)
    return (
        2 * part_users / np.count_nonzero(ratings, axis=1)[:, None],
        2 * part_items / np.count_nonzero(ratings, axis=0)[:, None],
    )


@mf_gradients.misconception(
    "You stopped half-way, at the derivative with respect to each prediction; go on to the vectors that made it.",
    kind="next step",
)
def by_prediction(users, items, ratings):
    errors = 2 * _errors(users, items, ratings) / _count(ratings)
    return errors, errors.T


@mf_gradients.misconception(
    "You multiply by the squared errors; the derivative of a square holds the error itself, with its sign."
)
def squared_errors(users, items, ratings):
    squares = _errors(users, items, ratings) ** 2
    return 2 * squares @ items / _count(ratings), 2 * squares.T @ users / _count(ratings)


@mf_gradients.misconception(
    "Three things are off: your gradient points downhill, and the factors of the square and of the mean are missing."
)
def downhill_without_factors(users, items, ratings):
    return tuple(-part for part in _sums(users, items, ratings))


@mf_gradients.misconception(
    "Each rating overwrites what the one before it said about the same user or film; the pulls have to be added up."
)
def last_rating_only(users, items, ratings):
    grad_users, grad_items = np.zeros(users.shape), np.zeros(items.shape)
    for i, j in zip(*np.nonzero(ratings), strict=True):
        error = users[i] @ items[j] - ratings[i, j]
        grad_users[i], grad_items[j] = 2 * error * items[j], 2 * error * users[i]
    return grad_users / _count(ratings), grad_items / _count(ratings)


@mf_gradients.misconception(
    "You pull each vector along itself; in the derivative of a product, the other factor stands beside the error."
)
def along_itself(users, items, ratings):
    errors = 2 * _errors(users, items, ratings) / _count(ratings)
    return errors.sum(axis=1)[:, None] * users, errors.sum(axis=0)[:, None] * items


@mf_gradients.misconception(
    "You divide each row by its own number of ratings; divide every row by one number, that of all ratings."
)
def by_own_counts_guarded(users, items, ratings):
    part_users, part_items = _sums(users, items, ratings)
    return 2 * part_users / _own(ratings, 1), 2 * part_items / _own(ratings, 0)


@mf_gradients.misconception(
    "You divide each row by its own number of ratings, and the 2 is missing; the loss is a mean over all ratings."
)
def by_own_counts_without_two(users, items, ratings):
    part_users, part_items = _sums(users, items, ratings)
    return part_users / _own(ratings, 1), part_items / _own(ratings, 0)


@mf_gradients.misconception(
    "The items' gradient is right, but you divide each user's row by that user's own number of ratings."
)
def by_own_counts_for_users(users, items, ratings):
    part_users, part_items = _sums(users, items, ratings)
    return 2 * part_users / _own(ratings, 1), 2 * part_items / _count(ratings)


@mf_gradients.misconception(
    "You divide each pull by the number of ratings met so far; count all of them first, then divide."
)
def by_running_count(users, items, ratings):
    grad_users, grad_items = np.zeros(users.shape), np.zeros(items.shape)
    for number, (i, j) in enumerate(zip(*np.nonzero(ratings), strict=True), start=1):
        error = users[i] @ items[j] - ratings[i, j]
        grad_users[i] += 2 * error * items[j] / number
        grad_items[j] += 2 * error * users[i] / number
    return grad_users, grad_items


@mf_gradients.misconception(
    "Almost: your slopes are off by about the size of your step; step both up and down, or use the formula."
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
    "You divide by the number of users on one side and of items on the other; the loss is a mean over the ratings."
)
def by_own_length(users, items, ratings):
    part_users, part_items = _sums(users, items, ratings)
    return 2 * part_users / len(users), 2 * part_items / len(items)


@mf_gradients.misconception(
    "You added the gradients of all vectors up; each user and each item keeps a row of its own.", kind="next step"
)
def added_over_rows(users, items, ratings):
    return tuple(part.sum(axis=0) for part in mf_gradients.reference(users, items, ratings))


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

    errors = csr_matrix(_errors(users, items, ratings))
    return errors @ items * (2 / _count(ratings)), errors.T @ users * (2 / _count(ratings))


@mf_gradients.alternative
def gradients_in_float32(users, items, ratings):
    grad_users, grad_items = gradients_by_matrices(*(x.astype(np.float32) for x in (users, items, ratings)))
    return grad_users.astype(np.float32), grad_items.astype(np.float32)


# --- gradient_step -----------------------------------------------------------------------------------------------


@exercise("gradient_step", points={"values": 2, "input kept": 1}, uses=("mf_gradients",))
def gradient_step(users, items, ratings, lr, l2):
    """Both gradients at the old point, the penalty's added, then one step downhill on both sides."""
    grad_users, grad_items = mf_gradients.reference(users, items, ratings)
    grad_users = grad_users + l2 * 2 * users / len(users)
    grad_items = grad_items + l2 * 2 * items / len(items)
    return users - lr * grad_users, items - lr * grad_items


@gradient_step.inputs(
    "values",
    fixed=[
        (*ONE_USER, 0.25, 0),
        (*ONE_USER, 0.25, 0.5),
        (*TWO_USERS, 0.125, 0.75),
        (*ON_A_LINE, 0.5, 0.25),
        (*SQUARE, 0.25, 0.5),
        (*THREE_USERS, 0.5, 1.5),
        (*IN_A_SPACE, 0.75, 0.25),
        (*IN_A_SPACE, 0.5, 0),
    ],
)
def _(rng):
    return [
        (users, items, ratings, float(rng.uniform(0.1, 2)), l2)
        for (users, items, ratings), l2 in zip(_worlds(rng), (0.0, *rng.uniform(0.1, 2, 3).tolist()), strict=True)
    ]


def _stepped(users, items, ratings, lr, pull_users, pull_items):
    """One step in which the penalty's gradients are given."""
    grad_users, grad_items = mf_gradients.reference(users, items, ratings)
    return users - lr * (grad_users + pull_users), items - lr * (grad_items + pull_items)


@gradient_step.misconception(
    "Your items already step on the moved users; work out both gradients at the old point before either side moves.",
    kind="misconception",
)
def items_on_new_users(users, items, ratings, lr, l2):
    moved, _ = gradient_step.reference(users, items, ratings, lr, l2)
    _, items = gradient_step.reference(moved, items, ratings, lr, l2)
    return moved, items


@gradient_step.misconception(
    "You climb: the gradient points to where the objective grows, and you went that way.", kind="misconception"
)
def uphill(users, items, ratings, lr, l2):
    return gradient_step.reference(users, items, ratings, -lr, l2)


@gradient_step.misconception(
    "Your penalty makes the vectors longer instead of shorter; on which side of the minus sign does its gradient stand?"
)
def penalty_pushes_out(users, items, ratings, lr, l2):
    return gradient_step.reference(users, items, ratings, lr, -l2)


@gradient_step.misconception("You step down the loss alone; the penalty's own gradient is missing.", kind="next step")
def penalty_forgotten(users, items, ratings, lr, l2):
    return gradient_step.reference(users, items, ratings, lr, 0)


@gradient_step.misconception("In the penalty's gradient the factor 2 is missing: it has a square, too.")
def penalty_without_two(users, items, ratings, lr, l2):
    return gradient_step.reference(users, items, ratings, lr, l2 / 2)


@gradient_step.misconception(
    "You differentiated the sum of the squared lengths; the objective has their mean, over users and over items."
)
def penalty_of_the_sum(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users, 2 * l2 * items)


@gradient_step.misconception(
    "Your penalty adds l2 times the vector; differentiate a mean of squares, and two more factors appear."
)
def penalty_bare(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, l2 * users, l2 * items)


@gradient_step.misconception(
    "You divide the penalty by the number of entries of each table; its mean runs over vectors, which are rows."
)
def penalty_by_entries(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users / users.size, 2 * l2 * items / items.size)


@gradient_step.misconception(
    "You divide the penalty by the number of ratings; its means run over users and over items."
)
def penalty_by_ratings(users, items, ratings, lr, l2):
    count = _count(ratings)
    return _stepped(users, items, ratings, lr, 2 * l2 * users / count, 2 * l2 * items / count)


@gradient_step.misconception("You divide both penalties by the number of users; the items' mean runs over the items.")
def penalty_by_users(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users / len(users), 2 * l2 * items / len(users))


@gradient_step.misconception("You hold only the users back; the penalty counts the items' lengths as well.")
def users_only(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users / len(users), 0)


@gradient_step.misconception(
    "You put the penalty beside the step and not into it: the learning rate multiplies the whole gradient."
)
def penalty_without_lr(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users / len(users) / lr, 2 * l2 * items / len(items) / lr)


@gradient_step.misconception(
    "You added the penalty to the gradient; add the penalty's gradient, one vector for each vector.",
    kind="misconception",
)
def penalty_not_differentiated(users, items, ratings, lr, l2):
    penalty = l2 * (np.mean(np.sum(users**2, axis=1)) + np.mean(np.sum(items**2, axis=1)))
    return _stepped(users, items, ratings, lr, penalty, penalty)


@gradient_step.misconception(
    "You penalised the lengths themselves; the objective has their squares, whose pull grows with the length."
)
def penalty_of_lengths(users, items, ratings, lr, l2):
    def units(x):
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    return _stepped(users, items, ratings, lr, l2 * units(users) / len(users), l2 * units(items) / len(items))


@gradient_step.misconception(
    "You divide the users' penalty by the number of items and the other way round; each mean runs over its own side."
)
def penalty_by_the_other_side(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users / len(items), 2 * l2 * items / len(users))


@gradient_step.misconception(
    "You squared each number of the vectors; the derivative of a square is twice the number, with its sign."
)
def penalty_squares(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, l2 * users**2 / len(users), l2 * items**2 / len(items))


@gradient_step.misconception(
    "You shrink the vectors after they have moved; work out the penalty's gradient at the old point, too."
)
def decay_after_the_move(users, items, ratings, lr, l2):
    users, items = gradient_step.reference(users, items, ratings, lr, 0)
    return users * (1 - 2 * lr * l2 / len(users)), items * (1 - 2 * lr * l2 / len(items))


@gradient_step.misconception("You went half the way; the step is the whole learning rate times the gradient.")
def half_a_step(users, items, ratings, lr, l2):
    return gradient_step.reference(users, items, ratings, lr / 2, l2)


@gradient_step.misconception(
    "Only the penalty's gradient is multiplied by the learning rate; the gradient of the loss needs it as well."
)
def loss_without_lr(users, items, ratings, lr, l2):
    return gradient_step.reference(users, items, ratings, 1.0, lr * l2)


@gradient_step.misconception(
    "You brought the gradient to length 1 first; multiply it by the learning rate as it is, long or short."
)
def step_of_fixed_length(users, items, ratings, lr, l2):
    new_users, new_items = gradient_step.reference(users, items, ratings, 1.0, l2)
    length = np.sqrt(np.sum((users - new_users) ** 2) + np.sum((items - new_items) ** 2))
    return gradient_step.reference(users, items, ratings, lr / length, l2)


@gradient_step.misconception("You return the two gradients; return where the step leads.", kind="next step")
def gradients_only(users, items, ratings, lr, l2):
    new_users, new_items = gradient_step.reference(users, items, ratings, 1.0, l2)
    return users - new_users, items - new_items


@gradient_step.misconception("You return how far each side moves; return the tables after the move.", kind="next step")
def moves_only(users, items, ratings, lr, l2):
    new_users, new_items = gradient_step.reference(users, items, ratings, lr, l2)
    return new_users - users, new_items - items


@gradient_step.misconception("You return the items first; the users come first.")
def items_before_users(users, items, ratings, lr, l2):
    new_users, new_items = gradient_step.reference(users, items, ratings, lr, l2)
    return new_items, new_users


@gradient_step.misconception("You took the full gradient as the step; the learning rate says how much of it to go.")
def no_learning_rate(users, items, ratings, lr, l2):
    return gradient_step.reference(users, items, ratings, 1.0, l2)


@gradient_step.misconception("You moved the users only; the items take their step at the same time.", kind="next step")
def only_users_move(users, items, ratings, lr, l2):
    new_users, _ = gradient_step.reference(users, items, ratings, lr, l2)
    return new_users, items


@gradient_step.misconception(
    "You wrote the new numbers over the caller's tables; a minus and an equals sign together change an array in place.",
    layer="input kept",
)
def written_over(users, items, ratings, lr, l2):
    new_users, new_items = gradient_step.reference(users, items, ratings, lr, l2)
    users[...], items[...] = new_users, new_items
    return users, items


@gradient_step.alternative
def step_by_matrices(users, items, ratings, lr, l2):
    errors = (users @ items.T - ratings) * (ratings > 0) / np.sum(ratings > 0)
    shrink_users, shrink_items = 1 - 2 * lr * l2 / len(users), 1 - 2 * lr * l2 / len(items)
    return shrink_users * users - 2 * lr * errors @ items, shrink_items * items - 2 * lr * errors.T @ users


@gradient_step.alternative
def step_on_copies_as_list(users, items, ratings, lr, l2):
    grad_users, grad_items = gradients_by_matrices(users, items, ratings)
    new_users, new_items = users.copy(), items.copy()
    new_users -= lr * (grad_users + 2 * l2 / users.shape[0] * users)
    new_items -= lr * (grad_items + 2 * l2 / items.shape[0] * items)
    return [new_users, new_items]


@gradient_step.alternative
def step_by_differences(users, items, ratings, lr, l2):
    def objective(users, items):
        lengths = np.mean(np.sum(users**2, axis=1)) + np.mean(np.sum(items**2, axis=1))
        return observed_mse.reference(users, items, ratings) + l2 * lengths

    tables = [users.copy(), items.copy()]
    results = [users.copy(), items.copy()]
    for table, result in zip(tables, results, strict=True):
        for place in np.ndindex(table.shape):
            was, values = table[place], []
            for change in (0.5, -0.5):
                table[place] = was + change
                values.append(objective(*tables))
            table[place] = was
            result[place] -= lr * (values[0] - values[1])
    return tuple(results)


@gradient_step.alternative
def step_in_float32(users, items, ratings, lr, l2):
    new_users, new_items = gradient_step.reference(users, items, ratings, lr, l2)
    return new_users.astype(np.float32), new_items.astype(np.float32)


# --- gravity -----------------------------------------------------------------------------------------------------


@exercise("gravity", points={"values": 2, "speed": 1})
def gravity(users, items):
    """Sum over pairs of (u.x)^2 = trace of (U'U)(X'X); divide by the number of pairs."""
    gram_users, gram_items = users.T @ users, items.T @ items
    return float(np.trace(gram_users @ gram_items) / (len(users) * len(items)))


@gravity.inputs(
    "values",
    fixed=[
        ([[1, 2]], [[3, 1], [0, 2]]),
        ([[2], [3], [-1]], [[1], [4]]),
        ([[1, 0], [1, 1]], [[2, 1], [1, 3], [0, 2]]),
        ([[2, 1], [0, 1], [1, -1]], [[1, 2], [2, 0], [-1, 1], [1, 1]]),
        ([[1, 0.5], [2, -1], [0, 1]], [[1, 1], [0.5, 2], [3, 0]]),
        (IN_A_SPACE[0], IN_A_SPACE[1]),
        ([[1, 2, 0], [0, 1, 1], [1, 0, 3]], [[1, 0, 2], [2, 1, 0], [1, 1, 1]]),
    ],
)
def _(rng):
    return [
        (rng.normal(size=(n, d)), rng.normal(size=(m, d)) + 0.3)
        for n, m, d in [(3, 5, 2), (4, 4, 3), (7, 6, 4), (20, 30, 5)]
    ]


@gravity.speed(lambda rng: (rng.normal(size=(3000, 10)), rng.normal(size=(3000, 10))))
def _(users, items):
    return np.sum((users.T @ users) * (items.T @ items))


@gravity.misconception(
    "Too slow: either you form every pair, or a Python loop walks over the rows; make the two small tables by one "
    "product of matrices each.",
    layer="speed",
)
def every_pair(users, items):
    return np.mean((users @ items.T) ** 2)


@gravity.misconception("You added the squared scores up; their mean over all pairs is asked for.")
def sum_of_pairs(users, items):
    return np.sum((users @ items.T) ** 2)


@gravity.misconception("You divide by the number of users only; how many pairs of a user and an item are there?")
def over_users_only(users, items):
    return np.sum((users @ items.T) ** 2) / len(users)


@gravity.misconception("You divide by the number of items only; how many pairs of a user and an item are there?")
def over_items_only(users, items):
    return np.sum((users @ items.T) ** 2) / len(items)


@gravity.misconception("You divide by users plus items; every user meets every item, so how many pairs is that?")
def over_the_sum(users, items):
    return np.sum((users @ items.T) ** 2) / (len(users) + len(items))


@gravity.misconception(
    "You averaged over the entries of the two small tables; they have d times d entries, and the pairs are many more."
)
def over_the_small_table(users, items):
    return np.mean((users.T @ users) * (items.T @ items))


@gravity.misconception(
    "Each coordinate met only itself, the diagonals of the two small tables; a squared score has cross terms as well."
)
def trace_of_elementwise(users, items):
    return np.trace((users.T @ users) * (items.T @ items)) / (len(users) * len(items))


@gravity.misconception(
    "You multiplied two traces, which are sums of squared lengths; the angles between the vectors count as well.",
    kind="misconception",
)
def product_of_traces(users, items):
    return np.trace(users.T @ users) * np.trace(items.T @ items) / (len(users) * len(items))


@gravity.misconception(
    "You multiplied the two small tables as matrices, and added up all of the product; only its diagonal belongs there."
)
def all_of_the_product(users, items):
    return np.sum((users.T @ users) @ (items.T @ items)) / (len(users) * len(items))


@gravity.misconception(
    "You added up each small table by itself and multiplied the sums; entry meets entry before anything is added."
)
def product_of_sums(users, items):
    return np.sum(users.T @ users) * np.sum(items.T @ items) / (len(users) * len(items))


@gravity.misconception(
    "You let users meet users and items meet items; each of the two tables is as wide as the space, d times d."
)
def tables_of_rows(users, items):
    return np.sum((users @ users.T) * (items @ items.T)) / (len(users) * len(items))


@gravity.misconception(
    "You used covariances, which take the mean vector off first; gravity multiplies the vectors as they are."
)
def covariances(users, items):
    return np.sum(
        (users - users.mean(0)).T @ (users - users.mean(0)) * ((items - items.mean(0)).T @ (items - items.mean(0)))
    ) / (len(users) * len(items))


@gravity.misconception("You averaged the scores without squaring them, so that positive and negative cancel.")
def scores_not_squared(users, items):
    return np.mean(users @ items.T)


@gravity.misconception("You squared the mean score; square each score first, then average.")
def square_of_mean_score(users, items):
    return np.mean(users @ items.T) ** 2


@gravity.misconception("You took the root at the end; the mean of the squares is asked for, as it is.")
def root_of_gravity(users, items):
    return np.sqrt(np.mean((users @ items.T) ** 2))


@gravity.misconception("You averaged the sizes of the scores; square them.")
def size_of_scores(users, items):
    return np.mean(np.abs(users @ items.T))


@gravity.misconception(
    "You paired user 0 with item 0, user 1 with item 1, and so on; gravity looks at every user with every item.",
    kind="misconception",
)
def paired_row_by_row(users, items):
    if users.shape != items.shape:
        raise ValueError("operands could not be broadcast together")
    return np.mean(np.sum(users * items, axis=1) ** 2)


@gravity.alternative
def gravity_by_loops_over_the_width(users, items):
    total = 0.0
    for k in range(users.shape[1]):
        for column in range(users.shape[1]):
            total += (users[:, k] @ users[:, column]) * (items[:, column] @ items[:, k])
    return total / len(users) / len(items)


@gravity.alternative
def gravity_entry_by_entry(users, items):
    return float(np.sum((users.T @ users / len(users)) * (items.T @ items / len(items))))


@gravity.alternative
def gravity_by_einsum(users, items):
    grams = [np.einsum("nk,nl->kl", x, x) for x in (users, items)]
    return np.einsum("kl,lk->", *grams) / (users.shape[0] * items.shape[0])


@gravity.alternative
def gravity_in_float32(users, items):
    users, items = users.astype(np.float32), items.astype(np.float32)
    return np.vdot(users.T @ users, items.T @ items) / np.float32(len(users) * len(items))


# --- als_step ----------------------------------------------------------------------------------------------------


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
        ([[1], [2], [1]], [[4, 0, 1], [0, 3, 0]], 0.5),
        (TWO_USERS[1], [[3, 0, 1], [5, 2, 4]], 0.25),
        (SQUARE[1], SQUARE[2], 0.5),
        (THREE_USERS[1], THREE_USERS[2], 2),
        (IN_A_SPACE[1], IN_A_SPACE[2], 0.1),
        (IN_A_SPACE[1], [[4, 1, 3, 2, 5], [0, 2, 0, 5, 1], [3, 0, 2, 0, 4]], 1),
    ],
)
def _(rng):
    return [
        (rng.normal(size=(m, d)) + 0.2, _rated_table(rng, n, m, 0.5), float(rng.uniform(0.05, 2)))
        for n, m, d in [(3, 4, 2), (4, 6, 2), (6, 9, 4), (9, 12, 3)]
    ]


@als_step.inputs(
    "no ratings",
    fixed=[
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
        items, table, l2 = rng.normal(size=(m, d)), _rated_table(rng, n, m, 0.5), float(rng.uniform(0.1, 2))
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
    "You scale the ridge by the width of the space; the prompt scales it by the user's number of ratings."
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
    "You fit all items, empty cells as 0, with one ridge for all users; two things to mend, the choice of items first.",
    kind="misconception",
)
def all_items_one_ridge(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2, dense=True)


@als_step.misconception(
    "You fit all items, empty cells as 0, and the ridge counts them all; a user's equations hold only rated ones.",
    kind="misconception",
)
def all_items_ridge_by_items(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2 * len(items), dense=True)


@als_step.misconception(
    "You scale the ridge by the number of users; the prompt scales it by how many ratings the one user has."
)
def ridge_by_users(items, ratings, l2):
    return _solved(items, ratings, lambda count: l2 * len(ratings))


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


@als_step.misconception(
    "You fit a 1 for every rated item; the right side of the equations holds the ratings themselves."
)
def binary_target(items, ratings, l2):
    return _solved_for(items, ratings, l2, lambda row, chosen: chosen.sum(axis=0))


@als_step.misconception(
    "You subtracted each user's mean rating first; this model has no means, it predicts the rating as it stands."
)
def centred_ratings(items, ratings, l2):
    return _solved_for(items, ratings, l2, lambda row, chosen: (row[row > 0] - row[row > 0].mean()) @ chosen)


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


@als_step.misconception("Your ridge is twice as large as it should be; the equations have no 2 in them.")
def ridge_doubled(items, ratings, l2):
    return _solved(items, ratings, lambda count: 2 * l2 * count)


@als_step.misconception("You stacked the ridge below the items as it is; least squares squares it, so stack its root.")
def ridge_stacked_without_root(items, ratings, l2):
    d, users = items.shape[1], []
    for row in ratings:
        chosen = items[row > 0]
        tall = np.vstack([chosen, l2 * len(chosen) * np.eye(d)])
        users.append(np.linalg.lstsq(tall, np.append(row[row > 0], np.zeros(d)), rcond=None)[0])
    return np.array(users)


@als_step.misconception("You walk over the columns of the table, which are items; each user is a row.")
def walked_over_columns(items, ratings, l2):
    return als_step.reference(items, ratings.T, l2)


@als_step.misconception("You return one column for each user; each user is a row.")
def users_as_columns(items, ratings, l2):
    return als_step.reference(items, ratings, l2).T


def _solved_for(items, ratings, l2, target):
    """The ridge solution of each user with another right side."""
    vectors = []
    for row in ratings:
        chosen = items[row > 0]
        left = chosen.T @ chosen + l2 * len(chosen) * np.eye(items.shape[1])
        vectors.append(np.linalg.solve(left, target(row, chosen)) if len(chosen) else np.zeros(items.shape[1]))
    return np.array(vectors)


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
    "A user without ratings gets None, and a table with None in it is no table of numbers; zeros are asked for.",
    layer="no ratings",
)
def none_in_the_table(items, ratings, l2):
    users = als_step.reference(items, ratings, l2)
    return [user if row.any() else None for user, row in zip(users, ratings, strict=True)]


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
    "A user without ratings gets the mean of the item vectors; a fair guess, but the prompt asks for zeros.",
    layer="no ratings",
)
def silent_users_mean(items, ratings, l2):
    users = als_step.reference(items, ratings, l2)
    users[~ratings.any(axis=1)] = items.mean(axis=0)
    return users


@als_step.misconception(
    "A user without ratings gets the mean of the users' vectors; a fair guess too, but zeros are asked for.",
    layer="no ratings",
)
def silent_users_like_the_others(items, ratings, l2):
    users = als_step.reference(items, ratings, l2)
    users[~ratings.any(axis=1)] = users.mean(axis=0)
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


# --- what_each_sees ----------------------------------------------------------------------------------------------


@exercise("what_each_sees", kind="answer", points={"values": 1}, choices={"*": ["rated", "all", "none"]})
def what_each_sees():
    """About which cells does each objective say what the score should be?"""
    return {
        "observed mean squared error": "rated",
        "one alternating least squares step": "rated",
        "L2 penalty": "none",
        "gravity": "all",
        "squared error with empty cells as zeros": "all",
        "truncated SVD of lesson 2": "all",
    }


what_each_sees.wrong_choice(
    "The observed error skips a cell without a rating; it never hears of the films that a user left alone.",
    {"observed mean squared error": "all"},
)
what_each_sees.wrong_choice(
    "The observed error compares predictions with something; which table does that come from?",
    {"observed mean squared error": "none"},
)
what_each_sees.wrong_choice(
    "Each ridge solution uses the rows of the items that this user rated; what happened to the other rows?",
    {"one alternating least squares step": "all"},
)
what_each_sees.wrong_choice(
    "A least squares step fits something; what stands on the right side of its equations?",
    {"one alternating least squares step": "none"},
)
what_each_sees.wrong_choice(
    "The L2 penalty is made of lengths alone; a vector's length is the same whichever cells are filled.",
    {"L2 penalty": "all"},
)
what_each_sees.wrong_choice(
    "The L2 penalty pulls on every vector, also on that of a film nobody rated; does it look into the table for that?",
    {"L2 penalty": "rated"},
)
what_each_sees.wrong_choice(
    "Gravity pulls the score of every user and every item towards 0; does it ask whether the cell is rated?",
    {"gravity": "rated"},
)
what_each_sees.wrong_choice(
    "Gravity reads no rating, true, but it asks for a score near 0; in which cells?",
    {"gravity": "none"},
)
what_each_sees.wrong_choice(
    "Once an empty cell counts as a zero it has an error like any other cell; is any left out?",
    {"squared error with empty cells as zeros": "rated"},
)
what_each_sees.wrong_choice(
    "The SVD rebuilds the whole table as well as it can, zeros included; it has no notion of a missing cell.",
    {"truncated SVD of lesson 2": "rated"},
)


@what_each_sees.alternative
def _in_capitals():
    return {key: f" {value.upper()} " for key, value in what_each_sees.reference().items()}


@what_each_sees.alternative
def _in_another_order():
    return dict(reversed(list(what_each_sees.reference().items())))


@what_each_sees.alternative
def _with_a_note():
    return {**what_each_sees.reference(), "my note": "what does the loss of an empty cell look like?"}
