"""What is answered in words is shown to whoever gives the points, and waits, wherever and however it was written."""

from __future__ import annotations

import base64
import copy
import io
import json
import re

import nbformat
import numpy as np
import pytest
from matplotlib import image
from nbconvert.exporters import HTMLExporter

from classroom.group import gradebook
from classroom.group.run import grade_class
from classroom.nbgrader_bridge import load_config
from classroom.sandbox.pictures import MAX_PIXELS, MAX_SCANS, plain_picture
from classroom.submission import written as words
from classroom.submission.rebuild import rebuild
from tests.grading import submissions
from tests.grading.submissions import DOT, LESSON, cell, hand_in, make_course, notebook, own, points, written

WHY = "which-measure-why"
ESSAY = "I take the cosine for likeness, since length says how many rated a film."
MORE = "For what to see next I take the dot product."
STUB = "*Write your answer here.*"


def place_of(nb: dict, cell_id: str = WHY) -> int:
    """Where a cell stands."""
    return next(at for at, c in enumerate(nb["cells"]) if c.get("id") == cell_id)


def beside(*cells: dict, by: int = 1, stub: str = STUB) -> dict:
    """A right `dot`, and cells right behind the essay's, or so many places from it."""
    nb = written({"dot": DOT, WHY: stub})
    nb["cells"][place_of(nb) + by : place_of(nb) + by] = copy.deepcopy(list(cells))
    return nb


def changed(nb: dict, **fields) -> dict:
    """Give every cell these fields; one that is None is taken away."""
    for c in nb["cells"]:
        c.update({k: copy.deepcopy(v) for k, v in fields.items() if v is not None})
        for name in [k for k, v in fields.items() if v is None]:
            c.pop(name, None)
    return nb


def prompt(nb: dict) -> dict:
    """The cell that asks for the essay."""
    return nb["cells"][place_of(nb) - 1]


def below_the_prompt() -> dict:
    """Written into the prompt, and the stub left alone."""
    nb = written({"dot": DOT})
    prompt(nb)["source"] += f"\n\n{ESSAY}"
    return nb


def joined_with_the_prompt() -> dict:
    """The cells were merged: the first one's id is left."""
    nb = below_the_prompt()
    del nb["cells"][place_of(nb)]
    return nb


def half_copied(metadata: bool) -> dict:
    """Split: the halves have one id, or the second has none."""
    nb = written({"dot": DOT, WHY: ESSAY})
    half = {**copy.deepcopy(cell(nb, WHY)), "source": MORE} if metadata else own(MORE, "markdown")
    nb["cells"].insert(place_of(nb) + 1, half)
    return nb


def without_essay_cell(*cells: dict) -> dict:
    """The essay's cell was deleted; something stands in its place."""
    nb = written({"dot": DOT})
    at = place_of(nb)
    nb["cells"][at : at + 1] = list(cells)
    return nb


WRITTEN = {
    "over the stub": written({"dot": DOT, WHY: ESSAY}),
    "below the stub, in its cell": written({"dot": DOT, WHY: f"{STUB}\n\n{ESSAY}"}),
    "in a cell of its own behind": beside(own(ESSAY, "markdown")),
    "in a cell of its own in front": beside(own(ESSAY, "markdown"), by=0),
    "in a cell of raw text": beside(own(ESSAY, "raw")),
    "in a cell of code": beside(own(ESSAY)),
    "in remarks in a cell of code": beside(own(f"# {ESSAY}\n# so there")),
    "in a text in a cell of code": beside(own(f'"""{ESSAY}"""')),
    "in a magic that shows text": beside(own(f"%%markdown\n{ESSAY}")),
    "in a cell of an unknown kind": beside(own(ESSAY, "heading")),
    "in place of the deleted cell": without_essay_cell(own(ESSAY, "markdown")),
    "in the prompt": below_the_prompt(),
    "in the prompt, joined": joined_with_the_prompt(),
    "where the metadata are lost": changed(written({"dot": DOT, WHY: ESSAY}), metadata={}),
    "where the ids are lost": changed(written({"dot": DOT, WHY: ESSAY}), id=None),
    "where both are lost": changed(written({"dot": DOT, WHY: ESSAY}), id=None, metadata={}),
    "where no id is a text": changed(written({"dot": DOT, WHY: ESSAY}), id=0),
    "in a cell of its own where both are lost": changed(beside(own(ESSAY, "markdown")), id=None, metadata={}),
    "behind the model answer": beside(own(ESSAY, "markdown"), by=2),
    "at the end": written({"dot": DOT}) | {"cells": [*written({"dot": DOT})["cells"], own(ESSAY, "markdown")]},
    "at the beginning": written({"dot": DOT}) | {"cells": [own(ESSAY, "markdown"), *written({"dot": DOT})["cells"]]},
    "elsewhere, the essay's cell deleted": without_essay_cell()
    | {"cells": [*without_essay_cell()["cells"], own(ESSAY, "markdown")]},
    "split, the id copied": half_copied(metadata=True),
    "split, the id not copied": half_copied(metadata=False),
    "one half above the stub and one below": beside(own(MORE, "markdown"), by=1)
    | {"cells": beside(own(ESSAY, "markdown"), own(MORE, "markdown"), by=0)["cells"]},
}
HALVES = [name for name in WRITTEN if "half" in name or "split" in name]


@pytest.mark.parametrize("name", WRITTEN)
def test_an_essay_is_shown_and_waits(name, bubblewrap):
    """All of it stands where the points are given, in the order in which it was written, once; nothing else changes."""
    graded = hand_in(WRITTEN[name])
    source = cell(graded.notebook, WHY)["source"]
    assert source.count(ESSAY) == 1 and source.count(MORE) == (name in HALVES)
    assert source.find(ESSAY) < source.find(MORE) or name not in HALVES
    assert (points(graded)["which_measure"], graded.record.waiting, points(graded)["dot"]) == (None, 3, 2)
    far = any(word in name for word in ("elsewhere", "at the", "behind the model"))
    assert ("stands elsewhere" in graded.record.cause) == far and graded.status == "graded"
    assert [c["id"] for c in graded.notebook["cells"] if not c["id"].startswith("added")] == [
        c["id"] for c in notebook()["cells"]
    ]


def reflowed() -> dict:
    """A converter has changed spaces and ends of lines; nothing was written."""
    nb = changed(written({"dot": DOT}), id=None, metadata={})
    for c in nb["cells"]:
        c["source"] = c["source"].replace("\n", "  \r\n" if c["cell_type"] == "markdown" else "\r\n") + "\n"
    return nb


UNWRITTEN = {
    "untouched": written({"dot": DOT}),
    "the stub was deleted": written({"dot": DOT, WHY: " \n"}),
    "the cell was deleted": without_essay_cell(),
    "the stub twice": half_copied(metadata=True) | {"cells": beside(cell(notebook(), WHY))["cells"]},
    "joined with the prompt": written({"dot": DOT, WHY: f"{prompt(notebook())['source']}\n\n{STUB}"}),
    "the prompt was split": beside(own(prompt(notebook())["source"].splitlines()[2], "markdown"), by=0),
    "a converter went over it": reflowed(),
    "code behind it": beside(own("dot(np.ones(2), np.ones((3, 2)))"), own("3"), own("%%bash\nls"), own("%time 1")),
    "an empty cell behind it": beside(own("", "markdown"), own("\n")),
}


@pytest.mark.parametrize("name", UNWRITTEN)
def test_where_nothing_is_written_nothing_waits(name):
    """The lesson's own lines are no answer; the cell is the release's, and no text of the lesson stands twice."""
    made = rebuild(json.dumps(UNWRITTEN[name]).encode(), notebook())
    assert cell(made.notebook, WHY)["source"] == STUB and WHY not in made.changed and made.notes == []
    assert not [c for c in made.notebook["cells"] if c["id"].startswith("added") and c["cell_type"] == "markdown"]


def test_other_words_are_shown_where_they_stand():
    """Notes and what was written into the lesson's text: named as the student's, made safe, and no essay."""
    nb = written({"dot": DOT, WHY: ESSAY}, first=())
    nb["cells"][5:5] = [own("A note <b>of mine</b>", "markdown"), own("x = 1"), own("another", "raw")]
    lessons = next(c for c in nb["cells"][10:] if c["cell_type"] == "markdown" and "nbgrader" not in c["metadata"])
    lessons["source"] += "\n\nI guess A."
    made = rebuild(json.dumps(nb).encode(), notebook()).notebook["cells"]
    added = [(c["cell_type"], c["source"].replace("\u200b", "")) for c in made if c["id"].startswith("added")]
    assert added[:3] == [
        ("markdown", f"{words.LABEL}\n\nA note <b>of mine</b>"),
        ("code", "x = 1"),
        ("markdown", f"{words.LABEL}\n\nanother"),
    ]
    assert ("markdown", f"{words.LABEL}\n\nI guess A.") in added[3:]
    assert not any(re.search("<[a-z]", c["source"]) for c in made if c["id"].startswith("added"))
    assert cell({"cells": made}, WHY)["source"] == ESSAY


def test_words_without_end_are_cut_and_said():
    """A page stays one that a browser can show."""
    notes = [own(f"{number} " * 8000, "markdown") for number in range(100, 160)]
    nb = beside(*notes, by=9 - place_of(notebook()), stub=ESSAY)
    made = rebuild(json.dumps(nb).encode(), notebook())
    assert sum(len(c["source"]) for c in made.notebook["cells"] if c["id"].startswith("added")) < 260_000
    assert made.notes == [
        "a cell of the student's own was shortened: it has 32,000 characters",
        "text in cells of the student's own was left out: there is too much of it",
    ]


# ------------------------------------------------------------------------------------------------------------ pictures


def drawn(kind: str = "png", width: int = 3, height: int = 2) -> str:
    """A picture in base64, without what says by which program it was made."""
    file = io.BytesIO()
    image.imsave(file, np.linspace(0, 1, width * height).reshape(height, width), format=kind)
    found = plain_picture(base64.b64encode(file.getvalue()).decode(), 10**7)
    assert found is not None
    return found.data


PNG, JPEG = drawn(), drawn("jpeg")


def with_pictures(source: str, **attached: tuple[str, str]) -> dict:
    """An essay with pictures that are attached to it."""
    nb = written({"dot": DOT, WHY: source})
    cell(nb, WHY)["attachments"] = {name.replace("_", "."): {kind: data} for name, (kind, data) in attached.items()}
    return nb


@pytest.mark.parametrize(
    "nb",
    [
        with_pictures("See ![image.png](attachment:image.png) here", image_png=("image/png", PNG)),
        with_pictures("See ![my image](attachment:my%20image.png) here", **{"my image_png": ("image/png", PNG)}),
        with_pictures('See <img src="attachment:a.png" width="30"/> here', a_png=("image/png", PNG)),
        with_pictures(f"See ![x](data:image/png;base64,{PNG}) here"),
        with_pictures(f"See ![][image1] here\n\n[image1]: <data:image/png;base64,{PNG}>"),
        with_pictures("See ![a](attachment:a.jpg) here", a_jpg=("image/jpeg", JPEG)),
    ],
    ids=("attached", "a space in its name", "a tag", "in the text", "in the text, by reference", "JPEG"),
)
def test_pictures_of_an_answer_stay(nb):
    """As attachments under a name of ours, on the pages where they stand; nothing else of the answer becomes HTML."""
    made = rebuild(json.dumps(nb).encode(), notebook())
    essay = cell(made.notebook, WHY)
    (name,) = essay["attachments"]
    ((kind, data),) = essay["attachments"][name].items()
    assert data in (PNG, JPEG)
    assert f"![A picture of the student's](attachment:{name})" in essay["source"] and "here" in essay["source"]
    assert made.notes == []
    nbformat.validate(made.notebook)
    page, _ = HTMLExporter(config=load_config()).from_notebook_node(nbformat.from_dict(made.notebook))
    assert page.count(f'src="data:{kind};base64,{data}"') == 1


def test_a_jpeg_tells_nothing_of_its_camera():
    """Where a picture was taken is nobody's business; of what is drawn everything stays."""
    plain = base64.b64decode(JPEG)
    camera = b"\xff\xe1\x00\x0cExif\0\0here"
    found = plain_picture(base64.b64encode(plain[:2] + camera + plain[2:]).decode(), 10**6)
    assert found is not None and (found.mime, found.pixels) == ("image/jpeg", 6)
    assert b"here" not in base64.b64decode(found.data)
    assert image.imread(io.BytesIO(base64.b64decode(found.data)), "jpeg").tolist() == (
        image.imread(io.BytesIO(plain), "jpeg").tolist()
    )


def _jpeg(change) -> str:
    return base64.b64encode(change(base64.b64decode(JPEG))).decode()


def _with_scans(data: bytes) -> bytes:
    place = data.index(b"\xff\xda")
    return data[:place] + data[place : place + 14] * (MAX_SCANS + 1) + data[place:]


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (("image/gif", "R0lGODlhAQABAAAAACw="), "no whole PNG or JPEG"),
        (("image/svg+xml", "<svg/>"), "no whole PNG or JPEG"),
        (("image/png", "AAAA"), "no whole PNG or JPEG"),
        (("image/png", "<script>"), "no whole PNG or JPEG"),
        (("image/png", drawn(width=3000, height=3000)), "9,000,000 pixels; 8,000,000 are shown"),
        (("image/jpeg", _jpeg(lambda data: data[:-2])), "no whole PNG or JPEG"),
        (
            (
                "image/jpeg",
                _jpeg(lambda data: data[:2] + b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff" + bytes(10) + data[2:]),
            ),
            "",
        ),
        (("image/jpeg", _jpeg(_with_scans)), "no whole PNG or JPEG"),
    ],
    ids=("GIF", "SVG", "cut off", "no picture", "too large", "without an end", "two frames", "many scans"),
)
def test_pictures_that_are_left_out_are_said(picture, why):
    """In the student's status, and in the picture's place."""
    made = rebuild(json.dumps(with_pictures("See ![a](attachment:a.png)", a_png=picture)).encode(), notebook())
    (note,) = made.notes
    assert note.startswith(f"{WHY}: a picture was left out: ") and why.replace("no whole", "it is not a whole") in note
    essay = cell(made.notebook, WHY)
    assert "attachments" not in essay and essay["source"].startswith("See [a picture was left out: ")


def test_pictures_without_end_are_left_out(monkeypatch):
    """Their number, their size and their pixels are counted for a notebook as a whole."""
    monkeypatch.setattr(words, "MAX_PICTURES", 3)
    many = with_pictures("![a](attachment:a.png) " * 5, a_png=("image/png", PNG))
    made = rebuild(json.dumps(many).encode(), notebook())
    assert len(cell(made.notebook, WHY)["attachments"]) == 3 and "there are too many" in made.notes[0]
    monkeypatch.undo()
    wide = drawn(width=2000, height=MAX_PIXELS // 2000)
    made = rebuild(
        json.dumps(with_pictures("![a](attachment:a.png) " * 9, a_png=("image/png", wide))).encode(), notebook()
    )
    assert len(cell(made.notebook, WHY).get("attachments", ())) < 9 and len(made.notes) == 1


@pytest.mark.parametrize("source", ["![sketch](sketch.png)", "![x](https://example.org/x.png)", "<img src='me.png'>"])
def test_a_picture_that_was_not_handed_in_is_said(source):
    """It is a file on the student's machine, or lies on a server: nobody sees it here."""
    made = rebuild(json.dumps(written({WHY: source})).encode(), notebook())
    assert made.notes == [f"{WHY} names a picture that is not in the notebook"]


def test_marks_of_ours_in_a_text_place_no_picture():
    """Who writes what stands for a picture while the text is made safe gets none."""
    nb = with_pictures("\ue0001\ue000 ![a](attachment:a.png) \ue0009\ue000", a_png=("image/png", PNG))
    essay = cell(rebuild(json.dumps(nb).encode(), notebook()).notebook, WHY)
    assert len(essay["attachments"]) == 1 and essay["source"].count("](attachment:") == 1


# ------------------------------------------------------------------------------------------------------------- a class


def test_a_class_of_essays(tmp_path, bubblewrap):
    """In the gradebook they wait, by whatever command; the pages show text and picture; nothing is graded twice."""
    picture = with_pictures(f"{ESSAY} ![a](attachment:a.png)", a_png=("image/png", PNG))
    handed_in = {
        "ada": WRITTEN["in a cell of its own behind"],
        "bob": WRITTEN["where both are lost"],
        "cy": WRITTEN["split, the id copied"],
        "dan": WRITTEN["in a cell of code"],
        "eve": picture,
        "fay": UNWRITTEN["the stub was deleted"],
    }
    course = make_course(tmp_path / "course", handed_in, begun=True)
    assert set(grade_class("L03", course, workers=0, progress=False).graded) == set(handed_in)
    assert waiting(course) == {"ada", "bob", "cy", "dan", "eve"}
    assert not grade_class("L03", course, workers=0, progress=False).graded
    for command in ("grade-class", "autograde"):
        if command == "autograde":
            submissions.nbgrader(course, "autograde", LESSON, "--force")
            assert waiting(course) == {"ada", "bob", "cy", "dan", "eve"}
        submissions.nbgrader(course, "generate_feedback", LESSON, "--force")
        for student in handed_in:
            page = (course / "feedback" / student / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
            assert (ESSAY in page) == (student != "fay"), (command, student)
            assert (f'src="data:image/png;base64,{PNG}"' in page) == (student == "eve"), (command, student)
            assert "2 of 2 points" in page


def waiting(course) -> set[str]:
    """Students whose essay waits for a person."""
    with gradebook.opened(gradebook.course_directory(course, LESSON)) as book:
        return {
            submission.student.id
            for submission in book.assignment_submissions(LESSON)
            for grade in submission.notebooks[0].grades
            if grade.name == WHY and grade.needs_manual_grade
        }
