"""Search indexes behind one face: exact search of our own, and thin wrappers over faiss and usearch.

``build(kind, items, measure)`` makes an index, ``index.search(queries, k)`` asks it. faiss-cpu and usearch are in the
extra "search"; where they cannot be had, `missing` says so, kind "exact" works all the same, and all others raise
`MissingIndexError` with a sentence. Indexes are built and asked on one thread: a graph built on more is another graph
each time.
"""

from __future__ import annotations

import importlib.util
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.retrieval import blocked_search
from recsys_lib.similarity import as_table, lift_items, lift_query, unit_rows

PACKAGE_OF = {"flat": "faiss", "hnsw": "faiss", "ivf": "faiss", "usearch": "usearch"}
"""The package that each kind needs; "exact" needs none."""
KINDS = ("exact", *PACKAGE_OF)
MEASURES = ("dot", "distance", "cosine", "lifted")


class MissingIndexError(ImportError):
    """Raised where an index is asked for whose package is not installed."""


def missing() -> tuple[str, ...]:
    """Name the packages of the extra "search" that are not installed.

    Returns
    -------
    tuple of str
        Some of ``"faiss-cpu"`` and ``"usearch"``; empty where both are there.

    Examples
    --------
    >>> set(missing()) <= {"faiss-cpu", "usearch"}
    True
    """
    wheels = {"faiss": "faiss-cpu", "usearch": "usearch"}
    return tuple(wheel for package, wheel in wheels.items() if importlib.util.find_spec(package) is None)


def or_exact(kind: str) -> str:
    """Give a kind that works here: the one asked for, or "exact" with a printed sentence on what is left out.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    str

    Examples
    --------
    >>> or_exact("exact")
    'exact'
    """
    wheel = {"faiss": "faiss-cpu"}.get(PACKAGE_OF.get(kind, ""), PACKAGE_OF.get(kind, ""))
    if wheel not in missing():
        return kind
    print(
        f"{wheel} is not installed, so exact search stands in for {kind!r}: it finds everything, and what this lesson"
    )
    print("says of graphs is left out here. `python course.py lab` installs it where there is a wheel.")
    return "exact"


@dataclass
class Index:
    """An index of one kind over one table of items; `build` makes it.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    measure : str
        One of `MEASURES`.
    made : object
        What the package made; for "exact" the items themselves.
    seconds : float
        Processor time of building.
    """

    kind: str
    measure: str
    made: Any = field(repr=False)
    seconds: float

    def search(
        self, queries: ArrayLike, k: int, effort: int | None = None
    ) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
        """Ask for the k best items of each query.

        Parameters
        ----------
        queries : array_like, shape (q, d)
        k : int
        effort : int, optional
            How hard to look: `ef` of a graph (how many items it holds in hand, at least k), `nprobe` of "ivf" (how many
            lists it looks into). "exact" and "flat" look at everything. As it was, where it is left out.

        Returns
        -------
        ids : ndarray of int, shape (q, k)
            Best first; -1 where the index found nothing.
        numbers : ndarray, shape (q, k)
            Dot product or cosine (larger is better), or squared distance (smaller is better).

        Raises
        ------
        ValueError
            If `queries` is no finite table, or effort is less than 1.
        """
        queries = _as_asked(self.measure, as_table(queries, "queries"))
        if effort is not None:
            if effort < 1:
                raise ValueError(f"effort must be at least 1, got {effort}")
            if self.kind == "hnsw":
                self.made.hnsw.efSearch = effort
            elif self.kind == "ivf":
                self.made.nprobe = effort
            elif self.kind == "usearch":
                self.made.expansion_search = effort
        if self.kind == "exact":
            return _exact(self.made, queries, k, self.measure)
        if self.kind == "usearch":
            return _usearch_answer(self.made.search(queries, k, threads=1), len(queries), k, self.measure)
        import faiss

        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        try:
            numbers, ids = self.made.search(queries, k)
        finally:
            faiss.omp_set_num_threads(threads)
        return ids, numbers


def build(
    kind: str,
    items: ArrayLike,
    measure: str = "dot",
    *,
    links: int = 16,
    effort: int = 40,
    lists: int = 64,
) -> Index:
    """Build an index.

    Parameters
    ----------
    kind : {"exact", "flat", "hnsw", "ivf", "usearch"}
        Our `blocked_search`; faiss's exact search; faiss's graph (Malkov and Yashunin 2020); faiss's inverted lists;
        usearch's graph.
    items : array_like, shape (n, d)
        Taken as float32, which is what faiss knows.
    measure : {"dot", "distance", "cosine", "lifted"}
        By what to order. "cosine" brings items to length one when they come in. "lifted" orders as the dot product
        does, by the distance of lifted vectors.
    links : int
        How many neighbours a graph gives each item (M; the lowest layer holds twice as many).
    effort : int
        How many items a graph holds in hand while it is built (efConstruction).
    lists : int
        Into how many lists "ivf" sorts the items.

    Returns
    -------
    Index

    Raises
    ------
    MissingIndexError
        If the package of this kind is not installed.
    ValueError
        If kind or measure is none of these, or `items` is no finite table of numbers.

    Examples
    --------
    >>> index = build("exact", [[0, 5], [4, 0], [1, 1]], "dot")
    >>> index.search([[4, 3]], 2)[0]
    array([[1, 0]])
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    if measure not in MEASURES:
        raise ValueError(f"measure must be one of {', '.join(MEASURES)}, got {measure!r}")
    package = PACKAGE_OF.get(kind)
    if package and importlib.util.find_spec(package) is None:
        raise MissingIndexError(
            f"the index {kind!r} needs {package}, which is not installed: python course.py lab installs it where there "
            "is a wheel; kind 'exact' needs nothing"
        )
    table = as_table(items, "items").astype(np.float32)
    if measure == "cosine":
        table = unit_rows(table, "items")
    elif measure == "lifted":
        table = lift_items(table)
    began = time.process_time()
    if kind == "exact":
        made: Any = table
    elif kind == "usearch":
        made = _usearch(table, measure, links, effort)
    else:
        made = _faiss(kind, table, measure, links, effort, lists)
    return Index(kind, measure, made, time.process_time() - began)


def _faiss(kind: str, table: NDArray[np.float32], measure: str, links: int, effort: int, lists: int) -> Any:
    """Build one of faiss's indexes on one thread."""
    import faiss

    d = table.shape[1]
    by = faiss.METRIC_INNER_PRODUCT if measure in ("dot", "cosine") else faiss.METRIC_L2
    made: Any
    if kind == "hnsw":
        made = faiss.IndexHNSWFlat(d, links, by)
        made.hnsw.efConstruction = effort
    elif kind == "ivf":
        made = faiss.IndexIVFFlat(faiss.IndexFlat(d, by), d, lists, by)
    else:
        made = faiss.IndexFlat(d, by)
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        if kind == "ivf":
            made.train(table)
        made.add(table)
    finally:
        faiss.omp_set_num_threads(threads)
    return made


def _usearch(table: NDArray[np.float32], measure: str, links: int, effort: int) -> Any:
    """Build usearch's graph on one thread."""
    from usearch.index import Index as Graph

    metric = "ip" if measure in ("dot", "cosine") else "l2sq"
    made = Graph(ndim=table.shape[1], metric=metric, dtype="f32", connectivity=links, expansion_add=effort)
    made.add(np.arange(len(table)), table, threads=1)
    return made


def _usearch_answer(found: Any, q: int, k: int, measure: str) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Write usearch's answer as faiss writes its own: -1 for nothing, and dot products for 1 minus them."""
    ids = np.asarray(found.keys).reshape(q, -1).astype(np.int64)
    numbers = np.asarray(found.distances).reshape(q, -1)
    if measure in ("dot", "cosine"):
        numbers = 1 - numbers
    counts = np.broadcast_to(np.asarray(getattr(found, "counts", ids.shape[1])), (q,))
    ids = np.where(np.arange(ids.shape[1]) < counts[:, None], ids, -1)
    return np.pad(ids, ((0, 0), (0, k - ids.shape[1])), constant_values=-1), np.pad(
        numbers, ((0, 0), (0, k - ids.shape[1])), constant_values=-np.inf if measure in ("dot", "cosine") else np.inf
    )


def _exact(
    table: NDArray[np.float32], queries: NDArray[np.float32], k: int, measure: str
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Search exactly; a distance is a dot product with half the squared length taken off."""
    if measure in ("dot", "cosine"):
        return blocked_search(queries, table, k)
    squares = np.einsum("ij,ij->i", table, table, dtype=np.float64)
    wide = np.column_stack([table, -squares / 2])  # float64: a difference of large numbers
    ids, scores = blocked_search(np.column_stack([queries, np.ones(len(queries))]), wide, k)
    return ids, np.maximum(np.einsum("ij,ij->i", queries, queries, dtype=np.float64)[:, None] - 2 * scores, 0)


def _as_asked(measure: str, queries: NDArray[np.floating]) -> NDArray[np.float32]:
    """Bring queries to the form in which the items were stored."""
    queries = queries.astype(np.float32)
    if measure == "cosine":
        queries = unit_rows(queries, "queries").astype(np.float32)
    if measure == "lifted":
        queries = lift_query(queries).astype(np.float32)
    return np.ascontiguousarray(queries)
