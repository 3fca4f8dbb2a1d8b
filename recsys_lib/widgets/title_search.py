"""The search for films that two figures offer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

MAX_MATCHES = 30


class TitleSearch:
    """Find the films whose titles hold every word of a text, in any case and order.

    Parameters
    ----------
    titles : sequence of str, length n
    counts : array_like, shape (n,), optional
        Ratings per film. Films with more of them come first, and those with NaN, where the number is unknown, last.

    Attributes
    ----------
    order : list of int
        All films in the order in which they are found.

    Examples
    --------
    >>> search = TitleSearch(["Star Wars (1977)", "Heat (1995)", "Star Trek (1979)"], [10, 40, 30])
    >>> search("star")
    ([2, 0], '2 films, most ratings first')
    >>> search("wars STAR")
    ([0], '1 film, most ratings first')
    """

    def __init__(self, titles: Sequence[str], counts: ArrayLike | None = None):
        self._titles = [title.casefold() for title in titles]
        wished = np.zeros(len(titles)) if counts is None else -np.asarray(counts, dtype=float)
        self.order: list[int] = np.argsort(wished, kind="stable").tolist()
        self._how = "" if counts is None else ", most ratings first"
        self._text, self._found = "", self.order

    def __call__(self, text: str) -> tuple[list[int], str]:
        """List the films that are found.

        Returns
        -------
        ids : list of int
            The first `MAX_MATCHES` that were found.
        said : str
            How many were found, in words.
        """
        # Whoever types a longer text finds a part of what was found: at 60,000 titles that is felt.
        found = self._found if text.startswith(self._text) else self.order
        for word in text.casefold().split() if text != self._text else ():
            found = [i for i in found if word in self._titles[i]]
        self._text, self._found = text, found
        if not found:
            return [], "no film has this in its title"
        return found[:MAX_MATCHES], f"{len(found):,} film{'s' if len(found) > 1 else ''}{self._how}"
