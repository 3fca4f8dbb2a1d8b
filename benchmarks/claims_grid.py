"""The grid over which the claims are judged: models, starts, L2, lengths, widths, rates, two catalogues, five splits.

`python -m benchmarks.claims_grid` trains every model at every place of the grid and writes one line a measurement to
`benchmarks/claims.csv`, whose first line says when and with what. It goes on where it was stopped: what the file holds
is not measured again. It takes about an hour and a half of one core. `--processes N` says how many trainings run at
once (2), `--file FILE` where the lines go.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import functools
import itertools
import math
import multiprocessing
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from recsys_lib import datasets, metrics, similarity
from recsys_lib.factorization import Embeddings, fit_als, fit_bpr, fit_gradient, fit_ials, fit_softmax
from recsys_lib.interactions import Interactions
from recsys_lib.retrieval import top_k
from recsys_lib.splits import per_user_75_25
from recsys_lib.threads import one_thread

FILE = Path(__file__).with_name("claims.csv")
CATALOGUES = {"ML-100K": datasets.movielens_100k, "latest-small": datasets.movielens_latest_small}
SPLITS = range(5)
STARTS = (0.05, 0.25, 1.0)
WIDTH, OTHER_WIDTHS = 20, (8, 40)
SLOWER = 0.5
"""The second learning rate, as a multiple of the model's own."""
K, RARE_QUANTILE = 10, 0.25


class Place(NamedTuple):
    """Where one training stands in the grid; it is measured at every length of its model.

    Attributes
    ----------
    model, catalogue : str
    split : int
    width : int
    rate : float
        The learning rate, as a multiple of the model's own.
    start : float
        Standard deviation of the first numbers.
    l2 : float
    """

    model: str
    catalogue: str
    split: int
    width: int
    rate: float
    start: float
    l2: float


class Figures(NamedTuple):
    """What is measured of one model. A popularity is over the mean of the catalogue, a share is of all slots.

    `hidden_...` is the same of the films that were hidden from the model, each user weighing the same.
    """

    rho: float
    dot_popularity: float
    cosine_popularity: float
    hidden_popularity: float
    dot_rare: float
    cosine_rare: float
    hidden_rare: float
    dot_recall: float
    cosine_recall: float


class Line(NamedTuple):
    """One line of the file."""

    place: Place
    length: int
    figures: Figures


Fit = Callable[..., Any]


@dataclass(frozen=True)
class Model:
    """A model and its optimiser.

    Parameters
    ----------
    name : str
    fit : Fit
        ``fit(ratings, d, std=, l2=, length=, rng=, callback=)``, and ``lr=`` if it has one.
    l2 : (float, float, float)
        None (or next to none, where a system of equations needs a little), some, and four times that.
    lengths : (int, int, int)
        Steps, sweeps or epochs after which it is measured.
    unit : str
        What a length counts.
    lr : float
        Learning rate; 0 for a model that solves instead of stepping.
    more : dict
        What else it is fitted with.
    """

    name: str
    fit: Fit
    l2: tuple[float, float, float]
    lengths: tuple[int, int, int]
    unit: str
    lr: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> str:
        """Its settings in words."""
        words = [f"learning rate {self.lr:g}"] if self.lr else []
        words += [f"{name} {value}" for name, value in self.more.items()]
        words += [f"L2 {', '.join(f'{l2:g}' for l2 in self.l2)}"]
        return "; ".join([*words, f"{', '.join(map(str, self.lengths))} {self.unit}"]).replace("_", " ")


MODELS = {
    model.name: model
    for model in (
        Model("gradient descent", fit_gradient, (0, 0.1, 0.4), (50, 150, 400), "steps", 20),
        Model("gravity", fit_gradient, (0, 0.1, 0.4), (50, 150, 400), "steps", 20, {"gravity": 1.0}),
        Model("Adam", fit_gradient, (0, 0.1, 0.4), (50, 150, 400), "steps", 0.02, {"optimiser": "adam"}),
        Model("ALS, ridge by count", fit_als, (0.001, 0.1, 0.4), (3, 8, 20), "sweeps", 0, {"biases": False}),
        Model("ALS, flat ridge", fit_als, (0.01, 3, 12), (3, 8, 20), "sweeps", 0, {"biases": False, "ridge": "flat"}),
        Model("iALS", fit_ials, (0.01, 10, 40), (2, 5, 12), "sweeps", 0, {"unobserved_weight": 0.3}),
        Model("softmax, descent", fit_softmax, (0, 0.02, 0.08), (50, 150, 450), "steps", 100, {"optimiser": "descent"}),
        Model("softmax, Adam", fit_softmax, (0, 0.02, 0.08), (30, 80, 200), "steps", 0.05),
        Model("BPR, L2 by triple", fit_bpr, (0, 0.03, 0.12), (5, 15, 40), "epochs", 0.05),
        Model("BPR, L2 by row", fit_bpr, (0, 0.03, 0.12), (5, 15, 40), "epochs", 0.05, {"l2_by": "row"}),
    )
}


def places() -> Iterator[Place]:
    """Give every training of the grid, what is read most first.

    All starts and L2 on all splits; other widths and the slower rate on the first split, without L2 and with some.
    """
    for split in SPLITS:
        for catalogue, model, start in itertools.product(CATALOGUES, MODELS.values(), STARTS):
            for l2 in model.l2:
                yield Place(model.name, catalogue, split, WIDTH, 1.0, start, l2)
        if split == SPLITS[0]:
            for catalogue, model, start in itertools.product(CATALOGUES, MODELS.values(), STARTS):
                for l2 in model.l2[:2]:
                    for width in OTHER_WIDTHS:
                        yield Place(model.name, catalogue, split, width, 1.0, start, l2)
                    if model.lr:
                        yield Place(model.name, catalogue, split, WIDTH, SLOWER, start, l2)


@dataclass(frozen=True)
class Ground:
    """A catalogue under a split: what models are fitted to, and what they are measured on."""

    ratings: Interactions
    hidden: np.ndarray
    seen: np.ndarray

    @property
    def rare(self) -> float:
        """The most ratings that a rare film has: a quarter of the catalogue has as many or fewer."""
        return float(np.quantile(self.ratings.counts, RARE_QUANTILE))

    def of_hidden(self, values: np.ndarray) -> float:
        """Average a value of films over the hidden films of a user, and then over users."""
        sizes = self.hidden.sum(axis=1)
        users = sizes > 0
        return float(np.mean((self.hidden[users] @ values) / sizes[users]))


@functools.lru_cache(maxsize=2)
def ground(catalogue: str, split: int) -> Ground:
    """Load a catalogue and split it."""
    data = CATALOGUES[catalogue](progress=False)
    train_rows, test_rows = per_user_75_25(data, split)
    ratings = data.interactions(train_rows)
    return Ground(ratings, data.matrix(test_rows) > 0, ratings.matrix() > 0)


def measure(model: Any, on: Ground) -> Figures:
    """Measure one model."""
    counts = on.ratings.counts
    users, items = np.asarray(model.users), np.asarray(model.items)
    found = {}
    for name, scores in (
        ("dot", similarity.dot_scores(users, items)),
        ("cosine", similarity.cosine_scores(users, items, zero="last")),
    ):
        lists = top_k(scores, K, seen=on.seen)
        found[f"{name}_popularity"] = metrics.average_popularity(lists, counts) / counts.mean()
        found[f"{name}_rare"] = metrics.rare_share(lists, counts, on.rare)
        found[f"{name}_recall"] = metrics.recall_at_k(lists, on.hidden)
    return Figures(
        rho=metrics.rank_correlation(np.linalg.norm(items, axis=1), counts),
        hidden_popularity=on.of_hidden(counts / counts.mean()),
        hidden_rare=on.of_hidden((counts <= on.rare).astype(float)),
        **found,
    )


def train(place: Place, lengths: tuple[int, ...] | None = None) -> list[Line]:
    """Fit the model of one place and measure it at each length; a training that runs away gives NaN from there on.

    Parameters
    ----------
    place : Place
    lengths : tuple of int, optional
        Where to measure; the longest ends the training. All lengths of the model without it.

    Returns
    -------
    list of Line
    """
    model, on = MODELS[place.model], ground(place.catalogue, place.split)
    lengths = lengths or model.lengths
    found: dict[int, Figures] = {}

    def look(length: int, loss: float, embeddings: Any) -> None:
        if length in lengths:
            copy = Embeddings(np.array(embeddings.users), np.array(embeddings.items))
            found[length] = measure(copy, on)

    settings: dict[str, Any] = {**model.more, "std": place.start, "l2": place.l2, model.unit: max(lengths)}
    if model.lr:
        settings["lr"] = model.lr * place.rate
    with one_thread():
        try:
            model.fit(on.ratings, place.width, rng=np.random.default_rng(place.split), callback=look, **settings)
        except ValueError as error:
            if "finite" not in str(error):
                raise
    nothing = Figures(*[math.nan] * len(Figures._fields))
    return [Line(place, length, found.get(length, nothing)) for length in lengths]


HEADER = (*Place._fields, "length", *Figures._fields)


def opening() -> str:
    """Give the first two lines of a new file: when and with what it was begun, and the names of the columns."""
    made = f"# begun {datetime.date.today()} with Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{made}\n{','.join(HEADER)}\n"


def write(lines: list[Line], file: Any) -> None:
    """Write lines as CSV, figures to four digits behind the point."""
    rows = csv.writer(file, lineterminator="\n")
    for place, length, figures in lines:
        rows.writerow(
            [*place[:4], *(f"{value:g}" for value in place[4:]), length, *(f"{value:.4f}" for value in figures)]
        )


def read(path: Path = FILE) -> list[Line]:
    """Read the lines of a file.

    Raises
    ------
    ValueError
        If the names of its columns are not those that `write` goes with.
    """
    rows = csv.reader(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    header = next(rows, [])
    if tuple(header) != HEADER:
        raise ValueError(f"{path}: the columns must be {','.join(HEADER)}, not {','.join(header)}")
    lines = []
    for model, catalogue, split, width, rate, start, l2, length, *figures in rows:
        place = Place(model, catalogue, int(split), int(width), float(rate), float(start), float(l2))
        lines.append(Line(place, int(length), Figures(*map(float, figures))))
    return lines


def made(path: Path = FILE) -> str:
    """Return when and with what a file was begun."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("# ") if first.startswith("#") else "begun on a day that the file does not say"


def main(argv: list[str] | None = None) -> None:
    """Measure what the file does not hold yet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims_grid", description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=2, help="trainings at once (default: 2)")
    parser.add_argument("--file", type=Path, default=FILE, help="where the lines go (default: benchmarks/claims.csv)")
    options = parser.parse_args(argv)
    if options.processes < 1:
        parser.error(f"--processes is {options.processes}; it must be at least 1")
    if not options.file.exists():
        options.file.write_text(opening(), encoding="utf-8")
    done = {line.place for line in read(options.file)}
    left = [place for place in places() if place not in done]
    os.environ["OMP_NUM_THREADS"] = "1"
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.processes) as pool, open(options.file, "a", encoding="utf-8") as file:
        for lines in tqdm(pool.imap(train, left), total=len(left), desc="claims"):
            write(lines, file)
            file.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
