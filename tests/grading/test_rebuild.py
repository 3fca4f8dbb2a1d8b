"""Rebuilding: whatever was done to a notebook, what the learner wrote is taken over, and nothing else is."""

from __future__ import annotations

import copy
import json
import random
import re

import pytest

from classroom.rendering import markdown_here
from classroom.submission.escaping import without_html
from classroom.submission.grade import grade_submission
from classroom.submission.names import names_in
from classroom.submission.reading import MAX_BYTES, SubmissionError, read_submission
from classroom.submission.rebuild import rebuild
from tests.grading.submissions import DOT, LESSON, cell, hand_in, lesson, notebook, own, points, shown, solved, written

COSINE = "def cosine(q, items):\n    return np.sqrt(dot(q, items) ** 0) * 0 + 1\n"
TIMES = "def times(x, y):\n    return x @ y\n"
CALLS_TIMES = "def dot(q, items):\n    return times(items, q)\n"


def made(nb):
    """The rebuilt notebook of a learner's."""
    return rebuild(json.dumps(nb).encode(), notebook())


def steps(nb, *kinds):
    """What is run, as (kind, id) without the untouched stubs."""
    return [(s.kind, s.id) for s in made(nb).steps if s.kind in kinds or not kinds]


def ran(nb):
    """Ids of the cells of the lesson itself, and of the learner's, that are run."""
    return [s.id for s in made(nb).steps if s.kind == "cell" and (s.learners or s.id.startswith("cell-"))]


# ------------------------------------------------------------------------------------------------------ broken files


def nb_bytes(**fields):
    """A small notebook with some fields replaced."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []} | fields).encode()


BROKEN = {
    "too many bytes": (b" " * (MAX_BYTES + 1), "the notebook has 20 MB; 20 are allowed"),
    "no bytes": (b"", "the notebook is empty: a file of no bytes"),
    "only spaces": (b" \n", "the notebook is empty"),
    "not UTF-8": (b"\xff\xfe\x00", "the notebook is not text in UTF-8"),
    "a PDF": (b"%PDF-1.7", "the notebook is not whole: it cannot be read as JSON"),
    "cut": (nb_bytes()[:-9], "the notebook is not whole"),
    "a conflict of Git": (b"<<<<<<< HEAD\n" + nb_bytes(), "the notebook is not whole"),
    "too deep": (b"[" * 200_000, "cannot be read as JSON (too deep)"),
    "a list": (b"[1]", "the file is JSON, but no notebook"),
    "a number": (b"3", "the file is JSON, but no notebook"),
    "format 3": (nb_bytes(nbformat=3, worksheets=[]), "the notebook has format 3, and 4 is needed: open it in"),
    "no format": (b"{}", "the notebook has no format, and 4 is needed"),
    "no cells": (b'{"nbformat": 4}', "the notebook has no list of cells"),
    "cells of another kind": (nb_bytes(cells={"a": 1}), "the notebook has no list of cells"),
    "too many cells": (nb_bytes(cells=[{}] * 2001), "the notebook has 2,001 cells; 2,000 are allowed"),
    "a cell that is none": (nb_bytes(cells=[{"source": ""}, "x"]), "cell 2 of the notebook is not a cell"),
    "a cell without text": (nb_bytes(cells=[{"source": 3}]), "cell 1 of the notebook has no text"),
    "lines of another kind": (nb_bytes(cells=[{"source": ["a", 3]}]), "cell 1 of the notebook has no text"),
    "too long a cell": (nb_bytes(cells=[{"source": "x" * 12_000_001}]), "has 12,000,001 characters; 12,000,000 are"),
    "another lesson": (json.dumps(notebook("L06_norm_is_popularity")).encode(), "is it another lesson's?"),
    "nothing in it": (nb_bytes(), "no cell of this lesson is in the notebook"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_said_and_not_graded(name):
    """A sentence; no points, which is no 0; and nothing is run for it."""
    data, said = BROKEN[name]
    with pytest.raises(SubmissionError) as caught:
        rebuild(data, notebook())
    assert said in str(caught.value)
    graded = grade_submission(lesson(), "ada", data, 7)
    assert (graded.status, graded.notebook, graded.record.points) == ("not graded", None, None)
    assert said in graded.record.cause


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + json.dumps(written({"dot": DOT})).encode(),
        json.dumps(written({"dot": DOT}), ensure_ascii=False, indent=1).encode(),
        json.dumps(written({"dot": DOT}) | {"metadata": None, "cells_": 1}).encode(),
    ],
    ids=("byte order mark", "indented", "odd metadata"),
)
def test_odd_but_whole_files_are_read(data):
    """They are notebooks all the same."""
    assert rebuild(data, notebook()).changed == {"dot"}


def test_odd_cells_are_read():
    """Missing or odd metadata, ids and kinds, and half of a Unicode pair, are no reason to refuse a notebook."""
    cells = [
        {"cell_type": "code", "source": "x", "metadata": None, "id": 3},
        {"cell_type": "code", "source": ["x = 1\n", "y"], "metadata": {"nbgrader": "no"}},
        {"cell_type": None, "source": "\ud800", "metadata": {"nbgrader": {"grade_id": ["dot"]}}},
        {},
    ]
    found = read_submission(nb_bytes(cells=cells))
    assert [c.source for c in found] == ["x", "x = 1\ny", "?", ""]
    assert {c.grade_id for c in found} | {c.id for c in found} == {None}


def test_random_damage_never_surprises():
    """Cells replaced by anything at all: rebuilt, or a SubmissionError."""
    rng = random.Random(3)
    odd = [None, 3, "x", [], {}, {"source": None}, {"nbgrader": {"grade_id": "dot"}}, True, -1.5, {"grade_id": {}}]
    refused = 0
    for _ in range(300):
        nb = written({"dot": DOT})
        for _ in range(rng.choice([1, 2, 5])):
            target = rng.choice(nb["cells"])
            if not isinstance(target, dict):
                continue
            if rng.random() < 0.1:
                nb["cells"][rng.randrange(len(nb["cells"]))] = copy.deepcopy(rng.choice(odd))
            else:
                target[rng.choice(["source", "metadata", "id", "cell_type", "outputs"])] = copy.deepcopy(
                    rng.choice(odd)
                )
        try:
            rebuilt = made(nb)
        except SubmissionError:
            refused += 1
            continue
        assert [c["id"] for c in rebuilt.notebook["cells"] if not c["id"].startswith("added")] == ids()
    assert 0 < refused < 300


def ids():
    """Ids of the release."""
    return [c["id"] for c in notebook()["cells"]]


# ---------------------------------------------------------------------------------- what was done to a lesson's cells


def changed(do):
    """A notebook with a right `dot`, and then something done to it."""
    nb = written({"dot": DOT})
    return do(nb) or nb


def without(*names):
    """Delete cells."""
    return lambda nb: nb | {"cells": [c for c in nb["cells"] if c.get("id") not in names]}


def graded_cell_edited(nb):
    """The graded cell gives full marks by itself."""
    cell(nb, "dot-check")["source"] = "2.0"


def graded_cell_worth_more(nb):
    """Its points were raised, and another cell was made a graded one."""
    cell(nb, "dot-check")["metadata"]["nbgrader"]["points"] = 99
    cell(nb, "cell-005")["metadata"]["nbgrader"] = {"grade": True, "points": 99, "grade_id": "mine", "solution": False}


def duplicated(nb):
    """The answer cell twice: before, an older try."""
    at = ids().index("dot")
    nb["cells"].insert(at, {**copy.deepcopy(nb["cells"][at]), "source": "def dot(q, items):\n    return 3\n"})


def stub_copied(nb):
    """A copy of the empty stub behind the answer does not undo it."""
    nb["cells"].append(copy.deepcopy(cell(notebook(), "dot")))


def reversed_cells(nb):
    """All cells in the opposite order."""
    nb["cells"].reverse()


def moved_to_the_end(nb):
    """The answer cell below all others."""
    nb["cells"].append(nb["cells"].pop(ids().index("dot")))


def retyped(nb):
    """The answer cell was made markdown by a slip of a key."""
    cell(nb, "dot")["cell_type"] = "markdown"


def ids_lost(nb):
    """An old editor keeps no ids: nbformat 4.4."""
    for c in nb["cells"]:
        c.pop("id", None)
    nb["nbformat_minor"] = 4


def metadata_lost(nb):
    """A tool kept ids only."""
    for c in nb["cells"]:
        c["metadata"] = {}


def outputs_of_their_own(nb):
    """Outputs were forged."""
    for c in nb["cells"]:
        if c["cell_type"] == "code":
            c["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "99.0"}, "metadata": {}}]


def split(nb):
    """The answer was split: its first half keeps the metadata, the other has none."""
    at = ids().index("dot")
    nb["cells"][at]["source"] = "def helper(q, items):\n    return items @ q\n"
    nb["cells"].insert(at + 1, own("def dot(q, items):\n    return helper(q, items)\n"))


def joined(nb):
    """The answer and the cell behind it were merged."""
    nb["cells"].pop(ids().index("dot-check"))
    cell(nb, "dot")["source"] += '\ncheck("dot", dot)'


def same_id_elsewhere(nb):
    """Another cell was given the answer's grade id, ahead of it."""
    nb["cells"].insert(0, own("x = 1") | {"metadata": {"nbgrader": {"grade_id": "dot-check"}}})


DONE = {
    "nothing": lambda nb: None,
    "graded cell edited": graded_cell_edited,
    "graded cell worth more": graded_cell_worth_more,
    "graded cell deleted": without("dot-check"),
    "every graded cell deleted": without(*(i for i in ids() if i.endswith(("-check", "-why")))),
    "prose deleted": without(*(c["id"] for c in notebook()["cells"] if c["cell_type"] == "markdown")),
    "everything but the answer deleted": without(*set(ids()) - {"dot"}),
    "answer duplicated": duplicated,
    "stub copied": stub_copied,
    "order reversed": reversed_cells,
    "answer moved": moved_to_the_end,
    "answer retyped": retyped,
    "ids lost": ids_lost,
    "metadata lost": metadata_lost,
    "outputs forged": outputs_of_their_own,
    "answer split": split,
    "answer and check joined": joined,
    "grade id given to another": same_id_elsewhere,
}


@pytest.mark.parametrize("name", DONE)
def test_answer_survives(name, bubblewrap):
    """The answer is found, graded cells are the release's, and points are those of an undisturbed notebook."""
    nb = changed(DONE[name])
    rebuilt = made(nb)
    ours = [c for c in rebuilt.notebook["cells"] if not c["id"].startswith("added")]
    release = notebook()
    assert [c["id"] for c in ours] == ids()
    assert [c["metadata"] for c in ours] == [c["metadata"] for c in release["cells"]]
    assert [c["source"] for c in ours if c["id"] not in rebuilt.changed] == [
        c["source"] for c in release["cells"] if c["id"] not in rebuilt.changed
    ]
    assert all(c["outputs"] == [] for c in rebuilt.notebook["cells"] if c["cell_type"] == "code")
    assert len({c["id"] for c in rebuilt.notebook["cells"]}) == len(rebuilt.notebook["cells"])
    graded = hand_in(nb)
    assert (graded.status, graded.record.points, points(graded)["dot"]) == ("graded", 2, 2)
    assert graded.record.max_points == 21


# ------------------------------------------------------------------------------------------------ code in own cells

BEFORE, AFTER = ("first", "last")


@pytest.mark.parametrize("place", (BEFORE, AFTER))
def test_answer_cell_deleted_and_written_elsewhere(place, bubblewrap):
    """The function stands in a cell of the learner's own: it counts where it is there when the graded cell is run."""
    nb = without("dot")(written({}, **{place: (DOT,)}))
    assert points(hand_in(nb))["dot"] == (2 if place == BEFORE else 0)


def test_answer_written_in_an_own_cell_beside_the_stub(bubblewrap):
    """The untouched stub behind it does not undo it."""
    assert points(hand_in(written({}, first=(DOT,))))["dot"] == 2


def swapped(value):
    """A right `dot`, computed in another way."""
    return DOT.replace("items @ q", value)


OWN = {
    "a helper in an own cell": written({"dot": CALLS_TIMES}, first=(TIMES,)),
    "a helper defined later": written({"dot": CALLS_TIMES, "cosine": TIMES}),
    "a helper in the set-up cell": written(
        {"dot": CALLS_TIMES, "cell-003": cell(notebook(), "cell-003")["source"] + "\n" + TIMES}
    ),
    "an import in the set-up cell": written(
        {
            "dot": "def dot(q, items):\n    return np.array([math.fsum(a * b for a, b in zip(q, i)) for i in items])",
            "cell-003": "import math\n" + cell(notebook(), "cell-003")["source"],
        }
    ),
    "an import in the answer cell": written(
        {"dot": "import operator\n\n\n" + DOT.replace("items @ q", "operator.matmul(items, q)")}
    ),
    "an import in an own cell": written(
        {"dot": DOT.replace("items @ q", "numpy.dot(items, q)")}, first=("import numpy",)
    ),
    "set-up cell deleted": without("cell-003")(
        written({"dot": swapped("np.dot(items, q)")}, first=("import numpy as np",))
    ),
    "an error in an own cell": written({"dot": DOT}, first=("1 / 0", "raise SystemExit", "undefined_name")),
    "an own cell that is no Python": written({"dot": DOT}, first=("def broken(:", "a b c", "x = = 1", "é = 'ü'\n\x0c")),
    "an own cell that is prose": written({"dot": DOT}, first=("just some words, no code",)),
    "magics": written({"dot": DOT}, first=("%matplotlib inline\n%time 1", "%%time\nx = 1", "!echo hi", "np.sum?")),
    "a magic in the answer cell": written({"dot": "%precision 3\n" + DOT}),
    "a timed line that defines": written({"dot": swapped("items @ q * one")}, first=("%time one = 1",)),
    "a line of the shell that defines": written({"dot": swapped("items @ q * int(one[0])")}, first=("one = !echo 1",)),
    "a question beside the answer": written({"dot": "np.dot?\n" + swapped("np.dot(items, q)")}),
    "a timed cell that uses the lesson's": written({"dot": "%%time\n" + swapped("np.dot(items, q)")}),
    "a timed answer before the stub": written({}, first=("np.dot?\n%time dot = lambda q, items: np.dot(items, q)",)),
    "a captured answer before the stub": written({}, first=("%%capture said\n%%time\n" + swapped("np.dot(items, q)"),)),
    "several answers in one cell": written({"dot": DOT + "\n\n" + COSINE}),
}


@pytest.mark.parametrize("name", OWN)
def test_own_cells_are_run(name, bubblewrap):
    """Helpers, imports, magics and errors in cells of the learner's own do not cost the answer its points."""
    assert points(hand_in(OWN[name]))["dot"] == 2


def test_syntax_error_in_the_answer_cell(bubblewrap):
    """It is shown where it stands, and costs that exercise alone."""
    graded = hand_in(written({"dot": DOT, "cosine": "def cosine(q, items)\n    return 1"}))
    assert "SyntaxError" in shown(graded, "cosine")
    assert (points(graded)["dot"], points(graded)["cosine"]) == (2, 0)


def test_several_answers_in_one_cell(bubblewrap):
    """Each counts for its own exercise; the stubs of the others do not undo them."""
    names = ("dot", "cosine", "euclidean", "rank")
    graded = hand_in(written({"dot": "\n\n".join(solved(*names).values())}))
    assert [points(graded)[name] for name in names] == [2, 3, 2, 4]


def test_last_answer_of_several_counts():
    """As in the learner's kernel after Run All; the others stand before it."""
    nb = written({"dot": "def dot(q, items):\n    return 1\n"})
    nb["cells"].append({**cell(nb, "dot"), "source": DOT})
    rebuilt = made(nb)
    assert cell(rebuilt.notebook, "dot")["source"] == DOT
    assert [c["source"] for c in rebuilt.notebook["cells"] if c["id"] == "added-1"] == [
        "def dot(q, items):\n    return 1\n"
    ]


def test_markdown_answers(bubblewrap):
    """What was written waits for a person; untouched it has 0; a code cell in its place is no danger."""
    graded = hand_in(written({"which-measure-why": "Because **dot** keeps the length."}))
    assert cell(graded.notebook, "which-measure-why")["source"] == "Because **dot** keeps the length."
    assert (points(graded)["which_measure"], graded.record.waiting) == (None, 3)
    assert points(hand_in(written({})))["which_measure"] == 0
    nb = written({"which-measure-why": "import os; os._exit(1)"})
    cell(nb, "which-measure-why")["cell_type"] = "code"
    graded = hand_in(nb)
    assert (graded.status, graded.record.cause, points(graded)["which_measure"]) == ("graded", "", None)


def test_ids_of_the_learners_do_not_clash():
    """A cell that calls itself "added-1", or has a name of the release, becomes a cell with an id of ours."""
    nb = written({}, first=("x = 1", "y = 2"))
    for number, c in enumerate(c for c in nb["cells"] if "id" not in c):
        c["id"] = ("added-2", "../../etc/passwd")[number]
    found = [c["id"] for c in made(nb).notebook["cells"] if c["id"] not in ids()]
    assert found == ["added-1", "added-2"]


# ---------------------------------------------------------------------------------------------- what of a lesson is run


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (DOT, []),
        ("def dot(q, items):\n    return np.dot(items, q)", ["cell-003"]),
        ("def dot(a, b):\n    return names", ["cell-003", "cell-005"]),
        ("def dot(q, items):\n    return films", ["cell-003", "cell-041"]),
        ("def dot(q, items, top=len([1])):\n    films = items\n    return films @ q", []),
        ("def dot(a, b):\n    def inner():\n        return names\n    return inner()", ["cell-003", "cell-005"]),
        ("dot = lambda a, b: [names for _ in a]", ["cell-003", "cell-005"]),
        ("class dot:\n    size = len(names)", ["cell-003", "cell-005"]),
        ("%time names", ["cell-003", "cell-005"]),
        ("found = !ls {names}", ["cell-003", "cell-005"]),
        ("names?", ["cell-003", "cell-005"]),
        ("%matplotlib inline", []),
    ],
)
def test_needed_cells_are_run(source, wanted):
    """Those that define what the answer uses, and what they need in turn; no training that nobody asks for."""
    assert [i for i in ran(written({"dot": source})) if i != "dot"] == wanted


@pytest.mark.parametrize(
    ("source", "defined", "used"),
    [
        ("%time x = f(y)", "x", "f y"),
        ("for i in y:\n    %time x = i\n", "i x", "i y"),
        ("time x = f(3)", "x", "f"),
        ("r = %timeit -o -n 3 f(z)", "r", "f z"),
        ("%timeit t = f(z)", "", "f z"),
        ("%prun -s cumulative -l 5 g(x)", "", "g x"),
        ("files = !ls {folder[k]} $more", "files", "folder k more"),
        ("!!ls", "", ""),
        ("np.f??\nx = 1", "x", "np"),
        ("?np", "", "np"),
        ("np.*sum*?", "", ""),
        ("%%time\nx = 1\n%time y = z", "x y", "z"),
        ("%%timeit q = 2\nt = f(q)", "", "f q"),
        ("\n%%capture --no-stderr said\n\n%%time\nx = 1\ny = !ls $z", "said x y", "z"),
        ("%%bash\nx=1\nls $y", "", ""),
        ("%matplotlib inline\nx = 1", "x", ""),
        ("%time\nget_ipython().user_ns", "", "get_ipython"),
        ("def broken(:\n    %time x = 1", "", ""),
        ("a = 5 % 3 if b != c else '?'", "a", "b c"),
    ],
)
def test_names_in_ipythons_own_syntax(source, defined, used):
    """Magics, lines of the shell and questions define and use what they do in a notebook."""
    assert tuple(sorted(names) for names in names_in(source)) == (defined.split(), used.split())


def test_a_timed_answer_gets_its_hint(bubblewrap):
    """The line is looked for in what stands below the magic, and has its number in the cell."""
    wrong = "def dot(q, items):\n    scores = items @ q\n    return scores + 1\n"
    plain, timed = (hand_in(written({"dot": source})) for source in (wrong, "%%time\n" + wrong))
    hint, moved = (next(e for e in g.record.exercises if e.name == "dot").layers[0].hint for g in (plain, timed))
    assert hint and "line 3" in hint.lower() and moved.lower() == hint.lower().replace("line 3", "line 4")


def test_dynamic_names_run_everything():
    """Where nobody can say what is used, all is run."""
    everything = [
        c["id"] for c in notebook()["cells"] if c["cell_type"] == "code" and not c["metadata"].get("nbgrader")
    ]
    for use in ("globals()['names']", "eval('names')", "get_ipython().user_ns['names']", "exec('x = names')"):
        found = ran(written({"dot": f"def dot(q, items):\n    return {use}"}))
        assert [i for i in found if i != "dot"] == everything, use


NEEDS_FILMS = "def dot(q, items):\n    return items @ q * scale"
DATA, FILMS = ["cell-003", "cell-005"], ["cell-003", "cell-041"]


@pytest.mark.parametrize(
    ("dot", "cells", "run", "left_out"),
    [
        (DOT, ["x = globals()"], ["added-1"], {}),
        (DOT, ["print([key for key in globals() if not key.startswith('_')])"], ["added-1"], {}),
        (DOT, ["get_ipython().run_line_magic('matplotlib', 'inline')"], ["added-1"], {}),
        (DOT, ["print(names, dot(q, items))"], [*DATA, "added-1"], {}),
        (DOT, ["print(films.shape)"], [], {"added-1": ["films"]}),
        (DOT, ["if 'films' in globals():\n    print(films)"], [], {"added-1": ["films"]}),
        (DOT, ["dot(films[0], films)"], [], {"added-1": ["films"]}),
        ("dot = lambda q, items: items @ q", ["dot(films[0], films)"], [], {"added-1": ["films"]}),
        (DOT, ["mine = films.shape", "print(mine)"], [], {"added-1": ["films"], "added-2": ["mine"]}),
        (DOT, ["scale = films.max()", "print(films)"], [], {"added-1": ["films"], "added-2": ["films"]}),
        (NEEDS_FILMS, ["scale = films.max()"], [*FILMS, "added-1"], {}),
        (NEEDS_FILMS, ["scale = globals()['films'].max()"], [*FILMS, "added-1"], {}),
        (NEEDS_FILMS, ["globals()['sca' + 'le'] = films.max()"], [*FILMS, "added-1"], {}),
        (NEEDS_FILMS, ["exec('scale = films.max()')"], [*FILMS, "added-1"], {}),
        (NEEDS_FILMS, ["scale = [1.0]", "scale.append(films.max())"], [*FILMS, "added-1", "added-2"], {}),
        (NEEDS_FILMS, ["scale = 1.0", "print(films)"], ["added-1"], {"added-2": ["films"]}),
        (NEEDS_FILMS, ["from math import *", "scale = 1.0"], ["added-1", "added-2"], {}),
    ],
)
def test_no_model_is_trained_for_a_look_at_it(dot, cells, run, left_out):
    """Cells of the learner's own that an answer needs are run with what they need, others where nothing is trained."""
    found = made(written({"dot": dot}, last=tuple(cells)))
    assert sorted(s.id for s in found.steps if s.kind == "cell" and s.id.startswith(("cell-", "added-"))) == sorted(run)
    assert found.left_out == left_out
    assert {s.id for s in found.steps if s.lessons} == {name for name in run if name.startswith("cell-")}


@pytest.mark.parametrize("name", ["L06_norm_is_popularity", "L07_bad_start"])
@pytest.mark.parametrize("own_cell", ["x = globals()", "%who\nvars().keys()", "LOOK"])
def test_lessons_that_train_for_minutes(name, own_cell):
    """What the answers alone need is run: as much with such a cell as without it."""
    trained = {"L06_norm_is_popularity": "models", "L07_bad_start": "models"}[name]
    source = own_cell.replace("LOOK", f"print({trained})")

    def lessons_cells(first):
        nb = written({}, name=name, first=first)
        return [s.id for s in rebuild(json.dumps(nb).encode(), notebook(name)).steps if s.lessons]

    assert lessons_cells((source,)) == lessons_cells(())


def test_a_cell_that_is_left_out_says_so(bubblewrap):
    """In its place on the feedback page; the others are graded as ever, and it is nothing that a teacher must know."""
    graded = hand_in(written({"dot": DOT}, last=("print('model', films)", "print('names', len(names))")))
    assert (graded.status, graded.record.cause, points(graded)["dot"]) == ("graded", "", 2)
    said = "Not run for the grade, since no answer needs it: it looks at trained models (films).\n"
    assert shown(graded, "added-1") == said and shown(graded, "added-2") == "names 3\n"


def test_packages_that_are_not_here(bubblewrap):
    """Named for the teacher and in the cell, with what there is; a module that a package lacks is that package's."""
    missing = "import numpy as np\nimport no_such_package.part as p\n"
    graded = hand_in(written({"dot": missing + DOT}, first=("from no_other import x", "import no_such_package")))
    assert graded.record.cause == (
        "it would import 'no_other' (in added-1), 'no_such_package' (in added-2, dot), not installed here: "
        "the course has NumPy and Matplotlib, and `recsys_lib`"
    )
    assert "`no_such_package` is not installed here: the course has NumPy and Matplotlib" in shown(graded, "dot")
    assert "`no_other` is not installed here: the course has NumPy" in shown(graded, "added-1")
    inside = "def dot(q, items):\n    import no_such_package\n    return items @ q\n"
    assert "A package that you import is not installed here: the course has NumPy" in shown(
        hand_in(written({"dot": inside})), "dot-check"
    )


def test_needed_cells_are_there_when_called(bubblewrap):
    """A learner who tries the answer on the lesson's films sees what they would at home."""
    tried = "print('tried', dot(q, items).shape, len(names))"
    graded = hand_in(written({"dot": DOT + "\n\n" + tried}))
    assert shown(graded, "dot") == "tried (3,) 3\n"
    assert points(graded)["dot"] == 2


def test_names_are_kept_at_their_place():
    """Before each graded cell runs what it names; nothing of Python's or the lesson's."""
    bound = [(s.id, s.text) for s in made(written({"dot": DOT})).steps if s.kind == "bind"]
    assert bound == [(i, i.removesuffix("-check").replace("-", "_")) for i in ids() if i.endswith("-check")]


def test_graded_cells_are_not_run_inside():
    """Neither the release's nor one that the learner wrote over."""
    nb = written({"dot": DOT, "dot-check": "print('mine')"})
    assert not [s for s in made(nb).steps if s.kind == "cell" and s.id.endswith(("-check", "-why"))]


def test_nothing_of_the_release_is_changed():
    """One release serves a whole class."""
    release = notebook(LESSON)
    before = json.dumps(release)
    rebuild(json.dumps(written({"dot": DOT}, first=("x = 1",))).encode(), release)
    assert json.dumps(release) == before


def test_html_in_a_written_answer_is_text():
    """A paragraph that a person reads cannot run anything in that person's browser; what is no tag stays."""
    text = "If $a<b$, 1 < 2: <script>alert(1)</script> <IMG src=x onerror=alert(2)> [x](javascript:alert(3)) <a:b>"
    text += "\n[ref]: data:text/html,x\n[web](https://example.org) http://x.org [^1] **bold**\n"
    text += "xhttps://y.org _http://z.org\n"
    text += r"$\mmlToken{mi}[href=x]{a}$ \\(\\href{x}{a}\\) &#92;url $\frac{a}{b}$"
    text += r"$\begin{array}{c} a \\[-9em] b \end{array}$"
    nb = notebook(LESSON)
    cell = next(c for c in nb["cells"] if c["id"].endswith("-why"))
    cell["source"] = text
    made = rebuild(json.dumps(nb).encode(), notebook(LESSON))
    found = next(c for c in made.notebook["cells"] if c["id"] == cell["id"])["source"]
    assert found.replace("\u200b", "") == text
    assert not re.search(r"<[A-Za-z/!?]", found)
    assert "](javascript" not in found and "]: data" not in found
    assert "](https" not in found and "http:" not in found and "1 < 2" in found and "**bold**" in found
    assert "<a " not in markdown_here(found)
    assert not re.search(r"\\(mmlToken|href)|&#|\\\\\[", found) and r"$\frac{a}{b}$" in found


@pytest.mark.parametrize(
    "text",
    [
        r"$$\begin{array}{c} a \\[-20em] b \end{array}$$",
        r"before \\(x {a \\\\\[-20em\] b}\\\) after",
        r"\\(x {a \\\\\[\-20em] b}\\\)",
        r"\\(x {a \\\\ \\\[-20em\] b}\\\)",
        r"\\(x {a \\\\*[-20em] b}\\\)",
        r"\\(x {a \\\\\*\[-20em\] b}\\\)",
        "$$a \\\\\n  [-20em] b$$",
        r"$$a \\*[-20em] b$$",
        r"$$a \\[-1.5 em] b$$",
    ],
)
def test_no_line_of_a_formula_is_moved(text):
    """A negative length draws it over other answers; what Markdown takes away is looked for in the page itself."""
    made = without_html(text)
    assert made.replace("\u200b", "") == text
    for page in (made, markdown_here(made)):
        assert not re.search(r"\\\\\s*\*?\s*\[", page)
    assert without_html(made) == made


def test_honest_formulas_are_left_as_they_are():
    """Ends of lines, brackets, intervals, matrices and stars with nothing to move."""
    text = (
        r"$$\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}$$, $x \in [0, 1]$, $\left[ a \right]$, 2 \* [3], \*x\*, \\(a\\)"
    )
    assert without_html(text) == text
