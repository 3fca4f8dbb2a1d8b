"""Lesson 7: the norm that rare films keep from their start, how to see it, and how to cure it."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.comparison import as_numbers, same
from recsys_lib.checks.definition import exercise

# --- rms_norm ----------------------------------------------------------------------------------------------------


def mean_norm(std, d):
    """Mean length of d independent normal numbers, which the root mean square exceeds a little."""
    return std * math.sqrt(2) * math.exp(math.lgamma((d + 1) / 2) - math.lgamma(d / 2))


def _judge_number(made, args, result, right, nearly, within):
    """Accept each number in ``right``; else name the misconception that gives this one, or ``nearly`` if it is near."""
    array = as_numbers(result)
    if array is None or array.ndim:
        return "one number is asked for"
    if any(same(value, result) for value in right):
        return None
    for misconception in made.misconceptions:
        if same(misconception.function(*args), result):
            return misconception.name
    if any(abs(float(array) - value) < within * value for value in right):
        return nearly
    return "the right number is " + ("smaller" if float(array) > max(right) else "larger")


@exercise("rms_norm", kind="property", points={"values": 2})
def rms_norm(std, d):
    """Each of the d squares is std^2 on average, so their sum is d std^2; take the root."""
    return std * math.sqrt(d)


@rms_norm.inputs(
    "values", fixed=[(2.0, 9), (0.5, 9), (1.0, 30), (0.5, 30), (0.05, 30), (2.0, 4), (0.1, 100), (0.25, 64)]
)
def _(rng):
    return [(float(rng.uniform(0.02, 3)), int(rng.integers(5, 200))) for _ in range(5)]


@rms_norm.judge
def _(args, result):
    return _judge_number(rms_norm, args, result, (rms_norm.reference(*args), mean_norm(*args)), "measured_norm", 0.3)


@rms_norm.misconception("You gave the squared norm; what turns a sum of squares into a length?")
def squared_norm(std, d):
    return std**2 * d


@rms_norm.misconception(
    "You added d numbers as if they lay end to end; they stand at right angles to each other, so their squares add up.",
    kind="misconception",
)
def end_to_end(std, d):
    return std * d


@rms_norm.misconception(
    "You gave the size of one number of the row; the row has d of them, and each makes it longer.", kind="misconception"
)
def one_coordinate(std, d):
    return std


@rms_norm.misconception(
    "You divided by the root of d, which is right for the spread of a mean; a length is a sum, and a sum grows.",
    kind="misconception",
)
def as_for_a_mean(std, d):
    return std / math.sqrt(d)


@rms_norm.misconception("You left out std: a start that is twice as wide has norms that are twice as long.")
def std_forgotten(std, d):
    return math.sqrt(d)


@rms_norm.misconception("You took the root of std as well; std is a spread already, and it is its square that adds up.")
def std_taken_for_variance(std, d):
    return math.sqrt(std * d)


@rms_norm.misconception("You squared std and took the root of d alone: both belong under the same root.")
def squared_std_root_d(std, d):
    return std**2 * math.sqrt(d)


@rms_norm.misconception(
    "You added up the sizes of the numbers, which walks along the axes; the norm is the straight line."
)
def sum_of_sizes(std, d):
    return std * d * math.sqrt(2 / math.pi)


@rms_norm.misconception(
    "You took the mean size of a number instead of its root mean square; it is the squares that add up to a norm."
)
def root_d_times_mean_size(std, d):
    return std * math.sqrt(2 * d / math.pi)


@rms_norm.misconception(
    "You counted one number too few: your loop starts at 1, or you took 1 from d as for a spread that is estimated."
)
def one_degree_less(std, d):
    return std * math.sqrt(d - 1)


@rms_norm.misconception("You cut off what comes after the point; a norm need not be a whole number.")
def whole_number(std, d):
    return int(std * math.sqrt(d))


@rms_norm.misconception(
    "Your number is near, but not it: measured on random vectors, or rounded? The mean square can be had exactly.",
    kind="next step",
)
def measured_norm(std, d):
    rows = np.random.default_rng(0).normal(0, std, size=(2000, d))
    return float(np.linalg.norm(rows, axis=1).mean()) * 1.002


@rms_norm.alternative
def root_of_the_sum(std, d):
    return np.sqrt(d * std**2)


@rms_norm.alternative
def norm_of_a_typical_row(std, d):
    return np.linalg.norm(np.full(d, std))


@rms_norm.alternative
def mean_of_the_norm(std, d):
    return mean_norm(std, d)


@rms_norm.alternative
def rms_in_float32(std, d):
    return np.float32(std) * np.sqrt(np.float32(d))


# --- safe_init_std -----------------------------------------------------------------------------------------------


@exercise("safe_init_std", kind="property", points={"values": 1})
def safe_init_std(d, target):
    """Turn std sqrt(d) = target round."""
    return target / math.sqrt(d)


@safe_init_std.inputs("values", fixed=[(9, 1.5), (30, 0.25), (30, 1.0), (4, 1.0), (100, 0.5), (64, 2.0)])
def _(rng):
    return [(int(rng.integers(5, 200)), float(rng.uniform(0.05, 3))) for _ in range(5)]


@safe_init_std.judge
def _(args, result):
    d, target = args
    right = (target / math.sqrt(d), target / mean_norm(1.0, d))
    return _judge_number(safe_init_std, args, result, right, "measured_std", 0.05)


@safe_init_std.misconception(
    "You shared the norm out evenly, but it is squares that share it. If you called your own function: in which order "
    "does it take its arguments?"
)
def shared_evenly(d, target):
    return target / d


@safe_init_std.misconception(
    "You went the other way: that is the norm that a start of this width has. Here the norm is given, not the width."
)
def wrong_way(d, target):
    return target * math.sqrt(d)


@safe_init_std.misconception("You gave the variance; the standard deviation is its root.")
def variance(d, target):
    return target**2 / d


@safe_init_std.misconception("You gave one over the root of d whatever the target is: that makes norms of about 1.")
def target_forgotten(d, target):
    return 1 / math.sqrt(d)


@safe_init_std.misconception("You left out both the target and the root: what is the norm of d numbers of size 1?")
def one_over_d(d, target):
    return 1 / d


@safe_init_std.misconception("You gave each number the whole norm as its size; the more of them, the smaller each.")
def target_itself(d, target):
    return target


@safe_init_std.misconception("You took the root of the target too; only the number of coordinates is under the root.")
def root_of_both(d, target):
    return math.sqrt(target / d)


@safe_init_std.misconception("Your fraction is upside down: more coordinates ask for a smaller std, not a larger one.")
def upside_down(d, target):
    return math.sqrt(d) / target


@safe_init_std.misconception(
    "You counted one coordinate too few; all d of them are drawn, and the mean is known to be 0."
)
def one_coordinate_less(d, target):
    return target / math.sqrt(d - 1)


@safe_init_std.misconception("You rounded to two decimals, which is a good part of a number as small as this.")
def two_decimals(d, target):
    return round(target / math.sqrt(d), 2)


@safe_init_std.misconception(
    "You gave the same small number for every question; it depends on the width and on the target."
)
def always_small(d, target):
    return 0.05


@safe_init_std.misconception(
    "Your number is close, but not it: found by trying, or rounded? Turn the formula of the norm round instead.",
    kind="next step",
)
def measured_std(d, target):
    return 1.004 * target / math.sqrt(d)


@safe_init_std.alternative
def root_of_the_variance(d, target):
    return np.sqrt(target**2 / d)


@safe_init_std.alternative
def for_the_mean_norm(d, target):
    return target / mean_norm(1.0, d)


@safe_init_std.alternative
def over_a_row_of_ones(d, target):
    return float(target / np.linalg.norm(np.ones(d)))


# --- cold_norm_after ---------------------------------------------------------------------------------------------


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
    "You took the same amount away in every step; the pull is a share of what is left, so it weakens as the vector "
    "shrinks.",
    kind="misconception",
)
def linear_decay(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 * steps / n_items)


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
    "You raised the share that is taken away to the power, not the share that is left: check the brackets."
)
def power_inside(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - (2 * lr * l2 / n_items) ** steps)


@cold_norm_after.misconception(
    "You followed the squared norm: the norm shrinks by one factor a step, its square by two."
)
def squared_factor(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - 2 * lr * l2 / n_items) ** (2 * steps)


@cold_norm_after.misconception(
    "You shrank the square of the norm by the factor of the norm; half of the shrinking is missing."
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


@cold_norm_after.misconception(
    "You raised the share that a step takes away to the power; what goes on to the next step is the share that is left."
)
def share_taken(norm0, lr, l2, n_items, steps):
    return norm0 * (2 * lr * l2 / n_items) ** steps


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


@cold_norm_after.misconception(
    "You took the weight of the term for the whole step; a step is the learning rate times the gradient of the term."
)
def weight_alone(norm0, lr, l2, n_items, steps):
    return norm0 * (1 - l2 / n_items) ** steps


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


# --- rare_share --------------------------------------------------------------------------------------------------

COUNTS = [50, 1, 20, 3, 9, 2, 80, 4, 30, 12]


def _ids(*rows):
    return np.array(rows)


@exercise("rare_share", points={"values": 2, "border": 1}, instead_of=("rare_share",))
def rare_share(recommended, counts, at_most):
    """Count the slots that hold a rare film, and divide by all slots."""
    rare = 0
    for row in recommended:
        for item in row:
            if counts[item] <= at_most:
                rare += 1
    return rare / np.size(recommended)


def _slots(rng, n, q, k, counts):
    """Draw lists in which low ids are likely, so that some films fill several slots."""
    return np.array([rng.choice(n, size=k, replace=False, p=np.arange(n, 0, -1) * 2 / n / (n + 1)) for _ in range(q)])


@rare_share.inputs(
    "values",
    fixed=[
        (_ids([0, 1]), [50, 2, 9, 12], 5),
        (_ids([0, 1], [2, 1]), [50, 2, 30, 4], 5),
        (_ids([0, 2, 4], [4, 0, 6], [6, 1, 2]), COUNTS, 5),
        (_ids([1, 3], [3, 1], [1, 6], [0, 2]), COUNTS, 5),
        (_ids([6, 0, 8], [9, 2, 0]), COUNTS, 5),
        (_ids([1, 3, 5], [7, 1, 3]), COUNTS, 5),
        (_ids([1, 3, 8, 9], [7, 0, 6, 8], [0, 9, 7, 5]), COUNTS, 10),
        (_ids([2, 3, 5, 7, 9], [1, 2, 4, 6, 8]), COUNTS, 25),
        (_ids([1, 4, 3], [3, 0, 8], [4, 5, 7]), COUNTS, 5),
        (_ids([5, 4, 1], [1, 3, 9]), COUNTS, 6),
    ],
)
def _(rng):
    found = []
    for n, q, k, at_most in [(12, 4, 3, 5), (20, 6, 5, 7), (40, 30, 10, 12), (60, 15, 8, 5)]:
        counts = rng.permutation(np.setdiff1d(np.arange(1, 3 * n), [at_most]))[:n].astype(float)
        found.append((_slots(rng, n, q, k, counts), counts, at_most))
    return found


@rare_share.inputs(
    "border",
    fixed=[
        (_ids([0, 1]), [50, 5, 9, 12], 5),
        (_ids([0, 1]), [50, 6, 9, 12], 5),
        (_ids([0, 1]), [50, 0, 9, 12], 5),
        (_ids([0, 1]), [50, 1, 9, 12], 5),
        (_ids([0, 1, 2], [1, 3, 2]), [5, 6, 5, 4, 0], 5),
        (_ids([0, 1, 2], [1, 3, 2]), [7, 6, 4, 4, 1], 5),
        (_ids([0, 1, 3], [1, 2, 3]), [0, 4, 9, 12], 5),
        (_ids([0, 1], [2, 3]), [0, 1, 2, 0], 0),
        (_ids([0, 1], [2, 3]), [3, 1, 2, 4], 2),
        (_ids([3, 1], [2, 0], [4, 5]), [0, 5, 5, 5, 0, 20], 5),
    ],
)
def _(rng):
    found = []
    for n, q, k, at_most in [(12, 5, 4, 5), (20, 8, 5, 3), (30, 9, 6, 2)]:
        counts = rng.integers(0, 3 * at_most, n).astype(float)
        counts[:3] = at_most, 0, at_most + 1
        found += [(_slots(rng, n, q, k, counts), counts, at_most), (_slots(rng, n, q, k, counts), counts + 1, at_most)]
    return found


@rare_share.misconception(
    "You counted each film once, however many lists it is in; a user does not care: count places in lists.",
    kind="misconception",
)
def distinct_films(recommended, counts, at_most):
    return np.mean(counts[np.unique(recommended)] <= at_most)


@rare_share.misconception("You gave the share of rare films in the catalogue; look at what the lists hold.")
def share_of_catalogue(recommended, counts, at_most):
    return np.mean(counts <= at_most)


@rare_share.misconception(
    "You compared the films' ids with the limit; an id is a row number, so look its count up first."
)
def ids_compared(recommended, counts, at_most):
    return np.mean(recommended <= at_most)


@rare_share.misconception("You gave the share of the films that are not rare: look at the sign of your comparison.")
def popular_share(recommended, counts, at_most):
    return np.mean(counts[recommended] > at_most)


@rare_share.misconception("You gave a number of places; a share is that number divided by all places.")
def number_of_slots(recommended, counts, at_most):
    return int(np.sum(counts[recommended] <= at_most))


@rare_share.misconception("You gave the share of lists that hold a rare film; each place of a list counts on its own.")
def lists_with_one(recommended, counts, at_most):
    return np.mean((counts[recommended] <= at_most).any(axis=1))


@rare_share.misconception("You gave one share for each list; one number for all lists together is asked for.")
def share_of_each_list(recommended, counts, at_most):
    return np.mean(counts[recommended] <= at_most, axis=1)


@rare_share.misconception(
    "You counted how often a film is recommended; rare means few ratings in training, and that is what counts holds.",
    kind="misconception",
)
def rarely_recommended(recommended, counts, at_most):
    times = np.bincount(recommended.ravel(), minlength=len(counts))
    return np.mean(times[recommended] <= at_most)


@rare_share.misconception("You divided by the number of lists; a list has several places.")
def rare_films_per_list(recommended, counts, at_most):
    return np.sum(counts[recommended] <= at_most) / len(recommended)


@rare_share.misconception("You divided by the length of one list; there are several lists.")
def over_one_list(recommended, counts, at_most):
    return np.sum(counts[recommended] <= at_most) / recommended.shape[1]


@rare_share.misconception("You divided by the number of rare films; divide by the number of places.")
def over_the_rare(recommended, counts, at_most):
    return np.sum(counts[recommended] <= at_most) / max(np.sum(counts <= at_most), 1)


@rare_share.misconception(
    "You gave the mean number of ratings of what is shown; here each place only says yes or no: rare or not."
)
def mean_popularity(recommended, counts, at_most):
    return np.mean(counts[recommended])


@rare_share.misconception(
    "You looked for film ids in a list of counts, which are two kinds of numbers; find the ids of the rare films first."
)
def ids_among_counts(recommended, counts, at_most):
    return np.mean(np.isin(recommended, counts[counts <= at_most]))


@rare_share.misconception(
    "You gave the share of the rare films that appear somewhere; asked for is the share of places that they take.",
    kind="misconception",
)
def rare_films_found(recommended, counts, at_most):
    rare = np.flatnonzero(counts <= at_most)
    return np.isin(rare, recommended).sum() / max(len(rare), 1)


@rare_share.misconception("You looked at the first place of each list only; all places count.")
def first_places(recommended, counts, at_most):
    return np.mean(counts[recommended[:, 0]] <= at_most)


@rare_share.misconception("You divided by the size of the catalogue; divide by the number of places in the lists.")
def over_the_catalogue(recommended, counts, at_most):
    return np.sum(counts[recommended] <= at_most) / len(counts)


@rare_share.misconception(
    "You took the mean count of each list and asked whether that is low; one well-known film then hides the rare ones."
)
def mean_count_of_lists(recommended, counts, at_most):
    return np.mean(counts[recommended].mean(axis=1) <= at_most)


@rare_share.misconception(
    "You gave the share of lists in which every film is rare; each place of a list counts on its own."
)
def lists_all_rare(recommended, counts, at_most):
    return np.mean((counts[recommended] <= at_most).all(axis=1))


@rare_share.misconception("You took 1 from the ids; they begin at 0 already.")
def ids_from_one(recommended, counts, at_most):
    return np.mean(counts[recommended - 1] <= at_most)


@rare_share.misconception("You ask for exactly as many ratings as the limit; fewer are rare, too.")
def exactly_the_limit(recommended, counts, at_most):
    return np.mean(counts[recommended] == at_most)


@rare_share.misconception("You added up ratings, not places: the share of all ratings that go to rare films is small.")
def share_of_ratings(recommended, counts, at_most):
    shown = counts[recommended]
    return shown[shown <= at_most].sum() / shown.sum()


@rare_share.misconception("You divided the number of different rare films by all places; count each place.")
def distinct_over_slots(recommended, counts, at_most):
    return np.sum(counts[np.unique(recommended)] <= at_most) / recommended.size


@rare_share.misconception(
    "A film with exactly as many ratings as the limit is rare, too; yours is not.", layer="border"
)
def fewer_than(recommended, counts, at_most):
    return np.mean(counts[recommended] < at_most)


@rare_share.misconception(
    "A film without any rating is the rarest of all, and you leave it out; that is the very film to watch.",
    layer="border",
    kind="misconception",
)
def never_rated_left_out(recommended, counts, at_most):
    shown = counts[recommended]
    return np.mean((shown > 0) & (shown <= at_most))


@rare_share.misconception(
    "You took the places of unrated films out of both numbers; they are places that a user sees, so they count.",
    layer="border",
)
def never_rated_out_of_both(recommended, counts, at_most):
    shown = counts[recommended]
    return np.sum((shown > 0) & (shown <= at_most)) / max(np.sum(shown > 0), 1)


@rare_share.misconception(
    "You set the limit one too high: at most five ratings means five or fewer, not six.", layer="border"
)
def one_too_many(recommended, counts, at_most):
    return np.mean(counts[recommended] <= at_most + 1)


@rare_share.alternative
def rare_share_by_mean(recommended, counts, at_most):
    return np.mean(counts[recommended] <= at_most)


@rare_share.alternative
def rare_share_by_isin(recommended, counts, at_most):
    return np.isin(recommended, np.flatnonzero(np.asarray(counts) <= at_most)).sum() / recommended.size


@rare_share.alternative
def rare_share_by_lists(recommended, counts, at_most):
    shares = [sum(counts[i] <= at_most for i in row) / len(row) for row in recommended]
    return sum(shares) / len(shares)


@rare_share.alternative
def one_minus_the_others(recommended, counts, at_most):
    return 1 - np.count_nonzero(np.take(counts, recommended) > at_most) / np.prod(recommended.shape)


# --- frequency_scaled_l2 -----------------------------------------------------------------------------------------


@exercise("frequency_scaled_l2", points={"values": 2, "unrated films": 1})
def frequency_scaled_l2(counts, l2):
    """A film's share of all ratings, times the number of films, times l2: the mean of that is l2."""
    counts = np.asarray(counts, dtype=float)
    total = sum(counts)
    if total == 0:
        raise ValueError("no film has a rating, so nothing can be in proportion to the ratings")
    return np.array([l2 * len(counts) * count / total for count in counts])


@frequency_scaled_l2.inputs(
    "values",
    fixed=[
        ([1, 3], 0.5),
        ([2, 4, 6], 0.1),
        ([10, 1, 1, 4], 2.0),
        ([7, 30, 2, 5, 6], 0.25),
        ([100, 50, 20, 10, 5, 1], 1.5),
        ([3, 3, 3, 12, 9, 1, 4], 0.04),
    ],
)
def _(rng):
    return [(rng.integers(1, 200, n).astype(float), float(rng.uniform(0.02, 3))) for n in (3, 8, 25, 60)]


@frequency_scaled_l2.inputs(
    "unrated films",
    fixed=[
        ([0, 0], 0.5),
        ([0, 4], 0.5),
        ([1, 3], 0.25),
        ([0, 0, 0], 0.1),
        ([2, 0, 0], 0.1),
        ([2, 1, 3], 0.4),
        ([0, 5, 0, 20, 7], 2.0),
        ([0, 0, 0, 0, 0], 2.0),
        ([6, 0, 1, 0, 3, 8], 0.3),
    ],
)
def _(rng):
    found = []
    for n in (4, 9, 30):
        some = rng.integers(1, 40, n).astype(float)
        some[rng.choice(n, size=n // 3 + 1, replace=False)] = 0
        found += [(np.zeros(n), float(rng.uniform(0.1, 1))), (some, float(rng.uniform(0.1, 1)))]
    return found


@frequency_scaled_l2.misconception(
    "You gave every film the same weight; here a film with twice the ratings gets twice the weight.", kind="next step"
)
def same_for_all(counts, l2):
    return np.full(len(counts), l2)


@frequency_scaled_l2.misconception(
    "You divided by the count: rare films get the most. You may wish for that, but it is not what is asked for.",
    kind="misconception",
)
def divided_by_the_count(counts, l2):
    return l2 / counts


@frequency_scaled_l2.misconception(
    "You turned it round, rare films most, and then fixed the mean; in proportion to the count means more for more.",
    kind="misconception",
)
def divided_with_the_right_mean(counts, l2):
    weights = 1 / counts
    return l2 * weights / weights.mean()


@frequency_scaled_l2.misconception("Your weights add up to l2; their mean should be l2. How many films are there?")
def sum_is_l2(counts, l2):
    return l2 * counts / counts.sum()


@frequency_scaled_l2.misconception("You multiplied by the count and stopped there: now bring the mean down to l2.")
def times_the_count(counts, l2):
    return l2 * counts


@frequency_scaled_l2.misconception("You gave l2 to the best-known film and less to all others; l2 should be the mean.")
def largest_is_l2(counts, l2):
    return l2 * counts / counts.max()


@frequency_scaled_l2.misconception(
    "You damped the counts by a root: twice the ratings should mean twice the weight, not 1.4 times."
)
def by_the_root(counts, l2):
    return l2 * np.sqrt(counts) / np.sqrt(counts).mean()


@frequency_scaled_l2.misconception(
    "You took logarithms of the counts; in proportion to the count means to the count itself."
)
def by_the_logarithm(counts, l2):
    return l2 * np.log1p(counts) / np.log1p(counts).mean()


@frequency_scaled_l2.misconception(
    "You added one to each count; then twice the ratings are no longer twice the weight, and no rating is not 0."
)
def one_added(counts, l2):
    return l2 * (counts + 1) / (counts + 1).mean()


@frequency_scaled_l2.misconception("You divided by the number of films, which is not the mean count.")
def over_the_number_of_films(counts, l2):
    return l2 * counts / len(counts)


@frequency_scaled_l2.misconception("You divided by the length of the counts as a vector; their mean is asked for.")
def over_the_norm(counts, l2):
    return l2 * counts / np.linalg.norm(counts)


@frequency_scaled_l2.misconception("You multiplied by the mean count; to bring a mean down to 1, divide by it.")
def times_the_mean(counts, l2):
    return l2 * counts * counts.mean()


@frequency_scaled_l2.misconception(
    "Your fraction is upside down: the count of the film belongs above, the mean of all counts below."
)
def mean_over_count(counts, l2):
    return l2 * counts.mean() / counts


@frequency_scaled_l2.misconception("You left l2 out: the mean of your weights is 1 whatever l2 is.")
def l2_forgotten(counts, l2):
    return counts / counts.mean()


@frequency_scaled_l2.misconception("You divided by the median count; then the mean of the weights is not l2.")
def by_the_median(counts, l2):
    return l2 * counts / np.median(counts)


@frequency_scaled_l2.misconception("You returned one number; every film has a weight of its own.")
def one_number(counts, l2):
    return l2 * counts.mean()


@frequency_scaled_l2.misconception(
    "You gave each film its share of the ratings; now scale these shares so that their mean is l2.", kind="next step"
)
def shares_only(counts, l2):
    return counts / counts.sum()


@frequency_scaled_l2.misconception("You gave the weights in order of size; entry i belongs to film i.")
def sorted_weights(counts, l2):
    return np.sort(l2 * counts / counts.mean())


def _by_mean(counts, l2):
    if not np.any(counts):
        raise ValueError
    return l2 * counts / np.mean(counts)


@frequency_scaled_l2.misconception(
    "Without any rating you get 0/0, and NaN goes on its way without a word; look at the counts first.",
    layer="unrated films",
)
def silent_nan(counts, l2):
    return l2 * counts / counts.mean()


@frequency_scaled_l2.misconception(
    "Without any rating you return zeros, whose mean is not l2; what is asked for cannot be had, so say so.",
    layer="unrated films",
)
def zeros_for_nothing(counts, l2):
    return _by_mean(counts, l2) if np.any(counts) else np.zeros(len(counts))


@frequency_scaled_l2.misconception(
    "Without any rating you give every film l2; equal weights are in no proportion to the counts, so refuse.",
    layer="unrated films",
)
def equal_for_nothing(counts, l2):
    return _by_mean(counts, l2) if np.any(counts) else np.full(len(counts), l2)


@frequency_scaled_l2.misconception(
    "You refuse a single film without ratings; its weight is 0, and only if none of them has any is there no answer.",
    layer="unrated films",
)
def one_unrated_refused(counts, l2):
    if np.any(counts == 0):
        raise ValueError
    return _by_mean(counts, l2)


@frequency_scaled_l2.misconception(
    "You counted a film without ratings as if it had one; in proportion to nothing is nothing.", layer="unrated films"
)
def floor_at_one(counts, l2):
    return _by_mean(np.maximum(counts, 1), l2)


@frequency_scaled_l2.misconception(
    "You took the mean over the rated films only; the weight 0 of the others counts in the mean as well.",
    layer="unrated films",
)
def mean_over_rated(counts, l2):
    if not np.any(counts):
        raise ValueError
    return l2 * counts / counts[counts > 0].mean()


@frequency_scaled_l2.alternative
def by_the_mean(counts, l2):
    return _by_mean(counts, l2)


@frequency_scaled_l2.alternative
def scaled_afterwards_as_list(counts, l2):
    if max(counts) == 0:
        raise ValueError("no ratings")
    weights = np.array(counts, dtype=float)
    weights *= l2 / (weights.sum() / len(weights))
    return list(weights)


@frequency_scaled_l2.alternative
def by_average(counts, l2):
    share = np.divide(counts, counts.sum(), out=np.zeros(len(counts)), where=counts.sum() > 0)
    if not share.any():
        raise ValueError
    return share * len(counts) * l2


@frequency_scaled_l2.alternative
def weights_in_float32(counts, l2):
    return _by_mean(np.asarray(counts, dtype=np.float32), np.float32(l2)).astype(np.float32)


# --- cure --------------------------------------------------------------------------------------------------------
# A small world in which the bad start does what it does on MovieLens, trained by plain NumPy in 40 ms. Each limit
# lies at least three standard deviations from what the reference reaches (tests/test_thresholds.py).

LEARNING_RATE, STEPS = 1.5, 300
PLACES, RARE = 10, 3
MOST_RARE, LEAST_RECALL, MOST_ERROR = 0.03, 0.42, 9.0


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
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            error = np.where(rated, users @ items.T - ratings, 0.0) / rated.sum()
            pull = gravity / (n_users * n_items)
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


@cure.inputs("values", fixed=[(small_world(np.random.default_rng([7, i])), d) for i, d in enumerate((8, 10, 12, 9))])
def _(rng):
    return [(small_world(rng), int(d)) for d in rng.integers(8, 13, 3)]


@cure.judge
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
    if found is None:
        return "runs_away"
    rare, recall, error = found
    if rare <= MOST_RARE and recall >= LEAST_RECALL and error <= MOST_ERROR:
        return None
    if std < 1e-3 and 0.05 <= gravity <= 2 and l2 <= 1:
        return "so small a start needs more than 300 steps to leave zero"
    if error > MOST_ERROR:
        return "too_much_gravity" if gravity > l2 else "too_much_l2"
    if gravity < 0.05:
        large = std > 0.3
        if l2 < 0.01:
            return "large_start_alone" if large else "small_start_alone"
        return "l2_against_a_large_start" if large else "small_start_and_l2"
    missed = f"rare films take {rare:.1%} of the places, and at most {MOST_RARE:.0%} is asked for"
    if rare <= MOST_RARE:
        missed = f"recall@10 is {recall:.3f}, and at least {LEAST_RECALL} is asked for"
    return f"{missed}; the other demands are met" if rare <= MOST_RARE or recall >= LEAST_RECALL else missed


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
    "L2 alone needs many more steps to shrink such a start, and it says nothing about pairs that nobody rated.",
    kind="misconception",
)
def l2_against_a_large_start(ratings, d):
    return {"std": 1.0, "l2": 0.1, "gravity": 0.0}


@cure.misconception(
    "Gravity is so strong that the scores of the films people did rate are crushed too: the model has forgotten the "
    "stars."
)
def too_much_gravity(ratings, d):
    return {"std": 0.05, "l2": 0.1, "gravity": 30.0}


@cure.misconception("L2 is so strong that all vectors are crushed: scores near zero tell little of what people liked.")
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
