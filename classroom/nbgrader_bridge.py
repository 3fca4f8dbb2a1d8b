"""nbgrader as this course uses it: its settings, its converters, the environment of the kernels it starts."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from classroom.common import ROOT, CourseError

# nbgrader and its kin cost two seconds: they are imported where they are used, so that `--help` answers at once.

# Environment variables that a lesson must not see: how it is graded, how it draws, how loudly it warns.
DROPPED = ("NBGRADER_", "COURSE_SEED", "MPLBACKEND", "PYTHONWARNINGS")


def load_config(folder: Path | None = None):
    """Settings of nbgrader, from nbgrader_config.py (which also sets MPLCONFIGDIR and PATH for kernels)."""
    from traitlets.config.loader import PyFileConfigLoader

    return PyFileConfigLoader("nbgrader_config.py", path=str(folder or ROOT)).load_config()


def run_converter(converter, lesson: str) -> None:
    """Run one of nbgrader's converters; where it fails, raise a CourseError with what it logged."""
    from nbgrader.converters import NbGraderException

    said: list[str] = []
    handler = logging.Handler(level=logging.ERROR)
    handler.emit = lambda record: said.append(record.getMessage().strip().splitlines()[-1])
    converter.log.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader's own, of SQLAlchemy and nbconvert: nothing a teacher can mend
            converter.start()
    except (Exception, SystemExit) as error:
        if isinstance(error, NbGraderException) and said:
            raise CourseError(f"{lesson}: nbgrader says: {'; '.join(dict.fromkeys(said[:3]))}") from error
        raise CourseError(f"{lesson}: nbgrader says: {type(error).__name__}: {error}") from error
    finally:
        converter.log.removeHandler(handler)


@contextlib.contextmanager
def kernel_environment(**extra: str) -> Iterator[dict[str, str]]:
    """The environment in which lessons run: this one without what would make two runs differ."""
    load_config()
    _make_font_list()
    with tempfile.TemporaryDirectory(prefix="course-ipython-") as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith(DROPPED)}
        # A user's IPython start-up files and history stay out; sets are printed in the same order every time.
        env.update(IPYTHONDIR=folder, PYTHONHASHSEED="0", **extra)
        yield env


def _make_font_list() -> None:
    """Let Matplotlib list the fonts now: done in a lesson, it prints a line on stderr."""
    if not any(Path(os.environ["MPLCONFIGDIR"]).glob("fontlist-*.json")):
        subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], capture_output=True, check=False)
