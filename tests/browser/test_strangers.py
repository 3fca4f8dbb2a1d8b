"""What a stranger wrote, in a real browser, on every page that shows it: nothing runs, and nobody is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest

from classroom.common import ROOT
from classroom.group import gradebook
from classroom.nbgrader_feedback import MATHJAX
from classroom.submission.record import State
from tests.browser.server import MAX_SECONDS, LabServer
from tests.grading import submissions
from tests.grading.submissions import LESSON
from tests.needs import skip_or_fail

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ELSEWHERE = "http://127.0.0.1:9"  # where nobody listens
RUN = "window.RAN=1"
EVIL_NAMES = (
    f"<img src=x onerror={RUN}>",
    f"\" onmouseover={RUN} x='",
    f"<svg onload={RUN}>",
    "';RAN=1;'",
    "ada\u200b",
)
LIKE_ADA = "\u0410da"
CALLING = "x', alert(1), '[y]"  # allowed: where it would run, in quotes of another kind, no page puts it
ANSWER = f"""
One asks for likeness. ![seen]({ELSEWHERE}/inline.png) ![seen][there] ![there]

[there]: {ELSEWHERE}/reference.png

<img src="{ELSEWHERE}/tag.png" onerror="{RUN}"><script>{RUN}</script><svg onload="{RUN}"></svg>
<link rel="stylesheet" href="{ELSEWHERE}/style.css"><iframe src="{ELSEWHERE}/frame"></iframe>
<script type="text/x-mathjax-config">{RUN}</script>
[click](javascript:{RUN}) <style>body {{ background: url({ELSEWHERE}/style.png) }}</style>
$\\style{{background:url({ELSEWHERE}/math.png)}}{{x}}$ $\\mmlToken{{mglyph}}[src="{ELSEWHERE}/glyph.png"]{{a}}$
My figures: [2](/lab/tree/submitted), {ELSEWHERE}/bare, <{ELSEWHERE}/angle>, [3](http:../../figure).
`![code]({ELSEWHERE}/code.png)`

```html
<img src="{ELSEWHERE}/fence.png" onerror="{RUN}">
```
"""
#: A figure as a notebook keeps it, which JupyterLab makes anew when it is opened, and files that are written with it.
SAVED = {
    "widgets": {
        "application/vnd.jupyter.widget-state+json": {
            "version_major": 2,
            "version_minor": 0,
            "state": {
                "0" * 32: {
                    "model_name": "AnyModel",
                    "model_module": "anywidget",
                    "model_module_version": "*",
                    "state": {
                        **{f"_{kind}_module": "anywidget" for kind in ("model", "view")},
                        **{f"_{kind}_module_version": "*" for kind in ("model", "view")},
                        "_model_name": "AnyModel",
                        "_view_name": "AnyView",
                        "_anywidget_id": "figure",
                        "_esm": f"{RUN}; export default {{}}",
                    },
                }
            },
        }
    },
    "jupytext": {"formats": f"submitted/ada/{LESSON}///ipynb,solutions/{LESSON}///py:percent"},
}
SHOWING = f"""
import struct, zlib
from IPython.display import HTML, Image, Markdown, SVG, display
markup = '<img src="{ELSEWHERE}/output.png" onerror="{RUN}"><script>{RUN}</script>'
display(HTML(markup), Markdown(f"![seen]({ELSEWHERE}/markdown.png) {{markup}}"), SVG(data='<svg onload="{RUN}"></svg>'))
print(markup)
def part(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
def png(width, height, *more):
    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    pixels = part(b"IDAT", zlib.compress(bytes(min(height * (1 + (width + 7) // 8), 200_000))))
    return b"\\x89PNG\\r\\n\\x1a\\n" + head + b"".join(more) + pixels + part(b"IEND", b"")
display({{"image/png": png(30_000, 30_000), "text/plain": "the large one"}}, raw=True)
display({{"image/png": png(32, 16, part(b"tEXt", b"Comment\\0" + markup.encode())), "text/plain": "small"}}, raw=True)
class Sly:
    def __repr__(self): return markup
display(Sly())
raise ValueError(markup)
"""


@pytest.fixture(scope="module")
def server(bubblewrap, chromium, tmp_path_factory):
    """JupyterLab with formgrader, in whose folder a class was graded in which some wish the teacher ill."""
    from classroom.sandbox.namespaces import works

    if works() is not None:
        skip_or_fail("sandbox", "bubblewrap does not work here")
    lab = LabServer(tmp_path_factory.mktemp("formgrader"), whole=True)
    submissions.make_course(lab.root, {}, begun=True)
    evil = submissions.written({"which-measure-why": ANSWER, "dot": submissions.DOT}, last=(SHOWING,))
    evil["metadata"] |= SAVED
    for student in ("ada", LIKE_ADA, "Ada", CALLING, *EVIL_NAMES):
        submissions.submit(lab.root, student, evil)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for command in (
        ("classroom", "grade-class", "L03", "--course", str(lab.root), "--workers", "0"),
        ("nbgrader", "generate_feedback", LESSON),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=lab.root, env=env, capture_output=True, text=True, timeout=900
        )
        assert done.returncode == (1 if "grade-class" in command else 0), done.stdout[-2000:] + done.stderr[-2000:]
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def open_page(browser, server):
    """Return a function that opens an address, and says what ran, what was asked for elsewhere, and the page.

    It is one page for all, in which the teacher has logged in: what it shows is gone when the next address is opened.
    """
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    assert context.request.get(f"{server.url}/api/status?token={server.token}").ok  # leaves a cookie
    page = context.new_page()
    ran, asked = [], []

    def route(one):
        url = one.request.url
        if url.startswith((server.url, "file:", "data:", "blob:")):
            one.continue_()
            return
        asked.append(url)
        one.abort()

    page.route("**/*", route)
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))

    def opened(address):
        page.goto("about:blank")
        ran.clear()
        asked.clear()
        page.goto(address)
        if address.startswith(server.url):
            page.wait_for_load_state("networkidle")  # its lists are asked for by a script
        page.wait_for_timeout(500)
        found = [*ran, *([] if page.evaluate("window.RAN === undefined") else [1])]
        return found, [url for url in asked if not url.startswith(MATHJAX)], page

    yield opened
    context.close()


def text_of(page):
    """All that the page shows."""
    return page.evaluate("document.body.innerText")


def test_report(open_page, server):
    """Names that were refused stand there as text; of two that look alike it is said what differs."""
    ran, asked, page = open_page((server.root / "grading" / "reports" / f"{LESSON}.html").as_uri())
    assert (ran, asked) == ([], [])
    assert EVIL_NAMES[0] in text_of(page) and "U+0410, cyrillic capital letter a" in text_of(page)
    assert page.evaluate("document.images.length") == 0
    policy = page.evaluate("document.querySelector('meta[http-equiv=Content-Security-Policy]').content")
    assert "default-src 'none'" in policy and "script" not in policy


@pytest.mark.parametrize("student", ["ada", LIKE_ADA, CALLING])
def test_feedback(open_page, server, student):
    """The answer is text, the pictures are those of the student's own cells, and only the small one of them."""
    path = server.root / "feedback" / student / LESSON / f"{LESSON}.html"
    ran, asked, page = open_page(path.as_uri())
    assert (ran, asked) == ([], [])
    sizes = page.evaluate("[...document.images].map(i => [i.naturalWidth, i.naturalHeight])")
    assert sizes == [[32, 16]]
    assert "the large one (a picture of 900,000,000 pixels was left out" in text_of(page)
    assert "<\u200bimg src=" in text_of(page)
    assert not page.evaluate("[...document.querySelectorAll('a')].some(a => a.href.startsWith('javascript:'))")
    assert page.evaluate("getComputedStyle(document.querySelector('.text_cell_render')).contain") == "paint"


def test_feedback_runs_nothing_even_if_markup_gets_in(open_page, server, tmp_path):
    """The page's own policy stops what escaping is there to stop."""
    page = (server.root / "feedback" / "ada" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    bare = (
        f'<img src="{ELSEWHERE}/x.png" onerror="{RUN}"><script>{RUN}</script><link rel=stylesheet href={ELSEWHERE}/x>'
    )
    (tmp_path / "page.html").write_text(page.replace("</body>", f"{bare}</body>"), encoding="utf-8")
    assert open_page((tmp_path / "page.html").as_uri())[:2] == ([], [])


def test_feedback_sets_mathjax_up(open_page, server):
    """Its script may be loaded, from one address, and finds its settings there."""
    path = server.root / "feedback" / "ada" / LESSON / f"{LESSON}.html"
    _, _, page = open_page(path.as_uri())
    assert page.evaluate("window.MathJax.tex2jax.inlineMath") == [["$", "$"], ["\\(", "\\)"]]
    found = page.evaluate("[...document.scripts].filter(s => s.src).map(s => s.src)")
    assert found == [f"{MATHJAX}MathJax.js?config=TeX-AMS_CHTML-full,Safe"]


def submission_ids(server):
    """The number under which formgrader shows each student's notebook."""
    with gradebook.opened(gradebook.course_directory(server.root, LESSON)) as book:
        return {s.student.id: s.notebooks[0].id for s in book.find_assignment(LESSON).submissions}


FORMGRADER = (
    "manage_assignments",
    f"manage_submissions/{LESSON}",
    "gradebook",
    f"gradebook/{LESSON}",
    f"gradebook/{LESSON}/{LESSON}",
    "manage_students",
    f"manage_students/{quote(LIKE_ADA)}",
    f"manage_students/{quote(LIKE_ADA)}/{LESSON}",
    f"manage_students/{quote(CALLING)}",
    f"manage_students/{quote(CALLING)}/{LESSON}",
)


@pytest.mark.parametrize("path", FORMGRADER)
def test_formgrader(open_page, server, path):
    """Its lists show students, as text."""
    ran, asked, page = open_page(f"{server.url}/formgrader/{path}")
    assert (ran, asked) == ([], [])
    assert "students" in text_of(page).lower() or "submissions" in text_of(page).lower()


@pytest.mark.parametrize(
    "path", ["manage_students/{}", f"manage_students/{{}}/{LESSON}", "gradebook/{}", "manage_submissions/{}"]
)
def test_formgrader_shows_no_page_of_a_name_that_is_none(open_page, server, path):
    """Neither by its own link nor by one that somebody wrote into an answer."""
    for name in (EVIL_NAMES[0], EVIL_NAMES[2]):
        ran, asked, _ = open_page(f"{server.url}/formgrader/{path.format(quote(name, safe=''))}")
        assert (ran, asked) == ([], [])


def test_formgrader_runs_no_settings_from_where_a_link_leads(open_page, server):
    """A folder with a file of settings that a student has handed in is opened as no course."""
    folder = server.root / "submitted" / "ada" / LESSON
    marker = server.root / "ran"
    (folder / "nbgrader_config.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    *_, page = open_page(f"{server.url}/formgrader?path=submitted/ada/{LESSON}")
    assert "404" in page.content() and not marker.exists()
    *_, page = open_page(f"{server.url}/formgrader")
    assert "404" not in page.title() and LESSON in text_of(page)


def test_formgrader_tells_look_alikes_apart(open_page, server):
    """In the list of students, beside the name."""
    *_, page = open_page(f"{server.url}/formgrader/manage_students")
    assert "U+0410, cyrillic capital letter a" in text_of(page)
    assert not [name for name in EVIL_NAMES if name in text_of(page)]


@pytest.mark.parametrize("student", ["ada", LIKE_ADA, CALLING])
def test_formgrader_shows_an_answer(open_page, server, student):
    """As text, with the small picture."""
    ran, asked, page = open_page(f"{server.url}/formgrader/submissions/{submission_ids(server)[student]}/")
    assert (ran, asked) == ([], [])
    assert "One asks for likeness." in text_of(page)
    assert page.evaluate("[...document.images].map(i => i.naturalWidth)") == [32]


def test_an_answer_holds_no_link(open_page, server):
    """Where it leads is read, and not followed: it may lead to the reader's own server."""
    for address in (
        (server.root / "feedback" / "ada" / LESSON / f"{LESSON}.html").as_uri(),
        f"{server.url}/formgrader/submissions/{submission_ids(server)['ada']}/",
    ):
        *_, page = open_page(address)
        links = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
        assert not [link for link in links if link and ("submitted" in link or ELSEWHERE in link or "figure" in link)]
        assert "My figures: [2]" in text_of(page) and "/bare" in text_of(page)


@pytest.mark.parametrize("folder", ["submitted", "downloaded", "autograded"])
def test_a_notebook_as_handed_in_is_not_opened(open_page, server, folder):
    """JupyterLab says why, and makes nothing of it; what formgrader's pages show is not read this way."""
    place = server.root / folder / "ada" / LESSON / f"{LESSON}.ipynb"
    if folder == "downloaded":
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((server.root / "submitted" / "ada" / LESSON / f"{LESSON}.ipynb").read_bytes())
    *_, page = open_page(f"{server.url}/lab/tree/{place.relative_to(server.root).as_posix()}?reset")
    page.wait_for_selector(".jp-Dialog")
    assert "formgrader shows it" in page.inner_text(".jp-Dialog")
    assert page.evaluate("window.RAN === undefined")


def answer_to(server, method, path, body=None):
    """What the server answers to whoever is logged in: status, headers, content."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{server.url}/{path}", data, {"Authorization": f"token {server.token}"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=MAX_SECONDS) as found:
            return found.status, found.headers, found.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_the_server_takes_what_was_handed_in_for_nothing_of_its_own(server):
    """Neither read nor written, typeset, copied, validated or a place for a kernel; the teacher's own files are."""
    theirs, own = f"submitted/ada/{LESSON}/{LESSON}.ipynb", "mine.ipynb"
    before = (server.root / theirs).read_bytes()
    empty = {**json.loads(before), "cells": []}
    (server.root / own).write_text(json.dumps(empty))
    for path, ways in ((theirs, {403}), (own, {200, 201})):
        body = {"type": "notebook", "content": empty}
        session = {"path": path, "name": "x", "type": "notebook", "kernel": {"name": "python3"}}
        for method, address, sent in (
            ("GET", f"api/contents/{path}", None),
            ("GET", f"nbconvert/html/{path}", None),
            ("POST", f"api/contents/{path}/checkpoints", {}),
            ("POST", "api/contents", {"copy_from": path}),
            ("PUT", f"api/contents/{path}", body),
            ("POST", "api/sessions", session),
        ):
            status = answer_to(server, method, address, sent)[0]
            assert status in ways, (method, address, status)
    assert (server.root / theirs).read_bytes() == before
    assert answer_to(server, "GET", f"api/contents/submitted/ada/{LESSON}")[0] == 200
    for method, address in (("PATCH", f"api/contents/{theirs}"), ("DELETE", f"api/contents/{theirs}")):
        assert answer_to(server, method, address, {"path": "x.ipynb"})[0] == 403
    kernel = {"name": "python3", "path": f"submitted/ada/{LESSON}"}
    assert answer_to(server, "POST", "api/kernels", kernel)[0] == 403
    assert answer_to(server, "POST", f"assignments/validate?path={quote(theirs)}", {})[0] == 403


def test_formgrader_gives_out_no_file_but_those_beside_the_notebook(server):
    """And what it gives out runs nothing."""
    page = f"formgrader/submissions/{submission_ids(server)['ada']}"
    beside = server.root / "autograded" / "ada" / LESSON
    for folder in (beside, server.root / "submitted" / "ada" / LESSON):
        (folder / "figure.html").write_text(f"<script>{RUN}</script>")
    status, headers, _ = answer_to(server, "GET", f"{page}/figure.html")
    assert status == 200 and headers["Content-Security-Policy"].endswith("; sandbox")
    for up in ("../../..", "..%2F..%2F..", "..%5C..%5C.."):
        there = f"{page}/{up}/submitted/ada/{LESSON}/figure.html"
        assert answer_to(server, "GET", there)[0] in (403, 404)
    assert "img-src data:" in answer_to(server, "GET", f"{page}/")[1]["Content-Security-Policy"]


def test_the_class_is_what_the_pages_are_tested_on(server):
    """Four were graded, and each of the others was refused for its name."""
    results = [json.loads(p.read_bytes()) for p in (server.root / "grading" / "results" / LESSON).glob("*.json")]
    by_status = {state: [r for r in results if r["status"] == state] for state in (State.GRADED, State.NOT)}
    assert {r["student"] for r in by_status[State.GRADED]} == {"ada", "Ada", LIKE_ADA, CALLING}
    assert len(by_status[State.NOT]) == len(EVIL_NAMES)
    assert all("the folder's name" in r["cause"] for r in by_status[State.NOT])
