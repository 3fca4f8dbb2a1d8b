"""Say which recommendations are content-based, which collaborative, and which neither."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise


@exercise("classify", kind="answer", points={"values": 1}, choices={"*": ["content-based", "collaborative", "neither"]})
def classify():
    """Ask where the knowledge comes from: from the item, from other people's choices, or not from you at all."""
    return {
        "a": "content-based",
        "b": "collaborative",
        "c": "content-based",
        "d": "neither",
        "e": "collaborative",
        "f": "neither",
    }


classify.wrong_choice(
    "In a the shop knows one thing about the book, its subject; did it need to ask what other readers bought?",
    {"a": "collaborative"},
)
classify.wrong_choice(
    "In b the two products are alike only in being bought together; would a description of a phone lead to a cable?",
    {"b": "content-based"},
)
classify.wrong_choice(
    "In c nobody has heard the song yet, so there are no listeners to learn from; what is left to compare?",
    {"c": "collaborative"},
)
classify.wrong_choice(
    "In d people were counted, but nothing depends on you: does anyone get another list?", {"d": "collaborative"}
)
classify.wrong_choice(
    "In e the gardening film is like nothing that you watched; what links you to it?", {"e": "content-based"}
)
classify.wrong_choice(
    "In f the critic's taste is not compared with yours, nor the film with the films you liked.", {"f": "content-based"}
)
classify.wrong_choice(
    "In f one person chose for everybody; collaborative filtering looks for the people whose choices resemble yours.",
    {"f": "collaborative"},
)
classify.wrong_choice(
    "In d it does not matter what the films are about; would the list change if all their genres did?",
    {"d": "content-based"},
)


@classify.alternative
def _in_capitals():
    return {key: value.upper() for key, value in classify.reference().items()}


@classify.alternative
def _turned_round():
    return dict(reversed(list(classify.reference().items())))


@classify.alternative
def _with_a_note():
    return {**classify.reference(), "note": "d and f are the same for everybody"}
