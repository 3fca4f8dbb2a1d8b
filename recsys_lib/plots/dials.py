"""What the norm's exponent does to a few items, to films, and to quality and coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.drawing import ITEM_COLOURS, item_names
from recsys_lib.plots.base import ACCENT, INK, MUTED, axes, finish, plain_numbers


def norm_dial(
    norm_power: Callable,
    q: ArrayLike = (4, 3),
    items: ArrayLike = ((0, 6), (4, 0), (1, 1)),
    names: Sequence[str] | None = None,
    *,
    ax: Any = None,
) -> Any:
    r"""Draw the log of each item's score against the norm exponent alpha, and mark where two lines cross.

    Parameters
    ----------
    norm_power : callable ``(q, items, alpha) -> (n,)``
        Scores the items at a norm exponent.
    q : array_like, shape (d,)
    items : array_like, shape (n, d)
        Items at a right or obtuse angle have no log score; they are left out and named in the title.
    names : sequence of str, optional
        What to call the items; A, B, C, ... unless given.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> def norm_power(q, items, alpha):
    ...     return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q)) ** (1 - alpha)
    >>> print(norm_dial(norm_power).alt_text.replace(". ", ".\n"))
    Log score against alpha, a straight line per item.
    B and C cross at 0.205, A and C cross at 0.346, A and B cross at 0.710.
    """
    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    names = item_names(names, len(items))
    ends = [np.asarray(norm_power(q, items, alpha), dtype=float) for alpha in (0.0, 1.0)]
    drawn = [i for i in range(len(items)) if ends[0][i] > 0 and ends[1][i] > 0]
    logs = {i: np.log([ends[0][i], ends[1][i]]) for i in drawn}
    with axes(ax, (7.4, 4.4)) as ax:
        grid = np.linspace(0, 1, 41)
        table = np.array([np.asarray(norm_power(q, items, alpha), dtype=float) for alpha in grid])
        last = -np.inf
        gap = 0.05 * (
            max((x.max() for x in logs.values()), default=1) - min((x.min() for x in logs.values()), default=0)
        )
        for i in sorted(drawn, key=lambda i: logs[i][1]):
            ax.plot(grid, np.log(table[:, i]), color=ITEM_COLOURS[i % len(ITEM_COLOURS)], lw=2.6, label=names[i])
            last = max(logs[i][1], last + gap)
            ax.text(1.02, last, names[i], va="center", fontweight="bold")
        crossings = []
        for n, i in enumerate(drawn):
            for j in drawn[n + 1 :]:
                first, end = logs[i] - logs[j]
                if first * end < 0:
                    alpha = first / (first - end)
                    crossings.append((alpha, i, j))
                    height = (1 - alpha) * logs[i][0] + alpha * logs[i][1]
                    ax.plot(alpha, height, "o", color="white", mec=INK, mew=1.6, ms=7.5, zorder=4)
                    ax.annotate(
                        f"{alpha:.3f}",
                        (alpha, height),
                        xytext=(-6, 8),
                        textcoords="offset points",
                        ha="right",
                        fontsize=9.5,
                    )
        crossings.sort()
        said = ", ".join(f"{names[i]} and {names[j]} cross at {a:.3f}" for a, i, j in crossings) or "No two lines cross"
        out = [n for i, n in enumerate(names) if i not in drawn]
        title = "Every pair of items crosses at most once"
        if out:
            title += f" (no logarithm for {', '.join(out)})"
        ax.set_xlim(0, 1)
        return finish(
            ax, title, "norm exponent alpha (0: cosine, 1: dot product)", "log of the score",
            f"Log score against alpha, a straight line per item. {said}.",
        )  # fmt: skip


def norm_dial_films(
    norm_power: Callable,
    query: ArrayLike,
    items: ArrayLike,
    titles: Sequence[str],
    counts: ArrayLike,
    k: int = 10,
    *,
    alpha: float = 0.5,
    ax: Any = None,
) -> Any:
    """Draw films by cosine and norm, coloured by popularity, with the top k and the curve of equal score.

    Parameters
    ----------
    norm_power : callable ``(q, items, alpha) -> (n,)``
        Scores the films at a norm exponent.
    query : array_like, shape (d,)
    items : array_like, shape (n, d)
        Zero rows have no direction and are left out.
    titles : sequence of str, length n
    counts : array_like, shape (n,)
        Ratings per film: its popularity.
    k : int
        How many of the best films are ringed.
    alpha : float
        The norm exponent, from 0 (cosine) to 1 (dot product).
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> def norm_power(q, items, alpha):
    ...     return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q)) ** (1 - alpha)
    >>> ax = norm_dial_films(norm_power, [1, 0], [[1, 1], [3, 4]], ["Heat", "Alien"], [5, 50], k=1, alpha=1)
    >>> ax.alt_text
    '2 films by cosine and norm at alpha 1: the top 1 have 50 ratings on average, all films 28. First: Alien.'
    """
    query, items, counts = (np.asarray(x, dtype=float) for x in (query, items, counts))
    keep = np.flatnonzero(items.any(axis=1))
    items, counts, titles = items[keep], counts[keep], [titles[i] for i in keep.tolist()]
    norms = np.linalg.norm(items, axis=1)
    length = np.linalg.norm(query)
    cosines = items @ query / (norms * length)
    scores = np.asarray(norm_power(query, items, alpha), dtype=float)
    top = np.lexsort((np.arange(len(scores)), -scores))[:k]
    with axes(ax, (7.8, 5.2)) as ax:
        from matplotlib.colors import LogNorm

        shown = np.maximum(counts, 1)
        norm = LogNorm(shown.min(), shown.max() + 1)
        dots = ax.scatter(
            cosines, norms, c=counts + 1, cmap="cividis", norm=norm, s=20, linewidths=0.3, edgecolors=MUTED
        )
        ax.set_yscale("log")
        low, high = norms.min() / 1.2, norms.max() * 1.25
        ax.set_ylim(low, high)
        left, right = min(0.0, cosines.min() - 0.03), min(1.0, cosines.max() + 0.06)
        ax.set_xlim(left, right)
        heights = np.geomspace(low, high, 80)
        curve = scores[top[-1]] / (length * heights) ** alpha
        ax.plot(curve, heights, color=ACCENT, lw=1.8)
        ax.fill_betweenx(heights, np.minimum(curve, right), right, color=ACCENT, alpha=0.1, lw=0)
        ax.scatter(cosines[top], norms[top], s=90, facecolors="none", edgecolors=ACCENT, linewidths=2)
        bar = ax.figure.colorbar(dots, ax=ax, shrink=0.75, pad=0.02)
        bar.set_label("ratings")
        plain_numbers(bar.ax.yaxis)
        plain_numbers(ax.yaxis)
        bar.outline.set_visible(False)
        mean = counts[top].mean()
        return finish(
            ax, f"alpha = {alpha:g}: the top {k} have {mean:.0f} ratings on average",
            "cosine with the query", "norm of the film (log scale)",
            f"{len(items)} films by cosine and norm at alpha {alpha:g}: the top {k} have {mean:.0f} ratings on "
            f"average, all films {counts.mean():.0f}. First: {titles[top[0]]}.",
        )  # fmt: skip


def trade_off(
    settings: Mapping[str, tuple[ArrayLike, ArrayLike]],
    alphas: Sequence[float],
    *,
    front: Callable | None = None,
    ax: Any = None,
) -> Any:
    """Draw quality against coverage, a line for each model and a point for each setting of its dial.

    Parameters
    ----------
    settings : mapping from str to (quality, coverage), each of shape (m,)
        By the name of the model.
    alphas : sequence of float, length m
        The settings; written beside the points of the first model.
    front : callable ``(quality, coverage) -> (n,) bool``, optional
        Says of all settings of all models which ones no other one beats; beaten ones are drawn hollow.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> dial = [0.25, 0.5, 0.47], [0.7, 0.35, 0.2]
    >>> def front(quality, coverage):
    ...     return [True, True, False]
    >>> print(trade_off({"V": dial}, [0, 0.5, 1], front=front).alt_text.replace(": ", ":\\n"))
    nDCG against coverage. V:
    nDCG 0.250, 0.500, 0.470 and coverage 0.70, 0.35, 0.20 at alpha 0, 0.5, 1. 1 of 3 settings is beaten.
    """
    pairs = {
        name: (np.asarray(good, dtype=float), np.asarray(wide, dtype=float)) for name, (good, wide) in settings.items()
    }
    quality, coverage = (np.concatenate([pair[i] for pair in pairs.values()]) for i in (0, 1))
    kept = np.ones(len(quality), dtype=bool) if front is None else np.asarray(front(quality, coverage), dtype=bool)
    at = ", ".join(f"{alpha:g}" for alpha in alphas)
    said = []
    with axes(ax, (7.4, 4.4)) as ax:
        for place, (name, (good, wide)) in enumerate(pairs.items()):
            colour = (ACCENT, *ITEM_COLOURS)[place % (1 + len(ITEM_COLOURS))]
            lost, marker = ~kept[place * len(alphas) : (place + 1) * len(alphas)], "os^D"[place % 4]
            ax.plot(wide, good, color=colour, lw=1.8, marker=marker, ms=8, mew=1.8, label=name)
            ax.plot(wide[lost], good[lost], color=colour, lw=0, marker=marker, ms=8, mew=1.8, markerfacecolor="white")
            numbers = [", ".join(f"{x:.{digits}f}" for x in xs) for xs, digits in ((good, 3), (wide, 2))]
            said.append(f"{name}: nDCG {numbers[0]} and coverage {numbers[1]} at alpha {at}")
        for alpha, y, x in zip(alphas, *next(iter(pairs.values())), strict=True):
            ax.annotate(f"{alpha:g}", (x, y), xytext=(8, 6), textcoords="offset points", fontsize=9.5)
        if len(pairs) > 1:
            ax.legend(loc="lower left")
        beaten = int(np.sum(~kept))
        words = f" {beaten} of {len(kept)} settings {'is' if beaten == 1 else 'are'} beaten." if front else ""
        title = (
            "More of one costs some of the other"
            if not beaten
            else f"{beaten} of {len(kept)} settings {'is' if beaten == 1 else 'are'} beaten (hollow)"
        )
        return finish(
            ax, title, "coverage: share of the catalogue that is shown", "quality: nDCG@10",
            f"nDCG against coverage. {'; '.join(said)}.{words}",
        )  # fmt: skip
