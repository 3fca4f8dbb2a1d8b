"""Lesson 6: norms and popularity, by SciPy's rank correlation, in models trained by `models.py`."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from tests.independent import models
from tests.independent.measures import cosines, rare, recall, ten_best

LINES = {
    "rare": r"^ *(\d+)  on average; (\d+%) of the films are rare",
    "popular": r"^recall (0\.\d+), popularity (\d+)",
    "model": r"^{model} +rho ([+-]\d\.\d+) \| popularity +(\d+) +(\d+) \| rare (0\.\d+) (0\.\d+) "
    r"\| recall (0\.\d+) (0\.\d+)",
    "step nine": r"^{group} +norm (\d\.\d+) +grows by (\d\.\d+)",
    "places": r"the longest 5% of the films take (\d+%) of the places",
    "places unseen": r"^seen films left out, {measure} *: (\d+%)",
    "hump": r"^{group} +norm (\d\.\d), ahead ([+-]\d\.\d), behind +(\d+%) of users",
    "descent": r"^softmax, descent +step +40: loss (\d\.\d+), rho ([+-]\d\.\d+), norm (\d\.\d)",
    "equal": r"^{table} +at most +\d+ ratings, rho ([+-]\d\.\d+)",
    "raters": r"^{link}: +([+-]\d\.\d+)",
    "behind": r"^{model} +mean count +(\d+), behind +(\d+%)",
}
MODELS = ("gravity", "iALS", "softmax, Adam")
GROUPS = {"no rating": (0, 0), "1 to 5": (1, 5), "6 to 50": (6, 50), "51 to 200": (51, 200), "over 200": (201, 999)}
#: Of rho, of two popularities, of two rare shares, of two recalls. The course trains in float32, and iALS by two steps
#: of conjugate gradients where `models.ials` solves exactly.
NOISE = dict.fromkeys(MODELS, (0.001, 0.2, 0.2, 0.001, 0.001, 0.002, 0.002)) | {
    "iALS": (0.003, 1, 1, 0.003, 0.003, 0.002, 0.002)
}


def rho(items, counts):
    """Spearman's correlation of length and number of ratings."""
    return spearmanr(np.sqrt((items**2).sum(axis=1)), counts).statistic


@pytest.fixture(scope="module")
def trained(split):
    """Train three of the models; those without L2 and gravity are lesson 7's as well."""
    found = {"gravity": models.descend(split.table, *begin(0.05), lr=40, steps=150, l2=0.1, gravity=1)}
    found["iALS"] = models.ials(split.seen, begin(0.1)[1], l2=5, unobserved=0.1, sweeps=10)
    found["softmax, Adam"] = models.softmax(split.seen, *begin(0.1), lr=0.05, steps=120)
    return found


def begin(std):
    """Draw the start of width 30."""
    return models.start(943, 1682, 30, std)


def test_popularity(lesson, split):
    """The average film, the share of rare ones, and what popularity alone finds."""
    lesson.prints(LINES["rare"], split.counts.mean(), np.mean(split.counts <= 5))
    famous = ten_best(np.tile(split.counts, (943, 1)), split.seen)
    lesson.prints(LINES["popular"], recall(famous, split.hidden), split.counts[famous].mean())


def test_step_nine(lesson, split):
    """How much one step lengthens films with few and with many ratings."""
    users, items = models.descend(split.table, *begin(0.05), lr=40, steps=8)
    _, moved = models.descend(split.table, users, items, lr=40, steps=1)
    length, longer = (np.sqrt((x**2).sum(axis=1)) for x in (items, moved))
    for group, (low, high) in GROUPS.items():
        some = (split.counts >= low) & (split.counts <= high)
        line = LINES["step nine"].replace("{group}", group)
        lesson.prints(line, length[some].mean(), np.mean((longer - length)[some]))


@pytest.mark.parametrize("model", MODELS)
def test_models(lesson, split, trained, model):
    """Sign and size of rho, and the lists by both measures."""
    users, items = trained[model]
    dot, cosine = (ten_best(scores, split.seen) for scores in (users @ items.T, cosines(users, items)))
    found, fame = rho(items, split.counts), [split.counts[ten].mean() for ten in (dot, cosine)]
    shares = [rare(ten, split.counts) for ten in (dot, cosine)]
    shares += [recall(ten, split.hidden) for ten in (dot, cosine)]
    lesson.prints(LINES["model"].replace("{model}", model), found, *fame, *shares, noise=NOISE[model])


def test_long_films(lesson, split, trained):
    """The longest 5%: their places in the lists (of all films), their ratings, and whether they stand behind."""
    for model, (users, items) in trained.items():
        longest = np.argsort(-(items**2).sum(axis=1))[:85]
        if model == "gravity":
            lists = ten_best(users @ items.T, np.zeros(split.seen.shape, dtype=bool))
            lesson.prints(LINES["places"], np.mean([film in longest for film in lists.ravel()]))
            for measure, scores in (("dot", users @ items.T), ("cosine", cosines(users, items))):
                lists = ten_best(scores, split.seen)
                line = LINES["places unseen"].replace("{measure}", measure)
                lesson.prints(line, np.isin(lists, longest).mean(), noise=0.001)
        if model in ("iALS", "softmax, Adam"):
            behind = np.mean(users @ items[longest].T < 0)
            lesson.prints(LINES["behind"].replace("{model}", model), split.counts[longest].mean(), behind, noise=0.003)


@pytest.mark.parametrize("group", GROUPS)
def test_hump(lesson, split, trained, group):
    """What one number hides: length, and the part along the mean user, of films with few and many ratings."""
    users, items = trained["softmax, Adam"]
    low, high = GROUPS[group]
    some = items[(split.counts >= low) & (split.counts <= high)]
    middle = users.sum(axis=0)
    values = np.sqrt((some**2).sum(axis=1)), some @ middle / np.sqrt(middle @ middle), users @ some.T < 0
    noise = (0.01, 0.01, 0.002)
    lesson.prints(LINES["hump"].replace("{group}", group), *(value.mean() for value in values), noise=noise)


def test_softmax_by_descent(lesson, split):
    """Plain descent on the same loss: forty steps, of which the loss is that before the last."""
    begin_here = models.softmax(split.seen, *begin(0.1), lr=300, steps=39, adam=False)
    scores = begin_here[0] @ begin_here[1].T
    chance = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    _, items = models.softmax(split.seen, *begin_here, lr=300, steps=1, adam=False)
    some = (split.counts >= 6) & (split.counts <= 50)
    length = np.sqrt((items[some] ** 2).sum(axis=1)).mean()
    lesson.prints(LINES["descent"], -chance[split.seen].mean(), rho(items, split.counts), length, noise=0.001)


def test_equal_counts(lesson, split):
    """iALS where films with fifty ratings or more keep fifty by lot, and who rates the popular ones."""
    lots = np.random.default_rng(0).random(split.seen.shape)
    places = np.where(split.seen, lots, 2.0).argsort(axis=0).argsort(axis=0)
    many = split.counts >= 50
    equal = split.seen & (places < 50) & many
    thinned = split.seen & many & (lots < equal.sum() / split.counts[many].sum())
    for name, seen in {"thinned": thinned, "equal": equal}.items():
        users, items = models.ials(seen, begin(0.1)[1], l2=5, unobserved=0.1, sweeps=10)
        line = LINES["equal"].replace("{table}", name)
        lesson.prints(line, rho(items[many], split.counts[many]), noise=0.005)
    busy, length = equal.sum(axis=1), np.sqrt((users**2).sum(axis=1))
    of_raters = [(equal[:, many] * values[:, None]).sum(axis=0) / 50 for values in (busy, length)]
    links = {
        "count of a film and how busy its raters are": (split.counts[many], of_raters[0]),
        "how busy a user is and the user's norm": (busy, length),
        "norm of a film and mean norm of its raters": (np.sqrt((items[many] ** 2).sum(axis=1)), of_raters[1]),
    }
    for link, pair in links.items():
        lesson.prints(LINES["raters"].replace("{link}", link), spearmanr(*pair).statistic, noise=0.005)
