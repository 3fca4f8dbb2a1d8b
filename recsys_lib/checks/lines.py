"""The line where a mistake sits: found by making one small edit after the other, until one makes the answer right.

What is said is the line, its piece and what to ask of it, never the edit. Where edits on several lines work, nobody
knows which of them was meant, and nothing is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from recsys_lib.checks.callee import Callee
from recsys_lib.checks.calling import call_ours, call_with_room
from recsys_lib.checks.definition import Exercise, Misconception
from recsys_lib.checks.edits import QUESTIONS, Edit, Link, edits, links
from recsys_lib.checks.judgement import Line
from recsys_lib.checks.known_mistakes import Trial
from recsys_lib.checks.layers import Args, Layer
from recsys_lib.checks.outcome import Outcome

SEARCH_SECONDS = 0.9  # of processor time, so that a busy machine finds the same; a reader waits for it
WALL_SECONDS = (
    3.0  # by the clock, for an answer that waits, or that runs in a sandbox where its time is not counted here
)
CALL_SECONDS = 0.25  # of one call of an edited answer: what takes longer is given up
SEEDS = (20_260_201, 20_260_202)  # of inputs on which an edit that works on the fixed ones is tried again
MAX_TRIED = 700  # edits of one layer: a count, and not a time, so that a grade says the same on every machine
#: Kinds of edits of which it says something that one leads to a known mistake. Others switch a part of an answer off,
#: or spoil it, so that it then does what some known mistake does.
LEADING = ("operation", "function", "axis", "order", "number")
SWITCHES = ("0", "1", "0.0", "1.0", "True", "False")  # numbers that say where to begin, or which of two
#: Kinds that mend by a detour, so that an edit of another kind on the same line says better what to ask.
DETOURS = ("sign", "variable", "entries", "step missing", "turned", "order", "copy", "line", "how often")
#: Kinds that may say of a whole what smaller pieces of it say, too.
WHOLES = ("condition", "comparison", "function", "operation", "step too many")
WHAT_COMES_OUT = "what comes out here, and what should?"  # asked of a line where edits of unlike pieces work
MAX_LOST = 3  # edits that run too long, before the search is given up

#: The processor time of this thread, where the system counts it.
_clock = getattr(time, "thread_time", time.monotonic)

#: Whether an outcome is right for a layer: ``right(args, expected, got)``.
Right = Callable[[Args, Outcome, Outcome], bool]


@dataclass(frozen=True)
class Found:
    """What one small edit of an answer gives away.

    Attributes
    ----------
    line : Line, optional
        The line that all edits have in common that work.
    mistake : Misconception, optional
        The known mistake that is left after each of them: then two things are wrong.
    """

    line: Line | None = None
    mistake: Misconception | None = None


class Search:
    """The search for the line of one answer, in all its layers within one span of time.

    Parameters
    ----------
    exercise : Exercise
        The exercise that was answered.
    callee : Callee
        The answer.
    """

    def __init__(self, exercise: Exercise, callee: Callee) -> None:
        self.exercise, self.callee = exercise, callee
        self.left = SEARCH_SECONDS * callee.patience
        self.end = time.monotonic() + WALL_SECONDS

    def find(self, layer: Layer, trial: Trial, right: Right) -> Found:
        """Return what one small edit gives away; nothing where none works, or where the text is not known.

        Parameters
        ----------
        layer : Layer
            The layer that failed.
        trial : Trial
            Its inputs, with what should come out and what did.
        right : callable
            Whether an outcome is right for the layer.
        """
        source = self.callee.written()
        if source is None:
            return Found()
        began = _clock()
        with self.callee.ready_for_many() as callee:
            working, leading = self._try_all(callee, layer, trial, right, began + self.left)
        self.left -= _clock() - began
        if working:
            return Found(self._line_of(source, working, layer))
        mistakes = {mistake.name: mistake for _, mistake in leading}
        if len(mistakes) != 1:
            return Found()
        (mistake,) = mistakes.values()
        return Found(self._line_of(source, [edit for edit, _ in leading], layer), mistake)

    def _line_of(self, source: str, working: list[Edit], layer: Layer) -> Line | None:
        """Return the line that all edits have in common, with a piece and a question; None where there is none."""
        working = _without_detours(working, list(self.callee.look_at_text(links, self.exercise.name)))
        texts = [line.strip() for line in source.splitlines()]
        if len({edit.line for edit in working}) > 1 and len({texts[edit.line - 1] for edit in working}) == 1:
            last = max(edit.line for edit in working)  # a line that stands there twice, the second time for another
            working = [edit for edit in working if edit.line == last]
        numbers = set.intersection(*(set(range(edit.line, edit.last + 1)) for edit in working))
        lines = {edit.line for edit in working}
        if len(lines) > 1 and len(numbers) != 1:
            return None
        best, question = _likeliest(working, layer)
        number = best.line if best.line in numbers or not numbers else min(numbers)
        text = texts[number - 1]
        return Line(number, text, best.piece if question else text, question or WHAT_COMES_OUT)

    def _try_all(
        self, callee: Callee, layer: Layer, trial: Trial, right: Right, end: float
    ) -> tuple[list[Edit], list[tuple[Edit, Misconception]]]:
        """Return the edits that make the layer right, and those that lead to a known mistake."""
        working: list[Edit] = []
        leading: list[tuple[Edit, Misconception]] = []
        # first the inputs on which the answer fails, where most edits fail, too
        order = sorted(range(len(trial.inputs)), key=lambda i: right(trial.inputs[i], trial.expected[i], trial.got[i]))
        mistakes = self._mistakes(layer, trial, order)
        lost = tried = 0
        for edit in callee.look_at_text(edits, self.exercise.name):
            if _clock() > end or time.monotonic() > self.end or lost == MAX_LOST or tried == MAX_TRIED:
                break
            edited = callee.rewritten(edit.source)
            if edited is None:
                continue
            tried += 1
            may_lead = edit.kind in LEADING and edit.piece not in SWITCHES
            found = self._leads_to(edited, layer, trial, right, order, mistakes if may_lead else [])
            lost += found == "too long"
            if found == "right" and self._right_elsewhere(edited, layer, right):
                working.append(edit)
            elif isinstance(found, Misconception):
                leading.append((edit, found))
        return working, leading

    def _mistakes(self, layer: Layer, trial: Trial, order: list[int]) -> list[tuple[Misconception, list[Outcome]]]:
        """Return the known mistakes of a layer with what each does on the inputs in that order.

        One that does the same on all of them is left out: many an edit switches an answer off.
        """
        found = [
            (mistake, [call_ours(mistake.function, trial.inputs[i], self.exercise.parameters) for i in order])
            for mistake in self.exercise.misconceptions
            if mistake.layer == layer.name and self.exercise.kind == "values"
        ]
        return [(one, done) for one, done in found if not all(layer.agree(done[0], other) for other in done)]

    def _leads_to(
        self,
        edited: Callee,
        layer: Layer,
        trial: Trial,
        right: Right,
        order: list[int],
        mistakes: list[tuple[Misconception, list[Outcome]]],
    ) -> str | Misconception | None:
        """Return "right", the known mistake that an edit leads to, "too long", or None."""
        still_right, left = True, mistakes
        for place, i in enumerate(order):
            args = trial.inputs[i]
            got = self._call(edited, args)
            if got.how in ("too long", "unsolved"):
                return "too long" if got.how == "too long" else None
            if not right(args, trial.expected[i], got):
                still_right = False
                if right(args, trial.expected[i], trial.got[i]):
                    left = []  # the edit brings a mistake in, and mends none
            up_to_sign = self.exercise.up_to_sign
            left = [m for m in left if layer.agree(m[1][place], got, up_to_sign=up_to_sign)]
            if not still_right and not left:
                return None
        return "right" if still_right else left[0][0] if len(left) == 1 else None

    def _right_elsewhere(self, edited: Callee, layer: Layer, right: Right) -> bool:
        """Whether an edit that works on the fixed inputs works on others, too."""
        for seed in SEEDS:
            for args in self.exercise.fresh_inputs(layer.inputs_of, seed):
                want = call_ours(self.exercise.reference, args, self.exercise.parameters)
                if not right(args, want, self._call(edited, args)):
                    return False
        return True

    def _call(self, edited: Callee, args: Args) -> Outcome:
        exercise = self.exercise
        return call_with_room(edited, args, seconds=CALL_SECONDS, forbid=exercise.instead_of, names=exercise.parameters)


def _without_detours(working: list[Edit], links: list[Link]) -> list[Edit]:
    """Return the edits without those that mend on a later line what another one mends where it arises.

    That is a name in the place where it is read, beside an edit on the line that gives it its value, or what happens
    in an ``if``, beside an edit of its condition. Where to raise an error in an ``if`` works, other edits
    of it raise one by accident.
    """
    lines = {edit.line for edit in working}
    made: dict[str, set[int]] = {}
    inside = {link.line: link.of for link in links if not link.name}
    for link in links:
        made.setdefault(link.name, set()).add(link.line)

    raising = [edit for edit in working if edit.kind == "error" and edit.line in inside]
    if len({edit.line for edit in raising}) == 1:
        test = inside[raising[0].line]
        if all(test in (edit.line, inside.get(edit.line)) for edit in working):
            return raising

    def detour(edit: Edit) -> bool:
        arises = made.get(edit.piece, set())  # no piece is empty
        if len(arises) == 1 and edit.line not in arises and arises <= lines:
            return True
        return edit.kind in ("line", "how often") and inside.get(edit.line, edit.line) in lines - {edit.line}

    return [edit for edit in working if not detour(edit)] or working


def _likeliest(working: list[Edit], layer: Layer) -> tuple[Edit, str | None]:
    """Return the edit whose piece is shown, and the question; None where the edits leave it open what to ask."""
    # Whole numbers are mended by a wider type, and by a step behind them, too: the type is what to ask of. An input
    # is kept by a copy, and also by a new array of another type.
    for kind in ("copy", "type") if layer.keeps_input else ("type",):
        if kind in {edit.kind for edit in working}:
            return next(edit for edit in working if edit.kind == kind), QUESTIONS[kind]
    straight = [edit for edit in working if edit.kind not in DETOURS] or working
    first = straight[0]
    if len({edit.place for edit in straight}) == 1:
        return first, QUESTIONS[first.kind]
    start, end = min(edit.place[0] for edit in straight), max(edit.place[1] for edit in straight)
    for edit in straight:
        if edit.place == (start, end) and edit.kind in WHOLES:
            return edit, QUESTIONS[edit.kind]
    return first, None
