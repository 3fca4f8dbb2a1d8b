"""Lesson 5: a model while it trains, driven by the learner's gradients: the loss, and how long the vectors grow."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.widgets.base import LearnersFunction, MovingFigure, finite_table, module

MAX_STEPS_A_SCENE = 2
MAX_SECONDS_A_SCENE = 0.06  # after this many, a scene is sent even if it holds fewer steps
MAX_SECONDS_A_CALL = {"yours": 2.0, "ours": 20.0}  # the course's own is quick; where it is not, the machine is busy
MAX_LOSS = 1e4
BINS = 24
CHOICES = {
    "lr": (1.0, 2.0, 4.0, 8.0, 16.0, 32.0),
    "l2": (0.0, 0.03, 0.1, 0.3, 1.0),
    "gravity": (0.0, 0.1, 0.3, 1.0, 3.0),
}
"""What the three sliders can be set to."""


class TrainingRun(MovingFigure):
    """A matrix factorization while it trains, by the learner's own gradients.

    The view asks for a few steps at a time and draws each answer, so a training can be paused at any moment, and the
    kernel stays free for other cells. The objective is that of `recsys_lib.factorization.fit_gradient`.

    Parameters
    ----------
    mf_gradients : callable ``(users, items, ratings) -> (grad_users, grad_items)``, optional
        The learner's function, taken through `recsys_lib.checks.yours_or_ours`.
    ratings : array_like, shape (n_users, n_items), optional
        Training ratings, 0 where there is none. A small synthetic world unless given.
    held_out : array_like, shape (n_users, n_items), optional
        Ratings kept from the training, in a table of the same shape; drawn as a second curve.
    d : int
        Width of the space.
    std : float
        Standard deviation of every number at the start.
    lr, l2, gravity : float
        Where the sliders stand at first; the nearest of their settings is taken.
    steps : int
        The step at which the training ends.
    seed : int
        The seed from which the start is drawn.

    Examples
    --------
    >>> TrainingRun()
    <TrainingRun: a figure that moves; run the notebook to use it>
    """

    _esm = module("training_run.js")

    def __init__(
        self,
        mf_gradients: Callable | None = None,
        ratings: ArrayLike | None = None,
        held_out: ArrayLike | None = None,
        *,
        d: int = 10,
        std: float = 0.1,
        lr: float = 8.0,
        l2: float = 0.0,
        gravity: float = 0.0,
        steps: int = 200,
        seed: int = 0,
    ):
        if ratings is None:
            ratings, held_out = _small_world()
        self._ratings = finite_table(ratings, "ratings")
        if not (self._ratings > 0).any():
            raise ValueError("ratings holds no rating at all, so there is nothing to learn from")
        self._held_out = None if held_out is None else finite_table(held_out, "held_out")
        if self._held_out is not None and self._held_out.shape != self._ratings.shape:
            raise ValueError(
                f"held_out has shape {self._held_out.shape}, ratings {self._ratings.shape}: one table each"
            )
        if d < 1 or not 1 <= steps <= 1000 or not std > 0:
            raise ValueError(f"need d >= 1, steps from 1 to 1000 and std > 0, got {d}, {steps} and {std}")
        self._d, self._std, self._steps, self._seed = int(d), float(std), int(steps), int(seed)
        self.counts = counts = np.count_nonzero(self._ratings, axis=0)
        self._well_known = counts > np.median(counts)
        self._function = LearnersFunction(mf_gradients, "mf_gradients")
        start = {"lr": lr, "l2": l2, "gravity": gravity}
        n_users, n_items = self._ratings.shape
        super().__init__(
            {
                "choices": {name: list(values) for name, values in CHOICES.items()},
                "steps": self._steps,
                "range": [0.05, 50.0],
                "ticks": [0.1, 0.3, 1, 3, 10, 30],
                "norms": [0.0, 4.0],
                "groups": [
                    f"the {int(self._well_known.sum())} best-known films",
                    f"the other {int((~self._well_known).sum())}",
                ],
                "both": self._held_out is not None,
                "size": f"{n_users} users, {n_items} films, {int(counts.sum()):,} ratings, {self._d} numbers each",
                "sources": [self._function.line()],
                "alt": "A training, live: the mean squared error by step on a log scale, of the training ratings"
                + (" and of ratings held out" if self._held_out is not None else "")
                + "; beside it a histogram of the film vectors' norms, the best-known half apart from the rest.",
            },
            {"do": "restart", **start},
        )

    @property
    def step(self) -> int:
        """The number of steps taken so far."""
        return self.scene["step"]

    @property
    def losses(self) -> list[float]:
        """Mean squared error of the training ratings, before the first step and after each."""
        return [point[1] for point in self._train]

    @property
    def held_out_losses(self) -> list[float]:
        """Mean squared error of the held-out ratings, before the first step and after each."""
        return [point[1] for point in self._held]

    @property
    def norms(self) -> NDArray[np.floating]:
        """The norm of each film's vector now, shape (n_items,)."""
        return np.linalg.norm(self._items, axis=1)

    def train(self, **settings: float) -> dict:
        """Train to the end, or until something stops it, as the button does.

        Parameters
        ----------
        **settings : float
            ``lr``, ``l2`` or ``gravity``; the others stay as they are.

        Returns
        -------
        dict
            The last scene.
        """
        while not self.scene["ended"]:
            chosen = {name: settings.get(name, self.scene["settings"][name]) for name in CHOICES}
            self.scene = self._answer({"do": "train", **chosen})
        return self.scene

    def _answer(self, move: dict) -> dict:
        do, first = move["do"], not self.scene
        settings = {name: _nearest(float(move[name]), values) for name, values in CHOICES.items()}
        if do == "restart":
            self._before = {} if first else {key: self.scene[key] for key in ("train", "held", "settings")}
            rng = np.random.default_rng(self._seed)
            n_users, n_items = self._ratings.shape
            self._users = self._std * rng.standard_normal((n_users, self._d))
            self._items = self._std * rng.standard_normal((n_items, self._d))
            self._taken = 0
            self._train: list[list[float]] = []
            self._held: list[list[float]] = []
            self._note_losses()
            return self._scene(settings, None)
        if do != "train":
            raise ValueError(f"the figure can train and restart, not {do!r}")
        if self.scene["ended"]:
            return {**self.scene, "settings": settings}
        problem, began = None, time.monotonic()
        for _ in range(MAX_STEPS_A_SCENE):
            problem = self._take_step(**settings)
            if problem or self._taken == self._steps or time.monotonic() - began > MAX_SECONDS_A_SCENE:
                break
        return self._scene(settings, problem)

    def _take_step(self, lr: float, l2: float, gravity: float) -> str | None:
        """Move both sides once by the learner's gradients, or say what went wrong."""
        users, items = self._users, self._items
        value, problem = self._function(users, items, self._ratings, seconds=MAX_SECONDS_A_CALL[self._function.source])
        if problem:
            slow = "ran longer" in problem
            return problem + (f" for one step of {self._ratings.size:,} cells; whole tables at once are faster" * slow)
        moves = self._read(value)
        if isinstance(moves, str):
            return self._function.blame(moves)
        n_users, n_items = self._ratings.shape
        with np.errstate(all="ignore"):
            by_users = moves[0] + 2 * l2 / n_users * users
            by_items = moves[1] + 2 * l2 / n_items * items
            if gravity:
                share = 2 * gravity / (n_users * n_items)
                by_users = by_users + share * users @ (items.T @ items)
                by_items = by_items + share * items @ (users.T @ users)
            self._users, self._items = users - lr * by_users, items - lr * by_items
        self._taken += 1
        loss = self._note_losses()
        if not loss < MAX_LOSS:
            return f"at step {self._taken} the loss ran away: a learning rate of {lr:g} is too large here"
        return None

    def _read(self, value: Any) -> tuple[NDArray, NDArray] | str:
        """Take a learner's result as two tables of numbers, or say what is wrong with it."""
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            return "did not return two tables"
        found = []
        for part, like in zip(value, (self._users, self._items), strict=True):
            try:
                table = np.asarray(part, dtype=float)
            except Exception:  # a learner's object may raise anything here
                return f"returned a {type(part).__name__}, not numbers"
            if table.shape != like.shape:
                return f"returned shape {table.shape}, not {like.shape}"
            if not np.isfinite(table).all():
                return "returned NaN or infinity"
            found.append(table)
        return found[0], found[1]

    def _note_losses(self) -> float:
        """Note the loss after this step, and that of the held-out ratings."""
        with np.errstate(all="ignore"):
            scores = self._users @ self._items.T
            loss = _mse(scores, self._ratings)
            held = math.nan if self._held_out is None else _mse(scores, self._held_out)
        for curve, value in ((self._train, loss), (self._held, held)):
            if math.isfinite(value):
                curve.append([self._taken, float(f"{min(value, MAX_LOSS):.4g}")])
        return loss

    def _scene(self, settings: dict, problem: str | None) -> dict:
        """Describe where the training stands."""
        # Every step up to 60, then about as many points again: a curve of a thousand steps stays small.
        spare = max(1, self._taken // 60)
        thin = [[p for p in curve if p[0] % spare == 0 or p[0] == self._taken] for curve in (self._train, self._held)]
        with np.errstate(all="ignore"):
            norms = np.nan_to_num(np.linalg.norm(self._items, axis=1), nan=0.0, posinf=1e6)
        low, high = self.static["norms"] if self.static else (0.0, 4.0)
        edges = np.linspace(low, high, BINS + 1)
        groups = [norms[self._well_known], norms[~self._well_known]]
        bars = [np.histogram(np.clip(g, low, high - 1e-9), edges)[0].tolist() for g in groups]
        middles = [float(f"{min(np.median(g), 1e6):.3g}") if len(g) else None for g in groups]
        loss = self._train[-1][1] if self._train else None
        held = self._held[-1][1] if self._held else None
        ended = problem is not None or self._taken >= self._steps
        spoken = f"step {self._taken}: error {loss:.3g}" + (f", held out {held:.3g}" if held is not None else "")
        lowest = min(self._held, key=lambda p: p[1]) if self._held else None
        return {
            "step": self._taken,
            "train": thin[0],
            "held": thin[1],
            "lowest": lowest,
            "before": self._before,
            "bars": bars,
            "middles": middles,
            "settings": settings,
            "ended": ended,
            "problems": [problem] if problem else [],
            "spoken": problem or spoken,
        }


def _nearest(value: float, choices: tuple[float, ...]) -> float:
    """Give the setting that lies nearest; NaN is none."""
    if not math.isfinite(value):
        raise ValueError(f"a setting must be a finite number, found {value}")
    return min(choices, key=lambda choice: abs(choice - value))


def _mse(scores: NDArray, ratings: NDArray) -> float:
    """Give the mean squared error over the rated cells, NaN where there is none."""
    rated = ratings > 0
    return float(np.mean((scores[rated] - ratings[rated]) ** 2)) if rated.any() else math.nan


def _small_world() -> tuple[NDArray, NDArray]:
    """Make a synthetic world of 200 users and 250 films, and hold out a fifth of its ratings."""
    from recsys_lib.datasets import synthetic_world

    world = synthetic_world(0, n_users=200, n_items=250, mean_ratings=40)
    held = np.random.default_rng(0).random(len(world.user)) < 0.2
    tables = np.zeros((2, world.n_users, world.n_items))
    tables[held.astype(int), world.user, world.item] = world.rating
    return tables[0], tables[1]
