"""The text of an answer: the cell that a function was written in, and the function made anew from a changed text."""

from __future__ import annotations

import ast
import linecache
import warnings
from collections.abc import Callable, Iterator
from typing import Any

MAX_TEXT = 20_000  # characters of a cell; no answer is that long
MAX_BITS = 1_000_000  # of a power of whole numbers in a changed text: a larger one takes minutes that nothing can end


def cell_of(function: Callable[..., Any]) -> str | None:
    """Return the text of the cell or file in which a function was written, or None where nobody knows it.

    A text is of use only where the function can be made from it again: one that is nested in another or wrapped by a
    decorator cannot.

    Examples
    --------
    >>> cell_of(len) is None
    True
    """
    code = getattr(function, "__code__", None)
    if code is None or getattr(function, "__closure__", None) or hasattr(function, "__wrapped__"):
        return None
    if getattr(function, "__qualname__", "") != code.co_name:
        return None
    source = "".join(linecache.getlines(code.co_filename))
    return source if defines(source, code.co_name) else None


def defines(source: str, name: str) -> bool:
    """Whether a text alone makes a function: with what it uses of the text beside it, and no decorator.

    >>> defines("def half(x):\\n    return x / 2\\n", "half"), defines("half = 2\\n", "half")
    (True, False)
    """
    if not 0 < len(source) <= MAX_TEXT:
        return False
    try:
        needed = list(definitions(ast.parse(source), name))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(needed) and not any(node.decorator_list for node in needed)


def definitions(tree: ast.Module, name: str) -> Iterator[ast.FunctionDef]:
    """Yield the definition of a function, the last of its name, and those of the functions beside it that it uses."""
    beside = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    waiting, met = [name], set()
    while waiting:
        here = waiting.pop(0)
        if here in met or here not in beside:
            continue
        met.add(here)
        yield beside[here]
        if met == beside.keys():
            return  # a walk is what making an edited answer costs most
        waiting += [node.id for node in ast.walk(beside[here]) if isinstance(node, ast.Name)]


def made_from(source: str, name: str, names: dict[str, Any]) -> Callable[..., Any] | None:
    """Return the function that a changed text defines, among the names of the notebook, which stay as they are.

    Nothing of the text is run but the definition of the function and of those beside it that it uses.

    Examples
    --------
    >>> made_from("def half(x):\\n    return x / two\\n", "half", {"two": 2})(8)
    4.0
    """
    try:
        tree = ast.parse(source)
        tree.body = list(definitions(tree, name))
        made = dict(names)
        if "**" in source:
            tree = ast.fix_missing_locations(_BoundedPowers().visit(tree))
            made[_BoundedPowers.NAME] = bounded_power
        with warnings.catch_warnings(action="ignore"):  # an edit may call a number
            code = compile(tree, "<edited>", "exec")
        exec(code, made)
    except Exception:  # a default or an annotation may raise anything
        return None
    found = made.get(name)
    return found if callable(found) else None


def bounded_power(base: Any, exponent: Any) -> Any:
    """Return ``base ** exponent``, but refuse whole numbers that would be larger than any answer needs.

    >>> bounded_power(2, 10)
    1024
    >>> bounded_power(2, 10**9)
    Traceback (most recent call last):
    ...
    OverflowError: a power of more than 1000000 bits
    """
    if isinstance(base, int) and isinstance(exponent, int) and exponent * base.bit_length() > MAX_BITS:
        raise OverflowError(f"a power of more than {MAX_BITS} bits")
    return base**exponent


class _BoundedPowers(ast.NodeTransformer):
    """Have `bounded_power` take each power: an edit may put the wrong name into an exponent."""

    NAME = "_course_power"

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Replace a power, and those inside it."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow):
            return node
        call = ast.Call(ast.Name(self.NAME, ast.Load()), [node.left, node.right], [])
        return ast.copy_location(call, node)
