"""Place users and items in one space by a truncated SVD that shares the singular values fairly."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("embed", points={"values": 3, "too wide": 1}, up_to_sign=True, instead_of=("truncated_svd",))
def embed(interactions, d):
    """Cut the SVD after d columns, and give the root of the singular values to each side."""
    interactions = np.asarray(interactions, dtype=float)
    if d < 1 or d > min(interactions.shape):
        raise ValueError("d must lie between 1 and the smaller side of the table")
    left, values, right = np.linalg.svd(interactions, full_matrices=False)
    root = np.sqrt(values[:d])
    return left[:, :d] * root, right[:d].T * root


# Their singular values lie well apart, so that each column is determined up to its sign.
THREE_FILMS = [[1, 1, 0], [1, 1, 1], [0, 1, 0], [1, 1, 0]]
FOUR_FILMS = [[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 1, 1]]
FIVE_FILMS = [[1, 1, 1, 0, 0], [1, 1, 0, 1, 0], [1, 1, 1, 0, 1], [0, 0, 0, 1, 1]]
SIX_USERS = [[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [1, 0, 0, 0], [1, 1, 1, 0]]


def _apart(table, d):
    """Whether the first d singular values are not small and differ from each other and from the next one."""
    values = np.linalg.svd(table, compute_uv=False)
    below = np.append(values[1:], 0)[:d]
    return bool(values[d - 1] > 0.2 and (values[:d] - below > 0.1).all())


def random_interactions(rng, n_users, n_items, d):
    """Draw who watched what, again and again until the columns of the answer are determined."""
    while True:
        taste = rng.uniform(0.1, 0.9, size=(n_users, 1)) * rng.uniform(0.3, 1.0, size=n_items)
        table = (rng.random((n_users, n_items)) < taste).astype(float)
        if _apart(table, d):
            return table


@embed.inputs(
    "values",
    fixed=[
        (np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), 2),
        ([[1, 1, 0]], 1),
        (THREE_FILMS, 1),
        (THREE_FILMS, 2),
        (FOUR_FILMS, 2),
        (FIVE_FILMS, 3),
        (SIX_USERS, 2),
        (SIX_USERS, 3),
    ],
)
def _(rng):
    found = [(random_interactions(rng, n, m, d), d) for n, m, d in [(4, 6, 2), (7, 5, 3), (8, 8, 4), (12, 9, 3)]]
    return [*found, (random_interactions(rng, 6, 5, 2).astype(np.int64), 2)]


@embed.inputs(
    "too wide",
    fixed=[
        (THREE_FILMS, 0),
        (THREE_FILMS, 3),
        (THREE_FILMS, 4),
        (THREE_FILMS, 5),
        (FOUR_FILMS, 3),
        (FOUR_FILMS, 4),
        (FIVE_FILMS, 5),
        (FIVE_FILMS, 0),
        (FIVE_FILMS, 1),
        (SIX_USERS, 5),
        (SIX_USERS, 7),
        (SIX_USERS, -1),
        (FOUR_FILMS, -2),
        (SIX_USERS, 1),
        ([[1, 0, 0], [1, 0, 0]], 2),  # wider than the table needs, and no wider than its smaller side
    ],
)
def _(rng):
    tall, wide = random_interactions(rng, 7, 4, 4), random_interactions(rng, 4, 6, 4)
    below = -int(rng.integers(1, 4))
    return [(table, d) for table in (tall, wide) for d in (below, 0, 1, 4, 5, 9)]


def _svd(interactions, d):
    left, values, right = np.linalg.svd(interactions, full_matrices=False)
    return left[:, :d], values[:d], right[:d].T


@embed.misconception("You left the singular values out, so a strong direction weighs no more than a weak one.")
def values_dropped(interactions, d):
    left, _, right = _svd(interactions, d)
    return left, right


@embed.misconception(
    "You gave the whole singular values to the users and none to the items; how can two sides share one factor?",
    kind="misconception",
)
def all_on_users(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * values, right


@embed.misconception(
    "You gave the whole singular values to the items and none to the users; how can two sides share one factor?",
    kind="misconception",
)
def all_on_items(interactions, d):
    left, values, right = _svd(interactions, d)
    return left, right * values


@embed.misconception(
    "You multiplied both sides by the whole singular values, so the table that the two rebuild counts them twice.",
    kind="misconception",
)
def whole_on_both(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * values, right * values


@embed.misconception("You scaled the users by the root but left the items as they came out of the SVD.")
def root_on_users_only(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * np.sqrt(values), right


@embed.misconception("You scaled the items by the root but left the users as they came out of the SVD.")
def root_on_items_only(interactions, d):
    left, values, right = _svd(interactions, d)
    return left, right * np.sqrt(values)


@embed.misconception("You halved the singular values; to share a product fairly each side needs its root.")
def halves(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * values / 2, right * values / 2


@embed.misconception("You squared the singular values; to share a product fairly each side needs its root.")
def squares_on_both(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * values**2, right * values**2


@embed.misconception("You divided the users by the root; a strong direction has to come out longer, not shorter.")
def users_divided(interactions, d):
    left, values, right = _svd(interactions, d)
    return left / np.sqrt(values), right * np.sqrt(values)


@embed.misconception("You divided the items by the root; a strong direction has to come out longer, not shorter.")
def items_divided(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * np.sqrt(values), right / np.sqrt(values)


@embed.misconception("You scaled by the root of the largest singular value only; each column has its own.")
def one_root_for_all(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * np.sqrt(values[0]), right * np.sqrt(values[0])


@embed.misconception(
    "NumPy's svd hands its third result over already turned on its side; you cut columns off it where the rows matter.",
    kind="misconception",
)
def third_result_not_turned(interactions, d):
    left, values, right = np.linalg.svd(interactions)
    return left[:, :d] * np.sqrt(values[:d]), right[:, :d] * np.sqrt(values[:d])


@embed.misconception(
    "The third result of svd, in its short form too, lies on its side; you cut off d columns where d rows are meant."
)
def short_third_result_not_turned(interactions, d):
    left, values, right = np.linalg.svd(interactions, full_matrices=False)
    return left[:, :d] * np.sqrt(values[:d]), right[:, :d] * np.sqrt(values[:d])


@embed.misconception("You kept the first d users and the first d films; keep everybody, and d numbers for each.")
def rows_cut(interactions, d):
    left, values, right = np.linalg.svd(interactions, full_matrices=False)
    return left[:d] * np.sqrt(values), right.T[:d] * np.sqrt(values)


@embed.misconception("You did not cut: all the columns are there, and only the first d are asked for.")
def nothing_cut(interactions, d):
    left, values, right = np.linalg.svd(interactions, full_matrices=False)
    return left * np.sqrt(values), right.T * np.sqrt(values)


@embed.misconception("You kept the smallest singular values; the largest carry most of the table.")
def smallest_kept(interactions, d):
    left, values, right = np.linalg.svd(interactions, full_matrices=False)
    return left[:, -d:] * np.sqrt(values[-d:]), right[-d:].T * np.sqrt(values[-d:])


@embed.misconception("You kept a column too few.")
def one_column_short(interactions, d):
    left, values, right = _svd(interactions, d - 1)
    return left * np.sqrt(values), right * np.sqrt(values)


@embed.misconception("You return the items first; the users come first.")
def items_first(interactions, d):
    left, values, right = _svd(interactions, d)
    return right * np.sqrt(values), left * np.sqrt(values)


@embed.misconception("You returned the three parts of the SVD; make two tables of them.", kind="next step")
def three_parts(interactions, d):
    return _svd(interactions, d)


@embed.misconception(
    "You subtracted the mean of each film first; that is for the map later on, here the table goes in as it is.",
    kind="misconception",
)
def centred_first(interactions, d):
    left, values, right = _svd(interactions - interactions.mean(axis=0), d)
    return left * np.sqrt(values), right * np.sqrt(values)


@embed.misconception(
    "Asked for more columns than there are, you quietly return fewer; slicing past the end is no error in NumPy.",
    layer="too wide",
)
def fewer_columns_in_silence(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * np.sqrt(values), right * np.sqrt(values)


@embed.misconception(
    "You test only that d is not too large; a width of 0, or below, makes no sense either.", layer="too wide"
)
def only_the_upper_end(interactions, d):
    if d > min(interactions.shape):
        raise ValueError
    return fewer_columns_in_silence(interactions, d)


@embed.misconception("You let d = 0 through; a space without any coordinate can tell nothing apart.", layer="too wide")
def zero_let_through(interactions, d):
    if d < 0 or d > min(interactions.shape):
        raise ValueError
    return fewer_columns_in_silence(interactions, d)


@embed.misconception("You test only that d is at least 1; a table also has a largest width.", layer="too wide")
def only_the_lower_end(interactions, d):
    if d < 1:
        raise ValueError
    return fewer_columns_in_silence(interactions, d)


@embed.misconception("You compare d with the number of films only; what if there are fewer users?", layer="too wide")
def compares_with_items(interactions, d):
    if d < 1 or d > interactions.shape[1]:
        raise ValueError
    return fewer_columns_in_silence(interactions, d)


@embed.misconception("You compare d with the number of users only; what if there are fewer films?", layer="too wide")
def compares_with_users(interactions, d):
    if d < 1 or d > interactions.shape[0]:
        raise ValueError
    return fewer_columns_in_silence(interactions, d)


@embed.misconception(
    "You compare d with the larger side of the table; an SVD has as many columns as the smaller one.", layer="too wide"
)
def compares_with_larger_side(interactions, d):
    if d < 1 or d > max(interactions.shape):
        raise ValueError
    return fewer_columns_in_silence(interactions, d)


@embed.misconception("You refuse the full width; d may be equal to the smaller side.", layer="too wide")
def full_width_refused(interactions, d):
    if d < 1 or d >= min(interactions.shape):
        raise ValueError
    return fewer_columns_in_silence(interactions, d)


@embed.misconception("You refuse d = 1; a space may be a line.", layer="too wide")
def line_refused(interactions, d):
    if d <= 1 or d > min(interactions.shape):
        raise ValueError
    return fewer_columns_in_silence(interactions, d)


@embed.alternative
def embed_full_svd(interactions, d):
    if not 0 < d <= np.min(np.shape(interactions)):
        raise ValueError("d does not fit")
    left, values, right = np.linalg.svd(interactions, full_matrices=True)
    root = np.diag(values[:d] ** 0.5)
    return [left[:, :d] @ root, right[:d, :].T @ root]


@embed.alternative
def embed_by_eigenvectors(interactions, d):
    if d < 1 or d > min(interactions.shape):
        raise ValueError("d does not fit")
    squares, vectors = np.linalg.eigh(interactions.T @ interactions)
    values, right = np.sqrt(np.maximum(squares[::-1][:d], 0)), vectors[:, ::-1][:, :d]
    return interactions @ right / np.sqrt(np.where(values, values, 1)), right * np.sqrt(values)


@embed.alternative
def embed_by_scipy_as_lists(interactions, d):
    from scipy.linalg import svd

    if d < 1 or d > min(interactions.shape):
        raise ValueError("d does not fit")
    left, values, right = svd(interactions, full_matrices=False)
    return (-left[:, :d] * np.sqrt(values[:d])).tolist(), (-right[:d].T * np.sqrt(values[:d])).tolist()


@embed.alternative
def embed_in_float32(interactions, d):
    users, items = embed.reference(interactions, d)
    return users.astype(np.float32), items.astype(np.float32)
