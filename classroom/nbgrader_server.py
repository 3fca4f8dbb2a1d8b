"""Keep the Jupyter server of whoever grades from taking what students handed in for files of its own.

A notebook may hold more than cells: what its widgets looked like, which JupyterLab makes anew and runs as soon as the
notebook is opened, and which other files are "the same" notebook, which are then written with it. So the server gives
out submissions without it, for reading alone, and typesets none of them in its own process.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Where nbgrader keeps what students handed in, and what it makes of it.
FOLDERS = ("submitted", "downloaded", "autograded", "feedback")
#: What is left of a notebook's own metadata.
METADATA = ("kernelspec", "language_info")


def guard(course: Path) -> None:
    """Let the server of this process open students' notebooks as text and numbers alone; once is enough.

    Parameters
    ----------
    course : Path
        The course's folder, with those of the students in it.
    """
    from jupyter_server.nbconvert.handlers import NbconvertFileHandler
    from jupyter_server.services.contents.handlers import ContentsHandler

    contents: Any = ContentsHandler
    typesetting: Any = NbconvertFileHandler
    if hasattr(contents._finish_model, "__wrapped__"):
        return
    contents._finish_model = _without_metadata(contents._finish_model, course)
    for method in ("put", "post", "patch", "delete"):
        setattr(contents, method, _refused(getattr(contents, method), course, "is read-only here"))
    typesetting.get = _refused(typesetting.get, course, "is not typeset here")


def _of_students(course: Path, manager: Any, path: str) -> bool:
    """Whether a path of the server's lies in a folder of students."""
    try:
        place = Path(manager._get_os_path(path.strip("/"))).resolve()
    except Exception:  # a path that is none, or a manager without files
        return False
    theirs = [course / name for name in FOLDERS if (course / name).exists()]
    return any(
        parent.exists() and os.path.samefile(parent, one) for parent in (place, *place.parents) for one in theirs
    )


def _without_metadata(finish: Callable[..., Any], course: Path) -> Callable[..., Any]:
    @functools.wraps(finish)
    def finished(self: Any, model: dict[str, Any], *args: Any, **options: Any) -> Any:
        if _of_students(course, self.contents_manager, model["path"]):
            model = {**model, "writable": False}
            if model["type"] == "notebook" and model["content"] is not None:
                kept = {k: v for k, v in model["content"]["metadata"].items() if k in METADATA}
                model["content"] = {**model["content"], "metadata": kept}
        return finish(self, model, *args, **options)

    return finished


def _refused(answer: Callable[..., Any], course: Path, why: str) -> Callable[..., Any]:
    """Return a handler's method that refuses what lies in a folder of students; its last argument is the path."""

    @functools.wraps(answer)
    async def checked(self: Any, *args: Any, **named: Any) -> Any:
        from tornado.web import HTTPError

        path = named.get("path", args[-1] if args else "")
        if _of_students(course, self.contents_manager, path):
            raise HTTPError(403, f"what a student handed in {why}; formgrader shows it")
        return await answer(self, *args, **named)

    return checked
