"""Put a judgement into words: text for the terminal, HTML for the notebook, a report for the grader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

import numpy as np

from recsys_lib.checks.comparison import align, as_numbers, difference
from recsys_lib.checks.definition import Exercise
from recsys_lib.checks.judgement import MAX_HINTS, Judgement, LayerResult, Line
from recsys_lib.checks.layers import Failure
from recsys_lib.checks.outcome import Outcome, describe_failure
from recsys_lib.checks.showing import MAX_ENTRIES, show, show_apart

MAX_PRINTED = 600
# An observation with a measured number in it tells of the inputs, or of what a function has put there.
_MEASURED = re.compile(r"\d\.\d|\d times|(plus|minus) \d|\de[+-]?\d|the input: ")

_TONES = {  # colours of Okabe and Ito, readable on white and on black
    "solved": ("#009E73", "✓"),
    "unsolved": ("#999999", "○"),
    "partly": ("#0072B2", "◐"),
    "wrong": ("#D55E00", "✗"),
}


class Verdict:
    """What `check` found; renders itself as text and as HTML.

    Attributes
    ----------
    name : str
    points, max_points : int
    solved, unsolved : bool
    layers : list of LayerResult
    """

    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        self.name = judgement.exercise.name
        self.layers = judgement.layers
        self.points = judgement.points
        self.max_points = judgement.exercise.max_points
        self.unsolved = judgement.unsolved
        self.problem: str | None = None

    @classmethod
    def of_problem(cls, name: str, problem: str, max_points: int = 0) -> Verdict:
        """Make a verdict for a check that cannot be carried out at all."""
        made = cls.__new__(cls)
        made.name, made.layers, made.points, made.max_points = name, [], 0, max_points
        made.unsolved, made.problem = False, problem
        return made

    @property
    def solved(self) -> bool:
        """Whether every point was earned."""
        return self.problem is None and self.points == self.max_points

    @property
    def hints(self) -> list[str]:
        """The sentences for the learner, at most two."""
        if self.problem is not None:
            return []
        first = self.judgement.mend_first
        if first:
            names = " and ".join(f"`{name}`" for name in first)
            return [f"Mend {names} first: {self.name} calls it, and it is not right yet."]
        return list(dict.fromkeys(hint for layer in self.layers for hint in layer.hints))[:MAX_HINTS]

    @property
    def tone(self) -> str:
        """One of solved, unsolved, partly, wrong."""
        if self.solved:
            return "solved"
        return "unsolved" if self.unsolved else "partly" if self.points else "wrong"

    @property
    def headline(self) -> str:
        """The first line."""
        if self.problem is not None:
            of = f" (0 of {_points(self.max_points)})" if self.max_points else ""
            return f"{self.name}: cannot be checked{of}"
        if self.unsolved:
            return f"{self.name}: not solved yet (0 of {_points(self.max_points)})"
        return f"{self.name}: {self.points} of {_points(self.max_points)}" + (" - solved" if self.solved else "")

    def __repr__(self) -> str:
        lines = [self.headline]
        if self.problem is not None:
            return f"{self.headline}\n  {self.problem}"
        if not self.solved and not self.unsolved:
            width = max((len(layer.layer) for layer in self.layers), default=0)
            for layer in self.layers:
                lead = f"  {layer.layer:<{width}}  {layer.points}/{layer.max_points}"
                lines.append(f"{lead}  {self._account(layer)}".rstrip())
                if not self.judgement.mend_first:
                    lines += [f"{' ' * len(lead)}  -> {hint}" for hint in self._hints_of(layer)]
            lines += [f"  -> {hint}" for hint in self.hints] if self.judgement.mend_first else []
        lines += [f"  {note}" for note in self._notes()]
        return "\n".join(lines)

    def report(self) -> str:
        """Return the text that grading publishes: points and hints, no input, no expected value and no seed.

        Of inputs that were drawn for this grade it says nothing but a choice from a fixed set.
        """
        lines = [self.headline] if self.problem is None else [self.headline, f"  {self.problem}"]
        if self.problem is None and not self.unsolved:
            for layer in self.layers:
                lines.append(f"  {layer.layer}: {layer.points}/{layer.max_points}" + _reason_without_values(layer))
            told = [layer.observation for layer in self.layers if layer.observation and not self.observation(layer)]
            plain = {layer.line.sentence: layer.line.without_piece for layer in self.layers if layer.line}
            lines += [f"  -> {plain.get(hint, hint)}" for hint in self.hints if hint not in told]
        return "\n".join(lines)

    def observation(self, layer: LayerResult) -> str | None:
        """Return what was observed, where it holds no number that was measured: that may be published."""
        return None if _MEASURED.search(layer.observation or "") else layer.observation

    def account(self, layer: LayerResult) -> str:
        """Say what a layer was given, what came back and what was expected: for learners and teachers, not to publish.

        Empty where nothing failed, and where the input was drawn afresh.
        """
        return "" if layer.failure is None or layer.failure.fresh else self._account(layer)

    def _repr_html_(self) -> str:
        colour, sign = _TONES[self.tone]
        head, _, rest = self.headline.partition(":")
        parts = [
            f'<div role="status" style="border-left:4px solid {colour};padding:.5em .9em;margin:.3em 0;'
            'font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:14px;line-height:1.5;max-width:60em">',
            f'<div><span aria-hidden="true" style="color:{colour};font-weight:700">{sign}</span> '
            f"<strong><code>{escape(head)}</code></strong>{escape(rest)}</div>",
        ]
        if self.problem is not None:
            parts.append(f"<div>{escape(self.problem)}</div>")
        elif not self.solved and not self.unsolved:
            parts += [self._layer_html(layer) for layer in self.layers]
            if self.judgement.mend_first:
                parts += [_hint_html(hint) for hint in self.hints]
        if self.problem is None:
            parts += [f'<div style="opacity:.8">{escape(note)}</div>' for note in self._notes()]
        return "".join(parts) + "</div>"

    def _layer_html(self, layer: LayerResult) -> str:
        colour, sign = _TONES["solved" if layer.passed else "wrong"]
        account = self._account(layer)
        made = (
            f'<div style="margin-top:.35em"><span aria-hidden="true" style="color:{colour}">{sign}</span> '
            f"<strong>{escape(layer.layer)}</strong> {layer.points}/{layer.max_points} &nbsp;"
            f'<span style="font-variant-numeric:tabular-nums">{escape(account)}</span></div>'
        )
        if self.judgement.mend_first:
            return made
        underlined = _underlined(layer.line) if layer.line else ""
        return made + "".join(map(_hint_html, self._hints_of(layer))) + underlined

    def _hints_of(self, layer: LayerResult) -> list[str]:
        return [hint for hint in layer.hints if hint in self.hints]

    def _account(self, layer: LayerResult) -> str:
        """Say what was given, what came back, and what was expected."""
        failure = layer.failure
        if failure is None:
            return layer.spec.when_passed(layer.points)
        if self.judgement.exercise.kind == "answer":
            how = failure.outcome.how
            return "" if how == "returned" else f"your function {describe_failure(failure.outcome)}"
        if layer.edge_right and not layer.hint and not self.judgement.values.passed:
            return "you treat the special case right; it pays once the ordinary inputs beside it are right too"
        given = "for " + ", ".join(
            f"{name}={show_apart(value)}"
            for name, value in zip(self.judgement.exercise.parameters, failure.args, strict=False)
        )
        return f"{given} {layer.spec.account(failure) or _said(failure, self.judgement.exercise)}"

    def _notes(self) -> Iterator[str]:
        yield from self.judgement.notes
        if self.judgement.unsolved:
            yield "Write your answer in the cell above, run it, then run this cell again."
        if self.judgement.warned and not self.solved:
            yield f"NumPy or Python warned: {self.judgement.warned[0]}"
        if self.judgement.printed:
            text = self.judgement.printed.rstrip()
            yield f"Your function printed: {text[:MAX_PRINTED]}{' ...' if len(text) > MAX_PRINTED else ''}"


def _said(failure: Failure, exercise: Exercise) -> str:
    outcome, expected = failure.outcome, failure.expected
    if outcome.how != "returned":
        said = f"your function {describe_failure(outcome)}"
        if outcome.how == "raised" and not outcome.reached:
            said += f" (the check calls {exercise.signature})"
        if expected.how == "raised":
            return f"{said}; the prompt asks for a {type(expected.error).__name__}"
        if outcome.line is not None:
            said += f", in line {outcome.line[0]}: {outcome.line[1]}"
        return said
    if expected.how == "raised":
        if isinstance(outcome.value, BaseException) or outcome.value is type(expected.error):
            return "you returned the error; raise it"
        return f"you returned {show(outcome.value)}; the prompt asks for a {type(expected.error).__name__}"
    if exercise.kind == "property":
        return f"you returned {show(outcome.value)}{_plain_reason(failure, exercise)}"
    found = failure.difference
    if found is not None and found.kind in ("type", "shape"):
        return found.text
    return _values_that_differ(failure, exercise)


def _plain_reason(failure: Failure, exercise: Exercise) -> str:
    text = failure.difference.text if failure.difference else ""
    named = any(text == misconception.name for misconception in exercise.misconceptions)
    return "" if named or not text else f": {text}"


def _values_that_differ(failure: Failure, exercise: Exercise) -> str:
    """Show both results, or the first entries that differ where they are long, with digits enough to differ."""
    got, want, where = failure.outcome.value, failure.expected.value, ""
    if exercise.up_to_sign:  # as near to what came back as the signs allow
        both = isinstance(want, tuple) and isinstance(got, (tuple, list)) and len(want) == len(got)
        want = align(tuple(got), want) if both else want if isinstance(want, tuple) else align((got,), (want,))[0]
    index = failure.difference.index if failure.difference else None
    if isinstance(want, tuple) and isinstance(got, (tuple, list)) and failure.difference:
        for have, need in zip(got, want, strict=False):
            if (found := difference(need, have)) is not None:
                got, want, index = have, need, found.index
                break
        where = failure.difference.text.partition(":")[0] + ": " if ":" in failure.difference.text else ""
    numbers = as_numbers(got)
    if index and numbers is not None and np.size(want) > MAX_ENTRIES:
        where += f"at {index[0] if len(index) == 1 else index} "
        got, want = numbers[index], np.asarray(want)[index]
    for digits in (4, 7, 12, 17):
        if show(got, digits) != show(want, digits):
            break
    return f"{where}you returned {show(got, digits)}, not {show(want, digits)}"


def _reason_without_values(layer: LayerResult) -> str:
    if layer.passed or layer.failure is None:
        return ""
    outcome: Outcome = layer.failure.outcome
    if layer.failure.fresh:
        return f" ({_reason_on_fresh(layer, layer.failure)})"
    if outcome.how == "raised":
        line = f" in line {outcome.line[0]} of its cell" if outcome.line else ""
        message = f": {outcome.error}" if outcome.forbidden else ""
        return f" (raised {type(outcome.error).__name__}{line}{message})"
    if outcome.how != "returned":
        return f" ({describe_failure(outcome)})"
    own = layer.spec.reason(layer.failure)
    if own is not None:
        return own
    kind = layer.failure.difference.kind if layer.failure.difference else "value"
    return {"type": " (another type is asked for)", "shape": " (another shape is asked for)"}.get(kind, "")


_ON_FRESH = {
    "raised": "raised an error on inputs drawn for the grade",
    "too long": "ran too long on inputs drawn for the grade",
    "unsolved": "raised NotImplementedError on inputs drawn for the grade",
    "not run": "ran too long on inputs drawn for the grade",
    "type": "returned another type on inputs drawn for the grade",
    "shape": "returned another shape on inputs drawn for the grade",
    "slow": "too slow on a large input",
    "changed": "changed its input on inputs drawn for the grade",
    "value": "right on the notebook's inputs, and wrong on others drawn for the grade",
}


def _reason_on_fresh(layer: LayerResult, failure: Failure) -> str:
    """Choose one of a few sentences: with free text, or a number, a function could tell what it was asked."""
    outcome = failure.outcome
    if outcome.how != "returned":
        return _ON_FRESH[outcome.how]
    if layer.spec.keeps_input:
        return _ON_FRESH["changed"]
    return _ON_FRESH.get(failure.difference.kind if failure.difference else "value", _ON_FRESH["value"])


def _hint_html(hint: str) -> str:
    return (
        '<div style="margin:.25em 0 .4em 1.4em;padding:.3em .7em;border-radius:4px;'
        f'background:rgba(0,114,178,.12);width:fit-content"><b aria-hidden="true">&rarr;</b> {escape(hint)}</div>'
    )


def _underlined(line: Line) -> str:
    """Show the line with its piece underlined."""
    before, found, after = line.text.partition(line.piece.removesuffix(" ..."))
    if not found:
        return ""
    return (
        f'<pre style="margin:.1em 0 .4em 2.4em;background:none">{line.number:>3}  {escape(before)}'
        f'<u style="text-decoration-color:#D55E00;text-decoration-thickness:2px;text-underline-offset:3px">'
        f"{escape(found)}</u>{escape(after)}</pre>"
    )


def _points(number: int) -> str:
    return f"{number} point" + ("" if number == 1 else "s")
