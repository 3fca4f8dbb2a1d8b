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
# # Lesson 8. Show that the cosine is not innocent
#
# **You will** rewrite a trained model without changing one of its predictions, watch its cosines change all the same,
# and decide what to do about that.
#
# **After this lesson you can**
#
# - rewrite a factorization so that every prediction stays while lengths and angles change;
# - test whether a similarity measure survives such a rewriting;
# - keep films without a direction out of a list, and show how NaN puts them on top of it;
# - agree on one way of writing a model, and say why that is a convention and not a truth;
# - choose a remedy that fits what you may still change: the measure, the question or the training.
#
# **You need** lesson 4. **Time:** 55 minutes. **Points:** 18, of which 2 are for a paragraph that a person reads.

# %% [markdown]
# This cell loads what the lesson needs. Run it first.

# %%
import numpy as np

from recsys_lib import datasets, metrics, plots
from recsys_lib.checks import check, yours_or_ours
from recsys_lib.checks.callables import cosine, dot, euclidean, softmax
from recsys_lib.factorization import fit_ials, truncated_svd
from recsys_lib.retrieval import top_k
from recsys_lib.similarity import cosine_scores, dot_scores, euclidean_distances
from recsys_lib.splits import per_user_75_25
from recsys_lib.widgets import GaugeSlider

# %% [markdown]
# ## A freedom that nobody mentions
#
# Lesson 4 ended with a surprise: one model, written in three ways, gave the same dot products and three different
# cosines. Here is the reason. A factorization predicts by a sum over its columns,
#
# $$\langle u, x \rangle = u_1 x_1 + u_2 x_2 + \dots + u_d x_d.$$
#
# Multiply the first number of every *user* by 10, and divide the first number of every *film* by 10. The product
# $u_1 x_1$ is what it was, and so is every prediction. You may do that in every column, with any factor $s_j$ except zero:
#
# $$u_j \to s_j \, u_j, \qquad x_j \to x_j / s_j.$$
#
# Choosing these factors is called choosing a **gauge**. Physicists use the word for a choice that one has to make in order
# to write something down, and that no measurement can see. Here the measurements are the ratings, and the model was
# trained to predict them. Whatever gauge it ended up in, the ratings did not ask for it.
#
# ## Exercise 8.1 (4 points): change the gauge
#
# Complete `regauge(users, items, scale)`: `users` has shape `(n_users, d)`, `items` has shape `(n_items, d)`, `scale` has
# shape `(d,)`, one factor a column; the tables may hold whole numbers. Return the new users, multiplied, and the new items,
# divided, in this order. Two rules:
#
# - **Zero.** A factor of zero cannot be undone: raise a `ValueError` if there is one. A negative factor is fine, and so is
#   a tiny one.
# - **Leave the inputs alone.** After the call, all three hold what they held before.
#
# *Ask yourself first:* when NumPy multiplies a table `(n, d)` by a vector `(d,)`, do all rows get the same factors, or all
# columns?


# %% nbgrader={"grade": false, "grade_id": "regauge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regauge(users, items, scale):
    """Multiply the users' columns by scale (d,), divide the items' by it; returns (users, items).

    >>> regauge(np.array([[4, 3]]), np.array([[6, 1], [2, 5]]), np.array([2, 0.5]))
    (array([[8. , 1.5]]), array([[ 3.,  2.],
           [ 1., 10.]]))
    """
    ### BEGIN SOLUTION
    if np.any(scale == 0):
        raise ValueError("a column multiplied by zero is lost, and no division brings it back")
    return users * scale, items / scale
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "regauge-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("regauge", regauge)

# %% [markdown]
# From now on `change` is your function, or the course's as long as yours is not right. The next cell changes the gauge of
# the query and the three items of lesson 3: the first column gets the factor one half, the second gets 2.

# %% tags=["nbval-check-output"]
change = yours_or_ours(regauge, "regauge")
q, items, names = datasets.three_items()
new_q, new_items = change(q[None], items, np.array([0.5, 2]))
for measure in (dot, cosine, euclidean):
    before, after = measure(q, items), measure(new_q[0], new_items)
    print(f"{measure.__name__:9}  A, B, C before: {before.round(3)}  after: {after.round(3)}")

# %% [markdown]
# The dot products are still 18, 16 and 7. But the cosine, which put C first with 0.990, now puts A first with 0.949. And
# the distance, which found B nearest, finds B farthest. Nothing that this model predicts has changed.
#
# ## Exercise 8.2 (1 point): what survives?
#
# Commit yourself before you go on. A factorization is brought to another gauge, with a different factor for every column.
# For each of the six things below write `"stays"` if it is the same as before in *every* gauge, else `"may change"`.
#
# *Ask yourself first:* in which of the six does a factor meet its own inverse?


# %% nbgrader={"grade": false, "grade_id": "what-survives", "locked": false, "schema_version": 3, "solution": true, "task": false}
def what_survives():
    """Return a dictionary with the six keys below, each with "stays" or "may change".

    "dot product of a user and a film"    "cosine of a user and a film"    "distance of a user and a film"
    "length of a film"                    "cosine of two films"            "dot product of two films"
    """
    ### BEGIN SOLUTION
    return {
        "dot product of a user and a film": "stays",
        "cosine of a user and a film": "may change",
        "distance of a user and a film": "may change",
        "length of a film": "may change",
        "cosine of two films": "may change",
        "dot product of two films": "may change",
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "what-survives-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("what_survives", what_survives)

# %% [markdown]
# ## Exercise 8.3 (3 points): put a measure to the test
#
# Complete `is_gauge_invariant(measure, q, items, scale)`. `measure` is a function such as `cosine`: call it as
# `measure(q, items)`, with `q` of shape `(d,)` and `items` of shape `(n, d)`; it returns n scores. Return `True` if **all
# scores** stay when the query and the items are brought to the gauge `scale`, else `False`. You may use your `regauge`
# (mind that it asks for a *table* of users, and `q` is one row).
#
# Two sums that ought to be equal often differ in their sixteenth digit. So do not ask whether scores are equal, ask
# whether they are close: `np.allclose`, as it is, does that.
#
# *Ask yourself first:* may the answer depend on `scale`, for one and the same measure?


# %% nbgrader={"grade": false, "grade_id": "is-gauge-invariant", "locked": false, "schema_version": 3, "solution": true, "task": false}
def is_gauge_invariant(measure, q, items, scale):
    """Whether all scores measure(q, items) stay in the gauge scale (d,); True or False.

    >>> is_gauge_invariant(cosine, np.array([4, 3]), np.array([[0, 6], [4, 0], [1, 1]]), np.array([2, 0.5]))
    False
    """
    ### BEGIN SOLUTION
    moved_q, moved_items = regauge(q[None], items, scale)
    return bool(np.allclose(measure(q, items), measure(moved_q[0], moved_items)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "is-gauge-invariant-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("is_gauge_invariant", is_gauge_invariant)

# %% [markdown]
# The next cell puts four measures to the test in three gauges. The fourth, `softmax`, is the probability that a softmax
# model gives to each item; it is worked out from the dot products and nothing else.

# %%
survives = yours_or_ours(is_gauge_invariant, "is_gauge_invariant")
scales = {"a factor for each column": [0.5, 2], "one factor for all": [3, 3], "signs turned": [-1, 1]}
for name, scale in scales.items():
    found = [m.__name__ for m in (dot, cosine, euclidean, softmax) if survives(m, q, items, np.array(scale))]
    print(f"{name:25} survived by: {', '.join(found)}")

# %% [markdown]
# The dot product survives everything, and so does the softmax, which sees only dot products. One factor for *all* columns
# makes every vector longer or shorter without turning it, so the cosine survives that. Turned signs mirror the whole
# space, and a mirror image has the same angles and distances. What the cosine does not survive is the ordinary case: a
# stretch that is not the same in every direction. It turns the vectors, and it turns users and films differently.
#
# There is a second freedom, and it is harmless: turn the whole space, users and films together, by one rotation. The next
# cell draws a rotation by chance and looks at how far the scores move.

# %% tags=["nbval-check-output"]
rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(2, 2)))[0]
for measure in (dot, cosine, euclidean):
    moved = np.abs(measure(q @ rotation, items @ rotation) - measure(q, items)).max()
    print(f"{measure.__name__:9}  largest change of a score under a rotation: {moved:.6f}")

# %% [markdown]
# No score moves. So two models may look different number by number and agree on everything, as long as only a rotation lies
# between them. It is the stretching that makes cosines disagree.
#
# ## On real films
#
# Now MovieLens, with the split and the space of lesson 4: `per_user_75_25` with seed 0, and 20 numbers a film from a
# truncated SVD of the training part. The singular values $S$ are shared fairly, users $U\sqrt{S}$ and films $V\sqrt{S}$.

# %%
data = datasets.load()
train_rows, test_rows = per_user_75_25(data, seed=0)
train, test = data.matrix(train_rows), data.matrix(test_rows) > 0
users, films = truncated_svd(train, 20)
counts = train.sum(axis=0)

# %% [markdown]
# `film_called` finds a film by a part of its title. The next cell looks for *Aladdin*, and for the films without a direction.


# %% tags=["nbval-check-output"]
def film_called(text):
    """The number of the film with this in its title (the best-known film where there is none)."""
    return (data.find(text) or [int(counts.argmax())])[0]


aladdin, empty = film_called("Aladdin"), ~films.any(axis=1)
print(f"{data.n_items} films, {empty.sum()} of them without a training rating: their vectors are zero")

# %% [markdown]
# ## The pitfall: nobody's film on top of everybody's list
#
# A colleague writes the cosine of all users with all films in one line, sorts, and takes the last ten of each row. The 34
# films without a direction have length 0, so their cosine is 0/0. NumPy does not stop there: it warns once and writes NaN,
# "not a number". (The cell switches the warning off; in a long log you would not see it either.)

# %% tags=["nbval-check-output"]
with np.errstate(invalid="ignore"):
    scores = users @ films.T / np.outer(np.linalg.norm(users, axis=1), np.linalg.norm(films, axis=1))
scores[train > 0] = -np.inf  # nobody is shown what they know
lists = np.argsort(scores, axis=1)[:, ::-1][:, :10]
print(f"places in the lists that went to a film without a rating: {empty[lists].mean():.0%}")
print(f"nDCG@10 of these lists: {metrics.ndcg_at_k(lists, test):.3f}")

# %% [markdown]
# Look at the first number: 100% of all places. Every user is shown ten films that have not one rating to show for it. NaN
# is neither larger nor smaller than anything, so a sort has to put it somewhere, and NumPy puts it at the end, which turned
# round is the beginning. The nDCG is 0.001. No error was raised, and every list has ten films in it.
#
# Had the colleague sorted the negative scores instead, NaN would have come last and no harm been done; and `max` of Python
# would have given this or that, depending on where in the row the NaN stands. That is luck, not a rule. (The course's
# `top_k` refuses NaN for this reason.)
#
# ## Exercise 8.4 (4 points): a cosine for a whole catalogue
#
# In lesson 3 your cosine refused zero vectors. For a catalogue that will not do, because some film in it always has no
# rating. Complete `safe_cosine(q, items)`: `q` has shape `(d,)`, `items` has shape `(n, d)`, the result has shape `(n,)`.
#
# - **A zero item** scores minus infinity, `-np.inf`: it comes behind every film with a direction, wherever that lies. All
#   other items keep their cosine and their place in the row.
# - **A zero query** has no list at all: raise a `ValueError`.
#
# Zero means nothing but zeros: a vector that is only short has a direction. The library's `cosine_scores` and
# `norm_power_scores` are switched off here.
#
# *Ask yourself first:* why would a score of 0 be wrong for the film that nobody rated?


# %% nbgrader={"grade": false, "grade_id": "safe-cosine", "locked": false, "schema_version": 3, "solution": true, "task": false}
def safe_cosine(q, items):
    """Cosine of one query (d,) with each item (n, d); a zero item scores minus infinity; returns (n,).

    >>> safe_cosine(np.array([3, 4]), np.array([[4, 3], [0, 0], [-30, -40]]))
    array([ 0.96,  -inf, -1.  ])
    """
    ### BEGIN SOLUTION
    if not np.any(q):
        raise ValueError("a zero query has no direction, so no item is nearer to it than another")
    norms = np.linalg.norm(items, axis=1)
    known = norms > 0
    scores = np.full(len(items), -np.inf)
    scores[known] = items[known] @ q / (norms[known] * np.linalg.norm(q))
    return scores
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "safe-cosine-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("safe_cosine", safe_cosine)

# %% [markdown]
# The next cell lets your function score all films for user 150. It compares the lowest cosine of a film with a direction to
# what the others got, since a film behind the user must still come before them.

# %% tags=["nbval-check-output"]
safe = yours_or_ours(safe_cosine, "safe_cosine")
scores = safe(users[150], films)
print(f"{np.isneginf(scores).sum()} films at minus infinity, {np.isnan(scores).sum()} at NaN")
print(f"with a direction: from {scores[~empty].min():.2f} to {scores[~empty].max():.2f}")
print(f"{np.mean(scores[~empty] < 0):.0%} of these below 0: a zero film at 0 would beat them")

# %% [markdown]
# All 34 are at minus infinity. Had you given them 0, as scikit-learn's `cosine_similarity` does, the film nobody
# rated would have come before 31% of the films that have a direction.
#
# ## One model, three gauges
#
# Now the experiment of this lesson. The columns of $V$ and of $U$ have length one, so all sizes are in the singular values
# $S$, and one can put them where one likes: with the users ($V$), fairly shared ($V\sqrt{S}$), or with the films ($VS$). In
# our space the squared length of a column of `films` is the singular value, so your `regauge` does the rest.

# %% tags=["nbval-check-output"]
sizes = np.sum(films**2, axis=0)
gauges = {"V": change(users, films, sizes**0.5), "V sqrt(S)": (users, films), "V S": change(users, films, sizes**-0.5)}
print(f"the singular values go from {sizes.max():.1f} down to {sizes.min():.1f}")
for name, (u, v) in gauges.items():
    print(f"films as {name:9}  largest change of a prediction: {np.abs(u @ v.T - users @ films.T).max():.6f}")

# %% [markdown]
# Three tables of films, and not one prediction differs. The dot product reaches an nDCG@10 of 0.467 with this model. What
# will the cosine reach in the three gauges? Write down your three guesses before you run on.

# %%
my_guess = {"V": 0.467, "V sqrt(S)": 0.467, "V S": 0.467}

# %% [markdown]
# The next cell makes the lists of all users, by three measures in three gauges. `ndcg` turns a table of scores into lists
# of ten and the lists into a number.


# %% tags=["nbval-check-output"]
def ndcg(scores):
    """The nDCG@10 of the lists that these scores make, (n_users, n_items)."""
    return metrics.ndcg_at_k(top_k(scores, 10, seen=train > 0), test)


for name, (u, v) in gauges.items():
    three = dot_scores(u, v), cosine_scores(u, v, zero="last"), -euclidean_distances(u, v)
    print(f"films as {name:9}  dot {ndcg(three[0]):.3f}  cosine {ndcg(three[1]):.3f}  distance {ndcg(three[2]):.3f}")

# %% [markdown]
# And this cell puts your guesses beside the cosine's three numbers.

# %%
for name, (u, v) in gauges.items():
    print(f"films as {name:9}  cosine {ndcg(cosine_scores(u, v, zero='last')):.3f}, you guessed {my_guess[name]}")

# %% [markdown]
# Read the first table from top to bottom. The dot product is 0.467 three times. The cosine is 0.308, 0.250 or 0.102. The
# distance is nearly as good as the dot product, mediocre, or worthless: 0.461, 0.136, 0.002. All three rows are **the same
# model**: same training, same predictions for everybody.
#
# (Why does the distance swing most? In the first gauge the users are long and all films are short, and then the distance to
# a film depends on the dot product alone, nearly. In the last one it is the other way round, and the films nearest to
# everybody are the shortest: those with the fewest ratings.)
#
# ## Turn it yourself
#
# The next cell draws what happens in between and beyond, with your `regauge` and your `safe_cosine`: films $V S^p$, users
# $U S^{1-p}$. On the left are the films nearest to *Aladdin* by cosine, on the right is what user 150 would be shown by the
# dot product. Turn the slider from end to end. Then search for *Blade Runner* and turn again.

# %%
seen = np.flatnonzero(train[150])
GaugeSlider(regauge, safe_cosine, users, films, data.titles, counts, film=aladdin, user=150, seen=seen)

# %% [markdown]
# The same as a picture, for $p$ from 0 to 1. Films that are there from end to end are drawn in colour.

# %%
ax = plots.gauge_places(change, safe, users, films, data.titles, film=aladdin, user=150, seen=seen)
plots.show(ax)

# %% [markdown]
# On the right, or below, nothing moves. On the left the lines cross. *Aladdin* has a strong circle of cartoons round it, and
# 7 of its 10 neighbours hold out from 0 to 1. How is that for other films? The next cell finds the ten nearest of every film
# that has a direction. (It rounds the cosines: films that were rated by the same people have exactly the same direction,
# and rounding makes that a tie, which goes to the lower number.)


# %%
def ten_nearest(v):
    """For every film with a direction: its ten nearest by cosine."""
    known = v[~empty]
    return top_k(cosine_scores(known, known).round(6), 10, seen=np.eye(len(known), dtype=bool))


# %% [markdown]
# `agreement` says, row by row, which share of its ten films two such tables have in common.


# %%
def agreement(one, other):
    """For every row: the share of its ten films that is in the other table's row as well."""
    return (one[:, :, None] == other[:, None, :]).any(axis=2).mean(axis=1)


# %% [markdown]
# Now compare the neighbours in the gauges $V$ and $VS$.

# %% tags=["nbval-check-output"]
same = agreement(ten_nearest(gauges["V"][1]), ten_nearest(gauges["V S"][1]))
row = np.cumsum(~empty) - 1  # films without a direction have no row
for name in ("Aladdin", "Blade Runner"):
    print(f"{name}: {10 * same[row[film_called(name)]]:.0f} of 10 are the same")
print(f"all films: {same.mean():.0%} are the same")

# %% [markdown]
# *Aladdin* keeps 7 of 10, *Blade Runner* keeps 3, and on average 67% stay. The other third of "the ten most similar films" is
# an effect of how the model was written down.
#
# Which list is the true one, then? **The question has no answer.** The three models give the same prediction for every user
# and every film, so no rating, seen or hidden, speaks for one of them. You can *choose* a gauge, even a useful one; you
# cannot discover it. And mind the trap behind the trap: between two films the dot product is no way out. A film meets
# another film, both were divided, and no factor finds its inverse.
#
# ## A gauge to agree on
#
# If a choice has to be made, let everybody make the same one. A fair choice: every column should be as long on the users'
# side as on the films' side. We call such a gauge **balanced**.
#
# ## Exercise 8.5 (3 points): balance
#
# Complete `balance(users, items)`: return new users and new items with the same predictions, such that each column has the
# same norm on both sides. Stretch the columns, as `regauge` does, and do not mix them. Signs are up to you. The tables may
# hold whole numbers. A column that is zero on one side adds nothing to any prediction: make it exactly zero on both sides.
# One that is only short stays. At least one column has numbers on both.
#
# *Ask yourself first:* one side has the norm a, the other has the norm b. The one is multiplied by s, the other divided by
# s. For which s do they meet?


# %% nbgrader={"grade": false, "grade_id": "balance", "locked": false, "schema_version": 3, "solution": true, "task": false}
def balance(users, items):
    """Users (n_users, d) and items (n_items, d) with the same predictions and equal column norms.

    >>> balance(np.array([[8.0]]), np.array([[2.0]]))
    (array([[4.]]), array([[4.]]))
    """
    ### BEGIN SOLUTION
    one, other = np.linalg.norm(users, axis=0), np.linalg.norm(items, axis=0)
    meet = np.sqrt(one * other)  # zero where either side is
    return users * (meet / np.where(one > 0, one, 1)), items * (meet / np.where(other > 0, other, 1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "balance-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("balance", balance)

# %% [markdown]
# The next cell adds a fourth gauge, which does more than stretch: `mixer` makes every new column of the films a mixture of
# all old ones, and the users get the inverse mixture. Then it balances all four.

# %% tags=["nbval-check-output"]
level = yours_or_ours(balance, "balance")
mixer = np.random.default_rng(0).normal(size=(20, 20))
gauges["mixed"] = users @ np.linalg.inv(mixer).T, films @ mixer
for name, pair in gauges.items():
    raw, even = (ndcg(cosine_scores(u, v, zero="last")) for u, v in (pair, level(*pair)))
    print(f"films as {name:9}  cosine {raw:.3f}, balanced {even:.3f}")

# %% [markdown]
# The first three meet: 0.250 each. Whoever stretches the columns of this model and then balances them gets the same
# cosines as everybody else. That is worth something: two people can compare their lists.
#
# But look at the numbers again. The balanced gauge has a *worse* cosine than $V$ with its 0.308. Balance is an agreement,
# like driving on the right, and not the truth about films. And the fourth model is balanced too, with other cosines than the
# rest: once columns have been mixed, making them equally long does not unmix them.
#
# ## Compare what the gauge cannot touch
#
# Is there a way to compare two films that needs no agreement? Yes: by what the model *predicts* for them. A film's column of
# predictions, one for each user, is `users @ film`: 943 numbers instead of 20. Two films are alike if the model expects the
# same people to watch them. The next cell takes the cosine of such columns in all four gauges, and compares the neighbours
# with those of the first gauge.

# %% tags=["nbval-check-output"]
by_predictions = {name: ten_nearest(v @ u.T) for name, (u, v) in gauges.items()}
for name, (_, v) in gauges.items():
    kept = agreement(by_predictions["V"], by_predictions[name]).mean()
    by_vectors = agreement(by_predictions["V"], ten_nearest(v)).mean()
    print(f"films as {name:9}  by predictions {kept:.0%} the same, by vectors {by_vectors:.0%}")

# %% [markdown]
# By their predictions the films have the same neighbours in every gauge, 100%. The last numbers are worth a thought: the
# plain cosine of the vectors finds all of these neighbours in the gauge $VS$, the one that was worst for users and films.
# There the users' columns have length one and stand at right angles, so they leave the angles of the films as they are. A
# gauge that is good for one question can be bad for another.
#
# ## Let the training choose
#
# Why did the training not choose a gauge? Because its objective, squared errors of predictions, cannot see it. So add
# something that can: a penalty on the squared lengths of all users and all films, the **L2** of lesson 5. Of all stretchings
# of a model, the balanced one has the smallest sum of squared lengths. Among all mixtures there is a smallest sum as well,
# and what it leaves open is a rotation, which is harmless.
#
# The cell below writes a training by alternating least squares: the best users for these films, then the best films for
# these users, both with the weight `l2` on all squared lengths.


# %%
def sweep(v, l2):
    """Solve for the users, then for the films; with l2 = 0 this is plain least squares on all cells."""
    ridge = l2 * np.eye(v.shape[1])
    u = train @ v @ np.linalg.inv(v.T @ v + ridge)
    return u, train.T @ u @ np.linalg.inv(u.T @ u + ridge)


# %% [markdown]
# `report` prints what has become of a model: the nDCG of the dot product and of the cosine, and the cosine of two cartoons,
# *Aladdin* and *The Lion King*.


# %%
def report(name, u, v):
    """One line on the users u and the films v."""
    pair = cosine(v[aladdin], v[[film_called("Lion King")]])[0]
    by_dot, by_cosine = ndcg(u @ v.T), ndcg(cosine_scores(u, v, zero="last"))
    print(f"from {name:9}  dot {by_dot:.3f}  cosine {by_cosine:.3f}  two cartoons {pair:.3f}")


# %% [markdown]
# And `retrain` goes on training for 30 sweeps from each of the four gauges.


# %%
def retrain(l2):
    """Train from each gauge with the weight l2, and report."""
    for name, (_, v) in gauges.items():
        for _ in range(30):
            u, v = sweep(v, l2)
        report(name, u, v)


# %% [markdown]
# First without a penalty. Predict: will the four starts end in one and the same place?

# %% tags=["nbval-check-output"]
retrain(l2=0)

# %% [markdown]
# The dot product is 0.467 four times, and the cosines are what they were at the start: 0.308, 0.250, 0.102 and 0.238. Even
# the two cartoons have four different cosines, from 0.788 to 0.950. 30 sweeps of training have not moved the gauge at all:
# the objective has no opinion on it, so every start keeps its own. Now with a penalty.

# %% tags=["nbval-check-output"]
retrain(l2=10)

# %% [markdown]
# Four starts, one model. The cosine is 0.277 from every start, and the two cartoons have the cosine 0.894, also from the
# mixed start. The penalty has fixed the gauge, up to a rotation that no measure sees. (The dot product has improved as well,
# to 0.479: that is what L2 is there for.)
#
# Those starts were made from one and the same model. What about a model trained twice from nothing? The next cell trains
# iALS from two random starts, once with this penalty and once with next to none. It compares the ten nearest of each film in
# the two models, found by the vectors and found by the predictions.

# %% tags=["nbval-check-output"]
for l2 in (10, 1e-6):
    rngs = (np.random.default_rng(seed) for seed in (0, 1))
    one, two = (fit_ials(train, 20, l2=l2, unobserved_weight=0.2, sweeps=20, rng=rng) for rng in rngs)
    by_vectors = agreement(ten_nearest(one.items), ten_nearest(two.items)).mean()
    by_predictions = agreement(*(ten_nearest(model.items @ model.users.T) for model in (one, two))).mean()
    print(f"L2 {l2:<6}  by vectors {by_vectors:.0%} the same, by predictions {by_predictions:.0%}")

# %% [markdown]
# With the penalty, 94% of the neighbours are the same in both models. Without it, 67% are. Part of that is no question of
# gauge: without a penalty the two trainings have not come to quite the same predictions, and even by predictions only 77%
# agree. The step from there to 67% is the gauge. So whether "the ten most similar films" is a fact about your model depends
# on a term of its objective. The test is cheap: **train twice, compare the neighbours.**
#
# ## Exercise 8.6 (1 point): choose a remedy
#
# There are five things that one can do:
#
# - `"use the dot product"` between a user and a film, as the model was trained to;
# - `"compare predictions"`: the cosine of two films' columns of predictions;
# - `"train with the cosine"`: bring the vectors to length one inside the objective, so that what is trained is what is
#   served;
# - `"penalise both sides"`: add L2 on users and films to the objective, so that it fixes the gauge;
# - `"do nothing"`.
#
# Choose one for each case, the one that fits best.
#
# - **A.** A model was trained by dot products of users and films. A page shows each user ten films. Somebody has replaced
#   the dot product by the cosine, "because a cosine is normalised".
# - **B.** A page says "more like this film". The model is finished and cannot be trained again; there are a thousand users,
#   so long vectors are no trouble. The lists must not depend on the gauge.
# - **C.** A new model is about to be designed. It will be served to users from an index that brings every vector to length
#   one, and that cannot be changed.
# - **D.** A model is trained every night from a random start, with an objective that sees predictions only. The predictions
#   are the same every night, but "more like this", by the cosine of film vectors, shows other films each morning. The page
#   must go on using that cosine; the objective may get one more term.
#
# *Ask yourself first:* in each case, what may still be changed: the measure, the question, or the training?


# %% nbgrader={"grade": false, "grade_id": "choose-remedy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose_remedy():
    """Return a dictionary with the four keys below, each with one of the five remedies.

    "A: ten films for each user"          "B: more like this, finished model"
    "C: new model, cosine index"          "D: lists that change every night"
    """
    ### BEGIN SOLUTION
    return {
        "A: ten films for each user": "use the dot product",
        "B: more like this, finished model": "compare predictions",
        "C: new model, cosine index": "train with the cosine",
        "D: lists that change every night": "penalise both sides",
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "choose-remedy-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("choose_remedy", choose_remedy)

# %% [markdown]
# ## Say why (2 points, read by a person)
#
# A colleague writes in a report: "We compare films by the cosine of their vectors, because it takes popularity out and
# leaves pure similarity. The ten nearest films are therefore a property of the films." What is wrong with the second
# sentence? And what would you ask for, or change, before you believe the lists? Use at least two numbers from this lesson.
# Five to eight sentences.

# %% [markdown] nbgrader={"grade": true, "grade_id": "cosine-is-not-innocent-why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# **Rubric.** One point for the reason, with two numbers used correctly: each column can be multiplied on one side and divided
# on the other without changing a prediction (the dot product stays at 0.467), while cosines change (0.308, 0.250, 0.102 for
# users and films; 67% of the neighbours the same with V and with V S, 3 of 10 for Blade Runner). So the list is a property
# of the films *and* of a gauge that no rating asked for, and taking the lengths out does not help, because a stretch turns
# the vectors. One point for a remedy that fits film with film: ask whether the objective sees the gauge (L2 on both sides
# fixes it, 0.277 from every start); train twice and compare (94% with L2, 67% without); compare columns of predictions;
# train with the cosine. "Use the dot product" alone earns no second point, since between two films it depends on the gauge
# as well; neither does "the cosine is always wrong".

# %% [markdown]
# How far have you come? The next cell adds up the points that your checks gave since the notebook was started.

# %%
from recsys_lib.checks.course_progress import lesson_progress

lesson_progress(8, "regauge what_survives is_gauge_invariant safe_cosine balance choose_remedy")

# %% [markdown]
# ## Recap
#
# **You have**
#
# - rewritten a factorization so that every prediction stayed while lengths and angles changed;
# - tested which measures survive such a rewriting: the dot product of a user and a film, and what is made from it;
# - kept films without a direction out of a list, and seen NaN put them on top of every one;
# - agreed on a balanced gauge, and said why it is a convention and not a truth;
# - chosen a remedy that fits what may still be changed: the measure, the question or the training.
#
# **New words**
#
# - *gauge*: one way of writing a model among many with the same predictions.
# - *gauge invariant*: the same in every gauge; whatever is worked out from predictions is.
# - *balanced*: each column is as long on the users' side as on the films'.
# - *NaN*: "not a number", what 0/0 leaves behind; neither larger nor smaller than anything, nor equal to itself.
#
# **Read** Steck, Ekanadham and Kallus, *Is Cosine-Similarity of Embeddings Really About Similarity?* (WWW 2024), whose
# discovery this lesson repeats on real films, with proofs; Srebro, Rennie and Jaakkola, *Maximum-Margin Matrix
# Factorization* (NIPS 2004), for what a penalty on both sides does to the predictions.
#
# **Try** the extreme case: make the space of a small table as wide as it can be, take the gauge $V$, and look at the cosine
# of any two films. What is left of similarity? Then choose the factors at random in `regauge` instead of $S^p$: how few
# neighbours of *Aladdin* can you keep? And is the model of another lesson safe: train the gradient model of lesson 7 twice,
# from two starts, and compare the neighbours.
