"""Where a learner's code runs: a warm process that forks, one child a submission. It knows nothing of grades.

The template (`python -m classroom.sandbox.worker FD`) has NumPy, Matplotlib and the library imported and has never run
a learner's code. Asked by the grader (see `classroom.sandbox.namespaces`), it forks; the child walks into the
namespaces it is given, gives up every right, and then does what it is told: run a cell, remember a name, call a
function. It never sees a graded cell, an expected value, the exercises or a seed. The template holds nothing that must
be kept secret.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import gc
import importlib
import io
import json
import mmap
import os
import signal
import socket
import sys
import time
import traceback
from typing import Any

from classroom.sandbox import wire

PRELOAD = (
    "numpy",
    "numpy.linalg",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "IPython.core.interactiveshell",
    "IPython.utils.capture",
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
CELL_TEXT = 10_000  # characters of each stream of a cell
PICTURE = 200_000  # characters of a picture, in base64
MOST_PICTURES = 5
SHARED = 64 * 2**20  # bytes of the memory in which arguments are handed over
HOME = "/tmp/home"


# ------------------------------------------------------------------------------------------------------ template


def main(control_fd: int) -> None:
    """Import, say so, and fork whenever asked, until the grader is gone."""
    control = socket.socket(fileno=control_fd)
    shell = warm_up()
    gc.collect()
    gc.freeze()  # else each child's first collection copies the memory that it shares with us
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's business
    control.sendall(b"\n")
    while True:
        data, fds, _, _ = socket.recv_fds(control, 65536, 16)
        if not data:
            return
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                _become_worker(json.loads(data), fds, shell)
                status = 0
            except BaseException:  # noqa: B036 - no learner's code has run yet: this is ours, and must be seen
                traceback.print_exc()
            finally:
                os._exit(status)
        for fd in fds:
            os.close(fd)
        _reap()


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def warm_up() -> Any:
    """Import what lessons use and make an IPython shell that keeps no history; return the shell."""
    for name in PRELOAD:
        importlib.import_module(name)
    import matplotlib
    import matplotlib.font_manager  # noqa: F401 - reads the list of fonts
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    matplotlib.use("module://matplotlib_inline.backend_inline")
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    config.InteractiveShell.banner1 = ""
    config.StoreMagics.autorestore = False

    class Shell(InteractiveShell):
        """One that takes `%matplotlib inline`: there is no window system to be told."""

        def enable_gui(self, gui: Any = None) -> None:
            pass

    shell = Shell.instance(config=config)
    shell.enable_matplotlib("inline")
    shell.displayhook.write_output_prompt = lambda: None  # a result is shown without "Out[0]:"
    assert not any(name.startswith("recsys_lib.exercises") for name in sys.modules), "the exercises must stay outside"
    return shell


# --------------------------------------------------------------------------------------------------------- child


def _become_worker(orders: dict, fds: list[int], shell: Any) -> None:
    """Enter the sandbox that the orders describe, and serve; never returns to the template's code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    connection, shared, *namespaces = fds
    libc = ctypes.CDLL(None, use_errno=True)
    if namespaces:
        users = namespaces.pop() if orders["counts_users"] else None  # /proc/sys/user, of outside
        for fd in namespaces:
            if libc.setns(fd, 0):
                raise OSError(ctypes.get_errno(), "setns")
        if os.fork():  # only a child is in the new process namespace; it is then the sandbox's own
            os._exit(0)
    else:
        users = None
    os.setsid()
    if orders["uid"] is not None:
        _drop_to(orders["uid"], libc)
        if users is not None:
            _no_more_namespaces(libc, users, orders["uid"])
    _give_up_rights(libc)
    _close_all_but(connection, shared)
    _limit(orders["limits"])
    folder = HOME if namespaces else orders["folder"]
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    _clean_environment(folder)
    with contextlib.suppress(OSError):
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    Worker(socket.socket(fileno=3), mmap.mmap(4, SHARED), shell).serve()


def _limit(limits: dict) -> None:
    import resource

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
        resource.RLIMIT_CORE: 0,
    }
    for which, most in wanted.items():
        hard = resource.getrlimit(which)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that grows too large is an OSError, not an end


def _drop_to(uid: int, libc: Any) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: else /proc/self belongs to root


def _no_more_namespaces(libc: Any, users: int, uid: int) -> None:
    """Enter a user namespace of our own in which no further one can be made; where that is refused, go on without."""
    if libc.unshare(0x10000000):  # CLONE_NEWUSER
        return
    with contextlib.suppress(OSError):
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{uid} {uid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        fd = os.open("max_user_namespaces", os.O_WRONLY, dir_fd=users)
        os.write(fd, b"0")
        os.close(fd)


def _give_up_rights(libc: Any) -> None:
    if not sys.platform.startswith("linux"):
        return
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _close_all_but(connection: int, shared: int) -> None:
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
    """Does what it is told, one order after another.

    Parameters
    ----------
    connection : socket
    shared : mmap
        Where arrays among the arguments lie; the grader sees by itself what a function does to them.
    shell : InteractiveShell
    """

    def __init__(self, connection: socket.socket, shared: Any, shell: Any) -> None:
        self.connection, self.shared, self.shell = connection, shared, shell
        self.bound: dict[str, Any] = {}
        self.said: list[dict] = []
        self.pid = os.getpid()
        shell._showtraceback = self._note_error
        sys.path[:] = [entry for entry in sys.path if entry]

    def serve(self) -> None:
        """Take orders until the grader hangs up."""
        doing = {"cell": self.cell, "bind": self.bind, "call": self.call}
        wire.send(self.connection, {"hello": os.getpid()})
        while True:
            try:
                order = wire.receive(self.connection)
            except (EOFError, OSError):
                os._exit(0)
            try:
                answer = doing[order["op"]](order)
            except KeyboardInterrupt:  # of the learner's own: nobody else can send one
                answer = {"how": "raised", "error": "KeyboardInterrupt"}
            except BaseException as error:  # noqa: B036 - whatever a learner's code does, an answer goes back
                answer = {"failed": wire.nearest(type(error))}
            if os.getpid() != self.pid:  # a child of the learner's code that has come back here
                os._exit(0)
            answer["seq"] = order["seq"]
            try:
                wire.send(self.connection, answer)
            except wire.WireError:
                wire.send(self.connection, {"seq": order["seq"], "failed": "OverflowError"})

    # ---- cells

    def cell(self, order: dict) -> dict:
        """Run one cell; answer with what it showed."""
        from IPython.utils.capture import capture_output

        from recsys_lib.checks.calling import _Capped

        self.said = []
        out, err = _Capped(), _Capped()
        late = False
        with capture_output() as captured:
            sys.stdout, sys.stderr = out, err
            try:
                with _alarm(order["seconds"]):
                    self.shell.run_cell(order["source"], store_history=False)
            except _TooLongError:
                late = True
        outputs = [
            {"output_type": "stream", "name": name, "text": stream.getvalue()}
            for name, stream in (("stdout", out), ("stderr", err))
            if stream.getvalue()
        ]
        outputs += list(_shown(captured.outputs)) + self.said
        return {"outputs": outputs, "late": late or any(e["ename"] == "_TooLongError" for e in self.said)}

    def _note_error(self, etype: Any, evalue: Any, lines: Any) -> None:
        name = "error"
        text, trace = "", [""]
        with contextlib.suppress(Exception):
            name, text = str(etype.__name__)[:100], str(evalue)[:1000]
            trace = [line[:2000] for line in "\n".join(map(str, lines)).splitlines()[-40:]]
        self.said.append({"output_type": "error", "ename": name, "evalue": text, "traceback": trace})

    # ---- functions

    def bind(self, order: dict) -> dict:
        """Keep what a name means now, under a key; answer with what kind of thing it is."""
        missing = object()
        value = self.shell.user_ns.get(order["name"], missing)
        self.bound[order["key"]] = value
        kind = "missing" if value is missing or value is None else "callable" if callable(value) else ""
        return {"kind": kind or type(value).__name__[: wire.MOST_NAME]}

    def call(self, order: dict) -> dict:
        """Call what was kept under a key, and answer with what it did."""
        from recsys_lib import _taught
        from recsys_lib.checks.calling import call

        args = tuple(self._argument(arg) for arg in order["args"])
        with _taught.gone(order["forbid"]):
            outcome = call(
                self.bound[order["key"]],
                args,
                seconds=order["seconds"],
                forbid=tuple(order["forbid"]),
                copies=False,
                timed=_timed,
            )
        answer: dict[str, Any] = {"how": outcome.how}
        if outcome.how == "returned":
            answer["value"] = wire.encode(outcome.value)
        elif outcome.how == "raised":
            answer["error"] = wire.nearest(type(outcome.error))
            answer["line"] = outcome.line[0] if outcome.line else 0
            answer["reached"] = outcome.reached
            if outcome.forbidden:
                answer["forbidden"] = str(outcome.error.function)
        return answer

    def _argument(self, data: Any) -> Any:
        if isinstance(data, list) and data[0] == "m":  # an array in the shared memory
            import numpy as np

            _, kind, shape, offset = data
            count = 1
            for n in shape:
                count *= n
            return np.frombuffer(self.shared, dtype=kind, count=count, offset=offset).reshape(shape)
        if isinstance(data, list) and data[0] == "f":
            from recsys_lib.checks.callables import CALLABLES

            return CALLABLES[data[1]]
        return wire.decode(data)


class _TooLongError(BaseException):
    """Raised in a cell that has had its time."""


def _timed(function: Any, args: tuple, seconds: float) -> Any:
    """Call within a time limit that the system's alarm keeps: this is the main thread, and a thread costs more."""
    from recsys_lib.checks.calling import Outcome, OutOfTimeError, caught

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
def _alarm(seconds: float):
    def ring(signum: int, frame: Any) -> None:
        raise _TooLongError(f"this cell ran longer than {seconds:g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)  # again and again: a bare `except` may swallow one
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _shown(outputs: list) -> Any:
    """Text and pictures of what a cell displayed; no HTML, which would run in the teacher's browser."""
    pictures = 0
    for output in outputs:
        with contextlib.suppress(Exception):
            kept = {}
            text = output.data.get("text/plain")
            if isinstance(text, str):
                kept["text/plain"] = text[:CELL_TEXT]
            picture = output.data.get("image/png")
            if picture and pictures < MOST_PICTURES:
                picture = picture if isinstance(picture, str) else base64.b64encode(picture).decode()
                if len(picture) <= PICTURE:
                    kept["image/png"] = picture
                    pictures += 1
            if kept:
                yield {"output_type": "display_data", "data": kept, "metadata": {}}


if __name__ == "__main__":
    sys.stdin = io.StringIO()
    main(int(sys.argv[1]))
