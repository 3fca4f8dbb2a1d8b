"""Grading through the sandbox: right answers keep every point however they are written, wrong ones get their hint."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import json
import random
import re
import sys
import textwrap
from typing import NamedTuple

import msgspec
import nbformat
import pytest
import scipy.optimize  # noqa: F401 - alternatives use SciPy, whose first import may take longer than a call may
import scipy.spatial.distance  # noqa: F401 - as above

from classroom.common import ROOT
from classroom.sandbox.learner import Handle, Learner, _names_read
from classroom.sandbox.namespaces import Limits
from classroom.sandbox.steps import Step
from classroom.submission.grade import warm_template
from classroom.submission.graded_cell import grade_cell
from classroom.submission.record import Record, encode, replace
from recsys_lib.checks import all_exercises
from recsys_lib.checks.checking import verdict_on
from tests.grading.submissions import DOT, cell, hand_in, notebook, own, points, shown, solved, written
from tests.lessons.lessons import LESSONS

pytestmark = pytest.mark.usefixtures("bubblewrap")
EXERCISES = all_exercises()
SEED = 7


# ----------------------------------------------------------------------------------------------------- every lesson


def by_hand(name):
    """Exercises that a person grades."""
    return {c["id"].removesuffix("-why").replace("-", "_") for c in notebook(name)["cells"] if c["id"].endswith("-why")}


@pytest.fixture(scope="module", params=LESSONS)
def solution(bubblewrap, request):
    """The name of a lesson, and its solution, graded, with some cells behind it that show things."""
    name = request.param
    nb = notebook(name, "solutions")
    nb["cells"] += [own("import matplotlib.pyplot as plt\ndisplay(plt.figure())"), own("1 / 0")]
    nb["cells"] += [own("from IPython.display import HTML, Javascript\ndisplay(HTML('<b>x</b>'), Javascript('1'))")]
    return name, hand_in(nb, name=name)


def test_solution_has_full_marks(solution):
    """All that a machine can give; what a person grades waits."""
    name, graded = solution
    assert (graded.status, graded.record.cause, graded.ungraded) == ("graded", "", ())
    for e in graded.record.exercises:
        assert e.points == (None if e.name in by_hand(name) else e.max_points), e
    assert graded.record.points + graded.record.waiting == graded.record.max_points > 0


@pytest.mark.parametrize("name", LESSONS)
def test_untouched_release_has_none(name):
    """It is graded, and has 0: nobody wrote anything."""
    graded = hand_in(notebook(name), name=name)
    assert (graded.status, graded.record.cause, graded.record.points) == ("graded", "", 0)
    assert all(e.unsolved and e.points == 0 for e in graded.record.exercises)


def test_notebook_that_comes_out(solution):
    """Valid, with text and pictures only, and no path of this machine."""
    _, graded = solution
    nbformat.validate(nbformat.from_dict(graded.notebook))
    kinds = {k for c in graded.notebook["cells"] for o in c.get("outputs", []) for k in o.get("data", {})}
    assert {"text/plain"} <= kinds <= {"text/plain", "image/png"}
    written_out = json.dumps(graded.notebook)
    for path in (str(ROOT), "site-packages", "/root", "/home/"):
        assert path not in written_out
    assert graded.notebook["metadata"]["course"] == {"version": "0.1.0"}


FIGURES = (
    "plt.plot([1])\nplt.show()",
    "plt.plot([1]);",
    "plt.figure()\nplt.plot([1]);",
    "%matplotlib inline\nplt.plot([1])",
)


@pytest.mark.parametrize("source", FIGURES)
def test_pictures_are_kept(source):
    """A figure is shown in its cell, once, as it is at home."""
    graded = hand_in(written({}, first=("import matplotlib.pyplot as plt", source)))
    found = [o["data"] for o in cell(graded.notebook, "added-2")["outputs"] if "data" in o]
    assert len([data for data in found if "image/png" in data]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS[2:3])
def test_same_seed_same_record(name):
    """A grade can be made again to the digit; another seed draws other inputs for the same points."""
    nb = notebook(name, "solutions")
    for c in nb["cells"][8:]:
        c["source"] = c["source"].replace(" + ", " - ")  # some answers wrong, so that there is something to say
    one, again = (hand_in(nb, name=name, seed=SEED) for _ in range(2))
    timeless = [replace(g.record, seconds=0.0, graded_at="") for g in (one, again)]
    assert timeless[0] == timeless[1]
    assert one.notebook == again.notebook


# ------------------------------------------------------------------------------------- honest work must not suffer


class Work(NamedTuple):
    """An honest notebook: what is written where, and the points that `name` should have."""

    answers: dict
    first: tuple = ()
    last: tuple = ()
    name: str = "dot"
    earned: float = 2
    limits: dict = {}


def dot(*lines, before="", **more):
    """Work whose `dot` has these lines."""
    return Work({"dot": before + "def dot(q, items):\n" + textwrap.indent("\n".join(lines), "    ") + "\n"}, **more)


def as_dot(source, **more):
    """Work whose cell for `dot` is this source."""
    return Work({"dot": textwrap.dedent(source).strip("\n") + "\n"}, **more)


EASY = "return items @ q"

HONEST = {
    "plain": dot(EASY),
    "instance with __call__": as_dot("""
        class Scorer:
            def __call__(self, q, items):
                return items @ q

        dot = Scorer()
    """),
    "bound method": as_dot("""
        class Scorer:
            def score(self, q, items):
                return items @ q

        dot = Scorer().score
    """),
    "closure": as_dot("""
        def make(sign):
            def inner(q, items):
                return sign * (items @ q)
            return inner

        dot = make(1)
    """),
    "partial": as_dot("""
        import functools

        def scaled(by, q, items):
            return by * (items @ q)

        dot = functools.partial(scaled, 1)
    """),
    "lambda": as_dot("dot = lambda q, items: items @ q"),
    "renamed": as_dot("def mine(q, items):\n    return items @ q\n\n\ndot = mine"),
    "built-in of NumPy": as_dot("dot = lambda q, items, matmul=np.matmul: matmul(items, q)"),
    "decorated": as_dot("""
        import functools

        def logged(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                print("called", function.__name__)
                return function(*args, **kwargs)
            return inner

        @logged
        def dot(q, items):
            return items @ q
    """),
    "lru_cache within": as_dot("""
        import functools

        @functools.lru_cache
        def times(a, b):
            return a * b

        def dot(q, items):
            return [sum(times(a, b) for a, b in zip(q, item)) for item in items]
    """),
    "generator within": as_dot("""
        def rows(q, items):
            for item in items:
                yield np.sum(q * item)

        def dot(q, items):
            return list(rows(q, items))
    """),
    "keyword-only with defaults": as_dot("def dot(q, items, *, scale=1.0):\n    return scale * (items @ q)"),
    "more with defaults": as_dot("def dot(q, items, scale=1.0, **more):\n    return scale * (items @ q)"),
    "*args": as_dot("def dot(*args):\n    return args[1] @ args[0]"),
    "other names": as_dot("def dot(query, table):\n    return table @ query"),
    "tuple": dot("return tuple(items @ q)"),
    "list": dot("return [float(x) for x in items @ q]"),
    "list of NumPy scalars": dot("return [np.float64(i @ q) for i in items]"),
    "float32": dot("return (items @ q).astype(np.float32)"),
    "subclass of an array": dot("return np.asarray(np.ma.masked_array(items @ q))"),
    "read-only result": dot("x = items @ q", "x.flags.writeable = False", "return x"),
    "view of something large": dot("return np.repeat(items @ q, 1000)[::1000]"),
    "calls a helper": as_dot("def times(a, b):\n    return a @ b\n\ndef dot(q, items):\n    return times(items, q)"),
    "recursion": as_dot("""
        def dot(q, items):
            if len(q) == 1:
                return items[:, 0] * q[0]
            return items[:, 0] * q[0] + dot(q[1:], items[:, 1:])
    """),
    "prints a lot": dot("for i in range(20_000): print('working', i)", EASY),
    "warns": dot("np.log(np.zeros(3))", "np.ones(1) / 0", "import warnings; warnings.warn('careful')", EASY),
    "writes to stderr": dot("import sys", "print('x' * 50_000, file=sys.stderr)", EASY),
    "logs": dot("import logging", "logging.warning('careful')", EASY),
    "plots in the answer": dot("import matplotlib.pyplot as plt", "plt.plot(items @ q); plt.show()", EASY),
    "plots in a cell": dot(
        EASY, first=("import matplotlib.pyplot as plt\nfor _ in range(9): plt.plot([1]); plt.show()",)
    ),
    "old random numbers": dot("np.random.seed(1)", "noise = np.random.rand(3)", "return items @ q + 0 * noise[0]"),
    "new random numbers": dot("rng = np.random.default_rng()", "return items @ q + 0 * rng.normal()"),
    "seeded in a cell": dot(
        "return items @ q + 0 * np.random.rand()", first=("import numpy as np; np.random.seed(0)",)
    ),
    "global counter": as_dot("calls = 0\n\ndef dot(q, items):\n    global calls\n    calls += 1\n    return items @ q"),
    "global cache": as_dot("""
        cache = {}

        def dot(q, items):
            key = (q.tobytes(), items.tobytes())
            if key not in cache:
                cache[key] = items @ q
            return cache[key]
    """),
    "attribute as a cache": dot("dot.calls = getattr(dot, 'calls', 0) + 1", EASY),
    "slow but right": dot("import time", "time.sleep(0.05)", EASY),
    "slow once": as_dot("""
        import time
        tables = {}

        def dot(q, items):
            if not tables:
                time.sleep(2.5)
                tables["made"] = True
            return items @ q
    """),
    "top-level await": dot(EASY, first=("import asyncio\nawait asyncio.sleep(0.01)\nx = await asyncio.sleep(0, 3)",)),
    "asyncio.run": dot("import asyncio", "async def work(): return items @ q", "return asyncio.run(work())"),
    "threads": dot(
        "from concurrent.futures import ThreadPoolExecutor",
        "with ThreadPoolExecutor(4) as pool:",
        "    return list(pool.map(lambda item: item @ q, items))",
    ),
    "%matplotlib inline": dot(EASY, first=("%matplotlib inline", "%config InlineBackend.figure_format = 'retina'")),
    "%matplotlib widget": dot(EASY, first=("%matplotlib widget",)),
    "helper behind %matplotlib inline": dot(
        "return o.matmul(items, q)", first=("%matplotlib inline\nimport operator as o",)
    ),
    "%timeit": Work({"dot": DOT + "\n%timeit -n 2 -r 2 dot(np.ones(2), np.ones((3, 2)))"}),
    "%%time": Work({"dot": "%%time\n" + DOT}),
    "%autoreload": dot(EASY, first=("%load_ext autoreload\n%autoreload 2",)),
    "!pip install": dot(EASY, first=("!pip install pandas", "%pip list")),
    "display": dot("display(q)", EASY, first=("display(1, 'x', [2])",)),
    "rich objects": dot(EASY, first=("from IPython.display import HTML, Markdown, Image\nHTML('<b>x</b>')",)),
    "tqdm": dot("from tqdm.auto import tqdm", "return [item @ q for item in tqdm(items)]"),
    "input in a cell": dot(EASY, first=("name = input('Your name? ')",)),
    "input in the answer": dot("input()", EASY, earned=0),
    "type hints": as_dot("""
        from numpy.typing import ArrayLike, NDArray

        def dot(q: ArrayLike, items: "ArrayLike") -> NDArray[np.float64]:
            scores: NDArray = np.asarray(items) @ np.asarray(q)
            return scores
    """),
    "future annotations": as_dot(
        "from __future__ import annotations\n\ndef dot(q: Nowhere, items) -> Nothing:\n    return items @ q"
    ),
    "f-strings": dot("label = f'{len(items)} items: {q[0]:.2f} {items.shape!r:>10}'", EASY),
    "unicode names": as_dot(
        "def dot(q, items):\n    # größer, 中文, 🎬\n    α, Größe = q, items\n    return Größe @ α"
    ),
    "tabs and Windows lines": as_dot("def dot(q, items):\r\n\treturn items @ q\r\n"),
    "walrus and match": dot("match q:", "    case _ if (n := len(items)) >= 0: return items @ q"),
    "dataclass": as_dot("""
        from dataclasses import dataclass

        @dataclass
        class Query:
            q: np.ndarray

        def dot(q, items):
            return items @ Query(q).q
    """),
    "SciPy": dot("from scipy.spatial.distance import cdist", "return [np.inner(q, i) for i in items]"),
    "temporary file": dot("np.save('mine.npy', items)", "return np.load('mine.npy') @ q"),
    "exception caught": dot("try:", "    1 / 0", "except Exception as e:", "    pass", EASY),
    "assertions": dot("assert items.ndim == 2 and q.ndim == 1", EASY),
    "a context of NumPy": as_dot("np.seterr(all='raise')\nnp.set_printoptions(precision=1)\n" + DOT),
    "warnings as errors": as_dot("import warnings\nwarnings.simplefilter('error')\n" + DOT),
    "library function that is allowed": dot(
        "from recsys_lib.similarity import unit_rows", "unit_rows(items + 10, 'items')", EASY
    ),
    "library imported whole": Work(
        {"dot": "import recsys_lib\nfrom recsys_lib import metrics, retrieval, splits, plots\n" + DOT}
    ),
    "check called by the learner": Work({"dot": DOT + "\ncheck('dot', dot)\nyours_or_ours(dot, 'dot')"}),
    "own tests": Work(
        {"dot": DOT + "\nassert list(dot(np.array([1, 2]), np.array([[3, 4]]))) == [11]\nprint('passed')"}
    ),
    "doctest": Work({"dot": DOT + "\nimport doctest\ndoctest.testmod()"}),
    "cell prints, then raises": Work({"dot": DOT + "\nprint('before')\n1 / 0"}),
    "exit in a cell": dot(EASY, first=("exit()", "quit", "import sys; sys.exit(1)")),
    "exit in the answer": dot("exit()", EASY, earned=0),
    "interrupted": dot(EASY, first=("raise KeyboardInterrupt",)),
    "answer interrupted": dot("raise KeyboardInterrupt", earned=0),
    "%reset": dot(EASY, first=("%reset -f",)),
    "builtins hidden": dot(EASY, first=("list = [1]; print = None; sum = 3; type = 'x'; len = 9",)),
    "names of ours": dot(EASY, first=("check = answer = verdict = seed = worker = shell = 1",)),
    "np hidden": dot(EASY, first=("np = None",)),
    "calls an earlier answer": Work(
        {
            "dot": DOT,
            "cosine": "def cosine(q, items):\n    n = np.sqrt(dot(q, q[None]) * np.sum(items**2, axis=1))\n"
            "    if not np.all(n):\n        raise ValueError\n    return dot(q, items) / n\n",
        },
        name="cosine",
        earned=3,
    ),
    "measure as an argument": Work(solved("dot", "cosine", "euclidean", "rank"), name="rank", earned=4),
    "earlier name defined again later": Work({"dot": DOT, "cosine": "def dot(a, b):\n    return 'another helper'\n"}),
    "earlier name deleted later": Work({"dot": DOT}, last=("del dot", "dot = 3")),
    "cell that raises before the definition": Work({"dot": "1 / 0\n" + DOT}, earned=0),
    "unsolved": Work({}, earned=0),
    "nothing returned": dot("items @ q", earned=0),
    "no function": as_dot("dot = 3", earned=0),
    "a class": as_dot("class dot:\n    def __init__(self, q, items): pass", earned=0),
    "generator": as_dot("def dot(q, items):\n    yield items @ q", earned=0),
    "async function": as_dot("async def dot(q, items):\n    return items @ q", earned=0),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_work(name):
    """It has the points it deserves, is graded, and runs into no limit of time."""
    work = HONEST[name]
    graded = hand_in(written(work.answers, first=work.first, last=work.last), limits=Limits(**work.limits))
    assert points(graded)[work.name] == work.earned, shown(graded, f"{work.name}-check") + graded.record.cause
    assert (graded.status, graded.ungraded) == ("graded", ())
    assert "ran longer" not in graded.record.cause + shown(graded, f"{work.name}-check")


def test_a_wrong_partial_is_wrong_and_nothing_else():
    """A name is the lesson's: what has no name of its own is looked through for a line like any function."""
    source = "def dot(k, q, items):\n    return items @ q + k\n\n\ndot = functools.partial(dot, 1)"
    graded = hand_in(written({"dot": "import functools\n" + source}))
    assert (graded.record.cause, points(graded)["dot"]) == ("", 0)


def test_what_an_honest_cell_shows():
    """Output comes before the error, in its place; input() ends in an error that says so."""
    graded = hand_in(written({"dot": DOT + "print('before')\n1 / 0", "cosine": "name = input('Name? ')"}))
    assert shown(graded, "dot").split("\n")[0] == "before"
    assert "ZeroDivisionError: division by zero" in shown(graded, "dot")
    assert re.search("EOFError|StdinNotImplementedError", shown(graded, "cosine"))


def spoiling(name):
    """Exercises of a lesson that have a layer "input kept", with an answer that spoils its first argument."""
    for exercise in EXERCISES.values():
        grade_id = exercise.name.replace("_", "-")
        if "input kept" in exercise.points and grade_id in {c["id"] for c in notebook(name)["cells"]}:
            source = cell(notebook(name, "solutions"), grade_id)["source"]
            wrapper = (
                f"\n\n_{exercise.name} = {exercise.name}\n\n\n"
                f"def {exercise.name}(*args):\n    value = _{exercise.name}(*args)\n"
                "    value = tuple(map(np.array, value)) if isinstance(value, tuple) else np.array(value)\n"
                "    for a in args:\n        if isinstance(a, np.ndarray) and a.size:\n            a[...] = a == 0\n"
                "    return value\n"
            )
            yield exercise, grade_id, source + wrapper


@pytest.mark.parametrize("name", [name for name in LESSONS if any(spoiling(name))])
def test_mutating_the_input_costs_that_layer_alone(name):
    """What the function did to its arguments is seen from outside; the values are right all the same."""
    nb = notebook(name, "solutions")
    spoilt = list(spoiling(name))
    for _, grade_id, source in spoilt:
        cell(nb, grade_id)["source"] = source
    graded = hand_in(nb, name=name)
    for exercise, grade_id, _ in spoilt:
        (record,) = (e for e in graded.record.exercises if e.name == exercise.name)
        if record.mend_first:
            continue
        lost = {layer.layer for layer in record.layers if layer.points < layer.max_points}
        assert lost == {"input kept"}, (exercise.name, shown(graded, f"{grade_id}-check"))


# -------------------------------------------------------------------------------- what the course already knows, inside


@functools.cache
def module_parts(module):
    """Import lines of a module, and its definitions by name, in order; what it takes from a sibling comes first."""
    imports, parts = [], {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
            parts[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            parts[node.targets[0].id] = node
        elif isinstance(node, ast.ImportFrom) and node.module.startswith("recsys_lib.exercises."):  # not there inside
            more, siblings = module_parts(sys.modules[node.module])
            imports, parts = [*imports, *more], {**parts, **siblings}
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and "recsys_lib.checks import" not in ast.unparse(node):
            imports += [ast.unparse(node)] if "definition" not in ast.unparse(node) else []
    return imports, parts


@functools.cache
def standing_alone(function):
    """Source of a function of `recsys_lib.exercises`, with what it uses of its lesson; None where that is not plain."""
    imports, parts = module_parts(inspect.getmodule(function))
    if parts.get(function.__name__) is None or function.__closure__:
        return None
    wanted, queue = {function.__name__}, [function.__name__]
    while queue:
        for node in ast.walk(parts[queue.pop()]):
            if isinstance(node, ast.Name) and node.id in EXERCISES:  # such as `cosine.reference`: ours alone
                return None
            if isinstance(node, ast.Name) and node.id in parts and node.id not in wanted:
                wanted.add(node.id)
                queue.append(node.id)
    return "\n".join([*dict.fromkeys(imports), *(ast.unparse(node) for name, node in parts.items() if name in wanted)])


@pytest.fixture(scope="module")
def inside(bubblewrap):
    """How to run functions in a sandbox: handles for them, and the learner's notebook that they stand in."""
    opened = []

    def handles(sources: dict[str, tuple[str, str]]) -> tuple[dict[str, Handle], Learner]:
        steps = []
        for key, (name, source) in sources.items():
            steps += [Step("cell", key, source, learners=True), Step("bind", key, name)]
        learner = Learner(warm_template(), steps, Limits(notebook_seconds=100))
        opened.append(learner)
        learner.run()
        failed = {key: outputs for key, outputs in learner.outputs.items() if outputs}
        assert not failed, failed
        assert set(learner.kinds.values()) == {"callable"}
        return {key: Handle(learner, f"{key}/{name}", name, {}) for key, (name, _) in sources.items()}, learner

    yield handles
    for learner in opened:
        learner.close()


ALTERNATIVES = {
    lesson: {f"{e.name}-{f.__name__}": (e, f) for e in EXERCISES.values() if e.lesson == lesson for f in e.alternatives}
    for lesson in dict.fromkeys(e.lesson for e in EXERCISES.values())
}


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ALTERNATIVES)
def test_alternatives_are_accepted_inside(lesson, inside):
    """Each right answer that stands alone is right in the sandbox, too."""
    chosen = {key: (f.__name__, standing_alone(f)) for key, (_, f) in ALTERNATIVES[lesson].items()}
    chosen = {key: pair for key, pair in chosen.items() if pair[1]}
    assert len(chosen) >= min(6, len(ALTERNATIVES[lesson]) // 2)
    handles, _ = inside(chosen)
    for key, handle in handles.items():
        exercise = ALTERNATIVES[lesson][key][0]
        verdict = verdict_on(exercise.name, handle, SEED)
        if [layer.layer for layer in verdict.layers if not layer.passed] == ["speed"]:  # a busy machine may look slow
            verdict = verdict_on(exercise.name, handle, SEED)
        assert verdict.solved, f"{key}: {verdict}"


@functools.cache
def sampled(each=6):
    """Some misconceptions of each lesson, drawn by a seed, of those that stand alone."""
    rng = random.Random(11)
    found = {}
    for lesson in ALTERNATIVES:
        pairs = [(e, m) for e in EXERCISES.values() if e.lesson == lesson for m in e.misconceptions if not m.choices]
        pairs = [(e, m) for e, m in pairs if standing_alone(m.function)]
        found[lesson] = rng.sample(pairs, min(each, len(pairs)))
    return found


def summary(verdict):
    """All that is recorded of a verdict's layers."""
    return [
        (x.layer, x.points, x.misconception and x.misconception.name, x.hint, x.observation) for x in verdict.layers
    ]


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ALTERNATIVES)
def test_misconceptions_get_the_same_hint_inside(lesson, inside):
    """Points, hints and observations are those of self-study on the same inputs."""
    pairs = {f"{e.name}-{m.name}": (e, m) for e, m in sampled()[lesson]}
    assert len(pairs) >= 4
    handles, _ = inside({key: (m.function.__name__, standing_alone(m.function)) for key, (_, m) in pairs.items()})
    for key, handle in handles.items():
        exercise, entry = pairs[key]
        ours, theirs = verdict_on(exercise.name, entry.function, SEED), verdict_on(exercise.name, handle, SEED)
        assert summary(theirs) == summary(ours), key
        assert not theirs.solved
        assert entry.hint in [*theirs.hints, *theirs.judgement.notes], key


TAUGHT = [(e.name, name) for e in EXERCISES.values() for name in e.instead_of]


def test_the_function_to_write_earns_nothing(inside):
    """Who calls the library's own function has 0 points and is told which one to write."""
    from recsys_lib import factorization, metrics, retrieval, similarity, widgets  # noqa: F401 - each has what it teaches
    from recsys_lib._taught import TAUGHT as FUNCTIONS

    assert len(TAUGHT) >= 5
    sources = {}
    for exercise, name in TAUGHT:
        take = f"    from {FUNCTIONS[name].__module__} import {name}\n"
        sources[f"{exercise}-{name}"] = (exercise, f"def {exercise}(*args):\n{take}    return {name}(*args)")
    handles, _ = inside(sources)
    for exercise, name in TAUGHT:
        outputs, verdict = grade_cell(f"check('{exercise}', f)", "", {"f": handles[f"{exercise}-{name}"]}, SEED)
        assert verdict.points == 0, exercise
        assert name in outputs[0]["text"], outputs[0]["text"]


@pytest.mark.parametrize("error", ("FileNotFoundError", "PermissionError", "EOFError", "TimeoutError"))
def test_errors_of_files_keep_their_name(inside, error):
    """An answer that opens a missing file raised that error: it did not end its process."""
    handles, learner = inside({"f": ("dot", f"def dot(q, items):\n    raise {error}")})
    _, verdict = grade_cell("check('dot', f)", "", handles, SEED)
    raised = verdict.layers[0].failure.outcome.error
    assert isinstance(raised, OSError | EOFError)
    assert learner.ended == []


def test_record_tells_what_was_wrong():
    """The class report reads layers, hints and problems from it."""
    wrong = "def cosine(q, items):\n    return items @ q / (np.linalg.norm(items) * np.linalg.norm(q))"
    graded = hand_in(written({"dot": "dot = 3", "cosine": wrong}))
    found = {e.name: e for e in graded.record.exercises}
    assert "not a function" in found["dot"].problem
    (values,) = (layer for layer in found["cosine"].layers if layer.layer == "values")
    assert values.hint.startswith("You divided by one length for the whole table.")
    assert msgspec.json.decode(encode(graded.record), type=Record) == graded.record


@pytest.mark.parametrize(
    "answer, said",
    [
        ("def dot(q, items):\n    return table @ q", "In line 2 your function reads `table` from the notebook; it"),
        (
            "def dot(q, items):\n    return [sum(a * b for b in q) for a in items]",
            "In line 2 `sum` is no longer Python's",
        ),
    ],
)
def test_what_names_of_the_notebook_mean(answer, said):
    """A fact about them is told in a class as to a learner alone."""
    graded = hand_in(written({"dot": answer}, first=("table, sum = np.ones((3, 2)), 5",)))
    (found,) = (e for e in graded.record.exercises if e.name == "dot")
    assert found.layers[0].hint.startswith(said)


@pytest.mark.parametrize(
    "reads", [3, {"x": ["data"]}, {"x": "data", 3: "data", "y" * 99: "data"}, dict.fromkeys("ab", 7)]
)
def test_what_is_said_of_names_may_be_anything(reads):
    """It comes from a learner's process."""
    assert set(_names_read({"reads": reads})) <= {"x"}
    assert set(_names_read({"reads": dict.fromkeys(map(str, range(101)), "data")})) == set()


def test_hidden_text_stays_hidden():
    """What an answer raises or prints while it is judged is not shown: it has seen the inputs."""
    source = "def dot(q, items):\n    print('SEEN', q)\n    raise ValueError('SEEN %s' % q)"
    graded = hand_in(written({"dot": source}))
    assert "SEEN" not in json.dumps([c.get("outputs") for c in graded.notebook["cells"]])
    assert b"SEEN" not in encode(graded.record)
    assert points(graded)["dot"] == 0


def test_handles_are_not_needed_twice():
    """Names of a graded cell are those at its place, of others as they were first."""
    nb = written(
        {"dot": DOT, "cosine": "def dot(q, items):\n    return items @ q * 2\n\n\ndef cosine(q, items):\n    return 1"}
    )
    graded = hand_in(nb)
    assert points(graded)["dot"] == 2
    assert copy.deepcopy(graded.notebook)["cells"]
