"""Measurements that lessons quote and that take too long to make in a lesson, as the benchmarks have kept them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("search.csv")


def search_measurements() -> list[dict[str, Any]]:
    """Read what `python course.py bench search` measured among a million synthetic items.

    Returns
    -------
    list of dict
        A row for each index and effort: ``what`` (a text), ``items``, ``queries`` and ``effort`` (whole numbers),
        ``recall`` at 10, ``cpu_seconds`` for all queries together, ``build_seconds`` and ``megabytes``; None where
        something does not apply. Of rows on shards, ``cpu_seconds`` is the time of merging.

    Examples
    --------
    >>> {row["items"] for row in search_measurements()}
    {1000000}
    """
    with FILE.open(newline="", encoding="utf-8") as file:
        return [{name: _value(name, text) for name, text in row.items()} for row in csv.DictReader(file)]


def _value(name: str, text: str) -> Any:
    if name == "what":
        return text
    if not text:
        return None
    return int(text) if name in ("items", "queries", "effort") else float(text)
