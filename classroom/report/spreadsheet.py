"""Write tables for spreadsheets, in which nothing that a student wrote is a formula or shifts a column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

#: What begins a formula, in full-width characters, too, with what a spreadsheet leaves out before it: blanks of any
#: kind, quotation marks, and characters that nobody sees. It may begin a cell, or what a spreadsheet of other
#: separators takes for one.
_FORMULA = re.compile(
    r"^(?=[\t\r])|(?:^|(?<=[;|\t\r\n]))"
    "(?=[\\s\"'\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u0000-\u001f\u007f]*"
    "[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212\u207a\u207b\u208a\u208b\u207c\u208c])"
)


def cell(value: Any) -> str:
    """Return what stands in a cell: numbers to two places, nothing for None, and text that is no formula.

    >>> cell("=1+1"), cell("Ada"), cell(2.0), cell(None), cell("＝1+1"), cell(-1.5)
    ("'=1+1", 'Ada', '2', '', "'＝1+1", '-1.5')
    """
    if not isinstance(value, str):
        return "" if value is None else f"{round(value, 2):.10g}"
    return _FORMULA.sub("'", value)


def table(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV; a cell with a comma, a quote or a line break stands in quotes.

    >>> table([("student", "points"), ("x,9", None), ("@SUM(1)", 0.0)])
    'student,points\\r\\n"x,9",\\r\\n\\'@SUM(1),0\\r\\n'
    """
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow(map(cell, row))
    return out.getvalue()
