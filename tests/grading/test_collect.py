"""Finding and reading what was handed in; `test_faults.py` lays the odd kinds of files."""

import json
import os
import struct
import subprocess
import sys
from datetime import datetime

import pytest

from classroom.common import ROOT, sha256
from classroom.group import collect
from classroom.group.collect import Receipt, Refused
from classroom.submission.reading import MAX_BYTES

LESSON = "L03_three_measures"


@pytest.fixture
def submitted(tmp_path):
    """A folder of submissions, and how to add one."""
    folder = tmp_path / "submitted"
    folder.mkdir()

    def add(student, data=b"{}", name=f"{LESSON}.ipynb", lesson=LESSON):
        path = folder / student / lesson / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return folder, add


def test_students_are_those_with_this_lesson(submitted):
    """In order, whatever else lies about; links are listed, so that they are refused by name."""
    folder, add = submitted
    for student in ("zoe", "ada", ".hidden"):
        add(student)
    add("bob", lesson="L01_two_ways")
    (folder / "notes.txt").touch()
    (folder / ".DS_Store").touch()
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "cy").symlink_to("ada")
    (folder / ".git").symlink_to("ada")
    assert collect.students(folder, LESSON) == [".hidden", "ada", "cy", "zoe"]
    assert "begins with '.'" in collect.read(folder, ".hidden", LESSON).problem


def test_no_folder_is_nobody(tmp_path):
    """Missing, or a file."""
    (tmp_path / "file").touch()
    assert collect.students(tmp_path / "file", LESSON) == collect.students(tmp_path / "missing", LESSON) == []


def test_reads_notebook_and_timestamp(submitted):
    """As they are."""
    folder, add = submitted
    add("ada", b"\xef\xbb\xbf{}")
    add("ada", b" 2026-11-24 10:00:00 UTC\n", "timestamp.txt")
    found = collect.read(folder, "ada", LESSON)
    assert found.data == b"\xef\xbb\xbf{}"
    assert found.receipt == Receipt("ada", sha256(found.data), "", "2026-11-24 10:00:00 UTC")


@pytest.mark.parametrize("size", [MAX_BYTES, MAX_BYTES + 1])
def test_largest_file(submitted, size):
    """As large as is allowed, and a byte more."""
    folder, add = submitted
    with open(add("ada"), "wb") as file:
        file.truncate(size)
    found = collect.read(folder, "ada", LESSON)
    assert isinstance(found, Refused) == (size > MAX_BYTES)
    assert size <= MAX_BYTES or "20 are allowed" in found.problem


def exchanged(monkeypatch, path, make):
    """Let something else stand in the notebook's place once it has been looked at, before it is opened."""
    real = os.stat

    def slow(name, **options):
        found = real(name, **options)
        if name == path.name and not path.is_symlink() and path.is_file():
            path.unlink()
            make(path)
        return found

    monkeypatch.setattr(os, "stat", slow)


def test_file_that_is_exchanged_for_a_link(submitted, monkeypatch):
    """What is opened is never what a link leads to."""
    folder, add = submitted
    exchanged(monkeypatch, add("ada"), lambda path: path.symlink_to("/etc/passwd"))
    found = collect.read(folder, "ada", LESSON)
    assert isinstance(found, Refused) and "cannot be read" in found.problem


def test_file_that_is_exchanged_for_a_pipe(submitted, monkeypatch):
    """Opening a pipe does not wait for who writes into it."""
    folder, add = submitted
    exchanged(monkeypatch, add("ada"), os.mkfifo)
    assert collect.read(folder, "ada", LESSON).problem == f"'{LESSON}.ipynb' is a pipe, not a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read(submitted):
    """Its name is not needed: the student's is said beside it."""
    folder, add = submitted
    add("ada").chmod(0)
    assert collect.read(folder, "ada", LESSON).problem == "it cannot be read: Permission denied"


def test_no_file_stays_open(submitted):
    """Whatever came of it."""
    folder, add = submitted
    add("ada")
    add("bob", name="essay.pdf")
    before = len(os.listdir("/dev/fd"))
    for student in ("ada", "bob", "nobody", "a\nb"):
        collect.read(folder, student, LESSON)
    assert len(os.listdir("/dev/fd")) == before


# --------------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-24 23:59:00 UTC", datetime(2026, 11, 24, 23, 59)),
        ("2026-11-24 23:59:00.123456 UTC", datetime(2026, 11, 24, 23, 59, 0, 123456)),
        ("2026-11-24 18:00:00", datetime(2026, 11, 24, 18)),
        ("2026-11-24 18:00", datetime(2026, 11, 24, 18)),
        ("2026-11-24T18:00:00Z", datetime(2026, 11, 24, 18)),
        ("2026-11-24T18:00:00.5+01:00", datetime(2026, 11, 24, 17, 0, 0, 500000)),
        ("2026-11-24 18:00:00 -0330", datetime(2026, 11, 24, 21, 30)),
        ("2026-11-24T18:00:00.1234567Z", datetime(2026, 11, 24, 18, 0, 0, 123456)),
        ("1900-01-01 00:00:00 +1400", datetime(1899, 12, 31, 10)),
        ("2999-12-31 23:59:59 -1459", datetime(3000, 1, 1, 14, 58, 59)),
    ],
)
def test_times_as_nbgrader_and_platforms_write_them(text, time):
    """In UTC, and without a zone, as the gradebook keeps them."""
    assert collect.time_in(text) == time


NO_TIMES = [
    b"soon",
    b"",
    b"0001-01-01 00:00:00 +1400",
    b"9999-12-31 23:59:59 -1400",
    b"2026-02-30 10:00:00 UTC",
    b"2026-11-24 25:00:00 UTC",
    b"2026-11-24 10:00:00 +9999",
    b"2026-11-24 10:00:00 UTC UTC",
    b"2026-11-24 10:00:00 Europe/Berlin",
    b"2026-11-24 10:00:00 /proc/kmsg",
    b"2026-11-24 10:00:00 /etc/passwd",
    b"2026-11-24 10:00:00 ../../x",
    b"\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6-11-24 10:00:00",
    b"2026-11-24 10:00:00" + b" " * 2**20,
    b"12:60" + b"9" * 40 + b"-+23:59",
    bytes(range(256)),
]


def tz_bomb(folder):
    """A sparse file that is read as a time zone of a hundred million changes, and a timestamp that names it."""
    count = 100_000_000
    with open(folder / "tz", "wb") as file:
        file.write(b"TZif" + b"\0" * 16 + struct.pack(">6l", 0, 0, 0, count, 1, 4))
        file.truncate(44 + 5 * count)
        file.seek(0, os.SEEK_END)
        file.write(struct.pack(">lbb", 0, 0, 0) + b"UTC\0")
    return f"2026-11-24 10:00:00 {folder / 'tz'}".encode()


def test_what_is_no_time_is_said_and_opens_nothing(submitted, monkeypatch):
    """A parser of all that people write takes the third word for a file: a small zip held up a class for hours."""
    folder, add = submitted
    path = add("mallory")
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda name, *rest, **more: (opened.append(name), real(name, *rest, **more))[1])
    for text in [*NO_TIMES, tz_bomb(path.parent)]:
        add("mallory", text, "timestamp.txt")
        found = collect.read(folder, "mallory", LESSON).receipt
        assert (found.timestamp, found.note) == ("", "'timestamp.txt' holds no time that can be read")
    assert set(opened) == {str(folder), "mallory", LESSON, f"{LESSON}.ipynb", "timestamp.txt"}


ASK = """
import json, logging, os, sys
from pathlib import Path
import nbgrader.coursedir
import nbgrader.server_extensions.formgrader.base
from nbgrader.apps.api import NbGraderAPI
from classroom.nbgrader_formgrader import harden
course, names = Path(sys.argv[1]), json.loads(sys.argv[2])
harden(course)
logging.basicConfig()
directory = nbgrader.coursedir.CourseDirectory(root=str(course), log=logging.getLogger())
api = NbGraderAPI(directory)
read = [directory.get_existing_timestamp(str(course / "submitted" / name / "L03_three_measures")) for name in names]
asked = [api.get_submitted_timestamp("L03_three_measures", name) for name in names]
print(json.dumps([[time and time.isoformat() for time in times] for times in (read, asked)]))
"""


@pytest.mark.slow
def test_nbgrader_reads_times_as_we_do(submitted, tmp_path):
    """In formgrader's server, which one text kept from answering for the class, and in its commands."""
    folder, add = submitted
    names = [f"mallory{number}" for number in range(len(NO_TIMES))] + ["tz", "pipe", "link", "nobody", "ada"]
    for name, text in zip(names, NO_TIMES, strict=False):
        add(name, text, "timestamp.txt")
    add("tz", tz_bomb(add("tz").parent), "timestamp.txt")
    os.mkfifo(add("pipe").with_name("timestamp.txt"))
    add("link").with_name("timestamp.txt").symlink_to("/dev/zero")
    add("ada", b"2026-11-24 10:00:00 +0100\n", "timestamp.txt")
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path), json.dumps(names)], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    times = json.loads(done.stdout.splitlines()[-1])
    assert times == [[None] * (len(names) - 1) + ["2026-11-24T09:00:00"]] * 2
    assert done.stderr.count("'timestamp.txt' holds no time that can be read") == len(names) - 2
