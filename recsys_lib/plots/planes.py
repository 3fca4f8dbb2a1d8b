"""A query and items as arrows in the plane, and the nearest item in each direction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.drawing import ITEM_COLOURS, MEASURES, cone, half_plane, item_names
from recsys_lib.plots.base import ACCENT, INK, MUTED, axes, finish


def vector_plane(
    q: ArrayLike = (4, 3),
    items: ArrayLike = ((0, 6), (4, 0), (1, 1)),
    names: Sequence[str] | None = None,
    *,
    region: str | None = None,
    limits: tuple[float, float] = (-3, 8),
    title: str = "One query, three items",
    ax: Any = None,
) -> Any:
    """Draw a query and items as arrows, and the region where a new item would beat the best by one measure.

    Parameters
    ----------
    q : array_like, shape (2,)
    items : array_like, shape (n, 2)
    names : sequence of str, optional
        What to call the items; A, B, C, ... unless given.
    region : {"dot", "cosine", "euclidean"}, optional
        The measure whose region is shaded: a half-plane, a cone or a disc.
    limits : (float, float)
        Both axes run from the first to the second.
    title : str
        What to write above the figure.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If region is another word, or a zero vector has no direction for the cosine.

    Examples
    --------
    >>> vector_plane(region="euclidean").alt_text
    'Arrows from the origin: q (4, 3), A (0, 6), B (4, 0), C (1, 1). Shaded: where a new item would beat B by distance.'
    """
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    names = item_names(names, len(items))
    low, high = limits
    with axes(ax, (5.4, 5.4)) as ax:
        from matplotlib import patheffects

        ax.set_aspect("equal")
        ax.set_xlim(low, high)
        ax.set_ylim(low, high)
        ax.axhline(0, color=MUTED, lw=0.9)
        ax.axvline(0, color=MUTED, lw=0.9)
        said = ""
        if region is not None:
            shade, edge = {"color": ACCENT, "alpha": 0.13, "lw": 0}, {"color": ACCENT, "lw": 1.5, "ls": (0, (4, 3))}
            if region == "dot":
                scores = items @ q
                best = int(np.argmax(scores))
                outline, line = half_plane(q, float(scores[best]), limits)
            elif region == "cosine":
                if not q.any() or not items.any(axis=1).all():
                    raise ValueError("a zero vector has no direction: there is no cone")
                scores = items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))
                best = int(np.argmax(scores))
                outline, line = cone(q, math.acos(min(1.0, max(-1.0, float(scores[best])))), 4 * max(map(abs, limits)))
            elif region == "euclidean":
                scores = np.linalg.norm(items - q, axis=1)
                best = int(np.argmin(scores))
                turn = np.linspace(0, 2 * np.pi, 120)
                line = outline = (q + scores[best] * np.column_stack([np.cos(turn), np.sin(turn)])).tolist()
            else:
                raise ValueError(f"region must be 'dot', 'cosine' or 'euclidean', found {region!r}")
            if outline:
                ax.fill(*np.array(outline).T, **shade)
            if line:
                ax.plot(*np.array(line).T, **edge)
            said = f" Shaded: where a new item would beat {names[best]} by {MEASURES[region]}."
        for (x, y), name, colour in zip([*items, q], [*names, "q"], [*ITEM_COLOURS[: len(items)], INK], strict=True):
            ax.annotate(
                "", (x, y), (0, 0), zorder=3,
                arrowprops={
                    "arrowstyle": "-|>", "color": colour, "lw": 2.4, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 15,
                },
            )  # fmt: skip
            sx, sy = _corner(q, items, np.array([x, y]), high - low)
            ax.annotate(
                f"{name} ({x:g}, {y:g})", (x, y), xytext=(7 * sx, 7 * sy), textcoords="offset points", zorder=4,
                fontweight="bold", ha="left" if sx > 0 else "right", va="bottom" if sy > 0 else "top",
                path_effects=[patheffects.withStroke(linewidth=3, foreground="white")],
            )  # fmt: skip
        points = ", ".join(f"{n} ({x:g}, {y:g})" for n, (x, y) in zip(["q", *names], [q, *items], strict=True))
        return finish(ax, title, "first coordinate", "second coordinate", f"Arrows from the origin: {points}.{said}")


def _corner(q: NDArray, points: NDArray, at: NDArray, width: float) -> tuple[int, int]:
    """Find the corner of a point with most room for its name: (right or left, up or down) as +1 or -1."""
    best, room = (1, 1), -1.0
    for sx, sy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        gap = math.inf
        for along in np.linspace(0.05, 0.25, 5) * width:
            spot = at + [sx * along, sy * 0.045 * width]
            for end in (q, *points):
                length = float(end @ end)
                share = min(1.0, max(0.0, float(spot @ end) / length)) if length else 0.0
                gap = min(gap, float(np.linalg.norm(spot - share * end)))
        if gap > 0.022 * width:
            return sx, sy
        if gap > room:
            best, room = (sx, sy), gap
    return best


def nearest_lengths(
    q: ArrayLike = (4, 3),
    degrees: Sequence[float] = (25, 50, 70),
    *,
    limits: tuple[float, float] = (-2, 6),
    ax: Any = None,
) -> Any:
    """Draw, in several directions, the item nearest to a query: the foot of the perpendicular, ``|q| cos`` long.

    Parameters
    ----------
    q : array_like, shape (2,)
    degrees : sequence of float
        The angles of the directions with the query, below a right one; every second one is drawn to the right of it.
    limits : (float, float)
        Both axes run from the first to the second.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If an angle is not between 0 and 90 degrees.

    Examples
    --------
    >>> nearest_lengths((3, 4), [60]).alt_text
    'The query q, 5 long, and the item nearest to it at an angle: at 60 degrees 2.5 long. All lie on one circle over q.'
    """
    q = np.asarray(q, dtype=float)
    if not all(0 < angle < 90 for angle in degrees):
        raise ValueError(f"degrees must lie between 0 and 90, got {list(degrees)}")
    length = float(np.linalg.norm(q))
    with axes(ax, (5.4, 5.4)) as ax:
        ax.set_aspect("equal")
        ax.set_xlim(limits)
        ax.set_ylim(limits)
        ax.axhline(0, color=MUTED, lw=0.9)
        ax.axvline(0, color=MUTED, lw=0.9)
        turn = np.linspace(0, 2 * np.pi, 181)
        ax.plot(*(q[:, None] / 2 + length / 2 * np.stack([np.cos(turn), np.sin(turn)])), color=ACCENT, lw=1.2, ls=":")
        said = []
        for place, angle in enumerate(degrees):
            by = math.radians(angle) * (1 if place % 2 == 0 else -1)
            towards = np.array([q[0] * math.cos(by) - q[1] * math.sin(by), q[0] * math.sin(by) + q[1] * math.cos(by)])
            towards /= length
            foot = length * math.cos(by) * towards
            colour = ITEM_COLOURS[place % len(ITEM_COLOURS)]
            ax.plot(*np.stack([np.zeros(2), 1.5 * length * towards]).T, color=colour, lw=1, alpha=0.6)
            ax.plot(*np.stack([q, foot]).T, color=MUTED, lw=1.2, ls="--")
            _arrow(ax, foot, colour)
            ax.annotate(
                f"{angle:g}\u00b0: {length * math.cos(by):.1f}", foot, xytext=(-9 if by > 0 else 9, -3),
                textcoords="offset points", ha="right" if by > 0 else "left", va="center" if by > 0 else "top",
                fontweight="bold", color=INK,
            )  # fmt: skip
            said.append(f"at {angle:g} degrees {length * math.cos(by):.1f} long")
        _arrow(ax, q, INK)
        ax.annotate("q", q, xytext=(6, 4), textcoords="offset points", fontweight="bold")
        return finish(
            ax, "The nearest item is |q| cos long", "first coordinate", "second coordinate",
            f"The query q, {length:g} long, and the item nearest to it at an angle: {', '.join(said)}. "
            "All lie on one circle over q.",
        )  # fmt: skip


def _arrow(ax: Any, tip: NDArray, colour: str) -> None:
    """Draw an arrow from the origin."""
    style = {"arrowstyle": "-|>", "color": colour, "lw": 2.4, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 15}
    ax.annotate("", tip, (0, 0), zorder=3, arrowprops=style)
