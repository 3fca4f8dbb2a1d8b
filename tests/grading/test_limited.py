"""A process that may die: what ends one question ends nothing else, and whoever asked is told."""

from __future__ import annotations

import sys

import msgspec
import psutil
import pytest

from classroom.common import CourseError
from classroom.limited import MAX_QUESTIONS, EndedError, LimitedProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no class is graded on Windows")


@pytest.fixture
def process():
    """One that allows a second and 100 MB."""
    with LimitedProcess("tests.grading.readings", seconds=1, memory_mb=100) as process:
        yield process


@pytest.mark.parametrize(
    "name, said",
    [
        ("never_ends", "it takes more than 1 s"),
        ("grows", "it takes more than 100 MB of memory"),
        ("crashes", "it crashes the process that reads it"),
        ("leaves", "it crashes the process that reads it"),
        ("raises", "it cannot be read (RecursionError)"),
        ("is_long", "of memory|MB come of it"),
    ],
)
def test_the_end_of_one_question_is_no_end_of_the_next(name, said, process):
    """It is said what the text took; the next question is answered as ever."""
    assert process.ask("length", "abc", result=int) == 3
    with pytest.raises(EndedError) as caught:
        process.ask(name, "abc", result=int)
    assert any(part in str(caught.value) for part in said.split("|"))
    assert process.ask("length", "abcd", result=int) == 4


def test_what_is_called_meanwhile_may_end_the_question(process):
    """The answer to a question that was given up is not taken for that to the next."""

    def no_more() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        process.ask("never_ends", "", result=int, meanwhile=no_more)
    assert process.ask("length", "abcd", result=int) == 4


def test_seconds_are_those_of_one_question(process):
    """What many questions take together is no reason to end one."""
    for _ in range(3):
        with pytest.raises(EndedError):
            process.ask("never_ends", "", result=int)
    assert process.ask("length", "abc", result=int) == 3


def test_a_refusal_is_for_whoever_wrote_the_text(process):
    """It is no end: the sentence comes through as it is."""
    with pytest.raises(CourseError, match=r"^x is not allowed$") as caught:
        process.ask("refuses", "x", result=int)
    assert not isinstance(caught.value, EndedError)


def test_an_answer_of_another_type_is_none(process):
    """Whoever asks for a number gets a number."""
    with pytest.raises(msgspec.ValidationError):
        process.ask("is_of_another_type", "x", result=int)
    assert process.ask("length", "abc", result=int) == 3


def test_what_is_taught_is_known_to_every_child(process):
    """Also to one that follows on a crash; and it is taught once."""
    for _ in range(2):
        process.teach("key", "learn", "release")
    with pytest.raises(EndedError):
        process.ask("crashes", "", result=int)
    assert process.ask("learnt", result=list[str]) == ["release"]
    process.close()
    assert process.ask("learnt", result=list[str]) == []


def test_what_a_child_keeps_goes_with_it(process):
    """A child answers so many questions, and no more."""
    process.ask("learn", "x", result=type(None))
    for _ in range(MAX_QUESTIONS):
        process.ask("length", "", result=int)
    assert process.ask("learnt", result=list[str]) == []


def test_nothing_is_left_running(process):
    """Neither the process nor a child that never ends."""
    process.ask("length", "", result=int)
    running = psutil.Process(process.pid)
    (child,) = running.children()
    process.close()
    psutil.wait_procs([running, child], timeout=60)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_module_that_cannot_be_imported_is_an_error(process):
    """The caller says that reading does not work here, and of whom it is no fault."""
    process.module = "tests.grading.no_such_module"
    with pytest.raises(OSError, match="did not start"):
        process.ask("length", "abc", result=int)
