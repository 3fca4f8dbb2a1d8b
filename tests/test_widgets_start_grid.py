"""The grid of starts, without a browser: what a cell shows, how it is trained, and what happens where that fails."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from recsys_lib import datasets, metrics, widgets
from recsys_lib.factorization import fit_gradient
from recsys_lib.retrieval import top_k
from recsys_lib.similarity import cosine_scores, dot_scores
from recsys_lib.splits import per_user_75_25
from tests.moves import send

SMALL, LARGE = (0.05, 0.0, 0.0), (1.0, 0.0, 0.0)


@functools.cache
def world():
    """Return training ratings, what is to be found, and titles of a small world."""
    data = datasets.synthetic_world(3, n_users=60, n_items=90, mean_ratings=25)
    train_rows, test_rows = per_user_75_25(data, seed=0)
    return data.interactions(train_rows), data.matrix(test_rows) > 0, tuple(data.titles)


def train(std, l2, gravity, callback=None):
    """Train one cell, quickly."""
    rng = np.random.default_rng(0)
    return fit_gradient(world()[0], 6, std=std, l2=l2, gravity=gravity, lr=1, steps=40, rng=rng, callback=callback)


def rare_share(recommended, counts, at_most):
    """Share of places that rare films take."""
    return np.mean(counts[recommended] <= at_most)


@functools.cache
def trained(settings):
    """Return the model of one cell."""
    return train(*settings)


def grid(function=rare_share, **changes):
    """Return the figure over the small world."""
    ratings, relevant, titles = world()
    models = {settings: trained(settings) for settings in (SMALL, LARGE)}
    given = {
        "models": models, "train": train, "ratings": ratings, "relevant": relevant, "titles": titles, "steps": 40,
        **changes,
    }  # fmt: skip
    return widgets.StartGrid(rare_share=function, **given)


@pytest.mark.parametrize("settings", [SMALL, LARGE])
def test_cell_shows_what_the_library_measures(settings):
    """Rare shares by the learner's function, recall, correlation and the longest films are those of the model."""
    figure, model = grid(), trained(settings)
    ratings, relevant, titles = world()
    figure.choose(*settings)
    assert figure.settings == settings
    norms = np.linalg.norm(np.asarray(model.items, dtype=float), axis=1)
    expected = {"rho": metrics.rank_correlation(norms, ratings.counts)}
    users, items = (np.asarray(side, dtype=float) for side in model)
    for name, scores in (("dot", dot_scores(users, items)), ("cosine", cosine_scores(users, items, zero="last"))):
        ten = top_k(scores, 10, seen=ratings.matrix() > 0)
        expected[f"rare, {name}"] = metrics.rare_share(ten, ratings.counts, 5)
        expected[f"recall, {name}"] = metrics.recall_at_k(ten, relevant)
    assert figure.values == pytest.approx(expected)
    assert figure.longest == [titles[i] for i in np.argsort(-norms, kind="stable")[:10]]
    assert all(film["rare"] == (film["count"] <= 5) for film in figure.scene["films"])


def test_the_better_measure_stands_out():
    """The lower rare share and the higher recall are marked; neither where both are written alike."""
    figure = grid()
    for settings in (SMALL, LARGE):
        figure.choose(*settings)
        for kind, sign in (("rare", -1), ("recall", 1)):
            dot, cosine = (figure.values[f"{kind}, {measure}"] for measure in ("dot", "cosine"))
            better = "dot" if sign * dot > sign * cosine else "cosine"
            assert figure.scene["lead"][kind] in (better, None)
    assert grid(lambda *args: 0.25 if len(args[1]) == 90 else rare_share(*args)).scene["lead"]["rare"] is None


def test_untrained_cell_is_trained_once():
    """Choosing an empty cell trains it, with progress on the way; choosing it again does not."""
    calls = []

    def counted(std, l2, gravity, callback):
        calls.append((std, l2, gravity))
        return train(std, l2, gravity, callback)

    figure, seen = grid(train=counted), []
    figure.observe(lambda change: seen.append(change["new"]), "progress")
    assert calls == [] and len(figure.scene["cells"]) == 2
    scene = send(figure, cell=[1, 1, 0])
    assert figure.settings == (0.05, 0.1, 1.0) and len(scene["cells"]) == 3
    send(figure, cell=[0, 0, 0])
    send(figure, cell=[1, 1, 0])
    assert calls == [(0.05, 0.1, 1.0)]
    assert seen[0] == 0 and seen[-1] == -1 and max(seen) > 0


def test_training_that_runs_away_is_reported():
    """A training that raises leaves the cell empty, the progress bar hidden and the last scene in place."""

    def runs_away(std, l2, gravity, callback):
        raise ValueError("the loss is no longer a finite number")

    figure = grid(train=runs_away)
    before = figure.scene["cells"]
    scene = send(figure, cell=[1, 0, 3])
    assert scene["problems"] == ["the figure could not follow: ValueError: the loss is no longer a finite number"]
    assert scene["cells"] == before and figure.progress == -1


def test_wrong_and_failing_functions():
    """A wrong rare_share is replaced by the course's; one that fails on these films is named, and the rest is shown."""
    wrong = grid(lambda recommended, counts, at_most: np.mean(recommended <= at_most))
    assert wrong.static["sources"][0]["note"] == "rare_share: the course's, since yours is not right yet"
    assert wrong.values == grid().values

    def touchy(recommended, counts, at_most):
        if len(counts) == 90:
            raise RuntimeError("too many")
        return rare_share(recommended, counts, at_most)

    figure = grid(touchy)
    assert figure.scene["problems"] == ["your rare_share raised RuntimeError: too many"]
    assert figure.values["rare, dot"] is None and figure.values["recall, dot"] > 0
    assert figure.scene["cells"][0][1]["rare, dot"] == ["\u2013", 0.0]


def test_figure_without_a_train_function():
    """Without a train function the given models can be chosen and the others cannot."""
    figure = grid(train=None)
    assert send(figure, cell=[0, 0, 3])["problems"] == []
    assert "not trained" in send(figure, cell=[1, 1, 1])["problems"][0]
    assert figure.settings == LARGE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"models": {(0.3, 0, 0): (np.ones((60, 2)), np.eye(90, 2))}}, "no grid point"),
        ({"models": {}, "train": None}, "nothing to show"),
        ({"titles": ["A"]}, "1 titles for 90"),
        ({"ratings": None}, "ratings is missing"),
        ({"models": {SMALL: (np.ones((3, 2)), np.ones((4, 2)))}}, "3 users and 4 items"),
    ],
)
def test_what_does_not_fit_is_refused(changes, words):
    """Models off the grid or of another size, and a figure with nothing to show, are refused by name."""
    with pytest.raises(ValueError, match=words):
        grid(**changes)
