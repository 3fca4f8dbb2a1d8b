"""The site's versions side by side: in a small clone whose tags build a page each, and the forms of what names them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from classroom.__main__ import parse
from classroom.commands import site as command
from classroom.common import ROOT, CourseError
from classroom.website.build import _replace
from classroom.website.lesson_pages import doors
from classroom.website.releases import build_releases, release_tags
from classroom.website.repository import NOWHERE, Published, read_address, read_ref, read_repository

LESSON = "L01_two_ways"
ADA = Published("ada/candidates")
#: A course that has nothing but a site of one page, which says how its build was called. Its help names what it knows.
STAND_IN = """
import argparse, pathlib, sys
parser = argparse.ArgumentParser()
for option in ("--to", {options}):
    parser.add_argument(option)
given = parser.parse_args(sys.argv[2:])
{first}
site = pathlib.Path(given.to)
site.mkdir()
said = sorted(f"{{name}} {{value}}" for name, value in vars(given).items() if name != "to")
(site / "index.html").write_text("\\n".join(["{name}", *said]))
"""
OPTIONS = '"--repository", "--ref", "--address", "--release"'


class Clone:
    """A repository with what a release needs to be built, and a tag for each release."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "classroom" / "commands").mkdir(parents=True)
        (root / "classroom" / "__init__.py").touch()
        for name in ("pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, root / name)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        """Run git there."""
        who = {f"GIT_{role}_{what}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env={**os.environ, **who, **own}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tag(self, name: str, *, site: bool = True, options: str = OPTIONS, first: str = "") -> None:
        """Commit a course, with or without a site, and name it."""
        main = self.root / "classroom" / "__main__.py"
        main.write_text(STAND_IN.format(name=name, options=options, first=first))
        marker = self.root / "classroom" / "commands" / "site.py"
        marker.write_text(f"# {options}\n") if site else marker.unlink(missing_ok=True)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", name)
        self.git("tag", name)

    def build(self, target: Path, published: Published = ADA, cache: str = "cache") -> list[str]:
        """Put the versions together; return the names of the steps."""
        steps: list[str] = []
        tags, _ = release_tags(self.root)
        pages = build_releases(
            target,
            published,
            tags=tags,
            cache=self.root.parent / cache,
            root=self.root,
            build_main=_one_page,
            on_step=steps.append,
        )
        assert pages == 1
        return steps


def _one_page(target, *, browser, published, on_step):
    """Stand in for `build_site`."""
    made = target.parent / "made"
    made.mkdir(exist_ok=True)
    (made / "index.html").write_text(f"the present course, {published.version}")
    _replace(target, made)
    on_step("building")
    return 1


@pytest.fixture
def clone(tmp_path):
    """A repository with two releases, of which v0.10 is the newer one."""
    made = Clone(tmp_path / "clone")
    made.tag("v0.9")
    made.tag("v0.10")
    return made


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# ---- the versions ----


def test_each_release_builds_its_own_site_beside_the_present_one(clone, tmp_path):
    """The present course is at the top, each release in its folder, told its own name; the newest is preferred."""
    assert clone.build(tmp_path / "site") == ["v0.10", "v0.9", "building"]
    made = files(tmp_path / "site")
    assert made.keys() == {"index.html", "versions.json", "v0.9/index.html", "v0.10/index.html"}
    assert made["index.html"] == b"the present course, main"
    assert made["v0.9/index.html"].decode().splitlines() == [
        "v0.9",
        "address https://ada.github.io/candidates/",
        "ref v0.9",
        "release v0.9",
        "repository ada/candidates",
    ]
    listed = json.loads(made["versions.json"])
    assert [(entry["version"], entry["url"], entry.get("preferred")) for entry in listed] == [
        ("main", "https://ada.github.io/candidates/", None),
        ("v0.10", "https://ada.github.io/candidates/v0.10/", True),
        ("v0.9", "https://ada.github.io/candidates/v0.9/", None),
    ]
    assert clone.git("worktree", "list").count("\n") == 1, "no worktree is left behind"


def test_twice_the_same_bytes_and_each_release_built_once(clone, tmp_path):
    """A second run takes the releases from where they are kept; one whose tag moved is built again; ``lite/`` stays."""
    clone.build(tmp_path / "site")
    first = files(tmp_path / "site")
    (tmp_path / "site" / "lite").mkdir()
    (tmp_path / "site" / "lite" / "x").write_text("kept")
    (tmp_path / "site" / "v0.8").mkdir()
    kept = sorted((tmp_path / "cache").iterdir())
    stamp = {path: path.stat().st_mtime_ns for path in kept}
    clone.build(tmp_path / "site")
    assert files(tmp_path / "site") == first | {"lite/x": b"kept"}
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()} == stamp
    clone.build(tmp_path / "site", cache="empty")
    assert files(tmp_path / "site") == first | {"lite/x": b"kept"}
    clone.build(tmp_path / "other", replace(ADA, address="https://example.org/"))
    assert b"address https://example.org/" in files(tmp_path / "other")["v0.9/index.html"]
    clone.git("tag", "-f", "v0.9", "v0.10")
    clone.build(tmp_path / "site")
    assert files(tmp_path / "site")["v0.9/index.html"].split()[0] == b"v0.10"


def test_what_is_left_out_is_named(clone):
    """A tag from before the site, no release, one that somebody leaves out; an unknown one is refused."""
    clone.tag("v0.1", site=False)
    clone.tag("v1.0-rc1")
    clone.tag("elsewhere")
    tags, sentences = release_tags(clone.root, without=["v0.9"])
    assert [tag.name for tag in tags] == ["v0.10"]
    assert sorted(sentences) == [
        "v0.1 is left out: it is from before there was a site.",
        "v0.9 is left out, as you said.",
        "v1.0-rc1 is left out: a release is a 'v' and numbers with points between, like v0.9.",
    ]
    with pytest.raises(CourseError, match=r"there is no tag v7; the tags are: v1.0-rc1, v0.10, v0.9, v0.1"):
        release_tags(clone.root, without=["v7"])


def test_a_release_that_cannot_be_built_is_said_and_nothing_is_replaced(clone, tmp_path):
    """Its name, what its own build said and how to go on; the site stays as it was, and no worktree is left."""
    clone.build(tmp_path / "site")
    before = files(tmp_path / "site")
    clone.tag("v0.11", first="sys.exit('no such theme')")
    with pytest.raises(
        CourseError, match=r"(?s)v0.11 cannot be built; leave it out with --without v0.11.*no such theme"
    ):
        clone.build(tmp_path / "site")
    assert files(tmp_path / "site") == before
    assert clone.git("worktree", "list").count("\n") == 1


def test_an_older_command_is_told_what_it_knows(clone, tmp_path):
    """A release whose command has fewer options is built with those."""
    clone.tag("v0.11", options='"--ref"')
    assert release_tags(clone.root)[1] == [
        "v0.11 does not say that there are newer ones: it is from before the site had versions."
    ]
    clone.build(tmp_path / "site")
    assert files(tmp_path / "site")["v0.11/index.html"].split() == [b"v0.11", b"ref", b"v0.11"]


def test_a_release_with_other_pins_makes_its_own_environment(clone, tmp_path):
    """Where constraints.txt differs, the release's own course.py is started, which makes one."""
    (clone.root / "constraints.txt").write_text("numpy==1.26.4\n")
    (clone.root / "course.py").write_text(STAND_IN.format(name="by its own course.py", options=OPTIONS, first=""))
    clone.tag("v0.11")
    shutil.copy(ROOT / "constraints.txt", clone.root / "constraints.txt")
    clone.build(tmp_path / "site")
    made = files(tmp_path / "site")
    assert made["v0.11/index.html"].startswith(b"by its own course.py")
    assert made["v0.9/index.html"].startswith(b"v0.9")


def test_no_clone_is_said(tmp_path):
    """Releases are tags: outside a clone there are none to be had."""
    with pytest.raises(CourseError, match=r"git tag failed in .*: .*not a git repository"):
        release_tags(tmp_path)
    with pytest.raises(ValueError, match=r"its address must be known"):
        build_releases(tmp_path / "site", NOWHERE, tags=[], cache=tmp_path)


# ---- the command line ----


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--repository candidates", r"OWNER/NAME as on GitHub.*not 'candidates'"),
        ("--repository a/b --ref a..b", r"a branch, tag or commit has .*not 'a..b'"),
        ("--address ftp://example.org", r"a site's address is like .*not 'ftp://example.org'"),
        ("--release v1-rc", r"a version is 'main', or a 'v' and numbers.*not 'v1-rc'"),
        ("--releases --release v1", r"not allowed with argument"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_built(line, said, capsys):
    """Argparse's exit, with what was found and what is allowed."""
    with pytest.raises(SystemExit):
        parse(["site", *line.split()])
    assert re.search(said, capsys.readouterr().err.replace("\n", " "))


@pytest.mark.parametrize(
    ("line", "said"), [("--releases", "--releases needs --repository"), ("--without v1", "is for --releases")]
)
def test_options_that_need_others(line, said, tmp_path, capsys):
    """The command says which, and builds nothing."""
    assert command.run(parse(["site", "--to", str(tmp_path / "site"), *line.split()])) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    "text", ["ada", "ada/", "/x", "a b/x", "-a/x", "a-/x", "a--b/x", "a/..", "a/b/c", 'a/"', "a/b\n"]
)
def test_no_repository(text):
    """What GitHub does not allow, and what could break out of a link, is refused."""
    with pytest.raises(ValueError, match=r"OWNER/NAME"):
        read_repository(text)


@pytest.mark.parametrize("text", ["", "-x", "a b", "a..b", "x/", "x.lock", "x.", "a//b", "a~1", "a\n"])
def test_no_ref(text):
    """What git does not allow as a name is refused."""
    with pytest.raises(ValueError, match=r"a branch, tag or commit"):
        read_ref(text)


@pytest.mark.parametrize(
    "text", ["", "example.org", "https://", "https://x/?a", "https://x/#a", "https://x/ y", "https://x/;y"]
)
def test_no_address(text):
    """What could not be followed by a file's name, or could end the line that runs pip, is refused."""
    with pytest.raises(ValueError, match=r"a site's address"):
        read_address(text)


# ---- what follows from a repository ----


def test_doors_follow_from_the_repository():
    """Without one there are none to Colab and Binder; with one, they lead to its notebooks, or a release's own."""
    assert "Open in the browser" in doors(LESSON, "x") and "Binder" not in doors(LESSON, "x")
    text = doors(LESSON, None, replace(ADA, ref="v0.9", version="v0.9"))
    assert re.findall(r'href="(https:[^"]+)">Open in (\w+)<', text) == [
        (f"https://colab.research.google.com/github/ada/candidates/blob/colab/v0.9/colab/{LESSON}.ipynb", "Colab"),
        (
            f"https://mybinder.org/v2/gh/ada/candidates/v0.9?urlpath=lab/tree/notebooks/{LESSON}/{LESSON}.ipynb",
            "Binder",
        ),
    ]
    assert (ROOT / "notebooks" / LESSON / f"{LESSON}.ipynb").is_file(), "where Binder's door leads"


def test_pages_address_is_githubs():
    """An owner's own page is at the top of its host; what is given goes before what follows; a slash ends it."""
    assert Published("Ada/Course").address == "https://ada.github.io/Course/"
    assert Published("Ada/ada.github.io").address == "https://ada.github.io/"
    assert Published("Ada/Course", address="https://example.org/x").address == "https://example.org/x/"
    assert NOWHERE.address == ""
