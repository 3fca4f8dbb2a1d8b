"""The scores that every model has to beat: those by popularity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.interactions import Interactions, as_interactions


@taught
def popularity_scores(ratings: Interactions | ArrayLike) -> NDArray[np.floating]:
    """Score each item by its number of ratings, the same for every user.

    Parameters
    ----------
    ratings : Interactions, or array_like of shape (n_users, n_items) with 0 for "not rated"

    Returns
    -------
    ndarray, shape (n_items,)

    Raises
    ------
    ValueError
        If there is no rating at all.

    Examples
    --------
    >>> popularity_scores([[5, 0, 1], [4, 0, 0]])
    array([2., 0., 1.])
    """
    return as_interactions(ratings).counts.astype(float)
