"""Clouds of films by norm and popularity."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.drawing import ITEM_COLOURS
from recsys_lib.plots.base import ACCENT, MUTED, axes, finish, new_figure, plain_numbers, style

_LINES = tuple(zip((ACCENT, *ITEM_COLOURS[:5]), ("-", (0, (5, 2)), "-.", ":", (0, (1, 1)), "--"), strict=True))
"""Colour and dash of each line, so that neither is needed to tell two apart."""


def norm_popularity(norms: ArrayLike, counts: ArrayLike, *, ax: Any = None) -> Any:
    """Draw the norm of each film against its number of ratings.

    Parameters
    ----------
    norms, counts : array_like, shape (n,)
        The norm of each film's vector, and its number of ratings. Films without a rating or with norm zero cannot stand
        on log axes; they are left out and counted.
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
    with axes(ax, (6.6, 4.6)) as ax:
        ax.scatter(counts[shown], norms[shown], s=14, color=ACCENT, alpha=0.45, linewidths=0)
        ax.set_xscale("log")
        ax.set_yscale("log")
        plain_numbers(ax.xaxis)
        plain_numbers(ax.yaxis)
        left = int((~shown).sum())
        alt = f"Norm against number of ratings for {int(shown.sum())} films, both on log scales"
        alt += f"; {left} without rating or with norm zero left out." if left else "."
        return finish(ax, "Norm and popularity", "number of ratings (log scale)", "norm (log scale)", alt)


def norm_clouds(
    norm_popularity: Callable,
    models: Mapping[str, ArrayLike],
    counts: ArrayLike,
    *,
    fraction: float = 0.05,
) -> Any:
    """Draw norm against number of ratings for several models of the same films, the first one's longest marked in all.

    Parameters
    ----------
    norm_popularity : callable ``(items, counts) -> float``
        Gives the number above each cloud.
    models : mapping of str to array_like of shape (n, d)
        The items of each model, by its name.
    counts : array_like, shape (n,)
        Ratings per film. Films without a rating stand at one half, at the left. A film of norm zero is left out of that
        model's cloud.
    fraction : float
        Which share of the films, the longest of the first model, is marked.

    Returns
    -------
    Axes
        The Axes of the first model; those of the others are in the same figure.

    Examples
    --------
    >>> def sign_of_rho(items, counts):
    ...     return np.sign(np.corrcoef(np.linalg.norm(items, axis=1), counts)[0, 1])
    >>> models = {"one": [[1, 0], [0, 2], [3, 0]], "two": [[9, 0], [0, 2], [1, 0]]}
    >>> print(norm_clouds(sign_of_rho, models, [5, 50, 60]).alt_text.replace(". ", ".\\n"))
    Norm against number of ratings for 3 films in 2 models, both on log scales; rank correlation one +1.00, two -1.00.
    Marked are the 1 longest of one: their mean place by norm, 1 for the longest, is 1 in one, 3 in two.
    """
    counts = np.asarray(counts, dtype=float)
    tables = {name: np.asarray(items, dtype=float) for name, items in models.items()}
    if not tables or any(items.ndim != 2 or len(items) != len(counts) for items in tables.values()):
        raise ValueError(f"models must hold tables of {len(counts)} rows, one for each count")
    norms = {name: np.linalg.norm(items, axis=1) for name, items in tables.items()}
    first = next(iter(tables))
    size = math.ceil(fraction * len(counts))
    marked = np.argsort(-norms[first], kind="stable")[:size]
    rest = np.setdiff1d(np.arange(len(counts)), marked)
    rhos = {name: float(norm_popularity(items, counts)) for name, items in tables.items()}
    places = {name: np.argsort(np.argsort(-n, kind="stable")) + 1 for name, n in norms.items()}
    across = np.maximum(counts, 0.5)
    with style():
        figure = new_figure((max(6.0, 3.0 * len(tables)), 3.4), w_pad=0.08, h_pad=0.08)
        panels = np.atleast_1d(figure.subplots(1, len(tables), sharex=True))
        for ax, (name, norm) in zip(panels, norms.items(), strict=True):
            for films, colour, dot, see in ((rest, MUTED, 9, 0.35), (marked, ITEM_COLOURS[0], 15, 0.9)):
                films = films[norm[films] > 0]
                ax.scatter(across[films], norm[films], s=dot, color=colour, alpha=see, linewidths=0)
            ax.set_xscale("log")
            ax.set_yscale("log")
            plain_numbers(ax.yaxis)
            ax.xaxis.set_major_formatter("{x:g}")
            finish(ax, f"{name}: rho {rhos[name]:+.2f}", "ratings (log scale)", "", "")
        said = ", ".join(f"{name} {rho:+.2f}" for name, rho in rhos.items())
        where = ", ".join(f"{places[name][marked].mean():.0f} in {name}" for name in tables)
        panels[0].set_ylabel("norm (log scale)")
        panels[0].alt_text = (
            f"Norm against number of ratings for {len(counts)} films in {len(tables)} models, both on log scales; rank "
            f"correlation {said}. Marked are the {size} longest of {first}: their mean place by norm, 1 for the "
            f"longest, is {where}."
        )
    return panels[0]


def norm_by_count(models: Mapping[str, ArrayLike], counts: ArrayLike, *, groups: int = 12, ax: Any = None) -> Any:
    """Draw the median norm of films with few, more and many ratings, one line a model.

    Parameters
    ----------
    models : mapping of str to array_like of shape (n, d)
        The items of each model, by its name; one to six. Norms are divided by the median norm of that model's rated
        films, so that models of different size share one axis.
    counts : array_like, shape (n,)
        Ratings per film. Films without a rating are one point, drawn at one half.
    groups : int
        Into how many groups of about equal size the other films are cut, by their counts; two at least. Films with one
        count stay together, so there may be fewer.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no model or more than six, a table has another number of rows than there are counts, a model has no
        median above zero, `groups` is below two, or the films have not two different counts above zero.

    Examples
    --------
    >>> hump = {"hump": [[2, 0], [4, 0], [4, 0], [1, 0], [1, 0]]}
    >>> norm_by_count(hump, [0, 3, 3, 90, 90], groups=2).alt_text
    'Median norm by number of ratings over the median of all, both on log scales; hump 0.80, 1.60, 0.40.'
    """
    counts = np.asarray(counts, dtype=float)
    tables = {name: np.asarray(items, dtype=float) for name, items in models.items()}
    if not 1 <= len(tables) <= len(_LINES) or any(t.ndim != 2 or len(t) != len(counts) for t in tables.values()):
        raise ValueError(f"models must hold 1 to {len(_LINES)} tables of {len(counts)} rows, one for each count")
    rated = counts > 0
    if groups < 2 or len(np.unique(counts[rated])) < 2:
        raise ValueError(f"groups must be 2 at least, of films with two counts above 0; found groups={groups}")
    edges = np.unique(np.quantile(counts[rated], np.linspace(0, 1, groups + 1)[1:-1], method="lower"))
    group = np.where(rated, np.searchsorted(edges, counts) + 1, 0)
    present = np.unique(group)
    across = [max(float(np.exp(np.log(np.maximum(counts[group == g], 0.5)).mean())), 0.5) for g in present]
    said = []
    with axes(ax, (6.8, 4.4)) as ax:
        for (name, items), (colour, dash) in zip(tables.items(), _LINES, strict=False):
            norms = np.linalg.norm(items, axis=1)
            middle = float(np.median(norms[rated]))
            if not middle > 0:
                raise ValueError(f"the median norm of the rated films must be above 0, found {middle} in {name!r}")
            height = np.array([np.median(norms[group == g]) for g in present]) / middle
            shown = np.where(height > 0, height, np.nan)  # a norm of zero has no place on a log axis
            ax.plot(across, shown, color=colour, ls=dash, lw=2.2, marker="o", ms=4.5, label=name)
            said.append(f"{name} " + ", ".join(f"{h:.2f}" for h in height))
        ax.set_xscale("log")
        ax.set_yscale("log")
        plain_numbers(ax.yaxis)
        ax.xaxis.set_major_formatter("{x:g}")
        ax.legend(loc="best")
        alt = "Median norm by number of ratings over the median of all, both on log scales; " + "; ".join(said) + "."
        words = "number of ratings (log scale)" + ("" if rated.all() else "; none: at one half")
        return finish(
            ax, "How long are films with few ratings, and with many?", words, "median norm / that of all", alt
        )
