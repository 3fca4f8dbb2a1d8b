"""The line of a mistake, the edits that find it, and the facts that need no search."""

from __future__ import annotations

import ast
import linecache
import time

import numpy as np
import pytest

from classroom.author.attempts import all_attempts
from recsys_lib.checks import all_exercises, check
from recsys_lib.checks.callee import Callee
from recsys_lib.checks.cell import cell_of
from recsys_lib.checks.checking import verdict_on
from recsys_lib.checks.diagnosis import judge
from recsys_lib.checks.edits import MAX_EDITS, QUESTIONS, edits
from recsys_lib.checks.lines import WHAT_COMES_OUT
from recsys_lib.checks.outcome import Outcome
from recsys_lib.checks.relations import observe

pytestmark = pytest.mark.usefixtures("without_nbgrader")

COSINE = """\
def cosine(q, items):
    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
    if (lengths == 0).any():
        raise ValueError("no direction")
    return items @ q / lengths
"""


def written(source, name, **names):
    """A function as a notebook's cell defines it: its text can be found."""
    file = f"<cell {name} {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    found = {"np": np, "__name__": "attempt", **names}
    exec(compile(source, file, "exec"), found)
    return found[name]


def said(name, source, **names):
    """The verdict on an answer of which the text is known."""
    return verdict_on(name, written(source, name, **names))


@pytest.mark.parametrize(
    ("old", "new", "number", "piece"),
    [
        ("items @ q / lengths", "items @ q // lengths", 5, "items @ q // lengths"),
        ("items @ q / lengths", "np.round(items @ q / lengths, 3)", 5, "np.round(items @ q / lengths, 3)"),
        ("lengths = np", "lengths = 1 + np", 2, "1"),
    ],
)
def test_the_line_is_found(old, new, number, piece):
    """Where no known mistake fits, the line and the piece are said, and never what to write there."""
    source = COSINE.replace(old, new)
    (found,) = [layer.line for layer in said("cosine", source).layers if layer.line]
    assert found.number == number
    assert piece in found.piece or found.piece in piece
    assert found.text == source.splitlines()[number - 1].strip()
    assert found.sentence.startswith(f"Look at line {number}, at `{found.piece}`: ")
    assert found.sentence.endswith("?")


def test_the_piece_is_underlined_in_a_notebook():
    """HTML shows the whole line with the piece underlined; nothing of it is markup of the learner's."""
    source = COSINE.replace("lengths = np", 'lengths = len("<b>") - 2 + np')
    verdict = said("cosine", source)
    html = verdict._repr_html_()
    line = next(layer.line for layer in verdict.layers if layer.line)
    assert "<u style" in html and "<b>" not in html
    assert f"line {line.number}" in str(verdict)


def line_said(name, source, **names):
    """The one line that the verdict says, or None."""
    lines = [layer.line for layer in said(name, source, **names).layers if layer.line]
    assert len(lines) <= 1
    return lines[0] if lines else None


def test_a_value_is_mended_where_it_arises():
    """Where `n` is read, `d` would do as well: the line that makes `n` is meant."""
    line = line_said("safe_init_std", "def safe_init_std(d, target):\n    n = d - 1\n    return target / np.sqrt(n)\n")
    assert (line.number, line.piece) == (2, "d - 1")


def test_a_condition_is_mended_and_not_what_follows_from_it():
    """To raise nothing works as well as another condition, which is the line to look at."""
    source = COSINE.replace("(lengths == 0).any()", "not lengths.any() or (items[0] == items[0]).all()")
    line = line_said("cosine", source)
    assert line.number == 3


def test_lines_that_contradict_are_not_said():
    """A minus may be dropped in any of three lines: nobody knows which was meant."""
    assert line_said("dot", "def dot(q, items):\n    a = -q\n    b = -a\n    return items @ -b\n") is None


@pytest.mark.parametrize(
    ("name", "source", "number", "piece", "question"),
    [
        # the 1, its sign and the whole call are mended: the call holds them all
        (
            "frequency_scaled_l2",
            "def frequency_scaled_l2(counts, l2):\n    if not counts.any():\n        raise ValueError\n"
            "    safe = np.maximum(counts, 1)\n    return l2 * safe / safe.mean()\n",
            4,
            "np.maximum(counts, 1)",
            QUESTIONS["step too many"],
        ),
        # two pieces of one line, of which neither holds the other
        (
            "cold_norm_after",
            "def cold_norm_after(norm0, lr, l2, n_items, steps):\n    keep = (1 - 2 * lr * l2) / n_items\n"
            "    return norm0 * keep ** steps\n",
            2,
            "keep = (1 - 2 * lr * l2) / n_items",
            WHAT_COMES_OUT,
        ),
        # where a number is compared with, it is the comparison that is asked about
        (
            "safe_cosine",
            "def safe_cosine(q, items):\n    if not q.any():\n        raise ValueError\n"
            "    zero = items.sum(axis=1) == 0\n    lengths = np.linalg.norm(items, axis=1)\n"
            "    lengths[zero] = 1\n    scores = items @ q / (lengths * np.linalg.norm(q))\n"
            "    scores[zero] = -np.inf\n    return scores\n",
            4,
            "items.sum(axis=1) == 0",
            QUESTIONS["condition"],
        ),
        # an error is asked for: raising one is right, what else raises one does so by accident
        (
            "broadest_alpha",
            "def broadest_alpha(alphas, quality, coverage, least_quality):\n"
            "    rows = [row for row in zip(coverage, quality, alphas) if row[1] >= least_quality]\n    if not rows:\n"
            "        return float(alphas[np.argmax(quality)])\n    return float(max(rows)[2])\n",
            4,
            "return float(alphas[np.argmax(quality)])",
            QUESTIONS["error"],
        ),
        # whole numbers: a wider type, or anything behind it that makes fractions
        (
            "dot",
            "def dot(q, items):\n    scores = np.zeros_like(items[:, 0], dtype=int)\n"
            "    for i, x in enumerate(items):\n        scores[i] = x @ q\n    return scores\n",
            2,
            "np.zeros_like(items[:, 0], dtype=int)",
            QUESTIONS["type"],
        ),
        (
            "mf_gradients",
            "def mf_gradients(users, items, ratings):\n    rated = ratings != 0\n"
            "    e = (users @ items.T - ratings) * rated\n    c = 2 / rated.sum()\n"
            "    return c * (e @ items), c * (e.reshape(len(items), len(users)) @ users)\n",
            5,
            "e.reshape(len(items), len(users))",
            QUESTIONS["turned"],
        ),
        (
            "als_step",
            "def als_step(items, ratings, l2):\n    d = items.shape[1]\n    users = np.zeros((len(ratings), d))\n"
            "    for u, row in enumerate(ratings):\n        rated = row != 0\n        if not rated.any():\n"
            "            break\n        x = items[rated]\n        ridge = l2 * len(x) * np.eye(d)\n"
            "        users[u] = np.linalg.solve(x.T @ x + ridge, x.T @ row[rated])\n    return users\n",
            7,
            "break",
            QUESTIONS["line"],
        ),
        # two lines that say the same: the second was meant for another table
        (
            "neighbours_kept",
            "def neighbours_kept(items, flat, k):\n    wide = np.linalg.norm(items[:, None] - items, axis=-1)\n"
            "    narrow = np.linalg.norm(flat[:, None] - flat, axis=-1)\n    np.fill_diagonal(wide, np.inf)\n"
            "    np.fill_diagonal(wide, np.inf)\n    both = zip(np.argsort(wide)[:, :k], np.argsort(narrow)[:, :k])\n"
            "    return sum(len(set(a) & set(b)) for a, b in both) / (k * len(items))\n",
            5,
            "wide",
            QUESTIONS["variable"],
        ),
        # a name that stands in its line twice is shown with what is around it
        (
            "frequency_scaled_l2",
            "def frequency_scaled_l2(counts, l2):\n    if not counts.any():\n        raise ValueError\n"
            "    w = np.array(counts, dtype=float)\n    for i in range(len(w)):\n"
            "        w[i] = l2 * w[i] / w.mean()\n    return w\n",
            6,
            "w.mean",
            QUESTIONS["variable"],
        ),
        (
            "genre_scores",
            "def size(v):\n    return np.sqrt(v.sum())\n"
            "def genre_scores(liked, item_genres):\n    if not len(liked) or not item_genres.any(axis=1).all():\n"
            "        raise ValueError\n    taste = item_genres[liked].mean(axis=0)\n"
            "    return np.array([row @ taste / size(row) / size(taste) for row in item_genres])\n",
            2,
            "v.sum()",
            QUESTIONS["step missing"],
        ),
        (
            "als_step",
            "def als_step(items, ratings, l2):\n    d = items.shape[1]\n    users = np.zeros((len(ratings), d))\n"
            "    for u, row in enumerate(ratings):\n        x = items[row > 0]\n        n = len(x)\n        if n:\n"
            "            users[u] = np.linalg.solve(x.T @ x + l2 * n * np.eye(d), x.T @ row[:n])\n    return users\n",
            8,
            "row[:n]",
            QUESTIONS["entries"],
        ),
        (
            "cooccurrence_scores",
            "def cooccurrence_scores(interactions, user):\n    table = interactions.astype(int)\n"
            "    both = table.T @ table\n    both = both - np.diag(np.diag(both))\n"
            "    return both[table[user]].sum(axis=0)\n",
            5,
            "both[table[user]]",
            QUESTIONS["entries"],
        ),
        (
            "euclidean",
            "def euclidean(q, items):\n    apart = items - q\n    return np.sqrt((apart ^ 2).sum(axis=1))\n",
            3,
            "apart ^ 2",
            QUESTIONS["operation"],
        ),
    ],
)
def test_the_piece_and_the_question_fit(name, source, number, piece, question):
    """Of the edits that work, the piece that is shown and what is asked of it are those that a reader needs."""
    line = line_said(name, source)
    assert (line.number, line.piece, line.question) == (number, piece, question)


def test_an_edit_that_brings_a_mistake_in_says_nothing():
    """Minus for plus makes every list wrong as a known mistake does; the answer was right but for near scores."""
    source = (
        "def top_k(scores, k, seen):\n    left = np.setdiff1d(np.arange(len(scores)), seen)\n    if len(left) < k:\n"
        "        raise ValueError\n    moved = scores - 1e-9 * np.arange(len(scores))\n"
        "    return left[np.argsort(-moved[left], kind='stable')][:k]\n"
    )
    assert "turns the ties round" not in str(said("top_k", source))


@pytest.mark.parametrize(
    ("name", "source", "kind"),
    [
        (
            "rms_norm",
            "def rms_norm(std, d):\n    return np.linalg.norm(np.random.normal(0, std, d))\n",
            "drawn-at-random",
        ),
        (
            "rank",
            "def rank(q, items, measure, distance=False):\n    s = measure(q, items) * (-1 if distance else 1)\n"
            "    s = s - 1e-9 * np.arange(len(s))\n    return np.argsort(-s)\n",
            "nudged-order",
        ),
    ],
)
def test_facts_that_make_a_line_needless(name, source, kind):
    """What is certain from the text is said, and no line beside it."""
    verdict = said(name, source)
    assert kind in [layer.fact.kind for layer in verdict.layers if layer.fact]
    assert not any(layer.line for layer in verdict.layers)


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        (
            "regauge",
            "def regauge(users, items, scale):\n    if 0 in scale:\n        raise ValueError\n"
            "    users, items = users.copy(), items.copy()\n    for u in users:\n        u = u * scale\n"
            "    for x in items:\n        x = x / scale\n    return users, items\n",
            "In line 6 `u` becomes a name for something new",
        ),
        (
            "norm_popularity",
            "def norm_popularity(items, counts):\n    lengths = np.linalg.norm(items, axis=1)\n"
            "    _, place, counts = np.unique(lengths, return_inverse=True, return_counts=True)\n"
            "    return np.corrcoef(place, np.argsort(np.argsort(counts)))[0, 1]\n",
            "In line 3 your function overwrites `counts`, which it is given",
        ),
        (
            "observed_mse",
            "def observed_mse(users, items, ratings):\n    if not ratings.any():\n        raise ValueError\n"
            "    error = np.where(ratings, users @ items.T - ratings, 0)\n"
            "    return (error ** 2).sum() / len(np.where(ratings > 0))\n",
            "In line 5 `len` counts the arrays that `where` gives",
        ),
        (
            "crossing_alpha",
            "def crossing_alpha(q, x, y):\n    if q @ x == q @ y:\n        return\n    return\n",
            "never returns anything",
        ),
        (
            "norm_growth",
            "def norm_growth(item, raters, ratings, lr, total):\n    if not len(raters):\n        return\n"
            "    new = item + 2 * lr / total * (ratings - raters @ item) @ raters\n"
            "    return float(np.linalg.norm(new) - np.linalg.norm(item))\n",
            "In line 3 `return` stands alone",
        ),
    ],
)
def test_values_that_are_lost(name, source, told):
    """What a function is given, or works out, and nothing reads."""
    assert told in str(said(name, source))


@pytest.mark.parametrize(
    "source",
    [
        "def dot(q, items):\n    q = np.asarray(q)\n    return -(items @ q)\n",
        "def dot(q, items):\n    return len(np.where(q > 0, q, 0)) * (items @ q)\n",
        "def dot(q, items):\n    if len(q) > 2:\n        items = 2 * items\n    return items @ q\n",
        "def dot(q, items):\n    o = []\n    for x in items:\n        x = 2 * x\n        o += [x @ q]\n    return o\n",
    ],
)
def test_values_that_are_read(source):
    """A name that gets a new value, and is read before or after; `np.where` that chooses between values."""
    verdict = str(said("dot", source))
    assert "`len` counts" not in verdict
    assert "overwrites" not in verdict and "nothing reads" not in verdict and "becomes a name" not in verdict


def test_random_numbers_where_nothing_forbids_them():
    """A point that wins may be found by drawing; one that does not win is not wrong for that."""
    source = "def make_item(q, others, winner):\n    return np.random.default_rng(0).normal(size=len(q)) * 1e-3\n"
    facts = [layer.fact.kind for layer in said("make_item", source).layers if layer.fact]
    assert "drawn-at-random" not in facts


def test_random_numbers_that_are_the_same_in_every_call():
    """Probes from a generator with a fixed seed are as good as any."""
    source = (
        "def mystery_ruler(measure):\n    rng = np.random.default_rng(0)\n    q, items = rng.normal(size=5), "
        "rng.normal(size=(9, 5))\n    return ('dot', True) if measure(q, items)[0] > 0 else ('cosine', False)\n"
    )
    assert "drawn-at-random" not in [layer.fact.kind for layer in said("mystery_ruler", source).layers if layer.fact]
    drawn = source.replace("default_rng(0)", "default_rng()")
    assert "drawn-at-random" in [layer.fact.kind for layer in said("mystery_ruler", drawn).layers if layer.fact]


def test_a_mistake_made_twice_is_one():
    """Of two scores both are made one number: the line is found by mending both at once."""
    source = (
        "def is_gauge_invariant(measure, q, items, scale):\n    old = np.mean(measure(q, items))\n"
        "    new = np.mean(measure(q * scale, items / scale))\n    return np.allclose(old, new)\n"
    )
    (line,) = (layer.line for layer in said("is_gauge_invariant", source).layers if layer.line)
    assert line.number == 2


def test_what_holds_for_one_number_is_not_said():
    """One number that is wrong has a root and a square of something by chance."""
    right = [np.array(n) for n in (1.0, 3.0, 5.0, 0.25)]
    assert "square root" not in str(observe([*((r, r) for r in right[:3]), (right[3], np.array(0.5))]))
    assert "square root" in str(observe([(r, np.sqrt(r)) for r in right]))


def test_one_edit_that_leads_to_a_known_mistake_gives_both():
    """One length for the whole table, and a factor: the known mistake is named, and that there is more."""
    source = (
        "def cosine(q, items):\n    lengths = np.linalg.norm(items) * np.linalg.norm(q)\n"
        "    if lengths == 0 or not items.any(axis=1).all():\n        raise ValueError('no direction')\n"
        "    return 3 * (items @ q) / lengths\n"
    )
    verdict = said("cosine", source)
    assert "You divided by one length for the whole table" in str(verdict)
    assert "More than one thing is wrong" in str(verdict)


def test_without_a_text_nothing_is_searched():
    """A built-in, a function inside another and one with a decorator have no text that makes them again."""
    assert cell_of(len) is None
    assert cell_of(written("def f():\n    def g():\n        pass\n    return g\n", "f")()) is None
    assert cell_of(written("def d(f):\n    return f\n@d\ndef g():\n    pass\n", "g")) is None


def test_helpers_of_the_cell_are_edited_too():
    """The mistake may sit in a function beside the answer; no other line of the cell is run again."""
    ran = []
    source = (
        "ran.append(1)\ndef lengths(table):\n    return np.linalg.norm(table, axis=1) + 1\n"
        "def cosine(q, items):\n    n = lengths(items) * np.linalg.norm(q)\n"
        "    if (n == 0).any():\n        raise ValueError\n    return items @ q / n\n"
    )
    verdict = said("cosine", source, ran=ran)
    found = [layer.line.number for layer in verdict.layers if layer.line]
    assert found == [3] and ran == [1]


def test_edits_change_one_place_and_can_be_read():
    """Each edit is Python again, names its line, and has a question."""
    found = list(edits(COSINE, "cosine"))
    assert len(found) > 100
    assert len({edit.source for edit in found}) == len(found)
    for edit in found:
        ast.parse(edit.source)
        assert edit.kind in QUESTIONS
        assert 1 <= edit.line <= edit.last <= 5
        old, new = COSINE.splitlines(), edit.source.splitlines()
        assert old[: edit.line - 1] == new[: edit.line - 1]


@pytest.mark.parametrize("attempt", [a for a in all_attempts() if a.seen][::20], ids=lambda attempt: attempt.key)
def test_edits_of_what_people_write_can_be_read(attempt):
    """Whatever stands in an answer: what is written to, what is starred, what has three indices."""
    for edit in edits(attempt.code, attempt.exercise):
        ast.parse(edit.source)


def test_a_long_text_has_no_more_edits_than_are_made():
    """However many functions and numbers it holds: whoever grades it makes them."""
    many = "".join(f"def f{i}(x):\n    return f{i + 1}(x) + {i} * {i}\n" for i in range(400))
    assert len(list(edits(many.replace("f0(", "dot("), "dot"))) <= MAX_EDITS


class Waiting(Callee):
    """An answer that waits somewhere else, as in a sandbox: its time is not this thread's."""

    calls = 0

    def run(self, args, seconds):
        """Wait, and be wrong."""
        Waiting.calls += 1
        time.sleep(0.02)
        return Outcome("returned", value=None)

    def neighbour(self, name):
        """Know no other."""

    def written(self):
        """Return some text."""
        return COSINE

    def rewritten(self, source):
        """Stay as it is."""
        return self


def test_a_search_ends_by_the_clock_too(monkeypatch):
    """A class is not kept waiting by an answer that takes long, a call at a time."""
    monkeypatch.setattr("recsys_lib.checks.lines.WALL_SECONDS", 0.1)
    judge(all_exercises()["cosine"], Waiting())
    assert Waiting.calls < 100  # of some hundred edits on eight inputs each


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("top_k", "def top_k(scores, k, seen):\n    return np.argsort(-scores)[:3]\n", "never uses `k` and `seen`"),
        ("dot", "def dot(q, items):\n    return table @ q\n", "line 2 your function reads `table` from the notebook"),
        (
            "dot",
            "def dot(q, items):\n    out = []\n    out = out.append(1)\n    return items @ q * 2\n",
            "line 3 `append`",
        ),
        ("dot", "def dot(q, items):\n    for x in items:\n        return x @ q\n", "`return` in line 3 stands inside"),
        (
            "cosine",
            "def cosine(q, items):\n    if not q.any():\n        return ValueError('zero')\n    return items @ q\n",
            "line 3 `ValueError` is returned like a result",
        ),
        ("dot", "def dot(q, items):\n    print(items @ q)\n", "never returns anything: it prints"),
        ("dot", "def dot(q, items):\n    import pandas_of_nobody\n    return items @ q\n", "`pandas_of_nobody` is not"),
        ("dot", "def dot(q, items):\n    sum = 0\n    return sum(items @ q)\n", "`sum` is no longer Python's own"),
        ("dot", "def dot(q, items):\n    x = q + items\n    return np.array([1.0, 2.0])\n", "returns the same"),
        ("dot", "def dot(q, items):\n    items *= q\n    return items.sum(axis=1)\n", "Line 2 changes `items`"),
    ],
)
def test_fact(name, source, told):
    """What is certain about a wrong answer is said, with the name or the line."""
    assert told in str(said(name, source, table=np.eye(2)))


def test_no_fact_is_said_of_a_right_answer():
    """A right answer may leave an argument alone, or read a constant of the notebook."""
    source = "def dot(q, items):\n    return factor * (items @ q)\n"
    assert said("dot", source, factor=1.0).solved
    assert check("dot", written(source, "dot", factor=1.0)).hints == []
