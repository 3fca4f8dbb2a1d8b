"""Build the course as a site that is read without Python: lessons, guides, claims, the library.

python course.py site                  into site/; with links to the lessons in the browser where `lite` put them there
python course.py site --to FOLDER      elsewhere
python course.py site --serve          build it, then show it on this machine until Ctrl-C
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from classroom.common import ROOT, CourseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--to", type=Path, default=ROOT / "site", metavar="FOLDER", help="where to put it (site/)")
    parser.add_argument("--serve", action="store_true", help="show it on this machine afterwards")


def run(options: argparse.Namespace) -> int:
    """Build the site; return the exit code."""
    from classroom.website.build import build_site
    from classroom.website.serving import show
    from classroom.website.steps import steps

    start, target = time.perf_counter(), options.to.resolve()
    try:
        with steps(3) as begin:
            pages = build_site(target, browser=(target / "lite" / "jupyter-lite.json").is_file(), on_step=begin)
    except (CourseError, OSError) as error:
        print(f"Not built:\n{error}", file=sys.stderr)
        return 1
    print(f"{pages} pages in {time.perf_counter() - start:.0f} s: {target / 'index.html'}")
    return show(target) if options.serve else 0
