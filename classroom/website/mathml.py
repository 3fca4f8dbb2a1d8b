"""A Sphinx extension that writes formulas as MathML, which browsers draw and screen readers speak without a script."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

# What latex2mathml does not know, by what it does.
SAME_AS = {r"\lVert": r"\|", r"\rVert": r"\|", r"\Vert": r"\|", r"\lvert": "|", r"\rvert": "|"}


def as_mathml(latex: str, display: str) -> str:
    """Return a formula as MathML.

    >>> as_mathml("x^2", "inline").startswith('<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline">')
    True
    """
    for theirs, ours in SAME_AS.items():
        latex = latex.replace(theirs, ours)
    text: str = convert(latex, display=display)
    return text


def _inline(self: Any, node: nodes.math) -> None:
    self.body.append(as_mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{as_mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer; `conf.py` names it in ``html_math_renderer``."""
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
