"""Score each item by the cosine of its genres and the profile of what the user liked."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.two_ways._inputs import ids, some


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


def _genres(rng, n, g):
    """0/1 rows, none of them empty."""
    table = (rng.random((n, g)) < 0.4).astype(float)
    table[np.arange(n), rng.integers(g, size=n)] = 1
    return table


@genre_scores.inputs(
    "values",
    fixed=[
        (ids(0), np.array([[1, 0], [1, 1], [0, 1]])),
        (ids(0), [[1, 1], [1, 0], [0, 1]]),
        (ids(0), [[1, 0, 1]]),
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
        found.append((some(rng, n, m), _genres(rng, n, g)))
    return [*found, (some(rng, 6, 2), _genres(rng, 6, 3).astype(np.int64))]


@genre_scores.inputs(
    "no direction",
    fixed=[
        (ids(), [[1, 0], [1, 1], [0, 1]]),
        (ids(0), [[1, 1], [0, 0], [0, 1]]),
        (ids(2), [[1, 0], [1, 1], [0, 1]]),
        (ids(0, 1), [[1, 1, 0], [0, 0, 0], [0, 1, 0]]),
        (ids(0, 1), [[1, 0, 0], [1, 0, 1], [1, 1, 0]]),
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
        liked, with_empty = some(rng, n, 3), table.copy()
        with_empty[liked[0]] = 0
        unused = np.hstack([table, np.zeros((n, 1))])
        found += [(liked[:2], with_empty), (liked[1:], with_empty)]
        found += [(ids(), table), (some(rng, n, 1), table), (some(rng, n, 3), unused)]
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
    "You averaged the cosines with each liked item; average the rows first, and take one cosine.", kind="misconception"
)
def mean_of_cosines(liked, item_genres):
    _refuse(liked, item_genres)
    return np.mean([_cosine(item_genres[i], item_genres) for i in liked], axis=0)


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
    "Where there is no direction you divide by zero, and Python's own error comes out; look for both cases before you "
    "divide, and raise the error that the prompt names.",
    layer="no direction",
)
def divided_by_zero(liked, item_genres):
    if len(liked) == 0 or not item_genres.any(axis=1).all():
        raise ZeroDivisionError("division by zero")
    return _cosine(item_genres[liked].mean(axis=0), item_genres)


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
