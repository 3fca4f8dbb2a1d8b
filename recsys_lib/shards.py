"""A catalogue on several machines: each searches its own part, and the partial lists are merged.

`retrieval.merge_top_k` is all the mathematics: the k best of the whole are among the k best of the parts. `place` and
`ask` do it over the workers of a Dask client, which the caller makes (``distributed.Client``): one index a worker,
pinned to it. A worker that does not answer in time costs its own items and nothing else, and the answer says which.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib.indexes import Index, build
from recsys_lib.retrieval import merge_top_k


class Placed(NamedTuple):
    """One part of a catalogue on one worker.

    Parameters
    ----------
    worker : str
        The worker's address.
    first : int
        The number of the part's first item in the whole catalogue.
    index : Future
        The index, which lies there and nowhere else.
    """

    worker: str
    first: int
    index: Any


class ShardedAnswer(NamedTuple):
    """What the shards said.

    Parameters
    ----------
    ids : ndarray of int, shape (q, k)
    scores : ndarray, shape (q, k)
    lost : tuple of str
        Workers that did not answer in time: their items are missing in the lists.
    merging : float
        Processor seconds that the merge took.
    """

    ids: NDArray[np.integer]
    scores: NDArray[np.floating]
    lost: tuple[str, ...]
    merging: float


def cuts(n: int, parts: int) -> list[int]:
    """Cut n items into so many runs of nearly equal length: where each begins, and n.

    Examples
    --------
    >>> cuts(10, 3)
    [0, 3, 6, 10]
    """
    if not 1 <= parts <= n:
        raise ValueError(f"parts must lie between 1 and the number of items, {n}, got {parts}")
    return [n * part // parts for part in range(parts + 1)]


def place(client: Any, items: ArrayLike, kind: str = "flat", **options: Any) -> list[Placed]:
    """Put one index on each worker of a client, over an equal part of the items.

    Parameters
    ----------
    client : distributed.Client
    items : array_like, shape (n, d)
    kind : str
        As in `recsys_lib.indexes.build`, by dot product.
    **options
        Handed on to it.

    Returns
    -------
    list of Placed
        In the order of the items. Indexes stay where they are as long as this list is kept.
    """
    table = np.asarray(items, dtype=np.float32)
    workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
    edges = cuts(len(table), len(workers))
    placed = []
    for worker, first, end in zip(workers, edges, edges[1:], strict=False):
        future = client.submit(
            build, kind, table[first:end], "dot", **options, workers=[worker], allow_other_workers=False, pure=False
        )
        placed.append(Placed(worker, first, future))
    for part in placed:
        part.index.result()
    return placed


def ask(client: Any, placed: Sequence[Placed], queries: ArrayLike, k: int, *, patience: float = 5.0) -> ShardedAnswer:
    """Ask every worker for its k best, and merge what has come within the patience.

    Parameters
    ----------
    client : distributed.Client
    placed : sequence of Placed
    queries : array_like, shape (q, d)
    k : int
        At most the number of items of a part.
    patience : float
        Seconds to wait for all workers together.

    Returns
    -------
    ShardedAnswer

    Raises
    ------
    TimeoutError
        If no worker answered.
    """
    table = np.asarray(queries, dtype=np.float32)
    asked = [
        client.submit(_search, part.index, table, k, workers=[part.worker], allow_other_workers=False, pure=False)
        for part in placed
    ]
    until = time.monotonic() + patience
    while time.monotonic() < until and not all(future.status in ("finished", "error", "lost") for future in asked):
        time.sleep(0.005)
    ids, scores, lost = [], [], []
    for part, future in zip(placed, asked, strict=True):
        if future.status != "finished":
            lost.append(part.worker)
            future.cancel()
            continue
        found, of = future.result()
        ids.append(np.where(found < 0, -1, found + part.first))
        scores.append(of)
    if not ids:
        raise TimeoutError(f"none of {len(placed)} workers answered within {patience:g} s")
    began = time.process_time()
    merged = merge_top_k(ids, scores, k)
    return ShardedAnswer(*merged, tuple(lost), time.process_time() - began)


def _search(index: Index, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Search where the index lies."""
    return index.search(queries, k)
