"""Build the notebooks: hand-written percent script -> executed solution -> learner's notebook.

`solutions/L03_x/L03_x.py` is the only file that people write. This module runs it and makes, beside it,
`solutions/L03_x/L03_x.ipynb` (with the outputs that the prose quotes and no others) and, by nbgrader's own
`GenerateAssignment`, `notebooks/L03_x/L03_x.ipynb` (no answers, no outputs). The same sources give the same bytes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.author.assembling import Built, assemble
from classroom.author.rules import LESSON_NAME, course_problems, problems
from classroom.author.running import execute
from classroom.author.source import NOTEBOOK_METADATA, read_source
from classroom.common import NOTEBOOKS, SOLUTIONS, CourseError, find_lesson, lesson_names, write_whole

if TYPE_CHECKING:
    from nbformat import NotebookNode


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
    known = lesson_names(solutions)
    chosen = sorted({find_lesson(n, known) for n in names}) if names else known
    sources = {n: read_source(Path(solutions) / n / f"{n}.py") for n in known}
    found = [p for n in chosen for p in problems(sources[n], n, points)] + course_problems(sources)
    if found:
        raise CourseError("\n".join(found))
    built = _run_and_assemble({n: sources[n] for n in chosen}, progress)
    wanted = {path: data for b in built for path, data in b.files(solutions, notebooks).items()}
    changed = [path for path, data in wanted.items() if not path.is_file() or path.read_bytes() != data]
    stale = stale_outputs(solutions, notebooks) if not names else []
    stale += [path for b in built for path in (Path(solutions) / b.lesson / "shown").glob("*") if path not in wanted]
    if not check:
        for path in changed:
            write_whole(path, wanted[path])
        for path in stale:
            path.unlink()
            with contextlib.suppress(OSError):
                path.parent.rmdir()
    return changed + stale


def stale_outputs(solutions: Path = SOLUTIONS, notebooks: Path = NOTEBOOKS) -> list[Path]:
    """Return the notebooks that an earlier build made for a lesson that is gone.

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


def _run_and_assemble(sources: dict[str, NotebookNode], progress: bool) -> list[Built]:
    """Run lessons two at a time, then assemble each; raise what went wrong in all of them together."""
    from tqdm import tqdm

    total = sum(cell.cell_type == "code" for nb in sources.values() for cell in nb.cells)
    with tqdm(total=total, unit="cell", desc="running lessons", disable=not progress) as bar:
        with ThreadPoolExecutor(max_workers=2) as pool:
            runs = {
                name: pool.submit(execute, nb, on_cell=bar.update, COURSE_RECORD="1") for name, nb in sources.items()
            }
    built, failed = [], []
    for name, run in runs.items():
        try:
            executed = run.result()
        except CourseError as error:
            failed.append(f"{name}, {error}")
            continue
        try:
            built.append(assemble(executed, name))
        except CourseError as error:
            failed.append(str(error))
    if failed:
        raise CourseError("\n".join(failed))
    return built


def _is_ours(path: Path) -> bool:
    import nbformat

    if path.is_symlink() or path.parent.is_symlink() or not LESSON_NAME.fullmatch(path.stem):
        return False
    try:
        nb = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        ids = [c.metadata.get("nbgrader", {}).get("grade_id", f"cell-{n:03d}") for n, c in enumerate(nb.cells, start=1)]
        return bool(nb.metadata == NOTEBOOK_METADATA) and [c["id"] for c in nb.cells] == ids
    except Exception:
        return False
