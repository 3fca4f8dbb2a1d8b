"""Find out which names a cell defines and which it uses, without running it."""

from __future__ import annotations

import ast
import functools
import re
import symtable
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

MAX_REMEMBERED = 10_000  # characters of a source whose names are kept in memory
#: Names through which code can reach any other name of the notebook.
DYNAMIC = frozenset({"globals", "locals", "vars", "eval", "exec", "get_ipython", "__main__", "__import__"})
#: Magics that run the code behind them. What `%timeit` assigns is gone when it has ended.
RUN_CODE = frozenset({"time", "timeit", "prun", "capture"})
MAX_NESTED = 5  # a `%time` in a `%%time` in a `%%capture`, and two more
_UNREADABLE = (SyntaxError, ValueError, RuntimeError, MemoryError, tokenize.TokenError)
_NOT_PYTHON = re.compile("[%!?]|^ *(?:time|timeit|prun) ")  # in a cell of one line IPython does without the `%`
_BARE = re.compile(r"^ *(?=(?:time|timeit|prun) [^\n]*\s*$)")
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\S\n]*([^\n]*)\n")
_FILLED_IN = re.compile(r"\{([^{}\n]+)\}|\$(\w+)")  # what IPython puts into a command of the system


class Names(NamedTuple):
    """Names that a cell defines for the cells behind it, and names of the notebook that it uses."""

    defined: frozenset[str]
    used: frozenset[str]


def names_in(source: str) -> Names:
    """Return the names that a cell defines and uses; none where its source is neither Python nor IPython's.

    Examples
    --------
    >>> defined, used = names_in("%time x = f(y)\\nfiles = !ls {folder}\\nnp.sum?")
    >>> sorted(defined), sorted(used)
    (['files', 'x'], ['f', 'folder', 'np', 'y'])
    >>> defined, used = names_in("import numpy as np\\ndef f(x, y=z):\\n    return np.sum(x) + w")
    >>> sorted(defined), sorted(used)
    (['f', 'np'], ['np', 'w', 'z'])
    """
    return _remembered(source) if len(source) <= MAX_REMEMBERED else _find(source)


def python_of(source: str) -> str | None:
    """Return a cell as Python with the same lines: IPython's own syntax as calls; None where it is no code at all.

    Examples
    --------
    >>> python_of("%%time\\nx = 1\\nx?")
    "\\nx = 1\\nget_ipython().run_line_magic('pinfo', 'x')\\n"
    """
    if not _NOT_PYTHON.search(source) or _is_python(source):
        return source
    from IPython.core.inputtransformer2 import TransformerManager  # takes half a second, and few cells need it

    heads, body = _without_cell_magics(source)
    if not RUN_CODE.issuperset(name for name, _ in heads):
        return None
    try:
        made = str(TransformerManager().transform_cell(_BARE.sub("%", body)))  # type: ignore[no-untyped-call]  # IPython's
    except _UNREADABLE:
        return None
    return "\n" * (len(body) - len(body.lstrip("\n"))) + made.lstrip("\n")


def _without_cell_magics(source: str) -> tuple[list[tuple[str, str]], str]:
    """Return name and line of each magic that a whole cell is given to, and the cell with these lines empty."""
    heads: list[tuple[str, str]] = []
    while found := _CELL_MAGIC.match(source):
        heads.append((found[1], found[2]))
        source = "\n" * found[0].count("\n") + source[found.end() :]
        if len(heads) == MAX_NESTED:
            break
    return heads, source


def _find(source: str, nested: int = 0) -> Names:
    try:
        return _in_scopes(symtable.symtable(source, "cell", "exec"))
    except _UNREADABLE:  # most cells are Python, and reading them once is all that it takes
        pass
    try:
        return _in_ipython(source, nested) if nested < MAX_NESTED else Names(frozenset(), frozenset())
    except _UNREADABLE:
        return Names(frozenset(), frozenset())


def _in_ipython(source: str, nested: int) -> Names:
    """Return the names of a cell that is not Python by itself, those in the code that its magics run among them."""
    python = python_of(source)
    if python is None:
        return Names(frozenset(), frozenset())
    magics = _Magics()
    tree = magics.visit(ast.parse(python))
    found = [_in_scopes(symtable.symtable(ast.unparse(tree), "cell", "exec"))]
    heads, _ = _without_cell_magics(source)
    if "timeit" in dict(heads):
        found = [Names(frozenset(), found[0].used)]
    for method, *texts in [*magics.calls, *(("run_line_magic", *head) for head in heads)]:
        name, text = texts if method == "run_line_magic" and len(texts) == 2 else ("", texts[-1] if texts else "")
        if name == "capture":
            found.append(Names(frozenset(re.findall(r"(?<!\S)[^\W\d]\w*", text)[:1]), frozenset()))
        elif name in RUN_CODE or name.startswith(("pinfo", "psearch")):
            inside = _find(_without_options(text), nested + 1)
            found.append(inside if name != "timeit" else Names(frozenset(), inside.used))
        used = (names_in(expression or word).used for expression, word in _FILLED_IN.findall(text))
        found.append(Names(frozenset(), frozenset().union(*used)))
    return Names(*(frozenset().union(*each) for each in zip(*found, strict=True)))


class _Magics(ast.NodeTransformer):
    """Takes the calls that IPython makes of its own syntax out of a tree, and keeps what they are given."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(ast.Attribute(ast.Call(ast.Name("get_ipython"), [], []), method), args, []):
                self.calls.append((method, *(str(arg.value) for arg in args if isinstance(arg, ast.Constant))))
                return ast.Constant(None)
        return self.generic_visit(node)


def _without_options(text: str) -> str:
    """Return the code behind the options of a magic.

    >>> _without_options("-n 10 -r3 f(x)")
    'f(x)'
    """
    text = text.strip()
    has_options = text.startswith("-")
    while has_options and (text.startswith("-") or not _is_python(text)):
        text = text.partition(" ")[2].strip()
    return text


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except _UNREADABLE:
        return False
    return True


def _in_scopes(table: symtable.SymbolTable) -> Names:
    """Return the names of a cell's own scope, and of those inside as far as they reach out of it."""
    defined, used = set(), set()
    for symbol in _symbols(table):
        if symbol.is_assigned() or symbol.is_imported():
            defined.add(symbol.get_name())
        if symbol.is_referenced():
            used.add(symbol.get_name())
    inner = list(table.get_children())
    while inner:
        scope = inner.pop()
        inner += scope.get_children()
        for symbol in _symbols(scope):
            if symbol.is_global():
                used.add(symbol.get_name())
                if symbol.is_declared_global() and symbol.is_assigned():
                    defined.add(symbol.get_name())
    return Names(frozenset(defined), frozenset(used))


def _symbols(scope: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    """Yield the names of a scope in steps that grow with their number alone.

    Python's own `get_symbols` looks through all scopes inside for each name, to say which of them it stands for: with
    30,000 names and 30,000 functions that takes minutes.
    """
    for name, flags in scope._table.symbols.items():  # type: ignore[attr-defined]  # Python's own, from which it reads
        yield symtable.Symbol(name, flags)


_remembered = functools.lru_cache(maxsize=500)(_find)  # most cells of a submission are the lesson's own
