"""Find the norm that L2 leaves, after so many steps, to a film that nobody rates."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("cold_norm_after", points={"values": 2})
def cold_norm_after(norm0, lr, l2, n_items, steps):
    """The gradient of l2 |x|^2 / n_items is 2 l2 x / n_items: each step takes that share of the film's vector away."""
    norm = norm0
    for _ in range(steps):
        norm = norm - lr * 2 * l2 * norm / n_items
    return norm


@cold_norm_after.inputs(
    "values",
    fixed=[
        (8.0, 1.0, 0.5, 4, 2),
        (3.0, 5.0, 0.2, 50, 10),
        (3.0, 5.0, 0.2, 50, 0),
        (4.0, 2.0, 0.25, 5, 3),
        (2.0, 20.0, 0.1, 100, 50),
        (5.5, 10.0, 0.1, 1682, 300),
        (5.5, 20.0, 0.15, 1682, 300),
        (0.25, 20.0, 0.1, 1682, 1),
        (3.0, 10.0, 0.0, 100, 40),
    ],
)
def _(rng):
    found = []
    for _ in range(5):
        lr, l2, n_items = float(rng.uniform(1, 20)), float(rng.uniform(0.02, 0.5)), int(rng.integers(60, 2000))
        found.append((float(rng.uniform(0.1, 6)), lr, l2, n_items, int(rng.integers(2, 60))))
    return found


@cold_norm_after.misconception(
    "You took half of what a step takes away: what happens to the exponent when a square is differentiated?"
)
def no_two(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - lr * l2 / n_items) ** steps


@cold_norm_after.misconception(
    "You gave one film the L2 of the whole catalogue; the loss holds a mean over the films, of which this one is a "
    "small part."
)
def no_mean(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2) ** steps


@cold_norm_after.misconception(
    "You took lr times l2 of the vector away, as the weight decay of an optimiser does; here l2 weighs a mean of "
    "squares over the films: what is the gradient of that for one of them?"
)
def weight_decay(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - lr * l2) ** steps


@cold_norm_after.misconception(
    "You took the same amount away in every step; the pull is a share of what is left, so it weakens as the vector "
    "shrinks.",
    kind="misconception",
)
def linear_decay(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 * steps / n_items)


@cold_norm_after.misconception(
    "You took the same amount away in every step until nothing was left; the pull is a share of what is left, so the "
    "vector never gets to zero.",
    kind="misconception",
)
def linear_decay_to_zero(norm0, lr, l2, n_items, steps):
    return max(linear_decay(norm0, lr, l2, n_items, steps), 0.0)


@cold_norm_after.misconception("You forgot the learning rate: a step is the gradient times lr.")
def no_lr(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * l2 / n_items) ** steps


@cold_norm_after.misconception("You made one step only; each further step shrinks what the last one has left.")
def one_step(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 / n_items)


@cold_norm_after.misconception("You made a step too many, or counted the start as one.")
def one_step_too_many(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 / n_items) ** (steps + 1)


@cold_norm_after.misconception("You made a step too few: the start is before the first step, not after it.")
def one_step_too_few(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 / n_items) ** (steps - 1)


@cold_norm_after.misconception(
    "You let the vector grow; descent goes against the gradient, so which sign has the step?"
)
def grows(norm0, lr, l2, n_items, steps):
    return norm0 * (1 + 2 * lr * l2 / n_items) ** steps


@cold_norm_after.misconception(
    "You used the exponential function, which is the limit of infinitely small steps; descent makes whole ones, so "
    "multiply once for each step."
)
def exponential(norm0, lr, l2, n_items, steps):
    return norm0 * math.exp(-2 * lr * l2 * steps / n_items)


@cold_norm_after.misconception(
    "You raised to the power what a step takes away; what goes on to the next step is what is left: check the brackets."
)
def power_inside(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - (2 * lr * l2 / n_items) ** steps)


@cold_norm_after.misconception(
    "You followed the squared norm: the norm shrinks by one factor a step, its square by two."
)
def squared_factor(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 / n_items) ** (2 * steps)


@cold_norm_after.misconception(
    "Half of the shrinking is missing: you shrank the squared norm by the factor that belongs to the norm."
)
def half_of_the_shrinking(norm0, lr, l2, n_items, steps):
    return math.sqrt(norm0**2 * (1 - 2 * lr * l2 / n_items) ** steps)


@cold_norm_after.misconception(
    "You subtracted the term of the loss itself; a step subtracts its gradient, so differentiate first.",
    kind="misconception",
)
def loss_subtracted(norm0, lr, l2, n_items, steps):
    for _ in range(steps):
        norm0 = norm0 - lr * l2 * norm0**2 / n_items
    return norm0


@cold_norm_after.misconception("You returned the share of the norm that is left; multiply it by what there was.")
def share_left(norm0, lr, l2, n_items, steps):
    return (1 - 2 * lr * l2 / n_items) ** steps


@cold_norm_after.misconception(
    "You kept the norm as it is: nobody rates the film, but the L2 term pulls at it all the same.", kind="misconception"
)
def never_moves(norm0, lr, l2, n_items, steps):
    return norm0


@cold_norm_after.misconception(
    "You subtracted the pull once for each step without multiplying it by the norm: a long vector is pulled harder."
)
def pull_without_the_norm(norm0, lr, l2, n_items, steps):
    return norm0 - 2 * lr * l2 / n_items * steps


@cold_norm_after.misconception("You returned what the film has lost; asked for is what it has left.")
def what_was_lost(norm0, lr, l2, n_items, steps):
    return norm0 - norm0 * (1 - 2 * lr * l2 / n_items) ** steps


@cold_norm_after.misconception(
    "You raised the norm at the start to the power as well; only the factor of a step repeats: check the brackets."
)
def start_in_the_power(norm0, lr, l2, n_items, steps):
    return (norm0 * (1 - 2 * lr * l2 / n_items)) ** steps


@cold_norm_after.misconception(
    "You multiplied by the number of steps; each step works on what the last one has left, which is a power."
)
def times_the_steps(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 / n_items) * steps


@cold_norm_after.misconception("You take away twice too much in each step: has a factor come in two times?")
def factor_four(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 4 * lr * l2 / n_items) ** steps


@cold_norm_after.alternative
def closed_form(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 / n_items) ** steps


@cold_norm_after.alternative
def by_a_vector(norm0, lr, l2, n_items, steps):
    x = np.array([0.6, 0.8]) * norm0
    for _ in range(steps):
        x -= lr * (2 * l2 / n_items) * x
    return np.linalg.norm(x)


@cold_norm_after.alternative
def by_logarithms(norm0, lr, l2, n_items, steps):
    return norm0 * np.exp(steps * np.log1p(-2 * lr * l2 / n_items))


@cold_norm_after.alternative
def by_a_product(norm0, lr, l2, n_items, steps):
    return float(norm0 * np.prod(np.full(steps, 1 - 2 * lr * l2 / n_items)))
