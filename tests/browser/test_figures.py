"""The figures in a real JupyterLab: moved by mouse, touch and keyboard, timed, and photographed in both themes."""

from __future__ import annotations

import pytest

from tests.browser.driving import lightness_of_text, middle, settle, too_wide
from tests.browser.timing import report

pytestmark = pytest.mark.browser

START = """
import numpy as np
from recsys_lib import datasets, widgets

def dot(q, items):
    return items @ q

def cosine(q, items):
    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
    if not lengths.all():
        raise ValueError("a zero vector has no direction")
    return items @ q / lengths

def euclidean(q, items):
    raise NotImplementedError("not solved yet: replace this line by your answer")

def norm_power(q, items, alpha):
    return items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q)) ** (1 - alpha)

def crossing_alpha(q, x, y):
    nx, ny, cx, cy = np.linalg.norm(x), np.linalg.norm(y), x @ q, y @ q
    if nx == ny or cx <= 0 or cy <= 0:
        return None
    alpha = np.log(cx / nx / (cy / ny)) / np.log(ny / nx)
    return float(alpha) if 0 < alpha < 1 else None

def genre_scores(liked, item_genres):
    profile = item_genres[liked].mean(axis=0)
    return item_genres @ profile / (np.linalg.norm(item_genres, axis=1) * np.linalg.norm(profile))

def cooccurrence_scores(interactions, user):
    together = interactions.T @ interactions
    np.fill_diagonal(together, 0)
    return interactions[user] @ together

def top_k(scores, k, seen):
    scores = np.array(scores, dtype=float)
    scores[seen] = -np.inf
    return np.lexsort((np.arange(len(scores)), -scores))[:k]

data = datasets.synthetic_world(0)
matrix = data.matrix()
counts = matrix.sum(axis=0).astype(int)
u, s, vt = np.linalg.svd(matrix, full_matrices=False)
users, items = u[:, :8] * s[:8] ** .5, vt[:8].T * s[:8] ** .5
"""
PLANE = 'plane = widgets.VectorPlane(measures={"dot": dot, "cosine": cosine, "euclidean": euclidean})\nplane'


def test_plane_by_mouse(notebook, capsys):
    """Dragging A by the mouse moves it in the kernel, updates scores and order, and answers in time."""
    lab = notebook(START, PLANE)
    page, cell = lab.page, lab.show_cell(1)
    assert "three rulers, three winners" in cell.inner_text()
    assert "euclidean: the course's, since yours is not solved yet" in cell.inner_text()
    assert "VectorPlane: a figure that moves" in lab.cell_output_text(1)
    lab.screenshot("plane-light", cell.locator(".cg"))
    handle = cell.locator('[data-point="A"]')
    x, y = middle(handle.locator(".cg-ring"))
    unit = middle(cell.locator('[data-point="B"] .cg-ring'))[0] - x
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 21):  # B lies four units right of A: so A goes four right, four down, at a hand's pace
        page.mouse.move(x + unit * step / 20, y + unit * step / 20)
        page.wait_for_timeout(16)
    page.mouse.up()
    settle(page)
    place = lab.kernel_value("plane.items[0].tolist()")
    assert place == pytest.approx([4, 2], abs=0.11)
    shown = cell.locator('tr[data-measure="dot"] td').first.inner_text()
    assert float(shown) == pytest.approx(4 * place[0] + 3 * place[1], abs=0.01)
    assert cell.locator('tr[data-measure="cosine"] .cg-chip').all_inner_texts() == list("CAB")
    report(lab, "vector plane, mouse", capsys)


def test_plane_by_keyboard(notebook, capsys):
    """Tab reaches the points, arrows move them by 0.1 and 1, and JupyterLab's own keys stay out of it."""
    lab = notebook(START, PLANE)
    page, cell = lab.page, lab.show_cell(1)
    cell.locator('input[type="radio"]:checked').focus()
    reset = cell.get_by_role("button", name="Put back")
    reset.focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("() => document.activeElement.dataset.point") == "q"
    page.keyboard.press("Shift+ArrowUp")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    page.keyboard.press("b")  # would insert a cell
    settle(page)
    assert lab.kernel_value("plane.q.tolist()") == [5.2, 4.0]
    assert len(lab.cells()) == 2
    assert page.evaluate("() => document.activeElement.dataset.point") == "q"
    lab.screenshot("plane-focus", cell.locator(".cg"))
    report(lab, "vector plane, keyboard", capsys)
    reset.click()
    settle(page)
    assert lab.kernel_value("plane.q.tolist()") == [4.0, 3.0]


def test_plane_by_touch(notebook, capsys):
    """A finger drags B; the page does not scroll under it."""
    lab = notebook(START, PLANE)
    page, cell = lab.page, lab.show_cell(1)
    x, y = middle(cell.locator('[data-point="B"] .cg-ring'))
    unit = (x - middle(cell.locator('[data-point="A"] .cg-ring'))[0]) / 4
    before = cell.bounding_box()["y"]
    lab.touch_drag((x, y), (x - 2 * unit, y - 3 * unit), steps=20)
    settle(page)
    assert lab.kernel_value("plane.items[1].tolist()") == pytest.approx([2, 3], abs=0.11)
    assert cell.bounding_box()["y"] == before
    report(lab, "vector plane, touch", capsys)


def test_plane_regions(notebook):
    """The chosen ruler's region is shaded: half-plane, cone, disc; a point on the origin has no direction."""
    lab = notebook(START, PLANE)
    page, cell = lab.page, lab.show_cell(1)
    for name, words in [
        ("dot", "exceeds 18.00"),
        ("cosine", "within 8.1\u00b0 of q"),
        ("euclidean", "closer to q than 3.00"),
    ]:
        cell.locator(f'input[value="{name}"]').check()
        assert words in cell.locator(".cg-caption").inner_text()
        lab.screenshot(f"plane-region-{name}", cell.locator(".cg"))
    cell.locator('[data-point="C"]').focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    settle(page)
    assert "C: no direction" in cell.locator('tr[data-measure="cosine"]').inner_text()
    lab.screenshot("plane-zero", cell.locator(".cg"))


def test_plane_survives_a_failing_function(notebook):
    """A function that raises on a drag is named under the table; the next good drag clears it."""
    touchy = "def touchy(q, items):\n    if items[0, 1] == 6.1:\n        raise RuntimeError('no')\n    return items @ q"
    lab = notebook(START, touchy, PLANE.replace('"dot": dot', '"dot": touchy'))
    page, cell = lab.page, lab.show_cell(2)
    cell.locator('[data-point="A"]').focus()
    page.keyboard.press("ArrowUp")
    settle(page)
    assert cell.locator(".cg-problem").inner_text() == "your dot raised RuntimeError: no"
    lab.screenshot("plane-problem", cell.locator(".cg"))
    page.keyboard.press("ArrowUp")
    settle(page)
    assert cell.locator(".cg-problem").count() == 0
    assert cell.locator('tr[data-measure="dot"] td').first.inner_text() == "18.60"


def test_dial(notebook, capsys):
    """The slider answers to keys and mouse; order, band and score follow."""
    lab = notebook(START, "dial = widgets.NormDial(norm_power, crossing_alpha=crossing_alpha)\ndial")
    page, cell = lab.page, lab.show_cell(1)
    lab.screenshot("dial-light", cell.locator(".cg"))
    slider = cell.locator('input[type="range"]')
    slider.focus()
    for _ in range(25):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(20)
    settle(page)
    assert lab.kernel_value("[dial.alpha, dial.order]") == [0.75, "A > B > C"]
    assert cell.locator(".cg-order .cg-chip").all_inner_texts() == list("ABC")
    report(lab, "norm dial, keyboard", capsys)
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.75 * box["width"], y)
    page.mouse.down()
    for step in range(1, 21):
        page.mouse.move(box["x"] + 2 + (0.75 * box["width"] - 2) * (1 - step / 20), y)
        page.wait_for_timeout(16)
    page.mouse.up()
    settle(page)
    assert lab.kernel_value("dial.order") == "C > B > A"
    assert "this is the cosine" in cell.inner_text()
    report(lab, "norm dial, mouse", capsys)


FILMS = """
most = np.argsort(-counts)[:300]
films = widgets.NormDialFilms(norm_power, users[3], items[most], [data.titles[i] for i in most], counts[most])
films
"""


def test_dial_films(notebook, capsys):
    """Over 300 films the list, its mean popularity and the curve follow the slider; a film tells its title."""
    lab = notebook(START, FILMS)
    page, cell = lab.page, lab.show_cell(1)
    lab.screenshot("films-light", cell.locator(".cg"))
    cell.locator('input[type="range"]').focus()
    page.keyboard.press("Home")
    settle(page)
    least = lab.kernel_value("films.mean_popularity")
    for _ in range(20):
        page.keyboard.press("PageUp")
        page.wait_for_timeout(20)
    settle(page)
    assert lab.kernel_value("films.alpha") == 1
    assert lab.kernel_value("films.mean_popularity") >= least
    assert cell.locator("tbody .cg-title").all_inner_texts() == lab.kernel_value("films.top")
    cell.locator("tbody tr").first.hover()
    assert lab.kernel_value("films.top[0]") in cell.locator(".cg-tip").inner_text()
    report(lab, "norm dial over 300 films", capsys)


LISTS = (
    "lists = widgets.CandidateLists(data, np.arange(len(data.user)), genre_scores, cooccurrence_scores, top_k)\nlists"
)


def test_candidate_lists(notebook, capsys):
    """The arrows and the number choose a user; both lists follow."""
    lab = notebook(START, LISTS)
    page, cell = lab.page, lab.show_cell(1)
    lab.screenshot("lists-light", cell.locator(".cg"))
    for _ in range(5):
        cell.get_by_role("button", name="next user").click()
        settle(page)
    assert lab.kernel_value("lists.user") == 5
    cell.get_by_label("User", exact=True).fill("17")
    settle(page)
    assert lab.kernel_value("lists.user") == 17
    assert cell.locator('table[data-list="content"] tbody tr').count() == 10
    shared = lab.kernel_value("lists.scene['shared']")
    assert cell.locator('table[data-list="content"] .cg-tag').count() == shared
    report(lab, "candidate lists", capsys)


def test_both_themes_and_a_narrow_cell(notebook):
    """Every figure keeps within its cell at 700 pixels and is readable in the dark; screenshots show how it looks."""
    names = ("plane", "dial", "films", "lists")
    dial = "dial = widgets.NormDial(norm_power, crossing_alpha=crossing_alpha)\ndial"
    lab = notebook(START, PLANE, dial, FILMS, LISTS)
    lab.theme("dark")
    try:
        for i, name in enumerate(names, 1):
            cell = lab.show_cell(i)
            lab.screenshot(f"{name}-dark", cell.locator(".cg"))
            assert lightness_of_text(cell.locator(".cg")) > 300
    finally:
        lab.theme("light")
    lab.narrow(lab.show_cell(1).locator(".cg"))
    for i, name in enumerate(names, 1):
        figure = lab.show_cell(i).locator(".cg")
        lab.screenshot(f"{name}-narrow", figure)
        assert figure.bounding_box()["width"] < 760
        assert too_wide(figure) == []
