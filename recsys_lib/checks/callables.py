"""The functions that a check may pass to an answer, by name, so that a name is all that crosses a process boundary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def dot(q: NDArray, items: NDArray) -> NDArray:
    """Dot product of the query with each item."""
    return np.asarray(items) @ np.asarray(q)


def cosine(q: NDArray, items: NDArray) -> NDArray:
    """Cosine of the query with each item."""
    return np.asarray(items) @ np.asarray(q) / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))


def euclidean(q: NDArray, items: NDArray) -> NDArray:
    """Distance from the query to each item."""
    return np.linalg.norm(np.asarray(items) - np.asarray(q), axis=1)


def first_number(q: NDArray, items: NDArray) -> NDArray:
    """First coordinate of each item: a measure with many ties, to test the rule for ties."""
    return np.asarray(items)[:, 0].copy()


def softmax(q: NDArray, items: NDArray) -> NDArray:
    """Probability of each item in a softmax model: it sees nothing but dot products."""
    scores = np.asarray(items) @ np.asarray(q)
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()


CALLABLES = {function.__name__: function for function in (dot, cosine, euclidean, first_number, softmax)}
