"""Lesson 8's slider in a real JupyterLab: moved by keys and mouse, searched, timed, and photographed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.browser import lab, lab_server  # noqa: F401 - fixtures
from tests.browser.test_figures import notebook, report, settle  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser

START = """
import numpy as np
from recsys_lib import datasets, widgets
from recsys_lib.factorization import truncated_svd

def regauge(users, items, scale):
    if np.any(scale == 0):
        raise ValueError("a zero cannot be undone")
    return users * scale, items / scale

data = datasets.synthetic_world(0)
matrix = data.matrix()
matrix[:, 399] = 0
users, films = truncated_svd(matrix, 12)
counts = matrix.sum(axis=0)
"""
SLIDER = """
slider = widgets.GaugeSlider(regauge, None, users, films, data.titles, counts, film=int(counts.argmax()), user=3,
                             seen=np.flatnonzero(matrix[3]))
slider
"""


@pytest.fixture
def figure(notebook):  # noqa: F811 - a fixture
    """Open a notebook with the slider; return the page and the figure."""
    lab = notebook("gauge", START, SLIDER)  # noqa: F811 - a fixture
    return lab, lab.show_cell(1)


def titles(cell, part):
    """Return the titles of one of the two tables."""
    return cell.locator(f'table[data-list="{part}"] .cg-title').all_inner_texts()


def test_slider_by_keys_and_mouse(figure, capsys):
    """The slider answers in time; the neighbours follow it, the user's list and its scores stay."""
    lab, cell = figure  # noqa: F811 - a fixture
    page = lab.page
    assert "regauge: yours" in cell.inner_text()
    lab.screenshot("gauge-light", cell.locator(".cg"))
    before = titles(cell, "near"), cell.locator('table[data-list="list"]').inner_text()
    slider = cell.locator('input[type="range"]')
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(20)
    settle(page)
    assert lab.kernel_value("slider.p") == 1.5
    assert titles(cell, "near") == lab.kernel_value("slider.neighbours") != before[0]
    assert titles(cell, "list") == lab.kernel_value("slider.shown_to_user")
    assert cell.locator('table[data-list="list"]').inner_text() == before[1]
    assert "films as V S1.50, users as U S\u22120.50" in cell.locator(".cg-alpha").text_content()
    cell.locator('table[data-list="near"] tbody tr').first.hover()
    assert cell.locator(".cg-hot").count() == 1
    lab.screenshot("gauge-high", cell.locator(".cg"))
    slider.focus()
    report(page, "gauge slider, keyboard", capsys)
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.83 * box["width"], y)
    page.mouse.down()
    for step in range(1, 41):
        page.mouse.move(box["x"] + 2 + (0.83 * box["width"] - 2) * (1 - step / 40), y)
        page.wait_for_timeout(16)
    page.mouse.up()
    settle(page)
    assert lab.kernel_value("slider.p") == -1
    lab.screenshot("gauge-low", cell.locator(".cg"))
    assert cell.locator('table[data-list="list"]').inner_text() == before[1]
    report(page, "gauge slider, mouse", capsys)


def test_search_chooses_a_film(figure, capsys):
    """Typing filters, arrows and Enter choose; Escape closes; letters stay out of JupyterLab's own commands."""
    lab, cell = figure  # noqa: F811 - a fixture
    page = lab.page
    title = lab.kernel_value("data.titles[41]")
    word = re.sub(r" \(\d+\)$", "", title)
    box = cell.get_by_role("combobox")
    box.click()
    page.keyboard.type(word, delay=40)
    settle(page)
    options = cell.get_by_role("option")
    assert all(word.casefold() in text.casefold() for text in options.all_inner_texts())
    lab.screenshot("gauge-search", cell.locator(".cg"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    settle(page)
    chosen = lab.kernel_value("data.titles[slider.film]")
    assert word.casefold() in chosen.casefold()
    assert f"Nearest to {chosen} by cosine" in cell.inner_text()
    assert titles(cell, "near") == lab.kernel_value("slider.neighbours")
    assert not options.first.is_visible()
    assert len(lab.cells()) == 2
    report(page, "gauge slider, search", capsys)
    page.keyboard.press("ArrowDown")
    assert options.first.is_visible()
    page.keyboard.press("Escape")
    assert not options.first.is_visible()


def test_film_without_direction(figure):
    """A film that nobody rated has no cosines: the figure says so and keeps the last good lists."""
    lab, cell = figure  # noqa: F811 - a fixture
    before = titles(cell, "near")
    cell.get_by_role("combobox").fill(lab.kernel_value("data.titles[399]"))
    settle(lab.page)
    lab.page.keyboard.press("Enter")
    settle(lab.page)
    assert "has no direction" in cell.locator(".cg-problem").inner_text()
    assert titles(cell, "near") == before
    lab.screenshot("gauge-problem", cell.locator(".cg"))


def test_dark_and_narrow(figure):
    """Readable in the dark, and within its cell at 700 pixels."""
    lab, cell = figure  # noqa: F811 - a fixture
    lab.theme("dark")
    try:
        lab.screenshot("gauge-dark", cell.locator(".cg"))
        colours = cell.locator(".cg").evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
        light, dark = (sum(map(float, re.findall(r"[\d.]+", c)[:3])) for c in colours)
        assert light - dark > 300, colours
    finally:
        lab.theme("light")
    lab.page.set_viewport_size({"width": 880, "height": 900})
    lab.page.wait_for_timeout(300)
    root = cell.locator(".cg")
    lab.screenshot("gauge-narrow", root)
    assert root.bounding_box()["width"] < 760
    too_wide = root.evaluate(
        "e => [...e.querySelectorAll('table, svg, input, p')].filter(x => !x.classList.contains('cg-hidden') &&"
        " x.getBoundingClientRect().right > e.getBoundingClientRect().right + 1).map(x => x.outerHTML.slice(0, 80))"
    )
    assert too_wide == []


LESSON = "L08_cosine_is_not_innocent"
NOTEBOOKS = Path(__file__).resolve().parents[2]


def answer(lab, name, code):  # noqa: F811 - a fixture
    """Write an answer, run it and its check; return the text of the check's cell and the cell."""
    place, check = lab.find_cell(name), lab.find_cell(f"{name}-check")
    lab.set_cell_source(place, code)
    lab.run_cell(place)
    lab.run_cell(check)
    cell = lab.show_cell(check)
    return cell.inner_text(), cell


def test_lesson_names_the_mistakes(lab, capsys):  # noqa: F811 - a fixture
    """Lesson 8 as a learner meets it: unsolved, then with two typical mistakes, then mended, and the figure follows."""
    lab.open(NOTEBOOKS / "notebooks" / LESSON / f"{LESSON}.ipynb")
    lab.run_all()
    assert lab.errors() == []
    index = next(i for i, cell in enumerate(lab.cells()) if "GaugeSlider(regauge" in cell["source"])
    cell = lab.show_cell(index)
    cell.locator(".cg").wait_for()
    assert "regauge: the course's, since yours is not solved yet" in cell.inner_text()
    said, shown = answer(lab, "regauge", "def regauge(users, items, scale):\n    return users * scale, items * scale")
    assert "You multiplied both sides" in said
    lab.screenshot("L08-wrong-regauge", shown)
    said, _ = answer(
        lab,
        "regauge",
        "def regauge(users, items, scale):\n    if 0 in scale:\n        raise ValueError('zero')\n"
        "    return users * scale, items / scale",
    )
    assert "4 of 4 points - solved" in said
    cosine = (
        "def safe_cosine(q, items):\n    {}\n    c = items @ q / np.linalg.norm(items, axis=1) / np.linalg.norm(q)\n"
    )
    said, shown = answer(
        lab,
        "safe-cosine",
        cosine.format("if not q.any(): raise ValueError('zero')") + "    c[c == np.nan] = -np.inf\n    return c",
    )
    assert "it equals nothing, not even itself" in said
    lab.screenshot("L08-wrong-cosine", shown)
    said, _ = answer(
        lab,
        "safe-cosine",
        cosine.format("if not q.any(): raise ValueError('zero')") + "    c[np.isnan(c)] = -np.inf\n    return c",
    )
    assert "4 of 4 points - solved" in said
    lab.run_cell(index)
    cell = lab.show_cell(index)
    cell.locator(".cg").wait_for()
    assert "regauge: yours" in cell.inner_text() and "safe_cosine: yours" in cell.inner_text()
    assert "Nearest to Aladdin" in cell.inner_text() or "no direction" not in cell.inner_text()
    slider = cell.locator('input[type="range"]')
    before = titles(cell, "near"), titles(cell, "list")
    slider.focus()
    for _ in range(16):
        lab.page.keyboard.press("ArrowRight")
        lab.page.wait_for_timeout(30)
    settle(lab.page)
    assert titles(cell, "near") != before[0] and titles(cell, "list") == before[1]
    lab.screenshot("L08-slider", cell.locator(".cg"))
    report(lab.page, "lesson 8, the slider", capsys)


def test_solved_lesson_looks_right(lab):  # noqa: F811 - a fixture
    """The solution runs in JupyterLab too, with the static twin of the figure."""
    lab.open(NOTEBOOKS / "solutions" / LESSON / f"{LESSON}.ipynb")
    lab.run_all()
    assert lab.errors() == []
    index = next(i for i, cell in enumerate(lab.cells()) if "plots.gauge_places" in cell["source"])
    lab.screenshot("L08-twin", lab.show_cell(index))
    for name in ("choose-remedy-check", "balance-check"):
        assert "solved" in lab.cell_output_text(lab.find_cell(name))
