"""The base of every figure that moves: its class, the learner's functions made safe, and checks of input."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught

CIVIDIS = tuple("#00224e #083370 #35456c #4f576c #666970 #7d7c78 #958f78 #aea371 #c9b866 #e6ce54 #fee838".split())
"""Eleven steps of Matplotlib's cividis, a sequential map that reads the same with and without colour blindness."""

RECORDING = "application/vnd.course.recording+json"
"""The type of a figure's recording, which a lesson's build asks for by the environment variable ``COURSE_RECORD``."""

FOLDER = Path(__file__).parent


def source_of(name: str) -> str:
    """Read a file that lies beside this module."""
    return (FOLDER / name).read_text(encoding="utf-8")


def module(*names: str) -> str:
    """Give a figure's ES module: the helpers that all figures share, then the figure's own files."""
    return "\n".join(map(source_of, ("common.js", *names)))


class LearnersFunction:
    """A learner's function, or the course's, that cannot break a figure.

    Parameters
    ----------
    function : callable, optional
        The learner's function; the course's is taken where it is left out, unsolved or wrong.
    name : str
        The exercise that it answers. A function of another name is taken as it is.

    Attributes
    ----------
    source : {"yours", "ours"}
    note : str
        Whose function it is and why, for the line under the figure.
    """

    def __init__(self, function: Callable | None, name: str):
        from recsys_lib import checks

        self.name = name
        self._call: Callable
        try:
            chosen = checks.yours_or_ours(function if function is not None else unsolved, name, quiet=True)
        except LookupError:
            if function is None:
                raise
            self._call, self.source, self.note = function, "yours", f"{name}: yours"
        else:
            self._call, self.source = chosen, chosen.source
            self.note = chosen.note if function is not None else f"{name}: the course's"

    @property
    def whose(self) -> str:
        """Whose function it is, for the beginning of a sentence."""
        return "your" if self.source == "yours" else "the course's"

    def __call__(self, *args, seconds: float = 2.0) -> tuple[Any, str | None]:
        """Call; return ``(value, None)``, or ``(None, what went wrong)``."""
        from recsys_lib import checks

        value, problem = checks.call_safely(self._call, *args, seconds=seconds)
        return (None, self.blame(problem)) if problem else (value, None)

    def numbers(self, *args, shape: tuple[int, ...], seconds: float = 2.0) -> tuple[NDArray, str | None]:
        """Call, and insist on real numbers of one shape (infinities pass, NaN does not).

        Returns ``(numbers, None)``, or ``(an empty array, what went wrong)``.
        """
        nothing = np.zeros(0)
        value, problem = self(*args, seconds=seconds)
        if problem:
            return nothing, problem
        try:
            array = np.asarray(value, dtype=float)
        except Exception:  # a learner's object may raise anything here
            return nothing, self.blame(f"returned a {type(value).__name__}, not numbers")
        if array.shape != shape:
            return nothing, self.blame(f"returned shape {array.shape}, not {shape}")
        if np.isnan(array).any():
            return nothing, self.blame("returned NaN (not a number)")
        return array, None

    def ids(self, *args, count: int, below: int) -> tuple[list[int], str | None]:
        """Call, and insist on a list of item ids.

        Returns ``(at most count ids, None)``, or ``([], what went wrong)``.
        """
        value, problem = self(*args)
        if problem:
            return [], problem
        try:
            array = np.asarray(value)
            found = [int(x) for x in array.tolist()] if array.ndim == 1 else None
        except Exception:
            found = None
        if found is None or len(found) > count or not all(0 <= x < below for x in found):
            return [], self.blame(f"did not return at most {count} item ids")
        return found, None

    def blame(self, problem: Any) -> str:
        """Say in one line what the function did, beginning with its name and whose it is."""
        text = " ".join(str(problem).split())
        for opening in (f"your {self.name} ", f"the course's {self.name} ", f"{self.name} ", "it "):
            text = text.removeprefix(opening)
        return f"{self.whose} {self.name} {text}"[:300]

    def line(self) -> dict[str, str]:
        """Give the line under the figure that says whose function it uses."""
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
        self.on_msg(self.receive)

    def __repr__(self) -> str:
        """Name the figure without an address, so that a saved notebook does not change from run to run."""
        return f"<{type(self).__name__}: a figure that moves; run the notebook to use it>"

    def receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Answer a message of the view by a new scene; what is no move is ignored."""
        if not isinstance(content, dict) or "seq" not in content:
            return
        try:
            scene = self._answer(content)
        except Exception as error:  # a figure answers every question, or the view would wait
            scene = {**self.scene, "problems": [f"the figure could not follow: {type(error).__name__}: {error}"[:300]]}
        self.scene = {**scene, "seq": str(content["seq"])[:40]}

    def _answer(self, move: dict) -> dict:
        """Work out the scene that follows a move; each figure says how."""
        raise NotImplementedError

    def moves(self) -> list[dict]:
        """List the moves that are worked out in advance for a page without Python; none where there are too many."""
        return []

    def recording(self) -> dict:
        """Give what a page without Python needs: the parts that stay, the first scene, and the scene of each move.

        A figure without `moves` gives its description alone.
        """
        moves = self.moves()
        if not moves:
            return {"alt": self.alt_text}
        first = dict(self.scene)
        scenes = [[move, self._answer(move)] for move in moves]
        traits = set(self.traits(sync=True)) - set(anywidget.AnyWidget.class_traits(sync=True)) - {"scene"}
        return {
            "alt": self.alt_text,
            "module": type(self).__module__.rpartition(".")[2],
            "traits": {name: getattr(self, name) for name in sorted(traits) if not name.startswith("_")},
            "scene": first,
            "scenes": scenes,
        }

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = super()._repr_mimebundle_(**kwargs)
        if os.environ.get("COURSE_RECORD") and shown:
            data, about = shown
            return {**data, RECORDING: self.recording()}, about
        return shown

    @property
    def alt_text(self) -> str:
        """What the figure shows, in a sentence."""
        return self.static.get("alt", "")


@taught
def order_of(scores: Sequence[float | None], smaller_is_better: bool = False) -> tuple[list[int], list[bool]]:
    """Order items by their scores.

    Parameters
    ----------
    scores : sequence of float or None
        An item with None is left out.
    smaller_is_better : bool

    Returns
    -------
    order : list of int
        Ids, best first; of items that tie, the lower id first.
    ties : list of bool
        For each id but the last, whether it ties with the next.

    Examples
    --------
    >>> order_of([1.0, 3.0, None, 3.0])
    ([1, 3, 0], [True, False])
    """
    sign = 1.0 if smaller_is_better else -1.0
    known = {i: sign * x for i, x in enumerate(scores) if x is not None}
    order = sorted(known, key=lambda i: (round(known[i], 9), i))
    ties = [abs(known[a] - known[b]) < 1e-9 for a, b in zip(order, order[1:], strict=False)]
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
