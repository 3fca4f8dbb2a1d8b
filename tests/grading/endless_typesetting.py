"""Typesetting in which formulas never end, however fast the machine is: for tests of whoever asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from classroom import rendering
from classroom.rendering import code_here, learn

__all__ = ["code_here", "learn", "markdown_here"]  # what is asked of the process


def markdown_here(source: str, attached: Sequence[str] = ()) -> str:
    """Typeset a text, unless it holds a thousand formulas that nothing closes."""
    while source.count(r"\\(") > 1000:
        pass
    return rendering.markdown_here(source, attached)
