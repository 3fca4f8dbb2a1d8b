"""Lesson 6's clouds in a real JupyterLab: a box by mouse and by keyboard, buttons, titles, themes, a narrow page."""

from __future__ import annotations

import pytest

from tests.browser.driving import frames, lightness_of_text, settle, too_wide
from tests.browser.timing import report

pytestmark = pytest.mark.browser

START = """
import numpy as np
from recsys_lib import datasets, widgets
from recsys_lib.factorization import fit_gradient, fit_ials

def norm_popularity(items, counts):
    ranks = []
    for values in (np.linalg.norm(items, axis=1), counts):
        _, place, size = np.unique(values, return_inverse=True, return_counts=True)
        if len(size) == 1:
            raise ValueError("no order")
        ranks.append((np.cumsum(size) - (size - 1) / 2)[place])
    return np.corrcoef(ranks)[0, 1]

data = datasets.synthetic_world(0, n_items=1600)
train = data.interactions()
models = {"iALS": fit_ials(train, 8, l2=5, unobserved_weight=0.1, rng=np.random.default_rng(0)).items}
for std in (0.05, 1.0):
    rng = np.random.default_rng(0)
    models[f"ratings only, start {std}"] = fit_gradient(train, 8, std=std, lr=10, steps=100, rng=rng).items
"""
FIGURE = "clouds = widgets.NormPopularity(norm_popularity, models, train.counts, data.titles)\nclouds"


def corner(svg, u, v):
    """Place on the page of a point of a cloud, from 0 to 1 each way (the drawn area is 48 to 322 by 252 to 8)."""
    box = svg.bounding_box()
    scale = box["width"] / 330
    return box["x"] + scale * (48 + 274 * u), box["y"] + scale * (252 - 244 * v)


def test_a_box_by_mouse(notebook, capsys):
    """A box drawn in one cloud marks its films in all; titles, places and the numbers inside follow, in time."""
    lab = notebook(START, FIGURE)
    page, cell = lab.page, lab.show_cell(1)
    lab.screenshot("norms-light", cell.locator(".cg"))
    assert cell.locator(".cg-cloud-rho b").all_inner_texts() == lab.kernel_value("list(clouds.rhos.values())")
    assert "norm_popularity: yours" in cell.inner_text()
    svg = cell.locator('svg[data-model="2"]')
    svg.scroll_into_view_if_needed()
    page.mouse.move(*corner(svg, 0.55, 0.98))
    page.mouse.down()
    for step in range(1, 21):
        page.mouse.move(*corner(svg, 0.55 + 0.44 * step / 20, 0.98 - 0.9 * step / 20))
        page.wait_for_timeout(16)
    page.mouse.up()
    settle(page)
    report(lab, "norm and popularity, box by mouse", capsys)
    box = lab.kernel_value("clouds.scene['box']")
    assert box == pytest.approx([0.55, 0.99, 0.08, 0.98], abs=0.02)
    titles = cell.locator("tbody .cg-title").all_inner_texts()
    assert titles == lab.kernel_value("clouds.selected[:8]")
    chosen = lab.kernel_value("len(clouds.scene['chosen'])")
    drawn = cell.locator(".cg-cloud-marks").evaluate_all(
        "paths => paths.map(p => p.getAttribute('d').split('M').length - 1)"
    )
    assert drawn == [chosen] * 3
    assert cell.locator("[data-inside]").all_inner_texts()[0].startswith("marked: ")
    lab.screenshot("norms-box", cell.locator(".cg"))
    cell.locator("tbody tr").nth(1).hover()
    assert cell.locator(".cg-tip").filter(has_text=titles[1]).count() == 3
    lab.screenshot("norms-hover", cell.locator(".cg"))


def test_a_box_by_keyboard_and_the_buttons(notebook, capsys):
    """Tab reaches a cloud, arrows move a box there, Shift changes its size; the buttons mark an end of the order."""
    lab = notebook(START, FIGURE)
    page, cell = lab.page, lab.show_cell(1)
    cell.locator('button[data-end="shortest"]').first.click()
    settle(page)
    assert "80 shortest of iALS" in cell.inner_text()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.dataset.model") == "1"
    for key in ["ArrowLeft"] * 4 + ["ArrowDown"] * 2 + ["Shift+ArrowRight"] * 2 + ["Shift+ArrowDown"]:
        page.keyboard.press(key)
        page.wait_for_timeout(30)
    page.keyboard.press("b")  # would insert a cell
    settle(page)
    assert lab.kernel_value("clouds.scene['model']") == 1
    assert lab.kernel_value("clouds.scene['box']") == pytest.approx([0.5, 0.9, 0.6, 0.85], abs=0.001)
    assert len(lab.cells()) == 2
    report(lab, "norm and popularity, keyboard", capsys)
    lab.screenshot("norms-keys", cell.locator(".cg"))
    cell.locator('button[data-end="longest"]').nth(2).click()
    settle(page)
    assert "80 longest of ratings only, start 1.0" in cell.inner_text()
    assert cell.locator(".cg-cloud-brush").evaluate_all("r => r.every(x => x.style.display === 'none')")


def test_a_click_on_a_film(notebook):
    """A click marks one film everywhere; the pointer over a film tells its title without a question to Python."""
    lab = notebook(START, FIGURE)
    page, cell = lab.page, lab.show_cell(1)
    film = lab.kernel_value("int(np.argmax(train.counts))")
    x, y = lab.kernel_value(f"[clouds.static['x'][{film}], clouds.static['models'][0]['y'][{film}]]")
    svg = cell.locator('svg[data-model="0"]')
    svg.scroll_into_view_if_needed()
    page.mouse.move(*corner(svg, x, y))
    frames(page)
    title = lab.kernel_value(f"data.titles[{film}]")
    assert title in cell.locator(".cg-tip").first.inner_text()
    assert page.evaluate("() => document.querySelector('.cg').cgLatencies.length") == 0
    page.mouse.down()
    page.mouse.up()
    settle(page)
    assert lab.kernel_value("clouds.selected") == [title]
    lab.screenshot("norms-click", cell.locator(".cg"))


def test_both_themes_and_a_narrow_cell(notebook):
    """The figure is readable in the dark and keeps within its cell at 700 pixels."""
    lab = notebook(START, FIGURE)
    cell = lab.show_cell(1)
    lab.theme("dark")
    try:
        lab.screenshot("norms-dark", cell.locator(".cg"))
        assert lightness_of_text(cell.locator(".cg")) > 300
    finally:
        lab.theme("light")
    figure = lab.show_cell(1).locator(".cg")
    lab.narrow(figure)
    lab.screenshot("norms-narrow", figure)
    assert too_wide(figure) == []
    assert figure.locator(".cg-cloud-rho").evaluate_all("ps => ps.every(p => p.scrollWidth <= p.clientWidth)")
