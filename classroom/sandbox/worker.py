"""The process that runs learners' code: a warm template that forks one child for each submission.

The template (`python -m classroom.sandbox.worker FD`) has NumPy, Matplotlib and the library imported and never runs a
learner's code itself. When the grader asks (see `classroom.sandbox.namespaces`), it forks; the child enters the
namespaces that it is given, gives up all rights, and then carries out orders: run a cell, keep what a name means, call
a function. Neither process ever sees a graded cell, an expected value, the exercises, a seed or a grade, so there is
nothing in them that must be kept secret.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import gc
import importlib
import io
import json
import math
import mmap
import os
import platform
import resource
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets import Type
from traitlets.config import Config

from classroom.sandbox import seccomp, wire
from classroom.sandbox.messages import (
    MAX_CELL_TEXT,
    MAX_ERROR_NAME,
    MAX_ERROR_TEXT,
    MAX_TRACEBACK_LINE,
    MAX_TRACEBACK_LINES,
    SHARED_BYTES,
    Answer,
    Argument,
    BindAnswer,
    BindOrder,
    CallAnswer,
    CallOrder,
    CellAnswer,
    CellOrder,
    ForkOrder,
    Order,
    Output,
    ProcessLimits,
)

if TYPE_CHECKING:
    from recsys_lib.checks.outcome import Outcome

PRELOAD = (
    "numpy.linalg",
    "matplotlib.font_manager",  # reads the list of fonts
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "ipywidgets",
    "anywidget",
    "threadpoolctl",
    "recsys_lib.checks",
    "recsys_lib.checks.callables",
    "recsys_lib.datasets",
    "recsys_lib.factorization",
    "recsys_lib.metrics",
    "recsys_lib.plots",
    "recsys_lib.retrieval",
    "recsys_lib.similarity",
    "recsys_lib.splits",
    "recsys_lib.widgets",
)
MAX_PICTURE = 200_000  # characters of a picture, in base64
MAX_PICTURES = 5  # of one cell
MAX_SIGNALS = 256  # that wait for a learner's processes, together
HOME = "/tmp/home"
# From Linux's headers.
_CLONE_NEWUSER = 0x10000000
_KEYCTL = {"x86_64": 250, "aarch64": 219}  # the number of keyctl(2), for which libc has no function
_KEYCTL_JOIN_SESSION_KEYRING = 1
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT = 2, 4, 8, 32
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522


# ------------------------------------------------------------------------------------------------------ template


def main(control_fd: int) -> None:
    """Import what lessons use, say so, and fork whenever asked, until the grader closes the connection."""
    control = socket.socket(fileno=control_fd)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))  # a grading process's own limit is not that of its children
    shell = warm_up()
    gc.collect()
    gc.freeze()  # else each child's first collection copies the memory that it shares with the template
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; only the grader answers to it
    control.sendall(b"\n")
    while True:
        data, fds, _, _ = socket.recv_fds(control, 65536, 16)
        if not data:
            return
        pid = os.fork()
        if pid == 0:
            try:
                _become_worker(json.loads(data), fds, shell)
            except BaseException:  # noqa: B036 - no learner's code has run yet: this is our mistake, and must be seen
                traceback.print_exc()
            finally:
                os._exit(70)
        for fd in fds:
            os.close(fd)
        _reap()


def _reap() -> None:
    """Let children that have ended go, so that they do not stay as zombies."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


class _PlainHook(DisplayHook):
    """Shows a result without "Out[0]:" in front."""

    def write_output_prompt(self) -> None:
        pass


class Shell(InteractiveShell):
    """An IPython shell without a window system, which hands errors of cells to whoever asked for them.

    Attributes
    ----------
    on_error : callable or None
        A function that gets the class, the value and the formatted traceback of each error of a cell.
    """

    displayhook_class = Type(_PlainHook)
    on_error: Callable[[Any, Any, Any], None] | None = None

    def enable_gui(self, gui: Any = None) -> None:
        """Take `%matplotlib inline` without telling any window system."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:  # IPython's own seam, as in ipykernel
        if self.on_error is not None:
            self.on_error(etype, evalue, stb)


def warm_up() -> Shell:
    """Import what lessons use and make an IPython shell that keeps no history; return the shell."""
    for name in PRELOAD:
        importlib.import_module(name)
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    config.InteractiveShell.banner1 = ""
    config.StoreMagics.autorestore = False
    shell = Shell.instance(config=config)
    shell.db = {}  # where %cd and others keep what they remember: else in a folder that is not there inside
    shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]  # IPython gives it no types
    if seccomp.missing() is None:
        seccomp.packed(platform.machine())  # made once, for all children
    assert not any(name.startswith("recsys_lib.exercises") for name in sys.modules), "the exercises must stay outside"
    return shell


# --------------------------------------------------------------------------------------------------------- child


def _become_worker(order: ForkOrder, fds: list[int], shell: Shell) -> NoReturn:
    """Enter the sandbox that the order describes, and carry out orders; never returns to the template's code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    connection, shared, *namespaces = fds
    libc = ctypes.CDLL(None, use_errno=True)
    isolated = bool(order["namespaces"])
    if order["has_cgroup"]:
        os.write(namespaces.pop(), b"0")  # this process moves, with all that it starts
    user_counts = namespaces.pop() if order["has_user_counts"] else None
    for kind, fd in zip(order["namespaces"], namespaces, strict=True):
        if libc.setns(fd, 0):
            raise OSError(ctypes.get_errno(), "setns")
        if kind == "mnt":
            _limit_files(libc, order["limits"]["temp_files"])
    if isolated and os.fork():  # only a child is in the new process namespace
        os._exit(0)
    os.setsid()
    if order["uid"] is not None:
        _change_user(order["uid"], libc)
        if user_counts is not None:
            _forbid_namespaces(libc, user_counts, order["uid"])
    _give_up_rights(libc)
    _leave_keys(libc)
    _close_all_but(connection, shared)
    _set_limits(order["limits"])
    folder = order["folder"] or HOME
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    _clean_environment(folder)
    with contextlib.suppress(OSError):
        with open("/proc/self/oom_score_adj", "w") as file:  # where memory runs out, this process is ended first
            file.write("1000")
    if isolated:
        seccomp.install()
    Worker(socket.socket(fileno=3), mmap.mmap(4, SHARED_BYTES), shell).serve()


def _set_limits(limits: ProcessLimits) -> None:
    """Set the system's resource limits; memory is counted on top of what the template has."""
    now = 0
    with contextlib.suppress(OSError), open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * mmap.PAGESIZE
    mb = 2**20
    wanted = {
        resource.RLIMIT_AS: now + limits["memory_mb"] * mb,
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_FSIZE: limits["file_mb"] * mb,
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_CORE: 1,  # at 0 a crash is still handed to the machine's own program for crashes; see core(5)
        # What the kernel keeps for a process beside its memory: pages that stay in it, queues, signals that wait.
        resource.RLIMIT_MEMLOCK: 0,
    }
    if sys.platform.startswith("linux"):
        wanted |= {resource.RLIMIT_MSGQUEUE: 0, resource.RLIMIT_SIGPENDING: MAX_SIGNALS}
    for which, value in wanted.items():
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that grows too large is an OSError, and ends nothing


def _limit_files(libc: ctypes.CDLL, most: int) -> None:
    """Limit the number of files in the folders that can be written to: a link takes memory of the kernel, but no room.

    Nor can a program be started from there: one that may be run and not be read is hidden from whoever counts memory.
    The namespace of mounts has just been entered, and the right to change it is given up a little later.
    """
    for folder in (b"/tmp", b"/dev/shm"):
        flags = ctypes.c_ulong(_MS_REMOUNT | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
        if libc.mount(None, folder, None, flags, f"nr_inodes={most}".encode()):
            raise OSError(ctypes.get_errno(), f"the number of files in {folder.decode()} cannot be limited")


def _leave_keys(libc: ctypes.CDLL) -> None:
    """Leave the grader's ring of keys for one that is this process's own; it was inherited, as a namespace is not.

    The filter refuses keyctl to the learner's code in any case: so that this fails, where a container refuses it to us,
    keeps nobody from grading.
    """
    if (number := _KEYCTL.get(platform.machine())) is not None and sys.platform.startswith("linux"):
        libc.syscall(ctypes.c_long(number), ctypes.c_long(_KEYCTL_JOIN_SESSION_KEYRING), None)


def _change_user(uid: int, libc: ctypes.CDLL) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # else the files in /proc/self belong to root


def _forbid_namespaces(libc: ctypes.CDLL, user_counts: int, uid: int) -> None:
    """Enter a user namespace in which no further one can be made; where the system refuses that, go on without."""
    if libc.unshare(_CLONE_NEWUSER):
        return
    with contextlib.suppress(OSError):
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{uid} {uid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        fd = os.open("max_user_namespaces", os.O_WRONLY, dir_fd=user_counts)
        os.write(fd, b"0")
        os.close(fd)


def _give_up_rights(libc: ctypes.CDLL) -> None:
    """Give up every capability, and the ways to get one."""
    if not sys.platform.startswith("linux"):
        return
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(64):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _close_all_but(connection: int, shared: int) -> None:
    """Keep the connection as file descriptor 3, the shared memory as 4, /dev/null below them, and nothing else."""
    connection, shared = os.dup2(connection, 100), os.dup2(shared, 101)
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.dup2(connection, 3, inheritable=False)
    os.dup2(shared, 4, inheritable=False)
    os.closerange(5, 1 << 20)


def _clean_environment(folder: str) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "COURSE_DATA") if name in os.environ}
    os.environ.clear()
    os.environ.update(kept, HOME=folder, TMPDIR=folder, MPLCONFIGDIR=folder, IPYTHONDIR=folder, COURSE_OFFLINE="1")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


class Worker:
    """Carries out the grader's orders, one after another.

    Parameters
    ----------
    connection : socket
        The connection to the grader.
    shared : mmap
        Memory in which arrays among the arguments lie; the grader sees for itself what a function does to them.
    shell : Shell
        The shell that cells are run in.
    """

    def __init__(self, connection: socket.socket, shared: mmap.mmap, shell: Shell) -> None:
        self.connection, self.shared, self.shell = connection, shared, shell
        self.bound: dict[str, Any] = {}
        self.edited: tuple[str, Any] = "", None
        self.errors: list[Output] = []  # of the cell that is running
        self.pid = os.getpid()
        self.folder = os.getcwd()
        os.chdir = _careful_chdir  # here alone: this process runs one submission
        shell.on_error = self._note_error
        sys.path[:] = [entry for entry in sys.path if entry]

    def serve(self) -> NoReturn:
        """Carry out orders until the grader closes the connection; then end the process."""
        wire.send(self.connection, {"hello": os.getpid()})
        while True:
            try:
                order = wire.receive(self.connection)
            except (EOFError, OSError):
                os._exit(0)
            answer: Answer
            try:
                answer = self.carry_out(order)
            except KeyboardInterrupt:  # raised by the learner's own code: no one else can send one
                answer = {"how": "raised", "error": "KeyboardInterrupt"}
            except BaseException as error:  # noqa: B036 - whatever a learner's code does, an answer goes back
                answer = {"failed": wire.nearest(type(error))}
            if os.getpid() != self.pid:  # a child that the learner's code forked has returned to this loop
                os._exit(0)
            largest = wire.MAX_RESULT if order["op"] == "call" else wire.MAX_BYTES
            try:
                wire.send(self.connection, {**answer, "seq": order["seq"]}, max_bytes=largest)
            except wire.WireError:
                wire.send(self.connection, {"seq": order["seq"], "failed": "OverflowError"})

    def carry_out(self, order: Order) -> Answer:
        """Carry out one order, and return the answer to it."""
        if order["op"] == "cell":
            return self.cell(order)
        if order["op"] == "bind":
            return self.bind(order)
        return self.call(order)

    # ---- cells

    def cell(self, order: CellOrder) -> CellAnswer:
        """Run one cell; answer with what it showed."""
        from recsys_lib.checks.callee import CappedText

        self.errors = []
        try:
            os.getcwd()
        except OSError:  # a cell before has removed it
            _chdir(self.folder)
        out, err = CappedText(), CappedText()
        with capture_output() as captured:
            sys.stdout, sys.stderr = out, err
            with contextlib.suppress(_TooLongError), _alarm(order["seconds"]):
                self.shell.run_cell(order["source"], store_history=False)  # type: ignore[no-untyped-call]  # IPython's
        outputs: list[Output] = [
            {"output_type": "stream", "name": name, "text": stream.getvalue()}
            for name, stream in (("stdout", out), ("stderr", err))
            if stream.getvalue()
        ]
        return {"outputs": outputs + list(_displayed(captured.outputs)) + self.errors}

    def _note_error(self, etype: Any, evalue: Any, lines: Any) -> None:
        name = "error"
        text, trace = "", [""]
        with contextlib.suppress(Exception):
            name, text = str(etype.__name__)[:MAX_ERROR_NAME], str(evalue)[:MAX_ERROR_TEXT]
            last = "\n".join(map(str, lines)).splitlines()[-MAX_TRACEBACK_LINES:]
            trace = [line[:MAX_TRACEBACK_LINE] for line in last]
        self.errors.append({"output_type": "error", "ename": name, "evalue": text, "traceback": trace})

    # ---- functions

    def bind(self, order: BindOrder) -> BindAnswer:
        """Keep what a name means now, under a key; answer with what kind of thing it is."""
        from recsys_lib.checks.callee import names_read

        missing = object()
        value = self.shell.user_ns.get(order["name"], missing)
        self.bound[order["key"]] = value
        kind = "missing" if value is missing or value is None else "callable" if callable(value) else ""
        names = [(name, what) for name, what in names_read(value).items() if len(name) <= wire.MAX_NAME]
        reads: dict[str, str] = dict(names[: wire.MAX_READ])
        return {"kind": kind or type(value).__name__[: wire.MAX_NAME], "reads": reads}

    def call(self, order: CallOrder) -> CallAnswer:
        """Call what was kept under a key, and answer with what it did."""
        from recsys_lib import _taught
        from recsys_lib.checks.callee import Local
        from recsys_lib.checks.calling import call

        args = tuple(self._argument(arg) for arg in order["args"])
        function = self.bound[order["key"]]
        if (source := order.get("source")) is not None:
            function = self._made_from(source, order["key"].partition("/")[2], function)
        with _taught.gone(order["forbid"]):
            outcome = call(
                Local(function, _timed),
                args,
                seconds=order["seconds"],
                forbid=tuple(order["forbid"]),
                copies=False,
            )
        answer: CallAnswer = {"how": outcome.how}
        if outcome.how == "returned":
            answer["value"] = wire.encode(outcome.value)
        elif outcome.how == "raised":
            answer["error"] = wire.nearest(type(outcome.error or Exception()))
            answer["line"] = outcome.line[0] if outcome.line else 0
            answer["reached"] = outcome.reached
            if isinstance(outcome.error, _taught.WriteItYourselfError):
                answer["forbidden"] = str(outcome.error.function)
        return answer

    def _made_from(self, source: str, name: str, function: Any) -> Any:
        """Return a function as a changed text of its cell makes it; the last one is kept for the next call.

        The name is the lesson's: what the learner calls so may be a `functools.partial`, which has none.
        """
        from recsys_lib.checks.cell import made_from

        if self.edited[0] != source:
            names = getattr(function, "__globals__", self.shell.user_ns)
            self.edited = source, made_from(source, name, dict(names))
        return self.edited[1]

    def _argument(self, data: Argument) -> Any:
        if isinstance(data, list) and data[0] == "m":  # an array in the shared memory
            _, dtype, shape, offset = data
            return np.frombuffer(self.shared, dtype, math.prod(shape), offset).reshape(shape)
        if isinstance(data, list) and data[0] == "f":
            from recsys_lib.checks.callables import CALLABLES

            return CALLABLES[data[1]]
        return wire.decode(data)


_chdir = os.chdir


def _careful_chdir(path: Any) -> None:
    """In place of `os.chdir`: stay where a folder of the learner's own machine is not there, or may not be written to.

    No exercise needs a folder. What a cell does behind such a line would be lost with it, an answer among that.
    """
    if isinstance(path, int) or (os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)):
        _chdir(path)


class _TooLongError(BaseException):
    """Raised in a cell that has run for as long as it may."""


def _timed(function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> Outcome:
    """Call within a time limit that the system's alarm keeps; in the main thread it costs less than a second thread."""
    from recsys_lib.checks.callee import caught
    from recsys_lib.checks.outcome import Outcome, OutOfTimeError

    def ring(signum: int, frame: Any) -> None:
        raise OutOfTimeError

    signal.signal(signal.SIGALRM, ring)
    start = time.monotonic()
    outcome = Outcome("too long")
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.002)  # again and again: a bare `except` may swallow one
        outcome = caught(function, args)
    except OutOfTimeError:
        pass
    finally:
        while True:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
                break
            except OutOfTimeError:
                continue
    return Outcome("too long") if time.monotonic() - start > seconds else outcome


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise `_TooLongError` in the block when it has run for so many seconds."""

    def ring(signum: int, frame: Any) -> None:
        raise _TooLongError(f"this cell ran longer than {seconds:g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)  # again and again: a bare `except` may swallow one
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _displayed(outputs: list[Any]) -> Iterator[Output]:
    """Yield the texts and pictures that a cell displayed; no HTML, which would run in the teacher's browser."""
    pictures = 0
    for output in outputs:
        with contextlib.suppress(Exception):
            kept = {}
            text = output.data.get("text/plain")
            if isinstance(text, str):
                kept["text/plain"] = text[:MAX_CELL_TEXT]
            picture = output.data.get("image/png")
            if picture and pictures < MAX_PICTURES:
                picture = picture if isinstance(picture, str) else base64.b64encode(picture).decode()
                if len(picture) <= MAX_PICTURE:
                    kept["image/png"] = picture
                    pictures += 1
            if kept:
                yield {"output_type": "display_data", "data": kept, "metadata": {}}


if __name__ == "__main__":
    sys.stdin = io.StringIO()
    main(int(sys.argv[1]))
