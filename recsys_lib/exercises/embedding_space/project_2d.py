"""Draw a map: centre the items, and give their coordinates on the two widest directions."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("project_2d", points={"values": 2, "input kept": 1}, up_to_sign=True, instead_of=("pca_2d",))
def project_2d(items):
    """Coordinates on the two directions in which the centred table spreads most."""
    items = np.asarray(items, dtype=float)
    centred = items - items.mean(axis=0)
    spreads, directions = np.linalg.eigh(centred.T @ centred)
    widest = np.argsort(-spreads)
    first, second = directions[:, widest[0]], directions[:, widest[1]]
    return np.array([[row @ first, row @ second] for row in centred])


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


#: On one line, all of it: the second axis has nothing left to show.
LINE = [[0, 0], [2, 0], [4, 0], [10, 0]]


@project_2d.inputs(
    "values",
    fixed=[(SLOPE,), (LINE,), (CLOUD,), (WIDE,), (WIDE[::-1][:5],), ([row[::-1] for row in CLOUD],)],
)
def _(rng):
    return [(random_films(rng, n, d),) for n, d in [(5, 3), (9, 4), (20, 5), (6, 6)]]


def _axes(table):
    return np.linalg.svd(table, full_matrices=False)[2]


@project_2d.misconception(
    "You did not centre: your first axis points at the middle of the cloud, not along its spread.",
    kind="misconception",
)
def not_centred(items):
    return items @ _axes(items)[:2].T


def _centred(items):
    return items - items.mean(axis=0)


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


@project_2d.misconception("Your map shows the first axis twice: the second column should be the second axis.")
def first_axis_twice(items):
    return project_2d.reference(items)[:, [0, 0]]


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


@project_2d.misconception("The second result of eigh holds an axis in each column, and you took its rows.")
def rows_of_eigenvectors(items):
    return _centred(items) @ np.linalg.eigh(np.cov(items.T))[1][:2].T


@project_2d.misconception(
    "You multiplied by the roots of the spreads, as for the space; here coordinates take the whole of them."
)
def roots_of_spreads(items):
    left, values, _ = np.linalg.svd(_centred(items), full_matrices=False)
    return left[:, :2] * np.sqrt(values[:2])


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
