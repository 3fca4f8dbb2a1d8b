"""Write answers as attempts, without the names of people and machines: for whoever writes the next known mistake."""

from __future__ import annotations

import builtins
import contextlib
import functools
import hashlib
import io
import json
import keyword
import re
import tokenize
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from classroom.author.allow_list import beyond
from classroom.author.attempts import lesson_text
from classroom.common import NOTEBOOKS
from classroom.limited import EndedError, LimitedProcess
from recsys_lib.checks import all_exercises

MAX_CODE = 20_000  # characters of an answer
#: Said where answers were written to a file.
READ_THEM = (
    "Read each line before you pass it on or keep it: attempts are run without a sandbox, by `course.py hints`, the "
    "tests and CI, with the rights of whoever starts them."
)
READ_SECONDS, READ_MB = 10, 512  # of processor time and of memory, for a stranger's answer
_E_MAIL = r"[\w.+-]@[\w-]+\.[\w.-]"  # no more of it: what can be longer is looked for again from each of its letters
_PATH = r"(?<![\w.)\]])/[\w.~-]+/|\b[A-Za-z]:[\\/]|\\\\\w+\\|~/|\bfile:/"
PRIVATE = re.compile(f"{_E_MAIL}|{_PATH}")


@dataclass(frozen=True)
class Answer:
    """An answer to be exported: the exercise, the cell, and the points it got of how many."""

    exercise: str
    code: str
    points: float
    max_points: float


class Looked(msgspec.Struct):
    """What is left of an answer, how many comments were dropped, and why it is left out, where it is."""

    code: str = ""
    dropped: int = 0
    why: str = ""


def exported(
    answers: Iterable[Answer], *, prefix: str, names: Collection[str] = (), look: Callable[..., Looked] | None = None
) -> tuple[list[str], list[str]]:
    """Return answers as lines of JSON in the fields of tests/attempts, each once, and what was left out.

    Comments that hold an e-mail address, a path or a name are dropped. An answer that holds one elsewhere is left out
    whole: its code is not changed. So is one that uses more than `classroom.author.allow_list` has, since attempts are
    run without a sandbox, and one of more than `MAX_CODE` characters.

    Parameters
    ----------
    answers : iterable of Answer
        What was written, stubs left aside.
    prefix : str
        With what an id begins: where the answers come from.
    names : collection of str
        Names of people and machines. A word that the lessons, Python or NumPy use is not taken for one.

    look : callable, optional
        Looks at an answer as `looked_at` does, which it is by itself; see `look_within_limits`.

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
    look = look or looked_at
    found: dict[tuple[str, str], str] = {}
    left_out: dict[str, int] = {}

    def leave_out(what: str, count: int = 1) -> None:
        if count:
            left_out[what] = left_out.get(what, 0) + count

    for answer in answers:
        looked = _look(look, answer, list(names))
        if looked.why:
            leave_out(f"{answer.exercise}: {{}} answer{{}} {looked.why}")
            continue
        if (answer.exercise, looked.code) in found:
            leave_out(f"{answer.exercise}: {{}} answer{{}} that came before")
            continue
        leave_out(f"{answer.exercise}: {{}} comment{{}} with an e-mail address, a path or a name", looked.dropped)
        found[answer.exercise, looked.code] = _line(answer, looked.code, prefix)
    said = [what.format(count, "" if count == 1 else "s") for what, count in left_out.items()]
    return [found[key] for key in sorted(found, key=lambda key: key[0])], said


def _look(look: Callable[..., Looked], answer: Answer, names: list[str]) -> Looked:
    if len(answer.code) > MAX_CODE:
        return Looked(why=f"of more than {MAX_CODE:,} characters")
    code = answer.code.encode("utf-8", "replace").decode()
    try:
        return look(answer.exercise, code, names)
    except EndedError:
        return Looked(why="that takes too much to read")


def looked_at(exercise: str, code: str, names: list[str]) -> Looked:
    """Say what of an answer may be exported.

    >>> looked_at("dot", "def dot(q, items):\\n    return open('x')  # ada@example.org", []).why
    'that uses more than NumPy, math and its lesson'
    """
    private = _names_pattern(tuple(names))
    code, dropped = without_private_comments(code, private)
    if PRIVATE.search(_text_in_quotes(code)) or private.search(code):
        return Looked(why="with an e-mail address, a path or a name in the code")
    if beyond(code, _lesson_of(exercise)) is not None:
        return Looked(why="that uses more than NumPy, math and its lesson")
    return Looked(code, dropped)


@contextlib.contextmanager
def look_within_limits(names: Collection[str]) -> Iterator[Callable[..., Looked]]:
    """Yield what does as `looked_at` in a process that may die: for answers of strangers, see `classroom.limited`."""
    with LimitedProcess("classroom.author.exports", seconds=READ_SECONDS, memory_mb=READ_MB) as process:
        process.teach("names", "looked_at", "dot", "", list(names))

        def look(*args: Any) -> Looked:
            return process.ask("looked_at", *args, result=Looked)

        yield look


def _lesson_of(exercise: str) -> str:
    """Return the text of an exercise's lesson; nothing where there is no such exercise."""
    found = all_exercises().get(exercise)
    return "" if found is None else lesson_text(found.lesson)


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


@functools.lru_cache(4)
def _names_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
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
