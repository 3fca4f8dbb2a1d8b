"""The class report: right figures, no zero for what was not graded, no name where none may be, nothing unescaped."""

from __future__ import annotations

import csv
import io
import json
import time
from html.parser import HTMLParser

import pytest

from classroom.__main__ import main
from classroom.author.unexplained import is_unexplained
from classroom.group.pseudonyms import NAMES
from classroom.report import page as report
from classroom.report.page import make_report, read_results, write_report
from classroom.submission.record import encode, replace
from tests.grading.records import (
    LESSON,
    MADE,
    answer,
    layer,
    record,
    small_class,
    synthetic_class,
    wrong,
)
from tests.grading.submissions import written

# --- reading the page --------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """A parsed page: its tags, its headings, its tables as lists of rows, and its text by section."""

    VOID = {"meta", "rect", "line", "br", "link", "img"}

    def __init__(self, html):
        super().__init__()
        self.tags, self.headings, self.tables, self.open, self.problems = [], [], [], [], []
        self.sections, self.section = {}, ""
        self.feed(html)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append([int(tag[1]), ""])
        if tag == "h2":
            self.section = dict(attrs)["id"]
        if tag == "table":
            self.tables.append({"caption": "", "rows": [], "section": self.section})
        if tag == "tr":
            self.tables[-1]["rows"].append([])
        if tag in ("th", "td"):
            self.tables[-1]["rows"][-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes another tag")

    def handle_data(self, data):
        if self.open and self.open[-1] in ("style", "title", "desc"):
            return
        self.sections[self.section] = " ".join(f"{self.sections.get(self.section, '')} {data}".split())
        if any(tag in self.open for tag in ("h1", "h2", "h3")):
            self.headings[-1][1] += data
        if "caption" in self.open:
            self.tables[-1]["caption"] += data
        if "td" in self.open or "th" in self.open:
            self.tables[-1]["rows"][-1][-1] += data

    def table(self, section):
        """Return the rows below the head of a section's first table."""
        return next(t["rows"][1:] for t in self.tables if t["section"] == section)


def page_of(results, **more):
    """Return the parsed page of a class."""
    return Page(make_report(results, **MADE, **more)[0])


def rows_of(results, **more):
    """Return the rows of the CSV as dictionaries."""
    return list(csv.DictReader(io.StringIO(make_report(results, **MADE, **more)[1], newline="")))


# --- figures -----------------------------------------------------------------------------------------------------


def test_key_figures():
    """Handed in, graded, partly, not graded, waiting and the median are those of the small class."""
    said = page_of(small_class()).sections["figures"]
    assert "handed in 5 " in f"{said} "
    assert " graded 3 partly graded 1 not graded 1 " in said
    assert "wait for a person to give points 2 " in said
    assert said.endswith("median points 3 of 10")  # of 5, 1 and 3: dan's 0 and eve's nothing do not count


def test_histogram_counts_only_the_graded():
    """The bars hold ada, bob and cyd; the last bar takes full marks; wide ranges get wider bars."""
    counts = {row[0]: row[1] for row in page_of(small_class()).table("points")}
    assert counts == {str(k): "1" if k in (1, 3, 5) else "0" for k in range(11)}
    assert report.histogram([3, 2.5], 2.5) == [
        {"label": "0", "count": 0}, {"label": "1", "count": 0}, {"label": "2", "count": 2}
    ]  # fmt: skip
    wide = report.histogram(range(101), 100)
    assert sum(bar["count"] for bar in wide) == 101 and len(wide) <= report.MAX_BARS
    assert wide[0]["label"] == "0 to 3" and wide[0]["count"] == 4


def test_mistake_is_counted_once_a_student():
    """Two layers with one misconception are one student; its share is of those whose answer was checked."""
    said = page_of(small_class()).sections
    assert "Divide by each length. 2 students , 67 % of cosine mistake" in said["again"]
    assert "2 students , 67 % mistake" in said["exercises"]


def test_explain_again_is_sorted_and_ends_at_ten():
    """The most frequent mistakes come first, ten of them, and the page says how many are left."""
    results = [
        record(f"s{k}", *(answer(f"e{j:02d}", 0.0, 2.0, wrong("m", f"Hint {j:02d}.")) for j in range(k + 1)))
        for k in range(12)
    ]
    said = page_of(results).sections["again"]
    hints = [f"Hint {j:02d}." for j in range(12)]
    assert [said.find(hint) for hint in hints[:10]] == sorted(said.find(hint) for hint in hints[:10])
    assert all(hint in said for hint in hints[:10]) and not any(hint in said for hint in hints[10:])
    assert "2 rarer mistakes are listed" in said


def test_exercise_states():
    """Shares of solved, partly, nothing and not attempted; a hand-graded answer says how many wait."""
    said = page_of(small_class()).sections["exercises"]
    dot, cosine, why = said.split("cosine 3 points")[0], *said.split("cosine 3 points")[1].split("why 2 points")
    assert "50 % solved in full (2)" in dot and "25 % tried, no points (1)" in dot and "25 % not attempted (1)" in dot
    assert "33 % solved in full (1)" in cosine and "33 % solved in part (1)" in cosine
    assert (
        why.startswith(", graded by a person 2 answers wait for a person; the shares are of the other 1.")
        and "100 % solved in part (1)" in why
    )


def test_unchecked_answers_are_in_no_share():
    """An answer that could not be checked is neither wrong nor missing."""
    results = [record("a", answer("dot", 2.0)), record("b", answer("dot", 0.0, problem="`dot` is an int."))]
    said = page_of(results).sections["exercises"]
    assert "100 % solved in full (1)" in said
    assert "1 answer could not be checked and is in no share: `dot` is an int. (1)" in said


def test_mend_first_moves_the_blame():
    """A mistake behind an earlier exercise is not counted, nor is its student stuck on both."""
    later = answer("rank", 0.0, 2.0, wrong("upside_down", "Other end."), mend_first=["dot"])
    page = page_of([record("a", answer("dot", 0.0, 2.0, wrong("m")), later)])
    assert "Other end." not in page.sections["again"]
    assert "1 student must mend dot first" in page.sections["exercises"]
    assert "Nobody tried two exercises" in page.sections["stuck"]


def test_stuck_students_and_where():
    """Only who tried two exercises without a point is stuck, and the page says on which."""
    page = page_of(small_class())
    assert page.table("stuck") == [["bob", "2", "dot, cosine"]]


def test_unmatched_and_observations():
    """The commonest outputs that nothing matched come first, five an exercise; observations likewise."""
    results = [
        record(f"s{k}", answer("dot", 0.0, 2.0, layer(unmatched=text, observation="In reversed order.")))
        for k, text in enumerate(["seldom", "often", "often", *(f"r{j}" for j in range(4))])
    ]
    page = page_of(results)
    rows = page.table("unmatched")
    assert rows[0] == ["dot", "values", "often", "2"]
    assert len(rows) == 6 and rows[-1][2] == "and 1 rarer one"
    assert page.table("observations") == [["dot", "values", "In reversed order.", "7"]]


@pytest.mark.parametrize("count, of, said", [(2, 3, "67 %"), (1, 1000, "<1 %"), (999, 1000, ">99 %"), (0, 5, "0 %")])
def test_share(count, of, said):
    """Whole percent, but never 0 % for somebody or 100 % for not everybody."""
    assert report.share(count, of) == said


# --- not graded --------------------------------------------------------------------------------------------------


def test_not_graded_is_never_a_zero():
    """Students who are not graded change no share, no median and no bar, and have no points in page or table."""
    some, more = small_class()[:3], [record(f"n{k}", status="not graded", cause="Not JSON.") for k in range(50)]
    with_them, without = page_of(some + more), page_of(some)
    for section in ("again", "exercises", "stuck", "unmatched"):
        assert with_them.sections[section] == without.sections[section]
    assert with_them.table("points") == without.table("points")
    assert "median points 3 of 10" in with_them.sections["figures"]
    assert ["n0", "not graded", "–", "Not JSON."] in with_them.table("open")
    assert rows_of(some + more)[-1]["points"] == ""


def test_not_graded_counts_for_nothing_whatever_it_holds():
    """Points or exercises in a record that is not graded are not believed."""
    odd = record("eve", answer("dot", 0.0, 2.0, wrong("m")), status="not graded", points=0.0, waiting=2.0)
    page = page_of([odd])
    assert page.table("all") == [["eve", "–", "10", "", "not graded"]]
    assert "No exercise has been checked yet" in page.sections["exercises"]
    assert rows_of([odd])[0]["points"] == ""


def test_class_without_grades():
    """Nobody graded: no median, no histogram, no division by nothing; causes are listed."""
    page = page_of([record("eve", status="not graded", cause="Not JSON.")])
    assert "median points – of 10" in page.sections["figures"]
    assert "Nobody is graded yet" in page.sections["points"]
    assert page.table("open") == [["eve", "not graded", "–", "Not JSON."]]


def test_empty_class():
    """A class of nobody has a page and a CSV with its head."""
    html, table = make_report([], **MADE)
    assert "0 students handed in" in html and not Page(html).problems
    assert table.count("\n") == 1


# --- not handed in -----------------------------------------------------------------------------------------------


def test_who_has_not_handed_in_is_counted_and_named():
    """How many, which share, who; in the table a row without points. Nothing else on the page changes."""
    known, without = page_of(small_class(), absent=["Zoë <b>", "s10", "s9"]), page_of(small_class())
    assert not known.problems and "5 students handed in, 3 of the 8 who are known did not." in known.sections[""]
    assert "handed in 5 not handed in 3 of 8 graded 3" in known.sections["figures"]
    assert "3 students of 8 (38 %) who are in the gradebook" in known.sections["absent"]
    assert known.sections["absent"].endswith("s9 s10 Zoë <b>")
    assert known.table("all")[-3:] == [[name, "–", "10", "", "not handed in"] for name in ("s9", "s10", "Zoë <b>")]
    for section in ("again", "points", "exercises", "stuck", "unmatched", "open"):
        assert known.sections[section] == without.sections[section]
    rows = rows_of(small_class(), absent=["=x"])
    assert rows[-1]["student"] == "'=x" and set(rows[-1].values()) == {"'=x", "not handed in", ""}


def test_nobody_is_missing_or_nobody_knows():
    """All have handed in, which is said; without a roster nothing is."""
    assert "Everybody who is in the gradebook" in page_of(small_class(), absent=[]).sections["absent"]
    page = page_of(small_class())
    assert "absent" not in page.sections and "not handed in" not in page.sections["figures"]


def test_anonymous_report_names_nobody_who_is_missing():
    """Their pseudonyms stand there; one that is lacking is an error, not a name."""
    hidden = {r.student: f"p-{k}" for k, r in enumerate(small_class())}
    made = "\n".join(make_report(small_class(), **MADE, anonymous={**hidden, "Zoë": "p-9"}, absent=["Zoë"]))
    assert "p-9" in made and "Zo" not in made
    with pytest.raises(ValueError, match="for 1 of 1 students who have not handed in"):
        make_report(small_class(), **MADE, anonymous=hidden, absent=["Zoë"])


# --- names -------------------------------------------------------------------------------------------------------


def test_anonymous_report_holds_no_name():
    """With pseudonyms no name is left: not in causes, problems, outputs or names of broken files, in any spelling."""
    names = ["ada.lovelace", "Zoë Müller", "O'Neil & Söhne", "two\nlines", "Groß"]
    results = [
        record(name, answer("dot", 0.0, 2.0, layer(unmatched=f"returned {name!r}"), problem=f"{name.upper()} raised"),
               status="partly graded", cause=f"/submitted/{name}_1/x.ipynb of {names[k - 1]} ({name.upper()}) hung")
        for k, name in enumerate(names)
    ]  # fmt: skip
    hidden = {name: f"Fox {k}" for k, name in enumerate(names)}
    plain = "\n".join(make_report(results, **MADE, problems=["ada.lovelace.json: broken"]))
    made = "\n".join(make_report(results, **MADE, anonymous=hidden, problems=["ada.lovelace.json: broken"]))
    for word in ("lovelace", "müller", "neil", "söhne", "lines", "gross"):
        assert word in plain.casefold()
        assert word not in made.casefold()
    # Nor whose pseudonym is whose: the words may be a student's own.
    assert "/submitted/somebody_1/x.ipynb of somebody (somebody) hung" in made
    assert "1 result file could not be read" in made


def test_short_name_does_not_spoil_sentences():
    """A student called "an" is hidden where the name stands alone, and "cannot" stays "cannot"."""
    results = [record("an", status="not graded", cause="The file of an cannot be read.")]
    said = page_of(results, anonymous={"an": "Fox"}).table("open")
    assert said == [["Fox", "not graded", "–", "The file of somebody cannot be read."]]


def test_anonymous_needs_every_student():
    """A student without a pseudonym stops the report, and the message does not say who."""
    with pytest.raises(ValueError, match="no pseudonym for 1 of 5") as caught:
        make_report(small_class(), **MADE, anonymous=dict.fromkeys(["ada", "bob", "cyd", "dan"], "Fox"))
    assert "eve" not in str(caught.value)


def test_students_are_in_the_order_of_what_is_shown():
    """Pseudonyms are sorted as numbers, so that their order says nothing about the names."""
    results = [record(name) for name in ("ada", "bob", "cyd")]
    hidden = {"ada": "Student 10", "bob": "Student 2", "cyd": "Student 1"}
    assert [row[0] for row in page_of(results, anonymous=hidden).table("all")] == [
        "Student 1", "Student 2", "Student 10"
    ]  # fmt: skip


# --- harmless ----------------------------------------------------------------------------------------------------

EVIL = "<script>alert(1)</script>"


def test_everything_from_records_is_escaped():
    """Markup in any field of a record stays text."""
    layers = wrong(EVIL, EVIL, kind=EVIL), layer(EVIL, observation=EVIL, unmatched=EVIL)
    results = [
        record(EVIL, answer(EVIL, 0.0, 2.0, *layers), answer("x", None, 2.0, problem=EVIL, mend_first=[EVIL]),
               answer('" onload="x', 0.0, 2.0), status="partly graded", cause=EVIL, course_version=EVIL,
               graded_at=EVIL, sandbox=False)
    ]  # fmt: skip
    html, _ = make_report(results, lesson=EVIL, title=EVIL, made_at=EVIL, problems=[EVIL])
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert page.problems == [] and html.count("&lt;script&gt;") > 10


def test_any_unicode_can_be_written(tmp_path):
    """Newlines, NUL, a lone surrogate, right-to-left marks and emoji in a name end in two readable UTF-8 files."""
    name = "a\nb\x00\ud800\u202e👩‍🎓"
    html, table = write_report(tmp_path, [record(name)], **MADE)
    assert "<bdi>" in html.read_text(encoding="utf-8")
    assert table.read_bytes().startswith(b"\xef\xbb\xbfstudent,")  # or Excel reads it as another encoding
    rows = list(csv.DictReader(io.StringIO(table.read_bytes().decode("utf-8-sig"), newline="")))
    assert rows[0]["student"] == "a\nb\ufffd\ufffd\u202e👩‍🎓"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", " =", "\n="])
def test_csv_cell_is_no_formula(start):
    """A cell that a spreadsheet would compute begins with an apostrophe, whichever column it is in."""
    evil = f"{start}1+1"
    results = [record(evil, answer(evil, 0.0, 2.0, wrong(evil)), status="partly graded", cause=evil)]
    lines = list(csv.reader(io.StringIO(make_report(results, **MADE)[1], newline="")))
    cells = [cell for line in lines for cell in line if "1+1" in cell]
    assert len(cells) == 4 and all(cell.startswith("'") for cell in cells)


def test_csv_values():
    """The table holds points by exercise as plain numbers, and an empty cell where there are none."""
    rows = rows_of(small_class())
    assert [row["student"] for row in rows] == ["ada", "bob", "cyd", "dan", "eve"]
    assert rows[0]["cosine"] == "3" and rows[0]["why"] == "" and rows[0]["waiting"] == "2"
    assert rows[1]["mistakes"] == "cosine: one_norm_for_all" and rows[1]["points"] == "1"
    assert rows[4] == {**dict.fromkeys(rows[4], ""), "student": "eve", "status": "not graded", "max_points": "10",
                       "cause": "submitted/eve/x.ipynb is not JSON."}  # fmt: skip


# --- the page ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("results", [[], small_class(), synthetic_class(60)], ids=["empty", "small", "synthetic"])
def test_structure(results):
    """One H1, no heading level skipped, sections in order, tables with captions and scopes, nothing left open."""
    html, _ = make_report(results, **MADE)
    page = Page(html)
    assert page.problems == []
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert [text for level, text in page.headings if level == 2] == [
        "Key figures", "Points", "What to explain again", "Exercise by exercise", "Students stuck on several exercises",
        "Answers that match no known mistake", "Observations", "Not graded, or graded in part", "All students",
    ]  # fmt: skip
    assert all(table["caption"].strip() for table in page.tables)
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert ("html", {"lang": "en"}) in page.tags
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert len(ids) == len(set(ids)) and all(link.startswith("#") and link[1:] in ids for link in links)


def test_page_asks_for_nothing():
    """No script, no style sheet, no picture and no address of another place."""
    html, _ = make_report(synthetic_class(60), **MADE)
    tags = {tag for tag, _ in Page(html).tags}
    assert not tags & {"script", "link", "img", "iframe", "object"}
    assert "http:" not in html and "https:" not in html and "url(" not in html and "@import" not in html


def test_warning_without_sandbox():
    """One record without a sandbox is enough for the banner; with a sandbox there is none."""
    results = small_class()
    assert "Graded without a sandbox" not in make_report(results, **MADE)[0]
    results[1] = replace(results[1], sandbox=False)
    assert "The code of 1 student of 5 (20 %) ran" in page_of(results).sections[""]


def test_time_grows_with_the_class_and_no_faster():
    """The report of 1,000 students takes about ten times as long as that of 100; the seconds are printed."""
    results = synthetic_class(1000)
    hidden = {r.student: f"Student {k}" for k, r in enumerate(results)}

    def seconds(n, anonymous):
        start = time.process_time()
        make_report(results[:n], **MADE, anonymous=anonymous)
        return time.process_time() - start

    make_report(results[:1], **MADE)
    for anonymous in (None, hidden):
        hundred, thousand = (min(seconds(n, anonymous) for _ in range(3)) for n in (100, 1000))
        print(f"{thousand:.2f} s")
        assert thousand < 40 * hundred


# --- files -------------------------------------------------------------------------------------------------------


def test_read_results_names_broken_files(tmp_path):
    """Good files are read, temporary ones skipped, every broken one named with its flaw."""
    whole = small_class()[1]
    (tmp_path / "bob.json").write_bytes(encode(whole))
    good = json.loads(encode(whole))
    (tmp_path / ".ada.json").write_text("{")
    (tmp_path / "notes.txt").write_text("{")
    broken = {
        "half.json": json.dumps(good)[:-20],
        "list.json": "[]",
        "old.json": json.dumps({**good, "schema": 2}),
        "deep.json": "[" * 100_000,
        "nan.json": json.dumps({**good, "points": float("nan")}),
        "huge.json": json.dumps(good).replace('"points": 1.0', '"points": 1e999', 1),
        "status.json": json.dumps({**good, "status": "fine"}),
        "empty.json": json.dumps({**good, "points": None}),
        "layer.json": json.dumps({**good, "exercises": [{**good["exercises"][0], "layers": [{"layer": "values"}]}]}),
        "name.json": json.dumps({**good, "student": 7}),
    }
    for name, text in broken.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    (tmp_path / "folder.json").mkdir()
    problems = []
    assert read_results(tmp_path, problems) == [whole]
    assert any(p.startswith("name.json: ValidationError: Expected `str`, got `int` - at `$.student`") for p in problems)
    assert [p.partition(":")[0] for p in problems] == sorted([*broken, "bytes.json", "folder.json"])
    with pytest.warns(UserWarning, match="half.json"):
        read_results(tmp_path)


def test_problems_are_said_on_the_page():
    """A file that could not be read is named at the top of the page."""
    assert "1 result file could not be read" in page_of([], problems=["half.json: x"]).sections[""]
    assert "half.json: x" in page_of([], problems=["half.json: x"]).sections[""]


def test_report_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """Where writing fails, the old report stays and nothing is left beside it."""
    page, _ = write_report(tmp_path, small_class(), **MADE)
    before = page.read_bytes()

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_report(tmp_path, [], **MADE)
    assert page.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"{LESSON}.csv", f"{LESSON}.html"]


@pytest.fixture
def course(tmp_path):
    """Return a course folder with the small class's results, and a broken one."""
    folder = tmp_path / "grading" / "results" / LESSON
    folder.mkdir(parents=True)
    for one in small_class():
        (folder / f"{one.student}.json").write_bytes(encode(one))
    (folder / "fay.json").write_text("{")
    return tmp_path


def test_command(course, capsys):
    """The command finds the lesson by its beginning, writes both files and names the broken one."""
    assert main(["report", "L03", "--course", str(course)]) == 0
    said = capsys.readouterr()
    made = course / "grading" / "reports" / f"{LESSON}.html"
    assert str(made) in said.out and str(made.with_suffix(".csv")) in said.out
    assert "fay.json" in said.err and "fay.json" in made.read_text(encoding="utf-8")
    assert "5 students handed in" in made.read_text(encoding="utf-8")


def test_command_with_pseudonyms(course, capsys):
    """--anonymous takes pseudonyms from grading/pseudonyms.json and prints no name either."""
    hidden = {name: f"p-{name[0] * 10}" for name in ("ada", "bob", "cyd", "dan", "eve")}
    (course / NAMES).write_text(json.dumps(hidden))
    assert main(["report", "L03", "--course", str(course), "--anonymous"]) == 0
    said = capsys.readouterr()
    html = (course / "grading" / "reports" / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "p-bbbbbbbbbb" in html and "Names are pseudonyms" in html
    assert "p-dddddddddd" in html and "somebody&#39;s cosine took too long." in html
    assert "fay" not in html + said.out + said.err


def put_graded(course, student, answers):
    """Lay a student's graded notebook, with these answer cells, where grading leaves it."""
    path = course / "autograded" / student / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(written(answers)), encoding="utf-8")


def test_answers_that_nothing_explains_become_attempts(course, capsys, tmp_path):
    """Only bob's dot is unexplained: it is written with its points, in the fields of tests/attempts, without a name."""
    wrong_dot = "def dot(q, items):\n    # bob, bob@example.org\n    return items.sum(axis=1)\n"
    put_graded(course, "bob", {"dot": wrong_dot, "cosine": "def cosine(q, items):\n    return 0\n"})
    assert main(["report", "L03", "--course", str(course), "--attempts", str(tmp_path / "out.jsonl")]) == 0
    said = capsys.readouterr().out
    (line,) = map(json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert line.pop("id").startswith("c_")
    assert line == {
        "exercise": "dot", "code": "def dot(q, items):\n    return items.sum(axis=1)\n", "correct": False,
        "mistake": "", "says": [], "seen": False, "points": 0.0,
    }  # fmt: skip
    assert "1 answer that nothing explained" in said and "dot: 1 comment with" in said and "bob" not in said


def test_an_answer_without_its_notebook_is_said(course, capsys, tmp_path):
    """Where the graded notebook is gone the file is empty, and the command says so without a name."""
    assert main(["report", "L03", "--course", str(course), "--attempts", str(tmp_path / "out.jsonl")]) == 0
    said = capsys.readouterr().out
    assert (tmp_path / "out.jsonl").read_bytes() == b"" and "dot: 1 answer that is in no graded notebook" in said


@pytest.mark.parametrize(
    "one, expected",
    [
        (answer("dot", 0.0, 2.0, layer(unmatched="returned 1")), True),
        (answer("dot", 0.0, 2.0, layer(unmatched="returned 1", observation="Half of it.")), True),
        (answer("dot", 0.0, 2.0, layer(unmatched="returned 1", hint="Look at line 2.")), False),
        (answer("dot", 0.0, 2.0, wrong("m")), False),
        (answer("dot", 0.0, 2.0, layer(unmatched="x"), mend_first=["cosine"]), False),
        (answer("dot", 0.0, 2.0, layer(unmatched="x"), unsolved=True), False),
    ],
)
def test_which_answers_nothing_explains(one, expected):
    """A hint explains an answer, an observation does not; a stub, and who has to mend another first, is none."""
    assert is_unexplained(one) == expected


def test_the_foot_says_what_the_grades_come_from():
    """Lesson text, checks and commit of the records, each once; nothing where the records name none."""
    origin = {"release_sha256": "ab" * 32, "checks_sha256": "cd" * 32, "course_commit": "v0.1.0-3-gabc"}
    said = page_of([record("ada", **origin), record("bob", **{**origin, "checks_sha256": "ef" * 32})]).sections["all"]
    assert "lesson text abababababab , checks cdcdcdcdcdcd and efefefefefef , commit v0.1.0-3-gabc ." in said
    assert "These grades come from" not in page_of([record("ada")]).sections["all"]


def test_command_without_results(tmp_path, capsys):
    """A lesson that nobody graded is a message and exit code 1."""
    assert main(["report", "L03", "--course", str(tmp_path)]) == 1
    assert "there is no lesson called 'L03'" in capsys.readouterr().err
