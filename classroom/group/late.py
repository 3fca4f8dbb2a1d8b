"""Late work, by nbgrader's own rules: due date, extensions, and the penalty that its plugin gives.

`grade-class` and `nbgrader autograde` both ask here, so that both come to the same. Whether a submission is late is
said only where it is known: not where it has no time, nor where its time names no zone and the due date is near.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from classroom.group.collect import names_zone, time_in
from classroom.group.gradebook import GradebookError, one_transaction, patient

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

AHEAD, BEHIND = timedelta(hours=14), timedelta(hours=12)  # of UTC: how far clocks of the world are at most
NO_TIME = "no time of submission is known, so nobody can say whether it is late"
NO_ZONE = (
    "its time names no zone, so nobody can say whether it is late: name yours in nbgrader_config.py, as "
    "c.Exchange.timezone"
)


@dataclass(frozen=True)
class Lateness:
    """What a due date says of a submission.

    Attributes
    ----------
    seconds : float
        How late it is; 0 where it is in time, or where nobody knows.
    penalty : float
        Points that the plugin takes off.
    unknown : str
        Why nobody knows whether it is late, if so.
    """

    seconds: float = 0.0
    penalty: float = 0.0
    unknown: str = ""

    def __str__(self) -> str:
        """Say it for the summary; nothing of what is in time.

        >>> str(Lateness(7500.0, 3.0)), str(Lateness(0.5)), str(Lateness())
        ('late by 2:05:00, 3 points less', 'late by 0:00:01, no points less', '')
        """
        if self.unknown or not self.seconds:
            return self.unknown
        points = f"{self.penalty:g} point{'' if self.penalty == 1 else 's'}" if self.penalty else "no points"
        return f"late by {timedelta(seconds=max(1, round(self.seconds)))}, {points} less"


def zone_of(config: Any) -> tzinfo | None:
    """Return the zone in which times are that name none: nbgrader's `Exchange.timezone`, where the settings give it.

    Raises
    ------
    GradebookError
        If there is no such zone.
    """
    if "timezone" not in config.get("Exchange", {}):
        return None
    try:
        return UTC if config.Exchange.timezone == "UTC" else ZoneInfo(config.Exchange.timezone)
    except (OSError, ValueError, TypeError, KeyError):
        raise GradebookError(
            f"nbgrader_config.py: c.Exchange.timezone is {config.Exchange.timezone!r}, and no zone is called so; "
            "one is 'Europe/Berlin'"
        ) from None


class LateRules:
    """The rules of a course: from its nbgrader_config.py and its gradebook.

    Parameters
    ----------
    directory : CourseDirectory
        The course, with its settings.
    preprocessor : AssignLatePenalties, optional
        nbgrader's preprocessor that holds the plugin; made from the settings where absent.

    Raises
    ------
    GradebookError
        If the settings name a plugin or a zone that is not there.
    """

    def __init__(self, directory: CourseDirectory, preprocessor: Any = None) -> None:
        self.zone = zone_of(directory.config)
        try:
            with _importing_from(directory.root):
                if preprocessor is None:
                    from nbgrader.preprocessors import AssignLatePenalties

                    preprocessor = AssignLatePenalties(config=directory.config)
                preprocessor.init_plugin()
        except Exception as error:  # it is a program of the teacher's
            raise GradebookError(
                f"c.AssignLatePenalties in nbgrader_config.py cannot be used: {type(error).__name__}: {error}"
            ) from error
        self._preprocessor = preprocessor

    def time_of(self, text: str) -> datetime | None:
        """Return the time, in UTC, that the text of a timestamp says, or None."""
        return time_in(text, self.zone)

    def hold(self, gradebook: Gradebook, lesson: str, student: str, timestamp: str) -> Lateness:
        """Put the penalty of a submission into the gradebook, in the transaction that is going on, and say what it is.

        Parameters
        ----------
        gradebook : Gradebook
            With the submission, its time and its scores.
        lesson, student : str
            Whose submission of which lesson it is.
        timestamp : str
            The text of timestamp.txt.

        Raises
        ------
        GradebookError
            If the plugin fails.
        """
        submission = gradebook.find_submission(lesson, student)
        notebook = gradebook.find_submission_notebook(lesson, lesson, student)
        due = _due(submission)
        late = Lateness(unknown=self._unknown(timestamp, submission.timestamp, due))
        if due is not None and not late.unknown and submission.timestamp > due:
            seconds = (submission.timestamp - due).total_seconds()
            late = Lateness(seconds, self._penalty(gradebook, notebook, student, seconds))
        if (notebook.late_submission_penalty or 0.0) != late.penalty:
            notebook.late_submission_penalty = late.penalty or None
        return late

    def hold_again(self, gradebook: Gradebook, lesson: str, timestamps: Mapping[str, str]) -> dict[str, Lateness]:
        """Hold the rules for what was graded before: times, due date, extensions or scores may be others since.

        Parameters
        ----------
        gradebook, lesson
            As for `hold`.
        timestamps : mapping of str to str
            The text of timestamp.txt of each student; where there is none, the time in the gradebook stays.
        """
        return _hold_again(gradebook, self, lesson, timestamps)

    def surely_in_time(self, submission: Any, timestamp: str) -> bool:
        """Return whether a submission is known not to be late, as most are; asks the gradebook for nothing."""
        due = _due(submission)
        return due is None or not (self._unknown(timestamp, submission.timestamp, due) or submission.timestamp > due)

    def _unknown(self, timestamp: str, time: datetime | None, due: datetime | None) -> str:
        if due is None:
            return ""
        if time is None:
            return NO_TIME
        no_zone = self.zone is None and not names_zone(timestamp)
        return NO_ZONE if no_zone and time - AHEAD <= due < time + BEHIND else ""

    def _penalty(self, gradebook: Gradebook, notebook: Any, student: str, seconds: float) -> float:
        gradebook.db.flush()
        gradebook.db.refresh(notebook, ["score"])  # as the scores are now
        try:
            penalty = self._preprocessor.plugin_inst.late_submission_penalty(student, notebook.score, seconds)
            return 0.0 if penalty is None else float(self._preprocessor._check_late_penalty(notebook, penalty))
        except Exception as error:  # it is a program of the teacher's
            raise GradebookError(
                f"the plugin that gives penalties for late work fails: {type(error).__name__}: {error}"
            ) from error


@contextlib.contextmanager
def _importing_from(folder: str) -> Iterator[None]:
    """Let a plugin lie beside nbgrader_config.py, where nbgrader's own commands find it, too."""
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


@patient
def _hold_again(
    gradebook: Gradebook, rules: LateRules, lesson: str, timestamps: Mapping[str, str]
) -> dict[str, Lateness]:
    if not timestamps:
        return {}
    assignment = gradebook.find_assignment(lesson)
    penalised = {notebook.student.id for notebook in _with_penalty(gradebook, assignment)}
    found: dict[str, Lateness] = {}
    with one_transaction(gradebook):
        for submission in assignment.submissions:
            name = submission.student_id
            text = timestamps.get(name)
            if text is None:
                continue
            if text and (time := rules.time_of(text)) != submission.timestamp:
                submission.timestamp = time
            if name in penalised or not rules.surely_in_time(submission, text):
                found[name] = rules.hold(gradebook, lesson, name, text)
    return found


def _with_penalty(gradebook: Gradebook, assignment: Any) -> Iterable[Any]:
    """Return the graded notebooks that have one: few, if any."""
    from nbgrader.api import SubmittedNotebook

    found = gradebook.db.query(SubmittedNotebook).filter(SubmittedNotebook.late_submission_penalty > 0)
    return [notebook for notebook in found if notebook.assignment.assignment_id == assignment.id]


def _due(submission: Any) -> datetime | None:
    """Return when it has to be there, with an extension; nbgrader's own sum fails where no date is set."""
    due: datetime | None = submission.assignment.duedate
    return None if due is None else due + (submission.extension or timedelta())
