"""What is known of a film: its row of features, and a genre profile against scikit-learn's cosine."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import OneHotEncoder

from recsys_lib.features import film_features, genre_profile_scores


def test_features_against_scikit_learn():
    """Genres as they are, decades one-hot in their order, and a column of ones."""
    rng = np.random.default_rng(0)
    genres, years = rng.integers(0, 2, (40, 5)), rng.integers(1930, 1999, 40)
    years[7] = 0
    found = film_features(genres, years)
    decades = OneHotEncoder(sparse_output=False).fit_transform((years // 10 * 10)[:, None])
    np.testing.assert_array_equal(found, np.hstack([genres, decades, np.ones((40, 1))]))


def test_unknown_year_is_a_decade_of_its_own():
    """The year 0 shares its column with nobody; no row is all zeros, not even without a genre."""
    found = film_features(np.zeros((3, 2)), [0, 1990, 1999])
    assert found.tolist() == [[0, 0, 1, 0, 1], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1]]


@pytest.mark.parametrize("shapes", [((3, 2), (4,)), ((3,), (3,)), ((3, 2), (3, 1))])
def test_features_refuse_what_does_not_fit(shapes):
    """The message shows both shapes."""
    with pytest.raises(ValueError, match=r"genres must be \(n, g\) and years \(n,\), got") as error:
        film_features(np.ones(shapes[0]), np.full(shapes[1], 1990))
    assert all(str(shape) in str(error.value) for shape in shapes)


def test_profile_against_scikit_learn():
    """The cosine of the sum of a user's genre rows with each film's row; zeros give 0, as there."""
    rng = np.random.default_rng(1)
    seen, genres = rng.integers(0, 6, (15, 30)) * (rng.random((15, 30)) < 0.3), rng.integers(0, 2, (30, 6))
    seen[4] = genres[9] = 0
    found = genre_profile_scores(seen, genres)
    np.testing.assert_allclose(found, cosine_similarity((seen > 0) @ genres, genres), atol=1e-12)
    assert not found[4].any() and not found[:, 9].any()


@pytest.mark.parametrize("seen, genres", [(np.zeros((2, 3)), np.ones((3, 2))), (np.ones((2, 3)), np.zeros((3, 2)))])
def test_profile_of_nothing(seen, genres):
    """Where nobody rated anything, or no film has a genre, all scores are 0."""
    assert genre_profile_scores(seen, genres).tolist() == [[0] * 3] * 2


@pytest.mark.parametrize("shapes", [((2, 3), (4, 2)), ((3,), (3, 2)), ((2, 3), (3,))])
def test_profile_refuses_what_does_not_fit(shapes):
    """The message shows both shapes."""
    with pytest.raises(ValueError, match=r"seen must be \(q, n\) and genres \(n, g\), got") as error:
        genre_profile_scores(*map(np.ones, shapes))
    assert all(str(shape) in str(error.value) for shape in shapes)
