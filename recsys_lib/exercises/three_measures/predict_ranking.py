"""Predict, by eye, the order in which each of the three measures ranks three items."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise

ORDERS = ["ABC", "ACB", "BAC", "BCA", "CAB", "CBA"]


@exercise("predict_ranking", kind="answer", points={"values": 1}, choices={"*": ORDERS})
def predict_ranking():
    """Best first: A is long, C points almost where q points, B is nearest."""
    return {"dot": "ABC", "cosine": "CBA", "euclidean": "BCA"}


predict_ranking.wrong_choice(
    "For the distance you put the farthest item first; which end of the list should a small distance be at?",
    {"euclidean": "ACB"},
)
predict_ranking.wrong_choice(
    "For the dot product you gave the order of the angles; how long is each item, and does that not count?",
    {"dot": "CBA"},
)
predict_ranking.wrong_choice(
    "For the cosine you gave the order of the lengths; shrink every item to length one first, and look again.",
    {"cosine": "ABC"},
)
predict_ranking.wrong_choice(
    "For the distance you ranked by angle; lay a ruler from the tip of q to the tip of each item instead.",
    {"euclidean": "CBA"},
)
predict_ranking.wrong_choice(
    "For the distance you ranked by how far each item is from the origin; measure from the tip of q.",
    {"euclidean": "CAB"},
)
predict_ranking.wrong_choice(
    "For the cosine you ranked by nearness of the tips; only the directions count.",
    {"cosine": "BCA"},
)


@predict_ranking.alternative
def _small_letters():
    return {key: value.lower() for key, value in predict_ranking.reference().items()}


@predict_ranking.alternative
def _turned_round():
    return dict(reversed(list(predict_ranking.reference().items())))


@predict_ranking.alternative
def _with_a_note():
    return {**predict_ranking.reference(), "note": "A is long"}
