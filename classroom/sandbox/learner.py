"""Judge a learner's functions, from a trusted process: the course's own graded cells, run on handles.

A graded cell (from the gradebook, never from the submission) runs here. The names that the lesson asks the learner to
define are handles: calling one sends plain values into the sandbox and gets plain values back, within a limit of time
and size. What an answer says is believed only as the value of that call. Inputs, expected values, hints and points
stay here. What is shown to anyone comes from here, or from the learner's cells before the first graded input was sent.
"""

from __future__ import annotations

import ast
import base64
import binascii
import contextlib
import io
import math
import re
import time
import traceback
from collections.abc import Iterable
from typing import Any

import numpy as np

from classroom.common import ROOT
from classroom.sandbox import wire
from classroom.sandbox.namespaces import Limits, MemoryFloodError, Sandbox, Template
from classroom.submission.rebuild import Step
from recsys_lib._taught import FORBIDDEN, WriteItYourselfError
from recsys_lib.checks.callables import CALLABLES
from recsys_lib.checks.calling import CALL_SECONDS, OutOfTimeError
from recsys_lib.checks.checking import verdict_on
from recsys_lib.checks.verdict import Verdict

GRACE = 2.0  # seconds after which a process that does not stop a call by itself is ended
MOST_DEATHS = 4
MOST_CELL_BYTES = 4 * 2**20
MOST_SHOWN = 8 * 2**20  # characters of all cells' outputs together
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
_CONTROL = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


TOO_MUCH = "the cells before have shown as much as a notebook may"


class ProcessEndedError(RuntimeError):
    """Said of a function whose process ended while it ran."""


class _FailedError(Exception):
    """The learner's process could not carry out an order."""


class OutOfNotebookTimeError(Exception):
    """The submission has used up the time of a whole notebook."""


class Learner:
    """A learner's notebook, running in a sandbox; starts again by itself when the process has ended.

    Parameters
    ----------
    template : Template
    steps : iterable of Step
        Cells to run and names to keep, in order.
    limits : Limits
    isolated : bool

    Attributes
    ----------
    outputs : dict of str to list
        What each cell showed when it ran first, before any graded input was sent. Checked, and safe to show.
    kinds : dict of str to str
        What each name was that graded cells ask for: "callable", "missing", or a type.
    ended : list of str
        Sentences on each time the process had to be ended, or ended itself.
    """

    def __init__(self, template: Template, steps: Iterable[Step], limits: Limits, *, isolated: bool = True) -> None:
        self._template, self._steps, self._limits, self._isolated = template, list(steps), limits, isolated
        self._sandbox: Sandbox | None = None
        self._seq = self._shown = 0
        self._lines = max((len(step.text.splitlines()) for step in self._steps), default=0)  # no cell has more
        self._skipped: set[int] = set()
        self._end = time.monotonic() + limits.notebook_seconds
        self.outputs: dict[str, list[dict]] = {}
        self.kinds: dict[tuple[str, str], str] = {}
        self.ended: list[str] = []

    # ---- cells

    def run(self) -> None:
        """Run all cells; one that ends the process is left out when they are run again.

        Raises
        ------
        OutOfNotebookTimeError
        """
        for _ in range(MOST_DEATHS):
            if self._run_once():
                return
        # Whatever is left after so many ends: only what is known to run.
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
                self.outputs.setdefault(step.id, []).append(_error("ProcessEndedError", self.ended[-1]))
                self._skipped.add(place)
                self.close()
                return False
        return True

    def _do(self, step: Step) -> None:
        if step.kind == "bind":
            order = {"op": "bind", "key": f"{step.id}/{step.text}", "name": step.text}
            kind = self._ask(order, GRACE).get("kind")
            known = type(kind) is str and len(kind) <= wire.MOST_NAME and kind.isidentifier()
            self.kinds[step.id, step.text] = kind if known else "missing"
            return
        seconds = min(self._limits.cell_seconds, max(0.1, self._end - time.monotonic()))
        order = {"op": "cell", "id": step.id, "source": step.text, "seconds": seconds}
        answer = self._ask(order, seconds + GRACE, most=MOST_CELL_BYTES)
        if step.id not in self.outputs:  # a second run may have seen graded inputs, or what is left of them
            outputs = _plain_outputs(answer.get("outputs"))
            self._shown += len(str(outputs))
            self.outputs[step.id] = outputs if self._shown <= MOST_SHOWN else [_error("TooMuchOutputError", TOO_MUCH)]

    # ---- functions

    def call(self, key: str, args: tuple[Any, ...], seconds: float, forbid: Iterable[str]) -> Any:
        """Call what was kept under ``key``; return its value, or raise what it raised.

        Arrays among ``args`` are changed as the function changes them: they lie in memory that we see ourselves.
        """
        if self._sandbox is None:
            self.check_time()
            self.run()
        sent, arrays = [], []
        offset = 0
        for arg in args:
            if callable(arg) and CALLABLES.get(getattr(arg, "__name__", "")) is arg:
                sent.append(["f", arg.__name__])
            elif isinstance(arg, np.ndarray) and offset + arg.nbytes <= len(self._sandbox.shared):
                mine = np.frombuffer(self._sandbox.shared, arg.dtype, arg.size, offset).reshape(arg.shape)
                mine[...] = arg
                arrays.append((arg, mine))
                sent.append(["m", arg.dtype.str, list(arg.shape), offset])
                offset += -(-arg.nbytes // 64) * 64
            else:
                sent.append(wire.encode(arg))
        order = {"op": "call", "key": key, "args": sent, "seconds": seconds, "forbid": sorted(forbid)}
        name = key.partition("/")[2]
        try:
            answer = self._ask(order, seconds + GRACE)
            for arg, mine in arrays:
                if arg.tobytes() != mine.tobytes():
                    arg[...] = mine
            if answer.get("failed") in wire.ERRORS:  # the process could not do it, or not send what came of it
                raise _FailedError(answer["failed"])
            value, raised = _value_or_error(answer, set(forbid), self._lines)
        except TimeoutError:
            self._lose(f"{name} ran longer than {seconds:.2g} s and could not be stopped")
            raise OutOfTimeError from None
        except MemoryFloodError as error:
            self._lose(f"{name} was ended: {error}")
            raise _where(MemoryError("more memory than is allowed"), 0, True) from None
        except _FailedError as error:
            large = str(error) == "OverflowError"
            said = "returned more than may cross" if large else f"could not be called ({error}): is the memory full?"
            self._lose(f"{name} {said}")
            raise _where(MemoryError(said), 0, True) from None
        except (EOFError, OSError) as error:
            self._lose(f"{name} {_how_it_ended(error, seconds)}")
            raise _where(ProcessEndedError("it ended its process"), 0, True) from None
        except wire.WireError as error:
            self._lose(f"{name} sent back {error}")
            raise _where(ProcessEndedError("what it returned cannot be read"), 0, True) from None
        finally:
            arrays.clear()
            mine = None  # noqa: F841 - a view keeps the shared memory from being closed
        if isinstance(raised, MemoryError) and raised.said_where[0] is None:  # nothing is left, even to begin
            self._lose(f"{name} had no memory left to run in")
        if raised is not None:
            raise raised
        return value

    def idle_seconds(self, args: tuple[Any, ...]) -> float:
        """Time a call that does nothing, in a sandbox where no learner's code has been: the way there and back."""
        steps = [Step("cell", "idle", "def nothing(*args):\n    return 0.0"), Step("bind", "idle", "nothing")]
        with Learner(self._template, steps, self._limits, isolated=self._isolated) as clean:
            clean.run()
            best = math.inf
            for _ in range(5):
                start = time.perf_counter()
                clean.call("idle/nothing", args, CALL_SECONDS, ())
                best = min(best, time.perf_counter() - start)
            return best

    def _ask(self, order: dict, seconds: float, most: int = wire.MOST_BYTES) -> dict:
        self._seq += 1
        left = self._end + GRACE - time.monotonic()
        if left <= 0:
            raise TimeoutError
        wire.send(self._sandbox.connection, {**order, "seq": self._seq}, seconds)
        answer = wire.receive(self._sandbox.connection, min(seconds, left), most=most, meanwhile=self._sandbox.check)
        if type(answer) is not dict or answer.get("seq") != self._seq:
            raise wire.WireError("an answer that nobody asked for")
        return answer

    # ---- beginning and ending

    def _start(self) -> None:
        self.check_time()
        self.close()
        self._sandbox = Sandbox(self._template, self._limits, isolated=self._isolated)

    def check_time(self) -> None:
        """Raise `OutOfNotebookTimeError` where the time of the whole notebook is used up."""
        if time.monotonic() > self._end:
            raise OutOfNotebookTimeError(f"it ran longer than {self._limits.notebook_seconds:g} s")

    def _lose(self, sentence: str) -> None:
        self._note_end(sentence)
        self.close()

    def _note_end(self, sentence: str) -> None:
        if sentence not in self.ended and len(self.ended) < 20:
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


class Handle:
    """Stands for a learner's function: call it like one."""

    elsewhere = True

    def __init__(self, learner: Learner, key: str, name: str, names: dict[str, Any]) -> None:
        self._learner, self._key = learner, key
        self.__name__, self.__globals__ = name, names
        self.patience = learner._limits.patience
        self._broken: BaseException | None = None

    def call_within(self, seconds: float, *args: Any) -> Any:
        """Call within a limit that is kept on the other side, and here in case it is not."""
        if self._broken is not None:  # it has ended its process once: starting anew for each input would take an age
            raise self._broken
        before = len(self._learner.ended)
        try:
            return self._learner.call(self._key, args, seconds, FORBIDDEN.get())
        except BaseException as error:  # noqa: B036 - it is raised again
            if len(self._learner.ended) > before:
                self._broken = error
            raise

    def idle_seconds(self, args: tuple[Any, ...]) -> float:
        """Seconds of a call with these arguments that the function is not to blame for."""
        return self._learner.idle_seconds(args)

    def __call__(self, *args: Any) -> Any:
        """Call within the usual limit."""
        return self.call_within(CALL_SECONDS * self.patience, *args)


def _value_or_error(answer: dict, forbid: set[str], lines: int = 999) -> tuple[Any, BaseException | None]:
    """Read what a call came to: its value, or what it raised."""
    how = answer.get("how")
    if how == "returned":
        return wire.decode(answer.get("value")), None
    if how == "unsolved":
        return None, NotImplementedError()
    if how == "too long":
        return None, OutOfTimeError()
    if how == "raised":
        line, reached = answer.get("line"), answer.get("reached") is not False
        if answer.get("forbidden") in forbid:
            return None, _where(WriteItYourselfError(answer["forbidden"]), 0, True)
        error = wire.ERRORS.get(answer.get("error"), Exception)
        if issubclass(error, (KeyboardInterrupt, NotImplementedError)):  # neither means here what it says
            error = RuntimeError
        known = type(line) is int and 0 < line <= min(lines, 999)
        return None, _where(error(), line if known else 0, reached)
    raise wire.WireError("an answer that is not of the agreed form")


def _where(error: BaseException, line: int, reached: bool) -> BaseException:
    error.said_where = ((line, "") if line else None, reached)
    return error


def _how_it_ended(error: BaseException, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"ran longer than {seconds:g} s and could not be stopped"
    if isinstance(error, MemoryFloodError):
        return f"was ended: {error}"
    if isinstance(error, wire.WireError):
        return f"showed what cannot be read: {error}"
    return "ended the process it ran in"


# ----------------------------------------------------------------------------------------------------- graded cells


def grade_cell(source: str, imports: str, handles: dict[str, Any], seed: int) -> tuple[list[dict], Verdict | None]:
    """Run one graded cell of the course on handles.

    Parameters
    ----------
    source : str
        From the gradebook.
    imports : str
        The lesson's import statements.
    handles : dict
        By name.
    seed : int
        Of the fresh inputs.

    Returns
    -------
    list of dict
        Outputs as a notebook holds them, from which nbgrader reads the points.
    Verdict or None
        Of the cell's last check, for the class report.

    Examples
    --------
    >>> outputs, verdict = grade_cell("check('dot', dot)", "", {"dot": lambda q, items: items @ q}, seed=1)
    >>> outputs[-1]["data"]["text/plain"], verdict.solved
    ('2.0', True)
    """
    verdicts: list[Verdict] = []

    def check(name: str, answer: Any) -> float:
        verdict = verdict_on(name, answer, seed)
        verdicts.append(verdict)
        print(verdict.report())
        return float(verdict.points)

    names: dict[str, Any] = {"__name__": "graded"}
    out = io.StringIO()
    outputs: list[dict] = []
    with contextlib.redirect_stdout(out):
        try:
            exec(imports, names)
            names.update(handles, check=check)
            *body, last = ast.parse(source).body or [ast.Pass()]
            exec(compile(ast.Module(body, []), "<graded>", "exec"), names)
            if isinstance(last, ast.Expr):
                result = eval(compile(ast.Expression(last.value), "<graded>", "eval"), names)
                if result is not None:
                    outputs = [_result(result)]
            else:
                exec(compile(ast.Module([last], []), "<graded>", "exec"), names)
        except OutOfNotebookTimeError:
            raise
        except Exception as error:
            said = traceback.format_exception_only(error)[-1].strip()
            outputs = [_error(type(error).__name__, said.partition(": ")[2])]
    if out.getvalue():
        outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": out.getvalue()})
    return outputs, verdicts[-1] if verdicts else None


def _result(value: Any) -> dict:
    return {
        "output_type": "execute_result",
        "data": {"text/plain": repr(value)},
        "metadata": {},
        "execution_count": None,
    }


def _error(name: str, text: str) -> dict:
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


# ---------------------------------------------------------------------------------------------------- learner's output


def _plain_outputs(outputs: Any) -> list[dict]:
    """Take over what a stranger's process says its cell showed: text and pictures, nothing that a browser would run."""
    found = []
    for output in outputs[:50] if type(outputs) is list else []:
        kind = output.get("output_type") if type(output) is dict else None
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            found.append({"output_type": "stream", "name": name, "text": _text(output.get("text"), 10_000)})
        elif kind == "error":
            trace = output.get("traceback")
            trace = [_text(line, 2000) for line in trace[:40]] if type(trace) is list else []
            name, text = _text(output.get("ename"), 100), _text(output.get("evalue"), 1000)
            found.append({"output_type": "error", "ename": name, "evalue": text, "traceback": trace})
        elif kind == "display_data" and type(output.get("data")) is dict:
            data = {"text/plain": _text(output["data"].get("text/plain"), 10_000)}
            if (picture := _picture(output["data"].get("image/png"))) is not None:
                data["image/png"] = picture
            found.append({"output_type": "display_data", "data": data, "metadata": {}})
    return found


def _text(value: Any, most: int) -> str:
    text = value[:most] if type(value) is str else ""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _ADDRESS.sub("at 0x...", _CONTROL.sub("", text)).replace(f"{ROOT}/", "")


def _picture(value: Any) -> str | None:
    if type(value) is not str or len(value) > 300_000:
        return None
    try:
        data = base64.b64decode(value.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(data).decode() if data.startswith(b"\x89PNG\r\n\x1a\n") else None
