"""Find a recall in which a hit counts the more the rarer the film."""

from __future__ import annotations

import numpy as np

from recsys_lib.checks.definition import exercise
from recsys_lib.exercises.honest_measurement._inputs import draw_hidden, draw_lists, lists_of, table


@exercise("stratified_recall", points={"values": 2, "unrated films": 1}, instead_of=("stratified_recall",))
def stratified_recall(lists, hidden, counts, beta):
    """Add up the weights of what was found and of what was hidden, user by user."""
    found = []
    for films, good in zip(lists, hidden, strict=True):
        weights = {film: 1 / counts[film] ** beta for film in np.flatnonzero(good) if counts[film] > 0}
        if weights:
            hit = sum(weights.get(film, 0) for film in films)
            found.append(hit / sum(weights.values()))
    return float(np.mean(found))


COUNTS = [100, 4, 25, 9, 64, 1, 16, 36]


@stratified_recall.inputs(
    "values",
    fixed=[
        (lists_of([0, 1]), table([0, 2]), COUNTS, 1),
        (lists_of([0, 1], [2, 3]), table([0, 2], [3, 4, 5]), COUNTS, 0.5),
        (lists_of([0, 1], [2, 3]), table([0, 2], [3, 4, 5]), COUNTS, 0),
        (lists_of([5, 1, 7], [2, 3, 0]), table([5, 0], [3, 0, 6, 7]), COUNTS, 2),
        (lists_of([5, 1, 7], [2, 3, 0], [4, 6, 1]), table([5, 0], [], [3, 0, 6, 7]), COUNTS, 0.5),
        (lists_of([5, 1], [2, 3], [4, 6]), table([5, 0, 1, 2], [1], [3, 0, 6, 7]), np.array(COUNTS), 1),
        (lists_of([7, 6, 5, 4], [0, 1, 2, 3]), table([4, 3], [2, 6, 7]), COUNTS, 0.25),
    ],
)
def _(rng):
    found = []
    for n, films, k, beta in [(4, 9, 3, 0.5), (7, 20, 5, 1.0), (12, 30, 10, 0.25), (6, 12, 4, 1.5)]:
        lists = draw_lists(rng, n, films, k)
        sizes = np.r_[0, 1, k + 2, rng.integers(1, k + 2, size=n - 3)]
        counts, hidden = rng.integers(1, 300, size=films), draw_hidden(rng, lists, films, sizes)
        hidden[1] = np.arange(films) == np.setdiff1d(np.arange(films), lists[1])[0]  # this user's list finds nothing
        found.append((lists, hidden, counts.astype(float), beta))
    return found


SOME_UNRATED = [100, 4, 0, 9, 0, 1, 16, 36]


@stratified_recall.inputs(
    "unrated films",
    fixed=[
        (lists_of([0, 1]), table([0, 2]), SOME_UNRATED, 1),
        (lists_of([0, 1], [2, 3]), table([0, 5], [2, 4]), SOME_UNRATED, 0.5),
        (lists_of([0, 1], [2, 3]), table([0, 5], [3, 4, 7]), SOME_UNRATED, 0.5),
        (lists_of([0, 1], [2, 3]), table([0, 5], [3, 6, 7]), SOME_UNRATED, 0.5),
        (lists_of([0, 2], [4, 3], [7, 5]), table([2, 1, 0], [], [5, 4, 7]), SOME_UNRATED, 1),
        (lists_of([0, 2], [4, 3], [7, 5]), table([2], [4], [5, 6]), np.array(SOME_UNRATED), 2),
        (lists_of([0, 2], [4, 3], [7, 5]), table([2, 0], [4, 1], [5, 6]), SOME_UNRATED, 0),
        (lists_of([0, 1], [5, 3]), table([0, 5], [3, 6, 7]), COUNTS, 1),
    ],
)
def _(rng):
    found = []
    for n, films, k, beta in [(6, 9, 3, 0.5), (8, 20, 5, 1.0), (9, 15, 4, 0.0)]:
        lists = draw_lists(rng, n, films, k)
        hidden = draw_hidden(rng, lists, films, np.r_[0, 1, rng.integers(2, k + 2, size=n - 2)])
        rated = rng.integers(1, 200, size=films).astype(float)
        some = rated.copy()
        some[np.flatnonzero(hidden[1])] = 0
        some[rng.permutation(films)[: films // 4]] = 0
        some[rng.choice(lists[3])] = 50
        hidden[3, np.flatnonzero(some)[:1]] = True
        found += [(lists, hidden, some, beta), (lists, hidden, rated, beta)]
    return found


def _weights(counts, beta):
    with np.errstate(divide="ignore"):
        return np.where(counts > 0, np.maximum(np.asarray(counts, dtype=float), 1e-300) ** -beta, 0.0)


def _ratio(lists, hidden, weights, kept=None):
    """The mean over the users for whom something is left."""
    kept = hidden if kept is None else kept
    hits = np.take_along_axis(kept, lists, axis=1)
    some = kept.any(axis=1)
    return float(np.mean((hits * weights[lists]).sum(axis=1)[some] / (kept @ weights)[some]))


def _left(hidden, counts):
    return hidden & (counts > 0)


@stratified_recall.misconception(
    "Your weights grow with popularity; a film with many ratings should weigh less.", kind="misconception"
)
def popular_films_weigh_more(lists, hidden, counts, beta):
    return _ratio(lists, hidden, np.asarray(counts, dtype=float) ** beta, _left(hidden, counts))


@stratified_recall.misconception(
    "You divided the weights found by the plain number of hidden films; the films below the line weigh, too."
)
def divided_by_the_number(lists, hidden, counts, beta):
    kept = _left(hidden, counts)
    hits, some = np.take_along_axis(kept, lists, axis=1), kept.any(axis=1)
    found = (hits * _weights(counts, beta)[lists]).sum(axis=1)
    return float(np.mean(found[some] / kept.sum(axis=1)[some]))


@stratified_recall.misconception(
    "You divided by the weights of the films in the list; recall asks how much of what was hidden was found.",
    kind="misconception",
)
def divided_by_the_list(lists, hidden, counts, beta):
    kept, weights = _left(hidden, counts), _weights(counts, beta)
    hits, some = np.take_along_axis(kept, lists, axis=1), kept.any(axis=1)
    return float(np.mean(((hits * weights[lists]).sum(axis=1) / weights[lists].sum(axis=1))[some]))


@stratified_recall.misconception(
    "You added up over all users before dividing, so a user with many hidden films counts for more; the prompt "
    "asks for the mean over the users."
)
def pooled_over_users(lists, hidden, counts, beta):
    kept, weights = _left(hidden, counts), _weights(counts, beta)
    hits = np.take_along_axis(kept, lists, axis=1)
    return float((hits * weights[lists]).sum() / (kept @ weights).sum())


@stratified_recall.misconception("You left beta out, so every film weighs one over its count.")
def beta_ignored(lists, hidden, counts, beta):
    return _ratio(lists, hidden, _weights(counts, 1.0), _left(hidden, counts))


@stratified_recall.misconception("All films weigh the same in your sums; where does the number of ratings come in?")
def plain_recall(lists, hidden, counts, beta):
    return _ratio(lists, hidden, np.ones(len(counts)), _left(hidden, counts))


@stratified_recall.misconception("You multiplied the count by beta; the prompt raises it to that power.")
def times_beta(lists, hidden, counts, beta):
    return _ratio(lists, hidden, 1 / (np.asarray(counts, dtype=float) * beta), _left(hidden, counts))


@stratified_recall.misconception(
    "You cut the hidden films at the length of the list, as nDCG does; the prompt divides by the weights of "
    "all of them."
)
def cut_at_k(lists, hidden, counts, beta):
    kept, weights, found = _left(hidden, counts), _weights(counts, beta), []
    for films, good in zip(lists, kept, strict=True):
        if good.any():
            best = np.sort(weights[good])[::-1][: len(films)]
            found.append(sum(weights[film] for film in films if good[film]) / best.sum())
    return float(np.mean(found))


@stratified_recall.misconception(
    "You weigh a film by its place in the catalogue, not by its number: a list holds numbers of films; whose count is "
    "asked for?"
)
def places_for_films(lists, hidden, counts, beta):
    kept, weights = _left(hidden, counts), _weights(counts, beta)
    hits, some = np.take_along_axis(kept, lists, axis=1), kept.any(axis=1)
    return float(np.mean(((hits * weights[: lists.shape[1]]).sum(axis=1) / np.where(some, kept @ weights, 1))[some]))


@stratified_recall.misconception(
    "A film counts as found if it stands in anybody's list; a user sees one list only.", kind="misconception"
)
def in_anybodys_list(lists, hidden, counts, beta):
    kept, weights = _left(hidden, counts), _weights(counts, beta)
    some, shown = kept.any(axis=1), np.isin(np.arange(len(counts)), lists)
    return float(np.mean(((kept & shown) @ weights)[some] / (kept @ weights)[some]))


@stratified_recall.misconception(
    "You left out the users whose list found nothing; those can be judged, and count with 0. Who cannot?"
)
def found_nothing_left_out(lists, hidden, counts, beta):
    hit = np.take_along_axis(_left(hidden, counts), lists, axis=1).any(axis=1)
    return _ratio(lists[hit], hidden[hit], _weights(counts, beta), _left(hidden, counts)[hit])


@stratified_recall.misconception("You return a number for each user; the mean of these is asked for.", kind="next step")
def number_for_each(lists, hidden, counts, beta):
    kept, weights = _left(hidden, counts), _weights(counts, beta)
    hits, some = np.take_along_axis(kept, lists, axis=1), kept.any(axis=1)
    return (hits * weights[lists]).sum(axis=1)[some] / (kept @ weights)[some]


@stratified_recall.misconception(
    "You put 0 for a user who had nothing hidden, or for whom nothing is left; can such a user be judged?",
    kind="misconception",
)
def empty_as_zero(lists, hidden, counts, beta):
    kept, weights = _left(hidden, counts), _weights(counts, beta)
    hits, all_of_it = np.take_along_axis(kept, lists, axis=1), kept @ weights
    return float(np.mean((hits * weights[lists]).sum(axis=1) / np.where(all_of_it > 0, all_of_it, 1)))


@stratified_recall.misconception(
    "You gave a film without a training rating the weight of one with a single rating; the prompt leaves it "
    "out of both sums.",
    layer="unrated films",
)
def unrated_weigh_one(lists, hidden, counts, beta):
    return _ratio(lists, hidden, np.maximum(np.asarray(counts, dtype=float), 1) ** -beta)


@stratified_recall.misconception(
    "You added one to every count, which changes all weights; what does the prompt do with a count of 0?",
    layer="unrated films",
)
def one_added(lists, hidden, counts, beta):
    return _ratio(lists, hidden, (np.asarray(counts, dtype=float) + 1) ** -beta)


@stratified_recall.misconception(
    "A film without a training rating has an infinite weight in your sums, which makes NaN or hides the rest; leave it "
    "out of both.",
    layer="unrated films",
)
def infinite_weight(lists, hidden, counts, beta):
    with np.errstate(divide="ignore", invalid="ignore"):
        return _ratio(lists, hidden, 1 / np.asarray(counts, dtype=float) ** beta)


@stratified_recall.misconception(
    "A user for whom no hidden film is left counts as 0 in your mean; such a user cannot be judged.",
    layer="unrated films",
)
def nothing_left_as_zero(lists, hidden, counts, beta):
    kept, weights = _left(hidden, counts), _weights(counts, beta)
    hits, all_of_it = np.take_along_axis(kept, lists, axis=1), kept @ weights
    some = hidden.any(axis=1)
    return float(np.mean(((hits * weights[lists]).sum(axis=1) / np.where(all_of_it > 0, all_of_it, 1))[some]))


@stratified_recall.misconception(
    "You tell a film without a training rating by its infinite weight, and with one value of beta it has none; tell it "
    "by its count.",
    layer="unrated films",
)
def told_by_an_infinite_weight(lists, hidden, counts, beta):
    kept = hidden if beta == 0 else _left(hidden, counts)
    return _ratio(lists, hidden, np.ones(len(counts)) if beta == 0 else _weights(counts, beta), kept)


@stratified_recall.misconception(
    "At a film without a training rating you stop, and the user's later films are lost; only that film is left out.",
    layer="unrated films",
)
def stops_at_the_unrated(lists, hidden, counts, beta):
    weights, found = _weights(counts, beta), []
    for films, good in zip(lists, hidden, strict=True):
        wanted = np.flatnonzero(good)
        unrated = np.flatnonzero(counts[wanted] == 0)
        wanted = wanted[: unrated[0]] if len(unrated) else wanted
        if len(wanted):
            found.append(weights[wanted[np.isin(wanted, films)]].sum() / weights[wanted].sum())
    return float(np.mean(found))


@stratified_recall.alternative
def with_tables(lists, hidden, counts, beta):
    return _ratio(lists, hidden, _weights(counts, beta), _left(hidden, counts))


@stratified_recall.alternative
def with_a_table_of_places(lists, hidden, counts, beta):
    shown = np.zeros(hidden.shape, dtype=bool)
    np.put_along_axis(shown, lists, True, axis=1)
    weights = np.zeros(len(counts))
    weights[counts > 0] = np.asarray(counts, dtype=float)[counts > 0] ** -beta
    all_of_it = (hidden * weights).sum(axis=1)
    judged = all_of_it > 0
    return np.mean((hidden & shown)[judged] @ weights / all_of_it[judged])


@stratified_recall.alternative
def with_sets(lists, hidden, counts, beta):
    ratios = []
    for films, good in zip(lists.tolist(), hidden, strict=True):
        wanted = {int(film) for film in np.flatnonzero(good) if counts[film] != 0}
        if len(wanted) == 0:
            continue
        both = sum(float(counts[film]) ** -beta for film in wanted & set(films))
        ratios.append(both / sum(float(counts[film]) ** -beta for film in wanted))
    return sum(ratios) / len(ratios)
