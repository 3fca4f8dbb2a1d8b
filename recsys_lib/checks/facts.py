"""What is certain about an answer from its text alone, said only where the answer is wrong."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

from recsys_lib.checks.comparison import alike
from recsys_lib.checks.outcome import Outcome

FactKind = Literal[
    "unused-argument",
    "notebook-data",
    "in-place-none",
    "early-return",
    "no-return",
    "error-returned",
    "missing-package",
    "covered-builtin",
    "same-for-all",
    "drawn-at-random",
    "changed-argument",
    "unstable-sort",
    "turned-order",
    "nudged-order",
    "never-read",
    "length-of-tuple",
]

#: Methods and functions that change what they are given and return None.
_IN_PLACE_METHODS = {"sort", "append", "extend", "insert", "reverse", "fill", "remove", "clear", "itemset", "setfield"}
_IN_PLACE_FUNCTIONS = {"fill_diagonal", "put", "place", "copyto", "putmask", "shuffle", "put_along_axis", "add.at"}
MAX_NUDGE = 1e-3  # by which entries are moved so that no two are equal
PACKAGES = "the course has NumPy and Matplotlib, and `recsys_lib`; every exercise can be solved with NumPy."


@dataclass(frozen=True)
class Fact:
    """One thing that is so, whatever the answer was meant to do.

    Attributes
    ----------
    kind : str
        Which fact it is.
    text : str
        The sentence for the learner, with the name or the line in it.
    line : int, optional
        The line in the learner's cell that it is about, from 1.
    """

    kind: FactKind
    text: str
    line: int | None = None


def facts(source: str | None, name: str, names: Mapping[str, str], asked: Collection[str] = ()) -> Iterator[Fact]:
    """Yield what is certain about a wrong answer, the gravest first.

    Parameters
    ----------
    source : str, optional
        The cell that holds the answer; nothing is certain where it is not known.
    name : str
        The function that is asked for.
    names : mapping of str to str
        What kind of thing a name means where it was written, see `recsys_lib.checks.callee.NameKind`.
    asked : collection of str
        The arguments that the exercise hands over; only these are missed where they are not used.

    Examples
    --------
    >>> def told(source):
    ...     return [fact.text for fact in facts(source, "top", {}, ["scores", "k"])]
    >>> told("def top(scores, k):\\n    return max(scores)")
    ['Your function never uses `k`, which it is given.']
    >>> told("def top(scores, k):\\n    for s in scores:\\n        return s + k")
    ['The `return` in line 3 stands inside the loop, so the first round already ends your function.']
    """
    function = _find(source or "", name)
    if function is None:
        return
    yield from _never_returns(function)
    yield from _returned_error(function)
    yield from _covered(function, names)
    yield from _kept_none(function)
    yield from _early_return(function)
    yield from _read_from_the_notebook(function, names)
    yield from _length_of_places(function)
    yield from _overwritten(function, asked)
    yield from _unused(function, asked)


def _find(source: str, name: str) -> ast.FunctionDef | None:
    """Return the definition of a function, the last one where there are several."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function, those of functions inside it left out."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)


def no_return(source: str | None, name: str) -> Iterator[Fact]:
    """Yield that a function never returns anything, where its text says so.

    >>> [fact.kind for fact in no_return("def f():\\n    print(1)", "f")]
    ['no-return']
    """
    function = _find(source or "", name)
    if function is not None:
        yield from _never_returns(function)


def empty_return(source: str | None, name: str) -> Iterator[Fact]:
    """Yield that a function returns None where a `return` stands alone.

    >>> [fact.text for fact in empty_return("def f(x):\\n    if not x:\\n        return\\n    return 1 / x", "f")]
    ['In line 3 `return` stands alone, so nothing comes back, which is None.']
    """
    function = _find(source or "", name)
    for node in _own_nodes(function) if function is not None else ():
        if isinstance(node, ast.Return) and node.value is None:
            text = f"In line {node.lineno} `return` stands alone, so nothing comes back, which is None."
            yield Fact("no-return", text, node.lineno)
            return


def _never_returns(function: ast.FunctionDef) -> Iterator[Fact]:
    nodes = list(_own_nodes(function))
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in nodes):
        return
    if not any(isinstance(node, ast.Return) and node.value is not None for node in nodes):
        prints = any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print" for n in nodes)
        more = ": it prints, which nobody can go on computing with" if prints else ""
        yield Fact("no-return", f"Your function never returns anything{more}.")


def _returned_error(function: ast.FunctionDef) -> Iterator[Fact]:
    for node in _own_nodes(function):
        if not isinstance(node, ast.Return):
            continue
        made = node.value.func if isinstance(node.value, ast.Call) else node.value
        if isinstance(made, ast.Name) and _is_error(made.id):
            yield Fact(
                "error-returned",
                f"In line {node.lineno} `{made.id}` is returned like a result, and whoever calls goes on with it; "
                "an error is raised.",
                node.lineno,
            )
            return


def _is_error(name: str) -> bool:
    meant = getattr(builtins, name, None)
    return isinstance(meant, type) and issubclass(meant, BaseException)


def _covered(function: ast.FunctionDef, names: Mapping[str, str]) -> Iterator[Fact]:
    called = {
        node.func.id: node.lineno
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and hasattr(builtins, node.func.id)
    }
    own = {
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    } | _parameters(function)
    for name, line in called.items():
        if name in own or names.get(name) in ("data", "other"):
            where = "in it" if name in own else "in your notebook"
            yield Fact(
                "covered-builtin",
                f"In line {line} `{name}` is no longer Python's own function: {where} a variable has the same name.",
                line,
            )


def _kept_none(function: ast.FunctionDef) -> Iterator[Fact]:
    for node in _own_nodes(function):
        if not isinstance(node, (ast.Assign, ast.Return)) or not isinstance(node.value, ast.Call):
            continue
        called = node.value.func
        if not isinstance(called, ast.Attribute):
            continue
        owner = ast.unparse(called.value)
        method = called.attr in _IN_PLACE_METHODS and owner not in ("np", "numpy")
        if method or (called.attr in _IN_PLACE_FUNCTIONS and owner.split(".")[0] in ("np", "numpy", "random", "rng")):
            yield Fact(
                "in-place-none",
                f"In line {node.lineno} `{called.attr}` changes what it is given and returns nothing, "
                "so what you keep is None.",
                node.lineno,
            )


def _early_return(function: ast.FunctionDef) -> Iterator[Fact]:
    for node in _own_nodes(function):
        if isinstance(node, (ast.For, ast.While)):
            for statement in node.body:
                if isinstance(statement, ast.Return):
                    yield Fact(
                        "early-return",
                        f"The `return` in line {statement.lineno} stands inside the loop, "
                        "so the first round already ends your function.",
                        statement.lineno,
                    )
                    return


def _read_from_the_notebook(function: ast.FunctionDef, names: Mapping[str, str]) -> Iterator[Fact]:
    bound = _parameters(function) | {
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    for node in ast.walk(function):  # functions inside it have arguments of their own
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    for node in ast.walk(function):
        if not isinstance(node, ast.Name) or node.id in bound or hasattr(builtins, node.id):
            continue
        if names.get(node.id) != "data":  # of what is not defined Python itself says so
            continue
        yield Fact(
            "notebook-data",
            f"In line {node.lineno} your function reads `{node.id}` from the notebook; "
            "it has to work with what it is given as arguments.",
            node.lineno,
        )
        return


def _length_of_places(function: ast.FunctionDef) -> Iterator[Fact]:
    """Yield that the length of what `np.nonzero` gives is asked for, which is that of a tuple."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "len":
            continue
        for inner in node.args[:1]:
            called = inner.func if isinstance(inner, ast.Call) and len(inner.args) < 2 else None
            if isinstance(called, ast.Attribute) and called.attr in ("nonzero", "where"):
                what = (
                    f"In line {node.lineno} `len` counts the arrays that `{called.attr}` gives, one for each dimension"
                )
                yield Fact(
                    "length-of-tuple", f"{what}; how many entries there are is the length of one of them.", node.lineno
                )
                return


def _overwritten(function: ast.FunctionDef, asked: Collection[str]) -> Iterator[Fact]:
    """Yield that an argument gets another value before anything has read it."""
    waiting = {name for name in _parameters(function) if name in asked}
    for statement in function.body:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        waiting -= {node.id for node in names if isinstance(node.ctx, ast.Load)}
        if not isinstance(statement, ast.Assign):
            continue
        for node in names:
            if node.id in waiting:
                what = f"In line {statement.lineno} your function overwrites `{node.id}`, which it is given"
                yield Fact("unused-argument", f"{what}, before anything has read it.", statement.lineno)
                return


def _unused(function: ast.FunctionDef, asked: Collection[str]) -> Iterator[Fact]:
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    arguments = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    unused = [name for name in arguments if name not in read and name in asked]
    if unused and read & set(arguments):
        listed = " and ".join(f"`{name}`" for name in unused)
        yield Fact("unused-argument", f"Your function never uses {listed}, which it is given.")


def _parameters(function: ast.FunctionDef) -> set[str]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {argument.arg for argument in every if argument is not None}


def order_of_equals(source: str | None, name: str) -> Iterator[Fact]:
    """Yield what becomes of equal entries where an answer sorts, as far as the text shows it.

    >>> def told(line):
    ...     return [fact.kind for fact in order_of_equals(f"def f(x, n):\\n    return {line}", "f")]
    >>> told("np.argsort(x)"), told("np.argsort(x, kind='stable')[-n:]"), told("np.argsort(-x, kind='stable')[:n]")
    (['unstable-sort'], ['turned-order'], [])
    >>> told("np.argsort(-(x - 1e-9 * np.arange(n)))")
    ['nudged-order']
    """
    function = _find(source or "", name)
    if function is None:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and _is_nudge(node.right):
            what = f"In line {node.lineno} each entry is moved a little by its place"
            yield Fact(
                "nudged-order", f"{what}: entries that differ by less change places, and large ones stay.", node.lineno
            )
            return
    for node in ast.walk(function):
        if _is_sort(node) and not any(keyword.arg in ("kind", "stable") for keyword in node.keywords):
            what = f"In line {node.lineno} `argsort` may put equal entries in any order"
            yield Fact("unstable-sort", f"{what}, unless it is told to keep the one they are in.", node.lineno)
            return
        if isinstance(node, ast.Subscript) and _is_sort(node.value) and _from_the_end(node.slice):
            what = f"In line {node.lineno} the order is turned round, or taken from its end"
            yield Fact("turned-order", f"{what}: of equal entries the later one then comes first.", node.lineno)
            return


def _is_nudge(node: ast.expr) -> bool:
    """Whether places are multiplied by something small, or divided by something large."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Mult, ast.Div)):
        return False
    numbers = [part.value for part in (node.left, node.right) if isinstance(part, ast.Constant)]
    small = any(isinstance(n, float) and (n < MAX_NUDGE or n > 1 / MAX_NUDGE) for n in numbers)
    places = any(isinstance(part, ast.Attribute) and part.attr == "arange" for part in ast.walk(node))
    return small and places and len(numbers) == 1


def _is_sort(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "argsort"


def _from_the_end(index: ast.expr) -> bool:
    """Whether the last slice of an index goes backwards, or begins with a minus."""
    last = index.elts[-1] if isinstance(index, ast.Tuple) and index.elts else index
    return isinstance(last, ast.Slice) and any(isinstance(part, ast.UnaryOp) for part in (last.lower, last.step))


def drawn_at_random(source: str | None, name: str) -> Iterator[Fact]:
    """Yield that an answer draws random numbers, where it is handed nothing to draw from.

    A generator with a fixed seed gives the same in every call, so a draw from it is one way to choose numbers.

    >>> [fact.text for fact in drawn_at_random("def f(n):\\n    return np.random.normal(size=n).std()", "f")]
    ['Line 2 takes random numbers; what is asked for follows from the arguments alone, without a draw.']
    >>> list(drawn_at_random("def f(n):\\n    return np.random.default_rng(0).normal(size=n).std()", "f"))
    []
    """
    function = _find(source or "", name)
    if function is None or _parameters(function) & {"rng", "seed", "generator"}:
        return
    nodes = list(_own_nodes(function))
    if any(_has_a_fixed_seed(node) for node in nodes):
        return
    for node in nodes:
        named = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
        if isinstance(node, ast.expr) and named in ("random", "default_rng"):
            text = "takes random numbers; what is asked for follows from the arguments alone, without a draw."
            yield Fact("drawn-at-random", f"Line {node.lineno} {text}", node.lineno)
            return


def _has_a_fixed_seed(node: ast.AST) -> bool:
    """Whether this makes a generator from a number that stands in the text, or seeds NumPy's own with it."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Attribute, ast.Name)):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
    seeds = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "seed")]
    numbers = [seed.value for seed in seeds if isinstance(seed, ast.Constant)]
    return called in ("default_rng", "seed", "RandomState") and any(isinstance(n, int) for n in numbers)


def never_read(source: str | None, name: str) -> Iterator[Fact]:
    """Yield that an answer works something out and does not use it.

    >>> def told(body):
    ...     return [fact.text for fact in never_read(f"def f(x):\\n{body}", "f")]
    >>> told("    y = x - 1\\n    z = 2 * y\\n    return y")
    ['In line 3 your function works out `z`, and nothing reads it.']
    >>> told("    for row in x:\\n        row = row / 2\\n    return x")
    ['In line 3 `row` becomes a name for something new; what the loop walks over stays as it was.']
    """
    function = _find(source or "", name)
    if function is None:
        return
    read = {
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            yield from _rebound(node, node.target.id)
        elif isinstance(node, ast.stmt) and (kept := _kept(node)) is not None and kept not in read:
            what = f"In line {node.lineno} your function works out `{kept}`"
            yield Fact("never-read", f"{what}, and nothing reads it.", node.lineno)


def _kept(node: ast.stmt) -> str | None:
    """Return the one name that a statement gives a value."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def _rebound(loop: ast.For, name: str) -> Iterator[Fact]:
    for place, statement in enumerate(loop.body):
        if _kept(statement) != name:
            continue
        after = (node for later in loop.body[place + 1 :] for node in ast.walk(later))
        if not any(isinstance(node, ast.Name) and node.id == name for node in after):
            what = f"In line {statement.lineno} `{name}` becomes a name for something new"
            yield Fact("never-read", f"{what}; what the loop walks over stays as it was.", statement.lineno)


@functools.cache
def used_arguments(reference: Callable[..., Any]) -> tuple[str, ...]:
    """Return the arguments that the reference reads, which an answer will need, too."""
    code = reference.__code__
    function = _find(textwrap.dedent(inspect.getsource(reference)), reference.__name__)
    arguments = code.co_varnames[: code.co_argcount]
    if function is None:
        return ()
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return tuple(name for name in arguments if name in read)


def same_for_all(expected: list[Outcome], got: list[Outcome]) -> bool:
    """Whether an answer returned one and the same on inputs that ask for different things."""
    both = [(e.value, g.value) for e, g in zip(expected, got, strict=True) if e.how == g.how == "returned"]
    if len(both) < 3 or len(both) < sum(e.how == "returned" for e in expected):
        return False
    (first_e, first_g), *others = both
    if first_g is None or not all(alike(first_g, g) for _, g in others):
        return False
    return any(not alike(first_e, e) for e, _ in others)


def changed_argument(source: str | None, name: str, changed: Collection[str], costs: bool) -> Fact:
    """Say that arguments were changed, and where, as far as the text shows it.

    Parameters
    ----------
    source : str, optional
        The cell that holds the answer.
    name : str
        The function.
    changed : collection of str
        The arguments that a call has changed.
    costs : bool
        Whether that is all that is wrong, so that the price is to be said.

    Examples
    --------
    >>> changed_argument("def f(x):\\n    x += 1\\n    return x", "f", ["x"], False).text
    'Line 2 changes `x`, which its caller still needs: work on a copy.'
    """
    function = _find(source or "", name)
    line = None if function is None else _changing_line(function, set(changed))
    what = " and ".join(f"`{argument}`" for argument in sorted(changed))
    price = " That costs one point." if costs else ""
    start = "Your function" if line is None else f"Line {line}"
    text = f"{start} changes {what}, which its caller still needs: work on a copy.{price}"
    return Fact("changed-argument", text, line)


def _changing_line(function: ast.FunctionDef, same: set[str]) -> int | None:
    """Return the first line that writes into an argument, or into another name for it or for a part of it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _root(node.value) in same:
            same |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, (ast.For, ast.comprehension)):
            parts = {_root(part) for part in ast.walk(node.iter) if isinstance(part, ast.Name)}
            if parts & same:
                same |= {part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)}
    lines = [node.lineno for node in ast.walk(function) if isinstance(node, ast.stmt) and _writes_into(node, same)]
    return min(lines, default=None)


def _writes_into(node: ast.stmt, same: set[str]) -> bool:
    if isinstance(node, ast.AugAssign):
        return _root(node.target) in same
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Subscript) and _root(target) in same for target in node.targets)
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    call = node.value
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr in _IN_PLACE_METHODS and _root(call.func.value) in same:
        return True
    return call.func.attr in (*_IN_PLACE_FUNCTIONS, "at") and bool(call.args) and _root(call.args[0]) in same


def _root(node: ast.expr) -> str | None:
    """Return the name whose numbers an expression shares: of `x`, `x[0]`, `x.T` and `np.asarray(x)` it is `x`."""
    while True:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, (ast.Subscript, ast.Attribute)):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr not in ("asarray", "atleast_2d", "ravel", "reshape"):
                return None
            node = node.args[0]
        else:
            return None
