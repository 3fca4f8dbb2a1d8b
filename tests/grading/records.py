"""Records of a made-up class: small ones counted by hand, and a thousand students with an exercise's real mistakes."""

from __future__ import annotations

import numpy as np

from classroom.submission.record import ExerciseRecord, LayerRecord, Record, State
from recsys_lib.checks import all_exercises

LESSON = "L03_three_measures"
MADE = {"lesson": LESSON, "made_at": "2026-11-24T18:00:00+00:00"}
RIGHT_BUT_ONE = ["for q=[3, 4], items=[[4, 3]] you returned [1], not [0.96]", "you returned None, not [0.96]"]


def layer(name="values", points=0, most=2, **more):
    """Return one layer's record."""
    empty = dict.fromkeys(("misconception", "kind", "hint", "observation", "unmatched"))
    return LayerRecord(layer=name, points=points, max_points=most, **{**empty, **more})


def wrong(misconception, hint="Divide by each length.", **more):
    """Return a layer with a known mistake."""
    return layer(misconception=misconception, kind=more.pop("kind", "mistake"), hint=hint, **more)


def answer(name, points, most=2.0, *layers, mend_first=(), **more):
    """Return one exercise's record."""
    flags = {"hand_graded": False, "unsolved": False, "problem": None, **more}
    grade_id = f"{name.replace('_', '-')}-check"
    known = {"name": name, "grade_id": grade_id, "points": points, "max_points": most, **flags}
    return ExerciseRecord(**known, layers=layers, mend_first=tuple(mend_first))


def record(student, *exercises, status=State.GRADED, **more):
    """Return one student's record; points are those of the exercises."""
    points = sum(e.points or 0 for e in exercises) if status != State.NOT else None
    made = {
        "lesson": LESSON, "student": student, "status": State(status), "cause": "", "sandbox": True, "seed": 1,
        "course_version": "0.1.0", "graded_at": "2026-11-24T17:00:00+00:00", "seconds": 0.4, "points": points,
        "max_points": 10.0, "waiting": 0.0, "exercises": exercises,
    }  # fmt: skip
    return Record(**{**made, **more})


def small_class():
    """Return five students whose figures can be counted by hand."""
    both = wrong("one_norm_for_all"), wrong("one_norm_for_all", points=0, most=1)  # two layers, one student
    return [
        record("ada", answer("dot", 2.0), answer("cosine", 3.0, 3.0), answer("why", None, 2.0, hand_graded=True),
               waiting=2.0),
        record("bob", answer("dot", 0.0, 2.0, layer(unmatched=RIGHT_BUT_ONE[0])), answer("cosine", 0.0, 3.0, *both),
               answer("why", 1.0, 2.0, hand_graded=True)),
        record("cyd", answer("dot", 2.0), answer("cosine", 1.0, 3.0, wrong("one_norm_for_all")),
               answer("why", None, 2.0, hand_graded=True), waiting=2.0),
        record("dan", answer("dot", 0.0, unsolved=True), status="partly graded", cause="dan's cosine took too long."),
        record("eve", status="not graded", cause="submitted/eve/x.ipynb is not JSON."),
    ]  # fmt: skip


def synthetic_class(n=1000, seed=0):
    """Return a class of `n` for lesson 3, with the real misconceptions of its exercises; some submissions are bad."""
    rng = np.random.default_rng(seed)
    exercises = [e for e in all_exercises().values() if e.lesson == "three_measures"]
    return [_synthetic_student(f"student{k:04d}", exercises, rng) for k in range(n)]


def _synthetic_student(name, exercises, rng):
    skill = rng.beta(4, 2)
    done = [_synthetic_answer(e, skill, rng) for e in exercises]
    waits = rng.random() < 0.8
    done.append(answer("which_measure", None if waits else float(rng.integers(0, 4)), 3.0, hand_graded=True))
    status = rng.choice(["graded", "partly graded", "not graded"], p=[0.95, 0.03, 0.02])
    causes = {"graded": "", "partly graded": "The kernel was ended: more than 1 GB of memory.",
              "not graded": "The notebook is not JSON (line 1)."}  # fmt: skip
    kept = {"graded": done, "partly graded": done[:4], "not graded": []}[status]
    more = {"waiting": 3.0 * (waits and status == "graded"), "max_points": sum(e.max_points for e in done)}
    return record(name, *kept, status=str(status), cause=causes[status], **more)


def _synthetic_answer(exercise, skill, rng):
    most = float(exercise.max_points)
    chance = rng.random()
    if chance < skill:
        return answer(exercise.name, most, most, *(layer(n, p, p) for n, p in exercise.points.items()))
    if chance > 0.93:
        return answer(exercise.name, 0.0, most, unsolved=True)
    if exercise.uses and rng.random() < 0.3:
        return answer(exercise.name, 0.0, most, mend_first=[exercise.uses[0]])
    known = exercise.misconceptions
    weights = 1 / np.arange(1, len(known) + 1) ** 1.2
    fits = known[rng.choice(len(known), p=weights / weights.sum())]
    told = {"misconception": fits.name, "kind": fits.kind, "hint": fits.hint}
    if rng.random() >= 0.8:
        told = {"unmatched": f"for q=[3, 4], items=[[4, 3]] you returned [{rng.zipf(1.7)}], not [0.96]"}
        told["observation"] = "Your numbers are in the right order, but they are not the right numbers."
    nothing = fits.layer == "values" and rng.random() < 0.7
    layers = [
        layer(n, 0 if nothing or n == fits.layer else p, p, **(told if n == fits.layer else {}))
        for n, p in exercise.points.items()
    ]
    return answer(exercise.name, float(sum(x.points for x in layers)), most, *layers)
