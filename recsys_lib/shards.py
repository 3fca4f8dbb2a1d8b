"""A catalogue on several machines: each searches its own part, and the partial lists are merged.

`merge_top_k` is all the mathematics: the k best of the whole are among the k best of the parts. `place` and `ask` do it
over the workers of a Dask client, which the caller makes (``distributed.Client``): one index a worker, pinned to it. A
worker that does not answer in time costs its own items and nothing else, and the answer says which.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught
from recsys_lib.indexes import Index, build


@taught
def merge_top_k(
    ids: Sequence[ArrayLike], scores: Sequence[ArrayLike], k: int
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Merge the lists of several parts of a catalogue.

    Parameters
    ----------
    ids : sequence of array_like, each of shape (q, m)
        What each part found, by the numbers of the whole catalogue; -1 where it found nothing. m may differ.
    scores : sequence of array_like, each of shape (q, m)
        Larger is better.
    k : int

    Returns
    -------
    ids : ndarray of int, shape (q, k)
        Best first, of equal scores the lower id first; -1 where all parts together found fewer than k.
    scores : ndarray, shape (q, k)
        Minus infinity beside a -1.

    Raises
    ------
    ValueError
        If there is no part, shapes do not fit, or k is less than 1.

    Examples
    --------
    >>> merge_top_k([[[4, 1]], [[7, 9]]], [[[5.0, 2.0]], [[3.0, 2.0]]], 3)
    (array([[4, 7, 1]]), array([[5., 3., 2.]]))
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if not len(ids) or len(ids) != len(scores):
        raise ValueError(
            f"ids of {len(ids)} parts and scores of {len(scores)} were given; they must match, and be there"
        )
    parts = [np.asarray(part) for part in ids], [np.asarray(part, dtype=float) for part in scores]
    for one, other in zip(*parts, strict=True):
        if one.ndim != 2 or one.shape != other.shape or len(one) != len(parts[0][0]):
            raise ValueError(f"a part has ids of shape {one.shape} and scores of shape {other.shape}, which do not fit")
    joined, of = np.hstack(parts[0]), np.hstack(parts[1])
    of = np.where(joined < 0, -np.inf, of)
    order = np.lexsort((joined, -of), axis=1)[:, :k]
    joined, of = np.take_along_axis(joined, order, axis=1), np.take_along_axis(of, order, axis=1)
    short = ((0, 0), (0, k - joined.shape[1]))
    return np.pad(joined, short, constant_values=-1), np.pad(of, short, constant_values=-np.inf)


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


class Answer(NamedTuple):
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


def ask(client: Any, placed: Sequence[Placed], queries: ArrayLike, k: int, *, patience: float = 5.0) -> Answer:
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
    Answer

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
    return Answer(*merged, tuple(lost), time.process_time() - began)


def _search(index: Index, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Search where the index lies."""
    return index.search(queries, k)
