"""Lesson 8's slider in a real JupyterLab: moved by keys and mouse, searched, timed, and photographed."""

from __future__ import annotations

import re

import pytest

from tests.browser.driving import lightness_of_text, settle, too_wide
from tests.browser.timing import report

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
def figure(notebook):
    """Open a notebook with the slider; return the page and the figure."""
    lab = notebook(START, SLIDER)
    return lab, lab.show_cell(1)


def titles(cell, part):
    """Return the titles of one of the two tables."""
    return cell.locator(f'table[data-list="{part}"] .cg-title').all_inner_texts()


def test_slider_by_keys_and_mouse(figure, capsys):
    """The slider answers in time; the neighbours follow it, the user's list and its scores stay."""
    lab, cell = figure
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
    report(lab, "gauge slider, keyboard", capsys)
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.83 * box["width"], y)
    page.mouse.down()
    for step in range(1, 21):
        page.mouse.move(box["x"] + 2 + (0.83 * box["width"] - 2) * (1 - step / 20), y)
        page.wait_for_timeout(16)
    page.mouse.up()
    settle(page)
    assert lab.kernel_value("slider.p") == -1
    lab.screenshot("gauge-low", cell.locator(".cg"))
    assert cell.locator('table[data-list="list"]').inner_text() == before[1]
    report(lab, "gauge slider, mouse", capsys)


def test_search_chooses_a_film(figure, capsys):
    """Typing filters, arrows and Enter choose; Escape closes; letters stay out of JupyterLab's own commands."""
    lab, cell = figure
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
    report(lab, "gauge slider, search", capsys)
    page.keyboard.press("ArrowDown")
    assert options.first.is_visible()
    page.keyboard.press("Escape")
    assert not options.first.is_visible()


def test_film_without_direction(figure):
    """A film that nobody rated has no cosines: the figure says so and keeps the last good lists."""
    lab, cell = figure
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
    lab, cell = figure
    lab.theme("dark")
    try:
        lab.screenshot("gauge-dark", cell.locator(".cg"))
        assert lightness_of_text(cell.locator(".cg")) > 300
    finally:
        lab.theme("light")
    root = cell.locator(".cg")
    lab.narrow(root)
    lab.screenshot("gauge-narrow", root)
    assert root.bounding_box()["width"] < 760
    assert too_wide(root) == []
