"""Say whether a token is good: its key, its signature, and the moment at which it ends."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta, timezone

from recsys_lib.checks.definition import exercise


@exercise("token_valid", points={"values": 3})
def token_valid(token, now, keys):
    """Look the key up, sign again with its secret, and compare moments as moments."""
    key = keys.get(token["key"])
    if key is None or key["revoked"]:
        return False
    try:  # whoever forges a token may write anything into it
        signature = _signature(token["user"], token["expires"], key["secret"])
        signed = hmac.compare_digest(signature.encode(), token["signature"].encode())
        return signed and datetime.fromisoformat(now) < datetime.fromisoformat(token["expires"])
    except (ValueError, TypeError):
        return False


def _signature(user, expires, secret):
    return hmac.new(secret.encode(), f"{user}|{expires}".encode(), "sha256").hexdigest()


def _token(user, expires, key, secret, **changed):
    """Make a token, and change some of its fields behind the signature."""
    token = {"user": user, "expires": expires, "key": key, "signature": _signature(user, expires, secret)}
    return {**token, **changed}


KEYS = {"k1": {"secret": "cat", "revoked": True}, "k2": {"secret": "dog", "revoked": False}}
THREE = {**KEYS, "k3": {"secret": "emu", "revoked": False}}
TEN = "2026-12-01T10:00:00+00:00"
ADA = _token("ada", TEN, "k2", "dog")


@token_valid.inputs(
    "values",
    fixed=[
        (ADA, "2026-12-01T09:00:00+00:00", KEYS),
        (ADA, "2026-12-01T11:00:00+00:00", KEYS),
        (ADA, TEN, KEYS),
        (ADA, "2026-12-01T11:30:00+02:00", KEYS),  # half past nine in UTC: as text it is later than ten
        (_token("ada", "2026-12-01T10:00:00+02:00", "k2", "dog"), "2026-12-01T09:30:00+00:00", KEYS),
        (ADA, "2026-12-01T12:00:00+02:00", KEYS),  # the same moment
        (ADA, "2026-11-30T23:00:00-12:00", KEYS),
        (ADA, "2026-12-01T09:00:00+00:00", {"k2": KEYS["k2"]}),
        (_token("ada", TEN, "k1", "cat"), "2026-12-01T09:00:00+00:00", KEYS),
        (_token("bob", TEN, "k9", "dog"), "2026-12-01T09:00:00+00:00", KEYS),
        ({**ADA, "user": "bob"}, "2026-12-01T09:00:00+00:00", KEYS),
        ({**ADA, "expires": "2027-12-01T10:00:00+00:00"}, "2026-12-01T11:00:00+00:00", KEYS),
        ({**ADA, "signature": ADA["signature"][:10]}, "2026-12-01T09:00:00+00:00", KEYS),
        ({**ADA, "signature": ""}, "2026-12-01T09:00:00+00:00", KEYS),
        ({**ADA, "signature": "0" * 64}, "2026-12-01T09:00:00+00:00", KEYS),
        (_token("ada", TEN, "k2", "cat"), "2026-12-01T09:00:00+00:00", KEYS),
        (_token("ada", TEN, "k2", "emu"), "2026-12-01T09:00:00+00:00", THREE),
        (_token("eve", TEN, "k3", "emu"), "2026-12-01T09:59:59+00:00", THREE),
        (_token("eve", TEN, "k3", "emu"), "2026-12-01T09:59:59+00:00", KEYS),
        ({**ADA, "key": "k3"}, "2026-12-01T09:00:00+00:00", THREE),
        (_token("ada", "2027-01-01T00:30:00+02:00", "k2", "dog"), "2026-12-31T22:29:00+00:00", THREE),
        (_token("ada", "2027-01-01T00:30:00+02:00", "k2", "dog"), "2026-12-31T22:31:00+00:00", THREE),
        (_token("ada", "2026-12-01T09:00:00+00:00", "k2", "dog"), "2026-11-30T10:00:00+00:00", KEYS),
        (_token("ada", "2026-12-01T09:00:00+00:00", "k2", "dog"), "2026-12-02T08:00:00+00:00", KEYS),
        (_token("ada", "2026-12-01T09:15:00+00:00", "k2", "dog"), "2026-12-01T09:14:59+00:00", KEYS),
        (_token("ada", "2026-12-01T09:15:00+00:00", "k2", "dog"), "2026-12-01T10:05:00+00:00", KEYS),
        (ADA, "2026-12-01T09:30:00+02:00", KEYS),  # half past seven in UTC
        ({**ADA, "expires": "never"}, "2026-12-01T09:00:00+00:00", KEYS),
    ],
)
def _(rng):
    found = []
    for _ in range(3):
        names = [str(name) for name in rng.permutation(["a1", "b7", "c4", "d2"])]
        secrets = [bytes(rng.integers(97, 123, 8).tolist()).decode() for _ in names]
        keys = {name: {"secret": secret, "revoked": False} for name, secret in zip(names, secrets, strict=True)}
        keys[names[0]]["revoked"] = True
        user, (key, secret) = str(rng.choice(["ada", "bob", "eve"])), (names[2], secrets[2])
        end = datetime(2026, 12, int(rng.integers(1, 29)), int(rng.integers(24)), tzinfo=timezone.utc)  # noqa: UP017 - as any Python of the course has it
        expires = _written(end, rng)
        good = _token(user, expires, key, secret)
        before = [end - timedelta(minutes=int(m)) for m in rng.integers(1, 60, 3)]
        after = [end + timedelta(minutes=int(m)) for m in rng.integers(1, 60, 3)]
        found += [(good, _written(moment, rng), keys) for moment in (*before, *after, end)]
        found.append((good, _written(before[0], rng), {key: keys[key], names[1]: keys[names[1]]}))
        # as text the order is the other one
        found.append((_token(user, end.isoformat(), key, secret), _far(before[0], 3), keys))
        found.append((_token(user, _far(end, 3), key, secret), after[0].isoformat(), keys))
        at = _written(before[0], rng)
        found += [
            (_token(user, expires, names[0], secrets[0]), at, keys),
            (_token(user, expires, "z9", secret), at, keys),
            (_token(user, expires, names[1], secret), at, keys),
            (_token(user, expires, key, secrets[0]), at, keys),
            ({**good, "user": "mallory"}, at, keys),
            ({**good, "expires": str(rng.choice(["never", "always", "9999", ""]))}, at, keys),
            ({**good, "expires": _far(end + timedelta(days=9), 0)}, _far(after[0], 0), keys),
            ({**good, "signature": hashlib.sha256(secret.encode()).hexdigest()}, at, keys),
            ({**good, "signature": good["signature"][: int(rng.integers(1, 60))]}, at, keys),
        ]
    return found


def _far(moment, hours):
    """Write a moment as a place so many hours ahead would."""
    return moment.astimezone(timezone(timedelta(hours=hours))).isoformat()


def _written(moment, rng):
    return _far(moment, int(rng.integers(-5, 9)))


def _key_and_signature(token, keys):
    key = keys.get(token["key"])
    if key is None or key["revoked"]:
        return False
    return _signature(token["user"], token["expires"], key["secret"]) == token["signature"]


def _in_time(token, now):
    return datetime.fromisoformat(now) < datetime.fromisoformat(token["expires"])


@token_valid.misconception(
    "You compare what two clocks show, as texts or without their offsets; which of 11:30 in +02:00 and 10:00 in +00:00 "
    "comes first?"
)
def times_as_texts(token, now, keys):
    return _key_and_signature(token, keys) and now < token["expires"]


@token_valid.misconception(
    "You compare what two clocks show and do not ask how far each is ahead; which comes first, 11:30 in +02:00 or "
    "10:00 in +00:00?"
)
def offsets_dropped(token, now, keys):
    shown, end = (datetime.fromisoformat(text).replace(tzinfo=None) for text in (now, token["expires"]))
    return shown < end and _key_and_signature(token, keys)


@token_valid.misconception(
    "You count the offsets the wrong way: what does a clock in +00:00 show when one in +02:00 shows 11:30?"
)
def offsets_turned_round(token, now, keys):
    def moment(text):
        there = datetime.fromisoformat(text)
        return there.replace(tzinfo=None) + there.utcoffset()

    return _key_and_signature(token, keys) and moment(now) < moment(token["expires"])


@token_valid.misconception("At the very moment of expiry you still say yes; which comparison leaves that moment out?")
def good_at_the_end(token, now, keys):
    return _key_and_signature(token, keys) and datetime.fromisoformat(now) <= datetime.fromisoformat(token["expires"])


@token_valid.misconception(
    "At the very moment of expiry you say yes, and where a forged token names no moment your function fails; what is "
    "each of the two worth?"
)
def good_at_the_end_and_forged_end_raises(token, now, keys):
    left = datetime.fromisoformat(token["expires"]) - datetime.fromisoformat(now)
    return left >= timedelta(0) and _key_and_signature(token, keys)


@token_valid.misconception(
    "An expired token is good with you, and a fresh one is not; on which side of the expiry does the present lie?"
)
def time_turned_round(token, now, keys):
    return _key_and_signature(token, keys) and datetime.fromisoformat(now) > datetime.fromisoformat(token["expires"])


@token_valid.misconception("You never ask whether the token has expired; what are the two moments for?")
def never_expires(token, now, keys):
    return _key_and_signature(token, keys)


@token_valid.misconception(
    "You accept a key that was revoked: whoever has stolen its secret signs on; which field of the key says so?"
)
def revoked_key_accepted(token, now, keys):
    key = keys.get(token["key"])
    return (
        key is not None
        and _key_and_signature(token, {token["key"]: {**key, "revoked": False}})
        and _in_time(token, now)
    )


@token_valid.misconception("You accept nothing but what a revoked key has signed; what does True mean in that field?")
def only_revoked_accepted(token, now, keys):
    turned = {name: {**key, "revoked": not key["revoked"]} for name, key in keys.items()}
    return _key_and_signature(token, turned) and _in_time(token, now)


@token_valid.misconception(
    "One revoked key makes you refuse every token; whose key is it, and which one does this token name?"
)
def any_revoked_key_counts(token, now, keys):
    return _key_and_signature(token, keys) and _in_time(token, now) and not any(k["revoked"] for k in keys.values())


@token_valid.misconception("A key that the server does not have makes your function fail; what is such a token worth?")
def unknown_key_raises(token, now, keys):
    keys[token["key"]]["secret"]  # noqa: B018 - the mistake is that this raises
    return _key_and_signature(token, keys) and _in_time(token, now)


@token_valid.misconception(
    "A forged token may have any text for its end, and where that is no moment your function fails; what is such a "
    "token worth?"
)
def forged_end_raises(token, now, keys):
    in_time = _in_time(token, now)
    return in_time and _key_and_signature(token, keys)


@token_valid.misconception(
    "You never compare the signature: anybody could write such a token; what can only the server make?"
)
def signature_not_compared(token, now, keys):
    key = keys.get(token["key"])
    return key is not None and not key["revoked"] and _in_time(token, now)


@token_valid.misconception(
    "You try every key until one fits, revoked or not; which of them does the token say it was signed with?"
)
def any_key_fits(token, now, keys):
    signed = [_signature(token["user"], token["expires"], key["secret"]) for key in keys.values()]
    return token["signature"] in signed and _in_time(token, now)


@token_valid.misconception(
    "You try every key that is not revoked until one fits; which of them does the token say it was signed with?"
)
def any_good_key_fits(token, now, keys):
    secrets = [key["secret"] for key in keys.values() if not key["revoked"]]
    signed = [_signature(token["user"], token["expires"], secret) for secret in secrets]
    return token["signature"] in signed and _in_time(token, now)


@token_valid.misconception(
    "The token's key has to be a good one, but a signature made with another good key passes, too; which key does the "
    "token say it was signed with?"
)
def another_good_key_fits(token, now, keys):
    key = keys.get(token["key"])
    return key is not None and not key["revoked"] and any_good_key_fits(token, now, keys)


@token_valid.misconception(
    "The signature that you make is never that of a token, not even of a good one; which text does the server "
    "sign, to the letter?"
)
def another_text_signed(token, now, keys):
    key = keys.get(token["key"])
    if key is None or key["revoked"]:
        return False
    made = hmac.new(key["secret"].encode(), token["user"].encode(), "sha256").hexdigest()
    return made == token["signature"] and _in_time(token, now)


@token_valid.misconception(
    "The signature that you make is never that of a token, since you sign a moment that you have written anew; which "
    "text did the server sign, to the letter?"
)
def printed_moment_signed(token, now, keys):
    end = datetime.fromisoformat(token["expires"])
    return datetime.fromisoformat(now) < end and _key_and_signature({**token, "expires": str(end)}, keys)


@token_valid.misconception(
    "You sign the moment of expiry as a clock in UTC shows it, and so refuse good tokens from elsewhere; which text "
    "did the server sign, to the letter?"
)
def moment_in_utc_signed(token, now, keys):
    end = datetime.fromisoformat(_far(datetime.fromisoformat(token["expires"]), 0))
    return datetime.fromisoformat(now) < end and _key_and_signature({**token, "expires": end.isoformat()}, keys)


@token_valid.misconception(
    "You accept the beginning of a signature for the whole; which comparison asks for all of it?"
)
def beginning_is_enough(token, now, keys):
    key = keys.get(token["key"])
    if key is None or key["revoked"]:
        return False
    right = _signature(token["user"], token["expires"], key["secret"])
    return right.startswith(token["signature"]) and _in_time(token, now)


@token_valid.alternative
def token_in_one_line(token, now, keys):
    key = keys.get(token["key"], {"secret": "", "revoked": True})
    right = _signature(token["user"], token["expires"], key["secret"])
    return not key["revoked"] and hmac.compare_digest(right, token["signature"]) and _in_time(token, now)


@token_valid.alternative
def token_by_seconds(token, now, keys):
    if token["key"] not in keys or keys[token["key"]]["revoked"]:
        return False
    mac = hmac.new(bytes(keys[token["key"]]["secret"], "utf-8"), digestmod=hashlib.sha256)
    mac.update(token["user"].encode())
    mac.update(b"|" + token["expires"].encode())
    if mac.hexdigest() != token["signature"]:
        return False
    return datetime.fromisoformat(token["expires"]).timestamp() - datetime.fromisoformat(now).timestamp() > 0


@token_valid.alternative
def token_among_the_good_keys(token, now, keys):
    good = {name: key["secret"] for name, key in keys.items() if not key["revoked"]}
    try:
        right = _signature(token["user"], token["expires"], good[token["key"]])
        left = datetime.fromisoformat(token["expires"]) - datetime.fromisoformat(now)
    except (KeyError, ValueError, TypeError):
        return False
    return right == token["signature"] and left > timedelta(0)
