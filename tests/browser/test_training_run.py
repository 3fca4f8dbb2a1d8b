"""The training run in a real JupyterLab: started, paused, changed and stopped, by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest

from tests.browser.browser import lab, lab_server  # noqa: F401 - fixtures
from tests.browser.test_figures import notebook, report, settle  # noqa: F401 - a fixture, and helpers
from tests.browser.test_lessons import FIGURES, figure_of, only

pytestmark = pytest.mark.browser

START = """
import numpy as np
from recsys_lib import widgets

def mf_gradients(users, items, ratings):
    errors = (users @ items.T - ratings) * (ratings > 0)
    return 2 * errors @ items / np.sum(ratings > 0), 2 * errors.T @ users / np.sum(ratings > 0)
"""
RUN = "run = widgets.TrainingRun(mf_gradients)\nrun"


def ended(page, seconds=30):
    """Wait until the training says that it has ended."""
    page.wait_for_function(
        "() => /Train again/.test(document.querySelector('.cg .cg-go').textContent)", timeout=1000 * seconds
    )
    settle(page)


def test_training_by_mouse(notebook, capsys):  # noqa: F811 - a fixture
    """A click trains to the end; the curve grows on the way, and the kernel answers other questions meanwhile."""
    lab = notebook("run_mouse", START, RUN)  # noqa: F811 - a fixture
    page, cell = lab.page, lab.show_cell(1)
    assert "mf_gradients: yours" in cell.inner_text()
    lab.screenshot("training-ready", cell.locator(".cg"))
    cell.get_by_role("button", name="Train").click()
    page.wait_for_function("() => / [1-9]\\d* of 200/.test(document.querySelector('.cg').textContent)")
    early = lab.kernel_value("run.step")
    lab.screenshot("training-under-way", cell.locator(".cg"))
    ended(page)
    assert 0 < early < 200
    assert lab.kernel_value("run.step") == 200
    losses = lab.kernel_value("run.losses")
    assert losses[-1] < 0.1 * losses[0]
    assert f"step 200 of 200, error {losses[-1]:.3g}" in cell.inner_text()
    assert "lowest:" in cell.locator(".cg svg").first.text_content()
    lab.screenshot("training-done", cell.locator(".cg"))
    report(page, "training run, one scene after the other", capsys)


def test_pause_change_and_start_again_by_keyboard(notebook):  # noqa: F811 - a fixture
    """Space starts and pauses, arrows move a slider, and the run before stays on the page."""
    lab = notebook("run_keys", START, RUN)  # noqa: F811 - a fixture
    page, cell = lab.page, lab.show_cell(1)
    cell.locator(".cg-go").focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => / [1-9]\\d* of 200/.test(document.querySelector('.cg').textContent)")
    page.keyboard.press("Space")
    settle(page)
    assert cell.locator(".cg-go").inner_text() == "Go on"
    paused = lab.kernel_value("run.step")
    page.wait_for_timeout(500)
    assert lab.kernel_value("run.step") == paused < 200
    page.keyboard.press("Space")
    ended(page)
    cell.locator('input[data-setting="l2"]').focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("b")  # would insert a cell
    assert "L2 0.3" in cell.inner_text()
    cell.locator(".cg-go").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => / [1-9]\\d* of 200/.test(document.querySelector('.cg').textContent)")
    ended(page)
    assert lab.kernel_value("run.scene['settings']['l2']") == 0.3
    assert lab.kernel_value("run.scene['before']['settings']['l2']") == 0
    assert "thin: the run before (learning rate 8, L2 0, gravity 0)" in cell.inner_text()
    assert len(lab.cells()) == 2
    lab.screenshot("training-second-run", cell.locator(".cg"))
    cell.get_by_role("button", name="Start again").click()
    settle(page)
    assert lab.kernel_value("run.step") == 0


def test_a_failure_stops_the_training(notebook):  # noqa: F811 - a fixture
    """Gradients that fail half-way, and a learning rate that is too large, end the run with a sentence."""
    touchy = (
        "calls = []\nright = mf_gradients\n\ndef mf_gradients(users, items, ratings):\n"
        "    calls.extend([1] * (len(users) == 200))\n    if len(calls) == 30:\n        raise RuntimeError('no')\n"
        "    return right(users, items, ratings)"
    )
    lab = notebook("run_fails", START, touchy, RUN)  # noqa: F811 - a fixture
    page, cell = lab.page, lab.show_cell(2)
    cell.get_by_role("button", name="Train").click()
    ended(page)
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


def test_both_themes_and_a_narrow_cell(notebook):  # noqa: F811 - a fixture
    """The figure keeps within its cell at 700 pixels and is readable in the dark."""
    lab = notebook("run_themes", START, "run = widgets.TrainingRun(mf_gradients)\nrun.train();\nrun")  # noqa: F811 - a fixture
    lab.theme("dark")
    try:
        cell = lab.show_cell(1)
        lab.screenshot("training-dark", cell.locator(".cg"))
        colours = cell.locator(".cg").evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
        light, dark = (sum(map(float, re.findall(r"[\d.]+", c)[:3])) for c in colours)
        assert light - dark > 300, colours
    finally:
        lab.theme("light")
    lab.page.set_viewport_size({"width": 880, "height": 900})
    lab.page.wait_for_timeout(300)
    figure = lab.show_cell(1).locator(".cg")
    lab.screenshot("training-narrow", figure)
    assert figure.bounding_box()["width"] < 760
    too_wide = figure.evaluate(
        "e => [...e.querySelectorAll('svg, input, button, p')].filter(x => !x.classList.contains('cg-hidden') &&"
        " x.getBoundingClientRect().right > e.getBoundingClientRect().right + 1).map(x => x.outerHTML.slice(0, 80))"
    )
    assert too_wide == []


def test_the_lesson_trains_by_the_learners_gradients(lab, capsys):  # noqa: F811 - a fixture
    """Lesson 5: a gradient that points downhill is told so; a right one trains the figure on real films."""
    lab.open(only("L05"))
    lab.run_all()
    page = lab.page
    figure = figure_of(lab, FIGURES["L05"])
    assert "mf_gradients: the course's, since yours is not solved yet" in figure.inner_text()
    answer, check = lab.find_cell("mf-gradients"), lab.find_cell("mf-gradients-check")
    downhill = (
        "def mf_gradients(users, items, ratings):\n    errors = (ratings - users @ items.T) * (ratings > 0)\n"
        "    return 2 * errors @ items / np.sum(ratings > 0), 2 * errors.T @ users / np.sum(ratings > 0)"
    )
    for source, words in (
        (downhill, "Your gradient points downhill"),
        (right_gradients(downhill), "3 of 3 points - solved"),
    ):
        lab.set_cell_source(answer, source)
        lab.run_cell(answer)
        lab.run_cell(check)
        cell = lab.show_cell(check)
        assert words in cell.inner_text()
        lab.screenshot(f"L05-gradients-{'right' if 'solved' in words else 'wrong'}", cell)
    figure_cell = next(i for i, cell in enumerate(lab.cells()) if FIGURES["L05"] in cell["source"])
    lab.run_cell(figure_cell)
    figure = figure_of(lab, FIGURES["L05"])
    assert "mf_gradients: yours" in figure.inner_text()
    figure.get_by_role("button", name="Train").click()
    ended(page)
    assert "step 200 of 200" in figure.inner_text()
    lab.screenshot("L05-trained", figure)
    report(page, "lesson 5, training", capsys)


def right_gradients(downhill):
    """Turn the gradient that points downhill around."""
    return downhill.replace("ratings - users @ items.T", "users @ items.T - ratings")
