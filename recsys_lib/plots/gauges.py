"""What a change of gauge does to the neighbours of a film, and does not do to predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.drawing import ITEM_COLOURS
from recsys_lib.plots.base import ACCENT, MUTED, axes, finish, shortened


def power_scale(users: ArrayLike, items: ArrayLike, p: float) -> NDArray[np.float64]:
    """Give the scale that brings a factorization to the gauge ``U S^(1-p)``, ``V S^p``.

    The size S of a column is the product of its norms on the two sides, which no scale changes; for a factorization
    made by an SVD it is the singular value.

    Parameters
    ----------
    users : array_like, shape (n_users, d)
    items : array_like, shape (n_items, d)
    p : float
        0 leaves every size to the users, 1 gives it to the items, one half shares it equally.

    Returns
    -------
    ndarray, shape (d,)
        The factors by which the users' columns are multiplied and the items' columns divided. 1 for a column that is
        zero on either side.

    Examples
    --------
    One column, of norm 8 for the users and 2 for the items:

    >>> power_scale([[8.0]], [[2.0]], 0.5), power_scale([[8.0]], [[2.0]], 1)
    (array([0.5]), array([0.125]))
    """
    one, other = (np.sqrt(np.sum(np.asarray(table, dtype=float) ** 2, axis=0)) for table in (users, items))
    size = one * other
    full = size > 0
    scale = np.ones(len(size))
    scale[full] = other[full] / size[full] ** p
    return scale


def places(scores: ArrayLike, k: int) -> dict[int, list[int]]:
    """Follow the items of a top k through several settings.

    Parameters
    ----------
    scores : array_like, shape (m, n)
        One row of scores for each setting; higher is better, ties go to the lower id.
    k : int
        How many items a list holds.

    Returns
    -------
    dict of int to list of int
        For each item that is ever among the k best: its place at each setting, counted from 1, or k + 1 where it is not
        among the k best.

    Examples
    --------
    >>> places([[3, 2, 1], [3, 1, 2]], 2)
    {0: [1, 1], 1: [2, 3], 2: [3, 2]}
    """
    scores = np.asarray(scores, dtype=float)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    found: dict[int, list[int]] = {int(i): [k + 1] * len(best) for row in best for i in row}
    for setting, row in enumerate(best):
        for place, item in enumerate(row, start=1):
            found[int(item)][setting] = place
    return found


def gauge_places(
    regauge: Callable,
    safe_cosine: Callable,
    users: ArrayLike,
    items: ArrayLike,
    titles: Sequence[str],
    *,
    film: int,
    user: int,
    k: int = 10,
    seen: ArrayLike = (),
    ends: tuple[float, float] = (0, 1),
    who: str = "",
    ax: Any = None,
) -> Any:
    """Draw the places of a film's k nearest by cosine as the gauge turns, and of a user's k best by dot product.

    Parameters
    ----------
    regauge : callable ``(users, items, scale) -> (users, items)``
        Multiplies the users' columns by a scale, and divides the items' by it.
    safe_cosine : callable ``(q, items) -> (n,)``
        Scores the items by the cosine with one of them.
    users : array_like, shape (n_users, d)
    items : array_like, shape (n, d)
    titles : sequence of str, length n
    film, user : int
        The film whose neighbours are followed, and the user whose list is.
    k : int
        Length of both lists.
    seen : array_like of int
        Films that the user's list leaves out.
    ends : (float, float)
        The first and the last exponent p of ``V S^p``.
    who : str
        What to call the user.
    ax : Axes, optional
        Where to draw the neighbours; the user's list is then left out.

    Returns
    -------
    Axes
        The Axes of the neighbours; those of the user's list are the second of its figure.

    Examples
    --------
    >>> def regauge(users, items, scale):
    ...     return users * scale, items / scale
    >>> def safe_cosine(q, items):
    ...     return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))
    >>> users, items = [[4.0, 0.2], [4.0, -0.1]], [[1.0, 1.0], [1.0, 0.0], [0.2, 0.8], [0.1, 0.4]]
    >>> ax = gauge_places(regauge, safe_cosine, users, items, ["Aladdin", "Heat", "Alien", "Babe"], film=0, user=0, k=1)
    >>> print(ax.alt_text)
    Places of the nearest to Aladdin by cosine, for p from 0 to 1: 0 of the first 1 are among the last 1.
    """
    users, items = np.asarray(users, dtype=float), np.asarray(items, dtype=float)
    grid = np.linspace(*ends, 25)
    cosines, predictions = [], []
    for p in grid:
        new_users, new_items = regauge(users[user][None], items, power_scale(users, items, p))
        scores = np.array(safe_cosine(np.asarray(new_items)[film], new_items), dtype=float)
        scores[film] = -np.inf
        cosines.append(scores)
        scores = np.asarray(new_items) @ np.asarray(new_users)[0]
        scores[np.asarray(seen, dtype=int)] = -np.inf
        predictions.append(scores.round(9))
    title, who = titles[film], who or f"user {user}"
    panels = [
        (f"Nearest to {title} by cosine", f"the nearest to {title} by cosine", places(cosines, k)),
        (f"Best for {who} by dot product", f"the best for {who} by dot product", places(predictions, k)),
    ]
    alone = ax is not None
    with axes(ax, (9.6, 7.6)) as first:
        drawn = [first]
        if not alone:
            figure = first.figure
            first.remove()
            drawn = list(figure.subplots(2, 1))
        for panel, (heading, what, lines) in zip(drawn, panels, strict=False):
            kept = sum(line[0] <= k and line[-1] <= k for line in lines.values())
            _bumps(panel, grid, lines, titles, k)
            finish(
                panel, f"{heading}: {kept} of {k} stay", "exponent p (films as $V S^p$)", "place, best first",
                f"Places of {what}, for p from {ends[0]:g} to {ends[1]:g}: {kept} of the first {k} are among the "
                f"last {k}.",
            )  # fmt: skip
            panel.yaxis.labelpad = 190
    return drawn[0]


def _bumps(ax: Any, grid: NDArray, lines: dict[int, list[int]], titles: Sequence[str], k: int) -> None:
    """Draw a line for each item through its places, with its title at both ends."""
    stay = [item for item, line in lines.items() if line[0] <= k and line[-1] <= k]
    for item, line in lines.items():
        heights = np.array(line, dtype=float)
        heights[heights > k] = k + 0.9  # outside the list: below the edge of the picture
        place = stay.index(item) if item in stay else None
        colour = MUTED if place is None else ITEM_COLOURS[place] if place < len(ITEM_COLOURS) - 1 else ACCENT
        style = {"color": colour, "lw": 1.2 if place is None else 2.4, "zorder": 1 if place is None else 2}
        ax.plot(grid, heights, solid_capstyle="round", **style)
        for end, side, x in ((0, "right", -8), (-1, "left", 8)):
            if line[end] <= k:
                name = shortened(titles[item], 34)
                ax.annotate(
                    name, (grid[end], line[end]), xytext=(x, 0), textcoords="offset points", ha=side,
                    va="center", fontsize=8.5, annotation_clip=False, weight="normal" if place is None else "bold",
                )  # fmt: skip
    ax.set_ylim(k + 0.6, 0.5)
    ax.set_yticks(range(1, k + 1), [""] * k)
    ax.set_xlim(grid[0], grid[-1])
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
