"""The system calls that a learner's process may make: a list, and a seccomp filter that lets nothing else through.

Namespaces part files, processes and networks. Much of the kernel they do not part: rings of keys, locks on files that
all may read, notice of who reads what, sockets to a virtual machine's host, memory that belongs to no process. So a
learner's process, and whatever it starts, sees a kernel that has only what `CALLS` lists: any other call fails as one
does that the kernel lacks (ENOSYS), and so does each call of the two other ways into an x86 kernel, by 32 bits and by
x32. Of some calls only some uses are let through; see `RULES`. docs/architecture.md says why, one by one.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import platform
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

#: By what they are for: name, number on x86_64, number on aarch64, as in Linux's headers.
CALLS = {
    "files": """
        read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
        pwritev 296 70, lseek 8 62, open 2 -, openat 257 56, creat 85 -, close 3 57, close_range 436 436,
        dup 32 23, dup2 33 -, dup3 292 24, fcntl 72 25, ioctl 16 29, stat 4 -, fstat 5 80, lstat 6 -,
        newfstatat 262 79, statx 332 291, statfs 137 43, fstatfs 138 44, access 21 -, faccessat 269 48,
        faccessat2 439 439, getdents 78 -, getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50,
        truncate 76 45, ftruncate 77 46, fallocate 285 47, fsync 74 82, fdatasync 75 83,
        copy_file_range 326 285, rename 82 -, renameat 264 38, renameat2 316 276, mkdir 83 -, mkdirat 258 34,
        rmdir 84 -, link 86 -, linkat 265 37, unlink 87 -, unlinkat 263 35, symlink 88 -, symlinkat 266 36,
        readlink 89 -, readlinkat 267 78, mknod 133 -, mknodat 259 33, chmod 90 -, fchmod 91 52,
        fchmodat 268 53, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54, umask 95 166, utime 132 -,
        utimes 235 -, futimesat 261 -, utimensat 280 88, getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10,
        listxattr 194 11, llistxattr 195 12, flistxattr 196 13
    """,
    "memory": """
        mmap 9 222, munmap 11 215, mremap 25 216, mprotect 10 226, madvise 28 233, msync 26 227, brk 12 214,
        membarrier 324 283
    """,
    "processes": """
        clone 56 220, fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, exit 60 93, exit_group 231 94,
        wait4 61 260, waitid 247 95, kill 62 129, tkill 200 130, tgkill 234 131, pidfd_open 434 434,
        pidfd_send_signal 424 424, getpid 39 172, gettid 186 178, getppid 110 173, getpgrp 111 -,
        getpgid 121 155, setpgid 109 154, getsid 124 156, setsid 112 157, getuid 102 174, geteuid 107 175,
        getresuid 118 148, getgid 104 176, getegid 108 177, getresgid 120 150, getgroups 115 158,
        capget 125 90, prctl 157 167, arch_prctl 158 -, set_tid_address 218 96, futex 202 98,
        futex_waitv 449 449, set_robust_list 273 99, get_robust_list 274 100, rseq 334 293, getrlimit 97 163,
        setrlimit 160 164, prlimit64 302 261, getrusage 98 165, times 100 153, getpriority 140 141,
        setpriority 141 140, sched_yield 24 124, sched_getaffinity 204 123, sched_setaffinity 203 122,
        sched_getparam 143 121, sched_getscheduler 145 120, sched_getattr 315 275,
        sched_get_priority_max 146 125, sched_get_priority_min 147 126, sched_rr_get_interval 148 127,
        getcpu 309 168, uname 63 160, sysinfo 99 179, getrandom 318 278
    """,
    "signals and time": """
        rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
        rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132, signalfd 282 -, signalfd4 289 74,
        restart_syscall 219 128, pause 34 -, alarm 37 -, getitimer 36 102, setitimer 38 103,
        timerfd_create 283 85, timerfd_settime 286 86, timerfd_gettime 287 87, time 201 -,
        gettimeofday 96 169, clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115,
        nanosleep 35 101
    """,
    "pipes, sockets, waiting": """
        pipe 22 -, pipe2 293 59, eventfd 284 -, eventfd2 290 19, poll 7 -, ppoll 271 73, select 23 -,
        pselect6 270 72, epoll_create 213 -, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -,
        epoll_pwait 281 22, epoll_pwait2 441 441, socketpair 53 199, shutdown 48 210, getsockname 51 204,
        getpeername 52 205, getsockopt 55 209, setsockopt 54 208, sendto 44 206, sendmsg 46 211,
        sendmmsg 307 269, recvfrom 45 207, recvmsg 47 212, recvmmsg 299 243
    """,
}
_EVERY_BIT = 0xFFFFFFFF


@dataclass(frozen=True)
class Rule:
    """Which uses of a call are let through, by one of its arguments, of which the lower 32 bits count.

    Attributes
    ----------
    argument : int
        The place of the argument.
    error : int
        With which the other uses fail.
    only : tuple of int
        The values that are let through; any, where there are none.
    never : tuple of (int, int)
        Mask and value: what fails is each argument of which the bits of the mask are those of the value.
    """

    argument: int
    error: int
    only: tuple[int, ...] = ()
    never: tuple[tuple[int, int], ...] = ()


#: Each flag of clone(2) that makes a namespace: of mounts, control groups, UTS, IPC, users, process ids, networks.
_NEW_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
_ANONYMOUS_AND_SHARED, _HUGETLB = 0x21, 0x40000  # of mmap(2)
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL = range(5)
_F_DUPFD_CLOEXEC, _F_GETPIPE_SZ, _F_ADD_SEALS, _F_GET_SEALS = 1030, 1032, 1033, 1034
_AF_UNIX = 1
_SO_REUSEADDR, _SO_LINGER, _SO_RCVTIMEO, _SO_SNDTIMEO = 2, 13, 20, 21
_MADV_MERGEABLE = 12
_PR_SET_PDEATHSIG, _PR_GET_PDEATHSIG, _PR_GET_DUMPABLE, _PR_GET_KEEPCAPS = 1, 2, 3, 7
_PR_SET_NAME, _PR_GET_NAME, _PR_GET_SECCOMP, _PR_CAPBSET_READ = 15, 16, 21, 23
_PR_GET_TIMERSLACK, _PR_GET_NO_NEW_PRIVS, _PR_GET_THP_DISABLE = 30, 39, 42
_RLIMIT_CORE = 4
RULES = {
    # No new namespace, in which a process would have rights again.
    "clone": Rule(0, errno.EPERM, never=tuple((flag, flag) for flag in _NEW_NAMESPACES)),
    # Pairs of sockets between processes are all that is left of sockets: nobody is in the network, some families belong
    # to none, and what waits to be accepted is memory that nobody counts. A pair keeps its size, and takes no name.
    "socketpair": Rule(0, errno.EAFNOSUPPORT, only=(_AF_UNIX,)),
    "setsockopt": Rule(2, errno.EPERM, only=(_SO_REUSEADDR, _SO_LINGER, _SO_RCVTIMEO, _SO_SNDTIMEO)),
    # Memory that stays filled when all but a page of it is unmapped; and pages that the machine has set aside.
    "mmap": Rule(3, errno.EPERM, never=((_ANONYMOUS_AND_SHARED, _ANONYMOUS_AND_SHARED), (_HUGETLB, _HUGETLB))),
    # No locks, no leases, no notice: each works on files of the system and is seen by whoever else may read them. And
    # a pipe keeps its size.
    "fcntl": Rule(
        1,
        errno.EPERM,
        only=(
            *(_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_SETFL, _F_DUPFD_CLOEXEC),
            *(_F_GETPIPE_SZ, _F_ADD_SEALS, _F_GET_SEALS),
        ),
    ),
    # No page that is kept once for all who hold the same: the time of a write to it tells that another holds it.
    "madvise": Rule(2, errno.EPERM, never=((_EVERY_BIT, _MADV_MERGEABLE),)),
    # A limit of 1 keeps a crash from the machine's own program for crashes, which runs as root; one of 0 does not.
    "setrlimit": Rule(0, errno.EPERM, never=((_EVERY_BIT, _RLIMIT_CORE),)),
    "prlimit64": Rule(1, errno.EPERM, never=((_EVERY_BIT, _RLIMIT_CORE),)),
    # A name for a thread, and questions: no filter on top of ours, which takes memory of the kernel and may write into
    # the machine's log, no names for maps, no page that is kept once for all. Nor does a process hide its memory from
    # the grader, who counts it.
    "prctl": Rule(
        0,
        errno.EPERM,
        only=(
            *(_PR_SET_PDEATHSIG, _PR_GET_PDEATHSIG, _PR_GET_DUMPABLE, _PR_GET_KEEPCAPS),
            *(_PR_SET_NAME, _PR_GET_NAME, _PR_GET_SECCOMP, _PR_CAPBSET_READ),
            *(_PR_GET_TIMERSLACK, _PR_GET_NO_NEW_PRIVS, _PR_GET_THP_DISABLE),
        ),
    ),
}

#: Where the kernel says what a filter may do.
ACTIONS = Path("/proc/sys/kernel/seccomp/actions_avail")
#: The number of an architecture in audit(7), and the column of `CALLS`.
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
# Of the kernel's classic BPF, and of what a filter is shown: number of the call, architecture, six arguments.
_LOAD, _IF_EQUAL, _AND, _RETURN = 0x20, 0x15, 0x54, 0x06
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
Instruction = tuple[int, int, int, int]  # code, jump where true, jump where false, operand
_INSTRUCTION = struct.Struct("=HBBI")


class SeccompError(OSError):
    """The filter cannot be had on this machine."""


def missing() -> str | None:
    """Return why there is no filter on this machine, or None where there is one.

    Examples
    --------
    >>> missing() is None  # doctest: +SKIP
    True
    """
    if not sys.platform.startswith("linux"):
        return "seccomp is Linux's"
    if platform.machine() not in _ARCHITECTURES:
        return f"the list of system calls is for {' and '.join(_ARCHITECTURES)}, not for {platform.machine()}"
    try:
        actions = ACTIONS.read_text().split()
    except OSError:
        actions = []
    return None if {"errno", "allow"} <= set(actions) else "this kernel is built without seccomp's filters"


def numbers(machine: str) -> dict[str, int]:
    """Return the number of each call that is let through, on one architecture.

    Examples
    --------
    >>> numbers("x86_64")["read"], numbers("aarch64")["read"]
    (0, 63)
    >>> "open" in numbers("aarch64")
    False
    """
    column = _ARCHITECTURES[machine][1]
    calls = (entry.split() for text in CALLS.values() for entry in text.split(","))
    return {name: int(found[column]) for name, *found in calls if found[column] != "-"}


def program(machine: str) -> tuple[Instruction, ...]:
    """Return the filter for one architecture, as instructions of classic BPF.

    Each call has its instructions, and what is asked first is the architecture: a program may enter the kernel by that
    of another, where numbers mean other calls. A number of x32 has a bit that no number here has.
    """
    fail = (_RETURN, 0, 0, _FAIL | errno.ENOSYS)
    made: list[Instruction] = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_IF_EQUAL, 1, 0, _ARCHITECTURES[machine][0]),
        fail,
        (_LOAD, 0, 0, _AT_NUMBER),
    ]
    for name, number in numbers(machine).items():
        body = _body(RULES[name]) if name in RULES else [(_RETURN, 0, 0, _ALLOW)]
        made += [(_IF_EQUAL, 0, len(body), number), *body]
    return (*made, fail)


def _body(rule: Rule) -> list[Instruction]:
    load = (_LOAD, 0, 0, _AT_ARGUMENTS + 8 * rule.argument)  # the lower half: both architectures are little-endian
    allow, fail = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _FAIL | rule.error)
    made: list[Instruction] = [load]
    for value in rule.only:
        made += [(_IF_EQUAL, 0, 1, value), allow]
    if rule.only:
        return [*made, fail]
    for mask, value in rule.never:
        made += [load, (_AND, 0, 0, mask), (_IF_EQUAL, 0, 1, value), fail]
    return [*made, allow]


@functools.cache
def packed(machine: str) -> bytes:
    """Return the filter for one architecture, as the kernel reads it."""
    return b"".join(_INSTRUCTION.pack(*each) for each in program(machine))


def install() -> None:
    """Hold this process to the list, with all that it starts from now on; there is no way back.

    Raises
    ------
    SeccompError
        If there is no filter on this machine.
    """
    if (reason := missing()) is not None:
        raise SeccompError(reason)
    code = packed(platform.machine())
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_ = struct.pack("@HP", len(code) // _INSTRUCTION.size, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    one, zero = ctypes.c_ulong(1), ctypes.c_ulong(0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, one, zero, zero, zero)  # else only root may install a filter
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), filter_, zero, zero):
        raise SeccompError(ctypes.get_errno(), "the kernel takes no filter of system calls")
