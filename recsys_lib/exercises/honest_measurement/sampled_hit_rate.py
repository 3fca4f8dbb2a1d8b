"""Find how often a hidden film is among the first k of itself and some drawn films."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("sampled_hit_rate", points={"values": 2, "ties": 1}, instead_of=("sampled_hit_rate",))
def sampled_hit_rate(scores, target, negatives, k):
    """Count the negatives that are ahead of the target; fewer than k make a hit."""
    hits = 0
    for row, film, drawn in zip(scores, target, negatives, strict=True):
        ahead = sum(1 for other in drawn if other != film and row[other] >= row[film])
        hits += ahead < k
    return hits / len(target)


def _ids(*rows):
    return np.array(rows)


SCORES = [
    [0.9, 0.5, 0.7, 0.1, 0.3, 0.2],
    [0.2, 0.8, 0.6, 0.4, 0.1, 0.9],
    [0.6, 0.1, 0.2, 0.9, 0.8, 0.3],
    [-0.5, -1, 2, -3, 0.5, 0.1],
]


def _world(rng, n, films, m, levels=None):
    """Scores of which the targets have rather high ones; negatives of each user's own, without the target."""
    scores = rng.normal(size=(n, films)) if levels is None else rng.integers(levels, size=(n, films)).astype(float)
    target = rng.integers(films, size=n)
    if levels is None:
        scores[np.arange(n), target] += 0.8
    negatives = np.array([rng.permutation(np.delete(np.arange(films), t))[:m] for t in target])
    return scores, target, negatives


@sampled_hit_rate.inputs(
    "values",
    fixed=[
        (SCORES[:1], _ids(2), _ids([0, 3]), 1),
        (SCORES[:2], _ids(2, 3), _ids([0, 3], [1, 2]), 2),
        (SCORES[:3], _ids(2, 3, 5), _ids([0, 3], [1, 2], [1, 2]), 1),
        (SCORES, _ids(0, 3, 5, 1), _ids([2, 3, 1], [4, 2, 0], [1, 0, 3], [0, 3, 2]), 2),
        (SCORES, _ids(1, 2, 4, 4), _ids([2, 3, 0, 5], [4, 1, 0, 5], [1, 0, 3, 2], [0, 3, 2, 1]), 3),
        (SCORES, _ids(1, 2, 4, 0), _ids([2, 3, 0, 5], [4, 1, 0, 5], [1, 0, 3, 2], [5, 3, 2, 1]), 1),
        (np.array([[3, 1, 2, 5], [9, 8, 7, 6]]), _ids(0, 2), _ids([1, 2, 3], [3, 1, 0]), 2),
    ],
)
def _(rng):
    shapes = [(6, 9, 4, 2), (12, 20, 8, 3), (30, 40, 12, 5), (15, 12, 6, 1)]
    return [(*_world(rng, n, films, m), k) for n, films, m, k in shapes]


EQUAL = [[0.5, 0.5, 0.5, 0.5], [1, 0, 0, 2], [0, 3, 3, 3]]


@sampled_hit_rate.inputs(
    "ties",
    fixed=[
        (EQUAL[:1], _ids(2), _ids([0, 3]), 2),
        (EQUAL[:1], _ids(2), _ids([0, 3]), 3),
        (EQUAL[:1], _ids(2), _ids([2, 0]), 1),
        (EQUAL, _ids(0, 2, 1), _ids([1, 2], [1, 0], [0, 3]), 1),
        (EQUAL, _ids(0, 2, 1), _ids([1, 2], [1, 0], [0, 3]), 2),
        (EQUAL, _ids(3, 1, 2), _ids([0, 1], [2, 0], [3, 1]), 2),
        (SCORES[:2], _ids(2, 3), _ids([0, 2], [1, 3]), 2),
        (SCORES[:2], _ids(2, 1), _ids([2, 3], [1, 0]), 1),
        (SCORES[:3], _ids(2, 3, 5), _ids([0, 3], [1, 2], [1, 2]), 1),
        ([[0.5, 0.5 + 1e-9, 0.1], [0.5, 0.5 - 1e-9, 0.1]], _ids(0, 0), _ids([1, 2], [1, 2]), 1),
    ],
)
def _(rng):
    found = []
    for n, films, m, k in [(6, 6, 3, 2), (12, 12, 6, 3), (30, 20, 8, 4)]:
        scores, target, negatives = _world(rng, n, films, m, levels=4)
        drawn = negatives.copy()
        drawn[::2, 0] = target[::2]
        alike = np.zeros_like(scores)
        plain, film, others = _world(rng, n, films, m)
        itself = others.copy()
        itself[::2, -1] = film[::2]
        found += [(scores, target, negatives, k), (scores, target, drawn, k), (alike, target, drawn, k)]
        found += [(plain, film, itself, k), (plain, film, others, k)]
    return found


def _both(scores, target, negatives):
    return np.take_along_axis(scores, negatives, axis=1), scores[np.arange(len(target)), target][:, None]


def _rate(scores, target, negatives, k, ahead):
    return float(np.mean(np.sum(ahead & (negatives != target[:, None]), axis=1) < k))


@sampled_hit_rate.misconception(
    "You let k negatives be ahead of the target, which then stands in place k + 1; how many may be ahead of the last "
    "place that counts?"
)
def one_place_too_many(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return float(np.mean(np.sum((drawn >= own) & (negatives != target[:, None]), axis=1) <= k))


@sampled_hit_rate.misconception("A target in place k is no hit in your answer; is it among the first k?")
def one_place_too_few(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return float(np.mean(np.sum((drawn >= own) & (negatives != target[:, None]), axis=1) + 1 < k))


@sampled_hit_rate.misconception(
    "You rank the target among all films; the prompt ranks it among the user's own negatives only.",
    kind="misconception",
)
def among_all_films(scores, target, negatives, k):
    own = scores[np.arange(len(target)), target][:, None]
    return float(np.mean(np.sum(scores >= own, axis=1) - 1 < k))


@sampled_hit_rate.misconception(
    "Every user is ranked among the first user's negatives in your answer; each has negatives of its own."
)
def one_draw_for_all(scores, target, negatives, k):
    drawn, own = scores[:, negatives[0]], scores[np.arange(len(target)), target][:, None]
    return _rate(scores, target, np.tile(negatives[0], (len(target), 1)), k, drawn >= own)


@sampled_hit_rate.misconception(
    "You counted the negatives that score less than the target; which ones stand ahead of it?"
)
def those_behind(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return _rate(scores, target, negatives, k, drawn <= own)


@sampled_hit_rate.misconception(
    "You leave out a negative that is the target of anybody; only the user's own target does not count."
)
def anybodys_target_left_out(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return float(np.mean(np.sum((drawn >= own) & ~np.isin(negatives, target), axis=1) < k))


@sampled_hit_rate.misconception("You return how many users have a hit; the share of them is asked for.")
def number_of_hits(scores, target, negatives, k):
    return sampled_hit_rate.reference(scores, target, negatives, k) * len(target)


@sampled_hit_rate.misconception("You divided by k as well; a user has a hit or has none.")
def divided_by_k(scores, target, negatives, k):
    return sampled_hit_rate.reference(scores, target, negatives, k) / k


@sampled_hit_rate.misconception(
    "You return the share of negatives that the target beats; a user has a hit where the target is among the first k.",
    kind="misconception",
)
def share_beaten(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return float(np.mean(drawn < own))


@sampled_hit_rate.misconception(
    "You compare every user's negatives with the scores of the first user; a user's scores are a row."
)
def scores_of_the_first(scores, target, negatives, k):
    return sampled_hit_rate.reference(np.tile(scores[0], (len(scores), 1)), target, negatives, k)


@sampled_hit_rate.misconception("You return a truth value for each user; the share of users with a hit is asked for.")
def hits_of_users(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return np.sum((drawn >= own) & (negatives != target[:, None]), axis=1) < k


@sampled_hit_rate.misconception(
    "A negative with the same score as the target stays behind it in your answer; then a model that scores all films "
    "alike has a perfect rate.",
    layer="ties",
    kind="misconception",
)
def ties_won(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return _rate(scores, target, negatives, k, drawn > own)


@sampled_hit_rate.misconception(
    "The target stands ahead of itself in your answer where it was drawn among its own negatives; that one does not "
    "count.",
    layer="ties",
)
def target_ahead_of_itself(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return float(np.mean(np.sum(drawn >= own, axis=1) < k))


@sampled_hit_rate.misconception(
    "Several negatives with one and the same score take a single place in your answer; each of them stands ahead.",
    layer="ties",
)
def equal_scores_take_one_place(scores, target, negatives, k):
    hits = []
    for row, film, drawn in zip(scores, target, negatives, strict=True):
        hits.append(len({float(row[other]) for other in drawn if other != film and row[other] >= row[film]}) < k)
    return float(np.mean(hits))


@sampled_hit_rate.misconception(
    "You put the target last so that ties are lost, but its copy among the negatives stands before some of them and "
    "earns the hit; take the copy out first.",
    layer="ties",
)
def a_copy_earns_the_hit(scores, target, negatives, k):
    line = np.column_stack([negatives, target])
    order = np.argsort(-np.take_along_axis(scores, line, axis=1), axis=1, kind="stable")
    return float(np.mean([film in films[best[:k]] for film, films, best in zip(target, line, order, strict=True)]))


@sampled_hit_rate.misconception(
    "You left out a user whose target was drawn among its own negatives; only that one negative does not count.",
    layer="ties",
)
def user_left_out(scores, target, negatives, k):
    kept = (negatives != target[:, None]).all(axis=1)
    if not kept.any():
        return 0.0
    return sampled_hit_rate.reference(scores[kept], target[kept], negatives[kept], k)


@sampled_hit_rate.alternative
def at_once(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    return _rate(scores, target, negatives, k, drawn >= own)


@sampled_hit_rate.alternative
def by_setting_the_target_back(scores, target, negatives, k):
    drawn, own = _both(scores, target, negatives)
    drawn = np.where(negatives == target[:, None], -np.inf, drawn)
    return ((drawn >= own).sum(axis=1) <= k - 1).mean()


@sampled_hit_rate.alternative
def by_sorting_with_the_target_last(scores, target, negatives, k):
    hits = []
    for row, film, drawn in zip(scores, target, negatives, strict=True):
        line = [other for other in drawn if other != film] + [film]
        order = sorted(range(len(line)), key=lambda place: -row[line[place]])
        hits.append(order.index(len(line) - 1) < k)
    return np.mean(hits)
