"""`course.py collect`: what platforms really hand out, and what students really hand in, is taken or named."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tarfile

import pytest

from classroom.__main__ import main
from classroom.group import intake
from classroom.group.intake import KNOWN
from classroom.group.platforms import PLATFORMS
from classroom.group.unpacking import MAX_OWN_MEMBERS
from tests.grading import submissions
from tests.grading.submissions import LESSON
from tests.grading.test_platforms import MOODLE, zipped

FILE = f"{LESSON}.ipynb"
AT = "attempt_2026-11-24-18-00-00"


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A course in which nobody has handed in anything."""
    return submissions.make_course(tmp_path_factory.mktemp("intake") / "course", {}, begun=True)


@pytest.fixture
def collect(begun, tmp_path, capsys):
    """How to collect files, by their names in an archive; it returns the exit code and what was said."""
    course = tmp_path / "course"
    shutil.copytree(begun, course)

    def run(files, *arguments, name="all.zip"):
        if isinstance(files, dict):
            files = files.items()
        archive = tmp_path / name
        archive.write_bytes(zipped((path, data if isinstance(data, bytes) else data.encode()) for path, data in files))
        code = main(["collect", "L03", str(archive), "--course", str(course), *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    run.course = course
    return run


def submitted(course):
    """What lies in submitted/: the content of each file, by student and the file's name."""
    found = {}
    for path in sorted((course / "submitted").glob(f"*/{LESSON}/*")):
        found.setdefault(path.parts[-3], {})[path.name] = path.read_text()
    return found


def one_each(*students):
    """Each with one notebook, of the lesson's name, that holds the student's own work."""
    return {student: {FILE: f"work of {student}"} for student in students}


CASES = {
    "Moodle, folders": (
        "moodle",
        {f"Ada Lovelace_4711{MOODLE}/{FILE}": "Ada Lovelace", f"Bob_4712{MOODLE}/{FILE}": "Bob"},
    ),
    "Moodle, folders without the last underscore": (
        "moodle",
        {f"Ada Lovelace_4711_assignsubmission_file/{FILE}": "Ada Lovelace"},
    ),
    "Moodle, flat names": (
        "moodle",
        {f"Ada Lovelace_4711{MOODLE}{FILE}": "Ada Lovelace", f"Bob_4712{MOODLE}{LESSON} (1).ipynb": "Bob"},
    ),
    "Moodle, names that hold commas and brackets": (
        "moodle",
        {f"Lovelace, Ada_1{MOODLE}/{FILE}": "Lovelace, Ada", f"Ada (Ace) [x]_2{MOODLE}/{FILE}": "Ada (Ace) [x]"},
    ),
    "Moodle, two of one name": ("moodle", {f"Ada_{k}{MOODLE}/{FILE}": f"Ada {k}" for k in (4711, 4712)}),
    "Moodle, nobody has a name": (
        "moodle",
        {f"Participant_{k}{MOODLE}/{FILE}": f"Participant {k}" for k in (201, 202)},
    ),
    "Moodle, one without a name": ("moodle", {f"Participant_201{MOODLE}/{FILE}": "Participant 201"}),
    "copies": (
        "moodle",
        {f"Ada_1{MOODLE}/{LESSON}-Copy1.ipynb": "Ada", f"Bob_2{MOODLE}/{LESSON} (1).ipynb": "Bob"},
    ),
    "Canvas": (
        "canvas",
        {f"lovelaceada_12345_67890_{FILE}": "lovelaceada", f"boolegeorge_LATE_12346_67891_{FILE}": "boolegeorge"},
    ),
    "Canvas, handed in again": ("canvas", {f"lovelaceada_12345_67890_{LESSON}-2.ipynb": "lovelaceada"}),
    "Canvas, two of one name": (
        "canvas",
        {f"smith_1_9_{FILE}": "smith 1", f"smith_LATE_2_8_{FILE}": "smith 2"},
    ),
    "Canvas, nobody has a name": (
        "canvas",
        {f"anon_x7Ab2_9_{FILE}": "anon_x7Ab2", f"LATE_anon_y_8_{FILE}": "anon_y"},
    ),
    "Blackboard": ("blackboard", {f"Week 3_{user}_{AT}_{FILE}": user for user in ("ada", "bob")}),
    "Blackboard, underscores in users' names": (
        "blackboard",
        {f"Week_3_{user}_{AT}_{FILE}": user for user in ("a_smith", "b_smith", "c_d_e")},
    ),
    "Blackboard, the lesson's name and one user": ("blackboard", {f"{LESSON}_a_smith_{AT}_{FILE}": "a_smith"}),
    "folders": ("folders", {f"ada/{FILE}": "ada", f"bob/{LESSON}-Copy1.ipynb": "bob", "Zoë M/mine.ipynb": "Zoë M"}),
    "folders in a folder": ("folders", {f"all/ada/{FILE}": "ada", f"all/bob/work/{FILE}": "bob"}),
    "folders as nbgrader lays them": (
        "folders",
        {f"submitted/{name}/{LESSON}/{FILE}": name for name in ("ada", "bob")},
    ),
    "the folder of one alone": ("folders", {f"submitted/ada/{LESSON}/{FILE}": "ada"}),
    "files called as their students": (
        "folders",
        {f"all/ada-{LESSON}.ipynb": "ada", "all/L03_Bob B.ipynb": "Bob B", "all/cy (1).ipynb": "cy"},
    ),
}


def test_every_platform_has_its_cases():
    """And no other."""
    assert {platform for platform, _ in CASES.values()} == set(PLATFORMS)


@pytest.mark.parametrize("given", [True, False], ids=["said", "recognised"])
@pytest.mark.parametrize("case", CASES)
def test_what_platforms_hand_out(collect, case, given):
    """Everybody is taken under the right name, whether the platform is named or not; and taken again, as it is."""
    platform, files = CASES[case]
    archive = {path: f"work of {student}" for path, student in files.items()}
    options = ["--from", platform] if given else []
    code, said = collect(archive, *options)
    found = {student: list(files.values()) for student, files in submitted(collect.course).items()}
    assert found.keys() == set(files.values())
    for path, student in files.items():
        assert f"work of {student}" in found[student]
        assert f"  {student!r}: new, {path!r}" in said
    assert code == 0 and "Not taken" not in said
    before = submitted(collect.course)
    code, said = collect(archive, *options)
    assert (code, submitted(collect.course)) == (0, before) and said.count(": as before, ") == len(files)


@pytest.mark.parametrize(
    ("platform", "path", "student"),
    [
        ("moodle", f"Ada_4711{MOODLE}/my work.zip", "Ada"),
        ("moodle", f"Ada_4711{MOODLE}my work.zip", "Ada"),
        ("canvas", "lovelaceada_12345_67890_my work.zip", "lovelaceada"),
        ("blackboard", f"ps1_ada_{AT}_my work.zip", "ada"),
        ("folders", "ada/my work.zip", "ada"),
        ("folders", "ada.zip", "ada"),
    ],
)
def test_a_zip_in_the_zip(collect, platform, path, student):
    """A student's own archive, of a folder of hers; one within it stays, and it says so."""
    inner = zipped([(f"L03/{LESSON}-Copy1.ipynb", b"mine"), ("L03/more.zip", zipped([]))])
    code, said = collect({path: inner}, "--from", platform)
    assert submitted(collect.course)[student][FILE] == "mine"
    assert code == 0 and "'more.zip' is an archive in an archive of a student's, and is not unpacked" in said


@pytest.mark.parametrize("kind", ["tar.gz", "folder"])
def test_other_archives(collect, tmp_path, capsys, kind):
    """A tar, and the folder that somebody has unpacked already, in which no link is followed."""
    folder = tmp_path / "unpacked"
    for name in ("Ada_1", "Bob_2"):
        (folder / f"{name}{MOODLE}").mkdir(parents=True)
        (folder / f"{name}{MOODLE}" / FILE).write_text(f"work of {name}")
    (folder / f"Eve_3{MOODLE}").mkdir()
    (folder / f"Eve_3{MOODLE}" / FILE).symlink_to(folder / f"Ada_1{MOODLE}" / FILE)
    (folder / f"Fay_4{MOODLE}").symlink_to(folder / f"Ada_1{MOODLE}")
    (folder / f"Cy_5{MOODLE}").mkdir()
    (folder / f"Cy_5{MOODLE}" / "work.zip").write_bytes(zipped([("mine.ipynb", b"work of Cy_5")]))
    archive = folder
    if kind != "folder":
        archive = tmp_path / "all.tar.gz"
        with tarfile.open(archive, "w:gz") as file:
            file.add(folder, "all")
    code = main(["collect", "L03", str(archive), "--course", str(collect.course)])
    said = capsys.readouterr().out
    work = submitted(collect.course)
    assert {student: next(iter(files.values())) for student, files in work.items()} == {
        "Ada": "work of Ada_1", "Bob": "work of Bob_2", "Cy": "work of Cy_5",
    }  # fmt: skip
    if kind == "folder":
        assert code == 1 and f"'Eve_3': no notebook, but 'Eve_3{MOODLE}/{FILE}'" in said
        assert said.count("is left aside: it is no plain file") == 2


def test_an_archive_that_is_cut_off(collect, tmp_path, capsys):
    """Who stands before the end is taken; it says that others may be missing, and ends with 1."""
    archive = tmp_path / "all.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        for name in ("Ada_1", "Bob_2"):
            (tmp_path / FILE).write_bytes(name.encode() + os.urandom(10**5))
            file.add(tmp_path / FILE, f"{name}{MOODLE}/{FILE}")
    archive.write_bytes(archive.read_bytes()[: 3 * 10**5 // 2])
    assert main(["collect", "L03", str(archive), "--course", str(collect.course)]) == 1
    said = capsys.readouterr().out
    assert "1 student taken" in said and "was not read to its end: others may be missing" in said


def test_a_folder_with_the_platforms_archive_alone(collect, tmp_path, capsys):
    """It is the archive that is meant, which holds more than one of a student's may."""
    (tmp_path / "archive").mkdir()
    files = [(f"S{k}_{k}{MOODLE}/{FILE}", b"{}") for k in range(MAX_OWN_MEMBERS + 1)]
    (tmp_path / "archive" / "all.zip").write_bytes(zipped(files))
    assert main(["collect", "L03", str(tmp_path / "archive"), "--course", str(collect.course)]) == 0
    assert f"{len(files)} students taken" in capsys.readouterr().out


def test_what_is_not_taken_is_named(collect):
    """Whoever has handed in no notebook, or one that cannot be taken, keeps nobody else from being collected."""
    code, said = collect(
        {
            f"Ada_1{MOODLE}/{FILE}": "work of Ada",
            f"Bob_2{MOODLE}/essay.pdf": "%PDF",
            f"Cy_3{MOODLE}/{FILE}.txt": "{}",
            f"Dee_4{MOODLE}/work.zip": b"PK\x03\x04 broken",
            f"<b>_5{MOODLE}/{FILE}": "{}",
            f"Eve, x_6{MOODLE}/big.ipynb": bytes(21 * 2**20),
            "notes.ipynb": "{}",
        }
    )
    assert submitted(collect.course) == one_each("Ada")
    assert code == 1
    assert "1 student taken" in said and "2 files not taken, 4 students without a notebook" in said
    for account, file in (
        ("Bob_2", "essay.pdf"),
        ("Cy_3", f"{FILE}.txt"),
        ("Dee_4", "work.zip"),
        ("Eve, x_6", "big.ip"),
    ):
        assert f"  {account!r}: no notebook, but '{account}{MOODLE}/{file}" in said
    assert f"  '<b>_5{MOODLE}/{FILE}': the student's name '<b>' holds '<'" in said and "account '<b>_5'" in said
    assert "  'notes.ipynb': its name has no part that a learning platform wrote" in said


def test_a_name_is_given_to_an_account(collect):
    """Who has a name that none may have, and who is known by another name from an earlier lesson, gets one by hand."""
    book = collect.course / "downloaded" / LESSON / KNOWN
    book.parent.mkdir(parents=True)
    book.write_text(json.dumps({"Bea": "<b>_5", "Ada L": "Ada_1"}))
    files = {f"<b>_5{MOODLE}/{FILE}": "work of Bea", f"Ada_1{MOODLE}/{FILE}": "work of Ada L"}
    assert collect(files)[0] == 0
    assert submitted(collect.course) == one_each("Bea", "Ada L")


def test_two_of_one_name_one_after_the_other(collect):
    """Who was there first keeps the name; the work of one never takes the place of the other's."""
    assert collect({f"Ada_1{MOODLE}/{FILE}": "work of Ada"})[0] == 0
    assert collect({f"Ada_2{MOODLE}/{FILE}": "work of Ada 2"})[0] == 0
    assert submitted(collect.course) == one_each("Ada", "Ada 2")
    files = {f"Ada_1{MOODLE}/{FILE}": "work of Ada", f"Ada_2{MOODLE}/{FILE}": "work of Ada 2"}
    assert collect(files)[0] == 0
    assert submitted(collect.course) == one_each("Ada", "Ada 2")


def test_a_clash_is_one_students_alone(collect):
    """Work that came by another way, a file in a folder's place, and a link are not touched; the others are taken."""
    submissions.submit(collect.course, "Ada", b"by hand")
    (collect.course / "submitted" / "Cy").write_text("a file")
    (collect.course / "submitted" / "Dee").symlink_to(collect.course / "submitted" / "Ada")
    names = ("Ada", "Bob", "Cy", "Dee")
    code, said = collect({f"{name}_{k}{MOODLE}/{FILE}": f"work of {name}" for k, name in enumerate(names)})
    assert code == 1 and "1 student taken" in said and "3 files not taken" in said
    assert "Ada" in said and "holds work that was not collected from there: move it away first" in said
    assert said.count("is no folder: remove it") == 2
    (collect.course / "submitted" / "Dee").unlink()
    assert submitted(collect.course) == {"Ada": {FILE: "by hand"}} | one_each("Bob")
    assert json.loads((collect.course / "downloaded" / LESSON / KNOWN).read_text()) == {"Bob": "Bob_1"}


def test_killed_while_collecting(collect):
    """Half of a student's files lie there, and nobody has noted whose they are: the next time the rest is taken."""
    submissions.submit(collect.course, "Ada", b"a")
    files = {f"Ada_1{MOODLE}/{FILE}": "a", f"Ada_1{MOODLE}/{LESSON}-Copy1.ipynb": "b"}
    assert collect(files)[0] == 0
    assert submitted(collect.course) == {"Ada": {FILE: "a", f"{LESSON}-Copy1.ipynb": "b"}}


def failing(monkeypatch, error, student):
    """Let writing one student's files fail, as it does where a folder is another user's (which root may write)."""
    real = intake.write_whole

    def write(path, data, **options):
        if student in path.parts:
            raise OSError(error, os.strerror(error), str(path))
        real(path, data, **options)

    monkeypatch.setattr(intake, "write_whole", write)


def test_a_folder_that_cannot_be_written(collect, monkeypatch):
    """It is that student's alone."""
    failing(monkeypatch, errno.EACCES, "Ada")
    code, said = collect({f"{name}_1{MOODLE}/{FILE}": f"work of {name}" for name in ("Ada", "Bob")})
    assert code == 1 and submitted(collect.course) == one_each("Bob")
    assert "cannot be written (Permission denied)" in said


def test_a_full_disk(collect, monkeypatch):
    """It is everybody's: it stops, and who is who is known of those who were taken before."""
    failing(monkeypatch, errno.ENOSPC, "Bob")
    files = {f"{name}_1{MOODLE}/{FILE}": f"work of {name}" for name in ("Ada", "Bob", "Cy")}
    code, said = collect(files)
    assert code == 1 and submitted(collect.course) == one_each("Ada") and "what was taken before stays" in said
    monkeypatch.undo()
    code, said = collect(files)
    assert code == 0 and submitted(collect.course) == one_each("Ada", "Bob", "Cy") and "'Ada': as before" in said


def test_a_name_in_the_book_belongs_to_one(collect):
    """A teacher has given two of a kind away: whoever clashes is not taken, the others are."""
    book = collect.course / "downloaded" / LESSON / KNOWN
    book.parent.mkdir(parents=True)
    book.write_text(json.dumps({"ada": "ada_4711"}))
    code, said = collect({f"ada/{FILE}": "{}", f"bob/{FILE}": "work of bob"}, "--from", "folders")
    assert code == 1 and submitted(collect.course) == one_each("bob")
    assert f"'ada/{FILE}': the name 'ada' belongs to another account, too" in said


def test_handed_in_again(collect):
    """A new version takes the place of the old one, with all that lay beside it; an earlier attempt does not."""
    folder = f"Ada_1{MOODLE}"
    assert collect({f"{folder}/{FILE}": "old", f"{folder}/{LESSON}-Copy1.ipynb": "copy"})[0] == 0
    assert submitted(collect.course) == {"Ada": {FILE: "old", f"{LESSON}-Copy1.ipynb": "copy"}}
    code, said = collect({f"{folder}/{LESSON} (1).ipynb": "new"})
    assert (code, submitted(collect.course)) == (0, {"Ada": {FILE: "new"}}) and "'Ada': replaced" in said
    first, second = (f"ps1_bob_attempt_2026-11-2{day}-18-00-00_{FILE}" for day in (4, 5))
    assert collect({second: "second"})[0] == 0
    code, said = collect({first: "first"})
    assert code == 0 and f"{first!r}: a later attempt counts" in said
    assert submitted(collect.course)["bob"] == {FILE: "second", "timestamp.txt": "2026-11-25 18:00:00"}


def test_a_time_that_a_teacher_gave_stays_with_its_notebook(collect):
    """Moodle says none: one that was put there is kept while the work is the same, and no longer."""
    path = f"Ada_1{MOODLE}/{FILE}"
    assert collect({path: "old"})[0] == 0
    (collect.course / "submitted" / "Ada" / LESSON / "timestamp.txt").write_text("2026-11-24 10:00:00 UTC")
    code, said = collect({path: "old"})
    assert "as before" in said and "timestamp.txt" in submitted(collect.course)["Ada"]
    collect({path: "new"})
    assert submitted(collect.course) == {"Ada": {FILE: "new"}}


def test_what_systems_put_there_is_nobodys(collect):
    """Checkpoints and doubles are no second notebook; whoever has nothing else is named."""
    files = {
        f"all/ada/{FILE}": "work of ada",
        f"all/ada/.ipynb_checkpoints/{LESSON}-checkpoint.ipynb": "old",
        f"all/bob/.ipynb_checkpoints/{LESSON}-checkpoint.ipynb": "old",
        f"__MACOSX/all/ada/._{FILE}": "x",
        f"all/.cy/{FILE}": "x",
    }
    code, said = collect(files)
    assert code == 1 and submitted(collect.course) == one_each("ada")
    assert "'bob': no notebook, but 'all/bob/.ipynb_checkpoints" in said and "__MACOSX" not in said
    assert "the student's name '.cy' begins with '.'" in said


def test_several_files_of_one_student(collect):
    """All of them are kept, under names of their own, and it says so."""
    folder = f"Ada_1{MOODLE}"
    code, said = collect({f"{folder}/{FILE}": "a", f"{folder}/{LESSON}-Copy1.ipynb": "b", f"{folder}/x/{FILE}": "c"})
    names = {FILE, f"{LESSON}-Copy1.ipynb", f"{LESSON} (2).ipynb"}
    assert code == 0 and submitted(collect.course)["Ada"].keys() == names
    assert "grading takes the one that was worked on" in said


def test_nobody_hands_in_for_another_by_a_name_with_a_number(collect):
    """A name that ends with another's name and number: the file could be either's, and is nobody's."""
    files = {f"john_12345_1_{FILE}": "work of john", f"john_12345_777_888_{FILE}": "{}"}
    code, said = collect(files, "--from", "canvas")
    assert code == 1 and submitted(collect.course) == one_each("john")
    assert "it may be a file of 'john', or of somebody whose name ends with a number" in said
    assert collect({f"ada_3_4_03_{FILE}": "work of ada"}, "--from", "canvas")[0] == 0
    assert submitted(collect.course) == one_each("john") | {"ada": {f"03_{FILE}": "work of ada"}}


def test_a_platforms_number_holds_in_other_lessons(collect):
    """Canvas's user is the same in every lesson, whoever else of that name hands in."""
    book = collect.course / "downloaded" / "L02_what" / KNOWN
    book.parent.mkdir(parents=True)
    book.write_text(json.dumps({"smith 1": "smith_1", "smith 2": "smith_2", "Z": "zed_3"}))
    assert collect({f"smith_1_9_{FILE}": "work of smith 1", f"zed_3_9_{FILE}": "work of Z"})[0] == 0
    assert submitted(collect.course) == one_each("smith 1", "Z")


def test_times(collect):
    """Blackboard's, with a zone where one is given; those beside a folder's notebook; and Canvas's word for late."""
    code, said = collect({f"ps1_ada_{AT}_{FILE}": "{}"})
    assert "--timezone" in said and submitted(collect.course)["ada"]["timestamp.txt"] == "2026-11-24 18:00:00"
    code, said = collect({f"ps1_bob_{AT}_{FILE}": "{}"}, "--timezone", "Asia/Tokyo")
    assert "--timezone" not in said
    assert submitted(collect.course)["bob"]["timestamp.txt"] == "2026-11-24 18:00:00 +0900"
    files = [(f"{name}/{file}", text) for name, stamp in (("cy", "2026-11-24 10:00:00 UTC\n"), ("dee", "soon"))
             for file, text in ((FILE, "{}"), ("timestamp.txt", stamp))]  # fmt: skip
    assert collect(files)[0] == 0
    assert submitted(collect.course)["cy"]["timestamp.txt"] == "2026-11-24 10:00:00 UTC"
    assert "timestamp.txt" not in submitted(collect.course)["dee"]
    code, said = collect({f"eve_LATE_1_2_{FILE}": "{}", f"fay_3_4_{FILE}": "{}"})
    (line,) = [line for line in said.splitlines() if "LATE, as the platform says" in line]
    assert line.startswith("  'eve': new")


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        ({"essay.pdf": "x"}, [], "no notebook is in "),
        (
            {f"Ada_1{MOODLE}/{FILE}": "{}", f"bob/{FILE}": "{}"},
            [],
            "of 2 entries 1 as Moodle names them; say it with --from",
        ),
        (
            {f"ada_1_2_{FILE}": "{}", f"ps1_bob_{AT}_{FILE}": "{}"},
            [],
            "1 as Blackboard names them, 1 as Canvas names them",
        ),
        ({f"{FILE}": "{}"}, ["--course", "/no/such/course"], "there is no folder /no/such/course"),
    ],
)
def test_nothing_is_collected(collect, files, arguments, said):
    """It ends with 1 and says why."""
    code, found = collect(files, *arguments)
    assert code == 1 and found.startswith("Nothing was collected: ") and said in found
    assert not (collect.course / "submitted").exists()


@pytest.mark.parametrize(
    ("archive", "said"),
    [("missing.zip", "there is no "), ("notes.txt", "is no archive: give a folder, or a file that ends in .zip")],
)
def test_no_archive(collect, tmp_path, capsys, archive, said):
    """What was given, and what may be."""
    (tmp_path / "notes.txt").touch()
    assert main(["collect", "L03", str(tmp_path / archive), "--course", str(collect.course)]) == 1
    assert said in capsys.readouterr().err


def test_wrong_arguments(capsys):
    """They are refused with what is allowed."""
    for arguments, said in ((["--from", "email"], "'moodle', 'blackboard', 'canvas', 'folders'"),
                            (["--timezone", "Mars"], "such as Europe/Berlin, not 'Mars'")):  # fmt: skip
        with pytest.raises(SystemExit):
            main(["collect", "L03", "all.zip", *arguments])
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("text", ["{", "[]", '{"ada": 1}'])
def test_a_broken_book(collect, text):
    """Who is who is never guessed anew."""
    book = collect.course / "downloaded" / LESSON / KNOWN
    book.parent.mkdir(parents=True)
    book.write_text(text)
    code, said = collect({f"ada/{FILE}": "{}"})
    assert code == 1 and "Nothing was collected" in said and KNOWN in said and "mend it" in said
    assert book.read_text() == text


def test_one_student_does_not_make_the_archive_anothers(collect):
    """Names in a student's own folder or archive are never read as a platform's, nor taken for where students begin."""
    files = [
        (f"ada/{FILE}", "work of ada"),
        (f"bob/{FILE}", "work of bob"),
        (f"mallory/ada_1_2_{FILE}", "x"),
        (f"mallory/Ada_4711{MOODLE}/{FILE}", "y"),
        ("mallory/ps1_bob_attempt_2026-11-24-18-00-00.zip", zipped([(f"bob/{FILE}", b"z")])),
    ]
    assert collect(files)[0] == 0
    found = submitted(collect.course)
    assert found.keys() == {"ada", "bob", "mallory"} and found.items() >= one_each("ada", "bob").items()


@pytest.mark.slow
def test_names_with_commas_and_brackets_come_to_the_end(collect, bubblewrap):
    """They are graded, get their feedback and stand in the table; none is taken for a pattern that another fits."""
    names = ["Lovelace, Ada", "Ada (Ace) [x]", "A[d]a", "Ada"]
    work = json.dumps(submissions.handed_in(["dot"])).encode()
    assert collect({f"{name}_{k}{MOODLE}/{FILE}": work for k, name in enumerate(names)})[0] == 0
    assert main(["grade-class", "L03", "--course", str(collect.course), "--workers", "0"]) == 0
    submissions.nbgrader(collect.course, "generate_feedback", LESSON, "--student", "A[d]a")
    feedback = collect.course / "feedback"
    assert [path.name for path in feedback.iterdir()] == ["A[d]a"]
    submissions.nbgrader(collect.course, "generate_feedback", LESSON)
    assert {path.parts[-3] for path in feedback.glob(f"*/{LESSON}/{LESSON}.html")} == set(names)
    assert main(["export-grades", "--course", str(collect.course)]) == 0
    table = (collect.course / "grades.csv").read_text(encoding="utf-8-sig")
    assert f'{LESSON},,,"Lovelace, Ada",' in table and f"{LESSON},,,Ada (Ace) [x]," in table
