"""Give queries and items one number more, so that the distance orders as the dot product does."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("lift", points={"values": 3, "longest": 1}, instead_of=("lift_items", "lift_query"))
def lift(queries, items):
    """Work out each squared length once, and take it from the largest of them."""
    squares = np.sum(items * items, axis=1)
    rest = np.sqrt(squares.max() - squares)
    return np.column_stack([queries, np.zeros(len(queries))]), np.column_stack([items, rest])


@lift.inputs(
    "values",
    fixed=[
        ([[4, 3]], [[0, 5], [4, 0]]),
        ([[1, 2]], [[3, 0], [0, 5]]),  # the longest item comes last
        ([[1, 2], [-3, 0.5]], [[2, 0], [0, -1], [0.5, 0.5]]),
        ([[1, 0, -2]], [[1, 2, 2], [-2, 0, 1], [0, 0, 0], [0.5, -0.5, 1]]),
        (np.array([[1, 2], [3, 4], [0, -1]]), np.array([[6, 8], [3, -4], [0, 1], [1, 1]])),
        ([[0.1, 0.2], [0.3, -0.4]], [[0.3, 0.4], [0.06, -0.08]]),
    ],
)
def _(rng):
    found = [(4 * rng.normal(size=(3, 4)) + 5, rng.normal(size=(5, 4)))]  # queries longer than every item
    for q, n, d in [(2, 4, 3), (1, 9, 5), (6, 3, 2), (4, 12, 8)]:
        found.append((rng.normal(size=(q, d)), rng.normal(size=(n, d)) * rng.uniform(0.2, 3, (n, 1))))
    return found


def uneven(rng, count):
    """Draw tables in which the longest item's length, squared, comes out below its sum of squares, or above."""
    found = {True: [], False: []}
    while min(map(len, found.values())) < count:
        items = rng.normal(size=(int(rng.integers(3, 7)), int(rng.integers(2, 5)))).round(3)
        squares = np.sum(items**2, axis=1)
        below = np.linalg.norm(items, axis=1).max() ** 2 - squares.max()
        if below != 0:
            found[bool(below < 0)].append((rng.normal(size=(2, items.shape[1])).round(2), items))
    return [*found[True][:count], *found[False][:count]]


@lift.inputs("longest", fixed=uneven(np.random.default_rng(1), 3))
def _(rng):
    return uneven(rng, 2)


def _rest(squares):
    return np.sqrt(np.maximum(squares, 0))


def _both(queries, items, rest, of_query=0.0):
    return np.column_stack([queries, np.full(len(queries), of_query)]), np.column_stack([items, rest])


def _squares(items):
    return np.sum(items * items, axis=1)


@lift.misconception("You take |x|² from M itself; M is a length, and what is it that |x|² has to be taken from?")
def length_for_its_square(queries, items):
    squares = _squares(items)
    return _both(queries, items, _rest(np.sqrt(squares.max()) - squares))


@lift.misconception(
    "The new number is a difference of lengths; under the root stands a difference of squares, is it the same?"
)
def difference_of_lengths(queries, items):
    lengths = np.sqrt(_squares(items))
    return _both(queries, items, lengths.max() - lengths)


@lift.misconception("The root is missing: which length has an item now whose new number is M² - |x|²?")
def root_forgotten(queries, items):
    squares = _squares(items)
    return _both(queries, items, squares.max() - squares)


@lift.misconception("You take the mean length for M; what comes out under the root for an item that is longer?")
def mean_for_longest(queries, items):
    lengths = np.sqrt(_squares(items))
    return _both(queries, items, _rest(lengths.mean() ** 2 - lengths**2))


@lift.misconception("Your items were brought to length one first; what is left of what the dot product sees?")
def normalised_first(queries, items):
    lengths = np.sqrt(_squares(items))[:, None]
    unit = items / np.where(lengths > 0, lengths, 1)
    return _both(queries, unit, _rest(1 - _squares(unit)))


@lift.misconception("Each row takes its own length for M, so every new number is 0; of which items is M the longest?")
def own_length(queries, items):
    return _both(queries, items, np.zeros(len(items)))


@lift.misconception(
    "M is looked for among all numbers of the table; a length belongs to a whole row, which axis is that?"
)
def largest_number_for_length(queries, items):
    return _both(queries, items, _rest(np.max(items) ** 2 - _squares(items)))


@lift.misconception(
    "M is the length of the whole table, as if it were one long vector; whose length is meant, and which axis is that?"
)
def length_of_the_table(queries, items):
    squares = _squares(items)
    return _both(queries, items, _rest(squares.sum() - squares))


@lift.misconception(
    "For M you take the longest item so far, so items before the longest get too small a number; when is M known?"
)
def longest_so_far(queries, items):
    squares = _squares(items)
    return _both(queries, items, _rest(np.maximum.accumulate(squares) - squares))


@lift.misconception("Your queries got M behind them; what would the squared distance then hold beside the dot product?")
def longest_on_the_query(queries, items):
    squares = _squares(items)
    return _both(queries, items, _rest(squares.max() - squares), np.sqrt(squares.max()))


@lift.misconception("Your queries got a 1 behind them; which number there would leave the dot product as it is?")
def one_on_the_query(queries, items):
    squares = _squares(items)
    return _both(queries, items, _rest(squares.max() - squares), 1.0)


@lift.misconception("Your queries are lifted like the items; what is added to their dot products then?")
def queries_lifted_alike(queries, items):
    squares, others = _squares(items), _squares(queries)
    return (
        np.column_stack([queries, _rest(squares.max() - others)]),
        np.column_stack([items, _rest(squares.max() - squares)]),
    )


@lift.misconception("Your queries are lifted by the longest query; what is added to their dot products then?")
def queries_by_their_own(queries, items):
    return tuple(np.column_stack([x, _rest(_squares(x).max() - _squares(x))]) for x in (queries, items))


@lift.misconception("M is the longest vector of queries and items together; must the queries' lengths play a part?")
def longest_of_both(queries, items):
    squares = _squares(items)
    return _both(queries, items, _rest(max(squares.max(), _squares(queries).max()) - squares))


@lift.misconception("The new number stands in front; the prompt asks for it behind the others.")
def in_front(queries, items):
    new_queries, new_items = lift(queries, items)
    return np.roll(new_queries, 1, axis=1), np.roll(new_items, 1, axis=1)


@lift.misconception("The two tables are returned in the other order; queries come first.")
def items_first(queries, items):
    return lift(queries, items)[::-1]


@lift.misconception("You return the items alone; the queries need their new number, too.", kind="next step")
def items_alone(queries, items):
    return lift(queries, items)[1]


@lift.misconception(
    "You return the queries as they came; how wide are the items that they are to be compared with?", kind="next step"
)
def queries_as_they_came(queries, items):
    return np.array(queries), lift(queries, items)[1]


@lift.misconception("The new number is the item's own length; how long is the item then, and is that the same for all?")
def own_length_added(queries, items):
    return _both(queries, items, np.sqrt(_squares(items)))


@lift.misconception(
    "You add the squares under the root; is a vector with that number behind it as long as the longest?"
)
def plus_for_minus(queries, items):
    squares = _squares(items)
    return _both(queries, items, np.sqrt(squares.max() + squares))


@lift.misconception(
    "A NaN stands behind the longest item: its length, squared again, came out a digit below the sum of its squares; "
    "what should happen with a difference below 0?",
    layer="longest",
)
def not_clipped(queries, items):
    lengths = np.linalg.norm(items, axis=1)
    with np.errstate(invalid="ignore"):
        return _both(queries, items, np.sqrt(lengths.max() ** 2 - _squares(items)))


@lift.alternative
def by_lengths(queries, items):
    lengths = np.linalg.norm(items, axis=1)
    return _both(queries, items, _rest(lengths.max() ** 2 - lengths**2))


@lift.alternative
def with_a_loop(queries, items):
    longest = max(sum(float(x) ** 2 for x in row) for row in items)
    new = [[*map(float, row), max(0.0, longest - sum(float(x) ** 2 for x in row)) ** 0.5] for row in items]
    return [[*map(float, row), 0.0] for row in queries], new


@lift.alternative
def padded(queries, items):
    squares = np.einsum("ij,ij->i", items, items)
    rest = np.sqrt(np.clip(squares.max() - squares, 0, None))
    return np.pad(np.asarray(queries, dtype=float), ((0, 0), (0, 1))), np.hstack([items, rest[:, None]])


@lift.alternative
def clipped_lengths(queries, items):
    longest = np.linalg.norm(items, axis=1).max()
    rest = np.maximum(longest**2 - np.sum(items**2, axis=1), 0.0) ** 0.5
    return np.c_[queries, np.zeros(len(queries))], np.c_[items, rest]
