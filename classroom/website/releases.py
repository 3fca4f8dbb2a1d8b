"""Put the site of the present course and the site of each release side by side: each release builds its own."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from classroom.common import ROOT, CourseError, sha256
from classroom.website.build import build_site
from classroom.website.repository import MAIN, VERSIONS, Published, is_release

COMMAND = "classroom/commands/site.py"  # a tag without it is from before there was a site
OPTION = "--release"  # a tag whose command has it not is from before the site had versions
PINS = ("pyproject.toml", "constraints.txt")  # what decides the contents of an environment
LAST_LINES = 12  # of what a build said, in the error


@dataclass(frozen=True)
class Tag:
    """A release in the repository.

    Attributes
    ----------
    name : str
        The tag.
    commit : str
        The commit that it names.
    """

    name: str
    commit: str


def release_tags(root: Path = ROOT, without: Collection[str] = ()) -> tuple[list[Tag], list[str]]:
    """Return the releases that have a site, the newest first, and a sentence on each tag that is wanting in something.

    A tag is left out where it is no release, is from before there was a site, or somebody says so. One from before the
    site had versions is built, and its pages do not say that there are newer ones.

    Parameters
    ----------
    root : Path
        A clone of the course, with its tags.
    without : collection of str
        Tags that are left out because somebody says so.

    Raises
    ------
    CourseError
        If the folder is no clone, or a tag of `without` is not there.
    """
    listed = _git(root, "tag", "--list", "v*", "--sort=-version:refname", "--format=%(refname:short)").split()
    if absent := sorted(set(without) - set(listed)):
        raise CourseError(f"there is no tag {', '.join(absent)}; the tags are: {', '.join(listed) or 'none'}")
    tags, said = [], []
    for name in listed:
        if name in without:
            said.append(f"{name} is left out, as you said.")
        elif not is_release(name):
            said.append(f"{name} is left out: a release is a 'v' and numbers with points between, like v0.9.")
        elif not _git(root, "ls-tree", "--name-only", f"refs/tags/{name}", COMMAND):
            said.append(f"{name} is left out: it is from before there was a site.")
        else:
            if OPTION not in _git(root, "show", f"refs/tags/{name}:{COMMAND}"):
                said.append(f"{name} does not say that there are newer ones: it is from before the site had versions.")
            tags.append(Tag(name, _git(root, "rev-parse", f"refs/tags/{name}^{{commit}}")))
    return tags, said


def build_releases(
    target: Path,
    published: Published,
    *,
    tags: Collection[Tag],
    cache: Path,
    browser: bool = False,
    root: Path = ROOT,
    build_main: Callable[..., int] = build_site,
    on_step: Callable[[str], object] = lambda name: None,
) -> int:
    """Build the site of the present course at the top, and each release's in a folder of its name.

    Parameters
    ----------
    target : Path
        Where they go; what an earlier build left there is replaced, but for ``lite/``.
    published : Published
        Where it will be read; the address must be known, since each version leads to the others.
    tags : collection of Tag
        The releases, the newest first, from `release_tags`.
    cache : Path
        Where built releases are kept: a tag does not change, so each is built once.
    browser : bool
        Whether the present course's lessons open in the browser.
    root : Path
        The clone that holds the tags.
    build_main : callable
        What builds the present course's site.
    on_step : callable
        Called with the name of each step as it begins: one for each tag, and those of `build_site`.

    Returns
    -------
    int
        The number of pages of the present course.

    Raises
    ------
    ValueError
        If the site's address is not known.
    CourseError
        If the present course or a release cannot be built. Nothing is replaced then.
    """
    if not published.address:
        raise ValueError("the versions of a site lead to one another: its address must be known")
    made = {}
    for tag in tags:
        on_step(tag.name)
        made[tag.name] = _built(tag, published, cache, root)
    pages = build_main(target, browser=browser, published=replace(published, version=MAIN), on_step=on_step)
    for name, folder in made.items():
        shutil.copytree(folder, target / name)
    (target / VERSIONS).write_bytes(versions(published, [tag.name for tag in tags]).encode())
    return pages


def versions(published: Published, releases: list[str]) -> str:
    """Return the list that the switcher on each page reads: the present course, then the releases, newest first.

    >>> print(versions(Published("ada/candidates"), ["v0.9"]))
    [
     {
      "name": "main",
      "version": "main",
      "url": "https://ada.github.io/candidates/"
     },
     {
      "name": "v0.9",
      "version": "v0.9",
      "url": "https://ada.github.io/candidates/v0.9/",
      "preferred": true
     }
    ]
    """
    entries = [
        {"name": name, "version": name, "url": published.address + replace(published, version=name).below}
        | ({"preferred": True} if releases[:1] == [name] else {})  # an older release's pages lead to this one
        for name in (MAIN, *releases)
    ]
    return json.dumps(entries, indent=1)


def _built(tag: Tag, published: Published, cache: Path, root: Path) -> Path:
    """Return the folder that holds a release's site; build it where it is not kept."""
    key = sha256(f"{tag} {published.repository} {published.address}".encode())[:16]
    kept = cache / f"{tag.name}-{key}"
    if not kept.is_dir():
        with _worktree(root, tag) as course, tempfile.TemporaryDirectory(prefix="course-release-") as folder:
            site = Path(folder) / "site"
            done = subprocess.run(
                [*_command(course, root), "site", "--to", str(site), *_told(course, root, tag, published)],
                cwd=course,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            if done.returncode or not (site / "index.html").is_file():
                said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:])
                raise CourseError(
                    f"{tag.name} cannot be built; leave it out with --without {tag.name}. Its own build said:\n{said}"
                )
            cache.mkdir(parents=True, exist_ok=True)
            whole = kept.with_suffix(".part")
            shutil.rmtree(whole, ignore_errors=True)
            shutil.move(str(site), whole)
            whole.rename(kept)
    return kept


def _command(course: Path, root: Path) -> list[str]:
    """Return what starts a release's own commands: in this environment if it asks for the same one, else in its own."""
    if all((course / name).is_file() and (course / name).read_bytes() == (root / name).read_bytes() for name in PINS):
        return [sys.executable, "-m", "classroom"]
    return [sys.executable, "course.py"]


def _told(course: Path, root: Path, tag: Tag, published: Published) -> list[str]:
    """Return the options that a release's own command knows."""
    wanted = {"--repository": published.repository, "--ref": tag.name}
    wanted |= {"--address": published.address, OPTION: tag.name}
    helped = subprocess.run(
        [sys.executable, "-m", "classroom", "site", "--help"], cwd=course, capture_output=True, text=True
    )
    known = {option: value for option, value in wanted.items() if value and f"{option} " in helped.stdout}
    return [part for pair in known.items() for part in pair]


@contextlib.contextmanager
def _worktree(root: Path, tag: Tag) -> Iterator[Path]:
    """Check a release out into a folder of its own, and take that away again."""
    with tempfile.TemporaryDirectory(prefix="course-tag-") as folder:
        course = Path(folder) / "course"
        _git(root, "worktree", "add", "--detach", str(course), tag.commit)
        try:
            yield course
        finally:
            _git(root, "worktree", "remove", "--force", str(course))


def _git(root: Path, *arguments: str) -> str:
    """Run git in a clone; return what it printed, without the end of the last line."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise CourseError("releases are tags: they need git, and a clone of the course") from error
    if done.returncode:
        raise CourseError(f"git {arguments[0]} failed in {root}: {done.stderr.strip()}")
    return done.stdout.strip()
