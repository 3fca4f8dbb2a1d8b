"""Collecting from a platform's archive: nobody's work is replaced by a name, and one odd file stops nobody else."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import logging
import lzma
import tarfile
import zipfile
from pathlib import PurePath

import pytest

from classroom.group import archives
from classroom.group.platforms import sorted_out
from classroom.group.unpacking import MAX_OWN_MEMBERS, MAX_OWN_UNPACKED
from classroom.nbgrader_collect import CarefulExtractor
from tests.grading import submissions
from tests.grading.submissions import LESSON

TIME, LATER = "2026-11-24-18-00-00", "2026-11-24-23-59-00"
MOODLE = "_assignsubmission_file_"


def sort(*names, **options):
    """Student and name of each file that is collected, and the refused, by path."""
    collected, refused, _ = sorted_out(map(PurePath, names), LESSON, **options)
    found = {str(path): (one.student, one.file_id) for path, one in collected.items()}
    return found, {str(path): why for path, why in refused.items()}


@pytest.mark.parametrize(
    "path, student",
    [
        (f"ps1_ada_attempt_{TIME}_{LESSON}.ipynb", "ada"),
        (f"all/ps1_ada_attempt_{TIME}_{LESSON}.ipynb", "ada"),
        (f"Ada Lovelace_4711{MOODLE}{LESSON}.ipynb", "Ada Lovelace"),
        (f"all/Ada Lovelace_4711{MOODLE}/{LESSON}.ipynb", "Ada Lovelace"),
        (f"all/Ada Lovelace_4711_assignsubmission_file/{LESSON}.ipynb", "Ada Lovelace"),
        (f"Zoe\u0308 Müller_4711{MOODLE}{LESSON}.ipynb", "Zoë Müller"),
        (f"Ada_4711{MOODLE}{LESSON} (1).ipynb", "Ada"),
    ],
)
def test_honest_names(path, student):
    """As Moodle and Blackboard write them, as files and as folders."""
    assert sort(path) == ({path: (student, LESSON)}, {})


@pytest.mark.parametrize(
    "mine",
    [
        f"ada_attempt_{LATER}_{LESSON}.ipynb",
        f"x_ada_attempt_{LATER}_{LESSON}.ipynb",
        f"Ada Lovelace_4711{MOODLE}{LESSON}.ipynb",
        f"_attempt_{LATER}_ada_attempt_{LATER}_{LESSON}.ipynb",
        f"_ada_attempt_{LATER}_.ipynb",
        "ada_attempt_99-99_x.ipynb",
        "_attempt__attempt_.ipynb",
    ],
)
@pytest.mark.parametrize(
    "platform",
    [f"ps1_mallory_attempt_{TIME}_", f"mallory_4712{MOODLE}", f"mallory_4712{MOODLE}/", f"mallory_4712{MOODLE}zip/"],
)
def test_what_a_student_calls_a_file_names_nobody(platform, mine):
    """Whatever stands behind the platform's part, and in whichever archive of her own."""
    ada = f"ps1_ada_attempt_{TIME}_{LESSON}.ipynb" if "attempt" in platform else f"ada_4711{MOODLE}{LESSON}.ipynb"
    collected, refused = sort(ada, platform + mine)
    assert refused == {}
    assert collected.pop(ada) == ("ada", LESSON)
    assert [student for student, _ in collected.values()] == ["mallory"]


def test_long_names_that_are_alike_can_be_written():
    """In letters of four bytes, from two archives of her own: a file's name has 255 bytes at most."""
    long = "\U00020000" * 62
    collected, refused = sort(f"mallory_4712{MOODLE}a/{long}.ipynb", f"mallory_4712{MOODLE}b/{long}.ipynb")
    names = [name for _, name in collected.values()]
    assert refused == {} and len(set(names)) == 2
    assert all(len(f"{name}.ipynb".encode()) < 255 for name in names)


@pytest.mark.parametrize(
    "path, why",
    [
        (f"ps1_ada_attempt_99-99_{LESSON}.ipynb", "'99-99' is no time"),
        (f"ps1_ada_attempt_2026-13-45-00-00-00_{LESSON}.ipynb", "is no time"),
        (f"ps1_ada_attempt_{TIME}9_{LESSON}.ipynb", "is no time"),
        (f"ps1_.._attempt_{TIME}_{LESSON}.ipynb", "the student's name '..' begins with '.'"),
        (f".._4711{MOODLE}{LESSON}.ipynb", "begins with '.'"),
        (f"<img src=x onerror=alert(1)>_4711{MOODLE}{LESSON}.ipynb", "holds '<'"),
        (f"x,y_4711{MOODLE}{LESSON}.ipynb", "holds ','"),
        (f"Ada\u200b_4711{MOODLE}{LESSON}.ipynb", "U+200B"),
        (f"{LESSON}.ipynb", "no part that a learning platform wrote"),
    ],
)
def test_what_is_refused_is_refused_alone(path, why):
    """By name, with the reason; the file beside it is collected."""
    ada = f"ps1_ada_attempt_{TIME}_{LESSON}.ipynb"
    collected, refused = sort("bob/" + path, ada)
    assert collected == {ada: ("ada", LESSON)}
    assert why in refused["bob/" + path]


def test_two_of_one_name_keep_their_numbers():
    """Students of one name, or one who calls herself by another's: each account is a student."""
    names = [f"Ada_{number}{MOODLE}{LESSON}.ipynb" for number in (4711, 4712)]
    assert [student for student, _ in sort(*names)[0].values()] == ["Ada 4711", "Ada 4712"]
    assert [student for student, _ in sort(names[1], known={"Ada": "Ada_4711"})[0].values()] == ["Ada 4712"]
    assert [student for student, _ in sort(*names, known={"Ada": "Ada_4711"})[0].values()] == ["Ada", "Ada 4712"]
    composed = [f"Zo\u00eb_1{MOODLE}{LESSON}.ipynb", f"Zoe\u0308_2{MOODLE}{LESSON}.ipynb"]
    assert {student for student, _ in sort(*composed)[0].values()} == {"Zoë 1", "Zoë 2"}


def test_nobody_takes_the_name_that_tells_two_apart():
    """A third who is called as one of two with her number is somebody else, and both say so."""
    names = ["Ada_4711", "Ada_4712", "Ada 4711_9"]
    kept = [student for student, _ in sort(*(f"{name}{MOODLE}{LESSON}.ipynb" for name in names))[0].values()]
    assert sorted(kept) == ["Ada 4711_9", "Ada 4712", "Ada_4711"]


@pytest.mark.parametrize(
    ("accounts", "known", "students"),
    [
        (["ps1_ada", "ps1_x_ada"], {}, ["ada", "x_ada"]),
        (["Week_3_a_smith", "Week_3_b_smith"], {}, ["a_smith", "b_smith"]),
        ([f"{LESSON}_s_1", f"{LESSON}_s_2"], {}, ["s_1", "s_2"]),
        ([f"{LESSON}_s_1"], {}, ["s_1"]),
        (["Week_3_a_smith"], {}, ["Week_3_a_smith"]),
        (["Week_3_a_smith"], {"bob": "Week_3_bob", "Ada": "Ada_4711"}, ["a_smith"]),
        (["Week_3_a_smith"], {"Week_3_a_smith": "Week_3_a_smith", "bob": "Week_3_bob"}, ["Week_3_a_smith"]),
        (["ps1_ada", "ps2_bob"], {}, ["ada", "bob"]),
        (["ps1_ada", "ps2_ada"], {}, ["ps1_ada", "ps2_ada"]),
        (["ada", "ps1_ada"], {}, ["ada", "ps1_ada"]),
    ],
)
def test_where_an_assignments_name_ends(accounts, known, students):
    """Blackboard puts "_" between it and the user's name, and both may hold one: no two accounts become one student."""
    names = [f"{account}_attempt_{TIME}_{LESSON}.ipynb" for account in accounts]
    collected, refused = sort(*names, known=known)
    assert refused == {} and [collected[name][0] for name in names] == students


def test_files_of_one_student():
    """The latest attempt counts; two files of one name are both kept; a path or a format in a name is plain text."""
    first, last = (f"ps1_ada_attempt_{time}_{LESSON}.ipynb" for time in (TIME, LATER))
    assert sort(first, last) == ({last: ("ada", LESSON)}, {first: "a later attempt counts"})
    folder = f"Ada_4711{MOODLE}"
    paths = [f"{folder}/a/{LESSON}.ipynb", f"{folder}/b/{LESSON}.ipynb", f"{folder}/c/{LESSON} (1).ipynb"]
    names = {name for _, name in sort(*paths)[0].values()}
    assert len(names) == 3 and LESSON in names
    odd = [f"{folder}{name}.ipynb" for name in ("..", "a{0}", "../../x", "%s", "n" * 300, "")]
    for _, name in sort(*odd)[0].values():
        assert len(name) < 110 and not set("./\\{}%") & set(name) and name.strip()


# ---------------------------------------------------------------------------------------------------- with nbgrader


def notebook(*solved):
    """A notebook with these answers, as bytes."""
    return json.dumps(submissions.handed_in(solved)).encode()


def zipped(files):
    """An archive of some files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def tarred():
    """An archive with a link out of it, and a file behind that link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, "../../../../submitted"
        archive.addfile(link)
        for name in (f"out/ada/{LESSON}.ipynb", f"x_attempt_{LATER}_{LESSON}.ipynb"):
            member = tarfile.TarInfo(name)
            member.size = 2
            archive.addfile(member, io.BytesIO(b"{}"))
    return out.getvalue()


@pytest.mark.slow
def test_collecting_a_class(tmp_path):
    """From the archive to submitted/: every attack at once beside honest students, of whom nobody loses anything."""
    ada, bob, mallory = notebook("dot"), notebook("dot", "cosine"), notebook()
    course = submissions.make_course(tmp_path / "course", {}, begun=True)
    own = f"Mallory_4712{MOODLE}"
    files = [
        (f"Ada_4711{MOODLE}{LESSON}.ipynb", ada),
        (f"Bob_4713{MOODLE}/{LESSON}.ipynb", bob),
        (f"{own}ada_attempt_{LATER}_{LESSON}.ipynb", mallory),
        (f"{own}Ada_4711{MOODLE}{LESSON}.ipynb", mallory),
        (f"{own}1.zip", zipped([(f"Ada_4711{MOODLE}{LESSON}.ipynb", mallory), ("../../x.ipynb", mallory)])),
        (f"{own}2.zip", b"PK\x03\x04 broken"),
        (f"{own}3.zip", zipped([(f"{k}.ipynb", b"{}") for k in range(MAX_OWN_MEMBERS + 5)])),
        (f"{own}4.tar.gz", tarred()),
        (f"{own}5.zip", zipped([("bomb.ipynb", bytes(25 * 2**20))])),
        (f".._4714{MOODLE}{LESSON}.ipynb", mallory),
        (f"<img src=x onerror=alert(1)>_4715{MOODLE}{LESSON}.ipynb", mallory),
        (f"ps1_eve_attempt_99-99_{LESSON}.ipynb", mallory),
        (f"Dee_4716{MOODLE}a/{LESSON}.ipynb", ada),
        (f"Dee_4716{MOODLE}b/{LESSON}.ipynb", ada),
    ]
    archive = course / "downloaded" / LESSON / "archive" / "all.zip"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(zipped(files))
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    submissions.nbgrader(course, "zip_collect", LESSON, "--force")
    submitted = course / "submitted"
    assert {path.name for path in submitted.iterdir()} == {"Ada", "Bob", "Mallory", "Dee"}
    for student, data in (("Ada", ada), ("Bob", bob), ("Dee", ada)):
        assert (submitted / student / LESSON / f"{LESSON}.ipynb").read_bytes() == data
    assert [path.name for path in (submitted / "Ada" / LESSON).iterdir()] == [f"{LESSON}.ipynb"]
    made = {path for path in tmp_path.rglob("*") if path.is_file() or path.is_symlink()} - before
    unpacked = course / "downloaded" / LESSON
    assert all(path.is_relative_to(submitted) or path.is_relative_to(unpacked) for path in made)
    assert not any(path.is_symlink() for path in made)
    known = json.loads((unpacked / "collected.json").read_text())
    assert known == {"Ada": "Ada_4711", "Bob": "Bob_4713", "Dee": "Dee_4716", "Mallory": "Mallory_4712"}


# ------------------------------------------------------------------------------- archives that take hours or gigabytes


def in_a_tar(name, size, kind=tarfile.REGTYPE):
    """The head of one member, which says that it has this size."""
    head = tarfile.TarInfo(name)
    head.size, head.type = size, kind
    return head.tobuf(tarfile.GNU_FORMAT)


def collected(tmp_path, files):
    """What is unpacked of a platform's archive of these files, and what is said."""
    (tmp_path / "archive").mkdir(exist_ok=True)
    (tmp_path / "archive" / "all.zip").write_bytes(zipped(files))
    said = []
    extractor = CarefulExtractor()
    extractor.log = logging.LoggerAdapter(logging.getLogger("collecting"))
    extractor.log.warning = lambda text, *args: said.append(text % args)
    extractor.extract(str(tmp_path / "archive"), str(tmp_path / "out"))
    found = (path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.ipynb"))
    return {path.removeprefix("all/") for path in found}, said


HUGE = 3 * 2**30
PART = bytes(100 * 2**20)


@pytest.mark.slow
@pytest.mark.parametrize(
    "compress, said",
    [
        (gzip.compress, f"it unpacks to more than {MAX_OWN_UNPACKED // 2**20} MB"),
        (bz2.compress, "neither a zip nor a tar.gz"),
        (lzma.compress, "neither a zip nor a tar.gz"),
    ],
)
def test_an_upload_that_unpacks_for_hours(tmp_path, compress, said):
    """A few kB in a file that says it is gigabytes: no more is unpacked than may be, to get past it neither."""
    bomb = compress(in_a_tar("x.bin", HUGE)) + compress(PART) * 10
    files = [("Mallory_1_/x.gz", bomb), ("Zoe_2_/x.tar.gz", tarred()), ("Zoe_2_/y.ipynb", b"{}")]
    found, told = collected(tmp_path, files)
    assert found == {f"Zoe_2_/x/out/ada/{LESSON}.ipynb", f"Zoe_2_/x/x_attempt_{LATER}_{LESSON}.ipynb", "Zoe_2_/y.ipynb"}
    one = next(sentence for sentence in told if sentence.startswith("'x.gz' is not wholly unpacked: "))
    assert said in one


@pytest.mark.slow
def test_a_member_that_takes_hours_to_read_about(tmp_path, monkeypatch):
    """Python looks through a head of digits by a pattern that takes n * n steps."""
    monkeypatch.setattr(archives, "MAX_SECONDS", 1)
    archives._unpacker.cache_clear()
    digits = b"1" * 2**20
    bomb = in_a_tar("x", len(digits), tarfile.XHDTYPE) + digits + in_a_tar("y.ipynb", 0)
    found, told = collected(tmp_path, [("Mallory_1_/x.gz", bomb), ("Zoe_2_/x.zip", zipped([("y.ipynb", b"{}")]))])
    archives._unpacker().close()
    archives._unpacker.cache_clear()
    assert "Zoe_2_/x/y.ipynb" in found
    if told:  # there are Pythons that read such a head in time, and some that refuse it
        (one,) = told
        assert one.startswith("'x.gz' is not wholly unpacked: ") and one.endswith(("more than 1 s", "or broken"))


@pytest.mark.slow
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_with_another_compression(tmp_path, method):
    """Four kB of bzip2 are gigabytes, which Python unpacks at one go: such a file is left aside, the others are not."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.ipynb", b"{}", compress_type=zipfile.ZIP_DEFLATED)
        archive.writestr("b.ipynb", bytes(2**20), compress_type=method)
        archive.writestr("c.ipynb", b"{}", compress_type=zipfile.ZIP_STORED)
    found, told = collected(tmp_path, [("Mallory_1_/x.zip", out.getvalue())])
    assert found == {"Mallory_1_/x/a.ipynb", "Mallory_1_/x/c.ipynb"}
    assert told == ["'b.ipynb' is not unpacked: it is compressed in a way that is not taken"]


@pytest.mark.slow
def test_an_archive_of_nothing_but_folders(tmp_path):
    """What is no file counts, too: each takes its time, and a kilobyte of memory."""
    many = b"".join(in_a_tar(f"{k}", 0, tarfile.DIRTYPE) for k in range(MAX_OWN_MEMBERS * 12 + 1))
    _, told = collected(tmp_path, [("Mallory_1_/x.gz", gzip.compress(many + in_a_tar("y.ipynb", 0)))])
    assert len(told) == 1 and "files, folders and links" in told[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["...zip", "..zip", ".zip", ".tar.gz", "....gz", ". .zip"])
def test_an_upload_whose_name_is_dots(tmp_path, name):
    """What is in it stays in its sender's folder, and the others are collected."""
    theirs = zipped([(f"Ada Lovelace_1{MOODLE}/{LESSON}.ipynb", b"{}")])
    found, told = collected(tmp_path, [(f"Mallory_4712{MOODLE}/{name}", theirs), (f"Zoe_2{MOODLE}/y.ipynb", b"{}")])
    assert f"Zoe_2{MOODLE}/y.ipynb" in found
    assert all(path.startswith((f"Zoe_2{MOODLE}/", f"Mallory_4712{MOODLE}/")) for path in found), (found, told)


@pytest.mark.slow
def test_nothing_is_unpacked_that_nobody_asks_for(tmp_path):
    """Notebooks, archives and times: a file of settings would be run by whoever opens its folder."""
    names = ("nbgrader_config.py", "a.ipynb", "b.pdf", "timestamp.txt", "jupyter_server_config.json", ".bashrc")
    others = [("notes.md", b""), ("__MACOSX/._a", b""), ("y.IPYNB", b"{}"), ("z.ipynb.txt", b"{}")]
    theirs = zipped([(f"{k}.py", b"{}") for k in range(5)] + others)
    _, told = collected(tmp_path, [*((f"Ada_1_/{name}", b"{}") for name in names), ("Ada_1_/x.zip", theirs)])
    made = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert made == {"a.ipynb", "timestamp.txt", "x.zip"}
    aside = "left aside: only notebooks and archives are collected"
    assert told == [
        "'all.zip': 'Ada_1_/nbgrader_config.py' and 'Ada_1_/b.pdf' and 'Ada_1_/jupyter_server_config.json' " + aside,
        "'y.IPYNB' is not taken for a notebook: its name does not end in '.ipynb'",
        "'z.ipynb.txt' is not taken for a notebook: its name does not end in '.ipynb'",
        "'x.zip': 6 files (5 '.py', 1 '.md') " + aside,
    ]


@pytest.mark.slow
def test_ordinary_archives(tmp_path):
    """A student's zip, tar.gz and tar, with a large file and a name that is no text, and a class's tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, size in (
            ("data.ipynb", 60 * 2**20),
            ("a/b.ipynb", 2),
            (b"\xff.txt".decode("utf-8", "surrogateescape"), 1),
        ):
            member = tarfile.TarInfo(name)
            member.size = size
            archive.addfile(member, io.BytesIO(bytes(size)))
    files = [("Ada_1_/x.tar.gz", out.getvalue()), ("Bob_2_/x.zip", zipped([("y.ipynb", b"{}")]))]
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "class.tar.gz").write_bytes(whole.getvalue())
    plain = gzip.decompress(tarred())
    found, told = collected(tmp_path, [*files, ("Eve_3_/x.gz", plain)])
    both = {"Ada_1_/x/a/b.ipynb", "Bob_2_/x/y.ipynb"}
    eve = {f"Eve_3_/x/out/ada/{LESSON}.ipynb", f"Eve_3_/x/x_attempt_{LATER}_{LESSON}.ipynb"}
    assert found == both | {f"class/{path}" for path in both} | eve
    too_large = "'data.ipynb' is not unpacked: it has more than 20 MB"
    aside = "'x.tar.gz': '\\udcff.txt' left aside: only notebooks and archives are collected"
    assert told == [too_large, aside] * 2


@pytest.mark.parametrize("name", ["x.tar", "x.tgz", "x.tar.gz", "x.gz"])
def test_every_ending_of_a_tar(tmp_path, name):
    """Python itself and all systems make them by these names."""
    data = tarred() if name.endswith("gz") else gzip.decompress(tarred())
    found, _ = collected(tmp_path, [(f"Eve_3_/{name}", data)])
    assert found == {f"Eve_3_/x/out/ada/{LESSON}.ipynb", f"Eve_3_/x/x_attempt_{LATER}_{LESSON}.ipynb"}


@pytest.mark.parametrize("character", ["\x1b", "\n", "\r", "\x7f", "\x9b", "\u2028"])
def test_a_name_that_writes_in_the_terminal(tmp_path, character):
    """The file is refused, alone, and said without its character."""
    own = zipped([(f"a{character}[2K.ipynb", b"{}"), ("b.ipynb", b"{}")])
    found, told = collected(tmp_path, [("Eve_3_/x.zip", own), (f"Zoe_4_/{character}.ipynb", b"{}")])
    assert found == {"Eve_3_/x/b.ipynb"}
    assert len(told) == 2
    assert all(sentence.isprintable() and sentence.endswith("its name holds a control character") for sentence in told)


@pytest.mark.slow
def test_times_are_those_of_the_platform(tmp_path):
    """Blackboard's time is read to the second."""
    course = submissions.make_course(tmp_path / "course", {}, begun=True)
    folder = course / "downloaded" / LESSON / "archive"
    folder.mkdir(parents=True)
    (folder / f"ps1_ada_attempt_{TIME}_{LESSON}.ipynb").write_bytes(notebook())
    submissions.nbgrader(course, "zip_collect", LESSON, "--force")
    stamp = (course / "submitted" / "ada" / LESSON / "timestamp.txt").read_text()
    assert stamp.startswith("2026-11-24 18:00:00")


@pytest.mark.slow
def test_nbgraders_command_reads_by_the_same_rules(tmp_path):
    """Canvas's names, and users of Blackboard with an underscore; a broken file on who is who is said."""
    course = submissions.make_course(tmp_path / "course", {}, begun=True)
    folder = course / "downloaded" / LESSON / "archive"
    folder.mkdir(parents=True)
    for name in (f"lovelaceada_12345_67890_{LESSON}.ipynb", f"boolegeorge_LATE_1_2_{LESSON}-1.ipynb"):
        (folder / name).write_bytes(notebook())
    submissions.nbgrader(course, "zip_collect", LESSON, "--force")
    for name in ("a_smith", "b_smith"):
        (folder / f"Week_3_{name}_attempt_{TIME}_{LESSON}.ipynb").write_bytes(notebook())
    (folder / f"Cy_5{MOODLE}{LESSON}.ipynb").write_bytes(notebook())
    submissions.nbgrader(course, "zip_collect", LESSON, "--force")
    known = json.loads((folder.parent / "collected.json").read_text())
    assert known.keys() == {"lovelaceada", "boolegeorge", "a_smith", "b_smith", "Cy"}
    (folder.parent / "collected.json").write_text("{")
    with pytest.raises(SystemExit):
        submissions.nbgrader(course, "zip_collect", LESSON, "--force")
