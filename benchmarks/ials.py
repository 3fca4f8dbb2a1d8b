"""Time iALS beside the `implicit` package: CPU seconds on one thread to the same value of the same objective.

`python -m benchmarks.ials` needs the extra "bench". Both run in this process, in turn, float32, one thread, from the
same data. `implicit` (conjugate gradients, in C++) and ours are each tuned over sweeps and steps per half sweep for the
least time that reaches the goal: an objective within 0.1 % (MovieLens-100K) or 1 % (synthetic) of where it settles.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from tqdm import tqdm

from recsys_lib import datasets, metrics
from recsys_lib.factorization import Embeddings, fit_ials, ials_loss
from recsys_lib.factorization.common import start_of
from recsys_lib.interactions import Interactions
from recsys_lib.retrieval import top_k
from recsys_lib.splits import per_user_75_25

TimedFit = Callable[..., tuple[float, Embeddings]]
"""``fit(sweeps, steps, watch)``: CPU seconds and the model; ``watch``, if given, sees the model after every sweep."""


def ours(ratings: Interactions, d: int, l2: float, weight: float) -> TimedFit:
    """TimedFit with this course's iALS."""

    def fit(sweeps: int, steps: int, watch: Callable | None = None) -> tuple[float, Embeddings]:
        began = time.process_time()
        model = fit_ials(
            ratings, d, l2=l2, unobserved_weight=weight, sweeps=sweeps, cg_steps=steps, rng=np.random.default_rng(0),
            callback=watch and (lambda sweep, loss, model: watch(model)),
        )  # fmt: skip
        return time.process_time() - began, model

    return fit


def peer(ratings: Interactions, d: int, l2: float, weight: float, *, our_start: bool) -> TimedFit:
    """TimedFit with `implicit`, from its own start (uniform up to 0.01) or from ours."""
    import scipy.sparse
    from implicit.cpu.als import AlternatingLeastSquares

    logging.getLogger("implicit").setLevel(logging.ERROR)
    shape = ratings.n_users, ratings.n_items
    table = scipy.sparse.csr_matrix((np.ones(len(ratings), np.float32), (ratings.user, ratings.item)), shape=shape)

    def fit(sweeps: int, steps: int, watch: Callable | None = None) -> tuple[float, Embeddings]:
        model = AlternatingLeastSquares(
            factors=d, regularization=l2 / weight, alpha=1 / weight, iterations=sweeps,
            num_threads=1, random_state=0, dtype=np.float32,
        )  # fmt: skip
        model.cg_steps = steps
        if our_start:
            start = start_of(ratings, d, 0.1, np.random.default_rng(0), np.float32)
            model.user_factors, model.item_factors = np.zeros_like(start.users), start.items
        began = time.process_time()
        look = watch and (lambda *_: watch(Embeddings(model.user_factors, model.item_factors)))
        model.fit(table, show_progress=False, callback=look)
        return time.process_time() - began, Embeddings(model.user_factors, model.item_factors)

    return fit


def synthetic(n_ratings: int, n_users: int = 70_000, n_items: int = 10_000) -> Interactions:
    """Draw who rated what with heavy tails on both sides, from a fixed seed."""
    rng = np.random.default_rng(0)
    busy, popular = rng.lognormal(0, 1, n_users), rng.lognormal(0, 1.6, n_items)
    wanted = int(1.3 * n_ratings)
    user = rng.choice(n_users, wanted, p=busy / busy.sum())
    item = rng.choice(n_items, wanted, p=popular / popular.sum())
    pairs = rng.permutation(np.unique(user * n_items + item))[:n_ratings]
    return Interactions(pairs // n_items, pairs % n_items, n_users=n_users, n_items=n_items)


def least_time(
    fits: dict[str, TimedFit],
    loss: Callable[[Embeddings], float],
    below: float,
    *,
    steps: Sequence[int],
    max_sweeps: int,
    repeats: int,
    bar: tqdm,
) -> dict[str, tuple[float, int, int, float]]:
    """Find for each fit the least CPU time in which it reaches a goal.

    Parameters
    ----------
    fits : dict of str to TimedFit
    loss : callable ``(model) -> float``
        The objective.
    below : float
        The goal: an objective of this or less.
    steps : sequence of int
        How many steps a half sweep may take.
    max_sweeps : int
        How many sweeps a fit may take.
    repeats : int
        How often each setting that reaches the goal is timed.
    bar : tqdm
        The bar that counts the fits.

    Returns
    -------
    dict of str to (seconds, sweeps, steps, objective)
        For each fit that reaches the goal, its fastest setting.
    """
    settings: dict[str, list] = {name: [] for name in fits}
    for name, fit in fits.items():
        for count in steps:
            losses: list[float] = []
            fit(max_sweeps, count, lambda model, losses=losses: losses.append(loss(model)))
            bar.update()
            good = [sweep for sweep, reached in enumerate(losses, start=1) if reached <= below]
            if good:
                settings[name].append((good[0], count, losses[good[0] - 1]))
    best: dict[str, dict] = {name: {} for name in fits}
    for _ in range(repeats):  # in turn, so that a machine that slows down slows all of them
        for name, fit in fits.items():
            for sweeps, count, reached in settings[name]:
                key = sweeps, count, reached
                best[name][key] = min(fit(sweeps, count)[0], best[name].get(key, np.inf))
                bar.update()
    return {name: min((seconds, *key) for key, seconds in found.items()) for name, found in best.items() if found}


def compare(
    title: str, ratings: Interactions, d: int, l2: float, weight: float,
    *, slack: float, repeats: int, steps: Sequence[int] = (1, 2, 3, 4), max_sweeps: int = 25,
) -> str:  # fmt: skip
    """Write one comparison as Markdown; the first fit is ours and the ratios are to it."""
    fits = {"this course": ours(ratings, d, l2, weight)}
    fits["`implicit`, as it comes"] = peer(ratings, d, l2, weight, our_start=False)
    fits["`implicit`, from our start"] = peer(ratings, d, l2, weight, our_start=True)
    settled = ials_loss(ratings, fits["this course"](max_sweeps + 5, 3)[1], l2, weight)
    bar = tqdm(desc=title, unit=" fits", leave=False)
    found = least_time(
        fits, lambda model: ials_loss(ratings, model, l2, weight), settled * (1 + slack),
        steps=steps, max_sweeps=max_sweeps, repeats=repeats, bar=bar,
    )  # fmt: skip
    lines = [
        f"{title}: {len(ratings):,} ratings, d = {d}, L2 {l2:g}, unobserved weight {weight:g}; goal: an objective of "
        f"{settled * (1 + slack):.4f} ({slack:.1%} above {settled:.4f}, where it settles).",
        "",
        f"| | CPU seconds, best of {repeats} | sweeps | steps a half sweep | objective | ours takes |",
        "|---|---|---|---|---|---|",
    ]
    own = found["this course"][0]
    for name in fits:
        if name not in found:
            lines.append(f"| {name} | did not reach the goal in {max_sweeps} sweeps | | | | |")
            continue
        seconds, sweeps, count, reached = found[name]
        ratio = "" if name == "this course" else f"{own / seconds:.2f} times as long"
        lines.append(f"| {name} | {seconds:.3f} | {sweeps} | {count} | {reached:.4f} | {ratio} |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> str:
    """Print the tables; return them as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ials", description=__doc__.splitlines()[0])
    parser.add_argument("--ratings", type=float, default=1e7, help="size of the synthetic data (default: 1e7)")
    options = parser.parse_args(argv)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        data = datasets.movielens_100k(progress=False)
        train_rows, test_rows = per_user_75_25(data, 0)
        ratings, hidden = data.interactions(train_rows), data.matrix(test_rows) > 0
        parts = [compare("MovieLens-100K", ratings, 32, 10.0, 0.3, slack=0.001, repeats=7)]
        quality = []
        for name, fit in (
            ("this course", ours(ratings, 32, 10.0, 0.3)),
            ("`implicit`", peer(ratings, 32, 10.0, 0.3, our_start=False)),
        ):
            users, items = fit(20, 3)[1]
            lists = top_k(users.astype(float) @ items.T.astype(float), 10, seen=ratings.matrix() > 0)
            quality.append(f"{name} {metrics.ndcg_at_k(lists, hidden):.4f}")
        parts.append(f"nDCG@10 after 20 sweeps of 3 steps: {', '.join(quality)}.")
        big = synthetic(int(options.ratings))
        parts.append(compare("Synthetic", big, 32, 10.0, 0.05, slack=0.01, repeats=2, steps=(2, 3), max_sweeps=8))
        text = "\n\n".join(parts) + "\n"
    print(text)
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
