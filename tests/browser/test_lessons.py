"""The lessons in a real JupyterLab, as a learner meets them: run, move the figure, make a mistake, mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom.common import lesson_names
from tests.browser.browser import lab, lab_server  # noqa: F401 - fixtures
from tests.browser.test_figures import middle, report, settle

ROOT = Path(__file__).resolve().parents[2]
RELEASES = [ROOT / "notebooks" / name / f"{name}.ipynb" for name in lesson_names()]

FIGURES = {
    "L01": "CandidateLists(",
    "L02": "FilmExplorer(",
    "L03": "VectorPlane(q",
    "L04": "NormDial(",
    "L05": "TrainingRun(mf",
    "L06": "NormPopularity(",
    "L07": "StartGrid(cells",
    "L08": "GaugeSlider(regauge",
}

pytestmark = pytest.mark.browser


def figure_of(lab, call):  # noqa: F811 - a fixture
    """Scroll to the cell that makes a figure by this call, and return the figure."""
    index = next(i for i, cell in enumerate(lab.cells()) if call in cell["source"] and cell["type"] == "code")
    figure = lab.show_cell(index).locator(".cg")
    figure.wait_for()
    return figure


def only(name):
    """Return the release of one lesson."""
    return next(path for path in RELEASES if path.stem.startswith(name))


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_release_runs_in_jupyterlab(lab, release):  # noqa: F811 - a fixture
    """Run All on an untouched lesson ends without an error, with figures drawn and exercises "not solved yet"."""
    lab.open(release)
    lab.run_all()
    assert lab.errors() == []
    checks = [i for i, cell in enumerate(lab.cells()) if (cell["grade_id"] or "").endswith("-check")]
    assert checks
    for index in checks:
        assert "not solved yet" in lab.cell_output_text(index)
    lab.show_cell(0)
    lab.screenshot(f"{release.stem}-top")
    lab.screenshot(f"{release.stem}-figure", figure_of(lab, FIGURES[release.stem[:3]]))


def test_the_plane_and_a_mistake_in_the_cosine(lab, capsys):  # noqa: F811 - a fixture
    """Lesson 3: a vector is dragged; a wrong cosine is told its very mistake; a right one is told so."""
    lab.open(only("L03"))
    lab.run_all()
    page = lab.page
    figure = figure_of(lab, FIGURES["L03"])
    x, y = middle(figure.locator('[data-point="A"] .cg-ring'))
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(x + step, y + step)
        page.wait_for_timeout(16)
    page.mouse.up()
    settle(page)
    assert lab.kernel_value("plane.items[0].tolist()") != [0, 6]
    report(page, "lesson 3, dragging A", capsys)

    answer, check = lab.find_cell("cosine"), lab.find_cell("cosine-check")
    wrong = "def cosine(q, items):\n    return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))"
    lab.set_cell_source(answer, wrong)
    lab.run_cell(answer)
    lab.run_cell(check)
    cell = lab.show_cell(check)
    assert "You divided by one length for the whole table." in cell.inner_text()
    lab.screenshot("L03-wrong-cosine", cell)

    right = (
        "def cosine(q, items):\n    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)\n"
        "    if not lengths.all():\n        raise ValueError('no direction')\n    return items @ q / lengths"
    )
    lab.set_cell_source(answer, right)
    lab.run_cell(answer)
    lab.run_cell(check)
    cell = lab.show_cell(check)
    assert "3 of 3 points - solved" in cell.inner_text()
    lab.screenshot("L03-right-cosine", cell)


def test_the_dial_follows_the_learners_function(lab, capsys):  # noqa: F811 - a fixture
    """Lesson 4: the slider moves the order of the three items, and says whose function it uses."""
    lab.open(only("L04"))
    lab.run_all()
    page = lab.page
    figure = figure_of(lab, FIGURES["L04"])
    slider = figure.locator('input[type="range"]')
    assert "norm_power: the course's, since yours is not solved yet" in figure.inner_text()
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(25):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    settle(page)
    assert "0.25" in figure.inner_text()
    assert figure.locator(".cg-order .cg-chip").all_inner_texts()[:3] == list("BCA")
    report(page, "lesson 4, the dial", capsys)
    lab.screenshot("L04-dial", figure)
