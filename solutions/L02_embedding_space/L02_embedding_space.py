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
# # Lesson 2. Place films and people in one space
#
# **You will** turn a table of who watched what into a space in which every film and every person is a point, find out that
# it recommends *because* it is small, look at it on a map, see what the map hides, and put yourself on it.
#
# **After this lesson you can**
#
# - place users and films in one space of width $d$ by a truncated SVD;
# - say how much of the table $d$ numbers keep, and which $d$ recommends best;
# - flatten a space to a map by PCA, by hand;
# - measure how many neighbours such a map keeps;
# - find the place of a new user, and say what a film that they did not name counts for.
#
# **You need** lesson 1, and matrix products in NumPy (`@`). **Time:** 80 minutes. **Points:** 15.

# %% [markdown]
# This cell loads what the lesson needs. Run it first.

# %%
import numpy as np

from recsys_lib import datasets, metrics, plots, retrieval, similarity, splits
from recsys_lib.checks import check, yours_or_ours
from recsys_lib.interactions import fill_by_chance
from recsys_lib.widgets import FilmExplorer

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# ## Everybody in one space
#
# Give each film a list of $d$ numbers, and it becomes a point, its **embedding**, in the space $E = \mathbb{R}^d$. Give the
# query a point in the *same* space, be it a user or an occasion, and recommending means: find the items near the query.
#
# Lesson 1's row of genres is such a list, with coordinates that somebody chose. In this lesson nobody chooses: the
# coordinates come from the audience alone, and $d$ is far smaller than the number of films.
#
# Start small. Six people, five films; 1 means watched.

# %%
film_names = ["Alien", "Aliens", "Blade Runner", "Aladdin", "Dumbo"]
watched = np.array(
    [[1, 1, 1, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]]
)

# %% [markdown]
# Notice two audiences: the first four people, and the last two. *Blade Runner* has three viewers on the first side and one
# on the other.
#
# ## Taking a table apart
#
# Any table $X$ of users and items can be written as a product of three, its **singular value decomposition**:
#
# $$X = U S V^\top .$$
#
# $U$ has a row for each user and $V$ a row for each item, both with as many columns as the shorter side of $X$. $S$ is
# diagonal; its entries, the **singular values**, are positive or zero, the largest first. Each says how much of the table
# its column of $U$ and of $V$ accounts for. NumPy does it in one line.

# %% tags=["nbval-check-output"]
U, S, Vt = np.linalg.svd(watched, full_matrices=False)
print("shapes", U.shape, S.shape, Vt.shape)
print("singular values", S.round(2) + 0.0)
print("gives the table back:", np.allclose(U * S @ Vt, watched))

# %% [markdown]
# Notice two things. The third result is $V^\top$, not $V$: it has its items in columns. And the values fall quickly, from
# 3.28 over 2.09 and 0.92 to zero: the first two columns carry most of the table. A **truncated** SVD keeps the first $d$
# columns and drops the rest. No other product of tables of width $d$ comes nearer to $X$ in squared error (Eckart and
# Young, 1936).
#
# One choice is left: who gets $S$? The product does not care, but lengths and angles do. This course shares it fairly:
#
# $$\text{users} = U\sqrt{S}, \qquad \text{items} = V\sqrt{S}, \qquad \text{so that users} \cdot \text{items}^\top
# \approx X .$$
#
# So the dot product of a user and an item is the model's guess at "watched or not".
#
# ## Exercise 2.1 (4 points): make the space
#
# Complete `embed(interactions, d)`. `interactions` has shape `(n_users, n_items)`. Return two tables, users of shape
# `(n_users, d)` and items of shape `(n_items, d)`, each with its fair share of $S$. A `d` below 1 or above the shorter
# side of the table: raise `ValueError`. Any column may come with the opposite sign, if it does so in both tables.
# `truncated_svd` is switched off here.
#
# *Ask yourself first:* the diagonal of $S$ comes as a plain list of numbers. What do you multiply each **column** of $U$
# by?


# %% nbgrader={"grade": false, "grade_id": "embed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def embed(interactions, d):
    """Users (n_users, d) and items (n_items, d) by truncated SVD, the root of S on each side.

    >>> users, items = embed(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), 2)
    >>> (users @ items.T).round(2) + 0.0
    array([[1., 1., 0.],
           [1., 1., 0.],
           [0., 0., 1.]])
    """
    ### BEGIN SOLUTION
    if not 1 <= d <= min(interactions.shape):
        raise ValueError(f"d must lie between 1 and {min(interactions.shape)}, got {d}")
    left, values, right = np.linalg.svd(interactions, full_matrices=False)
    root = np.sqrt(values[:d])
    return left[:, :d] * root, right[:d].T * root
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "embed-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("embed", embed)

# %% [markdown]
# This cell makes the small space with two numbers each, and prints the model's guesses, a row for each person.

# %% tags=["nbval-check-output"]
embed_ = yours_or_ours(embed, "embed")
few_users, few_films = embed_(watched, 2)
print((few_users @ few_films.T).round(1) + 0.0)

# %% [markdown]
# Look at the second row: this person has **not** seen *Blade Runner*, and the model says 0.5: others of this taste have.
# Where the model misses the table it is of use: that is a recommendation.
#
# Two numbers can be drawn: here the points with a name are the films, the others people.

# %%
eleven = np.vstack([few_films, few_users])
axes_names = ("first number", "second number")
labels, title = dict(enumerate(film_names)), "Five films and six people"
ax = plots.film_map(eleven, labels=labels, title=title, axes_names=axes_names)
ax.set_aspect("equal")
plots.show(ax)

# %% [markdown]
# Notice that *Alien* and *Aliens*, which have the same audience, stand on one spot, and so do *Aladdin* and *Dumbo*; *Blade
# Runner* lies between the two, nearer to those with whom it shares more people. Nothing in the table said "science
# fiction".
#
# ## 943 people, 1,682 films, 20 numbers
#
# Now MovieLens-100K, where 1 means "rated", whatever the rating. The columns of an SVD come in order of weight, so a narrow
# space is the beginning of a wide one. The next cell makes the widest and keeps 20 columns: the **full space**, from all
# ratings.

# %% tags=["nbval-check-output"]
data = datasets.load()
interactions = data.matrix()
wide_users, wide_items = embed_(interactions, min(interactions.shape))
users, items = wide_users[:, :20], wide_items[:, :20]
print(f"table {interactions.shape}: {interactions.size:,} cells, {interactions.mean():.1%} of them 1")
print(f"users {users.shape}, items {items.shape}: {users.size + items.size:,} numbers")

# %% [markdown]
# Notice the size: 1,586,126 cells, of which 6.3% are filled, have become 52,500 numbers. How much of the table is left?
#
# The squares of all singular values add up to the sum of squares of the table; so the share that the first $d$ keep is the
# sum of their squares over the sum of all.
#
# ## Exercise 2.2 (2 points): how much is kept
#
# Complete `explained(singular_values, d)`: that share, a number from 0 to 1, not rounded. `singular_values` has shape
# `(r,)`, largest first. With `d = 0` it is 0, with all of them 1.
#
# *Ask yourself first:* which is more, the share of squares or the share of plain values, when the first value is much the
# largest?


# %% nbgrader={"grade": false, "grade_id": "explained", "locked": false, "schema_version": 3, "solution": true, "task": false}
def explained(singular_values, d):
    """Share of the sum of squares held by the first d singular values.

    >>> explained(np.array([4.0, 3.0]), 1)
    0.64
    """
    ### BEGIN SOLUTION
    squares = np.asarray(singular_values) ** 2
    return float(squares[:d].sum() / squares.sum())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "explained-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("explained", explained)

# %% [markdown]
# Is the rest lost, or not worth keeping? Compare with a table in which nobody has a taste: every person rates about as many
# films as in ours and every film gets about as many ratings, but which of them meet is left to chance. `fill_by_chance`
# fills one. (This is a variant of Horn's *parallel analysis*.) Our singular values need no second SVD: each column of
# `wide_items` was multiplied by the root of its own, so the squares in a column add up to it.

# %%
strengths = (wide_items**2).sum(axis=0)
chance_strengths = np.linalg.svd(fill_by_chance(interactions, seed=0), compute_uv=False)
plots.show(plots.explained_curve(strengths, mark=20, chance=chance_strengths))

# %% [markdown]
# In numbers, and how many columns of ours are stronger than the same column by chance.

# %% tags=["nbval-check-output"]
explained_ = yours_or_ours(explained, "explained")
for d in (1, 20, 100):
    print(f"d = {d:>3} keeps {explained_(strengths, d):.0%}, by chance {explained_(chance_strengths, d):.0%}")
stronger = np.flatnonzero(strengths[1:] > chance_strengths[1:]) + 2
print(f"stronger than by chance after the first: {len(stronger)} columns, the last is number {stronger.max(initial=1)}")

# %% [markdown]
# Notice that the first number keeps as much by chance: it says how popular a film is and how busy a user. The next
# nineteen are where the two tables part, 51% against 37%. After column 24 not one of ours is stronger. In part that is
# arithmetic (both have about as many ratings, and so the same sum of squares: what is stronger at the head is weaker in the
# tail), and it is one draw (three others gave 24, too). What the tail is worth, ratings put away can tell.
#
# ## The pay-off, early: how many numbers recommend best?
#
# A wider space is a better copy of the table. Does it recommend better, too? Lesson 1 left a scoreboard: P@10, the share of
# ten listed films that the user did rate in the quarter put away, whatever the stars. Company reached 0.299 on it.
#
# Commit yourself first: which of the widths 1, 5, 20, 100 and 943 (all there are) will do best?

# %%
my_width = 943

# %% [markdown]
# The same split as in lesson 1, with the same seed, and a space made from its training part alone, the **training space**.

# %% tags=["nbval-check-output"]
train, test = splits.per_user_75_25(data, seed=0)
seen, put_away = data.matrix(train), data.matrix(test)
widest = min(seen.shape)
train_users, train_items = embed_(seen, widest)
print("films without a rating in the training part:", np.sum(seen.sum(axis=0) == 0))

# %% [markdown]
# Notice the 34 films with nobody left: their rows are zeros, so all stand on one spot, the origin, "neighbours" with nothing
# in common. Whenever you split ratings, count them first.
#
# Now the scoreboard, for the same 942 users as in lesson 1, those who liked something. Equal scores are ordered at random.

# %%
judged = np.unique(data.user[train][data.rating[train] >= 4])
random_order = 1e-10 * np.random.default_rng(0).random(seen.shape)


def precision(scores, who=judged):
    """P@10 of the users `who`, from a table with their scores, a row a user."""
    lists = retrieval.top_k(np.round(scores, 9) + random_order[who], 10, seen=seen[who] > 0)
    return np.take_along_axis(put_away[who], lists, axis=1).mean()


# %% [markdown]
# Now all widths. The users and films of a narrower space are the first columns of the wide one.

# %% tags=["nbval-check-output"]
widths = [d for d in (1, 2, 5, 10, 20, 30, 50, 100, 200, 500) if d < widest] + [widest]
by_width = [precision(train_users[judged, :d] @ train_items[:, :d].T) for d in widths]
print(f"my guess: {my_width}")
print("   ".join(f"d={d} {quality:.3f}" for d, quality in zip(widths, by_width, strict=True)))

# %% [markdown]
# And what lesson 1 had: company, the most popular films, and lists drawn at random.

# %% tags=["nbval-check-output"]
company, popular = seen[judged] @ (seen.T @ seen), np.tile(seen.sum(axis=0), (len(judged), 1))
ways = {"company": company, "popular": popular, "random": np.zeros_like(popular)}
lesson_1 = {name: precision(scores) for name, scores in ways.items()}
print(*(f"{name} {quality:.3f}" for name, quality in lesson_1.items()), sep="   ")

# %% [markdown]
# This draws both.

# %%
title = "Quality against width"
plots.show(plots.quality_curves(widths, {"SVD": by_width}, levels=lesson_1, title=title, setting_name="width d"))

# %% [markdown]
# Read the curve from left to right. One number, 0.226: that is "most popular" once more. Twenty, **0.407**: four of ten
# films right, where company had three. Then it falls, 0.386 at 30, 0.353 at 50, at 100 below company, at 200 below "most
# popular": columns that make a better copy, and worse lists. **Much of what twenty numbers do not keep is who happened to
# rate what.** With all 943 the model is perfect, it gives the table back to the last digit, and it recommends like random
# lists, 0.016: the table says 0 for everything that you have not rated, and so does the model.
#
# So the space does not recommend *although* it forgets. **The compression is the recommendation**: whoever has only twenty
# numbers for you cannot note down your films, and must say what people like you have in common.
#
# The top is flat, 10 does nearly as well as 20; where it lies depends on the table, so 20 is no law. And we looked for it on
# the very quarter that we judge by; lesson 5 shows how to choose on other ratings. From here on $d$ is 20, and the space is
# the full one unless a cell says otherwise.
#
# ## Neighbours, and nobody said why
#
# What is near what? From here on we look at the films with at least 50 ratings: the vector of a film that three people
# rated is made by three people.

# %% tags=["nbval-check-output"]
counts = interactions.sum(axis=0)
known = np.flatnonzero(counts >= 50)
films, titles = items[known], [data.titles[i] for i in known]
print(len(films), "films")

# %% [markdown]
# Now the ten nearest of each, by straight-line or **Euclidean** distance: the measure of a map, and one of three that this
# course compares. A film is nearest to itself, so the diagonal is struck out first.


# %%
def ten_nearest(scores):
    """Ten films for each film, by a square table of scores (higher is nearer), itself left out."""
    return retrieval.top_k(np.where(np.eye(len(scores), dtype=bool), -np.inf, scores), 10)


apart = similarity.euclidean_distances(films, films)
np.fill_diagonal(apart, np.inf)
nearest = ten_nearest(-apart)

# %% [markdown]
# Now three well-known films and the four nearest of each. Before you run the cell: which films would *you* put there?

# %% tags=["nbval-check-output"]
famous = [title for title in ("Alien (1979)", "Aladdin (1992)", "Vertigo (1958)") if title in titles]
for title in famous or titles[:3]:
    print(title, "->", "; ".join(titles[j] for j in nearest[titles.index(title), :4]))

# %% [markdown]
# *Alien* stands with *Aliens* and *Blade Runner*, *Aladdin* with other cartoons, *Vertigo* with other classics, one of them
# by the same director. No genre, no year and no director went in: only who rated what. **Films with the same audience end
# up together**, and audiences have tastes. Such hidden regularities are called *latent structure*.
#
# Now count, for all 603 films, how often a neighbour shares at least one genre, and how often any two films do.

# %% tags=["nbval-check-output"]
genres = data.genres[known, 1:]  # column 0 means "unknown"
share_one = genres @ genres.T > 0
chance = share_one[~np.eye(len(films), dtype=bool)].mean()
print(f"share a genre: neighbours {np.take_along_axis(share_one, nearest, axis=1).mean():.0%}, any two {chance:.0%}")

# %% [markdown]
# Notice 71% of neighbours against 39% of any two films. The rest need not be errors: *Citizen Kane* is the nearest of
# all to *Vertigo*, by its audience.

# %% [markdown]
# ## A map
#
# Twenty numbers cannot be drawn; two can. **Principal component analysis**, PCA, turns the cloud of films until its
# widest direction lies along the first axis and the next widest, at a right angle to it, along the second; then it drops
# the others. By hand it is three steps:
#
# 1. **centre**: take away from each column its mean, so that the middle of the cloud is the origin;
# 2. find the **axes**: in the SVD $U S V^\top$ of the centred table, they are the first two columns of $V$;
# 3. **coordinates**: the dot products of each centred film with the two axes.
#
# ## Exercise 2.3 (3 points): flatten it
#
# Complete `project_2d(items)`: `items` has shape `(n, d)`, the result has shape `(n, 2)`. Leave `items` as it was. Either
# column may come with the opposite sign. `pca_2d` is switched off here.
#
# *Ask yourself first:* if you forget to centre, where does the longest direction point?


# %% nbgrader={"grade": false, "grade_id": "project-2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def project_2d(items):
    """Coordinates (n, 2) of the films (n, d) along the first two principal axes.

    >>> np.abs(project_2d(np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 0.0], [10.0, 0.0]]))[:, 0])
    array([4., 2., 0., 6.])
    """
    ### BEGIN SOLUTION
    centred = items - items.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2]
    return centred @ axes[:2].T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "project-2d-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("project_2d", project_2d)

# %% [markdown]
# This cell draws the map of the 603 films. The colour is the year.

# %%
project_2d_ = yours_or_ours(project_2d, "project_2d")
flat = project_2d_(films)
shown = {"Alien (1979)", "Aladdin (1992)", "Dumbo (1941)", "Vertigo (1958)", "Titanic (1997)", "Star Wars (1977)"}
labels = {i: title for i, title in enumerate(titles) if title in shown}
plots.show(plots.film_map(flat, labels=labels, colour=data.years[known], colour_label="year"))

# %% [markdown]
# Notice how the years sort themselves, although no year went in: the newest films nearly all lie in one half of the map.
# (Without centring, the first axis would point at the mean of all films, and order them nearly by popularity.) And two dots
# that nearly touch: are they neighbours?
#
# ## The pitfall: the map shows what is not there
#
# Commit yourself first. Of the ten films nearest to a film **on the map**, how many are among its ten nearest **in the
# space**, on average: nine, five or two?

# %%
my_guess = 5

# %% [markdown]
# The next cell draws the same map so that you can ask it: search a film and press Enter, or click a dot. The ten nearest
# **in the space** get numbers, the ten nearest **on the map** get dashed rings, and the list says how many are both. The
# space and the axes are those of `embed` and `project_2d`: yours, once they are solved.

# %%
shown_genres = ("Animation", "Horror", "Sci-Fi", "Romance", "War", "Western")
genre_masks = {name: data.genres[known, data.genre_names.index(name)] for name in shown_genres}
explorer = FilmExplorer(titles, films, flat, years=data.years[known], counts=counts[known], genres=genre_masks)
explorer

# %% [markdown]
# Notice how the numbers and the rings part company, less at the rim, where dots are few, than in the thick. Count them all.
#
# ## Exercise 2.4 (3 points): what the map keeps
#
# Complete `neighbours_kept(items, flat, k)`. `items` has shape `(n, d)`, `flat` has shape `(n, 2)`. For each film take its
# `k` nearest others by Euclidean distance in `items`, and its `k` nearest others in `flat`. Return the share of the first
# list that is also in the second, averaged over all films: a number from 0 to 1. Of two equally near films the one with
# the lower id comes first, in a list of any length. Two films may stand on one spot; the tables may hold whole numbers.
#
# *Ask yourself first:* who is nearest to a film if you do not leave the film itself out? And what must come out for
# `k = n - 1`?


# %% nbgrader={"grade": false, "grade_id": "neighbours-kept", "locked": false, "schema_version": 3, "solution": true, "task": false}
def neighbours_kept(items, flat, k):
    """Mean share of each film's k nearest in `items` (n, d) that are among its k nearest in `flat` (n, 2).

    >>> corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0], [9.0, 9.0]])
    >>> neighbours_kept(corners, corners, 2)
    1.0
    """

    ### BEGIN SOLUTION
    def nearest_others(points):
        distances = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(distances, np.inf)
        return np.argsort(distances, axis=1, kind="stable")[:, :k]

    pairs = zip(nearest_others(items), nearest_others(flat), strict=True)
    return float(np.mean([np.isin(true, shown).mean() for true, shown in pairs]))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "neighbours-kept-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("neighbours_kept", neighbours_kept)

# %% [markdown]
# This cell measures our map, beside a map on which the films are thrown at random, and says how much of the spread of the
# cloud the two axes keep.

# %% tags=["nbval-check-output"]
kept = yours_or_ours(neighbours_kept, "neighbours_kept")
thrown = np.random.default_rng(0).normal(size=flat.shape)
print(f"my guess: {my_guess} of 10")
print(f"kept by the map: {kept(films, flat, 10):.0%}, by a random one: {kept(films, thrown, 10):.0%}")
print(f"two axes keep {flat.var(axis=0).sum() / films.var(axis=0).sum():.0%} of the spread")

# %% [markdown]
# Notice that 19% is two films in ten. Far better than chance, 2%, and still: **eight of the ten films next to yours on
# the map are not among its neighbours.** The two axes keep 23% of the spread. No two points lie farther apart on the map
# than in the space, so films far apart on the map *are* far apart, but films that touch may be separated by the dimensions
# you do not see. The next cell asks the space how near the dot beside a film on the map really is.

# %% tags=["nbval-check-output"]
on_map = similarity.euclidean_distances(flat, flat)
np.fill_diagonal(on_map, np.inf)
beside = on_map.argmin(axis=1)
place = (apart < apart[np.arange(len(films)), beside][:, None]).sum(axis=1) + 1
print("in the space the dot beside a film is its neighbour number", int(np.median(place)), "(median)")
print(f"worst: beside {titles[place.argmax()]} stands {titles[beside[place.argmax()]]}, number {place.max()}")

# %% [markdown]
# Notice *Willy Wonka* beside *The Godfather*: on the map they touch; in the space 585 of the 602 other films are nearer.
# Typically the dot beside a film is only its 57th neighbour.
#
# What did the two axes keep, then? The next cell prints the rank correlation of each (from 0, no connection, to 1, the same
# order; an axis has no sign) with the year and with the number of ratings, and asks the map, too, how often neighbours
# share a genre.

# %% tags=["nbval-check-output"]
for number, axis in enumerate(flat.T, start=1):
    by_year, by_count = (abs(metrics.rank_correlation(axis, facts)) for facts in (data.years[known], counts[known]))
    print(f"axis {number}: year {by_year:.2f}, number of ratings {by_count:.2f}")
shared = np.take_along_axis(share_one, retrieval.top_k(-on_map, 10), axis=1).mean()
print(f"share a genre: neighbours on the map {shared:.0%}, any two {chance:.0%}")

# %% [markdown]
# The first axis is mostly the year, 0.77, the second mostly the number of ratings, 0.73. Of genres little is left: 47%, not
# far above chance, where the space had 71%. (Colour the map by *genre* and look for horror films: they lie everywhere.) So
# use a map to get an idea, never to make candidates: candidates come from the space.
# (t-SNE and UMAP bend the cloud to keep near neighbours, and pay with the far ones: count there, too.)
#
# ## What the map shows of length
#
# Each film is also an arrow from the origin, with a length, its **norm** $|x|$. The next cell draws your map twice, coloured
# by popularity, the number of ratings, and by norm.

# %%
norms = np.linalg.norm(films, axis=1)
plots.show(plots.film_map(flat, colour=counts[known], colour_label="ratings", log_colour=True, title="Popularity"))
plots.show(plots.film_map(flat, colour=norms, colour_label="norm", title="Norm: length in the space"))

# %% [markdown]
# They are nearly one picture. This cell prints the rank correlation of norm and number of ratings.

# %% tags=["nbval-check-output"]
print(f"rank correlation {metrics.rank_correlation(norms, counts[known]):.2f}")

# %% [markdown]
# Notice 0.96: the **lengths** hold popularity. It is no accident. The column of $X$ of a film with $n$ ratings has the length
# $\sqrt n$, and at full width so has the film's row of $V S$, since $U$ changes no length; the 0.96 is what 20 columns and
# $V\sqrt{S}$ leave of it. Models that are trained otherwise: lesson 6. What length does to "near": lesson 3. (For a first
# look, choose a film on the map above and change *nearest by*.)
#
# ## The pay-off: put yourself on the map
#
# A new user arrives, you. You are not in the space, but you can name a few films that you watched. Finding your place while
# the films stay where they are is called **folding in**, and there are two ways. They differ in what a film counts for that
# you did **not** name.
#
# **It counts as 0**, as in the table that the SVD came near to. Then a newcomer is one more row $r$ of the table, 1 for each
# film named and 0 for all others, and $u$ is to come near to it with *all* films, $\langle u, x_i \rangle \approx r_i$. The
# columns of the items stand at right angles, so each coordinate can be had by itself: with $s_j$ for the singular value of
# column $j$,
#
# $$u_j = \frac{1}{s_j} \sum_i r_i\, x_{ij} .$$
#
# This **projection** is how folding in was first done, by Deerwester and others in 1990. A row of the SVD's own table gets
# back the SVD's own vector. But you have certainly watched more than you named.
#
# **It says nothing.** Then only what you say counts, and you have to be able to say no: $r_i$ is 1 for "I watched it" and
# 0 for "not for me". (Now a 0 is an answer.) We look for the vector $u$ that comes near to your answers and is not longer
# than it needs to be. With $F$ for the rows of the films that you named, and only those:
#
# $$\min_u \; \sum_{i\ \text{named}} \left( r_i - \langle u, x_i \rangle \right)^2 + \lambda\,|u|^2
# \qquad\Longrightarrow\qquad (F^\top F + \lambda I)\, u = F^\top r .$$
#
# $\lambda$ is the **ridge**. With five answers and 20 unknown numbers the first term has endlessly many solutions; the ridge
# picks one.
#
# ## Exercise 2.5 (3 points): your vector
#
# Complete `user_vector(rated, ratings, items, ridge)`, the second way. `rated` holds the ids of $m$ films, shape `(m,)`; `ratings` what
# they got, in the same order, shape `(m,)`; `items` all films, shape `(n, d)`; `ridge` is a positive number. Return $u$,
# shape `(d,)`. A film that got 0 counts like any other: its dot product with $u$ should come near to 0. `fold_in` is
# switched off here.
#
# *Ask yourself first:* $F^\top F$ is a square table. Of which size, and where in it does the ridge go?


# %% nbgrader={"grade": false, "grade_id": "user-vector", "locked": false, "schema_version": 3, "solution": true, "task": false}
def user_vector(rated, ratings, items, ridge):
    """The vector (d,) of a user who gave ratings (m,) to the films rated (m,), by least squares with a ridge.

    >>> user_vector(np.array([0, 1]), np.array([1.0, 1.0]), np.array([[1.0, 0.0], [0.0, 2.0], [5.0, 5.0]]), 1.0)
    array([0.5, 0.4])
    """
    ### BEGIN SOLUTION
    x = items[rated]
    return np.linalg.solve(x.T @ x + ridge * np.eye(items.shape[1]), x.T @ ratings)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "user-vector-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("user_vector", user_vector)

# %% [markdown]
# Which way is better? Try both on people whom the space has never met. The next cell takes every fourth user out and makes a
# space of width 20 from the training part of the others, the **newcomers' space**. Then each newcomer names 1, 2, 5 or 10
# films, drawn from what they watched, or all (none has fewer than 15): a table of ones and zeros each time.

# %%
user_vector_ = yours_or_ours(user_vector, "user_vector")
newcomers = np.flatnonzero(np.arange(data.n_users) % 4 == 3)
others, theirs = np.delete(seen, newcomers, axis=0), seen[newcomers]
space = embed_(others, 20)[1]
place_in_line = np.argsort(np.argsort(np.random.default_rng(0).random(theirs.shape) - theirs, axis=1), axis=1)
told = [theirs * (place_in_line < m) for m in (1, 2, 5, 10, data.n_items)]

# %% [markdown]
# The lists leave out all films of a newcomer's training part, named or not, and hits are in the quarter put away: so only
# the number of named films differs. (A service cannot leave out what it was not told: the left end is flattered.)


# %%
def by_ridge(rows, ridge, items=space):
    """Vectors of all newcomers: a film that is not named says nothing."""
    return np.array([user_vector_(np.flatnonzero(row), row[row > 0], items, ridge) for row in rows])


def report(name, scores):
    """Print P@10 of the newcomers by the number of films named."""
    print(f"{name:<11}", *(f"{precision(scores(rows), newcomers):.3f}" for rows in told))


# %% [markdown]
# Beside the two ways stand the most popular films and lesson 1's company, counted for the films named.

# %% tags=["nbval-check-output"]
print("films named     1     2     5    10   all")
report("popular", lambda rows: np.tile(others.sum(axis=0), (len(rows), 1)))
report("company", lambda rows: rows @ (others.T @ others))
report("projection", lambda rows: rows @ space / (space**2).sum(axis=0) @ space.T)
for ridge in (1, 10, 1000):
    report(f"ridge {ridge}", lambda rows, ridge=ridge: by_ridge(rows, ridge) @ space.T)

# %% [markdown]
# With one or two films named neither way beats counting company. With five and ten any ridge here leads, 0.307 and 0.334 with
# ridge 10, where the projection has 0.266 and 0.297. With all films named it is the other way round, 0.405 for the
# projection against 0.373, and a larger ridge does not catch up.
#
# The two ways differ in two things, though: the silence and the ridge. So change one at a time. The first row below has
# ridge 10 *and* counts silence as 0: your function is told about all films, 1 for a named one and 0 for any other. The
# second is ridge 10 once more, but films are $V$ in the place of $V\sqrt{S}$.

# %% tags=["nbval-check-output"]
every, v_rows = np.arange(len(space)), space / np.sqrt((space**2).sum(axis=0))
report("with zeros", lambda rows: np.array([user_vector_(every, row, space, 10) for row in rows]) @ space.T)
report("films as V", lambda rows: by_ridge(rows, 10, v_rows) @ v_rows.T)

# %% [markdown]
# Compare the first row with ridge 10 above, the same but for the silence: 0.275 against 0.307 with five films, 0.407
# against 0.373 with all. So, in this space, **whoever names five films has said nothing about the others; whoever tells
# everything has.** In another space it may differ: the ridge is a price on $|u|$, and how long $u$ has to be depends on who
# got $S$. In $V$ a ridge of 10 is so high that $u$ is next to the plain sum of the films named, and *that* gives the
# projection's lists: see its row. Lesson 8 asks who should get $S$.
#
# And why does ridge 1 get *worse* when more is told? This cell takes the films outside the newcomers' training part
# (those put away are among them), by their number of ratings there, and counts how often the model says more than one half.

# %% tags=["nbval-check-output"]
says, left = by_ridge(told[-1], 1) @ space.T, seen.sum(axis=0)
for low, high in ((0, 5), (6, 20), (21, 50), (51, 200), (201, 943)):
    group = (theirs == 0) & (low <= left) & (left <= high)
    print(f"{low:>3} to {high:>3} ratings: yes to {np.sum(says[group] > 0.5) / max(group.sum(), 1):.0%}")

# %% [markdown]
# It has never heard a no, and says yes to 71% of the best-known films outside their training part, to 46% of the next group,
# to 0% of the rarest. That alone is not the cause: ridges 10 and 1000 have not heard a no either, and gain from being told
# all. We think that a ridge of 1 is too weak to hold these scores apart. There is a middle, too: a silence that counts, but
# less than an answer; a model of lesson 6 does that.
#
# Now you. Put five films of your own into the next cell, each with a 1 or a 0, and with its title exactly as the search on
# the map above writes it, year included.

# %%
mine = {"Alien (1979)": 1, "Blade Runner (1982)": 1, "Psycho (1960)": 1, "Brazil (1985)": 1, "Aladdin (1992)": 0}
if data.source == "synthetic":  # other titles there
    mine = dict(zip(data.titles[:5], (1, 1, 1, 1, 0), strict=True))
rated, ratings = np.array([data.titles.index(title) for title in mine]), np.array(list(mine.values()))

# %% [markdown]
# Now your vector in the full space, what the model says about your five, and your candidates: **all** 1,682 films by their
# dot product with you, without the five.

# %% tags=["nbval-check-output"]
me = user_vector_(rated, ratings, items, 1.0)
print("said about my films:", (items[rated] @ me).round(1) + 0.0)
candidates = retrieval.top_k(items @ me, 6, seen=rated)
print("\n".join(data.titles[i] for i in candidates))

# %% [markdown]
# Notice that the ridge lets the model miss your answers by a little. And this is your place on the map, among the films
# that you named.

# %%
with_me = project_2d_(np.vstack([films, me]))
named = {i: title for i, title in enumerate(titles) if title in mine} | {len(films): "me"}
plots.show(plots.film_map(with_me, labels=named, title="603 films, and me"))

# %% [markdown]
# The candidates are not the dots round you: they have the largest dot product, and that rewards films that point your way
# *and* have a long vector. Is that a good thing? Lesson 3 puts the measures side by side.

# %% [markdown]
# The next cell adds up the points that your checks gave since the notebook was started.

# %%
from recsys_lib.checks.course_progress import lesson_progress

lesson_progress(2, "embed explained project_2d neighbours_kept user_vector")

# %% [markdown]
# ## Recap
#
# **You have**
#
# - placed users and films in one space of width 20 by a truncated SVD;
# - said how much of the table 20 numbers keep, about half, and that they recommend better than 100 or all;
# - flattened the space to a map by PCA, by hand;
# - measured how many neighbours the map keeps: two in ten;
# - found the place of a new user, yourself, and said what a film that is not named counts for.
#
# **New words**
#
# - *embedding*: the list of $d$ numbers, or the point, that stands for a user, an item or another query.
# - *embedding space*: the $\mathbb{R}^d$ that they share; $d$ is its width.
# - *latent structure*: regularities of the table that nobody wrote down, such as tastes.
# - *truncated SVD*: the first $d$ columns of the decomposition $U S V^\top$.
# - *singular value*: how much of the table a column of it accounts for.
# - *PCA*: turning a centred cloud until its widest directions lie along the axes.
# - *norm*: the length of a vector, $|x|$.
# - *folding in*: finding the vector of a new user while the items stay where they are.
# - *projection*: folding in with a 0 for every item that was not named.
# - *ridge*: a price on the length of a vector, which makes the answer unique.
#
# **Read** Deerwester, Dumais, Furnas, Landauer and Harshman, *Indexing by Latent Semantic Analysis* (Journal of the
# American Society for Information Science, 1990), where documents and queries share one space by an SVD;
# Cremonesi, Koren and Turrin, *Performance of Recommender Algorithms on Top-N Recommendation Tasks* (RecSys 2010), for a
# plain SVD of stars; Horn, *A Rationale and Test for the Number of Factors in Factor Analysis* (Psychometrika, 1965), for
# the comparison with chance.
#
# **Try** the curve on a second catalogue, `datasets.load_another()`: where is its top, and does it beat company there? Count
# shared genres with 2 and with 500 numbers, by distance and by cosine: does 20 suit both? Rate films of two tastes: where
# do you land?
