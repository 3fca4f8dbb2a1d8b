"""Control groups: limits of the kernel's own on all that a submission uses, its share of kernel memory included.

Only version 2, and only where this machine hands a part of the tree over to whoever grades: systemd does, where it is
asked to (`COMMAND`), and marks what it hands over. Elsewhere there is no group, and the sandbox is held by the other
limits alone; `python course.py doctor` says which it is.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import itertools
import os
import time
from pathlib import Path

from classroom.common import CourseError

#: Hands a group over to a command, and marks it; for root without ``--user``.
COMMAND = "systemd-run --user --scope -p Delegate=yes"
LEAF = "course-grader"  # the group into which the grader moves: one that has groups below it may hold no process
PREFIX = "course-submission-"
MAX_OTHER_PROCESSES = 2  # of a submission's group, beside the learner's: the one that enters the namespaces, and ours
_NEEDED = {"memory", "pids"}
_DELEGATED = "user.delegate"  # the extended attribute by which systemd marks what it hands over
_GONE_SECONDS = 5.0  # for the kernel to end the processes of a group
_numbers = itertools.count()


class CgroupError(CourseError):
    """There is no control group for the grader on this machine; the text says why."""


def find(own: Path = Path("/proc/self/cgroup"), mounts: Path = Path("/proc/self/mountinfo")) -> Path:
    """Return the group that this machine hands over to the grader; nothing is changed.

    Parameters
    ----------
    own, mounts : Path
        Where the kernel says in which groups a process is, and what is mounted where.

    Raises
    ------
    CgroupError
        If there is none.
    """
    try:
        ours = next(line for line in own.read_text().splitlines() if line.startswith("0::"))[3:]
        fields = [line.split() for line in mounts.read_text().splitlines()]
        root, mounted = next(each[3:5] for each in fields if each[each.index("-") + 1] == "cgroup2")
    except (OSError, StopIteration):
        raise CgroupError("there are no control groups of version 2") from None
    if not Path(ours).is_relative_to(root) or ".." in Path(ours).parts:  # it lies outside of our namespace of groups
        raise CgroupError("the grader's control group is not to be seen")
    folder = Path(mounted) / Path(ours).relative_to(root)
    if folder.name == LEAF:
        folder = folder.parent
    try:
        handed_over = os.getxattr(folder, _DELEGATED) == b"1" and os.access(folder / "cgroup.procs", os.W_OK)
        controllers = set((folder / "cgroup.controllers").read_text().split())
    except OSError:
        handed_over, controllers = False, set()
    if not handed_over:
        raise CgroupError(f"the control group of this login is not handed over; start with `{COMMAND}`")
    if absent := sorted(_NEEDED - controllers):
        raise CgroupError(f"the control group that is handed over limits no {' and no '.join(absent)}")
    return folder


def prepare(folder: Path) -> None:
    """Let groups below this one have limits, which the kernel allows where no process is in it: all move to a leaf.

    Raises
    ------
    CgroupError
        If the kernel refuses.
    """
    leaf = folder / LEAF
    try:
        leaf.mkdir(exist_ok=True)
        for _ in range(5):  # a process may have been started meanwhile, beside its parent
            for pid in (folder / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    (leaf / "cgroup.procs").write_text(pid)
            try:
                (folder / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in sorted(_NEEDED)))
                return
            except OSError as error:
                if error.errno != errno.EBUSY:
                    raise
    except OSError as error:
        raise CgroupError(f"the control group cannot be divided: {error}") from None
    raise CgroupError("the control group cannot be divided: there is always a process in it")


@functools.cache
def parent() -> Path | None:
    """Return the group below which each submission gets its own, made ready; None where there is none."""
    try:
        folder = find()
        prepare(folder)
    except CgroupError:
        return None
    _remove_left(folder)
    return folder


def _remove_left(folder: Path) -> None:
    """Remove the groups of graders that were killed."""
    for left in folder.glob(f"{PREFIX}*"):
        if not Path("/proc", left.name.removeprefix(PREFIX).partition("-")[0]).exists():
            with contextlib.suppress(OSError):
                left.rmdir()


class Cgroup:
    """The control group of one submission.

    Parameters
    ----------
    folder : Path
        The group below which it is made.
    memory_mb : int
        Memory of all processes in it together, with what the kernel keeps for them and the files in /tmp.
    processes : int
        The number of the learner's processes and threads.

    Raises
    ------
    OSError
        If it cannot be made.
    """

    def __init__(self, folder: Path, memory_mb: int, processes: int) -> None:
        self.memory_mb = memory_mb
        self.path = folder / f"{PREFIX}{os.getpid()}-{next(_numbers)}"
        self.path.mkdir()
        try:
            self._set("memory.max", memory_mb * 2**20)
            self._set("pids.max", processes + MAX_OTHER_PROCESSES)
            self._set("memory.oom.group", 1)  # a submission without one of its processes would be another one
            with contextlib.suppress(FileNotFoundError):  # the kernel counts no swap
                self._set("memory.swap.max", 0)
        except BaseException:
            self.close()
            raise

    def _set(self, name: str, value: int) -> None:
        # Not made where it is missing: the files of a group are the kernel's.
        fd = os.open(self.path / name, os.O_WRONLY)
        try:
            os.write(fd, str(value).encode())
        finally:
            os.close(fd)

    def entrance(self) -> int:
        """Return a file descriptor by which a process moves into the group: it writes 0 to it."""
        return os.open(self.path / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)

    def ran_out(self) -> bool:
        """Whether the kernel has ended the processes inside since they took more memory than they may."""
        try:
            events = dict(line.split() for line in (self.path / "memory.events").read_text().splitlines())
        except (OSError, ValueError):
            return False
        return int(events.get("oom_kill", 0)) > 0

    def close(self) -> None:
        """End every process inside, and remove the group."""
        with contextlib.suppress(OSError):  # Linux 5.14; with the sandbox its processes end in any case
            self._set("cgroup.kill", 1)
        end = time.monotonic() + _GONE_SECONDS
        while time.monotonic() < end:
            try:
                self.path.rmdir()
                return
            except OSError as error:
                if error.errno != errno.EBUSY:
                    return
            time.sleep(0.005)
