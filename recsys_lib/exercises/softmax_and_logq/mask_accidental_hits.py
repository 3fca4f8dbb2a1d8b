"""Strike out a row's right film where it stands in another place of the batch."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("mask_accidental_hits", points={"values": 3}, instead_of=("mask_accidental_hits",))
def mask_accidental_hits(logits, items):
    """Compare the film of each column with the film of each row, the diagonal apart."""
    masked = np.array(logits, dtype=float)
    for i in range(len(items)):
        for j in range(len(items)):
            if i != j and items[i] == items[j]:
                masked[i, j] = -np.inf
    return masked


def _counting(b):
    return np.arange(1.0, b * b + 1).reshape(b, b)


@mask_accidental_hits.inputs(
    "values",
    fixed=[
        (_counting(3), np.array([7, 5, 7])),
        (_counting(2), np.array([4, 4])),
        (_counting(3), np.array([0, 1, 2])),
        (_counting(4), np.array([3, 8, 8, 3])),
        ([[0.5, -2, 0, 1], [3, -1, 2, 0], [0, 0, -3, 4], [1, 1, 2, -0.5]], np.array([2, 2, 6, 2])),
        (_counting(5) - 12, np.array([0, 4, 0, 4, 0])),
        (_counting(1), np.array([9])),
        (_counting(3) - 20, np.array([1, 1, 1])),
        (_counting(4) / 2 - 4, np.array([1, 0, 1, 5])),
    ],
)
def _(rng):
    found = []
    for b, films in ((4, 3), (6, 4), (8, 20), (10, 3)):
        found.append((rng.normal(size=(b, b)).round(2), rng.integers(0, films, b)))
    first = rng.normal(size=(5, 5)).round(2)
    film, other = rng.permutation(40)[:2]
    return [*found, (first, np.array([film, other, film, other, film]))]


def _masked(logits, where, value=-np.inf):
    out = np.array(logits, dtype=float)
    out[where] = value
    return out


def _same(items):
    items = np.asarray(items)
    return items[:, None] == items[None, :]


def _off(items):
    return _same(items) & ~np.eye(len(items), dtype=bool)


@mask_accidental_hits.misconception(
    "You masked the right answers themselves: each row needs its own film, on the diagonal."
)
def own_positive_masked(logits, items):
    return _masked(logits, _same(items))


@mask_accidental_hits.misconception(
    "You wrote 0 for a hit by accident; to a softmax a logit of 0 is a logit like others: which one gets the "
    "probability 0?"
)
def zero_for_infinity(logits, items):
    return _masked(logits, _off(items), 0.0)


@mask_accidental_hits.misconception("You wrote plus infinity, which takes all the probability: the sign is missing.")
def plus_infinity(logits, items):
    return _masked(logits, _off(items), np.inf)


@mask_accidental_hits.misconception("You wrote NaN; a sum that holds NaN is NaN, so the whole row would be lost.")
def nan_for_infinity(logits, items):
    return _masked(logits, _off(items), np.nan)


@mask_accidental_hits.misconception(
    "You wrote a large negative number; the prompt asks for minus infinity, which is lower than any logit."
)
def large_number(logits, items):
    return _masked(logits, _off(items), -1e9)


@mask_accidental_hits.misconception(
    "You masked above the diagonal only; an accident in row i and column j is one in row j and column i as well."
)
def upper_half(logits, items):
    return _masked(logits, np.triu(_same(items), 1))


@mask_accidental_hits.misconception(
    "You masked below the diagonal only; an accident in row i and column j is one in row j and column i as well."
)
def lower_half(logits, items):
    return _masked(logits, np.tril(_same(items), -1))


@mask_accidental_hits.misconception(
    "You masked whole columns of films that come twice; only the rows whose right film it is must not be punished by "
    "it."
)
def whole_columns(logits, items):
    items = np.asarray(items)
    twice = np.array([np.sum(items == item) > 1 for item in items])
    return _masked(logits, np.tile(twice, (len(items), 1)) & ~np.eye(len(items), dtype=bool))


@mask_accidental_hits.misconception(
    "You masked a film's later places for every row; only the rows whose right film it is must not be punished by it."
)
def later_places(logits, items):
    items = np.asarray(items)
    later = np.array([item in items[:place] for place, item in enumerate(items)], dtype=bool)
    return _masked(logits, np.tile(later, (len(items), 1)) & ~np.eye(len(items), dtype=bool))


@mask_accidental_hits.misconception(
    "You masked whole rows of films that come twice; the wrong films of such a row have to stay."
)
def whole_rows(logits, items):
    items = np.asarray(items)
    twice = np.array([np.sum(items == item) > 1 for item in items])
    return _masked(logits, np.tile(twice[:, None], (1, len(items))) & ~np.eye(len(items), dtype=bool))


@mask_accidental_hits.misconception(
    "You masked every wrong film that is not an accident; it is the accidents that have to go."
)
def the_others_masked(logits, items):
    return _masked(logits, ~_same(items))


@mask_accidental_hits.misconception(
    "You masked one other place of a film only; it may be in three or more places of the batch."
)
def one_other_place(logits, items):
    items = np.asarray(items)
    where = np.zeros((len(items), len(items)), dtype=bool)
    for i, item in enumerate(items):
        others = [j for j in range(len(items)) if j != i and items[j] == item]
        if others:
            where[i, others[0]] = True
    return _masked(logits, where)


@mask_accidental_hits.misconception("You masked neighbours in the batch only; the same film may stand anywhere in it.")
def neighbours_only(logits, items):
    items = np.asarray(items)
    where = np.zeros((len(items), len(items)), dtype=bool)
    for i in range(len(items) - 1):
        where[i, i + 1] = where[i + 1, i] = items[i] == items[i + 1]
    return _masked(logits, where)


@mask_accidental_hits.misconception(
    "You returned where the accidents are; the prompt asks for the logits, with minus infinity there.", kind="next step"
)
def returns_the_mask(logits, items):
    return _off(items)


@mask_accidental_hits.misconception("You returned the logits as they came: a film that comes twice is still punished.")
def nothing_masked(logits, items):
    return np.array(logits, dtype=float)


@mask_accidental_hits.misconception(
    "You compared the logits and not the films; two equal films have the same number in `items`."
)
def equal_logits(logits, items):
    logits = np.array(logits, dtype=float)
    return _masked(logits, (logits == np.diag(logits)[:, None]) & ~np.eye(len(logits), dtype=bool))


@mask_accidental_hits.misconception(
    "You used the films' numbers as places of the batch; place j holds film `items[j]`.",
)
def numbers_as_places(logits, items):
    out = np.array(logits, dtype=float)
    for i, item in enumerate(items):
        if item < len(items) and item != i:
            out[i, item] = -np.inf
    return out


@mask_accidental_hits.alternative
def with_where(logits, items):
    items = np.asarray(items)
    accident = (items[:, None] == items[None, :]) & ~np.eye(len(items), dtype=bool)
    return np.where(accident, -np.inf, logits)


@mask_accidental_hits.alternative
def diagonal_put_back(logits, items):
    out = np.array(logits, dtype=float)
    out[np.equal.outer(items, items)] = -np.inf
    np.fill_diagonal(out, np.diag(logits))
    return out


@mask_accidental_hits.alternative
def row_by_row(logits, items):
    rows = []
    for i, row in enumerate(logits):
        rows.append([-np.inf if j != i and items[j] == items[i] else value for j, value in enumerate(row)])
    return np.array(rows)


@mask_accidental_hits.alternative
def film_by_film(logits, items):
    out = np.array(logits, dtype=float)
    for film in set(np.asarray(items).tolist()):
        places = [j for j, item in enumerate(items) if item == film]
        for i in places:
            for j in places:
                out[i, j] = out[i, j] if i == j else -np.inf
    return out
