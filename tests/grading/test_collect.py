"""Finding and reading what was handed in; `test_faults.py` lays the odd kinds of files."""

import os

import pytest

from classroom.common import sha256
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
