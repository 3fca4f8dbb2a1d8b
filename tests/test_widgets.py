"""The figures that move, without a browser: what Python answers to a move, also when a learner's function fails."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.path import Path as Outline

from recsys_lib import widgets
from recsys_lib.interactions import Interactions
from recsys_lib.plots import board_of
from recsys_lib.threats import AttackRun
from tests.moves import send


def dot(q, items):
    """Dot product."""
    return items @ q


def cosine(q, items):
    """Cosine; a zero vector has no direction."""
    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
    if not lengths.all():
        raise ValueError("a zero vector has no direction")
    return items @ q / lengths


def euclidean(q, items):
    """Distance."""
    return np.linalg.norm(items - q, axis=1)


def norm_power(q, items, alpha):
    """Score by |q|^a |x|^a cos(q, x)."""
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q)) ** (1 - alpha)


def crossing_alpha(q, x, y):
    """Return the exponent at which x and y tie."""
    nx, ny, cx, cy = np.linalg.norm(x), np.linalg.norm(y), x @ q, y @ q
    if nx == ny or cx <= 0 or cy <= 0:
        return None
    alpha = np.log(cx / nx / (cy / ny)) / np.log(ny / nx)
    return float(alpha) if 0 < alpha < 1 else None


def genre_scores(liked, item_genres):
    """Cosine of the mean genre row with every item."""
    profile = item_genres[liked].mean(axis=0)
    return item_genres @ profile / (np.linalg.norm(item_genres, axis=1) * np.linalg.norm(profile))


def cooccurrence_scores(interactions, user):
    """Sum over the user's items of how often each other item is rated with it."""
    together = interactions.T @ interactions
    np.fill_diagonal(together, 0)
    return interactions[user] @ together


def top_k(scores, k, seen):
    """Return the k best unseen, ties to the lower id."""
    scores = np.array(scores, dtype=float)
    scores[seen] = -np.inf
    if np.isfinite(scores).sum() < k:
        raise ValueError("too few unseen")
    return np.lexsort((np.arange(len(scores)), -scores))[:k]


MEASURES = {"dot": dot, "cosine": cosine, "euclidean": euclidean}


def plane(**changes):
    """Return the course's plane."""
    return widgets.VectorPlane(measures={**MEASURES, **changes})


def world():
    """Return a small set of ratings: 6 users, 8 films, 3 genres."""
    rng = np.random.default_rng(1)
    pairs = np.array([(u, i) for u in range(6) for i in range(8) if rng.random() < 0.5])
    genres = np.array(
        [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1], [1, 1, 1], [1, 0, 0]], dtype=float
    )
    rating = rng.integers(1, 6, len(pairs)).astype(float)
    rating[pairs[:, 0] == 5] = 2.0  # user 5 likes nothing
    return SimpleNamespace(
        user=pairs[:, 0], item=pairs[:, 1], rating=rating, genres=genres, genre_names=["Action", "Comedy", "Drama"],
        titles=[f"Film {i} (19{90 + i})" for i in range(8)], n_users=6, n_items=8,
    )  # fmt: skip


def thirty_films():
    """Return a table of 30 films, the later the longer, and of two without a direction."""
    rng = np.random.default_rng(2)
    return np.vstack([np.abs(rng.normal(size=(30, 4))) * np.linspace(0.2, 3, 30)[:, None], np.zeros((2, 4))])


def films(**changes):
    """Return the dial over these films."""
    given = {
        "norm_power": norm_power, "query": np.ones(4), "items": thirty_films(),
        "titles": [f"Film {i}" for i in range(32)], "counts": np.arange(1, 33), "k": 5, **changes,
    }  # fmt: skip
    return widgets.NormDialFilms(**given)


def lists(**changes):
    """Return the two candidate lists over the small world."""
    data = world()
    given = {
        "genre_scores": genre_scores,
        "cooccurrence_scores": cooccurrence_scores,
        "top_k": top_k,
        "k": 3,
        **changes,
    }
    return widgets.CandidateLists(data, np.arange(len(data.user)), **given)


def explorer(**changes):
    """Return a map of four films."""
    titles = ["Star Wars (1977)", "Heat (1995)", "Star Trek (1979)", "Fargo (1996)"]
    items, flat = [[0, 0, 0], [5, 5, 0], [1, 0, 3], [2, 0, 0]], [[0, 0], [5, 5], [1, 0], [2, 0]]
    given = {"years": [1977, 1995, 0, 1996], "counts": [10, 40, 30, 20], "k": 2, **changes}
    return widgets.FilmExplorer(titles, items, flat, **given)


ALL = {
    "VectorPlane": plane,
    "NormDial": lambda: widgets.NormDial(norm_power, crossing_alpha=crossing_alpha),
    "NormDialFilms": films,
    "CandidateLists": lists,
    "StartGrid": lambda: widgets.StartGrid(
        {(0.05, 0, 0): (np.eye(4), np.abs(np.random.default_rng(5).normal(size=(9, 4))))},
        ratings=Interactions([0, 1, 2, 3, 3], [0, 1, 1, 2, 0], n_items=9),
        relevant=np.eye(4, 9, 4) > 0,
        titles=list("ABCDEFGHI"),
        k=3,
    ),
    "TrainingRun": lambda: widgets.TrainingRun(steps=20),
    "NormPopularity": lambda: widgets.NormPopularity(
        models={"one": np.eye(4) * [1, 2, 3, 4], "two": np.ones((4, 2))}, counts=[4, 1, 0, 9], titles=list("ABCD")
    ),
    "FilmExplorer": explorer,
    "MeasureBoard": lambda: widgets.MeasureBoard(
        boards={"one": board_of({"a": np.eye(3, 40)}, *(np.eye(3, 40, at) for at in (2, 3, 3)), k=3, m=5)}, k=2
    ),
    "FakeProfiles": lambda: widgets.FakeProfiles(
        {(n, 3, "none"): AttackRun(np.arange(20.0).reshape(4, 5)[: 2 + n], 0.5, 0.4) for n in (0, 2)},
        *(np.eye(2, 5), 3, np.zeros((2, 5), dtype=bool), "A film"),
    ),
    "BudgetDial": lambda: widgets.BudgetDial(
        settings=[0, 1],
        measured={"one": [[0.5, 0.1], [0.4, 0.3]]},
        budgets={"one": ([0.4, 0.2], [1, 1])},
        lines=["a", "b"],
    ),
    "GaugeSlider": lambda: widgets.GaugeSlider(
        users=np.eye(4), items=np.abs(np.random.default_rng(3).normal(size=(9, 4))), titles=list("ABCDEFGHI"), k=3
    ),
    "KeySlider": lambda: widgets.KeySlider(
        hidden=[2, 64], readings={"own": (np.random.default_rng(4).random((2, 256)), np.ones(256, dtype=int))}
    ),
    "TowerRuns": lambda: widgets.TowerRuns(
        runs={name: [np.eye(4), np.diag([1.0, 2, 3, last])] for name, last in (("none", 1), ("add", 9))},
        counts=[0, 1, 20, 300],
    ),
}


def drag(figure, q=None, **items):
    """Put some points elsewhere; returns the answer."""
    points = [list(p) for p in figure.scene["points"]]
    if q is not None:
        points[0] = list(q)
    for name, place in items.items():
        points[1 + "ABC".index(name)] = list(place)
    return send(figure, points=points)


# --------------------------------------------------------------------------- every figure


@pytest.mark.parametrize("name", ALL)
def test_repr_has_no_address(name):
    """A figure's text is the same in every run, so a saved notebook does not change."""
    assert repr(ALL[name]()) == f"<{name}: a figure that moves; run the notebook to use it>"


@pytest.mark.parametrize("name", ALL)
def test_figure_describes_itself(name):
    """Every figure has alternative text, and its state is plain JSON of modest size."""
    figure = ALL[name]()
    assert len(figure.alt_text) > 40
    text = json.dumps({"static": figure.static, "scene": figure.scene}, allow_nan=False)
    assert len(text) < 40_000


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "move", [{}, {"points": "x"}, {"points": [[1, 2]]}, {"alpha": "x", "user": [], "text": 3, "film": 99}]
)
def test_nonsense_is_answered(name, move):
    """A move that makes no sense gets an answer that says so, with the last good state."""
    figure = ALL[name]()
    before = figure.scene
    after = send(figure, **move)
    assert after["seq"] == "test:1"
    assert after["problems"]
    assert {k: v for k, v in after.items() if k not in ("seq", "problems")} == {
        k: v for k, v in before.items() if k not in ("seq", "problems")
    }


def test_modules_load_nothing():
    """The JavaScript is whole: one default export each, no import, no address but SVG's namespace."""
    folder = Path(widgets.__file__).parent
    figures = {getattr(widgets, name).__module__.rpartition(".")[2] for name in widgets.__all__}
    assert {p.stem for p in folder.glob("*.js")} == figures | {"common", "film_search"}
    for path in [*folder.glob("*.js"), *folder.glob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[^\"' ]+", text)) <= {"http://www.w3.org/2000/svg"}
        assert not re.search(r"^\s*import\b|\bimport\(|@import", text, re.M)
        assert text.count("export default") == (path.suffix == ".js" and path.stem in figures)


# --------------------------------------------------------------------------- lesson 3


def test_three_rulers_three_winners():
    """The course's three items start with three orders, and the badge says so."""
    figure = plane()
    assert figure.orders == {"dot": "A > B > C", "cosine": "C > B > A", "euclidean": "B > C > A"}
    assert figure.scene["badge"] == {"text": "three rulers, three winners", "win": True}
    assert figure.scene["rows"]["cosine"]["scores"] == pytest.approx([0.6, 0.8, 0.98994949])


def test_all_rulers_agree():
    """On one ray in order of length up to q, all three agree."""
    figure = plane()
    scene = drag(figure, q=(6, 6), A=(6, 5.9), B=(4, 3), C=(1, 0))
    assert set(figure.orders.values()) == {"A > B > C"}
    assert scene["badge"] == {"text": "all rulers agree", "win": False}


def test_tie_is_written():
    """Two equal scores are joined by =, the lower id first."""
    figure = plane()
    drag(figure, A=(4, 3), C=(4, 3))
    assert figure.orders["euclidean"] == "A = C > B"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("measure", MEASURES)
def test_region_is_where_a_fourth_point_wins(measure, seed):
    """A point lies in the shaded region exactly where its score beats the best of the three."""
    rng = np.random.default_rng(seed)
    figure = plane()
    drag(figure, q=rng.uniform(-3, 8, 2), A=rng.uniform(-3, 8, 2), B=rng.uniform(-3, 8, 2), C=rng.uniform(-3, 8, 2))
    points = rng.uniform(-3, 8, (400, 2))
    scores, mine = MEASURES[measure](figure.q, points), MEASURES[measure](figure.q, figure.items)
    margin = mine.min() - scores if measure == "euclidean" else scores - mine.max()
    region = figure.scene["regions"][measure]
    if "radius" in region:
        inside = np.linalg.norm(points - region["centre"], axis=1) < region["radius"]
    elif region["polygon"]:
        inside = Outline(region["polygon"]).contains_points(points)
    else:
        inside = np.zeros(len(points), dtype=bool)
    clear = np.abs(margin) > (1e-3 if measure == "cosine" else 1e-6)
    assert (inside == (margin > 0))[clear].all()


def test_zero_item_has_no_direction():
    """An item on the origin is left out of the cosine's order, and the row says why."""
    figure = plane()
    row = drag(figure, C=(0, 0))["rows"]["cosine"]
    assert row["note"] == "C: no direction"
    assert figure.orders["cosine"] == "B > A"
    assert row["scores"][2] is None
    assert figure.scene["problems"] == []


def test_zero_query_has_no_direction():
    """A query on the origin has no cosines at all; the other two rulers still answer."""
    figure = plane()
    scene = drag(figure, q=(0, 0))
    assert scene["rows"]["cosine"]["note"] == "q has no direction"
    assert set(scene["regions"]) == {"euclidean"}
    assert scene["problems"] == []
    assert figure.orders["euclidean"] == "C > B > A"


def test_failing_function_is_reported():
    """A function that raises on one drag is named; its row keeps the last good state and the rest goes on."""

    def touchy(q, items):
        if items[0, 0] == 7.7:
            raise RuntimeError("no sevens, please")
        return items @ q

    figure = plane(dot=touchy)
    scene = drag(figure, A=(7.7, 0))
    assert scene["problems"] == ["your dot raised RuntimeError: no sevens, please"]
    assert scene["rows"]["dot"]["stale"] and scene["rows"]["dot"]["scores"] == [18.0, 16.0, 7.0]
    assert scene["rows"]["euclidean"]["scores"][0] == pytest.approx(np.hypot(3.7, 3))
    assert drag(figure, A=(7, 0))["problems"] == []


@pytest.mark.parametrize(
    ("result", "words"),
    [(lambda n: np.zeros((n, 2)), "shape"), (lambda n: np.full(n, np.nan), "NaN"), (lambda n: "abc", "not numbers")],
)
def test_strange_result_is_reported(result, words):
    """A wrong shape, NaN or text on one drag is reported, not drawn."""
    figure = plane(dot=lambda q, items: result(len(items)) if items[0, 0] == 7.7 else items @ q)
    assert words in drag(figure, A=(7.7, 0))["problems"][0]


def test_endless_loop_is_stopped():
    """A function that never returns is cut off after two seconds, and the figure answers."""

    def endless(q, items):
        while items[0, 0] == 7.7:
            pass
        return items @ q

    scene = drag(plane(dot=endless), A=(7.7, 0))
    assert scene["problems"] == ["your dot ran longer than 2 s"]


def test_wrong_and_unsolved_functions_are_replaced():
    """A wrong or unsolved function is replaced by the course's, with one line each; the scores are right."""

    def unsolved(q, items):
        raise NotImplementedError

    figure = plane(dot=lambda q, items: items.sum(axis=1), cosine=unsolved)
    notes = {s["source"]: s["note"] for s in figure.static["sources"]}
    assert [s["source"] for s in figure.static["sources"]] == ["ours", "ours", "yours"]
    assert notes["yours"] == "euclidean: yours"
    assert figure.static["sources"][1]["note"] == "cosine: the course's, since yours is not solved yet"
    assert figure.orders["dot"] == "A > B > C"


def test_figure_without_functions():
    """Without the learner's functions the figure runs on the course's and does not call them wrong."""
    figure = widgets.VectorPlane()
    assert [s["note"] for s in figure.static["sources"]] == [f"{n}: the course's" for n in MEASURES]


def test_points_stay_in_the_plane():
    """A point that is dragged out stops at the edge."""
    figure = plane()
    drag(figure, A=(99, -99))
    assert figure.items[0].tolist() == [8, -3]


@pytest.mark.parametrize("bad", [{"q": (1, 2, 3)}, {"items": [(1, 2, 3)]}, {"items": [(1, np.nan)]}, {"names": ["A"]}])
def test_wrong_plane_is_refused(bad):
    """Vectors that are no plane vectors, and names that do not fit, are refused."""
    with pytest.raises(ValueError):
        widgets.VectorPlane(**bad)


# --------------------------------------------------------------------------- lesson 4


def test_dial_crossings():
    """The three items cross at .205, .346 and .710, with the learner's crossing_alpha and without it."""
    for extra in ({}, {"crossing_alpha": crossing_alpha}):
        figure = widgets.NormDial(norm_power, **extra)
        assert [(p, round(a, 3)) for p, a in figure.crossings] == [
            ("B and C", 0.205),
            ("A and C", 0.346),
            ("A and B", 0.71),
        ]
        assert ["".join("ABC"[i] for i in s["order"]) for s in figure.static["spans"]] == ["CBA", "BCA", "BAC", "ABC"]


@pytest.mark.parametrize(
    ("alpha", "order"), [(0, "C > B > A"), (0.3, "B > C > A"), (0.5, "B > A > C"), (1, "A > B > C")]
)
def test_dial_orders(alpha, order):
    """The order follows the dial from the cosine's to the dot product's."""
    figure = widgets.NormDial(norm_power)
    send(figure, alpha=alpha)
    assert figure.order == order
    assert figure.alpha == alpha


def test_dial_lines_are_the_functions_own():
    """The lines are the logarithms of what the learner's function returned."""
    figure = widgets.NormDial(norm_power)
    for i, line in enumerate(figure.static["lines"]):
        for alpha, log in line:
            scores = norm_power(np.array([4.0, 3.0]), np.array([[0.0, 6], [4, 0], [1, 1]]), alpha)
            assert log == pytest.approx(np.log(scores[i]), abs=1e-4)


def test_dial_obtuse_item():
    """An item at an obtuse angle has no line; the figure says what its norm does."""
    figure = widgets.NormDial(norm_power, items=[(1, 1), (-2, -1)])
    assert figure.static["lines"][1] is None
    assert figure.static["dashed"][0].startswith("B: ")
    assert figure.order == "A > B"


def test_dial_refuses_zero():
    """A zero vector has no direction."""
    with pytest.raises(ValueError, match="no direction"):
        widgets.NormDial(norm_power, items=[(0, 0)])


def test_films_list_is_the_top_k():
    """The list is the k best by the learner's scores; zero rows are left out and counted."""
    figure, query = films(), np.ones(4)
    for alpha in (0, 0.37, 1):
        send(figure, alpha=alpha)
        scores = norm_power(query, thirty_films()[:30], alpha)
        assert figure.top == [f"Film {i}" for i in np.argsort(-scores, kind="stable")[:5]]
        curve = np.array([p for p in figure.scene["curve"] if abs(p[0]) < 9])
        again = np.linalg.norm(query) ** alpha * np.exp(curve[:, 1]) ** alpha * curve[:, 0]
        assert again == pytest.approx(np.sort(scores)[-5], rel=2e-3)
    assert figure.static["notes"] == ["2 films have no direction (zero rows) and are left out"]


def test_films_popularity_rises():
    """Where norms grow with popularity, so does the list's mean popularity with alpha."""
    figure = films()
    means = []
    for alpha in (0, 0.5, 1):
        send(figure, alpha=alpha)
        means.append(figure.mean_popularity)
    assert means == sorted(means) and means[0] < means[-1]


# --------------------------------------------------------------------------- lesson 1


def test_lists_leave_out_seen_films():
    """No list holds a film that the user rated; films in both lists are marked in both."""
    data, figure = world(), lists()
    for user in range(5):
        scene = send(figure, user=user)
        seen = {data.titles[i] for i in data.item[data.user == user]}
        if len(seen) > 6:
            assert "too few unseen" in scene["lists"][1]["problems"][0]
            continue
        names = [{f["title"] for f in part["films"]} for part in scene["lists"]]
        assert not (names[0] | names[1]) & seen
        marked = [{f["title"] for f in part["films"] if f["both"]} for part in scene["lists"]]
        assert marked[0] == marked[1] == names[0] & names[1]
        assert scene["shared"] == len(marked[0])


def test_lists_take_rows_mask_or_matrix():
    """Training data may be row numbers, a mask, or the interaction matrix."""
    data = world()
    rows = np.arange(0, len(data.user), 2)
    mask = np.isin(np.arange(len(data.user)), rows)
    matrix = np.zeros((6, 8))
    matrix[data.user[rows], data.item[rows]] = 1
    answers = [
        widgets.CandidateLists(data, train, genre_scores, cooccurrence_scores, top_k, 2).scene
        for train in (rows, mask, matrix)
    ]
    assert answers[0] == answers[1] == answers[2]


def test_user_who_likes_nothing():
    """Without a 4 or 5 there is no profile: the content-based list says so, the other is there."""
    scene = send(lists(), user=5)
    assert "no profile" in scene["lists"][0]["problems"][0]
    assert scene["lists"][1]["films"]


def test_new_user_is_within_bounds():
    """A number outside the users is the nearest user."""
    figure = lists()
    figure.choose(99)
    assert figure.user == 5
