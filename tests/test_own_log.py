"""`course.py log`: off unless switched on, and nobody's name in what is exported."""

from __future__ import annotations

import json
import sys
import time

import pytest

from classroom.__main__ import main
from classroom.author import exports
from classroom.author.allow_list import beyond
from classroom.author.attempts import all_attempts, lesson_text
from classroom.author.exports import Answer, exported, without_private_comments
from classroom.commands import own_log
from recsys_lib.checks import all_exercises, attempt_log

DOT = "def dot(q, items):\n    return items.sum(axis=1)\n"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Let the course's own folder be an empty one."""
    monkeypatch.setattr(own_log, "OWN", tmp_path)
    monkeypatch.setattr(own_log, "_own_names", lambda: ["lovelace", "analytical-engine"])
    return tmp_path


def entry(code=DOT, **more):
    """Return a line of the log."""
    made = {"day": "2026-11-30", "exercise": "dot", "code": code, "points": 0, "of": 2, "said": ["Look."], **more}
    return json.dumps(made) + "\n"


def test_names_are_those_of_the_library():
    """The command reads what the check writes."""
    assert (own_log.VARIABLE, own_log.SWITCH) == (attempt_log.VARIABLE, attempt_log.SWITCH)


def test_off_unless_switched_on(own, capsys):
    """The lab's environment names the log only while it is on."""
    assert own_log.with_log(own, {"A": "b", own_log.VARIABLE: "x"}) == {"A": "b"}
    assert main(["log", "show"]) == 0
    assert main(["log", "on"]) == 0
    assert own_log.with_log(own, {"A": "b"}) == {"A": "b", own_log.VARIABLE: str(own / "attempts.jsonl")}
    assert main(["log", "off"]) == 0
    assert own_log.with_log(own, {}) == {}
    said = capsys.readouterr().out
    assert "The log is off; 0 attempts" in said and "The log is on." in said and said.endswith("The log is off.\n")


def test_show(own, capsys):
    """One line an attempt; a torn line is passed over."""
    (own / "attempts.jsonl").write_text(entry() + '{"day": "2026')
    main(["log", "show"])
    assert "2026-11-30  dot                        0 of 2  Look." in capsys.readouterr().out


def test_export(own, capsys, tmp_path):
    """The fields of tests/attempts, each answer once, no day; what was left out is said, and not quoted."""
    private = f"# mail ada@example.org\n{DOT}"
    in_code = 'def dot(q, items):\n    return open("/home/somebody/x.txt")\n'
    (own / "attempts.jsonl").write_text(entry() * 2 + entry(private, exercise="cosine") + entry(in_code))
    assert main(["log", "export", str(tmp_path / "out.jsonl")]) == 0
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["exercise"] for line in lines] == ["cosine", "dot"]
    assert {line["code"] for line in lines} == {DOT}
    assert set(lines[0]) == {"exercise", "id", "code", "correct", "mistake", "says", "seen", "points"}
    assert "2026" not in (tmp_path / "out.jsonl").read_text()
    said = capsys.readouterr().out
    assert "2 attempts" in said and "ada@" not in said and "somebody" not in said
    for part in ("cosine: 1 comment with", "dot: 1 answer with", "dot: 1 answer that came before"):
        assert part in said


def test_export_of_nothing(own, capsys, tmp_path):
    """An empty log is a message, and a folder that cannot be written to is one, too."""
    assert main(["log", "export", str(tmp_path / "out.jsonl")]) == 1
    assert "nothing to export" in capsys.readouterr().err
    (own / "attempts.jsonl").write_text(entry())
    (tmp_path / "file").touch()
    assert main(["log", "export", str(tmp_path / "file" / "out.jsonl")]) == 1


@pytest.mark.parametrize(
    "comment",
    ["# ada@example.org", "# see /home/ada/x.py", "# C:\\Users\\ada", "# ~/notes", "# by Lovelace", "# \\\\box\\ada"],
)
def test_private_comments_are_dropped(comment):
    """A comment with an address, a path or a name goes; the code beside it stays."""
    private = exports._names_pattern(("ada.lovelace",))
    assert without_private_comments(f"x = 1  {comment}\n{comment}\ny = 2\n", private) == ("x = 1\ny = 2\n", 2)


@pytest.mark.parametrize(
    "code",
    ["x = a / b / c  # a / b / c, or 1/n\n", 'print("a\\nb\\n")  # q @ items\n', "x = q @ items.T  # and/or\n"],
)
def test_arithmetic_is_no_path(code):
    """Divisions, matrix products and escapes in strings stay."""
    lines, left_out = exported([Answer("dot", code, 0, 2)], prefix="l_", names=["root", "max", "al"])
    assert json.loads(lines[0])["code"] == code and left_out == []


def test_names_of_code_are_no_names():
    """A user called root or max does not make answers vanish; another name in the code does."""
    code = "root = max(q)\n"
    assert exported([Answer("dot", code, 0, 2)], prefix="l_", names=["root", "max"])[1] == []
    lines, left_out = exported([Answer("dot", "lovelace_dot = 1\n", 0, 2)], prefix="l_", names=["Ada Lovelace"])
    assert lines == [] and "1 answer with" in left_out[0]


def test_code_that_cannot_be_read_is_searched_whole():
    """A cell with a magic or half a string keeps no address."""
    lines, _ = exported([Answer("dot", "%run '/home/ada/x\n(", 0, 2)], prefix="l_")
    assert lines == []


def left_out_of(code, **options):
    """What is said to be left out of the export of one answer; nothing of it is then exported."""
    lines, left_out = exported([Answer("dot", code, 0, 2)], prefix="c_", **options)
    assert not (lines and left_out), "an answer was exported, and said to be left out"
    return left_out


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import numpy.f2py",
        "from os import path",
        "from . import x",
        "from numpy import load",
        "from numpy import *",
        "from numpy.lib import npyio",
        "import math as open",
        "open('x', 'w')",
        "eval('1')",
        "exec('1')",
        "__import__('os')",
        "getattr(np, 'lo' + 'ad')",
        "print(__builtins__)",
        "().__class__",
        "np.load('x')",
        "np.lib.npyio",
        "q.tofile('x')",
        "np.fromfile('x')",
        "np.testing.suppress_warnings",
        "np.ndarray((1,), dtype=object, buffer=b'12345678')",
        "type(q)((1,), dtype=object, buffer=b'12345678')",
        "np.sqrt = np.square",
        "datasets = np; datasets.load('x')",
        "(lambda datasets: datasets.load('x'))(np)",
        "f'{q.__class__}'",
        "'{0.__class__}'.format(q)",
        "match q:\n        case object(__class__=x):\n            pass",
        "global open",
        "def __del__():\n        pass",
        "class A:\n        pass",
        "check.__globals__",
        "plots.plt.savefig('x')",
        "breakpoint()",
        "f(open=1)",
        "async def f():\n        await q",
        "x = (",
    ],
)
def test_what_uses_more_than_arithmetic_is_left_out(line):
    """Attempts are run without a sandbox: by `course.py hints`, the tests and CI."""
    code = f"def dot(q, items):\n    {line}\n    return items @ q\n"
    assert left_out_of(code) == ["dot: 1 answer that uses more than NumPy, math and its lesson"]


@pytest.mark.parametrize(
    "line",
    [
        "import math",
        "from math import sqrt, lgamma",
        "import numpy as np",
        "x = np.linalg.norm(items, axis=1, keepdims=True)",
        "with np.errstate(divide='ignore'):\n        x = 1 / q",
        "from recsys_lib.checks import check, yours_or_ours",
        "x = somewhere",
        "x = {k: v for k, v in zip(q, sorted(items.tolist(), key=lambda row: -row[0]))}",
        "try:\n        x = q[0]\n    except IndexError as error:\n        raise ValueError(f'{error}') from None",
    ],
)
def test_what_a_lesson_uses_is_kept(line):
    """NumPy, math, Python's own types, what the lesson imports, and a name that nobody has."""
    assert left_out_of(f"def dot(q, items):\n    {line}\n    return items @ q\n") == []


def test_what_readers_wrote_would_be_exported():
    """Nearly all attempts that there are: the list is not so short that it costs evidence."""
    hashing = ("keys_from_a_network", "securing_a_recommender")  # whose answers need more than NumPy and math
    attempts = [a for a in all_attempts() if all_exercises()[a.exercise].lesson not in hashing]
    beyond_it = [a.key for a in attempts if beyond(a.code, lesson_text(all_exercises()[a.exercise].lesson)) is not None]
    assert len(beyond_it) <= len(attempts) / 50, beyond_it


def test_a_long_answer_is_left_out():
    """It is not even looked at."""
    code = DOT + "# " + "x" * exports.MAX_CODE
    assert left_out_of(code) == ["dot: 1 answer of more than 20,000 characters"]


@pytest.mark.parametrize("begin, again", [("", "a"), ("", "a@"), ("/", "a"), ("", "a-"), ("a", "\\\\"), ("a@", "a-")])
def test_private_patterns_take_steps_of_the_length(begin, again):
    """Ten times the text takes some ten times as long, not a hundred times."""

    def seconds(length: int) -> float:
        text = begin + again * length
        started = time.process_time()
        assert exports.PRIVATE.search(text) is None
        return time.process_time() - started

    short, long = (min(seconds(length) for _ in range(3)) for length in (3_000, 30_000))
    assert long < 40 * short + 0.01


@pytest.mark.skipif(sys.platform == "win32", reason="no class is graded on Windows")
def test_answers_of_a_class_are_looked_at_in_a_process_that_may_die(monkeypatch):
    """One that takes too much is left out and counted, and all others are looked at."""
    deep = "def dot(q, items):\n    return " + "-" * 9_000 + "1\n"
    answers = [Answer("dot", code, 0, 2) for code in (deep, DOT + "# by Lovelace\n", "import os\n", DOT)]
    monkeypatch.setattr(exports, "looked_at", None)  # not in this process
    with exports.look_within_limits(["Lovelace"]) as look:
        lines, left_out = exported(answers, prefix="c_", names=["Lovelace"], look=look)
    assert [json.loads(line)["code"] for line in lines] == [DOT]
    assert "dot: 1 comment with an e-mail address, a path or a name" in left_out
    assert sum("uses more than" in said or "too much" in said for said in left_out) >= 1


def test_the_commands_say_that_attempts_are_run(own, capsys, tmp_path):
    """Where they are written, and in the help."""
    (own / "attempts.jsonl").write_text(entry())
    main(["log", "export", str(tmp_path / "out.jsonl")])
    assert "attempts are run without a sandbox" in capsys.readouterr().out
    for command in (["log", "export", "--help"], ["report", "--help"]):
        with pytest.raises(SystemExit):
            main(command)
        assert "without a sandbox" in " ".join(capsys.readouterr().out.split())
