"""Choose a setting by repeated validation runs, and report its test score."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("choose", points={"values": 3, "none allowed": 1})
def choose(quality, coverage, test, least):
    """Sort out, find the best mean, and take the first that is not clearly worse in paired runs."""
    allowed = [i for i in range(len(quality)) if min(coverage[i]) >= least]
    if not allowed:
        raise ValueError("no setting covers enough in every run")
    best = max(allowed, key=lambda i: np.mean(quality[i]))
    for i in allowed:
        gap = quality[best] - quality[i]
        if np.mean(gap) <= 2 * np.std(gap, ddof=1) / np.sqrt(len(gap)):
            return i, float(test[i])
    raise AssertionError("the best is never worse than itself")


def _runs(rng, s, r, tie):
    """Draw runs: the columns have good and bad days in common, and two settings differ by hardly anything."""
    quality = rng.uniform(0.3, 0.45, (s, 1)) + rng.normal(0, 0.04, r) + rng.normal(0, 0.004, (s, r))
    coverage = rng.uniform(0.3, 0.5, (s, 1)) + rng.uniform(-0.03, 0.03, (s, r))
    best, other = s - 1, int(rng.integers(1, s - 1))
    wobble = rng.normal(0, 0.006, r)
    wobble -= wobble.mean()
    quality[best] = quality.max(axis=0) + 0.02
    quality[other] = quality[best] + wobble - (0.001 if tie else 0.012)
    coverage[[best, other]] = 0.45
    coverage[[best, other], rng.integers(r, size=2)] = 0.25  # just enough
    coverage[0] = 0.45
    coverage[0, rng.integers(r)] = 0.1  # enough on average
    quality[0] = quality[best] + 0.05
    return quality, coverage, rng.permutation(np.linspace(0.3, 0.5, s)), 0.25


def _near(rng, r, times=None):
    """Draw two settings of which the first is as good by a standard deviation with r - 1 below, and not with r.

    With `times` it is not as good, by so many times what is allowed.
    """
    gap = rng.normal(0, 0.01, r)
    gap -= gap.mean()
    gap += 2 * gap.std(ddof=1) * (times or np.sqrt((r - 0.5) / r)) / np.sqrt(r)
    best = rng.uniform(0.4, 0.45, r)
    return np.stack([best - gap, best]), np.full((2, r), 0.5), rng.permutation([0.375, 0.4]), 0.25


_FIXED = [_runs(np.random.default_rng([12, i]), s, r, tie) for i, (s, r, tie) in enumerate(
    [(4, 4, False), (4, 5, True), (5, 6, False), (6, 5, True), (7, 8, False), (5, 4, True)]
)]  # fmt: skip


@choose.inputs(
    "values",
    fixed=[
        ([[0.5, 0.5], [0.25, 0.25]], [[0.5, 0.5], [0.5, 0.5]], [0.25, 0.5], 0.25),
        ([[0.25, 0.25], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]], [0.5, 0.25], 0.25),
        ([[0.25, 0.25], [0.5, 0.5]], [[0.5, 0.5], [0.25, 0.5]], [0.25, 0.125], 0.25),
        ([[0.25, 0.25], [0.5, 0.5]], [[0.5, 0.5], [0.125, 0.75]], [0.25, 0.5], 0.25),
        ([[0.75, 0.5, 0.25], [0.5, 0.75, 0.5], [0.25, 0.25, 0.25]], [[0.5] * 3] * 3, [0.1, 0.2, 0.3], 0.5),
        ([[0.1875, 0.1875], [0.875, 0.375]], [[0.5, 0.5], [0.5, 0.5]], [0.25, 0.5], 0.25),  # r - 1 and not r
        ([[0.25, 0.375, 0.375, 0.5], [0.5] * 4], [[0.5] * 4] * 2, [0.25, 0.5], 0.25),  # the root of r, and not of s
        ([[0.5] * 3, [0.25, 0.5, 0.75], [0.375, 0.625, 0.875]], [[0.1] * 3, *[[0.5] * 3] * 2], [0.1, 0.2, 0.3], 0.5),
        (
            [[0.5, 0.75, 0.5], [0.75, 0.5, 0.75], [0.5, 0.75, 0.625], [0.625, 0.75, 0.5]],
            [[0.5] * 3] * 4,
            [0.2, 0.1, 0.3, 0.15],
            0.25,
        ),
        ([[0.75] * 4, [0.5] * 4, [0.75, 0.25, 0.75, 0.75]], [[0.1] * 4, *[[0.5] * 4] * 2], [0.1, 0.2, 0.3], 0.5),
        *_FIXED,
    ],
)  # fmt: skip
def _(rng):
    return [_near(rng, 2), _near(rng, 3), _near(rng, 5, 1.2)] + [
        _runs(rng, s, r, tie)
        for s, r, tie in ((4, 5, False), (5, 6, True), (6, 8, False), (7, 5, True), (8, 10, False))
    ]


@choose.inputs(
    "none allowed",
    fixed=[
        ([[0.5, 0.25], [0.25, 0.25]], [[0.5, 0.125], [0.125, 0.5]], [0.25, 0.5], 0.25),
        ([[0.5, 0.5], [0.25, 0.25]], [[0.125, 0.125], [0.125, 0.125]], [0.25, 0.5], 0.25),
        ([[0.5, 0.5], [0.25, 0.25]], [[0.125, 0.125], [0.5, 0.5]], [0.25, 0.5], 0.25),
        ([[0.25, 0.5], [0.5, 0.75]], [[0.5, 0.5], [0.75, 0.5]], [0.25, 0.5], 0.625),
    ],
)
def _(rng):
    found = []
    for s, r in ((3, 4), (5, 5)):
        quality, coverage, test, _ = _runs(rng, s + 1, r, True)
        found += [(quality, coverage, test, 0.75), (quality, coverage, test, 0.25)]
    return found


def _allowed(coverage, least):
    good = coverage.min(axis=1) >= least
    if not good.any():
        raise ValueError
    return np.flatnonzero(good)


def _first_as_good(quality, rows, slack):
    best = rows[np.argmax(quality[rows].mean(axis=1))]
    return next(int(i) for i in rows if np.mean(quality[best] - quality[i]) <= slack(quality[best], quality[i]))


def _paired(a, b):
    return 2 * np.std(a - b, ddof=1) / np.sqrt(len(a))


@choose.misconception(
    "You choose by the test part; then its score is no longer a test. What are the validation runs for?",
    kind="misconception",
)
def picked_on_test(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    i = int(rows[np.argmax(test[rows])])
    return i, float(test[i])


@choose.misconception(
    "You take the best mean and ask no further; may a simpler setting be as good, up to the noise of the runs?",
    kind="misconception",
)
def means_only(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    i = int(rows[np.argmax(quality[rows].mean(axis=1))])
    return i, float(test[i])


@choose.misconception(
    "You compare two settings by the spread of each, as if the runs had nothing in common; what do two numbers of one "
    "column share?",
    kind="misconception",
)
def unpaired(quality, coverage, test, least):
    rows = _allowed(coverage, least)

    def slack(a, b):
        return 2 * np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / len(a))

    i = _first_as_good(quality, rows, slack)
    return i, float(test[i])


@choose.misconception(
    "You take the standard deviation of the differences; their mean wobbles less than one of them. By how much?"
)
def deviation_for_error(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    i = _first_as_good(quality, rows, lambda a, b: 2 * np.std(a - b, ddof=1))
    return i, float(test[i])


@choose.misconception("You ask for the coverage of the mean; what does the prompt ask of each run?")
def mean_coverage(quality, coverage, test, least):
    rows = np.flatnonzero(coverage.mean(axis=1) >= least)
    if not len(rows):
        raise ValueError
    i = _first_as_good(quality, rows, _paired)
    return i, float(test[i])


@choose.misconception("A coverage of exactly the least is enough; you refuse it.")
def strict_threshold(quality, coverage, test, least):
    rows = np.flatnonzero(coverage.min(axis=1) > least)
    i = _first_as_good(quality, rows, _paired)
    return i, float(test[i])


@choose.misconception("You do not look at coverage at all; which settings may not be chosen?")
def coverage_ignored(quality, coverage, test, least):
    i = _first_as_good(quality, np.arange(len(quality)), _paired)
    return i, float(test[i])


@choose.misconception(
    "You return a place among the settings that are left; the places have shifted. Which row of the table is it?"
)
def place_among_the_left(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    i = _first_as_good(quality, rows, _paired)
    place = int(np.flatnonzero(rows == i)[0])
    return place, float(test[place])


@choose.misconception("You take the first setting that is allowed; which of them are as good as the best?")
def first_allowed(quality, coverage, test, least):
    i = int(_allowed(coverage, least)[0])
    return i, float(test[i])


@choose.misconception("You return the validation score of your choice; which score goes into the report?")
def validation_reported(quality, coverage, test, least):
    i = _first_as_good(quality, _allowed(coverage, least), _paired)
    return i, float(quality[i].mean())


@choose.misconception("Your standard deviation divides by r; the differences of a few runs are asked for with r - 1.")
def divided_by_r(quality, coverage, test, least):
    i = _first_as_good(quality, _allowed(coverage, least), lambda a, b: 2 * np.std(a - b) / np.sqrt(len(a)))
    return i, float(test[i])


@choose.misconception(
    "You take the last setting that is as good as the best; where in the table do the simplest stand?"
)
def last_as_good(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    i = len(quality) - 1 - _first_as_good(quality[::-1], len(quality) - 1 - rows[::-1], _paired)
    return i, float(test[i])


@choose.misconception(
    "You find the best among the allowed settings, and then one as good as it among all; may one that is not allowed "
    "be chosen?"
)
def as_good_and_not_allowed(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    best = rows[np.argmax(quality[rows].mean(axis=1))]
    i = next(
        i for i in range(len(quality)) if np.mean(quality[best] - quality[i]) <= _paired(quality[best], quality[i])
    )
    return i, float(test[i])


@choose.misconception(
    "You compare with the best of all settings, also of those not allowed; which is to be compared with?"
)
def best_of_all(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    best = np.argmax(quality.mean(axis=1))
    good = [i for i in rows if np.mean(quality[best] - quality[i]) <= _paired(quality[best], quality[i])]
    i = int(good[0]) if good else int(best)
    return i, float(test[i])


@choose.misconception(
    "Of the settings that are as good as the best you take the one with the highest test score, and so choose by the "
    "test part; which of them does the prompt take?"
)
def best_test_of_the_good(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    best = rows[np.argmax(quality[rows].mean(axis=1))]
    good = [i for i in rows if np.mean(quality[best] - quality[i]) <= _paired(quality[best], quality[i])]
    i = int(max(good, key=lambda i: test[i]))
    return i, float(test[i])


@choose.misconception(
    "The test score is that of your choice, but its row is counted among the settings that are left; which row of the "
    "table is it?"
)
def place_with_its_score(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    i = _first_as_good(quality, rows, _paired)
    return int(np.flatnonzero(rows == i)[0]), float(test[i])


@choose.misconception(
    "Where no setting covers enough in every run you choose one all the same; what does the prompt ask for?",
    layer="none allowed",
)
def chosen_all_the_same(quality, coverage, test, least):
    if coverage.min(axis=1).max() < least:
        return 0, float(test[0])
    return choose(quality, coverage, test, least)


@choose.misconception(
    "Where no setting covers enough in every run you return None, which the caller would carry on; raise the error "
    "that the prompt names.",
    layer="none allowed",
)
def none_returned(quality, coverage, test, least):
    if coverage.min(axis=1).max() < least:
        return None
    return choose(quality, coverage, test, least)


@choose.alternative
def by_numpy_rows(quality, coverage, test, least):
    rows = _allowed(coverage, least)
    i = _first_as_good(quality, rows, _paired)
    return i, test[i]


@choose.alternative
def by_masking(quality, coverage, test, least):
    allowed = (coverage >= least).all(axis=1)
    if not allowed.any():
        raise ValueError("none")
    best = np.argmax(np.where(allowed, quality.mean(axis=1), -np.inf))
    gaps = quality[best] - quality
    as_good = gaps.mean(axis=1) <= 2 * gaps.std(axis=1, ddof=1) / np.sqrt(quality.shape[1])
    i = int(np.argmax(allowed & as_good))
    return i, float(test[i])


@choose.alternative
def by_hand(quality, coverage, test, least):
    r = len(quality[0])
    allowed = [i for i in range(len(quality)) if all(c >= least for c in coverage[i])]
    if len(allowed) == 0:
        raise ValueError
    means = [sum(quality[i]) / r for i in allowed]
    best = allowed[means.index(max(means))]
    for i in allowed:
        gaps = [quality[best][j] - quality[i][j] for j in range(r)]
        mean = sum(gaps) / r
        spread = (sum((g - mean) ** 2 for g in gaps) / (r - 1)) ** 0.5
        if mean <= 2 * spread / r**0.5:
            return i, float(test[i])
