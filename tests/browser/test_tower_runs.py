"""Lesson 11's three trainings in a real JupyterLab: moved by keys and mouse, played, timed, and photographed."""

from __future__ import annotations

import pytest

from tests.browser.driving import lightness_of_text, settle, too_wide
from tests.browser.timing import report

pytestmark = pytest.mark.browser

START = """
import numpy as np
from recsys_lib import datasets, widgets
from recsys_lib.factorization import fit_two_tower

def batch_grad(users, items, who, what, logq):
    u, x = users[who], items[what]
    logits = u @ x.T - logq[what]
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    share = (share / share.sum(axis=1, keepdims=True) - np.eye(len(who))) / len(who)
    of_users, of_items = np.zeros(users.shape), np.zeros(items.shape)
    np.add.at(of_users, who, share @ x)
    np.add.at(of_items, what, share.T @ u)
    return of_users, of_items

ratings, runs = datasets.synthetic_world(0).interactions(), {}
for arm in ("none", "subtract", "add"):
    runs[arm] = []
    fit_two_tower(ratings, 8, correction=arm, epochs=9, rng=np.random.default_rng(0),
                  callback=lambda epoch, loss, model: runs[arm].append(model.items.copy()))
"""
TOWERS = "towers = widgets.TowerRuns(batch_grad, runs, ratings.counts)\ntowers"
HEIGHTS = """el => [...el.querySelectorAll('.cg-cloud-dots')].map(
    path => path.getAttribute('d').split('M').slice(1).map(dot => Number(dot.split(',')[1].split('h')[0])))"""


@pytest.fixture
def figure(notebook):
    """Open a notebook with the figure; return the page and the figure."""
    lab = notebook(START, TOWERS)
    return lab, lab.show_cell(1)


def shown(cell):
    """Return what stands over the clouds."""
    return cell.locator(".cg-cloud-rho b").all_inner_texts()


def correlations(lab, epoch):
    """Return what Python has for an epoch."""
    return lab.kernel_value(f"[rows[{epoch}] for rows in towers.correlations.values()]")


def test_slider_by_keys_and_mouse(figure, capsys):
    """Dots, correlations and words follow the slider, and each dot is where Python has put it."""
    lab, cell = figure
    page = lab.page
    assert "batch_grad: yours" in cell.inner_text()
    assert shown(cell) == correlations(lab, 8)
    tops = [cloud.bounding_box()["y"] for cloud in cell.locator(".cg-clouds svg").all()]
    assert len(tops) == 3 and max(tops) - min(tops) < 2  # side by side
    lab.screenshot("towers-light", cell.locator(".cg"))
    last = cell.locator(".cg").evaluate(HEIGHTS)
    slider = cell.locator('input[type="range"]')
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(20)
    settle(page)
    assert lab.kernel_value("towers.scene['epoch']") == 3
    assert slider.get_attribute("aria-valuetext") == "epoch 3 of 8"
    assert "3 of 8" in cell.locator("output").inner_text()
    assert shown(cell) == correlations(lab, 3) != correlations(lab, 8)
    now = cell.locator(".cg").evaluate(HEIGHTS)
    assert now != last
    places = lab.kernel_value("[run['y'][3] for run in towers.static['runs']]")
    for dots, rows in zip(now, places, strict=True):
        top, bottom = min(dots), max(dots)
        low, high = min(rows), max(rows)
        for dot, row in zip(dots, rows, strict=True):
            assert abs(bottom - (bottom - top) * (row - low) / (high - low) - dot) < 0.2
    page.keyboard.press("b")  # would insert a cell
    assert len(lab.cells()) == 2
    report(lab, "tower runs, keyboard", capsys)
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.4 * box["width"], y)
    page.mouse.down()
    for step in range(1, 21):
        page.mouse.move(box["x"] + 2 + 0.4 * box["width"] * (1 - step / 20), y)
        page.wait_for_timeout(16)
    page.mouse.up()
    settle(page)
    assert lab.kernel_value("towers.scene['epoch']") == 0
    assert shown(cell) == correlations(lab, 0)
    lab.screenshot("towers-start", cell.locator(".cg"))
    report(lab, "tower runs, mouse", capsys)


def test_play_goes_through_all_epochs(figure):
    """From the end Play begins at the start and stops at the end; Pause stays where it is; a move of one's own wins."""
    lab, cell = figure
    page, play = lab.page, cell.locator(".cg-go")
    slider = cell.locator('input[type="range"]')
    play.focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('.cg input[type=range]').value > 0")
    assert play.inner_text() == "Pause"
    page.keyboard.press("Space")
    assert play.inner_text() == "Play"
    settle(page)
    paused = int(slider.input_value())
    page.wait_for_timeout(1000)
    assert int(slider.input_value()) == paused == lab.kernel_value("towers.scene['epoch']") < 8
    play.click()
    page.wait_for_function(
        "() => document.querySelector('.cg .cg-go').textContent === 'Play'"
        " && document.querySelector('.cg input[type=range]').value === '8'"
    )
    settle(page)
    assert shown(cell) == correlations(lab, 8)
    play.click()
    slider.focus()
    page.keyboard.press("ArrowRight")
    own = int(slider.input_value())
    assert play.inner_text() == "Play" and 0 < own < 8
    page.wait_for_timeout(1000)
    settle(page)
    assert int(slider.input_value()) == lab.kernel_value("towers.scene['epoch']") == own


def test_dark_and_narrow(figure):
    """Readable in the dark, and within its cell at 700 pixels."""
    lab, cell = figure
    lab.theme("dark")
    try:
        lab.screenshot("towers-dark", cell.locator(".cg"))
        assert lightness_of_text(cell.locator(".cg")) > 300
    finally:
        lab.theme("light")
    root = cell.locator(".cg")
    lab.narrow(root)
    lab.screenshot("towers-narrow", root)
    assert root.bounding_box()["width"] < 760
    assert too_wide(root) == []
