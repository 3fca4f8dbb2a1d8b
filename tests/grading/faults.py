"""What can go wrong when a class is graded, as a table: how it is laid, and what must be said of it.

Three kinds: a submission that is odd or broken, code that misbehaves while it runs, and a course folder in which
something is broken, full, locked or missing. `test_faults.py` lays each of them.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import errno
import json
import os
import re
import socket
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom import common
from classroom.student_names import shown_name
from classroom.submission.grade import Graded, grade_submission
from classroom.submission.lesson import Lesson
from classroom.submission.record import replace
from tests.grading import submissions
from tests.grading.submissions import LESSON, handed_in

FILE = f"{LESSON}.ipynb"
EXERCISES = submissions.exercises()
GOOD = json.dumps(handed_in(["dot"])).encode()
BETTER = json.dumps(handed_in(["dot", "cosine"])).encode()
OTHER = next(path.stem for path in sorted(common.NOTEBOOKS.glob("*/*.ipynb")) if path.stem != LESSON)
OF_ANOTHER = json.dumps(handed_in(submissions.exercises(OTHER), lesson=OTHER)).encode()
UNTOUCHED = json.dumps(handed_in()).encode()
COPY = f"{LESSON}-Copy1.ipynb"
NOT = "not graded"
NO_TIME = "'timestamp.txt' holds no time that can be read"


# ------------------------------------------------------------------------------------------------------- submissions


@dataclass(frozen=True)
class Fault:
    """A submission with a fault.

    Attributes
    ----------
    name : str
    says : str
        What is wrong, in a sentence.
    lay : callable
        Takes the folder submitted/STUDENT, which is not there yet.
    cause : str
        A regular expression: what the record says.
    status : str
    points : float or None
        What is earned all the same.
    student : str, optional
        The folder's name, where that is the point.
    """

    name: str
    says: str
    lay: Callable[[Path], None]
    cause: str = ""
    status: str = NOT
    points: float | None = None
    student: str = ""

    @property
    def folder(self) -> str:
        """Name of the folder in submitted/."""
        return self.student or f"fault {self.plain}"

    @property
    def plain(self) -> str:
        """The fault's name as part of a student's."""
        return re.sub(r"[^\w ]", "", self.name).strip()

    @property
    def shown(self) -> str:
        """The name as records and the gradebook have it."""
        return shown_name(self.folder)


def _holds(data: bytes | dict | list | Any) -> Callable[[Path], None]:
    """The notebook's file holds this."""

    def lay(folder: Path) -> None:
        (folder / LESSON).mkdir(parents=True)
        (folder / LESSON / FILE).write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())

    return lay


def _beside(*files: tuple[str, bytes]) -> Callable[[Path], None]:
    """The lesson's folder holds these files."""

    def lay(folder: Path) -> None:
        (folder / LESSON).mkdir(parents=True)
        for name, data in files:
            (folder / LESSON / name).write_bytes(data)

    return lay


def _as_notebook(make: Callable[[Path], Any]) -> Callable[[Path], None]:
    """Something else stands where the notebook should."""

    def lay(folder: Path) -> None:
        (folder / LESSON).mkdir(parents=True)
        make(folder / LESSON / FILE)

    return lay


def _with(**fields: Any) -> dict:
    return {**handed_in(["dot"]), **fields}


def _huge(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(25 * 2**20)  # takes no room on the disk


def _socket(path: Path) -> None:
    """A path of a socket must be short: it is made elsewhere, and moved."""
    with socket.socket(socket.AF_UNIX) as made:
        before = os.getcwd()
        os.chdir(path.parent)
        try:
            made.bind("s")
            os.rename("s", path.name)
        finally:
            os.chdir(before)


def _hard_link(path: Path) -> None:
    other = path.parent.parent / "another file"
    other.write_bytes(GOOD)
    os.link(other, path)


def _link_to(target: str, inside: str = "") -> Callable[[Path], None]:
    """A link to ``target``, as the student's folder or as something in it."""

    def lay(folder: Path) -> None:
        path = folder / inside if inside else folder
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    return lay


def _lesson_is_a_file(folder: Path) -> None:
    folder.mkdir()
    (folder / LESSON).write_bytes(GOOD)


def _full_folder(folder: Path) -> None:
    _holds(GOOD)(folder)
    for number in range(1001):
        (folder / LESSON / str(number)).touch()


def _odd_neighbours(folder: Path) -> None:
    _holds(GOOD)(folder)
    os.mkfifo(folder / LESSON / "pipe")
    (folder / LESSON / "elsewhere").symlink_to("/etc/passwd")


def _stamped(text: bytes) -> Callable[[Path], None]:
    return _beside((FILE, GOOD), ("timestamp.txt", text))


def _edited(change: Callable[[list[dict]], Any]) -> dict:
    nb = handed_in(["dot"])
    change(nb["cells"])
    return nb


_FOREIGN = {**handed_in(lesson=OTHER), "metadata": {}}
_CELL = {"cell_type": "code", "metadata": {}, "source": "x = 1"}
_OTHER = [{**_CELL, "source": ["x", 3]}]
_TEXT = GOOD.decode()
_ADD = [{"cell_type": "code", "id": f"n{i}", "metadata": {}, "source": "pass"} for i in range(2001)]


BROKEN = [
    Fault("empty", "a file of no bytes", _holds(b""), "empty: a file of no bytes"),
    Fault("blank", "a file of spaces", _holds(b" \n \n"), "empty"),
    Fault("cut off", "half of the file is missing", _holds(GOOD[: len(GOOD) // 2]), "not whole: .*JSON"),
    Fault("binary", "random bytes", _holds(bytes(range(256)) * 40), "not text in UTF-8"),
    Fault("picture", "a PNG that was renamed", _holds(b"\x89PNG\r\n\x1a\n" + bytes(50)), "not text in UTF-8"),
    Fault("page", "a web page that was saved as a notebook", _holds(b"<!doctype html><h1>Log in</h1>"), "not whole"),
    Fault("UTF-16", "saved by an editor as UTF-16", _holds(_TEXT.encode("utf-16")), "not text in UTF-8"),
    Fault("BOM", "a byte order mark before it, which harms nobody", _holds(b"\xef\xbb\xbf" + GOOD), "", "graded", 2),
    Fault("zeros", "a sparse file after a crash", _holds(bytes(5000)), "not whole"),
    Fault("format 3", "an old notebook", _holds({"nbformat": 3, "worksheets": []}), "format 3, and 4 is needed"),
    Fault("format 5", "a notebook of the future", _holds(_with(nbformat=5)), "format 5, and 4 is needed"),
    Fault("no format", "the format is not said", _holds({"cells": []}), "no format"),
    Fault("format true", "the format is of a wrong type", _holds(_with(nbformat=[4])), "no format"),
    Fault("a list", "JSON, but no notebook", _holds([1, 2]), "JSON, but no notebook"),
    Fault("a number", "JSON, but no notebook", _holds(b"NaN"), "JSON, but no notebook"),
    Fault("no cells", "the list of cells is missing", _holds({"nbformat": 4, "metadata": {}}), "no list of cells"),
    Fault("cells is text", "the list of cells is a text", _holds(_with(cells="abc")), "no list of cells"),
    Fault("cells empty", "a notebook without cells", _holds(_with(cells=[])), "no cell of this lesson"),
    Fault("a cell is 3", "a cell is a number", _holds(_with(cells=[3])), "cell 1 .*not a cell"),
    Fault("source is a dict", "a cell's text is none", _holds(_with(cells=[{**_CELL, "source": {}}])), "has no text"),
    Fault("lines are numbers", "a cell's lines are none", _holds(_with(cells=_OTHER)), "cell 1 .*has no text"),
    Fault("another lesson", "another lesson's notebook", _holds(_FOREIGN), "another lesson's"),
    Fault("25 MB", "a file far too large", _as_notebook(_huge), "25 MB; 20 are allowed"),
    Fault("deep", "JSON a hundred thousand levels deep", _holds(b"[" * 100_000), "too deep|JSON"),
    Fault("2,000 cells", "thousands of cells", _holds(_edited(lambda c: c.extend(_ADD))), "cells; 2,000 are allowed"),
    Fault(
        "long cell",
        "a cell of a million characters",
        _holds(_edited(lambda c: c.append({**_CELL, "source": "#" * 1_000_001}))),
        "characters; 100,000",
    ),
    Fault(
        "long number",
        "a number of 10,000 digits in the JSON",
        _holds(b'{"nbformat": ' + b"4" * 10_000 + b"}"),
        "not whole",
    ),
    Fault(
        "duplicate cells",
        "every cell twice: the last counts",
        _holds(_edited(lambda c: c.extend(copy.deepcopy(c)))),
        "",
        "graded",
        2,
    ),
    Fault(
        "checks deleted",
        "graded cells were deleted by accident",
        _holds(_edited(lambda c: c.__setitem__(slice(None), [x for x in c if not x["id"].endswith("-check")]))),
        "",
        "graded",
        2,
    ),
    Fault(
        "half a character",
        "half of a pair of characters in an answer",
        _holds(_TEXT.replace('"def dot', '"# \\ud800\\ndef dot').encode()),
        "",
        "graded",
        2,
    ),
    Fault(
        "odd metadata",
        "cells' metadata of wrong types",
        _holds(_edited(lambda c: [x.update(metadata=[]) for x in c])),
        "",
        "graded",
        2,
    ),
    Fault(
        "odd types",
        "a cell of an unknown type",
        _holds(_edited(lambda c: c.append({**_CELL, "cell_type": ["code"]}))),
        "nothing is written in its place, and what stands elsewhere is shown there",  # it may be an answer in words
        "graded",
        2,
    ),
]

FILES = [
    Fault(
        "(1)",
        "the browser gave it another name",
        _beside((f"{LESSON} (1).ipynb", GOOD)),
        r"taken from '.* \(1\)",
        "graded",
        2,
    ),
    Fault(
        "upper case", "the ending is in capitals", _beside(("Mine.IPYNB", GOOD)), "taken from 'Mine.IPYNB'", "graded", 2
    ),
    Fault(
        "two notebooks",
        "two notebooks of other names",
        _beside(("a.ipynb", GOOD), ("b.ipynb", BETTER)),
        "2 other notebooks: which is meant",
    ),
    Fault(
        "twice the same", "two copies of one notebook", _beside(("a.ipynb", GOOD), ("b.ipynb", GOOD)), "'a", "graded", 2
    ),
    Fault("a copy beside", "a copy beside the right one", _beside((FILE, GOOD), ("b.ipynb", b"")), "", "graded", 2),
    Fault(
        "untouched beside Copy1",
        "the work is in the copy that JupyterLab made, and the untouched original lies there, too",
        _beside((FILE, UNTOUCHED), (COPY, GOOD)),
        f"^taken from '{COPY}', since '{FILE}' holds no answers$",
        "graded",
        2,
    ),
    Fault(
        "untouched copies",
        "two of three copies are untouched, and none is called as the lesson",
        _beside(("a.ipynb", UNTOUCHED), (COPY, UNTOUCHED), (f"{LESSON} (2).ipynb", GOOD)),
        r"^taken from '.* \(2\)\.ipynb'$",
        "graded",
        2,
    ),
    Fault(
        "untouched beside two",
        "two copies were worked on, the original was not",
        _beside((FILE, UNTOUCHED), (COPY, GOOD), ("b.ipynb", BETTER)),
        f"'{FILE}' holds no answers, but '{COPY}' and 'b.ipynb' do: which is meant",
    ),
    Fault(
        "worked beside worked",
        "a copy was worked on, too",
        _beside((FILE, GOOD), (COPY, BETTER)),
        f"^with answers, too, but not graded: '{COPY}'$",
        "graded",
        2,
    ),
    Fault(
        "untouched beside another lesson's",
        "the other notebook is solved, and of another lesson",
        _beside((FILE, UNTOUCHED), ("other.ipynb", OF_ANOTHER)),
        "",
        "graded",
        0,
    ),
    Fault(
        "many copies",
        "more notebooks than are looked into",
        _beside((FILE, GOOD), *((f"{k}.ipynb", UNTOUCHED) for k in range(22))),
        "^2 more notebooks were not looked into$",
        "graded",
        2,
    ),
    Fault("nothing", "an empty folder", _beside(), f"there is no '{FILE}'"),
    Fault("a PDF", "something else was handed in", _beside(("essay.pdf", b"%PDF")), f"there is no '{FILE}'"),
    Fault("a folder", "a folder in the notebook's place", _as_notebook(Path.mkdir), "is a folder, not a file"),
    Fault("a file", "a file in the lesson's place", _lesson_is_a_file, "is a file, not a folder"),
    Fault("full folder", "a thousand files beside it", _full_folder, "more than 1000 files"),
    Fault(
        "odd neighbours",
        "a pipe and a link beside the right one",
        _odd_neighbours,
        "left aside.*'elsewhere', 'pipe'",
        "graded",
        2,
    ),
    Fault(
        "link out", "the notebook is a link out of the course", _link_to("/etc/passwd", f"{LESSON}/{FILE}"), "is a link"
    ),
    Fault(
        "link across",
        "the notebook is a link to another student's",
        _link_to(f"../../aa honest/{LESSON}/{FILE}", f"{LESSON}/{FILE}"),
        "is a link",
    ),
    Fault("link to nothing", "a link that leads nowhere", _link_to("/no/such/file", f"{LESSON}/{FILE}"), "is a link"),
    Fault("link to itself", "a link in a circle", _link_to(FILE, f"{LESSON}/{FILE}"), "is a link"),
    Fault("lesson linked", "the lesson's folder is a link", _link_to(f"../aa honest/{LESSON}", LESSON), "is a link"),
    Fault("student linked", "the student's folder is a link", _link_to("aa honest"), "is a link"),
    Fault("student to root", "the student's folder is a link to /", _link_to("/"), "is a link"),
    Fault("hard link", "the same file as another one", _as_notebook(_hard_link), "is a hard link"),
    Fault("pipe", "a pipe, from which nothing ever comes", _as_notebook(os.mkfifo), "is a pipe"),
    Fault("socket", "a socket", _as_notebook(_socket), "is a socket"),
    Fault(
        "device",
        "a device that never ends",
        _as_notebook(lambda p: os.mknod(p, 0o020666, os.makedev(1, 5))),
        "is a device",
    ),
    Fault("timestamp", "a timestamp that is no time", _stamped(b"yesterday, I think"), NO_TIME, "graded", 2),
    Fault(
        "timestamp 2",
        "a timestamp that the parser chokes on",
        _stamped(b"12:60" + b"9" * 40 + b"-+23:59"),
        NO_TIME,
        "graded",
        2,
    ),
    Fault("timestamp 3", "a timestamp of bytes", _stamped(bytes(range(256))), NO_TIME, "graded", 2),
    Fault("timestamp 4", "a time zone that is a path", _stamped(b"2026-01-01 10:00 /etc/passwd"), NO_TIME, "graded", 2),
    Fault(
        "late",
        "handed in in the year 2999: the clock decides nothing",
        _stamped(b"2999-01-01 00:00:00 UTC"),
        "",
        "graded",
        2,
    ),
]


def _named(name: str, says: str, student: str, cause: str = "", status: str = "graded") -> Fault:
    return Fault(name, says, _holds(GOOD), cause, status, 2 if status == "graded" else None, student)


NAMES = [
    _named("unicode", "letters of other alphabets", "Zoë 王小明 Ωμέγα"),
    _named("marks", "the few marks that a name may hold", "Anne-Marie_O'Neil Jr. d@uni.edu"),
    _named("comma and brackets", "as a platform writes it", "Lovelace, Ada (Countess) [d]"),
    _named("long", "128 characters", "n" * 128),
    _named("spaces", "spaces that a page does not show", "  Ada  Byron ", "begins with ' '", NOT),
    _named(
        "decomposed", "an accent written apart", "Zoe\u0308 王小明 Ωμέγα", "composed form: rename it to 'Zoë 王", NOT
    ),
    _named("dots", "looks like a way up", "..x", "begins with '.'", NOT),
    _named("trailing dots", "dots and a space at the end", "x.. ", "ends with a space", NOT),
    _named("dash", "looks like an option", "--again", "begins with '-'", NOT),
    _named("quotes", "quotes", 'O\'Neil "Bob" `id`', "holds '\"'", NOT),
    _named("html", "a tag", "<script>alert(1)<&script>", "holds '<'", NOT),
    _named("picture tag", "a picture that cannot be loaded", "<img src=x onerror=alert(1)>", "holds '<'", NOT),
    _named("glob", "glob characters", "a[a-z]*?", r"holds '\*'", NOT),
    _named("sql", "a command for a database", "'; DROP TABLE student; --", "holds ';'", NOT),
    _named("braces", "what Python's format would fill in", "{student_id} {0} %s $HOME", "holds '{'", NOT),
    _named("formula", "what a spreadsheet would run", "=1+1", "holds '='", NOT),
    _named("wide formula", "the same in full-width characters", "\uff1d1\uff0b1", "U\\+FF1D", NOT),
    _named("columns", "commas, which shift the columns of a table", "x,2026,ada,,,,9.0", "holds ','", NOT),
    _named("backslash", "backslashes", "a\\nb\\udcff", r"U\+005C", NOT),
    _named("newline", "a line break in the name", "two\nlines", r"U\+000A", NOT),
    _named("escape", "what steers a terminal", "red\x1b[31m", r"U\+001B", NOT),
    _named("unseen", "a character that nobody sees", "aa\u200b honest", r"U\+200B", NOT),
    _named("blank", "a letter that looks like a space", "aa\u3164honest", r"U\+3164", NOT),
    _named("backwards", "what turns the reading direction", "aa\u202etsenoh", r"U\+202E", NOT),
    _named("too long", "more than the gradebook's column holds", "N" * 129, "more than 128 characters", NOT),
    _named("no text", "bytes that are no text", "caf\udce9", "not valid text", NOT),
    _named("text of no text", "what such bytes are written as", "caf\\udce9", r"U\+005C", NOT),
]


# ------------------------------------------------------------------------------------------------- code that misbehaves


def _in_a_call(code: str) -> bytes:
    return json.dumps(handed_in(["dot"], instead={"cosine": code})).encode()


def _in_a_cell(code: str) -> bytes:
    nb = handed_in(["dot"])
    place = next(i for i, cell in enumerate(nb["cells"]) if cell["id"] == "dot")
    nb["cells"].insert(place, {"cell_type": "code", "id": "mine", "metadata": {}, "source": code})
    return json.dumps(nb).encode()


def _runs(name: str, says: str, code: str, call: str = "", cell: str = "") -> list[Fault]:
    """A fault in a cell of its own, and in a graded function; each with what is said of it."""
    return [
        Fault(f"{name} in a cell", f"{says}, in a cell", _holds(_in_a_cell(code)), cell, "graded", 2),
        Fault(f"{name} in a call", f"{says}, when it is called", _holds(_in_a_call(code)), call, "graded", 2),
    ]


ENDED, DEAF = "ended the process it ran in", "could not be stopped"
FLOOD = "(lambda held=[]: [held.append(bytearray(2**24)) for _ in iter(int, 1)])()"
RUNNING = [
    *_runs("exit", "it ends its process", "import os; os._exit(0)", ENDED, ENDED),
    *_runs("kill", "it kills itself", "import os; os.kill(os.getpid(), 9)", ENDED, ENDED),
    *_runs("segfault", "it reads address 0", "import ctypes; ctypes.string_at(0)", ENDED, ENDED),
    *_runs("SystemExit", "it raises SystemExit", "raise SystemExit(0)"),
    *_runs("interrupt", "it raises KeyboardInterrupt", "raise KeyboardInterrupt"),
    *_runs("deaf", "it loops in C and hears no signal", "sum(iter(int, 1))", DEAF, DEAF),
    *_runs("sleep", "it sleeps", "import time; time.sleep(1000)"),
    *_runs("memory", "it takes all memory", FLOOD),
    *_runs("output", "it prints 100 MB", "for _ in range(200): print('x' * 2**19)"),
    *_runs("recursion", "it calls itself without end", "(lambda f: f(f))(lambda f: f(f))"),
    *_runs("syntax", "it is no Python", "def (:")[:1],
]

NO_TIME = "'timestamp.txt' holds no time that can be read"
SUBMISSIONS = [*BROKEN, *FILES, *NAMES, *RUNNING]


# ---------------------------------------------------------------------------------------------------- course folders


@dataclass(frozen=True)
class CourseFault:
    """A fault of the course folder, or of the machine, while `zoe`'s submission waits and others' are graded.

    Attributes
    ----------
    name, says : str
    lay : callable
        Takes the course folder and a monkeypatch, which undoes what is not a file. What it holds is let go by calling
        what it returns.
    error : str
        A regular expression: what grading stops with; where it is empty, grading goes through.
    mend : callable
        Takes the course folder and puts it right, as the error says.
    problem : str
        A regular expression: what is said beside the grades.
    anew : bool
        Whether those graded before are graded again.
    """

    name: str
    says: str
    lay: Callable[[Path, Any], Any]
    error: str = ""
    mend: Callable[[Path], None] = lambda course: None
    problem: str = ""
    anew: bool = False


class Remembered:
    """Grade each file once only: whoever else hands in the same gets a copy of that, in no time."""

    def __init__(self) -> None:
        self.known: dict[Any, Graded] = {}

    def grade(self, lesson: Lesson, student: str, data: bytes, seed: int) -> Graded:
        """Stand in for `grade_submission`."""
        key = (lesson.release_sha256, data, lesson.isolated, lesson.limits)
        if key not in self.known:
            self.known[key] = grade_submission(lesson, student, data, seed)
        graded = copy.deepcopy(self.known[key])
        return dataclasses.replace(graded, record=replace(graded.record, student=student, seed=seed))


CONFIG = "c.CourseDirectory.db_url = f'sqlite:///{Path(__file__).parent}/gradebook.db?timeout=0.3'\n"
DB, GRADING = Path("gradebook.db"), Path("grading")
RESULTS, LOG, NAMES_FILE = GRADING / "results" / LESSON, GRADING / "audit.jsonl", GRADING / "pseudonyms.json"
SOLUTION, RELEASE = Path("solutions") / LESSON / FILE, Path("notebooks") / LESSON / FILE
SAVED = "what was graded before is safe. Mend that and start again"


def _instead(path: Path, data: bytes | None) -> Callable[[Path, Any], None]:
    """The file holds something else, or (None) is gone; what it held is kept for `_put_back`."""

    def lay(course: Path, patch: Any) -> None:
        (course / path).rename(course / f"{path.name}.kept")
        if data is not None:
            (course / path).write_bytes(data)

    return lay


def _put_back(path: Path) -> Callable[[Path], None]:
    def mend(course: Path) -> None:
        (course / f"{path.name}.kept").replace(course / path)

    return mend


def _other_kind(path: Path) -> Callable[[Path, Any], None]:
    """A file stands where a folder belongs, or a folder where a file does."""

    def lay(course: Path, patch: Any) -> None:
        was_folder = (course / path).is_dir()
        (course / path).rename(course / f"{path.name}.kept")
        (course / path).touch() if was_folder else (course / path).mkdir()

    return lay


def _kind_back(path: Path) -> Callable[[Path], None]:
    def mend(course: Path) -> None:
        (course / path).rmdir() if (course / path).is_dir() else (course / path).unlink()
        (course / f"{path.name}.kept").rename(course / path)

    return mend


def _cannot_write(part: str, number: int) -> Callable[[Path, Any], None]:
    """Putting a file in place whose path holds ``part`` fails, as on a full disk or one that is read-only."""

    def lay(course: Path, patch: Any) -> None:
        real = os.replace

        def refuse(source: Any, target: Any, **options: Any) -> None:
            if part in str(target):
                raise OSError(number, os.strerror(number), str(target))
            real(source, target, **options)

        patch.setattr(os, "replace", refuse)

    return lay


def _log_is_full(course: Path, patch: Any) -> None:
    """The log takes half of an entry, of the second one on."""
    real, path = os.write, os.path.realpath(course / LOG)
    entries = 0

    def write(fd: int, data: bytes) -> int:
        nonlocal entries
        if os.path.realpath(f"/proc/self/fd/{fd}") != path:
            return real(fd, data)
        entries += 1
        if entries == 1:
            return real(fd, data)
        real(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    patch.setattr(os, "write", write)


def _names_are_full(course: Path, patch: Any) -> None:
    real, folder = os.replace, os.path.realpath(course / GRADING)

    def refuse(source: Any, target: Any, **options: Any) -> None:
        if os.path.realpath(target) == os.path.join(folder, NAMES_FILE.name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(source, target, **options)

    patch.setattr(os, "replace", refuse)


def _each_connection(do: Callable[[Any], None]) -> Callable[[Path, Any], None]:
    """Something is done to each connection to the gradebook that grading opens."""

    def lay(course: Path, patch: Any) -> None:
        from sqlalchemy import create_engine
        from sqlalchemy.event import listen

        def create(*args: Any, **options: Any) -> Any:
            engine = create_engine(*args, **options)
            listen(engine, "connect", lambda connection, record: do(connection))
            return engine

        patch.setattr("nbgrader.api.create_engine", create)

    return lay


def _full(connection: Any) -> None:
    """As SQLite says it: a limit of pages would be met too late, since those that are there have room."""
    connection.execute(
        "CREATE TEMP TRIGGER no_room BEFORE UPDATE ON grade BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )


def _read_only(connection: Any) -> None:
    connection.execute("PRAGMA query_only = ON")


def _locked(how: str) -> Callable[[Path, Any], Callable[[], None]]:
    """Another connection holds the gradebook: EXCLUSIVE, nobody reads; IMMEDIATE, nobody writes."""

    def lay(course: Path, patch: Any) -> Callable[[], None]:
        other = sqlite3.connect(course / DB, isolation_level=None)
        other.execute(f"BEGIN {how}")
        return other.close

    return lay


def _at_work(course: Path, patch: Any) -> Callable[[], None]:
    from filelock import FileLock

    lock = FileLock(course / GRADING / "lock")
    lock.acquire()
    return lock.release


def _half_a_gradebook(course: Path, patch: Any) -> None:
    _instead(DB, (course / DB).read_bytes()[:9000])(course, patch)


def _other_check(course: Path, patch: Any) -> None:
    """As if the gradebook were that of an older release."""
    _instead(DB, (course / DB).read_bytes())(course, patch)
    with contextlib.closing(sqlite3.connect(course / DB)) as book, book:
        book.execute("UPDATE source_cell SET checksum = 'x' WHERE name = 'dot-check'")


def _edit(path: Path, old: str, new: str) -> Callable[[Path, Any], None]:
    """A text is changed everywhere in a file."""

    def lay(course: Path, patch: Any) -> None:
        text = (course / path).read_text(encoding="utf-8")
        assert old in text
        (course / f"{path.name}.kept").write_text(text, encoding="utf-8")
        (course / path).write_text(text.replace(old, new), encoding="utf-8")

    return lay


def _records(data: bytes) -> Callable[[Path, Any], None]:
    """Every record holds something else."""

    def lay(course: Path, patch: Any) -> None:
        for path in (course / RESULTS).glob("*.json"):
            path.write_bytes(data)

    return lay


def _short_record(course: Path, patch: Any) -> None:
    for path in (course / RESULTS).glob("*.json"):
        record = json.loads(path.read_bytes())
        del record["status"], record["exercises"]
        path.write_text(json.dumps(record))


def _no_notebook(course: Path, patch: Any) -> None:
    for path in (course / "autograded").glob("*/*/*.ipynb"):
        path.unlink()


def _log_torn(course: Path, patch: Any) -> None:
    with open(course / LOG, "ab") as file:
        file.write(b'{"kind": "grade", "poi')


def _log_tampered(course: Path, patch: Any) -> None:
    lines = (course / LOG).read_bytes().splitlines(keepends=True)
    (course / "audit.jsonl.kept").write_bytes(b"".join(lines))
    lines[1] = re.sub(rb'"points":[\d.]+', b'"points":1.0', lines[1])
    (course / LOG).write_bytes(b"".join(lines))


def _line_back(course: Path) -> None:
    lines = (course / LOG).read_bytes().splitlines(keepends=True)
    lines[1] = (course / "audit.jsonl.kept").read_bytes().splitlines(keepends=True)[1]
    (course / LOG).write_bytes(b"".join(lines))


def _log_end_tampered(course: Path, patch: Any) -> None:
    lines = (course / LOG).read_bytes().splitlines(keepends=True)
    (course / "audit.jsonl.kept").write_bytes(b"".join(lines))
    lines[-1] = lines[-1].replace(b'"points":', b'"points":1')
    (course / LOG).write_bytes(b"".join(lines))


def _no_bubblewrap(course: Path, patch: Any) -> None:
    patch.setenv("PATH", "/no/such/folder")


def _broken_sandbox(course: Path, patch: Any) -> None:
    from classroom.group import pool
    from classroom.sandbox import namespaces as sandbox

    def refuse(*args: Any) -> None:
        raise sandbox.SandboxError("bubblewrap does not work here: no permissions to create a new namespace")

    patch.setattr(pool, "grade_submission", refuse)


def _wrong_solution(course: Path, patch: Any) -> None:
    _edit(SOLUTION, "def cosine(", "def cosine_(")(course, patch)


def _broken_settings(course: Path, patch: Any) -> None:
    path = course / "nbgrader_config.py"
    path.rename(course / "nbgrader_config.py.kept")
    path.write_text("c = get_config(\n")


def _away(name: str) -> Callable[[Path, Any], None]:
    """A submission is deleted after the class was listed."""

    def lay(course: Path, patch: Any) -> None:
        from classroom.group import collect

        real = collect.students

        def students(*args: Any) -> list[str]:
            found = real(*args)
            if not (course / "away").exists():  # the class is listed once more, for who has not handed in
                (course / "submitted" / name).rename(course / "away")
            return found

        patch.setattr(collect, "students", students)

    return lay


COURSES = [
    CourseFault(
        "gradebook garbage",
        "the gradebook is no database",
        _instead(DB, b"garbage" * 99),
        "cannot be used: file is not a database",
        _put_back(DB),
    ),
    CourseFault(
        "gradebook cut off",
        "half of the gradebook is missing",
        _half_a_gradebook,
        "cannot be used: (database disk image is malformed|no such table)",
        _put_back(DB),
    ),
    CourseFault(
        "gradebook a folder",
        "a folder stands in the gradebook's place",
        _other_kind(DB),
        "cannot be used: unable to open database file",
        _kind_back(DB),
    ),
    CourseFault(
        "gradebook gone",
        "the gradebook was deleted after grading",
        lambda course, patch: (course / DB).unlink(),
        anew=True,
    ),
    CourseFault(
        "gradebook locked",
        "another program holds the gradebook",
        _locked("EXCLUSIVE"),
        "is locked: another program writes to it; try again",
    ),
    CourseFault(
        "gradebook locked for writing",
        "another program writes while grades are saved",
        _locked("IMMEDIATE"),
        f"'zoe' could not be kept .*is locked.*{SAVED}",
    ),
    CourseFault(
        "gradebook full",
        "no room for another page of the gradebook",
        _each_connection(_full),
        f"could not be kept .*(database or disk is full).*{SAVED}",
    ),
    CourseFault(
        "gradebook read-only",
        "the gradebook cannot be written to",
        _each_connection(_read_only),
        f"could not be kept .*readonly database.*{SAVED}",
    ),
    CourseFault(
        "gradebook of another version",
        "a check in the gradebook is not the release's",
        _other_check,
        r"of different versions \(dot-check differs\)",
        _put_back(DB),
    ),
    CourseFault(
        "release gone",
        "the release was deleted",
        _instead(RELEASE, None),
        "there is no release .*nbgrader generate_assignment",
        _put_back(RELEASE),
    ),
    CourseFault(
        "release garbage",
        "the release is no JSON",
        _instead(RELEASE, b"{"),
        "release .* cannot be read",
        _put_back(RELEASE),
    ),
    CourseFault(
        "release a list",
        "the release is JSON, but no notebook",
        _instead(RELEASE, b"[]"),
        "release .* is no notebook",
        _put_back(RELEASE),
    ),
    CourseFault(
        "release without metadata",
        "cells of the release lost their metadata",
        _edit(RELEASE, '"metadata"', '"meta"'),
        "release .* is no notebook",
        _put_back(RELEASE),
    ),
    CourseFault(
        "release renamed",
        "a grade id was changed in the release",
        _edit(RELEASE, '"grade_id": "dot-check"', '"grade_id": "dots-check"'),
        "of different versions .dots-check differs",
        _put_back(RELEASE),
    ),
    CourseFault(
        "release edited",
        "a check was edited in the release: the gradebook's counts",
        _edit(RELEASE, r"check(\"dot\", dot)", "2.0"),
    ),
    CourseFault(
        "solution gone",
        "the solution was deleted",
        _instead(SOLUTION, None),
        "there is no solution",
        _put_back(SOLUTION),
    ),
    CourseFault(
        "solution garbage",
        "the solution is no JSON",
        _instead(SOLUTION, b"{"),
        "nothing was graded: the solution is not graded: .*not whole",
        _put_back(SOLUTION),
    ),
    CourseFault(
        "solution wrong",
        "an answer of the solution is gone",
        _wrong_solution,
        "nothing was graded: the solution gets 0 of 3 for cosine",
        _put_back(SOLUTION),
    ),
    CourseFault(
        "sandbox broken",
        "nothing can be run in the sandbox",
        _broken_sandbox,
        "nothing was graded: the solution is not graded: .*bubblewrap does not work here",
    ),
    CourseFault(
        "no bubblewrap",
        "bubblewrap is not installed",
        _no_bubblewrap,
        "bubblewrap is missing .*apt-get install bubblewrap",
    ),
    CourseFault(
        "settings broken",
        "nbgrader_config.py is no Python",
        _broken_settings,
        "nbgrader_config.py fails: SyntaxError",
        lambda course: (course / "nbgrader_config.py.kept").replace(course / "nbgrader_config.py") and None,
    ),
    CourseFault("records garbage", "the records are no JSON", _records(b"{"), anew=True),
    CourseFault("records of another kind", "the records are lists", _records(b"[]"), anew=True),
    CourseFault("records too deep", "the records are nested too deep", _records(b"[" * 100_000), anew=True),
    CourseFault("records short", "fields of the records are missing", _short_record, anew=True),
    CourseFault("notebooks gone", "the graded notebooks were deleted", _no_notebook, anew=True),
    CourseFault("log torn", "the plug was pulled while the log was written", _log_torn),
    CourseFault(
        "log tampered with",
        "points in the log were changed",
        _log_tampered,
        "",
        _line_back,
        "the log was changed .line 2 was changed.*audit verify",
    ),
    CourseFault(
        "log's end tampered with",
        "points in the log's last line were changed",
        _log_end_tampered,
        "the last line was changed; see .*audit verify.*Nothing is added",
        _put_back(LOG),
    ),
    CourseFault(
        "log a folder",
        "a folder stands in the log's place",
        _other_kind(LOG),
        "audit.jsonl cannot be read",
        _kind_back(LOG),
    ),
    CourseFault(
        "pseudonyms garbage",
        "the file of pseudonyms is broken",
        _instead(NAMES_FILE, b"{"),
        "file of pseudonyms, cannot be read .*Put back a copy",
        _put_back(NAMES_FILE),
    ),
    CourseFault(
        "pseudonyms twice",
        "two students have one pseudonym",
        _instead(NAMES_FILE, b'{"a": "p-aaaaaaaaaa", "b": "p-aaaaaaaaaa"}'),
        "not a table that gives each student",
        _put_back(NAMES_FILE),
    ),
    CourseFault(
        "grading a file",
        "a file stands where the folder grading/ belongs",
        _other_kind(GRADING),
        "grading.* cannot be used",
        _kind_back(GRADING),
    ),
    CourseFault(
        "lock a folder",
        "a folder stands in the lock's place",
        _other_kind(GRADING / "lock"),
        "lock.* cannot be (used|written to)",
        _kind_back(GRADING / "lock"),
    ),
    CourseFault(
        "results a file",
        "a file stands where the results belong",
        _other_kind(RESULTS),
        f"could not be kept.*{SAVED}",
        _kind_back(RESULTS),
    ),
    CourseFault(
        "autograded a file",
        "a file stands where graded notebooks belong",
        _other_kind(Path("autograded")),
        f"could not be kept.*{SAVED}",
        _kind_back(Path("autograded")),
        anew=True,
    ),
    CourseFault(
        "reports a file",
        "a file stands where the report belongs",
        _other_kind(GRADING / "reports"),
        "",
        _kind_back(GRADING / "reports"),
        "report could not be written .*course.py report",
    ),
    CourseFault(
        "disk full, record",
        "no room for the record",
        _cannot_write("/results/", errno.ENOSPC),
        f"could not be kept .No space left on device.*{SAVED}",
    ),
    CourseFault(
        "disk full, notebook",
        "no room for the graded notebook",
        _cannot_write("/autograded/", errno.ENOSPC),
        f"could not be kept .No space left on device.*{SAVED}",
    ),
    CourseFault(
        "disk full, log",
        "no room for an entry of the log",
        _log_is_full,
        f"could not be kept .*an entry could not be written.*No space.*{SAVED}",
    ),
    CourseFault("disk full, names", "no room for the file of pseudonyms", _names_are_full, "No space left"),
    CourseFault(
        "disk full, report",
        "no room for the report",
        _cannot_write("/reports/", errno.ENOSPC),
        "",
        problem="report could not be written .No space",
    ),
    CourseFault(
        "read-only, record",
        "grading/ cannot be written to",
        _cannot_write("/results/", errno.EROFS),
        f"could not be kept .Read-only file system.*{SAVED}",
    ),
    CourseFault(
        "read-only, notebook",
        "autograded/ cannot be written to",
        _cannot_write("/autograded/", errno.EACCES),
        f"could not be kept .Permission denied.*{SAVED}",
    ),
    CourseFault("two graders", "another grader is at work", _at_work, "another grading is at work in .*; wait"),
    CourseFault(
        "submitted a file",
        "a file stands where submissions belong",
        _other_kind(Path("submitted")),
        "nobody has handed in .*STUDENT/.* is where it belongs",
        _kind_back(Path("submitted")),
    ),
    CourseFault(
        "handed back",
        "a submission is deleted after the class was listed",
        _away("zoe"),
        "",
        lambda course: (course / "away").rename(course / "submitted" / "zoe") and None,
    ),
]


# ------------------------------------------------------------------------------------------- one student's own folder


@dataclass(frozen=True)
class Place:
    """What stands in the way of one student's graded work.

    Attributes
    ----------
    name, says : str
    student : str
        Whose it is.
    lay, mend : callable
        As those of `CourseFault`.
    named : bool
        Whether the path that is said holds the name; else it is one by pseudonym.
    """

    name: str
    says: str
    student: str
    lay: Callable[[Path, Any], Any]
    mend: Callable[[Path], None]
    named: bool = True


def _is_file(path: Path) -> Callable[[Path, Any], None]:
    def lay(course: Path, patch: Any) -> None:
        if (course / path).is_dir():
            (course / path).rename(course / "kept")
        (course / path).parent.mkdir(exist_ok=True)
        (course / path).touch()

    return lay


def _is_folder(path: Path) -> Callable[[Path, Any], None]:
    return lambda course, patch: (course / path / "x").mkdir(parents=True)


def _no_file(path: Path) -> Callable[[Path], None]:
    return lambda course: (course / path).unlink()


def _no_folder(path: Path) -> Callable[[Path], None]:
    def mend(course: Path) -> None:
        (course / path / "x").rmdir()
        (course / path).rmdir()

    return mend


_MO = Path("autograded") / "mo"
PLACES = [
    Place("folder a file", "a file in the folder's place", "mo", _is_file(_MO), _no_file(_MO)),
    Place("lesson a file", "a file in the lesson's place", "mo", _is_file(_MO / LESSON), _no_file(_MO / LESSON)),
    Place(
        "notebook a folder",
        "a folder in its place",
        "mo",
        _is_folder(_MO / LESSON / FILE),
        _no_folder(_MO / LESSON / FILE),
    ),
    Place(
        "time a folder",
        "a folder where the time of submission is kept",
        "mo",
        _is_folder(_MO / LESSON / "timestamp.txt"),
        _no_folder(_MO / LESSON / "timestamp.txt"),
    ),
    Place(
        "another's folder",
        "the folder is another user's",
        "mo",
        _cannot_write("/autograded/mo/", errno.EACCES),
        lambda course: None,
    ),
    Place(
        "graded before",
        "the folder of one who was graded before is a file",
        "bob",
        _is_file(Path("autograded") / "bob"),
        _no_file(Path("autograded") / "bob"),
    ),
    Place(
        "record a folder",
        "a folder stands where the record belongs",
        "mo",
        _is_folder(RESULTS / "p-mmmmmmmmmm.json"),
        _no_folder(RESULTS / "p-mmmmmmmmmm.json"),
        named=False,
    ),
]
