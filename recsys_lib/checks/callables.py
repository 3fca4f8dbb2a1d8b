"""The functions that a check may pass to an answer, by name, so that a name is all that crosses a process boundary.

Three of them answer exercises, and are switched off while an answer to these is called, as the library's own are. The
exercises that pass them to an answer are others.
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


#: The functions by name.
CALLABLES: dict[str, Measure] = {
    function.__name__: function for function in (dot, cosine, euclidean, first_number, softmax)
}
