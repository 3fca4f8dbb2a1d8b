"""Static figures: data in, Matplotlib Axes out, with one sentence of alternative text on ``ax.alt_text``.

Each figure that moves (`recsys_lib.widgets`) has a twin here with the same message, for readers without a kernel.
Matplotlib is imported when the first figure is drawn, and its global settings are left alone.
"""

from __future__ import annotations

import base64
import contextlib
import html
import io
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "STYLE",
    "candidate_lists",
    "explained_curve",
    "film_map",
    "norm_dial",
    "norm_dial_films",
    "norm_popularity",
    "show",
    "style",
    "vector_plane",
]

ACCENT, INK, MUTED, GRID = "#0072B2", "#1a1a1a", "#5b6168", "#e3e6ea"
ITEM_COLOURS = ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")

STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "sans-serif",
    "font.size": 10.5,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "svg.hashsalt": "course",
}
"""The course's look, applied by `style` only while a figure is drawn."""


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in the course's style inside a ``with`` block; Matplotlib's settings are as before after it."""
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        yield


@contextlib.contextmanager
def _axes(ax: Any, size: tuple[float, float]) -> Iterator[Any]:
    """The given Axes, or new ones in a figure that pyplot does not know: it cannot pile up, or be shown twice."""
    with style():
        if ax is None:
            from matplotlib.figure import Figure

            figure = Figure(figsize=size, layout="constrained")
            figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
            ax = figure.add_subplot()
        yield ax


def show(ax: Any, *, width: int | None = None) -> None:
    """Display a figure as a picture with its alternative text, at twice the resolution, and close it.

    Parameters
    ----------
    ax : Axes
        With ``ax.alt_text`` as every function here sets it. All Axes of its figure are shown; their texts are joined.
    width : int, optional
        Width on the page in pixels; the figure's own unless given.

    Raises
    ------
    ValueError
        If no Axes of the figure has an alternative text.
    """
    from IPython.display import HTML, display

    figure = ax.figure
    texts = [a.alt_text for a in figure.axes if getattr(a, "alt_text", "")]
    if not texts:
        raise ValueError("ax.alt_text is missing: say in one sentence what the figure shows")
    buffer = io.BytesIO()
    with style():
        figure.savefig(buffer, format="png", dpi=200)
    pixels = width or round(figure.get_figwidth() * 100)
    if "matplotlib.pyplot" in sys.modules:  # the caller's own Axes may be pyplot's
        sys.modules["matplotlib.pyplot"].close(figure)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    alt = html.escape(" ".join(texts), quote=True)
    picture = f'<img alt="{alt}" width="{pixels}" style="max-width:100%" src="data:image/png;base64,{data}">'
    display(HTML(picture))


def _names(names: Sequence[str] | None, n: int) -> list[str]:
    return [chr(ord("A") + i) for i in range(n)] if names is None else [str(x) for x in names]


def _plain(axis: Any) -> None:
    """Write 0.5, 1, 100 on a log axis, not powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def _corner(q: NDArray, points: NDArray, at: NDArray, width: float) -> tuple[int, int]:
    """Which corner of a point has most room for its name: (right or left, up or down) as +1 or -1."""
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


def _finish(ax: Any, title: str, xlabel: str, ylabel: str, alt: str) -> Any:
    ax.set_title(title)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.alt_text = alt
    return ax


# --------------------------------------------------------------------------- lesson 1


def candidate_lists(
    first: Sequence[str],
    second: Sequence[str],
    *,
    headings: tuple[str, str] = ("Content-based", "Collaborative"),
    ax=None,
) -> Any:
    """Draw two lists of titles side by side; titles in both are marked and joined by a line.

    Parameters
    ----------
    first, second : sequence of str
        Titles, best first.
    headings : (str, str)
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = candidate_lists(["Alien", "Heat"], ["Heat", "Fargo"])
    >>> ax.alt_text
    'Two lists of candidates. Content-based: Alien, Heat. Collaborative: Heat, Fargo. In both: Heat.'
    """
    rows = max(len(first), len(second), 1)
    both = [t for t in first if t in set(second)]
    with _axes(ax, (8.6, 0.9 + 0.32 * rows)) as ax:
        ax.set_xlim(0, 2)
        ax.set_ylim(rows - 0.4, -1.2)
        ax.axis("off")
        for x, heading, titles in zip((0, 1.06), headings, (first, second), strict=True):
            ax.text(x, -0.85, heading, fontweight="bold", va="center")
            for place, title in enumerate(titles):
                shared = title in both
                ax.text(x + 0.045, place, str(place + 1), color=MUTED, va="center", ha="right")
                short = title if len(title) <= 46 else title[:45] + "\u2026"
                ax.text(
                    x + 0.07, place, short, va="center",
                    color=ACCENT if shared else INK, fontweight="bold" if shared else "normal",
                )  # fmt: skip
        for title in both:
            ax.plot([0.95, 1.02], [list(first).index(title), list(second).index(title)], color=ACCENT, lw=1.5)
        said = ", ".join(both) if both else "none"
        alt = (
            f"Two lists of candidates. {headings[0]}: {', '.join(first)}. {headings[1]}: {', '.join(second)}. "
            f"In both: {said}."
        )
        ax.set_title(f"{len(both)} of {rows} films are in both lists", fontsize=11, fontweight="normal", color=MUTED)
        ax.alt_text = alt
    return ax


# --------------------------------------------------------------------------- lesson 2


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
        The films to name; names that would cover one another are moved apart upwards.
    colour : array_like, shape (n,), optional
        A number for each film, shown by the colour-blind-safe map cividis.
    colour_label : str
        What the colour means.
    log_colour : bool
        Colour by the logarithm, for counts; what is below 1 is coloured as 1.
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
    with _axes(ax, (7.8, 5.6)) as ax:
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
                _plain(bar.ax.yaxis)
            bar.outline.set_visible(False)
        _label(ax, xy, labels or {})
        named = f" Named on it: {', '.join(labels.values())}." if labels else ""
        by = f", coloured by {colour_label}" if colour_label else ""
        return _finish(ax, title, *axes_names, f"A map of {len(xy)} films{by}: {title}.{named}")


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


def explained_curve(singular_values: ArrayLike, *, mark: int | None = None, ax: Any = None) -> Any:
    """Draw the share of the sum of squares that the first d singular values hold, for every d.

    Parameters
    ----------
    singular_values : array_like, shape (r,)
    mark : int, optional
        A width d to mark with its share.
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
    with _axes(ax, (7, 4)) as ax:
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
        return _finish(ax, "How much the first d numbers keep", "width d", "share of the sum of squares (%)", f"{alt}.")


# --------------------------------------------------------------------------- lesson 3


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
    region : {"dot", "cosine", "euclidean"}, optional
        Half-plane, cone or disc.
    limits : (float, float)
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
    from recsys_lib.widgets import cone, half_plane

    q, items = np.asarray(q, dtype=float), np.asarray(items, dtype=float)
    names = _names(names, len(items))
    low, high = limits
    with _axes(ax, (5.4, 5.4)) as ax:
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
            words = {"dot": "dot product", "cosine": "cosine", "euclidean": "distance"}[region]
            said = f" Shaded: where a new item would beat {names[best]} by {words}."
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
        return _finish(ax, title, "first coordinate", "second coordinate", f"Arrows from the origin: {points}.{said}")


# --------------------------------------------------------------------------- lesson 4


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
    q : array_like, shape (d,)
    items : array_like, shape (n, d)
        Items at a right or obtuse angle have no log score; they are left out and named in the title.
    names : sequence of str, optional
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
    names = _names(names, len(items))
    ends = [np.asarray(norm_power(q, items, alpha), dtype=float) for alpha in (0.0, 1.0)]
    drawn = [i for i in range(len(items)) if ends[0][i] > 0 and ends[1][i] > 0]
    logs = {i: np.log([ends[0][i], ends[1][i]]) for i in drawn}
    with _axes(ax, (7.4, 4.4)) as ax:
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
        return _finish(
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
    query : array_like, shape (d,)
    items : array_like, shape (n, d)
        Zero rows have no direction and are left out.
    titles : sequence of str, length n
    counts : array_like, shape (n,)
    k : int
    alpha : float
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
    items, counts, titles = items[keep], counts[keep], [titles[i] for i in keep]
    norms = np.linalg.norm(items, axis=1)
    length = np.linalg.norm(query)
    cosines = items @ query / (norms * length)
    scores = np.asarray(norm_power(query, items, alpha), dtype=float)
    top = np.lexsort((np.arange(len(scores)), -scores))[:k]
    with _axes(ax, (7.8, 5.2)) as ax:
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
        _plain(bar.ax.yaxis)
        _plain(ax.yaxis)
        bar.outline.set_visible(False)
        mean = counts[top].mean()
        return _finish(
            ax, f"alpha = {alpha:g}: the top {k} have {mean:.0f} ratings on average",
            "cosine with the query", "norm of the film (log scale)",
            f"{len(items)} films by cosine and norm at alpha {alpha:g}: the top {k} have {mean:.0f} ratings on "
            f"average, all films {counts.mean():.0f}. First: {titles[top[0]]}.",
        )  # fmt: skip


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
    with _axes(ax, (6.6, 4.6)) as ax:
        ax.scatter(counts[shown], norms[shown], s=14, color=ACCENT, alpha=0.45, linewidths=0)
        ax.set_xscale("log")
        ax.set_yscale("log")
        _plain(ax.xaxis)
        _plain(ax.yaxis)
        left = int((~shown).sum())
        alt = f"Norm against number of ratings for {int(shown.sum())} films, both on log scales"
        alt += f"; {left} without rating or with norm zero left out." if left else "."
        return _finish(ax, "Norm and popularity", "number of ratings (log scale)", "norm (log scale)", alt)
