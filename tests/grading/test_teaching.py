"""The teacher's guide: every command on the page is run here, in the page's order."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile

import pytest

from classroom.common import ROOT
from tests.grading import submissions
from tests.grading.ready import Ready
from tests.grading.submissions import LESSON
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (\S.*)$", PAGE, re.MULTILINE)
BACKGROUND = ("dask scheduler", "dask worker", "jupyter lab")
CAPSTONE = "L12_capstone"
#: What Dask's commands say, and how many times, once they serve.
SERVING = {"dask scheduler": ("Scheduler at:", 1), "dask worker": ("Registered to:", 2)}

#: What Canvas and Moodle give out of their classes, of whom Eve has handed in nothing.
PLATFORM = {
    "canvas.csv": "Student,ID,SIS User ID,SIS Login ID,Section,L03 Three measures (12)\n    Points Possible,,,,,21\n"
    '"Lovelace, Ada",1,,ada,A,\nBob,2,,bob,A,\nCy,3,,cy,A,\n"Dee, Di",4,,di,A,\nEve,5,,eve,A,\n',
    "worksheet.csv": 'Identifier,"Full name","ID number",Grade,"Maximum Grade","Last modified (grade)"\n'
    "Participant 4,Ada,ada,,21.00,-\nParticipant 5,Bob,bob,,21.00,-\nParticipant 6,Cy,cy,,21.00,-\n"
    "Participant 4711,Di Dee,,,21.00,-\nParticipant 8,Eve,eve,,21.00,-\n"
    "Participant 9,George Boole,boolegeorge,,21.00,-\n",
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone of the course with one lesson, as a teacher has it, and submissions of three students."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")
    root = tmp_path_factory.mktemp("teacher") / "course"
    for name in ("recsys_lib", "classroom"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("nbgrader_config.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, root)
    for name in ("solutions", "notebooks"):
        for lesson in (LESSON, CAPSTONE):
            shutil.copytree(ROOT / name / lesson, root / name / lesson, ignore=shutil.ignore_patterns(".*"))
    # course.py and .venv as they are after the environment was made, which other tests are about.
    (root / "course.py").write_text(
        "import subprocess, sys\nsys.exit(subprocess.call([sys.executable, '-m', 'classroom', *sys.argv[1:]]))\n"
    )
    programs = root / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, module in (("nbgrader", "nbgrader"), ("jupyter", "jupyter"), ("dask", "dask")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        (programs / name).chmod(0o755)
    submissions.submit(root, "ada", submissions.handed_in(submissions.exercises(), why="One asks for likeness."))
    submissions.submit(root, "bob", submissions.handed_in(["dot"]))
    shipped = submissions.handed_in(["mix-lists", "recommend"], lesson=CAPSTONE)
    submissions.submit(root, "ada", shipped, lesson=CAPSTONE)
    (root / "class.csv").write_text("id,last_name\nada,Lovelace\nbob,\neve,\n", encoding="utf-8")
    for name, text in PLATFORM.items():
        (root / name).write_text(text, encoding="utf-8")
    archive = root / "downloaded" / LESSON / "archive" / "all.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as file:
        solved = json.dumps(submissions.handed_in(["dot", "cosine"]))
        file.writestr(f"ps1_cy_attempt_2026-01-30-20-30-10_{LESSON}.ipynb", solved)
    with zipfile.ZipFile(root / "downloaded" / "moodle.zip", "w") as file:
        file.writestr(f"Di Dee_4711_assignsubmission_file_/{LESSON}-Copy1.ipynb", solved)
    with zipfile.ZipFile(root / "downloaded" / "canvas.zip", "w") as file:
        file.writestr(f"boolegeorge_LATE_12345_67890_{LESSON}.ipynb", solved)
    return root


@pytest.fixture(scope="module")
def background():
    """Commands that stay: started here, stopped once none that needs them is left, or at the end."""
    running = []
    yield running
    stop(running)


@pytest.fixture(scope="module")
def ready():
    """A Python from which commands are forked."""
    python = Ready(environment())
    yield python
    python.close()


def stop(running):
    """End commands that stay."""
    for process in running:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGTERM)
    while running:
        running.pop().wait(60)


def environment():
    """A teacher's: this Python first on PATH, no settings of the tests."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("NBGRADER_", "COURSE_", "PYTHON"))}
    env["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), env["PATH"]])
    env["JUPYTER_NO_CONFIG"] = ""
    return env


def test_every_command_is_one_that_we_know():
    """The page's commands are those that the next test can run."""
    known = ("python course.py ", ".venv/bin/nbgrader ", ".venv/bin/dask ", ".venv/bin/jupyter ", "apt-get install ")
    assert COMMANDS and [command for command in COMMANDS if not command.startswith(known)] == []


def kind_of(command):
    """The program, and of our own the command."""
    words = shlex.split(command)
    return words[: 3 if words[0] == "python" else 1]


def module_of(command):
    """The module that a command runs, and its arguments; None where it runs no Python of the environment's."""
    program, *rest = shlex.split(command)
    return {"python": ("classroom", rest[1:]), ".venv/bin/nbgrader": ("nbgrader", rest)}.get(program)


@pytest.mark.parametrize("number", range(len(COMMANDS)), ids=[c.replace("/", ".")[:60] for c in COMMANDS])
def test_command_works(clone, background, ready, request, number):
    """It ends well, or serves.

    The first time that a command of ours, or a program, is on the page a new Python runs it, as a teacher's does.
    """
    command = COMMANDS[number]
    if "scoreboard" in command:
        for data in ("movielens", "latest_small"):
            request.getfixturevalue(data)
    if command.startswith("apt-get"):
        if not shutil.which("apt-get"):
            pytest.skip("needs Debian")
        assert shutil.which(command.split()[-1].replace("bubblewrap", "bwrap"))
    arguments = shlex.split(command)
    if command.startswith("apt-get") and os.geteuid() != 0:
        arguments.append("--simulate")
    if any(word in command for word in BACKGROUND):
        if "jupyter" in command:
            arguments += ["--allow-root", "--IdentityProvider.token="]
        with open(clone / f"said-{number}.log", "wb") as said:
            process = subprocess.Popen(
                arguments,
                cwd=clone,
                env=environment(),
                start_new_session=True,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        background.append(process)
        if "jupyter" in command:
            assert "formgrader" in served("http://127.0.0.1:8899/formgrader/manage_assignments").lower()
            stop(background)
        else:
            await_words(
                clone / f"said-{number}.log", process, *next(SERVING[word] for word in SERVING if word in command)
            )
        return
    with open(clone / f"said-{number}.log", "wb") as said:
        if (forked := module_of(command)) and kind_of(command) in map(kind_of, COMMANDS[:number]):
            code = ready.run(*forked, clone, said, 900)
        else:
            code = subprocess.run(
                arguments, cwd=clone, env=environment(), stdout=said, stderr=subprocess.STDOUT, timeout=900
            ).returncode
    assert code == 0, (clone / f"said-{number}.log").read_text()[-4000:]
    if "--scheduler" in command:
        stop(background)  # idle, too, they keep a processor busy


def test_a_forked_command_ends_as_by_itself(ready, tmp_path):
    """It has its exit code and its words, and finds the course where it is started."""
    (tmp_path / "classroom").mkdir()
    (tmp_path / "classroom" / "__init__.py").touch()
    (tmp_path / "classroom" / "__main__.py").write_text("import sys\nprint(__file__)\nsys.exit(len(sys.argv))\n")
    with open(tmp_path / "log", "wb") as said:
        assert ready.run("classroom", ["a", "b"], tmp_path, said, 600) == 3
        assert ready.run("no_such_module", [], tmp_path, said, 600) == 1
    found, *trace = (tmp_path / "log").read_text().splitlines()
    assert found == str(tmp_path / "classroom" / "__main__.py") and "no_such_module" in trace[-1]


def await_words(log, process, words, times, seconds=600):
    """Wait until a process has said some words so many times."""
    end = time.monotonic() + seconds
    while (said := log.read_text()).count(words) < times:
        assert process.poll() is None and time.monotonic() < end, said[-2000:]
        time.sleep(0.1)


def served(url, seconds=600):
    """The page at ``url``, as soon as somebody serves it."""
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=10).read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def test_what_the_page_promises_is_there(clone):
    """Grades, report, feedback, log."""
    assert (clone / "grading" / "reports" / f"{LESSON}.html").is_file()
    for student in ("ada", "bob", "cy", "Di Dee", "boolegeorge"):
        assert (clone / "feedback" / student / LESSON / f"{LESSON}.html").is_file()
        assert student in (clone / "grades.csv").read_text()
    for name, filled in (
        ("canvas-filled.csv", "Cy,3,,cy,A,5"),
        ("worksheet-filled.csv", "Participant 4711,Di Dee,,5,"),
    ):
        assert filled in (clone / name).read_text()
        assert "Eve" in (clone / name).read_text()
    assert "eve" in (clone / "grading" / "reports" / f"{LESSON}.html").read_text()
    with zipfile.ZipFile(clone / f"{LESSON}-feedback.zip") as file:
        assert len(file.namelist()) == 5
    assert "ada" not in json.loads((clone / "grading" / "pseudonyms.json").read_bytes())


def test_the_limits_are_those_of_the_code():
    """The numbers in the list of limits are the defaults of `Limits`."""
    from classroom.sandbox.learner import LESSONS_CELLS
    from classroom.sandbox.messages import MAX_CELL_TEXT
    from classroom.sandbox.namespaces import Limits

    limits = Limits()
    for said in (
        f"{limits.processes} processes",
        f"{limits.open_files} open files",
        f"files of {limits.file_mb} MB and {limits.temp_mb} MB",
        f"{MAX_CELL_TEXT:,} characters of output",
        f"{limits.cell_seconds:g} seconds a cell",
        f"{limits.cell_seconds * LESSONS_CELLS:g} seconds each",
    ):
        assert said in " ".join(PAGE.split())
    assert (limits.memory_mb, limits.cpu_seconds, limits.notebook_seconds, limits.lesson_seconds) == (
        1024,
        120,
        120,
        300,
    )
