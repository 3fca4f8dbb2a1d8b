"""Many submissions at once: over processes of our own and over a cluster, the same grades as one by one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings

import dask
import psutil
import pytest
from distributed import Client
from distributed.security import Security

from classroom.group import pool
from classroom.submission.grade import not_graded
from classroom.submission.lesson import Lesson, fingerprint
from classroom.submission.reading import MAX_BYTES
from tests.grading import submissions
from tests.grading.submissions import LESSON
from tests.needs import skip_or_fail

pytestmark = [
    pytest.mark.slow,
    # Dask's own, while a cluster of this very process comes up or goes down; nothing that a teacher sees.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EXERCISES = submissions.exercises()
ANSWERS = [[], ["dot"], ["dot", "rank"], ["cosine", "euclidean"], list(EXERCISES), ["make-item"]]


@pytest.fixture(scope="module", autouse=True)
def sandbox():
    """Skip or fail where there is none."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")


@pytest.fixture(scope="module")
def lesson():
    """What the lesson is graded by."""
    return Lesson(LESSON, submissions.notebook(), "0.1.0")


@pytest.fixture(scope="module")
def items():
    """A class of six: different answers, a seed each."""
    return [(f"s{i}", json.dumps(submissions.handed_in(solved)).encode(), 100 + i) for i, solved in enumerate(ANSWERS)]


def told(results):
    """What was given, by student, without the time it took."""
    return {g.record.student: (g.status, g.record.cause, g.record.points, g.record.exercises) for g in results}


@pytest.fixture(scope="module")
def one_by_one(lesson, items):
    """The same class without any other process."""
    found = told(pool.grade_all(lesson, items, workers=0))
    assert [found[f"s{i}"][2] for i in range(6)] == [sum(EXERCISES[name] for name in solved) for solved in ANSWERS]
    return found


# ------------------------------------------------------------------------------------------------- processes of our own


def test_two_processes(lesson, items, one_by_one):
    """The same grades; then a class of 40, three submissions for each process in memory; and no process stays."""
    taken, given, ahead = [], 0, []

    def handed_in():
        for number in range(40):
            taken.append(number)
            ahead.append(len(taken) - given)
            yield f"s{number}", b"", number

    with pool.opened(lesson, workers=2) as grade:
        assert told(grade(items)) == one_by_one
        for graded in grade(handed_in()):
            given += 1
            assert graded.status == "not graded"
    assert given == 40 and max(ahead) <= 2 * pool.AHEAD + 1
    assert [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())] == []


def test_a_large_submission_is_sent_without_a_word(lesson):
    """As large as a submission may be, of pictures that its cells drew: graded, and Dask warns nobody of its size."""
    notebook = submissions.handed_in(["dot"])
    picture = {"output_type": "display_data", "data": {"image/png": "A" * (MAX_BYTES - 2**20)}, "metadata": {}}
    submissions.cell(notebook, "dot")["outputs"] = [picture]
    data = json.dumps(notebook).encode()
    assert 15 * 10**6 < len(data) <= MAX_BYTES
    with pool.opened(lesson, workers=1) as grade, warnings.catch_warnings():
        warnings.simplefilter("error")
        (graded,) = grade([("ada", data, 1)])
    assert (graded.status, graded.record.points) == ("graded", EXERCISES["dot"])


def test_a_grading_process_has_a_limit_of_its_own(lesson, items, monkeypatch):
    """What takes more memory than that to judge is not graded; the process goes on.

    Students' code does not inherit it: that has the limits of its sandbox, which may be wider.
    """
    own = submissions.own("import resource\nprint(resource.getrlimit(resource.RLIMIT_DATA)[0] < 0)")
    notebook = submissions.notebook()
    notebook["cells"].append(own)
    with pool.opened(lesson, workers=1) as grade:
        with monkeypatch.context() as patched:
            patched.setattr(pool, "_guarded", _takes_much)
            (graded,) = grade(items[:1])
        assert (graded.status, graded.record.cause) == ("not graded", "MemoryError")
        (graded,) = grade([("ada", json.dumps(notebook).encode(), 1)])
    assert graded.notebook["cells"][-1]["outputs"][0]["text"] == "True\n"


def _takes_much(lesson, student, data, seed):
    """In place of grading: ask for more memory than there is to have."""
    try:
        return not_graded(lesson, student, f"{len(bytearray(pool.MAX_MEMORY))} bytes", seed)
    except MemoryError as error:
        return not_graded(lesson, student, type(error).__name__, seed)


_held = []


def _grows(lesson, student, data, seed):
    """In place of grading: what takes memory and never gives it back, and says in which process."""
    if student.startswith("mallory"):
        _held.append(bytearray(pool.MAX_GROWTH + 2**20))
    return not_graded(lesson, student, str(os.getpid()), seed)


def test_a_grading_process_that_has_grown_is_replaced(lesson, monkeypatch):
    """What one submission has filled is gone for those that are handed over later; each has its result, and once."""
    monkeypatch.setattr(pool, "PATIENCE", 900.0)  # a busy machine takes minutes to start one
    monkeypatch.setattr(pool, "_guarded", _grows)
    names = ["ada", "mallory1", "bob", "mallory2", "mallory3", "cyd", "dee"]
    found = [g.record for g in pool.grade_all(lesson, [(name, b"", 1) for name in names], workers=1)]
    assert sorted(record.student for record in found) == sorted(names)
    in_process = {record.student: record.cause for record in found}
    assert all(cause.isdigit() for cause in in_process.values())
    assert in_process["dee"] not in {in_process[name] for name in names if name.startswith("mallory")}


def _has_no_memory(lesson, student, data, seed):
    """In place of grading: one finds no memory in the first process that it comes to, another one in none."""
    if student == "mallory" or (student == "unlucky" and not os.path.exists(data)):
        with open(data, "a") as file:
            file.write(f"{os.getpid()}\n")
        return None
    return not_graded(lesson, student, str(os.getpid()), seed)


def test_who_found_no_memory_is_graded_again_in_a_fresh_process(lesson, monkeypatch, tmp_path):
    """As where a process dies: twice, then it is said. Nobody beside it is harmed."""
    monkeypatch.setattr(pool, "PATIENCE", 900.0)
    monkeypatch.setattr(pool, "_guarded", _has_no_memory)
    names = ["ada", "unlucky", "mallory", "bob"]
    items = [(name, os.fsencode(tmp_path / name), 1) for name in names]
    found = {g.record.student: g.record for g in pool.grade_all(lesson, items, workers=1)}
    assert sorted(found) == sorted(names)
    assert (found["mallory"].status, found["mallory"].cause) == ("not graded", pool.NO_MEMORY)
    tried_in = set((tmp_path / "mallory").read_text().split())
    assert pool.TRIES <= len(tried_in) <= pool.TRIES + 1  # once more where the unlucky one's process had her result
    assert found["unlucky"].cause.isdigit()
    assert found["unlucky"].cause not in (tmp_path / "unlucky").read_text().split()
    assert found["ada"].cause.isdigit() and found["bob"].cause.isdigit()


def test_a_process_that_is_replaced_comes_back(lesson, monkeypatch, tmp_path):
    """However long it takes, and however often: Dask would give it up for lost, and the class would end there."""
    monkeypatch.setattr(pool, "PATIENCE", 900.0)
    monkeypatch.setattr(pool, "_guarded", _has_no_memory)
    names = ["mallory", "ada", "unlucky", "bob"]
    items = [(name, os.fsencode(tmp_path / name), 1) for name in names]
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"}):
        found = {g.record.student: g.record.cause for g in pool.grade_all(lesson, items, workers=1)}
    assert found["mallory"] == pool.NO_MEMORY and all(found[name].isdigit() for name in names[1:])


def test_nobody_else_on_the_machine_is_answered():
    """Another user sees on which ports we listen; without the key of this run he gets no further."""
    with pool._client(1, None) as client, warnings.catch_warnings():
        address = client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        for other in (address.replace("tls://", "tcp://"), next(iter(client.scheduler_info()["workers"]))):
            with pytest.raises((OSError, RuntimeError, TypeError, ValueError)):
                Client(other.replace("tls://", "tcp://"), timeout=3)
        with pytest.raises(OSError):
            Client(address, timeout=5, security=Security.temporary())


def test_one_by_one_takes_one(lesson):
    """Without processes nothing is read before it is graded."""
    taken = []
    results = pool.grade_all(lesson, ((taken.append(n), (f"s{n}", b"", n))[1] for n in range(5)), workers=0)
    next(results)
    assert taken == [0]
    results.close()


def test_grading_process_is_killed(lesson, items, one_by_one, monkeypatch):
    """The only process ends in the middle: another one takes its place and all are graded."""
    monkeypatch.setattr(pool, "PATIENCE", 900.0)  # a busy machine takes minutes to start one
    found = []
    for graded in pool.grade_all(lesson, items, workers=1):
        found.append(graded)
        if len(found) == 2:
            (worker,) = [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]
            worker.send_signal(signal.SIGKILL)
    assert told(found) == one_by_one


def test_defect_of_the_grader_stops_nobody(lesson, items, one_by_one, monkeypatch):
    """An error of ours is one student's status, with its kind and its first line."""
    real = pool.grade_submission

    def grade(lesson, student, *rest):
        if student == "s1":
            raise KeyError("a defect\nwith more lines")
        return real(lesson, student, *rest)

    monkeypatch.setattr(pool, "grade_submission", grade)
    found = told(pool.grade_all(lesson, items[:3], workers=0))
    assert found["s1"][:3] == ("not graded", "the grader failed: KeyError: \"'a defect\\\\nwith more lines'\"", None)
    assert [found[s] for s in ("s0", "s2")] == [one_by_one[s] for s in ("s0", "s2")]


# ------------------------------------------------------------------------------------------------------------ a cluster


class Cluster:
    """A Dask scheduler on loopback, and workers, each a process of its own."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        self.folder, self.workers = folder, []
        self.scheduler = self._start("scheduler", "--host", self.address, "--no-dashboard", "--no-show")
        self._wait_for_port()

    def _start(self, what, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
        with open(self.folder / f"{what}-{time.monotonic_ns()}.log", "wb") as log:
            return subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)

    def _wait_for_port(self):
        host, _, port = self.address.removeprefix("tcp://").partition(":")
        for _ in range(6000):
            with socket.socket() as probe:
                if probe.connect_ex((host, int(port))) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError("the scheduler does not come up")

    def add_workers(self, number):
        """Start workers and wait until the scheduler knows them."""
        from distributed import Client

        for _ in range(number):
            options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder))
            self.workers.append(self._start("worker", self.address, *options))
        with Client(self.address) as client:
            client.wait_for_workers(number, timeout=600)

    def close(self):
        """End all of it: they were started here."""
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    """See `Cluster`."""
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        made.close()


def test_cluster(cluster, lesson, items, one_by_one, monkeypatch):
    """No workers: said. Two: the same grades. Lost in the middle: said, what was graded stays, the next run goes on."""
    with pytest.raises(pool.PoolError, match=f"has no workers: start some with `dask worker {cluster.address}`"):
        next(pool.grade_all(lesson, items, scheduler=cluster.address))
    cluster.add_workers(2)
    assert told(pool.grade_all(lesson, items, scheduler=cluster.address)) == one_by_one

    monkeypatch.setattr(pool, "LOOK", 0.5)
    monkeypatch.setattr(pool, "PATIENCE", 3.0)
    results = pool.grade_all(lesson, items * 3, scheduler=cluster.address)
    found = [next(results)]
    for worker in cluster.workers:
        worker.kill()
    with pytest.raises(pool.PoolError, match="has lost all its workers; what was graded before is safe"):
        found += results
    assert len(found) < 18 and all(g.status == "graded" or "process ended" in g.record.cause for g in found)


def test_scheduler_is_lost(cluster, lesson, items):
    """In the middle: said, and not waited for without end."""
    cluster.add_workers(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = pool.grade_all(lesson, items * 3, scheduler=cluster.address)
        next(results)
        cluster.scheduler.kill()
        with pytest.raises(pool.PoolError, match="was lost; what was graded before is safe"):
            list(results)


def test_no_scheduler(lesson, items, monkeypatch):
    """Nobody listens there, or it is no address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setattr(pool, "CONNECT", "1s")
    for wrong in (address, "nowhere", "ftp://127.0.0.1:1"):
        with pytest.raises(pool.PoolError, match=f"no Dask scheduler answers at {wrong}"):
            next(pool.grade_all(lesson, items, scheduler=wrong))


def test_fingerprint_changes_with_the_course(monkeypatch, tmp_path):
    """A worker with one other line has another fingerprint, and is refused by its address."""
    import classroom

    here = os.path.dirname(classroom.__file__)
    package = shutil.copytree(here, tmp_path / "classroom", ignore=shutil.ignore_patterns("__pycache__"))
    mine = fingerprint()
    monkeypatch.setattr(classroom, "__file__", str(package / "__init__.py"))
    assert fingerprint() == mine
    with open(package / "common.py", "a") as file:
        file.write("\n")
    assert fingerprint() != mine

    class Client:
        def scheduler_info(self, n_workers):
            return {"workers": {"tcp://other": {}}}

        def run(self, function):
            return {"tcp://other": mine}

    with pytest.raises(pool.PoolError, match="another version of the course: tcp://other"):
        pool.require_same_course(Client(), "tcp://there")


def test_lesson_is_not_needed_to_say_what_was_not_graded(lesson):
    """What `pool` says of a process that ended is a record like any other."""
    record = not_graded(lesson, "ada", "the grading process ended (KilledWorker)", 3).record
    assert (record.status, record.points, record.seed) == ("not graded", None, 3)
