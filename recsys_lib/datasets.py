"""The data that the lessons run on: MovieLens-100K, a synthetic world, and three items.

Lessons call `load`: real films where they can be had, else the synthetic world with a visible notice.

MovieLens-100K must not be passed on, so nothing of it is in this repository. `movielens_100k` fetches it once, from
whichever of two places answers first: the GroupLens archive, or (through pip) a wheel that carries the same ratings.
Either way the bytes are compared with a published hash, and the dataset that comes out is the same.

Two environment variables: ``COURSE_DATA`` is the folder of the cache, ``COURSE_OFFLINE=1`` forbids fetching.

Source: F. M. Harper and J. A. Konstan, The MovieLens Datasets: History and Context, ACM TiiS 5(4), 2015.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

GENRES = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)

_RATINGS_MD5 = "6e47046882bad158b0efbb84cd5cb987"
_GROUPLENS_URL = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
_GROUPLENS_HASH = "md5:0e33842e24a9c977be4e0107933c0723"
_WHEEL = "recbole==1.2.1"
_WHEEL_HASH = "sha256:9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
_WHEEL_BYTES = 2_130_151
_CONNECT_SECONDS, _READ_SECONDS, _PIP_SECONDS = 3, 30, 180
_CACHE_FILE = "movielens-100k.zip"


class DatasetError(RuntimeError):
    """MovieLens-100K cannot be had, or what came is not MovieLens-100K; the message says what to do."""


@dataclass(frozen=True, eq=False)
class MovieLens:
    """Ratings of films by users, as plain arrays; every id is a position, counted from 0.

    Item 0 is MovieLens item 1, user 0 is MovieLens user 1. All arrays are read-only: copy one before changing it.

    Parameters
    ----------
    user, item : ndarray of int, shape (n,)
        Who rated what; one row per rating, no pair twice.
    rating : ndarray of float, shape (n,)
        1 to 5.
    timestamp : ndarray of int, shape (n,)
        Seconds since 1970.
    titles : list of str
        One per item, as people write them: ``"The Usual Suspects (1995)"``.
    years : ndarray of int, shape (n_items,)
        0 where unknown.
    genres : ndarray of float, shape (n_items, 19)
        1 where the film has the genre, else 0.
    genre_names : list of str
        The names of the 19 columns.
    ages : ndarray of int, shape (n_users,)
    genders, occupations : list of str
        One per user.
    source : str
        ``"movielens-100k"`` or ``"synthetic"``.
    true_users, true_items : ndarray or None
        The planted embeddings of a synthetic world, shapes (n_users, d) and (n_items, d); None for MovieLens.
    """

    user: NDArray[np.integer]
    item: NDArray[np.integer]
    rating: NDArray[np.floating]
    timestamp: NDArray[np.integer]
    titles: list[str] = field(repr=False)
    years: NDArray[np.integer] = field(repr=False)
    genres: NDArray[np.floating] = field(repr=False)
    genre_names: list[str] = field(repr=False)
    ages: NDArray[np.integer] = field(repr=False)
    genders: list[str] = field(repr=False)
    occupations: list[str] = field(repr=False)
    source: str
    true_users: NDArray[np.floating] | None = field(default=None, repr=False)
    true_items: NDArray[np.floating] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Make every array read-only."""
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __repr__(self) -> str:
        """Sizes and source on one line."""
        return f"MovieLens({self.n_users} users, {self.n_items} items, {len(self.user)} ratings, {self.source!r})"

    @property
    def n_users(self) -> int:
        """Number of users."""
        return len(self.ages)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.titles)

    def matrix(self, rows: ArrayLike | None = None) -> NDArray[np.floating]:
        """Say who rated what: 1 where the user rated the item, whatever the rating, else 0.

        Parameters
        ----------
        rows : array_like of int, optional
            Positions of the ratings to use, for instance the training rows of a split. All by default.

        Returns
        -------
        ndarray, shape (n_users, n_items)
            A new array, free to change.

        Examples
        --------
        >>> world = synthetic_world(0)
        >>> world.matrix().shape, int(world.matrix([0, 1, 2]).sum())
        ((300, 400), 3)
        """
        out = np.zeros((self.n_users, self.n_items))
        chosen = slice(None) if rows is None else np.asarray(rows)
        if isinstance(chosen, np.ndarray) and chosen.size == 0:
            return out
        out[self.user[chosen], self.item[chosen]] = 1.0
        return out

    def find(self, text: str) -> list[int]:
        """Find the items whose title contains a text; case and accents do not matter.

        Parameters
        ----------
        text : str

        Returns
        -------
        list of int
            Item ids, ascending; empty where nothing matches.

        Examples
        --------
        >>> synthetic_world(0).find("film 017")
        [17]
        """
        wanted = _plain(text)
        return [i for i, title in enumerate(self.titles) if wanted in _plain(title)]


def load(*, quiet: bool = False) -> MovieLens:
    """Load MovieLens-100K where it can be had, else a synthetic world with a visible notice. Lessons call this.

    Parameters
    ----------
    quiet : bool
        True prints nothing: no notice and no progress.

    Returns
    -------
    MovieLens
        ``.source`` says which one it is.

    Examples
    --------
    >>> load(quiet=True).source in ("movielens-100k", "synthetic")
    True
    """
    try:
        return movielens_100k(progress=not quiet)
    except DatasetError as error:
        if not quiet:
            reason = " ".join(str(error).split())
            print(f"Notice: running on a synthetic world; the numbers in the text are for MovieLens. Why: {reason}")
        return synthetic_world()


def three_items() -> tuple[NDArray[np.floating], NDArray[np.floating], list[str]]:
    """Give the query and the three items on which dot product, cosine and distance all disagree.

    Returns
    -------
    q : ndarray, shape (2,)
    items : ndarray, shape (3, 2)
    names : list of str

    Examples
    --------
    >>> q, items, names = three_items()
    >>> dict(zip(names, (items @ q).tolist()))
    {'A': 18.0, 'B': 16.0, 'C': 7.0}
    """
    return np.array([4.0, 3.0]), np.array([[0.0, 6.0], [4.0, 0.0], [1.0, 1.0]]), ["A", "B", "C"]


def movielens_100k(*, cache: str | os.PathLike | None = None, progress: bool = True) -> MovieLens:
    """Load MovieLens-100K: 100,000 ratings of 1,682 films by 943 users. Fetched once, checked by hash, cached.

    Parameters
    ----------
    cache : path, optional
        Folder of the cache. Default: the environment variable ``COURSE_DATA``, else the system's cache folder.
        A folder that cannot be written is fine once it holds the data.
    progress : bool
        Show what is being fetched, and how far it is.

    Returns
    -------
    MovieLens

    Raises
    ------
    DatasetError
        If neither source can be reached, if what came has another hash, or if the cache cannot be written.
        Nothing is cached then. The message says what was found, what was expected and what to do.

    Notes
    -----
    The licence forbids passing the data on: never commit the cache, nor anything from which it can be rebuilt.

    Examples
    --------
    >>> data = movielens_100k()  # doctest: +SKIP
    >>> data.titles[11], int(data.years[11])  # doctest: +SKIP
    ('The Usual Suspects (1995)', 1995)
    """
    folder = cache_folder() if cache is None else Path(cache)
    path = folder / _CACHE_FILE
    damage = ""
    if path.is_file():
        try:
            return _from_cache(path.read_bytes())
        except (DatasetError, OSError) as error:
            damage = f"The cached copy {path} is damaged ({error}) "
            if progress:
                print(f"{damage.strip()}; fetching it again.")
    try:
        packed = _fetch(folder, progress)
    except DatasetError as error:
        raise DatasetError(f"{damage}{error}") from error
    data = _from_cache(packed)  # nothing is kept that cannot be read back
    _write_aside(path, packed)
    return data


def cache_folder() -> Path:
    """Name the folder in which fetched data is kept: ``COURSE_DATA``, else the system's cache folder.

    Returns
    -------
    Path
        It need not exist yet.

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


# Fetching ---------------------------------------------------------------------------------------------------------


def _fetch(folder: Path, progress: bool) -> bytes:
    """Try each source in turn; return the bytes for the cache, all of them checked."""
    if os.environ.get("COURSE_OFFLINE", "") not in ("", "0"):
        raise DatasetError(
            f"MovieLens-100K is not in {folder}, and COURSE_OFFLINE forbids fetching it. Unset COURSE_OFFLINE, or "
            "set COURSE_DATA to a folder that holds the data."
        )
    sources: list[tuple[str, str, str, Callable, Callable]] = [
        ("grouplens", _GROUPLENS_URL, _GROUPLENS_HASH, _http(progress), _members_of_archive),
        ("wheel", f"pip://{_WHEEL}", _WHEEL_HASH, _pip(progress), _members_of_wheel),
    ]
    reasons = []
    for name, url, known_hash, downloader, members in sources:
        if progress:
            where = "the GroupLens archive" if name == "grouplens" else f"the wheel {_WHEEL}, through pip"
            print(f"Fetching MovieLens-100K from {where} ...")
        try:
            archive = _retrieve(url, known_hash, downloader)
            return _pack(name, members(archive))
        except DatasetError as error:
            reasons.append(f"{name}: {error}")
            if progress and name != sources[-1][0]:
                print("  That did not work; trying the next source.")
    raise DatasetError(
        "MovieLens-100K could not be fetched. "
        + " ".join(f"[{reason}]" for reason in reasons)
        + " Nothing was cached. Connect to the network and try again, or set COURSE_DATA to a folder that holds "
        f"{_CACHE_FILE} from another machine."
    )


def _retrieve(url: str, known_hash: str, downloader: Callable) -> bytes:
    """Download through pooch into a folder of our own, compare the hash, return the bytes."""
    import pooch
    import requests

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)  # pooch would write to stderr what we say on stdout
    try:
        with tempfile.TemporaryDirectory(prefix="course-data-") as folder:
            path = pooch.retrieve(url, known_hash, fname="download", path=folder, downloader=downloader)
            return Path(path).read_bytes()
    except requests.exceptions.RequestException as error:
        kind = type(error).__name__
        raise DatasetError(f"{url} could not be reached ({kind}).") from error
    except ValueError as error:  # pooch: the hash differs; it has deleted the download
        raise DatasetError(f"wrong content: {error} Try again later; if it stays, the source has changed.") from error
    except OSError as error:
        raise DatasetError(
            f"the download could not be written ({error}). Free some space in {tempfile.gettempdir()}, or set TMPDIR."
        ) from error
    finally:
        logger.setLevel(level)


def _http(progress: bool) -> Callable:
    """Download over HTTP with a short time to connect, so that a machine without network waits no longer."""
    import pooch

    return pooch.HTTPDownloader(progressbar=progress, timeout=(_CONNECT_SECONDS, _READ_SECONDS))


def _pip(progress: bool) -> Callable:
    """Download one wheel, without what it depends on, through pip and whichever index pip is set up for."""

    def download(url: str, output_file: str, _pooch: object) -> None:
        with tempfile.TemporaryDirectory(prefix="course-pip-") as folder:
            out = Path(folder, "out")
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--dest",
                str(out),
            ]
            command += ["--disable-pip-version-check", "--no-input", "--retries", "1", "--timeout", "10", "--quiet"]
            log = Path(folder, "log")
            with log.open("wb") as stream:
                process = subprocess.Popen(
                    [*command, url.removeprefix("pip://")],
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=stream,
                    env={**os.environ, "TMPDIR": folder, "TEMP": folder, "TMP": folder},
                )
                try:
                    _wait(process, Path(folder), progress)
                finally:
                    if process.poll() is None:
                        process.kill()
                        process.wait()
            wheels = list(out.glob("*.whl")) if out.is_dir() else []
            if process.returncode or len(wheels) != 1:
                said = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
                last = said[-1].strip() if said else f"exit status {process.returncode}"
                raise DatasetError(f"pip could not download {_WHEEL} ({last[:200]}).")
            Path(output_file).write_bytes(wheels[0].read_bytes())

    return download


def _wait(process: subprocess.Popen, folder: Path, progress: bool) -> None:
    """Wait for pip; show how much of the wheel has arrived."""
    from tqdm import tqdm

    deadline = time.monotonic() + _PIP_SECONDS
    with tqdm(total=_WHEEL_BYTES, unit="B", unit_scale=True, desc="  by pip", disable=not progress, leave=True) as bar:
        while process.poll() is None:
            if time.monotonic() > deadline:
                raise DatasetError(f"pip did not finish within {_PIP_SECONDS} s.")
            bar.update(min(_largest_wheel(folder), _WHEEL_BYTES) - bar.n)
            time.sleep(0.1)
        bar.update(min(_largest_wheel(folder), _WHEEL_BYTES) - bar.n)


def _largest_wheel(folder: Path) -> int:
    """Size of the largest wheel so far; pip moves files about, so one may vanish meanwhile."""
    largest = 0
    for path in folder.rglob("*.whl"):
        try:
            largest = max(largest, path.stat().st_size)
        except OSError:
            continue
    return largest


def _members_of_archive(archive: bytes) -> dict[str, bytes]:
    """Take ratings, items and users out of the GroupLens archive."""
    return {name: _member(archive, f"ml-100k/{name}") for name in ("u.data", "u.item", "u.user")}


def _members_of_wheel(archive: bytes) -> dict[str, bytes]:
    """Take the same out of the wheel, whose ratings stand behind one header line."""
    inside = "recbole/dataset_example/ml-100k/ml-100k"
    ratings = _member(archive, f"{inside}.inter")
    return {
        "u.data": ratings[ratings.find(b"\n") + 1 :],
        "u.item": _member(archive, f"{inside}.item"),
        "u.user": _member(archive, f"{inside}.user"),
    }


def _member(archive: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.read(name)
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise DatasetError(f"the archive does not hold a readable {name} ({error}).") from error
    except Exception as error:  # zlib.error and its like: damaged bytes inside a good frame
        raise DatasetError(f"{name} is damaged ({error}).") from error


# The cache: one zip with the three members and a note of where they came from ---------------------------------------


def _pack(source: str, members: dict[str, bytes]) -> bytes:
    _expect_ratings(members["u.data"])
    note = {"source": source, "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in [*members.items(), ("source.json", json.dumps(note, indent=1).encode())]:
            packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _from_cache(packed: bytes) -> MovieLens:
    """Check every byte of the cached members, then read them."""
    try:
        note = json.loads(_member(packed, "source.json"))
        source, hashes = note["source"], dict(note["sha256"])
        parse = {"grouplens": _grouplens_rows, "wheel": _wheel_rows}[source]
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"source.json does not read as the note that we write ({error!r}).") from error
    members = {name: _member(packed, name) for name in ("u.data", "u.item", "u.user")}
    _expect_ratings(members["u.data"])
    for name, data in members.items():
        found = hashlib.sha256(data).hexdigest()
        if found != hashes.get(name):
            raise DatasetError(f"{name} has sha256 {found}, expected {hashes.get(name)}.")
    try:
        items, users = parse(members["u.item"], members["u.user"])
        return _movielens(members["u.data"], items, users)
    except (ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise DatasetError(f"the items or users do not read as MovieLens-100K ({error!r}).") from error


def _expect_ratings(data: bytes) -> None:
    found = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if found != _RATINGS_MD5:
        rows = data.count(b"\n")
        raise DatasetError(
            f"the ratings have md5 {found} ({len(data):,} bytes, {rows:,} rows), expected {_RATINGS_MD5} "
            "(1,979,173 bytes, 100,000 rows)."
        )


def _write_aside(path: Path, data: bytes) -> None:
    """Write under another name, then rename: whoever looks sees all of the file or none."""
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as stream:
            part = stream.name
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(part, 0o644)
        os.replace(part, path)
    except OSError as error:
        if part is not None and os.path.exists(part):
            os.unlink(part)
        raise DatasetError(
            f"MovieLens-100K was fetched but could not be kept in {path.parent} ({error}). Free some space there, or "
            "set COURSE_DATA to a folder that you can write."
        ) from error


# Reading: both sources are brought to the same rows, so that the rest cannot tell them apart ------------------------

_Item = tuple[str, Iterable[int]]  # title with its year, genre columns
_User = tuple[int, str, str]  # age, gender, occupation


def _grouplens_rows(items: bytes, users: bytes) -> tuple[list[_Item], list[_User]]:
    """Read ``id|title (year)|date|video date|address|19 flags`` and ``id|age|gender|occupation|code``."""
    item_rows = []
    for position, line in enumerate(items.decode("latin-1").splitlines(), 1):
        fields = line.split("|")
        if len(fields) != 5 + len(GENRES) or int(fields[0]) != position:
            raise ValueError(f"u.item, line {position}: {line[:80]!r}")
        item_rows.append((fields[1], [column for column, flag in enumerate(fields[5:]) if flag == "1"]))
    return item_rows, _user_rows(users.decode("latin-1").splitlines(), "|")


def _wheel_rows(items: bytes, users: bytes) -> tuple[list[_Item], list[_User]]:
    """Read the same, tab-separated behind a header: ``id title year genres`` and ``id age gender occupation code``."""
    item_rows = []
    for position, line in enumerate(items.decode("utf-8").split("\n")[1:], 1):
        if not line:
            continue
        number, title, year, names = line.rstrip("\r").split("\t")
        if int(number) != position:
            raise ValueError(f"items, line {position}: {line[:80]!r}")
        item_rows.append((f"{title} ({year})", [GENRES.index(name) for name in names.split(" ")]))
    return item_rows, _user_rows(users.decode("utf-8").splitlines()[1:], "\t")


def _user_rows(lines: list[str], separator: str) -> list[_User]:
    rows = []
    for position, line in enumerate(lines, 1):
        number, age, gender, occupation, _code = line.split(separator)
        if int(number) != position:
            raise ValueError(f"users, line {position}: {line[:80]!r}")
        rows.append((int(age), gender, occupation))
    return rows


def _movielens(ratings: bytes, items: list[_Item], users: list[_User]) -> MovieLens:
    table = np.array(ratings.split(), dtype=np.int64).reshape(-1, 4)
    if table[:, 0].max() > len(users) or table[:, 1].max() > len(items) or table[:, :2].min() < 1:
        raise ValueError("a rating by an unknown user or of an unknown item")
    read = [_title_and_year(title) for title, _ in items]
    genres = np.zeros((len(items), len(GENRES)))
    for row, (_, columns) in enumerate(items):
        genres[row, list(columns)] = 1.0
    return MovieLens(
        user=table[:, 0] - 1,
        item=table[:, 1] - 1,
        rating=table[:, 2].astype(float),
        timestamp=table[:, 3].copy(),
        titles=[title for title, _ in read],
        years=np.array([year for _, year in read]),
        genres=genres,
        genre_names=list(GENRES),
        ages=np.array([age for age, _, _ in users]),
        genders=[gender for _, gender, _ in users],
        occupations=[occupation for _, _, occupation in users],
        source="movielens-100k",
    )


_YEAR = re.compile(r"^(?P<title>.*?)\s*\((?P<year>\d{4})\)(?:\s*\((?:V|TV)\))?$")  # (V), (TV): not shown in cinemas
_ARTICLE = re.compile(r"^(?P<rest>.+), (?P<article>The|A|An|L'|Le|La|Les|Il|O|El|Los|Las|Das|Der|Die|Det)$")


def _title_and_year(raw: str) -> tuple[str, int]:
    """Write a title as people do: article first, year behind; year 0 where there is none."""
    raw = " ".join(raw.split())
    if raw in ("unknown", "unkonwn (unkonwn)"):
        return "unknown", 0
    match = _YEAR.match(raw)
    title, year = (match["title"], int(match["year"])) if match else (raw, 0)
    other = re.search(r" \((?P<other>[^()]*)\)$", title)
    if other:
        title = f"{_article_first(title[: other.start()])} ({_article_first(other['other'])})"
    else:
        title = _article_first(title)
    return (f"{title} ({year})" if year else title), year


def _article_first(title: str) -> str:
    match = _ARTICLE.match(title)
    if not match:
        return title
    space = "" if match["article"].endswith("'") else " "
    return f"{match['article']}{space}{match['rest']}"


def _plain(text: str) -> str:
    """Drop case and accents."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


# The synthetic world ------------------------------------------------------------------------------------------------


def synthetic_world(
    seed: int = 0, *, n_users: int = 300, n_items: int = 400, mean_ratings: float = 60.0, dim: int = 8
) -> MovieLens:
    """Make a world whose truth is known: tastes by genre, a few popular films, and norms that follow popularity.

    Every film has a direction (from its genres) and a norm (from its place in a heavy-tailed order of popularity);
    every user has a direction (from two favourite genres). A user rates films at random, more often those with a
    large dot product and a large popularity. So popular films are the long vectors, as in models of real data.

    Parameters
    ----------
    seed : int
        The same seed gives the same world.
    n_users, n_items : int
    mean_ratings : float
        Ratings per user, on average; every user has at least 20, every film at least one. One film in 25 has exactly
        one, so a split leaves some films without a training rating, as it does on MovieLens.
    dim : int
        Width of the planted embeddings.

    Returns
    -------
    MovieLens
        ``source`` is ``"synthetic"``; ``true_users`` and ``true_items`` hold the planted embeddings.

    Raises
    ------
    ValueError
        If there are fewer than two users, fewer than 40 items, or ``dim`` is less than 1.

    Examples
    --------
    >>> world = synthetic_world(0)
    >>> world
    MovieLens(300 users, 400 items, 17161 ratings, 'synthetic')
    >>> bool((synthetic_world(0).rating == world.rating).all())
    True
    """
    if n_users < 2 or n_items < 40 or dim < 1:
        raise ValueError(f"need 2 users, 40 items and dim 1 at least, got {n_users}, {n_items} and {dim}")
    rng = np.random.default_rng(seed)
    n_genres = len(GENRES)
    usual = np.r_[0.0, 1.0 / np.arange(1, n_genres)]  # genre 0 is "unknown": nothing has it
    usual[1:] = rng.permutation(usual[1:])
    usual /= usual.sum()

    # films: one to three genres, a direction near theirs, a norm by popularity
    genres = np.zeros((n_items, n_genres))
    for row in genres:
        row[rng.choice(n_genres, size=rng.integers(1, 4), replace=False, p=usual)] = 1.0
    centres = rng.standard_normal((n_genres, dim)) / np.sqrt(dim)
    shared = np.full(dim, 0.3 / np.sqrt(dim))  # what everybody likes a little
    place = rng.permutation(n_items)
    popularity = 1.0 / (1.0 + place) ** 1.2  # heavy tail
    directions = (genres @ centres) / genres.sum(1, keepdims=True) + shared
    directions += 0.3 * rng.standard_normal((n_items, dim)) / np.sqrt(dim)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    items = directions * (popularity / popularity.max())[:, None] ** 0.25

    # users: two favourite genres
    users = shared + 0.3 * rng.standard_normal((n_users, dim)) / np.sqrt(dim)
    for row in users:
        row += centres[rng.choice(n_genres, size=2, replace=False, p=usual)].mean(0)
    users /= np.linalg.norm(users, axis=1, keepdims=True)

    # who rates what: popularity times taste, drawn without replacement (Gumbel noise and the best m)
    taste = users @ directions.T
    wish = 10.0 * taste + np.log(popularity) + rng.gumbel(size=taste.shape)
    wish[:, place >= n_items - n_items // 25] = -np.inf  # the rarest: one rating each, below
    extra = rng.gamma(1.2, max(mean_ratings - 20.0, 0.1) / 1.2, n_users)
    wanted = np.clip(20 + extra, 20, n_items // 2).astype(int)
    rated = np.argsort(np.argsort(-wish, axis=1), axis=1) < wanted[:, None]
    for lonely in np.flatnonzero(~rated.any(axis=0)):
        rated[rng.integers(n_users), lonely] = True
    user, item = np.nonzero(rated)
    order = rng.permutation(len(user))
    user, item = user[order], item[order]
    noise = rng.standard_normal(len(user))
    rating = np.clip(np.rint(3.0 + 1.2 * taste[user, item] + 0.8 * noise), 1, 5)

    years = np.clip(1998 - rng.geometric(0.12, n_items), 1930, 1998)
    width = max(3, len(str(n_items - 1)))
    return MovieLens(
        user=user,
        item=item,
        rating=rating,
        timestamp=874_724_710 + rng.integers(0, 18_561_928, len(user)),
        titles=[f"Film {number:0{width}d} ({year})" for number, year in enumerate(years)],
        years=years,
        genres=genres,
        genre_names=list(GENRES),
        ages=rng.integers(12, 70, n_users),
        genders=rng.choice(["F", "M"], n_users).tolist(),
        occupations=rng.choice(["artist", "engineer", "student", "writer"], n_users).tolist(),
        source="synthetic",
        true_users=users,
        true_items=items,
    )
