"""Average the squared errors over the rated cells of a table, and over no others."""

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
    partly_learnt,
    rated_errors,
    worlds,
)


@exercise("observed_mse", points={"values": 2, "nothing rated": 1})
def observed_mse(users, items, ratings):
    """Square the errors of the rated cells, and average them."""
    rated = ratings > 0
    if not rated.any():
        raise ValueError("nothing was rated, so there is no error to average")
    errors = (users @ items.T - ratings)[rated]
    return float(np.sum(errors**2) / len(errors))


# As many items as numbers in a vector, and two predictions that are exactly right.
NARROW = ([[1, 0], [1, 1], [2, 1]], [[2, 0], [1, 3]], [[2, 0], [4, 1], [0, 4]])


@observed_mse.inputs(
    "values", fixed=[ONE_USER, TWO_USERS, WHOLE_STARS, NARROW, ON_A_LINE, SQUARE, THREE_USERS, IN_A_SPACE]
)
def _(rng):
    first, *others = worlds(rng)
    return [in_whole_stars(first), *others, partly_learnt(rng)]


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
        user, item, stars = rng.integers(n), rng.integers(m), np.arange(1, 6)
        # of a tiny error float32 keeps too few digits
        lonely[user, item] = rng.choice(stars[np.abs(stars - users[user] @ items[item]) > 0.3])
        found.append((users, items, lonely))
        found.append((users, items, rng.integers(1, 6, (n, m)).astype(float)))
    return found


@observed_mse.misconception(
    "You left the empty cells out of the sum but not out of the count: divide by the number of ratings, not of cells."
)
def mean_over_all_cells(users, items, ratings):
    return np.mean(rated_errors(users, items, ratings) ** 2)


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
    return np.sum((users @ items.T - ratings) ** 2) / n_rated(ratings)


@observed_mse.misconception("You added the squared errors up; their mean is asked for.")
def sum_of_squares(users, items, ratings):
    return np.sum(rated_errors(users, items, ratings) ** 2)


@observed_mse.misconception("You took the root at the end; that is the RMSE, and the loss is the mean without a root.")
def root_taken(users, items, ratings):
    return np.sqrt(np.sum(rated_errors(users, items, ratings) ** 2) / n_rated(ratings))


@observed_mse.misconception("You averaged the sizes of the errors; square them first.")
def absolute_errors(users, items, ratings):
    return np.sum(np.abs(rated_errors(users, items, ratings))) / n_rated(ratings)


@observed_mse.misconception(
    "You averaged the errors with their signs, so that too high and too low cancel; square each one first."
)
def signed_errors(users, items, ratings):
    return np.sum(rated_errors(users, items, ratings)) / n_rated(ratings)


@observed_mse.misconception("You squared the mean error; square each error first, then average.")
def square_of_the_mean(users, items, ratings):
    return (np.sum(rated_errors(users, items, ratings)) / n_rated(ratings)) ** 2


@observed_mse.misconception("You halved the mean; some books put a one half there, this loss has none.")
def half_of_it(users, items, ratings):
    return np.sum(rated_errors(users, items, ratings) ** 2) / n_rated(ratings) / 2


@observed_mse.misconception(
    "You averaged within each user and then over users, so that a user with one rating weighs as much as one with many."
)
def mean_of_user_means(users, items, ratings):
    squares = rated_errors(users, items, ratings) ** 2
    counts = np.count_nonzero(ratings, axis=1)
    return np.mean(squares.sum(axis=1)[counts > 0] / counts[counts > 0])


@observed_mse.misconception(
    "You return the squared error of each rating; one number, their mean, is asked for.", kind="next step"
)
def all_the_squares(users, items, ratings):
    return (users @ items.T - ratings)[ratings > 0] ** 2


@observed_mse.misconception(
    "Your errors are cut to whole numbers where the ratings are whole: an array that is made like `ratings` takes over "
    "their type, so make it of floats."
)
def errors_cut_to_whole_numbers(users, items, ratings):
    errors = np.zeros_like(ratings)
    errors[ratings > 0] = rated_errors(users, items, ratings)[ratings > 0]
    return np.sum(errors**2) / n_rated(ratings)


@observed_mse.misconception(
    "You multiplied the two tables as they lie; turn one of them over, so that every user meets every item."
)
def not_transposed(users, items, ratings):
    return np.mean((users @ items - ratings)[ratings > 0] ** 2)


@observed_mse.misconception(
    "You divide by the number of errors that are not 0; a rating that is predicted exactly counts as well."
)
def over_the_errors(users, items, ratings):
    errors = rated_errors(users, items, ratings)
    return np.sum(errors**2) / np.count_nonzero(errors)


@observed_mse.misconception("You divide by the number of users; the loss is a mean over the ratings.")
def per_user(users, items, ratings):
    return np.sum(rated_errors(users, items, ratings) ** 2) / len(users)


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
    return np.sum(rated_errors(users, items, ratings) ** 2) / max(n_rated(ratings), 1)


@observed_mse.misconception(
    "Without a rating Python's own division error escapes; raise the error that the prompt names.",
    layer="nothing rated",
)
def zero_division(users, items, ratings):
    return float(np.sum(rated_errors(users, items, ratings) ** 2)) / int(n_rated(ratings))


@observed_mse.misconception(
    "Without a rating you return None; the caller would carry it on, so raise the error that the prompt names.",
    layer="nothing rated",
)
def none_of_nothing(users, items, ratings):
    if not ratings.any():
        return None
    return np.sum(rated_errors(users, items, ratings) ** 2) / n_rated(ratings)


def _refused_by(condition):
    """Make a function that is right but for when it raises."""

    def answer(users, items, ratings):
        if condition(ratings):
            raise ValueError("refused")
        return np.sum(rated_errors(users, items, ratings) ** 2) / n_rated(ratings)

    return answer


@observed_mse.misconception(
    "You refuse a table with any empty cell; nearly every table has some, and only one without a rating is refused.",
    layer="nothing rated",
)
def refuses_any_gap(users, items, ratings):
    return _refused_by(lambda table: not table.all())(users, items, ratings)


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
