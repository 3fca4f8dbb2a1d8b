"""Find the settings that no other one beats in quality and coverage."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise

#: By how much a setting is better that is hardly better; exact in sums with eighths.
HAIR = 2.0**-44


@exercise("pareto_front", points={"values": 1, "equal settings": 1})
def pareto_front(quality, coverage):
    """Hold each setting against each other one."""
    front = []
    for i in range(len(quality)):
        beaten = False
        for j in range(len(quality)):
            as_good = quality[j] >= quality[i] and coverage[j] >= coverage[i]
            if as_good and (quality[j] > quality[i] or coverage[j] > coverage[i]):
                beaten = True
        front.append(not beaten)
    return np.array(front)


def _settings(rng, n):
    """Draw settings without equal numbers of which more quality tends to cost coverage."""
    quality = rng.permutation(np.linspace(0.2, 0.5, n)) + rng.uniform(0, 0.01, size=n)
    return quality, 0.9 - quality + rng.normal(scale=0.1, size=n)


def _with_equals(rng, n):
    """Draw settings of a few values only, so that many share one number and some share both."""
    quality = rng.integers(1, 5, size=n) / 8
    coverage = 0.75 - quality + rng.integers(-1, 2, size=n) / 8
    twin, lower = rng.permutation(n)[:2]
    best = np.argmax(quality + coverage)
    return np.r_[quality, quality[best], quality[twin]], np.r_[coverage, coverage[best], coverage[lower]]


@pareto_front.inputs(
    "values",
    fixed=[
        ([0.25, 0.5, 0.4], [0.7, 0.4, 0.3]),
        ([0.25, 0.4, 0.5], [0.7, 0.5, 0.2]),
        ([0.5, 0.25, 0.4], [0.2, 0.5, 0.6]),
        ([0.3, 0.5], [0.2, 0.4]),
        ([0.5, 0.3], [0.4, 0.2]),
        ([0.5, 0.4, 0.3, 0.2], [0.25, 0.2, 0.375, 0.5]),
        ([0.2, 0.45, 0.3, 0.4, 0.5], [0.6, 0.4, 0.5, 0.375, 0.1]),
        ([0.1, 0.3, 0.32, 0.34, 0.33], [0.22, 0.1, 0.07, 0.06, 0.05]),
        ([0.4, 0.1, 0.5, 0.2, 0.3], [0.5, 0.9, 0.3, 0.7, 0.6]),
        ([0.4, 0.1, 0.5, 0.2, 0.3], [0.2, 0.3, 0.4, 0.5, 0.1]),
        ([0.3, 0.5, 0.4], [0.3, 0.4, 0.2]),
        ([0.5, 0.375, 0.25], [0.125, 0.1875, 0.5]),
        ([0.1, 0.2, 0.3, 0.4, 0.5], [0.6, 0.2, 0.1, 0.5, 0.3]),
        ([0.5, 0.25], [0, 0.5]),
    ],
)
def _(rng):
    one = rng.uniform(0.2, 0.5, size=6)
    trade = np.sort(one)[::-1].copy(), np.sort(rng.uniform(0.1, 0.6, size=6))
    return [*(_settings(rng, n) for n in (4, 6, 9, 15)), trade, (one, rng.uniform(0.1, 0.6, size=6))]


@pareto_front.inputs(
    "equal settings",
    fixed=[
        ([0.5, 0.5], [0.25, 0.25]),
        ([0.5, 0.5], [0.25, 0.75]),
        ([0.25, 0.5], [0.25, 0.25]),
        ([0.5, 0.25], [0.25, 0.75]),
        ([0.5, 0.25, 0.5], [0.25, 0.75, 0.25]),
        ([0.5, 0.25, 0.5, 0.25], [0.25, 0.75, 0.25, 0.5]),
        ([0.25, 0.25, 0.125, 0.125], [0.5, 0.5, 0.5, 0.25]),
        ([0.5, 0.375, 0.375, 0.25], [0.25, 0.5, 0.5, 0.75]),
        ([0.5, 0.375, 0.625, 0.25], [0.25, 0.5, 0.125, 0.75]),
        ([0.5, 0.4, 0.3], [0.2, 0.1, 0.6]),
        ([0.5, 0.5 + HAIR], [0.25, 0.25]),
        ([0.5, 0.5], [0, HAIR**2]),
        ([0.5, 0.25, 0.25], [0.25, 0.5 + HAIR, 0.5]),
        ([0.5, 0.5 + HAIR, 0.25], [0.25 + HAIR, 0.25, 0.75]),
    ],
)
def _(rng):
    quality, coverage = _with_equals(rng, 6)
    nearly = quality + HAIR * rng.integers(-1, 2, size=8), coverage + HAIR * rng.integers(-1, 2, size=8)
    return [nearly, *(_with_equals(rng, n) for n in (3, 5, 8, 12)), _settings(rng, 5)]


def _beats(quality, coverage):
    """Entry [i, j] says whether setting j beats setting i."""
    as_good = (quality >= quality[:, None]) & (coverage >= coverage[:, None])
    return as_good & ((quality > quality[:, None]) | (coverage > coverage[:, None]))


@pareto_front.misconception(
    "You keep the best in quality and the best in coverage; what of a setting between them that none beats in both?",
    kind="misconception",
)
def best_in_each(quality, coverage):
    return (quality == quality.max()) | (coverage == coverage.max())


@pareto_front.misconception(
    "You call a setting beaten where another is better in one of the two; it may pay for that in the other. What has "
    "to hold at once?",
    kind="misconception",
)
def better_in_either(quality, coverage):
    better = (quality > quality[:, None]) | (coverage > coverage[:, None])
    return ~better.any(axis=1)


@pareto_front.misconception(
    "In your comparison every setting is beaten, by itself: it is as good as itself in both. What must a winner have "
    "besides?"
)
def beaten_by_itself(quality, coverage):
    return ~((quality >= quality[:, None]) & (coverage >= coverage[:, None])).any(axis=1)


@pareto_front.misconception("You return True for the beaten settings; the front is made of the others.")
def the_beaten(quality, coverage):
    return _beats(quality, coverage).any(axis=1)


@pareto_front.misconception(
    "You keep the settings that beat another one; the front is what no other one beats. Must a setting on it beat any?",
    kind="misconception",
)
def those_that_beat(quality, coverage):
    return _beats(quality, coverage).any(axis=0)


@pareto_front.misconception("You return the rows on the front; a truth value for each setting is asked for.")
def rows_of_the_front(quality, coverage):
    return np.flatnonzero(~_beats(quality, coverage).any(axis=1))


@pareto_front.misconception(
    "You add quality and coverage up and keep the largest sum; what is a point of one worth in the other, and who says "
    "so?",
    kind="misconception",
)
def largest_sum(quality, coverage):
    return quality + coverage == (quality + coverage).max()


@pareto_front.misconception(
    "You hold each setting against the next one only; the rows come in any order. Which ones can beat it?"
)
def against_the_next(quality, coverage):
    better = (quality[1:] > quality[:-1]) & (coverage[1:] > coverage[:-1])
    return np.append(~better, True)


@pareto_front.misconception(
    "You hold each setting against those above it only; one further down can beat it, too. In which order do the rows "
    "come?"
)
def against_those_before(quality, coverage):
    return ~np.tril(_beats(quality, coverage)).any(axis=1)


@pareto_front.misconception(
    "You hold each setting against those below it only; one further up can beat it, too. In which order do the rows "
    "come?"
)
def against_those_behind(quality, coverage):
    return ~np.triu(_beats(quality, coverage)).any(axis=1)


@pareto_front.misconception(
    "Your truth values stand in the order of the sorted quality; which setting does each of them belong to?"
)
def in_sorted_order(quality, coverage):
    return ~_beats(quality, coverage).any(axis=1)[np.argsort(-quality, kind="stable")]


@pareto_front.misconception(
    "Your truth values stand in the order of rising quality; which setting does each of them belong to?"
)
def in_rising_order(quality, coverage):
    return ~_beats(quality, coverage).any(axis=1)[np.argsort(quality, kind="stable")]


@pareto_front.misconception(
    "You worked in sorted order and put the truth values back by `[order]`, which sorts them once more; on which side "
    "of the equals sign would `order` name the places they belong to?"
)
def put_back_by_sorting_again(quality, coverage):
    order = np.lexsort((-coverage, -quality))
    return ~_beats(quality, coverage).any(axis=1)[order][order]


@pareto_front.misconception(
    "You keep the broadest setting alone, as if more coverage beat any quality; by what does a narrower one stay? And "
    "if you sort: `lexsort` sorts by its last key first."
)
def sorted_by_coverage_first(quality, coverage):
    most = coverage == coverage.max()
    return most & (quality == quality[most].max())


@pareto_front.misconception(
    "You say True for every setting, the beaten ones too. Did you turn Python's own truth value round by `~`? `~True` "
    "is -2, which counts as true."
)
def all_on_the_front(quality, coverage):
    return np.ones(len(quality), dtype=bool)


@pareto_front.misconception(
    "You keep what wins for some weight of the two; a setting in a hollow of the curve wins for none. Is there "
    "another setting that beats it in both?",
    kind="misconception",
)
def best_for_some_weight(quality, coverage):
    weights = np.linspace(0, 1, 1001)[:, None]
    totals = weights * quality + (1 - weights) * coverage
    return (totals == totals.max(axis=1, keepdims=True)).any(axis=0)


@pareto_front.misconception(
    "You take beaten settings out of a list while a loop walks over it: all behind move up, and the one that follows "
    "is never asked. What may the loop walk over in its place?"
)
def taken_out_while_walking(quality, coverage):
    beaten = _beats(quality, coverage)
    alive = list(range(len(quality)))
    for i in alive:
        if beaten[i, alive].any():
            alive.remove(i)
    return np.isin(np.arange(len(quality)), alive)


@pareto_front.misconception(
    "You hold each setting against its neighbour in quality only; all that are better in quality can beat it. Which of "
    "them has the most coverage?"
)
def against_the_neighbour_in_quality(quality, coverage):
    order = np.argsort(-quality, kind="stable")
    front = np.empty(len(quality), dtype=bool)
    front[order] = np.append(True, np.diff(coverage[order]) > 0)
    return front


@pareto_front.misconception(
    "You take numbers for equal that nearly are; the prompt says: better by a hair is better. What compares exactly?",
    layer="equal settings",
)
def nearly_equal(quality, coverage):
    same_quality, same_coverage = (np.isclose(x, x[:, None]) for x in (quality, coverage))
    more_quality = (quality > quality[:, None]) & ~same_quality
    more_coverage = (coverage > coverage[:, None]) & ~same_coverage
    as_good = (more_quality | same_quality) & (more_coverage | same_coverage)
    return ~(as_good & (more_quality | more_coverage)).any(axis=1)


@pareto_front.misconception(
    "You take a small coverage for the better one; a shop wants many films shown. Which way round is more?",
    kind="misconception",
)
def little_coverage_is_good(quality, coverage):
    return ~_beats(quality, -coverage).any(axis=1)


@pareto_front.misconception(
    "You keep what is above the average in both; the front asks who beats a setting, and a broad one may have little "
    "quality. Does any average come into that?",
    kind="misconception",
)
def above_average(quality, coverage):
    return (quality >= quality.mean()) & (coverage >= coverage.mean())


@pareto_front.misconception("You return the settings' numbers; a truth value for each setting is asked for.")
def numbers_of_the_front(quality, coverage):
    front = ~_beats(quality, coverage).any(axis=1)
    return np.stack([quality[front], coverage[front]], axis=1)


@pareto_front.misconception("You return one truth value for all; each setting has its own.")
def one_for_all(quality, coverage):
    return bool(np.all(~_beats(quality, coverage).any(axis=1)))


@pareto_front.misconception(
    "You ask a winner to be better in both; where one number is equal, is it not enough to be better in the other?",
    layer="equal settings",
)
def better_in_both(quality, coverage):
    return ~((quality > quality[:, None]) & (coverage > coverage[:, None])).any(axis=1)


@pareto_front.misconception(
    "Two settings that are equal in both throw each other out; is either of them better in anything?",
    layer="equal settings",
)
def twins_throw_each_other_out(quality, coverage):
    as_good = (quality >= quality[:, None]) & (coverage >= coverage[:, None])
    np.fill_diagonal(as_good, False)
    return ~as_good.any(axis=1)


@pareto_front.misconception(
    "Of two settings that are equal in both you keep the first; does it beat the other one?", layer="equal settings"
)
def first_of_twins(quality, coverage):
    front = np.zeros(len(quality), dtype=bool)
    most = -np.inf
    for i in np.lexsort((np.arange(len(quality)), -coverage, -quality)):
        front[i] = coverage[i] > most
        most = max(most, coverage[i])
    return front


@pareto_front.misconception(
    "A sorted list turned round has the last of equals first, and of twins you keep that one alone; does it beat "
    "the other?",
    layer="equal settings",
)
def last_of_twins(quality, coverage):
    front = np.zeros(len(quality), dtype=bool)
    most = -np.inf
    for i in np.argsort(quality, kind="stable")[::-1]:
        front[i] = coverage[i] > most
        most = max(most, coverage[i])
    return front


@pareto_front.misconception(
    "You sort by quality alone, so that of equal quality the narrower one may come first and stay; what decides among "
    "equals?",
    layer="equal settings",
)
def sorted_by_quality_alone(quality, coverage):
    front = np.zeros(len(quality), dtype=bool)
    most = -np.inf
    for i in np.argsort(-quality, kind="stable"):
        front[i] = coverage[i] >= most
        most = max(most, coverage[i])
    return front


@pareto_front.misconception(
    "A setting counts as beaten only where the winner has the better quality; with equal quality, can more coverage "
    "win?",
    layer="equal settings",
)
def better_quality_needed(quality, coverage):
    return ~((quality > quality[:, None]) & (coverage >= coverage[:, None])).any(axis=1)


@pareto_front.misconception(
    "A setting counts as beaten only where the winner has the larger coverage; with equal coverage, can more quality "
    "win?",
    layer="equal settings",
)
def more_coverage_needed(quality, coverage):
    return ~((quality >= quality[:, None]) & (coverage > coverage[:, None])).any(axis=1)


@pareto_front.alternative
def front_by_broadcasting(quality, coverage):
    return ~_beats(quality, coverage).any(axis=1)


@pareto_front.alternative
def front_as_list(quality, coverage):
    pairs = [(float(q), float(c)) for q, c in zip(quality, coverage, strict=True)]
    return [not any(q >= p[0] and c >= p[1] and (q, c) != p for q, c in pairs) for p in pairs]


@pareto_front.alternative
def front_by_the_best_of_the_rest(quality, coverage):
    """On the front if nobody of better quality covers as much, and nobody of the same quality more."""
    front = np.ones(len(quality), dtype=bool)
    for i, (q, c) in enumerate(zip(quality, coverage, strict=True)):
        front[i] = max(coverage[quality == q]) == c and max(coverage[quality > q], default=-np.inf) < c
    return front


@pareto_front.alternative
def front_by_sorting(quality, coverage):
    order = np.lexsort((-coverage, -quality))
    front, most, last = [False] * len(order), -np.inf, None
    for i in order:
        front[i] = bool(coverage[i] > most or (quality[i], coverage[i]) == last)
        if front[i]:
            most, last = coverage[i], (quality[i], coverage[i])
    return tuple(front)
