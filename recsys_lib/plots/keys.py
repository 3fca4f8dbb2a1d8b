"""Keys from a picture: what a network sees of a block, and how many bits come out wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.drawing import ITEM_COLOURS
from recsys_lib.plots.base import ACCENT, MUTED, axes, finish, new_figure, style


def picture_blocks(pictures: Mapping[str, ArrayLike], corners: ArrayLike = ()) -> Any:
    """Draw grey pictures side by side, and frame some blocks of 8 x 8 pixels in each.

    Parameters
    ----------
    pictures : mapping of name to array_like, shape (height, width)
        Shades from 0 to 255.
    corners : array_like of int, shape (n, 2), optional
        Row and column of the top left pixel of each block.

    Returns
    -------
    Axes
        Those of the first picture.

    Raises
    ------
    ValueError
        If there is no picture.

    Examples
    --------
    >>> ax = picture_blocks({"grey": np.full((16, 16), 128.0)}, [[0, 8]])
    >>> ax.alt_text
    'Grey pictures side by side: grey (16 x 16 pixels). 1 block of 8 x 8 pixels is framed in each.'
    """
    if not pictures:
        raise ValueError("pictures must hold one at least, found none")
    from matplotlib.collections import PolyCollection

    places = np.asarray(corners, dtype=int).reshape(-1, 2)
    frames = places[:, None, ::-1] + np.array([[0, 0], [8, 0], [8, 8], [0, 8]]) - 0.5
    with style():
        figure = new_figure((3.1 * len(pictures), 3.4))
        every = figure.subplots(1, len(pictures), squeeze=False)[0]
        for ax, (name, picture) in zip(every, pictures.items(), strict=True):
            ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            # one collection: hundreds of patches take a second
            squares = PolyCollection(list(frames), facecolors="none", edgecolors=ITEM_COLOURS[3], linewidths=1.1)
            ax.add_collection(squares, autolim=False)
            ax.set_title(name)
            ax.set_axis_off()
    sizes = ", ".join(f"{name} ({np.shape(p)[0]} x {np.shape(p)[1]} pixels)" for name, p in pictures.items())
    alt = f"Grey pictures side by side: {sizes}."
    if len(places):
        alt += f" {len(places)} block{'s' * (len(places) > 1)} of 8 x 8 pixels "
        alt += f"{'are' if len(places) > 1 else 'is'} framed in each."
    every[0].alt_text = alt
    return every[0]


def bit_errors(
    hidden: Sequence[int], curves: Mapping[str, ArrayLike], *, title: str = "Share of wrong bits", ax: Any = None
) -> Any:
    """Draw the share of wrong bits against the number of hidden units, a line a reading.

    Parameters
    ----------
    hidden : sequence of int, length m
        Numbers of hidden units, the smallest first.
    curves : mapping of name to array_like, shape (m,)
        The error of each reading, one to five of them.
    title : str
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve, there are more than five, or one does not fit `hidden`.

    Examples
    --------
    >>> ax = bit_errors([2, 64], {"own": [0.3, 0.0], "another": [0.5, 0.5]})
    >>> for sentence in ax.alt_text.split(". "):
    ...     print(sentence)
    Share of wrong bits against hidden units from 2 to 64, whoever guesses at 0.5
    own: 0.300 at 2, 0.000 at 64; another: 0.500 at 2, 0.500 at 64.
    """
    colours = (ACCENT, ITEM_COLOURS[1], ITEM_COLOURS[2], ITEM_COLOURS[0], ITEM_COLOURS[3])
    if not 1 <= len(curves) <= len(colours):
        raise ValueError(f"there must be 1 to {len(colours)} curves, found {len(curves)}")
    x, said = np.asarray(hidden, dtype=float), []
    with axes(ax, (7.2, 4.2)) as ax:
        for (name, values), colour in zip(curves.items(), colours, strict=False):
            y = np.asarray(values, dtype=float)
            if y.shape != x.shape:
                raise ValueError(f"{name} has shape {y.shape}, not one value for each of {len(x)} numbers of units")
            ax.plot(x, y, color=colour, lw=2.4, marker="o", ms=5, label=name)
            said.append(f"{name}: {y[0]:.3f} at {x[0]:g}, {y[-1]:.3f} at {x[-1]:g}")
        ax.axhline(0.5, color=MUTED, lw=1.1, ls=(0, (4, 3)), zorder=1)
        ax.set_xscale("log", base=2)
        ax.set_xticks(x, [f"{value:g}" for value in x])
        ax.set_ylim(-0.02, 0.58)
        ax.legend(loc="center right")
        alt = f"{title} against hidden units from {x[0]:g} to {x[-1]:g}, whoever guesses at 0.5. {'; '.join(said)}."
        return finish(ax, title, "hidden units (log scale)", "share of wrong bits", alt)
