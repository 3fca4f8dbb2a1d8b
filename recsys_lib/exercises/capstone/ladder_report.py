"""Report a score only where it is better by more than a step, and rounded to the step."""

from __future__ import annotations

import math

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("ladder_report", points={"values": 3}, instead_of=("ladder_report",))
def ladder_report(best, score, step):
    """The Ladder of Blum and Hardt, for a score of which more is better."""
    if score - best > step:
        return math.floor(score / step + 0.5) * step
    return best


@ladder_report.inputs(
    "values",
    fixed=[
        (0.5, 0.875, 0.25),
        (0.5, 0.625, 0.25),
        (0.5, 0.25, 0.125),
        (0.5, 0.75, 0.25),
        (0.25, 0.625, 0.25),
        (0.5, 0.78125, 0.125),
        (0.5, 0.703125, 0.125),
        (0.4375, 0.6875, 0.125),
        (0.5, 0.6484375, 0.125),
        (-np.inf, 0.453125, 0.0625),
        (0.0, 0.25, 0.0625),
    ],
)
def _(rng):
    found = []
    for _ in range(10):
        step = float(2.0 ** -rng.integers(2, 6))
        best = step * int(rng.integers(2, 9))
        found.append((best, best + step * int(rng.integers(-16, 41)) / 8, step))
    step = float(2.0 ** -rng.integers(2, 6))
    return [
        *found,
        (6 * step, 7 * step, step),
        (2 * step, 4.5 * step, step),
        (5 * step, 6.25 * step, step),
        (3 * step, 3.5 * step, step),
    ]


def _rounded(score, step):
    return math.floor(score / step + 0.5) * step


@ladder_report.misconception("An improvement of exactly one step is reported; what does the prompt say of it?")
def step_is_enough(best, score, step):
    return _rounded(score, step) if score - best >= step else best


@ladder_report.misconception("You report the score to its last digit; to what is it to be rounded?")
def not_rounded(best, score, step):
    return score if score - best > step else best


@ladder_report.misconception(
    "You report every improvement, however small; how much better must a score be to be told?", kind="misconception"
)
def any_improvement(best, score, step):
    return _rounded(score, step) if score > best else best


@ladder_report.misconception(
    "You tell the larger of the two, to the last digit: a board without a ladder. Where does the step come in?",
    kind="misconception",
)
def larger(best, score, step):
    return max(best, score)


@ladder_report.misconception("You report every score, rounded; what is told where it is not better?")
def always_rounded(best, score, step):
    return _rounded(score, step)


@ladder_report.misconception("You round the score before you compare it; which score is to be better by a step?")
def rounded_first(best, score, step):
    score = _rounded(score, step)
    return score if score - best > step else best


@ladder_report.misconception("You round down; which multiple of the step is the nearest?")
def rounded_down(best, score, step):
    return math.floor(score / step) * step if score - best > step else best


@ladder_report.misconception("You round up; which multiple of the step is the nearest?")
def rounded_up(best, score, step):
    return math.ceil(score / step) * step if score - best > step else best


@ladder_report.misconception(
    "A half goes to the even neighbour, which is how Python and NumPy round; where does the prompt send it?"
)
def half_to_even(best, score, step):
    return float(np.round(score / step)) * step if score - best > step else best


@ladder_report.misconception("You climb one rung at a time; what is told of a score that is several steps better?")
def one_rung(best, score, step):
    return best + step if score - best > step else best


@ladder_report.misconception("A smaller score counts as the better one; which way round is nDCG?")
def less_is_better(best, score, step):
    return _rounded(score, step) if best - score > step else best


@ladder_report.misconception("You tell the raw score where nothing is to be told; what stays on the board then?")
def tells_what_is_worse(best, score, step):
    return _rounded(score, step) if score - best > step else score


@ladder_report.misconception("You return how many steps the score is worth; what is the score on the board?")
def number_of_steps(best, score, step):
    return float(math.floor(score / step + 0.5)) if score - best > step else best


@ladder_report.misconception("You return nothing where the score is not better; what stays on the board?")
def nothing(best, score, step):
    return _rounded(score, step) if score - best > step else None


@ladder_report.alternative
def by_numpy(best, score, step):
    return np.where(score > best + step, np.floor(score / step + 0.5) * step, best)[()]


@ladder_report.alternative
def keep_first(best, score, step):
    if score <= best + step:
        return best
    return step * ((score + step / 2) // step)


@ladder_report.alternative
def by_the_lower_rung(best, score, step):
    lower = math.floor(score / step)
    rung = lower if score / step - lower < 0.5 else lower + 1
    return rung * step if score > best + step else best
