"""One BLAS thread inside, as many as before after it."""

import pytest
from threadpoolctl import threadpool_info

from recsys_lib.threads import on_one_thread, one_thread


def blas_threads():
    """Give the number of threads of each BLAS that is loaded."""
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_one_thread_and_back():
    """Also where an error leaves the block."""
    before = blas_threads()
    assert before
    with one_thread():
        assert set(blas_threads()) == {1}
    assert blas_threads() == before
    with pytest.raises(KeyError), one_thread():
        raise KeyError
    assert blas_threads() == before


def test_decorated_function_is_itself():
    """Name, arguments and result stay."""

    @on_one_thread
    def threads(extra, *, more):
        """Count."""
        return blas_threads(), extra + more

    found, total = threads(1, more=2)
    assert set(found) == {1} and total == 3
    assert threads.__doc__ == "Count."
