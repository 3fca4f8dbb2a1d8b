"""Find out which names a cell defines and which it uses, without running it."""

from __future__ import annotations

import functools
import symtable
from collections.abc import Iterator
from typing import NamedTuple

MAX_REMEMBERED = 10_000  # characters of a source whose names are kept in memory
#: Names through which code can reach any other name of the notebook.
DYNAMIC = frozenset({"globals", "locals", "vars", "eval", "exec", "get_ipython", "__main__", "__import__"})


class Names(NamedTuple):
    """Names that a cell defines for the cells behind it, and names of the notebook that it uses."""

    defined: frozenset[str]
    used: frozenset[str]


def names_in(source: str) -> Names:
    """Return the names that a cell defines and uses; none where its source is not Python.

    Examples
    --------
    >>> defined, used = names_in("import numpy as np\\ndef f(x, y=z):\\n    return np.sum(x) + w")
    >>> sorted(defined), sorted(used)
    (['f', 'np'], ['np', 'w', 'z'])
    """
    return _remembered(source) if len(source) <= MAX_REMEMBERED else _find(source)


def _find(source: str) -> Names:
    plain = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())
    try:
        table = symtable.symtable(plain, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Names(frozenset(), frozenset())
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
