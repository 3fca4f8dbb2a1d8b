"""Many small ridge problems over the rows of one table: the step that alternating least squares repeats."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recsys_lib.interactions import Rows

_ENTRIES = 1 << 15  # gathered rows at a time: 4 MB for 32 numbers in float32
_SLACK = 1.15  # how much longer than its shortest row a bucket may be


class Bucket(NamedTuple):
    """Problems of about equal size: their numbers, and their rows and weights, filled up with a row of zeros."""

    problems: NDArray[np.integer]  # (b,)
    others: NDArray[np.integer]  # (b, length)
    entries: NDArray[np.integer]  # (b, length), places in the list of ratings; the last place for what is filled up


def buckets_of(rows: Rows, n_others: int) -> list[Bucket]:
    """Put rows of about equal length together, so that one batched product serves many; empty rows are left out."""
    sizes = np.diff(rows.starts)
    order = np.argsort(sizes, kind="stable")
    order = order[sizes[order] > 0]
    others = np.append(rows.others, n_others)
    found, place = [], 0
    while place < len(order):
        shortest = sizes[order[place]]
        last = np.searchsorted(sizes[order], max(shortest * _SLACK, shortest + 2), side="right")
        room = max(1, _ENTRIES // int(sizes[order[last - 1]]))
        last = min(int(last), place + room)
        problems = order[place:last]
        length = int(sizes[problems[-1]])
        entries = rows.starts[problems][:, None] + np.arange(length)
        entries[np.arange(length) >= sizes[problems][:, None]] = len(rows.others)
        found.append(Bucket(problems, others[entries], entries))
        place = last
    return found
