"""Data, splits and the space of lessons 3, 4 and 8, made once; and the count of figures, printed at the end."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse.linalg import svds

from tests.independent import splits
from tests.independent.printed import FIGURES, Lesson


@pytest.fixture
def lesson(request, record_property):
    """Return what the lesson of this file prints."""
    return Lesson(re.search(r"test_([le]\d\d)$", request.module.__name__)[1].upper(), record_property)


@pytest.fixture(scope="session")
def world(movielens):
    """Return the whole of MovieLens-100K as plain tables: `table` of stars, 0 where not rated, and `seen`."""
    return tables_of(movielens, np.arange(len(movielens.user)))


@pytest.fixture(scope="session")
def split(movielens):
    """Return the split of most lessons, a quarter of each user's ratings hidden, seed 0."""
    train_rows, test_rows = splits.a_quarter_of_each(movielens.user, 0)
    found = tables_of(movielens, train_rows)
    found.test_rows = test_rows
    found.hidden_table = tables_of(movielens, test_rows).table
    found.hidden = found.hidden_table > 0
    return found


def tables_of(data, rows):
    """Write some rows of the ratings as tables."""
    table = np.zeros((data.n_users, data.n_items))
    table[data.user[rows], data.item[rows]] = data.rating[rows]
    return SimpleNamespace(rows=rows, table=table, seen=table > 0, counts=np.count_nonzero(table, axis=0))


@pytest.fixture(scope="session")
def factors(split):
    """Return U (n_users, 20), the singular values and V (n_items, 20) of who rated what in the training part."""
    return truncated(split.seen, 20)


@pytest.fixture(scope="session")
def whole_factors(world):
    """Return the same for all ratings."""
    return truncated(world.seen, 20)


def truncated(seen, d):
    """Take the d largest singular values by ARPACK; rows of nobody and nothing are exactly zero."""
    u, s, vt = svds(seen.astype(float), k=d, v0=np.ones(min(seen.shape)))
    order = np.argsort(-s)
    return u[:, order] * seen.any(axis=1)[:, None], s[order], vt[order].T * seen.any(axis=0)[:, None]


def pytest_terminal_summary(terminalreporter):
    """Say how many figures were recomputed, in whatever process."""
    passed = terminalreporter.stats.get("passed", [])
    sizes = [value for report in passed for name, value in report.user_properties if name == FIGURES]
    if sizes:
        terminalreporter.write_line(f"independent: {sum(sizes)} figures of the lessons recomputed")
