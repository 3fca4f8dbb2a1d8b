"""What a student may be called: names of people everywhere are, what harms a page, a path or a table is not."""

from __future__ import annotations

import random
import unicodedata

import pytest

from classroom.student_names import MAX_ACCENTS, MAX_NAME, likeness, notes, problem_with, shown_name

PEOPLE = (
    "ada", "Ada Lovelace", "s0123456", "ada@uni.edu", "ada_lovelace-2", "Lovelace, Ada", "Ada (Countess) [x]",
    "Martin King Jr.", "O'Neil", "O\u2019Neil",
    "Jean-Luc", "Zoë Müller", "Nguyễn Văn Ánh", "Đỗ Mười", "Łukasz", "İbrahim Çelik", "Øystein", "Gal·la", "Mª José",
    "王小明", "ジョン・スミス", "김철수", "Ωμέγα", "Ян Гюго", "Հայկ", "ქართული", "עברית", "יִצְחָק", "ג׳ורג׳", "علي",
    "مُحَمَّد", "नीलेश", "বাংলা", "தமிழ்", "తెలుగు", "ಕನ್ನಡ", "ตำรวจ", "ລາວ", "မောင်", "ភាសា", "བསྒྲུབས", "አማርኛ", "ʻOkina",
)  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_people_may_be_called_what_they_are_called(name):
    """In the scripts that names are written in, with their marks; and no note stands beside one that is alone."""
    assert problem_with(name) is None
    assert shown_name(name) == name
    assert notes([name, "somebody else"]) == {}


REFUSED = {
    "nothing": "", "dot": ".", "way up": "..", "hidden": ".ada", "path": "a/b", "path of Windows": "a\\b",
    "drive": "C:a", "nul": "a\0b", "line": "a\nb", "return": "a\rb", "tab": "a\tb", "terminal": "a\x1b[31m",
    "C1": "a\x85b", "line separator": "a\u2028b", "no-break space": "a\u00a0b", "wide space": "a\u3000b",
    "no width": "a\u200bb", "joiner": "a\u200db", "byte order mark": "\ufeffa", "backwards": "a\u202eb",
    "isolate": "a\u2066b", "soft hyphen": "a\u00adb", "filler": "a\u3164b", "half filler": "a\uffa0b",
    "blank braille": "a\u2800b", "grapheme joiner": "a\u034fb", "selector": "a\ufe0f", "selector 17": "王\U000e0100",
    "tag": "a\U000e0041", "space before": " ada", "space behind": "ada ", "two spaces": "ada  b", "dots": "a..b",
    "option": "-a", "markup": "<img src=x onerror=alert(1)>", "entity": "&lt;", "quote": '"',
    "backtick": "`id`", "glob": "a*", "bracket first": "[a]",
    "format": "{student_id}", "percent": "%s", "dollar": "$HOME", "comma": "a,b", "comma last": "a,",
    "semicolon": "a;b", "pipe": "a|b",
    "formula": "=1+1", "plus": "+1", "at": "@SUM(1)", "wide formula": "＝1＋1", "wide at": "＠SUM(1)",
    "wide letters": "ａｄａ", "mathematical letters": "\U0001d41a\U0001d41d\U0001d41a", "circled": "ⓐⓓⓐ",
    "small capitals raised": "ᵃᵈᵃ", "mathematical digits": "a\U0001d7ce", "Roman number": "Ⅳ", "emoji": "a👩",
    "accent first": "\u0301a", "accent on a digit": "1\u0323", "not composed": "Zoe\u0308", "Kelvin": "\u212aarl",
    "private": "a\ue000", "unassigned": "a\u0378", "noncharacter": "a\ufffe", "half a pair": "a\ud800",
    "byte": "a\udce9", "accents": "a" + "\u0325" * (MAX_ACCENTS + 1), "long": "n" * (MAX_NAME + 1),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
def test_refused(name):
    """Each with a sentence that itself can be printed, but for the letter that it is about."""
    problem = problem_with(name)
    assert problem
    assert all(character.isprintable() for character in problem)
    problem.encode("utf-8")


def test_extremes_that_are_allowed():
    """As long, and with as many accents, as is allowed."""
    assert problem_with("n" * MAX_NAME) is None
    assert problem_with("x" + "\u0325" * MAX_ACCENTS) is None


def test_no_allowed_name_holds_what_pages_paths_or_tables_read():
    """Each character but those of Han and Hangul: what is allowed is printable, and no ASCII but these."""
    parts = ((0, 0x3400), (0xA000, 0xAC00), (0xD7B0, 0xE100), (0xF900, 0x20000), (0xE0000, 0xE0200))
    characters = (chr(c) for part in parts for c in range(*part))
    allowed = {c for c in characters if problem_with(f"a{c}b") is None}
    assert "".join(sorted(c for c in allowed if c < "\x7f" and not c.isalnum())) == " '()-.@[]_"
    kinds = {unicodedata.category(c) for c in allowed if c > "\x7f"}
    assert kinds <= {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Mn", "Mc", "Po", "Pf"}
    assert {c for c in allowed if c > "\x7f" and unicodedata.category(c) in ("Po", "Pf")} == set("·・׳\u2019")
    assert all(c.isprintable() for c in allowed)
    assert problem_with("a, b") is None and problem_with("a,b") == "holds ',' (U+002C) without a space behind it"


def test_two_folders_are_never_shown_by_the_same_text():
    """The bytes, what they are written as, what that is written as, and names with all of these."""
    rng = random.Random(13)
    pieces = [
        "caf",
        "\udce9",
        "\\",
        "\\udce9",
        "udce9",
        "\n",
        "\\n",
        "n",
        " ",
        "é",
        "\u200b",
        "\\u200b",
        "x5c",
        "\\x5c",
    ]
    names = {"".join(rng.choices(pieces, k=rng.randint(1, 5))) for _ in range(20_000)}
    assert len({shown_name(name) for name in names}) == len(names)
    for name in names:
        shown_name(name).encode("utf-8")


ALIKE = (
    ("Ada", "\u0410da"), ("paypal", "раураl"), ("Hoy", "Ноу"), ("Beta", "Вета"), ("Kama", "Karna"), ("Li", "LI"),
    ("x0", "xO"), ("x1", "xl"), ("José", "Jose"), ("Øy", "Oy"), ("Łu", "Lu"), ("ada", "ada."), ("ab", "a b"),
    ("Nu", "Νu"), ("oo", "օօ"), ("口", "ロ"), ("力", "カ"), ("clara", "dara"), ("wu", "vvu"), ("ﬁn", "fin"),
    ("1", "١"), ("o", "ه"), ("Bob", "Вob"),
)  # fmt: skip


@pytest.mark.parametrize("one, other", ALIKE)
def test_names_that_look_alike_are_told_apart(one, other):
    """Both are allowed, and at least one of them says by which character it differs; the class around them does not."""
    assert problem_with(one) is None and problem_with(other) is None
    said = notes([one, "Grace", other])
    assert set(said) <= {one, other} and said.get(one) != said.get(other)
    character = next(c for name in said for c in name if f"U+{ord(c):04X}" in said[name])
    assert unicodedata.name(character).lower() in "; ".join(said.values())


def test_names_that_differ_in_their_order_alone():
    """Notes of names that look alike are never the same."""
    names = ["B\u0430ab", "Ba\u0430b", "Baab", "b\u0430ab", "B aab", "Ba ab", "B-aab", "Ba-ab"]
    said = notes(names)
    assert len({likeness(name) for name in names}) == 1
    assert len({said.get(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["\u0410da", "Adа", "ⵔmar", "Ꭺda", "ꓮda"])
def test_scripts_that_are_mixed_are_said(name):
    """Also of a name that nobody else's looks like: a reader does not know what else to look for."""
    assert "U+" in notes([name])[name]
