"""The benchmarks: what they claim is judged by tested rules, and the README's verdicts are measured again."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import claims, claims_grid, claims_page, claims_verdicts, grading, ials, tables
from classroom.__main__ import parse
from classroom.commands import bench
from recsys_lib.checks import check

ROOT = Path(__file__).resolve().parent.parent


FILE = claims_grid.read() if claims_grid.FILE.exists() else []
ONE_WORD = re.compile(r"always|never|not applicable|when .+")


def test_whole_grid_is_in_the_file():
    """Each place of the grid was measured once at each length, and nothing else was."""
    measured = [(line.place, line.length) for line in FILE]
    asked = [(at, length) for at in claims_grid.places() for length in claims_grid.MODELS[at.model].lengths]
    assert sorted(measured) == sorted(asked)
    assert re.fullmatch(r"begun \d{4}-\d\d-\d\d with Python [\d.]+, NumPy [\d.]+", claims_grid.made())


def test_every_claim_is_judged_in_four_words():
    """No word but always, when ..., never and not applicable; the text is never judged by what was not measured."""
    judged = claims_verdicts.judge_all(FILE)
    assert list(judged) == [claim.name for claim in claims_verdicts.CLAIMS]
    for verdicts in judged.values():
        assert list(verdicts) == list(claims_grid.MODELS)
        for verdict in verdicts.values():
            assert ONE_WORD.fullmatch(verdict.word), verdict


def test_pages_say_what_the_file_says():
    """README's table, docs/claims.md and the section of results.md are made from the file as it is."""
    table = claims_page.table(claims_verdicts.judge_all(FILE))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert bench.with_claims(readme, f"{table}\n\nmore") == readme
    results = bench.sections(bench.RESULTS.read_text(encoding="utf-8"))[bench.BENCHMARKS["claims"]]
    assert table in results and claims_page.rules(FILE) in results
    assert claims_page.PAGE.read_text(encoding="utf-8") == claims_page.page(FILE)


def test_each_claim_has_its_picture():
    """The page shows a heat map a claim; no other picture lies beside them."""
    from PIL import Image

    names = {f"{claim.name}.png" for claim in claims_verdicts.CLAIMS}
    assert {path.name for path in claims_page.PICTURES.iterdir()} == names
    assert set(re.findall(r"\(claims/(.*?)\)", claims_page.PAGE.read_text(encoding="utf-8"))) == names
    drawn = claims_page.png(claims_page.picture(claims_verdicts.CLAIMS[0], claims_verdicts.by_model(FILE)))
    with Image.open(io.BytesIO(drawn)) as here, Image.open(claims_page.PICTURES / "norm.png") as there:
        assert here.size == there.size


@pytest.mark.slow
@pytest.mark.parametrize("name", claims_grid.MODELS, ids=lambda name: re.sub("[ ,]+", "-", name))
def test_a_sample_changes_no_word(name, movielens, latest_small):
    """Places of the grid trained again give the file's figures, and with them every word stays."""
    mixed = claims.measured_again(name, FILE)
    assert len(mixed) == len(FILE)


def figures(rho=0.9, dot=3.0, cosine=1.0, rare=0.0, recall=0.2):
    """Figures of one model on one split."""
    return claims_grid.Figures(rho, dot, cosine, 2.0, rare, 0.0, 0.01, recall, 0.1)


def grid(made):
    """Runs of one model: `made(spot, split)` gives the figures."""
    return {spot: [made(spot, split) for split in claims_grid.SPLITS] for spot in claims_verdicts.SPOTS}


def verdict(name, made):
    """Judge a claim by name on such runs."""
    claim = next(claim for claim in claims_verdicts.CLAIMS if claim.name == name)
    return claims_verdicts.judge(claim, grid(made))


def bad(spot):
    """Whether a spot has a large start and no L2."""
    return spot.start == 1 and spot.l2 == "no L2"


def test_a_grid_that_is_as_the_text_says():
    """Every claim always holds."""
    words = {
        claim.name: verdict(claim.name, lambda spot, split: figures(rare=0.3 * bad(spot)))
        for claim in claims_verdicts.CLAIMS
    }
    assert {found.word for found in words.values()} == {"always"}


@pytest.mark.parametrize(
    ("name", "made", "word"),
    [
        ("norm", lambda spot, split: figures(rho=-0.5), "never"),
        ("norm", lambda spot, split: figures(rho=0.9 if spot.start < 1 else -0.9), "when start 0.25 or less"),
        ("norm", lambda spot, split: figures(rho=0.1 * (-1) ** split), "never"),  # the splits do not agree
        (
            "norm",
            lambda spot, split: figures(rho=0.9 if spot.start < 1 and spot.l2 == "no L2" else -0.9),
            "when start 0.25 or less, no L2",
        ),
        (
            "norm",
            lambda spot, split: figures(rho=0.9 if spot.start < 1 or spot.length == "long" else -0.9),
            "when start 0.25 or less, or long training",
        ),
        (
            "norm",
            lambda spot, split: figures(rho=-0.9 if spot == claims_verdicts.SPOTS[20] else 0.9),
            "when not at 1 of 54 places",
        ),
        ("dot", lambda spot, split: figures(cosine=3.5), "never"),
        ("dominate", lambda spot, split: figures(dot=1.5), "never"),  # more than the cosine, less than the hidden films
        ("prefer", lambda spot, split: figures(recall=0.05), "never"),
        ("rare", lambda spot, split: figures(rare=0.005), "never"),  # fewer than among the hidden films
        ("start", lambda spot, split: figures(rare=0.3), "never"),
        ("start", lambda spot, split: figures(rare=0.0), "not applicable"),  # there is nothing to cure
        ("l2", lambda spot, split: figures(rare=0.3 * (spot.l2 != "much L2")), "when much L2"),
        (
            "both",
            lambda spot, split: figures(rare=0.3 * (bad(spot) or spot.length == "short")),
            "when training not short",
        ),
    ],
)
def test_claims_can_fail(name, made, word):
    """Each figure that is not as the text says turns its own claim, and a condition is found."""
    assert verdict(name, made).word == word


def test_a_training_that_runs_away_is_told_and_not_counted():
    """NaN on one split takes the place out of both numbers."""
    nothing = claims_grid.Figures(*[float("nan")] * len(claims_grid.Figures._fields))
    first = claims_verdicts.SPOTS[0]
    found = verdict("norm", lambda spot, split: nothing if spot == first and split == 3 else figures())
    assert (found.word, found.inside, found.away) == ("always", (53, 53), 1)


def test_a_figure_that_moved_is_told(monkeypatch):
    """A measurement that is not near the file's is named, with the place and both numbers."""
    line = next(line for line in FILE if line.place.split == 0 and line.place.model == "iALS")
    moved = line._replace(figures=line.figures._replace(rho=line.figures.rho - 0.5))
    monkeypatch.setattr(claims, "sample", lambda name: [(line.place, (line.length,))])
    monkeypatch.setattr(claims, "train", lambda at, lengths: [moved])
    with pytest.raises(claims.ClaimChangedError, match="rho is"):
        claims.measured_again("iALS", FILE)


def test_a_file_is_read_as_it_was_written(tmp_path):
    """Lines come back, and a file with other columns is refused with both headers."""
    path = tmp_path / "some.csv"
    at = next(claims_grid.places())
    line = claims_grid.Line(at, 50, figures())
    with open(path, "w", encoding="utf-8") as file:
        file.write(claims_grid.opening())
        claims_grid.write([line], file)
    assert claims_grid.read(path) == [line]
    path.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="columns must be .* not a,b"):
        claims_grid.read(path)


def test_a_grid_says_where_it_stops():
    """The best of a grid is found, and an end of the grid is told; validation rows come from the training rows."""
    best = tables.choose({"x": [1, 2, 3], "y": [4, 5, 6]}, lambda setting: setting["y"] - (setting["x"] - 2) ** 2)
    assert (best.setting, best.edges) == ({"x": 2, "y": 6}, ("y",))
    rows = np.arange(100, 200)
    fit_rows, check_rows = tables.carve(rows, 0)
    assert len(check_rows) == 10 and np.array_equal(np.sort(np.r_[fit_rows, check_rows]), rows)


def test_rating_errors_by_hand():
    """RMSE and MAE of two predictions that are off by 1 and by 3."""

    class Off:
        def predict(self, user, item):
            return np.array([4.0, 4.0])

    from types import SimpleNamespace

    data = SimpleNamespace(user=np.array([0, 1]), item=np.array([0, 1]), rating=np.array([5.0, 1.0]))
    assert tables.errors(Off(), data, np.array([0, 1])) == (pytest.approx(5**0.5), 2.0)


def test_the_clock_takes_the_least_that_reaches_the_goal():
    """Of two settings that reach the goal the faster counts; one that never does is left out."""
    from unittest.mock import Mock

    def quick(sweeps, steps, watch=None):
        for sweep in range(1, sweeps + 1):
            (watch or (lambda model: None))(sweep)
        return (1.0 if steps == 2 else 5.0) * sweeps, sweeps

    def never(sweeps, steps, watch=None):
        (watch or (lambda model: None))(0)
        return 0.1, 0

    fits = {"quick": quick, "never": never}
    found = ials.least_time(fits, lambda done: -done, -3, steps=(1, 2), max_sweeps=5, repeats=2, bar=Mock())
    assert found == {"quick": (3.0, 3, 2, -3)}


def test_synthetic_data_has_the_size_that_is_asked_for():
    """Drawn from a fixed seed, with tails."""
    ratings = ials.synthetic(5000, n_users=400, n_items=300)
    assert len(ratings) == 5000
    assert ratings.counts.max() > 5 * ratings.counts.mean()


def lesson_notebook(folder):
    """The notebook of lesson 3 in "notebooks" or "solutions"."""
    lesson = "L03_three_measures"
    return json.loads((ROOT / folder / lesson / f"{lesson}.ipynb").read_text(encoding="utf-8"))


def test_a_class_answers_in_every_way():
    """The same student always hands in the same; among a few there are right, wrong and missing answers."""
    release, solution = lesson_notebook("notebooks"), lesson_notebook("solutions")
    one, again = (grading.submission(release, solution, 3) for _ in range(2))
    assert one == again
    assert release == lesson_notebook("notebooks")
    right = {cell["id"]: cell["source"] for cell in solution["cells"]}
    stub = {cell["id"]: cell["source"] for cell in release["cells"]}
    wrong = grading.mistakes("dot")
    assert len(wrong) > 3 and all(source.startswith("def dot(q, items):") for source in wrong)
    found = [
        next(cell["source"] for cell in grading.submission(release, solution, number)["cells"] if cell["id"] == "dot")
        for number in range(60)
    ]
    kinds = [right["dot"], stub["dot"]]
    assert all(kind in found for kind in kinds)
    assert any(source in wrong for source in found)
    assert any(source not in (*kinds, *wrong) for source in found)


def test_known_mistakes_are_mistakes():
    """Each that a student of the benchmark may hand in is one function that loses points."""
    for name in ("predict_ranking", "dot", "cosine", "euclidean", "rank"):
        for source in grading.mistakes(name):
            names = {"np": np}
            exec(source, names)
            assert not check(name, names[name]).solved, source


def test_scores_that_differ_are_told():
    """A point more, a cell less or a cell that waits: named, with both sides."""
    same = {("ada", "dot"): (2.0, False), ("ada", "why"): (None, True)}
    assert grading.compare(same, dict(same)) == 2
    for other in ({**same, ("ada", "dot"): (1.0, False)}, {("ada", "dot"): (2.0, False)}, {}):
        with pytest.raises(grading.GradesDifferError, match="ada"):
            grading.compare(same, other)
        with pytest.raises(grading.GradesDifferError):
            grading.compare(other, same)
    with pytest.raises(grading.GradesDifferError):
        grading.compare({}, {})


def test_cpu_time_of_processes_that_nobody_waits_for(tmp_path):
    """What a grandchild uses whose parent ignores its end is in the figure, where a control group can be made."""
    work = "import time\nwhile time.process_time() < 0.5: pass"
    code = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"  # the system forgets what it used
        f"child = subprocess.Popen([sys.executable, '-c', {work!r}])\n"
        "child.wait()\n"
    )
    seen = []
    cost = grading.measure(
        [sys.executable, "-c", code], tmp_path, dict(os.environ), tmp_path / "log", lambda: seen.append(1)
    )
    assert cost.waited < 0.4 < cost.wall
    assert cost.cpu >= 0.5 if cost.whole else cost.cpu == cost.waited
    with pytest.raises(RuntimeError, match="exit code 3"):
        grading.measure(
            [sys.executable, "-c", "raise SystemExit(3)"], tmp_path, dict(os.environ), tmp_path / "log", seen.clear
        )


def test_tables_of_grading_say_what_was_measured():
    """Ratios, seconds a submission and what a further one adds."""
    memory = {"first": 100.0, "all": 300.0}
    stock, ours = grading.Cost(200.0, 199.0, 240.0, memory), grading.Cost(20.0, 15.0, 12.0, memory)
    text = grading.race_table("L03_three_measures", 60, stock, ours, 540)
    assert "| stock over ours | 10.0 times | | 20.0 times | |" in text
    assert "all 540 graded cells" in text
    larger = {100: grading.Cost(20.0, 15.0, 12.0, memory), 1000: grading.Cost(155.0, 1.0, 90.0, memory)}
    assert "each further submission adds 0.150 CPU seconds and 0 kB" in grading.scale_table(larger)


def kind_of_answer(cell, release, solution):
    """Return in which of the four ways a student of the benchmark answers in a cell."""
    of = {"left out": release, "right": solution}
    known = {"".join(c["source"]): kind for kind, nb in of.items() for c in nb["cells"] if c["id"] == cell["id"]}
    known |= dict.fromkeys(grading.mistakes(cell["id"].replace("-", "_")), "mistake")
    return known.get("".join(cell["source"]), "nonsense")


@pytest.mark.slow
def test_a_class_is_graded_alike_and_sooner(tmp_path):
    """The same points from nbgrader and from us, who grade a dozen for less than a quarter of its CPU time.

    Its time grows with the class, one notebook after another: it grades three of them, and the rest is worked out.
    """
    from tqdm import tqdm

    lesson, bar, some = "L03_three_measures", tqdm(disable=True), (0, 4, 7)
    release, solution = lesson_notebook("notebooks"), lesson_notebook("solutions")
    handed_in = [grading.submission(release, solution, number)["cells"] for number in some]
    code = [
        c for c in sum(handed_in, []) if c["cell_type"] == "code" and c["metadata"].get("nbgrader", {}).get("solution")
    ]
    kinds = {kind_of_answer(cell, release, solution) for cell in code}
    assert kinds == {"right", "mistake", "nonsense", "left out"}  # the three hand in whatever there is

    stock, ours, same = grading.race(tmp_path, lesson, 12, bar, beside=some)
    assert same == 3 * 9
    assert len(grading.scores(tmp_path / "ours", lesson)) == 12 * 9
    idle = grading.by_stock(
        tmp_path / "stock", lesson, bar
    )  # all three are graded: what is left is to begin and to end
    dozen = idle.cpu + 12 * (stock.cpu - idle.cpu) / 3
    print(stock, idle, ours, dozen / ours.cpu)
    assert dozen > 4 * ours.cpu


def test_results_keep_the_other_sections(tmp_path, monkeypatch):
    """Running one benchmark renews its own section and, for the claims, the README."""
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.md")
    monkeypatch.setattr(
        bench, "run_benchmark", lambda name: "- a machine" if name == "machine" else f"words\n\n| {name} |\n\nmore"
    )
    (tmp_path / "README.md").write_text(f"a\n{bench.BEGIN}\nold\n{bench.END}\nb\n")
    assert bench.run(parse(["bench", "ials"])) == 0
    assert bench.run(parse(["bench", "claims"])) == 0
    found = bench.sections((tmp_path / "results.md").read_text())
    assert list(found) == [bench.BENCHMARKS["claims"], bench.BENCHMARKS["ials"]]
    assert (tmp_path / "README.md").read_text() == f"a\n{bench.BEGIN}\n| claims |\n{bench.END}\nb\n"
    with pytest.raises(SystemExit):
        parse(["bench", "nothing"])
    with pytest.raises(ValueError, match="must hold the lines"):
        bench.with_claims("no marks", "| x |")


def test_a_benchmark_runs_on_one_thread():
    """And on the BLAS kernel of the processor, whatever the machine presets."""
    kept = bench.one_thread({"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "1", "A": "b"})
    assert kept == {"A": "b", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
