"""`course.py log`: off unless switched on, and nobody's name in what is exported."""

from __future__ import annotations

import json

import pytest

from classroom.__main__ import main
from classroom.author import exports
from classroom.author.exports import Answer, exported, without_private_comments
from classroom.commands import own_log
from recsys_lib.checks import attempt_log

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
    private = exports._names_pattern(["ada.lovelace"])
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
