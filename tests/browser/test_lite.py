"""The lessons in the browser, where Python is WebAssembly: the verdicts of a machine, and nothing from elsewhere."""

from __future__ import annotations

import io
import json
import random
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classroom.author.attempts import Attempt, all_attempts, run
from classroom.common import ROOT, lesson_names
from classroom.group.run import grade_class
from classroom.submission.record import read
from classroom.website.build import build_site
from classroom.website.checking import site_problems
from classroom.website.lite import build_lite
from classroom.website.serving import server
from recsys_lib.checks import all_exercises, check, lines
from tests.browser.axe import IN_LESSON, violations
from tests.browser.driving import IN_LAB, SCREENSHOTS, Lab
from tests.browser.server import MAX_SECONDS
from tests.grading import submissions

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.slow, pytest.mark.exact]  # by the JupyterLite of constraints.txt

CHOSEN = 102  # attempts that are compared: one of each exercise, and more at random
LESSON = "L03_three_measures"
WRONG = "def cosine(q, items):\n    return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))\n"
ENDLESS = "def cosine(q, items):\n    while True:\n        pass\n"
HINT = "You divided by one length for the whole table. How many lengths does a table of n items have?"
#: What may differ: WebAssembly has no flag for an invalid operation, so that NumPy cannot warn; and how long it took.
OTHERWISE = re.compile(r"\n  NumPy or Python warned:.*|it took [\d.]+ times as long.*")
RUN_ATTEMPTS = """
import io, json, sys, zipfile
from pyodide.http import pyfetch
found = await (await pyfetch("%s")).bytes()
zipfile.ZipFile(io.BytesIO(found)).extractall("/tmp/attempts")
sys.path.insert(0, "/tmp/attempts")
from classroom.author.attempts import Attempt, run
from recsys_lib.checks import all_exercises, check, lines
lines.SEARCH_SECONDS, lines.WALL_SECONDS, lines.CALL_SECONDS = 600.0, 600.0, 3.0
told = {}
for line in json.load(open("/tmp/attempts/chosen.json")):
    attempt = Attempt(**line)
    done = run(all_exercises()[attempt.exercise], attempt.code)
    told[attempt.key] = str(check(attempt.exercise, done.function)) if done.function else repr(done.error)
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site as it is published, with the lessons for the browser, in which a test finds the application."""
    target = tmp_path_factory.mktemp("published") / "site"
    size = build_lite(target / "lite", ROOT / ".cache" / "lite")
    assert size < 80e6 and not list(target.rglob("*.map"))
    build_site(target, browser=True)
    settings = json.loads((target / "lite" / "jupyter-lite.json").read_text())
    settings["jupyter-config-data"]["exposeAppInBrowser"] = True
    (target / "lite" / "jupyter-lite.json").write_text(json.dumps(settings))
    return target


class Visitor:
    """A browser's profile, and what its pages fetch; it stands for the `Pages` of a server of JupyterLab."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.outside: list[str] = []
        self.fetched: dict[str, int] = {}
        own = (address, "data:", "blob:")
        context.on("request", lambda r: None if r.url.startswith(own) else self.outside.append(r.url))
        context.on("response", lambda r: self.fetched.update({r.url: int(r.headers.get("content-length", 0))}))

    def open(self, notebook: Path) -> Page:
        """Open a lesson as a visitor does."""
        page = self.context.new_page()
        page.set_default_timeout(1000 * MAX_SECONDS)
        page.goto(f"{self.address}lite/lab/index.html?path={notebook.name}")
        return page

    def give_back(self, page: Page) -> None:
        """Close a page."""
        page.close()


@pytest.fixture(scope="module")
def visitor(site: Path, browser: Browser) -> Iterator[Visitor]:
    """Serve the pages, compressed as hosts do, to a fresh profile."""
    with server(site) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        yield Visitor(context, f"http://127.0.0.1:{running.server_address[1]}/")
        context.close()
        running.shutdown()


@pytest.fixture(scope="module")
def lesson(visitor: Visitor) -> Iterator[Lab]:
    """Open lesson 3 and run its first cell; say how long that took and how much was fetched."""
    began = time.monotonic()
    lab = Lab(visitor, Path(f"{LESSON}.ipynb"))
    lab.run_cell(lab.find_code("import numpy as np"))
    megabytes = sum(visitor.fetched.values()) / 1e6
    print(f" first cell after {time.monotonic() - began:.0f} s, {megabytes:.1f} MB fetched", end="")
    assert lab.errors() == [] and megabytes < 30
    yield lab
    lab.close()


def verdict(lab: Lab, answer: str) -> tuple[str, float]:
    """Write an answer to `cosine`, and return what the check says and how long that took."""
    index, checked = lab.find_cell("cosine"), lab.find_cell("cosine-check")
    lab.set_cell_source(index, answer)
    lab.run_cell(index)
    began = time.monotonic()
    lab.run_cell(checked)
    return lab.cell_output_text(checked), time.monotonic() - began


def test_every_way_leads_somewhere(site):
    """Each link of the site into the lessons for the browser leads to a page, and each lesson's notebook is there."""
    assert [problem for problem in site_problems(site) if "lite/" in problem] == []
    held = {path.name for path in (site / "lite" / "files").glob("*.ipynb")}
    assert {f"{name}.ipynb" for name in lesson_names()} <= held


def test_first_visit(site, browser, visitor, capsys):
    """From the landing page in a fresh profile: an arrow is dragged, lesson 3 opened, a wrong cosine explained."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, began, told = context.new_page(), time.monotonic(), []
    page.set_default_timeout(1000 * MAX_SECONDS)

    def keep(name: str) -> None:
        told.append(f"{name} after {time.monotonic() - began:.0f} s")
        page.screenshot(path=str(SCREENSHOTS / f"visit_{len(told)}_{name.replace(' ', '_')}.png"))

    page.goto(visitor.address)
    arrow = page.locator('.cg-host [data-point="q"] circle').last
    arrow.wait_for()
    keep("landing page")
    box = arrow.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 90, steps=10)
    page.mouse.up()
    keep("arrow dragged")
    page.locator(f'a[href*="{LESSON}.html"]').first.click()
    page.get_by_role("link", name="Open in the browser").click()
    page.locator(".jp-CodeCell").first.wait_for()
    keep("lesson opened")
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()  # as its circle says
    prompt = page.locator(".jp-CodeCell").first.locator(".jp-InputPrompt")
    for _ in range(
        300
    ):  # a press that comes before the page listens is lost: whoever sees nothing happen presses again
        if "[ ]" in prompt.inner_text():
            page.locator(".jp-CodeCell").first.locator(".cm-content").click()
            page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(1000)
        if re.search(r"\[\d+\]", prompt.inner_text()):
            break
    keep("first cell run")
    answer = page.locator(".jp-CodeCell").filter(has_text="def cosine(q, items):").first
    for _ in range(200):  # the page holds the cells that are seen, and a few around them
        if answer.count():
            break
        page.mouse.wheel(0, 500)
        page.wait_for_timeout(100)
    answer.scroll_into_view_if_needed()
    answer.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(WRONG)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    hint = page.get_by_text(HINT)
    hint.wait_for()
    hint.scroll_into_view_if_needed()
    keep("hint")
    with capsys.disabled():
        print(" " + ", ".join(told), end="", flush=True)
    context.close()


def test_a_check_says_why(lesson, capsys):
    """The commonest mistake gets its hint, and an endless loop ends without taking the answers with it."""
    said, seconds = verdict(lesson, WRONG)
    assert HINT in said
    again = verdict(lesson, WRONG)[1]
    with capsys.disabled():
        print(f" verdict after {seconds:.1f} s, then {again:.1f} s", end="", flush=True)
    said, _ = verdict(lesson, ENDLESS)
    assert "ran longer than" in said
    assert HINT in verdict(lesson, WRONG)[0]
    lesson.screenshot("lite_hint")


def test_a_figure_moves_and_draws(lesson):
    """The plane of lesson 3 by the learner's own function, and a picture by Matplotlib."""
    lesson.run_cell(lesson.find_code("plots.vector_plane(q, items, names)"))
    for name in ("dot", "cosine", "euclidean"):
        lesson.run_cell(lesson.find_cell(name))
    plane = lesson.find_code("plane = VectorPlane(")
    lesson.run_cell(plane)
    lesson.show_cell(plane)
    handle = lesson.page.locator('.cg [data-point="q"]').first
    handle.scroll_into_view_if_needed()
    handle.focus()
    before = lesson.page.locator(".cg-scores").first.inner_text()
    lesson.page.keyboard.press("Shift+ArrowDown")
    lesson.page.wait_for_function("b => document.querySelector('.cg-scores').innerText !== b", arg=before)
    assert lesson.errors() == [] and violations(lesson.page, within=IN_LESSON) == []
    lesson.screenshot("lite_plane")


def test_a_cell_without_end_is_ended_by_a_restart(lesson):
    """Of a loop outside a check a restart of the kernel makes an end; the answers stay, and the lesson goes on."""
    first, index = lesson.find_code("import numpy as np"), lesson.find_cell("euclidean")
    answer = "def euclidean(q, items):\n    return np.linalg.norm(items - q, axis=1)\n"
    lesson.set_cell_source(index, answer)
    source = lesson.cells()[first]["source"]
    lesson.set_cell_source(first, "while True:\n    pass")
    lesson.page.evaluate(
        f"i => {{ {IN_LAB} panel.content.deselectAll(); panel.content.activeCellIndex = i;"
        " app.commands.execute('notebook:run-cell'); }",
        first,
    )
    lesson.page.wait_for_function(f"() => {{ {IN_LAB} return kernel.status === 'busy'; }}")
    lesson.restart()
    lesson.set_cell_source(first, source)
    for cell in (first, index, lesson.find_cell("euclidean-check")):
        lesson.run_cell(cell)
    assert lesson.cells()[index]["source"].strip() == answer.strip()
    assert "- solved" in lesson.cell_output_text(lesson.find_cell("euclidean-check"))


def test_answers_stay_and_can_be_handed_in(lesson, visitor, tmp_path, bubblewrap):
    """After a reload the answer is there; what the page downloads is graded as a class's submission is."""
    right = "def cosine(q, items):\n    " + (
        "lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)\n    if not lengths.all():\n"
        '        raise ValueError("a zero vector has no direction")\n    return items @ q / lengths\n'
    )
    lesson.set_cell_source(lesson.find_cell("cosine"), right)
    lesson.command("docmanager:save")
    other = Lab(visitor, Path(f"{LESSON}.ipynb"))
    try:
        assert other.cells()[other.find_cell("cosine")]["source"].strip() == right.strip()
        with other.page.expect_download() as coming:
            other.command("docmanager:download")
        coming.value.save_as(tmp_path / "handed_in.ipynb")
    finally:
        other.close()
    handed_in = json.loads((tmp_path / "handed_in.ipynb").read_text())
    course = submissions.make_course(tmp_path / "course", {"ada": handed_in}, lesson=LESSON)
    assert not grade_class(LESSON, course, workers=0, progress=False).problems
    (path,) = (course / "grading" / "results" / LESSON).glob("*.json")
    found = {e.grade_id: e.points for e in read(path).exercises}
    assert found["cosine-check"] == 3 and found["dot-check"] == 0


def test_verdicts_are_those_of_a_machine(lesson, site, visitor, capsys, without_nbgrader, monkeypatch):
    """At least 100 attempts over all lessons: the same points, and the same text but for what cannot be the same."""
    chosen = _chosen()
    assert len(chosen) >= 100 and len({all_exercises()[a.exercise].lesson for a in chosen}) == len(lesson_names())
    (site / "attempts.zip").write_bytes(_packed(chosen))
    lesson.page.evaluate(
        "() => { const app = window.jupyterapp, book = app.shell.currentWidget.content.model.sharedModel;"
        " book.insertCell(0, { cell_type: 'code', source: '', metadata: {}, outputs: [] }); }"
    )
    lesson.set_cell_source(0, RUN_ATTEMPTS % f"{visitor.address}attempts.zip")
    lesson.run_cell(0)
    there = json.loads(lesson.cell_output_text(0).strip().splitlines()[-1])
    for name, value in {"SEARCH_SECONDS": 600.0, "WALL_SECONDS": 600.0, "CALL_SECONDS": 3.0}.items():
        monkeypatch.setattr(lines, name, value)  # there, too: what a search finds in time is not what is compared
    here = {attempt.key: _told(attempt) for attempt in chosen}
    assert there.keys() == here.keys()
    points = re.compile(r"(\d+) of \d+ points")
    assert {k for k in here if points.findall(here[k]) != points.findall(there[k])} == set()
    differ = {k for k in here if OTHERWISE.sub("", here[k]) != OTHERWISE.sub("", there[k])}
    with capsys.disabled():
        print(f" {len(here) - len(differ)} of {len(here)} verdicts alike", end="", flush=True)
    told = "\n".join(f"{key}\n{here[key]}\n--- in the browser\n{there[key]}" for key in sorted(differ))
    assert len(differ) <= 0.05 * len(here), told
    assert visitor.outside == []


def _chosen() -> list[Attempt]:
    """Return some attempts of each exercise, the same ones each time."""
    drawn = [attempt for attempt in all_attempts() if "scipy" not in attempt.code]  # which the browser does not have
    random.Random(17).shuffle(drawn)
    first = {attempt.exercise: attempt for attempt in reversed(drawn)}.values()
    more = [attempt for attempt in drawn if attempt not in first]
    return [*first, *more[: CHOSEN - len(first)]]


def _told(attempt: Attempt) -> str:
    done = run(all_exercises()[attempt.exercise], attempt.code)
    return str(check(attempt.exercise, done.function)) if done.function else repr(done.error)


def _packed(chosen: list[Attempt]) -> bytes:
    """Pack what runs attempts, and the lessons that it reads the names from."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in ("classroom/__init__.py", "classroom/common.py", "classroom/author/__init__.py"):
            packed.write(ROOT / name, name)
        packed.write(ROOT / "classroom/author/attempts.py", "classroom/author/attempts.py")
        for name in lesson_names():
            packed.write(ROOT / f"solutions/{name}/{name}.py", f"solutions/{name}/{name}.py")
        packed.writestr("chosen.json", json.dumps([asdict(attempt) for attempt in chosen]))
    return buffer.getvalue()
