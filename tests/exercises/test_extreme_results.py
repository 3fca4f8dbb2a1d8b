"""No result pays unless it is right: extreme, tiny, infinite, enormous and wrongly typed ones at every comparison.

What is right is found out here in another way than in the checks: with exact fractions, which neither overflow nor
round.
"""

from __future__ import annotations

import itertools
import math
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recsys_lib.checks import all_exercises
from recsys_lib.checks.callee import Trusted
from recsys_lib.checks.comparison import MAX_SIZE, Form, difference, unfit_to_judge
from recsys_lib.checks.definition import Exercise
from recsys_lib.checks.diagnosis import judge
from recsys_lib.checks.verdict import Verdict
from recsys_lib.exercises.bad_start._inputs import mean_norm

EXERCISES = all_exercises()
COMPUTED = [exercise for exercise in EXERCISES.values() if exercise.kind != "answer"]
SLACK = Fraction(12, 10**6)  # a little more than the widest tolerance, as a share of the largest number

Spoil = Callable[[Any], Any]


# ----------------------------------------------------------------------------------------------- what is right, exactly


def exact(value: Any) -> list[Fraction] | None:
    """Return the numbers of an array or a list, exactly; None where one is not finite, or is none."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, (list, tuple)):
        parts = [exact(part) for part in value]
        return None if None in parts else [number for part in parts for number in part]
    if isinstance(value, np.ndarray):
        return exact(list(value.ravel())) if value.dtype.kind in "iuf" else None
    if isinstance(value, (int, np.integer)):
        return [Fraction(int(value))]
    if isinstance(value, (float, np.floating)) and math.isfinite(float(value)):
        return [Fraction(float(value))]
    return None


def near(want: Any, got: Any, slack: Fraction = SLACK) -> bool:
    """Whether two arrays have one shape, and their numbers differ by a share of the largest one at most."""
    wanted, found = exact(want), exact(got)
    if wanted is None or found is None or np.shape(want) != np.shape(got):
        return False
    room = slack * max(map(abs, wanted), default=Fraction(0)) or Fraction(1, 10**11)
    return all(abs(a - b) <= room for a, b in zip(wanted, found, strict=True))


def same_value(want: Any, got: Any) -> bool:
    """Whether a result is what the reference returns: each part of a tuple; truth values and None as they are."""
    if isinstance(want, tuple):
        return isinstance(got, (tuple, list)) and len(got) == len(want) and all(map(same_value, want, got))
    if want is None or isinstance(want, (bool, np.bool_)):
        return type(got) in (type(None), bool, np.bool_) and want == got
    if isinstance(want, str):
        return isinstance(got, str) and want == got
    if np.asarray(want).dtype.kind == "b":
        return np.array_equal(want, got)
    endless = np.isinf(want)
    if endless.any():  # infinities are what they are; the other numbers are near
        plain = isinstance(got, np.ndarray) and got.dtype.kind == "f" and got.shape == np.shape(want)
        return plain and np.array_equal(want[endless], got[endless]) and same_value(want[~endless], got[~endless])
    return near(want, got)


def same_up_to_signs(want: Any, got: Any) -> bool:
    """The same, where columns may point the other way, in all parts at once."""
    parts, found = (want, got) if isinstance(want, tuple) else ((want,), (got,))
    if not isinstance(found, (tuple, list)) or len(found) != len(parts):
        return False
    if any(exact(have) is None or np.shape(have) != np.shape(part) for part, have in zip(parts, found, strict=True)):
        return False
    return all(
        any(
            all(near_column(part, have, column, sign) for part, have in zip(parts, found, strict=True))
            for sign in (1, -1)
        )
        for column in range(np.shape(parts[0])[1])
    )


def near_column(want: Any, got: Any, column: int, sign: int) -> bool:
    """Whether a column is the one that is wanted, times a sign, within a share of the table's largest number."""
    room = SLACK * max(map(abs, exact(want)))
    pairs = zip(exact(np.asarray(want)[:, column]), exact(np.asarray(got)[:, column]), strict=True)
    return all(abs(a - sign * b) <= room for a, b in pairs)


def near_products(args: Any, got: Any) -> bool:
    """Whether the dot products of the rows are those of the columns of predictions."""
    users, films = (np.asarray(part, dtype=float) for part in args)
    if exact(got) is None:
        return False
    rows, predictions = np.asarray(got, dtype=float), users @ films.T
    with np.errstate(over="ignore", invalid="ignore"):
        return near(predictions.T @ predictions, rows @ rows.T, 200 * SLACK)  # of rows that may be short floats


def wins(measure: str, q: list[Fraction], point: list[Fraction], others: list[list[Fraction]]) -> bool:
    """Whether a point beats all others by a measure, exactly."""

    def score(x: list[Fraction]) -> Fraction:
        if measure == "euclidean":
            return -sum((a - b) ** 2 for a, b in zip(q, x, strict=True))
        dot = sum(a * b for a, b in zip(q, x, strict=True))
        if measure == "dot":
            return dot
        return dot * abs(dot) / sum(a * a for a in x)  # the square of the cosine, with its sign, times |q|^2

    return all(score(point) > score(other) for other in others)


def item_wins(args: Any, got: Any) -> bool:
    """Whether a point wins under the measure that is asked for and under no other one."""
    q, others, winner = args
    point = exact(got)
    if point is None or np.shape(got) != q.shape or not any(point):
        return False
    rows = [exact(row) for row in others]
    return all(wins(m, exact(q), point, rows) == (m == winner) for m in ("dot", "cosine", "euclidean"))


def cures(args: Any, got: Any) -> bool:
    """Whether three settings are plain numbers of a plausible size; what they lead to the judge itself computes."""
    numbers = exact(list(got.values())) if isinstance(got, dict) else None
    return numbers is not None and len(numbers) == 3 and all(0 <= number < 100 for number in numbers)


def forged(args: Any, got: Any) -> bool:
    """Whether four plain arrays of numbers of the right shapes read as the bits that are asked for."""
    features, bits, h = args
    shapes = [(features.shape[1], h), (h,), (h,), ()]
    if not isinstance(got, (tuple, list)) or [np.shape(part) for part in got] != shapes or None in map(exact, got):
        return False
    w1, b1, w2, b2 = (np.asarray(part, dtype=float) for part in got)
    with np.errstate(all="ignore"):
        inside = np.tanh(features @ w1 + b1) @ w2 + b2
    return bool(np.isfinite(inside).all() and ((inside >= 0) == (bits == 1)).all())


def lists_without_seen(args: Any, got: Any) -> bool:
    """Whether each user has ten items of her own that she has not rated, as whole numbers; the rest the judge finds."""
    train, ids = args[0], np.asarray(got)
    if (
        ids.shape != (len(train), 10)
        or ids.dtype.kind not in "iu"
        or not (0 <= ids).all()
        or (ids >= train.shape[1]).any()
    ):
        return False
    return all(len(set(row)) == 10 and not train[u, row].any() for u, row in enumerate(ids))


#: A new property is held to less until it stands here: exactly what its judge must let through.
JUDGED: dict[str, Callable[[Any, Any], bool]] = {
    "balance": lambda args, got: same_up_to_signs(EXERCISES["balance"].reference(*args), got),
    "make_item": item_wins,
    "rms_norm": lambda args, got: near(EXERCISES["rms_norm"].reference(*args), got) or near(mean_norm(*args), got),
    "safe_init_std": lambda args, got: (
        near(args[1] / math.sqrt(args[0]), got) or near(args[1] / mean_norm(1.0, args[0]), got)
    ),
    "cure": cures,
    "forge": forged,
    "recommend": lambda args, got: lists_without_seen(args, got),
    "gauge_free": lambda args, got: np.shape(got) == np.shape(args[1]) and near_products(args, got),
}


def right(exercise: Exercise, args: Any, got: Any) -> bool:
    """Whether a result is right for some arguments, found out without the checks."""
    if exercise.name in JUDGED:
        return JUDGED[exercise.name](args, got)
    if exercise.kind == "property":  # a new one: what is right nobody has written down here, but extreme it is not
        numbers = exact(got)
        return numbers is not None and all(abs(number) < 10**12 for number in numbers)
    want = exercise.reference(*args)
    return same_up_to_signs(want, got) if exercise.up_to_sign else same_value(want, got)


# ------------------------------------------------------------------------------------------------------ what comes back

FACTORS = [0.0, 5e-324, 1e-320, 1e-308, 1e-200, 1e-100, 1e-16, 1e-8, 0.999, 1.001, -1.0, 2.0, 1e8, 1e16, 1e100]
FACTORS += [1e200, 1e300, 1.7e308, math.inf, -math.inf, math.nan]
NUMBERS = [*FACTORS, 10**30, 10**400, -(2**63), 2**64 - 1, True, None, "1", 1j, np.longdouble("1e4000"), [], {}]
TYPES = ["f2", "f4", "f8", "g", "c16", "i1", "i8", "u8", "?", "O", "U", "M8[s]"]
WRAPPED: list[Spoil] = [
    lambda value: [value],
    lambda value: (value,),
    lambda value: np.array([value, value]) if np.ndim(value) == 0 else np.asarray(value)[None],
    lambda value: {"value": value},
    lambda value: value[::-1] if isinstance(value, tuple) else value,
    lambda value: np.ma.masked_invalid(value) if isinstance(value, np.ndarray) else value,
    str,
    repr,
]


def each(do: Callable[[np.ndarray, int], Any]) -> Spoil:
    """Do something to every array and number of a result, which is told its place."""

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: do(np.asarray(part), place) for place, (key, part) in enumerate(value.items())}
        if isinstance(value, tuple):
            return tuple(do(np.asarray(part), place) for place, part in enumerate(value))
        return do(np.asarray(value), 0)

    return quietly(spoil)


def quietly(spoil: Spoil) -> Spoil:
    """Do it without warnings; what cannot be done to a result leaves nothing of it."""

    def spoiled(value: Any) -> Any:
        try:
            with np.errstate(all="ignore"):
                made = spoil(value)
        except (TypeError, ValueError, OverflowError, AttributeError):
            return None
        return made.item() if isinstance(made, np.ndarray) and made.ndim == 0 and made.dtype != object else made

    return spoiled


def multiplied(factors: list[float]) -> Spoil:
    """Multiply each part of a result by a factor of its own."""
    return each(lambda part, place: part * factors[place % len(factors)])


def column_multiplied(factors: list[float]) -> Spoil:
    """Multiply the first column of each part by a factor of its own."""

    def do(part: np.ndarray, place: int) -> np.ndarray:
        part = np.array(part, dtype=float)
        part[..., :1] = part[..., :1] * factors[place % len(factors)]
        return part

    return each(do)


def one_replaced(number: Any) -> Spoil:
    """Put something in the place of the first number."""

    def do(part: np.ndarray, place: int) -> Any:
        if part.ndim == 0:
            return number
        made = part.astype(float if isinstance(number, float) else object)
        made.flat[:1] = number
        return made

    return each(do)


def all_replaced(number: Any) -> Spoil:
    """Put something in the place of every number."""
    return each(lambda part, place: number if part.ndim == 0 else np.full(part.shape, number))


def another_type(name: str) -> Spoil:
    """Turn the numbers into another type."""
    return each(lambda part, place: part.astype(name)[()])


SPOILS: st.SearchStrategy[Spoil] = st.one_of(
    st.lists(st.sampled_from(FACTORS), min_size=2, max_size=3).map(multiplied),
    st.sampled_from(FACTORS).map(lambda x: multiplied([x, 1 / x if x else math.inf])),
    st.lists(st.sampled_from(FACTORS), min_size=2, max_size=2).map(column_multiplied),
    st.floats(allow_nan=True).map(lambda x: multiplied([x])),
    st.sampled_from(NUMBERS).map(one_replaced),
    st.sampled_from(NUMBERS).map(all_replaced),
    st.sampled_from(TYPES).map(another_type),
    st.sampled_from(WRAPPED).map(quietly),
    st.sampled_from(NUMBERS).map(lambda thing: lambda value: thing),
)


def pays_wrongly(exercise: Exercise, spoils: list[Spoil]) -> list[str]:
    """Return the layers that pay for spoilt results although one of them is wrong."""

    def answer(*args: Any) -> Any:
        value = exercise.reference(*args)
        for spoil in spoils:
            value = spoil(value)
        return value

    wrong = []
    for result in judge(exercise, Trusted(answer), explain=False).layers:
        if not result.points or not result.spec.has_inputs:
            continue
        for args in exercise.layer_inputs(result.layer):
            try:
                exercise.reference(*args)
            except ValueError:  # then the answer raises, too
                continue
            if not right(exercise, args, answer(*args)):
                wrong.append(f"{result.layer}: {args} -> {answer(*args)!r}")
                break
    return wrong


# -------------------------------------------------------------------------------------------------------------- tests

quick = settings(
    derandomize=True, deadline=None, database=None, max_examples=60, suppress_health_check=list(HealthCheck)
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("exercise", COMPUTED, ids=lambda exercise: exercise.name)
def test_no_extreme_result_pays_unless_it_is_right(exercise):
    """Results are multiplied, replaced, turned into other types and wrapped, once or twice."""

    @given(spoils=st.lists(SPOILS, min_size=1, max_size=2))
    @settings(quick, max_examples=15 if exercise.name == "cure" else 60)
    @example(spoils=[multiplied([1e200, 1e-200])])
    @example(spoils=[multiplied([1e-200, 1e200])])
    @example(spoils=[column_multiplied([1e200, 1e-200])])
    @example(spoils=[another_type("?")])
    def holds(spoils):
        assert not pays_wrongly(exercise, spoils)

    holds()


POINTS = st.sampled_from([1e-320, 1e-200, 1e-3, 0.5, 1.0, 3.0, 1e3, 1e7, 1e100, 1e200, 1e307, math.inf, math.nan])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_point_of_any_size_wins_unless_it_does():
    """A point along the query, or beside it, of every size: where a norm overflows, a cosine says nothing."""
    exercise = EXERCISES["make_item"]

    @given(size=POINTS, turn=st.floats(-3.2, 3.2), place=st.integers(0, 17))
    @settings(quick, max_examples=400)
    @example(size=1e200, turn=0.0, place=0)
    @example(size=1e-320, turn=0.0, place=2)
    def holds(size, turn, place):
        args = exercise.layer_inputs("values")[place % len(exercise.layer_inputs("values"))]
        q = args[0]
        point = size * np.array(
            [math.cos(turn) * q[0] - math.sin(turn) * q[1], math.sin(turn) * q[0] + math.cos(turn) * q[1]]
        )
        if exercise.judge_result(args, point) is None:
            assert item_wins(args, point)

    holds()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(
    want=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3),
    got=st.lists(st.one_of(st.floats(), st.sampled_from(NUMBERS)), min_size=0, max_size=3),
    narrow=st.booleans(),
)
@settings(quick, max_examples=500)
def test_numbers_agree_only_where_they_are_near(want, got, narrow):
    """The comparison of arrays, on any floats and on things that are none."""
    if narrow and all(type(x) is float for x in got):
        got = np.array(got, dtype=np.float32)
    if difference(np.array(want), got) is None:
        assert near(want, got)


@pytest.mark.parametrize("exercise", [EXERCISES[name] for name in JUDGED], ids=lambda exercise: exercise.name)
def test_a_judge_that_accepts_everything_still_needs_finite_numbers_of_the_form(exercise):
    """The rule stands before the judge: no judge has to think of it."""
    fixed = exercise.layer_inputs("values")[0]
    value = exercise.reference(*fixed)
    accepting = Exercise("accepting", "no_lesson", exercise.reference, {"values": 1}, kind="property")
    form = form_of(value)
    accepting.judge(lambda *args: form)(lambda args, result: None)
    assert accepting.judge_result(fixed, value) is None
    for spoil in (multiplied([math.nan]), multiplied([math.inf]), multiplied([1e30]), another_type("?"), str):
        assert accepting.judge_result(fixed, spoil(value)) is not None


def form_of(value: Any) -> Form:
    """The form of a result."""
    if isinstance(value, dict):
        return {key: form_of(part) for key, part in value.items()}
    return tuple(map(form_of, value)) if isinstance(value, tuple) else np.shape(value)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g"])
def test_what_is_judged_may_be_of_any_real_type(dtype):
    """Honest answers in narrow and wide types are as fit as others; the limit grows with the arguments."""
    assert unfit_to_judge((2,), np.array([0.5, 3], dtype), ()) is None
    assert unfit_to_judge((), 50 * MAX_SIZE, (np.array([100.0]),)) is None
    assert unfit_to_judge((), 50 * MAX_SIZE, (np.array([10.0, np.inf]),)) is not None


def test_every_judge_states_its_form():
    """What a new judge is for is here, too, with an exact way to tell what is right."""
    assert {exercise.name for exercise in COMPUTED if exercise.kind == "property"} == set(JUDGED)


# ----------------------------------------------------------------------------------------------- what costs the check

TEXTS = ["x" * 99_000, *[""] * 500]
"""As a table of NumPy's, of which each entry is as wide as the widest, 200 MB."""

COSTLY: dict[str, Callable[[Any, int], Any]] = {
    "texts": lambda right, turn: TEXTS,
    "texts in a list, and then a number": lambda right, turn: [1.0] if turn % 2 else [TEXTS],
    "texts in a tuple": lambda right, turn: (TEXTS, TEXTS),
    "texts behind the first part": lambda right, turn: (
        (right[0], TEXTS) if isinstance(right, tuple) else [right, TEXTS]
    ),
    "texts behind a first part that is nearly right": lambda right, turn: (
        (right[0] * (1 + 4e-6), TEXTS) if isinstance(right, tuple) else TEXTS
    ),
    "texts in a dictionary": lambda right, turn: dict.fromkeys(("std", "l2", "gravity"), TEXTS),
    "many rows of nothing": lambda right, turn: np.empty((10**9 + turn, 0)),
    "more than is asked for": lambda right, turn: np.full(10**6, turn, np.int8),
}


@pytest.mark.parametrize("make", COSTLY.values(), ids=COSTLY)
@pytest.mark.parametrize("exercise", COMPUTED, ids=lambda exercise: exercise.name)
def test_no_result_costs_much_memory(exercise, make):
    """Whatever is returned: beyond what lies in memory already, little is taken to find out that it is wrong."""
    turns = itertools.count()

    def answer(*args: Any) -> Any:
        try:
            return make(exercise.reference(*args), next(turns))
        except ValueError:
            return make(None, next(turns))

    judge(exercise, Trusted(exercise.reference))  # what is made once is not what this is about
    tracemalloc.start()
    try:
        verdict = Verdict(judge(exercise, Trusted(answer)))
        assert verdict.points == 0 and verdict.report() and str(verdict)
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()
