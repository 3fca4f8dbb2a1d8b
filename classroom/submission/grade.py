"""Grade one submission: rebuilt, run in the sandbox, judged outside of it.

`grade_submission` is what `classroom.group.pool` spreads over many processes.
"""

from __future__ import annotations

import atexit
import contextlib
import copy
import dataclasses
import functools
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from classroom.sandbox.learner import Handle, Learner, OutOfNotebookTimeError
from classroom.sandbox.namespaces import SandboxError, Template
from classroom.submission.graded_cell import grade_cell, imports_of, public_verdicts
from classroom.submission.lesson import Lesson
from classroom.submission.reading import SubmissionError
from classroom.submission.rebuild import Rebuilt
from classroom.submission.record import ExerciseRecord, LayerRecord, Record, State, replace
from classroom.submission.texts import look_at, rebuilt
from recsys_lib.checks.checking import SEED_BITS
from recsys_lib.checks.facts import PACKAGES

if TYPE_CHECKING:
    from recsys_lib.checks.verdict import Verdict

T = TypeVar("T")
Cell = dict[str, Any]  # of a notebook, as JSON has it; so is a whole notebook, and an output
EXTRA_TIME = 0.25  # of a notebook's, for the second half of the grade of what was reached, where it was used up before
_NO_MODULE = re.compile(r"No module named '([^\W\d]\w{0,59})")  # a module below it is one that the package lacks
MAX_NAMED, MAX_NAME = 3, 60  # how many of the learner's names are said in one sentence, and how much of one
UNSAFE = "Graded without a sandbox: this code ran with the grader's own rights."


@dataclass(frozen=True)
class Graded:
    """What became of a submission.

    Attributes
    ----------
    notebook : dict or None
        With outputs, as nbgrader's SaveAutoGrades reads it; None where nothing was graded.
    record : Record
        For the class report and the log.
    ungraded : tuple of str
        Graded cells that time did not suffice for: they wait for a person.
    """

    notebook: dict[str, Any] | None
    record: Record
    ungraded: tuple[str, ...] = ()

    @property
    def status(self) -> State:
        """How far it was graded."""
        return self.record.status


@functools.cache
def _template() -> Template:
    template = Template()
    atexit.register(template.close)
    return template


def warm_template() -> Template:
    """Return this process's warm template; a new one if it has ended."""
    template = _template()
    if not template.alive:
        close_template()
        template = _template()
    return template


def close_template() -> None:
    """End this process's template, if there is one; the next submission gets a new one."""
    if _template.cache_info().currsize:
        _template().close()
        _template.cache_clear()


def tried_twice(run: Callable[[], T]) -> T:
    """Return what something returns that uses the warm template; where its sandbox fails, try again with a new one.

    Raises
    ------
    SandboxError
        If it fails again: learners' code cannot be run here at all.

    Examples
    --------
    >>> tried_twice(lambda: 1)
    1
    """
    with contextlib.suppress(SandboxError):
        return run()
    close_template()
    return run()


def fresh_seed() -> int:
    """Draw a seed that nobody can foresee."""
    return secrets.randbits(SEED_BITS)


def grade_submission(lesson: Lesson, student: str, data: bytes, seed: int) -> Graded:
    """Grade one submitted notebook; never raises for what is in it.

    Parameters
    ----------
    lesson : Lesson
        What it is graded by.
    student : str
        Whose it is; only for the record.
    data : bytes
        The submitted file.
    seed : int
        From which the inputs are drawn: the same seed gives the same grade.

    Raises
    ------
    SandboxError
        If learners' code cannot be run here at all.
    """
    start = time.monotonic()
    try:
        made = rebuilt(data, lesson)
    except SubmissionError as error:
        return not_graded(lesson, student, str(error), seed)
    graded = tried_twice(lambda: _grade(lesson, student, made, seed))
    seconds = round(time.monotonic() - start, 3)
    return dataclasses.replace(graded, record=replace(graded.record, seconds=seconds))


def _grade(lesson: Lesson, student: str, made: Rebuilt, seed: int) -> Graded:
    notebook = copy.deepcopy(made.notebook)  # it may be graded twice
    imports = imports_of(lesson.release)
    exercises: list[ExerciseRecord] = []
    ungraded: list[str] = []
    cause = ""
    with Learner(warm_template(), made.steps, lesson.limits, isolated=lesson.isolated, look=look_at) as learner:
        try:
            learner.run()
        except OutOfNotebookTimeError as error:
            cause = str(error)
        shown = {name: list(outputs) for name, outputs in learner.outputs.items()}  # before any graded input
        shown |= {cell: [_said(_left_out(names))] for cell, names in made.left_out.items()}
        missing = _missing_packages(shown)
        handles = {cell["id"]: _handles(learner, cell["id"]) for cell in _checks(notebook)}
        public: dict[str, dict[str, Verdict]] = {}
        if not cause:
            public, cause = _on_public_inputs(learner, notebook, imports, handles)
        learner.begin_fresh_inputs(EXTRA_TIME if cause else 0.0)
        for cell in notebook["cells"]:
            meta = cell["metadata"].get("nbgrader", {})
            if not meta.get("grade"):
                if cell["cell_type"] == "code":
                    _show(cell, shown.get(cell["id"], []))
                continue
            if meta.get("solution"):
                exercises.append(_by_hand(cell, meta, cell["id"] in made.changed))
                continue
            outputs: list[Cell] = []
            verdict: Verdict | None = None
            found = public.get(cell["id"])
            if found is not None:
                try:
                    outputs, verdict = grade_cell(_source(cell), imports, handles[cell["id"]], seed, found)
                    learner.check_memory()
                    learner.check_time()
                except OutOfNotebookTimeError as error:
                    found, verdict, cause = None, None, str(error)
                    public.clear()
            if found is None:
                ungraded.append(cell["id"])
                outputs = [_said(f"Not graded: {cause}.")]
            _show(cell, outputs)
            exercises.append(_exercise(cell, meta, verdict, outputs, found is None))
        ended = [*made.notes, *missing, *learner.ended]
    if not lesson.isolated:
        _say_unsafe(notebook)
    notebook["metadata"] = {**notebook.get("metadata", {}), "course": {"version": lesson.version}}
    if cause and len(ungraded) == len(_checks(notebook)):
        return not_graded(lesson, student, "; ".join([cause, *ended[:2]]), seed)
    status = State.PARTLY if cause else State.GRADED
    cause = "; ".join(filter(None, [cause and f"{cause}; not reached: {', '.join(ungraded)}", *ended[:3]]))
    return Graded(notebook, _record(lesson, student, status, cause, seed, exercises), tuple(ungraded))


def _on_public_inputs(
    learner: Learner, notebook: dict[str, Any], imports: str, handles: dict[str, dict[str, Any]]
) -> tuple[dict[str, dict[str, Verdict]], str]:
    """Judge every answer on the inputs that everybody sees, before any of them is asked about others.

    All that is said in words and numbers comes from here. Also returned is why it did not get to the end, if so.
    """
    public: dict[str, dict[str, Verdict]] = {}
    for cell in _checks(notebook):
        try:
            found = public_verdicts(_source(cell), imports, handles[cell["id"]])
            learner.check_memory()
            learner.check_time()  # else a call that was cut short would count as a wrong one
        except OutOfNotebookTimeError as error:
            return public, str(error)
        public[cell["id"]] = found
    return public, ""


def _said(text: str) -> Cell:
    """Return an output that says something to whoever reads the graded notebook."""
    return {"output_type": "stream", "name": "stdout", "text": f"{text}\n"}


def _left_out(names: list[str]) -> str:
    """Say why a cell of the learner's was not run."""
    shown = ", ".join(name[:MAX_NAME] for name in names[:MAX_NAMED]) + (", ..." if len(names) > MAX_NAMED else "")
    return f"Not run for the grade, since no answer needs it: it looks at trained models ({shown})."


def _missing_packages(shown: dict[str, list[Cell]]) -> list[str]:
    """Say which packages cells would import that are not here; each such cell is told what is here."""
    wanted: dict[str, list[str]] = {}
    for cell, outputs in shown.items():
        found = [_NO_MODULE.match(o["evalue"]) for o in outputs if o.get("ename") == "ModuleNotFoundError"]
        for name in [match[1] for match in found if match][:1]:
            wanted.setdefault(name, []).append(cell)
            outputs.append(_said(f"`{name}` is not installed here: {PACKAGES}"))
    named = [f"{name!r} (in {', '.join(cells[:MAX_NAMED])})" for name, cells in list(wanted.items())[:MAX_NAMED]]
    return [f"it would import {', '.join(named)}, not installed here: {PACKAGES.partition(';')[0]}"] if named else []


def not_graded(lesson: Lesson, student: str, cause: str, seed: int | None = None) -> Graded:
    """Say of a submission that it was not graded, and why: that is no 0."""
    return Graded(None, _record(lesson, student, State.NOT, cause, seed))


def _record(
    lesson: Lesson,
    student: str,
    status: State,
    cause: str,
    seed: int | None,
    exercises: Sequence[ExerciseRecord] = (),
) -> Record:
    earned = float(sum(e.points for e in exercises if e.points is not None))
    return Record(
        lesson=lesson.name,
        student=student,
        status=status,
        cause=cause,
        sandbox=lesson.isolated,
        seed=seed,
        graded_at=time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
        seconds=0.0,
        points=None if status is State.NOT else earned,
        max_points=float(sum(c["metadata"]["nbgrader"]["points"] for c in _graded_cells(lesson.release))),
        waiting=float(sum(e.max_points for e in exercises if e.points is None)),
        exercises=tuple(exercises),
        course_version=lesson.version,
        course_commit=lesson.commit,
        release_sha256=lesson.release_sha256,
        checks_sha256=lesson.checks_sha256,
    )


def _graded_cells(nb: dict[str, Any]) -> list[Cell]:
    return [cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def _checks(nb: dict[str, Any]) -> list[Cell]:
    return [cell for cell in _graded_cells(nb) if not cell["metadata"]["nbgrader"].get("solution")]


def _handles(learner: Learner, cell_id: str) -> dict[str, Any]:
    """What the names mean in one graded cell; each function sees the names of all, as those of a notebook do."""
    names: dict[str, Any] = {}
    for (cell, name), kind in learner.kinds.items():
        here = cell == cell_id
        if name in names and not here:
            continue
        if kind == "callable":
            names[name] = Handle(learner, f"{cell}/{name}", name, names)
        elif here:
            names[name] = None if kind == "missing" else type(kind, (), {})()
    return names


def _exercise(
    cell: Cell, meta: dict[str, Any], verdict: Verdict | None, outputs: list[Cell], unreached: bool
) -> ExerciseRecord:
    problem = verdict.problem if verdict is not None else None
    if verdict is None and outputs and outputs[-1]["output_type"] == "error":
        problem = f"the graded cell raised {outputs[-1]['ename']}"
    judged = verdict if verdict is not None and verdict.problem is None else None
    return ExerciseRecord(
        name=verdict.name if verdict is not None else cell["id"].removesuffix("-check").replace("-", "_"),
        grade_id=cell["id"],
        points=None if unreached else _points(outputs, meta["points"]),
        max_points=float(meta["points"]),
        hand_graded=False,
        unsolved=bool(verdict is not None and verdict.unsolved),
        problem=problem,
        mend_first=tuple(judged.judgement.mend_first) if judged else (),
        layers=tuple(_layer(judged, found) for found in judged.layers) if judged else (),
    )


def _layer(verdict: Verdict, found: Any) -> LayerRecord:
    known, fact = found.misconception, found.fact
    told = known.hint if known else fact.text if fact else found.line.without_piece if found.line else None
    general = fact.text if fact and fact.line is None else verdict.observation(found)
    return LayerRecord(
        layer=found.layer,
        points=found.points,
        max_points=found.max_points,
        misconception=known.name if known else None,
        kind=known.kind if known else None,
        hint=told,
        observation=None if known else general,
        unmatched=None if told or found.passed else verdict.account(found) or None,
    )


def _points(outputs: list[Cell], most: float) -> float:
    """Points that nbgrader will read from these outputs."""
    if any(o["output_type"] == "error" or o.get("name") == "stderr" for o in outputs):
        return 0.0
    for output in outputs:
        if output["output_type"] == "execute_result":
            try:
                return max(0.0, min(float(output["data"]["text/plain"]), float(most)))
            except ValueError:
                break
    return float(most)


def _by_hand(cell: Cell, meta: dict[str, Any], written: bool) -> ExerciseRecord:
    return ExerciseRecord(
        name=cell["id"].removesuffix("-why").replace("-", "_"),
        grade_id=cell["id"],
        points=None if written else 0.0,
        max_points=float(meta["points"]),
        hand_graded=True,
        unsolved=not written,
        problem=None,
    )


def _show(cell: Cell, outputs: list[Cell]) -> None:
    cell["outputs"] = outputs
    cell["execution_count"] = 1 if outputs else None
    for output in outputs:
        if output["output_type"] == "execute_result":
            output["execution_count"] = 1


def _say_unsafe(notebook: dict[str, Any]) -> None:
    cell = {"cell_type": "markdown", "id": "graded-without-sandbox", "metadata": {}, "source": f"**{UNSAFE}**"}
    notebook["cells"].insert(0, cell)


def _source(cell: Cell) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
