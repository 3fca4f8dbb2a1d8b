"""The exporter with which `nbgrader generate_feedback` makes its pages (see nbgrader_config.py).

A feedback page shows what a student wrote. Nothing of that can run or be loaded: it is escaped where the notebook is
rebuilt, and here the page itself tells the browser to run no script but MathJax, to load no picture and to ask nobody.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from nbconvert.exporters import HTMLExporter

from classroom.common import CourseError

MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/2.7.7/"
#: What nbconvert's own block says: as an object that is there before MathJax is, it needs no `eval`.
CONFIG = (
    "window.MathJax = {TeX: {equationNumbers: {autoNumber: 'AMS', useLabelIds: true}}, "
    "tex2jax: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']], displayMath: [['$$', '$$'], ['\\\\[', '\\\\]']], "
    "processEscapes: true, processEnvironments: true}, displayAlign: 'center', messageStyle: 'none', "
    "CommonHTML: {linebreaks: {automatic: true}}};"
)
_HASH = base64.b64encode(hashlib.sha256(CONFIG.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; script-src 'sha256-{_HASH}' {MATHJAX}; style-src 'unsafe-inline'; img-src data:; "
    f"font-src data: {MATHJAX}; base-uri 'none'; form-action 'none'"
)
#: What an answer draws stays in its own box: a formula can be wider and higher than its place, and lie over a score.
STYLE = "<style>.text_cell_render, .output_subarea { contain: paint }</style>"
_CONFIG_BLOCK = re.compile(r'<script type="text/x-mathjax-config">.*?</script>', re.DOTALL)


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page under a Content-Security-Policy."""

    def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> tuple[Any, Any]:
        """Return the page and its resources."""
        page, found = super().from_notebook_node(nb, resources, **options)
        return with_policy(page), found


def with_policy(page: str) -> str:
    """Return a page with the policy in its head, and with MathJax set up as the policy allows.

    Raises
    ------
    CourseError
        If the page has no head in which a policy would be heard.

    Examples
    --------
    >>> print(with_policy("<head><title>x</title></head>")[:50])
    <head><meta http-equiv="Content-Security-Policy" c
    """
    start, tag, rest = page.partition("<head>")
    head, end, body = rest.partition("</head>")
    if not tag or not end:
        raise CourseError("the feedback page has no head: nbgrader's template has changed")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    # latest.js would ask an address that the policy does not name for another version.
    head = _CONFIG_BLOCK.sub("", head).replace(f"{MATHJAX}latest.js", f"{MATHJAX}MathJax.js")
    meta = f'{policy}<meta name="referrer" content="no-referrer"><script>{CONFIG}</script>'
    return f"{start}{tag}{meta}{head}{STYLE}{end}{body}"
