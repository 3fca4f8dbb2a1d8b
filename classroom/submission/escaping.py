"""Keep a learner's written answer from running or asking for anything in the browser of whoever reads it."""

from __future__ import annotations

import re

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_PICTURE = re.compile(r"!(?=\[)")
_TEX_LINK = re.compile(r"\\(?=(?:href|url|html)\b)")
_LINK = re.compile(r"\](?=\s*[(:](?!\s*<?(?:https?://|mailto:|#)))")


def without_html(text: str) -> str:
    """Return Markdown in which no HTML tag, no picture, and no link but to the web is left that a browser would follow.

    nbgrader's pages show HTML in a Markdown cell as it is, and load pictures from wherever they are: who wrote the
    answer would hear of it when it is read. A space of no width behind each ``<`` that begins a tag, and within each
    picture or such link, lets the reader see the text and keeps the browser from taking it for more. Of a picture on
    the web a link is left, which nobody follows unasked.

    Examples
    --------
    >>> without_html("a <b>bold</b> [link](javascript:alert(1)), [fine](https://x.org), 1 < 2").replace("\u200b", "_")
    'a <_b>bold<_/b> [link]_(javascript:alert(1)), [fine](https://x.org), 1 < 2'
    >>> without_html("![seen](https://x.org/me.png)").replace("\u200b", "_")
    '!_[seen](https://x.org/me.png)'
    >>> without_html(r"$\\href{http:../../}{seen}$").replace("\u200b", "_")
    '$\\\\_href{http:../../}{seen}$'
    """
    text = _TEX_LINK.sub("\\\\\u200b", text)
    return _LINK.sub("]\u200b", _PICTURE.sub("!\u200b", _TAG.sub("<\u200b", text)))
