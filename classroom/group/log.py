"""Keep the audit log: an append-only file in which every entry holds the hash of the one before.

The chain shows a change, not who made it, and cannot show a tail that was cut off and rewritten: note the last hash
down elsewhere after a batch, and give it to `verify`. The log holds pseudonyms and no names.

It is text and no table of SQLite: a transaction would undo a torn write without a trace, where this log keeps it and
says so, and a byte changed outside the rows of a database would show in no hash. The chain would be needed all the
same, so that SQLite would save some thirty lines and need as many.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.common import CourseError, sha256, sync_folder
from classroom.group.pseudonyms import PSEUDONYM

if TYPE_CHECKING:
    from classroom.submission.lesson import Lesson
    from classroom.submission.record import Record

LOG = Path("grading", "audit.jsonl")
"""Where a course keeps its log."""

FIRST = "0" * 64
OURS = {"n", "time", "prev", "hash"}

Entry = dict[str, Any]


class AuditError(CourseError):
    """The log cannot be read or continued; the text says where and why."""


# --------------------------------------------------------------------------------------------------------- entries


def _text(entry: Entry) -> str:
    return json.dumps(entry, sort_keys=True, separators=(",", ":"))


def _hash(entry: Entry) -> str:
    return sha256(_text({key: entry[key] for key in entry if key != "hash"}).encode("ascii"))


def _parse(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _sound(entry: Entry, line: bytes) -> bool:
    """Whether the line is as it was written: to the byte, and with its own hash."""
    return _text(entry).encode("ascii") == line and entry.get("hash") == _hash(entry)


def versions(course: str) -> dict[str, str]:
    """Return the versions that a grade may depend on."""
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


def batch_entry(lesson: Lesson, command: Sequence[str]) -> Entry:
    """Return the fields of the entry that begins a batch: what is graded by what, and who runs it.

    A command line may name a student: whoever hands it over puts a pseudonym there.
    """
    return {
        "kind": "batch",
        "who": _user(),
        "command": list(command),
        "lesson": lesson.name,
        "release_sha256": lesson.release_sha256,
        "checks_sha256": lesson.checks_sha256,
        "commit": lesson.commit,
        "versions": versions(lesson.version),
        "limits": asdict(lesson.limits),
        "sandbox": lesson.isolated,
    }


def grade_entry(record: Record, *, student: str, cause: str) -> Entry:
    """Return the fields of the entry about one submission; points of None stand for "not graded", which is not a 0.

    Parameters
    ----------
    record : Record
        What became of it; its own name and cause are left out.
    student : str
        The student's pseudonym.
    cause : str
        The record's cause without any name: hand it through `Pseudonyms.hide_quoted`.
    """
    if not PSEUDONYM.fullmatch(student):
        raise ValueError(f"student must be a pseudonym, as p-abcdefghij, not {student!r}")
    return {
        "kind": "grade",
        "lesson": record.lesson,
        "student": student,
        "submission_sha256": record.submission_sha256,
        "seed": record.seed or 0,
        "status": str(record.status),
        "cause": cause,
        "points": record.points,
        "max_points": record.max_points,
        "by_exercise": record.by_grade_id(),
        "seconds": round(record.seconds, 3),
    }


def latest(entries: Iterable[Entry], lesson: str) -> dict[str, Entry]:
    """Return the last grade of each student in a lesson, by pseudonym.

    >>> log = [{"kind": "grade", "lesson": "L01", "student": "p-a", "points": p} for p in (1, 4)]
    >>> latest(log, "L01")["p-a"]["points"]
    4
    """
    return {str(e.get("student")): e for e in entries if e.get("kind") == "grade" and e.get("lesson") == lesson}


# ------------------------------------------------------------------------------------------------------------- log


@dataclass(frozen=True)
class Verification:
    """What `AuditLog.verify` found.

    Attributes
    ----------
    count : int
        Number of entries.
    last : str
        Hash of the last entry.
    repairs : int
        Number of torn ends that were repaired.
    problems : tuple of str
        What is not as it was written.
    """

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

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._read()

    def append(self, **fields: Any) -> Entry:
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

    def entries(self) -> Iterator[Entry]:
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
        torn: list[bytes] = []
        while lines and _parse(lines[-1]) is None:
            torn.append(lines.pop())
        self._torn = _size(torn) if torn else None
        last: Entry = {"n": -1, "hash": FIRST}
        if lines:
            last = _parse(lines[-1]) or {}
        self._last_sound = not lines or (_sound(last, lines[-1]) and isinstance(last.get("n"), int))
        self._n: int = last.get("n", -1)
        self._prev = last.get("hash")

    def _write(self, fields: Entry) -> Entry:
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
    """Check the log line after line, and collect what is wrong."""

    def __init__(self) -> None:
        self.count, self.number, self.repairs, self.where = 0, 0, 0, "the beginning"
        self.prev: Any = FIRST
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

    def _repair(self, at: int, entry: Entry) -> None:
        claimed = entry.get("torn_bytes") if entry.get("kind") == "repair" else None
        if self.torn and claimed == _size(line for _, line in self.torn):
            self.repairs += 1
        else:
            self.problems += [f"line {n} is not a JSON object, and no entry repairs it" for n, _ in self.torn]
            if claimed is not None:
                self.problems.append(f"line {at} says it repairs {claimed} bytes, which are not before it")
        self.torn = []

    def _follow(self, at: int, entry: Entry) -> None:
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
