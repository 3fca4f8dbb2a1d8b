"""Say which share of the exact answers an index has found."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("index_recall", points={"values": 2}, instead_of=("index_recall", "precision_at_k"))
def index_recall(found, exact):
    """For each query the share of its exact ids that are among the found ones; then the mean."""
    shares = [
        len(set(row) & set(right)) / len(right) for row, right in zip(found.tolist(), exact.tolist(), strict=True)
    ]
    return sum(shares) / len(shares)


def draw(rng, q, m, k, n):
    """Draw exact ids, and found ones with misses, other orders, -1 at the end and an id twice."""
    exact = np.array([rng.permutation(n)[:k] for _ in range(q)])
    found = np.empty((q, m), dtype=int)
    for row, right in zip(found, exact, strict=True):
        some = rng.permutation(right)[: int(rng.integers(0, k + 1))]
        others = rng.permutation(np.setdiff1d(np.arange(n), right))
        row[:] = rng.permutation(np.concatenate([some, others, -np.ones(m, dtype=int)])[:m])
        if m > 2 and rng.random() < 0.6:
            row[0] = row[1]
        if rng.random() < 0.5:
            row[-1] = -1
    return found, exact


@index_recall.inputs(
    "values",
    fixed=[
        (np.array([[7, 3, 9, -1], [4, 4, 1, 0]]), np.array([[3, 7, 5, 8], [0, 1, 2, 4]])),
        (np.array([[2, 1, 0]]), np.array([[0, 1, 2]])),
        (np.array([[1, -1]]), np.array([[1, 5]])),  # the largest id is not found
        (np.array([[4, 9, 4]]), np.array([[4, 5]])),  # twice, and another one between
        (np.array([[3, -1, 6]]), np.array([[6, 3]])),  # an id behind an empty place
        (np.array([[1, 2], [2, 5]]), np.array([[1, 2], [2, 3]])),  # an id is right for both queries
        (np.array([[5, 6], [1, 2], [3, 9]]), np.array([[1, 2], [2, 1], [9, 8]])),
        (np.array([[4, 8, 1, 0, 2, 9], [3, 5, 6, 7, -1, -1]]), np.array([[1, 2, 3], [5, 6, 7]])),
        (np.array([[4, 8], [3, -1], [6, 5]]), np.array([[8, 4, 1, 0, 2], [5, 3, 6, 7, 1], [7, 5, 0, 1, 2]])),
        (np.array([[2, 2, 2, 7], [9, -1, -1, -1]]), np.array([[2, 3, 4, 5], [9, 0, 1, 3]])),
        (np.array([[-1, -1, -1], [0, 1, 4]]), np.array([[0, 1, 2], [0, 4, 1]])),
    ],
)
def _(rng):
    late = np.array([[9, 8, 7, 5], [6, 9, 3, 4]]), np.array([[5, 7], [4, 3]])  # what is right comes behind the first k
    a, b, c, d = rng.permutation(20)[:4]
    apart = np.array([[a, b, a, -1, c], [d, a, d, b, -1]]), np.array([[c, a, d], [d, c, a]])
    return [late, apart] + [
        draw(rng, *shape) for shape in [(3, 4, 4, 9), (5, 6, 3, 12), (4, 3, 6, 10), (8, 5, 5, 7), (6, 10, 10, 40)]
    ]


def _mean(shares):
    return float(np.mean(list(shares)))


def _pairs(found, exact):
    return list(zip(found.tolist(), exact.tolist(), strict=True))


@index_recall.misconception("You compare place with place; is an id in another order not found?", kind="misconception")
def order_compared(found, exact):
    width = min(found.shape[1], exact.shape[1])
    return float(np.sum(found[:, :width] == exact[:, :width]) / exact.size)


@index_recall.misconception(
    "You look for the ids among those of all queries; whose list is an id of query 3 to be found in?"
)
def all_queries_in_one(found, exact):
    return float(np.isin(exact, found).mean())


@index_recall.misconception(
    "You make one set of all ids and one of all found ones; may an item be right for one query and wrong for another?"
)
def one_set_for_all(found, exact):
    right = set(exact.ravel().tolist())
    return len(right & set(found.ravel().tolist())) / len(right)


@index_recall.misconception(
    "You divide by how many ids the index returned; that is precision, and what does recall divide by?",
    kind="misconception",
)
def precision(found, exact):
    return _mean(len(set(row) & set(right)) / len(row) for row, right in _pairs(found, exact))


@index_recall.misconception(
    "You divide by what the index returned without -1; that is precision, and what does recall divide by?"
)
def precision_without_minus_one(found, exact):
    shares = []
    for row, right in _pairs(found, exact):
        kept = set(row) - {-1}
        shares.append(len(kept & set(right)) / len(kept) if kept else 0.0)
    return _mean(shares)


@index_recall.misconception("An id that stands twice in a found list counts twice; how many exact ids has it found?")
def twice_counts_twice(found, exact):
    return _mean(sum(i in right for i in row) / len(right) for row, right in _pairs(found, exact))


@index_recall.misconception(
    "An id counts once where it stands twice side by side, and twice where others stand between; what is asked for?"
)
def neighbours_compared(found, exact):
    shares = []
    for row, right in _pairs(found, exact):
        row = [i for i in row if i != -1]
        shares.append(sum(i in right and row[j - 1 : j] != [i] for j, i in enumerate(row)) / len(right))
    return _mean(shares)


@index_recall.misconception(
    "Where the index found nothing, the largest id counts as found; which place of an array does -1 name?"
)
def last_place_marked(found, exact):
    last = max(found.max(), exact.max())
    return index_recall(np.where(found == -1, last, found), exact)


@index_recall.misconception("You stop reading a row at its first -1; may an id stand behind an empty place?")
def stopped_at_minus_one(found, exact):
    ended = np.cumsum(found == -1, axis=1) > 0
    return index_recall(np.where(ended, -1, found), exact)


@index_recall.misconception(
    "An id that was found for an earlier query does not count for a later one; what has to begin anew with each query?"
)
def seen_by_all_queries(found, exact):
    seen, hits = set(), 0
    for row, right in _pairs(found, exact):
        hits += len((set(row) - seen) & set(right))
        seen |= set(row)
    return hits / exact.size


@index_recall.misconception(
    "You return a share for each query; the mean over the queries is still missing.", kind="next step"
)
def by_query(found, exact):
    return np.array([len(set(row) & set(right)) / len(right) for row, right in _pairs(found, exact)])


@index_recall.misconception("You count hits and do not divide them by the number of exact ids.", kind="next step")
def hits_not_divided(found, exact):
    return _mean(len(set(row) & set(right)) for row, right in _pairs(found, exact))


@index_recall.misconception("You add up all hits and divide by the exact ids of one query; how many queries are there?")
def sum_over_queries(found, exact):
    return float(sum(len(set(row) & set(right)) for row, right in _pairs(found, exact)) / exact.shape[1])


@index_recall.misconception(
    "A query counts as found only if all of its ids are; is one of ten that is missing a whole failure?"
)
def all_or_nothing(found, exact):
    return _mean(set(right) <= set(row) for row, right in _pairs(found, exact))


@index_recall.misconception("A query counts as found if one of its ids is; what about the other ones?")
def any_of_them(found, exact):
    return _mean(bool(set(row) & set(right)) for row, right in _pairs(found, exact))


@index_recall.misconception(
    "You divide by the size of the union; that is the Jaccard index, and which set does recall look at?"
)
def jaccard(found, exact):
    return _mean(
        len(set(row) & set(right)) / len((set(row) - {-1}) | set(right)) for row, right in _pairs(found, exact)
    )


@index_recall.misconception(
    "You divide by the shorter of the two lists; what if the index returns two ids and five are right?"
)
def by_the_shorter(found, exact):
    k = min(found.shape[1], exact.shape[1])
    return _mean(len(set(row) & set(right)) / k for row, right in _pairs(found, exact))


@index_recall.misconception(
    "You cut the found lists at k; the prompt lets an index return more, do its later ids not count?"
)
def found_cut(found, exact):
    k = exact.shape[1]
    return _mean(len(set(row[:k]) & set(right)) / k for row, right in _pairs(found, exact))


@index_recall.misconception(
    "You cut the exact lists at the width of the found ones; does an id count as found that nobody returned?"
)
def exact_cut(found, exact):
    m = found.shape[1]
    return _mean(len(set(row) & set(right[:m])) / len(right[:m]) for row, right in _pairs(found, exact))


@index_recall.misconception("You leave out queries for which nothing was found; is that not a recall of 0?")
def empty_left_out(found, exact):
    shares = [len(set(row) & set(right)) / len(right) for row, right in _pairs(found, exact) if set(row) & set(right)]
    return _mean(shares) if shares else 0.0


@index_recall.misconception("You return the share that was missed; how is recall related to it?")
def share_missed(found, exact):
    return 1 - index_recall(found, exact)


@index_recall.misconception("You return after the first query; is the `return` inside the loop?")
def first_query_alone(found, exact):
    return len(set(found[0].tolist()) & set(exact[0].tolist())) / exact.shape[1]


@index_recall.alternative
def by_comparison(found, exact):
    return float((exact[:, :, None] == found[:, None, :]).any(axis=2).mean())


@index_recall.alternative
def with_intersect(found, exact):
    return np.mean([np.intersect1d(row, right).size for row, right in zip(found, exact, strict=True)]) / exact.shape[1]


@index_recall.alternative
def with_isin(found, exact):
    return np.mean([np.isin(right, row).mean() for row, right in zip(found, exact, strict=True)])


@index_recall.alternative
def counted(found, exact):
    hits = 0
    for row, right in zip(found, exact, strict=True):
        hits += sum(1 for i in right if i in row)
    return hits / exact.size
