"""The functions that a check may pass to an answer, by name, so that a name is all that crosses a process boundary.

Three of them answer exercises, and are switched off while an answer to these is called, as the library's own are. The
exercises that pass them to an answer are others. Mystery rulers and services have a number for a name, which says
nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_lib._taught import taught

Measure = Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]
Service = Callable[[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]


@taught
def dot(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
    """Dot product of the query with each item."""
    scores: NDArray[Any] = np.asarray(items) @ np.asarray(q)
    return scores


@taught
def cosine(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
    """Cosine of the query with each item."""
    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
    scores: NDArray[Any] = np.asarray(items) @ np.asarray(q) / lengths
    return scores


@taught
def euclidean(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
    """Distance from the query to each item."""
    distances: NDArray[Any] = np.linalg.norm(np.asarray(items) - np.asarray(q), axis=1)
    return distances


def first_number(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
    """First coordinate of each item: a measure with many ties, to test the rule for ties."""
    return np.asarray(items)[:, 0].copy()


def softmax(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
    """Probability of each item in a softmax model: it sees nothing but dot products."""
    scores = np.asarray(items) @ np.asarray(q)
    weights = np.exp(scores - scores.max())
    shares: NDArray[Any] = weights / weights.sum()
    return shares


def _unit(x: NDArray[Any]) -> NDArray[Any]:
    """Bring each vector to length one."""
    x = np.asarray(x, dtype=float)
    vectors: NDArray[Any] = x / np.linalg.norm(x, axis=-1, keepdims=True)
    return vectors


#: What mystery rulers are made of: scores, and the lowest and highest number of which one is added to them.
_DISGUISES: dict[str, tuple[Measure, tuple[float, float]]] = {
    "dot": (dot, (0, 0)),
    "minus dot": (lambda q, items: -dot(q, items), (0, 0)),
    "dot above 0": (dot, (90, 120)),
    "dot below 0": (dot, (-120, -90)),
    "dot by one length for the table": (lambda q, items: dot(_unit(q), items) / np.linalg.norm(items), (0, 0)),
    "cosine": (cosine, (0, 0)),
    "cosine distance": (lambda q, items: 1 - cosine(q, items), (0, 0)),
    "dot of unit items": (lambda q, items: dot(q, _unit(items)), (0, 0)),
    "minus dot of unit items": (lambda q, items: -dot(q, _unit(items)), (1, 3)),
    "distance of unit items": (lambda q, items: euclidean(q, _unit(items)), (0, 0)),
    "distance": (euclidean, (0, 0)),
    "minus distance": (lambda q, items: -euclidean(q, items), (0, 0)),
    "squared distance": (lambda q, items: euclidean(q, items) ** 2, (0, 0)),
    "minus squared distance": (lambda q, items: -(euclidean(q, items) ** 2), (1, 3)),
    "one over distance": (lambda q, items: 1 / (1 + euclidean(q, items)), (0, 0)),
}

#: The same for rulers whose numbers ask for care: from far away, tiny, equal but for the last digits.
_FAR, _TINY, _LAST_DIGITS = (9e6, 1e7), 1e-12, 1e-13
_CAREFUL: dict[str, tuple[Measure, tuple[float, float]]] = {
    "dot from far above": (dot, _FAR),
    "minus dot from far above": (lambda q, items: -dot(q, items), _FAR),
    "cosine from far above": (cosine, _FAR),
    "distance from far above": (euclidean, _FAR),
    "minus distance from far below": (lambda q, items: -euclidean(q, items), (-1e7, -9e6)),
    "tiny dot": (lambda q, items: _TINY * dot(q, items), (0, 0)),
    "tiny minus dot": (lambda q, items: -_TINY * dot(q, items), (0, 0)),
    "tiny cosine": (lambda q, items: _TINY * cosine(q, items), (0, 0)),
    "tiny distance": (lambda q, items: _TINY * euclidean(q, items), (0, 0)),
    "cosine, a longer item a digit above": (lambda q, items: cosine(q, items) + _by_length(items), (0, 0)),
    "cosine, a longer item a digit below": (lambda q, items: cosine(q, items) - _by_length(items), (0, 0)),
    "cosine distance, a longer item a digit above": (lambda q, items: 1 - cosine(q, items) + _by_length(items), (0, 0)),
    "cosine distance, a longer item a digit below": (lambda q, items: 1 - cosine(q, items) - _by_length(items), (0, 0)),
}


def _by_length(items: NDArray[Any]) -> NDArray[Any]:
    """Rise with an item's length, in the last digits of numbers as large as one."""
    lengths = np.linalg.norm(items, axis=1)
    digits: NDArray[Any] = _LAST_DIGITS * lengths / (1 + lengths)
    return digits


def _ruler(name: str, base: Measure, factor: float, added: float) -> Measure:
    """Make one mystery ruler."""

    def ruler(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
        return factor * base(q, items) + added

    ruler.__name__ = ruler.__qualname__ = name
    ruler.__doc__ = "A mystery ruler: score each item (n, d) for the query (d,)."
    return ruler


def _mystery_rulers(
    kinds: dict[str, tuple[Measure, tuple[float, float]]], of_each: int, first: int
) -> dict[str, tuple[Measure, ...]]:
    """Make so many rulers of each kind, and number them from the first number in an order that tells nothing."""
    rng = np.random.default_rng(3)
    names = list(kinds)
    made: dict[str, list[Measure]] = {kind: [] for kind in kinds}
    order = (place for _ in range(of_each) for place in rng.permutation(len(names)))
    for number, place in enumerate(order, start=first):
        base, (low, high) = kinds[names[place]]
        ruler = _ruler(f"ruler_{number:03}", base, round(rng.uniform(0.5, 3), 2), round(rng.uniform(low, high), 1))
        made[names[place]].append(ruler)
    return {kind: tuple(rulers) for kind, rulers in made.items()}


_OF_EACH = 8
#: Measures in disguise, by what they are: scaled, shifted, turned round, of unit items.
MYSTERY_RULERS: dict[str, tuple[Measure, ...]] = _mystery_rulers(_DISGUISES, _OF_EACH, 0)
#: More of them, whose numbers lie far from zero, are tiny, or differ in the last digits where they should be equal.
CAREFUL_RULERS: dict[str, tuple[Measure, ...]] = _mystery_rulers(_CAREFUL, _OF_EACH, len(_DISGUISES) * _OF_EACH)


def _lucene(scores: NDArray[Any]) -> NDArray[Any]:
    """Squeeze dot products into positive numbers, as Lucene's maximum inner product does."""
    squeezed: NDArray[Any] = np.where(scores < 0, 1 / (1 - np.minimum(scores, 0)), scores + 1)
    return squeezed


def _lifted_distance(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
    """Squared distance between the lifted query and the lifted items."""
    squares = np.sum(np.square(items), axis=1)
    found: NDArray[Any] = np.sum(np.square(items - q), axis=1) + squares.max() - squares
    return found


#: What search services show, by what they are: whose order it is, whether large is good, whether |q| shows; numbers.
_SHOWN: dict[tuple[str, bool, bool], tuple[Measure, ...]] = {
    ("dot", True, True): (dot, lambda q, items: _lucene(dot(q, items))),
    ("dot", False, True): (lambda q, items: -dot(q, items), lambda q, items: 1 - dot(q, items), _lifted_distance),
    ("dot", True, False): (lambda q, items: dot(_unit(q), items),),
    ("dot", False, False): (lambda q, items: 1 - dot(_unit(q), items),),
    ("cosine", True, False): (cosine, lambda q, items: (1 + cosine(q, items)) / 2),
    ("cosine", False, False): (
        lambda q, items: 1 - cosine(q, items),
        lambda q, items: np.sum(np.square(_unit(items) - _unit(q)), axis=1),
    ),
    ("cosine", True, True): (lambda q, items: dot(q, _unit(items)),),
    ("cosine", False, True): (
        lambda q, items: 1 - dot(q, _unit(items)),
        lambda q, items: euclidean(q, _unit(items)),
    ),
    ("distance", False, True): (euclidean, lambda q, items: euclidean(q, items) ** 2),
    ("distance", True, True): (
        lambda q, items: 1 / (1 + euclidean(q, items)),
        lambda q, items: -euclidean(q, items),
    ),
}


def _service(name: str, numbers: Measure, large: bool, factor: float, dtype: type[np.floating[Any]]) -> Service:
    """Make one search service."""

    def service(items: NDArray[Any], q: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        shown = (factor * numbers(np.asarray(q, dtype=float), np.asarray(items, dtype=float))).astype(dtype)
        ids = np.argsort(-shown if large else shown, kind="stable")
        return ids, shown[ids].astype(float)

    service.__name__ = service.__qualname__ = name
    service.__doc__ = "A search service of unknown make: all items (n, d) for the query (d,), best first."
    return service


def _services(of_each: int) -> dict[tuple[str, bool, bool], tuple[Service, ...]]:
    """Make so many services of each way to show a number, and number them in an order that tells nothing."""
    rng = np.random.default_rng(10)
    ways = [(kind, numbers) for kind, shown in _SHOWN.items() for numbers in shown]
    made: dict[tuple[str, bool, bool], list[Service]] = {kind: [] for kind in _SHOWN}
    order = (place for _ in range(of_each) for place in rng.permutation(len(ways)))
    for number, place in enumerate(order):
        kind, numbers = ways[place]
        factor, dtype = round(rng.uniform(0.5, 3), 2), (np.float32 if rng.random() < 0.5 else np.float64)
        made[kind].append(_service(f"service_{number:03}", numbers, kind[1], factor, dtype))
    return {kind: tuple(services) for kind, services in made.items()}


#: Search services of unknown make, by what `which_ruler` should say of them.
SERVICES: dict[tuple[str, bool, bool], tuple[Service, ...]] = _services(6)


def _unsteady(numbers: Measure) -> Measure:
    """Let numbers differ in the seventh digit by the lengths of item and query, as 32-bit sums in another order do."""

    def shown(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
        exact = numbers(q, items)
        turn = 7 * np.linalg.norm(items, axis=1) + 3 * np.linalg.norm(q)
        found: NDArray[Any] = exact + _SEVENTH_DIGIT * np.abs(exact).max() * np.sin(turn)
        return found

    return shown


def _unsteady_services(first: int) -> dict[tuple[str, bool, bool], tuple[Service, ...]]:
    """Make two services of each way to show a number that ought to be equal now and then, numbered from the first."""
    rng = np.random.default_rng(11)
    kinds = [kind for kind in _SHOWN if kind[0] == "cosine" or not kind[2]]
    made: dict[tuple[str, bool, bool], list[Service]] = {kind: [] for kind in kinds}
    order = (place for _ in range(2) for place in rng.permutation(len(kinds)))
    for number, place in enumerate(order, start=first):
        kind, factor = kinds[place], round(rng.uniform(0.5, 3), 2)
        name = f"service_{number:03}"
        made[kind].append(_service(name, _unsteady(_SHOWN[kind][0]), kind[1], factor, np.float64))
    return {kind: tuple(services) for kind, services in made.items()}


_SEVENTH_DIGIT = 3e-7
#: More of them, whose numbers differ a little where they ought to be equal: the first of each is for learners.
UNSTEADY_SERVICES = _unsteady_services(sum(map(len, SERVICES.values())))

#: The functions by name.
CALLABLES: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        dot,
        cosine,
        euclidean,
        first_number,
        softmax,
        *(r for rulers in (MYSTERY_RULERS, CAREFUL_RULERS) for made in rulers.values() for r in made),
        *(service for of in (SERVICES, UNSTEADY_SERVICES) for services in of.values() for service in services),
    )
}
