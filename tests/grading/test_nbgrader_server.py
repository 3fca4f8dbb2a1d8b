"""The server of whoever grades gives out nothing that students handed in, on whatever way, and reads no settings there.

What a browser does with its pages is looked at in tests/browser/test_strangers.py.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from tests.browser.server import MAX_SECONDS, LabServer
from tests.grading import submissions
from tests.grading.submissions import LESSON

pytestmark = pytest.mark.slow
FOLDER = f"submitted/mallory/{LESSON}"
NOTEBOOK = f"{FOLDER}/{LESSON}.ipynb"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab with formgrader in a course, as a teacher starts it who wants to see hidden files, too."""
    lab = LabServer(tmp_path_factory.mktemp("server"), whole=True)
    settings = {"ContentsManager": {"allow_hidden": True}}
    (lab.home / "config" / "jupyter_server_config.json").write_text(json.dumps(settings))
    submissions.make_course(lab.root, {}, begun=True)
    for folder, name in ((FOLDER, "mallory"), ("mine", "own")):
        (lab.root / folder).mkdir(parents=True)
        (lab.root / folder / f"{LESSON}.ipynb").write_text(json.dumps(submissions.notebook()))
        (lab.root / folder / "page.html").write_text(f"<script>document.title = '{name}'</script>")
    lab.start()
    yield lab
    lab.stop()


def answer_to(lab, method, path):
    """The status of what the server answers to whoever is logged in, and the content."""
    request = urllib.request.Request(f"{lab.url}/{path}", None, {"Authorization": f"token {lab.token}"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=MAX_SECONDS) as found:
            return found.status, found.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("name", [f"{LESSON}.ipynb", "page.html"])
@pytest.mark.parametrize(
    "way", ["GET files/{}", "HEAD files/{}", "GET files/{}?download=1", "GET view/{}", "GET api/contents/{}"]
)
def test_a_file_of_a_students_is_given_out_on_no_way(server, way, name):
    """Neither by the file browser's own requests nor by those that read the disk; the teacher's own files are."""
    method, _, path = way.partition(" ")
    assert answer_to(server, method, path.format(f"mine/{name}"))[0] == 200
    for there in (
        f"{FOLDER}/{name}",
        f"mine/../{FOLDER}/{name}",
        f"{FOLDER}/%2E/{name}",
        f"submitted%2Fmallory/{LESSON}/{name}",
        f"{server.root}/{FOLDER}/{name}",
        f"%2F{server.root}/{FOLDER}/{name}".replace("%2F/", "%2F"),
    ):
        status, content = answer_to(server, method, path.format(there))
        assert status in (403, 404) and b"document.title" not in content and b"nbformat" not in content, there
    assert answer_to(server, method, path.format(f"{FOLDER}/{name}"))[0] == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"api/contents/{NOTEBOOK}/checkpoints"),
        ("POST", f"api/contents/{NOTEBOOK}/checkpoints"),
        ("POST", f"api/contents/{NOTEBOOK}/checkpoints/checkpoint"),
        ("DELETE", f"api/contents/{NOTEBOOK}/checkpoints/checkpoint"),
    ],
)
def test_no_checkpoint_of_a_students_file(server, method, path):
    """None is made, listed, put back or deleted."""
    assert answer_to(server, method, path)[0] == 403


@pytest.mark.parametrize("folder", ["submitted", "submitted/mallory", FOLDER])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jupytext.yml", "notebook_extensions: &a [*a]\nnonsense: 1"),
        ("jupytext.toml", "nonsense = 1"),
        ("jupytext.json", "{"),
        (".jupytext", "nonsense = 1"),
        (".jupytext.py", "open('ran', 'w').close()\nc = 1 / 0"),
        ("pyproject.toml", "[tool.jupytext]\nnonsense = 1"),
    ],
)
def test_no_settings_of_a_students_are_read(server, folder, name, text):
    """A folder that is listed shows its files: jupytext neither reads nor runs what lies there to tell it how."""
    pytest.importorskip("jupytext")
    path = server.root / folder / name
    path.write_text(text)
    try:
        for listed in ("mine", FOLDER):  # the one before is remembered
            status, content = answer_to(server, "GET", f"api/contents/{listed}")
            assert status == 200 and f"{LESSON}.ipynb".encode() in content
    finally:
        path.unlink()
    assert not (server.root / "ran").exists()


def test_the_teachers_own_settings_of_jupytext_are(server):
    """What lies in the course's folder tells how notebooks are kept, as anywhere."""
    pytest.importorskip("jupytext")
    path = server.root / "mine" / "jupytext.toml"
    path.write_text("nonsense = 1")
    try:
        assert answer_to(server, "GET", f"api/contents/{FOLDER}")[0] == 200
        assert answer_to(server, "GET", "api/contents/mine")[0] == 500
    finally:
        path.unlink()
