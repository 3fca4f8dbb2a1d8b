"""The search for films that two figures offer: what the browser needs to answer it alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets
from numpy.typing import ArrayLike


class FilmSearch(traitlets.HasTraits):
    """A figure in which films are found by a part of their titles.

    The browser finds them; film_search.js says how. Films with more ratings come first, and those with NaN, where the
    number is unknown, last.
    """

    names = traitlets.Bytes().tag(sync=True)
    order = traitlets.Bytes().tag(sync=True)
    ratings = traitlets.Bytes().tag(sync=True)


def searchable(titles: Sequence[str], counts: ArrayLike | None = None) -> dict[str, bytes]:
    """Give the traits of a `FilmSearch`.

    Parameters
    ----------
    titles : sequence of str, length n
        Each on one line.
    counts : array_like, shape (n,), optional
        Ratings per film.

    Examples
    --------
    >>> traits = searchable(["Star Wars (1977)", "Heat (1995)", "Star Trek (1979)"], [10, 40, 30])
    >>> np.frombuffer(traits["order"], "<i4").tolist()
    [1, 2, 0]
    """
    known = np.zeros(0) if counts is None else np.asarray(counts, dtype=float)
    order = np.arange(len(titles)) if counts is None else np.argsort(-known, kind="stable")
    return {
        "names": "\n".join(titles).encode(),
        "order": order.astype("<i4").tobytes(),
        "ratings": known.astype("<f4").tobytes(),
    }
