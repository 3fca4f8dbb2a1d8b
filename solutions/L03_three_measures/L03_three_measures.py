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
# # Lesson 3. Rank three films with three rulers
#
# **You will** drag four points until dot product, cosine and distance all disagree, and then let your own three
# functions recommend films.
#
# **After this lesson you can**
#
# - compute dot product, cosine and Euclidean distance of one query with a whole table of items;
# - say which item each of them would choose, before computing it;
# - make a point that wins under one measure and under no other;
# - show when the three must agree, and how long the nearest item is where they do not;
# - find out by probing which ruler a function of unknown make uses, and which way it sorts.
#
# **You need** lesson 2 and a little NumPy. **Time:** 55 minutes. **Points:** 21, of which 3 are for a paragraph that a
# person reads.

# %% [markdown]
# This cell loads what the lesson needs. Run it first; it fetches nothing that you do not have already.

# %%
import numpy as np

from recsys_lib import datasets, factorization, plots, retrieval
from recsys_lib.checks import check, yours_or_ours
from recsys_lib.checks.callables import CALLABLES
from recsys_lib.similarity import cosine_scores
from recsys_lib.widgets import VectorPlane

# %% [markdown]
# ## One query, three items
#
# In lesson 2 users and films became points in one space, and "close" stayed a word. Now it becomes a number. A
# **similarity measure** takes two embeddings, the query $q$ and an item $x$, and returns one number $s(q, x)$. Candidate
# generation then takes the items with the best numbers. So whoever chooses the measure chooses the films.
#
# Here is the smallest example on which the choice matters: one query and three items in the plane. The next cell draws
# them.

# %%
q, items, names = datasets.three_items()
plots.show(plots.vector_plane(q, items, names))

# %% [markdown]
# Notice how differently the three lie: look at their lengths, at their angles with $q$, and at the way from tip to tip.
#
# ## Exercise 3.1 (1 point): commit yourself
#
# Do not compute anything yet. Three measures are about to rank A, B and C:
#
# - the **dot product** $\langle q, x \rangle = \sum_i q_i x_i = |q|\,|x| \cos(q, x)$, large when $x$ is long *and* points
#   where $q$ points ($|x|$ is the length of $x$, its **norm**);
# - the **cosine** of the angle between the two, which does not know how long they are;
# - the **Euclidean distance** from tip to tip, where *small* means similar.
#
# For each of them write the order that you expect, best item first, as three letters: `"ABC"`, `"ACB"`, `"BAC"`,
# `"BCA"`, `"CAB"` or `"CBA"`. For instance `return {"dot": "BAC", "cosine": "BAC", "euclidean": "BAC"}`.
#
# *Ask yourself first:* which arrow is longest, which angle is smallest, which tips are nearest?


# %% nbgrader={"grade": false, "grade_id": "predict-ranking", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_ranking():
    """Return {"dot": ..., "cosine": ..., "euclidean": ...}, each three letters, best item first."""
    ### BEGIN SOLUTION
    return {"dot": "ABC", "cosine": "CBA", "euclidean": "BCA"}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "predict-ranking-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("predict_ranking", predict_ranking)

# %% [markdown]
# ## Exercise 3.2 (2 points): the dot product
#
# Complete `dot(q, items)`: `q` has shape `(d,)`, `items` has shape `(n, d)`, one item a row, and the result has shape
# `(n,)`, one score an item. As a rule n and d differ, and d is more than 2; the numbers may be whole ones. Leave `q`
# and `items` as they are, here and in the next exercises: the rest of the lesson still needs them. `dot_scores` and
# `norm_power_scores` are switched off here.
#
# *Ask yourself first:* each item is a row. Which numbers belong together in one sum?


# %% nbgrader={"grade": false, "grade_id": "dot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dot(q, items):
    """Dot product of one query (d,) with each item (n, d); returns (n,).

    >>> dot(np.array([3, 4]), np.array([[4, 3], [30, 40]]))
    array([ 24, 250])
    """
    ### BEGIN SOLUTION
    return np.asarray(items) @ np.asarray(q)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dot-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("dot", dot)

# %% [markdown]
# ## Exercise 3.3 (3 points): remove the length
#
# Complete `cosine(q, items)`, same shapes. The cosine is the dot product after both vectors have been brought to length
# one. A vector of zeros has no direction, so it has no cosine: raise a `ValueError` if the query or any item is one.
# Every other vector has a direction, however short it is. `cosine_scores` and `norm_power_scores` are switched off
# here.
#
# *Ask yourself first:* what should the cosine of `x` and `10 * x` be?


# %% nbgrader={"grade": false, "grade_id": "cosine", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cosine(q, items):
    """Cosine of the angle between one query (d,) and each item (n, d); returns (n,).

    >>> cosine(np.array([3, 4]), np.array([[4, 3], [30, 40]]))
    array([0.96, 1.  ])
    """
    ### BEGIN SOLUTION
    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
    if np.any(lengths == 0):
        raise ValueError("a zero vector has no direction, so its cosine is not defined")
    return np.asarray(items) @ np.asarray(q) / lengths
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "cosine-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("cosine", cosine)

# %% [markdown]
# ## Exercise 3.4 (2 points): the straight line
#
# Complete `euclidean(q, items)`, same shapes: the distance from the tip of the query to the tip of each item,
# $|q - x| = \left( \sum_i (q_i - x_i)^2 \right)^{1/2}$. Return the distance itself, although small means similar.
# `euclidean_distances` is switched off here.
#
# *Ask yourself first:* how many distances does a table of n items have?


# %% nbgrader={"grade": false, "grade_id": "euclidean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def euclidean(q, items):
    """Euclidean distance from one query (d,) to each item (n, d); returns (n,).

    >>> euclidean(np.array([0, 0]), np.array([[3, 4], [6, 8]]))
    array([ 5., 10.])
    """
    ### BEGIN SOLUTION
    return np.linalg.norm(np.asarray(items) - np.asarray(q), axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "euclidean-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("euclidean", euclidean)

# %% [markdown]
# ### The answer key
#
# The next cell takes your three functions (or the course's, while yours are on the way) to the three items.

# %% tags=["nbval-check-output"]
dot_, cosine_ = yours_or_ours(dot, "dot"), yours_or_ours(cosine, "cosine")
euclidean_ = yours_or_ours(euclidean, "euclidean")
print("           A      B      C")
print("dot      ", *(f"{score:5.0f} " for score in dot_(q, items)))
print("cosine   ", *(f"{score:5.3f} " for score in cosine_(q, items)))
print("distance ", *(f"{score:5.2f} " for score in euclidean_(q, items)))

# %% [markdown]
# How did you do? The dot product puts A first, 18 against 16 and 7, because A is long: its length makes up for a poor
# angle. The cosine puts C first with 0.990, because only directions count. The distance puts B first with 3.00, because
# its tip is nearest. Three rulers, three winners, and every order different: A, B, C; then C, B, A; then B, C, A.
#
# ## Exercise 3.5 (4 points): from scores to an order
#
# Complete `rank(q, items, measure, distance=False)`. `measure` is a function such as your `dot`: call it as
# `measure(q, items)`. Return the row numbers of **all** items, best first. Where `distance=True` a smaller number is
# better. Equal scores keep the order of the rows: the lower number comes first, in a table of any length. Equal means
# exactly equal; nearly equal scores are in order, too. The library's `top_k` is switched off here.
#
# *Ask yourself first:* what does your way of sorting do with two equal scores, and does it promise that?


# %% nbgrader={"grade": false, "grade_id": "rank", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rank(q, items, measure, distance=False):
    """Row numbers of the items, best first; returns (n,) whole numbers.

    >>> rank(np.array([4, 3]), np.array([[0, 6], [4, 0], [1, 1]]), euclidean, distance=True)
    array([1, 2, 0])
    """
    ### BEGIN SOLUTION
    scores = np.asarray(measure(q, items))
    return np.argsort(scores if distance else -scores, kind="stable")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "rank-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("rank", rank)

# %% [markdown]
# ## Exercise 3.6 (1 point): what does a longer arrow change?
#
# Write down what you expect, `"same"` or `"may change"`, for the **order** of the items in five cases. In the first three
# the query is doubled, $q \to 2q$, and the order is made by the dot product (`"dot"`), by the cosine (`"cosine"`) and by
# the distance (`"euclidean"`). In the last two one single item is made longer, and the order is made by the dot product
# (`"one longer item, dot"`) and by the cosine (`"one longer item, cosine"`).
#
# *Ask yourself first:* if every score is doubled, who is first?


# %% nbgrader={"grade": false, "grade_id": "scale-query", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scale_query():
    """Return a dictionary from the five cases to "same" or "may change"."""
    ### BEGIN SOLUTION
    return {
        "dot": "same",
        "cosine": "same",
        "euclidean": "may change",
        "one longer item, dot": "may change",
        "one longer item, cosine": "same",
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "scale-query-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("scale_query", scale_query)

# %% [markdown]
# ## Drag them
#
# The next cell makes the picture move, with **your** functions behind it (it says so where it has to use the course's).
# Drag any arrow by its tip, with the mouse or a finger; or press Tab until a tip is framed and use the arrow keys. The
# shaded region is where a fourth point would beat the present best: try each of the three.

# %%
plane = VectorPlane(q, items, names, measures={"dot": dot, "cosine": cosine, "euclidean": euclidean})
plane

# %% [markdown]
# Notice the three shapes. Under the dot product the winners' region is a **half-plane**: go far enough in the query's
# direction and you win. Under the cosine it is a **cone**: only the direction counts. Under the distance it is a
# **disc** round the tip of $q$: too far is as bad as too short.
#
# Three things to try. Drag A outwards, and then $q$ towards the origin: were your five answers right? Then drag C until it
# wins under two measures, and then under all three.
#
# ## Exercise 3.7 (3 points): win once
#
# Complete `make_item(q, others, winner)`. `others` are the points already there, `winner` is `"dot"`, `"cosine"` or
# `"euclidean"`. Return one new point of shape `(2,)` that comes first under that measure and **not** first under the
# other two. There are many right answers; a tie is no win, and a point may be as short or as long as you like, only not
# the origin. The check brings the three points and the query of the picture turned, mirrored, larger or smaller (up to
# ten times), and the points in any order, so build yours from `q` and `others`. In each of these pictures the three
# measures have three different winners, and the nearest of the three points is nearer to the tip of $q$ than the origin
# is. The measure's present winner is often a good start.
#
# *Ask yourself first:* in the figure, which part of the half-plane lies outside the cone and outside the disc?


# %% nbgrader={"grade": false, "grade_id": "make-item", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_item(q, others, winner):
    """One point (2,) that wins under `winner` alone, against others (n, 2)."""
    ### BEGIN SOLUTION
    if winner == "dot":  # lengthen the present winner: its angle stays poor
        return 10 * others[np.argmax(others @ q)]
    if winner == "cosine":  # exactly the right direction, but tiny
        return q / 1000
    nearest = others[np.argmin(np.linalg.norm(others - q, axis=1))]
    return nearest + (q - nearest) / 100  # a hair nearer than the nearest
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "make-item-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("make_item", make_item)

# %% [markdown]
# ## When the three must agree
#
# Bring every vector to length one, and the three rulers become one. The reason is a line of school algebra: for unit
# vectors $|q - x|^2 = |q|^2 - 2\langle q, x\rangle + |x|^2 = 2 - 2\langle q, x\rangle$, so that
#
# $$\tfrac{1}{2}\,|q - x|^2 = 1 - \langle q, x \rangle .$$
#
# The nearest item is then the most similar one. The *values* still differ: one goes up where the other goes down.
#
# This cell brings the three items to length one and ranks them with all three rulers.

# %% tags=["nbval-check-output"]
unit_q, unit_items = q / np.linalg.norm(q), items / np.linalg.norm(items, axis=1, keepdims=True)
order = yours_or_ours(rank, "rank")
for name, measure in (("dot", dot_), ("cosine", cosine_), ("euclidean", euclidean_)):
    best_first = order(unit_q, unit_items, measure, name == "euclidean")
    print(f"{name:<10}", "".join(names[i] for i in best_first))

# %% [markdown]
# Notice that all three now say C, B, A, the order of the cosine. So the quarrel between the rulers is a quarrel about
# **length**, and nothing else. In lesson 4 you will turn length up and down, like a volume.
#
# ## A ruler without a label
#
# A search service hands you numbers. Its page says "similarity", which is no ruler. The next cell asks one such service
# for A, B and C.

# %% tags=["nbval-check-output"]
mystery = CALLABLES["ruler_009"]
print(mystery(q, items).round(2))

# %% [markdown]
# Guess before you read on: is large good here? If it is, the order is C, B, A, and this is a cosine that counts in other
# units. If small is good, the order is A, B, C, and this is a dot product with a minus sign and something added. From
# these three numbers nobody can tell, since on our three items one order is the other turned round. It takes better
# probes than that.
#
# ## Exercise 3.8 (2 points): the mystery ruler
#
# Complete `mystery_ruler(measure)`. `measure(q, items)` takes a query of shape `(d,)` and items of shape `(n, d)`, for any
# d and n that you like, none of them zero, and returns n numbers. It gives the **order** of one of our three rulers, or
# that order turned round, and its numbers may be scaled, shifted or squared. Return two things:
#
# - the ruler whose order it gives: `"dot"`, `"cosine"` or `"euclidean"`. A service that brings its items to length one,
#   whatever it does afterwards, gives the order of the cosine;
# - `True` if a smaller number means more alike, else `False`.
#
# So `mystery_ruler(euclidean)` is `("euclidean", True)`. Compare numbers of one call only: some rulers divide by one length
# for the whole table.
#
# - **Far and tiny.** A shift may be up to ten million, a scale as small as $10^{-12}$ (not both at once), and numbers that
#   should be equal may differ in the last digits. So when is a difference none? Hold it against one that is there under all
#   three rulers.
#
# *Ask yourself first:* which item is worse than the query's own tip under all three rulers? And which one is better, equal
# or worse, each under another ruler?


# %% nbgrader={"grade": false, "grade_id": "mystery-ruler", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mystery_ruler(measure):
    """Return ("dot", "cosine" or "euclidean", whether smaller is better) for a function measure(q, items).

    >>> mystery_ruler(lambda q, items: 1 - items @ q)
    ('dot', True)
    """
    ### BEGIN SOLUTION
    q = np.array([1.0, 0.0])
    tip, longer, behind = measure(q, np.array([[1.0, 0.0], [3.0, 0.0], [-1.0, 0.0]]))
    smaller_is_better = bool(tip < behind)
    if abs(longer - tip) < 1e-6 * abs(tip - behind):
        return "cosine", smaller_is_better
    if smaller_is_better:
        tip, longer = -tip, -longer
    return ("dot" if longer > tip else "euclidean"), smaller_is_better
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mystery-ruler-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("mystery_ruler", mystery_ruler)

# %% [markdown]
# Now let your function say what the service is, and what two of its neighbours are.

# %% tags=["nbval-check-output"]
find_ruler = yours_or_ours(mystery_ruler, "mystery_ruler")
for name in ("ruler_009", "ruler_025", "ruler_033"):
    print(name, CALLABLES[name](q, items).round(2), *find_ruler(CALLABLES[name]))

# %% [markdown]
# The first is a cosine on which large is good. The second has negative numbers and small is good: a cosine again, since its
# items have length one inside. The third looks like a cosine, all numbers between 0 and 1, and is a distance: one over one
# plus it. Three probes along one line were enough: the query's own tip, one beyond it, one behind it.
#
# ## The pay-off: your rulers recommend films
#
# Now the same three functions on real people. The first cell makes the space of lesson 2 for MovieLens-100K: 20 numbers
# for each user and each film, from nothing but who rated what.

# %%
data = datasets.load()
seen = data.matrix()
users, films = factorization.truncated_svd(seen, 20)

# %% [markdown]
# The next cell writes `recommend`, which scores all films for one user with one of your measures and takes the ten best
# that the user has not rated. `top_k` sorts the scores and leaves out the films in `seen`. A distance goes in with a minus
# sign, so that larger is better everywhere.

# %%
RULERS = {"dot": dot_, "cosine": cosine_, "euclidean": lambda q, x: -euclidean_(q, x)}


def recommend(user, ruler, space=(users, films, seen), k=10):
    """Ids of the k best films that the user has not rated."""
    u, x, rated = space
    return retrieval.top_k(RULERS[ruler](u[user], x), k, seen=np.flatnonzero(rated[user]))


# %% [markdown]
# Predict before you run: the user with number 0 has rated 272 films. Which of the three lists will hold the films that
# everybody knows? The next cell prints five films of each list, with the number of people who rated them.

# %% tags=["nbval-check-output"]
counts = seen.sum(axis=0).astype(int)
print("user 0 rated", int(seen[0].sum()), "films")
for ruler in RULERS:
    five = recommend(0, ruler)[:5]
    print(f"\n{ruler}:", *(f"  {data.titles[film]}, rated by {counts[film]}" for film in five), sep="\n")

# %% [markdown]
# One user proves nothing, so we ask for all 943: how many people, on average, rated the films that each ruler recommends?
# An average film of the catalogue has 59. Commit yourself: write your three guesses into this cell.

# %%
my_guess = {"dot": 59, "cosine": 59, "euclidean": 59}

# %% [markdown]
# The next cell makes all the lists and puts the averages beside your guesses.

# %% tags=["nbval-check-output"]
lists = {ruler: np.array([recommend(user, ruler) for user in range(data.n_users)]) for ruler in RULERS}
print(f"a film of the catalogue was rated by {counts.mean():.0f} people on average")
for ruler, recommended in lists.items():
    print(f"a film recommended by {ruler:<9} by {counts[recommended].mean():.0f} (you guessed {my_guess[ruler]})")

# %% [markdown]
# Same space, same users, same films: the films recommended by the dot product were rated by 261 people on average, those
# by the cosine by 124, and those by the distance by 39, fewer than the 59 of an average film. The dot product rewards
# long vectors. Are the long vectors the popular films? The next cell prints how long the vectors are.

# %% tags=["nbval-check-output"]
length, popular = np.linalg.norm(films, axis=1), counts >= 100
print("median length")
print(f"  of the users                             {np.median(np.linalg.norm(users, axis=1)):.1f}")
print(f"  of the films with 100 ratings or more    {np.median(length[popular]):.1f}")
print(f"  of the other films                       {np.median(length[~popular]):.1f}")

# %% [markdown]
# Notice the medians. Of the films with 100 ratings or more, half are longer than 1.2, while half of the others are
# shorter than 0.3. The dot product is drawn to the long ones.
#
# ## How long is the nearest film?
#
# And the distance? One is tempted to say that a short film is near everybody. But write it out, as before:
# $|q - x|^2 = |q|^2 - 2\,|q|\,|x| \cos(q, x) + |x|^2$. In a given direction the cosine is fixed, and this is a parabola in
# the length $|x|$, with its lowest point at
#
# $$|x| = |q| \cos(q, x).$$
#
# So in each direction there is one best length, that of the query's shadow on it. A film that is longer loses, and a film
# that is shorter loses just so. The next cell draws it for three directions.

# %%
plots.show(plots.nearest_lengths(q))

# %% [markdown]
# Notice the right angles: the nearest item in a direction stands at the foot of the perpendicular from $q$. The three feet
# lie on one circle, and the wider the angle, the shorter is the best item.
#
# If that is so on films, too, then the distance gives each user films of *their own* length, times a cosine. Lengths of
# users differ, so the next cell sorts the users into thirds, from short to long, and prints median lengths.

# %% tags=["nbval-check-output"]
user_length, near = np.linalg.norm(users, axis=1), lists["euclidean"]
third = np.searchsorted(np.quantile(user_length, [1 / 3, 2 / 3]), user_length)
shadow = np.take_along_axis(users @ films.T, near, axis=1) / length[near]  # |q| cos of each film in a list
rows = {"users": user_length, "|q| cos": shadow} | {name: length[ten] for name, ten in lists.items()}
for what, x in rows.items():
    print(f"{what:<9}", *(f"{np.median(x[third == t]):.2f}" for t in range(3)), f"  all {np.median(x):.2f}")

# %% [markdown]
# The films that the distance recommends are not short: their median is 0.38, and that of the catalogue, as the next cell
# prints, 0.39. They are as long
# as the user's shadow: 0.18, 0.37 and 0.63 in the three thirds, beside 0.19, 0.36 and 0.71 for $|q|\cos$ and 0.42, 0.69 and
# 1.19 for the users themselves. Under the dot product and the cosine it is the other way: there the short users get the longest films.
# The next cell counts what that means for them.

# %% tags=["nbval-check-output"]
print(f"median length of a film of the catalogue: {np.median(length):.2f}")
print("median ratings of a user:", *(f"{np.median(seen.sum(axis=1)[third == t]):.0f}" for t in range(3)))
for ruler, ten in lists.items():
    print(
        f"people who rated what {ruler:<9} recommends:", *(f"{counts[ten[third == t]].mean():3.0f}" for t in range(3))
    )

# %% [markdown]
# A user who has rated little is a short vector, and the distance shows this user films that 15 people rated: the least
# known films to those about whom least is known. The dot product does the opposite, with 298. Whether that is good is
# another question, for lessons 4 and 9; that it is a *choice* is this lesson.
#
# ## The pitfall: a cosine that is none
#
# The commonest mistake in exercise 3.3 is to divide by `np.linalg.norm(items)` without an axis: one length for the whole
# table. The numbers then look like cosines, small and between -1 and 1. The next cell lets this false cosine recommend,
# and compares its lists with those of the other two.

# %% tags=["nbval-check-output"]
RULERS["false cosine"] = lambda q, x: x @ q / (np.linalg.norm(x) * np.linalg.norm(q))
false = np.array([recommend(user, "false cosine") for user in range(data.n_users)])
for ruler in ("dot", "cosine"):
    equal = np.mean(np.all(false == lists[ruler], axis=1))
    print(f"users whose ten films are those of {ruler}: {equal:.0%}")

# %% [markdown]
# For every single user, 100% of them, the false cosine gives exactly the list of the dot product, and for 0% that of the
# cosine. Dividing all scores of a user by one number changes no order. Nothing crashed and no number looked odd: a test
# such as "is the cosine of `x` and `10 * x` equal to 1?" is what finds it, and so does your `mystery_ruler`.

# %% [markdown]
# ## And elsewhere?
#
# All this was one catalogue. A second one is MovieLens latest-small of 2016, with 671 users and 9,066 films. The next
# cell makes the same space of 20 numbers for it, and the lists of all three rulers. It takes a short cut to the SVD, by
# the small table of users by users: the usual way would take half a minute.

# %%
other = datasets.load_another()
rated = other.matrix()
squares, vectors = np.linalg.eigh(rated @ rated.T)  # the squared singular values, ascending
their_users = vectors[:, -20:] * squares[-20:] ** 0.25  # U sqrt(S)
there = (their_users, rated.T @ their_users / squares[-20:] ** 0.5, rated)  # the middle one is V sqrt(S)
theirs = {r: np.array([recommend(user, r, there) for user in range(other.n_users)]) for r in lists}

# %% [markdown]
# Now the three rulers on both. *Rare* are the films with no more raters than the rarest quarter of the catalogue has: 6
# here, 1 there. The two numbers behind "best cosines" are what half of the users find at least among the rare films,
# and among all others.

# %% tags=["nbval-check-output"]
for where, (u, x, table), tens in (("here", (users, films, seen), lists), ("there", there, theirs)):
    c, cosines = table.sum(axis=0), cosine_scores(u, x)
    rare = c <= np.quantile(c, 0.25)
    best = (np.median(cosines[:, some].max(axis=1)) for some in (rare, ~rare))
    print(where, rare.sum(), "rare, best cosines {:.2f} {:.2f}".format(*best))
    print(*(f"  {r:<9} {c[t].mean():3.0f} raters, {rare[t].mean():3.0%} rare" for r, t in tens.items()), sep="\n")

# %% [markdown]
# The order of the three carries over: films recommended by the dot product have most raters, then the cosine, then the
# distance. What flips is who digs up the rare films. Here cosine and distance do so about alike, in 10% and 13% of their
# places; there the cosine fills 32% of its places with films that one single person rated, and the distance 2%. One
# reason is in the first number of each pair: there are seven times as many rare films, and among so many one has a good
# angle by chance. Half of the users find one with a cosine of 0.88 or more, as good as among all other films (0.87); here
# it was 0.57 against 0.79. So "the cosine finds a middle way" is a fact about MovieLens-100K, and no law.

# %% [markdown]
# ## On Monday: the index at work
#
# Somewhere in your company a **vector index** holds the items and answers with the nearest. Five steps, half an hour:
#
# 1. *Find its ruler.* Put three items into an empty test collection, the tip, one beyond and one behind, and let your
#    `mystery_ruler` ask. Do not go by names: the inner product of hnswlib is one minus the dot product, the distance of faiss's
#    flat L2 index is squared, and pgvector's `<#>` is the dot product with a minus sign, so that in all three small means near
#    or large means near by convention, not by ruler.
# 2. *Find the model's ruler.* Which number did the training push up, the dot product or the cosine? Almost always it is the
#    dot product.
# 3. *Compare the two.* If they differ, take a hundred users, rank all items exactly with the model's ruler, and count how
#    many of those ten the index finds. That number goes into the ticket.
# 4. *Look for a hidden normalisation.* Many pipelines bring vectors to length one "to be safe". After that all three rulers
#    say what the cosine says, and whatever the lengths knew is gone for good: keep the length in a column of its own.
# 5. *Ask who pays.* Print who gets which films, by the length of the user, as you did above: an average hides the third of
#    the users with the shortest vectors.
#
# Lesson 10 does this with a real index, and shows how one ruler can be made to give another's order.

# %% [markdown]
# ## Say why (3 points, read by a person)
#
# An app has two screens. One says **more like this film**: the query is a film the visitor is looking at. The other says
# **what to see next**: the query is the visitor. Which measure would you choose for each, and why? What would go wrong
# with your choice, and for whom? Use at least two numbers from this lesson. Five to eight sentences.

# %% [markdown] nbgrader={"grade": true, "grade_id": "which-measure-why", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **Rubric.** One point for a measure for each screen with a reason that speaks of length and angle, not of taste: for
# instance the cosine for "more like this", since the length of the film on the screen and of its neighbours should not
# decide, and the dot product for "see next", since popularity is information when little else is known. One point for
# saying what goes wrong and for whom: the dot product shows everybody the same well-known films (261 ratings on
# average) and hides the rest; the cosine brings films that few can vouch for (124); the distance would bring obscure
# ones (39), and the most obscure ones (15) to users with short vectors, since the nearest film is as long as the user's
# shadow. One point for using two numbers correctly. Other choices earn full points if argued this way; "cosine is
# always better" earns none of the first two.

# %% [markdown]
# Nobody reads your paragraph? Compare it with this one, after you have written yours.
#
# <details><summary>One answer of several that would earn full points</summary>
#
# *More like this film.* I would take the cosine. The query is a film, and its length says how many people rated it, not
# what it is like; with the dot product the longest films would stand beside every film, so that a thousand different pages
# would show the same row. What goes wrong: an angle can be excellent by chance. The films that the cosine recommends were
# rated by 124 people on average, less than half of the dot product's 261, and a visitor may find something beside the film
# that three people have ever seen. I would ask for a least number of ratings.
#
# *What to see next.* I would take the dot product. About a new visitor we know little, and that many people liked a film is
# then the best thing to know. What goes wrong: everybody gets the same films, and whoever has an unusual taste gets them,
# too; makers of lesser-known films are never shown. I would not take the distance for either: it gives the visitors with
# the shortest vectors, of whom we know least, films that 15 people rated.
#
# Ask of your own answer: does each screen have a reason that speaks of length and angle? Do you say who loses? Are two of
# your numbers printed above?
#
# </details>

# %% [markdown]
# How far have you come? The next cell adds up the points that your checks gave since the notebook was started.

# %%
from recsys_lib.checks.course_progress import lesson_progress

lesson_progress(3, "predict_ranking dot cosine euclidean rank scale_query make_item mystery_ruler")

# %% [markdown]
# ## Recap
#
# **You have**
#
# - computed dot product, cosine and Euclidean distance of one query with a whole table of items;
# - said which item each of them would choose, before computing it;
# - made a point that wins under one measure and under no other;
# - shown when the three must agree: when every vector has length one; where they do not, the nearest item in a direction is
#   $|q| \cos$ long;
# - found out by probing which ruler a function of unknown make uses, and which way it sorts.
#
# **New words**
#
# - *similarity measure*: a function of two embeddings; larger means more alike.
# - *dot product*: the sum of the products of matching coordinates; length times length times cosine.
# - *cosine*: the dot product of the two directions; does not know lengths.
# - *Euclidean distance*: the length of the straight line between two tips; smaller means more alike.
# - *norm*: the length of a vector.
# - *ranking*: the items in order, best first, with a stated rule for ties.
#
# **Read** Rendle, Krichene, Zhang and Anderson, *Neural Collaborative Filtering vs. Matrix Factorization Revisited*
# (RecSys 2020), for how well a plain dot product does; Steck, Ekanadham and Kallus, *Is Cosine-Similarity of Embeddings
# Really About Similarity?* (WWW Companion 2024), for what even a right cosine can hide.
#
# **Try** a fourth item that wins under exactly two measures. Can you find one for every pair? And in the film space: who
# are the ten neighbours of your favourite film under each ruler?
