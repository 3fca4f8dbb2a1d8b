"""The sandbox: each limit is hit once, and what must not be seen, kept or reached is looked for from inside."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import psutil
import pytest

from classroom.common import ROOT
from classroom.group import pool
from classroom.sandbox import learner, namespaces, wire
from classroom.sandbox.learner import Handle, Learner
from classroom.sandbox.namespaces import INSTALL, Limits, MemoryFloodError, Sandbox, SandboxError, Template
from classroom.sandbox.steps import Step
from classroom.submission import graded_cell
from classroom.submission.grade import UNSAFE, warm_template
from recsys_lib.checks import all_exercises, calling, diagnosis
from tests.grading.submissions import DOT, answer, cell, hand_in, lesson, notebook, points, shown, written

LINUX_ROOT = os.geteuid() == 0
needs_bubblewrap = pytest.mark.usefixtures("bubblewrap")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Let a process that does not stop by itself be ended soon."""
    monkeypatch.setattr(learner, "GRACE", 0.5)


def assert_next_is_fine():
    """The submission graded after it has its points."""
    graded = hand_in(written({"dot": DOT}))
    assert (graded.status, graded.record.cause, points(graded)["dot"]) == ("graded", "", 2)


# ------------------------------------------------------------------------------------------------------------ limits


class Case(NamedTuple):
    """Code that runs into a limit, and what is said of it in its place and on the record."""

    source: str
    limits: dict
    said: str
    cause: str = ""


HOGS = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        held = bytearray(250 * 2**20)
        held[::4096] = bytes([1]) * len(held[::4096])
        time.sleep(60)
time.sleep(60)
"""
FORKS = """
import os, time
children = []
try:
    while True:
        child = os.fork()
        if child == 0:
            time.sleep(60)
        children.append(child)
except OSError as error:
    print("forks:", len(children), type(error).__name__)
for child in children:
    os.kill(child, 9)
    os.waitpid(child, 0)
"""
BOMB = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
FILES = "for i in range(20):\n    with open(f'{folder}/{i}', 'wb') as file:\n        file.write(bytes(2**20))"
STUBBORN = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
IN_C = "sum(iter(int, 1))"  # one call that never comes back to Python

CELLS = {
    "memory of one process": Case("x = bytearray(2**30)", {"memory_mb": 256}, "MemoryError"),
    "CPU seconds": Case("while True: pass", {"cpu_seconds": 1}, "ended the process", "added-1 ended the process"),
    "processes": Case(FORKS, {"processes": 10}, r"forks: [1-9] BlockingIOError"),
    "processes, a fork bomb": Case(BOMB, {"cell_seconds": 0.3}, ""),  # which of many processes answers, nobody knows
    "file size": Case("open('/tmp/big', 'wb').write(bytes(3 * 2**20))", {"file_mb": 1}, "OSError.*File too large"),
    "temp space": Case(f"folder = '/tmp'\n{FILES}", {"temp_mb": 4}, "OSError.*No space left"),
    "temp space, shared memory": Case(f"folder = '/dev/shm'\n{FILES}", {"temp_mb": 4}, "OSError.*No space left"),
    "open files": Case(
        "x = [open('/dev/null') for _ in range(99)]", {"open_files": 32}, "OSError.*Too many open files"
    ),
    "cell seconds": Case("while True: pass", {"cell_seconds": 0.5}, "ran longer than 0.5 s"),
    "cell seconds, every exception caught": Case(STUBBORN, {"cell_seconds": 0.5}, "ran longer than 0.5 s"),
    "cell seconds, in compiled code": Case(
        IN_C, {"cell_seconds": 0.3}, "ran longer than 0.3 s", "added-1 ran longer than 0.3 s and could not be stopped"
    ),
}


@needs_bubblewrap
@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
def test_cell_at_a_limit(name):
    """It is told so in its place; the answer behind it is graded, and so is the next submission."""
    case = CELLS[name]
    graded = hand_in(written({"dot": DOT}, first=(case.source,)), limits=Limits(**case.limits))
    assert re.search(case.said, shown(graded, "added-1"))
    assert case.cause in graded.record.cause
    assert (graded.status, points(graded)["dot"], graded.ungraded) == ("graded", 2, ())
    assert_next_is_fine()


@needs_bubblewrap
@pytest.mark.slow
@pytest.mark.parametrize("place", ("cell", "call"))
def test_memory_of_all_processes_together(place):
    """Children that each stay within the limit are ended when they hold too much together."""
    body = HOGS.strip().replace("\n", "\n    ")
    answers = {"dot": DOT, "cosine": f"def cosine(q, items):\n    {body}"} if place == "call" else {"dot": DOT}
    first = (HOGS,) if place == "cell" else ()
    limits = Limits(memory_mb=400)  # they sleep: on a busy machine, too, there is time to take the memory
    graded = hand_in(written(answers, first=first), limits=limits)
    assert_next_is_fine()
    assert points(graded)["dot"] == 2
    assert re.search(r"was ended: its processes hold \d+ MB together", graded.record.cause)


@needs_bubblewrap
@pytest.mark.slow
@pytest.mark.parametrize("place", ("cell", "call"))
def test_a_machine_short_of_memory_costs_nobody_points(place, monkeypatch, same_template):
    """It may be another's doing: what was cut off is not a wrong answer, and nothing is graded."""
    monkeypatch.setattr(namespaces, "MIN_FREE_BYTES", 2**60)
    slow = "import time\ntime.sleep(0.6)"
    dot = "def dot(q, items):\n    import time\n    time.sleep(0.6)\n    return items @ q\n"
    with pytest.raises(SandboxError, match="the machine is running out of memory"):
        hand_in(written({"dot": dot if place == "call" else DOT}, first=(slow,) if place == "cell" else ()))


def without_memory(*args, **options):
    """In place of any function of the grader's."""
    raise MemoryError


JUDGING = {
    "reading an answer": (wire, "decode"),
    "receiving a frame": (wire, "_look_through"),
    "comparing": (diagnosis, "difference"),
    "copying a result": (calling, "_plain_copy"),
    "the right result": (all_exercises()["cosine"], "reference"),
    "the judge of a property": (all_exercises()["make_item"], "judge_result"),
    "a graded cell": (graded_cell, "graded_verdict"),
}


@needs_bubblewrap
@pytest.mark.slow
@pytest.mark.parametrize("place", JUDGING)
def test_a_grader_without_memory_costs_nobody_points(place, monkeypatch, same_template):
    """Another submission may have filled it: there is no grade, of which a part would be 0, and the status says why."""
    owner, name = JUDGING[place]
    monkeypatch.setattr(all_exercises()["cosine"], "right_on_fixed", {})  # else it is known already
    monkeypatch.setattr(owner, name, without_memory)
    handed = json.dumps(notebook(folder="solutions")).encode()
    (graded,) = pool.grade_all(lesson(), [("ada", handed, 7)], workers=0)
    assert (graded.status, graded.record.cause, graded.record.points) == ("not graded", pool.NO_MEMORY, None)
    assert graded.notebook is None


@needs_bubblewrap
def test_memory_that_a_function_has_not_is_its_own_fault():
    """It may raise the error by itself: the answer is wrong, also where a graded cell calls it directly."""
    graded = hand_in(written({"dot": DOT, "cosine": "def cosine(q, items):\n    raise MemoryError"}))
    assert (graded.status, points(graded)["dot"], points(graded)["cosine"]) == ("graded", 2, 0)
    steps = [Step("cell", "here", "def f():\n    raise MemoryError"), Step("bind", "here", "f")]
    with Learner(warm_template(), steps, Limits()) as inside:
        inside.run()
        outputs = graded_cell._run("f()", "", {"f": Handle(inside, "here/f", "f", {})}, lambda *_: 0.0)
    assert [output["ename"] for output in outputs] == ["ProcessEndedError"]


@needs_bubblewrap
@pytest.mark.slow
def test_a_sandbox_that_does_not_start_again_costs_nobody_points(monkeypatch, same_template):
    """An answer has ended its process, and the machine has no room for another: the others are not wrong for that."""
    real = Learner._start

    def start(self):
        if self.ended:
            raise SandboxError("the sandbox did not start: no room")
        real(self)

    monkeypatch.setattr(Learner, "_start", start)
    with pytest.raises(SandboxError, match="no room"):
        hand_in(written({"dot": "def dot(q, items):\n    import os\n    os._exit(0)", "cosine": answer("cosine")}))


CALLS = {
    "memory of one process": Case("return bytearray(2**30)", {"memory_mb": 256}, "raised MemoryError"),
    "CPU seconds": Case(
        "while True: pass", {"cpu_seconds": 1, "patience": 20}, "raised ProcessEndedError", "ended the process"
    ),
    "file size": Case("open('/tmp/big', 'wb').write(bytes(3 * 2**20))", {"file_mb": 1}, "raised OSError in line 2"),
    "open files": Case("return [open('/dev/null') for _ in range(99)]", {"open_files": 32}, "raised OSError in line 2"),
    "call seconds": Case("while True: pass", {"patience": 0.5}, "ran longer"),
    "call seconds, in compiled code": Case(
        f"return {IN_C}", {"patience": 0.5}, "ran longer", "cosine ran longer than 1 s and could not be stopped"
    ),
    "the process ended": Case("import os; os._exit(0)", {}, "raised ProcessEndedError", "cosine ended the process"),
    "a value too large": Case("return np.zeros(10_000_000)", {}, "raised MemoryError"),
    "a value larger than a result": Case(
        "return np.zeros(200_000)", {}, "raised MemoryError", "cosine returned more than may cross"
    ),
}


#: A result's size is what the two sides agree on, in Python.
TOO_LARGE = ("a value too large", "a value larger than a result")


@needs_bubblewrap
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.whoever] if name in TOO_LARGE else []) for name in CALLS]
)
def test_call_at_a_limit(name):
    """The answer has 0 points and is told why; the others and the next submission are graded."""
    case = CALLS[name]
    wrong = f"def cosine(q, items):\n    {case.source}"
    graded = hand_in(written({"dot": DOT, "cosine": wrong}), limits=Limits(**case.limits))
    assert re.search(case.said, shown(graded, "cosine-check"))
    assert case.cause in graded.record.cause
    assert (points(graded)["dot"], points(graded)["cosine"], graded.status) == (2, 0, "graded")
    assert_next_is_fine()


@needs_bubblewrap
@pytest.mark.whoever
@pytest.mark.parametrize(
    ("source", "outputs", "characters"),
    [
        ("print('x' * 10**7)", 1, 10_000),
        ("import sys; print('x' * 10**7, file=sys.stderr)", 1, 10_000),
        ("for i in range(1000): display('x')", 50, 50 * 4),
        ("'x' * 10**7", 1, 10_000),
        ("raise ValueError('x' * 10**7)", 1, 1100),
        ("for i in range(9):\n    plt.figure(); plt.plot([i]); plt.show()", 50, 10_000),
    ],
)
def test_output_is_cut(source, outputs, characters):
    """What a cell shows stays small."""
    graded = hand_in(written({}, first=("import matplotlib.pyplot as plt", source)))
    found = cell(graded.notebook, "added-2")["outputs"]
    assert 1 <= len(found) <= outputs
    assert len(shown(graded, "added-2")) <= characters + 60
    assert len([o for o in found if "image/png" in o.get("data", {})]) <= 5
    assert sum(len(str(o)) for o in found) < 500_000


ENDLESS = "def {0}(q, items):\n    import time\n    while True: time.sleep(1)"


@needs_bubblewrap
@pytest.mark.whoever
@pytest.mark.slow
def test_notebook_seconds_used_up_by_calls():
    """Partly graded: what was reached keeps its points, what was not is named and has None, never 0."""
    answers = {"dot": DOT, "cosine": ENDLESS.format("cosine"), "euclidean": ENDLESS.format("euclidean")}
    graded = hand_in(written(answers), limits=Limits(notebook_seconds=3))
    assert graded.status == "partly graded"
    assert points(graded)["dot"] == 2
    reached = {e.grade_id for e in graded.record.exercises if e.points is not None}
    assert set(graded.ungraded) >= {"euclidean-check", "rank-check"}
    assert not set(graded.ungraded) & reached
    assert all(name in graded.record.cause for name in graded.ungraded)
    assert "Not graded: it ran longer than 3 s" in shown(graded, "rank-check")
    assert graded.record.waiting == sum(e.max_points for e in graded.record.exercises if e.grade_id in graded.ungraded)
    assert_next_is_fine()


@needs_bubblewrap
def test_every_process_inside_is_held_to_the_filter_and_to_limits(inside):
    """Those of bubblewrap, too: with the same user id one of them can be made to run anything."""
    source = (
        "import os\n"
        "for pid in sorted(filter(str.isdigit, os.listdir('/proc')), key=int):\n"
        "    said = dict(line.split(':', 1) for line in open(f'/proc/{pid}/status').read().splitlines())\n"
        "    rows = open(f'/proc/{pid}/limits').read().splitlines()[1:]\n"
        "    most = {row[:25].strip(): row[26:46].strip() for row in rows}\n"
        "    names = ('Max cpu time', 'Max address space', 'Max processes')\n"
        "    free = [name for name in names if most[name] == 'unlimited']\n"
        "    print(said['Name'].strip(), said['Seccomp'].strip(), free)\n"
    )
    told = inside(source).splitlines()
    assert [line.split(" ", 1)[1] for line in told] == ["2 []"] * 3, told
    assert {line.split()[0] for line in told} == {"bwrap", "cat", "python"}


@needs_bubblewrap
@pytest.mark.slow
def test_notebook_seconds_used_up_by_cells():
    """Not graded, with the cause: no points, and no 0."""
    graded = hand_in(written({"dot": DOT}, first=(IN_C,) * 3), limits=Limits(notebook_seconds=0.5, cell_seconds=0.3))
    assert (graded.status, graded.notebook, graded.record.points) == ("not graded", None, None)
    assert "it ran longer than 0.5 s" in graded.record.cause
    assert_next_is_fine()


# --------------------------------------------------------------------------------------------- seen from the inside


def test_the_lessons_own_time_is_not_the_learners(monkeypatch):
    """A cell of the lesson's moves the end by as long as it takes, while there is time for such cells."""
    clock = [100.0]
    monkeypatch.setattr(learner, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    limits = Limits(cell_seconds=20.0, notebook_seconds=120.0, lesson_seconds=100.0)
    running = Learner(warm_template(), [], limits)
    own, lessons = Step("cell", "a", "", learners=True), Step("cell", "b", "", lessons=True)
    took, left = [], []
    for step, seconds in ((lessons, 55.0), (own, 15.0), (lessons, 40.0), (lessons, 30.0), (own, 10.0)):
        with running._time_for(step) as most:
            clock[0] += seconds
        took.append(most)
        left.append(running._end - clock[0])
    assert took == [60.0, 20.0, 60.0, 60.0, 20.0]
    assert left == [120.0, 105.0, 105.0, 80.0, 70.0]  # 5 of the 30 seconds were left for the lesson's own
    with pytest.raises(ValueError), running._time_for(lessons):
        raise ValueError
    assert running._end - clock[0] == 70.0


CHANGES = [
    "%cd /content/drive/MyDrive",
    "import os\nos.chdir('/content/drive/MyDrive')",
    "import os\nos.chdir('/usr')",
    "%cd -q /usr",
    "%pushd /usr",
    "import os, tempfile\nfolder = tempfile.mkdtemp()\nos.chdir(folder)\nos.rmdir(folder)\nos.chdir('..')",
]


@pytest.mark.parametrize("change", CHANGES)
def test_another_folder_does_no_harm(change, bubblewrap):
    """What stands behind such a line is run, files can be written there, and so can they in the cells behind it."""
    if "rmdir" not in change:
        change += "\nopen('file', 'w').close()"
    cells = [f"{change}\nprint('on')", "import os\nopen('file', 'w').close()\nprint(os.path.abspath('file'))"]
    with Learner(
        warm_template(), [Step("cell", str(n), source) for n, source in enumerate(cells)], Limits()
    ) as running:
        running.run()
    assert [o["output_type"] for outputs in running.outputs.values() for o in outputs] == ["stream"] * 2
    assert running.outputs["0"][0]["text"].endswith("on\n")
    assert running.outputs["1"][0]["text"] == "/tmp/home/file\n"


def test_a_folder_of_ones_own_is_entered(inside):
    """As anywhere."""
    assert inside("%mkdir mine\n%cd -q mine\nopen('x', 'w').close()\nimport os\nprint(os.listdir())") == "['x']"


def test_no_network(inside):
    """Neither an address outside nor a server on this machine can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        for address in (server.getsockname(), ("1.1.1.1", 53)):
            said = inside(f"import socket\nsocket.create_connection({address!r}, timeout=3)")
            assert re.match(r"OSError|ConnectionRefusedError|PermissionError", said), said
    # The filter refuses the sockets; that there is no network to reach, either, is what the kernel says of it.
    networks = "print([line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line])"
    assert inside(networks) == "['lo']"


def test_system_is_read_only(inside, movielens):
    """No file can be made but in /tmp and in shared memory; nothing that is seen can be changed."""
    from recsys_lib import datasets

    folders = ["/", "/usr", "/usr/lib", "/etc", "/dev", "/proc", "/work", str(ROOT), str(ROOT / "recsys_lib")]
    folders += [str(datasets.cache_folder()), str(Path(os.__file__).parent), str(Path(psutil.__file__).parent)]
    source = """
    import os
    for folder in FOLDERS:
        try:
            open(folder + "/mine", "w")
            print("wrote in", folder)
        except OSError:
            pass
    for folder in ("/tmp", "/dev/shm", os.path.expanduser("~")):
        open(folder + "/mine", "w").write("x")
    import recsys_lib.similarity
    try:
        open(recsys_lib.similarity.__file__, "a")
        print("changed the library")
    except OSError:
        pass
    print("done")
    """
    assert inside(_block(source).replace("FOLDERS", repr(folders))) == "done"


def test_temp_and_home_are_private_and_empty(inside, tmp_path):
    """What one submission leaves there, the next one does not find, and we do not either."""
    # Where the course itself lies in /tmp, the way to the library is seen.
    way = {str(path).split("/")[2] for path in namespaces.readable_folders() if str(path).startswith("/tmp/")}
    look = f"import os\nprint([n for n in os.listdir('/tmp') if n not in {way}], "
    look += "os.listdir(os.path.expanduser('~')), os.listdir('/dev/shm'))"
    assert inside(look) == "['home'] [] []"
    inside("open('/tmp/left-by-a-learner', 'w').write('x')\nopen('mine', 'w').write('x')")
    assert inside(look) == "['home'] [] []"
    assert not Path("/tmp/left-by-a-learner").exists()


def test_course_is_not_seen(inside, tmp_path):
    """Solutions, exercises, tests, the gradebook, .git and other submissions are not there; nor is any real home."""
    (tmp_path / "gradebook.db").write_text("secret")
    paths = [ROOT / name for name in ("solutions", "notebooks", "tests", "classroom", ".git", "gradebook.db")]
    paths += [tmp_path, tmp_path / "gradebook.db", Path.home() / ".ssh", Path("/etc/passwd"), Path("/etc/shadow")]
    paths += [ROOT / "recsys_lib" / "exercises" / "three_measures" / "cosine.py"]
    seen = inside(f"import os\nprint([p for p in {[str(p) for p in paths]!r} if os.path.exists(p)])")
    assert seen == "[]"
    for module in ("three_measures", "three_measures.cosine"):
        line = f"import recsys_lib.exercises.{module}"
        assert inside(line).startswith(("ImportError", "ModuleNotFoundError"))
    loaded = inside(
        "import sys\nprint(*(m for m in sys.modules if m.startswith(('recsys_lib.exercises', 'classroom.'))))"
    )
    ours = {f"classroom.sandbox{name}" for name in ("", ".messages", ".seccomp", ".wire")}
    assert set(loaded.split()) == ours


def test_no_other_process_is_seen(inside):
    """Neither the grader nor other learners; and the first process inside cannot be looked into."""
    assert int(inside("import os\nprint(len([p for p in os.listdir('/proc') if p.isdigit()]))")) <= 4
    environ = inside("print(open('/proc/1/environ').read())")
    assert "PermissionError" in environ or "HOME" not in environ


def test_rights_are_given_up(inside):
    """No capability, no way to get one, and a user of its own where the grader is root."""
    status = dict(line.split(":", 1) for line in inside("print(open('/proc/self/status').read())").splitlines())
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert status["NoNewPrivs"].strip() == "1"
    if LINUX_ROOT:
        for name in ("Uid", "Gid"):
            (only,) = set(status[name].split())
            assert int(only) in namespaces.UIDS
        assert status["Groups"].split() in ([], ["65534"])


def test_no_new_namespaces(inside):
    """A user namespace would give rights back; none can be made, nor can any other."""
    unshare = "import ctypes\nlibc = ctypes.CDLL(None)\nprint([libc.unshare(flag) for flag in "
    assert inside(unshare + "(0x10000000, 0x20000, 0x40000000)])") == "[-1, -1, -1]"


def test_no_descriptors_but_our_own(inside):
    """The connection, the shared memory and /dev/null: no other file of the grader is open."""
    source = "import os\nprint([os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')[:-1]])"
    found = inside(source)
    assert re.fullmatch(r"\[('/dev/null', ){3}'socket:\[\d+\]'(, '/memfd:arguments \(deleted\)')+\]", found)


def test_film_data_can_be_read(inside, movielens):
    """The lessons' data are there, without a download."""
    assert inside("from recsys_lib import datasets\nprint(datasets.movielens_100k().n_users)") == "943"


def test_film_data_cannot_be_changed(inside, movielens):
    """Neither written over nor deleted."""
    from recsys_lib import datasets

    file = next(p for p in Path(datasets.cache_folder()).rglob("*") if p.is_file())
    before = file.stat()
    for do in (f"open({str(file)!r}, 'wb')", f"import os; os.remove({str(file)!r})"):
        assert re.match("OSError.*Read-only|PermissionError", inside(do))
    assert file.stat().st_mtime_ns == before.st_mtime_ns


def test_nothing_is_left_running(inside):
    """A process that was started inside ends with the submission, however it hides."""
    seconds = f"{60 + os.getpid() / 1e7:.7f}"
    inside(f"import subprocess\nfor _ in range(3): subprocess.Popen(['sleep', '{seconds}'], start_new_session=True)")
    end = time.monotonic() + 60
    while (left := _running(seconds)) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []


def _running(argument: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found += [process.pid] if process.cmdline() == ["sleep", argument] else []
    return found


def _block(text: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in text.strip("\n").splitlines())


FILLERS = """
import ctypes, os, threading, time
here, there = os.pipe()
wait, begin = os.pipe()
def hold():
    held = bytearray(b"x") * (120 * 2**20)
    os.write(there, b"x")
    time.sleep(300)
for _ in range(8):
    if os.fork() == 0:
        os.read(wait, 1)  # until the first call: what the cell itself does is over then
        HOLD
        os._exit(0)
os.set_blocking(here, False)
full = 0
begun = False
def filled():
    global full, begun
    if not begun:
        begun = bool(os.write(begin, b"x" * 8))
    try:
        full += len(os.read(here, 8))
    except BlockingIOError:
        pass
    return full
"""
IN_A_SECOND_THREAD = "threading.Thread(target=hold).start(); ctypes.CDLL(None).pthread_exit(None)"


@pytest.mark.slow
@pytest.mark.parametrize("hold", ["hold()", IN_A_SECOND_THREAD], ids=["plainly", "behind an ended thread"])
def test_memory_that_children_fill_while_all_calls_are_short(hold, bubblewrap):
    """No call takes a quarter of a second; and a process whose first thread has ended says that it holds nothing."""
    steps = [Step("cell", "here", FILLERS.replace("HOLD", hold)), Step("bind", "here", "filled")]
    # 120 MB of eight are more than the 300 + 512 of all; one alone has room beside what a second thread reserves.
    with Learner(warm_template(), steps, Limits(memory_mb=300, notebook_seconds=300)) as inside:
        inside.run()
        full_at = None
        while not inside.ended and (full_at is None or time.monotonic() < full_at + 1):
            outcome = inside.call("here/filled", (), 5.0, ())
            if outcome.value == 8 and full_at is None:
                full_at = time.monotonic()
            time.sleep(0.01)
        outcome = outcome if inside.ended else inside.call("here/filled", (), 5.0, ())
        assert isinstance(outcome.error, MemoryError)
        (said,) = inside.ended
        assert said.startswith("filled was ended: its processes hold ")


@pytest.mark.whoever
def test_memory_is_looked_at_once_more_before_a_grade_is_paid(bubblewrap, monkeypatch):
    """Behind the last call of each cell, too: nothing else would see what children do then."""
    events = []
    send, look = wire.send, Sandbox.check_memory
    monkeypatch.setattr(learner, "MAX_UNWATCHED", 0.0)
    monkeypatch.setattr(wire, "send", lambda *args: events.append("order") or send(*args))
    monkeypatch.setattr(Sandbox, "check_memory", lambda self: events.append("look") or look(self))
    assert points(hand_in(written({"dot": DOT})))["dot"] == 2
    assert events[-1] == "look" and events.count("look") > events.count("order") > 0


@pytest.mark.whoever
def test_a_flood_between_calls_ends_the_process_and_is_said(bubblewrap, monkeypatch):
    """What was right stays right; whoever reads the record learns why the process ended."""

    def flood(self: Sandbox) -> None:
        raise MemoryFloodError("its processes hold 9 MB together")

    monkeypatch.setattr(learner, "MAX_UNWATCHED", 0.0)
    with Learner(warm_template(), [Step("cell", "here", "print(1)")], Limits()) as inside:
        inside.run()
        monkeypatch.setattr(Sandbox, "check_memory", flood)
        inside.check_memory()
        assert inside.ended == ["the notebook was ended: its processes hold 9 MB together"]
        assert inside.processor_seconds() is None


@pytest.mark.whoever
def test_a_machine_without_memory_between_calls_is_nobodys_fault(bubblewrap, monkeypatch, same_template):
    """The submission is graded again, as where that is found out during a call."""

    def short(self: Sandbox) -> None:
        raise SandboxError("the machine is running out of memory")

    monkeypatch.setattr(learner, "MAX_UNWATCHED", 0.0)
    monkeypatch.setattr(Sandbox, "check_memory", short)
    with pytest.raises(SandboxError, match="running out"):
        hand_in(written({"dot": DOT}))


@pytest.mark.whoever
def test_a_look_is_not_the_functions_time(bubblewrap, monkeypatch):
    """It comes before the call, and the clock starts behind it."""
    with Learner(warm_template(), [Step("cell", "here", "f = len"), Step("bind", "here", "f")], Limits()) as inside:
        inside.run()
        monkeypatch.setattr(learner, "MAX_UNWATCHED", 100.0)
        monkeypatch.setattr(inside, "_looked", time.monotonic() - 200)
        shown = [0.0]  # by a clock that stands still but while somebody looks
        monkeypatch.setattr(learner, "time", SimpleNamespace(monotonic=time.monotonic, perf_counter=lambda: shown[0]))
        monkeypatch.setattr(Sandbox, "check_memory", lambda self: shown.append(shown.pop() + 3.0))
        outcome = inside.call("here/f", ([1],), 5.0, ())
        assert (outcome.value, outcome.seconds, shown) == (1, 0.0, [3.0])


@pytest.mark.whoever
def test_memory_is_looked_at_while_a_text_is_looked_through(bubblewrap, monkeypatch):
    """A text that takes long to look through gives children time to fill memory."""

    def look_at(question, source, *args, meanwhile):
        meanwhile()
        raise AssertionError("it has gone on")

    def flood(self: Sandbox) -> None:
        raise MemoryFloodError("its processes hold 9 MB together")

    steps = [Step("cell", "here", "def f():\n    return 1"), Step("bind", "here", "f", defined_in=0)]
    with Learner(warm_template(), steps, Limits(), look=look_at) as inside:
        inside.run()
        monkeypatch.setattr(learner, "MAX_UNWATCHED", 0.0)
        monkeypatch.setattr(Sandbox, "check_memory", flood)
        assert inside.look_at_text("here/f", lambda source: source) is None
        assert inside.ended == ["f was ended: its processes hold 9 MB together"]


# ------------------------------------------------------------------------------------------- template and bubblewrap


def test_template_is_clean(bubblewrap, monkeypatch):
    """It has no secret of the grader's environment, and no exercise; its children have neither."""
    monkeypatch.setenv("GITHUB_TOKEN", "a-secret-of-the-teacher")
    with Template() as template:
        assert b"a-secret" not in Path(f"/proc/{template.pid}/environ").read_bytes()
        source = "import os, sys\nprint(open('/proc/self/environ').read(), dict(os.environ), list(sys.modules))"
        with Learner(template, [Step("cell", "here", source)], Limits()) as inside:
            inside.run()
            (output,) = inside.outputs["here"]
    assert "OMP_NUM_THREADS" in output["text"]
    assert "a-secret" not in output["text"]
    assert "recsys_lib.exercises" not in output["text"]


def test_template_that_dies_is_replaced(bubblewrap):
    """Killed between two submissions, or while it seems alive: the next one is graded by a new one."""
    first = warm_template()
    os.kill(first.pid, signal.SIGKILL)  # ours, started above
    while first.alive:
        time.sleep(0.01)
    assert_next_is_fine()
    second = warm_template()
    assert second is not first
    second.control.close()  # it ends, and we may not have seen it yet
    assert_next_is_fine()
    assert warm_template().alive


def test_missing_bubblewrap_is_refused(bubblewrap, monkeypatch, same_template):
    """Nothing runs; the error says how to install it, and what the other choice is."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SandboxError, match=re.escape(INSTALL)) as caught:
        hand_in(written({"dot": DOT}))
    assert "--no-sandbox" in str(caught.value)


def test_broken_bubblewrap_is_refused(tmp_path, monkeypatch, same_template):
    """A bubblewrap that may make no namespaces is an error with its own words."""
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="does not work here: bwrap: No permissions to create new namespace"):
        hand_in(written({"dot": DOT}))


def test_without_a_sandbox_it_is_said_loudly(monkeypatch):
    """Where that was chosen it needs no bubblewrap, and the notebook and the record say so."""
    monkeypatch.setenv("PATH", "")
    graded = hand_in(
        written({"dot": DOT, "cosine": ENDLESS.format("cosine")}), isolated=False, limits=Limits(patience=0.5)
    )
    assert (graded.status, points(graded)["dot"], points(graded)["cosine"]) == ("graded", 2, 0)
    assert graded.record.sandbox is False
    assert UNSAFE in graded.notebook["cells"][0]["source"]


def test_sandboxed_says_nothing_of_it(bubblewrap):
    """The sentence stands only where it is true."""
    graded = hand_in(written({"dot": DOT}))
    assert graded.record.sandbox is True
    assert UNSAFE not in str(graded.notebook)


def test_unsafe_folder_is_removed():
    """The folder of a worker without a sandbox goes with it."""
    with Sandbox(warm_template(), isolated=False) as worker:
        folder = Path(worker.folder)
        assert folder.is_dir()
    assert not folder.exists()


def test_command_line_binds_nothing_it_must_not():
    """Read-only binds of the system, this Python, the library and the data: not the course, a home or everything."""
    command = namespaces.argv("bwrap", temp_mb=64, as_root=LINUX_ROOT, info_fd=9, filter_fd=10)
    assert not {"--bind", "--dev-bind", "--bind-try", "--share-net", "--overlay"} & set(command)
    bound = [Path(command[i + 1]) for i, word in enumerate(command) if word.startswith("--ro-bind")]
    forbidden = {Path("/"), Path("/tmp"), Path("/home"), Path("/root"), Path("/etc"), Path("/var"), Path("/run")}
    for path in bound:
        assert path not in forbidden | {Path.home(), Path.cwd(), ROOT, *ROOT.parents, *Path.home().parents}, path
        assert not any((ROOT / name).is_relative_to(path) for name in ("solutions", "notebooks", ".git", "classroom"))
    hidden = [Path(command[i + 1]) for i, word in enumerate(command) if word == "--tmpfs"]
    assert ROOT / "recsys_lib" / "exercises" in hidden
    assert command.index(str(ROOT / "recsys_lib" / "exercises")) > command.index(str(ROOT / "recsys_lib"))
    for wanted in ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--die-with-parent", "--new-session"):
        assert wanted in command


@pytest.mark.parametrize("folder", (ROOT, ROOT.parent, Path("/"), Path.home()))
def test_python_or_data_in_the_wrong_place_is_refused(folder, monkeypatch):
    """Rather than show students the course, it says what to move."""
    monkeypatch.setenv("COURSE_DATA", str(folder))
    with pytest.raises(SandboxError, match="would show students the course itself"):
        namespaces.argv("bwrap", temp_mb=64, as_root=True, info_fd=9, filter_fd=10)


@pytest.mark.parametrize("folder", ("/usr/share/course", "/usr/local/src/deep/course", "/lib/course", "/bin"))
def test_course_within_what_is_seen_is_refused(folder, monkeypatch):
    """All of /usr is seen inside: a clone there would show its solutions. It is refused before anything is started."""
    monkeypatch.setattr(namespaces, "ROOT", Path(folder))
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    monkeypatch.setattr(sys, "prefix", "/opt/python")
    # Where Python itself lies in /usr, that is what is named first.
    said = "students' code would see .*, which lies in /.*: move it|would show students the course itself"
    with pytest.raises(SandboxError, match=said):
        namespaces.argv("bwrap", temp_mb=64, as_root=True, info_fd=9, filter_fd=10)


def test_folder_with_submissions_within_what_is_seen_is_refused(tmp_path, monkeypatch):
    """By its own name or by a link; in Python's folder, the library's or that of the data as well as in /usr."""
    for place in ("/usr/share", sys.prefix, ROOT / "recsys_lib"):
        link = tmp_path / "link"
        link.symlink_to(place)
        for folder in (Path(place) / "class", link / "class", link):
            with pytest.raises(SandboxError, match="students' code would see"):
                namespaces.require_hidden(folder)
        link.unlink()
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "class").mkdir(parents=True)
    with pytest.raises(SandboxError, match="students' code would see"):
        namespaces.require_hidden(tmp_path / "data" / "class")
    namespaces.require_hidden(tmp_path)
    namespaces.require_hidden(ROOT)


def test_sandbox_works_here(bubblewrap):
    """The question that doctor asks."""
    assert namespaces.works() is None
