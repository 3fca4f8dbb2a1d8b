"""What a served model gives away, and where fake profiles bring a film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recsys_lib.drawing import ITEM_COLOURS
from recsys_lib.plots.base import ACCENT, INK, MUTED, axes, finish

_COLOURS = (ITEM_COLOURS[0], ACCENT, ITEM_COLOURS[1], ITEM_COLOURS[2], ITEM_COLOURS[3], INK)
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), "-", (0, (3, 2)))
_MARKS = "osD^vP"


def leak_and_quality(points: Mapping[str, Sequence[tuple[float, float]]], *, ax: Any = None) -> Any:
    """Draw how well a membership test does against how good the lists are, a line for each dial that is turned.

    Parameters
    ----------
    points : mapping of name to a sequence of (nDCG, AUC)
        For each dial, the two numbers at its settings, in order.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no dial, or one has no point.

    Examples
    --------
    >>> ax = leak_and_quality({"L2": [(0.38, 0.68), (0.44, 0.52)], "width": [(0.37, 0.52), (0.34, 0.97)]})
    >>> print(ax.alt_text.replace(": ", ":\\n"))
    AUC of a membership test against nDCG@10, from the first setting to the last:
    L2 from 0.68 at 0.380 to 0.52 at 0.440; width from 0.52 at 0.370 to 0.97 at 0.340.
    """
    if not points or not all(points.values()):
        raise ValueError("points must hold one dial at least, and each dial one point at least")
    with axes(ax, (7.2, 4.4)) as ax:
        said = []
        for (name, line), colour, dash, mark in zip(points.items(), _COLOURS, _DASHES, _MARKS, strict=False):
            good, leak = zip(*line, strict=True)
            ax.plot(good, leak, color=colour, ls=dash, marker=mark, ms=5, lw=1.8, label=name)
            said.append(f"{name} from {leak[0]:.2f} at {good[0]:.3f} to {leak[-1]:.2f} at {good[-1]:.3f}")
        ax.axhline(0.5, color=MUTED, lw=1.2, ls="--")
        ax.set_ylim(0.48, 1.0)
        ax.text(0.01, 0.5, "a guess", transform=ax.get_yaxis_transform(), color=MUTED, fontsize=9, va="bottom")
        ax.legend(loc="upper left")
        return finish(
            ax, "What the model gives away, and how good its lists are", "nDCG@10", "AUC of the membership test",
            f"AUC of a membership test against nDCG@10, from the first setting to the last: {'; '.join(said)}.",
        )  # fmt: skip


def lifted_ranks(ranks: Mapping[str, Mapping[int, float]], *, title: str, ax: Any = None) -> Any:
    """Draw a film's mean rank by the number of fake profiles, a line for each defence: the figure that moves, standing.

    Parameters
    ----------
    ranks : mapping of name to a mapping of number to rank
        For each defence, the mean rank at each number of fake profiles.
    title : str
        The film's.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no defence, or one has no number.

    Examples
    --------
    >>> ax = lifted_ranks({"no defence": {0: 992, 100: 333}, "waiting period": {0: 990, 100: 990}}, title="A film")
    >>> print(ax.alt_text.replace(": ", ":\\n"))
    Mean rank of A film by the number of fake profiles, rank 1 on top:
    no defence 992 at 0, 333 at 100; waiting period 990 at 0, 990 at 100.
    """
    if not ranks or not all(ranks.values()):
        raise ValueError("ranks must hold one defence at least, and each defence one number at least")
    with axes(ax, (7.2, 4.2)) as ax:
        said, numbers = [], sorted({n for line in ranks.values() for n in line})
        for (name, line), colour, dash, mark in zip(ranks.items(), _COLOURS, _DASHES, _MARKS, strict=False):
            known = sorted(line)
            ax.plot([numbers.index(n) for n in known], [line[n] for n in known], color=colour, ls=dash, marker=mark,
                    ms=5, lw=1.8, label=name)  # fmt: skip
            said.append(f"{name} {line[known[0]]:,.0f} at {known[0]}, {line[known[-1]]:,.0f} at {known[-1]}")
        ax.set_xticks(range(len(numbers)), [str(n) for n in numbers])
        ax.set_ylim(max(max(line.values()) for line in ranks.values()) * 1.06, 0)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return finish(
            ax, f"Where fake profiles bring {title}", "fake profiles", "mean rank (1 is the top)",
            f"Mean rank of {title} by the number of fake profiles, rank 1 on top: {'; '.join(said)}.",
        )  # fmt: skip
