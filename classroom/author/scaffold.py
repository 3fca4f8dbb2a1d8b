"""Write the scaffold of a new exercise: its definition, its three cells and an empty file of attempts."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template

from classroom.common import CourseError, find_lesson, lesson_names, lesson_number

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
RESERVED_ENDINGS = ("_check", "_why")  # a grade_id that ends so is that of a graded cell
RECAP = "# %% [markdown]\n# ## Recap\n"
STATED_POINTS = re.compile(r"(?<=\*\*Points:\*\* )\d+")
KINDS = ("values", "property", "answer")


def new_exercise(root: Path, lesson: str, name: str, *, points: int | None = None, kind: str = "values") -> list[Path]:
    """Write what a new exercise needs, all of it or nothing, and return the files.

    The definition is a small exercise that works: its author replaces one marked part after the other.

    Parameters
    ----------
    root : Path
        The folder of the course.
    lesson : str
        A lesson, as L03 or L03_three_measures.
    name : str
        The learner's function, new in the course.
    points : int, optional
        What the exercise is worth: 2 where absent, always 1 for the kind "answer".
    kind : {"values", "property", "answer"}
        How a result is judged, as in `recsys_lib.checks.definition.Exercise`.

    Raises
    ------
    CourseError
        If the name cannot be used or is taken, the lesson does not exist, or the points do not fit the kind.
    """
    root = Path(root)
    lesson = find_lesson(lesson, lesson_names(root / "solutions"))
    points = _checked_points(points, kind)
    _check_name(root, name)
    source = root / "solutions" / lesson / f"{lesson}.py"
    package = root / "recsys_lib" / "exercises" / lesson.partition("_")[2]
    attempts = root / "tests" / "attempts" / package.name / f"{name}.jsonl"
    new = {package / f"{name}.py": _filled(DEFINITIONS[kind], name, points), attempts: ""}
    for path in new:
        if path.exists():
            raise CourseError(f"name is {name!r}, and {path.relative_to(root)} is there already; take another name")
    old = source.read_text(encoding="utf-8")
    if not (package / "__init__.py").exists():
        new[package / "__init__.py"] = f'"""{_title(old, lesson)}"""\n'
    _write_all({**new, source: _with_cells(old, lesson, name, points, kind)})
    return [*new, source]


def _checked_points(points: int | None, kind: str) -> int:
    if kind == "answer" and points not in (None, 1):
        raise CourseError(f"points is {points}; an exercise of the kind 'answer' has 1 point")
    if points is not None and points < 1:
        raise CourseError(f"points is {points}; a whole number is allowed, 1 or more")
    return points or (1 if kind == "answer" else 2)


def _check_name(root: Path, name: str) -> None:
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or name.endswith(RESERVED_ENDINGS):
        raise CourseError(
            f"name is {name!r}; small letters and digits are allowed, in words joined by one _, such as 'norm_share', "
            "the first a letter and the last neither 'check' nor 'why'"
        )
    for path in sorted((root / "recsys_lib" / "exercises").glob(f"*/{name}.py")):
        raise CourseError(f"name is {name!r}, which {path.relative_to(root)} defines already; take another name")
    for path in sorted((root / "solutions").glob("*/*.py")):
        if f'"grade_id": "{_grade_id(name)}"' in path.read_text(encoding="utf-8"):
            raise CourseError(f"name is {name!r}, which {path.relative_to(root)} asks for already; take another name")


def _grade_id(name: str) -> str:
    return name.replace("_", "-")


def _filled(template: str, name: str, points: int, **more: object) -> str:
    s = "" if points == 1 else "s"
    return Template(template).substitute(name=name, grade_id=_grade_id(name), points=points, s=s, **more)


def _title(source: str, lesson: str) -> str:
    found = re.search(r"^# # (\w+ \d+)\. (.+)$", source, re.MULTILINE)
    return f"{found[1]}: {found[2].rstrip('.')}." if found else f"{lesson}."


def _with_cells(source: str, lesson: str, name: str, points: int, kind: str) -> str:
    """Return the lesson's text with the three cells before its recap, and with the points of its opening added up."""
    before, recap, after = source.rpartition(RECAP)
    if not recap:
        raise CourseError(f"{lesson} has no cell that begins with '## Recap', before which the new cells would stand")
    numbers = re.findall(r"^# ## Exercise E?\d+\.(\d+) ", source, re.MULTILINE)
    number = f"{lesson_number(lesson)}.{max(map(int, numbers), default=0) + 1}"
    cells = _filled(CELLS, name, points, number=number, prompt=PROMPTS[kind], answer=ANSWERS[kind])
    before = STATED_POINTS.sub(lambda stated: str(int(stated[0]) + points), before, count=1)
    return before + Template(cells).substitute(name=name) + recap + after


def _write_all(texts: dict[Path, str]) -> None:
    """Write every file, or leave all as they were."""
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    folders = [folder for path in texts for folder in (path.parent,) if not folder.exists()]
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        for path, data in before.items():
            if data is not None:
                path.write_bytes(data)
            elif path.exists():
                path.unlink()
        for folder in folders:
            if folder.exists():
                folder.rmdir()
        raise CourseError(f"nothing was written: {error}") from error


CELLS = """\
# %% [markdown]
# ## Exercise $number ($points point$s): TODO a title of a few words
#
# TODO the prompt: the shape of each argument and of the result, and the rule for every edge.
# $prompt
#
# *Ask yourself first:* TODO a question whose answer leads to the solution.


# %% nbgrader={"grade": false, "grade_id": "$grade_id", "locked": false, "schema_version": 3, "solution": true, "task": false}
$answer


# %% nbgrader={"grade": true, "grade_id": "$grade_id-check", "locked": true, "points": $points, "schema_version": 3, "solution": false, "task": false}
check("$name", $name)

"""  # noqa: E501 - jupytext keeps a cell's metadata on one line

PROMPTS = {
    "values": "Complete `$name(items)`: `items` has shape `(n, d)`; return the mean of each row, shape `(n,)`.",
    "property": "Complete `$name(low, high)`: return any number between the two, and neither of them.",
    "answer": 'Complete `$name()`: for each case write `"yes"` or `"no"`.',
}

ANSWERS = {
    "values": '''\
def $name(items):
    """TODO what it returns, with shapes.

    >>> $name(np.array([[1.0, 3.0]]))
    array([2.])
    """
    ### BEGIN SOLUTION
    return items.mean(axis=1)
    ### END SOLUTION''',
    "property": '''\
def $name(low, high):
    """TODO what it returns."""
    ### BEGIN SOLUTION
    return (low + high) / 2
    ### END SOLUTION''',
    "answer": '''\
def $name():
    """TODO which keys the dictionary has, and what stands for each."""
    ### BEGIN SOLUTION
    return {"first": "yes", "second": "no", "third": "yes"}
    ### END SOLUTION''',
}

DEFINITIONS = {
    "values": '''\
"""TODO what the exercise asks, in one line."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


# TODO the reference: the arguments, and the plainest code that is right.
@exercise("$name", points={"values": $points})
def $name(items):
    """TODO how the answer is found, in one line."""
    return np.sum(items, axis=1) / items.shape[1]


# TODO fixed inputs, four or more: a tuple of arguments each, smallest first, since the learner is shown the first on
# which an answer is wrong. And fresh ones, three or more, drawn from rng alone: on these an answer is graded.
@$name.inputs("values", fixed=[([[1, 3]],), ([[1, 2], [3, 6]],), ([[0, 1, 5], [2, 2, 8]],), ([[4, -2], [1, 0]],)])
def _(rng):
    return [(rng.normal(size=shape),) for shape in [(3, 2), (4, 4), (2, 5)]]


# TODO misconceptions, three or more: a wrong answer that people give, and a sentence that names it and gives no code.
@$name.misconception("You took the mean down the columns; an item is a row.")
def mean_of_columns(items):
    return items.mean(axis=0)


@$name.misconception("You added up each row and stopped; what turns a sum into a mean?")
def sum_of_rows(items):
    return items.sum(axis=1)


@$name.misconception("You made one number of the whole table; each item has a mean of its own.")
def mean_of_all(items):
    return items.mean()


# TODO alternatives, three or more: right answers that are written differently.
@$name.alternative
def by_a_loop(items):
    return [sum(item) / len(item) for item in items]


@$name.alternative
def by_a_product(items):
    return items @ np.full(items.shape[1], 1 / items.shape[1])


@$name.alternative
def in_float32(items):
    return items.astype(np.float32).mean(axis=1)
''',
    "property": '''\
"""TODO what the exercise asks, in one line."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.comparison import as_numbers
from recsys_lib.checks.definition import exercise


# TODO the reference: the arguments, and one right answer among many.
@exercise("$name", kind="property", points={"values": $points})
def $name(low, high):
    """TODO how the answer is found, in one line."""
    return (low + high) / 2


# TODO fixed inputs, four or more: a tuple of arguments each, smallest first, since the learner is shown the first on
# which an answer is wrong. And fresh ones, three or more, drawn from rng alone: on these an answer is graded.
@$name.inputs("values", fixed=[(0, 1), (2, 3), (-1, 4), (10, 30)])
def _(rng):
    return [(low, low + width) for low, width in rng.uniform(0.5, 9, size=(3, 2)).tolist()]


# TODO the form of a result: () for a number, a shape, or a tuple or dictionary of these. The judge: None where the
# result is right, else the name of a misconception below, or a sentence.
@$name.judge(lambda low, high: ())
def _(args, result):
    low, high = args
    number = as_numbers(result)
    if number is None or number.ndim or not np.isfinite(number):
        return "one finite number is asked for"
    if low < number < high:
        return None
    if number in (low, high):
        return "an_end"
    return "above_both" if number > high else "below_both"


# TODO misconceptions, three or more: a wrong answer that people give, and a sentence that names it and gives no code.
@$name.misconception("You returned one of the two ends; a number between them is asked for.")
def an_end(low, high):
    return low


@$name.misconception("Your number is larger than both; did you add where half of that was meant?")
def above_both(low, high):
    return abs(low) + abs(high) + 1


@$name.misconception("Your number is smaller than both; which way round did you subtract?")
def below_both(low, high):
    return low - high


# TODO alternatives, three or more: other right answers.
@$name.alternative
def a_quarter_up(low, high):
    return low + (high - low) / 4


@$name.alternative
def mean_of_both(low, high):
    return np.mean([low, high])


@$name.alternative
def three_quarters_in_float32(low, high):
    return np.float32(0.25 * low + 0.75 * high)
''',
    "answer": '''\
"""TODO what the exercise asks, in one line."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise


# TODO the right choices, and what may be chosen: for each key, or for "*", all of them.
@exercise("$name", kind="answer", points={"values": $points}, choices={"*": ["yes", "no"]})
def $name():
    """TODO how one finds them, in one line."""
    return {"first": "yes", "second": "no", "third": "yes"}


# TODO a sentence for each typical wrong choice, three or more.
$name.wrong_choice("The first is a yes; what would a no mean there?", {"first": "no"})
$name.wrong_choice("The second is a no; what would a yes mean there?", {"second": "yes"})
$name.wrong_choice("The third is a yes; how does it differ from the second?", {"third": "no"})


# TODO alternatives, three or more: the right choices, written as people write them.
@$name.alternative
def in_capitals():
    return {key: value.upper() for key, value in $name.reference().items()}


@$name.alternative
def turned_round():
    return dict(reversed(list($name.reference().items())))


@$name.alternative
def with_a_note():
    return {**$name.reference(), "note": "the second was hard"}
''',
}
