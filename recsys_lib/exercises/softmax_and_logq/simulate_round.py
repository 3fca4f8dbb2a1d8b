"""Show every user a list, let her click what she likes of it, and keep what the model may learn from."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise


@exercise("simulate_round", points={"values": 4}, instead_of=("show_and_click",))
def simulate_round(scores, shown, clicked, likes, k):
    """Take each user's best film of those that are left, k times; of equal ones `argmax` takes the first."""
    left, new, users = np.where(shown, -np.inf, scores), np.zeros(shown.shape, dtype=bool), np.arange(len(scores))
    for _ in range(k):
        best = left.argmax(axis=1)
        new[users, best], left[users, best] = True, -np.inf
    return shown | new, clicked | (new & likes)


def _table(*rows):
    return np.array([[mark == "x" for mark in row] for row in rows])


@simulate_round.inputs(
    "values",
    fixed=[
        ([[0.9, 0.5, 0.7, 0.1]], _table("x..."), _table("x..."), _table("xx.x"), 2),
        ([[4], [2]], _table(".", "."), _table(".", "."), _table(".", "x"), 1),
        ([[3, 1, 2]], _table("..."), _table(".x."), _table("x.."), 1),  # a click by way of a search
        ([[3, 1, 2]], _table("..."), _table("x.."), _table(".x."), 1),
        ([[0.5, 0.2, 0.1]], _table("..."), _table(".x."), _table("x.."), 1),
        ([[4, 1], [2, 3]], _table("..", ".x"), _table(".x", ".x"), _table("x.", "x."), 1),
        ([[3, 1, 2]], _table("..."), _table("..."), _table("xx."), 1),
        ([[-3, -1, -2, -4]], _table(".x.."), _table("...."), _table("xxxx"), 1),
        ([[1, 2, 3, 4], [4, 3, 2, 1]], _table("...x", "x..."), _table("...x", "...."), _table(".x.x", ".xx."), 2),
        (
            [[5, 5, 5, 5, 1], [2, 7, 2, 7, 2]],
            _table("x....", "....."),
            _table("x....", "....."),
            _table("xx.xx", "x.xx."),
            2,
        ),
        ([[0, 1, 0, 1, 0, 1]], _table(".x...."), _table("......"), _table("x.xx.x"), 3),
        (
            [[2, 9, 4, 7], [8, 1, 6, 3], [5, 5, 1, 9]],
            _table("xx..", "..x.", "...x"),
            _table("x...", "..x.", "...."),
            _table("x.xx", "x.x.", "xx.x"),
            1,
        ),
        ([[1, 2, 3]], _table("x.."), _table("x.."), _table(".xx"), 1),  # what was clicked is no longer liked
        ([[-1.5, -2, 0.5]], _table("..x"), _table("..x"), _table(".xx"), 2),
    ],
)
def _(rng):
    found = []
    for q, n, k in ((2, 5, 2), (3, 8, 3), (5, 12, 4)):
        scores = rng.normal(size=(q, n)).round(2)
        found.append((scores, *_history(rng, q, n, k), k))
    scores = rng.integers(0, 3, size=(4, 9)).astype(float)
    return [*found, (scores, *_history(rng, 4, 9, 3), 3), (scores - 5, *_history(rng, 4, 9, 2), 2)]


def _history(rng, q, n, k):
    """Draw what was shown, k left at least, clicked and liked; one who would not like it now has clicked."""
    likes = rng.random((q, n)) < 0.5
    shown = rng.random((q, n)) < 0.35
    for row in shown:
        row[rng.permutation(n)[:k]] = False
    clicked = shown & (likes | (rng.random((q, n)) < 0.2)) & (rng.random((q, n)) < 0.8)
    return shown, clicked, likes


def _lists(scores, hidden, k):
    """The k best of what is not hidden; shape (q, k)."""
    ranked = np.where(hidden, -np.inf, scores)
    return np.argsort(-ranked, axis=1, kind="stable")[:, :k]


def _marked(like, lists):
    out = np.zeros(np.shape(like), dtype=bool)
    np.put_along_axis(out, lists, True, axis=1)
    return out


@simulate_round.misconception(
    "You counted a click wherever a film is liked; nobody clicks what was not shown: what must the second table ask "
    "for besides the liking?"
)
def likes_everything(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return shown | new, clicked | likes


@simulate_round.misconception("You let films that were shown before come again; they take the places of new ones.")
def shown_again(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, np.zeros_like(shown), k))
    return shown | new, clicked | (new & likes)


@simulate_round.misconception(
    "You left out of the list what was clicked and not what was shown; a film that was shown and not clicked comes "
    "again."
)
def only_clicks_left_out(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, clicked, k))
    return shown | new, clicked | (new & likes)


@simulate_round.misconception("You returned this round alone; the tables hold what was shown and clicked so far.")
def this_round_alone(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return new, new & likes


@simulate_round.misconception("You forgot the clicks of earlier rounds; the second table holds all clicks so far.")
def earlier_clicks_forgotten(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return shown | new, new & likes


@simulate_round.misconception("You forgot what was shown in earlier rounds; the first table holds all of it so far.")
def earlier_shown_forgotten(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return new, clicked | (new & likes)


@simulate_round.misconception("You counted everything that is shown as clicked; a user clicks what she likes.")
def everything_clicked(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return shown | new, clicked | new


@simulate_round.misconception(
    "You let what was shown in earlier rounds be clicked now; a user clicks in this round what this round shows."
)
def clicks_on_earlier_lists(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return shown | new, clicked | ((shown | new) & likes)


@simulate_round.misconception(
    "You marked as shown only what was clicked; that a film was shown and not clicked is what the model learns most "
    "from."
)
def only_clicks_are_shown(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return shown | (new & likes), clicked | (new & likes)


@simulate_round.misconception("You showed the films with the lowest scores; higher is better.")
def lowest_first(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(-scores, shown, k))
    return shown | new, clicked | (new & likes)


@simulate_round.misconception(
    "Of films with equal scores you show the one with the higher number; the prompt puts the lower number first."
)
def higher_number_first(scores, shown, clicked, likes, k):
    n = scores.shape[1]
    lists = n - 1 - _lists(scores[:, ::-1], shown[:, ::-1], k)
    new = _marked(shown, lists)
    return shown | new, clicked | (new & likes)


@simulate_round.misconception(
    "You give the films that were shown before the score 0, which is more than a negative one; how low must a score "
    "be that never gets into a list?"
)
def shown_score_zero(scores, shown, clicked, likes, k):
    new = _marked(shown, np.argsort(-np.where(shown, 0, scores), axis=1, kind="stable")[:, :k])
    return shown | new, clicked | (new & likes)


@simulate_round.misconception(
    "You showed the k best and took away from these what was shown before; then the list is shorter than k."
)
def cut_before_leaving_out(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, np.zeros_like(shown), k)) & ~shown
    return shown | new, clicked | (new & likes)


@simulate_round.misconception("You showed one film too many.")
def one_too_many(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k + 1)) & ~shown
    return shown | new, clicked | (new & likes)


@simulate_round.misconception("You showed one film only; there are k places in each list.")
def one_film_only(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, 1))
    return shown | new, clicked | (new & likes)


@simulate_round.misconception(
    "You showed everything whose score reaches the k-th best; of equal scores the lower number comes first, and the "
    "list ends after k."
)
def by_a_threshold(scores, shown, clicked, likes, k):
    ranked = np.where(shown, -np.inf, scores)
    new = ranked >= -np.sort(-ranked, axis=1)[:, k - 1 : k]
    return shown | new, clicked | (new & likes)


@simulate_round.misconception(
    "You picked among the films that the user likes; the model never sees that table, so it shows others, too."
)
def likes_seen_by_the_model(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown | ~likes, k)) & likes & ~shown
    return shown | new, clicked | new


@simulate_round.misconception("You gave the same list to everybody; each user has scores of her own.")
def one_list_for_all(scores, shown, clicked, likes, k):
    lists = _lists(np.tile(scores.mean(axis=0), (len(scores), 1)), shown, k)
    new = _marked(shown, lists)
    return shown | new, clicked | (new & likes)


@simulate_round.misconception("The two tables come in the wrong order: what was shown is first.")
def order_turned(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return clicked | (new & likes), shown | new


@simulate_round.misconception(
    "A click that is shown and not liked took an earlier click away; what was clicked once stays clicked."
)
def clicks_taken_back(scores, shown, clicked, likes, k):
    new = _marked(shown, _lists(scores, shown, k))
    return shown | new, (clicked | new) & likes


@simulate_round.misconception(
    "You returned the numbers of the films shown; the prompt asks for two tables of the shape of `shown`.",
    kind="next step",
)
def returns_lists(scores, shown, clicked, likes, k):
    lists = _lists(scores, shown, k)
    return lists, np.take_along_axis(likes, lists, axis=1)


@simulate_round.alternative
def user_by_user(scores, shown, clicked, likes, k):
    now_shown, now_clicked = np.array(shown, dtype=bool), np.array(clicked, dtype=bool)
    for user in range(len(scores)):
        unshown = [film for film in range(len(scores[user])) if not shown[user][film]]
        unshown.sort(key=lambda film, user=user: (-scores[user][film], film))
        for film in unshown[:k]:
            now_shown[user, film] = True
            if likes[user][film]:
                now_clicked[user, film] = True
    return now_shown, now_clicked


@simulate_round.alternative
def with_a_stable_sort(scores, shown, clicked, likes, k):
    order = np.argsort(-np.where(shown, -np.inf, scores), axis=1, kind="stable")[:, :k]
    new = np.zeros(shown.shape, dtype=bool)
    np.put_along_axis(new, order, True, axis=1)
    return shown | new, clicked | (new & likes)


@simulate_round.alternative
def with_sorted(scores, shown, clicked, likes, k):
    after, hits = np.array(shown), np.array(clicked)
    for u, row in enumerate(scores):
        for film in sorted(np.flatnonzero(~shown[u]), key=lambda film, row=row: -row[film])[:k]:
            after[u, film] = True
            hits[u, film] |= likes[u, film]
    return after, hits
