"""Read MovieLens-100K: each source writes items and users in its own way; the dataset that comes out is the same.

A source's files go by their names in the GroupLens archive: ``u.data`` (ratings), ``u.item`` and ``u.user``.
"""

import hashlib

import numpy as np

from recsys_lib.datasets.movielens import GENRES, DatasetError, MovieLens
from recsys_lib.datasets.titles import title_and_year

RATINGS_MD5 = "6e47046882bad158b0efbb84cd5cb987"


def expect_ratings(data: bytes) -> None:
    """Refuse other ratings than those of MovieLens-100K, which both sources write in the same way."""
    found = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if found != RATINGS_MD5:
        rows = data.count(b"\n")
        raise DatasetError(
            f"the ratings have md5 {found} ({len(data):,} bytes, {rows:,} rows), expected {RATINGS_MD5} "
            "(1,979,173 bytes, 100,000 rows)."
        )


def _read_grouplens(members: dict[str, bytes]) -> MovieLens:
    """Read ``id|title (year)|date|video date|address|19 flags`` and ``id|age|gender|occupation|code``."""
    items = [
        (title, [name for name, flag in zip(GENRES, flags, strict=True) if flag == "1"])
        for title, _date, _video_date, _address, *flags in _records(members["u.item"].decode("latin-1"), "|")
    ]
    return _movielens(members["u.data"], items, _records(members["u.user"].decode("latin-1"), "|"))


def _read_wheel(members: dict[str, bytes]) -> MovieLens:
    """Read the same, tab-separated behind a header: ``id title year genres`` and ``id age gender occupation code``."""
    items, users = (_records(members[name].decode().partition("\n")[2], "\t") for name in ("u.item", "u.user"))
    return _movielens(
        members["u.data"], [(f"{title} ({year})", names.split(" ")) for title, year, names in items], users
    )


READERS = {"grouplens": _read_grouplens, "wheel": _read_wheel}


def _records(text: str, separator: str) -> list[list[str]]:
    """Split lines into fields and drop the id, which must be the line's number: ids become positions."""
    records = []
    for position, line in enumerate(text.splitlines(), 1):
        number, *fields = line.split(separator)
        if int(number) != position:
            raise ValueError(f"line {position}: {line[:80]!r}")
        records.append(fields)
    return records


def _movielens(ratings: bytes, items: list[tuple[str, list[str]]], users: list[list[str]]) -> MovieLens:
    """Make the dataset of the ratings, each item's title (with its year) and genres, and the fields of each user."""
    table = np.array(ratings.split(), dtype=np.int64).reshape(-1, 4)
    if table[:, 0].max() > len(users) or table[:, 1].max() > len(items) or table[:, :2].min() < 1:
        raise ValueError("a rating by an unknown user or of an unknown item")
    titles, years = zip(*(title_and_year(title) for title, _ in items), strict=True)
    genres = np.zeros((len(items), len(GENRES)))
    for row, (_, names) in zip(genres, items, strict=True):
        row[[GENRES.index(name) for name in names]] = 1.0
    ages, genders, occupations, _codes = zip(*users, strict=True)
    return MovieLens(
        user=table[:, 0] - 1,
        item=table[:, 1] - 1,
        rating=table[:, 2].astype(float),
        timestamp=table[:, 3].copy(),
        titles=list(titles),
        years=np.array(years),
        genres=genres,
        genre_names=list(GENRES),
        ages=np.array([int(age) for age in ages]),
        genders=list(genders),
        occupations=list(occupations),
        source="movielens-100k",
    )
