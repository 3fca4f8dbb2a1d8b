"""The lessons for Colab: run from an empty folder, on a machine that has the course's wheel and not its repository."""

from __future__ import annotations

import email
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from classroom.author.running import execute
from classroom.common import NOTEBOOKS, ROOT, SOLUTIONS, lesson_names
from classroom.group.run import grade_class
from classroom.submission.record import read
from classroom.website.colab import write_colab
from classroom.website.repository import Published
from classroom.website.serving import server
from classroom.website.wheel import library_wheel, wheel
from recsys_lib.checks import all_exercises
from tests.grading import submissions
from tests.test_packaging import PROJECT

#: The second starts a command of the classroom, which no wheel holds.
RUN = ("L01_two_ways", "E02_securing_a_recommender")
HANDED_IN = "L03_three_measures"
#: Run by each Python of the machine: whatever holds a course that is not the wheel's is out of sight.
BLIND = """
import pathlib, sys
OURS = ("recsys_lib", "classroom")
sys.path[:] = [p for p in sys.path if not any((pathlib.Path(p) / name).is_dir() for name in OURS)]
sys.meta_path[:] = [f for f in sys.meta_path if not getattr(f, "__module__", "").startswith("__editable__")]
"""
ASIDE = """
import importlib.util, recsys_lib
print(recsys_lib.__file__, importlib.util.find_spec("classroom"))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serve a site that holds the notebooks for Colab alone; return its folder."""
    folder = tmp_path_factory.mktemp("site")
    with server(folder) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        write_colab(folder, Published("ada/candidates", address=f"http://127.0.0.1:{running.server_address[1]}"))
        yield folder
        running.shutdown()


@pytest.mark.parametrize("lesson", lesson_names())
def test_a_notebook_for_colab_is_the_learners_behind_one_cell(site, lesson):
    """The first cell says in a sentence what it does and does it; nothing else differs, and no id is there twice."""
    ours = nbformat.read(site / "colab" / f"{lesson}.ipynb", as_version=4)
    learners = nbformat.read(NOTEBOOKS / lesson / f"{lesson}.ipynb", as_version=4)
    install = ours.cells.pop(0)
    assert ours == learners
    assert re.fullmatch(
        r"# This [^.\n]+\.\n%pip install -q http\S+/colab/recsys_lib-\S+-py3-none-any\.whl", install.source
    )
    assert install["id"] not in {cell["id"] for cell in learners.cells}


@pytest.mark.slow
@pytest.mark.parametrize("lesson", RUN)
def test_a_lesson_runs_with_the_wheel_alone(site, tmp_path, lesson):
    """No repository, no data and no network: the wheel is installed, and every right answer gets all its points."""
    machine = tmp_path / "machine"
    machine.mkdir()
    (machine / "sitecustomize.py").write_text(BLIND)
    nb, points = solved(site, lesson)
    nb.cells.append(nbformat.v4.new_code_cell(ASIDE, id="aside"))
    done = execute(
        nb,
        PYTHONPATH=str(machine),
        PIP_TARGET=str(machine),
        PIP_NO_DEPS="1",
        COURSE_DATA=str(tmp_path / "data"),
        COURSE_OFFLINE="1",
    )
    cells = {cell["id"]: cell for cell in done.cells}
    assert _printed(cells["aside"]).split() == [str(machine / "recsys_lib" / "__init__.py"), "None"]
    assert len(points) > 3
    for name, most in points.items():
        assert re.search(rf"\b{most:g} of {most:g} points?\b", _printed(cells[name])), _printed(cells[name])


def test_a_notebook_from_colab_can_be_handed_in(site, tmp_path, bubblewrap):
    """The cell that installs costs no point, in a sandbox that has no network."""
    nb, points = solved(site, HANDED_IN)
    course = submissions.make_course(tmp_path / "course", {"ada": nb}, lesson=HANDED_IN)
    assert not grade_class(HANDED_IN, course, workers=0, progress=False).problems
    (path,) = (course / "grading" / "results" / HANDED_IN).glob("*.json")
    found = [exercise for exercise in read(path).exercises if not exercise.hand_graded]
    assert [(exercise.points, exercise.max_points) for exercise in found] == [(n, n) for n in points.values()]


def solved(site: Path, lesson: str) -> tuple[nbformat.NotebookNode, dict[str, float]]:
    """Return a notebook for Colab with the course's answers, and the points of each graded cell of code by its id."""
    nb = nbformat.read(site / "colab" / f"{lesson}.ipynb", as_version=4)
    ours = nbformat.read(SOLUTIONS / lesson / f"{lesson}.ipynb", as_version=4)
    answers = {c.metadata.nbgrader.grade_id: c.source for c in ours.cells if "nbgrader" in c.metadata}
    points = {}
    for cell in nb.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("solution") and cell.cell_type == "code":
            cell.source = answers[about.grade_id]
        if about.get("grade") and cell.cell_type == "code":
            points[cell["id"]] = about.points
    return nb, points


def _printed(cell: nbformat.NotebookNode) -> str:
    """Return what a cell printed and showed, as plain text."""
    return "\n".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)


def test_the_wheel_is_the_library_and_asks_for_what_it_needs():
    """Twice the same bytes; every file of the library; the version and the dependencies of pyproject.toml."""
    file, data = library_wheel()
    assert (file, data) == library_wheel()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = {name for name in archive.namelist() if name.startswith("recsys_lib/")}
        about = email.message_from_bytes(archive.read(f"recsys_lib-{PROJECT['version']}.dist-info/METADATA"))
    there = {p.relative_to(ROOT).as_posix() for p in (ROOT / "recsys_lib").rglob("*") if p.is_file()}
    assert held == {name for name in there if "__pycache__" not in name}
    assert about.get_all("Requires-Dist") == PROJECT["dependencies"]
    assert about["Version"] == PROJECT["version"] and file == f"recsys_lib-{PROJECT['version']}-py3-none-any.whl"
    assert all_exercises(), "an exercise is a file of the library"
    with pytest.raises(ValueError, match=r"a wheel's version consists of .*, not '1-2'"):
        wheel("x", "1-2", {})
