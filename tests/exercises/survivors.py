"""Right answers with one small edit: those that still pass are equal to the reference, or an input is missing.

An edit that passes every input of a check and of two seeds is a survivor. A wide search then looks for an input on
which it differs from the reference: more of the exercise's own, and what is made of these: whole numbers, other signs,
huge and tiny ones, zeros, one row, one column, and tables of forty rows with ties.

python -m tests.exercises.survivors [SHARE] [NAME ...]      print the survivors that differ, by exercise
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import itertools
import random
import signal
import sys
import textwrap
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from classroom.author.attempts import all_attempts, run
from recsys_lib.checks import all_exercises
from recsys_lib.checks.callee import Trusted
from recsys_lib.checks.calling import call, call_ours
from recsys_lib.checks.cell import made_from
from recsys_lib.checks.comparison import difference
from recsys_lib.checks.definition import Exercise
from recsys_lib.checks.edits import Edit, edits
from recsys_lib.checks.layers import Args, Layer
from recsys_lib.checks.outcome import Outcome

SEEDS = (1, 2)
WIDE_SEEDS = range(300, 330)
MAX_SECONDS = 0.05  # of the processor, for one call: some edits never end
MOST_OF_A_KIND = 20  # inputs of the wide search
ROWS = 40  # from which on an unstable sort shows

#: Answers whose edits are left out, with the reason.
LEFT_OUT = {"cure": "an answer trains a model on every input: a minute for each of some hundred edits"}


SIZES = ("negative", "tiny", "huge")
RESIZED = tuple(f"{what} in place of {side}" for what in ("one", "ties") for side in "nd")
STARS = ("als_step", "user_vector", "equal_counts", "frequency_scaled_l2", "observed_mse", "popularity_baseline")


@dataclass(frozen=True)
class Answer:
    """A right answer, as a text that can be edited."""

    exercise: Exercise
    name: str
    source: str
    function: Callable[..., Any]

    def edited(self, edit: Edit) -> Callable[..., Any] | None:
        """Make the function anew."""
        return made_from(edit.source, self.function.__name__, self.function.__globals__)


@dataclass(frozen=True)
class Survivor:
    """An edit that passes every input of a check."""

    answer: Answer
    edit: Edit
    function: Callable[..., Any]

    @property
    def change(self) -> str:
        """The line as it was and as it is now."""
        before, after = self.answer.source.splitlines(), self.edit.source.splitlines()
        first = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
        return f"{before[first].strip()}  ->  {after[first].strip()}"

    @property
    def key(self) -> str:
        """What it is called in a list of known ones."""
        return f"{self.answer.exercise.name}/{self.answer.name}: {self.change}"


def right_answers(exercise: Exercise) -> Iterator[Answer]:
    """Yield the reference, the alternatives and the right attempts of readers."""
    for function in (exercise.reference, *exercise.alternatives):
        if function.__closure__ is None and function.__code__.co_name == function.__name__:
            yield Answer(exercise, function.__name__, _text_of(function), function)
    for attempt in _attempts():
        if attempt.exercise == exercise.name and attempt.correct:
            function = run(exercise, attempt.code).function
            if inspect.isfunction(function):
                yield Answer(exercise, attempt.id, attempt.code, function)


_attempts = functools.cache(all_attempts)  # read once for all exercises


def _text_of(function: Callable[..., Any]) -> str:
    """Return the text of a function without its decorators."""
    source = textwrap.dedent(inspect.getsource(function))
    (definition,) = ast.parse(source).body
    return "".join(source.splitlines(keepends=True)[definition.lineno - 1 :])


def sampled(answer: Answer, share: float) -> Iterator[Edit]:
    """Yield a share of the edits of an answer, the same ones each time; a text that reads the same is no edit."""
    seen = {ast.dump(ast.parse(answer.source))}
    for edit in edits(answer.source, answer.function.__name__):
        if edit.kind == "copy" or zlib.crc32(edit.source.encode()) >= share * 2**32:  # a copy has the same numbers
            continue
        try:
            read = ast.dump(ast.parse(edit.source))
        except SyntaxError:
            continue
        if read not in seen:
            seen.add(read)
            yield edit


class Cases:
    """The inputs of a check of one exercise, with what the reference does, and those of the wide search."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        layers = [layer for layer in exercise.layers if layer.has_inputs]
        self.checked = [case for layer in layers for case in self._cases(layer, exercise.layer_inputs(layer.name))]
        for seed, layer in itertools.product(SEEDS, layers):
            self.checked += self._cases(layer, exercise.fresh_inputs(layer.name, seed))
        self.layers = layers
        self.keeps_input = any(layer.keeps_input for layer in exercise.layers)

    @functools.cached_property
    def wide(self) -> list[tuple[str, Layer, Args, Outcome]]:
        """The inputs of the wide search by what was done to them, those on which the reference returns a value."""
        found: list[tuple[str, Layer, Args]] = []
        for layer in self.layers:
            fixed = self.exercise.layer_inputs(layer.name)
            fresh = [self.exercise.fresh_inputs(layer.name, seed) for seed in WIDE_SEEDS]
            found += [("own", layer, args) for inputs in fresh for args in inputs]
            found += [(what, layer, new) for args in fixed + fresh[0] for what, new in changed_inputs(args)]
        by_kind: dict[str, list[tuple[str, Layer, Args, Outcome]]] = {}
        for what, layer, args in random.Random(0).sample(found, len(found)):
            cases = by_kind.setdefault(what, [])
            if len(cases) < MOST_OF_A_KIND:  # what the reference does is asked of those alone that are kept
                (case,) = self._cases(layer, [args])
                if what == "own" or usable(case[2]):
                    cases.append((what, *case))
        return [case for cases in by_kind.values() for case in cases]

    def _cases(self, layer: Layer, inputs: list[Args]) -> list[tuple[Layer, Args, Outcome]]:
        names = self.exercise.parameters
        return [(layer, args, call_ours(self.exercise.reference, args, names)) for args in inputs]

    def passes(self, function: Callable[..., Any], layer: Layer, args: Args, want: Outcome) -> bool | None:
        """Whether an answer is right on one input; None where it takes too long to know."""
        have = limited(function, args, self.exercise)
        if have.how == "too long":
            return None
        if layer.name == "values" and self.keeps_input and have.changed:
            return False

        def compare(args, expected, got):
            if self.exercise.judge_result is not None:
                return self.exercise.judge_result(args, got)
            return difference(expected, got, up_to_sign=self.exercise.up_to_sign)

        try:
            return layer.failure(args, want, have, compare) is None
        except Exception:  # what a judge cannot read is wrong
            return False

    def survives(self, function: Callable[..., Any]) -> bool:
        """Whether an edit passes all inputs of a check."""
        return all(self.passes(function, *case) for case in self.checked)

    def ends(self, function: Callable[..., Any]) -> bool:
        """Whether an edit comes back from all inputs of a check in time."""
        return all(limited(function, args, self.exercise).how != "too long" for _, args, _ in self.checked)

    def differs(self, survivor: Survivor) -> tuple[str, Args] | None:
        """Return the first input of the wide search on which an edit is wrong, and what was done to it.

        Where the answer before the edit is wrong, too, the prompt does not say what should come out.
        """
        for what, *case in self.wide:
            if (self.exercise.name, what) not in NOT_ASKED and self.passes(survivor.function, *case) is False:
                if self.passes(survivor.answer.function, *case):
                    return what, case[1]
        return None


def limited(function: Callable[..., Any], args: Args, exercise: Exercise) -> Outcome:
    """Call within a time of the processor, which is the same however busy the machine is."""

    _listen()
    outcome = Outcome("too long")
    with contextlib.suppress(TimeoutError):
        signal.setitimer(signal.ITIMER_VIRTUAL, MAX_SECONDS, 0.01)
        with contextlib.redirect_stdout(None):
            outcome = call(Trusted(function), args, forbid=exercise.instead_of, names=exercise.parameters)
    while True:
        with contextlib.suppress(TimeoutError):  # it may ring while it is being switched off
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            return outcome


@functools.cache
def _listen() -> None:
    """Let the alarm raise, in this process from now on."""

    def ring(signum, frame):
        raise TimeoutError

    signal.signal(signal.SIGVTALRM, ring)


def usable(outcome: Outcome) -> bool:
    """Whether the reference returned numbers without a warning, so that there is something to be held to."""
    if outcome.how != "returned" or outcome.warned:
        return False
    parts = outcome.value if isinstance(outcome.value, tuple) else (outcome.value,)
    return all(np.isfinite(part).all() for part in parts if isinstance(part, (np.ndarray, float)))


def changed_inputs(args: Args) -> Iterator[tuple[str, Args]]:
    """Yield what is made of one input, with a word for what was done."""
    rng = np.random.default_rng(7)

    def each(change: Callable[[Any], Any]) -> Args:
        return tuple(change(arg) if is_table(arg) and arg.dtype.kind == "f" else arg for arg in args)

    yield "whole numbers", each(lambda x: np.rint(x).astype(int))
    yield "negative", each(np.negative)
    yield "huge", each(lambda x: x * 2.0**20)
    yield "tiny", each(lambda x: x * 2.0**-20)
    yield "zeros", each(lambda x: np.where(rng.random(x.shape) < 0.3, 0.0, x))
    yield "rounded", each(np.rint)
    for length in sorted({size for arg in args if is_table(arg) for size in arg.shape if size}):
        taken = [("one", np.zeros(1, int)), ("ties", np.arange(ROWS) % length), ("ties", rng.integers(0, length, ROWS))]
        for what, ids in taken:
            changed = tuple(_take(arg, ids, length) for arg in args)
            yield f"{what} in place of {'d' if _is_last(args, length) else 'n'}", changed


def is_table(arg: Any) -> bool:
    """Whether an argument is an array with numbers in it."""
    return isinstance(arg, np.ndarray) and arg.ndim > 0 and arg.size > 0 and arg.dtype.kind in "fiub"


def _is_last(args: Args, length: int) -> bool:
    return any(is_table(arg) and arg.ndim == 2 and arg.shape[1] == length for arg in args)


def _take(arg: Any, ids: Any, length: int) -> Any:
    if not is_table(arg):
        return arg
    for axis, size in enumerate(arg.shape):
        if size == length:
            arg = np.take(arg, ids, axis=axis)
    return arg


def survivors(exercise: Exercise, cases: Cases, share: float = 1.0) -> Iterator[Survivor]:
    """Yield the edits of all right answers that pass every input of a check."""
    for answer in right_answers(exercise):
        for edit in sampled(answer, share):
            function = answer.edited(edit)
            if function is not None and cases.survives(function):
                yield Survivor(answer, edit, function)


_STARS = "stars and counts are whole numbers from 0 on"
_PICTURE = "the prompt brings three points and a query turned, mirrored, larger or smaller up to ten times"
_TIES = "where two items tie at exactly 0 or 1, the last digit decides, or the least that an answer takes for 0"
_LOTS = "all lots differ"
_YES_OR_NO = "a table of yes and no holds 0 and 1"
_RANK = "no prompt says what a column is where the rank is below d; by eigenvectors it is 0 / 0"
_DIFFERENCES = "differences of a sum of that many terms are no longer exact enough"
_ROUNDING = "the sums differ in the last digit, and whatever hangs on equal ones with them"

#: What a prompt does not ask for: (exercise, what is done to its inputs), with the reason.
NOT_ASKED: dict[tuple[str, str], str] = {
    ("als_step", "ties in place of d"): _ROUNDING,
    **{("crossing_alpha", what): _TIES for what in ("huge", "tiny", "ties in place of n", "zeros")},
    ("crossing_alpha", "one in place of n"): "a vector of one number has no angle but 0 and 180 degrees",
    **{("equal_counts", what): _LOTS for what in ("rounded", "whole numbers", "zeros", *RESIZED[2:])},
    **{(name, what): _YES_OR_NO for name in ("embed", "cooccurrence_scores", "genre_scores") for what in SIZES},
    **{("embed", what): _RANK for what in ("zeros", *RESIZED[2:])},
    **{(name, what): _STARS for name in STARS for what in SIZES},
    **{
        ("gauge_free", what): "there are more users than columns"
        for what in ("one in place of n", "ties in place of d")
    },
    ("pareto_front", "negative"): "neither quality nor coverage is below 0",
    ("explained", "negative"): "singular values are not negative",
    ("explained", "tiny"): "singular values of nearly nothing are zero up to rounding",
    ("rare_share", "tiny"): _STARS,
    ("popularity_baseline", "ties in place of d"): "ten thousand cells take too long one by one",
    ("top_k", "whole numbers"): "scores are floats",
    ("norm_growth", "negative"): "nobody rates less than nothing",
    ("norm_popularity", "negative"): "nobody rates less than nothing",
    **{("norm_growth", what): "rounded, an item may be zeros alone" for what in ("whole numbers", "rounded", "zeros")},
    ("neighbours_kept", "one in place of n"): "who is alone has no neighbours",
    ("neighbours_kept", "tiny"): "a difference of a ten millionth of the distance is lost beside any other number",
    ("neighbours_kept", "ties in place of n"): _ROUNDING,
    ("norm_share", "ties in place of d"): _ROUNDING,
    **{(name, what): _DIFFERENCES for name in ("gradient_step", "mf_gradients") for what in RESIZED[2:]},
    ("gravity", "tiny"): "float32 has no numbers that small",
    **{("make_item", what): _PICTURE for what in (*SIZES[1:], "whole numbers", "rounded", "zeros", *RESIZED)},
    ("is_gauge_invariant", "one in place of n"): "with one number a vector times a positive number has its direction",
    ("is_gauge_invariant", "one in place of d"): "as above",
}


def main(names: list[str]) -> None:
    """Print the survivors that differ, by exercise: among all edits, or a share of them."""
    share = float(names.pop(0)) if names and names[0][0].isdigit() else 1.0
    for exercise in all_exercises().values():
        if exercise.kind == "answer" or exercise.name in LEFT_OUT or (names and exercise.name not in names):
            continue
        began = time.process_time()
        cases = Cases(exercise)
        equal, found = 0, []
        for survivor in survivors(exercise, cases, share):
            differs = cases.differs(survivor)
            equal += differs is None
            if differs is not None:
                found.append((survivor, *differs))
        seconds = time.process_time() - began
        print(f"{exercise.name}: {equal} shown equal, {len(found)} differ, {seconds:.1f} s", flush=True)
        for survivor, what, args in found:
            print(f"  [{what}] {survivor.key}\n      {' '.join(repr(args).split())[:300]}")


if __name__ == "__main__":
    main(sys.argv[1:])
