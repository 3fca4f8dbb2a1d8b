"""What a learner wrote in words: told apart from the lesson's own text, and made safe to be read with its pictures.

Learners write where they like: over the stub, below it in a cell of their own, in two halves, in the prompt, in a cell
that a converter has made code of. All of it is shown to whoever gives the points.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from classroom.sandbox.outputs import MAX_NOTEBOOK_PIXELS
from classroom.sandbox.pictures import MAX_PIXELS, plain_picture
from classroom.submission.cells import Notebook, source_of
from classroom.submission.escaping import without_html
from classroom.submission.names import python_of
from classroom.submission.reading import MAX_WRITTEN, SubmittedCell, shortened

MAX_OWN_TEXT = 10 * MAX_WRITTEN  # characters of all texts of a notebook that stand elsewhere than an essay
MAX_PICTURES = 50  # of a notebook's texts
MAX_PICTURE_TEXT = 8 * 2**20  # characters of all of them, in base64
LABEL = "*Written by the student:*"
ELSEWHERE = "*Nothing is written here. This stands elsewhere in the student's notebook:*"
_MARK = "\ue000"  # for private use: it stands around the number of a picture while the text is made safe
_DATA = r"data:image/[\w.+-]{1,20};base64,[A-Za-z0-9+/=]*"
_ADDRESS = rf"(attachment:[^)\n>\"']{{1,300}}|{_DATA})"
_PICTURE = re.compile(
    rf"!\[[^\]\n]{{0,200}}\]\(\s*<?{_ADDRESS}[^)\n]{{0,200}}\)"
    rf"|<img\b[^>]{{0,200}}?src\s*=\s*[\"']?{_ADDRESS}[^>]{{0,200}}>"
    rf"|<?({_DATA})>?"
)
_PICTURE_ELSEWHERE = re.compile(r"!\[[^\]\n]{0,200}\]\(|<img\b", re.IGNORECASE)
_SHOWS_TEXT = re.compile(r"\s*%%(markdown|latex|html)\b")
_MARKED = re.compile(f"{_MARK}([0-9]+){_MARK}")


@dataclass(frozen=True)
class Text:
    """A text of a learner's, and the pictures that are attached to it, as `SubmittedCell` has them."""

    source: str
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)


class LessonText:
    """The lines of a lesson's own text, by which a learner's are told apart from them.

    Parameters
    ----------
    release : dict
        The release notebook.

    Examples
    --------
    >>> lesson = LessonText({"cells": [{"cell_type": "markdown", "source": "Say why.\\nIn a sentence."}]})
    >>> lesson.theirs(SubmittedCell("markdown", "Say why.\\nIn a sentence.\\nBecause it is long.", None)).source
    'Because it is long.'
    >>> lesson.theirs(SubmittedCell("markdown", "In a  sentence.", None)) is None
    True
    """

    def __init__(self, release: Notebook) -> None:
        prose = (source_of(cell) for cell in release["cells"] if cell["cell_type"] != "code")
        self._lines = {_plain(line) for source in prose for line in source.splitlines()}

    def theirs(self, cell: SubmittedCell, *, whole: bool = True) -> Text | None:
        """Return what a learner wrote in a cell of words, or None where it has the lesson's lines alone.

        Where less than half of the lines are the lesson's, the whole cell is the learner's; never, if not ``whole``.
        """
        source = cell.source.removeprefix(f"{LABEL}\n\n")  # nbgrader's own command rebuilds what was rebuilt
        lines = source.splitlines()
        new = [line for line in lines if not line.strip() or _plain(line) not in self._lines]
        count, of = (sum(1 for line in some if line.strip()) for some in (new, lines))
        if not count:
            return None
        return Text(source if whole and 2 * count > of else "\n".join(new).strip("\n"), cell.attachments)


def _plain(line: str) -> str:
    return " ".join(line.split())


def words_in_code(source: str) -> Text | None:
    """Return what stands in a cell of code that holds words alone: remarks, texts, or no code at all.

    >>> words_in_code("# Because it is long").source
    '    # Because it is long'
    >>> words_in_code("x = 1  # because") is None
    True
    """
    python = python_of(source) if not _SHOWS_TEXT.match(source) else ""
    try:
        body = ast.parse(python).body if python is not None else [ast.Pass()]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        body = []
    if all(isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) and type(n.value.value) is str for n in body):
        return Text(textwrap.indent(source, "    "))
    return None


class SafePages:
    """Makes what a page may show of a learner's texts, within limits for a whole notebook.

    Attributes
    ----------
    notes : list of str
        What was left out, in sentences.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._pictures = 0
        self._pixels = MAX_NOTEBOOK_PIXELS
        self._picture_text = MAX_PICTURE_TEXT
        self._own_text = MAX_OWN_TEXT

    def essay(self, name: str, here: Sequence[Text], elsewhere: Sequence[Text]) -> dict[str, Any]:
        """Return source and attachments of a written answer, from what stands in its place or else anywhere."""
        found = _once(here)
        if not found:
            self.notes.append(f"{name}: nothing is written in its place, and what stands elsewhere is shown there")
            found = [Text(ELSEWHERE), *_once(elsewhere)]
        return self._shown(name, found, MAX_WRITTEN)

    def own_text(self, text: Text) -> dict[str, Any] | None:
        """Return source and attachments of a text that stands elsewhere; None where there have been too many."""
        if self._own_text <= 0:
            self.notes.append("text in cells of the student's own was left out: there is too much of it")
            return None
        shown = self._shown("a cell of the student's own", [text], min(MAX_WRITTEN, self._own_text))
        self._own_text -= len(shown["source"])
        shown["source"] = f"{LABEL}\n\n{shown['source']}"
        return shown

    def _shown(self, name: str, texts: Iterable[Text], most: int) -> dict[str, Any]:
        pictures: list[str | tuple[str, str]] = []
        parts: list[str] = []
        for text in texts:

            def marked(found: re.Match[str], text: Text = text) -> str:
                address = found[1] or found[2] or found[3]
                pictures.append(self._picture(address, text.attachments))
                return f"{_MARK}{len(pictures)}{_MARK}"

            parts.append(_PICTURE.sub(marked, text.source.replace(_MARK, "")))
            if _PICTURE_ELSEWHERE.search(parts[-1]):
                self.notes.append(f"{name} names a picture that is not in the notebook")
        written = "\n\n".join(parts)
        short = shortened(written, most)
        if short != written:
            self.notes.append(f"{name} was shortened: it has {len(written):,} characters")
        attachments: dict[str, dict[str, str]] = {}

        def placed(found: re.Match[str]) -> str:
            picture = pictures[int(found[1]) - 1]
            if isinstance(picture, str):
                return f"[a picture was left out: {picture}]"
            mime, data = picture
            shown = f"picture-{len(attachments) + 1}.{mime.rpartition('/')[2]}"
            attachments[shown] = {mime: data}
            return f"\n\n![A picture of the student's](attachment:{shown})\n\n"

        left_out = dict.fromkeys(picture for picture in pictures if isinstance(picture, str))
        self.notes += [f"{name}: a picture was left out: {why}" for why in left_out]
        source = _MARKED.sub(placed, without_html(short)).replace(_MARK, "")
        return {"source": source, "attachments": attachments} if attachments else {"source": source}

    def _picture(self, address: str, attachments: dict[str, dict[str, str]]) -> str | tuple[str, str]:
        """Return kind and data of a picture that a text names, or why it is not shown."""
        if address.startswith("attachment:"):
            name = address.removeprefix("attachment:").strip()
            kinds = attachments.get(name) or attachments.get(unquote(name))
            if not kinds:
                return "it is not attached to its cell"
            values = [kinds.get("image/png") or kinds.get("image/jpeg")]
        else:
            values = [address.partition(",")[2]]
        if self._pictures == MAX_PICTURES or len(values[0] or "") > self._picture_text:
            size = f"{MAX_PICTURES} pictures of {MAX_PICTURE_TEXT * 3 // 4 // 2**20} MB together are shown"
            return f"there are too many, or it is too large; {size}"
        picture = plain_picture(values[0], MAX_PICTURE_TEXT)
        if picture is None:
            return "it is not a whole PNG or JPEG; other kinds are not shown"
        if picture.pixels > min(MAX_PIXELS, self._pixels):
            return f"it has {picture.pixels:,} pixels; {MAX_PIXELS:,} are shown, and eight times that in a notebook"
        self._pictures += 1
        self._pixels -= picture.pixels
        self._picture_text -= len(picture.data)
        return picture.mime, picture.data


def _once(texts: Sequence[Text]) -> list[Text]:
    """Return texts without those that stand there a second time."""
    return list({text.source.strip(): text for text in texts}.values())
