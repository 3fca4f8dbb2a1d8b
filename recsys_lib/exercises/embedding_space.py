"""Lesson 2: one space for users and films, a new user in it, and what a flat map of it keeps."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise

# --- embed -------------------------------------------------------------------------------------------------------

# Their singular values lie well apart, so that each column is determined up to its sign.
TWO_AUDIENCES = [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
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


@exercise("embed", points={"values": 3, "too wide": 1}, up_to_sign=True, instead_of=("truncated_svd",))
def embed(interactions, d):
    """Cut the SVD after d columns, and give the root of the singular values to each side."""
    interactions = np.asarray(interactions, dtype=float)
    if d < 1 or d > min(interactions.shape):
        raise ValueError("d must lie between 1 and the smaller side of the table")
    left, values, right = np.linalg.svd(interactions, full_matrices=False)
    root = np.sqrt(values[:d])
    return left[:, :d] * root, right[:d].T * root


@embed.inputs(
    "values",
    fixed=[
        (THREE_FILMS, 1),
        (THREE_FILMS, 2),
        (FOUR_FILMS, 2),
        (FIVE_FILMS, 3),
        (SIX_USERS, 2),
        (SIX_USERS, 3),
    ],
)
def _(rng):
    return [(random_interactions(rng, n, m, d), d) for n, m, d in [(4, 6, 2), (7, 5, 3), (8, 8, 4), (12, 9, 3)]]


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
    ],
)
def _(rng):
    tall, wide = random_interactions(rng, 7, 4, 4), random_interactions(rng, 4, 6, 4)
    return [(table, d) for table in (tall, wide) for d in (0, 4, 5, 9)]


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


@embed.misconception("You multiplied the two sides together again; return them as two tables.", kind="next step")
def product_returned(interactions, d):
    left, values, right = _svd(interactions, d)
    return left * values @ right.T


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


@embed.misconception("You brought every vector to length one; the lengths say something, so keep them.")
def rows_normalised(interactions, d):
    users, items = embed.reference(interactions, d)
    return tuple(x / np.linalg.norm(x, axis=1, keepdims=True) for x in (users, items))


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
    values, right = np.sqrt(squares[::-1][:d]), vectors[:, ::-1][:, :d]
    return interactions @ right / np.sqrt(values), right * np.sqrt(values)


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


# --- explained ---------------------------------------------------------------------------------------------------


@exercise("explained", points={"values": 1, "ends": 1})
def explained(singular_values, d):
    """Sum of the first d squares over the sum of all squares."""
    squares = [value * value for value in singular_values]
    return float(sum(squares[:d]) / sum(squares))


@explained.inputs(
    "values",
    fixed=[
        ([4, 3], 1),
        ([3, 2, 1], 1),
        ([3, 2, 1], 2),
        ([6, 3, 2, 1], 2),
        ([6, 3, 2, 1], 3),
        ([12, 5, 4, 2, 1], 3),
    ],
)
def _(rng):
    return [(-np.sort(-rng.uniform(0.5, 9, size=n)), d) for n, d in [(3, 2), (5, 2), (6, 4), (30, 7)]]


@explained.inputs(
    "ends",
    fixed=[([4, 3], 0), ([4, 3], 2), ([4, 3], 1), ([3, 2, 1], 0), ([3, 2, 1], 3), ([6, 3, 2, 1], 1), ([6, 3, 2, 1], 3)],
)
def _(rng):
    found = []
    for n in (3, 6):
        values = -np.sort(-rng.uniform(0.5, 9, size=n))
        found += [(values, d) for d in (0, 1, n - 1, n)]
    return found


@explained.misconception(
    "You added the singular values themselves; the table's sum of squares is made of their squares."
)
def not_squared(singular_values, d):
    return singular_values[:d].sum() / singular_values.sum()


@explained.misconception("You squared the sums; square each value first, then add.")
def sums_squared(singular_values, d):
    return (singular_values[:d].sum() / singular_values.sum()) ** 2


@explained.misconception("You added above the line first and squared the sum; square each value first, then add.")
def sum_squared_above(singular_values, d):
    return singular_values[:d].sum() ** 2 / (singular_values**2).sum()


@explained.misconception(
    "You returned a share for each direction; one number for the first d together is asked for.", kind="next step"
)
def share_of_each(singular_values, d):
    return singular_values[:d] ** 2 / (singular_values**2).sum()


@explained.misconception("You counted one singular value too many.")
def one_too_many(singular_values, d):
    return (singular_values[: d + 1] ** 2).sum() / (singular_values**2).sum()


@explained.misconception("You counted one singular value too few.")
def one_too_few(singular_values, d):
    return (singular_values[: max(d - 1, 0)] ** 2).sum() / (singular_values**2).sum()


@explained.misconception("You gave the share of one direction alone; the first d count together.")
def one_alone(singular_values, d):
    return singular_values[d - 1] ** 2 / (singular_values**2).sum()


@explained.misconception("You gave the share of the direction after the first d; the first d count, together.")
def the_next_alone(singular_values, d):
    return singular_values[min(d, len(singular_values) - 1)] ** 2 / (singular_values**2).sum()


@explained.misconception("You gave what is lost; what is kept is asked for.")
def the_lost_share(singular_values, d):
    return (singular_values[d:] ** 2).sum() / (singular_values**2).sum()


@explained.misconception(
    "You took the root at the end: that compares lengths, not sums of squares.", kind="misconception"
)
def root_of_the_share(singular_values, d):
    return np.sqrt((singular_values[:d] ** 2).sum() / (singular_values**2).sum())


@explained.misconception("You added the squares but did not divide; a share is a part of a whole.", kind="next step")
def not_divided(singular_values, d):
    return (singular_values[:d] ** 2).sum()


@explained.misconception("You divided by the sum of the values, not of their squares.")
def divided_by_plain_sum(singular_values, d):
    return (singular_values[:d] ** 2).sum() / singular_values.sum()


@explained.misconception("You squared only below the line; both sums are sums of squares.")
def squared_below_only(singular_values, d):
    return singular_values[:d].sum() / (singular_values**2).sum()


@explained.misconception("You gave a percentage; a share lies between 0 and 1.")
def percentage(singular_values, d):
    return 100 * (singular_values[:d] ** 2).sum() / (singular_values**2).sum()


@explained.misconception(
    "You counted directions as if each carried the same; how large is each one?", kind="misconception"
)
def counted(singular_values, d):
    return d / len(singular_values)


@explained.misconception("You took the means of the squares; add them, or few directions look like many.")
def means(singular_values, d):
    return (singular_values[:d] ** 2).mean() / (singular_values**2).mean() if d else 0.0


@explained.misconception("You counted from the small end; the list starts with the largest.")
def the_last_d(singular_values, d):
    return (singular_values[len(singular_values) - d :] ** 2).sum() / (singular_values**2).sum()


@explained.misconception("You returned the whole running share; which entry of it is asked for?", kind="next step")
def running_share(singular_values, d):
    return np.cumsum(singular_values**2) / (singular_values**2).sum()


@explained.misconception("You compared the first d with the rest; a share compares them with the whole.")
def against_the_rest(singular_values, d):
    rest = (singular_values[d:] ** 2).sum()
    return (singular_values[:d] ** 2).sum() / rest if rest else 1.0


@explained.misconception(
    "With no direction you say that everything is explained; an index of minus one means the last entry in Python.",
    layer="ends",
)
def wraps_round(singular_values, d):
    return (np.cumsum(singular_values**2) / (singular_values**2).sum())[d - 1]


@explained.misconception(
    "You refuse d = 0; no direction at all explains nothing, and nothing is a number.", layer="ends"
)
def zero_refused(singular_values, d):
    if d < 1:
        raise ValueError
    return explained.reference(singular_values, d)


@explained.misconception("You refuse to take all directions; they explain everything.", layer="ends")
def all_refused(singular_values, d):
    if d >= len(singular_values):
        raise ValueError
    return explained.reference(singular_values, d)


@explained.misconception("You refuse both ends; none explains nothing, and all explain everything.", layer="ends")
def both_ends_refused(singular_values, d):
    if not 0 < d < len(singular_values):
        raise ValueError
    return explained.reference(singular_values, d)


@explained.misconception("With d = 0 you still count the first direction.", layer="ends")
def at_least_one(singular_values, d):
    return explained.reference(singular_values, max(d, 1))


@explained.misconception("With all directions you leave out the last one.", layer="ends")
def never_all(singular_values, d):
    return explained.reference(singular_values, min(d, len(singular_values) - 1))


@explained.alternative
def explained_by_cumsum(singular_values, d):
    return np.concatenate([[0.0], np.cumsum(singular_values**2)])[d] / np.sum(singular_values**2)


@explained.alternative
def explained_by_dot(singular_values, d):
    head = singular_values[:d]
    return float(head @ head / (singular_values @ singular_values))


@explained.alternative
def explained_by_what_is_left(singular_values, d):
    return 1 - np.linalg.norm(singular_values[d:]) ** 2 / np.linalg.norm(singular_values) ** 2


@explained.alternative
def explained_in_float32(singular_values, d):
    squares = np.square(singular_values.astype(np.float32))
    return squares[:d].sum() / squares.sum()


# --- user_vector -------------------------------------------------------------------------------------------------

FILMS_2D = [[1, 0], [0, 2], [3, 1], [1, 1], [2, -1]]
FILMS_3D = [[1, 0, 2], [0, 2, 1], [3, 1, 0], [1, 1, 1], [2, -1, 0], [0, 1, -1]]


def _ids(*ids):
    return np.array(ids)


@exercise("user_vector", points={"values": 2, "few ratings": 1}, instead_of=("fold_in",))
def user_vector(rated, ratings, items, ridge):
    """Least squares with a ridge, over the rows of the rated items."""
    x = np.array([items[i] for i in rated], dtype=float)
    d = items.shape[1]
    left = x.T @ x
    for j in range(d):
        left[j, j] = left[j, j] + ridge
    return np.linalg.solve(left, x.T @ np.asarray(ratings, dtype=float))


@user_vector.inputs(
    "values",
    fixed=[
        (_ids(1, 2), [1, 2], FILMS_2D, 1.0),
        (_ids(0, 2), [1, 1], FILMS_2D, 0.5),
        (_ids(4, 2, 3), [5, 4, 1], FILMS_2D, 2.0),
        (_ids(4, 1, 3), [3, 5, 2], FILMS_3D, 0.1),
        (_ids(5, 0, 3, 2), [1, 4, 2, 5], FILMS_3D, 3.0),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(6, 3, 2), (9, 5, 4), (20, 9, 3), (40, 12, 8)]:
        found.append(
            (
                rng.permutation(n)[:m],
                rng.integers(1, 6, size=m).astype(float),
                rng.normal(size=(n, d)),
                rng.uniform(0.3, 4),
            )
        )
    return found


@user_vector.inputs(
    "few ratings",
    fixed=[
        (_ids(1), [1], FILMS_2D, 0.5),
        (_ids(2), [4], FILMS_2D, 2.0),
        (_ids(3, 1), [1, 1], FILMS_2D, 2.0),
        (_ids(3, 1), [5, 2], FILMS_3D, 0.1),
        (_ids(4), [3], FILMS_3D, 2.0),
        (_ids(4, 1, 2), [3, 1, 2], FILMS_3D, 2.0),
    ],
)
def _(rng):
    found = []
    for n, m, d in [(6, 2, 5), (9, 1, 3), (9, 4, 3), (40, 5, 12), (40, 12, 5)]:
        found.append(
            (
                rng.permutation(n)[:m],
                rng.integers(1, 6, size=m).astype(float),
                rng.normal(size=(n, d)),
                rng.uniform(0.3, 4),
            )
        )
    return found


@user_vector.misconception(
    "You took the mean of the rated films' vectors; its dot products with the films do not give the ratings back.",
    kind="misconception",
)
def mean_of_films(rated, ratings, items, ridge):
    return items[rated].mean(axis=0)


@user_vector.misconception(
    "You took the mean weighted by the ratings; a place between the films is not one that gives the ratings back.",
    kind="misconception",
)
def weighted_mean(rated, ratings, items, ridge):
    return ratings @ items[rated] / ratings.sum()


@user_vector.misconception(
    "You took the mean of films times ratings; a mean does not make the dot products give the ratings back.",
    kind="misconception",
)
def mean_of_products(rated, ratings, items, ridge):
    return ratings @ items[rated] / len(rated)


@user_vector.misconception("You stopped at the right side of the equations; now solve them.", kind="next step")
def right_side_only(rated, ratings, items, ridge):
    return items[rated].T @ ratings


@user_vector.misconception(
    "You solved over all films, the unrated ones counted as 0; a film that was not rated says nothing.",
    kind="misconception",
)
def all_films(rated, ratings, items, ridge):
    full = np.zeros(len(items))
    full[rated] = ratings
    return np.linalg.solve(items.T @ items + ridge * np.eye(items.shape[1]), items.T @ full)


@user_vector.misconception("You left the ridge out.")
def no_ridge(rated, ratings, items, ridge):
    return np.linalg.lstsq(items[rated], ratings, rcond=None)[0]


@user_vector.misconception(
    "You added the ridge to every entry of the square table; it belongs on the diagonal only.", kind="misconception"
)
def ridge_everywhere(rated, ratings, items, ridge):
    x = items[rated]
    return np.linalg.pinv(x.T @ x + ridge) @ (x.T @ ratings)


@user_vector.misconception("You scaled the ridge by the number of ratings; add it as it is given.")
def ridge_times_ratings(rated, ratings, items, ridge):
    return user_vector.reference(rated, ratings, items, ridge * len(rated))


@user_vector.misconception("You squared the ridge; add it as it is given.")
def ridge_squared(rated, ratings, items, ridge):
    return user_vector.reference(rated, ratings, items, ridge * ridge)


@user_vector.misconception("You added 1 on the diagonal, whatever the ridge is; look at the last argument.")
def ridge_of_one(rated, ratings, items, ridge):
    return user_vector.reference(rated, ratings, items, 1.001 if ridge == 1 else 1)


@user_vector.misconception("You subtracted the ridge; added, it keeps the user near the origin.")
def ridge_subtracted(rated, ratings, items, ridge):
    x = items[rated]
    return np.linalg.pinv(x.T @ x - ridge * np.eye(items.shape[1])) @ (x.T @ ratings)


@user_vector.misconception("You took the first films of the table; which ones were rated?")
def first_films(rated, ratings, items, ridge):
    return user_vector.reference(np.arange(len(rated)), ratings, items, ridge)


@user_vector.misconception("You count films from 1; film 0 is the first row of the table.")
def counts_films_from_one(rated, ratings, items, ridge):
    return user_vector.reference(rated - 1, ratings, items, ridge)


@user_vector.misconception(
    "You put the ratings in the order of the films' ids; they come in the order of the list of rated films."
)
def films_sorted(rated, ratings, items, ridge):
    return user_vector.reference(np.sort(rated), ratings, items, ridge)


@user_vector.misconception("You ignored the ratings and put 1 for each; they are the values to be given back.")
def ratings_ignored(rated, ratings, items, ridge):
    return user_vector.reference(rated, np.ones(len(rated)), items, ridge)


@user_vector.misconception("You subtracted the mean rating first; it is not asked for here.")
def ratings_centred(rated, ratings, items, ridge):
    return user_vector.reference(rated, ratings - ratings.mean(), items, ridge)


@user_vector.misconception("You brought the user to length one; the length is part of the answer.")
def brought_to_length_one(rated, ratings, items, ridge):
    u = user_vector.reference(rated, ratings, items, ridge)
    return u / (np.linalg.norm(u) or 1)


@user_vector.misconception("You returned what the user would give each film; return the user's own vector.")
def predictions_returned(rated, ratings, items, ridge):
    return items @ user_vector.reference(rated, ratings, items, ridge)


@user_vector.misconception("You multiplied by the table where its inverse belongs.")
def multiplied_instead_of_solved(rated, ratings, items, ridge):
    x = items[rated]
    return (x.T @ x + ridge * np.eye(items.shape[1])) @ (x.T @ ratings)


@user_vector.misconception(
    "With few ratings you leave the ridge out; that is where it is needed most.",
    layer="few ratings",
    kind="misconception",
)
def no_ridge_when_few(rated, ratings, items, ridge):
    if len(rated) < items.shape[1]:
        return np.linalg.pinv(items[rated]) @ ratings
    return user_vector.reference(rated, ratings, items, ridge)


@user_vector.misconception(
    "With few ratings you fall back on a mean; the same equations still have an answer.", layer="few ratings"
)
def mean_when_few(rated, ratings, items, ridge):
    if len(rated) < items.shape[1]:
        return items[rated].mean(axis=0)
    return user_vector.reference(rated, ratings, items, ridge)


@user_vector.misconception("With few ratings you return zeros; even one rating says something.", layer="few ratings")
def zeros_when_few(rated, ratings, items, ridge):
    if len(rated) < items.shape[1]:
        return np.zeros(items.shape[1])
    return user_vector.reference(rated, ratings, items, ridge)


@user_vector.misconception("You refuse few ratings; the ridge makes the answer unique.", layer="few ratings")
def refuses_few(rated, ratings, items, ridge):
    if len(rated) < items.shape[1]:
        raise ValueError
    return user_vector.reference(rated, ratings, items, ridge)


@user_vector.misconception(
    "With fewer ratings than numbers to find, your equations have no single answer: what did you leave out?",
    layer="few ratings",
)
def singular_when_few(rated, ratings, items, ridge):
    if len(rated) < items.shape[1]:
        raise np.linalg.LinAlgError("Singular matrix")
    return no_ridge(rated, ratings, items, ridge)


@user_vector.alternative
def user_vector_by_eye(rated, ratings, items, ridge):
    x = items[rated]
    return np.linalg.solve(x.T @ x + ridge * np.eye(items.shape[1]), x.T @ ratings)


@user_vector.alternative
def user_vector_by_longer_table(rated, ratings, items, ridge):
    d = items.shape[1]
    table = np.vstack([items[rated], np.sqrt(ridge) * np.eye(d)])
    return np.linalg.lstsq(table, np.concatenate([ratings, np.zeros(d)]), rcond=None)[0].tolist()


@user_vector.alternative
def user_vector_dual(rated, ratings, items, ridge):
    x = items[rated]
    return x.T @ np.linalg.inv(x @ x.T + ridge * np.eye(len(rated))) @ ratings


@user_vector.alternative
def user_vector_by_scipy(rated, ratings, items, ridge):
    from scipy.linalg import solve

    x = np.take(items, rated, axis=0)
    return solve(np.einsum("mi,mj->ij", x, x) + np.diag([ridge] * x.shape[1]), ratings @ x, assume_a="pos")


# --- project_2d --------------------------------------------------------------------------------------------------

# The middle of each lies well away from the origin, and the first three spreads differ clearly.
SLOPE = [[3, 1, 5], [5, 2, 5], [7, 2, 6], [9, 3, 4]]
CLOUD = [[9, 2, 5], [1, 3, 4], [5, 8, 5], [4, 1, 6], [8, 4, 3]]
WIDE = [[2, 0, 9, 1], [4, 1, 1, 2], [3, 6, 5, 0], [2, 7, 4, 3], [5, 5, 8, 1], [9, 3, 3, 0]]


def random_films(rng, n, d):
    """Draw a cloud off the origin, as wide in its directions as 8 to 4 to 2 to 1, in slanting axes."""
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    spread = 8.0 * 0.5 ** np.arange(d)
    while True:
        cloud = rng.normal(size=(n, d)) * spread
        values = np.linalg.svd(cloud - cloud.mean(axis=0), compute_uv=False)
        if values[1] < 0.85 * values[0] and values[2] < 0.85 * values[1]:
            return cloud @ turn + rng.normal(size=d) * 6


@exercise("project_2d", points={"values": 2, "input kept": 1}, up_to_sign=True, instead_of=("pca_2d",))
def project_2d(items):
    """Coordinates on the two directions in which the centred table spreads most."""
    items = np.asarray(items, dtype=float)
    centred = items - items.mean(axis=0)
    spreads, directions = np.linalg.eigh(centred.T @ centred)
    widest = np.argsort(-spreads)
    first, second = directions[:, widest[0]], directions[:, widest[1]]
    return np.array([[row @ first, row @ second] for row in centred])


@project_2d.inputs("values", fixed=[(SLOPE,), (CLOUD,), (WIDE,), (WIDE[::-1][:5],), ([row[::-1] for row in CLOUD],)])
def _(rng):
    return [(random_films(rng, n, d),) for n, d in [(5, 3), (9, 4), (20, 5), (6, 6)]]


def _axes(table):
    return np.linalg.svd(table, full_matrices=False)[2]


def _centred(items):
    return items - items.mean(axis=0)


@project_2d.misconception(
    "You did not centre: your first axis points at the middle of the cloud, not along its spread.",
    kind="misconception",
)
def not_centred(items):
    return items @ _axes(items)[:2].T


@project_2d.misconception(
    "You found the axes of the centred table, but placed the films as they were; centre the map too."
)
def coordinates_not_centred(items):
    return items @ _axes(_centred(items))[:2].T


@project_2d.misconception("You found the axes before centring; centre first, then look for the widest spread.")
def axes_not_centred(items):
    return _centred(items) @ _axes(items)[:2].T


@project_2d.misconception("You subtracted each film's own mean; subtract the mean of each column, over the films.")
def rows_centred(items):
    table = items - items.mean(axis=1, keepdims=True)
    return table @ _axes(table)[:2].T


@project_2d.misconception("You subtracted one mean of the whole table; each column has its own.")
def one_mean(items):
    table = items - items.mean()
    return table @ _axes(table)[:2].T


@project_2d.misconception(
    "You scaled each column to the same spread; how widely a column spreads is what PCA is to find out.",
    kind="misconception",
)
def columns_scaled(items):
    table = _centred(items) / items.std(axis=0)
    return table @ _axes(table)[:2].T


@project_2d.misconception("You brought the films to length one first; centre the table as it is.")
def rows_normalised_first(items):
    table = _centred(items / np.linalg.norm(items, axis=1, keepdims=True))
    return table @ _axes(table)[:2].T


@project_2d.misconception(
    "The third result of svd holds an axis in each row, and you took its columns; the shapes fit, all the same.",
    kind="misconception",
)
def columns_of_the_third_result(items):
    return _centred(items) @ np.linalg.svd(_centred(items), full_matrices=False)[2][:, :2]


@project_2d.misconception("You kept the two narrowest directions; eigh puts the smallest first.")
def narrowest(items):
    return _centred(items) @ np.linalg.eigh(np.cov(items.T))[1][:, :2]


@project_2d.misconception("Your two axes are the right ones in the wrong order: the widest comes first.")
def axes_exchanged(items):
    return project_2d.reference(items)[:, ::-1]


@project_2d.misconception("You kept the second and the third axis; the first is the widest.")
def axes_one_late(items):
    return _centred(items) @ _axes(_centred(items))[1:3].T


@project_2d.misconception("Your map shows the first axis twice: the second column should be the second axis.")
def first_axis_twice(items):
    return project_2d.reference(items)[:, [0, 0]]


@project_2d.misconception("Your map shows the second axis twice: the first column should be the first axis.")
def second_axis_twice(items):
    return project_2d.reference(items)[:, [1, 1]]


@project_2d.misconception("You kept the first and the third axis; the second spreads more than the third.")
def second_axis_missed(items):
    return _centred(items) @ _axes(_centred(items))[[0, 2]].T


@project_2d.misconception("You added the mean; take it away, and the middle of the cloud moves to the origin.")
def mean_added(items):
    table = items + items.mean(axis=0)
    return table @ _axes(table)[:2].T


@project_2d.misconception("You subtracted the median of each column; PCA is about the mean.")
def median_subtracted(items):
    table = items - np.median(items, axis=0)
    return table @ _axes(table)[:2].T


@project_2d.misconception("You kept the first two columns of the table; the widest directions may be slanted.")
def first_two_columns(items):
    return items[:, :2]


@project_2d.misconception("You kept the first two columns of the centred table; the widest directions may be slanted.")
def first_two_centred_columns(items):
    return _centred(items)[:, :2]


@project_2d.misconception("You kept the two columns that spread most; the widest directions may be slanted.")
def widest_columns(items):
    return _centred(items)[:, np.argsort(-items.var(axis=0), kind="stable")[:2]]


@project_2d.misconception("Your two columns have length one: both axes look equally wide; how far does each spread?")
def left_side_only(items):
    return np.linalg.svd(_centred(items), full_matrices=False)[0][:, :2]


@project_2d.misconception("You did not centre, and your columns have length one: how far does each axis spread?")
def left_side_not_centred(items):
    return np.linalg.svd(items, full_matrices=False)[0][:, :2]


@project_2d.misconception("The second result of eigh holds an axis in each column, and you took its rows.")
def rows_of_eigenvectors(items):
    return _centred(items) @ np.linalg.eigh(np.cov(items.T))[1][:2].T


@project_2d.misconception(
    "You multiplied by the roots of the spreads, as for the space; here coordinates take the whole of them."
)
def roots_of_spreads(items):
    left, values, _ = np.linalg.svd(_centred(items), full_matrices=False)
    return left[:, :2] * np.sqrt(values[:2])


@project_2d.misconception("You divided each axis by its spread, so both look equally wide.")
def whitened(items):
    flat = project_2d.reference(items)
    return flat / flat.std(axis=0)


@project_2d.misconception(
    "You returned the two axes; the coordinates of the films along them are asked for.", kind="next step"
)
def axes_returned(items):
    return _axes(_centred(items))[:2].T


@project_2d.misconception("You returned the coordinates on all axes; the map has two.", kind="next step")
def all_axes(items):
    return _centred(items) @ _axes(_centred(items)).T


@project_2d.misconception("Your map lies on its side: one row for each film is asked for.")
def map_on_its_side(items):
    return project_2d.reference(items).T


@project_2d.misconception(
    "You centred the caller's own table; make a new one, or the space of every later cell has moved.",
    layer="input kept",
)
def centres_in_place(items):
    items -= items.mean(axis=0)
    return items @ _axes(items)[:2].T


@project_2d.alternative
def project_by_svd(items):
    centred = items - items.mean(axis=0)
    return centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T


@project_2d.alternative
def project_by_left_side(items):
    left, values, _ = np.linalg.svd(items - np.mean(items, axis=0))
    return (-left[:, :2] * values[:2]).tolist()


@project_2d.alternative
def project_by_scipy_in_float32(items):
    from scipy.linalg import svd

    left, values, _ = svd(items - items.mean(axis=0, keepdims=True), full_matrices=False)
    return (left * values)[:, :2].astype(np.float32)


@project_2d.alternative
def project_by_covariance(items):
    axes = np.linalg.eigh(np.cov(items, rowvar=False))[1][:, [-1, -2]]
    return (items - items.mean(0)) @ axes


# --- neighbours_kept ---------------------------------------------------------------------------------------------

# No two distances from one point tie, in space or on the map.
LINE = [[0, 0, 0], [1, 0, 0], [3, 0, 1], [7, 1, 0]]
LINE_FLAT = [[0, 0], [1, 5], [3, 1], [7, 9]]
KITE = [[0, 0, 0], [4, 0, 1], [0, 5, 2], [7, 8, 3], [1, 2, 9]]
KITE_FLAT = [[0, 0], [1, 4], [6, 5], [9, 2], [3, 11]]
CROSS = [[0, 0, 1], [-5, 0, 2], [4, 1, -1], [1, -7, 0], [-1, 9, 3], [8, 8, -6]]
CROSS_FLAT = [[0, 1], [-4, 1], [3, -5], [1, -9], [-2, 6], [7, 3]]
#: Films 0 and 1 have the same audience, so they stand on one spot.
TWINS = [[0, 0, 0], [0, 0, 0], [3, 1, 0], [7, 1, 2]]
TWINS_FLAT = [[0, 0], [1, 1], [4, 1], [7, 9]]


def _flat_and_deep(rng, n, d, k):
    items = rng.normal(size=(n, d)) * np.append([3.0, 2.0], np.ones(d - 2)) + rng.normal(size=d)
    return items, items[:, :2] + 0.3 * rng.normal(size=(n, 2)), k


@exercise("neighbours_kept", points={"values": 2, "everything": 1})
def neighbours_kept(items, flat, k):
    """Film by film: how many of the k nearest in space are among the k nearest on the map."""
    items, flat = np.asarray(items, dtype=float), np.asarray(flat, dtype=float)

    def nearest(points, film):
        apart = np.linalg.norm(points - points[film], axis=1)
        apart[film] = np.inf
        return np.argsort(apart, kind="stable")[:k]

    shares = []
    for film in range(len(items)):
        kept = set(nearest(items, film)) & set(nearest(flat, film))
        shares.append(len(kept) / k)
    return float(np.mean(shares))


@neighbours_kept.inputs(
    "values",
    fixed=[
        (LINE, LINE_FLAT, 1),
        (LINE, LINE_FLAT, 2),
        (KITE, KITE_FLAT, 1),
        (KITE, KITE_FLAT, 2),
        (KITE, KITE_FLAT, 3),
        (KITE[::-1], KITE_FLAT[1:] + KITE_FLAT[:1], 2),
        (CROSS, CROSS_FLAT, 1),
        (CROSS, CROSS_FLAT, 2),
    ],
)
def _(rng):
    return [_flat_and_deep(rng, n, d, k) for n, d, k in [(8, 3, 2), (12, 5, 3), (20, 6, 5), (40, 8, 10)]]


@neighbours_kept.inputs(
    "everything",
    fixed=[
        (LINE, LINE_FLAT, 3),
        (TWINS, TWINS_FLAT, 3),
        (TWINS, TWINS_FLAT, 1),
        (LINE, LINE_FLAT, 2),
        (TWINS_FLAT, TWINS, 1),
        (KITE, KITE_FLAT, 4),
        (KITE, KITE_FLAT, 3),
    ],
)
def _(rng):
    items, flat, _ = _flat_and_deep(rng, 7, 4, 6)
    twins = items.copy()
    twins[3] = twins[1]
    return [(items, flat, 6), (items, flat, 5), (twins, flat, 6), (twins, flat, 1), (flat, twins, 2)]


def _lists(points, k, *, order=2, largest=False, first=0):
    apart = np.linalg.norm(points[:, None] - points[None], ord=order, axis=2)
    if first == 0:
        np.fill_diagonal(apart, -np.inf if largest else np.inf)
    return np.argsort(-apart if largest else apart, axis=1, kind="stable")[:, first : first + k]


def _shares(one, other):
    return np.array([len(set(a) & set(b)) for a, b in zip(one, other, strict=True)])


def _with_itself(points, k):
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, -1)
    return np.argsort(apart, axis=1, kind="stable")[:, :k]


@neighbours_kept.misconception(
    "Each film counts as its own nearest neighbour, on the map as in the space; leave it out."
)
def itself_counted(items, flat, k):
    return np.mean(_shares(_with_itself(items, k), _with_itself(flat, k)) / k)


@neighbours_kept.misconception("You left the film itself out, but then your lists hold only k - 1 others.")
def one_neighbour_short(items, flat, k):
    return np.mean(_shares(_with_itself(items, k)[:, 1:], _with_itself(flat, k)[:, 1:]) / k)


@neighbours_kept.misconception("Your lists hold the film itself and k others; one of those matches is never in doubt.")
def itself_and_k_others(items, flat, k):
    return np.mean(_shares(_with_itself(items, k + 1), _with_itself(flat, k + 1)) / (k + 1))


@neighbours_kept.misconception("You counted the film itself among the kept, but divided by the number of the others.")
def itself_counted_on_top(items, flat, k):
    return np.mean(_shares(_with_itself(items, k + 1), _with_itself(flat, k + 1)) / k)


@neighbours_kept.misconception(
    "You compared the two lists place by place; a neighbour is kept wherever it stands among the k.",
    kind="misconception",
)
def place_by_place(items, flat, k):
    return np.mean(_lists(items, k) == _lists(flat, k))


@neighbours_kept.misconception("You divided by all films in either list; of the k nearest in space, how many are kept?")
def union_below(items, flat, k):
    both = _shares(_lists(items, k), _lists(flat, k))
    return np.mean(both / (2 * k - both))


@neighbours_kept.misconception("You counted the neighbours kept; divide by k for a share.", kind="next step")
def counts_not_shares(items, flat, k):
    return np.mean(_shares(_lists(items, k), _lists(flat, k)))


@neighbours_kept.misconception("You counted over all films and did not take the mean.", kind="next step")
def total_count(items, flat, k):
    return int(np.sum(_shares(_lists(items, k), _lists(flat, k))))


@neighbours_kept.misconception("You added up the shares of all films; their mean is asked for.", kind="next step")
def sum_of_shares(items, flat, k):
    return np.sum(_shares(_lists(items, k), _lists(flat, k)) / k)


@neighbours_kept.misconception("You returned one share for each film; their mean is asked for.", kind="next step")
def shares_returned(items, flat, k):
    return _shares(_lists(items, k), _lists(flat, k)) / k


@neighbours_kept.misconception("You gave the share that is lost; the share kept is asked for.")
def share_lost(items, flat, k):
    return 1 - np.mean(_shares(_lists(items, k), _lists(flat, k)) / k)


@neighbours_kept.misconception("You compared the farthest films; which way does argsort sort?")
def farthest(items, flat, k):
    return np.mean(_shares(_lists(items, k, largest=True), _lists(flat, k, largest=True)) / k)


@neighbours_kept.misconception(
    "You ranked by dot product; the neighbours on a map are those at the smallest distance.", kind="misconception"
)
def by_dot_product(items, flat, k):
    def lists(points):
        scores = points @ points.T
        np.fill_diagonal(scores, -np.inf)
        return np.argsort(-scores, axis=1, kind="stable")[:, :k]

    return np.mean(_shares(lists(items), lists(flat)) / k)


@neighbours_kept.misconception(
    "You added up the differences along the axes; the Euclidean distance goes straight across."
)
def by_sum_of_differences(items, flat, k):
    return np.mean(_shares(_lists(items, k, order=1), _lists(flat, k, order=1)) / k)


@neighbours_kept.misconception("You added up differences with their signs, so that they cancel; square them first.")
def signed_differences(items, flat, k):
    def lists(points):
        apart = points.sum(axis=1)[None] - points.sum(axis=1)[:, None]
        np.fill_diagonal(apart, np.inf)
        return np.argsort(apart, axis=1, kind="stable")[:, :k]

    return np.mean(_shares(lists(items), lists(flat)) / k)


@neighbours_kept.misconception("You added the two points where their difference is needed.")
def points_added(items, flat, k):
    def lists(points):
        apart = np.linalg.norm(points[:, None] + points[None], axis=2)
        np.fill_diagonal(apart, np.inf)
        return np.argsort(apart, axis=1, kind="stable")[:, :k]

    return np.mean(_shares(lists(items), lists(flat)) / k)


@neighbours_kept.misconception("You counted the films in either list; a neighbour is kept if it is in both.")
def either_list(items, flat, k):
    return np.mean((2 * k - _shares(_lists(items, k), _lists(flat, k))) / k)


@neighbours_kept.misconception("You compared the first axis of the map only; a point on it has two coordinates.")
def one_axis_of_the_map(items, flat, k):
    return np.mean(_shares(_lists(items, k), _lists(flat[:, :1], k)) / k)


@neighbours_kept.misconception("You looked at the first film only; take the mean over all of them.")
def first_film_only(items, flat, k):
    return _shares(_lists(items, k), _lists(flat, k))[0] / k


@neighbours_kept.misconception("A film counts fully as soon as one neighbour is kept; count how many of the k are.")
def any_kept(items, flat, k):
    return np.mean(_shares(_lists(items, k), _lists(flat, k)) > 0)


@neighbours_kept.misconception("A film counts only where all its neighbours are kept; count how many of the k are.")
def all_kept(items, flat, k):
    return np.mean(_shares(_lists(items, k), _lists(flat, k)) == k)


@neighbours_kept.misconception("You threw the neighbours of all films together; compare film by film.")
def all_films_together(items, flat, k):
    return np.isin(_lists(items, k), _lists(flat, k)).mean()


@neighbours_kept.misconception("You cut your sorted table across the wrong axis: each film needs a list of its own.")
def wrong_axis_cut(items, flat, k):
    def lists(points):
        apart = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(apart, -1)
        return np.argsort(apart, axis=0, kind="stable")[1 : k + 1]

    return np.mean(_shares(lists(items), lists(flat)) / k)


@neighbours_kept.misconception(
    "You took the first in each sorted list for the film itself; two films on one spot may come the other way round.",
    layer="everything",
    kind="misconception",
)
def first_taken_for_itself(items, flat, k):
    return np.mean(_shares(_lists(items, k, first=1), _lists(flat, k, first=1)) / k)


@neighbours_kept.misconception(
    "You left out every film at distance zero; another film on the same spot is a neighbour, the nearest there is.",
    layer="everything",
)
def zeros_left_out(items, flat, k):
    def lists(points):
        apart = np.linalg.norm(points[:, None] - points[None], axis=2)
        apart[apart == 0] = np.inf
        return [[j for j in np.argsort(row, kind="stable") if row[j] < np.inf][:k] for row in apart]

    return np.mean(_shares(lists(items), lists(flat)) / k)


@neighbours_kept.misconception(
    "You refuse k = n - 1; all others are neighbours then, and all are kept.", layer="everything"
)
def all_others_refused(items, flat, k):
    if k >= len(items) - 1:
        raise ValueError
    return neighbours_kept.reference(items, flat, k)


@neighbours_kept.alternative
def neighbours_by_broadcasting(items, flat, k):
    return float(np.mean(_shares(_lists(items, k), _lists(flat, k))) / k)


@neighbours_kept.alternative
def neighbours_by_top_k(items, flat, k):
    from recsys_lib.retrieval import top_k
    from recsys_lib.similarity import euclidean_distances

    def mask(points):
        apart = euclidean_distances(points, points)
        np.fill_diagonal(apart, np.inf)
        found = np.zeros(apart.shape, dtype=bool)
        np.put_along_axis(found, top_k(-apart, k), True, axis=1)
        return found

    return (mask(items) & mask(flat)).sum(axis=1).mean() / k


@neighbours_kept.alternative
def neighbours_by_scipy(items, flat, k):
    from scipy.spatial.distance import cdist

    kept = 0
    for i in range(len(items)):
        lists = []
        for points in (items, flat):
            apart = cdist(points[i : i + 1], points)[0]
            apart[i] = np.inf
            lists.append(apart.argsort(kind="stable")[:k])
        kept += np.isin(*lists).sum()
    return np.float32(kept / (len(items) * k))


@neighbours_kept.alternative
def neighbours_by_rounds(items, flat, k):
    total = 0.0
    for i in range(len(items)):
        deep = [(np.linalg.norm(items[i] - items[j]), j) for j in range(len(items)) if j != i]
        map_ = [(np.linalg.norm(flat[i] - flat[j]), j) for j in range(len(flat)) if j != i]
        total += len({j for _, j in sorted(deep)[:k]} & {j for _, j in sorted(map_)[:k]}) / k
    return total / len(items)
