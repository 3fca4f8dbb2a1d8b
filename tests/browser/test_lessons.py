"""The lessons in a real JupyterLab, as a learner meets them: run, move the figure, make a mistake, mend it."""

from __future__ import annotations

import pytest

from classroom.common import lesson_names
from tests.browser.axe import IN_LESSON, violations
from tests.browser.driving import middle, settle, training_ended
from tests.browser.server import ROOT
from tests.browser.timing import report
from tests.grading.submissions import answer
from tests.lessons.lessons import MAX_YARDSTICKS, YARDSTICK, problems_of_run

pytestmark = pytest.mark.browser

FIGURES = {
    "L01": "CandidateLists(",
    "L02": "FilmExplorer(",
    "L03": "VectorPlane(q",
    "L04": "NormDial(",
    "L05": "TrainingRun(mf",
    "L06": "NormPopularity(",
    "L07": "StartGrid(cells",
    "L08": "GaugeSlider(regauge",
    "L09": "MeasureBoard(",
    "L10": "SearchDial(",
    "L11": "TowerRuns(batch_grad",
    "L12": "BudgetDial(budget_lines",
    "E01": "KeySlider(bit_error_rate",
    "E02": "FakeProfiles(runs",
}
"""The call that makes each lesson's figure."""


def three_measures(lab, figure, capsys):
    """Lesson 3: a vector is dragged; a wrong cosine is told its very mistake; a right one is told so."""
    page = lab.page
    x, y = middle(figure.locator('[data-point="A"] .cg-ring'))
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(x + step, y + step)
        page.wait_for_timeout(16)
    page.mouse.up()
    settle(page)
    assert lab.kernel_value("plane.items[0].tolist()") != [0, 6]
    report(lab, "lesson 3, dragging A", capsys)

    wrong = "def cosine(q, items):\n    return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))"
    cell = lab.answer("cosine", wrong)
    assert "You divided by one length for the whole table." in cell.inner_text()
    lab.screenshot("L03-wrong-cosine", cell)

    right = (
        "def cosine(q, items):\n    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)\n"
        "    if not lengths.all():\n        raise ValueError('no direction')\n    return items @ q / lengths"
    )
    cell = lab.answer("cosine", right)
    assert "3 of 3 points - solved" in cell.inner_text()
    lab.screenshot("L03-right-cosine", cell)


def the_dial(lab, figure, capsys):
    """Lesson 4: the slider moves the order of the three items, and says whose function it uses."""
    page = lab.page
    assert "norm_power: the course's, since yours is not solved yet" in figure.inner_text()
    figure.locator('input[type="range"]').focus()
    page.keyboard.press("Home")
    for _ in range(25):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    settle(page)
    assert "0.25" in figure.inner_text()
    assert figure.locator(".cg-order .cg-chip").all_inner_texts()[:3] == list("BCA")
    report(lab, "lesson 4, the dial", capsys)
    lab.screenshot("L04-dial", figure)


def training(lab, figure, capsys):
    """Lesson 5: a gradient that points downhill is told so; a right one trains the figure on real films."""
    assert "mf_gradients: the course's, since yours is not solved yet" in figure.inner_text()
    downhill = (
        "def mf_gradients(users, items, ratings):\n    errors = (ratings - users @ items.T) * (ratings > 0)\n"
        "    return 2 * errors @ items / np.sum(ratings > 0), 2 * errors.T @ users / np.sum(ratings > 0)"
    )
    cell = lab.answer("mf-gradients", downhill)
    assert "Your gradient points downhill" in cell.inner_text()
    lab.screenshot("L05-gradients-wrong", cell)
    cell = lab.answer("mf-gradients", downhill.replace("ratings - users @ items.T", "users @ items.T - ratings"))
    assert "3 of 3 points - solved" in cell.inner_text()
    lab.screenshot("L05-gradients-right", cell)
    index = lab.find_code(FIGURES["L05"])
    lab.run_cell(index)
    figure = show_figure(lab, index)
    assert "mf_gradients: yours" in figure.inner_text()
    figure.get_by_role("button", name="Train").click()
    training_ended(lab.page)
    assert "step 200 of 200" in figure.inner_text()
    lab.screenshot("L05-trained", figure)
    report(lab, "lesson 5, training", capsys)


def norm_and_popularity(lab, figure, capsys):
    """Lesson 6: ranks from one sort are told so; a right answer is told so, and the figure then runs on it."""
    assert "norm_popularity: the course's, since yours is not solved yet" in figure.inner_text()
    cell = lab.answer(
        "norm-popularity",
        "def norm_popularity(items, counts):\n    norms = np.linalg.norm(items, axis=1)\n"
        "    return np.corrcoef(np.argsort(norms), np.argsort(counts))[0, 1]",
    )
    assert "You sorted once, which tells who stands at each place" in cell.inner_text()
    lab.screenshot("L06-wrong-rho", cell)
    cell = lab.answer(
        "norm-popularity",
        "def norm_popularity(items, counts):\n    ranks = []\n"
        "    for values in (np.linalg.norm(items, axis=1), counts):\n"
        "        _, place, size = np.unique(values, return_inverse=True, return_counts=True)\n"
        "        if len(size) == 1:\n            raise ValueError('no order')\n"
        "        ranks.append((np.cumsum(size) - (size - 1) / 2)[place])\n"
        "    return np.corrcoef(ranks)[0, 1]",
    )
    assert "4 of 4 points - solved" in cell.inner_text()
    index = lab.find_code(FIGURES["L06"])
    lab.run_cell(index)
    figure = show_figure(lab, index)
    assert "norm_popularity: yours" in figure.inner_text()
    figure.locator('button[data-end="longest"]').nth(2).click()
    settle(lab.page)
    assert "85 longest of start 1.0" in figure.inner_text()
    lab.screenshot("L06-clouds", figure)


def bad_start(lab, figure, capsys):
    """Lesson 7: a model is trained by a click; a beginner's rare_share and cure are told what is wrong, then mended."""
    assert "rare_share: the course's, since yours is not solved yet" in figure.inner_text()
    figure.locator('button[data-cell="1,1,3"]').click()
    settle(lab.page)
    lab.screenshot("L07-trained", figure)
    head = "def rare_share(recommended, counts, at_most):\n    "
    each_once = head + "shown = np.unique(recommended)\n    return (counts[shown] < at_most).mean()"
    cell = lab.answer("rare-share", each_once)
    assert "You counted each film once, however many lists it is in" in cell.inner_text()
    lab.screenshot("L07-rare-share-wrong", cell)
    cell = lab.answer("rare-share", head + "return (counts[recommended] <= at_most).mean()")
    assert "3 of 3 points - solved" in cell.inner_text()
    lab.screenshot("L07-rare-share-right", cell)
    head = "def cure(ratings, d):\n    "
    cell = lab.answer("cure", head + "return {'std': 0.01, 'l2': 0, 'gravity': 0}")
    assert "A small start keeps most rare films down" in cell.inner_text()
    lab.screenshot("L07-cure-wrong", cell)
    cell = lab.answer("cure", head + "return {'std': 0.01, 'l2': 0.1, 'gravity': 1}")
    assert "3 of 3 points - solved" in cell.inner_text()
    lab.screenshot("L07-cure-right", cell)


def gauge(lab, figure, capsys):
    """Lesson 8: two typical mistakes are named, then mended; the figure follows, and its twin that stands still.

    The solution itself runs in a kernel, in tests/lessons/test_runs.py; here its answers are written into the release.
    """
    assert "regauge: the course's, since yours is not solved yet" in figure.inner_text()
    cell = lab.answer("regauge", "def regauge(users, items, scale):\n    return users * scale, items * scale")
    assert "You multiplied both sides" in cell.inner_text()
    lab.screenshot("L08-wrong-regauge", cell)
    cell = lab.answer(
        "regauge",
        "def regauge(users, items, scale):\n    if 0 in scale:\n        raise ValueError('zero')\n"
        "    return users * scale, items / scale",
    )
    assert "4 of 4 points - solved" in cell.inner_text()
    cosine = (
        "def safe_cosine(q, items):\n    if not q.any(): raise ValueError('zero')\n"
        "    c = items @ q / np.linalg.norm(items, axis=1) / np.linalg.norm(q)\n"
    )
    cell = lab.answer("safe-cosine", cosine + "    c[c == np.nan] = -np.inf\n    return c")
    assert "it equals nothing, not even itself" in cell.inner_text()
    lab.screenshot("L08-wrong-cosine", cell)
    cell = lab.answer("safe-cosine", cosine + "    c[np.isnan(c)] = -np.inf\n    return c")
    assert "4 of 4 points - solved" in cell.inner_text()
    index = lab.find_code(FIGURES["L08"])
    lab.run_cell(index)
    figure = show_figure(lab, index)
    assert "regauge: yours" in figure.inner_text() and "safe_cosine: yours" in figure.inner_text()
    assert "Nearest to Aladdin" in figure.inner_text() or "no direction" not in figure.inner_text()
    near, listed = (figure.locator(f'table[data-list="{part}"] .cg-title') for part in ("near", "list"))
    before = near.all_inner_texts(), listed.all_inner_texts()
    figure.locator('input[type="range"]').focus()
    for _ in range(16):
        lab.page.keyboard.press("ArrowRight")
        lab.page.wait_for_timeout(30)
    settle(lab.page)
    assert near.all_inner_texts() != before[0] and listed.all_inner_texts() == before[1]
    lab.screenshot("L08-slider", figure)
    report(lab, "lesson 8, the slider", capsys)
    for name in ("regauge", "safe-cosine", "gauge-free", "balance"):  # as in the solution
        assert "- solved" in lab.answer(name, answer(name, "L08_cosine_is_not_innocent")).inner_text()
    for code in ("change = ", "safe = ", "plots.gauge_places"):
        lab.run_cell(lab.find_code(code))
    assert lab.kernel_value("[change.source, safe.source]") == ["yours", "yours"]
    assert lab.errors() == []
    lab.screenshot("L08-twin", lab.show_cell(lab.find_code("plots.gauge_places")))


def budget(lab, figure, capsys):
    """Lesson 12: a limit that is refused is told so; with the right function the dial says which lines are met."""
    assert "budget_lines: the course's, since yours is not solved yet" in figure.inner_text()
    wrong = "def budget_lines(measured, least, most):\n    return (measured > least) & (measured < most)"
    cell = lab.answer("budget-lines", wrong)
    assert "You refuse a number that is exactly at a limit" in cell.inner_text()
    lab.screenshot("L12-wrong-lines", cell)
    cell = lab.answer("budget-lines", wrong.replace(">", ">=").replace("<", "<="))
    assert "2 of 2 points - solved" in cell.inner_text()
    index = lab.find_code(FIGURES["L12"])
    lab.run_cell(index)
    figure = show_figure(lab, index)
    assert "budget_lines: yours" in figure.inner_text()
    slider = figure.locator('input[type="range"]')
    slider.focus()
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight")
        lab.page.wait_for_timeout(30)
    settle(lab.page)
    text = figure.inner_text()
    assert "0.329" in text and "0.092" in text and text.count("\tmet") == 6 and "missed" not in text
    report(lab, "lesson 12, the dial", capsys)
    lab.screenshot("L12-dial", figure)


def keys(lab, figure, capsys):
    """Elective 1: a typical mistake is named, then mended; the slider follows with the learner's own function."""
    assert "bit_error_rate: the course's, since yours is not solved yet" in figure.inner_text()
    head = "def bit_error_rate(outputs, bits):\n    "
    cell = lab.answer("bit-error-rate", head + "return np.mean((outputs > 0.5) != bits)")
    assert "An output of exactly one half reads as 0 in yours" in cell.inner_text()
    cell = lab.answer("bit-error-rate", head + "return np.mean((outputs >= 0.5) != bits)")
    assert "2 of 2 points - solved" in cell.inner_text()
    index = lab.find_code(FIGURES["E01"])
    lab.run_cell(index)
    figure = show_figure(lab, index)
    assert "bit_error_rate: yours" in figure.inner_text()
    rows = figure.locator("[data-reading]")
    before = rows.all_inner_texts()
    slider = figure.locator('input[type="range"]')
    slider.focus()
    lab.page.keyboard.press("Home")
    settle(lab.page)
    assert rows.all_inner_texts() != before and slider.get_attribute("aria-valuetext") == "2 hidden units"
    lab.screenshot("E01-two-units", figure)
    lab.page.keyboard.press("End")
    settle(lab.page)
    assert "0 of 256 wrong" in rows.all_inner_texts()[0] and "0 of 256 wrong" in rows.all_inner_texts()[3]
    lab.screenshot("E01-slider", figure)
    report(lab, "elective 1, the slider", capsys)


def fakes(lab, figure, capsys):
    """Elective 2: number, size and defence are chosen by mouse, the line and the figures follow the kernel's."""
    assert "shilling_lift: the course's, since yours is not solved yet" in figure.inner_text()
    for choice, value in (("n", "30"), ("size", "20"), ("defence", "odd"), ("n", "100"), ("size", "60"), ("n", "30")):
        figure.locator(f'[data-choice="{choice}"] input[value="{value}"]').check()
        settle(lab.page)
    assert lab.kernel_value("list(figure.chosen)") == [30, 60, "odd"]
    assert "30 fake profiles of 60 films, odd" in figure.inner_text()
    rank = lab.kernel_value("f'{figure.ranks[30, 60, \"odd\"]:,.0f}'")
    assert rank in figure.locator("table").inner_text()
    assert figure.locator("path[data-line]").count() == figure.locator('[data-choice="defence"] input').count() == 3
    lab.screenshot("E02-fakes", figure)
    report(lab, "elective 2, fake profiles", capsys)


LEARNERS = {
    "L03": three_measures,
    "L04": the_dial,
    "L05": training,
    "L06": norm_and_popularity,
    "L07": bad_start,
    "L08": gauge,
    "L12": budget,
    "E01": keys,
    "E02": fakes,
}
"""What a learner does in a lesson that has been run, where it is tried."""

CONTROLS = ", ".join(
    f"{control}:not([tabindex='-1']):not(:disabled)"
    for control in ("[role=application]", "[data-point]", "input:not([type=search])", "button")
)
"""What a figure is moved by from the keyboard."""


def show_figure(lab, index):
    """Scroll to the cell that makes a figure, and return the figure."""
    figure = lab.show_cell(index).locator(".cg")
    figure.wait_for()
    return figure


def step_is_told(lab, figure):
    """Steps by keyboard change what the figure's live region tells a screen reader."""
    status = figure.get_by_role("status").first
    before = status.text_content()
    for control in figure.locator(CONTROLS).all()[:8]:
        control.focus()
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "Enter", "Space", *6 * ["Shift+ArrowDown"]):
            lab.page.keyboard.press(key)
            settle(lab.page)
            lab.page.wait_for_timeout(600)  # a live region waits until a figure stands still
            if status.text_content() not in ("", before):
                return
    raise AssertionError(f"no key changes what is told: {before!r}")


@pytest.fixture
def opened(open_lab):
    """Return a function that opens a lesson and runs it; its kernel ends with the test."""
    labs = []

    def run(path):
        labs.append(open_lab(path))
        labs[-1].run_all()
        return labs[-1]

    yield run
    for lab in labs:
        lab.close()


@pytest.mark.parametrize("name", lesson_names())
def test_lesson(opened, name, capsys):
    """Run All on an untouched lesson: no error, "not solved yet", in time, figure drawn; then a learner comes."""
    lab = opened(ROOT / "notebooks" / name / f"{name}.ipynb")
    lab.execute(YARDSTICK)
    used, yardstick = lab.kernel_value("_yardstick")
    with capsys.disabled():
        print(f" {name}: {used:.1f} s of processor time, {used / yardstick:.0f} yardsticks", end="", flush=True)
    assert problems_of_run(lab.executed(), "unsolved") == []
    assert used / yardstick < MAX_YARDSTICKS
    lab.show_cell(0)
    lab.screenshot(f"{name}-top")
    figure = show_figure(lab, lab.find_code(FIGURES[name[:3]]))
    lab.screenshot(f"{name}-figure", figure)
    assert violations(lab.page, within=IN_LESSON) == []
    if name[:3] in LEARNERS:
        LEARNERS[name[:3]](lab, figure, capsys)
    step_is_told(lab, show_figure(lab, lab.find_code(FIGURES[name[:3]])))
