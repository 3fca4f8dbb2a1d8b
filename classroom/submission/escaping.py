"""Keep a learner's written answer from running anything in the browser of whoever reads it."""

from __future__ import annotations

import re

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=\s*[(:](?!\s*<?(?:https?://|mailto:|#)))")


def without_html(text: str) -> str:
    """Return Markdown in which no HTML tag, and no link to anything but the web, is left that a browser would follow.

    nbgrader's pages show HTML in a Markdown cell as it is. A space of no width behind each ``<`` that begins a tag, and
    within each such link, lets the reader see the text and keeps the browser from taking it for more.

    Examples
    --------
    >>> without_html("a <b>bold</b> [link](javascript:alert(1)), [fine](https://x.org), 1 < 2").replace("\u200b", "_")
    'a <_b>bold<_/b> [link]_(javascript:alert(1)), [fine](https://x.org), 1 < 2'
    """
    return _LINK.sub("]\u200b", _TAG.sub("<\u200b", text))
