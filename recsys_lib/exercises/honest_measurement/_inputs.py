"""Lists of films, and the films that were hidden from the model."""

from __future__ import annotations

import numpy as np


def table(*rows):
    """Write numbers of hidden films as rows of a boolean table, of eight films."""
    out = np.zeros((len(rows), 8), dtype=bool)
    for place, row in enumerate(rows):
        out[place, list(row)] = True
    return out


def lists_of(*rows):
    """Write lists as a table of whole numbers."""
    return np.array(rows)


def draw_lists(rng, n_users, n_films, k):
    """Draw lists without a film twice."""
    return np.array([rng.permutation(n_films)[:k] for _ in range(n_users)])


def draw_hidden(rng, lists, n_films, sizes):
    """Hide films of each user, about half of them from the user's list; sizes says how many."""
    hidden = np.zeros((len(lists), n_films), dtype=bool)
    for row, films, size in zip(hidden, lists, sizes, strict=True):
        from_list = rng.permutation(films)[: (size + 1) // 2]
        row[from_list] = True
        rest = rng.permutation(np.flatnonzero(~row))
        row[rest[: size - len(from_list)]] = True
    return hidden


def judged_world(rng, n_users, n_films, k):
    """Draw lists and hidden films of users who all can be judged, some with more hidden films than places."""
    lists = draw_lists(rng, n_users, n_films, k)
    sizes = rng.integers(1, 2 * k + 2, size=n_users)
    sizes[:2] = 1, k + 2
    return lists, draw_hidden(rng, lists, n_films, np.minimum(sizes, n_films))
