"""What a recommender is worth, over one setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recsys_lib.drawing import ITEM_COLOURS
from recsys_lib.plots.base import ACCENT, MUTED, axes, finish, plain_numbers


def quality_curves(
    setting: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    levels: Mapping[str, float] | None = None,
    title: str,
    setting_name: str,
    quality_name: str = "P@10",
    ax: Any = None,
) -> Any:
    """Draw the quality of one or more recommenders against a setting on a log axis, each with its best marked.

    Parameters
    ----------
    setting : array_like, shape (m,)
        The values that were tried, all above zero, the smallest first.
    curves : mapping of name to array_like, shape (m,)
        The quality at each of them, a curve a recommender.
    levels : mapping of name to float, optional
        Qualities to compare with that do not depend on the setting, drawn as level lines.
    title : str
        What to write above the figure.
    setting_name : str
        What the setting is, for the axis.
    quality_name : str
        What the quality is, for the axis.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the setting is not a growing list of positive numbers, there is no curve or more than six, or a curve does
        not fit the setting.

    Examples
    --------
    >>> ax = quality_curves([1, 10, 100], {"SVD": [0.2, 0.4, 0.3]}, levels={"popular": 0.23}, title="By width",
    ...                     setting_name="width d")
    >>> for sentence in ax.alt_text.split(". "):
    ...     print(sentence)
    By width: P@10 against width d from 1 to 100, on a log axis
    SVD: 0.200 at 1, highest 0.400 at 10, 0.300 at 100
    To compare with: popular 0.230.
    """
    x = np.asarray(setting, dtype=float)
    if x.ndim != 1 or len(x) == 0 or x[0] <= 0 or (np.diff(x) <= 0).any():
        raise ValueError(f"setting must be a growing list of positive numbers, found {x.tolist()}")
    colours = (ACCENT, *ITEM_COLOURS[:5])
    if not 1 <= len(curves) <= len(colours):
        raise ValueError(f"there must be 1 to {len(colours)} curves, found {len(curves)}")
    from matplotlib import patheffects

    said = []
    with axes(ax, (7.4, 4.4)) as ax:
        for (name, values), colour in zip(curves.items(), colours, strict=False):
            y = np.asarray(values, dtype=float)
            if y.shape != x.shape:
                raise ValueError(f"{name} has shape {y.shape}, not one value for each of {len(x)} settings")
            best = int(np.argmax(y))
            ax.plot(x, y, color=colour, lw=2.4, marker="o", ms=4, label=name)
            ax.plot(x[best], y[best], "o", color="white", mec=colour, mew=2, ms=8.5, zorder=4)
            said.append(
                f"{name}: {y[0]:.3f} at {x[0]:g}, highest {y[best]:.3f} at {x[best]:g}, {y[-1]:.3f} at {x[-1]:g}"
            )
        for name, level in (levels or {}).items():
            ax.axhline(level, color=MUTED, lw=1.1, ls=(0, (4, 3)), zorder=1)
            ax.annotate(
                f"{name} {level:.3f}", (1, level), xycoords=("axes fraction", "data"), xytext=(-2, 3),
                textcoords="offset points", ha="right", color=MUTED, fontsize=9, zorder=5,
                path_effects=[patheffects.withStroke(linewidth=3, foreground="white")],
            )  # fmt: skip
        ax.set_xscale("log")
        plain_numbers(ax.xaxis)
        ax.set_ylim(bottom=0)
        if len(curves) > 1:
            ax.legend(loc="lower right")
        alt = f"{title}: {quality_name} against {setting_name} from {x[0]:g} to {x[-1]:g}, on a log axis. "
        alt += "; ".join(said) + "."
        if levels:
            alt += f" To compare with: {', '.join(f'{name} {level:.3f}' for name, level in levels.items())}."
        return finish(ax, title, f"{setting_name} (log scale)", quality_name, alt)
