"""Which films a model gives the longest vectors, start by start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.drawing import ITEM_COLOURS
from recsys_lib.metrics import rank_correlation
from recsys_lib.plots.base import ACCENT, GRID, INK, MUTED, axes, finish, new_figure, style


def start_grid(
    models: Mapping[str, Any], counts: ArrayLike, *, longest: int = 10, at_most: int = 5, ax: Any = None
) -> Any:
    """Draw how often the films with the longest vectors were rated: one row of dots for each model.

    Parameters
    ----------
    models : mapping of name to Embeddings, or to an items table (n_items, d)
        The models, drawn from top to bottom.
    counts : array_like, shape (n_items,)
        Ratings per film.
    longest : int
        How many films a row holds.
    at_most : int
        A film with this many ratings or fewer is rare; that part of the picture is shaded.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a model does not have one item for each count.

    Examples
    --------
    >>> large, small = [[3.0], [1.0], [2.0]], [[0.1], [2.0], [0.2]]
    >>> ax = start_grid({"large start": large, "small start": small}, [1, 90, 4], longest=2)
    >>> print(ax.alt_text.replace(". ", ".\\n"))
    Number of ratings of the 2 films with the longest vectors, a row for each of 2 models.
    large start: 2 of 2 are rare, rank correlation -1.00; small start: 1 of 2 are rare, rank correlation +1.00.
    """
    counts = np.asarray(counts, dtype=float)
    said = []
    with axes(ax, (7.6, 1.3 + 0.55 * len(models))) as ax:
        ax.axvspan(-0.6, at_most + 0.5, color=ITEM_COLOURS[0], alpha=0.13, lw=0)
        ax.text(at_most + 0.3, -0.56, "rare", color=ITEM_COLOURS[0], fontsize=9.5, va="top", ha="right")
        for row, (name, model) in enumerate(models.items()):
            items = np.asarray(getattr(model, "items", model) if hasattr(model, "users") else model, dtype=float)
            if items.ndim != 2 or len(items) != len(counts):
                raise ValueError(f"{name} has items of shape {items.shape}, there are {len(counts)} counts")
            norms = np.linalg.norm(items, axis=1)
            top = np.lexsort((np.arange(len(norms)), -norms))[:longest]
            rare = int(np.sum(counts[top] <= at_most))
            rho = rank_correlation(norms, counts)
            lift = np.linspace(-0.16, 0.16, len(top))  # so that films of one count do not hide each other
            colours = [ITEM_COLOURS[0] if count <= at_most else ACCENT for count in counts[top]]
            ax.scatter(counts[top], row + lift, s=34, c=colours, alpha=0.8, linewidths=0)
            ax.text(
                1.01,
                row,
                f"\u03c1 = {rho:+.2f}".replace("-", "\u2212"),
                transform=ax.get_yaxis_transform(),
                va="center",
            )
            said.append(f"{name}: {rare} of {len(top)} are rare, rank correlation {rho:+.2f}")
        ax.set_xscale("symlog", linthresh=10)
        ticks = [x for x in (0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if x <= max(counts.max(), 10)]
        ax.set_xticks(ticks, [str(x) for x in ticks])
        ax.set_xlim(-0.6, max(counts.max(), 10) * 1.15)
        ax.set_yticks(range(len(models)), list(models), color=INK)
        ax.set_ylim(len(models) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.minorticks_off()
        ax.grid(axis="y", color=GRID)
        return finish(
            ax, f"The {longest} films with the longest vectors",
            "number of ratings (\u03c1: rank correlation with the norm)", "model",
            f"Number of ratings of the {longest} films with the longest vectors, a row for each of {len(models)} "
            "models. "
            + "; ".join(said) + ".",
        )  # fmt: skip


def rare_over_steps(
    shares: Mapping[str, Mapping[int, Sequence[float]]], *, catalogue: float | None = None, ax: Any = None
) -> Any:
    """Draw the share of places that rare films take while models train: by the dot product, and beside it the cosine.

    Parameters
    ----------
    shares : mapping of name to a mapping of step to two floats
        For each model, after some of its steps: the rare share of its lists by the dot product, and by the cosine.
    catalogue : float, optional
        The share of the catalogue's films that are rare, drawn as a dashed line: lists drawn by lot have it.
    ax : pair of Axes, optional

    Returns
    -------
    Axes
        The Axes on the left; `recsys_lib.plots.show` shows both.

    Raises
    ------
    ValueError
        If there is no model, or one has no steps.

    Examples
    --------
    >>> ax = rare_over_steps({"large": {10: (0.4, 0.3), 300: (0.3, 0.1)}, "small": {10: (0.2, 0.2), 300: (0, 0.25)}})
    >>> print(" ".join(a.alt_text for a in ax.figure.axes).replace(": ", ":\\n").replace(". ", ".\\n"))
    Share of places that rare films take by the dot product, at the first and the last step that was looked at:
    large 40% at 10, 30% at 300; small 20% at 10, 0% at 300.
    By the cosine:
    large 30% at 10, 10% at 300; small 20% at 10, 25% at 300.
    """
    if not shares or not all(shares.values()):
        raise ValueError("shares must hold one model at least, and each model one step at least")
    with style():
        left, right = new_figure((9.6, 4.0), wspace=0.04).subplots(1, 2, sharey=True) if ax is None else ax
        for side, here in enumerate((left, right)):
            said = []
            if catalogue is not None:
                here.axhline(catalogue, color=MUTED, lw=1.2, ls="--")
                here.text(0.99, catalogue, "of the catalogue ", transform=here.get_yaxis_transform(), color=MUTED,
                          fontsize=9, ha="right", va="bottom")  # fmt: skip
            for (name, looks), colour, dash, mark in zip(shares.items(), _COLOURS, _DASHES, "osD^vPX", strict=False):
                steps = sorted(looks)
                part = [float(looks[step][side]) for step in steps]
                here.plot(steps, part, color=colour, ls=dash, marker=mark, ms=5, lw=2, label=name, clip_on=False)
                said.append(f"{name} {part[0]:.0%} at {steps[0]}, {part[-1]:.0%} at {steps[-1]}")
            here.set_xscale("log")
            looked = sorted({step for looks in shares.values() for step in looks})
            here.set_xticks(looked, [str(step) for step in looked])
            here.minorticks_off()
            here.set_ylim(0, None)
            here.yaxis.set_major_formatter("{x:.0%}")
            words = ("Share of places that rare films take by the dot product, at the first and the last step that was "
                     "looked at", "By the cosine")[side]  # fmt: skip
            finish(here, ("By the dot product", "By the cosine")[side], "steps (log scale)",
                   "places that rare films take", f"{words}: {'; '.join(said)}.")  # fmt: skip
        right.set_ylabel("")
        right.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return left


_COLOURS = (ITEM_COLOURS[0], ACCENT, ITEM_COLOURS[1], ITEM_COLOURS[2], ITEM_COLOURS[3], INK)
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), "-", (0, (3, 2)))
