"""The map of films without a browser: neighbours by three measures and on the map, search, shades, and what is sent."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from recsys_lib import similarity
from recsys_lib.widgets import FilmExplorer
from recsys_lib.widgets.film_explorer import MISSING, groups_of, nearest_point, shades_of


def space(n=300, d=6):
    """Return the items of n films, of which one has no direction."""
    rng = np.random.default_rng(0)
    items = rng.normal(size=(n, d)) * rng.uniform(0.1, 3, size=(n, 1))
    items[n // 2] = 0
    return items


def columns(n=300):
    """Return what else is known of n films; a few have no year."""
    rng = np.random.default_rng(1)
    return {
        "years": np.where(np.arange(n) % 50 == 7, 0, rng.integers(1930, 1999, n)),
        "counts": rng.integers(1, 600, n),
        "genres": {"Horror": rng.random(n) < 0.1, "War": rng.random(n) < 0.3},
    }


def names(n=300):
    """Return the titles of n films."""
    return [f"Film {i} ({1930 + i % 60})" for i in range(n)]


def some(n=300, d=6, **changes):
    """Return a map of n films, whose first two coordinates are their places on it."""
    items = space(n, d)
    return FilmExplorer(names(n), items, items[:, :2], **{**columns(n), **changes})


def send(figure, **move):
    """Send a move as the browser does; returns the answer."""
    figure.receive(figure, {"seq": "test:1", **move}, [])
    return figure.scene


def ids(figure):
    """Return ids of the listed neighbours."""
    return [row["id"] for row in figure.scene["rows"]]


# ---- neighbours ----


@pytest.mark.parametrize("film", [0, 17, 299])
@pytest.mark.parametrize("measure", ["dot", "cosine", "euclidean"])
def test_neighbours_are_the_librarys(measure, film):
    """The list holds the k best by the chosen measure, without the film itself, ties to the lower id."""
    figure = some()
    figure.choose(film, measure)
    items = space()
    q = items[[film]]
    scores = {
        "dot": lambda: similarity.dot_scores(q, items),
        "cosine": lambda: similarity.cosine_scores(q, items, zero="last"),
        "euclidean": lambda: -similarity.euclidean_distances(q, items),
    }[measure]()[0]
    scores[film] = -np.inf
    assert ids(figure) == np.lexsort((np.arange(len(scores)), -scores))[:10].tolist()
    values = [float(row["value"]) for row in figure.scene["rows"]]
    sign = -1 if measure == "euclidean" else 1
    assert values == pytest.approx(sign * scores[ids(figure)], abs=6e-3)


def test_kept_counts_what_is_near_in_both():
    """The map's own nearest are by distance on the map, and the sentence counts those that are in both lists."""
    figure, flat = some(), space()[:, :2]
    for film in range(0, 300, 31):
        figure.choose(film)
        distances = np.linalg.norm(flat - flat[film], axis=1)
        distances[film] = np.inf
        on_map = np.argsort(distances, kind="stable")[:10].tolist()
        assert figure.scene["near_on_map"] == on_map
        assert figure.kept == len(set(on_map) & set(ids(figure)))
        assert figure.scene["said"] == f"{figure.kept} of these 10 are also among the 10 nearest on the map"
        assert figure.neighbours == [names()[i] for i in ids(figure)]


def test_a_map_of_a_plane_keeps_all():
    """Where the space is the map, every neighbour is kept, and nothing is warned of."""
    points = np.random.default_rng(3).normal(size=(40, 2))
    figure = FilmExplorer([f"Film {i}" for i in range(40)], points, points, k=7)
    assert figure.kept == 7
    assert figure.static["warning"] == ""
    assert "2 of 6 dimensions" in some().static["warning"]


def test_films_on_one_spot():
    """Ties go to the lower id, and a film is not its own neighbour."""
    figure = FilmExplorer(list("abcd"), np.ones((4, 3)), np.zeros((4, 2)), k=2, film=1)
    assert (ids(figure), figure.scene["near_on_map"]) == ([0, 2], [0, 2])


def test_a_zero_vector_has_no_direction():
    """By cosine it is nobody's neighbour; chosen, it is told so and the last list stays."""
    figure = some(n=8, k=7)
    figure.choose(0, "cosine")
    assert 4 not in ids(figure) and len(ids(figure)) == 6
    before = figure.scene["rows"]
    scene = send(figure, film=4, measure="cosine")
    assert scene["problems"] == ["Film 4 (1934) has no direction (its vector is zero), so no cosine"]
    assert scene["rows"] == before and scene["stale"]
    assert send(figure, film=4, measure="euclidean")["problems"] == []


def test_own_neighbours():
    """A learner's own function is a fourth choice and the first shown; where it fails, the last list stays."""

    def backwards(items, film, k):
        items[:] = 0  # its own copy
        if film == 2:
            raise IndexError("lost")
        return np.arange(len(items))[::-1][:k]

    figure = some(neighbours=backwards, film=0, k=3)
    assert [m["name"] for m in figure.static["measures"]] == ["euclidean", "cosine", "dot", "own"]
    assert figure.measure == "own" and ids(figure) == [299, 298, 297]
    scene = send(figure, film=2, measure="own")
    assert scene["problems"] == ["your backwards raised IndexError: lost"]
    assert ids(figure) == [299, 298, 297] and figure.film == 0
    figure.choose(2, "dot")
    assert figure.scene["problems"] == [] and figure.film == 2


@pytest.mark.parametrize("move", [{"film": -1}, {"film": 300}, {"measure": "own"}, {"measure": "x"}, {"film": None}])
def test_nonsense_changes_nothing(move):
    """A film or a measure that is not there is answered, with the last good state."""
    figure = some()
    before = figure.scene
    after = send(figure, **{"film": 3, "measure": "dot", **move})
    assert after["problems"] and after["rows"] == before["rows"]


# ---- what the browser gets ----


def test_bytes_are_what_was_given():
    """Coordinates and numbers as float32 columns, titles as lines, shades as bytes: nothing large as JSON."""
    figure = some(n=1_000)
    items = space(1_000)
    sent = np.frombuffer(figure.columns, "<f4").reshape(-1, 1_000)
    assert (sent[:2] == np.float32(items[:, :2].T)).all()
    named = {c["name"]: sent[2 + c["column"]] for c in figure.static["colourings"] if "column" in c}
    assert (named["popularity"] == columns(1_000)["counts"]).all()
    assert named["norm"] == pytest.approx(np.linalg.norm(items, axis=1), rel=1e-6)
    assert np.isnan(named["year"][7]) and np.isfinite(named["year"]).sum() == 980
    assert figure.names.decode().split("\n") == names(1_000)
    shades = np.frombuffer(figure.shades, np.uint8).reshape(-1, 1_000)
    assert len(shades) == len(figure.static["colourings"]) == 4
    assert (shades[1] == MISSING).sum() == 20 and shades[2].max() == 10
    assert len(json.dumps({"static": figure.static, "scene": figure.scene}, allow_nan=False)) < 10_000


def test_titles_keep_to_their_line():
    """A line break in a title is a space, or every later title would name the wrong film."""
    figure = FilmExplorer(["Two\nlines", "Caf\u00e9"], np.eye(2), np.eye(2), k=1)
    assert figure.names.decode().split("\n") == ["Two lines", "Caf\u00e9"]


def test_legends():
    """Each colouring names its ends, its middle and how many films it does not know."""
    figure = some(years=[0, 1950, 1998] + [1960] * 297, counts=[1, 9, 99] + [5] * 297)
    legends = {c["name"]: c for c in figure.static["colourings"]}
    assert (legends["year"]["ends"], legends["year"]["missing"]) == (["1950", "1974", "1998"], 1)
    assert legends["popularity"]["ends"] == ["1", "13", "99"]  # the middle of a log scale
    assert legends["genre"]["groups"] == ["Horror", "War"]
    assert [c["name"] for c in FilmExplorer("ab", np.eye(2), np.eye(2), k=1).static["colourings"]] == ["norm"]


def test_a_film_of_two_genres_has_the_rarer_ones_colour():
    """So a small group is seen; of none of the groups shown is other; seven colours cannot be told apart."""
    assert groups_of([[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0]]).tolist() == [1, 2, 0, MISSING]
    with pytest.raises(ValueError, match="at most 6"):
        groups_of(np.ones((7, 3)))


@pytest.mark.parametrize("values", [[5, 5, 5], [np.nan, np.nan], [np.inf, 1, 2], [3]])
def test_shades_of_odd_columns(values):
    """Equal, unknown or single values have a shade or are missing; nothing is divided by zero."""
    shade, low, high = shades_of(values)
    assert ((shade == MISSING) == ~np.isfinite(values)).all()
    assert np.isfinite([low, high]).all()


def test_colour_is_one_of_those_given():
    """The colour can be set from Python, and only to what the figure can show."""
    figure = some(colour="norm")
    figure.colour = "year"
    with pytest.raises(ValueError, match="colour must be one of genre, year, popularity, norm"):
        figure.colour = "taste"
    assert figure.colour == "year"
    with pytest.raises(ValueError, match="colour must be one of"):
        some(colour="taste")


def test_nearest_point_is_the_nearest():
    """What a click chooses: the nearest within reach, ties to the lower id."""
    xy = np.random.default_rng(1).normal(size=(50, 2))
    for x, y in np.random.default_rng(2).normal(size=(20, 2)):
        assert nearest_point(xy, x, y) == np.linalg.norm(xy - [x, y], axis=1).argmin()
    assert nearest_point([[1, 0], [1, 0], [0, 1]], 0, 0, reach=1) == 0
    assert nearest_point([[1, 0]], 0, 0, reach=0.999) is None
    figure = some()
    figure.choose_at(*space()[42, :2])
    assert figure.film == 42


@pytest.mark.parametrize(
    "changes",
    [{"k": 0}, {"k": 300}, {"measure": "x"}, {"years": [1]}, {"counts": [1]}, {"genres": {"War": [1]}}, {"film": 300}],
)
def test_wrong_arguments_are_refused(changes):
    """Columns that do not fit, and films and measures that are not there, are refused."""
    with pytest.raises(ValueError):
        some(**changes)


@pytest.mark.parametrize(
    ("items", "flat"), [(np.eye(3), np.eye(3)), (np.eye(3), np.eye(2)), (np.eye(2), np.eye(3)[:, :2])]
)
def test_tables_that_do_not_fit_are_refused(items, flat):
    """Titles, space and map have one row a film, and the map two columns."""
    with pytest.raises(ValueError, match="3 titles"):
        FilmExplorer("abc", items, flat, k=1)


@pytest.mark.slow
def test_sixty_thousand_films_are_answered_at_once():
    """A new film costs Python a few looks at every number of 60,000 films."""
    n = 60_000
    figure, items = some(n=n, d=20), space(n, 20)
    answers, yardsticks = [], []
    for i, measure in enumerate(["dot", "cosine", "euclidean"] * 5):
        start = time.thread_time()
        send(figure, film=97 * i, measure=measure)
        answers.append(time.thread_time() - start)
        start = time.thread_time()
        np.sqrt(((items - items[i]) ** 2).sum(axis=1)).argsort()
        yardsticks.append(time.thread_time() - start)
    print(f"60,000 films: {1000 * np.median(answers):.0f} ms, yardstick {1000 * np.median(yardsticks):.0f} ms")
    assert np.median(answers) < 20 * np.median(yardsticks)
