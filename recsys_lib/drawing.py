"""What still and moving figures share: colours, names, and the regions that they shade."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ITEM_COLOURS = ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
"""Okabe and Ito's colours for items, in the order of the course (A, B, C first)."""

MEASURES = {"dot": "dot product", "cosine": "cosine", "euclidean": "distance"}
"""What the three measures are called in figures, by the names of their exercises."""


def item_names(names: Sequence[str] | None, n: int) -> list[str]:
    """Give the names of n items: A, B, C, ... unless given.

    Examples
    --------
    >>> item_names(None, 3)
    ['A', 'B', 'C']
    """
    result = [chr(ord("A") + i) for i in range(n)] if names is None else [str(x) for x in names]
    if len(result) != n:
        raise ValueError(f"{len(result)} names for {n} items")
    return result


def half_plane(q: NDArray, threshold: float, limits: tuple[float, float]) -> tuple[list, list]:
    """Cut the square ``limits`` x ``limits`` to where ``q . x > threshold``.

    Parameters
    ----------
    q : ndarray, shape (2,)
    threshold : float
    limits : (float, float)
        Both axes run from the first to the second.

    Returns
    -------
    outline, edge : list of [x, y]
        The corners of what is left, and the two ends of the cut; both empty where nothing is.

    Examples
    --------
    >>> half_plane(np.array([1.0, 0.0]), 1.0, (0.0, 2.0))
    ([[1.0, 0.0], [2.0, 0.0], [2.0, 2.0], [1.0, 2.0]], [[1.0, 0.0], [1.0, 2.0]])
    """
    low, high = limits
    square = np.array([[low, low], [high, low], [high, high], [low, high]], dtype=float)
    side = square @ q - threshold
    outline, edge = [], []
    for i in range(4):
        a, b, sa, sb = square[i], square[(i + 1) % 4], side[i], side[(i + 1) % 4]
        if sa > 0:
            outline.append(a.tolist())
        if (sa > 0) != (sb > 0):
            cut = np.round(a + (b - a) * (sa / (sa - sb)), 6).tolist()
            outline.append(cut)
            edge.append(cut)
    return outline, edge


def cone(q: NDArray, half_angle: float, reach: float) -> tuple[list, list]:
    """Outline the cone of some angle round a direction.

    Parameters
    ----------
    q : ndarray, shape (2,)
        The direction of its axis.
    half_angle : float
        The angle between its axis and its edge, in radians.
    reach : float
        How far from the origin the cone is drawn.

    Returns
    -------
    outline, edge : list of [x, y]
        The origin and an arc, and the two rays from the end of one to the end of the other.

    Examples
    --------
    >>> cone(np.array([0.0, 1.0]), np.pi / 2, 1.0)[1]
    [[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]]
    """
    middle = math.atan2(q[1], q[0])
    turns = np.linspace(middle - half_angle, middle + half_angle, 25)
    arc = np.round(reach * np.column_stack([np.cos(turns), np.sin(turns)]), 4) + 0.0
    return [[0.0, 0.0], *arc.tolist()], [arc[0].tolist(), [0.0, 0.0], arc[-1].tolist()]
