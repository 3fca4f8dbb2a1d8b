"""Try three dishonest submissions on this machine's sandbox, and say what came of each; elective E02 starts it.

    python course.py attacks

They are three of `tests/grading/attacks.py`, where some hundred more stand, and are graded as a class's are. All that
they could harm is made for them, in a temporary folder, and is gone afterwards. Nothing is said that differs from run
to run, so the lesson can keep what is printed here for machines without a sandbox.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from classroom.common import ROOT, CourseError

if TYPE_CHECKING:
    from classroom.submission.grade import Graded

CATALOGUE = ROOT / "tests" / "grading" / "attacks.py"
TRIED = ("files of the course", "network", "check re-defined")
SECRET = "the-gradebook-of-everybody"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line: there are no arguments."""


def run(options: argparse.Namespace) -> int:
    """Print what came of each attack; return 1 if one of them got anything."""
    try:
        lines, harmless = report()
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines))
    return int(not harmless)


def report() -> tuple[list[str], bool]:
    """Try the attacks; return what there is to say, and whether none of them got anything.

    Raises
    ------
    CourseError
        If this machine has no sandbox, or the folder of the course no catalogue of attacks.
    """
    from classroom.sandbox.namespaces import bubblewrap
    from classroom.submission.grade import close_template

    bubblewrap()
    catalogue = {attack.name: attack for attack in _catalogue().ATTACKS}
    leak = _catalogue().LEAK
    lines, harmless = [], True
    with _stage() as (filled, heard):
        lines += [f"without a sandbox: {_as_anybody(filled)}", ""]
        heard.clear()
        try:
            for name in TRIED:
                graded = _graded(catalogue[name], filled)
                got = [word for word in (leak, SECRET) if word in json.dumps(graded.notebook)]
                points, most = graded.record.points, graded.record.max_points
                failed = graded.status == "graded" and not (points or got or heard)
                harmless = harmless and failed
                lines += [
                    f"{name}: {catalogue[name].tries}",
                    f"  {graded.status}, {points:g} of {most:g} points; "
                    + ("it saw something" if got else "it saw nothing")
                    + ("; it reached somebody" if heard else "; it reached nobody"),
                ]
        finally:
            close_template()
    return lines, harmless


def _catalogue() -> ModuleType:
    """Read the catalogue of attacks: it belongs to the tests, which nothing here imports."""
    name = "course_attacks"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, CATALOGUE)
        if spec is None or spec.loader is None or not CATALOGUE.is_file():
            raise CourseError(f"{CATALOGUE} is missing: the attacks lie in the course's own folder, not in the package")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@contextlib.contextmanager
def _stage() -> Iterator[tuple[dict[str, str], list[Any]]]:
    """Lay out a gradebook that anybody may read, and listen; yield what attacks are filled with, and who called."""
    heard: list[Any] = []
    with tempfile.TemporaryDirectory(prefix="attacked-") as name, socket.socket() as listening:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "gradebook.db").write_text(SECRET)
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def listen() -> None:
            with contextlib.suppress(OSError):  # it is closed at the end
                while True:
                    caller, address = listening.accept()
                    caller.close()
                    heard.append(address)

        threading.Thread(target=listen, daemon=True).start()
        port = listening.getsockname()[1]
        words = {
            "COURSE": name,
            "ROOT": str(ROOT),
            "PORT": str(port),
            "SOCKET": f"{name}/none",
            "ABSTRACT": f"{name}-none",
        }
        yield {**words, "SLEEP": "1", "MARK": "attacked"}, heard
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _as_anybody(filled: dict[str, str]) -> str:
    """Do from outside what the first two attacks want to do inside: else their failing would prove nothing."""
    read = Path(filled["COURSE"], "gradebook.db").read_text() == SECRET
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(filled["PORT"])), timeout=5) as line:
        line.recv(1)  # waits until the listener has taken the call
        return f"the gradebook {'can' if read else 'cannot'} be read, and the listener answers"
    return f"the gradebook {'can' if read else 'cannot'} be read, and the listener does not answer"


def _graded(attack: Any, filled: dict[str, str]) -> Graded:
    from classroom.sandbox.namespaces import Limits
    from classroom.submission.grade import fresh_seed, grade_submission
    from classroom.submission.lesson import Lesson

    path = ROOT / "notebooks" / attack.lesson / f"{attack.lesson}.ipynb"
    release = json.loads(path.read_text(encoding="utf-8"))
    for cell in release["cells"]:
        cell["source"] = "".join(cell["source"])
    lesson = Lesson(attack.lesson, release, limits=Limits(**attack.limits))
    return grade_submission(lesson, "mallory", attack.submission(release, filled), fresh_seed())
