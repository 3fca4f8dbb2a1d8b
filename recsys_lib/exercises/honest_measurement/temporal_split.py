"""Cut all ratings at one moment into a past to learn from and a future to be asked about."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("temporal_split", points={"values": 2, "equal times": 1, "no past": 1}, instead_of=("temporal_split",))
def temporal_split(user, time, share):
    """Go back in time until enough ratings are late; keep the late ones of users with a past."""
    for cut in sorted(set(time.tolist()), reverse=True):
        late = time >= cut
        if np.sum(late) >= share * len(time):
            break
    known = set(user[~late].tolist())
    test = [row for row in range(len(user)) if late[row] and int(user[row]) in known]
    return np.flatnonzero(~late), np.array(test, dtype=int)


def _rows(*numbers):
    return np.array(numbers)


def _world(rng, n, n_users, share, span=None):
    """Draw ratings of which every user has an early one; times all different, or of a small span."""
    while True:
        user = rng.integers(n_users, size=n)
        time = rng.permutation(10 * n)[:n] if span is None else rng.integers(span, size=n)
        train, test = temporal_split.reference(user, time, share)
        if len(train) and len(test) and len(set(user[train])) == n_users:
            return user, time + 1000, share


@temporal_split.inputs(
    "values",
    fixed=[
        (_rows(0, 1, 0, 1), _rows(10, 20, 30, 40), 0.25),
        (_rows(0, 1, 0, 1), _rows(40, 10, 30, 20), 0.25),
        (_rows(0, 1, 0, 1, 1, 0, 0, 1), _rows(15, 80, 30, 70, 12, 60, 41, 5), 0.25),
        (_rows(0, 0, 0, 0, 1, 1, 1, 1), _rows(3, 26, 9, 12, 15, 18, 21, 24), 0.5),
        (_rows(1, 1, 0, 1, 2, 2, 0), _rows(15, 80, 30, 70, 12, 60, 41), 0.25),
        (_rows(1, 1, 0, 1, 2, 0, 0), _rows(15, 80, 30, 70, 12, 60, 41), 0.3),
        (_rows(2, 1, 0, 1, 2, 2, 0, 1, 0, 2), _rows(5, 8, 3, 9, 12, 16, 41, 27, 33, 1), 0.3),
    ],
)
def _(rng):
    shapes = [(8, 2, 0.25), (15, 3, 0.3), (40, 5, 0.25), (33, 4, 0.125), (21, 3, 0.5), (17, 3, 0.3)]
    return [_world(rng, *shape) for shape in shapes]


@temporal_split.inputs(
    "equal times",
    fixed=[
        (_rows(0, 1, 0, 1), _rows(10, 20, 40, 40), 0.25),
        (_rows(0, 1, 0, 1), _rows(10, 20, 30, 40), 0.25),
        (_rows(0, 1, 0, 1, 0, 1, 0, 1), _rows(10, 40, 30, 40, 40, 20, 40, 10), 0.25),
        (_rows(0, 1, 0, 1, 0, 1, 0, 1), _rows(10, 10, 30, 40, 30, 20, 30, 10), 0.25),
        (_rows(0, 1, 0, 1, 0, 1, 0, 1), _rows(10, 10, 30, 30, 30, 30, 20, 50), 0.25),
        (_rows(0, 1, 0, 1, 0, 1, 0, 1), _rows(10, 11, 12, 13, 14, 15, 16, 17), 0.5),
        (_rows(0, 1, 0, 1, 0, 1, 0, 1), _rows(10, 10, 20, 20, 30, 30, 40, 40), 0.5),
    ],
)
def _(rng):
    found = [_world(rng, n, n_users, share, span) for n, n_users, share, span in
             [(12, 2, 0.25, 4), (20, 3, 0.3, 6), (40, 4, 0.25, 9), (16, 2, 0.5, 5)]]  # fmt: skip
    return [*found, _world(rng, 20, 3, 0.25)]


@temporal_split.inputs(
    "no past",
    fixed=[
        (_rows(0, 1, 0, 2, 0), _rows(10, 20, 50, 40, 15), 0.4),
        (_rows(0, 1, 0, 1, 2, 0), _rows(10, 50, 30, 20, 41, 40), 0.5),
        (_rows(0, 1, 0, 1, 2, 0, 2, 2), _rows(10, 50, 30, 20, 41, 40, 42, 43), 0.5),
        (_rows(3, 1, 3, 1, 7, 3, 7, 9), _rows(10, 50, 30, 20, 41, 40, 42, 43), 0.5),
        (_rows(0, 1, 0, 1), _rows(10, 20, 30, 40), 0.25),
        (_rows(0, 1, 2, 0, 1, 2), _rows(60, 50, 40, 30, 20, 10), 0.5),
    ],
)
def _(rng):
    found = []
    for n, n_users, share in [(10, 3, 0.25), (24, 4, 0.3), (40, 5, 0.25)]:
        user, time, _ = _world(rng, n, n_users, share)
        late = np.sort(time)[-max(3, n // 6) :]
        newcomer = user.copy()
        newcomer[time == late[0]] = n_users
        newcomer[time == late[-1]] = n_users
        found += [(newcomer, time, share), (user, time, share)]
    return found


def _cut(time, share):
    return np.sort(time)[::-1][int(np.ceil(share * len(time))) - 1]


def _parts(user, late):
    return np.flatnonzero(~late), np.flatnonzero(late & np.isin(user, user[~late]))


@temporal_split.misconception(
    "You made a cut for each user, so what is the past for one is the future for another; how many cuts does "
    "the prompt have?",
    kind="misconception",
)
def a_cut_for_each_user(user, time, share):
    late = np.zeros(len(user), dtype=bool)
    for one in np.unique(user):
        rows = np.flatnonzero(user == one)
        late[rows] = time[rows] >= _cut(time[rows], share)
    return _parts(user, late)


@temporal_split.misconception(
    "You cut the ratings in the order in which they stand; they came in no order of time.", kind="misconception"
)
def not_sorted(user, time, share):
    return _parts(user, np.arange(len(user)) >= len(user) - int(np.ceil(share * len(user))))


@temporal_split.misconception(
    "You return places in the sorted ratings; which positions do these ratings have in the arrays that were given?"
)
def places_in_time(user, time, share):
    order = np.argsort(time, kind="stable")
    return _parts(user[order], time[order] >= _cut(time, share))


@temporal_split.misconception(
    "Your positions are in the order of time; the prompt asks for each part's positions in ascending order."
)
def in_order_of_time(user, time, share):
    train, test = temporal_split.reference(user, time, share)
    return train[np.argsort(time[train], kind="stable")], test[np.argsort(time[test], kind="stable")]


@temporal_split.misconception("You return the late part first; the early ratings are asked for first.")
def test_first(user, time, share):
    return temporal_split.reference(user, time, share)[::-1]


@temporal_split.misconception(
    "Your late part is the past; which end of time is the model asked about?", kind="misconception"
)
def the_past_is_tested(user, time, share):
    return _parts(user, time <= np.sort(time)[int(np.ceil(share * len(time))) - 1])


@temporal_split.misconception("You keep that share for the early part; the share is that of the late ratings.")
def share_of_the_early(user, time, share):
    return _parts(user, time >= np.sort(time)[int(np.ceil(share * len(time)))])


@temporal_split.misconception(
    "You cut the span of time, not the ratings; are as many ratings given in each month?", kind="misconception"
)
def share_of_the_span(user, time, share):
    return _parts(user, time >= time.max() - share * (time.max() - time.min()))


@temporal_split.misconception(
    "You rounded the number of late ratings down, so fewer than that share are late; the prompt asks for at least that "
    "share."
)
def rounded_down(user, time, share):
    number = max(1, int(share * len(time)))
    return _parts(user, time >= np.sort(time)[::-1][number - 1])


@temporal_split.misconception(
    "You rounded the number of late ratings to the nearest whole number, which may be too few; the prompt asks for at "
    "least that share."
)
def rounded_to_nearest(user, time, share):
    number = max(1, round(share * len(time)))
    return _parts(user, time >= np.sort(time)[::-1][number - 1])


@temporal_split.misconception(
    "You took the time at a quantile for the cut, which is not always the latest time that leaves enough ratings late."
)
def at_a_quantile(user, time, share):
    return _parts(user, time >= np.quantile(time, 1 - share))


@temporal_split.misconception(
    "The ratings at the cut itself are early in your answer; the prompt says at the time of the cut or later."
)
def later_than_the_cut(user, time, share):
    return _parts(user, time > _cut(time, share))


@temporal_split.misconception(
    "You look at the first rating of a user that stands in the arrays; they are in no order of time, so which of a "
    "user's ratings says whether there is a past?"
)
def first_row_for_the_past(user, time, share):
    late = time >= _cut(time, share)
    first = np.array([np.flatnonzero(user == one)[0] for one in user])
    return np.flatnonzero(~late), np.flatnonzero(late & ~late[first])


@temporal_split.misconception("You return times; the positions of the ratings are asked for.")
def times_for_positions(user, time, share):
    train, test = temporal_split.reference(user, time, share)
    return time[train], time[test]


@temporal_split.misconception("You return truth values; the positions of the ratings are asked for.")
def marks_for_positions(user, time, share):
    late = time >= _cut(time, share)
    return ~late, late & np.isin(user, user[~late])


@temporal_split.misconception(
    "You counted ratings from the end, and the count ran out in the middle of a second; its ratings stay together.",
    layer="equal times",
)
def a_second_torn_apart(user, time, share):
    late = np.zeros(len(user), dtype=bool)
    late[np.argsort(time, kind="stable")[len(time) - int(np.ceil(share * len(time))) :]] = True
    return _parts(user, late)


@temporal_split.misconception(
    "You put the whole second of the cut into the past, so fewer than that share are late; on which side does the "
    "prompt put it?",
    layer="equal times",
)
def the_second_into_the_past(user, time, share):
    number = int(np.ceil(share * len(time)))
    border = np.sort(time)[::-1][number] if number < len(time) else -1
    return _parts(user, time > border)


@temporal_split.misconception(
    "You cut the different times, not the ratings; a second with many ratings counts as one in your answer.",
    layer="equal times",
)
def share_of_the_times(user, time, share):
    times = np.unique(time)
    return _parts(user, time >= times[::-1][int(np.ceil(share * len(times))) - 1])


@temporal_split.misconception(
    "Late ratings of users without an early one are still in your test part; from what could a model recommend "
    "to them?",
    layer="no past",
    kind="misconception",
)
def no_past_kept(user, time, share):
    late = time >= _cut(time, share)
    return np.flatnonzero(~late), np.flatnonzero(late)


@temporal_split.misconception(
    "You moved the late ratings of users without a past into the training part; then the model learns from the future.",
    layer="no past",
    kind="misconception",
)
def no_past_into_training(user, time, share):
    late = time >= _cut(time, share)
    test = late & np.isin(user, user[~late])
    return np.flatnonzero(~test), np.flatnonzero(test)


@temporal_split.misconception(
    "You took the users without a past out first and made the cut among the rest; the share is of all ratings.",
    layer="no past",
)
def cut_again_without_them(user, time, share):
    late = time >= _cut(time, share)
    kept = np.isin(user, user[~late])
    return _parts(user[kept], time[kept] >= _cut(time[kept], share))


@temporal_split.misconception(
    "You also left out the early ratings of users who have no late one; a model learns from everybody.",
    layer="no past",
)
def both_parts_needed(user, time, share):
    late = time >= _cut(time, share)
    return np.flatnonzero(~late & np.isin(user, user[late])), np.flatnonzero(late & np.isin(user, user[~late]))


@temporal_split.misconception(
    "You take any earlier rating of a user for a past, also a late one; the past ends at the cut.",
    layer="no past",
)
def a_past_after_the_cut(user, time, share):
    late = time >= _cut(time, share)
    first = np.array([time[user == one].min() for one in user])
    return np.flatnonzero(~late), np.flatnonzero(late & (first < time))


@temporal_split.alternative
def by_sorting(user, time, share):
    return _parts(user, time >= _cut(time, share))


@temporal_split.alternative
def by_counting(user, time, share):
    times, counts = np.unique(time, return_counts=True)
    enough = np.cumsum(counts[::-1])[::-1] >= share * len(time)
    late = time >= times[enough].max()
    return np.flatnonzero(~late), np.flatnonzero(late & np.isin(user, np.unique(user[~late])))


@temporal_split.alternative
def as_lists(user, time, share):
    cut = max(moment for moment in time if sum(1 for other in time if other >= moment) >= share * len(time))
    train = [row for row in range(len(time)) if time[row] < cut]
    known = {user[row] for row in train}
    return train, [row for row in range(len(time)) if time[row] >= cut and user[row] in known]
