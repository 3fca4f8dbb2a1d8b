"""Recommenders side by side, under one way of measuring them or another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.drawing import ITEM_COLOURS
from recsys_lib.metrics import draw_negatives
from recsys_lib.plots.base import ACCENT, INK, MUTED, axes, finish
from recsys_lib.retrieval import top_k

COLOURS = (ACCENT, *ITEM_COLOURS)
"""Of recommenders, in the order in which they are given."""

N_DRAWS = 1000
"""How many bootstrap draws an interval is made of."""


@dataclass(frozen=True, eq=False)
class Board:
    """The lists of several recommenders for the users of one split, ready to be measured in several ways.

    Parameters
    ----------
    lists : dict of (bool, bool) to dict of str to ndarray of int, shape (n_users, k)
        By whether only liked films count and whether they were ranked among drawn films; then by recommender.
    hidden : dict of bool to ndarray of bool, shape (n_users, n_items)
        What should have been found, by whether only liked films count.
    """

    lists: dict[tuple[bool, bool], dict[str, NDArray[np.integer]]]
    hidden: dict[bool, NDArray[np.bool_]]

    @property
    def names(self) -> list[str]:
        """Of the recommenders."""
        return list(self.lists[False, False])

    @property
    def k(self) -> int:
        """How long the lists are."""
        return next(iter(self.lists[False, False].values())).shape[1]


class Placing(NamedTuple):
    """One recommender's place: its mean, and the interval of its difference to the first (None for the first)."""

    name: str
    mean: float
    interval: tuple[float, float] | None


def board_of(
    scores: Mapping[str, ArrayLike], seen: ArrayLike, hidden: ArrayLike, liked: ArrayLike, *, k: int = 20, m: int = 100,
    seed: int = 0,
) -> Board:  # fmt: skip
    """Make the lists of several recommenders, among all unseen films and among the hidden ones and some drawn.

    Parameters
    ----------
    scores : mapping of str to array_like, shape (n_users, n_items)
        By recommender.
    seen, hidden, liked : array_like of bool, shape (n_users, n_items)
        Training ratings, held-out ratings, and those of the latter that count as liked.
    k : int
        How long a list is.
    m : int
        How many films are drawn for each user.
    seed : int
        Of the drawing, the same films for every recommender.

    Returns
    -------
    Board
        Of the users with a held-out rating.

    Examples
    --------
    >>> scores = {"one": [[0.1, 0.9, 0.5, 0.3]], "other": [[0.4, 0.1, 0.2, 0.3]]}
    >>> board = board_of(scores, [[1, 0, 0, 0]], [[0, 1, 0, 0]], [[0, 1, 0, 0]], k=2, m=1)
    >>> board.lists[False, False]["one"]
    array([[1, 2]])
    """
    known, wanted, good = (np.asarray(table, dtype=bool) for table in (seen, hidden, liked))
    judged = wanted.any(axis=1)
    known, wanted, good = known[judged], wanted[judged], good[judged]
    drawn = draw_negatives(known | wanted, m, np.random.default_rng(seed))
    few = {only_liked: _ids_of(target, drawn) for only_liked, target in ((False, wanted), (True, good))}
    lists: dict[tuple[bool, bool], dict[str, NDArray[np.integer]]] = {
        (only_liked, sampled): {} for only_liked in (False, True) for sampled in (False, True)
    }
    for name, every in scores.items():
        table = np.asarray(every)[judged]
        full = top_k(table, k, seen=known)
        lists[False, False][name] = lists[True, False][name] = full  # only what counts as found differs
        for only_liked, ids in few.items():
            places = top_k(np.take_along_axis(table, ids, axis=1), k, seen=ids < 0)
            lists[only_liked, True][name] = np.take_along_axis(ids, places, axis=1)
    return Board(lists, {False: wanted, True: good})


def _ids_of(target: NDArray[np.bool_], drawn: NDArray[np.integer]) -> NDArray[np.integer]:
    """List each row's targets and drawn ids, ascending, and fill it up with -1: few to rank instead of all."""
    candidates = target.copy()
    np.put_along_axis(candidates, drawn, True, axis=1)
    sizes = candidates.sum(axis=1)
    ids = np.full((len(candidates), sizes.max()), -1)
    ids[np.arange(sizes.max()) < sizes[:, None]] = np.nonzero(candidates)[1]
    return ids


def standings(
    board: Board, liked: bool, sampled: bool, k: int, user_ndcg: Callable, paired_interval: Callable
) -> list[Placing]:
    """Measure every recommender, best first, and each one's difference to the best.

    Parameters
    ----------
    board : Board
    liked, sampled : bool
        Whether only liked films count, and whether films are ranked among drawn ones.
    k : int
        How many places of a list count.
    user_ndcg : callable ``(lists, hidden) -> (n_judged,)``
    paired_interval : callable ``(ours, theirs, draws) -> (low, high)``

    Returns
    -------
    list of Placing
    """
    lists, hidden = board.lists[liked, sampled], board.hidden[liked]
    values = {name: np.asarray(user_ndcg(table[:, :k].copy(), hidden.copy())) for name, table in lists.items()}
    order = sorted(values, key=lambda name: -values[name].mean())
    first = values[order[0]]
    draws = np.random.default_rng(0).integers(len(first), size=(N_DRAWS, len(first)))
    found = [Placing(order[0], float(first.mean()), None)]
    for name in order[1:]:
        low, high = paired_interval(values[name], first, draws)
        found.append(Placing(name, float(values[name].mean()), (float(low), float(high))))
    return found


def said(found: list[Placing]) -> str:
    """Say the standings in words, the differences with their intervals.

    Examples
    --------
    >>> said([Placing("EASE", 0.48, None), Placing("popular", 0.25, (-0.24, -0.22))])
    'EASE 0.480; popular 0.250, less by 0.220 to 0.240'
    """
    parts = [f"{found[0].name} {found[0].mean:.3f}"]
    for name, mean, interval in found[1:]:
        low, high = interval or (0.0, 0.0)
        apart = f"less by {-high:.3f} to {-low:.3f}" if high < 0 else f"not told apart ({low:+.3f} to {high:+.3f})"
        parts.append(f"{name} {mean:.3f}, {apart}")
    return "; ".join(parts)


def measure_board(
    boards: Mapping[str, Board],
    user_ndcg: Callable,
    paired_interval: Callable,
    *,
    liked: bool = False,
    sampled: bool = False,
    k: int = 10,
    ax: Any = None,
) -> Any:
    """Draw the standings of every split as bars in one figure, with the intervals of the differences to the first.

    Parameters
    ----------
    boards : mapping of str to Board
        By the name of the split.
    user_ndcg, paired_interval : callable
        As `standings` takes them.
    liked, sampled : bool
    k : int
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no board.
    """
    if not boards:
        raise ValueError("boards must hold one split at least, found none")
    names = next(iter(boards.values())).names
    colour = dict(zip(names, COLOURS, strict=False))
    place, ticks, alts = 0.0, [], []
    with axes(ax, (7.4, 1.2 + 0.28 * (len(names) + 1.6) * len(boards))) as ax:
        for split, board in boards.items():
            found = standings(board, liked, sampled, k, user_ndcg, paired_interval)
            ax.text(0, place - 0.15, split, fontweight="bold", fontsize=10, va="center")
            top = place
            for name, mean, interval in found:
                place += 1
                ax.barh(place, mean, height=0.78, color=colour[name], alpha=0.85)
                ticks.append((place, f"{name} {mean:.3f}"))
                if interval is not None:
                    low, high = (found[0].mean + end for end in interval)
                    ax.plot([low, high], [place, place], color=INK, lw=2.2, solid_capstyle="butt")
            ax.plot([found[0].mean] * 2, [top + 0.5, place + 0.5], color=MUTED, ls=(0, (4, 3)), lw=1.2)
            alts.append(f"{split}: {said(found)}.")
            place += 1.6
        ax.set_yticks([at for at, _ in ticks], [text for _, text in ticks])
        ax.set_ylim(place - 0.6, -0.7)
        ax.grid(axis="y", visible=False)
        relevance, among = (
            ("liked films" if liked else "all hidden films"),
            ("100 drawn films" if sampled else "all films"),
        )
        title = f"nDCG@{k} of {relevance}, ranked among {among}"
        return finish(
            ax,
            title,
            f"nDCG@{k}; black: 95 % interval of the difference to the first",
            "recommender, nDCG",
            f"{title}. " + " ".join(alts),
        )
