"""Ids, and random choices of users and items."""

from __future__ import annotations

import numpy as np


def ids(*numbers):
    """Item ids as an array of whole numbers, also where there is none."""
    return np.array(numbers, dtype=np.int64)


def some(rng, n, m):
    """Draw m of the ids below n, in any order."""
    return rng.permutation(n)[:m].astype(np.int64)
