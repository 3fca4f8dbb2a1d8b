"""Say what is installed, where the data is, what would fail and how to mend it."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from classroom.commands import lab
from classroom.common import ROOT


class Finding(NamedTuple):
    """One line of the doctor: ``state`` is ok, warn (something will be left out) or fail (something will break)."""

    state: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.state:4}  {self.what}" + (f"\n      -> {self.mend}" if self.mend else "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line: the doctor takes no arguments."""


def run(options: argparse.Namespace) -> int:
    """Print every finding; return 1 if any is a failure."""
    findings = [finding for check in CHECKS for finding in check()]
    for finding in findings:
        print(finding)
    failures = sum(finding.state == "fail" for finding in findings)
    warnings = sum(finding.state == "warn" for finding in findings)
    print(f"\n{failures} to mend, {warnings} to know about.")
    return int(failures > 0)


#: Extras that a learner lacks without harm, and the commands that install them.
INSTALLED_BY = {
    "classroom": "`course.py grade-class`, `report` and `audit`",
    "search": "lesson 10 (without them it runs on exact search; `course.py lab` tries once to install them)",
    "bench": "`course.py bench`",
    "dev": "`course.py build` and `test`",
}


def check_python() -> list[Finding]:
    """Look whether this Python is new enough, and in an environment of its own."""
    version = platform.python_version()
    if sys.version_info < (3, 11):  # noqa: UP036 - a conda environment may hold any Python
        return [Finding("fail", f"Python {version}", "use 3.11 or newer")]
    found = [Finding("ok", f"Python {version} at {sys.executable}, {platform.platform(terse=True)}")]
    if sys.prefix == sys.base_prefix and "CONDA_PREFIX" not in os.environ:
        found.append(Finding("warn", "not in an environment of its own", "start with: python course.py doctor"))
    return found


def check_packages() -> list[Finding]:
    """Look whether every package of pyproject.toml is there, in an admitted version, the one the tests ran with."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    tested = constraints()
    found = []
    for group, requirements in groups.items():
        versions, absent = [], []
        for requirement in map(Requirement, requirements):
            try:
                version = importlib.metadata.version(requirement.name)
            except importlib.metadata.PackageNotFoundError:
                absent.append(requirement.name)
                continue
            if not requirement.specifier.contains(version, prereleases=True):
                found.append(Finding("fail", f"{requirement.name} {version}, needed {requirement}", MEND_PACKAGES))
            elif (wanted := tested.get(canonicalize_name(requirement.name), version)) != version:
                found.append(Finding("warn", f"{requirement.name} {version}; the tests ran with {wanted}"))
            else:
                versions.append(f"{requirement.name} {version}")
        if absent and group in INSTALLED_BY:
            found.append(Finding("ok", f"needed, and installed, by {INSTALLED_BY[group]} only: {', '.join(absent)}"))
        elif absent:
            found.append(Finding("fail", f"missing: {', '.join(absent)}", MEND_PACKAGES))
        if versions:
            found.append(Finding("ok", ", ".join(versions)))
    return found


def check_data() -> list[Finding]:
    """Look whether MovieLens is in the cache, with the right hash: the lessons' films, and their second catalogue."""
    from recsys_lib import datasets

    folder = datasets.cache_folder()
    before = os.environ.get("COURSE_OFFLINE")
    os.environ["COURSE_OFFLINE"] = "1"  # the doctor looks, and fetches nothing
    try:
        return [
            _look_at(
                "MovieLens-100K",
                datasets.movielens_100k,
                folder,
                "`python course.py lab` fetches it; until then the lessons run on a synthetic world",
            ),
            _look_at(
                "MovieLens latest-small",
                datasets.movielens_latest_small,
                folder,
                "the lessons that ask whether something holds elsewhere fetch it then (50 MB, once)",
            ),
        ]
    finally:
        if before is None:
            del os.environ["COURSE_OFFLINE"]
        else:
            os.environ["COURSE_OFFLINE"] = before


def _look_at(name: str, load: Callable[..., Any], folder: Path, remedy: str) -> Finding:
    """Say whether one data set is in the cache."""
    from recsys_lib.datasets import DatasetError

    try:
        data = load(progress=False)
    except DatasetError as error:
        return Finding("warn", f"{name} is not in {folder}: {' '.join(str(error).split())}", remedy)
    return Finding("ok", f"{name} in {folder}: {len(data.user):,} ratings, hash right")


def check_programs() -> list[Finding]:
    """Look for the programs that the tests and the gradebook call."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    alembic = shutil.which("alembic")
    return [
        Finding("ok", f"Chromium at {chromium}")
        if chromium
        else Finding("warn", "no Chromium: browser tests are skipped", "on Debian and Ubuntu: apt install chromium"),
        Finding("ok", f"alembic at {alembic}")
        if alembic
        else Finding(
            "fail",
            "alembic is not on PATH: nbgrader cannot make a gradebook",
            f"start with `python course.py`, or put {Path(sys.executable).parent} on PATH",
        ),
    ]


def check_grading() -> list[Finding]:
    """Look whether a class can be graded here, and how safely. Learners need none of this."""
    if importlib.util.find_spec("msgspec") is None or importlib.util.find_spec("psutil") is None:
        return []  # said above: `grade-class` installs what it needs
    from classroom.sandbox import namespaces as sandbox

    problem = sandbox.works()
    if problem:
        return [Finding("warn", f"no sandbox for grading a class: {problem}")]
    who = "as a user of their own" if os.geteuid() == 0 else "as your user, without your files"
    said = f"the sandbox works: students' code runs without network, {who}, under a list of system calls (seccomp)"
    found = [Finding("ok", said), _check_kernel_memory()]
    import psutil

    cores, memory = os.cpu_count() or 1, psutil.virtual_memory().total // 2**20
    needed = cores * (sandbox.Limits().memory_mb + 512)
    if memory < needed:
        mend = f"grade with --workers {max(1, memory * cores // needed)}"
        found.append(Finding("warn", f"{cores} graders may need {needed:,} MB of memory; there are {memory:,}", mend))
    return found + _check_log()


def _check_kernel_memory() -> Finding:
    """Say who counts what a submission holds: the kernel, by a control group, or we."""
    from classroom.sandbox import cgroups

    try:
        folder = cgroups.find()
    except cgroups.CgroupError as error:
        return Finding(
            "warn",
            f"no control group holds a submission's memory: {error}. Held are the memory of each process, what all map "
            "together, and the number and size of files; what the kernel keeps for pipes and sockets is not counted",
            f"where systemd runs: {cgroups.COMMAND} python course.py grade-class LESSON",
        )
    return Finding("ok", f"a control group holds all memory of a submission, the kernel's share too: below {folder}")


def _check_log() -> list[Finding]:
    from classroom.group.log import LOG, AuditLog

    if not (ROOT / LOG).exists():
        return []
    result = AuditLog(ROOT / LOG).verify()
    if result.ok:
        return [Finding("ok", f"the log of grades holds {result.count:,} entries, and none was changed")]
    return [Finding("fail", f"the log of grades: {result.problems[0]}", "see: python course.py audit verify")]


def check_folders() -> list[Finding]:
    """Look whether the course can write where it must, and whether there is room."""
    from recsys_lib import datasets

    found = []
    for folder in (ROOT, ROOT / "work", ROOT / ".course", datasets.cache_folder(), Path(tempfile.gettempdir())):
        nearest = folder
        while not nearest.exists():
            nearest = nearest.parent
        if not os.access(nearest, os.W_OK | os.X_OK):
            found.append(Finding("fail", f"{folder} cannot be written to", f"make {nearest} writable"))
    if not found:
        found.append(Finding("ok", "all folders can be written to"))
    free = shutil.disk_usage(ROOT).free // 2**20
    state, mend = ("ok", "") if free > 500 else ("warn", "") if free > 100 else ("fail", "free some space")
    used = sum(path.lstat().st_size for path in (ROOT / ".venv").rglob("*") if path.is_file()) // 2**20
    found.append(Finding(state, f"{free:,} MB free on the disk; .venv takes {used:,} MB", mend))
    return found


def check_kernel() -> list[Finding]:
    """Look whether the kernel called python3 starts this very Python under the course's settings."""
    env = lab.jupyter_environment(ROOT / ".course", os.environ)
    ask = (
        "from jupyter_client.kernelspec import KernelSpecManager as K\n"
        "import sys\n"
        "first = K().get_kernel_spec('python3').argv[0]\n"
        "print(sys.executable if first in ('python', 'python3') else first)"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    kernel = done.stdout.strip()
    if done.returncode:
        return [Finding("fail", "no kernel called python3", MEND_PACKAGES)]
    if os.path.realpath(kernel) != os.path.realpath(sys.executable):
        return [Finding("fail", f"the kernel python3 is {kernel}, not {sys.executable}", MEND_PACKAGES)]
    return [Finding("ok", "notebooks run in this Python")]


def check_notebooks() -> list[Finding]:
    """Look whether the lessons are built, and which copies the learner changed."""
    built = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
    if not built:
        return [Finding("fail", "no lessons in notebooks/", "python course.py build")]
    changed = lab.changed_copies(ROOT / "notebooks", ROOT / "work")
    said = f"; changed by you in work/: {', '.join(changed)}" if changed else "; no changed copy in work/"
    return [Finding("ok", f"{len(built)} lessons{said}")]


def constraints() -> dict[str, str]:
    """Return the versions that the tests ran with, by the name that indexes compare."""
    from packaging.utils import canonicalize_name

    pairs = (line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split())
    return {canonicalize_name(name): version for name, version in pairs}


MEND_PACKAGES = "remove .course and .venv, then start with: python course.py doctor"
CHECKS = [
    check_python,
    check_packages,
    check_data,
    check_programs,
    check_grading,
    check_folders,
    check_kernel,
    check_notebooks,
]
