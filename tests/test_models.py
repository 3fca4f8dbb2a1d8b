"""The models: one contract for all, then each against plain algebra or an independent solver."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from recsys_lib import factorization as models
from recsys_lib.datasets import synthetic_world
from recsys_lib.factorization.optimisers import Adam, optimiser_of
from recsys_lib.interactions import Interactions
from recsys_lib.metrics import ndcg_at_k
from recsys_lib.progress import Progress
from recsys_lib.retrieval import top_k
from recsys_lib.splits import per_user_75_25

FITS = {
    "gradient": lambda ratings, d, **more: models.fit_gradient(
        ratings, d, **{"std": 0.1, "lr": 0.5, "steps": 40, "l2": 0.01, "gravity": 0.1, **more}
    ),
    "adam": lambda ratings, d, **more: models.fit_gradient(
        ratings, d, **{"std": 0.1, "lr": 0.05, "steps": 40, "optimiser": "adam", **more}
    ),
    "als": lambda ratings, d, **more: models.fit_als(ratings, d, **{"l2": 0.1, "sweeps": 8, **more}),
    "ials": lambda ratings, d, **more: models.fit_ials(
        ratings, d, **{"l2": 0.1, "unobserved_weight": 0.2, "sweeps": 8, **more}
    ),
    "softmax": lambda ratings, d, **more: models.fit_softmax(
        ratings, d, **{"std": 0.1, "lr": 0.1, "steps": 40, **more}
    ),
    "bpr": lambda ratings, d, **more: models.fit_bpr(ratings, d, **{"epochs": 30, **more}),
}
each = pytest.mark.parametrize("name", FITS)


@pytest.fixture(scope="module")
def world():
    """Give a small world's training ratings and its hidden table."""
    data = synthetic_world(0)
    train_rows, test_rows = per_user_75_25(data, 0)
    return data.interactions(train_rows), data.matrix(test_rows) > 0


def small(seed=0, n_users=12, n_items=9):
    """Make a small table in which the last user and the last item have no rating."""
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 6, (n_users, n_items)) * (rng.random((n_users, n_items)) < 0.5)
    table[-1] = table[:, -1] = 0
    return table


def fit(name, ratings, d=3, seed=0, **more):
    """Fit one of the models from a seed."""
    return FITS[name](ratings, d, rng=np.random.default_rng(seed), **more)


# --- one contract ------------------------------------------------------------------------------------------------


@each
def test_same_seed_same_numbers(name, world):
    """A seed gives one model, to the bit; another seed another."""
    one, again, other = (fit(name, world[0], seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.items, again.items)
    np.testing.assert_array_equal(one.users, again.users)
    assert not np.array_equal(one.items, other.items)


@each
def test_empty_rows_do_no_harm(name):
    """A user without ratings and an item that nobody rated get finite vectors, of the right width."""
    model = fit(name, small())
    assert model.users.shape == (12, 3) and model.items.shape == (9, 3)
    assert np.isfinite(model.users).all() and np.isfinite(model.items).all()
    if name in ("als", "ials"):  # these leave no doubt: exact zeros
        assert not model.users[-1].any() and not model.items[-1].any()


@each
def test_width_beyond_the_rank(name):
    """A space wider than the table has rank is no error and gives no NaN."""
    model = fit(name, small(), d=20)
    assert np.isfinite(model.users).all() and np.isfinite(model.items).all()


@each
def test_single_rating(name):
    """One rating in all is little, but enough."""
    more = {"lr": 0.05} if name == "gradient" else {}  # the fewer the ratings, the longer a step
    model = fit(name, Interactions([1], [2], [4.0], n_users=3, n_items=4), **more)
    assert np.isfinite(model.users).all() and np.isfinite(model.items).all()


@pytest.mark.parametrize("name", [name for name in FITS if name != "als"])
def test_learns(name, world):
    """Every model beats a shuffle of the catalogue by far, and its loss goes down."""
    ratings, hidden = world
    losses = []
    more = {"gradient": {"steps": 400, "lr": 10, "gravity": 1}, "adam": {"steps": 200, "l2": 0.1, "gravity": 1}}
    model = fit(name, ratings, d=8, callback=lambda step, loss, model: losses.append(loss), **more.get(name, {}))
    assert losses[-1] < losses[0]
    scores = model.users @ model.items.T
    quality = ndcg_at_k(top_k(scores, 10, seen=ratings.matrix() > 0), hidden)
    chance = ndcg_at_k(top_k(np.random.default_rng(0).random(scores.shape), 10, seen=ratings.matrix() > 0), hidden)
    print(f"{name}: nDCG@10 {quality:.3f}, a shuffle {chance:.3f}")
    assert quality > 3 * chance


@each
def test_callback_comes_after_every_step(name):
    """Counted from 1, with a finite loss and the model as it stands."""
    seen = []
    amount = {"als": "sweeps", "ials": "sweeps", "bpr": "epochs"}.get(name, "steps")
    model = fit(name, small(), **{amount: 4}, callback=lambda *args: seen.append(args))
    assert [step for step, _, _ in seen] == [1, 2, 3, 4]
    assert all(np.isfinite(loss) for _, loss, _ in seen)
    np.testing.assert_array_equal(seen[-1][2].items, model.items)


@each
@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"d": 0}, "d must be a whole number"), ({"d": 2.5}, "d must be a whole number"), ({"std": -1}, "std must be")],
)
def test_bad_settings_are_refused(name, wrong, message):
    """The message names the setting, what was found and what is allowed."""
    with pytest.raises(ValueError, match=message):
        fit(name, small(), **wrong)


@each
def test_no_generator_is_refused(name):
    """A seed is not a generator."""
    with pytest.raises(ValueError, match="rng must be a numpy Generator"):
        FITS[name](small(), 2, rng=0)


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("gradient", {"lr": 0}, "lr .* must be above 0"),
        ("gradient", {"optimiser": "magic"}, "optimiser must be one of 'descent', 'adam', got 'magic'"),
        ("gradient", {"gravity": np.nan}, "gravity must be"),
        ("gradient", {"steps": 0}, "steps must be"),
        ("ials", {"unobserved_weight": 0}, "unobserved_weight must lie above 0"),
        ("ials", {"l2": 0}, "l2 and std must be above 0"),
        ("ials", {"cg_steps": 0}, "cg_steps must be"),
        ("als", {"l2": 0}, "l2 and std must be above 0"),
        ("als", {"ridge": "round"}, "ridge must be one of 'count', 'flat', got 'round'"),
        ("bpr", {"lr": -1}, "lr .* must be above 0"),
        ("bpr", {"l2_by": "pair"}, "l2_by must be one of 'triple', 'row', got 'pair'"),
    ],
)
def test_settings_of_one_model(name, wrong, message):
    """What only some models take."""
    with pytest.raises(ValueError, match=message):
        fit(name, small(), **wrong)


def test_bpr_needs_something_unrated():
    """Where everybody rated everything there is no pair to learn from."""
    with pytest.raises(ValueError, match="no pair of a rated and an unrated item"):
        fit("bpr", np.ones((3, 4)))


def test_a_training_that_runs_away_is_stopped():
    """Too large a learning rate ends in an error that says so, not in NaN."""
    for name in ("gradient", "adam"):
        with pytest.raises(ValueError, match="lr .* is too large"):
            fit(name, small(), lr=1e30)


# --- each by itself ----------------------------------------------------------------------------------------------


def objective(table, users, items, l2, gravity):
    """The objective of `fit_gradient`, written out pair by pair."""
    rated = table > 0
    errors = (table - users @ items.T)[rated]
    lengths = np.mean(np.sum(users**2, axis=1)) + np.mean(np.sum(items**2, axis=1))
    return np.mean(errors**2) + l2 * lengths + gravity * np.mean((users @ items.T) ** 2)


@pytest.mark.parametrize(("l2", "gravity"), [(0, 0), (0.3, 0), (0, 0.7), (0.2, 0.5)])
def test_gradient_step_against_finite_differences(l2, gravity):
    """One step goes down the slope of the objective, as measured by nudging each number."""
    table, lr = small(), 0.01
    rng = np.random.default_rng(4)
    users, items = rng.standard_normal((12, 3)), rng.standard_normal((9, 3))
    losses = []
    moved = models.fit_gradient(
        table, 3, std=1, l2=l2, gravity=gravity, lr=lr, steps=1, rng=np.random.default_rng(4), dtype=np.float64,
        callback=lambda step, loss, model: losses.append(loss),
    )  # fmt: skip
    assert losses[0] == pytest.approx(objective(table, users, items, l2, gravity), rel=1e-10)
    for side, after in ((users, moved.users), (items, moved.items)):
        slope = np.empty_like(side)
        for place in np.ndindex(side.shape):
            kept, ends = side[place], []
            for nudge in (1e-5, -1e-5):
                side[place] = kept + nudge
                ends.append(objective(table, users, items, l2, gravity))
            side[place] = kept
            slope[place] = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose((side - after) / lr, slope, atol=1e-6)


def test_softmax_step_against_finite_differences():
    """The same for the softmax."""
    table, lr, l2 = small(), 0.01, 0.1
    rng = np.random.default_rng(4)
    users, items = rng.standard_normal((12, 3)), rng.standard_normal((9, 3))

    def loss():
        logits = users @ items.T
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return -np.mean(logs[table > 0]) + l2 * (np.mean((users**2).sum(1)) + np.mean((items**2).sum(1)))

    losses = []
    moved = models.fit_softmax(
        table, 3, std=1, l2=l2, lr=lr, steps=1, rng=np.random.default_rng(4), optimiser="descent", dtype=np.float64,
        callback=lambda step, loss, model: losses.append(loss),
    )  # fmt: skip
    assert losses[0] == pytest.approx(loss(), rel=1e-10)
    for side, after in ((users, moved.users), (items, moved.items)):
        for place in [(0, 0), (3, 1), (8, 2)]:
            kept, ends = side[place], []
            for nudge in (1e-5, -1e-5):
                side[place] = kept + nudge
                ends.append(loss())
            side[place] = kept
            assert (kept - after[place]) / lr == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-6)


def test_an_unrated_item_only_shrinks():
    """The law that lesson 7 teaches: norm times (1 - 2 lr l2 / n_items) a step, without gravity."""
    table, lr, l2, steps = small(), 0.5, 0.2, 30
    start = np.random.default_rng(0).standard_normal((12 + 9, 3))[-1]
    model = models.fit_gradient(
        table, 3, std=1, l2=l2, lr=lr, steps=steps, rng=np.random.default_rng(0), dtype=np.float64
    )
    np.testing.assert_allclose(model.items[-1], start * (1 - 2 * lr * l2 / 9) ** steps, rtol=1e-10)


def test_item_weights_scale_the_penalty_of_each_item():
    """An unrated item of weight 3 shrinks as by three times the L2; weights that do not fit are refused."""
    start, lr, l2 = np.random.default_rng(0).standard_normal((12 + 9, 3))[-1], 0.5, 0.2
    weights = np.r_[np.zeros(8), 3.0]
    settings = {"lr": lr, "l2": l2, "steps": 20, "std": 1, "gravity": 0, "dtype": np.float64}
    model = fit("gradient", small(), item_weights=weights, **settings)
    np.testing.assert_allclose(model.items[-1], start * (1 - 2 * lr * 3 * l2 / 9) ** 20, rtol=1e-10)
    for wrong in (np.ones(8), -np.ones(9), np.full(9, np.nan)):
        with pytest.raises(ValueError, match="item_weights must"):
            fit("gradient", small(), item_weights=wrong)


def test_blocks_do_not_change_the_result(monkeypatch, world):
    """A table cut into blocks of a few users gives the model of one block."""
    from recsys_lib.factorization import common

    whole = fit("gradient", world[0], steps=5, dtype=np.float64)
    monkeypatch.setattr(common, "MAX_CELLS", 7 * 400)
    cut = fit("gradient", world[0], steps=5, dtype=np.float64)
    np.testing.assert_allclose(cut.items, whole.items, rtol=1e-9, atol=1e-12)


def test_adam_against_the_paper():
    """Two steps of algorithm 1 by hand."""
    value, move = np.array([1.0]), Adam(0.1)
    mean = square = 0.0
    expected = 1.0
    for step, gradient in enumerate((0.5, -2.0), start=1):
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        expected -= 0.1 * (mean / (1 - 0.9**step)) / np.sqrt(square / (1 - 0.999**step))
        move.step((value,), (np.array([gradient]),))
    assert value[0] == pytest.approx(expected, rel=1e-6)
    with pytest.raises(ValueError, match="above 0"):
        optimiser_of("adam", float("inf"))


def test_ials_sweep_against_dense_algebra():
    """A sweep solves both sides of the weighted least squares over all pairs, rated or not."""
    table, l2, weight = small(), 0.3, 0.2
    start = np.random.default_rng(0).standard_normal((12 + 9, 3))[12:]
    items = np.where((table > 0).any(axis=0)[:, None], start, 0)

    def solved(rated, other):
        rows = []
        for row in rated:
            weights = np.where(row, 1.0, weight)
            rows.append(np.linalg.solve(other.T * weights @ other + l2 * np.eye(3), other.T @ (weights * row)))
        return np.array(rows)

    users = solved(table > 0, items)
    items = solved((table > 0).T, users)
    model = fit("ials", table, l2=l2, unobserved_weight=weight, sweeps=1, std=1, cg_steps=3, dtype=np.float64)
    np.testing.assert_allclose(model.users, users, atol=1e-10)
    np.testing.assert_allclose(model.items, items, atol=1e-10)


def test_ials_loss_against_all_pairs():
    """The objective without looking at every pair is the one that looks."""
    table, l2, weight = small(), 0.3, 0.2
    model = fit("ials", table)
    guesses = model.users.astype(float) @ model.items.T.astype(float)
    rated = table > 0
    wanted = np.sum((1 - guesses[rated]) ** 2) + weight * np.sum(guesses[~rated] ** 2)
    wanted += l2 * (np.sum(model.users.astype(float) ** 2) + np.sum(model.items.astype(float) ** 2))
    assert models.ials_loss(table, model, l2, weight) == pytest.approx(wanted / rated.sum(), rel=1e-6)


def test_ials_never_rises(world):
    """Each half of a sweep improves its side, so the objective goes down and settles."""
    losses = []
    fit(
        "ials",
        world[0],
        d=8,
        sweeps=15,
        l2=2.0,
        dtype=np.float64,
        callback=lambda step, loss, model: losses.append(loss),
    )
    assert (np.diff(losses) < 1e-12).all()
    assert losses[-2] - losses[-1] < 0.002 * losses[-1]


def test_ials_forgets_its_start(world):
    """From a tiny and from a huge start the predictions end alike: the pitfall of lesson 7 is not one of this model."""
    small_start, big_start = (fit("ials", world[0], d=4, l2=5, sweeps=60, std=std, seed=7) for std in (0.01, 10))
    ends = [model.users @ model.items.T for model in (small_start, big_start)]
    assert np.abs(ends[0] - ends[1]).max() < 0.02 * np.abs(ends[0]).max()


@pytest.mark.parametrize("by_count", [True, False])
def test_als_against_scikit_learn(by_count):
    """One half sweep is a ridge regression for every user, with a bias that is penalised like the rest."""
    table, l2 = small(3), 0.2
    ratings = Interactions(*np.nonzero(table), table[np.nonzero(table)], *table.shape)
    items = np.random.default_rng(0).standard_normal((12 + 9, 3))[12:]
    model = fit("als", ratings, l2=l2, sweeps=1, std=1, ridge="count" if by_count else "flat")
    user = 4
    rated = np.flatnonzero(table[user])
    features = np.column_stack([items[rated], np.ones(len(rated))])
    ridge = Ridge(alpha=l2 * len(rated) if by_count else l2, fit_intercept=False)
    ridge.fit(features, table[user, rated] - ratings.rating.mean())
    np.testing.assert_allclose([*model.users[user], model.user_bias[user]], ridge.coef_, atol=1e-8)


def test_als_without_biases():
    """Then the vectors say everything: each is a ridge regression on the ratings as they are."""
    table, l2 = small(3), 0.2
    items = np.random.default_rng(0).standard_normal((12 + 9, 3))[12:]
    model = fit("als", table, l2=l2, sweeps=1, std=1, biases=False)
    assert model.mean == 0 and not model.user_bias.any() and not model.item_bias.any()
    rated = np.flatnonzero(table[4])
    ridge = Ridge(alpha=l2 * len(rated), fit_intercept=False).fit(items[rated], table[4, rated])
    np.testing.assert_allclose(model.users[4], ridge.coef_, atol=1e-8)


@pytest.mark.parametrize("ridge", ["count", "flat"])
def test_als_never_rises(world, ridge):
    """The objective goes down at every sweep."""
    losses = []
    fit("als", world[0], d=5, sweeps=10, ridge=ridge, callback=lambda step, loss, model: losses.append(loss))
    assert (np.diff(losses) < 1e-12).all()


@pytest.mark.parametrize("l2_by", ["triple", "row"])
def test_bpr_shrinks_what_its_l2_means(l2_by):
    """Users in no triple: by row they shrink at the rate of the docstring, by triple they stay as they began."""
    ratings = Interactions([0, 0], [0, 1], n_users=3, n_items=3)  # users 1 and 2 are in no triple
    model = fit("bpr", ratings, d=2, l2=0.5, lr=0.1, epochs=20, l2_by=l2_by, std=1.0, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal((3, 2))
    shrunk = (1 - 0.1 * 0.5 * 2 / 3) ** 20 if l2_by == "row" else 1.0  # two triples an epoch, in one batch
    np.testing.assert_allclose(model.users[1:], shrunk * start[1:], rtol=1e-12)


def test_rating_models_predict_hidden_ratings():
    """Of ratings made from biases and vectors, the baseline explains a part and ALS more."""
    rng = np.random.default_rng(0)
    truth = 3 + rng.normal(size=(200, 1)) / 2 + rng.normal(size=60) / 2
    truth += rng.normal(size=(200, 2)) @ rng.normal(size=(60, 2)).T / 2
    part = rng.random(truth.shape)
    user, item = np.nonzero(part < 0.4)
    hidden = np.nonzero(part > 0.8)
    ratings = Interactions(user, item, truth[user, item], *truth.shape)
    rmse = {
        name: np.sqrt(np.mean((model.predict(*hidden) - truth[hidden]) ** 2))
        for name, model in (
            ("baseline", models.fit_baseline(ratings)),
            ("als", fit("als", ratings, d=2, l2=0.02)),
        )
    }
    assert 3 * rmse["als"] < rmse["baseline"] < 0.9 * truth[hidden].std()


def test_baseline_against_one_least_squares_problem(world):
    """Turn after turn comes to the solution of all biases at once."""
    table = small(5)
    user, item = np.nonzero(table)
    ratings = Interactions(user, item, table[user, item], *table.shape)
    features = np.zeros((len(ratings), 21))
    features[np.arange(len(ratings)), ratings.user] = 1
    features[np.arange(len(ratings)), 12 + ratings.item] = 1
    ridge = np.diag([15.0] * 12 + [10.0] * 9)
    wanted = np.linalg.solve(features.T @ features + ridge, features.T @ (ratings.rating - ratings.rating.mean()))
    model = models.fit_baseline(ratings, sweeps=60)
    np.testing.assert_allclose([*model.user_bias, *model.item_bias], wanted, atol=1e-9)
    assert model.scores().shape == (12, 9)


def test_predictions_stay_on_the_scale(world):
    """Ratings are predicted between 1 and 5; scores, which only rank, are not clipped."""
    model = models.fit_als(world[0], 20, l2=0.001, rng=np.random.default_rng(0))
    scores = model.scores()
    assert scores.max() > 5
    user, item = np.unravel_index(scores.argmax(), scores.shape)
    assert model.predict([user], [item]) == 5
    assert model.predict([0, 1], [2, 3]) == pytest.approx(np.clip(scores[[0, 1], [2, 3]], 1, 5))


def test_popularity_is_the_count():
    """The number of ratings, not their mean."""
    assert models.popularity_scores([[1, 5], [1, 0], [2, 0]]).tolist() == [3, 1]


def test_progress_ends_by_itself():
    """The bar takes note of every loss and closes at the last step."""
    bar = Progress(5, "test")
    fit("gradient", small(), steps=5, callback=bar)
    assert len(bar.losses) == 5 and bar.bar.disable
