"""Keep nbgrader from taking what a student wrote for a name or a time that it is not (see nbgrader_config.py).

Formgrader's pages are filled in without escaping: a folder in submitted/, or a link that somebody wrote, can name a
"student" that is a script, which would run with the rights of whoever grades. nbgrader's reader of times opens what
timestamp.txt names, and its converters take "Ada [x]" for a pattern, which no folder of that name fits. Its settings
are read in each of its processes, so that they are where this can be mended.
"""

from __future__ import annotations

import functools
import glob
import os
import sys
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from classroom.group.collect import time_of_folder
from classroom.group.late import zone_of
from classroom.nbgrader_server import guard
from classroom.student_names import problem_with

_MODULE = "nbgrader.server_extensions.formgrader.base"
_COURSE_DIRECTORY = "nbgrader.coursedir"
_CONVERTERS = "nbgrader.converters.base"
_HANDLERS = "nbgrader.server_extensions.formgrader.handlers"
#: A page that shows an answer loads no picture but those in it; a file beside it runs nothing, as Jupyter's own do.
PAGE_POLICY = "img-src data:; object-src 'none'; frame-src 'none'"
FILE_POLICY = "sandbox"
_UNSAFE = frozenset("<>\"'&\\`")


def harden(course: Path) -> None:
    """Let formgrader show allowed names and the course's own files alone, where this process serves it; once is enough.

    In any process of nbgrader's: let a timestamp be read by a form of ours alone, and a student's folder be found by
    its name.

    Parameters
    ----------
    course : Path
        The course's folder.
    """
    directory = sys.modules.get(_COURSE_DIRECTORY)
    if directory is not None:
        directory.CourseDirectory.get_existing_timestamp = _existing_timestamp
    converters = sys.modules.get(_CONVERTERS)
    if converters is not None:
        vars(converters)["glob"] = _Glob
    base = sys.modules.get(_MODULE)
    if base is None:
        return
    from nbgrader.apps.api import NbGraderAPI

    if not hasattr(base.BaseHandler.render, "__wrapped__"):
        base.BaseHandler.render = _checked(base.BaseHandler.render)
    handlers = sys.modules.get(_HANDLERS)
    if handlers is not None and not hasattr(handlers.FormgraderHandler, "of_this_course"):
        handlers.FormgraderHandler.of_this_course = True
        handlers.FormgraderHandler.get = _of_this_course(handlers.FormgraderHandler.get)
        handlers.SubmissionHandler.get = _with_policy(handlers.SubmissionHandler.get, PAGE_POLICY)
        files = handlers.SubmissionFilesHandler
        files.get = _with_policy(files.get, FILE_POLICY)
        files.parse_url_path = _below(files.parse_url_path)
        guard(course)
    if not hasattr(NbGraderAPI.get_submitted_students, "__wrapped__"):
        NbGraderAPI.get_submitted_students = _filtered(NbGraderAPI.get_submitted_students)
    NbGraderAPI.get_submitted_timestamp = _submitted_timestamp


class _Glob:
    """In place of `glob` where nbgrader looks for students' folders, and for the notebooks in one of them."""

    @staticmethod
    def glob(pattern: str) -> list[str]:
        """Return the paths that fit a pattern, or the one path that is called so; no folder's name is a pattern."""
        if os.path.lexists(pattern):
            return [pattern]
        folder, name = os.path.split(pattern)
        return glob.glob(os.path.join(glob.escape(folder), name) if os.path.isdir(folder) else pattern)


def _checked(render: Any) -> Any:
    @functools.wraps(render)
    def checked(self: Any, name: str, **values: Any) -> Any:
        from tornado.web import HTTPError

        student = values.get("student_id")
        if student is not None and problem_with(student):
            raise HTTPError(404, "no student is called so")
        if any(_UNSAFE & set(str(values.get(key, ""))) for key in ("assignment_id", "notebook_id")):
            raise HTTPError(404, "no lesson is called so")
        return render(self, name, **values)

    return checked


def _of_this_course(get: Any) -> Any:
    """Refuse to open another folder as a course: its nbgrader_config.py would run, which may be a student's."""

    @functools.wraps(get)
    def checked(self: Any, *args: Any, **values: Any) -> Any:
        from tornado.web import HTTPError

        if self.get_query_arguments("path") or self.get_body_arguments("path"):
            raise HTTPError(404, "this server is for one course alone")
        return get(self, *args, **values)

    return checked


def _with_policy(get: Any, policy: str) -> Any:
    @functools.wraps(get)
    def checked(self: Any, *args: Any, **values: Any) -> Any:
        self.set_header("Content-Security-Policy", f"{self.content_security_policy}; {policy}")
        return get(self, *args, **values)

    return checked


def _below(parse: Any) -> Any:
    """Refuse a path that leads out of the folder that it begins in."""

    @functools.wraps(parse)
    def checked(self: Any, url_path: str) -> Any:
        from tornado.web import HTTPError

        parts = unquote(url_path).replace("\\", "/").strip("/").split("/")
        if ".." in parts or "" in parts or any(":" in part for part in parts):
            raise HTTPError(404, "no such file")
        return parse(self, url_path)

    return checked


def _filtered(students: Any) -> Any:
    @functools.wraps(students)
    def filtered(self: Any, assignment_id: str) -> set[str]:
        return {name for name in students(self, assignment_id) if problem_with(name) is None}

    return filtered


def _existing_timestamp(self: Any, dest_path: str) -> datetime | None:
    """In place of `CourseDirectory.get_existing_timestamp`, whose parser opens files that a timestamp names."""
    time, said = time_of_folder(dest_path, _zone(self))
    if said:
        self.log.warning("%s: %s", dest_path, said)
    return time


def _submitted_timestamp(self: Any, assignment_id: str, student_id: str) -> datetime | None:
    """In place of `NbGraderAPI.get_submitted_timestamp`; formgrader asks it for every student of a page."""
    theirs = self.coursedir.format_path(self.coursedir.submitted_directory, student_id, assignment_id)
    return time_of_folder(theirs, _zone(self.coursedir))[0]


def _zone(directory: Any) -> tzinfo | None:
    """Return the zone that the settings name; nbgrader's commands read these after they have made the directory."""
    configs = (directory.config, getattr(directory.parent, "config", {}))
    return next(filter(None, map(zone_of, configs)), None)
