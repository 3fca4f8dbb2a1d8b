"""What runs in the process that looks through the text of one answer (see `classroom.submission.texts`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recsys_lib.checks.cell import defines
from recsys_lib.checks.edits import Edit, Link, edits, links
from recsys_lib.checks.facts import (
    Fact,
    changed_argument,
    drawn_at_random,
    empty_return,
    facts,
    never_read,
    no_return,
    order_of_equals,
)

#: Questions that a check asks of the text of an answer, and what comes of each. All take the text and a name first.
QUESTIONS: dict[Callable[..., Any], type] = {
    changed_argument: Fact,
    drawn_at_random: list[Fact],
    edits: list[Edit],
    empty_return: list[Fact],
    facts: list[Fact],
    links: list[Link],
    never_read: list[Fact],
    no_return: list[Fact],
    order_of_equals: list[Fact],
}


def look(question: str, source: str, name: str, args: list[Any]) -> Any:
    """Answer a question of the checks on a text; one that does not define the function by itself counts as none.

    >>> [fact.kind for fact in look("no_return", "def f():\\n    print(1)", "f", [])]
    ['no-return']
    """
    (function,) = (one for one in QUESTIONS if one.__name__ == question)
    found = function(source if defines(source, name) else None, name, *args)
    return found if isinstance(found, Fact) else list(found)
