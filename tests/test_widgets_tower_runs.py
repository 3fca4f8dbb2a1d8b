"""Three trainings side by side, without a browser: dots, correlations and words, epoch by epoch."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from recsys_lib import widgets
from tests.moves import send

COUNTS = np.array([0, 0, 1, 2, 5, 9, 30, 80, 200, 300])
RUNS = {
    name: [np.random.default_rng([seed, epoch]).normal(size=(10, 3)) * (1 + epoch) for epoch in range(4)]
    for seed, name in enumerate(("none", "subtract", "add"))
}


def batch_grad(users, items, who, what, logq):
    """Gradients of the in-batch softmax."""
    u, x = users[who], items[what]
    logits = u @ x.T - logq[what]
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    share = (share / share.sum(axis=1, keepdims=True) - np.eye(len(who))) / len(who)
    found = np.zeros(users.shape), np.zeros(items.shape)
    np.add.at(found[0], who, share @ x)
    np.add.at(found[1], what, share.T @ u)
    return found


def figure(**changes):
    """Return the figure over ten films and three trainings of three epochs."""
    return widgets.TowerRuns(**{"batch_grad": batch_grad, "runs": RUNS, "counts": COUNTS, **changes})


def written(number):
    """Write a correlation as the figure does."""
    return f"{number:+.2f}".replace("-", "\u2212")


@pytest.mark.parametrize("epoch", range(4))
def test_correlations_are_spearmans(epoch):
    """At each epoch the numbers over the clouds are SciPy's, in the order of the trainings, and are said aloud."""
    scene = send(figure(), epoch=epoch)
    expected = [written(spearmanr(np.linalg.norm(RUNS[name][epoch], axis=1), COUNTS).statistic) for name in RUNS]
    assert [row["rho"] for row in scene["rows"]] == expected
    said = "; ".join(f"{name} {rho}" for name, rho in zip(RUNS, expected, strict=True))
    assert scene["spoken"] == f"epoch {epoch}: rank correlation {said}"
    assert scene["epoch"] == epoch and scene["problems"] == []


def test_it_opens_at_the_end():
    """The figure shows the last epoch first, and its alternative text gives those correlations."""
    shown = figure()
    assert shown.scene["epoch"] == shown.last_epoch == shown.static["last"] == 3
    assert shown.scene["rows"] == send(figure(), epoch=3)["rows"]
    for row, name in zip(shown.scene["rows"], RUNS, strict=True):
        assert f"{name}: rank correlation {row['rho']}" in shown.alt_text


def test_dots_stand_at_their_logarithms():
    """From the places of the dots and two ticks of each axis, counts and norms can be read off again."""
    static = figure().static
    for axis, values in (("x", np.maximum(COUNTS, 0.5)), ("y", None)):
        (one, one_text), (two, two_text) = static[f"{axis}ticks"][0], static[f"{axis}ticks"][-1]
        low, high = (float(text.replace(",", "")) for text in (one_text, two_text))
        slope = np.log(high / low) / (two - one)
        for run in static["runs"] if axis == "y" else [None]:
            for epoch in range(4) if run else [0]:
                places = np.array(run["y"][epoch] if run else static["x"]) / 1000
                true = values if run is None else np.linalg.norm(RUNS[run["name"]][epoch], axis=1)
                np.testing.assert_allclose(low * np.exp(slope * (places - one)), true, rtol=0.006)
                assert ((0 <= places) & (places <= 1)).all()


def test_a_norm_of_zero_is_at_the_bottom():
    """A film without a vector has no logarithm; it stands below all others and breaks nothing."""
    runs = {"none": [np.eye(3), np.diag([0.0, 1, 2])]}
    shown = figure(runs=runs, counts=[0, 1, 2])
    assert shown.static["runs"][0]["y"][1][0] == 0
    assert min(shown.static["runs"][0]["y"][1][1:]) > 0


def test_no_order_is_a_dash():
    """Where all norms are equal, or all counts, there is no rank correlation: a dash and no NaN."""
    runs = {"none": [np.eye(3), np.diag([1.0, 2, 3])]}
    shown = figure(runs=runs, counts=[1, 2, 3])
    assert [send(shown, epoch=e)["rows"][0]["rho"] for e in (0, 1)] == ["\u2013", "+1.00"]
    assert figure(runs=runs, counts=[2, 2, 2]).scene["rows"][0]["rho"] == "\u2013"


def test_measures_follow_the_epoch():
    """What is given for each epoch is printed under its cloud; the other clouds have nothing."""
    measures = {"subtract": [{"recall": f"0.{epoch}"} for epoch in range(4)]}
    scene = send(figure(measures=measures), epoch=2)
    assert [row["measures"] for row in scene["rows"]] == [[], [("recall", "0.2")], []]


@pytest.mark.parametrize("epoch", [-1, 4, 1.5, "2", True, None])
def test_strange_epochs_are_refused(epoch):
    """The last good state stays, and the reason is said."""
    shown = figure()
    send(shown, epoch=1)
    scene = send(shown, epoch=epoch)
    assert scene["epoch"] == 1 and "epoch must be a whole number from 0 to 3" in scene["problems"][0]


def test_whose_function_it_is():
    """A right gradient is the learner's, a wrong or missing one is replaced by the course's, which is said."""

    def from_rows(users, items, who, what, logq):
        return [-table for table in batch_grad(users, items, who, what, logq)]

    notes = [figure(batch_grad=given).static["sources"][0]["note"] for given in (batch_grad, from_rows, None)]
    assert notes == [
        "batch_grad: yours",
        "batch_grad: the course's, since yours is not right yet",
        "batch_grad: the course's",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"runs": {}}, "runs must name one to 4 trainings, found 0"),
        ({"runs": None}, "runs must name one to 4 trainings, found 0"),
        ({"runs": dict.fromkeys("abcde", RUNS["add"])}, "found 5"),
        ({"runs": {**RUNS, "add": RUNS["add"][:3]}}, r"found \[3, 4\] epochs and \[10\] rows"),
        ({"runs": {"add": RUNS["add"][:1]}}, "2 at least"),
        ({"counts": COUNTS[:9]}, "a row for each of 9 counts"),
        ({"counts": COUNTS[:, None]}, "a row for each of 10 counts"),
        ({"counts": COUNTS - 1}, "counts must not be negative"),
        ({"runs": {"add": [np.full((10, 3), np.nan)] * 2}}, r"runs\['add'\] must be a table of finite numbers"),
        ({"measures": {"add": [{}]}}, "an entry for each epoch"),
    ],
)
def test_wrong_input_is_named(change, words):
    """An error names the argument, what was found and what is allowed."""
    with pytest.raises(ValueError, match=words):
        figure(**change)
