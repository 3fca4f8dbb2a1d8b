"""A catalogue on two worker processes over TCP: the whole answer, and what is left when one of them is killed."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from recsys_lib.retrieval import blocked_top_k, index_recall
from recsys_lib.shards import ask, cuts, place

N, K = 400, 5
ITEMS = np.random.default_rng(3).normal(size=(N, 8))
QUERIES = np.random.default_rng(4).normal(size=(30, 8))


def test_cuts_leave_nothing_out():
    """Runs of nearly equal length, from 0 to n; more parts than items are refused."""
    assert cuts(11, 4) == [0, 2, 5, 8, 11]
    with pytest.raises(ValueError, match="parts must lie between 1 and the number of items, 3, got 4"):
        cuts(3, 4)


@pytest.fixture
def client():
    """Two worker processes of one thread each, on loopback, which nobody starts again."""
    import logging

    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a killed worker is what the test is about
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        for nanny in cluster.workers.values():
            nanny.auto_restart = False
        yield client


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # a cluster that loses a worker warns of sockets; which ones is Dask's affair
def test_a_killed_worker_costs_its_own_items(client):
    """Both answer: exact. One is killed in the middle: its half is missing, the other complete, and it is named."""
    placed = place(client, ITEMS, "exact")
    assert len({part.worker for part in placed}) == 2
    assert all(part.worker.startswith("tcp://127.0.0.1:") for part in placed)
    pids = client.run(os.getpid)
    assert len({*pids.values(), os.getpid()}) == 3
    right = blocked_top_k(QUERIES, ITEMS, K)
    answer = ask(client, placed, QUERIES, K, patience=60)
    assert answer.lost == () and np.array_equal(answer.ids, right)
    os.kill(pids[placed[1].worker], signal.SIGKILL)
    answer = ask(client, placed, QUERIES, K, patience=3)
    assert answer.lost == (placed[1].worker,)
    assert np.array_equal(answer.ids, blocked_top_k(QUERIES, ITEMS[: N // 2], K))
    assert index_recall(answer.ids, right) == np.mean(right < N // 2)
    os.kill(pids[placed[0].worker], signal.SIGKILL)
    with pytest.raises(TimeoutError, match="none of 2 workers answered within 1 s"):
        ask(client, placed, QUERIES, K, patience=1)
