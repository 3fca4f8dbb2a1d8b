"""Score every item for every query: dot product, cosine, distance, and the dial between the first two.

All functions take plain arrays ``queries (q, d)`` and ``items (n, d)`` and return ``(q, n)``. float32 is kept where
both inputs are float32; everything else is computed in float64. NaN and infinity are refused, going in and coming out.

The zero-vector rule: a zero vector has no direction, so whatever divides by its length raises. Scoring a whole
catalogue, in which films without a rating have zero rows, says ``zero="last"``: those items score minus infinity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys_lib._taught import taught

MAX_BLOCK = 1 << 22
"""How many entries the largest temporary array has: 32 MB in float64."""


@taught
def dot_scores(queries: ArrayLike, items: ArrayLike) -> NDArray[np.floating]:
    """Score every item for every query by the dot product.

    Both direction and length count: of two items at the same acute angle, the longer one wins.

    Parameters
    ----------
    queries : array_like, shape (q, d)
    items : array_like, shape (n, d)

    Returns
    -------
    ndarray, shape (q, n)
        float32 where both inputs are, else float64.

    Raises
    ------
    ValueError
        If either input is not a finite table of numbers, the widths differ, or a score is too large for its type.

    Examples
    --------
    >>> dot_scores([[4, 3]], [[0, 6], [4, 0], [1, 1]])
    array([[18., 16.,  7.]])
    """
    queries, items = _pair(queries, items)
    with np.errstate(over="ignore", invalid="ignore"):
        scores = queries @ items.T
    return _finite(scores, "dot product")


@taught
def cosine_scores(queries: ArrayLike, items: ArrayLike, *, zero: str = "raise") -> NDArray[np.floating]:
    """Score every item for every query by the cosine of their angle.

    The cosine is the dot product after each vector has been scaled to length one, so it ignores how long the vectors
    are. In a model trained on dot products, length often encodes popularity: use `dot_scores` to keep it.

    Parameters
    ----------
    queries : array_like, shape (q, d)
    items : array_like, shape (n, d)
    zero : {"raise", "last"}
        What to do with an item that is a zero vector: raise, or score it minus infinity. A zero query always raises.

    Returns
    -------
    ndarray, shape (q, n)
        Entry ``[i, j]`` lies in [-1, 1], up to rounding. float32 where both inputs are, else float64.

    Raises
    ------
    ValueError
        If either input is not a finite table of numbers, the widths differ, or a row is zero: a zero vector has no
        direction, so its cosine is undefined rather than zero.

    Examples
    --------
    Same direction, ten times longer, same score:

    >>> cosine_scores([[1.0, 0.0]], [[2.0, 0.0], [20.0, 0.0], [0.0, 3.0]])
    array([[1., 1., 0.]])
    >>> cosine_scores([[1.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]], zero="last")
    array([[  1., -inf]])
    """
    _one_of(zero, "zero", ("raise", "last"))
    queries, items = _pair(queries, items)
    scores = unit_rows(queries, "queries") @ unit_rows(items, "items", zero=_for_unit_rows(zero)).T
    if zero == "last":
        scores[:, ~items.any(axis=1)] = -np.inf
    return scores


@taught
def euclidean_distances(queries: ArrayLike, items: ArrayLike) -> NDArray[np.floating]:
    """Measure the straight-line distance from every query to every item; smaller is closer.

    Computed from the differences themselves. The well-known shortcut ``|q|^2 + |x|^2 - 2 <q, x>`` is a single matrix
    product, but for close points it subtracts large numbers that are almost equal and can return 0, or a NaN, where
    the true distance is small. The differences take some more time and lose nothing.

    Parameters
    ----------
    queries : array_like, shape (q, d)
    items : array_like, shape (n, d)

    Returns
    -------
    ndarray, shape (q, n)
        float32 where both inputs are, else float64.

    Raises
    ------
    ValueError
        If either input is not a finite table of numbers, the widths differ, or a distance is too large for its type.

    Examples
    --------
    >>> euclidean_distances([[4, 3]], [[0, 6], [4, 0]])
    array([[5., 3.]])

    Two points that the shortcut cannot tell apart:

    >>> euclidean_distances([[100_000_000.0, 0.0]], [[100_000_000.5, 0.0]])
    array([[0.5]])
    """
    queries, items = _pair(queries, items)
    distances = np.empty((len(queries), len(items)), dtype=queries.dtype)
    step = max(1, MAX_BLOCK // max(1, items.size))
    limits = np.finfo(queries.dtype)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for start in range(0, len(queries), step):
            block = slice(start, start + step)
            squares = _squares(queries[block], items)
            distances[block] = np.sqrt(squares)
            # a square that left the range of the type: hypot does not leave it
            rows, columns = np.nonzero((squares < limits.tiny / limits.eps) | (squares > limits.max / 4))
            if len(rows):
                distances[rows + start, columns] = np.hypot.reduce(queries[rows + start] - items[columns], axis=1)
    return _finite(distances, "distance")


@taught
def norm_power_scores(
    queries: ArrayLike, items: ArrayLike, alpha: float, *, zero: str = "raise"
) -> NDArray[np.floating]:
    """Score by ``|q|^alpha |x|^alpha cos(q, x)``: the dial between cosine (0) and dot product (1).

    In between, an item's length counts, but less than in the dot product. ``|q|^alpha`` never changes the order of the
    items for one query. Other texts divide, ``<q, x> / |x|^a``, on another scale: test both ends before using their a.

    Parameters
    ----------
    queries : array_like, shape (q, d)
    items : array_like, shape (n, d)
    alpha : float
        The exponent of the lengths, from 0 to 1.
    zero : {"raise", "last"}
        What to do with an item that is a zero vector while alpha < 1: raise, or score it minus infinity. A zero query
        raises. At alpha = 1 neither matters: the score is the dot product, 0.

    Returns
    -------
    ndarray, shape (q, n)
        float32 where both inputs are, else float64.

    Raises
    ------
    ValueError
        If either input is not a finite table of numbers, the widths differ, alpha lies outside [0, 1], a row is zero
        while alpha < 1, or a score is too large for its type.

    Examples
    --------
    At one half the order (B, A, C) is neither that of the cosine (C, B, A) nor that of the dot product (A, B, C):

    >>> q, items = [[4, 3]], [[0, 6], [4, 0], [1, 1]]
    >>> norm_power_scores(q, items, 0.5).round(2)
    array([[3.29, 3.58, 2.63]])
    """
    _one_of(zero, "zero", ("raise", "last"))
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha must lie between 0 (cosine) and 1 (dot product), got {alpha}")
    queries, items = _pair(queries, items)
    if alpha == 1:
        with np.errstate(over="ignore", invalid="ignore"):
            return _finite(queries @ items.T, "score")
    scores = unit_rows(queries, "queries") @ unit_rows(items, "items", zero=_for_unit_rows(zero)).T
    with np.errstate(over="ignore", invalid="ignore"):
        scores *= _norms(queries)[:, None] ** alpha
        scores *= _norms(items)[None, :] ** alpha
    _finite(scores, "score")
    if zero == "last":
        scores[:, ~items.any(axis=1)] = -np.inf
    return scores


@taught
def lift_items(items: ArrayLike) -> NDArray[np.floating]:
    """Give every item one number more, so that all have the length of the longest.

    The distance of a query lifted by `lift_query` to these items orders them as the dot product does:
    ``|q|^2 + M^2 - 2 <q, x>``, in which only the last part differs from item to item. Bachrach and others 2014,
    section 3.1; the same for cosines is Neyshabur and Srebro 2015, section 3.

    Parameters
    ----------
    items : array_like, shape (n, d)

    Returns
    -------
    ndarray, shape (n, d + 1)
        The last column is ``sqrt(M^2 - |x|^2)``, M the length of the longest item, whose own is exactly 0. float32
        where `items` is (worked out in float64 all the same), else float64.

    Raises
    ------
    ValueError
        If `items` is not a finite table of numbers, or is empty, or a squared length is too large.

    Examples
    --------
    >>> lift_items([[0, 5], [4, 0]])
    array([[0., 5., 0.],
           [4., 0., 3.]])
    """
    items = as_table(items, "items")
    if not len(items):
        raise ValueError("items holds no row, so none is the longest")
    with np.errstate(over="ignore"):
        squares = np.einsum("ij,ij->i", items, items, dtype=np.float64)
    _finite(squares, "squared length")
    return np.column_stack([items, np.sqrt(squares.max() - squares)]).astype(items.dtype, copy=False)


@taught
def lift_query(queries: ArrayLike) -> NDArray[np.floating]:
    """Put a 0 behind every query, so that it can be asked of items lifted by `lift_items`.

    Parameters
    ----------
    queries : array_like, shape (q, d)

    Returns
    -------
    ndarray, shape (q, d + 1)
        float32 where `queries` is, else float64.

    Raises
    ------
    ValueError
        If `queries` is not a finite table of numbers.

    Examples
    --------
    The first item is the query itself, the second has the larger dot product, and is nearer once both are lifted:

    >>> items = [[4, 3], [12, 5]]
    >>> euclidean_distances(lift_query([[4, 3]]), lift_items(items)).round(2)
    array([[12.  ,  8.25]])
    """
    queries = as_table(queries, "queries")
    return np.column_stack([queries, np.zeros(len(queries), dtype=queries.dtype)])


def unit_rows(x: ArrayLike, name: str = "x", *, zero: str = "raise") -> NDArray[np.floating]:
    """Scale every row to length one.

    Parameters
    ----------
    x : array_like, shape (n, d)
    name : str
        What to call `x` in an error.
    zero : {"raise", "keep"}
        What to do with a zero row, which has no direction: raise, or keep it zero.

    Returns
    -------
    ndarray, shape (n, d)
        A new array; float32 where `x` is, else float64. Rows of length 1e200 or 1e-200 come out right, too.

    Raises
    ------
    ValueError
        If `x` is not a finite table of numbers, or a row is zero.

    Examples
    --------
    >>> unit_rows([[3, 4], [0, 2]])
    array([[0.6, 0.8],
           [0. , 1. ]])
    """
    _one_of(zero, "zero", ("raise", "keep"))
    x = as_table(x, name)
    scaled, _ = _scaled(x)
    lengths = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
    empty = np.flatnonzero(lengths == 0)
    if len(empty):
        if zero == "raise":
            more = f" (and {len(empty) - 1} more)" if len(empty) > 1 else ""
            raise ValueError(f"{name}: row {empty[0]}{more} is a zero vector, which has no direction")
        lengths[empty] = 1
    return scaled / lengths[:, None]


def as_table(x: ArrayLike, name: str) -> NDArray[np.floating]:
    """Take an input as a finite two-dimensional float array, or say what is wrong with it.

    Parameters
    ----------
    x : array_like, shape (rows, width)
    name : str
        What to call `x` in an error.

    Returns
    -------
    ndarray, shape (rows, width)
        `x` itself where it is such an array already. float32 where `x` is, else float64.

    Raises
    ------
    ValueError
        If `x` is not a finite table of numbers.

    Examples
    --------
    >>> as_table([[1, 2]], "items")
    array([[1., 2.]])
    """
    try:
        array = np.asarray(x)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"dtype {array.dtype}")
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} is not a table of real numbers ({error})") from None
    if array.ndim != 2:
        raise ValueError(f"{name} must have two dimensions (rows, width), got shape {array.shape}")
    array = array.astype(np.float32 if array.dtype == np.float32 else np.float64, copy=False)
    if not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise ValueError(f"{name} holds NaN or infinity (row {row})")
    return array


def _pair(queries: ArrayLike, items: ArrayLike) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Take both as float arrays of one type, or say that their widths differ."""
    queries, items = as_table(queries, "queries"), as_table(items, "items")
    if queries.shape[1] != items.shape[1]:
        raise ValueError(f"queries {queries.shape} and items {items.shape} differ in width")
    dtype = np.result_type(queries, items)
    return queries.astype(dtype, copy=False), items.astype(dtype, copy=False)


def _scaled(x: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.integer]]:
    """Divide each row by a power of two (so without rounding) that brings its largest entry near 1."""
    largest = np.abs(x).max(axis=1, initial=0)
    exponents = np.frexp(largest)[1]
    with np.errstate(under="ignore"):  # an entry that small beside the largest does not count
        return np.ldexp(x, -exponents[:, None]), exponents


def _norms(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """Compute the length of every row without leaving the range of the type on the way."""
    scaled, exponents = _scaled(x)
    return np.ldexp(np.sqrt(np.einsum("ij,ij->i", scaled, scaled)), exponents)


def _squares(queries: NDArray[np.floating], items: NDArray[np.floating]) -> NDArray[np.floating]:
    """Compute squared distances from the differences."""
    difference = queries[:, None, :] - items[None, :, :]
    return np.einsum("qnd,qnd->qn", difference, difference)


def _finite(scores: NDArray[np.floating], what: str) -> NDArray[np.floating]:
    """Refuse scores that have left the range of their type."""
    if not np.isfinite(scores).all():
        raise ValueError(f"a {what} is too large for {scores.dtype}; scale queries and items down")
    return scores


def _for_unit_rows(zero: str) -> str:
    """Translate what scores do with a zero item into what `unit_rows` does with it."""
    return "keep" if zero == "last" else "raise"


def _one_of(value: str, name: str, allowed: tuple[str, ...]) -> None:
    """Refuse a word that is not allowed."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
