"""Tables for spreadsheets: no cell is a formula, in whatever characters, and no name shifts a column."""

from __future__ import annotations

import csv
import io
import itertools

import pytest

from classroom.report.spreadsheet import cell, table

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\u2212"
BEFORE = (
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\u00a0",
    "\u3000",
    "\ufeff",
    "\u200b",
    "\u00ad",
    "\u2028",
    "\u202e",
    " \u200b ",
)


@pytest.mark.parametrize("sign", SIGNS)
def test_formulas_are_text(sign):
    """With anything before them that a spreadsheet leaves out; also where it takes another character for the comma."""
    for before, separator in itertools.product(BEFORE, ("", ";", "|", "\t", "\n", 'a;b";')):
        made = cell(f"{separator}{before}{sign}SUM(1)")
        for piece in made.replace('"', "").replace("|", ";").replace("\t", ";").replace("\n", ";").split(";"):
            assert piece.strip("".join(BEFORE))[:1] not in SIGNS or not piece.strip("".join(BEFORE)), ascii(made)


@pytest.mark.parametrize("separator", [";", "|", "\t"])
@pytest.mark.parametrize("before", ['"', ' "', "\"' ", '""'])
def test_a_quote_hides_no_formula(separator, before):
    """Whoever reads the table with another separator takes two quotes for an opened and closed one."""
    written_out = table([("ada", f"x{separator}{before}=1+1{separator}y", 1.0)])
    fields = [field for row in csv.reader(io.StringIO(written_out), delimiter=separator) for field in row]
    assert len(fields) > 1 and not any(field.strip("\"' ").startswith("=") and field[0] != "'" for field in fields)


def test_other_text_stays():
    """Signs within a text, numbers, and what is not there."""
    for text in ("Ada", "a-b", "x = 1", "ada@uni.edu", "a, -1", "O'Neil", "", "1+1", "values: -> norm"):
        assert cell(text) == text
    assert [cell(x) for x in (None, 0.0, -1.5, 1 / 3, 12)] == ["", "0", "-1.5", "0.33", "12"]


def test_columns_stay_in_their_places():
    """A name with commas, quotes and line breaks is one cell of one row."""
    names = ["x,2026,,ada,,,9.0", 'a"b', "a\nL03,,,ada,9", "a\r\nb", '","', "a;b", ""]
    rows = list(csv.reader(io.StringIO(table((name, None, 0.0) for name in names), newline="")))
    assert rows == [[name, "", "0"] for name in names]
