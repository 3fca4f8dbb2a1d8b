"""`course.py progress`: what the saved results of the checks say, by lesson."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from classroom.__main__ import main
from classroom.commands import progress
from classroom.commands.progress import line_of, standing_of
from classroom.common import NOTEBOOKS, SOLUTIONS, lesson_names

LESSON = "L03_three_measures"


def saved(cell_id, text):
    """Return a change to a notebook: the saved result of a cell."""
    output = {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}
    return cell_id, [output]


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Return the folder of the learner's copies, with lesson 3 in it, some of it checked and saved."""
    folder = tmp_path / LESSON
    folder.mkdir()
    shutil.copy(NOTEBOOKS / LESSON / f"{LESSON}.ipynb", folder)
    nb = json.loads((folder / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    outputs = dict(
        [
            saved("predict-ranking-check", "predict_ranking: 1 of 1 point - solved"),
            saved("dot-check", ["dot: 2 of 2 points - solved\n", "  NumPy or Python warned: x"]),
            saved("cosine-check", "cosine: 2 of 3 points\n  values 2/2  right"),
            saved("euclidean-check", "euclidean: not solved yet (0 of 2 points)\n  Write"),
            saved("rank-check", "rank: cannot be checked (0 of 4 points)\n  `rank` is an int"),
            saved("make-item", "make_item: 3 of 3 points"),  # no check: an answer that prints what it likes
        ]
    )
    for cell in nb["cells"]:
        if cell["id"] in outputs:
            cell["outputs"] = outputs[cell["id"]]
    (folder / f"{LESSON}.ipynb").write_text(json.dumps(nb), encoding="utf-8")
    monkeypatch.setattr(progress, "WORK", tmp_path)
    return tmp_path


def test_what_the_checks_said(work):
    """Points, solved, not solved and never checked, each exercise with its number in the lesson."""
    found = standing_of(LESSON, work=work)
    assert [(e.number, e.name, e.points, e.max_points) for e in found.exercises] == [
        ("3.1", "predict_ranking", 1, 1), ("3.2", "dot", 2, 2), ("3.3", "cosine", 2, 3), ("3.4", "euclidean", 0, 2),
        ("3.5", "rank", 0, 4), ("3.6", "scale_query", None, 1), ("3.7", "make_item", None, 3),
        ("3.8", "mystery_ruler", None, 2),
    ]  # fmt: skip
    assert (found.points, found.max_points, found.by_hand) == (5, 18, 3)
    assert found.title == "Rank three films with three rulers" and found.file.is_relative_to(work)
    assert line_of(found) == "L03  ████░░░░░░░░░░░░    5 of 18 points  2 of 8 solved  next: 3.3 cosine"


def test_a_lesson_that_was_not_begun(tmp_path):
    """Without a copy the release counts, which holds no results."""
    found = standing_of("L01_two_ways", work=tmp_path)
    assert found.points == 0 and found.next.number == "1.1" and found.file.is_relative_to(NOTEBOOKS)


def test_everything_is_solved(work):
    """There is no next one, and the bar is full."""
    path = work / LESSON / f"{LESSON}.ipynb"
    nb = json.loads(path.read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        if cell["id"].endswith("-check"):
            points = cell["metadata"]["nbgrader"]["points"]
            cell["outputs"] = saved("", f"x: {points} of {points} points - solved")[1]
    path.write_text(json.dumps(nb), encoding="utf-8")
    found = standing_of(LESSON, work=work)
    assert found.next is None and line_of(found, "#", ".").split()[1] == "#" * progress.BAR
    assert "every exercise is solved" in line_of(found)
    assert progress.last_words([found]) == "18 of 18 points. 3 more are for paragraphs that a person reads."


def test_command(work, capsys):
    """A line a lesson; a lesson's own exercises where it is named; and where to go on."""
    assert main(["progress", "L03"]) == 0
    said = capsys.readouterr().out
    assert "  3.3  cosine           2 of 3\n" in said and "  3.6  scale_query      not checked yet" in said
    assert "Next: 3.3 cosine, in " in said
    assert main(["progress"]) == 0
    said = capsys.readouterr().out
    assert [line[:3] for line in said.splitlines() if "solved" in line] == [name[:3] for name in lesson_names()]
    assert "Next: 1.1 classify, in notebooks" in said.replace("\\", "/")


def test_a_broken_copy_is_a_message(work, capsys):
    """What is no notebook is named."""
    (work / LESSON / f"{LESSON}.ipynb").write_text("{")
    assert main(["progress", "L03"]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert main(["progress", "L99"]) == 1


@pytest.mark.parametrize("lesson", lesson_names())
def test_the_last_line_of_a_lesson_names_its_exercises(lesson):
    """`lesson_progress` is called with the lesson's number and its exercises, in the order of their numbers."""
    text = (SOLUTIONS / lesson / f"{lesson}.py").read_text(encoding="utf-8")
    for number, names in re.findall(r"^lesson_progress\(\"?(E?\d+)\"?, \"([^\"]*)\"\)", text, re.MULTILINE):
        numbered = [f"{number}.{place} {name}" for place, name in enumerate(names.split(), start=1)]
        assert numbered == [f"{e.number} {e.name}" for e in standing_of(lesson).exercises]
