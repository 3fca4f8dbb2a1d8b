"""Make a lesson's two notebooks, the solution and the learner's, from its executed source."""

from __future__ import annotations

import copy
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.author.running import stderr_of
from classroom.author.shown import shown_files
from classroom.author.source import CHECKED, set_metadata
from classroom.common import CourseError
from classroom.nbgrader_bridge import load_config, run_converter

if TYPE_CHECKING:
    from nbformat import NotebookNode

# What betrays the machine that built a notebook, or differs on every run.
TRACES = re.compile(r"(/home/|/root/|/tmp/|/Users/|/private/|[A-Za-z]:\\Users|site-packages|\bat 0x[0-9a-f]{6,})")


@dataclass(frozen=True)
class Built:
    """The bytes of one lesson's two notebooks, and of what it showed, by the name of the file."""

    lesson: str
    solution: bytes
    release: bytes
    shown: dict[str, bytes] = field(default_factory=dict)

    def files(self, solutions: Path, notebooks: Path) -> dict[Path, bytes]:
        """Return where the files belong, and their bytes."""
        name, folder = f"{self.lesson}.ipynb", Path(solutions) / self.lesson
        return {
            folder / name: self.solution,
            Path(notebooks) / self.lesson / name: self.release,
            **{folder / "shown" / picture: data for picture, data in self.shown.items()},
        }


def assemble(executed: NotebookNode, lesson: str) -> Built:
    """Turn an executed lesson into the bytes of its solution and its release. Runs no lesson code.

    Raises
    ------
    CourseError
        If a tagged cell printed nothing or something that cannot be compared, if a cell wrote to stderr,
        if a trace of this machine is left, or if nbgrader refuses the notebook.
    """
    solution = _solution_bytes(executed, lesson)
    return Built(lesson, solution, _release_bytes(solution, lesson), shown_files(executed))


def printed_text(output: NotebookNode) -> str:
    """Return the plain text of one output of a cell."""
    text: str = output.text if output.output_type == "stream" else output.get("data", {}).get("text/plain", "")
    return text


def _solution_bytes(executed: NotebookNode, lesson: str) -> bytes:
    import nbformat

    nb = copy.deepcopy(executed)
    set_metadata(nb)
    found = [f"{lesson}, {line} (on stderr)" for line in stderr_of(nb)]
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if CHECKED not in cell.metadata.get("tags", []):
            cell.outputs, cell.execution_count = [], None
            continue
        found += [f"{lesson}, {cell['id']}: {problem}" for problem in _output_problems(cell)]
        for output in cell.outputs:
            output.pop("metadata", None)
            if output.output_type in ("execute_result", "display_data"):
                output["metadata"] = {}
    if found:
        raise CourseError("\n".join(found))
    nbformat.validate(nb)
    text: str = nbformat.writes(nb, version=nbformat.NO_CONVERT, indent=1, ensure_ascii=False)
    return (text + "\n").encode()


def _output_problems(cell: NotebookNode) -> list[str]:
    """Say why the outputs of a tagged cell cannot be compared or published."""
    found = []
    if not any(printed_text(output).strip() for output in cell.outputs):
        found.append(f"tagged {CHECKED}, but it prints nothing")
    for output in cell.outputs:
        if others := sorted(set(output.get("data", {})) - {"text/plain"}):
            found.append(f"tagged {CHECKED}, but it shows {', '.join(others)}: print it")
        if trace := TRACES.search(printed_text(output)):
            found.append(f"the output holds {trace.group()!r}, which is of this machine")
    return found


def _release_bytes(solution: bytes, lesson: str) -> bytes:
    """Make the learner's notebook by nbgrader's GenerateAssignment in a folder of its own."""
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
        release: bytes = (made / f"{lesson}.ipynb").read_bytes()
    nb = nbformat.reads(release.decode(), as_version=4)
    left = [c["id"] for c in nb.cells if re.search(r"BEGIN (SOLUTION|HIDDEN|MARK)|END (SOLUTION|HIDDEN)", c.source)]
    left += [c["id"] for c in nb.cells if c.cell_type == "code" and (c.outputs or c.execution_count)]
    if left or strangers:
        raise CourseError(f"{lesson}: the release would hold answers, outputs or files: {', '.join(left + strangers)}")
    return release
