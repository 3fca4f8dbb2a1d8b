"""How much the first d singular values keep."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.plots.base import ACCENT, MUTED, axes, finish


def explained_curve(singular_values: ArrayLike, *, mark: int | None = None, ax: Any = None) -> Any:
    """Draw the share of the sum of squares that the first d singular values hold, for every d.

    Parameters
    ----------
    singular_values : array_like, shape (r,)
    mark : int, optional
        A width d that is marked, with its share.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> explained_curve([2.0, 1.0, 1.0], mark=1).alt_text
    'Share of the sum of squares held by the first d of 3 singular values; the first 1 hold 67 %.'
    """
    squares = np.asarray(singular_values, dtype=float) ** 2
    if squares.ndim != 1 or not squares.sum() > 0:
        raise ValueError(f"singular_values must be one list with a positive number, found shape {squares.shape}")
    share = np.concatenate([[0.0], np.cumsum(squares) / squares.sum()])
    with axes(ax, (7, 4)) as ax:
        ax.plot(np.arange(len(share)), 100 * share, color=ACCENT, lw=2.2)
        ax.set_ylim(0, 104)
        ax.set_xlim(0, len(squares))
        alt = f"Share of the sum of squares held by the first d of {len(squares)} singular values"
        if mark is not None:
            if not 0 <= mark <= len(squares):
                raise ValueError(f"mark must lie between 0 and {len(squares)}, found {mark}")
            at = 100 * share[mark]
            ax.plot([mark, mark, 0], [0, at, at], color=MUTED, lw=1, ls=(0, (3, 3)))
            ax.plot(mark, at, "o", color=ACCENT, ms=7, mec="white")
            ax.annotate(f"d = {mark}: {at:.0f} %", (mark, at), xytext=(10, -4), textcoords="offset points", va="top")
            alt += f"; the first {mark} hold {at:.0f} %"
        return finish(ax, "How much the first d numbers keep", "width d", "share of the sum of squares (%)", f"{alt}.")
