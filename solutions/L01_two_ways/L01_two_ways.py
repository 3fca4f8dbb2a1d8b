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
# # Lesson 1. Find candidates in two ways
#
# **You will** write two recommenders of a few lines each, let both loose on real film ratings, and find out what each
# of them can never do.
#
# **After this lesson you can**
#
# - say what candidate generation is, and why it comes first;
# - tell content-based filtering from collaborative filtering, and both from neither;
# - score items by their genres, and by the company they keep in people's histories;
# - turn scores into a list of the best k that anybody can reproduce, ties included;
# - show what happens to a brand-new film in each of the two ways, and what a rule for ties can smuggle in.
#
# **You need** Python, a little NumPy, and vectors as in school. No recommender systems. **Time:** 50 minutes.
# **Points:** 13.

# %% [markdown]
# ## What candidate generation is
#
# Someone opens an app with a million videos, and half a second later a screen shows ten of them. No system looks at
# all million with care in that time. So it works in stages. The first stage looks at everything, but quickly, and
# keeps a few hundred items that might be right: the **candidates**. The later stages look at those few hundred slowly
# and choose the ten. The first stage is called **candidate generation**.
#
# It comes first, so it has the last word about what is lost: a later stage can reorder the candidates, but it can
# never bring back an item that is not among them. That is why this course is about the first stage only.
#
# What it starts from is the **query**: usually the user and what they watched, sometimes the item on the screen. What
# it chooses from are the **items**; all of them together are the catalogue.
#
# This cell loads what the lesson needs.

# %%
import numpy as np

from recsys_lib import datasets, metrics, plots, retrieval, splits
from recsys_lib.checks import check, yours_or_ours
from recsys_lib.similarity import cosine_scores
from recsys_lib.widgets import CandidateLists

# %% [markdown]
# ## Five videos, three people
#
# There are two classic ways to find candidates. Watch them at work on a catalogue of five videos. The next cell holds
# two tables. In `watched` each row is a user and each column a video, and 1 means that the user watched it. In
# `topics` each row is a video, and 1 means that it is about that.

# %% tags=["nbval-check-output"]
videos = ["cat in a box", "kitten yawns", "otter naps", "baking bread", "fixing a bike"]
watched = np.array([[1, 1, 0, 0, 0], [1, 1, 0, 1, 0], [0, 0, 0, 1, 1]], dtype=float)
topics = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=float)
print("watched by     A  B  C   animals  funny  cooking  repair")
for video, by, about in zip(videos, watched.T.astype(int), topics.astype(int), strict=True):
    print(f"{video:<13}", *(f"{x:2}" for x in by), "  ", "       ".join(str(x) for x in about))

# %% [markdown]
# Notice that A has watched both cat videos and nothing else, that B has watched the same two and *baking bread*, and
# that nobody has watched *otter naps* yet.
#
# What should A see next? There are two good answers, and they come from different halves of the table.
#
# | way | what it looks at | what it says to A |
# |---|---|---|
# | **content-based filtering** | what the items are like | You watched two funny animals. Here is a third: *otter naps*. |
# | **collaborative filtering** | who took what | B has your taste in cats and also watched *baking bread*. Try that. |
#
# The first needs a description of every item and nobody else's history. The second needs other people's histories and
# no description: it does not know that bread has no whiskers.
#
# And there is **neither**: an offer that does not depend on you at all. "The most watched video of the week" counts
# other people, but everybody gets it, whatever they watched: nothing was *filtered* for A.
#
# ## Exercise 1.1 (1 point): which of the two?
#
# Six recommendations follow. For each write `"content-based"`, `"collaborative"` or `"neither"`:
#
# - **a** A bookshop offers you a third book on chess, since two books on chess are on your shelf.
# - **b** A shop puts a cable beside a phone, since the two often lie in the same baskets.
# - **c** A song was published a minute ago. An app compares its tempo and its sound with the songs that you play, and
#   offers it to you.
# - **d** Everybody who opens the app sees the ten most watched films of the week.
# - **e** You watch only thrillers. People who watch the same thrillers also watch one film about gardening, and it is
#   offered to you.
# - **f** A critic picks a film of the day, and every visitor sees it.
#
# *Ask yourself first:* would you get the same offer if **you** had chosen differently? If not: is it the description of
# the item that links it to you, or is it what other people chose?


# %% nbgrader={"grade": false, "grade_id": "classify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify():
    """Return {"a": ..., ..., "f": ...} with "content-based", "collaborative" or "neither"."""
    ### BEGIN SOLUTION
    return {
        "a": "content-based",
        "b": "collaborative",
        "c": "content-based",
        "d": "neither",
        "e": "collaborative",
        "f": "neither",
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "classify-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("classify", classify)

# %% [markdown]
# ## Way one: more of what you like
#
# A row of `topics` is a vector, and so is taste. Average the rows of what a user liked, and you have their
# **profile**: for A that is animals 1, funny one half, cooking 0, repair 0. An item suits A if its row points where
# the profile points.
#
# Whether two vectors point the same way is measured by the **cosine** of the angle between them: their dot product
# divided by their two lengths. For rows without negative numbers it runs from 0 (nothing in common) to 1 (same
# direction). Dividing by the lengths is what stops an item from winning merely because it ticks every box. Lesson 3
# has more on it.
#
# ## Exercise 1.2 (3 points): score by genre
#
# Complete `genre_scores(liked, item_genres)`. `liked` holds the numbers of the liked items, shape `(m,)`; the first
# item has number 0. `item_genres` has one row of 0s and 1s for each item, shape `(n_items, g)`. Average the rows of
# the liked items, and return the cosine of that mean row with **every** row, shape `(n_items,)`. The liked items get
# their score too.
#
# A user who liked nothing has no profile, and an item without any genre has no direction: in both cases raise a
# `ValueError`.
#
# Three rules hold in all exercises of this course, and are said here once:
#
# - **Leave what you are given as it is.** An answer never changes its arguments: the caller still needs them. One that
#   does loses one point; work on a copy.
# - **Write it yourself.** The function of `recsys_lib` that does what an exercise asks for is switched off while your
#   answer is checked. The prompt names it.
# - **NumPy and Matplotlib are here**, and all of Python's own modules. SciPy and scikit-learn are not.
#
# *Ask yourself first:* how many lengths do you divide by, and which of them differ from item to item?


# %% nbgrader={"grade": false, "grade_id": "genre-scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def genre_scores(liked, item_genres):
    """Cosine of the mean row of the liked items with every item's row; returns (n_items,).

    >>> genre_scores(np.array([0]), np.array([[1, 0], [1, 1], [0, 1]])).round(3)
    array([1.   , 0.707, 0.   ])
    """
    ### BEGIN SOLUTION
    if len(liked) == 0:
        raise ValueError("nothing is liked, so there is no profile")
    profile = item_genres[liked].mean(axis=0)
    lengths = np.linalg.norm(item_genres, axis=1)
    if np.any(lengths == 0):
        raise ValueError("an item without a genre has no direction")
    return item_genres @ profile / (lengths * np.linalg.norm(profile))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "genre-scores-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("genre_scores", genre_scores)

# %% [markdown]
# The next cell scores the five videos for A. `yours_or_ours` takes your function if it is right, and the course's
# while it is not, and says so: you can read on in any case.

# %% tags=["nbval-check-output"]
genre_scores_ = yours_or_ours(genre_scores, "genre_scores")
for video, score in zip(videos, genre_scores_(np.array([0, 1]), topics), strict=True):
    print(f"{video:<13} {score:.2f}")

# %% [markdown]
# Notice that *otter naps*, which nobody has watched, gets 0.95, exactly as much as *cat in a box*, because the two
# rows of `topics` are equal. To this recommender they are the same video. And bread gets 0.00.
#
# ## Way two: people who took this also took that
#
# Now forget what the videos are about. Count instead, for each pair of items, how many users have both. These counts
# make a table with a row and a column for each item, the **co-occurrence** table. With the 0/1 table $X$ (users by
# items) it is one product: $C = X^\top X$, since entry $C_{ij}$ adds up, over the users, the 1s that $i$ and $j$ have
# in common.
#
# On the diagonal stands how often each item occurs "with itself", which says nothing about company. So the diagonal
# is set to 0. Then an item's score for a user is the sum of its counts with the items that the user has.
#
# Predict before you go on: which video will have the highest score for A, among those that A has not watched? And
# what score will *otter naps* get?
#
# ## Exercise 1.3 (4 points): score by company
#
# Complete `cooccurrence_scores(interactions, user)`. `interactions` is a 0/1 table of shape `(n_users, n_items)` such
# as `watched`, and `user` is a row number. Build $C = X^\top X$ with zeros on its diagonal; then return, for
# **every** item $j$, the sum of $C_{ij}$ over the items $i$ that the user has, shape `(n_items,)`. A user without
# items gets 0 for all. Leave `interactions` as it is.
#
# *Ask yourself first:* what shape has $C$, and which of its rows belong to the user?


# %% nbgrader={"grade": false, "grade_id": "cooccurrence-scores", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cooccurrence_scores(interactions, user):
    """How often each item was taken together with the user's items, added up; returns (n_items,).

    >>> cooccurrence_scores(np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]]), 0)
    array([0, 2, 1])
    """
    ### BEGIN SOLUTION
    together = interactions.T @ interactions
    np.fill_diagonal(together, 0)
    return together[interactions[user] > 0].sum(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "cooccurrence-scores-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("cooccurrence_scores", cooccurrence_scores)

# %% [markdown]
# This cell scores the five videos for A once more, now by company.

# %% tags=["nbval-check-output"]
cooccurrence_scores_ = yours_or_ours(cooccurrence_scores, "cooccurrence_scores")
for video, score in zip(videos, cooccurrence_scores_(watched, 0), strict=True):
    print(f"{video:<13} {score:.0f}")

# %% [markdown]
# Notice that *baking bread* has 2: B took it together with each of A's two videos. The cats have 2 as well, but A
# knows them already. *Otter naps* has 0, and so has *fixing a bike*, which only C watched.
#
# We spoke of users like A, and then built a table of items. For items that the user does not have it is the same sum:
# a fellow user adds one to *baking bread* for each item that they share with A. Count over pairs of items or over
# fellow users, the total is the same: collaborative filtering uses likeness between users and likeness between items
# at once.
#
# ## From scores to a list
#
# Both ways end in one score for each item. What the app needs is a list: the k best, without what the user has seen.
# It sounds like one line, and most one-liners for it are wrong somewhere. Two rules make the list the same on every
# computer: an item with a higher score comes first, and **of two equal scores the lower item number comes first**.
#
# ## Exercise 1.4 (5 points): the k best
#
# Complete `top_k(scores, k, seen)`: `scores` are floats, shape `(n,)`; `seen` holds the numbers of the items never to
# list, each once (there may be none). Return the numbers of the k unseen items with the highest scores, best first, shape
# `(k,)`. Mind the tie rule: it is for scores that are exactly equal, and a score that is higher by very little is
# higher. If fewer than k items are unseen, raise a `ValueError`: a silently short list breaks whatever comes next.
# Leave `scores` as it is. The library's `top_k` is switched off here.
#
# *Ask yourself first:* scores may be negative, and as low as you like. How do you keep a seen item from being the best
# of a bad lot?


# %% nbgrader={"grade": false, "grade_id": "top-k", "locked": false, "schema_version": 3, "solution": true, "task": false}
def top_k(scores, k, seen):
    """Numbers of the k unseen items with the highest scores, best first, ties by lower number; returns (k,).

    >>> top_k(np.array([0.1, 0.9, 0.4, 0.9]), 2, np.array([1]))
    array([3, 2])
    """
    ### BEGIN SOLUTION
    unseen = np.setdiff1d(np.arange(len(scores)), seen)  # in the order of their numbers
    if len(unseen) < k:
        raise ValueError(f"k is {k}, but only {len(unseen)} items are unseen")
    return unseen[np.argsort(-scores[unseen], kind="stable")[:k]]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "top-k-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check("top_k", top_k)

# %% [markdown]
# Put together, the first video of each list for A:

# %% tags=["nbval-check-output"]
top_k_ = yours_or_ours(top_k, "top_k")
cats = np.array([0, 1])
by_topic, by_company = genre_scores_(cats, topics), cooccurrence_scores_(watched, 0)
for way, scores in (("content-based", by_topic), ("collaborative", by_company)):
    print(f"{way}:", *(videos[i] for i in top_k_(np.asarray(scores), 1, cats)))

# %% [markdown]
# The otter and the bread, as in the table at the start. On to real people.
#
# ## Two lists for every user
#
# MovieLens-100K holds 100,000 ratings, from 1 to 5 stars, that 943 people gave to 1,682 films in the late 1990s. The
# next cell loads it and puts a quarter of each user's ratings away, to see later which list would have found those
# films. The rest is for **training**: `rated` is the 0/1 table of it, 1 for "rated", however many stars.

# %% tags=["nbval-check-output"]
data = datasets.load()
train_rows, test_rows = splits.per_user_75_25(data, seed=0)
rated = data.matrix(train_rows)
print(f"{data.n_users} users, {data.n_items} films, {len(train_rows)} ratings to learn from, {len(test_rows)} put away")

# %% [markdown]
# Here a user **likes** a film that they gave 4 or 5 stars. This cell collects the liked films of each user.

# %%
likes = train_rows[data.rating[train_rows] >= 4]
liked = [data.item[likes[data.user[likes] == user]] for user in range(data.n_users)]

# %% [markdown]
# The next cell puts your functions together, one function for each way. Genre scores are rounded to nine places, so
# that films of the same genres tie exactly on every computer.


# %%
def content_based(liked_items, seen_items, k=10):
    """List k films with the genres of the liked ones."""
    return top_k_(np.round(genre_scores_(liked_items, data.genres), 9), k, seen_items)


def collaborative(interactions, user, k=10):
    """List k films that go together with the user's films."""
    return top_k_(np.asarray(cooccurrence_scores_(interactions, user)), k, np.flatnonzero(interactions[user]))


# %% [markdown]
# Predict before you run: what user 237 likes best is action, science fiction and drama. Of the ten films in each
# list, how many will be in both? Write your number down; the next cell draws the two lists.

# %%
by_genre = content_based(liked[237], np.flatnonzero(rated[237]))
by_company = collaborative(rated, 237)
plots.show(plots.candidate_lists([data.titles[i] for i in by_genre], [data.titles[i] for i in by_company]))

# %% [markdown]
# Two films are in both lists, *Star Wars* and *Return of the Jedi*; for most users it is fewer. Notice that the left
# list is war, action and space all the way down, while on the right stand films of every kind, from *Toy Story* to
# *The Godfather*, that nearly everybody knew at that time.
#
# The next figure lets you choose any user, and works with **your** functions (it says so where it has to use the
# course's). Films in both lists are marked. Look for a user whose lists have nothing in common, and for one whose
# left list you would prefer.

# %%
lists = CandidateLists(
    data, train_rows, genre_scores=genre_scores, cooccurrence_scores=cooccurrence_scores, top_k=top_k, user=237
)
lists

# %% [markdown]
# ## Which is better?
#
# Put a number on it. **Precision at 10**, P@10, is the share of the ten listed films that are **hits**, averaged over
# users. What is a hit? A film that the user really did rate in the quarter that we put away: any rating counts, one
# star included. Or, stricter, one that they gave 4 or 5 stars there. The next cell makes both tables, and you will see
# both figures.

# %% tags=["nbval-check-output"]
put_away = data.matrix(test_rows)
put_away_liked = data.matrix(test_rows[data.rating[test_rows] >= 4])
print(f"hits to be found: {put_away.sum():,.0f} if any rating counts, {put_away_liked.sum():,.0f} if 4 or 5 stars do")

# %% [markdown]
# Two things that this number cannot see, so that you know: the quarter was drawn at random, not the latest quarter, and
# a film that the user never rated counts as a miss, although they might have loved it. Nobody knows; people rate what
# they chose to watch. Lesson 9 is about both.
#
# Users who liked nothing have no profile, so they are left out.

# %% tags=["nbval-check-output"]
users = [user for user in range(data.n_users) if len(liked[user]) > 0]
seen = {user: np.flatnonzero(rated[user]) for user in users}
popular = rated.sum(axis=0)
print(f"{len(users)} of {data.n_users} users liked something")

# %% [markdown]
# Calling `cooccurrence_scores` for everybody would count the same table of pairs 943 times. So the next cell counts it
# once, makes the scores of all users in one product, and compares one row with your function's.

# %% tags=["nbval-check-output"]
company = rated @ (rated.T @ rated) - rated * rated.sum(axis=0)  # less what each film has with itself
print("same scores as cooccurrence_scores:", np.array_equal(company[237], cooccurrence_scores_(rated, 237)))

# %% [markdown]
# The genre scores of the same users, a row each, and a helper that turns such a table of scores into lists of ten: the
# library's `top_k` does in one call what yours does for one user.

# %% tags=["nbval-check-output"]
by_genres = np.array([np.round(genre_scores_(liked[user], data.genres), 9) for user in users])


def lists_of(scores):
    """Ten films for each user, from a table with their scores, a row a user."""
    return retrieval.top_k(scores, 10, seen=rated[users] > 0)


print("same list as yours:", np.array_equal(lists_of(by_genres)[0], content_based(liked[users[0]], seen[users[0]])))

# %% [markdown]
# To compare with, there are two more ways of making a list: the films with the most ratings, nearly the same for
# everybody, and ten films drawn blindly. A way that does not beat the blind one has found nothing.

# %%
tables = {
    "content-based": lists_of(by_genres),
    "collaborative": lists_of(company[users]),
    "most popular": lists_of(np.tile(popular, (len(users), 1))),
    "at random": lists_of(np.random.default_rng(0).random(by_genres.shape)),
}


# %% [markdown]
# P@10 itself is two lines.


# %%
def precision(lists, hits):
    """Share of the listed films that are hits, averaged over users."""
    return np.mean([hits[user, films].mean() for user, films in zip(users, lists, strict=True)])


# %% [markdown]
# Now count. Besides the two P@10 this cell prints how many different films each way shows to anybody at all, and by how
# many people a listed film was rated, on average.

# %% tags=["nbval-check-output"]
print("               any rating   4 or 5   different films   ratings of a listed film")
for name, table in tables.items():
    both = f"{precision(table, put_away):10.3f} {precision(table, put_away_liked):8.3f}"
    print(f"{name:<14} {both} {len(np.unique(table)):17} {popular[table].mean():26.0f}")

# %% [markdown]
# Is that fair? The collaborative way was given every film that the user rated, the content-based way only those they
# liked. This cell gives each of them what the other had.

# %% tags=["nbval-check-output"]
is_liked = data.matrix(likes)
from_likes = (is_liked @ (rated.T @ rated) - is_liked * popular)[users]
from_all = np.round(cosine_scores(rated[users] @ data.genres, data.genres), 9)
for name, scores in (("content-based from all rated", from_all), ("collaborative from the liked", from_likes)):
    print(f"{name}: {precision(lists_of(scores), put_away):.3f}")

# %% [markdown]
# And this one counts the users whose first two lists have no film in common.

# %% tags=["nbval-check-output"]
pairs = zip(tables["content-based"], tables["collaborative"], strict=True)
print(f"no film in both lists: {np.mean([len(np.intersect1d(*pair)) == 0 for pair in pairs]):.0%} of users")

# %% [markdown]
# Collaborative wins by far, 0.299 against 0.053: about three of its ten films are ones that the user really rated,
# against one film in two lists of the content-based way. Blind lists reach 0.017. With 4 or 5 stars as hits all figures
# fall and the order stays: 0.214 by company, 0.157, 0.034, 0.010. And it is not what they were given: fed alike, in
# either way, the two stay about where they were.
#
# But look at the other columns. The collaborative way shows 62 different films to 942 people, and the content-based
# way 429. And simply listing what is popular reaches 0.227 without knowing anything about you: much of what company
# finds is that popular films keep company with everything. For 84% of the users the two lists share no film at all. They
# are not a good and a bad version of one thing; they find different things.
#
# ## The pitfall: the brand-new film
#
# Everybody knows *Star Wars*. What if it opened only today? The next cell looks up three films by a part of their
# titles. Our visitor is a fan, who liked *The Empire Strikes Back* and *Return of the Jedi*, and nothing else.


# %%
def film(title, otherwise=0):
    """Number of the first film with this in its title; the synthetic world has no such films, and takes `otherwise`."""
    return (data.find(title) or [otherwise])[0]


star_wars = film("Star Wars")
fan_of = np.array([film("Empire Strikes Back", 1), film("Return of the Jedi", 2)])

# %% [markdown]
# This cell adds the fan to the table as one more row, and makes a copy of it in which nobody has rated *Star Wars*
# yet. Predict: what happens to *Star Wars* in each of the two ways?

# %%
before = np.vstack([rated, np.isin(np.arange(data.n_items), fan_of)])
today = before.copy()
today[:, star_wars] = 0

# %% [markdown]
# Three sets of scores for the fan. The last needs no table of ratings, so it is the same on both days.

# %%
ways = {
    "collaborative, with its ratings": np.asarray(cooccurrence_scores_(before, data.n_users)),
    "collaborative, without ratings": np.asarray(cooccurrence_scores_(today, data.n_users)),
    "content-based, with or without": np.round(genre_scores_(fan_of, data.genres), 9),
}

# %% [markdown]
# The next cell prints the score of *Star Wars*, and its place among all the films that the fan has not seen.

# %% tags=["nbval-check-output"]
for way, scores in ways.items():
    place = 1 + list(top_k_(scores, data.n_items - 2, fan_of)).index(star_wars)
    print(f"{way:<32} score {scores[star_wars]:6.2f}, place {place:4} of {data.n_items - 2}")

# %% [markdown]
# Without ratings the collaborative score drops from 428 to exactly 0, as it must: it is a sum over the people who
# took the film, and there are none. *Star Wars* falls from the first place to among the last. And it stays there: a
# film that is never listed is hardly ever found, and a film that nobody finds gets no company. The content-based way
# does not even notice. The genres were known before the first visitor came, so the score is 0.98 either way. This
# trouble with whatever has no history yet is called **cold start**.
#
# It is no invention. Some films have lost all their ratings to the part that we put away. The next cell counts how
# many of those appear in anybody's list of ten.

# %% tags=["nbval-check-output"]
new = np.flatnonzero(popular == 0)
print(len(new), "films have no rating to learn from")
print("highest collaborative score of any of them, for anybody:", int(company[:, new].max()))
for name in ("content-based", "collaborative"):
    print(f"{name}: {len(np.intersect1d(tables[name], new))} of them are in somebody's list")

# %% [markdown]
# The content-based way shows 4 of the 34, the collaborative way none, and no user's score for any of them is above 0.
# Four is not many. Why not more?
#
# ## What the other way cannot do
#
# Because a genre says little, and a new film stands in a long queue of equals. This cell counts how many different
# rows the genre table has, and looks for the largest group of films that share one.

# %% tags=["nbval-check-output"]
rows, sizes = np.unique(data.genres, axis=0, return_counts=True)
largest = [name for name, on in zip(data.genre_names, rows[sizes.argmax()], strict=True) if on]
print(f"{data.n_items} films have {len(rows)} different rows of genres")
print(f"{sizes.max()} films are {' and '.join(largest)} and nothing else")

# %% [markdown]
# So 376 films are one and the same to it, the masterpiece and the bore. Their scores are equal, so the tie rule
# decides who is listed. We took "the lower number first" because it gives the same list on every computer. It says
# nothing about films, so it cannot matter which way round it goes. Or can it?
#
# Predict before you run: with the **higher** number first, or with ties drawn by lot, will P@10 be about 0.053 again?
# The next cell lists once more, and where scores are equal it takes the film that comes first in a given order.


# %%
def lists_by(order):
    """Content-based lists; of equal scores the film that stands earlier in `order` comes first."""
    return order[retrieval.top_k(by_genres[:, order], 10, seen=rated[users][:, order] > 0)]


# %% [markdown]
# Here are the two ends, and three lots. The last column counts how many of the 34 new films anybody is shown.

# %% tags=["nbval-check-output"]
numbers = np.arange(data.n_items)
orders = {"lower number first": numbers, "higher number first": numbers[::-1]}
orders |= {f"by lot, draw {seed}": np.random.default_rng(seed).permutation(numbers) for seed in range(3)}
for name, order in orders.items():
    table = lists_by(order)
    print(f"{name:<20} P@10 {precision(table, put_away):.3f}, {len(np.intersect1d(table, new)):2} new films shown")

# %% [markdown]
# It matters a great deal: 0.053 one way round, 0.034 the other, and 0.041 to 0.043 by lot. The scores are the same
# each time. So what do the numbers know? This picture draws each film's ratings against its number.

# %%
famous = {i: title for i, title in enumerate(data.titles) if title in ("Star Wars (1977)", "Titanic (1997)")}
pairs = np.column_stack([numbers, popular])
axes_names = ("number of the film", "ratings in the training part")
plots.show(plots.film_map(pairs, labels=famous, title="Who got a low number?", axes_names=axes_names))

# %% [markdown]
# The **rank correlation** puts one figure on it: 1 if the films with more ratings always have the higher numbers, -1 if
# always the lower ones, about 0 if the two have nothing to do with each other.

# %% tags=["nbval-check-output"]
print(f"rank correlation of number and ratings: {metrics.rank_correlation(numbers, popular):.2f}")

# %% [markdown]
# Notice -0.80: whoever numbered the catalogue began with the films that many people know. "The lower number first" is
# a popularity rule in disguise, and about a fifth of the content-based way's 0.053 is its doing. That is worth
# remembering: **what breaks ties is a part of the recommender.** A test that compares two ways says how it breaks
# them, or draws lots more than once. This course keeps the rule, for the sake of equal lists, and now you know
# what is in it.
#
# Nor can it surprise. The next cell makes both lists for someone who liked *Toy Story* only.

# %%
toy_story = np.array([film("Toy Story")])
crowd = np.vstack([rated, np.isin(np.arange(data.n_items), toy_story)])
two_lists = {
    "content-based": content_based(toy_story, toy_story),
    "collaborative": collaborative(crowd, data.n_users),
}

# %% [markdown]
# *Toy Story* is animation, comedy and for children. This cell prints how many of these three genres the first five
# films of each list have.

# %% tags=["nbval-check-output"]
shared = (data.genres @ data.genres[toy_story[0]]).astype(int)
for way, films in two_lists.items():
    print(f"{way}: {np.sum(shared[films] == 0)} of 10 share no genre with it")
    print(*(f"  {shared[i]}  {data.titles[i]}" for i in films[:5]), sep="\n")

# %% [markdown]
# All ten collaborative films come from outside the genres of *Toy Story*, beginning with *Star Wars*: people who
# rated the one rated the other. No table of genres says so, and the content-based way never leaves its corner. So
# neither dominates: one is blind to whatever is new, the other to whatever the description leaves out.
#
# ## The pay-off: your own two lists
#
# Rate five films: change the titles (a part of a title is enough) and the stars, and run from here to the end. Give
# at least one film 4 or 5 stars.

# %%
my_stars = {"Star Wars": 5, "Fargo": 5, "Casablanca": 4, "Toy Story": 4, "Independence Day": 2}

# %% [markdown]
# The next cell looks the films up, and says which it found.

# %%
mine = {}
for title, stars in my_stars.items():
    found = data.find(title)[:1]
    mine.update({number: stars for number in found})
    print(f"{stars} stars:", data.titles[found[0]] if found else f"no film has {title} in its title")
mine = mine or {0: 5, 1: 4, 2: 2}  # the synthetic world has films of its own

# %% [markdown]
# The next cell adds you as a user and draws your two lists. The content-based list starts from the films to which you
# gave 4 or 5 stars; the collaborative one from all that you rated.

# %%
my_films = np.array(list(mine))
my_likes = np.array([i for i, stars in mine.items() if stars >= 4], dtype=int)
with_me = np.vstack([rated, np.isin(np.arange(data.n_items), my_films)])
by_genre, by_company = content_based(my_likes, my_films), collaborative(with_me, data.n_users)
plots.show(plots.candidate_lists([data.titles[i] for i in by_genre], [data.titles[i] for i in by_company]))

# %% [markdown]
# And in words, for you to compare with what you expected:

# %% tags=["nbval-check-output"]
in_both = np.intersect1d(by_genre, by_company)
print(f"films in both lists: {len(in_both)}", *(data.titles[i] for i in in_both), sep="\n  ")
print(f"ratings of a listed film: {popular[by_genre].mean():.0f} by genre, {popular[by_company].mean():.0f} by company")

# %% [markdown]
# For the five films that stood there when you came, two are in both lists, *The Empire Strikes Back* and *Return of
# the Jedi*. A film on the left was rated by 156 people on average, one on the right by 301.
#
# Would you rather watch the left list or the right one? Real systems take candidates from **both**, and from more
# sources still, and leave it to the later stages to choose. The next lesson brings the two under one roof: each item
# and each user becomes a point in one space, and finding candidates becomes finding what is near.

# %% [markdown]
# How far have you come? The next cell adds up the points that your checks gave since the notebook was started.

# %%
from recsys_lib.checks.course_progress import lesson_progress

lesson_progress(1, "classify genre_scores cooccurrence_scores top_k")

# %% [markdown]
# ## Recap
#
# **You have**
#
# - said what candidate generation is, and why it comes first;
# - told content-based filtering from collaborative filtering, and both from neither;
# - scored items by their genres, and by the company they keep in people's histories;
# - turned scores into a list of the best k that anybody can reproduce, ties included;
# - shown what happens to a brand-new film in each of the two ways, and what a rule for ties can smuggle in.
#
# **New words**
#
# - *candidate generation*: the first stage of recommendation; picks a few hundred items out of all, quickly.
# - *query*: what the search starts from, usually a user and their history.
# - *item*: what can be recommended; all items together are the *catalogue*.
# - *content-based filtering*: recommends items whose description is like that of the items the user liked.
# - *collaborative filtering*: recommends what people with similar choices took; needs no description.
# - *profile*: the mean of the rows of the items that a user liked.
# - *co-occurrence*: how many users have both of two items.
# - *cold start*: the trouble with items, or users, that have no history yet.
# - *P@10*: the share of ten listed items that are hits; what counts as a hit has to be said.
# - *rank correlation*: how far two orders agree, from -1 to 1.
#
# **Read** Goldberg, Nichols, Oki and Terry, *Using Collaborative Filtering to Weave an Information Tapestry*
# (Communications of the ACM, 1992), where the name comes from; Linden, Smith and York, *Amazon.com Recommendations:
# Item-to-Item Collaborative Filtering* (IEEE Internet Computing, 2003), for company at a shop's scale (they divide the counts by what each item sells: a cosine);
# Covington, Adams and Sargin, *Deep Neural Networks for YouTube Recommendations* (RecSys 2016), for candidate
# generation as the first of two stages.
#
# **Try** two things. Divide each co-occurrence score by the number of ratings of the listed film: who is listed now? And
# what do your functions offer a user who has rated nothing?
