"""Rules for how a lesson reads: each function takes a lesson's cells and returns what is wrong, a sentence each."""

import re
from decimal import Decimal

from classroom.author.assembling import printed_text
from classroom.author.source import CHECKED

_UNIT = r"(\s?\\?%|\sper\s?cent\b)"
_PROSE_NUMBER = re.compile(rf"(?<![\w.])(?:(\d*\.\d+){_UNIT}?|(\d+){_UNIT})(?!\w|\.\d)")
_PRINTED_NUMBER = re.compile(rf"(?<![\w.])(\d+\.?\d*|\.\d+){_UNIT}?")
# Numbers that are names: exercises, papers.
_NAMES = re.compile(
    r"\b(?:exercises?|sections?)\s+\d+\.\d+(?:(?:,|,? and|,? to|,? or)\s+\d+\.\d+)*|arxiv[:\s]\s?\d+\.\d+",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_VAGUE = {"here", "this", "link", "click here", "this link", "this page", "read more", "more"}


def markdown(nb) -> list[tuple[str, str]]:
    """Id and text of every markdown cell, without fenced code."""
    return [(c["id"], _FENCE.sub("", c.source)) for c in nb.cells if c.cell_type == "markdown"]


def opening_problems(nb, lesson: str) -> list[str]:
    """The first cell: title, what you will do, can do, need; time; and points that add up."""
    first = nb.cells[0].source if nb.cells and nb.cells[0].cell_type == "markdown" else ""
    kind = {"L": "Lesson", "E": "Elective"}[lesson[0]]
    found = []
    if not re.match(rf"# {kind} {int(lesson[1:3])}\. [A-Z][a-z]+ \S", first):
        found.append(f"the first line reads '# {kind} {int(lesson[1:3])}. Verb ...'")
    for words in ("**You will** ", "**After this lesson you can**\n", "**You need** "):
        if words not in first:
            found.append(f"the opening has no {words.strip()}")
    if not 3 <= len(_bullets(first)) <= 5:
        found.append(f"the opening lists 3 to 5 things that one can do afterwards, not {len(_bullets(first))}")
    if not re.search(r"\*\*Time:\*\* \d+ minutes\b", first):
        found.append("the opening says '**Time:** 45 minutes'")
    total = sum(c.metadata.get("nbgrader", {}).get("points", 0) for c in nb.cells)
    stated = re.search(r"\*\*Points:\*\* (\d+)\b", first)
    if not stated or int(stated[1]) != total:
        found.append(f"the opening says '**Points:** {total}', the sum of the lesson's graded cells")
    return found


def recap_problems(nb) -> list[str]:
    """The end: a section called Recap that repeats the opening's list in the past tense."""
    text = "\n\n".join(source for _, source in markdown(nb))
    last = re.split(r"^## ", text, flags=re.MULTILINE)[-1]
    if not last.startswith("Recap"):
        return ["the last section (##) is called Recap"]
    if len(_bullets(last)) < len(_bullets(nb.cells[0].source)):
        return ["the recap repeats the opening's list, in the past tense"]
    return [] if nb.cells[-1].cell_type == "markdown" else ["the recap is the end: no code after it"]


def heading_problems(nb) -> list[str]:
    """One H1, at the start, and no level left out on the way down (screen readers navigate by these)."""
    levels = [
        (len(m[1]), m[2]) for _, source in markdown(nb) for m in re.finditer(r"^(#{1,6}) +(.+)$", source, re.MULTILINE)
    ]
    found = []
    if [level for level, _ in levels].count(1) != 1 or levels[0][0] != 1:
        found.append("there is one title (#), and it comes first")
    found += [
        f"'{text}' is a heading of level {level} after one of level {above}"
        for (above, _), (level, text) in zip(levels, levels[1:], strict=False)
        if level > above + 1
    ]
    return found


def link_problems(nb) -> list[str]:
    """Links say where they lead; pictures have an alternative text."""
    found = []
    for cell_id, source in markdown(nb):
        for bang, text, url in re.findall(r"(!?)\[([^\]]*)\]\(([^)\s]+)[^)]*\)", source):
            if bang and not text.strip():
                found.append(f"{cell_id}: the picture {url} has no alternative text")
            elif not bang and (text.strip().lower().strip(".") in _VAGUE | {""} or text.strip() == url):
                found.append(f"{cell_id}: the link text '{text}' does not say where it leads")
        found += [f"{cell_id}: {tag} has no alt" for tag in re.findall(r"<img\b[^>]*>", source) if "alt=" not in tag]
    return found


def checked_text(nb) -> str:
    """What the tagged cells of an executed notebook print."""
    return "\n".join(
        printed_text(output)
        for cell in nb.cells
        if cell.cell_type == "code" and CHECKED in cell.metadata.get("tags", [])
        for output in cell.outputs
    )


def number_problems(nb, printed: str) -> list[str]:
    """Every decimal and percentage in prose is printed by a tagged cell, or has its source, [P: ...], beside it.

    Beside means in the same sentence or table row. `printed` is `checked_text` of the executed lesson. Not looked at:
    fenced code, inline code that is more than a number, link addresses, numbers of exercises and of papers.
    """
    numbers = {(_value(m[1]), bool(m[2])) for m in _PRINTED_NUMBER.finditer(printed)}
    numbers |= {(value, False) for value, _ in numbers}
    found = []
    for cell_id, source in markdown(nb):
        for sentence in _sentences(source):
            if re.search(r"\[P:\s*[^\]\s]", sentence):
                continue
            for m in _PROSE_NUMBER.finditer(_NAMES.sub("", sentence)):
                percent = bool(m[2] or m[4])
                if (_value(m[1] or m[3]), percent) not in numbers:
                    found.append(f"{cell_id}: '{m[0].strip()}' is printed by no tagged cell and has no [P: source]")
    return found


def _value(text: str) -> Decimal:
    return Decimal(text).normalize()


def _sentences(source: str) -> list[str]:
    source = re.sub(r"\]\([^)]*\)", "]", source)
    source = re.sub(r"`([^`]*)`", lambda m: m[1] if re.fullmatch(r"[\d.\s%]+", m[1]) else "`code`", source)
    found = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.)\s)", source):
        sources = iter(re.findall(r"\[P:[^\]]*\]", block))
        hidden = re.sub(r"\[P:[^\]]*\]", "\0", block)
        # A source may follow the full stop: it belongs to the sentence before it.
        for sentence in re.split(r"(?<=[.!?])\s+(?!\0)|(?<=[.!?]\s\0)\s+", hidden):
            pieces = sentence.split("\0")
            found.append(pieces[0] + "".join(next(sources) + piece for piece in pieces[1:]))
    return found


def _bullets(text: str) -> list[str]:
    return re.findall(r"^[-*] +\S.*", text, re.MULTILINE)


def leaked_lines(solution, release, allowed: set[str] = frozenset(), shortest: int = 15) -> list[str]:
    """Lines of answers (longer than `shortest` characters) that can be read anywhere in the release."""
    public = "\n".join(c.source for c in release.cells)
    return [
        f"{cell['id']}: {line}"
        for cell in solution.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
        for line in map(str.strip, _answer(cell.source).splitlines())
        if len(line) > shortest and line in public and line not in allowed
    ]


def _answer(source: str) -> str:
    """The solution regions of a cell; the whole of it where there are none (a hand-graded cell)."""
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.DOTALL)
    return "\n".join(regions) if regions else source
