"""Take one step of gradient descent on the loss with L2, on both sides at once."""

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
    worlds,
)
from recsys_lib.exercises.matrix_factorization.mf_gradients import gradients_by_matrices, mf_gradients
from recsys_lib.exercises.matrix_factorization.observed_mse import observed_mse


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
        (*ONE_USER, 0.5, 1.5),
        (*TWO_USERS, 0.125, 0.75),
        (*WHOLE_STARS, 0.5, 0.25),
        (*ON_A_LINE, 0.5, 0.25),
        (*SQUARE, 0.25, 0.5),
        (*THREE_USERS, 0.5, 1.5),
        (*IN_A_SPACE, 0.75, 0.25),
        (*IN_A_SPACE, 0.5, 0),
    ],
)
def _(rng):
    first, *others = worlds(rng)
    penalties = (0.0, *rng.uniform(0.1, 2, 3).tolist())
    return [
        (*world, float(rng.uniform(0.1, 2)), l2)
        for world, l2 in zip([in_whole_stars(first), *others], penalties, strict=True)
    ]


@gradient_step.misconception(
    "Your items already step on the moved users; work out both gradients at the old point before either side moves.",
    kind="misconception",
)
def items_on_new_users(users, items, ratings, lr, l2):
    moved, _ = gradient_step.reference(users, items, ratings, lr, l2)
    _, items = gradient_step.reference(moved, items, ratings, lr, l2)
    return moved, items


@gradient_step.misconception(
    "Your items' gradient multiplies the errors by users that have moved already; work out both gradients at the old "
    "point before either side moves.",
    kind="misconception",
)
def items_pulled_by_new_users(users, items, ratings, lr, l2):
    moved, _ = gradient_step.reference(users, items, ratings, lr, l2)
    error = np.where(ratings != 0, users @ items.T - ratings, 0)
    pull = 2 / n_rated(ratings) * error.T @ moved + 2 * l2 / len(items) * items
    return moved, items - lr * pull


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


def _stepped(users, items, ratings, lr, pull_users, pull_items):
    """One step in which the penalty's gradients are given."""
    grad_users, grad_items = mf_gradients.reference(users, items, ratings)
    return users - lr * (grad_users + pull_users), items - lr * (grad_items + pull_items)


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
    count = n_rated(ratings)
    return _stepped(users, items, ratings, lr, 2 * l2 * users / count, 2 * l2 * items / count)


@gradient_step.misconception("You divide both penalties by the number of users; the items' mean runs over the items.")
def penalty_by_users(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users / len(users), 2 * l2 * items / len(users))


@gradient_step.misconception(
    "You pull every vector by the mean vector of its table; each is pulled by itself: 2 times itself, over how many "
    "there are.",
    kind="misconception",
)
def pulled_by_the_mean(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users.mean(axis=0), 2 * l2 * items.mean(axis=0))


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
    "You divide the users' penalty by the number of items and the other way round; each mean runs over its own side."
)
def penalty_by_the_other_side(users, items, ratings, lr, l2):
    return _stepped(users, items, ratings, lr, 2 * l2 * users / len(items), 2 * l2 * items / len(users))


@gradient_step.misconception(
    "You shrink the vectors after they have moved; work out the penalty's gradient at the old point, too."
)
def decay_after_the_move(users, items, ratings, lr, l2):
    users, items = gradient_step.reference(users, items, ratings, lr, 0)
    return users * (1 - 2 * lr * l2 / len(users)), items * (1 - 2 * lr * l2 / len(items))


@gradient_step.misconception(
    "Only the penalty's gradient is multiplied by the learning rate; the gradient of the loss needs it as well."
)
def loss_without_lr(users, items, ratings, lr, l2):
    return gradient_step.reference(users, items, ratings, 1.0, lr * l2)


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
