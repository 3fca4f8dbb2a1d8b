"""What a wrong result has to do with the right one, said as an observation, never as a cause.

Used where no misconception fits. Each relation is a function of one pair (expected, got); it is said only where it
holds on every input of the layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_lib.checks.comparison import as_numbers, same

Pair = tuple[Any, Any]
Array = NDArray[Any]
Arrays = tuple[Array, Array]
#: Makes of a right result the wrong one that it is compared with: an array, a number, or None where there is none.
Relation = Callable[[Array], Any]

NEAR = 0.01  # a share of the right number
MAX_RELATED = 10_000  # numbers of a result, many times as many as any exercise asks for

LEAST_RELATED = 3  # numbers that a relation holds for: of one or two that are wrong something holds by chance

#: Factors that people recognise; any other constant factor is given as a number.
_FACTORS = {0.5: "half of", 2.0: "twice", -1.0: "minus", -2.0: "minus twice", -0.5: "minus half of"}


def observe(
    pairs: list[Pair],
    swapped: Callable[[int], Any] | None = None,
    sizes: list[dict[str, int]] | None = None,
) -> str | None:
    """Return one sentence that relates all results to the expected ones, or None.

    Parameters
    ----------
    pairs : list of (expected, got)
        One pair per input of the layer; all were returned, none raised.
    swapped : callable, optional
        ``swapped(i)`` is the right answer to input i with its first two arguments exchanged.
    sizes : list of dict of str to int, optional
        For each input, its sizes by what they are called ("the number of rows of `items`").

    Examples
    --------
    >>> right = [np.array([1.0, 4.0]), np.array([9.0, 2.0])]
    >>> observe([(r, r / 2) for r in right])
    'What you return is half of the right answer, everywhere.'
    >>> observe([(r, r ** 2) for r in right])
    'What you return is the square of the right answer, everywhere.'
    """
    if not pairs:
        return None
    if all(isinstance(expected, tuple) for expected, _ in pairs):
        return _observe_parts(pairs)
    wrong = [i for i, (expected, got) in enumerate(pairs) if not same(expected, got)]
    if not wrong:
        return None
    if all(isinstance(expected, (bool, np.bool_)) for expected, _ in pairs):
        return _observe_truth(pairs)
    arrays: list[Arrays] = []
    for expected, got in pairs:
        want, have = as_numbers(expected), as_numbers(got)
        if want is None or have is None or have.size > MAX_RELATED:
            return None
        arrays.append((want.astype(float), have.astype(float)))
    where = "everywhere" if len(wrong) == len(pairs) else "wherever it is wrong"
    for phrase in _held(arrays):
        return f"What you return is {phrase}, {where}."
    if swapped is not None and all(same(swapped(i), got) for i, (_, got) in enumerate(pairs)):
        return "What you return is the right answer to the question with its first two arguments exchanged."
    if len(wrong) < len(pairs) and len(pairs) >= 4 and len(wrong) <= len(pairs) // 3:
        right = len(pairs) - len(wrong)
        return f"Your answer is right on {right} of {len(pairs)} inputs: what is special about the one shown?"
    return _looser(arrays, sizes)


def _observe_truth(pairs: list[Pair]) -> str | None:
    """Say of answers that are True or False what one would say of them: arithmetic has no place here."""
    if not all(isinstance(got, (bool, np.bool_)) for _, got in pairs):
        return None
    if all(bool(expected) != bool(got) for expected, got in pairs):
        return "You return True where False is right, and False where True is right."
    for value in (True, False):
        if all(bool(got) is value for _, got in pairs):
            return f"You return {value} on every input; on some of them {not value} is right."
    right = sum(bool(expected) == bool(got) for expected, got in pairs)
    return f"Your answer is right on {right} of {len(pairs)} inputs: what is special about the one shown?"


def _looser(pairs: list[Arrays], sizes: list[dict[str, int]] | None) -> str | None:
    """Say what holds input by input: a factor that changes, the order, the entries that are right, the direction."""
    if any(np.isnan(g).any() for _, g in pairs):
        return (
            "NaN (not a number) comes into your answer: look for a root of a negative number, 0/0, or a NaN passed on."
        )
    if any(e.shape != g.shape for e, g in pairs):
        return None
    with np.errstate(all="ignore"):
        factors = [factor for e, g in pairs if (factor := _factor(e, g)) is not None]
        longer = [e.size > 1 for e, _ in pairs]
        if any(longer) and len(factors) == len(pairs):
            named = _name_of(factors, sizes or [])
            if named:
                return f"What you return is the right answer times {named}, everywhere."
            few = ", ".join(f"{factor:.4g}" for factor in factors[:3])
            return (
                f"Input by input you return the right answer times one number, which changes with the input: {few}, ..."
            )
        lists = [(e, g) for e, g in pairs if e.ndim == 1 and e.size > 1]
        if all(np.allclose(g, e, rtol=NEAR, atol=0) for e, g in pairs):
            return "Your numbers are near the right ones, but not these: are they rounded, or found by trying?"
        if lists and all(np.array_equal(np.argsort(e, kind="stable"), np.argsort(g, kind="stable")) for e, g in lists):
            return "Your numbers are in the right order, from smallest to largest, but they are not the right numbers."
        if lists and all(np.array_equal(np.argsort(e, kind="stable"), np.argsort(-g, kind="stable")) for e, g in lists):
            return "Your numbers are in exactly the opposite order: largest where the right ones are smallest."
        right = sum(int(np.isclose(e, g, rtol=1e-6, atol=1e-12).sum()) for e, g in pairs)
        total = sum(e.size for e, _ in pairs)
        if right > total / 2 and total == len(pairs):
            return f"Your answer is right on {right} of {total} inputs: what is special about the one shown?"
        if right > total / 2:
            return f"{right} of the {total} numbers you return are right: what sets the others apart?"
        if all((np.sign(e) == np.sign(g)).all() for e, g in pairs):
            size = ", signs left aside" if any((e < 0).any() for e, _ in pairs) else ""
            if all((np.abs(g) >= np.abs(e) * (1 - 1e-6)).all() for e, g in pairs):
                return f"None of your numbers is too small, and most are too large{size}."
            if all((np.abs(g) <= np.abs(e) * (1 + 1e-6)).all() for e, g in pairs):
                return f"None of your numbers is too large, and most are too small{size}."
    return None


def _factor(expected: Array, got: Array) -> float | None:
    """Return the one number by which ``expected`` was multiplied, or None."""
    counts = np.abs(expected) > 1e-12
    if not counts.any() or not np.allclose(got[~counts], 0, atol=1e-9):
        return None
    ratios = got[counts] / expected[counts]
    return float(ratios.flat[0]) if np.allclose(ratios, ratios.flat[0], rtol=1e-6, atol=0) and ratios.flat[0] else None


def _name_of(factors: list[float], sizes: list[dict[str, int]]) -> str | None:
    """Return which size of the input the factors are a power of, in words."""
    for label in sizes[0] if sizes else ():
        if not all(label in size for size in sizes) or len({size[label] for size in sizes}) < 2:
            continue
        values: Array = np.array([size[label] for size in sizes], dtype=float)
        for power, words in (
            (1, label),
            (-1, f"one over {label}"),
            (0.5, f"the root of {label}"),
            (-0.5, f"one over the root of {label}"),
        ):
            if np.allclose(factors, values**power, rtol=1e-6, atol=0):
                return words
    return None


def _observe_parts(pairs: list[Pair]) -> str | None:
    """Relate the parts of tuples: exchanged, or one of them wrong in a known way."""
    size = len(pairs[0][0])
    if not all(isinstance(got, (tuple, list)) and len(got) == size for _, got in pairs):
        return None
    if size > 1 and all(all(map(same, expected, reversed(got))) for expected, got in pairs):
        return "What you return is the right parts in reversed order."
    for part in range(size):
        inner = observe([(_align_columns(expected[part], got[part])) for expected, got in pairs])
        if inner is not None:
            return f"In part {part + 1} of {size}: {inner[0].lower()}{inner[1:]}"
    right = [part for part in range(size) if all(same(expected[part], got[part]) for expected, got in pairs)]
    if right and len(right) < size:
        parts = " and ".join(f"part {part + 1}" for part in right)
        verb = "is" if len(right) == 1 else "are"
        return f"Of the {size} results {parts} {verb} right on every input; look at the rest."
    return None


def _align_columns(expected: Any, got: Any) -> Pair:
    array = as_numbers(got)
    if array is None or array.ndim != 2 or array.shape != np.shape(expected):
        return expected, got
    with np.errstate(all="ignore"):  # infinity times 0 is no sign
        signs = np.where(np.sum(array * expected, axis=0) < 0, -1.0, 1.0)
    return expected, array * signs


def _held(pairs: list[Arrays]) -> Iterator[str]:
    """Yield the phrases of the relations that hold on every pair, the plainest first."""
    with np.errstate(all="ignore"):
        factor = _constant(pairs, lambda e, g: g / e)
        if factor is not None:
            yield f"{_FACTORS.get(round(factor, 9), f'{factor:.4g} times')} the right answer"
        for phrase, relation in _RELATIONS.items():
            informative = [(e, g) for e, g in pairs if not same(e, g)]
            if _tells(informative) and all(_agrees(relation, e, g) for e, g in informative):
                yield phrase
        if all(e.ndim == 1 and e.shape == g.shape and same(np.sort(e), np.sort(g)) for e, g in pairs):
            yield "the right entries in another order"
        offset = _constant(pairs, lambda e, g: g - e)
        if offset is not None:
            yield f"the right answer {'plus' if offset > 0 else 'minus'} {abs(offset):.4g}"


def _tells(pairs: list[Arrays]) -> bool:
    """Whether so much is wrong, and not one number over and over, that a relation does not hold by chance."""
    return sum(e.size for e, _ in pairs) >= LEAST_RELATED and len(np.unique([n for e, _ in pairs for n in e.flat])) > 1


def _agrees(relation: Relation, expected: Array, got: Array) -> bool:
    try:
        related = relation(expected)
    except (ValueError, IndexError, np.exceptions.AxisError):
        return False
    return related is not None and same(related, got)


def _constant(pairs: list[Arrays], of: Callable[[Array, Array], Any]) -> float | None:
    """Return the one number that ``of(expected, got)`` is everywhere, or None."""
    values = []
    for expected, got in pairs:
        if expected.shape != got.shape:
            return None
        found = np.atleast_1d(of(expected, got))
        values.append(found[np.atleast_1d((expected != 0) | (got != 0))])
    flat = np.concatenate([value.ravel() for value in values])
    if flat.size < 2 or not np.isfinite(flat).all() or abs(flat[0]) < 1e-9:
        return None
    return float(flat[0]) if np.allclose(flat, flat[0], rtol=1e-6, atol=0) else None


_RELATIONS: dict[str, Relation] = {
    "one minus the right answer": lambda e: 1 - e,
    "one over the right answer": lambda e: 1 / e,
    "the size of the right answer, its sign lost": np.abs,
    "the square of the right answer": np.square,
    "the square root of the right answer": lambda e: np.sqrt(np.abs(e)),
    "the right answer transposed": lambda e: e.T if e.ndim > 1 else None,
    "the right answer in reversed order": lambda e: e[::-1] if e.ndim else None,
    "the right answer sorted upwards": lambda e: np.sort(e) if e.ndim == 1 else None,
    "the right answer sorted downwards": lambda e: np.sort(e)[::-1] if e.ndim == 1 else None,
    "the right answer shifted by one place": lambda e: np.roll(e, 1, axis=0) if e.ndim else None,
    "the right answer shifted back by one place": lambda e: np.roll(e, -1, axis=0) if e.ndim else None,
    "the right answer without its last entry": lambda e: e[:-1] if e.ndim else None,
    "the right answer without its first entry": lambda e: e[1:] if e.ndim else None,
    "the right answer with an axis too many (in front)": lambda e: e[None],
    "the right answer with an axis too many (behind)": lambda e: e[..., None],
    "the sum of the right answer": lambda e: np.sum(e) if e.ndim else None,
    "the mean of the right answer": lambda e: np.mean(e) if e.ndim else None,
    "the first entry of the right answer": lambda e: e[0] if e.ndim else None,
    "the largest entry of the right answer": lambda e: np.max(e) if e.ndim else None,
    "the place of the largest entry": lambda e: np.argmax(e) if e.ndim == 1 else None,
    "the running sum of the right answer": lambda e: np.cumsum(e) if e.ndim == 1 else None,
    "the right answer rounded to whole numbers": np.round,
    "the right answer rounded down": np.floor,
    "the right answer rounded to one decimal": lambda e: np.round(e, 1),
    "the right answer rounded to two decimals": lambda e: np.round(e, 2),
    "the right answer rounded to three decimals": lambda e: np.round(e, 3),
    "the right answer divided by its length": lambda e: e / np.linalg.norm(e) if e.ndim else None,
    "the right answer divided by its sum": lambda e: e / np.sum(e) if e.ndim else None,
    "the right answer divided by its largest entry": lambda e: e / np.max(e) if e.ndim else None,
    "the right answer divided by the number of entries": lambda e: e / len(e) if e.ndim else None,
    "the order of the right answer instead of its values": lambda e: (
        np.argsort(-e, kind="stable") if e.ndim == 1 else None
    ),
    "the logarithm of the right answer": np.log,
    "e to the power of the right answer": np.exp,
}
