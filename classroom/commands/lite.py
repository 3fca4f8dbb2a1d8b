"""Build the lessons as pages on which Python itself runs, in the reader's browser: nothing is installed or sent.

python course.py lite                  into site/lite/; the first time some 80 MB are fetched through pip
python course.py lite --to FOLDER      elsewhere
python course.py lite --serve          build it, then show it on this machine until Ctrl-C
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from classroom.common import ROOT, CourseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "--to", type=Path, default=ROOT / "site" / "lite", metavar="FOLDER", help="where to put it (site/lite/)"
    )
    parser.add_argument("--serve", action="store_true", help="show it on this machine afterwards")


def run(options: argparse.Namespace) -> int:
    """Build the pages; return the exit code."""
    from classroom.website.lite import build_lite
    from classroom.website.serving import show
    from classroom.website.steps import steps

    start, target = time.perf_counter(), options.to.resolve()
    try:
        with steps(4) as begin:
            size = build_lite(target, ROOT / ".cache" / "lite", on_step=begin)
    except (CourseError, OSError) as error:
        print(f"Not built:\n{error}", file=sys.stderr)
        return 1
    print(f"{size / 1e6:.0f} MB in {time.perf_counter() - start:.0f} s: {target / 'notebooks' / 'index.html'}")
    return show(target) if options.serve else 0
