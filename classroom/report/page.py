"""What a class got wrong in a lesson, on one page: the teacher knows by lunch what to explain again.

Reads what grading wrote to `grading/results/<lesson>/`, one JSON file a student, and makes one HTML page that needs
nothing else (no network, no JavaScript) and one CSV for the spreadsheet. "Not graded" is never counted as a 0.

    python -m classroom report L03                  grading/reports/L03_three_measures.html and .csv
    python -m classroom report L03 --anonymous      with pseudonyms; no student's name is in either file
"""

from __future__ import annotations

import argparse
import csv
import functools
import io
import json
import math
import re
import statistics
import sys
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classroom.common import ROOT, CourseError, find_lesson, write_whole

MOST_MISTAKES = 10  # under "What to explain again"
MOST_TEXTS = 5  # of one exercise's outputs that nothing matched, and of its observations
MOST_BARS = 30
LONGEST = 300  # characters of a learner's output
STATES = {  # how an answer stands: its word, and its sign beside the colour
    "solved": ("solved in full", "✓"),
    "partly": ("solved in part", "◐"),
    "none": ("tried, no points", "✗"),
    "untried": ("not attempted", "○"),
}
TEXT, WORDS, NUMBER, POINTS = (str,), (str, type(None)), (int, float), (int, float, type(None))
RECORD = {
    "student": TEXT, "status": TEXT, "cause": WORDS, "sandbox": (bool, type(None)), "course_version": WORDS,
    "graded_at": WORDS, "points": POINTS, "max_points": POINTS, "waiting": POINTS, "exercises": (list,),
}  # fmt: skip
EXERCISE = {
    "name": TEXT, "points": POINTS, "max_points": NUMBER, "hand_graded": (bool,), "unsolved": (bool,),
    "problem": WORDS, "mend_first": (list,), "layers": (list,),
}  # fmt: skip
LAYER = {"layer": TEXT, "misconception": WORDS, "kind": WORDS, "hint": WORDS, "observation": WORDS, "unmatched": WORDS}

QUOTING = ("cause", "problem", "observation", "unmatched")  # texts that may quote a submission, so also a name
PARTS = ("exercises", "layers")

Record = dict[str, Any]


# --------------------------------------------------------------------------------------------------------- reading


def read_results(folder: Path, problems: list[str] | None = None) -> list[Record]:
    """Read every record in `folder`; a file that holds none is named in `problems`, and in a warning without it.

    Files that begin with a dot are still being written, and are left alone.

    Examples
    --------
    >>> read_results(Path("/no/such/folder"))
    []
    """
    found, broken = [], []
    for path in sorted(Path(folder).glob("*.json")):
        if path.name.startswith("."):
            continue
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            flaw = _flaw(record)
        except (OSError, ValueError, RecursionError) as error:
            flaw = f"{type(error).__name__}: {error}"
        if flaw:
            broken.append(f"{path.name}: {_short(flaw)}")
        else:
            found.append(record)
    if problems is not None:
        problems += broken
    elif broken:
        warnings.warn(f"not read: {'; '.join(broken)}", stacklevel=2)
    return found


def _flaw(record: Any) -> str | None:
    """Say what keeps `record` from being a result, or return None."""
    if not isinstance(record, dict) or record.get("schema") != 1:
        return "not a result of schema 1"
    if flaw := _wrong_field(record, RECORD):
        return flaw
    if record["status"] not in ("graded", "partly graded", "not graded"):
        return f"unknown status {record['status']!r}"
    if record["status"] == "graded" and record["points"] is None:
        return "graded, but without points"
    for exercise in record["exercises"]:
        if flaw := _wrong_field(exercise, EXERCISE):
            return f"an exercise: {flaw}"
        flaws = [_wrong_field(layer, LAYER) for layer in exercise["layers"]]
        if any(flaws) or not all(isinstance(name, str) for name in exercise["mend_first"]):
            return f"{exercise['name']}: {next(filter(None, flaws), 'mend_first holds something else than names')}"
    return None


def _wrong_field(found: Any, fields: Mapping[str, tuple[type, ...]]) -> str | None:
    if not isinstance(found, dict):
        return f"{found!r} is no record"
    for key, types in fields.items():
        if key not in found or not isinstance(found[key], types):
            return f"{key!r} is missing or of a wrong type"
        if isinstance(found[key], float) and not math.isfinite(found[key]):
            return f"{key!r} is {found[key]}"
    return None


# -------------------------------------------------------------------------------------------------------- counting


@dataclass
class Tally:
    """What the class did in one exercise; counters count students, each once."""

    name: str
    max_points: float
    hand_graded: bool
    states: Counter = field(default_factory=Counter)
    mistakes: Counter = field(default_factory=Counter)  # by (misconception, kind)
    hints: dict[str, str] = field(default_factory=dict)
    observations: Counter = field(default_factory=Counter)  # by (layer, sentence)
    unmatched: Counter = field(default_factory=Counter)  # by (layer, output)
    mend_first: Counter = field(default_factory=Counter)
    problems: Counter = field(default_factory=Counter)

    @property
    def checked(self) -> int:
        """Students whose answer has points, or is known to be missing: what every share is a share of."""
        return sum(self.states[state] for state in STATES)

    def add(self, exercise: Record) -> None:
        """Count one student's answer."""
        self.states[state_of(exercise)] += 1
        if exercise["problem"] is not None:
            self.problems[exercise["problem"]] += 1
        self.mend_first.update(set(exercise["mend_first"]))
        if exercise["mend_first"]:  # the trouble lies in another exercise, and is counted there
            return
        layers = exercise["layers"]
        self.mistakes.update({(x["misconception"], x["kind"] or "mistake") for x in layers if x["misconception"]})
        self.observations.update({(x["layer"], x["observation"]) for x in layers if x["observation"]})
        self.unmatched.update({(x["layer"], _short(x["unmatched"])) for x in layers if x["unmatched"]})
        for layer in layers:
            if layer["misconception"]:
                self.hints.setdefault(layer["misconception"], layer["hint"] or layer["misconception"].replace("_", " "))

    def mistake_rows(self) -> list[dict[str, Any]]:
        """The misconceptions, the most frequent first."""
        return [
            {"exercise": self.name, "kind": kind, "hint": self.hints[name], "count": count, "of": self.checked}
            for (name, kind), count in _by_count(self.mistakes)
        ]


def state_of(exercise: Record) -> str:
    """How a student's answer stands: a word of `STATES`, "waiting" (for a person) or "unchecked".

    >>> state_of({"points": 1, "max_points": 3, "hand_graded": False, "unsolved": False, "problem": None})
    'partly'
    """
    points = exercise["points"]
    if exercise["problem"] is not None:
        return "unchecked"
    if exercise["hand_graded"] and points is None:
        return "waiting"
    if exercise["unsolved"]:
        return "untried"
    if points is None:
        return "unchecked"
    return "solved" if points >= exercise["max_points"] else "partly" if points > 0 else "none"


def tallies(results: Iterable[Record]) -> list[Tally]:
    """Count by exercise, in the lesson's order."""
    found: dict[str, Tally] = {}
    for record in results:
        for exercise in record["exercises"]:
            name = exercise["name"]
            if name not in found:
                found[name] = Tally(name, exercise["max_points"], exercise["hand_graded"])
            found[name].add(exercise)
    return list(found.values())


def _stuck(results: Iterable[Record]) -> list[dict[str, Any]]:
    """Students who tried two exercises or more without earning a point there, those with most of them first."""
    rows = []
    for record in results:
        names = [e["name"] for e in record["exercises"] if state_of(e) == "none" and not e["mend_first"]]
        if len(names) > 1:
            rows.append({"student": record["student"], "exercises": names})
    return sorted(rows, key=lambda row: -len(row["exercises"]))


def _text_rows(counted_by: Iterable[Tally], kind: str) -> list[dict[str, Any]]:
    """The commonest observations, or unmatched outputs, by exercise; `more` counts the texts left out."""
    found = [(tally.name, _by_count(getattr(tally, kind))) for tally in counted_by]
    return [
        {
            "exercise": name,
            "more": max(0, len(counted) - MOST_TEXTS),
            "rows": [{"layer": x, "text": text, "count": n} for (x, text), n in counted[:MOST_TEXTS]],
        }
        for name, counted in found
        if counted
    ]


def histogram(points: Sequence[float], most: float) -> list[dict[str, Any]]:
    """Count students by points; a bar is one point wide, or more where `most` is large.

    >>> [(bar["label"], bar["count"]) for bar in histogram([0, 2, 2.5], 2.5)]
    [('0', 1), ('1', 0), ('2', 2)]
    """
    wide = max(1, -(-(int(most) + 1) // MOST_BARS))
    bars = int(most) // wide + 1
    counts = Counter(min(max(int(p // wide), 0), bars - 1) for p in points)
    labels = [str(k) if wide == 1 else f"{k * wide} to {k * wide + wide - 1}" for k in range(bars)]
    return [{"label": label, "count": counts[k]} for k, label in enumerate(labels)]


def _drawing(bars: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the histogram's bars and lines stand, in an SVG of 760 by 270."""
    most = max([bar["count"] for bar in bars], default=0) or 1
    step = next(s for e in range(9) for s in (10**e, 2 * 10**e, 5 * 10**e) if most / s <= 5)
    top, room, wide = 30, 190, 690 / len(bars)
    scale = room / most
    drawn = [
        {**bar, "x": 55 + k * wide + 2, "y": top + room - bar["count"] * scale, "height": bar["count"] * scale}
        for k, bar in enumerate(bars)
    ]
    lines = [{"label": f"{n:,}", "y": top + room - n * scale} for n in range(0, most + 1, step)]
    return {"bars": drawn, "lines": lines, "wide": wide - 4, "every": 1 if wide > 20 else 2, "floor": top + room}


def _by_count(counter: Counter) -> list[tuple[Any, int]]:
    return sorted(counter.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _by_name(record: Record) -> tuple[str, str]:
    """The key of an order in which "Student 9" comes before "Student 10"."""
    name = record["student"]
    return re.sub(r"\d+", lambda digits: digits.group().zfill(12), name.casefold()), name


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."


# ------------------------------------------------------------------------------------------------------- pseudonyms


def _without_names(results: Sequence[Record], pseudonyms: Mapping[str, str]) -> list[Record]:
    """The records with a pseudonym for every student, also inside the sentences that quote a submission."""
    if missing := sum(record["student"] not in pseudonyms for record in results):
        raise ValueError(f"anonymous has no pseudonym for {missing} of {len(results)} students")
    hide = _hider(results, pseudonyms)
    return [{**_hidden(record, hide), "student": pseudonyms[record["student"]]} for record in results]


def _hidden(record: Record, hide: Callable[[str], str]) -> Record:
    texts = {key: hide(record[key]) for key in QUOTING if record.get(key)}
    parts = {key: [_hidden(part, hide) for part in record[key]] for key in PARTS if key in record}
    return {**record, **texts, **parts}


def _quoted(record: Record) -> Iterable[str]:
    yield from (record[key] for key in QUOTING if record.get(key))
    for part in (part for key in PARTS for part in record.get(key, ())):
        yield from _quoted(part)


def _hider(results: Sequence[Record], pseudonyms: Mapping[str, str]) -> Callable[[str], str]:
    """A function that replaces names in a text, however they are written there.

    A name of three letters or fewer is replaced only where it stands alone, so that "an" does not spoil "cannot".
    """
    written = {}
    for name, pseudonym in pseudonyms.items():
        for form in (name, name.casefold(), repr(name)[1:-1], json.dumps(name)[1:-1], " ".join(name.split())):
            written |= {unicodedata.normalize(normal, form): pseudonym for normal in ("NFC", "NFD")}
    folded = {form.casefold(): pseudonym for form, pseudonym in written.items()}
    texts = "\n".join(text for record in results for text in _quoted(record)).casefold()
    forms = sorted((form for form in written if form and form.casefold() in texts), key=len, reverse=True)
    alone = r"(?<![^\W_]){}(?![^\W_])"
    escaped = [alone.format(re.escape(form)) if len(form) <= 3 else re.escape(form) for form in forms]
    pattern = re.compile("|".join(escaped) or r"(?!)", re.IGNORECASE)
    return functools.cache(lambda text: pattern.sub(lambda m: folded.get(m.group().casefold(), "(a student)"), text))


# ---------------------------------------------------------------------------------------------------------- writing


def make_report(
    results: Sequence[Record],
    *,
    lesson: str,
    title: str | None = None,
    anonymous: Mapping[str, str] | None = None,
    made_at: datetime | str,
    problems: Sequence[str] = (),
) -> tuple[str, str]:
    """Return the page and the table of one lesson and class.

    Parameters
    ----------
    results : sequence of dict
        Records as `read_results` gives them.
    lesson : str
    title : str, optional
        The heading; made from the lesson's name where absent.
    anonymous : mapping of str to str, optional
        Pseudonyms by student; then no student's name is in what is returned.
    made_at : datetime or str
    problems : sequence of str
        Result files that could not be read. With `anonymous` only their number is said: they are named after students.

    Returns
    -------
    html, csv : str

    Raises
    ------
    ValueError
        If `anonymous` lacks a student.

    Examples
    --------
    >>> html, csv = make_report([], lesson="L03_three_measures", made_at="2026-11-24T18:00:00+00:00")
    >>> csv.strip()
    'student,status,points,max_points,waiting,cause,mistakes'
    """
    results = _without_names(results, anonymous) if anonymous is not None else results
    nothing = {"points": None, "waiting": None, "exercises": []}  # whatever "not graded" holds, it counts for nothing
    results = sorted(({**r, **nothing} if r["status"] == "not graded" else r for r in results), key=_by_name)
    counted = tallies(results)
    page = _environment().get_template("report.html.j2").render(
        title=title or f"{lesson.partition('_')[0]}: {lesson.partition('_')[2].replace('_', ' ')}".rstrip(": "),
        lesson=lesson, made_at=_when(made_at), anonymous=anonymous is not None,
        problems=[] if anonymous is not None else list(problems), broken=len(problems),
        results=results, figures=_figures(results), states=STATES, tallies=counted,
        mistakes=sorted(
            ({**row, "index": k} for k, t in enumerate(counted, start=1) for row in t.mistake_rows()),
            key=lambda row: -row["count"],
        ),
        most=MOST_MISTAKES, stuck=_stuck(results),
        unmatched=_text_rows(counted, "unmatched"), observations=_text_rows(counted, "observations"),
    )  # fmt: skip
    return _clean(page), _clean(_table(results, [tally.name for tally in counted]))


def _figures(results: list[Record]) -> dict[str, Any]:
    """The key figures; points are those of students graded in full, so that a missing part is not taken for a 0."""
    by_status = Counter(record["status"] for record in results)
    points = [record["points"] for record in results if record["status"] == "graded"]
    most = max([record["max_points"] or 0 for record in results], default=0)
    bars = histogram(points, most)
    times = sorted(record["graded_at"] for record in results if record["graded_at"]) or ["at an unknown time"]
    return {
        "class": len(results),
        **{status: by_status[status] for status in ("graded", "partly graded", "not graded")},
        "waiting": sum((record["waiting"] or 0) > 0 for record in results),
        "waiting_points": sum(record["waiting"] or 0 for record in results),
        "median": statistics.median(points) if points else None,
        "max": most,
        "bars": bars,
        "drawing": _drawing(bars),
        "unsafe": sum(record["sandbox"] is False for record in results),
        "versions": sorted({record["course_version"] for record in results if record["course_version"]}),
        "from": _when(times[0]),
        "to": _when(times[-1]),
    }


def _table(results: Iterable[Record], exercises: list[str]) -> str:
    """The CSV: a row a student. Points that are not there are an empty cell."""
    out = io.StringIO()
    rows = csv.writer(out)
    head = ["student", "status", "points", "max_points", "waiting", "cause", *exercises, "mistakes"]
    rows.writerow(map(_cell, head))
    for record in results:
        own = {exercise["name"]: exercise for exercise in record["exercises"]}
        points = [own[name]["points"] if name in own else None for name in exercises]
        mistakes = [
            f"{name}: {layer['misconception']}"
            for name, exercise in own.items()
            for layer in exercise["layers"]
            if layer["misconception"] and not exercise["mend_first"]
        ]
        known = [record[key] for key in ("student", "status", "points", "max_points", "waiting", "cause")]
        rows.writerow(map(_cell, [*known, *points, "; ".join(dict.fromkeys(mistakes))]))
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula.

    >>> _cell("=1+1"), _cell("Ada"), _cell(2.0), _cell(None)
    ("'=1+1", 'Ada', '2', '')
    """
    if not isinstance(value, str):
        return "" if value is None else f"{round(value, 2):.10g}"
    return f"'{value}" if value.startswith("\t") or value.lstrip().startswith(("=", "+", "-", "@")) else value


def _number(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 2):,.10g}"


def _share(count: int, of: int) -> str:
    """A part of the class in whole percent.

    >>> _share(1, 3), _share(1, 1000), _share(999, 1000), _share(0, 0)
    ('33 %', '<1 %', '>99 %', '–')
    """
    if not of:
        return "–"
    percent = round(100 * count / of)
    return "<1 %" if count and not percent else ">99 %" if count < of and percent == 100 else f"{percent} %"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _when(moment: datetime | str) -> str:
    try:
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError:
        return str(moment)
    return f"{moment:%Y-%m-%d %H:%M %Z}".strip()


def _clean(text: str) -> str:
    """The text without what UTF-8 or HTML cannot hold: halves of surrogate pairs, control characters."""
    return re.sub("[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]", "\ufffd", text)


@functools.cache
def _environment():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(share=_share, number=_number, count=_count)
    return made


def write_report(folder: Path, results: Sequence[Record], *, lesson: str, **options: Any) -> tuple[Path, Path]:
    """Write the page and the table to `folder`, whole or not at all; the options are those of `make_report`."""
    html, table = make_report(results, lesson=lesson, **options)
    page, sheet = Path(folder) / f"{lesson}.html", Path(folder) / f"{lesson}.csv"
    write_whole(page, html.encode())
    # Without a mark at its beginning spreadsheets do not take it for UTF-8.
    write_whole(sheet, table.encode("utf-8-sig"))
    return page, sheet


def _pseudonyms(path: Path, results: Iterable[Record]) -> dict[str, str]:
    from classroom.group.pseudonyms import Pseudonyms

    known = Pseudonyms(path)
    return {record["student"]: known.of(record["student"]) for record in results}


def main(argv: list[str] | None = None) -> int:
    """Run `python -m classroom report`; return the exit code."""
    parser = argparse.ArgumentParser(prog="course.py report", description=__doc__.splitlines()[0])
    parser.add_argument("lesson", help="a lesson that has been graded, as L03 or L03_three_measures")
    parser.add_argument("--course", type=Path, default=ROOT, help="the course folder (default: this one)")
    parser.add_argument("--anonymous", action="store_true", help="write pseudonyms instead of names")
    args = parser.parse_args(argv)
    grading, problems = args.course / "grading", []
    try:
        graded = sorted(path.name for path in (grading / "results").glob("L*") if path.is_dir())
        lesson = find_lesson(args.lesson, graded)
        results = read_results(grading / "results" / lesson, problems)
        options = {"made_at": datetime.now(UTC).astimezone(), "problems": problems}
        if args.anonymous:
            options["anonymous"] = _pseudonyms(grading / "pseudonyms.json", results)
        page, table = write_report(grading / "reports", results, lesson=lesson, **options)
    except (CourseError, OSError) as error:
        print(f"No report from {grading / 'results'}: {error}", file=sys.stderr)
        return 1
    print(f"{_count(len(results), 'student')}: {page}\n{' ' * len(_count(len(results), 'student'))}  {table}")
    for problem in problems if not args.anonymous else ():
        print(f"not read: {problem}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
