"""The norms of a table's rows."""

from __future__ import annotations

import numpy as np


def norms_of(items):
    """Norm of each item."""
    return np.sqrt(np.sum(items**2, axis=1))
