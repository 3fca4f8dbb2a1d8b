"""What an answer may use that is kept as an attempt: Python's arithmetic, NumPy, math, and its lesson's own names.

Attempts are run later without a sandbox, by `course.py hints`, the tests and CI. So an answer of a stranger's is
exported only where all that it uses is on these lists. They were made from the attempts and lessons that there are.
"""

from __future__ import annotations

import ast
import builtins
import functools
import math

#: Kinds of statements and expressions: no class, no coroutine, no pattern, nothing that changes a module.
NODES = frozenset(
    """
    Add And AnnAssign Assert Assign Attribute AugAssign BinOp BitAnd BitOr BitXor BoolOp Break Call Compare Constant
    Continue Delete Dict DictComp Div Eq ExceptHandler Expr FloorDiv For FormattedValue FunctionDef GeneratorExp Gt GtE
    If IfExp Import ImportFrom In Invert Is IsNot JoinedStr Lambda List ListComp Load LShift Lt LtE MatMult Mod Module
    Mult Name NamedExpr Nonlocal Not NotEq NotIn Or Pass Pow Raise Return RShift Set SetComp Slice Starred Store Sub
    Subscript Try Tuple UAdd USub UnaryOp While With Yield alias arg arguments comprehension keyword withitem Del
    """.split()
)
BUILTINS = frozenset(
    """
    ArithmeticError AssertionError Ellipsis Exception IndexError KeyError NotImplemented NotImplementedError
    RuntimeError StopIteration TypeError ValueError ZeroDivisionError abs all any bool bytes callable complex dict
    divmod enumerate filter float frozenset hash id int isinstance issubclass iter len list map max min next object
    pow print range repr reversed round set slice sorted str sum tuple zip
    """.split()
)
#: Attributes of NumPy, of its arrays and generators, and of Python's own types. None reads or writes a file,
#: or memory: an array made from a buffer by its class can hold any address for an object, so the class is not here.
ATTRIBUTES = frozenset(
    """
    T abs absolute add all allclose amax amin any append arange arccos argmax argmin argpartition argsort argwhere
    array array_equal asarray ascontiguousarray asfarray astype at atleast_1d atleast_2d average bincount bool_
    broadcast_to ceil choice cholesky clip column_stack concatenate conj copy corrcoef cos count count_nonzero cov
    cross cumprod cumsum default_rng delete denominator det diag diagonal diff digitize discard divide dot dtype e
    eig eigh eigvals eigvalsh einsum empty empty_like endswith equal errstate exp expand_dims expm1 extend eye
    fill fill_diagonal finfo flat flatnonzero flatten flip fliplr flipud float16 float32 float64 floating floor
    floor_divide fromkeys full full_like get greater greater_equal hstack hypot identity iinfo imag in1d index inf
    inner insert int32 int64 integer integers interp intersect1d intersection inv isclose isdisjoint isfinite isin
    isinf isnan isneginf issubset issuperset item items itemsize ix_ join keys kron lexsort less less_equal linalg
    linspace log log10 log1p log2 logical_and logical_not logical_or lower lstsq ma masked_equal matmul
    matrix_rank max maximum mean median meshgrid min minimum mod moveaxis multi_dot multiply nan nan_to_num
    nanargmax nanargmin nanmax nanmean nanmin nansum nbytes ndenumerate ndim ndindex negative newaxis
    nonzero norm normal not_equal numerator ones ones_like outer pad partition percentile permutation pi pinv pop
    power prod ptp put put_along_axis qr quantile r_ rand randint randn random ravel real reciprocal remove repeat
    reshape reverse rint roll round row_stack searchsorted seed setdefault setdiff1d shape shuffle sign signbit
    sin size solve sort split sqrt square squeeze stack standard_normal startswith std strip subtract sum svd
    swapaxes symmetric_difference take take_along_axis tan tanh tensordot tile tolist trace transpose tril triu
    true_divide unique uniform union union1d update upper values var vdot vstack where zeros zeros_like
    """.split()
) | {name for name in dir(math) if not name.startswith("_")}
MODULES = frozenset(("math", "numpy", "numpy.linalg"))
_PYTHONS = frozenset(dir(builtins)) - {"_"}  # which an interactive Python puts there, and many a loop calls its number


def beyond(code: str, lesson: str = "") -> str | None:
    """Say what of some code is not on the lists, or None where all of it is.

    Parameters
    ----------
    code : str
        The cell of an answer.
    lesson : str
        The text of its lesson: what this imports, and reads of what it imports, the answer may, too.

    Examples
    --------
    >>> beyond("def dot(q, items):\\n    return items @ q / np.sqrt(2)")
    >>> beyond("def dot(q, items):\\n    return open('x')")
    'open'
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):  # which another Python might run
        return "no Python"
    imports, chains, modules = _of_lesson(lesson)
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if type(node).__name__ not in NODES:
            return type(node).__name__
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            if ast.unparse(node) not in imports and (found := _module_beyond(node)) is not None:
                return found
        elif isinstance(node, ast.Attribute):
            of_lesson = isinstance(node.value, ast.Name) and node.value.id in modules - bound
            if not isinstance(node.ctx, ast.Load):
                return f".{node.attr} that is changed"
            if node.attr not in ATTRIBUTES and not (of_lesson and ast.unparse(node) in chains):
                return f".{node.attr}"
        else:
            for name in _names_in(node):
                # Any other name is the answer's own, the lesson's, or nobody's, which is an error and harms nobody.
                if name.startswith("__") or (name in _PYTHONS and name not in BUILTINS):
                    return name
    return None


def _module_beyond(node: ast.Import | ast.ImportFrom) -> str | None:
    if isinstance(node, ast.Import):
        return next((alias.name for alias in node.names if alias.name not in MODULES), None)
    if node.level or node.module not in MODULES:
        return node.module or "."
    return next((f"{node.module}.{alias.name}" for alias in node.names if alias.name not in ATTRIBUTES), None)


def _names_in(node: ast.AST) -> list[str]:
    """Return the names that a node holds itself, however it calls them."""
    fields = (getattr(node, field, None) for field in ("id", "name", "arg", "asname", "names"))
    return [
        name for field in fields for name in (field if isinstance(field, list) else [field]) if isinstance(name, str)
    ]


@functools.lru_cache(64)
def _of_lesson(text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return a lesson's imports, the attributes that it reads of the library's modules, and the modules' names."""
    nodes = list(ast.walk(ast.parse(text)))
    own = [n for n in nodes if isinstance(n, ast.ImportFrom) and (n.module or "").partition(".")[0] == "recsys_lib"]
    names = frozenset(alias.asname or alias.name for node in own for alias in node.names)
    read = (n for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id in names)
    return frozenset(map(ast.unparse, own)), frozenset(map(ast.unparse, read)), names
