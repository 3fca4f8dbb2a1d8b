"""`python course.py new-exercise` writes an exercise that works, all of it or nothing."""

import argparse
import os
import re
import shutil
import subprocess
import sys

import pytest

from classroom.author import build, rules
from classroom.author.scaffold import KINDS, new_exercise
from classroom.commands import new_exercise as new_exercise_module
from classroom.common import ROOT
from tests.lessons import prose

LESSON = "L03_three_measures"
SOURCE = f"solutions/{LESSON}/{LESSON}.py"
DEFINITION = "recsys_lib/exercises/three_measures/row_means.py"
ATTEMPTS = "tests/attempts/three_measures/row_means.jsonl"
CHANGED = ("solutions", "recsys_lib/exercises", "tests/attempts", "pyproject.toml")
IMPORTED = ("recsys_lib", "classroom", "tests/exercises", "tests/lessons", "tests/__init__.py", "tests/conftest.py")


def copy(names, course):
    """Copy files and folders of the course; no notebook and no compiled file."""
    leave = shutil.ignore_patterns("*.ipynb", "__pycache__")
    for name in names:
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, course / name, ignore=leave, dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / name, course / name)


@pytest.fixture
def course(tmp_path):
    """Copy what a new exercise reads and changes."""
    copy(CHANGED, tmp_path)
    return tmp_path


@pytest.fixture
def whole_course(course):
    """Copy what other processes import and test, too."""
    copy([*IMPORTED, "tests/needs.py", "nbgrader_config.py"], course)
    return course


def files(course):
    """Contents of every file of a course, by its path."""
    return {str(p.relative_to(course)): p.read_bytes() for p in course.rglob("*") if p.is_file()}


def run(course, *arguments):
    """Run Python in a course's folder, with that course before any other."""
    env = {**os.environ, "PYTHONPATH": str(course), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=course, env=env, capture_output=True, text=True, timeout=300
    )


def new_exercise_command(arguments, course):
    """Run the command in a course's folder; return its exit code."""
    parser = argparse.ArgumentParser()
    new_exercise_module.add_arguments(parser)
    return new_exercise_module.run(parser.parse_args(arguments), root=course)


@pytest.mark.parametrize("kind", KINDS)
def test_three_files_are_written(course, kind):
    """The definition, the cells and an empty file of attempts; nothing else changes."""
    before = files(course)
    written = new_exercise(course, "L03", "row_means", kind=kind)
    after = files(course)
    assert {str(path.relative_to(course)) for path in written} == {DEFINITION, ATTEMPTS, SOURCE}
    assert {path for path in after if after[path] != before.get(path)} == {DEFINITION, ATTEMPTS, SOURCE}
    assert after[ATTEMPTS] == b""


@pytest.mark.parametrize("kind", KINDS)
def test_lesson_keeps_its_rules(course, kind):
    """Ids, metadata and points are what building relies on; the cells come before the recap, and the points add up."""
    new_exercise(course, LESSON, "row_means", kind=kind)
    nb = build.read_source(course / SOURCE)
    points = {"row-means": 1 if kind == "answer" else 2}
    assert rules.problems(nb, LESSON, lambda name: points.get(name) or rules.exercise_points(name)) == []
    assert prose.opening_problems(nb, LESSON) == []
    assert prose.recap_problems(nb) == []
    ids = [cell["id"] for cell in nb.cells]
    assert ids[-3:-1] == ["row-means", "row-means-check"]
    assert re.match(r"## Exercise 3\.9 \(\d points?\): ", nb.cells[-4].source)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_formatted(course, kind):
    """Ruff has nothing to say about the definition and the lesson."""
    new_exercise(course, "L03", "row_means", kind=kind)
    for command in (["check"], ["format", "--check"]):
        for name in (DEFINITION, SOURCE):
            ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--stdin-filename", name, "-"]
            with (course / name).open("rb") as text:
                done = subprocess.run(ruff, cwd=ROOT, stdin=text, capture_output=True, timeout=60)
            assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_exercise_is_seen_by_the_course(whole_course):
    """Another process finds it, with its lesson and points, and judges its own reference right."""
    new_exercise(whole_course, "L03", "row_means", points=3)
    code = (
        "from recsys_lib.checks import all_exercises, check\n"
        "made = all_exercises()['row_means']\n"
        "print(made.lesson, made.max_points, check('row_means', made.reference).solved)"
    )
    assert run(whole_course, "-c", code).stdout.split() == ["three_measures", "3", "True"]


@pytest.mark.slow
def test_only_what_is_marked_is_left_to_do(whole_course):
    """A scaffold of any kind passes every test of an exercise but one, which lists the marks."""
    for kind in KINDS:
        new_exercise(whole_course, "L03", f"scaffold_{kind}", kind=kind)
    done = run(whole_course, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/exercises", "-k", "scaffold_")
    assert re.search(r"^3 failed, \d\d+ passed", done.stdout, re.MULTILINE), done.stdout + done.stderr
    for kind in KINDS:
        assert f"FAILED tests/exercises/test_complete.py::test_nothing_is_left_to_do[scaffold_{kind}]" in done.stdout
        place = f"recsys_lib/exercises/three_measures/scaffold_{kind}.py"
        assert f"{place}:1: TODO what the exercise asks" in done.stdout
    assert len(set(re.findall(rf"{SOURCE}:\d+: TODO a title", done.stdout))) == 3


def test_two_in_one_lesson_are_numbered(course):
    """The second stands behind the first, with the next number."""
    new_exercise(course, "L03", "row_means")
    new_exercise(course, "L03", "row_sums", kind="answer")
    source = (course / SOURCE).read_text(encoding="utf-8")
    assert re.findall(r"^# ## Exercise 3\.(\d+) \(", source, re.MULTILINE)[-2:] == ["9", "10"]
    assert source.index("def row_means(") < source.index("def row_sums(") < source.index("# ## Recap")


def test_first_exercise_of_a_lesson_makes_its_package(course):
    """A lesson that has no exercise yet gets a package with the lesson's title."""
    shutil.rmtree(course / "recsys_lib" / "exercises" / "norm_dial")
    new_exercise(course, "L04", "row_means")
    package = course / "recsys_lib" / "exercises" / "norm_dial"
    assert {path.name for path in package.iterdir()} == {"__init__.py", "row_means.py"}
    title = '"""Lesson 4: Turn one dial from cosine to dot product."""\n'
    assert (package / "__init__.py").read_text(encoding="utf-8") == title


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["L03", "RowMeans"], "name is 'RowMeans'; small letters and digits are allowed"),
        (["L03", "row-means"], "name is 'row-means'; small letters and digits are allowed"),
        (["L03", "2nd_row"], "name is '2nd_row'; small letters and digits are allowed"),
        (["L03", "lambda"], "name is 'lambda'; small letters and digits are allowed"),
        (["L03", "sanity_check"], "the last neither 'check' nor 'why'"),
        (["L03", "../row_means"], "name is '../row_means'; small letters and digits are allowed"),
        (["L03", "dot"], "name is 'dot', which recsys_lib/exercises/three_measures/dot.py defines already"),
        (["L04", "dot"], "name is 'dot', which recsys_lib/exercises/three_measures/dot.py defines already"),
        (["L99", "row_means"], "there is no lesson called 'L99'; the lessons are: L01_two_ways, "),
        (["L0", "row_means"], "several lessons begin with 'L0'"),
        (["L03", "row_means", "--points", "0"], "points is 0; a whole number is allowed, 1 or more"),
        (["L03", "row_means", "--points", "2", "--kind", "answer"], "points is 2; an exercise of the kind 'answer'"),
    ],
)
def test_refusal_is_one_sentence_and_writes_nothing(course, capsys, arguments, said):
    """The argument, what was found, what is allowed; every file is as it was."""
    before = files(course)
    assert new_exercise_command(arguments, course) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert files(course) == before


@pytest.mark.parametrize("place", [ATTEMPTS, SOURCE])
def test_what_is_there_already_is_not_overwritten(course, capsys, place):
    """A file of attempts without its exercise, or a cell without its definition, stops everything."""
    if place == ATTEMPTS:
        (course / ATTEMPTS).write_text("{}\n")
    else:
        new_exercise(course, "L03", "row_means")
        (course / DEFINITION).unlink()
        (course / ATTEMPTS).unlink()
    before = files(course)
    assert new_exercise_command(["L03", "row_means"], course) == 1
    assert f"name is 'row_means', {'which' if place == SOURCE else 'and'} {place}" in capsys.readouterr().err
    assert files(course) == before


def test_a_lesson_without_a_recap_is_refused(course, capsys):
    """There is no place for the cells."""
    text = (course / SOURCE).read_text(encoding="utf-8")
    (course / SOURCE).write_text(text.replace("# ## Recap", "# ## The end"), encoding="utf-8")
    before = files(course)
    assert new_exercise_command(["L03", "row_means"], course) == 1
    assert f"{LESSON} has no cell that begins with '## Recap'" in capsys.readouterr().err
    assert files(course) == before


def test_nothing_is_left_of_a_write_that_fails(course, capsys, monkeypatch):
    """A disk that is full at the last file leaves all as it was."""
    shutil.rmtree(course / "tests" / "attempts" / "three_measures")
    before, write = files(course), type(course).write_text

    def full(path, text, **kwargs):
        if path == course / SOURCE:
            write(path, text[:100], **kwargs)
            raise OSError("No space left on device")
        return write(path, text, **kwargs)

    monkeypatch.setattr(type(course), "write_text", full)
    assert new_exercise_command(["L03", "row_means"], course) == 1
    assert "nothing was written: No space left on device" in capsys.readouterr().err
    assert files(course) == before
    assert not (course / "tests" / "attempts" / "three_measures").exists()


def test_it_says_what_comes_next(course, capsys):
    """The files, and three commands that can be copied."""
    assert new_exercise_command(["L03", "row_means"], course) == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("written: ")] == [
        f"written: {path}" for path in (DEFINITION, ATTEMPTS, SOURCE)
    ]
    assert re.findall(r"^  python course\.py (.+)$", out, re.MULTILINE) == [
        "test -- tests/exercises -k row_means",
        "build L03",
        "test -- tests/lessons -k L03",
    ]
