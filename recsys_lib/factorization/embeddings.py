"""The result of every model with vectors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Embeddings(NamedTuple):
    """Users and items in one space: ``users (n_users, d)`` and ``items (n_items, d)``."""

    users: NDArray[np.floating]
    items: NDArray[np.floating]
