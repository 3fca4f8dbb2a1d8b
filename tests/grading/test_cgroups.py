"""Control groups: found only where they are handed over, made ready, entered by a submission, removed after it.

Most of it runs on a folder that looks like the kernel's. The last tests need a machine that hands a group over, and are
skipped elsewhere; `systemd-run --user --scope -p Delegate=yes python course.py test` is one.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from classroom.commands import doctor
from classroom.sandbox import cgroups, namespaces
from classroom.sandbox.cgroups import LEAF, PREFIX, Cgroup, CgroupError, find, prepare
from classroom.sandbox.learner import Learner
from classroom.sandbox.namespaces import Limits, Sandbox
from classroom.sandbox.steps import Step
from classroom.submission.grade import close_template, warm_template

FILES = ("cgroup.procs", "cgroup.subtree_control", "cgroup.kill", "memory.max", "memory.swap.max", "memory.oom.group")
FILES += ("memory.events", "pids.max")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A folder that looks like the kernel's, with one group that is handed over; each new folder gets its files."""
    plain_mkdir, plain_rmdir = Path.mkdir, Path.rmdir

    def mkdir(path: Path, *args, **kwargs) -> None:
        plain_mkdir(path, *args, **kwargs)
        for name in FILES:
            (path / name).touch()
        (path / "cgroup.controllers").write_text("cpu memory pids\n")

    def rmdir(path: Path) -> None:
        for file in path.iterdir():
            file.unlink()
        plain_rmdir(path)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    monkeypatch.setattr(Path, "rmdir", rmdir)
    marks = {}

    def getxattr(path: Path, name: str) -> bytes:
        if (str(path), name) not in marks:
            raise OSError(errno.ENODATA, "No data available")
        return marks[str(path), name]

    monkeypatch.setattr(os, "getxattr", getxattr, raising=False)
    group = tmp_path / "groups" / "user.slice" / "grading.scope"
    for folder in (*reversed(group.parents[:2]), group):
        mkdir(folder)
    marks[str(group), "user.delegate"] = b"1"
    (tmp_path / "mountinfo").write_text(
        "22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n"
        f"30 22 0:26 / {tmp_path / 'groups'} rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
    )
    (tmp_path / "own").write_text("1:name=systemd:/x\n0::/user.slice/grading.scope\n")
    return group


def look(tree: Path) -> Path:
    """Find the group as the kernel's files of the test say."""
    top = tree.parents[2]
    return find(top / "own", top / "mountinfo")


def test_a_group_that_is_handed_over_is_found(tree):
    """Also by a process that has moved to the leaf below it."""
    assert look(tree) == tree
    (tree.parents[2] / "own").write_text(f"0::/user.slice/grading.scope/{LEAF}\n")
    assert look(tree) == tree


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("own", "4:memory:/\n", "no control groups of version 2"),
        ("mountinfo", "22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n", "no control groups of version 2"),
        ("own", "0::/../../elsewhere\n", "is not to be seen"),
        ("own", "0::/user.slice\n", "is not handed over; start with `systemd-run"),
        ("mountinfo", "30 22 0:26 /other.slice GROUPS rw - cgroup2 cgroup2 rw\n", "is not to be seen"),
        ("groups/user.slice/grading.scope/cgroup.controllers", "cpu pids\n", "limits no memory"),
        ("groups/user.slice/grading.scope/cgroup.controllers", "", "limits no memory and no pids"),
    ],
)
def test_where_there_is_none_it_is_said_why(tree, file, text, said):
    """Nothing is made, and no process is moved."""
    top = tree.parents[2]
    (top / file).write_text(text.replace("GROUPS", str(top / "groups")))
    before = sorted(top.rglob("*"))
    with pytest.raises(CgroupError, match=said):
        look(tree)
    assert sorted(top.rglob("*")) == before


def test_all_processes_move_to_a_leaf(tree):
    """Else the kernel lets no group below have limits."""
    (tree / "cgroup.procs").write_text("4711\n")
    prepare(tree)
    assert (tree / LEAF / "cgroup.procs").read_text() == "4711"
    assert (tree / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_a_kernel_that_refuses_is_named(tree, monkeypatch):
    """It is tried some times, since a process may have been started meanwhile; then there is no group."""
    plain = Path.write_text

    def write_text(path: Path, text: str, *args) -> int:
        if path.name == "cgroup.subtree_control":
            raise OSError(errno.EBUSY, "Device or resource busy")
        return plain(path, text, *args)

    monkeypatch.setattr(Path, "write_text", write_text)
    with pytest.raises(CgroupError, match="always a process in it"):
        prepare(tree)


def test_a_submissions_group_has_its_limits(tree):
    """Memory, swap, processes; and the kernel ends all or none."""
    group = Cgroup(tree, memory_mb=100, processes=24)
    values = {name: (group.path / name).read_text() for name in FILES if "." in name and "cgroup" not in name}
    assert values == {
        "memory.max": str(100 * 2**20),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "memory.events": "",
        "pids.max": str(24 + cgroups.MAX_OTHER_PROCESSES),
    }
    other = Cgroup(tree, memory_mb=100, processes=24)
    assert other.path != group.path
    for events, ended in {
        "": False,
        "low 0\noom 3\noom_kill 0\n": False,
        "oom_kill 2\n": True,
        "garbage\n": False,
    }.items():
        (group.path / "memory.events").write_text(events)
        assert group.ran_out() is ended
    for each in (group, other):
        each.close()
        assert not each.path.exists()
    assert not group.ran_out()


def test_a_kernel_without_a_limit_is_no_group(tree, monkeypatch):
    """A limit that cannot be set is an error, and nothing is left; only swap may be uncounted."""
    plain = Path.mkdir

    def mkdir(path: Path, *args, **kwargs) -> None:
        plain(path, *args, **kwargs)
        (path / missing).unlink()

    monkeypatch.setattr(Path, "mkdir", mkdir)
    missing = "memory.swap.max"
    Cgroup(tree, memory_mb=100, processes=24).close()
    missing = "pids.max"
    with pytest.raises(FileNotFoundError):
        Cgroup(tree, memory_mb=100, processes=24)
    assert not list(tree.glob(f"{PREFIX}*"))


def test_groups_of_graders_that_were_killed_are_removed(tree, monkeypatch):
    """Those of graders that run stay."""
    monkeypatch.setattr(cgroups, "find", lambda: tree)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid in (ended.pid, os.getpid()):
        (tree / f"{PREFIX}{pid}-0").mkdir()
    assert cgroups.parent.__wrapped__() == tree
    assert [path.name for path in tree.glob(f"{PREFIX}*")] == [f"{PREFIX}{os.getpid()}-0"]


def test_the_doctor_says_which(tree, monkeypatch):
    """A group, or what holds a submission without one, and how to have one."""
    monkeypatch.setattr(namespaces, "works", lambda: None)
    monkeypatch.setattr(cgroups, "find", lambda: tree)
    found = doctor.check_grading()
    assert any(each.state == "ok" and f"below {tree}" in each.what for each in found)
    assert any("list of system calls (seccomp)" in each.what for each in found)

    def nothing() -> Path:
        raise CgroupError("there are no control groups of version 2")

    monkeypatch.setattr(cgroups, "find", nothing)
    (said,) = [each for each in doctor.check_grading() if "control group" in each.what]
    assert said.state == "warn" and "there are no control groups of version 2" in said.what
    assert cgroups.COMMAND in said.mend


# ----------------------------------------------------------------------------------- on a machine that has such groups


@pytest.fixture
def group(bubblewrap) -> Path:
    """The group that this machine hands over."""
    folder = cgroups.parent()
    if folder is None:
        pytest.skip("this machine hands no control group over")
    return folder


HELD = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        held = bytearray(b"x") * (100 * 2**20)
        time.sleep(60)
time.sleep(60)
"""


@pytest.mark.slow
def test_the_kernel_ends_what_holds_too_much_together(group, monkeypatch):
    """Although nobody looks at the processes; the next submission has its own group, and none is left."""
    monkeypatch.setattr(Sandbox, "check_memory", Sandbox.check_kernels_count)
    monkeypatch.setattr(Sandbox, "_most_together_mb", 300)
    with Learner(warm_template(), [Step("cell", "here", HELD)], Limits(notebook_seconds=300)) as inside:
        inside.run()
        assert inside.ended == ["cell here was ended: its processes took more than 300 MB together"]
    with Learner(warm_template(), [Step("cell", "here", "print(1)")], Limits()) as inside:
        inside.run()
        assert inside.outputs["here"][0]["text"] == "1\n"
        (own,) = group.glob(f"{PREFIX}{os.getpid()}-*")
        assert int((own / "pids.max").read_text()) == Limits().processes + cgroups.MAX_OTHER_PROCESSES
    assert not list(group.glob(f"{PREFIX}{os.getpid()}-*"))
    close_template()
