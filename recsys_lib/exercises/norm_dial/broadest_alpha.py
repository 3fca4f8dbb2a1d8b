"""Choose the setting with the largest coverage among those whose quality is good enough."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("broadest_alpha", points={"values": 1, "equal coverage": 1, "none good enough": 1})
def broadest_alpha(alphas, quality, coverage, least_quality):
    """Keep the rows that are good enough, then take the one that covers most."""
    best = None
    for i in range(len(alphas)):
        if quality[i] < least_quality:
            continue
        if best is None or (coverage[i], quality[i]) > (coverage[best], quality[best]):
            best = i
    if best is None:
        raise ValueError("no alpha reaches the quality that is asked for")
    return float(alphas[best])


def _dial_table(rng, n):
    """Draw a table in which no two rows are equal and nothing is sorted."""
    alphas = rng.permutation(np.round(np.linspace(0.04, 0.98, n), 3))
    quality = rng.permutation(np.linspace(0.2, 0.5, n)) + rng.uniform(0, 0.01, size=n)
    return alphas, quality, rng.permutation(np.linspace(0.1, 0.7, n)) + rng.uniform(0, 0.01, size=n)


@broadest_alpha.inputs(
    "values",
    fixed=[
        ([0.25, 0.75], [0.5, 0.625], [0.5, 0.25], 0.5),
        ([0, 0.5], [0.5, 0.75], [0.75, 0.5], 0.25),  # 0 is a setting like any other
        ([0.25, 0.75], [0.25, 0.5], [0.5, 0], 0.375),  # good enough, though it covers nothing
        ([0.25, 0.5, 1], [0.2, 0.4, 0.5], [0.7, 0.4, 0.2], 0.3),
        ([0.25, 0.5, 1], [0.5, 0.9, 0.4], [0.5001, 0.5, 0.2], 0.3),  # a little broader is broader
        ([0.5, 0.25, 1], [0.5, 0.9, 0.4], [0.5000001, 0.5, 0.2], 0.3),
        ([1, 0.25, 0.75], [0.47, 0.25, 0.44], [0.22, 0.69, 0.35], 0.4),
        ([0.2, 0.4, 0.6, 0.8], [0.3, 0.95, 0.45, 0.4], [0.5, 0.3, 0.6, 0.2], 0.35),
        ([0.6, 0.75, 0.9], [0.25, 0.5, 0.8], [0.5, 0.375, 0.25], 0.5),
        ([0, 0.25, 0.5, 0.75, 1], [0.25, 0.39, 0.44, 0.46, 0.47], [0.69, 0.45, 0.35, 0.27, 0.22], 0.42),
        ([0.9, 0.7, 0.5, 0.3], [0.2, 0.3, 0.45, 0.4], [0.3, 0.2, 0.6, 0.5], 0.25),
    ],
)
def _(rng):
    found = []
    for n in (4, 6, 9, 12):
        alphas, quality, coverage = _dial_table(rng, n)
        found.append((alphas, quality, coverage, float(np.sort(quality)[n // 2]) - 0.001 * (n % 2)))
    alphas, quality, coverage = _dial_table(rng, 3)
    coverage[np.argmax(quality)] = 0
    order = np.argsort(quality)
    found.append((alphas[order], quality[order], coverage[order], float(quality.max())))
    # the broadest of those that are good enough is the worst of them, by more than it covers, and has a large alpha
    alphas, quality, _ = _dial_table(rng, 7)
    alphas, quality = np.sort(alphas), np.sort(quality)[::-1]
    order, floor = rng.permutation(7), float(quality[rng.integers(3, 7)])
    found.append((alphas[order], quality[order], (0.6 - quality / 2)[order], floor))
    alphas, quality, coverage = _dial_table(rng, 5)
    alphas[np.argmax(coverage)] = 0
    return [*found, (alphas, quality, coverage, float(quality.min()))]


@broadest_alpha.inputs(
    "equal coverage",
    fixed=[
        ([0.25, 0.75], [0.25, 0.5], [0.5, 0.5], 0.125),
        ([0.25, 0.75], [0.5, 0.25], [0.5, 0.5], 0.125),
        ([0.75, 0.25], [0.25, 0.5], [0.5, 0.5], 0.125),
        ([0.75, 0.25], [0.5, 0.25], [0.5, 0.5], 0.125),
        ([0.5, 0.25, 0.75], [0.1, 0.9, 0.4], [0.9, 0.5, 0.5], 0.3),  # the first row is not good enough
        ([0.9, 0.6, 0.3], [0.5, 0.25, 0.5], [0.25, 0.75, 0.75], 0.2),  # the first is as good, and narrower
        ([0.25, 0.5, 0.75], [0.5, 0.25, 0.375], [0.5, 0.75, 0.75], 0.125),
        ([0.25, 0.5, 0.75], [0.5, 0.375, 0.25], [0.5, 0.75, 0.75], 0.125),
        ([0.9, 0.3, 0.6], [0.4, 0.5, 0.375], [0.25, 0.5, 0.5], 0.1),
        ([0.9, 0.3, 0.6], [0.4, 0.3, 0.375], [0.25, 0.5, 0.5], 0.1),
        ([0.25, 0.5, 0.75], [0.125, 0.375, 0.5], [0.75, 0.75, 0.25], 0.25),
        ([0.9, 0.6, 0.3], [0.3, 0.2, 0.4], [0.25, 0.5, 0.125], 0.1),
    ],
)
def _(rng):
    found = []
    for n, better in [(4, 0), (7, 1), (10, int(rng.integers(2)))]:
        alphas, quality, coverage = _dial_table(rng, n)
        two = np.sort(rng.choice(n, size=2, replace=False))
        coverage[two] = 0.875
        # the better one comes first and has the larger alpha, or comes last and has the smaller one
        quality[two] = np.sort(quality[two])[:: 1 if better else -1]
        alphas[two] = np.sort(alphas[two])[::-1]
        found.append((alphas, quality, coverage, 0.1))
    alphas, quality, coverage = _dial_table(rng, 5)
    as_good, narrower = quality.copy(), coverage.copy()
    as_good[0] = as_good[3:].max()
    narrower[[0, 3, 4]] = 0.05, 0.875, 0.875
    return [*found, (alphas, as_good, narrower, 0.1), (alphas, quality, coverage, 0.1)]


@broadest_alpha.inputs(
    "none good enough",
    fixed=[
        ([0.25, 0.75], [0.25, 0.5], [0.5, 0.25], 0.625),
        ([0.25, 0.75], [0.25, 0.5], [0.5, 0.25], 0.375),
        ([0.5], [0.25], [0.5], 0.5),
        ([0.5, 1], [0.25, 0.5], [0.5, 0.25], 0.5),
        ([0.25, 0.5, 1], [0.2, 0.4, 0.5], [0.7, 0.4, 0.2], 0.6),
        ([0.25, 0.5, 1], [0.2, 0.4, 0.5], [0.7, 0.4, 0.2], 0.45),
    ],
)
def _(rng):
    found = []
    for n in (3, 5, 8):
        alphas, quality, coverage = _dial_table(rng, n)
        top = float(quality.max())
        found += [(alphas, quality, coverage, top + 0.01), (alphas, quality, coverage, top - 0.001)]
    return found


@broadest_alpha.misconception("You returned a position in the list; return the alpha that stands there.")
def position(alphas, quality, coverage, least_quality):
    return int(np.argmax(np.where(quality >= least_quality, coverage, -1)))


@broadest_alpha.misconception(
    "You took the best quality; enough is enough: among all that reach it, coverage decides.", kind="misconception"
)
def best_quality(alphas, quality, coverage, least_quality):
    return float(alphas[np.argmax(quality)])


@broadest_alpha.misconception(
    "At equal coverage the better quality wins; the quality that you compare with is not that of the best row so far.",
    layer="equal coverage",
)
def quality_not_kept(alphas, quality, coverage, least_quality):
    best = max((i for i in range(len(alphas)) if quality[i] >= least_quality), key=lambda i: (coverage[i], i))
    return float(alphas[best])


@broadest_alpha.misconception("You took the broadest of all, good enough or not; sort out the rest first.")
def broadest_of_all(alphas, quality, coverage, least_quality):
    return float(alphas[np.argmax(coverage)])


@broadest_alpha.misconception(
    "You took the broadest of all, and gave up when it was not good enough; a narrower one may be. "
    "Which comes first, the floor or the largest?"
)
def broadest_or_error(alphas, quality, coverage, least_quality):
    broadest = np.argmax(coverage)
    if quality[broadest] < least_quality:
        raise ValueError
    return float(alphas[broadest])


@broadest_alpha.misconception("A quality of exactly the least that is asked for is enough; you refuse it.")
def strictly_better(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality > least_quality)
    return float(alphas[good[np.argmax(coverage[good])]])


@broadest_alpha.misconception("You returned the coverage that can be had; return the alpha that gives it.")
def coverage_itself(alphas, quality, coverage, least_quality):
    return float(coverage[quality >= least_quality].max())


@broadest_alpha.misconception(
    "You found the place among the rows that are good enough, and looked it up in "
    "the full list: the places have shifted."
)
def place_in_shortened_list(alphas, quality, coverage, least_quality):
    return float(alphas[np.argmax(coverage[quality >= least_quality])])


@broadest_alpha.misconception(
    "You took the smallest alpha that is good enough; coverage often falls as alpha "
    "grows, but look at it, do not assume it.",
    kind="misconception",
)
def smallest_alpha(alphas, quality, coverage, least_quality):
    return float(alphas[quality >= least_quality].min())


@broadest_alpha.misconception(
    "You stopped at the first row that is good enough; a later one may cover more, and the rows come in any order."
)
def first_row(alphas, quality, coverage, least_quality):
    return float(alphas[np.flatnonzero(quality >= least_quality)[0]])


@broadest_alpha.misconception(
    "You added quality and coverage up; the task sets a floor for the one and then looks for the most of the other.",
    kind="misconception",
)
def sum_of_both(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality >= least_quality)
    return float(alphas[good[np.argmax((quality + coverage)[good])]])


@broadest_alpha.misconception(
    "Of two with the same coverage you took the one that stands first; the better quality should decide.",
    layer="equal coverage",
)
def first_of_equals(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality >= least_quality)
    return float(alphas[good[np.argmax(coverage[good])]])


@broadest_alpha.misconception(
    "You looked the winning quality up in the whole list, where a narrower setting may have the same; "
    "look among the rows that are left.",
    layer="equal coverage",
)
def looked_up_in_the_whole_list(alphas, quality, coverage, least_quality):
    good = quality >= least_quality
    best = quality[good & (coverage == coverage[good].max())].max()
    return float(alphas[np.flatnonzero(quality == best)[0]])


@broadest_alpha.misconception(
    "Of two with the same coverage you took the worse; nothing is gained by giving quality away.",
    layer="equal coverage",
)
def worse_of_equals(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality >= least_quality)
    return float(alphas[good[np.lexsort((quality[good], -coverage[good]))[0]]])


@broadest_alpha.misconception(
    "Of two with the same coverage you took the larger alpha; the rule is the better quality.", layer="equal coverage"
)
def larger_alpha_of_equals(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(quality >= least_quality)
    return float(alphas[good[np.lexsort((-alphas[good], -coverage[good]))[0]]])


@broadest_alpha.misconception(
    "Where nothing is good enough you return None; the caller would carry it on, so raise the error the prompt names.",
    layer="none good enough",
)
def none_returned(alphas, quality, coverage, least_quality):
    return None if max(quality) < least_quality else broadest_alpha(alphas, quality, coverage, least_quality)


@broadest_alpha.misconception(
    "Where nothing is good enough you still return the first alpha; before you choose the best, look whether any row "
    "is good enough.",
    layer="none good enough",
)
def first_alpha_after_all(alphas, quality, coverage, least_quality):
    if max(quality) < least_quality:
        return float(alphas[0])
    return broadest_alpha(alphas, quality, coverage, least_quality)


@broadest_alpha.misconception(
    "Where nothing is good enough an IndexError escapes by accident; say so yourself, with the error the prompt names.",
    layer="none good enough",
)
def index_error(alphas, quality, coverage, least_quality):
    if max(quality) < least_quality:
        raise IndexError
    return broadest_alpha(alphas, quality, coverage, least_quality)


@broadest_alpha.alternative
def by_lexsort(alphas, quality, coverage, least_quality):
    good = np.flatnonzero(np.asarray(quality) >= least_quality)
    if not len(good):
        raise ValueError
    return alphas[good[np.lexsort((quality[good], coverage[good]))[-1]]]


@broadest_alpha.alternative
def by_max_of_tuples(alphas, quality, coverage, least_quality):
    rows = [(c, n, a) for a, n, c in zip(alphas, quality, coverage, strict=True) if n >= least_quality]
    return float(max(rows)[2])


@broadest_alpha.alternative
def by_masking_twice(alphas, quality, coverage, least_quality):
    good = quality >= least_quality
    if not good.any():
        raise ValueError
    at = good & (coverage == coverage[good].max())
    return float(alphas[np.argmax(np.where(at, quality, -np.inf))])
