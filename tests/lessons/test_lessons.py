"""Every lesson's text keeps the rules and reads as promised."""

import copy

import nbformat
import pytest

from classroom.author import rules
from classroom.author.source import read_source
from recsys_lib import checks
from tests.lessons import lessons, prose
from tests.lessons.lessons import LESSONS, problems_of_run

every_lesson = pytest.mark.parametrize("lesson", LESSONS)


@every_lesson
def test_source_keeps_the_rules(real, lesson):
    """Ids, pairs of answer and check, points, short cells, a sentence before each: what building relies on."""
    assert rules.problems(real.source(lesson), lesson, rules.exercise_points) == []


def test_grade_ids_are_unique_in_the_course(real):
    """A gradebook and a check find an exercise by its name alone."""
    assert rules.course_problems({lesson: real.source(lesson) for lesson in LESSONS}) == []


@every_lesson
def test_lesson_asks_every_exercise_that_is_defined_for_it(real, lesson):
    """No exercise is defined and never asked, or asked in another lesson."""
    asked = {c["id"].removesuffix("-check") for c in real.source(lesson).cells if c["id"].endswith("-check")}
    defined = {e.name.replace("_", "-") for e in checks.all_exercises().values() if e.lesson == lesson[4:]}
    assert asked == defined


@every_lesson
@pytest.mark.parametrize("rule", [prose.heading_problems, prose.link_problems, prose.recap_problems])
def test_lesson_reads_well(real, lesson, rule):
    """Headings in order, links that say where they lead, a recap."""
    assert rule(real.source(lesson)) == []


@every_lesson
def test_lesson_opens_with_what_when_and_how_long(real, lesson):
    """Title, what you will do and can do, what you need, time, and points that add up."""
    assert prose.opening_problems(real.source(lesson), lesson) == []


# ------------------------------------------------------------------------------------ the rules themselves, on a toy


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The toy lesson's source: it breaks no rule."""
    return read_source(lessons.write_toy(tmp_path_factory.mktemp("toy")))


def changed(nb, cell_id, old, new):
    """A copy of a notebook with one piece of one cell replaced."""
    nb = copy.deepcopy(nb)
    cell = lessons.cell(nb, cell_id)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    return nb


def test_toy_lesson_breaks_no_rule(toy):
    """The rules can be kept."""
    assert rules.problems(toy, lessons.TOY) == []
    assert prose.opening_problems(toy, lessons.TOY) == []
    assert [*prose.heading_problems(toy), *prose.link_problems(toy), *prose.recap_problems(toy)] == []
    assert prose.number_problems(toy, "0.333 33.3 %") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# Lesson 90. Add", "# Lesson 9. Add", "first line"),
        ("Add two numbers", "two numbers", "first line"),
        ("**You will**", "You will", "You will"),
        ("- double a number;\n", "", "3 to 5"),
        ("5 minutes", "a while", "Time"),
        ("**Points:** 5", "**Points:** 6", "**Points:** 5"),
    ],
)
def test_opening_rule_finds(toy, old, new, said):
    """Each part of the opening is missed when it is missing."""
    (problem,) = prose.opening_problems(changed(toy, "cell-001", old, new), lessons.TOY)
    assert said in problem


@pytest.mark.parametrize(
    ("rule", "cell_id", "old", "new", "said"),
    [
        (prose.heading_problems, "cell-014", "## Say", "#### Say", "level 4 after one of level 2"),
        (prose.heading_problems, "cell-014", "## Say", "# Say", "one title"),
        (prose.link_problems, "cell-014", "Why is", "Read [here](https://example.org). Why is", "'here'"),
        (prose.link_problems, "cell-014", "Why is", "![](a.png) Why is", "alternative text"),
        (prose.recap_problems, "cell-016", "## Recap", "## The end", "called Recap"),
        (prose.recap_problems, "cell-016", "- You doubled a number.\n", "", "past tense"),
    ],
)
def test_reading_rule_finds(toy, rule, cell_id, old, new, said):
    """Each rule finds what it is for."""
    (problem,) = rule(changed(toy, cell_id, old, new))
    assert said in problem


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("It is 0.333.", []),
        ("It is .3330, or $0.333$.", []),
        ("It is 0.334.", ["0.334"]),
        ("One half, `0.5`, was not printed.", ["0.5"]),
        ("Call `cosine(x, 0.5)` as in exercise 3.2 or Exercises 3.1 and 3.4.", []),
        ("That is 33.3 % of all.", []),
        ("That is 33 % of all.", ["33 %"]),
        ("That is 0.333 % of all.", ["0.333 %"]),
        ("That is 33.3 of a hundred.", []),
        ("A paper found .25 [P: Steck et al. 2024, table 2].", []),
        ("A paper found .25. [P: Steck et al. 2024] We saw .26.", [".26"]),
        ("A paper found .25 [P: ].", [".25"]),
        ("| model | .25 [P: x] |\n| ours | .26 |", [".26"]),
        ("Python 3.11.7 and arXiv:2403.05440 are names.", []),
        ("```\nx = 0.77\n```", []),
        ("See [the paper](https://example.org/v1.25).", []),
        ("About 40 per cent agree.", ["40 per cent"]),
    ],
)
def test_number_rule(text, wrong):
    """A number passes if it was printed with the same digits, a percentage if it was printed as one."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="text")])
    assert [p.split("'")[1] for p in prose.number_problems(nb, "0.333 33.3 %")] == wrong


@pytest.mark.parametrize(
    ("cell_id", "old", "new", "said"),
    [
        ("add-two", "### END SOLUTION", "### END", "exactly one ### BEGIN SOLUTION"),
        ("add-two", "def add_two(", "def add_too(", "defines add_two()"),
        ("add-two-check", "check(", "print(", "nothing else"),
        ("add-two-check", "add_two)", "double_it)", "nothing else"),
        ("add-two-why", "Because", "### BEGIN SOLUTION", "no BEGIN/END markers"),
        ("cell-010", "The next cell prints a number: a third is 0.333, or 33.3 %.", "## 90", "a sentence"),
        ("cell-011", "print(", "\n\n".join(["1"] * 6) + "\nprint(", "7 lines of code"),
        ("cell-013", "plt.show()", "from os import *", "import *"),
        ("cell-013", "plt.show()", 'check("add_two", add_two)', "no nbgrader metadata"),
        ("cell-013", "plt.show()", "print(add_two.__name__)", "which a partial has not"),
    ],
)
def test_source_rule_finds(toy, cell_id, old, new, said):
    """Each rule of a source finds what it is for."""
    (problem,) = rules.problems(changed(toy, cell_id, old, new), lessons.TOY)
    assert said in problem


@pytest.mark.parametrize(
    ("cell_id", "meta", "said"),
    [
        ("add-two-check", {"points": 1.5}, "whole number"),
        ("add-two-check", {"points": 0}, "whole number"),
        ("add-two-check", {"points": 3}, "3 points here, 2 in"),
        ("add-two-check", {"locked": False}, "locked"),
        ("add-two", {"locked": True}, "not locked"),
        ("add-two", {"schema_version": 2}, "schema_version"),
        ("add-two", {"solution": False}, "none of them"),
        ("add-two", {"grade_id": "add_two"}, "hyphens"),
    ],
)
def test_metadata_rule_finds(toy, cell_id, meta, said):
    """Each rule of the grading metadata finds what it is for."""
    nb = copy.deepcopy(toy)
    lessons.cell(nb, cell_id).metadata.nbgrader.update(meta)
    (problem,) = rules.problems(nb, lessons.TOY, lambda grade_id: 2)
    assert said in problem


def test_what_is_wrong_with_a_run_is_found():
    """A cell that was not run, an error, a line on stderr, a check that says something else, and no check at all."""
    v4 = nbformat.v4
    shown = [v4.new_output("execute_result", data={"text/plain": "add_two: not solved yet"})]
    check = v4.new_code_cell("check()", id="add-two-check", execution_count=2, outputs=shown)
    heading, empty = v4.new_markdown_cell("# Run", id="heading"), v4.new_code_cell("", id="empty")

    def found(*cells, kind="unsolved"):
        return problems_of_run(v4.new_notebook(cells=[heading, empty, *cells]), kind)

    assert found(check) == []
    assert found(check, kind="solved") == ["add-two-check shows 'add_two: not solved yet' in the solved lesson"]
    assert found() == ["no cell checks an answer"]
    assert found(check, v4.new_code_cell("1", id="late")) == ["late was not run"]
    for output, said in (
        (v4.new_output("stream", name="stderr", text="Warning: no\n"), "loud: Warning: no"),
        (v4.new_output("error", ename="ValueError", evalue="no"), "loud: ValueError: no"),
    ):
        assert found(check, v4.new_code_cell("1", id="loud", execution_count=3, outputs=[output])) == [said]


def test_source_rule_finds_what_stands_between_answer_and_check(toy):
    """Nothing comes between an answer and its check: nbgrader's feedback shows them together."""
    nb = copy.deepcopy(toy)
    place = [c["id"] for c in nb.cells].index("add-two-check")
    nb.cells.insert(place, nbformat.v4.new_markdown_cell("A word in between.", id="between"))
    assert len(rules.problems(nb, lessons.TOY)) == 2


def test_source_rule_finds_a_grade_id_twice(toy):
    """Within a lesson, and across lessons."""
    nb = copy.deepcopy(toy)
    nb.cells += [copy.deepcopy(lessons.cell(nb, name)) for name in ("cell-004", "add-two", "add-two-check")]
    nb.cells[-3]["id"] = "cell-017"
    assert [p for p in rules.problems(nb, lessons.TOY) if "two cells" in p and "add-two" in p]
    assert len(rules.course_problems({"L90_toy": toy, "L91_copy": toy})) == 5
