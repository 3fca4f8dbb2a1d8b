"""The class report in a real browser: nothing is asked for, nothing overflows, dark and printed it can be read."""

from __future__ import annotations

import re

import pytest

from classroom.report.page import write_report
from classroom.submission.record import replace
from tests.browser.axe import violations
from tests.browser.driving import SCREENSHOTS
from tests.grading.records import MADE, answer, layer, record, synthetic_class

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Return the address of a report with 300 students and everything that makes a page wide or tall."""
    results = synthetic_class(300)
    results[0] = replace(results[0], sandbox=False)
    results.append(record("n" * 200, answer("dot", 0.0, 2.0, layer(unmatched="x" * 200)), status="partly graded"))
    results.append(record("<img src=x onerror=alert(1)>", status="not graded", cause="<script>alert(1)</script>"))
    page, _ = write_report(tmp_path_factory.mktemp("report"), results, **MADE)
    return page.as_uri()


@pytest.fixture(scope="module")
def page(browser):
    """Return the one page in which the report is opened, for each test anew."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def open_page(page, address):
    """Return a function that opens the report in a window of this width, by day or by night."""

    def opened(width=1100, color_scheme="light"):
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=color_scheme, media="null")
        page.goto(address)
        return page

    return opened


def test_opens_quietly(open_page, page, address):
    """No request but the file itself, no console message, no dialog, no error."""
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    open_page()
    page.wait_for_timeout(300)
    assert asked == [address]
    assert said == []
    page.screenshot(path=SCREENSHOTS / "report-light.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_keeps_wcag(page, tmp_path, scheme):
    """axe-core finds no violation of WCAG 2.2 AA, details open or closed, in the report of a small class."""
    small, _ = write_report(tmp_path, synthetic_class(12), **MADE)
    page.emulate_media(color_scheme=scheme, media="null")
    page.goto(small.as_uri())
    assert violations(page) == []
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 400, 1100])
def test_page_does_not_scroll_sideways(open_page, width):
    """Wide tables and the histogram scroll inside; the page itself does not, details open or closed."""
    page = open_page(width)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inner = page.evaluate("[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth)")
    assert width > 400 or max(inner) > 0
    assert page.evaluate("document.querySelector('svg').getBoundingClientRect().width") > 500  # legible


def luminance(colour):
    """Return the relative luminance of WCAG for "rgb(r, g, b)"."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(open_page, scheme):
    """Every text stands out from what is behind it by 4.5 at least, bars and warnings included; dark is dark."""
    page = open_page(color_scheme=scheme)
    pairs = page.evaluate("""() => {
      const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
        if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
      return [...document.querySelectorAll('body *:not(title, desc)')].filter(e => [...e.childNodes].some(n =>
        n.nodeType === 3 && n.data.trim())).map(e => [e.ownerSVGElement ? getComputedStyle(e).fill :
        getComputedStyle(e).color, behind(e), e.tagName + '.' + (e.getAttribute('class') ?? '')]); }""")
    assert {"SPAN.key solved", "text.", "CAPTION.", "SUMMARY.", "STRONG."} <= {where for _, _, where in pairs}
    weak = {where for text, behind, where in pairs if contrast(text, behind) < 4.5}
    assert not weak
    body = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (luminance(body) < 0.05) == (scheme == "dark")
    page.screenshot(path=SCREENSHOTS / f"report-{scheme}.png")


def test_prints(open_page):
    """The PDF has pages with text and no dark ground; bars keep their colours, rows are not cut, tables not clipped."""
    page = open_page(color_scheme="dark")
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf)) > 3 and b"/Font" in pdf
    page.emulate_media(media="print")
    style = "s => { const c = getComputedStyle(document.querySelector(s)); return [c.backgroundColor, c.breakInside, "
    style += "c.printColorAdjust, c.overflowX]; }"
    assert page.evaluate(style, "body")[0] == "rgb(255, 255, 255)"
    assert page.evaluate(style, ".bar .solved")[2] == "exact"
    assert page.evaluate(style, "tbody tr")[1] == "avoid"
    assert page.evaluate(style, ".scroll")[3] == "visible"


def test_bars_are_as_long_as_their_shares(open_page):
    """The parts of a bar fill it, each as wide as its share of the class."""
    bars = open_page().evaluate("""() => [...document.querySelectorAll('.exercise')].map(e => ({
      widths: [...e.querySelectorAll('.bar span')].map(s => s.getBoundingClientRect().width),
      counts: [...e.querySelectorAll('.legend .muted')].map(s => +s.textContent.replace(/[(),]/g, '')).filter(Boolean)
    }))""")
    assert len(bars) == 9
    for bar in bars:
        shares = [count / sum(bar["counts"]) for count in bar["counts"]]
        assert [width / sum(bar["widths"]) for width in bar["widths"]] == pytest.approx(shares, abs=0.02)
