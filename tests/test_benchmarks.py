"""The benchmarks: what they claim is judged by tested rules, and the README's verdicts are measured again."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import claims, grading, ials, tables
from classroom.__main__ import parse
from classroom.commands import bench
from recsys_lib.checks import check

ROOT = Path(__file__).resolve().parent.parent


def readme_verdicts():
    """Read the README's table: {model: {claim: verdict}}."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = text.partition(bench.BEGIN)[2].partition(bench.END)[0].strip().splitlines()
    models = [cell.strip() for cell in rows[0].strip("|").split("|")][1:]
    found = {model: {} for model in models}
    by_words = {words: claim for claim, words in claims.CLAIMS.items()}
    for row in rows[2:]:
        words, *cells = [cell.strip() for cell in row.strip("|").split("|")]
        for model, cell in zip(models, cells, strict=True):
            found[model][by_words[words]] = re.match(r"\**([a-z ]+)\**<br>", cell)[1]
    return found


def test_readme_judges_every_claim_for_every_model():
    """No cell of the README's table is missing, and each says one of three things."""
    found = readme_verdicts()
    assert list(found) == [model.name for model in claims.MODELS]
    for row in found.values():
        assert list(row) == list(claims.CLAIMS)
        assert set(row.values()) <= {"holds", "reversed", "does not arise"}


def test_readme_shows_what_the_results_say():
    """The README's table is the first one of benchmarks/results.md's section on claims."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    results = bench.sections(bench.RESULTS.read_text(encoding="utf-8"))[bench.BENCHMARKS["claims"]]
    assert bench.with_claims(readme, results) == readme


@pytest.mark.slow
@pytest.mark.parametrize("model", claims.MODELS, ids=lambda model: model.name.replace(" ", "-"))
def test_verdicts_hold(model, movielens):
    """One split measured again gives the verdicts that README shows from five."""
    judged = claims.verdicts([claims.measure(model, 0, movielens)])
    print(model.name, judged)
    assert {claim: verdict for claim, (verdict, _) in judged.items()} == readme_verdicts()[model.name]


def figures(**changes):
    """Make the figures of one run in which every claim holds, with some of them changed: large_rho=..., small_L2_..."""
    found = {}
    for start in ("large", "small"):
        for penalty in ("none", "L2"):
            bad = start == "large" and penalty == "none"
            row = {"rho": 0.9, "dot_popularity": 3.0, "cosine_popularity": 1.0, "cosine_rare": 0.0}
            row["dot_rare"] = 0.3 if bad else 0.0
            for figure in row:
                row[figure] = changes.get(f"{start}_{penalty}_{figure}", row[figure])
            found[start, penalty] = row
    return found


def judged(**changes):
    """Return the verdicts of such a run."""
    return {claim: verdict for claim, (verdict, _) in claims.verdicts([figures(**changes)]).items()}


def test_all_claims_can_hold():
    """A run that is as the text says."""
    assert set(judged().values()) == {"holds"}


@pytest.mark.parametrize(
    ("changes", "claim", "verdict"),
    [
        ({"small_none_rho": -0.5}, "long", "reversed"),
        ({"small_none_rho": 0.1}, "long", "does not arise"),
        ({"small_none_dot_popularity": 0.5}, "dot", "reversed"),
        ({"small_none_dot_popularity": 1.0}, "cosine", "does not arise"),
        ({"small_none_cosine_popularity": 2.0}, "cosine", "reversed"),
        ({"large_none_dot_rare": 0.01}, "start", "does not arise"),
        ({"large_none_dot_rare": 0.01}, "both", "does not arise"),
        ({"small_none_dot_rare": 0.2}, "small", "reversed"),
        ({"large_L2_dot_rare": 0.2}, "l2", "reversed"),
        ({"small_L2_dot_rare": 0.2}, "both", "reversed"),
        ({"small_L2_cosine_rare": 0.2}, "hidden", "reversed"),
    ],
)
def test_claims_can_fail(changes, claim, verdict):
    """Each figure that is not as the text says turns its own claim."""
    assert judged(**changes)[claim] == verdict


def test_spread_is_shown_only_where_there_is_one():
    """Equal figures are written once."""
    assert claims.spread(np.array([0.301, 0.304]), "{:.2f}") == "0.30"
    assert claims.spread(np.array([0.30, 0.36]), "{:.2f}") == "0.30 to 0.36"


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
