"""nbgrader as this course uses it: its settings, and its converters with errors that a teacher can read."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.common import ROOT, CourseError

if TYPE_CHECKING:
    from traitlets.config import Config

# nbgrader and its kin cost two seconds: they are imported where they are used, so that `--help` answers at once.


def load_config(folder: Path | None = None) -> Config:
    """Read nbgrader's settings from nbgrader_config.py, which also sets MPLCONFIGDIR and PATH for kernels."""
    from traitlets.config.loader import PyFileConfigLoader

    return PyFileConfigLoader("nbgrader_config.py", path=str(folder or ROOT)).load_config()


def run_converter(converter: Any, lesson: str) -> None:
    """Run one of nbgrader's converters; where it fails, raise a CourseError with what it logged."""
    from nbgrader.converters import NbGraderException

    heard = _LastLines()
    converter.log.addHandler(heard)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader's own, of SQLAlchemy and nbconvert: nothing a teacher can mend
            converter.start()
    except (Exception, SystemExit) as error:
        if isinstance(error, NbGraderException) and heard.lines:
            raise CourseError(f"{lesson}: nbgrader says: {'; '.join(dict.fromkeys(heard.lines[:3]))}") from error
        raise CourseError(f"{lesson}: nbgrader says: {type(error).__name__}: {error}") from error
    finally:
        converter.log.removeHandler(heard)


class _LastLines(logging.Handler):
    """Keep the last line of every error that is logged: the lines before it are a traceback."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage().strip().splitlines()[-1])
