"""Keep the pseudonyms of a course's students, by which the audit log names them.

The log must outlive a wish to be forgotten, so it holds no names: the file kept here alone says which student has which
pseudonym. Deleting a student's line erases the student from the log without changing the log.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from pathlib import Path

from classroom.common import SOMEBODY, CourseError, hider, write_whole

NAMES = Path("grading", "pseudonyms.json")
"""Where a course keeps the file."""

PSEUDONYM = re.compile(r"p-[a-z2-7]{10}")
"""What a pseudonym looks like: fifty random bits, nothing of the name."""

#: What Python's repr makes of a text, where it stands as a word of its own: no apostrophe begins one.
_QUOTED = re.compile(r"""(?<![^\s(\[])(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")(?![^\s)\].,;:])""")


class PseudonymError(CourseError):
    """The file of pseudonyms cannot be read or written; the text says which file and what to do."""


class Pseudonyms:
    """The pseudonyms of a course's students, kept in a JSON file that only its owner may read.

    Every call reads the file anew and every change replaces it as a whole. One writer at a time: the caller sees to it.

    Parameters
    ----------
    path : path_like
        The file; it and its folder are made with the first student.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     students = Pseudonyms(Path(folder) / "pseudonyms.json")
    ...     first = students.of("Zoë")
    ...     print(students.of("Zoë") == first, students.forget("Zoë"), students.of("Zoë") == first)
    True True False
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def known(self) -> dict[str, str]:
        """Every student with a pseudonym.

        Raises
        ------
        PseudonymError
            If the file is there but broken. It is never replaced by a new one: the pseudonyms in the log could then
            not be traced back to students.
        """
        try:
            found = json.loads(self.path.read_bytes().decode("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise self._error(f"cannot be read ({error})") from error
        known: dict[str, str] = found if isinstance(found, dict) else {"": ""}
        if not all(isinstance(p, str) and PSEUDONYM.fullmatch(p) for p in known.values()):
            raise self._error("is not a table that gives each student a pseudonym of their own")
        if len(set(known.values())) < len(known):
            raise self._error("is not a table that gives each student a pseudonym of their own")
        return known

    def of(self, student: str) -> str:
        """The student's pseudonym; a new one, saved before it is returned, for a student without."""
        known = self.known()
        if student not in known:
            known[student] = _new(set(known.values()))
            self._save(known)
        return known[student]

    def forget(self, student: str) -> bool:
        """Delete the student's line; return whether there was one. The next `of` makes another pseudonym."""
        known = self.known()
        for left in self.path.parent.glob(f".{self.path.name}.*"):  # by a run that was killed while it wrote
            left.unlink()
        if known.pop(student, None) is None:
            return False
        self._save(known)
        return True

    def hide_quoted(self, text: str) -> str:
        """Put `SOMEBODY` for the names of known students within quotes, and leave all other words as they are.

        The sentences on what became of a submission hold names in quotes alone: whoever is called by one of their
        other words must not change what is logged of others. A pseudonym there would tell whose it is: a file may be
        called by another student's name.
        """
        hide = hider(dict.fromkeys(self.known(), SOMEBODY), [text])
        return _QUOTED.sub(lambda found: hide(found.group()), text)

    def _save(self, known: dict[str, str]) -> None:
        data = (json.dumps(known, indent=1, sort_keys=True) + "\n").encode("ascii")
        try:
            write_whole(self.path, data, durable=True, mode=0o600)
        except OSError as error:
            raise PseudonymError(f"{self.path}, the file of pseudonyms, cannot be written: {error}") from error

    def _error(self, problem: str) -> PseudonymError:
        return PseudonymError(
            f"{self.path}, the file of pseudonyms, {problem}. Put back a copy of it. "
            "If there is none, move it away: students get new pseudonyms, and the log's old entries stay nameless."
        )


def _new(taken: set[str]) -> str:
    while (made := "p-" + base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]) in taken:
        pass
    return made
