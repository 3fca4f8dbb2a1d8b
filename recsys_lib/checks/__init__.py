"""Check an answer, and say why it is wrong.

`check` is what a lesson calls. An exercise is defined in ``recsys_lib/exercises`` (see `recsys_lib.checks.definition`).
A `callee` is the learner's function, wherever it runs, and `calling` keeps it from doing harm; `layers` are the parts
that are judged and paid one by one; `comparison` says what counts as the same; `diagnosis` judges and explains, with
`known_mistakes`, `choices` and `relations`; and `verdict` puts it into words.
"""

from recsys_lib.checks.calling import call_safely
from recsys_lib.checks.checking import Chosen, check, get, yours_or_ours
from recsys_lib.checks.definition import Exercise, Misconception, all_exercises, exercise
from recsys_lib.checks.verdict import Verdict

__all__ = [
    "Chosen",
    "Exercise",
    "Misconception",
    "Verdict",
    "all_exercises",
    "call_safely",
    "check",
    "exercise",
    "get",
    "yours_or_ours",
]
