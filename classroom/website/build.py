"""Build the site with Sphinx, in processes of its own, and put it in place once it is whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from classroom.common import ROOT, CourseError
from classroom.website.checking import site_problems
from classroom.website.colab import write_colab
from classroom.website.repository import NOWHERE, Published
from classroom.website.sources import write_sources

NOT_PUBLISHED = (".doctrees", ".buildinfo", "objects.inv", "_static/webpack-macros.html")


def build_site(
    target: Path,
    *,
    browser: bool = False,
    published: Published = NOWHERE,
    on_step: Callable[[str], object] = lambda name: None,
) -> int:
    """Build the site; return its number of pages.

    Parameters
    ----------
    target : Path
        Where it goes; what an earlier build left there is replaced, but for ``lite/``.
    browser : bool
        Whether the lessons open in the browser, at ``lite/``.
    published : Published
        Where it will be read, and the repository behind it: with the address it holds the notebooks for Colab, with the
        repository its lessons have doors to Colab and Binder, and with a version it looks for the others.
    on_step : callable
        Called with the name of each step as it begins.

    Raises
    ------
    CourseError
        If Sphinx warns or fails, if a link leads nowhere, or if a page would fetch something from another host.
        Nothing is replaced then.
    """
    with tempfile.TemporaryDirectory(prefix="course-site-") as folder:
        sources, made = Path(folder) / "sources", Path(folder) / "html"
        on_step("writing the pages")
        write_sources(sources, browser=browser, published=published)
        on_step("building")
        _sphinx(sources, made)
        for name in NOT_PUBLISHED:
            path = made / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        on_step("checking the links")
        problems = site_problems(made)
        if browser:  # made by another command, into the place that the pages lead to
            problems = [problem for problem in problems if "lite/" not in problem]
        if problems:
            raise CourseError("\n".join(problems))
        if published.address:
            write_colab(made, published)
        _replace(target, made)
    return sum(1 for path in target.rglob("*.html") if "lite" not in path.relative_to(target).parts)


def _sphinx(sources: Path, target: Path) -> None:
    """Run Sphinx; a warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-E", "-j", "2"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "1577836800"}
    done = subprocess.run(
        [*command, str(sources), str(target)], env=environ, cwd=sources, capture_output=True, text=True
    )
    if done.returncode:
        said = (done.stderr + done.stdout).replace(str(sources), "").strip()
        raise CourseError(f"Sphinx refused the pages:\n{said}")


def _replace(target: Path, made: Path) -> None:
    """Put a built site in place of an earlier one; the lessons for the browser stay."""
    there = {path.name for path in target.iterdir()} if target.exists() else set()
    if there - {"lite"} and "index.html" not in there:
        raise CourseError(f"{target} holds something that is not a site: name another folder")
    target.mkdir(parents=True, exist_ok=True)
    for path in target.iterdir():
        if path.name != "lite":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in made.iterdir():
        shutil.move(str(path), target / path.name)
