"""The board of lesson 12: each student's `recommend` runs in the sandbox, on a split of two catalogues that is secret.

The lists that come back are judged outside of it, by the lesson's own `ClientBoard`, which tells nDCG by a ladder. What
a board shows is kept between runs, nobody asks more often than is allowed on a day, and what was asked once is not
asked again. The table is public: it names students by pseudonym, and quotes nothing that they wrote.

The ratings are public, too, so a secret split alone would hide nothing: whoever knows all of a user's ratings knows the
hidden ones. Therefore the data sets are not seen in this sandbox, and users and items come in a secret order.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as with_changes
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from classroom.common import ROOT, CourseError, explain_os_error, write_whole
from classroom.group import collect, gradebook
from classroom.group.folder import Course, lesson_in, locked
from classroom.group.late import zone_of
from classroom.group.run import lesson_of, read_submission, stoppable, students_of
from classroom.report.spreadsheet import table
from classroom.sandbox.learner import GRACE, Handle, Learner, OutOfNotebookTimeError
from classroom.sandbox.messages import SHARED_BYTES
from classroom.sandbox.namespaces import UNSAFE_CHOICE, Limits, Sandbox, SandboxError, bubblewrap, require_hidden
from classroom.student_names import shown_name
from classroom.submission.grade import tried_twice, warm_template
from classroom.submission.lesson import Lesson
from classroom.submission.reading import SubmissionError
from classroom.submission.rebuild import Rebuilt
from classroom.submission.record import encode
from classroom.submission.texts import rebuilt
from recsys_lib import datasets
from recsys_lib.checks.outcome import Outcome, describe_failure
from recsys_lib.checks.timing import timed
from recsys_lib.client import BUDGETS, LINES, ClientBoard, yardstick
from recsys_lib.splits import per_user_75_25

LESSON = "L12_capstone"
CELL, ANSWER = "recommend-check", "recommend"
"""The graded cell that asks for the function, and what the function is called."""
CATALOGUES: dict[str, Callable[..., datasets.MovieLens]] = {
    "MovieLens": datasets.load,
    "latest-small": datasets.load_another,
}
"""What loads each of the catalogues for which `BUDGETS` has limits."""
KEPT, TABLE = "scoreboard.json", "scoreboard.csv"
"""What is kept, in grading/, and what is shown, in the course folder."""
STEP = 0.01  # of the ladder, as in the lesson
PLACES = 10  # of each list
SEED_BITS = 63  # as many as msgspec reads
LEAST_SECONDS = 30.0  # that a call may take by the clock, however fast the machine
MAX_WORDS = 120  # characters of why lists are not taken
FORMATS = (".2f", ".3f", ".4f", ".1f")  # of the lines

JUDGED, NOT_YET, WAITS, UNREADABLE, NOT_RUN = (
    "judged",
    "not run yet",
    "waits for another day",
    "could not be read",
    "could not be run",
)
MISSING, NOT_TAKEN = f"holds no {ANSWER}", "lists not taken"


class ScoreboardError(CourseError):
    """Why there is no board, or not this time; the text says what to do."""


# --------------------------------------------------------------------------------------------------- what is kept


class KeptBoard(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A student's board for one catalogue.

    Attributes
    ----------
    shown : float or None
        The nDCG that it shows; None before the first answer.
    asked : int
        How many answers it has judged.
    lines : tuple of float or None
        Coverage, tail share and time of the submission that was judged last; None where it gave no answer here.
    met : tuple of bool or None
        Which of `LINES` that answer meets.
    """

    shown: float | None = None
    asked: int = 0
    lines: tuple[float, float, float] | None = None
    met: tuple[bool, bool, bool, bool] | None = None


class KeptStudent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is kept of a student.

    Attributes
    ----------
    boards : dict of str to KeptBoard
        By catalogue.
    seen : dict of str to str
        What became of each submission, by its hash: it is not asked again.
    day : str
        When a board answered last, as ISO 8601 writes a day.
    on_day : int
        How many submissions were judged on it.
    status : str
        What became of the submission that lies there now.
    """

    boards: dict[str, KeptBoard] = {}
    seen: dict[str, str] = {}
    day: str = ""
    on_day: int = 0
    status: str = ""

    def used_on(self, day: date) -> int:
        """Return how many of a day's questions are used up."""
        return self.on_day if self.day == day.isoformat() else 0


class Kept(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All that is kept between runs.

    Attributes
    ----------
    seed : int
        Of the split and of the order; secret.
    students : dict of str to KeptStudent
        By pseudonym. One whose student was erased stays, and is shown nowhere.
    schema : int
        Version of this form.
    """

    seed: int
    students: dict[str, KeptStudent] = {}
    schema: Literal[1] = 1


def kept_in(path: Path) -> Kept:
    """Read what is kept; where there is no file, draw a seed and keep that.

    Raises
    ------
    ScoreboardError
        If the file is broken. It is never replaced: with another seed the boards would be about another split.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = kept_in(Path(folder) / "scoreboard.json")
    ...     kept_in(Path(folder) / "scoreboard.json") == first
    True
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        kept = Kept(seed=secrets.randbits(SEED_BITS))
        keep(path, kept)
        return kept
    except (OSError, ValueError, RecursionError) as error:  # msgspec's own are ValueErrors
        raise ScoreboardError(
            f"{path}, which holds the boards, cannot be read ({error}). Put back a copy of it; if there is none, move "
            "it away, and all boards begin anew"
        ) from error


def keep(path: Path, kept: Kept) -> None:
    """Write what is kept; only its owner may read it.

    Raises
    ------
    ScoreboardError
        If it cannot be written.
    """
    try:
        write_whole(path, encode(kept), durable=True, mode=0o600)
    except OSError as error:
        raise ScoreboardError(f"{path} cannot be written: {explain_os_error(error)}") from error


# ------------------------------------------------------------------------------------------------------ catalogues


@dataclass(frozen=True)
class Catalogue:
    """What answers are asked about, and judged by.

    Attributes
    ----------
    name : str
        As `BUDGETS` has it.
    train : ndarray, shape (n_users, n_items)
        What `recommend` is handed: ones and zeros.
    hidden : bool ndarray, shape (n_users, n_items)
        What it should find.
    seconds : float
        How long a call may take by the clock: what the line for time allows, for a machine that is busy.
    """

    name: str
    train: NDArray[np.floating]
    hidden: NDArray[np.bool_]
    seconds: float


def catalogues(seed: int, *, patience: float = Limits().patience, quiet: bool = True) -> list[Catalogue]:
    """Load the catalogues, each split and put in order by a secret seed.

    Parameters
    ----------
    seed : int
    patience : float
        How many times longer than the line for time allows a call may take.
    quiet : bool
        False shows what is being fetched.

    Raises
    ------
    ScoreboardError
        If one cannot be had, or is too large for the memory in which arguments cross into the sandbox.
    """
    found = []
    for place, (name, load) in enumerate(CATALOGUES.items()):
        data = load(quiet=quiet)
        if data.source == "synthetic":
            raise ScoreboardError(
                f"the ratings of {name} are not here, and for made-up ones the limits mean nothing: go online and "
                "start again, they are fetched once"
            )
        rng = np.random.default_rng([seed, place])
        order = np.ix_(rng.permutation(data.n_users), rng.permutation(data.n_items))
        train, hidden = (np.ascontiguousarray(data.matrix(rows)[order]) for rows in per_user_75_25(data, seed))
        if train.nbytes > SHARED_BYTES:
            raise ScoreboardError(
                f"{name} takes {train.nbytes / 2**20:.0f} MB, and {SHARED_BYTES / 2**20:.0f} go into the sandbox"
            )
        most = float(BUDGETS[name][1][LINES.index("time")])
        found.append(Catalogue(name, train, hidden > 0, max(LEAST_SECONDS, patience * most * yardstick(train))))
    return found


# ------------------------------------------------------------------------------------------------------- one answer


Judged = tuple[NDArray[np.floating], NDArray[np.bool_]]


@dataclass
class Answered:
    """What one submission came to.

    Attributes
    ----------
    status : str
        In words that are ours: they are public.
    judged : dict of str to tuple
        What each board says, see `ClientBoard.judge`, of the catalogues for which there are lists.
    ended : list of str
        For the teacher: a sentence on each time that the process had to be ended.
    """

    status: str
    judged: dict[str, Judged] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)


def ask(data: bytes, lesson: Lesson, asked: Iterable[Catalogue], boards: Mapping[str, ClientBoard]) -> Answered:
    """Run one submission in the sandbox, call its `recommend` on each catalogue, and judge the lists outside.

    Parameters
    ----------
    data : bytes
        The submitted file.
    lesson : Lesson
        What it is rebuilt from, and the limits of the notebook without these calls.
    asked : iterable of Catalogue
    boards : mapping of str to ClientBoard
        By catalogue; those that judge something show it afterwards.

    Raises
    ------
    SubmissionError
        If the file is no notebook of this lesson.
    SandboxError
        If learners' code cannot be run here at all.
    """
    asked = list(asked)
    made = rebuilt(data, lesson)
    more = sum(each.seconds + GRACE for each in asked)
    limits = with_changes(
        lesson.limits,
        data=False,
        notebook_seconds=lesson.limits.notebook_seconds + more,
        cpu_seconds=lesson.limits.cpu_seconds + math.ceil(more),
    )
    outcomes, status, ended = tried_twice(lambda: _called(made, limits, asked))
    answer = Answered(status, ended=ended)
    if status == JUDGED:
        said = {}
        for each in asked:  # the sandbox is closed: nothing in it can make the yardstick slow
            word, judged = _judged(outcomes[each.name], each, boards[each.name])
            said[each.name] = word
            if judged is not None:
                answer.judged[each.name] = judged
        answer.status = _in_words(said)
    return answer


def _called(made: Rebuilt, limits: Limits, asked: list[Catalogue]) -> tuple[dict[str, Outcome], str, list[str]]:
    """Return what each call did, how far the submission came, and why its process had to be ended."""
    outcomes: dict[str, Outcome] = {}
    with Learner(warm_template(), made.steps, limits) as learner:
        try:
            learner.run()
            if learner.kinds.get((CELL, ANSWER)) != "callable":
                return outcomes, MISSING, learner.ended
            learner.begin_fresh_inputs()
            for each in asked:
                answer = Handle(learner, f"{CELL}/{ANSWER}", ANSWER, {})
                outcomes[each.name] = timed(answer, (each.train, 0), seconds=each.seconds)
                learner.check_memory()
                learner.check_time()
        except OutOfNotebookTimeError:
            return {}, "ran out of time", learner.ended
        return outcomes, JUDGED, learner.ended


def _judged(outcome: Outcome, catalogue: Catalogue, board: ClientBoard) -> tuple[str, Judged | None]:
    """Return a word on one call, and what the board says of its lists."""
    if outcome.how != "returned":
        return describe_failure(outcome), None
    try:
        lists = np.asarray(outcome.value)
        if lists.ndim == 2 and lists.shape[1] != PLACES:
            return f"{NOT_TAKEN}: they must have {PLACES} places, not {lists.shape[1]}", None
        return JUDGED, board.judge(lists, outcome.processor / yardstick(catalogue.train))
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        return f"{NOT_TAKEN}: {' '.join(str(error).split())[:MAX_WORDS]}", None


def _in_words(said: Mapping[str, str]) -> str:
    """Put the words on all catalogues together.

    >>> _in_words({"MovieLens": "judged", "latest-small": "judged"})
    'judged'
    >>> _in_words({"MovieLens": "judged", "latest-small": "ran longer than 30 s"})
    'latest-small: ran longer than 30 s'
    """
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{name}: {word}" for name, word in said.items() if word != JUDGED)


# ------------------------------------------------------------------------------------------------------- all of them


@dataclass(frozen=True)
class Row:
    """A student on the board.

    Attributes
    ----------
    student : str
        The pseudonym.
    boards : dict of str to KeptBoard
        By catalogue.
    status : str
        What became of the latest submission.
    """

    student: str
    boards: Mapping[str, KeptBoard]
    status: str

    @property
    def met(self) -> int:
        """How many lines are met, of both catalogues."""
        return sum(sum(board.met or ()) for board in self.boards.values())

    @property
    def mean_shown(self) -> float:
        """The mean nDCG that the boards show, 0 for one that shows none."""
        return sum(board.shown or 0.0 for board in self.boards.values()) / max(1, len(self.boards))

    def cells(self, catalogue: str) -> list[str]:
        """Return the four lines on a catalogue, as they are shown.

        >>> board = KeptBoard(shown=0.47, asked=1, lines=(0.4, 0.04, 1.5), met=(True,) * 4)
        >>> Row("p-1", {"MovieLens": board}, "judged").cells("MovieLens")
        ['0.47', '0.400', '0.0400', '1.5']
        """
        board = self.boards[catalogue]
        numbers = (board.shown, *(board.lines or (None,) * (len(LINES) - 1)))
        return ["" if n is None else format(n, form) for n, form in zip(numbers, FORMATS, strict=True)]

    def missed(self, catalogue: str) -> list[str]:
        """Return the lines of a catalogue that the answer misses: all where there is none."""
        met = self.boards[catalogue].met or (False,) * len(LINES)
        return [line for line, ok in zip(LINES, met, strict=True) if not ok]


@dataclass
class Scoreboard:
    """What a run did, and what the board shows now.

    Attributes
    ----------
    rows : list of Row
        The best first.
    table : Path
        Where the public table is.
    asked, unchanged, waiting : list of str
        Students whose submission was run now, was run before, or waits for another day.
    problems : dict of str to str
        For the teacher, by student: why a submission was not judged, or not on both catalogues.
    not_done : set of str
        Those of them of whom no answer was asked: the file or the machine is in the way.
    stopped : bool
        Whether the run was interrupted.
    """

    rows: list[Row]
    table: Path
    asked: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    not_done: set[str] = field(default_factory=set)
    stopped: bool = False


def update_scoreboard(
    course: Path = ROOT,
    *,
    a_day: int,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    progress: bool = True,
    day: date | None = None,
) -> Scoreboard:
    """Run each new submission of lesson 12, judge it, and write the public table.

    Parameters
    ----------
    course : Path
        The folder with submitted/, the gradebook and solutions/.
    a_day : int
        How many submissions of one student are judged on one day.
    limits : Limits
        What a submission's notebook may use, beside the calls of `recommend`.
    progress : bool
        Show a bar.
    day : date, optional
        The day, by default today in the zone of ``c.Exchange.timezone``, or else in UTC.

    Raises
    ------
    CourseError
        If nothing can be judged, or the rest cannot; what is judged stays.
    """
    course = Path(course)
    name = lesson_in(course, LESSON)
    with stoppable(), locked(course):
        _require_sandbox(course)
        folder = Course(course, name)
        with gradebook.opened(folder.directory, busy_seconds=gradebook.BUSY_SECONDS) as book:
            lesson = lesson_of(folder, book, isolated=True, limits=limits, progress=progress)
        day = day or datetime.now(zone_of(folder.directory.config) or UTC).date()
        run = _Run(folder, lesson, a_day, day)
        run.sort_out()
        run.ask(progress=progress)
        return run.concluded()


def _require_sandbox(course: Path) -> None:
    """Refuse to begin where there is no sandbox: nothing here runs without one."""
    try:
        bubblewrap()
        require_hidden(course)
        tried_twice(lambda: Sandbox(warm_template()).close())
    except SandboxError as error:
        raise SandboxError(str(error).removesuffix(f"; {UNSAFE_CHOICE}")) from None


class _Run:
    """One run over a class."""

    def __init__(self, course: Course, lesson: Lesson, a_day: int, day: date) -> None:
        self.course, self.lesson, self.a_day, self.day = course, lesson, a_day, day
        self.path = course.grading / KEPT
        self.kept = kept_in(self.path)
        self.done = Scoreboard([], course.folder / TABLE)
        self.todo: list[str] = []

    def _student(self, name: str) -> KeptStudent:
        return self.kept.students.setdefault(self.course.names.of(shown_name(name)), KeptStudent())

    def sort_out(self) -> None:
        """Look at each submission: it cannot be read, was asked before, has to wait, or is to be asked."""
        for name in students_of(self.course):
            found, student = read_submission(self.course, self.lesson, name), self._student(name)
            if isinstance(found, collect.Refused):
                self._not_done(name, student, UNREADABLE, found.problem)
            elif (status := student.seen.get(found.receipt.sha256)) is not None:
                student.status = status
                self.done.unchanged.append(name)
            elif student.used_on(self.day) >= self.a_day:
                student.status = WAITS
                self.done.waiting.append(name)
            else:
                student.status = NOT_YET
                self.todo.append(name)

    def ask(self, *, progress: bool) -> None:
        """Ask those who are to be asked; stopped, it leaves the rest for the next time."""
        with tqdm(
            total=len(self.todo), unit="submission", desc="scoreboard", disable=not (progress and self.todo)
        ) as bar:
            try:
                patience = self.lesson.limits.patience
                found = catalogues(self.kept.seed, patience=patience, quiet=not progress) if self.todo else []
                for name in self.todo:
                    self._ask(name, found)
                    bar.update()
            except KeyboardInterrupt:
                self.done.stopped = True

    def _ask(self, name: str, asked: list[Catalogue]) -> None:
        """Ask one; whatever is wrong with it is its own affair."""
        student = self._student(name)
        read = read_submission(self.course, self.lesson, name)
        if isinstance(read, collect.Refused):  # it was there when the class was sorted out
            self._not_done(name, student, UNREADABLE, read.problem)
            return
        boards = {each.name: _board(each, student.boards.get(each.name, KeptBoard())) for each in asked}
        try:
            answer = ask(read.data, self.lesson, asked, boards)
        except SubmissionError as error:
            self._not_done(name, student, UNREADABLE, str(error))
            return
        except Exception as error:  # the machine's fault or ours: the next run asks again
            self._not_done(name, student, NOT_RUN, f"{type(error).__name__}: {error}")
            return
        student.status = student.seen[read.receipt.sha256] = answer.status
        if answer.judged:
            student.on_day = student.used_on(self.day) + 1
            student.day = self.day.isoformat()
            student.boards = {each.name: _kept(boards[each.name], answer.judged.get(each.name)) for each in asked}
        keep(self.path, self.kept)
        self.done.asked.append(name)
        if answer.status != JUDGED:
            self.done.problems[name] = "; ".join([answer.status, *answer.ended])

    def _not_done(self, name: str, student: KeptStudent, status: str, problem: str) -> None:
        student.status = status
        self.done.problems[name] = f"{status}: {problem}"
        self.done.not_done.add(name)

    def concluded(self) -> Scoreboard:
        """Keep all, write the table, and return what was done."""
        keep(self.path, self.kept)
        self.done.rows = rows_of(self.kept, self.course.names.known().values())
        try:
            write_whole(self.done.table, public_table(self.done.rows).encode())
        except OSError as error:
            raise ScoreboardError(f"{self.done.table} cannot be written: {explain_os_error(error)}") from error
        return self.done


def _board(catalogue: Catalogue, kept: KeptBoard) -> ClientBoard:
    """Return a board as it was left."""
    board = ClientBoard(catalogue.train, catalogue.hidden, *BUDGETS[catalogue.name], step=STEP)
    board.shown, board.asked = -np.inf if kept.shown is None else kept.shown, kept.asked
    return board


def _kept(board: ClientBoard, judged: Judged | None) -> KeptBoard:
    """Return what is kept of a board, with the lines of the answer that it has just judged, if it has.

    The lines of an earlier answer do not stay beside those that this one has on the other catalogue: a client wants one
    function for both.
    """
    lines: Any = None if judged is None else tuple(map(float, judged[0][1:]))
    met: Any = None if judged is None else tuple(map(bool, judged[1]))
    shown = float(board.shown) if np.isfinite(board.shown) else None
    return KeptBoard(shown=shown, asked=board.asked, lines=lines, met=met)


# --------------------------------------------------------------------------------------------------------- the table


def rows_of(kept: Kept, known: Iterable[str]) -> list[Row]:
    """Return those who are known by a pseudonym, the best first: most lines met, then the mean nDCG shown.

    Examples
    --------
    >>> good = KeptBoard(shown=0.5, asked=1, lines=(0.3, 0.03, 1.0), met=(True, True, True, True))
    >>> kept = Kept(seed=1, students={"p-a": KeptStudent(), "p-b": KeptStudent(boards={"MovieLens": good})})
    >>> [(row.student, row.met) for row in rows_of(kept, ["p-a", "p-b", "p-c"])]
    [('p-b', 4), ('p-a', 0)]
    """
    shown = set(known)
    rows = [
        Row(pseudonym, {name: student.boards.get(name, KeptBoard()) for name in CATALOGUES}, student.status)
        for pseudonym, student in kept.students.items()
        if pseudonym in shown
    ]
    return sorted(rows, key=lambda row: (-row.met, -row.mean_shown, row.student))


def public_table(rows: Iterable[Row]) -> str:
    """Return the board as CSV: no name, and no cell that is a formula."""
    head = ["student", "lines met", "lines missed"]
    for name in CATALOGUES:
        head += [f"{name} {column}" for column in (*LINES, "missed", "asked")]
    body = []
    for row in rows:
        line: list[Any] = [row.student, row.met, len(LINES) * len(CATALOGUES) - row.met]
        for name in CATALOGUES:
            line += [*row.cells(name), ", ".join(row.missed(name)), row.boards[name].asked]
        body.append([*line, row.status])
    return table([[*head, "status"], *body])


def printed_table(rows: Iterable[Row]) -> str:
    """Return the board for a terminal: of each catalogue the four lines, and how often it was asked.

    >>> board = KeptBoard(shown=0.47, asked=2, lines=(0.4, 0.04, 1.5), met=(True,) * 4)
    >>> print(printed_table([Row("p-abcdefghij", dict.fromkeys(CATALOGUES, board), "judged")]))
    student        met  MovieLens                      latest-small
                        nDCG   cov.    tail  time   n  nDCG   cov.    tail  time   n
    p-abcdefghij     8  0.47  0.400  0.0400   1.5   2  0.47  0.400  0.0400   1.5   2  judged
    """
    wide = (4, 5, 6, 4, 2)
    columns = "  ".join(f"{text:>{n}}" for text, n in zip(("nDCG", "cov.", "tail", "time", "n"), wide, strict=True))
    lines = [
        f"{'student':13}  met  " + "  ".join(f"{name:{len(columns)}}" for name in CATALOGUES),
        " " * 20 + "  ".join(columns for _ in CATALOGUES),
    ]
    for row in rows:
        cells = [
            "  ".join(
                f"{text:>{n}}" for text, n in zip([*row.cells(name), str(row.boards[name].asked)], wide, strict=True)
            )
            for name in CATALOGUES
        ]
        lines.append("  ".join([f"{row.student:13}", f"{row.met:>3}", *cells, row.status]))
    return "\n".join(line.rstrip() for line in lines)
