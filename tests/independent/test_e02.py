"""Elective 2: the leak by scikit-learn on exact least squares, fake profiles ranked anew, and the log's hashes."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.independent import models
from tests.independent.measures import ndcg, ten_best

LEAK = r"^{dial} +{value}: nDCG (0\.\d+)  AUC (0\.\d+) \+- (0\.\d+)"
#: The lesson takes two steps of conjugate gradients where this file solves exactly.
STEPS = 0.002


def trained(seen, l2, d):
    """Exact alternating least squares, ten sweeps, from the lesson's start."""
    return models.ials(seen, models.start(*seen.shape, d, 0.1)[1], l2=l2, unobserved=0.1, sweeps=10)


@pytest.mark.parametrize(
    ("dial", "value", "l2", "d"), [("l2", r"1\.0", 1, 32), ("l2", r"10\.0", 10, 32), ("d", "8", 1, 8)]
)
def test_leak(lesson, split, dial, value, l2, d):
    """How often a known rating scores higher than a hidden one, user by user, and how good the lists are."""
    users, items = trained(split.seen, l2, d)
    scores = users @ items.T
    either = split.seen | split.hidden
    judged = np.flatnonzero(split.hidden.any(axis=1))
    areas = [roc_auc_score(split.seen[u, either[u]], scores[u, either[u]]) for u in judged]
    off = 2 * np.std(areas) / np.sqrt(len(areas))
    values = ndcg(ten_best(scores, split.seen), split.hidden), np.mean(areas), off
    lesson.prints(LEAK.replace("{dial}", dial).replace("{value}", value), *values, noise=STEPS)


def test_control(lesson, split):
    """Popularity tells nothing about which of a user's ratings were hidden."""
    either = split.seen | split.hidden
    judged = np.flatnonzero(split.hidden.any(axis=1))
    areas = [roc_auc_score(split.seen[u, either[u]], split.counts[either[u]]) for u in judged]
    off = 2 * np.std(areas) / np.sqrt(len(areas))
    lesson.prints(r"by popularity alone: AUC (0\.\d+) \+- (0\.\d+)", np.mean(areas), off)


def mean_rank(scores, seen, film):
    """One more than the films ahead of it that the user has not seen, over users who have not seen the film."""
    ranks = [1 + np.sum(row[~known] > row[film]) for row, known in zip(scores, seen, strict=True) if not known[film]]
    return float(np.mean(ranks))


def attack(split):
    """The first target, and a hundred profiles of sixty films drawn by popularity."""
    target = np.random.default_rng(0).choice(np.flatnonzero(split.counts == 5), 3, replace=False)[0]
    weights = np.where(np.arange(len(split.counts)) == target, 0, split.counts) / (split.counts.sum() - 5)
    rng, fakes = np.random.default_rng(1), np.zeros((100, len(weights)), dtype=bool)
    for row in fakes:
        row[rng.choice(len(weights), 60, replace=False, p=weights)] = row[target] = True
    return target, fakes


def test_found(lesson, split):
    """Profiles that twenty singular values explain worst, a tenth of all: the fake ones among them, and chance."""
    everybody = np.vstack([split.seen, attack(split)[1]]).astype(float)
    left, values, _ = np.linalg.svd(everybody, full_matrices=False)
    explained = ((left[:, :20] * values[:20]) ** 2).sum(axis=1) / everybody.sum(axis=1)
    out = np.argsort(explained)[: len(everybody) - int(np.ceil(0.9 * len(everybody)))]
    found, chance = np.mean(np.isin(np.arange(len(split.seen), len(everybody)), out)), len(out) / len(everybody)
    line = r"^odd +against popular found (\d+%) \(by lot (\d+%), at most 100%\)"
    lesson.prints(line, found, chance)
    lesson.prints(r"^100 profiles of 60 films: found (\d+%) \(by lot (\d+%)", found, chance)


def test_lift(lesson, split):
    """A hundred profiles of sixty films drawn by popularity: where the first target stands before and after."""
    target, fakes = attack(split)
    items = {}
    for name, seen in (("calm", split.seen), ("attacked", np.vstack([split.seen, fakes]))):
        items[name] = trained(seen, 3, 32)[1]
    scores = {name: models._weighted(split.seen, v, 3, 0.1) @ v.T for name, v in items.items()}
    before, after = (mean_rank(scores[name], split.seen, target) for name in ("calm", "attacked"))
    lesson.prints(r"^mean rank of the targets: (\d+),", before, noise=6)
    lesson.prints(r"^popular  shorter films \d+%.*; lift \+(\d+),", before - after, noise=12)
    norms = np.linalg.norm(items["attacked"], axis=1)
    lesson.prints(r"^popular  shorter films (\d+%)", np.mean(norms < norms[target]), noise=0.01)


def test_log(lesson):
    """The last hash of the log that nobody touched, and of the one that was written anew."""

    def last(rows, hashed="0" * 64):
        for row in rows:
            fields = sorted({**row, "prev": hashed}.items())
            text = "{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in fields) + "}"
            hashed = hashlib.sha256(text.encode()).hexdigest()
        return hashed[:8]

    rows = [{"n": n, "student": f"p-{'abcabc'[n]}", "points": 7 + n} for n in range(6)]
    assert f"untouched            broken at: None; last hash {last(rows)}" in lesson.text
    rows[3]["points"] = 18
    assert f"all behind it, too   broken at: None; last hash {last(rows)}" in lesson.text
