"""Find out by probing how a search service orders, which end of its numbers is good, and whether |q| shows."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.callables import SERVICES, UNSTEADY_SERVICES
from recsys_lib.checks.definition import exercise


@exercise("which_ruler", points={"values": 3})
def which_ruler(index):
    """Two pairs of items tell the ruler by their order; the numbers tell the rest."""
    q = np.array([1.0, 0.0])
    near_and_far = np.array([[1.0, 0.5], [9.0, 0.5]])  # the distance prefers the first, the others the second
    short_and_long = np.array([[0.5, 0.1], [6.0, 5.0]])  # the dot product prefers the second, the others the first
    if _first(index, near_and_far, q) == 0:
        ruler = "distance"
    elif _first(index, short_and_long, q) == 1:
        ruler = "dot"
    else:
        ruler = "cosine"
    items = np.array([[2.0, 1.0], [0.5, 3.0], [-3.0, 2.0]])
    ids, numbers = index(items, q)
    again, others = index(items, 10 * q)
    one, other = numbers[np.argsort(ids)], others[np.argsort(again)]
    return ruler, bool(numbers[0] > numbers[-1]), bool(np.abs(one - other).max() > 1e-3 * np.ptp(one))


def _first(index, items, q):
    return int(index(items, q)[0][0])


#: The first services are for learners, the others for grades.
PUBLIC = 2


@which_ruler.inputs(
    "values",
    fixed=[
        *((service,) for services in SERVICES.values() for service in services[: PUBLIC + (len(services) > 6)]),
        *((services[0],) for services in UNSTEADY_SERVICES.values()),
    ],
)
def _(rng):
    found = []
    for services in SERVICES.values():
        rest = services[PUBLIC + 1 :]
        found += [(rest[i],) for i in rng.permutation(len(rest))[:2]]
    return found + [(services[1],) for services in UNSTEADY_SERVICES.values()]


@which_ruler.misconception(
    "You take the direction from the ruler: distances small, the others large; services turn numbers round, and what "
    "do the first and the last number of an answer say?",
    kind="misconception",
)
def direction_by_ruler(index):
    ruler, _, shows = which_ruler(index)
    return ruler, ruler != "distance", shows


@which_ruler.misconception(
    "Your third answer is always that all numbers but the cosine's change; a service may bring the query alone to "
    "length one, or the items alone. What happens to a number when q, and nothing else, becomes 10 q?",
    kind="misconception",
)
def shows_by_ruler(index):
    ruler, large, _ = which_ruler(index)
    return ruler, large, ruler != "cosine"


@which_ruler.misconception(
    "You take direction and third answer from the ruler; services differ in what they show, so both have to be probed.",
    kind="misconception",
)
def both_by_ruler(index):
    ruler, _, _ = which_ruler(index)
    return ruler, ruler != "distance", ruler != "cosine"


@which_ruler.misconception(
    "You tell the ruler by which way the numbers run; a dot product may be shown with a minus sign. Which two items "
    "would two rulers put in different order?",
    kind="misconception",
)
def ruler_by_direction(index):
    ruler, large, shows = which_ruler(index)
    if ruler == "cosine":
        return ruler, large, shows
    return ("dot" if large else "distance"), large, shows


@which_ruler.misconception(
    "You compare the numbers with your formulas; a service may show them in other units. What about its answer does "
    "not depend on units?",
    kind="misconception",
)
def numbers_compared(index):
    q, items = np.array([1.0, 2.0]), np.array([[2.0, 1.0], [0.5, 3.0], [-3.0, 2.0]])
    ids, numbers = index(items, q)
    _, large, shows = which_ruler(index)
    x = items[ids]
    cosines = x @ q / np.linalg.norm(x, axis=1) / np.linalg.norm(q)
    if np.allclose(numbers, x @ q):
        return "dot", large, shows
    if np.allclose(numbers, cosines) or np.allclose(numbers, 1 - cosines):
        return "cosine", large, shows
    return "distance", large, shows


@which_ruler.misconception(
    "You ask whether the answer's order changes with the query's length; the number shown for an item is meant."
)
def order_for_number(index):
    ruler, large, _ = which_ruler(index)
    return ruler, large, ruler == "distance"


@which_ruler.misconception(
    "You compare numbers with all their digits, and a number that ought to stay may differ in the last ones; how small "
    "is a difference that says nothing?"
)
def equal_in_all_digits(index):
    ruler, large, _ = which_ruler(index)
    q, items = np.array([0.5, 0.8]), np.array([[2.0, 1.0], [0.5, 3.0], [-3.0, 2.0]])
    return ruler, large, not np.array_equal(index(items, q)[1], index(items, 10 * q)[1])


@which_ruler.misconception(
    "A number that rounding moved by a last digit counts as changed in your answer; how much do the two differ?"
)
def last_digit_for_change(index):
    ruler, large, _ = which_ruler(index)
    q, items = np.array([1.0, 0.0]), np.array([[1.0, 0.2], [5.0, 0.0], [9.0, 9.0]])
    return ruler, large, not np.array_equal(index(items, q)[1], index(items, 10 * q)[1])


@which_ruler.misconception("Your second answer is the other way round: `True` means that a larger number is better.")
def direction_turned(index):
    ruler, large, shows = which_ruler(index)
    return ruler, not large, shows


@which_ruler.misconception("Your third answer is the other way round: `True` means that the number changes.")
def shows_turned(index):
    ruler, large, shows = which_ruler(index)
    return ruler, large, not shows


@which_ruler.misconception(
    "Direction and third answer have changed places in your tuple; which of the two comes second?"
)
def answers_swapped(index):
    ruler, large, shows = which_ruler(index)
    return ruler, shows, large


@which_ruler.misconception(
    "Your probes cannot tell the dot product from the cosine: do their items differ in length and in direction?"
)
def dot_taken_for_cosine(index):
    ruler, large, shows = which_ruler(index)
    return ("cosine" if ruler == "dot" else ruler), large, shows


@which_ruler.misconception(
    "Your probes cannot tell the cosine from the dot product: which short item points better than a long one?"
)
def cosine_taken_for_dot(index):
    ruler, large, shows = which_ruler(index)
    return ("dot" if ruler == "cosine" else ruler), large, shows


@which_ruler.misconception(
    "Your probes cannot tell the cosine from the distance: which far item points better than a near one?"
)
def cosine_taken_for_distance(index):
    ruler, large, shows = which_ruler(index)
    return ("distance" if ruler == "cosine" else ruler), large, shows


@which_ruler.misconception(
    "A cosine whose number changes with the query's length is a distance in your answer; does the number say by which "
    "ruler the items are ordered?"
)
def distance_by_change(index):
    ruler, large, shows = which_ruler(index)
    return ("distance" if ruler == "cosine" and shows else ruler), large, shows


@which_ruler.misconception(
    "Your probes cannot tell the distance from the cosine: which near item points worse than a far one?"
)
def distance_taken_for_cosine(index):
    ruler, large, shows = which_ruler(index)
    return ("cosine" if ruler == "distance" else ruler), large, shows


@which_ruler.misconception(
    "You take a distance for a dot product: which of two items in the query's own direction, one near and one far out, "
    "does each of them put first?"
)
def distance_taken_for_dot(index):
    ruler, large, shows = which_ruler(index)
    return ("dot" if ruler == "distance" else ruler), large, shows


@which_ruler.misconception(
    "Your probes cannot tell the dot product from the distance: what do the two say of an item far out in the query's "
    "own direction?"
)
def dot_taken_for_distance(index):
    ruler, large, shows = which_ruler(index)
    return ("distance" if ruler == "dot" else ruler), large, shows


@which_ruler.misconception(
    "You see the query's length in every service that does not order by the cosine, and in the dot products of unit "
    "items you do not; have you asked twice, with q and with 10 q?"
)
def shows_where_not_cosine_numbers(index):
    ruler, large, shows = which_ruler(index)
    return ruler, large, shows or ruler == "dot"


@which_ruler.misconception("You return the ruler alone; the other two answers are missing.", kind="next step")
def ruler_alone(index):
    return which_ruler(index)[0]


@which_ruler.misconception("You return ruler and direction; the third answer is missing.", kind="next step")
def two_answers(index):
    return which_ruler(index)[:2]


@which_ruler.misconception(
    "Dot product and distance have changed places in your answer; far out in the query's own direction, which of the "
    "two goes on getting better?"
)
def dot_and_distance_swapped(index):
    ruler, large, shows = which_ruler(index)
    return {"dot": "distance", "distance": "dot"}.get(ruler, ruler), large, shows


@which_ruler.alternative
def by_the_order_of_many_items(index):
    rng = np.random.default_rng(0)
    q, items = rng.normal(size=4), rng.normal(size=(40, 4)) * rng.uniform(0.3, 4, (40, 1))
    ids, numbers = index(items, q)
    dots, lengths = items @ q, np.linalg.norm(items, axis=1)
    orders = {"dot": -dots, "cosine": -dots / lengths, "distance": np.linalg.norm(items - q, axis=1)}
    agreement = {name: np.mean(np.argsort(order) == ids) for name, order in orders.items()}
    ids_far, numbers_far = index(items, 10 * q)
    before, after = dict(zip(ids, numbers, strict=True)), dict(zip(ids_far, numbers_far, strict=True))
    changed = any(abs(before[i] - after[i]) > 1e-4 * max(abs(before[i]), 1e-3) for i in range(40))
    return max(agreement, key=agreement.get), bool(numbers[0] > numbers[-1]), changed


@which_ruler.alternative
def with_three_items(index):
    """Of lesson 3: A wins by dot product, B by distance, C by cosine."""
    q, items = np.array([4.0, 3.0]), np.array([[0.0, 6.0], [4.0, 0.0], [1.0, 1.0]])
    ids, numbers = index(items, q)
    _, one = index(items[:1], q)
    _, other = index(items[:1], 10 * q)
    changed = abs(float(one[0]) - float(other[0])) > 1e-4 * max(abs(float(one[0])), abs(float(other[0])))
    return ["dot", "distance", "cosine"][int(ids[0])], numbers[0] > numbers[2], changed


@which_ruler.alternative
def a_list(index):
    q, items = [2.0, 0.0, 0.0], np.array([[2.0, 0.5, 0.0], [30.0, 1.0, 0.0], [40.0, 60.0, 0.0]])
    ids, numbers = index(items, np.array(q))
    name = {0: "distance", 1: "cosine", 2: "dot"}[int(ids[0])]
    _, others = index(items, 10 * np.array(q))
    spread = abs(numbers[0] - numbers[2]) + abs(numbers[0])
    return [name, bool(numbers[0] > numbers[2]), bool(np.abs(np.sort(numbers) - np.sort(others)).max() > 1e-3 * spread)]
