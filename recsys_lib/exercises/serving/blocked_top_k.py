"""Search a table exactly, a block of items at a time."""

from __future__ import annotations

import heapq

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise(
    "blocked_top_k",
    points={"values": 3, "too few": 1},
    instead_of=("blocked_top_k", "blocked_search", "_search_few", "top_k", "merge_top_k"),
)
def blocked_top_k(queries, items, k, block):
    """Keep the best k of what was kept and of each new block, as pairs of minus the score and the id."""
    if k > len(items):
        raise ValueError(f"{k} items are asked for, and there are {len(items)}")
    lists = []
    for q in queries:
        kept = []
        for start in range(0, len(items), block):
            scores = items[start : start + block] @ q
            kept = sorted(kept + [(-score, start + place) for place, score in enumerate(scores)])[:k]
        lists.append([i for _, i in kept])
    return np.array(lists)


def whole(rng, q, n, d, most=3):
    """Draw tables of whole numbers, whose scores are exact and often tie."""
    return rng.integers(-most, most + 1, (q, d)).astype(float), rng.integers(-most, most + 1, (n, d)).astype(float)


@blocked_top_k.inputs(
    "values",
    fixed=[
        ([[1, 0]], [[2, 5], [1, 1], [3, 0], [3, 9], [0, 1]], 3, 2),
        ([[1, 0], [0, -1]], [[5, 1], [1, 4], [3, -2], [4, 0], [0, 7], [9, -3]], 2, 3),
        ([[1, 1]], [[-1, -2], [-3, -1], [-2, -2], [-5, 0], [-1, -1]], 2, 2),  # all scores below 0
        ([[2]], [[1], [1], [1], [1], [1]], 3, 2),
        ([[1]], [[4], [2], [7], [1], [9], [3], [8]], 4, 1),  # a block shorter than the list
        ([[1], [-1]], [[4], [2], [7], [1], [9], [3], [8]], 7, 3),
        ([[1, 2], [2, 1]], [[1, 1], [0, 3], [2, 1], [1, 0]], 2, 10),
        ([[1]], [[3], [1], [3], [2], [3], [0], [3], [3]], 3, 4),
        ([[1]], [[0], [0], [5], [0], [0], [0], [5], [0]], 4, 3),
        ([[1]], [[1], [2], [3], [4], [5], [6], [7]], 2, 2),  # the best item is alone in the last block
        ([[1]], [[1], [1], [2], [2]], 3, 4),  # two are tied for the last place, in one block
        (np.array([[1, -1]]), np.array([[2, 0], [5, 1], [0, 0], [3, 3], [6, 1]]), 3, 2),
        *[(*whole(np.random.default_rng(seed), 3, 40, 2, 2), 6, 7) for seed in (1, 2)],
        (*whole(np.random.default_rng(3), 20, 70, 2, 1), 7, 30),  # many are tied for the last place in a block
    ],
)
def _(rng):
    found = [
        (rng.normal(size=(q, d)), rng.normal(size=(n, d)), k, block)
        for q, n, d, k, block in [(2, 9, 3, 3, 4), (3, 13, 4, 5, 3), (1, 8, 2, 8, 5), (4, 30, 6, 4, 64)]
    ]
    found += [
        (*whole(rng, q, n, 2), k, block)
        for q, n, k, block in [(2, 12, 4, 5), (3, 45, 10, 8), (2, 30, 3, 1), (2, 41, 12, 20), (1, 7, 7, 2)]
    ]
    found.append((*whole(rng, 20, 70, 2, 1), 7, 30))
    found.append((rng.uniform(0.5, 1, (1, 2)), np.cumsum(rng.uniform(0.5, 1, (11, 2)), axis=0), 3, 5))
    found.append((rng.uniform(0.5, 1, (2, 2)), -np.cumsum(rng.uniform(0.5, 1, (9, 2)), axis=0), 3, 4))
    return found


@blocked_top_k.inputs(
    "too few",
    fixed=[
        ([[1]], [[4], [2], [7]], 4, 2),
        ([[1]], [[4], [2], [7]], 3, 2),
        ([[1]], [[4], [2], [7]], 4, 5),
        ([[1]], [[4], [2], [7]], 2, 5),
        ([[1, 0], [0, 1]], [[4, 1], [2, 2]], 2, 1),
        ([[1, 0], [0, 1]], [[4, 1], [2, 2]], 3, 1),
        ([[1]], [[4], [2], [7], [1]], 2, 1),
    ],
)
def _(rng):
    found = []
    for n, block in [(4, 3), (7, 2)]:
        queries, items = whole(rng, 2, n, 3)
        found += [(queries, items, k, block) for k in (n, n + 1, n + 3, 1)]
    return found


def _need(items, k):
    if k > len(items):
        raise ValueError("too few")


def _by_rule(scores, ids, k):
    """Best k of each row: higher score, then lower id."""
    order = np.lexsort((ids, -scores), axis=1)[:, :k]
    return np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)


def _merged(queries, items, k, block, *, offset=True, starts=None, of_block=None, worst=False):
    """The reference with knobs, as people turn them."""
    _need(items, k)
    ids, scores = np.zeros((len(queries), 0), dtype=int), np.zeros((len(queries), 0))
    for start in range(0, len(items), block) if starts is None else starts:
        part = items[start : start + block]
        new = queries @ part.T * (-1 if worst else 1)
        where = np.broadcast_to(np.arange(len(part)) + (start if offset else 0), new.shape)
        if of_block is not None:
            where, new = _by_rule(new, where, of_block)
        ids, scores = _by_rule(np.hstack([scores, new]), np.hstack([ids, where]), k)
    return ids


@blocked_top_k.misconception(
    "Your ids are places within a block; row 3 of the block that starts at item 200 is which item?"
)
def not_offset(queries, items, k, block):
    _need(items, k)
    place = np.arange(len(items)) % block
    return place[np.argsort(-(queries @ items.T), axis=1, kind="stable")[:, :k]]


@blocked_top_k.misconception(
    "Every block counts its rows from 0 in your lists; at which item of the whole table does it start?"
)
def not_offset_sorted_by_id(queries, items, k, block):
    return _merged(queries, items, k, block, offset=False)


@blocked_top_k.misconception(
    "Your list is that of the last block alone; what has to be compared when a new block comes?"
)
def last_block_wins(queries, items, k, block):
    _need(items, k)
    start = (len(items) - 1) // block * block
    scores = queries @ items[start:].T
    return start + np.argsort(-scores, axis=1, kind="stable")[:, :k]


@blocked_top_k.misconception("Your list is that of the first block alone; where do the other blocks come in?")
def first_block_alone(queries, items, k, block):
    _need(items, k)
    return np.argsort(-(queries @ items[:block].T), axis=1, kind="stable")[:, :k]


@blocked_top_k.misconception("The items behind the last whole block are lost; how many items has the last block?")
def short_block_lost(queries, items, k, block):
    starts = [start for start in range(0, len(items), block) if start + block <= len(items)]
    return _merged(queries, items, k, block, starts=starts)


@blocked_top_k.misconception(
    "Items at the end are never scored where the last block is shorter than the others; how many blocks are there?"
)
def short_block_lost_behind_others(queries, items, k, block):
    return short_block_lost(queries, items, k, min(block, len(items)))


@blocked_top_k.misconception(
    "Each block gives one list, and you put the lists one behind the other; which order should the whole have?"
)
def not_merged(queries, items, k, block):
    _need(items, k)
    parts = []
    for start in range(0, len(items), block):
        scores = queries @ items[start : start + block].T
        parts.append(start + np.argsort(-scores, axis=1, kind="stable")[:, :k])
    return np.hstack(parts)[:, :k]


@blocked_top_k.misconception("The worst items come first in your lists; which way does the sort go?")
def worst_first(queries, items, k, block):
    return _merged(queries, items, k, block, worst=True)


@blocked_top_k.misconception("The right items are in your lists, with the best one last.")
def best_comes_last(queries, items, k, block):
    return blocked_top_k(queries, items, k, block)[:, ::-1]


@blocked_top_k.misconception("The right items are in your lists, in the order of their ids; which order is asked for?")
def in_order_of_ids(queries, items, k, block):
    return np.sort(blocked_top_k(queries, items, k, block), axis=1)


@blocked_top_k.misconception("Of equal scores, your lists take the higher id first.")
def higher_id_first(queries, items, k, block):
    _need(items, k)
    scores = (queries @ items.T)[:, ::-1]
    return len(items) - 1 - np.argsort(-scores, axis=1, kind="stable")[:, :k]


@blocked_top_k.misconception(
    "Of equal scores, the one that stands last before your sort stands first behind it; what does turning a sorted "
    "list round do to equal ones?"
)
def sorted_and_turned(queries, items, k, block):
    _need(items, k)
    lists = []
    for scores in queries @ items.T:
        ids = np.arange(0)
        for start in range(0, len(items), block):
            ids = np.append(ids, np.arange(len(items))[start : start + block])
            ids = ids[np.argsort(scores[ids], kind="stable")[::-1][:k]]
        lists.append(ids)
    return np.array(lists)


@blocked_top_k.misconception(
    "Your lists put the lower of two equal scores' ids first, but for the last place the higher id wins; which of "
    "equal ones has to go?"
)
def higher_id_stays(queries, items, k, block):
    ids = higher_id_first(queries, items, k, block)
    scores = np.take_along_axis(queries @ items.T, ids, axis=1)
    return _by_rule(scores, ids, k)[0]


@blocked_top_k.misconception(
    "Where items of one block are tied for its last place, you keep any of them; what does a partial sort promise "
    "about equal ones?"
)
def partition_of_block(queries, items, k, block):
    _need(items, k)
    ids = []
    for start in range(0, len(items), block):
        scores = -(queries @ items[start : start + block].T)
        most = min(k, scores.shape[1])
        ids.append(start + np.argpartition(scores, most - 1, axis=1)[:, :most])
    ids = np.hstack(ids)
    return _by_rule(np.take_along_axis(queries @ items.T, ids, axis=1), ids, k)[0]


@blocked_top_k.misconception(
    "The scores that you keep are in another order than the ids; whose score does an id have when the next block comes?"
)
def scores_in_another_order(queries, items, k, block):
    _need(items, k)
    ids, scores = np.zeros((len(queries), 0), dtype=int), np.zeros((len(queries), 0))
    for start in range(0, len(items), block):
        new = queries @ items[start : start + block].T
        where = np.broadcast_to(np.arange(start, start + new.shape[1]), new.shape)
        ids, scores = _by_rule(np.hstack([scores, new]), np.hstack([ids, where]), k)
        scores = scores[:, ::-1]
    return ids


@blocked_top_k.misconception(
    "Of equal scores, an item of a later block comes before one that was kept; which of the two has the lower id?"
)
def new_before_kept(queries, items, k, block):
    _need(items, k)
    ids, scores = np.zeros((len(queries), 0), dtype=int), np.zeros((len(queries), 0))
    for start in range(0, len(items), block):
        part = items[start : start + block]
        ids = np.hstack([np.broadcast_to(np.arange(start, start + len(part)), (len(queries), len(part))), ids])
        scores = np.hstack([queries @ part.T, scores])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        ids, scores = np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)
    return ids


@blocked_top_k.misconception("You keep one item of each block; may two of the best k stand in the same block?")
def one_of_each_block(queries, items, k, block):
    return _merged(queries, items, k, block, of_block=1)


@blocked_top_k.misconception(
    "You score by cosine; the prompt asks for the dot product, in which an item's length counts.", kind="misconception"
)
def by_cosine(queries, items, k, block):
    _need(items, k)
    lengths = np.linalg.norm(items, axis=1)
    scores = queries @ (items / np.where(lengths > 0, lengths, 1)[:, None]).T
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


@blocked_top_k.misconception(
    "You score by distance; the prompt asks for the largest dot product.", kind="misconception"
)
def by_distance(queries, items, k, block):
    _need(items, k)
    scores = -np.sum((queries[:, None] - items[None]) ** 2, axis=2)
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


@blocked_top_k.misconception("You return the scores; the ids of the items are asked for.", kind="next step")
def scores_returned(queries, items, k, block):
    ids = blocked_top_k(queries, items, k, block)
    return np.take_along_axis(queries @ items.T, ids, axis=1)


@blocked_top_k.misconception("Your lists are in rows and columns exchanged: one row for each query is asked for.")
def transposed(queries, items, k, block):
    return blocked_top_k(queries, items, k, block).T


@blocked_top_k.misconception("You answer the first query alone; each query has a list of its own.", kind="next step")
def first_query_alone(queries, items, k, block):
    return blocked_top_k(queries[:1], items, k, block)[0]


@blocked_top_k.misconception(
    "Your kept scores start at 0, and an item with a score below 0 can never come in; what is lower than every score?"
)
def kept_from_zero(queries, items, k, block):
    _need(items, k)
    scores = np.hstack([np.zeros((len(queries), k)), queries @ items.T])
    ids = np.hstack(
        [np.zeros((len(queries), k), dtype=int), np.broadcast_to(np.arange(len(items)), (len(queries), len(items)))]
    )
    return np.take_along_axis(ids, np.argsort(-scores, axis=1, kind="stable")[:, :k], axis=1)


@blocked_top_k.misconception(
    "Where k is larger than the number of items, no error is raised; how long is your list then?", layer="too few"
)
def too_few_ignored(queries, items, k, block):
    return blocked_top_k(queries, items, min(k, len(items)), block)


@blocked_top_k.misconception("You raise where k is larger than a block; a list may well be longer than one block.")
def compared_with_block(queries, items, k, block):
    if k > block:
        raise ValueError("too few")
    return blocked_top_k(queries, items, k, block)


@blocked_top_k.misconception("You raise also where k is exactly the number of items; is that too few?", layer="too few")
def exactly_enough_refused(queries, items, k, block):
    if k >= len(items):
        raise ValueError("too few")
    return blocked_top_k(queries, items, k, block)


@blocked_top_k.alternative
def all_at_once(queries, items, k, block):
    """More memory than the prompt wishes, which a check cannot see."""
    if len(items) < k:
        raise ValueError("there are not so many items")
    return np.argsort(-(queries @ items.T), axis=1, kind="stable")[:, :k]


@blocked_top_k.alternative
def merged_by_stable_sort(queries, items, k, block):
    if len(items) < k:
        raise ValueError("not so many items")
    q = len(queries)
    best, ids = np.full((q, k), -np.inf), np.full((q, k), -1)
    for start in range(0, len(items), block):
        scores = queries @ items[start : start + block].T
        new = np.arange(start, start + scores.shape[1])
        both = np.concatenate([best, scores], axis=1)
        both_ids = np.concatenate([ids, np.tile(new, (q, 1))], axis=1)
        order = np.argsort(-both, axis=1, kind="stable")[:, :k]
        best, ids = np.take_along_axis(both, order, 1), np.take_along_axis(both_ids, order, 1)
    return ids


@blocked_top_k.alternative
def with_heaps(queries, items, k, block):
    if k > len(items):
        raise ValueError("too few")
    result = []
    for q in queries:
        heap = []
        for start in range(0, len(items), block):
            for place, x in enumerate(items[start : start + block]):
                heap.append((sum(float(a) * float(b) for a, b in zip(q, x, strict=True)), -(start + place)))
            heap = heapq.nlargest(k, heap)
        result.append([-i for _, i in heap])
    return result


@blocked_top_k.alternative
def best_of_each_block(queries, items, k, block):
    return _merged(queries, items, k, block, of_block=k)
