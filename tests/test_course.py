"""course.py: what a stranger sees, with a pip that succeeds, fails, crawls or is killed."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

import course
from classroom.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
MAX_WAIT = 600
"""Seconds after which something hangs: far more than a busy machine needs."""
posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in for pip is a shell script")

# Stands in for the environment's Python: pip does what $PIP_DOES says, and every call is written down.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
  "-I -S -c"*) echo {version} ;;
  "-m pip"*)
    echo "$*" >> "{root}/pip.calls"
    echo "Collecting numpy"
    case "$PIP_DOES" in
      crawl) echo $$ > "{root}/pip.pid"; exec sleep 1000 ;;
      pause) while [ ! -e "{root}/go" ]; do sleep 0.05; done ;;
      fail) cat "{root}/pip.says"; exit 1 ;;
      no-wheel)
        case "$*" in
          *--only-binary*) echo "ERROR: No matching distribution found for faiss-cpu"; exit 1 ;;
        esac ;;
    esac ;;
  "-m classroom"*) echo "classroom: $*" ; echo "path: $PATH" ;;
esac
"""
DRIVER = """
import os, sys, time
sys.path.insert(0, {root!r})
import course
def create_venv():
    os.makedirs(course.BIN)
    with open(course.PYTHON, "w") as file:
        file.write({fake!r})
    os.chmod(course.PYTHON, 0o755)
course.create_venv = create_venv
class Popen(course.subprocess.Popen):
    def __init__(self, command, **kwargs):
        super().__init__(command, **kwargs)
        if os.environ["PIP_DOES"] == "crawl" and "{early}":
            pid = os.path.join({root!r}, "pip.pid")
            while not os.path.exists(pid) or not os.path.getsize(pid):
                time.sleep(0.02)
            os.kill(os.getpid(), int("{early}"))
course.subprocess.Popen = Popen
course.NEEDED_MB = {needed}
sys.exit(course.main(sys.argv[1:]))
"""


class Clone:
    """A copy of what course.py needs, in a temporary folder, with a stand-in for pip."""

    def __init__(self, root):
        self.root = root
        self.needed = {"lab": 1, "lab,classroom,dev,search,site": 1}
        self.version = "3 11"
        self.early = ""  # a signal's number: it comes while pip's process is being started
        root.mkdir(parents=True)
        for name in ("course.py", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, root / name)
        shutil.copytree(ROOT / "classroom", root / "classroom", ignore=shutil.ignore_patterns("__pycache__"))

    def start(self, *argv, pip="work", **kwargs):
        """Start course.py and return the process."""
        fake = FAKE_PYTHON.format(root=self.root, version=self.version)
        code = DRIVER.format(root=str(self.root), fake=fake, needed=self.needed, early=self.early)
        env = dict(os.environ, PIP_DOES=pip, PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1")
        return subprocess.Popen(
            [sys.executable, "-c", code, *argv],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **kwargs,
        )

    def run(self, *argv, pip="work"):
        """Run course.py to its end; return its exit code, output and complaints."""
        process = self.start(*argv, pip=pip)
        out, err = process.communicate(timeout=MAX_WAIT)
        return process.returncode, out, err

    def fail_with(self, text):
        """Let pip print this and fail; return course.py's complaint."""
        (self.root / "pip.says").write_text(text)
        code, _, err = self.run("lab", pip="fail")
        assert code == 1
        return err

    @property
    def pip_calls(self):
        """The pip commands so far."""
        path = self.root / "pip.calls"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def venv(self):
        """The environment's folder."""
        return self.root / ".venv"


@pytest.fixture
def clone(tmp_path):
    """A clone of the course on which nothing was run yet."""
    return Clone(tmp_path / "a clone")


def wait_for(path):
    """Wait until a file is there and not empty."""
    end = time.monotonic() + MAX_WAIT
    while not (path.exists() and path.stat().st_size):
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.02)


# ---- the file itself ----


def test_old_pythons_can_read_it():
    """Python 3.6 parses course.py: it gets a sentence, not a SyntaxError."""
    ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("command", COMMANDS)
def test_needs_only_the_standard_library(command):
    """Before the install nothing is there: every command's line can be read, and its help shown, all the same."""
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from classroom.__main__ import parse; parse(sys.argv[1:])"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(ROOT), command, "--help"], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"usage: course.py {command} ")


def test_what_a_command_needs_can_be_installed():
    """The extras of every command are in pyproject.toml, and the room that they take is known."""
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for command in COMMANDS.values():
        assert set(command.extras.split(",")) <= set(known)
        assert command.extras in course.NEEDED_MB


def test_only_file_that_knows_about_venvs():
    """No other module speaks of .venv's layout."""
    for path in [*(ROOT / "classroom").rglob("*.py"), *(ROOT / "recsys_lib").rglob("*.py")]:
        assert not re.search(r"import venv|pyvenv\.cfg|-m venv", path.read_text(encoding="utf-8")), path


def test_old_python_is_told_so(monkeypatch, capsys):
    """On Python 3.9 the one sentence names what is needed and what this is."""
    monkeypatch.setattr(course.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(course.shutil, "which", lambda name: None)
    assert course.main(["lab"]) == 1
    assert capsys.readouterr().err.startswith("course: this course needs Python 3.11 or newer, and this is 3.9;")


# ---- the good way ----


@posix_only
def test_first_start_installs_and_hands_on(clone):
    """The first start installs under constraints.txt, stamps last, hands its arguments on, .venv first on PATH."""
    code, out, err = clone.run("lab", "--no-browser")
    assert (code, err) == (0, "")
    assert "classroom: -m classroom lab --no-browser" in out
    assert f"path: {clone.venv}/bin:" in out
    call, second = clone.pip_calls
    assert call.endswith("-c constraints.txt -e .[lab]")
    assert "-c constraints.txt -e .[lab,search] --only-binary faiss-cpu," in second
    assert json.loads((clone.venv / "course-stamp.json").read_text())["extras"] == ["lab", "search"]
    assert not (clone.venv / "course-installing").exists()


@posix_only
def test_second_start_installs_nothing(clone):
    """Nothing changed: pip is not called again."""
    clone.run("lab")
    assert clone.run("lab")[0] == 0
    assert len(clone.pip_calls) == 2


@posix_only
def test_search_indexes_are_wished_for_and_not_needed(clone):
    """Where there is no wheel of them, a sentence says so once and the lab opens; a new requirement tries again."""
    code, out, err = clone.run("lab", pip="no-wheel")
    assert (code, err) == (0, "")
    assert "Left out: the package index has no faiss-cpu" in out
    assert "lesson 10 runs on exact search" in out
    assert "classroom: -m classroom lab" in out
    stamp = json.loads((clone.venv / "course-stamp.json").read_text())
    assert stamp["extras"] == ["lab"] and stamp["left_out"] == ["search"]
    code, out, _ = clone.run("lab", pip="no-wheel")
    assert code == 0 and "Left out" not in out
    assert len(clone.pip_calls) == 2
    (clone.root / "constraints.txt").write_text("")
    assert clone.run("lab")[0] == 0
    assert json.loads((clone.venv / "course-stamp.json").read_text())["extras"] == ["lab", "search"]


@posix_only
@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_new_requirements_are_installed(clone, name):
    """A changed pyproject.toml or constraints.txt installs again, in the same environment."""
    clone.run("lab")
    (clone.venv / "kept").touch()
    with (clone.root / name).open("a") as file:
        file.write("# new\n")
    assert clone.run("lab")[0] == 0
    assert len(clone.pip_calls) == 4
    assert (clone.venv / "kept").exists()


@posix_only
def test_testing_adds_its_tools_and_lab_keeps_them(clone):
    """`test` after `lab` installs the dev extra; `lab` after `test` installs nothing; an update keeps both."""
    clone.run("lab")
    clone.run("test")
    clone.run("lab")
    asked = [re.search(r"-e (\S+)", call)[1] for call in clone.pip_calls]
    assert asked == [".[lab]", ".[lab,search]", ".[classroom,dev,lab,search,site]"]
    (clone.root / "constraints.txt").write_text("")
    clone.run("lab")
    assert clone.pip_calls[-2].endswith(".[classroom,dev,lab,site]")
    assert ".[classroom,dev,lab,site,search]" in clone.pip_calls[-1]


@posix_only
def test_moved_course_gets_a_new_environment(clone, tmp_path):
    """An environment names its own place in its scripts, so a moved one is made anew."""
    clone.run("lab")
    clone.root.rename(tmp_path / "elsewhere")
    clone.root = tmp_path / "elsewhere"
    (clone.venv / "old").touch()
    code, out, _ = clone.run("lab")
    assert code == 0
    assert "moved" in out
    assert not (clone.venv / "old").exists()


@posix_only
def test_vanished_python_gets_a_new_environment(clone):
    """After an upgrade of the system's Python, the environment is made anew."""
    clone.run("lab")
    (clone.venv / "bin" / "python").unlink()
    assert clone.run("lab")[0] == 0
    assert len(clone.pip_calls) == 4


@posix_only
def test_two_starts_install_once(clone):
    """A second start waits for the first one's install."""
    first = clone.start("lab", pip="pause")
    wait_for(clone.root / "pip.calls")
    second = clone.start("lab", pip="pause")
    assert "waiting for it" in second.stdout.readline()
    (clone.root / "go").touch()
    for process in (first, second):
        process.communicate(timeout=MAX_WAIT)
        assert process.returncode == 0
    assert len(clone.pip_calls) == 2


# ---- failures ----

PIP_SAYS = [
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full"),
    (
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...: "
        "Temporary failure in name resolution')'\nERROR: No matching distribution found for setuptools>=77",
        "no network",
    ),
    ("ERROR: Package 'numpy' requires a different Python: 3.11.7 not in '>=3.12'", "does not support this Python"),
    ("ERROR: Ignored the following versions that require a different python", "pip failed: Ignored"),
    ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate"),
    ("ERROR: No matching distribution found for numpy==9.9", "no numpy==9.9 for this Python"),
    ("ERROR: [Errno 13] Permission denied: '/x'", "permission denied"),
    ("ERROR: something new", "pip failed: something new"),
    ("", "pip failed"),
]


@posix_only
@pytest.mark.parametrize(("says", "sentence"), PIP_SAYS)
def test_pip_failure_is_one_sentence_and_leaves_nothing(clone, says, sentence):
    """Each way pip fails ends in one sentence with its cause; the environment of this run is gone."""
    err = clone.fail_with(says)
    assert sentence in err
    assert err.count("\n") == 1 and err.startswith("course: ")
    assert not clone.venv.exists()
    assert clone.run("lab")[0] == 0


@posix_only
def test_failed_update_keeps_the_environment(clone):
    """Where pip fails in an environment that was there before, it stays, and the next start mends it."""
    clone.run("lab")
    (clone.root / "constraints.txt").write_text("")
    clone.fail_with("NewConnectionError")
    assert clone.venv.exists()
    assert not (clone.venv / "course-stamp.json").exists()
    assert clone.run("lab")[0] == 0
    assert (clone.venv / "course-stamp.json").exists()


@posix_only
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_stopped_install_leaves_nothing(clone, name):
    """Ctrl-C and a request to end stop pip, remove the new environment and say so in a sentence."""
    process = clone.start("lab", pip="crawl")
    wait_for(clone.root / "pip.pid")
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=MAX_WAIT)
    assert process.returncode == 130
    assert "stopped" in err and "Traceback" not in err
    assert not clone.venv.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((clone.root / "pip.pid").read_text()), 0)


@posix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop_while_pip_starts_leaves_nothing(clone, number):
    """Ctrl-C between the start of pip's process and the moment at which we know of it ends pip, too."""
    clone.early = int(number)
    process = clone.start("lab", pip="crawl")
    _, err = process.communicate(timeout=MAX_WAIT)
    assert process.returncode == 130 and "stopped" in err
    with pytest.raises(ProcessLookupError):
        os.kill(int((clone.root / "pip.pid").read_text()), 0)


@posix_only
def test_killed_install_is_made_anew(clone):
    """After kill -9 in the middle, the next start finds the mark and begins afresh."""
    process = clone.start("lab", pip="crawl")
    wait_for(clone.root / "pip.pid")
    process.kill()
    os.kill(int((clone.root / "pip.pid").read_text()), signal.SIGKILL)
    process.communicate(timeout=MAX_WAIT)
    (clone.venv / "half").touch()
    code, out, err = clone.run("lab")
    assert (code, err) == (0, "")
    assert "cut off" in out
    assert not (clone.venv / "half").exists()


@posix_only
def test_cut_off_removal_is_taken_up(clone):
    """A folder that is empty, or holds nothing but the mark, is what a kill at the wrong moment leaves."""
    clone.venv.mkdir()
    assert clone.run("lab")[0] == 0
    (clone.venv / "course-stamp.json").unlink()
    (clone.venv / "course-installing").touch()
    assert clone.run("lab")[0] == 0


@posix_only
def test_foreign_environment_is_left_alone(clone):
    """A .venv that the course did not make and that does not work is named, not removed."""
    clone.venv.mkdir()
    (clone.venv / "precious").touch()
    code, _, err = clone.run("lab")
    assert code == 1
    assert "not made by the course" in err
    assert (clone.venv / "precious").exists()


@posix_only
def test_linked_environment_is_never_removed(clone, tmp_path):
    """Where .venv is a link, nothing behind it is deleted, even if an install there was cut off."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "course-installing").touch()
    clone.venv.symlink_to(elsewhere)
    code, _, err = clone.run("lab")
    assert code == 1
    assert "is a link" in err
    assert (elsewhere / "course-installing").exists()


@posix_only
def test_nearly_full_disk_is_told_before_anything_is_made(clone):
    """The room is looked at first."""
    clone.needed = {"lab": 10**9, "lab,classroom,dev": 10**9}
    code, _, err = clone.run("lab")
    assert code == 1
    assert "the disk is nearly full" in err
    assert not clone.venv.exists()


@posix_only
def test_port_taken_is_told_before_anything_is_made(clone):
    """A taken port ends in one sentence, at once."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = clone.run("lab", "--port", str(port))
    assert code == 1
    assert err == f"course: port {port} is taken; choose another with --port, or leave --port out.\n"
    assert not clone.venv.exists()


@posix_only
@pytest.mark.parametrize("argv", [[], ["lob"], ["lab", "--port", "many"], ["lab", "--port", "99999"], ["doctor", "x"]])
def test_wrong_command_line_makes_nothing(clone, argv):
    """A typing error is told in argparse's words, exit code 2, before anything is made."""
    code, _, err = clone.run(*argv)
    assert code == 2
    assert "usage: course.py" in err
    assert not clone.venv.exists()


@posix_only
@pytest.mark.slow
def test_real_pip_without_network(tmp_path):
    """A real environment, a real pip, no index: one sentence, nothing left."""
    clone = Clone(tmp_path / "clone")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    env.update(PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_CONFIG_FILE=os.devnull)
    run = subprocess.run(
        [sys.executable, clone.root / "course.py", "lab", "--no-browser"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MAX_WAIT,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("course: no network: pip could not reach the package index")
    assert not clone.venv.exists()
