"""The course's splits, written again from what `recsys_lib/splits.py` says of them: the random draws are part of it."""

from __future__ import annotations

import numpy as np


def a_quarter_of_each(owner, seed):
    """Hold out of each owner's m rows the floor(m / 4 + 1 / 2) with the smallest lots; one lot a row, in file order."""
    lots = np.random.default_rng(seed).random(len(owner))
    held = np.zeros(len(owner), dtype=bool)
    for one in range(owner.max() + 1):
        rows = np.flatnonzero(owner == one)
        by_lot = rows[np.argsort(lots[rows])]
        held[by_lot[: int(np.floor(len(rows) / 4 + 0.5))]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def five_parts(n, seed):
    """Five test parts: pieces of one permutation by the old generator, RandomState; the rest is for training."""
    order = np.random.RandomState(seed).permutation(n)
    ends = np.cumsum([0] + [n // 5 + (part < n % 5) for part in range(5)])
    parts = [np.sort(order[low:high]) for low, high in zip(ends, ends[1:], strict=False)]
    return [(np.setdiff1d(np.arange(n), part), part) for part in parts]


def a_tenth(n, seed):
    """Hold out the first tenth of a permutation, whoever's they are."""
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[round(n / 10) :]), np.sort(order[: round(n / 10)])
