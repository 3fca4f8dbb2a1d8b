"""Indexes and blocked search against independent exact ones, and what is said where a package is missing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from recsys_lib import indexes
from recsys_lib.indexes import MissingIndexError, build, missing, or_exact
from recsys_lib.retrieval import (
    GROUP,
    blocked_search,
    blocked_top_k,
    drop_seen,
    index_recall,
    k_occurrence,
    merge_top_k,
    top_k,
)
from recsys_lib.similarity import euclidean_distances, lift_items, lift_query

RNG = np.random.default_rng(5)
ITEMS = RNG.normal(size=(3000, 12)) * RNG.lognormal(0, 0.6, (3000, 1))
QUERIES = RNG.normal(size=(40, 12))


def plain(queries, items, k):
    """The whole table, sorted stably: the tie rule by definition."""
    return np.argsort(-(np.asarray(queries) @ np.asarray(items).T), axis=1, kind="stable")[:, :k]


@pytest.mark.parametrize(
    ("n", "block"),
    [(n, block) for n in (1, 15, 16, 17, 333) for block in (1, 7, 16, 5000)] + [(3000, 40), (3000, 5000)],
)
def test_blocked_search_is_exact(n, block):
    """Same ids as the whole table, whatever the block, also where the last group and block are short."""
    items = np.round(8 * ITEMS[:n])  # whole numbers: no score is rounded, and many tie
    queries = np.round(2 * QUERIES)
    for k in {1, min(n, 10), n if n < 400 else 700}:
        ids, scores = blocked_search(queries, items, k, block)
        assert np.array_equal(ids, plain(queries, items, k))
        assert np.array_equal(scores, np.take_along_axis(queries @ items.T, ids, axis=1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocked_search_keeps_its_type(dtype):
    """float32 stays float32; on real numbers the lists are those of scikit-learn's exact search of lifted vectors."""
    queries, items = QUERIES.astype(dtype), ITEMS.astype(dtype)
    ids, scores = blocked_search(queries, items, 10)
    assert scores.dtype == dtype
    brute = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(lift_items(ITEMS))
    assert np.array_equal(ids, brute.kneighbors(lift_query(QUERIES), return_distance=False))


def test_many_queries_come_in_parts():
    """More queries than are scored at once, and none at all."""
    queries = RNG.integers(-3, 4, (600, 12)).astype(float)
    items = np.round(4 * ITEMS)
    assert np.array_equal(blocked_top_k(queries, items, 5), plain(queries, items, 5))
    assert blocked_top_k(np.zeros((0, 12)), items, 5).shape == (0, 5)


@pytest.mark.parametrize("n", [GROUP * 16 * 3, GROUP * 16 * 3 + 5])
def test_top_k_of_long_rows_keeps_the_tie_rule(n):
    """Rows long enough for group maxima, full of ties, with seen items."""
    scores = RNG.integers(0, 4, (6, n)).astype(float)
    assert np.array_equal(top_k(scores, 3), np.argsort(-scores, axis=1, kind="stable")[:, :3])
    seen = RNG.random((6, n)) < 0.9
    marked = np.where(seen, -np.inf, scores)
    assert np.array_equal(top_k(scores, 3, seen=seen), np.argsort(-marked, axis=1, kind="stable")[:, :3])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1.0]], [[1.0], [2.0]], 3), "between 1 and the number of items, 2, got 3"),
        (([[1.0]], [[1.0], [2.0]], 0), "got 0"),
        (([[1.0]], [[1.0], [2.0]], 1, 0), "block must be at least 1"),
        (([[1.0, 2.0]], [[1.0], [2.0]], 1), "differ in width"),
        (([[np.nan]], [[1.0]], 1), "queries holds NaN"),
        (([[1e200]], [[1e200], [1.0]], 1), "too large for float64"),
    ],
)
def test_blocked_search_names_what_is_wrong(arguments, words):
    """Errors name the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=words):
        blocked_search(*arguments)


def test_lifted_vectors_have_one_length():
    """All lifted items are as long as the longest, whose new number is exactly 0; no NaN in 200 tables."""
    for seed in range(200):
        items = np.random.default_rng(seed).normal(size=(6, 3))
        lifted = lift_items(items)
        lengths = np.linalg.norm(items, axis=1)
        assert lifted[lengths.argmax(), -1] == 0
        assert np.linalg.norm(lifted, axis=1) == pytest.approx(np.full(6, lengths.max()))
    with pytest.raises(ValueError, match="items holds no row"):
        lift_items(np.zeros((0, 3)))
    assert lift_items(np.ones((2, 3), np.float32)).dtype == np.float32


@pytest.mark.parametrize("measure", ["dot", "distance", "cosine", "lifted"])
def test_exact_index_orders_by_its_measure(measure):
    """Kind "exact" is compared with the scores of the library, written out."""
    ids, numbers = build("exact", ITEMS, measure).search(QUERIES, 8)
    dots = QUERIES @ ITEMS.T
    table = {
        "dot": -dots,
        "lifted": -dots,
        "distance": euclidean_distances(QUERIES, ITEMS),
        "cosine": -dots / np.linalg.norm(ITEMS, axis=1),
    }[measure]
    assert index_recall(ids, np.argsort(table, axis=1)[:, :8]) > 0.995  # float32 may exchange two near ones
    rising = np.diff(numbers, axis=1) * (1 if measure in ("distance", "lifted") else -1)
    assert (rising >= -1e-4).all()
    if measure == "distance":
        assert numbers == pytest.approx(np.take_along_axis(table, ids, axis=1) ** 2, rel=1e-4)


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf", "usearch"])
@pytest.mark.parametrize("measure", ["dot", "distance", "cosine", "lifted"])
def test_wrapped_indexes_find_what_exact_search_finds(kind, measure):
    """With an effort that looks at (nearly) everything, each package answers as exact search does."""
    pytest.importorskip(indexes.PACKAGE_OF[kind])
    exact, _ = build("exact", ITEMS, measure).search(QUERIES, 10)
    index = build(kind, ITEMS, measure, links=32, effort=200)
    ids, numbers = index.search(QUERIES, 10, 64 if kind == "ivf" else 2000)
    assert ids.shape == numbers.shape == (40, 10)
    assert index_recall(ids, exact) > 0.95  # a graph of lifted vectors misses some at any effort: lesson 10
    if measure == "dot":
        right = np.einsum("qkd,qd->qk", ITEMS[ids], QUERIES)
        assert numbers == pytest.approx(right, rel=1e-3, abs=1e-3)


def test_effort_finds_more():
    """A graph that looks at more finds more, and the same build gives the same answers twice."""
    pytest.importorskip("faiss")
    exact, _ = build("exact", ITEMS).search(QUERIES, 10)
    one, again = (build("hnsw", ITEMS, "lifted", links=4) for _ in range(2))
    few, many = (index_recall(one.search(QUERIES, 10, effort)[0], exact) for effort in (10, 600))
    assert few < many
    assert np.array_equal(one.search(QUERIES, 10, 10)[0], again.search(QUERIES, 10, 10)[0])


def test_missing_packages_are_named(monkeypatch, capsys):
    """Without the packages, exact search goes on, and a sentence says what is left out."""
    monkeypatch.setattr(indexes.importlib.util, "find_spec", lambda name: None)
    assert missing() == ("faiss-cpu", "usearch")
    assert or_exact("hnsw") == or_exact("usearch") == "exact"
    assert "faiss-cpu is not installed, so exact search stands in for 'hnsw'" in capsys.readouterr().out
    with pytest.raises(MissingIndexError, match="needs faiss, which is not installed"):
        build("hnsw", ITEMS)
    assert build("exact", ITEMS).search(QUERIES, 3, 10)[0].shape == (40, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: build("tree", ITEMS), "kind must be one of exact, flat"),
        (lambda: build("exact", ITEMS, "angle"), "measure must be one of dot"),
        (lambda: build("exact", ITEMS).search(QUERIES, 3, 0), "effort must be at least 1"),
        (lambda: index_recall([[1, 2]], [[1, 1]]), "names an item twice"),
        (lambda: index_recall([[1, 2]], [[1], [2]]), "one row for each query"),
        (lambda: k_occurrence([[1.0], [2.0]], 2), "the number of others, 1, got 2"),
        (lambda: merge_top_k([], [], 1), "ids of 0 parts"),
        (lambda: merge_top_k([[[1]]], [[[1.0, 2.0]]], 1), "do not fit"),
        (lambda: merge_top_k([[[1]]], [[[1.0]]], 0), "k must be at least 1"),
        (lambda: drop_seen([[5]], [[True, False]], 1), "do not fit"),
    ],
)
def test_errors_name_what_was_found(call, words):
    """Errors name the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=words):
        call()


def test_k_occurrence_against_scikit_learn():
    """Counts of scikit-learn's neighbour lists; their sum is n times k; Gaussian points grow hubs with the width."""
    skews = []
    for d in (3, 20, 100):
        points = np.random.default_rng(0).normal(size=(700, d))
        counts = k_occurrence(points, 10)
        near = NearestNeighbors(n_neighbors=10).fit(points).kneighbors(return_distance=False)
        assert np.array_equal(counts, np.bincount(near.ravel(), minlength=700))
        skews.append(np.mean(((counts - counts.mean()) / counts.std()) ** 3))
    assert skews[0] < 0 < 1 < skews[1] < skews[2]


def test_merged_lists_are_those_of_the_whole():
    """Parts of unequal size, with ties and -1, merge to the list of the whole."""
    items = np.round(6 * ITEMS[:200])
    queries = np.round(2 * QUERIES)
    ids, scores = [], []
    for first, end in ((0, 5), (5, 90), (90, 200)):
        found, of = blocked_search(queries, items[first:end], min(10, end - first))
        ids.append(np.pad(found + first, ((0, 0), (0, 2)), constant_values=-1))
        scores.append(np.pad(of, ((0, 0), (0, 2)), constant_values=1e9))  # beside a -1 any number may stand
    merged, of = merge_top_k(ids, scores, 10)
    assert np.array_equal(merged, plain(queries, items, 10))
    assert np.array_equal(of, np.take_along_axis(queries @ items.T, merged, axis=1))
    short, of = merge_top_k([[[3, -1]]], [[[1.0, 0.0]]], 3)
    assert short.tolist() == [[3, -1, -1]] and of[0, 1] == -np.inf


def test_seen_items_fall_out():
    """`drop_seen` leaves what `top_k` leaves, where the index was asked for enough."""
    scores = RNG.random((5, 30))
    seen = RNG.random((5, 30)) < 0.3
    assert np.array_equal(drop_seen(top_k(scores, 30), seen, 8), top_k(scores, 8, seen=seen))
