"""Build the notebooks: hand-written percent script -> executed solution -> learner's notebook.

`solutions/L03_x/L03_x.py` is the only file that people write. This module runs it and makes, beside it,
`solutions/L03_x/L03_x.ipynb` (with the outputs that the prose quotes and no others) and, by nbgrader's own
`GenerateAssignment`, `notebooks/L03_x/L03_x.ipynb` (no answers, no outputs). The same sources give the same bytes.
The lesson table of README.md is made from the lessons' openings at the same time.

    python -m classroom build                 every lesson
    python -m classroom build L03             one lesson
    python -m classroom build --check         change nothing; exit 1 and name the files that would differ
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import copy
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from classroom.author.rules import LESSON_NAME, course_problems, exercise_points, problems
from classroom.common import NOTEBOOKS, ROOT, SOLUTIONS, CourseError, find_lesson, lesson_names, write_whole
from classroom.nbgrader_bridge import kernel_environment, load_config, run_converter

# nbformat and its kin cost two seconds: they are imported where they are used, so that `--help` answers at once.

CHECKED = "nbval-check-output"
"""The tag of a cell whose printed text a sentence of the lesson quotes: the only cells that keep their output."""

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SECONDS_PER_CELL = 60
# What betrays the machine that built a notebook, or differs on every run.
TRACES = re.compile(r"(/home/|/root/|/tmp/|/Users/|/private/|[A-Za-z]:\\Users|site-packages|\bat 0x[0-9a-f]{6,})")


# ---------------------------------------------------------------------------------------------------------- source


def read_source(path: Path):
    """Read a percent script as a notebook with this course's cell ids and metadata.

    A cell's id is its grade_id, else `cell-NNN` by position; cells keep `nbgrader` and `tags`, nothing else.
    """
    import jupytext

    nb = jupytext.read(Path(path), fmt="py:percent")
    nb.nbformat, nb.nbformat_minor = 4, 5
    nb.metadata.clear()
    nb.metadata.update(_as_node(NOTEBOOK_METADATA))
    for number, cell in enumerate(nb.cells, start=1):
        kept = {key: cell.metadata[key] for key in ("nbgrader", "tags") if key in cell.metadata}
        cell.metadata.clear()
        cell.metadata.update(kept)
        cell["id"] = kept.get("nbgrader", {}).get("grade_id") or f"cell-{number:03d}"
    return nb


# --------------------------------------------------------------------------------------------------------- running


def execute(nb, *, on_cell: Callable[[], None] = lambda: None, seconds: int = SECONDS_PER_CELL, **env: str):
    """Run a notebook in a fresh kernel and an empty folder; return a copy with every output.

    Parameters
    ----------
    nb : NotebookNode
    on_cell : callable
        Called after each code cell (for a progress bar).
    seconds : int
        Limit for one cell.
    **env
        Environment variables for the kernel, on top of `kernel_environment`.

    Raises
    ------
    CourseError
        At the first cell that raises or runs too long; the message names it and its last line of error.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    nb = copy.deepcopy(nb)
    quiet = list(load_config().Execute.extra_arguments)
    with kernel_environment(**env) as kernel_env, tempfile.TemporaryDirectory(prefix="course-run-") as folder:
        client = NotebookClient(
            nb,
            timeout=seconds,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            on_cell_complete=lambda **kwargs: on_cell(),
            extra_arguments=quiet,
        )
        try:
            # Sockets of kernels need this kind of loop, which is not what Windows gives by default.
            factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(client.async_execute(env=kernel_env))
        except CellExecutionError as error:
            cell = next(c for c in nb.cells if any(o.output_type == "error" for o in c.get("outputs", [])))
            raise CourseError(f"{cell['id']} raised {error.ename}: {error.evalue}") from None
        except CellTimeoutError:
            raise CourseError(f"a cell ran longer than {seconds} seconds") from None
        except DeadKernelError:
            raise CourseError("the kernel died") from None
    return nb


def stderr_of(nb) -> list[str]:
    """What the cells of an executed notebook wrote to stderr, each as `cell: text`."""
    return [
        f"{cell['id']}: {output.text.strip()}"
        for cell in nb.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]


# ---------------------------------------------------------------------------------------------------------- results


@dataclass(frozen=True)
class Built:
    """One lesson, built: the bytes of its two notebooks, what ran, and how long that took."""

    lesson: str
    solution: bytes
    release: bytes
    executed: object
    seconds: float = 0.0

    def files(self, solutions: Path, notebooks: Path) -> dict[Path, bytes]:
        """Where the two notebooks belong, and their bytes."""
        name = f"{self.lesson}.ipynb"
        return {
            Path(solutions) / self.lesson / name: self.solution,
            Path(notebooks) / self.lesson / name: self.release,
        }


def assemble(executed, lesson: str, seconds: float = 0.0) -> Built:
    """Turn an executed lesson into the bytes of its solution and its release. Runs no lesson code.

    Raises
    ------
    CourseError
        If a tagged cell printed nothing or something that cannot be compared, if a cell wrote to stderr,
        if a trace of this machine is left, or if nbgrader refuses the notebook.
    """
    solution = _solution_bytes(executed, lesson)
    return Built(lesson, solution, _release_bytes(solution, lesson), executed, seconds)


def _solution_bytes(executed, lesson: str) -> bytes:
    import nbformat

    nb = copy.deepcopy(executed)
    nb.metadata.clear()
    nb.metadata.update(_as_node(NOTEBOOK_METADATA))
    found = [f"{lesson}, {line} (on stderr)" for line in stderr_of(nb)]
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if CHECKED not in cell.metadata.get("tags", []):
            cell.outputs, cell.execution_count = [], None
            continue
        if not any(_text(output).strip() for output in cell.outputs):
            found.append(f"{lesson}, {cell['id']}: tagged {CHECKED}, but it prints nothing")
        for output in cell.outputs:
            if output.output_type not in ("stream", "execute_result", "display_data"):
                continue
            others = sorted(set(output.get("data", {})) - {"text/plain"})
            if others:
                found.append(f"{lesson}, {cell['id']}: tagged {CHECKED}, but it shows {', '.join(others)}: print it")
            output.pop("metadata", None)
            if output.output_type != "stream":
                output["metadata"] = {}
            if trace := TRACES.search(_text(output)):
                found.append(f"{lesson}, {cell['id']}: the output holds {trace.group()!r}, which is of this machine")
    if found:
        raise CourseError("\n".join(found))
    nbformat.validate(nb)
    return (nbformat.writes(nb, version=nbformat.NO_CONVERT, indent=1, ensure_ascii=False) + "\n").encode()


def _text(output) -> str:
    return output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")


def _release_bytes(solution: bytes, lesson: str) -> bytes:
    """The learner's notebook, made by nbgrader's GenerateAssignment in a folder of its own."""
    import nbformat
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    config = load_config()
    config.SaveCells.enabled = False  # what --no-db does
    with tempfile.TemporaryDirectory(prefix="course-build-") as folder:
        source = Path(folder) / config.CourseDirectory.source_directory / lesson / f"{lesson}.ipynb"
        source.parent.mkdir(parents=True)
        source.write_bytes(solution)
        course = CourseDirectory(root=os.path.realpath(folder), assignment_id=lesson, config=config)
        run_converter(GenerateAssignment(coursedir=course, no_database=True, config=config), lesson)
        made = Path(folder) / config.CourseDirectory.release_directory / lesson
        strangers = sorted(p.name for p in made.iterdir() if p.name != f"{lesson}.ipynb")
        release = (made / f"{lesson}.ipynb").read_bytes()
    nb = nbformat.reads(release.decode(), as_version=4)
    left = [c["id"] for c in nb.cells if re.search(r"BEGIN (SOLUTION|HIDDEN|MARK)|END (SOLUTION|HIDDEN)", c.source)]
    left += [c["id"] for c in nb.cells if c.cell_type == "code" and (c.outputs or c.execution_count)]
    if left or strangers:
        raise CourseError(f"{lesson}: the release would hold answers, outputs or files: {', '.join(left + strangers)}")
    return release


def _as_node(value):
    from nbformat import from_dict

    return from_dict(value)


# --------------------------------------------------------------------------------------------------------- building


def build_lesson(path: Path, *, points=None, on_cell: Callable[[], None] = lambda: None) -> Built:
    """Check, run and assemble the lesson whose script is at `path`; write nothing.

    Raises
    ------
    CourseError
        If the source breaks a rule, a cell raises, or the result must not be published.
    """
    lesson = Path(path).stem
    nb = read_source(path)
    if found := problems(nb, lesson, points):
        raise CourseError("\n".join(found))
    executed, seconds = _timed_run(nb, lesson, on_cell)
    return assemble(executed, lesson, seconds)


def _timed_run(nb, lesson, on_cell):
    start = time.perf_counter()
    try:
        executed = execute(nb, on_cell=on_cell)
    except CourseError as error:
        raise CourseError(f"{lesson}, {error}") from None
    return executed, time.perf_counter() - start


def build(
    names: Iterable[str] | None = None,
    *,
    solutions: Path = SOLUTIONS,
    notebooks: Path = NOTEBOOKS,
    check: bool = False,
    points: Callable[[str], int | None] | None = None,
    progress: bool = True,
) -> list[Path]:
    """Build lessons, two at a time, and put the notebooks in place.

    Parameters
    ----------
    names : iterable of str, optional
        Lessons, or unique beginnings of their names; all of them where absent.
    solutions, notebooks : Path
        Where the scripts are and where the learners' notebooks go.
    check : bool
        Write nothing.
    points : callable, optional
        Points of an exercise by its grade_id, to compare with the cells.
    progress : bool
        Show a bar over the code cells.

    Returns
    -------
    list of Path
        The files whose bytes changed, would change (`check`), or were left over from a lesson that is gone.

    Raises
    ------
    CourseError
        With everything that is wrong, in all the lessons asked for. Nothing is written then.
    """
    from tqdm import tqdm

    known = lesson_names(solutions)
    chosen = [find_lesson(n, known) for n in names] if names else known
    chosen = sorted(set(chosen))
    sources = {n: read_source(Path(solutions) / n / f"{n}.py") for n in known}
    found = [p for n in chosen for p in problems(sources[n], n, points)] + course_problems(sources)
    if found:
        raise CourseError("\n".join(found))
    total = sum(cell.cell_type == "code" for n in chosen for cell in sources[n].cells)
    with tqdm(total=total, unit="cell", desc="running lessons", disable=not progress) as bar:
        with ThreadPoolExecutor(max_workers=2) as pool:
            runs = {n: pool.submit(_timed_run, sources[n], n, bar.update) for n in chosen}
    built, failed = [], []
    for name, run in runs.items():
        try:
            executed, seconds = run.result()
            built.append(assemble(executed, name, seconds))
        except CourseError as error:
            failed.append(str(error))
    if failed:
        raise CourseError("\n".join(failed))
    wanted = {path: data for b in built for path, data in b.files(solutions, notebooks).items()}
    changed = [path for path, data in wanted.items() if not path.is_file() or path.read_bytes() != data]
    stale = stale_outputs(solutions, notebooks) if not names else []
    if not check:
        for path in changed:
            write_whole(path, wanted[path])
        for path in stale:
            path.unlink()
            with contextlib.suppress(OSError):
                path.parent.rmdir()
    return changed + stale


def stale_outputs(solutions: Path = SOLUTIONS, notebooks: Path = NOTEBOOKS) -> list[Path]:
    """Notebooks that an earlier build made for a lesson that is gone.

    Only files that build itself made count: named as build names them, plain files, with exactly the metadata and
    the cell ids that build gives. A notebook that someone opened and saved in JupyterLab is not one of them.
    """
    known = set(lesson_names(solutions))
    return [
        path
        for place in (Path(solutions), Path(notebooks))
        for path in sorted(place.glob("*/*.ipynb"))
        if path.parent.name not in known and path.stem == path.parent.name and _is_ours(path)
    ]


def _is_ours(path: Path) -> bool:
    import nbformat

    if path.is_symlink() or path.parent.is_symlink() or not LESSON_NAME.fullmatch(path.stem):
        return False
    try:
        nb = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        ids = [c.metadata.get("nbgrader", {}).get("grade_id", f"cell-{n:03d}") for n, c in enumerate(nb.cells, start=1)]
        return nb.metadata == NOTEBOOK_METADATA and [c["id"] for c in nb.cells] == ids
    except Exception:
        return False


def main(
    argv: list[str] | None = None, *, solutions: Path = SOLUTIONS, notebooks: Path = NOTEBOOKS, points=exercise_points
) -> int:
    """Run `python -m classroom build`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="course.py build", description=__doc__.splitlines()[0])
    parser.add_argument("lesson", nargs="*", help="a lesson, as L03 or L03_three_measures; all of them where absent")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the files that differ")
    args = parser.parse_args(argv)
    start = time.perf_counter()
    try:
        if solutions == SOLUTIONS:
            _need_movielens()
        changed = build(args.lesson, solutions=solutions, notebooks=notebooks, check=args.check, points=points)
        if solutions == SOLUTIONS:
            changed += _update_readme(check=args.check)
    except CourseError as error:
        print(f"Not built:\n{error}", file=sys.stderr)
        return 1
    known = lesson_names(solutions)
    for path in changed:
        what = (
            "left over"
            if path.suffix == ".ipynb" and path.stem not in known
            else "differs"
            if args.check
            else "written"
        )
        print(f"{what}: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")
    if args.check and changed:
        print("Run `python course.py build`, look at the difference, and commit both.", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - start
    print(f"{len(args.lesson) or len(known)} lessons, {len(changed)} files changed, {seconds:.0f} s")
    return 0


def _update_readme(*, check: bool) -> list[Path]:
    """Make the lesson table of README.md anew; return the file if it changed, or would (`check`)."""
    from classroom.author.lesson_table import updated_readme

    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    try:
        new = updated_readme(old, SOLUTIONS)
    except ValueError as error:
        raise CourseError(str(error)) from error
    if new == old:
        return []
    if not check:
        write_whole(readme, new.encode())
    return [readme]


def _need_movielens() -> None:
    """The printed numbers are for MovieLens: fetch it now (a lesson would show the download), or stop."""
    from recsys_lib import datasets

    try:
        datasets.movielens_100k()
    except Exception as error:
        raise CourseError(f"the lessons quote numbers for MovieLens-100K, which cannot be had: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
