"""Lesson 10: what each ruler keeps of two models, hubs, broken graphs by faiss itself, and a lost shard."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from tests.independent import models

LINES = {
    "ruler": r"^{model} +distance keeps +(\d+\.\d%), cosine +(\d+\.\d%)",
    "lifted": r"^{model} +lifted, by distance: (\d+\.\d%) kept; the new number is (\d+\.\d%)",
    "graph": r"^{ruler}, sigma {sigma} +effort 10: (\d\.\d+), 64: (\d\.\d+), 256: (\d\.\d+)",
    "hubs": r"^d +{d}: skewness +(-?\d+\.\d+), largest count +(\d+), nobody's neighbour (\d+%)",
    "answers": r"^answers +among the 100 longest items: (\d+\.\d%)",
    "links": r"^links by dot +among the 100 longest items: (\d+\.\d%)",
    "links lifted": r"^links, lifted +among the 100 longest items: (\d+\.\d%)",
    "shard": r"^three +of the shards: recall (0\.\d+), full lists (\d+%)",
}


def best(scores, k=10):
    """The k largest of each row, by the tie rule."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


def in_common(found, right):
    """Mean share of each row of `right` that is in the row of `found`."""
    return np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found.tolist(), right.tolist(), strict=True)])


def world(sigma, n):
    """The lesson's synthetic vectors, drawn in its order."""
    rng = np.random.default_rng(0)
    items = rng.normal(size=(n, 32)) * rng.lognormal(0, sigma, (n, 1))
    return rng.normal(size=(200, 32)), items


def lifted(items):
    """One number more for each item; by lengths, which is the other way to write it."""
    lengths = np.linalg.norm(items, axis=1)
    return np.c_[items, np.sqrt(np.clip(lengths.max() ** 2 - lengths**2, 0, None))]


@pytest.fixture(scope="module")
def spaces(split, factors):
    """Users and films of the SVD, and of iALS by exact solutions."""
    u, s, v = factors
    begin = models.start(943, 1682, 32, 0.1, 0)[1]
    return {
        "SVD": (u * s**0.5, v * s**0.5, 0.0005),
        "iALS": (*models.ials(split.seen, begin, l2=10, unobserved=0.3, sweeps=15), 0.01),
    }


@pytest.mark.parametrize("model", ["SVD", "iALS"])
def test_rulers(lesson, spaces, model):
    """What distance and cosine keep of the ten largest dot products, what lifting keeps, and where its length lies."""
    users, films, noise = spaces[model]
    films = films[films.any(axis=1)]
    right = best(users @ films.T)
    by_cosine = best(users @ (films / np.linalg.norm(films, axis=1, keepdims=True)).T)
    kept = in_common(best(-cdist(users, films)), right), in_common(by_cosine, right)
    lesson.prints(LINES["ruler"].replace("{model}", model), *kept, noise=noise)
    high = lifted(spaces[model][1])
    found = best(-cdist(np.c_[users, np.zeros(len(users))], lifted(films)))
    share = np.median(high[:, -1] / np.linalg.norm(high, axis=1))
    lesson.prints(LINES["lifted"].replace("{model}", model), in_common(found, right), share, noise=max(noise, 0.001))


@pytest.mark.parametrize("d", [3, 20, 100])
def test_hubs(lesson, d):
    """Counts from scikit-learn's neighbours."""
    points = np.random.default_rng(0).normal(size=(2000, d))
    near = NearestNeighbors(n_neighbors=10).fit(points).kneighbors(return_distance=False)
    counts = np.bincount(near.ravel(), minlength=2000)
    skew = ((counts - counts.mean()) ** 3).mean() / counts.std() ** 3
    lesson.prints(LINES["hubs"].replace("{d}", str(d)), skew, counts.max(), np.mean(counts == 0))


def test_links(lesson):
    """Where the answers lie, and where the links of either graph lead."""
    queries, items = world(0.7, 2000)
    longest = np.argsort(-np.linalg.norm(items, axis=1))[:100]
    for name, asked in (("answers", queries), ("links", items)):
        lesson.prints(LINES[name], np.isin(best(asked @ items.T), longest).mean(), noise=0.001)
    near = NearestNeighbors(n_neighbors=10).fit(lifted(items)).kneighbors(return_distance=False)
    lesson.prints(LINES["links lifted"], np.isin(near, longest).mean(), noise=0.001)


@pytest.mark.parametrize("ruler", ["dot", "lifted"])
def test_graphs(lesson, ruler):
    """The broken graph, by faiss without a wrapper."""
    faiss = pytest.importorskip("faiss")
    queries, items = world(0.7, 20_000)
    right = best(queries @ items.T)
    base, asked = (items, queries) if ruler == "dot" else (lifted(items), np.c_[queries, np.zeros(200)])
    by = faiss.METRIC_INNER_PRODUCT if ruler == "dot" else faiss.METRIC_L2
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    graph = faiss.IndexHNSWFlat(base.shape[1], 16, by)
    graph.add(base.astype(np.float32))
    values = []
    for effort in (10, 64, 256):
        graph.hnsw.efSearch = effort
        values.append(in_common(graph.search(asked.astype(np.float32), 10)[1], right))
    faiss.omp_set_num_threads(threads)
    lesson.prints(LINES["graph"].replace("{ruler}", ruler).replace("{sigma}", r"0\.7"), *values, noise=0.02)


def test_lost_shard(lesson):
    """Without the first of four shards, what it held of the answers is missing, and no list is shorter."""
    queries, items = world(0.7, 20_000)
    right = best(queries @ items.T)
    lesson.prints(LINES["shard"], np.mean(right >= 5000), 1)
