"""Say which of two items in one direction scores higher, by angle and setting of the dial."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise


@exercise("obtuse_order", kind="answer", points={"values": 1}, choices={"*": ["long", "short", "tie"]})
def obtuse_order():
    """Two items in one direction, one of norm 1 and one of norm 5: which has the higher score?"""
    return {
        "acute, alpha 0": "tie",
        "acute, alpha 0.5": "long",
        "acute, alpha 1": "long",
        "right, alpha 0": "tie",
        "right, alpha 0.5": "tie",
        "right, alpha 1": "tie",
        "obtuse, alpha 0": "tie",
        "obtuse, alpha 0.5": "short",
        "obtuse, alpha 1": "short",
    }


obtuse_order.wrong_choice(
    "At an obtuse angle the cosine is negative: a large length times a negative "
    "number, is that a high score or a low one?",
    {"obtuse, alpha 1": "long"},
)
obtuse_order.wrong_choice(
    "At alpha 0 the length is raised to the power 0; what is that for the short item, and what for the long one?",
    {"acute, alpha 0": "long"},
)
obtuse_order.wrong_choice(
    "For the cosine you let the short item win at an acute angle; both point the same way, so what is their cosine?",
    {"acute, alpha 0": "short"},
)
obtuse_order.wrong_choice(
    "At alpha 0 the score is the cosine, and both items point the same way; is there anything left to tell them apart?",
    {"obtuse, alpha 0": "short"},
)
obtuse_order.wrong_choice(
    "At a right angle you let the long item win: which number is its length multiplied by?",
    {"right, alpha 1": "long"},
)
obtuse_order.wrong_choice(
    "At a right angle a short vector is no better than a long one: what do you multiply the length by?",
    {"right, alpha 1": "short"},
)
obtuse_order.wrong_choice(
    "At an acute angle and one half, the length still counts, only less than in the dot product; less is not nothing.",
    {"acute, alpha 0.5": "tie"},
)
obtuse_order.wrong_choice(
    "At an acute angle the cosine is positive; what does a larger length do to a positive number?",
    {"acute, alpha 1": "short"},
)
obtuse_order.wrong_choice(
    "An obtuse angle does not make the lengths drop out: the two scores have the same sign and not the same size.",
    {"obtuse, alpha 1": "tie"},
)


@obtuse_order.alternative
def _in_capitals():
    return {key: f" {value.upper()} " for key, value in obtuse_order.reference().items()}


@obtuse_order.alternative
def _in_another_order():
    return dict(reversed(list(obtuse_order.reference().items())))


@obtuse_order.alternative
def _with_a_note():
    return {**obtuse_order.reference(), "my note": "a negative number times five"}
