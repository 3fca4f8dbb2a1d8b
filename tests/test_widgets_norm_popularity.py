"""Lesson 6's clouds of norm against popularity, without a browser: what Python answers to a box or a click."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from scipy.stats import spearmanr

from recsys_lib import widgets


def norm_popularity(items, counts):
    """Rank correlation of norm and count."""
    norms = np.linalg.norm(items, axis=1)
    if np.ptp(norms) == 0 or np.ptp(counts) == 0:
        raise ValueError("no order")
    return float(spearmanr(norms, counts)[0])


def world(n=60, seed=3):
    """Give two models of the same films, one that follows the counts and one that runs against them."""
    rng = np.random.default_rng(seed)
    counts = np.r_[0, 0, rng.integers(1, 400, n - 2)]
    along = rng.normal(size=(n, 3)) * (1 + counts)[:, None] ** 0.5
    against = rng.normal(size=(n, 3)) / (1 + counts)[:, None] ** 0.5
    along[0] = 0
    return {"along": along, "against": against}, counts, [f"Film {i}" for i in range(n)]


def clouds(function=norm_popularity, **changes):
    """Return the figure over the small world."""
    models, counts, titles = world()
    return widgets.NormPopularity(function, **{"models": models, "counts": counts, "titles": titles, **changes})


def send(figure, **move):
    """Send a move as the browser does; returns the answer."""
    figure.receive(figure, {"seq": "test:1", **move}, [])
    return figure.scene


def said(number):
    """Write a correlation as the figure does."""
    return f"{number:+.2f}".replace("-", "\u2212")


def test_numbers_are_the_functions_own():
    """Above each cloud stands what the learner's function returns for all films; at first the longest are marked."""
    models, counts, titles = world()
    figure = clouds()
    assert figure.rhos == {name: said(norm_popularity(items, counts)) for name, items in models.items()}
    assert figure.static["sources"] == [{"source": "yours", "note": "norm_popularity: yours"}]
    norms = np.linalg.norm(models["along"], axis=1)
    assert figure.selected == [titles[i] for i in np.argsort(-norms, kind="stable")[:3]]
    assert figure.scene["mean"] == f"{counts[np.argsort(-norms, kind='stable')[:3]].mean():.0f}"
    assert "along, rank correlation +" in figure.alt_text


def test_a_box_marks_the_films_in_it_everywhere():
    """Films in the box are marked, longest first in that cloud, with their places in all clouds."""
    models, counts, titles = world()
    figure = clouds()
    scene = send(figure, model=1, box=[0.9, 0.4, 1.0, 0.2], final=True)  # corners in any order
    x, y = np.array(figure.static["x"]), np.array([np.nan if v is None else v for v in figure.static["models"][1]["y"]])
    inside = np.flatnonzero((x >= 0.4) & (x <= 0.9) & (y >= 0.2) & (y <= 1))
    norms = {name: np.linalg.norm(items, axis=1) for name, items in models.items()}
    assert len(inside) > 5
    assert scene["chosen"] == sorted(inside, key=lambda i: -norms["against"][i])
    assert scene["box"] == [0.4, 0.9, 0.2, 1.0]
    first = scene["rows"][0]
    assert first["places"] == [1 + int((norms[name] > norms[name][first["film"]]).sum()) for name in models]
    assert scene["rhos"] == [
        said(norm_popularity(items[scene["chosen"]], counts[scene["chosen"]])) for items in models.values()
    ]
    assert scene["what"] == f"{len(inside)} films in the box"


def test_places_are_logarithms():
    """Right is popular and up is long, both as logarithms; no rating counts as a half; norm zero has no place."""
    models, counts, _ = world()
    figure = clouds()
    x = np.array(figure.static["x"])
    steps = np.log(np.maximum(counts, 0.5))
    assert np.polyfit(steps, x, 1) @ [steps[5], 1] == pytest.approx(x[5], abs=1e-3)
    assert np.corrcoef(steps, x)[0, 1] > 0.999999
    assert figure.static["models"][0]["y"][0] is None
    assert figure.static["models"][0]["note"] == "1 of norm zero left out"
    y = np.array(figure.static["models"][1]["y"])
    assert np.corrcoef(np.log(np.linalg.norm(models["against"], axis=1)), y)[0, 1] > 0.999999
    for part in (x, y):
        assert 0 <= part.min() and part.max() <= 1
    assert figure.static["xticks"][0][1] == "0"


@pytest.mark.parametrize("end", ["longest", "shortest"])
def test_buttons_mark_an_end(end):
    """The two buttons mark the 5 % of the films at either end; a film without a place is never among them."""
    models, _, titles = world()
    figure = clouds()
    send(figure, model=0, end=end)
    norms = np.linalg.norm(models["along"], axis=1)
    order = np.argsort(-norms, kind="stable") if end == "longest" else np.argsort(norms, kind="stable")
    assert set(figure.selected) == {titles[i] for i in order if norms[i] > 0 or end == "longest"} & set(figure.selected)
    wanted = [i for i in order if norms[i] > 0][:3]
    assert sorted(figure.selected) == sorted(titles[i] for i in wanted)


def test_a_click_marks_the_film_under_it():
    """A click on a film marks it alone; a click on empty ground marks none, and nothing breaks."""
    figure = clouds()
    x, y = figure.static["x"][7], figure.static["models"][1]["y"][7]
    scene = send(figure, model=1, at=[x + 0.002, y], final=True)
    assert figure.selected == ["Film 7"] and scene["what"] == "Film 7"
    assert scene["rhos"] == ["\u2013", "\u2013"]
    scene = send(figure, model=1, at=[5, 5], final=True)
    assert figure.selected == [] and scene["mean"] == "\u2013" and scene["problems"] == []


def test_a_box_in_motion_asks_no_function():
    """While a box is being drawn only marks and titles follow; the learner's function is called at its end."""
    calls = []

    def counted(items, counts):
        calls.append(len(items))
        return norm_popularity(items, counts)

    figure = clouds(counted)
    before = len(calls)
    scene = send(figure, model=0, box=[0, 1, 0, 1], final=False)
    assert len(calls) == before and scene["rhos"] == ["\u2013", "\u2013"] and len(scene["chosen"]) == 59
    assert send(figure, model=0, box=[0, 1, 0, 1], final=True)["rhos"] != ["\u2013", "\u2013"]
    assert calls[before:] == [59, 59]


def test_films_without_an_order_are_not_asked_about():
    """Two films, or films of one count, have no rank correlation: a dash, and the function is not called with them."""
    models, counts, titles = world()
    same = clouds(counts=np.r_[np.full(len(counts) - 1, 7), 9])
    left = float(same.static["x"][0])
    scene = send(same, model=1, box=[left - 0.01, left + 0.01, 0, 1], final=True)
    assert len(scene["chosen"]) == 59
    assert scene["rhos"] == ["\u2013", "\u2013"] and scene["problems"] == []


def test_a_failing_function_is_reported():
    """A function that fails on some films is named under the table; the marks and the titles still follow."""

    def touchy(items, counts):
        if len(items) == 59:
            raise RuntimeError("not fifty-nine")
        return norm_popularity(items, counts)

    figure = clouds(touchy)
    scene = send(figure, model=0, box=[0, 1, 0, 1], final=True)
    assert scene["problems"] == ["your norm_popularity raised RuntimeError: not fifty-nine"]
    assert scene["rhos"] == ["?", "?"] and len(scene["chosen"]) == 59
    assert send(figure, model=0, end="longest")["problems"] == []


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (lambda items, counts: 1.0, "norm_popularity: the course's, since yours is not right yet"),
        (None, "norm_popularity: the course's"),
    ],
)
def test_wrong_or_no_function_is_replaced(answer, note):
    """Without a right answer the course's function gives the numbers, and the figure says so."""
    figure = clouds(answer)
    assert figure.static["sources"][0]["note"] == note
    assert figure.rhos == clouds().rhos


def test_answers_are_quick_at_full_size():
    """With as many films as MovieLens and four models, an answer takes no longer than writing all films down does."""
    models, counts, titles = world(n=1682)
    models = {**models, "third": models["along"], "fourth": models["against"]}
    figure = clouds(models=models, counts=counts, titles=titles)
    answers, yardsticks = [], []
    for right in np.linspace(0.1, 1, 20):
        start = time.thread_time()
        send(figure, model=0, box=[0, right, 0, 1], final=False)
        answers.append(time.thread_time() - start)
        start = time.thread_time()
        json.dumps(figure.static)
        yardsticks.append(time.thread_time() - start)
    print(
        f"answer {1000 * min(answers):.2f} to {1000 * max(answers):.2f} ms, yardstick {1000 * min(yardsticks):.2f} ms"
    )
    assert np.median(answers) < 10 * np.median(yardsticks)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"models": {}}, "one to four"),
        ({"models": {str(i): np.ones((60, 1)) for i in range(5)}}, "one to four"),
        ({"titles": ["A"]}, "one length"),
        ({"counts": np.full(60, -1)}, "negative"),
        ({"models": {"x": np.zeros((60, 2))}}, "above zero"),
        ({"models": {"x": np.full((60, 2), np.nan)}}, "finite"),
    ],
)
def test_wrong_input_is_refused(changes, words):
    """An error names what does not fit."""
    with pytest.raises(ValueError, match=words):
        clouds(**changes)


@pytest.mark.parametrize("move", [{"model": 9, "end": "longest"}, {"model": 0, "end": "middle"}, {"model": 0}])
def test_nonsense_keeps_the_last_good_state(move):
    """A move that names no model, no end and no box gets an answer that says so."""
    figure = clouds()
    before = figure.scene["chosen"]
    scene = send(figure, **move)
    assert scene["problems"] and scene["chosen"] == before
