"""Run a notebook in a fresh kernel."""

from __future__ import annotations

import asyncio
import copy
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from classroom.common import CourseError
from classroom.kernels import kernel_environment
from classroom.nbgrader_bridge import load_config

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from traitlets.config import Config

MAX_SECONDS_PER_CELL = 600
"""Ends a cell that hangs. It is no budget: a busy machine takes many times as long as a quiet one."""


def execute(
    nb: NotebookNode,
    *,
    on_cell: Callable[[], object] = lambda: None,
    max_seconds: float = MAX_SECONDS_PER_CELL,
    **env: str,
) -> NotebookNode:
    """Run a notebook in a fresh kernel and an empty folder; return a copy with every output.

    Parameters
    ----------
    nb : NotebookNode
        The notebook, which is not changed.
    on_cell : callable
        Called after each code cell (for a progress bar).
    max_seconds : float
        How long one cell may run.
    **env
        Environment variables for the kernel, on top of `kernel_environment`.

    Returns
    -------
    NotebookNode
        The notebook with its outputs.

    Raises
    ------
    CourseError
        At the first cell that raises or runs too long; the message names it and its last line of error.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    nb = copy.deepcopy(nb)
    quiet = list(load_config().Execute.extra_arguments)
    with (
        kernel_environment(**env) as kernel_env,
        tempfile.TemporaryDirectory(prefix="course-run-") as folder,
        tempfile.TemporaryDirectory(prefix="k-") as sockets,
    ):
        client = NotebookClient(
            nb,
            config=_connection(Path(sockets) / "k"),
            kernel_name="python3",
            timeout=max_seconds,
            resources={"metadata": {"path": folder}},
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            on_cell_complete=lambda **kwargs: on_cell(),
            extra_arguments=quiet,
        )
        try:
            # Sockets of kernels need this kind of loop, which is not what Windows gives by default.
            factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(client.async_execute(env=kernel_env))
        except CellExecutionError as error:
            cell = next(c for c in nb.cells if any(o.output_type == "error" for o in c.get("outputs", [])))
            raise CourseError(f"{cell['id']} raised {error.ename}: {error.evalue}") from None
        except CellTimeoutError:
            raise CourseError(f"a cell ran longer than {max_seconds:g} seconds") from None
        except DeadKernelError:
            raise CourseError("the kernel died") from None
    return nb


def _connection(sockets: Path) -> Config:
    """Let a kernel talk over sockets in a folder of its own, where a system has such sockets.

    A kernel looks for free ports first and takes them later: of several that start in the same second one may find a
    port taken, and dies.
    """
    from traitlets.config import Config

    return Config() if sys.platform == "win32" else Config(KernelManager={"transport": "ipc", "ip": str(sockets)})


def stderr_of(nb: NotebookNode) -> list[str]:
    """Return what the cells of an executed notebook wrote to stderr, each as `cell: text`."""
    return [
        f"{cell['id']}: {output.text.strip()}"
        for cell in nb.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]
