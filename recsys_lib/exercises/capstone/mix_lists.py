"""Give the last places of a good list to a broader one, without naming an item twice."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("mix_lists", points={"values": 3})
def mix_lists(good, broad, n):
    """Keep the beginning of the good list and fill up in the order of the broad one."""
    mixed = []
    for first, second in zip(good, broad, strict=True):
        row = list(first[: len(first) - n])
        for item in second:
            if len(row) < len(first) and item not in row:
                row.append(item)
        mixed.append(row)
    return np.array(mixed)


def _two_lists(rng, q, k, n):
    """Draw lists that overlap in the part that is kept and in the part that is given away."""
    good = np.array([rng.permutation(3 * k)[:k] for _ in range(q)])
    broad = np.array([rng.permutation(3 * k)[: k + 2] for _ in range(q)])
    for i in range(q):
        broad[i, 0] = good[i, 0] if i % 2 else good[i, -1]
        left = [item for item in range(3 * k) if item != broad[i, 0]]
        broad[i, 1:] = rng.permutation(left)[: k + 1]
    return good, broad, n


@mix_lists.inputs(
    "values",
    fixed=[
        (np.array([[0, 1, 2]]), np.array([[7, 8, 9]]), 1),
        (np.array([[0, 1, 2]]), np.array([[0, 8, 9]]), 1),
        (np.array([[0, 1, 2]]), np.array([[2, 8, 9]]), 1),
        (np.array([[0, 1, 2], [3, 4, 5]]), np.array([[1, 0, 9, 8], [5, 4, 7, 2]]), 2),
        (np.array([[4, 2, 6, 1], [9, 8, 7, 6]]), np.array([[2, 4, 5, 0], [1, 9, 0, 3]]), 2),
        (np.array([[4, 2, 6], [9, 8, 7]]), np.array([[5, 4, 2], [1, 9, 0]]), 0),
        (np.array([[4, 2, 6], [9, 8, 7]]), np.array([[5, 4, 2, 0, 8], [1, 9, 0, 3, 5]]), 3),
        (np.array([[0, 1, 2, 3]]), np.array([[0, 1, 2, 3, 4, 5]]), 2),
        (np.array([[0, 1], [2, 3]]), np.array([[5, 6, 7], [0, 7, 8]]), 1),
    ],
)
def _(rng):
    return [_two_lists(rng, q, k, n) for q, k, n in ((3, 5, 2), (4, 6, 3), (5, 8, 1), (2, 6, 6), (3, 4, 0))]


def _filled(kept, second, k):
    row = list(kept)
    for item in second:
        if len(row) < k and item not in row:
            row.append(item)
    return row


@mix_lists.misconception("An item may stand twice in your lists; which of the broad list's items are there already?")
def with_doubles(good, broad, n):
    k = good.shape[1]
    return np.hstack([good[:, : k - n], broad[:, :n]])


@mix_lists.misconception("You keep n of the good list; how many places are to be given away, and how many kept?")
def keeps_n(good, broad, n):
    k = good.shape[1]
    return np.array([_filled(a[:n], b, k) for a, b in zip(good, broad, strict=True)])


@mix_lists.misconception("The broad list's items come first; which list begins?")
def broad_first(good, broad, n):
    k = good.shape[1]
    return np.array([_filled(b[:n], a, k) for a, b in zip(good, broad, strict=True)])


@mix_lists.misconception(
    "You refuse items that the good list held in the places given away; are those still in the new list?"
)
def refuses_the_whole_good_list(good, broad, n):
    k = good.shape[1]
    rows = []
    for a, b in zip(good, broad, strict=True):
        new = [item for item in b if item not in a][:n]
        rows.append((list(a[: k - n]) + new + list(a[k - n :]))[:k])
    return np.array(rows)


@mix_lists.misconception("You give the last places to the end of the broad list; where do its best items stand?")
def end_of_broad(good, broad, n):
    k = good.shape[1]
    return np.array([_filled(a[: k - n], b[::-1], k) for a, b in zip(good, broad, strict=True)])


@mix_lists.misconception(
    "You take a fixed part of the broad list and leave out the doubles, so the gap is filled by the good list again."
)
def gap_filled_by_good(good, broad, n):
    k = good.shape[1]
    return np.array([_filled(_filled(a[: k - n], b[:n], k), a, k) for a, b in zip(good, broad, strict=True)])


@mix_lists.misconception("The mixed lists are sorted by id; in which order did the items stand?")
def sorted_by_id(good, broad, n):
    return np.sort(mix_lists(good, broad, n), axis=1)


@mix_lists.misconception("What you add comes in the order of its ids; which order has the broad list?")
def sorted_part(good, broad, n):
    k = good.shape[1]
    return np.array([[*a[: k - n], *np.setdiff1d(b, a[: k - n])[:n]] for a, b in zip(good, broad, strict=True)])


@mix_lists.misconception("You leave out what stands in anybody's list; whose list must an item not be in yet?")
def taken_in_any_row(good, broad, n):
    k = good.shape[1]
    taken = np.isin(broad, good[:, : k - n])
    return np.array([[*a[: k - n], *b[~t], *b[t]][:k] for a, b, t in zip(good, broad, taken, strict=True)])


@mix_lists.misconception("You return the good lists as they were; where do n places go?")
def unchanged(good, broad, n):
    return good.copy()


@mix_lists.misconception("You drop the first places of the good list; which of its places are the worth least?")
def drops_the_best(good, broad, n):
    k = good.shape[1]
    return np.array([_filled(a[n:], b, k) for a, b in zip(good, broad, strict=True)])


@mix_lists.misconception("You return the first user's list alone; how many lists are there?")
def first_user(good, broad, n):
    return mix_lists(good, broad, n)[0]


@mix_lists.misconception("You return what was added alone; where is the part of the good list that stays?")
def added_only(good, broad, n):
    k = good.shape[1]
    return mix_lists(good, broad, n)[:, k - n :]


@mix_lists.alternative
def by_dictionary(good, broad, n):
    k = good.shape[1]
    return np.array([list(dict.fromkeys([*a[: k - n], *b]))[:k] for a, b in zip(good, broad, strict=True)])


@mix_lists.alternative
def by_isin(good, broad, n):
    k = good.shape[1]
    return [np.r_[a[: k - n], b[~np.isin(b, a[: k - n])][:n]] for a, b in zip(good, broad, strict=True)]


@mix_lists.alternative
def by_a_table(good, broad, n):
    k = good.shape[1]
    out = np.empty_like(good)
    out[:, : k - n] = good[:, : k - n]
    there = (broad[:, :, None] == good[:, None, : k - n]).any(axis=2)
    for i in range(len(good)):
        out[i, k - n :] = broad[i, ~there[i]][:n]
    return out
