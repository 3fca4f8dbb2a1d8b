"""The audit log: every change is found and named, a broken write is repaired, nobody's name is in it."""

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from classroom.__main__ import main
from classroom.group.log import LOG, AuditError, AuditLog, batch_entry, grade_entry, latest
from classroom.group.pseudonyms import NAMES, Pseudonyms
from classroom.submission.lesson import Lesson
from classroom.submission.record import ExerciseRecord, Record, State

ROOT = Path(__file__).resolve().parents[2]
LESSON = "L01_toy"


def grade(student="p-abcdefghij", lesson=LESSON, cause="", **changed):
    """Return the fields of a grade."""
    exercise = dict(max_points=2.5, unsolved=False, problem=None)
    exercises = (
        ExerciseRecord(name="dot", grade_id="dot", points=2.5, hand_graded=False, **exercise),
        ExerciseRecord(name="why", grade_id="why", points=None, hand_graded=True, **exercise),
    )
    fields = dict(submission_sha256="ab" * 32, seed=7, status=State.GRADED, points=2.5, max_points=4, seconds=1.23456)
    fields |= dict(student="Ann", cause="of Ann's", sandbox=True, graded_at="", waiting=2.5, course_version="0.1")
    return grade_entry(Record(lesson=lesson, exercises=exercises, **fields | changed), student=student, cause=cause)


def batch(command=("grade", LESSON)):
    """Return the fields of a batch."""
    return batch_entry(Lesson(LESSON, {"cells": []}, "0.1", checks_sha256="cd" * 32, commit="v0.1-3-gabc"), command)


def fill(path, count):
    """Write a log of so many entries; return it."""
    log = AuditLog(path)
    for i in range(count):
        log.append(kind="note", value=i)
    return log


def text(entry):
    """Write an entry as the log should, by hand."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def rehash(line, **changed):
    """Change a line and give it a hash that fits."""
    entry = {**json.loads(line), **changed}
    del entry["hash"]
    return text({**entry, "hash": hashlib.sha256(text(entry).encode()).hexdigest()}).encode() + b"\n"


@pytest.fixture
def path(tmp_path):
    """Return where the log will be, in a folder that is not there yet."""
    return tmp_path / "grading" / "audit.jsonl"


# ----------------------------------------------------------------------------------------------------------- chain


def test_fifty_entries_are_a_chain(path):
    """Fifty entries verify; the format is the one described, recomputed here by hand."""
    log = fill(path, 25)
    log = AuditLog(path)
    for i in range(25, 50):
        log.append(kind="note", value=i)
    result = log.verify()
    assert (result.ok, result.count, result.problems, result.repairs) == (True, 50, (), 0)
    prev = "0" * 64
    for i, line in enumerate(path.read_bytes().decode("ascii").splitlines()):
        entry = json.loads(line)
        bare = {k: v for k, v in entry.items() if k != "hash"}
        assert line == text(entry)
        assert (entry["n"], entry["value"], entry["prev"]) == (i, i, prev)
        assert entry["hash"] == hashlib.sha256(text(bare).encode()).hexdigest()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["time"])
        prev = entry["hash"]
    assert result.last == prev
    assert path.read_bytes().endswith(b"\n")


def test_append_returns_what_entries_reads(path):
    """Tuples, number keys and any text come back as they are read from the file."""
    made = AuditLog(path).append(kind="note", pair=(1, 2), table={10: "ten", 9: "nine"}, text="Zoë 👩🏽‍🎓 \udcff\n\x00")
    assert list(AuditLog(path).entries()) == [made]
    assert made["pair"] == [1, 2]
    assert AuditLog(path).verify().ok


def test_an_absent_log_is_empty(path):
    """Looking makes no file."""
    log = AuditLog(path)
    assert (log.verify().ok, log.verify().count, list(log.entries())) == (True, 0, [])
    assert not log.verify(expect="a" * 64).ok
    assert not path.parent.exists()


@pytest.mark.parametrize("fields", [{"n": 3}, {"hash": "x"}, {"value": float("nan")}])
def test_fields_that_cannot_be_logged(path, fields):
    """The log's own names and NaN are refused before anything is written."""
    log = fill(path, 1)
    before = path.read_bytes()
    with pytest.raises(ValueError):
        log.append(**fields)
    assert path.read_bytes() == before


# ------------------------------------------------------------------------------------------------------- tampering


def swap(lines):
    """Exchange lines 10 and 11."""
    lines[9], lines[10] = lines[10], lines[9]


def put(at, new):
    """Return a change that replaces a slice of lines by what `new` makes of them."""

    def change(lines):
        lines[at] = new(lines[at])

    return change


def forge_in(lines):
    """Add a line that follows line 10 properly, with a hash that fits."""
    lines.insert(10, rehash(lines[9], prev=json.loads(lines[9])["hash"], n=10))


TAMPERED = {
    "edit a value": (put(9, lambda s: s.replace(b'"value":9', b'"value":8')), [(10, "changed: its hash")]),
    "edit and re-hash": (put(9, lambda s: rehash(s, value=8)), [(11, "does not follow line 10")]),
    "edit the hash": (
        put(9, lambda s: re.sub(rb'"hash":"...', b'"hash":"zzz', s)),
        [(10, "changed: its hash"), (11, "does not follow line 10")],
    ),
    "delete a line": (put(slice(9, 10), lambda s: []), [(10, "does not follow line 9"), (10, "number 10, not 9")]),
    "delete the first": (
        put(slice(0, 1), lambda s: []),
        [(1, "does not follow the beginning"), (1, "number 1, not 0")],
    ),
    "swap two": (
        swap,
        [(at, f"does not follow {before}") for at, before in ((10, "line 9"), (11, "line 10"), (12, "line 11"))]
        + [(10, "number 10, not 9"), (11, "number 9, not 11"), (12, "number 11, not 10")],
    ),
    "insert a copy": (
        lambda lines: lines.insert(10, lines[9]),
        [(11, "does not follow line 10"), (11, "number 9, not 10")],
    ),
    "insert a forged line": (forge_in, [(12, "does not follow line 11"), (12, "number 10, not 11")]),
    "wrong number, re-hashed": (put(49, lambda s: rehash(s, n=77)), [(50, "number 77, not 49")]),
    "break the JSON": (
        put(9, lambda s: s[:-9] + b"\n"),
        [(10, "is not a JSON object"), (11, "does not follow line 9"), (11, "number 10, not 9")],
    ),
    "a blank line": (lambda lines: lines.insert(10, b"\n"), [(11, "is not a JSON object")]),
    "a list": (lambda lines: lines.insert(10, b"[]\n"), [(11, "is not a JSON object")]),
    "deep JSON": (lambda lines: lines.insert(10, b"[" * 100_000 + b"\n"), [(11, "is not a JSON object")]),
    "a space": (put(9, lambda s: s.replace(b":", b": ", 1)), [(10, "changed: its hash")]),
    "a key twice": (put(9, lambda s: s.replace(b'"value"', b'"value":99,"value"')), [(10, "changed: its hash")]),
    "a carriage return": (put(9, lambda s: s.replace(b"\n", b"\r\n")), [(10, "changed: its hash")]),
    "break the end": (put(49, lambda s: s[:-9]), [(50, "is torn")]),
    "a false repair": (
        put(49, lambda s: rehash(s, kind="repair", torn_bytes=0)),
        [(50, "says it repairs 0 bytes, which are not before it")],
    ),
}


@pytest.mark.parametrize("change, expected", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_found_and_named(path, change, expected):
    """Exactly the lines that were touched, or follow a touched place, are named."""
    log = fill(path, 50)
    lines = path.read_bytes().splitlines(keepends=True)
    change(lines)
    path.write_bytes(b"".join(lines))
    result = log.verify()
    assert not result.ok
    unseen = list(result.problems)
    for at, words in expected:
        match = [p for p in unseen if p.startswith(f"line {at} ") and words in p]
        assert len(match) == 1, (at, words, result.problems)
        unseen.remove(match[0])
    assert unseen == []


def test_a_cut_tail_is_found_by_the_hash_noted_down(path):
    """A log without its last lines verifies by itself, and fails with the hash of a line that is gone."""
    log = fill(path, 50)
    noted = log.verify().last
    assert log.verify(expect=noted).ok
    log.append(kind="note")
    assert log.verify(expect=noted).ok
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:45]))
    assert log.verify().ok
    assert [p for p in log.verify(expect=noted).problems if noted in p and "not in the log" in p]


def test_a_rewritten_entry_does_not_count_as_expected(path):
    """An edited line that still carries the noted hash does not satisfy it."""
    log = fill(path, 5)
    noted = log.verify().last
    path.write_bytes(path.read_bytes().replace(b'"value":4', b'"value":5'))
    assert len(log.verify(expect=noted).problems) == 2


def test_nothing_is_added_behind_a_changed_line(path):
    """An edited last line is not built upon."""
    fill(path, 5)
    changed = path.read_bytes().replace(b'"value":4', b'"value":5')
    path.write_bytes(changed)
    with pytest.raises(AuditError, match="last line was changed"):
        AuditLog(path).append(kind="note")
    assert path.read_bytes() == changed


# ----------------------------------------------------------------------------------------------------- torn writes


def test_a_tail_torn_at_any_byte_is_repaired(path):
    """Wherever the last line is cut, the log goes on, verifies, and says what was repaired."""
    fill(path, 3)
    whole = path.read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    for end in range(start, len(whole) + 1):
        path.write_bytes(whole[:end])
        log = AuditLog(path)
        assert log.verify().ok == (end == start or end >= len(whole) - 1)
        made = [log.append(kind="after"), log.append(kind="after")]
        result = AuditLog(path).verify(expect=made[-1]["hash"])
        assert result.ok, (end, result.problems)
        kinds = [e["kind"] for e in log.entries()]
        if start < end < len(whole) - 1:
            repair = list(log.entries())[2]
            assert kinds == ["note", "note", "repair", "after", "after"]
            assert (repair["torn_bytes"], repair["n"]) == (end - start, 2)
            assert repair["prev"] == list(log.entries())[1]["hash"]
            assert result.repairs == 1
        else:  # the whole line is gone, or only its line end
            assert kinds == ["note"] * (2 + (end > start)) + ["after"] * 2
        assert path.read_bytes().startswith(whole[:end])


def test_a_torn_repair_is_repaired(path):
    """A second kill, anywhere in the repair of the first, is no worse."""
    fill(path, 3)
    first = path.read_bytes()[:-20]
    path.write_bytes(first)
    AuditLog(path).append(kind="after")
    both = path.read_bytes()
    repaired = both[:-1].rindex(b"\n") + 1
    for end in range(len(first), repaired + 1):
        path.write_bytes(both[:end])
        log = AuditLog(path)
        log.append(kind="again")
        result = log.verify()
        assert result.ok, (end, result.problems)
        assert [e["kind"] for e in log.entries()] == ["note", "note", "repair", "again"]


def test_the_first_line_torn(path):
    """A log that holds nothing whole begins its chain with the repair."""
    path.parent.mkdir()
    path.write_bytes(b'{"ha')
    log = AuditLog(path)
    log.append(kind="note")
    assert log.verify().ok
    assert [(e["n"], e["kind"]) for e in log.entries()] == [(0, "repair"), (1, "note")]


@pytest.mark.parametrize("torn_bytes", [3, 5, None])
def test_a_torn_line_needs_its_own_repair(path, torn_bytes):
    """A repair of another length, or another entry, does not excuse a broken line."""
    log = fill(path, 2)
    lines = path.read_bytes().splitlines(keepends=True)
    fields = {"kind": "note"} if torn_bytes is None else {"kind": "repair", "torn_bytes": torn_bytes}
    last = json.loads(lines[-1])
    follower = rehash(lines[-1], **fields, n=2, prev=last["hash"])
    path.write_bytes(b"".join([*lines, b'{"a"\n', follower]))
    assert [p for p in log.verify().problems if p.startswith("line 3 is not a JSON object")]
    path.write_bytes(b"".join([*lines, b'{"a"\n', rehash(follower, kind="repair", torn_bytes=4)]))
    assert log.verify().ok


def test_a_torn_line_is_not_excused_from_afar(path):
    """The repair must be the very next line."""
    log = fill(path, 3)
    path.write_bytes(path.read_bytes()[:-9])
    AuditLog(path).append(kind="note")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1], lines[2] = lines[2], lines[1]
    path.write_bytes(b"".join(lines))
    assert [p for p in log.verify().problems if p.startswith("line 2 is not a JSON object")]


APPENDING = """
import sys
from classroom.group.log import AuditLog
log = AuditLog(sys.argv[1])
while True:
    log.append(kind="note", text="x" * 2000)
    print("more", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_kill_minus_nine_twice(path):
    """A killed writer loses nothing that it reported, and the next one goes on."""
    promised = 0
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", APPENDING, str(path)], stdout=subprocess.PIPE, cwd=ROOT) as writer:
            for _ in range(5):
                assert writer.stdout.readline() == b"more\n"
            time.sleep(0.05)
            writer.kill()
            promised += 5 + writer.stdout.read().count(b"more\n")
        log = AuditLog(path)
        log.append(kind="after")
        promised += 1
        assert log.verify().ok, log.verify().problems
        assert log.verify().count >= promised


# ------------------------------------------------------------------------------------------------- what goes wrong


def test_a_second_writer_fails_loudly(path):
    """Whoever has not seen the last entry may not write; reading anew helps."""
    fill(path, 1)
    one, two = AuditLog(path), AuditLog(path)
    one.append(kind="note")
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(AuditError, match="something else wrote to it"):
            two.append(kind="note")
    assert path.read_bytes() == before
    one.append(kind="note")
    AuditLog(path).append(kind="note")
    assert one.verify().ok


def test_two_writers_of_a_new_log(path):
    """Also the first entry is written once."""
    one, two = AuditLog(path), AuditLog(path)
    one.append(kind="note")
    with pytest.raises(AuditError, match="something else wrote to it"):
        two.append(kind="note")


def test_a_log_that_vanishes(path):
    """A deleted log is not begun anew."""
    log = fill(path, 1)
    path.unlink()
    with pytest.raises(AuditError, match="could not be written"):
        log.append(kind="note")
    assert not path.exists()


@pytest.mark.parametrize("taken", [0, 1, 40, -1])
def test_a_full_disk(path, monkeypatch, taken):
    """The error says so, and the same object goes on when there is room, whatever part was written."""
    log = fill(path, 3)
    write = os.write

    def full(fd, data):
        if not taken:
            raise OSError(28, "No space left on device")
        return write(fd, data[:taken])

    for _ in range(2):  # the repair fails as well
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            with pytest.raises(AuditError, match="audit.jsonl: an entry could not be written: .*(space|disk full)"):
                log.append(kind="lost")
    made = log.append(kind="after")
    result = log.verify(expect=made["hash"])
    assert result.ok, result.problems
    assert [e["kind"] for e in log.entries()][-1] == "after"


def test_an_entry_is_on_the_disk_before_append_returns(path, monkeypatch):
    """One write, then fsync; a failed fsync is an error, and the log goes on."""
    log = fill(path, 1)
    calls, write, fsync = [], os.write, os.fsync
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, data: calls.append("write") or write(fd, data))
        patch.setattr(os, "fsync", lambda fd: calls.append("fsync") or fsync(fd))
        log.append(kind="note")
    assert calls == ["write", "fsync"]

    def broken(fd):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(AuditError, match="Input/output error"):
            log.append(kind="note")
    log.append(kind="note")
    assert log.verify().ok


# --------------------------------------------------------------------------------------------------------- entries


def test_a_batch_says_who_and_with_what(path):
    """The fields have fixed names, and fit into JSON."""
    made = AuditLog(path).append(**batch())
    fields = "kind who lesson command versions commit release_sha256 checks_sha256 limits sandbox"
    assert set(made) == set(fields.split()) | {"n", "time", "prev", "hash"}
    assert set(made["versions"]) == {"course", "python", "numpy", "nbgrader"}
    assert made["who"]
    assert made["command"] == ["grade", LESSON]


def test_a_grade_has_fixed_fields(path):
    """Every field of the brief, and "not graded" stays None."""
    made = AuditLog(path).append(**grade(points=None, status=State.NOT, cause="memory"))
    fields = "kind lesson student submission_sha256 seed status cause points max_points by_exercise seconds"
    assert set(made) == {*fields.split(), "n", "time", "prev", "hash"}
    assert (made["points"], made["by_exercise"], made["seconds"]) == (None, {"dot": 2.5, "why": None}, 1.235)


@pytest.mark.parametrize("student", ["ann", "", "p-ann", "p-abcdefghij\n"])
def test_a_name_is_no_pseudonym(student):
    """A student's name cannot slip in where a pseudonym belongs."""
    with pytest.raises(ValueError, match="student must be a pseudonym"):
        grade(student)


def test_latest_is_the_last_grade_of_each():
    """Of the lesson asked for, whatever lies between."""
    one, two = "p-aaaaaaaaaa", "p-bbbbbbbbbb"
    log = [grade(one, points=1), grade(two, points=2), batch(), grade(one, points=3), grade(two, "L02_next", points=4)]
    assert {student: e["points"] for student, e in latest(log, LESSON).items()} == {one: 3, two: 2}
    assert latest(log, "L09") == {}


# ------------------------------------------------------------------------------------------------------ a course's


class Course:
    """A folder with two graded students, one of them with a name beyond ASCII."""

    zoe, ann = "Zoë Müller-李", "ann"

    def __init__(self, root):
        self.root = root
        self.names = Pseudonyms(root / NAMES)
        self.log = AuditLog(root / LOG)
        self.pseudonym = {name: self.names.of(name) for name in (self.zoe, self.ann)}
        self.log.append(**batch(command=["grade", f"--student={self.pseudonym[self.zoe]}"]))
        self.log.append(**grade(self.pseudonym[self.zoe], points=1.5))
        self.log.append(**grade(self.pseudonym[self.ann], points=3.5, cause="\x1b[31mred\nline"))
        self.log.append(**grade(self.pseudonym[self.zoe], "L02_next", points=None, status=State.NOT))

    def __call__(self, *words):
        """Run the command."""
        return main(["audit", words[0], "--course", str(self.root), *words[1:]])


@pytest.fixture
def course(tmp_path):
    """Return a course that was graded."""
    return Course(tmp_path)


def test_no_name_is_in_the_log(course):
    """Neither as it is written, nor as JSON escapes it."""
    held = (course.root / LOG).read_bytes()
    for name in (course.zoe, course.ann):
        assert name.encode() not in held
        assert json.dumps(name).strip('"').encode() not in held
    assert course.pseudonym[course.zoe].encode() in held


def test_forget_keeps_the_chain(course, capsys):
    """The student is gone from the folder, the log is the same to the byte, and a new pseudonym is another."""
    before = (course.root / LOG).read_bytes()
    assert course("forget", course.zoe, "--yes") == 0
    said = capsys.readouterr().out
    assert "cannot be undone" in said and "Deleted." in said
    assert course.pseudonym[course.zoe] not in said
    assert (course.root / LOG).read_bytes() == before
    assert course.log.verify().ok
    written = json.dumps(course.zoe).strip('"').encode()
    assert not any(written in f.read_bytes() for f in (course.root / "grading").iterdir())
    assert course.names.known() == {course.ann: course.pseudonym[course.ann]}
    course.log.append(**grade(course.names.of(course.zoe)))
    assert course.log.verify().ok
    assert len({e["student"] for e in course.log.entries() if e["kind"] == "grade"}) == 3


class Keyboard(io.StringIO):
    """A stdin that says whether somebody sits before it."""

    def __init__(self, typed, tty):
        super().__init__(typed)
        self.isatty = lambda: tty


@pytest.mark.parametrize(
    "typed, tty, code", [("y\n", True, 0), ("yes\n", True, 0), ("\n", True, 1), ("n\n", True, 1), ("y\n", False, 1)]
)
def test_forget_asks(course, monkeypatch, capsys, typed, tty, code):
    """Only a yes from a person deletes."""
    monkeypatch.setattr(sys, "stdin", Keyboard(typed, tty))
    assert course("forget", course.ann) == code
    assert (course.ann in course.names.known()) == bool(code)
    said = capsys.readouterr()
    assert ("--yes" in said.err) == (not tty)


def test_forget_a_stranger(course, capsys):
    """Nobody of that name: exit 1, nothing changes."""
    assert course("forget", "anne", "--yes") == 1
    assert "no pseudonym is known for 'anne'" in capsys.readouterr().err
    assert len(course.names.known()) == 2


def test_verify_command(course, capsys):
    """A whole log: exit 0, the number of entries and the last hash."""
    last = course.log.verify().last
    assert course("verify") == 0
    out = capsys.readouterr().out
    assert f"4 entries, 0 repaired torn ends, last hash {last}" in out and "Nothing was changed." in out
    assert course("verify", "--expect", f" {last.upper()}\n") == 0
    assert course("verify", "--expect", "") == 1


def test_verify_command_finds_a_change(course, capsys):
    """A changed log: exit 1, and the line is named."""
    file = course.root / LOG
    last = course.log.verify().last
    file.write_bytes(file.read_bytes().replace(b'"points":1.5', b'"points":4.0'))
    assert course("verify") == 1
    out = capsys.readouterr().out
    assert "line 2 was changed" in out and "Nothing was changed" not in out
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:1]))
    assert course("verify", "--expect", last) == 1
    assert f"the hash {last} is not in the log" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["verify", "show"])
def test_no_log(tmp_path, capsys, command):
    """An absent log is said, and is not a success."""
    assert main(["audit", command, "--course", str(tmp_path)]) == 1
    assert f"there is no log at {tmp_path / LOG}" in capsys.readouterr().err


def test_a_log_that_cannot_be_read(tmp_path, capsys):
    """A folder in its place: a message, no traceback."""
    (tmp_path / LOG).mkdir(parents=True)
    assert main(["audit", "verify", "--course", str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_show(course, capsys):
    """All entries, in columns, one line each; nothing in them steers the terminal."""
    assert course("show") == 0
    said = capsys.readouterr()
    rows = said.out.splitlines()
    assert rows[0].split() == "n time kind lesson student status points of cause".split()
    assert [row.split()[2] for row in rows[1:]] == ["batch", "grade", "grade", "grade"]
    assert "checks cdcdcdcd, text " in rows[1] and rows[1].endswith(", v0.1-3-gabc")
    assert rows[3].endswith("[31mred line") and "\x1b" not in said.out
    assert len({row.index("graded") for row in rows[2:4]}) == 1
    assert said.err == ""


@pytest.mark.parametrize(
    "options, numbers",
    [
        (["--student", Course.zoe], ["1", "3"]),
        (["--lesson", "L01"], ["0", "1", "2"]),
        (["--student", Course.zoe, "--lesson", "L02_next"], ["3"]),
    ],
)
def test_show_some(course, capsys, options, numbers):
    """One student, one lesson, or both."""
    assert course("show", *options) == 0
    assert [row.split()[0] for row in capsys.readouterr().out.splitlines()[1:]] == numbers


@pytest.mark.parametrize(
    "options, words",
    [(["--student", "nobody"], "no pseudonym is known for 'nobody'"), (["--lesson", "L07"], "no lesson called 'L07'")],
)
def test_show_nothing(course, capsys, options, words):
    """Somebody or something unknown: exit 1 and a message."""
    assert course("show", *options) == 1
    assert words in capsys.readouterr().err


def test_show_warns_of_a_changed_log(course, capsys):
    """What does not verify is shown, with a warning."""
    file = course.root / LOG
    file.write_bytes(file.read_bytes().replace(b'"points":1.5', b'"points":4.0'))
    assert course("show") == 0
    assert "audit verify" in capsys.readouterr().err


def test_a_broken_file_of_pseudonyms(course, capsys):
    """Its own message comes through."""
    (course.root / NAMES).write_text("{")
    assert course("show", "--student", course.ann) == 1
    assert course("forget", course.ann, "--yes") == 1
    assert capsys.readouterr().err.count("Put back a copy") == 2


@pytest.mark.parametrize("words", [[], ["mend"], ["forget"]])
def test_a_wrong_command_line(words, capsys):
    """Exit 2, and the usage names course.py audit."""
    with pytest.raises(SystemExit) as left:
        main(["audit", *words])
    assert left.value.code == 2
    assert "usage: course.py audit" in capsys.readouterr().err
