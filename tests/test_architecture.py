"""The plan in docs/architecture.md and the code are one: which way imports point, and where each walk leads."""

from __future__ import annotations

import ast
import functools
import graphlib
from pathlib import Path

import pytest

from tests import walks

ROOT = Path(__file__).resolve().parents[1]

#: The packages and modules of classroom, from the ground up: each imports from those before it only.
CLASSROOM = (
    "common",
    "student_names",
    "limited",
    "rendering",
    "nbgrader_bridge",
    "kernels",
    "sandbox",
    "submission",
    "report",
    "group",
    "nbgrader_execute",
    "nbgrader_collect",
    "nbgrader_export",
    "nbgrader_feedback",
    "nbgrader_formgrader",
    "author",
    "website",
)
TOP = ("commands", "__main__")


def modules() -> dict[str, Path]:
    """Every module of the course, by its dotted name."""
    found = {}
    for top in ("recsys_lib", "classroom", "benchmarks"):
        for path in (ROOT / top).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(name: str) -> set[str]:
    """The course's modules that a module imports, wherever in its text."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    named = {n for n in found if n in MODULES and n != name}
    # `from package import module` names the package, too: what counts is the module.
    return {n for n in named if not any(other.startswith(f"{n}.") for other in named)}


def within(name: str, *packages: str) -> bool:
    """Whether a module is one of these, or lies in one of them."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@functools.cache
def graph() -> dict[str, set[str]]:
    """What every module imports."""
    return {name: imports(name) for name in MODULES}


def test_no_two_modules_import_each_other():
    """Imports have no circle, those inside functions included."""
    graphlib.TopologicalSorter(graph()).prepare()


@pytest.mark.parametrize(
    "inside, outside",
    [
        ("recsys_lib", ("classroom", "benchmarks", "tests")),
        ("recsys_lib.plots", ("recsys_lib.widgets",)),
        ("recsys_lib.checks", ("recsys_lib.widgets", "recsys_lib.plots")),
        ("recsys_lib.factorization", ("recsys_lib.checks", "recsys_lib.widgets", "recsys_lib.plots")),
        ("recsys_lib.datasets", ("recsys_lib.checks", "recsys_lib.widgets", "recsys_lib.plots")),
        ("recsys_lib.exercises", ("recsys_lib.datasets", "recsys_lib.widgets", "recsys_lib.plots")),
        ("classroom", ("benchmarks", "tests")),
    ],
)
def test_arrows(inside, outside):
    """What stands below knows nothing of what stands above."""
    wrong = {f"{name} -> {n}" for name in graph() if within(name, inside) for n in graph()[name] if within(n, *outside)}
    assert not wrong


@pytest.mark.parametrize("part", CLASSROOM)
def test_classroom_is_built_from_the_ground_up(part):
    """A package of the classroom imports from those before it only; the commands are for `__main__` alone."""
    above = [f"classroom.{other}" for other in (*CLASSROOM[CLASSROOM.index(part) + 1 :], *TOP)]
    wrong = {f"{n} -> {m}" for n in graph() if within(n, f"classroom.{part}") for m in graph()[n] if within(m, *above)}
    assert not wrong


def test_no_two_modules_or_classes_of_one_name():
    """A name means one thing: no two modules of one package family, and no two public classes, are called the same."""
    owner: dict[str, str] = {}
    for name, path in MODULES.items():
        if within(name, "recsys_lib.exercises", "benchmarks"):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                assert node.name not in owner, f"{node.name} in {owner[node.name]} and {name}"
                owner[node.name] = name


#: What opens a file, and the modules outside recsys_lib.datasets that may: each with its reason.
OPENING = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "urlopen", "fromfile", "tofile", "memmap"}
MAY_OPEN = {
    "recsys_lib.widgets.base": "a figure's JavaScript lies beside it, and is part of the library",
    "recsys_lib.checks.callee": "the system says in a file how much memory the process has",
    "recsys_lib.checks.attempt_log": "only the check sees an attempt; it appends to the file that the learner named",
}


def test_the_library_opens_no_files():
    """Nothing in recsys_lib but its datasets reads or writes files, and the exceptions are named."""
    found = set()
    for name in MODULES:
        if within(name, "recsys_lib") and not within(name, "recsys_lib.datasets"):
            called = {n.func for n in ast.walk(ast.parse(MODULES[name].read_text("utf-8"))) if isinstance(n, ast.Call)}
            if {getattr(f, "attr", getattr(f, "id", None)) for f in called} & OPENING:
                found.add(name)
    assert found == set(MAY_OPEN)


@pytest.mark.slow
@pytest.mark.exact
@pytest.mark.parametrize("title", walks.WALKS)
def test_walks_lead_where_the_page_says(title, bubblewrap, movielens):
    """`python -m tests.walks` prints what docs/architecture.md holds."""
    page = walks.section((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    assert walks.written(title, walks.entered(walks.WALKS[title])) in page.replace("\n", " ")
