"""Say which rankings stay the same when the query, or one item, is made longer."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise


@exercise("scale_query", kind="answer", points={"values": 1}, choices={"*": ["same", "may change"]})
def scale_query():
    """Doubling q doubles every dot product and turns no vector; distances are another matter."""
    return {
        "dot": "same",
        "cosine": "same",
        "euclidean": "may change",
        "one longer item, dot": "may change",
        "one longer item, cosine": "same",
    }


scale_query.wrong_choice(
    "Doubling q doubles every dot product; does doubling all the scores in a list change who is first?",
    {"dot": "may change"},
)
scale_query.wrong_choice("Doubling q does not turn it, so what happens to the angles?", {"cosine": "may change"})
scale_query.wrong_choice(
    "Doubling q moves its tip; in the figure that follows, drag q outwards along its direction and watch the disc.",
    {"euclidean": "same"},
)
scale_query.wrong_choice(
    "A single item that is made longer gets a larger dot product than before (at an acute angle), the others do not.",
    {"one longer item, dot": "same"},
)
scale_query.wrong_choice(
    "The cosine takes the length of the item out again, so making an item longer cannot move it.",
    {"one longer item, cosine": "may change"},
)


def _with_spaces():
    return {key: f" {value.upper()} " for key, value in scale_query.reference().items()}


scale_query.alternative(_with_spaces)


@scale_query.alternative
def _in_another_order():
    return dict(reversed(list(scale_query.reference().items())))


@scale_query.alternative
def _with_more_keys():
    return {**scale_query.reference(), "my note": "cosine forgets lengths"}
