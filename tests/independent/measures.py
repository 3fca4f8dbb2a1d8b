"""What is measured of lists, by scikit-learn where it has it, otherwise by plain loops."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import ndcg_score


def ten_best(scores, seen, k=10):
    """The k best unseen columns of every row; of equal scores the lower number first."""
    return np.argsort(np.where(seen, np.inf, -scores), axis=1, kind="stable")[:, :k]


def ndcg(lists, wanted):
    """nDCG by scikit-learn, of the lists as they stand: its own sort would put the higher of two tied numbers first."""
    order = np.zeros(wanted.shape)
    np.put_along_axis(order, lists, np.arange(lists.shape[1], 0, -1.0)[None], axis=1)
    return ndcg_score(wanted, order, k=lists.shape[1], ignore_ties=True)


def recall(lists, wanted):
    """Mean share of each user's wanted films that are in the list; users who want nothing are left out."""
    shares = []
    for films, row in zip(lists, wanted, strict=True):
        hidden = set(np.flatnonzero(row))
        if hidden:
            shares.append(len(hidden & set(films)) / len(hidden))
    return np.mean(shares)


def cosines(users, items):
    """Cosine of every user with every item; minus infinity for an item of zeros."""
    lengths = np.sqrt((items**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (users / np.sqrt((users**2).sum(axis=1))[:, None]) @ (items / lengths[:, None]).T
    found[:, lengths == 0] = -np.inf
    return found


def rare(lists, counts, at_most=5):
    """Share of all places that go to films with so few ratings."""
    return np.mean([counts[film] <= at_most for films in lists for film in films])
