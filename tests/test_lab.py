"""`course.py lab`: the learner's copies are safe, the port is free, JupyterLab has the course's settings."""

import errno
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from classroom.__main__ import parse
from classroom.commands import doctor, lab

ROOT = Path(__file__).resolve().parent.parent
NAME = "L01_toy/L01_toy.ipynb"
MAX_WAIT = 600
"""Seconds after which something hangs: far more than a busy machine needs."""


def notebook(*sources):
    """Return a small notebook of code cells, the last one graded, as bytes."""
    cells = [
        {"cell_type": "code", "execution_count": None, "id": f"c{i}", "metadata": {}, "outputs": [], "source": [source]}
        for i, source in enumerate(sources)
    ]
    cells[-1]["metadata"]["nbgrader"] = {
        "grade": True,
        "grade_id": "toy-check",
        "locked": True,
        "points": 1,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}).encode()


class Course:
    """A folder with one released lesson and the learner's work."""

    def __init__(self, root):
        self.notebooks, self.work = root / "notebooks", root / "work"
        self.copy = self.work / NAME
        self.beside = self.copy.with_name("L01_toy.new.ipynb")
        self.release(b"one")

    def release(self, content):
        """Publish the lesson with this content."""
        (self.notebooks / NAME).parent.mkdir(parents=True, exist_ok=True)
        (self.notebooks / NAME).write_bytes(content)

    def refresh(self):
        """Do what each start does; return what the learner is told."""
        return lab.refresh_work(self.notebooks, self.work)

    @property
    def files(self):
        """The learner's notebooks and what is in them."""
        return {path.name: path.read_bytes() for path in self.work.rglob("*.ipynb")}


@pytest.fixture
def course(tmp_path):
    """A course whose first release the learner has."""
    course = Course(tmp_path)
    assert course.refresh() == []
    return course


# ---- the learner's copies ----


def test_release_is_copied(course):
    """The first start lays the lesson down, byte for byte."""
    assert course.files == {"L01_toy.ipynb": b"one"}


def test_unchanged_copy_follows_the_release(course):
    """A copy the learner did not touch becomes the new release, and the learner is told."""
    course.release(b"two")
    (told,) = course.refresh()
    assert "unchanged" in told
    assert course.files == {"L01_toy.ipynb": b"two"}


def test_opened_and_run_is_not_changed(course):
    """JupyterLab notes the kernel on opening, and a run adds outputs: such a copy still follows a new release."""
    course.copy.unlink()
    course.release(notebook("x = 1", "print(x)"))
    course.refresh()
    opened = json.loads(course.copy.read_bytes())
    opened["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}
    opened["cells"][0].update(execution_count=1, source="x = 1", outputs=[{"output_type": "stream", "text": "1"}])
    opened["cells"][0]["metadata"]["trusted"] = True
    course.copy.write_text(json.dumps(opened, indent=2))
    assert lab.changed_copies(course.notebooks, course.work) == []
    course.release(notebook("x = 2", "print(x)"))
    course.refresh()
    assert course.files == {"L01_toy.ipynb": notebook("x = 2", "print(x)")}


@pytest.mark.parametrize("change", ["source", "cell_type", "order", "points"])
def test_any_changed_cell_is_a_change(change):
    """A cell's text, type, place and nbgrader's notes on it all count."""
    changed = json.loads(notebook("a = 1", "b = 2"))
    match change:
        case "source":
            changed["cells"][0]["source"] = ["a = 1 "]
        case "cell_type":
            changed["cells"][0]["cell_type"] = "raw"
        case "order":
            changed["cells"].reverse()
        case "points":
            changed["cells"][1]["metadata"]["nbgrader"]["points"] = 2
    assert lab.digest(json.dumps(changed).encode()) != lab.digest(notebook("a = 1", "b = 2"))


def test_changed_copy_is_kept(course):
    """A changed copy stays; with no new release nothing is laid beside it."""
    course.copy.write_bytes(b"mine")
    assert course.refresh() == []
    assert course.files == {"L01_toy.ipynb": b"mine"}


def test_new_release_is_laid_beside_a_changed_copy(course):
    """A changed copy stays and the new release is beside it, once: deleted, it does not come back."""
    course.copy.write_bytes(b"mine")
    course.release(b"two")
    (told,) = course.refresh()
    assert "L01_toy.new.ipynb" in told
    assert course.files == {"L01_toy.ipynb": b"mine", "L01_toy.new.ipynb": b"two"}
    course.beside.unlink()
    assert course.refresh() == []
    assert course.files == {"L01_toy.ipynb": b"mine"}


def test_changed_new_release_is_kept_too(course):
    """Work done in the .new copy is not overwritten by the next release."""
    course.copy.write_bytes(b"mine")
    course.release(b"two")
    course.refresh()
    course.beside.write_bytes(b"mine too")
    course.release(b"three")
    course.refresh()
    assert course.files == {
        "L01_toy.ipynb": b"mine",
        "L01_toy.new.ipynb": b"mine too",
        "L01_toy.new-2.ipynb": b"three",
    }


def test_deleted_copy_comes_back(course):
    """Deleting a copy is how to start a lesson over."""
    course.copy.unlink()
    course.refresh()
    assert course.files == {"L01_toy.ipynb": b"one"}


@pytest.mark.parametrize("ledger", [b"", b"[]", b"{", b"\xff", None])
def test_lost_ledger_loses_no_work(course, ledger):
    """Without a readable note of what was released, every differing copy counts as changed."""
    course.copy.write_bytes(b"mine")
    path = course.work / ".released.json"
    path.unlink() if ledger is None else path.write_bytes(ledger)
    course.refresh()
    assert course.files == {"L01_toy.ipynb": b"mine", "L01_toy.new.ipynb": b"one"}


def test_linked_copy_is_not_replaced(course, tmp_path):
    """A copy that is a link to elsewhere is the learner's doing: it stays a link."""
    (tmp_path / "elsewhere.ipynb").write_bytes(b"one")
    course.copy.unlink()
    try:
        course.copy.symlink_to(tmp_path / "elsewhere.ipynb")
    except OSError:
        pytest.skip("links need a right that this Windows account does not have")
    course.release(b"two")
    course.refresh()
    assert course.copy.is_symlink()
    assert (tmp_path / "elsewhere.ipynb").read_bytes() == b"one"


@pytest.mark.parametrize("changed", [False, True])
def test_failed_write_leaves_the_copy_whole(course, monkeypatch, changed):
    """A full disk in the middle of a refresh leaves the old copy, nothing half written; the next start completes it."""
    if changed:
        course.copy.write_bytes(b"mine")
    before = course.files
    course.release(b"two")

    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            course.refresh()
    assert course.files == before
    assert not list(course.work.rglob("*.part"))
    course.refresh()
    assert b"two" in course.files.values()


def test_kill_before_the_note_is_harmless(course, monkeypatch):
    """Killed between the copy and the note of it, the next start finds both right."""
    course.release(b"two")
    with monkeypatch.context() as patch:
        patch.setattr(lab.json, "dumps", lambda *args, **kwargs: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            course.refresh()
    assert course.files == {"L01_toy.ipynb": b"two"}
    assert course.refresh() == []
    course.release(b"three")
    course.refresh()
    assert course.files == {"L01_toy.ipynb": b"three"}


def test_changed_copies_are_named(course):
    """The doctor's list holds exactly the copies with the learner's changes."""
    assert lab.changed_copies(course.notebooks, course.work) == []
    course.copy.write_bytes(b"mine")
    assert lab.changed_copies(course.notebooks, course.work) == [NAME]


def test_first_lesson_is_the_first_by_name(course):
    """JupyterLab opens at the first lesson; without any, at the folder."""
    second = course.notebooks / "L02_more" / "L02_more.ipynb"
    second.parent.mkdir()
    second.write_bytes(b"")
    course.refresh()
    assert lab.first_lesson(course.work, course.notebooks) == NAME
    assert lab.first_lesson(course.work, course.work / "none") == ""


def test_an_elective_is_never_the_first(course):
    """Though its name comes first."""
    elective = course.notebooks / "E01_toy" / "E01_toy.ipynb"
    elective.parent.mkdir()
    elective.write_bytes(b"")
    course.refresh()
    assert lab.first_lesson(course.work, course.notebooks) == NAME


# ---- the port, the data ----


def test_taken_port_is_refused_and_the_next_free_one_found(monkeypatch):
    """A port asked for is taken: one sentence. None asked for: the next free one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port {port} is taken"):
            lab.choose_port(port)
        monkeypatch.setattr(lab, "FIRST_PORT", port)
        assert lab.choose_port() > port
    assert lab.choose_port(port) == port


def test_lost_data_is_told(monkeypatch, capsys):
    """Where MovieLens cannot be had, the learner reads why and what happens instead, and the start goes on."""
    from recsys_lib import datasets

    def offline():
        raise datasets.DatasetError("no network.")

    monkeypatch.setattr(datasets, "movielens_100k", offline)
    lab.fetch_data()
    out = capsys.readouterr().out
    assert "no network." in out
    assert "synthetic world" in out


@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "cannot be written to")])
def test_operating_system_errors_are_sentences(monkeypatch, capsys, code, words):
    """A full disk or a read-only folder ends in one sentence and exit code 1."""

    def fail(*args):
        raise OSError(code, os.strerror(code), "work")

    monkeypatch.setattr(lab, "fetch_data", lambda: None)
    monkeypatch.setattr(lab, "refresh_work", fail)
    assert lab.run(parse(["lab"])) == 1
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


# ---- JupyterLab ----


def test_learners_own_jupyter_is_left_alone(tmp_path):
    """Every Jupyter and IPython folder is the course's own; what would lead elsewhere is dropped."""
    env = lab.jupyter_environment(tmp_path / "own", {"JUPYTER_PATH": "/elsewhere", "HOME": "/home/me"})
    assert "JUPYTER_PATH" not in env
    assert env["HOME"] == "/home/me"
    folders = [value for name, value in env.items() if name.endswith(("_DIR", "IPYTHONDIR"))]
    assert len(folders) == 5
    assert all(folder.startswith(str(tmp_path / "own")) for folder in folders)


SERVER = """
import sys
from pathlib import Path
from classroom.__main__ import main
from classroom.commands import lab
lab.ROOT = Path(sys.argv[1])
lab.fetch_data = lambda: None
sys.exit(main(["lab", "--no-browser", "--port", sys.argv[2]]))
"""


class Server:
    """A real JupyterLab, as a learner starts it, in a temporary home."""

    def __init__(self, root):
        self.root = root
        course = Course(root)
        course.release(notebook("import sys", f"assert sys.executable == {sys.executable!r}"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        env = dict(os.environ, HOME=str(root / "home"), JUPYTER_TOKEN="t", PYTHONPATH=str(ROOT))
        (root / "home").mkdir()
        self.log = (root / "log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(root), str(self.port)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            cwd=root,
        )
        end = time.monotonic() + MAX_WAIT
        while True:
            try:
                self.get("/api")
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < end, (root / "log").read_text()
                time.sleep(0.1)

    def get(self, path, body=None):
        """Ask the server; return its answer as text."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body)
        request.add_header("Authorization", "token t")
        with urllib.request.urlopen(request, timeout=MAX_WAIT) as answer:
            return answer.read().decode()

    def stop(self):
        """End the server and wait for it."""
        self.process.terminate()
        try:
            self.process.wait(MAX_WAIT)
        finally:
            self.process.kill()
            self.process.wait()
            self.log.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One JupyterLab for the tests below."""
    server = Server(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.mark.slow
def test_only_the_learners_copies_are_served(server):
    """The learner sees work/ and nothing else of the course."""
    names = [entry["name"] for entry in json.loads(server.get("/api/contents/"))["content"]]
    assert names == ["L01_toy"]


@pytest.mark.slow
def test_no_news_and_no_teachers_tools(server):
    """JupyterLab asks no question about news, and shows of nbgrader only Validate."""
    settings = json.loads(server.get("/lab/api/settings/@jupyterlab/apputils-extension:notification"))
    defaults = {name: value["default"] for name, value in settings["schema"]["properties"].items()}
    assert defaults["fetchNews"] == "false"
    assert defaults["checkForUpdates"] is False
    page = json.loads(
        re.search(r'jupyter-config-data" type="application/json">\s*(.*?)\s*</script>', server.get("/lab"), re.S)[1]
    )
    assert set(lab.DISABLED) <= set(page["disabledExtensions"])
    assert "@jupyter/nbgrader:validate-assignment" not in page["disabledExtensions"]
    assert "@jupyter/nbgrader" in [extension["name"] for extension in page["federated_extensions"]]
    with pytest.raises(OSError, match="404"):
        server.get("/formgrader")


@pytest.mark.slow
def test_validate_runs_in_the_courses_python(server):
    """The Validate button's own request passes a cell that holds only in this Python, and says what fails."""
    body = json.dumps({"path": NAME}).encode()
    answer = json.loads(server.get("/assignments/validate", body))
    assert answer["success"]
    assert "failed" not in answer["value"]
    (server.root / "work" / NAME).write_bytes(notebook("pass", "assert 1 == 2"))
    assert "AssertionError" in json.dumps(json.loads(server.get("/assignments/validate", body))["value"]["failed"])


@pytest.mark.slow
def test_home_stays_clean(server):
    """Nothing is written into the learner's own Jupyter and IPython folders."""
    left = {path.name for path in (server.root / "home").rglob("*")}
    assert not {name for name in left if "jupyter" in name or "ipython" in name}


# ---- the doctor ----


def test_doctor_says_how_to_mend():
    """Every failing or warning line that can be mended says how; a finding prints its state first."""
    finding = doctor.Finding("fail", "no data", "fetch it")
    assert str(finding) == "fail  no data\n      -> fetch it"


def test_doctor_exits_1_on_a_failure_only(monkeypatch, capsys):
    """Warnings are told and pass; a failure is exit code 1."""
    monkeypatch.setattr(doctor, "CHECKS", [lambda: [doctor.Finding("warn", "a")], lambda: [doctor.Finding("ok", "b")]])
    assert doctor.run(parse(["doctor"])) == 0
    monkeypatch.setattr(doctor, "CHECKS", [lambda: [doctor.Finding("fail", "c", "d")]])
    assert doctor.run(parse(["doctor"])) == 1
    assert "1 to mend" in capsys.readouterr().out


def test_doctor_sees_what_is_missing(monkeypatch, tmp_path):
    """No alembic, no Chromium, no bubblewrap, damaged data, no lessons: each is found and named."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [finding.state for finding in doctor.check_programs()] == ["warn", "fail"]
    if importlib.util.find_spec("msgspec"):
        (finding,) = doctor.check_grading()
        assert finding.state == "warn"
        assert "no sandbox for grading a class" in finding.what
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    (tmp_path / "movielens-100k.zip").write_bytes(b"half")
    finding, other = doctor.check_data()
    assert (finding.state, other.state) == ("warn", "warn")
    assert "damaged" in finding.what and "latest-small is not in" in other.what
    assert "COURSE_OFFLINE" not in os.environ
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert doctor.check_notebooks()[0].state == "fail"


def test_doctor_is_content_here():
    """In the environment the tests run in, packages, kernel and folders are in order."""
    findings = [*doctor.check_python(), *doctor.check_packages(), *doctor.check_kernel(), *doctor.check_folders()]
    assert [str(finding) for finding in findings if finding.state == "fail"] == []
