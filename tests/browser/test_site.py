"""The site, as a reader without Python meets it: built twice, read in a real browser."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from classroom.common import SOLUTIONS, lesson_names
from classroom.website.build import build_site
from classroom.website.checking import site_problems
from classroom.website.releases import versions
from classroom.website.repository import Published
from classroom.website.serving import server
from recsys_lib.widgets import VectorPlane
from tests.browser.axe import violations
from tests.browser.driving import SCREENSHOTS
from tests.lessons import lessons

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.exact]  # by the Sphinx of constraints.txt

#: A release that is read beside a newer one; its site is at the address that the fixture finds free.
RELEASE = "v0.8"
NEWER = "v0.9"
FIRST_SCREEN = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Serve a folder for the site's versions; return it and its address, which ends with a slash."""
    folder = tmp_path_factory.mktemp("site")
    with server(folder) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{running.server_address[1]}/"
        running.shutdown()


@pytest.fixture(scope="module")
def published(top: tuple[Path, str]) -> Published:
    """Return where the site is read: a release's, of a repository that is made up."""
    return Published("ada/candidates", ref=RELEASE, address=top[1], version=RELEASE)


@pytest.fixture(scope="module")
def site(top: tuple[Path, str], published: Published) -> Path:
    """Return the built site, beside a newer release's landing page."""
    folder, _ = top
    assert build_site(folder / RELEASE, published=published) >= len(lesson_names()) + 20
    (folder / NEWER).mkdir()
    (folder / NEWER / "index.html").write_text(f"<!doctype html><title>{NEWER}</title>")
    (folder / "versions.json").write_text(versions(published, [NEWER, RELEASE]))
    return folder / RELEASE


@pytest.fixture(scope="module")
def address(top: tuple[Path, str], published: Published) -> str:
    """Return the site's address, which ends with a slash."""
    return top[1] + published.below


class Reader:
    """A page that notes what it asks of other hosts and what goes wrong on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.outside: list[str] = []
        self.errors: list[str] = []
        own = (address.removesuffix(f"{RELEASE}/"), "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(own) else self.outside.append(r.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def read(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(self.address + path)
        return self.page


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Reader]:
    """Return a page in a fresh profile."""
    context = browser.new_context(viewport=FIRST_SCREEN)
    yield Reader(context.new_page(), address)
    context.close()


def test_the_same_sources_give_the_same_bytes(site, published, tmp_path):
    """A second build, of every page and script."""
    build_site(tmp_path / "again", published=published)

    def hashes(folder: Path) -> dict[str, str]:
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }

    first, second = hashes(site), hashes(tmp_path / "again")
    assert {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)} == set()


def test_a_build_says_what_is_broken(site, tmp_path):
    """Each of four faults on a page is found, and none where there is none."""
    assert site_problems(site) == []
    page = '<a href="gone.html">x</a><a href="index.html#gone">x</a><a href="../up">x</a>'
    page += '<img src="https://example.org/x.png">'
    (tmp_path / "index.html").write_text(f"{page}<a href='https://example.org'>read on</a>")
    (tmp_path / "x.css").write_text("a { background: url(//example.org/y.png) }")
    assert len(site_problems(tmp_path)) == 5
    (tmp_path / "index.html").write_text('<p id="here"><a href="#here">x</a><a href="https://example.org">read on</a>')
    (tmp_path / "x.css").unlink()
    assert site_problems(tmp_path) == []
    with pytest.raises(FileNotFoundError, match=r"holds no index.html"):
        site_problems(tmp_path / "nowhere")


@pytest.mark.parametrize("lesson", lesson_names())
def test_a_lesson_is_there_without_its_answers(site, lesson):
    """What the course's run printed is on the page; what only the answer cells hold is not."""
    html = (site / "lessons" / f"{lesson}.html").read_text(encoding="utf-8")
    text = unescape(re.sub(r"<[^>]+>", "", html))
    source, release = lessons.source(lesson), lessons.release(lesson)
    kept = "\n".join(cell.source for cell in release.cells)
    for answer in re.findall(
        r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", "\n".join(c.source for c in source.cells), re.S
    ):
        lines = [line.strip() for line in answer.splitlines() if len(line.strip()) > 30 and line.strip() not in kept]
        assert [line for line in lines if line in text] == []
    solved = lessons.notebook((SOLUTIONS / lesson / f"{lesson}.ipynb").read_bytes())
    printed = [o.text for c in solved.cells for o in c.get("outputs", []) if o.output_type == "stream"]
    assert printed and [out for out in printed if out.split("\n")[0] not in text] == []


def test_every_page_is_quiet_and_asks_nobody_else(site, reader):
    """No request to another host and no error, on any page; every figure with a recording moves there."""
    for path in sorted(site.rglob("*.html")):
        page = reader.read(path.relative_to(site).as_posix())
        assert page.locator(".cg-host > .cg-still").count() == 0, f"a figure of {path.name} did not come up"
    assert (reader.outside, reader.errors) == ([], [])


def test_a_lesson_has_four_ways_in(site, reader, published):
    """Its doors lead to this release's notebook for Colab, to Binder and to the page on one's own machine, as links."""
    page = reader.read("lessons/L01_two_ways.html")
    doors = {door.inner_text(): door.get_attribute("href") for door in page.locator(".cg-doors a").all()}
    assert doors == {
        "Run on your machine": "../start.html",
        "Open in Colab": published.colab("L01_two_ways"),
        "Open in Binder": published.binder("L01_two_ways"),
    }
    assert (site / "colab" / "L01_two_ways.ipynb").is_file(), "the branch for Colab is filled from here"
    assert (reader.outside, reader.errors) == ([], [])


def test_an_older_release_leads_to_the_newer_one(reader, top):
    """Its pages say that they are of an older version; the switcher has all; one click is enough."""
    page = reader.read("lessons/L01_two_ways.html")
    banner = page.locator("#bd-header-version-warning")
    banner.get_by_text(f"an old version ({RELEASE})").wait_for()
    menu = page.locator(".version-switcher__menu").first
    links = {a.inner_text().strip(): a.get_attribute("href") for a in menu.locator("a").all()}
    here = "lessons/L01_two_ways.html"
    assert links == {"main": f"{top[1]}{here}", NEWER: f"{top[1]}{NEWER}/{here}", RELEASE: f"{top[1]}{RELEASE}/{here}"}
    assert page.locator(".version-switcher__button").first.inner_text() == RELEASE
    banner.get_by_role("link", name="Switch to stable version").click()
    page.wait_for_url(f"{top[1]}{NEWER}/")  # which has no such lesson: then its first page
    assert page.title() == NEWER and reader.outside == []


def test_the_landing_page_moves(reader):
    """Within the first screen: what this is, and a plane whose arrow can be moved by the keyboard and by the mouse."""
    page = reader.read("index.html")
    plane = page.locator('.cg-host [data-point="q"]')
    assert plane.bounding_box()["y"] < FIRST_SCREEN["height"]
    assert "three rulers, three winners" in page.locator(".cg-badge").inner_text()
    plane.focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    page.wait_for_function("document.querySelector('.cg-badge').innerText.includes('all rulers agree')")
    assert "at x 4.0, y 0.0" in plane.get_attribute("aria-label")
    box = plane.locator("circle").last.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] - 60, steps=4)
    page.mouse.up()
    assert "y 0.0" not in plane.get_attribute("aria-label")
    page.screenshot(path=str(SCREENSHOTS / "site_landing.png"))


def test_the_planes_arithmetic_is_pythons(reader):
    """Rows, ties, regions and sentences of the script, at 300 places, zero vectors and ties among them."""
    page, plane = reader.read("index.html"), VectorPlane()
    page.evaluate(
        "() => { const text = document.querySelector('.cg-host script').textContent;"
        " window.answer = courseArithmetic.vector_plane(JSON.parse(text).traits); }"
    )
    rng = np.random.default_rng(0)
    places = [np.round(rng.uniform(-3, 8, (4, 2)), 1) for _ in range(200)]
    places += [rng.integers(-2, 3, (4, 2)).astype(float) for _ in range(100)]
    for points in places:
        want = plane._answer({"points": points.tolist()})
        got = page.evaluate("(points) => window.answer({ points })", points.tolist())
        assert got["badge"] == want["badge"], points
        for name, row in want["rows"].items():
            assert (got["rows"][name]["order"], got["rows"][name]["ties"], got["rows"][name]["note"]) == (
                row["order"],
                row["ties"],
                row["note"],
            ), (points, name)
            for ours, theirs in zip(got["rows"][name]["scores"], row["scores"], strict=True):
                assert ours == theirs or abs(ours - theirs) < 1e-8
        assert got["regions"].keys() == want["regions"].keys()
        for name, region in want["regions"].items():
            assert got["regions"][name]["text"] == region["text"], (points, name)
            for part in region.keys() - {"text"}:
                assert np.allclose(got["regions"][name][part], region[part], atol=2e-4), (points, name, part)
        assert got["spoken"] == want["spoken"]


def test_a_recorded_figure_moves(reader):
    """A slider of elective 1 shows at each stop what was recorded, and a dial between two stops the nearer one."""
    page = reader.read("lessons/E01_keys_from_a_network.html")
    host = page.locator('[data-figure="key_slider"]')
    recording = page.evaluate("JSON.parse(document.querySelector('[data-figure=key_slider] script').textContent)")
    slider = host.locator("input[type=range]")
    seen = set()
    for move, scene in recording["scenes"]:
        slider.evaluate("(s, v) => { s.value = v; s.dispatchEvent(new Event('input')); }", move["stop"])
        page.wait_for_timeout(20)
        seen.add(host.inner_text())
        assert scene["spoken"]
    assert len(seen) == len(recording["scenes"])


def test_pages_hold_at_a_phones_width_and_in_the_dark(reader):
    """Nothing but code and tables scrolls sideways at 390 pixels; dark is dark, in the figures, too."""
    for path in ("index.html", "lessons/L03_three_measures.html", "claims.html", "library/metrics.html"):
        reader.page.set_viewport_size({"width": 390, "height": 844})
        page = reader.read(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 391, path
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page = reader.read("index.html")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.cg')).getPropertyValue('--cg-strong').trim()")
        == "#fff"
    )


def test_every_page_keeps_wcag(site, reader):
    """axe-core finds no violation of WCAG 2.2 AA on any page; contrast is looked at by the next test."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        if wrong := violations(reader.read(path.relative_to(site).as_posix()), contrast=False):
            found[path.name] = wrong
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(reader, scheme):
    """axe-core finds contrast enough by day and by night, on a page of each kind."""
    reader.page.emulate_media(color_scheme=scheme)
    lesson = "lessons/L03_three_measures.html"
    for path in ("index.html", "start.html", lesson, "claims.html", "guide/teaching.html", "library/metrics.html"):
        assert violations(reader.read(path)) == [], path


def test_search_finds_a_word(reader):
    """The site's own search, without a server behind it."""
    page = reader.read("search.html?q=hubness")
    page.wait_for_selector("#search-results li")
    assert page.locator("#search-results li").count() >= 1
