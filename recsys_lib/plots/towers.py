"""What trainings in batches do to norms, and what a recommender that learns from its own lists shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.plots.base import ACCENT, axes, finish, new_figure, plain_numbers, style

COLOURS = (ACCENT, "#D55E00", "#009E73", "#CC79A7")
STYLES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))


def tower_norms(models: Mapping[str, ArrayLike], counts: ArrayLike) -> Any:
    """Draw norm against number of ratings, one cloud a model, all on the same axes.

    Parameters
    ----------
    models : mapping of str to array_like of shape (n, d)
        The items of each model.
    counts : array_like, shape (n,)
        Number of ratings of each item; those without a rating stand at one half.

    Returns
    -------
    Axes
        The first of them.

    Raises
    ------
    ValueError
        If there is no model, or one has another number of items than there are counts.

    Examples
    --------
    >>> tower_norms({"none": [[3.0], [1.0]], "log q": [[1.0], [2.0]]}, [1, 10]).alt_text
    'Norm against number of ratings for 2 items, both on log scales, in 2 models: none, log q.'
    """
    counts = np.asarray(counts, dtype=float)
    norms = {str(name): np.linalg.norm(np.asarray(items, dtype=float), axis=1) for name, items in models.items()}
    if not norms or any(row.shape != counts.shape for row in norms.values()):
        raise ValueError(f"models must name items for {counts.shape} counts, got {[r.shape for r in norms.values()]}")
    with style():
        figure = new_figure((3.3 * len(norms), 3.6))
        panels = figure.subplots(1, len(norms), sharex=True, sharey=True, squeeze=False)[0]
        for panel, (name, row) in zip(panels, norms.items(), strict=True):
            panel.plot(np.maximum(counts, 0.5), row, ".", ms=3, color=ACCENT, alpha=0.5)
            panel.set(xscale="log", yscale="log", title=name, xlabel="ratings (log)")
            plain_numbers(panel.xaxis)
            plain_numbers(panel.yaxis)
        panels[0].set_ylabel("norm (log)")
        panels[0].alt_text = (
            f"Norm against number of ratings for {len(counts)} items, both on log scales, in {len(norms)} models: "
            f"{', '.join(norms)}."
        )
    return panels[0]


def loop_curves(curves: Mapping[str, ArrayLike], what: str, *, ax: Any = None) -> Any:
    """Draw how a measure of a recommender's lists goes on, round by round, a band over several starts.

    Parameters
    ----------
    curves : mapping of str to array_like of shape (starts, rounds)
        For each recommender, the measure in each round for each start, as shares.
    what : str
        The measure, for the title.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are no curves or more than four, or they differ in the number of rounds.

    Examples
    --------
    >>> loop_curves({"dot": [[0.5, 0.25], [0.5, 0.35]]}, "Coverage").alt_text
    'Coverage over 2 rounds: dot from 50% to 30%.'
    """
    tables = {str(name): np.asarray(table, dtype=float) for name, table in curves.items()}
    if not 1 <= len(tables) <= len(COLOURS) or len({table.shape[1:] for table in tables.values()}) > 1:
        raise ValueError(f"curves must be one to {len(COLOURS)} tables of equal width, got {len(tables)}")
    with axes(ax, (6.2, 4.0)) as ax:
        said = []
        for (name, table), colour, line in zip(tables.items(), COLOURS, STYLES, strict=False):
            rounds = np.arange(1, table.shape[1] + 1)
            middle = table.mean(axis=0)
            ax.fill_between(rounds, table.min(axis=0), table.max(axis=0), color=colour, alpha=0.18, lw=0)
            ax.plot(rounds, middle, color=colour, ls=line, lw=2.2, label=name)
            said.append(f"{name} from {middle[0]:.0%} to {middle[-1]:.0%}")
        ax.set_ylim(0, 1)
        ax.legend()
        return finish(ax, what, "round", "share", f"{what} over {table.shape[1]} rounds: {'; '.join(said)}.")
