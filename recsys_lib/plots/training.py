"""What a training did: its loss, the norms it left behind, and what its models are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.plots.base import ACCENT, INK, MUTED, axes, finish, new_figure, plain_numbers, style

HELD_OUT, KNOWN = "#D55E00", "#009E73"


def loss_curve(losses: ArrayLike, held_out: ArrayLike | None = None, *, ax: Any = None) -> Any:
    """Draw the loss by step, and that of ratings that were held out.

    Parameters
    ----------
    losses : array_like, shape (steps,)
        Mean squared errors, all above zero; the first one is before the first step.
    held_out : array_like, shape (steps,), optional
        The same for ratings that the training did not see.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a list is empty, holds anything but positive numbers, or the two differ in length.

    Examples
    --------
    >>> loss_curve([9.0, 1.0, 0.5], [9.0, 1.5, 2.0]).alt_text
    'Mean squared error over 2 steps: from 9.00 to 0.50; of ratings held out from 9.00 to 2.00, lowest 1.50 at step 1.'
    """
    losses = _positive(losses, "losses")
    with axes(ax, (6.2, 4.2)) as ax:
        steps = np.arange(len(losses))
        ax.plot(steps, losses, color=ACCENT, lw=2.4, label="training ratings")
        said = f"Mean squared error over {steps[-1]} steps: from {losses[0]:.2f} to {losses[-1]:.2f}"
        if held_out is not None:
            held = _positive(held_out, "held_out")
            if len(held) != len(losses):
                raise ValueError(f"losses has {len(losses)} entries and held_out {len(held)}: one of each for a step")
            low = int(np.argmin(held))
            ax.plot(steps, held, color=HELD_OUT, lw=2.4, ls=(0, (5, 2)), label="ratings held out")
            ax.plot(low, held[low], "o", color="white", mec=HELD_OUT, mew=1.8, ms=7.5, zorder=4)
            ax.annotate(
                f"lowest: {held[low]:.2f}", (low, held[low]), xytext=(0, 9), textcoords="offset points", ha="center"
            )
            said += f"; of ratings held out from {held[0]:.2f} to {held[-1]:.2f}, lowest {held[low]:.2f} at step {low}"
        ax.set_yscale("log")
        plain_numbers(ax.yaxis)
        ax.legend(loc="upper right")
        return finish(ax, "The loss while it trains", "step", "mean squared error (log scale)", said + ".")


def norm_histogram(norms: ArrayLike, counts: ArrayLike, *, ax: Any = None) -> Any:
    """Draw how long the films' vectors are, the best-known half apart from the rest.

    Parameters
    ----------
    norms, counts : array_like, shape (n,)
        The norm of each film's vector, and its number of ratings.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the two are not lists of one length.

    Examples
    --------
    >>> norm_histogram([1.0, 1.2, 2.0, 2.4], [1, 2, 30, 40]).alt_text
    'Norms of 4 film vectors: median 2.20 in the best-known half, 1.10 in the rest.'
    """
    norms, counts = np.asarray(norms, dtype=float), np.asarray(counts, dtype=float)
    if norms.ndim != 1 or norms.shape != counts.shape or not len(norms):
        raise ValueError(f"norms and counts must be lists of one length, found {norms.shape} and {counts.shape}")
    known = counts > np.median(counts)
    with axes(ax, (5.0, 4.2)) as ax:
        edges = np.linspace(0, max(norms.max(), 1e-9) * 1.05, 26)
        said = []
        for chosen, colour, label in ((known, KNOWN, "best-known half"), (~known, MUTED, "the rest")):
            if not chosen.any():
                continue
            ax.hist(norms[chosen], edges, color=colour, alpha=0.6, label=label)
            middle = np.median(norms[chosen])
            ax.axvline(middle, color=colour, lw=1.8, ls="--")
            said.append(f"{middle:.2f} in the {label.removeprefix('the ')}")
        ax.legend(loc="upper left")
        return finish(
            ax, "How long the film vectors are", "norm (dashed: the medians)", "films",
            f"Norms of {len(norms)} film vectors: median {', '.join(said)}.",
        )  # fmt: skip


def training_run(losses: ArrayLike, norms: ArrayLike, counts: ArrayLike, *, held_out: ArrayLike | None = None) -> Any:
    """Draw `loss_curve` and `norm_histogram` side by side: a training run, after its end.

    Parameters
    ----------
    losses : array_like, shape (steps,)
    norms, counts : array_like, shape (n,)
        The norm of each film's vector at the end, and its number of ratings.
    held_out : array_like, shape (steps,), optional

    Returns
    -------
    Axes
        The Axes on the left; `recsys_lib.plots.show` shows both.

    Examples
    --------
    >>> ax = training_run([9.0, 1.0], [1.0, 2.0], [3, 40])
    >>> len(ax.figure.axes)
    2
    """
    with style():
        figure = new_figure((9.6, 4.2), wspace=0.05)
        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    loss_curve(losses, held_out, ax=left)
    norm_histogram(norms, counts, ax=right)
    return left


def error_and_quality(names: Sequence[str], errors: ArrayLike, quality: ArrayLike, *, ax: Any = None) -> Any:
    """Draw each model by its test error and by how good its lists are.

    Parameters
    ----------
    names : sequence of str, length m
    errors : array_like, shape (m,)
        The test RMSE of each model; one that predicts no ratings has NaN and is drawn as a line across.
    quality : array_like, shape (m,)
        The nDCG@10 of each model's lists.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the three are not of one length.

    Examples
    --------
    >>> error_and_quality(["ALS", "popular"], [0.92, np.nan], [0.05, 0.25]).alt_text
    'Test RMSE and nDCG@10 of 1 model: ALS 0.92 and 0.05. For comparison, by nDCG@10 alone: popular 0.25.'
    """
    errors, quality = np.asarray(errors, dtype=float), np.asarray(quality, dtype=float)
    if not len(names) == len(errors) == len(quality):
        raise ValueError(f"{len(names)} names, {len(errors)} errors, {len(quality)} qualities: these must be equal")
    with axes(ax, (7.4, 4.6)) as ax:
        placed, lines = [], []
        for name, x, y in zip(names, errors, quality, strict=True):
            if np.isnan(x):
                ax.axhline(y, color=MUTED, ls="--", lw=1.6)
                ax.annotate(name, (0.99, y), xycoords=("axes fraction", "data"), xytext=(0, 4),
                            textcoords="offset points", ha="right", color=MUTED)  # fmt: skip
                lines.append(f"{name} {y:.2f}")
                continue
            ax.plot(x, y, "o", color=ACCENT, ms=9, mec="white", mew=1.2, zorder=3)
            placed.append((name, x, y))
        middle = np.nanmean(errors) if len(placed) else 0.0
        gap = 0.05 * max(quality.max(), 1e-9)
        heights = {True: -np.inf, False: -np.inf}  # of the last name on each side of its dot: names must not overlap
        for name, x, y in sorted(placed, key=lambda entry: entry[2]):
            reach = 0.3 * (np.nanmax(errors) - np.nanmin(errors))  # a name to the right would run over these dots
            covered = any(0 < other - x < reach and abs(height - y) < gap for _, other, height in placed)
            right = bool(x > middle or covered)
            heights[right] = max(y, heights[right] + gap)
            ax.annotate(name, (x, heights[right]), xytext=(-10 if right else 10, 0), textcoords="offset points",
                        ha="right" if right else "left", va="center", color=INK)  # fmt: skip
        ax.margins(0.2, 0.16)
        ax.set_ylim(bottom=0)
        said = f"Test RMSE and nDCG@10 of {len(placed)} model{'s' * (len(placed) != 1)}: "
        said += ", ".join(f"{name} {x:.2f} and {y:.2f}" for name, x, y in placed) + "."
        said += f" For comparison, by nDCG@10 alone: {', '.join(lines)}." if lines else ""
        return finish(
            ax, "Lower error is not better lists", "test RMSE (left is better)", "nDCG@10 (up is better)", said
        )


def _positive(values: ArrayLike, name: str) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not len(array) or not (array > 0).all() or not np.isfinite(array).all():
        raise ValueError(f"{name} must be a list of positive numbers, one for each step, found shape {array.shape}")
    return array
