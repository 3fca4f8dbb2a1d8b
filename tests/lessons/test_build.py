"""What `course.py build` makes: the same bytes every time, what the prose quotes and no more, and no answers."""

import subprocess
import sys

import nbformat
import pytest

from classroom import common
from classroom.__main__ import parse
from classroom.author import assembling
from classroom.author.build import build
from classroom.author.source import NOTEBOOK_METADATA
from classroom.commands import build as build_command
from tests.lessons import lessons, prose
from tests.lessons.lessons import LESSONS, TOY

every_lesson = pytest.mark.parametrize("lesson", LESSONS)

# Lines of answers that may be read in a release: plain idioms that the lesson shows elsewhere with reason.
COINCIDENCES: dict[str, set[str]] = {
    "L10_serving": {"ids, numbers = index(items, q)"},  # how the service is called, which the prompt says
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of one toy lesson, built once: its folder."""
    folder = tmp_path_factory.mktemp("course")
    lessons.write_toy(folder / "solutions")
    build_in(folder)
    return folder


def build_in(folder, **kwargs):
    """Build the course that lies in `folder`."""
    return build(solutions=folder / "solutions", notebooks=folder / "notebooks", progress=False, **kwargs)


@pytest.fixture
def toy_copy(course, tmp_path):
    """A copy of the built toy course, to be changed."""
    for path in sorted(course.glob("*/*/*")):
        copied = tmp_path / path.relative_to(course)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(path.read_bytes())
    return tmp_path


# ---------------------------------------------------------------------------------------------------- real lessons


@every_lesson
def test_release_shows_no_answer(real, lesson):
    """No line of an answer longer than 15 characters is in the committed release; no marker, no output."""
    release = lessons.release(lesson)
    assert prose.leaked_lines(real.source(lesson), release, COINCIDENCES.get(lesson, set())) == []
    text = (common.NOTEBOOKS / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8")
    assert not [m for m in ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "BEGIN MARK") if m in text]
    assert not [c["id"] for c in release.cells if c.cell_type == "code" and (c.outputs or c.execution_count)]


def test_notebooks_folder_holds_releases_only():
    """Nbgrader copies what lies beside a source: no script, data or foreign file may be published."""
    found = {p.relative_to(common.NOTEBOOKS).as_posix() for p in common.NOTEBOOKS.rglob("*") if p.is_file()}
    found = {name for name in found if "/.ipynb_checkpoints/" not in name}
    assert found == {f"{lesson}/{lesson}.ipynb" for lesson in LESSONS}


# ------------------------------------------------------------------------------------------------------- on a toy


def test_building_again_gives_the_same_bytes(course):
    """A second build, in another kernel, finds nothing to change."""
    assert build_in(course, check=True) == []


def test_cells_keep_their_ids_and_two_kinds_of_metadata(course):
    """Ids are grade ids or cell-NNN; nothing but nbgrader and tags survives in the solution."""
    solution = nbformat.read(course / "solutions" / TOY / f"{TOY}.ipynb", as_version=4)
    release = nbformat.read(course / "notebooks" / TOY / f"{TOY}.ipynb", as_version=4)
    assert [c["id"] for c in solution.cells][3:7] == ["cell-004", "add-two", "add-two-check", "cell-007"]
    assert [c["id"] for c in release.cells] == [c["id"] for c in solution.cells]
    assert {key for c in solution.cells for key in c.metadata} == {"nbgrader", "tags"}
    assert {key for c in release.cells for key in c.metadata} == {"nbgrader", "tags", "deletable", "editable"}
    assert solution.metadata == release.metadata == NOTEBOOK_METADATA


def test_only_tagged_cells_keep_their_output(course):
    """What the prose quotes stays, with its count, as nbval needs it; pictures and verdicts do not."""
    solution = nbformat.read(course / "solutions" / TOY / f"{TOY}.ipynb", as_version=4)
    kept = {c["id"]: c for c in solution.cells if c.cell_type == "code" and (c.outputs or c.execution_count)}
    assert list(kept) == ["cell-011"]
    assert kept["cell-011"].execution_count == 6
    assert kept["cell-011"].outputs == [{"output_type": "stream", "name": "stdout", "text": "0.333 33.3 %\n"}]


def test_release_of_the_toy_shows_no_answer(course):
    """One notebook, the stub where the answer was, and the leak test finds what it is for."""
    assert [p.name for p in (course / "notebooks" / TOY).iterdir()] == [f"{TOY}.ipynb"]
    solution = nbformat.read(course / "solutions" / TOY / f"{TOY}.ipynb", as_version=4)
    release = nbformat.read(course / "notebooks" / TOY / f"{TOY}.ipynb", as_version=4)
    assert prose.leaked_lines(solution, release) == []
    assert "raise NotImplementedError" in lessons.cell(release, "double-it").source
    assert "rubric" not in lessons.cell(release, "add-two-why").source
    assert len(prose.leaked_lines(solution, solution)) == 4
    lessons.cell(release, "cell-014").source += "\nthe_answer_is_secret = a + b"
    assert prose.leaked_lines(solution, release) == ["add-two: the_answer_is_secret = a + b"]


def test_check_names_what_differs_and_writes_nothing(toy_copy, capsys):
    """After a change of the source, --check exits with 1, names both notebooks and leaves them alone."""
    folders = {"solutions": toy_copy / "solutions", "notebooks": toy_copy / "notebooks"}
    release = toy_copy / "notebooks" / TOY / f"{TOY}.ipynb"
    before = release.read_bytes()

    def command(*arguments):
        return build_command.run(parse(["build", *arguments]), **folders, points=None)

    lessons.write_toy(toy_copy / "solutions", ("Why is the sum", "Say why the sum is"))
    assert command("--check") == 1
    assert capsys.readouterr().out.count("differs: ") == 2
    assert release.read_bytes() == before
    assert command("L90") == 0
    assert capsys.readouterr().out.count("written: ") == 2
    assert b"Say why the sum is" in release.read_bytes()
    assert {p.suffix for p in toy_copy.rglob("*") if p.is_file()} == {".py", ".ipynb"}
    assert command("L91") == 1
    assert "there is no lesson called 'L91'; the lessons are: L90_toy" in capsys.readouterr().err


def test_left_over_notebooks_go_but_only_those_that_build_made(toy_copy):
    """A renamed lesson leaves no ghost; a notebook that somebody saved in JupyterLab stays."""
    (toy_copy / "solutions" / TOY / f"{TOY}.py").rename(toy_copy / "elsewhere.py")
    saved = nbformat.read(toy_copy / "notebooks" / TOY / f"{TOY}.ipynb", as_version=4)
    saved.metadata.language_info["version"] = "3.11.7"
    for name in ("L91_mine", "my_notes"):
        (toy_copy / "notebooks" / name).mkdir()
        nbformat.write(saved, toy_copy / "notebooks" / name / f"{name}.ipynb")
    assert {p.stem for p in build_in(toy_copy, check=True)} == {TOY}
    assert len(build_in(toy_copy)) == 2
    assert sorted(p.name for p in (toy_copy / "notebooks").iterdir()) == ["L91_mine", "my_notes"]
    assert not (toy_copy / "solutions" / TOY).exists()


def test_one_broken_lesson_leaves_everything_as_it_was(toy_copy):
    """All or nothing: the message names lesson, cell and error, and no file is written."""
    (toy_copy / "solutions" / "L91_broken").mkdir()
    source = "# %% [markdown]\n# This cell divides.\n\n# %%\n1 / 0\n"
    (toy_copy / "solutions" / "L91_broken" / "L91_broken.py").write_text(source)
    lessons.write_toy(toy_copy / "solutions", ("Why is the sum", "Say why the sum is"))
    before = {p: p.read_bytes() for p in toy_copy.rglob("*.ipynb")}
    with pytest.raises(common.CourseError, match="L91_broken, cell-002 raised ZeroDivisionError"):
        build_in(toy_copy)
    assert {p: p.read_bytes() for p in toy_copy.rglob("*.ipynb")} == before


@pytest.mark.parametrize(
    ("name", "said"),
    [("L95", "no lesson called 'L95'; the lessons are: L90_toy"), ("", "no lesson called ''"), ("L90_to", None)],
)
def test_lesson_names_may_be_short(course, name, said):
    """A beginning is enough where it is enough; otherwise the lessons are listed."""
    known = common.lesson_names(course / "solutions")
    if said is None:
        assert common.find_lesson(name, known) == TOY
    else:
        with pytest.raises(common.CourseError, match=said):
            common.find_lesson(name, known)


# ------------------------------------------------------------ what must not be published, on an execution made by hand


@pytest.fixture
def executed(course):
    """The toy lesson as if it had just been run: the built solution, to be spoilt."""
    return nbformat.read(course / "solutions" / TOY / f"{TOY}.ipynb", as_version=4)


def out(kind, **fields):
    """An output of a cell."""
    return nbformat.v4.new_output(kind, **fields)


@pytest.mark.parametrize(
    ("cell_id", "outputs", "said"),
    [
        ("cell-011", [], "prints nothing"),
        ("cell-011", [out("stream", text=" \n")], "prints nothing"),
        ("cell-011", [out("display_data", data={"text/plain": "x", "image/png": "iVBO"})], "shows image/png"),
        ("cell-011", [out("execute_result", data={"text/plain": "<f at 0x7f12ab34cd>"})], "of this machine"),
        ("cell-011", [out("stream", text="/home/anna/course")], "of this machine"),
        ("cell-013", [out("stream", name="stderr", text="Warning: no")], "cell-013: Warning: no (on stderr)"),
    ],
)
def test_not_published(executed, cell_id, outputs, said):
    """What nbval could not compare, what tells of the author's machine, and what would cost a learner points."""
    lessons.cell(executed, cell_id).outputs = outputs
    with pytest.raises(common.CourseError) as error:
        assembling.assemble(executed, TOY)
    assert said in str(error.value)


def test_what_a_run_leaves_in_the_notebook_is_removed(executed, course):
    """Timings, widget states and the version of Python differ between machines; the bytes do not."""
    executed.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    executed.metadata["language_info"]["version"] = "3.12.1"
    executed.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    lessons.cell(executed, "cell-013").metadata["execution"] = {"iopub.execute_input": "2024-01-01T00:00:00Z"}
    lessons.cell(executed, "cell-013").outputs = [out("display_data", data={"image/png": "iVBO"})]
    for path, data in assembling.assemble(executed, TOY).files(course / "solutions", course / "notebooks").items():
        assert path.read_bytes() == data


def test_plain_nbval_agrees(course, tmp_path):
    """`pytest --nbval-lax` itself passes on a built solution and fails on one wrong digit: it reads our files."""
    text = (course / "solutions" / TOY / f"{TOY}.ipynb").read_text()
    (tmp_path / "right.ipynb").write_text(text)
    (tmp_path / "wrong.ipynb").write_text(text.replace("0.333 33.3 %\\n", "0.334 33.3 %\\n"))
    command = ["-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=600", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 13 passed" in done.stdout, done.stdout
    assert "wrong.ipynb::Cell 5" in done.stdout
