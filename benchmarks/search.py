"""Time exact search beside faiss and scikit-learn, and measure what indexes find among a million items.

`python -m benchmarks.search` needs the extras "bench", "search" and "classroom" (Dask). All run on one thread and,
where the processor can, on one BLAS kernel: `course.py bench` sets OPENBLAS_CORETYPE for NumPy's and faiss's OpenBLAS.
Processor time stands beside wall time. The rows that lesson 10 quotes are kept in recsys_lib/datasets/search.csv.
"""

from __future__ import annotations

import argparse
import csv
import functools
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recsys_lib.indexes import build
from recsys_lib.retrieval import blocked_top_k, index_recall

KEPT = Path(__file__).parents[1] / "recsys_lib" / "datasets" / "search.csv"
FIELDS = ("what", "items", "queries", "effort", "recall", "cpu_seconds", "build_seconds", "megabytes")
MILLION, WIDTH, K = 1_000_000, 32, 10


def world(n: int, q: int, sigma: float, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw Gaussian queries, and Gaussian items with log-normal factors on their norms."""
    rng = np.random.default_rng(seed)
    items = rng.normal(size=(n, WIDTH)).astype(np.float32)
    items *= rng.lognormal(0, sigma, (n, 1)).astype(np.float32)
    return rng.normal(size=(q, WIDTH)).astype(np.float32), items


def timed(function: Callable[[], Any], repeats: int) -> tuple[float, float, Any]:
    """Give the least processor time and the least wall time of some calls, and the result."""
    cpu, wall, result = np.inf, np.inf, None
    for _ in range(repeats):
        began, began_wall = time.process_time(), time.perf_counter()
        result = function()
        cpu, wall = min(cpu, time.process_time() - began), min(wall, time.perf_counter() - began_wall)
    return cpu, wall, result


def exact_row(n: int, q: int, repeats: int) -> str:
    """Compare exact search by dot product at one size; scikit-learn gets lifted vectors and asks for distances."""
    import faiss
    from sklearn.neighbors import NearestNeighbors

    from recsys_lib.similarity import lift_items, lift_query

    queries, items = world(n, q, 0.7)
    flat = faiss.IndexFlatIP(WIDTH)
    flat.add(items)
    brute = NearestNeighbors(n_neighbors=K, algorithm="brute", n_jobs=1).fit(lift_items(items))
    ours = timed(lambda: blocked_top_k(queries, items, K), repeats)
    theirs = timed(lambda: flat.search(queries, K)[1], repeats)
    sklearn = timed(lambda: brute.kneighbors(lift_query(queries), return_distance=False), max(1, repeats // 2))
    same = np.mean(np.sort(ours[2], axis=1) == np.sort(theirs[2], axis=1))
    return (
        f"| {n:,} | {q:,} | {ours[0]:.4f} / {ours[1]:.4f} | {theirs[0]:.4f} / {theirs[1]:.4f} | "
        f"{sklearn[0]:.4f} / {sklearn[1]:.4f} | {theirs[0] / ours[0]:.2f} | {sklearn[0] / ours[0]:.2f} | {same:.2%} |"
    )


def exact_table(repeats: int) -> str:
    """Write the comparison of exact searches as Markdown."""
    lines = [
        "Exact search by dot product, d = 32, k = 10, float32, one thread; seconds of processor / by the clock, the "
        f"least of {repeats}.",
        "",
        "| items | queries | this course | faiss flat | scikit-learn | faiss takes | scikit-learn takes | same ids |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for n, q in tqdm([(1_682, 943), (1_682, 256), (60_000, 256), (300_000, 256)], desc="exact", leave=False):
        lines.append(exact_row(n, q, 4 * repeats if n < 10_000 else repeats))
    return "\n".join(lines)


def in_memory(q: int = 10_000) -> dict[str, Any]:
    """Search a million items for ten thousand queries in a process of its own; its peak memory, all included."""
    code = f"from benchmarks.search import whole; whole({q})"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return {
        "what": "blocked_top_k", "items": MILLION, "queries": q, "recall": 1,
        "cpu_seconds": float(printed[0]), "megabytes": float(printed[1]),
    }  # fmt: skip


def whole(q: int) -> None:
    """Print processor seconds of one exact search of a million items, and the peak memory of this process in MB."""
    queries, items = world(MILLION, q, 0.7)
    cpu, _, _ = timed(lambda: blocked_top_k(queries, items, K), 1)
    print(cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def indexes(n: int, sigma: float, kinds: dict[str, tuple[str, str, dict, tuple[int, ...]]]) -> list[dict[str, Any]]:
    """Build indexes over n items and measure recall and processor time at each effort."""
    queries, items = world(n, 1_000, sigma)
    exact = blocked_top_k(queries, items, K)
    rows = []
    for name, (kind, measure, options, efforts) in tqdm(kinds.items(), desc=f"{n:,} items", leave=False):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        index = build(kind, items, measure, **options)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        for effort in efforts:
            cpu, _, found = timed(functools.partial(index.search, queries, K, effort), 1)
            rows.append({
                "what": name, "items": n, "queries": len(queries), "effort": effort,
                "recall": index_recall(found[0], exact),
                "cpu_seconds": cpu, "build_seconds": index.seconds, "megabytes": grown if grown > 1 else "",
            })  # fmt: skip
        del index
    return rows


def shards(n: int = MILLION) -> list[dict[str, Any]]:
    """Search a million items on two worker processes over TCP: the whole, and with one of the two killed."""
    from distributed import Client, LocalCluster

    from recsys_lib.shards import ask, place

    queries, items = world(n, 256, 0.7)
    exact = blocked_top_k(queries, items, K)
    rows = []
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, protocol="tcp://", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        placed = place(client, items)
        ask(client, placed, queries, K, patience=60)
        began = time.perf_counter()
        answer = ask(client, placed, queries, K, patience=60)
        took = time.perf_counter() - began
        rows.append(_shard_row("two shards", n, answer, exact, took))
        pids = client.run(os.getpid)
        for worker in cluster.workers.values():
            worker.auto_restart = False  # dead is dead
        os.kill(pids[placed[0].worker], signal.SIGKILL)
        began = time.perf_counter()
        answer = ask(client, placed, queries, K, patience=20)
        rows.append(_shard_row("one of two shards killed", n, answer, exact, time.perf_counter() - began))
    return rows


def _shard_row(what: str, n: int, answer: Any, exact: NDArray[np.integer], took: float) -> dict[str, Any]:
    said = f"{what}: {took:.2f} s by the clock, merging {1e3 * answer.merging:.1f} ms, lost {len(answer.lost)}"
    print(said, file=sys.stderr)
    return {
        "what": what, "items": n, "queries": len(exact), "recall": index_recall(answer.ids, exact),
        "cpu_seconds": answer.merging,
    }  # fmt: skip


def keep(rows: list[dict[str, Any]]) -> None:
    """Keep the rows so far: an index takes minutes to build, and the next one may fail."""
    with KEPT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows)


def table_of(rows: list[dict[str, Any]]) -> str:
    """Write rows as Markdown."""
    lines = ["| " + " | ".join(FIELDS) + " |", "|" + "---|" * len(FIELDS)]
    for row in rows:
        lines.append("| " + " | ".join(_shown(row.get(name, "")) for name in FIELDS) + " |")
    return "\n".join(lines)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main(argv: list[str] | None = None) -> str:
    """Print the tables, keep the rows that the lesson quotes; return the tables as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(argv)
    from threadpoolctl import threadpool_limits

    from benchmarks.machine import kernels

    with threadpool_limits(1):
        exact = exact_table(options.repeats)
        rows = [in_memory()]
        kinds = {
            "lists, dot": ("ivf", "dot", {"lists": 1024}, (1, 4, 16, 64, 256)),
            "graph, dot": ("hnsw", "dot", {"links": 16}, (10, 16, 32, 64, 128, 256)),
        }
        keep(rows)
        rows += shards()
        keep(rows)
        for name, kind in kinds.items():
            rows += indexes(MILLION, 0.7, {name: kind})
            keep(rows)
    told = "\n".join(f"- BLAS of {kernel}" for kernel in kernels())
    text = f"Kernels in this process:\n\n{told}\n\n{exact}\n\n"
    text += f"A million items, norms log-normal (0.7):\n\n{table_of(rows)}\n"
    print(text)
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
