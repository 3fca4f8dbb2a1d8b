"""Build the course as a site that is read without Python: lessons, guides, claims, the library.

python course.py site                  into site/; with links to the lessons in the browser where `lite` put them there
python course.py site --to FOLDER      elsewhere
python course.py site --serve          build it, then show it on this machine until Ctrl-C
python course.py site --repository OWNER/NAME             with doors to Colab and Binder
python course.py site --repository OWNER/NAME --releases  and with the site of each release beside it
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from classroom.common import ROOT, CourseError
from classroom.website.repository import MAIN, Published, read_address, read_ref, read_repository, read_version


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--to", type=Path, default=ROOT / "site", metavar="FOLDER", help="where to put it (site/)")
    parser.add_argument("--serve", action="store_true", help="show it on this machine afterwards")
    parser.add_argument(
        "--repository",
        type=_checked(read_repository),
        metavar="OWNER/NAME",
        help="the course's repository on GitHub: each lesson gets a door to Colab and one to Binder",
    )
    parser.add_argument(
        "--ref", type=_checked(read_ref), default=MAIN, metavar="REF", help="the branch or tag that Binder runs (main)"
    )
    parser.add_argument(
        "--address",
        type=_checked(read_address),
        metavar="ADDRESS",
        help="where the site will be read (with --repository: where GitHub's Pages has it)",
    )
    versions = parser.add_mutually_exclusive_group()
    versions.add_argument("--releases", action="store_true", help="put the site of each release, a tag v*, beside it")
    versions.add_argument(
        "--release",
        type=_checked(read_version),
        metavar="TAG",
        help="build it as this release's, to lie in a folder of that name (what --releases calls)",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="TAG",
        help="with --releases: leave this tag out, since it cannot be built any more",
    )


def _checked(reader: Callable[[str], object]) -> Callable[[str], str]:
    """Return a type for argparse that lets through what a reader takes, and says what the reader says of the rest."""

    def read(text: str) -> str:
        try:
            reader(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        return text

    return read


def run(options: argparse.Namespace) -> int:
    """Build the site; return the exit code."""
    from classroom.website.build import build_site
    from classroom.website.releases import build_releases, release_tags
    from classroom.website.serving import show
    from classroom.website.steps import steps

    start, target = time.perf_counter(), options.to.resolve()
    browser = (target / "lite" / "jupyter-lite.json").is_file()
    said: list[str] = []
    try:
        published = Published(options.repository or "", options.ref, options.address or "", options.release or "")
        if options.without and not options.releases:
            raise CourseError("--without TAG leaves a release out, and is for --releases")
        if options.releases:
            if not published.address:
                raise CourseError(
                    "--releases needs --repository OWNER/NAME or --address: each version leads to the others"
                )
            tags, said = release_tags(without=options.without)
            with steps(len(tags) + 3) as begin:
                cache = ROOT / ".cache" / "releases"
                pages = build_releases(target, published, tags=tags, cache=cache, browser=browser, on_step=begin)
        else:
            with steps(3) as begin:
                pages = build_site(target, browser=browser, published=published, on_step=begin)
    except (CourseError, OSError) as error:
        print(f"Not built:\n{error}", file=sys.stderr)
        return 1
    for sentence in said:
        print(sentence)
    if options.releases:
        print("Beside it: " + (", ".join(tag.name for tag in tags) or "no release yet") + ".")
    print(f"{pages} pages in {time.perf_counter() - start:.0f} s: {target / 'index.html'}")
    return show(target) if options.serve else 0
