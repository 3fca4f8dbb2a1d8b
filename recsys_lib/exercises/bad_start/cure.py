"""Choose start, L2 and gravity so that a model trains well and keeps rare films out of the lists."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.comparison import as_numbers
from recsys_lib.checks.definition import exercise


@exercise("cure", kind="property", points={"values": 3})
def cure(ratings, d):
    """Short vectors at the start, some L2, and gravity: the last is what moves a film that nobody rates."""
    return {"std": 0.05, "l2": 0.1, "gravity": 1.0}


def small_world(rng, n_users=140, n_items=160):
    """Draw ratings 1 to 5 with a heavy tail: who rates what follows taste and fame, how high follows taste."""
    fame = 1 / (1 + rng.permutation(n_items))
    taste = rng.normal(size=(n_users, 3)) @ rng.normal(size=(3, n_items)) / np.sqrt(3)
    wish = 2.5 * taste + 1.2 * np.log(fame) + rng.gumbel(size=taste.shape)
    wanted = rng.integers(12, 31, n_users)
    rated = np.argsort(np.argsort(-wish, axis=1), axis=1) < wanted[:, None]
    stars = np.clip(np.rint(3.4 + 0.9 * taste + 0.5 * rng.normal(size=taste.shape)), 1, 5)
    return np.where(rated, stars, 0.0)


# The notebook's worlds. Of forty it was hardest to find enough in number 35, and the error was largest in number 4:
# settings that miss a demand in any of the forty miss one here.
FIXED = [(small_world(np.random.default_rng([7, i])), d) for i, d in ((0, 8), (1, 9), (35, 8), (4, 12))]


@cure.inputs("values", fixed=FIXED)
def _(rng):
    return [(small_world(rng), int(d)) for d in rng.integers(8, 13, 3)]


# A small world in which the bad start does what it does on MovieLens, trained by plain NumPy in 40 ms. Each limit
# lies at least three standard deviations from what the reference reaches (tests/exercises/test_thresholds.py).
LEARNING_RATE, STEPS = 1.5, 300
PLACES, RARE = 10, 3
MOST_PULL = 10.0  # of L2 or gravity: what is stronger crushes all vectors, or throws them past zero and away
MOST_RARE, LEAST_RECALL, MOST_ERROR = 0.03, 0.42, 9.0
# What a world asks that is drawn for a grade: less, so that the notebook's worlds decide, and "solved" there is solved.
MOST_RARE_FRESH, LEAST_RECALL_FRESH, MOST_ERROR_FRESH = 0.06, 0.34, 11.0


def limits(ratings):
    """Return what is asked for in a world: most rare share, least recall, most error."""
    if any(np.array_equal(ratings, world) for world, _ in FIXED):
        return MOST_RARE, LEAST_RECALL, MOST_ERROR
    return MOST_RARE_FRESH, LEAST_RECALL_FRESH, MOST_ERROR_FRESH


def hide_a_quarter(ratings):
    """Give the table without every fourth rating of a user, and the places of what was hidden."""
    rated = ratings > 0
    hidden = rated & ((np.cumsum(rated, axis=1) + np.arange(len(ratings))[:, None]) % 4 == 0)
    return np.where(hidden, 0.0, ratings), hidden


def train(ratings, d, std, l2, gravity):
    """Plain gradient descent on the observed MSE, l2 times the mean squared norms, gravity times the mean square."""
    (n_users, n_items), rng = ratings.shape, np.random.default_rng(0)
    users, items = std * rng.normal(size=(n_users, d)), std * rng.normal(size=(n_items, d))
    rated = ratings > 0
    share, pull = rated / rated.sum(), gravity / (n_users * n_items)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            error = users @ items.T
            error -= ratings
            error *= share
            grad_users = error @ items + l2 / n_users * users + pull * users @ (items.T @ items)
            grad_items = error.T @ users + l2 / n_items * items + pull * items @ (users.T @ users)
            users, items = users - LEARNING_RATE * 2 * grad_users, items - LEARNING_RATE * 2 * grad_items
    return users, items


def outcome(ratings, d, std, l2, gravity):
    """Train on three quarters: rare share, recall and squared error on the rest; None where the numbers run away."""
    known, hidden = hide_a_quarter(ratings)
    users, items = train(known, d, std, l2, gravity)
    scores = users @ items.T
    if not np.isfinite(scores).all():
        return None
    lists = np.argsort(np.where(known > 0, np.inf, -scores), axis=1, kind="stable")[:, :PLACES]
    found = np.take_along_axis(hidden, lists, axis=1).sum(axis=1)
    there = hidden.sum(axis=1)
    rare = np.mean((known > 0).sum(axis=0)[lists] <= RARE)
    recall = np.mean(found[there > 0] / there[there > 0])
    return float(rare), float(recall), float(np.mean((scores - ratings)[hidden] ** 2))


@cure.judge(lambda ratings, d: {"std": (), "l2": (), "gravity": ()})
def _(args, result):
    names = ("std", "l2", "gravity")
    if not isinstance(result, dict) or not set(names) <= set(result):
        return "a dictionary with the keys std, l2 and gravity is asked for"
    numbers = [as_numbers(result[name]) for name in names]
    if any(number is None or number.ndim or not np.isfinite(number) for number in numbers):
        return "std, l2 and gravity are one finite number each"
    std, l2, gravity = map(float, numbers)
    if std < 0:
        return "std is how widely the start is drawn, which is never negative"
    if min(l2, gravity) < 0:
        return "less_than_nothing"
    if std == 0:
        return "start_at_zero"
    found = outcome(*args, std, l2, gravity) if std <= 2 else None
    if found is None and std <= 1 and max(l2, gravity) > MOST_PULL:
        return "too_much_gravity" if gravity > l2 else "too_much_l2"
    if found is None:
        return "runs_away"
    rare, recall, error = found
    most_rare, least_recall, most_error = limits(args[0])
    if rare <= most_rare and recall >= least_recall and error <= most_error:
        return None
    if std < 1e-3 and 0.05 <= gravity <= 2 and l2 <= 1:
        return "so small a start needs more than 300 steps to leave zero"
    if error > most_error:
        return "too_much_gravity" if gravity > l2 else "too_much_l2"
    if gravity < 0.05:
        large = std > 0.3
        if l2 < 0.01:
            return "large_start_alone" if large else "small_start_alone"
        return "l2_against_a_large_start" if large and l2 < 0.5 else "small_start_and_l2"
    if gravity < 0.6 and recall < least_recall:
        return "not_in_every_world"
    missed = f"rare films take {rare:.1%} of the places, and at most {most_rare:.0%} is asked for"
    if rare <= most_rare:
        missed = f"recall@10 is {recall:.3f}, and at least {least_recall} is asked for"
    return f"{missed}; the other demands are met" if rare <= most_rare or recall >= least_recall else missed


@cure.misconception(
    "Rare films take many places: they keep the long vectors of your start, and nothing in your loss moves them.",
    kind="misconception",
)
def large_start_alone(ratings, d):
    return {"std": 1.0, "l2": 0.0, "gravity": 0.0}


@cure.misconception(
    "A small start keeps most rare films down, but the lists find too little: your loss never looks at a film that a "
    "user did not rate.",
    kind="misconception",
)
def small_start_alone(ratings, d):
    return {"std": 0.05, "l2": 0.0, "gravity": 0.0}


@cure.misconception(
    "The rare films are gone and the lists still find too little: which term of the loss says something about "
    "unrated pairs?",
    kind="next step",
)
def small_start_and_l2(ratings, d):
    return {"std": 0.05, "l2": 0.1, "gravity": 0.0}


@cure.misconception(
    "So little L2 alone needs many more steps to shrink such a start, and it says nothing about pairs that nobody "
    "rated.",
    kind="misconception",
)
def l2_against_a_large_start(ratings, d):
    return {"std": 1.0, "l2": 0.1, "gravity": 0.0}


@cure.misconception(
    "Settings that find enough in most worlds, and not in every one: for such a start, gravity is too weak to move the "
    "rare films within 300 steps.",
    kind="next step",
)
def not_in_every_world(ratings, d):
    return {"std": 0.5, "l2": 0.0, "gravity": 0.3}


@cure.misconception(
    "Gravity is so strong that the scores of the films people did rate are crushed too, or thrown past zero: the model "
    "has forgotten the stars."
)
def too_much_gravity(ratings, d):
    return {"std": 0.05, "l2": 0.1, "gravity": 30.0}


@cure.misconception(
    "L2 is so strong that all vectors are crushed, or thrown past zero at each step: what is left tells little of what "
    "people liked."
)
def too_much_l2(ratings, d):
    return {"std": 0.05, "l2": 10.0, "gravity": 1.0}


@cure.misconception(
    "From exactly zero nothing ever moves: each side's gradient is a multiple of the other side's vectors.",
    kind="misconception",
)
def start_at_zero(ratings, d):
    return {"std": 0.0, "l2": 0.1, "gravity": 1.0}


@cure.misconception(
    "The numbers run away: after such a start the first steps are far too long, if not here, then on MovieLens."
)
def runs_away(ratings, d):
    return {"std": 30.0, "l2": 0.1, "gravity": 1.0}


@cure.misconception("A negative weight rewards what it should restrain: vectors then grow without end.")
def less_than_nothing(ratings, d):
    return {"std": 0.05, "l2": -0.1, "gravity": 1.0}


@cure.alternative
def start_by_target_norm(ratings, d):
    return {"std": 0.2 / math.sqrt(d), "l2": 0.05, "gravity": 1}


@cure.alternative
def weaker_gravity(ratings, d):
    return {"gravity": np.float64(0.5), "l2": 0.1, "std": 0.1}


@cure.alternative
def more_l2_and_a_note(ratings, d):
    return {"std": 0.01, "l2": 0.3, "gravity": 1.0, "note": "gravity moves the films that nobody rates"}
