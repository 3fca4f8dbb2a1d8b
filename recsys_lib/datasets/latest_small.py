"""Read MovieLens latest-small of 2016 from the table in which its source keeps it."""

from __future__ import annotations

import hashlib

import numpy as np

from recsys_lib.datasets.data_frame import columns_of
from recsys_lib.datasets.movielens import DatasetError, MovieLens
from recsys_lib.datasets.titles import title_and_year

TABLE_HASH = "f11eb406d322dbeff4445a4e4954b6a37b6c210af3f2142310e895d2ee15f3c5"


def read_latest_small(packed: bytes) -> MovieLens:
    """Check every byte of the packed table, then read it.

    Parameters
    ----------
    packed : bytes
        One row a rating, pickled by pandas and packed by xz.

    Returns
    -------
    MovieLens

    Raises
    ------
    DatasetError
        If the bytes are others.
    """
    import lzma  # here, since not every Python has it, and the other data sets do without

    found = hashlib.sha256(packed).hexdigest()
    if found != TABLE_HASH:
        raise DatasetError(f"the table has sha256 {found} ({len(packed):,} bytes), expected {TABLE_HASH}.")
    try:
        table = columns_of(lzma.decompress(packed))
    except (ValueError, lzma.LZMAError) as error:
        raise DatasetError(f"the table does not read as MovieLens latest-small ({error}).") from error
    _, first, item = np.unique(table["movieId"], return_index=True, return_inverse=True)
    users, user = np.unique(table["userId"], return_inverse=True)
    titles, years = zip(*(_title(table["title"][row], table["year"][row]) for row in first), strict=True)
    named = [str(table["genres"][row]).split("|") for row in first]
    names = sorted({name for row in named for name in row})
    genres = np.zeros((len(named), len(names)))
    for row, own in zip(genres, named, strict=True):
        row[[names.index(name) for name in own]] = 1.0
    return MovieLens(
        user=user.reshape(-1),
        item=item.reshape(-1),
        rating=table["rating"].astype(float),
        timestamp=table["timestamp"].astype(np.int64),
        titles=list(titles),
        years=np.array(years),
        genres=genres,
        genre_names=names,
        ages=np.zeros(len(users), dtype=np.int64),
        genders=[""] * len(users),
        occupations=[""] * len(users),
        source="movielens-latest-small",
        scale=(0.5, 5.0),
    )


def _title(title: object, year: float) -> tuple[str, int]:
    """Write a title with its year; a few films have neither."""
    if not isinstance(title, str):
        return "unknown", 0
    return title_and_year(title if np.isnan(year) else f"{title} ({year:.0f})")
