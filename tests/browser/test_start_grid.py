"""The grid of starts in a real JupyterLab: cells chosen by mouse and by keyboard, one trained while we watch."""

from __future__ import annotations

import re

import pytest

from tests.browser.browser import ROOT, lab, lab_server  # noqa: F401 - fixtures
from tests.browser.test_figures import notebook, report, settle  # noqa: F401 - a fixture, and helpers

pytestmark = pytest.mark.browser

START = """
import numpy as np
from recsys_lib import datasets, widgets
from recsys_lib.factorization import fit_gradient
from recsys_lib.splits import per_user_75_25

data = datasets.synthetic_world(0)
train_rows, test_rows = per_user_75_25(data, seed=0)
ratings, test = data.interactions(train_rows), data.matrix(test_rows) > 0

def rare_share(recommended, counts, at_most):
    return np.mean(counts[recommended] <= at_most)

def train(std, l2, gravity, callback=None):
    return fit_gradient(ratings, 20, std=std, l2=l2, gravity=gravity, lr=5, steps=600,
                        rng=np.random.default_rng(0), callback=callback)

models = {key: train(*key) for key in [(1, 0, 0), (0.05, 0, 0), (0.05, 0.1, 0), (1, 0.1, 0), (0.05, 0.1, 1)]}
"""
GRID = "grid = widgets.StartGrid(models, train, ratings, test, data.titles, rare_share, steps=600)\ngrid"


def button(cell, g, l2, s):
    """Return one cell of the grid, by its places on the three axes."""
    return cell.locator(f'button[data-cell="{g},{l2},{s}"]')


def test_grid_by_mouse(notebook, capsys):  # noqa: F811 - a fixture
    """A click on a trained cell answers at once; the radios change what the cells show; an empty cell is trained."""
    lab = notebook("grid_mouse", START, GRID)  # noqa: F811 - a fixture
    page, cell = lab.page, lab.show_cell(1)
    assert "rare_share: yours" in cell.inner_text()
    lab.screenshot("starts-light", cell.locator(".cg"))
    for place in [(0, 0, 0), (0, 1, 0), (0, 1, 3), (1, 1, 0), (0, 0, 3)] * 2:
        button(cell, *place).click()
        settle(page)
    assert lab.kernel_value("grid.settings") == [1.0, 0.0, 0.0]
    assert cell.locator(".cg-starts-films tbody tr").count() == 10
    shown = cell.locator(".cg-starts-films .cg-title").all_inner_texts()
    assert [re.sub(r"\s*rare$", "", text) for text in shown] == lab.kernel_value("grid.longest")
    report(page, "start grid, mouse", capsys)
    before = button(cell, 0, 0, 3).inner_text()
    cell.locator('input[value="recall, dot"]').check()
    assert re.fullmatch(r"0\.\d{3}", button(cell, 0, 0, 3).inner_text()) and before.endswith("%")
    button(cell, 0, 0, 1).click()
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.cg-starts-training')).visibility == 'visible'"
    )
    assert "training start 0.2, L2 0, gravity 0" in cell.inner_text()
    lab.screenshot("starts-training", cell.locator(".cg"))
    settle(page)
    assert lab.kernel_value("grid.settings") == [0.2, 0.0, 0.0]
    assert button(cell, 0, 0, 1).inner_text().startswith("0.")
    assert cell.locator(".cg-starts-training").evaluate("e => getComputedStyle(e).visibility") == "hidden"


def test_grid_by_keyboard(notebook):  # noqa: F811 - a fixture
    """Arrows walk from cell to cell and into the other table, Enter chooses; JupyterLab's own keys stay out of it."""
    lab = notebook("grid_keys", START, GRID)  # noqa: F811 - a fixture
    page, cell = lab.page, lab.show_cell(1)
    assert cell.locator('button[data-cell][tabindex="0"]').count() == 1
    button(cell, 0, 0, 3).focus()
    for key in ("ArrowDown", "Home", "ArrowDown", "ArrowDown", "ArrowDown", "b"):
        page.keyboard.press(key)
    assert page.evaluate("() => document.activeElement.dataset.cell") == "1,1,0"
    lab.screenshot("starts-focus", cell.locator(".cg"))
    page.keyboard.press("Enter")
    settle(page)
    assert lab.kernel_value("grid.settings") == [0.05, 0.1, 1.0]
    assert page.evaluate("() => document.activeElement.dataset.cell") == "1,1,0"
    assert cell.locator('td[aria-selected="true"] button').get_attribute("data-cell") == "1,1,0"
    assert len(lab.cells()) == 2


def test_grid_in_both_themes_and_narrow(notebook):  # noqa: F811 - a fixture
    """Readable in the dark, and nothing sticks out of a narrow cell."""
    lab = notebook("grid_themes", START, GRID)  # noqa: F811 - a fixture
    cell = lab.show_cell(1)
    lab.theme("dark")
    try:
        lab.screenshot("starts-dark", cell.locator(".cg"))
    finally:
        lab.theme("light")
    lab.page.set_viewport_size({"width": 880, "height": 900})
    lab.page.wait_for_timeout(300)
    figure = lab.show_cell(1).locator(".cg")
    lab.screenshot("starts-narrow", figure)
    too_wide = figure.evaluate(
        "e => [...e.querySelectorAll('table, svg, input, button, p, ul')].filter(x =>"
        " !x.classList.contains('cg-hidden') &&"
        " x.getBoundingClientRect().right > e.getBoundingClientRect().right + 1).map(x => x.outerHTML.slice(0, 80))"
    )
    assert too_wide == []


def test_lesson_meets_a_mistake(lab):  # noqa: F811 - a fixture
    """Lesson 7, untouched: it runs through; a beginner's rare_share and cure are told what is wrong, then mended."""
    lab.open(ROOT / "notebooks" / "L07_bad_start" / "L07_bad_start.ipynb")
    lab.run_all()
    assert lab.errors() == []
    figure = next(i for i, cell in enumerate(lab.cells()) if "StartGrid(cells" in cell["source"])
    cell = lab.show_cell(figure)
    assert "rare_share: the course's, since yours is not solved yet" in cell.inner_text()
    button(cell, 1, 1, 3).click()
    lab.page.wait_for_timeout(300)
    settle(lab.page)
    lab.screenshot("L07-trained", cell.locator(".cg"))

    def answer(name, text, words):
        place, check = lab.find_cell(name), lab.find_cell(f"{name}-check")
        lab.set_cell_source(place, text)
        lab.run_cell(place)
        lab.run_cell(check)
        shown = lab.show_cell(check)
        lab.screenshot(f"L07-{name}-{'right' if words.endswith('solved') else 'wrong'}", shown)
        assert words in shown.inner_text()

    head = "def rare_share(recommended, counts, at_most):\n    "
    each_once = head + "shown = np.unique(recommended)\n    return (counts[shown] < at_most).mean()"
    answer("rare-share", each_once, "You counted each film once, however many lists it is in")
    answer("rare-share", head + "return (counts[recommended] <= at_most).mean()", "3 of 3 points - solved")
    head = "def cure(ratings, d):\n    "
    answer("cure", head + "return {'std': 0.01, 'l2': 0, 'gravity': 0}", "A small start keeps most rare films down")
    answer("cure", head + "return {'std': 0.01, 'l2': 0.1, 'gravity': 1}", "3 of 3 points - solved")
