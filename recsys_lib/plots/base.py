"""The frame of every static figure: style, Axes, labels and alternative text."""

from __future__ import annotations

import base64
import contextlib
import html
import io
import sys
from collections.abc import Iterator
from typing import Any

ACCENT, INK, MUTED, GRID = "#0072B2", "#1a1a1a", "#5b6168", "#e3e6ea"

STYLE: dict[Any, Any] = {
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


def new_figure(size: tuple[float, float], **pads: Any) -> Any:
    """Make a figure that pyplot does not know, so that it cannot pile up or be shown twice.

    Parameters
    ----------
    size : (float, float)
        Width and height in inches.
    **pads : float
        Room round the Axes, as Matplotlib's constrained layout takes it; a tenth of an inch unless given.

    Returns
    -------
    Figure
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    room: dict[str, Any] = {"w_pad": 0.1, "h_pad": 0.1, **pads}
    return Figure(figsize=size, layout=ConstrainedLayoutEngine(**room))


@contextlib.contextmanager
def axes(ax: Any, size: tuple[float, float]) -> Iterator[Any]:
    """Draw in the course's style into the given Axes, or into new ones where `ax` is None."""
    with style():
        yield new_figure(size).add_subplot() if ax is None else ax


def show(ax: Any, *, width: int | None = None) -> None:
    """Display a figure as a picture with its alternative text, at twice the resolution, and close it.

    Parameters
    ----------
    ax : Axes
        One of the figure's Axes. The whole figure is shown, with the ``alt_text`` of all its Axes, which every function
        of this package sets.
    width : int, optional
        Width on the page in pixels; that of the figure unless given.

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


def shortened(title: str, max_length: int) -> str:
    """Cut a title that is too long, and end it with an ellipsis.

    Examples
    --------
    >>> shortened("The Usual Suspects (1995)", 11)
    'The Usual\u2026'
    """
    return title if len(title) <= max_length else title[: max_length - 1].rstrip() + "\u2026"


def plain_numbers(axis: Any) -> None:
    """Write 0.5, 1, 100 on a log axis, not powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def finish(ax: Any, title: str, xlabel: str, ylabel: str, alt: str) -> Any:
    """Write title, axis labels and alternative text."""
    ax.set_title(title)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.alt_text = alt
    return ax
