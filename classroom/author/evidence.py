"""What the check says of attempts, beside what it should say: the evidence that hints are the right ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from classroom.author.attempts import Attempt, run
from recsys_lib.checks import Exercise, Verdict, all_exercises
from recsys_lib.checks.checking import verdict_on
from recsys_lib.checks.judgement import LayerResult

#: Where a right sentence comes from, the surest first.
SOURCES = ("fact", "known", "line", "judge", "error", "relation", "any")
#: What a verdict on a wrong answer may be, beside right.
NOT_RIGHT = ("observation", "own error", "nothing", "misleading", "false accept")
BEGIN, END = "<!-- hints -->", "<!-- /hints -->"


@dataclass(frozen=True)
class Assessment:
    """How one verdict stands beside what the attempt asks for.

    Attributes
    ----------
    attempt : Attempt
        What was written.
    verdict : Verdict
        What the check found.
    said : tuple of str
        The sentences shown, in the words of `Attempt.says`; ``judge`` is one more.
    outcome : str
        A word of `SOURCES` where a right sentence was said, or of `NOT_RIGHT`; of right answers "accepted" or
        "false reject".
    """

    attempt: Attempt
    verdict: Verdict
    said: tuple[str, ...]
    outcome: str

    @property
    def good(self) -> bool:
        """Whether there is nothing to mend."""
        return self.outcome in (*SOURCES, "accepted")


def assess(attempt: Attempt) -> Assessment:
    """Run one attempt through the check, and judge what was said of it."""
    exercise = all_exercises()[attempt.exercise]
    done = run(exercise, attempt.code)
    verdict = verdict_on(exercise.name, done.function)
    said = list(dict.fromkeys(sentences(exercise, verdict)))
    if verdict.problem is not None and done.error is not None:  # the notebook shows what the cell raised
        said.append("fact:missing-package" if isinstance(done.error, ModuleNotFoundError) else "error")
    return Assessment(attempt, verdict, tuple(said), outcome(attempt, verdict.solved, said))


def sentences(exercise: Exercise, verdict: Verdict) -> Iterator[str]:
    """Yield what a verdict says of a wrong answer, in the words of `Attempt.says`; ``error:<n>`` names its line.

    A known mistake counts where its sentence is shown: a check says two at most.
    """
    if verdict.problem is not None or verdict.solved:
        return
    hints = {mistake.hint: mistake.name for mistake in exercise.misconceptions}
    notes = [note.removeprefix("-> ") for note in verdict.judgement.notes if note.startswith("-> ")]
    yield from (f"known:{hints[hint]}" for hint in (*verdict.hints, *notes) if hint in hints)
    for layer in verdict.layers:
        if layer.fact is not None and layer.fact.text in verdict.hints:
            yield f"fact:{layer.fact.kind}"
            if layer.fact.line is not None:
                yield f"line:{layer.fact.line}"
        if layer.line is not None and layer.line.sentence in verdict.hints:
            yield f"line:{layer.line.number}"
        yield from _without_a_hint(exercise, layer)


def _without_a_hint(exercise: Exercise, layer: LayerResult) -> Iterator[str]:
    """Yield what the account of a layer says by itself: the error, the judge's reason, what was observed."""
    if layer.failure is None:
        return
    outcome, expected = layer.failure.outcome, layer.failure.expected
    if outcome.how in ("raised", "too long") and expected.how != outcome.how:
        yield "error"
        if outcome.line is not None:
            yield f"error:{outcome.line[0]}"
    names = {mistake.name for mistake in exercise.misconceptions}
    difference = layer.failure.difference
    if exercise.kind == "property" and difference is not None and difference.text not in names:
        yield "judge"
    if layer.observation is not None:
        yield "relation"


def outcome(attempt: Attempt, solved: bool, said: Iterable[str]) -> str:
    """Return how what was said stands beside what is asked for: a word of `Assessment.outcome`."""
    said, wanted = set(said), set(attempt.says)
    if attempt.correct:
        return "accepted" if solved else "false reject"
    if solved:
        return "false accept"
    right = {sentence.partition(":")[0] for sentence in said & wanted}
    if any(f"line:{sentence.partition(':')[2]}" in wanted for sentence in said if sentence.startswith("error:")):
        right.add("error")
    right |= {"judge"} & said | {"any"} & wanted
    for source in SOURCES:
        if source in right:
            return source
    if any(sentence.startswith(("known:", "fact:", "line:")) for sentence in said):
        return "misleading"
    if "relation" in said:
        return "observation"
    return "own error" if "error" in said else "nothing"


# ---- counting ----


@dataclass
class Count:
    """How many verdicts of each kind there are."""

    outcomes: Counter[str] = field(default_factory=Counter)

    def of(self, *kinds: str) -> int:
        """Return how many verdicts are of these kinds."""
        return sum(self.outcomes[kind] for kind in kinds)

    @property
    def right(self) -> int:
        """Wrong answers of which a right sentence is said."""
        return self.of(*SOURCES)

    @property
    def wrong(self) -> int:
        """Wrong answers."""
        return self.right + self.of(*NOT_RIGHT)

    @property
    def correct(self) -> int:
        """Right answers."""
        return self.of("accepted", "false reject")


def counted(assessments: Iterable[Assessment], columns: Mapping[str, Collection[str]]) -> dict[str, Count]:
    """Count verdicts by column, each of which holds some exercises, and in one more column, "all".

    Parameters
    ----------
    assessments : iterable of Assessment
        The verdicts.
    columns : mapping of str to collection of str
        The names of the exercises that a column holds.
    """
    found = {title: Count() for title in (*columns, "all")}
    column_of = {name: title for title, names in columns.items() for name in names}
    for assessment in assessments:
        for title in (column_of[assessment.attempt.exercise], "all"):
            found[title].outcomes[assessment.outcome] += 1
    return found


def share(count: int, of: int) -> str:
    """Return a count with its share in whole per cent.

    >>> share(2, 3), share(0, 0)
    ('67 % (2)', '-')
    """
    return f"{100 * count / of:.0f} % ({count})" if of else "-"


def _of_wrong(*kinds: str) -> Callable[[Count], str]:
    return lambda count: share(count.of(*kinds), count.wrong)


ROWS: dict[str, Callable[[Count], str]] = {
    "wrong answers": lambda count: str(count.wrong),
    "the right sentence": lambda count: share(count.right, count.wrong),
    "  a fact": _of_wrong("fact"),
    "  a known mistake": _of_wrong("known"),
    "  the line": _of_wrong("line"),
    "  the judge's reason": _of_wrong("judge"),
    "  the error": _of_wrong("error"),
    "  a relation": _of_wrong("relation"),
    "  none is expected": _of_wrong("any"),
    "an observation only": _of_wrong("observation"),
    "their own error only": _of_wrong("own error"),
    "nothing": _of_wrong("nothing"),
    "MISLEADING": _of_wrong("misleading"),
    "FALSE ACCEPTS": _of_wrong("false accept"),
    "right answers": lambda count: str(count.correct),
    "FALSE REJECTS": lambda count: share(count.of("false reject"), count.correct),
}


def table(counts: Mapping[str, Count]) -> str:
    """Return the counts as text, a column a lesson."""
    rows = [["", *counts], *([name, *map(cell, counts.values())] for name, cell in ROWS.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


# ---- README.md and CONTRIBUTING.md ----

SHOWN: dict[str, Callable[[Count], str]] = {
    "Wrong answers": ROWS["wrong answers"],
    "Told the right thing": ROWS["the right sentence"],
    "An observation, or their own error": _of_wrong("observation", "own error"),
    "Only what differs": ROWS["nothing"],
    "A misleading hint": ROWS["MISLEADING"],
    "Pass though wrong": ROWS["FALSE ACCEPTS"],
    "Right answers": ROWS["right answers"],
    "Fail though right": ROWS["FALSE REJECTS"],
}


def readme_table(counts: Mapping[str, Count]) -> str:
    """Return the counts as a Markdown table, a row a lesson and the last one of all."""
    lines = ["| | " + " | ".join(SHOWN) + " |", "|---" * (len(SHOWN) + 1) + "|"]
    for title, count in counts.items():
        lines.append(f"| {title} | " + " | ".join(cell(count) for cell in SHOWN.values()) + " |")
    return "\n".join(lines)


def in_a_sentence(count: Count) -> str:
    """Return the totals as CONTRIBUTING.md gives them.

    >>> print(in_a_sentence(Count(Counter({"known": 3, "nothing": 1, "accepted": 2}))))
    Of 4 wrong answers that helped to write no table, 75 % (3) are told the right thing, 0 % (0) something misleading,
    and 0 % (0) pass; of 2 right ones 0 % (0) fail.
    """
    return (
        f"Of {count.wrong} wrong answers that helped to write no table, {share(count.right, count.wrong)} are told the "
        f"right thing, {ROWS['MISLEADING'](count)} something misleading,\n"
        f"and {ROWS['FALSE ACCEPTS'](count)} pass; of {count.correct} right ones {ROWS['FALSE REJECTS'](count)} fail."
    )


def between_marks(page: str, text: str) -> str:
    """Return a page with ``text`` between its two marks.

    Raises
    ------
    ValueError
        If the marks are missing.
    """
    if BEGIN not in page or END not in page:
        raise ValueError(f"the page must hold the lines {BEGIN!r} and {END!r}")
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}"
