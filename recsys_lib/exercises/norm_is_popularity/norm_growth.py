"""Find by how much an item's norm grows in one step of gradient descent."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("norm_growth", points={"values": 3, "no raters": 1})
def norm_growth(item, raters, ratings, lr, total):
    """Take one step down the gradient of the mean squared error, and compare the two norms."""
    gradient = np.zeros(len(item))
    for user, rating in zip(raters, ratings, strict=True):
        error = rating - np.sum(user * item)
        gradient = gradient - 2 / total * error * user
    moved = item - lr * gradient
    return float(np.sqrt(np.sum(moved**2)) - np.sqrt(np.sum(item**2)))


TWO = [[1, 0], [1, 1]]


@norm_growth.inputs(
    "values",
    fixed=[
        (np.array([3, 4]), np.array([[1, 0]]), np.array([5]), 0.5, 10),
        ([0.6, 0.8], TWO, [4, 3], 2.0, 20),
        ([0.5, -0.25], [[1, 2], [2, 1], [-1, 1]], [5, 1, 3], 1.0, 30),
        ([3, 2], [[2, 0], [1, 1]], [1, 3], 0.5, 20),
        ([0.25, 0.5, 0.5], [[1, 0, 1], [0, 2, 1], [1, 1, 1], [2, 0, 0]], [4, 5, 3, 5], 4.0, 100),
        ([1, 1, 0, 2], [[1, 1, 1, 1], [2, 0, 1, 0], [0, 1, -1, 1]], [2, 1, 5], 3.0, 50),
        ([2, -1], [[1, 1], [0, 2], [1, -1], [3, 1], [1, 0]], [5, 4, 1, 3, 2], 0.25, 8),
        ([1, 0, -2, 1, 3, 2], [[1, 0, 2, 1, 0, 1], [0, 1, 1, 2, 1, 0]], [4, 2], 0.5, 3),  # wider than long
    ],
)
def _(rng):
    found = []
    for m, d in [(2, 2), (4, 3), (9, 4), (25, 6)]:
        item, raters = rng.normal(size=d), rng.normal(size=(m, d)) + 0.5
        ratings = rng.integers(1, 6, size=m).astype(float)
        found.append((item, raters, ratings, float(rng.uniform(0.5, 5)), int(m * rng.integers(5, 20))))
    whole = rng.integers(1, 6, size=3), rng.integers(-2, 4, size=(4, 3)), rng.integers(1, 6, size=4)
    return [*found, (*whole, float(rng.uniform(0.5, 2)), int(rng.integers(20, 80)))]


NOBODY = np.empty((0, 2))
NONE = np.empty(0)


@norm_growth.inputs(
    "no raters",
    fixed=[
        ([3, 4], NOBODY, NONE, 0.5, 10),
        ([3, 4], [[0, 1]], [3], 0.5, 10),
        ([0.5, -0.5], NOBODY, NONE, 2.0, 40),
        ([0.5, -0.5], [[1, 2]], [4], 2.0, 40),
        ([1, 2, 2], np.empty((0, 3)), NONE, 1.0, 7),
        ([1, 2, 2], [[1, 0, 1], [2, 1, 1]], [5, 3], 1.0, 7),
        ([1, 0, 2], np.empty((0, 3)), NONE, 1.0, 9),
        ([1, 0, 2], [[0, 1, 1]], [1], 1.0, 9),
    ],
)
def _(rng):
    found = []
    for d in (2, 5):
        item = rng.normal(size=d)
        found.append((item, np.empty((0, d)), np.empty(0), float(rng.uniform(0.5, 3)), int(rng.integers(5, 50))))
        found.append((item, rng.normal(size=(1, d)), np.array([5.0]), float(rng.uniform(0.5, 3)), 12))
    return found


def _length(x):
    return np.sqrt(np.sum(x**2))


def _step(item, raters, ratings, lr, total):
    return lr * 2 / total * ((ratings - raters @ item) @ raters)


@norm_growth.misconception(
    "You divided by the item's own number of ratings; the loss is a mean over all of them, so many ratings push more.",
    kind="misconception",
)
def mean_over_its_own(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, max(len(raters), 1))) - _length(item))


@norm_growth.misconception(
    "You went up the gradient, so the errors grow; a step of descent moves the prediction towards the rating."
)
def uphill(item, raters, ratings, lr, total):
    return float(_length(item - _step(item, raters, ratings, lr, total)) - _length(item))


@norm_growth.misconception("The factor 2 is missing; it comes from the square when the error is differentiated.")
def without_the_two(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, total) / 2) - _length(item))


@norm_growth.misconception(
    "You return the length of the step; a vector that is moved sideways gets hardly longer by it. "
    "Compare its length after the step with that before.",
    kind="misconception",
)
def length_of_the_step(item, raters, ratings, lr, total):
    return float(_length(_step(item, raters, ratings, lr, total)))


@norm_growth.misconception(
    "You return the new norm; asked is by how much it has grown, so take away what it was before the step.",
    kind="next step",
)
def new_norm(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, total)))


@norm_growth.misconception(
    "You moved the item by the ratings themselves; it should move by the errors, rating minus prediction.",
    kind="misconception",
)
def ratings_for_errors(item, raters, ratings, lr, total):
    return float(_length(item + lr * 2 / total * (ratings @ raters)) - _length(item))


@norm_growth.misconception(
    "You multiplied each error by the item; the derivative of the prediction with respect to the item is the user.",
    kind="misconception",
)
def along_the_item(item, raters, ratings, lr, total):
    return float(_length(item + lr * 2 / total * np.sum(ratings - raters @ item) * item) - _length(item))


@norm_growth.misconception(
    "You added everything up to one number and moved every coordinate by it; add up over the raters alone, so that "
    "each coordinate gets a move of its own."
)
def sum_of_everything(item, raters, ratings, lr, total):
    return float(_length(item + np.sum(_step(item, raters, ratings, lr, total))) - _length(item))


@norm_growth.misconception(
    "You took a mean over the raters and divided by `total` as well; add up over the raters, and divide once.",
    kind="misconception",
)
def divided_twice(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, total) / np.float64(len(raters))) - _length(item))


@norm_growth.misconception(
    "You divided by the old norm, which gives a share; the new norm less the old one is asked for.",
    kind="misconception",
)
def relative_growth(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, total)) / _length(item) - 1)


@norm_growth.misconception(
    "You return 0 where the item gets shorter; an item may get shorter, and then the number is negative.",
    kind="misconception",
)
def never_shorter(item, raters, ratings, lr, total):
    return max(0.0, float(_length(item + _step(item, raters, ratings, lr, total)) - _length(item)))


@norm_growth.misconception(
    "You took how far the step points along the item, which is its growth for tiny steps only; take both lengths.",
    kind="misconception",
)
def slope_of_the_norm(item, raters, ratings, lr, total):
    return float(item @ _step(item, raters, ratings, lr, total) / _length(item))


@norm_growth.misconception(
    "You took a step for each rater alone and added up the growths; add up the steps first, then measure the length."
)
def growths_added_up(item, raters, ratings, lr, total):
    steps = lr * 2 / total * (ratings - raters @ item)[:, None] * raters
    return float(sum(_length(item + step) - _length(item) for step in steps))


@norm_growth.misconception(
    "You moved the item itself before you measured its old norm, so both norms are the new one; put the moved item "
    "into a new array."
)
def moved_in_place(item, raters, ratings, lr, total):
    item += _step(item, raters, ratings, lr, total)
    return float(_length(item) - _length(item))


@norm_growth.misconception("You compared the squares of the norms; take the roots before you subtract.")
def squares_of_norms(item, raters, ratings, lr, total):
    return float(np.sum((item + _step(item, raters, ratings, lr, total)) ** 2) - np.sum(item**2))


@norm_growth.misconception(
    "You took the root of the difference of the squares; take both roots first. Where the item gets shorter, yours is "
    "the root of a negative number."
)
def root_of_the_difference(item, raters, ratings, lr, total):
    with np.errstate(invalid="ignore"):
        return float(np.sqrt(squares_of_norms(item, raters, ratings, lr, total)))


@norm_growth.misconception(
    "You left the learning rate out; the step is the gradient times lr, not the gradient itself."
)
def without_lr(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, 1.0, total)) - _length(item))


@norm_growth.misconception("You did not divide by `total`; the loss is a mean over all ratings.")
def without_total(item, raters, ratings, lr, total):
    return float(_length(item + _step(item, raters, ratings, lr, 1)) - _length(item))


@norm_growth.misconception(
    "You moved the item after each rating and worked the next error out anew; in one step all errors are those of the "
    "old item.",
    kind="misconception",
)
def one_after_the_other(item, raters, ratings, lr, total):
    moved = item
    for user, rating in zip(raters, ratings, strict=True):
        moved = moved + lr * 2 / total * (rating - user @ moved) * user
    return float(_length(moved) - _length(item))


@norm_growth.misconception(
    "You added up the errors and the users separately; each error belongs to one user and is multiplied by that one."
)
def sums_apart(item, raters, ratings, lr, total):
    return float(_length(item + lr * 2 / total * np.sum(ratings - raters @ item) * raters.sum(axis=0)) - _length(item))


@norm_growth.misconception(
    "Nobody has rated this item, and the mean of nothing is NaN; a sum of nothing is 0, and that is all you need.",
    layer="no raters",
)
def mean_of_nothing(item, raters, ratings, lr, total):
    errors = ratings - raters @ item
    each = errors[:, None] * raters
    return float(
        _length(item + lr * 2 * len(raters) / total * (each.sum(axis=0) / np.float64(len(raters)))) - _length(item)
    )


@norm_growth.misconception(
    "You refuse an item without ratings; it is no mistake of the caller's, and such an item simply stays as it is.",
    layer="no raters",
    kind="misconception",
)
def nobody_refused(item, raters, ratings, lr, total):
    if len(raters) == 0:
        raise ValueError
    return norm_growth.reference(item, raters, ratings, lr, total)


@norm_growth.alternative
def with_matrices(item, raters, ratings, lr, total):
    gradient = -2 / total * raters.T @ (ratings - raters @ item)
    return np.linalg.norm(item - lr * gradient) - np.linalg.norm(item)


@norm_growth.alternative
def with_einsum(item, raters, ratings, lr, total):
    errors = np.einsum("md,d->m", raters, item) - ratings
    step = -lr * 2 * np.einsum("m,md->d", errors, raters) / total
    return float(math.sqrt(float(np.dot(item + step, item + step))) - math.sqrt(float(np.dot(item, item))))


@norm_growth.alternative
def with_a_difference_of_squares(item, raters, ratings, lr, total):
    step = _step(item, raters, ratings, lr, total)
    old, new = np.linalg.norm(item), np.linalg.norm(item + step)
    return np.float64((2 * item @ step + step @ step) / (old + new))


@norm_growth.alternative
def with_plain_lists(item, raters, ratings, lr, total):
    step = [0.0] * len(item)
    for user, rating in zip(raters.tolist(), ratings.tolist(), strict=True):
        error = rating - sum(a * b for a, b in zip(user, item, strict=True))
        step = [s + lr * 2 * error * u / total for s, u in zip(step, user, strict=True)]
    return math.dist([x + s for x, s in zip(item, step, strict=True)], [0.0] * len(item)) - math.hypot(*item)
