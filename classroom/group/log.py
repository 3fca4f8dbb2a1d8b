"""What was graded, by what, when: an append-only log in which every entry holds the hash of the one before.

    python -m classroom audit verify                   is the log as it was written?
    python -m classroom audit verify --expect HASH     and does it still hold the entry noted down before?
    python -m classroom audit show --student NAME      what was graded, as a table
    python -m classroom audit replay L03               do the recorded seeds give the recorded points?
    python -m classroom audit forget STUDENT           erase a student; the log stays as it is

The chain shows a change, not who made it, and cannot show a tail that was cut off and rewritten: note the last hash
down elsewhere after a batch, and give it to `--expect`. The log holds pseudonyms and no names.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from classroom.common import ROOT, CourseError, find_lesson
from classroom.group.pseudonyms import PSEUDONYM, Pseudonyms, sync_folder

LOG, NAMES = Path("grading", "audit.jsonl"), Path("grading", "pseudonyms.json")
"""Where a course keeps its log, and the file that says whose the pseudonyms are."""

FIRST = "0" * 64
OURS = {"n", "time", "prev", "hash"}


class AuditError(CourseError):
    """The log cannot be read or continued; the text says where and why."""


# --------------------------------------------------------------------------------------------------------- entries


def _text(entry: dict) -> str:
    return json.dumps(entry, sort_keys=True, separators=(",", ":"))


def _hash(entry: dict) -> str:
    return hashlib.sha256(_text({key: entry[key] for key in entry if key != "hash"}).encode("ascii")).hexdigest()


def _parse(line: bytes) -> dict | None:
    try:
        entry = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _sound(entry: dict, line: bytes) -> bool:
    """Whether the line is as it was written: to the byte, and with its own hash."""
    return _text(entry).encode("ascii") == line and entry.get("hash") == _hash(entry)


def versions(course: str) -> dict[str, str]:
    """The versions that a grade may depend on."""
    others = {name: metadata.version(name) for name in ("numpy", "nbgrader")}
    return {"course": course, "python": platform.python_version(), **others}


def _user() -> str:
    """The system's name for who runs this, whatever the environment says."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:
        return getpass.getuser()
    except KeyError:
        return f"uid {os.getuid()}"


def batch_entry(
    *, lesson: str, command: Sequence[str], versions: dict, release_sha256: str, limits: dict, sandbox: bool
) -> dict:
    """Fields of the entry that begins a batch; it adds who runs it.

    A command line may name a student: hand it through `Pseudonyms.hide`, word by word.
    """
    fields = dict(lesson=lesson, command=list(command), versions=versions, release_sha256=release_sha256)
    return {"kind": "batch", "who": _user(), "limits": limits, "sandbox": sandbox, **fields}


def grade_entry(
    *,
    lesson: str,
    student: str,
    submission_sha256: str,
    seed: int,
    status: str,
    cause: str | None,
    points: float | None,
    max_points: float,
    by_exercise: dict[str, float | None],
    seconds: float,
) -> dict:
    """Fields of the entry about one graded submission; None stands for "not graded", which is not a 0.

    `student` is a pseudonym, and `cause` must name nobody: hand it through `Pseudonyms.hide`.
    """
    fields = dict(locals())
    if not PSEUDONYM.fullmatch(student):
        raise ValueError(f"student must be a pseudonym, as p-abcdefghij, not {student!r}")
    return {"kind": "grade", **fields, "seconds": round(seconds, 3)}


def latest(entries: Iterable[dict], lesson: str) -> dict[str, dict]:
    """The last grade of each student in a lesson, by pseudonym.

    >>> log = [{"kind": "grade", "lesson": "L01", "student": "p-a", "points": p} for p in (1, 4)]
    >>> latest(log, "L01")["p-a"]["points"]
    4
    """
    return {e.get("student"): e for e in entries if e.get("kind") == "grade" and e.get("lesson") == lesson}


# ------------------------------------------------------------------------------------------------------------- log


@dataclass(frozen=True)
class Verification:
    """What `AuditLog.verify` found: entries, the last hash, torn ends that were repaired, and what is wrong."""

    count: int
    last: str
    repairs: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


class AuditLog:
    """The log at `path`, one entry a line. One writer at a time: the caller holds a lock.

    A run that is killed, or a disk that is full, in the middle of a write leaves a torn last line. The next `append`
    ends that line and writes an entry ``{"kind": "repair", "torn_bytes": N}`` behind it; nothing is ever deleted.
    A last line that lacks its line end and nothing else is whole, and needs no repair.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = AuditLog(Path(folder) / "audit.jsonl")
    ...     first, second = log.append(kind="note"), log.append(kind="note")
    ...     print(second["n"], second["prev"] == first["hash"], log.verify(expect=first["hash"]).ok)
    1 True True
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self._read()

    def append(self, **fields) -> dict:
        """Write one entry and wait until it is on the disk; return it with `n`, `time`, `prev` and `hash`.

        Raises
        ------
        AuditError
            If the log was changed since this object last read it, its last line was changed, or the disk refuses.
        ValueError
            If a field has a name that the log gives itself, or a value that JSON has not (NaN).
        """
        if taken := OURS & set(fields):
            raise ValueError(f"the log gives these fields itself: {', '.join(sorted(taken))}")
        fields = json.loads(json.dumps(fields, allow_nan=False))  # as they will be read: keys are strings
        if not self._last_sound:
            raise AuditError(f"{self.path}: the last line was changed; see `course.py audit verify`. Nothing is added")
        if self._torn is not None:
            self._write({"kind": "repair", "torn_bytes": self._torn})
        return self._write(fields)

    def entries(self) -> Iterator[dict]:
        """Every line that is an entry, in order, whether or not it was changed; torn lines are left out."""
        return (entry for line in self._lines() if (entry := _parse(line.rstrip(b"\n"))) is not None)

    def verify(self, expect: str | None = None) -> Verification:
        """Read the whole log and say what is not as it was written.

        Parameters
        ----------
        expect : str, optional
            A hash noted down before, which must still be in the log: without it, a tail that was cut off is not seen.
        """
        chain = _Chain()
        for at, raw in enumerate(self._lines(), start=1):
            chain.read(at, raw.removesuffix(b"\n"))
        found = chain.problems
        found += [f"line {at} is torn ({len(line)} bytes); the next entry will repair it" for at, line in chain.torn]
        if expect is not None and expect not in chain.hashes:
            found.append(f"the hash {expect} is not in the log: its entry was changed, or cut off with the log's end")
        return Verification(chain.count, str(chain.prev), chain.repairs, tuple(found))

    def _lines(self) -> Iterator[bytes]:
        try:
            with open(self.path, "rb") as file:
                yield from file
        except FileNotFoundError:
            return
        except OSError as error:
            raise AuditError(f"{self.path} cannot be read: {error}") from error

    def _read(self) -> None:
        """Find where the log ends: its size, its last entry, and what a broken write left behind that."""
        lines = list(self._lines())
        self._size = sum(map(len, lines))
        self._lead = b"" if not lines or lines[-1].endswith(b"\n") else b"\n"
        lines = [line.removesuffix(b"\n") for line in lines]
        torn = []
        while lines and _parse(lines[-1]) is None:
            torn.append(lines.pop())
        self._torn = _size(torn) if torn else None
        last = _parse(lines[-1]) if lines else {"n": -1, "hash": FIRST}
        self._last_sound = not lines or (_sound(last, lines[-1]) and isinstance(last.get("n"), int))
        self._n, self._prev = last.get("n"), last.get("hash")

    def _write(self, fields: dict) -> dict:
        time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = {**fields, "n": self._n + 1, "time": time, "prev": self._prev}
        entry["hash"] = _hash(entry)
        data = self._lead + _text(entry).encode("ascii") + b"\n"
        try:
            self._put(data)
        except OSError as error:
            self._read()  # part of it may be there
            raise AuditError(f"{self.path}: an entry could not be written: {error}") from error
        self._size += len(data)
        self._lead, self._torn, self._n, self._prev = b"", None, entry["n"], entry["hash"]
        return entry

    def _put(self, data: bytes) -> None:
        """Add bytes at the end by one write, and wait for the disk."""
        if not self._size:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | (0 if self._size else os.O_CREAT)
        fd = os.open(self.path, flags, 0o600)
        try:
            if (size := os.fstat(fd).st_size) != self._size:
                raise AuditError(
                    f"{self.path} has {size} bytes, not {self._size}: something else wrote to it. Nothing is added"
                )
            if (written := os.write(fd, data)) < len(data):
                raise OSError(f"only {written} of {len(data)} bytes were taken; is the disk full?")
            os.fsync(fd)
        finally:
            os.close(fd)
        if not self._size:
            sync_folder(self.path.parent)


class _Chain:
    """What `verify` knows while it reads line after line."""

    def __init__(self):
        self.count, self.number, self.repairs, self.prev, self.where = 0, 0, 0, FIRST, "the beginning"
        self.torn: list[tuple[int, bytes]] = []
        self.problems: list[str] = []
        self.hashes: set[str] = set()

    def read(self, at: int, line: bytes) -> None:
        """Check one line against those before it."""
        entry = _parse(line)
        if entry is None:
            self.torn.append((at, line))
            return
        self._repair(at, entry)
        if _sound(entry, line):
            self.hashes.add(entry["hash"])
        else:
            self.problems.append(f"line {at} was changed: its hash does not fit its text")
        self._follow(at, entry)

    def _repair(self, at: int, entry: dict) -> None:
        claimed = entry.get("torn_bytes") if entry.get("kind") == "repair" else None
        if self.torn and claimed == _size(line for _, line in self.torn):
            self.repairs += 1
        else:
            self.problems += [f"line {n} is not a JSON object, and no entry repairs it" for n, _ in self.torn]
            if claimed is not None:
                self.problems.append(f"line {at} says it repairs {claimed} bytes, which are not before it")
        self.torn = []

    def _follow(self, at: int, entry: dict) -> None:
        if entry.get("prev") != self.prev:
            self.problems.append(
                f"line {at} does not follow {self.where}: a line was removed, added, moved or changed there"
            )
        if entry.get("n") != self.number:
            self.problems.append(f"line {at} has the number {entry.get('n')!r}, not {self.number}")
        # Go on from what the line says: one change is not told again at every line behind it.
        self.number = (entry["n"] if isinstance(entry.get("n"), int) else self.number) + 1
        self.prev, self.where, self.count = entry.get("hash"), f"line {at}", self.count + 1


def _size(lines: Iterable[bytes]) -> int:
    """Bytes of torn lines, with the line ends between them and without the last one."""
    return sum(len(line) + 1 for line in lines) - 1


# --------------------------------------------------------------------------------------------------------- command


def _open(args: argparse.Namespace) -> AuditLog:
    if not (path := args.course / LOG).exists():
        raise AuditError(f"there is no log at {path}")
    return AuditLog(path)


def run_verify(args: argparse.Namespace) -> int:
    """Say whether the log is as it was written."""
    result = _open(args).verify(args.expect and args.expect.strip().lower())
    print(f"{result.count} entries, {result.repairs} repaired torn ends, last hash {result.last}")
    print("\n".join(result.problems) or "Nothing was changed.")
    return 0 if result.ok else 1


def run_show(args: argparse.Namespace) -> int:
    """Print the entries as a table."""
    log = _open(args)
    entries = list(log.entries())
    if args.student is not None:
        pseudonym = Pseudonyms(args.course / NAMES).known().get(args.student)
        if pseudonym is None:
            raise AuditError(f"no pseudonym is known for {args.student!r}: never graded here, or forgotten")
        entries = [e for e in entries if e.get("student") == pseudonym]
    if args.lesson is not None:
        lesson = find_lesson(args.lesson, sorted({str(e["lesson"]) for e in entries if "lesson" in e}))
        entries = [e for e in entries if e.get("lesson") == lesson]
    print(_table(entries))
    if not log.verify().ok:
        print("The log was changed: see `course.py audit verify`.", file=sys.stderr)
    return 0


def _table(entries: Iterable[dict]) -> str:
    head = ("n", "time", "kind", "lesson", "student", "status", "points", "of", "cause")
    rows = [head, *([_cell(e.get("max_points" if key == "of" else key)) for key in head] for e in entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _cell(value) -> str:
    """A value on one line, without what would steer a terminal: a cause may quote a learner's code."""
    text = "-" if value is None else str(value)
    return "".join(c if c.isprintable() else " " for c in text)[:60]


def run_forget(args: argparse.Namespace) -> int:
    """Delete a student's pseudonym."""
    names = Pseudonyms(args.course / NAMES)
    if args.student not in names.known():
        raise AuditError(f"no pseudonym is known for {args.student!r}: never graded here, or forgotten already")
    print(
        f"This deletes the line that says which pseudonym {args.student!r} has. The log keeps its entries and stays\n"
        "verifiable, but nobody can tell any longer whose they are, and this cannot be undone.\n"
        "The results for the class report go, too. The gradebook, the submissions, reports made before and copies of\n"
        "the file of pseudonyms are not touched."
    )
    if not args.yes and not sys.stdin.isatty():
        raise AuditError("nothing was deleted: nobody is there to be asked. Add --yes if you mean it")
    if not args.yes and input("Delete it? [y/N] ").strip().lower() not in ("y", "yes"):
        print("Nothing was deleted.")
        return 1
    from classroom.group.run import locked

    with locked(args.course):  # a grader at work would write the name back
        pseudonym = names.known().get(args.student)
        names.forget(args.student)
        for path in (args.course / LOG).parent.glob(f"results/*/{pseudonym}.json"):
            path.unlink()
    print("Deleted.")
    return 0


def run_replay(args: argparse.Namespace) -> int:
    """Grade again from the log and compare."""
    from classroom.group.replay import replay

    lessons = sorted({str(e["lesson"]) for e in _open(args).entries() if "lesson" in e})
    found = replay(find_lesson(args.lesson, lessons), args.course, workers=args.workers)
    print(f"{len(found.same)} graded again with the same points.")
    for what, those in (("other points", found.different), ("not graded again", found.gone)):
        for student, why in those.items():
            print(f"  {student!r}: {what}: {why}")
    return 1 if found.different else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="course.py audit", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name, help, run):
        sub = commands.add_parser(name, help=help, description=help)
        sub.add_argument("--course", type=Path, default=ROOT, metavar="FOLDER", help="the course (default: this one)")
        sub.set_defaults(run=run)
        return sub

    verify = add("verify", "say whether the log is as it was written; exit 1 if not", run_verify)
    verify.add_argument("--expect", metavar="HASH", help="a last hash noted down before, which must still be there")
    show = add("show", "print what was graded", run_show)
    show.add_argument("--student", metavar="NAME", help="only this student")
    show.add_argument("--lesson", metavar="L", help="only this lesson, as L03 or L03_three_measures")
    replay = add("replay", "grade again from the log, and compare; exit 1 where points differ", run_replay)
    replay.add_argument("lesson", metavar="LESSON", help="as L03 or L03_three_measures")
    replay.add_argument("--workers", type=int, help="grading processes (default: one for each core; 0: none)")
    forget = add("forget", "erase a student: delete the pseudonym, keep the log", run_forget)
    forget.add_argument("student", metavar="STUDENT")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run `python -m classroom audit`; returns the exit code."""
    args = _parser().parse_args(argv)
    try:
        return args.run(args)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
