"""Each exercise lies in a file of its own, in the package of its lesson."""

import pkgutil
import subprocess
import sys

import pytest

from recsys_lib import exercises
from recsys_lib.checks import all_exercises, definition
from recsys_lib.checks.definition import exercise


def misplaced(known, files):
    """Names of the exercises that no file is named after, and of the files that define no exercise of their name."""
    expected = {f"{exercises.__name__}.{made.lesson}.{name}": made for name, made in known.items()}
    wrong = {made.name for place, made in expected.items() if made.reference.__module__ != place}
    return wrong | (files - expected.keys())


def files_of_exercises():
    """Modules of the lessons' packages, those with a leading underscore left out."""
    found = pkgutil.walk_packages(exercises.__path__, f"{exercises.__name__}.")
    return {module.name for module in found if not module.ispkg and not module.name.rpartition(".")[2].startswith("_")}


def test_each_file_is_named_as_its_exercise():
    """The file, the exercise and the learner's function have one name, and a file defines one exercise."""
    assert misplaced(all_exercises(), files_of_exercises()) == set()
    assert {made.reference.__name__ for made in all_exercises().values()} == set(all_exercises())


def test_a_file_of_another_name_is_seen(monkeypatch):
    """An exercise in a file that is not named after it is misplaced, and so is a file that defines none."""
    monkeypatch.setattr(definition, "_EXERCISES", dict(all_exercises()))

    def angle(q, items):
        return items @ q

    angle.__module__ = "recsys_lib.exercises.three_measures.cosine"
    exercise("angle", points={"values": 1})(angle)
    files = files_of_exercises() | {"recsys_lib.exercises.three_measures.sine"}
    assert misplaced(all_exercises(), files) == {"angle", "recsys_lib.exercises.three_measures.sine"}


def test_two_files_cannot_define_one_exercise(monkeypatch):
    """A copied file whose exercise keeps its name is refused, also within a lesson."""
    monkeypatch.setattr(definition, "_EXERCISES", dict(all_exercises()))

    def dot(q, items):
        return items @ q

    dot.__module__ = "recsys_lib.exercises.three_measures.inner_product"
    with pytest.raises(ValueError, match=r"name is 'dot', which recsys_lib\.exercises\.three_measures\.dot has"):
        exercise("dot", points={"values": 1})(dot)


def test_the_order_does_not_depend_on_what_was_imported_first():
    """Exercises are in the order of lesson and name, in a process that imported one of the last before the others."""
    code = (
        "from recsys_lib.exercises.two_ways.top_k import top_k\n"
        "from recsys_lib.checks import all_exercises\n"
        "print(*all_exercises())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == list(all_exercises())
