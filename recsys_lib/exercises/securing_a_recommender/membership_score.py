"""Say how well a membership test does whose threshold comes from another model."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("membership_score", points={"values": 3})
def membership_score(shadow, shadow_in, scores, inside):
    """Try every number of the shadow as a threshold, the highest first; then judge the best one on the other model."""
    best, threshold = -2.0, 0.0
    for candidate in sorted(shadow, reverse=True):
        found = _advantage(shadow, shadow_in, candidate)
        if found > best + 1e-9:
            best, threshold = found, candidate
    return _advantage(scores, inside, threshold)


def _advantage(scores, inside, threshold):
    says = np.asarray(scores) >= threshold
    inside = np.asarray(inside, dtype=bool)
    return float(np.mean(says[inside]) - np.mean(says[~inside]))


def _bools(*values):
    return np.array(values, dtype=bool)


def _drawn(rng, m, n, *, lift=1.0, tens=False):
    """Draw two models; half of the shadow was in, and m is a power of two, so that equal advantages come out equal."""
    shadow_in = rng.permutation(np.arange(m) < m // 2)
    inside = np.append(rng.random(n - 2) < 0.3, [True, False])
    shadow = rng.normal(size=m) + lift * shadow_in
    scores = 0.2 + rng.normal(size=n) + lift * inside
    digits = 0 if tens else 3
    return shadow.round(digits) + 0.0, shadow_in, scores.round(digits) + 0.0, inside


_DRAW = np.random.default_rng(4)


def _one_sided(rng):
    """Draw a shadow of 12 ratings, 8 of them in and 4 not, and a target in which the shares are the other way round."""
    shadow_in = rng.permutation(np.arange(12) < 8)
    inside = rng.permutation(np.arange(15) < 4)
    return (
        (rng.normal(size=12) + 1.2 * shadow_in).round(2),
        shadow_in,
        (rng.normal(size=15) + 1.2 * inside).round(2),
        inside,
    )


def _in_turns(rng):
    """Draw a shadow with one that was in and one that was not in turns: four thresholds are equally good."""
    order = rng.permutation(8)
    order = np.append(order[(order == 3) | (order == 5)], order[(order != 3) & (order != 5)])
    inside = rng.permutation(np.arange(16) < 5)
    scores = np.where(inside, rng.choice([1, 3, 5, 7, 7.5], 16), rng.choice([0, 2, 4, 6, 7.5], 16))
    return order.astype(float), order % 2 == 1, scores, inside


def _none_above_zero(rng):
    """Draw a shadow in which no threshold has an advantage above 0, and the highest of those at 0 is known."""
    order = [[0, 1, 0, 1, 0, 0, 1, 1], [0, 0, 1, 1, 0, 1, 0, 1], [0, 0, 0, 1, 0, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1]]
    known = np.array(order[int(rng.integers(4))], dtype=bool)
    places = rng.permutation(8)
    inside = rng.permutation(np.arange(12) < 5)
    scores = np.where(inside, rng.choice([1.5, 6, 7, 9, 10], 12), rng.choice([0.5, 1, 2.5, 4], 12))
    return (8.0 - np.arange(8))[places], known[places], scores, inside


@membership_score.inputs(
    "values",
    fixed=[
        ([4, 1, 3, 2], _bools(1, 0, 1, 0), [3, 5, 1, 2], _bools(1, 0, 1, 0)),
        ([4, 1, 3, 2], _bools(1, 0, 1, 0), [3, 2.5, 1, 5], _bools(1, 0, 0, 1)),
        ([1, 5], _bools(0, 1), [4, 5, 6, 3, 2], _bools(1, 1, 1, 0, 0)),
        ([5, 4, 3, 2, 1], _bools(1, 0, 0, 1, 0)[:5], [5, 4, 3, 1], _bools(1, 0, 1, 0)),
        ([2, 2, 1, 1, 3], _bools(1, 0, 1, 0, 0), [2, 1, 3, 2], _bools(1, 1, 0, 0)),
        ([6, 5, 4, 3, 2, 1], _bools(0, 1, 1, 0, 0, 0), [9, 5, 4.5, 1, 0], _bools(0, 1, 0, 1, 0)),
        ([0.5, 0.25, 0.75, 0.1], _bools(1, 1, 1, 0), [0.2, 0.3, 0.05], _bools(1, 0, 0)),
        ([-1, -3, -2, -4], _bools(1, 0, 1, 0), [-2, -2.5, -5, 0], _bools(1, 1, 0, 0)),
        ([3, 3, 2, 1], _bools(1, 0, 1, 0), [3, 2, 1, 0], _bools(1, 1, 0, 0)),
        ([3, 1, 2, 4], _bools(1, 1, 0, 0), [3.5, 1, 0, 5], _bools(1, 1, 0, 0)),
        ([4, 1, 3, 2], _bools(0, 1, 0, 1), [3, 0.5, 2, 5], _bools(1, 0, 1, 0)),
        ([4, 3, 2, 1], _bools(0, 1, 0, 1), [3, 2, 0.5, 1], _bools(1, 0, 1, 0)),
        _in_turns(_DRAW),
        _in_turns(_DRAW),
        _one_sided(_DRAW),
        _one_sided(_DRAW),
        _drawn(_DRAW, 16, 13),
        _drawn(_DRAW, 32, 40, tens=True),
        _drawn(_DRAW, 64, 50, lift=0.4),
        _drawn(_DRAW, 32, 30, lift=2),
    ],
)
def _(rng):
    sizes = [(16, 14), (32, 40), (64, 90), (64, 60)]
    found = [_drawn(rng, m, n, lift=float(rng.uniform(0.3, 2))) for m, n in sizes]
    found += [_drawn(rng, m, n, tens=True) for m, n in sizes]
    return found + [draw(rng) for draw in (_one_sided, _in_turns, _none_above_zero) for _ in range(6)]


def _best(scores, inside, among=None, highest=True):
    """Return the best threshold of `among` on these ratings: of equals the highest, or the lowest."""
    among = np.sort(np.asarray(scores if among is None else among))[:: -1 if highest else 1]
    found = [_advantage(scores, inside, t) for t in among]
    return among[int(np.argmax(np.array(found).round(9)))]


@membership_score.misconception(
    "You choose the threshold on the ratings that you then judge it by; would an attacker know who is inside?",
    kind="misconception",
)
def threshold_from_the_target(shadow, shadow_in, scores, inside):
    return _advantage(scores, inside, _best(scores, inside))


@membership_score.misconception(
    "You try the shadow's numbers on the attacked model and keep the best; would an attacker know who is inside?",
    kind="misconception",
)
def best_on_the_target(shadow, shadow_in, scores, inside):
    return _advantage(scores, inside, _best(scores, inside, among=shadow))


@membership_score.misconception("You return the shadow's advantage; on whose ratings is the threshold to be judged?")
def advantage_of_the_shadow(shadow, shadow_in, scores, inside):
    return _advantage(shadow, shadow_in, _best(shadow, shadow_in))


@membership_score.misconception(
    "Your threshold hits all that were in, whatever else it hits; what of the false alarms?"
)
def lowest_member(shadow, shadow_in, scores, inside):
    return _advantage(scores, inside, np.min(shadow[shadow_in]))


@membership_score.misconception(
    "Your threshold is the mean of those that were in; who says that nothing between or below tells them apart better?"
)
def mean_of_members(shadow, shadow_in, scores, inside):
    return _advantage(scores, inside, np.mean(shadow[shadow_in]))


@membership_score.misconception(
    "Your test says so only above the threshold; what does it say of a score that is the threshold?"
)
def above_only(shadow, shadow_in, scores, inside):
    def advantage(values, truth, threshold):
        says = np.asarray(values) > threshold
        return float(np.mean(says[truth]) - np.mean(says[~truth]))

    order = np.sort(shadow)[::-1]
    found = [advantage(shadow, shadow_in, t) for t in order]
    return advantage(scores, inside, order[int(np.argmax(found))])


@membership_score.misconception("Your test says so below the threshold; do ratings that were in score higher or lower?")
def below(shadow, shadow_in, scores, inside):
    def advantage(values, truth, threshold):
        says = np.asarray(values) <= threshold
        return float(np.mean(says[truth]) - np.mean(says[~truth]))

    order = np.sort(shadow)[::-1]
    found = [advantage(shadow, shadow_in, t) for t in order]
    return advantage(scores, inside, order[int(np.argmax(found))])


@membership_score.misconception(
    "Of thresholds that are equally good you take the lowest; which one does the prompt name?"
)
def lowest_of_equals(shadow, shadow_in, scores, inside):
    return _advantage(scores, inside, _best(shadow, shadow_in, highest=False))


@membership_score.misconception(
    "Of thresholds that are equally good you take the one that comes first in the data; which one does the prompt name?"
)
def first_of_equals(shadow, shadow_in, scores, inside):
    found = [_advantage(shadow, shadow_in, t) for t in shadow]
    return _advantage(scores, inside, shadow[int(np.argmax(found))])


@membership_score.misconception("You return the threshold; what is asked for is how well it does.")
def threshold_returned(shadow, shadow_in, scores, inside):
    return float(_best(shadow, shadow_in))


@membership_score.misconception(
    "You choose by the share of right answers, which is something else where few were in; which two shares count?"
)
def chosen_by_accuracy(shadow, shadow_in, scores, inside):
    order = np.sort(shadow)[::-1]
    found = [np.mean((shadow >= t) == shadow_in) for t in order]
    return _advantage(scores, inside, order[int(np.argmax(found))])


@membership_score.misconception(
    "You return the share of right answers; the advantage is a share of those that were in, less "
    "one of those that were not.",
)
def accuracy_returned(shadow, shadow_in, scores, inside):
    return float(np.mean((scores >= _best(shadow, shadow_in)) == inside))


@membership_score.misconception(
    "You divide hits and false alarms by all ratings together; of what is each of them a share?"
)
def shares_of_all(shadow, shadow_in, scores, inside):
    def advantage(values, truth, threshold):
        says = np.asarray(values) >= threshold
        return float(np.mean(says & truth) - np.mean(says & ~truth))

    order = np.sort(shadow)[::-1]
    found = [advantage(shadow, shadow_in, t) for t in order]
    return advantage(scores, inside, order[int(np.argmax(found))])


@membership_score.misconception(
    "You divide hits and false alarms by half of all ratings; were as many ratings in as were not?"
)
def shares_of_half(shadow, shadow_in, scores, inside):
    def advantage(values, truth, threshold):
        says = np.asarray(values) >= threshold
        return 2 * float(np.mean(says & truth) - np.mean(says & ~truth))

    order = np.sort(shadow)[::-1]
    found = [advantage(shadow, shadow_in, t) for t in order]
    return advantage(scores, inside, order[int(np.argmax(found))])


@membership_score.misconception(
    "You return the hits alone; what about those that were not in, and that your test names all the same?"
)
def hits_alone(shadow, shadow_in, scores, inside):
    return float(np.mean(scores[inside] >= _best(shadow, shadow_in)))


@membership_score.misconception(
    "You take the size of an advantage without its sign; is a test good that names those who were not in?"
)
def sign_dropped(shadow, shadow_in, scores, inside):
    order = np.sort(shadow)[::-1]
    found = [round(abs(_advantage(shadow, shadow_in, t)), 9) for t in order]
    return abs(_advantage(scores, inside, order[int(np.argmax(found))]))


@membership_score.misconception(
    "You divide by the number of ratings that the test names; hits are a share of those that were in, false alarms of "
    "those that were not."
)
def shares_of_those_named(shadow, shadow_in, scores, inside):
    order = np.sort(shadow)[::-1]
    found = [2 * np.mean(shadow_in[shadow >= t]) - 1 for t in order]
    return _advantage(scores, inside, order[int(np.argmax(np.round(found, 9)))])


@membership_score.misconception(
    "You divide the false alarms by the number of ratings that the test names; of which ratings are they a share?"
)
def alarms_of_those_named(shadow, shadow_in, scores, inside):
    def advantage(values, truth, threshold):
        says = np.asarray(values) >= threshold
        return float(np.mean(says[truth]) - np.mean(~truth[says])) if says.any() else 0.0

    order = np.sort(shadow)[::-1]
    found = [advantage(shadow, shadow_in, t) for t in order]
    return advantage(scores, inside, order[int(np.argmax(np.round(found, 9)))])


@membership_score.misconception(
    "Where no threshold does better than 0 you keep what your search began with, and that is none of the shadow's "
    "numbers; which of these does best there?"
)
def nothing_above_zero(shadow, shadow_in, scores, inside):
    best = _best(shadow, shadow_in)
    return _advantage(scores, inside, best if _advantage(shadow, shadow_in, best) > 1e-9 else 0.0)


@membership_score.misconception(
    "Your running counts stop in the middle of equal scores; which of them reach the threshold that they share?"
)
def equal_scores_cut_through(shadow, shadow_in, scores, inside):
    order = np.argsort(-shadow, kind="stable")
    known = shadow_in[order]
    found = np.cumsum(known) / known.sum() - np.cumsum(~known) / (~known).sum()
    return _advantage(scores, inside, shadow[order][int(np.argmax(found.round(9)))])


@membership_score.alternative
def membership_by_table(shadow, shadow_in, scores, inside):
    order = np.unique(shadow)[::-1]
    says = shadow[None, :] >= order[:, None]
    found = says[:, shadow_in].mean(axis=1) - says[:, ~shadow_in].mean(axis=1)
    says = scores >= order[int(np.argmax(found.round(9)))]
    return says[inside].mean() - says[~inside].mean()


@membership_score.alternative
def membership_by_counting(shadow, shadow_in, scores, inside):
    def advantage(values, truth, t):
        hits = sum(1 for v, i in zip(values, truth, strict=True) if i and v >= t)
        alarms = sum(1 for v, i in zip(values, truth, strict=True) if not i and v >= t)
        return hits / sum(truth) - alarms / (len(truth) - sum(truth))

    threshold = max(shadow, key=lambda t: (round(advantage(shadow, shadow_in, t), 9), t))
    return advantage(scores, inside, threshold)


@membership_score.alternative
def membership_by_weights(shadow, shadow_in, scores, inside):
    def weights(truth):
        return np.where(truth, 1 / truth.sum(), -1 / (~truth).sum())

    order = sorted(set(shadow.tolist()))
    found = [float(weights(shadow_in) @ (shadow >= t)) for t in order]
    threshold = max(t for t, a in zip(order, found, strict=True) if a > max(found) - 1e-9)
    return np.sum(weights(inside) * (scores >= threshold))
