"""The three measures and the dial: against scikit-learn, at the ends of the number range, and the refusals."""

import math

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.metrics.pairwise import euclidean_distances as sk_distances

from recsys_lib.datasets import three_items
from recsys_lib.similarity import cosine_scores, dot_scores, euclidean_distances, norm_power_scores, unit_rows


def half(queries, items):
    """Set the dial to one half."""
    return norm_power_scores(queries, items, 0.5)


MEASURES = [dot_scores, cosine_scores, euclidean_distances, half]


@pytest.fixture
def tables():
    """Random queries and items."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((7, 5)), rng.standard_normal((11, 5))


def test_the_three_items_of_the_lesson():
    """Three rulers, three winners, with the numbers of the text."""
    q, items, _ = three_items()
    assert dot_scores([q], items).tolist() == [[18, 16, 7]]
    np.testing.assert_allclose(cosine_scores([q], items), [[0.6, 0.8, 7 / (5 * math.sqrt(2))]], rtol=1e-15)
    np.testing.assert_allclose(euclidean_distances([q], items), [[5, 3, math.sqrt(13)]], rtol=1e-15)


def test_against_scikit_learn(tables):
    """The same numbers as an independent implementation."""
    queries, items = tables
    np.testing.assert_allclose(cosine_scores(queries, items), cosine_similarity(queries, items), rtol=1e-12)
    np.testing.assert_allclose(euclidean_distances(queries, items), sk_distances(queries, items), rtol=1e-9)
    np.testing.assert_allclose(dot_scores(queries, items), [[sum(q * x) for x in items] for q in queries], rtol=1e-12)


@pytest.mark.parametrize("alpha", [0, 0.25, 0.5, 0.75, 1])
def test_the_dial_by_its_formula(tables, alpha):
    """|q|^a |x|^a cos, one pair at a time."""
    queries, items = tables
    by_hand = [
        [
            (np.linalg.norm(q) * np.linalg.norm(x)) ** alpha * (q @ x) / (np.linalg.norm(q) * np.linalg.norm(x))
            for x in items
        ]
        for q in queries
    ]
    np.testing.assert_allclose(norm_power_scores(queries, items, alpha), by_hand, rtol=1e-12)


def test_the_ends_of_the_dial(tables):
    """0 is the cosine, 1 is the dot product, also for an obtuse angle."""
    np.testing.assert_array_equal(norm_power_scores(*tables, 0), cosine_scores(*tables))
    np.testing.assert_array_equal(norm_power_scores(*tables, 1), dot_scores(*tables))
    assert norm_power_scores([[1, 0]], [[-4, 0]], 0.5).tolist() == [[-2]]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(("left", "right", "expected"), [("f4", "f4", "f4"), ("f4", "f8", "f8"), ("i8", "f4", "f8")])
def test_types(measure, left, right, expected):
    """float32 only where both are; whole numbers become float64."""
    assert measure(np.ones((2, 3), left), np.ones((4, 3), right)).dtype == np.dtype(expected)


@pytest.mark.parametrize("measure", MEASURES)
def test_any_layout_and_no_side_effect(measure, tables):
    """Lists, strided and read-only arrays give the same; the inputs stay as they were."""
    queries, items = tables
    expected = measure(queries, items)
    strided = np.asfortranarray(np.repeat(items, 2, axis=1))[:, ::2]
    queries.flags.writeable = False
    before = items.copy()
    np.testing.assert_allclose(measure(queries.tolist(), strided), expected, rtol=1e-12)
    np.testing.assert_allclose(measure(queries, items), expected, rtol=1e-12)
    np.testing.assert_array_equal(items, before)
    assert measure(queries[:0], items).shape == (0, 11) and measure(queries, items[:0]).shape == (7, 0)


@pytest.mark.parametrize("scale", [1e200, 1e-200, 5e-324])
def test_cosine_does_not_depend_on_the_scale(scale):
    """Squares of such lengths leave the range of float64; the cosine must not notice."""
    queries, items = np.array([[1.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    expected = [[math.sqrt(0.5), 1, 0, -1]]
    np.testing.assert_allclose(cosine_scores(scale * queries, items), expected, atol=1e-15)
    np.testing.assert_allclose(cosine_scores(queries, scale * items), expected, atol=1e-15)
    np.testing.assert_allclose(unit_rows(scale * items), unit_rows(items), atol=1e-15)


def test_float32_lengths_out_of_range():
    """The same for float32, whose squares leave the range at 1e20."""
    items = np.array([[3e30, 4e30], [3e-30, 4e-30]], dtype="f4")
    np.testing.assert_allclose(unit_rows(items), [[0.6, 0.8]] * 2, rtol=1e-6)


def test_half_power_of_large_and_small():
    """At one half the lengths 1e200 and 1e-200 give 1: no factor overflows on the way."""
    np.testing.assert_allclose(half([[1e200, 0]], [[1e-200, 0]]), [[1]], rtol=1e-12)
    np.testing.assert_allclose(half([[1e200, 0]], [[1e200, 0]]), [[1e200]], rtol=1e-12)


def test_distance_between_close_points():
    """Where the shortcut by squares loses every digit, the differences lose none."""
    q = np.array([[1e8, 1e8]])
    items = q + [[3e-7, 4e-7], [0, 0]]
    true = math.hypot(*(items[0] - q[0]))
    assert euclidean_distances(q, items).tolist() == [[pytest.approx(true, rel=1e-15), 0]]


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1e-320])
def test_distance_out_of_the_range_of_squares(scale):
    """3-4-5 triangles of any size; beside them a pair of common size."""
    queries, items = [[0.0, 0.0]], [[3 * scale, 4 * scale], [3, 4]]
    np.testing.assert_allclose(
        euclidean_distances(queries, items), [[5 * scale, 5]], rtol=1e-3 if scale < 1e-300 else 1e-14
    )


def test_distance_in_blocks(monkeypatch, tables):
    """The memory limit changes nothing but the memory."""
    import recsys_lib.similarity as module

    whole = euclidean_distances(*tables)
    monkeypatch.setattr(module, "MAX_BLOCK", 60)
    np.testing.assert_array_equal(euclidean_distances(*tables), whole)


@pytest.mark.parametrize("measure", MEASURES)
def test_too_large_is_said_not_returned(measure):
    """No infinity, no NaN: 1e308 - (-1e308) and 1e308 * 1e308 raise; the cosine exists and is returned."""
    queries, items = [[1e308, 1e308]], [[-1e308, -1e308]]
    if measure is cosine_scores:
        np.testing.assert_allclose(measure(queries, items), [[-1]])
    elif measure is half:
        np.testing.assert_allclose(measure(queries, items), [[-math.sqrt(2) * 1e308]])
    else:
        with pytest.raises(ValueError, match="too large for float64"):
            measure(queries, items)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("queries", "items", "message"),
    [
        ([[1, 2]], [[1, 2, 3]], r"queries \(1, 2\) and items \(1, 3\) differ in width"),
        ([1, 2], [[1, 2]], r"queries must have two dimensions .* \(2,\)"),
        ([[1, 2]], [[[1, 2]]], r"items must have two dimensions .* \(1, 1, 2\)"),
        ([[1, math.nan]], [[1, 2]], r"queries holds NaN or infinity \(row 0\)"),
        ([[1, 2]], [[1, 2], [math.inf, 0]], r"items holds NaN or infinity \(row 1\)"),
        ([[1, 2], [3]], [[1, 2]], "queries is not a table of real numbers"),
        ([["a", "b"]], [[1, 2]], "queries is not a table of real numbers"),
        ([[1, 2]], [[1j, 2]], "items is not a table of real numbers"),
        ([[1, 2]], [[None, 2]], "items is not a table of real numbers"),
    ],
)
def test_bad_input_is_named(measure, queries, items, message):
    """The error names the argument and what was found in it."""
    with pytest.raises(ValueError, match=message):
        measure(queries, items)


@pytest.mark.parametrize("measure", [cosine_scores, half])
def test_a_zero_vector_has_no_direction(measure):
    """Item or query: ValueError with the row."""
    with pytest.raises(ValueError, match="items: row 1 is a zero vector"):
        measure([[1, 2]], [[1, 2], [0, 0]])
    with pytest.raises(ValueError, match=r"queries: row 0 \(and 1 more\) is a zero vector"):
        measure([[0, 0], [0, 0]], [[1, 2]])


def test_zero_last():
    """In a catalogue, films without a direction score minus infinity below alpha = 1; at 1 they score 0."""
    queries, items = [[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 0.0], [-3.0, 1.0]]
    expected = cosine_scores(queries, [items[0], items[2]])
    for scores in (cosine_scores(queries, items, zero="last"), norm_power_scores(queries, items, 0, zero="last")):
        assert (scores[:, 1] == -np.inf).all()
        np.testing.assert_array_equal(scores[:, [0, 2]], expected)
    assert (norm_power_scores(queries, items, 0.999, zero="last")[:, 1] == -np.inf).all()
    assert (norm_power_scores(queries, items, 1, zero="last")[:, 1] == 0).all()
    assert (norm_power_scores(queries, items, 1)[:, 1] == 0).all()
    with pytest.raises(ValueError, match="queries: row 0"):
        cosine_scores([[0.0, 0.0]], items, zero="last")


@pytest.mark.parametrize("alpha", [-0.1, 1.1, math.nan])
def test_the_dial_ends_at_0_and_1(alpha):
    """Outside, the formula is another one."""
    with pytest.raises(ValueError, match="alpha must lie between 0 .* and 1"):
        norm_power_scores([[1]], [[1]], alpha)


def test_unknown_choice_for_zero():
    """The message lists what is allowed."""
    with pytest.raises(ValueError, match="zero must be one of 'raise', 'last', got 'skip'"):
        cosine_scores([[1]], [[1]], zero="skip")
    assert unit_rows([[0, 0], [0, 2]], zero="keep").tolist() == [[0, 0], [0, 1]]
