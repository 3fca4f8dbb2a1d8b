"""Say about which cells each of six objectives says what the score should be."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise


@exercise("what_each_sees", kind="answer", points={"values": 1}, choices={"*": ["rated", "all", "none"]})
def what_each_sees():
    """About which cells does each objective say what the score should be?"""
    return {
        "observed mean squared error": "rated",
        "one alternating least squares step": "rated",
        "L2 penalty": "none",
        "gravity": "all",
        "squared error with empty cells as zeros": "all",
        "truncated SVD of lesson 2": "all",
    }


what_each_sees.wrong_choice(
    "The observed error skips a cell without a rating; it never hears of the films that a user left alone.",
    {"observed mean squared error": "all"},
)
what_each_sees.wrong_choice(
    "The observed error compares predictions with something; which table does that come from?",
    {"observed mean squared error": "none"},
)
what_each_sees.wrong_choice(
    "Each ridge solution uses the rows of the items that this user rated; what happened to the other rows?",
    {"one alternating least squares step": "all"},
)
what_each_sees.wrong_choice(
    "A least squares step fits something; what stands on the right side of its equations?",
    {"one alternating least squares step": "none"},
)
what_each_sees.wrong_choice(
    "The L2 penalty is made of lengths alone; a vector's length is the same whichever cells are filled.",
    {"L2 penalty": "all"},
)
what_each_sees.wrong_choice(
    "The L2 penalty pulls on every vector, also on that of a film nobody rated; does it look into the table for that?",
    {"L2 penalty": "rated"},
)
what_each_sees.wrong_choice(
    "Gravity pulls the score of every user and every item towards 0; does it ask whether the cell is rated?",
    {"gravity": "rated"},
)
what_each_sees.wrong_choice(
    "Gravity reads no rating, true, but it asks for a score near 0; in which cells?",
    {"gravity": "none"},
)
what_each_sees.wrong_choice(
    "Once an empty cell counts as a zero it has an error like any other cell; is any left out?",
    {"squared error with empty cells as zeros": "rated"},
)
what_each_sees.wrong_choice(
    "The SVD rebuilds the whole table as well as it can, zeros included; it has no notion of a missing cell.",
    {"truncated SVD of lesson 2": "rated"},
)


@what_each_sees.alternative
def _in_capitals():
    return {key: f" {value.upper()} " for key, value in what_each_sees.reference().items()}


@what_each_sees.alternative
def _in_another_order():
    return dict(reversed(list(what_each_sees.reference().items())))


@what_each_sees.alternative
def _with_a_note():
    return {**what_each_sees.reference(), "my note": "what does the loss of an empty cell look like?"}
