"""Say how many ranks a film has climbed in the lists of real users."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("shilling_lift", points={"values": 3, "nobody to judge": 1}, instead_of=("film_ranks",))
def shilling_lift(before, after, target, seen):
    """Real user by real user: rank among the films not seen, before and after."""
    climbed = []
    for user in range(len(before)):
        if not seen[user, target]:
            climbed.append(_rank(before[user], target, seen[user]) - _rank(after[user], target, seen[user]))
    if not climbed:
        raise ValueError("every user has seen the target, so nobody's list can tell")
    return float(np.mean(climbed))


def _rank(scores, target, seen):
    return 1 + int(np.sum((scores > scores[target]) & ~seen))


def _world(rng, n_users, n_items, n_fakes, *, ties=False):
    """Draw scores of real and invented users; the target climbs for most, and some have seen it."""
    target = int(rng.integers(n_items))
    before = rng.normal(size=(n_users, n_items))
    after = np.vstack([before, np.zeros((n_fakes, n_items))]) + 0.3 * rng.normal(size=(n_users + n_fakes, n_items))
    after[:, target] += rng.uniform(0.3, 2)
    after[n_users:, target] += 3
    seen = rng.random((n_users, n_items)) < 0.3
    seen[:2, target] = True, False
    if ties:
        before, after = before.round() + 0.0, after.round() + 0.0
    return before.round(3), after.round(3), target, seen


def _all_saw(world):
    before, after, target, seen = world
    seen = seen.copy()
    seen[:, target] = True
    return before, after, target, seen


def _none_saw(world):
    before, after, target, seen = world
    seen = seen.copy()
    seen[:, target] = False
    return before, after, target, seen


def _one_is_left(world):
    before, after, target, seen = _all_saw(world)
    seen[-1, target] = False
    return before, after, target, seen


def _bools(rows):
    return np.array(rows, dtype=bool)


_DRAW = np.random.default_rng(8)


@shilling_lift.inputs(
    "values",
    fixed=[
        ([[5, 4, 1]], [[5, 4, 6], [0, 0, 9]], 2, _bools([[0, 0, 0]])),
        ([[5, 4, 1]], [[5, 4, 4.5], [0, 0, 9]], 2, _bools([[1, 0, 0]])),
        ([[5, 4, 1], [3, 2, 1]], [[5, 4, 6], [3, 2, 4], [0, 0, 9]], 2, _bools([[0, 0, 0], [0, 0, 1]])),
        ([[3, 2, 1], [1, 2, 3]], [[3, 2, 2], [3, 2, 3], [9, 8, 0]], 2, _bools([[0, 0, 0], [0, 0, 0]])),
        ([[4, 3, 2, 1], [2, 2, 2, 2]], [[1, 3, 2, 4], [1, 2, 2, 1], [0, 5, 0, 0]], 0, _bools([[0, 1, 0, 0], [0] * 4])),
        ([[1, 2, 3, 4]], [[3.5, 2, 3, 4], [1, 2, 3, 4], [4, 3, 2, 1]], 0, _bools([[0, 1, 0, 0]])),
        _world(_DRAW, 4, 5, 2),
        _world(_DRAW, 6, 8, 3, ties=True),
        _world(_DRAW, 12, 20, 5),
        _world(_DRAW, 8, 15, 30),
    ],
)
def _(rng):
    shapes = [(5, 6, 2), (9, 12, 4), (15, 30, 6), (7, 10, 20)]
    return [_world(rng, *shape) for shape in shapes] + [_world(rng, *shape, ties=True) for shape in shapes]


@shilling_lift.inputs(
    "nobody to judge",
    fixed=[
        ([[5, 4, 1]], [[5, 4, 6], [0, 0, 9]], 2, _bools([[0, 0, 1]])),
        ([[5, 4, 1], [1, 2, 3]], [[5, 4, 6], [1, 2, 3], [0, 0, 9]], 1, _bools([[0, 1, 0], [1, 1, 0]])),
        _all_saw(_world(_DRAW, 5, 6, 2)),
        _one_is_left(_world(_DRAW, 5, 6, 3)),
        ([[5, 4, 1]], [[5, 4, 6], [0, 0, 9]], 2, _bools([[1, 1, 0]])),
        _none_saw(_world(_DRAW, 3, 5, 2)),
    ],
)
def _(rng):
    worlds = [_world(rng, *shape) for shape in [(4, 6, 2), (6, 5, 3), (5, 9, 2), (3, 4, 1)]]
    return [*map(_all_saw, worlds[:2]), *map(_one_is_left, worlds[2:]), *map(_none_saw, worlds[:2])]


def _ranks(scores, target, seen):
    """Return every user's rank of the target, shape (n_users,)."""
    scores = np.where(seen, -np.inf, scores)
    return 1 + np.sum(scores > scores[:, [target]], axis=1)


def _mean(values, who):
    if not np.any(who):
        raise ValueError("nobody is left")
    return float(np.mean(values[who]))


def _lift(before, after, target, seen):
    real = after[: len(before)]
    return _ranks_of(before, target, seen) - _ranks_of(real, target, seen)


def _ranks_of(scores, target, seen):
    better = (scores > scores[:, [target]]) & ~seen
    return 1 + better.sum(axis=1)


@shilling_lift.misconception("You count the users who have seen the target, too; does it stand in their lists?")
def those_who_saw_it_count(before, after, target, seen):
    return float(np.mean(_lift(before, after, target, seen)))


@shilling_lift.misconception(
    "You count films that a user has seen in the rank; would any of them stand above the target in the list?"
)
def seen_films_rank(before, after, target, seen):
    real = after[: len(before)]
    none = np.zeros_like(seen)
    return _mean(_ranks_of(before, target, none) - _ranks_of(real, target, none), ~seen[:, target])


@shilling_lift.misconception(
    "You make the scores of seen films 0; scores may be negative, so which films does a 0 still stand above?"
)
def seen_films_are_zero(before, after, target, seen):
    none = np.zeros_like(seen)
    was, now = (_ranks_of(scores[: len(before)] * ~seen, target, none) for scores in (before, after))
    return _mean(was - now, ~seen[:, target])


@shilling_lift.misconception(
    "Your sign is turned round: a film that climbs goes to a smaller rank; which of the two ranks comes first?"
)
def turned_sign(before, after, target, seen):
    return _mean(-_lift(before, after, target, seen), ~seen[:, target])


@shilling_lift.misconception("You let the first rows stand for the invented users; where in the table do these come?")
def fakes_come_first(before, after, target, seen):
    real = after[-len(before) :]
    return _mean(_ranks_of(before, target, seen) - _ranks_of(real, target, seen), ~seen[:, target])


@shilling_lift.misconception("You take the invented users into the mean after the attack; whose lists are asked about?")
def fakes_count(before, after, target, seen):
    fakes = np.zeros((len(after) - len(before), seen.shape[1]), dtype=bool)
    everybody = np.vstack([seen, fakes])
    one = _mean(_ranks_of(before, target, seen), ~seen[:, target])
    return one - _mean(_ranks_of(after, target, everybody), ~everybody[:, target])


@shilling_lift.misconception(
    "You compare scores, not ranks: a score may rise while all others rise more; how many films are above the target?"
)
def scores_compared(before, after, target, seen):
    return _mean(after[: len(before), target] - before[:, target], ~seen[:, target])


@shilling_lift.misconception("You let films with the same score as the target stand above it; what does strictly mean?")
def ties_stand_above(before, after, target, seen):
    def ranks(scores):
        return ((scores >= scores[:, [target]]) & ~seen).sum(axis=1)

    return _mean(ranks(before) - ranks(after[: len(before)]), ~seen[:, target])


@shilling_lift.misconception(
    "You take the place in a sorted list, where a film with the same score and a lower number stands ahead; does the "
    "prompt count it?"
)
def ties_by_number(before, after, target, seen):
    numbers = np.arange(seen.shape[1])

    def ranks(scores):
        goal = scores[:, [target]]
        return (((scores > goal) | ((scores == goal) & (numbers < target))) & ~seen).sum(axis=1)

    return _mean(ranks(before) - ranks(after[: len(before)]), ~seen[:, target])


@shilling_lift.misconception("You count the films below the target; which end of the list has rank 1?")
def counted_from_below(before, after, target, seen):
    def ranks(scores):
        return ((scores < scores[:, [target]]) & ~seen).sum(axis=1)

    return _mean(ranks(before) - ranks(after[: len(before)]), ~seen[:, target])


@shilling_lift.misconception(
    "You average over the users who have seen the target and leave out the others; in whose lists can it stand?"
)
def only_those_who_saw_it(before, after, target, seen):
    return _mean(_lift(before, after, target, seen), seen[:, target])


@shilling_lift.misconception("You add up the users' lifts; what is asked for is their mean.")
def sum_of_lifts(before, after, target, seen):
    return _mean(_lift(before, after, target, seen), ~seen[:, target]) * float(np.sum(~seen[:, target]))


@shilling_lift.misconception("You divide by all real users; over how many of them do you add up?")
def mean_over_all(before, after, target, seen):
    who = ~seen[:, target]
    return _mean(_lift(before, after, target, seen), who) * float(np.mean(who))


@shilling_lift.misconception(
    "Where everybody has seen the target you return a number; what can be said of nobody's lists?",
    layer="nobody to judge",
)
def nobody_is_zero(before, after, target, seen):
    who = ~seen[:, target]
    return _mean(_lift(before, after, target, seen), who) if who.any() else 0.0


@shilling_lift.misconception(
    "Where everybody has seen the target the mean of nothing is NaN, and no error; what does the prompt ask for?",
    layer="nobody to judge",
)
def nobody_is_nan(before, after, target, seen):
    who = ~seen[:, target]
    return _mean(_lift(before, after, target, seen), who) if who.any() else float("nan")


@shilling_lift.misconception(
    "You raise an error though some have not seen the target; what has to be true of all users before you do?",
    layer="nobody to judge",
)
def one_who_saw_it_is_enough(before, after, target, seen):
    if seen[:, target].any():
        raise ValueError("seen")
    return shilling_lift.reference(before, after, target, seen)


@shilling_lift.misconception(
    "Where everybody has seen the target your function ends in another error than the one asked for; do you divide by "
    "their number before you look at it?",
    layer="nobody to judge",
)
def divided_by_nobody(before, after, target, seen):
    climbed = [int(x) for x, saw in zip(_lift(before, after, target, seen), seen[:, target], strict=True) if not saw]
    return sum(climbed) / len(climbed)


@shilling_lift.alternative
def lift_in_tables(before, after, target, seen):
    judged = ~seen[:, target]
    if not judged.any():
        raise ValueError("nobody")
    ranks = [_ranks(scores[: len(before)], target, seen) for scores in (before, after)]
    return float((ranks[0] - ranks[1])[judged].mean())


@shilling_lift.alternative
def lift_by_sorting(before, after, target, seen):
    found = []
    for user in np.flatnonzero(~seen[:, target]):
        places = []
        for scores in (before[user], after[user]):
            ahead = sorted(scores[~seen[user]], reverse=True)
            places.append(ahead.index(scores[target]))
        found.append(places[0] - places[1])
    if not found:
        raise ValueError("nobody")
    return sum(found) / len(found)


@shilling_lift.alternative
def lift_with_a_mask(before, after, target, seen):
    open_films, n = ~seen, before.shape[0]
    if seen[:, target].all():
        raise ValueError("the target is known to all")
    was = np.sum((before > before[:, target, None]) * open_films, axis=1)
    now = np.sum((after[:n] > after[:n, target, None]) * open_films, axis=1)
    return np.average(was - now, weights=open_films[:, target])
