"""Score each item by how many people have it together with each of the user's items."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("cooccurrence_scores", points={"values": 2, "new user": 1, "input kept": 1})
def cooccurrence_scores(interactions, user):
    """Count how many people have both of two items; add the counts up over the user's items."""
    table = np.array(interactions, dtype=float)
    together = table.T @ table
    for item in range(table.shape[1]):
        together[item, item] = 0
    scores = np.zeros(table.shape[1])
    for item in range(table.shape[1]):
        if table[user, item] > 0:
            scores = scores + together[item]
    return scores


WATCHED = [[1, 1, 0, 0, 0], [1, 1, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 0, 1, 1]]
SIX_BY_FOUR = [[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0], [0, 1, 0, 1], [1, 0, 1, 1], [1, 1, 0, 1]]
SQUARE = [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [1, 1, 0, 1]]
MANY = np.tile(np.array(WATCHED), (140, 1))  # two items have more people in common than a byte can count
THREE_BY_SIX = [[1, 1, 0, 1, 0, 1], [0, 1, 1, 1, 0, 0], [1, 1, 1, 0, 1, 0]]


def _interactions(rng, m, n):
    """0/1 rows; everyone has two items or more, and items 0 and 1 are popular."""
    table = (rng.random((m, n)) < 0.35).astype(float)
    table[np.arange(m), rng.integers(n, size=m)] = 1
    table[:, :2] = np.maximum(table[:, :2], rng.random((m, 2)) < 0.7)
    few = np.flatnonzero(table.sum(axis=1) < 2)
    table[few, :2] = 1
    return table


@cooccurrence_scores.inputs(
    "values",
    fixed=[
        (np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]]), 0),
        ([[1, 1, 0], [1, 1, 1], [0, 1, 1], [1, 0, 0]], 0),
        (SQUARE, 0),
        (WATCHED, 0),
        (WATCHED, 2),
        (SIX_BY_FOUR, 1),
        (THREE_BY_SIX, 1),
        (MANY, 0),
    ],
)
def _(rng):
    shapes = [(6, 4), (5, 5), (9, 12), (40, 25), (7, 6)]
    found = [(_interactions(rng, m, n), int(rng.integers(min(m, n)))) for m, n in shapes]
    return [*found[:-1], (found[-1][0].astype(np.int64), found[-1][1])]


@cooccurrence_scores.inputs(
    "new user",
    fixed=[
        ([[0, 0, 0], [1, 1, 0], [0, 1, 1]], 0),
        ([[0, 1, 0], [1, 1, 0], [0, 1, 1]], 0),
        ([[1, 0, 0], [0, 1, 1], [0, 1, 1]], 0),
        ([*WATCHED, [0, 0, 0, 0, 0]], 4),
        ([*WATCHED, [0, 0, 1, 0, 0]], 4),
        ([*WATCHED, [1, 0, 0, 0, 1]], 4),
        ([*SIX_BY_FOUR, [0, 0, 0, 0]], 6),
        ([*SIX_BY_FOUR, [0, 0, 0, 0]], 3),
        ([*SIX_BY_FOUR, [0, 0, 0, 1]], 6),
    ],
)
def _(rng):
    found = []
    for m, n in [(5, 6), (8, 5)]:
        table, user = _interactions(rng, m, n), int(rng.integers(m))
        new, one = table.copy(), table.copy()
        new[user] = 0
        one[user] = 0
        one[user, 1] = 1
        found += [(new, user), (one, user), (table, user)]
    return found


def _floats(table):
    """Make a table of floats, as most answers do somewhere; a float fits a whole number as well."""
    return table.astype(float)


def _together(table):
    counts = _floats(table).T @ table
    np.fill_diagonal(counts, 0)
    return counts


@cooccurrence_scores.misconception(
    "Each item is counted as its own companion, so the user's own items score too high; what stands on the diagonal?"
)
def diagonal_kept(interactions, user):
    return interactions[user] @ (_floats(interactions).T @ interactions)


@cooccurrence_scores.misconception(
    "You compared users with users: one number for each user came out; the table to build is items by items."
)
def users_by_users(interactions, user):
    shared = _floats(interactions) @ interactions.T
    np.fill_diagonal(shared, 0)
    return shared[user]


@cooccurrence_scores.misconception(
    "You added up the rows of like-minded users without the user's own row; the scores of unseen items come out right, "
    "but the ones on the user's own items do not.",
    kind="misconception",
)
def neighbours_without_self(interactions, user):
    shared = _floats(interactions) @ interactions[user]
    shared[user] = 0
    return shared @ interactions


@cooccurrence_scores.misconception(
    "You took the user's number for an item's number: that is one row of the items' table, not the rows of their items."
)
def user_taken_for_item(interactions, user):
    together = _together(interactions)
    return together[user % len(together)]


@cooccurrence_scores.misconception(
    "You used the 0s and 1s of the user's row as item numbers, so items 0 and 1 were taken again and again; "
    "at which places do the 1s stand?"
)
def zeros_and_ones_as_ids(interactions, user):
    return _together(interactions)[interactions[user]].sum(axis=0)  # an error where the 0s and 1s are floats


@cooccurrence_scores.misconception(
    "You counted everybody who shares anything with the user once; someone who shares three items should count thrice.",
    kind="misconception",
)
def neighbours_counted_once(interactions, user):
    shares = interactions @ interactions[user] > 0
    shares[user] = False
    return _floats(interactions)[shares].sum(axis=0)


@cooccurrence_scores.misconception(
    "You added up the whole table of pairs, so everybody gets the same scores; add the rows of this user's items."
)
def all_rows_added(interactions, user):
    return _together(interactions).sum(axis=0)


@cooccurrence_scores.misconception(
    "You counted how many people have each item: that is popularity, the same for every user.", kind="misconception"
)
def popularity(interactions, user):
    return _floats(interactions).sum(axis=0)


@cooccurrence_scores.misconception("You averaged over the user's items; the sum is asked for.")
def mean_over_items(interactions, user):
    return interactions[user] @ _together(interactions) / max(interactions[user].sum(), 1)


@cooccurrence_scores.misconception(
    "Your counts say only whether two items were ever taken together; how many people took both should count."
)
def ever_together(interactions, user):
    return interactions[user] @ (_together(interactions) > 0).astype(float)


@cooccurrence_scores.misconception(
    "You struck out the items that the user has; scores are for every item, and leaving out what was seen comes later."
)
def own_items_struck_out(interactions, user):
    return interactions[user] @ _together(interactions) * (interactions[user] == 0)


@cooccurrence_scores.misconception(
    "You set the user's items to minus infinity; scores are for every item, and leaving out what was seen comes later."
)
def own_items_minus_infinity(interactions, user):
    return np.where(interactions[user] > 0, -np.inf, interactions[user] @ _together(interactions))


@cooccurrence_scores.misconception(
    "You left the user's own row out of the counting; the table of pairs counts everybody.", kind="misconception"
)
def counted_without_the_user(interactions, user):
    return interactions[user] @ _together(np.delete(interactions, user, axis=0))


@cooccurrence_scores.misconception("Your scores hold the last of the user's items only; does your loop add up?")
def last_item_only(interactions, user):
    if not interactions[user].any():
        return np.zeros(interactions.shape[1])
    return _together(interactions)[np.flatnonzero(interactions[user])[-1]]


@cooccurrence_scores.misconception(
    "You took 1 off the diagonal; an item appears with itself as often as it was taken, and all of that should go."
)
def identity_subtracted(interactions, user):
    return interactions[user] @ (interactions.T @ interactions - np.eye(interactions.shape[1]))


@cooccurrence_scores.misconception(
    "This is the table of all pairs; now add up the rows that belong to the user's items.", kind="next step"
)
def whole_table(interactions, user):
    return _together(interactions)


@cooccurrence_scores.misconception("These are the rows of the user's items; now add them up, item by item.")
def rows_not_added(interactions, user):
    return _together(interactions)[interactions[user] > 0]


@cooccurrence_scores.misconception(
    "You added along the wrong direction: one number for each of the user's items came out, not one for each item."
)
def added_the_wrong_way(interactions, user):
    return _together(interactions)[interactions[user] > 0].sum(axis=1)


@cooccurrence_scores.misconception(
    "You added up the items that the user does not have; start from the ones that they have."
)
def items_not_had(interactions, user):
    return (1 - interactions[user]) @ _together(interactions)


@cooccurrence_scores.misconception(
    "You divided the counts by how often the items were taken; here the plain counts are asked for.",
    kind="misconception",
)
def item_cosine(interactions, user):
    lengths = np.maximum(np.linalg.norm(interactions, axis=0), 1)
    return interactions[user] @ (_together(interactions) / np.outer(lengths, lengths))


@cooccurrence_scores.misconception(
    "For a user without items you raise an error; they share an item with nobody, so every score is 0.",
    layer="new user",
)
def new_user_refused(interactions, user):
    if not interactions[user].any():
        raise ValueError("no items")
    return interactions[user] @ _together(interactions)


@cooccurrence_scores.misconception(
    "For a user without items a single number comes back; one score for each item is asked for.",
    layer="new user",
)
def single_zero_for_new_user(interactions, user):
    return interactions[user] @ _together(interactions) if interactions[user].any() else 0


@cooccurrence_scores.misconception(
    "The user's row of the table is changed after the call; a row that you pick out is a view, not a copy.",
    layer="input kept",
)
def row_as_accumulator(interactions, user):
    together = _together(interactions)
    scores = interactions[user]
    scores[:] = scores @ together
    return scores


@cooccurrence_scores.alternative
def cooccurrence_vectorised(interactions, user):
    together = interactions.T @ interactions
    np.fill_diagonal(together, 0)
    return together[interactions[user] > 0].sum(axis=0)


@cooccurrence_scores.alternative
def cooccurrence_by_people(interactions, user):
    scores = np.zeros(interactions.shape[1])
    for row in interactions:
        for j in np.flatnonzero(row):
            scores[j] += row @ interactions[user] - interactions[user, j]
    return scores.tolist()


@cooccurrence_scores.alternative
def cooccurrence_without_the_table(interactions, user):
    own = interactions[user].astype(np.float32)
    return interactions.T.astype(np.float32) @ (interactions @ own) - interactions.sum(axis=0) * own


@cooccurrence_scores.alternative
def cooccurrence_in_whole_numbers(interactions, user):
    from scipy.sparse import csr_array

    table = csr_array(interactions.astype(int))
    together = (table.T @ table).tolil()
    together.setdiag(0)
    return together.toarray()[:, interactions[user].astype(bool)].sum(axis=1)
