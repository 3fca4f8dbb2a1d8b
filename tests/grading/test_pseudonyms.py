"""Pseudonyms: stable, random, private, never begun anew over a broken file, and gone when a student is forgotten."""

import json
import os
import stat

import pytest

from classroom.common import SOMEBODY, CourseError, hider
from classroom.group import pseudonyms
from classroom.group.pseudonyms import PSEUDONYM, PseudonymError, Pseudonyms

NAMES = ["ann", "Zoë Müller", "李小龙", "علي", "👩🏽‍🎓", 'o\'neil \\ "x"\n', "", "\udcff", "p-aaaaaaaaaa"]


@pytest.fixture
def path(tmp_path):
    """Return where the file will be, in a folder that is not there yet."""
    return tmp_path / "grading" / "pseudonyms.json"


def test_any_name_keeps_its_pseudonym(path):
    """Each name gets one of its own, the same for every later reader of the file."""
    first = {name: Pseudonyms(path).of(name) for name in NAMES}
    assert len(set(first.values())) == len(NAMES)
    assert all(PSEUDONYM.fullmatch(p) for p in first.values())
    assert {name: Pseudonyms(path).of(name) for name in NAMES} == first == Pseudonyms(path).known()


def test_pseudonyms_say_nothing_of_the_name(tmp_path):
    """The same students in another course get others: they are drawn, not computed."""
    one, two = (Pseudonyms(tmp_path / f"{i}.json") for i in range(2))
    assert not {one.of(name) for name in NAMES} & {two.of(name) for name in NAMES}


def test_a_pseudonym_is_never_given_twice(path, monkeypatch):
    """A draw that is taken already is drawn again."""
    draws = iter([b"1234567", b"1234567", b"7654321"])
    monkeypatch.setattr(pseudonyms.secrets, "token_bytes", lambda size: next(draws))
    students = Pseudonyms(path)
    assert students.of("ann") != students.of("bob")


def test_nothing_is_made_before_the_first_student(path):
    """Reading an absent file gives no students and makes nothing."""
    assert Pseudonyms(path).known() == {}
    assert Pseudonyms(path).forget("ann") is False
    assert not path.parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_only_the_owner_may_read(path):
    """The mode is 0600 after every change, whatever it was before."""
    old = os.umask(0)
    try:
        Pseudonyms(path).of("ann")
        path.chmod(0o644)
        Pseudonyms(path).of("bob")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_known_student_writes_nothing(path, monkeypatch):
    """Asking again does not touch the file."""
    students = Pseudonyms(path)
    students.of("ann")
    monkeypatch.setattr(os, "replace", lambda *paths: pytest.fail("saved"))
    students.of("ann")


def test_forget_erases_and_begins_anew(path):
    """A forgotten name is nowhere in the folder; the others stay; the next pseudonym is another."""
    students = Pseudonyms(path)
    before = {name: students.of(name) for name in ("ann", "bob")}
    aside = path.with_name(f".{path.name}.new")
    aside.write_text("ann: left by a killed run")
    assert students.forget("ann") is True
    assert not any(b"ann" in file.read_bytes() for file in path.parent.iterdir())
    assert students.known() == {"bob": before["bob"]}
    assert students.forget("ann") is False
    assert students.of("ann") != before["ann"]


def test_forget_clears_what_a_killed_run_left(path):
    """A name that only a half-made save holds goes as well."""
    Pseudonyms(path).of("bob")
    path.with_name(f".{path.name}.new").write_text("ann")
    assert Pseudonyms(path).forget("ann") is False
    assert [file.name for file in path.parent.iterdir()] == [path.name]


BROKEN = {
    "empty": b"",
    "cut": b'{"ann": "p-aaaa',
    "list": b"[]",
    "number": b'{"ann": 3}',
    "nested": b'{"ann": ["p-aaaaaaaaaa"]}',
    "not ours": b'{"ann": "ann"}',
    "twice": b'{"ann": "p-aaaaaaaaaa", "bob": "p-aaaaaaaaaa"}',
    "bytes": b"\xff\xfe",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("call", [Pseudonyms.of, Pseudonyms.forget, Pseudonyms.hide_quoted])
def test_a_broken_file_is_an_error_and_is_kept(path, content, call):
    """The error names the file, and not a byte of it changes."""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(PseudonymError, match="pseudonyms.json.*Put back a copy") as caught:
        call(Pseudonyms(path), "ann")
    assert isinstance(caught.value, CourseError)
    assert path.read_bytes() == content


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_save_keeps_the_old_file(path, monkeypatch, step):
    """A full disk gives a clear error; the file stays, and the next call works."""
    students = Pseudonyms(path)
    students.of("ann")
    old = path.read_bytes()

    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, full)
        with pytest.raises(PseudonymError, match="cannot be written.*No space left"):
            students.of("bob")
    assert path.read_bytes() == old
    assert set(json.loads(path.read_text())) == {"ann"}
    students.of("bob")
    assert set(students.known()) == {"ann", "bob"}


@pytest.mark.parametrize(
    "text, hidden",
    [
        ("submitted/ann/L03", "submitted/{ann}/L03"),
        ("--student=ann", "--student={ann}"),
        ("planning, joann and ann2", "planning, joann and ann2"),
        ("ann_L03", "{ann}_L03"),
        ("ann lee, ann", "{ann lee}, {ann}"),
        ("Zoë said: a.b", "{Zoë} said: {a.b}"),
        ("axb", "axb"),
        ("JOHANNA's johannas.ipynb", "{Johanna}'s {Johanna}s.ipynb"),
    ],
)
def test_hide_puts_pseudonyms_for_names(path, text, hidden):
    """The longest first, short names only where they stand alone, and no name is read as a pattern."""
    students = Pseudonyms(path)
    known = {name: students.of(name) for name in ("ann", "ann lee", "Zoë", "a.b", "Johanna")}
    for name, pseudonym in known.items():
        hidden = hidden.replace(f"{{{name}}}", pseudonym)
    assert hider(known, [text])(text) == hidden


def test_hide_without_students(path):
    """Nobody known, or only a student without a name: the text stays."""
    assert Pseudonyms(path).hide_quoted("there is no 'ann'") == "there is no 'ann'"
    Pseudonyms(path).of("")
    assert Pseudonyms(path).hide_quoted("there is no 'ann'") == "there is no 'ann'"


CAUSES = (
    "the notebook is not whole: it cannot be read as JSON (Expecting value: line 1 column 1)",
    "cell dot ended the process it ran in; the learner's process was ended",
    "taken from 'L03 (1).ipynb'; left aside, since they are no plain files: 'pipe', 'x'",
    "the grade of an earlier submission stands",
)


@pytest.mark.parametrize("cause", CAUSES)
def test_whoever_is_called_by_a_word_changes_nothing(path, cause):
    """A student may be called by any word of a sentence: what is said of others stays as it is."""
    students = Pseudonyms(path)
    for word in {word.strip(":;,()'") for word in cause.replace("'", " ").split()} - {"L03", "1).ipynb", "pipe", "x"}:
        students.of(word)
    assert students.hide_quoted(cause) == cause


@pytest.mark.parametrize(
    "cause, hidden",
    [
        ("taken from 'ann.ipynb'", "taken from '{ann}.ipynb'"),
        ("there is no 'ann'", "there is no '{ann}'"),
        ("'ann' is a link, and ann is not", "'{ann}' is a link, and ann is not"),
        ("left aside: 'ann', \"ann's\"", "left aside: '{ann}', \"{ann}'s\""),
        ("ann's is ann's", "ann's is ann's"),
        (r"taken from 'it\'s ann.ipynb'", r"taken from 'it\'s {ann}.ipynb'"),
    ],
)
def test_hide_quoted_hides_within_quotes(path, cause, hidden):
    """A name that a submission brought in stands in quotes, and is not logged; nor is whose pseudonym is whose."""
    students = Pseudonyms(path)
    assert students.hide_quoted(cause) == cause
    assert students.of("ann") not in students.hide_quoted(cause)
    assert students.hide_quoted(cause) == hidden.replace("{ann}", SOMEBODY)
