"""Choose what to do about the gauge in each of several situations."""

from __future__ import annotations

from recsys_lib.checks.definition import exercise

REMEDIES = ["use the dot product", "compare predictions", "train with the cosine", "penalise both sides", "do nothing"]


@exercise("choose_remedy", kind="answer", points={"values": 1}, choices={"*": REMEDIES})
def choose_remedy():
    """Ask what may be changed: the measure, the question, the training, or only the penalty."""
    return {
        "A: ten films for each user": "use the dot product",
        "B: more like this, finished model": "compare predictions",
        "C: new model, cosine index": "train with the cosine",
        "D: lists that change every night": "penalise both sides",
    }


choose_remedy.wrong_choice(
    "In A the model was trained on dot products of users and films, and they rank the films as it learned to; why "
    "compute anything else?",
    {"A: ten films for each user": "compare predictions"},
)
choose_remedy.wrong_choice(
    "In A nothing has to be trained again: the scores that the model was trained to give are at hand, and no gauge can "
    "touch them.",
    {"A: ten films for each user": "train with the cosine"},
)
choose_remedy.wrong_choice(
    "In A a penalty would make the cosines the same after each training, but the model was still not trained to rank "
    "by them.",
    {"A: ten films for each user": "penalise both sides"},
)
choose_remedy.wrong_choice(
    "In A the cosine's lists depend on a gauge that nobody chose, and you have seen what that costs.",
    {"A: ten films for each user": "do nothing"},
)
choose_remedy.wrong_choice(
    "B asks for two films, and the dot product of two films depends on the gauge as the cosine does; only user times "
    "film does not.",
    {"B: more like this, finished model": "use the dot product"},
)
choose_remedy.wrong_choice(
    "B says that the model is finished: whatever you do in training comes too late.",
    {"B: more like this, finished model": "penalise both sides"},
)
choose_remedy.wrong_choice(
    "In B nothing can be trained any more; what does the finished model give that is the same in every gauge?",
    {"B: more like this, finished model": "train with the cosine"},
)
choose_remedy.wrong_choice(
    "In C the index divides every vector by its length, so it can serve no dot product; what can the training do about "
    "that?",
    {"C: new model, cosine index": "use the dot product"},
)
choose_remedy.wrong_choice(
    "In C a penalty would fix the gauge, but the model would still learn dot products and be asked for cosines.",
    {"C: new model, cosine index": "penalise both sides"},
)
choose_remedy.wrong_choice(
    "In C whole columns of predictions are as long as there are users, too long for an index; and training has not "
    "begun yet, so use that.",
    {"C: new model, cosine index": "compare predictions"},
)
choose_remedy.wrong_choice(
    "In D the objective may keep its dot products; it only has to see the gauge, so which small addition makes it see "
    "it?",
    {"D: lists that change every night": "train with the cosine"},
)
choose_remedy.wrong_choice(
    "In D the page goes on using the cosine of the film vectors, so the vectors themselves have to come out the same.",
    {"D: lists that change every night": "compare predictions"},
)
choose_remedy.wrong_choice(
    "In D two films are compared, and their dot product depends on the gauge of the night just as their cosine does.",
    {"D: lists that change every night": "use the dot product"},
)
choose_remedy.wrong_choice(
    "In D the predictions are the same every night and the lists are not: that is the gauge at work, and it can be "
    "fixed.",
    {"D: lists that change every night": "do nothing"},
)


@choose_remedy.alternative
def _remedy_in_capitals():
    return {key: value.upper() for key, value in choose_remedy.reference().items()}


@choose_remedy.alternative
def _remedy_turned_round():
    return dict(reversed(list(choose_remedy.reference().items())))


@choose_remedy.alternative
def _remedy_with_a_note():
    return {**choose_remedy.reference(), "note": "ask what may be changed"}
