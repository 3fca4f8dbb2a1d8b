"""Grade one submission: rebuilt, run in the sandbox, judged outside of it.

`grade_submission` is what `classroom.group.pool` spreads over many processes.
"""

from __future__ import annotations

import atexit
import copy
import functools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from classroom.sandbox.learner import Handle, Learner, OutOfNotebookTimeError
from classroom.sandbox.namespaces import Limits, SandboxError, Template
from classroom.submission.graded_cell import grade_cell, imports_of
from classroom.submission.reading import SubmissionError
from classroom.submission.rebuild import rebuild

GRADED, PARTLY, NOT = "graded", "partly graded", "not graded"
UNSAFE = "Graded without a sandbox: this code ran with the grader's own rights."


@dataclass(frozen=True)
class Lesson:
    """What is needed to grade a lesson, and nothing that differs between students.

    Attributes
    ----------
    name : str
    release : dict
        The release notebook, parsed, with graded cells as the gradebook has them.
    version : str
        Of the course.
    limits : Limits
    isolated : bool
    """

    name: str
    release: dict
    version: str = ""
    limits: Limits = field(default_factory=Limits)
    isolated: bool = True


@dataclass
class Graded:
    """What became of a submission.

    Attributes
    ----------
    notebook : dict or None
        With outputs, as nbgrader's SaveAutoGrades reads it; None where nothing was graded.
    record : dict
        For the class report and the log: plain data, see `classroom.report.page`.
    ungraded : tuple of str
        Graded cells that time did not suffice for: they wait for a person.
    """

    notebook: dict | None
    record: dict
    ungraded: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """One of graded, partly graded, not graded."""
        return self.record["status"]


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


def fresh_seed() -> int:
    """Draw a seed that nobody can foresee."""
    return secrets.randbits(31)


def grade_submission(lesson: Lesson, student: str, data: bytes, seed: int) -> Graded:
    """Grade one submitted notebook; never raises for what is in it.

    Parameters
    ----------
    lesson : Lesson
    student : str
    data : bytes
        The submitted file.
    seed : int
        Of the inputs: the same seed gives the same grade.

    Raises
    ------
    SandboxError
        If learners' code cannot be run here at all.
    """
    start = time.monotonic()
    try:
        made = rebuild(data, lesson.release)
    except SubmissionError as error:
        return not_graded(lesson, student, str(error), seed)
    for attempt in (1, 2):
        try:
            graded = _grade(lesson, student, made, seed)
            break
        except SandboxError:
            if attempt == 2:
                raise
            close_template()
    graded.record["seconds"] = round(time.monotonic() - start, 3)
    return graded


def _grade(lesson: Lesson, student: str, made: Any, seed: int) -> Graded:
    notebook = copy.deepcopy(made.notebook)
    imports = imports_of(lesson.release)
    exercises: list[dict] = []
    ungraded: list[str] = []
    cause = ""
    with Learner(warm_template(), made.steps, lesson.limits, isolated=lesson.isolated) as learner:
        try:
            learner.run()
        except OutOfNotebookTimeError as error:
            cause = str(error)
        shown = {name: list(outputs) for name, outputs in learner.outputs.items()}  # before any graded input
        for cell in notebook["cells"]:
            meta = cell["metadata"].get("nbgrader", {})
            if not meta.get("grade"):
                if cell["cell_type"] == "code":
                    _show(cell, shown.get(cell["id"], []))
                continue
            if meta.get("solution"):
                exercises.append(_by_hand(cell, meta, cell["id"] in made.changed))
                continue
            outputs, verdict = [], None
            if not cause:
                try:
                    handles = _handles(learner, cell["id"])
                    outputs, verdict = grade_cell(_source(cell), imports, handles, seed)
                    learner.check_time()  # else a call that was cut short would count as a wrong one
                except OutOfNotebookTimeError as error:
                    cause = str(error)
            if cause:
                ungraded.append(cell["id"])
                outputs = [{"output_type": "stream", "name": "stdout", "text": f"Not graded: {cause}.\n"}]
            _show(cell, outputs)
            exercises.append(_exercise(cell, meta, verdict, outputs, bool(cause)))
        ended = list(learner.ended)
        _say_again(learner, notebook, imports, exercises)
    if not lesson.isolated:
        _say_unsafe(notebook)
    notebook["metadata"] = {**notebook.get("metadata", {}), "course": {"seed": seed, "version": lesson.version}}
    status = GRADED if not cause else PARTLY if len(ungraded) < len(_checks(notebook)) else NOT
    if status == NOT:
        return not_graded(lesson, student, "; ".join([cause, *ended[:2]]), seed)
    cause = "; ".join(filter(None, [cause and f"{cause}; not reached: {', '.join(ungraded)}", *ended[:3]]))
    record = _record(lesson, student, status, cause, seed)
    earned = [e["points"] for e in exercises if e["points"] is not None]
    record.update(
        exercises=exercises,
        points=float(sum(earned)),
        max_points=float(sum(e["max_points"] for e in exercises)),
        waiting=float(sum(e["max_points"] for e in exercises if e["points"] is None)),
    )
    return Graded(notebook, record, tuple(ungraded))


def not_graded(lesson: Lesson, student: str, cause: str, seed: int | None = None) -> Graded:
    """Say of a submission that it was not graded, and why: that is no 0."""
    return Graded(None, _record(lesson, student, NOT, cause, seed))


def _record(lesson: Lesson, student: str, status: str, cause: str, seed: int | None) -> dict:
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    return {
        "schema": 1,
        "lesson": lesson.name,
        "student": student,
        "status": status,
        "cause": cause,
        "sandbox": lesson.isolated,
        "seed": seed,
        "course_version": lesson.version,
        "graded_at": now,
        "seconds": 0.0,
        "points": None,
        "max_points": float(sum(c["metadata"]["nbgrader"]["points"] for c in _graded_cells(lesson.release))),
        "waiting": 0.0,
        "exercises": [],
    }


def _graded_cells(nb: dict) -> list[dict]:
    return [cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def _checks(nb: dict) -> list[dict]:
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


def _exercise(cell: dict, meta: dict, verdict: Any, outputs: list[dict], unreached: bool) -> dict:
    points = None if unreached else _points(outputs, meta["points"])
    name = verdict.name if verdict is not None else cell["id"].removesuffix("-check").replace("-", "_")
    judged = verdict is not None and verdict.problem is None
    layers = []
    for layer in verdict.layers if judged else []:
        found = layer.misconception
        layers.append(
            {
                "layer": layer.layer,
                "points": layer.points,
                "max_points": layer.max_points,
                "misconception": found.name if found else None,
                "kind": found.kind if found else None,
                "hint": found.hint if found else None,
                "observation": None if found else verdict.observation(layer),
                "unmatched": None if found or layer.passed else verdict.account(layer) or None,
            }
        )
    problem = verdict.problem if verdict is not None else None
    if verdict is None and outputs and outputs[-1]["output_type"] == "error":
        problem = f"the graded cell raised {outputs[-1]['ename']}"
    return {
        "name": name,
        "grade_id": cell["id"],
        "points": points,
        "max_points": float(meta["points"]),
        "hand_graded": False,
        "unsolved": bool(verdict is not None and verdict.unsolved),
        "problem": problem,
        "mend_first": list(verdict.judgement.mend_first) if judged else [],
        "layers": layers,
    }


def _say_again(learner: Learner, notebook: dict, imports: str, exercises: list[dict]) -> None:
    """Say what came back on the inputs that everybody sees as a process says it that has seen no others.

    The first process has seen inputs that were drawn for this grade, and might have returned those.
    """
    said: dict[str, list[dict]] = {}
    for exercise in exercises:
        said[exercise["grade_id"]] = [x for x in exercise["layers"] if "you returned" in (x["unmatched"] or "")]
        for layer in said[exercise["grade_id"]]:
            layer["unmatched"] = None
    if not any(said.values()):
        return
    learner.close()
    for cell in notebook["cells"]:
        if not said.get(cell["id"]):
            continue
        try:
            _, verdict = grade_cell(_source(cell), imports, _handles(learner, cell["id"]), None)
        except OutOfNotebookTimeError:
            return
        failed = [x for x in verdict.layers if not x.passed] if verdict is not None else []
        for layer in said[cell["id"]]:
            layer["unmatched"] = next((verdict.account(x) for x in failed if x.layer == layer["layer"]), None) or None


def _points(outputs: list[dict], most: float) -> float:
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


def _by_hand(cell: dict, meta: dict, written: bool) -> dict:
    return {
        "name": cell["id"].removesuffix("-why").replace("-", "_"),
        "grade_id": cell["id"],
        "points": None if written else 0.0,
        "max_points": float(meta["points"]),
        "hand_graded": True,
        "unsolved": not written,
        "problem": None,
        "mend_first": [],
        "layers": [],
    }


def _show(cell: dict, outputs: list[dict]) -> None:
    cell["outputs"] = outputs
    cell["execution_count"] = 1 if outputs else None
    for output in outputs:
        if output["output_type"] == "execute_result":
            output["execution_count"] = 1


def _say_unsafe(notebook: dict) -> None:
    cell = {"cell_type": "markdown", "id": "graded-without-sandbox", "metadata": {}, "source": f"**{UNSAFE}**"}
    notebook["cells"].insert(0, cell)


def _source(cell: dict) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
