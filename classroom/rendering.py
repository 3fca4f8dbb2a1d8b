"""Show a submission's text on a page: Markdown and highlighted code, made in a process that may die.

nbgrader's pages, those of `generate_feedback` and of formgrader, are typeset by nbconvert in the process that was asked
for them, so that one answer can keep it busy for minutes: the rules for formulas alone look through the rest of a text
for every `begin`. `nbgrader_config.py` names the filters below in place of nbconvert's own. A text that takes too much
is shown as it was written. What has been made once is kept: most cells of a class are the lesson's own.
"""

from __future__ import annotations

import atexit
import functools
import html
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import pass_context

from classroom.common import CourseError
from classroom.limited import LimitedProcess

RENDER_SECONDS = 5  # of processor time, for one cell
RENDER_MB = 512  # of memory
MAX_TYPESET = 50_000  # characters of a cell; a longer one is shown as it was written
MAX_KEPT = 1_000  # cells


@functools.cache
def _process() -> LimitedProcess:
    process = LimitedProcess(__name__, seconds=RENDER_SECONDS, memory_mb=RENDER_MB)
    atexit.register(process.close)
    return process


@pass_context
def markdown_to_html(context: Mapping[str, Any], source: str) -> str:
    """Return the HTML of a Markdown cell, with the pictures that are attached to it.

    They were looked at where the notebook was rebuilt; here they are only put in their places, behind the typesetting.

    Examples
    --------
    >>> print(markdown_to_html({}, "**three** measures"))
    <p><strong>three</strong> measures</p>
    <BLANKLINE>
    """
    attachments = (context.get("cell") or {}).get("attachments") or {}
    names = tuple(name for name in attachments if f"(attachment:{name})" in source)
    page = _typeset(source, names)
    for name in names:
        for kind, data in attachments[name].items():
            address = html.escape(f"data:{kind};base64,{data}")
            page = page.replace(f'<img src="{_place_of(name)}"', f'<img src="{address}"', 1)
    return page


@functools.lru_cache(maxsize=MAX_KEPT)
def _typeset(source: str, attached: tuple[str, ...]) -> str:
    return _rendered("markdown_here", source, list(attached))


def _place_of(name: str) -> str:
    """Return the address that stands for an attached picture until the page is typeset."""
    return f"data:image/attached;base64,{name}"


@functools.lru_cache(maxsize=MAX_KEPT)
def _highlighted(source: str) -> str:
    return _rendered("code_here", source)


def code_to_html(source: str, language: str | None = None, metadata: Any = None, strip_verbatim: bool = False) -> str:
    """Return the HTML of a code cell, which is taken for Python whatever the notebook says."""
    return _highlighted(source)


def as_it_is(text: str) -> str:
    """Return a text as it is, where nbconvert looks through the rest of it for every bracket."""
    return text


def _rendered(name: str, source: str, *more: Any) -> str:
    why = f"it has more than {MAX_TYPESET:,} characters"
    if len(source) <= MAX_TYPESET:
        try:
            _process().teach("how", "learn")
            return _process().ask(name, source, *more, result=str)
        except (CourseError, OSError) as error:
            why = str(error)
    return f"<p><em>Shown as it was written: {html.escape(why)}.</em></p>\n<pre>{html.escape(source)}</pre>\n"


# ---------------------------------------------------------------------------------------- in the process that may die


def markdown_here(source: str, attached: Sequence[str] = ()) -> str:
    """Typeset Markdown as nbconvert does, with a place for each picture that is attached."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    places = {name: {"image/attached": name} for name in attached}
    return _read_once(str(MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=places)).render(source)))


def code_here(source: str) -> str:
    """Highlight code as nbconvert does."""
    from nbconvert.filters.highlight import Highlight2HTML

    highlight = Highlight2HTML(pygments_lexer="python")  # type: ignore[no-untyped-call]  # nbconvert's
    return _read_once(str(highlight(source)))


def _read_once(page: str) -> str:
    """Read HTML as nbconvert reads the whole page afterwards: what is too much for that is seen here."""
    from bs4 import BeautifulSoup

    str(BeautifulSoup(page, features="html.parser"))
    return page


def learn() -> None:
    """Import what typesets, and use it once."""
    markdown_here("# $x$")
    code_here("x = 1")
