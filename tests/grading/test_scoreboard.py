"""The board of lesson 12: answers in the sandbox on a secret split, a ladder that holds over days, a public table."""

import csv
import dataclasses
import json
import os
import shutil
from datetime import date

import numpy as np
import pytest

from classroom.__main__ import main
from classroom.commands.grade_class import STOPPED
from classroom.group import scoreboard
from classroom.group.pseudonyms import NAMES, PSEUDONYM, Pseudonyms
from classroom.group.scoreboard import CATALOGUES, JUDGED, KEPT, LESSON, TABLE, WAITS, ScoreboardError
from classroom.sandbox import namespaces
from classroom.sandbox.messages import SHARED_BYTES
from classroom.sandbox.namespaces import Limits, SandboxError
from recsys_lib import client, datasets
from recsys_lib.checks.outcome import Outcome
from recsys_lib.metrics import ndcg_at_k
from recsys_lib.retrieval import top_k
from recsys_lib.splits import per_user_75_25
from tests.grading import submissions
from tests.needs import skip_or_fail

pytestmark = pytest.mark.slow

MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)
WORLDS = {name: datasets.synthetic_world(place) for place, name in enumerate(CATALOGUES)}
SOLVED = submissions.solved("mix-lists", "recommend")
RATED = "np.argsort(-train, axis=1)[:, :10]"
POPULAR = "top_k(np.tile(train.sum(axis=0), (len(train), 1)), 10, seen=train > 0)"
FAILING = {
    "blank": ("raise NotImplementedError", "is not solved yet"),
    "raising": ("raise KeyError(list(train))", "raised KeyError"),
    "slow": ("while True:\n        pass", "ran longer than "),
    "ending": ("import os; os._exit(0)", "raised ProcessEndedError: it ended its process"),
    "seen": (f"return {RATED}", "lists not taken: recommend lists items that a user has rated already"),
    "long": (f"return {POPULAR.replace('10', '200')}", "lists not taken: they must have 10 places, not 200"),
    "twice": ("return np.zeros((len(train), 10), int)", "lists not taken: recommended names an item twice in one list"),
    "text": ("return 'the best'", "lists not taken: recommend must return a list of item ids"),
    "lying": (
        "return type('L', (), {'__array__': lambda *a, **k: np.eye(3), '__len__': lambda s: 300})()",
        "lists not taken: recommend must return a list of item ids",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def small():
    """Small catalogues that pass for the real ones, and little time; skip or fail where there is no sandbox."""
    if not shutil.which("bwrap"):
        skip_or_fail("sandbox", "bubblewrap is missing: apt-get install bubblewrap")
    with pytest.MonkeyPatch.context() as patch:
        for name, world in WORLDS.items():
            data = dataclasses.replace(world, source=name)
            patch.setitem(CATALOGUES, name, lambda data=data, **_: data)
        patch.setattr(scoreboard, "LEAST_SECONDS", 2.0)
        yield


def recommending(body):
    """A notebook whose `recommend` does this."""
    return answering(f"def recommend(train, seed):\n    {body}\n")


def answering(source):
    """A notebook with this in the cell of `recommend`."""
    return submissions.written({"recommend": source}, name=LESSON)


def make(tmp_path, **students):
    """A course folder, with the lesson in its gradebook."""
    return submissions.make_course(tmp_path / "course", students, lesson=LESSON, begun=True)


def update(course, *, a_day=3, day=MONDAY):
    """One run of the command, without its words."""
    return scoreboard.update_scoreboard(course, a_day=a_day, progress=False, day=day)


def kept(course):
    """What is kept of each student, by name."""
    found = scoreboard.kept_in(course / "grading" / KEPT)
    names = Pseudonyms(course / NAMES).known()
    return {name: found.students[pseudonym] for name, pseudonym in names.items()}


def shown(course):
    """The rows of the public table, by name."""
    names = {pseudonym: name for name, pseudonym in Pseudonyms(course / NAMES).known().items()}
    with open(course / TABLE, newline="", encoding="utf-8") as file:
        return {names[row["student"]]: row for row in csv.DictReader(file)}


def popular(train, shift=0):
    """Everybody's ten unseen items after the most popular `shift` ones."""
    counts = train.sum(axis=0)
    counts[np.argsort(-counts)[:shift]] = 0
    return top_k(np.tile(counts, (len(train), 1)), 10, seen=train > 0)


@pytest.fixture
def called(monkeypatch):
    """Answer in place of the sandbox: what is called by catalogue's name, in turn for each submission."""

    def answer(*answers):
        turns = iter(answers)

        def outcomes(made, limits, asked):
            turn = next(turns)
            if isinstance(turn, BaseException):
                raise turn
            found = {each.name: turn(each) for each in asked}
            return {
                name: lists if isinstance(lists, Outcome) else Outcome("returned", value=lists, processor=0.01)
                for name, lists in found.items()
            }, JUDGED, []  # fmt: skip

        monkeypatch.setattr(scoreboard, "_called", outcomes)

    return answer


# ------------------------------------------------------------------------------------------------------ what is judged


def test_a_right_answer(tmp_path):
    """Its lists are judged as the lesson's board would judge them, and the best comes first."""
    right = submissions.written(SOLVED, name=LESSON)
    course = make(tmp_path, ada=recommending(f"return {POPULAR}"), zoe=right, bob=right)
    done = update(course)
    assert done.asked == ["ada", "bob", "zoe"] and not done.problems
    rows = shown(course)
    assert list(rows)[-1] == "ada" and {row["status"] for row in rows.values()} == {JUDGED}
    for each in scoreboard.catalogues(scoreboard.kept_in(course / "grading" / KEPT).seed):
        expected = client.measured(popular(each.train), each.train, each.hidden)
        assert float(rows["ada"][f"{each.name} coverage"]) == pytest.approx(expected[1], abs=6e-4)
        assert float(rows["ada"][f"{each.name} nDCG@10"]) == pytest.approx(expected[0], abs=6e-3)
        assert rows["bob"][f"{each.name} nDCG@10"] == rows["zoe"][f"{each.name} nDCG@10"]
        assert 0 < float(rows["zoe"][f"{each.name} time"]) < 1000 and rows["zoe"][f"{each.name} asked"] == "1"
        missed = rows["ada"][f"{each.name} missed"].split(", ")
        met = kept(course)["ada"].boards[each.name].met
        assert [line for line, ok in zip(client.LINES, met, strict=True) if not ok] == missed
    assert int(rows["ada"]["lines met"]) + int(rows["ada"]["lines missed"]) == 8


def test_answers_that_fail_are_told_apart(tmp_path):
    """Each has words of its own, is asked nothing and uses up nothing, and keeps nobody else from being judged."""
    course = make(
        tmp_path, zoe=recommending(f"return {POPULAR}"), **{k: recommending(v[0]) for k, v in FAILING.items()}
    )
    submissions.submit(course, "broken", b'{"cells": [', lesson=LESSON)
    submissions.submit(course, "other", answering("recommended = 3\n"), lesson=LESSON)
    done = update(course)
    rows = shown(course)
    assert rows["zoe"]["status"] == JUDGED and rows["zoe"]["MovieLens asked"] == "1"
    for name, (_, words) in FAILING.items():
        assert words in rows[name]["status"], name
        assert (rows[name]["MovieLens asked"], rows[name]["MovieLens nDCG@10"]) == ("0", "")
        assert rows[name]["lines met"] == "0" and kept(course)[name].on_day == 0
    assert rows["broken"]["status"] == scoreboard.UNREADABLE and "JSON" in done.problems["broken"]
    assert done.not_done == {"broken"} and set(done.problems) == {*FAILING, "broken", "other"}
    assert rows["other"]["status"] == scoreboard.MISSING
    assert rows["raising"]["status"] == "raised KeyError" and "JSON" not in (course / TABLE).read_text()


def test_what_a_student_looks_for_is_not_there(tmp_path):
    """Neither the seed nor what is hidden, nor the ratings from which that could be told."""
    spy = f"""
    import gc, os
    found = []
    for path in ("{tmp_path}", "{datasets.cache_folder()}", "{scoreboard.ROOT}/solutions"):
        found += [path] if os.path.exists(path) else []
    for _, folders, names in os.walk("/"):
        folders[:] = set(folders) - {{"proc", "sys", "usr", "site-packages"}}
        found += [name for name in names if "movielens-" in name or name == "{KEPT}"]
    found += ["data"] if datasets.load(quiet=True).source != "synthetic" else []
    found += ["hidden"] if any(isinstance(x, np.ndarray) and x.dtype == bool and x.shape == train.shape
                               for x in gc.get_objects()) else []
    if found:
        raise RuntimeError(str(found))
    return {POPULAR}"""
    course = make(tmp_path, eve=recommending(spy))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoreboard, "LEAST_SECONDS", 20.0)
        update(course)
    assert shown(course)["eve"]["status"] == JUDGED


def test_whoever_brings_the_ratings_does_not_know_whose_rows_these_are(tmp_path):
    """With all ratings at hand what is hidden is a difference of two tables, but for the order of users and items."""
    cheat = """
    def of(world):
        return np.argsort(-1.0 * ((world.matrix() > 0) & (train == 0)), axis=1, kind="stable")
    lists = of(datasets.synthetic_world(0))
    return np.array([row[~(t[row] > 0)][:10] for row, t in zip(lists, train)])"""
    course = make(tmp_path, eve=recommending(cheat), zoe=submissions.written(SOLVED, name=LESSON))
    update(course)
    rows = shown(course)
    assert rows["eve"]["status"] == JUDGED
    assert float(rows["eve"]["MovieLens nDCG@10"]) < float(rows["zoe"]["MovieLens nDCG@10"]) / 2
    world = WORLDS["MovieLens"]
    train_rows, test_rows = per_user_75_25(world, 3)
    train, hidden = world.matrix(train_rows), world.matrix(test_rows) > 0
    assert ndcg_at_k(top_k(world.matrix() - train, 10), hidden) > 0.99  # in the order of the data it would be so simple


def test_the_data_sets_are_hidden_where_they_lie_within_what_is_seen(inside, tmp_path, monkeypatch):
    """In a folder of Python's, too; other sandboxes see them."""
    ask = "import os; p = os.environ['COURSE_DATA']; print(os.path.isdir(p) and bool(os.listdir(p)))"
    assert inside(ask, Limits(data=False)) == "False"
    assert inside(ask) == str(datasets.cache_folder().is_dir())
    monkeypatch.setattr(namespaces, "readable_folders", lambda *, data=True: [tmp_path])
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    assert tmp_path / "data" in namespaces.hidden_folders(data=False)
    assert tmp_path / "data" not in namespaces.hidden_folders()


def test_the_real_catalogues(tmp_path, movielens, latest_small, monkeypatch):
    """They fit into the memory for arguments; the lesson's own answer meets all eight lines in the time for a call."""
    monkeypatch.setitem(CATALOGUES, "MovieLens", lambda **_: movielens)
    monkeypatch.setitem(CATALOGUES, "latest-small", lambda **_: latest_small)
    monkeypatch.setattr(scoreboard, "LEAST_SECONDS", 30.0)
    course = make(tmp_path, ada=submissions.written(SOLVED, name=LESSON))
    done = update(course)
    (row,) = done.rows
    assert (row.status, row.met) == (JUDGED, 8), row
    assert all(board.lines[2] < 20 for board in row.boards.values())
    assert latest_small.matrix().nbytes < SHARED_BYTES < 2 * latest_small.matrix().nbytes


# ----------------------------------------------------------------------------------------------------- from day to day


def test_the_ladder_holds_over_runs(tmp_path, called):
    """A worse answer later does not lower the nDCG that is shown; the other lines are those of the last answer."""
    course = make(tmp_path, ada=recommending("return 1"))
    called(lambda each: popular(each.train), lambda each: popular(each.train, 40), lambda each: popular(each.train))
    update(course)
    first = kept(course)["ada"].boards["MovieLens"]
    submissions.submit(course, "ada", recommending("return 2"), lesson=LESSON)
    update(course, day=TUESDAY)
    second = kept(course)["ada"].boards["MovieLens"]
    assert (first.asked, second.asked) == (1, 2) and second.shown == first.shown > 0
    assert second.lines[0] != first.lines[0]
    row = shown(course)["ada"]
    assert row["MovieLens coverage"] == f"{second.lines[0]:.3f}" and row["MovieLens asked"] == "2"


def test_the_ladder_moves_by_more_than_a_step(tmp_path, called):
    """A board that showed less shows what is better, rounded to the step."""
    course = make(tmp_path, ada=recommending("return 1"))
    called(lambda each: popular(each.train, 40), lambda each: popular(each.train))
    update(course)
    submissions.submit(course, "ada", recommending("return 2"), lesson=LESSON)
    before, _ = kept(course)["ada"].boards["MovieLens"].shown, update(course)
    after = kept(course)["ada"].boards["MovieLens"].shown
    assert after > before + scoreboard.STEP and round(after / scoreboard.STEP, 6).is_integer()


def test_what_was_asked_is_not_asked_again(tmp_path, called):
    """Not the next day, nor when an older one is handed in again; of another student it is a new one."""
    one, other = recommending("return 1"), recommending("return 2")
    course = make(tmp_path, ada=one)
    called(lambda each: popular(each.train), lambda each: popular(each.train, 5), lambda each: popular(each.train))
    update(course)
    table = (course / TABLE).read_bytes()
    again = update(course, day=TUESDAY)
    assert (again.asked, again.unchanged) == ([], ["ada"]) and (course / TABLE).read_bytes() == table
    submissions.submit(course, "ada", other, lesson=LESSON)
    assert update(course).asked == ["ada"]
    submissions.submit(course, "ada", one, lesson=LESSON)
    submissions.submit(course, "bob", one, lesson=LESSON)
    last = update(course)
    assert (last.asked, last.unchanged) == (["bob"], ["ada"])
    assert kept(course)["ada"].boards["MovieLens"].asked == 2


def test_so_many_a_day(tmp_path, called, capsys):
    """One more waits, is counted, and has its turn the next day; nothing of it is shown before."""
    course = make(tmp_path, ada=recommending("return 0"), bob=recommending("return 0"))
    called(*[lambda each: popular(each.train)] * 6)
    for number in range(1, 4):
        update(course, a_day=2)
        before = (course / TABLE).read_text()
        submissions.submit(course, "ada", recommending(f"return {number}"), lesson=LESSON)
    done = update(course, a_day=2)
    assert (done.waiting, done.unchanged, done.asked) == (["ada"], ["bob"], [])
    assert shown(course)["ada"]["status"] == WAITS and shown(course)["ada"]["MovieLens asked"] == "2"
    assert before == (course / TABLE).read_text()
    assert update(course, a_day=2, day=TUESDAY).asked == ["ada"] and shown(course)["ada"]["status"] == JUDGED
    submissions.submit(course, "ada", recommending("return 9"), lesson=LESSON)
    assert main(["scoreboard", "--course", str(course), "--a-day", "0"]) == 0
    assert "1 run before, 1 waits for another day." in capsys.readouterr().out.replace("bob", "")


def test_lines_of_two_submissions_are_not_added(tmp_path, called):
    """One that answers for one catalogue alone leaves no lines of an earlier one on the other; the ladder stays."""
    course = make(tmp_path, ada=recommending("return 1"))
    late = Outcome("too long", limit=1.0)
    called(
        lambda each: popular(each.train),
        lambda each: late if each.name == "latest-small" else popular(each.train, 5),
        lambda each: late,
    )
    update(course)
    before = kept(course)["ada"].boards["latest-small"]
    submissions.submit(course, "ada", recommending("return 2"), lesson=LESSON)
    update(course)
    student = kept(course)["ada"]
    after = student.boards["latest-small"]
    assert (after.shown, after.asked, after.lines, after.met) == (before.shown, 1, None, None)
    assert student.status == "latest-small: ran longer than 1 s" and student.on_day == 2
    submissions.submit(course, "ada", recommending("return 3"), lesson=LESSON)  # it answers nowhere: all stays
    update(course)
    assert kept(course)["ada"].boards == student.boards and kept(course)["ada"].on_day == 2


# ---------------------------------------------------------------------------------------------- what is kept, and shown


def test_files(tmp_path, called):
    """The seed is in one file, which only its owner reads; the table names nobody, holds no formula and is public."""
    course = make(tmp_path, **{"Ada Lovelace": recommending("return 1"), "bob": recommending("return 2")})
    called(*[lambda each: popular(each.train)] * 2)
    before = os.umask(0o022)
    try:
        update(course)
    finally:
        os.umask(before)
    path = course / "grading" / KEPT
    assert (path.stat().st_mode & 0o777, (course / TABLE).stat().st_mode & 0o777) == (0o600, 0o644)
    seed = str(json.loads(path.read_bytes())["seed"])
    for other in course.rglob("*"):
        if other.is_file() and other != path:
            assert seed.encode() not in other.read_bytes(), other
    text = (course / TABLE).read_text(encoding="utf-8")
    assert "Ada" not in text and "bob" not in text and "Ada" not in path.read_text()
    with open(course / TABLE, newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert len(rows) == 2 and all(PSEUDONYM.fullmatch(row[0]) and len(row) == len(head) for row in rows)
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@")]
    assert not list(course.rglob("*.part"))
    assert scoreboard.kept_in(path).seed != scoreboard.kept_in(tmp_path / "other.json").seed


def test_whoever_is_erased_leaves_the_board(tmp_path, called):
    """Without a line in the file of pseudonyms there is no row."""
    course = make(tmp_path, ada=recommending("return 1"), bob=recommending("return 2"))
    called(*[lambda each: popular(each.train)] * 2)
    update(course)
    assert main(["audit", "forget", "ada", "--yes", "--course", str(course)]) == 0
    shutil.rmtree(course / "submitted" / "ada")
    update(course)
    assert list(shown(course)) == ["bob"]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"seed": "x"}', b'{"seed": 1, "students": {"p-a": {"asked": 1}}}']
)
def test_a_broken_file_is_not_replaced(tmp_path, capsys, data):
    """Another seed would be another split: the command says what to do."""
    course = make(tmp_path, ada=recommending("return 1"))
    (course / "grading").mkdir()
    (course / "grading" / KEPT).write_bytes(data)
    assert main(["scoreboard", "--course", str(course)]) == 1
    said = capsys.readouterr().err
    assert f"{KEPT}, which holds the boards, cannot be read" in said and "Put back a copy" in said
    assert (course / "grading" / KEPT).read_bytes() == data and not (course / TABLE).exists()


# ------------------------------------------------------------------------------------------------------- when it breaks


def test_interrupted(tmp_path, called, capsys):
    """What is done stays, the table is written, it says so; the next run goes on with the rest."""
    course = make(
        tmp_path, **{name: recommending(f"return {place}") for place, name in enumerate(("ada", "bob", "cy"))}
    )
    called(lambda each: popular(each.train), KeyboardInterrupt())
    assert main(["scoreboard", "--course", str(course)]) == 130
    said = capsys.readouterr().out
    assert "1 run." in said and STOPPED in said
    assert shown(course)["ada"]["status"] == JUDGED and kept(course)["bob"].seen == {}
    assert shown(course)["bob"]["status"] == scoreboard.NOT_YET
    called(*[lambda each: popular(each.train)] * 2)
    done = update(course)
    assert (done.asked, done.unchanged) == (["bob", "cy"], ["ada"])


def test_what_is_not_the_students_fault_is_asked_again(tmp_path, called, capsys):
    """A failure of the machine or of ours: the student's status, exit code 1, no question, and a try the next time."""
    course = make(tmp_path, ada=recommending("return 1"), bob=recommending("return 2"))
    called(SandboxError("out of memory"), SandboxError("out of memory"), lambda each: popular(each.train))
    assert main(["scoreboard", "--course", str(course)]) == 1
    said = capsys.readouterr().out
    assert "'ada': could not be run: SandboxError: out of memory" in said and "1 run." in said
    assert shown(course)["ada"]["status"] == scoreboard.NOT_RUN and shown(course)["bob"]["status"] == JUDGED
    called(lambda each: popular(each.train))
    assert update(course).asked == ["ada"]


def test_without_a_sandbox_nothing_is_run(tmp_path, monkeypatch, capsys):
    """The install line, and no word of an option that this command has not; nothing is written."""
    course = make(tmp_path, ada=recommending("return 1"))
    monkeypatch.setattr(namespaces.shutil, "which", lambda *_: None)
    assert main(["scoreboard", "--course", str(course)]) == 1
    said = capsys.readouterr().err
    assert said == f"No new board: bubblewrap is missing ({namespaces.INSTALL})\n"
    assert not (course / TABLE).exists() and not (course / "grading" / KEPT).exists()


def test_made_up_or_too_many_ratings_are_refused(monkeypatch):
    """The limits are for MovieLens, and what does not fit would cross in another way."""
    monkeypatch.setattr(scoreboard, "SHARED_BYTES", 1000)
    with pytest.raises(ScoreboardError, match="MovieLens takes 1 MB, and 0 go into the sandbox"):
        scoreboard.catalogues(1)
    monkeypatch.setitem(CATALOGUES, "MovieLens", lambda **_: WORLDS["MovieLens"])
    with pytest.raises(ScoreboardError, match="the ratings of MovieLens are not here"):
        scoreboard.catalogues(1)


def test_one_at_a_time(tmp_path, capsys):
    """The lock is that of grading."""
    from classroom.group.folder import locked

    course = make(tmp_path, ada=recommending("return 1"))
    with locked(course):
        assert main(["scoreboard", "--course", str(course)]) == 1
    assert "another grading is at work" in capsys.readouterr().err


def test_nobody_has_handed_in(tmp_path, capsys):
    """It says where submissions belong."""
    assert main(["scoreboard", "--course", str(make(tmp_path))]) == 1
    assert f"nobody has handed in {LESSON}" in capsys.readouterr().err
