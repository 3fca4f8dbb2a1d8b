"""From a lesson to a grade through nbgrader itself: its commands on one lesson, graded cells alone on the others."""

import copy
import csv
import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from classroom import common, nbgrader_bridge
from classroom.__main__ import parse
from classroom.author.build import build
from classroom.author.running import execute, stderr_of
from classroom.author.source import NOTEBOOK_METADATA
from classroom.commands import grade
from tests.grading import submissions
from tests.lessons import lessons
from tests.lessons.lessons import LESSONS, TOY

# The lesson that goes through nbgrader's commands: the one with a hand-graded cell, or the toy until it is there.
WHOLE = "L03_three_measures" if "L03_three_measures" in LESSONS else TOY
STUB = re.compile(r"raise NotImplementedError\(.*\)")


def exercises(release):
    """Names and points of the exercises of a release, in order."""
    return {
        c["id"].removesuffix("-check"): c.metadata.nbgrader.points for c in release.cells if c["id"].endswith("-check")
    }


def hand_graded(release):
    """Names of the cells that a person grades."""
    return [c["id"] for c in release.cells if c["id"].endswith("-why")]


def submission(release, solution, solved, why=None, instead=None):
    """A learner's notebook: the release, some answers copied from the solution, others' stubs replaced by one line."""
    nb = copy.deepcopy(release)
    for cell in nb.cells:
        if cell["id"] in solved:
            cell.source = lessons.cell(solution, cell["id"]).source
        elif cell["id"] in exercises(release) and instead:
            cell.source = STUB.sub(instead, cell.source)
        elif cell["id"].endswith("-why") and why:
            cell.source = why
    return nb


def short(nb):
    """The same notebook without the cells that only show something: a learner may delete them, and it runs faster."""
    setup = next(c for c in nb.cells if c.cell_type == "code")
    nb = copy.deepcopy(nb)
    nb.cells = [c for c in nb.cells if c["id"] == setup["id"] or "nbgrader" in c.metadata]
    return nb


# ------------------------------------------------------------------------- one lesson, by nbgrader's own commands


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder as a teacher has it: the settings, one solution, and nothing else."""
    root = tmp_path_factory.mktemp("nbgrader")
    shutil.copy(common.ROOT / "nbgrader_config.py", root)
    if not shutil.which("bwrap"):  # then as nbgrader does it by itself
        with open(root / "nbgrader_config.py", "a", encoding="utf-8") as file:
            file.write('\ndel c.Autograde["autograde_preprocessors"]\n')
    if WHOLE == TOY:
        lessons.write_toy(root / "solutions")
        build(solutions=root / "solutions", notebooks=root / "built", progress=False)
        shutil.copy(root / "built" / TOY / f"{TOY}.ipynb", root / "expected.ipynb")
    else:
        shutil.copytree(common.SOLUTIONS / WHOLE, root / "solutions" / WHOLE, ignore=shutil.ignore_patterns(".*"))
        shutil.copy(common.NOTEBOOKS / WHOLE / f"{WHOLE}.ipynb", root / "expected.ipynb")
    return root


def as_a_process(root, *arguments):
    """Run one of nbgrader's commands there, with no more on PATH than a teacher would have; return what it says."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("NBGRADER_", "COURSE_SEED"))}
    env["MPLCONFIGDIR"] = os.environ.get("MPLCONFIGDIR", str(common.ROOT / ".cache" / "matplotlib"))
    env["PATH"] = os.pathsep.join(["/usr/bin", "/bin"])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=root, env=env, capture_output=True, text=True, timeout=1800
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def autograded(course):
    """The course after generate_assignment and autograde, with four students; the gradebook stays open."""
    from nbgrader.api import Gradebook

    as_a_process(course, "generate_assignment", WHOLE)
    release = nbformat.read(course / "notebooks" / WHOLE / f"{WHOLE}.ipynb", as_version=4)
    solution = nbformat.read(course / "solutions" / WHOLE / f"{WHOLE}.ipynb", as_version=4)
    names = list(exercises(release))
    half = names[: len(names) // 2]
    handed_in = {
        "solution": submission(release, solution, names, why="Because one asks for likeness, the other for liking."),
        "untouched": release,
        "half": short(submission(release, solution, half)),
        "wrong": short(submission(release, solution, [], instead="return 0.123456")),
    }
    for student, nb in handed_in.items():
        path = course / "submitted" / student / WHOLE / f"{WHOLE}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(nb, path)
    as_a_process(course, "autograde", WHOLE)
    nbgrader_bridge.load_config()  # the gradebook calls alembic: puts it on PATH
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "candidate-generation") as gradebook:
        yield gradebook, release, half


def scores(gradebook, student):
    """A student's automatic score by graded cell, and which cells wait for a person."""
    grades = gradebook.find_submission_notebook(WHOLE, WHOLE, student).grades
    return {g.name: g.auto_score for g in grades}, {g.name for g in grades if g.needs_manual_grade}


def test_command_releases_the_committed_bytes(course, autograded):
    """`nbgrader generate_assignment` and `course.py build` make the same file, and only that."""
    made = course / "notebooks" / WHOLE
    assert [p.name for p in made.iterdir()] == [f"{WHOLE}.ipynb"]
    assert (made / f"{WHOLE}.ipynb").read_bytes() == (course / "expected.ipynb").read_bytes()


def test_solution_gets_full_marks_and_waits_for_a_person(autograded):
    """Every check gives its points; the paragraph is marked as waiting, with no automatic score."""
    gradebook, release, _ = autograded
    points, waiting = scores(gradebook, "solution")
    assert points == {f"{name}-check": p for name, p in exercises(release).items()} | dict.fromkeys(
        hand_graded(release)
    )
    assert waiting == set(hand_graded(release))


def test_untouched_release_gets_nothing(autograded):
    """No point without an answer, and nothing for a person to read."""
    gradebook, _, _ = autograded
    points, waiting = scores(gradebook, "untouched")
    assert set(points.values()) == {0} and waiting == set()


def test_half_solved_gets_exactly_its_points(autograded):
    """What is solved pays in full, what is not pays nothing."""
    gradebook, release, half = autograded
    points, _ = scores(gradebook, "half")
    wanted = {f"{name}-check": p if name in half else 0 for name, p in exercises(release).items()}
    assert points == wanted | dict.fromkeys(hand_graded(release), 0)


def test_wrong_answers_get_nothing(autograded):
    """A constant returned everywhere earns no point."""
    gradebook, _, _ = autograded
    assert set(scores(gradebook, "wrong")[0].values()) == {0}


def test_feedback_and_export(course, autograded):
    """Feedback shows points and hints, no input and no expected value; the export holds every student's score."""
    gradebook, release, half = autograded
    submissions.nbgrader(course, "generate_feedback", WHOLE)
    submissions.nbgrader(course, "export", "--to", "grades.csv")
    for student in ("solution", "untouched", "half", "wrong"):
        page = (course / "feedback" / student / WHOLE / f"{WHOLE}.html").read_text(encoding="utf-8")
        cells = nbformat.read(course / "autograded" / student / WHOLE / f"{WHOLE}.ipynb", as_version=4)
        for cell in cells.cells:
            if cell["id"].endswith("-check") or cell.metadata.get("nbgrader", {}).get("grade"):
                said = "".join(o.get("text", "") for o in cell.get("outputs", []))
                assert not re.search(r"you returned|, not \S|for \w+=|\[\s*-?\d", said), said
        first = next(iter(exercises(release))).replace("-", "_")
        assert f"{first}: " in page
        assert "0.123456, not" not in page
    with open(course / "grades.csv", newline="", encoding="utf-8-sig") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert len(rows) == 4 and rows["half"] == sum(exercises(release)[name] for name in half)


def test_validate_shows_the_hint(course, autograded):
    """The learner's Validate button says what is wrong; it exits with 0 all the same, so nothing may hang on that."""
    if WHOLE == TOY:
        pytest.skip("the toy lesson has no hints")
    gradebook, release, _ = autograded
    nb = copy.deepcopy(release)
    answer = lessons.cell(nb, "cosine")
    answer.source = STUB.sub("return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))", answer.source)
    nbformat.write(short(nb), course / "mine.ipynb")
    said = as_a_process(course, "validate", "mine.ipynb")
    assert "-> You divided by one length for the whole table. How many lengths does a table" in said


# ------------------------------------------------------------------------------- graded cells alone, every lesson


@pytest.mark.parametrize("lesson", LESSONS)
def test_graded_cells_alone(lesson):
    """With nothing but the setup cell before them: stub and constant 0, answer full marks, as nbgrader reads them."""
    from nbgrader.utils import determine_grade

    source, release = lessons.source(lesson), lessons.release(lesson)
    setup = next(c for c in release.cells if c.cell_type == "code")
    parts = {
        "stub": release,
        "wrong": submission(release, source, [], instead="return 0.123456"),
        "answer": submission(release, source, list(exercises(release))),
    }
    cells = [copy.deepcopy(setup)]
    for part, nb in parts.items():
        for cell in nb.cells:
            if cell.cell_type == "code" and "nbgrader" in cell.metadata:
                cells.append(copy.deepcopy(cell))
                cells[-1]["id"] = f"{part}-{cell['id']}"
    alone = nbformat.v4.new_notebook(cells=cells, metadata=NOTEBOOK_METADATA)
    ran = execute(alone, NBGRADER_EXECUTION="autograde", COURSE_SEED="20")
    assert stderr_of(ran) == []
    given = {c["id"]: determine_grade(c)[0] for c in ran.cells if c["id"].endswith("-check")}
    wanted = {
        f"{part}-{name}-check": points if part == "answer" else 0
        for part in parts
        for name, points in exercises(release).items()
    }
    assert given == wanted
    # Nbgrader gives full marks to a result that is no number: each must be one.
    for cell in ran.cells:
        if cell["id"].endswith("-check"):
            (result,) = [o for o in cell.outputs if o.output_type == "execute_result"]
            assert float(result.data["text/plain"]) == given[cell["id"]]


# -------------------------------------------------------------------------------------------- course.py grade LESSON


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """A built toy course with a learner's folder: its folder, and how to grade in it."""
    folder = tmp_path_factory.mktemp("toy")
    lessons.write_toy(folder / "solutions")
    build(solutions=folder / "solutions", notebooks=folder / "notebooks", progress=False)
    return folder


def grade_in(folder, lesson=TOY, notebook=None):
    """Grade as the command does, in a folder of its own."""
    return grade.grade(lesson, notebook, solutions=folder / "solutions", work=folder / "work", seed=7, progress=False)


def test_grade_says_points_hints_and_what_waits(toy, tmp_path):
    """Half solved, one answer cell's check deleted by accident, a paragraph written: each is accounted for."""
    release = nbformat.read(toy / "notebooks" / TOY / f"{TOY}.ipynb", as_version=4)
    solution = nbformat.read(toy / "solutions" / TOY / f"{TOY}.ipynb", as_version=4)
    nb = submission(release, solution, ["add-two"], why="Since addition is what it is.")
    nb.cells.remove(lessons.cell(nb, "add-two-check"))
    nbformat.write(nb, tmp_path / "mine.ipynb")
    before = (tmp_path / "mine.ipynb").read_bytes()
    report = grade_in(toy, "L90", tmp_path / "mine.ipynb")
    assert (report.points, report.max_points, report.waiting) == (2, 5, 1)
    lines = str(report).splitlines()
    assert "  add-two       2 of 2" in lines
    assert "  double-it     0 of 2" in lines
    assert "  add-two-why   waiting for a person" in lines
    assert "2 of 5 points; 1 more wait for a person." in lines
    assert (tmp_path / "mine.ipynb").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["mine.ipynb"]


def converted(cells, release):
    """What a converter leaves: no ids, no metadata."""
    for cell in cells:
        cell.update(id=None, metadata=None)


def split_by_hand(cells, release):
    """The answer and the paragraph in two cells each, the second with the metadata and the id of the first."""
    for name in ("add-two", "add-two-why"):
        at = next(i for i, cell in enumerate(cells) if cell.get("id") == name)
        cells.insert(at + 1, copy.deepcopy(cells[at]))
        cells[at]["source"] = "half = 1" if name == "add-two" else "In the first place."


def elsewhere(cells, release):
    """The answer before its stub, timed; the paragraph behind its own."""
    for name in ("add-two", "add-two-why"):
        at = next(i for i, cell in enumerate(cells) if cell.get("id") == name)
        kind = cells[at]["cell_type"]
        mine = "%%time\n" + cells[at]["source"] if kind == "code" else cells[at]["source"]
        cells[at]["source"] = next(c.source for c in release if c["id"] == name)
        cells.insert(at + (kind != "code"), {"cell_type": kind, "source": mine})


@pytest.mark.parametrize("do", [converted, split_by_hand, elsewhere])
def test_grade_reads_what_a_class_does(toy, tmp_path, do):
    """A notebook without ids or metadata, with a mark before it, with cells that were split or stand elsewhere."""
    release = nbformat.read(toy / "notebooks" / TOY / f"{TOY}.ipynb", as_version=4)
    solution = nbformat.read(toy / "solutions" / TOY / f"{TOY}.ipynb", as_version=4)
    nb = json.loads(json.dumps(submission(release, solution, ["add-two"], why="Since addition is what it is.")))
    do(nb["cells"], release.cells)
    del nb["metadata"], nb["nbformat_minor"]
    (tmp_path / "mine.ipynb").write_bytes(b"\xef\xbb\xbf" + json.dumps(nb).encode())
    report = grade_in(toy, notebook=tmp_path / "mine.ipynb")
    assert (report.points, report.waiting, report.notes) == (2, 1, ())


def test_grade_survives_a_learner_who_stops_the_kernel(toy, tmp_path):
    """A dead kernel is a clear sentence, not a traceback, and not a 0."""
    release = nbformat.read(toy / "notebooks" / TOY / f"{TOY}.ipynb", as_version=4)
    lessons.cell(release, "add-two").source = "import os\n\nos._exit(1)"
    nbformat.write(release, tmp_path / "mine.ipynb")
    with pytest.raises(grade.GradeError, match="the kernel died while your notebook ran"):
        grade_in(toy, notebook=tmp_path / "mine.ipynb")


@pytest.mark.parametrize(
    ("lesson", "content", "said"),
    [
        ("L42", None, "no lesson called 'L42'; the lessons are: L90_toy"),
        (TOY, None, "`python course.py lab` makes your copy"),
        (TOY, b'{"cells": [', "the notebook is not whole: it cannot be read as JSON"),
        (TOY, b"\xff\xfe", "the notebook is not text in UTF-8; go back to an earlier version of it"),
        (TOY, b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "the notebook has no list of cells"),
        (TOY, b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "no cell of this lesson is in the"),
    ],
)
def test_grade_explains_why_it_cannot(toy, tmp_path, lesson, content, said):
    """Unknown lesson, missing copy, broken or foreign notebook: what it is and what to do."""
    path = tmp_path / "mine.ipynb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(grade.GradeError, match=re.escape(said)):
        grade_in(toy, lesson, path)


def test_grade_command_exits_with_1_when_nothing_was_graded(capsys):
    """The command line says why on stderr."""
    assert grade.run(parse(["grade", "no-such-lesson"])) == 1
    assert "Not graded: there is no lesson called 'no-such-lesson'" in capsys.readouterr().err
