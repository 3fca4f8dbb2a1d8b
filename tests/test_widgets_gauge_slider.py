"""The gauge slider, without a browser: neighbours follow the gauge, predictions do not, and failures are said."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_lib import widgets
from recsys_lib.plots.gauges import places, power_scale

SIZES = np.array([30.0, 8, 3, 1])
LEFT, RIGHT = (np.linalg.qr(np.random.default_rng(n).normal(size=(n, 4)))[0] for n in (25, 40))
USERS, ITEMS = LEFT * np.sqrt(SIZES), np.vstack([RIGHT * np.sqrt(SIZES), np.zeros((2, 4))])
TITLES = [f"Film {i} ({1950 + i})" for i in range(42)]
COUNTS = np.arange(42)[::-1]


def regauge(users, items, scale):
    """Multiply the users' columns, divide the items'."""
    if not np.all(scale):
        raise ValueError("zero")
    return users * scale, items / scale


def safe_cosine(q, items):
    """Cosine; a zero item comes last."""
    if not q.any():
        raise ValueError("zero query")
    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
    return np.where(lengths > 0, items @ q / np.where(lengths > 0, lengths, 1), -np.inf)


def slider(**changes):
    """Return the figure over 42 films, two of them without a direction."""
    given = {
        "regauge": regauge, "safe_cosine": safe_cosine, "users": USERS, "items": ITEMS, "titles": TITLES,
        "counts": COUNTS, "film": 3, "user": 2, "seen": [0, 7], "k": 5, **changes,
    }  # fmt: skip
    return widgets.GaugeSlider(**given)


def send(figure, **move):
    """Send a move as the browser does; returns the answer."""
    kept = {name: figure.scene[name] for name in ("p", "film")}
    figure.receive(figure, {"seq": "test:1", **kept, **move}, [])
    return figure.scene


@pytest.mark.parametrize("p", [-1, 0, 0.35, 0.5, 1, 2])
def test_neighbours_are_those_of_the_gauge(p):
    """At p the films are V S^p, whatever way they came in; the nearest are by their cosines."""
    figure = slider()
    scene = send(figure, p=p)
    films = np.vstack([RIGHT * SIZES**p, np.zeros((2, 4))])
    scores = safe_cosine(films[3], films)
    scores[3] = -np.inf
    best = np.argsort(-scores, kind="stable")[:5]
    assert figure.neighbours == [TITLES[i] for i in best]
    assert [row["value"] for row in scene["near"]] == [f"{scores[i]:.3f}" for i in best]
    assert figure.p == p and scene["problems"] == []


def test_neighbours_move_and_predictions_stay():
    """From one end to the other the neighbours change, the user's list and its scores do not."""
    figure = slider()
    near, lists = [], []
    for p in np.linspace(-1, 2, 13):
        scene = send(figure, p=float(p))
        near.append(tuple(figure.neighbours))
        lists.append(tuple((row["title"], row["value"]) for row in scene["list"]))
        assert scene["same"] == "5 of these 5 are also best at p = 0.5, and no score has moved"
    assert len(set(near)) > 3
    assert len(set(lists)) == 1
    scores = ITEMS @ USERS[2]
    scores[[0, 7]] = -np.inf
    assert [title for title, _ in lists[0]] == [TITLES[i] for i in np.argsort(-scores, kind="stable")[:5]]


def test_any_gauge_may_come_in():
    """The figure works out the sizes itself: the same model in another gauge gives the same figure."""
    scale = np.array([3.0, -0.1, 7, 0.5])
    one, other = slider(), slider(users=USERS * scale, items=ITEMS / scale)
    for p in (-1, 0.3, 1):
        assert send(one, p=p)["near"] == send(other, p=p)["near"]
        assert one.scene["list"] == other.scene["list"]


def test_lines_go_through_the_places():
    """Each line holds a film's place at each stop: at a stop, the table and the lines agree."""
    figure = slider()
    for stop, p in enumerate(figure.static["stops"]):
        scene = send(figure, p=p)
        for part, lines in (("near", "lines"), ("list", "list_lines")):
            at = {line["places"][stop]: line["id"] for line in scene[lines] if line["places"][stop] <= 5}
            assert [at[place] for place in range(1, 6)] == [row["id"] for row in scene[part]]


def test_place_at_one_half_is_told():
    """Each neighbour tells its place at p = 0.5, or None where it is new; the sum is counted."""
    figure = slider()
    start = [row["id"] for row in send(figure, p=0.5)["near"]]
    scene = send(figure, p=2.0)
    for row in scene["near"]:
        assert row["was"] == (start.index(row["id"]) + 1 if row["id"] in start else None)
    kept = sum(row["was"] is not None for row in scene["near"])
    assert 0 < kept < 5
    assert scene["kept"] == f"{kept} of these 5 are also nearest at p = 0.5"


def test_a_film_is_no_neighbour_of_itself_and_zero_films_come_last():
    """Neither the film itself nor a film without a direction is listed; the figure says how many have none."""
    figure = slider(k=39)
    assert TITLES[3] not in figure.neighbours
    assert not {TITLES[40], TITLES[41]} & set(figure.neighbours)
    assert figure.static["notes"] == ["2 films have no direction (a zero row): last in every list of cosines"]


def test_film_without_direction_is_refused():
    """A film without a direction has no cosines: that is said, and the last good state stays."""
    figure = slider()
    before = figure.neighbours
    scene = send(figure, film=41)
    assert scene["problems"] == ["Film 41 (1991) has no direction (its vector is zero), so it has no cosines"]
    assert figure.film == 3 and figure.neighbours == before and scene["stale"]
    assert "stale" not in send(figure, film=5)
    assert figure.film == 5


def test_failing_functions_are_reported():
    """A function that fails on one move is named, the last good lists stay, and the next good move clears it."""

    def touchy(users, items, scale):
        if abs(scale[0] - SIZES[0] ** -0.2) < 1e-9:
            raise RuntimeError("not this one")
        return users * scale, items / scale

    def touchy_cosine(q, items):
        scores = safe_cosine(q, items)
        return scores[:-1] if q.any() and abs(np.linalg.norm(items[:, 0]) - SIZES[0] ** 0.7) < 1e-9 else scores

    figure = slider(regauge=lambda u, i, s: touchy(u, i, s) if np.all(s) else regauge(u, i, s))
    before = figure.neighbours
    scene = send(figure, p=0.7)
    assert scene["problems"] == ["your regauge raised RuntimeError: not this one"]
    assert figure.neighbours == before and scene["stale"]
    assert send(figure, p=0.75)["problems"] == []
    figure = slider(safe_cosine=touchy_cosine)
    assert send(figure, p=0.7)["problems"] == ["your safe_cosine returned shape (41,), not (42,)"]


def test_wrong_and_unsolved_functions_are_replaced():
    """A wrong or unsolved function is replaced by the course's, with one line each; predictions stay all the same."""

    def unsolved(q, items):
        raise NotImplementedError

    figure = slider(regauge=lambda users, items, scale: (users * scale, items * scale), safe_cosine=unsolved)
    assert [s["note"] for s in figure.static["sources"]] == [
        "regauge: the course's, since yours is not right yet",
        "safe_cosine: the course's, since yours is not solved yet",
    ]
    assert send(figure, p=2.0)["same"].endswith("no score has moved")
    assert [s["note"] for s in slider(regauge=None, safe_cosine=None).static["sources"]] == [
        "regauge: the course's",
        "safe_cosine: the course's",
    ]


def test_a_turn_asks_each_function_once():
    """The thirteen stops of the lines are worked out once for a film; a turn then costs one gauge."""
    calls = []

    def counted(function):
        def called(*args):
            calls.append(function.__name__)
            return function(*args)

        return called

    figure = slider(regauge=counted(regauge), safe_cosine=counted(safe_cosine))
    calls.clear()
    send(figure, p=0.7)
    assert calls == ["regauge", "safe_cosine"]
    send(figure, film=5)
    assert len(calls) == 2 * (1 + 13 + 1 + 1)  # the stops, the middle, and p itself
    calls.clear()
    send(figure, film=3)
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"titles": TITLES[:5]}, "do not fit"),
        ({"users": USERS[:, :2]}, "do not fit"),
        ({"counts": COUNTS[:3]}, "counts has shape"),
        ({"user": 99}, "user must lie between 0 and 24"),
        ({"k": 40}, "k must lie between 1 and 39"),
        ({"ends": (1, 0)}, "the lower first"),
    ],
)
def test_wrong_input_is_named(change, words):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=words):
        slider(**change)


def test_power_scale_places_the_sizes():
    """The scale gives the items' columns the norms S^p and the users' S^(1-p); an empty column is left alone."""
    for p in (-1, 0, 0.5, 2):
        scale = power_scale(USERS, ITEMS, p)
        assert np.linalg.norm(ITEMS / scale, axis=0) == pytest.approx(SIZES**p)
        assert np.linalg.norm(USERS * scale, axis=0) == pytest.approx(SIZES ** (1 - p))
    assert power_scale([[0.0, 2]], [[3.0, 8]], 0.5).tolist() == [1, 2]


def test_places_follow_the_tie_rule():
    """Ties go to the lower id, and outside the list the place is one below it."""
    assert places([[1, 2, 2], [2, 2, 2]], 2) == {1: [1, 2], 2: [2, 3], 0: [3, 1]}
