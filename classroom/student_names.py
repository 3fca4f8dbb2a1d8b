"""What a student may be called, and how two names that look alike are told apart.

A name becomes a folder, a row of the gradebook, a cell of a spreadsheet and a line of a page. So only names are taken
that are harmless in all of them: letters of any script with their marks, digits, spaces and `MARKS`, in Unicode's
composed form. Anything else is refused by name, and nothing is repaired silently: two folders never become one student.

Only the standard library is imported here: nbgrader's `zip_collect` loads it by way of its settings.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256

MAX_NAME = 128
"""Characters of a name: as many as the gradebook's column holds."""

MAX_ACCENTS = 4
"""Combining marks on one letter: no script that names are written in needs more."""

MARKS = frozenset("-._'\u2019@()[],\u00b7\u30fb\u05f3")
"""What may stand within a name beside letters, digits and spaces; the last three are Catalan, Japanese and Hebrew.

A comma is one as in "Lovelace, Ada": a space follows it.
"""

MAX_TOLD = 2  # characters that a note names
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u034f")
_STYLED = re.compile(r"<(font|wide|narrow|circle|square|super|sub|initial|medial|final|isolated|vertical)>")
_ORDINALS = frozenset("\u00aa\u00ba")  # as in "Mª José": letters, though written as small raised ones
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def problem_with(name: str) -> str | None:
    """Say what keeps a text from being a student's name, as the end of a sentence, or None where nothing does.

    Examples
    --------
    >>> problem_with("Zoë O'Neil-王小明 2"), problem_with("Ωμέγα"), problem_with("")
    (None, None, 'is empty')
    >>> problem_with("Lovelace, Ada (Countess)"), problem_with("x,2026,9.0")
    (None, "holds ',' (U+002C) without a space behind it")
    >>> problem_with("<img src=x>")
    "holds '<' (U+003C), which no student's name may hold"
    >>> problem_with("-ada"), problem_with("ada ")
    ("begins with '-', where a letter or a digit belongs", 'ends with a space, or holds two in a row')
    """
    if not name:
        return "is empty"
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "is not valid text"
    for character in name:
        if not _is_allowed(character):
            return f"holds {character!r} (U+{ord(character):04X}), which no student's name may hold"
    if not _is_letter(name[0]) and not _is_digit(name[0]):
        return f"begins with {name[0]!r}, where a letter or a digit belongs"
    if name.endswith(" ") or "  " in name:
        return "ends with a space, or holds two in a row"
    if re.search(r",(?! )", name):
        return "holds ',' (U+002C) without a space behind it"
    if ".." in name:
        return "holds two dots in a row"
    if unicodedata.normalize("NFC", name) != name:
        return f"is not in Unicode's composed form: rename it to {unicodedata.normalize('NFC', name)!r}"
    if _has_odd_accents(name):
        return f"holds an accent without a letter, or more than {MAX_ACCENTS} on one"
    if len(name) > MAX_NAME:
        return f"has more than {MAX_NAME} characters, which the gradebook does not hold"
    return None


def shown_name(folder: str) -> str:
    """Return the name of a student's folder as text that can be written, also where it is none.

    A name that is allowed stays as it is. In any other, what is no plain character is escaped, backslashes as well, so
    that two folders are never shown by the same text.

    >>> print(shown_name("Zoë"), shown_name("caf\\udce9"), shown_name("caf\\\\udce9"))
    Zoë caf\\udce9 caf\\\\udce9
    """
    if problem_with(folder) is None:
        return folder
    plain = (c if c != "\\" and (" " <= c <= "~" or _is_allowed(c)) else _escaped(c) for c in folder)
    return "".join(plain)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _is_letter(character: str) -> bool:
    if character in _ORDINALS:
        return True
    if unicodedata.category(character)[0] != "L" or character in _BLANK_LETTERS:
        return False
    return not _STYLED.match(unicodedata.decomposition(character))


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd" and not _STYLED.match(unicodedata.decomposition(character))


def _is_accent(character: str) -> bool:
    if unicodedata.category(character) not in ("Mn", "Mc") or character in _BLANK_LETTERS:
        return False
    return not any(ord(character) in found for found in _SELECTORS)


def _is_allowed(character: str) -> bool:
    if character == " " or character in MARKS:
        return True
    return _is_letter(character) or _is_digit(character) or _is_accent(character)


def _has_odd_accents(name: str) -> bool:
    count, on_letter = 0, False
    for character in name:
        if _is_accent(character):
            count += 1
            if not on_letter or count > MAX_ACCENTS:
                return True
        else:
            count, on_letter = 0, _is_letter(character)
    return False


# ------------------------------------------------------------------------------------------------ names that look alike

#: Letters of the scripts of living languages that look like a Latin one, or like one of another script. Where capital
#: and small letter look like two different ones, both stand here.
_LOOKS_LIKE: dict[str, str] = {}
for _pairs in (
    "АaВbСcЕeНhІlЇlЈlКkМmОoРpЅsТtУyХxҮyԌgԚqԜwӀlӏlҺhаaвbгrеeіlїlјlкkмmнhоoпnрpсcтtуyхxѕsһhԁdԛqԝwүyьbгr",  # Cyrillic
    "ΑaΒbΕeΖzΗhΙlΚkΜmΝnΟoΡpΤtΥyΧxαaβbγyεeηnιlκkνvοoρpσoτtυuχxωwςcϲcϳl",  # Greek
    "ՕoՍuՏsԼlՈnօoոnսuհhցgզqյlլlռnտwպwքfղn",  # Armenian
    "סoוlןlחnטu",  # Hebrew
    "اlهoہoەoﺍl١l٥o",  # Arabic
    "ဝoဠoഠoଠoอo๐o",  # circles of Myanmar, Malayalam, Odia, Thai
    "ᄋoᅵlᅳ一",  # Hangul
    "ロ口エ工カ力タ夕ニ二ト卜ハ八チ千ー一へヘりリ〆メ",  # Kana and Han
    "I1l1i1j1|1ı1ɩ1ɪ1ǀ1ǃ10oƒfɑaɡgßbþpƿp",  # Latin and digits
):
    _LOOKS_LIKE |= dict(zip(_pairs[::2], _pairs[1::2], strict=True))
_BASE = re.compile(r"LATIN (?:SMALL|CAPITAL|LETTER SMALL CAPITAL)(?: LETTER)?(?: [A-Z]+)*? ([A-Z])(?: WITH .+)?")
_PAIRS = (("rn", "m"), ("vv", "w"), ("c1", "d"))
#: Scripts that may be mixed within a word, each with those beside which it is at home.
_TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "IDEOGRAPHIC"}, {"HANGUL", "CJK"})
#: Scripts of living languages; a name in any other says which, since no table here knows what its letters look like.
_COMMON = frozenset(
    "LATIN GREEK CYRILLIC ARMENIAN HEBREW ARABIC THAANA DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA"
    " MALAYALAM SINHALA THAI LAO TIBETAN MYANMAR GEORGIAN HANGUL ETHIOPIC KHMER CJK HIRAGANA KATAKANA BOPOMOFO"
    " MONGOLIAN KATAKANA-HIRAGANA IDEOGRAPHIC".split()
)
_OF_NO_SCRIPT = frozenset({"FEMININE", "MASCULINE", "MODIFIER"})  # letters such as the first of "Mª", or an okina


def likeness(name: str) -> str:
    """Return a key that names have in common which a reader may take for each other.

    It takes letters of other scripts for the Latin ones that they look like, and leaves out accents, case, spaces and
    marks. It joins names that can be told apart, too: what it costs them is a note.

    >>> likeness("Ada") == likeness("\u0410da") == likeness("\u00c1 da"), likeness("Ada") == likeness("Bob")
    (True, False)
    """
    found = []
    for character in unicodedata.normalize("NFKD", name):
        if 10 <= unicodedata.combining(character) <= 36 or unicodedata.combining(character) >= 200:
            continue
        if character != " " and character not in MARKS:
            found.append(_looks_like(character))
    key = "".join(found)
    for pair, single in _PAIRS:
        key = key.replace(pair, single)
    return key


def _looks_like(character: str) -> str:
    known = _LOOKS_LIKE.get(character)
    if known is None and (digit := unicodedata.decimal(character, None)) is not None:
        known = str(int(digit))
    if known is None and character > "\x7f" and (latin := _BASE.fullmatch(unicodedata.name(character, ""))):
        known = latin.group(1).lower()
    if known is None:
        known = _LOOKS_LIKE.get(character.casefold(), character.casefold())
    return _LOOKS_LIKE.get(known, known)  # a Latin look-alike may look like a digit itself


def notes(names: Iterable[str]) -> dict[str, str]:
    """Return what to show beside names that a reader may take for another: which of their characters are which.

    A note is shown where two of the names look alike, and beside a name of its own where it mixes scripts in one word
    or is written in a script of no living language. No two notes of names that look alike are the same.

    Examples
    --------
    >>> notes(["Ada", "\u0410da", "Bob"])
    {'Ada': 'character 1 is U+0041, latin capital letter a', 'Аda': 'character 1 is U+0410, cyrillic capital letter a'}
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        alike[likeness(name)].append(name)
    found: dict[str, str] = {}
    for group in alike.values():
        said = {name: _note(name, [other for other in group if other != name]) for name in group}
        for name, note in said.items():
            if len(group) > 1 and list(said.values()).count(note) > 1:
                note = "; ".join(filter(None, [note, f"#{sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"]))
            if note:
                found[name] = note
    return found


def _note(name: str, others: list[str]) -> str:
    odd = set(_mixed_in(name))
    for other in others:
        longest = max(len(name), len(other))
        mine, theirs = name.ljust(longest, "\0"), other.ljust(longest, "\0")
        odd |= {k for k in range(len(name)) if mine[k] != theirs[k]}
    told = [f"character {k + 1} is U+{ord(name[k]):04X}, {_named(name[k])}" for k in sorted(odd)[:MAX_TOLD]]
    return "; ".join(told) + (f" and {len(odd) - MAX_TOLD} more characters" if len(odd) > MAX_TOLD else "")


def _named(character: str) -> str:
    return unicodedata.name(character, "without a name").lower()


def _mixed_in(name: str) -> list[int]:
    """Return the places of letters that are in another script than most of their word, or in a rare one."""
    found = []
    for word in re.finditer(r"[^\W\d_]+", name):
        # The first word of a letter's name in Unicode is its script.
        scripts = [unicodedata.name(character, "?").split()[0] for character in word.group()]
        usual = max(sorted(set(scripts) & _COMMON), key=scripts.count, default="")
        home = {usual, *_OF_NO_SCRIPT}.union(*(together for together in _TOGETHER if usual in together))
        found += [word.start() + k for k, script in enumerate(scripts) if script not in home]
    return found
