"""The grid of starts in a real JupyterLab: cells chosen by mouse and by keyboard, one trained while we watch."""

from __future__ import annotations

import re

import pytest

from tests.browser.driving import settle, too_wide
from tests.browser.timing import report

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


def test_grid_by_mouse(notebook, capsys):
    """A click on a trained cell answers at once; the radios change what the cells show; an empty cell is trained."""
    lab = notebook(START, GRID)
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
    report(lab, "start grid, mouse", capsys)
    before = button(cell, 0, 0, 3).inner_text()
    cell.locator('input[value="recall, dot"]').check()
    assert re.fullmatch(r"0\.\d{3}", button(cell, 0, 0, 3).inner_text()) and before.endswith("%")
    training = cell.locator(".cg-starts-training")
    training.evaluate(
        "e => new MutationObserver(() => { e.courseSeen ||= getComputedStyle(e).visibility === 'visible'; })"
        ".observe(e, { attributes: true })"
    )
    button(cell, 0, 0, 1).click()
    page.wait_for_function("e => e.courseSeen", arg=training.element_handle())
    assert training.text_content() == "training start 0.2, L2 0, gravity 0"
    lab.screenshot("starts-training", cell.locator(".cg"))
    page.wait_for_function("e => /^0[.]/.test(e.textContent)", arg=button(cell, 0, 0, 1).element_handle())
    settle(page)
    assert lab.kernel_value("grid.settings") == [0.2, 0.0, 0.0]
    assert training.evaluate("e => getComputedStyle(e).visibility") == "hidden"


def test_grid_by_keyboard(notebook):
    """Arrows walk from cell to cell and into the other table, Enter chooses; JupyterLab's own keys stay out of it."""
    lab = notebook(START, GRID)
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


def test_grid_in_both_themes_and_narrow(notebook):
    """Readable in the dark, and nothing sticks out of a narrow cell."""
    lab = notebook(START, GRID)
    cell = lab.show_cell(1)
    lab.theme("dark")
    try:
        lab.screenshot("starts-dark", cell.locator(".cg"))
    finally:
        lab.theme("light")
    figure = lab.show_cell(1).locator(".cg")
    lab.narrow(figure)
    lab.screenshot("starts-narrow", figure)
    assert too_wide(figure) == []
