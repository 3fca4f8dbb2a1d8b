"""Three items, small enough to draw: a long one, a near one, and one in the query's direction."""

from __future__ import annotations

ABC = [[0, 6], [4, 0], [1, 1]]
