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
# # Lesson 4. Turn one dial from cosine to dot product
#
# **You will** build a similarity measure with a dial on it, watch three items change places as it turns, and then turn
# it on real films and read off what each turn costs.
#
# **After this lesson you can**
#
# - score items at any point between the cosine and the dot product;
# - calculate where on the dial two items change places, and show that they do so at most once;
# - translate between two ways of writing the dial, and test which one you have in front of you;
# - say what a longer vector does to an item at an acute, a right and an obtuse angle;
# - find the settings that no other one beats, choose one of them by a rule, and name its price.
#
# **You need** lesson 3 and logarithms from school. **Time:** 60 minutes. **Points:** 14.

# %% [markdown]
# This cell loads what the lesson needs. Run it first.

# %%
import numpy as np

from recsys_lib import datasets, metrics, plots
from recsys_lib.checks import check, yours_or_ours
from recsys_lib.factorization import truncated_svd
from recsys_lib.retrieval import top_k
from recsys_lib.similarity import norm_power_scores
from recsys_lib.splits import per_user_75_25
from recsys_lib.widgets import NormDial, NormDialFilms

# %% [markdown]
# ## A measure with a dial
#
# In lesson 3 the dot product chose A, the longest item, and the cosine chose C, the one with the best angle. For films
# that is a hard choice. A film that many people watched tends to get a long vector, so the dot product pushes what is
# popular anyway, and the cosine acts as if popularity told you nothing. Often you want something in between.
#
# The two differ in one thing, the lengths: $\langle q, x \rangle = |q|\,|x| \cos(q, x)$. So give the lengths an exponent:
#
# $$s_\alpha(q, x) = |q|^\alpha \, |x|^\alpha \cos(q, x), \qquad 0 \le \alpha \le 1.$$
#
# The exponent $\alpha$ is the dial. At $\alpha = 1$ this is the dot product. At $\alpha = 0$ every length becomes
# $|x|^0 = 1$ and the cosine is left. Half-way, an item that is four times as long scores twice as high at the same angle.
#
# ## Exercise 4.1 (4 points): build the dial
#
# Complete `norm_power(q, items, alpha)`: `q` has shape `(d,)`, `items` has shape `(n, d)`, `alpha` is a number from 0 to 1,
# and the result has shape `(n,)`. Two rules:
#
# - **Zero vectors.** Below `alpha = 1` the score cannot be had without an angle, and a vector of zeros has none: raise
#   a `ValueError` if the query or any item is zero (a short one is not). At exactly `alpha = 1` the score is the dot
#   product, which needs no angle: return that, without an error.
# - **Leave the inputs alone.** After the call, `q` and `items` hold what they held before. They may hold whole numbers;
#   the scores need not be whole.
#
# `norm_power_scores` is switched off here.
#
# *Ask yourself first:* which two functions of lesson 3 should come out at the two ends? Those are your first tests.


# %% nbgrader={"grade": false, "grade_id": "norm-power", "locked": false, "schema_version": 3, "solution": true, "task": false}
def norm_power(q, items, alpha):
    """Score each item (n, d) for the query (d,) with |q|^alpha |x|^alpha cos(q, x); returns (n,).

    >>> norm_power(np.array([3, 4]), np.array([[4, 3], [12, 16]]), 0.5)
    array([ 4.8, 10. ])
    """
    ### BEGIN SOLUTION
    lengths = np.linalg.norm(items, axis=1) * np.linalg.norm(q)
    if alpha == 1:
        return items @ q
    if np.any(lengths == 0):
        raise ValueError("a zero vector has no direction, so below alpha = 1 it has no score")
    cosines = items @ q / lengths
    return lengths**alpha * cosines
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "norm-power-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("norm_power", norm_power)

# %% [markdown]
# ## Guess, then turn
#
# At one end the order of the three items is CBA, at the other it is ABC. What is it half-way: one of these two, or
# something else? Write your guess into the next cell before you run on.

# %%
my_guess = "CBA"  # the order at alpha = 0.5, best item first

# %% [markdown]
# From now on `dial` is your function, or the course's as long as yours is not right. The next cell turns it through five
# settings.

# %% tags=["nbval-check-output"]
dial = yours_or_ours(norm_power, "norm_power")
q, items, names = datasets.three_items()
for alpha in (0, 0.25, 0.5, 0.75, 1):
    scores = dial(q, items, alpha)
    order = "".join(names[i] for i in np.argsort(-scores))
    print(f"alpha {alpha:.2f}   A {scores[0]:6.3f}   B {scores[1]:6.3f}   C {scores[2]:6.3f}   order {order}")

# %% [markdown]
# Half-way the order is BAC, which is neither that of the cosine nor that of the dot product. B comes first from 0.25 to
# 0.5, although it wins under neither end. So the dial does not just fade one list into the other: on the way it finds
# winners of its own. Was your guess right?
#
# ## Straight lines
#
# Where exactly do the items change places? Take the logarithm of the score (possible while the cosine is positive):
#
# $$\log s_\alpha(q, x) = \underbrace{\log \cos(q, x)}_{\text{start}} + \alpha \, \underbrace{\log (|q|\,|x|)}_{\text{slope}}.$$
#
# As a function of $\alpha$ this is a straight line. The angle decides where it starts, the product of the lengths how
# steeply it climbs. The next cell tests that on A, B and C: on a straight line, the first half of the way climbs as much
# as the second.

# %% tags=["nbval-check-output"]
logs = np.log([dial(q, items, alpha) for alpha in (0, 0.5, 1)])
print("climb from 0 to 0.5      ", (logs[1] - logs[0]).round(3))
print("climb from 0.5 to 1      ", (logs[2] - logs[1]).round(3))
print("half the log norm product", (np.log([np.linalg.norm(q) * np.linalg.norm(x) for x in items]) / 2).round(3))

# %% [markdown]
# All three rows are equal: A climbs 1.701 in each half, B 1.498 and C 0.978. Two straight lines with different slopes
# meet in one point and never again. So **any two items change places at most once** on the whole dial, however many
# dimensions they have. (Two items behind the query, with negative scores: the same, by the logarithm of the scores'
# size. One in front and one behind: never, since no power of a length turns a sign.)
#
# ## Exercise 4.2 (3 points): where they cross
#
# Complete `crossing_alpha(q, x, y)` for three vectors of shape `(d,)`, none of them zero. Return the `alpha` strictly
# between 0 and 1 at which `x` and `y` have the same score. Return `None` if there is no such place to show:
#
# - the lines meet outside the dial, at 0 or below, at 1 or above;
# - the items have equal norms, so that the lines are parallel, or one and the same line;
# - either item, or both, are at a right or an obtuse angle with `q`. A score that is not positive has no logarithm. (Two
#   items behind the query may change places, too, but so far down the list that nobody sees it. We settle for `None`.)
#
# Find a formula, do not search: set the two straight lines equal and solve for $\alpha$ on paper.
#
# *Ask yourself first:* if `x` has the better angle, which of the two must be longer for the lines to cross on the dial?


# %% nbgrader={"grade": false, "grade_id": "crossing-alpha", "locked": false, "schema_version": 3, "solution": true, "task": false}
def crossing_alpha(q, x, y):
    """Where on the dial items x and y (d,) score the same for the query q (d,): a float in (0, 1), or None.

    >>> round(crossing_alpha(np.array([4, 3]), np.array([0, 6]), np.array([1, 1])), 3)
    0.346
    """
    ### BEGIN SOLUTION
    norm_x, norm_y = np.linalg.norm(x), np.linalg.norm(y)
    # the query's norm is in both cosines and cancels in their ratio
    start_x, start_y = q @ x / norm_x, q @ y / norm_y
    if start_x <= 0 or start_y <= 0 or norm_x == norm_y:
        return None
    alpha = np.log(start_x / start_y) / np.log(norm_y / norm_x)
    return float(alpha) if 0 < alpha < 1 else None
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "crossing-alpha-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("crossing_alpha", crossing_alpha)

# %% [markdown]
# Now let it find all crossings of the three items, and print the order just behind each of them.

# %% tags=["nbval-check-output"]
crossing = yours_or_ours(crossing_alpha, "crossing_alpha")
for first, second in ((1, 2), (0, 2), (0, 1)):
    at = crossing(q, items[first], items[second])
    order = "".join(names[i] for i in np.argsort(-dial(q, items, at + 0.001)))
    print(f"{names[first]} and {names[second]} change places at alpha {at:.3f}: from there on {order}")

# %% [markdown]
# The whole story of the dial is in these three numbers. The order starts as CBA and goes to BCA at 0.205, to BAC at
# 0.346 and to ABC at 0.710. Three pairs, three crossings: more orders than these four cannot be had.
#
# Turn it yourself. The next cell draws the three lines with your functions; drag the dial and watch the list.

# %%
NormDial(norm_power, q, items, names, crossing_alpha=crossing_alpha)

# %% [markdown]
# If nothing moves (a printed page, a preview), here is the same as a picture. C starts highest because its angle is best,
# and A climbs fastest because it is longest.

# %%
plots.show(plots.norm_dial(dial, q, items, names))

# %% [markdown]
# ## The factor that changes nothing
#
# The formula also holds $|q|^\alpha$. The next cell makes the query ten times as long and looks at what that does.

# %% tags=["nbval-check-output"]
for alpha in (0, 0.5, 1):
    short, long = dial(q, items, alpha), dial(10 * q, items, alpha)
    same = np.array_equal(np.argsort(-short), np.argsort(-long))
    print(f"alpha {alpha}: scores times {(long / short).round(3)}, same order: {same}")

# %% [markdown]
# All scores of one query are multiplied by the same number, so **the query's length never changes a ranking**. It is in
# the formula so that the end at $\alpha = 1$ is the dot product exactly. Only $|x|$, which differs from item to item, can
# make items change places.
#
# ## Exercise 4.3 (1 point): the same dial, written the other way
#
# Other texts write the dial as
#
# $$\frac{\langle q, x \rangle}{|x|^a}$$
#
# and it is just as good, but its scale is not ours. The scores need not be equal, only their order must be: the query's
# length, as you have just seen, plays no part in that. Complete `other_convention(alpha)`: which $a$ ranks the items of a
# query as our dial does at `alpha`, from 0 to 1?
#
# *Ask yourself first:* what does each of the two formulas do to an item that is twice as long?


# %% nbgrader={"grade": false, "grade_id": "other-convention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def other_convention(alpha):
    """The exponent a for which <q, x> / |x|^a ranks items as our dial does at alpha; alpha from 0 to 1."""
    ### BEGIN SOLUTION
    return 1 - alpha
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "other-convention-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("other_convention", other_convention)

# %% [markdown]
# The next cell compares both ways of writing on our three items, at a hundred and one settings of the dial.

# %% tags=["nbval-check-output"]
convert = yours_or_ours(other_convention, "other_convention")
equal = 0
for alpha in np.linspace(0, 1, 101):
    divided = items @ q / np.linalg.norm(items, axis=1) ** convert(alpha)
    equal += np.array_equal(np.argsort(-divided), np.argsort(-dial(q, items, alpha)))
print(f"same order at {equal} of 101 settings")

# %% [markdown]
# The same order everywhere: two ways of writing, one dial, turned in opposite directions. At $a = 0$ nothing is divided
# out, which is the dot product; at $a = 1$ the item's length is gone, and what is left is $|q|$ times the cosine. Keep that
# in mind for the pitfall below.
#
# ## Exercise 4.4 (1 point): is longer always better?
#
# Two items lie in the same direction. The *short* one has norm 1, the *long* one has norm 5. Which of them scores higher?
# Answer from the formula, without running anything: for each kind of angle with the query (acute, right, obtuse) and each
# setting of the dial write `"long"`, `"short"` or `"tie"`.
#
# *Ask yourself first:* what are the two scores at each setting if the cosine is 0.5? And for which cosines must you ask
# again?


# %% nbgrader={"grade": false, "grade_id": "obtuse-order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def obtuse_order():
    """Return a dictionary with the nine keys below, each with "long", "short" or "tie".

    "acute, alpha 0"    "acute, alpha 0.5"    "acute, alpha 1"
    "right, alpha 0"    "right, alpha 0.5"    "right, alpha 1"
    "obtuse, alpha 0"   "obtuse, alpha 0.5"   "obtuse, alpha 1"
    """
    ### BEGIN SOLUTION
    return {
        "acute, alpha 0": "tie",
        "acute, alpha 0.5": "long",
        "acute, alpha 1": "long",
        "right, alpha 0": "tie",
        "right, alpha 0.5": "tie",
        "right, alpha 1": "tie",
        "obtuse, alpha 0": "tie",
        "obtuse, alpha 0.5": "short",
        "obtuse, alpha 1": "short",
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "obtuse-order-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("obtuse_order", obtuse_order)

# %% [markdown]
# When you have answered, let the dial answer too. Each bracket holds the score of the short item, then of the long one.

# %%
east = np.array([1.0, 0.0])
for angle, towards in (("acute", (0.6, 0.8)), ("right", (0, 1)), ("obtuse", (-0.6, 0.8))):
    pair = np.outer([1, 5], towards)
    print(f"{angle:6}", *(f"  alpha {alpha}: {dial(east, pair, alpha).round(2)}" for alpha in (0, 0.5, 1)))

# %% [markdown]
# "The longer the vector, the higher the score" holds in front of the query only. Behind it, at an obtuse angle, a long
# vector sinks deeper.
#
# ## On real films
#
# Now the dial meets MovieLens. We use the split `per_user_75_25` with seed 0, which hides a quarter of each user's
# ratings, and the space of lesson 2 with 20 numbers a film, made from the other three quarters alone. Working out the space
# takes a few seconds.

# %% tags=["nbval-check-output"]
data = datasets.load()
train_rows, test_rows = per_user_75_25(data, seed=0)
train, test = data.matrix(train_rows), data.matrix(test_rows) > 0
users, films = truncated_svd(train, 20)
counts = train.sum(axis=0)
print(f"{data.n_users} users, {data.n_items} films, {np.sum(~films.any(axis=1))} of them without a direction")

# %% [markdown]
# Notice the 34 films without a direction. All their ratings are hidden, so the space puts them at exactly zero, and no
# measure that needs an angle can score them. Your `norm_power` refuses them, as it should. Before it sees the films,
# we leave these out.
#
# And is an obtuse angle, as in exercise 4.4, a thing that happens? Count the pairs of a user and a film that are at one.

# %% tags=["nbval-check-output"]
cosines = norm_power_scores(users, films, 0, zero="last")
print(f"{np.mean(cosines[np.isfinite(cosines)] < 0):.0%} of all pairs have a negative cosine")

# %% [markdown]
# More than a third, 37%: for most users there are hundreds of films behind them, and among those a longer vector is a
# handicap. None of them reaches a top ten in what follows, which is about films in front.
#
# Here is what one user would be shown at three settings. The number is how many ratings a film has in the training part.

# %% tags=["nbval-check-output"]
user = 150
known = np.flatnonzero(films.any(axis=1) & (train[user] == 0))  # films with a direction, new to this user
for alpha in (0, 0.5, 1):
    best = known[np.argsort(-dial(users[user], films[known], alpha))[:4]]
    print(f"alpha {alpha}", *(f"{counts[i]:5.0f}  {data.titles[i]}" for i in best), sep="\n")

# %% [markdown]
# At 0 *Golden Earrings* makes the list with two ratings: a few viewers of the right taste are enough for a good angle. At
# 0.5 and at 1 the same four well-known films lead, and the dial decides whether *Clueless* is first or fourth.
#
# The next cell draws 300 films for this user, evenly spread from the best known to the least known. The colour is the
# popularity. Turn the dial from 0 to 1 and see which side of the picture the list comes from.

# %%
by_count = known[np.argsort(-counts[known], kind="stable")]
some = by_count[np.linspace(0, len(by_count) - 1, min(300, len(by_count))).astype(int)]
titles = [data.titles[i] for i in some]
NormDialFilms(norm_power, users[user], films[some], titles, counts[some], who=f"user {user}")

# %% [markdown]
# The same as a picture, at one setting: whatever lies to the right of the curve is in the top ten. At $\alpha = 0$ the
# curve would be upright, since only the cosine would count; with a larger $\alpha$ it leans, and length buys a place.

# %%
plots.show(plots.norm_dial_films(dial, users[user], films[some], titles, counts[some], alpha=0.5))

# %% [markdown]
# ## What a turn costs
#
# One user proves nothing. The next cell makes a list of ten for each of the 943 users at five settings. For a whole table
# of users it uses the library's `norm_power_scores`. Its `zero="last"` gives films without a direction the score minus
# infinity, so that no list holds them.

# %%
alphas = np.array([0, 0.25, 0.5, 0.75, 1])
lists = []
for alpha in alphas:
    scores = norm_power_scores(users, films, alpha, zero="last")
    lists.append(top_k(scores, 10, seen=train > 0))

# %% [markdown]
# Three measurements for each setting. **nDCG@10** says how good the lists are: 1 if every list holds as many of the
# user's hidden films as it can, and first; 0 if no list holds any. A hit at place p counts $1 / \log_2(p + 1)$, so the
# nearer it is to the top, the more (you will build it in lesson 9). **Coverage** is the share of the catalogue that
# appears in at least one list. **Popularity** is the mean number of training ratings of the films shown.

# %% tags=["nbval-check-output"]
quality = np.array([metrics.ndcg_at_k(ten, test) for ten in lists])
breadth = np.array([metrics.coverage(ten, data.n_items) for ten in lists])
fame = np.array([metrics.average_popularity(ten, counts) for ten in lists])
for row in zip(alphas, quality, breadth, fame, strict=True):
    print("alpha {:.2f}   nDCG {:.3f}   coverage {:.2f}   popularity {:3.0f}".format(*row))
print(f"a film of the catalogue has {counts.mean():.0f} ratings on average")

# %% [markdown]
# The dial moves everything at once. From the cosine to the dot product, nDCG climbs from 0.250 to 0.467, coverage falls
# from 0.69 to 0.22, and the films shown have 221 instead of 96 ratings on average. The next cell draws the two that
# pull against each other.

# %%
plots.show(plots.trade_off({"V sqrt(S)": (quality, breadth)}, alphas))

# %% [markdown]
# Good and broad is up and to the right, and there the dial never gets. Each point is a way to trade one for the other.
# But is each of them worth considering?
#
# ## Exercise 4.5 (2 points): the settings that none beats
#
# One setting **beats** another if it is at least as good in both, quality and coverage, and better in at least one of
# them. Whoever may choose freely never chooses a beaten one. What is left is called the **Pareto front**. Complete
# `pareto_front(quality, coverage)`: two arrays of shape `(m,)`, one entry for each setting, in any order, larger is
# better in both. Return m truth values, `True` for each setting that none beats. Settings that are equal in both do not
# beat each other. Compare exactly: better by a hair is better.
#
# *Ask yourself first:* can the setting with the worst quality of all be on the front?


# %% nbgrader={"grade": false, "grade_id": "pareto-front", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pareto_front(quality, coverage):
    """Which settings no other one beats; arrays of shape (m,); returns (m,) truth values.

    >>> pareto_front(np.array([0.25, 0.5, 0.375]), np.array([0.75, 0.5, 0.25]))
    array([ True,  True, False])
    """
    ### BEGIN SOLUTION
    front = []
    for good, wide in zip(quality, coverage, strict=True):
        at_least = (quality >= good) & (coverage >= wide)
        better = (quality > good) | (coverage > wide)
        front.append(not np.any(at_least & better))
    return np.array(front)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "pareto-front-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("pareto_front", pareto_front)

# %% [markdown]
# Which of our five settings are on the front? The next cell asks your function, and then looks at single turns: what
# does each buy, and what does it cost?

# %% tags=["nbval-check-output"]
front = yours_or_ours(pareto_front, "pareto_front")
print("on the front:", *alphas[np.array(front(quality, breadth))])
for start, end in ((4, 3), (4, 2), (1, 0)):
    gain, loss = breadth[end] / breadth[start] - 1, 1 - quality[end] / quality[start]
    print(f"alpha {alphas[start]:.2f} -> {alphas[end]:.2f}: coverage +{gain:.0%}, nDCG -{loss:.1%}")

# %% [markdown]
# All five are on the front, so none may be thrown out, and only the price can decide. Half a turn away from the dot
# product buys 60% more coverage for 5.8% of the nDCG. The last quarter, down to the cosine, buys 52% more and costs
# 36.0%. The first turn is cheap and the last one is dear. Neither is right or wrong: it depends on what a shop, a
# library or a film club wants to pay.
#
# ## The pitfall: a dial turned the wrong way
#
# A colleague reads in a paper "we use $a = 0.25$" and types 0.25 into our `norm_power_scores`. The paper divides by
# $|x|^a$. The next cell compares what the paper meant with what the colleague gets.

# %% tags=["nbval-check-output"]
for label, alpha in (("meant", convert(0.25)), ("typed", 0.25)):
    row = int(np.argmin(np.abs(alphas - alpha)))
    cost = f"nDCG {quality[row]:.3f}, coverage {breadth[row]:.2f}, popularity {fame[row]:.0f}"
    print(f"{label}: alpha {alpha:.2f}, {cost}")

# %% [markdown]
# The paper meant 0.75 on our dial. The colleague loses a good part of the nDCG, 0.391 instead of 0.460, and will report
# that the paper cannot be reproduced. Nothing crashes, and the lists look like lists. The test takes a line: which end
# equals the dot product? Run it whenever you meet an exponent called alpha. (At one half both ways agree, so never test
# there.)
#
# ## Exercise 4.6 (3 points): choose a setting
#
# On a front one needs a rule. "As broad as possible, as long as the lists are good enough" is a rule that one can write
# down. Complete `broadest_alpha(alphas, quality, coverage, least_quality)`. The first three are arrays of shape `(m,)`,
# one entry for each setting that was measured, in any order.
#
# - Return the `alpha` with the largest coverage among those whose quality is at least `least_quality`.
# - If two of them have the same coverage, the one with the better quality wins.
# - If none is good enough, raise a `ValueError` whose message says so. (NumPy raises one of its own for the largest of
#   nothing; it passes the check, but its message would puzzle the caller.)
#
# *Ask yourself first:* if you throw rows out, does position 0 still mean the same row?


# %% nbgrader={"grade": false, "grade_id": "broadest-alpha", "locked": false, "schema_version": 3, "solution": true, "task": false}
def broadest_alpha(alphas, quality, coverage, least_quality):
    """The alpha of largest coverage whose quality is at least least_quality; arrays of shape (m,); returns a float.

    >>> broadest_alpha(np.array([0.25, 0.75]), np.array([0.5, 0.625]), np.array([0.5, 0.25]), 0.5)
    0.25
    """
    ### BEGIN SOLUTION
    good = np.flatnonzero(quality >= least_quality)
    if len(good) == 0:
        raise ValueError(f"no setting reaches a quality of {least_quality}; the best is {max(quality)}")
    best = max(good, key=lambda row: (coverage[row], quality[row]))
    return float(alphas[best])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "broadest-alpha-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("broadest_alpha", broadest_alpha)

# %% [markdown]
# Three shops with three demands on the nDCG ask your function.

# %% tags=["nbval-check-output"]
choose = yours_or_ours(broadest_alpha, "broadest_alpha")
for least in (0.38, 0.42, 0.45):
    print(f"nDCG of at least {least}: alpha {choose(alphas, quality, breadth, least):.2f}")

# %% [markdown]
# The shops end at 0.25, at 0.5 and at 0.75. The setting follows from the demand, and there is none that suits all. A shop
# that insists on 0.5 gets your `ValueError`, and that is good news for it: better to hear it now than from its visitors.
# (One caution: we chose on the very ratings with which we measured, which flatters the choice. Lesson 9 does it properly.)
#
# ## No free lunch
#
# Is the dot product at least the best setting if all you want is good lists? That depends on what you call good. The next
# cell counts with recall@10, the share of a user's hidden films that the list finds: first of all hidden films, then only
# of those that are not among the 100 best-known films.

# %% tags=["nbval-check-output"]
lesser_known = test.copy()
lesser_known[:, np.argsort(-counts, kind="stable")[:100]] = False
for alpha, ten in zip(alphas, lists, strict=True):
    found, found_lesser = metrics.recall_at_k(ten, test), metrics.recall_at_k(ten, lesser_known)
    print(f"alpha {alpha:.2f}   recall of all {found:.3f}   of the lesser known {found_lesser:.3f}")

# %% [markdown]
# For all hidden films the dot product is best, with 0.218. For the lesser-known ones it is the worst of the five with
# 0.069, and the best setting is 0.25, with 0.120. So **the best setting depends on the metric**.
#
# It depends on the model as well. Our space is $U\sqrt{S}$ for the users and $V\sqrt{S}$ for the films: the singular
# values $S$ are shared fairly. One could as well give $S$ to the users altogether, or to the films. Every dot product stays
# the same, since what one side gets the other side lacks. The next cell runs the dial on the other two.

# %%
sizes = np.sum(films**2, axis=0)  # the columns of V sqrt(S) have squared length S
models = {"V sqrt(S)": (quality, breadth)}
for name, power in (("V", -0.5), ("V S", 0.5)):
    tables = (norm_power_scores(users / sizes**power, films * sizes**power, alpha, zero="last") for alpha in alphas)
    tens = [top_k(table, 10, seen=train > 0) for table in tables]
    models[name] = np.transpose([(metrics.ndcg_at_k(t, test), metrics.coverage(t, data.n_items)) for t in tens])

# %% [markdown]
# Look at both ends and at the middle first.

# %% tags=["nbval-check-output"]
for name, (good, _) in models.items():
    print(f"films as {name:9}  nDCG at 0, 0.5 and 1:", *(f"{x:.3f}" for x in good[::2]))

# %% [markdown]
# At the dot product all three models are one and the same, 0.467. At the cosine they reach 0.308, 0.250 and 0.102:
# lengths and angles have changed although no prediction has. The next cell draws all fifteen settings, and asks your
# function for those that another one beats: they would be hollow.

# %%
plots.show(plots.trade_off(models, alphas, front=front))

# %% [markdown]
# None is hollow. And look how the three lie: nearly on one curve. How much coverage is to be had for how much nDCG
# hardly depends on where $S$ went, but how far *one turn* goes along the curve does: $V S$ at one half stands where
# $V\sqrt{S}$ stands between 0.25 and one half, and the three cosines lie far apart. So a number on the dial is a
# property of the model, and no number of this page carries over to yours; lesson 8 returns to this surprise. Measure,
# draw, then turn.

# %% [markdown]
# ## And elsewhere?
#
# One more catalogue: MovieLens latest-small of 2016, 671 users and 9,066 films, with the same split and again 20 numbers a
# film. The next cell makes the space, by the small table of users by users, which saves half a minute, and turns the dial.

# %%
other = datasets.load_another()
train2, test2 = (other.matrix(rows) > 0 for rows in per_user_75_25(other, seed=0))
squares, vectors = np.linalg.eigh(1.0 * train2 @ train2.T)  # the squared singular values, ascending
u = vectors[:, -20:] * squares[-20:] ** 0.25  # U sqrt(S)
v = train2.T @ u / squares[-20:] ** 0.5  # V sqrt(S)
lists2 = [top_k(norm_power_scores(u, v, alpha, zero="last"), 10, seen=train2) for alpha in alphas]

# %% [markdown]
# Now the table, and what your function says of it.

# %% tags=["nbval-check-output"]
there = np.transpose([(metrics.ndcg_at_k(ten, test2), metrics.coverage(ten, other.n_items)) for ten in lists2])
for alpha, good, wide, kept in zip(alphas, *there, front(*there), strict=True):
    print(f"alpha {alpha:.2f}   nDCG {good:.3f}   coverage {wide:.3f}   {'on the front' if kept else 'beaten'}")

# %% [markdown]
# Coverage falls all along the dial, as before, and the first quarter away from the cosine is by far the largest step in
# nDCG. But the dot product is beaten: a quarter of a turn less is better *and* broader. The next cell shows it.

# %%
plots.show(plots.trade_off({"there": there}, alphas, front=front))

# %% [markdown]
# Is that luck? The next cell prints by how much the last quarter
# changes the nDCG, user by user, on both catalogues: the mean and, behind +-, twice its standard error.


# %% tags=["nbval-check-output"]
def each_user(ten, hidden):
    """nDCG@10 of each user who has hidden films."""
    return np.array([metrics.ndcg_at_k(ten[[i]], hidden[[i]]) for i in np.flatnonzero(hidden.any(axis=1))])


for where, tens, hidden in (("here", lists, test), ("there", lists2, test2)):
    change = each_user(tens[4], hidden) - each_user(tens[3], hidden)
    print(f"{where}: {change.mean():+.3f} +- {2 * change.std() / len(change) ** 0.5:.3f}")

# %% [markdown]
# And why? The next cell looks at both ends. How many of the cosine's places hold rare films (no more training ratings
# than the rarest quarter of the catalogue has)? And how many of the hidden ratings, which are what is to be found, are
# on the 100 best-known films?

# %% tags=["nbval-check-output"]
for where, tens, seen, hidden in (("here", lists, train, test), ("there", lists2, train2, test2)):
    known = seen.sum(axis=0)
    rare, best_known = known <= np.quantile(known, 0.25), np.argsort(-known, kind="stable")[:100]
    print(f"{where}: rare ({known[rare].max():.0f} ratings at most) {rare[tens[0]].mean():.0%} at alpha 0,", end=" ")
    print(f"on the 100 best known {hidden[:, best_known].sum() / hidden.sum():.0%} of what is hidden")

# %% [markdown]
# At the cosine's end, 32% of the places there go to films with one single training rating; here 14% go to films with up to
# five. One person's vote fixes the angle of such a film, and nDCG is 0.093 there against 0.250 here. At the other end, 30% of
# what is to be found here are the 100 best-known films, and 17% there, where five times as many films share the ratings: so
# betting on the well-known wins less. That fits the change of sign, +0.007 here and -0.004 there. But look at the widths: the
# whole quarrel between 0.75 and 1 is about less than a hundredth, and there it is hardly beyond chance. What carries over is
# the shape, steep at the cosine and flat at the dot product; which point of the flat part is the highest does not.

# %% [markdown]
# How far have you come? The next cell adds up the points that your checks gave since the notebook was started.

# %%
from recsys_lib.checks.course_progress import lesson_progress

lesson_progress(4, "norm_power crossing_alpha other_convention obtuse_order pareto_front broadest_alpha")

# %% [markdown]
# ## Recap
#
# **You have**
#
# - scored items at any point between the cosine and the dot product;
# - calculated where on the dial two items change places, and shown by straight lines that they do so at most once;
# - translated between two ways of writing the dial, and tested which one you had in front of you;
# - said what a longer vector does: it lifts an item at an acute angle, does nothing at a right one, and sinks it at an
#   obtuse one;
# - found the settings that no other one beats, chosen one of them by a rule, and named its price.
#
# **New words**
#
# - *norm exponent*, $\alpha$: the power to which lengths count in a score; 0 gives the cosine, 1 the dot product.
# - *crossing*: the exponent at which two items have the same score and change places.
# - *popularity*: the number of training ratings of a film.
# - *coverage*: the share of the catalogue that appears in at least one list.
# - *nDCG@10*: how many of ten places hold a hit, the first places counting most; 1 is perfect.
# - *Pareto front*: the settings that no other one beats, being at least as good in all respects and better in one.
#
# **Read** Burges and others, *Learning to Rank using Gradient Descent* (ICML 2005), for nDCG with this logarithm;
# Steck, *Item Popularity and Recommendation Accuracy* (RecSys 2011), for how far popularity helps and what it hides;
# Abdollahpouri, Burke and Mobasher, *Managing Popularity Bias in Recommender Systems with Personalized Re-ranking*
# (FLAIRS 2019), for another way to pay accuracy for breadth; Steck, Ekanadham and Kallus, *Is Cosine-Similarity of
# Embeddings Really About Similarity?* (WWW Companion 2024), for why the last table looks as it does.
#
# **Try** a fourth item that changes places with each of the three, and one that changes places with none: where must their
# lines start and end? What happens beyond the ends, at $\alpha = -1$ or $\alpha = 2$? And do the table of costs
# and the beaten setting look the same on another split, with seed 1?
