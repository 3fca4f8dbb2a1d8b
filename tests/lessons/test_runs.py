"""What follows from the one run of each lesson; in one file, since each process of the tests has runs of its own."""

import copy
import io
import json

import nbformat
import numpy as np
import pytest
from PIL import Image

from classroom import common
from classroom.author.source import CHECKED
from tests.lessons import lessons, prose
from tests.lessons.lessons import LESSONS, MAX_YARDSTICKS, STATES, problems_of_run

pytestmark = pytest.mark.usefixtures("movielens", "latest_small")
every_lesson = pytest.mark.parametrize("lesson", LESSONS)


@pytest.fixture
def nbval_differences(request):
    """Compare a notebook's outputs with an execution, by nbval's collector and comparer, without running it again.

    Nbval would run each lesson a second time; what it compares and how is kept, the kernel is left out.
    Returns a function of the notebook's path and the executed notebook; that returns {cell id: what differs}.
    """
    from nbval.plugin import IPyNbFile, coalesce_streams

    def differences(path, executed):
        option = request.config.option
        before, option.nbval_lax = option.nbval_lax, True
        try:
            items = list(IPyNbFile.from_parent(request.session, path=path).collect())
        finally:
            option.nbval_lax = before
        ran = [c for c in executed.cells if c.cell_type == "code"]
        assert [i.cell["id"] for i in items] == [c["id"] for c in ran], "the cells themselves differ"
        found = {}
        for item, cell in zip(items, ran, strict=True):
            if not item.options["check"]:
                continue
            if item.cell.execution_count is None:  # nbval itself would then compare nothing, silently
                found[cell["id"]] = "not run"
            elif not item.compare_outputs(coalesce_streams(copy.deepcopy(cell.outputs)), item.cell.outputs):
                found[cell["id"]] = "\n".join(item.comparison_traceback)
        return found

    return differences


@pytest.mark.exact
@every_lesson
def test_committed_notebooks_are_what_their_sources_give(real, lesson):
    """To the byte, the solution and the release: nobody edited one by hand or forgot to build."""
    files = real.built(lesson).files(common.SOLUTIONS, common.NOTEBOOKS)
    assert {path for path in files if not path.is_file()} == set(), "missing: run `python course.py build`"
    for path, data in files.items():
        if path.suffix != ".ipynb":  # what it showed: see the next test
            continue
        assert lessons.notebook(path.read_bytes()) == lessons.notebook(data)  # shows what differs
        assert path.read_bytes() == data


@pytest.mark.exact
@every_lesson
def test_what_a_lesson_showed_is_kept(real, lesson):
    """The same pictures but for single pixels, and recordings that differ in no word and in no digit but the last.

    Another processor draws an edge elsewhere by a hair, so that these are not held to the byte.
    """
    files = real.built(lesson).files(common.SOLUTIONS, common.NOTEBOOKS)
    shown = {path: data for path, data in files.items() if path.parent.name == "shown"}
    kept = set((common.SOLUTIONS / lesson / "shown").iterdir())
    assert kept == shown.keys(), "pictures are missing or left over: run `python course.py build`"
    for path, data in shown.items():
        if path.suffix == ".json":
            assert differences(json.loads(path.read_bytes()), json.loads(data)) == []
        else:
            ours, theirs = (greys(picture) for picture in (path.read_bytes(), data))
            assert ours.shape == theirs.shape and np.abs(ours - theirs).mean() < 2, path.name


def greys(picture):
    """Return a picture's pixels from 0, black, to 255, white."""
    return np.asarray(Image.open(io.BytesIO(picture)).convert("L"), dtype=float)


def differences(ours, theirs, place=""):
    """Say where two recordings differ: numbers by more than a thousandth, anything else at all."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        return [d for key in ours for d in differences(ours[key], theirs[key], f"{place}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            d for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) for d in differences(a, b, f"{place}[{i}]")
        ]
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (ours, theirs))
    if ours == theirs or (numbers and abs(ours - theirs) <= 1e-3 * max(1, abs(ours))):
        return []
    return [f"{place}: {ours!r} was kept, {theirs!r} came"]


def test_a_changed_recording_is_found():
    """A word, a digit, a scene too few: each is named; the last digit is not."""
    kept = {"scenes": [[{"at": 0}, {"said": "0.51", "x": 0.1234}]]}
    assert differences(kept, {"scenes": [[{"at": 0}, {"said": "0.51", "x": 0.1235}]]}) == []
    for other in ([[{"at": 0}, {"said": "0.52", "x": 0.1234}]], [[{"at": 0}, {"said": "0.51", "x": 0.2}]], []):
        assert len(differences(kept, {"scenes": other})) == 1


@pytest.mark.exact
@every_lesson
def test_nbval_finds_every_tagged_number_unchanged(real, lesson, nbval_differences):
    """Nbval's own comparison of the committed outputs with the session's one run of the lesson."""
    path = common.SOLUTIONS / lesson / f"{lesson}.ipynb"
    assert nbval_differences(path, real.run(lesson).notebook) == {}


@pytest.mark.exact
@every_lesson
def test_nbval_finds_one_changed_digit(real, lesson, nbval_differences, tmp_path):
    """The comparison can fail: change a digit of each tagged output in turn, and that cell is named."""
    committed = nbformat.read(common.SOLUTIONS / lesson / f"{lesson}.ipynb", as_version=4)
    tagged = [c["id"] for c in committed.cells if CHECKED in c.metadata.get("tags", [])]
    assert tagged, "a lesson without a tagged cell proves no number"
    for cell_id in tagged:
        wrong = copy.deepcopy(committed)
        for output in lessons.cell(wrong, cell_id).outputs:
            holder, key = (output, "text") if output.output_type == "stream" else (output.data, "text/plain")
            holder[key] = holder[key].translate(str.maketrans("0123456789", "1234567890")) + "!"
        nbformat.write(wrong, tmp_path / "wrong.ipynb")
        assert list(nbval_differences(tmp_path / "wrong.ipynb", real.run(lesson).notebook)) == [cell_id]


@every_lesson
def test_numbers_in_prose_are_printed(real, lesson):
    """A sentence cannot drift from the code: every decimal and percentage is in a tagged output, or cited."""
    assert prose.number_problems(real.source(lesson), prose.checked_text(real.run(lesson).notebook)) == []


@every_lesson
@pytest.mark.parametrize("kind", STATES)
def test_lesson_runs_within_its_budget_and_quietly(real, lesson, kind, capsys):
    """Run All works, also before anything is solved: nothing on stderr, and every check says how it stands."""
    if kind == "unsolved" and lesson in real.elsewhere:
        pytest.skip("this release runs in the browser, in tests/browser/test_lessons.py, where the same is asked of it")
    run = real.run(lesson, kind)
    with capsys.disabled():
        used = f"{run.processor_seconds:.1f} s of processor time, {run.yardsticks:.0f} yardsticks"
        print(f" {lesson} {kind}: {run.seconds:.1f} s, {used}", end="", flush=True)
    assert problems_of_run(run.notebook, kind) == []
    assert run.yardsticks < MAX_YARDSTICKS
