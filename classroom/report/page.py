"""Make the page on what a class got wrong in a lesson: the teacher knows by lunch what to explain again.

Reads what grading wrote to `grading/results/<lesson>/`, one JSON file a student, and makes one HTML page that needs
nothing else (no network, no JavaScript) and one CSV for the spreadsheet. "Not graded" is never counted as a 0.
"""

from __future__ import annotations

import functools
import re
import statistics
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.common import SOMEBODY, hider, write_whole
from classroom.report.spreadsheet import table
from classroom.student_names import notes
from classroom.submission import record as records
from classroom.submission.record import ExerciseRecord, Record, State, replace

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_MISTAKES = 10  # under "What to explain again"
MAX_TEXTS = 5  # of one exercise's outputs that nothing matched, and of its observations
MAX_BARS = 30
MAX_OUTPUT = 300  # characters of a learner's output
NOT_HANDED_IN = "not handed in"
STANDINGS = {  # how an answer stands: its word, and its sign beside the colour
    "solved": ("solved in full", "✓"),
    "partly": ("solved in part", "◐"),
    "none": ("tried, no points", "✗"),
    "untried": ("not attempted", "○"),
}


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
            found.append(records.read(path))
        except records.RecordError as error:
            broken.append(f"{path.name}: {_short(str(error))}")
    if problems is not None:
        problems += broken
    elif broken:
        warnings.warn(f"not read: {'; '.join(broken)}", stacklevel=2)
    return found


# -------------------------------------------------------------------------------------------------------- counting


@dataclass
class Tally:
    """What the class did in one exercise; counters count students, each once."""

    name: str
    max_points: float
    hand_graded: bool
    standings: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (misconception, kind)
    hints: dict[str, str] = field(default_factory=dict)
    observations: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (layer, sentence)
    unmatched: Counter[tuple[str, str]] = field(default_factory=Counter)  # by (layer, output)
    mend_first: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)

    @property
    def checked(self) -> int:
        """Students whose answer has points, or is known to be missing: what every share is a share of."""
        return sum(self.standings[standing] for standing in STANDINGS)

    def add(self, exercise: ExerciseRecord) -> None:
        """Count one student's answer."""
        self.standings[standing_of(exercise)] += 1
        if exercise.problem is not None:
            self.problems[exercise.problem] += 1
        self.mend_first.update(set(exercise.mend_first))
        if exercise.mend_first:  # the trouble lies in another exercise, and is counted there
            return
        layers = exercise.layers
        self.mistakes.update({(x.misconception, x.kind or "mistake") for x in layers if x.misconception})
        self.observations.update({(x.layer, x.observation) for x in layers if x.observation})
        self.unmatched.update({(x.layer, _short(x.unmatched)) for x in layers if x.unmatched})
        for layer in layers:
            if layer.misconception:
                self.hints.setdefault(layer.misconception, layer.hint or layer.misconception.replace("_", " "))

    def mistake_rows(self) -> list[dict[str, Any]]:
        """The misconceptions, the most frequent first."""
        return [
            {"exercise": self.name, "kind": kind, "hint": self.hints[name], "count": count, "of": self.checked}
            for (name, kind), count in _by_count(self.mistakes)
        ]


def standing_of(exercise: ExerciseRecord) -> str:
    """Return how a student's answer stands: a word of `STANDINGS`, "waiting" (for a person) or "unchecked".

    >>> standing_of(ExerciseRecord(name="dot", grade_id="dot-check", points=1, max_points=3, hand_graded=False,
    ...                            unsolved=False, problem=None))
    'partly'
    """
    if exercise.problem is not None:
        return "unchecked"
    if exercise.hand_graded and exercise.points is None:
        return "waiting"
    if exercise.unsolved:
        return "untried"
    if exercise.points is None:
        return "unchecked"
    return "solved" if exercise.points >= exercise.max_points else "partly" if exercise.points > 0 else "none"


def tallies(results: Iterable[Record]) -> list[Tally]:
    """Count by exercise, in the lesson's order."""
    found: dict[str, Tally] = {}
    for record in results:
        for exercise in record.exercises:
            if exercise.name not in found:
                found[exercise.name] = Tally(exercise.name, exercise.max_points, exercise.hand_graded)
            found[exercise.name].add(exercise)
    return list(found.values())


def _stuck(results: Iterable[Record]) -> list[dict[str, Any]]:
    """Students who tried two exercises or more without earning a point there, those with most of them first."""
    rows = []
    for record in results:
        names = [e.name for e in record.exercises if standing_of(e) == "none" and not e.mend_first]
        if len(names) > 1:
            rows.append((record.student, names))
    return [{"student": student, "exercises": names} for student, names in sorted(rows, key=lambda row: -len(row[1]))]


def _text_rows(counted_by: Iterable[Tally], kind: str) -> list[dict[str, Any]]:
    """The commonest observations, or unmatched outputs, by exercise; `more` counts the texts left out."""
    found = [(tally.name, _by_count(getattr(tally, kind))) for tally in counted_by]
    return [
        {
            "exercise": name,
            "more": max(0, len(counts) - MAX_TEXTS),
            "rows": [{"layer": x, "text": text, "count": n} for (x, text), n in counts[:MAX_TEXTS]],
        }
        for name, counts in found
        if counts
    ]


def histogram(points: Sequence[float], most: float) -> list[dict[str, Any]]:
    """Count students by points; a bar is one point wide, or more where `most` is large.

    >>> [(bar["label"], bar["count"]) for bar in histogram([0, 2, 2.5], 2.5)]
    [('0', 1), ('1', 0), ('2', 2)]
    """
    wide = max(1, -(-(int(most) + 1) // MAX_BARS))
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


def _by_count(counter: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counter.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _by_name(record: Record) -> tuple[str, str]:
    return _in_order(record.student)


def _in_order(name: str) -> tuple[str, str]:
    """The key of an order in which "Student 9" comes before "Student 10"."""
    return re.sub(r"\d+", lambda digits: digits.group().zfill(12), name.casefold()), name


def _short(text: str) -> str:
    return text if len(text) <= MAX_OUTPUT else text[:MAX_OUTPUT] + " ..."


# ---------------------------------------------------------------------------------------------------------- writing


def make_report(
    results: Sequence[Record],
    *,
    lesson: str,
    title: str | None = None,
    anonymous: Mapping[str, str] | None = None,
    made_at: datetime | str,
    problems: Sequence[str] = (),
    absent: Sequence[str] | None = None,
) -> tuple[str, str]:
    """Return the page and the table of one lesson and class.

    Parameters
    ----------
    results : sequence of Record
        As `read_results` gives them.
    lesson : str
        The lesson's full name.
    title : str, optional
        The heading; made from the lesson's name where absent.
    anonymous : mapping of str to str, optional
        Pseudonyms by student; then no student's name is in what is returned.
    made_at : datetime or str
        When the report is made.
    problems : sequence of str
        Result files that could not be read. With `anonymous` only their number is said: they are named after students.
    absent : sequence of str, optional
        Who is in the class and has not handed in; nothing is said of that where it is not known.

    Returns
    -------
    html, csv : str

    Raises
    ------
    ValueError
        If `anonymous` lacks a student, one of `absent` included.

    Examples
    --------
    >>> html, csv = make_report([], lesson="L03_three_measures", made_at="2026-11-24T18:00:00+00:00")
    >>> csv.strip()
    'student,status,points,max_points,waiting,cause,mistakes,look_alike'
    """
    if anonymous is not None:
        results = _without_names(results, anonymous)
        absent = _pseudonyms_of(absent or (), anonymous) if absent is not None else None
    results = sorted(map(_without_claims, results), key=_by_name)
    absent = sorted(absent, key=_in_order) if absent is not None else None
    tallied = tallies(results)
    page = _environment().get_template("report.html.j2").render(
        title=title or f"{lesson.partition('_')[0]}: {lesson.partition('_')[2].replace('_', ' ')}".rstrip(": "),
        lesson=lesson, made_at=_when(made_at), anonymous=anonymous is not None,
        problems=[] if anonymous is not None else list(problems), broken=len(problems),
        results=results, absent=absent, alike=_alike(results, absent),
        figures=_figures(results), standings=STANDINGS, tallies=tallied,
        mistakes=sorted(
            ({**row, "index": k} for k, t in enumerate(tallied, start=1) for row in t.mistake_rows()),
            key=lambda row: -row["count"],
        ),
        most=MAX_MISTAKES, stuck=_stuck(results),
        unmatched=_text_rows(tallied, "unmatched"), observations=_text_rows(tallied, "observations"),
    )  # fmt: skip
    return _clean(page), _clean(_table(results, [tally.name for tally in tallied], absent or ()))


def _without_names(results: Sequence[Record], pseudonyms: Mapping[str, str]) -> list[Record]:
    """The records with a pseudonym for every student; sentences that quote a submission name nobody, see `SOMEBODY`."""
    if missing := sum(record.student not in pseudonyms for record in results):
        raise ValueError(f"anonymous has no pseudonym for {missing} of {len(results)} students")
    hide = hider(dict.fromkeys(pseudonyms, SOMEBODY), (text for record in results for text in records.quoted(record)))
    return [replace(records.with_quotes(r, hide), student=pseudonyms[r.student]) for r in results]


def _pseudonyms_of(names: Sequence[str], pseudonyms: Mapping[str, str]) -> list[str]:
    if missing := sum(name not in pseudonyms for name in names):
        raise ValueError(f"anonymous has no pseudonym for {missing} of {len(names)} students who have not handed in")
    return [pseudonyms[name] for name in names]


def _alike(results: Sequence[Record], absent: Sequence[str] | None) -> dict[str, str]:
    return notes([*(record.student for record in results), *(absent or ())])


def _without_claims(record: Record) -> Record:
    """The record; one that is not graded counts for nothing, whatever it holds."""
    return record if record.status is not State.NOT else replace(record, points=None, waiting=0.0, exercises=())


def _figures(results: list[Record]) -> dict[str, Any]:
    """The key figures; points are those of students graded in full, so that a missing part is not taken for a 0."""
    by_status = Counter(record.status for record in results)
    points = [record.points for record in results if record.status is State.GRADED and record.points is not None]
    most = max([record.max_points for record in results], default=0)
    bars = histogram(points, most)
    times = sorted(record.graded_at for record in results if record.graded_at) or ["at an unknown time"]
    return {
        "class": len(results),
        **{status.value: by_status[status] for status in State},
        "waiting": sum(record.waiting > 0 for record in results),
        "waiting_points": sum(record.waiting for record in results),
        "median": statistics.median(points) if points else None,
        "max": most,
        "bars": bars,
        "drawing": _drawing(bars),
        "unsafe": sum(not record.sandbox for record in results),
        "seed_given": sum(record.seed_given for record in results),
        "versions": sorted({record.course_version for record in results if record.course_version}),
        "origins": _origins(results),
        "from": _when(times[0]),
        "to": _when(times[-1]),
    }


def _origins(results: Iterable[Record]) -> list[tuple[str, list[str]]]:
    """What the grades come from, each kind with the values that the records name, in short."""
    kinds = {"lesson text": "release_sha256", "checks": "checks_sha256"}
    found = [(kind, sorted({getattr(r, key)[:12] for r in results} - {""})) for kind, key in kinds.items()]
    found.append(("commit", sorted({record.course_commit for record in results} - {""})))
    return [(kind, values) for kind, values in found if values]


def _table(results: Sequence[Record], exercises: list[str], absent: Sequence[str]) -> str:
    """The CSV: a row a student, who has not handed in at the end. Points that are not there are an empty cell."""
    rows: list[list[Any]] = [
        ["student", "status", "points", "max_points", "waiting", "cause", *exercises, "mistakes", "look_alike"]
    ]
    alike = _alike(results, absent)
    for record in results:
        own = {exercise.name: exercise for exercise in record.exercises}
        points = [own[name].points if name in own else None for name in exercises]
        mistakes = [
            f"{name}: {layer.misconception}"
            for name, exercise in own.items()
            for layer in exercise.layers
            if layer.misconception and not exercise.mend_first
        ]
        waiting = record.waiting if record.status is not State.NOT else None
        known = [record.student, record.status.value, record.points, record.max_points, waiting, record.cause]
        rows.append([*known, *points, "; ".join(dict.fromkeys(mistakes)), alike.get(record.student)])
    empty = [None] * (4 + len(exercises) + 1)
    rows += [[name, NOT_HANDED_IN, *empty, alike.get(name)] for name in absent]
    return table(rows)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 2):,.10g}"


def share(count: int, of: int) -> str:
    """Return a part of the class in whole percent.

    >>> share(1, 3), share(1, 1000), share(999, 1000), share(0, 0)
    ('33 %', '<1 %', '>99 %', '–')
    """
    if not of:
        return "–"
    percent = round(100 * count / of)
    return "<1 %" if count and not percent else ">99 %" if count < of and percent == 100 else f"{percent} %"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number and what it counts.

    >>> counted(1, "student"), counted(2000, "student")
    ('1 student', '2,000 students')
    """
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
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(share=share, number=_number, count=counted)
    return made


def write_report(folder: Path, results: Sequence[Record], *, lesson: str, **options: Any) -> tuple[Path, Path]:
    """Write the page and the table to `folder`, whole or not at all; the options are those of `make_report`."""
    html, table = make_report(results, lesson=lesson, **options)
    page, sheet = Path(folder) / f"{lesson}.html", Path(folder) / f"{lesson}.csv"
    write_whole(page, html.encode())
    # Without a mark at its beginning spreadsheets do not take it for UTF-8.
    write_whole(sheet, table.encode("utf-8-sig"))
    return page, sheet
