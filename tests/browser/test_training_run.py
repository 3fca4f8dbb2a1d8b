"""The training run in a real JupyterLab: started, paused, changed and stopped, by mouse and by keyboard."""

from __future__ import annotations

import pytest

from tests.browser.driving import lightness_of_text, settle, too_wide, training_ended
from tests.browser.timing import report

pytestmark = pytest.mark.browser

START = """
import time
import numpy as np
from recsys_lib import widgets

def mf_gradients(users, items, ratings):
    time.sleep(pause)
    errors = (users @ items.T - ratings) * (ratings > 0)
    return 2 * errors @ items / np.sum(ratings > 0), 2 * errors.T @ users / np.sum(ratings > 0)
"""
RUN = "pause = 0\nrun = widgets.TrainingRun(mf_gradients)\nrun"
SLOW = RUN.replace("pause = 0", "pause = 0.2")
"""A training of 40 seconds at least, so that it has not ended when a test looks at it."""
HURRY = "globals().update(pause=0)"
UNDER_WAY = "() => / [1-9]\\d* of 200/.test(document.querySelector('.cg').textContent)"


def test_training_by_mouse(notebook, capsys):
    """A click trains to the end; the curve grows on the way, and the kernel answers other questions meanwhile."""
    lab = notebook(START, SLOW)
    page, cell = lab.page, lab.show_cell(1)
    assert "mf_gradients: yours" in cell.inner_text()
    lab.screenshot("training-ready", cell.locator(".cg"))
    cell.get_by_role("button", name="Train").click()
    page.wait_for_function(UNDER_WAY)
    early = lab.kernel_value("run.step")
    lab.screenshot("training-under-way", cell.locator(".cg"))
    lab.kernel_value(HURRY)
    training_ended(page)
    assert 0 < early < 200
    assert lab.kernel_value("run.step") == 200
    losses = lab.kernel_value("run.losses")
    assert losses[-1] < 0.1 * losses[0]
    assert f"step 200 of 200, error {losses[-1]:.3g}" in cell.inner_text()
    assert "lowest:" in cell.locator(".cg svg").first.text_content()
    lab.screenshot("training-done", cell.locator(".cg"))
    report(lab, "training run, one scene after the other", capsys)


def test_pause_change_and_start_again_by_keyboard(notebook):
    """Space starts and pauses, arrows move a slider, and the run before stays on the page."""
    lab = notebook(START, SLOW)
    page, cell = lab.page, lab.show_cell(1)
    cell.locator(".cg-go").focus()
    page.keyboard.press("Space")
    page.wait_for_function(UNDER_WAY)
    page.keyboard.press("Space")
    settle(page)
    assert cell.locator(".cg-go").inner_text() == "Go on"
    paused = lab.kernel_value("run.step")
    page.wait_for_timeout(500)
    assert lab.kernel_value("run.step") == paused < 200
    lab.kernel_value(HURRY)
    page.keyboard.press("Space")
    training_ended(page)
    cell.locator('input[data-setting="l2"]').focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("b")  # would insert a cell
    assert "L2 0.3" in cell.inner_text()
    cell.locator(".cg-go").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(UNDER_WAY)
    training_ended(page)
    assert lab.kernel_value("run.scene['settings']['l2']") == 0.3
    assert lab.kernel_value("run.scene['before']['settings']['l2']") == 0
    assert "thin: the run before (learning rate 8, L2 0, gravity 0)" in cell.inner_text()
    assert len(lab.cells()) == 2
    lab.screenshot("training-second-run", cell.locator(".cg"))
    cell.get_by_role("button", name="Start again").click()
    settle(page)
    assert lab.kernel_value("run.step") == 0


def test_a_failure_stops_the_training(notebook):
    """Gradients that fail half-way, and a learning rate that is too large, end the run with a sentence."""
    touchy = (
        "calls = []\n\ndef touchy(users, items, ratings):\n"
        "    calls.extend([1] * (len(users) == 200))\n    if len(calls) == 30:\n        raise RuntimeError('no')\n"
        "    return mf_gradients(users, items, ratings)"
    )
    lab = notebook(START, touchy, RUN.replace("mf_gradients", "touchy"))
    page, cell = lab.page, lab.show_cell(2)
    cell.get_by_role("button", name="Train").click()
    training_ended(page)
    assert cell.locator(".cg-problem").inner_text() == "your mf_gradients raised RuntimeError: no"
    assert lab.kernel_value("run.step") == 29
    lab.screenshot("training-problem", cell.locator(".cg"))
    slider = cell.locator('input[data-setting="lr"]')
    slider.focus()
    page.keyboard.press("End")
    cell.locator(".cg-go").click()
    page.wait_for_function("() => /ran away/.test(document.querySelector('.cg').textContent)")
    settle(page)
    assert "a learning rate of 32 is too large here" in cell.locator(".cg-problem").inner_text()
    lab.screenshot("training-runaway", cell.locator(".cg"))


def test_both_themes_and_a_narrow_cell(notebook):
    """The figure keeps within its cell at 700 pixels and is readable in the dark."""
    lab = notebook(START, "pause = 0\nrun = widgets.TrainingRun(mf_gradients)\nrun.train();\nrun")
    lab.theme("dark")
    try:
        cell = lab.show_cell(1)
        lab.screenshot("training-dark", cell.locator(".cg"))
        assert lightness_of_text(cell.locator(".cg")) > 300
    finally:
        lab.theme("light")
    figure = lab.show_cell(1).locator(".cg")
    lab.narrow(figure)
    lab.screenshot("training-narrow", figure)
    assert figure.bounding_box()["width"] < 760
    assert too_wide(figure) == []
