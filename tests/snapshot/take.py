"""What the course says and pays today, as data: behaviour that moving code about must not change.

    python tests/snapshot/take.py            write tests/snapshot/*.json
    python tests/snapshot/take.py --check    compare, and name what differs

Two parts: every answer in tests/attempts through `check` (points and text), and a class of 64 submissions made of
those answers through `grade_class` with one seed (every record, and every graded notebook's outputs).
"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
import os
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

SEED = 20261129
STUDENTS = 8  # a lesson
VARYING = (
    "graded_at",
    "seconds",
    "course_version",
    "submission_sha256",
    "release_sha256",
    "logged",
    "seed",
    "schema",
    "course_commit",
    "checks_sha256",
)
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
TIMES = re.compile(r"\d+ times as long")


def attempts():
    """Every attempt, as (lesson, exercise, attempt), in a fixed order."""
    for path in sorted((ROOT / "tests" / "attempts").glob("*/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.parent.name, path.stem, json.loads(line)


def steady(text: str) -> str:
    """The text without what differs from run to run."""
    return TIMES.sub("N times as long", ADDRESS.sub("0x", text))


def verdicts() -> dict[str, list]:
    """Points and text of each attempt, by `exercise/id`."""
    import sklearn.metrics  # noqa: F401 - an attempt imports it, and its first import may take longer than a call may
    import sklearn.preprocessing  # noqa: F401 - as above

    from recsys_lib.checks import check

    found = {}
    for _, name, attempt in attempts():
        file = f"<{name}/{attempt['id']}>"
        linecache.cache[file] = (len(attempt["code"]), None, attempt["code"].splitlines(True), file)
        scope: dict = {"__name__": "attempt"}
        exec("import math\nimport numpy as np", scope)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
            exec(compile(attempt["code"], file, "exec"), scope)
        verdict = check(name, scope.get(name))
        text = steady(str(verdict))
        if "np.random.normal(" in attempt["code"] or "default_rng()" in attempt["code"]:  # it returns chance
            text = re.sub(r"you returned \S+", "you returned X", text)
        found[f"{name}/{attempt['id']}"] = [verdict.points, text]
    return found


def classes(folder: Path) -> dict[str, dict]:
    """The record of each submission of a class in each lesson, by `lesson/student`."""
    from snapshot_api import grade_lesson, lesson_names, release_notebook

    by_exercise: dict[str, list[str]] = {}
    for _, name, attempt in attempts():
        by_exercise.setdefault(name, []).append(attempt["code"])
    found = {}
    for lesson in lesson_names():
        students = {}
        for number in range(STUDENTS):
            nb = release_notebook(lesson)
            for cell in nb["cells"]:
                codes = by_exercise.get(cell["id"].replace("-", "_"))
                if codes and cell["metadata"].get("nbgrader", {}).get("solution"):
                    cell["source"] = codes[number % len(codes)]
                elif cell["id"].endswith("-why") and number % 2:
                    cell["source"] = f"Because {number}."
            students[f"s{number}"] = nb
        for student, record, notebook in grade_lesson(folder / lesson, lesson, students, SEED):
            kept = {key: value for key, value in record.items() if key not in VARYING}
            outputs = {c["id"]: c["outputs"] for c in notebook["cells"] if c.get("outputs")} if notebook else None
            found[f"{lesson}/{student}"] = json.loads(steady(json.dumps({"record": kept, "outputs": outputs})))
    return found


def main() -> int:
    """Write the snapshot, or compare with it."""
    parts = [p for p in ("verdicts", "records") if not set(sys.argv[1:]) & {"verdicts", "records"} or p in sys.argv]
    bad = 0
    for part in parts:
        if part == "verdicts":
            made = verdicts()
        else:
            with tempfile.TemporaryDirectory(prefix="course-snapshot-") as folder:
                made = classes(Path(folder))
        made = json.loads(json.dumps(made))
        path = HERE / f"{part}.json"
        if "--check" not in sys.argv:
            path.write_text(json.dumps(made, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
            print(f"{len(made)} {part} written")
            continue
        known = json.loads(path.read_text(encoding="utf-8"))
        for key in sorted(set(made) | set(known)):
            if made.get(key) != known.get(key):
                bad += 1
                was, now = (json.dumps(found.get(key))[:3000] for found in (known, made))
                print(f"--- {part} {key}\n  was {was}\n  is  {now}")
        print(f"{len(made)} {part}, {bad} differ")
    return int(bool(bad))


if __name__ == "__main__":
    os.environ.pop("NBGRADER_EXECUTION", None)
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.exit(main())
