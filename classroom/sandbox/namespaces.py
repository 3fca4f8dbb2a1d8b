"""Run a learner's process in Linux namespaces of its own, made by bubblewrap: the only module that knows about it.

In these namespaces there is no network, a read-only system, a private /tmp, no other process in sight, and of this
course only the library without its exercises. The learner's process is forked from a warm template (see
`classroom.sandbox.worker`), enters the namespaces, changes to a user id of its own where the grader is root, and stays
under limits on memory, CPU time, processes, files and output, and under a filter of system calls (see
`classroom.sandbox.seccomp`). Closing the `Sandbox` ends all that runs in it.
"""

from __future__ import annotations

import contextlib
import glob
import json
import mmap
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classroom.common import ROOT, CourseError
from classroom.sandbox import cgroups, seccomp, wire
from classroom.sandbox.messages import SHARED_BYTES, ForkOrder

INSTALL = "on Debian and Ubuntu: apt-get install bubblewrap"
UNSAFE_CHOICE = "--no-sandbox runs students' code with your own rights instead"
#: User ids for sandboxed processes: the range that systemd reserves for dynamic users, one for each grading process.
UIDS = range(61184, 65520)
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
#: Bytes of memory that must stay free on the machine: memory in unnamed files counts towards no process's limit.
MIN_FREE_BYTES = 300 * 2**20
#: Files that tell of others: of their keys, their locks, and what the machine does. Those that are there look empty.
_MASKED = ("keys", "key-users", "locks", "kcore", "latency_stats", "sched_debug", "timer_list")
_NS_GET_USERNS = 0xB701  # the request of ioctl_ns(2) for the user namespace that owns a namespace
_START_SECONDS = 20.0  # for a learner's process to say that it has started


class SandboxError(CourseError):
    """Learners' code cannot be run on this machine; the text says why, and what to do."""


class MemoryFloodError(Exception):
    """All processes of a sandbox together use more memory than they may."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    memory_mb : int
        Memory of one process beyond the template's own, and of all processes together.
    cpu_seconds : int
        CPU time of one process.
    processes : int
        The number of processes and threads at one time.
    file_mb : int
        The size of one file.
    open_files : int
        The number of files that one process has open at one time.
    temp_mb : int
        The size of all files in /tmp together, and again of those in /dev/shm.
    temp_files : int
        The number of files, folders and links in /tmp, and again of those in /dev/shm.
    cell_seconds : float
        Wall time of one cell.
    notebook_seconds : float
        Wall time of the whole submission: all cells and all calls.
    lesson_seconds : float
        Wall time that the lesson's own cells may take together, beside it; one of them three times a cell's.
    patience : float
        How many times longer than in self-study a call may take, since a grading machine is busy.
    data : bool
        Whether the data sets are seen inside. Without them lessons run on the synthetic world.
    """

    memory_mb: int = 1024
    cpu_seconds: int = 120
    processes: int = 24
    file_mb: int = 32
    open_files: int = 64
    temp_mb: int = 64
    temp_files: int = 4096
    cell_seconds: float = 20.0
    notebook_seconds: float = 120.0
    lesson_seconds: float = 300.0
    patience: float = 3.0
    data: bool = True


# ------------------------------------------------------------------------------------------------------- bubblewrap


def bubblewrap() -> str:
    """Return the path of bubblewrap.

    Raises
    ------
    SandboxError
        If the system is not Linux, or bubblewrap is not installed.
    """
    found = shutil.which("bwrap")
    if not sys.platform.startswith("linux"):
        raise SandboxError(f"the sandbox needs Linux; {UNSAFE_CHOICE}")
    if not found:
        raise SandboxError(f"bubblewrap is missing ({INSTALL}); {UNSAFE_CHOICE}")
    return found


def argv(program: str, *, temp_mb: int, as_root: bool, info_fd: int, filter_fd: int, data: bool = True) -> list[str]:
    """Return the command line of bubblewrap, which lists all that can be seen inside.

    Parameters
    ----------
    program : str
        The path of bubblewrap.
    temp_mb : int
        The size of /tmp, and of /dev/shm.
    as_root : bool
        Whether the grader is root: then no user namespace is made, and the learner's process changes its user id.
    info_fd : int
        The file descriptor to which bubblewrap writes the process id of the first process inside.
    filter_fd : int
        The file descriptor from which bubblewrap reads the filter of system calls for what it starts itself.
    data : bool
        Whether the data sets are seen.

    Raises
    ------
    SandboxError
        If a folder that must be seen inside, such as that of Python or /usr, contains the course.

    Examples
    --------
    >>> "--unshare-net" in argv("bwrap", temp_mb=64, as_root=True, info_fd=3, filter_fd=4)
    True
    """
    require_hidden(ROOT)
    size = str(temp_mb * 2**20)
    command = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    # As root no user namespace is made here: it would map root's id alone, and no process could change to another.
    command += [] if as_root else ["--unshare-user", "--disable-userns"]
    command += ["--cap-drop", "ALL", "--die-with-parent", "--new-session", "--hostname", "sandbox"]
    for name in _SYSTEM:
        if os.path.islink(name):
            command += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            command += ["--ro-bind", name, name]
    for name in _ETC:
        command += ["--ro-bind-try", name, name]
    # Before the folders that are seen inside: the course may itself lie in /tmp.
    command += ["--proc", "/proc", "--dev", "/dev"]
    for name in (f"/proc/{masked}" for masked in _MASKED):
        if os.path.exists(name):
            command += ["--ro-bind", "/dev/null", name]  # bubblewrap opens no device in what it binds: none can be read
    # A map of it is memory without a name, which stays while one page of it is mapped.
    command += ["--ro-bind", "/dev/null", "/dev/zero"]
    for name in ("/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", size, "--tmpfs", name]
    made = {"/tmp"}
    for path in readable_folders(data=data):
        for parent in reversed(path.parents):
            if str(parent) != "/" and str(parent) not in made and not str(parent).startswith("/usr"):
                made.add(str(parent))
                command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", str(path), str(path)]
    for path in hidden_folders(data=data):
        command += ["--perms", "0755", "--size", "4096", "--tmpfs", str(path), "--remount-ro", str(path)]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--info-fd", str(info_fd)]
    command += ["--seccomp", str(filter_fd)]
    return command + ["--", "/usr/bin/cat"]


def readable_folders(*, data: bool = True) -> list[Path]:
    """Return the folders outside of the system's own that are seen inside: Python, its packages, our library, the data.

    Parameters
    ----------
    data : bool
        Whether the data sets are seen.

    Raises
    ------
    SandboxError
        If one of them contains the course, the home folder or everything.
    """
    import recsys_lib
    from recsys_lib import datasets

    wanted = [sys.base_prefix, sys.prefix, str(Path(recsys_lib.__file__).parent)]
    # A virtual environment's Python may be a link to a link: each step must be seen.
    wanted += [str(Path(os.path.realpath(sys.executable)).parent.parent)]
    if data and datasets.cache_folder().is_dir():
        wanted.append(str(datasets.cache_folder()))
    found: list[Path] = []
    for path in (Path(os.path.abspath(p)) for p in wanted):
        if path == Path("/") or path in ROOT.parents or path == ROOT or path == Path.home():
            raise SandboxError(
                f"{path} would show students the course itself; put Python and data in folders of their own"
            )
        if path.is_dir() and not any(path == p or path.is_relative_to(p) for p in (*found, Path("/usr"))):
            found.append(path)
    return found


def require_hidden(folder: Path) -> None:
    """Refuse a course's folder that students' code would see: one that lies in a folder which is seen inside.

    Parameters
    ----------
    folder : Path
        The course, with its solutions; or the folder with the gradebook and what was handed in.

    Raises
    ------
    SandboxError
        If it lies there, by whatever links it was named.

    Examples
    --------
    >>> require_hidden(Path("/usr/share/course"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    classroom.sandbox.namespaces.SandboxError: students' code would see /usr/share/course, which lies in /usr: ...
    """
    place = Path(os.path.realpath(folder))
    for seen in (*map(Path, _SYSTEM), *readable_folders(), *map(Path, _ETC)):
        if place.is_relative_to(os.path.realpath(seen)):
            raise SandboxError(
                f"students' code would see {folder}, which lies in {seen}: move it to a folder such as /home or /srv"
            )


def hidden_folders(*, data: bool = True) -> list[Path]:
    """Return the folders within the readable ones that look empty inside: the exercises, which hold the answers.

    Parameters
    ----------
    data : bool
        Whether the data sets are seen; where they are not, their folder may still lie within one that is.
    """
    import recsys_lib
    from recsys_lib import datasets

    found = [Path(os.path.abspath(recsys_lib.__file__)).parent / "exercises"]
    cache = Path(os.path.realpath(datasets.cache_folder()))
    seen = [Path(os.path.realpath(path)) for path in (*map(Path, _SYSTEM), *readable_folders(data=False))]
    if not data and cache.is_dir() and any(map(cache.is_relative_to, seen)):
        found.append(cache)
    return found


# --------------------------------------------------------------------------------------------------------- template


class Template:
    """The warm process that learners' processes are forked from; one for each grading process.

    Parameters
    ----------
    seconds : float
        The time within which it must have started.

    Raises
    ------
    SandboxError
        If it does not start.

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

    def fork(self, order: ForkOrder, fds: list[int]) -> None:
        """Ask for a child that does as the order says.

        Parameters
        ----------
        order : ForkOrder
            What the child does before any learner's code runs.
        fds : list of int
            The child's end of the connection, the shared memory, the namespaces in the order in which they are entered,
            and the directory /proc/sys/user where the order says so.
        """
        socket.send_fds(self.control, [json.dumps(order).encode()], fds)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        self.control.close()
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Template:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _ipython_folder() -> str:
    """Return a folder that IPython may write to: it keeps nothing there, but does not start without one."""
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
    """One learner's process in its own namespaces; it ends with the ``with`` block.

    Parameters
    ----------
    template : Template
        The process that it is forked from.
    limits : Limits
        What it may use.
    isolated : bool
        False runs it without namespaces, under resource limits alone, where there is no bubblewrap.

    Raises
    ------
    SandboxError
        If the process cannot be started.

    Attributes
    ----------
    connection : socket
        Our end of the connection to the process, for `classroom.sandbox.wire`.
    shared : mmap
        Memory that both sides see, for the arguments of calls.
    folder : str or None
        The process's working directory outside, where it is not isolated.
    """

    def __init__(self, template: Template, limits: Limits = Limits(), *, isolated: bool = True) -> None:  # noqa: B008 - frozen
        self._limits = limits
        self.folder: str | None = None
        self._bubblewrap: subprocess.Popen[bytes] | None = None
        self._pid_namespace = -1  # its inode, by which the processes inside are found
        self._proc = -1  # the directory /proc as it is inside: there stand the processes inside and no others
        self._pid: int | None = None
        self._cgroup: cgroups.Cgroup | None = None
        with contextlib.ExitStack() as opened:
            self.connection, theirs = socket.socketpair()
            opened.callback(theirs.close)
            shared = _shared_memory()
            opened.callback(os.close, shared)
            self.shared = mmap.mmap(shared, SHARED_BYTES)
            try:
                namespaces = dict(self._start_bubblewrap(opened)) if isolated else {}
                self.folder = None if isolated else tempfile.mkdtemp(prefix="course-worker-")
                user_counts = self._open_user_counts(opened) if isolated and os.geteuid() == 0 else []
                entrance = self._open_cgroup(opened) if isolated else []
                order: ForkOrder = {
                    "uid": UIDS[os.getpid() % len(UIDS)] if os.geteuid() == 0 and isolated else None,
                    "limits": {
                        "memory_mb": limits.memory_mb,
                        "cpu_seconds": limits.cpu_seconds,
                        "processes": limits.processes,
                        "file_mb": limits.file_mb,
                        "open_files": limits.open_files,
                        "temp_files": limits.temp_files,
                    },
                    "namespaces": list(namespaces),
                    "has_user_counts": bool(user_counts),
                    "has_cgroup": bool(entrance),
                    "folder": self.folder,
                }
                template.fork(order, [theirs.fileno(), shared, *namespaces.values(), *user_counts, *entrance])
                theirs.close()
                # No learner's code has run yet: this is our own worker's first message.
                self._pid = wire.receive(self.connection, _START_SECONDS)["hello"]
            except (EOFError, TimeoutError, OSError, wire.WireError) as error:
                self.close()
                raise SandboxError(f"the sandbox did not start: {error}") from None
            except BaseException:
                self.close()
                raise

    def _start_bubblewrap(self, opened: contextlib.ExitStack) -> Iterator[tuple[str, int]]:
        """Start bubblewrap and yield its namespaces, in the order in which they are entered: kind, file descriptor."""
        if (reason := seccomp.missing()) is not None:
            raise SandboxError(f"the sandbox needs a filter of system calls: {reason}; {UNSAFE_CHOICE}")
        read, write = os.pipe()
        opened.callback(os.close, read)
        filter_read, filter_write = os.pipe()
        opened.callback(os.close, filter_read)
        os.write(filter_write, seccomp.packed(os.uname().machine))
        os.close(filter_write)
        as_root = os.geteuid() == 0
        command = argv(
            bubblewrap(),
            temp_mb=self._limits.temp_mb,
            as_root=as_root,
            info_fd=write,
            filter_fd=filter_read,
            data=self._limits.data,
        )
        self._bubblewrap = process = subprocess.Popen(
            command,
            pass_fds=(write, filter_read),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin"},
        )
        os.close(write)
        assert process.stdin and process.stdout and process.stderr  # pipes, as asked for
        try:
            process.stdin.write(b"\n")
            process.stdin.flush()
            ready = process.stdout.read(1) == b"\n"  # `cat` runs, so everything is mounted
        except OSError:
            ready = False
        if not ready:
            said = process.stderr.read(2000).decode("utf-8", "replace").strip()
            raise SandboxError(f"bubblewrap does not work here: {said or 'it ended without a word'}")
        first_inside = json.loads(os.read(read, 65536))["child-pid"]
        self._pid_namespace = os.stat(f"/proc/{first_inside}/ns/pid").st_ino
        self._proc = os.open(f"/proc/{first_inside}/root/proc", os.O_RDONLY | os.O_DIRECTORY)
        self._limit_own_processes()

        def open_namespace(name: str) -> int:
            fd = os.open(f"/proc/{first_inside}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
            opened.callback(os.close, fd)
            return fd

        mounts = open_namespace("mnt")
        if not as_root:  # bubblewrap makes two user namespaces; the outer one owns all other namespaces
            import fcntl

            outer = fcntl.ioctl(mounts, _NS_GET_USERNS)
            opened.callback(os.close, outer)
            yield "user around the others", outer
        for name in ("ipc", "uts", "net", "pid"):
            yield name, open_namespace(name)
        yield "mnt", mounts
        if not as_root:
            yield "user", open_namespace("user")

    def _limit_own_processes(self) -> None:
        """Hold bubblewrap's processes inside to little: where they have the learner's user id, their memory is open."""
        import resource

        limits = {
            resource.RLIMIT_AS: 64 * 2**20,
            resource.RLIMIT_CPU: 5,
            resource.RLIMIT_NPROC: 1,
            resource.RLIMIT_NOFILE: 16,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_CORE: 0,
        }
        for pid in self._pids():
            for which, most in limits.items():
                resource.prlimit(pid, which, (most, most))

    @staticmethod
    def _open_user_counts(opened: contextlib.ExitStack) -> list[int]:
        """Open /proc/sys/user, where the number of user namespaces is limited: inside it is read-only."""
        with contextlib.suppress(OSError):
            fd = os.open("/proc/sys/user", os.O_RDONLY | os.O_DIRECTORY)
            opened.callback(os.close, fd)
            return [fd]
        return []

    def _open_cgroup(self, opened: contextlib.ExitStack) -> list[int]:
        """Make a control group for the submission, where this machine gives one; return how it is entered."""
        if (folder := cgroups.parent()) is None:
            return []
        self._cgroup = cgroups.Cgroup(folder, self._most_together_mb, self._limits.processes)
        fd = self._cgroup.entrance()
        opened.callback(os.close, fd)
        return [fd]

    # ---- watching and ending

    @property
    def _most_together_mb(self) -> int:
        """Memory of all processes inside together: what one may have, and what it shares with the template."""
        return self._limits.memory_mb + 512

    def check_kernels_count(self) -> None:
        """Raise `MemoryFloodError` if the kernel has ended the processes inside for the memory that it counted."""
        if self._cgroup is not None and self._cgroup.ran_out():
            raise MemoryFloodError(f"its processes took more than {self._cgroup.memory_mb} MB together")

    def _pids(self) -> Iterator[int]:
        """Yield the processes inside, by their namespace: the learner's is no descendant of bubblewrap."""
        import psutil

        for pid in psutil.pids():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{pid}/ns/pid").st_ino == self._pid_namespace:
                    yield pid

    def _process_folders(self) -> Iterator[str]:
        """Yield where /proc tells of each process inside: to search the whole machine takes ten times as long."""
        with contextlib.suppress(OSError):  # all has ended
            for name in os.listdir(self._proc):
                if name.isdigit():
                    yield f"/proc/self/fd/{self._proc}/{name}"

    def processor_seconds(self) -> float | None:
        """Return the processor time so far of all processes inside, and of those that they have waited for.

        None where it cannot be seen. A process that has ended and that nobody waits for is not counted.
        """
        if self._bubblewrap is None and (self._pid is None or not sys.platform.startswith("linux")):
            return None
        ticks = os.sysconf("SC_CLK_TCK")
        total = 0.0
        for pid in self._pids() if self._bubblewrap is not None else filter(None, [self._pid]):
            with contextlib.suppress(OSError, ValueError, IndexError):
                total += time.clock_gettime(
                    ~pid << 3 | 2
                )  # the clock of a whole process, as <linux/posix-timers.h> has it
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                    waited_for = file.read().rpartition(")")[2].split()[13:15]
                total += sum(map(int, waited_for)) / ticks
        return total

    def check_memory(self) -> None:
        """Raise `MemoryFloodError` if the processes inside take too much, `SandboxError` if the machine has no more."""
        if self._bubblewrap is None:
            return
        self.check_kernels_count()
        import psutil

        most = self._most_together_mb * 2**20
        # What is resident is read in no time, but counts what they share for each of them: most stay below even so.
        if sum(_resident(folder) for folder in self._process_folders()) > most:
            used = sum(_used(folder) for folder in self._process_folders())
            if used > most:
                raise MemoryFloodError(f"its processes hold {used / 2**20:.0f} MB together")
        if psutil.virtual_memory().available < MIN_FREE_BYTES:
            raise SandboxError("the machine is running out of memory")  # which need not be this submission's doing

    def close(self) -> None:
        """End every process inside, and free the memory and the folder."""
        self.connection.close()
        if self._bubblewrap is not None:
            self._bubblewrap.kill()  # with it ends the first process inside, and so every other
            self._bubblewrap.wait()
            for stream in (self._bubblewrap.stdin, self._bubblewrap.stdout, self._bubblewrap.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
        elif self._pid:
            with contextlib.suppress(OSError):
                os.killpg(self._pid, signal.SIGKILL)
        if self._proc >= 0:
            os.close(self._proc)
            self._proc = -1
        if self._cgroup is not None:
            self._cgroup.close()
            self._cgroup = None
        with contextlib.suppress(BufferError):  # arrays may still lie in it
            self.shared.close()
        if self.folder and os.path.basename(self.folder).startswith("course-worker-"):
            shutil.rmtree(self.folder, ignore_errors=True)  # made by us, above, by mkdtemp
            self.folder = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _used(folder: str) -> int:
    """Return the bytes of memory that a process uses: its share of what it shares with others, and what is in swap."""
    # One whose first thread has ended says that it uses nothing, and has its memory as long as another thread lives.
    return _bytes_of(f"{folder}/smaps_rollup", ("Pss:", "Swap:")) or _resident(folder)


def _resident(folder: str) -> int:
    """Return the bytes that a process has in memory and in swap, shared or not, as any of its threads says."""
    fields = ("VmRSS:", "VmSwap:")
    threads = (_bytes_of(path, fields) for path in glob.iglob(f"{folder}/task/*/status"))
    return _bytes_of(f"{folder}/status", fields) or max(threads, default=0)


def _bytes_of(path: str, fields: tuple[str, ...]) -> int:
    """Return the sum of some fields of a file in /proc that counts kB; 0 where the process has ended."""
    with contextlib.suppress(OSError, ValueError), open(path, encoding="ascii", errors="replace") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith(fields)) * 1024
    return 0


def _shared_memory() -> int:
    """Return an unnamed file in memory of fixed size: if the learner could shorten it, our next read would crash."""
    if hasattr(os, "memfd_create"):
        import fcntl

        fd = os.memfd_create("arguments", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        os.ftruncate(fd, SHARED_BYTES)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        return fd
    with tempfile.TemporaryFile(prefix="course-arguments-") as file:
        file.truncate(SHARED_BYTES)
        return os.dup(file.fileno())


def works() -> str | None:
    """Start a sandbox, which takes some seconds; return what kept it from working, or None where it works.

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
