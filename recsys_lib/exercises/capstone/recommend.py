"""Bring a recommender that meets a client's budget on small worlds of whose ratings a quarter is hidden."""

from __future__ import annotations

import hashlib

import numpy as np

from recsys_lib.checks.comparison import as_numbers
from recsys_lib.checks.definition import exercise
from recsys_lib.client import SMALL_LEAST, SMALL_MOST, measured, small_world


@exercise("recommend", kind="property", points={"values": 4})
def recommend(train, seed):
    """EASE in the users' form, its scores divided by a power of the number of ratings; `seed` is not needed."""
    counts = train.sum(axis=0)
    l2 = 4 * train.sum() / len(train)
    solved = np.linalg.solve(train @ train.T + l2 * np.eye(len(train)), train)
    scores = train - solved * l2 / (1 - np.sum(train * solved, axis=0))
    dialled = np.maximum(scores, 0) / np.maximum(counts, 1) ** 0.3
    return np.argsort(np.where(train > 0, np.inf, -dialled), axis=1, kind="stable")[:, :10]


_NOTEBOOK: set[bytes] = set()
#: What was hidden, by a hash of the ratings that are shown: an answer is handed the ratings alone.
_HIDDEN: dict[bytes, np.ndarray] = {}


def _key(train):
    return hashlib.sha256(np.ascontiguousarray(train, dtype=float).tobytes()).digest()


def _drawn(rng):
    train, hidden = small_world(rng)
    while len(_HIDDEN) > 64:
        del _HIDDEN[next(key for key in _HIDDEN if key not in _NOTEBOOK)]
    _HIDDEN[_key(train)] = hidden
    return train, int(rng.integers(1000))


FIXED = [_drawn(np.random.default_rng([12, i])) for i in range(4)]
_NOTEBOOK.update(_HIDDEN)


@recommend.inputs("values", fixed=FIXED)
def _(rng):
    return [_drawn(rng) for _ in range(3)]


#: What a world drawn for a grade asks less, at lower and upper limits: "solved" in the notebook is to be solved.
LESS = np.array([0.05, 0.05, 0.002]), np.array([0.0, 0.0, 0.02])
NAMES = ("nDCG@10", "coverage", "tail share")
PLACES = 10


@recommend.judge(lambda train, seed: (len(train), PLACES))
def _(args, result):
    train, _ = args
    lists = as_numbers(result)
    if lists is None or lists.dtype.kind not in "iu":
        return "the lists hold item ids, which are whole numbers (int)"
    if lists.shape != (len(train), PLACES):
        return None
    if lists.min() < 0 or lists.max() >= train.shape[1]:
        return f"the lists name item {int(lists.min() if lists.min() < 0 else lists.max())}, which does not exist"
    if np.take_along_axis(train, lists, axis=1).any():
        return "seen_recommended"
    in_order = np.sort(lists, axis=1)
    if (in_order[:, 1:] == in_order[:, :-1]).any():
        return "a list names an item twice"
    hidden = _HIDDEN.get(_key(train))
    if hidden is None:
        raise LookupError("train was not drawn by this exercise, so nothing is known of what was hidden")
    found = measured(lists, train, hidden)
    asked = (0.0, 0.0) if _key(train) in _NOTEBOOK else LESS
    least, most = SMALL_LEAST - asked[0], SMALL_MOST + asked[1]
    met = (found >= least) & (found <= most)
    if met.all():
        return None
    if found[1] < 0.2:
        return "the_same_for_all"
    if found[0] < 0.15 and found[1] > 0.95:
        return "by_lot"
    return "; ".join(_line(*line) for line in zip(NAMES, found, least, most, met, strict=True))


def _line(name, found, least, most, met):
    """Say of a line what was reached, and what is asked for where it is missed."""
    limits = f"at least {least:g}" if np.isinf(most) else f"from {least:g} to {most:g}"
    return f"{name} {found:.3f}, met" if met else f"{name} {found:.3f}, MISSED ({limits})"


def _dialled(train, l2, alpha):
    solved = np.linalg.solve(train @ train.T + l2 * np.eye(len(train)), train)
    scores = train - solved * l2 / (1 - np.sum(train * solved, axis=0))
    return np.maximum(scores, 0) / np.maximum(train.sum(axis=0), 1) ** alpha


def _lists(train, scores):
    return np.argsort(np.where(train > 0, np.inf, -scores), axis=1, kind="stable")[:, :10]


@recommend.misconception("Your lists name items that the user has rated already; how are those kept out?")
def seen_recommended(train, seed):
    return np.argsort(-_dialled(train, 128, 0.3) - train, axis=1, kind="stable")[:, :10]


@recommend.misconception(
    "Nearly everybody gets the same few items, so most items are never shown; what does a user's own row say?",
    kind="misconception",
)
def the_same_for_all(train, seed):
    return _lists(train, np.tile(train.sum(axis=0), (len(train), 1)))


@recommend.misconception(
    "Your lists are broad and find next to nothing, as if drawn by lot; what in them follows from who rated what?",
    kind="misconception",
)
def by_lot(train, seed):
    return _lists(train, np.random.default_rng(seed).random(train.shape))


@recommend.alternative
def fixed_settings(train, seed):
    return _lists(train, _dialled(train, 150, 0.3))


@recommend.alternative
def by_item_weights(train, seed):
    inverse = np.linalg.inv(train.T @ train + 130 * np.eye(train.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    scores = np.maximum(train @ weights, 0) / np.maximum(train.sum(axis=0), 1) ** 0.3
    return _lists(train, scores).tolist()


@recommend.alternative
def user_by_user(train, seed):
    scores = _dialled(train, 140, 0.3)
    return np.array(
        [[i for i in np.argsort(-row) if not known[i]][:10] for row, known in zip(scores, train, strict=True)]
    )


@recommend.alternative
def two_places_mixed_in(train, seed):
    good, broad = (_lists(train, _dialled(train, 4 * train.sum() / len(train), alpha)) for alpha in (0, 0.5))
    return np.array([list(dict.fromkeys([*a[:8], *b]))[:10] for a, b in zip(good, broad, strict=True)])


@recommend.alternative
def dialled_further(train, seed):
    return _lists(train, _dialled(train, 4 * train.sum() / len(train), 0.35))
