"""The k best: the tie rule, seen items, and every way of asking for too much."""

import numpy as np
import pytest

from recsys_lib.retrieval import top_k


def by_sorting(scores, k, seen=()):
    """Do it the plain way: sort all pairs (score, id)."""
    left = [i for i in range(len(scores)) if i not in set(seen) and scores[i] > -np.inf]
    return sorted(left, key=lambda i: (-scores[i], i))[:k]


@pytest.mark.parametrize("k", [1, 2, 7, 12])
def test_against_sorting(k):
    """Few distinct scores, so many ties, at the border too."""
    rng = np.random.default_rng(k)
    scores = rng.integers(-2, 3, (50, 30)).astype(float)
    seen = rng.random((50, 30)) < 0.2
    expected = [by_sorting(row, k, np.flatnonzero(mask)) for row, mask in zip(scores, seen, strict=True)]
    np.testing.assert_array_equal(top_k(scores, k, seen=seen), expected)
    np.testing.assert_array_equal(top_k(scores, k, seen=[np.flatnonzero(mask) for mask in seen]), expected)
    for row, mask, ids in zip(scores, seen, expected, strict=True):
        np.testing.assert_array_equal(top_k(row, k, seen=mask), ids)
        np.testing.assert_array_equal(top_k(row, k, seen=np.flatnonzero(mask)), ids)


def test_all_equal():
    """Nothing but ties: the lowest ids in order."""
    assert top_k(np.zeros((2, 9)), 4).tolist() == [[0, 1, 2, 3]] * 2
    assert top_k([0.0, -0.0, 0.0], 3).tolist() == [0, 1, 2]


def test_seen_loses_even_to_negative_scores():
    """Setting the seen to 0 would recommend them again here."""
    assert top_k([5.0, -1.0, -2.0], 2, seen=[0]).tolist() == [1, 2]
    assert top_k([5.0, -1.0, -2.0], 2, seen={0}).tolist() == [1, 2]


def test_all_of_them():
    """The list may be the whole catalogue; infinity comes first."""
    assert top_k([1, 3, np.inf], 3).tolist() == [2, 1, 0]


def test_minus_infinity_is_never_listed():
    """A film without a direction is not recommended for want of others."""
    assert top_k([-np.inf, 1.0, 2.0], 2).tolist() == [2, 1]
    with pytest.raises(ValueError, match="asked for k = 3 items, but only 2 are unseen and scored"):
        top_k([-np.inf, 1.0, 2.0], 3)


def test_too_few_names_the_query():
    """The second user has seen almost everything."""
    with pytest.raises(ValueError, match="only 1 are unseen and scored for query 1"):
        top_k(np.zeros((2, 3)), 2, seen=[[], [0, 1]])
    with pytest.raises(ValueError, match="only 3"):
        top_k([1, 2, 3], 4)


def test_nan_is_refused():
    """An order with NaN in it is no order."""
    with pytest.raises(ValueError, match=r"NaN \(item 1\)"):
        top_k([1.0, np.nan], 1)
    with pytest.raises(ValueError, match=r"NaN \(item 0, query 1\)"):
        top_k([[1.0, 2.0], [np.nan, 1.0]], 1)


@pytest.mark.parametrize("k", [0, -1])
def test_k_is_at_least_one(k):
    """An empty list is nobody's wish."""
    with pytest.raises(ValueError, match="k must be at least 1"):
        top_k([1.0, 2.0], k)
    with pytest.raises(TypeError):
        top_k([1.0, 2.0], 1.5)


@pytest.mark.parametrize(
    ("scores", "seen", "message"),
    [
        ([1.0, 2.0], [2], "names item 2; items are 0 to 1"),
        ([1.0, 2.0], [-1], "names item -1"),
        ([1.0, 2.0], [0.5], "booleans like the scores, or item ids"),
        ([1.0, 2.0], np.array([True]), r"seen has shape \(1,\), scores has \(2,\)"),
        ([[1.0, 2.0]], np.array([True, False]), r"seen has shape \(2,\), scores has \(1, 2\)"),
        ([[1.0, 2.0]], [[0], [1]], "2 lists of ids for 1 queries"),
    ],
)
def test_seen_must_fit(scores, seen, message):
    """Ids that do not exist are a mistake elsewhere; say so here."""
    with pytest.raises(ValueError, match=message):
        top_k(scores, 1, seen=seen)


def test_scores_must_be_one_or_two_dimensional():
    """Neither a number nor a cube."""
    for scores in (1.0, np.zeros((1, 1, 1))):
        with pytest.raises(ValueError, match="scores must have shape"):
            top_k(scores, 1)


def test_the_input_is_kept_and_ids_are_whole_numbers():
    """Striking out the seen happens in a copy."""
    scores = np.array([3.0, 2.0, 1.0], dtype="f4")
    scores.flags.writeable = False
    ids = top_k(scores, 2, seen=np.array([0]))
    assert scores.tolist() == [3, 2, 1] and ids.dtype.kind == "i" and ids.shape == (2,)
    assert top_k(scores[None], 2, seen=[[True, False, False]]).tolist() == [[1, 2]]
