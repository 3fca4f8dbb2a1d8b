"""Two lists of titles side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recsys_lib.plots.base import ACCENT, INK, MUTED, axes, shortened


def candidate_lists(
    first: Sequence[str],
    second: Sequence[str],
    *,
    headings: tuple[str, str] = ("Content-based", "Collaborative"),
    ax: Any = None,
) -> Any:
    """Draw two lists of titles side by side; titles in both are marked and joined by a line.

    Parameters
    ----------
    first, second : sequence of str
        Titles, best first.
    headings : (str, str)
        What to write above the lists.
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
    with axes(ax, (8.6, 0.9 + 0.32 * rows)) as ax:
        ax.set_xlim(0, 2)
        ax.set_ylim(rows - 0.4, -1.2)
        ax.axis("off")
        for x, heading, titles in zip((0, 1.06), headings, (first, second), strict=True):
            ax.text(x, -0.85, heading, fontweight="bold", va="center")
            for place, title in enumerate(titles):
                shared = title in both
                ax.text(x + 0.045, place, str(place + 1), color=MUTED, va="center", ha="right")
                ax.text(
                    x + 0.07, place, shortened(title, 46), va="center",
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
