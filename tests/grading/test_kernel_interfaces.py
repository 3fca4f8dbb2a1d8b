"""What of the kernel is left to a learner's code: the filter of system calls, asked from inside and on paper.

docs/architecture.md holds the table of interfaces; what it calls refused stands here, under the same names.
"""

from __future__ import annotations

import errno
import platform
import re
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from classroom.common import ROOT
from classroom.sandbox import namespaces, seccomp
from classroom.sandbox.namespaces import Limits, SandboxError
from tests.grading.submissions import DOT, hand_in, written

MACHINES = ("x86_64", "aarch64")
X32 = 0x40000000  # the bit by which the numbers of x86's third way in are known
ALLOWED = 0  # an answer of the filter; any other is an error's number

#: Calls that are refused, by interface: name, number on x86_64, number on aarch64 (None where it has none).
REFUSED: dict[str, list[tuple[str, int | None, int | None]]] = {
    "keyrings": [("add_key", 248, 217), ("request_key", 249, 218), ("keyctl", 250, 219)],
    "System V shared memory": [("shmget", 29, 194), ("shmat", 30, 196), ("shmctl", 31, 195), ("shmdt", 67, 197)],
    "System V semaphores": [("semget", 64, 190), ("semop", 65, 193), ("semctl", 66, 191), ("semtimedop", 220, 192)],
    "System V messages": [("msgget", 68, 186), ("msgsnd", 69, 189), ("msgrcv", 70, 188), ("msgctl", 71, 187)],
    "POSIX message queues": [("mq_open", 240, 180), ("mq_unlink", 241, 181), ("mq_notify", 244, 184)],
    "inotify and dnotify": [("inotify_init", 253, None), ("inotify_init1", 294, 26), ("inotify_add_watch", 254, 27)],
    "fanotify": [("fanotify_init", 300, 262), ("fanotify_mark", 301, 263)],
    "locks and leases": [("flock", 73, 32)],
    "perf_event_open": [("perf_event_open", 298, 241)],
    "io_uring and aio": [
        *(("io_uring_setup", 425, 425), ("io_uring_enter", 426, 426), ("io_uring_register", 427, 427)),
        *(("io_setup", 206, 0), ("io_submit", 209, 2)),
    ],
    "bpf": [("bpf", 321, 280)],
    "userfaultfd": [("userfaultfd", 323, 282)],
    "ptrace and its like": [
        *(("ptrace", 101, 117), ("process_vm_readv", 310, 270), ("process_vm_writev", 311, 271)),
        *(("process_madvise", 440, 440), ("process_mrelease", 448, 448), ("kcmp", 312, 272)),
        ("pidfd_getfd", 438, 438),
    ],
    "sockets with a name": [
        *(("socket", 41, 198), ("bind", 49, 200), ("connect", 42, 203), ("listen", 50, 201)),
        *(("accept", 43, 202), ("accept4", 288, 242)),
    ],
    "memfd": [("memfd_create", 319, 279), ("memfd_secret", 447, 447)],
    "splice and sendfile": [("splice", 275, 76), ("tee", 276, 77), ("vmsplice", 278, 75), ("sendfile", 40, 71)],
    "POSIX timers": [("timer_create", 222, 107), ("timer_settime", 223, 110)],
    "the page cache": [
        *(("mincore", 27, 232), ("cachestat", 451, 451), ("fadvise64", 221, 223), ("readahead", 187, 213)),
        *(("preadv2", 327, 286), ("sync", 162, 81), ("syncfs", 306, 267)),
    ],
    "pages and where they lie": [
        *(("mbind", 237, 235), ("set_mempolicy", 238, 237), ("migrate_pages", 256, 238), ("move_pages", 279, 239)),
        *(("mlock", 149, 228), ("mlockall", 151, 230), ("remap_file_pages", 216, 234)),
    ],
    "new namespaces": [("unshare", 272, 97), ("setns", 308, 268), ("clone3", 435, 435)],
    "mounts": [
        *(("mount", 165, 40), ("umount2", 166, 39), ("pivot_root", 155, 41), ("chroot", 161, 51)),
        *(("open_tree", 428, 428), ("move_mount", 429, 429), ("fsopen", 430, 430), ("fsmount", 432, 432)),
        *(("fspick", 433, 433), ("mount_setattr", 442, 442)),
    ],
    "files by handle": [("name_to_handle_at", 303, 264), ("open_by_handle_at", 304, 265)],
    "the machine itself": [
        *(("reboot", 169, 142), ("kexec_load", 246, 104), ("init_module", 175, 105), ("finit_module", 313, 273)),
        *(("swapon", 167, 224), ("acct", 163, 89), ("quotactl", 179, 60), ("syslog", 103, 116)),
        *(("settimeofday", 164, 170), ("clock_settime", 227, 112), ("adjtimex", 159, 171), ("sethostname", 170, 161)),
        *(("iopl", 172, None), ("ioperm", 173, None), ("modify_ldt", 154, None), ("personality", 135, 92)),
    ],
    "another user's rights": [("setuid", 105, 146), ("setresuid", 117, 147), ("setgroups", 116, 159)],
    "attributes of files": [("setxattr", 188, 5), ("lsetxattr", 189, 6), ("fsetxattr", 190, 7)],
    "other filters": [("seccomp", 317, 277), ("landlock_create_ruleset", 444, 444)],
    "calls of later kernels": [("a call of the year 2040", 900, 900)],
}


# ------------------------------------------------------------------------------------------------------- from inside


ASK = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def ask(number, *args):
    plain = [ctypes.c_long(arg) for arg in (*args, 0, 0, 0, 0, 0, 0)[:6]]
    return "done" if libc.syscall(ctypes.c_long(number), *plain) != -1 else errno.errorcode[ctypes.get_errno()]
"""


@pytest.mark.skipif(platform.machine() not in MACHINES, reason="the numbers are those of other machines")
def test_refused_calls_are_as_if_they_were_not_there(inside):
    """Each says what a kernel says that lacks it, whatever it is given; a call that is on the list does not."""
    column = 1 + MACHINES.index(platform.machine())
    calls = {name: found[column - 1] for each in REFUSED.values() for name, *found in each}
    calls = {name: number for name, number in calls.items() if number is not None}
    said = inside(f"{ASK}\nprint({{name: ask(number) for name, number in {calls!r}.items()}})")
    assert said == repr(dict.fromkeys(calls, "ENOSYS"))
    getpid = {"x86_64": 39, "aarch64": 172}[platform.machine()]
    assert inside(f"{ASK}\nprint(ask({getpid}))") == "done"


# A filter as the kernel takes one, which lets everything through.
FILTER = """
import struct
code = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000), 8)
FILTER = ctypes.create_string_buffer(struct.pack("@HP", 1, ctypes.addressof(code)))
"""
USES = {
    "a namespace by clone": "ask(CLONE, 0x10000000 | 17)",
    "a map that is shared and has no file": "ask(MMAP, 0, 4096, 3, 0x21, -1)",
    "large pages that were set aside": "ask(MMAP, 0, 2 << 20, 3, 0x40022, -1)",
    "a lock on a file that all may read": "ask(FCNTL, HERE, 37, ctypes.addressof(ctypes.create_string_buffer(64)))",
    "a lease on a file": "ask(FCNTL, HERE, 1024, 0)",
    "notice of a folder": "ask(FCNTL, HERE, 1026, 1)",
    "pages that are kept once for all": "ask(MADVISE, 0, 0, 12)",
    "the same for a whole process": "ask(PRCTL, 67, 1)",
    "a process that hides its memory": "ask(PRCTL, 4, 0)",
    "a filter on top of ours": "ask(PRCTL, 22, 2, ctypes.addressof(FILTER))",
    "the strictest of filters": "ask(PRCTL, 22, 1)",
    "cores for oneself": "ask(PRCTL, 62, 1)",
    "the limit of a crash's file": "ask(SETRLIMIT, 4, ctypes.addressof((ctypes.c_long * 2)()))",
    "the same by another call": "ask(PRLIMIT64, 0, 4, ctypes.addressof((ctypes.c_long * 2)()))",
    "a larger pipe": "ask(FCNTL, os.pipe()[0], 1031, 1 << 20)",
    "a larger buffer of a socket": "ask(SETSOCKOPT, 3, 1, 7, ctypes.addressof(ctypes.c_int(1 << 20)), 4)",
    "a socket that takes a name when it is used": "ask(SETSOCKOPT, 3, 1, 16, ctypes.addressof(ctypes.c_int(1)), 4)",
    "sockets of another family": "ask(SOCKETPAIR, 30, 1, 0, ctypes.addressof(ctypes.create_string_buffer(8)))",
}


@pytest.mark.skipif(platform.machine() not in MACHINES, reason="the numbers are those of other machines")
def test_refused_uses_of_allowed_calls(inside):
    """What a call is asked for decides; the next use of the same call is an ordinary one."""
    numbers = seccomp.numbers(platform.machine())
    names = "; ".join(f"{name.upper()} = {numbers[name]}" for name in seccomp.RULES)
    asked = ", ".join(f"{use!r}: {code}" for use, code in USES.items())
    said = inside(f"{ASK}\nimport os\n{names}\n{FILTER}\nHERE = os.open('/usr', os.O_RDONLY)\nprint({{{asked}}})")
    assert said == repr({use: "EAFNOSUPPORT" if use == "sockets of another family" else "EPERM" for use in USES})
    pair = "ask(SOCKETPAIR, 1, 1, 0, ctypes.addressof(ctypes.create_string_buffer(8)))"
    ordinary = f"ask(MMAP, 0, 4096, 3, 0x22, -1), ask(FCNTL, 0, 1, 0), ask(PRCTL, 3), {pair}"
    assert inside(f"{ASK}\n{names}\nprint({ordinary})") == "done done done done"
    named = "text = ctypes.create_string_buffer(b'a_thread')\nprint(ask(PRCTL, 15, ctypes.addressof(text)))"
    said = inside(f"{ASK}\n{names}\n{named}\nprint(open('/proc/self/comm').read())")
    assert said.split() == ["done", "a_thread"]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other machines have no second way in")
def test_the_way_in_for_programs_of_32_bits(inside):
    """There memfd_create is 356, which is no number of 64 bits; the filter knows the way by which a call came."""
    source = """
    import ctypes, mmap, os
    code = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
    code.write(b"\\xb8" + (356).to_bytes(4, "little") + b"\\xcd\\x80" + b"\\xc3")  # mov eax, 356; int 0x80; ret
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    child = os.fork()
    if child == 0:
        os._exit(0 if function() == -38 else 1)
    status = os.waitpid(child, 0)[1]
    print("refused" if status == 0 else "there is no such way" if os.WIFSIGNALED(status) else "answered")
    """
    said = inside("\n".join(line.removeprefix("    ") for line in source.strip("\n").splitlines()))
    assert said in ("refused", "there is no such way")


def test_what_is_started_is_held_to_the_list_too(inside):
    """A program that the code starts inherits the filter, and so do its children; nobody can take it off."""
    look = "grep -E '^(Seccomp|NoNewPrivs)' /proc/self/status"
    said = inside(
        f"import subprocess\nprint(subprocess.run(['sh', '-c', {look!r}], capture_output=True, text=True).stdout)"
    )
    assert re.fullmatch(r"NoNewPrivs:\s+1\nSeccomp:\s+2\nSeccomp_filters:\s+\d+", said)


def test_files_that_tell_of_others_look_empty(inside):
    """The kernel's lists of keys and locks, and of what the machine does, cannot be read; nor is there a /dev/zero."""
    files = [f"/proc/{name}" for name in ("keys", "key-users", "locks", "kcore", "timer_list")] + ["/dev/zero"]
    source = f"""
import os
for path in {files!r}:
    try:
        print(path, os.read(os.open(path, os.O_RDONLY), 10))
    except OSError:
        pass
print("done")
"""
    assert inside(source) == "done"


HONEST = """
import asyncio, concurrent.futures, ctypes, gzip, mmap, multiprocessing, os, pathlib, select, shutil, signal, socket
import sqlite3, subprocess, sys, tempfile, threading, time, uuid
from multiprocessing import shared_memory
import numpy as np
import matplotlib.pyplot as plt

made = np.random.default_rng(0).normal(size=(200, 200))
assert np.allclose(np.linalg.inv(made) @ made, np.eye(200), atol=1e-6)
threads = {**os.environ, "OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3"}
product = "import numpy as np; a = np.ones((600, 600)); print((a @ a)[0, 0])"
done = subprocess.run([sys.executable, "-c", product], env=threads, capture_output=True, text=True)
assert done.stdout.strip() == "600.0"

def double(x):
    return 2 * x

with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(double, range(5)) == [0, 2, 4, 6, 8]
with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
    assert list(pool.map(double, range(3))) == [0, 2, 4]
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    assert list(pool.map(double, range(3))) == [0, 2, 4]
value, queue = multiprocessing.Value("i", 1), multiprocessing.Queue()
queue.put(value.value)
assert queue.get() == 1
queue.close()
queue.join_thread()
block = shared_memory.SharedMemory(create=True, size=1000)
block.buf[0] = 7
block.close()
block.unlink()

async def main():
    process = await asyncio.create_subprocess_exec("echo", "said", stdout=subprocess.PIPE)
    return (await process.communicate())[0]

assert asyncio.run(main()) == b"said\\n"
folder = pathlib.Path(tempfile.mkdtemp())
(folder / "a").mkdir()
(folder / "a" / "text").write_text("x" * 10_000)
shutil.copytree(folder / "a", folder / "b", symlinks=True)
shutil.copy2(folder / "a" / "text", folder / "c")
os.replace(folder / "c", folder / "d")
with gzip.open(folder / "e.gz", "wt") as file:
    file.write("x")
np.save(folder / "f.npy", made)
assert np.load(folder / "f.npy", mmap_mode="r").shape == (200, 200)
shutil.make_archive(str(folder / "g"), "zip", folder / "a")
shutil.rmtree(folder)
with sqlite3.connect(":memory:") as base:
    assert base.execute("select 1 + 1").fetchone() == (2,)
one, other = socket.socketpair()
one.send(b"x")
assert select.select([other], [], [], 5)[0] and other.recv(1) == b"x"
signal.signal(signal.SIGUSR1, lambda *a: None)
os.kill(os.getpid(), signal.SIGUSR1)
rings = []
signal.signal(signal.SIGALRM, lambda *a: rings.append(1))
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def compare(a, b):
    return 0
ctypes.CDLL(None).qsort(ctypes.create_string_buffer(8), 2, 4, compare)
event = threading.Event()
threading.Timer(0.01, event.set).start()
assert event.wait(60)
uuid.uuid4(), uuid.uuid1(), time.localtime(), os.cpu_count(), os.getloadavg(), shutil.disk_usage("/tmp")
plt.plot([1, 2])
plt.savefig("picture.pdf")
plt.show()
print(subprocess.run("ls picture.pdf | tr a-z A-Z | sort", shell=True, capture_output=True, text=True).stdout)
"""


@pytest.mark.slow
def test_ordinary_work_goes_on(inside):
    """NumPy on several threads, processes, queues, shared memory, files, archives, figures, the shell."""
    assert inside(HONEST).splitlines()[0] == "PICTURE.PDF"


# ------------------------------------------------------------------------------------------------- keys and limits


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="keys are Linux's")
def test_a_process_leaves_the_graders_ring():
    """Without the filter, too: what was in the ring that it inherited is not in its own."""
    source = """
import ctypes, platform
from classroom.sandbox.worker import _leave_keys
from tests.grading import keys
keys.into_new_session_ring("of-the-teacher", b"secret")
libc = ctypes.CDLL(None, use_errno=True)
def read():
    room = ctypes.create_string_buffer(100)
    number = {"x86_64": 250, "aarch64": 219}[platform.machine()]
    return libc.syscall(ctypes.c_long(number), ctypes.c_long(11), ctypes.c_long(-3), room, ctypes.c_size_t(100))
before = read()
_leave_keys(libc)
print(before, read())
"""
    done = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() in (["4", "0"], ["-1", "-1"])  # a number of four bytes; or no keys on this machine


def test_files_are_counted(inside):
    """Files, folders and links, in /tmp and in shared memory, until there is no room for one more."""
    source = """
import os
for folder in ("/tmp/home", "/dev/shm"):
    makers = [os.mkdir, lambda path: os.symlink("x", path), lambda path: os.link(folder + "/one", path), os.mkfifo]
    open(folder + "/one", "w").close()
    made = 1
    try:
        while made < 10_000:
            makers[made % 4](f"{folder}/{made}")
            made += 1
    except OSError as error:
        print(made <= 500, error.strerror)
"""
    assert inside(source, Limits(temp_files=500)) == "\n".join(["True No space left on device"] * 2)


def test_no_program_is_started_from_where_one_can_write(inside):
    """One that may be run and not be read would hide its memory from a grader who is not root."""
    source = """
import shutil, subprocess
for folder in ("/tmp/home", "/dev/shm"):
    shutil.copy("/usr/bin/env", folder + "/program")
    try:
        subprocess.run([folder + "/program"])
        print("ran")
    except PermissionError:
        print("refused")
"""
    assert inside(source) == "refused\nrefused"


def test_a_crash_stays_inside(inside):
    """The kernel would start the machine's program for crashes, outside and as root, and give it the memory."""
    said = inside("print(open('/proc/self/limits').read())")
    assert re.search(r"Max core file size +([01]) +\1 ", said)
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    assert hard == 0 or re.search(r"Max core file size +1 +1 ", said)  # 1 is more than 0, which may be all we have


def test_no_queue_no_pinned_page_few_signals(inside):
    """The system's own limits on what a process may leave in the kernel."""
    source = "import resource as r\nprint([r.getrlimit(k) for k in (r.RLIMIT_MSGQUEUE, r.RLIMIT_MEMLOCK)])"
    assert inside(source) == "[(0, 0), (0, 0)]"
    soft, hard = eval(inside("import resource as r\nprint(r.getrlimit(r.RLIMIT_SIGPENDING))"))
    assert soft == hard <= 256


# --------------------------------------------------------------------------------------------------------- on paper


def decision(machine: str, number: int, *args: int, way: str = "") -> int:
    """What the filter of a machine says of a call: `ALLOWED`, or an error's number, as the kernel would run it."""
    program = seccomp.program(machine)
    architecture = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7, "i386": 0x40000003, "arm": 0x40000028}[way or machine]
    shown = {0: number & 0xFFFFFFFF, 4: architecture}
    for place in range(6):
        value = args[place] if place < len(args) else 0
        shown |= {16 + 8 * place: value & 0xFFFFFFFF, 20 + 8 * place: (value >> 32) & 0xFFFFFFFF}
    at = held = 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        if code == 0x06:
            assert operand == 0x7FFF0000 or operand >> 16 == 5, "allow, or an error: nothing kills"
            return ALLOWED if operand == 0x7FFF0000 else operand & 0xFFFF
        if code == 0x20:
            held = shown[operand]
        elif code == 0x54:
            held &= operand
        elif code == 0x15:
            at += if_true if held == operand else if_false
        else:
            raise AssertionError(f"an instruction of another kind: {code:#x}")


@pytest.mark.parametrize("machine", MACHINES)
def test_the_list_is_let_through_and_nothing_else(machine):
    """Each number below 1,024, by each way into the kernel."""
    listed = seccomp.numbers(machine)
    assert len(set(listed.values())) == len(listed)
    ordinary = {"socketpair": (socket.AF_UNIX,), "prctl": (3,)}
    ordinary["setsockopt"] = (3, socket.SOL_SOCKET, socket.SO_REUSEADDR)
    for name, number in listed.items():
        assert decision(machine, number, *ordinary.get(name, ())) == ALLOWED, name
    for number in {*range(1024), 2**31, 2**32 - 1} - set(listed.values()):
        assert decision(machine, number) == errno.ENOSYS, number
    for number in range(1024):
        assert decision(machine, number | X32) == errno.ENOSYS, number
        for way in {"x86_64", "aarch64", "i386", "arm"} - {machine}:
            assert decision(machine, number, way=way) == errno.ENOSYS, (number, way)


@pytest.mark.parametrize("machine", MACHINES)
def test_refused_calls_are_on_no_list(machine):
    """What the table calls refused is so on the machine that this test does not run on, too."""
    column = MACHINES.index(machine)
    for calls in REFUSED.values():
        for name, *found in calls:
            assert name not in seccomp.numbers(machine)
            if found[column] is not None:
                assert decision(machine, found[column]) == errno.ENOSYS, name


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("high", (0, 1 << 32, 0xFFFFFFFF << 32), ids=("", "high bit", "high half"))
def test_arguments_are_looked_at_as_the_kernel_does(machine, high):
    """By their lower half: whatever stands in the upper one changes nothing."""
    call = seccomp.numbers(machine)
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert decision(machine, call["clone"], high | flag) == errno.EPERM
        assert decision(machine, call["clone"], high | flag | 0x3D0F11) == errno.EPERM
    assert decision(machine, call["clone"], high | 0x3D0F00) == ALLOWED  # as a thread is made
    for flags, wanted in {0x21: 1, 0x23: 1, 0x4031: 1, 0x22: 0, 0x1: 0, 0x40022: 1, 0x4022: 0, 0x20022: 0}.items():
        assert decision(machine, call["mmap"], 0, 4096, 3, high | flags) == wanted * errno.EPERM, hex(flags)
    for family in range(50):
        wanted = ALLOWED if family == socket.AF_UNIX else errno.EAFNOSUPPORT
        assert decision(machine, call["socketpair"], high | family, 1) == wanted
    allowed = {command for command in range(2000) if decision(machine, call["fcntl"], 0, high | command) == ALLOWED}
    assert allowed == {0, 1, 2, 3, 4, 1030, 1032, 1033, 1034}
    assert {name for name in range(100) if not decision(machine, call["setsockopt"], 3, 1, high | name)} == {
        2,
        13,
        20,
        21,
    }
    assert {kind for kind in range(100) if decision(machine, call["setrlimit"], high | kind)} == {4}
    assert {kind for kind in range(100) if decision(machine, call["prlimit64"], 0, high | kind)} == {4}
    assert {advice for advice in range(100) if decision(machine, call["madvise"], 0, 0, high | advice)} == {12}
    allowed = {option for option in range(100) if decision(machine, call["prctl"], high | option) == ALLOWED}
    assert allowed == {1, 2, 3, 7, 15, 16, 21, 23, 30, 39, 42}
    assert decision(machine, call["prctl"], high | 0x53564D41)  # a name for a map


def test_numbers_are_those_of_the_kernels_headers():
    """As they lie on a machine on which programs are compiled."""
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    generic = Path("/usr/include/asm-generic/unistd.h")  # aarch64 has no numbers of its own
    if not (header.exists() and generic.exists()):
        pytest.skip("the kernel's headers are not installed")
    found = {n: int(v) for n, v in re.findall(r"#define __NR_(\w+) (\d+)", header.read_text())}
    for name, number in seccomp.numbers("x86_64").items():
        assert found[name] == number, name
    text = generic.read_text()
    found = {n: int(v) for n, v in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", text)}
    for name, number in seccomp.numbers("aarch64").items():
        assert found[{"newfstatat": "fstatat"}.get(name, name)] == number, name


def test_refused_interfaces_stand_in_the_table():
    """docs/architecture.md has a row for each, which names the test."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")]
    table = {row[0]: row for row in rows if len(row) == 3}
    for interface in REFUSED:
        assert interface in table, interface
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "grading").glob("*.py"))
    for row in table.values():
        for named in re.findall(r"`(test_\w+)`|attack \"([^\"]+)\"", row[2]):
            assert any(f"def {word}(" in tests or f'"{word}"' in tests for word in named if word), row


# ------------------------------------------------------------------------------------------- where there is no filter


@pytest.mark.parametrize(("machine", "said"), [("riscv64", "not for riscv64"), ("x86_64", "without seccomp's filters")])
def test_a_machine_without_the_filter_is_refused(bubblewrap, same_template, monkeypatch, tmp_path, machine, said):
    """No student's code runs half locked up; the error says why, and what the other choice is."""
    monkeypatch.setattr(platform, "machine", lambda: machine)
    (tmp_path / "actions").write_text("kill_process trace log allow")
    monkeypatch.setattr(seccomp, "ACTIONS", tmp_path / "actions")
    with pytest.raises(SandboxError, match=said) as caught:
        hand_in(written({"dot": DOT}))
    assert "--no-sandbox" in str(caught.value)
    assert said in (namespaces.works() or "")
