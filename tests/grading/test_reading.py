"""What a student wrote is read in a process that may die, and what it cannot read is that student's status alone."""

from __future__ import annotations

import ast
import contextlib
import functools
import json
import symtable
import tracemalloc

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from classroom import rendering
from classroom.group.run import grade_class
from classroom.limited import LimitedProcess
from classroom.nbgrader_bridge import load_config
from classroom.sandbox.namespaces import SandboxError
from classroom.submission import reading, texts
from classroom.submission.grade import grade_submission
from classroom.submission.names import names_in
from classroom.submission.reading import SubmissionError, shortened
from tests.grading import submissions
from tests.grading.attacks import nested_lists
from tests.grading.submissions import DOT, LESSON, hand_in, lesson, make_course, notebook, points, written

CANARY = "canary_5b1f0e2c"
WRONG = f"def dot(q, items):\n    {CANARY} = items @ q\n    return {CANARY} + 1\n"
FORMULAS = (r"\\(" * 100 + " ") * 160  # each looks for its end in the rest of the text


# ------------------------------------------------------------------------------------------------------ who reads it


def test_no_text_of_a_submission_is_read_in_the_grading_process(monkeypatch, bubblewrap):
    """Its JSON, its names and what a check asks of a wrong answer: none of it, by any of Python's readers."""
    seen: list[str] = []

    def spied(module, name):
        real = getattr(module, name)

        def read(text, *args, **kwargs):
            if CANARY in (text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)):
                seen.append(f"{module.__name__}.{name}")
            return real(text, *args, **kwargs)

        monkeypatch.setattr(module, name, read)

    data = json.dumps(written({"dot": WRONG}, first=(f"{CANARY} = 3",))).encode()
    for module, name in ((ast, "parse"), (json, "loads"), (symtable, "symtable")):
        spied(module, name)
    graded = grade_submission(lesson(), "ada", data, 7)
    layer = next(e for e in graded.record.exercises if e.name == "dot").layers[0]
    assert layer.hint and "line" in layer.hint.lower(), layer  # the text was looked through
    assert seen == []


def test_looking_through_a_text_may_fail_and_the_points_stay(monkeypatch, bubblewrap):
    """Whoever's text is too much for the search for a line keeps what the answer earns, and the teacher is told."""
    whole = texts._process
    with LimitedProcess("tests.grading.readings", seconds=1) as dying:
        monkeypatch.setattr(texts, "_process", lambda name: dying if name == "text_questions" else whole(name))
        graded = hand_in(written({"dot": WRONG, "cosine": submissions.answer("cosine")}))
    assert graded.status == "graded"
    assert points(graded)["dot"] == 0 and points(graded)["cosine"] == 3
    assert "the text of dot is too much to look through: it takes more than 1 s" in graded.record.cause


@contextlib.contextmanager
def most_memory():
    """The most that Python's own objects in this process take at one time, in bytes."""
    tracemalloc.start()
    try:
        yield lambda: most[0]
        most = [tracemalloc.get_traced_memory()[1]]
    finally:
        tracemalloc.stop()


def test_memory_of_the_grading_process_is_its_own(bubblewrap):
    """Lists that take a gigabyte take it of the process that dies of them."""
    release = lesson()
    data = nested_lists(notebook())
    assert 19 * 10**6 < len(data) < reading.MAX_BYTES
    with most_memory() as most:
        graded = grade_submission(release, "ada", data, 7)
    assert (graded.status, graded.notebook) == ("not graded", None)
    assert "too much to read: it takes more than 512 MB of memory" in graded.record.cause
    assert most() < 200 * 2**20  # bytes, where the lists take 900 MB
    assert points(hand_in(written({"dot": DOT})))["dot"] == 2


def test_a_process_that_cannot_start_is_no_fault_of_a_student(monkeypatch):
    """Then nobody can be graded here, and nobody's status says otherwise."""
    missing = LimitedProcess("classroom.submission.no_such_module")
    monkeypatch.setattr(texts, "_process", lambda name: missing)
    with pytest.raises(SandboxError, match="did not start"):
        grade_submission(lesson(), "ada", json.dumps(written({"dot": DOT})).encode(), 7)


# ---------------------------------------------------------------------------------------------- linear, and how long


def test_names_are_found_in_steps_of_their_number(monkeypatch):
    """Python's own table looks through every function for each name; that is not asked."""

    def product(*args):
        raise AssertionError("a look through all scopes for one name")

    monkeypatch.setattr(symtable.SymbolTable, "lookup", product)
    monkeypatch.setattr(symtable.SymbolTable, "get_symbols", product)
    source = "\n".join(f"n{i} = lambda: n{i} + m{i}" for i in range(30_000))
    found = names_in(source)
    assert len(found.defined) == 30_000 and len(found.used) == 60_000


@pytest.mark.parametrize(
    "source, defined, used",
    [
        ("class A:\n    x = y\n    def f(self):\n        return z", "A", "y z"),
        ("def f():\n    global g\n    g = h", "f g", "g h"),
        ("def top(k):\n    return k", "top", ""),  # in Python's own table `k` is the notebook's
        ("[i for i in items if (n := i)]", "n", "items n"),
        ("x: int = y\nz += 1\nfor a, *b in c: pass\nimport d.e as f, g.h", "x z a b f g", "int y c"),
    ],
)
def test_names(source, defined, used):
    """What a cell gives to the cells behind it, and what it takes of the notebook."""
    found = names_in(source)
    assert (set(found.defined), set(found.used)) == (set(defined.split()), set(used.split()))


def notebook_of(*sources, cell_type="code"):
    """A notebook of these cells."""
    cells = [{"cell_type": cell_type, "metadata": {}, "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@pytest.mark.parametrize("more, said", [(0, ""), (1, "has 100,001 characters; 100,000 are allowed")])
def test_code_of_one_cell(more, said):
    """A cell of code holds so much; a text in which pictures were pasted holds a hundred times that."""
    source = "#" * (reading.MAX_CODE + more)
    assert len(reading.read_submission(notebook_of(source, cell_type="markdown"))) == 1
    if not said:
        assert len(reading.read_submission(notebook_of(source))) == 1
        return
    with pytest.raises(SubmissionError, match=said):
        reading.read_submission(notebook_of(source))


@pytest.mark.parametrize("more, said", [(0, ""), (1, "400,001 characters together; 400,000 are allowed")])
def test_code_of_all_cells(more, said):
    """So much together."""
    sources = ["#" * (reading.MAX_ALL_CODE // 8)] * 7 + ["#" * (reading.MAX_ALL_CODE // 8 + more)]
    if not said:
        assert len(reading.read_submission(notebook_of(*sources))) == 8
        return
    with pytest.raises(SubmissionError, match=said):
        reading.read_submission(notebook_of(*sources))


def test_a_long_written_answer_is_shortened_and_it_is_said(bubblewrap):
    """An essay with a word without end keeps its other words; a flood is cut; both are said where the teacher looks."""
    essay = "one " * 3_000
    assert shortened(essay) == essay
    word = f"before {'A' * 500_000} after"
    short = shortened(word)
    assert short.startswith("before AAA") and short.endswith(" after") and len(short) < 1_200
    flood = shortened("ab " * 100_000)
    assert len(flood) < reading.MAX_WRITTEN + 100 and flood.endswith("[280,000 more characters left out]")
    nb = notebook()
    why = next(c for c in nb["cells"] if c["id"].endswith("-why"))
    why["source"] = word
    graded = hand_in(nb)
    assert f"{why['id']} was shortened: it has 500,013 characters" in graded.record.cause
    assert graded.status == "graded" and graded.record.waiting > 0


# ------------------------------------------------------------------------------------------------- on nbgrader's pages


@pytest.fixture
def short_of_time(request, monkeypatch):
    """Let a cell take one second to be typeset, here or in the module that a test names."""
    with LimitedProcess(getattr(request, "param", "classroom.rendering"), seconds=1) as process:
        rendering._typeset.cache_clear()
        monkeypatch.setattr(rendering, "_process", lambda: process)
        yield
        rendering._typeset.cache_clear()


def test_a_text_that_takes_minutes_is_shown_as_it_was_written(short_of_time):
    """The page says why; nothing of the text is HTML, and the next text is typeset."""
    found = rendering.markdown_to_html({}, f"<b>{FORMULAS}")
    assert found.startswith("<p><em>Shown as it was written: it takes more than 1 s.</em></p>\n<pre>&lt;b&gt;")
    assert rendering.markdown_to_html({}, "**fine**") == "<p><strong>fine</strong></p>\n"


def test_a_text_that_is_too_long_is_not_typeset_at_all(short_of_time):
    """Nor highlighted."""
    for shown in (functools.partial(rendering.markdown_to_html, {}), rendering.code_to_html):
        assert "more than 50,000 characters" in shown("x" * (rendering.MAX_TYPESET + 1))
        assert "more than" not in shown("x" * rendering.MAX_TYPESET)


def test_a_page_looks_as_nbconvert_makes_it():
    """Where nothing is too much, our filters change nothing: all cells of a lesson, with its answers."""
    config = load_config()
    assert config.HTMLExporter.filters
    nb = nbformat.from_dict(notebook(LESSON, "solutions"))
    ours, _ = HTMLExporter(config=config).from_notebook_node(nb)
    plain, _ = HTMLExporter().from_notebook_node(nb)
    assert ours == plain


@pytest.mark.parametrize("short_of_time", ["tests.grading.endless_typesetting"], indirect=True)
def test_feedback_on_formulas_without_end(tmp_path, short_of_time, bubblewrap):
    """Neither the class nor the page of whoever wrote them waits: the points are there, and the text as it was."""
    nb = written({"dot": DOT})
    why = next(c for c in nb["cells"] if c["id"].endswith("-why"))
    why["source"] = FORMULAS[: reading.MAX_WRITTEN]
    course = make_course(tmp_path / "course", {"ada": written({"dot": DOT}), "mallory": nb}, begun=True)
    grade_class("L03", course, workers=0, progress=False)
    submissions.nbgrader(course, "generate_feedback", LESSON)
    pages = {
        student: (course / "feedback" / student / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
        for student in ("ada", "mallory")
    }
    assert "Shown as it was written: it takes more than 1 s." in pages["mallory"]
    assert "Shown as it was written" not in pages["ada"]
    for page in pages.values():
        assert "dot: 2 of 2 points" in page


def test_plain_autograde_reads_within_limits(tmp_path, bubblewrap):
    """nbgrader's own command fails for the one whose notebook is too much, and grades the others."""
    course = make_course(
        tmp_path / "course", {"ada": written({"dot": DOT}), "mallory": nested_lists(notebook())}, begun=True
    )
    with most_memory() as most, pytest.raises(SystemExit):
        submissions.nbgrader(course, "autograde", LESSON)
    assert most() < 200 * 2**20
    assert (course / "autograded" / "ada" / LESSON / f"{LESSON}.ipynb").is_file()
    assert not (course / "autograded" / "mallory").exists()
