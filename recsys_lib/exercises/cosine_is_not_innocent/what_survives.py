"""Say which quantities stay the same when a model changes its gauge."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise


@exercise("what_survives", kind="answer", points={"values": 1}, choices={"*": ["stays", "may change"]})
def what_survives():
    """The user gains what the film loses, so only what multiplies one by the other is blind to it."""
    return {
        "dot product of a user and a film": "stays",
        "cosine of a user and a film": "may change",
        "distance of a user and a film": "may change",
        "length of a film": "may change",
        "cosine of two films": "may change",
        "dot product of two films": "may change",
    }


what_survives.wrong_choice(
    "In the dot product of a user and a film, each column's factor meets its own inverse; what is left of the two?",
    {"dot product of a user and a film": "may change"},
)
what_survives.wrong_choice(
    "The cosine divides by the two lengths; write down what a length is, and what becomes of it when one column is "
    "stretched.",
    {"cosine of a user and a film": "stays"},
)
what_survives.wrong_choice(
    "The distance subtracts coordinates; one was multiplied and the other divided, so the difference is new.",
    {"distance of a user and a film": "stays"},
)
what_survives.wrong_choice(
    "A film's length is made of its own coordinates alone, and each of them was divided by something.",
    {"length of a film": "stays"},
)
what_survives.wrong_choice(
    "Between two films no factor meets its inverse: both were divided, and not every coordinate by the same number.",
    {"cosine of two films": "stays"},
)
what_survives.wrong_choice(
    "The dot product is safe between a user and a film; for two films both were divided, so what becomes of it?",
    {"dot product of two films": "stays"},
)
what_survives.wrong_choice(
    "You trust the cosine because it ignores lengths; it does, but stretching one column turns the vector as well.",
    {"cosine of a user and a film": "stays", "cosine of two films": "stays"},
)


@what_survives.alternative
def _survives_in_capitals():
    return {key: value.upper() for key, value in what_survives.reference().items()}


@what_survives.alternative
def _survives_turned_round():
    return dict(reversed(list(what_survives.reference().items())))


@what_survives.alternative
def _survives_with_a_note():
    return {**what_survives.reference(), "note": "only user times film"}
