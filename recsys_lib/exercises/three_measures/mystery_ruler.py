"""Find out by probing whose order a measure of unknown make gives, and which end of its numbers is the good one."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.callables import CALLABLES, CAREFUL_RULERS, MYSTERY_RULERS
from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.three_measures._inputs import COSINE, DOT, EUCLIDEAN


@exercise("mystery_ruler", points={"values": 1, "far and tiny": 1})
def mystery_ruler(measure):
    """Probe with the query's own tip, a longer item in its direction, and one behind it."""
    tip, longer, behind = _three(measure)
    if abs(longer - tip) < 1e-3 * abs(tip - behind):
        return "cosine", bool(tip < behind)
    return _by_sign(tip, longer, behind)


def _three(measure):
    """Ask for the query's own tip, a longer item and one behind."""
    return measure(np.array([1.0, 0.0]), np.array([[1.0, 0.0], [3.0, 0.0], [-1.0, 0.0]]))


def _by_sign(tip, longer, behind):
    """Say which ruler it is if it is no cosine, and the direction."""
    small = bool(tip < behind)
    return ("dot" if (longer < tip) == small else "euclidean"), small


#: The first rulers are for learners, the others for grades.
PUBLIC = 2


@mystery_ruler.inputs(
    "values",
    fixed=[(DOT,), (COSINE,), (EUCLIDEAN,)]
    + [(ruler,) for rulers in MYSTERY_RULERS.values() for ruler in rulers[:PUBLIC]]
    + [(CALLABLES["ruler_114"],)],  # a cosine whose number for the tip is negative
)
def _(rng):
    return [(rulers[rng.integers(PUBLIC, len(rulers))],) for rulers in MYSTERY_RULERS.values()]


@mystery_ruler.inputs("far and tiny", fixed=[(rulers[0],) for rulers in CAREFUL_RULERS.values()])
def _(rng):
    return [(rulers[rng.integers(1, len(rulers))],) for rulers in CAREFUL_RULERS.values()]


ITEMS = np.array([[0.0, 6.0], [4.0, 0.0], [1.0, 1.0]])  # of the lesson's picture, with its query
Q = np.array([4.0, 3.0])
RULERS = (("dot", DOT, False), ("cosine", COSINE, False), ("euclidean", EUCLIDEAN, True))


def _by_order(measure, q, items, default):
    """Compare the order with those of the three rulers, upwards and downwards."""
    scores = measure(q, items)
    for name, ruler, small in RULERS:
        good = -ruler(q, items) if small else ruler(q, items)
        for sign in (1, -1):
            if np.array_equal(np.argsort(-sign * scores, kind="stable"), np.argsort(-good, kind="stable")):
                return name, sign < 0
    return default


@mystery_ruler.misconception(
    "You compare its numbers with your formulas; a ruler may count in other units, from another zero, or in squares. "
    "What about the order would stay?",
    kind="misconception",
)
def numbers_compared(measure):
    scores = measure(Q, ITEMS)
    for name, ruler, small in RULERS:
        if np.allclose(scores, ruler(Q, ITEMS)):
            return name, small
    return None


@mystery_ruler.misconception(
    "You compare its numbers with two formulas and call all others a distance; of a ruler with other units, what can "
    "you compare instead?",
    kind="misconception",
)
def others_are_distances(measure):
    return numbers_compared(measure) or ("euclidean", True)


@mystery_ruler.misconception(
    "You decide the direction by the ruler: distances small, the others large; a service may hand out a distance with "
    "a minus sign. Which probe tells the good end of its numbers?",
    kind="misconception",
)
def direction_by_ruler(measure):
    ruler, _ = mystery_ruler(measure)
    return ruler, ruler == "euclidean"


@mystery_ruler.misconception(
    "You take numbers of 0 and above for a distance's direction; numbers may start anywhere. Which of two items "
    "must be the better one under all three rulers?",
    kind="misconception",
)
def direction_by_sign(measure):
    ruler, _ = mystery_ruler(measure)
    return ruler, bool(np.all(measure(Q, ITEMS) >= 0))


@mystery_ruler.misconception(
    "You let a longer item tell the direction; under the dot product it is better, under the distance worse. What "
    "would be worse under each of the three?"
)
def direction_by_longer_item(measure):
    ruler, _ = mystery_ruler(measure)
    tip, longer = measure(np.array([1.0, 0.0]), np.array([[1.0, 0.0], [3.0, 0.0]]))
    return ruler, bool(longer < tip)


@mystery_ruler.misconception(
    "Your rulers are right and your direction is turned round: what does it mean for a number if the item behind the "
    "query has the larger one?"
)
def direction_turned(measure):
    ruler, small = mystery_ruler(measure)
    return ruler, not small


@mystery_ruler.misconception(
    "A larger number for the longer item is not a better one before you know which way the ruler sorts; which question "
    "comes first?"
)
def longer_is_larger(measure):
    tip, longer, behind = _three(measure)
    small = bool(tip < behind)
    if abs(longer - tip) < 1e-3 * abs(tip - behind):
        return "cosine", small
    return ("dot" if longer > tip else "euclidean"), small


@mystery_ruler.misconception(
    "Your probes have one length, at which all three rulers give one order; what would tell them apart?",
    kind="misconception",
)
def probes_of_one_length(measure):
    return _by_order(measure, np.array([1.0, 0.0]), np.array([[1, 0], [0, 1], [0.6, 0.8], [-1, 0]]), ("dot", False))


@mystery_ruler.misconception(
    "All your probes lie in one direction at one length, so nothing but the cosine can come out; make one item longer."
)
def always_cosine(measure):
    _, small = mystery_ruler(measure)
    return "cosine", small


@mystery_ruler.misconception(
    "You lengthen the query; a service that brings its items alone to length one then gives other numbers, in "
    "the cosine's order. Whose length should not matter?",
    kind="misconception",
)
def query_lengthened(measure):
    ruler, small = mystery_ruler(measure)
    once, twice = measure(Q, ITEMS), measure(2 * Q, ITEMS)
    if np.allclose(once, twice, rtol=0, atol=1e-3 * np.ptp(once)):
        return "cosine", small
    return ("dot" if ruler == "cosine" else ruler), small


@mystery_ruler.misconception(
    "You take numbers between -1 and 1 for cosines; a dot product over one length for the whole table lies there, too. "
    "Does one item's length change its number?",
    kind="misconception",
)
def cosine_by_range(measure):
    ruler, small = mystery_ruler(measure)
    if np.all(np.abs(measure(Q, ITEMS)) <= 1):
        return "cosine", small
    return ("dot" if ruler == "cosine" else ruler), small


@mystery_ruler.misconception(
    "Your second item is shorter than the query: it is worse by dot product and by distance. On which side of the tip "
    "do these two part?"
)
def shorter_item(measure):
    q = np.array([1.0, 0.0])
    tip, shorter, behind = measure(q, np.array([[1.0, 0.0], [0.5, 0.0], [-1.0, 0.0]]))
    small = bool(tip < behind)
    if abs(shorter - tip) < 1e-3 * abs(tip - behind):
        return "cosine", small
    return ("dot" if (shorter > tip) == small else "euclidean"), small


@mystery_ruler.misconception(
    "Your second item is shorter than the query, which a distance also dislikes, and so you never name the dot "
    "product; on which side of the tip do the two part?"
)
def shorter_item_is_distance(measure):
    ruler, small = shorter_item(measure)
    return ("euclidean" if ruler == "dot" else ruler), small


@mystery_ruler.misconception(
    "You ask with one item a call; a ruler may divide by one length for its whole table, and of one item that is the "
    "item's own. How many items can one call take?"
)
def one_item_a_call(measure):
    def ask(item):
        return measure(np.array([1.0, 0.0]), np.array([item]))[0]

    tip, longer, behind = ask([1.0, 0.0]), ask([3.0, 0.0]), ask([-1.0, 0.0])
    if abs(longer - tip) < 1e-3 * abs(tip - behind):
        return "cosine", bool(tip < behind)
    return _by_sign(tip, longer, behind)


@mystery_ruler.misconception(
    "You answer by the name of the function; a name promises nothing. What does the function do when it is called?",
    kind="misconception",
)
def by_its_name_alone(measure):
    known = {"dot": ("dot", False), "cosine": ("cosine", False), "euclidean": ("euclidean", True)}
    return known.get(measure.__name__, ("dot", False))


@mystery_ruler.misconception(
    "You let a shorter item tell the direction; under the cosine it is as good as the tip, and the direction is "
    "anybody's guess. What would be worse under each of the three?"
)
def direction_by_shorter_item(measure):
    ruler, _ = mystery_ruler(measure)
    shorter, tip = measure(np.array([1.0, 0.0]), np.array([[0.5, 0.0], [1.0, 0.0]]))
    return ruler, bool(tip < shorter)


@mystery_ruler.misconception(
    "Two probes along the query give one number to compare, and you guess the direction from it; it rises for a dot "
    "product and for a distance with a minus sign. Which third item could not be the better one?"
)
def direction_guessed_from_two(measure):
    tip, longer, behind = _three(measure)
    if abs(longer - tip) < 1e-3 * abs(tip - behind):
        return "cosine", False
    return ("dot", False) if longer > tip else ("euclidean", True)


@mystery_ruler.misconception(
    "You divide by the largest number; where all are negative that turns the order round, and the largest may be 0. "
    "Between which two numbers is there a gap under every ruler?"
)
def divided_by_the_largest(measure):
    numbers = _three(measure)
    with np.errstate(all="ignore"):
        tip, longer, behind = numbers / numbers.max()
        if abs(longer - tip) < 1e-9:
            return "cosine", bool(tip < behind)
    return _by_sign(tip, longer, behind)


@mystery_ruler.misconception(
    "Your tolerance is a part of the numbers plus a fixed bit, as that of `isclose`; numbers that count from ten "
    "million on, or are tiny, are all equal to it. What could you compare a difference of two probes with?",
    layer="far and tiny",
)
def default_tolerance(measure):
    tip, longer, behind = _three(measure)
    return ("cosine", bool(tip < behind)) if np.isclose(tip, longer) else _by_sign(tip, longer, behind)


@mystery_ruler.misconception(
    "Your tolerance is a fixed number, and a ruler may count in units so large that all its numbers are below it; "
    "which difference of two probes would grow and shrink with the units?",
    layer="far and tiny",
)
def fixed_tolerance(measure):
    tip, longer, behind = _three(measure)
    return ("cosine", bool(tip < behind)) if abs(longer - tip) < 1e-6 else _by_sign(tip, longer, behind)


@mystery_ruler.misconception(
    "Your tolerance is a part of the numbers themselves; where they count from ten million on, all differences are "
    "below it. Which difference of two probes does a shift leave as it is?",
    layer="far and tiny",
)
def part_of_the_numbers(measure):
    tip, longer, behind = numbers = _three(measure)
    same = abs(longer - tip) < 1e-6 * np.abs(numbers).max()
    return ("cosine", bool(tip < behind)) if same else _by_sign(tip, longer, behind)


@mystery_ruler.misconception(
    "You call numbers equal only if all their digits are; the same cosine, worked out for two items, may differ in the "
    "last one. How small is a difference that says nothing?",
    layer="far and tiny",
)
def equal_in_all_digits(measure):
    tip, longer, behind = _three(measure)
    return ("cosine", bool(tip < behind)) if longer == tip else _by_sign(tip, longer, behind)


@mystery_ruler.misconception(
    "A longer item that is better in its last digit alone is a dot product to you, while on the other side you allow "
    "for such digits; which of your comparisons is made first?",
    layer="far and tiny",
)
def tolerance_on_one_side(measure):
    tip, longer, behind = _three(measure)
    if abs(longer - tip) < 1e-3 * abs(tip - behind) and (longer == tip or (longer < tip) != (tip < behind)):
        return "cosine", bool(tip < behind)
    return _by_sign(tip, longer, behind)


@mystery_ruler.misconception(
    "You return the ruler alone; add whether a smaller number means more alike.", kind="next step"
)
def ruler_alone(measure):
    return mystery_ruler(measure)[0]


@mystery_ruler.misconception("You return the two answers in the other order; the ruler's name comes first.")
def answers_swapped(measure):
    ruler, small = mystery_ruler(measure)
    return small, ruler


@mystery_ruler.misconception(
    "Dot product and distance have changed places in your answer; far out in the query's own direction, which of the "
    "two goes on getting better?"
)
def dot_and_distance_swapped(measure):
    ruler, small = mystery_ruler(measure)
    return {"dot": "euclidean", "euclidean": "dot"}.get(ruler, ruler), small


@mystery_ruler.alternative
def by_the_order_of_many_items(measure):
    rng = np.random.default_rng(0)
    q, items = rng.normal(size=5), rng.normal(size=(30, 5)) * rng.uniform(0.5, 4, (30, 1))
    dots, scores = items @ q, measure(q, items)
    rulers = {
        "dot": dots,
        "cosine": dots / np.linalg.norm(items, axis=1),
        "euclidean": -np.linalg.norm(items - q, axis=1),
    }
    for small, shown in ((False, scores), (True, -scores)):
        for name, good in rulers.items():
            if np.array_equal(np.argsort(shown), np.argsort(good)):
                return name, small


@mystery_ruler.alternative
def by_the_picture(measure):
    """A, B and C have another order under each ruler, and the item behind tells the direction."""
    scores = measure(Q, np.vstack([ITEMS, -Q]))
    small = scores[3] > scores[1]
    if small:
        scores = -scores
    best = int(np.argmax(scores[:3]))
    return ["dot", "euclidean", "cosine"][best], small


@mystery_ruler.alternative
def with_a_right_angle(measure):
    q = np.array([0.0, 2.0, 0.0])
    table = np.array([[0.0, 2.0, 0.0], [0.0, 20.0, 0.0], [2.0, 0.0, 0.0]])
    own, far, side = (float(score) for score in measure(q, table))
    small_is_better = own < side
    if np.isclose((far - own) / (side - own), 0):
        return ["cosine", small_is_better]
    better = far < own if small_is_better else far > own
    return ["dot" if better else "euclidean", small_is_better]


@mystery_ruler.alternative
def by_signs(measure):
    q = np.array([3.0, 4.0])
    scores = np.asarray(measure(q, np.array([q, 5 * q, -q])))
    sign = np.sign(scores[0] - scores[2])
    step = sign * (scores[1] - scores[0])
    name = "cosine" if abs(step) < 1e-9 * abs(scores[0] - scores[2]) else "dot" if step > 0 else "euclidean"
    return name, bool(sign < 0)
