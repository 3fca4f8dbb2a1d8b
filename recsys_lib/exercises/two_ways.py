"""Lesson 1: candidates by what an item is like, candidates by who liked it, and a list of the best k."""

from __future__ import annotations

import heapq

import numpy as np

from recsys_lib.checks.definition import exercise


def ids(*numbers):
    """Item ids as an array of whole numbers, also where there is none."""
    return np.array(numbers, dtype=np.int64)


# --- content-based, collaborative, or neither? -------------------------------------------------------------------


@exercise("classify", kind="answer", points={"values": 1}, choices={"*": ["content-based", "collaborative", "neither"]})
def classify():
    """Ask where the knowledge comes from: from the item, from other people's choices, or not from you at all."""
    return {
        "a": "content-based",
        "b": "collaborative",
        "c": "content-based",
        "d": "neither",
        "e": "collaborative",
        "f": "neither",
    }


classify.wrong_choice(
    "In a the shop knows one thing about the book, its subject; did it need to ask what other readers bought?",
    {"a": "collaborative"},
)
classify.wrong_choice(
    "In b the two products are alike only in being bought together; would a description of a phone lead to a cable?",
    {"b": "content-based"},
)
classify.wrong_choice(
    "In c nobody has heard the song yet, so there are no listeners to learn from; what is left to compare?",
    {"c": "collaborative"},
)
classify.wrong_choice(
    "In d people were counted, but nothing depends on you: does anyone get another list?", {"d": "collaborative"}
)
classify.wrong_choice(
    "In e the gardening film is like nothing that you watched; what links you to it?", {"e": "content-based"}
)
classify.wrong_choice(
    "In f the critic's taste is not compared with yours, nor the film with the films you liked.", {"f": "content-based"}
)
classify.wrong_choice(
    "In f one person chose for everybody; collaborative filtering looks for the people whose choices resemble yours.",
    {"f": "collaborative"},
)
classify.wrong_choice(
    "In d it does not matter what the films are about; would the list change if all their genres did?",
    {"d": "content-based"},
)


@classify.alternative
def _in_capitals():
    return {key: value.upper() for key, value in classify.reference().items()}


@classify.alternative
def _turned_round():
    return dict(reversed(list(classify.reference().items())))


@classify.alternative
def _with_a_note():
    return {**classify.reference(), "note": "d and f are the same for everybody"}


# --- genre scores ------------------------------------------------------------------------------------------------


@exercise("genre_scores", points={"values": 2, "no direction": 1})
def genre_scores(liked, item_genres):
    """Average the rows of the liked items, and take the cosine of that profile with every row."""
    genres = np.asarray(item_genres, dtype=float)
    if len(liked) == 0:
        raise ValueError("liked is empty: there is no profile to compare with")
    lengths = np.sqrt(np.sum(genres**2, axis=1))
    if np.any(lengths == 0):
        raise ValueError("an item has no genre, so it has no direction")
    profile = np.zeros(genres.shape[1])
    for item in liked:
        profile = profile + genres[item] / len(liked)
    return genres @ profile / (lengths * np.sqrt(np.sum(profile**2)))


FIVE_VIDEOS = [[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1]]
SIX_FILMS = [[1, 0, 1], [1, 1, 0], [0, 1, 0], [1, 1, 1], [0, 0, 1], [0, 1, 1]]


@genre_scores.inputs(
    "values",
    fixed=[
        (ids(0), [[1, 1], [1, 0], [0, 1]]),
        (ids(0, 1), [[1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 1, 1]]),
        (ids(1, 0), FIVE_VIDEOS),
        (ids(2, 3, 1), SIX_FILMS),
        (ids(0, 4), SIX_FILMS),
        (ids(0, 1, 3, 5), SIX_FILMS),
    ],
)
def _(rng):
    found = []
    for n, g, m in [(5, 3, 2), (4, 4, 3), (12, 5, 4), (60, 8, 7)]:
        found.append((_some(rng, n, m), _genres(rng, n, g)))
    return found


def _some(rng, n, m):
    return rng.permutation(n)[:m].astype(np.int64)


def _genres(rng, n, g):
    """0/1 rows, none of them empty."""
    table = (rng.random((n, g)) < 0.4).astype(float)
    table[np.arange(n), rng.integers(g, size=n)] = 1
    return table


@genre_scores.inputs(
    "no direction",
    fixed=[
        (ids(), [[1, 0], [1, 1], [0, 1]]),
        (ids(2), [[1, 0], [1, 1], [0, 1]]),
        (ids(0), [[1, 1], [0, 0], [0, 1]]),
        (ids(0, 1), [[1, 0, 0], [1, 0, 1], [1, 1, 0]]),
        (ids(0, 1), [[1, 1, 0], [0, 0, 0], [0, 1, 0]]),
        (ids(0, 1), [[1, 1, 0], [0, 1, 0], [1, 0, 0]]),
        (ids(), FIVE_VIDEOS),
        (ids(3), FIVE_VIDEOS),
        (ids(2, 4), [*SIX_FILMS, [0, 0, 0]]),
        (ids(2, 4), [*SIX_FILMS, [0, 0, 1]]),
        (ids(6, 2), [*SIX_FILMS, [0, 0, 0]]),
        (ids(6, 2), [[*row, 0] for row in [*SIX_FILMS, [0, 1, 0]]]),
        (ids(3, 4), [*FIVE_VIDEOS[:4], [0, 0, 0, 0]]),
    ],
)
def _(rng):
    found = []
    for n, g in [(6, 3), (9, 5)]:
        table = _genres(rng, n, g)
        with_empty = table.copy()
        with_empty[rng.integers(n)] = 0
        unused = np.hstack([table, np.zeros((n, 1))])
        found += [(_some(rng, n, 2), with_empty), (ids(), table), (_some(rng, n, 1), table), (_some(rng, n, 3), unused)]
    return found


def _lengths(genres):
    return np.linalg.norm(genres, axis=1)


def _cosine(profile, genres):
    return genres @ profile / (_lengths(genres) * np.linalg.norm(profile))


def _refuse(liked, genres):
    if len(liked) == 0 or not genres.any(axis=1).all():
        raise ValueError("no direction")


@genre_scores.misconception("Your profile averages all the items; the user liked only some of them.")
def profile_of_everything(liked, item_genres):
    _refuse(liked, item_genres)
    return _cosine(item_genres.mean(axis=0), item_genres)


@genre_scores.misconception(
    "You added up the shared genres and divided by no length, so a film that ticks many boxes scores high; "
    "which two lengths does a cosine divide by?"
)
def dot_only(liked, item_genres):
    _refuse(liked, item_genres)
    return item_genres @ item_genres[liked].mean(axis=0)


@genre_scores.misconception(
    "You counted genres over the liked items and left it at that; a cosine of the mean row is asked for, "
    "and it divides by two lengths."
)
def raw_counts(liked, item_genres):
    _refuse(liked, item_genres)
    counts = sum((item_genres[i] for i in liked), np.zeros(item_genres.shape[1])) + 0.0
    return item_genres @ counts


@genre_scores.misconception("You divided by the length of the profile but not by the length of each item's row.")
def item_lengths_forgotten(liked, item_genres):
    _refuse(liked, item_genres)
    profile = item_genres[liked].mean(axis=0)
    return item_genres @ profile / np.linalg.norm(profile)


@genre_scores.misconception("You divided by the length of each item's row but not by the length of the profile.")
def profile_length_forgotten(liked, item_genres):
    _refuse(liked, item_genres)
    return item_genres @ item_genres[liked].mean(axis=0) / _lengths(item_genres)


@genre_scores.misconception(
    "You divided by one length for the whole table; how many lengths does a table of n items have?"
)
def one_length_for_all(liked, item_genres):
    _refuse(liked, item_genres)
    profile = item_genres[liked].mean(axis=0)
    return item_genres @ profile / (np.linalg.norm(item_genres) * np.linalg.norm(profile))


@genre_scores.misconception(
    "You divided by the number of genres of an item; its length is the square root of that number."
)
def divided_by_number_of_genres(liked, item_genres):
    _refuse(liked, item_genres)
    profile = item_genres[liked].mean(axis=0)
    return item_genres @ profile / (item_genres.sum(axis=1) * np.linalg.norm(profile))


@genre_scores.misconception(
    "You forgot the roots: both lengths went in squared, so films with many genres are punished twice."
)
def lengths_squared(liked, item_genres):
    _refuse(liked, item_genres)
    profile = item_genres[liked].mean(axis=0)
    return item_genres @ profile / ((item_genres**2).sum(axis=1) * (profile**2).sum())


@genre_scores.misconception(
    "You gave the liked items no chance; scores are for every item, and leaving out what was seen comes later."
)
def liked_struck_out(liked, item_genres):
    _refuse(liked, item_genres)
    scores = _cosine(item_genres[liked].mean(axis=0), item_genres)
    scores[liked] = 0
    return scores


@genre_scores.misconception(
    "You set the liked items to minus infinity; scores are for every item, and leaving out what was seen comes later."
)
def liked_set_to_minus_infinity(liked, item_genres):
    _refuse(liked, item_genres)
    scores = _cosine(item_genres[liked].mean(axis=0), item_genres)
    scores[liked] = -np.inf
    return scores


@genre_scores.misconception(
    "You averaged the cosines with each liked item; average the rows first, and take one cosine.", kind="misconception"
)
def mean_of_cosines(liked, item_genres):
    _refuse(liked, item_genres)
    return np.mean([_cosine(item_genres[i], item_genres) for i in liked], axis=0)


@genre_scores.misconception(
    "You kept the cosine with the most similar liked item; the prompt asks for the mean row.", kind="misconception"
)
def nearest_liked(liked, item_genres):
    _refuse(liked, item_genres)
    return np.max([_cosine(item_genres[i], item_genres) for i in liked], axis=0)


@genre_scores.misconception(
    "Your profile only says which genres occur, not how often; a genre that all liked items share should count more.",
    kind="misconception",
)
def profile_without_counts(liked, item_genres):
    _refuse(liked, item_genres)
    return _cosine(item_genres[liked].max(axis=0), item_genres)


@genre_scores.misconception("Your profile holds only genres that all the liked items share; take the mean instead.")
def profile_of_shared_genres(liked, item_genres):
    _refuse(liked, item_genres)
    profile = item_genres[liked].min(axis=0)
    return item_genres @ profile / np.maximum(_lengths(item_genres) * np.linalg.norm(profile), 1e-12)


@genre_scores.misconception("Only one of the liked items went into your profile; all of them should.")
def first_liked_only(liked, item_genres):
    _refuse(liked, item_genres)
    return _cosine(item_genres[liked[0]], item_genres)


@genre_scores.misconception("Your profile holds the last liked item only; does your loop overwrite or add up?")
def last_liked_only(liked, item_genres):
    _refuse(liked, item_genres)
    return _cosine(item_genres[liked[-1]], item_genres)


@genre_scores.misconception("You scored the liked items only; every item of the table needs a score.")
def scores_of_liked_only(liked, item_genres):
    _refuse(liked, item_genres)
    return _cosine(item_genres[liked].mean(axis=0), item_genres[liked])


@genre_scores.misconception(
    "This is the profile, the mean of the liked rows; now compare it with every item.", kind="next step"
)
def profile_only(liked, item_genres):
    _refuse(liked, item_genres)
    return item_genres[liked].mean(axis=0)


@genre_scores.misconception("You brought each liked row to length one before averaging; average the rows as they are.")
def profile_of_unit_rows(liked, item_genres):
    _refuse(liked, item_genres)
    rows = item_genres[liked]
    return _cosine((rows / np.linalg.norm(rows, axis=1, keepdims=True)).mean(axis=0), item_genres)


@genre_scores.misconception(
    "You averaged all the numbers of the liked rows into one; the profile has one number for each genre."
)
def one_number_profile(liked, item_genres):
    _refuse(liked, item_genres)
    return item_genres * item_genres[liked].mean()


@genre_scores.misconception(
    "You returned distances from the profile, where small means alike; a cosine is asked for.", kind="misconception"
)
def distance_from_profile(liked, item_genres):
    _refuse(liked, item_genres)
    return np.linalg.norm(item_genres - item_genres[liked].mean(axis=0), axis=1)


@genre_scores.misconception(
    "Your profile adds up to one, which is not the same as having length one, and the items were not scaled at all."
)
def profile_in_shares(liked, item_genres):
    _refuse(liked, item_genres)
    profile = item_genres[liked].mean(axis=0)
    return item_genres @ profile / profile.sum()


@genre_scores.misconception("You returned item numbers in order; one score for each item is asked for.")
def order_instead_of_scores(liked, item_genres):
    _refuse(liked, item_genres)
    return np.argsort(-np.round(_cosine(item_genres[liked].mean(axis=0), item_genres), 9), kind="stable")


@genre_scores.misconception(
    "NaN comes out where there is nothing to divide by: a user who liked nothing, an item without a genre. "
    "Which error does the prompt ask for?",
    layer="no direction",
)
def nan_let_through(liked, item_genres):
    with np.errstate(all="ignore"):
        if len(liked) == 0:
            return np.full(len(item_genres), np.nan)
        return _cosine(item_genres[liked].mean(axis=0), item_genres)


@genre_scores.misconception(
    "You give 0 where there is no direction, which looks like an opinion; the prompt asks for an error.",
    layer="no direction",
    kind="misconception",
)
def zero_for_no_direction(liked, item_genres):
    with np.errstate(all="ignore"):
        if len(liked) == 0:
            return np.zeros(len(item_genres))
        return np.nan_to_num(_cosine(item_genres[liked].mean(axis=0), item_genres))


@genre_scores.misconception(
    "You refuse the user who liked nothing; what about an item that has no genre?", layer="no direction"
)
def only_nothing_liked_refused(liked, item_genres):
    if len(liked) == 0:
        raise ValueError("nothing liked")
    return nan_let_through(liked, item_genres)


@genre_scores.misconception(
    "You refuse an item without a genre; what about a user who liked nothing?", layer="no direction"
)
def only_empty_item_refused(liked, item_genres):
    if not item_genres.any(axis=1).all():
        raise ValueError("no genre")
    return nan_let_through(liked, item_genres)


@genre_scores.misconception(
    "You refuse an item without a genre only if it was liked; every item is scored, so each needs a direction.",
    layer="no direction",
)
def only_empty_liked_item_refused(liked, item_genres):
    if len(liked) == 0 or not item_genres[liked].any(axis=1).all():
        raise ValueError("no genre")
    return nan_let_through(liked, item_genres)


@genre_scores.misconception(
    "You also refuse a table in which a genre is used by no item; that column is empty, but no item is.",
    layer="no direction",
)
def unused_genre_refused(liked, item_genres):
    _refuse(liked, item_genres)
    if not item_genres.any(axis=0).all():
        raise ValueError("unused genre")
    return _cosine(item_genres[liked].mean(axis=0), item_genres)


@genre_scores.misconception(
    "You also refuse items that share no genre with the profile; they have a direction, and their cosine is 0.",
    layer="no direction",
)
def nothing_shared_refused(liked, item_genres):
    _refuse(liked, item_genres)
    scores = _cosine(item_genres[liked].mean(axis=0), item_genres)
    if np.any(scores == 0):
        raise ValueError("nothing shared")
    return scores


@genre_scores.alternative
def genre_scores_vectorised(liked, item_genres):
    _refuse(liked, item_genres)
    return _cosine(item_genres[liked].sum(axis=0), item_genres)


@genre_scores.alternative
def genre_scores_with_loops(liked, item_genres):
    _refuse(liked, item_genres)
    table = [list(map(float, row)) for row in item_genres]
    profile = [sum(table[i][g] for i in liked) / len(liked) for g in range(len(table[0]))]
    length = sum(x * x for x in profile) ** 0.5
    return [
        sum(a * b for a, b in zip(row, profile, strict=True)) / (length * sum(a * a for a in row) ** 0.5)
        for row in table
    ]


@genre_scores.alternative
def genre_scores_by_scipy(liked, item_genres):
    from scipy.spatial.distance import cdist

    if len(liked) == 0 or (item_genres.sum(axis=1) == 0).any():
        raise ValueError("no direction")
    return 1 - cdist(item_genres[liked].mean(axis=0)[None], item_genres, "cosine")[0]


@genre_scores.alternative
def genre_scores_in_float32(liked, item_genres):
    _refuse(liked, item_genres)
    unit = (item_genres / _lengths(item_genres)[:, None]).astype(np.float32)
    profile = item_genres[liked].mean(axis=0).astype(np.float32)
    return np.einsum("ng,g->n", unit, profile / np.sqrt((profile**2).sum()))


# --- co-occurrence scores ----------------------------------------------------------------------------------------


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
THREE_BY_SIX = [[1, 1, 0, 1, 0, 1], [0, 1, 1, 1, 0, 0], [1, 1, 1, 0, 1, 0]]


@cooccurrence_scores.inputs(
    "values",
    fixed=[
        ([[1, 1, 0], [1, 1, 1], [0, 1, 1], [1, 0, 0]], 0),
        (SQUARE, 0),
        (WATCHED, 0),
        (WATCHED, 2),
        (SIX_BY_FOUR, 1),
        (THREE_BY_SIX, 1),
    ],
)
def _(rng):
    return [(_interactions(rng, m, n), int(rng.integers(min(m, n)))) for m, n in [(6, 4), (5, 5), (9, 12), (40, 25)]]


def _interactions(rng, m, n):
    """0/1 rows; everyone has two items or more, and items 0 and 1 are popular."""
    table = (rng.random((m, n)) < 0.35).astype(float)
    table[np.arange(m), rng.integers(n, size=m)] = 1
    table[:, :2] = np.maximum(table[:, :2], rng.random((m, 2)) < 0.7)
    few = np.flatnonzero(table.sum(axis=1) < 2)
    table[few, :2] = 1
    return table


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


def _together(table):
    counts = table.T @ table
    np.fill_diagonal(counts, 0)
    return counts


@cooccurrence_scores.misconception(
    "Each item is counted as its own companion, so the user's own items score too high; what stands on the diagonal?"
)
def diagonal_kept(interactions, user):
    return interactions[user] @ (interactions.T @ interactions)


@cooccurrence_scores.misconception(
    "You compared users with users: one number for each user came out; the table to build is items by items."
)
def users_by_users(interactions, user):
    shared = interactions @ interactions.T
    np.fill_diagonal(shared, 0)
    return shared[user]


@cooccurrence_scores.misconception(
    "You compared the user with every user, themselves included; the table to build is items by items."
)
def users_by_users_with_self(interactions, user):
    return interactions @ interactions[user]


@cooccurrence_scores.misconception(
    "You added up the rows of like-minded users without the user's own row; the scores of unseen items come out right, "
    "but the ones on the user's own items do not.",
    kind="misconception",
)
def neighbours_without_self(interactions, user):
    shared = interactions @ interactions[user]
    shared[user] = 0
    return shared @ interactions


@cooccurrence_scores.misconception(
    "You took the user's number for an item's number: that is one row of the items' table, not the rows of their items."
)
def user_taken_for_item(interactions, user):
    together = _together(interactions)
    return together[user % len(together)]


@cooccurrence_scores.misconception(
    "You read off the row with the user's number, but the table's rows are items; which rows belong to the user?"
)
def user_taken_for_item_with_diagonal(interactions, user):
    together = interactions.T @ interactions
    return together[user % len(together)]


@cooccurrence_scores.misconception(
    "You used the 0s and 1s of the user's row as item numbers, so items 0 and 1 were taken again and again; "
    "at which places do the 1s stand?"
)
def zeros_and_ones_as_ids(interactions, user):
    return _together(interactions)[interactions[user].astype(int)].sum(axis=0)


@cooccurrence_scores.misconception(
    "You counted everybody who shares anything with the user once; someone who shares three items should count thrice.",
    kind="misconception",
)
def neighbours_counted_once(interactions, user):
    shares = interactions @ interactions[user] > 0
    shares[user] = False
    return interactions[shares].sum(axis=0)


@cooccurrence_scores.misconception("You kept the largest count among the user's items; the counts are to be added up.")
def largest_count(interactions, user):
    return (_together(interactions) * interactions[user]).max(axis=1)


@cooccurrence_scores.misconception(
    "You added up the whole table of pairs, so everybody gets the same scores; add the rows of this user's items."
)
def all_rows_added(interactions, user):
    return _together(interactions).sum(axis=0)


@cooccurrence_scores.misconception(
    "You counted how many people have each item: that is popularity, the same for every user.", kind="misconception"
)
def popularity(interactions, user):
    return interactions.sum(axis=0)


@cooccurrence_scores.misconception("You averaged over the user's items; the sum is asked for.")
def mean_over_items(interactions, user):
    return interactions[user] @ _together(interactions) / max(interactions[user].sum(), 1)


@cooccurrence_scores.misconception(
    "Your counts say only whether two items were ever taken together; how many people took both should count."
)
def ever_together(interactions, user):
    return interactions[user] @ (_together(interactions) > 0)


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


@cooccurrence_scores.misconception("Only the first of the user's items went into your scores; all of them should.")
def first_item_only(interactions, user):
    if not interactions[user].any():
        return np.zeros(interactions.shape[1])
    return _together(interactions)[np.flatnonzero(interactions[user])[0]]


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


@cooccurrence_scores.misconception(
    "These are all pairs, each item with itself among them; clear the diagonal, and add up the user's rows.",
    kind="next step",
)
def whole_table_with_diagonal(interactions, user):
    return interactions.T @ interactions


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


@cooccurrence_scores.misconception("You returned item numbers in order; one score for each item is asked for.")
def best_first_instead_of_scores(interactions, user):
    return np.argsort(-(interactions[user] @ _together(interactions)), kind="stable")


@cooccurrence_scores.misconception(
    "For a user without items you raise an error; they share an item with nobody, so every score is 0.",
    layer="new user",
)
def new_user_refused(interactions, user):
    if not interactions[user].any():
        raise ValueError("no items")
    return interactions[user] @ _together(interactions)


@cooccurrence_scores.misconception(
    "For a user without items you recommend what is popular: sensible in an app, but here every score is 0.",
    layer="new user",
    kind="misconception",
)
def popular_for_new_user(interactions, user):
    if not interactions[user].any():
        return interactions.sum(axis=0)
    return interactions[user] @ _together(interactions)


@cooccurrence_scores.misconception(
    "For a user without items nothing comes back; there is still one score for each item, and all are 0.",
    layer="new user",
)
def empty_for_new_user(interactions, user):
    scores = interactions[user] @ _together(interactions)
    return scores if interactions[user].any() else scores[:0]


@cooccurrence_scores.misconception(
    "For a user without items you return NaN; an empty sum is 0.",
    layer="new user",
)
def nan_for_new_user(interactions, user):
    scores = interactions[user] @ _together(interactions)
    return scores if interactions[user].any() else scores * np.nan


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


# --- top k -------------------------------------------------------------------------------------------------------


@exercise(
    "top_k",
    points={"values": 2, "ties": 1, "too few": 1, "input kept": 1},
    instead_of=("top_k",),
)
def top_k(scores, k, seen):
    """Sort the unseen items by score, best first, equal scores by number; keep the first k."""
    struck_out = {int(item) for item in seen}
    unseen = [item for item in range(len(scores)) if item not in struck_out]
    if len(unseen) < k:
        raise ValueError(f"{k} items are asked for, but only {len(unseen)} are unseen")
    unseen.sort(key=lambda item: (-scores[item], item))
    return np.array(unseen[:k])


@top_k.inputs(
    "values",
    fixed=[
        ([0.2, 0.9, 0.5, 0.7], 2, ids(1)),
        ([-0.5, 3, -2, 1], 2, ids(1)),
        ([-3, 4, -0.5, 2, -2], 4, ids(3)),
        ([4, 7, 1, 9, 3, 8], 3, ids(3, 0)),
        ([0.9, 0.1, 0.6, 0.3], 2, ids()),
        ([-4, -1.5, 6, -0.5, 5, -3], 3, ids(4, 1)),
        ([-1.5, -2, -0.5, -4, -3], 2, ids(2)),
    ],
)
def _(rng):
    found = []
    for n, k, m in [(6, 3, 2), (12, 8, 3), (30, 5, 10), (30, 20, 9)]:
        found.append((np.round(rng.permutation(n) * 0.7 - n / 2 + 0.1, 3), k, _some(rng, n, m)))
    return found


@top_k.inputs(
    "ties",
    fixed=[
        ([5, 8, 5], 2, ids()),
        ([5, 8, 6], 2, ids()),
        ([2, 2, 2, 2], 2, ids(1)),
        ([1, 4, 1, 4, 0], 3, ids(1)),
        ([3, 1, 3, 2, 3, 1], 3, ids(0)),
        ([0, 0, 7, 0, 5, 0], 4, ids(2)),
        (np.array([float((7 * i) % 4) for i in range(30)]), 12, ids(3, 8)),
        (np.array([float((5 * i * i) % 3) for i in range(40)]), 10, ids(1)),
        (np.array([float((11 * i) % 2) for i in range(50)]), 9, ids(0, 2)),
    ],
)
def _(rng):
    shapes = [(6, 3, 1), (12, 5, 3), (40, 10, 6), (60, 20, 10)]
    return [(rng.integers(3, size=n).astype(float), k, _some(rng, n, m)) for n, k, m in shapes]


@top_k.inputs(
    "too few",
    fixed=[
        ([0.2, 0.9, 0.4], 3, ids(1)),
        ([0.2, 0.9, 0.4], 2, ids(0)),
        ([0.2, 0.9, 0.4], 4, ids()),
        ([0.2, 0.9, 0.4], 3, ids()),
        ([0.3, 0.1, 0.2], 2, ids(0, 1)),
        ([0.3, 0.1], 1, ids(0)),
        ([6, 1, -2, 4, 3], 3, ids(0, 3, 4)),
        ([6, 1, -2, 4, 3], 2, ids(0, 3, 4)),
        ([6, 1, -2, 4, 3], 6, ids(2)),
        ([6, 1, -2, 4, 3], 3, ids(0)),
    ],
)
def _(rng):
    found = []
    for n, m in [(5, 2), (9, 4), (14, 6)]:
        scores, seen = rng.permutation(n) * 1.3 - 4, _some(rng, n, m)
        found += [(scores, n - m, seen), (scores, n - m + 1, seen), (scores, n + 1, ids()), (scores, n, ids())]
    return found


def _need(scores, k, seen):
    if len(scores) - len(seen) < k:
        raise ValueError("too few")


def _marked(scores, seen, mark=-np.inf):
    scores = scores.copy()
    scores[seen] = mark
    return scores


@top_k.misconception(
    "You set the score of seen items to 0, and an item with a negative score loses against that; "
    "how low must a score be to lose against every other?"
)
def seen_set_to_zero(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen, 0), kind="stable")[:k]


@top_k.misconception("You set the score of seen items to -1; can no other item score less?")
def seen_set_to_minus_one(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen, -1), kind="stable")[:k]


@top_k.misconception("Your list holds items that the user has seen.")
def seen_ignored(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-scores, kind="stable")[:k]


@top_k.misconception("The worst items come first in your list; which way does sorting go?")
def worst_first(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(_marked(scores, seen, np.inf), kind="stable")[:k]


@top_k.misconception("The right items are in your list, but the best one comes last.")
def best_comes_last(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen), kind="stable")[:k][::-1]


@top_k.misconception("The right items are in your list, in the order of their numbers; put the best one first.")
def in_order_of_numbers(scores, k, seen):
    _need(scores, k, seen)
    return np.sort(np.argsort(-_marked(scores, seen), kind="stable")[:k])


@top_k.misconception("You sort upwards with the seen items at minus infinity, so those come out first.")
def upwards_with_minus_infinity(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(_marked(scores, seen), kind="stable")[:k]


@top_k.misconception("You returned the best scores; the numbers of the items are asked for.")
def scores_instead_of_ids(scores, k, seen):
    _need(scores, k, seen)
    return -np.sort(-_marked(scores, seen), kind="stable")[:k]


@top_k.misconception(
    "You removed the seen items first, so the others moved up and got new numbers; return the numbers of the old table."
)
def numbers_shifted(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-np.delete(scores, seen), kind="stable")[:k]


@top_k.misconception("You cut the list to k first and took the seen items out afterwards, so it is too short.")
def cut_before_filtering(scores, k, seen):
    _need(scores, k, seen)
    best = np.argsort(-scores, kind="stable")[:k]
    return best[~np.isin(best, seen)]


@top_k.misconception("You kept the seen items and struck out the others.")
def only_seen(scores, k, seen):
    _need(scores, k, seen)
    order = np.argsort(-scores, kind="stable")
    return order[np.isin(order, seen)][:k]


@top_k.misconception("You returned all unseen items in order; the list should end after k.")
def not_cut(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen), kind="stable")[: len(scores) - len(seen)]


@top_k.misconception("You returned every item, the seen ones at the end; the list should end after k.")
def all_in_order(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen), kind="stable")


@top_k.misconception("Your list is one too long or begins in the wrong place; the first of k items has place 0.")
def starts_at_the_second(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen), kind="stable")[1 : k + 1]


@top_k.misconception("You count items from 1; the first score belongs to item 0.")
def counted_from_one(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen), kind="stable")[:k] + 1


@top_k.misconception(
    "You returned the place of each item; the list is asked for: which item is first, which second?",
    kind="misconception",
)
def place_of_each(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(np.argsort(-_marked(scores, seen), kind="stable"), kind="stable")[:k]


@top_k.misconception("You return only the winner; the k best are asked for.")
def winner_only(scores, k, seen):
    _need(scores, k, seen)
    return np.argmax(_marked(scores, seen))


@top_k.misconception("You ranked by the size of the score without its sign; -3 is a low score, not a high one.")
def size_without_sign(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(np.abs(scores), seen), kind="stable")[:k]


@top_k.misconception(
    "Among equal scores the higher number comes first in your list; turning an ascending list round "
    "turns the ties round too.",
    layer="ties",
)
def ties_turned_round(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(_marked(scores, seen), kind="stable")[::-1][:k]


@top_k.misconception(
    "Short lists come out right, in long ones equal scores lose their order; ask for a stable sort.", layer="ties"
)
def unstable_sort(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen))[:k]


@top_k.misconception(
    "A plain sort promises nothing about equal scores, and taking the seen ones out afterwards does not mend that; "
    "ask for a stable sort.",
    layer="ties",
)
def unstable_sort_then_filtered(scores, k, seen):
    _need(scores, k, seen)
    order = np.argsort(-scores)
    return order[~np.isin(order, seen)][:k]


@top_k.misconception(
    "You turn an ascending list round, and its sort keeps no order among equal scores; "
    "sort downwards, with a stable sort.",
    layer="ties",
)
def unstable_sort_turned_round(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(_marked(scores, seen))[::-1][:k]


@top_k.misconception("Where scores are equal your list names an item twice.", layer="ties")
def looked_up_by_score(scores, k, seen):
    _need(scores, k, seen)
    marked = list(_marked(scores, seen))
    return np.array([marked.index(score) for score in sorted(marked, reverse=True)[:k]])


@top_k.misconception("Where scores are equal you keep one item and drop the others; each has its place.", layer="ties")
def ties_dropped(scores, k, seen):
    _need(scores, k, seen)
    marked = _marked(scores, seen)
    values, first = np.unique(-marked, return_index=True)
    return first[np.isfinite(values)][:k]


@top_k.misconception(
    "Where fewer than k items are unseen your list fills up with seen ones; the prompt asks for an error instead.",
    layer="too few",
)
def filled_up_with_seen(scores, k, seen):
    return np.argsort(-_marked(scores, seen), kind="stable")[:k]


@top_k.misconception(
    "Where fewer than k items are unseen your list is short; the prompt asks for an error instead.", layer="too few"
)
def short_list(scores, k, seen):
    return np.argsort(-_marked(scores, seen), kind="stable")[: min(k, len(scores) - len(seen))]


@top_k.misconception(
    "You compare k with the number of all items; seen ones cannot be recommended, so they do not count.",
    layer="too few",
)
def seen_counted_as_there(scores, k, seen):
    if k > len(scores):
        raise ValueError("too few")
    return filled_up_with_seen(scores, k, seen)


@top_k.misconception(
    "You compare k with the number of all items, and return a short list where seen ones are missing.", layer="too few"
)
def short_list_of_many(scores, k, seen):
    if k > len(scores):
        raise ValueError("too few")
    return short_list(scores, k, seen)


@top_k.misconception(
    "Minus infinity puts the seen items last, but where too few are unseen they still fill the list; "
    "count the unseen ones first, and raise.",
    layer="too few",
)
def filled_up_from_the_back(scores, k, seen):
    return np.argsort(_marked(scores, seen), kind="stable")[::-1][:k]


@top_k.misconception(
    "You gave the seen items the lowest score of the table, and an unseen item may have that score too.",
    layer="too few",
)
def seen_set_to_the_lowest(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen, scores.min()), kind="stable")[:k]


@top_k.misconception("You refuse a list that uses up every unseen item; exactly k are enough.", layer="too few")
def exactly_enough_refused(scores, k, seen):
    if len(scores) - len(seen) <= k:
        raise ValueError("too few")
    return filled_up_with_seen(scores, k, seen)


@top_k.misconception("For too short a list you return nothing; the prompt asks for an error.", layer="too few")
def empty_where_too_few(scores, k, seen):
    if len(scores) - len(seen) < k:
        return ids()
    return filled_up_with_seen(scores, k, seen)


@top_k.misconception("For too short a list you return None; the prompt asks for an error.", layer="too few")
def none_where_too_few(scores, k, seen):
    if len(scores) - len(seen) < k:
        return None
    return filled_up_with_seen(scores, k, seen)


@top_k.misconception(
    "You write minus infinity into the caller's scores, which are spoilt for the next list; work on a copy.",
    layer="input kept",
)
def scores_overwritten(scores, k, seen):
    _need(scores, k, seen)
    scores[seen] = -np.inf
    return np.argsort(-scores, kind="stable")[:k]


@top_k.alternative
def top_k_by_stable_argsort(scores, k, seen):
    _need(scores, k, seen)
    return filled_up_with_seen(scores, k, seen)


@top_k.alternative
def top_k_by_heap_as_list(scores, k, seen):
    gone = set(seen.tolist())
    best = heapq.nsmallest(k, ((-float(s), i) for i, s in enumerate(scores) if i not in gone))
    if len(best) < k:
        raise ValueError("too few")
    return [i for _, i in best]


@top_k.alternative
def top_k_by_setdiff(scores, k, seen):
    left = np.setdiff1d(np.arange(len(scores)), seen)
    if left.size < k:
        raise ValueError("too few")
    return left[np.lexsort((left, -scores[left]))][:k]


@top_k.alternative
def top_k_by_repeated_argmax(scores, k, seen):
    work = _marked(scores, seen)
    found = []
    for _ in range(k):
        best = int(np.argmax(work))
        if k > len(scores) or work[best] == -np.inf:
            raise ValueError("too few")
        found.append(best)
        work[best] = -np.inf
    return tuple(found)
