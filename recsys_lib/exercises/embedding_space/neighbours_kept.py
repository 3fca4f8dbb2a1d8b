"""Find the share of each film's nearest neighbours in space that are its nearest on the map, too."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


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


# No two distances from one point tie, in space or on the map.
LINE = [[0, 0, 0], [1, 0, 0], [3, 0, 1], [7, 1, 0]]
LINE_FLAT = [[0, 0], [1, 5], [3, 1], [7, 9]]
KITE = [[0, 0, 0], [4, 0, 1], [0, 5, 2], [7, 8, 3], [1, 2, 9]]
KITE_FLAT = [[0, 0], [1, 4], [6, 5], [9, 2], [3, 11]]
# Two films on one spot, whose squared distance comes out below 0 where it is multiplied out.
TWINS = [[-1.5, -1.1], [0.2, -0.4], [-1.5, -1.1], [-1.2, -1.0]]
CROSS = [[0, 0, 1], [-5, 0, 2], [4, 1, -1], [1, -7, 0], [-1, 9, 3], [8, 8, -6]]
CROSS_FLAT = [[0, 1], [-4, 1], [3, -5], [1, -9], [-2, 6], [7, 3]]


CORNERS = [[0, 0], [1, 0], [0, 3], [9, 9]]


def _flat_and_deep(rng, n, d, k):
    items = rng.normal(size=(n, d)) * np.append([3.0, 2.0], np.ones(d - 2)) + rng.normal(size=d)
    return items, items[:, :2] + 0.3 * rng.normal(size=(n, 2)), k


@neighbours_kept.inputs(
    "values",
    fixed=[
        (CORNERS, CORNERS, 2),
        (LINE, LINE_FLAT, 1),
        (LINE, LINE_FLAT, 2),
        (KITE, KITE_FLAT, 1),
        (KITE, KITE_FLAT, 2),
        (KITE, KITE_FLAT, 3),
        (KITE[::-1], KITE_FLAT[1:] + KITE_FLAT[:1], 2),
        (CROSS, CROSS_FLAT, 1),
        (CROSS, CROSS_FLAT, 2),
        (TWINS, [[0, 0], [5, 5], [0, 1], [9, 9]], 1),
        (np.array(CROSS), np.array(CROSS_FLAT), 3),
    ],
)
def _(rng):
    return [_flat_and_deep(rng, n, d, k) for n, d, k in [(8, 3, 2), (12, 5, 3), (20, 6, 5), (40, 8, 10)]]


#: Films 0 and 1 have the same audience, so they stand on one spot.
TWINS = [[0, 0, 0], [0, 0, 0], [3, 1, 0], [7, 1, 2]]
TWINS_FLAT = [[0, 0], [1, 1], [4, 1], [7, 9]]
#: To film 0, film 2 is nearer than film 1, by very little.
NEARLY_TIED = [[0, 0, 0], [3, 0, 0], [0, 3 - 3e-7, 0], [9, 9, 9]]
NEARLY_TIED_FLAT = [[0, 0], [5, 0], [0, 1], [9, 9]]
#: So many ties, and so long lists, that a sort that is not stable loses the order on every processor.
GRID = [[i % 8, i // 8, 0] for i in range(40)]
GRID_FLAT = [[(3 * i) % 5, i // 10] for i in range(40)]
BENT_FLAT = [[(3 * i) % 5, (i * i) % 7] for i in range(40)]


@neighbours_kept.inputs(
    "everything",
    fixed=[
        (LINE, LINE_FLAT, 3),
        (TWINS, TWINS_FLAT, 3),
        (TWINS, TWINS_FLAT, 1),
        (TWINS_FLAT, TWINS, 1),
        (NEARLY_TIED, NEARLY_TIED_FLAT, 1),
        (LINE, LINE_FLAT, 2),
        (KITE, KITE_FLAT, 4),
        (KITE, KITE_FLAT, 3),
        (GRID, GRID_FLAT, 2),
        (GRID, GRID_FLAT, 3),
        (GRID, BENT_FLAT, 3),
    ],
)
def _(rng):
    items, flat, _ = _flat_and_deep(rng, 7, 4, 6)
    twins = items.copy()
    twins[3] = twins[1]
    sizes = [(40, 6, 5, 2), (40, 6, 5, 3), *[(40, 3, 3, 7)] * 3]
    tied = [
        (rng.integers(most, size=(n, 3)).astype(float), rng.integers(most_flat, size=(n, 2)).astype(float), k)
        for n, most, most_flat, k in sizes
    ]
    nearly, turn = np.array(NEARLY_TIED), rng.permutation(3)
    nearly = (nearly[:, turn] + rng.integers(1, 4)) * 2.0 ** rng.integers(4)
    return [
        *[
            (items, flat, 6),
            (items, np.roll(flat, 1, axis=0), 6),
            (items, flat, 5),
            (twins, flat, 6),
            (twins, flat, 1),
            (flat, twins, 2),
        ],
        (nearly, np.array(NEARLY_TIED_FLAT, dtype=float), 1),
        *tied,
    ]


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


def _lists(points, k, *, order=2, largest=False, first=0):
    apart = np.linalg.norm(points[:, None] - points[None], ord=order, axis=2)
    if first == 0:
        np.fill_diagonal(apart, -np.inf if largest else np.inf)
    return np.argsort(-apart if largest else apart, axis=1, kind="stable")[:, first : first + k]


@neighbours_kept.misconception(
    "A film is as far from itself as from the farthest in your table, and may be taken in its place; make it infinite.",
    layer="everything",
)
def itself_as_far_as_the_farthest(items, flat, k):
    def lists(points):
        apart = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(apart, apart.max())
        return np.argsort(apart, axis=1, kind="stable")[:, :k]

    return np.mean(_shares(lists(items), lists(flat)) / k)


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


@neighbours_kept.misconception("You looked at the first film only; take the mean over all of them.")
def first_film_only(items, flat, k):
    return _shares(_lists(items, k), _lists(flat, k))[0] / k


@neighbours_kept.misconception("A film counts only where all its neighbours are kept; count how many of the k are.")
def all_kept(items, flat, k):
    return np.mean(_shares(_lists(items, k), _lists(flat, k)) == k)


@neighbours_kept.misconception("You threw the neighbours of all films together; compare film by film.")
def all_films_together(items, flat, k):
    return np.isin(_lists(items, k), _lists(flat, k)).mean()


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
    "Of two films at the same distance the one with the lower id comes first; a plain sort does not promise that, so "
    "ask for a stable one.",
    layer="everything",
)
def unstable_sort(items, flat, k):
    def lists(points):
        apart = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(apart, np.inf)
        return np.argsort(apart, axis=1)[:, :k]

    return np.mean(_shares(lists(items), lists(flat)) / k)


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
