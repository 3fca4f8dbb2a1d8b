"""A preprocessor with which plain `nbgrader autograde` runs submissions in the sandbox (see nbgrader_config.py)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from classroom.sandbox.namespaces import bubblewrap, require_hidden
from classroom.student_names import problem_with
from classroom.submission.grade import UNSAFE, fresh_seed, grade_submission
from classroom.submission.reading import SubmissionError
from classroom.submission.record import State


def _preprocessor() -> type:
    """Make the class; only when it is asked for, since importing nbgrader takes a second."""
    import nbformat
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import NbGraderPreprocessor
    from traitlets import Bool

    class SandboxedExecute(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
        """Grade a submission in the sandbox, where nbgrader would run it with the teacher's rights."""

        isolated = Bool(True, help="False runs students' code with your own rights, and says so.").tag(config=True)

        def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
            """Return the notebook with the outputs from which nbgrader reads the points."""
            from classroom.group.gradebook import lesson_from

            if self.isolated:
                bubblewrap()
                require_hidden(Path.cwd())
            else:
                self.log.warning(UNSAFE)
            about = resources["nbgrader"]
            if problem := problem_with(about["student"]):
                raise SubmissionError(f"{about['student']!r}: the folder's name {problem}: rename it")
            directory = CourseDirectory(root=os.getcwd(), assignment_id=about["assignment"], config=self.config)
            with Gradebook(about["db_url"]) as gradebook:
                lesson = lesson_from(gradebook, directory, about["assignment"], isolated=self.isolated)
            data = json.dumps(nb).encode()
            graded = grade_submission(lesson, about["student"], data, fresh_seed())
            if graded.status is not State.GRADED:
                raise SubmissionError(f"{about['student']}: {graded.status}: {graded.record.cause}")
            return nbformat.from_dict(graded.notebook), resources

    return SandboxedExecute


def __getattr__(name: str) -> Any:
    if name == "SandboxedExecute":
        made = globals()[name] = _preprocessor()
        return made
    raise AttributeError(name)
