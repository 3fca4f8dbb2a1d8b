"""Write answers as attempts, without the names of people and machines: for whoever writes the next known mistake."""

from __future__ import annotations

import builtins
import functools
import hashlib
import io
import json
import keyword
import re
import tokenize
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classroom.common import NOTEBOOKS

_E_MAIL = r"[\w.+-]+@[\w-]+\.[\w.-]+"
_PATH = r"(?<![\w.)\]])/[\w.~-]+/|\b[A-Za-z]:[\\/]|\\\\\w+\\|~/|\bfile:/"
PRIVATE = re.compile(f"{_E_MAIL}|{_PATH}")


@dataclass(frozen=True)
class Answer:
    """An answer to be exported: the exercise, the cell, and the points it got of how many."""

    exercise: str
    code: str
    points: float
    max_points: float


def exported(answers: Iterable[Answer], *, prefix: str, names: Collection[str] = ()) -> tuple[list[str], list[str]]:
    """Return answers as lines of JSON in the fields of tests/attempts, each once, and what was left out.

    Comments that hold an e-mail address, a path or a name are dropped. An answer that holds one elsewhere is left out
    whole: its code is not changed.

    Parameters
    ----------
    answers : iterable of Answer
        What was written, stubs left aside.
    prefix : str
        With what an id begins: where the answers come from.
    names : collection of str
        Names of people and machines. A word that the lessons, Python or NumPy use is not taken for one.

    Returns
    -------
    lines : list of str
        One for each answer, by exercise. Nobody has judged them: ``correct`` is what the check said.
    left_out : list of str
        A sentence for each thing that was left out; none quotes what it was.

    Examples
    --------
    >>> lines, left_out = exported([Answer("dot", "x = 1  # ada@example.org\\n", 0, 2)], prefix="l_")
    >>> json.loads(lines[0])["code"], left_out
    ('x = 1\\n', ['dot: 1 comment with an e-mail address, a path or a name'])
    """
    private = _names_pattern(names)
    found: dict[tuple[str, str], str] = {}
    left_out: dict[str, int] = {}

    def leave_out(what: str, count: int = 1) -> None:
        if count:
            left_out[what] = left_out.get(what, 0) + count

    for answer in answers:
        code, dropped = without_private_comments(answer.code, private)
        if PRIVATE.search(_text_in_quotes(code)) or private.search(code):
            leave_out(f"{answer.exercise}: {{}} answer{{}} with an e-mail address, a path or a name in the code")
            continue
        if (answer.exercise, code) in found:
            leave_out(f"{answer.exercise}: {{}} answer{{}} that came before")
            continue
        leave_out(f"{answer.exercise}: {{}} comment{{}} with an e-mail address, a path or a name", dropped)
        found[answer.exercise, code] = _line(answer, code, prefix)
    said = [what.format(count, "" if count == 1 else "s") for what, count in left_out.items()]
    return [found[key] for key in sorted(found, key=lambda key: key[0])], said


def _line(answer: Answer, code: str, prefix: str) -> str:
    number = hashlib.sha256(f"{answer.exercise}\n{code}".encode("utf-8", "replace")).hexdigest()[:8]
    fields = {
        "exercise": answer.exercise,
        "id": f"{prefix}{number}",
        "code": code,
        "correct": answer.points >= answer.max_points,
        "mistake": "",
        "says": [],
        "seen": False,
        "points": answer.points,
    }
    return json.dumps(fields, ensure_ascii=False)


def without_private_comments(code: str, private: re.Pattern[str] | None = None) -> tuple[str, int]:
    """Return code without the comments that hold an e-mail address, a path or a name, and their number.

    >>> without_private_comments("# from /home/ada/notes\\nx = 6 / 3 / 2  # a ratio\\n")
    ('x = 6 / 3 / 2  # a ratio\\n', 1)
    """
    dropped = 0
    lines = code.splitlines(keepends=True)
    for row, column, comment in reversed(_comments(code)):
        if PRIVATE.search(comment) or (private is not None and private.search(comment)):
            line = lines[row - 1]
            left = line[:column].rstrip()
            lines[row - 1] = left + line[len(line.rstrip("\r\n")) :] if left else ""
            dropped += 1
    return "".join(lines), dropped


def _comments(code: str) -> list[tuple[int, int, str]]:
    """Return the row, the column and the text of each comment, as far as the code can be read."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                found.append((*token.start, token.string))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    return found


def _text_in_quotes(code: str) -> str:
    """Return the strings of some code, or all of it where it cannot be read: a division is no path."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return code
    kept = (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))
    return "\n".join(token.string for token in tokens if token.type in kept)


def _names_pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of some names where it stands alone, in any case; parts of a name of two count, too."""
    words = {word for name in names for word in {name, *re.split(r"[\W_\d]+", name)}}
    kept = sorted((w for w in words if len(w) > 2 and w.casefold() not in _ordinary_words()), key=len, reverse=True)
    return re.compile("|".join(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" for word in kept) or r"(?!)", re.IGNORECASE)


@functools.cache
def _ordinary_words(notebooks: Path = NOTEBOOKS) -> frozenset[str]:
    """Return the words of the lessons, of Python and of NumPy: whose name is one of these is not given away by it."""
    texts = [path.read_text(encoding="utf-8") for path in notebooks.glob("*/*.ipynb")]
    words = {word for text in texts for word in re.findall(r"[^\W_\d]+", text)}
    return frozenset(word.casefold() for word in (*words, *dir(builtins), *dir(np), *keyword.kwlist))
