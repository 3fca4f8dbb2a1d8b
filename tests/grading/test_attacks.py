"""No submission gets points that it has not earned, learns or tells what is hidden, or does anything to others.

What is tried stands in `tests.grading.attacks`. All of it runs in the sandbox.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import re
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import psutil
import pytest
from nbgrader.utils import determine_grade

from classroom.common import ROOT
from classroom.sandbox import wire
from classroom.sandbox.learner import GRACE, Learner
from classroom.sandbox.namespaces import UIDS, Limits, Sandbox, SandboxError
from classroom.submission.grade import EXTRA_TIME, Graded, close_template, grade_submission, warm_template
from classroom.submission.record import encode
from classroom.submission.texts import reading_pids
from recsys_lib.checks.calling import CALL_SECONDS
from recsys_lib.checks.checking import get
from tests.grading import keys
from tests.grading.attacks import (
    ATTACKS,
    LEAK,
    MARK,
    PRELUDE,
    WALLS_OF_THE_GRADER,
    WALLS_OF_THE_SYSTEM,
    Attack,
    answer_cells,
    check_cells,
)
from tests.grading.submissions import LESSON, hand_in, lesson, notebook
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow

SEED = 20260727
CANARY = "CANARY-5b1f0e2c"
FOR_EVER = 900  # seconds after which grading counts as endless, many times what it takes on a busy machine
# Attacks may be tried side by side, by several processes: each knows by these what came of its own.
ABSTRACT = f"{MARK}-{os.getpid()}"  # a socket's name that is no file
SLEEP = f"86421.{os.getpid()}"  # seconds, as the argument of what is left behind


@dataclass(frozen=True)
class Stage:
    """What attacks would like to get at: a course with other students' work, and someone who listens.

    Attributes
    ----------
    course : Path
        A folder that anybody may read and write.
    port : int
        The port on which someone listens, by TCP and by UDP.
    path : str
        The path of the socket on which someone listens.
    heard : list
        What came in, on any of them.
    before : dict of str to bytes
        The files of the course and of the library before the first attack.
    """

    course: Path
    port: int
    path: str
    heard: list[Any]
    before: dict[str, bytes]

    @property
    def filled(self) -> dict[str, str]:
        """The words that an attack's text is filled with."""
        return {
            "COURSE": str(self.course),
            "ROOT": str(ROOT),
            "PORT": str(self.port),
            "SOCKET": self.path,
            "ABSTRACT": ABSTRACT,
            "SLEEP": SLEEP,
            "MARK": MARK,
        }

    def files(self) -> dict[str, bytes]:
        """All files of the course and of the library, by path."""
        found = [*self.course.rglob("*"), *(ROOT / "recsys_lib").rglob("*.py")]
        return {str(path): path.read_bytes() for path in sorted(found) if path.is_file()}


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    """Lay out a course that anybody may read and write, and listen on every kind of socket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SEED", CANARY)
        patch.setenv("CANARY_OF_TESTS", CANARY)
        patch.delenv("MPLCONFIGDIR", raising=False)  # which a course of another test's may have set
        keys.into_new_session_ring("of-the-teacher", CANARY.encode())
        close_template()  # the next one is started with this environment, and with this ring of keys
        try:
            Sandbox(warm_template()).close()
        except SandboxError as error:
            skip_or_fail("sandbox", str(error))
        yield from _laid_out(tmp_path_factory)
    close_template()


def _laid_out(tmp_path_factory) -> Iterator[Stage]:
    course = tmp_path_factory.mktemp("course")
    for name in ("gradebook.db", "source/answers.py", f"submitted/bob/{LESSON}/{LESSON}.ipynb"):
        path = course / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{CANARY} {name}")
    for path in [course, *course.rglob("*")]:
        path.chmod(0o777)
    heard: list[Any] = []
    listening = [socket.socket(), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
    listening[0].bind(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(listening[0].getsockname())
    path = str(course / "socket")
    listening[1].bind(path)
    listening[2].bind(f"\0{ABSTRACT}")

    def listen(one: socket.socket) -> None:
        while True:
            try:
                heard.append(one.accept()[1] if one is not udp else one.recv(100))
            except OSError:
                return

    for one in (*listening, udp):
        if one is not udp:
            one.listen()
        threading.Thread(target=listen, args=(one,), daemon=True).start()
    made = Stage(course, udp.getsockname()[1], path, heard, {})
    made.before.update(made.files())
    yield made
    for one in (*listening, udp):
        one.shutdown(socket.SHUT_RDWR) if one is not udp else None
        one.close()


# ------------------------------------------------------------------------------------------------------- what is shown


def texts(thing: Any) -> Iterator[str]:
    """All text in a structure, keys included."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        yield from (text for pair in thing.items() for part in pair for text in texts(part))
    elif isinstance(thing, (list, tuple)):
        yield from (text for part in thing for text in texts(part))


def shown(graded: Graded) -> str:
    """All that grading says, beside the sources of cells."""
    nb = graded.notebook or {"cells": [], "metadata": {}}
    cells = [{k: v for k, v in cell.items() if k != "source"} for cell in nb["cells"]]
    return "\n".join(texts([json.loads(encode(graded.record)), cells, nb["metadata"]]))


@functools.cache
def hidden_numbers(name: str) -> frozenset[str]:
    """Numbers of the fresh inputs and of what is expected of them, as they would be written."""
    found: set[str] = set()
    for cell in check_cells(notebook(name)):
        exercise = get(cell["id"].removesuffix("-check").replace("-", "_"))
        if exercise.kind == "answer":
            continue
        for layer in exercise.own_layers:
            for args in exercise.layer_inputs(layer, SEED)[len(exercise.layer_inputs(layer)) :]:
                values = [arg for arg in args if isinstance(arg, np.ndarray)]
                try:
                    values.append(exercise.reference(*args))
                except ValueError:
                    pass
                for value in values:
                    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                        found |= {
                            f"{abs(x):.6f}"[:7] for x in value.ravel()[:40] if np.isfinite(x) and x != round(x, 3)
                        }
    return frozenset(found)


def alive() -> list[str]:
    """Processes that a submission may have left: ours but template and readers, and those of its user or name."""
    found = []
    readers = [psutil.Process(pid) for pid in reading_pids()]
    own = {warm_template().pid, *(p.pid for reader in readers for p in (reader, *reader.children()))}
    for process in psutil.process_iter(["pid", "status", "cmdline", "uids"]):
        about = process.info
        if about["status"] == psutil.STATUS_ZOMBIE or not about["cmdline"] or about["pid"] in own:
            continue
        theirs = os.geteuid() == 0 and about["uids"].real == UIDS[os.getpid() % len(UIDS)]
        if theirs or SLEEP in about["cmdline"]:
            found.append(" ".join(about["cmdline"]))
    ours = psutil.Process().children(recursive=True)
    return found + [p.name() for p in ours if p.status() != psutil.STATUS_ZOMBIE and p.pid not in own]


def left_alive() -> list[str]:
    """What is still alive after the kernel has had time to end it, also on a busy machine."""
    end = time.monotonic() + 60
    while (left := alive()) and time.monotonic() < end:
        time.sleep(0.05)
    return left


# --------------------------------------------------------------------------------------------- what ends, and by what


class Waiting:
    """How long the grader has waited for answers from inside, by notebook; each wait counts for at most its own limit.

    A busy machine makes a wait that has run into its limit longer, and is left out so. The limits of all waits together
    come from the notebook's.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seconds: Counter[Learner] = Counter()
        ask, receive = Learner._ask, wire.receive
        asking: list[Learner] = []

        def asked(learner: Learner, *args: Any, **more: Any) -> dict[str, Any]:
            asking.append(learner)
            try:
                return ask(learner, *args, **more)
            finally:
                asking.pop()

        def received(connection: socket.socket, seconds: float, **more: Any) -> Any:
            start = time.monotonic()
            try:
                return receive(connection, seconds, **more)
            finally:
                if asking:  # else it waits for a sandbox to start, in which no submitted code has run
                    self.seconds[asking[-1]] += min(seconds, time.monotonic() - start)

        patch.setattr(Learner, "_ask", asked)
        patch.setattr(wire, "receive", received)

    @staticmethod
    def most(limits: Limits) -> float:
        """Seconds that a notebook may keep the grader waiting, whatever it does.

        Its time, the extra time for what was reached, what a process gets to stop by itself at the end of each, and one
        order that was given just before.
        """
        order = max(limits.cell_seconds, limits.patience * CALL_SECONDS) + GRACE
        return limits.notebook_seconds * (1 + EXTRA_TIME) + 2 * GRACE + order


@contextlib.contextmanager
def ends() -> Iterator[None]:
    """Fail where something never ends."""

    def give_up(*about: Any) -> None:
        pytest.fail(f"it has not ended after {FOR_EVER} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(FOR_EVER)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# ------------------------------------------------------------------------------------------------------------- tests


def tried(attack: Attack) -> Any:
    """One attack as a case of a test: marked where it ends alike, whoever grades."""
    marks = [] if attack.wall in WALLS_OF_THE_SYSTEM else [pytest.mark.whoever]
    return pytest.param(attack, id=attack.name.replace(" ", "-"), marks=marks)


@pytest.mark.parametrize("attack", [tried(attack) for attack in ATTACKS])
def test_a_dishonest_submission_gains_nothing_and_harms_nobody(attack, stage):
    """It earns what it solves, tells nothing, leaves nothing, ends by its limits, and the next is graded as ever."""
    limits = Limits(**attack.limits)
    data = attack.submission(notebook(attack.lesson), stage.filled)
    start = time.process_time()
    with ends(), pytest.MonkeyPatch.context() as patch:
        waiting = Waiting(patch)
        graded = grade_submission(lesson(attack.lesson, limits=limits), "mallory", data, SEED)
    worked = time.process_time() - start
    said = shown(graded)
    _earned_what_it_solved(attack, graded)
    assert graded.status in attack.status.split(" or "), graded.record.cause
    assert attack.says in graded.record.cause, graded.record.cause
    assert len(said) < 3_000_000 and len(graded.record.cause) < 2_000
    _told_nothing(attack, said, stage)
    assert left_alive() == [], "a process is left"
    _left_nothing(stage)
    if attack.then:
        data = attack.second_submission(notebook(attack.lesson), stage.filled)
        _told_nothing(attack, shown(grade_submission(lesson(attack.lesson), "trudy", data, SEED)), stage)
    usual = _next_one_is_graded()
    # How long it takes by the clock is the machine's doing as well: what the grader waits for and works at is not.
    assert max(waiting.seconds.values(), default=0) <= Waiting.most(limits)
    assert worked < limits.notebook_seconds + 10 * usual, f"{worked:.1f} s, and for an honest one {usual:.1f} s"


def _earned_what_it_solved(attack: Attack, graded: Graded) -> None:
    earned = {e.name: e.points for e in graded.record.exercises if e.points}
    assert earned == attack.points
    if graded.notebook is None:
        return
    assert (graded.record.points or 0) == sum(attack.points.values())
    ours = {cell["id"]: cell for cell in notebook(attack.lesson)["cells"]}
    theirs = [cell for cell in graded.notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    assert [cell["id"] for cell in theirs] == [
        c["id"] for c in ours.values() if c["metadata"].get("nbgrader", {}).get("grade")
    ]
    for cell in theirs:
        assert cell["metadata"] == ours[cell["id"]]["metadata"]
        assert cell["cell_type"] == "markdown" or cell["source"] == ours[cell["id"]]["source"]
        if cell["cell_type"] == "code":
            read, _ = determine_grade(nbformat.from_dict(cell), logging.getLogger(__name__))
            name = cell["id"].removesuffix("-check").replace("-", "_")
            assert read == attack.points.get(name, 0.0) or cell["id"] in graded.ungraded


def _told_nothing(attack: Attack, said: str, stage: Stage) -> None:
    assert str(SEED) not in said
    assert LEAK not in said, said[max(0, said.find(LEAK) - 300) : said.find(LEAK) + 300]
    for secret in (CANARY, "bob", str(stage.course), str(ROOT / "solutions"), str(ROOT / "classroom")):
        assert secret not in said
    for text in attack.absent:
        for word, value in stage.filled.items():
            text = text.replace(f"@{word}@", value)
        assert text not in said
    assert not {number for number in hidden_numbers(attack.lesson) if number in said}
    assert stage.heard == []


def _left_nothing(stage: Stage) -> None:
    assert stage.files() == stage.before
    folders = [
        "/",
        "/tmp",
        "/var/tmp",
        "/dev/shm",
        "/usr",
        "/etc",
        str(Path.home()),
        str(ROOT),
        str(ROOT / "recsys_lib"),
    ]
    assert [name for folder in folders for name in os.listdir(folder) if MARK in name] == []


def _next_one_is_graded() -> float:
    """Grade an honest submission; return the processor time that the grader took."""
    start = time.process_time()
    graded = hand_in(notebook(LESSON, "solutions"), seed=SEED + 1)
    assert graded.record.points + graded.record.waiting == graded.record.max_points, graded.record.cause
    assert graded.record.cause == ""
    return time.process_time() - start


def test_every_attack_has_a_name_of_its_own():
    """A failure names the attack; and each lesson that is attacked has cells to attack."""
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names)
    for name in {attack.lesson for attack in ATTACKS}:
        assert answer_cells(notebook(name)) and check_cells(notebook(name))


#: By what a text calls the operating system. Left out: writing to the grader's line, looking at its own environment,
#: and names that are only sent, in quotes.
CALLS_THE_SYSTEM = re.compile(
    r"\bos\.(?!write\b|getcwd|environ|path\.basename)\w+\b(?!\")|\b(?:open|mmap)\(|\b(?:ctypes|mmap|resource|signal|subprocess)\."
    r"|\bsocket\.(?:AF_|socketpair|create)|/proc|/dev/|/tmp/|^[!%]\w|@(?:COURSE|PORT|SOCKET|ABSTRACT|SLEEP|MARK)@",
    re.MULTILINE,
)


def cells_of(attack: Attack) -> str:
    """What an attack writes into its notebook and has run."""
    try:
        nb = json.loads(attack.submission(notebook(attack.lesson), {}))
        cells = [cell for cell in nb["cells"] if cell["cell_type"] == "code"]
    except (ValueError, RecursionError):  # a file of which nothing can be run
        return ""
    release = {cell["source"] for cell in notebook(attack.lesson)["cells"]}
    return "\n".join([*(c["source"].removeprefix(PRELUDE) for c in cells if c["source"] not in release), attack.then])


def test_every_attack_says_what_it_runs_against():
    """By a fixed word, each of which is some attack's; root leaves out no attack that calls the system."""
    alike = [attack for attack in ATTACKS if [mark.name for mark in tried(attack).marks] == ["whoever"]]
    assert {attack.wall for attack in alike} == {*WALLS_OF_THE_GRADER}
    assert {attack.wall for attack in ATTACKS if attack not in alike} == {*WALLS_OF_THE_SYSTEM}
    calls = {attack.name: found[0] for attack in alike if (found := CALLS_THE_SYSTEM.search(cells_of(attack)))}
    assert calls == {}
