"""The few names of the course that the snapshot calls: the one file to change when code moves."""

from __future__ import annotations

import json

from classroom.common import lesson_names
from classroom.group.folder import Course
from classroom.group.run import grade_class
from tests.grading.submissions import make_course, notebook

__all__ = ["grade_lesson", "lesson_names", "release_notebook"]


def release_notebook(lesson):
    """The learner's notebook, parsed."""
    return notebook(lesson)


def grade_lesson(folder, lesson, students, seed):
    """Grade a class; yield student, record, notebook."""
    root = make_course(folder, students, lesson=lesson)
    grade_class(lesson, root, seed=seed, progress=False, workers=1)
    course = Course(root, lesson)
    for student in students:
        record = json.loads(course.result_path(student).read_text(encoding="utf-8"))
        path = course.autograded(student) / f"{lesson}.ipynb"
        yield student, record, json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
