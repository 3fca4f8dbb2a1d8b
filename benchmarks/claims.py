"""Put the claims of the course's founding text to the test: which models bear them out, and which do not.

`python -m benchmarks.claims` fits each model four times a seed (large and small start, with and without L2) on
MovieLens-100K, split per_user_75_25 of that seed, and prints two tables: each claim by model with its verdict, and the
figures behind it. `--seeds N` changes the number of seeds (5), `--json FILE` writes the verdicts, too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from recsys_lib import datasets, metrics, similarity
from recsys_lib.factorization import Embeddings, fit_als, fit_bpr, fit_gradient, fit_ials, fit_softmax
from recsys_lib.interactions import Interactions
from recsys_lib.retrieval import top_k
from recsys_lib.splits import per_user_75_25

K, RARE = 10, 5
LARGE, SMALL = 1.0, 0.05

# From here on a correlation has a sign, and a share of slots or a mean popularity is an effect.
CLEAR_RHO, CLEAR_SHARE, CLEAR_TIMES = 0.2, 0.08, 1.5


Fit = Callable[[Interactions, float, float, np.random.Generator], Embeddings]
"""``fit(ratings, std, l2, rng)``"""


@dataclass(frozen=True)
class Model:
    """A model and an optimiser.

    Parameters
    ----------
    name : str
    fit : Fit
    l2 : float
        The L2 that counts as regularisation for it.
    without : float
        The L2 that counts as none; ALS and iALS need a little.
    settings : str
        How it is fitted, in words.
    """

    name: str
    fit: Fit
    l2: float
    without: float = 0.0
    settings: str = ""


def _gradient(**more: Any) -> Fit:
    """Make a fit by gradient steps."""

    def fit(ratings: Interactions, std: float, l2: float, rng: np.random.Generator) -> Embeddings:
        settings = {"lr": 10 if std == LARGE else 20, **more}
        return fit_gradient(ratings, 30, std=std, l2=l2, steps=300, rng=rng, **settings)

    return fit


def _als(ratings: Interactions, std: float, l2: float, rng: np.random.Generator) -> Embeddings:
    """Fit ALS without biases, whose vectors say everything."""
    model = fit_als(ratings, 30, l2=l2, sweeps=15, std=std, rng=rng, biases=False)
    return Embeddings(model.users, model.items)


MODELS = [
    Model("gradient descent", _gradient(), 0.1, settings="observed MSE, d = 30, 300 steps, lr 10 (large start) or 20"),
    Model("gradient descent with gravity", _gradient(gravity=1.0), 0.1, settings="the same, gravity 1"),
    Model(
        "Adam",
        _gradient(optimiser="adam", lr=0.02),
        0.1,
        settings="observed MSE, d = 30, 300 steps, lr 0.02",
    ),
    Model(
        "ALS",
        _als,
        0.1,
        without=0.001,
        settings="observed ratings, d = 30, 15 sweeps, no biases; L2 0.1 per rating (0.001)",
    ),
    Model(
        "iALS",
        lambda ratings, std, l2, rng: fit_ials(ratings, 32, l2=l2, unobserved_weight=0.3, sweeps=10, std=std, rng=rng),
        10.0,
        without=0.01,
        settings="d = 32, unobserved weight 0.3, 10 sweeps; L2 10 (0.01)",
    ),
    Model(
        "softmax",
        lambda ratings, std, l2, rng: fit_softmax(ratings, 20, std=std, l2=l2, lr=0.05, steps=150, rng=rng),
        0.02,
        settings="full, d = 20, Adam, lr 0.05, 150 steps; L2 0.02",
    ),
    Model(
        "BPR",
        lambda ratings, std, l2, rng: fit_bpr(ratings, 20, std=std, l2=l2, lr=0.05, epochs=40, rng=rng),
        0.03,
        settings="d = 20, lr 0.05, 40 epochs; L2 0.03",
    ),
]

FIGURES = {
    "rho": "Spearman(norm, count)",
    "dot_popularity": "mean popularity of a slot by dot product, over that of the catalogue",
    "cosine_popularity": "the same by cosine",
    "dot_rare": "share of slots with rare films by dot product",
    "cosine_rare": "the same by cosine",
    "dot_recall": "recall@10 by dot product",
    "cosine_recall": "recall@10 by cosine",
}
CLAIMS = {
    "long": "popular items get large norms (small start)",
    "long_l2": "... with L2",
    "long_large": "... with a large start",
    "dot": "the dot product favours the popular",
    "cosine": "the cosine does not",
    "start": "a large start makes rare items over-recommended",
    "small": "a small start cures it",
    "l2": "regularisation cures it",
    "both": "both together cure it",
    "hidden": "... and then the cosine is safe, too",
}


def measure(model: Model, seed: int, data: datasets.MovieLens) -> dict[tuple[str, str], dict[str, float]]:
    """Fit one model four times and measure it, by start and L2."""
    train_rows, test_rows = per_user_75_25(data, seed)
    ratings, hidden = data.interactions(train_rows), data.matrix(test_rows) > 0
    seen, counts = ratings.matrix() > 0, ratings.counts
    found = {}
    for start, std in (("large", LARGE), ("small", SMALL)):
        for penalty, l2 in (("none", model.without), ("L2", model.l2)):
            users, items = model.fit(ratings, std, l2, np.random.default_rng(seed))
            row = {"rho": metrics.rank_correlation(np.linalg.norm(items, axis=1), counts)}
            scores = {
                "dot": similarity.dot_scores(users, items),
                "cosine": similarity.cosine_scores(users, items, zero="last"),
            }
            for name, table in scores.items():
                lists = top_k(table, K, seen=seen)
                row[f"{name}_popularity"] = metrics.average_popularity(lists, counts) / counts.mean()
                row[f"{name}_rare"] = metrics.rare_share(lists, counts, RARE)
                row[f"{name}_recall"] = metrics.recall_at_k(lists, hidden)
            found[start, penalty] = row
    return found


def verdicts(runs: list[dict[tuple[str, str], dict[str, float]]]) -> dict[str, tuple[str, str]]:
    """Judge each claim from the runs of one model.

    Returns
    -------
    dict of str to (str, str)
        For each claim the verdict, and the figure behind it with its spread over the seeds.
    """

    def of(figure: str, start: str = "small", penalty: str = "none") -> np.ndarray:
        return np.array([run[start, penalty][figure] for run in runs])

    popularity, by_cosine = of("dot_popularity"), of("cosine_popularity")
    large, small = of("dot_rare", "large"), of("dot_rare")
    with_l2, with_both = of("dot_rare", "large", "L2"), of("dot_rare", "small", "L2")
    hidden = of("cosine_rare", "small", "L2")
    favours = _sign(popularity.mean(), CLEAR_TIMES, 1 / CLEAR_TIMES)
    arises = large.mean() >= CLEAR_SHARE

    def cured(share: np.ndarray) -> str:
        if not arises:
            return "does not arise"
        return "holds" if share.mean() < CLEAR_SHARE else "reversed"

    def growth(rho: np.ndarray) -> tuple[str, str]:
        return _sign(rho.mean(), CLEAR_RHO, -CLEAR_RHO), spread(rho, "{:+.2f}")

    return {
        "long": growth(of("rho")),
        "long_l2": growth(of("rho", "small", "L2")),
        "long_large": growth(of("rho", "large")),
        "dot": (favours, spread(popularity, "{:.1f}", " times")),
        "cosine": (
            "does not arise" if favours != "holds" else ("reversed" if by_cosine.mean() >= CLEAR_TIMES else "holds"),
            spread(by_cosine, "{:.1f}", " times"),
        ),
        "start": (
            "holds" if arises else "does not arise",
            f"{_percent(large)} of the slots",
        ),
        "small": (cured(small), _percent(small)),
        "l2": (cured(with_l2), _percent(with_l2)),
        "both": (cured(with_both), _percent(with_both)),
        "hidden": ("holds" if hidden.mean() < CLEAR_SHARE else "reversed", _percent(hidden)),
    }


def _sign(value: float, up: float, down: float) -> str:
    """Give the verdict on a figure that should be large."""
    return "holds" if value >= up else "reversed" if value <= down else "does not arise"


def spread(values: np.ndarray, form: str, unit: str = "") -> str:
    """Write the lowest and the highest of some values, or one of them where both read alike.

    Examples
    --------
    >>> spread(np.array([0.30, 0.36]), "{:.2f}"), spread(np.array([0.301, 0.304]), "{:.2f}")
    ('0.30 to 0.36', '0.30')
    """
    low, high = form.format(values.min()), form.format(values.max())
    return (low if low == high else f"{low} to {high}") + unit


def _percent(share: np.ndarray) -> str:
    return spread(100 * share, "{:.0f}", "%")


def table(judged: dict[str, dict[str, tuple[str, str]]]) -> str:
    """Write claims by models as Markdown."""
    names = list(judged)
    lines = ["| the text says | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for claim, words in CLAIMS.items():
        cells = [f"{_bold(judged[name][claim][0])}<br>{judged[name][claim][1]}" for name in names]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _bold(verdict: str) -> str:
    return f"**{verdict}**" if verdict != "does not arise" else verdict


def details(measured: dict[str, list]) -> str:
    """Write every figure of every fit as Markdown, as lowest to highest over the seeds."""
    forms = {"rho": "{:+.2f}", "dot_popularity": "{:.2f}", "cosine_popularity": "{:.2f}"}
    lines = ["| model | start | penalty | " + " | ".join(FIGURES.values()) + " |", "|---" * (len(FIGURES) + 3) + "|"]
    for name, runs in measured.items():
        for start, penalty in runs[0]:
            cells = [
                spread(np.array([run[start, penalty][figure] for run in runs]), forms.get(figure, "{:.3f}"))
                for figure in FIGURES
            ]
            lines.append(f"| {name} | {start} | {penalty} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def run(seeds: int, data: datasets.MovieLens, models: list[Model] = MODELS) -> dict[str, list]:
    """Measure every model on every seed, with a progress bar."""
    bar = tqdm(total=seeds * len(models), desc="claims", leave=False)
    measured: dict[str, list] = {model.name: [] for model in models}
    for seed in range(seeds):
        for model in models:
            measured[model.name].append(measure(model, seed, data))
            bar.update()
    return measured


def main(argv: list[str] | None = None) -> str:
    """Print the tables; return them as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds (default: 5)")
    parser.add_argument("--json", type=Path, help="write the verdicts to this file")
    options = parser.parse_args(argv)
    measured = run(options.seeds, datasets.movielens_100k(progress=False))
    judged = {name: verdicts(runs) for name, runs in measured.items()}
    if options.json:
        plain = {name: {claim: list(entry) for claim, entry in row.items()} for name, row in judged.items()}
        options.json.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    settings = "\n".join(f"- {model.name}: {model.settings}" for model in MODELS)
    text = (
        f"MovieLens-100K, per_user_75_25, seeds 0 to {options.seeds - 1}, lists of {K}; large start: std {LARGE:g}, "
        f"small: {SMALL:g}; rare: at most {RARE} training ratings. Without a word on them: small start, no L2.\n"
        f"A claim *holds* or is *reversed* beyond a correlation of {CLEAR_RHO} (or minus that), a popularity of a slot "
        f"of {CLEAR_TIMES} times the catalogue's (or 1 / {CLEAR_TIMES}), a rare share of {CLEAR_SHARE:.0%}.\n\n"
        f"{table(judged)}\n\n{settings}\n\n{details(measured)}\n"
    )
    print(text)
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
