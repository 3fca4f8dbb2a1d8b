"""How much the first d singular values keep."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.plots.base import ACCENT, MUTED, axes, finish

CHANCE = "#E69F00"


def explained_curve(
    singular_values: ArrayLike, *, mark: int | None = None, chance: ArrayLike | None = None, ax: Any = None
) -> Any:
    """Draw the share of the sum of squares that the first d singular values hold, for every d.

    Parameters
    ----------
    singular_values : array_like, shape (r,)
    mark : int, optional
        A width d that is marked, with its share.
    chance : array_like, shape (r,), optional
        The singular values of a table filled by chance, drawn beside the others.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If either list holds no positive number, the two differ in length, or `mark` is not one of the widths.

    Examples
    --------
    >>> explained_curve([2.0, 1.0, 1.0], mark=1).alt_text
    'Share of the sum of squares held by the first d of 3 singular values; the first 1 hold 67 %.'
    >>> explained_curve([2.0, 1.0, 1.0], mark=1, chance=[1.0, 1.0, 1.0]).alt_text[-62:]
    'the first 1 hold 67 %, those of a table filled by chance 33 %.'
    """
    share = _shares(singular_values, "singular_values")
    with axes(ax, (7, 4)) as ax:
        ax.plot(np.arange(len(share)), 100 * share, color=ACCENT, lw=2.2, label="the table")
        ax.set_ylim(0, 104)
        ax.set_xlim(0, len(share) - 1)
        alt = f"Share of the sum of squares held by the first d of {len(share) - 1} singular values"
        other = None
        if chance is not None:
            other = _shares(chance, "chance")
            if len(other) != len(share):
                raise ValueError(f"chance holds {len(other) - 1} singular values, not {len(share) - 1}")
            ax.plot(np.arange(len(other)), 100 * other, color=CHANCE, lw=2.2, ls=(0, (5, 2)), label="filled by chance")
            ax.legend(loc="lower right")
        if mark is not None:
            if not 0 <= mark < len(share):
                raise ValueError(f"mark must lie between 0 and {len(share) - 1}, found {mark}")
            at = 100 * share[mark]
            ax.plot([mark, mark, 0], [0, at, at], color=MUTED, lw=1, ls=(0, (3, 3)))
            ax.plot(mark, at, "o", color=ACCENT, ms=7, mec="white")
            below = (10, -4) if other is None else (24, -30)
            ax.annotate(f"d = {mark}: {at:.0f} %", (mark, at), xytext=below, textcoords="offset points", va="top")
            alt += f"; the first {mark} hold {at:.0f} %"
            if other is not None:
                alt += f", those of a table filled by chance {100 * other[mark]:.0f} %"
        return finish(ax, "How much the first d numbers keep", "width d", "share of the sum of squares (%)", f"{alt}.")


def _shares(values: ArrayLike, name: str) -> NDArray[np.floating]:
    """Share of the sum of squares held by the first 0, 1, 2, ... values."""
    squares = np.asarray(values, dtype=float) ** 2
    if squares.ndim != 1 or not squares.sum() > 0:
        raise ValueError(f"{name} must be one list with a positive number, found shape {squares.shape}")
    return np.concatenate([[0.0], np.cumsum(squares) / squares.sum()])
