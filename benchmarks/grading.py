"""Time grading a class beside stock nbgrader: CPU seconds for the same grades, and how time and memory grow.

`python -m benchmarks.grading` makes a class that answers a lesson right, wrong, with known mistakes or not at all,
and has it graded twice: by `nbgrader autograde` with nbgrader's own steps, which runs students' code with the teacher's
rights, and by `python course.py grade-class` with the sandbox on. Both get the same bytes, the same seed and the same
environment, and must give the same points for every graded cell. Then ours grades larger classes (`--scale`).
`--quick` takes a dozen students and no larger class.

CPU seconds are user and system time of every process that was started. They are read from a control group where one
can be made (as root): a learner's process ends with the sandbox that it is in, and nobody waits for it, so that what
`getrusage` adds up leaves it out. Where no group can be made `getrusage` is used, and the table says so.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import inspect
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

import psutil
from tqdm import tqdm

from classroom.commands.bench import one_thread
from classroom.common import ROOT, find_lesson, lesson_names
from recsys_lib.checks.definition import all_exercises

SEED = 7
"""The seed of everybody's inputs, and of what the class hands in."""

EVERY = 0.5
"""Seconds between two looks at memory."""

STOCK_CONFIG = """
from nbgrader.converters import Autograde

c.Autograde.autograde_preprocessors = list(Autograde.autograde_preprocessors.default())  # nbgrader's own Execute
"""


class GradesDifferError(Exception):
    """The two graders do not give the same points; the text says where."""


# ------------------------------------------------------------------------------------------------------------ a class


def submission(release: dict, solution: dict, number: int) -> dict:
    """Make a student's notebook, in which each answer is right, a known mistake, nonsense, or left out."""
    draw = random.Random(f"{SEED}/{number}")
    right = {cell["id"]: cell["source"] for cell in solution["cells"]}
    nb = json.loads(json.dumps(release))
    for cell in nb["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if not meta.get("solution"):
            continue
        kind = draw.choices(("right", "mistake", "nonsense", "left out"), (65, 17, 5, 13))[0]
        if cell["cell_type"] == "markdown":
            cell["source"] = f"Lengths decide, says student {number}." if kind == "right" else cell["source"]
            continue
        name = cell["id"].replace("-", "_")
        wrong = mistakes(name)
        if kind == "right":
            cell["source"] = right[cell["id"]]
        elif kind == "mistake" and wrong:
            cell["source"] = draw.choice(wrong)
        elif kind != "left out":
            cell["source"] = f"def {name}(*args):\n    return {draw.choice(('0.5', 'None', '1 / 0', 'args[0]'))}\n"
    return nb


@functools.cache
def mistakes(name: str) -> tuple[str, ...]:
    """Write the known mistakes of an exercise as a learner would, those that need nothing but NumPy.

    Examples
    --------
    >>> print(mistakes("predict_ranking")[0])
    def predict_ranking():
        return {'dot': 'ABC', 'cosine': 'CBA', 'euclidean': 'ACB'}
    <BLANKLINE>
    """
    exercise = all_exercises().get(name)
    if exercise is None:
        return ()
    found = []
    for wrong in exercise.misconceptions:
        if wrong.choices is not None:
            found.append(f"def {exercise.name}():\n    return {wrong.function()!r}\n")
            continue
        if not names_of(wrong.function.__code__).isdisjoint(wrong.function.__globals__.keys() - {"np"}):
            continue
        if wrong.function.__closure__:
            continue
        with contextlib.suppress(OSError, SyntaxError):
            tree = ast.parse(textwrap.dedent(inspect.getsource(wrong.function)))
            made = tree.body[0]
            if isinstance(made, ast.FunctionDef):
                made.decorator_list, made.name = [], exercise.name
                found.append(ast.unparse(made) + "\n")
    return tuple(found)


def names_of(code: CodeType) -> set[str]:
    """Return the names that a function and those inside it look up."""
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(names_of, inner))


def name_of(number: int) -> str:
    """Return the name of a student's folder.

    Examples
    --------
    >>> name_of(7)
    'student0007'
    """
    return f"student{number:04d}"


def make_course(folder: Path, lesson: str, students: int) -> Path:
    """Make a course with one lesson, its release and its gradebook, and a class that has handed it in."""
    place = Path(lesson) / f"{lesson}.ipynb"
    (folder / "solutions" / lesson).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / place, folder / "solutions" / lesson)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", lesson]
    _call(command, folder, _environment(), folder / "generate.log")
    release = json.loads((folder / "notebooks" / place).read_text(encoding="utf-8"))
    solution = json.loads((folder / "solutions" / place).read_text(encoding="utf-8"))
    for number in range(students):
        path = folder / "submitted" / name_of(number) / place
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(submission(release, solution, number)), encoding="utf-8")
    return folder


def scores(course: Path, lesson: str) -> dict[tuple[str, str], tuple[float | None, bool]]:
    """Read all automatic scores from a gradebook.

    Returns
    -------
    dict of (student, cell) to (points, whether the cell waits for a person)
    """
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "candidate-generation") as book:
        return {
            (sub.student.id, grade.name): (grade.auto_score, grade.needs_manual_grade)
            for sub in book.assignment_submissions(lesson)
            for notebook in sub.notebooks
            for grade in notebook.grades
        }


def compare(stock: dict, ours: dict) -> int:
    """Count the scores, each of which must be the same in both.

    Examples
    --------
    >>> compare({("ada", "dot"): (2.0, False)}, {("ada", "dot"): (2.0, False)})
    1

    Raises
    ------
    GradesDifferError
        If one is missing, or not the same.
    """
    differing = sorted(key for key in stock.keys() | ours.keys() if stock.get(key) != ours.get(key))
    if differing or not stock:
        said = [f"{key}: nbgrader {stock.get(key)}, ours {ours.get(key)}" for key in differing[:5]]
        raise GradesDifferError(f"{len(differing)} of {len(stock)} scores differ: " + "; ".join(said))
    return len(stock)


# ---------------------------------------------------------------------------------------------------------- measuring


@dataclass
class Cost:
    """The time and memory that a command used.

    Attributes
    ----------
    cpu, waited, wall : float
        CPU seconds of all its processes, CPU seconds of those that were waited for, and seconds by the clock.
    memory : dict of str to float
        The most memory at one time in MB, of the ``"first"`` process and of ``"all"`` together, shared pages counted
        once.
    whole : bool
        Whether ``cpu`` includes processes that nobody waited for.
    """

    cpu: float
    waited: float
    wall: float
    memory: dict[str, float] = field(default_factory=dict)
    whole: bool = True


def measure(command: list[str], folder: Path, env: dict[str, str], log: Path, watch: Callable[[], None]) -> Cost:
    """Run a command to its end and measure what it uses; ``watch`` is called every half second.

    Raises
    ------
    RuntimeError
        If the command fails; the text ends with what it printed last.
    """
    with _group() as group:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        memory: dict[str, float] = {}

        def step(process: subprocess.Popen) -> None:
            watch()
            for name, value in _memory(process.pid).items():
                memory[name] = max(memory.get(name, 0.0), value)

        _call(command, folder, env, log, enter=group, step=step)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        waited = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        cpu = _group_seconds(group) if group else waited
    return Cost(cpu, waited, wall, memory, whole=group is not None)


def _call(
    command: list[str],
    folder: Path,
    env: dict[str, str],
    log: Path,
    *,
    enter: Path | None = None,
    step: Callable[[subprocess.Popen], None] = lambda process: None,
) -> None:
    """Run a command, in a control group where one is given; the child enters it before it becomes the command."""
    if enter is not None:
        command = ["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(enter), *command]
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        ended = threading.Event()

        def wait() -> None:
            process.wait()
            ended.set()

        threading.Thread(target=wait, daemon=True).start()
        while not ended.wait(EVERY):
            step(process)
    if process.returncode:
        said = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise RuntimeError(f"{' '.join(command[-6:])} ended with exit code {process.returncode}:\n{said}")


@contextlib.contextmanager
def _group() -> Iterator[Path | None]:
    """Make a control group that counts CPU time; None where none can be made or entered."""
    folder = None
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/mounts").read_text().splitlines()
        mounted = next(parts[1] for parts in map(str.split, lines) if parts[2] == "cgroup2")
        here = next(line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
        made = Path(mounted) / here.strip("/") / f"course-bench-{os.getpid()}"
        made.mkdir()
        enters = subprocess.run(["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs"', str(made)], stderr=subprocess.DEVNULL)
        if enters.returncode == 0 and (made / "cpu.stat").read_text().startswith("usage_usec"):
            folder = made
        else:
            made.rmdir()
    try:
        yield folder
    finally:
        if folder is not None:
            _wait_for_empty(folder)
            folder.rmdir()


def _group_seconds(group: Path) -> float:
    """Read the CPU seconds of a control group once its last process has ended."""
    _wait_for_empty(group)
    return int((group / "cpu.stat").read_text().split()[1]) / 1e6


def _wait_for_empty(group: Path, seconds: float = 10.0) -> None:
    """Wait until a control group is empty: processes that are killed go a moment later."""
    end = time.monotonic() + seconds
    while (group / "cgroup.procs").read_text().strip() and time.monotonic() < end:
        time.sleep(0.05)


def _memory(pid: int) -> dict[str, float]:
    """Measure the memory in MB of a process, and of it and all below it together."""
    total, first = 0.0, 0.0
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(pid)
        for process in [top, *top.children(recursive=True)]:
            with contextlib.suppress(psutil.Error, OSError):
                used = process.memory_full_info().pss / 2**20
                total += used
                first += used if process.pid == pid else 0.0
    return {"first": first, "all": total}


def _environment() -> dict[str, str]:
    """Make the environment of both graders: one thread, the processor's own BLAS kernel, a list of fonts."""
    dropped = ("NBGRADER_", "COURSE_SEED", "MPLBACKEND", "PYTHONWARNINGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return one_thread({**kept, "MPLCONFIGDIR": str(_fonts()), "PATH": path, "PYTHONPATH": str(ROOT)})


def _fonts() -> Path:
    """Make a list of fonts, which would otherwise be made within the time that is measured."""
    from classroom.kernels import make_font_list
    from classroom.nbgrader_bridge import load_config

    load_config()
    make_font_list()
    return Path(os.environ["MPLCONFIGDIR"])


# -------------------------------------------------------------------------------------------------------- two graders


def by_stock(course: Path, lesson: str, bar: tqdm) -> Cost:
    """Grade with `nbgrader autograde`, all students in one command, by nbgrader's own steps."""
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8") + STOCK_CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "nbgrader", "autograde", lesson]
    env = {**_environment(), "COURSE_SEED": str(SEED)}
    return _measured(command, course, env, course, lesson, bar)


def by_ours(course: Path, lesson: str, bar: tqdm) -> Cost:
    """Grade with `python course.py grade-class`, in the sandbox."""
    command = [sys.executable, "-m", "classroom", "grade-class", lesson, "--course", str(course), "--seed", str(SEED)]
    return _measured(command, ROOT, _environment(), course, lesson, bar)


def _measured(command: list[str], folder: Path, env: dict[str, str], course: Path, lesson: str, bar: tqdm) -> Cost:
    """Measure a grader, and let the bar follow the notebooks that it has graded."""
    seen = 0

    def watch() -> None:
        nonlocal seen
        now = sum(1 for _ in course.glob(f"autograded/*/{lesson}/{lesson}.ipynb"))
        bar.update(now - seen)
        seen = now

    cost = measure(command, folder, env, course / "log.txt", watch)
    watch()
    return cost


def race(
    folder: Path, lesson: str, students: int, bar: tqdm, *, beside: Collection[int] | None = None
) -> tuple[Cost, Cost, int]:
    """Have one class graded by both, in `folder`/stock and `folder`/ours.

    Parameters
    ----------
    folder : Path
    lesson : str
    students : int
        How many there are; ours grades all of them.
    bar : tqdm
    beside : collection of int, optional
        The numbers of those whom stock nbgrader grades, too: everybody where absent.

    Returns
    -------
    stock, ours : Cost
    same : int
        How many scores were compared.

    Raises
    ------
    GradesDifferError
        If the two give any cell different points.
    """
    ours = make_course(folder / "ours", lesson, students)
    stock = folder / "stock"
    shutil.copytree(ours, stock)
    both = {name_of(number) for number in (range(students) if beside is None else beside)}
    for path in list((stock / "submitted").iterdir()):
        if path.name not in both:
            shutil.rmtree(path)  # a copy, made above
    costs = by_stock(stock, lesson, bar), by_ours(ours, lesson, bar)
    found = {(student, cell): score for (student, cell), score in scores(ours, lesson).items() if student in both}
    same = compare(scores(stock, lesson), found)
    return *costs, same


# ------------------------------------------------------------------------------------------------------------- tables


def race_table(lesson: str, students: int, stock: Cost, ours: Cost, same: int) -> str:
    """Write both costs and their ratios as Markdown."""
    lines = [
        f"{students} submissions of {lesson} (answers right, with known mistakes, nonsense or left out; seed {SEED}); "
        f"both give the same points for all {same} graded cells. {_how_counted(ours)}",
        "",
        "| | CPU seconds | CPU seconds a submission | wall seconds | most memory, all processes |",
        "|---|---|---|---|---|",
    ]
    for name, cost in (("`nbgrader autograde`", stock), ("`course.py grade-class`, sandbox on", ours)):
        lines.append(
            f"| {name} | {cost.cpu:.1f} | {cost.cpu / students:.2f} | {cost.wall:.1f} | {cost.memory['all']:.0f} MB |"
        )
    lines += [
        f"| stock over ours | {stock.cpu / ours.cpu:.1f} times | | {stock.wall / ours.wall:.1f} times | |",
        "",
        f"Of these CPU seconds `getrusage` counts {stock.waited:.1f} and {ours.waited:.1f}: the rest ran in processes "
        "that nobody waited for. `nbgrader autograde` runs one notebook after another; ours keeps "
        f"{os.cpu_count()} cores busy, so that the ratio of CPU is the one of a single core.",
    ]
    return "\n".join(lines)


def _how_counted(cost: Cost) -> str:
    """Say which processes the CPU seconds are those of."""
    if cost.whole:
        return "CPU time is that of a control group: all processes, also those that nobody waited for."
    return "CPU time is that of processes that were waited for: learners' own is missing."


def scale_table(costs: dict[int, Cost]) -> str:
    """Write what larger classes cost as Markdown, and what each further submission adds."""
    lines = [
        "Larger classes, ours alone, sandbox on. Memory is the most at one time, shared pages counted once.",
        "",
        "| submissions | CPU seconds | CPU seconds a submission | wall seconds | wall seconds a submission "
        "| first process | all processes |",
        "|---|---|---|---|---|---|---|",
    ]
    for students, cost in costs.items():
        lines.append(
            f"| {students:,} | {cost.cpu:.1f} | {cost.cpu / students:.3f} | {cost.wall:.1f} "
            f"| {cost.wall / students:.3f} | {cost.memory['first']:.0f} MB | {cost.memory['all']:.0f} MB |"
        )
    if len(costs) > 1:
        (few, small), *_, (many, large) = sorted(costs.items())
        added = (large.cpu - small.cpu) / (many - few)
        lines += [
            "",
            f"From {few:,} to {many:,} each further submission adds {added:.3f} CPU seconds and "
            f"{(large.memory['all'] - small.memory['all']) / (many - few) * 1024:.0f} kB of memory.",
        ]
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> str:
    """Print the tables; return them as Markdown."""
    options = _parser().parse_args(argv)
    students, scale = (12, []) if options.quick else (options.students, options.scale)
    lesson = find_lesson(options.lesson, lesson_names(ROOT / "solutions"))
    load = _load()
    with (
        tempfile.TemporaryDirectory(prefix="course-bench-") as place,
        tqdm(total=2 * students + sum(scale), desc="grading", unit=" submissions", leave=False) as bar,
    ):
        folder = Path(os.path.realpath(place))
        parts = [race_table(lesson, students, *race(folder, lesson, students, bar))]
        costs = {}
        for many in scale:
            course = make_course(folder / f"scale-{many}", lesson, many)
            costs[many] = by_ours(course, lesson, bar)
            shutil.rmtree(course)
        if costs:
            parts.append(scale_table(costs))
    parts.append(f"Load of the machine: {load:.1f} when this began, {_load():.1f} when it ended (1 is a busy core).")
    text = "\n\n".join(parts) + "\n"
    print(text)
    return text


def _load() -> float:
    """Read how many processes wanted to run, on average over the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", default="L03_three_measures", help="which one is graded (default: L03)")
    parser.add_argument("--students", type=int, default=60, help="submissions that both grade (default: 60)")
    parser.add_argument(
        "--scale", type=int, nargs="*", default=[100, 1000], help="sizes of classes for ours alone (default: 100 1000)"
    )
    parser.add_argument("--quick", action="store_true", help="12 submissions, no larger class")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
