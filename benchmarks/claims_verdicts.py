"""What the grid says of each claim for each model: always, when ..., never, or not applicable."""

from __future__ import annotations

import enum
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from benchmarks.claims_grid import CATALOGUES, MODELS, SPLITS, STARTS, WIDTH, Figures, Line

L2S = ("no L2", "some L2", "much L2")
LENGTHS = ("short", "middle", "long")
T_OF_FOUR = 2.776
"""The 97.5 % quantile of Student's t with four degrees of freedom: five splits."""
CLEAR = 0.95
"""A condition that tells this share of the places right is plain enough to be said without looking for a longer one."""


class Spot(NamedTuple):
    """A place of the grid without its model and split, L2 and length by name."""

    catalogue: str
    start: float
    l2: str
    length: str


SPOTS = [Spot(*values) for values in itertools.product(CATALOGUES, STARTS, L2S, LENGTHS)]
Runs = dict[Spot, list[Figures]]
"""What one model gave at each spot, by split."""


class Status(enum.Enum):
    """What the splits say of a claim at one spot."""

    HOLDS = "holds"
    FAILS = "does not hold"
    OPEN = "the splits do not agree"
    NOTHING = "nothing to cure"
    AWAY = "the training runs away"
    NOT_ASKED = "not asked here"


COUNTED = (Status.HOLDS, Status.FAILS, Status.OPEN)


@dataclass(frozen=True)
class Claim:
    """A claim of the founding text.

    Parameters
    ----------
    name : str
    words : str
        The claim.
    yardstick : str
        What is measured, in words: the claim holds where this is above zero.
    effect : callable
        ``effect(figures)``, one number.
    asked : callable
        ``asked(spot)``: whether the claim says anything about a spot.
    needs_rare : bool
        It cures something: it is asked only where rare films are over-recommended after a large start without L2.
    """

    name: str
    words: str
    yardstick: str
    effect: Callable[[Figures], float]
    asked: Callable[[Spot], bool] = lambda spot: True
    needs_rare: bool = False


def _fewer_rare(figures: Figures) -> float:
    return figures.hidden_rare - figures.dot_rare


CLAIMS = [
    Claim("norm", "frequent items get long vectors", "Spearman(norm, count)", lambda figures: figures.rho),
    Claim(
        "dot",
        "the dot product favours popular items, more than the cosine",
        "popularity of a slot by dot product less that by cosine, over the mean of the catalogue",
        lambda figures: figures.dot_popularity - figures.cosine_popularity,
    ),
    Claim(
        "dominate",
        "popular items dominate the dot product's lists",
        "popularity of a slot by dot product less that of the users' hidden films, over the mean of the catalogue",
        lambda figures: figures.dot_popularity - figures.hidden_popularity,
    ),
    Claim(
        "prefer",
        "where popularity helps, the dot product is to be preferred",
        "recall@10 by dot product less that by cosine",
        lambda figures: figures.dot_recall - figures.cosine_recall,
    ),
    Claim(
        "rare",
        "a large start puts rare items before relevant ones",
        "share of rare films in the slots less their share in the users' hidden films; start 1, no L2",
        lambda figures: -_fewer_rare(figures),
        lambda spot: spot.start == max(STARTS) and spot.l2 == L2S[0],
    ),
    Claim(
        "start",
        "a careful start cures it",
        "share of rare films in the users' hidden films less that in the slots; a smaller start, no L2",
        _fewer_rare,
        lambda spot: spot.start < max(STARTS) and spot.l2 == L2S[0],
        needs_rare=True,
    ),
    Claim(
        "l2",
        "regularisation cures it",
        "share of rare films in the users' hidden films less that in the slots; start 1, with L2",
        _fewer_rare,
        lambda spot: spot.start == max(STARTS) and spot.l2 != L2S[0],
        needs_rare=True,
    ),
    Claim(
        "both",
        "both together cure it",
        "share of rare films in the users' hidden films less that in the slots; a smaller start, with L2",
        _fewer_rare,
        lambda spot: spot.start < max(STARTS) and spot.l2 != L2S[0],
        needs_rare=True,
    ),
]


def interval(values: Iterable[float]) -> tuple[float, float]:
    """Compute the 95 % interval of a mean over five splits, by Student's t.

    Raises
    ------
    ValueError
        If there are not five.

    Examples
    --------
    >>> low, high = interval([0.1, 0.2, 0.3, 0.2, 0.2])
    >>> round(low, 3), round(high, 3)
    (0.112, 0.288)
    """
    array = np.array(list(values), dtype=float)
    if len(array) != len(SPLITS):
        raise ValueError(f"values must be those of {len(SPLITS)} splits, not of {len(array)}")
    half = T_OF_FOUR * array.std(ddof=1) / math.sqrt(len(array))
    return float(array.mean() - half), float(array.mean() + half)


def by_model(lines: list[Line], *, width: int = WIDTH, rate: float = 1.0) -> dict[str, Runs]:
    """Arrange lines of one width and rate by model and spot, splits in their order."""
    found: dict[str, Runs] = {name: {} for name in MODELS}
    for place, length, figures in sorted(lines, key=lambda line: line.place.split):
        if (place.width, place.rate) == (width, rate):
            model = MODELS[place.model]
            l2, when = L2S[model.l2.index(place.l2)], LENGTHS[model.lengths.index(length)]
            found[place.model].setdefault(Spot(place.catalogue, place.start, l2, when), []).append(figures)
    return found


RARE = next(claim for claim in CLAIMS if claim.name == "rare")


def status(claim: Claim, spot: Spot, runs: Runs) -> Status:
    """Say what the splits say of a claim at a spot."""
    if not claim.asked(spot):
        return Status.NOT_ASKED
    if claim.needs_rare:
        before = status(RARE, spot._replace(start=max(STARTS), l2=L2S[0]), runs)
        if before is not Status.HOLDS:
            return Status.AWAY if before is Status.AWAY else Status.NOTHING
    effects = [claim.effect(figures) for figures in runs[spot]]
    if np.isnan(effects).any():
        return Status.AWAY
    low, high = interval(effects)
    return Status.HOLDS if low > 0 else Status.FAILS if high < 0 else Status.OPEN


class Condition(NamedTuple):
    """A condition on a spot, in words."""

    words: str
    holds: Callable[[Spot], bool]


def _terms() -> list[tuple[str, Condition]]:
    """Give the plain conditions, by the dial that each is about."""
    small, middle, large = STARTS
    words: list[tuple[str, str, tuple[Any, ...]]] = [
        ("start", f"start {small:g}", (small,)),
        ("start", f"start {middle:g} or less", (small, middle)),
        ("start", f"start {middle:g} or more", (middle, large)),
        ("start", f"start {large:g}", (large,)),
        ("l2", "no L2", L2S[:1]),
        ("l2", "with L2", L2S[1:]),
        ("l2", "little L2 or none", L2S[:2]),
        ("l2", "much L2", L2S[2:]),
        ("length", "short training", LENGTHS[:1]),
        ("length", "training not long", LENGTHS[:2]),
        ("length", "training not short", LENGTHS[1:]),
        ("length", "long training", LENGTHS[2:]),
        *(("catalogue", f"on {name}", (name,)) for name in CATALOGUES),
    ]
    return [(dial, Condition(said, _one_of(dial, values))) for dial, said, values in words]


def _one_of(dial: str, values: tuple[Any, ...]) -> Callable[[Spot], bool]:
    return lambda spot: getattr(spot, dial) in values


def _both(a: Condition, b: Condition) -> Condition:
    return Condition(f"{a.words}, {b.words}", lambda spot: a.holds(spot) and b.holds(spot))


def _either(a: Condition, b: Condition) -> Condition:
    return Condition(f"{a.words}, or {b.words}", lambda spot: a.holds(spot) or b.holds(spot))


def conditions() -> Iterator[tuple[int, Condition]]:
    """Give conditions with their number of terms, plainest first: one dial, then two with "and", then with "or"."""
    terms = _terms()
    for _, term in terms:
        yield 1, term
    pairs = [(a, b) for (one, a), (other, b) in itertools.combinations(terms, 2) if one != other]
    for join in (_both, _either):
        for a, b in pairs:
            yield 2, join(a, b)


class Verdict(NamedTuple):
    """What the grid says of a claim for a model.

    Attributes
    ----------
    word : str
        "always", "when ...", "never" or "not applicable".
    inside, outside : (int, int)
        Where the condition is met and where not: at how many spots the claim holds, and at how many it is asked.
    away : int
        Spots at which the training ran away on some split; they are not counted.
    """

    word: str
    inside: tuple[int, int]
    outside: tuple[int, int]
    away: int

    @property
    def counts(self) -> str:
        """The counts in words.

        Examples
        --------
        >>> Verdict("when no L2", (18, 18), (2, 36), 0).counts
        '18 of 18, elsewhere 2 of 36'
        """
        words = "{} of {}".format(*self.inside) if self.inside[1] else ""
        if self.outside[1]:
            words += ", elsewhere {} of {}".format(*self.outside)
        return words


def judge(claim: Claim, runs: Runs) -> Verdict:
    """Judge a claim for a model over its grid."""
    found = {spot: status(claim, spot, runs) for spot in SPOTS}
    away = sum(value is Status.AWAY for value in found.values())
    counted = {s: v is Status.HOLDS for s, v in found.items() if v in COUNTED}
    yes, n = sum(counted.values()), len(counted)
    if not n:
        return Verdict("not applicable", (0, 0), (0, 0), away)
    if yes in (0, n):
        return Verdict("always" if yes else "never", (yes, n), (0, 0), away)
    best, best_right, terms = None, 0, 0
    for size, condition in conditions():
        if best is not None and size > terms and best_right >= CLEAR * n:
            break
        right = sum(condition.holds(spot) == holds for spot, holds in counted.items())
        if right > best_right:
            best, best_right, terms = condition, right, size
    assert best is not None  # every term but its opposite is right somewhere
    if yes >= CLEAR * n and yes >= best_right:
        return Verdict(f"when not at {n - yes} of {n} places", (yes, n), (0, 0), away)
    inside = [holds for spot, holds in counted.items() if best.holds(spot)]
    outside = [holds for spot, holds in counted.items() if not best.holds(spot)]
    return Verdict(f"when {best.words}", (sum(inside), len(inside)), (sum(outside), len(outside)), away)


def judge_all(lines: list[Line]) -> dict[str, dict[str, Verdict]]:
    """Judge every claim for every model: ``{claim: {model: verdict}}``."""
    runs = by_model(lines)
    return {claim.name: {model: judge(claim, runs[model]) for model in MODELS} for claim in CLAIMS}


def same_side(claim: Claim, lines: list[Line]) -> tuple[int, int]:
    """Count at how many spots other widths and the slower rate have a claim's effect on the side that the grid has.

    On the first split alone; where the training runs away nothing is counted.

    Returns
    -------
    (int, int)
        Spots on the same side, and spots compared.
    """
    first = [line for line in lines if line.place.split == SPLITS[0]]
    here = by_model(first)
    sides = {(line.place.width, line.place.rate) for line in first} - {(WIDTH, 1.0)}
    same = n = 0
    for width, rate in sorted(sides):
        there = by_model(first, width=width, rate=rate)
        for model, runs in there.items():
            for spot, (figures,) in runs.items():
                if claim.asked(spot):
                    pair = claim.effect(figures), claim.effect(here[model][spot][0])
                    if not np.isnan(pair).any():
                        n += 1
                        same += (pair[0] > 0) == (pair[1] > 0)
    return same, n
