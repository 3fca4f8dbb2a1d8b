"""Write the films so that dot products and cosines of two of them are those of their predictions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from recsys_lib.checks.comparison import as_numbers, tolerance
from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.cosine_is_not_innocent.balance import balance


@exercise("gauge_free", kind="property", points={"values": 2, "zero column": 1})
def gauge_free(users, films):
    """Multiply the films by a root of the users' Gram matrix: by R' where users = Q R, since then R'R = U'U."""
    return films @ np.linalg.qr(np.asarray(users, dtype=float))[1].T


@gauge_free.inputs(
    "values",
    fixed=[
        ([[3], [4]], [[2], [-1]]),
        ([[2, 1], [0, 1], [1, -1]], [[1, 0], [0, 1], [2, 2]]),
        (np.array([[3, 1], [4, 2], [0, 2]]), np.array([[5, 1], [0, 0], [-2, 3], [1, 1]])),
        ([[1, 2], [2, 1], [1, 1], [4, 2]], [[1, -1], [2, 1], [0.5, 3]]),
        ([[1, 0, 2], [3, -1, 2], [0, 2, 1], [-1, 1, 4]], [[10, 2, 0.3], [0, 5, 0.1], [4, 4, -0.2], [6, 2, 0.1]]),
        ([[1, 2, 0], [2, 1, 1], [0, 1, 1], [4, 2, 3]], [[1, -1, 3], [2, 1, 1]]),
        ([[100, 0.1], [200, 0.3], [-100, 0.1]], [[0.01, 10], [0.02, -10], [0.03, 20]]),
    ],
)
def _(rng):
    found = [
        (rng.normal(size=(n, d)) * np.exp(rng.normal(size=d)), rng.normal(size=(m, d)) + 0.5)
        for n, m, d in [(4, 3, 2), (6, 5, 3), (30, 12, 5)]
    ]
    return [*found, (rng.integers(1, 9, (5, 2)), rng.integers(-5, 9, (4, 2)))]


@gauge_free.inputs(
    "zero column",
    fixed=[
        ([[3, 0], [4, 0], [0, 0]], [[1, 5], [2, 6], [2, 8]]),
        ([[3, 1], [4, 2], [0, 2]], [[1, 0], [2, 3], [2, 8]]),
        ([[0, 3], [0, 4], [0, 12]], [[1, 1], [5, 0], [2, -2]]),
        ([[1, 0, 2], [3, 0, 2], [1, 0, -1], [0, 0, 1]], [[10, 2, 1], [0, 5, 0], [4, 4, 9], [1, 0, 1]]),
        ([[1, 1, 2], [3, 0, 2], [1, 1, 1], [2, 0, 1]], [[10, 2, 0], [0, 5, 0], [4, 4, 0]]),
        ([[1, 0, 0], [2, 0, 0], [2, 0, 0], [-4, 0, 0]], [[1, 5, 2], [0, 6, 1]]),
        ([[1, 2], [-1, 0], [0, 1]], [[1, 5], [2, 6], [2, 0]]),  # a sum of zero, and no zero column
        ([[1, 2, 0], [-1, 0, 0], [2, 1, 0], [-2, 3, 0]], [[1, 5, 1], [2, 0, 3]]),
        ([[1e-4, 1], [-1e-4, 2], [2e-4, 1]], [[1e4, 1], [0, 2], [2e4, 0]]),  # small is not zero
        ([[1e-4, 2e-4, 0], [3e-4, -1e-4, 0], [1e-4, 1e-4, 0], [0, 2e-4, 0]], [[1, 5, 1], [2, 0, 3]]),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(4, 5, 2), (9, 6, 4)]:
        users, films = rng.normal(size=(n, d)), rng.normal(size=(m, d))
        column = int(rng.integers(d))
        empty, only = users.copy(), films.copy()
        empty[:, column] = 0
        only[0] = np.where(np.arange(d) == column, 2, 0)
        balanced = users.copy()
        balanced[:, column] = rng.permutation(np.r_[np.arange(1, d), -np.arange(1, d), np.zeros(n - 2 * (d - 1))])
        found += [(empty, films), (empty, only), (users, films), (balanced, films), (1e-4 * empty, films)]
    return found


def _gram(table: NDArray) -> NDArray:
    return table @ table.T


def _proportional(one: NDArray, other: NDArray, rtol: float) -> bool:
    """Whether one is other times a positive number."""
    size = np.linalg.norm(other)
    if not (np.isfinite(one).all() and np.isfinite(other).all()) or size == 0:
        return False
    factor = np.sum(one * other) / size**2
    return bool(factor > 0 and np.allclose(one, factor * other, rtol=0, atol=10 * rtol * factor * np.abs(other).max()))


def _known_mistake(users: NDArray, films: NDArray, result: NDArray, rtol: float) -> str | None:
    """Name the misconception that gives these dot products, in whatever basis, or None."""
    for mistake, others in MISTAKES.items():
        for does in (mistake, *others):
            try:
                with np.errstate(all="ignore"):
                    wrong = does(users.copy(), films.copy())
            except (ValueError, np.linalg.LinAlgError):
                continue
            if wrong.shape != result.shape:
                continue
            if np.allclose(result, wrong, rtol=rtol, atol=1e-9, equal_nan=True):
                return mistake.__name__
            got, made = _gram(result), _gram(wrong)
            if np.isfinite(made).all() and np.allclose(got, made, rtol=rtol, atol=rtol * np.abs(made).max()):
                return mistake.__name__
    return None


def _fault(users: NDArray, films: NDArray, result: NDArray, rtol: float) -> str | None:
    """Say which dot product is wrong in a table of the right shape, or None."""
    if not np.isfinite(result).all():
        return "there is NaN or infinity in what you return"
    wanted, got = _gram(films @ users.T), _gram(result)
    lengths = np.sqrt(np.diag(wanted))
    noise = min(100 * np.finfo(result.dtype if result.dtype.kind == "f" else float).eps, 2e-3)  # of halves: their own
    off = np.abs(got - wanted) - 10 * rtol * np.outer(lengths, lengths) - noise * wanted.max()
    if (off <= 0).all():
        return None
    i, j = np.unravel_index(np.argmax(off > 0), off.shape)
    if i == j:
        return f"row {i} has the squared length {got[i, j]:.4g}; film {i}'s predictions have {wanted[i, j]:.4g}"
    return (
        f"rows {i} and {j} have the dot product {got[i, j]:.4g}; the predictions of films {i} and {j} have "
        f"{wanted[i, j]:.4g}"
    )


@gauge_free.judge(lambda users, films: films.shape)
def _(args, result):
    users, films = (np.asarray(table, dtype=float) for table in args)
    array = as_numbers(result)
    if array is not None and array.shape == (len(films), len(users)) and np.allclose(array, films @ users.T):
        return "predictions_themselves"
    if array is None or array.shape != films.shape:
        has = "no numbers" if array is None else f"the shape {array.shape}"
        return f"the films have the shape {films.shape} and so has the table that is asked for; yours has {has}"
    rtol = tolerance(array)
    fault = _fault(users, films, array, rtol)
    if fault is None:
        return None
    known = _known_mistake(users, films, array, rtol)
    if known is None and _proportional(_gram(array), _gram(films @ users.T), rtol):
        known = "mean_over_users"
    return known or fault


def _lower(table):
    return np.linalg.cholesky(table.T @ table)


def _unit_rows(table):
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    return table / np.where(lengths > 0, lengths, 1)


@gauge_free.misconception(
    "In the product of two of your films the users' Gram matrix stands twice; which matrix gives it when it is "
    "multiplied by its own transpose?"
)
def gram_itself(users, films):
    return films @ (users.T @ users)


@gauge_free.misconception(
    "You have a root of the Gram matrix and multiply by its transpose; write down the product of two of your films: "
    "which of the two factors stands in the middle first?"
)
def transposed_root(users, films):
    return films @ _lower(users).T


def _transposed_triangle(users, films):
    return films @ np.linalg.qr(users)[1]


@gauge_free.misconception(
    "You undo the users' root where the films have to be multiplied by it; a column in which the users are long "
    "matters more in the predictions, and in yours it matters less."
)
def inverse_of_the_root(users, films):
    return films @ np.linalg.inv(_lower(users)).T


def _inverse_untransposed(users, films):
    return films @ np.linalg.inv(_lower(users))


def _transposed_inverse_triangle(users, films):
    return films @ np.linalg.inv(np.linalg.qr(users)[1]).T


def _inverse_gram(users, films):
    return films @ np.linalg.inv(users.T @ users)


@gauge_free.misconception(
    "Your Gram matrix is that of the films; over whom do you sum when two columns of predictions meet?",
    kind="misconception",
)
def gram_of_the_films(users, films):
    return films @ _lower(films)


def _films_whitened(users, films):
    return films @ np.linalg.inv(_lower(films)).T


def _films_triangle(users, films):
    return films @ np.linalg.qr(films)[1].T


@gauge_free.misconception(
    "You brought the films to length one before you multiplied, so the lengths of their predictions are lost; the "
    "prompt asks for the same dot products."
)
def lengths_removed_first(users, films):
    return _unit_rows(films) @ _lower(users)


@gauge_free.misconception(
    "Your angles are right, but all your films have length one; a film's row should be as long as its column of "
    "predictions."
)
def lengths_removed_last(users, films):
    return _unit_rows(films @ np.linalg.qr(users)[1].T)


@gauge_free.misconception(
    "You took the users' mean away, which makes the Gram matrix a covariance; did anybody take a mean from the "
    "predictions?",
    kind="misconception",
)
def users_centred(users, films):
    return films @ np.linalg.qr(users - users.mean(axis=0))[1].T


def _covariance(users, films):
    return users_centred(users, films) / np.sqrt(len(users) - 1)


def _covariance_of_all(users, films):
    return users_centred(users, films) / np.sqrt(len(users))


@gauge_free.misconception(
    "Your cosines are right, but every dot product is off by one and the same factor; did you take a mean over the "
    "users, or divide by a length, where a plain sum is asked for?"
)
def mean_over_users(users, films):
    return films @ np.linalg.qr(users)[1].T / np.sqrt(len(users))


@gauge_free.misconception(
    "You brought every user to length one first; a user with a long vector has larger predictions, and counts for more."
)
def users_of_length_one(users, films):
    return films @ np.linalg.qr(_unit_rows(users))[1].T


@gauge_free.misconception(
    "You took the root of each number of the Gram matrix; that is no matrix whose product with its own transpose gives "
    "the Gram matrix back.",
    kind="misconception",
)
def root_of_each_number(users, films):
    return films @ np.sqrt(users.T @ users)


@gauge_free.misconception(
    "You multiplied each column by the length of the users' column; that would do if these columns stood at right "
    "angles, but what of users who have a lot of two columns at once?",
    kind="misconception",
)
def column_lengths_alone(users, films):
    return films * np.linalg.norm(users, axis=0)


@gauge_free.misconception(
    "You balanced the columns; that undoes a stretch, but columns that somebody has mixed stay mixed.",
    kind="misconception",
)
def balanced_films(users, films):
    return balance.reference(users, films)[1]


@gauge_free.misconception(
    "You multiplied by the roots of the eigenvalues alone; each belongs to an eigenvector, and the films have to be "
    "turned to these first."
)
def eigenvectors_left_out(users, films):
    return films * np.sqrt(np.maximum(np.linalg.eigvalsh(users.T @ users), 0))


def _singular_values_alone(users, films):
    return films * np.linalg.svd(users, compute_uv=False)


@gauge_free.misconception(
    "You return the films as they came, or only turned round; their dot products are still those of this one gauge.",
    kind="next step",
)
def films_as_they_are(users, films):
    return films


def _turned_only(users, films):
    return films @ np.linalg.eigh(users.T @ users)[1]


@gauge_free.misconception(
    "These are the predictions themselves, right in every gauge but with one number for each user; what can stand in "
    "their place with as many numbers as a film has columns?",
    kind="next step",
)
def predictions_themselves(users, films):
    return films @ users.T


MISTAKES: dict[Callable, tuple[Callable, ...]] = {
    films_as_they_are: (_turned_only,),
    gram_itself: (),
    transposed_root: (_transposed_triangle,),
    inverse_of_the_root: (_inverse_untransposed, _transposed_inverse_triangle, _inverse_gram),
    gram_of_the_films: (_films_whitened, _films_triangle),
    lengths_removed_first: (),
    lengths_removed_last: (),
    users_centred: (_covariance, _covariance_of_all),
    users_of_length_one: (),
    root_of_each_number: (),
    column_lengths_alone: (),
    balanced_films: (),
    eigenvectors_left_out: (_singular_values_alone,),
}


def _without(users, films, kept):
    found = np.zeros(films.shape)
    found[:, kept] = films[:, kept] @ np.linalg.qr(users[:, kept])[1].T
    return found


@gauge_free.misconception(
    "You leave a column out whose sum is zero; one with as much below zero as above has that sum, too. What is zero in "
    "a zero column?",
    layer="zero column",
)
def sum_for_zero(users, films):
    return _without(users, films, users.sum(axis=0) != 0)


@gauge_free.misconception(
    "You take small sizes for zero by a fixed number; the users' numbers may all be small. Does a size of zero do any "
    "harm where you multiply by it?",
    layer="zero column",
)
def small_for_zero(users, films):
    _, sizes, turned = np.linalg.svd(users, full_matrices=False)
    return films @ turned.T * np.where(sizes < 1e-2, 0, sizes)


#: Also told by the dot products that they give, whichever root was taken.
MISTAKES |= {sum_for_zero: (), small_for_zero: ()}


@gauge_free.misconception(
    "A column of zeros makes your answer fail: a Cholesky factor needs columns that are independent; which other way "
    "to a root of the Gram matrix does not?",
    layer="zero column",
)
def cholesky_fails(users, films):
    return films @ _lower(users)


@gauge_free.misconception(
    "You added a small number to the Gram matrix so that it has a factor; a film that has numbers in the empty column "
    "alone then gets a direction, and nobody is predicted to like it or not.",
    layer="zero column",
)
def small_number_added(users, films):
    return films @ np.linalg.cholesky(users.T @ users + 1e-6 * np.eye(users.shape[1]))


@gauge_free.misconception(
    "You left the empty column out; the table has to keep its width, so what may stand there?",
    layer="zero column",
)
def empty_column_left_out(users, films):
    kept = users.any(axis=0)
    return films[:, kept] @ _lower(users[:, kept])


@gauge_free.misconception(
    "You left the films' numbers in the empty column; no user has anything there, so they are in no prediction.",
    layer="zero column",
)
def empty_column_kept(users, films):
    kept = users.any(axis=0)
    return films @ np.linalg.cholesky(users.T @ users + np.diag(np.where(kept, 0.0, 1.0)))


@gauge_free.alternative
def with_a_symmetric_root(users, films):
    values, vectors = np.linalg.eigh(users.T @ users)
    return films @ (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


@gauge_free.alternative
def with_singular_values(users, films):
    _, sizes, turned = np.linalg.svd(users, full_matrices=False)
    return films @ turned.T * sizes


@gauge_free.alternative
def with_cholesky_of_the_columns_in_use(users, films):
    used = users.any(axis=0)
    found = np.zeros(films.shape)
    found[:, used] = films[:, used] @ np.linalg.cholesky(users[:, used].T @ users[:, used])
    return found


@gauge_free.alternative
def with_all_predictions(users, films):
    left, sizes, _ = np.linalg.svd(films @ users.T, full_matrices=False)
    width = min(films.shape[1], len(sizes))
    found = np.zeros(films.shape)
    found[:, :width] = left[:, :width] * sizes[:width]
    return found


@gauge_free.alternative
def with_turned_signs_as_lists(users, films):
    return (-gauge_free.reference(users, films)).tolist()


@gauge_free.alternative
def in_float32(users, films):
    return gauge_free.reference(users, films).astype(np.float32)
