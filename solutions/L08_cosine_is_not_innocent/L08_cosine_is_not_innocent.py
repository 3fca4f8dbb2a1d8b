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
# - agree on one way of writing a model, or write the films in 20 numbers whose cosines need no agreement;
# - say which remedy fits what you may still change: the measure, the vectors or the training.
#
# **You need** lesson 4, and of lessons 5 and 6 what L2 and iALS are. **Time:** 55 minutes. **Points:** 20, of which 2 are
# for a paragraph that a person reads.

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
# That is a *stretch*. One may also mix the columns: whatever an invertible matrix $A$ does to the users, $U \to U A$, its
# inverse takes back on the side of the films, $X \to X (A^{-1})'$. Each way of writing the model that one reaches like this
# is called a **gauge**. Physicists use the word for a choice that one has to make in order to write something down, and
# that no measurement can see. Here the measurement is a prediction, and it is the same in every gauge. Every invertible
# matrix is a rotation, a stretch and another rotation, so begin with the stretch, which can be done by hand.
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
# Commit yourself before you go on. A factorization is stretched, with a different factor for every column.
# For each of the six things below write `"stays"` if it is the same as before after *every* such stretch, else `"may change"`.
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
# The other part of a gauge is harmless: turn the whole space, users and films together, by one rotation. The next cell draws
# a rotation by chance and looks at how far the scores move.

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
    known = v[v.any(axis=1)]
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
# Which list is the true one, then? **The predictions cannot say.** They are the same for every user and every film, so no
# error of a prediction, of ratings seen or hidden, prefers one of the three. Hidden ratings did prefer one for a purpose: with
# the cosine of users and films they gave 0.308 to $V$ and 0.102 to $VS$. That is a reason to take $V$ for that list, as
# one chooses a width. It is none to take it for this one. So judge the neighbours of films by something that the model never
# saw: how many of the ten share a genre with the film.


# %%
def genre_share(v, genres):
    """Of the ten nearest films, the share with one of the film's genres; all films have a direction."""
    shared = genres @ genres.T > 0
    return np.take_along_axis(shared, ten_nearest(v), axis=1).mean()


# %% [markdown]
# The next cell does so among all films with a direction, and among the 850 films with 20 training ratings or more.

# %% tags=["nbval-check-output"]
groups = {"all films": counts >= 1, "20 ratings": counts >= 20}
print(", ".join(f"{name}: {group.sum()}" for name, group in groups.items()))
for name, (_, v) in gauges.items():
    shares = [f"{title} {genre_share(v[group], data.genres[group]):.3f}" for title, group in groups.items()]
    print(f"films as {name:9}  share with a common genre: {', '.join(shares)}")

# %% [markdown]
# Here $V$ comes last, and which gauge is first depends on the films that are asked about: $VS$ with 0.594 among all,
# $V\sqrt{S}$ with 0.693 among the better known. You can *choose* a gauge for a purpose, and test the choice; you cannot
# discover it. And mind the trap behind the trap: between two films the dot product is no way out. A film meets another
# film, both were divided, and no factor finds its inverse.
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
# The next cell adds a fourth gauge, which mixes: `mixer` makes every new column of the films a mixture of all old ones, and
# the users get the inverse mixture. Then it balances all four.

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
# And `retrain` goes on training for 20 sweeps from each of the four gauges.


# %%
def retrain(l2):
    """Train from each gauge with the weight l2, and report."""
    for name, (_, v) in gauges.items():
        for _ in range(20):
            u, v = sweep(v, l2)
        report(name, u, v)


# %% [markdown]
# First without a penalty. Predict: will the four starts end in one and the same place?

# %% tags=["nbval-check-output"]
retrain(l2=0)

# %% [markdown]
# The dot product is 0.467 four times, and the cosines are what they were at the start: 0.308, 0.250, 0.102 and 0.238. Even
# the two cartoons have four different cosines, from 0.788 to 0.950. 20 sweeps of training have not moved the gauge at all:
# the objective has no opinion on it, so every start keeps its own. Now with a penalty.

# %% tags=["nbval-check-output"]
retrain(l2=10)

# %% [markdown]
# Four starts, one model. The cosine is 0.277 from every start, and the two cartoons have the cosine 0.894, also from the
# mixed start. The penalty has fixed the gauge, up to a rotation that no measure sees. (The dot product has improved as well,
# to 0.479: that is what L2 is there for.)
#
# ## Compare what the gauge cannot touch
#
# What if the model is finished, and nobody will train it again? Then compare two films by what it *predicts* for them. A
# film's column of predictions is `users @ film`, a number for each user. Two films are alike if the model expects the same
# people to watch them, and since a prediction is the same in every gauge, so is every cosine of two such columns.
#
# But that is 943 numbers a film instead of 20, and with a million users a million: no index holds them. Look at what
# happens when two such columns meet. Film $x$ and film $y$ give
#
# $$\sum_u \langle u, x \rangle \langle u, y \rangle = x' \, (U'U) \, y.$$
#
# All users have gone into one small table: $U'U$, the **Gram matrix** of the users, `users.T @ users`, with d rows and d
# columns. It is worked out once, however many users there are.
#
# ## Exercise 8.6 (3 points): gauge-free vectors
#
# Complete `gauge_free(users, films)`: `users` has shape `(n_users, d)`, `films` has shape `(n_films, d)`, and there are more
# users than columns. Return a table of the shape of `films` in which the **dot product of any two rows is that of the two
# films' columns of predictions**. (A row's length and the cosine of two rows then are those of the predictions, too.) Many
# tables have this property, and every one of them is right. Do not bring anything to length one, and take no means.
#
# - **Zero column.** A column may be zero for all users, as after `balance`. It takes part in no prediction; a film that has
#   numbers in no other column gets a row of zeros. Numbers as small as a ten-thousandth are not
#   zero.
#
# `np.linalg` has more than one function that is of use: `cholesky`, `qr`, `svd` and `eigh` all lead there.
#
# *Ask yourself first:* with a single column, by what would you multiply the films? And if each film is multiplied by a
# matrix, where does this matrix end up in the dot product of two films?


# %% nbgrader={"grade": false, "grade_id": "gauge-free", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gauge_free(users, films):
    """A table (n_films, d): the dot products of its rows are those of the films' columns of predictions.

    One of the right answers for one column; the other one has the signs turned:

    >>> gauge_free(np.array([[3.0], [4.0]]), np.array([[2.0], [-1.0]]))
    array([[10.],
           [-5.]])
    """
    ### BEGIN SOLUTION
    root = np.linalg.qr(users)[1]  # users = Q R with Q'Q = 1, so R'R = U'U
    return films @ root.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gauge-free-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("gauge_free", gauge_free)

# %% [markdown]
# The next cell takes your function, and makes the columns of predictions, their neighbours and their cosines.

# %%
free = yours_or_ours(gauge_free, "gauge_free")
columns = (gauges["V"][1] @ gauges["V"][0].T)[~empty]  # 943 numbers a film
by_predictions, cosines = ten_nearest(columns), cosine_scores(columns, columns)

# %% [markdown]
# Now your vectors in all four gauges. How far are their cosines from those of the predictions? And how many of the ten
# neighbours by predictions are also found by your vectors, and by the plain vectors of each gauge?

# %% tags=["nbval-check-output"]
for name, (u, v) in gauges.items():
    yours, plain = (agreement(by_predictions, ten_nearest(vectors)).mean() for vectors in (free(u, v), v))
    off = np.abs(cosine_scores(free(u, v)[~empty], free(u, v)[~empty]) - cosines).max()
    print(
        f"films as {name:9}  cosines off by {off:.9f}; neighbours: {yours:.0%} by yours, {plain:.0%} by plain vectors"
    )

# %% [markdown]
# Your 20 numbers do the work of 943, in every gauge: no cosine is off in its first nine digits, and 100% of the neighbours
# are the same. Any index can hold them. The last column is worth a thought: the plain vectors find all of these neighbours
# in the gauge $VS$, the one that was worst for users and films. There the users' columns have length one and stand at right
# angles, so $U'U$ changes nothing.
#
# So gauge-free means consistent. It does not mean better: these are the neighbours of $VS$, whose genre shares you have seen,
# 0.594 among all films and 0.691 among the better known, where $V\sqrt{S}$ had 0.693. And it depends on the users as before:
# whoever has a long vector counts for more, and when many of them change, $U'U$ has to be worked out again.
#
# ## Train twice, compare the neighbours
#
# All gauges so far were made from one model. What about a model trained twice from nothing? `films_twice` trains iALS from
# two random starts. It returns the two tables of films as they were trained, and as your gauge-free vectors.


# %%
def films_twice(table, l2):
    """The films of two iALS models of width 20, as trained and gauge-free: two pairs of tables."""
    rngs = (np.random.default_rng(seed) for seed in (0, 1))
    models = [fit_ials(table, 20, l2=l2, unobserved_weight=0.2, sweeps=15, rng=rng) for rng in rngs]
    return [m.items for m in models], [free(m.users, m.items) for m in models]


# %% [markdown]
# Gauge-free vectors can be brought to any gauge that one likes, so both models can be brought to the same one. `spread` makes
# $V S^p$ of them: $V$ for p = 0, $V\sqrt{S}$ for 0.5, and $VS$ for 1, where the neighbours are those of the predictions.


# %%
def spread(w, p):
    """The films as V S^p, from gauge-free vectors w (n_films, d)."""
    values, turned = np.linalg.eigh(w.T @ w)  # w @ turned is V S: columns at right angles
    return w @ turned * values ** ((p - 1) / 2)


# %% [markdown]
# The next cell trains twice with the penalty of above, and twice with next to none. It prints how many of the ten nearest of
# a film are the same in both models: as trained, and in each of the three gauges.

# %% tags=["nbval-check-output"]
for l2 in (10, 1e-6):
    trained, by_predictions = films_twice(train, l2)
    pairs = {"as trained": trained, **{f"as V S^{p}": [spread(w, p) for w in by_predictions] for p in (0, 0.5, 1)}}
    kept = {name: agreement(ten_nearest(one), ten_nearest(two)).mean() for name, (one, two) in pairs.items()}
    print(f"L2 {l2:<6}", ", ".join(f"{name}: {share:.0%}" for name, share in kept.items()))

# %% [markdown]
# First the gauge. With the penalty it makes no difference whether you take the vectors as they were trained or bring both to
# $V\sqrt{S}$, 93% each: the penalty has led both trainings to that gauge. Without it they stay in a gauge of chance, 64%, and
# a common one, $V\sqrt{S}$, gives 68%. That step is the gauge.
#
# The rest is not. In the second line even the gauge-free vectors agree in 74% only: without a penalty the trainings have
# not come to the same predictions. And read the first line from its end: 98%, 93%, 72%, all in a gauge that is the same for
# both. The lower the power of $S$, the more weight is given to the small columns, and in those two trainings agree least. A
# gauge on which everybody agrees makes lists comparable, and not yet stable. The test is cheap, whatever the reason:
# **train twice, compare the neighbours.**
#
# ## And elsewhere?
#
# How much of this is MovieLens-100K? `datasets.load_another` has a second catalogue, MovieLens latest-small of 2016 with 671
# users and 9,066 films, most of them with few ratings. The next cell splits it in the same way and makes its three gauges.
# (The 20 largest singular values are the roots of eigenvalues of a table of users with users: quicker for so many films.)

# %%
other = datasets.load_another()
rated, hidden = per_user_75_25(other, seed=0)
table, known = other.matrix(rated), other.matrix(rated).sum(axis=0) >= 20
values, left = (part[..., -20:] for part in np.linalg.eigh(table @ table.T))
s, right = values**0.5, table.T @ left / values**0.5
there = {"V": (left * s, right), "V sqrt(S)": (left * s**0.5, right * s**0.5), "V S": (left, right * s)}

# %% [markdown]
# Now what you have seen above. First the lists of users by the cosine, and then, for the films with 20 training ratings or
# more, how many of the ten neighbours the gauge-free vectors find as well and how many share a genre.

# %% tags=["nbval-check-output"]
for name, (u, v) in there.items():
    scores = (u @ v.T).round(9), cosine_scores(u, v, zero="last").round(9)
    by = [metrics.ndcg_at_k(top_k(each, 10, seen=table > 0), other.matrix(hidden) > 0) for each in scores]
    same = 10 * agreement(*map(ten_nearest, (v[known], free(u, v)[known]))).mean()
    shown = f"dot {by[0]:.3f}  cosine {by[1]:.3f}  {same:.1f} of 10 as gauge-free"
    print(f"films as {name:9}  {shown}  genre share {genre_share(v[known], other.genres[known]):.3f}")

# %% [markdown]
# And two trainings, with the same penalty as above.

# %% tags=["nbval-check-output"]
for name, pair in zip(("as trained", "gauge-free"), films_twice(table, 10), strict=True):
    print(f"{name}: {agreement(*(ten_nearest(v[known]) for v in pair)).mean():.0%} of the neighbours are the same")

# %% [markdown]
# *Carries over:* the dot product is the same in every gauge, 0.328. The cosine is not, and its order is as before with $V$
# first, 0.202, 0.093 and 0.009. A third of the neighbours differ between $V$ and the gauge-free vectors, 6.7 of 10 are the
# same. *Flips:* by genre the gauge-free neighbours (those of $VS$) come last here, 0.758, and $V$, last before, has 0.765.
# And the same L2 leaves more to chance: even gauge-free, 91% of the neighbours are the same in two trainings, among the
# films with 20 ratings or more, where above 98% were among all films. (Why is not shown here. A first guess: 671 users with
# as many ratings as in MovieLens-100K, on five times as many films, say less about each.)
#
# ## Which remedy, when
#
# Ask first what you may still change.
#
# | you may change | do this | mind that |
# |---|---|---|
# | the measure, for users and films | the dot product, as the model was trained to | an index that brings vectors to length one cannot serve it |
# | the vectors, for two films, of a finished model | gauge-free vectors in the index, by cosine | consistent is not better; test the lists for their purpose |
# | one term of the objective | L2 on users and films | it fixes the gauge, and predictions must agree as well: train twice |
# | the whole training, for an index with unit vectors | length one inside the objective, so that what is trained is what is served | norms are gone then, and with them what they said about popularity |
#
# ## Say why (2 points, read by a person)
#
# A colleague writes in a report: "We compare films by the cosine of their vectors, because it takes popularity out and
# leaves pure similarity. The ten nearest films are therefore a property of the films." Answer in five to eight sentences:
#
# 1. What is wrong with the second sentence? Give the reason, and two numbers from this lesson that show it.
# 2. What would you ask for, or change, before you believe lists of films that are near each other? One thing will do; say
#    why it helps.

# %% [markdown] nbgrader={"grade": true, "grade_id": "cosine-is-not-innocent-why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# **Rubric.** One point for question 1: a change of gauge (each column multiplied on one side and divided on the other, or any
# invertible matrix) leaves every prediction as it is and changes cosines, so the list is a property of the films *and* of
# the gauge; with two numbers used correctly. For instance: the dot product stays at 0.467 while the cosine of users and
# films gives 0.308, 0.250 or 0.102; 67% of the neighbours are the same with V and with V S, 3 of 10 for Blade Runner; 64%
# after two trainings without a penalty. One point for question 2: one thing that works between two films, and why. For
# instance: gauge-free vectors or columns of predictions, which are the same in every gauge; L2 on both sides, which fixes
# the gauge (0.277 from every start); training twice and comparing the neighbours (93% with L2, 64% without); length one
# inside the objective, so that the cosine is what was trained; one gauge for everybody, tested for the purpose. "Use the
# dot product" alone earns no point here, since between two films it depends on the gauge as well; neither does "the
# cosine is always wrong". Nothing else is asked for.

# %% [markdown]
# <details>
# <summary><b>An answer to compare with.</b> Open it when yours is written.</summary>
#
# The ten nearest films are a property of the films *and* of the way in which the model happens to be written. One can
# stretch the columns of the users and shrink those of the films, and no prediction changes: the dot product's nDCG stayed at
# 0.467 in three gauges. But a stretch turns vectors, and the cosines of two films are others afterwards: between the gauges
# $V$ and $VS$ only 67% of the neighbours are the same, and for *Blade Runner* 3 of 10. Taking the lengths out does not
# help, because it comes after the turning. Before I believe the lists, I would ask for two trainings from different starts
# and compare the neighbours; here that gave 93% with L2 on both sides and 64% without. If the model is finished, I would
# compute the cosine from gauge-free vectors, which agree with the predictions in every gauge. That makes the lists
# consistent; whether they are good has to be tested against something that the model has not seen, such as genres.
#
# </details>

# %% [markdown]
# How far have you come? The next cell adds up the points that your checks gave since the notebook was started.

# %%
from recsys_lib.checks.course_progress import lesson_progress

lesson_progress(8, "regauge what_survives is_gauge_invariant safe_cosine balance gauge_free")

# %% [markdown]
# ## Recap
#
# **You have**
#
# - rewritten a factorization so that every prediction stayed while lengths and angles changed;
# - tested which measures survive such a rewriting: the dot product of a user and a film, and what is made from it;
# - kept films without a direction out of a list, and seen NaN put them on top of every one;
# - agreed on a balanced gauge, a convention and not a truth, and written the films in 20 numbers whose cosines need no
#   agreement;
# - said which remedy fits what may still be changed: the measure, the vectors or the training.
#
# **New words**
#
# - *gauge*: one way of writing a model among many with the same predictions; an invertible matrix leads from one to
#   another.
# - *gauge invariant*: the same in every gauge; whatever is worked out from predictions is.
# - *balanced*: each column is as long on the users' side as on the films'.
# - *Gram matrix*: the dot products of a table's columns with each other, $U'U$.
# - *NaN*: "not a number", what 0/0 leaves behind; neither larger nor smaller than anything, nor equal to itself.
#
# **Read** Steck, Ekanadham and Kallus, *Is Cosine-Similarity of Embeddings Really About Similarity?* (WWW Companion
# 2024), whose
# discovery this lesson repeats on real films, with proofs; Srebro, Rennie and Jaakkola, *Maximum-Margin Matrix
# Factorization* (NIPS 2004), for what a penalty on both sides does to the predictions.
#
# **Try** the extreme case: make the space of a small table as wide as it can be, take the gauge $V$, and look at the cosine
# of any two films. What is left of similarity? Then choose the factors at random in `regauge` instead of $S^p$: how few
# neighbours of *Aladdin* can you keep? And is the model of another lesson safe: train the gradient model of lesson 7 twice,
# from two starts, and compare the neighbours.
