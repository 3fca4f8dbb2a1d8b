"""Find the vector of a new user from a few rated items, by least squares with a ridge."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("user_vector", points={"values": 2, "few ratings": 1}, instead_of=("fold_in",))
def user_vector(rated, ratings, items, ridge):
    """Least squares with a ridge, over the rows of the rated items."""
    x = np.array([items[i] for i in rated], dtype=float)
    d = items.shape[1]
    left = x.T @ x
    for j in range(d):
        left[j, j] = left[j, j] + ridge
    return np.linalg.solve(left, x.T @ np.asarray(ratings, dtype=float))


FILMS_2D = [[1, 0], [0, 2], [3, 1], [1, 1], [2, -1]]
FILMS_3D = [[1, 0, 2], [0, 2, 1], [3, 1, 0], [1, 1, 1], [2, -1, 0], [0, 1, -1]]


def _ids(*ids):
    return np.array(ids)


@user_vector.inputs(
    "values",
    fixed=[
        (_ids(0, 1), [1, 1], [[1, 0], [0, 2], [5, 5]], 1.0),
        (_ids(1, 2), [1, 2], FILMS_2D, 1.0),
        (_ids(0, 2), [1, 1], FILMS_2D, 0.5),
        (_ids(2, 0), [1, 0], FILMS_2D, 0.5),
        (_ids(3, 0, 1), [0, 1, 0], FILMS_2D, 1.5),
        (_ids(4, 2, 3), [5, 4, 1], FILMS_2D, 2.0),
        (_ids(4, 1, 3), [3, 5, 2], FILMS_3D, 0.1),
        (_ids(5, 0, 3, 2), [1, 4, 2, 5], FILMS_3D, 3.0),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(6, 3, 2), (9, 5, 4), (20, 9, 3), (40, 12, 8)]:
        found.append(
            (
                rng.permutation(n)[:m],
                rng.integers(1, 6, size=m).astype(float),
                rng.normal(size=(n, d)),
                rng.uniform(0.3, 4),
            )
        )
    zeros_and_ones = np.append(rng.permutation([0.0, 0.0, 1.0, 1.0]), 1.0)
    return [*found, (rng.permutation(9)[:5], zeros_and_ones, rng.normal(size=(9, 3)), rng.uniform(0.3, 4))]


@user_vector.inputs(
    "few ratings",
    fixed=[
        (_ids(1), [1], FILMS_2D, 0.5),
        (_ids(2), [4], FILMS_2D, 2.0),
        (_ids(3, 1), [1, 1], FILMS_2D, 2.0),
        (_ids(3, 1), [5, 2], FILMS_3D, 0.1),
        (_ids(4), [3], FILMS_3D, 2.0),
        (_ids(4, 1, 2), [3, 1, 2], FILMS_3D, 2.0),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(6, 2, 5), (9, 1, 3), (9, 4, 3), (40, 5, 12), (40, 12, 5)]:
        found.append(
            (
                rng.permutation(n)[:m],
                rng.integers(1, 6, size=m).astype(float),
                rng.normal(size=(n, d)),
                rng.uniform(0.3, 4),
            )
        )
    return found


@user_vector.misconception(
    "You took the mean of the rated films' vectors; its dot products with the films do not give the ratings back.",
    kind="misconception",
)
def mean_of_films(rated, ratings, items, ridge):
    return items[rated].mean(axis=0)


@user_vector.misconception(
    "You took the mean of the films, weighted by their ratings; solve the ridge equations instead, so that the dot "
    "products come near to the ratings.",
    kind="misconception",
)
def weighted_mean(rated, ratings, items, ridge):
    return ratings @ items[rated] / ratings.sum()


@user_vector.misconception(
    "You took the mean of films times ratings; a mean does not make the dot products give the ratings back.",
    kind="misconception",
)
def mean_of_products(rated, ratings, items, ridge):
    return ratings @ items[rated] / len(rated)


@user_vector.misconception("You stopped at the right side of the equations; now solve them.", kind="next step")
def right_side_only(rated, ratings, items, ridge):
    return items[rated].T @ ratings


@user_vector.misconception(
    "You put a 0 for each film without an answer and solved over all of them, which comes near to the projection; "
    "which films are to speak in this exercise?",
    kind="misconception",
)
def all_films(rated, ratings, items, ridge):
    full = np.zeros(len(items))
    full[rated] = ratings
    return np.linalg.solve(items.T @ items + ridge * np.eye(items.shape[1]), items.T @ full)


@user_vector.misconception("You left the ridge out.")
def no_ridge(rated, ratings, items, ridge):
    return np.linalg.lstsq(items[rated], ratings, rcond=None)[0]


@user_vector.misconception(
    "You added the ridge to every entry of the square table; it belongs on the diagonal only.", kind="misconception"
)
def ridge_everywhere(rated, ratings, items, ridge):
    x = items[rated]
    return np.linalg.pinv(x.T @ x + ridge) @ (x.T @ ratings)


@user_vector.misconception("You scaled the ridge by the number of ratings; add it as it is given.")
def ridge_times_ratings(rated, ratings, items, ridge):
    return user_vector.reference(rated, ratings, items, ridge * len(rated))


@user_vector.misconception("You squared the ridge; add it as it is given.")
def ridge_squared(rated, ratings, items, ridge):
    return user_vector.reference(rated, ratings, items, ridge * ridge)


@user_vector.misconception("You added 1 on the diagonal, whatever the ridge is; look at the last argument.")
def ridge_of_one(rated, ratings, items, ridge):
    return user_vector.reference(rated, ratings, items, 1)


@user_vector.misconception("You subtracted the ridge; added, it keeps the user near the origin.")
def ridge_subtracted(rated, ratings, items, ridge):
    x = items[rated]
    return np.linalg.pinv(x.T @ x - ridge * np.eye(items.shape[1])) @ (x.T @ ratings)


@user_vector.misconception("You took the first films of the table; which ones were rated?")
def first_films(rated, ratings, items, ridge):
    return user_vector.reference(np.arange(len(rated)), ratings, items, ridge)


@user_vector.misconception("You count films from 1; film 0 is the first row of the table.")
def counts_films_from_one(rated, ratings, items, ridge):
    return user_vector.reference(rated - 1, ratings, items, ridge)


@user_vector.misconception(
    "You put the ratings in the order of the films' ids; they come in the order of the list of rated films."
)
def films_sorted(rated, ratings, items, ridge):
    return user_vector.reference(np.sort(rated), ratings, items, ridge)


@user_vector.misconception("You ignored the ratings and put 1 for each; they are the values to be given back.")
def ratings_ignored(rated, ratings, items, ridge):
    return user_vector.reference(rated, np.ones(len(rated)), items, ridge)


@user_vector.misconception(
    "You left out the films with a 0; it is an answer, too: the dot product with such a film should come near to 0.",
    kind="misconception",
)
def zeros_left_out(rated, ratings, items, ridge):
    return user_vector.reference(rated[ratings > 0], ratings[ratings > 0], items, ridge)


@user_vector.misconception("You put another number in the place of 0; take the ratings as they are given.")
def zeros_as_minus_one(rated, ratings, items, ridge):
    return user_vector.reference(rated, np.where(ratings == 0, -1, ratings), items, ridge)


@user_vector.misconception("You returned what the user would give each film; return the user's own vector.")
def predictions_returned(rated, ratings, items, ridge):
    return items @ user_vector.reference(rated, ratings, items, ridge)


@user_vector.misconception("You multiplied by the table where its inverse belongs.")
def multiplied_instead_of_solved(rated, ratings, items, ridge):
    x = items[rated]
    return (x.T @ x + ridge * np.eye(items.shape[1])) @ (x.T @ ratings)


@user_vector.misconception("You refuse few ratings; the ridge makes the answer unique.", layer="few ratings")
def refuses_few(rated, ratings, items, ridge):
    if len(rated) < items.shape[1]:
        raise ValueError
    return user_vector.reference(rated, ratings, items, ridge)


@user_vector.misconception(
    "With fewer ratings than numbers to find, your equations have no single answer: what did you leave out?",
    layer="few ratings",
)
def singular_when_few(rated, ratings, items, ridge):
    if len(rated) < items.shape[1]:
        raise np.linalg.LinAlgError("Singular matrix")
    return no_ridge(rated, ratings, items, ridge)


@user_vector.alternative
def user_vector_by_eye(rated, ratings, items, ridge):
    x = items[rated]
    return np.linalg.solve(x.T @ x + ridge * np.eye(items.shape[1]), x.T @ ratings)


@user_vector.alternative
def user_vector_by_longer_table(rated, ratings, items, ridge):
    d = items.shape[1]
    table = np.vstack([items[rated], np.sqrt(ridge) * np.eye(d)])
    return np.linalg.lstsq(table, np.concatenate([ratings, np.zeros(d)]), rcond=None)[0].tolist()


@user_vector.alternative
def user_vector_dual(rated, ratings, items, ridge):
    x = items[rated]
    return x.T @ np.linalg.inv(x @ x.T + ridge * np.eye(len(rated))) @ ratings


@user_vector.alternative
def user_vector_by_scipy(rated, ratings, items, ridge):
    from scipy.linalg import solve

    x = np.take(items, rated, axis=0)
    return solve(np.einsum("mi,mj->ij", x, x) + np.diag([ridge] * x.shape[1]), ratings @ x, assume_a="pos")
