"""Lesson 2's map in a real JupyterLab: mouse, keys and search at 1,682 and 60,000 films, timed to the painted frame."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from recsys_lib.widgets.base import module
from recsys_lib.widgets.film_explorer import nearest_point
from tests.browser.driving import frames, settle, too_wide
from tests.browser.timing import Stopwatch

pytestmark = pytest.mark.browser

FILMS = """
import numpy as np
from recsys_lib.widgets import FilmExplorer

def some_films(n, d=20, seed=0):
    rng = np.random.default_rng(seed)
    counts = np.maximum(1, (600 / (1 + np.arange(n) * 50 / n) ** 1.5)).astype(int)
    centres = 2 * rng.normal(size=(12, d))
    items = (centres[rng.integers(12, size=n)] + rng.normal(size=(n, d))) * (counts ** 0.4)[:, None] / 10
    years = np.where(rng.random(n) < 0.02, 0, 1998 - rng.geometric(0.1, n).clip(1, 70))
    centred = items - items.mean(axis=0)
    flat = centred @ np.linalg.eigh(centred.T @ centred)[1][:, :-3:-1]
    genres = {name: rng.random(n) < 0.15 for name in ("Comedy", "Horror", "Musical", "Sci-Fi", "War", "Western")}
    titles = [f"Film {i}, the {'first second third fourth'.split()[i % 4]} part ({y or 'no year'})" for i, y in enumerate(years)]
    return titles, items, flat, dict(years=years, counts=counts, genres=genres)
"""  # noqa: E501 - a cell of a notebook
SIZES = (1_682, 60_000)


def explorer(make, n, more=""):
    """Open a notebook with a map of n films; return the page and the figure."""
    page = make(
        FILMS,
        f"titles, items, flat, more = some_films({n})\nfilms = FilmExplorer(titles, items, flat, **more{more})\nfilms",
    )
    figure = page.show_cell(1).locator(".cg")
    figure.locator("tbody tr").first.wait_for()
    return page, figure


def place(page, film):
    """Return where a film's dot is on the page."""
    return page.evaluate("i => document.querySelector('.cg').cgPlace(i)", film)


def spot(page, film):
    """Return where a film's dot is on the map, which does not change as the page scrolls."""
    corner = page.locator(".cg canvas[tabindex]").bounding_box()
    x, y = place(page, film)
    return [x - corner["x"], y - corner["y"]]


def turn_wheel(page, by):
    """Turn the wheel, and wait until the map has taken it and has stood still for ten frames."""
    page.evaluate(
        "() => { window.courseWheel ="
        " new Promise(done => addEventListener('wheel', done, { capture: true, once: true })); }"
    )
    page.mouse.wheel(0, by)
    page.evaluate(
        "async () => { await window.courseWheel; const map = document.querySelector('.cg');"
        " for (let still = 0, before = ''; still < 10; ) {"
        "  await new Promise(requestAnimationFrame);"
        "  const now = JSON.stringify([map.cgPlace(0), map.cgPlace(1)]);"
        "  still = now === before ? still + 1 : 0; before = now; } }"
    )


@pytest.mark.parametrize("n", SIZES)
def test_every_answer_is_quick(notebook, capsys, n):
    """Hover, choose, measure, colour, search, zoom, drag, keys: each answer is quick, at both sizes."""
    lab, figure = explorer(notebook, n)
    page = lab.page
    lab.screenshot(f"explorer-{n}-light", figure)
    watch = Stopwatch(lab, dots=n)
    canvas = figure.locator("canvas[tabindex]")
    area = canvas.bounding_box()
    watch.take("hover", "pointermove")
    for step in range(20):
        across, down = area["width"] * (0.2 + 0.03 * step), area["height"] * (0.3 + 0.02 * step)
        page.mouse.move(area["x"] + across, area["y"] + down)
        page.wait_for_timeout(30)
    for step in range(8):
        watch.rest()
        x, y = place(page, (37 * step + 5) % n)
        page.mouse.move(x, y)
        watch.take("choose", "pointerup")
        page.mouse.down()
        page.mouse.up()
        settle(page)
        page.wait_for_timeout(60)
    watch.take("measure", "input")
    for _ in range(2):
        for name in ("cosine", "dot", "euclidean"):
            figure.locator(f'input[value="{name}"]').check()
            settle(page)
            page.wait_for_timeout(60)
    watch.take("colour", "input")
    for _ in range(2):
        for name in ("year", "popularity", "norm", "genre"):
            figure.locator("select").select_option(name)
            page.wait_for_timeout(80)
    watch.take("search", "input")
    figure.get_by_role("combobox", name="Search a film").click()
    page.keyboard.type("third film 17", delay=90)
    settle(page)
    page.keyboard.press("Escape")
    watch.take("zoom", "wheel")
    canvas.focus()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    for step in range(20):
        page.mouse.wheel(0, -120 if step < 12 else 120)
        page.wait_for_timeout(70)
    watch.take("drag", "pointermove")
    page.mouse.down()
    for step in range(15):
        page.mouse.move(area["x"] + area["width"] / 2 + 6 * step, area["y"] + area["height"] / 2 + 2 * step)
        page.wait_for_timeout(30)
    page.mouse.up()
    watch.take("keys", "keydown")
    for key in ("ArrowLeft", "ArrowUp", "+", "ArrowDown", "-") * 2:
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    watch.report(f"map of {n:,} films", capsys, asked=("choose", "measure"))


def test_by_mouse(notebook):
    """The dot under the pointer tells its title; a click chooses it; list, rings and Python agree."""
    lab, figure = explorer(notebook, 300)
    page = lab.page
    film = lab.kernel_value("int(np.argmax(flat[:, 0]))")  # nothing lies right of it
    page.mouse.move(*place(page, film))
    tip = figure.locator(".cg-tip")
    tip.wait_for()
    assert tip.inner_text().startswith(lab.kernel_value(f"titles[{film}]"))
    page.mouse.down()
    page.mouse.up()
    settle(page)
    assert lab.kernel_value("films.film") == film
    assert figure.locator("tbody .cg-link").all_inner_texts() == lab.kernel_value("films.neighbours")
    assert figure.locator("tbody .cg-on").count() == lab.kernel_value("films.kept")
    assert lab.kernel_value("films.scene['said']") in figure.inner_text()
    figure.locator('input[value="dot"]').check()
    settle(page)
    assert lab.kernel_value("films.measure") == "dot"
    assert figure.locator("tbody .cg-link").all_inner_texts() == lab.kernel_value("films.neighbours")
    second = lab.kernel_value("films.scene['rows'][1]['id']")
    figure.locator("tbody .cg-link").nth(1).click()
    settle(page)
    assert lab.kernel_value("films.film") == second
    figure.locator("select").select_option("popularity")
    lab.wait_for_value("films.colour", "popularity")
    page.mouse.move(*place(page, film))
    tip.wait_for()
    ratings = lab.kernel_value(f"int(more['counts'][{film}])")
    assert tip.inner_text().endswith(f": {ratings} ratings")
    assert "Do not compare gaps between far groups" in figure.inner_text()


def test_by_touch(notebook):
    """A tap chooses the dot under the finger."""
    lab, _ = explorer(notebook, 300)
    film = lab.kernel_value("int(np.argmin(flat[:, 1]))")
    lab.page.touchscreen.tap(*place(lab.page, film))
    settle(lab.page)
    assert lab.kernel_value("films.film") == film


def test_wheel_and_drag(notebook):
    """The wheel scrolls the page until the map was chosen, then zooms about the pointer; a drag moves; Reset resets."""
    lab, figure = explorer(notebook, 300)
    page, film = lab.page, 7
    before, other = spot(page, film), spot(page, film + 1)
    page.mouse.move(*place(page, film))
    turn_wheel(page, -200)
    assert spot(page, film + 1) == pytest.approx(other, abs=1)
    at = place(page, film)
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.up()
    settle(page)
    turn_wheel(page, -200)
    assert spot(page, film) == pytest.approx(before, abs=1)
    away = spot(page, film + 1)
    assert np.hypot(*np.subtract(away, before)) > 1.2 * np.hypot(*np.subtract(other, before))
    chosen = lab.kernel_value("films.film")
    page.mouse.down()
    page.mouse.move(at[0] + 20, at[1] + 10)
    page.mouse.move(at[0] + 40, at[1] + 30)
    page.mouse.up()
    frames(page)
    assert spot(page, film) == pytest.approx([before[0] + 40, before[1] + 30], abs=1)
    assert lab.kernel_value("films.film") == chosen  # a drag is no click
    figure.get_by_role("button", name="show the whole map").click()
    frames(page)
    assert spot(page, film) == pytest.approx(before, abs=1)


def test_by_keyboard(notebook):
    """Search by typing, arrows and Enter; on the map arrows, + and - move and zoom, Enter chooses at the cross."""
    lab, figure = explorer(notebook, 300)
    page = lab.page
    box = figure.get_by_role("combobox", name="Search a film")
    box.focus()
    page.keyboard.type("film 25", delay=40)
    settle(page)
    assert box.get_attribute("aria-expanded") == "true"
    options = figure.locator('[role="option"]')
    assert options.count() > 1
    assert all("film" in text.casefold() and "25" in text for text in options.all_inner_texts())
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    lab.screenshot("explorer-search", figure)
    wanted = options.nth(1).locator("span").first.inner_text()
    page.keyboard.press("Enter")
    settle(page)
    assert lab.kernel_value("titles[films.film]") == wanted
    assert f"Nearest to {wanted}" in figure.inner_text()
    assert box.get_attribute("aria-expanded") == "false"

    figure.locator("select").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "application"
    before = spot(page, 3)
    page.keyboard.press("ArrowRight")
    frames(page)
    assert spot(page, 3) == pytest.approx([before[0] - 40, before[1]], abs=1)
    for key in ("+", "+", "-", "ArrowUp"):
        page.keyboard.press(key)
    frames(page)
    lab.screenshot("explorer-keys", figure)
    title = figure.locator(".cg-tip").inner_text()
    page.keyboard.press("Enter")
    settle(page)
    assert title.startswith(lab.kernel_value("titles[films.film]"))
    page.keyboard.press("0")
    frames(page)
    assert spot(page, 3) == pytest.approx(before, abs=1)
    page.keyboard.press("b")  # would insert a cell
    assert len(lab.cells()) == 2


def test_own_neighbours_and_failures(notebook):
    """A learner's own neighbours are a fourth choice; where they fail, it is said and the last list stays."""
    own = (
        "def backwards(items, film, k):\n    if film == 7:\n        raise IndexError('lost')\n"
        "    return np.arange(len(items))[::-1][:k]"
    )
    lab = notebook(
        FILMS,
        own,
        "titles, items, flat, more = some_films(300)\n"
        "films = FilmExplorer(titles, items, flat, **more, neighbours=backwards)\nfilms",
    )
    figure, page = lab.show_cell(2).locator(".cg"), lab.page
    figure.locator("tbody tr").first.wait_for()
    assert figure.locator('input[value="own"]').is_checked()
    assert "backwards: yours" in figure.inner_text()
    box = figure.get_by_role("combobox", name="Search a film")
    box.click()
    page.keyboard.type("Film 7,", delay=40)
    settle(page)
    page.keyboard.press("Enter")
    settle(page)
    assert figure.locator(".cg-problem").inner_text() == "your backwards raised IndexError: lost"
    assert figure.locator("tbody .cg-link").first.inner_text() == lab.kernel_value("titles[299]")


def test_nearest_point_is_pythons(notebook):
    """The browser's nearest dot to the pointer is that of its twin in Python, ties and reach included."""
    lab, _ = explorer(notebook, 300)
    rng = np.random.default_rng(5)
    xy = np.float32([*rng.normal(size=(400, 2)), *rng.integers(-2, 3, size=(200, 2))])
    asked = [*rng.normal(size=(60, 2)), *xy[::7], *rng.integers(-3, 4, size=(40, 2)) / 2]
    questions = [[*map(float, q), reach] for q in asked for reach in (0.0, 0.05, 0.5, 9.0)]
    found = lab.page.evaluate(
        "async ([text, xs, ys, questions]) => {"
        " const { default: module } = await import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));"
        " const [x, y] = [new Float32Array(xs), new Float32Array(ys)];"
        " return questions.map(([a, b, reach]) => module.nearestPoint(x, y, a, b, reach)); }",
        [module("film_search.js", "film_explorer.js"), xy[:, 0].tolist(), xy[:, 1].tolist(), questions],
    )
    assert [None if i < 0 else i for i in found] == [nearest_point(xy, *q) for q in questions]
    assert -1 in found and max(found) >= 400


def test_search_finds_words_in_any_order(notebook):
    """Every word must be in the title, in any case and order, with accents or without; most ratings first."""
    lab, _ = explorer(notebook, 300)
    titles = ["Star Wars (1977)", "Heat (1995)", "Star Trek (1979)", "Fargo (1996)", "Am\u00e9lie (2001)"]
    texts = [
        "",
        "star",
        "WARS st",
        "s",
        "st",
        "sta",
        "star ",
        "star w",
        "zebra",
        "amelie",
        "AM\u00c9LIE",
        "(19",
        "t 19",
    ]
    order = [1, 2, 0, 4, 3]
    found = lab.page.evaluate(
        "async ([text, titles, order, texts]) => {"
        " const { default: module } = await import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));"
        " const search = module.titleSearch(titles, Int32Array.from(order), ', most ratings first');"
        " return texts.map(search); }",
        [module("film_search.js", "film_explorer.js"), titles, order, texts],
    )

    def plain(text):
        return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()

    for text, (ids, said) in zip(texts, found, strict=True):
        wanted = [i for i in order if all(word in plain(titles[i]) for word in plain(text).split())]
        assert ids == wanted, text
        many = f"{len(wanted)} film{'s' if len(wanted) > 1 else ''}, most ratings first"
        assert said == (many if wanted else "no film has this in its title")


def test_both_themes_and_a_narrow_cell(notebook):
    """The map is drawn in the theme's colours, keeps within its cell, and shows every colouring."""
    lab, figure = explorer(notebook, 1_682)
    page = lab.page
    corner = (
        "() => document.querySelector('.cg canvas').getContext('2d').getImageData(3, 3, 1, 1).data"
        ".reduce((sum, part) => sum + part)"
    )
    light = page.evaluate(corner)
    lab.theme("dark")
    try:
        page.wait_for_function(f"light => light - ({corner})() > 500", arg=light)
        for name in ("genre", "year", "popularity", "norm"):
            figure.locator("select").select_option(name)
            frames(page)
            lab.screenshot(f"explorer-dark-{name}", figure)
    finally:
        lab.theme("light")
    for name in ("genre", "year", "popularity", "norm"):
        figure.locator("select").select_option(name)
        frames(page)
        lab.screenshot(f"explorer-light-{name}", figure)
    lab.narrow(figure)
    lab.screenshot("explorer-narrow", figure)
    assert figure.bounding_box()["width"] < 760
    assert too_wide(figure) == []
