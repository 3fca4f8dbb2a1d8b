"""The training run, without a browser: what Python answers, also when a learner's gradients fail half-way."""

from __future__ import annotations

import json

import numpy as np
import pytest

from recsys_lib import widgets
from recsys_lib.factorization import fit_gradient
from recsys_lib.widgets import training_run
from tests.moves import send


def mf_gradients(users, items, ratings):
    """Gradient of the mean squared error over the rated cells."""
    errors = (users @ items.T - ratings) * (ratings > 0)
    return 2 * errors @ items / np.sum(ratings > 0), 2 * errors.T @ users / np.sum(ratings > 0)


def table(seed=0, n=30, m=40, share=0.3):
    """Return ratings of a small world, 0 where there is none."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, m)) < share, rng.integers(1, 6, (n, m)), 0).astype(float)


def run(function=mf_gradients, **changes):
    """Return a figure over the small world."""
    return widgets.TrainingRun(function, **{"ratings": table(), "steps": 40, "d": 4, **changes})


SETTINGS = {"lr": 4, "l2": 0, "gravity": 0}


def test_each_answer_is_a_few_steps():
    """The view asks, and each answer is a few steps further, with one more point on the curve for each."""
    figure = run()
    first, second = (send(figure, do="train", **SETTINGS)["step"] for _ in range(2))
    assert 0 < first < second <= 10
    assert [point[0] for point in figure.scene["train"]] == list(range(second + 1))


def test_the_run_ends():
    """After the last step the figure says so; further questions change nothing."""
    figure = run()
    figure.train()
    assert figure.step == 40 and figure.scene["ended"] and figure.scene["problems"] == []
    assert figure.losses[-1] < 0.5 * figure.losses[0]
    before = figure.losses
    send(figure, do="train", **SETTINGS)
    assert figure.losses == before and figure.step == 40


@pytest.mark.parametrize(("l2", "gravity"), [(0, 0), (0.3, 0), (0, 1), (0.1, 0.3)])
def test_it_is_the_librarys_model(l2, gravity):
    """The loss after every step is that of `fit_gradient` with the same settings and start."""
    figure = run(l2=l2, gravity=gravity, lr=2, steps=20)
    figure.train()

    rows = []

    def note(step, loss, model):
        scores = model.users @ model.items.T
        rated = table() > 0
        rows.append(float(np.mean((scores[rated] - table()[rated]) ** 2)))

    settings = {"std": 0.1, "lr": 2, "steps": 20, "l2": l2, "gravity": gravity, "dtype": np.float64}
    fit_gradient(table(), 4, rng=np.random.default_rng(0), callback=note, **settings)
    assert figure.losses[1:] == pytest.approx(rows, rel=1e-3)


def test_restart_keeps_the_run_before():
    """Starting again begins at the same start; the earlier curve stays, thin, with its settings."""
    figure = run()
    start = figure.losses[0]
    figure.train()
    scene = send(figure, do="restart", **{**SETTINGS, "l2": 0.3})
    assert (scene["step"], scene["ended"], figure.losses) == (0, False, [start])
    assert scene["before"]["settings"] == {"lr": 8, "l2": 0, "gravity": 0}
    assert scene["before"]["train"][-1][0] == 40


def test_settings_may_change_half_way():
    """A slider moved during a run holds from the next step on."""
    figure = run(steps=100)
    figure.train(l2=0)
    free = np.mean(figure.scene["middles"])
    send(figure, do="restart", **SETTINGS)
    send(figure, do="train", **SETTINGS)
    figure.train(l2=1)
    assert np.mean(figure.scene["middles"]) < free
    assert figure.scene["settings"]["l2"] == 1


def test_histogram_counts_every_film():
    """Each film is in one bar, however long its vector grows; the halves are by number of ratings."""
    figure = run(std=3.0, lr=1)
    figure.train()
    counts = np.count_nonzero(table(), axis=0)
    known = int(np.sum(counts > np.median(counts)))
    assert [sum(bars) for bars in figure.scene["bars"]] == [known, 40 - known]


def test_held_out_curve_and_its_lowest_point():
    """The second curve is the error of the held-out table, and its lowest point is marked."""
    figure = run(held_out=table(1) * (table() == 0))
    figure.train()
    assert len(figure.held_out_losses) == len(figure.losses)
    assert figure.scene["lowest"][1] == min(figure.held_out_losses)
    assert run().scene["held"] == []


def test_runaway_stops():
    """A learning rate that is too large ends the run with a sentence, not with NaN."""
    figure = run(lr=32)
    scene = figure.train()
    assert scene["ended"] and "the loss ran away: a learning rate of 32 is too large" in scene["problems"][0]
    assert np.isfinite(figure.losses).all()
    assert send(figure, do="restart", **SETTINGS)["problems"] == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda u, i: (u[:1], i), "returned shape (1, 4), not (30, 4)"),
        (lambda u, i: (u * np.nan, i), "returned NaN or infinity"),
        (lambda u, i: u, "did not return two tables"),
        (lambda u, i: ("ab", i), "returned a str, not numbers"),
        (lambda u, i: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_failing_gradients_stop_the_run(wrong, words):
    """Gradients that fail in the middle of a run end it there; the curve so far stays, and the figure says why."""
    calls = []

    def touchy(users, items, ratings):
        if users.shape == (30, 4):
            calls.append(1)
            if len(calls) > 6:
                return wrong(users, items)
        return mf_gradients(users, items, ratings)

    figure = run(touchy)
    scene = figure.train()
    assert scene["ended"] and scene["step"] == 6
    assert words in scene["problems"][0] and scene["problems"][0].startswith("your mf_gradients ")
    assert len(figure.losses) == 7


def test_slow_gradients_stop_the_run():
    """One step that takes more than two seconds ends the run, and the sentence says what would be faster."""

    def slow(users, items, ratings):
        while users.shape == (30, 4):
            pass
        return mf_gradients(users, items, ratings)

    assert run(slow).train()["problems"] == [
        "your mf_gradients ran longer than 2 s for one step of 1,200 cells; whole tables at once are faster"
    ]


def test_inputs_are_kept():
    """Gradients that spoil what they are given spoil copies."""

    def spoils(users, items, ratings):
        result = mf_gradients(users, items, ratings)
        users[...], items[...], ratings[...] = 0, 0, 0
        return result

    clean, spoilt = run(), run(spoils)
    clean.train()
    spoilt.train()
    assert clean.losses == spoilt.losses


def test_unsolved_gradients_are_the_courses():
    """Without an answer the course's gradients train, and the figure says so."""

    def unsolved(users, items, ratings):
        raise NotImplementedError

    figure = run(unsolved)
    assert figure.static["sources"][0]["note"] == "mf_gradients: the course's, since yours is not solved yet"
    assert figure.train()["step"] == 40


@pytest.mark.parametrize(
    "bad",
    [
        {"ratings": np.zeros((3, 4))},
        {"ratings": [1, 2, 3]},
        {"held_out": np.ones((2, 2))},
        {"d": 0},
        {"steps": 0},
        {"steps": 5000},
        {"std": 0},
        {"lr": np.nan},
    ],
)
def test_wrong_run_is_refused(bad):
    """Tables that do not fit and settings that make no sense are refused."""
    with pytest.raises(ValueError):
        run(**bad)


def test_long_runs_stay_small(monkeypatch):
    """A thousand steps make a scene of a few kilobytes."""
    monkeypatch.setattr(training_run, "MAX_STEPS_A_SCENE", 100)
    monkeypatch.setattr(training_run, "MAX_SECONDS_A_SCENE", np.inf)
    figure = run(steps=1000, held_out=table(1))
    figure.train()
    assert figure.step == 1000
    assert len(json.dumps(figure.scene)) < 12_000
