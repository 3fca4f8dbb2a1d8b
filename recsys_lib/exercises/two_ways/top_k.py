"""List the k best items that the user has not seen, best first."""

from __future__ import annotations

import heapq

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.two_ways._inputs import ids, some


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
        ([0.1, 0.9, 0.4, 0.9], 2, ids(1)),
        ([0.2, 0.9, 0.5, 0.7], 2, ids(1)),
        ([-0.5, 3, -2, 1], 2, ids(1)),
        ([-2000, -1500, -3000, -1200], 2, ids(3)),  # no number is low enough to mark a seen item
        ([-2e12, -1e12, -3e12, -4e12, -5e12], 3, ids(1)),
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
        found.append((np.round(rng.permutation(n) * 0.7 - n / 2 + 0.1, 3), k, some(rng, n, m)))
    low = [(-1000.5 - 300 * rng.permutation(7), 3, some(rng, 7, 2)), (-1e20 * (rng.permutation(7) + 1.5), 5, ids(3))]
    return found + low


@top_k.inputs(
    "ties",
    fixed=[
        ([5, 8, 5], 2, ids()),
        ([5, 5 + 5e-7, 1], 2, ids()),  # nearly equal is not equal
        ([2, 1, 2 + 2e-12], 2, ids()),
        ([1e-20, 3e-20, 2e-20, 0], 2, ids()),
        ([5, 8, 6], 2, ids()),
        ([2, 2, 2, 2], 2, ids(1)),
        ([1, 4, 1, 4, 0], 3, ids(1)),
        ([3, 1, 3, 2, 3, 1], 3, ids(0)),
        ([0, 0, 7, 0, 5, 0], 4, ids(2)),
        (np.array([float((7 * i) % 4) for i in range(30)]), 12, ids(3, 8)),
        (np.array([float((5 * i * i) % 3) for i in range(40)]), 10, ids(1)),
        (np.array([float((11 * i) % 2) for i in range(50)]), 9, ids(0, 2)),
        (np.array([0.0, 3, 1, 5, 2, 6, 4, 9, 9, 9]), 2, ids(0, 1, 2, 3, 4, 5, 6)),  # a set of 7, 8, 9 begins with 8
    ],
)
def _(rng):
    shapes = [(6, 3, 1), (12, 5, 3), (40, 10, 6), (60, 20, 10)]
    found = [(rng.integers(3, size=n).astype(float), k, some(rng, n, m)) for n, k, m in shapes]
    for apart in (1e-7, 1e-12):
        rising = rng.uniform(1, 2) * (1 + apart * np.arange(4))
        found.append((np.append(rng.uniform(-1, 0, size=2), rising), 3, some(rng, 2, 1)))
    return found


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
        scores, seen = rng.permutation(n) * 1.3 - 4, some(rng, n, m)
        found += [(scores, n - m, seen), (scores, n - m + 1, seen), (scores, n + 1, ids()), (scores, n, ids())]
    lowest_last = np.append(scores, scores.min() - 1)  # the list has room for every unseen item, this one too
    return [*found, (lowest_last, len(lowest_last) - len(seen), seen)]


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


@top_k.misconception("Your list leaves out the best item and begins with the second; the first of k has place 0.")
def starts_at_the_second(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(scores, seen), kind="stable")[1 : k + 1]


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


@top_k.misconception(
    "Two scores that differ by very little change places in your list: you round them, or add something of your own "
    "for the ties; compare the scores as they are.",
    layer="ties",
)
def nearly_equal_taken_for_equal(scores, k, seen):
    _need(scores, k, seen)
    return np.argsort(-_marked(np.round(scores, 3), seen), kind="stable")[:k]


@top_k.misconception(
    "You look an item up by its score, which always finds the first item with that score, so ties name it twice; sort "
    "the item numbers instead.",
    layer="ties",
)
def looked_up_by_score(scores, k, seen):
    _need(scores, k, seen)
    marked = list(_marked(scores, seen))
    return np.array([marked.index(score) for score in sorted(marked, reverse=True)[:k]])


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
