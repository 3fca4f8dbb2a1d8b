"""The check itself: what it says, what it survives, what it leaves alone."""

from __future__ import annotations

import dataclasses
import functools
import random
import subprocess
import sys
import time
import tracemalloc
import warnings

import numpy as np
import pytest

from recsys_lib.checks import Exercise, all_exercises, callee, calling, check, get, yours_or_ours
from recsys_lib.checks.callee import MAX_OUTPUT, Local, Trusted, callee_of
from recsys_lib.checks.calling import call, call_safely
from recsys_lib.checks.comparison import alike, as_numbers, difference, is_plain, same
from recsys_lib.checks.definition import exercise
from recsys_lib.checks.diagnosis import judge
from recsys_lib.checks.outcome import Outcome
from recsys_lib.checks.relations import observe
from recsys_lib.checks.timing import Times, Timing, _is_hidden
from recsys_lib.checks.verdict import Verdict, show
from recsys_lib.widgets.base import LearnersFunction

pytestmark = pytest.mark.usefixtures("without_nbgrader")
MAX_FIRST_CHECK = 12  # times the import of NumPy


def one_norm(q, items):
    """The commonest wrong cosine."""
    return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))


# --- what it says ------------------------------------------------------------------------------------------------


def test_a_wrong_answer_is_told_why():
    """Input, what came back, what was expected, and the hint of the very mistake."""
    text = str(check("cosine", one_norm))
    assert "for q=[3, 4], items=[[4, 3], [30, 40]] you returned [0.09552, 0.995], not [0.96, 1]" in text
    assert "-> You divided by one length for the whole table." in text
    assert "zero vector" in text


def test_html_says_the_same():
    """The notebook's verdict holds the same words, escaped, with a role for screen readers."""
    html = check("cosine", one_norm)._repr_html_()
    assert "You divided by one length for the whole table." in html
    assert 'role="status"' in html
    assert (
        "<script" not in check("cosine", lambda q, items: (_ for _ in ()).throw(ValueError("<script>")))._repr_html_()
    )


def test_success_is_plain():
    """A right answer gets one line."""
    assert str(check("dot", lambda q, items: items @ q)) == "dot: 2 of 2 points - solved"


def test_own_exception_is_shown_with_its_line():
    """The learner sees which line of theirs failed, and no traceback."""

    def cosine(q, items):
        return items.dott(q)

    text = str(check("cosine", cosine))
    assert "AttributeError: 'numpy.ndarray' object has no attribute 'dott'" in text
    assert "return items.dott(q)" in text
    assert "Traceback" not in text


def test_wrong_number_of_arguments_names_the_call():
    """A signature that does not fit is answered with the one that is asked for."""
    assert "(the check calls cosine(q, items))" in str(check("cosine", lambda q: q))


@pytest.mark.parametrize("answer", [None, 3, [1.0], {"a": 1}])
def test_what_is_no_function_is_said(answer):
    """A value in place of a function is a verdict, not an error."""
    verdict = check("cosine", answer)
    assert verdict.points == 0
    assert "not a function" in str(verdict)


def test_unknown_exercise_suggests():
    """A misspelt name is answered with the nearest one."""
    assert "Did you mean cosine" in str(check("cosin", one_norm))


def test_printing_and_warnings_are_shown_not_leaked(capsys):
    """What the function prints comes with the verdict, and nothing reaches the screen by itself."""

    def cosine(q, items):
        print("looking at", q)
        return items @ q / np.zeros(len(items))

    text = str(check("cosine", cosine))
    assert "Your function printed: looking at [3 4]" in text
    assert "NumPy or Python warned: divide by zero" in text
    assert capsys.readouterr() == ("", "")


def test_earlier_mistake_is_mended_first(tmp_path):
    """An answer that calls an earlier wrong answer is told to mend that one, and gets no other diagnosis."""

    @exercise("later_answer_for_a_test", points={"values": 1}, uses=("dot",))
    def later(q, items):
        return items @ q + 1

    later.inputs("values", fixed=get("dot").layer_inputs("values"))(lambda rng: [])
    scope = {"np": np}
    exec("def dot(q, items): return items.sum(axis=1)\ndef later(q, items): return dot(q, items) + 1", scope)
    try:
        text = str(check("later_answer_for_a_test", scope["later"]))
    finally:
        from recsys_lib.checks import definition

        del definition._EXERCISES["later_answer_for_a_test"]
    assert "Mend `dot` first" in text
    assert text.count("->") == 1


@pytest.mark.parametrize(
    "value, text",
    [
        (np.array([0.96, 1.0]), "[0.96, 1]"),
        (np.zeros((40, 8)), "an array of shape (40, 8)"),
        ("dot", "'dot'"),
        (None, "None"),
        (np.int64(3), "3"),
        (1e-7, "1e-7"),
        (object(), "<object>"),
    ],
)
def test_values_are_shown_shortly(value, text):
    """Short values are written out, long ones by their shape."""
    assert show(value) == text


def test_values_that_look_alike_get_more_digits():
    """A difference in the sixth digit is not shown as "you returned 0.96, not 0.96"."""
    text = str(check("cosine", lambda q, items: get("cosine").reference(q, items) * (1 + 3e-6)))
    assert "you returned [0.9600029" in text


# --- what it survives --------------------------------------------------------------------------------------------


def _forever(q, items):
    while True:
        try:
            sum(range(100))
        except:  # noqa: E722 - swallowing everything is the point
            pass


def _recursion(q, items):
    return _recursion(q, items)


def _flood(q, items):
    while True:
        print("x" * 1000)


def _leaves(q, items):
    sys.exit(3)


def _deep(q, items):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return nested


def _huge(q, items):
    return np.zeros((30_000, 300))


@pytest.mark.parametrize("answer", [_forever, _recursion, _flood, _leaves, _deep, _huge], ids=lambda f: f.__name__[1:])
def test_stubborn_answers_end(answer, monkeypatch):
    """Endless loops, bare excepts, recursion, floods and exits end in a verdict, in about the time of a check."""
    # A list that deep is freed by recursion, at whose end Python may complain of a weak reference of anybody's: pytest
    # would look at that complaint where there is no room left to do so.
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.4)
    monkeypatch.setattr(calling, "CHECK_SECONDS", 1.2)
    started = time.process_time()  # of the processor: what a busy machine does meanwhile does not count
    verdict = check("cosine", answer)
    assert time.process_time() - started < 10 * calling.CHECK_SECONDS
    assert verdict.points == 0
    assert len(str(verdict)) < 5_000


def test_late_interrupt_does_not_hit_the_caller():
    """After a call ran out of time, nothing is raised in what follows."""
    for _ in range(5):
        assert call(Local(_forever), (1, 2), seconds=0.01).how == "too long"
        for _ in range(2_000):
            pass


def test_output_is_cut():
    """Only the first ten thousand characters are kept."""
    assert len(call(Local(lambda: print("y" * 50_000))).printed) == MAX_OUTPUT


def test_figures_get_a_sentence_instead_of_an_error():
    """What a learner's function raises in a figure comes back as text."""
    assert call_safely(lambda: 1 / 0) == (None, "raised ZeroDivisionError: division by zero")
    assert call_safely(_forever, 1, 2, seconds=0.1) == (None, "ran longer than 0.1 s")


# --- what it accepts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        list,
        tuple,
        lambda a: a.astype(np.float32),
        lambda a: np.repeat(a, 2)[::2],
        lambda a: np.asmatrix(a).A1,
        lambda a: np.ma.masked_array(a),
        lambda a: [np.float64(x) for x in a],
    ],
    ids=["list", "tuple", "float32", "non-contiguous", "matrix row", "masked", "list of scalars"],
)
def test_forms_of_a_right_result(form):
    """Lists, tuples, float32 and views count as arrays."""
    assert check("dot", lambda q, items: form(items @ q)).solved


def test_read_only_result():
    """A result may be read-only."""

    def dot(q, items):
        result = items @ q
        result.setflags(write=False)
        return result

    assert check("dot", dot).solved


@pytest.mark.parametrize(
    "expected, got, kind",
    [
        (np.array([1.0]), [np.nan], "nan"),
        (np.array([1.0]), 1.0, "shape"),
        (np.array([1.0]), [], "shape"),
        (np.array([1.0]), None, "type"),
        (np.array([1.0]), "1.0", "type"),
        (np.array([1.0]), [[1.0], [1.0, 2.0]], "type"),
        (np.array([1.0]), np.array([object()]), "type"),
        (np.array([1.0]), [1 + 0j], "type"),
        (np.array([1, 2]), [1.0, 2.0], "type"),
        (np.array([1, 2]), [2, 1], "value"),
        (0.5, np.array([0.5]), "type"),
        (0.5, True, "value"),
        (None, 0.5, "type"),
        (True, 1, "type"),
        (True, False, "value"),
        ((np.eye(2), np.eye(2)), np.eye(2), "type"),
        ((np.eye(2), np.eye(2)), (np.eye(2),), "type"),
        (np.array([]), np.zeros((0, 2)), "shape"),
    ],
)
def test_kinds_of_difference(expected, got, kind):
    """Each way of being wrong is told by its kind."""
    assert difference(expected, got).kind == kind


@pytest.mark.parametrize(
    "expected, got",
    [
        (np.array([0.0, 1.0]), [5e-17, 1.0]),
        (np.array([0.0, 0.0]), [5e-17, 0.0]),
        (np.array([]), []),
        (0.5, np.float32(0.5)),
        (None, None),
        (3, np.int64(3)),
        (np.array([np.inf, 1.0]), [np.inf, 1.0]),
        (np.array([1 / 3]), np.array([1 / 3], dtype=np.float32)),
    ],
)
def test_same_values_written_differently(expected, got):
    """Rounding, scalar types and empty arrays of one shape agree."""
    assert same(expected, got)


def test_columns_may_be_flipped_but_only_together():
    """Up to sign: a column may be flipped in all arrays at once, not in one of them."""
    users, items = np.arange(6.0).reshape(3, 2) + 1, np.arange(4.0).reshape(2, 2) - 5
    signs = np.array([1, -1])
    assert same((users, items), (users * signs, items * signs), up_to_sign=True)
    assert not same((users, items), (users * signs, items), up_to_sign=True)
    assert not same((users, items), (users * 2, items), up_to_sign=True)
    assert not same((users, items.T), (users, items), up_to_sign=True)
    assert not same((users, items[:, :1]), (users, items[:, :1] + 1), up_to_sign=True)


# --- what it leaves alone ----------------------------------------------------------------------------------------


def test_random_state_and_arguments_are_kept():
    """A check draws nothing from the learner's random state and hides what the answer drew."""
    np.random.seed(1)
    random.seed(1)
    before = np.random.get_state()[1].copy(), random.getstate()

    def dot(q, items):
        np.random.rand(5)
        random.random()
        return items @ q

    check("dot", dot)
    assert np.array_equal(np.random.get_state()[1], before[0])
    assert random.getstate() == before[1]


def test_warning_filters_and_numpy_settings_are_kept():
    """A check leaves the warning filters as they were."""
    before = list(warnings.filters)
    check("cosine", one_norm)
    assert list(warnings.filters) == before


def test_first_check_is_quick():
    """In a fresh process the first check costs a few times what NumPy's import does, in processor time."""
    code = (
        "from time import process_time as now\nt = now()\nimport numpy as np\nyardstick = now() - t\nt = now()\n"
        "from recsys_lib.checks import check\nstr(check('cosine', lambda q, items: items @ q))\n"
        "print((now() - t) / yardstick)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    print(f"first check: {min(runs):.1f} times the import of NumPy")
    assert min(runs) < MAX_FIRST_CHECK


# --- observations ------------------------------------------------------------------------------------------------

RIGHT = [np.array([1.0, 4.0, -2.0]), np.array([9.0, 2.0]), np.array([0.5, 0.25, 8.0, 3.0])]


@pytest.mark.parametrize(
    "wrong, said",
    [
        (lambda r: r / 2, "half of the right answer"),
        (lambda r: r * 7, "7 times the right answer"),
        (lambda r: -r, "minus the right answer"),
        (lambda r: r**2, "the square of"),
        (lambda r: r[::-1], "in reversed order"),
        (lambda r: np.sort(r), "sorted upwards"),
        (lambda r: np.roll(r, 1), "shifted by one place"),
        (lambda r: r[None], "an axis too many"),
        (lambda r: r + 3, "plus 3"),
        (lambda r: r / np.linalg.norm(r), "divided by its length"),
        (lambda r: r / len(r), "divided by the number of entries"),
        (lambda r: np.round(r, 1) if r[0] == 0.5 else r, "right on 2 of 3|numbers you return are right|rounded to one"),
        (lambda r: r * (1 + abs(r[0])), "times one number, which changes"),
        (lambda r: r**3, "right order"),
        (lambda r: np.where(r > 3, np.nan, r), "NaN"),
    ],
)
def test_relations_are_observed(wrong, said):
    """What a wrong result has to do with the right one is said."""
    import re

    text = observe([(r, wrong(r)) for r in RIGHT])
    assert text is not None
    assert re.search(said, text), text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([False, True, False, True], "True where False is right"),
        ([True, True, True, True], "You return True on every input"),
        ([False, False, False, False], "You return False on every input"),
        ([True, False, True, True], "right on 3 of 4 inputs"),
        ([True, False, True, 1.0], None),
    ],
)
def test_truth_values_are_not_arithmetic(given, said):
    """True and False are compared as such: nobody returns one minus the right answer."""
    found = observe(list(zip([True, False, True, False], given, strict=True)))
    assert found is None if said is None else said in found


def test_the_right_part_of_two_is_named():
    """Where one of two results is right everywhere, that is said: half of the search is over."""
    pairs = [((np.array([1.0, 2.0]), np.array([3.0, 5.0])), (np.array([1.0, 2.0]), np.array([x, 7.0]))) for x in (1, 8)]
    assert observe(pairs) == "Of the 2 results part 1 is right on every input; look at the rest."


def test_nothing_is_observed_where_nothing_holds():
    """Noise gets no relation."""
    rng = np.random.default_rng(0)
    assert observe([(r, rng.normal(size=r.shape) * 10) for r in RIGHT]) is None


# --- under nbgrader ----------------------------------------------------------------------------------------------


def test_autograding_returns_the_bare_number(monkeypatch, capsys):
    """nbgrader reads a number; the report holds hints, but no input, no expected value and no seed."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("COURSE_SEED", "1171")
    points = check("cosine", one_norm)
    report = capsys.readouterr()
    assert points == 0.0 and type(points) is float
    assert "You divided by one length" in report.out
    assert "seed" not in report.out and "1171" not in report.out
    assert report.err == ""
    assert "q=" not in report.out and "returned" not in report.out and "0.96" not in report.out


def test_same_seed_same_grade(monkeypatch):
    """A grade can be drawn again: the seed decides all fresh inputs."""
    exercise = get("cosine")
    one, again = (judge(exercise, Trusted(one_norm), 4).values.failure.args for _ in range(2))
    assert repr(one) == repr(again)


def test_raised_text_is_not_repeated_when_grading(monkeypatch, capsys):
    """An answer cannot smuggle graded inputs out through the text of an exception."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    def cosine(q, items):
        raise RuntimeError(f"secret {q}")

    check("cosine", cosine)
    assert "secret" not in capsys.readouterr().out


def test_validating_says_it_on_stderr(monkeypatch, capsys):
    """The Validate button shows nothing but stderr."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    check("cosine", one_norm)
    assert "You divided by one length" in capsys.readouterr().err
    check("dot", lambda q, items: items @ q)
    assert capsys.readouterr().err == ""


# --- yours or ours -----------------------------------------------------------------------------------------------


def test_a_right_function_is_taken(capsys):
    """The learner's function is used once its values are right, though an edge may still be open."""

    def cosine(q, items):
        with np.errstate(all="ignore"):
            return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))

    chosen = yours_or_ours(cosine, "cosine")
    assert chosen.source == "yours" and chosen.function is cosine
    assert capsys.readouterr().out == ""


class Scorer:
    """A right `dot` that is no function."""

    def __call__(self, q, items):
        return items @ q

    def score(self, q, items):
        return items @ q


def logged(function):
    """A decorator."""

    @functools.wraps(function)
    def inner(*args):
        return function(*args)

    return inner


@pytest.mark.parametrize(
    "answer",
    [
        lambda q, items: items @ q,
        functools.partial(lambda factor, q, items: factor * (items @ q), 1),
        Scorer(),
        Scorer().score,
        logged(lambda q, items: items @ q),
        np.vectorize(lambda q, items: items @ q, signature="(d),(n,d)->(n)"),
    ],
    ids=("lambda", "partial", "object", "method", "decorated", "vectorize"),
)
def test_a_right_answer_need_be_no_function_of_that_name(answer, capsys):
    """Full marks, and the lesson goes on with it, under the name that the lesson gives it; figures too."""
    assert check("dot", answer).solved
    chosen = yours_or_ours(answer, "dot")
    assert (chosen.source, chosen.__name__, chosen.function) == ("yours", "dot", answer)
    assert LearnersFunction(answer, "dot").numbers([3.0], np.array([[4.0]]), shape=(1,)) == ([12], None)
    assert capsys.readouterr().out == ""


def test_a_function_that_spoils_its_input_works_on_copies():
    """The lesson's arrays survive an answer that is right but changes what it is given; that costs one point."""

    def dot(q, items):
        items *= q
        return items.sum(axis=1)

    verdict = check("dot", dot)
    assert verdict.points == verdict.max_points - 1
    assert "changes `items`" in str(verdict) and "costs one point" in str(verdict)
    table = np.array([[4.0, 3.0]])
    assert yours_or_ours(dot, "dot")(np.array([3.0, 4.0]), table) == [24]
    assert table.tolist() == [[4, 3]]


def test_a_right_function_that_would_keep_the_lesson_waiting_is_replaced(capsys):
    """A loop over pairs is right, and is not what three trainings go on with; on a small input it is."""

    def dot(q, items):
        time.sleep(0.0005 * len(items))
        return items @ q

    q, items = np.ones(2), np.ones((2000, 2))
    first = yours_or_ours(dot, "dot")
    assert first.source == "yours" and yours_or_ours(first, "dot") is first
    assert capsys.readouterr().out == ""
    chosen = yours_or_ours(first, "dot", on=(q, items))
    assert chosen.source == "ours" and chosen(q, items).tolist() == [2.0] * 2000
    assert capsys.readouterr().out.startswith("dot: the course's, since yours, which is right, takes some ")
    quick = yours_or_ours(lambda q, items: items @ q, "dot", on=(q, items))
    assert quick.source == "yours"
    assert yours_or_ours(None, "dot", on=(q, items)).source == "ours"


@pytest.mark.parametrize("answer, why", [(one_norm, "not right yet"), (lambda q, items: int("x"), "not right yet")])
def test_a_wrong_function_is_replaced_and_said(answer, why, capsys):
    """A figure goes on with the course's function and says so."""
    chosen = yours_or_ours(answer, "cosine")
    assert chosen.source == "ours"
    assert why in capsys.readouterr().out
    assert np.allclose(chosen([3, 4], [[4, 3]]), 0.96)


def test_a_missing_function_is_replaced(capsys):
    """None and a stub are replaced too."""

    def stub(q, items):
        raise NotImplementedError

    assert yours_or_ours(stub, "cosine").source == "ours"
    assert "is not solved yet" in capsys.readouterr().out
    assert yours_or_ours(None, "cosine").source == "ours"


# --- definitions -------------------------------------------------------------------------------------------------


def test_inputs_for_an_unknown_layer_are_refused():
    """A misspelt layer is an error where the exercise is defined."""
    made = Exercise("x", "lesson", lambda a: a, {"values": 1})
    with pytest.raises(ValueError, match="takes inputs for"):
        made.inputs("valeus", fixed=[])
    with pytest.raises(ValueError, match="has"):
        made.misconception("hint", layer="valeus")


def test_choices_are_judged_with_care():
    """Missing keys, unknown choices and other types are said; capitals and spaces do not matter."""
    right = get("predict_ranking").reference()
    assert check("predict_ranking", lambda: {key: f" {value.lower()} " for key, value in right.items()}).solved
    assert "no answer yet for 'cosine'" in str(check("predict_ranking", lambda: {**right, "cosine": ""}))
    assert "the choices are" in str(check("predict_ranking", lambda: {**right, "cosine": "XYZ"}))
    assert "Return a dictionary" in str(check("predict_ranking", lambda: ["ABC"]))
    assert check("predict_ranking", lambda: dict.fromkeys(right)).unsolved
    assert isinstance(check("predict_ranking", lambda: {**right, "dot": ["ABC"]}), Verdict)


def test_choices_under_other_keys_are_not_unsolved():
    """Who answers under keys of their own is told the right ones, not that nothing was answered."""
    verdict = check("scale_query", lambda: {"A": "same", "B": "same"})
    assert not verdict.unsolved and verdict.points == 0
    assert "which are 'dot', 'cosine'" in str(verdict)


def test_a_subclass_of_the_error_will_do():
    """NumPy's LinAlgError is a ValueError, and the prompt asks for a ValueError."""

    def dot_over_length(q, items):
        lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
        if not lengths.all():
            raise np.linalg.LinAlgError("no direction")
        return items @ q / lengths

    assert check("cosine", dot_over_length).solved


def test_nothing_returned_is_asked_about():
    """The commonest reason is a return that was forgotten."""
    assert difference(True, None).text == "you returned nothing (None), not True or False: is there a return?"


def test_interrupting_a_check_stops_its_watch():
    """A reader who interrupts the kernel gets the interrupt, and nothing later."""

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(Local(interrupted), seconds=0.05)
    for _ in range(3):
        time.sleep(0.05)


def test_results_that_bite_are_a_verdict():
    """A result that raises when it is looked at ends in a sentence."""

    class Key:
        def __str__(self):
            raise RuntimeError

    assert "cannot be looked at" in str(check("predict_ranking", lambda: {Key(): 1}))


def test_a_check_can_be_profiled():
    """Once, a cleared exception left CPython's pending flag up, and a profiled check never ended."""
    code = (
        "import cProfile\nfrom recsys_lib.checks import call_safely\n"
        "profile = cProfile.Profile()\nprofile.enable()\ncall_safely(len, [])\ncall_safely(len, [])\nprofile.disable()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


# --- the speed layer ---------------------------------------------------------------------------------------------


@pytest.fixture
def timed_exercise(monkeypatch):
    """Give a toy with a speed layer, which leaves the course's exercises alone."""
    from recsys_lib.checks import definition

    monkeypatch.setattr(definition, "_EXERCISES", {})

    @exercise("toy_pairs", points={"values": 1, "speed": 1})
    def pairs(x):
        return float(np.sum(np.outer(x, x)))

    @pairs.inputs("values", fixed=[([1, 2],), ([3],), ([1, 0, 2],), ([2, 2],)])
    def _(rng):
        return [(rng.normal(size=5),)]

    @pairs.speed(lambda rng, n: (rng.normal(size=n),), sizes=(500, 4000))
    def _(x):
        return np.sum(x) ** 2

    @pairs.misconception("You wrote out every pair.", layer="speed")
    def every_pair(x):
        return float(np.sum(np.outer(x, x)))

    return pairs


def test_a_slow_answer_loses_the_speed_layer_alone(timed_exercise):
    """All pairs at once, or one by one: the values are right, and the verdict says how many times slower it is."""

    def one_by_one(x):
        return float(sum(a * b for a in x for b in x))

    for answer in (timed_exercise.reference, one_by_one):
        verdict = Verdict(judge(timed_exercise, Local(answer)))
        assert [layer.points for layer in verdict.layers] == [1, 0]
        assert verdict.hints == ["You wrote out every pair."]
        assert "times as long as a way" in str(verdict) or "ran longer than 2 s" in str(verdict)
        assert "(" in verdict.report() and "speed: 0/1" in verdict.report()


def test_a_fast_answer_is_not_timed_in_seconds(timed_exercise):
    """The growth that is asked for is enough, however it is written."""
    assert Verdict(judge(timed_exercise, Trusted(lambda x: x.sum() * x.sum()))).solved


def test_a_fast_answer_must_be_right_on_the_large_input(timed_exercise):
    """Giving up where the input is large saves time and earns nothing."""
    gives_up = Trusted(lambda x: float(x.sum() ** 2) if len(x) < 100 else 0.0)
    verdict = Verdict(judge(timed_exercise, gives_up))
    assert [layer.points for layer in verdict.layers] == [1, 0]
    assert "you returned 0, not" in str(verdict)
    assert "too slow" not in verdict.report()


def test_a_wrong_answer_is_not_timed(timed_exercise):
    """A fast wrong answer earns nothing, and is told that its speed will be looked at later."""
    verdict = Verdict(judge(timed_exercise, Trusted(lambda x: 0.0)))
    assert verdict.points == 0
    assert "is timed once the values are right" in str(verdict)


def measured(seconds, processor, yardstick):
    """Times as if they had been measured."""
    return Times(seconds, processor, yardstick, yardstick, outcome=Outcome("returned", value=0.0))


@pytest.mark.parametrize(
    "small, large, says",
    [
        (measured(1, 1, 1), measured(8, 8, 8), None),
        (measured(20, 20, 1), measured(160, 160, 8), None),  # a constant factor is free
        (measured(50, 20, 1), measured(900, 160, 8), None),  # a busy machine let it wait
        (measured(1, 1, 1), measured(60, 60, 8), "grows 8 times as much"),
        (measured(3, 3, 1), measured(190, 190, 8), "grows 8 times as much"),
        (measured(5, 40, 1), None, "40 times as long"),  # by the clock it is fast: eight processes
        (measured(9, 9, 1), measured(90, 720, 8), "90 times as long"),  # the same on the larger input
        (measured(1, 1, 1), measured(4000, 8, 8), "500 times as long"),  # what works for it is not seen
    ],
)
def test_speed_is_growth_and_processor_time(small, large, says):
    """The times are made up, so that no machine is too busy for the test."""
    said = Timing(small, large).verdict
    assert said is None if says is None else says in said


def test_a_yardstick_needs_its_layer():
    """An exercise without a speed layer takes no yardstick."""
    with pytest.raises(ValueError, match="has no layer 'speed'"):
        get("cosine").speed(lambda rng, n: (), sizes=(1, 2))


# --- how a function is called ------------------------------------------------------------------------------------


def test_without_threads_a_check_still_works(monkeypatch):
    """In a browser no thread can be started: calls go unwatched, and what took too long is said afterwards."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", refuse)
    assert check("dot", lambda q, items: items @ q).solved
    assert "You divided by one length" in str(check("cosine", one_norm))
    assert call_safely(time.sleep, 0.1, seconds=0.05) == (None, "ran longer than 0.05 s")


def test_a_learners_object_is_no_callee_of_ours():
    """An object that has our methods is called like any function, and watched."""

    class Forged:
        patience = 1000.0

        def run(self, args, seconds):
            return args

        def __call__(self, q, items):
            return items @ q

    assert isinstance(callee_of(Forged()), Local)
    assert check("dot", Forged()).solved


def test_the_place_of_an_error_cannot_be_forged():
    """The line that raised comes from the traceback, whatever the exception says of itself."""

    def cosine(q, items):
        error = ValueError("no")
        error.said_where = ((99, "somewhere"), True)
        raise error

    outcome = call(Local(cosine), (1, 2))
    assert outcome.line[1] == "raise error"


# --- mistakes that look alike ------------------------------------------------------------------------------------


@pytest.fixture
def alike_exercise(monkeypatch):
    """Give a toy whose known mistakes agree on the fixed inputs; two of them part where a number is above five."""
    from recsys_lib.checks import definition

    monkeypatch.setattr(definition, "_EXERCISES", {})

    @exercise("toy_double", points={"values": 1})
    def double(x):
        return 2 * x

    @double.inputs("values", fixed=[(1.0,), (2.0,), (3.0,), (4.0,)])
    def _(rng):
        return [(float(x),) for x in rng.uniform(1, 10, size=4)]

    @double.misconception("You returned the number itself.")
    def itself(x):
        return x

    @double.misconception("You cut the number off at five.")
    def cut_off(x):
        return min(x, 5.0)

    @double.misconception("You returned the number, with zero added.")
    def itself_again(x):
        return x + 0.0

    return double


@pytest.mark.parametrize(
    "answer, hints",
    [
        (lambda x: x, ["You returned the number itself."]),
        (lambda x: x if x <= 5 else 5.0, ["You cut the number off at five."]),
        (lambda x: x if x <= 4 else 0.0, []),
    ],
    ids=["the first of two that never part", "the second", "neither"],
)
def test_mistakes_that_fit_alike_are_told_apart_on_more_inputs(alike_exercise, answer, hints):
    """Where several known mistakes fit, the answer is called on drawn inputs; the hint is that of the one left."""
    verdict = Verdict(judge(alike_exercise, Trusted(answer)))
    said = [layer.misconception.hint for layer in verdict.layers if layer.misconception]
    assert said == hints


# --- what a check does once ---------------------------------------------------------------------------------------


def test_one_thread_watches_the_calls_of_a_check(monkeypatch):
    """To start one for each call takes longer than most calls."""
    watchers = []

    class Counted(callee.Watcher):
        def __init__(self):
            super().__init__()
            watchers.append(self)

    monkeypatch.setattr(callee, "Watcher", Counted)
    calls = []

    def dot(q, items):
        calls.append(len(watchers))
        return items @ q

    assert judge(all_exercises()["dot"], Local(dot), 1).points == 2
    assert len(calls) > 8 and set(calls) == {1} and len(watchers) == 1


def test_each_call_of_a_check_begins_with_the_same_random_state():
    """They are looked up once for all calls, and put back after each."""
    drawn = []

    def dot(q, items):
        drawn.append((np.random.normal(), random.random()))
        return items @ q

    np.random.seed(3)
    np.random.normal()  # one of a pair: the other one is kept, and is a part of the state
    assert check("dot", dot).solved
    assert len(drawn) > 4 and set(drawn) == {(np.random.normal(), random.random())}


def test_what_a_known_mistake_does_on_public_inputs_is_found_once(alike_exercise):
    """It hangs on the exercise alone, so a second answer makes it do nothing again."""
    calls = []
    mistake = alike_exercise.misconceptions[0]

    def counted(x):
        calls.append(x)
        return mistake.function(x)

    alike_exercise.misconceptions[0] = dataclasses.replace(mistake, function=counted)
    for _ in range(2):
        verdict = Verdict(judge(alike_exercise, Trusted(lambda x: x)))
        assert [layer.misconception.hint for layer in verdict.layers] == [mistake.hint]
    assert calls[:4] == [1.0, 2.0, 3.0, 4.0] and not set(calls[:4]) & set(calls[4:])


def test_a_judge_is_asked_once_about_each_result(monkeypatch):
    """It may train a model for its answer: that the mistake is named, too, must not take twice as long."""
    exercise = all_exercises()["make_item"]
    asked, judge_result = [], exercise.judge_result

    def counted(args, result):
        asked.append(args)
        return judge_result(args, result)

    monkeypatch.setattr(exercise, "judge_result", counted)
    wrong = next(each for each in exercise.misconceptions if each.name == "wins_elsewhere")
    assert wrong.hint in Verdict(judge(exercise, Trusted(wrong.function))).hints
    assert len(asked) == len(exercise.layer_inputs("values"))


# ------------------------------------------------------------------------------- what a result makes the check do


def memory_for(function, *args):
    """Bytes that a call takes at most beyond what there is."""
    tracemalloc.start()
    try:
        function(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [(10**12, 0), (0, 10**12), (12,) * 15 + (0,), (3, 0), (0, 0)])
def test_an_array_without_entries_is_not_written_out(shape):
    """It may have any number of rows."""
    assert show(np.empty(shape)) == f"an array of shape {shape}"
    assert show(np.empty(0)) == "[]"


@pytest.mark.parametrize(
    "value", [["x" * 99_000, *[""] * 5_000], [b"x" * 99_000, *[b""] * 5_000], [[1.0], [None] * 5_000]]
)
def test_a_list_of_texts_becomes_no_table(value):
    """NumPy would make each of them as wide as the longest."""
    assert as_numbers(value) is None
    assert memory_for(as_numbers, value) < 10**6


def test_two_wrong_results_are_not_made_tables_either():
    """Neither of them is the expected one."""
    texts = [["x" * 99_000, *[""] * 2_000]]
    for one, other in ((texts, [1.0]), ([1.0], texts), (texts, texts), (tuple(texts), (1.0,))):
        assert memory_for(alike, one, other) < 10**6


def test_a_list_within_itself_is_no_number():
    """Nor is one that is deeper than any array."""
    endless: list = []
    endless.append(endless)
    assert as_numbers(endless) is None
    assert not is_plain(endless)


def test_large_results_are_not_related():
    """A relation holds for what is as large as the right answer."""
    pairs = [(np.arange(3.0) + turn, np.full(10**6, turn, np.int8)) for turn in range(9)]
    assert memory_for(observe, pairs) < 10**6
    assert observe(pairs) is None


def test_plain_values_are_plain():
    """A judge looks at those without a watch; at what has code of its own it does not."""

    class Slow(np.ndarray):
        pass

    assert is_plain({"std": 0.1, "l2": np.float32(1), "more": [(1, "a", None, np.eye(2))]})
    assert not any(
        map(
            is_plain,
            (object(), [object()], np.eye(2).view(Slow), np.array([None]), {1: {2}}, type("F", (float,), {})(1)),
        )
    )


@pytest.mark.parametrize(
    ("used", "seconds", "share", "hidden"),
    [
        (0.0, 0.1, 1.0, True),
        (0.04, 0.1, 1.0, True),
        (0.06, 0.1, 1.0, False),
        (0.1, 0.05, 1.0, False),
        (0.0, 0.01, 1.0, False),
        (-0.1, 0.01, 0.1, True),
        (0.04, 0.1, 0.5, False),  # on a busy machine whoever works gets a part of the time
        (0.02, 0.1, 0.5, True),
        (0.0, 0.1, 0.1, True),
    ],
)
def test_what_hides_counts_by_the_clock(used, seconds, share, hidden):
    """Time that goes by without processor time is somebody's, unless it is short, or the machine is busy."""
    assert _is_hidden(used, seconds, share) == hidden
