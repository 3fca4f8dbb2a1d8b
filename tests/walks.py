"""Four walks through the code: which of the course's files something enters on its way.

python -m tests.walks        print them as docs/architecture.md holds them
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- walks -->", "<!-- end of walks -->"


def entered(walk: Callable[[], object]) -> list[str]:
    """Return the files of the course whose functions a walk calls, in the order in which they are entered first.

    The walk is made twice: what happens once only, imports and caches, is no part of it.
    """
    found: dict[str, None] = {}

    def see(frame: FrameType, event: str, arg: Any) -> None:
        if event != "call" or frame.f_code.co_name == "<module>":
            return
        path = Path(frame.f_code.co_filename)
        if path.suffix == ".py" and path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in PLACES:
            found.setdefault(path.relative_to(ROOT).as_posix())

    walk()
    threading.setprofile(see)
    sys.setprofile(see)
    try:
        walk()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return list(dict.fromkeys(map(_one_exercise, found)))


PLACES = ("recsys_lib", "classroom", "course.py")


def _one_exercise(path: str) -> str:
    """Let the files of one lesson's exercises count as one: each exercise enters its own."""
    return "recsys_lib/exercises/<lesson>/<exercise>.py" if path.startswith("recsys_lib/exercises/") else path


def answer_to_hint() -> None:
    """Check a wrong cosine, the first one in a notebook, and show the verdict."""
    from recsys_lib.checks import check
    from recsys_lib.checks.checking import get

    exercise = get("cosine")
    exercise.right_on_fixed.clear()
    exercise.wrong_on_fixed.clear()
    str(check("cosine", lambda q, items: items @ q / (np.linalg.norm(items) * np.linalg.norm(q))))


def submission_to_report() -> None:
    """Grade a class of one, in this process; the sandbox is a process of its own."""
    from classroom.group.run import grade_class
    from tests.grading.submissions import handed_in, make_course

    # A machine that hands over a control group has one more step.
    without = mock.patch("classroom.sandbox.cgroups.parent", return_value=None)
    with without, tempfile.TemporaryDirectory() as folder:
        course = make_course(Path(folder) / "course", {"ada": handed_in(["dot"])})
        grade_class("L03", course, workers=0, progress=False)


def rating_to_list() -> None:
    """Load the ratings, hide a quarter, fit a model, score, and take the ten best unseen films."""
    from recsys_lib import datasets
    from recsys_lib.factorization import fit_ials
    from recsys_lib.retrieval import top_k
    from recsys_lib.similarity import dot_scores
    from recsys_lib.splits import per_user_75_25

    data = datasets.load(quiet=True)
    train, _ = per_user_75_25(data, 0)
    rng = np.random.default_rng(0)
    users, items = fit_ials(data.interactions(train), 8, l2=5, unobserved_weight=0.1, sweeps=1, rng=rng)
    top_k(dot_scores(users, items), 10, seen=data.matrix(train) > 0)


def text_to_notebook() -> None:
    """Build a small lesson."""
    from classroom.author.build import build
    from tests.lessons.lessons import write_toy

    with tempfile.TemporaryDirectory() as folder:
        write_toy(Path(folder) / "solutions")
        build(solutions=Path(folder) / "solutions", notebooks=Path(folder) / "notebooks", progress=False)


WALKS = {
    "A wrong answer to its hint": answer_to_hint,
    "A submission to the report": submission_to_report,
    "A rating to a list of films": rating_to_list,
    "A lesson's text to the learner's notebook": text_to_notebook,
}


def written(title: str, files: list[str]) -> str:
    """Write one walk as Markdown: files of one folder that follow each other stand behind it."""
    groups: list[tuple[str, list[str]]] = []
    for file in files:
        folder, _, name = file.rpartition("/")
        if groups and groups[-1][0] == folder:
            groups[-1][1].append(name.removesuffix(".py"))
        else:
            groups.append((folder, [name.removesuffix(".py")]))
    steps = [f"`{folder}/`: {', '.join(names)}" for folder, names in groups]
    return f"**{title}** ({len(files)} files): " + "; ".join(steps) + "."


def section(text: str) -> str:
    """Return what stands between the two marks of docs/architecture.md."""
    return text.partition(BEGIN)[2].partition(END)[0].strip()


if __name__ == "__main__":
    print("\n\n".join(written(title, entered(walk)) for title, walk in WALKS.items()))
