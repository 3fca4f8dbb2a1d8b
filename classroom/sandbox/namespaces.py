"""Where a learner's code is kept: the only file that knows about bubblewrap.

Bubblewrap makes the rooms: no network, a read-only system, a private /tmp, no other process in sight, and of this
course only the library without its exercises. The learner's process is forked from a warm template (see
`classroom.sandbox.worker`), walks into these namespaces, drops to a user of its own when the grader is root, and stays
under limits on memory, CPU time, processes, files and output. Whoever holds the `Sandbox` can end all that runs in it.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from classroom.common import ROOT, CourseError
from classroom.sandbox import wire
from classroom.sandbox.worker import SHARED

INSTALL = "on Debian and Ubuntu: apt-get install bubblewrap"
#: Users that nobody is: the range that systemd keeps for passing services. One for each grading process.
UIDS = range(61184, 65520)
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
#: Bytes of memory that the machine must keep: memory in files without a name is counted to nobody.
LEAST_LEFT = 300 * 2**20
_NS_GET_USERNS = 0xB701


class SandboxError(CourseError):
    """Why a learner's code cannot be run here; the text says what to do."""


class MemoryFloodError(Exception):
    """The processes of a sandbox together hold more memory than they may."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    memory_mb : int
        Of one process, above what the template has; and of all its processes together.
    cpu_seconds, processes, file_mb, open_files, temp_mb : int
        CPU time of a process, processes and threads, one file, files open at once, all of /tmp together.
    cell_seconds, notebook_seconds : float
        Wall time of one cell, and of everything: cells and calls.
    patience : float
        How many times longer than in self-study a call may take, since a grading machine is busy.
    """

    memory_mb: int = 1024
    cpu_seconds: int = 120
    processes: int = 24
    file_mb: int = 32
    open_files: int = 64
    temp_mb: int = 64
    cell_seconds: float = 20.0
    notebook_seconds: float = 120.0
    patience: float = 3.0


# ------------------------------------------------------------------------------------------------------- bubblewrap


def bubblewrap() -> str:
    """Path of bubblewrap.

    Raises
    ------
    SandboxError
        If there is none, or it does not work here.
    """
    found = shutil.which("bwrap")
    if not sys.platform.startswith("linux"):
        raise SandboxError("the sandbox needs Linux; --no-sandbox runs students' code with your own rights")
    if not found:
        raise SandboxError(
            f"bubblewrap is missing ({INSTALL}); --no-sandbox runs students' code with your own rights instead"
        )
    return found


def argv(program: str, *, temp_mb: int, as_root: bool, info_fd: int) -> list[str]:
    """Return bubblewrap's command line: what is seen inside, and nothing else.

    >>> "--unshare-net" in argv("bwrap", temp_mb=64, as_root=True, info_fd=3)
    True
    """
    room = str(temp_mb * 2**20)
    command = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    # As root no user namespace is made here: it would map root alone, and nobody could become someone else.
    command += [] if as_root else ["--unshare-user", "--disable-userns"]
    command += ["--cap-drop", "ALL", "--die-with-parent", "--new-session", "--hostname", "sandbox"]
    for path in _SYSTEM:
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            command += ["--ro-bind", path, path]
    for path in _ETC:
        command += ["--ro-bind-try", path, path]
    # Before the folders that are seen inside: the course may itself lie in /tmp.
    command += ["--proc", "/proc", "--dev", "/dev"]
    for path in ("/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", room, "--tmpfs", path]
    made = {"/tmp"}
    for path in _readable():
        for parent in reversed(path.parents):
            if str(parent) != "/" and str(parent) not in made and not str(parent).startswith("/usr"):
                made.add(str(parent))
                command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", str(path), str(path)]
    for path in _hidden():
        command += ["--perms", "0755", "--size", "4096", "--tmpfs", str(path), "--remount-ro", str(path)]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--info-fd", str(info_fd)]
    return command + ["--", "/usr/bin/cat"]


def _readable() -> list[Path]:
    """Folders that are seen inside: this Python, its packages, the library, the film data. Each of our own making."""
    import recsys_lib
    from recsys_lib import datasets

    wanted = [sys.base_prefix, sys.prefix, str(Path(recsys_lib.__file__).parent)]
    # A virtual environment's Python may be a link to a link: each step must be seen.
    wanted += [str(Path(os.path.realpath(sys.executable)).parent.parent)]
    data = Path(datasets.cache_folder())
    if data.is_dir():
        wanted.append(str(data))
    found: list[Path] = []
    for path in (Path(os.path.abspath(p)) for p in wanted):
        if path == Path("/") or path in ROOT.parents or path == ROOT or path == Path.home():
            raise SandboxError(
                f"{path} would show students the course itself; put Python and data in folders of their own"
            )
        if path.is_dir() and not any(path == p or path.is_relative_to(p) for p in (*found, Path("/usr"))):
            found.append(path)
    return found


def _hidden() -> list[Path]:
    """Folders inside those that are not seen: the exercises, with the answers and their known mistakes."""
    import recsys_lib

    return [Path(os.path.abspath(recsys_lib.__file__)).parent / "exercises"]


# --------------------------------------------------------------------------------------------------------- template


class Template:
    """The warm process that learners' processes are forked from; one for each grading process.

    Examples
    --------
    >>> with Template() as template, Sandbox(template, isolated=False) as sandbox:  # doctest: +SKIP
    ...     sandbox.connection
    """

    def __init__(self, seconds: float = 60.0) -> None:
        if not hasattr(socket, "recv_fds"):
            raise SandboxError("grading a class needs Linux or macOS")
        ours, theirs = socket.socketpair()
        env = {k: v for k, v in os.environ.items() if k in ("LANG", "LC_ALL", "MPLCONFIGDIR")} | {
            "PATH": "/usr/bin:/bin"
        }
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            env[name] = "1"
        from recsys_lib import datasets

        env["HOME"] = env["IPYTHONDIR"] = _ipython_folder()
        env["COURSE_DATA"] = str(datasets.cache_folder())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "classroom.sandbox.worker", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            env=env,
            cwd=ROOT,
            start_new_session=True,
        )
        theirs.close()
        self.control = ours
        ours.settimeout(seconds)
        try:
            if ours.recv(1) != b"\n":
                raise OSError("it ended")
        except OSError as error:
            self.close()
            raise SandboxError(f"the process that learners' code is forked from did not start: {error}") from None

    def fork(self, orders: dict, fds: list[int]) -> None:
        """Ask for a child that does as ``orders`` say with these file descriptors."""
        socket.send_fds(self.control, [json.dumps(orders).encode()], fds)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it."""
        self.control.close()
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Template:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _ipython_folder() -> str:
    """A folder for what IPython wants to keep, which is nothing: it insists on one that it can write."""
    folder = ROOT / ".cache" / "ipython"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return str(folder)
    except OSError:
        pass
    return tempfile.mkdtemp(prefix="course-ipython-")


# ---------------------------------------------------------------------------------------------------------- sandbox


class Sandbox:
    """One learner's process, isolated; ends with the ``with`` block.

    Parameters
    ----------
    template : Template
    limits : Limits
    isolated : bool
        False runs it beside us, under resource limits alone, where there is no bubblewrap.

    Attributes
    ----------
    connection : socket
        For `classroom.sandbox.wire`.
    shared : mmap
        Memory that both sides see, for the arguments of calls.
    """

    def __init__(self, template: Template, limits: Limits = Limits(), *, isolated: bool = True) -> None:  # noqa: B008 - frozen
        self._limits = limits
        self._rooms: subprocess.Popen | None = None
        self._folder: str | None = None
        self._pid: int | None = None
        self._pids_inside = -1
        with contextlib.ExitStack() as opened:
            self.connection, theirs = socket.socketpair()
            opened.callback(theirs.close)
            shared = _shared_memory()
            opened.callback(os.close, shared)
            self.shared = mmap.mmap(shared, SHARED)
            try:
                namespaces = list(self._make_rooms(opened)) if isolated else []
                self._folder = None if isolated else tempfile.mkdtemp(prefix="course-worker-")
                users = self._users_directory(opened) if isolated and os.geteuid() == 0 else []
                orders = {
                    "uid": UIDS[os.getpid() % len(UIDS)] if os.geteuid() == 0 and isolated else None,
                    "limits": asdict(limits),
                    "counts_users": bool(users),
                    "folder": self._folder,
                }
                template.fork(orders, [theirs.fileno(), shared, *namespaces, *users])
                theirs.close()
                self._pid = wire.receive(self.connection, 20.0)["hello"]
            except (EOFError, TimeoutError, OSError, wire.WireError) as error:
                self.close()
                raise SandboxError(f"the sandbox did not start: {error}") from None
            except BaseException:
                self.close()
                raise

    def _make_rooms(self, opened: contextlib.ExitStack) -> Iterator[int]:
        """Start bubblewrap and yield its namespaces, in the order in which they are entered."""
        read, write = os.pipe()
        opened.callback(os.close, read)
        as_root = os.geteuid() == 0
        command = argv(bubblewrap(), temp_mb=self._limits.temp_mb, as_root=as_root, info_fd=write)
        self._rooms = subprocess.Popen(
            command,
            pass_fds=(write,),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin"},
        )
        os.close(write)
        try:
            self._rooms.stdin.write(b"\n")
            self._rooms.stdin.flush()
            ready = self._rooms.stdout.read(1) == b"\n"  # `cat` runs: all is mounted
        except OSError:
            ready = False
        if not ready:
            said = self._rooms.stderr.read(2000).decode("utf-8", "replace").strip()
            raise SandboxError(f"bubblewrap does not work here: {said or 'it ended without a word'}")
        self._pids_inside = json.loads(os.read(read, 65536))["child-pid"]
        self._room = os.stat(f"/proc/{self._pids_inside}/ns/pid").st_ino

        def open_namespace(name: str) -> int:
            fd = os.open(f"/proc/{self._pids_inside}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
            opened.callback(os.close, fd)
            return fd

        mounts = open_namespace("mnt")
        if not as_root:  # bubblewrap makes two user namespaces; the rooms belong to the outer one
            import fcntl

            outer = fcntl.ioctl(mounts, _NS_GET_USERNS)
            opened.callback(os.close, outer)
            yield outer
        for name in ("ipc", "uts", "net", "pid"):
            yield open_namespace(name)
        yield mounts
        if not as_root:
            yield open_namespace("user")

    @staticmethod
    def _users_directory(opened: contextlib.ExitStack) -> list[int]:
        """Where the number of user namespaces is set: seen from outside, since inside it is read-only."""
        with contextlib.suppress(OSError):
            fd = os.open("/proc/sys/user", os.O_RDONLY | os.O_DIRECTORY)
            opened.callback(os.close, fd)
            return [fd]
        return []

    # ---- watching and ending

    def check(self) -> None:
        """Raise `MemoryFloodError` if all processes inside together hold too much."""
        if self._rooms is None:
            return
        import psutil

        used = 0
        for pid in psutil.pids():  # by their rooms: the learner's process is no descendant of bubblewrap's
            with contextlib.suppress(psutil.Error, OSError):
                if os.stat(f"/proc/{pid}/ns/pid").st_ino == self._room:
                    used += psutil.Process(pid).memory_full_info().pss
        if used > (self._limits.memory_mb + 512) * 2**20:
            raise MemoryFloodError(f"its processes hold {used / 2**20:.0f} MB together")
        if psutil.virtual_memory().available < LEAST_LEFT:
            raise MemoryFloodError("the machine is running out of memory")

    def close(self) -> None:
        """End everything inside and give back what was used."""
        self.connection.close()
        if self._rooms is not None:
            self._rooms.kill()  # with it the first process inside, and so every other
            self._rooms.wait()
            for stream in (self._rooms.stdin, self._rooms.stdout, self._rooms.stderr):
                with contextlib.suppress(OSError):
                    stream.close()
        elif self._pid:
            with contextlib.suppress(OSError):
                os.killpg(self._pid, signal.SIGKILL)
        with contextlib.suppress(BufferError):
            self.shared.close()
        if self._folder and os.path.basename(self._folder).startswith("course-worker-"):
            shutil.rmtree(self._folder, ignore_errors=True)  # made by us, above, by mkdtemp
            self._folder = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _shared_memory() -> int:
    """Memory without a name whose size nobody can change: cut short, it would crash whoever reads it."""
    if hasattr(os, "memfd_create"):
        import fcntl

        fd = os.memfd_create("arguments", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        os.ftruncate(fd, SHARED)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        return fd
    with tempfile.TemporaryFile(prefix="course-arguments-") as file:
        file.truncate(SHARED)
        return os.dup(file.fileno())


def works() -> str | None:
    """Say what keeps the sandbox from working here, or None: starts one, which takes some seconds.

    Examples
    --------
    >>> works() is None  # doctest: +SKIP
    True
    """
    try:
        with Template() as template, Sandbox(template):
            return None
    except SandboxError as error:
        return str(error)
