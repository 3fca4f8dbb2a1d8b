"""Norm against popularity."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.plots.base import ACCENT, axes, finish, plain_numbers


def norm_popularity(norms: ArrayLike, counts: ArrayLike, *, ax: Any = None) -> Any:
    """Draw the norm of each film against its number of ratings.

    Parameters
    ----------
    norms, counts : array_like, shape (n,)
        Films without a rating or with norm zero cannot stand on log axes; they are left out and counted.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> norm_popularity([0.0, 1.0, 2.0], [0, 10, 20]).alt_text
    'Norm against number of ratings for 2 films, both on log scales; 1 without rating or with norm zero left out.'
    """
    norms, counts = np.asarray(norms, dtype=float), np.asarray(counts, dtype=float)
    if norms.shape != counts.shape or norms.ndim != 1:
        raise ValueError(f"norms and counts must be lists of one length, found {norms.shape} and {counts.shape}")
    shown = (norms > 0) & (counts > 0)
    with axes(ax, (6.6, 4.6)) as ax:
        ax.scatter(counts[shown], norms[shown], s=14, color=ACCENT, alpha=0.45, linewidths=0)
        ax.set_xscale("log")
        ax.set_yscale("log")
        plain_numbers(ax.xaxis)
        plain_numbers(ax.yaxis)
        left = int((~shown).sum())
        alt = f"Norm against number of ratings for {int(shown.sum())} films, both on log scales"
        alt += f"; {left} without rating or with norm zero left out." if left else "."
        return finish(ax, "Norm and popularity", "number of ratings (log scale)", "norm (log scale)", alt)
