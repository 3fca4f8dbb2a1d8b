"""Find the first entry of a chained log that is not as it was written."""

from __future__ import annotations

import hashlib
import json

from recsys_lib.checks.definition import exercise

ZEROS = "0" * 64


@exercise("verify_chain", points={"values": 3})
def verify_chain(entries):
    """Go through the entries in order: does each name the hash before it, and does its own hash fit its text?"""
    before = ZEROS
    for place, entry in enumerate(entries):
        if entry["prev"] != before or entry["hash"] != _digest(_without(entry, "hash")):
            return place
        before = entry["hash"]
    return None


def _digest(fields):
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _without(entry, *names):
    return {name: value for name, value in entry.items() if name not in names}


def _chain(*rows, prev=ZEROS):
    """Chain the rows, dictionaries of own fields, behind the hash ``prev``."""
    made = []
    for row in rows:
        fields = {**row, "prev": prev}
        prev = _digest(fields)
        made.append({**fields, "hash": prev})
    return tuple(made)


def _changed(entries, place, *, fit=False, **fields):
    """Change fields of one entry; with ``fit`` its own hash is made to fit again."""
    entry = {**entries[place], **fields}
    if fit:
        entry["hash"] = _digest(_without(entry, "hash"))
    return (*entries[:place], entry, *entries[place + 1 :])


def _swapped(entries, place):
    return (*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :])


def _taken_out(entries, place):
    return entries[:place] + entries[place + 1 :]


def _put_in(entries, place, row):
    """Put in an entry that follows the one before it, as whoever forges one would."""
    new = _chain(row, prev=entries[place - 1]["hash"] if place else ZEROS)
    return entries[:place] + new + entries[place:]


ONE = _chain({"points": 4})
FIVE = _chain(
    {"kind": "batch", "who": "eve"},
    {"student": "p-a", "points": 4},
    {"student": "p-b", "points": 9},
    {"student": "p-a", "points": 7},
    {"note": "done"},
)


@verify_chain.inputs(
    "values",
    fixed=[
        (ONE,),
        (_changed(ONE, 0, points=18),),
        (_changed(ONE, 0, hash=ZEROS),),
        (_changed(ONE, 0, points=18, fit=True),),  # whoever owns all of the log can write another
        (_chain({"points": 4}, {"points": 5}),),
        (FIVE,),
        (_changed(FIVE, 1, points=9),),
        (_changed(FIVE, 2, points=10, fit=True),),
        (_changed(FIVE, 4, note="Done"),),
        (_changed(FIVE, 4, note="Done", fit=True),),
        (_changed(FIVE, 0, who="ada"),),
        (_changed(FIVE, 0, who="ada", fit=True),),
        (_changed(FIVE, 3, student="p-c"),),
        (_changed(FIVE, 3, prev=FIVE[0]["hash"]),),
        (_changed(FIVE, 3, prev=FIVE[0]["hash"], fit=True),),
        (_changed(FIVE, 4, prev=ZEROS, fit=True),),
        (_changed(FIVE, 2, hash=FIVE[1]["hash"]),),
        (_changed(FIVE, 4, hash="0" * 64),),
        (FIVE[1:],),
        (FIVE[3:],),
        (FIVE[:3],),
        (_taken_out(FIVE, 2),),
        (_taken_out(FIVE, 3),),
        (_swapped(FIVE, 2),),
        (_swapped(FIVE, 0),),
        (_put_in(FIVE, 2, {"student": "p-b", "points": 9}),),
        (_changed(_changed(FIVE, 3, points=0), 1, points=0),),
        (_changed(_taken_out(FIVE, 1), 3, note="Done"),),
        (_changed(_taken_out(FIVE, 3), 1, points=0),),
        (_changed(_taken_out(FIVE, 3), 1, points=0, fit=True),),
        (FIVE[:2] + _chain({"student": "p-b", "points": 18}, {"note": "done"}, prev=FIVE[1]["hash"]),),
        (FIVE[:2] + _chain({"student": "p-b", "points": 18}),),
        (_chain({"points": 4}, {"points": 5}, prev="f" * 64),),
    ],
)
def _(rng):
    found = []
    for _ in range(3):
        names = [str(name) for name in rng.permutation(["a", "mark", "p", "step", "t", "z"])[:2]]
        rows = [{name: int(rng.integers(1000)) for name in names} for _ in range(int(rng.integers(4, 8)))]
        chain = _chain(*rows)
        last = len(chain) - 1
        one, other = (int(i) for i in 1 + rng.choice(last - 1, 2, replace=False))
        value = int(rng.integers(1000, 2000))
        found += [
            (chain,),
            (_changed(chain, one, **{names[0]: value}),),
            (_changed(chain, one, fit=True, **{names[0]: value}),),
            (_changed(chain, last, fit=True, **{names[1]: value}),),
            (_changed(chain, last, **{names[1]: value}),),
            (_changed(chain, 0, **{names[1]: value}),),
            (_changed(chain, one, prev=chain[0]["prev"], fit=True),),
            (_changed(chain, one, prev=chain[-1]["hash"]),),
            (_changed(chain, one, hash=chain[other]["hash"]),),
            (_taken_out(chain, one),),
            (_swapped(chain, one),),
            (chain[one:],),
            (chain[: one + 1],),
            (_put_in(chain, one, {names[0]: value}),),
            (_changed(_changed(chain, one, **{names[0]: value}), other, **{names[0]: value}),),
            (_chain(*rows, prev="f" * 64),),
            (_changed(_taken_out(chain, 1), last - 1, **{names[0]: value}),),
            (_changed(_taken_out(chain, last - 1), 1, **{names[0]: value}),),
            (chain[:one] + _chain({names[0]: value}, {names[0]: value}, prev=chain[one]["prev"]),),
        ]
    return found


def _places(entries):
    """Return the places of entries that do not follow, and of those whose hash does not fit."""
    links = [i for i, e in enumerate(entries) if e["prev"] != (entries[i - 1]["hash"] if i else ZEROS)]
    return links, [i for i, e in enumerate(entries) if e["hash"] != _digest(_without(e, "hash"))]


@verify_chain.misconception(
    "By your hashes not even an untouched entry fits; how does your text differ from that of the prompt, in what it "
    "holds and in how it is written?"
)
def another_text_hashed(entries):
    links, _ = _places(entries)
    wrong = [i for i, e in enumerate(entries) if e["hash"] != _digest(_without(e, "hash", "prev"))]
    return min(links + wrong, default=None)


@verify_chain.misconception(
    "Of an entry's own fields your text holds those alone that you name yourself; what may such fields be called?"
)
def points_alone_hashed(entries):
    links, _ = _places(entries)
    fields = [{"points": e.get("points"), "prev": e["prev"]} for e in entries]
    return min(links + [i for i, e in enumerate(entries) if e["hash"] != _digest(fields[i])], default=None)


@verify_chain.misconception(
    "You never make a hash anew: you compare what the entries say of each other; what if somebody "
    "changed the points alone?"
)
def links_only(entries):
    return min(_places(entries)[0], default=None)


@verify_chain.misconception("You make each hash anew and never look at prev; what if a whole entry is taken out?")
def hashes_only(entries):
    return min(_places(entries)[1], default=None)


@verify_chain.misconception(
    "You do not ask what the first entry follows; what should it say, and what if the log's beginning was cut off?"
)
def first_link_free(entries):
    links, texts = _places(entries)
    return min([i for i in links if i] + texts, default=None)


@verify_chain.misconception(
    "You begin with the second entry and never look at the first; which rules hold for that one?"
)
def first_entry_skipped(entries):
    links, texts = _places(entries)
    return min([i for i in links + texts if i], default=None)


@verify_chain.misconception(
    "You go through all links before you look at a hash; which entry comes first where a hash breaks before a link?"
)
def links_before_hashes(entries):
    links, texts = _places(entries)
    return min(links, default=min(texts, default=None))


@verify_chain.misconception(
    "You go through all hashes before you look at a link; which entry comes first where a link breaks before a hash?"
)
def hashes_before_links(entries):
    links, texts = _places(entries)
    return min(texts, default=min(links, default=None))


@verify_chain.misconception(
    "Of the first entry you look at the link alone; has it not a hash of its own that has to fit?"
)
def first_hash_free(entries):
    links, texts = _places(entries)
    return min(links + [i for i in texts if i], default=None)


@verify_chain.misconception(
    "Where the first entry breaks a rule you return nothing: its place is 0; does a 0 count as true or as false?"
)
def place_zero_lost(entries):
    links, texts = _places(entries)
    return min(links + texts, default=None) or None


@verify_chain.misconception("You stop before the last entry; which entries does your loop visit?")
def last_entry_skipped(entries):
    links, texts = _places(entries)
    return min([i for i in links + texts if i < len(entries) - 1], default=None)


@verify_chain.misconception("You return the last entry that breaks a rule; the first one is asked for.")
def last_broken(entries):
    links, texts = _places(entries)
    return max(links + texts, default=None)


@verify_chain.misconception("Your places are one too high; which place has the first entry?")
def counted_from_one(entries):
    links, texts = _places(entries)
    return min(links + texts, default=-1) + 1 or None


@verify_chain.misconception(
    "You return the number of entries where nothing is broken; what does the prompt ask for there?"
)
def count_where_whole(entries):
    links, texts = _places(entries)
    return min(links + texts, default=len(entries))


@verify_chain.misconception("You return minus one where nothing is broken; what does the prompt ask for there?")
def minus_one_where_whole(entries):
    links, texts = _places(entries)
    return min(links + texts, default=-1)


@verify_chain.misconception(
    "You say whether the chain is whole; the prompt asks where it breaks, and says what to return where it does not."
)
def true_or_false(entries):
    links, texts = _places(entries)
    return not links + texts


@verify_chain.misconception("You return every place at which a rule is broken; the first one is asked for.")
def all_places(entries):
    links, texts = _places(entries)
    return sorted({*links, *texts})


@verify_chain.misconception(
    "You ask for both rules to be broken at once; is an entry that breaks one of them as it should be?"
)
def both_rules_at_once(entries):
    links, texts = _places(entries)
    return min(set(links) & set(texts), default=None)


@verify_chain.misconception("You name the entry before the broken link; which one is it whose field does not fit?")
def the_one_before(entries):
    links, texts = _places(entries)
    return min([max(i - 1, 0) for i in links] + texts, default=None)


@verify_chain.alternative
def chain_by_rules(entries):
    links, texts = _places(entries)
    return min(links + texts) if links + texts else None


@verify_chain.alternative
def chain_made_anew(entries):
    prev = "0" * 64
    for i in range(len(entries)):
        fields = dict(entries[i])
        said = fields.pop("hash")
        fields["prev"] = prev
        prev = _digest(fields)
        if prev != said or entries[i]["prev"] != fields["prev"]:
            return i


@verify_chain.alternative
def chain_backwards(entries):
    broken = None
    for i in reversed(range(len(entries))):
        follows = entries[i]["prev"] == ("0" * 64 if i == 0 else entries[i - 1]["hash"])
        if not (follows and entries[i]["hash"] == _digest(_without(entries[i], "hash"))):
            broken = i
    return broken
