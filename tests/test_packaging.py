"""The four places that name packages agree, every exclusion has its reason, and CI runs what we run."""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import recsys_lib
from classroom.__main__ import parse
from classroom.commands import testing
from classroom.commands.doctor import constraints

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
SETTINGS = tomllib.loads(PYPROJECT)
PROJECT = SETTINGS["project"]
EXTRAS = PROJECT["optional-dependencies"]
INSTALLED = ("lab", "classroom", "dev", "search", "site")
DEPENDENCIES = [*PROJECT["dependencies"], *(text for extra in INSTALLED for text in EXTRAS[extra])]
PEERS = EXTRAS["bench"]  # pinned as well, but installed by `course.py bench` only
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
WORKFLOWS = ROOT / ".github" / "workflows"
WORKFLOW = yaml.safe_load((WORKFLOWS / "ci.yml").read_text(encoding="utf-8"))
PAGES = yaml.safe_load((WORKFLOWS / "pages.yml").read_text(encoding="utf-8"))


def as_pairs(requirements):
    """Return requirements as a set of (name, bounds)."""
    return {(canonicalize_name(r.name), str(r.specifier)) for r in map(Requirement, requirements)}


def closure(requirements):
    """Return the names of everything installed that these requirements pull in, here."""
    todo, seen = [Requirement(text) for text in requirements], set()
    while todo:
        requirement = todo.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        for text in importlib.metadata.requires(requirement.name) or []:
            child = Requirement(text)
            extras = requirement.extras or {""}
            if child.marker is None or any(
                child.marker.evaluate({**default_environment(), "extra": e}) for e in extras
            ):
                todo.append(child)
    return {name for name, _ in seen} - {"pip", "setuptools"}  # these come with Python's own environments


# ---- the same packages everywhere ----


def test_conda_has_the_same_packages():
    """environment.yml lists what a learner needs, with pyproject.toml's bounds, and Python's."""
    listed = [entry for entry in CONDA["dependencies"] if isinstance(entry, str)]
    assert listed[1] == "pip"
    assert listed[0] == f"python{PROJECT['requires-python']}"
    assert as_pairs(listed[2:]) == as_pairs([*PROJECT["dependencies"], *EXTRAS["lab"]])


def test_conda_installs_the_course_itself():
    """Binder skips `pip install .` where it finds environment.yml, so the file asks for it."""
    assert CONDA["dependencies"][-1] == {"pip": ["-e .[search]"]}


@pytest.mark.parametrize("requirement", [*DEPENDENCIES, *PEERS])
def test_bounds_admit_what_the_tests_ran_with(requirement):
    """Each bound has a floor or is exact, and constraints.txt names a version within it."""
    requirement = Requirement(requirement)
    assert any(bound.operator in (">=", "==") for bound in requirement.specifier)
    assert requirement.specifier.contains(constraints()[canonicalize_name(requirement.name)])


def test_constraints_are_exact_and_nothing_else():
    """Every line of constraints.txt is name==version, sorted, no name twice, not the course itself."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line) for line in lines)
    names = [canonicalize_name(line.split("==")[0]) for line in lines]
    assert len(names) == len(set(names))
    assert canonicalize_name(PROJECT["name"]) not in names


@pytest.mark.exact
def test_constraints_hold_all_that_is_needed():
    """Everything the course pulls in, directly or not, is pinned, to the version installed here."""
    tested = constraints()
    needed = closure(DEPENDENCIES)
    assert needed <= set(tested)
    peers = {canonicalize_name(Requirement(peer).name) for peer in PEERS}
    assert set(tested) <= needed | peers, "constraints.txt pins packages that the course does not need"
    assert {name: importlib.metadata.version(name) for name in needed} == {name: tested[name] for name in needed}


def test_no_start_builds_grammars():
    """Newer jsonschema builds grammars of addresses on import: seconds for each start of nbgrader, lab and pytest."""
    assert "rfc3987-syntax" not in constraints()


def test_no_optional_package_is_imported_before_it_is_needed():
    """Every module of the library can be imported where nothing but what it depends on is installed."""
    needed = closure(PROJECT["dependencies"])
    optional = {
        module
        for module, packages in importlib.metadata.packages_distributions().items()
        if not needed & {canonicalize_name(package) for package in packages}
        and module not in ("recsys_lib", "classroom", "packaging", "setuptools", "_distutils_hack")
    }
    assert {"scipy", "faiss", "nbgrader", "distributed", "pywt"} <= optional
    fetching = {"pooch", "lzma", "threadpoolctl"}  # needed to fetch, or to count threads: a browser's Python lacks them
    code = (
        "import importlib, pkgutil, sys\n"
        f"sys.modules.update(dict.fromkeys({sorted(optional | fetching)!r}))\n"
        "import recsys_lib\n"
        "for found in pkgutil.walk_packages(recsys_lib.__path__, 'recsys_lib.'):\n"
        "    importlib.import_module(found.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("top", ["recsys_lib", "classroom"])
def test_every_file_is_installed(top):
    """setuptools finds each folder of Python modules, and is told each kind of file beside them."""
    assert f"{top}*" in SETTINGS["tool"]["setuptools"]["packages"]["find"]["include"]
    told = [
        ROOT / package.replace(".", "/") / pattern
        for package, patterns in SETTINGS["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
    ]
    for path in (p for p in (ROOT / top).rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        if path.suffix == ".py":
            assert (path.parent / "__init__.py").is_file(), path
        else:
            assert any(path.match(str(pattern)) for pattern in told), path


def test_version_is_one():
    """The library and pyproject.toml name the same version."""
    assert recsys_lib.__version__ == PROJECT["version"]


# ---- reasons ----


def test_every_exclusion_has_its_reason():
    """In the lists of what the tools leave out, each line says why; each noqa in the code too."""
    lists = r"extend-exclude|filterwarnings|skip|ignore-words-list|untyped_calls_exclude|module|\"[^\"]+\""
    sections = re.findall(rf"^(?:{lists}) = \[\n(.*?)^\]", PYPROJECT, re.MULTILINE | re.DOTALL)
    assert len(sections) >= 8
    for line in "".join(sections).splitlines():
        if line.strip() not in ('"error",', "") and not line.lstrip().startswith("#"):
            assert re.search(r",  # \w+", line), line
    for path in [
        ROOT / "course.py",
        *(p for top in ("classroom", "recsys_lib", "tests") for p in (ROOT / top).rglob("*.py")),
    ]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"# noqa: [A-Z]", line):
                assert re.search(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)*\W+\w+", line), f"{path}: {line}"


# ---- CI ----


#: Stand-ins for what .ci/run calls: a shell's line each. Those of a machine that it would change do nothing.
STAND_INS = {
    **dict.fromkeys(
        ("chromium", "bwrap", "python3", "apt-get", "useradd"),
        'echo "$(basename "$0") $* ($COURSE_REQUIRE; $CI; $WHO)"; cat',
    ),
    "id": "echo $ID",
    "install": 'for name; do case "$name" in /*) mkdir -p "$name" ;; esac; done',
    "runuser": 'WHO=$2; export WHO; shift 3; exec "$@"',
}


def ci(tmp_path, *arguments, user=0):
    """Run .ci/run as this user, with stand-ins for what it calls; return the lines of `python3` that it came to."""
    for name, line in STAND_INS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    run = subprocess.run(
        [ROOT / ".ci" / "run", *arguments],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "ID": str(user), "WHO": "whoever", "TMPDIR": str(tmp_path)},
        input="this must not be read",
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "this must not be read" not in run.stdout
    return [line for line in run.stdout.splitlines() if line.startswith("python3")]


@pytest.mark.skipif(os.name == "nt", reason="a shell script, for Debian")
def test_ci_runs_the_same_command(tmp_path):
    """.ci/run calls `course.py test` with its arguments, reads no input, and lets no missing tool skip a test."""
    wanted = "python3 course.py test -- -k lab (browser,sandbox,postgres; true; {})"
    assert ci(tmp_path, "--", "-k", "lab", user=1000) == [wanted.format("whoever")]
    assert ci(tmp_path, "--", "-k", "lab")[1:] == [wanted.format("course-tester")]


@pytest.mark.skipif(os.name == "nt", reason="a shell script, for Debian")
def test_ci_runs_everything_as_an_ordinary_user(tmp_path):
    """Started as root it makes one, in a folder that goes again; root installs, and runs what depends on who grades."""
    who = [re.sub(r"python3 course.py (.*) \(.*; (.*)\)", r"\1, \2", line) for line in ci(tmp_path)]
    install = "test --sandbox -- -p no:cacheprovider --version, whoever"
    assert who == [install, "test, course-tester", "test --sandbox, whoever"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(STAND_INS)


def test_what_depends_on_who_runs_it():
    """Tests of the sandbox, side by side, without the linters: all but those that are marked. Each file is there."""
    (step,) = testing.steps([], sandbox=True)
    assert step.command[step.command.index("-m") + 1] == "not whoever"
    assert set(testing.SANDBOX) <= set(step.command) and "--numprocesses" in step.command
    assert all((ROOT / name).is_file() for name in testing.SANDBOX)


def test_hooks_are_the_quick_steps():
    """The pre-commit hooks run what `course.py test` runs before pytest."""
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    hooks = [(hook["name"], hook["entry"]) for hook in repository["hooks"]]
    lint = [step for step in testing.steps([]) if step.command[0] != "pytest"]
    assert hooks == [(step.name, " ".join([".venv/bin/python", "-m", *step.command])) for step in lint]


def test_workflow_covers_systems_and_numpy():
    """The workflow runs .ci/run, both other systems, the oldest and newest NumPy, and once a week."""
    jobs = WORKFLOW["jobs"]
    assert WORKFLOW[True]["schedule"], "YAML reads `on` as True"
    assert {"run": ".ci/run"} in jobs["everything"]["steps"]
    assert jobs["systems"]["strategy"]["matrix"]["os"] == ["windows-latest", "macos-latest"]
    oldest, newest = jobs["numpy"]["strategy"]["matrix"]["include"]
    floor = next(bounds for name, bounds in as_pairs(PROJECT["dependencies"]) if name == "numpy")
    assert oldest["pin"] == f"numpy=={floor.removeprefix('>=')}.*"
    assert oldest["python"] == PROJECT["requires-python"].removeprefix(">=")
    assert newest["pin"] == "numpy"
    assert not any("constraints" in step.get("run", "") for step in jobs["numpy"]["steps"])


def is_workflow(path):
    """Say whether a file has the form of a workflow, by the schema that check-jsonschema ships."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode in (0, 1) and "No module named" not in run.stderr, run.stderr
    return run.returncode == 0


def test_workflows_have_the_form_of_one(tmp_path):
    """Each one here has; with a word of it misspelt, it has not."""
    for path in WORKFLOWS.iterdir():
        assert is_workflow(path), path
    wrong = tmp_path / "pages.yml"
    wrong.write_text((WORKFLOWS / "pages.yml").read_text(encoding="utf-8").replace("    needs:", "    requires:"))
    assert not is_workflow(wrong)


def test_a_pull_request_gets_no_rights_and_publishes_nothing():
    """It comes from whoever has a fork: nothing runs for it that may write, and its site is an artifact."""
    assert set(PAGES[True]) == {"push", "pull_request"}, "not pull_request_target, which runs with our rights"
    assert PAGES["permissions"] == {"contents": "read"}
    ours = {"if": "github.event_name == 'push'"}
    for name, job in PAGES["jobs"].items():
        assert "permissions" not in job or job["if"] == ours["if"], name
        for step in job["steps"]:
            if re.search("upload-pages|cache@", step.get("uses", "")):
                assert step["if"] == ours["if"]
    uploads = [step for step in PAGES["jobs"]["build"]["steps"] if "pull_request" in step.get("if", "")]
    assert [step.get("uses", step.get("run", "")).split("@")[0].split(" ")[0] for step in uploads] == [
        "python",
        "actions/upload-artifact",
        "echo",
    ]


def test_pages_are_built_by_commands_that_exist():
    """Each command line of the workflow is one that `course.py` reads, for a repository that GitHub names."""
    lines = [step["run"] for step in PAGES["jobs"]["build"]["steps"] if step.get("run", "").startswith("python ")]
    assert len(lines) == 3
    for line in lines:
        options = parse(line.replace('"$REPOSITORY"', "ada/candidates").split()[2:])
        assert options.command == "lite" or options.repository == "ada/candidates"
    assert PAGES["jobs"]["build"]["env"] == {"REPOSITORY": "${{ github.repository }}"}


@pytest.mark.skipif(os.name == "nt", reason="a shell script, for Debian")
def test_the_branch_for_colab_holds_the_notebooks_alone(tmp_path):
    """One commit without a past, in the folders of the site; a second run replaces it; an empty folder is refused."""
    made, clone = tmp_path / "made", tmp_path / "clone"

    def git(*arguments):
        run = subprocess.run(["git", *arguments], cwd=clone, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return run.stdout.split("\n")[:-1]

    def put():
        script = [str(clone / ".ci" / "colab-branch"), str(made)]
        return subprocess.run(script, cwd=tmp_path, capture_output=True, text=True)

    (clone / ".ci").mkdir(parents=True)
    (clone / ".ci" / "colab-branch").write_bytes((ROOT / ".ci" / "colab-branch").read_bytes())
    (clone / ".ci" / "colab-branch").chmod(0o755)
    (clone / ".gitignore").write_text("colab/\n")
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "one")
    git("init", "-q", "--bare", str(tmp_path / "origin"))
    git("remote", "add", "origin", str(tmp_path / "origin"))
    made.mkdir()
    assert put().stderr == f"{made} holds no notebook in a folder 'colab'\n"
    for place in ("colab/L01.ipynb", "colab/L02.ipynb", "v0.9/colab/L01.ipynb"):
        (made / place).parent.mkdir(parents=True, exist_ok=True)
        (made / place).write_text(place)
    assert put().returncode == 0
    git("fetch", "-q", "origin")
    there = ["colab/L01.ipynb", "colab/L02.ipynb", "v0.9/colab/L01.ipynb"]
    assert git("ls-tree", "-r", "--name-only", "origin/colab") == there
    (made / "colab" / "L02.ipynb").unlink()
    assert put().returncode == 0
    git("fetch", "-q", "origin")
    assert git("ls-tree", "-r", "--name-only", "origin/colab") == [there[0], there[2]]
    assert len(git("log", "--format=%H", "origin/colab")) == 1
    assert git("status", "--porcelain") == [], "the clone is as it was"


def test_generated_and_private_files_are_ignored():
    """git leaves out the environment, the learner's work, the gradebook and MovieLens, and keeps the notebooks."""
    private = [".venv/x", ".course/x", "work/L01/a.ipynb", "gradebook.db", "submitted/x", "grading/x"]
    private += ["a/u.data", "ml-100k.zip", "movielens-latest-small.pkl.xz"]
    public = ["notebooks/L01/L01.ipynb", "solutions/L01/L01.py", "course.py", "constraints.txt"]
    run = subprocess.run(
        ["git", "check-ignore", "--no-index", *private, *public], cwd=ROOT, capture_output=True, text=True
    )
    if run.returncode == 128:
        pytest.skip("not a git clone")
    assert run.stdout.split() == private


# ---- course.py test ----


def pytest_steps(*arguments, exact=True):
    """Return the commands of the steps that run pytest."""
    return [step.command for step in testing.steps(list(arguments), exact=exact) if step.command[0] == "pytest"]


def test_all_tests_run_once():
    """One run of pytest takes all tests, whatever else is given to it."""
    (command,) = pytest_steps("-k", "lab")
    assert "tests" in command and "--ignore" not in command
    assert command[-2:] == ["-k", "lab"]


def test_loose_leaves_numbers_out():
    """Other systems and other NumPys run everything that compares no bytes, no printed numbers and no types."""
    (command,) = pytest_steps(exact=False)
    assert command[command.index("-m") + 1] == "not exact"
    assert "--doctest-modules" not in command
    assert "mypy" not in [step.name for step in testing.steps([], exact=False)]


def test_a_path_replaces_the_usual_ones():
    """`course.py test -- tests/test_lab.py` runs that file alone."""
    (command,) = pytest_steps(str(ROOT / "tests" / "test_lab.py") + "::test_x")
    assert "tests" not in command


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ((0, 0), 0),
        ((1, 0), 1),
        ((0, 1), 1),
        ((0, 5), 1),  # 5: `-k` chose no test
    ],
)
def test_any_failure_fails(monkeypatch, tmp_path, codes, code, capfd):
    """Whichever step fails, the others still run and the exit code is 1; choosing no test at all fails, too."""
    (tmp_path / "ending.py").write_text("import sys\nprint('ran', sys.argv[1])\nsys.exit(int(sys.argv[2]))\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(ROOT)
    names = ("lint", "pytest")
    steps = [testing.ToolRun(name, ["ending", name, str(end)]) for name, end in zip(names, codes, strict=True)]
    monkeypatch.setattr(testing, "steps", lambda arguments, **how: steps)
    assert testing.run(parse(["test"])) == code
    out = capfd.readouterr().out
    assert {f"ran {name}" for name in names} <= set(out.splitlines())
    assert ("failed" in out) == bool(set(codes) - {0})
