"""Many small ridge problems over the rows of one table: the step that alternating least squares repeats."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recsys_lib.interactions import Rows

MAX_ENTRIES = 1 << 15
"""How many rows one bucket gathers at most: 4 MB for 32 numbers in float32."""

MAX_STRETCH = 1.15
"""How much longer than its shortest row a bucket may be."""


class Bucket(NamedTuple):
    """Problems of about equal size, filled up to one length.

    Parameters
    ----------
    problems : ndarray of int, shape (b,)
        Which rows of the table are solved for.
    others : ndarray of int, shape (b, length)
        The rows of the other table that each is solved against; one past the last where it is filled up.
    entries : ndarray of int, shape (b, length)
        Where the ratings of these pairs stand in the list of all; one past the last where it is filled up.
    """

    problems: NDArray[np.integer]
    others: NDArray[np.integer]
    entries: NDArray[np.integer]


def buckets_of(rows: Rows, n_others: int) -> list[Bucket]:
    """Put rows of about equal length together, so that one batched product serves many; empty rows are left out."""
    sizes = np.diff(rows.starts)
    order = np.argsort(sizes, kind="stable")
    order = order[sizes[order] > 0]
    others = np.append(rows.others, n_others)
    found, place = [], 0
    while place < len(order):
        shortest = sizes[order[place]]
        last = np.searchsorted(sizes[order], max(shortest * MAX_STRETCH, shortest + 2), side="right")
        room = max(1, MAX_ENTRIES // int(sizes[order[last - 1]]))
        last = min(int(last), place + room)
        problems = order[place:last]
        length = int(sizes[problems[-1]])
        entries = rows.starts[problems][:, None] + np.arange(length)
        entries[np.arange(length) >= sizes[problems][:, None]] = len(rows.others)
        found.append(Bucket(problems, others[entries], entries))
        place = last
    return found


def improved(
    start: NDArray[np.floating],
    gram: NDArray[np.floating],
    right: NDArray[np.floating],
    preconditioner: NDArray[np.floating],
    steps: int,
) -> NDArray[np.floating]:
    """Come nearer to the solutions of many small systems by conjugate gradients, all at once.

    Source: M. Hestenes and E. Stiefel, Methods of Conjugate Gradients for Solving Linear Systems, J. of Research of the
    National Bureau of Standards 49(6), 1952; for this use G. Takacs, I. Pilaszy and D. Tikk, Applications of the
    Conjugate Gradient Method for Implicit Feedback Collaborative Filtering, RecSys 2011.

    Parameters
    ----------
    start : ndarray, shape (b, d)
        Where to begin, for instance at the last solutions.
    gram : ndarray, shape (b, d, d)
        The left sides, symmetric and positive definite.
    right : ndarray, shape (b, d)
        The right sides.
    preconditioner : ndarray, shape (d, d)
        An approximate inverse that all systems share.
    steps : int
        How many steps to take. After d of them the solutions are exact up to rounding.

    Returns
    -------
    ndarray, shape (b, d)

    Examples
    --------
    >>> gram = np.array([[[2.0, 1.0], [1.0, 2.0]]])
    >>> improved(np.zeros((1, 2)), gram, np.array([[3.0, 0.0]]), np.eye(2), steps=2).round(6) + 0.0
    array([[ 2., -1.]])
    """
    tiny = np.finfo(start.dtype).tiny
    found = start.copy()
    rest = right - (gram @ found[..., None])[..., 0]
    along, last = np.zeros_like(found), np.ones(len(found), found.dtype)
    for _ in range(steps):
        away = rest @ preconditioner
        size = np.einsum("bd,bd->b", rest, away)
        along *= (size / np.maximum(last, tiny))[:, None]
        along += away
        pushed = (gram @ along[..., None])[..., 0]
        length = (size / np.maximum(np.einsum("bd,bd->b", along, pushed), tiny))[:, None]
        found += length * along
        rest -= length * pushed
        last = size
    return found
