"""Run a learner's notebook in a sandbox and call its functions from outside, trusting nothing that comes back.

`Learner` runs the cells and starts anew when their process has ended. A `Handle` stands for one function: calling it
sends plain values into the sandbox and gets plain values back, within limits of time and size. What comes back is
believed only as the value of that call. Expected values, hints and points never enter the sandbox.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from classroom.limited import EndedError
from classroom.sandbox import wire
from classroom.sandbox.messages import Argument, CallOrder, Order, Output
from classroom.sandbox.namespaces import Limits, MemoryFloodError, Sandbox, SandboxError, Template
from classroom.sandbox.outputs import MAX_NOTEBOOK_PIXELS, error_output, pixels_of, plain_outputs
from classroom.sandbox.steps import Step
from recsys_lib._taught import FORBIDDEN, WriteItYourselfError
from recsys_lib.checks.callables import CALLABLES
from recsys_lib.checks.callee import Answer, Callee, NameKind, callee_of
from recsys_lib.checks.calling import CALL_SECONDS
from recsys_lib.checks.outcome import Outcome, OutOfTimeError

GRACE = 2.0  # seconds after which a process that does not stop a call by itself is ended
LESSONS_CELLS = 3  # times as long as a learner's may a cell of the lesson's own take, which trains a model
MAX_RUNS = 4  # of a notebook whose cells end their process, before only what has run is run again
MAX_CELL_BYTES = 4 * 2**20  # of the answer to a cell
MAX_SHOWN = 8 * 2**20  # characters of all cells' outputs together
MAX_ENDED = 20  # sentences that are kept on how the process ended
MAX_LINE = 999  # number of a line of learner's code that is believed
MAX_UNWATCHED = 0.25  # seconds between two looks at the memory of all processes inside
Array = NDArray[Any]
_TOO_MUCH = "the cells before have shown as much as a notebook may"


class ProcessEndedError(RuntimeError):
    """A function ended the process that it ran in."""


class _FailedError(Exception):
    """The learner's process says that it could not carry out an order."""


class OutOfNotebookTimeError(Exception):
    """The submission has used up the time that a whole notebook may take."""


class Learner:
    """A learner's notebook, running in a sandbox; it is run again by itself when its process has ended.

    Parameters
    ----------
    template : Template
        The process that the learner's process is forked from.
    steps : iterable of Step
        The cells to run and the names to keep, in order.
    limits : Limits
        What the notebook may use.
    isolated : bool
        False runs it without a sandbox, see `classroom.sandbox.namespaces.Sandbox`.
    look : callable, optional
        ``look(question, text, *args, meanwhile=f)`` says what a question of a check finds in a text of the learner's,
        within limits of its own, and calls ``f`` a few times a second. Without it no such question is asked.

    Attributes
    ----------
    outputs : dict of str to list
        What each cell showed when it ran first, before any graded input was sent. Checked, and safe to show.
    kinds : dict of tuple to str
        What a name meant, by the id of the graded cell that asks for it and the name: "callable", "missing", or a type.
    reads : dict of str to dict
        What each function that was kept reads of the notebook, by the key that it was kept under: as its process says.
    ended : list of str
        A sentence on each time the process had to be ended, or ended itself.
    """

    def __init__(
        self,
        template: Template,
        steps: Iterable[Step],
        limits: Limits,
        *,
        isolated: bool = True,
        look: Callable[..., Any] | None = None,
    ) -> None:
        self._template, self._steps, self._limits, self._isolated = template, list(steps), limits, isolated
        self._look = look
        self._sandbox: Sandbox | None = None
        self._seq = self._shown = self._pixels = 0
        self._lines = max((len(step.text.splitlines()) for step in self._steps), default=0)  # of the longest cell
        self._skipped: set[int] = set()  # places of steps that ended the process
        self._at = 0  # place of the step that is carried out
        self._end = time.monotonic() + limits.notebook_seconds
        self._lessons_left = limits.lesson_seconds  # for cells of the lesson's own, which do not move the end
        self._looked = 0.0  # when the memory was looked at, by the monotonic clock
        self._no_fault: SandboxError | None = None
        self._fresh = False  # whether functions are asked about inputs that nobody may learn of
        self.outputs: dict[str, list[Output]] = {}
        self.kinds: dict[tuple[str, str], str] = {}
        self.reads: dict[str, dict[str, NameKind]] = {}
        self.ended: list[str] = []

    # ---- cells

    def run(self) -> None:
        """Run all cells; one that ends the process is left out when they are run again.

        Raises
        ------
        OutOfNotebookTimeError
            If the time of the whole notebook is used up before all cells have run.
        """
        for _ in range(MAX_RUNS):
            if self._run_once():
                return
        # So many cells have ended the process that the steps behind are left out: only what is known to run is run.
        self._skipped |= set(range(self._at, len(self._steps)))
        self._skipped -= {place for place, step in enumerate(self._steps) if step.kind == "bind"}
        self._run_once()

    def _run_once(self) -> bool:
        self._start()
        for place, step in enumerate(self._steps):
            self._at = place
            if place in self._skipped:
                continue
            try:
                self._do(step)
            except (EOFError, OSError, wire.WireError, MemoryFloodError) as error:
                self.check_time()
                self._note_end(f"cell {step.id} {_how_it_ended(error, self._limits.cell_seconds)}")
                self.outputs.setdefault(step.id, []).append(error_output("ProcessEndedError", self.ended[-1]))
                self._skipped.add(place)
                self.close()
                return False
        return True

    def _do(self, step: Step) -> None:
        if step.kind == "bind":
            self._keep_name(step)
        else:
            self._run_cell(step)

    def _keep_name(self, step: Step) -> None:
        answer = self._ask({"op": "bind", "key": f"{step.id}/{step.text}", "name": step.text}, GRACE)
        kind = _text(answer, "kind")
        known = len(kind) <= wire.MAX_NAME and kind.isidentifier()
        self.kinds[step.id, step.text] = kind if known else "missing"
        self.reads[f"{step.id}/{step.text}"] = _names_read(answer)

    def _run_cell(self, step: Step) -> None:
        with self._time_for(step) as seconds:
            order: Order = {"op": "cell", "source": step.text, "seconds": seconds}
            answer = self._ask(order, seconds + GRACE, max_bytes=MAX_CELL_BYTES)
        if step.id in self.outputs:  # it is run again, and may now know of graded inputs: nothing it shows is kept
            return
        outputs = plain_outputs(answer.get("outputs"), MAX_NOTEBOOK_PIXELS - self._pixels)
        self._pixels += pixels_of(outputs)
        self._shown += len(str(outputs))
        shown_too_much = self._shown > MAX_SHOWN
        self.outputs[step.id] = [error_output("TooMuchOutputError", _TOO_MUCH)] if shown_too_much else outputs

    @contextlib.contextmanager
    def _time_for(self, step: Step) -> Iterator[float]:
        """Give a cell the time that it may take: one of the lesson's own, as long as there is some, beside ours."""
        start = time.monotonic()
        most = self._limits.cell_seconds * (LESSONS_CELLS if step.lessons else 1)
        lent = min(self._lessons_left, most + GRACE) if step.lessons else 0.0
        self._end += lent
        try:
            yield min(most, max(0.1, self._end - start))
        finally:
            used = min(lent, time.monotonic() - start)
            self._lessons_left -= used
            self._end -= lent - used

    # ---- functions

    def begin_fresh_inputs(self, more: float = 0.0) -> None:
        """From now on say no number of what a function does: its calls are about inputs drawn for a grade.

        Parameters
        ----------
        more : float
            The time that is left at least, as a share of the notebook's.
        """
        self._fresh = True
        self._end = max(self._end, time.monotonic() + more * self._limits.notebook_seconds)

    def text_of(self, key: str) -> str | None:
        """Return the text of the cell that seems to define what is kept under a key, as Python, or None: not known."""
        cell, _, name = key.partition("/")
        place = next((s.defined_in for s in self._steps if s.kind == "bind" and (s.id, s.text) == (cell, name)), None)
        return None if place is None else self._steps[place].python or self._steps[place].text

    def look_at_text(self, key: str, question: Callable[..., Answer], *args: Any) -> Answer:
        """Return what a question of a check finds in the text of what is kept under a key.

        Where the text is not known, or finding out takes more than is allowed, it is asked of no text.
        """
        source = self.text_of(key)
        if source is None or self._look is None:
            return question(None, *args)
        name = key.partition("/")[2]
        try:
            answer: Answer = self._look(question, source, *args, meanwhile=self._watch_memory)
        except EndedError as error:
            self._note_end(f"the text of {name} is too much to look through: {error}")
            return question(None, *args)
        except MemoryFloodError as error:
            self._lose_to_flood(name, error)
            return question(None, *args)
        return answer

    def call(
        self, key: str, args: tuple[Any, ...], seconds: float, forbid: Iterable[str], source: str | None = None
    ) -> Outcome:
        """Call what was kept under ``key``, and say what came of it.

        Parameters
        ----------
        key : str
            The id of the graded cell and the name, with a slash between.
        args : tuple
            The arguments. Arrays are changed as the function changes its own, which lie in the shared memory.
        seconds : float
            The time after which the call is stopped.
        forbid : iterable of str
            The library functions that are switched off meanwhile.
        source : str, optional
            A changed text of its cell: the function is called as this text makes it.

        Returns
        -------
        Outcome
            Returned, raised, too long or unsolved; its time is that of the way there and back, too.

        Raises
        ------
        OutOfNotebookTimeError
            If the time of the whole notebook is used up.
        """
        if self._sandbox is None:
            self.check_time()
            self.run()
        arrays: list[tuple[Array, Array]] = []
        name = key.partition("/")[2]
        start = math.inf
        try:
            self._watch_memory()
            start = time.perf_counter()  # a look takes some milliseconds, which are not the function's
            sent, arrays = _share(args, self._running().shared)
            order: CallOrder = {"op": "call", "key": key, "args": sent, "seconds": seconds, "forbid": sorted(forbid)}
            if source is not None:
                order["source"] = source
            answer = self._ask(order, seconds + GRACE, max_bytes=wire.MAX_RESULT)
            _copy_back(arrays)
            if (failed := _text(answer, "failed")) in wire.ERRORS:
                raise _FailedError(failed)
            outcome = _outcome(answer, set(forbid), self._lines)
        except TimeoutError:
            self._lose(name, f"ran longer than {seconds:.2g} s and could not be stopped", "could not be stopped")
            return Outcome("too long")
        except MemoryFloodError as error:
            self._lose_to_flood(name, error)
            return Outcome("raised", error=MemoryError("more memory than is allowed"))
        except _FailedError as error:
            large = str(error) == "OverflowError"
            said = "returned more than may cross" if large else f"could not be called ({error}): is the memory full?"
            self._lose(name, said, "returned more than may cross, or had no memory left")
            return Outcome("raised", error=MemoryError(said))
        except (EOFError, OSError) as error:
            self._lose(name, _how_it_ended(error, seconds), "ended the process it ran in")
            return Outcome("raised", error=ProcessEndedError("it ended its process"))
        except wire.WireError as error:
            self._lose(name, f"sent back {error}", "sent back what cannot be read")
            return Outcome("raised", error=ProcessEndedError("what it returned cannot be read"))
        finally:
            arrays.clear()  # a view keeps the shared memory from being closed
        if isinstance(outcome.error, MemoryError) and outcome.line is None:  # it could not even begin
            self._lose(name, "had no memory left to run in", "had no memory left to run in")
        if outcome.how == "returned":
            outcome.seconds = time.perf_counter() - start
            outcome.processor = outcome.seconds  # unless whoever times it looks at the processes
        return outcome

    def processor_seconds(self) -> float | None:
        """Return the processor time so far of all processes in the sandbox, or None where it cannot be seen."""
        return None if self._sandbox is None else self._sandbox.processor_seconds()

    def idle(self, args: tuple[Any, ...]) -> tuple[float, float]:
        """Return seconds and processor seconds of a call that does nothing, in a sandbox without a learner's code."""
        steps = [Step("cell", "idle", "def nothing(*args):\n    return 0.0"), Step("bind", "idle", "nothing")]
        best = used = math.inf
        try:
            with Learner(self._template, steps, self._limits, isolated=self._isolated) as clean:
                clean.run()
                for _ in range(5):
                    before, start = clean.processor_seconds(), time.perf_counter()
                    clean.call("idle/nothing", args, CALL_SECONDS, ())
                    best = min(best, time.perf_counter() - start)
                    after = clean.processor_seconds()
                    used = min(used, after - before if after is not None and before is not None else 0.0)
        except SandboxError as error:
            self.note_no_fault(error)
            raise
        return best, used

    def _ask(self, order: Order, seconds: float, max_bytes: int = wire.MAX_BYTES) -> dict[str, Any]:
        """Send an order and return the answer to it, of which nothing is checked but its number."""
        self._watch_memory()
        sandbox = self._running()
        self._seq += 1
        left = self._end + GRACE - time.monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            wire.send(sandbox.connection, {**order, "seq": self._seq}, seconds)
            answer = wire.receive(
                sandbox.connection, min(seconds, left), max_bytes=max_bytes, meanwhile=self._watch_memory
            )
        except (EOFError, ConnectionError):
            sandbox.check_kernels_count()  # which may be why it ended
            raise
        if type(answer) is not dict or answer.get("seq") != self._seq:
            raise wire.WireError("an answer that nobody asked for")
        return answer

    def _watch_memory(self) -> None:
        """Look at the memory of all processes inside, where nobody has for a while.

        A child need not wait for a call to fill memory, so this is asked for before each order, while an answer is
        waited for, while a text is looked through, and once more before a grade is paid.

        Raises
        ------
        MemoryFloodError
            If they hold more than they may.
        SandboxError
            If the machine has no more: then nothing that came of it is the submission's fault.
        """
        if self._sandbox is None or time.monotonic() < self._looked + MAX_UNWATCHED:
            return
        try:
            self._sandbox.check_memory()
        except SandboxError as error:
            self._no_fault = error
            self.close()
            raise
        self._looked = time.monotonic()

    # ---- beginning and ending

    def _running(self) -> Sandbox:
        if self._sandbox is None:
            raise EOFError("the sandbox is closed")
        return self._sandbox

    def _start(self) -> None:
        self.check_time()
        self.close()
        self._sandbox = Sandbox(self._template, self._limits, isolated=self._isolated)
        self._looked = time.monotonic()

    def check_memory(self) -> None:
        """End the process where its children hold too much between calls, and note it: before a grade is paid.

        Raises
        ------
        SandboxError
            If the machine has no more memory.
        """
        try:
            self._watch_memory()
        except MemoryFloodError as error:
            self._lose_to_flood("the notebook", error)

    def note_no_fault(self, error: Exception) -> None:
        """Remember why the sandbox does not go on, so that `check_time` raises it: no call is wrong for that."""
        if isinstance(error, SandboxError):
            self._no_fault = error

    def check_time(self) -> None:
        """Raise `OutOfNotebookTimeError` where the time of the whole notebook is used up.

        Raise `SandboxError` where the machine could not go on: a call that was cut off for that is no wrong answer.
        """
        if self._no_fault is not None:
            raise self._no_fault
        if time.monotonic() > self._end:
            raise OutOfNotebookTimeError(f"it ran longer than {self._limits.notebook_seconds:g} s")

    def _lose(self, name: str, said: str, plainly: str) -> None:
        """Give the process up, and note why: without numbers where these could tell what a function was asked."""
        self._note_end(f"{name} {plainly if self._fresh else said}")
        self.close()

    def _lose_to_flood(self, name: str, error: MemoryFloodError) -> None:
        self._lose(name, f"was ended: {error}", "was ended for the memory that it held")

    def _note_end(self, sentence: str) -> None:
        if sentence not in self.ended and len(self.ended) < MAX_ENDED:
            self.ended.append(sentence)

    def close(self) -> None:
        """End the sandbox."""
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None

    def __enter__(self) -> Learner:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Handle(Callee):
    """A learner's function in its sandbox: a check runs it, and a graded cell may call it like any function."""

    def __init__(self, learner: Learner, key: str, name: str, names: dict[str, Any], source: str | None = None) -> None:
        self._learner, self._key, self._names, self._source = learner, key, names, source
        self.__name__ = name
        self.patience = learner._limits.patience
        self._broken: Outcome | None = None

    def run(self, args: tuple[Any, ...], seconds: float) -> Outcome:
        """Call within a limit that is kept on the other side, and here in case it is not."""
        if self._broken is not None:  # it has ended its process once: starting anew for each input would take an age
            return replace(self._broken)
        before = len(self._learner.ended)
        try:
            outcome = self._learner.call(self._key, args, seconds, FORBIDDEN.get(), self._source)
        except MemoryError:
            raise  # of this process: what the function does comes back as an outcome
        except Exception as error:  # no time is left, or the sandbox does not start again: whoever grades asks for that
            self._learner.note_no_fault(error)
            outcome = Outcome("raised", error=error)
        if len(self._learner.ended) > before:
            self._broken = outcome
        return outcome

    def neighbour(self, name: str) -> Callee | None:
        """Return what the learner's notebook holds under a name."""
        found = self._names.get(name)
        return None if found is None else callee_of(found)

    def written(self) -> str | None:
        """Return the text of the submitted cell that defines the function."""
        return self._learner.text_of(self._key)

    def names(self) -> dict[str, NameKind]:
        """Return what its process says of them: nothing depends on it but a sentence for whoever wrote the function."""
        return self._learner.reads.get(self._key, {})

    def look_at_text(self, question: Callable[..., Answer], *args: Any) -> Answer:
        """Ask a process that may die."""
        return self._learner.look_at_text(self._key, question, *args)

    def rewritten(self, source: str) -> Handle:
        """Return the function as a changed text makes it, in the sandbox."""
        return Handle(self._learner, self._key, self.__name__, self._names, source)

    def idle(self, args: tuple[Any, ...]) -> tuple[float, float]:
        """Time the way there and back."""
        return self._learner.idle(args)

    def processor_seconds(self) -> float | None:
        """Return the processor time of all processes in the sandbox."""
        return self._learner.processor_seconds()

    def __call__(self, *args: Any) -> Any:
        """Call within the usual limit."""
        outcome = self.run(args, CALL_SECONDS * self.patience)
        if outcome.how == "returned":
            return outcome.value
        if isinstance(outcome.error, MemoryError):  # its own, which must not be taken for one of this process
            raise ProcessEndedError("it had no memory left")
        raise outcome.error or OutOfTimeError()


def _share(args: tuple[Any, ...], shared: mmap.mmap) -> tuple[list[Argument], list[tuple[Array, Array]]]:
    """Copy arrays into the shared memory; return the arguments as they are sent, and the arrays with their copies."""
    sent: list[Argument] = []
    arrays = []
    offset = 0
    for arg in args:
        if callable(arg) and CALLABLES.get(name := getattr(arg, "__name__", "")) is arg:
            sent.append(["f", name])
        elif isinstance(arg, np.ndarray) and offset + arg.nbytes <= len(shared):
            copy = np.frombuffer(shared, arg.dtype, arg.size, offset).reshape(arg.shape)
            copy[...] = arg
            arrays.append((arg, copy))
            sent.append(["m", arg.dtype.str, list(arg.shape), offset])
            offset += -(-arg.nbytes // 64) * 64
        else:
            sent.append(wire.encode(arg))
    return sent, arrays


def _copy_back(arrays: list[tuple[Array, Array]]) -> None:
    """Change the arguments as the function has changed their copies."""
    for arg, copy in arrays:
        if arg.tobytes() != copy.tobytes():
            arg[...] = copy


def _text(answer: dict[str, Any], part: str) -> str:
    """Return a part of an answer, or the empty text where it is missing or no text."""
    found = answer.get(part)
    return found if type(found) is str else ""


def _names_read(answer: dict[str, Any]) -> dict[str, NameKind]:
    """Read what a function reads of its notebook: a few names, each of a known kind."""
    found = answer.get("reads")
    if type(found) is not dict or len(found) > wire.MAX_READ:
        return {}
    kinds = get_args(NameKind)
    return {n: kind for n, kind in found.items() if type(n) is str and len(n) <= wire.MAX_NAME and kind in kinds}


def _outcome(answer: dict[str, Any], forbid: set[str], lines: int) -> Outcome:
    """Read what a call came to; nothing of the answer is believed but a value, a known error and a possible line."""
    how = answer.get("how")
    if how == "returned":
        return Outcome("returned", value=wire.decode(answer.get("value")))
    if how == "unsolved":
        return Outcome("unsolved", error=NotImplementedError())
    if how == "too long":
        return Outcome("too long")
    if how == "raised":
        if (forbidden := _text(answer, "forbidden")) in forbid:
            return Outcome("raised", error=WriteItYourselfError(forbidden))
        error = wire.ERRORS.get(_text(answer, "error"), Exception)
        if issubclass(error, (KeyboardInterrupt, NotImplementedError)):  # here they would mean an interrupt, or a stub
            error = RuntimeError
        line = answer.get("line")
        known = type(line) is int and 0 < line <= min(lines, MAX_LINE)
        place = (line, "") if known and line else None
        return Outcome("raised", error=error(), line=place, reached=answer.get("reached") is not False)
    raise wire.WireError("an answer that is not of the agreed form")


def _how_it_ended(error: BaseException, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"ran longer than {seconds:g} s and could not be stopped"
    if isinstance(error, MemoryFloodError):
        return f"was ended: {error}"
    if isinstance(error, wire.WireError):
        return f"showed what cannot be read: {error}"
    return "ended the process it ran in"
