"""All films as points on a flat map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.plots.base import ACCENT, INK, MUTED, axes, finish, plain_numbers


def film_map(
    xy: ArrayLike,
    *,
    labels: Mapping[int, str] | None = None,
    colour: ArrayLike | None = None,
    colour_label: str = "",
    title: str = "Films on two axes",
    axes_names: tuple[str, str] = ("first principal axis", "second principal axis"),
    log_colour: bool = False,
    ax: Any = None,
) -> Any:
    """Draw all films as points on a flat map, a few of them with their titles.

    Parameters
    ----------
    xy : array_like, shape (n, 2)
    labels : mapping of item id to title, optional
        The films to name. Names that would cover one another are moved apart.
    colour : array_like, shape (n,), optional
        A number for each film, shown by the colour-blind-safe map cividis.
    colour_label : str
        What the colour means, for the bar beside the map.
    title : str
        What to write above the map.
    axes_names : (str, str)
        What to write along the two axes.
    log_colour : bool
        True colours by the logarithm, for counts; numbers below 1 are then coloured as 1.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If xy is not (n, 2), or colour is not (n,).

    Examples
    --------
    >>> film_map([[0.0, 1.0], [2.0, 3.0]], labels={0: "Heat (1995)"}).alt_text
    'A map of 2 films: Films on two axes. Named on it: Heat (1995).'
    """
    xy = np.asarray(xy, dtype=float)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise ValueError(f"xy must have shape (n, 2), found {xy.shape}")
    values = None if colour is None else np.asarray(colour, dtype=float)
    if values is not None and values.shape != (len(xy),):
        raise ValueError(f"colour must have shape ({len(xy)},), found {values.shape}")
    with axes(ax, (7.8, 5.6)) as ax:
        if values is None:
            ax.scatter(*xy.T, s=13, color=ACCENT, alpha=0.55, linewidths=0)
        else:
            from matplotlib.colors import LogNorm, Normalize

            shown = np.maximum(values, 1) if log_colour else values
            norm = (LogNorm if log_colour else Normalize)(shown.min(), max(shown.max(), shown.min() + 1e-9))
            order = np.argsort(values, kind="stable")
            dots = ax.scatter(*xy[order].T, s=15, c=shown[order], cmap="cividis", norm=norm, alpha=0.85, linewidths=0)
            bar = ax.figure.colorbar(dots, ax=ax, shrink=0.75, pad=0.02)
            bar.set_label(colour_label)
            if log_colour:
                plain_numbers(bar.ax.yaxis)
            bar.outline.set_visible(False)
        _label(ax, xy, labels or {})
        named = f" Named on it: {', '.join(labels.values())}." if labels else ""
        by = f", coloured by {colour_label}" if colour_label else ""
        return finish(ax, title, *axes_names, f"A map of {len(xy)} films{by}: {title}.{named}")


def _label(ax: Any, xy: NDArray, labels: Mapping[int, str]) -> None:
    """Ring the films and write their titles, moving a title away from those already written."""
    if not labels:
        return
    from matplotlib import patheffects

    ids = sorted(labels, key=lambda i: -xy[i, 1])
    ax.scatter(*xy[ids].T, s=42, facecolors="none", edgecolors=INK, linewidths=1.2, zorder=4)
    width, height = np.ptp(xy[:, 0]) or 1.0, np.ptp(xy[:, 1]) or 1.0
    taken: list[tuple[float, float, float]] = []
    middle = xy[:, 0].min() + 0.6 * width
    for i in ids:
        x, y = xy[i]
        reach = 0.0125 * len(labels[i]) * width
        left = x > middle
        for step in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5):
            at = y + step * 0.042 * height
            box = (x - reach, x) if left else (x, x + reach)
            if all(abs(at - t) > 0.038 * height or box[1] < a or box[0] > b for a, b, t in taken):
                break
        taken.append((*box, at))
        ax.annotate(
            labels[i], (x, y), xytext=(x + (-1 if left else 1) * 0.017 * width, at), fontsize=9, zorder=5,
            va="center", ha="right" if left else "left",
            path_effects=[patheffects.withStroke(linewidth=3, foreground="white")],
            arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.7, "shrinkA": 0, "shrinkB": 3},
        )  # fmt: skip
