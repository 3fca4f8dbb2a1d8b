# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 6. Ask the norms who is popular
#
# **You will** train eight models on the same ratings, measure in each of them whether the long vectors are the popular
# films, and find out when a well-known rule holds, when it is reversed, and why.
#
# **After this lesson you can**
#
# - recommend by popularity alone, which every other model has to beat;
# - measure whether long means popular in a model, and how many places the longest films take in the lists;
# - work out by how much one gradient step changes a norm, and say why that depends on the number of ratings;
# - tell models that keep popularity in the norm from models that keep it in the angle;
# - test what causes a correlation, by changing that one thing and training again.
#
# **You need** lessons 4 and 5. **Time:** 60 minutes. **Points:** 17.

# %% [markdown]
# This cell loads what the lesson needs. Run it first.

# %%
import numpy as np

from recsys_lib import datasets, metrics, plots
from recsys_lib.checks import check, yours_or_ours
from recsys_lib.factorization import fit_bpr, fit_gradient, fit_ials, fit_softmax
from recsys_lib.progress import Progress
from recsys_lib.retrieval import top_k
from recsys_lib.similarity import norm_power_scores
from recsys_lib.splits import per_user_75_25
from recsys_lib.widgets import NormPopularity

# %% [markdown]
# ## The opponent: what everybody watches
#
# The whole lesson works on one split of MovieLens, `per_user_75_25` with seed 0. Its training part comes in two forms:
# `train`, which models take, and `ratings`, a table with one row per user, one column per film, and 0 where there is no
# rating.

# %% tags=["nbval-check-output"]
data = datasets.load()
train_rows, test_rows = per_user_75_25(data, seed=0)
train, test = data.interactions(train_rows), data.matrix(test_rows) > 0
ratings = train.table()
print(f"{len(train)} training ratings by {data.n_users} users of {data.n_items} films")

# %% [markdown]
# ## Exercise 6.1 (1 point): popular means often rated
#
# Complete `popularity_baseline(ratings)` for such a table of shape `(n_users, n_items)`. It returns one score for each
# item, shape `(n_items,)`: the number of its ratings, be they good or bad. Of the library, `popularity_scores` is switched
# off here.
#
# *Ask yourself first:* what is the score of a film that one person gave five stars, and of one that a hundred people
# gave four?


# %% nbgrader={"grade": false, "grade_id": "popularity-baseline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def popularity_baseline(ratings):
    """Number of ratings of each item, for a table (n_users, n_items) with 0 for "not rated"; returns (n_items,).

    >>> popularity_baseline(np.array([[5, 0, 1], [4, 0, 0]]))
    array([2., 0., 1.])
    """
    ### BEGIN SOLUTION
    return np.count_nonzero(ratings, axis=0).astype(float)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "popularity-baseline-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("popularity_baseline", popularity_baseline)

# %% [markdown]
# The next cell counts with your function (or the course's, as long as yours is not right), and calls a film **rare** if it
# has at most five training ratings.

# %% tags=["nbval-check-output"]
popularity = yours_or_ours(popularity_baseline, "popularity_baseline")
counts = np.asarray(popularity(ratings), dtype=float)
for film in np.argsort(-counts, kind="stable")[:3]:
    print(f"{counts[film]:4.0f}  {data.titles[film]}")
print(f"{counts.mean():4.0f}  on average; {np.mean(counts <= 5):.0%} of the films are rare")

# %% [markdown]
# The average film has 45 ratings, and 27% of the films are rare. Now recommend by these scores: everybody gets the ten
# best-known films that they have not rated yet. As in lesson 4, recall@10 is the share of a user's hidden films that the
# list finds.

# %% tags=["nbval-check-output"]
seen = ratings > 0
famous = top_k(np.tile(counts, (data.n_users, 1)), 10, seen=seen)
print(f"recall {metrics.recall_at_k(famous, test):.3f}, popularity {metrics.average_popularity(famous, counts):.0f}")

# %% [markdown]
# One list for all, not one bit of taste in it, and it finds 0.111 of a user's hidden films. Keep this number in
# mind. A model that finds less does worse than no model at all.
#
# ## A rule with "tend to" in it
#
# A common rule says that items which occur often in the training data tend to have long vectors. From it follows what lesson 4
# used: the dot product favours the popular, and the cosine does not. But when does an item "tend to"? In this lesson you
# do not take the rule on trust. You measure it.
#
# First, a model in which it holds: the one of lesson 5 with L2 and gravity, here in 30 dimensions. It takes 150 steps with a
# learning rate of 40, not 300 with one of 20. The lists come out as good, and you wait half as long.

# %%
lr = round(0.22 * len(train) / counts.max())  # as much as the film with the most ratings bears; 40 on MovieLens
models = {}
settings = {"std": 0.05, "l2": 0.1, "gravity": 1, "lr": lr, "steps": 150, "rng": np.random.default_rng(0)}
models["gravity"] = fit_gradient(train, 30, **settings, callback=Progress(150, "gravity"))

# %% [markdown]
# Who is long in it, and who is short? Each line holds a norm, a number of ratings and a title.

# %% tags=["nbval-check-output"]
length = np.linalg.norm(models["gravity"].items, axis=1)
by_length = np.argsort(-length)
for film in [*by_length[:4], *by_length[-3:]]:
    print(f"{length[film]:5.2f} {counts[film]:4.0f}  {data.titles[film]}")

# %% [markdown]
# The longest vectors belong to films that everybody knows, the shortest to films that nobody rated in the training part.
# Seven films prove nothing, though. We need one number for all of them.
#
# ## Exercise 6.2 (4 points): one number for the whole catalogue
#
# That number is **Spearman's rank correlation**, written $\rho$ (rho). Put the norms in order and give each its place, its
# *rank*: 1 for the smallest, n for the largest. Do the same with the counts. Then take the ordinary correlation of the two
# columns of ranks. If the longest is always the most popular, $\rho$ is 1; if the order is exactly reversed, it is -1.
#
# Complete `norm_popularity(items, counts)` for `items` of shape `(n, d)` and `counts` of shape `(n,)`. It returns a float.
# The library's `rank_correlation` is switched off here. Two rules:
#
# - **Ties.** Equal values share the mean of the places that they fill. So the counts `[4, 9, 4]` get the ranks
#   `[1.5, 3, 1.5]`.
# - **No order.** If all norms are equal, or all counts are, there is no order to compare: raise a `ValueError`.
#
# *Ask yourself first:* why ranks, and not the numbers themselves? What would a single film with a million ratings do to an
# ordinary correlation?


# %% nbgrader={"grade": false, "grade_id": "norm-popularity", "locked": false, "schema_version": 3, "solution": true, "task": false}
def norm_popularity(items, counts):
    """Rank correlation of the norms of items (n, d) with their counts (n,), average ranks for ties; returns a float.

    >>> round(norm_popularity(np.array([[3, 4], [1, 0], [0, 2]]), np.array([9, 4, 2])), 3)
    0.5
    """
    ### BEGIN SOLUTION
    ranks = []
    for values in (np.linalg.norm(items, axis=1), counts):
        if values.min() == values.max():
            raise ValueError("all norms or all counts are equal: there is no order to compare")
        below = np.sum(values < values[:, None], axis=1)
        equal = np.sum(values == values[:, None], axis=1)
        ranks.append(below + (equal + 1) / 2)
    return float(np.corrcoef(ranks)[0, 1])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "norm-popularity-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("norm_popularity", norm_popularity)

# %% [markdown]
# Now ask the model.

# %% tags=["nbval-check-output"]
rho = yours_or_ours(norm_popularity, "norm_popularity")
print(f"gravity: rho {rho(models['gravity'].items, counts):+.2f}")

# %% [markdown]
# A $\rho$ of +0.97 is as close to "long means popular" as a trained model gets. Nobody told
# the model the counts; they show up in the norms all the same.
#
# ## Exercise 6.3 (3 points): who takes the places
#
# Does it matter for what people see? Complete `norm_share(queries, items, fraction, k)`, for `queries` of shape `(q, d)`
# and `items` of shape `(n, d)`:
#
# - the **long items** are the `ceil(fraction * n)` items with the largest norms (rounded up; of equal norms the lower id
#   goes first);
# - every query, a row of `queries`, gets a list of the `k` items with the largest dot products (of equal scores the lower
#   id goes first; nothing is left out as seen);
# - return the share of all places in all these lists, q lists of k places, that long items take, from 0 to 1.
#
# Let NumPy do the sorting: a loop in pure Python takes about ten seconds on all of MovieLens, and later cells call your
# function five times.
#
# *Ask yourself first:* if one film leads all 943 lists, does it count once, or 943 times?


# %% nbgrader={"grade": false, "grade_id": "norm-share", "locked": false, "schema_version": 3, "solution": true, "task": false}
def norm_share(queries, items, fraction, k):
    """Share of the places in all top-k lists by dot product that the longest items take; returns a float.

    >>> norm_share(np.array([[1, 0], [0, 1]]), np.array([[3, 1], [1, 2], [0, 1], [1, 0]]), 0.25, 2)
    0.5
    """
    ### BEGIN SOLUTION
    how_many = int(np.ceil(fraction * len(items)))
    longest = np.argsort(-np.linalg.norm(items, axis=1), kind="stable")[:how_many]
    slots = np.argsort(-(queries @ items.T), axis=1, kind="stable")[:, :k]
    return float(np.isin(slots, longest).mean())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "norm-share-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("norm_share", norm_share)

# %% [markdown]
# How many of the 9,430 places do the longest five per cent of the films take? If length did not matter, it would be a
# twentieth.

# %% tags=["nbval-check-output"]
share = yours_or_ours(norm_share, "norm_share")
users, films = models["gravity"]
for fraction in (0.05, 0.25):
    print(f"the longest {fraction:.0%} of the films take {share(users, films, fraction, 10):.0%} of the places")

# %% [markdown]
# The longest 5% take 79% of the places, and the longest 25% take 100%. Whoever decides about the norms
# decides about the lists. So who does?
#
# ## One step by hand
#
# The error that training reduces is a mean over all N training ratings, $\frac1N \sum (r - \langle u, x \rangle)^2$. A
# film with vector $x$ is in the sum only where somebody rated it. So one step of gradient descent with the learning
# rate lr moves it to
#
# $$x' = x + \frac{2\,\mathrm{lr}}{N} \sum_{\text{its raters } u} (r_u - \langle u, x \rangle)\, u.$$
#
# The sum has one term for each of its ratings. N is the same for all films.
#
# ## Exercise 6.4 (4 points): by how much does a norm grow?
#
# Complete `norm_growth(item, raters, ratings, lr, total)`: by how much is the item longer after one such step? The
# number is negative if the item gets shorter. `item` has shape `(d,)`; `raters` has shape `(m, d)`, the vectors of the
# m users who rated it; `ratings` has shape `(m,)`, what they gave; `total` is N, the number of ratings of all items.
# The users stay as they are. An item may have no raters, `m = 0`: then it grows by 0.
#
# *Ask yourself first:* if every rater of a film had a twin who rates the same, what would happen to the step?


# %% nbgrader={"grade": false, "grade_id": "norm-growth", "locked": false, "schema_version": 3, "solution": true, "task": false}
def norm_growth(item, raters, ratings, lr, total):
    """By how much the norm of item (d,) grows in one gradient step, given its raters (m, d) and ratings (m,).

    >>> round(norm_growth(np.array([3, 4]), np.array([[1, 0]]), np.array([5]), 0.5, 10), 3)
    0.122
    """
    ### BEGIN SOLUTION
    errors = ratings - raters @ item
    step = 2 * lr / total * (errors @ raters)
    return float(np.linalg.norm(item + step) - np.linalg.norm(item))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "norm-growth-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("norm_growth", norm_growth)

# %% [markdown]
# Let us watch a real training early on. The next cell takes eight steps from a small start (all numbers drawn with a
# standard deviation of 0.05) and asks your function what step nine will do to each film.

# %%
growth = yours_or_ours(norm_growth, "norm_growth")
settings = {"std": 0.05, "lr": lr, "steps": 8, "rng": np.random.default_rng(0), "dtype": float}
users, films = fit_gradient(train, 30, **settings)
who = [np.flatnonzero(column) for column in ratings.T]  # the raters of each film
grown = [growth(films[i], users[who[i]], ratings[who[i], i], lr, len(train)) for i in range(len(films))]

# %% [markdown]
# Print the mean for films with few, more and many ratings. We shall use these groups again.

# %% tags=["nbval-check-output"]
edges = {"no rating": (0, 0), "1 to 5": (1, 5), "6 to 50": (6, 50), "51 to 200": (51, 200), "over 200": (201, 999)}
groups = {name: (counts >= low) & (counts <= high) for name, (low, high) in edges.items()}
for name, films_in in groups.items():
    print(f"{name:10}  norm {np.linalg.norm(films[films_in], axis=1).mean():.2f}   grows by", end=" ")
    print(f"{np.mean(np.array(grown)[films_in]):.4f}")

# %% [markdown]
# There it is. A film without a rating does not grow at all, and the more ratings a film has, the more it grows in
# the very same step. After eight steps the best-known films are already ahead: their mean norm is 0.51, that of the
# films without a rating 0.26. The rest of the training goes on
# like this until their errors are small.
#
# ## Guess, then train
#
# The textbook rule seems to be explained. But the explanation said that films *move*, not that they *grow*. Suppose the
# same model is trained again, with one change: the numbers at the start are drawn with a standard deviation of 1
# instead of 0.05, so that all vectors are long at first. What will $\rho$ be? Write down your guess.

# %%
my_guess = 0.9  # rho after a start of 1.0

# %% [markdown]
# The next cell trains it from three starts, without L2 and without gravity, so that nothing but the ratings pulls at a
# film. It takes about three seconds.

# %%
for std in (0.05, 0.5, 1.0):
    settings = {"std": std, "lr": lr, "steps": 150, "rng": np.random.default_rng(0)}
    models[f"start {std}"] = fit_gradient(train, 30, **settings, callback=Progress(150, f"start {std}"))

# %% [markdown]
# Ask the three models, as before.

# %% tags=["nbval-check-output"]
for name in ("start 0.05", "start 0.5", "start 1.0"):
    print(f"{name:10}   rho {rho(models[name].items, counts):+.2f}")

# %% [markdown]
# From the small start the rule holds, +0.87. From the middle one it is gone, -0.18. From the large one it is turned
# upside down: -0.72, the rare films are the long ones. The data, the loss, the steps: all the same. How close was your
# guess?
#
# Where have the films of each group gone? The next cell prints the mean norm of each group at the start and at the end.
# The start is drawn again, with one step too small to see.

# %% tags=["nbval-check-output"]
print("start     |", " | ".join(f"{name:>12}" for name in groups))
for std in (0.05, 0.5, 1.0):
    settings = {"std": std, "lr": 1e-9, "steps": 1, "rng": np.random.default_rng(0)}
    fresh, last = fit_gradient(train, 30, **settings).items, models[f"start {std}"].items
    old, new = (np.linalg.norm(films, axis=1) for films in (fresh, last))
    print(f"std {std:5} |", " | ".join(f"{old[g].mean():4.2f} -> {new[g].mean():4.2f}" for g in groups.values()))

# %% [markdown]
# Read the columns. *Over 200:* wherever they start, training brings the best-known films to about the same norm, 2.72,
# 2.61 and 2.48. That is what dot products of three or four stars need. *No rating:* these stay exactly as they were
# drawn. *1 to 5:* from the small start they have gone part of the way, to 1.00; from the larger ones they have hardly
# moved. So the rule should read: **a film with many ratings goes where training wants
# it, a film with few stays near where it was put.** If the start is shorter than the goal, the popular films are the
# long ones. If it is longer, they are the short ones.
#
# ## Eight models
#
# Gradient steps on the ratings alone are one way to learn. Four more models follow, in about four seconds: iALS, which
# also looks at what was *not* rated; a full softmax, in which every film competes with every other; and BPR, pairs of a
# rated and an unrated film, with two strengths of L2. Read their docstrings if you like (`fit_ials?`); here they are
# only suspects.

# %%
models["iALS"] = fit_ials(train, 30, l2=5, unobserved_weight=0.1, rng=np.random.default_rng(0))
settings = {"std": 0.1, "lr": 0.05, "steps": 120, "rng": np.random.default_rng(0)}
models["softmax"] = fit_softmax(train, 30, **settings, callback=Progress(120, "softmax"))
for l2 in (0.01, 0.03):
    settings = {"l2": l2, "epochs": 20, "rng": np.random.default_rng(0), "callback": Progress(20, f"BPR {l2}")}
    models[f"BPR l2 {l2}"] = fit_bpr(train, 30, **settings)

# %% [markdown]
# Now measure. For each model: $\rho$; then the mean popularity of the films that lists of ten show, and the share of
# places that go to rare films, first by the dot product (alpha 1 of lesson 4's dial) and then by the cosine (alpha 0; films of norm zero come last).

# %% tags=["nbval-check-output"]
tens = {}
for name, model in models.items():
    tens[name] = [top_k(norm_power_scores(*model, alpha, zero="last"), 10, seen=seen) for alpha in (1, 0)]
    fame = "dot {:3.0f}, cosine {:3.0f}".format(*(metrics.average_popularity(ten, counts) for ten in tens[name]))
    rare = "dot {:.2f}, cosine {:.2f}".format(*(metrics.rare_share(ten, counts, 5) for ten in tens[name]))
    print(f"{name:11} rho {rho(model.items, counts):+.2f} | popularity {fame} | rare {rare}")

# %% [markdown]
# Take your time for this table. A film of the catalogue has 45 ratings on average, and 27% of the films are rare. Four
# things are in it.
#
# - **Where long means popular, the dot product shows the popular.** gravity, start 0.05 and iALS have a $\rho$ of +0.87
#   or more, and show no rare film at all. Here the cosine does take popularity away: gravity falls from 206 to
#   89, start 0.05 from 151 to 19, and iALS from 223 to 118.
# - **Where long means rare, it may show the rare.** At start 1.0 every third place, 0.35, goes to a rare film, and the
#   films shown have 17 ratings on average. Here the *cosine* shows the better-known ones, with 109.
# - **But a negative $\rho$ does not prevent popularity.** The softmax has -0.71, and yet the films it shows have 182
#   ratings on average. Its cosine shows 176, so it takes hardly anything away.
# - **And the sign may hang on a small knob.** BPR has +0.69 with an L2 of 0.01 and -0.29 with 0.03, while both make
#   popular lists.
#
# ## Long, but behind you
#
# How can the softmax have long rare films and never show one? From lesson 4 you know that length lifts an item in front
# of the query and sinks one behind it. The next cell takes the 85 longest films, 5%, of three models, and prints how popular they
# are, how often they stand behind a user, and how many places they take.

# %% tags=["nbval-check-output"]
for name in ("iALS", "start 1.0", "softmax"):
    users, films = models[name]
    longest = np.argsort(-np.linalg.norm(films, axis=1))[: len(films) // 20 + 1]
    behind, places = np.mean(users @ films[longest].T < 0), share(users, films, 0.05, 10)
    print(f"{name:9} mean count {counts[longest].mean():3.0f}, behind {behind:3.0%}, places taken {places:3.0%}")

# %% [markdown]
# In the softmax every film is a wrong answer for every user, again and again, except for those who rated it. A rare
# film is nearly always a wrong answer. So it is pushed *away* from the users, and that is what makes it long: 91% of
# the time the longest films stand behind the user, and they take 0% of the places. At start 1.0 nobody pushes. The long
# rare films point wherever they were drawn, 37% behind a user and the rest in front, and those in front win places by
# mere length.
#
# So popularity can be kept in two places, in the **norm** or in the **angle**. Dividing the norm out helps in the first
# case only.
#
# ## See the clouds
#
# The next cell draws four of the models with your `norm_popularity`. Click *longest 5%* under each of them, and watch
# where its films are in the other three. Then draw a box round the rare films at the left of one cloud.

# %%
four = {name: models[name].items for name in ("iALS", "start 0.05", "start 1.0", "softmax")}
NormPopularity(norm_popularity, four, counts, data.titles)

# %% [markdown]
# The same as a picture, with the longest films of iALS marked in all four. They are on the right everywhere, since they
# are the popular ones; but they are at the top in the first two models and at the bottom in the last two.

# %%
plots.show(plots.norm_clouds(rho, four, counts))

# %% [markdown]
# ## The pitfall: "use the cosine, it is fairer"
#
# A colleague has the model *start 0.05*, finds its lists too popular, remembers the rule, and switches to the cosine. The
# next cell prints what this does, with the counts of the films that the first three users are shown.

# %% tags=["nbval-check-output"]
for label, ten in zip(("dot", "cosine"), tens["start 0.05"], strict=True):
    rare, recall = metrics.rare_share(ten, counts, 5), metrics.recall_at_k(ten, test)
    print(f"{label}: rare {rare:.2f}, recall {recall:.3f}, counts for three users:")
    print(counts[ten[:3]].astype(int))

# %% [markdown]
# The cosine overshoots. Nearly a quarter of the places, 0.23, goes to films that at most five people have rated, and
# recall falls from 0.055 to 0.007. The model knows next to nothing about these films: a few ratings have turned them
# towards the direction that all users share, and no further. Their norm is short because little has happened to them,
# so it was a warning: *do not trust this angle*. The cosine divides the warning out.
#
# For the softmax, the same advice would have changed hardly anything. At start 1.0 it would even have helped a little: fewer
# rare films, 0.10 instead of 0.35. **The rule does not tell which of the three you will get. Measuring $\rho$ and the rare
# share does.**
#
# ## Is it the count?
#
# In iALS norm and count go together almost perfectly. Does the count *cause* the norm? Popular films differ from others
# in more than their count: they are liked better, and other people watch them. There is a way to find out: make the
# counts equal, change nothing else, and train again.
#
# ## Exercise 6.5 (3 points): make the counts equal
#
# Which ratings stay is decided by lot. Complete `equal_counts(ratings, per_item, lots)`. Both tables have shape
# `(n_users, n_items)`, and `lots` holds a random number for each cell, all different. Return a new table of the same
# shape:
#
# - an item with at least `per_item` ratings keeps exactly `per_item` of them, with their stars, and loses the rest (0);
# - it keeps the ratings of those of its raters who have the smallest lots in its column;
# - an item with fewer ratings loses them all;
# - `ratings` itself stays as it is (`lots` you may change).
#
# *Ask yourself first:* why by lot? Which users would be left if you kept the first ones of each column?


# %% nbgrader={"grade": false, "grade_id": "equal-counts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def equal_counts(ratings, per_item, lots):
    """A copy of ratings (n_users, n_items) in which each item has the per_item ratings of smallest lots, or none.

    >>> ratings = np.array([[5, 1, 0], [4, 0, 2], [3, 2, 0]])
    >>> lots = np.array([[0.1, 0.3, 0.8], [0.9, 0.2, 0.4], [0.5, 0.7, 0.6]])
    >>> equal_counts(ratings, 2, lots)
    array([[5, 1, 0],
           [0, 0, 0],
           [3, 2, 0]])
    """
    ### BEGIN SOLUTION
    kept = np.zeros_like(ratings)
    for item in range(ratings.shape[1]):
        raters = np.flatnonzero(ratings[:, item])
        if len(raters) >= per_item:
            chosen = raters[np.argsort(lots[raters, item])[:per_item]]
            kept[chosen, item] = ratings[chosen, item]
    return kept
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "equal-counts-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("equal_counts", equal_counts)

# %% [markdown]
# The experiment needs a partner to compare with: the same films and about as many ratings, but thinned by chance, so that
# the counts stay as unequal as they were. Otherwise we could not tell equal counts from a mere lack of data.

# %% tags=["nbval-check-output"]
equalise, lots = yours_or_ours(equal_counts, "equal_counts"), np.random.default_rng(0).random(ratings.shape)
equal, kept = np.asarray(equalise(ratings, 50, lots), dtype=float), counts >= 50
chance = lots < np.count_nonzero(equal) / counts[kept].sum()
tables = {"thinned": np.where(kept & chance, ratings, 0), "equal": equal}
for name, table in tables.items():
    print(f"{name:8}{kept.sum()} films, {np.count_nonzero(table, axis=0).max():3} ratings at most")

# %% [markdown]
# Now train iALS and *start 0.05* on both tables.

# %%
small, trained = {"std": 0.05, "lr": lr, "steps": 150}, {}
for name, table in tables.items():
    first = fit_ials(table, 30, l2=5, unobserved_weight=0.1, rng=np.random.default_rng(0))
    second = fit_gradient(table, 30, **small, rng=np.random.default_rng(0), callback=Progress(150, name))
    trained[name] = first, second

# %% [markdown]
# Compare the norms with the *old* counts. (With the new ones your function would raise its `ValueError`: they have no
# order.)

# %% tags=["nbval-check-output"]
for name, pair in trained.items():
    print(f"{name:8}", *(f"{rho(model.items[kept], counts[kept]):+.2f}" for model in pair))

# %% [markdown]
# The first column is iALS: from +0.94 down to +0.20. Take the difference in count away, and most of the
# correlation goes with it. The count was the main cause. The second column is *start 0.05*: from +0.74 to +0.30. (The
# whole training part gave +0.87; here are fewer films and fewer ratings, also in the partner.) Here a part survives, too. What else do these norms follow? *start 0.05* has to predict **how many stars** a film gets, and a film that
# gets more of them needs larger dot products. So take that away as well: shift each film's ratings so that all films
# have the same mean, and train once more.

# %% tags=["nbval-check-output"]
stars = equal.sum(axis=0)[kept] / 50
print(f"count against mean stars: {metrics.rank_correlation(counts[kept], stars):+.2f}")
level = equal[:, kept] + np.where(equal[:, kept] > 0, stars.mean() - stars, 0)
third = fit_gradient(level, 30, **small, rng=np.random.default_rng(0))
print(f"start 0.05, equal counts and equal means: {rho(third.items, counts[kept]):+.2f}")

# %% [markdown]
# Popular films are liked a little better, +0.36, and that was the rest: with equal counts *and* equal means the norms know
# next to nothing of popularity, -0.03. And the +0.20 of iALS, which never sees a star? There it is the audience. The next
# cell compares norms with *activity*, the number of films that a user rated.

# %% tags=["nbval-check-output"]
activity = np.count_nonzero(equal, axis=1)
audience = (activity @ (equal > 0))[kept] / 50  # mean activity of a film's raters
of_users, of_films = (np.linalg.norm(side, axis=1) for side in trained["equal"][0])
print(f"iALS, user's norm against own activity:       {metrics.rank_correlation(of_users, activity):+.2f}")
print(f"iALS, film's norm against raters' activity:   {metrics.rank_correlation(of_films[kept], audience):+.2f}")
print(f"film's old count against raters' activity:    {metrics.rank_correlation(counts[kept], audience):+.2f}")

# %% [markdown]
# On the users' side the same rule is at work: who rated little has a short vector, +0.99. A film whose raters have short
# vectors must be long to reach a high score with them, -0.88. And popular films have less busy raters: the minus in
# -0.42 says so. So
# the count is the main cause of the norm, but not the only one.
#
# ## What it is worth
#
# One question is left: which of these models would you use? Here is the recall of all eight, by dot product and by cosine.
# The lists that show everybody the best-known films reached 0.111.

# %% tags=["nbval-check-output"]
for name, (dot, cosine) in tens.items():
    found = f"dot {metrics.recall_at_k(dot, test):.3f}, cosine {metrics.recall_at_k(cosine, test):.3f}"
    print(f"{name:11} rho {rho(models[name].items, counts):+.2f} | recall {found}")

# %% [markdown]
# iALS finds twice as much as popularity alone, 0.228. The softmax and both BPRs do well, too, with 0.185 to 0.191, whatever
# the sign of their $\rho$; gravity is second with 0.195. *start 0.5* reaches only 0.012 by the dot
# product. And *start 0.05*, with a $\rho$ of +0.87, loses clearly to popularity, with 0.055. So $\rho$ is not a mark for
# quality. It tells you what the norms *mean* in the model before you, and with it what the dial of lesson 4 will do there.
#
# (All of this is one split and one seed. We looked at the four splits after it: no $\rho$ of the eight models changes its
# sign.)

# %% [markdown]
# ## Say why (2 points, read by a person)
#
# A colleague writes: *"Popular items have long vectors. That is why the dot product recommends popular items. If we
# want rarer ones, we take the cosine."* Three sentences, and for each of them this lesson has a model in which it
# fails. Name one model for at least two of the three, with its numbers, and say **why** the sentence fails there. Then
# tell the colleague what to measure first. Five to eight sentences.

# %% [markdown] nbgrader={"grade": true, "grade_id": "norm-is-popularity-why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# **Rubric.** One point for two sentences refuted, each by a model, a number and a reason that speaks of how the vectors
# got their length. Sentence one: start 1.0 has a rho of -0.72, because a film with few ratings is hardly moved and
# keeps the long vector that it was given, while popular films are brought down to where training wants them; or the
# softmax, -0.71, because rare films are pushed away from the users and get long by it. Sentence two: the softmax and
# BPR with an L2 of 0.03 show popular films (182 and 227 ratings on average, the catalogue has 45) although their long
# vectors are not the popular ones, since popularity is in the angle: the rare stand behind the users. Sentence three:
# in the softmax the cosine shows 176 instead of 182, for the same reason; at start 1.0 it shows *better-known* films
# (109 instead of 17); at start 0.05 it overshoots to a rare share of 0.23 and a recall of 0.007, since the angle of a
# film with few ratings is not to be trusted. One point for naming what to measure in the model at hand: the rank
# correlation of norm and count, **and** the rare share (or popularity) of the lists by both measures; full marks only
# if it is said that neither alone is enough, or that quality has to be measured besides. "It depends" without a reason
# earns nothing.

# %% [markdown]
# How far have you come? The next cell adds up the points that your checks gave since the notebook was started.

# %%
from recsys_lib.checks.course_progress import lesson_progress

lesson_progress(6, "popularity_baseline norm_popularity norm_share norm_growth equal_counts")

# %% [markdown]
# ## Recap
#
# **You have**
#
# - recommended by popularity alone, and seen which models it beats;
# - measured by a rank correlation whether long means popular, and counted the places that the longest films take;
# - worked out by how much one gradient step changes a norm, and said why that depends on the number of ratings: many
#   ratings take a film to where training wants it, few leave it where it was put;
# - told models that keep popularity in the norm (gravity, iALS) from models that keep it in the angle too: the cosine
#   lists of both BPRs still show films with 173 and 171 ratings on average (dot: 210 and 227);
# - tested what causes a correlation: you made the counts equal and trained again, and most of it was gone.
#
# **New words**
#
# - *popularity baseline*: everybody gets the items with the most ratings that they do not know yet.
# - *rank correlation*, $\rho$: the correlation of two columns of ranks; 1 for the same order, -1 for the reversed one.
# - *rare*: with at most five training ratings. *Rare share*: the share of places that go to rare films.
# - *iALS*: least squares over all pairs, rated or not. *Softmax*: all items compete for each rating. *BPR*: a rated
#   item shall beat an unrated one.
# - *causal check*: change the suspected cause and nothing else, beside a partner that keeps it.
#
# **Read** Hu, Koren and Volinsky, *Collaborative Filtering for Implicit Feedback Datasets* (ICDM 2008), for iALS; Rendle
# and others, *BPR: Bayesian Personalized Ranking from Implicit Feedback* (UAI 2009); Steck, *Item Popularity and
# Recommendation Accuracy* (RecSys 2011), for how far popularity carries.
#
# **Try** another split (seed 1 in the cell that loads the data, then run all below it): which digits stay? Train *start 1.0* ten times as
# long: do the rare films come down? And stop the softmax after 40 steps, or let it run for 400: what does its $\rho$ do,
# and what do its lists?
