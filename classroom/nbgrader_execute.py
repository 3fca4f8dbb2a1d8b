"""With what plain `nbgrader autograde` reads submissions within limits, runs them in the sandbox, and tells late ones.

nbgrader_config.py names the classes.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from classroom.sandbox.namespaces import bubblewrap, require_hidden
from classroom.student_names import problem_with
from classroom.submission.grade import UNSAFE, fresh_seed, grade_submission
from classroom.submission.lesson import Lesson
from classroom.submission.reading import MAX_BYTES, SubmissionError
from classroom.submission.record import State
from classroom.submission.texts import rebuilt


def _preprocessor() -> type:
    """Make the class; only when it is asked for, since importing nbgrader takes a second."""
    import nbformat
    from nbgrader.preprocessors import NbGraderPreprocessor
    from traitlets import Bool

    class SandboxedExecute(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
        """Grade a submission in the sandbox, where nbgrader would run it with the teacher's rights."""

        isolated = Bool(True, help="False runs students' code with your own rights, and says so.").tag(config=True)

        def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
            """Return the notebook with the outputs from which nbgrader reads the points."""
            if self.isolated:
                bubblewrap()
                require_hidden(Path.cwd())
            else:
                self.log.warning(UNSAFE)
            about = resources["nbgrader"]
            if problem := problem_with(about["student"]):
                raise SubmissionError(f"{about['student']!r}: the folder's name {problem}: rename it")
            lesson = _lesson(about, self.config, isolated=self.isolated)
            data = json.dumps(nb).encode()
            graded = grade_submission(lesson, about["student"], data, fresh_seed())
            if graded.status is not State.GRADED:
                raise SubmissionError(f"{about['student']}: {graded.status}: {graded.record.cause}")
            if graded.record.cause:
                self.log.warning("%s: %s", about["student"], graded.record.cause)
            return nbformat.from_dict(graded.notebook), resources

    return SandboxedExecute


def _lesson(about: Any, config: Any, *, isolated: bool = True) -> Lesson:
    """Return what the lesson is graded by that nbgrader is at, with a gradebook of its own."""
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

    from classroom.group.gradebook import lesson_from

    directory = CourseDirectory(root=os.getcwd(), assignment_id=about["assignment"], config=config)
    with Gradebook(about["db_url"]) as gradebook:
        return lesson_from(gradebook, directory, about["assignment"], isolated=isolated)


def _exporter() -> type:
    """Make the class; only when it is asked for, since importing nbconvert takes a second."""
    from nbconvert.exporters import NotebookExporter

    class SubmissionExporter(NotebookExporter):
        """Reads a notebook as `grade-class` does: rebuilt from the release, in a process that may die."""

        def from_file(self, file_stream: Any, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
            """Return a notebook as text, once the preprocessors have seen it rebuilt.

            Raises
            ------
            SubmissionError
                If the file is no notebook of the lesson, or reading it takes more than is allowed.
            """
            data = file_stream.read(MAX_BYTES + 1).encode()
            made = rebuilt(data, _lesson(resources["nbgrader"], self.config))
            for note in made.notes:
                self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
            found: tuple[Any, Any] = super().from_file(io.StringIO(json.dumps(made.notebook)), resources, **kw)
            return found

    return SubmissionExporter


def _penalties() -> type:
    """Make the class; only when it is asked for, since importing nbgrader takes a second."""
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import AssignLatePenalties as Stock

    class AssignLatePenalties(Stock):  # type: ignore[misc]  # nbgrader has no types
        """Give nbgrader's penalties for late work where it is known to be late, as `grade-class` does."""

        def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
            """Return the notebook as it is, once the penalty is in the gradebook."""
            from classroom.group.collect import Submission, read
            from classroom.group.late import LateRules

            about = resources["nbgrader"]
            lesson, student = about["assignment"], about["student"]
            directory = CourseDirectory(root=os.getcwd(), assignment_id=lesson, config=self.config)
            found = read(Path(os.getcwd(), str(directory.submitted_directory)), student, lesson)
            timestamp = found.receipt.timestamp if isinstance(found, Submission) else ""
            with Gradebook(about["db_url"]) as gradebook:
                late = LateRules(directory, self).hold(gradebook, lesson, student, timestamp)
                gradebook.db.commit()
            if str(late):
                self.log.warning("%s: %s", student, late)
            return nb, resources

    return AssignLatePenalties


_CLASSES: dict[str, Callable[[], type]] = {
    "SandboxedExecute": _preprocessor,
    "SubmissionExporter": _exporter,
    "AssignLatePenalties": _penalties,
}


def __getattr__(name: str) -> Any:
    if name in _CLASSES:
        made = globals()[name] = _CLASSES[name]()
        return made
    raise AttributeError(name)
