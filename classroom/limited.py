"""Read a stranger's text in a process that may die: functions of ours, under limits of time and memory.

A text of a submission is only text until something reads it: a parser, a table of symbols, a typesetter. Each of these
can be made to take minutes, gigabytes or the whole process, and no `try` catches that. So whoever has to read such a
text asks a `LimitedProcess`. It forks a child that answers one question after the other; the child's end is the end of
the question that it was at, and the next question gets a new child. No submitted code is run here: that is the work of
`classroom.sandbox`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar

import msgspec

try:
    import resource
except ImportError:  # on Windows, where no class is graded
    resource = None  # type: ignore[assignment]

from classroom.common import ROOT, CourseError

WALL_SECONDS = 120.0  # by the clock, for one question: who uses up the processor time ends long before
START_SECONDS = 60.0
MAX_QUESTIONS = 200  # of one child: then a new one has the memory of the first
MAX_ANSWER_BYTES = 64 * 2**20

T = TypeVar("T")


class EndedError(CourseError):
    """A question was not answered, since the child that read the text had to end; the text says what it took."""


class _Question(msgspec.Struct):
    """Which function is called, with what, and within how many seconds of processor time."""

    function: str
    args: list[Any]
    seconds: int


class _Answer(msgspec.Struct):
    """What came of a question: its value, a sentence for whoever wrote the text, or why there is none."""

    kind: Literal["value", "refused", "ended"]
    value: msgspec.Raw


class LimitedProcess:
    """A process whose children answer questions on a text; it starts when it is asked first.

    Parameters
    ----------
    module : str
        The module whose functions are asked for. It is imported once, and must not run what it is given.
    seconds : int
        The processor time that one question may take.
    memory_mb : int
        The memory that a child may take beyond what it has when it begins.

    Examples
    --------
    >>> with LimitedProcess("statistics") as process:
    ...     process.ask("mean", [1, 2, 6], result=int)
    3
    """

    def __init__(self, module: str, *, seconds: int = 10, memory_mb: int = 512) -> None:
        self.module, self.seconds, self.memory_mb = module, seconds, memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._child: socket.socket | None = None
        self._asked = 0  # of this child
        self._taught: set[str] = set()
        self._lock = threading.RLock()

    def ask(self, name: str, *args: Any, result: type[T], meanwhile: Callable[[], None] | None = None) -> T:
        """Return what a function of the module says of a text.

        Parameters
        ----------
        name : str
            The name of the function.
        *args
            What it is given: numbers, text, bytes, lists and dictionaries.
        result : type
            What it returns; anything else is refused.
        meanwhile : callable, optional
            A function that is called a few times a second until there is an answer; what it raises ends the question.

        Raises
        ------
        EndedError
            If the child ended before it had an answer.
        CourseError
            If the function raised one: what it says is for whoever wrote the text.
        OSError
            If the process does not start.
        """
        with self._lock:
            if self._child is None or self._asked == MAX_QUESTIONS:
                self._new_child(b"?")
            self._asked += 1
            answer = self._answer(_Question(name, list(args), self.seconds), meanwhile)
            return msgspec.msgpack.decode(answer, type=result)

    def teach(self, key: str, name: str, *args: Any) -> None:
        """Call a function of the module once in the process itself, on a text that is ours: all new children know it.

        Parameters
        ----------
        key : str
            What is taught; a process that knows it already is not asked again.
        name, args
            The function, and what it is given. What it returns is left aside: what Python and msgspec have done once
            they do faster in every child.
        """
        with self._lock:
            if key in self._taught:
                return
            self._new_child(b"!")
            self._answer(_Question(name, list(args), 0))
            self._leave_child()
            self._taught.add(key)

    def _answer(self, question: _Question, meanwhile: Callable[[], None] | None = None) -> msgspec.Raw:
        assert self._child is not None  # there is a new one wherever there is none
        try:
            _send(self._child, msgspec.msgpack.encode(question))
            data, code = _received(self._child, time.monotonic() + WALL_SECONDS, meanwhile)
        except OSError:
            data, code = b"", None
        except BaseException:
            self.close()  # the child with it: its answer would be taken for that to the next question
            raise
        if code is not None or not data:
            self._leave_child()
            if code in (-signal.SIGXCPU, -signal.SIGKILL):
                raise EndedError(f"it takes more than {self.seconds} s")
            raise EndedError("it crashes the process that reads it")
        answer = msgspec.msgpack.decode(data, type=_Answer)
        if answer.kind == "value":
            return answer.value
        text = msgspec.msgpack.decode(answer.value, type=str)
        if answer.kind == "refused":
            raise CourseError(text)
        self._leave_child()
        raise EndedError(text)

    # ---- beginning and ending

    def _new_child(self, kind: bytes) -> None:
        """Have a child forked that answers, or ("!") the process itself answer one question."""
        self._leave_child()
        if self._process is None or self._control is None or self._process.poll() is not None:
            self._start()
        assert self._control is not None  # it has started
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [kind], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        self._child, self._asked = ours, 0

    def _leave_child(self) -> None:
        """Close the connection, at which a child ends by itself."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _start(self) -> None:
        self.close()
        ours, theirs = socket.socketpair()
        one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "classroom.limited", str(theirs.fileno()), self.module, str(self.memory_mb)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env={**os.environ, **one_thread},
                cwd=ROOT,
                start_new_session=True,  # Ctrl-C is for whoever asks; and child and process are ended together
            )
        self._control = ours
        ours.settimeout(START_SECONDS)
        try:
            started = ours.recv(1) == b"\n"
        except OSError:
            started = False
        if not started:
            self.close()
            raise OSError(f"the process that reads submitted text did not start: {self.module}")

    @property
    def pid(self) -> int | None:
        """The process id, where the process runs."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """End the process, and the child that may be at work; what it was taught is forgotten."""
        self._leave_child()
        self._taught.clear()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)  # started by us, in a session of its own
            self._process.wait()
            self._process = None

    def __enter__(self) -> LimitedProcess:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _send(connection: socket.socket, data: bytes) -> None:
    connection.settimeout(WALL_SECONDS)
    connection.sendall(struct.pack("<Q", len(data)) + data)


def _received(
    connection: socket.socket, end: float, meanwhile: Callable[[], None] | None = None
) -> tuple[bytes, int | None]:
    """Return an answer, or how the child has ended."""
    data = bytearray()
    length = None
    while length is None or len(data) < 8 + length:
        left = end - time.monotonic()
        if left <= 0:
            raise EndedError(f"it takes more than {WALL_SECONDS:g} s")
        connection.settimeout(min(left, 0.25) if meanwhile is not None else left)
        try:
            part = connection.recv(1 << 20)
        except TimeoutError:
            if meanwhile is not None:
                meanwhile()
            continue
        if not part:  # the child has ended, and the process has sent how, behind whatever the child had sent
            return b"", struct.unpack("<i", data[-4:])[0] if len(data) >= 4 else 0
        data += part
        if len(data) >= 8:
            length = struct.unpack("<Q", data[:8])[0]
            if length > MAX_ANSWER_BYTES:
                raise EndedError(f"more than {MAX_ANSWER_BYTES // 2**20} MB come of it")
    return bytes(data[8 : 8 + length]), None


# ------------------------------------------------------------------------------------------- in the process itself

_QUESTIONS = msgspec.msgpack.Decoder(_Question)


def main(control_fd: int, module_name: str, memory_mb: int) -> None:
    """Import the module, say so, and fork a child whenever asked until whoever asks closes the connection."""
    control = socket.socket(fileno=control_fd)
    module = importlib.import_module(module_name)
    gc.collect()
    gc.freeze()  # else a child's first collection copies the memory that it shares with this process
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, it and its children end first
    control.sendall(b"\n")
    while True:
        kind, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not kind:
            return
        with socket.socket(fileno=fds[0]) as connection:
            if kind == b"!":
                _send(connection, _answered(_next_question(connection), module, memory_mb))
                continue
            child = os.fork()
            if child == 0:
                control.close()
                _serve(connection, module, memory_mb)
            _, status = os.waitpid(child, 0)
            with contextlib.suppress(OSError):  # whoever asked may be gone
                connection.sendall(struct.pack("<i", os.waitstatus_to_exitcode(status)))


def _serve(connection: socket.socket, module: Any, memory_mb: int) -> NoReturn:
    """Answer questions, in the child, until whoever asks closes the connection; never returns."""
    try:
        with contextlib.suppress(OSError):
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory_mb * 2**20)
        _lower(resource.RLIMIT_CORE, 0)
        while True:
            question = _next_question(connection)
            used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            _lower(resource.RLIMIT_CPU, int(used) + 1 + question.seconds)
            _send(connection, _answered(question, module, memory_mb))
    finally:
        os._exit(70)


def _next_question(connection: socket.socket) -> _Question:
    (length,) = struct.unpack("<Q", _exactly(connection, 8))
    return _QUESTIONS.decode(_exactly(connection, length))


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = bytearray()
    connection.settimeout(None)
    while len(data) < length:
        part = connection.recv(min(length - len(data), 1 << 20))
        if not part:
            os._exit(0)
        data += part
    return bytes(data)


def _answered(question: _Question, module: Any, memory_mb: int) -> bytes:
    def encoded(kind: Literal["value", "refused", "ended"], value: Any) -> bytes:
        return msgspec.msgpack.encode(_Answer(kind, msgspec.Raw(msgspec.msgpack.encode(value))))

    try:
        return encoded("value", getattr(module, question.function)(*question.args))
    except CourseError as error:
        return encoded("refused", str(error))
    except MemoryError:
        return encoded("ended", f"it takes more than {memory_mb} MB of memory")
    except Exception as error:  # whatever a text does to a parser, it is told of the text
        return encoded("ended", f"it cannot be read ({type(error).__name__})")


def _lower(which: int, most: int) -> None:
    """Set the soft limit alone: that of the processor time is moved on with each question."""
    hard = resource.getrlimit(which)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (most, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
