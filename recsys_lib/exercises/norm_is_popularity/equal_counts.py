"""Keep the same number of ratings for each item, chosen by the lots of its raters."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("equal_counts", points={"values": 2, "input kept": 1}, may_change=("lots",))
def equal_counts(ratings, per_item, lots):
    """Item by item: sort its raters by their lots, and keep the ratings of the first per_item."""
    kept = np.zeros(ratings.shape)
    for item in range(ratings.shape[1]):
        in_order = [user for user in np.argsort(lots[:, item]) if ratings[user, item] > 0]
        if len(in_order) >= per_item:
            for user in in_order[:per_item]:
                kept[user, item] = ratings[user, item]
    return kept


def _table_with_lots(rng, n_users, n_items, per_item):
    """Most items have more than `per_item` ratings, some have fewer, one has exactly as many; all lots differ."""
    sizes = rng.integers(per_item + 1, n_users + 1, n_items)
    sizes[: n_items // 4] = rng.integers(1, per_item, n_items // 4)
    sizes[-1] = per_item
    table = np.zeros((n_users, n_items))
    for item, size in enumerate(sizes):
        table[rng.permutation(n_users)[:size], item] = rng.integers(1, 6, size)
    lots = (rng.permutation(n_users * n_items) + 0.5) / (n_users * n_items)
    return table, per_item, (10 * lots).reshape(n_users, n_items).round(4)


_DRAW = np.random.default_rng(6)


@equal_counts.inputs(
    "values",
    fixed=[
        ([[5], [0], [4], [1]], 2, [[0.5], [0.1], [0.3], [0.2]]),
        ([[5, 1], [0, 4], [4, 0], [1, 2]], 2, [[7, 2], [3, 5], [4, 8], [6, 1]]),  # any numbers are lots
        ([[5, 0, 3]], 1, [[0.5, 0.1, 0.2]]),
        ([[5, 0, 3], [2, 4, 0]], 1, [[0.5, 0.1, 0.2], [0.3, 0.4, 0.6]]),
        (np.array([[5, 1, 0], [4, 0, 2], [3, 2, 0]]), 2, [[0.1, 0.3, 0.8], [0.9, 0.2, 0.4], [0.5, 0.7, 0.6]]),
        (
            [[4, 0, 3], [2, 5, 1], [0, 1, 5], [5, 2, 4]],
            2,
            [[0.9, 0.25, 0.6], [0.1, 0.8, 0.3], [0.2, 0.4, 0.7], [0.5, 0.35, 0.05]],
        ),
        (
            [[0, 3, 1, 0], [5, 0, 2, 0], [4, 1, 5, 1], [1, 2, 0, 4], [2, 5, 4, 0]],
            3,
            [
                [0.05, 0.45, 0.85, 0.1],
                [0.6, 0.2, 0.15, 0.3],
                [0.4, 0.95, 0.7, 0.9],
                [0.8, 0.35, 0.25, 0.5],
                [0.65, 0.75, 0.55, 0.02],
            ],
        ),
        _table_with_lots(_DRAW, 9, 12, 5),
        _table_with_lots(_DRAW, 14, 15, 8),
        _table_with_lots(_DRAW, 40, 15, 6),
    ],
)
def _(rng):
    found = [_table_with_lots(rng, *shape) for shape in [(7, 4, 3), (13, 16, 6), (30, 16, 9), (45, 18, 8)]]
    ratings, per_item, lots = found[1]
    return [*found, (ratings.astype(int), per_item, lots)]


def _column_by_column(ratings, per_item, choose):
    """Keep in each column that has enough ratings the rows that `choose` picks from those that rated."""
    kept = np.zeros(ratings.shape)
    for item in range(ratings.shape[1]):
        raters = np.flatnonzero(ratings[:, item])
        if len(raters) >= per_item:
            chosen = choose(raters, item)
            kept[chosen, item] = ratings[chosen, item]
    return kept


@equal_counts.misconception(
    "The places that you sorted are places among the raters, and you used them as user numbers; look up who they are."
)
def places_for_users(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda raters, item: np.argsort(lots[raters, item])[:per_item])


@equal_counts.misconception(
    "You drew among all users; draw among those who rated this item.",
    kind="misconception",
)
def drawn_from_all_users(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda _, item: np.argsort(lots[:, item])[:per_item])


@equal_counts.misconception("You kept the ratings with the largest lots; the smallest ones are asked for.")
def the_largest_lots(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda r, item: r[np.argsort(-lots[r, item])][:per_item])


@equal_counts.misconception(
    "You kept the first ratings of each item, so the same users at the top of the table decide; let the lots decide.",
    kind="misconception",
)
def the_first_ones(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda raters, _: raters[:per_item])


def _lots_of_raters(ratings, lots):
    return np.where(ratings > 0, lots, np.inf)


@equal_counts.misconception(
    "You sorted once, which gives the users in the order of their lots; to compare with `per_item` you need the place "
    "of each user in that order."
)
def sorted_once_for_place_in_column(ratings, per_item, lots):
    chosen = np.argsort(_lots_of_raters(ratings, lots), axis=0) < per_item
    return np.where(chosen & ((ratings > 0).sum(axis=0) >= per_item), ratings, 0)


def _place_in_column(values):
    """Place of each value in the order of its column, from 0."""
    return np.argsort(np.argsort(values, axis=0), axis=0)


@equal_counts.misconception(
    "Items with fewer than `per_item` ratings keep what they have, so the counts still differ; take theirs away.",
    kind="misconception",
)
def rare_items_kept(ratings, per_item, lots):
    return np.where(_place_in_column(_lots_of_raters(ratings, lots)) < per_item, ratings, 0)


@equal_counts.misconception(
    "You took everything from items that have exactly `per_item` ratings; at least that many is enough."
)
def exactly_enough_dropped(ratings, per_item, lots):
    enough = (ratings > 0).sum(axis=0) > per_item
    return np.where((_place_in_column(_lots_of_raters(ratings, lots)) < per_item) & enough, ratings, 0)


@equal_counts.misconception(
    "You removed the rare items and left the others as they are; of those, only `per_item` ratings each should stay.",
    kind="next step",
)
def only_the_rare_removed(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda raters, _: raters)


@equal_counts.misconception(
    "You took `per_item` ratings away from each item; that many should be kept.", kind="misconception"
)
def removed_instead_of_kept(ratings, per_item, lots):
    return _column_by_column(ratings, per_item, lambda r, item: r[np.argsort(lots[r, item])][per_item:])


@equal_counts.misconception(
    "You made the users equal: each row keeps the same number of ratings; it is the columns that should."
)
def per_user_instead(ratings, per_item, lots):
    return equal_counts.reference(ratings.T, per_item, lots.T).T


@equal_counts.misconception(
    "Your table says who rated and no longer how; what is kept should be the rating itself, 1 to 5."
)
def stars_lost(ratings, per_item, lots):
    return (equal_counts.reference(ratings, per_item, lots) > 0).astype(float)


@equal_counts.misconception(
    "You cut the rare items out of the table, so an item's id no longer names its column; leave a column of zeros."
)
def columns_dropped(ratings, per_item, lots):
    kept = equal_counts.reference(ratings, per_item, lots)
    return kept[:, kept.any(axis=0)]


@equal_counts.misconception(
    "You removed the ratings from `ratings` itself, so the caller's table is changed for good; work on a copy.",
    layer="input kept",
)
def removed_in_place(ratings, per_item, lots):
    ratings[...] = equal_counts.reference(ratings, per_item, lots)
    return ratings


@equal_counts.alternative
def by_places_in_the_column(ratings, per_item, lots):
    enough = (ratings > 0).sum(axis=0) >= per_item
    return np.where((_place_in_column(_lots_of_raters(ratings, lots)) < per_item) & enough, ratings, 0)


@equal_counts.alternative
def by_removing_the_rest(ratings, per_item, lots):
    kept = ratings.copy()
    for item, count in enumerate(np.count_nonzero(ratings, axis=0)):
        raters = np.flatnonzero(ratings[:, item])
        in_order = raters[np.argsort(lots[raters, item])]
        kept[in_order[per_item if count >= per_item else 0 :], item] = 0
    return kept


@equal_counts.alternative
def by_the_last_lot_that_wins(ratings, per_item, lots):
    kept = np.zeros_like(ratings)
    for item in range(len(ratings[0])):
        rated = ratings[:, item] > 0
        if rated.sum() >= per_item:
            border = np.sort(lots[rated, item])[per_item - 1]
            kept[:, item] = ratings[:, item] * (rated & (lots[:, item] <= border))
    return kept.astype(np.float32)


@equal_counts.alternative
def as_lists_of_whole_numbers(ratings, per_item, lots):
    kept = [[0] * len(row) for row in ratings]
    for item in range(len(ratings[0])):
        drawn = sorted((lots[user][item], user) for user in range(len(ratings)) if ratings[user][item])
        for _, user in drawn[:per_item] if len(drawn) >= per_item else []:
            kept[user][item] = int(ratings[user][item])
    return kept
