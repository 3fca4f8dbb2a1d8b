"""Find each user's nDCG, so that two models can be compared user by user."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.honest_measurement._inputs import draw_hidden, draw_lists, judged_world, lists_of, table


@exercise(
    "user_ndcg",
    points={"values": 2, "nothing hidden": 1},
    instead_of=("ndcg_by_query", "ndcg_at_k"),
)
def user_ndcg(lists, hidden):
    """Walk down each list; divide what the hits earn by what the first places earn, as many as could be hits."""
    found = []
    for films, good in zip(lists, hidden, strict=True):
        if good.any():
            gains = [1 / math.log2(place + 1) for place in range(1, len(films) + 1)]
            earned = sum(gain for gain, film in zip(gains, films, strict=True) if good[film])
            found.append(earned / sum(gains[: int(good.sum())]))
    return np.array(found)


@user_ndcg.inputs(
    "values",
    fixed=[
        (lists_of([2, 0, 1]), table([0])),
        (lists_of([2, 0, 1], [4, 3, 7]), table([0, 1], [4])),
        (lists_of([2, 0], [4, 3]), table([0, 1, 2, 5], [3, 5, 6])),
        (lists_of([5, 1, 3, 7], [0, 2, 4, 6]), table([1, 7, 0], [4, 6, 1, 3, 7])),
        (lists_of([5, 1, 3, 7], [0, 2, 4, 6], [7, 6, 5, 4]), table([5, 1], [1, 3], [6])),
        (lists_of([1], [2], [0]), table([1, 5], [3], [0])),
        (lists_of([0, 1, 2, 3, 4, 5, 6, 7]), table([7, 2])),
    ],
)
def _(rng):
    found = [judged_world(rng, *shape) for shape in ((4, 9, 3), (7, 20, 5), (12, 30, 10), (5, 12, 1))]
    lists, hidden = judged_world(rng, 6, 9, 4)
    hidden[2] = np.arange(9) == 0  # film 0 is a film
    return [*found, (lists, hidden)]


@user_ndcg.inputs(
    "nothing hidden",
    fixed=[
        (lists_of([2, 0], [1, 0]), table([0], [])),
        (lists_of([2, 0], [1, 0], [3, 1]), table([0], [], [1, 3])),
        (lists_of([2, 0], [1, 0], [3, 1]), table([0], [2], [1, 3])),
        (lists_of([2, 0, 5], [1, 0, 4], [3, 1, 7], [7, 6, 5]), table([], [2], [], [1, 6])),
        (lists_of([2, 0, 5], [1, 0, 4], [3, 1, 7]), table([4], [6], [7])),
        (lists_of([2, 0, 5], [1, 0, 4], [3, 1, 7]), table([4], [], [2])),
    ],
)
def _(rng):
    found = []
    for n, films, k in [(5, 9, 3), (8, 20, 5), (6, 12, 2)]:
        lists = draw_lists(rng, n, films, k)
        sizes = rng.permutation(np.r_[0, 0, rng.integers(1, k + 3, size=n - 2)])
        hidden = draw_hidden(rng, lists, films, sizes)
        missed = np.flatnonzero(sizes)[0]  # this user's list finds nothing
        hidden[missed] = False
        hidden[missed, np.setdiff1d(np.arange(films), lists[missed])[:2]] = True
        found += [(lists, hidden), judged_world(rng, n, films, k)]
    return found


def _hits(lists, hidden):
    return np.take_along_axis(hidden, lists, axis=1)


def _gains(k, log=np.log2, first=2):
    return 1 / log(np.arange(first, first + k))


def _ideal(lists, hidden, gains=None):
    gains = _gains(lists.shape[1]) if gains is None else gains
    return np.cumsum(gains)[np.minimum(hidden.sum(axis=1), lists.shape[1]) - 1]


def _judged(lists, hidden):
    rows = hidden.any(axis=1)
    return lists[rows], hidden[rows]


@user_ndcg.misconception(
    "Your perfect list is as long as there are hidden films; how many of them can a list of k places hold?"
)
def ideal_not_cut(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    gains = _gains(hidden.shape[1])
    return _hits(lists, hidden) @ gains[: lists.shape[1]] / np.cumsum(gains)[hidden.sum(axis=1) - 1]


@user_ndcg.misconception(
    "Your perfect list finds a hidden film in every place, also for a user who has fewer hidden films than "
    "places; what is the most that this user's list could have earned?"
)
def ideal_always_full(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    gains = _gains(lists.shape[1])
    return _hits(lists, hidden) @ gains / gains.sum()


@user_ndcg.misconception(
    "Your sum is divided by the number of places; what is the largest sum that a list of this user could earn?"
)
def divided_by_k(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    return _hits(lists, hidden) @ _gains(lists.shape[1]) / lists.shape[1]


@user_ndcg.misconception(
    "You divided by the number of hidden films; the perfect list earns less than 1 from its second place on, so what "
    "does it earn together?"
)
def divided_by_hidden(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    return _hits(lists, hidden) @ _gains(lists.shape[1]) / hidden.sum(axis=1)


@user_ndcg.misconception(
    "You return what the list earned and divide by nothing; what would the perfect list have earned for this user?",
    kind="next step",
)
def not_normalised(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    return _hits(lists, hidden) @ _gains(lists.shape[1])


@user_ndcg.misconception(
    "You divided by what the hits of this very list would earn in front; a list that misses a hidden film then loses "
    "nothing. Of which films is the perfect list made?",
    kind="misconception",
)
def ideal_of_the_hits(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    hits, gains = _hits(lists, hidden), _gains(lists.shape[1])
    best = np.r_[0, np.cumsum(gains)][hits.sum(axis=1)]
    return np.divide(hits @ gains, best, out=np.zeros(len(hits)), where=best > 0)


@user_ndcg.misconception(
    "The logarithm of your first place is 0, so a hit there earns without end, or nothing; what does the prompt add to "
    "the place?"
)
def log_of_place(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = _gains(lists.shape[1], first=1)
        return np.where(_hits(lists, hidden), gains, 0).sum(axis=1) / _ideal(lists, hidden, gains)


@user_ndcg.misconception(
    "You take the logarithm of the place itself and save the first place by hand, so the second place costs nothing; "
    "what does the prompt add to the place?"
)
def place_clipped(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    gains = 1 / np.maximum(1, np.log2(np.arange(1, lists.shape[1] + 1)))
    return _hits(lists, hidden) @ gains / _ideal(lists, hidden, gains)


@user_ndcg.misconception(
    "Your places are counted one too far: the first place of a list should earn 1; with which p does it begin?"
)
def places_from_two(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    gains = _gains(lists.shape[1], first=3)
    return _hits(lists, hidden) @ gains / _ideal(lists, hidden, gains)


@user_ndcg.misconception(
    "In your answer a place earns one over itself; the prompt has a logarithm, which falls far more slowly."
)
def reciprocal_places(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    gains = 1 / np.arange(1, lists.shape[1] + 1)
    return _hits(lists, hidden) @ gains / _ideal(lists, hidden, gains)


@user_ndcg.misconception(
    "Every hit earns the same in your answer, wherever it stands; which hit should earn more?", kind="misconception"
)
def recall_instead(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    return _hits(lists, hidden).sum(axis=1) / np.minimum(hidden.sum(axis=1), lists.shape[1])


@user_ndcg.misconception(
    "You read the first k columns of the table of hidden films; the list says which films stand in its places."
)
def columns_for_films(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    k = lists.shape[1]
    return hidden[:, :k] @ _gains(k) / _ideal(lists, hidden)


@user_ndcg.misconception(
    "A user whose only hidden film is film 0 is left out in your answer: you ask whether any of the numbers is other "
    "than 0. What should be counted?"
)
def film_zero_overlooked(lists, hidden):
    rows = hidden[:, 1:].any(axis=1)
    return user_ndcg.reference(lists[rows], hidden[rows])


@user_ndcg.misconception("You cut the perfect list at the number of users; how many places has a list?")
def users_for_places(lists, hidden):
    rows, found = len(lists), []
    for films, good in zip(lists, hidden, strict=True):
        if good.any():
            gains = _gains(max(len(films), int(good.sum())))
            found.append(np.sum(gains[: len(films)] * good[films]) / gains[: min(int(good.sum()), rows)].sum())
    return np.array(found)


@user_ndcg.misconception("You return one mean; one number for each user is asked for, so that users can be compared.")
def mean_of_all(lists, hidden):
    return user_ndcg.reference(lists, hidden).mean()


@user_ndcg.misconception(
    "You put 0 for a user without a hidden film, as if the list had failed; can it be judged at all?",
    layer="nothing hidden",
    kind="misconception",
)
def empty_as_zero(lists, hidden):
    found = np.zeros(len(lists))
    found[hidden.any(axis=1)] = user_ndcg.reference(lists, hidden)
    return found


@user_ndcg.misconception(
    "You put 1 for a user without a hidden film, as if the list had found all; can it be judged at all?",
    layer="nothing hidden",
    kind="misconception",
)
def empty_as_one(lists, hidden):
    found = np.ones(len(lists))
    found[hidden.any(axis=1)] = user_ndcg.reference(lists, hidden)
    return found


@user_ndcg.misconception(
    "For a user without a hidden film your answer holds NaN; the prompt asks for a shorter result.",
    layer="nothing hidden",
)
def empty_as_nan(lists, hidden):
    found = np.full(len(lists), np.nan)
    found[hidden.any(axis=1)] = user_ndcg.reference(lists, hidden)
    return found


@user_ndcg.misconception(
    "You left out the users whose list found nothing; those can be judged, and their number is 0. Who cannot?",
    layer="nothing hidden",
)
def misses_left_out(lists, hidden):
    return user_ndcg.reference(lists, hidden & _hits(lists, hidden).any(axis=1)[:, None])


@user_ndcg.alternative
def with_the_natural_logarithm(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    gains = _gains(lists.shape[1], np.log)
    return _hits(lists, hidden) @ gains / _ideal(lists, hidden, gains)


@user_ndcg.alternative
def by_sorting_the_perfect_list(lists, hidden):
    found = []
    for films, good in zip(lists, hidden, strict=True):
        if not np.any(good):
            continue
        gains = 1 / np.log2(np.arange(2, len(films) + 2))
        perfect = np.sort(good.astype(float))[::-1][: len(films)]
        found.append(np.sum(gains * good[films]) / np.sum(gains[: len(perfect)] * perfect))
    return found


@user_ndcg.alternative
def in_float32(lists, hidden):
    lists, hidden = _judged(lists, hidden)
    gains = _gains(lists.shape[1]).astype(np.float32)
    return (_hits(lists, hidden).astype(np.float32) @ gains / _ideal(lists, hidden, gains)).astype(np.float32)
