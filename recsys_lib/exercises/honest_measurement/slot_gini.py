"""Find how unevenly the slots of all lists are given to the films of the catalogue."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.honest_measurement._inputs import draw_lists, lists_of


@exercise("slot_gini", points={"values": 2}, instead_of=("gini",))
def slot_gini(lists, n_items):
    """Count each film's slots, sort the counts, and weigh them by their places."""
    slots = [0] * n_items
    for row in lists:
        for film in row:
            slots[film] += 1
    slots.sort()
    weighted = sum((2 * place - n_items - 1) * count for place, count in enumerate(slots, start=1))
    return weighted / (n_items * sum(slots))


@slot_gini.inputs(
    "values",
    fixed=[
        (lists_of([0, 1], [0, 2]), 4),
        (lists_of([0, 1], [2, 3]), 4),
        (lists_of([0, 1], [0, 1], [0, 1]), 6),
        (lists_of([0], [0], [0], [2]), 5),
        (lists_of([0, 1, 2], [0, 2, 1], [3, 0, 2], [0, 4, 1]), 5),
        (lists_of([0, 1, 2], [0, 2, 1], [3, 0, 2], [0, 4, 1]), 9),
        (lists_of([8, 1, 2], [8, 2, 5], [5, 8, 2], [8, 4, 1], [5, 8, 7]), 9),
    ],
)
def _(rng):
    found = []
    for n, films, k, catalogue in [(5, 8, 3, 8), (9, 10, 4, 16), (30, 12, 5, 20), (12, 30, 3, 30)]:
        lists = draw_lists(rng, n, films, k)
        lists[: n // 2] = lists[0]  # many are shown the same
        found.append((rng.permutation(catalogue)[lists], catalogue))
    return [*found, (draw_lists(rng, 40, 6, 3), 6)]  # of which each film has some


def _slots(lists, n_items):
    return np.bincount(np.ravel(lists), minlength=n_items)


def _gini(slots):
    n = len(slots)
    return float(np.sum((2 * np.arange(1, n + 1) - n - 1) * np.sort(slots)) / (n * np.sum(slots)))


@slot_gini.misconception(
    "You left out the films that nobody is shown; a system that shows ten films only then looks perfectly fair.",
    kind="misconception",
)
def shown_films_only(lists, n_items):
    return _gini(np.unique(lists, return_counts=True)[1])


@slot_gini.misconception(
    "You count the films up to the highest number that is shown; how many films has the catalogue?"
)
def up_to_the_highest_shown(lists, n_items):
    return _gini(np.bincount(lists.ravel()))


@slot_gini.misconception(
    "You counted each film once however many slots it has; a film in every list has as many slots as there are lists."
)
def distinct_for_slots(lists, n_items):
    return _gini(np.minimum(_slots(lists, n_items), 1))


@slot_gini.misconception(
    "The counts stand in the order of the films in your sum; in which order does the prompt number them?"
)
def not_sorted(lists, n_items):
    slots, n = _slots(lists, n_items), n_items
    return float(np.sum((2 * np.arange(1, n + 1) - n - 1) * slots) / (n * slots.sum()))


@slot_gini.misconception("You sorted with the largest count first, so the sign is turned; which comes first?")
def largest_first(lists, n_items):
    return -_gini(_slots(lists, n_items))


@slot_gini.misconception("Your places are counted from 0; the first j of the prompt is 1.")
def places_from_zero(lists, n_items):
    slots, n = np.sort(_slots(lists, n_items)), n_items
    return float(np.sum((2 * np.arange(n) - n - 1) * slots) / (n * slots.sum()))


@slot_gini.misconception("You divided by the slots alone; the prompt divides by n times their sum.")
def not_divided_by_n(lists, n_items):
    return _gini(_slots(lists, n_items)) * n_items


@slot_gini.misconception("You divided by n alone; the prompt divides by n times the sum of the counts.")
def not_divided_by_the_slots(lists, n_items):
    return _gini(_slots(lists, n_items)) * lists.size


@slot_gini.misconception("You divided by nothing; the prompt divides by n times the sum of the counts.")
def not_divided(lists, n_items):
    return _gini(_slots(lists, n_items)) * lists.size * n_items


@slot_gini.misconception(
    "That is the share of the catalogue that is shown at all; it does not see who has how many slots.",
    kind="misconception",
)
def coverage_instead(lists, n_items):
    return len(np.unique(lists)) / n_items


@slot_gini.misconception("You return one less the coefficient; it is 0 where all films have equally many slots.")
def one_less(lists, n_items):
    return 1 - _gini(_slots(lists, n_items))


@slot_gini.misconception(
    "You divided by the number of lists instead of the number of films; how many counts are there to be sorted?"
)
def lists_for_films(lists, n_items):
    return _gini(_slots(lists, n_items)) * n_items / len(lists)


@slot_gini.misconception(
    "Where a film is named twice in one line of indices, adding 1 by that line counts it once; a film may stand in the "
    "same place of many lists."
)
def doubles_lost(lists, n_items):
    slots = np.zeros(n_items)
    for films in lists.T:
        slots[films] += 1
    return _gini(slots)


@slot_gini.misconception(
    "You added up rectangles under the curve of shares, which makes its area a little too large; the prompt's formula "
    "needs no curve."
)
def rectangles_under_the_curve(lists, n_items):
    return _gini(_slots(lists, n_items)) - 1 / n_items


@slot_gini.misconception(
    "The films in no list are among your counts, but the n of your formula is the number of the others; which n has "
    "the catalogue?"
)
def n_of_the_shown(lists, n_items):
    slots, n = np.sort(_slots(lists, n_items)), len(np.unique(lists))
    return float(np.sum((2 * np.arange(1, n_items + 1) - n - 1) * slots) / (n * slots.sum()))


@slot_gini.misconception(
    "You put the zeros of the films in no list behind the sorted counts; where do they belong, smallest first?"
)
def zeros_behind_the_sorted(lists, n_items):
    slots = np.sort(_slots(lists, n_items))
    shown = slots[slots > 0]
    slots, n = np.r_[shown, np.zeros(n_items - len(shown))], n_items
    return float(np.sum((2 * np.arange(1, n + 1) - n - 1) * slots) / (n * slots.sum()))


@slot_gini.misconception(
    "Your curve of shares begins with the first film; it should begin at 0, before any film, or a piece of its area is "
    "missing."
)
def curve_without_its_start(lists, n_items):
    slots = np.sort(_slots(lists, n_items))
    return _gini(slots) + float(slots[0] / (n_items * slots.sum()))


@slot_gini.alternative
def by_all_pairs(lists, n_items):
    slots = _slots(lists, n_items)
    return np.abs(slots[:, None] - slots).sum() / (2 * n_items * slots.sum())


@slot_gini.alternative
def by_the_area_under_the_curve(lists, n_items):
    slots = np.sort(_slots(lists, n_items))
    shares = np.cumsum(slots) / slots.sum()
    return 1 + 1 / n_items - 2 * shares.sum() / n_items


@slot_gini.alternative
def by_matching_numbers(lists, n_items):
    slots = np.sort((lists.reshape(-1, 1) == np.arange(n_items)).sum(axis=0))
    weights = 2 * np.arange(1, n_items + 1) - n_items - 1
    return weights @ slots / slots.sum() / n_items
