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
# **You need** lesson 4, and of lessons 5 and 6 what L2 and iALS are. **Time:** 80 minutes. **Points:** 20, of which 2 are
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
# cosines. A factorization predicts by a sum over its columns,
#
# $$\langle u, x \rangle = u_1 x_1 + u_2 x_2 + \dots + u_d x_d.$$
#
# Multiply the first number of every *user* by 10, and divide the first number of every *film* by 10. The product
# $u_1 x_1$ is what it was, and so is every prediction. You may do that in every column, with any factor $s_j$ except zero:
#
# $$u_j \to s_j \, u_j, \qquad x_j \to x_j / s_j.$$
#
# That is a *stretch*. One may also mix the columns: whatever an invertible matrix $A$ does to the users, $U \to U A$, its
# inverse takes back on the side of the films, $X \to X (A^{-1})^\top$. Each way of writing the model that one reaches like
# this is called a **gauge**, the physicists' word for a choice that one has to make in order to write something down, and
# that no measurement can see. Every invertible matrix is a rotation, a stretch and another rotation (its SVD, lesson 2;
# mirrors count as rotations). A rotation turns users and films together, so all lengths and angles stay. The stretch does
# the damage, and it can be done by hand.
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
for name, measure in {"dot": dot, "cosine": cosine, "euclidean": euclidean}.items():
    before, after = measure(q, items), measure(new_q[0], new_items)
    print(f"{name:9}  A, B, C before: {before.round(3)}  after: {after.round(3)}")

# %% [markdown]
# The dot products are still 18, 16 and 7. But the cosine, which put C first with 0.990, now puts A first with 0.949. And
# the distance, which found B nearest, finds B farthest.
#
# ## Exercise 8.2 (1 point): what survives?
#
# A factorization is stretched, with a different factor for every column.
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
# *Ask yourself first:* may the answer depend on `scale`, for one and the same measure? What does one `True` prove, then?


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
measures = {"dot": dot, "cosine": cosine, "euclidean": euclidean, "softmax": softmax}
scales = {"a factor for each column": [0.5, 2], "one factor for all": [3, 3], "signs turned": [-1, 1]}
for kind, scale in scales.items():
    found = [name for name, measure in measures.items() if survives(measure, q, items, np.array(scale))]
    print(f"{kind:25} survived by: {', '.join(found)}")

# %% [markdown]
# The dot product survives everything, and so does the softmax, which sees only dot products. One factor for *all* columns
# turns no vector, so the cosine survives that; one `True` proves nothing about the next gauge. Turned signs mirror
# users and films alike, so it survives those, too. What it does not survive is the ordinary case: factors of different size. It turns the vectors, and it turns users
# and films differently.
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
# films without a direction have length 0, so their cosine is 0/0. NumPy warns once and writes NaN, "not a number". (The cell
# switches the warning off; in a long log you would not see it either.)

# %% tags=["nbval-check-output"]
with np.errstate(invalid="ignore"):
    scores = users @ films.T / np.outer(np.linalg.norm(users, axis=1), np.linalg.norm(films, axis=1))
scores[train > 0] = -np.inf  # nobody is shown what they know
lists = np.argsort(scores, axis=1)[:, ::-1][:, :10]
print(f"places in the lists that went to a film without a rating: {empty[lists].mean():.0%}")
print(f"nDCG@10 of these lists: {metrics.ndcg_at_k(lists, test):.3f}")

# %% [markdown]
# Look at the first number: 100% of all places. NaN is neither larger nor smaller than anything, so a sort has to put it
# somewhere, and NumPy puts it at the end, which turned round is the beginning. The nDCG is 0.001. No error was raised, and
# every list has ten films in it. (The course's `top_k` refuses NaN for this reason.)
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
# Now let your function score all films for user 150.

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
# The columns of $V$ and of $U$ have length one, so all sizes are in the singular values
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
# will the cosine reach in the three gauges? Write down three guesses. The next cell makes the lists of all users, by three
# measures in three gauges; `ndcg` turns a table of scores into lists of ten and the lists into a number.


# %% tags=["nbval-check-output"]
def ndcg(scores):
    """The nDCG@10 of the lists that these scores make, (n_users, n_items)."""
    return metrics.ndcg_at_k(top_k(scores, 10, seen=train > 0), test)


for name, (u, v) in gauges.items():
    three = dot_scores(u, v), cosine_scores(u, v, zero="last"), -euclidean_distances(u, v)
    print(f"films as {name:9}  dot {ndcg(three[0]):.3f}  cosine {ndcg(three[1]):.3f}  distance {ndcg(three[2]):.3f}")

# %% [markdown]
# Read the table from top to bottom. The dot product is 0.467 three times. The cosine is 0.308, 0.250 or 0.102. The
# distance is nearly as good as the dot product, mediocre, or worthless: 0.461, 0.136, 0.002. All three rows are **the same
# model**: same training, same predictions for everybody.
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
# The same as a picture, for $p$ from 0 to 1; films that are there from end to end are in colour.

# %%
ax = plots.gauge_places(change, safe, users, films, data.titles, film=aladdin, user=150, seen=seen)
plots.show(ax)

# %% [markdown]
# On the right, or below, nothing moves. On the left the lines cross; 7 of the 10 neighbours of *Aladdin* hold out. How is that
# for other films? `ten_nearest` finds the ten nearest of every film that has a direction (rounded, so that equal directions
# tie, and the lower number goes first).


# %%
def ten_nearest(v):
    """For every film with a direction: its ten nearest by cosine."""
    known = v[v.any(axis=1)]
    return top_k(cosine_scores(known, known).round(6), 10, seen=np.eye(len(known), dtype=bool))


# %% [markdown]
# `agreement` compares two such tables.


# %%
def agreement(one, other):
    """For every row: the share of its ten films that is in the other table's row as well."""
    return (one[:, :, None] == other[:, None, :]).any(axis=2).mean(axis=1)


# %% [markdown]
# Now compare the gauges $V$ and $VS$.

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
# Which list is the true one, then? **The error of the predictions cannot say**: it is the same in every gauge. (One
# can make a list from the predictions themselves; that comes below, and it is a choice, too.) A use may. If the cosine of users and films is imposed on you, $V$ has 0.308 and $VS$ 0.102, and you may choose on
# ratings set aside, as one chooses a width. That says nothing about the list of film and film. So judge that one by
# something the model never saw: whether a film's ten share a genre with it.


# %%
def genre_share(v, genres):
    """For every film, all with a direction: the share of its ten nearest with one of its genres."""
    return np.take_along_axis(genres @ genres.T > 0, ten_nearest(v), axis=1).mean(axis=1)


# %% [markdown]
# The next cell does so among all films with a direction, and among the 850 films with 20 training ratings or more. Two
# gauges are compared film by film: the mean difference, and its standard error.

# %% tags=["nbval-check-output"]
for title, group in {"all films": counts >= 1, "20 ratings": counts >= 20}.items():
    shares = {name: genre_share(v[group], data.genres[group]) for name, (_, v) in gauges.items()}
    print(f"{title}, {group.sum()}:", ", ".join(f"{name} {share.mean():.3f}" for name, share in shares.items()))
    for one, two in (("V S", "V sqrt(S)"), ("V sqrt(S)", "V")):
        gap = shares[one] - shares[two]
        print(f"   {one} less {two}: {gap.mean():+.3f}, standard error {gap.std() / len(gap) ** 0.5:.3f}")

# %% [markdown]
# Here $V$ comes last in both groups. $VS$ is first among all films, ahead by 0.010 with a standard error of 0.002; among the
# better known the two best are tied, 0.002 apart with a standard error of 0.003. You can *choose* a gauge for a purpose and
# test the choice; you cannot discover it. And between two films the dot product is no way out: both were divided, and no
# factor finds its inverse.
#
# ## A gauge to agree on
#
# If a choice has to be made, let everybody make the same one: every column as long on the users' side as on the films' side.
# We call such a gauge **balanced**.
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
# The next cell adds a fourth gauge: `mixer` makes every new column of the films a mixture of all old ones, and the users get
# the inverse mixture. Then it balances all four.

# %% tags=["nbval-check-output"]
level = yours_or_ours(balance, "balance")
mixer = np.random.default_rng(0).normal(size=(20, 20))
gauges["mixed"] = users @ np.linalg.inv(mixer).T, films @ mixer
for name, pair in gauges.items():
    raw, even = (ndcg(cosine_scores(u, v, zero="last")) for u, v in (pair, level(*pair)))
    print(f"films as {name:9}  cosine {raw:.3f}, balanced {even:.3f}")

# %% [markdown]
# The first three meet: 0.250 each. Whoever stretches the columns of this model and then balances them gets the same
# cosines as everybody else, so two people can compare their lists.
#
# But the balanced gauge has a *worse* cosine than $V$ with its 0.308. Balance is an agreement, like driving on the right,
# and not the truth about films. And the fourth model is balanced too, with other cosines than the rest: once columns have
# been mixed, making them equally long does not unmix them.
#
# ## Let the training choose
#
# Why did the training not choose a gauge? Because its objective, squared errors of predictions, cannot see it. So add
# something that can: a penalty on the squared lengths of all users and all films, the **L2** of lesson 5. Let a column have
# the norm $a$ on one side and $b$ on the other. A stretch by $s$ makes the sum of its squares
#
# $$s^2 a^2 + b^2 / s^2 = (s a - b / s)^2 + 2 a b,$$
#
# and that is smallest where $s a = b / s$: in the balanced gauge. Among all mixtures there is a smallest sum as well (Srebro
# and others, below; no proof here), where $U^\top U = X^\top X$, and what it leaves open is a rotation, which is harmless.
# (Penalties weighed by counts, as in Spark, fix a gauge too: another one.)
#
# `sweep` is one round of alternating least squares with the weight `l2` on all squared lengths: the best users for these
# films, then the best films for these users.


# %%
def sweep(v, l2):
    """Solve for the users, then for the films; with l2 = 0 this is plain least squares on all cells."""
    ridge = l2 * np.eye(v.shape[1])
    u = train @ v @ np.linalg.inv(v.T @ v + ridge)
    return u, train.T @ u @ np.linalg.inv(u.T @ u + ridge)


# %% [markdown]
# `report` prints the nDCG of dot product and cosine, and the cosine of two cartoons, *Aladdin* and *The Lion King*.


# %%
def report(name, u, v):
    """One line on the users u and the films v."""
    pair = cosine(v[aladdin], v[[film_called("Lion King")]])[0]
    by_dot, by_cosine = ndcg(u @ v.T), ndcg(cosine_scores(u, v, zero="last"))
    print(f"from {name:9}  dot {by_dot:.3f}  cosine {by_cosine:.3f}  two cartoons {pair:.3f}")


# %% [markdown]
# `retrain` goes on training from each of the four gauges.


# %%
def retrain(l2, sweeps):
    """Train from each gauge with the weight l2, and report."""
    for name, (_, v) in gauges.items():
        for _ in range(sweeps):
            u, v = sweep(v, l2)
        report(name, u, v)


# %% [markdown]
# First without a penalty, for three sweeps. Predict: will the four starts end in one and the same place?

# %% tags=["nbval-check-output"]
retrain(l2=0, sweeps=3)

# %% [markdown]
# The dot product is 0.467 four times, and the cosines are what they were at the start: 0.308, 0.250, 0.102 and 0.238. Even
# the two cartoons have four different cosines, from 0.788 to 0.950. Each start is already a best answer of this objective, so
# there is nothing to move. Now with a penalty, for 20 sweeps. The last line was
# not trained: here the answer is known, every singular value less 10, shared fairly.

# %% tags=["nbval-check-output"]
retrain(l2=10, sweeps=20)
less = np.sqrt(np.maximum(sizes - 10, 0) / sizes)  # films holds V sqrt(S)
report("formula", users * less, films * less)

# %% [markdown]
# Four starts, one model, and it is that of the formula: the cosine is 0.277, and the two cartoons have the cosine 0.894, also
# from the mixed start. The penalty has fixed the gauge, up to a rotation that no measure sees. (The dot product has changed
# too, from 0.467 to 0.479: L2 changes the model, not only how it is written. And the four starts had the same 20 columns,
# mixed; a start from nothing follows below.)
#
# ## Compare what the gauge cannot touch
#
# What if the model is finished? Then compare two films by what it *predicts* for them. A film's column of predictions is
# `users @ film`, a number for each user. A prediction is the same in every gauge, and so is every cosine of two such columns.
#
# But that is 943 numbers a film instead of 20, and with a million users a million. Look at what happens when two such
# columns meet. Film $x$ and film $y$ give
#
# $$\sum_u \langle u, x \rangle \langle u, y \rangle = x^\top (U^\top U) \, y.$$
#
# All users have gone into one small table: $U^\top U$, the **Gram matrix** of the users: d rows, d columns.
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
    root = np.linalg.qr(users)[1]  # users = Q R with Q.T Q = 1, so R.T R = users.T users
    return films @ root.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gauge-free-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("gauge_free", gauge_free)

# %% [markdown]
# The next cell makes the columns of predictions, their neighbours and their cosines.

# %%
free = yours_or_ours(gauge_free, "gauge_free")
columns = (gauges["V"][1] @ gauges["V"][0].T)[~empty]  # 943 numbers a film
by_predictions, cosines = ten_nearest(columns), cosine_scores(columns, columns)

# %% [markdown]
# How far are the cosines of your vectors from those of the predictions, in all four gauges? And how many of the ten
# neighbours by predictions do your vectors find, and how many the plain vectors of each gauge?

# %% tags=["nbval-check-output"]
for name, (u, v) in gauges.items():
    yours, plain = (agreement(by_predictions, ten_nearest(vectors)).mean() for vectors in (free(u, v), v))
    off = np.abs(cosine_scores(free(u, v)[~empty], free(u, v)[~empty]) - cosines).max()
    print(
        f"films as {name:9}  cosines off by {off:.9f}; neighbours: {yours:.0%} by yours, {plain:.0%} by plain vectors"
    )

# %% [markdown]
# Your 20 numbers do the work of 943, in every gauge: no cosine is off in its first nine digits, and 100% of the neighbours
# are the same. The plain vectors find them all in the gauge $VS$, the one that was worst for users and films. There the
# users' columns have length one and stand at right angles, so $U^\top U$ changes nothing. **Gauge-free vectors are $VS$, up
# to a rotation.** So one index of $VS$ serves both lists: by cosine the gauge-free neighbours, and by dot product, with the
# users of that gauge, the 0.467 for people.
#
# Gauge-free means consistent, not better: the genre shares of $VS$ you have seen. And it is a choice as well, to weigh the
# users by their predictions: whoever has a long vector counts for more.
#
# ## Train twice, compare the neighbours
#
# What about a model trained twice from nothing? `train_twice` trains iALS from two random starts, at width 12, where a few
# dozen sweeps go a long way. (Other settings than in lessons 6 and 7, so other agreements.)


# %%
def train_twice(l2, sweeps):
    """Two iALS models of width 12, from two random starts."""
    rngs = (np.random.default_rng(seed) for seed in (0, 1))
    return [fit_ials(train, 12, l2=l2, unobserved_weight=0.2, sweeps=sweeps, rng=rng) for rng in rngs]


# %% [markdown]
# `meet` says which share of the neighbours two models have in common, by the vectors as trained and by your gauge-free ones.


# %%
def meet(models):
    """The share of neighbours that two models have in common, as trained and gauge-free: a text."""
    pairs = [m.items for m in models], [free(m.users, m.items) for m in models]
    trained, freed = (agreement(*map(ten_nearest, pair)).mean() for pair in pairs)
    return f"neighbours as trained {trained:.0%}, gauge-free {freed:.0%}"


# %% [markdown]
# Now with a penalty of 10 and with next to none, for few sweeps and for many. Beside it stand how far the predictions
# differ, relative to their size, and the lowest ratio of a users' column to the films' column in length (1 where balanced).

# %% tags=["nbval-check-output"]
for l2, sweeps in ((10, 15), (10, 80), (1e-6, 15), (1e-6, 80)):
    models = train_twice(l2, sweeps)
    one, two = (m.users @ m.items.T for m in models)
    off = np.linalg.norm(one - two) / np.linalg.norm(one)
    ratios = [np.linalg.norm(m.users, axis=0) / np.linalg.norm(m.items, axis=0) for m in models]
    print(f"L2 {l2:<5}, {sweeps} sweeps: predictions differ by {off:.0%}; {meet(models)}; ratio {np.min(ratios):.1f}")

# %% [markdown]
# After 15 sweeps the trainings have not met, with either penalty: predictions differ by 3% and 7%, and neighbours
# differ whatever you do. After 80 the predictions are the same, to less than half a percent, and so are the gauge-free
# neighbours, 100% on both lines: the gauge is all that is left to differ. With the penalty it does not, and 100% agree as
# trained. With next to none 86% agree as trained, though the predictions and the gauge-free neighbours have met: the
# objective has next to no opinion on the rest. **Those 14 neighbours in a hundred are the gauge.** (An unrated cell weighs a fifth here, and 1 in the SVD above,
# so the penalty of 10 is not the same here and there.)
#
# You seldom know whether a training has met itself. The test is cheap: **train twice, compare the neighbours**, as trained and gauge-free.
#
# ## And elsewhere?
#
# `datasets.load_another` has a second catalogue, MovieLens latest-small of 2016 with 671 users and 9,066 films. The next cell
# splits it in the same way and makes its three gauges. (An eigenvalue of the table of users with users is a squared singular
# value, its eigenvector the users' column: quicker for so many films.)

# %%
other = datasets.load_another()
rated, hidden = per_user_75_25(other, seed=0)
table, known = other.matrix(rated), other.matrix(rated).sum(axis=0) >= 20
values, left = np.linalg.eigh(table @ table.T)  # the smallest come first
s, left, right = values[-20:] ** 0.5, left[:, -20:], table.T @ left[:, -20:]  # right is V S
there = {"V": (left * s, right / s), "V sqrt(S)": (left * s**0.5, right / s**0.5), "V S": (left, right)}

# %% [markdown]
# Now what you have seen above: the lists of users, and then, for the films with 20 training ratings or more, how many of the
# ten neighbours the gauge-free vectors find as well and how many share a genre.

# %% tags=["nbval-check-output"]
for name, (u, v) in there.items():
    scores = (u @ v.T).round(9), cosine_scores(u, v, zero="last").round(9)
    by = [metrics.ndcg_at_k(top_k(each, 10, seen=table > 0), other.matrix(hidden) > 0) for each in scores]
    same = 10 * agreement(*map(ten_nearest, (v[known], free(u, v)[known]))).mean()
    shown = f"dot {by[0]:.3f}  cosine {by[1]:.3f}  {same:.1f} of 10 as gauge-free"
    print(f"films as {name:9}  {shown}  genre share {genre_share(v[known], other.genres[known]).mean():.3f}")

# %% [markdown]
# *Carries over:* the dot product is the same in every gauge, 0.328. The cosine is not, in the order as before: 0.202, 0.093
# and 0.009. Of the neighbours in $V$, 6.7 of 10 are gauge-free ones. *Not to be seen here:* that $V$ is last by
# genre; it has 0.765 beside 0.766 and 0.758. These differences are small and we print no standard error for them: do not
# carry a gauge from one catalogue to the next without a test.
#
# ## Which remedy, when
#
# Ask first what you may still change.
#
# | you may change | do this | mind that |
# |---|---|---|
# | the measure, for users and films | the dot product, as the model was trained to | an index that brings vectors to length one cannot serve it with the vectors as they stand |
# | the vectors, for two films, of a finished model | gauge-free vectors (the gauge $VS$) in the index, by cosine | consistent is not better; test the lists for their purpose |
# | one term of the objective | L2 on users and films | it fixes the gauge and moves the predictions; train twice, to see whether they have met |
# | the whole training, for an index with unit vectors | length one inside the objective, so that what is trained is what is served (Steck and others, below) | not shown here; norms are gone then, and with them what they said about popularity |
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
# films gives 0.308, 0.250 or 0.102; 67% of the neighbours are the same with V and with V S, 3 of 10 for Blade Runner; 86%
# as trained and 100% gauge-free after two long trainings with next to no penalty. One point for question 2: one thing that works
# between two films, and why. For instance: gauge-free vectors or columns of predictions, which are the same in every gauge;
# L2 on both sides, which fixes the gauge (0.277 from every start); training twice and comparing the neighbours (100% with
# L2, 86% with next to none, at the same predictions); length one inside the objective, so that the cosine is what was trained; one
# gauge for everybody, tested for the purpose. "Use the dot product" alone earns no point here, since between two films it
# depends on the gauge as well; neither does "the cosine is always wrong". Nothing else is asked for.

# %% [markdown]
# <details>
# <summary><b>An answer to compare with.</b> Open it when yours is written.</summary>
#
# The ten nearest films are a property of the films *and* of the way in which the model happens to be written. One can
# stretch the columns of the users and shrink those of the films, and no prediction changes: the dot product's nDCG stayed at
# 0.467 in three gauges. But a stretch turns vectors: between the gauges $V$ and $VS$ only 67% of the neighbours are the
# same, and for *Blade Runner* 3 of 10. Taking the lengths out does not help, because it comes after the turning. Before I
# believe the lists, I would ask for two long trainings from different starts; here the neighbours agreed in 100% with an L2
# of 10 on both sides and in 86% with next to none. If the model is finished, I would compute the cosine from gauge-free vectors, which agree
# with the predictions in every gauge. That makes the lists consistent; whether they are good has to be tested against
# something that the model has not seen, such as genres.
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
# - *balanced*: each column is as long on the users' side as on the films'.
# - *Gram matrix*: the dot products of a table's columns with each other, $U^\top U$.
#
# **Read** Steck, Ekanadham and Kallus, *Is Cosine-Similarity of Embeddings Really About Similarity?* (WWW Companion
# 2024), whose
# discovery this lesson repeats on real films, and who prove it for linear models; Srebro, Rennie and Jaakkola, *Maximum-Margin Matrix
# Factorization* (NIPS 2004), for what a penalty on both sides does to the predictions.
#
# **Try** the extreme case: make the space of a small table as wide as it can be, take the gauge $V$, and look at the cosine
# of any two films. What is left of similarity? And train twice at width 20, or on the second catalogue: how many sweeps until the two have met?
