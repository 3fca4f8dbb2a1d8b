"""The two towers: each part against SciPy or a plain loop, then the training as a whole."""

import numpy as np
import pytest
import scipy.optimize
import scipy.special

from recsys_lib.datasets import synthetic_world
from recsys_lib.factorization import fit_two_tower, log_q
from recsys_lib.factorization.common import add_to_rows
from recsys_lib.factorization.optimisers import RowWiseAdagrad
from recsys_lib.factorization.two_tower import (
    batch_gradients,
    in_batch_logits,
    mask_accidental_hits,
    softmax_xent,
)
from recsys_lib.interactions import Interactions
from recsys_lib.metrics import average_popularity, recall_at_k
from recsys_lib.retrieval import top_k
from recsys_lib.splits import per_user_75_25


def rng(seed=0):
    """Give a generator."""
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def world():
    """Give a small world's training ratings and its hidden table."""
    data = synthetic_world(0)
    train_rows, test_rows = per_user_75_25(data, 0)
    return data.interactions(train_rows), data.matrix(test_rows) > 0


def small():
    """Give ratings of 5 users and 6 items; user 4 and item 5 have none."""
    return Interactions([0, 0, 1, 1, 2, 3, 3], [0, 1, 1, 2, 3, 0, 4], n_users=5, n_items=6)


# --- the loss and its parts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("b, scale", [(1, 1.0), (2, 5.0), (7, 30.0), (40, 1e5)])
def test_loss_against_scipy(b, scale):
    """The mean of SciPy's log-softmax on the diagonal, also where `exp` alone would overflow."""
    logits = scale * rng(b).normal(size=(b, b))
    expected = -np.diagonal(scipy.special.log_softmax(logits, axis=1)).mean()
    assert softmax_xent(logits) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_loss_of_masked_logits():
    """Minus infinity is a negative that is not there."""
    logits = np.array([[1.0, 2.0, -np.inf], [0.5, 0.0, 1.0], [3.0, -np.inf, 1.0]])
    assert softmax_xent(logits) == pytest.approx(-np.diagonal(scipy.special.log_softmax(logits, axis=1)).mean())


def test_loss_of_nothing_learnt():
    """Equal logits cost log b, whatever they are."""
    assert softmax_xent(np.full((8, 8), 700.0)) == pytest.approx(np.log(8))


@pytest.mark.parametrize("bad", [[1.0, 2.0], [[1.0, 2.0]], np.zeros((0, 0)), np.zeros((2, 2, 2))])
def test_loss_takes_square_tables_alone(bad):
    """The message says which shape was found."""
    with pytest.raises(ValueError, match=r"logits must have shape \(b, b\), got \("):
        softmax_xent(bad)
    with pytest.raises(ValueError, match=r"logits must have shape \(b, b\), got \("):
        mask_accidental_hits(bad, [0])


def test_logits_by_a_loop():
    """Each entry by itself: the dot product less log q of the column's item, the diagonal no exception."""
    u, x, logq = rng(1).normal(size=(5, 3)), rng(2).normal(size=(5, 3)), np.log(rng(3).random(5))
    found = in_batch_logits(u, x, logq)
    for i in range(5):
        for j in range(5):
            assert found[i, j] == pytest.approx(sum(u[i] * x[j]) - logq[j], abs=1e-12)


def test_correction_makes_the_batch_stand_for_the_catalogue():
    """If items are drawn by q, the mean of exp(logit) over the draws is the sum over the catalogue."""
    items, q = rng(4).normal(size=(6, 2)), np.array([0.4, 0.3, 0.15, 0.1, 0.04, 0.01])
    u = np.array([1.0, -0.5])
    drawn = rng(5).choice(6, size=400_000, p=q)
    logits = items[drawn] @ u - np.log(q)[drawn]
    assert np.exp(logits).mean() == pytest.approx(np.exp(items @ u).sum(), rel=0.02)


@pytest.mark.parametrize(
    "shapes", [((3, 2), (3, 3), (3,)), ((3, 2), (4, 2), (3,)), ((3, 2), (3, 2), (2,)), ((3,), (3,), (3,))]
)
def test_logits_refuse_what_does_not_fit(shapes):
    """The message shows all three shapes."""
    with pytest.raises(ValueError, match=r"u and x must be \(b, d\) and logq \(b,\), got") as error:
        in_batch_logits(*map(np.zeros, shapes))
    assert all(str(shape) in str(error.value) for shape in shapes)


def test_mask_by_a_loop():
    """Masked is an entry with the row's own item in another column, and nothing else."""
    items, logits = rng(6).integers(0, 5, 12), rng(7).normal(size=(12, 12))
    before = logits.copy()
    found = mask_accidental_hits(logits, items)
    for i in range(12):
        for j in range(12):
            hit = i != j and items[i] == items[j]
            assert found[i, j] == (-np.inf if hit else logits[i, j])
    np.testing.assert_array_equal(logits, before)


def test_mask_takes_whole_numbers():
    """A table of whole numbers can hold minus infinity after masking."""
    assert mask_accidental_hits([[1, 2], [3, 4]], [9, 9]).tolist() == [[1, -np.inf], [-np.inf, 4]]


def test_mask_needs_an_item_for_each_column():
    """The message says how many."""
    with pytest.raises(ValueError, match=r"items must have shape \(3,\), got \(2,\)"):
        mask_accidental_hits(np.zeros((3, 3)), [1, 2])


# --- the gradient ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who, what",
    [([0, 1, 2], [2, 1, 0]), ([0, 0, 1, 3], [4, 1, 4, 4]), ([2, 2, 2], [1, 1, 1]), ([3], [0])],
    ids=["once each", "several twice", "all the same", "one pair"],
)
def test_gradient_against_differences(who, what):
    """SciPy's differences of the loss agree for every number of both tables, also where a row is there twice."""
    users, items, logq = rng(1).normal(size=(4, 3)), rng(2).normal(size=(5, 3)), np.log(rng(3).random(5))
    who, what = np.array(who), np.array(what)

    def tables(flat):
        return flat[:12].reshape(4, 3), flat[12:].reshape(5, 3)

    def loss(flat):
        u, x = tables(flat)
        return softmax_xent(in_batch_logits(u[who], x[what], logq[what]))

    def gradient(flat):
        return np.concatenate([part.ravel() for part in batch_gradients(*tables(flat), who, what, logq)])

    flat = np.concatenate([users.ravel(), items.ravel()])
    assert scipy.optimize.check_grad(loss, gradient, flat) < 1e-6
    of_users, of_items = batch_gradients(users, items, who, what, logq)
    assert not of_users[np.setdiff1d(np.arange(4), who)].any()
    assert not of_items[np.setdiff1d(np.arange(5), what)].any()


def test_gradient_keeps_its_arguments():
    """Neither table is changed, and float32 stays float32."""
    tables = [rng(1).normal(size=(4, 3)).astype("f4"), rng(2).normal(size=(5, 3)).astype("f4")]
    before = [table.copy() for table in tables]
    found = batch_gradients(*tables, np.array([0, 1]), np.array([2, 2]), np.zeros(5, "f4"))
    for table, kept, gradient in zip(tables, before, found, strict=True):
        np.testing.assert_array_equal(table, kept)
        assert gradient.dtype == np.float32


def test_rows_are_added_up():
    """As `numpy.add.at`, which does it one by one."""
    rows, changes = rng(1).integers(0, 6, 50), rng(2).normal(size=(50, 3))
    table, expected = np.ones((8, 3)), np.ones((8, 3))
    add_to_rows(table, rows, changes)
    np.add.at(expected, rows, changes)
    np.testing.assert_allclose(table, expected, atol=1e-12)


def test_log_q_by_hand():
    """Shares of the ratings; they add up to one, and no rating is minus infinity without a warning."""
    found = log_q([3, 0, 1])
    assert found[[0, 2]] == pytest.approx(np.log([0.75, 0.25]))
    assert found[1] == -np.inf
    assert np.exp(log_q(np.arange(50))).sum() == pytest.approx(1)


@pytest.mark.parametrize("bad", [[0, 0], [], [1, -1], [1, np.nan], [np.inf, 1], [[1, 2]], 3])
def test_log_q_needs_counts(bad):
    """What is no list of counts has no shares."""
    with pytest.raises(ValueError, match="counts must be a list of numbers, 0 at least and not all 0, got shape"):
        log_q(bad)


# --- row-wise Adagrad --------------------------------------------------------------------------------------------


def test_row_wise_adagrad_by_a_loop():
    """One number a row, the running sum of mean squared gradients, divides the step by its root."""
    tables = [rng(1).normal(size=(4, 3)), rng(2).normal(size=(2, 5))]
    expected = [table.copy() for table in tables]
    sums = [[0.0] * 4, [0.0] * 2]
    move = RowWiseAdagrad(0.3)
    for step in range(6):
        gradients = [rng(10 + step).normal(size=table.shape) for table in tables]
        gradients[0][step % 4] = 0
        move.step(tables, gradients)
        for table, squares, gradient in zip(expected, sums, gradients, strict=True):
            for row in range(len(table)):
                squares[row] += sum(g * g for g in gradient[row]) / len(gradient[row])
                for k in range(len(table[row])):
                    table[row, k] -= 0.3 * gradient[row, k] / (squares[row] ** 0.5 + 1e-8)
        for found, table in zip(tables, expected, strict=True):
            np.testing.assert_allclose(found, table, rtol=1e-12)


def test_first_step_of_row_wise_adagrad():
    """Whatever its gradient's size, a row's first step is the rate times the root of its width long."""
    table = np.zeros((3, 4))
    RowWiseAdagrad(0.5).step([table], [np.array([[1e-3] * 4, [40.0] * 4, [0.0] * 4])])
    np.testing.assert_allclose(np.linalg.norm(table, axis=1), [1, 1, 0], rtol=1e-4)


# --- the training ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("correction, sign", [("none", 0), ("subtract", 1), ("add", -1)])
@pytest.mark.parametrize("content", [False, True], ids=["table", "features"])
def test_training_by_a_loop(correction, sign, content):
    """The whole algorithm once more, pair by pair: the start, the order, the last short batch, both towers."""
    ratings, draw, d = small(), rng(7), 2
    features = np.array([[1.0, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 1], [1, 0, 1], [0, 1, 1]])
    users, weights = 0.2 * draw.standard_normal((5, d)), 0.2 * draw.standard_normal((6, d))
    if content:
        weights = 0.2 * draw.standard_normal((3, d))
    tower = features if content else np.eye(6)
    sums = np.zeros(5), np.zeros(len(weights))
    for _ in range(4):
        order = draw.permutation(7)
        for rows in (order[:3], order[3:6], order[6:]):
            who, what = ratings.user[rows], ratings.item[rows]
            items, of_users, of_items = tower @ weights, np.zeros((5, d)), np.zeros((6, d))
            for i, user in enumerate(who):
                logits = [users[user] @ items[j] - sign * np.log(ratings.counts[j] / 7) for j in what]
                for j, share in enumerate(scipy.special.softmax(logits)):
                    slope = (share - (i == j)) / len(rows)
                    of_users[user] += slope * items[what[j]]
                    of_items[what[j]] += slope * users[user]
            for table, squares, gradient in zip((users, weights), sums, (of_users, tower.T @ of_items), strict=True):
                squares += (gradient**2).mean(axis=1)
                table -= 0.3 * gradient / (np.sqrt(squares) + 1e-8)[:, None]
    model = fit_two_tower(
        ratings, d, correction=correction, features=features if content else None, std=0.2, lr=0.3, epochs=4, batch=3,
        rng=rng(7), dtype=np.float64,
    )  # fmt: skip
    # The first step divides a gradient of rounding by its own size, so that its last digits are lost.
    np.testing.assert_allclose(model.users, users, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(model.items, tower @ weights, rtol=1e-6, atol=1e-9)


def test_subtracting_finds_and_adding_hides(world):
    """The order of the three arms in a small world: recall and popularity rise from add over none to subtract."""
    ratings, hidden = world
    recalls, popularities = [], []
    for correction in ("add", "none", "subtract"):
        users, items = fit_two_tower(ratings, 8, correction=correction, rng=rng())
        lists = top_k(users @ items.T, 10, seen=ratings.matrix() > 0)
        recalls.append(recall_at_k(lists, hidden))
        popularities.append(average_popularity(lists, ratings.counts))
    assert recalls == sorted(recalls) and recalls[2] > 1.5 * recalls[1]
    assert popularities == sorted(popularities) and popularities[2] > 1.5 * popularities[1]


def test_same_seed_same_numbers(world):
    """A training is made again to the digit, from ratings or from their table; another seed gives another."""
    ratings, _ = world
    fits = [
        fit_two_tower(given, 4, epochs=2, rng=rng(seed))
        for given, seed in ((ratings, 0), (ratings.table(), 0), (ratings, 1))
    ]
    for one, two, other in zip(*fits, strict=True):
        np.testing.assert_array_equal(one, two)
        assert not np.array_equal(one, other)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("content", [False, True], ids=["table", "features"])
def test_type_is_as_asked(dtype, content):
    """Both towers come in the type that is asked for, also where the features have another."""
    features = np.ones((6, 2), dtype="f8" if dtype == "f4" else "f4") if content else None
    model = fit_two_tower(small(), 3, features=features, epochs=2, batch=4, rng=rng(), dtype=dtype)
    assert model.users.dtype == model.items.dtype == np.dtype(dtype)
    assert model.users.shape == (5, 3) and model.items.shape == (6, 3)


def test_whoever_has_no_rating_keeps_the_start():
    """In no batch there is no gradient: user and item without a rating have the vectors they were drawn with."""
    draw = rng(3)
    users, items = 0.1 * draw.standard_normal((5, 4)), 0.1 * draw.standard_normal((6, 4))
    model = fit_two_tower(small(), 4, epochs=5, batch=3, rng=rng(3), dtype=np.float64)
    np.testing.assert_array_equal(model.users[4], users[4])
    np.testing.assert_array_equal(model.items[5], items[5])
    assert (np.abs(model.users[:4] - users[:4]).max(axis=1) > 0.01).all()
    assert (np.abs(model.items[:5] - items[:5]).max(axis=1) > 0.01).all()


def test_features_place_an_item_without_a_rating():
    """Two kinds of items, two audiences: an item that nobody rated lies with its kind."""
    table = np.kron(np.eye(2), np.ones((6, 5)))
    table[:, [4, 9]] = 0
    features = np.kron(np.eye(2), np.ones((5, 1)))
    model = fit_two_tower(table, 3, features=features, epochs=60, batch=16, rng=rng())
    scores = model.users @ model.items.T
    assert (scores[:6, 4] > scores[:6, 9]).all() and (scores[6:, 9] > scores[6:, 4]).all()
    np.testing.assert_array_equal(model.items[4], model.items[0])


@pytest.mark.parametrize("batch, told_of", [(3, 1), (7, 0), (2, 2), (100, 0)])
def test_callback_after_every_epoch(batch, told_of):
    """Epochs from 1, the loss of the last whole batch (or of the only one), and the towers that are returned."""
    losses, seen = [], []

    def watched(users, items, who, what, logq):
        losses.append(softmax_xent(in_batch_logits(users[who], items[what], logq[what])))
        return batch_gradients(users, items, who, what, logq)

    given = {"epochs": 3, "batch": batch, "dtype": np.float64}
    model = fit_two_tower(
        small(), 2, rng=rng(), gradients=watched,
        callback=lambda epoch, loss, towers: seen.append((epoch, loss, towers.items.copy())), **given,
    )  # fmt: skip
    assert [epoch for epoch, _, _ in seen] == [1, 2, 3]
    assert [loss for _, loss, _ in seen] == pytest.approx(losses[told_of :: len(losses) // 3])
    np.testing.assert_array_equal(seen[-1][2], model.items)
    without = fit_two_tower(small(), 2, rng=rng(), **given)
    np.testing.assert_array_equal(model.items, without.items)


def test_loss_of_the_callback():
    """One batch an epoch: what is told is the loss before its step, and it falls."""
    told, draw = [], rng(5)
    users, items = 0.1 * draw.standard_normal((5, 2)), 0.1 * draw.standard_normal((6, 2))
    order = draw.permutation(7)
    who, what = small().user[order], small().item[order]
    logits = users[who] @ items[what].T - np.log(small().counts[what] / 7)
    expected = -np.diagonal(scipy.special.log_softmax(logits, axis=1)).mean()
    fit_two_tower(
        small(), 2, epochs=30, batch=7, rng=rng(5), dtype=np.float64, callback=lambda epoch, loss, _: told.append(loss)
    )
    assert told[0] == pytest.approx(expected)
    assert told[-1] < told[0] / 1.3


def test_own_gradient_is_asked():
    """A gradient of one's own is called once a batch, with both tables and log q of the whole catalogue."""
    calls = []

    def watched(users, items, who, what, logq):
        calls.append((users.shape, items.shape, len(who), len(what), logq.copy()))
        return batch_gradients(users, items, who, what, logq)

    own = fit_two_tower(small(), 2, epochs=2, batch=3, rng=rng(), gradients=watched)
    assert [call[:4] for call in calls] == [((5, 2), (6, 2), b, b) for b in (3, 3, 1)] * 2
    np.testing.assert_allclose(calls[0][4][:5], log_q(small().counts)[:5], rtol=1e-6)
    np.testing.assert_array_equal(own.items, fit_two_tower(small(), 2, epochs=2, batch=3, rng=rng()).items)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"d": 0}, "d must be a whole number, 1 at least, got 0"),
        ({"epochs": 0}, "epochs must be a whole number, 1 at least, got 0"),
        ({"epochs": 1.5}, "epochs must be a whole number, 1 at least, got 1.5"),
        ({"std": -1.0}, "std must be a number, 0 at least, got -1.0"),
        ({"batch": 1}, "batch must be a whole number, 2 at least, got 1"),
        ({"batch": 2.5}, "batch must be a whole number, 2 at least, got 2.5"),
        ({"correction": "minus"}, "correction must be one of 'none', 'subtract', 'add', got 'minus'"),
        ({"lr": 0}, r"lr \(the learning rate\) must be above 0, got 0"),
        ({"lr": np.nan}, r"lr \(the learning rate\) must be above 0, got nan"),
        ({"rng": 7}, "rng must be a numpy Generator"),
        ({"features": np.ones((5, 2))}, r"features must hold numbers and have shape \(6, f\), got \(5, 2\)"),
        ({"features": np.ones(6)}, r"features must hold numbers and have shape \(6, f\), got \(6,\)"),
        ({"features": np.full((6, 1), np.nan)}, "features must hold numbers"),
        ({"features": np.eye(6)[:, :4]}, "features has nothing but zeros for item 4"),
    ],
)
def test_settings_are_refused_by_name(change, words):
    """An error names the setting, what was found and what is allowed."""
    given = {"ratings": small(), "d": 2, "rng": rng(), **change}
    with pytest.raises(ValueError, match=words):
        fit_two_tower(given.pop("ratings"), given.pop("d"), **given)


def test_ratings_are_needed():
    """Nothing to learn from is an error, as in the other models."""
    with pytest.raises(ValueError, match="no rating at all"):
        fit_two_tower(np.zeros((3, 3)), 2, rng=rng())


def test_running_away_is_said():
    """A learning rate without measure ends in a sentence, not in NaN."""
    with pytest.raises(ValueError, match=r"lr \(the learning rate\) is too large"), np.errstate(all="ignore"):
        fit_two_tower(small(), 2, lr=1e200, epochs=30, batch=3, rng=rng(), dtype=np.float64)
