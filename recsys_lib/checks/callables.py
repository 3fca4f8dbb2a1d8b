"""The functions that a check may pass to an answer, by name, so that a name is all that crosses a process boundary.

Three of them answer exercises, and are switched off while an answer to these is called, as the library's own are. The
exercises that pass them to an answer are others. Mystery rulers have a number for a name, which says nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_lib._taught import taught

Measure = Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]


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


def _ruler(name: str, base: Measure, factor: float, added: float) -> Measure:
    """Make one mystery ruler."""

    def ruler(q: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
        return factor * base(q, items) + added

    ruler.__name__ = ruler.__qualname__ = name
    ruler.__doc__ = "A mystery ruler: score each item (n, d) for the query (d,)."
    return ruler


def _mystery_rulers(of_each: int) -> dict[str, tuple[Measure, ...]]:
    """Make so many rulers of each kind, and number them in an order that tells nothing."""
    rng = np.random.default_rng(3)
    kinds = list(_DISGUISES)
    made: dict[str, list[Measure]] = {kind: [] for kind in kinds}
    for number, place in enumerate(place for _ in range(of_each) for place in rng.permutation(len(kinds))):
        base, (low, high) = _DISGUISES[kinds[place]]
        ruler = _ruler(f"ruler_{number:03}", base, round(rng.uniform(0.5, 3), 2), round(rng.uniform(low, high), 1))
        made[kinds[place]].append(ruler)
    return {kind: tuple(rulers) for kind, rulers in made.items()}


#: Measures in disguise, by what they are: scaled, shifted, turned round, of unit items.
MYSTERY_RULERS: dict[str, tuple[Measure, ...]] = _mystery_rulers(8)

#: The functions by name.
CALLABLES: dict[str, Measure] = {
    function.__name__: function
    for function in (dot, cosine, euclidean, first_number, softmax, *sum(MYSTERY_RULERS.values(), ()))
}
