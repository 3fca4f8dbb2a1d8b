"""The command `attacks` of the classroom, which elective E02 starts: in the real sandbox, and where there is none."""

from __future__ import annotations

import subprocess
import sys

import pytest

from classroom.commands import attacks
from classroom.common import ROOT
from classroom.sandbox.namespaces import SandboxError, bubblewrap
from recsys_lib.threats import THREE_ATTACKS
from tests.grading.attacks import ATTACKS, LEAK
from tests.needs import skip_or_fail


def test_three_attacks_fail_in_the_sandbox():
    """All three run to the end and earn, see and reach nothing; what is printed is what the lesson keeps."""
    try:
        bubblewrap()
    except SandboxError as error:
        skip_or_fail("sandbox", str(error))
    done = subprocess.run(
        [sys.executable, "-m", "classroom", "attacks"], cwd=ROOT / "tests", capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == THREE_ATTACKS


def test_they_are_three_of_the_catalogue():
    """The names are those of the catalogue, which is read without importing the tests."""
    assert {attack.name for attack in ATTACKS} >= set(attacks.TRIED) and len(attacks.TRIED) == 3
    assert attacks._catalogue().LEAK == LEAK


@pytest.mark.parametrize("found", [LEAK, attacks.SECRET])
def test_an_attack_that_succeeds_is_told(monkeypatch, bubblewrap, found):
    """Where an attack shows what it wanted the command says so and fails."""
    from types import SimpleNamespace

    from classroom.submission.record import State

    record = SimpleNamespace(points=0.0, max_points=21.0)
    shown = SimpleNamespace(status=State.GRADED, record=record, notebook={"cells": [{"outputs": [{"text": found}]}]})
    monkeypatch.setattr(attacks, "_graded", lambda attack, filled: shown)
    lines, harmless = attacks.report()
    assert not harmless and sum("it saw something" in line for line in lines) == 3


def test_without_a_sandbox_it_says_why(monkeypatch, capsys):
    """Without bubblewrap there is one sentence, and an exit code by which the lesson shows its own copy."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert attacks.run(None) == 1
    said = capsys.readouterr()
    assert "bubblewrap is missing" in said.err and not said.out


def test_without_the_catalogue_it_says_why(monkeypatch, tmp_path):
    """An installed package has no tests beside it."""
    monkeypatch.setattr(attacks, "CATALOGUE", tmp_path / "attacks.py")
    monkeypatch.delitem(sys.modules, "course_attacks", raising=False)
    with pytest.raises(attacks.CourseError, match="missing"):
        attacks._catalogue()
