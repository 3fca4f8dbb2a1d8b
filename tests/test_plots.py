"""The static figures: Axes out, labelled, with alternative text, and no trace left in Matplotlib's settings."""

from __future__ import annotations

import base64
import re
import subprocess
import sys

import matplotlib
import numpy as np
import pytest

from recsys_lib import plots


def norm_power(q, items, alpha):
    """Score by |q|^a |x|^a cos(q, x)."""
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q)) ** (1 - alpha)


FILMS = np.abs(np.random.default_rng(0).normal(size=(40, 3)))
TITLES = [f"Film {i} (1990)" for i in range(40)]
SOME = np.random.default_rng(2).random((9, 30))
COUNTS = np.random.default_rng(1).integers(1, 400, 40)
FIGURES = {
    "candidate_lists": lambda: plots.candidate_lists(TITLES[:5], TITLES[3:8]),
    "film_map": lambda: plots.film_map(FILMS[:, :2], labels={3: "Heat (1995)"}, colour=COUNTS, colour_label="ratings"),
    "film_map_log": lambda: plots.film_map(FILMS[:, :2], colour=np.arange(40), colour_label="ratings", log_colour=True),
    "explained_curve": lambda: plots.explained_curve([3, 2, 1], mark=2),
    "explained_curve_chance": lambda: plots.explained_curve([3, 2, 1], mark=2, chance=[2, 2, 2]),
    "quality_curves": lambda: plots.quality_curves(
        [1, 10, 100],
        {"projection": [0.1, 0.3, 0.2], "ridge": [0.2, 0.2, 0.1]},
        levels={"popular": 0.15},
        title="Quality by width",
        setting_name="width d",
    ),
    "vector_plane": lambda: plots.vector_plane(region="cosine"),
    "vector_plane_dot": lambda: plots.vector_plane(region="dot"),
    "nearest_lengths": plots.nearest_lengths,
    "trade_off": lambda: plots.trade_off({"a": ([0.2, 0.5], [0.7, 0.2]), "b": ([0.1, 0.4], [0.6, 0.1])}, [0, 1]),
    "norm_dial": lambda: plots.norm_dial(norm_power),
    "norm_dial_films": lambda: plots.norm_dial_films(norm_power, FILMS[0], FILMS, TITLES, COUNTS),
    "start_grid": lambda: plots.start_grid({"one": FILMS, "two": FILMS[::-1]}, COUNTS),
    "rare_over_steps": lambda: plots.rare_over_steps({"one": {10: (0.4, 0.3)}, "two": {10: (0, 0)}}, catalogue=0.2),
    "norm_popularity": lambda: plots.norm_popularity(np.linalg.norm(FILMS, axis=1), COUNTS),
    "norm_clouds": lambda: plots.norm_clouds(lambda items, counts: 0.5, {"a": FILMS, "b": -(FILMS**2)}, COUNTS),
    "norm_by_count": lambda: plots.norm_by_count({"a": FILMS, "b": FILMS**2}, COUNTS),
    "gauge_places": lambda: plots.gauge_places(
        lambda users, items, scale: (users * scale, items / scale),
        lambda q, items: items @ q / np.linalg.norm(items, axis=1),
        *(FILMS[:5], FILMS, TITLES),
        **{"film": 0, "user": 1},
    ),
    "measure_board": lambda: plots.measure_board(
        {"one": plots.board_of({"a": SOME, "b": -SOME}, SOME < 0.1, SOME > 0.8, SOME > 0.9, k=3, m=5)},
        lambda lists, hidden: np.take_along_axis(hidden, lists, axis=1).mean(axis=1),
        lambda ours, theirs, draws: (-0.1, 0.1),
    ),
    "leak_and_quality": lambda: plots.leak_and_quality({"l2": [(0.3, 0.6), (0.4, 0.5)], "d": [(0.2, 0.9)]}),
    "lifted_ranks": lambda: plots.lifted_ranks({"none": {0: 900, 100: 300}, "wait": {0: 890}}, title="A film"),
    "loss_curve": lambda: plots.loss_curve([9.0, 2.0, 1.0], [9.0, 2.5, 2.7]),
    "norm_histogram": lambda: plots.norm_histogram(np.linalg.norm(FILMS, axis=1), COUNTS),
    "training_run": lambda: plots.training_run([9.0, 1.0], np.linalg.norm(FILMS, axis=1), COUNTS),
    "bit_errors": lambda: plots.bit_errors([2, 8, 64], {"own": [0.3, 0.1, 0], "another": [0.5, 0.4, 0.5]}),
    "picture_blocks": lambda: plots.picture_blocks({"one": np.eye(16), "two": np.ones((16, 24))}, [[0, 8], [8, 8]]),
    "error_and_quality": lambda: plots.error_and_quality(["ALS", "popular"], [0.92, np.nan], [0.05, 0.25]),
    "tower_norms": lambda: plots.tower_norms({"none": FILMS, "add": FILMS**2}, COUNTS),
    "loop_curves": lambda: plots.loop_curves({"a": [[0.5, 0.25], [0.5, 0.35]], "b": [[0.1, 0.2]]}, "Coverage"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_words(name):
    """Every figure has a title, axis labels (lists and pictures have none) and a sentence of alternative text."""
    ax = FIGURES[name]()
    ax.figure.canvas.draw()
    assert ax.get_title(loc="left")
    assert ax.alt_text.endswith(".") and len(ax.alt_text) > 30
    if name not in ("candidate_lists", "picture_blocks"):
        assert ax.get_xlabel() and ax.get_ylabel()


@pytest.mark.parametrize("name", FIGURES)
def test_settings_stay(name):
    """Drawing leaves Matplotlib's settings as they were."""
    before = dict(matplotlib.rcParams)
    FIGURES[name]()
    assert dict(matplotlib.rcParams) == before


def test_import_is_light():
    """Importing the module does not import Matplotlib."""
    code = "import sys, recsys_lib.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_rare_share_is_drawn_by_step():
    """Each model is a line over its own steps, on either side, in the order of the steps."""
    left = plots.rare_over_steps({"a": {20: (0.1, 0.3), 10: (0.4, 0.2)}, "b": {10: (0.0, 0.5)}})
    right = left.figure.axes[1]
    lines = [[(line.get_label(), *line.get_xydata().tolist()) for line in ax.lines] for ax in (left, right)]
    assert lines == [
        [("a", [10, 0.4], [20, 0.1]), ("b", [10, 0.0])],
        [("a", [10, 0.2], [20, 0.3]), ("b", [10, 0.5])],
    ]


@pytest.mark.parametrize("shares", [{}, {"a": {10: (0.1, 0.2)}, "b": {}}])
def test_rare_share_without_steps_is_refused(shares):
    """No model, or one that was never looked at."""
    with pytest.raises(ValueError, match="one step at least"):
        plots.rare_over_steps(shares)


def test_own_axes_are_used():
    """A figure is drawn into the Axes that the caller gives."""
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert plots.norm_popularity([1.0, 2.0], [3, 4], ax=ax) is ax


def test_show_gives_alt_text(monkeypatch):
    """`show` displays one picture at twice its width, with the alternative text escaped."""
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    ax = plots.explained_curve([2, 1])
    ax.alt_text = 'a "quoted" <text>'
    plots.show(ax)
    (picture,) = shown
    assert 'alt="a &quot;quoted&quot; &lt;text&gt;"' in picture.data
    width = int(re.search(r'width="(\d+)"', picture.data)[1])
    png = base64.b64decode(re.search(r"base64,([^\"]+)", picture.data)[1])
    assert int.from_bytes(png[16:20], "big") == 2 * width


def test_show_refuses_without_alt_text():
    """A figure without alternative text is not shown."""
    from matplotlib.figure import Figure

    with pytest.raises(ValueError, match="alt_text is missing"):
        plots.show(Figure().add_subplot())


def test_crossings_are_the_known_ones():
    """The course's three items cross at .205, .346 and .710."""
    assert re.findall(r"0\.\d+", plots.norm_dial(norm_power).alt_text) == ["0.205", "0.346", "0.710"]


def test_groups_of_counts_are_cut_where_counts_differ():
    """Equal counts stay in one group, films without a rating have one of their own, each model has its own scale."""
    norms = [5, 2, 2, 2, 4, 4, 1, 1]
    items = np.outer(norms, [0.6, 0.8])
    ax = plots.norm_by_count({"one": items, "ten": 10 * items}, [0, 3, 3, 3, 8, 8, 90, 90], groups=3)
    assert ax.alt_text.endswith("one 2.50, 1.00, 2.00, 0.50; ten 2.50, 1.00, 2.00, 0.50.")
    assert [line.get_label() for line in ax.lines] == ["one", "ten"]
    assert ax.lines[0].get_xdata().round(1).tolist() == [0.5, 3.0, 8.0, 90.0]


def test_feet_of_perpendiculars():
    """The nearest item in a direction is as long as the query times the cosine."""
    said = plots.nearest_lengths((3, 4), [30, 60]).alt_text
    assert "at 30 degrees 4.3 long, at 60 degrees 2.5 long" in said


def test_beaten_settings_are_counted():
    """What the front leaves out is said, and drawn hollow."""
    ax = plots.trade_off({"a": ([0.2, 0.5, 0.4], [0.7, 0.2, 0.1])}, [0, 0.5, 1], front=lambda q, c: c > 0.15)
    assert ax.alt_text.endswith("1 of 3 settings is beaten.")
    assert [len(line.get_xdata()) for line in ax.lines] == [3, 1]


def test_obtuse_item_is_named():
    """An item at an obtuse angle has no log score; the title says so."""
    ax = plots.norm_dial(norm_power, items=[(1, 1), (-2, -1)])
    assert "no logarithm for B" in ax.get_title(loc="left")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.vector_plane(region="norm"), "region must be"),
        (lambda: plots.vector_plane(items=[(0, 0)], region="cosine"), "no direction"),
        (lambda: plots.vector_plane(names=["A"]), "1 names for 3 items"),
        (lambda: plots.nearest_lengths(degrees=[90]), "degrees must lie between 0 and 90"),
        (lambda: plots.film_map([1, 2, 3]), r"xy must have shape \(n, 2\)"),
        (lambda: plots.film_map([[1, 2]], colour=[1, 2]), "colour must have shape"),
        (lambda: plots.explained_curve([1, 2], mark=3), "mark must lie between 0 and 2"),
        (lambda: plots.explained_curve([1, 2], chance=[1]), "chance holds 1 singular values, not 2"),
        (lambda: plots.explained_curve([1, 2], chance=[0, 0]), "chance must be one list with a positive number"),
        (lambda: plots.quality_curves([1, 0], {"a": [1, 2]}, title="", setting_name=""), "growing list of positive"),
        (lambda: plots.quality_curves([1, 2], {}, title="", setting_name=""), "1 to 6 curves, found 0"),
        (lambda: plots.quality_curves([1, 2], {"a": [1]}, title="", setting_name=""), r"a has shape \(1,\)"),
        (lambda: plots.norm_popularity([1], [1, 2]), "one length"),
        (lambda: plots.norm_clouds(lambda items, counts: 0.0, {"a": FILMS}, [1, 2]), "tables of 2 rows"),
        (lambda: plots.norm_by_count({"a": FILMS}, [1, 2]), "tables of 2 rows"),
        (lambda: plots.norm_by_count({}, COUNTS), "1 to 6 tables"),
        (lambda: plots.norm_by_count({"a": FILMS}, COUNTS, groups=1), "groups=1"),
        (lambda: plots.norm_by_count({"a": FILMS}, np.ones(40)), "two counts above 0"),
        (lambda: plots.norm_by_count({"a": 0 * FILMS}, COUNTS), "above 0, found 0.0 in 'a'"),
        (lambda: plots.loss_curve([1.0, -1.0]), "positive numbers"),
        (lambda: plots.loss_curve([1.0, 2.0], [1.0]), "one of each for a step"),
        (lambda: plots.norm_histogram([1.0], [1, 2]), "one length"),
        (lambda: plots.error_and_quality(["a"], [1.0], [0.1, 0.2]), "must be equal"),
        (lambda: plots.tower_norms({}, COUNTS), r"models must name items for \(40,\) counts, got \[\]"),
        (lambda: plots.tower_norms({"a": FILMS}, [1, 2]), r"for \(2,\) counts, got \[\(40,\)\]"),
        (lambda: plots.loop_curves({}, ""), "one to 4 tables of equal width, got 0"),
        (lambda: plots.loop_curves({"a": [[1, 2]], "b": [[1]]}, ""), "one to 4 tables of equal width, got 2"),
    ],
)
def test_wrong_input_is_named(call, words):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=words):
        call()
