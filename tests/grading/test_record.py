"""The record of a submission: what it accepts, what it leaves out, and which versions it names."""

import json
import shutil
import subprocess

import pytest

from classroom.submission.lesson import commit_of
from classroom.submission.record import RecordError, State, encode, quoted, read, replace, with_quotes
from tests.grading.records import answer, layer, record


def test_a_record_comes_back_as_it_was_written(tmp_path):
    """Half of a pair of characters becomes a question mark; all else is the same."""
    path = tmp_path / "ada.json"
    whole = record(
        "Zoë 👩‍🎓", answer("dot", 0.0, 2.0, layer(unmatched="it returned {}"), mend_first=["rank"]), cause="late"
    )
    path.write_bytes(encode(whole))
    assert read(path) == whole
    path.write_bytes(encode(replace(whole, cause="half: \ud800")))
    assert read(path).cause == "half: ?"


def test_records_before_there_were_versions_are_read(tmp_path):
    """A record of schema 1 as it used to be has no version, and is none the worse."""
    path = tmp_path / "ada.json"
    old = json.loads(encode(record("ada", answer("dot", 2.0))))
    for field in ("course_commit", "release_sha256", "checks_sha256", "submission_sha256", "logged"):
        del old[field]
    path.write_text(json.dumps(old))
    assert read(path) == record("ada", answer("dot", 2.0))


def test_a_missing_file_is_no_record(tmp_path):
    """It is said like every other flaw."""
    with pytest.raises(RecordError, match="FileNotFoundError"):
        read(tmp_path / "nobody.json")


def test_graded_means_points():
    """None of both can be said without the other."""
    with pytest.raises(ValueError, match="graded, but without points"):
        replace(record("ada"), points=None)
    assert record("ada", status=State.NOT).points is None


def test_every_text_that_may_quote_is_changed():
    """Cause, problems, observations and outputs; names of exercises and hints are the course's own."""
    layers = layer(unmatched="out of ada", observation="said to ada"), layer(misconception="ada", hint="ada?")
    made = record("ada", answer("ada", 0.0, 2.0, *layers, problem="ada's fault"), cause="for ada")
    changed = with_quotes(made, lambda text: text.replace("ada", "X"))
    assert sorted(filter(None, quoted(changed))) == ["X's fault", "for X", "out of X", "said to X"]
    assert (changed.student, changed.exercises[0].name, changed.exercises[0].layers[1]) == ("ada", "ada", layers[1])


def test_commit_of_a_clone(tmp_path, monkeypatch):
    """A changed file shows; a folder inside a clone is none itself; without git nothing is said."""
    if not shutil.which("git"):
        pytest.skip("git is missing")
    who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    first = commit_of(tmp_path)
    assert len(first) >= 7
    (tmp_path / "file").write_text("")
    subprocess.run(["git", "-C", str(tmp_path), "add", "file"], check=True)
    assert commit_of(tmp_path) == f"{first}-dirty"
    (tmp_path / "inside").mkdir()
    assert commit_of(tmp_path / "inside") == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_of(tmp_path) == ""
