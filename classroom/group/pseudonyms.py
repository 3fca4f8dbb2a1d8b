"""Which pseudonym stands for which student in the audit log.

The log must outlive a wish to be forgotten: it holds pseudonyms only, and this file alone says whose they are.
Whoever deletes a line here erases a student from the log without changing the log.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from pathlib import Path

from classroom.common import CourseError

PSEUDONYM = re.compile(r"p-[a-z2-7]{10}")
"""What a pseudonym looks like: fifty random bits, nothing of the name."""


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

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        # Always the same name: what a killed run left beside the file is gone with the next change.
        self._aside = self.path.with_name(f".{self.path.name}.new")

    def known(self) -> dict[str, str]:
        """Every student with a pseudonym.

        Raises
        ------
        PseudonymError
            If the file is there but broken. A new one is never begun over it: nobody could say any longer
            whose the pseudonyms in the log are.
        """
        try:
            found = json.loads(self.path.read_bytes().decode("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise self._error(f"cannot be read ({error})") from error
        given = list(found.values()) if isinstance(found, dict) else [None]
        if not all(isinstance(p, str) and PSEUDONYM.fullmatch(p) for p in given) or len(set(given)) < len(given):
            raise self._error("is not a table that gives each student a pseudonym of their own")
        return found

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
        self._aside.unlink(missing_ok=True)
        if known.pop(student, None) is None:
            return False
        self._save(known)
        return True

    def hide(self, text: str) -> str:
        """Put pseudonyms for the names of known students in a text that goes into the log.

        A name counts where no letter or digit touches it: "ann" is hidden in "submitted/ann/L03", not in "planning".
        """
        if not text.strip():
            return text
        known = self.known()
        if not (names := sorted(filter(None, known), key=len, reverse=True)):
            return text
        pattern = rf"(?<![^\W_])({'|'.join(map(re.escape, names))})(?![^\W_])"
        return re.sub(pattern, lambda found: known[found.group()], text)

    def _save(self, known: dict[str, str]) -> None:
        data = (json.dumps(known, indent=1, sort_keys=True) + "\n").encode("ascii")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._aside.unlink(missing_ok=True)
            with open(os.open(self._aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(self._aside, self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise PseudonymError(f"{self.path}, the file of pseudonyms, cannot be written: {error}") from error

    def _error(self, problem: str) -> PseudonymError:
        return PseudonymError(
            f"{self.path}, the file of pseudonyms, {problem}. Put back a copy of it. "
            "If there is none, move it away: students get new pseudonyms, and the log's old entries stay nameless."
        )


def sync_folder(folder: Path) -> None:
    """Let a new or renamed file in the folder survive a power cut, where the system can do that."""
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _new(taken: set[str]) -> str:
    while (made := "p-" + base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]) in taken:
        pass
    return made
