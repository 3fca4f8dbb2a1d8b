"""The environment in which the kernels of lessons run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from classroom.nbgrader_bridge import load_config

DROPPED = ("NBGRADER_", "COURSE_SEED", "MPLBACKEND", "PYTHONWARNINGS")
"""Beginnings of the variables that a lesson must not see: how it is graded, how it draws, how loudly it warns."""


@contextlib.contextmanager
def kernel_environment(**extra: str) -> Iterator[dict[str, str]]:
    """Provide this process's environment without what would make two runs of a lesson differ."""
    load_config()
    make_font_list()
    with tempfile.TemporaryDirectory(prefix="course-ipython-") as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith(DROPPED)}
        # A user's IPython start-up files and history stay out; sets are printed in the same order every time.
        env.update(IPYTHONDIR=folder, PYTHONHASHSEED="0", **extra)
        yield env


def make_font_list() -> None:
    """Let Matplotlib list the fonts now: done in a lesson, it prints a line on stderr.

    Needs MPLCONFIGDIR, which `load_config` sets.
    """
    if not any(Path(os.environ["MPLCONFIGDIR"]).glob("fontlist-*.json")):
        subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], capture_output=True, check=False)
