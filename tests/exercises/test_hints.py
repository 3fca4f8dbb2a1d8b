"""`course.py hints`: each class of a verdict comes out, and the table and the pages hold the counts."""

from __future__ import annotations

import pytest

from classroom.__main__ import main
from classroom.author import attempts as attempts_module
from classroom.author.attempts import Attempt
from classroom.author.evidence import (
    BEGIN,
    END,
    NOT_RIGHT,
    SOURCES,
    assess,
    between_marks,
    counted,
    in_a_sentence,
    outcome,
    readme_table,
    sentences,
    table,
)
from classroom.commands import hints
from recsys_lib.checks import all_exercises
from recsys_lib.checks.checking import verdict_on

pytestmark = pytest.mark.usefixtures("without_nbgrader")


def attempt(code="", *says, exercise="dot", correct=None, seen=False, name="a"):
    """Return an attempt; it is right where no sentence is asked for."""
    right = not says if correct is None else correct
    return Attempt(exercise, name, code, right, "" if right else "Wrong.", says, seen)


ONE_NORM = "def cosine(q, items):\n    return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))\n"
UNUSED = "def dot(q, items):\n    return items.sum(axis=1)\n"
RAISES = 'def dot(q, items):\n    table = {"q": q, "items": items}\n    return table["Q"] @ table["I"]\n'
LONGER = 'def make_item(q, others, winner):\n    return "here"\n'


@pytest.mark.parametrize(
    "one, expected",
    [
        (attempt("def dot(q, items):\n    return items @ q\n"), "accepted"),
        (attempt("def dot(q, items):\n    return items @ q + 1\n", correct=True), "false reject"),
        (attempt("def dot(q, items):\n    return items @ q\n", "any"), "false accept"),
        (attempt(ONE_NORM, "line:9", "known:one_norm_for_all", exercise="cosine"), "known"),
        (attempt(ONE_NORM, "line:9", exercise="cosine"), "misleading"),
        (attempt(UNUSED, "fact:unused-argument"), "fact"),
        (attempt(UNUSED, "any"), "any"),
        (attempt(RAISES, "error"), "error"),
        (attempt(RAISES, "line:3"), "error"),
        (attempt(RAISES, "line:1"), "own error"),
        (attempt("import no_such_package\n", "fact:missing-package"), "fact"),
        (attempt("1 / 0\n", "error"), "error"),
        (attempt(LONGER, "line:1", exercise="make_item"), "judge"),
    ],
)
def test_an_attempt_is_classed(one, expected):
    """What the check says of an attempt falls into the right class."""
    found = assess(one)
    assert found.outcome == expected, (found.said, str(found.verdict))
    assert found.good == (expected in (*SOURCES, "accepted"))


@pytest.mark.parametrize(
    "says, said, expected",
    [
        (["line:2"], ["line:2"], "line"),
        (["line:2"], ["line:3"], "misleading"),
        (["line:2"], ["line:3", "known:x"], "misleading"),
        (["line:2", "known:x"], ["line:3", "known:x"], "known"),
        (["fact:no-return", "line:2"], ["line:2", "fact:no-return"], "fact"),
        (["relation"], ["relation"], "relation"),
        (["line:2"], ["relation"], "observation"),
        (["line:2"], ["relation", "error"], "observation"),
        (["line:2"], ["error", "error:2"], "error"),
        (["line:2"], ["error", "error:3"], "own error"),
        (["line:2"], [], "nothing"),
        (["line:2"], ["judge"], "judge"),
    ],
)
def test_a_sentence_is_right_if_it_is_asked_for(says, said, expected):
    """Any sentence said that is asked for will do; a hint, a fact or a line that is not is misleading."""
    assert outcome(attempt("x", *says), solved=False, said=said) == expected


def test_only_sentences_that_are_shown_count():
    """A known mistake counts where the learner reads its hint; a solved answer says nothing."""
    cosine = all_exercises()["cosine"]
    wrong = next(m for m in cosine.misconceptions if m.name == "one_norm_for_all")
    verdict = verdict_on("cosine", wrong.function)
    assert "known:one_norm_for_all" in set(sentences(cosine, verdict))
    for layer in verdict.layers:
        layer.misconception = None
    assert "known:one_norm_for_all" not in set(sentences(cosine, verdict))
    assert not list(sentences(cosine, verdict_on("cosine", cosine.reference)))


def test_counts_by_lesson():
    """Each lesson has a column, all together have one, and shares are of wrong answers, or of right ones."""
    found = [
        assess(attempt(UNUSED, "fact:unused-argument")),
        assess(attempt(ONE_NORM, "line:9", exercise="cosine")),
        assess(attempt(exercise="dot", code="def dot(q, items):\n    return items @ q\n")),
    ]
    counts = counted(found, {"L03": ["dot", "cosine"], "L04": ["norm_power"]})
    assert (counts["all"].wrong, counts["all"].right, counts["all"].correct) == (2, 1, 1)
    assert counts["L04"].wrong == 0
    rows = {line.rpartition("  ")[0].split("  ")[0]: line.split("  ")[1:] for line in table(counts).splitlines()}
    assert rows["the right sentence"][-1].strip() == "50 % (1)" and rows["MISLEADING"][-1].strip() == "50 % (1)"
    assert rows["FALSE REJECTS"][-1].strip() == "0 % (0)"
    assert "| L03 | 2 | 50 % (1) |" in readme_table(counts) and "| all |" in readme_table(counts)
    assert "Of 2 wrong answers" in in_a_sentence(counts["all"])
    assert {*SOURCES, *NOT_RIGHT} >= {one.outcome for one in found if not one.attempt.correct}


def test_marks():
    """What stood between the marks is replaced; a page without them is refused."""
    page = f"a\n{BEGIN}\nold\n{END}\nb\n"
    assert between_marks(page, "new") == f"a\n{BEGIN}\nnew\n{END}\nb\n"
    with pytest.raises(ValueError, match="must hold"):
        between_marks("a", "new")


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Let there be three attempts and two pages to write to."""
    some = [
        attempt(UNUSED, "line:9", name="worst_of_all"),
        attempt(UNUSED, "known:no_such_mistake", "fact:unused-argument", name="fine", seen=True),
        attempt(ONE_NORM, "any", exercise="cosine"),
    ]
    monkeypatch.setattr(attempts_module, "all_attempts", lambda: some)
    monkeypatch.setattr(hints, "ROOT", tmp_path)
    for name in ("README.md", "CONTRIBUTING.md"):
        (tmp_path / name).write_text(f"{name}\n{BEGIN}\n{END}\n")
    return tmp_path


def test_command(few, capsys):
    """The table counts unseen attempts; --all adds the others, --worst the verdicts, and a lost mistake is named."""
    assert main(["hints", "L03"]) == 0
    said = capsys.readouterr()
    assert "wrong answers" in said.out and "prove little" not in said.out and "UNUSED" not in said.out
    assert "dot/fine asks for known:no_such_mistake, which dot does not define" in said.err
    assert main(["hints", "L03", "--all", "--worst"]) == 0
    said = capsys.readouterr().out
    assert "MISLEADING: dot/worst_of_all" in said and "dot/fine" not in said and "prove little" in said
    assert main(["hints", "L99"]) == 1


def test_command_writes_the_pages(few, capsys):
    """--write fills both pages, and wants every lesson."""
    assert main(["hints", "L03", "--write"]) == 1
    assert main(["hints", "--write"]) == 0
    assert "| all | 2 |" in (few / "README.md").read_text()
    assert "Of 2 wrong answers" in (few / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_course_has_the_marks(name):
    """`course.py hints --write` finds its place."""
    assert between_marks((hints.ROOT / name).read_text(encoding="utf-8"), "x")
