"""Count for each item in how many lists of nearest others it stands."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise(
    "k_occurrence", points={"values": 3, "too few": 1}, instead_of=("k_occurrence", "euclidean_distances", "top_k")
)
def k_occurrence(items, k):
    """Sort the others of each item by squared distance, the lower id first, and count those that come first."""
    n = len(items)
    if k > n - 1:
        raise ValueError(f"{k} others are asked for, and there are {n - 1}")
    counts = np.zeros(n, dtype=int)
    for i in range(n):
        nearest = np.argsort(np.sum((items - items[i]) ** 2, axis=1), kind="stable")
        counts[nearest[nearest != i][:k]] += 1
    return counts


@k_occurrence.inputs(
    "values",
    fixed=[
        ([[0], [1], [3], [7]], 1),
        ([[0, 0], [1, 0], [5, 5], [5, 6], [9, 0]], 2),
        ([[2, 2], [2, 2], [0, 0], [2, 2], [4, 1]], 1),  # three at the same place
        ([[0, 0], [3, 0], [0, 3], [-3, 0], [0, -3], [1, 1]], 2),
        ([[0.2, 1.5], [1.1, -0.4], [0.3, 1.1], [2.6, 0.4], [-1.3, 0.3], [0.9, 0.7]], 3),
        ([[1], [1], [1], [2], [2], [9]], 3),
        ([[0, 1, 0], [2, 0, 1], [1, 1, 1], [0, 0, 5], [6, 1, 0], [1, 2, 1], [1, 0, 1]], 4),
        ([[10, 0], [0, 1], [0, 2], [0, 4], [0, 7]], 1),
        (np.random.default_rng(1).integers(0, 4, (30, 2)).astype(float), 5),  # many are tied for the last place
    ],
)
def _(rng):
    found = [(rng.normal(size=(n, d)) * rng.uniform(0.5, 2), k) for n, d, k in [(7, 2, 2), (12, 5, 3), (25, 8, 5)]]
    found.append((np.append(rng.normal(size=(6, 2)), [[30, 30]], axis=0), 2))  # the last item is nobody's neighbour
    found += [(rng.integers(0, 4, (n, d)).astype(float), k) for n, d, k in [(9, 2, 2), (14, 3, 4), (40, 2, 5)]]
    return found


@k_occurrence.inputs(
    "too few",
    fixed=[
        ([[0], [1], [3]], 3),
        ([[0], [1], [3]], 2),
        ([[0], [1], [3]], 1),
        ([[4, 1], [0, 2], [5, 5], [1, 1]], 1),
        ([[4, 1], [0, 2]], 1),
        ([[4, 1], [0, 2]], 2),
        ([[4, 1], [0, 2], [5, 5], [1, 1]], 5),
        ([[4, 1], [0, 2], [5, 5], [1, 1]], 3),
    ],
)
def _(rng):
    found = []
    for n, d in [(4, 2), (6, 3)]:
        items = rng.normal(size=(n, d))
        found += [(items, n - 1), (items, n), (items, n - 2), (items, 1), (items, n + 2)]
    return found


def _need_others(items, k):
    if k > len(items) - 1:
        raise ValueError("too few")


def _squared(items):
    return np.sum((items[:, None] - items[None]) ** 2, axis=2)


def _count(lists, n):
    return np.bincount(np.asarray(lists).ravel(), minlength=n)


def _lists(table, k):
    return np.argsort(table, axis=1, kind="stable")[:, :k]


def _without_self(table):
    table = np.array(table, dtype=float)
    np.fill_diagonal(table, np.inf)
    return table


@k_occurrence.misconception(
    "Every item counts itself among its nearest; at which distance does each item find itself?", kind="misconception"
)
def counts_itself(items, k):
    _need_others(items, k)
    return _count(_lists(_squared(items), k), len(items))


@k_occurrence.misconception(
    "You drop the first of each list as if it were the item itself; who comes first where two lie at the same place?"
)
def first_dropped(items, k):
    _need_others(items, k)
    return _count(np.argsort(_squared(items), axis=1, kind="stable")[:, 1 : k + 1], len(items))


@k_occurrence.misconception(
    "Others at exactly the same place are left off your lists; is whatever has a distance of 0 the item itself?"
)
def same_place_left_out(items, k):
    _need_others(items, k)
    table = _squared(items).astype(float)
    return _count(_lists(np.where(table == 0, np.inf, table), k), len(items))


@k_occurrence.misconception(
    "All your counts are k, which is how many stand on an item's own list; on whose lists should you look for it?",
    kind="misconception",
)
def out_degree(items, k):
    _need_others(items, k)
    return np.full(len(items), k)


@k_occurrence.misconception("Your lists hold the farthest others; which way does the sort go?")
def farthest(items, k):
    _need_others(items, k)
    table = _squared(items)
    np.fill_diagonal(table, -1)
    return _count(_lists(-table, k), len(items))


@k_occurrence.misconception("Your lists are made by dot product; the prompt asks for the straight-line distance.")
def by_dot_product(items, k):
    _need_others(items, k)
    return _count(_lists(_without_self(-(items @ items.T)), k), len(items))


@k_occurrence.misconception(
    "You take the dot product from the two squared lengths once; how often does it stand in |x - y|²?"
)
def two_forgotten(items, k):
    _need_others(items, k)
    squares = np.sum(items * items, axis=1)
    return _count(_lists(_without_self(squares[:, None] + squares - items @ items.T), k), len(items))


@k_occurrence.misconception("You sum absolute differences; the straight-line distance squares them first.")
def city_block(items, k):
    _need_others(items, k)
    return _count(_lists(_without_self(np.abs(items[:, None] - items[None]).sum(axis=2)), k), len(items))


@k_occurrence.misconception("Of two at the same distance the higher id is nearer in your lists.")
def higher_id_first(items, k):
    _need_others(items, k)
    n = len(items)
    table = _without_self(_squared(items))[:, ::-1]
    return _count(n - 1 - _lists(table, k), n)


@k_occurrence.misconception(
    "Where others are tied for the last place of a list, you take any of them; what does a partial sort promise about "
    "equal ones?"
)
def partly_sorted(items, k):
    _need_others(items, k)
    return _count(np.argpartition(_without_self(_squared(items)), k - 1, axis=1)[:, :k], len(items))


@k_occurrence.misconception("All that are as near as the last one are on your lists; how many places has a list?")
def ties_all_in(items, k):
    _need_others(items, k)
    table = _without_self(_squared(items))
    border = np.sort(table, axis=1)[:, k - 1]
    return np.sum(table <= border[:, None], axis=0)


@k_occurrence.misconception("Your lists are one short; how many others are asked for?")
def one_short(items, k):
    _need_others(items, k)
    return _count(_lists(_without_self(_squared(items)), k - 1), len(items))


@k_occurrence.misconception(
    "You count the last place of each list alone; the others on a list stand in it, too, so what is the sum of counts?"
)
def last_place_alone(items, k):
    _need_others(items, k)
    return _count(_lists(_without_self(_squared(items)), k)[:, -1], len(items))


@k_occurrence.misconception("Your lists are one too long; is the item itself still counted as one of the k?")
def one_too_long(items, k):
    _need_others(items, k)
    return _count(_lists(_without_self(_squared(items)), k + 1)[:, : min(k + 1, len(items) - 1)], len(items))


@k_occurrence.misconception("Your result ends with the last item that is on a list; what about items that are on none?")
def bincount_without_length(items, k):
    _need_others(items, k)
    return np.bincount(_lists(_without_self(_squared(items)), k).ravel())


@k_occurrence.misconception("You return counts in order of size; which item does each of them belong to?")
def sorted_counts(items, k):
    return np.sort(k_occurrence(items, k))[::-1]


@k_occurrence.misconception("You return shares; the prompt asks for whole numbers.", kind="next step")
def shares(items, k):
    return k_occurrence(items, k) / (len(items) * k)


@k_occurrence.misconception("You return the lists themselves; how often does each id stand in them?", kind="next step")
def lists_themselves(items, k):
    _need_others(items, k)
    return _lists(_without_self(_squared(items)), k)


@k_occurrence.misconception(
    "Where there are fewer than k others, no error is raised; what can a list of k then hold?", layer="too few"
)
def too_few_ignored(items, k):
    n = len(items)
    return _count(_lists(_without_self(_squared(items)), min(k, n - 1)), n)


@k_occurrence.misconception(
    "You compare k with the number of items; how many others has each of them?", layer="too few"
)
def compared_with_items(items, k):
    if k > len(items):
        raise ValueError("too few")
    return _count(_lists(_without_self(_squared(items)), min(k, len(items))), len(items))


@k_occurrence.misconception("You raise also where there are exactly k others; is that too few?", layer="too few")
def exactly_enough_refused(items, k):
    if k >= len(items) - 1:
        raise ValueError("too few")
    return k_occurrence(items, k)


@k_occurrence.alternative
def with_infinity(items, k):
    _need_others(items, k)
    return _count(_lists(_without_self(_squared(items)), k), len(items))


@k_occurrence.alternative
def with_add_at(items, k):
    n = len(items)
    if n - 1 < k:
        raise ValueError
    counts = np.zeros(n, dtype=np.int64)
    distances = np.sqrt(_squared(items))
    for i in range(n):
        order = [j for j in np.argsort(distances[i], kind="stable") if j != i]
        np.add.at(counts, order[:k], 1)
    return counts


@k_occurrence.alternative
def with_lexsort(items, k):
    n = len(items)
    if k >= n:
        raise ValueError("fewer than k others")
    counts = [0] * n
    for i, row in enumerate(_squared(items)):
        others = np.delete(np.arange(n), i)
        for j in others[np.lexsort((others, row[others]))][:k]:
            counts[j] += 1
    return counts
