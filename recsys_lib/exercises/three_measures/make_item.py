"""Make an item that wins under one of the three measures and under no other."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.callables import CALLABLES
from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.three_measures._inputs import ABC, DOT, EUCLIDEAN, Q


@exercise("make_item", kind="property", points={"values": 3})
def make_item(q, others, winner):
    """Take the measure's present winner and better it only by that measure."""
    q, others = np.asarray(q, dtype=float), np.asarray(others, dtype=float)
    if winner == "dot":
        return 10 * others[np.argmax(DOT(q, others))]
    if winner == "cosine":
        return 0.001 * q
    nearest = others[np.argmin(EUCLIDEAN(q, others))]
    return nearest + 0.01 * (q - nearest)


@make_item.inputs(
    "values",
    fixed=[
        (Q, ABC, "dot"),
        (Q, ABC, "cosine"),
        (Q, ABC, "euclidean"),
        ([3, -4], [[6, 0], [0, -4], [1, -1]][::-1], "cosine"),
        (Q, [ABC[1], ABC[2], ABC[0]], "dot"),  # the three come in any order
        (Q, [ABC[2], ABC[0], ABC[1]], "euclidean"),
    ]
    + [([6, 8], [[12, 0], [0, 8], [2, 2]], winner) for winner in ("dot", "euclidean")]
    + [([0.8, 0.6], [[0, 1.2], [0.8, 0], [0.2, 0.2]], winner) for winner in ("cosine", "dot", "euclidean")]
    + [  # the picture turned by a quarter, a half and three quarters
        ((np.array(Q) @ turn).tolist(), (np.array(ABC) @ turn).tolist(), winner)
        for turn in ([[0, 1], [-1, 0]], [[-1, 0], [0, -1]], [[0, -1], [1, 0]])
        for winner in ("dot", "cosine", "euclidean")
    ],
)
def _(rng):
    found = []
    for winner in ("dot", "cosine", "euclidean") * 2:
        angle, scale, mirror = rng.uniform(0, 2 * np.pi), 10 ** rng.uniform(-1, 1), rng.choice([-1, 1])
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [mirror * np.sin(angle), mirror * np.cos(angle)]])
        found.append((np.array(Q) @ turn, rng.permutation(np.array(ABC)) @ turn, winner))
    return found


def _lead(name, q, point, others):
    """Say by how much a point beats the best of the others by one measure: above 0 it wins, at 0 it ties."""
    measure = CALLABLES[name]
    if name == "cosine":  # a direction has no size: that of a tiny point must not underflow
        point = point / np.abs(point).max()
    ours, theirs = measure(q, point[None])[0], measure(q, others)
    lead = theirs.min() - ours if name == "euclidean" else ours - theirs.max()
    return float(lead) if abs(lead) > 1e-12 * max(1.0, float(np.abs(theirs).max())) else 0.0


@make_item.judge(lambda q, others, winner: q.shape)
def _(args, result):
    q, others, winner = args
    if result is None:
        return "nothing came back: is there a return?"
    point = np.asarray(result, dtype=float)
    if point.shape == ():
        return "that is one number, perhaps a row number; return the point itself, two coordinates"
    if point.shape != q.shape:
        return f"one point of shape {q.shape} is asked for, this has shape {point.shape}"
    if not np.isfinite(point).all():
        return "a coordinate is not a finite number"
    if not point.any():
        return "the_origin"
    wins = {name for name in ("dot", "cosine", "euclidean") if _lead(name, q, point, others) > 0}
    if wins == {winner}:
        return None
    if _lead(winner, q, point, others) == 0:
        return "a_tie"
    if len(wins) == 3:
        return "the_query_itself"
    return "a_longer_query" if winner in wins else "wins_elsewhere"


@make_item.misconception(
    "Your point wins under all three measures; move it to where the other two measures prefer another point."
)
def the_query_itself(q, others, winner):
    return q


@make_item.misconception(
    "Your point wins under the measure asked for, but under another one as well; it has to win under one only."
)
def a_longer_query(q, others, winner):
    return 10 * q if winner == "dot" else 0.65 * q


@make_item.misconception(
    "Your point does not win under the measure that is asked for; compute its score beside the others', for this q."
)
def wins_elsewhere(q, others, winner):
    return 0.01 * np.array([-q[1], q[0]])


@make_item.misconception("Your point only ties with the best of the others; a tie is not a win, so better it a little.")
def a_tie(q, others, winner):
    measure = CALLABLES[winner]
    scores = measure(q, others)
    return others[np.argmin(scores) if winner == "euclidean" else np.argmax(scores)]


@make_item.misconception(
    "The origin has no direction, so it can win under no cosine and with no dot product above zero."
)
def the_origin(q, others, winner):
    return np.zeros_like(q)


@make_item.alternative
def make_item_by_search(q, others, winner):
    rng = np.random.default_rng(0)
    size = 10 * np.abs(np.vstack([others, q])).max()
    steps = size * 10 ** rng.uniform(-4, 0, size=(2000, 1))  # near and far alike
    points = np.vstack([0.01 * q, q + rng.normal(size=(2000, 2)) * steps])
    rest = [name for name in ("dot", "cosine", "euclidean") if name != winner]
    for point in points:
        if _lead(winner, q, point, others) > 0 and not any(_lead(name, q, point, others) > 0 for name in rest):
            return point
    raise AssertionError("no point found")


@make_item.alternative
def make_item_as_list(q, others, winner):
    if winner == "dot":
        sideways = np.array([-q[1], q[0]])
        sideways = sideways if (others[np.argmax(others @ q)] @ sideways) > 0 else -sideways
        return list(3 * q + 50 * sideways)
    if winner == "cosine":
        return list(q / 100)
    nearest = min(others, key=lambda item: np.linalg.norm(item - q))
    return list(0.98 * nearest + 0.02 * q)


@make_item.alternative
def make_item_float32(q, others, winner):
    return make_item.reference(q, others, winner).astype(np.float32)
