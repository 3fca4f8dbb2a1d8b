"""What an index finds, drawn against how hard it looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recsys_lib.drawing import ITEM_COLOURS
from recsys_lib.plots.base import axes, finish, plain_numbers

Curve = Sequence[tuple[int, float]]


def recall_curves(curves: Mapping[str, Curve], *, title: str = "What an index finds", ax: Any = None) -> Any:
    """Draw the recall of several indexes against their effort (ef of a graph, nprobe of inverted lists).

    Parameters
    ----------
    curves : dict of str to sequence of (effort, recall)
        For each index its measured points, by rising effort. Those whose name holds "lifted" are dashed.
    title : str
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve, a curve has no point, or a recall lies outside 0 to 1.

    Examples
    --------
    >>> recall_curves({"dot": [(10, 0.5), (100, 1.0)]}).alt_text
    'Recall against effort. dot: from 0.50 at 10 to 1.00 at 100.'
    """
    if not curves or not all(curves.values()):
        raise ValueError("curves must hold a curve, and each curve a point")
    with axes(ax, (7.2, 4.2)) as ax:
        said = []
        for place, (name, points) in enumerate(curves.items()):
            efforts, recalls = zip(*points, strict=True)
            if not all(0 <= recall <= 1 for recall in recalls):
                raise ValueError(f"{name}: a recall lies between 0 and 1, found {recalls}")
            ax.plot(
                efforts, recalls, "o", ls="--" if "lifted" in name else "-", lw=2.2, ms=5,
                color=ITEM_COLOURS[place % len(ITEM_COLOURS)], label=name,
            )  # fmt: skip
            said.append(f"{name}: from {recalls[0]:.2f} at {efforts[0]} to {recalls[-1]:.2f} at {efforts[-1]}")
        ax.set_xscale("log")
        plain_numbers(ax.xaxis)
        ax.set_ylim(-0.03, 1.03)
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
        return finish(ax, title, "effort (log scale)", "recall@10", f"Recall against effort. {'; '.join(said)}.")
