"""Find the bootstrap interval of a mean difference over the same users."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("paired_interval", points={"values": 3}, instead_of=("paired_interval",))
def paired_interval(ours, theirs, draws):
    """Take each draw's mean difference, and the 2.5 % and 97.5 % quantiles of these."""
    means = [np.mean(ours[users] - theirs[users]) for users in draws]
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def _draws(seed, n, b):
    return np.random.default_rng(seed).integers(n, size=(b, n))


def _pair(rng, n):
    """Two models that are good or bad for the same users, ours a little better."""
    theirs = rng.uniform(0, 0.9, size=n)
    return np.clip(theirs + rng.normal(0.05, 0.15, size=n), 0, 1), theirs


@paired_interval.inputs(
    "values",
    fixed=[
        ([0.5, 1], [0.25, 0.5], np.array([[0, 1], [1, 1], [0, 0]])),
        ([0.5, 1], [0.25, 0.5], np.array([[0, 1]])),  # a single draw
        ([0.5, 0.75, 0.25, 1], [0.25, 0.5, 0.25, 0.25], _draws(0, 4, 5)),
        ([0.5, 0.75, 0.25, 1], [0.25, 0.5, 0.25, 0.25], _draws(1, 4, 20)),
        ([0.2, 0.9, 0.1, 0.6, 0.3], [0.3, 0.8, 0.5, 0.5, 0.4], _draws(2, 5, 40)),
        ([0, 1, 0, 0, 0.5, 0.25], [0, 0.5, 0.125, 0, 1, 0.25], _draws(3, 6, 60)),
        (*_pair(np.random.default_rng(4), 30), _draws(4, 30, 200)),
        ([0.4, 0.1, 0.9, 0.5, 0.7, 0.2, 0.8], [0.1, 0.05, 0.2, 0.4, 0.1, 0.15, 0.3], _draws(5, 7, 100)),
    ],
)
def _(rng):
    sizes = [(5, 20), (12, 60), (40, 200), (9, 101)]
    return [(*_pair(rng, n), rng.integers(n, size=(b, n))) for n, b in sizes]


def _means(ours, theirs, draws):
    return (ours - theirs)[draws].mean(axis=1)


def _ends(values, low=0.025, high=0.975):
    return float(np.quantile(values, low)), float(np.quantile(values, high))


@paired_interval.misconception(
    "You made an interval for each model and subtracted the ends; a user who is easy for both then widens both. Which "
    "number of each user should be drawn?",
    kind="misconception",
)
def intervals_subtracted(ours, theirs, draws):
    one, other = _ends(ours[draws].mean(axis=1)), _ends(theirs[draws].mean(axis=1))
    return one[0] - other[0], one[1] - other[1]


@paired_interval.misconception(
    "You took the worst of one interval from the best of the other; both models were measured on the same users, so "
    "which number of each user should be drawn?",
    kind="misconception",
)
def widest_of_two_intervals(ours, theirs, draws):
    one, other = _ends(ours[draws].mean(axis=1)), _ends(theirs[draws].mean(axis=1))
    return one[0] - other[1], one[1] - other[0]


@paired_interval.misconception(
    "You drew other users for the second model, so the pairs are torn apart; what is the difference of two numbers of "
    "different users worth?",
    kind="misconception",
)
def unpaired(ours, theirs, draws):
    return _ends(ours[draws].mean(axis=1) - theirs[draws[::-1]].mean(axis=1))


@paired_interval.misconception(
    "Your interval holds nine tenths of the means, or has one open end; how much lies below it, and how much above, if "
    "5 % lie outside?"
)
def five_at_each_end(ours, theirs, draws):
    return _ends(_means(ours, theirs, draws), 0.05, 0.95)


@paired_interval.misconception(
    "Below your interval lie 5 %, above it nothing; the prompt leaves out as much above as below."
)
def one_tail(ours, theirs, draws):
    return _ends(_means(ours, theirs, draws), 0.05, 1.0)


@paired_interval.misconception(
    "You asked for the quantiles 2.5 and 97.5 of 100 where the function counts to 1, or the other way round."
)
def percent_for_share(ours, theirs, draws):
    means = _means(ours, theirs, draws)
    return float(np.percentile(means, 0.025)), float(np.percentile(means, 0.975))


@paired_interval.misconception(
    "You return the range of the users' own differences, which does not shrink with more users; of what is the "
    "interval?",
    kind="misconception",
)
def of_the_users(ours, theirs, draws):
    return _ends(ours - theirs)


@paired_interval.misconception(
    "You put all drawn differences into one heap, and its ends are those of single users; first one mean for "
    "each draw.",
    kind="misconception",
)
def all_drawn_differences(ours, theirs, draws):
    return _ends((ours - theirs)[draws])


@paired_interval.misconception(
    "You went two standard deviations of the users to either side; how sure a mean is depends on how many users there "
    "are.",
    kind="misconception",
)
def deviation_for_error(ours, theirs, draws):
    difference = ours - theirs
    return difference.mean() - 1.96 * difference.std(), difference.mean() + 1.96 * difference.std()


@paired_interval.misconception(
    "You went 1.96 standard errors to either side, which supposes a normal curve; the prompt asks for the quantiles of "
    "the drawn means."
)
def normal_interval(ours, theirs, draws):
    difference = ours - theirs
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return difference.mean() - 1.96 * error, difference.mean() + 1.96 * error


@paired_interval.misconception(
    "You went 1.96 spreads of the drawn means to either side, which supposes a normal curve; the prompt asks for their "
    "quantiles."
)
def normal_interval_of_draws(ours, theirs, draws):
    means = _means(ours, theirs, draws)
    return means.mean() - 1.96 * means.std(), means.mean() + 1.96 * means.std()


@paired_interval.misconception("You subtracted ours from theirs, so a better model of ours comes out below zero.")
def turned_round(ours, theirs, draws):
    return _ends(_means(theirs, ours, draws))


@paired_interval.misconception("You return the ends in the wrong order; the lower one comes first.")
def high_first(ours, theirs, draws):
    return _ends(_means(ours, theirs, draws))[::-1]


@paired_interval.misconception(
    "You took the mean over the draws for each place of a draw; a draw is a row, and the mean is over its users."
)
def mean_over_draws(ours, theirs, draws):
    return _ends((ours - theirs)[draws].mean(axis=0))


@paired_interval.misconception("You added the differences of a draw up; the prompt asks for their mean.")
def sums(ours, theirs, draws):
    return _ends((ours - theirs)[draws].sum(axis=1))


@paired_interval.misconception("You took each draw's median; the prompt asks for the mean of its users.")
def medians(ours, theirs, draws):
    return _ends(np.median((ours - theirs)[draws], axis=1))


@paired_interval.misconception(
    "You threw out the users that a draw names twice; drawing with replacement is what makes draws differ.",
    kind="misconception",
)
def each_user_once(ours, theirs, draws):
    return _ends([np.mean((ours - theirs)[np.unique(users)]) for users in draws])


@paired_interval.misconception(
    "You return the lowest and the highest of the means; one strange draw decides these. What share lies outside?"
)
def whole_range(ours, theirs, draws):
    means = _means(ours, theirs, draws)
    return float(means.min()), float(means.max())


@paired_interval.misconception(
    "Your interval is of our own numbers; the other model's are nowhere in it. Whose difference is asked for?"
)
def ours_alone(ours, theirs, draws):
    return _ends(ours[draws].mean(axis=1))


@paired_interval.misconception(
    "Your interval ends at one of the drawn means; between two of them the quantile of the prompt interpolates."
)
def at_a_drawn_mean(ours, theirs, draws):
    means = np.sort(_means(ours, theirs, draws))
    return float(means[int(0.025 * len(means))]), float(means[int(0.975 * len(means))])


@paired_interval.misconception(
    "Your own quantile counts its places up to b; the places of b sorted means go from the first, 0, to which last one?"
)
def places_up_to_b(ours, theirs, draws):
    means, b = np.sort(_means(ours, theirs, draws)), len(draws)

    def at(share):
        left = int(share * b)
        right = min(left + 1, b - 1)
        return float(means[left] + (share * b - left) * (means[right] - means[left]))

    return at(0.025), at(0.975)


@paired_interval.alternative
def at_once(ours, theirs, draws):
    return tuple(np.quantile((ours - theirs)[draws].mean(axis=1), [0.025, 0.975]))


@paired_interval.alternative
def by_percentile(ours, theirs, draws):
    means = ours[draws].mean(axis=1) - theirs[draws].mean(axis=1)
    return np.percentile(means, 2.5), np.percentile(means, 97.5)


@paired_interval.alternative
def by_counting_users(ours, theirs, draws):
    times = np.array([np.bincount(users, minlength=len(ours)) for users in draws])
    means = times @ (ours - theirs) / draws.shape[1]
    return tuple(float(np.quantile(means, q)) for q in (0.025, 0.975))
