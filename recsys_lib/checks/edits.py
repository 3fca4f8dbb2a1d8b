"""The catalogue of small edits: one place of a function changed, as a reader would mend it or break it.

Used twice: `recsys_lib.checks.lines` looks for the one edit that makes a wrong answer right, to say where to look; the
tests make of right answers the wrong ones that a check must not let pass. An edit replaces one piece of the text and
leaves the rest as it is, so that a line keeps its number.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from recsys_lib.checks.cell import definitions

MAX_EDITS = 1200  # of one answer; what is longer is no answer to an exercise of ours
MAX_NAMES = 8  # that are tried in the place of one
MAX_SHOWN = 60  # characters of a piece

#: What each kind of edit is about, the kinds that mend most of what is tried first; the question goes behind the piece.
QUESTIONS = {
    "operation": "is that the operation that is asked for?",
    "function": "does this function do what is asked for?",
    "condition": "when is this true, and when should it be?",
    "comparison": "which entries pass here, and does the boundary itself belong to them?",
    "axis": "which direction does it work along, and which do you need?",
    "step too many": "what does this step do, and is that what is asked for?",
    "grouping": "what is computed first, and what belongs together?",
    "error": "what does the prompt ask for in this case?",
    "ties": "in which order do equal entries come out of it?",
    "how often": "how often does this line run, and how often should it?",
    "line": "what does this line do, and is it needed?",
    "order": "which of the two comes first?",
    "copy": "whose numbers are changed here, yours or the caller's?",
    "type": "of what type is this, and can that hold what is asked for?",
    "number": "is that the right number, for every input?",
    "sign": "is its sign the right one?",
    "variable": "is that what belongs in this place?",
    "entries": "which entries are taken here, in which order, and which do you need?",
    "turned": "what stands in its rows, and what in its columns?",
    "step missing": "is that what is asked for, or is a step still missing?",
}

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
_INSTEAD = {
    "+": "-*",
    "-": "+/",
    "*": ["/", "@", "+"],
    "/": ["*", "-"],
    "**": ["*", "/"],
    "//": "/",
    "%": ["/", "//"],
    "@": "*",
    "&": "|",
    "|": "&",
    "^": ["**"],
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_COMPARE_INSTEAD = {
    "<": ["<=", ">", ">="],
    "<=": ["<", ">=", ">", "=="],
    ">": [">=", "<", "<=", "!="],
    ">=": [">", "<=", "<"],
    "==": ["!=", "<=", ">="],
    "!=": ["==", ">"],
    "in": ["not in"],
    "not in": ["in"],
    "is": ["=="],
    "is not": ["!="],
}
#: What people write one for the other.
_FUNCTIONS = [
    tuple(pair.split())
    for pair in (
        "sum mean, mean sum, max min, min max, argmax argmin, argmin argmax, sqrt square, square sqrt, any all, "
        "all any, zeros ones, ones zeros, nansum sum, nanmean mean, median mean, mean median, std var, var std, "
        "floor ceil, ceil floor, round ceil, exp log, log exp, log log1p, log10 log, log2 log, sort argsort, "
        "argsort sort, argpartition argsort, hstack vstack, cumsum sum, dot multiply, multiply dot, outer dot, "
        "dot outer, eig eigh, maximum minimum, minimum maximum, logical_and logical_or, logical_or logical_and, "
        "count_nonzero sum, sum count_nonzero, corrcoef cov, cov corrcoef, normal uniform, uniform normal, "
        "flatten copy, len sum, prod sum, eye ones, pinv inv, append extend, extend append"
    ).split(", ")
]
_WRAPS = ("np.sqrt({})", "np.abs({})", "np.square({})", "np.argsort({})", "np.unique({})", "np.linalg.norm({})")
_ROOM_MAKERS = {"zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like", "array"}
_ERRORS = ("ValueError", "TypeError")

Place = tuple[int, int]  # line, from 1, and place in the line, counted in bytes as `ast` does


@dataclass(frozen=True)
class Edit:
    """One small change of a text.

    Attributes
    ----------
    kind : str
        What it is about: a key of `QUESTIONS`.
    line, last : int
        The first and the last line that it touches, from 1.
    piece : str
        The learner's own text at the place, of one line.
    place : pair of int
        Where the piece begins and ends in the text, in bytes.
    source : str
        The whole text as it is after the change.
    """

    kind: str
    line: int
    last: int
    piece: str
    place: tuple[int, int]
    source: str


@dataclass(frozen=True)
class Link:
    """Two lines of a text that hang together.

    Attributes
    ----------
    line : int
        From 1: the line that gives a name its value, or one that runs in an ``if``.
    of : int
        The line itself, or that of the ``if``.
    name : str
        The name; none for an ``if``.
    """

    line: int
    of: int
    name: str = ""


def links(source: str | None, name: str) -> Iterator[Link]:
    """Yield which lines give names their values, and which run in an ``if``.

    Parameters
    ----------
    source : str, optional
        The text of a cell that `edits` can read.
    name : str
        The function that it defines.

    Examples
    --------
    >>> list(links("def f(x):\\n    if x:\\n        y = 1\\n    return y\\n", "f"))
    [Link(line=3, of=2, name=''), Link(line=3, of=3, name='y')]
    """
    for node in ast.walk(ast.parse(source or "")):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield Link(node.lineno, node.lineno, node.id)
        elif isinstance(node, ast.If):
            yield from (Link(statement.lineno, node.lineno) for statement in node.body)


def edits(source: str | None, name: str) -> Iterator[Edit]:
    """Yield every edit of the catalogue that the text allows, the likeliest kinds first.

    Parameters
    ----------
    source : str, optional
        The text of a cell. Nothing is yielded where it is not known, or where Python cannot read it.
    name : str
        The function that is changed, with those of the text that it uses.

    Examples
    --------
    >>> found = list(edits("def half(x):\\n    return x * 2\\n", "half"))
    >>> [(edit.kind, edit.piece) for edit in found][:3]
    [('operation', 'x * 2'), ('operation', 'x * 2'), ('operation', 'x * 2')]
    >>> any("(x) / (2)" in edit.source for edit in found)
    True
    """
    if source is None:
        return
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    functions = list(definitions(tree, name))
    text = _Text(source, functions)
    found = list(itertools.islice(_all_edits(functions, text), MAX_EDITS))
    rank = {kind: place for place, kind in enumerate(QUESTIONS)}
    seen = {source}
    for edit in sorted(found, key=lambda edit: rank[edit.kind]):
        if edit.source not in seen:
            seen.add(edit.source)
            yield edit


def _all_edits(functions: Iterable[ast.FunctionDef], text: _Text) -> Iterator[Edit]:
    for function in functions:
        yield from map(text.edited, _changes(function, text))
        yield from _everywhere(function, text)


def _everywhere(function: ast.FunctionDef, text: _Text) -> Iterator[Edit]:
    """Yield the edits of all pieces at once that are alike: people make the same mistake wherever it can be made."""
    numbers: dict[float, list[ast.expr]] = {}
    calls: dict[str, list[ast.Call]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and node.value not in (0, 1):
            numbers.setdefault(node.value, []).append(node)
        elif isinstance(node, ast.Call) and len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
            calls.setdefault(text.piece(node.func), []).append(node)
    for nodes in filter(_several, numbers.values()):
        for name in _Scope(function).parameters[:MAX_NAMES]:
            yield text.edited_at("number", nodes, [name] * len(nodes))
    for called, found in calls.items():
        if not _several(found):
            continue
        arguments = [text.piece(node.args[0]) for node in found]
        if len(set(arguments)) == 1 and arguments[0] in _Scope(function).parameters:
            for other in _Scope(function).parameters[:MAX_NAMES]:
                yield text.edited_at("variable", found, [f"{called}({other})"] * len(found))
        yield text.edited_at("step too many", found, [f"({argument})" for argument in arguments])
        name = called.rpartition(".")[2]
        others = [called[: len(called) - len(name)] + other for one, other in _FUNCTIONS if one == name]
        for other in others:
            yield text.edited_at("function", found, [f"{other}({argument})" for argument in arguments])
        if name in _BY_AXIS and not any(node.keywords for node in found):
            for axis in "10":
                yield text.edited_at("axis", found, [f"{called}({argument}, axis={axis})" for argument in arguments])


def _several(nodes: Sequence[ast.expr]) -> bool:
    """Whether there are two pieces or more, none within another."""
    places = sorted(_span(node) for node in nodes)
    return len(places) > 1 and all(end <= start for (_, end), (start, _) in itertools.pairwise(places))


@dataclass(frozen=True)
class _Change:
    kind: str
    start: Place
    end: Place
    new: str
    shown: ast.AST  # the piece that a reader is pointed to


class _Text:
    """A text whose pieces are named by the places that `ast` gives."""

    def __init__(self, source: str, functions: Iterable[ast.AST] = ()) -> None:
        self._parents = {
            part: node for root in functions for node in ast.walk(root) for part in ast.iter_child_nodes(node)
        }
        self.lines = [line.encode() for line in source.splitlines(keepends=True)]
        self.offsets = [0]
        for line in self.lines:
            self.offsets.append(self.offsets[-1] + len(line))
        self.data = b"".join(self.lines)

    def at(self, place: Place) -> int:
        return self.offsets[place[0] - 1] + place[1]

    def piece(self, node: ast.AST) -> str:
        start, end = _span(node)
        return self.data[self.at(start) : self.at(end)].decode()

    def edited(self, change: _Change) -> Edit:
        source = self.data[: self.at(change.start)] + change.new.encode() + self.data[self.at(change.end) :]
        start, end = _span(change.shown)
        piece = self.piece(self._told_apart(change.shown))
        if start[0] != end[0]:
            piece = piece.splitlines()[0].rstrip()
        place = self.at(start), self.at(end)
        return Edit(change.kind, change.start[0], change.end[0], _shortened(piece), place, source.decode())

    def _told_apart(self, node: ast.AST) -> ast.AST:
        """Return the smallest expression around a piece whose text its line holds only once."""
        shown: ast.AST | None = node
        while isinstance(shown, ast.expr) and shown.lineno == shown.end_lineno:
            line = self.lines[shown.lineno - 1].decode()
            if len(re.findall(rf"(?<![\w.]){re.escape(self.piece(shown))}(?!\w)", line)) < 2:
                return shown
            shown = self._parents.get(shown)
        return node

    def edited_at(self, kind: str, nodes: Sequence[ast.expr], new: Sequence[str]) -> Edit:
        """Make one edit of several pieces; the first of them is shown."""
        pairs = sorted(zip(map(_span, nodes), new, strict=True))
        data = self.data
        for (start, end), piece in reversed(pairs):
            data = data[: self.at(start)] + piece.encode() + data[self.at(end) :]
        (first, _), *_, (last, _) = pairs
        shown = min(nodes, key=_span)
        place = self.at(first[0]), self.at(first[1])
        return Edit(kind, first[0][0], last[0][0], _shortened(self.piece(shown).splitlines()[0]), place, data.decode())


def _shortened(piece: str) -> str:
    return piece if len(piece) <= MAX_SHOWN else piece[:MAX_SHOWN] + " ..."


def _span(node: ast.AST) -> tuple[Place, Place]:
    # an expression or a statement, which all have places
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]


def _changes(function: ast.AST, text: _Text) -> Iterator[_Change]:
    scope = _Scope(function)
    for parent in ast.walk(function):
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.arguments) or _is_docstring(node, parent):
                continue
            if isinstance(node, ast.stmt):
                yield from _statement(node, parent, text, scope)
            elif isinstance(node, ast.keyword):
                yield from _keyword(node, parent, text)
            elif isinstance(node, ast.expr) and not _written(node) and node not in scope.annotations:
                for make in _EXPRESSIONS:
                    yield from make(node, parent, text, scope)


def _is_docstring(node: ast.AST, parent: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(parent, ast.FunctionDef)


def _written(node: ast.expr) -> bool:
    """Whether an expression is written to, or is text."""
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return not isinstance(node, ast.Subscript)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


_PLAIN = (ast.Constant, ast.Name, ast.Tuple, ast.Slice)  # an index that chooses by no condition


class _Scope:
    """The names of a function: its arguments, and what it assigns."""

    def __init__(self, function: ast.AST) -> None:
        self.parameters: list[str] = []
        self.own: list[str] = []
        self.annotations: set[ast.AST] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.arguments):
                self.parameters += [argument.arg for argument in (*node.posonlyargs, *node.args, *node.kwonlyargs)]
                for argument in ast.walk(node):
                    if isinstance(argument, ast.arg) and argument.annotation:
                        self.annotations |= set(ast.walk(argument.annotation))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.own.append(node.id)
            if isinstance(node, ast.FunctionDef):
                for part in (*node.decorator_list, *filter(None, [node.returns])):
                    self.annotations |= set(ast.walk(part))
        self.names = list(dict.fromkeys([*self.parameters, *self.own]))
        read = [
            node for node in ast.walk(function) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
        ]
        #: By what entries are chosen, such as ``row != 0``.
        self.indices = list(
            dict.fromkeys(ast.unparse(node.slice) for node in read if not isinstance(node.slice, _PLAIN))
        )
        #: What is taken of a table by one name, such as ``users[u]``.
        self.entries = list(dict.fromkeys(ast.unparse(node) for node in read if isinstance(node.slice, ast.Name)))


def _new(kind: str, node: ast.AST, new: str, shown: ast.AST | None = None) -> _Change:
    start, end = _span(node)
    return _Change(kind, start, end, new, shown or node)


# ------------------------------------------------------------------------------------------------- expressions

Maker = Callable[[ast.expr, ast.AST, _Text, _Scope], Iterator[_Change]]


def _operations(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """Another operator; the two sides exchanged; one side dropped; another grouping."""
    if not isinstance(node, ast.BinOp):
        return
    sign = _ARITHMETIC.get(type(node.op))
    if sign is None:
        return
    left, right = text.piece(node.left), text.piece(node.right)
    whole = f"({left})", f"({right})"
    others = [*_INSTEAD[sign], *(["**"] if sign == "*" and isinstance(node.right, ast.Constant) else [])]
    for other in others:
        yield _new("operation", node, f"({whole[0]} {other} {whole[1]})")
    if sign == "*":
        yield _new("operation", node, f"np.outer({left}, {right})")
    if sign in "-/**//%@":
        yield _new("order", node, f"({whole[1]} {sign} {whole[0]})")
    if sign == "@":
        for one, other in (whole, whole[::-1]):
            yield _new("turned", node, f"({one}.T {sign} {other})")
            yield _new("turned", node, f"({one} {sign} {other}.T)")
    yield _new("step too many", node, whole[0])
    yield _new("step too many", node, whole[1])
    yield from _groupings(node, sign, text)
    yield from _powers_of_sums(node, text)


def _groupings(node: ast.BinOp, sign: str, text: _Text) -> Iterator[_Change]:
    left, right = node.left, node.right
    if isinstance(left, ast.BinOp) and (inner := _ARITHMETIC.get(type(left.op))):
        a, b, c = text.piece(left.left), text.piece(left.right), text.piece(right)
        yield _new("grouping", node, f"(({a}) {inner} (({b}) {sign} ({c})))")
        if inner == "/" and sign in "*/":
            yield _new("grouping", node, f"(({a}) / (({b}) * ({c})))")
        if sign == "/" and isinstance(left.right, ast.BinOp) and isinstance(left.right.op, ast.Pow):
            base, power = text.piece(left.right.left), text.piece(left.right.right)
            yield _new("grouping", node, f"(({a}) {inner} (({base}) ** (({power}) / ({c}))))")
    if isinstance(right, ast.BinOp) and (inner := _ARITHMETIC.get(type(right.op))):
        a, b, c = text.piece(left), text.piece(right.left), text.piece(right.right)
        yield _new("grouping", node, f"((({a}) {sign} ({b})) {inner} ({c}))")


def _powers_of_sums(node: ast.BinOp, text: _Text) -> Iterator[_Change]:
    """The power of a sum for the sum of powers, and of a mean likewise."""
    call = node.left
    if not isinstance(node.op, ast.Pow) or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return
    if call.func.attr in ("sum", "mean"):
        called, power = text.piece(call.func.value), text.piece(node.right)
        options = [text.piece(part) for part in call.args] + [f"{k.arg}={text.piece(k.value)}" for k in call.keywords]
        if called in ("np", "numpy") and options:
            called, *options = options
        yield _new("grouping", node, f"(({called}) ** ({power})).{call.func.attr}({', '.join(options)})")


def _compared(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """Another comparison."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in _COMPARISONS:
        return
    sign = _COMPARISONS[type(node.ops[0])]
    left, right = text.piece(node.left), text.piece(node.comparators[0])
    for other in _COMPARE_INSTEAD[sign]:
        yield _new("comparison", node, f"(({left}) {other} ({right}))")
    if sign in ("<", ">="):
        yield _new("comparison", node, f"(({left}) {sign} ({right}) + 1)")
    if right.strip() == "np.nan" and sign in ("==", "!="):
        yield _new("comparison", node, f"({'~' * (sign == '!=')}np.isnan({left}))")


def _truth(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """`and` for `or`, one side dropped, `not` added or dropped."""
    if isinstance(node, ast.BoolOp):
        parts = [text.piece(part) for part in node.values]
        other = " or " if isinstance(node.op, ast.And) else " and "
        yield _new("condition", node, "(" + other.join(f"({part})" for part in parts) + ")")
        if len(parts) == 2:
            for part in parts:
                yield _new("condition", node, f"({part})")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
        yield _new("condition", node, f"({text.piece(node.operand)})")
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Name):  # which 0 fulfils, too
            yield _new("condition", node, f"({node.operand.id} is None)")
    elif isinstance(node, ast.IfExp):
        test, body, other = map(text.piece, (node.test, node.body, node.orelse))
        yield _new("condition", node, f"(({other}) if ({test}) else ({body}))")
        yield _new("step too many", node, f"({body})")
        yield _new("step too many", node, f"({other})")
    if isinstance(parent, (ast.If, ast.While, ast.IfExp)) and node is parent.test:
        yield _new("condition", node, f"not ({text.piece(node)})")


def _signs(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """A minus dropped, or put in front."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield _new("sign", node, f"({text.piece(node.operand)})")
    written_to = isinstance(parent, ast.Assign) and node is not parent.value
    if written_to or isinstance(node, ast.Starred):
        return
    if isinstance(parent, (ast.Return, ast.Assign, ast.Call, ast.BinOp, ast.Subscript, ast.Lambda, ast.Tuple)):
        is_function = isinstance(parent, ast.Call) and node is parent.func
        is_owner = isinstance(parent, ast.Subscript) and node is parent.value
        if not is_function and not is_owner and not isinstance(node, (ast.Slice, ast.Tuple, ast.Lambda, ast.List)):
            yield _new("sign", node, f"(-({text.piece(node)}))")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "argsort":
        for argument in node.args[:1]:
            yield _new("sign", node, f"np.argsort(-({text.piece(argument)}), kind='stable')")


def _numbers(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """A near number, a number that people confuse it with, or an argument in its place."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, (int, float)):
        return
    if isinstance(node.value, bool):
        yield _new("number", node, str(not node.value))
        return
    # where a number stands in a comparison, it is seldom the number that is wrong
    kind, shown = ("condition", parent) if isinstance(parent, ast.Compare) else ("number", node)
    value: float = node.value
    near: list[float] = [value + 1, value - 1] if isinstance(value, int) else []
    others = [*near, 0, 1, 2, -1, 0.5, value * 2, value / 2, -value]
    for other in dict.fromkeys(o for o in others if o != value or type(o) is not type(value)):
        if isinstance(parent, ast.UnaryOp) and other < 0:
            continue
        yield _new(kind, node, f"({other!r})" if other < 0 else repr(other), shown)
    for name in scope.parameters[:MAX_NAMES]:
        yield _new(kind, node, name, shown)
        yield _new(kind, node, f"len({name})", shown)
        yield _new(kind, node, f"{name}.shape[1]", shown)
    if isinstance(parent, ast.Call) and isinstance(value, int):
        yield _new("number", node, "None")


def _variables(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """Another argument or variable of the function; the transpose of one; a copy of one."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    is_function = isinstance(parent, ast.Call) and node is parent.func
    if is_function or (isinstance(parent, ast.Attribute) and not _has(scope, node.id)):
        return
    if isinstance(parent, ast.Attribute) and hasattr(builtins, node.id):
        return
    # a list that is put into itself has no end
    itself = text.piece(parent.func).partition(".")[0] if isinstance(parent, ast.Call) else None
    for name in scope.names[: 2 * MAX_NAMES]:
        if name not in (node.id, itself):
            yield _new("variable", node, name)
    if not _has(scope, node.id):
        return
    if not isinstance(parent, ast.Attribute):
        yield _new("turned", node, f"{node.id}.T")
        yield _new("copy", node, f"np.array({node.id}, copy=True)")
        yield _new("type", node, f"np.array({node.id}, dtype=float)")
        yield _new("step missing", node, f"(1 - {node.id})")


def _has(scope: _Scope, name: str) -> bool:
    """Whether a name is an argument or an own variable of a function."""
    return name in scope.names


def _attributes(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """A transpose dropped; the other entry of a shape."""
    if isinstance(node, ast.Attribute):
        owner = text.piece(node.value)
        if node.attr == "T":
            yield _new("turned", node, owner)
        elif node.attr == "size":
            yield _new("number", node, f"len({owner})")
            yield _new("number", node, f"{owner}.shape[1]")


def _calls(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """Another function, none at all, arguments exchanged, a direction or a type or a tie rule added."""
    if not isinstance(node, ast.Call) or any(isinstance(part, ast.Starred) for part in node.args):
        return
    called = text.piece(node.func)
    name = called.rpartition(".")[2]
    arguments = [text.piece(part) for part in node.args]
    keywords = [f"{part.arg}={text.piece(part.value)}" for part in node.keywords if part.arg]
    method = isinstance(node.func, ast.Attribute) and not called.startswith(("np.", "numpy."))

    def with_more(*more: str) -> str:
        return f"{called}({', '.join([*arguments, *keywords, *more])})"

    have = {part.arg for part in node.keywords}
    if name in _BY_AXIS and "axis" not in have:
        for axis in "10":
            yield _new("axis", node, with_more(f"axis={axis}"))
            yield _new("axis", node, with_more(f"axis={axis}", "keepdims=True"))
    if name == "norm" and "axis" not in have and len(arguments) == 2:  # its second argument is the kind of norm
        for more in ("", ", keepdims=True"):
            yield _new("axis", node, f"{called}({arguments[0]}, axis={arguments[1]}{more})")
    if "axis" in have and "keepdims" not in have and name in _BY_AXIS:
        yield _new("axis", node, with_more("keepdims=True"))
    if name in ("argsort", "sort") and "kind" not in have:
        yield _new("ties", node, with_more("kind='stable'"))
    if name in _ROOM_MAKERS and "dtype" not in have:
        yield _new("type", node, with_more("dtype=float"))
        yield _new("type", node, with_more("dtype=int"))
    if name in ("std", "var", "cov") and "ddof" not in have:
        yield _new("number", node, with_more("ddof=1"))
    if name == "svd" and "full_matrices" not in have:
        yield _new("entries", node, with_more("full_matrices=False"))
    for one, other in _FUNCTIONS:
        if name == one:
            kind = "condition" if name in ("any", "all") else "function"
            yield _new(kind, node.func, called[: len(called) - len(name)] + other, node)
    if name == "sum" and method and isinstance(node.func, ast.Attribute):
        owner = text.piece(node.func.value)
        yield _new("step missing", node, f"(({owner}) ** 2).sum({', '.join([*arguments, *keywords])})")
    elif name == "sum" and arguments:
        yield _new(
            "step missing", node, f"{called}({', '.join([f'({arguments[0]}) ** 2', *arguments[1:], *keywords])})"
        )
    if name in ("abs", "absolute", "fabs") and arguments:
        yield _new("function", node, f"(-({arguments[0]}))")
    if name in ("median", "mean") and arguments:
        yield _new("function", node.func, "np.sum", node)
    if len(arguments) == 1:
        yield _new("step too many", node, f"({arguments[0]})")
    if method and isinstance(node.func, ast.Attribute):
        owner = text.piece(node.func.value)
        yield _new("type" if name == "astype" else "step too many", node, f"({owner})")
    if len(node.args) == 1 and isinstance(node.args[0], ast.Tuple) and len(node.args[0].elts) == 2:
        one, other = map(text.piece, node.args[0].elts)
        yield _new("order", node, f"{called}(({', '.join([other, one])}){''.join(f', {more}' for more in keywords)})")
    if name == "range" and len(arguments) == 2:
        yield _new("entries", node, f"range({arguments[1]})")
    if len(arguments) >= 2:
        rest = ", ".join([*arguments[2:], *keywords])
        yield _new("order", node, f"{called}({arguments[1]}, {arguments[0]}{', ' * bool(rest)}{rest})")
    if len(arguments) == 2:
        for one in arguments:
            yield _new("step too many", node, f"({one})")
    if name == "copy":
        owner = called.rpartition(".")[0] if method else arguments[0] if arguments else ""
        if owner:
            yield _new("type", node, f"np.array({owner}, dtype=float)")
    if name == "reshape":
        owner = called.rpartition(".")[0] if method else arguments[0] if arguments else ""
        if owner:
            yield _new("turned", node, f"({owner}).T")
    if name == "diag" and len(arguments) == 1:
        yield _new("step missing", node, f"{called}({called}({arguments[0]}))")
    if name == "fill_diagonal" and len(arguments) == 2:
        yield _new("function", node, f"np.fill_diagonal({arguments[0]}, np.diag({arguments[0]}) + ({arguments[1]}))")
    if name == "len" and arguments:
        yield _new("number", node, f"{arguments[0]}.shape[1]", node)
        yield _new("number", node, f"{arguments[0]}.size", node)


_BY_AXIS = {
    "sum", "mean", "norm", "max", "min", "argmax", "argmin", "argsort", "sort", "cumsum", "any", "all", "std", "var",
    "median", "prod", "count_nonzero", "unique", "average",
}  # fmt: skip


def _wrapped(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """Something done to what is returned or kept: a root, a size, an order, a whole number."""
    kept = isinstance(parent, (ast.Return, ast.Assign, ast.AugAssign, ast.Lambda)) and node is getattr(
        parent, "value", getattr(parent, "body", None)
    )
    part = isinstance(parent, ast.BinOp) and isinstance(node, (ast.Name, ast.Call))
    if not (kept or part):
        return
    piece = text.piece(node)
    for wrap in _WRAPS:
        yield _new("step missing", node, wrap.format(f"{piece}"))
    if kept:
        yield _new("step missing", node, f"(1 - ({piece}))")
        yield _new("step missing", node, f"(({piece}) / 2)")
        yield _new("step missing", node, f"(2 * ({piece}))")
        yield _new("entries", node, f"({piece})[::-1]")
        yield _new("entries", node, f"({piece})[0]")
        yield _new("step missing", node, f"int({piece})")
        yield _new("type", node, f"float({piece})")
        yield _new("type", node, f"np.asarray({piece}, dtype=float)")
        if not isinstance(node, ast.Subscript):
            yield _new("turned", node, f"({piece}).T")
        yield _new("copy", node, f"np.array({piece}, copy=True)")
        for name in scope.parameters[:MAX_NAMES]:
            yield _new("step missing", node, f"(({piece}) / {name})")
            yield _new("step missing", node, f"(({piece}) / len({name}))")
            yield _new("step missing", node, f"(({piece}) * {name})")
            yield _new("step missing", node, f"(({piece}) + {name})")
            yield _new("step missing", node, f"(({piece}) - {name})")
            yield _new("entries", node, f"({piece})[{name}]")
            yield _new("entries", node, f"({piece})[:{name}]")


def _taken(node: ast.expr, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """Other entries: rows for columns, from the other end, one more or less."""
    if not isinstance(node, ast.Subscript):
        return
    owner, index = text.piece(node.value), node.slice
    if isinstance(node.ctx, ast.Load):
        yield _new("entries", node, f"({owner})")
    if isinstance(index, ast.Slice):
        low, high, step = (text.piece(part) if part else "" for part in (index.lower, index.upper, index.step))
        others = []
        if step.replace(" ", "") == "-1":
            others += [f"{low}:{high}"]
        elif not step:
            others += [f"{low}:{high}:-1"]
        if high:
            others += [f"{low}:({high}) + 1", f"{low}:({high}) - 1", f"-({high}):", f"{high}:"]
        if low:
            others += [f"({low}) + 1:{high}", f"({low}) - 1:{high}", f":{low}", f":-({low})", f"-({low}):"]
        if low and high:
            others += [f":{high}", f"{low}:"]
        if not low:
            others += [f"1:{high}"]
        if not high:
            others += [f"{low}:-1"]
            others += [f"{low}:{name}" for name in scope.parameters[:MAX_NAMES]]
        others += [f":, {text.piece(index)}"]
        for other in others:
            yield _new("entries", node, f"{owner}[{other}]")
    elif isinstance(index, ast.Tuple) and len(index.elts) == 2:
        one, other = map(text.piece, index.elts)
        yield _new("entries", node, f"{owner}[{other}, {one}]")
        yield _new("entries", node, f"{owner}[{one}]")
        yield _new("entries", node, f"{owner}[{other}]")
    elif not isinstance(index, (ast.Constant, ast.Tuple)):
        piece = text.piece(index)
        if isinstance(index, ast.Subscript):  # a row of zeros and ones that was taken for a list of numbers
            yield _new("entries", node, f"{owner}[({piece}) > 0]")
        for other in (f":, {piece}", f"({piece}) + 1", f"({piece}) - 1", f"~({piece})", f"-({piece})"):
            yield _new("entries", node, f"{owner}[{other}]")
    elif isinstance(index, ast.Constant):
        yield _new("entries", node, f"{owner}[:, {text.piece(index)}]")
    if isinstance(node.ctx, ast.Load) and not isinstance(index, ast.Tuple):
        for other in scope.indices[:MAX_NAMES]:
            if other != text.piece(index):
                yield _new("entries", node, f"{owner}[{other}]")
    if isinstance(node.ctx, ast.Load) and isinstance(index, ast.Name):
        for other in scope.entries[:MAX_NAMES]:
            if other != text.piece(node):
                yield _new("variable", node, other)


_EXPRESSIONS: Sequence[Maker] = (
    _operations, _compared, _truth, _signs, _numbers, _variables, _attributes, _calls, _wrapped, _taken,
)  # fmt: skip


def _keyword(node: ast.keyword, parent: ast.AST, text: _Text) -> Iterator[_Change]:
    """Another direction; a keyword's other value; none at all."""
    if node.arg is None:
        return
    value = text.piece(node.value)
    kind = {"axis": "axis", "keepdims": "axis", "kind": "ties", "dtype": "type", "ddof": "number"}.get(node.arg)
    if node.arg == "axis":
        # that any entry of a table fits, or all do, is no way to mend which rows do
        of_truths = isinstance(parent, ast.Call) and text.piece(parent.func).endswith(("any", "all"))
        others = [other for other in ("0", "1", *(() if of_truths else ("None",))) if other != value]
    elif node.arg == "keepdims":
        others = ["False" if value == "True" else "True"]
    elif node.arg == "ord":
        kind, others = "number", [] if value == "None" else ["None"]
    elif node.arg == "ddof":
        others = ["1" if value == "0" else "0"]
    elif node.arg == "dtype":
        others = [other for other in ("float", "int", "bool") if other != value]
    elif node.arg == "reverse":
        kind, others = "order", ["False" if value == "True" else "True"]
    else:
        return
    assert kind is not None
    for other in others:
        yield _new(kind, node, f"{node.arg}={other}")


# -------------------------------------------------------------------------------------------------- statements


def _statement(node: ast.stmt, parent: ast.AST, text: _Text, scope: _Scope) -> Iterator[_Change]:
    """A line dropped, moved out of its loop, turned into a return, or changing a copy instead of the caller's."""
    start, end = _span(node)
    if isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        target, value, sign = text.piece(node.target), text.piece(node.value), _ARITHMETIC[type(node.op)]
        if isinstance(node.target, ast.Subscript) and sign == "+":  # which counts no place twice
            places = f"{text.piece(node.target.value)}, {text.piece(node.target.slice)}"
            yield _new("operation", node, f"np.add.at({places}, {value})")
        if isinstance(node.target, ast.Name):
            yield _new("copy", node, f"{target} = {target} {sign} ({value})")
        for other in _INSTEAD[sign]:
            yield _new("operation", node, f"{target} {other}= ({value})")
        yield _new("how often", node, f"{target} = ({value})")
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        yield _new("how often", node, f"{text.piece(node.targets[0])} += {text.piece(node.value)}")
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
        yield _new("operation", node, f"{text.piece(node.targets[0])} += {text.piece(node.value)}")
        index = node.targets[0].slice
        if isinstance(index, ast.Tuple) and len(index.elts) == 2:
            one, other = map(text.piece, index.elts)
            turned = f"{text.piece(node.targets[0].value)}[{other}, {one}]"
            yield _new("entries", node, f"{text.piece(node.targets[0])} = {turned} = {text.piece(node.value)}")
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        for other in _ERRORS:
            if text.piece(raised) != other:
                yield _new("error", raised, other, node)
    if isinstance(node, ast.Expr):
        shown = node.value
        if isinstance(shown, ast.Call) and text.piece(shown.func) == "print" and shown.args:
            yield _new("function", node, f"return {text.piece(shown.args[0])}")
        yield _new("line", node, f"return {text.piece(shown)}")
    if isinstance(node, (ast.Break, ast.Continue)):
        yield _new("line", node, "continue" if isinstance(node, ast.Break) else "break")
    if isinstance(node, ast.If):
        yield from _if(node, text)
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
        one, other = map(text.piece, node.value.elts)
        yield _new("order", node, f"return {other}, {one}")
    if not isinstance(node, (ast.FunctionDef, ast.Import, ast.ImportFrom)) and start[0] == end[0]:
        if not (isinstance(node, ast.Return) and isinstance(parent, ast.FunctionDef)):
            yield _new("line", node, "pass")
        body = getattr(parent, "body", [])
        last = len(body) > 1 and body[-1] is node and not getattr(parent, "orelse", [])
        if isinstance(parent, (ast.For, ast.While, ast.If)) and last and parent.col_offset < start[1]:
            yield _Change("how often", (start[0], 0), end, " " * parent.col_offset + text.piece(node), node)
    if isinstance(node, ast.Raise):
        return
    if isinstance(parent, (ast.If, ast.ExceptHandler)) and (isinstance(node, ast.Return) or parent.body == [node]):
        yield _new("error", node, "raise ValueError")


def _if(node: ast.If, text: _Text) -> Iterator[_Change]:
    """The special case left out; its condition asked of the whole table, or of each entry."""
    test = text.piece(node.test)
    for other in (f"np.any({test})", f"np.all({test})", "False"):
        yield _new("condition", node.test, other)
