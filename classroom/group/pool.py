"""Many submissions at once: Dask spreads them over this machine's cores, or over many machines.

Each grading process keeps one warm template (see `classroom.sandbox.namespaces`). Results come back as they are ready;
whoever asks for them is the only one that writes. At no time are more than a few submissions a process in memory.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import math
import mmap
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom.common import CourseError
from classroom.submission.grade import Graded, grade_submission, not_graded
from classroom.submission.lesson import Lesson, fingerprint
from classroom.submission.reading import MAX_BYTES

EACH = 10  # submissions that are worth a process of their own: so many are graded in the time that one takes to start
AHEAD = 3  # submissions for each process that are read before they are needed
TRIES = 2
MAX_MEMORY = 2 * 2**30  # bytes of a grading process's own; it needs a tenth of that
MAX_GROWTH = MAX_MEMORY // 4  # bytes by which it may have grown behind a submission, before another takes its place
NO_MEMORY = "grading it took more memory than there was"
CONNECT = "20s"  # as Dask writes it
LOOK, PATIENCE = 5.0, 60.0  # seconds: between two looks at the workers, and without any

Item = tuple[str, bytes, int]  # student, submitted file, seed
Grader = Callable[[Iterable[Item]], Generator[Graded, None, None]]


class PoolError(CourseError):
    """Why there are no processes to grade with; the text says what to do."""


@dataclass(frozen=True)
class _Done:
    """What became of a submission in a grading process.

    Attributes
    ----------
    graded : Graded or None
        None where the process had no memory left, which need not be this submission's doing.
    address : str
        The process, as Dask calls it.
    outgrown : bool
        Whether the process has grown too large to grade another.
    """

    graded: Graded | None
    address: str
    outgrown: bool


@dataclass(frozen=True)
class _Waiting:
    """A submission that is with a process: how often it was tried, and how many processes had been replaced by then."""

    item: Item
    tries: int
    replaced: int


@contextlib.contextmanager
def opened(lesson: Lesson, *, workers: int | None = None, scheduler: str | None = None) -> Iterator[Grader]:
    """Start the processes that grade a lesson, and end them.

    Yields a function that takes submissions as they are needed, and yields the result of each as it is ready. Call it
    as often as you like, once the results of the last call have been taken.

    Parameters
    ----------
    lesson : Lesson
        What all of them are graded by.
    workers : int, optional
        Number of grading processes: as many as there are cores where absent; 0 grades in this process.
    scheduler : str, optional
        Address of a Dask scheduler whose workers have the same course installed.

    Raises
    ------
    PoolError
        If the scheduler cannot be reached or is lost, or its workers are gone or have another version of the course.
    """
    if workers == 0 and scheduler is None:
        yield lambda items: (_guarded(lesson, *item) or _no_memory(lesson, item) for item in items)
        return
    with _client(workers, scheduler) as client:
        # Not scattered: what a task has made is made again when the process that holds it has ended.
        shared = client.submit(_same, lesson, pure=False, key=f"lesson-{os.urandom(8).hex()}")
        yield functools.partial(_spread, client, lesson, shared)


def processes_for(submissions: int) -> int:
    """Return how many processes grade a class: one for ten submissions, and no more than there are cores.

    >>> processes_for(3)
    1
    """
    return max(1, min(os.cpu_count() or 1, math.ceil(submissions / EACH)))


def grade_all(
    lesson: Lesson, items: Iterable[Item], *, workers: int | None = None, scheduler: str | None = None
) -> Iterator[Graded]:
    """Grade submissions in processes of their own, see `opened`, and yield each as it is ready."""
    with opened(lesson, workers=workers, scheduler=scheduler) as grade:
        yield from grade(items)


def _spread(client: Any, lesson: Lesson, shared: Any, items: Iterable[Item]) -> Generator[Graded, None, None]:
    from distributed import wait

    items = iter(items)
    waiting: dict[Any, _Waiting] = {}
    replaced = 0  # processes, so far

    def submit(item: Item, tries: int) -> None:
        # The key says nothing of the student: it is shown in logs.
        key = f"grade-{os.urandom(8).hex()}"
        future = client.submit(_looked_after, _guarded, shared, *item, pure=False, key=key, retries=0)
        waiting[future] = _Waiting(item, tries, replaced)

    def fill() -> None:
        most = max(1, AHEAD * len(client.scheduler_info(n_workers=-1)["workers"]))
        while len(waiting) < most and (item := next(items, None)) is not None:
            submit(item, 1)

    fill()
    while waiting:
        done = _patiently(client, lambda s: wait(list(waiting), timeout=s, return_when="FIRST_COMPLETED").done)
        for future in done:
            asked = waiting.pop(future)
            student, _, seed = asked.item
            # A result whose process has ended since is made again, and so may take as long as one that is not done.
            error = _patiently(client, future.exception)
            found: _Done | None = None if error is not None else _patiently(client, future.result)
            future.release()
            if found is not None and (found.outgrown or found.graded is None):
                replaced += 1
                _replace(client, found.address)
            if found is not None and found.graded is not None:
                yield found.graded
            elif found is not None or isinstance(error, MemoryError):
                if asked.tries < TRIES:
                    submit(asked.item, asked.tries + 1)
                else:
                    yield _no_memory(lesson, asked.item)
            elif asked.replaced < replaced:  # Dask counts the process that we have ended as one that it ended itself
                submit(asked.item, asked.tries)
            else:  # the process itself was ended, twice
                yield not_graded(lesson, student, f"the grading process ended ({type(error).__name__})", seed)
        fill()


def _patiently(client: Any, ask: Callable[[float], Any]) -> Any:
    """Ask until an answer comes; a cluster without workers is waited for, but not for ever."""
    alone = 0.0
    while alone < PATIENCE:
        try:
            return ask(LOOK)
        except TimeoutError:
            pass
        except CancelledError:
            raise PoolError("the Dask scheduler was lost; what was graded before is safe") from None
        alone = 0.0 if client.scheduler_info(n_workers=-1)["workers"] else alone + LOOK
    raise PoolError("the Dask scheduler has lost all its workers; what was graded before is safe")


def _same(lesson: Lesson) -> Lesson:
    return lesson


def _guarded(lesson: Lesson, student: str, data: bytes, seed: int) -> Graded | None:
    """Grade one submission; a defect of the grader must not stop the class, and None is for lack of memory."""
    try:
        return grade_submission(lesson, student, data, seed)
    except MemoryError:
        return None
    except Exception as error:
        said = str(error).strip().splitlines()[0][:300] if str(error).strip() else ""
        return not_graded(lesson, student, f"the grader failed: {type(error).__name__}: {said!r}", seed)


def _no_memory(lesson: Lesson, item: Item) -> Graded:
    student, _, seed = item
    return not_graded(lesson, student, NO_MEMORY, seed)


def _looked_after(grade: Callable[..., Graded | None], lesson: Lesson, *item: Any) -> _Done:
    """Grade one submission in a process of Dask's, and say whether the process is fit for the next."""
    from distributed import get_worker

    before = _memory_at_first()
    graded = grade(lesson, *item)
    return _Done(graded, get_worker().address, _memory() > before + MAX_GROWTH)


@functools.cache
def _memory_at_first() -> int:
    """Return the memory of this process when it was asked first."""
    return _memory()


def _memory() -> int:
    """Return the bytes that `MAX_MEMORY` is about, or 0 on a system that does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return 0


def _replace(client: Any, address: str) -> None:
    """Let another process take the place of one; where nobody would start it, as on a cluster without nannies, do not.

    What it has begun is begun anew by another one. A result that it has made and nobody has taken is made again.
    """
    about = client.scheduler_info(n_workers=-1)["workers"].get(address)
    if about is not None and about.get("nanny"):
        with contextlib.suppress(TimeoutError, OSError, KeyError):  # it comes later, or is gone already
            client.restart_workers([address], timeout=PATIENCE, raise_for_error=False)


@contextlib.contextmanager
def _client(workers: int | None, scheduler: str | None) -> Iterator[Any]:
    import dask
    from distributed import Client, LocalCluster
    from distributed.security import Security

    settings = {
        "distributed.scheduler.allowed-failures": TRIES - 1,
        "distributed.comm.timeouts.connect": CONNECT,
        "distributed.admin.log-format": "%(message)s",
        "distributed.admin.large-graph-warning-threshold": 4 * MAX_BYTES,  # a submission is as large as it is
        "distributed.deploy.lost-worker-timeout": "1 day",  # one that is replaced may take its time, and is no lost one
        "distributed.scheduler.work-stealing": False,  # submissions are short, and alike
        "distributed.worker.daemon": False,  # grading processes have children of their own
        "distributed.worker.profile.enabled": False,
        "distributed.scheduler.http.routes": [],  # pages that whoever is logged in on this machine could read
        "distributed.worker.http.routes": [],
        "distributed.worker.preload": ["classroom.group.pool"],  # see `dask_setup`
    }
    with dask.config.set(settings), contextlib.ExitStack() as opened:
        if scheduler is None:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="course-dask-"))
            cluster = opened.enter_context(
                LocalCluster(
                    n_workers=workers or os.cpu_count(),
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",  # else port 8787, which may be taken
                    host="127.0.0.1",
                    local_directory=folder,
                    memory_limit=None,
                    security=Security.temporary(),  # else whoever is logged in here, as any user, may run code in it
                    silence_logs=logging.CRITICAL,
                )
            )
            yield opened.enter_context(Client(cluster))
            return
        try:
            client = opened.enter_context(Client(scheduler, timeout=CONNECT))
        except (OSError, ValueError) as error:
            raise PoolError(f"no Dask scheduler answers at {scheduler}: {error}") from None
        require_same_course(client, scheduler)
        yield client


def dask_setup(worker: Any) -> None:
    """Ignore Ctrl-C in a grading process: a terminal sends it to all of them, and the one that hands out work stops.

    And let it take `MAX_MEMORY` itself: whatever a result made it do then ends as a submission that is not graded.
    """
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = [limit for limit in (soft, hard, MAX_MEMORY) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(most), hard))
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def require_same_course(client: Any, scheduler: str) -> None:
    """Refuse a cluster without workers, or one whose workers would grade by another version of the course.

    Raises
    ------
    PoolError
        Which says who they are.
    """
    if not client.scheduler_info(n_workers=-1)["workers"]:
        raise PoolError(f"the scheduler at {scheduler} has no workers: start some with `dask worker {scheduler}`")
    mine = fingerprint()
    others = [address for address, found in client.run(fingerprint).items() if found != mine]
    if others:
        raise PoolError(f"these workers have another version of the course: {', '.join(sorted(others))}")
