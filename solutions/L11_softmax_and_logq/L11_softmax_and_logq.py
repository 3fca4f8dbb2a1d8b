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
# # Lesson 11. Train a model for retrieval
#
# **You will** train two towers on batches in which every rating is the wrong answer of all the others, find that this takes
# popularity out of the model, put it back with one logarithm, and then watch what happens when a recommender learns from its
# own lists.
#
# **After this lesson you can**
#
# - write the loss of a batch and its gradient, and check the gradient by differences;
# - say why popular films need a correction, which sign it has, and what happens when it is made twice;
# - find out whether popularity was taken out of a model, and whether it is still to be put back;
# - simulate a recommender that is trained on what it showed, and say what it can never find;
# - place a film that nobody has rated.
#
# **You need** lessons 1, 4, 5, 6 and 8, and of lesson 9 the interval over users. **Time:** 90 minutes. **Points:** 16.

# %% [markdown]
# This cell loads what the lesson needs. Run it first.

# %%
import copy
import functools
import math

import numpy as np

from recsys_lib import datasets, metrics, plots
from recsys_lib.checks import check, yours_or_ours
from recsys_lib.factorization import fit_ials, fit_two_tower, log_q
from recsys_lib.features import film_features, genre_profile_scores
from recsys_lib.feedback import breadth, clicks_model, feedback_loop, first_by_chance
from recsys_lib.retrieval import top_k
from recsys_lib.splits import per_user_75_25
from recsys_lib.widgets import TowerRuns

# %% [markdown]
# ## Everybody else's film is a wrong answer
#
# Lesson 6 trained a model by a softmax over the *whole* catalogue: for each rating, all 1,682 films competed. With a hundred
# million items nobody can do that. So large recommenders are trained in **batches**: b ratings are taken at a time, say 256,
# each a pair of a user and a film that this user rated. For each user of the batch the film of her own pair is the right
# answer, and **the films of the other pairs are the wrong ones**. No negatives have to be drawn: they come with the batch.
# What turns a user into a vector is called a *tower*, what turns a film into one is the other tower, and the score is their
# dot product. Here a tower is a table with a row for each user, or each film.

# %% [markdown]
# ## Exercise 11.1 (3 points): the loss of a batch
#
# Complete `softmax_xent(logits)`. `logits` has shape `(b, b)`: row i holds the scores that user i of the batch gives
# to the b films of the batch. The right film of row i is in column i. The softmax turns each row into probabilities,
# $p_{ij} = e^{l_{ij}} / \sum_k e^{l_{ik}}$, and the loss of a row is $-\log p_{ii}$ (the natural logarithm). Return the
# mean loss of the rows, one number.
#
# - **Large numbers.** Logits may be as large as 100,000, or as small as -100,000. The result is an ordinary number all
#   the same: a probability does not change when the same number is subtracted from all logits of a row.
#
# *Ask yourself first:* what is the loss if all logits of a row are equal?


# %% nbgrader={"grade": false, "grade_id": "softmax-xent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_xent(logits):
    """Mean of -log softmax of the diagonal entries of logits (b, b), row by row; one number.

    >>> softmax_xent(np.array([[3.0, 3.0], [0.0, 50.0]]))
    0.34657359027997264
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - np.diag(shifted)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "softmax-xent-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("softmax_xent", softmax_xent)

# %% [markdown]
# What does a model lose that knows nothing, and gives every film of a batch of 256 the same logit?

# %% tags=["nbval-check-output"]
print(f"{math.log(256):.3f}")

# %% [markdown]
# A loss of 5.545, the logarithm of 256, is where a training without correction begins; what is below that has been learnt.
#
# ## Who is in the batch?
#
# The data of the lesson are those of lesson 8: MovieLens, a quarter of each user's ratings hidden at random (`per_user_75_25`,
# seed 0). A film's share of all training ratings is called $q$. Predict before you run the cell: in a batch of 256 ratings,
# how many places does the best-known film take on average, and how many a film with five ratings?

# %%
data = datasets.load()
train_rows, test_rows = per_user_75_25(data, seed=0)
train, test = data.matrix(train_rows), data.matrix(test_rows) > 0
counts = np.count_nonzero(train, axis=0)

# %% [markdown]
# The next cell looks the two films up.

# %% tags=["nbval-check-output"]
for film in (counts.argmax(), np.abs(counts - 5).argmin()):
    places = 256 * counts[film] / counts.sum()
    print(f"{data.titles[film]}: {counts[film]} ratings, in a batch {places:.3f} times on average")

# %% [markdown]
# The best-known film stands in most batches, the film with five ratings in one of sixty. The first is a wrong answer about
# eighty times as often as the second. It is a right one about eighty times as often, too. So its popularity cancels out.

# %% [markdown]
# ## Exercise 11.2 (2 points): put popularity back
#
# A film with many ratings is in many batches, so it is a wrong answer far more often than a rare one is. The cure: call
# $q_j$ the share of all ratings that film j has, which is how often it turns up in a place of a batch, and subtract its
# logarithm from every logit of that film.
#
# Complete `in_batch_logits(u, x, logq)`. `u` and `x` have shape `(b, d)`: the vectors of the b users and of the b films
# of the batch, pair by pair. `logq` has shape `(b,)`: $\log q$ of the film of each pair. Return the logits, shape `(b,
# b)`: in row i and column j the dot product of user i with film j, minus $\log q_j$. This holds for the user's own
# film, too.
#
# *Ask yourself first:* which films gain from the correction, those with a large q or those with a small one?


# %% nbgrader={"grade": false, "grade_id": "in-batch-logits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def in_batch_logits(u, x, logq):
    """Logits (b, b) of users u (b, d) for films x (b, d), corrected by logq (b,).

    >>> in_batch_logits(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[2.0, 5.0], [1.0, 3.0]]), np.array([-1.0, -4.0]))
    array([[3., 5.],
           [6., 7.]])
    """
    ### BEGIN SOLUTION
    return u @ x.T - logq
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "in-batch-logits-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("in_batch_logits", in_batch_logits)

# %% [markdown]
# Why the logarithm? A film's term stands in the denominator of the softmax in proportion to q. That is undone if the term is
# divided by q, and $e^{l} / q = e^{l - \log q}$: with $\log q$ subtracted from its logits, the batch stands for the catalogue.
#
# The sign looks the wrong way round, since rare films gain most. But they gain in training alone. With such a gift to the rare
# ones the model itself must score popular films higher to fit the same ratings. When it serves, the gift is left out, and what
# the model has learnt remains: popularity is back.

# %% [markdown]
# ## Exercise 11.3 (3 points): hits by accident
#
# Two users of a batch may have rated the same film. Then it stands in two columns, and for each of the two users it is
# the right answer in one column and a wrong one in the other. Complete `mask_accidental_hits(logits, items)`. `logits`
# has shape `(b, b)`, `items` has shape `(b,)`: the number of the film in each column, which is also the right film of
# the row of the same number. Return a new table: where column j holds the film that is right for row i, and j is not i,
# put minus infinity (`-np.inf`), so that the softmax gives it the probability 0. Everything else stays as it is (a user
# who is in the batch twice still meets her other film as a wrong answer).
#
# *Ask yourself first:* a film is in three places of the batch. How many entries are masked?


# %% nbgrader={"grade": false, "grade_id": "mask-accidental-hits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mask_accidental_hits(logits, items):
    """Copy of logits (b, b) with -inf where a column holds a row's right film in another place; items is (b,).

    >>> mask_accidental_hits(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]), np.array([7, 5, 7]))
    array([[  1.,   2., -inf],
           [  4.,   5.,   6.],
           [-inf,   8.,   9.]])
    """
    ### BEGIN SOLUTION
    same = items[:, None] == items
    np.fill_diagonal(same, False)
    return np.where(same, -np.inf, logits)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mask-accidental-hits-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("mask_accidental_hits", mask_accidental_hits)

# %% [markdown]
# How common are such accidents? The next cell draws 200 batches of 256 ratings and counts.

# %% tags=["nbval-check-output"]
mask = yours_or_ours(mask_accidental_hits, "mask_accidental_hits")
film_of_rating = np.nonzero(train)[1]
batches = np.random.default_rng(0).choice(film_of_rating, size=(200, 256))
share = np.mean([np.isneginf(mask(np.zeros((256, 256)), films)).any(axis=1).mean() for films in batches])
print(f"{share:.0%} of the users of a batch meet their own film as a wrong answer")

# %% [markdown]
# A third of them, in a catalogue as small as ours; fewer where the ratings are spread over more films. We train without the
# mask, for a shorter gradient; *Try* at the end asks what it does.

# %% [markdown]
# ## Exercise 11.4 (4 points): one step of training
#
# Complete `batch_grad(users, items, who, what, logq)`. `users` has shape `(n, d)` and `items` has shape `(m, d)`: the
# vectors of all users and all films. `who` and `what` have shape `(b,)`: the batch, in which user `who[i]` rated film
# `what[i]`. `logq` has shape `(m,)`, a number for each film of the catalogue. The loss is that of the last exercises,
# without the mask:
#
#     softmax_xent(in_batch_logits(users[who], items[what], logq[what]))
#
# Return its two gradients, `(of_users, of_items)`, with the shapes of `users` and of `items`. With $p$ the softmax of
# the logits, row by row, the derivative of the loss by the logit in row i and column j is $(p_{ij} - 1)/b$ on the
# diagonal and $p_{ij}/b$ elsewhere; the rest is the chain rule for $l_{ij} = \langle u_i, x_j \rangle - \log q_j$. Who
# is not in the batch has a gradient of zero.
#
# - **Twice in a batch.** A user or a film may be in the batch several times; its gradient is then the *sum* of the
#   gradients of all its places. (`table[rows] += changes` keeps the last one only.)
#
# A second place of a user's own film counts as a wrong answer here. Logits may be large, as in the first exercise.
#
# *Ask yourself first:* film j is in column j. The users of which rows pull at it?


# %% nbgrader={"grade": false, "grade_id": "batch-grad", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_grad(users, items, who, what, logq):
    """Gradients of the in-batch softmax loss by users (n, d) and by items (m, d); returns (of_users, of_items).

    >>> users, items = np.array([[1.0], [2.0], [5.0]]), np.array([[0.0], [0.0]])
    >>> batch_grad(users, items, np.array([0, 1]), np.array([1, 0]), np.zeros(2))
    (array([[0.],
           [0.],
           [0.]]), array([[-0.25],
           [ 0.25]]))
    """
    ### BEGIN SOLUTION
    u, x = users[who], items[what]
    share = u @ x.T - logq[what]
    share = np.exp(share - share.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    share[np.diag_indices(len(who))] -= 1
    of_users, of_items = np.zeros_like(users), np.zeros_like(items)
    np.add.at(of_users, who, share @ x / len(who))
    np.add.at(of_items, what, share.T @ u / len(who))
    return of_users, of_items
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batch-grad-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("batch_grad", batch_grad)

# %% [markdown]
# A gradient can be checked without a formula: move one number a little, and see by how much the loss changes. The next cell
# does that to a film that is in the batch twice.

# %%
grad, xent = yours_or_ours(batch_grad, "batch_grad"), yours_or_ours(softmax_xent, "softmax_xent")
logits_of = yours_or_ours(in_batch_logits, "in_batch_logits")
users, items, logq = np.array([[1.0], [-2], [0.5]]), np.array([[0.3], [1]]), np.log([0.75, 0.25])
who, what = np.array([0, 1, 2]), np.array([1, 0, 1])

# %% [markdown]
# The film in question is number 1, and its one number is moved by a millionth.

# %% tags=["nbval-check-output"]
logits = [logits_of(users[who], (items + [[0], [little]])[what], logq[what]) for little in (0, 1e-6)]
print(f"by differences {(xent(logits[1]) - xent(logits[0])) / 1e-6:.4f}")
print(f"by your formula {grad(users, items, who, what, logq)[1][1, 0]:.4f}")

# %% [markdown]
# ## Three arms, one dial
#
# Now train. Three models differ in one thing only, what is done with $\log q$: nothing, subtract it, or add it. (Adding is a
# mistake of a sign. A released library once made it [P: TensorFlow Recommenders, issues 219 and 278].) All have d = 20,
# batches of 256, eight epochs of row-wise Adagrad at a learning rate of one tenth, one start and one order of the ratings.
# *Adagrad* gives a row that has moved much a smaller step; row-wise means one step size a row.
#
# Write down a guess before you run the cell: which of the three finds most, and what do the lists of the one without
# correction show?

# %%
my_guess = {"finds most": "none", "lists of 'none' show": "popular films"}

# %% [markdown]
# Training calls the gradient for every batch of every epoch, so the next cell times yours on one batch of that size. If it is
# far slower than the course's, as a loop over pairs is, then the course's trains.

# %%
tables, batch = [np.ones((n, 20)) for n in train.shape], np.arange(256) % min(train.shape)
grad = yours_or_ours(grad, "batch_grad", on=(*tables, batch, batch, np.zeros(train.shape[1])))

# %% [markdown]
# `fit` trains one arm; its settings are those above unless they are changed. Your gradient trains the three arms; from then on
# the course's does, which gives the same numbers and is faster.


# %%
def fit(arm, table=train, seed=0, **changes):
    """Train one arm: users and items."""
    rng = np.random.default_rng(seed)
    return fit_two_tower(table, 20, correction=arm, rng=rng, **changes)


# %% [markdown]
# The next cell takes some five seconds. It also keeps each model as it was after each epoch, and `start`, the films before the
# first: an epoch at a learning rate of next to nothing leaves them where they were drawn, in all arms alike.

# %%
start, runs, arms = fit("none", epochs=1, lr=1e-9).items, {"none": [], "subtract": [], "add": []}, {}
for arm, kept in runs.items():
    arms[arm] = fit(arm, gradients=grad, callback=lambda *told, kept=kept: kept.append(copy.deepcopy(told[-1])))

# %% [markdown]
# Now their lists. `row` measures the lists that a table of scores makes: recall of ten, mean popularity, and the share of the
# places that went to films with five ratings or fewer.


# %%
def row(scores, seen=train > 0, relevant=test, known=counts):
    """What the lists of ten are worth, in one line of text."""
    lists = top_k(scores, 10, seen=seen)
    recall, popularity = metrics.recall_at_k(lists, relevant), metrics.average_popularity(lists, known)
    return f"R@10 {recall:.3f}  mean popularity {popularity:4.0f}  rare {metrics.rare_share(lists, known, 5):4.0%}"


# %% [markdown]
# Here are the three, at the same settings.

# %% tags=["nbval-check-output"]
served = {arm: users @ items.T for arm, (users, items) in arms.items()}
for arm, scores in served.items():
    print(f"{arm:9} {row(scores)}")

# %% [markdown]
# Three rows to measure them by: the same popular films for everybody, an iALS of lesson 6, and lists drawn by chance.

# %% tags=["nbval-check-output"]
users, items = fit_ials(train, 20, l2=5, unobserved_weight=0.1, rng=np.random.default_rng(0))
others = {"popular": np.tile(counts, (len(train), 1)), "iALS": users @ items.T}
for name, scores in {**others, "chance": np.random.default_rng(0).random(train.shape)}.items():
    print(f"{name:9} {row(scores)}")

# %% [markdown]
# Subtracting $\log q$ more than triples the recall. The model without correction is nearly blind to popularity: the films of
# its lists have 46 ratings on average, those of lists drawn by chance 39, and it finds less than the same popular films for
# everybody (0.111). With the wrong sign the popular films really are hidden. And iALS, for which nothing is drawn, finds
# 0.226.
#
# One split and one start prove little. The same users judge both models, so the difference is taken user by user, and lesson
# 9's interval says how far it hangs on who they are.

# %% tags=["nbval-check-output"]
lists = {name: top_k(scores, 10, seen=train > 0) for name, scores in {**served, **others}.items()}
recalls = {name: metrics.recall_by_query(made, test) for name, made in lists.items()}
draws = np.random.default_rng(0).integers(len(test), size=(1000, len(test)))
for name in ("none", "add", "iALS"):
    low, high = metrics.paired_interval(recalls["subtract"], recalls[name], draws)
    print(f"recall of subtract over {name}: 95% of the draws lie between {low:+.3f} and {high:+.3f}")

# %% [markdown]
# At these settings iALS finds more than the best of the three, too: its interval lies below zero.
#
# ## Norm against count, while it trains
#
# Lesson 6 asked the norms who is popular. Ask them here. The next figure shows every rated film by its number of ratings and
# its norm, one cloud for each arm. Move the slider from epoch 0, the start, to epoch 8; the number above a cloud is the rank
# correlation $\rho$ of norm and count.

# %%
rated = counts > 0
clouds = {arm: [start[rated], *(items[rated] for _, items in kept)] for arm, kept in runs.items()}
TowerRuns(batch_grad, clouds, counts[rated])

# %% [markdown]
# For readers without a kernel, here is the last epoch as a still picture.

# %%
plots.show(plots.tower_norms({arm: kept[-1] for arm, kept in clouds.items()}, counts[rated]))

# %% [markdown]
# And the number above each cloud, after the last epoch.

# %% tags=["nbval-check-output"]
for arm, (_, items) in arms.items():
    rho = metrics.rank_correlation(np.linalg.norm(items, axis=1)[rated], counts[rated])
    print(f"{arm:9} rank correlation of norm and count {rho:+.2f}")

# %% [markdown]
# Subtracting gives what lesson 6 found in most models: the more ratings, the longer the vector, with a rank correlation of
# +0.76. Without correction it is −0.13 and with the wrong sign −0.27. Look at the clouds, not at these two numbers: they are
# humps, and what one number says of a hump depends on where the films are. So norms tell a corrected model from the other two
# here; they do not tell those two apart. A surer test comes below.

# %% [markdown]
# ## The pitfall: the same correction twice
#
# The model without correction looks worthless. It is not. Right answers come with $r$, the chance that this user takes the
# film, and wrong ones with $q$; to tell them apart it learns $\log r - \log q$, how much likelier the film is with this user
# than with anybody. So add $\log q$ to its scores when serving, once, without any training. And what happens to the corrected
# model if somebody, to be safe, adds $\log q$ there, too, or subtracts it again? For a film that nobody has rated $\log q$ is
# minus infinity, so subtracting has two lines: with those films left out, and as the arithmetic has it. Predict all four, then
# run.

# %% tags=["nbval-check-output"]
logq = log_q(counts)
again = {"none, added": served["none"] + logq, "subtract, added": served["subtract"] + logq}
again["subtracted again"] = served["subtract"] - logq
print(f"none, log q added when serving      {row(again['none, added'])}")
print(f"subtract, log q added when serving  {row(again['subtract, added'])}")

# %% [markdown]
# And subtracted again.

# %% tags=["nbval-check-output"]
print(f"subtracted again, unrated films left out  : {row(np.where(rated, again['subtracted again'], -np.inf))}")
print(f"subtracted again, as the arithmetic has it: {row(again['subtracted again'])}")

# %% [markdown]
# The model without correction, with $\log q$ added once when serving, reaches 0.198. That is the 0.197 of the model that was
# corrected while it trained. Popularity can be put back in training or in serving. Put back in both, it finds a little more on
# this split, 0.205, in lists of films that have 257 ratings on average instead of 189. So recall does not warn of popularity
# that is counted twice; look at the lists.
#
# Subtracted a second time, when serving, the logarithm takes it out again: the scores are then $\log r - \log q$, as in the
# model without correction, and the recall falls to 0.081. That is the kind version. As the arithmetic has it, it is 0.000:
# minus the logarithm of zero beats every score, and 100% of the places go to films without a single training rating. No error
# was raised, and every list has ten films in it. Before you correct anything, find out whether it was corrected already. One
# number tells how much popularity is left in a model's scores.


# %% tags=["nbval-check-output"]
def popularity_left(scores):
    """Rank correlation of an item's mean score with its count: near 1 popularity is in, near 0 it was taken out."""
    return round(metrics.rank_correlation(scores.mean(axis=0)[rated], counts[rated]), 2)


print({arm: popularity_left(scores) for arm, scores in served.items()})
print({words: popularity_left(scores) for words, scores in again.items()})

# %% [markdown]
# With the correction popularity is in, 0.93. Without, little of it is left, 0.22, and nothing after the second subtraction,
# −0.11. The wrong sign turns it round, −0.88. And $\log q$ added once when serving puts it back, 0.96; where it was in
# already, that makes 0.99.

# %% [markdown]
# ## Does it hold at other settings?
#
# To be quick, the next cell trains for two epochs instead of eight; the first line is the training above after its second.
# From there it turns one dial at a time: the learning rate down and up, half and twice the batch, another start.

# %% tags=["nbval-check-output"]
for changes in ({}, {"lr": 0.05}, {"lr": 0.5}, {"batch": 128}, {"batch": 512}, {"seed": 1}):
    print(changes or "two epochs, else as above")
    for arm in ("none", "subtract"):
        users, items = fit(arm, epochs=2, **changes) if changes else runs[arm][1]
        print(f"    {arm:9} {row(users @ items.T)}")

# %% [markdown]
# At every one of these settings subtracting finds at least twice as much: its lowest is 0.175, and the highest without
# correction is 0.073. Half or twice the batch hardly matters after two epochs. What the learning rate changes is how far the
# uncorrected lists go into the rare: 50% of their places at a rate of 0.5, next to none at 0.05. (A guess: small steps leave
# the films closer to the start, where none of them has been pushed away yet.) The number of epochs does the same: two find
# nearly what eight did with the correction, 0.190 against 0.197, but in the uncorrected lists the rare places are 1% after two
# and 20% after eight. All of it is one split.

# %% [markdown]
# ## A recommender that learns from its own lists
#
# So far the ratings were given. In use, they are made: people rate what they were shown, and what is shown is decided by the
# model that learns from it. To study such a loop one must know what people *would* have liked. So this part plays in a
# synthetic world of 600 users and 800 films in which we know it: each user likes the 80 films that fit her best.

# %% [markdown]
# ## Exercise 11.5 (4 points): one round of the loop
#
# Complete `simulate_round(scores, shown, clicked, likes, k)`: one round, in which people click, of what they are shown,
# what they like. All four tables have shape `(q, n)`, a row for each user and a column for each film:
#
# - `scores`: the model's score, higher is better;
# - `shown`: True where the film was shown to the user in an earlier round, `clicked`: True where the user clicked it,
#   then or by way of a search;
# - `likes`: True where the user would like the film. The model never sees this table.
#
# In this round each user is shown the k films with the highest scores **among those that were not shown to this user
# before** (of equal scores the film with the lower number comes first; there are always k left). A user clicks what is
# shown *in this round* and what she likes, and nothing else.
#
# Return two new tables `(shown, clicked)`, True where a film was shown so far, this round included, and where it was
# clicked so far.
#
# *Ask yourself first:* a film that she would love is in place k + 1. What does the model learn about it?


# %% nbgrader={"grade": false, "grade_id": "simulate-round", "locked": false, "schema_version": 3, "solution": true, "task": false}
def simulate_round(scores, shown, clicked, likes, k):
    """Show each user the k best films not shown before; returns the new tables (shown, clicked), (q, n) each.

    >>> scores = np.array([[0.9, 0.5, 0.7, 0.1]])
    >>> shown = np.array([[True, False, False, False]])
    >>> clicked = np.array([[True, False, False, False]])
    >>> likes = np.array([[True, True, False, True]])
    >>> simulate_round(scores, shown, clicked, likes, 2)
    (array([[ True,  True,  True, False]]), array([[ True,  True, False, False]]))
    """
    ### BEGIN SOLUTION
    left, new, users = np.where(shown, -np.inf, scores), np.zeros(shown.shape, dtype=bool), np.arange(len(scores))
    for _ in range(k):
        best = left.argmax(axis=1)
        new[users, best], left[users, best] = True, -np.inf
    return shown | new, clicked | (new & likes)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "simulate-round-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("simulate_round", simulate_round)

# %% [markdown]
# The next cell makes the world, and what was shown before the loop begins: 20 films for each user, drawn at random.

# %% tags=["nbval-check-output"]
world = datasets.synthetic_world(0, n_users=600, n_items=800)
fits = world.true_users @ world.true_items.T
likes = fits >= np.sort(fits, axis=1)[:, -80, None]
begun = [np.random.default_rng(seed).random(likes.shape).argsort(axis=1) < 20 for seed in (0, 1, 2)]
print(f"liked: {likes.mean():.0%} of all pairs; shown at the start and liked: {np.mean(begun[0] & likes):.2%}")

# %% [markdown]
# Then come ten rounds of twenty films. In each, `clicks_model` trains an iALS model on the clicks so far. Its dial is lesson
# 4's exponent: at 1 it ranks by the dot product, at 0 it ignores the films' norms. Only the dial differs between the runs, and
# each is made from three starts. Which dial will show the most different films, and which will find most of what people like?

# %%
my_guess = {"most different films": 1, "finds most": 1}
one_round = yours_or_ours(simulate_round, "simulate_round", on=(fits, begun[0], begun[0] & likes, likes, 20))

# %% [markdown]
# `run` goes through ten rounds. Of a user's films, `by_chance` is the share that is put first by chance; it is 0 at first.


# %%
def run(dial, seed, by_chance=0):
    """Ten rounds of twenty films: what was shown and clicked before the first and after each."""
    rng = np.random.default_rng(seed)
    made = functools.partial(feedback_loop, likes=likes, shown=begun[seed], k=20, rounds=10, one_round=one_round)
    return list(made(lambda shown, clicked: first_by_chance(clicks_model(clicked, dial), by_chance, rng)))


# %% [markdown]
# Nine runs, which take about four seconds; the figure shows which share of the films was in anybody's list of a round.

# %%
loops = {f"dial {dial}": [run(dial, seed) for seed in range(3)] for dial in (1.0, 0.5, 0.0)}
curves = {name: [breadth(states) for states in found] for name, found in loops.items()}
plots.show(plots.loop_curves(curves, "Films in any list of a round"))

# %% [markdown]
# A band goes from the lowest to the highest of the three starts. Now the numbers that matter: how much of what they like
# people have found (in the lists of the start, too), and how many of the films were ever clicked by anybody.


# %%
def outcome(found):
    """Found of what is liked after five rounds and ten, by start; films ever clicked, before and after the ten."""
    five, ten = ([states[i][1].sum() / likes.sum() for states in found] for i in (5, 10))
    ever = [np.mean([states[i][1].any(axis=0).mean() for states in found]) for i in (0, 10)]
    shares = f"after five rounds {min(five):.0%} to {max(five):.0%}, after ten {min(ten):.0%} to {max(ten):.0%}"
    return f"found {shares}; films ever clicked {ever[0]:.1%} before, {ever[1]:.1%} after"


# %% [markdown]
# Print it for each dial, and what is out of reach: what was not clicked by anybody in the end.

# %% tags=["nbval-check-output"]
for name, found in loops.items():
    print(f"{name}: films in any list of the first round {np.mean(curves[name], axis=0)[0]:.0%}; {outcome(found)}")
never = [~states[-1][1].any(axis=0) for states in loops["dial 0.5"]]
lost = [likes[:, out].sum() / likes.sum() for out in never]
liked = np.mean([likes[:, out].any(axis=0).mean() for out in never])
print(f"never clicked: {liked:.0%} of them liked by somebody; {min(lost):.0%} to {max(lost):.0%} of all that is liked")

# %% [markdown]
# Two things to notice. In the first round the dot product keeps to the fewest films, 37% of them, as lesson 4 would have said,
# and the dial at 0 to the most, 53%, which finds least at first: 46% to 48% after five rounds. After ten the dial matters
# little: 81% to 83% at 1, 83% to 86% at the other two.
#
# The second thing does not depend on the dial. 53.1% of the films were clicked by somebody at the start, when lists were drawn
# by chance. After ten rounds it is still 53.1%. A film that nobody clicked before the first round has no vector, so it comes
# behind all others, so nobody clicks it. Yet 89% of these films are liked by somebody: 14% to 17% of all that people like is
# out of the loop's reach. The two dials that found 83% to 86% have found nearly all that they ever can. And no measure that
# is taken on clicks can show it: it counts what was shown.
#
# **The cure costs something.** Give, on average, two places of twenty to films drawn by chance. A user has 780 films left at
# first and 600 in the last round, so that two in 690 are put first.

# %% tags=["nbval-check-output"]
for dial in (1.0, 0.5):
    found = [run(dial, seed, by_chance=2 / 690) for seed in range(3)]
    past = sum(states[-1][1].sum() / likes.sum() > 1 - out for states, out in zip(found, lost, strict=True))
    print(f"dial {dial}, two by chance: {outcome(found)}; more than was in reach before: {past} of 3 starts")

# %% [markdown]
# Now 68.7% of the films have been clicked by somebody. After five rounds that has cost something: at dial 0.5 people have
# found 59% to 60% instead of 62% to 63%, at dial 1.0 62% instead of 63% to 64%. After ten it has paid: 92% to 93% and 86% to
# 87%, in each of the starts more than the loop without chance can ever find. Who explores pays today for what is found later.

# %% [markdown]
# ## The pay-off: a film that nobody has rated
#
# Remember *otter naps* of lesson 1: nobody had watched it, and only the way by topics could place it. A tower can do the same.
# Let the films' tower not be a table but a map from what is *known* of a film: its genres and its decade. Trained on ratings,
# it learns what each genre and each decade means to people, and a film without ratings gets a vector like every other.
#
# The test: 150 films with ten ratings or more are taken out of the training altogether. Then each user ranks these 150, and we
# ask how many of those that she did rate are among her first ten (who rated none of them is left out). Three draws of the 150.
# The rivals are lesson 1's genre profile, and chance.


# %%
def without(data, seed):
    """Who rated what, the same with 150 films taken out, and which these are."""
    table = data.matrix() > 0
    out = np.random.default_rng(seed).permutation(np.flatnonzero(table.sum(axis=0) >= 10))[:150]
    return table, table & ~np.isin(np.arange(data.n_items), out), out


# %% [markdown]
# A film's row of features holds its genres, its decade and a one. The profile knows no decade; with years of zero the tower knows
# none either.


# %%
def by_tower(data, kept, seed, years, epochs):
    """Train a tower of genres and decades on what is kept: a score of every film for every user."""
    users, items = fit("subtract", kept, seed, features=film_features(data.genres, years), epochs=epochs)
    return users @ items.T


# %% [markdown]
# `cold` ranks the films that were taken out, for each user.


# %%
def cold(data, seed, *years, epochs=4):
    """Recall@10 of each user: a tower for each list of years, genre profile, chance."""
    table, kept, out = without(data, seed)
    ways = [by_tower(data, kept, seed, one, epochs) for one in years]
    ways += [genre_profile_scores(kept, data.genres), np.random.default_rng(seed).random(table.shape)]
    return [metrics.recall_by_query(top_k(scores[:, out], 10), table[:, out]) for scores in ways]


# %% [markdown]
# `lead` gives lesson 9's interval over users.


# %%
def lead(tower, profile):
    """The interval of tower over profile, as text."""
    draws = np.random.default_rng(0).integers(len(tower), size=(1000, len(tower)))
    low, high = metrics.paired_interval(tower, profile, draws)
    return f"tower over profile: {low:+.3f} to {high:+.3f}"


# %% [markdown]
# Three draws, with the decade and without, four epochs each.

# %% tags=["nbval-check-output"]
for seed in range(3):
    tower, genres, *rivals = cold(data, seed, data.years, 0 * data.years)
    means = "tower {:.3f}, genre profile {:.3f}, chance {:.3f}".format(*map(np.mean, (tower, *rivals)))
    print(f"{means}; {lead(tower, rivals[0])}")
    print(f"    on genres alone {genres.mean():.3f}; {lead(genres, rivals[0])}")

# %% [markdown]
# In each of the three draws the tower finds more than lesson 1's profile, by an interval that stays above zero, and the
# profile finds more than chance. Much of the lead is the decade, of which the profile knows nothing: on genres alone the tower
# finds 0.140, 0.126 and 0.148, and in one draw of the three the interval holds zero, −0.006 to +0.019. So learning from
# ratings what a genre is worth to each person helps, but not much and not always; what helps more is that a tower takes in
# whatever is known of a film. Had we trained a table with a row for each film, the 150 would have kept the vectors of their
# start.

# %% [markdown]
# ## And elsewhere?
#
# The second catalogue is MovieLens latest-small, with more than five times as many films. The same settings but two epochs,
# the same two questions.

# %% tags=["nbval-check-output"]
other = datasets.load_another()
rows, hidden = per_user_75_25(other, seed=0)
table, asked = other.matrix(rows), other.matrix(hidden) > 0
known = np.count_nonzero(table, axis=0)
print(f"{other.n_users} users, {other.n_items} films, {np.mean(known <= 5):.0%} of them with five ratings or fewer")

# %% [markdown]
# The two arms, and lists drawn by chance.

# %% tags=["nbval-check-output"]
for arm in ("none", "subtract"):
    users, items = fit(arm, table, epochs=2)
    print(f"{arm:9} {row(users @ items.T, table > 0, asked, known)}")
print(f"chance    {row(np.random.default_rng(0).random(table.shape), table > 0, asked, known)}")

# %% [markdown]
# And a film that nobody has rated, once.

# %% tags=["nbval-check-output"]
tower, profile, chance = cold(other, 0, other.years, epochs=2)
print(f"films taken out: tower {tower.mean():.3f}, genre profile {profile.mean():.3f}, chance {chance.mean():.3f}")
print(lead(tower, profile))

# %% [markdown]
# It holds here, too: with the correction the recall is 0.119, without it 0.053. The films of the lists without correction have
# 35 ratings on average, those drawn by chance 8, so after two epochs popularity is not quite out. Films that were taken out
# are found by the tower, which knows their decade, in 0.239 of the cases, by the profile in 0.105, and the interval stays far
# above zero. Both catalogues are films and both rated by people who chose to; music or news may differ.

# %% [markdown]
# ## On Monday
#
# - Find out how your negatives are drawn. Uniform ones need no correction; all others need the logarithm of the probability
#   with which they are drawn.
# - Look for the sign, and for a second correction where the model is served. `popularity_left` shows what they leave of
#   popularity.
# - If it is far below that of a corrected model, add $\log q$ when serving, and measure again.
# - Keep a place in ten for items drawn by chance, and log that they were. Without it you cannot know what you are missing.
# - Give new items a vector from what is known of them, on the day they arrive.


# %% [markdown]
# How far have you come? The next cell adds up the points that your checks gave since the notebook was started.

# %%
from recsys_lib.checks.course_progress import lesson_progress

lesson_progress(11, "softmax_xent in_batch_logits mask_accidental_hits batch_grad simulate_round")

# %% [markdown]
# ## Recap
#
# **You have**
#
# - written the loss of a batch and its gradient, and checked the gradient by differences;
# - seen why popular films need a correction, which sign it has, and what happens when it is made twice;
# - found out whether popularity was taken out of a model, and put it back once;
# - simulated a recommender that was trained on what it showed, and found what it never finds;
# - placed films that nobody had rated, by what is known of them.
#
# **New words**
#
# - *in-batch negative*: the film of another pair of the batch, taken as a wrong answer.
# - *log q correction*: subtracting the logarithm of a film's share of the ratings from its logits.
# - *tower*: what turns a user, or a film, into a vector; a table or a map of features.
# - *feedback loop*: a model trained on what it has itself shown.
#
# **Read** X. Yi and others, *Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations* (RecSys 2019); K.
# Khrylchenko and others, *Correcting the LogQ Correction: Revisiting Sampled Softmax for Large-Scale Retrieval* (RecSys 2025),
# who note that the right film is no draw from q, so that correcting it, too, as is customary and done here, is not exact; A.
# Chaney, B. Stewart and B. Engelhardt, *How Algorithmic Confounding in Recommendation Systems Increases Homogeneity and
# Decreases Utility* (RecSys 2018), for the loop.
#
# **Try** the mask: train with accidental hits masked, by a gradient of your own, and see whether the difference between the
# arms grows or shrinks. And turn the number of first lists down to 5: how many films are ever clicked then?
