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
# **You will** train nine models on the same ratings, measure in each of them whether the long vectors are the popular
# films, and find out when a well-known rule holds, when it does not, and why.
#
# **After this lesson you can**
#
# - recommend by popularity alone, which every other model has to beat;
# - measure whether long means popular, how many places the longest films take, and what one number for all hides;
# - work out by how much one gradient step changes a norm, and say for the squared error and the softmax who pushes a film;
# - tell models that keep popularity mostly in the norm from models that keep it in the angle too;
# - test what causes a correlation, by changing that one thing and training again.
#
# **You need** lessons 4 and 5. **Time:** 80 minutes. **Points:** 17.

# %% [markdown]
# This cell loads what the lesson needs. Run it first.

# %%
from functools import partial

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
# Now recommend by these scores: everybody gets the ten best-known films that they have not rated yet. As in lesson 4,
# recall@10 is the share of a user's hidden films that the list finds.

# %% tags=["nbval-check-output"]
seen = ratings > 0
famous = top_k(np.tile(counts, (data.n_users, 1)), 10, seen=seen)
print(f"recall {metrics.recall_at_k(famous, test):.3f}, popularity {metrics.average_popularity(famous, counts):.0f}")

# %% [markdown]
# One list for all, not one bit of taste in it, and it finds 0.111 of a user's hidden films. A model that finds less does
# worse than no model at all.
#
# ## A rule with "tend to" in it
#
# Items that occur often in the training data *tend to* have long vectors: so says a well-known rule [P: Google's course
# *Recommendation Systems*]. From it follows what lesson 4 used: the dot product favours the popular, and the cosine does
# not. You will not take it on trust. This table is the lesson's frame: four losses, and the one thing that you
# will change in each. Guess the last column; you will fill it in with what you measure.
#
# | loss | training asks | what we change | are the long films the popular ones? |
# |---|---|---|---|
# | squared error | how many stars? | the length at the start | ? |
# | iALS | rated or not, for every pair? | how many ratings a film has | ? |
# | softmax | which film of all? | the optimiser, then L2 | ? |
# | BPR | which of two films? | how L2 shrinks | ? |
#
# First, a model in which the rule holds: the one of lesson 5 with L2 and gravity, here in 30 dimensions.

# %%
lr = round(0.22 * len(train) / counts.max())  # 40 on MovieLens; 0.22 was found by trial
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
# Long: films that everybody knows. Short: films that nobody rated in the training part. Now for all films.
#
# ## Exercise 6.2 (4 points): one number for the whole catalogue
#
# That number is **Spearman's rank correlation**, written $\rho$ (rho). Put the norms in order and give each its place, its
# *rank*: 1 for the smallest, n for the largest. Do the same with the counts. Then take the ordinary correlation of the two
# columns of ranks. If both put the films in the same order, $\rho$ is 1; if one order is the other backwards, it is -1.
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
# A $\rho$ of +0.97. Nobody told the model the counts; they show up in the norms all the same.
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
# Let NumPy do the sorting: a loop in pure Python takes about ten seconds on all of MovieLens.
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
# How many of the 9,430 places do the longest five per cent of the films take? Lists drawn by lot would give them a
# twentieth. The second and third line say the same of lists that leave out what a user has rated, by dot product and by
# cosine.

# %% tags=["nbval-check-output"]
share = yours_or_ours(norm_share, "norm_share")
users, films = models["gravity"]
print(f"the longest 5% of the films take {share(users, films, 0.05, 10):.0%} of the places")
for measure, alpha in (("dot", 1), ("cosine", 0)):
    ten = top_k(norm_power_scores(users, films, alpha, zero="last"), 10, seen=seen)
    print(f"seen films left out, {measure:6}: {np.isin(ten, by_length[:85]).mean():.0%}")

# %% [markdown]
# They take 79% of the places, or 67% without the films seen, and 13% by the cosine. In this model, whoever decides about
# the norms decides about the lists. So who does?
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
# The next cell trains for eight steps from a small start (all numbers drawn with a standard deviation of 0.05), and asks
# your function what step nine will do to each film.

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
# A film without a rating does not grow at all, and the more ratings a film has, the more it grows in the very same step.
# After eight steps the best-known films are already ahead: their mean norm is 0.51, that of the films without a rating
# 0.26.
#
# ## Guess, then train
#
# The rule seems to be explained. But the explanation said that films *move*, not that they *grow*. Suppose the numbers at
# the start are drawn with a standard deviation of 1 instead of 0.05, so that all vectors are long at first. What will
# $\rho$ be? Write down your guess.

# %%
my_guess = 0.9  # rho after a start of 1.0

# %% [markdown]
# The next cell trains from both starts, for 150 steps, without L2 and without gravity: only the ratings pull at a film.
# These two are specimens to look into, not models to use.

# %%
for std in (0.05, 1.0):
    settings = {"std": std, "lr": lr, "steps": 150, "rng": np.random.default_rng(0)}
    models[f"start {std}"] = fit_gradient(train, 30, **settings, callback=Progress(150, f"start {std}"))

# %% [markdown]
# Print $\rho$, and the mean norm of each group at the start and at the end. (The start is drawn again, with one step too
# small to see.)

# %% tags=["nbval-check-output"]
print("start         |", " | ".join(f"{name:>12}" for name in groups))
for std in (0.05, 1.0):
    fresh = fit_gradient(train, 30, std=std, lr=1e-9, steps=1, rng=np.random.default_rng(0)).items
    old, new = (np.linalg.norm(films, axis=1) for films in (fresh, models[f"start {std}"].items))
    lengths = " | ".join(f"{old[g].mean():4.2f} -> {new[g].mean():4.2f}" for g in groups.values())
    print(f"{std:4} rho {rho(models[f'start {std}'].items, counts):+.2f} | {lengths}")

# %% [markdown]
# From the small start the rule holds, +0.87. From the large one the rare films are the long ones, -0.72. How close was
# your guess? *Over 200:* from both starts training brings the best-known films to about the same norm, 2.72 and 2.48.
# *No rating:* these stay exactly as they were drawn. *1 to 5:* from the small start they have gone part of the way, to
# 1.00; from the large one their mean norm is what it was. So the rule should read: **a film with many ratings goes where training
# wants it, a film with few stays near where it was put.** If the start is shorter than the goal, the popular films are the
# long ones; if it is longer, the short ones.
#
# ## Three more losses
#
# The other three losses ask only *whether* somebody rated a film. Take the **softmax** first. It gives each film a
# probability for each user, $p(x \mid u) = e^{\langle u, x \rangle} / \sum_y e^{\langle u, y \rangle}$, and its loss for a
# rated pair is
#
# $$-\log p(x \mid u) = -\langle u, x \rangle + \log \sum_y e^{\langle u, y \rangle}.$$
#
# Differentiate that by the vector of the rated film: $-u + p(x \mid u)\, u$. By the vector of any other film $y$:
# $p(y \mid u)\, u$. A descent goes the other way. So this one rating *pulls* its film along $u$ by $1 - p(x \mid u)$, and
# *pushes* every other film back along $u$ by $p(y \mid u)$. Now add up the $n_u$ films that u rated. A film moves along
# the sum $\sum_u e_u\, u$ over **all** users, with
#
# $$e_u = 1 - n_u\, p(x \mid u) \text{ for its raters,} \qquad e_u = -n_u\, p(x \mid u) \text{ for all others.}$$
#
# Its raters pull, and everybody pushes, however low the score is already. A film that nobody rated is pushed away for as
# long as you train. The other two in a line each:
#
# - **iALS** asks for $\langle u, x \rangle = 1$ where rated and 0 elsewhere, with a small weight $w$ on the rest:
#   $e_u = 2\,(1 - \langle u, x \rangle)$ for raters, $-2w\, \langle u, x \rangle$ for all others. It takes no such steps, but
#   goes nearly at once to where these pulls and L2 cancel. For a film that nobody rated, that is the origin.
# - **BPR** draws triples: x is a film that u rated, y one that u did not. Its loss
#   $-\log \sigma(\langle u, x \rangle - \langle u, y \rangle)$, with $\sigma(z) = 1 / (1 + e^{-z})$, gives
#   $e_u = \sigma(\langle u, y \rangle - \langle u, x \rangle)$ to x, and minus that to y. L2 shrinks the three vectors of each
#   triple, so the popular are shrunk more often. *BPR even* shrinks all films at one rate, as much in the mean.
#
# While the softmax trains, the next function shows progress, and keeps its loss, its $\rho$ and the mean norm of the films
# with 6 to 50 ratings after some of the steps.


# %%
def watch(name, bar, step, loss, model):
    """Show progress, and keep a line about the model after some of the steps."""
    bar(step, loss, model)
    if step in (40, 120, 240, 360):
        norm = np.linalg.norm(model.items[groups["6 to 50"]], axis=1).mean()
        trace.append(f"{name:17} step {step:3}: loss {loss:.2f}, rho {rho(model.items, counts):+.2f}, norm {norm:.1f}")


# %% [markdown]
# Train iALS and the softmax. Note its optimiser, Adam.

# %%
models["iALS"] = fit_ials(train, 30, l2=5, unobserved_weight=0.1, rng=np.random.default_rng(0))
trace, name, adam = [], "softmax, Adam", {"std": 0.1, "lr": 0.05, "steps": 120}
bar = partial(watch, name, Progress(120, name))
models[name] = fit_softmax(train, 30, **adam, rng=np.random.default_rng(0), callback=bar)

# %% [markdown]
# And BPR, with L2 by triple and with an even one; this takes about six seconds.

# %%
for name, by in {"BPR": "triple", "BPR even": "row"}.items():
    settings = {"l2": 0.03, "epochs": 12, "rng": np.random.default_rng(0), "callback": Progress(12, name)}
    models[name] = fit_bpr(train, 30, l2_by=by, **settings)

# %% [markdown]
# Now measure: $\rho$; the mean popularity of the films in lists of ten; the share of places that go to rare films; and
# recall. Of each pair the first is by the dot product (alpha 1 of lesson 4's dial), the second by the cosine (alpha 0;
# films of norm zero come last). The function prints a line.


# %%
def measure(name, tens):
    """Print a line about a model and its lists by dot product and by cosine."""
    fame = "{:3.0f} {:3.0f}".format(*(metrics.average_popularity(ten, counts) for ten in tens))
    rare = "{:.2f} {:.2f}".format(*(metrics.rare_share(ten, counts, 5) for ten in tens))
    found = "{:.3f} {:.3f}".format(*(metrics.recall_at_k(ten, test) for ten in tens))
    print(f"{name:17} rho {rho(models[name].items, counts):+.2f} | popularity {fame} | rare {rare} | recall {found}")


# %% [markdown]
# Print a line for each of the seven models so far.

# %% tags=["nbval-check-output"]
for name, model in models.items():
    measure(name, [top_k(norm_power_scores(*model, alpha, zero="last"), 10, seen=seen) for alpha in (1, 0)])

# %% [markdown]
# Take your time for this table.
#
# - **Where long means popular, the dot product shows the popular.** gravity, start 0.05 and iALS have a $\rho$ of +0.87
#   or more. Here the cosine takes much of the popularity away: iALS falls from 223 to 118 (an average film has 45).
# - **Where long means rare, it may show the rare.** At start 1.0 every third place, 0.35, goes to a rare film, and the
#   *cosine* shows the better-known ones, 109 instead of 17.
# - **But a negative $\rho$ does not prevent popularity.** The softmax has -0.71, and its films have 182 ratings on
#   average, 176 by the cosine, after these 120 steps.
# - **The sign may hang on a small knob.** BPR has -0.16 where L2 shrinks the popular more often, and +0.74 where it
#   shrinks all films alike.
# - **$\rho$ is no mark for quality.** Popularity alone found 0.111. gravity, the softmax and both BPRs find 0.173 to 0.195,
#   iALS 0.228, and start 0.05, with a $\rho$ of +0.87, only 0.055. None is tuned.
#
# The softmax is the riddle: the long films are the rare ones, and the lists are popular.
#
# ## What one number hides
#
# The next cell draws four models with your `norm_popularity`. Click *longest 5%* under each, and watch where its films
# are in the others. Then draw boxes in the softmax's cloud: round the films with up to ten ratings, the middle, the
# best-known. The figure tells you the $\rho$ of each box.

# %%
four = {name: models[name].items for name in ("iALS", "start 0.05", "start 1.0", "softmax, Adam")}
NormPopularity(norm_popularity, four, counts, data.titles)

# %% [markdown]
# In the first two the longest are on the right, the popular; in the last two on the left. And the softmax cloud is no slope
# at all. By groups, print the mean norm, how far ahead the films lie in the direction of the mean user (minus: behind),
# how often one is behind a user, and $\rho$ within the group (nan: all counts equal).

# %% tags=["nbval-check-output"]
users, films = models["softmax, Adam"]
ahead = films @ (users.mean(axis=0) / np.linalg.norm(users.mean(axis=0)))
for name, g in groups.items():
    inside = rho(films[g], counts[g]) if len(np.unique(counts[g])) > 1 else np.nan
    print(f"{name:10} norm {np.linalg.norm(films[g], axis=1).mean():.1f}, ahead {ahead[g].mean():+.1f}, ", end="")
    print(f"behind {np.mean(users @ films[g].T < 0):4.0%} of users, rho {inside:+.2f}")

# %% [markdown]
# A **hump**. From 1 to 5 ratings long means popular, +0.76; from 6 to 50 it means unpopular, -0.82; over 200 popular
# again, +0.60. "Minus 0.71" was the slope where most films are.
#
# What nobody rated is only pushed: of its norm of 5.4, 4.7 point straight away from the mean user. A film with few ratings
# is pushed by nearly everybody, too, and pulled by its few raters. A first guess at the hump: to be behind 96% of the
# users, or 74%, and in front of its own, it needs a long direction of its own.
#
# *Behind* explains the lists: length lifts an item in front of the query and sinks one behind it (lesson 4). The next
# cell takes the 85 longest films, 5%, of three models.

# %% tags=["nbval-check-output"]
for name in ("iALS", "start 1.0", "softmax, Adam"):
    users, films = models[name]
    longest = np.argsort(-np.linalg.norm(films, axis=1))[: len(films) // 20 + 1]
    behind, places = np.mean(users @ films[longest].T < 0), share(users, films, 0.05, 10)
    print(f"{name:13} mean count {counts[longest].mean():3.0f}, behind {behind:3.0%}, places taken {places:3.0%}")

# %% [markdown]
# In the last two, long means rare. But at start 1.0 nobody pushed. As drawn, a film is behind about half of the users;
# its few raters have turned it a little, so now it is 37%, and in front of the rest these films win places by mere
# length. In the softmax 91% are behind, and they take 0% of the places. So popularity can be kept in two places, in the
# **norm** or in the **angle**. Dividing the norm out takes much of the popularity away in the first case, hardly any in the second.
#
# ## Is it the softmax, or is it Adam?
#
# Change one thing at a time: train the softmax by plain descent in place of Adam; and by Adam again, but with L2.

# %%
rate = 300 if data.source == "movielens-100k" else 30  # the synthetic world is smaller, and so has to be the step
name, descent = "softmax, descent", {"std": 0.1, "lr": rate, "steps": 360, "optimiser": "descent"}
bar = partial(watch, name, Progress(360, name))
models[name] = fit_softmax(train, 30, **descent, rng=np.random.default_rng(0), callback=bar)
name = "softmax, Adam, L2"
models[name] = fit_softmax(train, 30, **adam, l2=0.03, rng=np.random.default_rng(0), callback=Progress(120, name))

# %% [markdown]
# Draw the median norm of films with few, more and many ratings, as a part of the model's median.

# %%
names = ("softmax, Adam", "softmax, descent", "softmax, Adam, L2")
plots.show(plots.norm_by_count({name: models[name].items for name in names}, counts))

# %% [markdown]
# Adam's line rises and falls; that of descent rises and then stays level; with L2 it rises all the way. Print what `watch`
# kept (the norm is that of films with 6 to 50 ratings), and two new lines of the table.

# %% tags=["nbval-check-output"]
print(*trace, sep="\n")
for name, model in list(models.items())[-2:]:
    measure(name, [top_k(norm_power_scores(*model, alpha, zero="last"), 10, seen=seen) for alpha in (1, 0)])

# %% [markdown]
# Compare at about the same loss: Adam after 40 steps, 5.75, has a $\rho$ of -0.88; descent after 240 steps, 5.73, has
# +0.64. The same model, as well fitted, and the opposite sign: the loss alone does not make it. The push is the softmax's;
# how *soon* it sends a rare film far is Adam's doing. Descent moves a film by the sum of its errors, so one with few
# ratings goes slowly. Adam divides each step by the usual size of that number's gradient, so a film with three ratings
# takes steps as long as one with three hundred.
#
# Slowly is not never. From 120 to 360 steps of descent $\rho$ falls from +0.86 to +0.53, while the films with 6 to 50
# ratings go on growing; and the loss, 5.69, is not yet where Adam ended, 5.51. Where descent would end, we do not know: our
# first guess stays one. L2 does end it, since what is pushed is also pulled back. With it Adam has a $\rho$ of +0.92 (and
# keeps it when trained three times as long), the cosine takes popularity away, 127 instead of 192, and recall is better,
# 0.210. The verdict on "popular items have long vectors":
#
# | loss | the long films are the popular ones | here |
# |---|---|---|
# | squared error | when the start is shorter than where training wants the films | +0.87, -0.72 |
# | iALS | with L2 the same for all films, wherever counts differ (next section) | +0.99 |
# | softmax | with L2; without it descent is leaving it, and Adam at this rate has left it | +0.92, +0.53, -0.71 |
# | BPR | when L2 shrinks all films alike | +0.74, -0.16 |
#
# ## The pitfall: "use the cosine, it is fairer"
#
# A colleague has the model *start 0.05*, finds its lists too popular, remembers the rule, and switches to the cosine. Look
# at its line in the first table. Nearly a quarter of the places, 0.23, goes to films that at most five people have rated,
# and recall falls from 0.055 to 0.007. A few ratings have turned these films towards the direction that all users share,
# and no further. Their norm is short because little has happened to them, so it was a warning: *do not trust this angle*.
# The cosine divides the warning out.
#
# For the softmax with Adam and no L2, the same advice leaves the popularity as it is and takes recall down, from 0.185 to
# 0.148. At start 1.0 it would even have helped. **The rule does not tell which of the three you will get. Measuring
# $\rho$ by groups and the rare share does.**
#
# ## Is it the count?
#
# In iALS norm and count go together almost perfectly. Does the count *cause* the norm? Popular films are liked better,
# too, and other people watch them. To find out, make the counts equal, change as little else as possible, and train again.
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
# The experiment needs a partner: the same films and about as many ratings, but thinned by chance, so that the counts stay
# as unequal as they were. The next cell trains iALS on both tables, and compares the norms with the *old* counts.

# %% tags=["nbval-check-output"]
equalise, lots = yours_or_ours(equal_counts, "equal_counts"), np.random.default_rng(0).random(ratings.shape)
equal, kept = np.asarray(equalise(ratings, 50, lots), dtype=float), counts >= 50
thinned = np.where(kept & (lots < np.count_nonzero(equal) / counts[kept].sum()), ratings, 0)
for name, table in {"thinned": thinned, "equal": equal}.items():
    again = fit_ials(table, 30, l2=5, unobserved_weight=0.1, rng=np.random.default_rng(0))
    print(f"{name:8}at most {(table > 0).sum(axis=0).max():3} ratings, rho {rho(again.items[kept], counts[kept]):+.2f}")

# %% [markdown]
# From +0.94 down to +0.20: the count was the main cause. What may the rest be? Other people rate the popular films. Print,
# for the last model, how three things go together.

# %% tags=["nbval-check-output"]
rated, norms = equal > 0, np.linalg.norm(again.users, axis=1)
busy, length = rated.sum(axis=1), np.linalg.norm(again.items[kept], axis=1)
busy_raters, long_raters = busy @ rated[:, kept] / 50, norms @ rated[:, kept] / 50
print(f"count of a film and how busy its raters are: {metrics.rank_correlation(counts[kept], busy_raters):+.2f}")
print(f"how busy a user is and the user's norm:      {metrics.rank_correlation(busy, norms):+.2f}")
print(f"norm of a film and mean norm of its raters:  {metrics.rank_correlation(length, long_raters):+.2f}")

# %% [markdown]
# Popular films have the less busy raters, -0.42; these have shorter vectors, +0.99; and to reach a score of 1 against
# shorter users a film has to be longer, -0.87. So the count is the main cause of the norm. Who rates may be
# another: three correlations fit, but we did not change it and train again.
#
# ## And elsewhere?
#
# MovieLens latest-small of 2016 has 671 users and 9,066 films. The next cell trains three of the models there, in about six
# seconds (the softmax for 40 steps, BPR for ten epochs).

# %%
other = datasets.load_another()
there, runs = other.interactions(per_user_75_25(other, seed=0)[0]), {}
runs["iALS"] = fit_ials(there, 30, l2=5, unobserved_weight=0.1, rng=np.random.default_rng(0))
settings = {"std": 0.1, "lr": 0.05, "steps": 40, "callback": Progress(40, "softmax")}
runs["softmax, Adam"] = fit_softmax(there, 30, **settings, rng=np.random.default_rng(0))
runs["BPR"] = fit_bpr(there, 30, l2=0.03, epochs=10, rng=np.random.default_rng(0))

# %% [markdown]
# Print $\rho$ for all films, then within the groups of 1 to 5, 6 to 50 and 51 to 200 ratings.

# %% tags=["nbval-check-output"]
ranges, many = [(0, 999), *list(edges.values())[1:4]], there.counts
print(f"{many.mean():.0f} ratings a film, {np.mean(many <= 5):.0%} have at most five")
among = [(many >= low) & (many <= high) for low, high in ranges]
for name, (_, films) in runs.items():
    rhos = [metrics.rank_correlation(np.linalg.norm(films[g], axis=1), many[g]) for g in among]
    print(f"{name:13} rho {rhos[0]:+.2f}, within the groups", *(f"{inside:+.2f}" for inside in rhos[1:]))

# %% [markdown]
# iALS carries over, +0.98, and so does Adam's *hump*, +0.24, -0.70, +0.40. What changes is the one
# number that hid it: -0.24 for all films there, -0.88 after the same 40 steps here. There 71% of the films have
# at most five ratings and stand on the rising side; here 27% have. BPR with the same L2, by triple, changes its sign,
# to +0.29. We have not found out why. It is not for want of steps: more epochs take it further up. **A $\rho$ belongs to
# a catalogue as much as to a model. Measure it on yours, by groups.**

# %% [markdown]
# ## Say why (2 points, read by a person)
#
# A colleague writes: *"Popular items have long vectors. That is why the dot product recommends popular items. If we
# want rarer ones, we take the cosine."* Three sentences, and for each of them this lesson has a model in which it
# fails. For two of the three, name one such model, with its numbers, and say **why** the sentence fails there: how did
# the vectors get their length? Then tell the colleague what to measure first, and why one number is not enough. Five to
# eight sentences.

# %% [markdown] nbgrader={"grade": true, "grade_id": "norm-is-popularity-why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# **Rubric.** One point for two sentences refuted, each by a model, a number and how the vectors got their length.
# Sentence one: start 1.0 has a rho of -0.72, because a film with few ratings keeps the long vector that it was given,
# while popular ones are brought down to where training wants them; or the softmax with Adam, -0.71, because everybody
# pushes a rare film, and Adam makes its steps as long as any. Sentence two: the softmax with Adam and BPR with L2 by triple
# show popular films (182 and 243 ratings on average) although their long vectors are not the popular ones: the rare are
# pushed behind the users. Sentence three: in the softmax with Adam the cosine shows 176 instead of 182; at start 1.0 it
# shows *better-known* films (109 instead of 17), since the rare are the long ones; at start 0.05 it overshoots (rare share
# 0.23, recall 0.007): what has few ratings is hardly moved, and its angle is not to be trusted. One point for what to
# measure, rho **and** what the lists show by both measures, with a reason why one number is not enough: a negative rho goes
# with popular lists, a high one with a bad recall, a hump has no sign. Half of that, half a point. "It depends" without a
# reason earns nothing.

# %% [markdown]
# Compare yours with this answer once it is written.
#
# <details>
# <summary>A model answer</summary>
#
# "Popular items have long vectors" fails in *start 1.0*: $\rho$ is -0.72. All films were drawn long there, the popular
# ones were brought down to 2.48, where training wants them, and a film with few ratings was left where it was put. "That
# is why the dot product recommends popular items" fails in the softmax trained with Adam and without L2: its long films
# are rare ones, $\rho$ is -0.71, and its lists still show films with 182 ratings on average. A rare film gets long
# *behind* the users, 91% of the time, so popularity sits in the angle; the cosine keeps it, 176. Before we switch, measure
# in our own model $\rho$ within groups of counts, and the popularity and the recall of the lists by both measures. No
# single one is enough: $\rho$ was negative with popular lists, and *start 0.05* has +0.87 and loses to showing everybody
# the same films.
#
# </details>

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
# - measured by a rank correlation whether long means popular, how many places the longest films take, and the hump
#   that one number for all films hid;
# - worked out by how much one gradient step changes a norm: by the stars, only its raters move a film; by the softmax,
#   those who did *not* rate it push it away;
# - told models that keep popularity mostly in the norm (gravity, iALS) from models that keep it in the angle too (the
#   softmax with Adam);
# - tested what causes a correlation: you made the counts equal, exchanged Adam, spread an L2, and trained again.
#
# **New words**
#
# - *popularity baseline*: everybody gets the items with the most ratings that they do not know yet.
# - *rank correlation*, $\rho$: the correlation of two columns of ranks.
# - *rare*: with at most five training ratings. *Rare share*: the share of places that go to rare films.
# - *iALS*: least squares over all pairs. *Softmax*: all items compete. *BPR*: a rated item shall beat an unrated one.
#
# **Read** Hu, Koren and Volinsky, *Collaborative Filtering for Implicit Feedback Datasets* (ICDM 2008), for iALS; Rendle
# and others, *BPR: Bayesian Personalized Ranking from Implicit Feedback* (UAI 2009).
#
# **Try** another split (seed 1 in the cell that loads the data, then run all below it): which digits stay? Train the
# softmax by Adam at a rate of 0.01, BPR elsewhere for 30 epochs, iALS on tables of other lots: what does $\rho$ do?
