"""Who is in a class by a platform's list, and which of the course's students each of them is.

A grade that reaches the wrong person is worse than one that reaches nobody: two are taken for one person only by what
nobody else on either side has, and whom that does not find is named.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Person:
    """Somebody on a list.

    Attributes
    ----------
    last_name, first_name : str
        As the list has them; the whole name is the last one where the list does not part it.
    email : str
        The address, or nothing.
    ids : tuple of str
        Names and numbers by which the platform or its registry tells people apart.
    number : str
        What Moodle calls a participant of one assignment by, and Canvas a user: it stands in names of archived files.
    """

    last_name: str = ""
    first_name: str = ""
    email: str = ""
    ids: tuple[str, ...] = ()
    number: str = ""

    @property
    def name(self) -> str:
        """The whole name, first names first.

        >>> Person("Lovelace", "Ada").name, Person("Ada Lovelace").name
        ('Ada Lovelace', 'Ada Lovelace')
        """
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def shown(self) -> str:
        """What to call the person in a sentence or in a row of their own."""
        return self.name or next(iter(self.ids), "") or self.email or self.number


@dataclass(frozen=True)
class Student:
    """One of the course's students.

    Attributes
    ----------
    name : str
        Under which the student's grades are kept.
    last_name, first_name, email, lms_user_id : str
        What the gradebook knows, or nothing.
    account : str
        What the platform wrote into the name of what was handed in, as ``Ada Lovelace_4711``, or nothing.
    """

    name: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    account: str = ""

    @property
    def number(self) -> str:
        """The platform's number of the student, from the account or from the name that the collection gave.

        >>> Student("Ada Lovelace 4711").number, Student("ada", account="Ada_12").number, Student("ada").number
        ('4711', '12', '')
        """
        found = re.search(r"[_ ]([0-9]+)$", self.account or self.name)
        return found.group(1) if found else ""

    @property
    def called(self) -> str:
        """The student's own name in the account, or in the name under which the grades are kept."""
        return re.sub(r"[_ ][0-9]+$", "", self.account or self.name)


def accounts(course: Path, lesson: str) -> dict[str, str]:
    """Return the platform's account of each student whose submission of a lesson was collected from an archive.

    >>> accounts(Path("/no/such/folder"), "L03")
    {}
    """
    try:
        found = json.loads((course / "downloaded" / lesson / "collected.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def matched(people: Sequence[Person], students: Iterable[Student]) -> tuple[dict[int, str], dict[int, str]]:
    """Say which student each person on a list is.

    First by the platform's number, where the names do not speak against it; then by name or number of the registry, by
    address, and by the whole name. What two people or two students have in common says nothing.

    Parameters
    ----------
    people : sequence of Person
    students : iterable of Student

    Returns
    -------
    found : dict of int to str
        The student's name, by the person's place on the list.
    unclear : dict of int to str
        Why it could not be told who somebody is, where there is more to say than that nobody is like them.

    Examples
    --------
    >>> matched([Person("Lovelace", "Ada"), Person("Byron", "Ada")], [Student("Ada Lovelace"), Student("bob")])
    ({0: 'Ada Lovelace'}, {})
    """
    ways: list[tuple[str, Callable[[Person], Iterable[str]], Callable[[Student], Iterable[str]]]] = [
        ("number", lambda p: [p.number], lambda s: [s.number]),
        ("id", lambda p: p.ids, lambda s: [s.name, s.lms_user_id]),
        ("address", lambda p: [p.email], lambda s: [s.email, s.name if "@" in s.name else ""]),
        ("name", lambda p: [_words(p.name)], lambda s: [_words(s.called), _words(f"{s.first_name} {s.last_name}")]),
    ]
    left = dict(enumerate(people))
    mine = {student.name: student for student in students}
    found: dict[int, str] = {}
    unclear: dict[int, str] = {}
    for what, theirs, ours in ways:
        persons, known = _by(left, theirs), _by(mine, ours)
        pairs: dict[int, set[str]] = defaultdict(set)
        for key, places in persons.items():
            names = known.get(key, set())
            if what == "number":
                names = {name for name in names if any(_alike(people[place], mine[name]) for place in places)}
            if len(places) == 1 and len(names) == 1:
                pairs[next(iter(places))] |= names
            elif names:
                for place in places:
                    several = "on the list" if len(places) > 1 else "in the course"
                    unclear[place] = f"more than one {several} has this {what}"
        taken = [name for names in pairs.values() for name in names]
        for place, names in pairs.items():
            if len(names) == 1 and taken.count(next(iter(names))) == 1:
                found[place] = next(iter(names))
        for place in found.keys() & left.keys():
            unclear.pop(place, None)
            del left[place], mine[found[place]]
    return found, unclear


def _by(things: Mapping[K, V], keys: Callable[[V], Iterable[str]]) -> dict[str, set[K]]:
    """Whose each key is, with those that are written alike taken for one."""
    found: dict[str, set[K]] = defaultdict(set)
    for name, thing in things.items():
        for key in keys(thing):
            if key := unicodedata.normalize("NFC", key).strip().casefold():
                found[key].add(name)
    return found


def _words(name: str) -> str:
    """A name's words in an order of their own: some lists have the last name first."""
    return " ".join(sorted(re.findall(r"\w+", unicodedata.normalize("NFKC", name).casefold())))


def _letters(name: str) -> str:
    plain = (c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c))
    return "".join(sorted(c for c in plain if c.isalnum()))


def _alike(person: Person, student: Student) -> bool:
    """Whether names do not say that two with one number are two: one is missing, or they have a word in common."""
    one, other = person.name, student.called
    if not one or _words(other) == "participant":  # as all are called where marking is anonymous
        return True
    return bool(set(_words(one).split()) & set(_words(other).split())) or _letters(one) == _letters(other)
