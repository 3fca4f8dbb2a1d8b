"""Keep the Jupyter server of whoever grades from opening what students handed in as if it were a file of its own.

A notebook may hold more than cells: figures that JupyterLab makes anew as soon as the notebook is opened, outputs that
load files with the reader's login, the names of other files that are written with it; and a kernel that is started
beside it runs what lies there. So the server gives out no file of a student's, writes none, typesets none and starts
nothing there. Formgrader, which reads them by itself, shows what they wrote.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Where nbgrader keeps what students handed in, and what it makes of it.
FOLDERS = ("submitted", "downloaded", "autograded", "feedback")
_VALIDATING = "nbgrader.server_extensions.validate_assignment.handlers"


def guard(course: Path) -> None:
    """Let the server of this process open no file of a student's; once is enough.

    Parameters
    ----------
    course : Path
        The course's folder, with those of the students in it.
    """
    from jupyter_server.base.handlers import AuthenticatedFileHandler
    from jupyter_server.files.handlers import FilesHandler
    from jupyter_server.nbconvert.handlers import NbconvertFileHandler
    from jupyter_server.services.contents import filemanager
    from jupyter_server.services.contents.handlers import CheckpointsHandler, ContentsHandler, ModifyCheckpointsHandler
    from jupyter_server.services.kernels.handlers import MainKernelHandler
    from jupyter_server.services.sessions.handlers import SessionHandler, SessionRootHandler
    from jupyter_server.view.handlers import ViewHandler

    for manager in (filemanager.FileContentsManager, filemanager.AsyncFileContentsManager):
        if hasattr(manager.get, "__wrapped__"):
            return
        _replace(manager, "get", _closed, course)
        _replace(manager, "file_exists", _without_settings, course)
    handlers: list[tuple[Any, tuple[str, ...]]] = [
        (ContentsHandler, ("put", "post", "patch", "delete")),
        (CheckpointsHandler, ("get", "post")),
        (ModifyCheckpointsHandler, ("post", "delete")),
        (AuthenticatedFileHandler, ("get", "head")),  # as /files/: from the disk, without asking the manager
        (FilesHandler, ("get", "head")),
        (ViewHandler, ("get",)),
        (NbconvertFileHandler, ("get",)),
        (MainKernelHandler, ("post",)),
        (SessionRootHandler, ("post",)),
        (SessionHandler, ("patch",)),
    ]
    if (validating := sys.modules.get(_VALIDATING)) is not None:
        handlers.append((validating.ValidateAssignmentHandler, ("post",)))
    for handler, methods in handlers:
        for method in methods:
            _replace(handler, method, _refused, course)


def _replace(
    owner: Any, name: str, wrap: Callable[[Callable[..., Any], Path], Callable[..., Any]], course: Path
) -> None:
    setattr(owner, name, wrap(getattr(owner, name), course))


def _of_students(course: Path, manager: Any, path: str) -> bool:
    """Whether a path lies in a folder of students, as the file manager reads it or, an absolute one, the system."""
    readings: list[Callable[[], str]] = [lambda: manager._get_os_path(path.strip("/"))]
    if os.path.isabs(path):
        readings.append(lambda: path)
    places: set[Path] = set()
    for reading in readings:
        with contextlib.suppress(Exception):  # a path that is none, or a manager without files
            place = Path(reading()).resolve()
            places |= {place, *place.parents}
    theirs = [course / name for name in FOLDERS if (course / name).exists()]
    return any(os.path.samefile(place, one) for place in places if place.exists() for one in theirs)


def _closed(get: Callable[..., Any], course: Path) -> Callable[..., Any]:
    """Return the way in which files are read, but for those of students; folders may be listed."""

    @functools.wraps(get)
    def checked(self: Any, path: str, content: Any = True, *args: Any, **options: Any) -> Any:
        if content and _of_students(course, self, path) and not os.path.isdir(self._get_os_path(path.strip("/"))):
            raise _refusal()
        return get(self, path, content, *args, **options)

    return checked


def _without_settings(exists: Callable[..., Any], course: Path) -> Callable[..., Any]:
    """Return the way in which a file is looked for, by which jupytext finds no settings where students have files.

    It looks for them as soon as a folder is listed, reads them by itself, and runs those that are a program.
    """

    def is_hidden(self: Any, path: str) -> bool:
        config = sys.modules.get("jupytext.config")
        if config is None:
            return False
        names = (*config.JUPYTEXT_CONFIG_FILES, config.PYPROJECT_FILE)
        return path.rpartition("/")[2] in names and _of_students(course, self, path)

    if inspect.iscoroutinefunction(exists):

        @functools.wraps(exists)
        async def checked_later(self: Any, path: str) -> bool:
            return not is_hidden(self, path) and bool(await exists(self, path))

        return checked_later

    @functools.wraps(exists)
    def checked(self: Any, path: str) -> bool:
        return not is_hidden(self, path) and bool(exists(self, path))

    return checked


def _refused(answer: Callable[..., Any], course: Path) -> Callable[..., Any]:
    """Return a handler's method that refuses what lies in a folder of students, whichever way it names a path."""

    from tornado.web import HTTPError

    @functools.wraps(answer)
    async def checked(self: Any, *args: Any, **named: Any) -> Any:
        try:
            body = self.get_json_body()
        except HTTPError:  # a form, whose fields are arguments
            body = None
        asked = [*args, *named.values(), *self.get_arguments("path"), *_paths(body)]
        if any(isinstance(one, str) and _of_students(course, self.contents_manager, one) for one in asked):
            raise _refusal()
        found = answer(self, *args, **named)
        return await found if inspect.isawaitable(found) else found

    return checked


def _paths(body: Any) -> list[Any]:
    """Return what a body in JSON names as paths; older clients name a session's within its notebook."""
    if not isinstance(body, dict):
        return []
    older = body.get("notebook")
    return [body.get("path"), body.get("copy_from"), older.get("path") if isinstance(older, dict) else None]


def _refusal() -> Exception:
    from tornado.web import HTTPError

    return HTTPError(403, "this is what a student handed in: formgrader shows it")
