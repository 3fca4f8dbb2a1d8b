"""Machine-made wrong answers: a reference with one operator, axis, bound or constant changed."""

from __future__ import annotations

import ast
import copy
import inspect
import random
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

_OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.USub: ast.UAdd,
    ast.BitAnd: ast.BitOr,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ATTRIBUTES = {"sum": "mean", "argmax": "argmin", "argmin": "argmax", "sqrt": "square", "max": "min", "min": "max"}


def mutants(function: Callable[..., Any], *, most: int = 12, seed: int = 0) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield (what was changed, the changed function), a seeded sample of at most ``most``."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    if isinstance(definition.body[0], ast.Expr) and isinstance(definition.body[0].value, ast.Constant):
        definition.body = definition.body[1:] or [ast.Pass()]  # the docstring
    found = [(place, change) for place, node in enumerate(ast.walk(definition)) for change in _changes(node)]
    random.Random(seed).shuffle(found)
    for place, (label, change) in found[:most]:
        changed = copy.deepcopy(tree)
        node = list(ast.walk(changed.body[0]))[place]
        line = getattr(node, "lineno", "?")
        change(node)
        namespace = dict(function.__globals__)
        exec(compile(ast.fix_missing_locations(changed), "<mutant>", "exec"), namespace)
        yield f"{label} in line {line}", namespace[definition.name]


def may_not_end(function: Callable[..., Any]) -> bool:
    """Whether a function has a loop that a change may keep from ending."""
    return any(
        isinstance(node, ast.While) for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function))))
    )


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    """Yield the one-place changes that a node allows."""
    operator = getattr(node, "op", None)
    if type(operator) in _OPERATORS:
        other = _OPERATORS[type(operator)]
        yield f"{type(operator).__name__} -> {other.__name__}", lambda n, other=other: setattr(n, "op", other())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OPERATORS:
        other = _OPERATORS[type(node.ops[0])]
        yield f"{type(node.ops[0]).__name__} -> {other.__name__}", lambda n, other=other: n.ops.__setitem__(0, other())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in (node.value + 1, 1 - node.value if node.value in (0, 1) else node.value / 2):
            yield f"{node.value} -> {value}", lambda n, value=value: setattr(n, "value", value)
    if isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
        yield f"{node.attr} -> {_ATTRIBUTES[node.attr]}", lambda n: setattr(n, "attr", _ATTRIBUTES[n.attr])
    if isinstance(node, ast.keyword) and node.arg == "axis":
        yield "axis dropped", lambda n: setattr(n, "value", ast.Constant(None))
