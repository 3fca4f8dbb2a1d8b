"""What all figures that move share: one class, the learner's functions made safe, and checks of input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

ITEM_COLOURS = ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
"""Okabe and Ito's colours for items, in the order of the course (A, B, C first)."""

CIVIDIS = tuple("#00224e #083370 #35456c #4f576c #666970 #7d7c78 #958f78 #aea371 #c9b866 #e6ce54 #fee838".split())
"""Eleven steps of Matplotlib's cividis, a sequential map that reads the same with and without colour blindness."""

FOLDER = Path(__file__).parent
LABELS = {"dot": "dot product", "cosine": "cosine", "euclidean": "distance"}


def source_of(name: str) -> str:
    """Read a file that lies beside this module."""
    return (FOLDER / name).read_text(encoding="utf-8")


def module(name: str) -> str:
    """One ES module: the shared helpers, then the figure."""
    return source_of("common.js") + "\n" + source_of(name)


class LearnersFunction:
    """A learner's function, or the course's, that cannot break a figure."""

    def __init__(self, function: Callable | None, name: str):
        from recsys_lib import checks

        self.name = name
        try:
            chosen = checks.yours_or_ours(function if function is not None else unsolved, name, quiet=True)
            self.source, self.note = chosen.source, chosen.note if function is not None else f"{name}: the course's"
        except (KeyError, LookupError):  # not an exercise of the course: the caller's function, as it is
            if function is None:
                raise
            chosen, self.source, self.note = function, "yours", f"{name}: yours"
        self._call = chosen

    @property
    def whose(self) -> str:
        return "your" if self.source == "yours" else "the course's"

    def __call__(self, *args, seconds: float = 2.0) -> tuple[Any, str | None]:
        """Return ``(value, None)`` or ``(None, what went wrong)``."""
        from recsys_lib import checks

        value, problem = checks.call_safely(self._call, *args, seconds=seconds)
        return (None, self._say(problem)) if problem else (value, None)

    def numbers(self, *args, shape: tuple[int, ...], seconds: float = 2.0) -> tuple[NDArray | None, str | None]:
        """Call, and insist on real numbers of one shape (infinities pass, NaN does not)."""
        value, problem = self(*args, seconds=seconds)
        if problem:
            return None, problem
        try:
            array = np.asarray(value, dtype=float)
        except Exception:  # a learner's object may raise anything here
            return None, self._say(f"returned a {type(value).__name__}, not numbers")
        if array.shape != shape:
            return None, self._say(f"returned shape {array.shape}, not {shape}")
        if np.isnan(array).any():
            return None, self._say("returned NaN (not a number)")
        return array, None

    def ids(self, *args, count: int, below: int) -> tuple[list[int] | None, str | None]:
        """Call, and insist on a list of item ids."""
        value, problem = self(*args)
        if problem:
            return None, problem
        try:
            array = np.asarray(value)
            found = [int(x) for x in array.tolist()] if array.ndim == 1 else None
        except Exception:
            found = None
        if found is None or len(found) > count or not all(0 <= x < below for x in found):
            return None, self._say(f"did not return at most {count} item ids")
        return found, None

    def _say(self, problem: Any) -> str:
        text = " ".join(str(problem).split())
        for opening in (f"your {self.name} ", f"the course's {self.name} ", f"{self.name} ", "it "):
            text = text.removeprefix(opening)
        return f"{self.whose} {self.name} {text}"[:300]

    def line(self) -> dict[str, str]:
        return {"source": self.source, "note": self.note}


def unsolved(*args: Any) -> Any:
    """Stand for an answer that was not given."""
    raise NotImplementedError("not solved yet")


class MovingFigure(anywidget.AnyWidget):
    """A figure whose `scene` is Python's answer to the last move.

    The view sends ``{"seq": ..., **move}`` and sends nothing more until a scene with that ``seq`` came back.
    """

    _css = source_of("common.css")
    scene = traitlets.Dict().tag(sync=True)
    static = traitlets.Dict().tag(sync=True)

    def __init__(self, static: dict, move: dict, **traits: Any):
        super().__init__(static=static, **traits)
        self.scene = self._answer(move)
        self.on_msg(self._receive)

    def __repr__(self) -> str:
        """Name the figure without an address, so that a saved notebook does not change from run to run."""
        return f"<{type(self).__name__}: a figure that moves; run the notebook to use it>"

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or "seq" not in content:
            return
        try:
            scene = self._answer(content)
        except Exception as error:  # a figure answers every question, or the view would wait
            scene = {**self.scene, "problems": [f"the figure could not follow: {type(error).__name__}: {error}"[:300]]}
        self.scene = {**scene, "seq": str(content["seq"])[:40]}

    def _answer(self, move: dict) -> dict:
        raise NotImplementedError

    @property
    def alt_text(self) -> str:
        """One sentence that says what the figure shows."""
        return self.static.get("alt", "")


def order_of(scores: Sequence[float | None], smaller_is_better: bool = False) -> tuple[list[int], list[bool]]:
    """Ids best first (ties: lower id first), and for each neighbour in that order whether it ties."""
    known = [i for i, x in enumerate(scores) if x is not None]
    sign = 1.0 if smaller_is_better else -1.0
    order = sorted(known, key=lambda i: (round(sign * scores[i], 9), i))
    ties = [abs(scores[a] - scores[b]) < 1e-9 for a, b in zip(order, order[1:], strict=False)]
    return order, ties


def write_order(order: Sequence[int], ties: Sequence[bool], names: Sequence[str]) -> str:
    """Write an order as ``"A > B = C"``."""
    text = "".join(names[i] + (" = " if tie else " > ") for i, tie in zip(order, [*ties, False], strict=False))
    return text[:-3]


def finite_vector(value: ArrayLike, name: str) -> NDArray[np.float64]:
    """Copy a vector of finite numbers, or say what is wrong with it."""
    array = np.array(value, dtype=float)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be one vector of finite numbers, found shape {array.shape}")
    return array


def finite_table(value: ArrayLike, name: str, width: int | None = None) -> NDArray[np.float64]:
    """Copy a table of finite numbers, one row per item, or say what is wrong with it."""
    array = np.array(value, dtype=float)
    if array.ndim != 2 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be a table of finite numbers, one row per item, found shape {array.shape}")
    if width is not None and array.shape[1] != width:
        raise ValueError(f"{name} has rows of width {array.shape[1]}, the query has width {width}")
    return array


def item_names(names: Sequence[str] | None, n: int) -> list[str]:
    """Give the names of n items: A, B, C, ... unless given."""
    result = [chr(ord("A") + i) for i in range(n)] if names is None else [str(x) for x in names]
    if len(result) != n:
        raise ValueError(f"{len(result)} names for {n} items")
    return result
